#include "model/dossier.h"
#include "model/tables.h"
#include "model/value.h"

/* What is said of one inspected process: one accessor for each column. Its memory, limits and
 * environment are in tables_inspect_resources.c. */

/* --- lines in words: overview, waiting, cgroup ------------------------------------------------- */

static const void *overview_rows(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->dossier == NULL ? 0 : snap->dossier->overview_count;
    return snap->dossier == NULL ? NULL : snap->dossier->overview;
}

static const void *waiting_rows(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->dossier == NULL ? 0 : snap->dossier->waiting_count;
    return snap->dossier == NULL ? NULL : snap->dossier->waiting;
}

static const void *cgroup_rows(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->dossier == NULL ? 0 : snap->dossier->cgroup_count;
    return snap->dossier == NULL ? NULL : snap->dossier->cgroup;
}

/* FNV-1a, in 64 bits so that the product of a 32-bit hash does not wrap around. */
static uint64_t hash_of(struct text text)
{
    uint64_t hash = 2166136261u;
    for (uint32_t i = 0; i < text.bytes; i++) {
        hash = ((hash ^ (unsigned char)text.ptr[i]) * 16777619u) & UINT32_MAX;
    }
    return hash;
}

/* The same line in the next snapshot may have moved: others come and go above it. */
static struct row_key fact_key(const void *row)
{
    const struct dossier_fact *fact = row;
    return (struct row_key){.a = hash_of(fact->group) << 32 | hash_of(fact->what), .b = fact->nth};
}

static uint64_t fact_order(const void *row)
{
    return ((const struct dossier_fact *)row)->order;
}

static bool fact_is_alarming(const void *row)
{
    return ((const struct dossier_fact *)row)->alarming;
}

static struct proc_id fact_process(const void *row)
{
    return ((const struct dossier_fact *)row)->process;
}

static struct value get_group(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_fact *)row)->group, ABSENT_NOT_APPLICABLE);
}

static struct value get_what(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_fact *)row)->what, ABSENT_NOT_APPLICABLE);
}

static struct value get_fact(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_fact *)row)->value, ABSENT_NOT_APPLICABLE);
}

/* clang-format off */
static const struct table_column fact_columns[] = {
    {"group", "ABOUT", "What the line is about", "see the manual, THE INSPECTOR",
        VALUE_TEXT, 12, false, false, false, get_group},
    {"what", "FACT", "Which fact", "see the manual, THE INSPECTOR",
        VALUE_TEXT, 16, false, false, false, get_what},
    {"value", "VALUE", "The fact, in words and figures", "see the manual, THE INSPECTOR",
        VALUE_TEXT, 40, true, false, false, get_fact},
};
/* clang-format on */

enum { FACT_COLUMNS = sizeof(fact_columns) / sizeof(fact_columns[0]) };

const struct table table_overview = {
    .name = "overview",
    .title = "Overview",
    .short_title = "Overview",
    .help = "What a process is, and why it is slow or stuck",
    .inspect = 1u << INSPECT_IDENTITY | 1u << INSPECT_WAITING | 1u << INSPECT_PEERS |
               1u << INSPECT_CGROUP | 1u << INSPECT_LIMITS,
    .further_parts = PART_SOCKETS, // the other ends of connections
    .explains = true,
    .columns = fact_columns,
    .column_count = FACT_COLUMNS,
    .sort = 0, // as they come
    .row_bytes = sizeof(struct dossier_fact),
    .rows = overview_rows,
    .key = fact_key,
    .order = fact_order,
    .owner = fact_process,
    .alarming = fact_is_alarming,
};

