#include "platform/linux/inspector.h"
#include "platform/linux/parse_inspect.h"
#include "platform/linux/syscall_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Which ways of waiting there are among the threads of a process. There may be thousands of
 * threads, but most of them wait alike: state and kernel function of each are read, and only one
 * of those that agree is looked at closely. Which of them explains most is not for here to say.
 */

enum {
    WCHANS_MAX = 4096, // threads asked for their function; those nothing can interrupt all are
    WCHAN_BYTES = 256,
};

/* Looking through the threads. */
struct survey {
    const struct inspector *in;
    int dir;                // `task`
    size_t wchans;          // read so far
    struct raw_wait *items; // INSPECT_WAITS_MAX of them, in the arena
    size_t count;
    uint32_t threads;
};

/* --- the first look: state and function ------------------------------------------------------- */

/* Errors: -ESRCH when it has ended. */
static int read_stat(const struct inspector *in, int dir, const char *path, char *buf, size_t size,
                     struct raw_proc *ret)
{
    size_t len;
    const int error = procfs_read(dir, path, buf, size, &len);
    if (error) {
        return error == -ENOENT ? -ESRCH : error;
    }
    return parse_proc_stat(buf, len, &in->platform->units, ret) ? -ESRCH : 0;
}

static bool is_alike(const struct raw_wait *wait, char state, struct raw_bytes wchan)
{
    return wait->state == state && wait->wchan.len == wchan.len &&
           (wchan.len == 0 || memcmp(wait->wchan.ptr, wchan.ptr, wchan.len) == 0);
}

/* A place for one more way; what cannot be interrupted takes the last one that can. */
static struct raw_wait *place_for(struct survey *survey, char state)
{
    if (survey->count < INSPECT_WAITS_MAX) {
        return &survey->items[survey->count++];
    }
    for (size_t i = survey->count; state == 'D' && i-- > 1;) {
        if (survey->items[i].state != 'D') {
            return &survey->items[i];
        }
    }
    return NULL;
}

static int note(struct survey *survey, const struct raw_proc *task, struct raw_bytes wchan)
{
    for (size_t i = 0; i < survey->count; i++) {
        if (is_alike(&survey->items[i], task->state, wchan)) {
            survey->items[i].alike++;
            return 0;
        }
    }
    struct raw_wait *const wait = place_for(survey, task->state);
    if (!wait) {
        return 0;
    }
    *wait =
        (struct raw_wait){.tid = task->id.pid, .state = task->state, .alike = 1, .syscall_fd = -1};
    const int error = inspector_copy(survey->in, task->name.ptr, task->name.len, &wait->name);
    return error ? error : inspector_copy(survey->in, wchan.ptr, wchan.len, &wait->wchan);
}

/* Takes in one thread by its directory below `dir`; "" is `dir` itself. Errors: -ESRCH, -ENOMEM. */
static int take_thread(struct survey *survey, int dir, const char *name)
{
    char path[PROCFS_PATH_BYTES];
    char stat[PROCFS_STAT_BYTES];
    char function[WCHAN_BYTES];
    struct strbuf buf;
    struct raw_proc task;
    struct raw_bytes wchan = {.ptr = function};
    str_init(&buf, path, sizeof(path));
    str_addf(&buf, "%sstat", name);
    const int error = read_stat(survey->in, dir, path, stat, sizeof(stat), &task);
    if (error) {
        return error;
    }
    if (task.state != 'R' && (task.state == 'D' || survey->wchans < WCHANS_MAX)) {
        str_init(&buf, path, sizeof(path));
        str_addf(&buf, "%swchan", name);
        wchan.len = (uint32_t)inspector_wchan_text(dir, path, function, sizeof(function));
        survey->wchans++;
    }
    survey->threads++;
    return note(survey, &task, wchan);
}

static int take_others(struct survey *survey)
{
    struct inspector_numbers tids = {0};
    int error = inspector_list(survey->dir, INSPECT_THREADS_MAX, &tids);
    for (size_t i = 0; error != -ENOMEM && i < tids.count; i++) {
        char name[PROCFS_PATH_BYTES];
        procfs_path(name, tids.items[i], "/");
        if (tids.items[i] != survey->in->tid) {
            error = take_thread(survey, survey->dir, name);
        }
    }
    free(tids.items);
    return error == -ENOMEM ? error : 0;
}

/* --- the second: the call and its descriptor -------------------------------------------------- */

/* Whether the program is built for the same system calls as perch. */
static bool is_native(const struct inspector *in)
{
    char buf[2048];
    size_t len;
    return procfs_read(in->dir, "auxv", buf, sizeof(buf), &len) == 0 &&
           parse_inspect_is_native((struct raw_bytes){.ptr = buf, .len = (uint32_t)len});
}

/* Names the call and the file it is about. Errors: -ENOMEM. */
static int describe_syscall(const struct inspector *in, struct raw_wait *ret)
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
    ret->syscall_fd = fd;
    const int link_error = inspector_fd_link(in, fd, &ret->syscall_file);
    return link_error == -ENOMEM ? link_error : 0;
}

static int read_syscall(const struct inspector *in, struct raw_wait *ret)
{
    char path[PROCFS_PATH_BYTES];
    char buf[256];
    size_t len;
    const int error = procfs_read(in->top, inspector_task_path(in, ret->tid, "syscall", path), buf,
                                  sizeof(buf), &len);
    if (error) {
        ret->syscall_denied = inspector_is_denied(error);
        return 0;
    }
    const struct raw_bytes line = {.ptr = buf, .len = (uint32_t)len};
    ret->in_syscall = parse_inspect_syscall(line, &ret->syscall, ret->args);
    return ret->in_syscall ? describe_syscall(in, ret) : 0;
}

int inspector_waits(const struct inspector *in, struct inspector_waits *ret)
{
    struct survey survey = {.in = in};
    survey.items = arena_alloc(in->arena, INSPECT_WAITS_MAX, sizeof(*survey.items));
    int error = survey.items ? take_thread(&survey, in->top, "") : -ENOMEM;
    if (error == 0) {
        survey.dir = openat(in->top, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    if (error == 0 && survey.dir >= 0) {
        error = take_others(&survey);
        close(survey.dir);
    }
    for (size_t i = 0; error == 0 && i < survey.count; i++) {
        error = read_syscall(in, &survey.items[i]);
    }
    *ret = (struct inspector_waits){.items = survey.items,
                                    .count = survey.count,
                                    .thread_count = survey.threads};
    return error;
}
