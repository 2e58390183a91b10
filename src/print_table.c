#include "print_table.h"

#include "base/utf8.h"
#include "batch.h"
#include "model/dossier.h"
#include "model/memory.h"
#include "model/network.h"
#include "model/storage.h"
#include "model/value.h"
#include "out.h"
#include "report.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
    TEXT_CELLS_MAX = 64, // of a text column that is not the last
    CELL_BYTES = 256,    // of a formatted number, or of a name with a remark
    LINE_BYTES = 512,    // of a summary line
};

/* One line of the summary in the making. */
struct line {
    struct strbuf buf;
    const struct snapshot *snap;
    const struct batch_sample *sample;
};

static void add_value(struct line *line, const char *before, const struct value *value,
                      const char *after)
{
    const struct value_style style = {
        .cells = 20,
        .utc_offset_s = line->snap->utc_offset_s,
        .now_wall_s = line->snap->wall_s,
    };
    str_add(&line->buf, before);
    value_format(value, &style, &line->buf);
    str_add(&line->buf, after);
}

static void add_bytes(struct line *line, const char *before, uint64_t bytes, const char *after)
{
    const struct value value = bytes == FIGURE_ABSENT
                                   ? value_absent(ABSENT_UNSUPPORTED)
                                   : (struct value){.kind = VALUE_BYTES, .as.bytes = bytes};
    add_value(line, before, &value, after);
}

static void add_share(struct line *line, const char *before, double share, bool known)
{
    str_add(&line->buf, before);
    if (known && share >= 0) {
        str_add_fixed(&line->buf, share * 100.0, 1);
        str_add(&line->buf, "%");
    } else {
        str_add(&line->buf, "-");
    }
}

static void add_clock(struct line *line)
{
    int64_t second = (line->snap->wall_s + line->snap->utc_offset_s) % 86400;
    second += second < 0 ? 86400 : 0;
    str_addf(&line->buf, "%02d:%02d:%02d", (int)(second / 3600), (int)(second / 60 % 60),
             (int)(second % 60));
}

static void summarise_machine(struct line *line)
{
    const struct system_load *const system = &line->snap->system;
    str_add(&line->buf, "perch ");
    add_clock(line);
    str_add(&line->buf, " ");
    str_add_bytes(&line->buf, system->hostname.ptr, system->hostname.bytes);
    const struct value uptime = system->uptime_ns == FIGURE_ABSENT
                                    ? value_absent(ABSENT_UNSUPPORTED)
                                    : (struct value){.kind = VALUE_AGE, .as.ns = system->uptime_ns};
    add_value(line, ", up ", &uptime, ", load");
    const double loads[3] = {system->load_1m, system->load_5m, system->load_15m};
    for (size_t i = 0; i < 3; i++) {
        str_add(&line->buf, " ");
        if (loads[i] < 0) {
            str_add(&line->buf, "-");
        } else {
            str_add_fixed(&line->buf, loads[i], 2);
        }
    }
}

static void summarise_tasks(struct line *line)
{
    const struct task_counts *const tasks = &line->snap->system.tasks;
    str_addf(&line->buf,
             "Tasks: %u, %u threads, %u kernel threads; %u running, %u blocked, %u stopped, "
             "%u zombie",
             tasks->processes, tasks->threads, tasks->kernel_threads, tasks->running,
             tasks->uninterruptible, tasks->stopped, tasks->zombie);
}

static void summarise_hidden(struct line *line)
{
    (void)snapshot_describe_hidden(&line->snap->system, &line->buf); // mostly there is nothing
}

static void summarise_cpu(struct line *line)
{
    const struct cpu_load *const cpu = &line->snap->system.all;
    str_addf(&line->buf, "CPU (%u):", line->snap->system.cpu_online);
    add_share(line, " user ", cpu->user, cpu->known);
    add_share(line, ", nice ", cpu->nice, cpu->known);
    add_share(line, ", system ", cpu->system, cpu->known);
    add_share(line, ", irq ", cpu->irq + cpu->softirq, cpu->known);
    add_share(line, ", iowait ", cpu->iowait, cpu->known);
    add_share(line, ", steal ", cpu->steal, cpu->known);
    add_share(line, ", guest ", cpu->guest, cpu->known);
    add_share(line, ", idle ", cpu->idle, cpu->known);
}

static void summarise_memory(struct line *line)
{
    const struct memory_load *const memory = &line->snap->system.memory;
    add_bytes(line, "Memory: ", memory->total_bytes, " total");
    add_bytes(line, ", ", memory->used_bytes, " used");
    add_bytes(line, ", ", memory->available_bytes, " available");
    add_bytes(line, "; swap: ", memory->swap_total_bytes, " total");
    add_bytes(line, ", ", memory->swap_used_bytes, " used");
}

