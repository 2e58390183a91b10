#include "platform/linux/procfs.h"

#include "base/str.h"
#include "platform/linux/parts.h"
#include "platform/linux/privileges.h"
#include "platform/linux/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now); // fails only for clocks that do not exist
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t platform_now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t platform_wall_s(void)
{
    return (int64_t)time(NULL);
}

uint32_t platform_own_uid(void)
{
    return geteuid();
}

int32_t platform_own_pid(void)
{
    return getpid();
}

/* Reads until the end or until the buffer is full. */
static int read_fd(int fd, char *buf, size_t size, size_t *ret_len)
{
    size_t len = 0;
    while (len < size) {
        const ssize_t n = read(fd, buf + len, size - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -errno;
        }
        if (n == 0) {
            break;
        }
        len += (size_t)n;
    }
    *ret_len = len;
    return 0;
}

static int open_file(int dir, const char *path)
{
    for (;;) {
        const int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 || errno != EINTR) {
            return fd >= 0 ? fd : -errno;
        }
    }
}

int procfs_read(int dir, const char *path, char *buf, size_t size, size_t *ret_len)
{
    const int fd = open_file(dir, path);
    if (fd < 0) {
        return fd;
    }
    const int error = read_fd(fd, buf, size, ret_len);
    close(fd);
    return error;
}

static int file_grow(struct procfs_file *file)
{
    const size_t size = file->size ? file->size * 2 : PROCFS_FILE_BYTES;
    if (size > PROCFS_FILE_MAX) {
        return -EFBIG;
    }
    char *const ptr = realloc(file->ptr, size);
    if (!ptr) {
        return -ENOMEM;
    }
    file->ptr = ptr;
    file->size = size;
    return 0;
}

int procfs_read_all(int dir, const char *path, struct procfs_file *file)
{
    const int fd = open_file(dir, path);
    if (fd < 0) {
        return fd;
    }
    int error = file->ptr ? 0 : file_grow(file);
    while (error == 0) {
        error = read_fd(fd, file->ptr, file->size, &file->len);
        if (error || file->len < file->size) {
            break;
        }
        // Read again from the start: pieces of /proc read one by one may not fit together.
        error = file_grow(file);
        if (error == 0 && lseek(fd, 0, SEEK_SET) < 0) {
            error = -errno;
        }
    }
    close(fd);
    return error;
}

void procfs_file_finish(struct procfs_file *file)
{
    free(file->ptr);
    *file = (struct procfs_file){0};
}

int procfs_list_next(struct procfs_list *list, const char **ret_name)
{
    enum { RECLEN_AT = 16, NAME_AT = 19 }; // in the kernel's struct linux_dirent64
    if (list->at >= list->len) {
        const long n = syscall(SYS_getdents64, list->fd, list->buf, list->size);
        if (n <= 0) {
            return n < 0 ? -errno : 0;
        }
        list->at = 0;
        list->len = (size_t)n;
    }
    uint16_t length;
    memcpy(&length, list->buf + list->at + RECLEN_AT, sizeof(length));
    *ret_name = list->buf + list->at + NAME_AT;
    list->at += length;
    return 1;
}

int32_t procfs_pid(const char *name)
{
    int64_t pid = 0;
    if (*name == '0') {
        return 0;
    }
    for (; *name >= '0' && *name <= '9' && pid <= INT32_MAX; name++) {
        pid = pid * 10 + (*name - '0');
    }
    return *name == '\0' && pid <= INT32_MAX ? (int32_t)pid : 0;
}

int procfs_link_number(int dir, const char *path, const char *kind, uint64_t *ret)
{
    char link[40];
    const size_t skip = strlen(kind) + 2;
    const ssize_t len = readlinkat(dir, path, link, sizeof(link));
    if (len < 0) {
        return -errno;
    }
    *ret = 0;
    if ((size_t)len > skip && memcmp(link, kind, skip - 2) == 0 && link[skip - 2] == ':' &&
        link[skip - 1] == '[') {
        (void)str_take_u64(link + skip, (size_t)len - skip, ret); // else it stays 0
    }
    return 0;
}

