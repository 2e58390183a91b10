#ifndef SAMPLER_SCAN_H
#define SAMPLER_SCAN_H

#include "model/snapshot.h"
#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct plan;
struct prober;

/*
 * One scan after the other, without a thread or a clock of its own: the two raw samples that
 * rates are made of, the cache of slow facts, and the questions to the prober. sampler.c
 * decides when. Thread: the scanning one only.
 */
struct scan;

/* What everything may take at most. About twice what 100,000 tasks need. */
enum {
    SCAN_PROCESSES_MAX = 131072,
    SCAN_RAW_BYTES_MAX = 128 << 20,      // each of two
    SCAN_SNAPSHOT_BYTES_MAX = 256 << 20, // each of up to four
    SCAN_QUESTIONS_MAX = 4096,           // with the prober at a time, for unseen rows
};

/* What came from the prober. */
enum scan_news {
    SCAN_NEWS_NONE,   // nothing that shows
    SCAN_NEWS_UNSEEN, // about rows that are not on the screen
    SCAN_NEWS_SEEN,   // about some that are
};

/*
 * Create; `prober` may be NULL (no thread to be had), then slow facts stay unknown.
 * `raw_bytes` limits each raw sample. Both are borrowed until scan_destroy().
 * Owns: the caller. Errors: -ENOMEM.
 */
int scan_create(struct platform *platform, struct prober *prober, size_t raw_bytes,
                struct scan **ret);

/* NULL is a no-op. */
void scan_destroy(struct scan *scan);

/* Have inspected processes read by this prober from now on; borrowed until scan_destroy(). Without
 * one nothing of them can be known. */
void scan_set_inspector(struct scan *scan, struct prober *prober);

/*
 * Read everything once, and ask for what is missing.
 * Errors: as platform_sample(); there is then nothing to build until the next success.
 */
int scan_take(struct scan *scan, const struct plan *plan);

/* Read what the plan wants and the last sample lacks. True when that changed something. */
bool scan_refresh(struct scan *scan, const struct plan *plan);

/* Take in what the prober has answered. */
enum scan_news scan_collect(struct scan *scan, const struct plan *plan, uint64_t now_ns);

/* True when no answer is outstanding for anything the plan wants. */
bool scan_is_settled(const struct scan *scan);

/* Number of samples taken so far. */
uint64_t scan_count(const struct scan *scan);

/*
 * Make a snapshot of the last sample. Owns: the arena, which the snapshot carries.
 * Errors: -ENOMEM; -EAGAIN when the last scan failed or there was none.
 */
int scan_build(struct scan *scan, struct arena *arena, struct snapshot **ret);

/* When scan_collect() should be called at the latest; UINT64_MAX when there is no need. */
uint64_t scan_deadline_ns(const struct scan *scan);

#endif
