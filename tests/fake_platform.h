#ifndef TESTS_FAKE_PLATFORM_H
#define TESTS_FAKE_PLATFORM_H

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
    uint32_t uid;        // of platform_read(FACT_OWNER)
};

/* What was called how often. */
struct fake_counts {
    size_t samples, reads, owner_reads, io_reads;
    size_t probes[PROBE_KIND_COUNT];
    size_t signals, nices, pins_open;
    int last_signal;
    struct proc_id last_target;
    struct platform_request last_request;
};

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

/* A copy of a process; pid 0 in it when there is none. */
struct fake_proc fake_get(struct platform *platform, int32_t pid);

/* Let the next `times` samples fail with `error`. */
void fake_fail_samples(struct platform *platform, int error, int times);

/* Make each sample take this long. */
void fake_set_scan_cost(struct platform *platform, uint64_t cost_ns);

/* Probes of this kind and pid (0: any) do not return until fake_release(). */
void fake_block_probe(struct platform *platform, enum probe_kind kind, int32_t pid);

/* The next sample hangs in this pid's file until fake_release(). */
void fake_block_scan(struct platform *platform, int32_t pid);

/* Let everything go that is blocked, and block nothing any more. */
void fake_release(struct platform *platform);

/* True when so many calls hang in fake_block_…() right now, waiting up to two seconds for it. */
bool fake_wait_blocked(struct platform *platform, size_t count);

/* What was called so far. */
struct fake_counts fake_counts(struct platform *platform);

/* True when every signal that may be blocked was blocked in all threads that probed. */
bool fake_signals_were_blocked(struct platform *platform);

#endif
