#ifndef UI_PROCESS_LIST_H
#define UI_PROCESS_LIST_H

#include "model/query.h"
#include "model/settings.h"
#include "ui/line_edit.h"
#include "ui/pane_process.h"
#include "ui/typed.h"

/*
 * Private to pane_process.c and process_*.c: the state of the process
 * table. The rows borrow from the snapshot they were made of, so process_list_refresh() must
 * run before that snapshot is given back.
 */

enum {
    LIST_FACTS = 12,        // bits of FACT_READABLE
    LIST_TAGS_MAX = 65536,  // tagged processes
    LIST_FOLDS_MAX = 65536, // folded ones
};

/* Where the cursor and the view are. */
struct list_place {
    struct proc_id id; // the process under the cursor; pid 0 when there is none
    size_t row;        // its row; what counts when the process is gone
    size_t top;        // first row shown
    bool anchored;     // false until the user moves: the cursor then stays on the top row
};

/* Who was under the cursor before somebody else came there of themselves. */
struct list_slip {
    struct proc_id id; // pid 0: the user put the cursor where it is
    char name[48];     // safe text, cut at a whole character
    uint64_t at_ns;    // monotonic
};

/* What the rows were made of: same key, same rows. */
struct list_key {
    const struct snapshot *snap;
    uint64_t seq;
    int32_t sort;
    bool descending, tree, kernel_threads, user_threads, exited;
    size_t column_count;
    uint8_t columns[SETTINGS_COLUMNS_MAX];
};

/* How many of the listed processes were asked for a fact group, and how many refused it. */
struct list_denied {
    uint32_t asked, denied;
};

/* The process table. */
struct pane_process {
    struct pane pane; // must be first
    struct query *query;
    struct map *tags;
    struct map *folded;
    int32_t *pids; // owned; NULL for all
    size_t pid_count;
    bool by_user;
    uint32_t user;
    char filter[LINE_EDIT_BYTES];
    char highlight[LINE_EDIT_BYTES]; // searched for right now, "" for nothing
    struct list_key key;
    bool stale; // filter, user or folds changed since the rows were made
    struct list_place place;
    char place_name[48]; // of the process under the cursor, cut at a whole character
    struct list_slip slip;
    struct list_place search_from;
    bool following;
    int32_t lost_pid;   // was followed and is gone; 0 for none
    int scroll;         // columns of the last column left out at its left
    struct typed typed; // a pid
    struct proc_id click_id;
    uint64_t click_ns; // of the last press, to tell a double click
    uint8_t id_cells[COLUMN_COUNT];
    struct list_denied denied[LIST_FACTS];
    size_t living; // rows of processes that have not exited
};

/* One column as laid out. */
struct list_column {
    enum column_id id;
    int x, cells; // relative to the pane
};

/* The columns that fit, left to right. */
struct table_layout {
    struct list_column columns[SETTINGS_COLUMNS_MAX];
    size_t count;
    int head; // rows taken by the header: 0 or 1
};

/* The query these settings ask for. Pointers in it are the pane's. */
struct query_options process_list_query(const struct pane_process *list,
                                        const struct settings *settings);

/* Make the rows again if anything changed, and put cursor and view where they belong. */
void process_list_refresh(struct pane_process *list, const struct view *view);

/* Rows that fit on the screen, at least 1. */
size_t process_list_page(const struct pane_process *list);

/* The row under the cursor. Owns: the query. Errors: NULL when the list is empty. */
const struct query_row *process_list_current(const struct pane_process *list);

/* Put the cursor on a row (clamped) because the user said so: it is anchored from now on. */
void process_list_go(struct pane_process *list, size_t row);

/* Scroll the view by some rows, dragging the cursor along at the edges. */
void process_list_scroll(struct pane_process *list, ptrdiff_t rows);

/* Whether a process has exited or is no more. */
bool process_list_is_gone(const struct snapshot *snap, struct proc_id id);

/* Stay on the process under the cursor from now on: the user means it. */
void process_list_anchor(struct pane_process *list);

/* Fold or open what is below a row of the tree. */
void process_list_fold(struct pane_process *list, const struct query_row *row, bool folded);

/* Fold everything that has children; open everything when that is so already. */
void process_list_fold_all(struct pane_process *list, const struct snapshot *snap);

/* The parent in the tree: the process of a thread, else its ppid. Owns: the snapshot. */
const struct proc *process_list_parent(const struct snapshot *snap, const struct proc *proc);

/* Tag or untag one process. */
void process_list_tag(struct pane_process *list, struct proc_id id, bool tagged);

/* Tag a process and all below it, shown or not. */
void process_list_tag_subtree(struct pane_process *list, const struct snapshot *snap,
                              const struct proc *root);

/* Sort by a column in its first direction; by the same again: invert, if asked to. */
void process_list_sort(struct pane_process *list, const struct view *view, enum column_id column,
                       bool again_inverts);

/* Do one action of the table. False when it is none. */
bool process_list_act(struct pane_process *list, const struct view *view, enum action_id action);

/* Lay the columns out for the width of the pane. */
void process_table_layout(const struct pane_process *list, const struct settings *settings,
                          struct table_layout *ret);

/* Draw header and rows. */
void process_table_draw(const struct pane_process *list, const struct view *view,
                        struct surface *surface);

/* Columns the last column takes in a row, tree guides included. */
int process_table_line_cells(const struct query_row *row, const struct view *view);

/* Columns of tree guides and fold mark in front of a row's command. */
int process_table_guide_cells(const struct query_row *row);

#endif
