#include "batch.h"

#include "cli.h"
#include "model/history.h"
#include "model/listing.h"
#include "model/plan.h"
#include "model/settings.h"
#include "out.h"
#include "platform/platform.h"
#include "platform/wait.h"
#include "print_json.h"
#include "print_table.h"
#include "report.h"
#include "sampler/source.h"

#include <errno.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint64_t second_ns = 1000000000;
static const uint64_t stall_told_ns = 5000000000; // a hang is worth a sentence after this

/* A run without a screen. */
struct batch {
    const struct cli *cli;
    struct query_options options;
    struct wait *wait;
    struct source *source;
    struct query *query;
    struct listing *listing;
    struct listing_options listing_options;
    struct plan plan;
    uint64_t interval_ns; // the user's
    uint64_t primed_ns;   // shortest interval that makes good rates for the first sample
    uint64_t last_scan;   // number of the last scan seen
    struct batch_sample sample;
    uint8_t columns[COLUMN_COUNT]; // its columns
    struct history_line *lines;    // NULL: what was is not printed
    struct history *history;       // of the machine; NULL: the lines are of a process
    struct out out;
    bool process_seen; // one of those the output is limited to
    bool stall_told;
    bool leaving;
    int status;
};

/* Nothing was done to the terminal, so there is nothing to put back. */
static void no_emergency(void)
{
}

static void wake(void *context)
{
    wait_wake(context);
}

static bool locale_has_unicode(void)
{
    return str_equal(nl_langinfo(CODESET), "UTF-8");
}

/* Likewise of a table: what is hidden on the screen is hidden in text. `snap` may be NULL. */
static size_t choose_table_columns(const struct cli *cli, const struct table *table,
                                   const struct snapshot *snap, uint8_t columns[COLUMN_COUNT])
{
    if (cli->column_count > 0) {
        memcpy(columns, cli->columns, cli->column_count);
        return cli->column_count;
    }
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        const bool wanted = cli->mode == MODE_JSON || table_column_is_usual(table, i, snap);
        if (wanted && !table_column_is_graph(table, i)) {
            columns[count++] = (uint8_t)i;
        }
    }
    return count;
}

/* What to print of which processes. JSON has every column unless told otherwise: it is for
 * programs, and they pick. */
static size_t choose_columns(const struct cli *cli, const struct settings *settings,
                             uint8_t columns[COLUMN_COUNT])
{
    if (cli->has_table) {
        return choose_table_columns(cli, table_info(cli->table), NULL, columns);
    }
    if (cli->mode == MODE_JSON && cli->column_count == 0) {
        size_t count = 0;
        for (size_t i = 0; i < COLUMN_COUNT; i++) {
            if (!column_info((enum column_id)i)->costly) {
                columns[count++] = (uint8_t)i;
            }
        }
        return count;
    }
    memcpy(columns, settings->columns, settings->column_count);
    return settings->column_count;
}

static void choose_processes(struct batch *batch, const struct settings *settings)
{
    const struct cli *const cli = batch->cli;
    const bool tree = settings->tree;
    batch->options = (struct query_options){
        .sort = (enum column_id)(tree ? settings->tree_sort : settings->sort),
        .descending = tree ? settings->tree_sort_descending : settings->sort_descending,
        .tree = tree,
        .kernel_threads = settings->kernel_threads,
        .user_threads = settings->user_threads,
        .filter = cli->filter != NULL ? cli->filter : "",
        .by_user = cli->by_user,
        .user = cli->user,
        .pids = cli->pid_count > 0 ? cli->pids : NULL,
        .pid_count = cli->pid_count,
    };
}

static void choose_rows(struct batch *batch)
{
    const struct cli *const cli = batch->cli;
    if (!cli->has_table) {
        return;
    }
    const struct table *const table = table_info(cli->table);
    const size_t sort = cli->has_sort ? cli->sort : table->sort;
    batch->sample.table = table;
    batch->listing_options = (struct listing_options){
        .sort = sort,
        .descending =
            cli->has_sort ? cli->sort_descending : table_column_info(table, sort).descending,
        .filter = cli->filter != NULL ? cli->filter : "",
    };
}

static bool prints_history(const struct batch *batch)
{
    return batch->sample.table == table_info(TABLE_HISTORY);
}

/* What must be known of every process to print a table. */
static fact_mask table_needs(const struct batch *batch, const struct table *table)
{
    const struct listing_options *const options = &batch->listing_options;
    fact_mask want =
        FACT_IDENT | table_facts(table, NULL, options->sort, options->filter[0] != '\0');
    for (size_t i = 0; i < batch->sample.column_count; i++) {
        want |= table_column_facts(table, batch->sample.columns[i]);
    }
    if (prints_history(batch) && batch->cli->pid_count > 0) {
        want |= FACT_IO | FACT_SOCKETS; // what there are series of
    }
    return want;
}

/*
 * The first sample printed must have rates that mean something, and soon: the interval begins
 * at a second at most, and becomes the user's once that sample is there.
 */
