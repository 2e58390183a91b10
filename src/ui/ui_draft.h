#ifndef UI_UI_DRAFT_H
#define UI_UI_DRAFT_H

#include "base/deed.h"
#include "base/str.h"
#include "ui/pane_process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Private to ui.c and ui_*.c: a deed in the making. From the moment a dialog about processes
 * opens it holds who is meant; whatever happens to the list meanwhile, the deed goes to those
 * named in the title or to nobody. Its stages: a value is chosen, the list of whom it reaches
 * is confirmed, "yes" is typed; each only where it is needed.
 */

struct connection;
struct effects;
struct ui;

enum { CHOICES_MAX = 8 };

/* One answer to the question whom a deed is for. */
struct choice {
    enum scope_kind kind;
    bool one_thread; // see struct deed
    struct scope_size size;
};

/* A deed in the making. */
struct draft {
    struct deed deed;
    bool held;             // the engine was asked to hold the targets
    struct proc_id anchor; // what was under the cursor
    bool anchor_is_thread;
    struct target thread; // of the anchor, one the list need not have; id.pid 0: none
    struct choice choices[CHOICES_MAX];
    size_t choice_count, choice;
    struct target *targets; // owned
    size_t target_count;
    struct target *members; // owned; others a deed strikes, as far as told: in the cgroup, or
                            // holding the connection
    size_t member_count;
    uint32_t job;
    bool inspected;        // `now` means something
    struct inspection now; // without its topology
    int64_t signal;        // chosen in the menu of signals; 0: none
    bool toggled;          // reset-on-fork was switched by the user
};

/*
 * Begin a deed of this kind for the process under the cursor or those tagged. Says why when
 * there is nobody it could be done to, or too many.
 * Owns: the interface, see ui_draft_drop(). Errors: false.
 */
bool ui_draft_begin(struct ui *ui, enum deed_kind kind);

/*
 * Begin to close this connection: its first holder is the target, the others are members. It must
 * have a cookie.
 * Owns: the interface, as above. Errors: false.
 */
bool ui_draft_begin_close(struct ui *ui, const struct connection *connection);

/* Free it. NULL is a no-op. */
void ui_draft_destroy(struct draft *draft);

/* Forget it; targets are let go of. */
void ui_draft_drop(struct ui *ui, struct effects *effects);

/* Have the targets held, and how they are now found out. */
void ui_draft_inspect(struct ui *ui, struct effects *effects);

/* Take the next (`step` 1) or previous (-1) answer to whom it is for, and inspect again. */
void ui_draft_step(struct ui *ui, int step, struct effects *effects);

/* The value is complete: ask what must be asked, then do it. False when nothing more is to be
 * asked: an open dialog may close. */
bool ui_draft_decide(struct ui *ui, struct effects *effects);

/* Ask the program to do it. */
void ui_draft_perform(struct ui *ui, struct effects *effects);

/* True when it is only done after "yes" was typed: somebody it reaches is protected, or it kills
 * more than were chosen. */
bool ui_draft_is_protected(const struct draft *draft);

/* Append whom it is for: "4242 nginx (www-data)", "5 processes: 1 init, ...". */
void ui_draft_whom(const struct ui *ui, struct strbuf *buf);

/* Append likewise, without names where there are several: "5 processes". */
void ui_draft_whom_short(const struct draft *draft, struct strbuf *buf);

/* Append what would be done, without to whom: "send SIGTERM to", "set nice 5 for". */
void ui_draft_deed(const struct ui *ui, struct strbuf *buf);

/* Append who of the targets is no more. False when all are there. */
bool ui_draft_gone(const struct ui *ui, struct strbuf *buf);

/* Append the value the targets have now: "now: best-effort 4". */
void ui_draft_value(const struct ui *ui, struct strbuf *buf);

/* Append the other answers to whom it is for, and the key for them; nothing without any. */
void ui_draft_choices(const struct ui *ui, struct strbuf *buf);

/* Append where the cgroup is and how many processes are in it, or why it cannot be acted on.
 * True when it can. */
bool ui_draft_cgroup(const struct ui *ui, struct strbuf *buf);

#endif
