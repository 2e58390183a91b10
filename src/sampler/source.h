#ifndef SAMPLER_SOURCE_H
#define SAMPLER_SOURCE_H

#include "base/facts.h"
#include "model/plan.h"
#include "sampler/act.h"

#include <stdbool.h>
#include <stdint.h>

struct platform;
struct snapshot;

/*
 * Where snapshots come from and actions go to, as app sees it. Live sampling is the first
 * source; a recording (which can perform nothing) and a remote host come later behind the
 * same functions. All functions are for the main thread unless they say otherwise.
 */
struct source;

/* Called on the source's thread when there is something to take. It may only make the main
 * thread stop waiting; calling back into the source from it deadlocks. */
typedef void source_wakeup(void *context);

/* A stall to tell the user of: the scanning thread has not moved on for a while. */
struct source_stall {
    bool stalled;
    int32_t pid;       // whose file it is reading; 0 unknown
    uint64_t since_ns; // monotonic
};

/*
 * Start sampling the live system at once. `platform` is borrowed until source_stop().
 * Runs without a thread of its own when none can be made: source_take() then samples.
 * Owns: the caller, who ends it with source_stop().
 * Errors: -ENOMEM.
 */
int source_live(struct platform *platform, const struct plan *plan, source_wakeup *wakeup,
                void *context, struct source **ret);

/*
 * Stop and free. Waits at most a quarter of a second for a scan in progress, and as long for an
 * action; threads that the kernel does not let go of are abandoned with what they use. NULL is
 * a no-op.
 * True when all threads ended: false means the caller must leave by _exit and not close
 * what was lent.
 */
bool source_stop(struct source *source);

/* Replace the plan (copied). One that wants more is served without waiting for the interval. */
void source_set_plan(struct source *source, const struct plan *plan);

/* Sample now. */
void source_poke(struct source *source);

/*
 * Take the newest snapshot, if there is one not taken yet.
 * Owns: the caller, who hands it to source_give_back() or snapshot_free().
 * Errors: NULL when nothing is new.
 */
struct snapshot *source_take(struct source *source);

/* Return a finished snapshot for its memory. NULL is a no-op. */
void source_give_back(struct source *source, struct snapshot *snap);

/*
 * Let the source act: without this every request is refused. `record` (NULL: nobody) is called
 * for each outcome on another thread, before it can be taken; it may write files.
 * Errors: -ENOMEM, -ENOTSUP for a source that cannot act.
 */
int source_enable_acting(struct source *source, act_record *record, void *context);

/* Ask for an action; see struct act_request. Copied. Errors: -ENOTSUP, -ENOMEM, -EAGAIN. */
int source_request(struct source *source, const struct act_request *request);

/* Take the oldest outcome. False when there is none. */
bool source_take_outcome(struct source *source, struct act_outcome *ret);

/* Take what the last ACT_INSPECT found. Owns: the caller: inspection_destroy(). Errors: NULL. */
struct inspection *source_take_inspection(struct source *source);

/* What is under way and what could be undone. */
struct act_progress source_act_progress(struct source *source);

/* Whether the scanning thread hangs, as of `now_ns`. */
struct source_stall source_stall(const struct source *source, uint64_t now_ns);

#endif
