#ifndef PLATFORM_PLATFORM_H
#define PLATFORM_PLATFORM_H

#include "base/deed.h"
#include "base/facts.h"
#include "base/net.h"
#include "base/topology.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/*
 * The contract every operating system folder implements, in full and with nothing
 * else exported. It speaks raw: counters since boot, bytes as the kernel gave them,
 * no rates, no percentages, no formatting. Those are the sampler's work, so they are
 * written once and tested without an operating system.
 *
 * Units, converted inside the folder: nanoseconds, bytes, kHz.
 * Errors everywhere: 0 or a negative errno; Windows codes are mapped in the folder.
 */
struct platform;

/* A borrowed run of bytes in the sample's arena. */
struct raw_bytes {
    const char *ptr; // untrusted: any byte may occur, NUL included
    uint32_t len;
};

/* What the memory of a process is made of, in bytes, each FIGURE_ABSENT when not given: kernel
 * threads have none, old kernels do not divide it. Source: /proc/PID/status. */
struct raw_status {
    uint64_t anon, file, shmem; // resident
    uint64_t swap, locked, page_tables;
};

/* One process or thread as the kernel counts it. A member means something only if `have` says so. */
struct raw_proc {
    struct proc_id id;
    int32_t ppid, group_pid, pgrp, session;
    int32_t tpgid;       // -1 none
    uint32_t tty_device; // as in /proc/PID/stat field 7; 0 none; see platform_tty_name()
    fact_mask have, denied;
    uint32_t uid; // FACT_OWNER; effective
    uint32_t thread_count, policy, rt_priority;
    int32_t last_cpu;
    int16_t nice, priority;
    char state;
    bool kernel;        // kernel thread
    bool thread;        // not its group's leader
    int32_t survivor;   // of a process whose first thread has ended: another one; 0: it has not
    uint64_t exec_mark; // changes when the process runs another program
    uint64_t user_ns, system_ns;
    uint64_t block_delay_ns; // waited for block devices; of this task alone, also when it is a
                             // process; FIGURE_ABSENT when not given; see raw_sample.counts_delays
    uint64_t virtual_bytes, resident_bytes;
    uint64_t counted_bytes; // resident, as quickly counted as it is for everybody
    uint64_t minor_faults, major_faults;
    uint64_t shared_bytes;            // FACT_MEMORY
    uint64_t read_bytes, write_bytes; // FACT_IO
    struct raw_status status;         // FACT_STATUS
    int32_t oom_score, oom_adj;       // FACT_OOM
    uint64_t taken_over_ns;           // when it was read, for an earlier sample; 0: for this one
    struct raw_bytes name;
};

/* Time since boot by what it was spent on. `user_ns` includes guest, `nice_ns` guest nice. */
struct raw_cpu {
    uint64_t user_ns, nice_ns, system_ns, irq_ns, softirq_ns, steal_ns, iowait_ns, idle_ns;
    uint64_t guest_ns, guest_nice_ns; // also contained in user and nice
    uint32_t index;                   // as the kernel numbers it; offline CPUs leave holes
};

/* Memory and swap in bytes (huge_*: pages), each FIGURE_ABSENT when not given. */
struct raw_memory {
    uint64_t total, free, available, buffers, cached, reclaimable, shared, slab;
    uint64_t swap_total, swap_free, swap_cached;
    uint64_t dirty, writeback, anon, mapped, page_tables, committed, commit_limit;
    uint64_t huge_total, huge_free, huge_page, huge_all; // huge_all: bytes, of all sizes of pages
    uint64_t unreclaimable, kernel_stack, percpu, anon_huge;
    uint64_t zswap, zswapped; // what is compressed takes, and what it was
};

/* One pressure file; fractions 0..1. */
struct raw_pressure {
    bool some_known, full_known;
    double some_10s, some_60s, some_300s, full_10s, full_60s, full_300s;
};