static void make_plan(struct batch *batch, const struct settings *settings)
{
    batch->interval_ns = (uint64_t)settings->interval_ms * 1000000;
    const uint64_t first_ns = batch->interval_ns < second_ns ? batch->interval_ns : second_ns;
    batch->primed_ns = first_ns / 10 * 9;

    const struct table *const table = batch->sample.table;
    fact_mask want = table != NULL ? table_needs(batch, table) : query_needs(&batch->options);
    for (size_t i = 0; table == NULL && i < batch->sample.column_count; i++) {
        const struct column *const column = column_info((enum column_id)batch->sample.columns[i]);
        want |= column->need | column->want;
    }
    batch->plan = (struct plan){
        .interval_ns = first_ns,
        .want = want & FACT_READABLE,
        .threads = table == NULL && settings->user_threads,
        .parts = table != NULL ? table->parts | table->further_parts : 0,
        .inspect = table != NULL ? table->inspect : 0,
        .frequencies = table == NULL && batch->cli->mode == MODE_JSON,
        .settle = true,
    };
}

static void leave(struct batch *batch, int status)
{
    batch->leaving = true;
    batch->status = status;
}

/* A reader that has seen enough is no failure: `perch --batch | head`. */
static void leave_on_write_error(struct batch *batch, int error)
{
    if (error == -EPIPE) {
        leave(batch, 0);
        return;
    }
    (void)fprintf(stderr, "perch: cannot write to standard output: %s\n", report_reason(error));
    leave(batch, 1);
}

/* What this sample says of the process the history is about. */
static void add_process(struct batch *batch, const struct snapshot *snap)
{
    const struct proc *const proc = snapshot_find(snap, batch->listing_options.process);
    if (proc != NULL) {
        history_process_lines_add(batch->lines, snap, proc);
    }
}

/* Let the snapshot have what was, this sample included. */
static void add_history(struct batch *batch, struct snapshot *snap)
{
    if (batch->lines == NULL) {
        return;
    }
    snap->lines = batch->lines;
    if (batch->history != NULL) {
        history_add(batch->history, snap, batch->interval_ns);
        snap->line_count = history_lines(batch->history, batch->lines);
    } else {
        add_process(batch, snap);
        snap->line_count = PROCESS_SERIES_COUNT;
    }
}

/* Errors: -ENOMEM. */
static int select_rows(struct batch *batch, const struct snapshot *snap)
{
    if (batch->sample.table == NULL) {
        return query_run(batch->query, snap, &batch->options);
    }
    return listing_run(batch->listing, batch->sample.table, snap, &batch->listing_options);
}

static void print_sample(struct batch *batch, struct snapshot *snap)
{
    add_history(batch, snap);
    if (select_rows(batch, snap) != 0) {
        (void)fprintf(stderr, "perch: out of memory; a sample is left out\n");
        return;
    }
    batch->sample.snap = snap;
    batch->sample.number++;
    if (batch->sample.table != NULL) { // some are left out when they say nothing
        batch->sample.column_count =
            choose_table_columns(batch->cli, batch->sample.table, snap, batch->columns);
    }
    if (batch->cli->mode == MODE_JSON) {
        print_json(&batch->out, &batch->sample);
    } else {
        print_table(&batch->out, &batch->sample);
    }
    const int error = out_flush(&batch->out);
    if (error != 0) {
        leave_on_write_error(batch, error);
    } else if (batch->sample.number == (uint64_t)batch->cli->count) {
        leave(batch, 0);
    }
}

/* Without those that were named there is nothing to print, or nothing any more. */
static void leave_without_process(struct batch *batch)
{
    const bool several = batch->cli->pid_count > 1;
    const int pid = (int)batch->cli->pids[0];
    if (several) {
        (void)fprintf(stderr, "perch: %s\n",
                      batch->process_seen ? "these processes have exited"
                                          : "there is none of these processes");
    } else {
        (void)fprintf(stderr,
                      batch->process_seen ? "perch: process %d has exited\n"
                                          : "perch: there is no process %d\n",
                      pid);
    }
    leave(batch, 1);
}

/* Any of the processes the list is limited to. Errors: NULL when none of them is there. */
static const struct proc *find_any(const struct batch *batch, const struct snapshot *snap)
{
    const struct proc *proc = NULL;
    for (size_t i = 0; i < batch->cli->pid_count && proc == NULL; i++) {
        proc = snapshot_find_pid(snap, batch->cli->pids[i]);
    }
    return proc;
}

/* Find who the output is limited to: named by number only. */
static void find_process(struct batch *batch, const struct snapshot *snap)
{
    const struct table *const table = batch->sample.table;
    if (batch->cli->pid_count == 0) {
        return;
    }
    const struct proc *const proc = find_any(batch, snap);
    struct proc_id *const process = &batch->listing_options.process;
    const bool first = !batch->process_seen;
    const bool is_another = table != NULL && !first && proc != NULL &&
                            !proc_id_equal(proc->id, *process); // of the same number
    if (proc == NULL || is_another) {
        leave_without_process(batch);
        return;
    }
    batch->process_seen = true;
    if (table == NULL) {
        return;
    }
    *process = proc->id;
    batch->sample.process = proc->id;
    if (first && table_is_of_process(table)) {
        batch->plan.inspected = proc->id;
        source_set_plan(batch->source, &batch->plan);
    }
}