const struct table table_waiting = {
    .name = "waiting",
    .title = "Waiting",
    .short_title = "Wait",
    .help =
        "What a process waits for, and who has it: calls, other ends, locks, kernel stacks, delays",
    .inspect = 1u << INSPECT_WAITING | 1u << INSPECT_PEERS | 1u << INSPECT_CGROUP,
    .further_parts = PART_SOCKETS, // the other ends of connections
    .explains = true,
    .columns = fact_columns,
    .column_count = FACT_COLUMNS,
    .sort = 0, // as they come
    .row_bytes = sizeof(struct dossier_fact),
    .rows = waiting_rows,
    .key = fact_key,
    .order = fact_order,
    .owner = fact_process,
    .alarming = fact_is_alarming,
};

const struct table table_cgroup = {
    .name = "cgroup",
    .title = "Cgroup",
    .short_title = "Cgroup",
    .help = "What the cgroups of a process allow and use, its own first",
    .inspect = 1u << INSPECT_CGROUP,
    .explains = true,
    .columns = fact_columns,
    .column_count = FACT_COLUMNS,
    .sort = 0, // as they come
    .row_bytes = sizeof(struct dossier_fact),
    .rows = cgroup_rows,
    .key = fact_key,
    .order = fact_order,
    .owner = fact_process,
    .alarming = fact_is_alarming,
};

/* --- threads ---------------------------------------------------------------------------------- */

static const void *thread_rows(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->dossier == NULL ? 0 : snap->dossier->thread_count;
    return snap->dossier == NULL ? NULL : snap->dossier->threads;
}

static struct row_key thread_key(const void *row)
{
    const struct dossier_thread *t = row;
    return (struct row_key){.a = (uint32_t)t->id.pid, .b = t->id.start_ns};
}

static bool thread_is_stuck(const void *row)
{
    return ((const struct dossier_thread *)row)->state == 'D';
}

static struct value get_tid(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_number((uint32_t)((const struct dossier_thread *)row)->id.pid);
}

static struct value get_thread_name(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_thread *)row)->name, ABSENT_NOT_APPLICABLE);
}

static struct value get_thread_state(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return (struct value){.kind = VALUE_LETTER,
                          .as.integer = ((const struct dossier_thread *)row)->state};
}

static struct value get_thread_cpu(const struct snapshot *snap, const void *row)
{
    const struct dossier_thread *t = row;
    (void)snap;
    return table_rate(VALUE_CPUS, t->cpu, t->has_rate);
}

static struct value duration(uint64_t ns)
{
    return ns == FIGURE_ABSENT ? value_absent(ABSENT_UNSUPPORTED)
                               : (struct value){.kind = VALUE_DURATION, .as.ns = ns};
}

static struct value get_thread_time(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return duration(((const struct dossier_thread *)row)->time_ns);
}

/* One that runs or has ended sleeps in none; where another does may not be known. */
static struct value get_thread_wchan(const struct snapshot *snap, const void *row)
{
    const struct dossier_thread *t = row;
    const bool sleeps = t->state == 'S' || t->state == 'D' || t->state == 'I';
    (void)snap;
    return table_text(t->wchan, t->wchan_denied ? ABSENT_DENIED
                                : sleeps        ? ABSENT_UNSUPPORTED
                                                : ABSENT_NOT_APPLICABLE);
}

static struct value get_thread_nice(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return (struct value){.kind = VALUE_COUNT,
                          .as.integer = ((const struct dossier_thread *)row)->nice};
}

/* sched(7), by number. */
static struct value get_thread_policy(const struct snapshot *snap, const void *row)
{
    static const char *const policies[] = {"OTHER", "FIFO", "RR",       "BATCH",
                                           "ISO",   "IDLE", "DEADLINE", "EXT"};
    const struct dossier_thread *t = row;
    (void)snap;
    return t->policy < sizeof(policies) / sizeof(policies[0]) ? table_literal(policies[t->policy])
                                                              : table_literal("other");
}

static struct value get_thread_rt_priority(const struct snapshot *snap, const void *row)
{
    const struct dossier_thread *t = row;
    (void)snap;
    return t->rt_priority == 0 ? value_absent(ABSENT_NOT_APPLICABLE) : table_count(t->rt_priority);
}