/* Mount option of the process file system that hides processes; enum hidden_reason's order. */
enum raw_hidepid {
    RAW_HIDEPID_OFF,
    RAW_HIDEPID_NOACCESS,
    RAW_HIDEPID_INVISIBLE,
    RAW_HIDEPID_PTRACEABLE
};

/* The machine as the kernel counts it. Counters are FIGURE_ABSENT when not given. */
struct raw_system {
    bool cpu_known; // `all` and `cpus` mean something
    struct raw_cpu all;
    const struct raw_cpu *cpus; // ascending index, online ones only
    uint32_t cpu_count;
    uint32_t cpu_present; // highest CPU number that can exist, plus one; at least cpu_count
    struct raw_memory memory;
    struct raw_pressure psi_cpu, psi_memory, psi_io;
    double load_1m, load_5m, load_15m; // negative when unknown
    uint64_t threads_total;            // tasks by the kernel's own count, if of what is listed
    uint64_t uptime_ns;                // counts suspended time
    uint64_t context_switches, forks, interrupts;
    struct raw_bytes hostname, kernel;
    enum raw_hidepid hidepid;
};

/* A process that holds a socket. */
struct raw_owner {
    struct proc_id id;
    int32_t fd;
};

/* One socket. Source: sock_diag(7), else /proc/net. */
struct raw_socket {
    enum socket_protocol protocol;
    enum socket_state state;
    struct net_address local, remote;
    struct raw_bytes path;           // unix: its name; abstract ones begin with NUL
    uint64_t inode;                  // 0: it has none (TIME_WAIT), so nobody holds it
    uint64_t peer_inode;             // unix: of what it is connected to; 0 none or unknown
    uint64_t cookie;                 // tells it from a later socket of the same inode; 0 unknown
    uint32_t uid;                    // its owner; UINT32_MAX unknown
    uint32_t interface;              // index it is bound to, 0 none
    uint32_t netns;                  // inode of its network namespace; 0: ours
    uint32_t recv_queue, send_queue; // bytes; LISTEN: waiting connections, and how many may wait;
                                     // QUEUE_UNKNOWN each
    bool has_tcp;                    // the following are known
    uint64_t rx_bytes, tx_bytes;     // payload received, and sent and acknowledged
    uint32_t rtt_us, retransmits, cwnd; // smoothed; segments since the start; segments
    const struct raw_owner *owners;
    uint32_t owner_count; // 0: nobody is known to hold it
    bool owners_denied;   // perhaps because other users' processes may not be looked into
    bool owners_pending;  // perhaps because not all processes were looked through yet
    bool is_doubtful;     // unix, from a file: it may be nothing but a part of another one's name
};

/* A network namespace that is not ours. */
struct raw_netns {
    uint32_t inode;
    struct raw_bytes name; // of its container, its file, its service, or "net:[INODE]"
    bool has_counters;     // its TCP sockets have what has_tcp is about
};

/* One network interface. Counters since it was made. Source: /proc/net/dev, sysfs, netlink(7). */
struct raw_interface {
    struct raw_bytes name;
    bool unknown; // the kernel has not told yet what it is: just name and counters mean something
    struct raw_bytes kind;    // "veth", "bridge", ...; empty for hardware and loopback
    struct raw_bytes address; // the first one, with its prefix length: "10.0.0.1/24"; or empty
    uint32_t index;
    uint32_t master; // index of the bridge or bond it belongs to; 0 none
    uint32_t lower;  // index of the interface it sits on (VLAN); 0 none
    uint32_t mtu;
    bool up, running, loopback;
    bool foreign_peer;   // its other end (veth, macvlan) is not in this namespace
    uint64_t speed_bits; // per second; FIGURE_ABSENT unknown
    uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
    uint64_t rx_errors, tx_errors, rx_drops, tx_drops;
};

