#include "sampler/actor.h"

#include "platform/platform.h"
#include "sampler/act_queue.h"
#include "sampler/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The thread takes one request at a time and lets the engine do it step by step; after each step
 * it hands out what has come about. The lock guards what is handed over and is never held while
 * a process is touched. Nobody who asks ever waits: a main thread that takes nothing for a while
 * finds its next requests not begun, but terminations go on.
 */

enum {
    MS = 1000000,
    STOP_NS = 250 * MS,
    LOOK_NS = 50 * MS,                        // how long a new request may wait behind act_wait()
    REQUESTS_MAX = 64,                        // that wait
    REQUEST_TARGETS_MAX = 4 * ACT_TARGETS_MAX // in all of them
};

/* A request that waits, with its own copy of the targets. */
struct order {
    struct act_request request;
    struct target targets[];
};

struct actor {
    /* Set before the thread starts: */
    struct act *act; // then the acting thread's
    actor_wakeup *wakeup;
    void *context;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t event; // there is something to do
    pthread_cond_t ended;

    /* Protected by lock: */
    struct order *orders[REQUESTS_MAX]; // ring; requests not begun, owned
    size_t first_order, order_count, order_targets;
    struct act_queue outcomes;
    struct inspection *inspection;
    struct act_progress progress; // of the engine, with the request just begun
    bool has_event, stopping, has_ended;
};

/* How many targets of a request are worked on. */
static size_t targets_of(const struct act_request *request)
{
    return request->kind == ACT_PERFORM ? request->target_count : request->kind == ACT_UNDO;
}

/* --- the thread ---------------------------------------------------------------------------- */

/* Lock held. Outcomes that find no memory stay in the engine until the next time. */
static bool hand_out(struct actor *actor)
{
    bool has_news = false;
    struct act_outcome outcome;
    while (actor->outcomes.count < ACT_QUEUE_MAX && act_take(actor->act, &outcome)) {
        (void)act_queue_push(&actor->outcomes, &outcome); // without memory the record has it
        has_news = true;
    }
    struct inspection *inspection = act_take_inspection(actor->act);
    if (inspection != NULL) {
        inspection_destroy(actor->inspection);
        actor->inspection = inspection;
        has_news = true;
    }
    actor->progress = act_progress(actor->act);
    return has_news;
}

/* Lock held. Owns: the caller, who frees it with free(). Errors: NULL when there is none. */
static struct order *take_order(struct actor *actor)
{
    const bool full = actor->outcomes.count >= ACT_QUEUE_PROGRESS_MAX && !actor->stopping;
    if (actor->order_count == 0 || full) {
        return NULL;
    }
    struct order *order = actor->orders[actor->first_order];
    actor->first_order = (actor->first_order + 1) % REQUESTS_MAX;
    actor->order_count--;
    actor->order_targets -= order->request.target_count;
    actor->progress.waiting += targets_of(&order->request);
    return order;
}

/* Lock held; gives it up. Returns when to call again at the latest. */
static uint64_t step(struct actor *actor)
{
    (void)pthread_mutex_unlock(&actor->lock);
    const uint64_t due_ns = act_step(actor->act, platform_now_ns());
    (void)pthread_mutex_lock(&actor->lock);
    if (hand_out(actor)) {
        (void)pthread_mutex_unlock(&actor->lock);
        actor->wakeup(actor->context);
        (void)pthread_mutex_lock(&actor->lock);
    }
    return due_ns;
}

/* Lock held; gives it up. What was begun is done to its last target. */
static void obey(struct actor *actor, struct order *order)
{
    (void)pthread_mutex_unlock(&actor->lock);
    act_begin(actor->act, &order->request, platform_now_ns());
    (void)pthread_mutex_lock(&actor->lock);
    while (act_is_busy(actor->act)) {
        (void)step(actor);
    }
    free(order);
}

