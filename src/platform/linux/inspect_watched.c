#include "platform/linux/inspector.h"
#include "platform/linux/parse_inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * Which descriptors a thread waits on. What poll() and select() were given is in the memory of the
 * process, to be read by who may know its system call. A process can see to it that such a read
 * never returns, as any of what is inspected.
 */

enum {
    POLLED_MAX = 256,    // of poll()'s array that are looked at
    SELECTED_MAX = 1024, // likewise of select()'s
    EPOLL_BYTES = 16384,
    WORD_BITS = 8 * sizeof(unsigned long),
};

/* A list that grows up to a ceiling. */
struct watching {
    struct parse_watched *items;
    size_t count, max;
    bool cut;
};

static void add(struct watching *list, const struct parse_watched *watched)
{
    if (list->count < list->max) {
        list->items[list->count++] = *watched;
    } else {
        list->cut = true;
    }
}

size_t inspector_memory(const struct inspector *in, uint64_t address, void *buf, size_t size)
{
    if (address == 0 || address > INT64_MAX - size || (uint64_t)(off_t)address != address) {
        return 0;
    }
    const int fd = openat(in->dir, "mem", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    const ssize_t len = pread(fd, buf, size, (off_t)address);
    close(fd);
    return len > 0 ? (size_t)len : 0;
}

static void add_polled(const struct inspector *in, const struct raw_wait *wait,
                       struct watching *list)
{
    struct pollfd polled[POLLED_MAX];
    const uint64_t count = wait->args[1] & UINT32_MAX;
    const size_t most = count < POLLED_MAX ? (size_t)count : POLLED_MAX;
    const size_t len = inspector_memory(in, wait->args[0], polled, most * sizeof(*polled));
    list->cut |= count > most;
    for (size_t i = 0; i < len / sizeof(*polled); i++) {
        struct parse_watched watched;
        if (parse_inspect_polled(&polled[i], &watched)) {
            add(list, &watched);
        }
    }
}

static void add_selected(const struct inspector *in, const struct raw_wait *wait,
                         struct watching *list)
{
    unsigned long sets[2][SELECTED_MAX / WORD_BITS] = {{0}};
    const uint64_t count = wait->args[0] & UINT32_MAX;
    const size_t most = count < SELECTED_MAX ? (size_t)count : SELECTED_MAX;
    const size_t bytes = (most + WORD_BITS - 1) / WORD_BITS * sizeof(unsigned long);
    list->cut |= count > most;
    for (size_t i = 0; i < 2; i++) { // a set that is not given has address 0
        (void)inspector_memory(in, wait->args[i + 1], sets[i], bytes);
    }
    for (size_t fd = 0; fd < most; fd++) {
        const unsigned long bit = 1ul << fd % WORD_BITS;
        const struct parse_watched watched = {.fd = (int32_t)fd,
                                              .reads = (sets[0][fd / WORD_BITS] & bit) != 0,
                                              .writes = (sets[1][fd / WORD_BITS] & bit) != 0};
        if (watched.reads || watched.writes) {
            add(list, &watched);
        }
    }
}

static void add_epoll(const struct inspector *in, const struct raw_wait *wait,
                      struct watching *list)
{
    char path[sizeof("fdinfo/") + PROCFS_PATH_BYTES] = "fdinfo/";
    char buf[EPOLL_BYTES];
    size_t len = 0;
    procfs_path(path + strlen("fdinfo/"), wait->syscall_fd, "");
    if (wait->syscall_fd < 0 || procfs_read(in->dir, path, buf, sizeof(buf), &len)) {
        return;
    }
    struct span rest = {.at = buf, .end = buf + len};
    struct parse_watched watched;
    while (parse_inspect_watched(&rest, &watched)) {
        add(list, &watched);
    }
    list->cut |= len == sizeof(buf);
}

size_t inspector_watched(const struct inspector *in, const struct raw_wait *wait, size_t max,
                         struct parse_watched *ret, bool *ret_cut)
{
    struct watching list = {.items = ret, .max = max};
    const struct parse_call call = parse_inspect_call(wait);
    switch (call.kind) {
    case PARSE_CALL_NONE:
    case PARSE_CALL_OPEN:
        break;
    case PARSE_CALL_ONE:
        if (wait->syscall_fd >= 0) {
            add(&list, &(struct parse_watched){
                           .fd = wait->syscall_fd, .reads = call.reads, .writes = call.writes});
        }
        break;
    case PARSE_CALL_PIDFD:
        add(&list, &(struct parse_watched){.fd = (int32_t)(uint32_t)(wait->args[1] & UINT32_MAX),
                                           .reads = true});
        break;
    case PARSE_CALL_POLL:
        add_polled(in, wait, &list);
        break;
    case PARSE_CALL_SELECT:
        add_selected(in, wait, &list);
        break;
    case PARSE_CALL_EPOLL:
        add_epoll(in, wait, &list);
        break;
    }
    *ret_cut |= list.cut;
    return list.count;
}

int inspector_opened(const struct inspector *in, const struct raw_wait *wait, struct raw_bytes *ret)
{
    enum { PAGE_MIN = 4096 };
    char buf[PATH_MAX];
    const struct parse_call call = parse_inspect_call(wait);
    if (call.kind != PARSE_CALL_OPEN) {
        return -ENOENT;
    }
    const uint64_t address = wait->args[call.path_argument];
    // Up to the end of its page first: what follows may not be mapped, and then nothing is read.
    const size_t near = PAGE_MIN - (size_t)(address % PAGE_MIN);
    size_t len = inspector_memory(in, address, buf, near);
    if (len == near && !memchr(buf, '\0', len) && len < sizeof(buf)) {
        len += inspector_memory(in, address + len, buf + len, sizeof(buf) - len);
    }
    const size_t path_len = strnlen(buf, len);
    return path_len == 0 ? -ENOENT : inspector_copy(in, buf, path_len, ret);
}

int inspector_connected(const struct inspector *in, const struct raw_wait *wait,
                        struct raw_bytes *ret)
{
    struct sockaddr_un address = {0};
    const uint64_t size = wait->args[2] & UINT32_MAX;
    char *const name = address.sun_path;
    if (!parse_inspect_connects(wait) || size > sizeof(address) ||
        inspector_memory(in, wait->args[1], &address, (size_t)size) != size ||
        address.sun_family != AF_UNIX || size <= offsetof(struct sockaddr_un, sun_path)) {
        return -ENOENT;
    }
    const size_t len = (size_t)size - offsetof(struct sockaddr_un, sun_path);
    if (name[0] != '\0') {
        return inspector_copy(in, name, strnlen(name, len), ret);
    }
    for (size_t i = 0; i < len; i++) { // how abstract names are listed
        name[i] = (char)(name[i] == '\0' ? '@' : name[i]);
    }
    return inspector_copy(in, name, len, ret);
}
