#include "ui/meters.h"

#include "base/str.h"
#include "model/settings.h"
#include "model/snapshot.h"
#include "model/value.h"

#include <assert.h>
#include <string.h>

/*
 * The header has two parts, one above the other: CPUs over the full width in as many columns as
 * suit their number, and below them the other meters in two halves, or in one column on narrow
 * screens. The layout is a pure function of the view, the width and the rows allowed, and gives
 * the same again when it is allowed just the rows it asked for; so drawing needs no memory of it.
 */

enum {
    NARROW_CELLS = 60,     // below this everything stands in one column
    BAR_CELLS_MIN = 10,    // of one CPU's bar, label included
    COLUMNS_MAX = 16,      // of CPU bars
    PERCENT_CELLS_MIN = 6, // inside a bar, to write a percentage into it
    DECIMAL_CELLS_MIN = 10,
    FREQUENCY_CELLS_MIN = 20,
    BLOCKS_MULTIPLE = 16, // a row of blocks begins at a round CPU number where it can
};

static const struct bar_part cpu_parts[] = {
    {ROLE_CPU_NICE, 'n', "nice: low-priority user code"},
    {ROLE_CPU_USER, '|', "user code"},
    {ROLE_CPU_SYSTEM, '#', "kernel"},
    {ROLE_CPU_IRQ, '*', "hardware interrupts"},
    {ROLE_CPU_SOFTIRQ, '@', "soft interrupts"},
    {ROLE_CPU_STEAL, '$', "stolen by the hypervisor"},
    {ROLE_CPU_GUEST, '%', "virtual machines"},
    {ROLE_CPU_IOWAIT, '.', "idle, waiting for storage"},
};

static const struct bar_part memory_parts[] = {
    {ROLE_MEM_USED, '|', "used by processes and kernel"},
    {ROLE_MEM_SHARED, '#', "shared memory and tmpfs"},
    {ROLE_MEM_BUFFERS, '*', "buffers"},
    {ROLE_MEM_CACHE, '.', "cache, given up when needed"},
};

static const struct bar_part swap_parts[] = {
    {ROLE_SWAP_USED, '|', "used"},
    {ROLE_SWAP_CACHE, '.', "also still in memory"},
};

enum {
    CPU_PARTS = sizeof(cpu_parts) / sizeof(cpu_parts[0]),
    MEMORY_PARTS = sizeof(memory_parts) / sizeof(memory_parts[0]),
    SWAP_PARTS = sizeof(swap_parts) / sizeof(swap_parts[0]),
};
static_assert((int)CPU_PARTS <= (int)BAR_PARTS_MAX, "a bar has room for them");

const struct bar_part *meters_parts(enum meter_bar bar, const char **ret_title, size_t *ret_count)
{
    switch (bar) {
    case METER_BAR_MEMORY:
        *ret_title = "Mem";
        *ret_count = MEMORY_PARTS;
        return memory_parts;
    case METER_BAR_SWAP:
        *ret_title = "Swp";
        *ret_count = SWAP_PARTS;
        return swap_parts;
    case METER_BAR_CPU:
    case METER_BAR_COUNT:
        break;
    }
    *ret_title = "CPU";
    *ret_count = CPU_PARTS;
    return cpu_parts;
}

/* ---- one CPU ---- */

static double busy_fraction(const struct cpu_load *cpu)
{
    double busy = 1.0 - cpu->idle - cpu->iowait;
    return busy > 1.0 ? 1.0 : busy > 0.0 ? busy : 0.0;
}

/* What stands inside the bar at its right end, as far as there is room. */
static void cpu_text(const struct view *view, const struct cpu_load *cpu, int inner,
                     struct strbuf *buf)
{
    if (!cpu->online) {
        str_add(buf, "off");
        return;
    }
    if (!cpu->known) {
        str_add(buf, "-");
    } else if (inner >= PERCENT_CELLS_MIN) {
        str_add_fixed(buf, busy_fraction(cpu) * 100.0, inner >= DECIMAL_CELLS_MIN ? 1 : 0);
        str_add(buf, "%");
    }
    if (view->settings->cpu_frequency && cpu->freq_khz > 0 && inner >= FREQUENCY_CELLS_MIN) {
        str_add(buf, " ");
        str_add_fixed(buf, (double)cpu->freq_khz / 1e6, 2);
        str_add(buf, "GHz");
    }
}

