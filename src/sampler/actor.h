#ifndef SAMPLER_ACTOR_H
#define SAMPLER_ACTOR_H

#include "sampler/act.h"

#include <stdbool.h>

/*
 * The acting thread: runs the engine of sampler/act.h, so that no key waits for a process that is
 * slow to hold, to change or to end. Requests are done in the order they were made. All
 * functions are for the main thread. When no thread can be made the requests are done in
 * actor_request(), and terminations go on in actor_take().
 */
struct actor;

/* Called on the acting thread when there is something to take; may only wake the other. */
typedef void actor_wakeup(void *context);

/* What an actor is made of. Everything pointed at is borrowed until actor_stop() says true. */
struct actor_options {
    struct platform *platform;
    actor_wakeup *wakeup;
    void *wakeup_context;
    act_record *record; // on the acting thread; may write files
    void *record_context;
};

/* Start it. Owns: the caller, who ends it with actor_stop(). Errors: -ENOMEM. */
int actor_start(const struct actor_options *options, struct actor **ret);

/* End it, when what was asked for is done: terminations under way are left as they are. False
 * when that takes longer than a quarter of a second, for instance because its thread hangs in the
 * kernel: it and what it uses are then left alone. NULL is a no-op: true. */
bool actor_stop(struct actor *actor);

/* Ask for something (copied). Errors: -ENOMEM, -EAGAIN when too much is waiting. */
int actor_request(struct actor *actor, const struct act_request *request);

/* See act_take(). */
bool actor_take(struct actor *actor, struct act_outcome *ret);

/* See act_take_inspection(). Owns: the caller: inspection_destroy(). */
struct inspection *actor_take_inspection(struct actor *actor);

/* See act_progress(). Requests not begun yet are in `waiting`, too. */
struct act_progress actor_progress(struct actor *actor);

#endif
