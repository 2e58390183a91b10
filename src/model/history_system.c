#include "base/str.h"
#include "model/history_state.h"
#include "model/network.h"
#include "model/storage.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * The machine's series. Each is kept in three resolutions, rings that all series advance through
 * together. Graphs are a fixed list for the machine as a whole, and behind it one or two for
 * each device, in the order in which the devices were first seen.
 */

static const struct {
    uint64_t step_ns;
    size_t capacity, offset;
} levels[HISTORY_LEVELS] = {
    {UINT64_C(1000000000), 1024, 0},
    {UINT64_C(10000000000), 1024, 1024},
    {UINT64_C(100000000000), 900, 2048},
};

enum { POINTS = 1024 + 1024 + 900, GONE_S = 24 * 3600 };

/* --- series ---------------------------------------------------------------------------------- */

/* One value over time. */
struct system_series {
    struct history_line all; // of it the figures, since the beginning
    struct {
        uint64_t first, last; // steps that have points; last < first: none
        double weight;        // of the last
    } level[HISTORY_LEVELS];
    struct series_point points[POINTS];
};

static struct system_series *create_series(void)
{
    struct system_series *series = malloc(sizeof(*series)); // points are set as time reaches them
    if (series != NULL) {
        series->all = (struct history_line){
            .figures = series_figures_of(NULL, 0), // none
        };
        for (size_t i = 0; i < HISTORY_LEVELS; i++) {
            series->level[i].first = 1;
            series->level[i].last = 0;
            series->level[i].weight = 0;
        }
    }
    return series;
}

/* Make this step the last of a level; what was passed over are gaps. */
static struct series_point *reach_step(struct system_series *series, size_t level, uint64_t step)
{
    struct series_point *points = series->points + levels[level].offset;
    size_t capacity = levels[level].capacity;
    bool empty = series->level[level].last < series->level[level].first;
    uint64_t next = empty ? step : series->level[level].last + 1;
    if (empty) {
        series->level[level].first = step;
    }
    next = step >= capacity && next < step - capacity + 1 ? step - capacity + 1 : next;
    for (; next <= step; next++) {
        points[next % capacity] = series_gap();
        series->level[level].weight = 0;
    }
    series->level[level].last = step;
    return &points[step % capacity];
}

static void add_to_series(struct system_series *series, uint64_t from_ns, uint64_t to_ns,
                          double value)
{
    for (size_t i = 0; i < HISTORY_LEVELS; i++) {
        uint64_t step_ns = levels[i].step_ns;
        uint64_t oldest = to_ns / step_ns * step_ns;
        uint64_t most = (levels[i].capacity - 1) * step_ns;
        uint64_t at = from_ns + most > oldest ? from_ns : oldest - most;
        while (at < to_ns) {
            uint64_t step = at / step_ns;
            uint64_t end = (step + 1) * step_ns < to_ns ? (step + 1) * step_ns : to_ns;
            struct series_point *point = reach_step(series, i, step);
            series_add(point, &series->level[i].weight, value, (double)(end - at));
            at = end;
        }
    }
}

static void read_series(const struct system_series *series, const struct series_window *window,
                        uint64_t now_ns, struct series_point *ret)
{
    uint64_t begin_ns = series_column_ns(window, 0);
    size_t i = 0;
    while (i + 1 < HISTORY_LEVELS && now_ns > begin_ns &&
           now_ns - begin_ns > (levels[i].capacity - 1) * levels[i].step_ns) {
        i++;
    }
    uint64_t first = series->level[i].first;
    uint64_t last = series->level[i].last;
    uint64_t count = last >= first ? last - first + 1 : 0;
    const struct series_run run = {
        .points = series->points + levels[i].offset,
        .capacity = levels[i].capacity,
        .step_ns = levels[i].step_ns,
        .last = last,
        .count = count < levels[i].capacity ? (size_t)count : levels[i].capacity,
    };
    series_read(&run, window, ret);
}

/* --- the machine as a whole ------------------------------------------------------------------ */

/* FIGURE_ABSENT is unknown. */
static double bytes_or_nan(uint64_t bytes)
{
    return bytes == FIGURE_ABSENT ? (double)NAN : (double)bytes;
}

