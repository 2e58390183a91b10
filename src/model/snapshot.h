#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include "base/facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct dossier;
struct history_line;
struct memory_detail;
struct network_load;
struct storage_load;
struct strbuf;

/*
 * Text that is safe to show: valid UTF-8, no control, escape or bidi-override
 * characters, NUL-terminated. Only the sampler makes one (sampler/text.c), so no code
 * after it ever has to check again.
 */
struct text {
    const char *ptr; // never NULL; owned by the snapshot, or static
    uint32_t bytes;  // without the NUL
    uint32_t cells;  // terminal columns
};

/* Properties of a process or thread; bits of proc.flags. */
enum proc_flag {
    PROC_KERNEL = 1u << 0, // kernel thread (PF_KTHREAD)
    PROC_THREAD = 1u << 1, // a task that is not its group's leader
    PROC_NEW = 1u << 2,    // absent from the previous sample (never set in the first one)
    PROC_EXITED = 1u << 3, // gone; values are the last ones seen, without rates
};

/*
 * One process (or thread) at one moment. A member is meaningful only when its
 * fact group is in `have`; column_value() checks that, so callers rarely do.
 * Rates are averages over snapshot.interval_ns.
 */
struct proc {
    struct proc_id id;
    int32_t ppid;
    int32_t group_pid; // thread group leader; equals id.pid unless PROC_THREAD
    int32_t pgrp;
    int32_t session;
    int32_t tpgid; // foreground process group of its terminal, -1 for none
    fact_mask have;
    fact_mask denied;
    fact_mask blocked;
    uint32_t flags; // enum proc_flag
    uint32_t uid;   // effective
    uint32_t thread_count;
    uint32_t policy;      // SCHED_* number
    uint32_t rt_priority; // 1..99 for real-time policies, else 0
    int32_t last_cpu;
    int16_t nice;                // -20..19
    int16_t priority;            // kernel scale; <= -2 means real-time
    char state;                  // Linux letter: R S D Z T t I X P ...; any letter may come
    struct text name;            // short command name (comm)
    struct text tty;             // "pts/3"; empty when it has none
    struct text user;            // FACT_USER
    struct text cmdline;         // FACT_CMDLINE; arguments joined by one space; empty is possible
    uint32_t cmdline_name_at;    // byte offset of the program's base name in cmdline
    uint32_t cmdline_name_bytes; // its length; 0 when there is none
    struct text exe;             // FACT_EXE
    bool exe_deleted;            // FACT_EXE: the file was removed or replaced since it started
    int64_t start_wall_s;        // Unix time; for display only
    uint64_t elapsed_ns;         // since it started; FIGURE_ABSENT when that lies in the future
    struct {
        double user;      // FACT_RATE; 1.0 is one CPU kept busy
        double system;    // FACT_RATE; likewise
        uint64_t time_ns; // user and system since the process started
        uint64_t user_ns, system_ns;
    } cpu;
    struct {
        uint64_t virtual_bytes;
        uint64_t resident_bytes;
        uint64_t shared_bytes;    // FACT_MEMORY
        double resident_fraction; // of the machine's memory; negative when that is unknown
        uint64_t minor_faults, major_faults;           // since the process started
        double minor_faults_per_s, major_faults_per_s; // FACT_RATE
        double growth_per_s;       // FACT_RATE; resident bytes gained a second, negative: lost
        bool has_baseline;         // the next is known
        int64_t growth_bytes;      // resident bytes gained since the baseline, or since first seen
        uint64_t window_ns;        // the next is over so long; 0 unknown
        double window_bytes_per_s; // resident bytes gained a second
        uint64_t anon_bytes, file_bytes, shmem_bytes;        // FACT_STATUS; resident
        uint64_t swap_bytes, locked_bytes, page_table_bytes; // likewise; each may be FIGURE_ABSENT
        uint64_t pss_bytes, uss_bytes, swap_pss_bytes;       // FACT_SMAPS; likewise
        int32_t oom_score, oom_adj;                          // FACT_OOM
    } mem;
    struct {
        struct text path;                  // FACT_CGROUP; empty when it is in none
        bool limit_unknown;                // its limit could not be read
        uint64_t limit_bytes, usage_bytes; // memory limit it meets first, and what is used of it;
                                           // FIGURE_ABSENT: there is none
    } cgroup;
    struct {
        uint64_t read_bytes, write_bytes;           // FACT_IO; since the process started
        double read_bytes_per_s, write_bytes_per_s; // FACT_IO_RATE
        double delay; // FACT_RATE; share of the time waited for block devices, by this task alone
                      // also when it is a process; negative: the kernel does not count it
    } io;
    struct {
        uint32_t sockets;                      // FACT_SOCKETS; what others hold as well, too
        bool is_uncounted;                     // the kernel counts no bytes of some it needs to
        uint64_t rx_bytes, tx_bytes;           // FACT_SOCKETS; over those that are TCP
        double rx_bytes_per_s, tx_bytes_per_s; // FACT_SOCKET_RATE; likewise
    } net;
};

