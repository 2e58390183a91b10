#ifndef SAMPLER_PROBER_H
#define SAMPLER_PROBER_H

#include "platform/inspect.h"
#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Does the reads that can block or be slow, away from everybody who must not wait.
 * Work comes in as (kind, proc_id) or (inspected part, proc_id), urgent work first; answers are collected by the
 * scanning thread. A read that has not come back after two seconds is answered as blocked;
 * its thread is written off and a new one takes over (at most PROBER_THREADS in all), and
 * the same question is not asked again until that thread returns.
 */
struct prober;

enum {
    PROBER_THREADS = 4,
    PROBER_QUEUE_MAX = 65536,   // questions waiting; more are refused
    PROBER_ANSWER_BYTES = 4096, // of a command line or path; the rest is cut
    PROBER_STUCK_NS = 2000000000,
    PROBER_RESULT_BYTES = 32 << 20, // of one inspected part
};

/* What platform_inspect() found. Ends with prober_result_destroy(). */
struct probe_result {
    struct arena *arena; // holds all of it, this struct included
    struct raw_inspect raw;
};

/* One answer. */
struct probe_answer {
    bool is_part;                // to prober_ask_part()
    enum probe_kind kind;        // when it is not
    enum inspect_part part;      // when it is
    struct probe_result *result; // likewise, when error is 0; the collector's from now on
    struct proc_id id;
    struct net_address address; // PROBE_HOST: whose name was asked for
    int error;       // 0; -ETIMEDOUT: blocked (a later answer may follow); else as platform_probe()
    const char *ptr; // untrusted bytes; the prober's, until the next prober_collect()
    size_t len;
};

/* Called on a prober thread when answers are waiting; may only wake the collector. */
typedef void prober_wakeup(void *context);

/*
 * Start with one thread. `platform` is borrowed until prober_stop() says true.
 * Owns: the caller, who ends it with prober_stop().
 * Errors: -ENOMEM, -EAGAIN when no thread can be made.
 */
int prober_start(struct platform *platform, prober_wakeup *wakeup, void *context,
                 struct prober **ret);

/* Stop, waiting until `deadline_ns` at most. False when a thread is stuck by then: it and the
 * prober are left alone; no wake-up comes any more. May be called again. NULL is a no-op: true. */
bool prober_stop(struct prober *prober, uint64_t deadline_ns);

/*
 * Ask. `urgent` questions are answered first. Sleeping threads begin with prober_go() only.
 * Errors: -EAGAIN when the queue is full, -EALREADY when a read of the same thing is stuck.
 * Thread: the collector.
 */
int prober_ask(struct prober *prober, enum probe_kind kind, struct proc_id id, bool urgent);

/* Ask for the name of a host, behind all urgent questions. Errors, thread: as prober_ask(). */
int prober_ask_host(struct prober *prober, const struct net_address *address);

/* How many threads are stuck with a question of this kind. Thread: the collector. */
size_t prober_stuck(struct prober *prober, enum probe_kind kind);

/* As prober_ask(), urgently, for one part of what platform_inspect() finds. */
int prober_ask_part(struct prober *prober, enum inspect_part part, struct proc_id id);

/* Free what an answer brought. NULL is a no-op. */
void prober_result_destroy(struct probe_result *result);

/* Begin with what was asked: one wake-up for many questions. Thread: the collector. */
void prober_go(struct prober *prober);

/* Questions waiting in the queue. Thread: the collector. */
size_t prober_waiting(struct prober *prober);

/*
 * Take one answer; notice reads that have been out for too long as of `now_ns`.
 * False when there is none. Thread: the collector.
 */
bool prober_collect(struct prober *prober, uint64_t now_ns, struct probe_answer *ret);

/* When prober_collect() should be called at the latest, to notice a stuck read;
 * UINT64_MAX when nothing is out. Thread: the collector. */
uint64_t prober_deadline_ns(struct prober *prober);

/* True when no question is waiting or being read (stuck ones aside) and no answer waits to be
 * collected. Thread: the collector. */
bool prober_idle(struct prober *prober);

#endif