static double known_or_nan(bool known, double value)
{
    return known ? value : (double)NAN;
}

static void get_cpu(const struct snapshot *snap, double *ret)
{
    const struct cpu_load *cpu = &snap->system.all;
    ret[0] = known_or_nan(cpu->known, 1 - cpu->idle - cpu->iowait);
    ret[1] = known_or_nan(cpu->known, cpu->user + cpu->nice + cpu->guest);
    ret[2] = known_or_nan(cpu->known, cpu->system + cpu->irq + cpu->softirq);
    ret[3] = known_or_nan(cpu->known, cpu->iowait);
    ret[4] = known_or_nan(cpu->known, cpu->steal);
}

static void get_memory(const struct snapshot *snap, double *ret)
{
    ret[0] = bytes_or_nan(snap->system.memory.used_bytes);
    ret[1] = bytes_or_nan(snap->system.memory.available_bytes);
    ret[2] = bytes_or_nan(snap->system.memory.cached_bytes);
}

static double memory_full(const struct snapshot *snap)
{
    return bytes_or_nan(snap->system.memory.total_bytes);
}

static void get_swap(const struct snapshot *snap, double *ret)
{
    ret[0] = bytes_or_nan(snap->system.memory.swap_used_bytes);
}

static double swap_full(const struct snapshot *snap)
{
    return bytes_or_nan(snap->system.memory.swap_total_bytes);
}

static void get_load(const struct snapshot *snap, double *ret)
{
    const struct system_load *system = &snap->system;
    ret[0] = known_or_nan(system->load_1m >= 0, system->load_1m);
    ret[1] = known_or_nan(system->load_5m >= 0, system->load_5m);
    ret[2] = known_or_nan(system->load_15m >= 0, system->load_15m);
}

static void get_pressure(const struct pressure *pressure, double *ret)
{
    ret[0] = known_or_nan(pressure->some_known, pressure->some_10s);
    ret[1] = known_or_nan(pressure->full_known, pressure->full_10s);
}

static void get_cpu_pressure(const struct snapshot *snap, double *ret)
{
    get_pressure(&snap->system.psi_cpu, ret);
}

static void get_memory_pressure(const struct snapshot *snap, double *ret)
{
    get_pressure(&snap->system.psi_memory, ret);
}

static void get_io_pressure(const struct snapshot *snap, double *ret)
{
    get_pressure(&snap->system.psi_io, ret);
}

static void get_network(const struct snapshot *snap, double *ret)
{
    const struct network_load *load = snap->network;
    ret[0] = known_or_nan(load != NULL && load->rx_bytes_per_s >= 0,
                          load != NULL ? load->rx_bytes_per_s : 0);
    ret[1] = known_or_nan(load != NULL && load->tx_bytes_per_s >= 0,
                          load != NULL ? load->tx_bytes_per_s : 0);
}

static void get_storage(const struct snapshot *snap, double *ret)
{
    const struct storage_load *load = snap->storage;
    ret[0] = known_or_nan(load != NULL && load->read_bytes_per_s >= 0,
                          load != NULL ? load->read_bytes_per_s : 0);
    ret[1] = known_or_nan(load != NULL && load->write_bytes_per_s >= 0,
                          load != NULL ? load->write_bytes_per_s : 0);
}

static double one_full(const struct snapshot *snap)
{
    (void)snap;
    return 1;
}

#define PRESSURE "share of the time in which tasks waited for it, mean of 10 s"

enum { FIXED_SWAP = 2 }; // the place of swap in

