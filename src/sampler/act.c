#include "sampler/act.h"

#include "base/map.h"
#include "base/str.h"
#include "platform/platform.h"
#include "sampler/act_state.h"

#include <errno.h>
#include <stdlib.h>

/*
 * One request is at hand at a time, and is worked off target by target: act_step() does a few of
 * them, so that whoever runs the engine can hand on what has come about. Terminations outlive
 * their request: they are kept in a list and looked at by every step.
 *
 * Every deed goes through a hold (act_holds.h): the one made when the dialog opened, or one made
 * for just this deed. Either proves that the process is the one that was meant.
 */

enum {
    STEP_TARGETS = 32,         // of one act_step()
    LOOK_GAP_NS = 20 * 1000000 // between looks at terminations while a request is worked off
};

struct act *act_create(struct platform *platform, act_record *record, void *context)
{
    struct act *act = calloc(1, sizeof(*act));
    if (act == NULL || holds_init(&act->holds, platform) < 0) {
        free(act);
        return NULL;
    }
    act->platform = platform;
    act->record = record;
    act->context = context;
    return act;
}

static void finish_job(struct act *act)
{
    act_survey_end(act);
    map_destroy(act->job.cgroup_ids);
    inspection_destroy(act->job.inspection);
    undo_request_finish(&act->job.undo);
    act->job = (struct job){.busy = false};
}

void act_destroy(struct act *act)
{
    if (act == NULL) {
        return;
    }
    act_terminations_leave(act);
    finish_job(act);
    holds_finish(&act->holds);
    act_queue_finish(&act->outcomes);
    inspection_destroy(act->inspection);
    for (size_t i = 0; i < act->undo_count; i++) {
        undo_request_finish(&act->undo[i]);
    }
    free(act->terminations);
    free(act->pins);
    free(act);
}

/* --- outcomes ------------------------------------------------------------------------------ */

static const char more[] = "..."; // ends a value that is cut

/* Append a value for people. What is cut is not to be taken for all of it. */
static void add_value(enum deed_kind kind, const struct deed_value *value, struct strbuf *buf)
{
    buf->size -= sizeof(more) - 1;
    deed_format_value(kind, value, buf);
    buf->size += sizeof(more) - 1;
    if (buf->overflow) {
        buf->overflow = false;
        str_add(buf, more);
    }
}

void act_format_asked(const struct deed *deed, char ret[ACT_VALUE_BYTES])
{
    struct strbuf buf;
    str_init(&buf, ret, ACT_VALUE_BYTES);
    if (deed->kind == DEED_SIGNAL || deed->kind == DEED_KILL_GROUP) {
        return; // no value, or one with a name only the platform knows
    }
    if (deed->relative && deed->value.number > 0) {
        str_add(&buf, "+");
    }
    add_value(deed->kind, &deed->value, &buf);
}

void act_outcome_init(const struct act *act, size_t index, struct act_outcome *ret)
{
    const struct act_request *request = &act->job.request;
    *ret = (struct act_outcome){
        .job = request->job,
        .deed = request->deed.kind,
        .one_thread = request->deed.one_thread,
        .index = index,
        .count = request->target_count,
        .target = request->targets[index],
    };
    if (request->deed.kind == DEED_SIGNAL) {
        ret->number = request->deed.value.number;
    }
    act_format_asked(&request->deed, ret->asked);
}

void act_tell(struct act *act, struct act_outcome *outcome)
{
    outcome->wall_s = platform_wall_s();
    if (act->record != NULL) {
        act->record(act->context, outcome);
    }
    (void)act_queue_push(&act->outcomes, outcome); // without memory only the record has it
}

static void format_value(enum deed_kind kind, const struct deed_value *value,
                         char ret[ACT_VALUE_BYTES])
{
    struct strbuf buf;
    str_init(&buf, ret, ACT_VALUE_BYTES);
    add_value(kind, value, &buf);
}