/* One counter of a network protocol. Source: /proc/net/snmp, netstat, snmp6. */
struct raw_protocol_counter {
    struct raw_bytes group; // "Tcp", "TcpExt", "Udp"
    struct raw_bytes name;  // "RetransSegs"
    uint64_t value;
    bool is_gauge; // a level (CurrEstab), no sum
};

/* What kind of block device. */
enum raw_disk_kind {
    RAW_DISK_WHOLE,
    RAW_DISK_PARTITION,
    RAW_DISK_MAPPED,
    RAW_DISK_RAID,
    RAW_DISK_LOOP
};

/* One block device. Counters since boot. Source: /proc/diskstats. */
struct raw_disk {
    struct raw_bytes name;
    uint32_t major, minor;
    enum raw_disk_kind kind; // only RAW_DISK_WHOLE counts in sums: the others sit on those
    uint64_t reads, read_bytes, read_ns;
    uint64_t writes, write_bytes, write_ns;
    uint64_t discards, discard_bytes, discard_ns; // FIGURE_ABSENT before Linux 4.18
    uint64_t in_flight;                           // requests now
    uint64_t busy_ns, queue_ns; // time with any request; times the number of requests
    uint64_t size_bytes;        // FIGURE_ABSENT unknown
};

/* One mounted file system. Its figures come from the prober. Source: /proc/self/mountinfo. */
struct raw_mount {
    uint64_t id; // of the mount; unique until it goes
    uint32_t major, minor;
    struct raw_bytes source, target, type;
    bool readonly;
    bool is_real; // holds data of its own (no proc, sysfs, cgroup ...), is not covered by another
                  // mount, and is the shortest way to its device
};

/* One swap device or file. Source: /proc/swaps. */
struct raw_swap {
    struct raw_bytes path, type; // "partition" or "file"
    uint64_t size_bytes, used_bytes;
    int32_t priority; // those with the highest are filled first
};

/* What a compressed device in memory holds. Source: /sys/block/zramN/mm_stat. */
struct raw_zram {
    uint32_t index;
    uint64_t original_bytes, compressed_bytes;
    uint64_t used_bytes; // memory it takes, with what its allocator needs
};

/* Memory of one NUMA node. Source: /sys/devices/system/node/nodeN/meminfo. */
struct raw_node {
    uint32_t index;
    uint64_t total_bytes, free_bytes;
    uint64_t anon_bytes, file_bytes; // FIGURE_ABSENT when not given
};

/* What was done to get memory, since boot; each FIGURE_ABSENT when not given.
 * Source: /proc/vmstat. */
struct raw_reclaim {
    uint64_t swapped_in_bytes, swapped_out_bytes;
    uint64_t scanned_bytes, reclaimed_bytes; // looked at to be given up, and given up
    uint64_t stalls;                         // allocations that had to do that themselves
    uint64_t compact_stalls;                 // likewise move pages together
    uint64_t oom_kills, major_faults;
};

/* What /proc/meminfo does not say of memory. Arrays ascend by index, swaps are in the kernel's
 * order; single figures are FIGURE_ABSENT when not given. */
struct raw_memory_detail {
    bool swaps_known; // else there may be some
    const struct raw_swap *swaps;
    size_t swap_count;
    const struct raw_zram *zrams;
    size_t zram_count;
    const struct raw_node *nodes;
    size_t node_count;
    struct raw_reclaim reclaim;
    uint64_t ksm_shared_bytes, ksm_saved_bytes; // pages merged from several; what that saves
    uint64_t arc_bytes, arc_limit_bytes;        // cache of ZFS, which is not in "Cached"
};

