#include "sampler/scan.h"

#include "base/arena.h"
#include "model/plan.h"
#include "sampler/cache.h"
#include "sampler/diff.h"
#include "sampler/diff_inspect.h"
#include "sampler/growth.h"
#include "sampler/names.h"
#include "sampler/prober.h"
#include "sampler/scan_ask.h"
#include "sampler/scan_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The raw samples live in two arenas that take turns. Both are kept until the next scan, so that
 * the same pair can be subtracted again when more facts have come: same rates, more to show.
 */

enum {
    SCAN_YOUNG = 3,         // scans after which an owner is taken as settled (daemons drop root)
    SCAN_COLLECT_MAX = 2048 // answers taken in at a time, so that the cadence is kept
};

static const uint64_t rest_ns = 2000000000; // processes nobody looks at are read so often

int scan_create(struct platform *platform, struct prober *prober, size_t raw_bytes,
                struct scan **ret)
{
    struct scan *scan = calloc(1, sizeof(*scan));
    if (scan == NULL) {
        return -ENOMEM;
    }
    scan->platform = platform;
    scan->prober = prober;
    scan->provided = platform_provides(platform);
    scan->cache = cache_create(SCAN_PROCESSES_MAX);
    scan->arenas[0] = arena_create(raw_bytes);
    scan->arenas[1] = arena_create(raw_bytes);
    if (scan->cache == NULL || scan->arenas[0] == NULL || scan->arenas[1] == NULL) {
        scan_destroy(scan);
        return -ENOMEM;
    }
    *ret = scan;
    return 0;
}

void scan_destroy(struct scan *scan)
{
    if (scan == NULL) {
        return;
    }
    arena_destroy(scan->arenas[0]);
    arena_destroy(scan->arenas[1]);
    cache_destroy(scan->cache);
    scan_inspect_finish(&scan->inspect);
    free(scan);
}

void scan_set_inspector(struct scan *scan, struct prober *prober)
{
    scan->inspect.prober = prober;
}

/* --- what the plan comes to --------------------------------------------------------------- */

static fact_mask with_owner(fact_mask want)
{
    return (want & FACT_USER) != 0 ? want | FACT_OWNER : want;
}

/* What platform_read() can add for one process. */
static fact_mask readable(const struct scan *scan, fact_mask want)
{
    return with_owner(want) & scan->provided & FACT_SCANNED;
}

/* --- questions ------------------------------------------------------------------------------ */

static void ask_user(struct scan *scan, uint32_t uid)
{
    if (scan->has_last_uid && scan->last_uid == uid) {
        return;
    }
    struct cache_name *name = cache_user(scan->cache, uid);
    if (name == NULL) {
        return;
    }
    if (name->state == CACHE_EMPTY) {
        if (scan->prober == NULL) {
            name->state = CACHE_NONE;
        } else if (prober_ask(scan->prober, PROBE_USER, (struct proc_id){.pid = (int32_t)uid},
                              true) == 0) {
            name->state = CACHE_ASKED;
        } else {
            return;
        }
    }
    scan->last_uid = uid;
    scan->has_last_uid = true;
}

static void look_up_tty(struct scan *scan, uint32_t device)
{
    if (device == 0 || device == scan->last_tty) {
        return;
    }
    scan->last_tty = device;
    struct cache_name *name = cache_tty(scan->cache, device);
    if (name == NULL || name->state != CACHE_EMPTY) {
        return;
    }
    char text[64];
    // One that is not known is looked for again: its driver's table may not have been read yet.
    const int error = platform_tty_name(scan->platform, device, text, sizeof(text));
    if (error == 0 && cache_set_name(name, text, strnlen(text, sizeof(text))) == 0) {
        name->state = CACHE_FRESH;
    }
}

