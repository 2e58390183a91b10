#include "model/tree.h"

#include "base/map.h"
#include "model/query.h"

/*
 * Stages: find each node's parent, cut loops, keep what matches with all above it, chain kept
 * nodes into children and siblings, walk the chains. The walk goes back up through `parent`,
 * so it needs no stack however deep the tree is.
 */

static uint32_t find_pid(const struct tree_node *nodes, size_t count, int32_t pid)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (nodes[middle].id.pid < pid) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    // One that exited and one that lives may have the same pid: the living one is the parent.
    for (; low < count && nodes[low].id.pid == pid; low++) {
        if (!(nodes[low].proc->flags & PROC_EXITED)) {
            return (uint32_t)low;
        }
    }
    return TREE_NONE;
}

static void find_parents(struct tree_node *nodes, size_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct proc *proc = nodes[i].proc;
        bool thread = (proc->flags & PROC_THREAD) != 0;
        uint32_t parent = find_pid(nodes, count, thread ? proc->group_pid : proc->ppid);
        // A parent that is younger got the pid of the real one, which is gone.
        if (parent != TREE_NONE &&
            (parent == i || nodes[parent].id.start_ns > nodes[i].id.start_ns)) {
            parent = TREE_NONE;
        }
        nodes[i].parent = parent;
        nodes[i].mark = TREE_NONE;
    }
}

/* Processes of one clock tick can be each other's parents when a pid was reused: make one a root. */
static void cut_loops(struct tree_node *nodes, size_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = i;
        while (at != TREE_NONE && nodes[at].mark == TREE_NONE) {
            nodes[at].mark = i;
            at = nodes[at].parent;
        }
        if (at != TREE_NONE && nodes[at].mark == i) {
            nodes[at].parent = TREE_NONE;
        }
    }
}

static void keep_matches(struct tree_node *nodes, size_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        nodes[i].kept = false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!nodes[i].matches) {
            continue;
        }
        for (uint32_t at = i; at != TREE_NONE && !nodes[at].kept; at = nodes[at].parent) {
            nodes[at].kept = true;
        }
    }
}

/* Chain kept nodes; returns the first root. */
static uint32_t chain(struct tree_node *nodes, const uint32_t *sorted, size_t count)
{
    uint32_t first_root = TREE_NONE;

    for (size_t i = 0; i < count; i++) {
        nodes[i].first_child = TREE_NONE;
    }
    for (size_t i = count; i > 0; i--) {
        uint32_t at = sorted[i - 1];
        struct tree_node *node = &nodes[at];
        if (!node->kept) {
            continue;
        }
        uint32_t *first =
            node->parent == TREE_NONE ? &first_root : &nodes[node->parent].first_child;
        node->next_sibling = *first;
        *first = at;
    }
    return first_root;
}

static void place(struct tree_node *nodes, uint32_t at)
{
    struct tree_node *node = &nodes[at];
    uint64_t above = 0;

    node->size = 1;
    node->depth = 0;
    if (node->parent != TREE_NONE) {
        node->depth = nodes[node->parent].depth + 1;
        above = nodes[node->parent].guides;
    }
    uint32_t shown = node->depth < QUERY_DEPTH_MAX ? node->depth : QUERY_DEPTH_MAX;
    uint64_t own = UINT64_C(1) << shown;
    node->guides = (above & (own - 1)) | (node->next_sibling != TREE_NONE ? own : 0);
}

/* The next node after `at` and all below it, adding up sizes on the way back. */
static uint32_t leave(struct tree_node *nodes, uint32_t at)
{
    while (at != TREE_NONE) {
        uint32_t parent = nodes[at].parent;
        if (parent != TREE_NONE) {
            nodes[parent].size += nodes[at].size;
        }
        if (nodes[at].next_sibling != TREE_NONE) {
            return nodes[at].next_sibling;
        }
        at = parent;
    }
    return TREE_NONE;
}

static struct query_row make_row(const struct tree_node *node)
{
    uint32_t depth = node->depth < QUERY_DEPTH_MAX ? node->depth : QUERY_DEPTH_MAX;
    unsigned flags = (node->first_child != TREE_NONE ? ROW_HAS_CHILDREN : 0u) |
                     (node->next_sibling == TREE_NONE ? ROW_LAST : 0u) |
                     (node->matches ? 0u : ROW_CONTEXT);

    return (struct query_row){
        .proc = node->proc,
        .depth = (uint16_t)depth,
        .flags = (uint16_t)flags,
        .guides = node->guides,
    };
}

/* Note the nodes in the order of the rows, one per node's `mark`; returns how many. */
static size_t walk(struct tree_node *nodes, uint32_t first_root)
{
    size_t count = 0;

    for (uint32_t at = first_root; at != TREE_NONE;) {
        place(nodes, at);
        nodes[count++].mark = at;
        at = nodes[at].first_child != TREE_NONE ? nodes[at].first_child : leave(nodes, at);
    }
    return count;
}

size_t tree_rows(struct tree_node *nodes, const uint32_t *sorted, size_t count,
                 const struct map *folded, struct query_row *rows)
{
    find_parents(nodes, count);
    cut_loops(nodes, count);
    keep_matches(nodes, count);

    size_t walked = walk(nodes, chain(nodes, sorted, count));
    size_t row_count = 0;
    for (size_t i = 0; i < walked;) {
        struct tree_node *node = &nodes[nodes[i].mark];
        bool fold = folded && node->first_child != TREE_NONE && map_has(folded, node->id);
        struct query_row *row = &rows[row_count];
        node->row = (uint32_t)row_count++;
        *row = make_row(node);
        if (fold) {
            row->flags |= ROW_FOLDED;
            row->hidden = node->size - 1;
        }
        i += fold ? node->size : 1;
    }
    return row_count;
}
