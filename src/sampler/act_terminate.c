#include "platform/platform.h"
#include "sampler/act_state.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/*
 * A termination: SIGTERM, the time asked for to obey it, SIGKILL, two more seconds to be seen
 * gone. Only a process stuck in the kernel survives that.
 */

enum {
    TERMINATIONS_MAX = 4 * ACT_TARGETS_MAX,
    TERMINATIONS_START = 16,
    MS = 1000000,
    UNHELD_GAP_NS = 50 * MS, // between looks at one that cannot be waited for
};

static const uint64_t killed_ns = 2000ull * MS; // after SIGKILL

static bool has_ended(int error)
{
    return error == -ESRCH || error == -ECHILD;
}

/* --- beginning ----------------------------------------------------------------------------- */

static struct termination *find(struct act *act, struct proc_id id)
{
    for (size_t i = 0; i < act->termination_count; i++) {
        if (proc_id_equal(act->terminations[i].target.id, id)) {
            return &act->terminations[i];
        }
    }
    return NULL;
}

static int make_room(struct act *act)
{
    if (act->termination_count < act->termination_size) {
        return 0;
    }
    if (act->termination_count == TERMINATIONS_MAX) {
        return -EAGAIN;
    }
    const size_t size = act->termination_size == 0 ? TERMINATIONS_START : act->termination_size * 2;
    struct termination *all = reallocarray(act->terminations, size, sizeof(*all));
    if (all == NULL) {
        return -ENOMEM;
    }
    act->terminations = all;
    struct platform_pin **pins = reallocarray(act->pins, size, sizeof(struct platform_pin *));
    if (pins == NULL) {
        return -ENOMEM;
    }
    act->pins = pins;
    act->termination_size = size;
    return 0;
}

/* A stopped process would get SIGTERM only when it is continued. */
static int ask_to_end(struct hold *hold)
{
    const int error = platform_pin_signal(hold->pin, SIGTERM);
    struct deed_value stopped;
    if (error == 0 && platform_pin_get(hold->pin, DEED_STOP, &stopped) == 0 &&
        stopped.number == 1) {
        (void)platform_pin_signal(hold->pin, SIGCONT); // else SIGKILL will do
    }
    return error;
}

void act_terminate(struct act *act, struct hold *hold, struct act_outcome *outcome, uint64_t now_ns)
{
    const int32_t wait_ms = act->job.request.deed.value.number;
    const uint64_t deadline_ns = now_ns + (uint64_t)(wait_ms > 0 ? wait_ms : 0) * MS;
    struct termination *old = find(act, hold->id);
    if (old != NULL) {
        if (old->stage == ACT_WAITING) {
            old->deadline_ns = deadline_ns;
            old->wait_ms = wait_ms; // what is told of it from now on
        }
        outcome->stage = ACT_UNCHANGED;
        return;
    }
    const int error = make_room(act);
    if (error < 0) {
        outcome->stage = ACT_FAILED;
        outcome->error = error;
        return;
    }
    act_set_signal_error(outcome, hold->pin, ask_to_end(hold));
    if (outcome->stage == ACT_FAILED) {
        return;
    }
    outcome->stage = ACT_WAITING;
    hold->users++;
    act->terminations[act->termination_count++] = (struct termination){
        .job = outcome->job,
        .index = outcome->index,
        .count = outcome->count,
        .target = outcome->target,
        .wait_ms = wait_ms,
        .stage = ACT_WAITING,
        .hold = hold,
        .begin_ns = now_ns,
        .deadline_ns = deadline_ns,
    };
}

bool act_termination_unhold(struct act *act)
{
    for (size_t i = act->termination_count; i > 0; i--) {
        struct termination *termination = &act->terminations[i - 1];
        if (termination->hold != NULL && termination->hold->users == 1) {
            termination->hold->users = 0;
            termination->hold = NULL;
            return holds_drop_one(&act->holds);
        }
    }
    return false;
}

/* --- going on ------------------------------------------------------------------------------ */