/* Where the time of one CPU, or of all together, went during the interval. */
struct cpu_load {
    double user, nice, system, irq, softirq, steal, guest, iowait, idle; // fractions; sum to 1.0
    uint32_t index;    // as the kernel numbers it; offline CPUs leave holes
    uint32_t freq_khz; // 0 when unknown
    bool online;
    bool known; // false: no interval yet, so the fractions mean nothing
};

/* Memory and swap as in /proc/meminfo; each FIGURE_ABSENT when the kernel does not say. */
struct memory_load {
    uint64_t total_bytes, free_bytes, available_bytes, buffers_bytes;
    uint64_t page_cache_bytes; // "Cached": with shared memory, without slab
    uint64_t cached_bytes;     // page cache and reclaimable slab, without shared memory
    uint64_t shared_bytes;     // shmem and tmpfs
    uint64_t used_bytes; // total - available, as free(1) says it; held_bytes before Linux 3.14
    uint64_t held_bytes; // total - free - buffers - cached - shared, never below 0
    uint64_t reclaimable_bytes, slab_bytes, page_tables_bytes, dirty_bytes, writeback_bytes;
    uint64_t anon_bytes, mapped_bytes, committed_bytes, commit_limit_bytes;
    uint64_t huge_total, huge_free, huge_page_bytes; // pages, pages, bytes
    uint64_t huge_all_bytes;                         // of all sizes of huge pages
    uint64_t unreclaimable_bytes, kernel_stack_bytes, percpu_bytes, anon_huge_bytes;
    uint64_t zswap_bytes, zswapped_bytes; // what is compressed takes, and what it was
    uint64_t swap_total_bytes, swap_free_bytes, swap_cached_bytes, swap_used_bytes;
};

/* Pressure stall information of one resource: share of time tasks waited for it. */
struct pressure {
    bool some_known, full_known;
    double some_10s, some_60s, some_300s; // fractions 0..1, the kernel's running averages
    double full_10s, full_60s, full_300s;
};

/* How many tasks there are in which state. Threads are counted in `threads` only. */
struct task_counts {
    uint32_t processes;      // user processes seen
    uint32_t threads;        // their threads beyond the first
    uint32_t kernel_threads; // seen
    uint32_t running, sleeping, uninterruptible, stopped, zombie, idle, other; // of both
};

/* Why processes may be missing from the list, from the mount options of /proc. */
enum hidden_reason {
    HIDDEN_NOTHING,
    HIDDEN_NOACCESS,   // hidepid=1: listed, but other users' may not be read
    HIDDEN_INVISIBLE,  // hidepid=2: other users' are not even listed
    HIDDEN_PTRACEABLE, // hidepid=4: likewise, by ptrace permission
};