/* Lock held; gives it up. Waits for processes to end, or until it is time to look at orders. */
static void wait_for_ends(struct actor *actor, uint64_t due_ns)
{
    (void)pthread_mutex_unlock(&actor->lock);
    const uint64_t now_ns = platform_now_ns();
    const uint64_t left_ns = due_ns > now_ns ? due_ns - now_ns : 0;
    act_wait(actor->act, left_ns < LOOK_NS ? left_ns : LOOK_NS);
    (void)pthread_mutex_lock(&actor->lock);
}

static void *actor_main(void *context)
{
    struct actor *actor = context;
    (void)pthread_mutex_lock(&actor->lock);
    for (;;) {
        struct order *order = take_order(actor);
        if (order != NULL) {
            obey(actor, order);
            continue;
        }
        if (actor->stopping) { // only now: what was asked for before the end is done
            break;
        }
        const uint64_t due_ns = step(actor);
        if (due_ns != UINT64_MAX) {
            wait_for_ends(actor, due_ns);
            continue;
        }
        while (!actor->stopping && !actor->has_event) {
            (void)thread_wait_until(&actor->event, &actor->lock, UINT64_MAX);
        }
        actor->has_event = false;
    }
    actor->has_ended = true;
    (void)pthread_cond_signal(&actor->ended);
    (void)pthread_mutex_unlock(&actor->lock);
    return NULL;
}

/* --- starting and stopping ----------------------------------------------------------------- */

static int init_locks(struct actor *actor)
{
    int error = -pthread_mutex_init(&actor->lock, NULL);
    error = error < 0 ? error : thread_condition_init(&actor->event);
    return error < 0 ? error : thread_condition_init(&actor->ended);
}

int actor_start(const struct actor_options *options, struct actor **ret)
{
    struct actor *actor = calloc(1, sizeof(*actor));
    if (actor == NULL) {
        return -ENOMEM;
    }
    actor->act = act_create(options->platform, options->record, options->record_context);
    if (actor->act == NULL || init_locks(actor) < 0) {
        act_destroy(actor->act);
        free(actor);
        return -ENOMEM;
    }
    actor->wakeup = options->wakeup;
    actor->context = options->wakeup_context;
    actor->progress = act_progress(actor->act);
    actor->has_thread = true; // read by the thread
    if (thread_start(&actor->thread, actor_main, actor) < 0) {
        actor->has_thread = false;
    }
    *ret = actor;
    return 0;
}

static void actor_free(struct actor *actor)
{
    for (size_t i = 0; i < actor->order_count; i++) {
        free(actor->orders[(actor->first_order + i) % REQUESTS_MAX]);
    }
    act_destroy(actor->act);
    act_queue_finish(&actor->outcomes);
    inspection_destroy(actor->inspection);
    (void)pthread_cond_destroy(&actor->event); // nobody waits
    (void)pthread_cond_destroy(&actor->ended);
    (void)pthread_mutex_destroy(&actor->lock);
    free(actor);
}

bool actor_stop(struct actor *actor)
{
    if (actor == NULL) {
        return true;
    }
    const uint64_t deadline_ns = platform_now_ns() + STOP_NS;
    (void)pthread_mutex_lock(&actor->lock);
    actor->stopping = true;
    (void)pthread_cond_signal(&actor->event);
    bool late = !actor->has_thread;
    while (!actor->has_ended && !late) {
        late = thread_wait_until(&actor->ended, &actor->lock, deadline_ns);
    }
    const bool ended = actor->has_ended || !actor->has_thread;
    (void)pthread_mutex_unlock(&actor->lock);
    if (!ended) {
        return false;
    }
    if (actor->has_thread) {
        (void)pthread_join(actor->thread, NULL); // on its way out already
    }
    actor_free(actor);
    return true;
}

/* --- the main thread's side ---------------------------------------------------------------- */

/* Lock held. */
static void raise_event(struct actor *actor)
{
    actor->has_event = true;
    (void)pthread_cond_signal(&actor->event);
}

