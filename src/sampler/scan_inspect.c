#include "sampler/scan_inspect.h"

#include "base/arena.h"
#include "model/plan.h"
#include "model/snapshot.h"
#include "sampler/prober.h"

#include <errno.h>
#include <stddef.h>

enum {
    COLLECT_MAX = 64,
    ASIDE_BYTES_MAX = 16 << 20, // of all answers laid aside
};

static void forget(struct inspect_slot *slot)
{
    prober_result_destroy(slot->now);
    prober_result_destroy(slot->before);
    *slot = (struct inspect_slot){.state = DOSSIER_NOT_READ};
}

/* Keep the last answer alone: rates over the time until it is wanted again would mean nothing. */
static void lay_aside(struct inspect_slot *slot)
{
    prober_result_destroy(slot->before);
    *slot = (struct inspect_slot){.state = DOSSIER_NOT_READ,
                                  .now = slot->now,
                                  .aside = slot->now != NULL};
}

/* Forget of what is laid aside the largest until the rest is little enough. */
static void trim(struct scan_inspect *inspect)
{
    for (;;) {
        size_t sum = 0;
        size_t most = 0;
        struct inspect_slot *largest = NULL;
        for (size_t i = 0; i < INSPECT_PART_COUNT; i++) {
            struct inspect_slot *slot = &inspect->slots[i];
            const size_t bytes = slot->aside ? arena_used(slot->now->arena) : 0;
            sum += bytes;
            largest = bytes > most ? slot : largest;
            most = bytes > most ? bytes : most;
        }
        if (sum <= ASIDE_BYTES_MAX) {
            return;
        }
        forget(largest);
    }
}

void scan_inspect_finish(struct scan_inspect *inspect)
{
    for (size_t i = 0; i < INSPECT_PART_COUNT; i++) {
        forget(&inspect->slots[i]);
    }
    inspect_sockets_finish(&inspect->sockets);
}

/* Whom a part is asked about. */
static struct proc_id whose(const struct scan_inspect *inspect, enum inspect_part part)
{
    const bool of_thread = part == INSPECT_WAITING || part == INSPECT_PEERS;
    return of_thread && inspect->thread.pid > 0 ? inspect->thread : inspect->id;
}

/* Take over what the plan is about. True when something goes. */
static bool obey(struct scan_inspect *inspect, const struct plan *plan)
{
    const bool other = !proc_id_equal(inspect->id, plan->inspected);
    const unsigned wanted = plan->inspected.pid > 0 ? plan->inspect : 0;
    const unsigned dropped = other ? inspect->wanted : inspect->wanted & ~wanted;
    const struct proc_id thread = plan->inspected_thread;
    const bool other_thread = !proc_id_equal(inspect->thread, thread);
    for (size_t i = 0; i < INSPECT_PART_COUNT; i++) {
        const bool of_thread = i == INSPECT_WAITING || i == INSPECT_PEERS;
        if (other || (other_thread && of_thread) ||
            (i == INSPECT_ENVIRON && (dropped & (1u << i)) != 0)) {
            forget(&inspect->slots[i]);
        } else if ((dropped & (1u << i)) != 0) {
            lay_aside(&inspect->slots[i]);
        }
    }
    trim(inspect);
    if (other) {
        inspect->last = (struct inspect_last){0};
        inspect_sockets_finish(&inspect->sockets);
    }
    inspect->id = plan->inspected;
    inspect->thread = thread;
    inspect->wanted = wanted;
    return dropped != 0 || other_thread;
}

static void ask_part(struct scan_inspect *inspect, enum inspect_part part)
{
    struct inspect_slot *slot = &inspect->slots[part];
    const int error = prober_ask_part(inspect->prober, part, whose(inspect, part));
    slot->pending = error == 0;
    if (error == -EALREADY) {
        slot->state = DOSSIER_BLOCKED;
    }
}

/* Looking through all processes is worth it now and then only: an answer is good for so many
 * times what it took. */
static bool is_good_still(const struct inspect_slot *slot, enum inspect_part part, uint64_t now_ns)
{
    enum { REST = 10 };
    if (part != INSPECT_PEERS || slot->state != DOSSIER_KNOWN || slot->now == NULL) {
        return false;
    }
    const struct raw_inspect *raw = &slot->now->raw;
    return now_ns < raw->mono_ns || (now_ns - raw->mono_ns) / REST < raw->cost_ns;
}

