#ifndef CLI_H
#define CLI_H

#include "base/deed.h"
#include "base/str.h"
#include "model/settings.h"
#include "model/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The options, in the order --help and the man page list them. */
enum cli_option_id {
    CLI_BATCH,
    CLI_JSON,
    CLI_DELAY,
    CLI_COUNT,
    CLI_TABLE,
    CLI_COLUMNS,
    CLI_SORT,
    CLI_FILTER,
    CLI_PID,
    CLI_USER,
    CLI_TREE,
    CLI_THREADS,
    CLI_KERNEL_THREADS,
    CLI_SIGNAL, // from here on: options that act, each a deed
    CLI_TERMINATE,
    CLI_STOP,
    CLI_CONTINUE,
    CLI_NICE,
    CLI_NICE_BY,
    CLI_AUTOGROUP_NICE,
    CLI_IO_PRIORITY,
    CLI_AFFINITY,
    CLI_SCHEDULING,
    CLI_OOM_SCORE_ADJ,
    CLI_FREEZE,
    CLI_THAW,
    CLI_KILL_CGROUP, // up to here
    CLI_DESCENDANTS,
    CLI_PROTECTED,
    CLI_DRY_RUN,
    CLI_YES,
    CLI_READONLY,
    CLI_LOG_ACTIONS,
    CLI_NO_MOUSE,
    CLI_NO_COLOR,
    CLI_ASCII,
    CLI_CONFIG,
    CLI_PROCFS,
    CLI_SYSFS,
    CLI_HELP,
    CLI_HELP_KEYS,
    CLI_HELP_COLUMNS,
    CLI_VERSION,
    CLI_OPTION_COUNT,
};

/* How options are grouped in --help. */
enum cli_group {
    CLI_GROUP_MODE,
    CLI_GROUP_LIST,
    CLI_GROUP_ACT,
    CLI_GROUP_SCREEN,
    CLI_GROUP_HELP,
};

enum { CLI_GROUP_COUNT = CLI_GROUP_HELP + 1 };

/* One row of the option table, which drives parsing, --help and the man page. */
struct cli_option {
    const char *name;     // long form, without the dashes
    char letter;          // short form, 0 for none
    const char *argument; // its name in the help, NULL when it takes none
    enum cli_group group;
    const char *help; // one sentence without the full stop
};

/* One row. Owns: static storage. id must be < CLI_OPTION_COUNT. */
const struct cli_option *cli_option_info(enum cli_option_id id);

/* The title of a group. Owns: static storage. */
const char *cli_group_title(enum cli_group group);

/* What the program was asked to do. */
enum cli_mode {
    MODE_SCREEN,
    MODE_BATCH,
    MODE_JSON,
    MODE_ACT,
    MODE_HELP,
    MODE_HELP_KEYS,
    MODE_HELP_COLUMNS,
    MODE_HELP_TABLES,
    MODE_VERSION,
};

enum { CLI_PIDS_MAX = 1024 };

/* The command line, read. Strings are borrowed from argv; NULL when not given. */
struct cli {
    enum cli_mode mode;
    int32_t interval_ms;           // 0: not given
    int64_t count;                 // samples to print; 0: without end
    bool has_table;                // what to print instead of the processes:
    enum table_id table;           // this
    uint8_t columns[COLUMN_COUNT]; // enum column_id, or with `has_table` columns of that
    size_t column_count;           // 0: not given
    bool has_sort;
    size_t sort; // likewise
    bool sort_descending;
    const char *columns_given, *sort_given; // as written; read last of all
    const char *filter;
    int32_t pids[CLI_PIDS_MAX];
    size_t pid_count; // 0: not given
    bool by_user;
    uint32_t user;
    bool tree, user_threads, kernel_threads;
    struct deed deed;           // MODE_ACT: what to do
    enum cli_option_id deed_by; // and the option that said so
    bool descendants;           // to all descendants of what matches, too
    bool protected_too;         // also to those that are protected
    bool dry_run, yes;
    const char *log_actions; // file to append what was done to
    bool readonly, no_mouse, no_colour, ascii;
    const char *config_dir, *proc_root, *sys_root;
};

/*
 * Read the command line. A user's name is looked up in the user database, so this can be
 * slow and comes before the terminal is taken.
 * Errors: -EINVAL with a sentence for people in `error`.
 */
int cli_parse(int argc, char **argv, struct cli *ret, struct strbuf *error);

/* Lay what was given on the command line over the settings. */
void cli_apply(const struct cli *cli, struct settings *settings);

#endif
