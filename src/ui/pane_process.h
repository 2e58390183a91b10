#ifndef UI_PANE_PROCESS_H
#define UI_PANE_PROCESS_H

#include "ui/action.h"
#include "ui/pane.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strbuf;

/* The process table: sorted, filtered or as a tree, with a cursor, tags and search. */
struct pane_process;

/* What limits the list from the command line. Pointers are copied. */
struct pane_process_options {
    const int32_t *pids; // only these; NULL for all
    size_t pid_count;
    bool by_user;
    uint32_t user;
    const char *filter; // initial filter; NULL for none
};

/*
 * Owns: the caller, who ends it through pane_class.destroy().
 * Errors: NULL when out of memory.
 */
struct pane *pane_process_create(const struct pane_process_options *options);

/* Set or clear ("") the live filter. It stays until changed. */
void pane_process_set_filter(struct pane *pane, const struct view *view, const char *filter);

/* The filter in force. Owns: the pane. */
const char *pane_process_filter(const struct pane *pane);

/* Show only processes of this user, or of all. */
void pane_process_set_user(struct pane *pane, const struct view *view, bool by_user, uint32_t uid);

/* Move the cursor to the next match of `text` from where it is (`step` 1 or -1), or when
 * `step` is 0 to the first from where the search began. False when nothing matches. */
bool pane_process_search(struct pane *pane, const struct view *view, const char *text, int step);

/* Remember where the cursor is: what a search with step 0 counts from and cancelling goes
 * back to. */
void pane_process_search_begin(struct pane *pane);

/* Go back there. */
void pane_process_search_cancel(struct pane *pane, const struct view *view);

/* Sort by this column, in its first direction; again by the same: invert. */
void pane_process_sort(struct pane *pane, const struct view *view, int column);

/* The row under the cursor. Errors: false when there is none. */
bool pane_process_selected(const struct pane *pane, struct proc_id *ret);

/* Put the cursor on a process, opening what is folded over it. False when it has no row. */
bool pane_process_go(struct pane *pane, const struct view *view, struct proc_id id);

/* Ways to say whom an action is for, starting from one process. */
enum scope_kind {
    SCOPE_TAGGED,
    SCOPE_THREAD,  // the thread itself; of a process its main one
    SCOPE_PROCESS, // the process, or the one the thread belongs to
    SCOPE_SUBTREE, // and its descendants
    SCOPE_GROUP,   // its process group
    SCOPE_SESSION,
    SCOPE_LISTED, // all that the filter and the other limits let through
};

/* Whom an action is for. */
struct scope {
    enum scope_kind kind;
    struct proc_id anchor; // the process or thread it starts from
    bool threads;          // a chosen thread is a target of its own, not its process
    int32_t own_pid;       // see target_of()
    const char *protect;   // likewise; borrowed
};

/* How many processes a scope holds. Kernel threads are counted apart: nothing is done to them. */
struct scope_size {
    size_t count, kernel;
    uint64_t digest;             // the same for the same targets
    struct proc_id kernel_first; // one of the kernel threads
};

/*
 * Find whom a scope holds: living processes and threads, each once, ascending by identity, no
 * kernel threads. The first `max` of them are put into `ret`, which may be NULL with max 0.
 * Errors: -ENOMEM.
 */
int pane_process_scope(const struct pane *pane, const struct view *view, const struct scope *scope,
                       struct target *ret, size_t max, struct scope_size *ret_size);

/* True when something limits the list: a filter, a user, pids. */
bool pane_process_limited(const struct pane *pane);

/* Tagged processes, living or not. */
size_t pane_process_tagged(const struct pane *pane);

/* A short line about the list for the status row: rows shown and total, filter, user, tags,
 * follow. Appended to `buf`. */
void pane_process_describe(const struct pane *pane, const struct view *view, struct strbuf *buf);

/* The user the list is limited to. False when it is not. */
bool pane_process_user(const struct pane *pane, uint32_t *ret_uid);

/* Mark where this text occurs in the rows ("" for nowhere): the search being typed. */
void pane_process_highlight(struct pane *pane, const char *text);

/* Stay on the process under the cursor from now on, as after moving the cursor: something is
 * about to be done to it. */
void pane_process_anchor(struct pane *pane);

/*
 * Append why the process under the cursor may not be the one meant: another one was there, and it
 * was not the user who moved. While the cursor stays on the top row of itself that counts for a
 * second, and only when `at_once`, for what is done without a dialog that names the process.
 * Once told it is settled: the cursor stays where it is. False when there is nothing to tell.
 */
bool pane_process_slipped(struct pane *pane, const struct view *view, bool at_once,
                          struct strbuf *buf);

/* When typed digits expire; UINT64_MAX when there are none. */
uint64_t pane_process_deadline_ns(const struct pane *pane);

/* Forget typed digits whose time has come. */
void pane_process_tick(struct pane *pane, const struct view *view);

#endif