static void draw_cpu(const struct view *view, const struct cpu_load *cpu, const char *label,
                     int label_cells, struct surface *line)
{
    struct bar bar = {
        .label = label,
        .label_cells = label_cells,
        .parts = cpu_parts,
        .part_count = cpu->known && cpu->online ? CPU_PARTS : 0,
        .fractions = {cpu->nice, cpu->user, cpu->system, cpu->irq, cpu->softirq, cpu->steal,
                      cpu->guest, cpu->iowait},
        .text_role = cpu->known && cpu->online ? ROLE_METER_VALUE : ROLE_ABSENT,
        .colour = view->colour,
    };
    char text[48];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    cpu_text(view, cpu, line->clip.width - label_cells - 2, &buf);
    bar.text = text;
    bar_draw(&bar, line, 0, 0, line->clip.width);
}

static void draw_all_cpus(const struct view *view, struct surface *line)
{
    struct cpu_load all = {.online = true};
    if (view->snap) {
        all = view->snap->system.all;
        all.online = true; // the sum is never switched off
        all.freq_khz = 0;
    }
    draw_cpu(view, &all, "CPU", 3, line);
}

/* ---- layout ---- */

/* How the CPUs are shown. */
enum cpu_style { CPU_BARS, CPU_BLOCKS, CPU_ALL };

/* Where everything goes. */
struct layout {
    enum cpu_style style;
    int cpu_rows;
    int columns;     // CPU_BARS: side by side
    int per_row;     // CPU_BLOCKS: CPUs in one row
    int label_cells; // of one CPU's number
    int info_rows;
    bool narrow; // info in one column
};

static int rows_for(int count, int per_row)
{
    return (count + per_row - 1) / per_row;
}

static int cpu_label_cells(const struct view *view)
{
    uint32_t count = view->snap->system.cpu_count;
    uint32_t highest = count > 0 ? view->snap->system.cpus[count - 1].index : 0;
    return highest >= 1000 ? (highest >= 10000 ? 6 : 4) : 3;
}

static bool lay_out_bars(int count, int width, int rows, struct layout *layout)
{
    int columns = count <= 1 ? 1 : count <= 8 ? 2 : count <= 32 ? 4 : 8;
    while (columns > 1 && width / columns < BAR_CELLS_MIN + layout->label_cells - 3) {
        columns /= 2;
    }
    if (width < NARROW_CELLS && count <= 4) {
        columns = 1;
    }
    for (; columns <= COLUMNS_MAX; columns *= 2) {
        if (columns > 1 && width / columns < BAR_CELLS_MIN + layout->label_cells - 3) {
            return false;
        }
        if (rows_for(count, columns) <= rows) {
            layout->style = CPU_BARS;
            layout->columns = columns;
            layout->cpu_rows = rows_for(count, columns);
            return true;
        }
    }
    return false;
}

/* A cell each, under a bar for all of them. */
static bool lay_out_blocks(int count, int width, int rows, struct layout *layout)
{
    int room = width - layout->label_cells - 1;
    int round = room - room % BLOCKS_MULTIPLE;
    const int tries[] = {round, room};
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        if (tries[i] > 0 && 1 + rows_for(count, tries[i]) <= rows) {
            layout->style = CPU_BLOCKS;
            layout->per_row = tries[i];
            layout->cpu_rows = 1 + rows_for(count, tries[i]);
            return true;
        }
    }
    return false;
}

static void lay_out_cpus(const struct view *view, int width, int rows, struct layout *layout)
{
    layout->style = CPU_ALL;
    layout->cpu_rows = rows > 0 ? 1 : 0;
    uint32_t cpus = view->snap ? view->snap->system.cpu_count : 0;
    if (cpus == 0 || cpus > SURFACE_MAX_SIDE * 4u || !view->settings->cpu_per_core) {
        return;
    }
    int count = (int)cpus;
    layout->label_cells = cpu_label_cells(view);
    bool few = count <= 128;
    if (few && lay_out_bars(count, width, rows, layout)) {
        return;
    }
    (void)lay_out_blocks(count, width, rows, layout); // else one bar for all stays
}