/* clang-format off */
static const struct {
    struct history_graph info;
    void (*get)(const struct snapshot *snap, double *ret);
    double (*full)(const struct snapshot *snap); // NULL: there is no such value
} fixed[HISTORY_FIXED] = {
    {{.name = "CPU", .help = "share of the time of all CPUs", .kind = VALUE_FRACTION,
      .line_count = 5, .main_count = 1, .lines = {"busy", "user", "system", "iowait", "steal"}},
     get_cpu, one_full},
    {{.name = "memory", .help = "of the machine", .kind = VALUE_BYTES,
      .line_count = 3, .main_count = 1, .lines = {"used", "available", "cache"}},
     get_memory, memory_full},
    {{.name = "swap", .help = "of the machine", .kind = VALUE_BYTES,
      .line_count = 1, .main_count = 1, .lines = {"used"}},
     get_swap, swap_full},
    {{.name = "load", .help = "mean number of tasks that run or wait for a CPU or a disk",
      .kind = VALUE_COUNT_RATE, .line_count = 3, .main_count = 1,
      .lines = {"1 min", "5 min", "15 min"}},
     get_load, NULL},
    {{.name = "CPU pressure", .help = PRESSURE, .kind = VALUE_FRACTION,
      .line_count = 2, .main_count = 1, .lines = {"some", "full"}},
     get_cpu_pressure, NULL},
    {{.name = "memory pressure", .help = PRESSURE, .kind = VALUE_FRACTION,
      .line_count = 2, .main_count = 1, .lines = {"some", "full"}},
     get_memory_pressure, NULL},
    {{.name = "I/O pressure", .help = PRESSURE, .kind = VALUE_FRACTION,
      .line_count = 2, .main_count = 1, .lines = {"some", "full"}},
     get_io_pressure, NULL},
    {{.name = "network", .help = "all physical links", .kind = VALUE_BYTE_RATE,
      .line_count = 2, .main_count = 2, .lines = {"rx", "tx"}},
     get_network, NULL},
    {{.name = "disks", .help = "all whole disks", .kind = VALUE_BYTE_RATE,
      .line_count = 2, .main_count = 2, .lines = {"read", "write"}},
     get_storage, NULL},
};

static const struct history_graph interface_graph = {
    .help = "bytes through this interface", .kind = VALUE_BYTE_RATE,
    .line_count = 2, .main_count = 2, .lines = {"rx", "tx"},
};

static const struct history_graph disk_graph = {
    .help = "bytes from and to this device", .kind = VALUE_BYTE_RATE,
    .line_count = 2, .main_count = 2, .lines = {"read", "write"},
};

static const struct history_graph busy_graph = {
    .help = "share of the time in which it had something to do", .kind = VALUE_FRACTION, .full = 1,
    .line_count = 1, .main_count = 1, .lines = {"busy"},
};
/* clang-format on */

#undef PRESSURE

/* Take a value over. Without memory for the series it stays unknown. */
static void add_value(struct history *history, struct system_series **series, double value,
                      uint64_t from_ns)
{
    if (*series == NULL && !isnan(value)) {
        *series = create_series();
    }
    if (*series != NULL) {
        history_line_add(&(*series)->all, value, history->now_ns - from_ns);
        if (!isnan(value)) {
            add_to_series(*series, from_ns, history->now_ns, value);
        }
    }
}

/* --- devices --------------------------------------------------------------------------------- */

/* The device of this name, NULL when it is new. */
static struct device_track *find_device(struct system_tracks *system, struct text name,
                                        bool is_disk)
{
    for (size_t i = 0; i < system->device_count; i++) {
        struct device_track *device = &system->devices[i];
        if (device->is_disk == is_disk && str_equal(device->name, name.ptr)) {
            return device;
        }
    }
    return NULL;
}

static void drop_device(struct system_tracks *system, size_t index)
{
    struct device_track *device = &system->devices[index];
    for (size_t i = 0; i < HISTORY_DEVICE_SERIES; i++) {
        free(device->series[i]);
    }
    system->device_count--;
    memmove(device, device + 1, (system->device_count - index) * sizeof(*device));
}

static void drop_gone(struct system_tracks *system, uint64_t now_ns)
{
    for (size_t i = system->device_count; i > 0; i--) {
        if (now_ns - system->devices[i - 1].last_ns > GONE_S * UINT64_C(1000000000)) {
            drop_device(system, i - 1);
        }
    }
}

static void add_name(char name[HISTORY_NAME_BYTES], const char *text, const char *tail)
{
    struct strbuf buf;
    str_init(&buf, name, HISTORY_NAME_BYTES);
    str_add(&buf, text);
    str_add(&buf, tail);
}

