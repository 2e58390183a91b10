#include "base/map.h"
#include "platform/platform.h"
#include "sampler/act_state.h"

#include <errno.h>
#include <stdlib.h>

/*
 * What a dialog shows before anything is chosen. A target that may not be looked at is still one
 * that can be tried, so only those that have ended count as gone.
 */

static bool is_gone(int error)
{
    return error == -ESRCH || error == -ECHILD;
}

void act_inspect_begin(struct act *act)
{
    struct job *job = &act->job;
    holds_unchoose(&act->holds, job->request.targets, job->request.target_count);
    job->inspection = calloc(1, sizeof(*job->inspection));
    job->cgroup_ids = map_create(job->request.target_count);
    if (job->inspection == NULL) {
        return; // the targets are held all the same
    }
    job->inspection->job = job->request.job;
    job->inspection->deed = job->request.deed.kind;
    if (job->request.deed.kind == DEED_AFFINITY &&
        platform_topology(act->platform, &job->inspection->topology) < 0) {
        job->inspection->topology = NULL;
    }
}

static int read_value(struct inspection *inspection, struct hold *hold)
{
    struct deed_value value;
    const int error = platform_pin_get(hold->pin, inspection->deed, &value);
    if (error < 0) {
        return error;
    }
    if (!inspection->known) {
        inspection->known = true;
        inspection->same = true;
        inspection->value = value;
    } else if (!deed_value_equal(inspection->deed, &inspection->value, &value)) {
        inspection->same = false;
    }
    return 0;
}

static void add_cgroup(struct job *job, const struct cgroup_facts *facts)
{
    struct inspection *inspection = job->inspection;
    if (facts->error < 0) {
        if (inspection->cgroup_count == 0 && inspection->cgroup.error == 0) {
            inspection->cgroup = *facts; // until there is one of which more is known
        }
        return;
    }
    inspection->cgroup_has_ancestor |= facts->has_ancestor; // whatever else there is memory for
    const struct proc_id key = {.start_ns = facts->id};
    if (job->cgroup_ids == NULL || map_has(job->cgroup_ids, key) ||
        map_put(job->cgroup_ids, key) == NULL) {
        return;
    }
    if (inspection->cgroup_count == 0) {
        inspection->cgroup = *facts;
    }
    inspection->cgroup_count++;
    inspection->cgroup_processes += facts->processes;
}

static int add_cpus(struct inspection *inspection, struct hold *hold, bool is_first)
{
    struct cpu_set cpus = {.words = {0}};
    const int error = platform_pin_cpus(hold->pin, &cpus);
    if (error < 0) {
        return error;
    }
    if (is_first) {
        inspection->allowed = cpus;
    } else {
        cpu_set_and(&inspection->allowed, &cpus);
    }
    return 0;
}

/* Everything the deed's dialog wants to know of one target. */
static int inspect(struct act *act, struct hold *hold)
{
    struct job *job = &act->job;
    struct inspection *inspection = job->inspection;
    const unsigned flags = deed_info(inspection->deed)->flags;
    int error = platform_pin_alive(hold->pin);
    if (error == 0 && (flags & DEED_ON_CGROUP) != 0) {
        hold_forget_cgroup(hold); // the person is shown how it is now
        const struct cgroup_facts *facts = act_cgroup_of(act, hold);
        add_cgroup(job, facts);
        error = facts->error;
    }
    if (error == 0 && (flags & DEED_REVERSIBLE) != 0) {
        error = read_value(inspection, hold);
    }
    if (error == 0 && inspection->deed == DEED_AFFINITY) {
        const bool is_first = job->allowed_count == 0;
        job->allowed_count += add_cpus(inspection, hold, is_first) == 0;
    }
    return error;
}

void act_inspect_one(struct act *act)
{
    struct job *job = &act->job;
    struct inspection *inspection = job->inspection;
    struct hold *hold = NULL;
    int error = act_take_hold(act, job->request.targets[job->next].id, &hold);
    if (hold != NULL) {
        hold->chosen = true;
    }
    if (inspection != NULL) {
        error = error < 0 ? error : inspect(act, hold);
        job->readable_count += error == 0;
        inspection->gone += is_gone(error);
        inspection->error = inspection->error == 0 ? error : inspection->error;
    }
    holds_give_back(&act->holds, hold);
}

void act_inspect_end(struct act *act)
{
    struct inspection *inspection = act->job.inspection;
    if (inspection == NULL) {
        return;
    }
    if (inspection->cgroup_count == 0 && inspection->cgroup.error == 0) {
        inspection->cgroup.error = inspection->error;
    }
    if (act->job.readable_count > 0) {
        inspection->error = 0;
    }
    inspection_destroy(act->inspection);
    act->inspection = inspection;
    act->job.inspection = NULL;
}
