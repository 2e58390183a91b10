#include "sampler/prober.h"

#include "base/arena.h"
#include "sampler/thread.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Questions wait in two rings, urgent and background. Answers are collected in two batches: the
 * threads fill one while the collector reads the other, and they change places when the latter
 * is read to its end. So an answer costs one copy and no allocation, the collector takes the
 * lock once for many, and nothing is copied out under it. A thread that finds its batch full
 * waits for the change, which is what bounds the memory.
 *
 * A thread inside platform_probe() holds no lock and owns its own buffer, so one that never
 * comes back costs that buffer and nothing else. What is found out about an inspected process has
 * no size known beforehand: it comes in an arena of its own, which goes to the collector.
 */

enum {
    RING_START = 256,
    BATCH_ANSWERS = 512,
    BATCH_BYTES = 128 * 1024,
    BATCH_NOTIFY = 64,         // answers worth a wake-up while more are being read
    BACKGROUND_TURN = 8,       // every so many'th question is a background one
    COLLECT_LATE_NS = 20000000 // how long answers may wait behind a slow read
};

struct question {
    bool is_part;
    enum probe_kind kind;   // when it is not
    enum inspect_part part; // when it is
    struct proc_id id;
    struct net_address address; // PROBE_HOST
    uint64_t asked_ns;
};

/* Growing queue of questions; `size` is a power of two. */
struct ring {
    struct question *items;
    size_t size, first, count;
};

struct batch {
    struct probe_answer answers[BATCH_ANSWERS]; // ptr into bytes
    size_t count, bytes_used;
    char bytes[BATCH_BYTES];
};

enum worker_state {
    WORKER_NONE,  // no such thread
    WORKER_FREE,  // waiting for work, or for room for its answer
    WORKER_BUSY,  // reading
    WORKER_STUCK, // reading for too long, and reported
    WORKER_ENDED, // to be joined
};

struct worker {
    struct prober *prober; // set before the thread starts
    pthread_t thread;      // the collector's
    /* Protected by lock: */
    enum worker_state state;
    struct question question;
    uint64_t begin_ns;
    /* The thread's own: */
    char buffer[PROBER_ANSWER_BYTES];
};

struct prober {
    /* Set before the first thread starts: */
    struct platform *platform;
    prober_wakeup *wakeup;
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t work;  // questions came, or the end
    pthread_cond_t space; // the batches changed places, or the end
    pthread_cond_t ended; // a thread has ended

    /* Protected by lock: */
    struct ring urgent, background;
    struct batch *filling;
    struct worker workers[PROBER_THREADS];
    unsigned taken; // questions so far, for the background's turn
    bool stopping;

    /* The collector's: */
    struct batch *reading;
    size_t read_next;
    uint64_t collected_ns; // when it last looked
};

/* --- rings ------------------------------------------------------------------------------ */

static int ring_grow(struct ring *ring)
{
    const size_t size = ring->size == 0 ? RING_START : ring->size * 2;
    struct question *items = reallocarray(NULL, size, sizeof(*items));
    if (items == NULL) {
        return -EAGAIN;
    }
    for (size_t i = 0; i < ring->count; i++) {
        items[i] = ring->items[(ring->first + i) & (ring->size - 1)];
    }
    free(ring->items);
    *ring = (struct ring){.items = items, .size = size, .count = ring->count};
    return 0;
}

static int ring_push(struct ring *ring, struct question question)
{
    if (ring->count == ring->size) {
        const int error = ring_grow(ring);
        if (error < 0) {
            return error;
        }
    }
    ring->items[(ring->first + ring->count) & (ring->size - 1)] = question;
    ring->count++;
    return 0;
}

static struct question ring_pop(struct ring *ring)
{
    assert(ring->count > 0);
    const struct question question = ring->items[ring->first];
    ring->first = (ring->first + 1) & (ring->size - 1);
    ring->count--;
    return question;
}

static size_t waiting(const struct prober *prober)
{
    return prober->urgent.count + prober->background.count;
}

