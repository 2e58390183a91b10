#include "sampler/sampler.h"

#include "base/arena.h"
#include "model/plan.h"
#include "model/snapshot.h"
#include "platform/platform.h"
#include "sampler/mailbox.h"
#include "sampler/prober.h"
#include "sampler/scan.h"
#include "sampler/thread.h"

#include <errno.h>
#include <stdlib.h>

/*
 * One turn does whatever is due (obey, collect, scan, publish) and says when the next thing is.
 * The thread is a loop of turns and sleeps; without a thread sampler_take() makes the turns. The
 * lock guards orders from other threads only and is never held while reading or subtracting.
 */

enum {
    MS = 1000000,
    INTERVAL_MIN_NS = 100 * MS,
    SECOND_SCAN_NS = 150 * MS, // so that rates are there soon after the start
    SCAN_GAP_NS = 100 * MS,    // rates over less than this say nothing
    REFRESH_GAP_NS = 30 * MS,  // between publications of one scan, news about visible rows
    UNSEEN_GAP_NS = 200 * MS,  // and about others
    STOP_NS = 250 * MS,
    SCAN_SHARE = 3, // a scan may take this part of the interval
};

static const uint64_t interval_max_ns = 3600ull * 1000 * MS;
static const uint64_t settle_ns = 2500ull * MS; // how long to wait for the prober at most

struct sampler {
    /* Set before the thread starts: */
    sampler_wakeup *wakeup;
    void *context;
    struct platform *platform;
    struct prober *prober; // NULL: no thread for it
    struct scan *scan;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t event; // there is something to do before the deadline
    pthread_cond_t ended;

    /* Protected by lock: */
    struct plan ordered;
    bool plan_ordered, poked, has_event, stopping, has_ended;

    /* Any thread: */
    struct mailbox box;

    /* Scanning thread only: */
    struct plan plan;
    struct prober *inspector; // reads inspected processes; NULL until there was one
    struct arena *spare;      // of a snapshot nobody took
    uint64_t seq;             // of the last publication
    uint64_t planned_ns;      // when the next scan is to begin
    uint64_t begun_ns;        // when the last one began
    uint64_t scanned_ns;      // when it was done
    uint64_t cost_ns;         // what it took
    uint64_t stretched_ns;    // for the snapshot
    uint64_t published_ns;    // when the last publication was
    bool unpublished;         // the last scan was not published yet
    enum scan_news news;      // what to publish again for
};

/* --- cadence ---------------------------------------------------------------------------- */

