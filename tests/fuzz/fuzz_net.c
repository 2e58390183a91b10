#include "fuzz/fuzz.h"
#include "platform/linux/parse_net.h"

#include <string.h>

static void check(const struct raw_socket *socket, const char *line, size_t len)
{
    FUZZ_CHECK(socket->state < SOCKET_STATE_COUNT);
    FUZZ_CHECK(socket->path.len <= len);
    if (socket->path.len > 0) {
        FUZZ_CHECK(socket->path.ptr >= line);
        FUZZ_CHECK(socket->path.ptr + socket->path.len == line + len);
    }
}

static void try_line(const char *line, size_t len)
{
    struct raw_socket socket;
    if (parse_net_inet(line, len, SOCKET_TCP, 4, &socket) == 0) {
        check(&socket, line, len);
        FUZZ_CHECK(socket.local.family == 4);
    }
    if (parse_net_inet(line, len, SOCKET_UDP, 6, &socket) == 0) {
        check(&socket, line, len);
        FUZZ_CHECK(socket.remote.family == 6 || socket.remote.family == 0);
    }
    if (parse_net_unix(line, len, &socket) == 0) {
        check(&socket, line, len);
    }
}

int fuzz_net(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data;
    const char *const end = at + size;
    while (at < end) {
        const char *const line_end = memchr(at, '\n', (size_t)(end - at));
        const size_t len = (size_t)((line_end ? line_end : end) - at);
        try_line(at, len);
        at += len + (line_end != NULL);
    }
    return 0;
}

FUZZ_MAIN(fuzz_net)
