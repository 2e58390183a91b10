#include "base/address.h"
#include "base/str.h"
#include "check.h"

#include <arpa/inet.h>
#include <string.h>

/* Written as people would, read by the C library. */
static struct net_address address_of(const char *text, uint16_t port)
{
    struct net_address address = {.family = strchr(text, ':') == NULL ? 4 : 6, .port = port};
    assert_int_equal(inet_pton(address.family == 4 ? AF_INET : AF_INET6, text, address.bytes), 1);
    return address;
}

static void expect(const struct net_address *address, const char *bare, const char *with_port)
{
    char bytes[ADDRESS_BYTES_MAX];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    address_add(address, &buf);
    assert_string_equal(bytes, bare);
    str_init(&buf, bytes, sizeof(bytes));
    address_add_port(address, &buf);
    assert_string_equal(bytes, with_port);
    assert_false(buf.overflow);
}

static void addresses_are_written_as_the_standard_wants(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        uint16_t port;
        const char *bare, *with_port;
    } cases[] = {
        {"10.0.0.1", 443, "10.0.0.1", "10.0.0.1:443"},
        {"255.255.255.255", 65535, "255.255.255.255", "255.255.255.255:65535"},
        {"0.0.0.0", 80, "*", "*:80"},
        {"10.0.0.1", 0, "10.0.0.1", "10.0.0.1:*"},
        {"::", 22, "*", "*:22"},
        {"::1", 22, "::1", "[::1]:22"},
        {"2001:0db8:0000:0000:0001:0000:0000:0001", 1, "2001:db8::1:0:0:1",
         "[2001:db8::1:0:0:1]:1"},
        {"2001:db8:0:1:1:1:1:1", 1, "2001:db8:0:1:1:1:1:1", "[2001:db8:0:1:1:1:1:1]:1"},
        {"1:0:0:2:0:0:0:3", 1, "1:0:0:2::3", "[1:0:0:2::3]:1"},
        {"fe80::", 1, "fe80::", "[fe80::]:1"},
        {"ABCD::EF01", 1, "abcd::ef01", "[abcd::ef01]:1"},
        {"::ffff:10.0.0.1", 443, "10.0.0.1", "10.0.0.1:443"},
        {"::ffff:0:0", 1, "0.0.0.0", "0.0.0.0:1"},
        {"::10.0.0.1", 1, "::a00:1", "[::a00:1]:1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct net_address address = address_of(cases[i].address, cases[i].port);
        expect(&address, cases[i].bare, cases[i].with_port);
    }
}

static void a_scope_is_inside_the_brackets(void **state)
{
    (void)state;
    struct net_address address = address_of("fe80::1", 22);
    address.scope = 3;
    expect(&address, "fe80::1%3", "[fe80::1%3]:22");
}

static void no_address_is_nothing(void **state)
{
    (void)state;
    const struct net_address address = {.port = 5};
    expect(&address, "", "");
    assert_true(address_is_any(&address));
}

static void the_longest_address_fits(void **state)
{
    (void)state;
    struct net_address address = address_of("fe80:1111:2222:3333:4444:5555:6666:7777", 65535);
    address.scope = UINT32_MAX;
    expect(&address, "fe80:1111:2222:3333:4444:5555:6666:7777%4294967295",
           "[fe80:1111:2222:3333:4444:5555:6666:7777%4294967295]:65535");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_written_as_the_standard_wants),
        cmocka_unit_test(a_scope_is_inside_the_brackets),
        cmocka_unit_test(no_address_is_nothing),
        cmocka_unit_test(the_longest_address_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
