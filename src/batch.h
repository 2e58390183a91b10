#ifndef BATCH_H
#define BATCH_H

#include "model/column.h"
#include "model/listing.h"
#include "model/query.h"
#include "model/snapshot.h"
#include "model/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli;
struct platform;
struct settings;

/* One sample, ready to be printed. Everything is borrowed. */
struct batch_sample {
    uint64_t number; // of the samples printed; starts at 1
    const struct snapshot *snap;
    const struct query *query;     // the processes
    const struct table *table;     // what is printed instead of processes; NULL: those
    const struct listing *listing; // its rows
    struct proc_id process;        // only those of this one; pid 0: all
    bool filtered;                 // and only those that match something
    const uint8_t *columns;        // enum column_id, or of the table; left to right
    size_t column_count;
    bool unicode; // the locale can show more than ASCII
};

/*
 * Print samples to standard output until the count is reached, a signal ends it or nobody
 * reads any more. Errors are told on standard error. False in *ret_ended: a thread hangs in
 * the kernel, so leave by _exit and do not close the platform.
 * Returns the exit status: 0, 1, or 128 plus the signal.
 */
int batch_run(const struct cli *cli, const struct settings *settings, struct platform *platform,
              bool *ret_ended);

#endif
