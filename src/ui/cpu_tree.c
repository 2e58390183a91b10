#include "ui/cpu_tree.h"

#include <errno.h>
#include <stdlib.h>

enum {
    LEVELS_MAX = 4,    // rows a single CPU can add
    LIST_BYTES = 1024, // of a row's CPUs; no screen shows more
};

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_places(const void *left, const void *right)
{
    const struct cpu_place *a = left;
    const struct cpu_place *b = right;
    const int by[] = {
        compare_numbers(a->package, b->package), compare_numbers(a->node, b->node),
        compare_numbers(a->core, b->core),       compare_numbers(a->thread, b->thread),
        compare_numbers(a->cpu, b->cpu),
    };
    for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
        if (by[i] != 0) {
            return by[i];
        }
    }
    return 0;
}

static bool same_package(const struct cpu_place *a, const struct cpu_place *b)
{
    return a->package == b->package;
}

static bool same_node(const struct cpu_place *a, const struct cpu_place *b)
{
    return same_package(a, b) && a->node == b->node;
}

bool cpu_same_core(const struct cpu_place *a, const struct cpu_place *b)
{
    return a->core >= 0 && a->core == b->core && same_node(a, b);
}

/* Copy the CPUs. Errors: -ENOMEM. */
static int take_places(struct cpu_tree *tree, const struct topology *topology,
                       const struct cpu_set *set)
{
    const bool known = topology != NULL && topology->count > 0;
    const size_t limit = known ? topology->count : CPU_SET_MAX;
    tree->places = calloc(limit, sizeof(*tree->places));
    if (tree->places == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < limit; i++) {
        const uint32_t cpu = known ? topology->places[i].cpu : (uint32_t)i;
        if (known && cpu < CPU_SET_MAX) {
            tree->places[tree->place_count++] = topology->places[i];
        } else if (!known && cpu_set_has(set, cpu)) {
            tree->places[tree->place_count++] = (struct cpu_place){
                .cpu = cpu, .package = -1, .node = -1, .core = -1, .online = true};
        }
    }
    qsort(tree->places, tree->place_count, sizeof(*tree->places), compare_places);
    return 0;
}

/* Find out which levels tell something. */
static void find_levels(struct cpu_tree *tree)
{
    struct cpu_set nodes = {0};
    size_t packages = 0;
    size_t pairs = 0; // of a package and a node
    unsigned kinds = 0;
    for (size_t i = 0; i < tree->place_count; i++) {
        const struct cpu_place *place = &tree->places[i];
        packages += i == 0 || !same_package(place, place - 1);
        pairs += i == 0 || !same_node(place, place - 1);
        kinds |= 1u << (unsigned)place->kind;
        if (place->node >= 0) {
            cpu_set_add(&nodes, (uint32_t)place->node);
        }
    }
    tree->has_packages = packages > 1;
    tree->has_nodes = cpu_set_count(&nodes) > 1;
    tree->has_node_rows = tree->has_nodes && pairs > packages;
    tree->has_kinds = (kinds & (kinds - 1)) != 0;
}

/* How many CPUs from `first` on are the same by `same`. */
static uint32_t run(const struct cpu_tree *tree, size_t first,
                    bool (*same)(const struct cpu_place *a, const struct cpu_place *b))
{
    size_t end = first + 1;
    while (end < tree->place_count && same(&tree->places[first], &tree->places[end])) {
        end++;
    }
    return (uint32_t)(end - first);
}

static void add_row(struct cpu_tree *tree, enum cpu_row_kind kind, uint32_t depth, size_t first,
                    uint32_t count)
{
    tree->rows[tree->row_count++] =
        (struct cpu_row){.kind = kind, .depth = depth, .first = (uint32_t)first, .count = count};
}

