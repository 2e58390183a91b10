#ifndef UI_CPU_PICKER_H
#define UI_CPU_PICKER_H

#include "base/cpuset.h"
#include "base/topology.h"
#include "ui/action.h"
#include "ui/dialog.h"
#include "ui/input.h"
#include "ui/surface.h"

#include <stdbool.h>

/*
 * Choose CPUs: a tree of packages, NUMA nodes, cores and threads to tick, a line to type ranges
 * into, and presets. What the cpuset forbids is shown, but cannot be ticked. Knows nothing of
 * processes.
 */
struct cpu_picker;

/* Create one without CPUs. `title` is copied. Owns: the caller: cpu_picker_destroy().
 * Errors: NULL when out of memory. */
struct cpu_picker *cpu_picker_create(const char *title);

/* NULL is a no-op. */
void cpu_picker_destroy(struct cpu_picker *picker);

/* Give it what is known, once that has come: the CPUs there are (NULL: not known, then numbers
 * in `allowed`), the ones that may be chosen (empty: not known, then nothing typed is refused),
 * and the ones chosen now. What the user has changed already stays. Errors: -ENOMEM; nothing is
 * changed then. */
int cpu_picker_set(struct cpu_picker *picker, const struct topology *topology,
                   const struct cpu_set *allowed, const struct cpu_set *chosen);

/* Replace the title (the scope changed) and the note below it. */
void cpu_picker_set_title(struct cpu_picker *picker, const char *title);

/* Show a note below the title; "" for none. What it has to say itself about the last key stands
 * in its place until the next one. */
void cpu_picker_set_note(struct cpu_picker *picker, const char *note, bool error);

/* Do an action of CONTEXT_MENU. Accepting an empty set is refused with a note. */
enum menu_outcome cpu_picker_act(struct cpu_picker *picker, enum action_id action);

/* Take a typed key: digits, ',', '-', ':', Backspace and Ctrl-U edit the line, where a digit begins
 * a list of ticks anew; letters are presets, 'q' cancels. */
enum menu_outcome cpu_picker_key(struct cpu_picker *picker, struct key key);

/* Take a mouse report relative to the area drawn in: a press moves, or toggles the row it is on. */
enum menu_outcome cpu_picker_mouse(struct cpu_picker *picker, const struct mouse *mouse);

/* Whether the user has ticked or typed something. */
bool cpu_picker_touched(const struct cpu_picker *picker);

/* What is chosen now. Owns: the picker. */
const struct cpu_set *cpu_picker_chosen(const struct cpu_picker *picker);

/* Columns it would like to have, frame included. */
int cpu_picker_width(const struct cpu_picker *picker);

/* Set the height it is drawn in, so that the cursor stays in view. */
void cpu_picker_layout(struct cpu_picker *picker, int height);

/* Draw over the whole surface given. */
void cpu_picker_draw(const struct cpu_picker *picker, struct surface *surface);

#endif