/* The machine as a whole. */
struct system_load {
    struct cpu_load all;
    const struct cpu_load *cpus; // cpu_count of them, ascending index; offline ones included
    uint32_t cpu_count;
    uint32_t cpu_online;
    struct memory_load memory;
    struct pressure psi_cpu, psi_memory, psi_io;
    struct task_counts tasks;
    double load_1m, load_5m, load_15m;                            // negative when unknown
    uint64_t uptime_ns;                                           // FIGURE_ABSENT when unknown
    double context_switches_per_s, forks_per_s, interrupts_per_s; // negative: not known yet
    uint32_t processes_unreadable; // listed, but even `stat` was refused
    uint64_t threads_hidden; // not listed, by the kernel's count; FIGURE_ABSENT: some, perhaps
    enum hidden_reason hidden_reason;
    struct text hostname, kernel; // node name; system name and release
};

/* Who perch runs as, by what would open to it what it may not read. */
enum looker {
    LOOKER_USER,   // more rights, as with sudo
    LOOKER_ROOT,   // root that lacks CAP_SYS_PTRACE, as in containers: that
    LOOKER_TRACER, // root that has it: nothing
};

/*
 * Everything known about the machine at one moment.
 * Immutable once published. Has exactly one owner at any time: the sampler while
 * it is being built, the mailbox while in flight, then whoever took it.
 */
struct snapshot {
    uint64_t seq;          // starts at 1; a jump means samples nobody looked at
    uint64_t sample;       // number of the scan behind it; one scan may be published again
    uint64_t mono_ns;      // monotonic clock at the end of the scan
    uint64_t interval_ns;  // since the previous scan; 0 in the first snapshot: no rates
    uint64_t scan_cost_ns; // what this scan cost us
    uint64_t stretched_ns; // the interval the sampler keeps when scans are too slow, else 0
    int64_t wall_s;        // Unix time, for display only
    int32_t utc_offset_s;  // local time minus UTC at that moment
    enum looker looker;    // who is refused what may not be read
    fact_mask provided;    // fact groups this system can deliver
    struct system_load system;
    const struct proc *procs; // ascending (pid, start_ns)
    size_t proc_count;
    const struct proc *exited; // in the previous sample, not in this one; same order
    size_t exited_count;
    const struct network_load *network; // NULL when no part of it was read
    const struct storage_load *storage; // likewise
    const struct memory_detail *memory; // likewise
    const struct dossier *dossier;      // of the inspected process; NULL when there is none
    const struct history_line *lines;   // what was, lent by who keeps a history and prints it;
    size_t line_count;                  // else none
    int last_error;                     // 0, or the negative errno of the worst thing skipped
    struct arena *arena;                // holds all of the above, this struct included
};

/* Safe static text, for literals in our own code: ASCII, no control characters. */
struct text text_literal(const char *s);

/* Columns of the first `bytes` of a text, which end at a character. */
uint32_t text_cells_to(struct text text, size_t bytes);

/* The part of a text from one byte on, where a character begins. Owns: who owns the text. */
struct text text_from(struct text text, size_t from);

/*
 * Append, for people, how many processes are hidden from us and why: "12 processes may not be
 * read (hidepid=1)". False, and nothing appended, when nothing is.
 */
bool snapshot_describe_hidden(const struct system_load *system, struct strbuf *buf);

/*
 * Find a process by identity, exited ones included.
 * Owns: the snapshot.
 * Errors: NULL when it is not there, or when its pid now belongs to another process.
 */
const struct proc *snapshot_find(const struct snapshot *snap, struct proc_id id);

/* The living process with this pid, whoever it is. Owns: the snapshot. Errors: NULL. */
const struct proc *snapshot_find_pid(const struct snapshot *snap, int32_t pid);

/* Free a snapshot with its arena. NULL is a no-op. */
void snapshot_free(struct snapshot *snap);

#endif
