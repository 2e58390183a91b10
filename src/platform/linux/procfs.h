#ifndef PLATFORM_LINUX_PROCFS_H
#define PLATFORM_LINUX_PROCFS_H

#include "platform/linux/parse_proc.h"
#include "platform/linux/parse_system.h"
#include "platform/platform.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Private to platform/linux: what its files share. */

enum {
    PROCFS_STAT_BYTES = 4096,  // more than any kernel writes into PID/stat
    PROCFS_PATH_BYTES = 64,    // "2147483647/task/2147483647/statm"
    PROCFS_FILE_BYTES = 32768, // first size of a whole-file buffer
    PROCFS_FILE_MAX = 4194304, // its last size
    PROCFS_LIST_BYTES = 65536, // directory entries read at once
    PROCFS_REFRESH_SCANS = 16, // what hardly ever changes is read again after so many scans
    PROCFS_TTY_MAX = 64,       // terminal drivers known
    PROCFS_TTY_REFRESH_S = 5,  // an unknown terminal re-reads them at most so often
};

/* A growing buffer for whole files. */
struct procfs_file {
    char *ptr; // heap
    size_t size;
    size_t len; // of what was read last
};

/* Walks a directory by getdents64() through memory of the caller. */
struct procfs_list {
    int fd;    // borrowed
    char *buf; // the caller's
    size_t size;
    size_t at, len; // of what the kernel filled in
};

/* What hardly ever changes, kept between scans. */
struct procfs_slow {
    char hostname[256];
    char kernel[256];
    size_t hostname_len, kernel_len;
    enum raw_hidepid hidepid;
    uint32_t cpu_present;
};

struct disks_cache;
struct netdev_cache;
struct socket_cache;

/* The data sources. */
struct platform {
    /* set by platform_open(), then constant */
    int proc_fd;
    int sys_fd; // -1: none
    char *proc_path;
    bool is_procfs; // the real thing, so the running kernel's clocks fit
    bool is_live;   // and it is where the running kernel's is: system calls tell the same
    bool may_act;   // its pids are ours
    bool is_inner;  // in a PID namespace other than the kernel's first
    fact_mask provides;
    struct parse_units units;

    /* scanning thread only */
    struct procfs_file file;
    char *list_buf; // PROCFS_LIST_BYTES
    struct procfs_slow slow;
    uint64_t scan;     // number of the current one, from 0
    unsigned parts;    // enum sample_part, asked for in this scan
    size_t proc_guess; // how many processes the last scan found
    uint32_t cpu_last; // CPUs online in the last scan
    struct parse_tty tty[PROCFS_TTY_MAX];
    size_t tty_count;
    uint64_t tty_read_ns;         // 0: never
    struct socket_cache *sockets; // kept of sockets; NULL until they are read
    struct disks_cache *disks;    // what block devices are; NULL until they are read
    struct netdev_cache *netdev;  // what hardly changes of interfaces; NULL until they are read

    /* written by the scanning thread, read by any */
    atomic_int progress_pid;
    atomic_uint_least64_t progress_since_ns;
};

/*
 * Read at most `size` bytes of a file below `dir`, in as few calls as it takes.
 * Errors: a negative errno; *ret_len is then untouched.
 */
int procfs_read(int dir, const char *path, char *buf, size_t size, size_t *ret_len);

/* Read a whole file below `dir`, growing the buffer. Errors: -EFBIG beyond PROCFS_FILE_MAX. */
int procfs_read_all(int dir, const char *path, struct procfs_file *file);

/* Free the buffer. */
void procfs_file_finish(struct procfs_file *file);

/*
 * The number in a link like "socket:[4711]", which is not followed; 0 when it is of another kind.
 * Errors: a negative errno; *ret is then untouched.
 */
int procfs_link_number(int dir, const char *path, const char *kind, uint64_t *ret);

/* Next name: 1 with *ret_name (valid until the next call), 0 at the end, or a negative errno. */
int procfs_list_next(struct procfs_list *list, const char **ret_name);

/* The name as a pid, 0 when it is none. */
int32_t procfs_pid(const char *name);

/* Write "PID" and `tail` ("/stat") as a path. */
void procfs_path(char path[PROCFS_PATH_BYTES], int32_t pid, const char *tail);

/* Likewise of a file of one thread: "PID/task/TID" and `tail`. */
void procfs_thread_path(char path[PROCFS_PATH_BYTES], int32_t pid, int32_t tid, const char *tail);

/* Whether the first thread of a process has ended and others have not, by its `stat`. The kernel
 * then shows a zombie that has nothing; what it has is to be seen at one of the others. */
bool procfs_first_ended(const struct raw_proc *first);

/* A thread that lives among those in the directory "PID/task", after a few hundred tries.
 * Errors: 0: none was found. Thread: any. */
int32_t procfs_survivor(const struct platform *platform, int tasks);

/* Likewise of a process; 0 as well when its first thread lives. Thread: any. */
int32_t procfs_survivor_of(const struct platform *platform, int32_t pid);

/*
 * True as 0 when the pid still belongs to the process of that start time.
 * Errors: -ESRCH when it does not, others when that could not be found out. Thread: any.
 */
int procfs_check(const struct platform *platform, struct proc_id id);

/*
 * Likewise by the path, below `dir`, of the task's `stat`. *ret_ended, which may be NULL: it is a
 * zombie none of whose threads lives. Errors: likewise. Thread: any.
 */
int procfs_check_at(const struct platform *platform, int dir, const char *path, struct proc_id id,
                    bool *ret_ended);

/*
 * The result of a read of a process, given what the identity check behind it says. Kernel
 * threads and zombies answer "no such file" or "no such process" for files they do not have,
 * so whether one is gone is for the check alone to decide.
 * Errors: -ESRCH when it is gone, -ENOENT it has no such file, -EACCES, else `error`.
 */
int procfs_settle(int error, int identity);

/* Tell observers that the scanning thread turns to this process (0: to something else). */
void procfs_progress(struct platform *platform, int32_t pid);

/* Whether the kernel counts what tasks wait for block devices (kernel.task_delayacct), which can be
 * switched on and off; false with an error as procfs_read() has them. Thread: any. */
int procfs_counts_delays(const struct platform *platform, bool *ret);

/* Read the machine's figures. Errors: -ENOMEM when the arena is full. */
int procfs_system(struct platform *platform, struct arena *arena, struct raw_system *ret);

/* Read all processes into `sample`. Errors: -ENOMEM, or what listing them gave. */
int procfs_tasks(struct platform *platform, const struct platform_request *request,
                 struct arena *arena, struct raw_sample *sample);

#endif