/* Values are NaN when there is no rate. Beyond the ceiling a device is not followed. */
static void add_device(struct history *history, struct text name, bool is_disk,
                       const double values[HISTORY_DEVICE_SERIES], uint64_t from_ns)
{
    struct system_tracks *system = &history->system;
    struct device_track *device = find_device(system, name, is_disk);
    if (device == NULL && system->device_count < HISTORY_DEVICES_MAX) {
        device = &system->devices[system->device_count++];
        *device = (struct device_track){.is_disk = is_disk};
        add_name(device->name, name.ptr, "");
        add_name(device->busy_name, name.ptr, " busy");
    }
    if (device != NULL) {
        device->last_ns = history->now_ns;
        for (size_t i = 0; i < HISTORY_DEVICE_SERIES; i++) {
            add_value(history, &device->series[i], values[i], from_ns);
        }
    }
}

static void add_interfaces(struct history *history, const struct network_load *load,
                           uint64_t from_ns)
{
    for (size_t i = 0; i < load->interface_count; i++) {
        const struct interface_load *is = &load->interfaces[i];
        const double values[HISTORY_DEVICE_SERIES] = {
            known_or_nan(is->has_rate, is->rx_bytes_per_s),
            known_or_nan(is->has_rate, is->tx_bytes_per_s),
            NAN,
        };
        if (is->rx_bytes > 0 || is->tx_bytes > 0) { // one that never moved a byte is left out
            add_device(history, is->name, false, values, from_ns);
        }
    }
}

static void add_disks(struct history *history, const struct storage_load *load, uint64_t from_ns)
{
    for (size_t i = 0; i < load->disk_count; i++) {
        const struct disk_load *is = &load->disks[i];
        const double values[HISTORY_DEVICE_SERIES] = {
            known_or_nan(is->has_rate, is->read_bytes_per_s),
            known_or_nan(is->has_rate, is->write_bytes_per_s),
            known_or_nan(is->has_rate, is->utilisation),
        };
        bool used = is->read_bytes > 0 || is->write_bytes > 0;
        if (used && is->kind != DISK_PARTITION && is->kind != DISK_LOOP) {
            add_device(history, is->name, true, values, from_ns);
        }
    }
}

/* What is not in this scan has no value now. */
static void forget_latest(struct system_tracks *system)
{
    for (size_t i = 0; i < system->device_count; i++) {
        for (size_t k = 0; k < HISTORY_DEVICE_SERIES; k++) {
            if (system->devices[i].series[k] != NULL) {
                system->devices[i].series[k]->all.figures.now = NAN;
            }
        }
    }
}

void history_system_add(struct history *history, const struct snapshot *snap, uint64_t from_ns)
{
    struct system_tracks *system = &history->system;
    for (size_t i = 0; i < HISTORY_FIXED; i++) {
        double values[HISTORY_LINES_MAX] = {0};
        fixed[i].get(snap, values);
        for (size_t k = 0; k < fixed[i].info.line_count; k++) {
            add_value(history, &system->series[i][k], values[k], from_ns);
        }
        double full = fixed[i].full != NULL ? fixed[i].full(snap) : 0;
        system->full[i] = isnan(full) ? 0 : full;
    }
    system->has_swap |= snap->system.memory.swap_total_bytes != 0;
    forget_latest(system);
    if (snap->network != NULL) {
        add_interfaces(history, snap->network, from_ns);
    }
    if (snap->storage != NULL) {
        add_disks(history, snap->storage, from_ns);
    }
    drop_gone(system, history->now_ns);
}

void history_system_finish(struct system_tracks *system)
{
    for (size_t i = 0; i < HISTORY_FIXED; i++) {
        for (size_t k = 0; k < HISTORY_LINES_MAX; k++) {
            free(system->series[i][k]);
        }
    }
    while (system->device_count > 0) {
        drop_device(system, system->device_count - 1);
    }
}

/* --- reading --------------------------------------------------------------------------------- */

/* Graphs that are left out: a machine without swap has nothing to show of it. */
static size_t left_out(const struct history *history)
{
    return history->system.has_swap ? 0 : 1;
}

