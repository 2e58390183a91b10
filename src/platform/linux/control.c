#include "base/map.h"
#include "platform/linux/attributes.h"
#include "platform/linux/pin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Giving an attribute of a pinned process a value, and taking that back.
 *
 * The kernel sets most of them by plain number, for one task at a time. So all tasks are listed
 * first with their start times, below a directory proven to be the process's; each one is checked
 * right before it is set and right after it was read back; and a list made after the last change
 * finds those that were born meanwhile with the old value. What was changed is written down task
 * by task, before and after, in the kernel's own words: that is what an undo compares and puts
 * back.
 */

enum {
    ROUNDS = 4,            // of listing tasks until no unknown one is left
    SEEN_MAX = 1 << 22,    // tasks met in them
    CHANGES_MAX = 1 << 21, // tasks written down
    NICE_MIN = -20,
    NICE_MAX = 19,
};

struct platform_undo {
    enum deed_kind kind;
    bool one_thread;
    bool pending; // it had been ordered, and had not come about, when this was written down
    struct proc_id pinned;
    size_t words; // of a value
    size_t count, capacity;
    struct proc_id *tasks; // heap
    uint64_t *values;      // heap; of each task the words before, then those after
};

/* A deed or its undoing on its way. */
struct change {
    struct platform_pin *pin;
    const struct attribute *attribute;
    size_t words;
    struct attribute_place place;
    struct deed_result *result;
    struct platform_undo *undo; // what is written down
    struct map *seen;           // tasks met; NULL when there is only one round
};

/* --- what is written down ------------------------------------------------------------------ */

static struct platform_undo *undo_create(enum deed_kind kind, bool one_thread, struct proc_id id,
                                         size_t words)
{
    struct platform_undo *const undo = calloc(1, sizeof(*undo));
    if (undo) {
        *undo = (struct platform_undo){
            .kind = kind, .one_thread = one_thread, .pinned = id, .words = words};
    }
    return undo;
}

void platform_undo_destroy(struct platform_undo *undo)
{
    if (!undo) {
        return;
    }
    free(undo->tasks);
    free(undo->values);
    free(undo);
}

/* Room for one more, made before anything is changed that could then not be written down. */
static int undo_reserve(struct platform_undo *undo)
{
    if (undo->count < undo->capacity) {
        return 0;
    }
    const size_t capacity = undo->capacity ? undo->capacity * 2 : 1;
    if (capacity > CHANGES_MAX) {
        return -ENOMEM;
    }
    struct proc_id *const tasks = realloc(undo->tasks, capacity * sizeof(*tasks));
    undo->tasks = tasks ? tasks : undo->tasks;
    const size_t value_bytes = 2 * undo->words * sizeof(*undo->values);
    uint64_t *const values = tasks ? realloc(undo->values, capacity * value_bytes) : NULL;
    undo->values = values ? values : undo->values;
    if (!values) {
        return -ENOMEM;
    }
    undo->capacity = capacity;
    return 0;
}

static uint64_t *undo_before(const struct platform_undo *undo, size_t i)
{
    return undo->values + 2 * i * undo->words;
}

static uint64_t *undo_after(const struct platform_undo *undo, size_t i)
{
    return undo_before(undo, i) + undo->words;
}

static void undo_add(struct platform_undo *undo, struct proc_id task, const uint64_t *before,
                     const uint64_t *after)
{
    const size_t i = undo->count++;
    undo->tasks[i] = task;
    memcpy(undo_before(undo, i), before, undo->words * sizeof(*before));
    memcpy(undo_after(undo, i), after, undo->words * sizeof(*after));
}

/* --- both ways ----------------------------------------------------------------------------- */

static int change_begin(struct change *change, struct platform_pin *pin, enum deed_kind kind,
                        struct deed_result *result)
{
    *result = (struct deed_result){0};
    *change = (struct change){.pin = pin,
                              .attribute = attribute_of(kind),
                              .place = {.pin = pin, .dir = -1, .tid = pin->id.pid},
                              .result = result};
    if (!change->attribute) {
        return -EINVAL;
    }
    const int error = attribute_words(change->attribute, &change->words);
    return error ? error : pin_open_dir(pin, &change->place.dir);
}

