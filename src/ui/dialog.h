#ifndef UI_DIALOG_H
#define UI_DIALOG_H

#include "ui/action.h"
#include "ui/input.h"
#include "ui/pane.h"
#include "ui/surface.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A list to choose from, over the left part of the pane below it so that the processes stay
 * in sight: signals, sort columns, users, shown columns. Typing letters or digits goes to the
 * first item that begins like that (or whose number is that).
 */
struct menu;

enum { MENU_WIDTH_USUAL = 60 }; // a wider one would hide the processes behind it

/* One item; copied by the menu. */
struct menu_item {
    int64_t value;     // what choosing it means
    char label[64];    // safe text
    char detail[256];  // dimmed, behind the label; may be empty
    bool ticked;       // with a mark in front, for lists of things switched on
    bool disabled;     // dimmed: choosing it is refused by whoever made the menu
    bool alarming;     // in the colour of warnings
    char shortcut[16]; // typed text that goes to this item, besides the label; may be empty
};

/* What a number means, in a few words; "" for nothing worth saying. Owns: static storage. */
typedef const char *menu_meaning(int64_t number);

/* What became of a key or action given to a menu. */
enum menu_outcome { MENU_OPEN, MENU_CHOSEN, MENU_CANCELLED };

/*
 * Create an empty menu. `title` and `note` (a line below it, may be "") are copied.
 * Owns: the caller, who ends it with menu_destroy(). Errors: NULL when out of memory.
 */
struct menu *menu_create(const char *title, const char *note);

/* NULL is a no-op. */
void menu_destroy(struct menu *menu);

/* Replace the title. */
void menu_set_title(struct menu *menu, const char *title);

/* Replace the note, for instance when the target is gone. It takes up to three lines. */
void menu_set_note(struct menu *menu, const char *note, bool error);

/* Show another dimmed text below the note, where there is room; "" for none. */
void menu_set_hint(struct menu *menu, const char *hint);

/*
 * Let a number be typed that need not be among the items; what is typed or under the cursor
 * is shown with its meaning.
 */
void menu_allow_number(struct menu *menu, int64_t min, int64_t max, menu_meaning *meaning);

/* Show a number as if it had been typed; the first key typed replaces it. */
void menu_set_number(struct menu *menu, int64_t number);

/* The number typed, or the value of the item under the cursor. False when there is none. */
bool menu_number(const struct menu *menu, int64_t *ret);

/* Take all items out, to add others. */
void menu_clear(struct menu *menu);

/* Whether the user has moved or typed since it opened. */
bool menu_touched(const struct menu *menu);

/* Append an item. Errors: -ENOMEM, -E2BIG past 65,536. */
int menu_add(struct menu *menu, const struct menu_item *item);

/* Put the cursor on the first item with this value; false when there is none. */
bool menu_select(struct menu *menu, int64_t value);

/* Allow ACTION_TOGGLE_ITEM and ACTION_MOVE_ITEM_*: a list to be edited. */
void menu_make_editable(struct menu *menu);

/* Do an action of CONTEXT_MENU. */
enum menu_outcome menu_act(struct menu *menu, enum action_id action);

/* Take a typed key that has no action here. */
enum menu_outcome menu_key(struct menu *menu, struct key key);

/* Take a mouse report relative to the area given to menu_draw(): press selects, a press on
 * the selected item chooses it. */
enum menu_outcome menu_mouse(struct menu *menu, const struct mouse *mouse);

/* The item under the cursor. Owns: the menu. Errors: NULL when it is empty. */
const struct menu_item *menu_selected(const struct menu *menu);

/* The item at an index below menu_count(), in the order shown. Owns: the menu. */
const struct menu_item *menu_at(const struct menu *menu, size_t index);

/* Number of items. */
size_t menu_count(const struct menu *menu);

/* Columns it would like to have, frame included, `most` at the most. */
int menu_width(const struct menu *menu, int most);

/* Set the size it is drawn in, in cells, so that the cursor stays in view. */
void menu_layout(struct menu *menu, int width, int height);

/* Draw over the whole surface given. */
void menu_draw(const struct menu *menu, struct surface *surface);

#endif
