#ifndef MODEL_COLUMN_H
#define MODEL_COLUMN_H

#include "base/facts.h"
#include "model/snapshot.h"
#include "model/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The column registry: the only place that knows a column exists. Sorting,
 * filtering, the table, the header help, JSON output, the man page
 * and the sampler's plan are all loops over it.
 */
enum column_id {
    COLUMN_PID,
    COLUMN_USER,
    COLUMN_PRIORITY,
    COLUMN_NICE,
    COLUMN_VIRTUAL,
    COLUMN_RESIDENT,
    COLUMN_SHARED,
    COLUMN_STATE,
    COLUMN_CPU,
    COLUMN_MEM,
    COLUMN_TIME,
    COLUMN_COMMAND,
    COLUMN_PPID,
    COLUMN_TGID,
    COLUMN_PGRP,
    COLUMN_SESSION,
    COLUMN_TPGID,
    COLUMN_TTY,
    COLUMN_UID,
    COLUMN_THREADS,
    COLUMN_START,
    COLUMN_ELAPSED,
    COLUMN_LAST_CPU,
    COLUMN_CPU_USER,
    COLUMN_CPU_SYSTEM,
    COLUMN_TIME_USER,
    COLUMN_TIME_SYSTEM,
    COLUMN_MINOR_FAULTS_RATE,
    COLUMN_MAJOR_FAULTS_RATE,
    COLUMN_MINOR_FAULTS,
    COLUMN_MAJOR_FAULTS,
    COLUMN_ANON,
    COLUMN_FILE,
    COLUMN_SHMEM,
    COLUMN_PSS,
    COLUMN_USS,
    COLUMN_SWAP,
    COLUMN_SWAP_PSS,
    COLUMN_LOCKED,
    COLUMN_PAGE_TABLES,
    COLUMN_GROWTH_RATE,
    COLUMN_GROWTH_WINDOW,
    COLUMN_GROWTH,
    COLUMN_OOM_SCORE,
    COLUMN_OOM_ADJ,
    COLUMN_CGROUP,
    COLUMN_CGROUP_LIMIT,
    COLUMN_CGROUP_USAGE,
    COLUMN_CGROUP_FILL,
    COLUMN_IO_READ_RATE,
    COLUMN_IO_WRITE_RATE,
    COLUMN_IO_RATE,
    COLUMN_IO_READ,
    COLUMN_IO_WRITE,
    COLUMN_IO_DELAY,
    COLUMN_NET_RX_RATE,
    COLUMN_NET_TX_RATE,
    COLUMN_NET_RATE,
    COLUMN_NET_RX,
    COLUMN_NET_TX,
    COLUMN_SOCKETS,
    COLUMN_POLICY,
    COLUMN_RT_PRIORITY,
    COLUMN_COMM,
    COLUMN_EXE,
    COLUMN_COUNT,
};

/* One row of the registry. Strings are static. */
struct column {
    const char *name;   // stable, in settings, --columns and JSON; [a-z_]+
    const char *title;  // header cell, at most `cells` wide
    const char *help;   // one sentence, for the help screen and the man page
    const char *source; // where the kernel says it, for the man page
    fact_mask need;     // no value without all of these
    fact_mask want;     // read as well, and done without when refused
    enum value_kind kind;
    uint8_t cells;      // preferred width in terminal columns
    bool grows;         // takes what is left of the line when it is the last column
    bool descending;    // first sort direction
    bool summed;        // its sum over processes means something: nothing in it is counted twice
    bool costly;        // reading it disturbs: JSON of everything leaves it out unless it is named
    const char *remedy; // what makes a system tell that does not; NULL: nothing does
    struct value (*get)(const struct proc *proc);
};

/* Look up by id. Owns: static storage. Errors: none; id must be < COLUMN_COUNT. */
const struct column *column_info(enum column_id id);

/* Look up by stable name or by title, without case. Errors: COLUMN_COUNT when unknown. */
enum column_id column_by_name(const char *name);

/*
 * The value, or VALUE_NONE with the reason when the facts it needs were not read:
 * unsupported (not in `provided`), denied, blocked, no interval, not read yet.
 */
struct value column_value(enum column_id id, const struct proc *proc, fact_mask provided);

/* Say what would make this system tell a column that it does not: "DELAY%: sysctl ...". False, and
 * nothing appended, when nothing would or there is no need. */
bool column_describe_remedy(enum column_id id, const struct snapshot *snap, struct strbuf *buf);

/*
 * Total order for sorting: by value, absent values last in either direction,
 * ties by identity so that rows never swap without cause.
 */
int column_compare(enum column_id id, bool descending, const struct proc *a, const struct proc *b,
                   fact_mask provided);

/*
 * What the Command column says in full: the command line, or "[name]" for a kernel thread, a
 * zombie or a process without one. Never absent; while the command line is blocked or not
 * read it is the name. Owns: the snapshot.
 */
struct text column_command_text(const struct proc *proc);

/* Likewise without the directories of the program. */
struct text column_program_text(const struct proc *proc);

/*
 * What is to be said behind that text when it is only the name for a bad reason:
 * " [cmdline blocked]"; "" when all is well or still to come. Owns: static storage.
 */
const char *column_command_trouble(const struct proc *proc);

#endif
