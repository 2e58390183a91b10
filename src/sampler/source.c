#include "sampler/source.h"

#include "platform/platform.h"
#include "sampler/actor.h"
#include "sampler/sampler.h"

#include <errno.h>
#include <stdlib.h>

enum {
    SOURCE_STALL_NS = 2000000000, // without moving on to another process
};

/* What a kind of source can do. */
struct source_ops {
    bool (*stop)(struct source *source);
    void (*set_plan)(struct source *source, const struct plan *plan);
    void (*poke)(struct source *source);
    struct snapshot *(*take)(struct source *source);
    void (*give_back)(struct source *source, struct snapshot *snap);
    int (*enable_acting)(struct source *source, act_record *record, void *context);
    int (*request)(struct source *source, const struct act_request *request);
    bool (*take_outcome)(struct source *source, struct act_outcome *ret);
    struct inspection *(*take_inspection)(struct source *source);
    struct act_progress (*act_progress)(struct source *source);
    struct source_stall (*stall)(const struct source *source, uint64_t now_ns);
};

struct source {
    const struct source_ops *ops;
};

/* --- the live system ---------------------------------------------------------------------- */

struct live {
    struct source source; // first
    struct platform *platform;
    struct sampler *sampler;
    struct actor *actor; // NULL: not to act
    source_wakeup *wakeup;
    void *context;
};

static struct live *live_of(struct source *source)
{
    return (struct live *)source;
}

static bool live_stop(struct source *source)
{
    struct live *live = live_of(source);
    const bool has_acted = actor_stop(live->actor);
    const bool has_sampled = sampler_stop(live->sampler);
    live->actor = has_acted ? NULL : live->actor;
    live->sampler = has_sampled ? NULL : live->sampler;
    if (!has_acted || !has_sampled) {
        return false;
    }
    free(live);
    return true;
}

static void live_set_plan(struct source *source, const struct plan *plan)
{
    sampler_set_plan(live_of(source)->sampler, plan);
}

static void live_poke(struct source *source)
{
    sampler_poke(live_of(source)->sampler);
}

static struct snapshot *live_take(struct source *source)
{
    return sampler_take(live_of(source)->sampler);
}

static void live_give_back(struct source *source, struct snapshot *snap)
{
    sampler_give_back(live_of(source)->sampler, snap);
}

static int live_enable_acting(struct source *source, act_record *record, void *context)
{
    struct live *live = live_of(source);
    if (!platform_can_act()) {
        return -ENOTSUP;
    }
    const struct actor_options options = {
        .platform = live->platform,
        .wakeup = live->wakeup,
        .wakeup_context = live->context,
        .record = record,
        .record_context = context,
    };
    return live->actor != NULL ? 0 : actor_start(&options, &live->actor);
}

static int live_request(struct source *source, const struct act_request *request)
{
    struct live *live = live_of(source);
    return live->actor == NULL ? -ENOTSUP : actor_request(live->actor, request);
}

static bool live_take_outcome(struct source *source, struct act_outcome *ret)
{
    struct live *live = live_of(source);
    return live->actor != NULL && actor_take(live->actor, ret);
}

static struct inspection *live_take_inspection(struct source *source)
{
    struct live *live = live_of(source);
    return live->actor == NULL ? NULL : actor_take_inspection(live->actor);
}

static struct act_progress live_act_progress(struct source *source)
{
    struct live *live = live_of(source);
    return live->actor == NULL ? (struct act_progress){.kill_ns = UINT64_MAX}
                               : actor_progress(live->actor);
}

static struct source_stall live_stall(const struct source *source, uint64_t now_ns)
{
    const struct live *live = (const struct live *)source;
    const struct platform_progress progress = platform_progress(live->platform);
    const bool stalled = progress.since_ns != 0 && now_ns > progress.since_ns &&
                         now_ns - progress.since_ns >= SOURCE_STALL_NS;
    return (struct source_stall){
        .stalled = stalled,
        .pid = progress.pid,
        .since_ns = progress.since_ns,
    };
}

static const struct source_ops live_ops = {
    .stop = live_stop,
    .set_plan = live_set_plan,
    .poke = live_poke,
    .take = live_take,
    .give_back = live_give_back,
    .enable_acting = live_enable_acting,
    .request = live_request,
    .take_outcome = live_take_outcome,
    .take_inspection = live_take_inspection,
    .act_progress = live_act_progress,
    .stall = live_stall,
};

int source_live(struct platform *platform, const struct plan *plan, source_wakeup *wakeup,
                void *context, struct source **ret)
{
    struct live *live = calloc(1, sizeof(*live));
    if (live == NULL) {
        return -ENOMEM;
    }
    live->source.ops = &live_ops;
    live->platform = platform;
    live->wakeup = wakeup;
    live->context = context;
    const int error = sampler_start(platform, plan, wakeup, context, &live->sampler);
    if (error < 0) {
        free(live);
        return error;
    }
    *ret = &live->source;
    return 0;
}

/* --- any source --------------------------------------------------------------------------- */

bool source_stop(struct source *source)
{
    return source == NULL || source->ops->stop(source);
}

void source_set_plan(struct source *source, const struct plan *plan)
{
    source->ops->set_plan(source, plan);
}

void source_poke(struct source *source)
{
    source->ops->poke(source);
}

struct snapshot *source_take(struct source *source)
{
    return source->ops->take(source);
}

void source_give_back(struct source *source, struct snapshot *snap)
{
    source->ops->give_back(source, snap);
}

int source_enable_acting(struct source *source, act_record *record, void *context)
{
    return source->ops->enable_acting(source, record, context);
}

int source_request(struct source *source, const struct act_request *request)
{
    return source->ops->request(source, request);
}

bool source_take_outcome(struct source *source, struct act_outcome *ret)
{
    return source->ops->take_outcome(source, ret);
}

struct inspection *source_take_inspection(struct source *source)
{
    return source->ops->take_inspection(source);
}

struct act_progress source_act_progress(struct source *source)
{
    return source->ops->act_progress(source);
}

struct source_stall source_stall(const struct source *source, uint64_t now_ns)
{
    return source->ops->stall(source, now_ns);
}