static bool is_worth_explaining(int error)
{
    switch (error) {
    case 0:
    case -ESRCH:
    case -ECHILD:
    case -ESTALE:
    case -ETIMEDOUT:
    case -ENOMEM:
    case -EMFILE:
    case -ENFILE:
        return false;
    default:
        return true;
    }
}

static void change_finish(struct change *change, int error, const struct deed *deed)
{
    struct deed_result *const result = change->result;
    if (change->place.dir >= 0) {
        close(change->place.dir);
    }
    map_destroy(change->seen);
    result->error = error;
    if (error == -ESRCH || error == -ECHILD) {
        result->has_values = false; // whose they are cannot be said any more
    }
    if (error && result->obstacle == OBSTACLE_UNKNOWN) {
        result->obstacle = change->place.obstacle;
    }
    if (is_worth_explaining(error)) {
        platform_pin_explain(change->pin, deed, result);
    }
}

static bool same_value(const struct change *change, const uint64_t *a, const uint64_t *b)
{
    return memcmp(a, b, change->words * sizeof(*a)) == 0;
}

/* 0 while the number means this task. */
static int check_task(const struct change *change, struct proc_id task)
{
    return proc_id_equal(task, change->pin->id)
               ? platform_pin_alive(change->pin)
               : pin_check_task(change->pin, change->place.dir, task);
}

/* Sets one task's value and reads back what came of it. -ETIMEDOUT: it will come to it. */
static int set_checked(struct change *change, struct proc_id task, const uint64_t *value,
                       uint64_t *ret_now)
{
    int error = check_task(change, task);
    if (error) {
        return error;
    }
    error = change->attribute->set(&change->place, value, change->words);
    if (error && error != -ETIMEDOUT) {
        return error;
    }
    memcpy(ret_now, value, change->words * sizeof(*value));
    if (error == 0) { // should it not be readable now, the kernel's word for it must do
        (void)change->attribute->get(&change->place, ret_now, change->words);
    }
    const int gone = check_task(change, task);
    return gone ? gone : error;
}

/* The values of the first task that has any: the pinned one unless its first thread has ended. */
static void tell_values(struct change *change, const uint64_t *old, const uint64_t *now)
{
    if (!change->result->has_values) {
        change->result->has_values = true;
        change->attribute->unpack(old, change->words, &change->result->old);
        change->attribute->unpack(now, change->words, &change->result->now);
    }
}

/* After a refusal: how it is, and stays. */
static void tell_unchanged(struct change *change, int error)
{
    uint64_t now[ATTRIBUTE_WORDS_MAX];
    const enum deed_obstacle obstacle = change->place.obstacle; // not that of reading
    change->place.tid = change->pin->id.pid;
    if (is_worth_explaining(error) && !change->result->has_values &&
        change->attribute->get(&change->place, now, change->words) == 0 &&
        platform_pin_alive(change->pin) == 0) {
        tell_values(change, now, now);
    }
    change->place.obstacle = obstacle;
}

/* Counts what came of one task. Threads come and go: one that is gone is no failure. */
static int count_task(struct change *change, struct proc_id task, int error)
{
    const bool pinned = proc_id_equal(task, change->pin->id);
    if (error == 0) {
        change->result->threads++;
        return 0;
    }
    if (error == -ESRCH && (!pinned || platform_pin_alive(change->pin) == 0)) {
        return 0;
    }
    change->result->threads_failed++;
    return error;
}

/* Errors after which to go on with other tasks makes no sense. */
static bool is_the_end(int error)
{
    return error == -ESRCH || error == -ECHILD || error == -ENOMEM || error == -EMFILE ||
           error == -ENFILE;
}

/* --- change -------------------------------------------------------------------------------- */

static void want(const struct change *change, const struct deed *deed, const uint64_t *old,
                 uint64_t *ret)
{
    if (!deed->relative) {
        change->attribute->pack(&deed->value, old, change->words, ret);
        return;
    }
    struct deed_value value;
    change->attribute->unpack(old, change->words, &value);
    const int64_t sum = (int64_t)value.number + deed->value.number;
    value.number = sum < NICE_MIN ? NICE_MIN : sum > NICE_MAX ? NICE_MAX : (int32_t)sum;
    change->attribute->pack(&value, old, change->words, ret);
}

