#include "platform/linux/parse_inspect.h"

#include <fcntl.h>
#include <string.h>

/* What system calls that wait have to do with descriptors. */

static const struct {
    const char *name;
    struct parse_call call;
} calls[] = {
    {"read", {PARSE_CALL_ONE, true, false}},
    {"pread64", {PARSE_CALL_ONE, true, false}},
    {"readv", {PARSE_CALL_ONE, true, false}},
    {"preadv", {PARSE_CALL_ONE, true, false}},
    {"preadv2", {PARSE_CALL_ONE, true, false}},
    {"recv", {PARSE_CALL_ONE, true, false}},
    {"recvfrom", {PARSE_CALL_ONE, true, false}},
    {"recvmsg", {PARSE_CALL_ONE, true, false}},
    {"recvmmsg", {PARSE_CALL_ONE, true, false}},
    {"accept", {PARSE_CALL_ONE, true, false}},
    {"accept4", {PARSE_CALL_ONE, true, false}},
    {"splice", {PARSE_CALL_ONE, true, false}},
    {"tee", {PARSE_CALL_ONE, true, false}},
    {"write", {PARSE_CALL_ONE, false, true}},
    {"pwrite64", {PARSE_CALL_ONE, false, true}},
    {"writev", {PARSE_CALL_ONE, false, true}},
    {"pwritev", {PARSE_CALL_ONE, false, true}},
    {"pwritev2", {PARSE_CALL_ONE, false, true}},
    {"send", {PARSE_CALL_ONE, false, true}},
    {"sendto", {PARSE_CALL_ONE, false, true}},
    {"sendmsg", {PARSE_CALL_ONE, false, true}},
    {"sendmmsg", {PARSE_CALL_ONE, false, true}},
    {"sendfile", {PARSE_CALL_ONE, false, true}},
    {"sendfile64", {PARSE_CALL_ONE, false, true}},
    {"vmsplice", {PARSE_CALL_ONE, false, true}},
    {"connect", {PARSE_CALL_ONE, true, true}},
    {"poll", {PARSE_CALL_POLL, false, false}},
    {"ppoll", {PARSE_CALL_POLL, false, false}},
    {"select", {PARSE_CALL_SELECT, false, false}},
    {"pselect6", {PARSE_CALL_SELECT, false, false}},
    {"epoll_wait", {PARSE_CALL_EPOLL, false, false}},
    {"epoll_pwait", {PARSE_CALL_EPOLL, false, false}},
    {"epoll_pwait2", {PARSE_CALL_EPOLL, false, false}},
};

static bool is_named(struct raw_bytes name, const char *word)
{
    const size_t len = strlen(word);
    return name.len == len && memcmp(name.ptr, word, len) == 0;
}

struct parse_call parse_inspect_call(const struct raw_wait *wait)
{
    for (size_t i = 0; wait->in_syscall && i < sizeof(calls) / sizeof(*calls); i++) {
        if (is_named(wait->syscall_name, calls[i].name)) {
            return calls[i].call;
        }
    }
    return (struct parse_call){.kind = PARSE_CALL_NONE};
}

bool parse_inspect_waits_ofd(const struct raw_wait *wait)
{
    const bool is_fcntl =
        is_named(wait->syscall_name, "fcntl") || is_named(wait->syscall_name, "fcntl64");
    return wait->in_syscall && is_fcntl && (wait->args[1] & UINT32_MAX) == F_OFD_SETLKW;
}

bool parse_inspect_watched(struct span *fdinfo, struct parse_watched *ret)
{
    enum { IN = 0x1, OUT = 0x4 }; // EPOLLIN, EPOLLOUT
    struct span line;
    while (span_take_line(fdinfo, &line)) {
        uint64_t fd;
        uint64_t events;
        if (!span_take_prefix(&line, "tfd:") || !span_take_number(&line, &fd) || fd > INT32_MAX) {
            continue;
        }
        span_skip_blanks(&line);
        if (!span_take_prefix(&line, "events:")) {
            continue;
        }
        span_skip_blanks(&line);
        if (span_take_digits(&line, 4, &events)) {
            *ret = (struct parse_watched){.fd = (int32_t)fd,
                                          .reads = (events & IN) != 0,
                                          .writes = (events & OUT) != 0};
            return true;
        }
    }
    return false;
}

bool parse_inspect_polled(const struct pollfd *polled, struct parse_watched *ret)
{
    *ret = (struct parse_watched){.fd = polled->fd,
                                  .reads = (polled->events & (POLLIN | POLLRDNORM)) != 0,
                                  .writes = (polled->events & (POLLOUT | POLLWRNORM)) != 0};
    return polled->fd >= 0; // negative ones are passed over by poll()
}
