#include "base/arena.h"
#include "base/str.h"
#include "platform/linux/parts.h"
#include "platform/linux/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * All processes by way of /proc. This is where a scan spends its time: three system calls a
 * process (open, read, close of `stat`), so the path is built by hand, the names are copied
 * straight from the read buffer, and everything else waits until somebody wants to see it. While
 * nobody looks at processes most are not even opened, but taken over from the sample before.
 */

/* One scan under way. */
struct scan {
    struct platform *platform;
    const struct platform_request *request;
    struct arena *arena;
    struct raw_sample *sample;
    size_t capacity; // of sample->procs
    bool unsorted;   // an id was not above the one before it
    int32_t pid;     // of the task being read
    size_t known_at; // in request->known: the first one whose pid was not passed yet
};

/* Running out of descriptors or memory explains more than anything else does. */
static void note_error(struct raw_sample *sample, int error)
{
    if (sample->last_error == 0 || parts_is_scarcity(error)) {
        sample->last_error = error;
    }
}

static bool is_refusal(int error)
{
    return error == -EACCES || error == -EPERM;
}

static bool is_gone(int error)
{
    return error == -ENOENT || error == -ESRCH;
}

/* The path of a file of a task: of its own directory, or below its group's for a thread. */
static void task_path(char path[PROCFS_PATH_BYTES], const struct raw_proc *proc, const char *tail)
{
    if (proc->thread) {
        procfs_thread_path(path, proc->group_pid, proc->id.pid, tail);
    } else {
        procfs_path(path, proc->id.pid, tail);
    }
}

/* Likewise of one about its memory, which a thread that has ended has no more. */
static void memory_path(char path[PROCFS_PATH_BYTES], const struct raw_proc *proc, const char *tail)
{
    if (proc->survivor) {
        procfs_thread_path(path, proc->id.pid, proc->survivor, tail);
    } else {
        task_path(path, proc, tail);
    }
}

static int read_owner(const struct platform *platform, struct raw_proc *proc)
{
    char path[PROCFS_PATH_BYTES];
    struct stat st;
    // The directory belongs to the effective user, files in it may be root's (undumpable).
    task_path(path, proc, "");
    if (fstatat(platform->proc_fd, path, &st, 0) < 0) {
        return -errno;
    }
    proc->uid = st.st_uid;
    return 0;
}

/*
 * The resident size is read again: `stat` takes it from counters that each CPU keeps to itself
 * for a while, which on a machine of many CPUs is off by megabytes; `statm` adds them up.
 */
static int read_memory(const struct platform *platform, struct raw_proc *proc)
{
    char path[PROCFS_PATH_BYTES];
    char buf[512];
    size_t len;
    memory_path(path, proc, "/statm");
    const int error = procfs_read(platform->proc_fd, path, buf, sizeof(buf), &len);
    return error ? error
                 : parse_proc_statm(buf, len, platform->units.page_bytes, &proc->resident_bytes,
                                    &proc->shared_bytes);
}

static int read_io(const struct platform *platform, struct raw_proc *proc)
{
    char path[PROCFS_PATH_BYTES];
    char buf[1024];
    size_t len;
    task_path(path, proc, "/io");
    const int error = procfs_read(platform->proc_fd, path, buf, sizeof(buf), &len);
    return error ? error : parse_proc_io(buf, len, &proc->read_bytes, &proc->write_bytes);
}

static int read_status(const struct platform *platform, struct raw_proc *proc)
{
    char path[PROCFS_PATH_BYTES];
    char buf[8192]; // CPU masks of large machines are long
    size_t len;
    memory_path(path, proc, "/status");
    const int error = procfs_read(platform->proc_fd, path, buf, sizeof(buf), &len);
    if (error == 0) {
        parse_proc_status(buf, len, &proc->status);
    }
    return error;
}

static int read_number(const struct platform *platform, const struct raw_proc *proc,
                       const char *tail, int32_t *ret)
{
    char path[PROCFS_PATH_BYTES];
    char buf[32];
    size_t len;
    task_path(path, proc, tail);
    const int error = procfs_read(platform->proc_fd, path, buf, sizeof(buf), &len);
    return error ? error : parse_proc_number(buf, len, ret);
}

static int read_oom(const struct platform *platform, struct raw_proc *proc)
{
    const int error = read_number(platform, proc, "/oom_score", &proc->oom_score);
    return error ? error : read_number(platform, proc, "/oom_score_adj", &proc->oom_adj);
}

/* Reads the facts beyond `stat` into `proc`; returns the worst error that is not a refusal. */
static int read_facts(const struct platform *platform, struct raw_proc *proc, fact_mask want)
{
    static const struct {
        fact_mask fact;
        int (*read)(const struct platform *platform, struct raw_proc *proc);
    } readers[] = {
        {FACT_OWNER, read_owner},   {FACT_MEMORY, read_memory}, {FACT_IO, read_io},
        {FACT_STATUS, read_status}, {FACT_OOM, read_oom},
    };
    int worst = 0;
    for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
        if (!(want & readers[i].fact)) {
            continue;
        }
        const int error = readers[i].read(platform, proc);
        if (error == 0) {
            proc->have |= readers[i].fact;
            proc->denied &= ~readers[i].fact;
        } else if (is_refusal(error)) {
            proc->denied |= readers[i].fact;
        } else {
            worst = error;
        }
    }
    return worst;
}

