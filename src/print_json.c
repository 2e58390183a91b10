#include "print_json.h"

#include "batch.h"
#include "model/dossier.h"
#include "model/memory.h"
#include "model/network.h"
#include "model/value.h"
#include "out.h"
#include "report.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Commas are the writer's business: one before every member but the first of an object. */
struct writer {
    struct out *out;
    bool first; // nothing was written yet since the bracket
};

static void separate(struct writer *w)
{
    if (!w->first) {
        out_string(w->out, ",");
    }
    w->first = false;
}

/* `name` is one of ours: no character in it needs escaping. */
static void key(struct writer *w, const char *name)
{
    separate(w);
    out_string(w->out, "\"");
    out_string(w->out, name);
    out_string(w->out, "\":");
}

static void begin(struct writer *w, const char *bracket)
{
    out_string(w->out, bracket);
    w->first = true;
}

static void end(struct writer *w, const char *bracket)
{
    out_string(w->out, bracket);
    w->first = false;
}

static void key_text(struct writer *w, const char *name, struct text text)
{
    key(w, name);
    out_json_string(w->out, text.ptr, text.bytes);
}

static void key_u64(struct writer *w, const char *name, uint64_t number)
{
    key(w, name);
    out_u64(w->out, number);
}

/* A counter or size: FIGURE_ABSENT is null. */
static void key_figure(struct writer *w, const char *name, uint64_t figure)
{
    key(w, name);
    if (figure == FIGURE_ABSENT) {
        out_string(w->out, "null");
    } else {
        out_u64(w->out, figure);
    }
}

/* A rate or a share: negative is not known, which is null. */
static void key_share(struct writer *w, const char *name, double number)
{
    key(w, name);
    if (number < 0) {
        out_string(w->out, "null");
    } else {
        out_number(w->out, number);
    }
}

/* One figure of a struct of them. */
struct figure {
    const char *name;
    size_t offset;
};

#define FIGURE(type, name, member)    \
 {                                    \
  name, offsetof(struct type, member) \
 }

/* clang-format off */
static const struct figure cpu_figures[] = {
    FIGURE(cpu_load, "user", user), FIGURE(cpu_load, "nice", nice),
    FIGURE(cpu_load, "system", system), FIGURE(cpu_load, "irq", irq),
    FIGURE(cpu_load, "softirq", softirq), FIGURE(cpu_load, "steal", steal),
    FIGURE(cpu_load, "guest", guest), FIGURE(cpu_load, "iowait", iowait),
    FIGURE(cpu_load, "idle", idle),
};

static const struct figure memory_figures[] = {
    FIGURE(memory_load, "total", total_bytes), FIGURE(memory_load, "free", free_bytes),
    FIGURE(memory_load, "available", available_bytes), FIGURE(memory_load, "used", used_bytes),
    FIGURE(memory_load, "buffers", buffers_bytes), FIGURE(memory_load, "cached", page_cache_bytes),
    FIGURE(memory_load, "shared", shared_bytes),
    FIGURE(memory_load, "reclaimable", reclaimable_bytes),
    FIGURE(memory_load, "slab", slab_bytes), FIGURE(memory_load, "page_tables", page_tables_bytes),
    FIGURE(memory_load, "dirty", dirty_bytes), FIGURE(memory_load, "writeback", writeback_bytes),
    FIGURE(memory_load, "anonymous", anon_bytes), FIGURE(memory_load, "mapped", mapped_bytes),
    FIGURE(memory_load, "committed", committed_bytes),
    FIGURE(memory_load, "commit_limit", commit_limit_bytes),
    FIGURE(memory_load, "huge_pages_total", huge_total),
    FIGURE(memory_load, "huge_pages_free", huge_free),
    FIGURE(memory_load, "huge_page_size", huge_page_bytes),
};

static const struct figure swap_figures[] = {
    FIGURE(memory_load, "total", swap_total_bytes), FIGURE(memory_load, "free", swap_free_bytes),
    FIGURE(memory_load, "used", swap_used_bytes), FIGURE(memory_load, "cached", swap_cached_bytes),
};