static struct question next_question(struct prober *prober)
{
    prober->taken++;
    const bool turn = prober->taken % BACKGROUND_TURN == 0 && prober->background.count > 0;
    return ring_pop(turn || prober->urgent.count == 0 ? &prober->background : &prober->urgent);
}

/* --- the threads ------------------------------------------------------------------------ */

static bool batch_has_room(const struct batch *batch, size_t len)
{
    return batch->count < BATCH_ANSWERS && len <= BATCH_BYTES - batch->bytes_used;
}

/* What a read brought. */
struct finding {
    int error;
    size_t len;                  // in the worker's buffer
    struct probe_result *result; // of a part, instead
};

/* Lock held; gives it up while there is no room. */
static void deliver(struct prober *prober, struct worker *worker, struct finding found)
{
    const size_t len = found.len;
    worker->state = WORKER_FREE;
    while (!prober->stopping && !batch_has_room(prober->filling, len)) {
        (void)pthread_cond_wait(&prober->space, &prober->lock); // fails for bugs only
    }
    if (prober->stopping) {
        prober_result_destroy(found.result);
        return;
    }
    struct batch *batch = prober->filling;
    char *bytes = batch->bytes + batch->bytes_used;
    memcpy(bytes, worker->buffer, len);
    /* Frequencies are read as 32-bit words, so every answer begins at a word's boundary. */
    batch->bytes_used += (len + 7) & ~(size_t)7;
    batch->answers[batch->count] = (struct probe_answer){
        .is_part = worker->question.is_part,
        .kind = worker->question.kind,
        .part = worker->question.part,
        .result = found.result,
        .id = worker->question.id,
        .address = worker->question.address,
        .error = found.error,
        .ptr = bytes,
        .len = len,
    };
    batch->count++;
}

/* Lock held. The end of the queue, and now and then before it; but not for every answer. */
static bool is_worth_a_wakeup(const struct prober *prober)
{
    const size_t count = prober->filling->count;
    return count > 0 && (waiting(prober) == 0 || count % BATCH_NOTIFY == 0 ||
                         !batch_has_room(prober->filling, PROBER_ANSWER_BYTES));
}

static struct finding read_part(struct prober *prober, const struct question *question)
{
    struct arena *arena = arena_create(PROBER_RESULT_BYTES);
    struct probe_result *result = arena == NULL ? NULL : arena_alloc(arena, 1, sizeof(*result));
    if (result == NULL) {
        arena_destroy(arena);
        return (struct finding){.error = -ENOMEM};
    }
    result->arena = arena;
    const int error =
        platform_inspect(prober->platform, question->part, question->id, arena, &result->raw);
    if (error < 0) {
        arena_destroy(arena);
        return (struct finding){.error = error};
    }
    return (struct finding){.result = result};
}

static struct finding read_fact(struct prober *prober, const struct question *question,
                                struct worker *worker)
{
    const size_t size = sizeof(worker->buffer);
    size_t len = 0;
    const int error =
        question->kind == PROBE_HOST
            ? platform_probe_host(prober->platform, &question->address, worker->buffer, size, &len)
            : platform_probe(prober->platform, question->kind, question->id, worker->buffer, size,
                             &len);
    len = error < 0 ? 0 : len;
    return (struct finding){.error = error, .len = len < size ? len : size};
}

/* Lock held; gives it up while reading. */
static void work_once(struct prober *prober, struct worker *worker)
{
    worker->question = next_question(prober);
    worker->begin_ns = platform_now_ns();
    worker->state = WORKER_BUSY;
    const struct question question = worker->question;
    (void)pthread_mutex_unlock(&prober->lock);

    const struct finding found =
        question.is_part ? read_part(prober, &question) : read_fact(prober, &question, worker);

    (void)pthread_mutex_lock(&prober->lock);
    const bool was_stuck = worker->state == WORKER_STUCK;
    deliver(prober, worker, found);
    if (!prober->stopping && (was_stuck || is_worth_a_wakeup(prober))) {
        (void)pthread_mutex_unlock(&prober->lock);
        prober->wakeup(prober->context);
        (void)pthread_mutex_lock(&prober->lock);
    }
}

