#ifndef UI_ACTION_H
#define UI_ACTION_H

#include "base/deed.h"
#include "base/facts.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The action registry: everything a user can do, each with one row. Keys,
 * help screen, footer and man page are made from it.
 */
enum action_id {
    ACTION_NONE,
    /* moving */
    ACTION_UP,
    ACTION_DOWN,
    ACTION_PAGE_UP,
    ACTION_PAGE_DOWN,
    ACTION_FIRST,
    ACTION_LAST,
    ACTION_LEFT,
    ACTION_RIGHT,
    ACTION_LINE_START,
    ACTION_LINE_END,
    ACTION_SCROLL_UP, // the view, not the cursor
    ACTION_SCROLL_DOWN,
    ACTION_FOLLOW,
    /* finding */
    ACTION_SEARCH,
    ACTION_SEARCH_NEXT,
    ACTION_SEARCH_PREVIOUS,
    ACTION_FILTER,
    ACTION_USER,
    /* order and view */
    ACTION_SORT_MENU,
    ACTION_SORT_INVERT,
    ACTION_SORT_CPU,
    ACTION_SORT_MEM,
    ACTION_SORT_TIME,
    ACTION_SORT_NET,
    ACTION_SORT_PID,
    ACTION_TREE,
    ACTION_UNFOLD,
    ACTION_FOLD,
    ACTION_FOLD_ALL,    // all folded, or all open when all are
    ACTION_FOLD_PARENT, // go to the parent and fold it
    ACTION_KERNEL_THREADS,
    ACTION_USER_THREADS,
    ACTION_FULL_PATH,
    ACTION_HEADER,
    ACTION_CPU_PER_CORE,
    ACTION_PAUSE,
    ACTION_REFRESH, // sample now and repaint the whole screen
    ACTION_FASTER,
    ACTION_SLOWER,
    /* tabs */
    ACTION_TAB_NEXT,
    ACTION_TAB_PREVIOUS,
    ACTION_TAB_PROCESSES,
    ACTION_TAB_CONNECTIONS,
    ACTION_TAB_LISTENING,
    ACTION_TAB_INTERFACES,
    ACTION_TAB_PROTOCOLS,
    ACTION_TAB_DISKS,
    ACTION_TAB_MOUNTS,
    ACTION_TAB_MEMORY,
    ACTION_BASELINE,
    ACTION_TAB_HISTORY,
    ACTION_GO_PROCESS, // from a row of a table to the process behind it, and on to all about it
    ACTION_SOCKETS,    // the connections of one process
    ACTION_NAMES,      // of hosts and services
    ACTION_COPY,       // the line under the cursor
    /* graphs */
    ACTION_ZOOM_IN,
    ACTION_ZOOM_OUT,
    ACTION_TIME_NOW,
    ACTION_TIME_FIRST,
    ACTION_MAXIMISE,
    /* the inspector */
    ACTION_SECTION_OVERVIEW,
    ACTION_SECTION_THREADS,
    ACTION_SECTION_FILES,
    ACTION_SECTION_SOCKETS,
    ACTION_SECTION_MAPS,
    ACTION_SECTION_WAITING,
    ACTION_SECTION_CGROUP,
    ACTION_SECTION_LIMITS,
    ACTION_SECTION_ENVIRONMENT,
    ACTION_SECTION_HISTORY,
    ACTION_INSPECT_BACK,
    ACTION_INSPECT_CLOSE,
    /* choosing and acting on processes */
    ACTION_TAG,
    ACTION_TAG_SUBTREE,
    ACTION_UNTAG_ALL,
    ACTION_SIGNAL,
    ACTION_NICE_DOWN, // nicer value -1: more of the CPU
    ACTION_NICE_UP,
    ACTION_RENICE,         // to a value
    ACTION_AUTOGROUP_DOWN, // nice value of its session's group -1
    ACTION_AUTOGROUP_UP,
    ACTION_IO_PRIORITY,
    ACTION_AFFINITY,
    ACTION_SCHEDULING,
    ACTION_OOM_ADJ,
    ACTION_STOP,             // stop it, or continue it when it is stopped
    ACTION_CGROUP,           // freeze, thaw or kill its cgroup
    ACTION_CLOSE_CONNECTION, // of the row of a table
    ACTION_ACT_MENU,         // all of these to choose from
    ACTION_UNDO,
    /* the program */
    ACTION_HELP,
    ACTION_MESSAGES,
    ACTION_JOURNAL,
    ACTION_COLUMNS,
    ACTION_SAVE,
    ACTION_SUSPEND,
    ACTION_QUIT,
    /* inside dialogs and prompts */
    ACTION_ACCEPT,
    ACTION_CANCEL,
    ACTION_ERASE_BACK,
    ACTION_ERASE_FORWARD,
    ACTION_ERASE_WORD,
    ACTION_ERASE_ALL,
    ACTION_CHAR_LEFT,
    ACTION_CHAR_RIGHT,
    ACTION_MOVE_ITEM_UP, // in the column dialog
    ACTION_MOVE_ITEM_DOWN,
    ACTION_TOGGLE_ITEM,
    ACTION_SCOPE_NEXT, // in dialogs about processes: whom it is about
    ACTION_SCOPE_PREVIOUS,
    ACTION_COUNT,
};

