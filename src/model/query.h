#ifndef MODEL_QUERY_H
#define MODEL_QUERY_H

#include "model/column.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map;

/* Which processes, in what order. Pointers are borrowed for the call. */
struct query_options {
    enum column_id sort;
    bool descending;
    bool tree;           // children below their parents, siblings in sort order
    bool kernel_threads; // list them
    bool user_threads;   // list them
    bool exited;         // list those gone since the previous sample
    const char *filter;  // substring of pid, user or command, without case; "" for all.
                         // Terms joined by '|' match when one of them does
    bool by_user;        // only processes of effective uid `user`
    uint32_t user;
    const int32_t *pids; // only these, or NULL; their threads come along
    size_t pid_count;
    const struct map *folded; // tree: proc_ids whose children are hidden; NULL for none
};

/* Properties of a row; bits of query_row.flags. */
enum row_flag {
    ROW_HAS_CHILDREN = 1u << 0, // tree: something is or would be below it
    ROW_FOLDED = 1u << 1,       // tree: it is hidden
    ROW_LAST = 1u << 2,         // tree: last of its siblings
    ROW_CONTEXT = 1u << 3,      // tree: does not match, kept because something below it does
};

/* One line of the table. */
struct query_row {
    const struct proc *proc; // in the snapshot the query ran over
    uint16_t depth;          // tree: 0 for a root; capped at QUERY_DEPTH_MAX
    uint16_t flags;          // enum row_flag
    uint32_t hidden;         // tree: rows folded away below it
    uint64_t guides;         // tree: bit d set when depth d has more siblings to come
};

enum { QUERY_DEPTH_MAX = 63 };

/* Keeps its memory between runs, so a steady state allocates nothing. */
struct query;

/*
 * Owns: the caller, who ends it with query_destroy().
 * Errors: NULL when out of memory.
 */
struct query *query_create(void);

/* NULL is a no-op. */
void query_destroy(struct query *query);

/*
 * Select and order the rows of a snapshot. Pure: the same input gives the same rows.
 * Loops among parents, missing parents and parents younger than their children are
 * survived: every matching process gets exactly one row.
 * Errors: -ENOMEM; the rows are then empty.
 */
int query_run(struct query *query, const struct snapshot *snap,
              const struct query_options *options);

/* The rows of the last run. Owns: the query, until the next run. */
const struct query_row *query_rows(const struct query *query);

/* How many there are. */
size_t query_count(const struct query *query);

/* Index of a process in the rows. Errors: -1 when it has no row. */
ptrdiff_t query_find(const struct query *query, struct proc_id id);

/* True when one process passes the filter text alone; the search uses it too. */
bool query_matches_text(const struct proc *proc, const char *filter);

/* Fact groups needed to sort and filter like this, of every process. */
fact_mask query_needs(const struct query_options *options);

#endif
