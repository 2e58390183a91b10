#include "model/query.h"

#include "base/map.h"
#include "base/str.h"
#include "model/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Stages: collect what may be listed, in order of identity; work out each one's sort key once;
 * merge-sort, which is stable, so that equals stay in order of identity; then one row each, or
 * the tree. Those without a value go to the end and need no sorting.
 */
struct sort_item {
    uint64_t key;     // see value_sort_key(); inverted when descending
    const char *text; // for a column of text, where equal keys decide nothing; else NULL
    uint32_t bytes;
    uint32_t node;
};

struct query {
    struct tree_node *nodes;         // ascending by identity
    struct sort_item *items, *spare; // as many
    uint32_t *sorted;                // nodes in sort order
    struct query_row *rows;
    size_t capacity; // of all of these
    size_t node_count;
    size_t row_count;
    struct map *pids; // options->pids as a set
};

enum { CAPACITY_MIN = 256 };

struct query *query_create(void)
{
    struct query *query = calloc(1, sizeof(*query));

    if (!query) {
        return NULL;
    }
    query->pids = map_create(SIZE_MAX);
    if (!query->pids) {
        free(query);
        return NULL;
    }
    return query;
}

static void free_arrays(struct query *query)
{
    free(query->nodes);
    free(query->items);
    free(query->spare);
    free(query->sorted);
    free(query->rows);
}

void query_destroy(struct query *query)
{
    if (!query) {
        return;
    }
    free_arrays(query);
    map_destroy(query->pids);
    free(query);
}

/* Make room for `count` nodes; what is in the arrays is lost. */
static int reserve(struct query *query, size_t count)
{
    if (query->capacity > 0 && count <= query->capacity) {
        return 0;
    }
    if (count >= (size_t)TREE_NONE) {
        return -ENOMEM;
    }
    size_t capacity = count + count / 2 + CAPACITY_MIN;
    free_arrays(query);
    query->nodes = calloc(capacity, sizeof(*query->nodes));
    query->items = calloc(capacity, sizeof(*query->items));
    query->spare = calloc(capacity, sizeof(*query->spare));
    query->sorted = calloc(capacity, sizeof(*query->sorted));
    query->rows = calloc(capacity, sizeof(*query->rows));
    bool complete = query->nodes && query->items && query->spare && query->sorted && query->rows;
    query->capacity = complete ? capacity : 0;
    if (!complete) {
        free_arrays(query);
        query->nodes = NULL;
        query->items = NULL;
        query->spare = NULL;
        query->sorted = NULL;
        query->rows = NULL;
    }
    return complete ? 0 : -ENOMEM;
}

static bool text_has(struct text text, const char *term, size_t len)
{
    return str_find_fold(text.ptr, text.bytes, term, len) >= 0;
}

static bool matches_term(const struct proc *proc, const char *term, size_t len)
{
    if (text_has(proc->name, term, len) ||
        ((proc->have & FACT_CMDLINE) && text_has(column_command_text(proc), term, len)) ||
        ((proc->have & FACT_USER) && text_has(proc->user, term, len))) {
        return true;
    }
    if (term[0] < '0' || term[0] > '9') {
        return false;
    }
    char pid[16];
    int digits = snprintf(pid, sizeof(pid), "%d", (int)proc->id.pid);
    return str_find_fold(pid, (size_t)digits, term, len) >= 0;
}

bool query_matches_text(const struct proc *proc, const char *filter)
{
    bool any_term = false;

    for (const char *term = filter;; term++) {
        size_t len = strcspn(term, "|");
        // While "a|" is being typed the empty term must not match all.
        if (len > 0) {
            any_term = true;
            if (matches_term(proc, term, len)) {
                return true;
            }
        }
        term += len;
        if (*term == '\0') {
            return !any_term;
        }
    }
}

static bool pid_wanted(const struct query *query, int32_t pid)
{
    return map_has(query->pids, (struct proc_id){.pid = pid});
}

/* Whether a process may be listed at all; the filter text comes later. */
static bool in_scope(const struct query *query, const struct proc *proc,
                     const struct query_options *options)
{
    if ((proc->flags & PROC_KERNEL) && !options->kernel_threads) {
        return false;
    }
    if ((proc->flags & PROC_THREAD) && !options->user_threads) {
        return false;
    }
    if (options->by_user && (!(proc->have & FACT_OWNER) || proc->uid != options->user)) {
        return false;
    }
    return !options->pids || pid_wanted(query, proc->id.pid) ||
           ((proc->flags & PROC_THREAD) && pid_wanted(query, proc->group_pid));
}

static int take_pids(struct query *query, const struct query_options *options)
{
    map_reset(query->pids);
    for (size_t i = 0; options->pids && i < options->pid_count; i++) {
        if (!map_put(query->pids, (struct proc_id){.pid = options->pids[i]})) {
            return -ENOMEM;
        }
    }
    return 0;
}

/* Merge living and exited processes, both ascending, into the nodes. */
static void collect(struct query *query, const struct snapshot *snap,
                    const struct query_options *options)
{
    size_t exited_count = options->exited ? snap->exited_count : 0;
    bool filtered = options->filter && options->filter[0] != '\0';
    size_t living = 0;
    size_t exited = 0;

    query->node_count = 0;
    while (living < snap->proc_count || exited < exited_count) {
        bool take_living = exited == exited_count ||
                           (living < snap->proc_count &&
                            proc_id_compare(snap->procs[living].id, snap->exited[exited].id) <= 0);
        const struct proc *proc = take_living ? &snap->procs[living++] : &snap->exited[exited++];
        if (!in_scope(query, proc, options)) {
            continue;
        }
        bool matches = !filtered || query_matches_text(proc, options->filter);
        // The tree needs the others too: something below them may match.
        if (matches || options->tree) {
            query->nodes[query->node_count++] = (struct tree_node){
                .proc = proc, .id = proc->id, .matches = matches, .row = TREE_NONE};
        }
    }
}