/* Owns: the caller, who frees it with free(). Errors: NULL when out of memory. */
static struct order *make_order(const struct act_request *request)
{
    const bool has_targets = request->kind == ACT_INSPECT || request->kind == ACT_PERFORM;
    const size_t bytes = has_targets ? request->target_count * sizeof(struct target) : 0;
    struct order *order = malloc(sizeof(*order) + bytes);
    if (order == NULL) {
        return NULL;
    }
    order->request = *request;
    order->request.targets = order->targets;
    order->request.target_count = bytes / sizeof(struct target);
    if (bytes > 0) {
        memcpy(order->targets, request->targets, bytes);
    }
    return order;
}

/* Lock held. Whether nobody needs what was asked last once this is asked, too: an inspection that
 * was not begun before its dialog wanted another one, or closed. */
static bool supersedes(const struct actor *actor, const struct order *order)
{
    const enum act_request_kind kind = order->request.kind;
    const size_t last = (actor->first_order + actor->order_count - 1) % REQUESTS_MAX;
    return (kind == ACT_INSPECT || kind == ACT_RELEASE) && actor->order_count > 0 &&
           actor->orders[last]->request.kind == ACT_INSPECT;
}

/* Lock held. Errors: -EAGAIN. */
static int add_order(struct actor *actor, struct order *order)
{
    if (supersedes(actor, order)) {
        const size_t last = (actor->first_order + --actor->order_count) % REQUESTS_MAX;
        actor->order_targets -= actor->orders[last]->request.target_count;
        free(actor->orders[last]);
    }
    if (actor->order_count == REQUESTS_MAX ||
        order->request.target_count > REQUEST_TARGETS_MAX - actor->order_targets) {
        return -EAGAIN;
    }
    actor->orders[(actor->first_order + actor->order_count++) % REQUESTS_MAX] = order;
    actor->order_targets += order->request.target_count;
    raise_event(actor);
    return 0;
}

int actor_request(struct actor *actor, const struct act_request *request)
{
    if (!actor->has_thread) {
        act_handle(actor->act, request, platform_now_ns());
        return 0;
    }
    struct order *order = make_order(request);
    if (order == NULL) {
        return -ENOMEM;
    }
    (void)pthread_mutex_lock(&actor->lock);
    const int error = add_order(actor, order);
    (void)pthread_mutex_unlock(&actor->lock);
    if (error < 0) {
        free(order);
    }
    return error;
}

/* Without a thread whoever asks what has come about makes it come about. */
static void catch_up(struct actor *actor)
{
    if (!actor->has_thread) {
        (void)act_step(actor->act, platform_now_ns());
        (void)hand_out(actor);
    }
}

bool actor_take(struct actor *actor, struct act_outcome *ret)
{
    (void)pthread_mutex_lock(&actor->lock);
    if (actor->outcomes.count == 0) {
        catch_up(actor);
    }
    const bool found = act_queue_pop(&actor->outcomes, ret);
    if (found && actor->outcomes.count == ACT_QUEUE_PROGRESS_MAX - 1) {
        raise_event(actor); // requests are begun again
    }
    (void)pthread_mutex_unlock(&actor->lock);
    return found;
}

struct inspection *actor_take_inspection(struct actor *actor)
{
    (void)pthread_mutex_lock(&actor->lock);
    catch_up(actor);
    struct inspection *inspection = actor->inspection;
    actor->inspection = NULL;
    (void)pthread_mutex_unlock(&actor->lock);
    return inspection;
}

struct act_progress actor_progress(struct actor *actor)
{
    (void)pthread_mutex_lock(&actor->lock);
    catch_up(actor);
    struct act_progress progress = actor->progress;
    for (size_t i = 0; i < actor->order_count; i++) {
        const size_t at = (actor->first_order + i) % REQUESTS_MAX;
        progress.waiting += targets_of(&actor->orders[at]->request);
    }
    (void)pthread_mutex_unlock(&actor->lock);
    return progress;
}
