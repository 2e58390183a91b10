#include "platform/linux/inspector.h"
#include "platform/linux/parse_inspect.h"
#include "platform/linux/syscall_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a task waits for: the kernel function, the system call and its descriptor, and locks. */

/* Whether the program is built for the same system calls as perch. */
static bool is_native(const struct inspector *in)
{
    char buf[2048];
    size_t len;
    return procfs_read(in->dir, "auxv", buf, sizeof(buf), &len) == 0 &&
           parse_inspect_is_native((struct raw_bytes){.ptr = buf, .len = (uint32_t)len});
}

/* Names the call and the file it is about. Errors: -ENOMEM. */
static int describe_syscall(const struct inspector *in, struct raw_waiting *ret)
{
    if ((uint64_t)ret->syscall >= syscall_table_count || !is_native(in)) {
        return 0;
    }
    const struct syscall_row *const row = &syscall_table[ret->syscall];
    if (!row->name) {
        return 0;
    }
    const int error = inspector_copy(in, row->name, strlen(row->name), &ret->syscall_name);
    // Descriptors are 32 bits; what is in the other half of the register means nothing.
    const int32_t fd =
        row->fd_argument >= 0 ? (int32_t)(uint32_t)(ret->args[row->fd_argument] & UINT32_MAX) : -1;
    if (error || fd < 0) { // AT_FDCWD is negative
        return error;
    }
    char path[sizeof("fd/") + PROCFS_PATH_BYTES] = "fd/";
    procfs_path(path + strlen("fd/"), fd, "");
    ret->syscall_fd = fd;
    const int link_error = inspector_link(in, in->dir, path, &ret->syscall_file);
    return link_error == -ENOMEM ? link_error : 0;
}

static int read_syscall(const struct inspector *in, struct raw_waiting *ret)
{
    char buf[256];
    size_t len;
    const int error = procfs_read(in->dir, "syscall", buf, sizeof(buf), &len);
    ret->syscall_fd = -1;
    if (error) {
        ret->syscall_denied = inspector_is_denied(error);
        return 0;
    }
    const struct raw_bytes line = {.ptr = buf, .len = (uint32_t)len};
    ret->in_syscall = parse_inspect_syscall(line, &ret->syscall, ret->args);
    return ret->in_syscall ? describe_syscall(in, ret) : 0;
}

static int read_stack(const struct inspector *in, struct raw_waiting *ret)
{
    enum { STACK_BYTES = 16384 };
    struct raw_bytes text;
    const int error = inspector_file(in, "stack", STACK_BYTES, &text, NULL);
    if (error) {
        ret->stack_denied = inspector_is_denied(error);
        return error == -ENOMEM ? error : 0;
    }
    struct raw_bytes *const frames = arena_alloc(in->arena, INSPECT_STACK_MAX, sizeof(*frames));
    struct span rest = {.at = text.ptr, .end = text.ptr + text.len};
    struct span frame;
    if (!frames) {
        return -ENOMEM;
    }
    while (ret->stack_count < INSPECT_STACK_MAX && parse_inspect_frame(&rest, &frame)) {
        frames[ret->stack_count++] = span_bytes(&frame);
    }
    ret->stack = frames;
    return 0;
}

static int read_state(const struct inspector *in, struct raw_waiting *ret)
{
    char buf[PROCFS_STAT_BYTES];
    size_t len;
    struct raw_proc stat;
    const int error = procfs_read(in->dir, "stat", buf, sizeof(buf), &len);
    if (error) {
        return error;
    }
    if (parse_proc_stat(buf, len, &in->platform->units, &stat)) {
        return -ESRCH;
    }
    ret->state = stat.state;
    return 0;
}

/* Adds a delay to a sum; what is not known of one thread makes no sum of the others. */
static void add_delay(uint64_t delay_ns, uint64_t *sum)
{
    if (delay_ns == FIGURE_ABSENT) {
        return;
    }
    const uint64_t before = *sum == FIGURE_ABSENT ? 0 : *sum;
    *sum = before <= UINT64_MAX - 1 - delay_ns ? before + delay_ns : UINT64_MAX - 1;
}

static int read_delays(const struct inspector *in, struct raw_waiting *ret)
{
    struct inspector_numbers tids = {0};
    ret->run_delay_ns = FIGURE_ABSENT;
    ret->block_delay_ns = FIGURE_ABSENT;
    const int dir = openat(in->dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        return 0;
    }
    const int error = inspector_list(dir, INSPECT_THREADS_MAX, &tids);
    const bool counts_delays = procfs_counts_delays(in->platform);
    for (size_t i = 0; error == 0 && i < tids.count; i++) {
        add_delay(inspector_run_delay(dir, tids.items[i]), &ret->run_delay_ns);
        if (counts_delays) {
            add_delay(inspector_block_delay(in, dir, tids.items[i]), &ret->block_delay_ns);
        }
    }
    free(tids.items);
    close(dir);
    return error == -ENOMEM ? error : 0;
}

int inspect_waiting(const struct inspector *in, struct raw_inspect *ret)
{
    struct raw_waiting *const waiting = &ret->as.waiting;
    int error = read_state(in, waiting);
    if (error == 0) {
        error = inspector_wchan(in, in->dir, "wchan", &waiting->wchan);
    }
    if (error == 0) {
        error = read_stack(in, waiting);
    }
    if (error == 0) {
        error = read_syscall(in, waiting);
    }
    if (error == 0) {
        error = read_delays(in, waiting);
    }
    return error ? error : inspector_locks(in, ret);
}
