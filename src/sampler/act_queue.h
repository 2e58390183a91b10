#ifndef SAMPLER_ACT_QUEUE_H
#define SAMPLER_ACT_QUEUE_H

#include "sampler/act.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    ACT_QUEUE_MAX = 16384,         // outcomes that wait to be taken, four times a full request
    ACT_QUEUE_PROGRESS_MAX = 8192, // from here on those that are not final are left out
};

/* Outcomes that wait to be taken, oldest first. Zero-initialise; act_queue_finish() frees it. */
struct act_queue {
    struct act_outcome *items; // ring
    size_t size, first, count;
};

/* Whether there is more to come after this one. */
bool act_outcome_is_final(const struct act_outcome *outcome);

/*
 * Append a copy. A queue nobody takes from leaves out what is not final first, then the oldest.
 * Errors: -ENOMEM; it is then left out.
 */
int act_queue_push(struct act_queue *queue, const struct act_outcome *outcome);

/* Take the oldest; an empty queue gives its memory back. False when there is none. */
bool act_queue_pop(struct act_queue *queue, struct act_outcome *ret);

/* Free what it holds. */
void act_queue_finish(struct act_queue *queue);

#endif
