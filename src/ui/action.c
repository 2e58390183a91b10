#include "ui/action.h"

#include "base/str.h"

#include <assert.h>
#include <string.h>

/* clang-format off */
static const struct action actions[] = {
    [ACTION_NONE] = {"none", "nothing", NULL, GROUP_PROGRAM, 0},

    [ACTION_UP] = {"up", "one line up", NULL, GROUP_MOVE, 0},
    [ACTION_DOWN] = {"down", "one line down", NULL, GROUP_MOVE, 0},
    [ACTION_PAGE_UP] = {"page-up", "one page up", NULL, GROUP_MOVE, 0},
    [ACTION_PAGE_DOWN] = {"page-down", "one page down", NULL, GROUP_MOVE, 0},
    [ACTION_FIRST] = {"first", "to the first line", NULL, GROUP_MOVE, 0},
    [ACTION_LAST] = {"last", "to the last line", NULL, GROUP_MOVE, 0},
    [ACTION_LEFT] = {"left", "scroll to the left", NULL, GROUP_MOVE, 0},
    [ACTION_RIGHT] = {"right", "scroll to the right", NULL, GROUP_MOVE, 0},
    [ACTION_LINE_START] = {"line-start", "to the start of the line", NULL, GROUP_MOVE, 0},
    [ACTION_LINE_END] = {"line-end", "to the end of the line", NULL, GROUP_MOVE, 0},
    [ACTION_SCROLL_UP] = {"scroll-up", "scroll up, cursor stays", NULL, GROUP_MOVE, 0},
    [ACTION_SCROLL_DOWN] = {"scroll-down", "scroll down, cursor stays", NULL, GROUP_MOVE, 0},
    [ACTION_FOLLOW] = {"follow", "cursor follows this process", NULL, GROUP_MOVE,
                       ACTION_ON_PROCESS},

    [ACTION_SEARCH] = {"search", "find a process by text", "Search", GROUP_FIND, 0},
    [ACTION_SEARCH_NEXT] = {"search-next", "next match", "Next", GROUP_FIND, 0},
    [ACTION_SEARCH_PREVIOUS] = {"search-previous", "previous match", "Prev", GROUP_FIND, 0},
    [ACTION_FILTER] = {"filter", "show matching processes only", "Filter", GROUP_FIND, 0},
    [ACTION_USER] = {"user", "one user's processes only", NULL, GROUP_FIND, 0},

    [ACTION_SORT_MENU] = {"sort-menu", "choose the column to sort by", "Sort", GROUP_VIEW, 0},
    [ACTION_SORT_INVERT] = {"sort-invert", "turn the order round", NULL, GROUP_VIEW, 0},
    [ACTION_SORT_CPU] = {"sort-cpu", "sort by CPU use", NULL, GROUP_VIEW, 0},
    [ACTION_SORT_MEM] = {"sort-mem", "sort by memory", NULL, GROUP_VIEW, 0},
    [ACTION_SORT_TIME] = {"sort-time", "sort by CPU time", NULL, GROUP_VIEW, 0},
    [ACTION_SORT_NET] = {"sort-net", "sort by network traffic", NULL, GROUP_VIEW, 0},
    [ACTION_SORT_PID] = {"sort-pid", "sort by process number", NULL, GROUP_VIEW, 0},
    [ACTION_TREE] = {"tree", "tree view, on and off", "Tree", GROUP_VIEW, 0},
    [ACTION_UNFOLD] = {"unfold", "show children in the tree", NULL, GROUP_VIEW,
                       ACTION_ON_PROCESS},
    [ACTION_FOLD] = {"fold", "hide children in the tree", NULL, GROUP_VIEW, ACTION_ON_PROCESS},
    [ACTION_FOLD_ALL] = {"fold-all", "fold or unfold everything", NULL, GROUP_VIEW, 0},
    [ACTION_FOLD_PARENT] = {"fold-parent", "go to the parent and fold it", NULL, GROUP_VIEW,
                            ACTION_ON_PROCESS},
    [ACTION_KERNEL_THREADS] = {"kernel-threads", "kernel threads, on and off", NULL, GROUP_VIEW,
                               0},
    [ACTION_USER_THREADS] = {"user-threads", "user threads, on and off", NULL, GROUP_VIEW,
                             0},
    [ACTION_FULL_PATH] = {"full-path", "program paths, on and off", NULL, GROUP_VIEW, 0},
    [ACTION_HEADER] = {"header", "meters, on and off", NULL, GROUP_VIEW, 0},
    [ACTION_CPU_PER_CORE] = {"cpu-per-core", "one bar per CPU or for all", NULL, GROUP_VIEW,
                             0},
    [ACTION_PAUSE] = {"pause", "stop and resume updating", NULL, GROUP_VIEW, 0},
    [ACTION_REFRESH] = {"refresh", "update and repaint now", NULL, GROUP_VIEW, 0},
    [ACTION_FASTER] = {"faster", "update more often", NULL, GROUP_VIEW, 0},
    [ACTION_SLOWER] = {"slower", "update less often", NULL, GROUP_VIEW, 0},

    [ACTION_TAB_NEXT] = {"tab-next", "the next tab", NULL, GROUP_TABS, 0},
    [ACTION_TAB_PREVIOUS] = {"tab-previous", "the tab before", NULL, GROUP_TABS, 0},
    [ACTION_TAB_PROCESSES] = {"tab-processes", "processes", NULL, GROUP_TABS, 0},
    [ACTION_TAB_CONNECTIONS] = {"tab-connections", "who uses the network", NULL, GROUP_TABS, 0},
    [ACTION_TAB_LISTENING] = {"tab-listening", "who listens on which port", NULL, GROUP_TABS, 0},
    [ACTION_TAB_INTERFACES] = {"tab-interfaces", "network interfaces", NULL, GROUP_TABS, 0},
    [ACTION_TAB_PROTOCOLS] = {"tab-protocols", "health of the protocols", NULL, GROUP_TABS, 0},
    [ACTION_TAB_DISKS] = {"tab-disks", "disks: which one is slow", NULL, GROUP_TABS, 0},
    [ACTION_TAB_MOUNTS] = {"tab-mounts", "file systems: what is full", NULL, GROUP_TABS, 0},
    [ACTION_TAB_MEMORY] = {"tab-memory", "memory: what fills it", NULL, GROUP_TABS, 0},
    [ACTION_BASELINE] = {"baseline", "count growth from now on", NULL, GROUP_TABS, 0},
    [ACTION_TAB_HISTORY] = {"tab-history", "graphs of what was", NULL, GROUP_TABS, 0},
    [ACTION_GO_PROCESS] = {"go-process", "to its process; all about it", NULL, GROUP_TABS, 0},
    [ACTION_SOCKETS] = {"sockets", "connections of a process", NULL, GROUP_TABS,
                        ACTION_ON_PROCESS},

    [ACTION_NAMES] = {"names", "names or numbers of hosts", NULL, GROUP_TABS, 0},

    [ACTION_COPY] = {"copy", "copy the line to clipboard", NULL, GROUP_PROGRAM, 0},

    [ACTION_ZOOM_IN] = {"zoom-in", "a shorter time", "Shorter", GROUP_GRAPHS, 0},
    [ACTION_ZOOM_OUT] = {"zoom-out", "a longer time", "Longer", GROUP_GRAPHS, 0},
    [ACTION_TIME_NOW] = {"time-now", "go to now, and along with it", "Now", GROUP_GRAPHS, 0},
    [ACTION_TIME_FIRST] = {"time-first", "go to the oldest there is", NULL, GROUP_GRAPHS, 0},
    [ACTION_MAXIMISE] = {"maximise", "one graph alone, or all", "One/all", GROUP_GRAPHS, 0},

    [ACTION_SECTION_OVERVIEW] = {"section-overview", "what it is, why it is slow", NULL,
                                 GROUP_INSPECT, 0},
    [ACTION_SECTION_THREADS] = {"section-threads", "its threads", NULL, GROUP_INSPECT, 0},
    [ACTION_SECTION_FILES] = {"section-files", "its open files", NULL, GROUP_INSPECT, 0},
    [ACTION_SECTION_SOCKETS] = {"section-sockets", "its sockets", NULL, GROUP_INSPECT, 0},
    [ACTION_SECTION_MAPS] = {"section-maps", "its memory, by file", NULL, GROUP_INSPECT, 0},
    [ACTION_SECTION_WAITING] = {"section-waiting", "what it waits for", NULL, GROUP_INSPECT, 0},
    [ACTION_SECTION_CGROUP] = {"section-cgroup", "what its cgroup allows", NULL, GROUP_INSPECT, 0},
    [ACTION_SECTION_LIMITS] = {"section-limits", "its limits, and their use", NULL, GROUP_INSPECT,
                               0},
    [ACTION_SECTION_ENVIRONMENT] = {"section-environment", "its environment", NULL, GROUP_INSPECT,
                                    0},
    [ACTION_SECTION_HISTORY] = {"section-history", "graphs of what it did", NULL, GROUP_INSPECT, 0},
    [ACTION_INSPECT_BACK] = {"inspect-back", "where one came from", NULL, GROUP_INSPECT, 0},
    [ACTION_INSPECT_CLOSE] = {"inspect-close", "back to the list", "Back", GROUP_INSPECT, 0},

    [ACTION_TAG] = {"tag", "tag or untag, and go down", NULL, GROUP_PROCESS, ACTION_ON_PROCESS},
    [ACTION_TAG_SUBTREE] = {"tag-subtree", "tag with all its descendants", NULL, GROUP_PROCESS,
                            ACTION_ON_PROCESS},
    [ACTION_UNTAG_ALL] = {"untag-all", "untag everything", NULL, GROUP_PROCESS, 0},
    [ACTION_SIGNAL] = {"signal", "signal it, or all tagged", "Kill", GROUP_PROCESS,
                       ACTION_ON_PROCESS | ACTION_CHANGES},
    [ACTION_NICE_DOWN] = {"nice-down", "nice -1: more of the CPU", "Nice-", GROUP_PROCESS,
                          ACTION_ON_PROCESS | ACTION_CHANGES},
    [ACTION_NICE_UP] = {"nice-up", "nice +1: less of the CPU", "Nice+", GROUP_PROCESS,
                        ACTION_ON_PROCESS | ACTION_CHANGES},

    [ACTION_RENICE] = {"renice", "set the nice value", NULL, GROUP_PROCESS,
                       ACTION_ON_PROCESS | ACTION_CHANGES},
    [ACTION_AUTOGROUP_DOWN] = {"autogroup-down", "its session's nice -1", NULL, GROUP_PROCESS,
                               ACTION_ON_PROCESS | ACTION_CHANGES},
    [ACTION_AUTOGROUP_UP] = {"autogroup-up", "its session's nice +1", NULL, GROUP_PROCESS,
                             ACTION_ON_PROCESS | ACTION_CHANGES},
    [ACTION_IO_PRIORITY] = {"io-priority", "set the I/O priority", NULL, GROUP_PROCESS,
                            ACTION_ON_PROCESS | ACTION_CHANGES},
    [ACTION_AFFINITY] = {"affinity", "choose the CPUs it may use", NULL, GROUP_PROCESS,
                         ACTION_ON_PROCESS | ACTION_CHANGES},
    [ACTION_SCHEDULING] = {"scheduling", "set the scheduling policy", NULL, GROUP_PROCESS,
                           ACTION_ON_PROCESS | ACTION_CHANGES},
    [ACTION_OOM_ADJ] = {"oom-adj", "set the OOM score adj", NULL, GROUP_PROCESS,
                        ACTION_ON_PROCESS | ACTION_CHANGES},
    [ACTION_STOP] = {"stop", "stop, or continue if stopped", NULL, GROUP_PROCESS,
                     ACTION_ON_PROCESS | ACTION_CHANGES},
    [ACTION_CGROUP] = {"cgroup", "freeze or kill its cgroup", NULL, GROUP_PROCESS,
                       ACTION_ON_PROCESS | ACTION_CHANGES},
    [ACTION_CLOSE_CONNECTION] = {"close-connection", "close a TCP connection", NULL, GROUP_PROCESS,
                                 ACTION_ON_SOCKET | ACTION_CHANGES},
    [ACTION_ACT_MENU] = {"act-menu", "all that can be done to it", NULL, GROUP_PROCESS,
                         ACTION_ON_PROCESS | ACTION_CHANGES},
    [ACTION_UNDO] = {"undo", "take back the last change", NULL, GROUP_PROCESS, ACTION_CHANGES},

    [ACTION_HELP] = {"help", "this help", "Help", GROUP_PROGRAM, 0},
    [ACTION_MESSAGES] = {"messages", "list of past messages", NULL, GROUP_PROGRAM, 0},
    [ACTION_JOURNAL] = {"journal", "what was done to processes", NULL, GROUP_PROGRAM, 0},
    [ACTION_COLUMNS] = {"columns", "choose and order columns", "Columns", GROUP_PROGRAM, 0},
    [ACTION_SAVE] = {"save", "keep the settings as now", NULL, GROUP_PROGRAM, 0},
    [ACTION_SUSPEND] = {"suspend", "back to the shell, for now", NULL, GROUP_PROGRAM, 0},
    [ACTION_QUIT] = {"quit", "leave", "Quit", GROUP_PROGRAM, 0},

    [ACTION_ACCEPT] = {"accept", "take it", "Done", GROUP_EDIT, 0},
    [ACTION_CANCEL] = {"cancel", "leave without effect", "Cancel", GROUP_EDIT, 0},
    [ACTION_ERASE_BACK] = {"erase-back", "erase the character before", NULL, GROUP_EDIT, 0},
    [ACTION_ERASE_FORWARD] = {"erase-forward", "erase the character under it", NULL, GROUP_EDIT,
                              0},
    [ACTION_ERASE_WORD] = {"erase-word", "erase the word before", NULL, GROUP_EDIT, 0},
    [ACTION_ERASE_ALL] = {"erase-all", "erase all of it", "Clear", GROUP_EDIT, 0},
    [ACTION_CHAR_LEFT] = {"char-left", "one character left", NULL, GROUP_EDIT, 0},
    [ACTION_CHAR_RIGHT] = {"char-right", "one character right", NULL, GROUP_EDIT, 0},
    [ACTION_MOVE_ITEM_UP] = {"move-item-up", "move the item up", "Up", GROUP_EDIT, 0},
    [ACTION_MOVE_ITEM_DOWN] = {"move-item-down", "move the item down", "Down", GROUP_EDIT, 0},
    [ACTION_TOGGLE_ITEM] = {"toggle-item", "switch the item on or off", "Toggle", GROUP_EDIT, 0},
    [ACTION_SCOPE_NEXT] = {"scope-next", "whom: next choice", "Whom", GROUP_EDIT, 0},
    [ACTION_SCOPE_PREVIOUS] = {"scope-previous", "whom: previous choice", NULL, GROUP_EDIT, 0},
};
/* clang-format on */
static_assert(sizeof(actions) / sizeof(actions[0]) == ACTION_COUNT, "one row per action");