static struct value get_thread_last_cpu(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return (struct value){.kind = VALUE_ID,
                          .as.integer = ((const struct dossier_thread *)row)->last_cpu};
}

static struct value get_run_delay_share(const struct snapshot *snap, const void *row)
{
    const struct dossier_thread *t = row;
    (void)snap;
    if (t->run_delay_ns == FIGURE_ABSENT) {
        return value_absent(ABSENT_UNSUPPORTED);
    }
    return table_rate(VALUE_FRACTION, t->run_delay, t->run_delay >= 0);
}

static struct value get_run_delay(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return duration(((const struct dossier_thread *)row)->run_delay_ns);
}

static struct value get_block_delay(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return duration(((const struct dossier_thread *)row)->block_delay_ns);
}

static struct value get_voluntary(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_count(((const struct dossier_thread *)row)->voluntary_switches);
}

static struct value get_involuntary(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_count(((const struct dossier_thread *)row)->involuntary_switches);
}

/* clang-format off */
static const struct table_column thread_columns[] = {
    {"tid", "TID", "Number of the thread", "/proc/PID/task",
        VALUE_ID, 7, false, false, false, get_tid},
    {"state", "S", "State: R runs, S sleeps, D cannot be interrupted", "/proc/PID/task/TID/stat",
        VALUE_LETTER, 1, false, false, false, get_thread_state},
    {"cpu", "CPU%", "Share of one CPU it used", "/proc/PID/task/TID/stat",
        VALUE_CPUS, 5, false, true, false, get_thread_cpu},
    {"time", "TIME+", "CPU time since it started", "/proc/PID/task/TID/stat",
        VALUE_DURATION, 9, false, true, false, get_thread_time},
    {"wchan", "WAITS IN", "Kernel function it sleeps in; needs the right to trace the process",
        "/proc/PID/task/TID/wchan", VALUE_TEXT, 20, true, false, false, get_thread_wchan},
    {"name", "NAME", "Name of the thread", "/proc/PID/task/TID/stat",
        VALUE_TEXT, 15, false, false, false, get_thread_name},
    {"run_delay_share", "READY%", "Share of time it was ready to run but had no CPU",
        "/proc/PID/task/TID/schedstat", VALUE_FRACTION, 6, false, true, false,
        get_run_delay_share},
    {"run_delay", "READY", "Time it was ready to run but had no CPU",
        "/proc/PID/task/TID/schedstat", VALUE_DURATION, 9, false, true, false, get_run_delay},
    {"nice", "NI", "Nice value", "/proc/PID/task/TID/stat",
        VALUE_COUNT, 3, false, false, false, get_thread_nice},
    {"policy", "POLICY", "Scheduling policy", "/proc/PID/task/TID/stat",
        VALUE_TEXT, 8, false, false, false, get_thread_policy},
    {"rt_priority", "RTPRIO", "Priority under the policies FIFO and RR",
        "/proc/PID/task/TID/stat", VALUE_COUNT, 6, false, true, false, get_thread_rt_priority},
    {"last_cpu", "CPU", "CPU it ran on last", "/proc/PID/task/TID/stat",
        VALUE_ID, 4, false, false, false, get_thread_last_cpu},
    {"block_delay", "BLOCK", "Time it waited for block I/O", "/proc/PID/task/TID/stat",
        VALUE_DURATION, 9, false, true, false, get_block_delay},
    {"voluntary_switches", "VCSW", "Times it gave the CPU up", "/proc/PID/task/TID/status",
        VALUE_COUNT, 7, false, true, false, get_voluntary},
    {"involuntary_switches", "IVCSW", "Times the CPU was taken from it",
        "/proc/PID/task/TID/status", VALUE_COUNT, 7, false, true, false, get_involuntary},
};
/* clang-format on */