/* One reading of everything. All of it lives in the arena given to platform_sample(). */
struct raw_sample {
    uint64_t begin_ns, end_ns; // monotonic
    uint64_t boot_ns;          // clock that counts suspended time, at end_ns; dates starts
    int64_t wall_s;            // Unix time at end_ns
    int32_t utc_offset_s;      // local time minus UTC
    bool as_root;              // our own effective uid is 0
    bool may_trace;            // and we have what it takes to look into everybody: CAP_SYS_PTRACE
    struct raw_system system;
    struct raw_proc *procs; // ascending (pid, start), no duplicates; see platform_read()
    size_t proc_count;
    size_t unreadable;                // listed, but may not be read at all
    int last_error;                   // worst thing skipped
    bool counts_delays;               // the kernel does (kernel.task_delayacct); else they are 0
    bool has_threads;                 // user threads were asked for; filled in by who asked
    unsigned parts;                   // enum sample_part: which of the following were read
    uint64_t sockets_ns;              // monotonic time at which those were read
    const struct raw_socket *sockets; // by protocol, namespace, cookie or inode
    size_t socket_count;
    bool owners_outside;           // processes of other PID namespaces, never listed, may hold some
    const struct raw_netns *netns; // the others whose sockets are among them
    size_t netns_count;
    size_t netns_left_out;                  // namespaces beyond what is looked into, about
    int socket_error;                       // why some are missing, negative errno; 0 none
    const struct raw_interface *interfaces; // ascending index
    size_t interface_count;
    bool interfaces_pending; // what they are is as it was: the kernel has not told anew yet
    const struct raw_protocol_counter *counters; // in the kernel's order
    size_t counter_count;
    const struct raw_disk *disks; // in the kernel's order
    size_t disk_count;
    const struct raw_mount *mounts; // in the kernel's order
    size_t mount_count;
    const struct raw_memory_detail *memory; // PART_MEMORY
};

/* Monotonic time at which a process of a sample was read, about: a scan takes a while, and on
 * average what it reads is as it was in its middle. */
static inline uint64_t raw_proc_ns(const struct raw_sample *sample, const struct raw_proc *proc)
{
    const uint64_t took_ns =
        sample->end_ns > sample->begin_ns ? sample->end_ns - sample->begin_ns : 0;
    return proc->taken_over_ns != 0 ? proc->taken_over_ns : sample->begin_ns + took_ns / 2;
}

/* Where to read. The zero value is the live system. */
struct platform_options {
    const char *proc_root; // NULL for "/proc"; tests point it at a recorded tree
    const char *sys_root;  // NULL for "/sys"
};

enum { RAW_PROC_YOUNG_S = 10 };

/* What one scan is to read. */
struct platform_request {
    fact_mask want; // of every process; FACT_IDENT is implied
    bool threads;   // user threads too
    unsigned parts; // enum sample_part
    /* An earlier sample in another arena: its processes are taken over without being read, as long
     * as they are listed, when they were read no longer ago than that. NULL: all are read. The
     * young are always read: what a process is, it becomes when it starts. Not together with facts
     * beyond FACT_IDENT, nor with threads. */
    const struct raw_sample *known;
    uint64_t known_since_ns; // monotonic
};

/* Whether a process of request->known is taken over, if it is still listed. */
static inline bool raw_proc_is_known(const struct platform_request *request,
                                     const struct raw_proc *proc)
{
    const uint64_t settled_ns = proc->id.start_ns + RAW_PROC_YOUNG_S * UINT64_C(1000000000);
    return raw_proc_ns(request->known, proc) >= request->known_since_ns &&
           settled_ns <= request->known->boot_ns;
}

/*
 * Open the data sources.
 * Owns: the caller, who ends it with platform_close().
 * Errors: -ENOENT when proc_root is not a proc file system, -ENOMEM.
 */
int platform_open(const struct platform_options *options, struct platform **ret);

/* NULL is a no-op. No other thread may be inside. */
void platform_close(struct platform *platform);

/* The fact groups this system can deliver to anyone. Thread: any. */
fact_mask platform_provides(const struct platform *platform);

