#ifndef SAMPLER_SAMPLER_H
#define SAMPLER_SAMPLER_H

#include <stdbool.h>

struct plan;
struct platform;
struct snapshot;

/*
 * The scanning thread. It reads, subtracts, sanitises and publishes; it draws
 * nothing and knows no settings beyond the plan it was last handed.
 *
 * Cadence: the first snapshot at once, without rates; the second about 150 ms later; then
 * the plan's interval on absolute deadlines. A scan that takes more than a third of the
 * interval stretches it (snapshot.stretched_ns). Between scans, new answers of the prober
 * and newly visible rows are published as the same scan again: same rates, more facts.
 */
struct sampler;

/* Called on the sampler's thread when there is something to take; may only wake the other. */
typedef void sampler_wakeup(void *context);

/*
 * Start sampling at once. `platform` is borrowed until sampler_stop() says true.
 * Owns: the caller, who ends it with sampler_stop().
 * Errors: -ENOMEM. When no thread can be made, sampler_take() samples by itself.
 */
int sampler_start(struct platform *platform, const struct plan *plan, sampler_wakeup *wakeup,
                  void *context, struct sampler **ret);

/*
 * Stop, join, free what was not taken. False when a thread hangs in the kernel: it and what
 * it uses, the platform included, are then left alone; calling again tries again. NULL is a
 * no-op: true.
 */
bool sampler_stop(struct sampler *sampler);

/* Replace the plan (copied). One that wants more is served without waiting. Thread: any. */
void sampler_set_plan(struct sampler *sampler, const struct plan *plan);

/* Sample now. Thread: any. */
void sampler_poke(struct sampler *sampler);

/*
 * Take the newest snapshot, if there is one not taken yet.
 * Owns: the caller, who hands it to sampler_give_back() or snapshot_free().
 * Errors: NULL when nothing is new.
 * Thread: one consumer.
 */
struct snapshot *sampler_take(struct sampler *sampler);

/* Return a finished snapshot for its memory. NULL is a no-op. Thread: one consumer. */
void sampler_give_back(struct sampler *sampler, struct snapshot *snap);

#endif
