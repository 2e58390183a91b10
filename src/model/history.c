#include "model/history.h"

#include "model/history_state.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t second_ns = 1000000000;
static const uint64_t join_ns = 50000000; // stretches closer than this are one

enum { LATE_INTERVALS = 4, LATE_S = 10 };

struct history *history_create(void)
{
    return calloc(1, sizeof(struct history));
}

void history_destroy(struct history *history)
{
    if (history != NULL) {
        history_system_finish(&history->system);
        history_processes_finish(&history->processes);
        free(history);
    }
}

void history_break(struct history *history)
{
    history->broken = true;
}

uint64_t history_now_ns(const struct history *history)
{
    return history->now_ns;
}

uint64_t history_begin_ns(const struct history *history)
{
    return history->begin_ns;
}

/*
 * The monotonic clock stands still while the machine sleeps, its uptime does not. Uptime comes in
 * hundredths and is read at some moment of a scan that may be slow: only when it is ahead by a
 * second more than ever before, the machine has slept.
 */
static uint64_t time_of(struct history *history, const struct snapshot *snap)
{
    if (snap->system.uptime_ns != FIGURE_ABSENT) {
        int64_t ahead_ns = (int64_t)(snap->system.uptime_ns - snap->mono_ns);
        bool slept = history->has_ahead && ahead_ns - history->ahead_ns > (int64_t)second_ns;
        history->slept_ns += slept ? (uint64_t)(ahead_ns - history->ahead_ns) : 0;
        if (!history->has_ahead || ahead_ns > history->ahead_ns) {
            history->ahead_ns = ahead_ns;
        }
        history->has_ahead = true;
    }
    return snap->mono_ns + history->slept_ns;
}

static void remember_stretch(struct stretches *stretches, uint64_t from_ns, uint64_t to_ns)
{
    struct stretch *last = stretches->count > 0 ? &stretches->items[stretches->count - 1] : NULL;
    if (last != NULL && from_ns <= last->to_ns + join_ns) {
        last->to_ns = to_ns;
        return;
    }
    if (stretches->count == HISTORY_STRETCHES_MAX) {
        stretches->count--;
        memmove(stretches->items, stretches->items + 1,
                stretches->count * sizeof(stretches->items[0]));
    }
    stretches->items[stretches->count++] = (struct stretch){.from_ns = from_ns, .to_ns = to_ns};
}

void history_add(struct history *history, const struct snapshot *snap, uint64_t usual_ns)
{
    if (snap->sample == history->sample) {
        return;
    }
    history->sample = snap->sample;
    uint64_t to_ns = time_of(history, snap);
    uint64_t interval_ns = snap->interval_ns;
    usual_ns = snap->stretched_ns > usual_ns ? snap->stretched_ns : usual_ns;
    bool late = interval_ns > LATE_INTERVALS * usual_ns + LATE_S * second_ns;
    bool usable = interval_ns > 0 && interval_ns <= to_ns && to_ns > history->now_ns;
    bool wanted = usable && !late && !history->broken;
    uint64_t from_ns = to_ns - (usable ? interval_ns : 0);
    from_ns = from_ns > history->now_ns ? from_ns : history->now_ns;
    history->broken = false;
    history->now_ns = to_ns > history->now_ns ? to_ns : history->now_ns;
    if (wanted && history_processes_add(history, snap, from_ns)) {
        history->begin_ns = history->begin_ns > 0 ? history->begin_ns : from_ns;
        history_system_add(history, snap, from_ns);
        remember_stretch(&history->stretches, from_ns, to_ns);
    }
}