const struct table table_threads = {
    .name = "threads",
    .title = "Threads",
    .short_title = "Threads",
    .help = "The threads of a process: which one works, which one waits for what",
    .inspect = 1u << INSPECT_THREADS,
    .columns = thread_columns,
    .column_count = sizeof(thread_columns) / sizeof(thread_columns[0]),
    .core = 6, // up to the name
    .sort = 2, // cpu
    .row_bytes = sizeof(struct dossier_thread),
    .rows = thread_rows,
    .key = thread_key,
    .alarming = thread_is_stuck,
};

/* --- files ------------------------------------------------------------------------------------ */

static const void *file_rows(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->dossier == NULL ? 0 : snap->dossier->file_count;
    return snap->dossier == NULL ? NULL : snap->dossier->files;
}

static struct row_key file_key(const void *row)
{
    return (struct row_key){.a = (uint32_t)((const struct dossier_file *)row)->fd};
}

static struct value get_fd(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_number((uint32_t)((const struct dossier_file *)row)->fd);
}

static struct value get_file_kind(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_file *)row)->kind, ABSENT_NOT_APPLICABLE);
}

static struct value get_mode(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_file *)row)->mode, ABSENT_UNSUPPORTED);
}

static struct value get_position(const struct snapshot *snap, const void *row)
{
    const struct dossier_file *f = row;
    (void)snap;
    return f->position == FIGURE_ABSENT ? value_absent(ABSENT_UNSUPPORTED)
                                        : table_number(f->position); // exact: it is a place
}

static struct value get_target(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_file *)row)->target, ABSENT_NOT_APPLICABLE);
}

static struct value get_lock(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_file *)row)->lock, ABSENT_NOT_APPLICABLE);
}

static struct value get_inode(const struct snapshot *snap, const void *row)
{
    const struct dossier_file *f = row;
    (void)snap;
    return f->inode == 0 ? value_absent(ABSENT_UNSUPPORTED) : table_number(f->inode);
}

static struct value get_mount(const struct snapshot *snap, const void *row)
{
    const struct dossier_file *f = row;
    (void)snap;
    return f->mount_id == 0 ? value_absent(ABSENT_UNSUPPORTED) : table_number(f->mount_id);
}

/* clang-format off */
static const struct table_column file_columns[] = {
    {"fd", "FD", "Number of the descriptor", "/proc/PID/fd",
        VALUE_ID, 5, false, false, false, get_fd},
    {"kind", "KIND", "file, directory, char, block, pipe, socket, or anon: eventfd, epoll and the like",
        "/proc/PID/fd", VALUE_TEXT, 9, false, false, false, get_file_kind},
    {"mode", "MODE", "r read, w write, + append, p only the path", "/proc/PID/fdinfo",
        VALUE_TEXT, 4, false, false, false, get_mode},
    {"position", "POSITION", "Where in the file it reads or writes next", "/proc/PID/fdinfo",
        VALUE_ID, 14, false, true, false, get_position},
    {"lock", "LOCK", "Lock it holds there: POSIX (of the process), OFD or flock (of the open file), lease; "
        "+1 is one more", "/proc/PID/fdinfo", VALUE_TEXT, 13, false, false, false, get_lock},
    {"target", "FILE", "What it leads to", "/proc/PID/fd",
        VALUE_TEXT, 40, GROWS_KEEP_END, false, false, get_target},
    {"inode", "INODE", "Number of the file, socket or pipe", "/proc/PID/fdinfo",
        VALUE_ID, 10, false, false, true, get_inode},
    {"mount_id", "MOUNT", "Number of the mount it is on", "/proc/PID/fdinfo",
        VALUE_ID, 6, false, false, true, get_mount},
};
/* clang-format on */

const struct table table_files = {
    .name = "files",
    .title = "Files",
    .short_title = "Files",
    .help = "The open files of a process, and where in them it is",
    .inspect = 1u << INSPECT_FILES,
    .columns = file_columns,
    .column_count = sizeof(file_columns) / sizeof(file_columns[0]),
    .core = 6, // up to what it leads to
    .sort = 0, // fd
    .row_bytes = sizeof(struct dossier_file),
    .rows = file_rows,
    .key = file_key,
};