/* ---- the other meters ---- */

/* A line of text written piece by piece; a piece that does not fit is left out with all after. */
struct writer {
    struct surface *line;
    int x;
    bool full;
};

/* Write a piece with what separates it from the one before. */
static void put(struct writer *writer, const char *separator, enum role role, const char *s)
{
    int cells = surface_cells(separator) + surface_cells(s);
    if (writer->full || (writer->x > 0 && writer->x + cells > writer->line->clip.width)) {
        writer->full = true;
        return;
    }
    writer->x += surface_string(writer->line, writer->x, 0, cells, ROLE_METER_LABEL, separator);
    writer->x += surface_string(writer->line, writer->x, 0, cells, role, s);
}

static void put_number(struct writer *writer, const char *separator, enum role role, double number,
                       int decimals)
{
    char text[32];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    str_add_fixed(&buf, number, decimals);
    put(writer, separator, role, text);
}

static void put_count(struct writer *writer, const char *separator, enum role role, uint32_t count,
                      const char *unit)
{
    char text[48];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    str_addf(&buf, "%u%s", count, unit);
    put(writer, separator, role, text);
}

static void add_bytes(struct strbuf *buf, uint64_t bytes)
{
    if (bytes == FIGURE_ABSENT) {
        str_add(buf, "-");
        return;
    }
    struct value value = {.kind = VALUE_BYTES, .as.bytes = bytes};
    struct value_style style = {.cells = 5};
    value_format(&value, &style, buf);
}

static double part_of(uint64_t bytes, uint64_t total)
{
    return bytes == FIGURE_ABSENT || total == FIGURE_ABSENT || total == 0
               ? 0.0
               : (double)bytes / (double)total;
}

/* A bar with "used/total" at its end. */
static void draw_memory_bar(const struct view *view, struct bar *bar, uint64_t used, uint64_t total,
                            struct surface *line)
{
    char text[32];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    bar->text_role = ROLE_METER_VALUE;
    if (total == FIGURE_ABSENT) {
        str_add(&buf, "-");
        bar->text_role = ROLE_ABSENT;
    } else if (total == 0) {
        str_add(&buf, "none");
    } else {
        add_bytes(&buf, used);
        str_add(&buf, "/");
        add_bytes(&buf, total);
    }
    bar->text = text;
    bar->label_cells = 3;
    bar->colour = view->colour;
    bar_draw(bar, line, 0, 0, line->clip.width);
}

static void draw_memory(const struct view *view, struct surface *line)
{
    const struct memory_load *memory = &view->snap->system.memory;
    uint64_t total = memory->total_bytes;
    struct bar bar = {
        .label = "Mem",
        .parts = memory_parts,
        .part_count = MEMORY_PARTS,
        .fractions = {part_of(memory->held_bytes, total), part_of(memory->shared_bytes, total),
                      part_of(memory->buffers_bytes, total), part_of(memory->cached_bytes, total)},
    };
    draw_memory_bar(view, &bar, memory->used_bytes, total, line);
}

static void draw_swap(const struct view *view, struct surface *line)
{
    const struct memory_load *memory = &view->snap->system.memory;
    uint64_t total = memory->swap_total_bytes;
    double used = part_of(memory->swap_used_bytes, total);
    double cached = part_of(memory->swap_cached_bytes, total);
    cached = cached > used ? used : cached;
    struct bar bar = {
        .label = "Swp",
        .parts = swap_parts,
        .part_count = SWAP_PARTS,
        .fractions = {used - cached, cached},
    };
    draw_memory_bar(view, &bar, memory->swap_used_bytes, total, line);
}