static int change_task(struct change *change, const struct deed *deed, struct proc_id task)
{
    uint64_t old[ATTRIBUTE_WORDS_MAX];
    uint64_t wanted[ATTRIBUTE_WORDS_MAX];
    uint64_t now[ATTRIBUTE_WORDS_MAX];
    change->place.tid = task.pid;
    int error = undo_reserve(change->undo);
    if (error == 0) {
        error = change->attribute->get(&change->place, old, change->words);
    }
    if (error) {
        return error;
    }
    want(change, deed, old, wanted);
    if (same_value(change, old, wanted)) {
        error = check_task(change, task); // whose it was
        if (error == 0) {
            tell_values(change, old, old);
        }
        return error;
    }
    error = set_checked(change, task, wanted, now);
    if (error && error != -ETIMEDOUT) {
        return error;
    }
    tell_values(change, old, now);
    if (!same_value(change, old, now)) {
        undo_add(change->undo, task, old, now);
        change->undo->pending = change->undo->pending || error == -ETIMEDOUT;
    }
    return error;
}

/* True when the task was not met before; it then has been. */
static int meet(struct change *change, struct proc_id task, bool *ret_new)
{
    *ret_new = !change->seen || !map_has(change->seen, task);
    return !change->seen || map_put(change->seen, task) ? 0 : -ENOMEM;
}

/* All listed tasks not met before. The pinned one is first: without it the others are let be. */
static int change_listed(struct change *change, const struct deed *deed,
                         const struct pin_tasks *tasks, size_t *ret_new)
{
    int worst = 0;
    for (size_t i = 0; i < tasks->count; i++) {
        bool is_new;
        int error = meet(change, tasks->ids[i], &is_new);
        if (error == 0 && !is_new) {
            continue;
        }
        ++*ret_new;
        error = error ? error : change_task(change, deed, tasks->ids[i]);
        error = count_task(change, tasks->ids[i], error);
        worst = worst ? worst : error;
        if (is_the_end(error) || (error && proc_id_equal(tasks->ids[i], change->pin->id))) {
            change->result->threads_failed += (uint32_t)(tasks->count - i - 1);
            return error;
        }
    }
    return worst;
}

static int change_tasks(struct change *change, const struct deed *deed)
{
    struct pin_tasks tasks = {0};
    const bool alone = deed->one_thread || change->pin->thread ||
                       (deed_info(deed->kind)->flags & DEED_PER_THREAD) == 0;
    // A thread made meanwhile may have inherited the sum: what is added is never added again.
    const int rounds = alone || deed->relative ? 1 : ROUNDS;
    if (rounds > 1) {
        change->seen = map_create(SEEN_MAX);
        if (!change->seen) {
            return -ENOMEM;
        }
    }
    int worst = 0;
    size_t new_count = 1;
    for (int round = 0; !worst && new_count > 0 && round < rounds; round++) {
        new_count = 0;
        worst = pin_list_tasks(change->pin, change->place.dir, alone, &tasks);
        if (worst == 0) {
            worst = change_listed(change, deed, &tasks, &new_count);
        }
    }
    pin_tasks_finish(&tasks);
    tell_unchanged(change, worst);
    const int gone = platform_pin_alive(change->pin);
    return gone ? gone : worst;
}

static bool is_valid(const struct deed *deed)
{
    const struct deed_info *const info = deed_info(deed->kind);
    const struct deed_value *const value = &deed->value;
    const int32_t policy = value->sched.policy;
    switch (deed->kind) {
    case DEED_IOPRIO:
        return value->io.class >= IO_CLASS_NONE && value->io.class <= IO_CLASS_IDLE &&
               value->io.level >= 0 && value->io.level <= 7;
    case DEED_AFFINITY:
        return true;
    case DEED_SCHEDULING:
        return policy == POLICY_OTHER || policy == POLICY_FIFO || policy == POLICY_RR ||
               policy == POLICY_BATCH || policy == POLICY_IDLE;
    case DEED_STOP:
    case DEED_NICE:
    case DEED_AUTOGROUP:
    case DEED_OOM_ADJ:
    case DEED_FREEZE:
        return deed->relative ? (info->flags & DEED_RELATIVE_OK) != 0
                              : value->number >= info->min && value->number <= info->max;
    case DEED_SIGNAL:
    case DEED_TERMINATE:
    case DEED_KILL_GROUP:
    case DEED_CLOSE:
    case DEED_COUNT:
        break;
    }
    return false;
}

