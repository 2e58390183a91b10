#ifndef UI_CPU_TREE_H
#define UI_CPU_TREE_H

#include "base/cpuset.h"
#include "base/str.h"
#include "base/topology.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a row of the tree stands for. */
enum cpu_row_kind { CPU_ROW_PACKAGE, CPU_ROW_NODE, CPU_ROW_CORE, CPU_ROW_THREAD };

/* One row: CPUs next to each other in `places`. */
struct cpu_row {
    enum cpu_row_kind kind;
    uint32_t depth;
    uint32_t first, count; // of cpu_tree.places
};

/*
 * CPUs as rows, parents before their children, without levels that would tell nothing: packages
 * where there are several, nodes where they are not the packages again, threads where a core has
 * several. Zero-initialise for one without CPUs.
 */
struct cpu_tree {
    struct cpu_place *places; // by package, node, core, thread
    struct cpu_row *rows;
    size_t place_count, row_count;
    bool has_packages, has_node_rows; // levels that are there
    bool has_nodes;                   // several, with rows of their own or not
    bool has_kinds;                   // cores of different kinds
};

/*
 * Build it from the machine's CPUs or, when they are not known (NULL or empty), from the numbers
 * in a set. Numbers from CPU_SET_MAX on are left out.
 * Owns: the caller, who ends it with cpu_tree_finish(). Errors: -ENOMEM; *ret is then untouched.
 */
int cpu_tree_init(struct cpu_tree *ret, const struct topology *topology, const struct cpu_set *set);

/* Free what it holds. */
void cpu_tree_finish(struct cpu_tree *tree);

/* Whether two CPUs are threads of the same core. */
bool cpu_same_core(const struct cpu_place *a, const struct cpu_place *b);

/* The CPUs of the group (node, or else package, or else machine) the row at `index` is in. */
void cpu_tree_group(const struct cpu_tree *tree, size_t index, struct cpu_set *ret);

/* Append what a row is called: "core 3  (CPU 3, 11)  P-core". */
void cpu_tree_label(const struct cpu_tree *tree, const struct cpu_row *row, struct strbuf *buf);

#endif
