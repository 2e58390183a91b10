#ifndef SAMPLER_SCAN_INSPECT_H
#define SAMPLER_SCAN_INSPECT_H

#include "model/dossier.h"
#include "sampler/diff_inspect.h"
#include "sampler/inspect_sockets.h"
#include "sampler/scan.h"

#include <stdbool.h>
#include <stdint.h>

struct plan;
struct probe_result;
struct prober;
struct snapshot;

/*
 * Private to scan.c: what is known of the inspected process. Each wanted part is asked for at
 * every scan, on a prober of its own, so that a process whose files block costs no thread that
 * the list of processes needs. Of what is not wanted any more the last answer is laid aside, to be
 * shown when it is wanted again until a new one comes, which none does when the process has ended
 * meanwhile; so much of all of them and no more. An environment is forgotten at once, because it
 * may hold secrets.
 */

/* One part. */
struct inspect_slot {
    enum dossier_state state;
    bool pending;                      // it is with the prober
    bool aside;                        // `now` is from a time when it was wanted last
    struct probe_result *now, *before; // the last answer and the one before it
};

/* Zero: nothing is inspected. */
struct scan_inspect {
    struct prober *prober; // NULL: none, or none yet; borrowed
    struct proc_id id;     // pid 0: nobody
    struct proc_id thread; // of it, whose wait is looked at closely; pid 0: its first
    unsigned wanted;       // 1u << enum inspect_part
    struct inspect_slot slots[INSPECT_PART_COUNT];
    struct inspect_last last;       // of the list of processes
    struct inspect_sockets sockets; // as they were last
};

/* Forget everything. */
void scan_inspect_finish(struct scan_inspect *inspect);

/* Ask for what the plan wants: all of it, or only what was never asked for. `now_ns` is by the
 * monotonic clock. True when something that was shown is not shown any more. */
bool scan_inspect_ask(struct scan_inspect *inspect, const struct plan *plan, bool again,
                      uint64_t now_ns);

/* Take in what has been answered. */
enum scan_news scan_inspect_collect(struct scan_inspect *inspect, uint64_t now_ns);

/* True when every wanted part was answered, if only by saying that it is blocked. */
bool scan_inspect_is_settled(const struct scan_inspect *inspect);

/* Keep what the list and the sockets say of the process, for when it has ended. */
void scan_inspect_remember(struct scan_inspect *inspect, const struct snapshot *snap);

/* What diff_inspect() works on. Owns: the slots, until the next call. */
struct inspect_set scan_inspect_set(const struct scan_inspect *inspect);

#endif