void platform_pin_change(struct platform_pin *pin, const struct deed *deed, struct deed_result *ret,
                         struct platform_undo **ret_undo)
{
    struct change change;
    int error = change_begin(&change, pin, deed->kind, ret);
    if (error == 0 && !is_valid(deed)) {
        error = -EINVAL;
    }
    if (error == 0) {
        change.undo = undo_create(deed->kind, deed->one_thread, pin->id, change.words);
        error = change.undo ? change_tasks(&change, deed) : -ENOMEM;
    }
    change_finish(&change, error, deed);
    if (ret_undo && change.undo && change.undo->count > 0 && error != -ESRCH && error != -ECHILD) {
        *ret_undo = change.undo;
    } else {
        platform_undo_destroy(change.undo);
    }
}

/* --- undo ---------------------------------------------------------------------------------- */

/* Whether all that was changed and still lives is as it was left. */
static int compare_tasks(struct change *change, const struct platform_undo *undo)
{
    uint64_t now[ATTRIBUTE_WORDS_MAX];
    for (size_t i = 0; i < undo->count; i++) {
        change->place.tid = undo->tasks[i].pid;
        int error = check_task(change, undo->tasks[i]);
        if (error == 0) {
            error = change->attribute->get(&change->place, now, change->words);
        }
        const bool pinned = proc_id_equal(undo->tasks[i], change->pin->id);
        if (error == -ESRCH && (!pinned || platform_pin_alive(change->pin) == 0)) {
            continue;
        }
        if (error) {
            return error;
        }
        const bool pending = undo->pending && same_value(change, now, undo_before(undo, i));
        if (!pending && !same_value(change, now, undo_after(undo, i))) {
            tell_values(change, undo_after(undo, i), now);
            change->result->obstacle = OBSTACLE_CHANGED;
            return -ESTALE;
        }
    }
    return 0;
}

static int restore_tasks(struct change *change, const struct platform_undo *undo,
                         struct deed *ret_failed)
{
    uint64_t now[ATTRIBUTE_WORDS_MAX];
    int worst = 0;
    for (size_t i = 0; i < undo->count && !is_the_end(worst); i++) {
        change->place.tid = undo->tasks[i].pid;
        int error = set_checked(change, undo->tasks[i], undo_before(undo, i), now);
        if (error == 0 || error == -ETIMEDOUT) {
            tell_values(change, undo_after(undo, i), now);
        }
        error = count_task(change, undo->tasks[i], error);
        if (error && !worst) {
            worst = error;
            change->attribute->unpack(undo_before(undo, i), change->words, &ret_failed->value);
        }
    }
    tell_unchanged(change, worst);
    const int gone = platform_pin_alive(change->pin);
    return gone ? gone : worst;
}

void platform_pin_undo(struct platform_pin *pin, const struct platform_undo *undo,
                       struct deed_result *ret)
{
    struct change change;
    struct deed deed = {.kind = undo->kind, .one_thread = undo->one_thread};
    int error = change_begin(&change, pin, undo->kind, ret);
    if (error == 0 && !proc_id_equal(pin->id, undo->pinned)) {
        error = -ESRCH;
    }
    if (error == 0) {
        error = compare_tasks(&change, undo);
    }
    if (error == 0) {
        error = restore_tasks(&change, undo, &deed);
    }
    change_finish(&change, error, &deed);
}

/* --- get ----------------------------------------------------------------------------------- */

int platform_pin_get(struct platform_pin *pin, enum deed_kind kind, struct deed_value *ret)
{
    uint64_t now[ATTRIBUTE_WORDS_MAX];
    struct deed_result unused;
    struct change change;
    int error = change_begin(&change, pin, kind, &unused);
    if (error == 0) {
        error = change.attribute->get(&change.place, now, change.words);
    }
    if (change.place.dir >= 0) {
        const int gone = platform_pin_alive(pin); // whose it was
        error = gone ? gone : error;
        close(change.place.dir);
    }
    if (error == 0) {
        *ret = (struct deed_value){0};
        change.attribute->unpack(now, change.words, ret);
    }
    return error;
}
