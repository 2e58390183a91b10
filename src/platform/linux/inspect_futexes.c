#include "platform/linux/inspector.h"
#include "platform/linux/parse_inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Which futexes the threads of a process wait for. Who has one the kernel does not know, but for
 * those with priority inheritance; what the memory says is only believed when it is the number of a
 * thread of this process.
 */

/* False when the thread is in another call. */
static bool read_futex(const struct inspector *in, int tasks, int32_t tid, struct raw_futex *ret)
{
    char path[PROCFS_PATH_BYTES];
    char buf[256];
    size_t len;
    int64_t number;
    uint64_t args[6];
    uint32_t words[3] = {0};
    procfs_path(path, tid, "/syscall");
    if (procfs_read(tasks, path, buf, sizeof(buf), &len) ||
        !parse_inspect_syscall((struct raw_bytes){.ptr = buf, .len = (uint32_t)len}, &number,
                               args) ||
        number != SYS_futex) {
        return false;
    }
    // What follows the word may not be mapped; zeros name nobody.
    if (inspector_memory(in, args[0], words, sizeof(words)) < sizeof(words[0])) {
        words[0] = 0;
    }
    *ret = parse_inspect_futex(args, words);
    ret->tid = tid;
    return true;
}

/* In a PID namespace of its own, threads have other numbers than here. */
static void believe(const struct inspector_numbers *tids, bool inner, struct raw_futex *futex)
{
    if (inner || !inspector_has_number(tids, futex->owner)) {
        futex->kind = RAW_FUTEX_PLAIN;
        futex->owner = 0;
    }
}

int inspector_futexes(const struct inspector *in, struct inspector_futexes *ret)
{
    struct inspector_numbers tids = {0};
    *ret = (struct inspector_futexes){0};
    const int tasks = openat(in->top, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tasks < 0) {
        return 0;
    }
    bool inner = false;
    int error = inspector_list(tasks, INSPECT_THREADS_MAX, &tids);
    if (error == 0) {
        error = inspector_inner_pids(in, &inner);
    }
    ret->items = arena_alloc(in->arena, INSPECT_FUTEXES_MAX, sizeof(*ret->items));
    error = ret->items ? error : -ENOMEM;
    for (size_t i = 0; error == 0 && i < tids.count && !ret->cut; i++) {
        if (i == INSPECT_FUTEXES_MAX) {
            ret->cut = true;
        } else if (read_futex(in, tasks, tids.items[i], &ret->items[ret->count])) {
            believe(&tids, inner, &ret->items[ret->count++]);
        }
    }
    free(tids.items);
    close(tasks);
    return error == -ENOMEM ? error : 0;
}
