#include "platform/linux/parse_net.h"

#include "base/str.h"

#include <errno.h>
#include <string.h>

enum {
    NET_PORT_DIGITS = 4,
    NET_WORD_DIGITS = 8, // of 32 bits
    NET_POINTER_MIN = 8, // as many digits as the kernel's pointers have at least

    /* include/uapi/linux/net.h; not in any header that is safe to include here */
    NET_SS_UNCONNECTED = 1,
    NET_SS_CONNECTING = 2,
    NET_SS_CONNECTED = 3,
    NET_SS_DISCONNECTING = 4,
    NET_ACCEPTS = 0x10000, // __SO_ACCEPTCON
};

/* A place in a line; once something did not fit, nothing else does. */
struct line {
    const char *at;
    const char *end;
    bool broken;
};

static void skip_spaces(struct line *line)
{
    while (line->at < line->end && *line->at == ' ') {
        line->at++;
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* Takes a number of so many hexadecimal digits (at most 16). */
static uint64_t take_hex(struct line *line, size_t min, size_t max)
{
    uint64_t number = 0;
    size_t count = 0;
    while (line->at < line->end && count < max && hex_digit(*line->at) >= 0) {
        number = number << 4 | (uint64_t)hex_digit(*line->at++);
        count++;
    }
    line->broken |= count < min;
    return number;
}

static uint32_t take_word(struct line *line)
{
    return (uint32_t)take_hex(line, NET_WORD_DIGITS, NET_WORD_DIGITS);
}

static uint64_t take_decimal(struct line *line)
{
    uint64_t number = 0;
    skip_spaces(line);
    const size_t used = str_take_u64(line->at, (size_t)(line->end - line->at), &number);
    line->broken |= used == 0;
    line->at += used;
    return number;
}

static void take_char(struct line *line, char c)
{
    const bool there = line->at < line->end && *line->at == c;
    line->broken |= !there;
    line->at += there;
}

/* A column ends with a space or the line. */
static void end_column(struct line *line)
{
    line->broken |= line->at < line->end && *line->at != ' ';
    skip_spaces(line);
}

/* The kernel prints each 32 bits of an address as a number of the machine's own byte order. */
static void take_address(struct line *line, uint8_t family, struct net_address *ret)
{
    const size_t words = family == 6 ? 4 : 1;
    skip_spaces(line);
    ret->family = family;
    for (size_t i = 0; i < words; i++) {
        const uint32_t word = take_word(line);
        memcpy(ret->bytes + 4 * i, &word, sizeof(word));
    }
    take_char(line, ':');
    ret->port = (uint16_t)take_hex(line, NET_PORT_DIGITS, NET_PORT_DIGITS);
    end_column(line);
}

enum socket_state parse_net_state(uint64_t number)
{
    enum { NEW_SYN_RECV = 12 }; // the kernel's own half of a SYN_RECV
    return number == NEW_SYN_RECV         ? SOCKET_SYN_RECV
           : number >= SOCKET_STATE_COUNT ? SOCKET_STATE_UNKNOWN
                                          : (enum socket_state)number;
}

bool parse_net_is_somebody(const struct net_address *address)
{
    static const uint8_t nobody[sizeof(address->bytes)];
    return address->port != 0 || memcmp(address->bytes, nobody, sizeof(nobody)) != 0;
}

int parse_net_inet(const char *line, size_t len, enum socket_protocol protocol, uint8_t family,
                   struct raw_socket *ret)
{
    struct line at = {.at = line, .end = line + len};
    struct raw_socket socket = {.protocol = protocol};
    (void)take_decimal(&at); // its place in the list
    take_char(&at, ':');
    take_address(&at, family, &socket.local);
    take_address(&at, family, &socket.remote);
    socket.state = parse_net_state(take_hex(&at, 2, 2));
    end_column(&at);
    socket.send_queue = take_word(&at);
    take_char(&at, ':');
    socket.recv_queue = take_word(&at);
    end_column(&at);
    (void)take_hex(&at, 2, 2); // timer
    take_char(&at, ':');
    (void)take_hex(&at, NET_WORD_DIGITS, 16); // its end, a long
    end_column(&at);
    (void)take_word(&at); // retransmits of the segment under way, not of the connection
    end_column(&at);
    const uint64_t uid = take_decimal(&at);
    end_column(&at);
    (void)take_decimal(&at); // probes without an answer
    end_column(&at);
    socket.inode = take_decimal(&at);
    end_column(&at);
    if (at.broken || uid > UINT32_MAX) {
        return -EINVAL;
    }
    socket.uid = (uint32_t)uid;
    if (socket.state == SOCKET_LISTEN) {
        socket.send_queue = QUEUE_UNKNOWN; // how many may wait the kernel does not write here
    }
    if (!parse_net_is_somebody(&socket.remote)) {
        socket.remote = (struct net_address){0};
    }
    *ret = socket;
    return 0;
}

static enum socket_state unix_state(uint32_t flags, uint64_t state)
{
    if (flags & NET_ACCEPTS) {
        return SOCKET_LISTEN;
    }
    // "Connecting" is one nobody has accepted yet; its own end is connected already.
    return state == NET_SS_CONNECTED || state == NET_SS_CONNECTING ? SOCKET_ESTABLISHED
                                                                   : SOCKET_CLOSE;
}

int parse_net_unix(const char *line, size_t len, struct raw_socket *ret)
{
    struct line at = {.at = line, .end = line + len};
    (void)take_hex(&at, NET_POINTER_MIN, 16);
    take_char(&at, ':');
    take_char(&at, ' ');
    (void)take_word(&at); // references
    take_char(&at, ' ');
    const uint32_t protocol = take_word(&at);
    take_char(&at, ' ');
    const uint32_t flags = take_word(&at);
    take_char(&at, ' ');
    (void)take_hex(&at, 4, 4); // stream, datagram or packets
    take_char(&at, ' ');
    const uint64_t state = take_hex(&at, 2, 2);
    take_char(&at, ' ');
    const uint64_t inode = take_decimal(&at);
    const bool has_path = at.at < at.end;
    if (has_path) {
        take_char(&at, ' ');
    }
    if (at.broken || protocol != 0 || state < NET_SS_UNCONNECTED || state > NET_SS_DISCONNECTING) {
        return -EINVAL;
    }
    *ret = (struct raw_socket){
        .protocol = SOCKET_UNIX,
        .state = unix_state(flags, state),
        .path = {.ptr = has_path ? at.at : NULL, .len = (uint32_t)(at.end - at.at)},
        .inode = inode,
        .uid = UINT32_MAX,
        .recv_queue = QUEUE_UNKNOWN,
        .send_queue = QUEUE_UNKNOWN,
    };
    return 0;
}