static void *worker_main(void *context)
{
    struct worker *worker = context;
    struct prober *prober = worker->prober;
    (void)pthread_mutex_lock(&prober->lock);
    while (!prober->stopping) {
        if (waiting(prober) > 0) {
            work_once(prober, worker);
        } else {
            (void)pthread_cond_wait(&prober->work, &prober->lock);
        }
    }
    worker->state = WORKER_ENDED;
    (void)pthread_cond_signal(&prober->ended);
    (void)pthread_mutex_unlock(&prober->lock);
    return NULL;
}

/* Lock held. Errors: -EAGAIN when there are enough threads or none can be made. */
static int start_worker(struct prober *prober)
{
    for (size_t i = 0; i < PROBER_THREADS; i++) {
        struct worker *worker = &prober->workers[i];
        if (worker->state == WORKER_NONE) {
            worker->prober = prober;
            worker->state = WORKER_FREE;
            const int error = thread_start(&worker->thread, worker_main, worker);
            if (error < 0) {
                worker->state = WORKER_NONE;
            }
            return error < 0 ? -EAGAIN : 0;
        }
    }
    return -EAGAIN;
}

/* --- starting and stopping -------------------------------------------------------------- */

static void drop_results(const struct batch *batch, size_t from)
{
    for (size_t i = from; i < batch->count; i++) {
        prober_result_destroy(batch->answers[i].result);
    }
}

static void prober_free(struct prober *prober)
{
    drop_results(prober->filling, 0);
    drop_results(prober->reading, prober->read_next);
    (void)pthread_cond_destroy(&prober->work); // nobody waits
    (void)pthread_cond_destroy(&prober->space);
    (void)pthread_cond_destroy(&prober->ended);
    (void)pthread_mutex_destroy(&prober->lock);
    free(prober->urgent.items);
    free(prober->background.items);
    free(prober->filling);
    free(prober->reading);
    free(prober);
}

static int init_locks(struct prober *prober)
{
    int error = -pthread_mutex_init(&prober->lock, NULL);
    error = error < 0 ? error : thread_condition_init(&prober->work);
    error = error < 0 ? error : thread_condition_init(&prober->space);
    return error < 0 ? error : thread_condition_init(&prober->ended);
}

int prober_start(struct platform *platform, prober_wakeup *wakeup, void *context,
                 struct prober **ret)
{
    struct prober *prober = calloc(1, sizeof(*prober));
    if (prober == NULL) {
        return -ENOMEM;
    }
    prober->platform = platform;
    prober->wakeup = wakeup;
    prober->context = context;
    prober->filling = calloc(1, sizeof(*prober->filling));
    prober->reading = calloc(1, sizeof(*prober->reading));
    int error = prober->filling == NULL || prober->reading == NULL ? -ENOMEM : init_locks(prober);
    if (error < 0) { // locks that were not made cost nothing on any system we know
        free(prober->filling);
        free(prober->reading);
        free(prober);
        return error;
    }
    (void)pthread_mutex_lock(&prober->lock);
    error = start_worker(prober);
    (void)pthread_mutex_unlock(&prober->lock);
    if (error < 0) {
        prober_free(prober);
        return error;
    }
    *ret = prober;
    return 0;
}

static bool all_ended(const struct prober *prober)
{
    for (size_t i = 0; i < PROBER_THREADS; i++) {
        const enum worker_state state = prober->workers[i].state;
        if (state != WORKER_NONE && state != WORKER_ENDED) {
            return false;
        }
    }
    return true;
}

