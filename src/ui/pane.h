#ifndef UI_PANE_H
#define UI_PANE_H

#include "model/plan.h"
#include "ui/action.h"
#include "ui/graph.h"
#include "ui/input.h"
#include "ui/surface.h"

#include <stdbool.h>
#include <stdint.h>

struct history;
struct journal;
struct keymap;
struct log;
struct settings;
struct snapshot;
struct strbuf;

/* Everything a pane may look at while it draws or reacts. All of it is read-only but the
 * settings, which act() may change (they are the user's view, kept only with ACTION_SAVE). */
struct view {
    const struct snapshot *snap; // NULL until the first sample
    struct settings *settings;
    const struct keymap *keymap;
    const struct log *log;
    const struct journal *journal;
    const struct history *history;
    uint64_t now_ns; // monotonic, of the event being handled
    bool colour;     // false: roles differ by attributes only, so bars use distinct characters
    bool unicode;    // false: the surface will be turned into ASCII
    enum graph_glyphs graph; // what graphs are drawn with
    bool paused;
};

struct pane;

/*
 * A rectangle that shows something. State changes only in update(), act() and mouse(); draw()
 * takes a const pane, so drawing twice gives the same screen and a test needs no terminal.
 * Any member but draw and destroy may be NULL.
 */
struct pane_class {
    const char *name;
    enum context context;      // which bindings apply while it has the focus
    int min_width, min_height; // below this the pane is not laid out

    /* A new snapshot, size or setting arrived: re-sort, clamp scroll, keep the selection. */
    void (*update)(struct pane *pane, const struct view *view, struct rect area);

    /* Try an action. False when it is not this pane's business. */
    bool (*act)(struct pane *pane, const struct view *view, enum action_id action,
                struct effects *effects);

    /* A key that has no action here (digits, text). False when it means nothing. */
    bool (*key)(struct pane *pane, const struct view *view, struct key key,
                struct effects *effects);

    /* A mouse report, coordinates relative to the pane. */
    bool (*mouse)(struct pane *pane, const struct view *view, const struct mouse *mouse,
                  struct effects *effects);

    /* Add to the plan the facts needed to draw what is shown now. */
    void (*plan)(const struct pane *pane, const struct view *view, struct plan *plan);

    /* `focused`: keys go to it, once no menu is over it. */
    void (*draw)(const struct pane *pane, const struct view *view, bool focused,
                 struct surface *surface);

    /* The filter in force. Owns: the pane. NULL together with set_filter: there is none. */
    const char *(*filter)(const struct pane *pane);

    /* Set or clear ("") it. */
    void (*set_filter)(struct pane *pane, const struct view *view, const char *filter);

    /* Go to the next match of `text` from where the cursor is (`step` 1 or -1), or with 0 to the
     * first from where the search began. False when nothing matches. NULL together with the other
     * three: nothing can be searched. */
    bool (*search)(struct pane *pane, const struct view *view, const char *text, int step);

    /* Remember where the cursor is: where the search begins, and where cancelling it goes. */
    void (*search_begin)(struct pane *pane);
    void (*search_cancel)(struct pane *pane, const struct view *view);

    /* Mark where this text occurs ("" for nowhere): the search being typed. */
    void (*highlight)(struct pane *pane, const char *text);

    /* Add a sentence about what is shown, for the status line. */
    void (*describe)(const struct pane *pane, const struct view *view, struct strbuf *buf);

    /* Add the line under the cursor, without what was cut of it on the screen. False when there is
     * none. */
    bool (*copy)(const struct pane *pane, const struct view *view, struct strbuf *buf);

    void (*destroy)(struct pane *pane);
};

/* First member of every pane's own struct. */
struct pane {
    const struct pane_class *class;
    struct rect area;
};

#endif