static const struct figure task_figures[] = { // uint32_t each
    FIGURE(task_counts, "processes", processes), FIGURE(task_counts, "threads", threads),
    FIGURE(task_counts, "kernel_threads", kernel_threads), FIGURE(task_counts, "running", running),
    FIGURE(task_counts, "sleeping", sleeping),
    FIGURE(task_counts, "uninterruptible", uninterruptible),
    FIGURE(task_counts, "stopped", stopped), FIGURE(task_counts, "zombie", zombie),
    FIGURE(task_counts, "idle", idle), FIGURE(task_counts, "other", other),
};
/* clang-format on */
#undef FIGURE

enum {
    CPU_FIGURES = sizeof(cpu_figures) / sizeof(cpu_figures[0]),
    MEMORY_FIGURES = sizeof(memory_figures) / sizeof(memory_figures[0]),
    SWAP_FIGURES = sizeof(swap_figures) / sizeof(swap_figures[0]),
    TASK_FIGURES = sizeof(task_figures) / sizeof(task_figures[0]),
};

const char *print_json_figure(enum json_figures group, size_t at)
{
    static const struct {
        const struct figure *figures;
        size_t count;
    } groups[JSON_FIGURES_COUNT] = {
        [JSON_CPU] = {cpu_figures, CPU_FIGURES},
        [JSON_MEMORY] = {memory_figures, MEMORY_FIGURES},
        [JSON_SWAP] = {swap_figures, SWAP_FIGURES},
        [JSON_TASKS] = {task_figures, TASK_FIGURES},
    };
    return at < groups[group].count ? groups[group].figures[at].name : NULL;
}

static void write_cpu_shares(struct writer *w, const struct cpu_load *cpu)
{
    for (size_t i = 0; i < CPU_FIGURES; i++) {
        double share = 0;
        memcpy(&share, (const char *)cpu + cpu_figures[i].offset, sizeof(share));
        key_share(w, cpu_figures[i].name, cpu->known ? share : -1);
    }
}

static void write_cpus(struct writer *w, const struct system_load *system)
{
    key(w, "cpu");
    begin(w, "{");
    key_u64(w, "count", system->cpu_count);
    key_u64(w, "online", system->cpu_online);
    key(w, "all");
    begin(w, "{");
    write_cpu_shares(w, &system->all);
    end(w, "}");
    key(w, "cpus");
    begin(w, "[");
    for (uint32_t i = 0; i < system->cpu_count; i++) {
        const struct cpu_load *const cpu = &system->cpus[i];
        separate(w);
        begin(w, "{");
        key_u64(w, "index", cpu->index);
        key(w, "online");
        out_string(w->out, cpu->online ? "true" : "false");
        write_cpu_shares(w, cpu);
        key_figure(w, "freq_khz", cpu->freq_khz == 0 ? FIGURE_ABSENT : cpu->freq_khz);
        end(w, "}");
    }
    end(w, "]");
    end(w, "}");
}

static void write_memory(struct writer *w, const char *name, const struct memory_load *memory,
                         const struct figure *figures, size_t count)
{
    key(w, name);
    begin(w, "{");
    for (size_t i = 0; i < count; i++) {
        uint64_t figure = 0;
        memcpy(&figure, (const char *)memory + figures[i].offset, sizeof(figure));
        key_figure(w, figures[i].name, figure);
    }
    end(w, "}");
}

static void write_tasks(struct writer *w, const struct task_counts *tasks)
{
    key(w, "tasks");
    begin(w, "{");
    for (size_t i = 0; i < TASK_FIGURES; i++) {
        uint32_t count = 0;
        memcpy(&count, (const char *)tasks + task_figures[i].offset, sizeof(count));
        key_u64(w, task_figures[i].name, count);
    }
    end(w, "}");
}

/* Three running averages, or null. */
static void write_averages(struct writer *w, const char *name, bool known, const double average[3])
{
    key(w, name);
    if (!known) {
        out_string(w->out, "null");
        return;
    }
    begin(w, "{");
    key_share(w, "avg10", average[0]);
    key_share(w, "avg60", average[1]);
    key_share(w, "avg300", average[2]);
    end(w, "}");
}