void act_set_result(struct act_outcome *outcome, const struct deed_result *result)
{
    const bool pending = result->error == -ETIMEDOUT;
    outcome->stage = pending ? ACT_PENDING : result->error < 0 ? ACT_FAILED : ACT_DONE;
    outcome->error = pending ? 0 : result->error;
    outcome->obstacle = result->obstacle;
    outcome->limit = result->limit;
    outcome->needs = result->needs;
    outcome->threads = result->threads;
    outcome->threads_failed = result->threads_failed;
    outcome->has_values = result->has_values;
    if (result->has_values) {
        format_value(outcome->deed, &result->old, outcome->old);
        format_value(outcome->deed, &result->now, outcome->now);
    }
}

void act_set_signal_error(struct act_outcome *outcome, const struct platform_pin *pin, int error)
{
    const struct deed deed = {.kind = outcome->deed, .value = {.number = outcome->number}};
    struct deed_result result = {.error = error};
    if (error < 0) {
        platform_pin_explain(pin, &deed, &result);
    }
    act_set_result(outcome, &result);
}

/* --- deeds --------------------------------------------------------------------------------- */

/* Give up a descriptor that can be spared. False when there is none. */
static bool spare_one(struct act *act)
{
    return holds_drop_one(&act->holds) || act_termination_unhold(act);
}

int act_take_hold(struct act *act, struct proc_id id, struct hold **ret)
{
    int error = holds_take(&act->holds, id, ret);
    if (error == -EMFILE && spare_one(act)) {
        error = holds_take(&act->holds, id, ret);
    }
    return error;
}

const struct cgroup_facts *act_cgroup_of(struct act *act, struct hold *hold)
{
    const struct cgroup_facts *facts = hold_cgroup(hold);
    if (facts->error == -EMFILE && spare_one(act)) {
        hold_forget_cgroup(hold);
        facts = hold_cgroup(hold);
    }
    return facts;
}

void act_change(struct act *act, struct hold *hold, struct act_outcome *outcome)
{
    const struct deed *deed = &act->job.request.deed;
    struct deed_result result = {.error = 0};
    struct platform_undo *undo = NULL;
    platform_pin_change(hold->pin, deed, &result, &undo);
    act_set_result(outcome, &result);
    if (undo != NULL) {
        act_undo_keep(act, outcome, undo); // even if it failed for some of the tasks
    } else if (outcome->stage == ACT_DONE && result.has_values &&
               deed_value_equal(deed->kind, &result.old, &result.now)) {
        outcome->stage = ACT_UNCHANGED;
    }
}

static bool is_on_cgroup(const struct act_request *request)
{
    return (deed_info(request->deed.kind)->flags & DEED_ON_CGROUP) != 0;
}

/* Do the deed to one process, whatever else is in its cgroup. */
static void act_on_process(struct act *act, struct act_outcome *outcome, uint64_t now_ns)
{
    struct hold *hold = NULL;
    const int error = act_take_hold(act, outcome->target.id, &hold);
    if (error < 0) {
        outcome->stage = ACT_FAILED;
        outcome->error = error;
        return;
    }
    const struct deed *deed = &act->job.request.deed;
    if (deed->kind == DEED_SIGNAL) {
        act_set_signal_error(outcome, hold->pin,
                             platform_pin_signal(hold->pin, deed->value.number));
    } else if (deed->kind == DEED_TERMINATE) {
        act_terminate(act, hold, outcome, now_ns);
    } else {
        act_change(act, hold, outcome);
    }
    holds_give_back(&act->holds, hold);
}

/* Close a connection. Its cookie says more surely which one is meant than its process could. */
static void act_on_socket(struct act *act, struct act_outcome *outcome)
{
    struct deed_result result = {.error = 0};
    platform_close_socket(act->platform, &act->job.request.deed.value.socket, &result);
    act_set_result(outcome, &result);
}

static void perform_one(struct act *act, uint64_t now_ns)
{
    struct act_outcome outcome;
    act_outcome_init(act, act->job.next, &outcome);
    if (outcome.target.protection == PROTECT_KERNEL) {
        outcome.stage = ACT_FAILED;
        outcome.error = -EPERM;
        outcome.obstacle = OBSTACLE_KERNEL_THREAD;
    } else if (is_on_cgroup(&act->job.request)) {
        act_on_cgroup(act, &outcome);
    } else if (act->job.request.deed.kind == DEED_CLOSE) {
        act_on_socket(act, &outcome);
    } else {
        act_on_process(act, &outcome, now_ns);
    }
    act_tell(act, &outcome);
}