static void add_byte_rate(struct line *line, const char *before, double rate, const char *after)
{
    const struct value value =
        rate < 0
            ? value_absent(line->snap->interval_ns == 0 ? ABSENT_NO_INTERVAL : ABSENT_UNSUPPORTED)
            : (struct value){.kind = VALUE_BYTE_RATE, .as.number = rate};
    add_value(line, before, &value, after);
}

static void summarise_links(struct line *line)
{
    const struct network_load *const network = line->snap->network;
    if (network != NULL && (network->parts & PART_INTERFACES) != 0) {
        add_byte_rate(line, "Links without loopback: received ", network->rx_bytes_per_s, "/s");
        add_byte_rate(line, ", sent ", network->tx_bytes_per_s, "/s");
    }
    if (network != NULL && (network->parts & PART_SOCKETS) != 0) {
        add_byte_rate(line, "; TCP seen: received ", network->tcp_rx_bytes_per_s, "/s");
        add_byte_rate(line, ", sent ", network->tcp_tx_bytes_per_s, "/s");
    }
}

static void summarise_disks(struct line *line)
{
    const struct storage_load *const storage = line->snap->storage;
    if (storage != NULL && (storage->parts & PART_DISKS) != 0) {
        add_byte_rate(line, "Disks: read ", storage->read_bytes_per_s, "/s");
        add_byte_rate(line, ", written ", storage->write_bytes_per_s, "/s");
    }
}

/* "Swap: total 2.0G, used 12M": a group of what the table of memory has beside its rows. */
static void summarise_group(struct line *line, enum memory_group group)
{
    if (line->snap->memory == NULL) {
        return;
    }
    for (size_t i = 0; i < memory_figure_count(); i++) {
        const struct memory_figure *const figure = memory_figure(i);
        const struct value value = memory_figure_value(i, line->snap);
        if (figure->group != group || !memory_figure_is_shown(i, &value)) {
            continue;
        }
        if (line->buf.len == 0) {
            str_add(&line->buf, memory_group_title(group));
            str_add(&line->buf, ": ");
        } else {
            str_add(&line->buf, ", ");
        }
        str_add(&line->buf, figure->title);
        add_value(line, " ", &value, value.kind == VALUE_FRACTION ? "%" : "");
    }
}

static void summarise_main(struct line *line)
{
    summarise_group(line, MEMORY_GROUP_MAIN);
}

static void summarise_swap(struct line *line)
{
    summarise_group(line, MEMORY_GROUP_SWAP);
}

static void summarise_reclaim(struct line *line)
{
    summarise_group(line, MEMORY_GROUP_RECLAIM);
}

static void summarise_missing(struct line *line)
{
    const struct network_load *const network = line->snap->network;
    if (network != NULL && network->socket_error != 0) {
        str_addf(&line->buf, "Some sockets are missing: %s", report_reason(network->socket_error));
    }
}

static void summarise_inspected(struct line *line)
{
    const struct dossier *const dossier = line->snap->dossier;
    const struct proc_id process = line->sample->process;
    const enum dossier_state worst =
        dossier == NULL ? DOSSIER_KNOWN : dossier_worst(dossier, dossier->wanted);
    const char *const trouble =
        worst != DOSSIER_KNOWN ? dossier_trouble(worst, line->snap->looker)
                               : table_process_trouble(line->sample->table, line->snap, process);
    const bool is_empty =
        table_is_of_process(line->sample->table) && listing_count(line->sample->listing) == 0;
    if (trouble[0] != '\0') {
        str_addf(&line->buf, "Process %d: %s", (int)process.pid, trouble);
    } else if (is_empty && line->sample->filtered) {
        str_addf(&line->buf, "Process %d: nothing matches", (int)process.pid);
    } else if (is_empty) {
        str_addf(&line->buf, "Process %d: it has none", (int)process.pid);
    }
}

/* What would make the kernel tell what stands as "x" in some column. */
static void write_remedies(struct out *out, const struct batch_sample *sample)
{
    for (size_t i = 0; i < sample->column_count; i++) {
        char bytes[LINE_BYTES];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        const uint8_t column = sample->columns[i];
        if (sample->table != NULL
                ? table_describe_remedy(sample->table, column, sample->snap, &buf)
                : column_describe_remedy((enum column_id)column, sample->snap, &buf)) {
            out_string(out, bytes);
            out_string(out, "\n");
        }
    }
}

