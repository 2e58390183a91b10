#ifndef TESTS_FAKE_PLATFORM_H
#define TESTS_FAKE_PLATFORM_H

#include "platform/inspect.h"
#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The contract of platform/platform.h over processes a test makes up. Every function may be
 * called from the test while other threads sample and probe. Clocks are the real ones.
 */

/* One made-up process. What points to bytes is copied. */
struct fake_proc {
    struct raw_proc raw; // id, counters, state ...; `have`, `denied` and `name` are filled in
    char name[32];       // NUL-terminated
    char cmdline[256];   // with its NULs
    size_t cmdline_len;  // 0: empty
    int cmdline_error;   // negative errno of the probe, else 0
    const char *exe;     // static string; NULL: -ENOENT
    int exe_error;       // negative errno of the probe, else 0
    bool deny_io;        // FACT_IO is refused
    struct raw_smaps smaps;
    int smaps_error; // negative errno of the probe, else 0
    uint32_t uid;    // of platform_read(FACT_OWNER)

    /* What can be changed; raw.nice is the nice value. Zero: as the kernel starts a process. */
    bool stopped;
    int32_t autogroup, oom_adj;
    int32_t io_class, io_level;
    int32_t policy, rt_priority;
    uint64_t cpus_denied;    // of the first 64 CPUs: not in its affinity
    uint64_t cpus_forbidden; // likewise: not in its cpuset
    uint64_t cgroup;         // the number of its cgroup; 0 there is none
    uint64_t dies_on;        // signals that end it, bit n for signal n
    bool leaves_zombie;      // dead it stays as a zombie
    uint64_t pending;        // signals kept until it is continued
};

/* A refusal of deeds a test asks for. */
struct fake_denial {
    int32_t pid;               // 0: everybody's
    enum deed_kind kind;       // DEED_TERMINATE: SIGTERM, DEED_SIGNAL: others;
                               // DEED_COUNT: holding on to it at all
    bool reading;              // reading the value is refused, not changing it
    bool partial;              // it is done all the same, and can be undone
    struct deed_result result; // error, obstacle ...
};

/* The parts of a sample that are no processes. All is borrowed: keep it unchanged while it is set,
 * and in the order platform.h says. A mount has the space of the same index; total_bytes 0 in it:
 * asking fails with -EIO. */
struct fake_parts {
    const struct raw_socket *sockets;
    size_t socket_count;
    int socket_error;
    const struct raw_interface *interfaces;
    size_t interface_count;
    const struct raw_protocol_counter *counters;
    size_t counter_count;
    const struct raw_disk *disks;
    size_t disk_count;
    const struct raw_mount *mounts;
    const struct raw_space *spaces;
    size_t mount_count;
    const struct raw_memory_detail *memory;
};

/* What was called how often. */
struct fake_counts {
    size_t samples, reads, owner_reads, io_reads;
    size_t probes[PROBE_KIND_COUNT];
    size_t inspects[INSPECT_PART_COUNT];
    size_t signals, nices, pins_open;
    size_t pins_made, pins_open_most, waits;
    size_t changes, gets, undos, undos_open, cgroup_looks, cgroup_kills, closes;
    struct socket_id last_closed;
    size_t signals_of[65]; // by number
    int last_signal;
    struct proc_id last_target;
    struct platform_request last_request;
};

/* Hosts are called "host-N" by the last byte of their address; these are not. TCP port 443 is
 * "https", others have no name. */
enum { FAKE_HOST_UNKNOWN = 13, FAKE_HOST_EVIL = 66 };

/* Create an empty machine with `cpus` CPUs. Owns: the caller: fake_destroy(). */
struct platform *fake_create(uint32_t cpus);

/* Same as platform_close(). */
void fake_destroy(struct platform *platform);

/* A plain sleeping user process that started `start_ns` after boot. */
struct fake_proc fake_process(int32_t pid, uint64_t start_ns, const char *name);

/* Add or replace (by pid) a process. */
void fake_put(struct platform *platform, const struct fake_proc *proc);

/* Take a process away. */
void fake_remove(struct platform *platform, int32_t pid);

/* What further parts there are from now on; each is given only to who asks for it. */
void fake_set_parts(struct platform *platform, const struct fake_parts *parts);

/* A copy of a process; pid 0 in it when there is none. */
struct fake_proc fake_get(struct platform *platform, int32_t pid);

/* Let the next `times` samples fail with `error`. */
void fake_fail_samples(struct platform *platform, int error, int times);

/* Make each sample take this long. */
void fake_set_scan_cost(struct platform *platform, uint64_t cost_ns);

/* Probes of this kind and pid, mount id or last byte of a host's address (0: any) do not return until fake_release(). */
void fake_block_probe(struct platform *platform, enum probe_kind kind, int32_t pid);

/* The next sample hangs in this pid's file until fake_release(). */
void fake_block_scan(struct platform *platform, int32_t pid);

/*
 * What is to be known of a process (pid 0: of any) by looking at it: the part `answer` is about.
 * Its id and time are filled in. With a negative errno as `error` that is the answer instead.
 * Without any such call only INSPECT_IDENTITY knows something, the other parts are empty. What
 * `answer` points to is borrowed. At most 64 of them.
 */
void fake_set_inspect(struct platform *platform, int32_t pid, const struct raw_inspect *answer,
                      int error);

/* Answers about this part take so many bytes more from now on. */
void fake_pad_inspect(struct platform *platform, enum inspect_part part, size_t bytes);

/* Looking at this part of this process (0: any) does not return until fake_release(). */
void fake_block_inspect(struct platform *platform, enum inspect_part part, int32_t pid);

/* Let everything go that is blocked, and block nothing any more. */
void fake_release(struct platform *platform);

/* True when so many calls hang in fake_block_…() right now, waiting up to two seconds for it. */
bool fake_wait_blocked(struct platform *platform, size_t count);

/* Refuse some deeds. At most 16 times. */
void fake_deny(struct platform *platform, const struct fake_denial *denial);

/* Refuse nothing any more. */
void fake_allow(struct platform *platform);

/* How many pins there may be at a time; 0: as many as one likes. */
void fake_set_pins_max(struct platform *platform, size_t max);

/* Give a cgroup (1 to 15) another path than "/group/a" and so on and an obstacle. */
void fake_set_cgroup(struct platform *platform, uint64_t id, const char *path,
                     enum deed_obstacle obstacle);

/* Whether a cgroup is frozen. */
bool fake_is_frozen(struct platform *platform, uint64_t id);

/* Holding on to this pid hangs until fake_release(). */
void fake_block_pin(struct platform *platform, int32_t pid);

/* What was called so far. */
struct fake_counts fake_counts(struct platform *platform);

/* True when every signal that may be blocked was blocked in all threads that probed or looked. */
bool fake_signals_were_blocked(struct platform *platform);

#endif
