#include "platform/linux/inspector.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool inspector_is_denied(int error)
{
    return error == -EACCES || error == -EPERM;
}

bool inspector_hides_functions(const struct inspector *in)
{
    char link[1];
    // A link that is asked for the same right.
    return readlinkat(in->dir, "cwd", link, sizeof(link)) < 0 && inspector_is_denied(-errno);
}

int inspector_copy(const struct inspector *in, const char *ptr, size_t len, struct raw_bytes *ret)
{
    char *const copy = arena_alloc(in->arena, len + 1, 1);
    if (!copy) {
        return -ENOMEM;
    }
    memcpy(copy, ptr, len);
    *ret = (struct raw_bytes){.ptr = copy, .len = (uint32_t)len};
    return 0;
}

int inspector_file(const struct inspector *in, int dir, const char *path, size_t max,
                   struct raw_bytes *ret, bool *ret_cut)
{
    size_t len;
    char *const buf = malloc(max + 1); // one more, to see whether it goes on
    if (!buf) {
        return -ENOMEM;
    }
    int error = procfs_read(dir, path, buf, max + 1, &len);
    if (error == 0) {
        error = inspector_copy(in, buf, len < max ? len : max, ret);
    }
    if (error == 0 && len > max && ret_cut) {
        *ret_cut = true;
    }
    free(buf);
    return error;
}

int inspector_link(const struct inspector *in, int dir, const char *path, struct raw_bytes *ret)
{
    char buf[PATH_MAX + 64]; // the kernel gives up at PATH_MAX, of a file with " (deleted)" behind
    const ssize_t len = readlinkat(dir, path, buf, sizeof(buf));
    if (len < 0) {
        return -errno;
    }
    return inspector_copy(in, buf, strnlen(buf, (size_t)len), ret);
}

int inspector_fd_link(const struct inspector *in, int32_t fd, struct raw_bytes *ret)
{
    char path[sizeof("fd/") + PROCFS_PATH_BYTES] = "fd/";
    procfs_path(path + strlen("fd/"), fd, "");
    return inspector_link(in, in->dir, path, ret);
}

const char *inspector_task_path(const struct inspector *in, int32_t tid, const char *file,
                                char path[PROCFS_PATH_BYTES])
{
    struct strbuf buf;
    if (tid == in->tid) {
        return file; // as in the directory itself
    }
    str_init(&buf, path, PROCFS_PATH_BYTES);
    str_addf(&buf, "task/%d/%s", (int)tid, file);
    return path;
}

size_t inspector_wchan_text(int dir, const char *path, char *buf, size_t size)
{
    size_t len;
    // "0": it runs, or the kernel does not tell everybody.
    if (procfs_read(dir, path, buf, size, &len) || len == 0 || buf[0] == '0') {
        return 0;
    }
    return buf[len - 1] == '\n' ? len - 1 : len;
}

int inspector_wchan(const struct inspector *in, int dir, const char *path, struct raw_bytes *ret)
{
    char buf[256];
    const size_t len = inspector_wchan_text(dir, path, buf, sizeof(buf));
    *ret = (struct raw_bytes){0};
    return len == 0 ? 0 : inspector_copy(in, buf, len, ret);
}