static void write_pressure(struct writer *w, const char *name, const struct pressure *p)
{
    key(w, name);
    begin(w, "{");
    write_averages(w, "some", p->some_known,
                   (const double[]){p->some_10s, p->some_60s, p->some_300s});
    write_averages(w, "full", p->full_known,
                   (const double[]){p->full_10s, p->full_60s, p->full_300s});
    end(w, "}");
}

static const char *hidden_name(enum hidden_reason reason)
{
    switch (reason) {
    case HIDDEN_NOTHING:
        return "nothing";
    case HIDDEN_NOACCESS:
        return "noaccess";
    case HIDDEN_INVISIBLE:
        return "invisible";
    case HIDDEN_PTRACEABLE:
        return "ptraceable";
    }
    return "nothing";
}

static void write_hidden(struct writer *w, const struct system_load *system)
{
    key(w, "hidden");
    begin(w, "{");
    key_u64(w, "processes_unreadable", system->processes_unreadable);
    key_figure(w, "threads_hidden", system->threads_hidden);
    key(w, "reason");
    const char *const reason = hidden_name(system->hidden_reason);
    out_json_string(w->out, reason, strlen(reason));
    end(w, "}");
}

static void write_system(struct writer *w, const struct system_load *system)
{
    key(w, "system");
    begin(w, "{");
    key_text(w, "kernel", system->kernel);
    key_figure(w, "uptime_ns", system->uptime_ns);
    key(w, "load");
    begin(w, "{");
    key_share(w, "1m", system->load_1m);
    key_share(w, "5m", system->load_5m);
    key_share(w, "15m", system->load_15m);
    end(w, "}");
    write_cpus(w, system);
    write_memory(w, "memory", &system->memory, memory_figures, MEMORY_FIGURES);
    write_memory(w, "swap", &system->memory, swap_figures, SWAP_FIGURES);
    key(w, "psi");
    begin(w, "{");
    write_pressure(w, "cpu", &system->psi_cpu);
    write_pressure(w, "memory", &system->psi_memory);
    write_pressure(w, "io", &system->psi_io);
    end(w, "}");
    write_tasks(w, &system->tasks);
    key_share(w, "context_switches_per_s", system->context_switches_per_s);
    key_share(w, "forks_per_s", system->forks_per_s);
    key_share(w, "interrupts_per_s", system->interrupts_per_s);
    write_hidden(w, system);
    end(w, "}");
}

static void write_value(struct out *out, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NONE:
    case VALUE_KIND_COUNT:
        out_string(out, "null");
        break;
    case VALUE_ID:
    case VALUE_COUNT:
    case VALUE_WALL:
    case VALUE_BYTE_CHANGE:
        out_i64(out, value->as.integer);
        break;
    case VALUE_BYTES:
        out_u64(out, value->as.bytes);
        break;
    case VALUE_DURATION:
    case VALUE_LATENCY:
    case VALUE_AGE:
        out_u64(out, value->as.ns);
        break;
    case VALUE_COUNT_RATE:
    case VALUE_BYTE_RATE:
    case VALUE_CPUS:
    case VALUE_FRACTION:
        out_number(out, value->as.number);
        break;
    case VALUE_LETTER: {
        const char letter = (char)value->as.integer;
        out_json_string(out, &letter, 1);
        break;
    }
    case VALUE_TEXT:
        out_json_string(out, value->as.text.ptr, value->as.text.bytes);
        break;
    }
}

/* `absent` is worked out in a second pass over the columns: it stands behind them all. */
static void write_process(struct writer *w, const struct batch_sample *sample,
                          const struct proc *proc)
{
    const fact_mask provided = sample->snap->provided;
    begin(w, "{");
    for (size_t i = 0; i < sample->column_count; i++) {
        const enum column_id id = (enum column_id)sample->columns[i];
        const struct value value = column_value(id, proc, provided);
        key(w, column_info(id)->name);
        write_value(w->out, &value);
    }
    key(w, "absent");
    begin(w, "{");
    for (size_t i = 0; i < sample->column_count; i++) {
        const enum column_id id = (enum column_id)sample->columns[i];
        const struct value value = column_value(id, proc, provided);
        if (value.kind == VALUE_NONE) {
            const char *const why = absent_name(value.why);
            key(w, column_info(id)->name);
            out_json_string(w->out, why, strlen(why));
        }
    }
    end(w, "}");
    end(w, "}");
}