/* Room for one more; the outgrown array stays in the arena until that is reset. */
static struct raw_proc *next_slot(struct scan *scan)
{
    struct raw_sample *const sample = scan->sample;
    if (sample->proc_count == scan->capacity) {
        const size_t capacity = scan->capacity * 2;
        struct raw_proc *const procs = arena_alloc(scan->arena, capacity, sizeof(*procs));
        if (!procs) {
            return NULL;
        }
        memcpy(procs, sample->procs, sample->proc_count * sizeof(*procs));
        sample->procs = procs;
        scan->capacity = capacity;
    }
    return &sample->procs[sample->proc_count];
}

/* What its first thread has no more is taken from another one. Times and faults are of all. */
static void ask_survivor(const struct platform *platform, struct raw_proc *proc)
{
    char path[PROCFS_PATH_BYTES];
    char buf[PROCFS_STAT_BYTES];
    size_t len;
    struct raw_proc task;
    const int32_t tid = procfs_survivor_of(platform, proc->id.pid);
    procfs_thread_path(path, proc->id.pid, tid, "/stat");
    if (tid == 0 || procfs_read(platform->proc_fd, path, buf, sizeof(buf), &len) ||
        parse_proc_stat(buf, len, &platform->units, &task)) {
        return;
    }
    proc->survivor = tid;
    proc->state = task.state;
    proc->policy = task.policy;
    proc->rt_priority = task.rt_priority;
    proc->last_cpu = task.last_cpu;
    proc->nice = task.nice;
    proc->priority = task.priority;
    proc->virtual_bytes = task.virtual_bytes;
    proc->resident_bytes = task.resident_bytes;
    proc->counted_bytes = task.counted_bytes;
}

/* Adds the task in the next slot, with a name of its own. */
static int keep_task(struct scan *scan, struct raw_proc *proc)
{
    char *const name = arena_alloc(scan->arena, proc->name.len + 1u, 1);
    if (!name) {
        return -ENOMEM;
    }
    memcpy(name, proc->name.ptr, proc->name.len);
    proc->name.ptr = name;
    const size_t count = scan->sample->proc_count++;
    scan->unsorted |= count > 0 && proc_id_compare(proc[-1].id, proc->id) >= 0;
    return 0;
}

/* Adds a task whose `stat` was read into `buf`. */
static int add_task(struct scan *scan, const char *buf, size_t len, const struct raw_proc *leader)
{
    struct raw_proc *const proc = next_slot(scan);
    if (!proc) {
        return -ENOMEM;
    }
    // Empty or cut is what a dying task leaves; no error, it is just not there any more.
    if (parse_proc_stat(buf, len, &scan->platform->units, proc) || proc->id.pid != scan->pid) {
        return 0;
    }
    if (leader) {
        proc->thread = true;
        proc->group_pid = leader->id.pid;
        proc->ppid = leader->ppid;
    } else if (procfs_first_ended(proc)) {
        ask_survivor(scan->platform, proc);
    }
    const fact_mask want = scan->request->want & FACT_SCANNED;
    const int error = want ? read_facts(scan->platform, proc, want) : 0;
    if (error && !is_gone(error)) {
        note_error(scan->sample, error);
    }
    return keep_task(scan, proc);
}

/* Reads one `stat` and adds the task; only running out of memory ends the scan. */
static int scan_task(struct scan *scan, const char *path, const struct raw_proc *leader)
{
    char buf[PROCFS_STAT_BYTES];
    const int fd = openat(scan->platform->proc_fd, path, O_RDONLY | O_CLOEXEC);
    int error = fd < 0 ? -errno : 0;
    if (error == 0) {
        // One read: the kernel writes the line in one piece.
        const ssize_t len = read(fd, buf, sizeof(buf));
        error = len < 0 ? -errno : 0;
        close(fd);
        if (len >= 0) {
            return add_task(scan, buf, (size_t)len, leader);
        }
    }
    if (is_refusal(error)) {
        scan->sample->unreadable += leader == NULL;
    } else if (!is_gone(error)) {
        note_error(scan->sample, error);
    }
    return 0;
}

