#ifndef UI_SURFACE_H
#define UI_SURFACE_H

#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An area in terminal cells. */
struct rect {
    int x, y, width, height; // cells; never negative sizes
};

/*
 * What something is, never what colour it has. theme.c turns a role into a style and
 * term_curses.c turns a style into what this terminal can do. The letter is the one the
 * role has in golden screens, see surface_dump().
 */
enum role {
    ROLE_TEXT,
    ROLE_DIM,
    ROLE_ABSENT,
    ROLE_ERROR,
    ROLE_WARNING,
    ROLE_METER_LABEL,
    ROLE_METER_VALUE,
    ROLE_BAR_FRAME,
    ROLE_CPU_NICE,
    ROLE_CPU_USER,
    ROLE_CPU_SYSTEM,
    ROLE_CPU_IRQ,
    ROLE_CPU_SOFTIRQ,
    ROLE_CPU_STEAL,
    ROLE_CPU_GUEST,
    ROLE_CPU_IOWAIT,
    ROLE_MEM_USED,
    ROLE_MEM_SHARED,
    ROLE_MEM_BUFFERS,
    ROLE_MEM_CACHE,
    ROLE_SWAP_USED,
    ROLE_SWAP_CACHE,
    ROLE_TABLE_HEAD,
    ROLE_TABLE_HEAD_SORT,
    ROLE_SELECTED,
    ROLE_FOLLOWED,
    ROLE_TAGGED,
    ROLE_NEW,
    ROLE_EXITED,
    ROLE_THREAD,
    ROLE_KERNEL,
    ROLE_BASENAME,
    ROLE_TREE,
    ROLE_STATE_RUNNING,
    ROLE_STATE_BLOCKED, // D
    ROLE_STATE_ZOMBIE,
    ROLE_STATE_STOPPED,
    ROLE_VALUE_LOW,  // near nothing: not worth a look
    ROLE_VALUE_HIGH, // worth a look
    ROLE_VALUE_ALARM,
    ROLE_NICE_LOW,  // nice below 0: more than its share
    ROLE_NICE_HIGH, // nice above 0
    ROLE_KEY,       // footer: the key
    ROLE_KEY_LABEL, // footer: what it does
    ROLE_STATUS,
    ROLE_PROMPT,
    ROLE_MATCH, // the part of a text that was searched for
    ROLE_MENU,
    ROLE_MENU_TITLE,
    ROLE_MENU_SELECTED,
    ROLE_MENU_BORDER,
    ROLE_HELP_TITLE,
    ROLE_TABLE_HEAD_IDLE, // of a table that does not have the focus
    ROLE_GRAPH,
    ROLE_GRAPH_OTHER, // the second of two lines
    ROLE_MEM_HUGE,    // set aside as huge pages
    ROLE_MEM_KERNEL,
    ROLE_MEM_SLAB,
    ROLE_MEM_OTHER, // the rest of what is used
    ROLE_COUNT,
};

/* One terminal cell; a wide glyph fills a lead cell and a follower of width 0. */
struct cell {
    char glyph[12]; // UTF-8 with combining marks that fit; never a control byte
    uint8_t len;
    uint8_t width; // 0, 1 or 2
    uint8_t role;  // enum role
    uint8_t flags; // CELL_*
};

enum { CELL_REVERSE = 1u << 0, CELL_BOLD = 1u << 1 };

/*
 * A grid panes draw on. Drawing is clipped to `clip` and coordinates are relative to it, so
 * no caller checks bounds; a wide glyph cut by the edge becomes a space.
 */
struct surface {
    struct cell *cells; // width * height, row by row
    int width, height;
    struct rect clip;
};

/* True when two cells show the same. */
bool surface_same_cell(const struct cell *a, const struct cell *b);

enum { SURFACE_MAX_SIDE = 4096 }; // cells; a terminal that claims more is taken at this

/*
 * Give the surface cells for this size (clamped to 1..SURFACE_MAX_SIDE), all blank, clip the
 * whole. Zero-initialise the struct before the first time.
 * Owns: the caller, who ends it with surface_finish(). Errors: -ENOMEM; unchanged then.
 */
int surface_resize(struct surface *surface, int width, int height);

/* Free the cells. A zeroed surface is a no-op. */
void surface_finish(struct surface *surface);

/* A view of `area` (relative to this clip) that shares the cells. Owns: the original surface. */
struct surface surface_sub(struct surface *surface, struct rect area);

/* Draw text at (x, y) of the clip area in at most `cells` columns; returns columns used. */
int surface_text(struct surface *surface, int x, int y, int cells, enum role role,
                 struct text text);

/*
 * Likewise, leaving out the first `skip` columns of the text: horizontal scrolling. A wide
 * glyph cut by the left edge becomes a space.
 */
int surface_text_from(struct surface *surface, int x, int y, int cells, enum role role,
                      struct text text, int skip);

/* Draw a NUL-terminated string of safe text (our own literals, formatted values). */
int surface_string(struct surface *surface, int x, int y, int cells, enum role role, const char *s);

/* Likewise, set against the right edge of `cells` columns. */
void surface_string_right(struct surface *surface, int x, int y, int cells, enum role role,
                          const char *s);

/* Columns a NUL-terminated string of safe text takes. */
int surface_cells(const char *s);

/* Fill a rectangle of the clip area with blanks. */
void surface_fill(struct surface *surface, struct rect area, enum role role);

/* Give the cells of a rectangle another role, keeping what they show: a selected row. */
void surface_recolour(struct surface *surface, struct rect area, enum role role);

/* Draw a frame along the inside of a rectangle. */
void surface_frame(struct surface *surface, struct rect area, enum role role);

/*
 * Turn every glyph into ASCII: lines, corners and blocks into - | + #, the rest into '?', for
 * terminals and locales without UTF-8. Widths stay.
 */
void surface_to_ascii(struct surface *surface);

/*
 * The grid as text for golden tests: one line per row without trailing blanks, then a line
 * "roles", then one line of role letters per row, '.' for ROLE_TEXT.
 * Returns bytes written without the NUL, or the bytes needed when that is more than `size`.
 */
size_t surface_dump(const struct surface *surface, char *buf, size_t size);

#endif
