#include "sampler/inspect_facts.h"

#include <string.h>

/*
 * Futexes: which thread would have to do something for another to go on, and whether that comes
 * round in a circle. Of two that wait for each other neither ever goes on.
 */

static const struct raw_peers *peers_of(const struct facts *facts)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_PEERS];
    return pair->now != NULL ? &pair->now->as.peers : NULL;
}

static const struct raw_futex *find_futex(const struct raw_peers *peers, int32_t tid)
{
    for (size_t i = 0; peers != NULL && i < peers->futex_count; i++) {
        if (peers->futexes[i].tid == tid) {
            return &peers->futexes[i];
        }
    }
    return NULL;
}

static void put_owner(struct strbuf *buf, const struct raw_futex *futex)
{
    if (futex->kind == RAW_FUTEX_THREAD) {
        str_addf(buf, "waits for thread %d to end", (int)futex->owner);
    } else {
        str_addf(buf, "held by thread %d%s", (int)futex->owner,
                 futex->kind == RAW_FUTEX_MUTEX ? ", as glibc notes it" : "");
    }
}

void facts_futex(struct facts *facts, const struct raw_wait *wait)
{
    const struct raw_peers *peers = peers_of(facts);
    const struct raw_futex *futex = find_futex(peers, wait->tid);
    size_t others = 0;
    if (futex == NULL || !wait->in_syscall || futex->address != wait->args[0]) {
        return; // the two were not read at the same moment
    }
    for (size_t i = 0; i < peers->futex_count; i++) {
        others += peers->futexes[i].address == futex->address && peers->futexes[i].tid != wait->tid;
    }
    struct strbuf *buf = facts_begin(facts);
    str_addf(buf, "at 0x%llx", (unsigned long long)futex->address);
    if (others > 0) {
        str_addf(buf, ", as %zu other thread%s", others, others > 1 ? "s do" : " does");
    }
    if (futex->owner != 0) {
        str_add(buf, "; ");
        put_owner(buf, futex);
    }
    (void)facts_end(facts, "futex");
}

/* Answers are not of one moment: what goes on is never seen in the same wait twice. */
static bool lasts(const struct facts *facts, const struct raw_futex *futex)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_PEERS];
    const struct raw_futex *was =
        pair->before != NULL ? find_futex(&pair->before->as.peers, futex->tid) : NULL;
    return was != NULL && was->address == futex->address && was->owner == futex->owner &&
           futex->owner != 0 && !futex->timed;
}

/* Follows from thread to thread. Returns how many wait in a circle of which `first` has the lowest
 * number, so that each is told once; 0: there is none. */
static size_t circle_of(const struct facts *facts, const struct raw_futex *first)
{
    const struct raw_peers *peers = peers_of(facts);
    const struct raw_futex *at = first;
    for (size_t count = 1; at != NULL && lasts(facts, at) && count <= peers->futex_count; count++) {
        if (at->owner == first->tid) {
            return count;
        }
        at = at->owner > first->tid ? find_futex(peers, at->owner) : NULL;
    }
    return 0;
}

static void tell_circle(struct facts *facts, const struct raw_futex *first, size_t count)
{
    enum { NAMED_MAX = 8 };
    const struct raw_futex *at = first;
    struct strbuf *buf = facts_begin(facts);
    str_addf(buf, "thread %d waits for ", (int)first->tid);
    for (size_t i = 1; at != NULL && i < count && i <= NAMED_MAX; i++) {
        str_addf(buf, "thread %d, which waits for ", (int)at->owner);
        at = find_futex(peers_of(facts), at->owner);
    }
    str_add(buf, count == 1           ? "what it holds itself"
                 : count <= NAMED_MAX ? "the first one"
                                      : "more, and these for the first one");
    str_add(buf, ": a deadlock");
    struct dossier_fact *fact = facts_end(facts, "deadlock");
    if (fact != NULL) {
        fact->alarming = true;
    }
}

void facts_deadlocks(struct facts *facts)
{
    const struct raw_peers *peers = peers_of(facts);
    for (size_t i = 0; peers != NULL && i < peers->futex_count; i++) {
        const size_t count = circle_of(facts, &peers->futexes[i]);
        if (count > 0) {
            tell_circle(facts, &peers->futexes[i], count);
        }
    }
}
