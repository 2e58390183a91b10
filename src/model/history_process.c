#include "model/history_state.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * Most processes do nothing most of the time. Of a series that never changed only its value is
 * kept and since when it is so; together with the stretches in which there were scans this says
 * all. With the first change it gets a recording: a fixed number of points whose step doubles when
 * they are full, so that it always goes back to where the process was first seen.
 *
 * Tracks are ascending by id, like a snapshot's processes, so that following them is one walk
 * through both.
 */

static const uint64_t second_ns = 1000000000;

enum { KEEP_MIN_S = 1, ROOM_MIN = 256 };

/* Points from start_ns on. */
struct recording {
    uint64_t start_ns, step_ns;
    size_t last;   // the newest point
    double weight; // of it
    struct series_point points[HISTORY_PROCESS_POINTS];
};

/* One process. */
struct process_track {
    struct proc_id id;
    uint64_t first_ns, last_ns;
    struct {
        struct recording *recording; // heap; NULL: it did not change, then
        float value;                 // it was this
        uint32_t since_s;            // since then, and known in every scan; 0: unknown in the last
    } series[PROCESS_SERIES_COUNT];
};

/* --- recordings ------------------------------------------------------------------------------ */

static void begin_recording(struct recording *recording, uint64_t start_ns)
{
    recording->start_ns = start_ns;
    recording->step_ns = second_ns;
    recording->last = 0;
    recording->weight = 0;
    recording->points[0] = series_gap();
}

static struct series_point merge(const struct series_point *a, const struct series_point *b)
{
    if (series_is_gap(a) || series_is_gap(b)) {
        return series_is_gap(a) ? *b : *a;
    }
    return (struct series_point){
        .min = a->min < b->min ? a->min : b->min,
        .mean = (a->mean + b->mean) / 2,
        .max = a->max > b->max ? a->max : b->max,
    };
}

/* Make room: every two points become one. */
static void halve(struct recording *recording)
{
    struct series_point *points = recording->points;
    bool full = recording->last % 2 == 1 && !series_is_gap(&points[recording->last - 1]);
    recording->weight += full ? (double)recording->step_ns : 0;
    if (recording->last + 1 < HISTORY_PROCESS_POINTS) {
        points[recording->last + 1] = series_gap();
    }
    for (size_t i = 0; i <= recording->last / 2; i++) {
        points[i] = merge(&points[2 * i], &points[2 * i + 1]);
    }
    recording->last /= 2;
    recording->step_ns *= 2;
}

static void record(struct recording *recording, uint64_t from_ns, uint64_t to_ns, float value)
{
    from_ns = from_ns > recording->start_ns ? from_ns : recording->start_ns;
    if (to_ns <= from_ns) {
        return;
    }
    while ((to_ns - 1 - recording->start_ns) / recording->step_ns >= HISTORY_PROCESS_POINTS) {
        halve(recording);
    }
    uint64_t step_ns = recording->step_ns;
    while (from_ns < to_ns) {
        size_t at = (size_t)((from_ns - recording->start_ns) / step_ns);
        uint64_t end_ns = recording->start_ns + (at + 1) * step_ns;
        end_ns = end_ns < to_ns ? end_ns : to_ns;
        while (recording->last < at) {
            recording->points[++recording->last] = series_gap();
            recording->weight = 0;
        }
        series_add(&recording->points[at], &recording->weight, (double)value,
                   (double)(end_ns - from_ns));
        from_ns = end_ns;
    }
}

/* Record a value that was so since then, wherever there were scans. */
static void record_constant(struct recording *recording, const struct stretches *stretches,
                            uint64_t from_ns, uint64_t to_ns, float value)
{
    for (size_t i = 0; i < stretches->count; i++) {
        const struct stretch *stretch = &stretches->items[i];
        uint64_t begin = stretch->from_ns > from_ns ? stretch->from_ns : from_ns;
        uint64_t end = stretch->to_ns < to_ns ? stretch->to_ns : to_ns;
        record(recording, begin, end, value);
    }
}

/* --- tracks ---------------------------------------------------------------------------------- */

static bool has_recording(const struct process_track *track)
{
    for (size_t i = 0; i < PROCESS_SERIES_COUNT; i++) {
        if (track->series[i].recording != NULL) {
            return true;
        }
    }
    return false;
}

static void drop_track(struct process_tracks *processes, struct process_track *track)
{
    for (size_t i = 0; i < PROCESS_SERIES_COUNT; i++) {
        processes->recordings -= track->series[i].recording != NULL ? 1 : 0;
        free(track->series[i].recording);
        track->series[i].recording = NULL;
    }
}