static void write_summary(struct out *out, const struct batch_sample *sample)
{
    typedef void summarise(struct line * line);
    static summarise *const lines[] = {
        summarise_machine, summarise_tasks, summarise_hidden, summarise_cpu, summarise_memory, NULL,
    };
    static summarise *const table_lines[] = {
        summarise_machine, summarise_links,   summarise_disks,     summarise_main, summarise_swap,
        summarise_reclaim, summarise_missing, summarise_inspected, NULL,
    };
    for (summarise *const *at = sample->table != NULL ? table_lines : lines; *at != NULL; at++) {
        char bytes[LINE_BYTES];
        struct line line = {.snap = sample->snap, .sample = sample};
        str_init(&line.buf, bytes, sizeof(bytes));
        (*at)(&line);
        if (line.buf.len > 0) {
            (void)out_text(out, bytes, line.buf.len, UINT32_MAX, sample->unicode); // whole
            out_string(out, "\n");
        }
    }
    write_remedies(out, sample);
}

/* Bytes of `text` that fit in `cells` columns; *ret_cells of them are used. */
static size_t fit(struct text text, uint32_t cells, uint32_t *ret_cells)
{
    size_t at = 0;
    uint32_t used = 0;
    while (at < text.bytes) {
        uint32_t code_point = 0;
        const size_t step = utf8_decode(text.ptr + at, text.bytes - at, &code_point);
        const int width = code_point == UTF8_BAD ? 1 : utf8_width(code_point);
        const uint32_t wide = width < 0 ? 1 : (uint32_t)width;
        if (used + wide > cells) {
            break;
        }
        used += wide;
        at += step;
    }
    *ret_cells = used;
    return at;
}

/* The text of a value: its own, or formatted into `buf`. */
static struct text value_text(const struct batch_sample *sample, const struct value *value,
                              uint32_t cells, struct strbuf *buf)
{
    if (value->kind == VALUE_TEXT) {
        return value->as.text;
    }
    const struct value_style style = {
        .cells = cells,
        .utc_offset_s = sample->snap->utc_offset_s,
        .now_wall_s = sample->snap->wall_s,
    };
    value_format(value, &style, buf);
    struct text text = {.ptr = buf->ptr, .bytes = (uint32_t)buf->len};
    (void)fit(text, UINT32_MAX, &text.cells); // only counts
    return text;
}

/* Columns are as wide as their widest text, within reason, so that little has to be cut. */
static void measure(const struct batch_sample *sample, uint32_t widths[COLUMN_COUNT])
{
    const struct query_row *const rows = query_rows(sample->query);
    for (size_t i = 0; i < sample->column_count; i++) {
        const struct column *const column = column_info((enum column_id)sample->columns[i]);
        const uint32_t title = (uint32_t)strlen(column->title);
        uint32_t width = column->grows || title > column->cells ? title : column->cells;
        for (size_t r = 0; column->kind == VALUE_TEXT && r < query_count(sample->query); r++) {
            const struct value value = column_value((enum column_id)sample->columns[i],
                                                    rows[r].proc, sample->snap->provided);
            if (value.kind == VALUE_TEXT && value.as.text.cells > width) {
                width = value.as.text.cells;
            }
        }
        widths[i] = width < TEXT_CELLS_MAX ? width : TEXT_CELLS_MAX;
    }
}

/* One cell; the last of a line is neither cut nor padded on its right. */
static void write_cell(struct out *out, const struct batch_sample *sample, struct text text,
                       uint32_t width, bool right, bool last)
{
    uint32_t used = 0;
    const size_t bytes = fit(text, last ? UINT32_MAX : width, &used);
    const size_t pad = used < width ? width - used : 0;
    if (right) {
        out_pad(out, ' ', pad);
    }
    (void)out_text(out, text.ptr, bytes, UINT32_MAX, sample->unicode); // cut above
    if (!last) {
        out_pad(out, ' ', (right ? 0 : pad) + 1);
    }
}

static void write_header(struct out *out, const struct batch_sample *sample,
                         const uint32_t widths[COLUMN_COUNT])
{
    for (size_t i = 0; i < sample->column_count; i++) {
        const struct column *const column = column_info((enum column_id)sample->columns[i]);
        write_cell(out, sample, text_literal(column->title), widths[i],
                   value_is_right_aligned(column->kind), i + 1 == sample->column_count);
    }
    out_string(out, "\n");
}

/* The lines of the tree in front of a command. */
static void write_guides(struct out *out, const struct query_row *row)
{
    for (unsigned depth = 1; depth < row->depth && depth <= QUERY_DEPTH_MAX; depth++) {
        out_string(out, (row->guides >> depth & 1) != 0 ? "|  " : "   ");
    }
    if (row->depth > 0) {
        out_string(out, (row->flags & ROW_LAST) != 0 ? "`- " : "|- ");
    }
}

