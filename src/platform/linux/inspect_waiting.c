#include "platform/linux/inspector.h"
#include "platform/linux/parse_inspect.h"
#include "platform/linux/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <unistd.h>

/* What the threads of a process wait for: the kernel function, the system call and its descriptor,
 * and locks. */

/* As inspector_file() of a `stack`: that alone takes more than the right to trace the process. */
static int read_stack_file(const struct inspector *in, const char *path, size_t max,
                           struct raw_bytes *ret)
{
    int error = inspector_file(in, in->top, path, max, ret, NULL);
    if (inspector_is_denied(error) && !privileges_have(CAP_SYS_ADMIN) &&
        privileges_raise(CAP_SYS_ADMIN) == 0) {
        error = inspector_file(in, in->top, path, max, ret, NULL);
        (void)privileges_lower(CAP_SYS_ADMIN); // giving up cannot be refused
    }
    return error;
}

/* The kernel stack of one thread. Errors: -ENOMEM. */
static int read_stack(const struct inspector *in, struct raw_wait *ret)
{
    enum { STACK_BYTES = 16384 };
    char path[PROCFS_PATH_BYTES];
    struct raw_bytes text;
    const int error =
        read_stack_file(in, inspector_task_path(in, ret->tid, "stack", path), STACK_BYTES, &text);
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

static int read_waits(const struct inspector *in, struct inspector_waits *waits,
                      struct raw_waiting *ret)
{
    int error = inspector_waits(in, waits);
    for (size_t i = 0; error == 0 && i < waits->count; i++) {
        error = read_stack(in, &waits->items[i]);
    }
    ret->waits = waits->items;
    ret->wait_count = waits->count;
    ret->thread_count = waits->thread_count;
    return error;
}

int inspector_inner_pids(const struct inspector *in, bool *ret)
{
    struct procfs_file file = {0};
    struct raw_identity identity;
    const int error = procfs_read_all(in->top, "status", &file);
    if (error == 0) {
        const struct raw_bytes status = {.ptr = file.ptr, .len = (uint32_t)file.len};
        parse_inspect_identity(status, &identity);
        *ret = identity.inner_pid != 0 && identity.inner_pid != in->tid;
    }
    procfs_file_finish(&file);
    return error == -ENOMEM ? error : 0;
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
    const int dir = openat(in->top, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        return 0;
    }
    const int error = inspector_list(dir, INSPECT_THREADS_MAX, &tids);
    bool counts_delays;
    (void)procfs_counts_delays(in->platform, &counts_delays);
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

/* How a zombie ended; -1 where that may not be known, as the kernel says 0 then. */
static int32_t read_exit_status(const struct inspector *in)
{
    char buf[PROCFS_STAT_BYTES];
    size_t len = 0;
    if (inspector_hides_functions(in) || procfs_read(in->top, "stat", buf, sizeof(buf), &len)) {
        return -1;
    }
    return parse_inspect_exit_status((struct raw_bytes){.ptr = buf, .len = (uint32_t)len});
}

int inspect_waiting(const struct inspector *in, struct raw_inspect *ret)
{
    struct raw_waiting *const waiting = &ret->as.waiting;
    struct inspector_waits waits = {0};
    struct inspector_locks locks = {0};
    int error = read_waits(in, &waits, waiting);
    if (error == 0) {
        error = inspector_inner_pids(in, &waiting->inner_pids);
    }
    if (error == 0) {
        error = read_delays(in, waiting);
    }
    if (error == 0) {
        error = inspector_locks(in, &waits, &locks);
    }
    const bool has_ended = error == 0 && waits.count == 1 && waits.items[0].state == 'Z';
    waiting->exit_status = has_ended ? read_exit_status(in) : -1;
    waiting->locks = locks.items;
    waiting->lock_count = locks.count;
    waiting->locks_denied = locks.denied;
    ret->cut |= locks.cut;
    return error;
}