/* --- requests ------------------------------------------------------------------------------ */

static bool is_surveying(const struct job *job)
{
    return job->request.kind == ACT_PERFORM && is_on_cgroup(&job->request) &&
           job->surveyed < job->request.target_count;
}

static void begin_job(struct act *act)
{
    switch (act->job.request.kind) {
    case ACT_INSPECT:
        act_inspect_begin(act);
        break;
    case ACT_RELEASE:
        act->job.request.target_count = 0;
        holds_unchoose(&act->holds, NULL, 0);
        break;
    case ACT_PERFORM:
        break;
    case ACT_UNDO:
        act_undo_begin(act);
        break;
    }
}

/* Deal with the next target. */
static void do_next(struct act *act, uint64_t now_ns)
{
    if (is_surveying(&act->job)) {
        act_survey_one(act);
        return;
    }
    switch (act->job.request.kind) {
    case ACT_INSPECT:
        act_inspect_one(act);
        break;
    case ACT_PERFORM:
        perform_one(act, now_ns);
        break;
    case ACT_UNDO:
        act_undo_one(act);
        break;
    case ACT_RELEASE: // has no targets
        break;
    }
    act->job.next++;
}

static void end_job(struct act *act)
{
    if (act->job.request.kind == ACT_INSPECT) {
        act_inspect_end(act);
    } else if (act->job.request.kind == ACT_PERFORM) {
        act_undo_push(act);
    }
    finish_job(act);
}

/* Some targets of the request at hand. A cgroup may take half a second to freeze. */
static void step_job(struct act *act, uint64_t now_ns)
{
    struct job *job = &act->job;
    const bool is_slow = job->request.kind != ACT_INSPECT && is_on_cgroup(&job->request);
    const size_t most = is_slow && !is_surveying(job) ? 1 : STEP_TARGETS;
    for (size_t i = 0; i < most && job->next < job->request.target_count; i++) {
        do_next(act, now_ns);
    }
    if (job->next == job->request.target_count) {
        end_job(act);
    }
}

void act_begin(struct act *act, const struct act_request *request, uint64_t now_ns)
{
    while (act->job.busy) {
        step_job(act, now_ns);
    }
    act->job = (struct job){.busy = true, .request = *request};
    begin_job(act);
}

bool act_is_busy(const struct act *act)
{
    return act->job.busy;
}

void act_handle(struct act *act, const struct act_request *request, uint64_t now_ns)
{
    act_begin(act, request, now_ns);
    while (act->job.busy) {
        step_job(act, now_ns);
    }
}

uint64_t act_step(struct act *act, uint64_t now_ns)
{
    if (act->job.busy) {
        step_job(act, now_ns);
        if (act->job.busy && now_ns < act->looked_ns + LOOK_GAP_NS) {
            return now_ns;
        }
    }
    act->looked_ns = now_ns;
    const uint64_t due_ns = act_terminations_step(act, now_ns);
    return act->job.busy ? now_ns : due_ns;
}

/* --- what came of them --------------------------------------------------------------------- */

bool act_take(struct act *act, struct act_outcome *ret)
{
    return act_queue_pop(&act->outcomes, ret);
}

struct inspection *act_take_inspection(struct act *act)
{
    struct inspection *inspection = act->inspection;
    act->inspection = NULL;
    return inspection;
}

struct act_progress act_progress(const struct act *act)
{
    struct act_progress progress = {.waiting = act->termination_count,
                                    .kill_ns = UINT64_MAX,
                                    .undo_count = act->undo_count};
    const struct job *job = &act->job;
    if (job->busy && (job->request.kind == ACT_PERFORM || job->request.kind == ACT_UNDO)) {
        progress.waiting += job->request.target_count - job->next;
    }
    for (size_t i = 0; i < act->termination_count; i++) {
        const struct termination *termination = &act->terminations[i];
        if (termination->stage == ACT_WAITING && termination->deadline_ns < progress.kill_ns) {
            progress.kill_ns = termination->deadline_ns;
        }
    }
    if (act->undo_count > 0) {
        progress.undo = act->undo[act->undo_count - 1].deed;
        progress.undo_job = act->undo[act->undo_count - 1].job;
    }
    return progress;
}
