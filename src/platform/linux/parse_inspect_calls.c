#include "platform/linux/parse_inspect.h"

#include <fcntl.h>
#include <string.h>

/* What system calls that wait have to do with descriptors. */

static const struct {
    const char *name;
    struct parse_call call;
} calls[] = {
    {"read", {PARSE_CALL_ONE, true, false, 0}},
    {"pread64", {PARSE_CALL_ONE, true, false, 0}},
    {"readv", {PARSE_CALL_ONE, true, false, 0}},
    {"preadv", {PARSE_CALL_ONE, true, false, 0}},
    {"preadv2", {PARSE_CALL_ONE, true, false, 0}},
    {"recv", {PARSE_CALL_ONE, true, false, 0}},
    {"recvfrom", {PARSE_CALL_ONE, true, false, 0}},
    {"recvmsg", {PARSE_CALL_ONE, true, false, 0}},
    {"recvmmsg", {PARSE_CALL_ONE, true, false, 0}},
    {"accept", {PARSE_CALL_ONE, true, false, 0}},
    {"accept4", {PARSE_CALL_ONE, true, false, 0}},
    {"splice", {PARSE_CALL_ONE, true, false, 0}},
    {"tee", {PARSE_CALL_ONE, true, false, 0}},
    {"write", {PARSE_CALL_ONE, false, true, 0}},
    {"pwrite64", {PARSE_CALL_ONE, false, true, 0}},
    {"writev", {PARSE_CALL_ONE, false, true, 0}},
    {"pwritev", {PARSE_CALL_ONE, false, true, 0}},
    {"pwritev2", {PARSE_CALL_ONE, false, true, 0}},
    {"send", {PARSE_CALL_ONE, false, true, 0}},
    {"sendto", {PARSE_CALL_ONE, false, true, 0}},
    {"sendmsg", {PARSE_CALL_ONE, false, true, 0}},
    {"sendmmsg", {PARSE_CALL_ONE, false, true, 0}},
    {"sendfile", {PARSE_CALL_ONE, false, true, 0}},
    {"sendfile64", {PARSE_CALL_ONE, false, true, 0}},
    {"vmsplice", {PARSE_CALL_ONE, false, true, 0}},
    {"connect", {PARSE_CALL_ONE, true, true, 0}},
    {"poll", {PARSE_CALL_POLL, false, false, 0}},
    {"ppoll", {PARSE_CALL_POLL, false, false, 0}},
    {"select", {PARSE_CALL_SELECT, false, false, 0}},
    {"pselect6", {PARSE_CALL_SELECT, false, false, 0}},
    {"epoll_wait", {PARSE_CALL_EPOLL, false, false, 0}},
    {"epoll_pwait", {PARSE_CALL_EPOLL, false, false, 0}},
    {"epoll_pwait2", {PARSE_CALL_EPOLL, false, false, 0}},
    {"open", {PARSE_CALL_OPEN, false, false, 0}},
    {"openat", {PARSE_CALL_OPEN, false, false, 1}},
    {"openat2", {PARSE_CALL_OPEN, false, false, 1}},
};

static bool is_named(struct raw_bytes name, const char *word)
{
    const size_t len = strlen(word);
    return name.len == len && memcmp(name.ptr, word, len) == 0;
}

struct parse_call parse_inspect_call(const struct raw_wait *wait)
{
    enum { BY_PIDFD = 3 }; // P_PIDFD
    if (wait->in_syscall && is_named(wait->syscall_name, "waitid") &&
        (wait->args[0] & UINT32_MAX) == BY_PIDFD) {
        return (struct parse_call){.kind = PARSE_CALL_PIDFD, .reads = true};
    }
    for (size_t i = 0; wait->in_syscall && i < sizeof(calls) / sizeof(*calls); i++) {
        if (is_named(wait->syscall_name, calls[i].name)) {
            return calls[i].call;
        }
    }
    return (struct parse_call){.kind = PARSE_CALL_NONE};
}

bool parse_inspect_connects(const struct raw_wait *wait)
{
    return wait->in_syscall && is_named(wait->syscall_name, "connect");
}

bool parse_inspect_waits_ofd(const struct raw_wait *wait)
{
    const bool is_fcntl =
        is_named(wait->syscall_name, "fcntl") || is_named(wait->syscall_name, "fcntl64");
    return wait->in_syscall && is_fcntl && (wait->args[1] & UINT32_MAX) == F_OFD_SETLKW;
}

struct raw_futex parse_inspect_futex(const uint64_t args[6], const uint32_t words[3])
{
    enum { WAIT = 0, LOCK_PI = 6, WAIT_BITSET = 9, LOCK_PI2 = 13 }; // FUTEX_*
    enum { COMMAND = 0x7f, PRIVATE = 0x80 };
    enum { CONTENDED = 2 };                 // value of glibc's locks that somebody waits for
    const uint32_t owner_mask = 0x3fffffff; // FUTEX_TID_MASK
    const uint64_t command = args[1] & COMMAND;
    const uint32_t expected = (uint32_t)(args[2] & UINT32_MAX);
    const bool waits = command == WAIT || command == WAIT_BITSET;
    const bool is_private = (args[1] & PRIVATE) != 0;
    struct raw_futex futex = {.address = args[0], .kind = RAW_FUTEX_PLAIN, .timed = args[3] != 0};
    if (command == LOCK_PI || command == LOCK_PI2) {
        futex.kind = RAW_FUTEX_PI;
        futex.owner = (int32_t)(words[0] & owner_mask);
    } else if (waits && is_private && expected == CONTENDED && words[0] == CONTENDED) {
        futex.kind = RAW_FUTEX_MUTEX;
        futex.owner = (int32_t)(words[2] & INT32_MAX);
    } else if (waits && !is_private && expected == words[0] && expected <= INT32_MAX) {
        futex.kind = RAW_FUTEX_THREAD; // pthread_join() is the one that does not say private
        futex.owner = (int32_t)expected;
    }
    return futex;
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
