#ifndef MODEL_TABLE_PROCESSES_H
#define MODEL_TABLE_PROCESSES_H

#include "model/table.h"

/*
 * Tables whose rows are the processes of the snapshot and whose columns are some of
 * model/column.h: set process_columns instead of columns, and these functions. What must be read
 * for them (of all processes for the order and a filter, else of the rows in sight) follows.
 */

/* snap->procs. Owns: the snapshot. */
const void *table_process_rows(const struct snapshot *snap, size_t *ret_count);

/* Pid and start. */
struct row_key table_process_key(const void *row);

/* The process itself. */
struct proc_id table_process_owner(const void *row);

/* For table.has: leaves out the threads that are listed when the user wants them in the list of
 * processes. */
bool table_process_is_whole(const void *row);

#endif
