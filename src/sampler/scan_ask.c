#include "sampler/scan_ask.h"

#include "model/plan.h"
#include "sampler/cache.h"
#include "sampler/prober.h"
#include "sampler/scan_state.h"

#include <errno.h>
#include <stddef.h>

/*
 * Facts whose reading can block or is dear: what is asked of the prober, when again, and what
 * becomes of its answers.
 */

enum {
    RENEW_MAX = 256, // costly facts of rows out of sight read again in a scan
    COST_TIMES = 50, // reading one takes at most this part of the time
};

static const uint64_t forget_ns = 60000000000;

fact_mask scan_ask_of_all(const struct scan *scan, const struct plan *plan)
{
    if (scan->prober == NULL) {
        return 0;
    }
    const fact_mask shown = plan->want_visible & ~(fact_mask)FACT_COSTLY;
    return (plan->want | shown) & scan->provided & FACT_PROBED;
}

/* Likewise about the visible rows. */
static fact_mask askable_visible(const struct scan *scan, const struct plan *plan)
{
    const fact_mask wanted = scan->prober == NULL ? 0 : plan->want | plan->want_visible;
    return wanted & scan->provided & FACT_PROBED;
}

/* The facts of the prober. */
static const struct slow_fact {
    fact_mask fact;
    enum probe_kind kind;
    uint64_t renew_ns; // an answer is good for so long; 0: a scan
    size_t offset;     // of its struct cache_fact in an entry
    int (*store)(struct cache_entry *entry, const char *ptr, size_t len);
} slow_facts[] = {
    {FACT_CMDLINE, PROBE_CMDLINE, 0, offsetof(struct cache_entry, cmdline_fact), cache_set_cmdline},
    {FACT_EXE, PROBE_EXE, 0, offsetof(struct cache_entry, exe_fact), cache_set_exe},
    {FACT_SMAPS, PROBE_SMAPS, 3000000000, offsetof(struct cache_entry, smaps_fact),
     cache_set_smaps},
    {FACT_CGROUP, PROBE_CGROUP, 2000000000, offsetof(struct cache_entry, cgroup_fact),
     cache_set_cgroup},
};

enum { SLOW_FACTS = sizeof(slow_facts) / sizeof(slow_facts[0]) };

static struct cache_fact *fact_of(struct cache_entry *entry, const struct slow_fact *slow)
{
    return (struct cache_fact *)(void *)((char *)entry + slow->offset);
}

/* Owns: static storage. Errors: NULL when a probe is about something else. */
static const struct slow_fact *slow_by_kind(enum probe_kind kind)
{
    for (size_t i = 0; i < SLOW_FACTS; i++) {
        if (slow_facts[i].kind == kind) {
            return &slow_facts[i];
        }
    }
    return NULL;
}

/* False when the prober takes no more for now. */
static bool ask(struct scan *scan, struct cache_entry *entry, const struct slow_fact *slow,
                struct proc_id id, bool urgent)
{
    struct cache_fact *fact = fact_of(entry, slow);
    if (fact->pending && (fact->urgent || !urgent)) {
        return true;
    }
    // It waits for the same lock, and each wait may cost the prober a thread.
    const bool hopeless = slow->fact == FACT_SMAPS && entry->cmdline_fact.state == CACHE_BLOCKED;
    const int error = hopeless ? -EALREADY : prober_ask(scan->prober, slow->kind, id, urgent);
    if (error == -EALREADY) {
        fact->due = false;
        fact->state = CACHE_BLOCKED;
    } else if (error == 0) {
        fact->due = false;
        fact->pending = true;
        fact->urgent = urgent;
        fact->asked_ns = scan_after(scan)->end_ns;
        fact->state = fact->state == CACHE_EMPTY ? CACHE_ASKED : fact->state;
    }
    return error == 0 || error == -EALREADY;
}

/* Neither kernel threads nor zombies have arguments, a file or memory. */
static bool has_slow_fact(const struct raw_proc *proc, fact_mask fact)
{
    return fact == FACT_CGROUP || (!proc->kernel && proc->state != 'Z' &&
                                   !(proc->thread && fact == FACT_SMAPS)); // its process's
}

static bool is_due(struct cache_entry *entry, const struct raw_proc *proc,
                   const struct slow_fact *slow, fact_mask wanted)
{
    return (wanted & slow->fact) != 0 && fact_of(entry, slow)->due &&
           has_slow_fact(proc, slow->fact);
}

bool scan_ask_is_due(struct cache_entry *entry, const struct raw_proc *proc, fact_mask wanted)
{
    bool due = false;
    for (size_t i = 0; i < SLOW_FACTS; i++) {
        due |= is_due(entry, proc, &slow_facts[i], wanted);
    }
    return due;
}

void scan_ask_again(struct cache_entry *entry)
{
    for (size_t i = 0; i < SLOW_FACTS; i++) {
        fact_of(entry, &slow_facts[i])->due = true;
    }
}

/* Ask what was never asked, up to `budget` questions. False: no room for them. */
static bool ask_due(struct scan *scan, struct cache_entry *entry, const struct raw_proc *proc,
                    fact_mask wanted, size_t *budget)
{
    for (size_t i = 0; i < SLOW_FACTS; i++) {
        if (!is_due(entry, proc, &slow_facts[i], wanted)) {
            continue;
        }
        if (*budget == 0 || !ask(scan, entry, &slow_facts[i], proc->id, false)) {
            return false;
        }
        --*budget;
    }
    return true;
}

