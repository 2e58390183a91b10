#include "platform/linux/inspector.h"
#include "platform/linux/parse_inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SWITCHES_MAX = 1024 }; // processes of more threads are not asked for a fourth file of each

uint64_t inspector_run_delay(int dir, int32_t tid)
{
    char path[PROCFS_PATH_BYTES];
    char buf[128];
    size_t len;
    procfs_path(path, tid, "/schedstat");
    if (procfs_read(dir, path, buf, sizeof(buf), &len)) {
        return FIGURE_ABSENT;
    }
    return parse_inspect_run_delay((struct raw_bytes){.ptr = buf, .len = (uint32_t)len});
}

uint64_t inspector_block_delay(const struct inspector *in, int dir, int32_t tid)
{
    char path[PROCFS_PATH_BYTES];
    char buf[PROCFS_STAT_BYTES];
    size_t len;
    procfs_path(path, tid, "/stat");
    if (procfs_read(dir, path, buf, sizeof(buf), &len)) {
        return FIGURE_ABSENT;
    }
    const struct raw_bytes stat = {.ptr = buf, .len = (uint32_t)len};
    return parse_inspect_block_delay(stat, in->platform->units.tick_ns);
}

static void read_switches(int dir, struct raw_thread *ret)
{
    char path[PROCFS_PATH_BYTES];
    struct procfs_file file = {0};
    procfs_path(path, ret->id.pid, "/status");
    const int error = procfs_read_all(dir, path, &file);
    const struct raw_bytes status = {.ptr = file.ptr, .len = error ? 0 : (uint32_t)file.len};
    ret->voluntary_switches =
        parse_inspect_status_u64(status, "voluntary_ctxt_switches", FIGURE_ABSENT);
    ret->involuntary_switches =
        parse_inspect_status_u64(status, "nonvoluntary_ctxt_switches", FIGURE_ABSENT);
    procfs_file_finish(&file);
}

/* Errors: -ESRCH when it has ended, -ENOMEM, others as the kernel says. */
static int read_stat(const struct inspector *in, int dir, int32_t tid, struct raw_thread *ret)
{
    char path[PROCFS_PATH_BYTES];
    char buf[PROCFS_STAT_BYTES];
    size_t len;
    struct raw_proc task;
    const struct parse_units *const units = &in->platform->units;
    procfs_path(path, tid, "/stat");
    const int error = procfs_read(dir, path, buf, sizeof(buf), &len);
    if (error) {
        return error == -ENOENT ? -ESRCH : error;
    }
    if (parse_proc_stat(buf, len, units, &task)) {
        return -ESRCH; // died between open and read
    }
    *ret = (struct raw_thread){
        .id = task.id,
        .state = task.state,
        .nice = task.nice,
        .priority = task.priority,
        .policy = task.policy,
        .rt_priority = task.rt_priority,
        .last_cpu = task.last_cpu,
        .user_ns = task.user_ns,
        .system_ns = task.system_ns,
        .run_delay_ns = FIGURE_ABSENT,
        .block_delay_ns = parse_inspect_block_delay(
            (struct raw_bytes){.ptr = buf, .len = (uint32_t)len}, units->tick_ns),
        .voluntary_switches = FIGURE_ABSENT,
        .involuntary_switches = FIGURE_ABSENT,
    };
    return inspector_copy(in, task.name.ptr, task.name.len, &ret->name);
}

static int read_thread(const struct inspector *in, int dir, int32_t tid, struct raw_thread *ret)
{
    char path[PROCFS_PATH_BYTES];
    const int error = read_stat(in, dir, tid, ret);
    if (error) {
        return error;
    }
    ret->run_delay_ns = inspector_run_delay(dir, tid);
    procfs_path(path, tid, "/wchan");
    return inspector_wchan(in, dir, path, &ret->wchan);
}

static int read_threads(const struct inspector *in, int dir, const struct inspector_numbers *tids,
                        struct raw_inspect *ret)
{
    struct raw_thread *const items = arena_alloc(in->arena, tids->count, sizeof(*items));
    bool counts_delays;
    (void)procfs_counts_delays(in->platform, &counts_delays);
    const bool hides_functions = inspector_hides_functions(in);
    size_t count = 0;
    if (!items && tids->count > 0) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < tids->count; i++) {
        struct raw_thread *const thread = &items[count];
        const int error = read_thread(in, dir, tids->items[i], thread);
        if (error == -ESRCH) {
            continue; // it has ended meanwhile
        }
        if (error) {
            return error;
        }
        if (tids->count <= SWITCHES_MAX) {
            read_switches(dir, thread);
        }
        thread->wchan_denied = hides_functions && thread->state != 'R';
        thread->block_delay_ns = counts_delays ? thread->block_delay_ns : FIGURE_ABSENT;
        count++;
    }
    ret->as.threads.items = items;
    ret->as.threads.count = count;
    ret->cut = tids->cut;
    return 0;
}

int inspect_threads(const struct inspector *in, struct raw_inspect *ret)
{
    struct inspector_numbers tids = {0};
    const int dir = openat(in->top, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        return -errno;
    }
    int error = inspector_list(dir, INSPECT_THREADS_MAX, &tids);
    if (error == 0) {
        error = read_threads(in, dir, &tids, ret);
    }
    free(tids.items);
    close(dir);
    return error;
}
