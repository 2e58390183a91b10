#ifndef SAMPLER_SCAN_ASK_H
#define SAMPLER_SCAN_ASK_H

#include "base/facts.h"
#include "platform/platform.h"
#include "sampler/cache.h"
#include "sampler/scan.h"

#include <stdbool.h>
#include <stdint.h>

struct probe_answer;

/*
 * Private to scan.c: the facts of processes that the prober reads (FACT_PROBED). What is asked
 * for, when again, and what becomes of the answers. Thread: the scanning one only.
 */

/*
 * What a plan asks about every process. Texts wanted of anything are asked for everything once,
 * so that searching and filtering find them; costly facts only when sorted or filtered by.
 */
fact_mask scan_ask_of_all(const struct scan *scan, const struct plan *plan);

/* True when something wanted of a process is to be asked. */
bool scan_ask_is_due(struct cache_entry *entry, const struct raw_proc *proc, fact_mask wanted);

/* It runs another program: ask for everything again. */
void scan_ask_again(struct cache_entry *entry);

/* Go on asking where there was no room before. */
void scan_ask_rest(struct scan *scan, const struct plan *plan);

/* Ask about a row in sight; `again`: also for what may have changed since. */
void scan_ask_visible(struct scan *scan, const struct plan *plan, struct cache_entry *entry,
                      const struct raw_proc *proc, bool again);

/* Costly facts wanted of everything are renewed a few at a scan, and all in turn. */
void scan_ask_renew(struct scan *scan, fact_mask wanted);

/* Forget costly facts nobody has looked at for long: an old figure is not shown as today's. */
void scan_ask_forget(struct cache_entry *entry, fact_mask wanted, uint64_t now_ns);

/* Where a refusal leaves a fact. */
enum cache_state scan_ask_refused(int error);

/* Nothing was found out, for want of descriptors or memory. */
bool scan_ask_is_shortage(int error);

/* Take in an answer. */
enum scan_news scan_ask_take(struct scan *scan, const struct probe_answer *answer);

#endif