static void draw_tasks(const struct view *view, struct surface *line)
{
    const struct task_counts *tasks = &view->snap->system.tasks;
    struct writer writer = {.line = line};
    put_count(&writer, "Tasks ", ROLE_METER_VALUE, tasks->processes, "");
    const struct {
        uint32_t count;
        bool always;
        const char *separator, *unit;
        enum role role;
    } counts[] = {
        {tasks->threads, false, ", ", " thr", ROLE_METER_VALUE},
        {tasks->kernel_threads, true, ", ", " kthr", ROLE_METER_VALUE},
        {tasks->running, true, "; ", " run", ROLE_STATE_RUNNING},
        {tasks->uninterruptible, false, ", ", " D", ROLE_STATE_BLOCKED},
        {tasks->zombie, false, ", ", " zombie", ROLE_STATE_ZOMBIE},
        {tasks->stopped, false, ", ", " stopped", ROLE_STATE_STOPPED},
    };
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        if (counts[i].count > 0 || counts[i].always) {
            put_count(&writer, counts[i].separator, counts[i].role, counts[i].count,
                      counts[i].unit);
        }
    }
}

static void draw_load(const struct view *view, struct surface *line)
{
    const struct system_load *system = &view->snap->system;
    const double loads[] = {system->load_1m, system->load_5m, system->load_15m};
    double cpus = system->cpu_online > 0 ? (double)system->cpu_online : 1.0;
    struct writer writer = {.line = line};
    for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
        const char *separator = i == 0 ? "Load " : " ";
        if (loads[i] < 0) {
            put(&writer, separator, ROLE_ABSENT, "-");
        } else {
            enum role role = loads[i] > 2 * cpus ? ROLE_VALUE_ALARM
                             : loads[i] > cpus   ? ROLE_VALUE_HIGH
                                                 : ROLE_METER_VALUE;
            put_number(&writer, separator, role, loads[i], 2);
        }
    }
    if (system->hostname.bytes > 0) {
        put(&writer, "  Host ", ROLE_METER_VALUE, system->hostname.ptr);
    }
    if (system->kernel.bytes > 0) {
        put(&writer, ", ", ROLE_DIM, system->kernel.ptr);
    }
}