const struct action *action_info(enum action_id id)
{
    assert((unsigned)id < ACTION_COUNT);
    return (unsigned)id < ACTION_COUNT ? &actions[id] : &actions[ACTION_NONE];
}

enum action_id action_by_name(const char *name)
{
    for (unsigned id = ACTION_NONE; id < ACTION_COUNT; id++) {
        if (str_equal(actions[id].name, name)) {
            return (enum action_id)id;
        }
    }
    return ACTION_NONE;
}

const char *action_group_title(enum action_group group)
{
    static const char *const titles[] = {
        [GROUP_MOVE] = "Moving",
        [GROUP_FIND] = "Finding",
        [GROUP_VIEW] = "View",
        [GROUP_TABS] = "Tabs",
        [GROUP_INSPECT] = "One process",
        [GROUP_GRAPHS] = "Graphs",
        [GROUP_PROCESS] = "Processes",
        [GROUP_PROGRAM] = "Program",
        [GROUP_EDIT] = "In menus and prompts",
    };
    static_assert(sizeof(titles) / sizeof(titles[0]) == GROUP_COUNT, "one title per group");
    return titles[group];
}

const char *context_name(enum context context)
{
    static const char *const names[] = {
        [CONTEXT_ALL] = "all",       [CONTEXT_TABLE] = "table", [CONTEXT_INSPECT] = "inspect",
        [CONTEXT_MENU] = "menu",     [CONTEXT_HELP] = "help",   [CONTEXT_PROMPT] = "prompt",
        [CONTEXT_GRAPHS] = "graphs",
    };
    static_assert(sizeof(names) / sizeof(names[0]) == CONTEXT_COUNT, "one name per context");
    return names[context];
}

void effects_add(struct effects *effects, enum effect_kind kind)
{
    if (effects->count < EFFECTS_MAX) {
        effects->items[effects->count++] = (struct effect){.kind = kind};
    }
}

bool effects_add_deed(struct effects *effects, enum effect_kind kind, uint32_t job,
                      const struct deed *deed, const struct target *targets, size_t count)
{
    if (effects->count >= EFFECTS_MAX || count > EFFECT_TARGETS_MAX - effects->target_count) {
        return false;
    }
    effects->items[effects->count++] = (struct effect){
        .kind = kind,
        .job = job,
        .deed = *deed,
        .first_target = effects->target_count,
        .target_count = count,
    };
    if (count > 0) {
        memcpy(&effects->targets[effects->target_count], targets, count * sizeof(*targets));
        effects->target_count += count;
    }
    return true;
}