/*
 * Read everything once. A process that vanishes half-way is left out and is no error;
 * one that may not be read keeps what could be, with the rest in `denied`. Every system
 * figure is optional.
 * Owns: the arena; *ret points into it.
 * Errors: -ENOMEM, or what opening the process list gave; *ret is then untouched.
 * Thread: one caller at a time, the same as platform_read(). Blocks on the kernel only.
 */
int platform_sample(struct platform *platform, const struct platform_request *request,
                    struct arena *arena, struct raw_sample *ret);

/*
 * Read more facts of one process of a sample, into it: sets values and `have` or `denied`.
 * Facts only the prober may read are ignored. A process that is gone keeps what it has.
 * Errors: none.
 * Thread: as platform_sample().
 */
void platform_read(struct platform *platform, struct raw_proc *proc, fact_mask want);

/* What the scanning thread is reading right now, to name a stall. */
struct platform_progress {
    int32_t pid;       // 0: nothing of a process
    uint64_t since_ns; // monotonic time at which this process was begun; 0: not scanning
};

/* Look at a scan from outside. Thread: any. */
struct platform_progress platform_progress(const struct platform *platform);

/* Reads that may block or be slow for reasons outside us. One item of work for the prober. */
enum probe_kind {
    PROBE_CMDLINE,   // bytes: argv, NUL-separated, at most the buffer's size
    PROBE_EXE,       // bytes: path; " (deleted)" still on it
    PROBE_USER,      // id.pid holds a uid; bytes: its name
    PROBE_FREQUENCY, // id unused; bytes: uint32_t kHz for each CPU number from 0, 0 unknown
    PROBE_MOUNT,     // id.start_ns holds a mount's id; bytes: struct raw_space
    PROBE_SMAPS,     // bytes: struct raw_smaps
    PROBE_CGROUP,    // bytes: struct raw_cgroup, and behind it the path
    PROBE_SERVICE,   // id.pid a port, id.start_ns 6 (TCP) or 17 (UDP); bytes: its name
    PROBE_HOST,      // by platform_probe_host() only
    PROBE_KIND_COUNT,
};

/* How much memory is a process's own. Source: /proc/PID/smaps_rollup, or the sum of smaps. */
struct raw_smaps {
    uint64_t pss_bytes;      // its share: pages divided by the number of processes that map them
    uint64_t uss_bytes;      // pages nobody else maps
    uint64_t swap_pss_bytes; // share of what is swapped out; FIGURE_ABSENT before Linux 4.3
    uint64_t cost_ns;        // what reading it took
};

/* Where a process is limited. Sources: /proc/PID/cgroup; memory.max and memory.current, or those
 * of v1, of its cgroup and all above. */
struct raw_cgroup {
    uint64_t limit_bytes; // of all limits on the path the one with the least left; FIGURE_ABSENT:
                          // there is none
    uint64_t usage_bytes; // of the cgroup that has this limit
    uint32_t path_len;    // bytes behind the struct; may be cut
    bool limit_unknown;   // the cgroup cannot be found or read
};

/* How full a file system is. Source: statvfs(3). */
struct raw_space {
    uint64_t total_bytes, free_bytes, available_bytes; // free for root, for others
    uint64_t inodes, inodes_free;                      // 0 where there is no such limit
};

/*
 * Do one such read. The process's identity is checked behind the read, so the result is
 * never that of another process.
 * Units: *ret_len in bytes; the file may hold more than `size`, the rest is cut.
 * Errors: -ESRCH gone or reused, -EACCES not permitted, -ENOENT has none (a kernel thread's
 * executable, a uid without a name), -ENOTSUP, others as the kernel says.
 * Thread: any, several at once. May never return.
 */
int platform_probe(struct platform *platform, enum probe_kind kind, struct proc_id id, char *buf,
                   size_t size, size_t *ret_len);

/*
 * Ask for the name of a host: of files, name servers or whatever this system is set up to ask.
 * Errors: -ENOENT has none, -EAGAIN nobody could say, others as the system says.
 * Source: getnameinfo(3). Thread: any, several at once. May never return.
 */
