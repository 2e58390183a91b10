#ifndef UI_CPU_PICKER_STATE_H
#define UI_CPU_PICKER_STATE_H

#include "ui/cpu_picker.h"
#include "ui/cpu_tree.h"

/* Private to cpu_picker*.c: the state of the picker and how its files call each other. */

enum {
    CPU_LINE_BYTES =
        28672, // the longest list there is (0-1,3-4,6-7 ...) and what is typed after it
    CPU_PRESET_COUNT = 8,
};

/*
 * Three texts and sets follow each other: `line` is what is typed, or the canonical list of what
 * was ticked; `wanted` is what it means; `chosen` is what remains of that among the CPUs that can
 * be chosen. Ticks show `chosen`, so they never lie, whatever is typed.
 */
struct cpu_picker {
    struct cpu_tree tree;
    bool is_known;          // cpu_picker_set() was called
    bool has_topology;      // or else `tree` is what is allowed
    bool has_allowed;       // `allowed` means something
    struct cpu_set allowed; // by the cpuset
    struct cpu_set present; // in the tree, offline ones too
    struct cpu_set online;  // of those
    struct cpu_set wanted, chosen;
    bool touched; // by the user
    size_t cursor, top, rows;
    int height; // it was laid out for; 0: not yet
    int widest; // cells of the widest row, as far as that matters
    char title[200];
    char note[200];       // from outside
    char response[200];   // to the last key; "" for none; stands before the note
    char restriction[96]; // what the cpuset allows; "" when it allows all
    bool note_is_error, response_is_error;
    bool line_is_typed; // or else a digit begins it anew
    bool line_is_valid;
    size_t line_len, line_limit;
    char line[CPU_LINE_BYTES];
};

/* What stands in which of the rows of the area drawn in. */
struct cpu_arrangement {
    int note_rows; // below the title
    bool has_restriction;
    int head; // above the list
    size_t rows, top;
    bool has_footer;
};

/* Arrange it in so many rows of the screen. */
struct cpu_arrangement cpu_picker_arrange(const struct cpu_picker *picker, int height);

/* The first row in view, given the one that was, so that the cursor is and no line is wasted. */
size_t cpu_picker_top(const struct cpu_picker *picker, size_t rows);

/* Cells of the widest row, as far as that matters. */
int cpu_picker_widest_row(const struct cpu_picker *picker);

/* Whether a CPU can be chosen. As long as nothing is known, all can. */
bool cpu_picker_may_choose(const struct cpu_picker *picker, uint32_t cpu);

/* Take out of a set what cannot be chosen. */
void cpu_picker_keep_choosable(const struct cpu_picker *picker, struct cpu_set *set);

/* Why nothing in a row can be chosen; "" when something can. Owns: static storage. */
const char *cpu_picker_refusal(const struct cpu_picker *picker, const struct cpu_row *row);

/* What a preset needs to mean something. */
enum preset_need { NEED_NOTHING, NEED_NODES, NEED_PACKAGES, NEED_KINDS };

/* Choices made with one key. Strings are static. */
struct cpu_preset {
    char key;
    enum preset_need need;
    const char *label, *brief; // brief: where there is little room

    /* Put into the set, empty before, what it chooses. NULL: nothing. */
    void (*choose)(const struct cpu_picker *picker, struct cpu_set *set);
};

/* All presets, in the order they are shown in. */
extern const struct cpu_preset cpu_presets[CPU_PRESET_COUNT];

/* Whether it means something for these CPUs. */
bool cpu_preset_applies(const struct cpu_preset *preset, const struct cpu_tree *tree);

#endif