void history_processes_finish(struct process_tracks *processes)
{
    for (size_t i = 0; i < processes->count; i++) {
        drop_track(processes, &processes->items[i]);
    }
    free(processes->items);
    free(processes->spare);
    *processes = (struct process_tracks){0};
}

/* Since when nothing has changed, on the history's clock. */
static uint64_t since_ns(const struct process_track *track, size_t series)
{
    return track->series[series].since_s * second_ns;
}

/* The value of a series that changes for the first time, or is known again. */
static void begin_constant(struct process_track *track, size_t series, float value,
                           uint64_t from_ns)
{
    track->series[series].value = value;
    track->series[series].since_s = (uint32_t)((from_ns + second_ns - 1) / second_ns);
}

/* It changes: from now on every value is kept. Without room for that, what was is forgotten. */
static void begin_change(struct history *history, struct process_track *track, size_t series,
                         uint64_t from_ns)
{
    struct process_tracks *processes = &history->processes;
    struct recording *recording =
        processes->recordings < HISTORY_RECORDINGS_MAX ? malloc(sizeof(*recording)) : NULL;
    if (recording == NULL) {
        return;
    }
    processes->recordings++;
    begin_recording(recording, since_ns(track, series));
    record_constant(recording, &history->stretches, since_ns(track, series), from_ns,
                    track->series[series].value);
    track->series[series].recording = recording;
}

/* NaN: not known. */
static void add_value(struct history *history, struct process_track *track, size_t series,
                      float value, uint64_t from_ns)
{
    if (isnan(value)) {
        track->series[series].since_s = 0;
        return;
    }
    bool is_known = track->series[series].since_s > 0;
    // Compared as what they are: values that were copied, not computed.
    bool same = memcmp(&track->series[series].value, &value, sizeof(value)) == 0;
    if (track->series[series].recording == NULL && is_known && !same) {
        begin_change(history, track, series, from_ns);
    }
    if (track->series[series].recording != NULL) {
        record(track->series[series].recording, from_ns, history->now_ns, value);
    }
    if (!is_known || !same) {
        begin_constant(track, series, value, from_ns);
    }
}

static void add_values(struct history *history, struct process_track *track,
                       const struct proc *proc, uint64_t from_ns)
{
    bool has_rate = (proc->have & FACT_RATE) != 0;
    bool has_io = (proc->have & FACT_IO_RATE) != 0;
    bool has_net = (proc->have & FACT_SOCKET_RATE) != 0 && !proc->net.is_uncounted;
    const float values[PROCESS_SERIES_COUNT] = {
        [PROCESS_CPU] = has_rate ? (float)(proc->cpu.user + proc->cpu.system) : NAN,
        [PROCESS_RESIDENT] = (proc->have & FACT_IDENT) != 0 ? (float)proc->mem.resident_bytes : NAN,
        [PROCESS_READ] = has_io ? (float)proc->io.read_bytes_per_s : NAN,
        [PROCESS_WRITE] = has_io ? (float)proc->io.write_bytes_per_s : NAN,
        [PROCESS_RX] = has_net ? (float)proc->net.rx_bytes_per_s : NAN,
        [PROCESS_TX] = has_net ? (float)proc->net.tx_bytes_per_s : NAN,
    };
    for (size_t i = 0; i < PROCESS_SERIES_COUNT; i++) {
        add_value(history, track, i, values[i], from_ns);
    }
    track->last_ns = history->now_ns;
}

/* --- following ------------------------------------------------------------------------------- */

/* Have room for this many in the other array. */
static bool make_room(struct process_tracks *processes, size_t needed)
{
    if (needed <= processes->spare_room) {
        return true;
    }
    size_t room = processes->spare_room > 0 ? processes->spare_room : ROOM_MIN;
    while (room < needed) {
        room *= 2;
    }
    room = room < HISTORY_PROCESSES_MAX ? room : HISTORY_PROCESSES_MAX;
    struct process_track *items = malloc(room * sizeof(*items));
    if (items == NULL) {
        return false;
    }
    free(processes->spare);
    processes->spare = items;
    processes->spare_room = room;
    return true;
}

/* Take one over that is not in the snapshot, unless it can go. True when it stays. */
static bool keep_exited(struct process_tracks *processes, struct process_track *track,
                        uint64_t now_ns)
{
    if (now_ns - track->last_ns <= processes->keep_ns && has_recording(track)) {
        return true;
    }
    drop_track(processes, track);
    return false;
}