bool prober_stop(struct prober *prober, uint64_t deadline_ns)
{
    if (prober == NULL) {
        return true;
    }
    (void)pthread_mutex_lock(&prober->lock);
    prober->stopping = true;
    (void)pthread_cond_broadcast(&prober->work);
    (void)pthread_cond_broadcast(&prober->space);
    bool late = false;
    while (!all_ended(prober) && !late) {
        late = thread_wait_until(&prober->ended, &prober->lock, deadline_ns);
    }
    const bool ended = all_ended(prober);
    (void)pthread_mutex_unlock(&prober->lock);
    if (!ended) {
        return false;
    }
    for (size_t i = 0; i < PROBER_THREADS; i++) {
        if (prober->workers[i].state == WORKER_ENDED) {
            (void)pthread_join(prober->workers[i].thread, NULL); // on its way out already
        }
    }
    prober_free(prober);
    return true;
}

/* --- the collector's side ---------------------------------------------------------------- */

static bool is_same(const struct question *a, const struct question *b)
{
    return a->is_part == b->is_part && a->kind == b->kind && a->part == b->part &&
           proc_id_equal(a->id, b->id) &&
           memcmp(a->address.bytes, b->address.bytes, sizeof(a->address.bytes)) == 0;
}

/* Lock held. */
static bool is_stuck(const struct prober *prober, const struct question *question)
{
    for (size_t i = 0; i < PROBER_THREADS; i++) {
        const struct worker *worker = &prober->workers[i];
        if (worker->state == WORKER_STUCK && is_same(&worker->question, question)) {
            return true;
        }
    }
    return false;
}

static int enqueue(struct prober *prober, const struct question *question, bool urgent)
{
    int error = 0;
    (void)pthread_mutex_lock(&prober->lock);
    if (is_stuck(prober, question)) {
        error = -EALREADY;
    } else if (waiting(prober) >= PROBER_QUEUE_MAX) {
        error = -EAGAIN;
    } else {
        error = ring_push(urgent ? &prober->urgent : &prober->background, *question);
    }
    (void)pthread_mutex_unlock(&prober->lock);
    return error;
}

int prober_ask(struct prober *prober, enum probe_kind kind, struct proc_id id, bool urgent)
{
    const struct question question = {.kind = kind, .id = id, .asked_ns = platform_now_ns()};
    return enqueue(prober, &question, urgent);
}

int prober_ask_host(struct prober *prober, const struct net_address *address)
{
    const struct question question = {.kind = PROBE_HOST,
                                      .address = *address,
                                      .asked_ns = platform_now_ns()};
    return enqueue(prober, &question, false);
}

size_t prober_stuck(struct prober *prober, enum probe_kind kind)
{
    size_t count = 0;
    (void)pthread_mutex_lock(&prober->lock);
    for (size_t i = 0; i < PROBER_THREADS; i++) {
        const struct worker *worker = &prober->workers[i];
        count += worker->state == WORKER_STUCK && !worker->question.is_part &&
                 worker->question.kind == kind;
    }
    (void)pthread_mutex_unlock(&prober->lock);
    return count;
}

int prober_ask_part(struct prober *prober, enum inspect_part part, struct proc_id id)
{
    const struct question question = {
        .is_part = true, .part = part, .id = id, .asked_ns = platform_now_ns()};
    return enqueue(prober, &question, true);
}

void prober_result_destroy(struct probe_result *result)
{
    if (result != NULL) {
        arena_destroy(result->arena);
    }
}

void prober_go(struct prober *prober)
{
    (void)pthread_mutex_lock(&prober->lock);
    if (waiting(prober) > 0) {
        (void)pthread_cond_broadcast(&prober->work);
    }
    (void)pthread_mutex_unlock(&prober->lock);
}

size_t prober_waiting(struct prober *prober)
{
    (void)pthread_mutex_lock(&prober->lock);
    const size_t count = waiting(prober);
    (void)pthread_mutex_unlock(&prober->lock);
    return count;
}

/* Lock held. True when some thread takes questions, perhaps a new one made here. */
static bool is_served(struct prober *prober)
{
    for (size_t i = 0; i < PROBER_THREADS; i++) {
        const enum worker_state state = prober->workers[i].state;
        if (state == WORKER_FREE || state == WORKER_BUSY) {
            return true;
        }
    }
    return start_worker(prober) == 0;
}

