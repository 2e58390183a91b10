#ifndef MODEL_TREE_H
#define MODEL_TREE_H

#include "base/facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map;
struct proc;
struct query_row;

enum { TREE_NONE = INT32_MAX }; // no node

/* Private to query.c and tree.c: one process that may be listed. */
struct tree_node {
    struct proc_id id; // its process's; first, because searches look at nothing else
    const struct proc *proc;
    bool matches;          // the filter
    bool kept;             // or something below it does
    uint32_t parent;       // node, or TREE_NONE for a root; likewise below
    uint32_t first_child;  // kept ones only, in sort order
    uint32_t next_sibling; // likewise
    uint32_t mark;         // scratch: looking for loops, then the order of the rows
    uint32_t row;          // where it went; TREE_NONE when it has none
    uint32_t depth;
    uint32_t size;   // itself and the kept ones below it
    uint64_t guides; // see struct query_row
};

/*
 * Turn nodes, ascending by identity, into rows: parents above their children, siblings in
 * the order of `sorted`, which lists all nodes. Never recurses, survives loops, takes time
 * in proportion to count * log(count). `rows` has room for all; returns how many there are.
 * Each node's `row`, TREE_NONE before, is set.
 */
size_t tree_rows(struct tree_node *nodes, const uint32_t *sorted, size_t count,
                 const struct map *folded, struct query_row *rows);

#endif
