#ifndef SAMPLER_ACT_STATE_H
#define SAMPLER_ACT_STATE_H

#include "sampler/act.h"
#include "sampler/act_holds.h"
#include "sampler/act_queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Private to the files of the engine, sampler/act*.c. */

struct map;
struct platform_pin;
struct platform_undo;

/* What it takes to undo what was done to one target. */
struct undo_item {
    struct target target;
    struct platform_undo *undo; // owned
    char *cgroup;               // owned; safe text; NULL: none
};

/* What it takes to undo a request. Zero-initialise. */
struct undo_request {
    uint32_t job;
    enum deed_kind deed;
    bool one_thread;
    struct undo_item *items; // owned
    size_t count, size;
};

/* A process on its way out. */
struct termination {
    uint32_t job;
    size_t index, count;
    struct target target;
    int32_t wait_ms;      // what was asked for
    enum act_stage stage; // ACT_WAITING or ACT_KILLING
    struct hold *hold;    // NULL: descriptors ran out, so it is pinned for each look
    uint64_t begin_ns;    // when SIGTERM was sent
    uint64_t deadline_ns; // when the next stage is due
};

/* The request at hand. */
struct job {
    bool busy;
    struct act_request request;    // its targets are the caller's
    size_t next;                   // target
    size_t surveyed;               // DEED_ON_CGROUP, ACT_PERFORM: targets looked at beforehand
    struct cgroup_facts *cgroups;  // likewise, what was found; owned
    struct map *cgroup_ids;        // inspected, or killed with how many were in it; owned
    struct undo_request undo;      // being collected, or with ACT_UNDO being taken back
    struct inspection *inspection; // being made; owned
    size_t readable_count;         // targets that could be looked at
    size_t allowed_count;          // targets whose CPUs went into it
};

/* The engine. */
struct act {
    struct platform *platform;
    act_record *record;
    void *context;
    struct holds holds;
    struct job job;
    struct act_queue outcomes;
    struct inspection *inspection;          // ready to be taken
    struct undo_request undo[ACT_UNDO_MAX]; // oldest first
    size_t undo_count;
    struct termination *terminations; // oldest first
    size_t termination_count, termination_size;
    struct platform_pin **pins; // room for termination_size: for waiting
    uint64_t looked_ns;         // when terminations were last looked at
};

/* --- act.c -------------------------------------------------------------------------------- */

/* Fill in what does not depend on how it went: of the request at hand, about this target. */
void act_outcome_init(const struct act *act, size_t index, struct act_outcome *ret);

/* Record an outcome and have it taken. */
void act_tell(struct act *act, struct act_outcome *outcome);

/* Append the value an attribute deed asks for, to be shown. */
void act_format_asked(const struct deed *deed, char ret[ACT_VALUE_BYTES]);

/* Put into an outcome what the platform said. */
void act_set_result(struct act_outcome *outcome, const struct deed_result *result);

/* Likewise for a signal, which comes with no more than an error: the platform is asked for the
 * reason. The outcome says which deed it was. */
void act_set_signal_error(struct act_outcome *outcome, const struct platform_pin *pin, int error);

/* Give the attribute of the request at hand its value, and remember how to undo that. */
void act_change(struct act *act, struct hold *hold, struct act_outcome *outcome);

/* As holds_take(); when descriptors have run out one that can be spared is given up. */
int act_take_hold(struct act *act, struct proc_id id, struct hold **ret);

/* As hold_cgroup(), likewise. Owns: the hold. The caller must be using it. */
const struct cgroup_facts *act_cgroup_of(struct act *act, struct hold *hold);

/* --- act_inspect.c ------------------------------------------------------------------------ */

/* Begin an inspection: let go of what is not in it. */
void act_inspect_begin(struct act *act);

/* Look at the next target of the request at hand. */
void act_inspect_one(struct act *act);

/* All targets were looked at: have the inspection taken. */
void act_inspect_end(struct act *act);

/* --- act_cgroup.c ------------------------------------------------------------------------- */

/*
 * Find out the cgroup of the next target, before any is acted on: killing the first one's may
 * well end the others.
 */
void act_survey_one(struct act *act);

/* Freeze, thaw or kill the cgroup of the next target. */
void act_on_cgroup(struct act *act, struct act_outcome *outcome);

/* Forget the survey. */
void act_survey_end(struct act *act);

/* --- act_terminate.c ---------------------------------------------------------------------- */

/* Begin to terminate the next target. */
void act_terminate(struct act *act, struct hold *hold, struct act_outcome *outcome,
                   uint64_t now_ns);

/* Go on with all of them. Returns when to do so again; UINT64_MAX without any. */
uint64_t act_terminations_step(struct act *act, uint64_t now_ns);

/* The end of the engine: record of each that nobody sees it through. */
void act_terminations_leave(struct act *act);

/* Let the newest termination that can go on without its hold do so. False when there is none. */
bool act_termination_unhold(struct act *act);

/* --- act_undo.c --------------------------------------------------------------------------- */

/* Remember what was done to a target of the request at hand. Owns: `undo` moves here. */
void act_undo_keep(struct act *act, const struct act_outcome *outcome, struct platform_undo *undo);

/* What the request at hand has changed can be undone from now on. */
void act_undo_push(struct act *act);

/* Begin to take back the last change. */
void act_undo_begin(struct act *act);

/* Take it back for the next target. */
void act_undo_one(struct act *act);

/* Free what it holds. */
void undo_request_finish(struct undo_request *undo);

#endif