/* Where a graph is among all there could be. */
static size_t inner_index(const struct history *history, size_t index)
{
    return index >= FIXED_SWAP ? index + left_out(history) : index;
}

/* Which device a graph behind the fixed ones is of, and from which of its series on. */
static const struct device_track *device_of(const struct system_tracks *system, size_t index,
                                            size_t *ret_series)
{
    size_t before = HISTORY_FIXED;
    for (size_t i = 0; i < system->device_count; i++) {
        size_t graphs = system->devices[i].is_disk ? 2 : 1;
        if (index < before + graphs) {
            *ret_series = index == before ? 0 : 2;
            return &system->devices[i];
        }
        before += graphs;
    }
    return NULL;
}

size_t history_graph_count(const struct history *history)
{
    size_t count = HISTORY_FIXED - left_out(history);
    for (size_t i = 0; i < history->system.device_count; i++) {
        count += history->system.devices[i].is_disk ? 2 : 1;
    }
    return count;
}

struct history_graph history_graph_info(const struct history *history, size_t index)
{
    assert(index < history_graph_count(history));
    index = inner_index(history, index);
    if (index < HISTORY_FIXED) {
        struct history_graph ret = fixed[index].info;
        ret.full = history->system.full[index];
        return ret;
    }
    size_t series = 0;
    const struct device_track *device = device_of(&history->system, index, &series);
    if (device == NULL) {
        return interface_graph; // never so: the index is below the count
    }
    struct history_graph ret = series > 0        ? busy_graph
                               : device->is_disk ? disk_graph
                                                 : interface_graph;
    ret.name = series > 0 ? device->busy_name : device->name;
    return ret;
}

size_t history_device_graph(const struct history *history, enum history_device device,
                            const char *name)
{
    const bool is_disk = device == HISTORY_DISK;
    size_t index = HISTORY_FIXED - left_out(history);
    for (size_t i = 0; i < history->system.device_count; i++) {
        const struct device_track *track = &history->system.devices[i];
        if (track->is_disk == is_disk && str_equal(track->name, name)) {
            return index + (is_disk ? 1 : 0); // how busy it is comes second
        }
        index += track->is_disk ? 2 : 1;
    }
    return index;
}

/* NULL: nothing was ever known. */
static const struct system_series *series_of(const struct history *history, size_t index,
                                             size_t line)
{
    index = inner_index(history, index);
    if (index < HISTORY_FIXED) {
        return history->system.series[index][line];
    }
    size_t series = 0;
    const struct device_track *device = device_of(&history->system, index, &series);
    return device != NULL ? device->series[series + line] : NULL;
}

double history_latest(const struct history *history, size_t index, size_t line)
{
    const struct system_series *series = series_of(history, index, line);
    return series != NULL ? series->all.figures.now : (double)NAN;
}

size_t history_lines(const struct history *history, struct history_line ret[HISTORY_ALL_LINES_MAX])
{
    size_t count = 0;
    for (size_t index = 0; index < history_graph_count(history); index++) {
        const struct history_graph graph = history_graph_info(history, index);
        for (size_t i = 0; i < graph.line_count && count < HISTORY_ALL_LINES_MAX; i++) {
            const struct system_series *series = series_of(history, index, i);
            struct history_line *line = &ret[count];
            *line = (struct history_line){
                .number = count++,
                .graph = graph.name,
                .title = graph.lines[i],
                .kind = graph.kind,
                .why = ABSENT_UNSUPPORTED,
                .figures = series_figures_of(NULL, 0), // none
            };
            if (series != NULL) {
                line->figures = series->all.figures;
                line->known_ns = series->all.known_ns;
            }
        }
    }
    return count;
}

void history_read(const struct history *history, size_t index, size_t line,
                  const struct series_window *window, struct series_point *ret)
{
    const struct system_series *series = series_of(history, index, line);
    if (series != NULL) {
        read_series(series, window, history->now_ns, ret);
        return;
    }
    for (size_t i = 0; i < window->count; i++) {
        ret[i] = series_gap();
    }
}
