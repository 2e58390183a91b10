#include "sampler/act_queue.h"

#include <errno.h>
#include <stdlib.h>

enum { QUEUE_START = 16 };

bool act_outcome_is_final(const struct act_outcome *outcome)
{
    return outcome->stage != ACT_WAITING && outcome->stage != ACT_KILLING;
}

static int grow(struct act_queue *queue)
{
    const size_t size = queue->size == 0 ? QUEUE_START : queue->size * 2;
    struct act_outcome *items = reallocarray(NULL, size, sizeof(*items));
    if (items == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < queue->count; i++) {
        items[i] = queue->items[(queue->first + i) % queue->size];
    }
    free(queue->items);
    *queue = (struct act_queue){.items = items, .size = size, .count = queue->count};
    return 0;
}

int act_queue_push(struct act_queue *queue, const struct act_outcome *outcome)
{
    if (queue->count >= ACT_QUEUE_PROGRESS_MAX && !act_outcome_is_final(outcome)) {
        return 0;
    }
    if (queue->count == ACT_QUEUE_MAX) {
        queue->first = (queue->first + 1) % queue->size;
        queue->count--;
    }
    if (queue->count == queue->size) {
        const int error = grow(queue);
        if (error < 0) {
            return error;
        }
    }
    queue->items[(queue->first + queue->count) % queue->size] = *outcome;
    queue->count++;
    return 0;
}

bool act_queue_pop(struct act_queue *queue, struct act_outcome *ret)
{
    if (queue->count == 0) {
        return false;
    }
    *ret = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->size;
    queue->count--;
    if (queue->count == 0 && queue->size > QUEUE_START) {
        act_queue_finish(queue);
    }
    return true;
}

void act_queue_finish(struct act_queue *queue)
{
    free(queue->items);
    *queue = (struct act_queue){.items = NULL};
}
