#include "check.h"
#include "platform/linux/parse_net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TCP_REST " 00:00000000 00000000  1000        0 4242 1 0000000000000000 100 0 0 10 0"

static int inet(const char *line, uint8_t family, struct raw_socket *ret)
{
    return parse_net_inet(line, strlen(line), SOCKET_TCP, family, ret);
}

static int local(const char *line, struct raw_socket *ret)
{
    return parse_net_unix(line, strlen(line), ret);
}

/* An address as the kernel prints it here: numbers in the machine's own order. */
static void words(char *text, size_t size, const uint8_t *bytes, size_t count)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t word;
        memcpy(&word, bytes + 4 * i, sizeof(word));
        at += (size_t)snprintf(text + at, size - at, "%08X", word);
    }
}

/* P90 */
static void a_line_of_tcp_is_read_whatever_the_byte_order(void **state)
{
    (void)state;
    static const uint8_t here[4] = {10, 1, 2, 3};
    static const uint8_t there[4] = {192, 0, 2, 255};
    char a[16];
    char b[16];
    char line[256];
    struct raw_socket socket;
    words(a, sizeof(a), here, 1);
    words(b, sizeof(b), there, 1);
    (void)snprintf(line, sizeof(line), "  12: %s:1F90 %s:FFFF 01 0000000A:0000000B" TCP_REST, a, b);
    assert_int_equal(inet(line, 4, &socket), 0);
    assert_int_equal(socket.protocol, SOCKET_TCP);
    assert_int_equal(socket.state, SOCKET_ESTABLISHED);
    assert_int_equal(socket.local.family, 4);
    assert_memory_equal(socket.local.bytes, here, 4);
    assert_int_equal(socket.local.port, 8080);
    assert_memory_equal(socket.remote.bytes, there, 4);
    assert_int_equal(socket.remote.port, 65535);
    assert_int_equal(socket.send_queue, 10);
    assert_int_equal(socket.recv_queue, 11);
    assert_int_equal(socket.uid, 1000);
    assert_int_equal(socket.inode, 4242);
    assert_false(socket.has_tcp);
}

/* P90, P91 */
static void a_line_of_tcp6_keeps_mapped_addresses_as_they_are(void **state)
{
    (void)state;
    static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1};
    char a[40];
    char line[256];
    struct raw_socket socket;
    words(a, sizeof(a), mapped, 4);
    (void)snprintf(line, sizeof(line), "   0: %s:0016 %s:0000 06 00000000:00000000" TCP_REST, a, a);
    assert_int_equal(inet(line, 6, &socket), 0);
    assert_int_equal(socket.local.family, 6);
    assert_memory_equal(socket.local.bytes, mapped, 16);
    assert_int_equal(socket.state, SOCKET_TIME_WAIT);
    // a port 0 does not make somebody nobody
    assert_int_equal(socket.remote.family, 6);
    assert_memory_equal(socket.remote.bytes, mapped, 16);
}

/* P91: port 0 alone is not "nobody", an address of zeroes with it is. */
static void a_remote_end_of_zeroes_is_none(void **state)
{
    (void)state;
    struct raw_socket socket;
    assert_int_equal(
        inet("   0: 00000000:0016 00000000:0000 0A 00000000:00000003" TCP_REST, 4, &socket), 0);
    assert_int_equal(socket.state, SOCKET_LISTEN);
    assert_int_equal(socket.recv_queue, 3);
    assert_int_equal(socket.send_queue, QUEUE_UNKNOWN); // the kernel writes 0 whatever may wait
    assert_int_equal(socket.local.family, 4);
    assert_int_equal(socket.remote.family, 0);
}

/* P93 */
static void lines_of_inet_that_are_malformed_are_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid",
        "   0: 00000000:0016",
        "   0: 00000000:0016 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000  0",
        "   0: 0000000G:0016 00000000:0000 0A 00000000:00000003" TCP_REST,
        "   0: 000000000:016 00000000:0000 0A 00000000:00000003" TCP_REST,
        "   0 00000000:0016 00000000:0000 0A 00000000:00000003" TCP_REST,
        "   0: 00000000:00166 00000000:0000 0A 00000000:00000003" TCP_REST,
        "   0: 00000000:0016 00000000:0000 0A 00000000-00000003" TCP_REST,
        "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000 "
        "99999999999 0 1",
        "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000 "
        "0 0 99999999999999999999999",
        "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 12x",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        struct raw_socket socket = {.inode = 77};
        assert_int_equal(inet(lines[i], 4, &socket), -EINVAL);
        assert_int_equal(inet(lines[i], 6, &socket), -EINVAL);
        assert_int_equal(socket.inode, 77);
    }
}

