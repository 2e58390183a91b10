#ifndef APP_DEEDS_H
#define APP_DEEDS_H

#include "ui/action.h"

#include <stdbool.h>
#include <stdint.h>

struct action_log;
struct journal;
struct keymap;
struct log;
struct snapshot;
struct source;

/*
 * What app.c has under way with processes: hands the UI's requests to the source, writes what
 * came of them into the journal and the message list, and makes the sentences for the status
 * line. Main thread only.
 */
struct deeds;

/* What it is made of. Everything pointed at is borrowed until deeds_destroy(). */
struct deeds_options {
    struct source *source;
    struct journal *journal;
    struct log *log;
    const struct action_log *action_log; // NULL: there is none
    const struct keymap *keymap;
    const char *refusal; // NULL, or why nothing is done to anybody
    bool other_proc;     // the list is not of the live /proc
    bool unicode;        // arrows may be drawn as such
};

/* Owns: the caller, who ends it with deeds_destroy(). Errors: -ENOMEM. */
int deeds_create(const struct deeds_options *options, struct deeds **ret);

/* NULL is a no-op. */
void deeds_destroy(struct deeds *deeds);

/* Pass on an effect about processes: EFFECT_INSPECT, EFFECT_RELEASE, EFFECT_DEED, EFFECT_UNDO.
 * `targets` are the effect's own. */
void deeds_request(struct deeds *deeds, const struct effect *effect, const struct target *targets,
                   uint64_t now_ns);

/* Take what has come about since. `shown` (or NULL) tells whether a pid was reused. */
void deeds_take(struct deeds *deeds, const struct snapshot *shown, uint64_t now_ns);

/* When to call deeds_tick(); UINT64_MAX: never. */
uint64_t deeds_deadline_ns(const struct deeds *deeds);

/* Say how a termination comes along, if it is time to. */
void deeds_tick(struct deeds *deeds, uint64_t now_ns);

/*
 * The user wants to leave. False when something is under way and this is the first time: it was
 * said then. See also deeds_is_left().
 */
bool deeds_may_leave(struct deeds *deeds, uint64_t now_ns);

/* True once what the user's leaving was put off for is done. */
bool deeds_is_left(const struct deeds *deeds);

/* Take the sentence for the status line. Owns: `deeds`, until the next call of any function
 * above. Errors: NULL when there is none. */
const char *deeds_take_sentence(struct deeds *deeds, bool *ret_error);

#endif
