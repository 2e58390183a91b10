#include "ui/cpu_picker_state.h"

#include <stddef.h>

static void choose_all(const struct cpu_picker *picker, struct cpu_set *set)
{
    *set = picker->online;
}

static void choose_first_threads(const struct cpu_picker *picker, struct cpu_set *set)
{
    const struct cpu_place *last = NULL; // chosen
    for (size_t i = 0; i < picker->tree.place_count; i++) {
        const struct cpu_place *place = &picker->tree.places[i];
        if (cpu_picker_may_choose(picker, place->cpu) &&
            (last == NULL || !cpu_same_core(last, place))) {
            cpu_set_add(set, place->cpu);
            last = place;
        }
    }
}

static void choose_group(const struct cpu_picker *picker, struct cpu_set *set)
{
    cpu_tree_group(&picker->tree, picker->cursor, set);
}

static void choose_others(const struct cpu_picker *picker, struct cpu_set *set)
{
    *set = picker->online;
    cpu_set_subtract(set, &picker->chosen);
}

static void choose_kind(const struct cpu_picker *picker, enum core_kind kind, struct cpu_set *set)
{
    for (size_t i = 0; i < picker->tree.place_count; i++) {
        if (picker->tree.places[i].kind == kind) {
            cpu_set_add(set, picker->tree.places[i].cpu);
        }
    }
}

static void choose_performance(const struct cpu_picker *picker, struct cpu_set *set)
{
    choose_kind(picker, CORE_PERFORMANCE, set);
}

static void choose_efficiency(const struct cpu_picker *picker, struct cpu_set *set)
{
    choose_kind(picker, CORE_EFFICIENCY, set);
}

const struct cpu_preset cpu_presets[CPU_PRESET_COUNT] = {
    {'a', NEED_NOTHING, "all", "all", choose_all},
    {'o', NEED_NOTHING, "one per core", "1/core", choose_first_threads},
    {'n', NEED_NODES, "node", "node", choose_group},
    {'n', NEED_PACKAGES, "package", "pkg", choose_group},
    {'i', NEED_NOTHING, "invert", "inv", choose_others},
    {'p', NEED_KINDS, "P-cores", "P-cores", choose_performance},
    {'e', NEED_KINDS, "E-cores", "E-cores", choose_efficiency},
    {'c', NEED_NOTHING, "clear", "clr", NULL},
};

bool cpu_preset_applies(const struct cpu_preset *preset, const struct cpu_tree *tree)
{
    switch (preset->need) {
    case NEED_NODES:
        return tree->has_node_rows;
    case NEED_PACKAGES:
        return tree->has_packages && !tree->has_node_rows;
    case NEED_KINDS:
        return tree->has_kinds;
    case NEED_NOTHING:
        break;
    }
    return true;
}
