#ifndef PLATFORM_INSPECT_H
#define PLATFORM_INSPECT_H

#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Part of the contract of platform.h: what can be known of one process, read only while somebody
 * looks at it. Each part is one question, because each may be refused or block on its own.
 */

enum {
    INSPECT_GROUPS_MAX = 1024,   // supplementary groups; more are cut
    INSPECT_THREADS_MAX = 65536, // likewise; `cut` says so
    INSPECT_FILES_MAX = 65536,
    INSPECT_MAPS_MAX = 65536, // distinct files
    INSPECT_LOCKS_MAX = 4096,
    INSPECT_STACK_MAX = 64,          // frames of a kernel stack
    INSPECT_WAITS_MAX = 32,          // ways in which the threads of a process wait, told apart
    INSPECT_ENDS_MAX = 64,           // descriptors they wait on
    INSPECT_FUTEXES_MAX = 256,       // threads that wait for a futex
    INSPECT_HOLDERS_MAX = 16,        // named of each; the others are counted
    INSPECT_ENVIRON_BYTES = 1 << 20, // of an environment or a full command line
};

/* A namespace of a process. */
struct raw_namespace {
    struct raw_bytes type; // "net", as the link in /proc/PID/ns is called
    uint64_t inode;
    bool same; // as perch's own
};

/* Who a process is. A member that is empty or FIGURE_ABSENT was not given or is `denied`.
 * Source: /proc/PID/{status,cmdline,exe,cwd,root,cgroup,ns,attr/current,loginuid}. */
struct raw_identity {
    struct raw_bytes cmdline;        // argv, NUL-separated; up to INSPECT_ENVIRON_BYTES
    struct raw_bytes exe, cwd, root; // link targets; " (deleted)" still on it
    struct raw_bytes label;          // of the security module; empty: none
    struct raw_bytes cgroup; // in v2, or in systemd's, memory's ... of v1 where that says more
    bool exe_denied, cwd_denied, root_denied, namespaces_denied;
    int32_t ppid, tracer;    // tracer 0: none
    int32_t inner_pid;       // its pid in its own PID namespace; 0 unknown
    uint32_t uid[4], gid[4]; // real, effective, saved, file system
    const uint32_t *groups;  // supplementary
    size_t group_count;
    uint64_t cap_effective, cap_permitted, cap_bounding; // bit n: capability n; capabilities(7)
    uint64_t cap_inheritable, cap_ambient;
    uint32_t seccomp; // 0 off, 1 strict, 2 filter; UINT32_MAX unknown
    bool no_new_privs;
    uint64_t signals_blocked, signals_ignored, signals_caught; // bit n: signal n + 1
    uint32_t umask;                                            // UINT32_MAX unknown
    uint32_t login_uid;                                        // UINT32_MAX none
    const struct raw_namespace *namespaces;
    size_t namespace_count;
    int32_t oom_score, oom_score_adj;                  // INT32_MIN unknown
    uint64_t voluntary_switches, involuntary_switches; // of the first thread
};

/* One thread. Source: /proc/PID/task/TID/{stat,wchan,schedstat,status}. */
struct raw_thread {
    struct proc_id id;
    struct raw_bytes name;
    struct raw_bytes wchan; // kernel function it sleeps in; empty: running or not told
    bool wchan_denied;      // it sleeps, but in what may not be known
    char state;
    int16_t nice, priority;
    uint32_t policy, rt_priority;
    int32_t last_cpu;
    uint64_t user_ns, system_ns;
    uint64_t run_delay_ns;   // runnable, waiting for a CPU; FIGURE_ABSENT not given
    uint64_t block_delay_ns; // waiting for block I/O; FIGURE_ABSENT without delay accounting
    uint64_t voluntary_switches, involuntary_switches; // FIGURE_ABSENT unknown
};

/* What is behind a descriptor. */
enum raw_file_kind {
    RAW_FILE_REGULAR,
    RAW_FILE_DIRECTORY,
    RAW_FILE_CHAR,
    RAW_FILE_BLOCK,
    RAW_FILE_FIFO, // named or not
    RAW_FILE_SOCKET,
    RAW_FILE_ANON, // eventfd, epoll, pidfd, memfd ...
    RAW_FILE_UNKNOWN
};

/* What kind of lock is on a file. */
struct raw_lock_kind {
    enum { RAW_LOCK_OTHER, RAW_LOCK_POSIX, RAW_LOCK_FLOCK, RAW_LOCK_OFD, RAW_LOCK_LEASE } type;
    bool write;
};

/* One open descriptor. Source: /proc/PID/{fd,fdinfo}. Nothing here asks the file system of the
 * file itself, which may not answer. */