bool scan_inspect_ask(struct scan_inspect *inspect, const struct plan *plan, bool again,
                      uint64_t now_ns)
{
    const bool changed = obey(inspect, plan);
    for (unsigned part = 0; part < INSPECT_PART_COUNT; part++) {
        struct inspect_slot *slot = &inspect->slots[part];
        const bool missing = slot->state == DOSSIER_NOT_READ;
        if ((inspect->wanted & (1u << part)) == 0 || slot->pending || !(again || missing) ||
            is_good_still(slot, (enum inspect_part)part, now_ns)) {
            continue;
        }
        if (inspect->prober != NULL) {
            ask_part(inspect, (enum inspect_part)part);
        } else {
            slot->state = DOSSIER_FAILED; // no thread is to be had for it
        }
    }
    if (inspect->prober != NULL) {
        prober_go(inspect->prober);
    }
    return changed;
}

static enum dossier_state refused_state(int error)
{
    switch (error) {
    case -ETIMEDOUT:
        return DOSSIER_BLOCKED;
    case -EACCES:
    case -EPERM:
        return DOSSIER_DENIED;
    case -ESRCH:
        return DOSSIER_GONE;
    case -ENOTSUP:
        return DOSSIER_UNSUPPORTED;
    case -ENOMEM:
        return DOSSIER_TOO_LARGE;
    default:
        return DOSSIER_FAILED;
    }
}

/* Whether what a zombie has of it is less than what was known before. */
static bool is_lost_with_the_end(const struct raw_inspect *is)
{
    const bool keeps_cgroup = is->part == INSPECT_CGROUP && is->as.cgroup.v2;
    return is->part != INSPECT_THREADS && is->part != INSPECT_WAITING && !keeps_cgroup;
}

static enum scan_news take(struct scan_inspect *inspect, const struct probe_answer *answer)
{
    struct inspect_slot *slot = &inspect->slots[answer->part];
    const bool wanted = proc_id_equal(answer->id, whose(inspect, answer->part)) &&
                        (inspect->wanted & (1u << answer->part)) != 0;
    if (!wanted) { // it was, when it was asked for
        prober_result_destroy(answer->result);
        return SCAN_NEWS_NONE;
    }
    slot->pending = false;
    if (answer->result == NULL) {
        const enum dossier_state old = slot->state;
        slot->state = refused_state(answer->error);
        return slot->state != old ? SCAN_NEWS_SEEN : SCAN_NEWS_NONE;
    }
    if (answer->result->raw.has_ended && is_lost_with_the_end(&answer->result->raw) &&
        slot->now != NULL && !slot->now->raw.has_ended) {
        prober_result_destroy(answer->result);
        slot->state = DOSSIER_GONE;
        return SCAN_NEWS_SEEN;
    }
    prober_result_destroy(slot->before);
    slot->before = slot->now;
    slot->now = answer->result;
    slot->state = DOSSIER_KNOWN;
    if (slot->aside) {
        prober_result_destroy(slot->before);
        slot->before = NULL;
        slot->aside = false;
    }
    return SCAN_NEWS_SEEN;
}

enum scan_news scan_inspect_collect(struct scan_inspect *inspect, uint64_t now_ns)
{
    enum scan_news news = SCAN_NEWS_NONE;
    struct probe_answer answer;
    for (int i = 0; inspect->prober != NULL && i < COLLECT_MAX; i++) {
        if (!prober_collect(inspect->prober, now_ns, &answer)) {
            break;
        }
        const enum scan_news more = take(inspect, &answer);
        news = more > news ? more : news;
    }
    return news;
}

bool scan_inspect_is_settled(const struct scan_inspect *inspect)
{
    for (size_t i = 0; i < INSPECT_PART_COUNT; i++) {
        if (inspect->slots[i].pending) {
            return false;
        }
    }
    return true;
}

void scan_inspect_remember(struct scan_inspect *inspect, const struct snapshot *snap)
{
    const struct proc *proc = snapshot_find(snap, inspect->id);
    if (proc != NULL && (proc->flags & PROC_EXITED) == 0) {
        inspect->last = inspect_last_of(proc);
        if (proc->state != 'Z' && proc->state != 'X') { // those have closed theirs
            inspect_sockets_keep(&inspect->sockets, snap, inspect->id);
        }
    }
}

struct inspect_set scan_inspect_set(const struct scan_inspect *inspect)
{
    struct inspect_set set = {.id = inspect->id,
                              .thread = inspect->thread,
                              .wanted = inspect->wanted,
                              .last = inspect->last,
                              .sockets = &inspect->sockets};
    for (size_t i = 0; i < INSPECT_PART_COUNT; i++) {
        const struct inspect_slot *slot = &inspect->slots[i];
        const bool shown = slot->now != NULL && (inspect->wanted & (1u << i)) != 0;
        set.parts[i] = (struct inspect_pair){
            .state = slot->state,
            .now = shown ? &slot->now->raw : NULL,
            .before = slot->before != NULL ? &slot->before->raw : NULL,
        };
    }
    return set;
}