void procfs_path(char path[PROCFS_PATH_BYTES], int32_t pid, const char *tail)
{
    char digits[12];
    size_t count = 0;
    uint32_t rest = (uint32_t)pid;
    do {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    size_t at = 0;
    while (count > 0) {
        path[at++] = digits[--count];
    }
    while (*tail != '\0' && at < PROCFS_PATH_BYTES - 1) {
        path[at++] = *tail++;
    }
    path[at] = '\0';
}

void procfs_thread_path(char path[PROCFS_PATH_BYTES], int32_t pid, int32_t tid, const char *tail)
{
    struct strbuf text;
    str_init(&text, path, PROCFS_PATH_BYTES);
    str_addf(&text, "%d/task/%d%s", pid, tid, tail);
}

static bool has_ended(const struct raw_proc *task)
{
    return task->state == 'Z' || task->state == 'X';
}

bool procfs_first_ended(const struct raw_proc *first)
{
    return has_ended(first) && first->thread_count > 1;
}

static int read_stat(const struct platform *platform, int dir, const char *path,
                     char buf[PROCFS_STAT_BYTES], struct raw_proc *ret)
{
    size_t len;
    const int error = procfs_read(dir, path, buf, PROCFS_STAT_BYTES, &len);
    return error ? error : parse_proc_stat(buf, len, &platform->units, ret);
}

int32_t procfs_survivor(const struct platform *platform, int tasks)
{
    enum { TRIED_MAX = 256 };
    char names[4096];
    struct procfs_list list = {.fd = tasks, .buf = names, .size = sizeof(names)};
    const char *name;
    for (int tried = 0; tried < TRIED_MAX && procfs_list_next(&list, &name) > 0; tried++) {
        char path[PROCFS_PATH_BYTES];
        char buf[PROCFS_STAT_BYTES];
        struct raw_proc task;
        const int32_t tid = procfs_pid(name);
        procfs_path(path, tid, "/stat");
        if (tid > 0 && read_stat(platform, tasks, path, buf, &task) == 0 && !has_ended(&task)) {
            return tid;
        }
    }
    return 0;
}

int32_t procfs_survivor_of(const struct platform *platform, int32_t pid)
{
    char path[PROCFS_PATH_BYTES];
    char buf[PROCFS_STAT_BYTES];
    struct raw_proc first;
    procfs_path(path, pid, "/stat");
    if (read_stat(platform, platform->proc_fd, path, buf, &first) || !procfs_first_ended(&first)) {
        return 0;
    }
    procfs_path(path, pid, "/task");
    const int tasks = openat(platform->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int32_t tid = tasks < 0 ? 0 : procfs_survivor(platform, tasks);
    if (tasks >= 0) {
        close(tasks);
    }
    return tid;
}

int procfs_check_at(const struct platform *platform, int dir, const char *path, struct proc_id id,
                    bool *ret_ended)
{
    char buf[PROCFS_STAT_BYTES];
    struct raw_proc now;
    const int error = read_stat(platform, dir, path, buf, &now);
    // An empty file (-EINVAL) is what a task leaves that dies between open and read.
    if (error) {
        return error == -ENOENT || error == -EINVAL ? -ESRCH : error;
    }
    if (!proc_id_equal(now.id, id)) {
        return -ESRCH;
    }
    if (ret_ended) {
        *ret_ended = has_ended(&now) && !procfs_first_ended(&now);
    }
    return 0;
}

int procfs_check(const struct platform *platform, struct proc_id id)
{
    char path[PROCFS_PATH_BYTES];
    if (id.pid <= 0) {
        return -ESRCH;
    }
    procfs_path(path, id.pid, "/stat");
    return procfs_check_at(platform, platform->proc_fd, path, id, NULL);
}

int procfs_settle(int error, int identity)
{
    if (identity == -ESRCH) {
        return -ESRCH;
    }
    if (error == -ESRCH) {
        return -ENOENT;
    }
    if (error == -EPERM) {
        return -EACCES;
    }
    if (error == 0 && identity) {
        return identity == -EPERM ? -EACCES : identity;
    }
    return error;
}

void procfs_progress(struct platform *platform, int32_t pid)
{
    // The coarse clock costs a quarter of the exact one, and its 4 ms do not matter here.
    atomic_store_explicit(&platform->progress_since_ns, clock_ns(CLOCK_MONOTONIC_COARSE),
                          memory_order_relaxed);
    atomic_store_explicit(&platform->progress_pid, pid, memory_order_relaxed);
}

struct platform_progress platform_progress(const struct platform *platform)
{
    return (struct platform_progress){
        .pid = atomic_load_explicit(&platform->progress_pid, memory_order_relaxed),
        .since_ns = atomic_load_explicit(&platform->progress_since_ns, memory_order_relaxed),
    };
}

/* A process file system, recorded or not, has the machine's `stat` or at least one process. */
static bool looks_like_proc(struct platform *platform)
{
    if (faccessat(platform->proc_fd, "stat", F_OK, 0) == 0) {
        return true;
    }
    struct procfs_list list = {.fd = platform->proc_fd,
                               .buf = platform->list_buf,
                               .size = PROCFS_LIST_BYTES};
    const char *name;
    while (procfs_list_next(&list, &name) > 0) {
        if (procfs_pid(name) > 0) {
            return true;
        }
    }
    return false;
}

static fact_mask find_provided(const struct platform *platform)
{
    // Kernels may be built without these (CONFIG_TASK_IO_ACCOUNTING, PROC_PAGE_MONITOR, CGROUPS).
    static const struct {
        const char *path;
        fact_mask fact;
    } optional[] = {
        {"self/io", FACT_IO},
        {"self/smaps", FACT_SMAPS},
        {"self/cgroup", FACT_CGROUP},
    };
    fact_mask provided = FACT_READABLE;
    for (size_t i = 0; platform->is_procfs && i < sizeof(optional) / sizeof(*optional); i++) {
        if (faccessat(platform->proc_fd, optional[i].path, F_OK, 0) < 0) {
            provided &= ~optional[i].fact;
        }
    }
    return provided;
}

/*
 * Whether pids mean the same in this /proc as in our system calls. They do not after `unshare
 * --pid --fork` without a mount of its own, and acting on them would then hit another process.
 * "NSpid:" has our pid in the namespace the mount belongs to and in each one further in, so it
 * is just our pid exactly when both are the same.
 */
static bool pids_are_ours(struct platform *platform)
{
    char line[32];
    char link[16] = "";
    struct strbuf expected;
    struct procfs_file *const file = &platform->file;
    str_init(&expected, line, sizeof(line));
    if (procfs_read_all(platform->proc_fd, "self/status", file) == 0 &&
        memmem(file->ptr, file->len, "\nNSpid:", 7) != NULL) {
        str_addf(&expected, "\nNSpid:\t%d\n", platform_own_pid());
        return memmem(file->ptr, file->len, line, expected.len) != NULL;
    }
    // Before Linux 4.1 there is at least our own number to compare.
    str_addf(&expected, "%d", platform_own_pid());
    const ssize_t len = readlinkat(platform->proc_fd, "self", link, sizeof(link) - 1);
    return len > 0 && str_equal(link, line);
}

/* True when we are known not to be in the first PID namespace, whose inode number is fixed. */
static bool is_inner_namespace(const struct platform *platform)
{
    char link[64] = "";
    const ssize_t len = readlinkat(platform->proc_fd, "self/ns/pid", link, sizeof(link) - 1);
    return len > 0 && !str_equal(link, "pid:[4026531836]");
}

static int open_roots(struct platform *platform, const char *proc_root, const char *sys_root)
{
    struct statfs fs;
    platform->proc_fd = open(proc_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (platform->proc_fd < 0) {
        return -ENOENT;
    }
    platform->proc_path = realpath(proc_root, NULL);
    platform->list_buf = malloc(PROCFS_LIST_BYTES);
    // The file buffer at once, so that a file that cannot be read is an empty one.
    if (!platform->proc_path || !platform->list_buf || file_grow(&platform->file)) {
        return -ENOMEM;
    }
    platform->is_procfs =
        fstatfs(platform->proc_fd, &fs) == 0 && (unsigned long)fs.f_type == PROC_SUPER_MAGIC;
    platform->is_live = platform->is_procfs && strcmp(platform->proc_path, "/proc") == 0;
    // What is mounted elsewhere was asked for to be looked at: a host's, or a recording.
    platform->may_act = platform->is_live && pids_are_ours(platform);
    platform->is_inner = platform->is_procfs && is_inner_namespace(platform);
    platform->sys_fd = open(sys_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return looks_like_proc(platform) ? 0 : -ENOENT;
}

int platform_open(const struct platform_options *options, struct platform **ret)
{
    struct platform *const platform = calloc(1, sizeof(*platform));
    if (!platform) {
        return -ENOMEM;
    }
    platform->proc_fd = -1;
    platform->sys_fd = -1;
    atomic_init(&platform->progress_pid, 0);
    atomic_init(&platform->progress_since_ns, 0);
    const long ticks_per_s = sysconf(_SC_CLK_TCK);
    const long page_bytes = sysconf(_SC_PAGESIZE);
    platform->units = (struct parse_units){
        .tick_ns = 1000000000u / (uint64_t)(ticks_per_s > 0 ? ticks_per_s : 100),
        .page_bytes = page_bytes > 0 ? (uint64_t)page_bytes : 4096,
    };
    const char *const proc_root = options && options->proc_root ? options->proc_root : "/proc";
    const char *const sys_root = options && options->sys_root ? options->sys_root : "/sys";
    const int error = open_roots(platform, proc_root, sys_root);
    if (error) {
        platform_close(platform);
        return error;
    }
    platform->provides = find_provided(platform);
    tzset(); // for localtime_r(), which need not do it itself
    *ret = platform;
    return 0;
}

void platform_close(struct platform *platform)
{
    if (!platform) {
        return;
    }
    if (platform->proc_fd >= 0) {
        close(platform->proc_fd);
    }
    if (netdev_cache_destroy(platform->netdev) && platform->sys_fd >= 0) {
        close(platform->sys_fd);
    }
    procfs_file_finish(&platform->file);
    disks_cache_destroy(platform->disks);
    sockets_finish(platform->sockets);
    free(platform->list_buf);
    free(platform->proc_path);
    free(platform);
}

fact_mask platform_provides(const struct platform *platform)
{
    return platform->provides;
}

static void stamp(const struct platform *platform, struct raw_sample *sample)
{
    const time_t wall = time(NULL);
    struct tm local = {0};
    sample->wall_s = (int64_t)wall;
    sample->as_root = platform_own_uid() == 0;
    sample->may_trace = privileges_have(CAP_SYS_PTRACE);
    sample->utc_offset_s = localtime_r(&wall, &local) ? (int32_t)local.tm_gmtoff : 0;
    sample->end_ns = platform_now_ns();
    // Start times count from the kernel's boot, whatever a container's `uptime` claims.
    const uint64_t recorded = sample->system.uptime_ns;
    sample->boot_ns = platform->is_procfs         ? clock_ns(CLOCK_BOOTTIME)
                      : recorded == FIGURE_ABSENT ? 0
                                                  : recorded;
}

int procfs_counts_delays(const struct platform *platform, bool *ret)
{
    char c = '0';
    size_t len;
    const int error = procfs_read(platform->proc_fd, "sys/kernel/task_delayacct", &c, 1, &len);
    *ret = error == 0 && len == 1 && c != '0';
    return error;
}

int platform_sample(struct platform *platform, const struct platform_request *request,
                    struct arena *arena, struct raw_sample *ret)
{
    struct raw_sample sample = {.begin_ns = platform_now_ns()};
    procfs_progress(platform, 0);
    int error = procfs_system(platform, arena, &sample.system);
    if (error == 0) {
        error = procfs_tasks(platform, request, arena, &sample);
    }
    if (error == 0) {
        parts_note(&sample, procfs_counts_delays(platform, &sample.counts_delays));
        error = procfs_parts(platform, request->parts, arena, &sample);
    }
    platform->scan++;
    procfs_progress(platform, 0);
    atomic_store_explicit(&platform->progress_since_ns, 0, memory_order_relaxed);
    if (error) {
        return error;
    }
    stamp(platform, &sample);
    *ret = sample;
    return 0;
}