struct raw_file {
    int32_t fd;
    enum raw_file_kind kind;
    struct raw_bytes target; // of the link
    uint64_t position;       // FIGURE_ABSENT unknown
    uint32_t flags;          // O_*, as open(2); UINT32_MAX unknown
    uint64_t inode;          // of a socket or pipe, in the link; of a file, from fdinfo; 0 unknown
    uint32_t mount_id;       // 0 unknown
    bool locked;             // fdinfo tells of a lock on it
    uint32_t lock_count;     // so many
    struct raw_lock_kind lock; // the first of them
};

/* The rights of one map. */
enum { RAW_MAP_READ = 1, RAW_MAP_WRITE = 2, RAW_MAP_EXECUTE = 4, RAW_MAP_SHARED = 8 };

/* What the maps of one file (or kind of memory) come to. Figures but the first are FIGURE_ABSENT
 * where the kernel does not tell. Source: /proc/PID/smaps, else maps. */
struct raw_map {
    struct raw_bytes path; // "/usr/lib/...", "[heap]", "[stack]"; empty: anonymous
    uint32_t count;        // how many maps
    uint16_t access;       // 1u << RAW_MAP_*, a bit for each set of rights one of them has
    uint64_t virtual_bytes, resident_bytes, pss_bytes;
    uint64_t private_clean_bytes, private_dirty_bytes; // USS is their sum
    uint64_t shared_clean_bytes, shared_dirty_bytes;
    uint64_t anonymous_bytes, swap_bytes, swap_pss_bytes, locked_bytes;
};

/* One resource limit and how much of it is used. Source: /proc/PID/limits. */
struct raw_limit {
    struct raw_bytes name, unit; // "Max open files", "files"; unit may be empty
    uint64_t soft, hard;         // UINT64_MAX unlimited
    uint64_t used;               // FIGURE_ABSENT: not known or no such thing
    bool used_denied;            // it may not be known
};

/* A file lock the process holds or waits for. Source: /proc/locks. */
struct raw_lock {
    uint64_t id;           // as numbered there
    bool waiting;          // it waits for lock `id`
    struct raw_bytes type; // "POSIX", "FLOCK", "OFDLCK", "LEASE"
    bool write, mandatory;
    int32_t holder; // pid; of a waiting one: whom it waits for; -1: an open file's (OFDLCK);
                    // 0: not to be seen from here
    uint32_t major, minor;
    uint64_t inode;
    uint64_t from, to;     // bytes; UINT64_MAX: to the end; `to` below `from`: not known
    struct raw_bytes path; // from the process's own descriptors, where one has this inode
};

/* What a thread waits for, and how many of its process wait alike: in the same state, in the same
 * function of the kernel. Source: /proc/PID/task/TID/{stat,wchan,stack,syscall}. */
struct raw_wait {
    int32_t tid;
    struct raw_bytes name;
    uint32_t alike; // threads, this one included
    char state;
    struct raw_bytes wchan;
    const struct raw_bytes *stack; // innermost first: "futex_wait_queue+0x6d/0x110"
    size_t stack_count;
    bool stack_denied, syscall_denied;
    bool in_syscall;               // the following mean something
    int64_t syscall;               // number
    struct raw_bytes syscall_name; // where this build knows it
    uint64_t args[6];
    int32_t syscall_fd;            // descriptor the call is about; -1 none or not known
    struct raw_bytes syscall_file; // what that descriptor is
};

/* What its threads wait for, and what they waited for until now.
 * Source: as above, /proc/PID/task/TID/schedstat, /proc/locks. */
struct raw_waiting {
    const struct raw_wait *waits; // the first thread, then one for all others that wait alike
    size_t wait_count;            // never 0
    uint32_t thread_count;
    bool inner_pids; // pids it gives to the kernel are those of a PID namespace that is not ours
    uint64_t run_delay_ns, block_delay_ns; // as in struct raw_thread, of all threads
    const struct raw_lock *locks;
    size_t lock_count;
    int32_t exit_status; // of a zombie, as wait(2) gives it; -1 not known, or none yet
    bool locks_denied; // those of its open files may not be looked at: what it took alone is known
};

/* A descriptor a thread waits on. Those of read() and the like are one; poll(), select() and epoll
 * wait on many. Source: /proc/PID/{fd,fdinfo}, /proc/PID/mem. */
struct raw_end {
    int32_t tid;
    int64_t syscall; // it was in, with this descriptor of the call's own
    int32_t syscall_fd;
    int32_t fd;            // waited on; -1: none yet, it is opening a file
    struct raw_bytes file; // as in struct raw_file
    enum raw_file_kind kind;
    uint64_t inode;     // of a socket, pipe or FIFO; 0 unknown
    bool reads, writes; // what it waits to do with it
    int32_t pid;        // of a pidfd: the process; 0 not known, or another kind of file
    int32_t tty;        // of the master of a terminal: number of the other end, in /dev/pts; -1
    struct raw_bytes address; // of a local socket it connects to, "@name" for an abstract one
    const int32_t *holders;   // of a pipe or FIFO: pids that have the other end, the nearest first,
    size_t holder_count;      // perhaps its own
    size_t holders_left_out;
};