static void ask_frequencies(struct scan *scan, const struct plan *plan)
{
    if (!plan->frequencies && scan->has_frequencies) {
        (void)cache_set_frequencies(scan->cache, NULL, 0); // forgetting cannot fail
        scan->has_frequencies = false;
    }
    if (plan->frequencies && scan->prober != NULL && !scan->frequency_pending) {
        scan->frequency_pending =
            prober_ask(scan->prober, PROBE_FREQUENCY, (struct proc_id){.pid = 0}, true) == 0;
    }
}

/* --- reading -------------------------------------------------------------------------------- */

/* The process runs another program: what was known of the old one is to be asked again. */
static void note_program(struct scan *scan, struct cache_entry *entry, uint64_t exec_mark)
{
    if (entry->first_sample != scan->count && entry->exec_mark != exec_mark) {
        scan_ask_again(entry);
        entry->owner_sample = 0; // a set-user-id program, perhaps
    }
    entry->exec_mark = exec_mark;
}

/* True when another owner than before was found. */
static bool note_owner(struct scan *scan, struct cache_entry *entry, const struct raw_proc *proc)
{
    if ((proc->have & FACT_OWNER) == 0) {
        return false;
    }
    const bool changed = !entry->has_uid || entry->uid != proc->uid;
    entry->has_uid = true;
    entry->uid = proc->uid;
    entry->owner_sample = scan->count;
    return changed;
}

static bool owner_is_due(const struct scan *scan, const struct cache_entry *entry)
{
    return entry->owner_sample == 0 || scan->count - entry->first_sample < SCAN_YOUNG;
}

/* Read what is missing of `want`. True when that changed what is known. */
static bool read_missing(struct scan *scan, struct cache_entry *entry, struct raw_proc *proc,
                         fact_mask want)
{
    const fact_mask known = proc->have | proc->denied;
    if ((want & ~known) == 0) {
        return false;
    }
    platform_read(scan->platform, proc, want & ~known);
    const fact_mask gained = (proc->have | proc->denied) & ~known;
    if (entry == NULL) {
        return gained != 0;
    }
    if ((proc->have & ~known & FACT_IO) != 0) {
        entry->io_after_ns = platform_now_ns();
    }
    if ((proc->have & ~known & FACT_MEMORY) != 0) {
        growth_note_exact(entry, proc, scan_after(scan)->end_ns);
    }
    if ((want & FACT_OWNER) != 0) {
        entry->owner_sample = scan->count;
    }
    return note_owner(scan, entry, proc) || (gained & ~(fact_mask)FACT_OWNER) != 0 ||
           (proc->denied & gained) != 0;
}

/* Everything of one process that is not for visible rows only. True when it has questions. */
static bool visit(struct scan *scan, struct raw_proc *proc, fact_mask wanted)
{
    struct cache_entry *entry = cache_touch(scan->cache, proc->id, scan->count);
    if (entry == NULL) {
        return false;
    }
    note_program(scan, entry, proc->exec_mark);
    entry->io_before_ns = entry->io_after_ns;
    entry->io_after_ns = 0;
    (void)note_owner(scan, entry, proc);
    if ((wanted & FACT_OWNER) != 0 && owner_is_due(scan, entry)) {
        (void)read_missing(scan, entry, proc, FACT_OWNER);
    }
    if ((wanted & FACT_USER) != 0 && entry->has_uid) {
        ask_user(scan, entry->uid);
    }
    look_up_tty(scan, proc->tty_device);
    scan_ask_forget(entry, wanted, scan_after(scan)->end_ns);
    growth_note(entry, proc, scan_after(scan)->end_ns);
    return scan_ask_is_due(entry, proc, wanted);
}

/* Growth is counted from the last scan on. */
static bool obey_baseline(struct scan *scan, const struct plan *plan)
{
    const bool changed = scan->baseline != plan->baseline;
    const struct raw_sample *sample = scan_after(scan);
    scan->baseline = plan->baseline;
    for (size_t i = 0; changed && i < sample->proc_count; i++) {
        struct cache_entry *entry = cache_find_mutable(scan->cache, sample->procs[i].id);
        if (entry != NULL) {
            growth_rebase(entry, &sample->procs[i], sample->end_ns);
        }
    }
    return changed;
}

