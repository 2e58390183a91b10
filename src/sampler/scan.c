#include "sampler/scan.h"

#include "base/arena.h"
#include "model/plan.h"
#include "sampler/cache.h"
#include "sampler/diff.h"
#include "sampler/names.h"
#include "sampler/prober.h"
#include "sampler/scan_parts.h"

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

struct scan {
    struct platform *platform;
    struct prober *prober; // NULL: none
    struct cache *cache;
    fact_mask provided;
    struct arena *arenas[2];
    struct raw_sample raw[2];
    unsigned newest;             // which of the two is `after`
    bool has_after, has_before;  // and whether they hold anything
    bool intact;                 // the last scan succeeded, so both are as it left them
    uint64_t count;              // successful scans
    fact_mask read_of_all;       // facts `after` has of every process
    fact_mask asked_of_all;      // likewise with the prober
    size_t ask_at;               // first process whose questions did not fit in
    bool frequency_pending;      // asked
    bool has_frequencies;        // there is something to forget
    uint32_t last_uid, last_tty; // looked up just now: most rows repeat them
    bool has_last_uid;
    struct scan_parts parts;
};

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
    free(scan);
}

static struct raw_sample *after(struct scan *scan)
{
    return &scan->raw[scan->newest];
}

/* --- what the plan comes to --------------------------------------------------------------- */

static fact_mask with_owner(fact_mask want)
{
    return (want & FACT_USER) != 0 ? want | FACT_OWNER : want;
}

/* What platform_read() can add for one process. */
static fact_mask readable(const struct scan *scan, fact_mask want)
{
    return with_owner(want) & scan->provided & (FACT_OWNER | FACT_MEMORY | FACT_IO);
}

/* Slow facts wanted of anything are asked for everything once, so that searching and
 * filtering find them; visible rows only come first. */
static fact_mask askable(const struct scan *scan, const struct plan *plan)
{
    if (scan->prober == NULL) {
        return 0;
    }
    return (plan->want | plan->want_visible) & scan->provided & (FACT_CMDLINE | FACT_EXE);
}

/* --- questions ------------------------------------------------------------------------------ */

static struct cache_fact *fact_of(struct cache_entry *entry, enum probe_kind kind)
{
    return kind == PROBE_EXE ? &entry->exe_fact : &entry->cmdline_fact;
}

/* False when the prober takes no more for now. */
static bool ask(struct scan *scan, struct cache_entry *entry, enum probe_kind kind,
                struct proc_id id, bool urgent)
{
    struct cache_fact *fact = fact_of(entry, kind);
    if (fact->pending && (fact->urgent || !urgent)) {
        return true;
    }
    const int error = prober_ask(scan->prober, kind, id, urgent);
    if (error == -EALREADY) {
        fact->due = false;
        fact->state = CACHE_BLOCKED;
    } else if (error == 0) {
        fact->due = false;
        fact->pending = true;
        fact->urgent = urgent;
        fact->state = fact->state == CACHE_EMPTY ? CACHE_ASKED : fact->state;
    }
    return error == 0 || error == -EALREADY;
}

/* Neither kernel threads nor zombies have arguments or a file. */
static bool has_slow_facts(const struct raw_proc *proc)
{
    return !proc->kernel && proc->state != 'Z';
}

/* Ask what was never asked, up to `budget` questions. False: no room for them. */
static bool ask_due(struct scan *scan, struct cache_entry *entry, const struct raw_proc *proc,
                    fact_mask wanted, size_t *budget)
{
    const bool cmdline = (wanted & FACT_CMDLINE) != 0 && entry->cmdline_fact.due;
    const bool exe = (wanted & FACT_EXE) != 0 && entry->exe_fact.due;
    if (!(cmdline || exe) || !has_slow_facts(proc)) {
        return true;
    }
    if (*budget < 2) {
        return false;
    }
    *budget -= (size_t)cmdline + (size_t)exe;
    return (!cmdline || ask(scan, entry, PROBE_CMDLINE, proc->id, false)) &&
           (!exe || ask(scan, entry, PROBE_EXE, proc->id, false));
}

static size_t question_budget(const struct scan *scan)
{
    const size_t waiting = scan->prober == NULL ? 0 : prober_waiting(scan->prober);
    return waiting < SCAN_QUESTIONS_MAX ? SCAN_QUESTIONS_MAX - waiting : 0;
}

