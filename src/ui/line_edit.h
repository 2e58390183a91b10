#ifndef UI_LINE_EDIT_H
#define UI_LINE_EDIT_H

#include "ui/action.h"
#include "ui/input.h"
#include "ui/surface.h"

#include <stdbool.h>
#include <stddef.h>

enum { LINE_EDIT_BYTES = 256 };

/* One line of text being typed. Valid UTF-8 and safe to show at all times. */
struct line_edit {
    char text[LINE_EDIT_BYTES]; // NUL-terminated
    size_t len;                 // bytes
    size_t cursor;              // byte offset, at a character boundary
};

/* Set the text (made safe, cut to fit); the cursor goes behind it. */
void line_edit_set(struct line_edit *edit, const char *text);

/* Insert a typed character; false when it is none that can stand in text, or full. */
bool line_edit_key(struct line_edit *edit, struct key key);

/* Do an editing action; false when it is not one. */
bool line_edit_act(struct line_edit *edit, enum action_id action);

/*
 * Draw in one row of `cells` columns, scrolled so that the cursor is inside. Returns the
 * cursor's column relative to x.
 */
int line_edit_draw(const struct line_edit *edit, struct surface *surface, int x, int y, int cells,
                   enum role role);

#endif