static bool visit_visible(struct scan *scan, const struct plan *plan, bool again)
{
    const fact_mask want = plan->want | plan->want_visible;
    const size_t count =
        plan->visible_count < PLAN_VISIBLE_MAX ? plan->visible_count : PLAN_VISIBLE_MAX;
    const struct raw_sample *const sample = scan_after(scan);
    bool changed = false;
    for (size_t i = 0; i < count; i++) {
        struct raw_proc *const proc = proc_id_find(sample->procs, sample->proc_count,
                                                   sizeof(*sample->procs), plan->visible[i]);
        if (proc == NULL) {
            continue;
        }
        struct cache_entry *entry = cache_find_mutable(scan->cache, proc->id);
        changed |= read_missing(scan, entry, proc, readable(scan, want));
        if (entry == NULL) {
            continue;
        }
        if ((want & FACT_USER) != 0 && entry->has_uid) {
            ask_user(scan, entry->uid);
        }
        scan_ask_visible(scan, plan, entry, proc, again);
    }
    return changed;
}

/* What is to be asked about the sample's other parts. */
static void visit_parts(struct scan *scan, const struct plan *plan)
{
    const struct raw_sample *sample = scan_after(scan);
    const struct raw_sample *before = scan->has_before ? &scan->raw[1 - scan->newest] : NULL;
    scan_parts_begin(&scan->parts, scan->cache, before, sample, scan->count);
    const size_t shown = (sample->parts & PART_SOCKETS) != 0 ? sample->socket_count : 0;
    for (size_t i = 0; i < shown; i++) {
        if (sample->sockets[i].uid != UINT32_MAX) {
            ask_user(scan, sample->sockets[i].uid);
        }
    }
    names_begin(cache_names(scan->cache));
    (void)names_show(cache_names(scan->cache), plan->names);
    (void)scan_parts_ask(&scan->parts, scan->cache, scan->prober, sample);
}

/* While nobody looks at processes those read lately are taken over. Not in the first such scan:
 * only then are their rates kept. */
static void rest(struct scan *scan, const struct plan *plan, struct platform_request *request)
{
    const bool was_resting = scan->rested && scan->intact;
    scan->rested = plan->resting && request->want == FACT_IDENT && !request->threads;
    if (scan->rested && was_resting) {
        const uint64_t soon_ns = platform_now_ns() + plan->interval_ns / 2; // it need not be exact
        request->known = scan_after(scan);
        request->known_since_ns = soon_ns > rest_ns ? soon_ns - rest_ns : 0;
    }
}

static void keep_rates(struct scan *scan, const struct snapshot *snap)
{
    const struct raw_sample *after = scan_after(scan); // in the same order
    for (size_t i = 0; scan->rested && i < snap->proc_count; i++) {
        struct cache_entry *entry = after->procs[i].taken_over_ns == 0
                                        ? cache_find_mutable(scan->cache, snap->procs[i].id)
                                        : NULL;
        if (entry != NULL) {
            cache_keep_rates(entry, &snap->procs[i]);
        }
    }
}