/* With many exited ones they stay for a shorter time, and longer again when there are few. */
static void adapt_keeping(struct process_tracks *processes, size_t exited)
{
    if (exited > HISTORY_EXITED_PROCESSES) {
        processes->keep_ns /= 2;
    } else if (exited < HISTORY_EXITED_PROCESSES / 2) {
        processes->keep_ns *= 2;
    }
    uint64_t least = KEEP_MIN_S * second_ns;
    uint64_t most = HISTORY_EXITED_S * second_ns;
    processes->keep_ns = processes->keep_ns < least  ? least
                         : processes->keep_ns > most ? most
                                                     : processes->keep_ns;
}

/* A walk through the tracks and a snapshot's processes side by side. */
struct walk {
    struct history *history;
    uint64_t from_ns;
    size_t at;          // of the tracks, the next
    size_t count;       // of those that stay
    size_t exited;      // among them
    size_t free_places; // for new ones
};

/* Pass over the tracks before this process; NULL: all that are left. */
static void pass_exited(struct walk *walk, const struct proc *proc)
{
    struct process_tracks *processes = &walk->history->processes;
    for (; walk->at < processes->count; walk->at++) {
        struct process_track *track = &processes->items[walk->at];
        if (proc != NULL && proc_id_compare(track->id, proc->id) >= 0) {
            return;
        }
        if (keep_exited(processes, track, walk->history->now_ns)) {
            processes->spare[walk->count++] = *track;
            walk->exited++;
        }
    }
}

static void follow(struct walk *walk, const struct proc *proc)
{
    struct process_tracks *processes = &walk->history->processes;
    pass_exited(walk, proc);
    struct process_track *track = &processes->spare[walk->count];
    if (walk->at < processes->count && proc_id_equal(processes->items[walk->at].id, proc->id)) {
        *track = processes->items[walk->at++];
    } else if (walk->free_places > 0) {
        walk->free_places--;
        *track = (struct process_track){.id = proc->id, .first_ns = walk->from_ns};
    } else {
        return;
    }
    add_values(walk->history, track, proc, walk->from_ns);
    walk->count++;
}

bool history_processes_add(struct history *history, const struct snapshot *snap, uint64_t from_ns)
{
    struct process_tracks *processes = &history->processes;
    size_t most = processes->count + snap->proc_count;
    most = most < HISTORY_PROCESSES_MAX ? most : HISTORY_PROCESSES_MAX;
    if (!make_room(processes, most)) {
        return false;
    }
    struct walk walk = {
        .history = history,
        .from_ns = from_ns,
        .free_places = most - processes->count,
    };
    for (size_t i = 0; i < snap->proc_count; i++) {
        follow(&walk, &snap->procs[i]);
    }
    pass_exited(&walk, NULL);
    const struct process_tracks before = *processes;
    processes->items = before.spare;
    processes->room = before.spare_room;
    processes->spare = before.items;
    processes->spare_room = before.room;
    processes->count = walk.count;
    adapt_keeping(processes, walk.exited);
    return true;
}

/* --- reading --------------------------------------------------------------------------------- */

static const struct process_track *find_track(const struct process_tracks *processes,
                                              struct proc_id id)
{
    return proc_id_find(processes->items, processes->count, sizeof(*processes->items), id);
}

bool history_process_span(const struct history *history, struct proc_id id, uint64_t *ret_first_ns,
                          uint64_t *ret_last_ns)
{
    const struct process_track *track = find_track(&history->processes, id);
    if (track == NULL) {
        return false;
    }
    *ret_first_ns = track->first_ns;
    *ret_last_ns = track->last_ns;
    return true;
}

void history_process_read(const struct history *history, struct proc_id id,
                          enum process_series series, const struct series_window *window,
                          struct series_point *ret)
{
    assert(series < PROCESS_SERIES_COUNT);
    const struct process_track *track = find_track(&history->processes, id);
    struct recording constant;
    begin_recording(&constant, 0);
    const struct recording *recording = &constant;
    if (track != NULL && track->series[series].recording != NULL) {
        recording = track->series[series].recording;
    } else if (track != NULL && track->series[series].since_s > 0) {
        constant.start_ns = since_ns(track, series);
        record_constant(&constant, &history->stretches, constant.start_ns, track->last_ns,
                        track->series[series].value);
    }
    const struct series_run run = {
        .points = recording->points,
        .capacity = HISTORY_PROCESS_POINTS,
        .start_ns = recording->start_ns,
        .step_ns = recording->step_ns,
        .last = recording->last,
        .count = recording->last + 1,
    };
    series_read(&run, window, ret);
}

double history_process_latest(const struct history *history, struct proc_id id,
                              enum process_series series)
{
    assert(series < PROCESS_SERIES_COUNT);
    const struct process_track *track = find_track(&history->processes, id);
    bool is_known = track != NULL && track->last_ns == history->now_ns && // else it has exited
                    track->series[series].since_s > 0;
    return is_known ? (double)track->series[series].value : (double)NAN;
}
