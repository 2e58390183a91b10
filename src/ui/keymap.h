#ifndef UI_KEYMAP_H
#define UI_KEYMAP_H

#include "base/str.h"
#include "ui/action.h"
#include "ui/input.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One row of the default table and one line of the user's keys file have the same form. */
struct binding {
    enum context context;
    const char *key; // as shown to people: "q", "F10", "C-r", "M-x", "S-F3", "Space"
    enum action_id action;
    int8_t footer; // > 0: place in the footer, lowest first
};

/*
 * What every key means. Starts as the default table; the user's lines are laid over it.
 * Binding a key to "none" takes its meaning away.
 */
struct keymap;

/*
 * Build the default keymap.
 * Owns: the caller, who ends it with keymap_destroy().
 * Errors: -ENOMEM. A bad default row is a bug and asserts.
 */
int keymap_create(struct keymap **ret);

/* NULL is a no-op. */
void keymap_destroy(struct keymap *keymap);

/*
 * Apply one line of user configuration: CONTEXT KEY ACTION. Blank lines and '#' comments
 * are fine.
 * Errors: -EINVAL with a sentence for people in `error`.
 */
int keymap_bind_line(struct keymap *keymap, const char *line, struct strbuf *error);

/* What a key means here. Errors: ACTION_NONE when it means nothing. */
enum action_id keymap_find(const struct keymap *keymap, enum context context, struct key key);

/* Add the first key of an action where it counts. False when it has none. */
bool keymap_key(const struct keymap *keymap, enum context context, enum action_id action,
                struct strbuf *buf);

/* `keys` is all keys of one action in that context, joined: "q, F10". */
typedef void keymap_visitor(void *context, const struct action *action, enum context where,
                            const char *keys);

/*
 * Visit every action that has a key, by group and then by action. The help pane,
 * `--help-keys` and the man page are each such a visitor.
 */
void keymap_visit(const struct keymap *keymap, keymap_visitor *visit, void *context);

/* One place of the footer: the first key of an action that wants to stand there. */
struct footer_item {
    enum action_id action;
    char key[12]; // "F1"
};

/* The footer of a context, in order; at most `max`. Returns how many. */
size_t keymap_footer(const struct keymap *keymap, enum context context, struct footer_item *ret,
                     size_t max);

/* Read a key's name. Errors: false when there is no such key. */
bool key_parse(const char *name, struct key *ret);

/* Append a key's name in the form key_parse() reads. */
void key_format(struct key key, struct strbuf *buf);

#endif