/* The command line, or the name and why there is no more; built in `buf` only then. */
static struct text command_text(const struct proc *proc, struct strbuf *buf)
{
    const char *const trouble = column_command_trouble(proc);
    struct text text = column_command_text(proc);
    if (*trouble == '\0') {
        return text;
    }
    str_add_bytes(buf, text.ptr, text.bytes);
    str_add(buf, trouble);
    text = (struct text){.ptr = buf->ptr, .bytes = (uint32_t)buf->len};
    (void)fit(text, UINT32_MAX, &text.cells); // only counts
    return text;
}

static void write_row(struct out *out, const struct batch_sample *sample,
                      const struct query_row *row, const uint32_t widths[COLUMN_COUNT])
{
    for (size_t i = 0; i < sample->column_count; i++) {
        const enum column_id id = (enum column_id)sample->columns[i];
        const bool last = i + 1 == sample->column_count;
        const struct value value = column_value(id, row->proc, sample->snap->provided);
        char bytes[CELL_BYTES];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        const struct text text = id == COLUMN_COMMAND ? command_text(row->proc, &buf)
                                                      : value_text(sample, &value, widths[i], &buf);
        if (id == COLUMN_COMMAND && last) {
            write_guides(out, row);
        }
        write_cell(out, sample, text, widths[i], value_is_right_aligned(column_info(id)->kind),
                   last);
    }
    out_string(out, "\n");
}

/* --- tables beside the processes' --------------------------------------------------------- */

static struct table_column table_column(const struct batch_sample *sample, size_t at)
{
    return table_column_info(sample->table, sample->columns[at]);
}

static struct value row_value(const struct batch_sample *sample, size_t at, const void *row)
{
    return table_shown_value(sample->table, sample->columns[at], sample->snap, row);
}

static void measure_table(const struct batch_sample *sample, uint32_t widths[COLUMN_COUNT])
{
    const void *const *const rows = listing_rows(sample->listing);
    for (size_t i = 0; i < sample->column_count; i++) {
        const struct table_column column = table_column(sample, i);
        const uint32_t title = (uint32_t)strlen(column.title);
        uint32_t width = column.kind == VALUE_TEXT || title > column.cells ? title : column.cells;
        for (size_t r = 0; column.kind == VALUE_TEXT && r < listing_count(sample->listing); r++) {
            const struct value value = row_value(sample, i, rows[r]);
            if (value.kind == VALUE_TEXT && value.as.text.cells > width) {
                width = value.as.text.cells;
            }
        }
        widths[i] = width < TEXT_CELLS_MAX ? width : TEXT_CELLS_MAX;
    }
}

static void write_table_row(struct out *out, const struct batch_sample *sample, const void *row,
                            const uint32_t widths[COLUMN_COUNT])
{
    for (size_t i = 0; i < sample->column_count; i++) {
        const struct table_column column = table_column(sample, i);
        const struct value value = row_value(sample, i, row);
        char bytes[CELL_BYTES];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        write_cell(out, sample, value_text(sample, &value, widths[i], &buf), widths[i],
                   value_is_right_aligned(column.kind), i + 1 == sample->column_count);
    }
    out_string(out, "\n");
}

static void print_rows(struct out *out, const struct batch_sample *sample)
{
    uint32_t widths[COLUMN_COUNT];
    measure_table(sample, widths);
    write_summary(out, sample);
    for (size_t i = 0; i < sample->column_count; i++) {
        const struct table_column column = table_column(sample, i);
        write_cell(out, sample, text_literal(column.title), widths[i],
                   value_is_right_aligned(column.kind), i + 1 == sample->column_count);
    }
    out_string(out, "\n");
    const void *const *const rows = listing_rows(sample->listing);
    for (size_t i = 0; i < listing_count(sample->listing) && out->error == 0; i++) {
        write_table_row(out, sample, rows[i], widths);
    }
}

void print_table(struct out *out, const struct batch_sample *sample)
{
    uint32_t widths[COLUMN_COUNT];
    if (sample->number > 1) {
        out_string(out, "\n");
    }
    if (sample->table != NULL) {
        print_rows(out, sample);
        return;
    }
    measure(sample, widths);
    write_summary(out, sample);
    write_header(out, sample, widths);
    const struct query_row *const rows = query_rows(sample->query);
    for (size_t i = 0; i < query_count(sample->query) && out->error == 0; i++) {
        write_row(out, sample, &rows[i], widths);
    }
}