/* How the help screen groups actions. */
enum action_group {
    GROUP_MOVE,
    GROUP_FIND,
    GROUP_VIEW,
    GROUP_TABS,
    GROUP_GRAPHS,
    GROUP_INSPECT,
    GROUP_PROCESS,
    GROUP_PROGRAM,
    GROUP_EDIT,
    GROUP_COUNT,
};

/* Properties of an action. */
enum action_flag {
    ACTION_ON_PROCESS = 1u << 0, // needs a selection; says so without one
    ACTION_CHANGES = 1u << 1,    // acts on the system; refused with --readonly
    ACTION_ON_SOCKET = 1u << 2,  // on a row of a table of sockets
};

/* One row of the registry. Strings are static. */
struct action {
    const char *name;  // stable, in the keys file; [a-z-]+
    const char *help;  // fits half of an 80-column help screen: at most 28 cells
    const char *label; // footer: at most 7 cells; NULL when it never stands there
    enum action_group group;
    unsigned flags; // enum action_flag
};

/* Look up by id. Owns: static storage. id must be < ACTION_COUNT. */
const struct action *action_info(enum action_id id);

/* Look up by name. Errors: ACTION_NONE when unknown. */
enum action_id action_by_name(const char *name);

/* The title of a group on the help screen. Owns: static storage. */
const char *action_group_title(enum action_group group);

/* Where a binding applies. The focused thing's context is tried first, CONTEXT_ALL last
 * (but not from CONTEXT_PROMPT, where letters are text). */
enum context {
    CONTEXT_ALL,
    CONTEXT_TABLE,
    CONTEXT_INSPECT, // what means nothing here has its meaning of CONTEXT_TABLE
    CONTEXT_MENU,
    CONTEXT_HELP,
    CONTEXT_PROMPT,
    CONTEXT_GRAPHS, // what is not bound there is looked for in CONTEXT_TABLE
    CONTEXT_COUNT,
};

/* The name of a context in the keys file: "all", "table" ... Owns: static storage. */
const char *context_name(enum context context);

/* What the UI asks of the program. The UI itself performs nothing. */
enum effect_kind {
    EFFECT_QUIT,
    EFFECT_SUSPEND,
    EFFECT_REPAINT, // the whole screen
    EFFECT_SAMPLE,  // now
    EFFECT_INSPECT, // targets, deed (kind and one_thread), job: a dialog about them opened
    EFFECT_RELEASE, // it closed
    EFFECT_DEED,    // targets, deed, job
    EFFECT_UNDO,    // take back the last change
    EFFECT_SAVE_SETTINGS,
    EFFECT_COPY,      // text, into the clipboard
    EFFECT_CONFIGURE, // a setting the terminal must know changed
};

/* One request; members beyond `kind` mean something only for the kinds that name them. */
struct effect {
    enum effect_kind kind;
    uint32_t job; // the UI's number for it; EFFECT_INSPECT: comes back in EVENT_INSPECTION
    struct deed deed;
    size_t first_target, target_count; // in effects.targets
};

enum {
    EFFECTS_MAX = 16,
    EFFECT_TARGETS_MAX = 4096,    // processes one command can act on
    EFFECT_TEXT_BYTES = 8192 + 1, // as much as goes into a clipboard
};

/* Filled while one event is handled, performed and emptied by app.c. */
struct effects {
    struct effect items[EFFECTS_MAX];
    size_t count;
    struct target targets[EFFECT_TARGETS_MAX];
    size_t target_count;
    char text[EFFECT_TEXT_BYTES]; // of EFFECT_COPY; safe text
};

/* Append a request without targets. When full it is dropped: one event never makes as many. */
void effects_add(struct effects *effects, enum effect_kind kind);

/* Append EFFECT_INSPECT or EFFECT_DEED with what it is about (copied). False when the targets do
 * not fit. */
bool effects_add_deed(struct effects *effects, enum effect_kind kind, uint32_t job,
                      const struct deed *deed, const struct target *targets, size_t count);

#endif
