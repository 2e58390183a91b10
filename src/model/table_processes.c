#include "model/table_processes.h"

#include "model/tables.h"

#include <stddef.h>

const void *table_process_rows(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->proc_count;
    return snap->procs;
}

struct row_key table_process_key(const void *row)
{
    const struct proc *proc = row;
    return (struct row_key){.a = (uint32_t)proc->id.pid, .b = proc->id.start_ns};
}

struct proc_id table_process_owner(const void *row)
{
    return ((const struct proc *)row)->id;
}

bool table_process_is_whole(const void *row)
{
    return (((const struct proc *)row)->flags & PROC_THREAD) == 0;
}

/* --- by what they read and write ----------------------------------------------------------- */

/* A kernel thread writes for others (journals, write-back); those that never did are many. */
static bool does_io(const void *row)
{
    const struct proc *proc = row;
    const bool did = (proc->have & FACT_IO) != 0 && (proc->io.read_bytes | proc->io.write_bytes);
    return table_process_is_whole(row) && ((proc->flags & PROC_KERNEL) == 0 || did);
}

static const enum column_id io_columns[] = {
    COLUMN_PID,      COLUMN_USER,    COLUMN_IO_RATE,  COLUMN_IO_READ_RATE, COLUMN_IO_WRITE_RATE,
    COLUMN_IO_DELAY, COLUMN_IO_READ, COLUMN_IO_WRITE, COLUMN_COMMAND,
};

const struct table table_io = {
    .name = "io",
    .title = "I/O",
    .short_title = "I/O",
    .help = "Processes by what they read from and write to storage",
    .process_columns = io_columns,
    .column_count = sizeof(io_columns) / sizeof(io_columns[0]),
    .sort = 2, // io_rate
    .row_bytes = sizeof(struct proc),
    .rows = table_process_rows,
    .has = does_io,
    .key = table_process_key,
    .owner = table_process_owner,
};

/* --- by memory ------------------------------------------------------------------------------- */

/* Threads share the memory of their process, and kernel threads have none. */
static bool has_memory(const void *row)
{
    return (((const struct proc *)row)->flags & (PROC_THREAD | PROC_KERNEL)) == 0;
}

static const enum column_id memory_columns[] = {
    COLUMN_PID,
    COLUMN_USER,
    COLUMN_COMMAND,
    COLUMN_RESIDENT,
    COLUMN_PSS,
    COLUMN_USS,
    COLUMN_SWAP,
    COLUMN_GROWTH_RATE,
    COLUMN_GROWTH,
    COLUMN_OOM_SCORE,
    COLUMN_CGROUP_FILL,
    COLUMN_CGROUP_LIMIT,
    COLUMN_ANON,
    COLUMN_FILE,
    COLUMN_SHMEM,
    COLUMN_SWAP_PSS,
    COLUMN_LOCKED,
    COLUMN_PAGE_TABLES,
    COLUMN_MINOR_FAULTS_RATE,
    COLUMN_MAJOR_FAULTS_RATE,
    COLUMN_GROWTH_WINDOW,
    COLUMN_OOM_ADJ,
    COLUMN_CGROUP,
};

enum {
    MEMORY_SORT = 3, // what it is sorted by at first: known of everybody at little cost
    MEMORY_CORE = 9, // up to SINCE
};

const struct table table_memory = {
    .name = "memory",
    .title = "Memory",
    .short_title = "Memory",
    .help = "Processes by memory, and what the machine's memory is used for",
    .further_parts = PART_MEMORY,
    .process_columns = memory_columns,
    .column_count = sizeof(memory_columns) / sizeof(memory_columns[0]),
    .core = MEMORY_CORE,
    .sort = MEMORY_SORT,
    .row_bytes = sizeof(struct proc),
    .rows = table_process_rows,
    .has = has_memory,
    .key = table_process_key,
    .owner = table_process_owner,
};