static void assert_path(const struct raw_socket *socket, const char *expected)
{
    assert_int_equal(socket->path.len, strlen(expected));
    assert_memory_equal(socket->path.ptr, expected, strlen(expected));
}

/* P100 */
static void a_line_of_unix_may_have_any_path(void **state)
{
    (void)state;
    struct raw_socket socket;
    assert_int_equal(
        local("ffff8881: 00000002 00000000 00010000 0001 01 31 /run/a  b\xff ", &socket), 0);
    assert_path(&socket, "/run/a  b\xff ");
    assert_int_equal(socket.protocol, SOCKET_UNIX);
    assert_int_equal(socket.state, SOCKET_LISTEN);
    assert_int_equal(socket.inode, 31);
    assert_int_equal(socket.uid, UINT32_MAX);
    assert_int_equal(socket.recv_queue, QUEUE_UNKNOWN);
    assert_int_equal(socket.send_queue, QUEUE_UNKNOWN);

    assert_int_equal(
        local("0000000000000000: 00000003 00000000 00000000 0001 03    31 @x", &socket), 0);
    assert_path(&socket, "@x");
    assert_int_equal(socket.state, SOCKET_ESTABLISHED);

    assert_int_equal(local("ffff8881: 00000003 00000000 00000000 0002 01    31", &socket), 0);
    assert_null(socket.path.ptr);
    assert_int_equal(socket.state, SOCKET_CLOSE);

    // A name that begins with a line break is none that is not there.
    assert_int_equal(local("ffff8881: 00000003 00000000 00000000 0002 01    31 ", &socket), 0);
    assert_non_null(socket.path.ptr);
    assert_int_equal(socket.path.len, 0);
}

static void pieces_of_a_path_are_no_line_of_unix(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "Num       RefCount Protocol Flags    Type St Inode Path",
        "0: 2 0 10000 1 1 99",
        "0: 00000002 00000000 00010000 0001 01 99",
        "ffff8881: 00000002 00000000 00010000 0001 01",
        "ffff8881: 00000002 00000000 00010000 0001 01 12x",
        "ffff8881: 00000002 00000007 00010000 0001 01 12",
        "ffff8881: 00000002 00000000 00010000 0001 00 12",
        "ffff8881: 00000002 00000000 00010000 0001 05 12",
        "ffff8881:  00000002 00000000 00010000 0001 01 12",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        struct raw_socket socket = {.inode = 77};
        assert_int_equal(local(lines[i], &socket), -EINVAL);
        assert_int_equal(socket.inode, 77);
    }
}

static void unknown_states_are_unknown(void **state)
{
    (void)state;
    assert_int_equal(parse_net_state(1), SOCKET_ESTABLISHED);
    assert_int_equal(parse_net_state(11), SOCKET_CLOSING);
    assert_int_equal(parse_net_state(12), SOCKET_SYN_RECV);
    assert_int_equal(parse_net_state(0), SOCKET_STATE_UNKNOWN);
    assert_int_equal(parse_net_state(13), SOCKET_STATE_UNKNOWN);
    assert_int_equal(parse_net_state(UINT64_MAX), SOCKET_STATE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_of_tcp_is_read_whatever_the_byte_order),
        cmocka_unit_test(a_line_of_tcp6_keeps_mapped_addresses_as_they_are),
        cmocka_unit_test(a_remote_end_of_zeroes_is_none),
        cmocka_unit_test(lines_of_inet_that_are_malformed_are_refused),
        cmocka_unit_test(a_line_of_unix_may_have_any_path),
        cmocka_unit_test(pieces_of_a_path_are_no_line_of_unix),
        cmocka_unit_test(unknown_states_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