int scan_take(struct scan *scan, const struct plan *plan)
{
    const fact_mask hot = FACT_SCANNED & ~(fact_mask)FACT_OWNER; // which hardly ever changes
    const unsigned oldest = 1 - scan->newest;
    struct platform_request request = {
        .want = FACT_IDENT | (plan->want & scan->provided & hot),
        .threads = plan->threads,
        .parts = plan_parts(plan),
    };
    rest(scan, plan, &request);
    struct raw_sample raw = {0};
    arena_reset(scan->arenas[oldest]);
    scan->intact = false;
    const int error = platform_sample(scan->platform, &request, scan->arenas[oldest], &raw);
    if (error < 0) {
        scan->has_before = false; // its memory was to hold the new one
        return error;
    }
    raw.has_threads = plan->threads;
    scan->raw[oldest] = raw;
    scan->newest = oldest;
    scan->has_before = scan->has_after;
    scan->has_after = true;
    scan->intact = true;
    scan->count++;
    scan->has_last_uid = false;
    scan->last_tty = 0;
    scan->read_of_all = request.want;

    const fact_mask scanned = with_owner(plan->want | plan->want_visible) & scan->provided;
    const fact_mask wanted = (scanned & ~(fact_mask)FACT_PROBED) | scan_ask_of_all(scan, plan);
    scan->ask_at = raw.proc_count;
    for (size_t i = 0; i < raw.proc_count; i++) {
        const bool asks = visit(scan, &raw.procs[i], wanted);
        scan->ask_at = asks && i < scan->ask_at ? i : scan->ask_at;
    }
    cache_sweep(scan->cache, scan->count - 1); // the last scan's are shown once more, as exited
    (void)visit_visible(scan, plan, true);
    (void)obey_baseline(scan, plan);
    scan_ask_renew(scan, wanted);
    ask_frequencies(scan, plan);
    visit_parts(scan, plan);
    (void)scan_inspect_ask(&scan->inspect, plan, true, scan_after(scan)->end_ns);
    if (scan->prober != NULL) {
        prober_go(scan->prober);
    }
    scan->asked_of_all = scan_ask_of_all(scan, plan);
    scan_ask_rest(scan, plan);
    return 0;
}

bool scan_refresh(struct scan *scan, const struct plan *plan)
{
    if (!scan->intact) {
        return false;
    }
    bool changed = visit_visible(scan, plan, false);
    changed |= obey_baseline(scan, plan);
    changed |= scan_inspect_ask(&scan->inspect, plan, false, scan_after(scan)->end_ns);
    if (names_show(cache_names(scan->cache), plan->names)) {
        changed = true;
        (void)scan_parts_ask(&scan->parts, scan->cache, scan->prober, scan_after(scan));
    }
    const fact_mask hot = readable(scan, plan->want) & ~scan->read_of_all;
    if (plan->paused && hot != 0) { // no scan will come to read it
        struct raw_sample *sample = scan_after(scan);
        for (size_t i = 0; i < sample->proc_count; i++) {
            struct raw_proc *proc = &sample->procs[i];
            struct cache_entry *entry = cache_find_mutable(scan->cache, proc->id);
            changed |= read_missing(scan, entry, proc, hot);
        }
        scan->read_of_all |= hot;
    }
    const fact_mask wanted = scan_ask_of_all(scan, plan);
    if ((wanted & ~scan->asked_of_all) != 0) {
        scan->asked_of_all |= wanted;
        scan->ask_at = 0;
    }
    if (plan->frequencies != scan->has_frequencies) {
        ask_frequencies(scan, plan);
    }
    if (scan->prober != NULL) {
        prober_go(scan->prober);
    }
    scan_ask_rest(scan, plan);
    return changed;
}

/* --- answers -------------------------------------------------------------------------------- */

static enum scan_news take_user(struct scan *scan, const struct probe_answer *answer)
{
    struct cache_name *name = cache_user(scan->cache, (uint32_t)answer->id.pid);
    if (name == NULL) {
        return SCAN_NEWS_NONE;
    }
    name->state =
        scan_ask_is_shortage(answer->error) ? CACHE_EMPTY : scan_ask_refused(answer->error);
    if (answer->error == 0 && answer->len > 0 &&
        cache_set_name(name, answer->ptr, answer->len) == 0) {
        name->state = CACHE_FRESH;
    }
    return SCAN_NEWS_SEEN;
}