static void add_uptime(struct strbuf *buf, uint64_t uptime_ns)
{
    if (uptime_ns == FIGURE_ABSENT) {
        str_add(buf, "-");
        return;
    }
    unsigned long long seconds = uptime_ns / 1000000000u;
    unsigned long long days = seconds / 86400;
    if (days > 0) {
        str_addf(buf, "%llu day%s, ", days, days == 1 ? "" : "s");
    }
    str_addf(buf, "%02llu:%02llu:%02llu", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

static void draw_uptime(const struct view *view, struct surface *line)
{
    const struct system_load *system = &view->snap->system;
    char text[64];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    add_uptime(&buf, system->uptime_ns);
    struct writer writer = {.line = line};
    put(&writer, "Uptime ", system->uptime_ns == FIGURE_ABSENT ? ROLE_ABSENT : ROLE_METER_VALUE,
        text);
    const struct {
        double rate;
        const char *unit;
    } rates[] = {
        {system->context_switches_per_s, " switches/s"},
        {system->forks_per_s,
         system->forks_per_s < 1.5 && system->forks_per_s >= 0.5 ? " fork/s" : " forks/s"},
    };
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        if (rates[i].rate >= 0) {
            str_init(&buf, text, sizeof(text));
            str_add_fixed(&buf, rates[i].rate, 0);
            str_add(&buf, rates[i].unit);
            put(&writer, "  ", ROLE_DIM, text);
        }
    }
}

static void put_pressure(struct writer *writer, const char *separator, bool known, double fraction)
{
    if (!known) {
        put(writer, separator, ROLE_ABSENT, "-");
        return;
    }
    enum role role = fraction > 0.4   ? ROLE_VALUE_ALARM
                     : fraction > 0.1 ? ROLE_VALUE_HIGH
                                      : ROLE_METER_VALUE;
    put_number(writer, separator, role, fraction * 100.0, 1);
}

/* Some and full, averaged over ten seconds. The CPU has no "full" worth showing: the kernel
 * reports it as zero for the whole system since 5.13, and not at all before. */
static void draw_pressure(const struct view *view, struct surface *line)
{
    const struct system_load *system = &view->snap->system;
    const struct pressure *memory = &system->psi_memory;
    const struct pressure *io = &system->psi_io;
    struct writer writer = {.line = line};
    put_pressure(&writer, "PSI cpu ", system->psi_cpu.some_known, system->psi_cpu.some_10s);
    put_pressure(&writer, "% mem ", memory->some_known, memory->some_10s);
    put_pressure(&writer, "/", memory->full_known, memory->full_10s);
    put_pressure(&writer, "% io ", io->some_known, io->some_10s);
    put_pressure(&writer, "/", io->full_known, io->full_10s);
    put(&writer, "%", ROLE_METER_LABEL, "");
}

static bool something_hidden(const struct view *view)
{
    const struct system_load *system = &view->snap->system;
    return system->threads_hidden > 0 || system->processes_unreadable > 0;
}

static void draw_hidden(const struct view *view, struct surface *line)
{
    char text[160];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    (void)snapshot_describe_hidden(&view->snap->system, &buf); // it is not empty, see above
    str_add(&buf, "; run as root to see them");
    (void)surface_string(line, 0, 0, line->clip.width, ROLE_WARNING, text);
}

/* Where a meter stands on a wide screen. */
enum side { SIDE_LEFT, SIDE_RIGHT, SIDE_BOTH };

/* The meters below the CPUs. On a narrow screen they follow each other in this order. */
static const struct meter {
    enum side side;
    int row;                                   // below the CPUs, on a wide screen
    bool (*is_shown)(const struct view *view); // NULL: always
    void (*draw)(const struct view *view, struct surface *line);
} meters[] = {
    {SIDE_LEFT, 0, NULL, draw_memory},
    {SIDE_LEFT, 1, NULL, draw_swap},
    {SIDE_RIGHT, 0, NULL, draw_tasks},
    {SIDE_RIGHT, 1, NULL, draw_load},
    {SIDE_RIGHT, 2, NULL, draw_uptime},
    {SIDE_LEFT, 2, NULL, draw_pressure},
    {SIDE_BOTH, 3, something_hidden, draw_hidden},
};

enum { METER_COUNT = sizeof(meters) / sizeof(meters[0]) };

static int info_rows_wanted(const struct view *view, bool narrow)
{
    int stacked = 0;
    int beside = 0;
    for (size_t i = 0; view->snap && i < METER_COUNT; i++) {
        if (!meters[i].is_shown || meters[i].is_shown(view)) {
            stacked++;
            beside = meters[i].row + 1 > beside ? meters[i].row + 1 : beside;
        }
    }
    return narrow ? stacked : beside;
}

static struct layout lay_out(const struct view *view, int width, int max_height)
{
    struct layout layout = {.narrow = width < NARROW_CELLS};
    if (max_height < 1 || !view->settings->header) {
        return layout;
    }
    /* one row for the CPUs is worth more than the last of the others */
    int wanted = info_rows_wanted(view, layout.narrow);
    layout.info_rows = wanted < max_height ? wanted : max_height - 1;
    lay_out_cpus(view, width, max_height - layout.info_rows, &layout);
    return layout;
}

int meters_height(const struct view *view, int width, int max_height)
{
    struct layout layout = lay_out(view, width, max_height);
    return layout.cpu_rows + layout.info_rows;
}

/* ---- drawing ---- */

static void draw_bars(const struct view *view, const struct layout *layout, struct surface *surface)
{
    const struct system_load *system = &view->snap->system;
    int width = (surface->clip.width - (layout->columns - 1)) / layout->columns;
    for (uint32_t i = 0; i < system->cpu_count; i++) {
        int column = (int)i / layout->cpu_rows;
        struct rect area = {
            .x = column * (width + 1),
            .y = (int)i % layout->cpu_rows,
            .width = column == layout->columns - 1 ? surface->clip.width : width, // clipped
            .height = 1,
        };
        struct surface line = surface_sub(surface, area);
        char label[16];
        struct strbuf buf;
        str_init(&buf, label, sizeof(label));
        str_addf(&buf, "%u", system->cpus[i].index);
        draw_cpu(view, &system->cpus[i], label, layout->label_cells, &line);
    }
}

/* One cell for a CPU: its height, or its first decimal digit where there are no blocks. */
static void draw_block(const struct view *view, const struct cpu_load *cpu, struct surface *surface,
                       int x, int y)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const digits[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    if (!cpu->online || !cpu->known) {
        (void)surface_string(surface, x, y, 1, ROLE_ABSENT, cpu->online ? "-" : "x");
        return;
    }
    double busy = busy_fraction(cpu);
    double kernel = cpu->system + cpu->irq + cpu->softirq;
    enum role role = busy < 0.005                     ? ROLE_VALUE_LOW
                     : cpu->steal > kernel            ? ROLE_CPU_STEAL
                     : kernel > cpu->user + cpu->nice ? ROLE_CPU_SYSTEM
                     : cpu->nice > cpu->user          ? ROLE_CPU_NICE
                                                      : ROLE_CPU_USER;
    int steps = view->unicode ? 8 : 10;
    int step = (int)(busy * (double)steps);
    step = step < 0 ? 0 : step >= steps ? steps - 1 : step;
    (void)surface_string(surface, x, y, 1, role, view->unicode ? blocks[step] : digits[step]);
}

static void draw_blocks(const struct view *view, const struct layout *layout,
                        struct surface *surface)
{
    const struct system_load *system = &view->snap->system;
    struct rect first = {.width = surface->clip.width, .height = 1};
    struct surface line = surface_sub(surface, first);
    draw_all_cpus(view, &line);
    for (uint32_t i = 0; i < system->cpu_count; i++) {
        int row = 1 + (int)i / layout->per_row;
        int column = (int)i % layout->per_row;
        if (column == 0) {
            char label[16];
            struct strbuf buf;
            str_init(&buf, label, sizeof(label));
            str_addf(&buf, "%u", system->cpus[i].index);
            surface_string_right(surface, 0, row, layout->label_cells, ROLE_METER_LABEL, label);
        }
        draw_block(view, &system->cpus[i], surface, layout->label_cells + 1 + column, row);
    }
}

static void draw_cpus(const struct view *view, const struct layout *layout, struct surface *surface)
{
    switch (layout->style) {
    case CPU_BARS:
        draw_bars(view, layout, surface);
        break;
    case CPU_BLOCKS:
        draw_blocks(view, layout, surface);
        break;
    case CPU_ALL:
        draw_all_cpus(view, surface);
        break;
    }
}

static struct rect meter_area(const struct meter *meter, const struct layout *layout, int width,
                              int stacked_row)
{
    if (layout->narrow) {
        return (struct rect){.y = stacked_row, .width = width, .height = 1};
    }
    int half = (width - 1) / 2;
    struct rect area = {.y = meter->row, .width = half, .height = 1};
    if (meter->side == SIDE_BOTH) {
        area.width = width;
    } else if (meter->side == SIDE_RIGHT) {
        area.x = half + 2;
        area.width = width - area.x;
    }
    return area;
}

void meters_draw(const struct view *view, struct surface *surface)
{
    int width = surface->clip.width;
    int height = surface->clip.height;
    struct layout layout = lay_out(view, width, height);
    surface_fill(surface, (struct rect){.width = width, .height = height}, ROLE_TEXT);
    if (layout.cpu_rows > 0) {
        struct surface top =
            surface_sub(surface, (struct rect){.width = width, .height = layout.cpu_rows});
        draw_cpus(view, &layout, &top);
    }
    struct surface info = surface_sub(
        surface, (struct rect){.y = layout.cpu_rows, .width = width, .height = layout.info_rows});
    int row = 0;
    for (size_t i = 0; view->snap && i < METER_COUNT; i++) {
        if (meters[i].is_shown && !meters[i].is_shown(view)) {
            continue;
        }
        struct surface line = surface_sub(&info, meter_area(&meters[i], &layout, width, row++));
        if (line.clip.height > 0) {
            meters[i].draw(view, &line);
        }
    }
}