int platform_probe_host(struct platform *platform, const struct net_address *address, char *buf,
                        size_t size, size_t *ret_len);

/*
 * The name of a terminal device, "pts/3".
 * Errors: -ENOENT for 0 or an unknown device. Thread: the scanning one.
 */
int platform_tty_name(struct platform *platform, uint32_t device, char *buf, size_t size);

/* A process held fast: as long as the pin lives an action cannot reach another one. */
struct platform_pin;

/*
 * Hold on to a process (or thread): opens a pidfd and then compares the start time.
 * Where the kernel has no pidfd the identity is re-checked around each action instead.
 * Owns: the caller, who ends it with platform_unpin().
 * Errors: -ESRCH when it is gone or its pid was reused, -ENOTSUP when the list's pids are not
 * ours or actions were not built in, -EMFILE (some descriptors are left for scans), -ENOMEM.
 * Thread: one at a time may use pins.
 */
int platform_pin(struct platform *platform, struct proc_id id, struct platform_pin **ret);

/* Let go. NULL is a no-op. */
void platform_unpin(struct platform_pin *pin);

/*
 * Send a signal to exactly the pinned process; signal 0 only asks whether one could.
 * Errors: -ESRCH when it is gone, -ECHILD when it has exited and is only kept for its parent to
 * collect (a zombie), -EPERM, -EINVAL. Thread: as platform_pin().
 */
int platform_pin_signal(struct platform_pin *pin, int signal_number);

/*
 * Find out why the system refused a deed on the pinned process, from result->error (-EPERM,
 * -EACCES, -EINVAL ...): which owner, capability, limit or filter is behind it. Fills obstacle,
 * limit, needs and, for OBSTACLE_CPUSET and OBSTACLE_CPU_OFFLINE, now.cpus. A result that has an
 * obstacle already stays as it is; those of platform_pin_change() and platform_pin_undo() do.
 * Errors: none; OBSTACLE_UNKNOWN when it cannot be told. Thread: as platform_pin().
 */
void platform_pin_explain(const struct platform_pin *pin, const struct deed *deed,
                          struct deed_result *result);

/* 0 while the pinned process lives, -ECHILD when it is a zombie, -ESRCH when it is gone.
 * Thread: as platform_pin(). */
int platform_pin_alive(const struct platform_pin *pin);

/*
 * Wait until one of the pinned processes has exited, or for so long.
 * Errors: none; who has exited is for platform_pin_alive() to say. Thread: as platform_pin().
 */
void platform_pins_wait(struct platform_pin *const *pins, size_t count, uint64_t timeout_ns);

/*
 * Read an attribute of the pinned task as it is now. DEED_REVERSIBLE kinds only.
 * Errors: -ESRCH, -ECHILD, -EPERM or -EACCES, -ENOTSUP where the system has no such thing.
 * Thread: as platform_pin().
 */
int platform_pin_get(struct platform_pin *pin, enum deed_kind kind, struct deed_value *ret);

/* What it takes to undo a change: the value of every task before and after. */
struct platform_undo;

/*
 * Give an attribute of the pinned process a value. DEED_PER_THREAD kinds: of all its threads, or
 * of the pinned task alone with `one_thread` or when it is no process's first. The identity is
 * checked immediately before and after where the kernel takes no descriptor. What was asked for
 * is clamped (relative nice values) or narrowed by the kernel (affinity by the cpuset): `now`
 * tells what came of it. After a refusal `old` and `now` are how it is, where that may be read.
 * *ret_undo is set only when something changed, even if `error` says that
 * not everything could be; it may be NULL when it is not wanted.
 * Owns: the caller, who ends *ret_undo with platform_undo_destroy().
 * Errors: in the result. Thread: as platform_pin().
 */
void platform_pin_change(struct platform_pin *pin, const struct deed *deed, struct deed_result *ret,
                         struct platform_undo **ret_undo);