static void add_rows(struct cpu_tree *tree)
{
    const uint32_t depth = (tree->has_packages ? 1u : 0u) + (tree->has_node_rows ? 1u : 0u);
    uint32_t threads = 0; // of the core that has begun
    for (size_t i = 0; i < tree->place_count; i++) {
        const struct cpu_place *place = &tree->places[i];
        if (tree->has_packages && (i == 0 || !same_package(place, place - 1))) {
            add_row(tree, CPU_ROW_PACKAGE, 0, i, run(tree, i, same_package));
        }
        if (tree->has_node_rows && (i == 0 || !same_node(place, place - 1))) {
            add_row(tree, CPU_ROW_NODE, depth - 1, i, run(tree, i, same_node));
        }
        if (i == 0 || !cpu_same_core(place, place - 1)) {
            threads = run(tree, i, cpu_same_core);
            add_row(tree, place->core < 0 ? CPU_ROW_THREAD : CPU_ROW_CORE, depth, i, threads);
        }
        if (threads > 1) {
            add_row(tree, CPU_ROW_THREAD, depth + 1, i, 1);
        }
    }
}

int cpu_tree_init(struct cpu_tree *ret, const struct topology *topology, const struct cpu_set *set)
{
    struct cpu_tree tree = {0};
    if (take_places(&tree, topology, set) != 0) {
        return -ENOMEM;
    }
    tree.rows =
        calloc(tree.place_count > 0 ? tree.place_count : 1, LEVELS_MAX * sizeof(*tree.rows));
    if (tree.rows == NULL) {
        cpu_tree_finish(&tree);
        return -ENOMEM;
    }
    find_levels(&tree);
    add_rows(&tree);
    *ret = tree;
    return 0;
}

void cpu_tree_finish(struct cpu_tree *tree)
{
    free(tree->places);
    free(tree->rows);
    *tree = (struct cpu_tree){0};
}

void cpu_tree_group(const struct cpu_tree *tree, size_t index, struct cpu_set *ret)
{
    *ret = (struct cpu_set){0};
    const struct cpu_row *row = &tree->rows[index];
    const struct cpu_place *here = &tree->places[row->first];
    const bool by_node = tree->has_node_rows && row->kind != CPU_ROW_PACKAGE;
    for (size_t i = 0; i < tree->place_count; i++) {
        const struct cpu_place *place = &tree->places[i];
        if (by_node ? place->node == here->node
                    : !tree->has_packages || same_package(place, here)) {
            cpu_set_add(ret, place->cpu);
        }
    }
}

static void add_number(struct strbuf *buf, const char *name, int32_t number)
{
    if (number >= 0) {
        str_addf(buf, "%s %d", name, (int)number);
    } else {
        str_addf(buf, "%s not known", name);
    }
}

/* Append "  (CPU 3, 11)". */
static void add_cpus(const struct cpu_tree *tree, const struct cpu_row *row, struct strbuf *buf)
{
    struct cpu_set set = {0};
    for (uint32_t i = 0; i < row->count; i++) {
        cpu_set_add(&set, tree->places[row->first + i].cpu);
    }
    char list[LIST_BYTES];
    struct strbuf text;
    str_init(&text, list, sizeof(list));
    cpu_set_format(&set, &text);
    str_add(buf, "  (CPU ");
    for (const char *c = list; *c != '\0'; c++) {
        str_add_bytes(buf, c, 1);
        str_add(buf, *c == ',' ? " " : "");
    }
    str_add(buf, text.overflow ? ", ...)" : ")");
}

static void add_kind(struct strbuf *buf, enum core_kind kind)
{
    switch (kind) {
    case CORE_PERFORMANCE:
        str_add(buf, "  P-core");
        break;
    case CORE_EFFICIENCY:
        str_add(buf, "  E-core");
        break;
    case CORE_UNKNOWN:
        break;
    }
}

void cpu_tree_label(const struct cpu_tree *tree, const struct cpu_row *row, struct strbuf *buf)
{
    const struct cpu_place *place = &tree->places[row->first];
    switch (row->kind) {
    case CPU_ROW_PACKAGE:
        add_number(buf, "package", place->package);
        if (tree->has_nodes && !tree->has_node_rows) { // then a package has one node only
            add_number(buf, ", node", place->node);
        }
        add_cpus(tree, row, buf);
        break;
    case CPU_ROW_NODE:
        add_number(buf, "node", place->node);
        add_cpus(tree, row, buf);
        break;
    case CPU_ROW_CORE:
        add_number(buf, "core", place->core);
        add_cpus(tree, row, buf);
        add_kind(buf, tree->has_kinds ? place->kind : CORE_UNKNOWN);
        break;
    case CPU_ROW_THREAD:
        str_addf(buf, "CPU %u", place->cpu);
        break;
    }
}
