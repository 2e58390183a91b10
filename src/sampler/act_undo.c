#include "base/str.h"
#include "platform/platform.h"
#include "sampler/act_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * What was done can be taken back request by request, the last one first. The platform checks
 * that the process, and each of its tasks, is still the same and that the value is still the one
 * that was set. A request is taken back once, whatever comes of it: trying again would at best
 * fail again, and at worst undo half of it twice.
 */

enum { ITEMS_START = 4 };

static void finish_item(struct undo_item *item)
{
    platform_undo_destroy(item->undo);
    free(item->cgroup);
}

void undo_request_finish(struct undo_request *undo)
{
    for (size_t i = 0; i < undo->count; i++) {
        finish_item(&undo->items[i]);
    }
    free(undo->items);
    *undo = (struct undo_request){.count = 0};
}

static int make_room(struct undo_request *undo)
{
    if (undo->count < undo->size) {
        return 0;
    }
    const size_t size = undo->size == 0 ? ITEMS_START : undo->size * 2;
    struct undo_item *items = reallocarray(undo->items, size, sizeof(*items));
    if (items == NULL) {
        return -ENOMEM;
    }
    undo->items = items;
    undo->size = size;
    return 0;
}

void act_undo_keep(struct act *act, const struct act_outcome *outcome, struct platform_undo *undo)
{
    struct undo_request *mine = &act->job.undo;
    if (make_room(mine) < 0) {
        platform_undo_destroy(undo); // what was done stays, and cannot be undone
        return;
    }
    mine->items[mine->count++] = (struct undo_item){
        .target = outcome->target,
        .undo = undo,
        .cgroup = outcome->cgroup[0] == '\0' ? NULL : strdup(outcome->cgroup),
    };
}

void act_undo_push(struct act *act)
{
    struct undo_request *mine = &act->job.undo;
    if (mine->count == 0) {
        return;
    }
    if (act->undo_count == ACT_UNDO_MAX) {
        undo_request_finish(&act->undo[0]);
        act->undo_count--;
        memmove(act->undo, act->undo + 1, act->undo_count * sizeof(act->undo[0]));
    }
    mine->job = act->job.request.job;
    mine->deed = act->job.request.deed.kind;
    mine->one_thread = act->job.request.deed.one_thread;
    act->undo[act->undo_count++] = *mine;
    *mine = (struct undo_request){.count = 0};
}

void act_undo_begin(struct act *act)
{
    struct job *job = &act->job;
    job->request.target_count = 0;
    if (act->undo_count == 0) {
        struct act_outcome outcome = {
            .job = job->request.job, .undo = true, .stage = ACT_FAILED, .error = -ENOENT};
        act_tell(act, &outcome);
        return;
    }
    job->undo = act->undo[--act->undo_count];
    job->request.target_count = job->undo.count;
    job->request.deed.kind = job->undo.deed;
}

/* The path shown is the one of what was done, the process may be elsewhere now. */
static void undo_held(struct act *act, struct hold *hold, const struct undo_item *item,
                      struct act_outcome *outcome)
{
    if (item->cgroup != NULL) {
        struct strbuf path;
        str_init(&path, outcome->cgroup, sizeof(outcome->cgroup));
        str_add(&path, item->cgroup);
        outcome->cgroup_processes = act_cgroup_of(act, hold)->processes;
        (void)platform_pin_count_cgroup(hold->pin, &outcome->cgroup_processes); // else as seen last
    }
    struct deed_result result = {.error = 0};
    platform_pin_undo(hold->pin, item->undo, &result);
    act_set_result(outcome, &result);
}

void act_undo_one(struct act *act)
{
    struct job *job = &act->job;
    const struct undo_item *item = &job->undo.items[job->next];
    struct act_outcome outcome = {
        .job = job->request.job,
        .undo = true,
        .deed = job->undo.deed,
        .one_thread = job->undo.one_thread,
        .index = job->next,
        .count = job->undo.count,
        .target = item->target,
    };
    struct hold *hold = NULL;
    const int error = act_take_hold(act, item->target.id, &hold);
    if (error < 0) {
        outcome.stage = ACT_FAILED;
        outcome.error = error;
    } else {
        undo_held(act, hold, item, &outcome);
        holds_give_back(&act->holds, hold);
    }
    act_tell(act, &outcome);
}