/* Adds the threads of a process beyond the first. */
static int scan_threads(struct scan *scan, struct raw_proc leader)
{
    char path[PROCFS_PATH_BYTES];
    procfs_path(path, leader.id.pid, "/task");
    const int fd = openat(scan->platform->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        if (!is_gone(-errno) && !is_refusal(-errno)) {
            note_error(scan->sample, -errno);
        }
        return 0;
    }
    char buf[8192];
    struct procfs_list list = {.fd = fd, .buf = buf, .size = sizeof(buf)};
    struct raw_proc task = {.thread = true, .group_pid = leader.id.pid};
    const char *name;
    int error = 0;
    while (error == 0 && procfs_list_next(&list, &name) > 0) {
        task.id.pid = procfs_pid(name);
        if (task.id.pid > 0 && task.id.pid != leader.id.pid) {
            task_path(path, &task, "/stat");
            scan->pid = task.id.pid;
            error = scan_task(scan, path, &leader);
        }
    }
    close(fd);
    return error;
}

/* The process to take over, NULL when it is to be read. The kernel lists pids upwards, as a sample
 * does; in another tree some are passed and so read. */
static const struct raw_proc *find_known(struct scan *scan, int32_t pid)
{
    const struct raw_sample *const known = scan->request->known;
    while (scan->known_at < known->proc_count && known->procs[scan->known_at].id.pid < pid) {
        scan->known_at++;
    }
    const struct raw_proc *const proc = &known->procs[scan->known_at];
    const bool is_listed = scan->known_at < known->proc_count && proc->id.pid == pid;
    return is_listed && raw_proc_is_known(scan->request, proc) ? proc : NULL;
}

static int take_over(struct scan *scan, const struct raw_proc *known)
{
    struct raw_proc *const proc = next_slot(scan);
    if (!proc) {
        return -ENOMEM;
    }
    *proc = *known;
    proc->have = FACT_IDENT; // what else there was, was asked for by others
    proc->denied = 0;
    proc->taken_over_ns = raw_proc_ns(scan->request->known, known);
    return keep_task(scan, proc);
}

static int scan_process(struct scan *scan, int32_t pid)
{
    char path[PROCFS_PATH_BYTES];
    const struct raw_proc *const known = scan->request->known ? find_known(scan, pid) : NULL;
    if (known) {
        return take_over(scan, known);
    }
    const size_t before = scan->sample->proc_count;
    procfs_progress(scan->platform, pid);
    procfs_path(path, pid, "/stat");
    scan->pid = pid;
    const int error = scan_task(scan, path, NULL);
    if (error || !scan->request->threads || scan->sample->proc_count == before) {
        return error;
    }
    const struct raw_proc *const leader = &scan->sample->procs[before];
    return leader->thread_count > 1 ? scan_threads(scan, *leader) : 0;
}

/* Ascending and unique. The kernel lists pids upwards, but not threads, and not other trees. */
static void put_in_order(struct raw_sample *sample)
{
    qsort(sample->procs, sample->proc_count, sizeof(*sample->procs), proc_id_order);
    size_t kept = 0;
    for (size_t i = 0; i < sample->proc_count; i++) {
        if (kept == 0 || !proc_id_equal(sample->procs[kept - 1].id, sample->procs[i].id)) {
            sample->procs[kept++] = sample->procs[i];
        }
    }
    sample->proc_count = kept;
}

int procfs_tasks(struct platform *platform, const struct platform_request *request,
                 struct arena *arena, struct raw_sample *sample)
{
    struct scan scan = {
        .platform = platform,
        .request = request,
        .arena = arena,
        .sample = sample,
        .capacity = platform->proc_guess + platform->proc_guess / 8 + 64,
    };
    sample->procs = arena_alloc(arena, scan.capacity, sizeof(*sample->procs));
    if (!sample->procs) {
        return -ENOMEM;
    }
    if (lseek(platform->proc_fd, 0, SEEK_SET) < 0) {
        return -errno;
    }
    struct procfs_list list = {.fd = platform->proc_fd,
                               .buf = platform->list_buf,
                               .size = PROCFS_LIST_BYTES};
    const char *name;
    int more;
    while ((more = procfs_list_next(&list, &name)) > 0) {
        const int32_t pid = procfs_pid(name);
        const int error = pid > 0 ? scan_process(&scan, pid) : 0;
        if (error) {
            return error;
        }
    }
    if (more < 0) {
        return more;
    }
    if (scan.unsorted) {
        put_in_order(sample);
    }
    platform->proc_guess = sample->proc_count;
    return 0;
}

void platform_read(struct platform *platform, struct raw_proc *proc, fact_mask want)
{
    struct raw_proc fresh = *proc;
    procfs_progress(platform, proc->group_pid);
    // What cannot be read is in `denied` or stays out of `have`, which is all there is to say.
    (void)read_facts(platform, &fresh, want & ~proc->have);
    // Behind the reads, so that they were of this process and not of the pid's next one.
    char path[PROCFS_PATH_BYTES];
    task_path(path, proc, "/stat");
    if (procfs_check_at(platform, platform->proc_fd, path, proc->id, NULL) == 0) {
        *proc = fresh;
    }
    atomic_store_explicit(&platform->progress_pid, 0, memory_order_relaxed);
    atomic_store_explicit(&platform->progress_since_ns, 0, memory_order_relaxed);
}