/* Frequencies move all the time; only their first coming is worth showing before the next scan. */
static enum scan_news take_frequencies(struct scan *scan, const struct plan *plan,
                                       const struct probe_answer *answer)
{
    scan->frequency_pending = false;
    uint32_t khz[PROBER_ANSWER_BYTES / sizeof(uint32_t)];
    const bool wanted = answer->error == 0 && plan->frequencies;
    const size_t count = wanted ? answer->len / sizeof(khz[0]) : 0;
    if (count > 0) {
        memcpy(khz, answer->ptr, count * sizeof(khz[0]));
    }
    const bool first = count > 0 && !scan->has_frequencies;
    scan->has_frequencies = cache_set_frequencies(scan->cache, khz, count) == 0 && count > 0;
    return first ? SCAN_NEWS_SEEN : SCAN_NEWS_NONE;
}

static enum scan_news take_answer(struct scan *scan, const struct plan *plan,
                                  const struct probe_answer *answer, uint64_t now_ns)
{
    switch (answer->kind) {
    case PROBE_CMDLINE:
    case PROBE_EXE:
    case PROBE_SMAPS:
    case PROBE_CGROUP:
        return scan_ask_take(scan, answer);
    case PROBE_USER:
        return take_user(scan, answer);
    case PROBE_FREQUENCY:
        return take_frequencies(scan, plan, answer);
    case PROBE_MOUNT:
        return scan_parts_take(&scan->parts, scan->cache, answer);
    case PROBE_SERVICE:
    case PROBE_HOST:
        return names_take(cache_names(scan->cache), answer, now_ns);
    case PROBE_KIND_COUNT:
        break;
    }
    return SCAN_NEWS_NONE;
}

enum scan_news scan_collect(struct scan *scan, const struct plan *plan, uint64_t now_ns)
{
    enum scan_news news = scan_inspect_collect(&scan->inspect, now_ns);
    struct probe_answer answer;
    for (int i = 0; scan->prober != NULL && i < SCAN_COLLECT_MAX; i++) {
        if (!prober_collect(scan->prober, now_ns, &answer)) {
            break;
        }
        const enum scan_news more = take_answer(scan, plan, &answer, now_ns);
        news = more > news ? more : news;
    }
    if (scan->intact) {
        scan_ask_rest(scan, plan);
        if (scan_parts_ask(&scan->parts, scan->cache, scan->prober, scan_after(scan))) {
            prober_go(scan->prober);
        }
    }
    return news;
}

bool scan_is_settled(const struct scan *scan)
{
    if (!scan_inspect_is_settled(&scan->inspect)) {
        return false;
    }
    return scan->prober == NULL ||
           (scan->ask_at >= scan->raw[scan->newest].proc_count && prober_idle(scan->prober) &&
            scan_parts_are_settled(&scan->parts, &scan->raw[scan->newest]));
}

uint64_t scan_count(const struct scan *scan)
{
    return scan->count;
}

uint64_t scan_deadline_ns(const struct scan *scan)
{
    struct prober *const probers[] = {scan->prober, scan->inspect.prober};
    uint64_t soonest_ns = UINT64_MAX;
    for (size_t i = 0; i < sizeof(probers) / sizeof(probers[0]); i++) {
        const uint64_t ns = probers[i] == NULL ? UINT64_MAX : prober_deadline_ns(probers[i]);
        soonest_ns = ns < soonest_ns ? ns : soonest_ns;
    }
    return soonest_ns;
}

int scan_build(struct scan *scan, struct arena *arena, struct snapshot **ret)
{
    if (!scan->intact) {
        return -EAGAIN;
    }
    struct snapshot *snap = NULL;
    const int error =
        diff_samples(scan->has_before ? &scan->raw[1 - scan->newest] : NULL,
                     &scan->raw[scan->newest], scan->cache, scan->provided, arena, &snap);
    if (error < 0) {
        return error;
    }
    keep_rates(scan, snap);
    if (scan->inspect.id.pid > 0) {
        scan_inspect_remember(&scan->inspect, snap);
        const struct inspect_set set = scan_inspect_set(&scan->inspect);
        const int refused = diff_inspect(&set, snap, &snap->dossier);
        if (refused < 0) {
            return refused;
        }
    }
    snap->sample = scan->count;
    *ret = snap;
    return 0;
}