/* Tell where it stands; of a hold only for why a signal was refused. */
static void tell(struct act *act, const struct termination *termination, enum act_stage stage,
                 const struct hold *hold, int error, uint64_t now_ns)
{
    const struct deed deed = {.kind = DEED_TERMINATE, .value.number = termination->wait_ms};
    struct act_outcome outcome = {
        .job = termination->job,
        .deed = DEED_TERMINATE,
        .index = termination->index,
        .count = termination->count,
        .target = termination->target,
        .after_ns = now_ns - termination->begin_ns,
    };
    act_format_asked(&deed, outcome.asked);
    if (error < 0) {
        act_set_signal_error(&outcome, hold->pin, error);
    }
    outcome.stage = stage;
    act_tell(act, &outcome);
}

/* Its time is up. True when it is at its end. */
static bool go_on(struct act *act, struct termination *termination, struct hold *hold,
                  uint64_t now_ns)
{
    if (termination->stage == ACT_KILLING) {
        tell(act, termination, ACT_SURVIVED, hold, 0, now_ns);
        return true;
    }
    const int error = platform_pin_signal(hold->pin, SIGKILL);
    if (error < 0) {
        const bool ended = has_ended(error);
        tell(act, termination, ended ? ACT_DONE : ACT_FAILED, hold, ended ? 0 : error, now_ns);
        return true;
    }
    termination->stage = ACT_KILLING;
    termination->deadline_ns = now_ns + killed_ns;
    tell(act, termination, ACT_KILLING, hold, 0, now_ns);
    return false;
}

/* True when it is at its end. */
static bool look(struct act *act, struct termination *termination, struct hold *hold,
                 uint64_t now_ns)
{
    if (has_ended(platform_pin_alive(hold->pin))) {
        tell(act, termination, ACT_DONE, hold, 0, now_ns);
        return true;
    }
    return now_ns >= termination->deadline_ns && go_on(act, termination, hold, now_ns);
}

/* Likewise, through a pin made for just this look. */
static bool look_unheld(struct act *act, struct termination *termination, uint64_t now_ns)
{
    struct hold *hold = NULL;
    const int error = act_take_hold(act, termination->target.id, &hold);
    if (error < 0) {
        if (has_ended(error)) {
            tell(act, termination, ACT_DONE, NULL, 0, now_ns);
        }
        return has_ended(error);
    }
    const bool is_over = look(act, termination, hold, now_ns);
    holds_give_back(&act->holds, hold);
    return is_over;
}

uint64_t act_terminations_step(struct act *act, uint64_t now_ns)
{
    uint64_t due_ns = UINT64_MAX;
    size_t kept = 0;
    const size_t count = act->termination_count;
    for (size_t i = 0; i < count; i++) {
        struct termination *termination = &act->terminations[i];
        const bool is_over = termination->hold != NULL
                                 ? look(act, termination, termination->hold, now_ns)
                                 : look_unheld(act, termination, now_ns);
        if (is_over) {
            holds_give_back(&act->holds, termination->hold);
            termination->hold = NULL;
            continue;
        }
        const uint64_t look_ns =
            termination->hold == NULL ? now_ns + UNHELD_GAP_NS : termination->deadline_ns;
        due_ns = look_ns < due_ns ? look_ns : due_ns;
        const struct termination still = *termination;
        termination->hold = NULL; // what is left behind holds nothing
        act->terminations[kept++] = still;
    }
    act->termination_count = kept;
    return due_ns;
}

void act_terminations_leave(struct act *act)
{
    const uint64_t now_ns = platform_now_ns();
    for (size_t i = 0; i < act->termination_count; i++) {
        const struct termination *termination = &act->terminations[i];
        const bool is_later = now_ns > termination->begin_ns;
        tell(act, termination, ACT_LEFT, NULL, 0, is_later ? now_ns : termination->begin_ns);
    }
}

void act_wait(struct act *act, uint64_t timeout_ns)
{
    size_t count = 0;
    for (size_t i = 0; i < act->termination_count; i++) {
        if (act->terminations[i].hold != NULL) {
            act->pins[count++] = act->terminations[i].hold->pin;
        }
    }
    if (act->termination_count > 0) {
        platform_pins_wait(act->pins, count, timeout_ns);
    }
}