/* --- tables beside the processes' --------------------------------------------------------- */

static const char *column_name(const struct batch_sample *sample, size_t at)
{
    return table_column_info(sample->table, sample->columns[at]).name;
}

static struct value row_value(const struct batch_sample *sample, size_t at, const void *row)
{
    return table_value(sample->table, sample->columns[at], sample->snap, row);
}

/* Everybody who holds it; the columns have the first one only. */
static void write_owners(struct writer *w, const struct table *table, const void *row)
{
    size_t count = 0;
    const struct socket_owner *const owners = table->owners(row, &count);
    key(w, "held_by");
    begin(w, "[");
    for (size_t i = 0; i < count; i++) {
        separate(w);
        begin(w, "{");
        key(w, "pid");
        out_i64(w->out, owners[i].id.pid);
        key_u64(w, "start_ns", owners[i].id.start_ns);
        key_text(w, "name", owners[i].name);
        key(w, "fd");
        out_i64(w->out, owners[i].fd);
        end(w, "}");
    }
    end(w, "]");
}

static void write_table_row(struct writer *w, const struct batch_sample *sample, const void *row)
{
    begin(w, "{");
    for (size_t i = 0; i < sample->column_count; i++) {
        const struct value value = row_value(sample, i, row);
        key(w, column_name(sample, i));
        write_value(w->out, &value);
    }
    if (sample->table->owners != NULL) {
        write_owners(w, sample->table, row);
    }
    key(w, "absent");
    begin(w, "{");
    for (size_t i = 0; i < sample->column_count; i++) {
        const struct value value = row_value(sample, i, row);
        if (value.kind == VALUE_NONE) {
            const char *const why = absent_name(value.why);
            key(w, column_name(sample, i));
            out_json_string(w->out, why, strlen(why));
        }
    }
    end(w, "}");
    end(w, "}");
}

/* Columns whose sum means something, and how many rows are in it. */
static void write_sums(struct writer *w, const struct batch_sample *sample)
{
    key(w, "sums");
    begin(w, "{");
    for (size_t i = 0; i < sample->column_count; i++) {
        if (!table_column_is_summed(sample->table, sample->columns[i])) {
            continue;
        }
        const struct table_sum sum =
            table_sum(sample->table, sample->columns[i], sample->snap,
                      listing_rows(sample->listing), listing_count(sample->listing));
        key(w, column_name(sample, i));
        begin(w, "{");
        key_u64(w, "bytes", sum.bytes);
        key_u64(w, "rows", sum.known);
        key_u64(w, "denied", sum.denied);
        end(w, "}");
    }
    end(w, "}");
}

static void write_swaps(struct writer *w, const struct memory_detail *detail)
{
    key(w, "swap_devices");
    if (!detail->swaps_known) {
        out_string(w->out, "null");
        return;
    }
    begin(w, "[");
    for (size_t i = 0; i < detail->swap_count; i++) {
        const struct swap_load *const swap = &detail->swaps[i];
        separate(w);
        begin(w, "{");
        key_text(w, "path", swap->path);
        key_text(w, "type", swap->type);
        key_u64(w, "size", swap->size_bytes);
        key_u64(w, "used", swap->used_bytes);
        key(w, "priority");
        out_i64(w->out, swap->priority);
        end(w, "}");
    }
    end(w, "]");
}

static void write_zrams(struct writer *w, const struct memory_detail *detail)
{
    key(w, "zram");
    begin(w, "[");
    for (size_t i = 0; i < detail->zram_count; i++) {
        const struct zram_load *const zram = &detail->zrams[i];
        separate(w);
        begin(w, "{");
        key_u64(w, "index", zram->index);
        key_u64(w, "original", zram->original_bytes);
        key_u64(w, "compressed", zram->compressed_bytes);
        key_u64(w, "used", zram->used_bytes);
        end(w, "}");
    }
    end(w, "]");
}