/* Whether an answer is so old that it is worth a question. The longer reading took, the rarer: it
 * holds up the process. */
static bool is_old(const struct cache_entry *entry, const struct cache_fact *fact,
                   const struct slow_fact *slow, uint64_t now_ns)
{
    const uint64_t costs_ns = slow->fact == FACT_SMAPS ? entry->smaps.cost_ns * COST_TIMES : 0;
    const uint64_t keep_ns = costs_ns > slow->renew_ns ? costs_ns : slow->renew_ns;
    return !fact->pending && now_ns - fact->asked_ns >= keep_ns;
}

void scan_ask_renew(struct scan *scan, fact_mask wanted)
{
    struct raw_sample *const sample = scan_after(scan);
    size_t left = RENEW_MAX;
    for (size_t n = 0; (wanted & FACT_COSTLY) != 0 && left > 0 && n < sample->proc_count; n++) {
        scan->renew_at = scan->renew_at < sample->proc_count ? scan->renew_at : 0;
        const struct raw_proc *proc = &sample->procs[scan->renew_at];
        struct cache_entry *entry = cache_find_mutable(scan->cache, proc->id);
        for (size_t i = 0; entry != NULL && i < SLOW_FACTS; i++) {
            struct cache_fact *fact = fact_of(entry, &slow_facts[i]);
            if ((wanted & slow_facts[i].fact & FACT_COSTLY) != 0 && !fact->due &&
                has_slow_fact(proc, slow_facts[i].fact) &&
                is_old(entry, fact, &slow_facts[i], sample->end_ns)) {
                fact->due = true;
                left -= left > 0;
                scan->ask_at = scan->renew_at < scan->ask_at ? scan->renew_at : scan->ask_at;
            }
        }
        scan->renew_at++;
    }
}

void scan_ask_forget(struct cache_entry *entry, fact_mask wanted, uint64_t now_ns)
{
    for (size_t i = 0; i < SLOW_FACTS; i++) {
        struct cache_fact *fact = fact_of(entry, &slow_facts[i]);
        if ((slow_facts[i].fact & FACT_COSTLY & ~wanted) != 0 && !fact->pending &&
            fact->state != CACHE_EMPTY && now_ns - fact->asked_ns > forget_ns) {
            fact->state = CACHE_EMPTY;
            fact->due = true;
        }
    }
}

static size_t question_budget(const struct scan *scan)
{
    const size_t waiting = scan->prober == NULL ? 0 : prober_waiting(scan->prober);
    return waiting < SCAN_QUESTIONS_MAX ? SCAN_QUESTIONS_MAX - waiting : 0;
}

void scan_ask_rest(struct scan *scan, const struct plan *plan)
{
    const fact_mask wanted = scan_ask_of_all(scan, plan);
    const struct raw_sample *sample = scan_after(scan);
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

void scan_ask_visible(struct scan *scan, const struct plan *plan, struct cache_entry *entry,
                      const struct raw_proc *proc, bool again)
{
    const fact_mask wanted = askable_visible(scan, plan);
    for (size_t i = 0; i < SLOW_FACTS; i++) {
        const struct slow_fact *slow = &slow_facts[i];
        const struct cache_fact *fact = fact_of(entry, slow);
        const bool missing = fact->due || fact->state == CACHE_EMPTY || fact->state == CACHE_ASKED;
        const bool old =
            again && (slow->renew_ns == 0 || is_old(entry, fact, slow, scan_after(scan)->end_ns));
        if ((wanted & slow->fact) != 0 && has_slow_fact(proc, slow->fact) && (old || missing)) {
            (void)ask(scan, entry, slow, proc->id, true); // else at the next scan
        }
    }
}

enum cache_state scan_ask_refused(int error)
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

bool scan_ask_is_shortage(int error)
{
    return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

enum scan_news scan_ask_take(struct scan *scan, const struct probe_answer *answer)
{
    struct cache_entry *entry = cache_find_mutable(scan->cache, answer->id);
    const struct slow_fact *slow = slow_by_kind(answer->kind);
    if (entry == NULL || slow == NULL) {
        return SCAN_NEWS_NONE; // it ended meanwhile
    }
    struct cache_fact *fact = fact_of(entry, slow);
    const enum cache_state old = fact->state;
    // A size that has changed a little can wait for the next scan.
    const bool can_wait = (slow->fact & FACT_COSTLY) != 0;
    const enum scan_news news =
        fact->urgent && !(can_wait && old == CACHE_FRESH) ? SCAN_NEWS_SEEN : SCAN_NEWS_UNSEEN;
    fact->pending = false;
    fact->urgent = false;
    int changed = 0;
    if (answer->error == -ESRCH) {
        fact->state = old == CACHE_ASKED ? CACHE_EMPTY : old;
        return SCAN_NEWS_NONE; // the next scan will not list it
    }
    if (scan_ask_is_shortage(answer->error)) {
        fact->state = old == CACHE_ASKED ? CACHE_EMPTY : old;
        fact->due = true;
        return SCAN_NEWS_NONE;
    }
    if (answer->error < 0) {
        fact->state = scan_ask_refused(answer->error);
    } else {
        changed = slow->store(entry, answer->ptr, answer->len);
        fact->state = changed < 0 ? CACHE_EMPTY : CACHE_FRESH;
        fact->due |= changed < 0;
    }
    return changed != 0 || fact->state != old ? news : SCAN_NEWS_NONE;
}