/* A lock the process waits for, and the processes with the open file that has it. */
struct raw_lock_holders {
    struct raw_lock lock;   // as in struct raw_waiting
    const int32_t *holders; // pids, likewise
    size_t holder_count;
    size_t holders_left_out;
};

/* A futex a thread waits for, and which thread of its process would have to do something, where the
 * memory tells that. Source: /proc/PID/task/TID/syscall, /proc/PID/mem. */
struct raw_futex {
    int32_t tid;
    uint64_t address;
    enum {
        RAW_FUTEX_PLAIN,  // whose it is is not kept, or not known
        RAW_FUTEX_MUTEX,  // a mutex of glibc, which keeps the owner behind the lock word
        RAW_FUTEX_PI,     // the word is the owner, as the kernel demands
        RAW_FUTEX_THREAD, // the word is a thread that is joined, and is cleared when it ends
    } kind;
    int32_t owner; // of this process; 0 for RAW_FUTEX_PLAIN
    bool timed;    // it waits for so long at most
};

/* Who has what its threads wait for. Source: as above, and /proc/PID/{fd,fdinfo} of all
 * processes. */
struct raw_peers {
    const struct raw_end *ends; // by thread, in the order of raw_waiting
    size_t end_count;
    const struct raw_lock_holders *locks; // those of which /proc/locks does not name the holder
    size_t lock_count;
    const struct raw_futex *futexes; // ascending tid
    size_t futex_count;
    bool hidden;     // there are processes that may not be looked into, so there may be more
    bool unfinished; // looking through all of them would have taken too long: likewise
};

/* One cgroup a process is in, or one above it. FIGURE_ABSENT: not set, no controller.
 * Source: cgroups(7), Documentation/admin-guide/cgroup-v2; v1 files where only they are there. */
struct raw_cgroup_level {
    struct raw_bytes path;                                       // from the root of the hierarchy
    uint64_t cpu_quota_ns, cpu_period_ns;                        // cpu.max; quota absent: no limit
    uint64_t cpu_weight, cpu_shares;                             // of v2, of v1
    uint64_t usage_ns, periods, throttled_periods, throttled_ns; // cpu.stat
    uint64_t memory_current, memory_high, memory_max, swap_current, swap_max;
    uint64_t memory_low_events, memory_high_events, memory_max_events; // memory.events
    uint64_t oom_events, oom_kill_events;
    uint64_t pids_current, pids_max;
    uint64_t io_read_bytes, io_write_bytes; // io.stat, of all devices
    struct raw_pressure psi_cpu, psi_memory, psi_io;
    bool frozen;
};

/* The answer to one question. Only the member its part names means something. */
struct raw_inspect {
    enum inspect_part part;
    struct proc_id id;
    uint64_t mono_ns; // when it was read
    uint64_t cost_ns; // how long that took
    bool cut;         // there is more than the ceiling lets in
    bool has_ended;   // it waits for its parent, a zombie: what it had is gone
    bool first_ended; // its first thread has, others live: what it has was read from one of these
    union {
        struct raw_identity identity; // INSPECT_IDENTITY
        struct {
            const struct raw_thread *items; // ascending tid
            size_t count;
        } threads; // INSPECT_THREADS
        struct {
            const struct raw_file *items; // ascending fd
            size_t count;
        } files; // INSPECT_FILES
        struct {
            const struct raw_map *items; // by path
            size_t count;
        } maps; // INSPECT_MAPS
        struct {
            const struct raw_limit *items; // in the kernel's order
            size_t count;
        } limits;                   // INSPECT_LIMITS
        struct raw_bytes environ;   // INSPECT_ENVIRON: NUL-separated
        struct raw_waiting waiting; // INSPECT_WAITING
        struct raw_peers peers;     // INSPECT_PEERS
        struct {
            const struct raw_cgroup_level *items; // the longest path first, the root last; it can
                                                  // be in different ones by controller (v1)
            size_t count;
            bool v2; // no controller is in a hierarchy of v1
        } cgroup;    // INSPECT_CGROUP
    } as;
};

/*
 * Read one part of what is known of a process. With the identity of one of its threads that one
 * stands for its first in what is waited for. Its identity is checked behind the read, so the
 * result is never that of another process.
 * Owns: the arena; *ret points into it.
 * Errors: -ESRCH gone or reused, -EACCES not permitted at all, -ENOMEM, -ENOTSUP not on this
 * system, others as the kernel says. What is refused in part is left out and marked.
 * Thread: any, several at once. May never return.
 */
int platform_inspect(struct platform *platform, enum inspect_part part, struct proc_id id,
                     struct arena *arena, struct raw_inspect *ret);

#endif