static void write_nodes(struct writer *w, const struct memory_detail *detail)
{
    key(w, "nodes");
    begin(w, "[");
    for (size_t i = 0; i < detail->node_count; i++) {
        const struct node_load *const node = &detail->nodes[i];
        separate(w);
        begin(w, "{");
        key_u64(w, "index", node->index);
        key_u64(w, "total", node->total_bytes);
        key_u64(w, "free", node->free_bytes);
        key_figure(w, "anonymous", node->anon_bytes);
        key_figure(w, "files", node->file_bytes);
        end(w, "}");
    }
    end(w, "]");
}

/* What the table of memory has beside its rows. */
static void write_memory_detail(struct writer *w, const struct snapshot *snap)
{
    key(w, "memory");
    begin(w, "{");
    for (size_t i = 0; i < memory_figure_count(); i++) {
        const struct value value = memory_figure_value(i, snap);
        key(w, memory_figure(i)->name);
        write_value(w->out, &value);
    }
    write_swaps(w, snap->memory);
    write_zrams(w, snap->memory);
    write_nodes(w, snap->memory);
    end(w, "}");
}

/* Why rows are missing. Owns: static storage. Errors: NULL when all are there. */
static const char *missing_reason(const struct batch_sample *sample)
{
    const struct network_load *const network = sample->snap->network;
    const unsigned inspect = sample->table->inspect;
    if (inspect != 0) {
        const enum dossier_state worst = dossier_worst(sample->snap->dossier, inspect);
        return worst == DOSSIER_KNOWN ? NULL : dossier_trouble(worst, sample->snap->looker);
    }
    const char *const trouble = table_process_trouble(sample->table, sample->snap, sample->process);
    if (trouble[0] != '\0') {
        return trouble;
    }
    const bool sockets = (sample->table->parts & PART_SOCKETS) != 0;
    return sockets && network != NULL && network->socket_error != 0
               ? report_reason(network->socket_error)
               : NULL;
}

static void write_table(struct writer *w, const struct batch_sample *sample)
{
    key_text(w, "table", text_literal(sample->table->name));
    const char *const missing = missing_reason(sample);
    key(w, "missing");
    if (missing != NULL) {
        out_json_string(w->out, missing, strlen(missing));
    } else {
        out_string(w->out, "null");
    }
    if (sample->table->columns == NULL) {
        write_sums(w, sample);
    }
    if (sample->snap->memory != NULL) {
        write_memory_detail(w, sample->snap);
    }
    key(w, "rows");
    begin(w, "[");
    const void *const *const rows = listing_rows(sample->listing);
    for (size_t i = 0; i < listing_count(sample->listing) && w->out->error == 0; i++) {
        separate(w);
        write_table_row(w, sample, rows[i]);
    }
    end(w, "]");
}

static void write_processes(struct writer *w, const struct batch_sample *sample)
{
    write_system(w, &sample->snap->system);
    key(w, "processes");
    begin(w, "[");
    const struct query_row *const rows = query_rows(sample->query);
    for (size_t i = 0; i < query_count(sample->query) && w->out->error == 0; i++) {
        separate(w);
        write_process(w, sample, rows[i].proc);
    }
    end(w, "]");
}

void print_json(struct out *out, const struct batch_sample *sample)
{
    const struct snapshot *const snap = sample->snap;
    struct writer w = {.out = out};
    begin(&w, "{");
    key(&w, "time");
    out_i64(out, snap->wall_s);
    key_u64(&w, "sample", sample->number);
    key_figure(&w, "interval_ns", snap->interval_ns == 0 ? FIGURE_ABSENT : snap->interval_ns);
    key_text(&w, "host", snap->system.hostname);
    if (sample->table != NULL) {
        write_table(&w, sample);
    } else {
        write_processes(&w, sample);
    }
    end(&w, "}");
    out_string(out, "\n");
}