/* Go on where there was no room before. */
static void ask_rest(struct scan *scan, const struct plan *plan)
{
    const fact_mask wanted = askable(scan, plan);
    const struct raw_sample *sample = after(scan);
    if (wanted == 0) {
        scan->ask_at = sample->proc_count;
    }
    if (scan->ask_at >= sample->proc_count) {
        return;
    }
    size_t budget = question_budget(scan);
    if (budget < SCAN_QUESTIONS_MAX / 2) {
        return; // in few large portions
    }
    for (; scan->ask_at < sample->proc_count; scan->ask_at++) {
        const struct raw_proc *proc = &sample->procs[scan->ask_at];
        struct cache_entry *entry = cache_find_mutable(scan->cache, proc->id);
        if (entry != NULL && !ask_due(scan, entry, proc, wanted, &budget)) {
            break;
        }
    }
    prober_go(scan->prober);
}

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
        entry->cmdline_fact.due = true;
        entry->exe_fact.due = true;
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
    return has_slow_facts(proc) && (((wanted & FACT_CMDLINE) != 0 && entry->cmdline_fact.due) ||
                                    ((wanted & FACT_EXE) != 0 && entry->exe_fact.due));
}

static struct raw_proc *find_proc(struct raw_sample *sample, struct proc_id id)
{
    size_t low = 0;
    size_t high = sample->proc_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = proc_id_compare(sample->procs[middle].id, id);
        if (order == 0) {
            return &sample->procs[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* A title may change at any time (setproctitle), so visible rows are asked at every scan. */
static void ask_visible(struct scan *scan, struct cache_entry *entry, const struct raw_proc *proc,
                        fact_mask wanted, bool again)
{
    static const enum probe_kind kinds[] = {PROBE_CMDLINE, PROBE_EXE};
    for (size_t i = 0; i < 2 && has_slow_facts(proc); i++) {
        const struct cache_fact *fact = fact_of(entry, kinds[i]);
        const fact_mask mask = kinds[i] == PROBE_EXE ? FACT_EXE : FACT_CMDLINE;
        const bool missing = fact->due || fact->state == CACHE_EMPTY || fact->state == CACHE_ASKED;
        if ((wanted & mask) != 0 && (again || missing)) {
            (void)ask(scan, entry, kinds[i], proc->id, true); // else at the next scan
        }
    }
}

static bool visit_visible(struct scan *scan, const struct plan *plan, bool again)
{
    const fact_mask want = plan->want | plan->want_visible;
    const size_t count =
        plan->visible_count < PLAN_VISIBLE_MAX ? plan->visible_count : PLAN_VISIBLE_MAX;
    bool changed = false;
    for (size_t i = 0; i < count; i++) {
        struct raw_proc *proc = find_proc(after(scan), plan->visible[i]);
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
        ask_visible(scan, entry, proc, askable(scan, plan), again);
    }
    return changed;
}

/* What is to be asked about the sample's other parts. */
static void visit_parts(struct scan *scan, const struct plan *plan)
{
    const struct raw_sample *sample = after(scan);
    const struct raw_sample *before = scan->has_before ? &scan->raw[1 - scan->newest] : NULL;
    scan_parts_begin(&scan->parts, scan->cache, before, sample, scan->count);
    for (size_t i = 0; i < sample->socket_count; i++) {
        if (sample->sockets[i].uid != UINT32_MAX) {
            ask_user(scan, sample->sockets[i].uid);
        }
    }
    names_begin(cache_names(scan->cache));
    (void)names_show(cache_names(scan->cache), plan->names);
    (void)scan_parts_ask(&scan->parts, scan->cache, scan->prober, sample);
}

int scan_take(struct scan *scan, const struct plan *plan)
{
    const fact_mask hot = FACT_MEMORY | FACT_IO;
    const unsigned oldest = 1 - scan->newest;
    const struct platform_request request = {
        .want = FACT_IDENT | (plan->want & scan->provided & hot),
        .threads = plan->threads,
        .parts = plan_parts(plan),
    };
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

    const fact_mask wanted = with_owner(plan->want | plan->want_visible) & scan->provided;
    scan->ask_at = raw.proc_count;
    for (size_t i = 0; i < raw.proc_count; i++) {
        const bool asks = visit(scan, &raw.procs[i], wanted);
        scan->ask_at = asks && i < scan->ask_at ? i : scan->ask_at;
    }
    cache_sweep(scan->cache, scan->count - 1); // the last scan's are shown once more, as exited
    (void)visit_visible(scan, plan, true);
    ask_frequencies(scan, plan);
    visit_parts(scan, plan);
    if (scan->prober != NULL) {
        prober_go(scan->prober);
    }
    scan->asked_of_all = askable(scan, plan);
    ask_rest(scan, plan);
    return 0;
}

bool scan_refresh(struct scan *scan, const struct plan *plan)
{
    if (!scan->intact) {
        return false;
    }
    bool changed = visit_visible(scan, plan, false);
    if (names_show(cache_names(scan->cache), plan->names)) {
        changed = true;
        (void)scan_parts_ask(&scan->parts, scan->cache, scan->prober, after(scan));
    }
    const fact_mask hot = readable(scan, plan->want) & ~scan->read_of_all;
    if (plan->paused && hot != 0) { // no scan will come to read it
        struct raw_sample *sample = after(scan);
        for (size_t i = 0; i < sample->proc_count; i++) {
            struct raw_proc *proc = &sample->procs[i];
            struct cache_entry *entry = cache_find_mutable(scan->cache, proc->id);
            changed |= read_missing(scan, entry, proc, hot);
        }
        scan->read_of_all |= hot;
    }
    const fact_mask wanted = askable(scan, plan);
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
    ask_rest(scan, plan);
    return changed;
}

/* --- answers -------------------------------------------------------------------------------- */

/* Where a refusal leaves a fact. */
static enum cache_state refused_state(int error)
{
    switch (error) {
    case -ETIMEDOUT:
        return CACHE_BLOCKED;
    case -EACCES:
    case -EPERM:
        return CACHE_DENIED;
    default:
        return CACHE_NONE;
    }
}

/* Nothing was found out, for want of descriptors or memory. */
static bool is_shortage(int error)
{
    return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

static enum scan_news take_fact(struct scan *scan, const struct probe_answer *answer)
{
    struct cache_entry *entry = cache_find_mutable(scan->cache, answer->id);
    if (entry == NULL) {
        return SCAN_NEWS_NONE; // it ended meanwhile
    }
    struct cache_fact *fact = fact_of(entry, answer->kind);
    const enum cache_state old = fact->state;
    const enum scan_news news = fact->urgent ? SCAN_NEWS_SEEN : SCAN_NEWS_UNSEEN;
    fact->pending = false;
    fact->urgent = false;
    int changed = 0;
    if (answer->error == -ESRCH) {
        fact->state = old == CACHE_ASKED ? CACHE_EMPTY : old;
        return SCAN_NEWS_NONE; // the next scan will not list it
    }
    if (is_shortage(answer->error)) {
        fact->state = old == CACHE_ASKED ? CACHE_EMPTY : old;
        fact->due = true;
        return SCAN_NEWS_NONE;
    }
    if (answer->error < 0) {
        fact->state = refused_state(answer->error);
    } else {
        changed = answer->kind == PROBE_EXE ? cache_set_exe(entry, answer->ptr, answer->len)
                                            : cache_set_cmdline(entry, answer->ptr, answer->len);
        fact->state = changed < 0 ? CACHE_EMPTY : CACHE_FRESH;
        fact->due |= changed < 0;
    }
    return changed != 0 || fact->state != old ? news : SCAN_NEWS_NONE;
}

static enum scan_news take_user(struct scan *scan, const struct probe_answer *answer)
{
    struct cache_name *name = cache_user(scan->cache, (uint32_t)answer->id.pid);
    if (name == NULL) {
        return SCAN_NEWS_NONE;
    }
    name->state = is_shortage(answer->error) ? CACHE_EMPTY : refused_state(answer->error);
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
        return take_fact(scan, answer);
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
    enum scan_news news = SCAN_NEWS_NONE;
    struct probe_answer answer;
    for (int i = 0; scan->prober != NULL && i < SCAN_COLLECT_MAX; i++) {
        if (!prober_collect(scan->prober, now_ns, &answer)) {
            break;
        }
        const enum scan_news more = take_answer(scan, plan, &answer, now_ns);
        news = more > news ? more : news;
    }
    if (scan->intact) {
        ask_rest(scan, plan);
        if (scan_parts_ask(&scan->parts, scan->cache, scan->prober, after(scan))) {
            prober_go(scan->prober);
        }
    }
    return news;
}

bool scan_is_settled(const struct scan *scan)
{
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
    return scan->prober == NULL ? UINT64_MAX : prober_deadline_ns(scan->prober);
}

int scan_build(const struct scan *scan, struct arena *arena, struct snapshot **ret)
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
    snap->sample = scan->count;
    *ret = snap;
    return 0;
}
