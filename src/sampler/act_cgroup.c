#include "base/map.h"
#include "base/str.h"
#include "platform/platform.h"
#include "sampler/act_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A deed on a cgroup reaches everything in it, so the cgroups of all targets are found out before
 * the first of them is touched: killing one may end the other targets, and those are not to be
 * reported as gone. What a dialog showed counts: the hold remembers which cgroup that was, and
 * the platform refuses when the process has moved to another one since.
 */

static void survey(struct act *act, const struct target *target, struct cgroup_facts *ret)
{
    struct hold *hold = NULL;
    const int error = act_take_hold(act, target->id, &hold);
    if (error < 0) {
        ret->error = error;
        return;
    }
    hold->surveyed = true;
    *ret = *act_cgroup_of(act, hold);
    holds_give_back(&act->holds, hold);
}

void act_survey_one(struct act *act)
{
    struct job *job = &act->job;
    if (job->surveyed == 0) {
        job->cgroups = calloc(job->request.target_count, sizeof(*job->cgroups));
        job->cgroup_ids = map_create(job->request.target_count);
    }
    const struct target *target = &job->request.targets[job->surveyed];
    if (job->cgroups != NULL && target->protection != PROTECT_KERNEL) {
        survey(act, target, &job->cgroups[job->surveyed]);
    }
    job->surveyed++;
}

void act_survey_end(struct act *act)
{
    if (act->job.surveyed > 0) {
        holds_end_survey(&act->holds);
    }
    free(act->job.cgroups);
    act->job.cgroups = NULL;
}

static void fail(struct act_outcome *outcome, int error, enum deed_obstacle obstacle)
{
    outcome->stage = ACT_FAILED;
    outcome->error = error;
    outcome->obstacle = obstacle;
}

static void kill_cgroup(struct act *act, struct hold *hold, struct act_outcome *outcome,
                        struct proc_id key)
{
    struct deed_result result = {.error = 0};
    platform_pin_kill_cgroup(hold->pin, &result);
    act_set_result(outcome, &result);
    if (result.error == 0 && act->job.cgroup_ids != NULL) {
        void **count = map_put(act->job.cgroup_ids, key);
        if (count != NULL) { // without memory the next target is told as gone
            *count = (void *)(uintptr_t)outcome->cgroup_processes;
        }
    }
}

/* Whether `inner` is the path of a cgroup below `outer`. A path that was cut is nobody's. */
static bool is_below(const char *inner, const char *outer)
{
    const size_t len = strlen(outer);
    return len < CGROUP_PATH_BYTES - 1 && strncmp(inner, outer, len) == 0 && inner[len] == '/';
}

/* Whether this cgroup, or one it lies in, was killed with an earlier target. The outcome then
 * tells how many there were in it when that was done. */
static bool was_killed(const struct job *job, const struct cgroup_facts *facts,
                       struct act_outcome *outcome)
{
    if (job->cgroup_ids == NULL) {
        return false;
    }
    const struct proc_id key = {.start_ns = facts->id};
    if (map_has(job->cgroup_ids, key)) {
        outcome->cgroup_processes = (uint32_t)(uintptr_t)map_get(job->cgroup_ids, key);
        return true;
    }
    for (size_t i = 0; i < job->next && map_count(job->cgroup_ids) > 0; i++) {
        const struct proc_id other = {.start_ns = job->cgroups[i].id};
        if (is_below(facts->path, job->cgroups[i].path) && map_has(job->cgroup_ids, other)) {
            return true;
        }
    }
    return false;
}

/* How many there are now, and how many there were when the person was asked. */
static void count_members(struct hold *hold, struct act_outcome *outcome)
{
    outcome->cgroup_processes = hold->cgroup->processes; // unless the kernel tells better
    (void)platform_pin_count_cgroup(hold->pin, &outcome->cgroup_processes);
    outcome->cgroup_shown = hold->chosen ? hold->cgroup->processes : 0;
}

void act_on_cgroup(struct act *act, struct act_outcome *outcome)
{
    struct job *job = &act->job;
    if (job->cgroups == NULL) {
        fail(outcome, -ENOMEM, OBSTACLE_UNKNOWN);
        return;
    }
    const struct cgroup_facts *facts = &job->cgroups[job->next];
    struct strbuf path;
    str_init(&path, outcome->cgroup, sizeof(outcome->cgroup));
    str_add(&path, facts->path);
    outcome->cgroup_processes = facts->processes;
    const struct proc_id key = {.start_ns = facts->id};
    if (facts->error < 0 || facts->obstacle != OBSTACLE_UNKNOWN) {
        fail(outcome, facts->error < 0 ? facts->error : -EPERM, facts->obstacle);
        return;
    }
    if (was_killed(job, facts, outcome)) {
        return; // ACT_DONE
    }
    struct hold *hold = NULL;
    const int error = act_take_hold(act, outcome->target.id, &hold);
    if (error < 0) {
        fail(outcome, error, OBSTACLE_UNKNOWN);
        return;
    }
    const struct cgroup_facts *held = act_cgroup_of(act, hold); // asked for again if not held since
    if (held->error < 0) {
        fail(outcome, held->error, held->obstacle);
    } else if (held->id != facts->id) {
        fail(outcome, -ESTALE, OBSTACLE_CGROUP_MOVED);
    } else {
        count_members(hold, outcome);
        if (outcome->deed == DEED_KILL_GROUP) {
            kill_cgroup(act, hold, outcome, key);
        } else {
            act_change(act, hold, outcome);
        }
    }
    holds_give_back(&act->holds, hold);
}
