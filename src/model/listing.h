#ifndef MODEL_LISTING_H
#define MODEL_LISTING_H

#include "model/snapshot.h"
#include "model/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The rows of a table, selected and put in order. What model/query.h is for processes. */

/* Which rows, in what order. */
struct listing_options {
    size_t sort; // index of a column
    bool descending;
    const struct table_settings *chosen; // columns, see table_column_is_searched(); may be NULL
    const char *filter;     // as in struct query_options: substring of any shown text or number,
                            // terms joined by '|'; "" for all
    struct proc_id process; // only what belongs to this process; pid 0: all
};

/* Keeps its memory between runs. */
struct listing;

/* Owns: the caller, who ends it with listing_destroy(). Errors: NULL when out of memory. */
struct listing *listing_create(void);

/* NULL is a no-op. */
void listing_destroy(struct listing *listing);

/* Select and order the rows of a snapshot; absent values last both ways, ties by key. Pure.
 * Errors: -ENOMEM; there are then no rows. */
int listing_run(struct listing *listing, const struct table *table, const struct snapshot *snap,
                const struct listing_options *options);

/* Rows of the last run. Owns: the listing; they point into the snapshot. */
const void *const *listing_rows(const struct listing *listing);

/* How many there are. */
size_t listing_count(const struct listing *listing);

/* Index of a row by its key. Errors: -1 when it is not there. */
ptrdiff_t listing_find(const struct listing *listing, const struct table *table,
                       struct row_key key);

/* Whether one row matches a filter text; `chosen` as in struct listing_options. */
bool listing_matches(const struct table *table, const struct table_settings *chosen,
                     const struct snapshot *snap, const void *row, const char *filter);

#endif