/*
 * Put every task back to what it was, if it is still the same task and its value is still what
 * was set; otherwise nothing is touched: -ESTALE with OBSTACLE_CHANGED, or -ESRCH.
 * Errors: in the result. Thread: as platform_pin().
 */
void platform_pin_undo(struct platform_pin *pin, const struct platform_undo *undo,
                       struct deed_result *ret);

/* NULL is a no-op. */
void platform_undo_destroy(struct platform_undo *undo);

/* Describe the cgroup (v2) the pinned process is in; it is remembered in the pin, and
 * DEED_FREEZE and DEED_KILL_GROUP reach this one or none.
 * Errors: in *ret. Source: cgroups(7). Thread: as platform_pin(). */
void platform_pin_cgroup(struct platform_pin *pin, struct cgroup_facts *ret);

/*
 * Count anew the processes in the cgroup platform_pin_cgroup() described, and below it.
 * Errors: -EINVAL when it described none, others as the kernel says. Thread: as platform_pin().
 */
int platform_pin_count_cgroup(struct platform_pin *pin, uint32_t *ret);

/*
 * Kill everything in the cgroup of the pinned process.
 * Errors: in the result. Thread: as platform_pin().
 */
void platform_pin_kill_cgroup(struct platform_pin *pin, struct deed_result *ret);

/* The CPUs its cpuset lets the pinned process use; all online ones where there is no cpuset.
 * Errors: -ESRCH, others as the kernel says. Thread: as platform_pin(). */
int platform_pin_cpus(struct platform_pin *pin, struct cpu_set *ret);

/* How the CPUs of this machine hang together. Owns: the caller, who frees it with free().
 * Errors: -ENOMEM, or what reading said. Thread: as platform_pin(). */
int platform_topology(const struct platform *platform, struct topology **ret);

/*
 * Close a TCP connection: its process gets an error (ECONNABORTED), the other end a reset. It is
 * found by its namespace, ends and interface and closed only if it has that cookie, so no other can
 * be hit. Errors: in the result: -ESRCH when it, or all in its namespace, is gone, -EINVAL when it
 * is no TCP or has no cookie, -ENOTSUP when the sockets listed are not of the running kernel,
 * with OBSTACLE_NO_CLOSING when that cannot close any, -EPERM with OBSTACLE_CAPABILITY.
 * Source: sock_diag(7), SOCK_DESTROY. Thread: as platform_pin().
 */
void platform_close_socket(const struct platform *platform, const struct socket_id *socket,
                           struct deed_result *ret);

/* The privilege perch lacks to close any connection at all: "CAP_NET_ADMIN"; NULL: none that is
 * known before it is tried. Owns: static storage. Thread: any. */
const char *platform_close_needs(void);

/* Whether this program was built to act on processes at all (-Dactions). */
bool platform_can_act(void);

/*
 * Give up for good every privilege that is not needed for looking or, with `acting`, for the
 * user's actions; a set-uid program becomes its user altogether. Call before any thread is made
 * and after files of the user were opened.
 * Errors: a negative errno when something could not be dropped. Source: capabilities(7).
 */
int platform_drop_privileges(bool acting);

/* One signal this system knows. Static strings. */
struct platform_signal {
    int number;
    const char *name; // without "SIG": "TERM", "RTMIN+3"
    const char *help; // a few words: "ask to end", "cannot be caught"
};

/* All signals, ascending. Owns: static or the platform's storage. *ret_count of them. */
const struct platform_signal *platform_signals(size_t *ret_count);

/* The uid actions are done as; 0 is root. */
uint32_t platform_own_uid(void);

/* Our own pid, as the process list numbers it. */
int32_t platform_own_pid(void);

/* Monotonic clock in nanoseconds; counts no suspended time. Thread: any. */
uint64_t platform_now_ns(void);

/* Unix time in seconds, for messages. Thread: any. */
int64_t platform_wall_s(void);

#endif