static void take_snapshot(struct batch *batch)
{
    struct snapshot *const snap = source_take(batch->source);
    if (snap == NULL) {
        return;
    }
    const bool fresh = snap->sample != batch->last_scan;
    const bool primed = batch->sample.number > 0 || snap->interval_ns >= batch->primed_ns;
    batch->last_scan = snap->sample;
    find_process(batch, snap);
    if (!batch->leaving && fresh && primed && snap->interval_ns > 0) {
        if (batch->plan.interval_ns != batch->interval_ns) {
            batch->plan.interval_ns = batch->interval_ns;
            source_set_plan(batch->source, &batch->plan);
        }
        print_sample(batch, snap);
    }
    source_give_back(batch->source, snap);
}

static void take_signals(struct batch *batch)
{
    for (;;) {
        switch (wait_signal(batch->wait)) {
        case WAIT_SIGNAL_NONE:
            return;
        case WAIT_SIGNAL_END:
            leave(batch, 128 + wait_end_signal(batch->wait));
            return;
        case WAIT_SIGNAL_SUSPEND:
            wait_suspend(batch->wait);
            break;
        case WAIT_SIGNAL_INTERRUPT: // only where keys are read
        case WAIT_SIGNAL_RESUME:
        case WAIT_SIGNAL_RESIZE:
            break;
        }
    }
}

/* Once: who holds us up. Waiting on is all that can be done. */
static void tell_stall(struct batch *batch, uint64_t now_ns)
{
    const struct source_stall stall = source_stall(batch->source, now_ns);
    if (!stall.stalled || batch->stall_told || now_ns - stall.since_ns < stall_told_ns) {
        return;
    }
    batch->stall_told = true;
    if (stall.pid != 0) {
        (void)fprintf(stderr, "perch: the kernel does not answer about process %d; waiting\n",
                      stall.pid);
    } else {
        (void)fprintf(stderr, "perch: the kernel does not answer; waiting\n");
    }
}

static void loop(struct batch *batch)
{
    while (!batch->leaving) {
        (void)wait_for(batch->wait, platform_now_ns() + second_ns); // all is looked at anyway
        take_signals(batch);
        if (!batch->leaving) {
            take_snapshot(batch);
            tell_stall(batch, platform_now_ns());
        }
    }
}

/* Network file systems tell of a full disk only at the end. */
static void close_output(struct batch *batch)
{
    if (close(STDOUT_FILENO) != 0 && errno != EINTR && batch->status == 0) {
        leave_on_write_error(batch, -errno);
    }
}

/* What becomes rows. Errors: -ENOMEM; what was made is ended by destroy_lists(). */
static int create_lists(struct batch *batch)
{
    const bool keeps = prints_history(batch);
    const bool of_machine = keeps && batch->cli->pid_count == 0;
    batch->query = query_create();
    batch->listing = listing_create();
    batch->lines = keeps ? calloc(HISTORY_ALL_LINES_MAX, sizeof(*batch->lines)) : NULL;
    batch->history = of_machine ? history_create() : NULL;
    if (batch->query == NULL || batch->listing == NULL || (keeps && batch->lines == NULL) ||
        (of_machine && batch->history == NULL)) {
        return -ENOMEM;
    }
    if (keeps && !of_machine) {
        history_process_lines(batch->lines);
    }
    return 0;
}

static void destroy_lists(struct batch *batch)
{
    query_destroy(batch->query);
    listing_destroy(batch->listing);
    history_destroy(batch->history);
    free(batch->lines);
}

int batch_run(const struct cli *cli, const struct settings *settings, struct platform *platform,
              bool *ret_ended)
{
    struct batch batch = {.cli = cli, .status = 1};
    batch.sample.columns = batch.columns;
    batch.sample.column_count = choose_columns(cli, settings, batch.columns);
    batch.sample.unicode = locale_has_unicode();
    batch.sample.filtered = cli->filter != NULL && cli->filter[0] != '\0';
    out_init(&batch.out, STDOUT_FILENO);
    choose_processes(&batch, settings);
    choose_rows(&batch);
    make_plan(&batch, settings);

    *ret_ended = true;
    int result = wait_create(false, no_emergency, &batch.wait);
    if (result == 0) {
        result = create_lists(&batch);
    }
    if (result == 0) {
        result = source_live(platform, &batch.plan, wake, batch.wait, &batch.source);
    }
    if (result == 0) {
        batch.sample.query = batch.query;
        batch.sample.listing = batch.listing;
        loop(&batch);
        *ret_ended = source_stop(batch.source);
        close_output(&batch);
    } else {
        (void)fprintf(stderr, "perch: cannot start: %s\n", report_reason(result));
    }
    destroy_lists(&batch);
    if (*ret_ended) { // a thread that hangs may still want to wake us
        wait_destroy(batch.wait);
    }
    return batch.status;
}