static bool is_late(uint64_t begin_ns, uint64_t now_ns)
{
    return now_ns >= begin_ns && now_ns - begin_ns >= PROBER_STUCK_NS;
}

static struct probe_answer blocked_answer(struct question question)
{
    return (struct probe_answer){
        .address = question.address,
        .is_part = question.is_part,
        .kind = question.kind,
        .part = question.part,
        .id = question.id,
        .error = -ETIMEDOUT,
        .ptr = "",
    };
}

/* Lock held. Write off one read, or, when no thread is left, one urgent question. */
static bool notice_stuck(struct prober *prober, uint64_t now_ns, struct probe_answer *ret)
{
    for (size_t i = 0; i < PROBER_THREADS; i++) {
        struct worker *worker = &prober->workers[i];
        if (worker->state == WORKER_BUSY && is_late(worker->begin_ns, now_ns)) {
            worker->state = WORKER_STUCK;
            *ret = blocked_answer(worker->question);
            (void)is_served(prober); // asked again below when this was the last one possible
            return true;
        }
    }
    const struct ring *ring = &prober->urgent;
    if (ring->count > 0 && is_late(ring->items[ring->first].asked_ns, now_ns) &&
        !is_served(prober)) {
        *ret = blocked_answer(ring_pop(&prober->urgent));
        return true;
    }
    return false;
}

bool prober_collect(struct prober *prober, uint64_t now_ns, struct probe_answer *ret)
{
    prober->collected_ns = now_ns;
    if (prober->read_next < prober->reading->count) {
        *ret = prober->reading->answers[prober->read_next];
        prober->read_next++;
        return true;
    }
    (void)pthread_mutex_lock(&prober->lock);
    struct batch *read = prober->reading;
    read->count = 0;
    read->bytes_used = 0;
    prober->read_next = 0;
    prober->reading = prober->filling;
    prober->filling = read;
    (void)pthread_cond_broadcast(&prober->space);
    const bool any = prober->reading->count > 0;
    const bool stuck = !any && notice_stuck(prober, now_ns, ret);
    (void)pthread_mutex_unlock(&prober->lock);
    if (any) {
        *ret = prober->reading->answers[0];
        prober->read_next = 1;
    }
    return any || stuck;
}

uint64_t prober_deadline_ns(struct prober *prober)
{
    uint64_t deadline_ns = UINT64_MAX;
    bool served = false;
    (void)pthread_mutex_lock(&prober->lock);
    bool busy = waiting(prober) > 0;
    for (size_t i = 0; i < PROBER_THREADS; i++) {
        const struct worker *worker = &prober->workers[i];
        served |= worker->state == WORKER_FREE || worker->state == WORKER_BUSY;
        if (worker->state == WORKER_BUSY) {
            busy = true;
            const uint64_t stuck_ns = worker->begin_ns + PROBER_STUCK_NS;
            deadline_ns = stuck_ns < deadline_ns ? stuck_ns : deadline_ns;
        }
    }
    const struct ring *ring = &prober->urgent;
    if (!served && ring->count > 0) {
        deadline_ns = ring->items[ring->first].asked_ns + PROBER_STUCK_NS;
    } else if (served &&
               (busy || prober->filling->count > 0 || prober->read_next < prober->reading->count)) {
        /* No wake-up comes for the answers in front of a slow read. */
        const uint64_t look_ns = prober->collected_ns + COLLECT_LATE_NS;
        deadline_ns = look_ns < deadline_ns ? look_ns : deadline_ns;
    }
    (void)pthread_mutex_unlock(&prober->lock);
    return deadline_ns;
}

bool prober_idle(struct prober *prober)
{
    (void)pthread_mutex_lock(&prober->lock);
    bool idle = waiting(prober) == 0 && prober->filling->count == 0 &&
                prober->read_next >= prober->reading->count;
    for (size_t i = 0; i < PROBER_THREADS; i++) {
        idle = idle && prober->workers[i].state != WORKER_BUSY;
    }
    (void)pthread_mutex_unlock(&prober->lock);
    return idle;
}