static bool in_order(const struct sort_item *a, const struct sort_item *b, bool descending)
{
    if (a->key != b->key || !a->text) {
        return a->key <= b->key;
    }
    struct value left = {.kind = VALUE_TEXT, .as.text = {.ptr = a->text, .bytes = a->bytes}};
    struct value right = {.kind = VALUE_TEXT, .as.text = {.ptr = b->text, .bytes = b->bytes}};
    int order = value_compare(&left, &right);
    return descending ? order >= 0 : order <= 0;
}

/* Merge two neighbouring runs, [low, middle) and [middle, high). */
static void merge(const struct sort_item *from, struct sort_item *to, const size_t bounds[3],
                  bool descending)
{
    size_t low = bounds[0];
    size_t middle = bounds[1];
    size_t high = bounds[2];

    if (middle >= high || in_order(&from[middle - 1], &from[middle], descending)) {
        memcpy(to + low, from + low, (high - low) * sizeof(*to));
        return;
    }
    size_t left = low;
    size_t right = middle;
    for (size_t at = low; at < high; at++) {
        bool take_left =
            right == high || (left < middle && in_order(&from[left], &from[right], descending));
        to[at] = from[take_left ? left++ : right++];
    }
}

/*
 * Fill the items with the nodes that have a value, and the end of query->sorted with the
 * others. Returns how many have one.
 */
static size_t make_items(struct query *query, const struct snapshot *snap,
                         const struct query_options *options)
{
    size_t count = 0;

    for (uint32_t i = 0; i < query->node_count; i++) {
        struct value value = column_value(options->sort, query->nodes[i].proc, snap->provided);
        if (value.kind == VALUE_NONE) {
            query->sorted[i - count] = i; // moved to its place when it is known
            continue;
        }
        uint64_t key = value_sort_key(&value);
        struct sort_item *item = &query->items[count++];
        *item = (struct sort_item){.key = options->descending ? ~key : key, .node = i};
        if (value.kind == VALUE_TEXT) {
            item->text = value.as.text.ptr;
            item->bytes = value.as.text.bytes;
        }
    }
    memmove(query->sorted + count, query->sorted,
            (query->node_count - count) * sizeof(*query->sorted));
    return count;
}

/* Order query->sorted by the sort column. Not qsort: it is not stable and takes no context. */
static void sort_nodes(struct query *query, const struct snapshot *snap,
                       const struct query_options *options)
{
    size_t count = make_items(query, snap, options);
    struct sort_item *from = query->items;
    struct sort_item *to = query->spare;

    for (size_t run = 1; run < count; run *= 2) {
        for (size_t low = 0; low < count; low += 2 * run) {
            size_t middle = low + run < count ? low + run : count;
            size_t high = low + 2 * run < count ? low + 2 * run : count;
            merge(from, to, (const size_t[]){low, middle, high}, options->descending);
        }
        struct sort_item *swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 0; i < count; i++) {
        query->sorted[i] = from[i].node;
    }
}

/* The node of a process. */
static uint32_t find_node(const struct query *query, struct proc_id id)
{
    const struct tree_node *const node =
        proc_id_find(query->nodes, query->node_count, sizeof(*query->nodes), id);
    return node != NULL ? (uint32_t)(node - query->nodes) : TREE_NONE;
}

int query_run(struct query *query, const struct snapshot *snap, const struct query_options *options)
{
    query->node_count = 0;
    query->row_count = 0;
    int error = reserve(query, snap->proc_count + snap->exited_count);
    if (error == 0) {
        error = take_pids(query, options);
    }
    if (error < 0) {
        return error;
    }

    collect(query, snap, options);
    sort_nodes(query, snap, options);
    if (options->tree) {
        query->row_count =
            tree_rows(query->nodes, query->sorted, query->node_count, options->folded, query->rows);
    } else {
        query->row_count = query->node_count;
        for (uint32_t i = 0; i < query->row_count; i++) {
            struct tree_node *node = &query->nodes[query->sorted[i]];
            node->row = i;
            query->rows[i] = (struct query_row){.proc = node->proc};
        }
    }
    return 0;
}

const struct query_row *query_rows(const struct query *query)
{
    return query->rows;
}

size_t query_count(const struct query *query)
{
    return query->row_count;
}

ptrdiff_t query_find(const struct query *query, struct proc_id id)
{
    uint32_t node = find_node(query, id);

    if (node == TREE_NONE || query->nodes[node].row == TREE_NONE) {
        return -1;
    }
    return (ptrdiff_t)query->nodes[node].row;
}

fact_mask query_needs(const struct query_options *options)
{
    const struct column *column = column_info(options->sort);
    fact_mask needs = FACT_IDENT | column->need | column->want;

    if (options->filter && options->filter[0] != '\0') {
        needs |= FACT_CMDLINE | FACT_USER | FACT_OWNER;
    }
    if (options->by_user) {
        needs |= FACT_OWNER;
    }
    return needs & FACT_READABLE; // the derived bits follow from the others
}