static uint64_t interval_of(const struct plan *plan)
{
    const uint64_t interval_ns = plan->interval_ns;
    if (interval_ns < INTERVAL_MIN_NS) {
        return INTERVAL_MIN_NS;
    }
    return interval_ns < interval_max_ns ? interval_ns : interval_max_ns;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The interval that is kept, longer than asked for when scans are too slow. */
static uint64_t kept_interval(struct sampler *sampler)
{
    const uint64_t interval_ns = interval_of(&sampler->plan);
    const bool slow = sampler->cost_ns > interval_ns / SCAN_SHARE;
    sampler->stretched_ns = slow ? SCAN_SHARE * sampler->cost_ns : 0;
    return slow ? sampler->stretched_ns : interval_ns;
}

static void plan_next_scan(struct sampler *sampler, uint64_t now_ns)
{
    const uint64_t interval_ns = kept_interval(sampler);
    if (scan_count(sampler->scan) == 1) {
        sampler->planned_ns = sampler->begun_ns + sooner(SECOND_SCAN_NS, interval_ns);
        return;
    }
    /* Deadlines follow each other so that the beat does not drift, unless the scan was early
     * (asked for) or much too late (suspended, stopped). */
    const uint64_t late_ns = sampler->begun_ns - sooner(sampler->begun_ns, sampler->planned_ns);
    const bool on_time = sampler->begun_ns >= sampler->planned_ns && late_ns < interval_ns / 4;
    const uint64_t base_ns = on_time ? sampler->planned_ns : sampler->begun_ns;
    sampler->planned_ns = later(base_ns + interval_ns, now_ns);
}

static void scan_soon(struct sampler *sampler, uint64_t now_ns)
{
    const uint64_t soon_ns = later(now_ns, sampler->begun_ns + SCAN_GAP_NS);
    sampler->planned_ns = sooner(sampler->planned_ns, soon_ns);
}

/* --- orders ------------------------------------------------------------------------------- */

static prober_wakeup answers_came;

/* Most runs inspect nothing, so the thread for it comes with the first wish. */
static void have_inspector(struct sampler *sampler)
{
    if (sampler->plan.inspect == 0 || sampler->inspector != NULL) {
        return;
    }
    if (prober_start(sampler->platform, answers_came, sampler, &sampler->inspector) == 0) {
        scan_set_inspector(sampler->scan, sampler->inspector);
    }
}

static void obey_plan(struct sampler *sampler, const struct plan *old, uint64_t now_ns)
{
    const struct plan *plan = &sampler->plan;
    const fact_mask scanned = FACT_SCANNED | FACT_USER;
    if (interval_of(plan) != interval_of(old) && scan_count(sampler->scan) > 1) {
        sampler->planned_ns = later(now_ns, sampler->begun_ns + kept_interval(sampler));
    }
    const bool more = (plan->want & ~old->want & scanned) != 0 ||
                      (plan_parts(plan) & ~plan_parts(old)) != 0 || plan->threads != old->threads;
    const bool goes_on = old->paused && !plan->paused;
    if (more || goes_on) {
        scan_soon(sampler, now_ns);
    }
    have_inspector(sampler);
    if (scan_refresh(sampler->scan, plan)) {
        sampler->news = SCAN_NEWS_SEEN;
    }
}

static void take_orders(struct sampler *sampler, uint64_t now_ns)
{
    (void)pthread_mutex_lock(&sampler->lock);
    const bool poked = sampler->poked;
    const bool has_plan = sampler->plan_ordered;
    const struct plan old = sampler->plan;
    if (has_plan) {
        sampler->plan = sampler->ordered;
    }
    sampler->poked = false;
    sampler->plan_ordered = false;
    sampler->has_event = false;
    (void)pthread_mutex_unlock(&sampler->lock);
    if (has_plan) {
        obey_plan(sampler, &old, now_ns);
    }
    if (poked) {
        scan_soon(sampler, now_ns);
    }
}

/* --- publishing --------------------------------------------------------------------------- */

static void keep_spare(struct sampler *sampler, struct arena *arena)
{
    arena_destroy(sampler->spare);
    sampler->spare = arena;
}

static struct arena *take_arena(struct sampler *sampler)
{
    struct snapshot *old = mailbox_reuse(&sampler->box);
    struct arena *arena = old != NULL ? old->arena : sampler->spare;
    if (old == NULL) {
        sampler->spare = NULL;
    }
    if (arena == NULL) {
        return arena_create(SCAN_SNAPSHOT_BYTES_MAX);
    }
    arena_reset(arena);
    return arena;
}

static bool is_stopping(struct sampler *sampler)
{
    (void)pthread_mutex_lock(&sampler->lock);
    const bool stopping = sampler->stopping;
    (void)pthread_mutex_unlock(&sampler->lock);
    return stopping;
}

/* When memory is short the sample is dropped, and whoever looks keeps the one before. */
static void publish(struct sampler *sampler)
{
    sampler->unpublished = false;
    sampler->news = SCAN_NEWS_NONE;
    struct arena *arena = take_arena(sampler);
    struct snapshot *snap = NULL;
    if (arena == NULL) {
        return;
    }
    if (scan_build(sampler->scan, arena, &snap) < 0) {
        keep_spare(sampler, arena);
        return;
    }
    sampler->published_ns = platform_now_ns();
    snap->seq = ++sampler->seq;
    snap->scan_cost_ns = sampler->cost_ns;
    snap->stretched_ns = sampler->stretched_ns;
    struct snapshot *missed = mailbox_post(&sampler->box, snap);
    if (missed != NULL) {
        keep_spare(sampler, missed->arena);
    }
    if (sampler->has_thread && !is_stopping(sampler)) {
        sampler->wakeup(sampler->context);
    }
}

static bool publication_is_due(const struct sampler *sampler, uint64_t now_ns)
{
    if (sampler->unpublished) {
        return !sampler->plan.settle || scan_is_settled(sampler->scan) ||
               now_ns >= sampler->scanned_ns + settle_ns;
    }
    const uint64_t since_ns = now_ns - sampler->published_ns;
    return (sampler->news == SCAN_NEWS_SEEN && since_ns >= REFRESH_GAP_NS) ||
           (sampler->news == SCAN_NEWS_UNSEEN && since_ns >= UNSEEN_GAP_NS);
}

/* --- turns -------------------------------------------------------------------------------- */

/* A paused plan still gets the one scan without which there is nothing to look at. */
static bool is_resting(const struct sampler *sampler)
{
    return sampler->plan.paused && scan_count(sampler->scan) > 0;
}

static void scan_now(struct sampler *sampler, uint64_t now_ns)
{
    sampler->begun_ns = now_ns;
    have_inspector(sampler);
    const int error = scan_take(sampler->scan, &sampler->plan);
    sampler->scanned_ns = platform_now_ns();
    sampler->cost_ns = sampler->scanned_ns - now_ns;
    sampler->unpublished = error == 0;
    sampler->news = SCAN_NEWS_NONE;
    plan_next_scan(sampler, sampler->scanned_ns);
}

static uint64_t next_deadline(const struct sampler *sampler)
{
    uint64_t deadline_ns = scan_deadline_ns(sampler->scan);
    if (sampler->unpublished) {
        return sooner(deadline_ns, sampler->scanned_ns + settle_ns);
    }
    if (!is_resting(sampler)) {
        deadline_ns = sooner(deadline_ns, sampler->planned_ns);
    }
    switch (sampler->news) {
    case SCAN_NEWS_SEEN:
        return sooner(deadline_ns, sampler->published_ns + REFRESH_GAP_NS);
    case SCAN_NEWS_UNSEEN:
        return sooner(deadline_ns, sampler->published_ns + UNSEEN_GAP_NS);
    case SCAN_NEWS_NONE:
        break;
    }
    return deadline_ns;
}

/* Do what is due; returns when the next thing is. */
static uint64_t turn(struct sampler *sampler)
{
    uint64_t now_ns = platform_now_ns();
    take_orders(sampler, now_ns);
    const enum scan_news news = scan_collect(sampler->scan, &sampler->plan, now_ns);
    sampler->news = news > sampler->news ? news : sampler->news;
    if (!is_resting(sampler) && !sampler->unpublished && now_ns >= sampler->planned_ns) {
        scan_now(sampler, now_ns);
        now_ns = sampler->scanned_ns;
    }
    if (publication_is_due(sampler, now_ns)) {
        publish(sampler);
    }
    return next_deadline(sampler);
}

static void *sampler_main(void *context)
{
    struct sampler *sampler = context;
    (void)pthread_mutex_lock(&sampler->lock);
    while (!sampler->stopping) {
        (void)pthread_mutex_unlock(&sampler->lock);
        const uint64_t deadline_ns = turn(sampler);
        (void)pthread_mutex_lock(&sampler->lock);
        bool late = false;
        while (!sampler->stopping && !sampler->has_event && !late) {
            late = thread_wait_until(&sampler->event, &sampler->lock, deadline_ns);
        }
    }
    sampler->has_ended = true;
    (void)pthread_cond_signal(&sampler->ended);
    (void)pthread_mutex_unlock(&sampler->lock);
    return NULL;
}

/* Lock held. */
static void raise_event(struct sampler *sampler)
{
    sampler->has_event = true;
    (void)pthread_cond_signal(&sampler->event);
}

/* Called on a prober thread. */
static void answers_came(void *context)
{
    struct sampler *sampler = context;
    (void)pthread_mutex_lock(&sampler->lock);
    raise_event(sampler);
    (void)pthread_mutex_unlock(&sampler->lock);
}

/* --- from outside ------------------------------------------------------------------------- */

/* Everything that needs no thread to have ended. */
static void sampler_free(struct sampler *sampler)
{
    snapshot_free(mailbox_take(&sampler->box));
    snapshot_free(mailbox_reuse(&sampler->box));
    arena_destroy(sampler->spare);
    scan_destroy(sampler->scan);
    (void)pthread_cond_destroy(&sampler->event); // nobody waits
    (void)pthread_cond_destroy(&sampler->ended);
    (void)pthread_mutex_destroy(&sampler->lock);
    free(sampler);
}

static int init_locks(struct sampler *sampler)
{
    int error = -pthread_mutex_init(&sampler->lock, NULL);
    error = error < 0 ? error : thread_condition_init(&sampler->event);
    return error < 0 ? error : thread_condition_init(&sampler->ended);
}

int sampler_start(struct platform *platform, const struct plan *plan, sampler_wakeup *wakeup,
                  void *context, struct sampler **ret)
{
    struct sampler *sampler = calloc(1, sizeof(*sampler));
    if (sampler == NULL) {
        return -ENOMEM;
    }
    if (init_locks(sampler) < 0) {
        free(sampler);
        return -ENOMEM;
    }
    mailbox_init(&sampler->box);
    sampler->wakeup = wakeup;
    sampler->context = context;
    sampler->plan = *plan;
    sampler->platform = platform;
    if (prober_start(platform, answers_came, sampler, &sampler->prober) < 0) {
        sampler->prober = NULL; // its facts stay unknown; the rest works
    }
    if (scan_create(platform, sampler->prober, SCAN_RAW_BYTES_MAX, &sampler->scan) < 0) {
        (void)prober_stop(sampler->prober, UINT64_MAX); // it was asked nothing, so it ends
        sampler_free(sampler);
        return -ENOMEM;
    }
    sampler->planned_ns = platform_now_ns();
    sampler->has_thread = true; // read by the thread
    if (thread_start(&sampler->thread, sampler_main, sampler) < 0) {
        sampler->has_thread = false;
    }
    *ret = sampler;
    return 0;
}

/* True when the thread has ended by the deadline. */
static bool end_thread(struct sampler *sampler, uint64_t deadline_ns)
{
    (void)pthread_mutex_lock(&sampler->lock);
    sampler->stopping = true;
    (void)pthread_cond_signal(&sampler->event);
    bool late = !sampler->has_thread;
    while (!sampler->has_ended && !late) {
        late = thread_wait_until(&sampler->ended, &sampler->lock, deadline_ns);
    }
    const bool ended = sampler->has_ended || !sampler->has_thread;
    (void)pthread_mutex_unlock(&sampler->lock);
    if (ended && sampler->has_thread) {
        (void)pthread_join(sampler->thread, NULL); // on its way out already
        sampler->has_thread = false;
    }
    return ended;
}

bool sampler_stop(struct sampler *sampler)
{
    if (sampler == NULL) {
        return true;
    }
    const uint64_t deadline_ns = platform_now_ns() + STOP_NS;
    if (!end_thread(sampler, deadline_ns)) {
        return false;
    }
    if (prober_stop(sampler->inspector, deadline_ns)) {
        sampler->inspector = NULL; // freed
    }
    if (prober_stop(sampler->prober, deadline_ns)) {
        sampler->prober = NULL;
    }
    if (sampler->inspector != NULL || sampler->prober != NULL) {
        return false;
    }
    sampler_free(sampler);
    return true;
}

void sampler_set_plan(struct sampler *sampler, const struct plan *plan)
{
    (void)pthread_mutex_lock(&sampler->lock);
    sampler->ordered = *plan;
    sampler->plan_ordered = true;
    raise_event(sampler);
    (void)pthread_mutex_unlock(&sampler->lock);
}

void sampler_poke(struct sampler *sampler)
{
    (void)pthread_mutex_lock(&sampler->lock);
    sampler->poked = true;
    raise_event(sampler);
    (void)pthread_mutex_unlock(&sampler->lock);
}

struct snapshot *sampler_take(struct sampler *sampler)
{
    if (!sampler->has_thread) {
        (void)turn(sampler); // whoever calls again decides when
    }
    return mailbox_take(&sampler->box);
}

void sampler_give_back(struct sampler *sampler, struct snapshot *snap)
{
    if (snap != NULL) {
        snapshot_free(mailbox_return(&sampler->box, snap));
    }
}
