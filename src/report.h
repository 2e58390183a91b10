#ifndef REPORT_H
#define REPORT_H

#include "base/str.h"
#include "model/journal.h"
#include "sampler/act.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sentences for people about what was done to processes and what came of it. */

/* What came of one request on its targets. Zero-initialise before the first outcome. */
struct report_job {
    enum deed_kind deed;
    bool undo, one_thread;
    int32_t number; // DEED_SIGNAL: the signal
    size_t count;   // targets; 0 until something is heard
    /* targets by what finally came of them */
    size_t done;
    size_t unchanged; // it was so already
    size_t gone;      // exited before it could be done
    size_t refused;   // no permission
    size_t survived;  // termination: not even SIGKILL ended it
    size_t failed;    // for another reason
    /* of those done */
    size_t pending;             // it was ordered and has not come about yet
    size_t killed;              // termination: after SIGKILL only
    uint64_t first_ns, last_ns; // termination: soonest and latest end
    bool same;                  // all have the value `now`
    char now[ACT_VALUE_BYTES];
    uint8_t kill_sent[ACT_TARGETS_MAX / 8]; // bit index % 8 of byte index / 8: SIGKILL was sent
    bool any_kill_sent;
    struct act_outcome last; // the newest final outcome
};

/* For whom the sentences are. Strings are borrowed. */
struct report_context {
    bool root;                    // we are root already, so sudo would not help
    bool unicode;                 // arrows may be drawn as such
    bool reused;                  // the target's pid is known to belong to another process now
    bool other_proc;              // the list is not of the live /proc
    bool stopped;                 // the target was seen stopped
    const char *journal_key;      // "J"; NULL when there is no journal to look into
    const char *undo_key;         // "z"; NULL when nothing is said of undoing
    const struct report_job *job; // what else is known of the outcome's request; may be NULL
};

/* The reason in a few words for an errno, positive or negative. Owns: static storage. */
const char *report_reason(int error);

/* Append "SIGTERM", or "signal 33" when the number has no name. */
void report_signal(int32_t number, struct strbuf *buf);

/* Append a time: "0.4 s". */
void report_seconds(uint64_t ns, struct strbuf *buf);

/* What to say of a deed that did not come about: "nothing was sent". Owns: static storage. */
const char *report_nothing(enum deed_kind deed);

/* Append how to take back what was done, if that can be done and is to be said: " (z: undo)". */
void report_undo_key(const struct report_context *context, enum deed_kind deed, bool undo,
                     struct strbuf *buf);

/* Whether the errno says gone, or only kept for its parent to collect. */
bool report_is_gone(int error);

/* Whether the errno says that the kernel refused for lack of permission. */
bool report_is_refusal(int error);

/* Whether nothing more is to come for this target. */
bool report_is_final(const struct act_outcome *outcome);

/* Whether it is no success. */
bool report_is_failure(const struct act_outcome *outcome);

/* Count an outcome. Those of a termination under way are remembered, not counted. */
void report_add(struct report_job *job, const struct act_outcome *outcome);

/* Whether SIGKILL was sent to this target of the job; false when `job` is NULL. */
bool report_kill_sent(const struct report_job *job, size_t index);

/* How many targets have come to their end. */
size_t report_ended(const struct report_job *job);

/* How many of these failed. */
size_t report_failures(const struct report_job *job);

/*
 * Append the sentence of one outcome: the process, what was done and, when it failed, the reason
 * and what would help. True when it is a failure.
 */
bool report_outcome(const struct report_context *context, const struct act_outcome *outcome,
                    struct strbuf *buf);

/*
 * Append one sentence over all that was counted; that of the outcome when it is only one. True
 * when something failed.
 */
bool report_summary(const struct report_context *context, const struct report_job *job,
                    struct strbuf *buf);

/* Append the few words of the journal's result column. */
void report_result(const struct report_context *context, const struct act_outcome *outcome,
                   struct strbuf *buf);

/* Make a line of the journal. */
void report_journal_entry(const struct report_context *context, const struct act_outcome *outcome,
                          struct journal_entry *ret);

#endif