static int compare_numbers(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a;
    const int32_t y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static int add_number(struct inspector_numbers *list, int32_t number)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? list->capacity * 2 : 64;
        int32_t *const items = realloc(list->items, capacity * sizeof(*items));
        if (!items) {
            return -ENOMEM;
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = number;
    return 0;
}

/* As procfs_pid(), but descriptors begin with 0. -1 when it is none. */
static int32_t entry_number(const char *name)
{
    const int32_t number = procfs_pid(name);
    return number > 0 ? number : strcmp(name, "0") == 0 ? 0 : -1;
}

int inspector_list(int dir, size_t max, struct inspector_numbers *ret)
{
    enum { LIST_BYTES = 16384 };
    char *const buf = malloc(LIST_BYTES);
    if (!buf) {
        return -ENOMEM;
    }
    struct procfs_list list = {.fd = dir, .buf = buf, .size = LIST_BYTES};
    const char *name;
    int more;
    int error = 0;
    while (error == 0 && !ret->cut && (more = procfs_list_next(&list, &name)) != 0) {
        const int32_t number = more > 0 ? entry_number(name) : 0;
        if (more < 0) {
            error = more;
        } else if (number >= 0 && ret->count == max) {
            ret->cut = true;
        } else if (number >= 0) {
            error = add_number(ret, number);
        }
    }
    free(buf);
    if (ret->count > 1) {
        qsort(ret->items, ret->count, sizeof(*ret->items), compare_numbers);
    }
    return error;
}

bool inspector_has_number(const struct inspector_numbers *list, int32_t number)
{
    return list->count > 0 &&
           bsearch(&number, list->items, list->count, sizeof(number), compare_numbers);
}

static int (*const readers[INSPECT_PART_COUNT])(const struct inspector *in,
                                                struct raw_inspect *ret) = {
    [INSPECT_IDENTITY] = inspect_identity, [INSPECT_THREADS] = inspect_threads,
    [INSPECT_FILES] = inspect_files,       [INSPECT_MAPS] = inspect_maps,
    [INSPECT_LIMITS] = inspect_limits,     [INSPECT_ENVIRON] = inspect_environ,
    [INSPECT_WAITING] = inspect_waiting,   [INSPECT_PEERS] = inspect_peers,
    [INSPECT_CGROUP] = inspect_cgroup,
};

/* Opens the process's directory and proves that it is the one that is meant. */
static int open_dir(const struct platform *platform, struct proc_id id, int *ret)
{
    char path[PROCFS_PATH_BYTES];
    if (id.pid <= 0) {
        return -ESRCH;
    }
    procfs_path(path, id.pid, "");
    const int dir = openat(platform->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    const int error = procfs_check_at(platform, dir, "stat", id, NULL);
    if (error) {
        close(dir);
        return error;
    }
    *ret = dir;
    return 0;
}

/* Opens the directory of a thread that lives, below `top`; -1: none was found. */
static int open_living(const struct inspector *in)
{
    char path[PROCFS_PATH_BYTES];
    const int tasks = openat(in->top, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int32_t tid = tasks < 0 ? 0 : procfs_survivor(in->platform, tasks);
    procfs_path(path, tid, "");
    const int living = tid > 0 ? openat(tasks, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (tasks >= 0) {
        close(tasks);
    }
    return living;
}

/* Opens what is read: its directory, but when its first thread has ended and others have not, what
 * it has is no longer to be seen there. */
static int open_both(struct inspector *in, bool *ret_first_ended)
{
    char buf[PROCFS_STAT_BYTES];
    size_t len;
    struct raw_proc first;
    const int error = open_dir(in->platform, in->id, &in->top);
    in->dir = in->top;
    if (error == 0 && procfs_read(in->top, "stat", buf, sizeof(buf), &len) == 0 &&
        parse_proc_stat(buf, len, &in->platform->units, &first) == 0 &&
        procfs_first_ended(&first)) {
        const int living = open_living(in);
        in->dir = living >= 0 ? living : in->top;
        *ret_first_ended = living >= 0;
    }
    return error;
}

/* The process a directory of /proc belongs to: that of a thread can be opened by its number. */
static int32_t process_of(const struct inspector *in)
{
    struct procfs_file file = {0};
    int32_t process = 0;
    if (procfs_read_all(in->top, "status", &file) == 0) {
        const struct raw_bytes status = {.ptr = file.ptr, .len = (uint32_t)file.len};
        process = parse_inspect_process(status);
    }
    procfs_file_finish(&file);
    return process > 0 ? process : in->id.pid; // as in files that lack it
}

int platform_inspect(struct platform *platform, enum inspect_part part, struct proc_id id,
                     struct arena *arena, struct raw_inspect *ret)
{
    if ((unsigned)part >= INSPECT_PART_COUNT) {
        return -ENOTSUP;
    }
    struct inspector in = {.platform = platform, .id = id, .top = -1, .dir = -1, .arena = arena};
    struct raw_inspect answer = {.part = part, .id = id};
    const uint64_t begun_ns = platform_now_ns();
    int error = open_both(&in, &answer.first_ended);
    in.tid = id.pid;
    if (error == 0) {
        in.id.pid = process_of(&in);
    }
    if (error == 0) {
        error = readers[part](&in, &answer);
        // Files of a process that ends half-way are empty rather than an error.
        const int identity = procfs_check_at(platform, in.top, "stat", id, &answer.has_ended);
        error = procfs_settle(error, identity);
        if (in.dir != in.top) {
            close(in.dir);
        }
        close(in.top);
    }
    if (error == 0) {
        answer.mono_ns = platform_now_ns();
        answer.cost_ns = answer.mono_ns - begun_ns;
        *ret = answer;
    }
    return error;
}
