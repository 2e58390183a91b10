#include "cli.h"

#include "cli_deed.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    LONG_VALUE = 256,     // getopt's value of options without a letter: this plus the id
    WORD_BYTES = 80,      // of one of a list
    NAMES_BYTES = 512,    // of all tables
    PASSWD_BYTES = 16384, // for one line of the user database; getpwnam_r's buffer
    COUNT_MAX = 1000000000,
};

/* clang-format off */
static const struct cli_option options[CLI_OPTION_COUNT] = {
    [CLI_BATCH] = {"batch", 'b', NULL, CLI_GROUP_MODE,
        "print a plain table for each sample instead of using the screen"},
    [CLI_JSON] = {"json", 'j', NULL, CLI_GROUP_MODE,
        "print one JSON object a line for each sample"},
    [CLI_DELAY] = {"delay", 'd', "SECONDS", CLI_GROUP_MODE,
        "time between samples, 0.1 to 3600; fractions are allowed"},
    [CLI_COUNT] = {"count", 'n', "COUNT", CLI_GROUP_MODE,
        "end after COUNT samples (with --batch or --json; otherwise run until ended)"},
    [CLI_TABLE] = {"table", 0, "NAME", CLI_GROUP_LIST,
        "print this table instead of the processes (with --batch or --json); --columns, --sort "
        "and --filter are then about that; NAME help lists the tables"},
    [CLI_COLUMNS] = {"columns", 'c', "LIST", CLI_GROUP_LIST,
        "show these columns, separated by commas or spaces; see --help-columns"},
    [CLI_SORT] = {"sort", 's', "COLUMN", CLI_GROUP_LIST,
        "sort by COLUMN; COLUMN:asc and COLUMN:desc, or +COLUMN and -COLUMN, set the direction"},
    [CLI_FILTER] = {"filter", 'f', "TEXT", CLI_GROUP_LIST,
        "show only processes whose pid, user or command contains TEXT; A|B matches either"},
    [CLI_PID] = {"pid", 'p', "PID[,PID...]", CLI_GROUP_LIST,
        "show only these processes; may be repeated"},
    [CLI_USER] = {"user", 'u', "USER", CLI_GROUP_LIST,
        "show only processes of this user, by name or by number"},
    [CLI_TREE] = {"tree", 't', NULL, CLI_GROUP_LIST,
        "show children below their parents"},
    [CLI_THREADS] = {"threads", 'H', NULL, CLI_GROUP_LIST,
        "list the threads of processes too"},
    [CLI_KERNEL_THREADS] = {"kernel-threads", 'K', NULL, CLI_GROUP_LIST,
        "list the threads of the kernel too"},
    [CLI_SIGNAL] = {"signal", 0, "SIGNAL", CLI_GROUP_ACT,
        "send a signal, by name (TERM, SIGTERM, RTMIN+3) or by number"},
    [CLI_TERMINATE] = {"terminate", 0, "SECONDS", CLI_GROUP_ACT,
        "send SIGTERM, and SIGKILL to what is still there after SECONDS"},
    [CLI_STOP] = {"stop", 0, NULL, CLI_GROUP_ACT,
        "stop (SIGSTOP)"},
    [CLI_CONTINUE] = {"continue", 0, NULL, CLI_GROUP_ACT,
        "let go on (SIGCONT)"},
    [CLI_NICE] = {"nice", 0, "NICE", CLI_GROUP_ACT,
        "set the nice value, -20 to 19"},
    [CLI_NICE_BY] = {"nice-by", 0, "DIFFERENCE", CLI_GROUP_ACT,
        "change the nice value by so much, -39 to 39"},
    [CLI_AUTOGROUP_NICE] = {"autogroup-nice", 0, "NICE", CLI_GROUP_ACT,
        "set the nice value of the scheduling group of the session, -20 to 19"},
    [CLI_IO_PRIORITY] = {"io-priority", 0, "CLASS[:LEVEL]", CLI_GROUP_ACT,
        "set the I/O priority: none, idle, best-effort or real-time, level 0 (first) to 7"},
    [CLI_AFFINITY] = {"affinity", 0, "CPUS", CLI_GROUP_ACT,
        "run on these CPUs only, for instance 0-3,8"},
    [CLI_SCHEDULING] = {"scheduling", 0, "POLICY[:PRIORITY][:reset-on-fork]", CLI_GROUP_ACT,
        "set the policy: other, batch, idle, or fifo and rr with a priority from 1 to 99; with "
        ":reset-on-fork, children start with other"},
    [CLI_OOM_SCORE_ADJ] = {"oom-score-adj", 0, "NUMBER", CLI_GROUP_ACT,
        "set how readily it is killed when memory runs out, -1000 (never) to 1000"},
    [CLI_FREEZE] = {"freeze", 0, NULL, CLI_GROUP_ACT,
        "freeze the cgroup of each, with everything in it"},
    [CLI_THAW] = {"thaw", 0, NULL, CLI_GROUP_ACT,
        "let frozen cgroups go on"},
    [CLI_KILL_CGROUP] = {"kill-cgroup", 0, NULL, CLI_GROUP_ACT,
        "kill everything in the cgroup of each"},
    [CLI_DESCENDANTS] = {"descendants", 0, NULL, CLI_GROUP_ACT,
        "act on all descendants of what matches, too"},
    [CLI_PROTECTED] = {"protected", 0, NULL, CLI_GROUP_ACT,
        "act on processes that are protected, too: the first one, those perch runs under, and "
        "those named in the settings"},
    [CLI_DRY_RUN] = {"dry-run", 0, NULL, CLI_GROUP_ACT,
        "only print what would be done"},
    [CLI_YES] = {"yes", 0, NULL, CLI_GROUP_ACT,
        "do it without asking"},
    [CLI_READONLY] = {"readonly", 0, NULL, CLI_GROUP_SCREEN,
        "refuse every action that would change a process"},
    [CLI_LOG_ACTIONS] = {"log-actions", 0, "FILE", CLI_GROUP_SCREEN,
        "append a line to FILE for everything that is done to a process"},
    [CLI_NO_MOUSE] = {"no-mouse", 0, NULL, CLI_GROUP_SCREEN,
        "leave the mouse to the terminal"},
    [CLI_NO_COLOR] = {"no-color", 0, NULL, CLI_GROUP_SCREEN,
        "use no colours; NO_COLOR in the environment does the same"},
    [CLI_ASCII] = {"ascii", 0, NULL, CLI_GROUP_SCREEN,
        "draw with ASCII characters only"},
    [CLI_CONFIG] = {"config", 0, "DIR", CLI_GROUP_SCREEN,
        "read and save settings and keys in DIR instead of $XDG_CONFIG_HOME/perch"},
    [CLI_PROCFS] = {"procfs", 0, "DIR", CLI_GROUP_SCREEN,
        "read processes from DIR instead of /proc"},
    [CLI_SYSFS] = {"sysfs", 0, "DIR", CLI_GROUP_SCREEN,
        "read devices from DIR instead of /sys"},
    [CLI_HELP] = {"help", 'h', NULL, CLI_GROUP_HELP,
        "print this help and exit"},
    [CLI_HELP_KEYS] = {"help-keys", 0, NULL, CLI_GROUP_HELP,
        "print what the keys do and exit"},
    [CLI_HELP_COLUMNS] = {"help-columns", 0, NULL, CLI_GROUP_HELP,
        "print what the columns mean and exit"},
    [CLI_VERSION] = {"version", 'V', NULL, CLI_GROUP_HELP,
        "print the version and exit"},
};
/* clang-format on */

const struct cli_option *cli_option_info(enum cli_option_id id)
{
    assert(id < CLI_OPTION_COUNT);
    return &options[id];
}

const char *cli_group_title(enum cli_group group)
{
    switch (group) {
    case CLI_GROUP_MODE:
        return "Mode and time";
    case CLI_GROUP_LIST:
        return "Which processes, and what of them";
    case CLI_GROUP_ACT:
        return "Acting without a screen, on what --filter, --pid or --user choose";
    case CLI_GROUP_SCREEN:
        return "Behaviour";
    case CLI_GROUP_HELP:
        return "Help";
    }
    return "";
}

static int parse_delay(const char *s, struct cli *cli, struct strbuf *error)
{
    double seconds = 0;
    if (str_parse_decimal(s, INTERVAL_MIN_MS / 1000.0, INTERVAL_MAX_MS / 1000.0, &seconds) != 0) {
        return cli_refuse(error, CLI_DELAY, s, "a number of seconds from 0.1 to 3600");
    }
    cli->interval_ms = (int32_t)(seconds * 1000.0 + 0.5);
    return 0;
}

static int parse_count(const char *s, struct cli *cli, struct strbuf *error)
{
    if (str_parse_i64(s, 1, COUNT_MAX, &cli->count) != 0) {
        return cli_refuse(error, CLI_COUNT, s, "a whole number from 1 to 1000000000");
    }
    return 0;
}

/* Copy the next word of a list into `word`; false at its end. Words too long to be one are
 * cut, and then match nothing. */
static bool next_word(const char **list, const char *separators, char *word, size_t size)
{
    *list += strspn(*list, separators);
    if (**list == '\0') {
        return false;
    }
    const size_t len = strcspn(*list, separators);
    struct strbuf buf;
    str_init(&buf, word, size);
    str_add_bytes(&buf, *list, len);
    *list += len;
    return true;
}

static int parse_table(const char *s, struct cli *cli, struct strbuf *error)
{
    if (str_equal(s, "help")) {
        cli->mode = MODE_HELP_TABLES;
        return 0;
    }
    cli->table = table_by_name(s);
    cli->has_table = cli->table != TABLE_COUNT;
    if (cli->has_table) {
        return 0;
    }
    char bytes[NAMES_BYTES];
    struct strbuf wanted;
    str_init(&wanted, bytes, sizeof(bytes));
    str_add(&wanted, "a table:");
    for (int id = 0; id < TABLE_COUNT; id++) {
        str_addf(&wanted, "%s %s", id > 0 ? "," : "", table_info((enum table_id)id)->name);
    }
    str_add(&wanted, "; perch --table help says what they have");
    return cli_refuse(error, CLI_TABLE, s, bytes);
}

/* How many columns there are to choose from. */
static size_t column_limit(const struct cli *cli)
{
    return cli->has_table ? table_info(cli->table)->column_count : COLUMN_COUNT;
}

/* Errors: column_limit() when it is none that can be printed. */
static size_t find_column(const struct cli *cli, const char *name)
{
    if (!cli->has_table) {
        return column_by_name(name);
    }
    const struct table *const table = table_info(cli->table);
    const size_t at = table_column_by_name(table, name);
    const bool drawn = at < table->column_count && table_column_is_graph(table, at);
    return drawn ? table->column_count : at;
}

static int parse_columns(const char *s, struct cli *cli, struct strbuf *error)
{
    char word[WORD_BYTES];
    const char *rest = s;
    cli->column_count = 0;
    while (next_word(&rest, ", \t", word, sizeof(word))) {
        const size_t id = find_column(cli, word);
        if (id == column_limit(cli)) {
            return cli_refuse(error, CLI_COLUMNS, word,
                              "a column; perch --help-columns lists them");
        }
        if (memchr(cli->columns, (int)id, cli->column_count) == NULL) { // the first place counts
            cli->columns[cli->column_count++] = (uint8_t)id;
        }
    }
    if (cli->column_count == 0) {
        return cli_refuse(error, CLI_COLUMNS, s,
                          "a list of columns; perch --help-columns lists them");
    }
    return 0;
}

/* Take the direction off a sort order: a sign on either side or a word behind a colon. */
static void split_direction(char *word, const char **ret_name, bool *ret_given, bool *ret_down)
{
    const char *name = word;
    size_t len = strlen(word);
    char *const colon = strchr(word, ':');
    if (colon != NULL && (str_equal(colon, ":asc") || str_equal(colon, ":desc"))) {
        *ret_given = true;
        *ret_down = str_equal(colon, ":desc");
        *colon = '\0';
    } else if (len > 0 && (word[0] == '-' || word[0] == '+')) {
        *ret_given = true;
        *ret_down = word[0] == '-';
        name++;
    } else if (len > 0 && (word[len - 1] == '-' || word[len - 1] == '+')) {
        *ret_given = true;
        *ret_down = word[len - 1] == '-';
        word[len - 1] = '\0';
    }
    *ret_name = name;
}

static int parse_sort(const char *s, struct cli *cli, struct strbuf *error)
{
    char word[WORD_BYTES];
    struct strbuf buf;
    str_init(&buf, word, sizeof(word));
    str_add(&buf, s);

    bool given = false;
    bool down = false;
    size_t id = find_column(cli, word); // first: "TIME+" is a title, not a direction
    if (id == column_limit(cli)) {
        const char *name = word;
        split_direction(word, &name, &given, &down);
        id = find_column(cli, name);
    }
    if (id == column_limit(cli)) {
        return cli_refuse(error, CLI_SORT, s,
                          "a column, with :asc or :desc behind it or not; perch --help-columns "
                          "lists them");
    }
    cli->has_sort = true;
    cli->sort = id;
    const bool usual = cli->has_table ? table_column_info(table_info(cli->table), id).descending
                                      : column_info((enum column_id)id)->descending;
    cli->sort_descending = given ? down : usual;
    return 0;
}

static int parse_pids(const char *s, struct cli *cli, struct strbuf *error)
{
    char word[WORD_BYTES];
    const char *rest = s;
    size_t found = 0;
    while (next_word(&rest, ", \t", word, sizeof(word))) {
        int64_t pid = 0;
        if (str_parse_i64(word, 1, INT32_MAX, &pid) != 0) {
            return cli_refuse(error, CLI_PID, word, "a process number from 1 to 2147483647");
        }
        if (cli->pid_count == CLI_PIDS_MAX) {
            str_addf(error, "option --pid: at most %d processes can be given", CLI_PIDS_MAX);
            return -EINVAL;
        }
        cli->pids[cli->pid_count++] = (int32_t)pid;
        found++;
    }
    if (found == 0) {
        return cli_refuse(error, CLI_PID, s, "a process number from 1 to 2147483647");
    }
    return 0;
}

/* Digits are a number and ask nobody; the user database can be a slow server elsewhere. */
static int parse_user(const char *s, struct cli *cli, struct strbuf *error)
{
    int64_t uid = 0;
    if (str_parse_i64(s, 0, UINT32_MAX - 1, &uid) == 0) {
        cli->by_user = true;
        cli->user = (uint32_t)uid;
        return 0;
    }
    char *const line = malloc(PASSWD_BYTES);
    if (line == NULL) {
        str_add(error, "out of memory");
        return -EINVAL;
    }
    struct passwd entry;
    struct passwd *found = NULL;
    if (getpwnam_r(s, &entry, line, PASSWD_BYTES, &found) == 0 && found != NULL) {
        cli->by_user = true;
        cli->user = (uint32_t)entry.pw_uid;
    }
    free(line);
    return found != NULL ? 0 : cli_refuse(error, CLI_USER, s, "the name or number of a user here");
}

static int set_mode(struct cli *cli, enum cli_mode mode, struct strbuf *error)
{
    if (cli->mode != MODE_SCREEN && cli->mode != mode) {
        str_add(error, "options --batch and --json exclude each other");
        return -EINVAL;
    }
    cli->mode = mode;
    return 0;
}

static int take_batch(const char *s, struct cli *cli, struct strbuf *error)
{
    (void)s;
    return set_mode(cli, MODE_BATCH, error);
}

static int take_json(const char *s, struct cli *cli, struct strbuf *error)
{
    (void)s;
    return set_mode(cli, MODE_JSON, error);
}

static int take_filter(const char *s, struct cli *cli, struct strbuf *error)
{
    (void)error;
    cli->filter = s;
    return 0;
}

/* Whose columns they are may only be said by an option that comes later. */
static int take_columns(const char *s, struct cli *cli, struct strbuf *error)
{
    (void)error;
    cli->columns_given = s;
    return 0;
}

static int take_sort(const char *s, struct cli *cli, struct strbuf *error)
{
    (void)error;
    cli->sort_given = s;
    return 0;
}

static int take_deed(enum cli_option_id id, const char *s, struct cli *cli, struct strbuf *error)
{
    if (cli_is_deed(cli->deed_by)) {
        str_addf(error, "options --%s and --%s: only one action can be done at a time",
                 options[cli->deed_by].name, options[id].name);
        return -EINVAL;
    }
    cli->deed_by = id;
    return cli_parse_deed(id, s, &cli->deed, error);
}

/* Reads the argument of an option. */
typedef int option_parser(const char *s, struct cli *cli, struct strbuf *error);

static option_parser *const parsers[CLI_OPTION_COUNT] = {
    [CLI_BATCH] = take_batch,   [CLI_JSON] = take_json, [CLI_DELAY] = parse_delay,
    [CLI_COUNT] = parse_count,  [CLI_SORT] = take_sort, [CLI_COLUMNS] = take_columns,
    [CLI_FILTER] = take_filter, [CLI_PID] = parse_pids, [CLI_USER] = parse_user,
    [CLI_TABLE] = parse_table,
};

/* Where options that take no argument say that they were given. 0 is `mode`: not such a one. */
static const size_t flags[CLI_OPTION_COUNT] = {
    [CLI_TREE] = offsetof(struct cli, tree),
    [CLI_THREADS] = offsetof(struct cli, user_threads),
    [CLI_KERNEL_THREADS] = offsetof(struct cli, kernel_threads),
    [CLI_DESCENDANTS] = offsetof(struct cli, descendants),
    [CLI_PROTECTED] = offsetof(struct cli, protected_too),
    [CLI_DRY_RUN] = offsetof(struct cli, dry_run),
    [CLI_YES] = offsetof(struct cli, yes),
    [CLI_READONLY] = offsetof(struct cli, readonly),
    [CLI_NO_MOUSE] = offsetof(struct cli, no_mouse),
    [CLI_NO_COLOR] = offsetof(struct cli, no_colour),
    [CLI_ASCII] = offsetof(struct cli, ascii),
};

/* Likewise of options that name a file or a directory. */
static const size_t paths[CLI_OPTION_COUNT] = {
    [CLI_LOG_ACTIONS] = offsetof(struct cli, log_actions),
    [CLI_CONFIG] = offsetof(struct cli, config_dir),
    [CLI_PROCFS] = offsetof(struct cli, proc_root),
    [CLI_SYSFS] = offsetof(struct cli, sys_root),
};

static int take_path(enum cli_option_id id, const char *s, struct cli *cli, struct strbuf *error)
{
    if (s[0] == '\0') {
        return cli_refuse(error, id, s, id == CLI_LOG_ACTIONS ? "a file" : "a directory");
    }
    *(const char **)(void *)((char *)cli + paths[id]) = s;
    return 0;
}

static int take_option(enum cli_option_id id, const char *argument, struct cli *cli,
                       struct strbuf *error)
{
    if (cli_is_deed(id)) {
        return take_deed(id, argument, cli, error);
    }
    if (paths[id] != 0) {
        return take_path(id, argument, cli, error);
    }
    if (flags[id] != 0) {
        *(bool *)(void *)((char *)cli + flags[id]) = true;
        return 0;
    }
    return parsers[id](argument, cli, error); // the rest; those of help_mode() do not come here
}

/* The mode of the options that print something about the program; MODE_SCREEN for others. */
static enum cli_mode help_mode(size_t id)
{
    return id == CLI_HELP           ? MODE_HELP
           : id == CLI_HELP_KEYS    ? MODE_HELP_KEYS
           : id == CLI_HELP_COLUMNS ? MODE_HELP_COLUMNS
           : id == CLI_VERSION      ? MODE_VERSION
                                    : MODE_SCREEN;
}

static int option_value(size_t id)
{
    return options[id].letter != 0 ? options[id].letter : LONG_VALUE + (int)id;
}

/* The row for a value of getopt's; CLI_OPTION_COUNT when there is none. */
static size_t option_by_value(int value)
{
    size_t id = 0;
    while (id < CLI_OPTION_COUNT && option_value(id) != value) {
        id++;
    }
    return id;
}

/* Say what getopt did not like: ':' an argument is missing, '?' everything else. */
static int refuse_option(int outcome, char *const *argv, struct strbuf *error)
{
    const size_t id = optopt != 0 ? option_by_value(optopt) : (size_t)CLI_OPTION_COUNT;
    if (id == CLI_OPTION_COUNT && optopt > 0 && optopt < LONG_VALUE) {
        const char letter[3] = {'-', (char)optopt, '\0'};
        str_add(error, "unknown option ");
        cli_add_quoted(error, letter);
        str_add(error, "; perch --help lists them all");
    } else if (id == CLI_OPTION_COUNT) {
        str_add(error, "unknown or ambiguous option ");
        cli_add_quoted(error, argv[optind - 1]);
        str_add(error, "; perch --help lists them all");
    } else if (outcome == ':') {
        str_addf(error, "option --%s needs an argument: %s", options[id].name,
                 options[id].argument != NULL ? options[id].argument : "");
    } else {
        str_addf(error, "option --%s takes no argument", options[id].name);
    }
    return -EINVAL;
}

/* The table in the two forms getopt_long() wants. */
static void make_getopt_tables(struct option *longs, struct strbuf *letters)
{
    str_add(letters, ":"); // tell a missing argument from an unknown option
    for (size_t id = 0; id < CLI_OPTION_COUNT; id++) {
        const struct cli_option *row = &options[id];
        longs[id] = (struct option){
            .name = row->name,
            .has_arg = row->argument != NULL ? required_argument : no_argument,
            .val = option_value(id),
        };
        if (row->letter != 0) {
            str_addf(letters, "%c%s", row->letter, row->argument != NULL ? ":" : "");
        }
    }
    longs[CLI_OPTION_COUNT] = (struct option){0};
}

/* What must hold for acting. */
static int check_deed(struct cli *cli, struct strbuf *error)
{
    const char *const name = options[cli->deed_by].name;
    if (cli->mode != MODE_SCREEN) {
        str_addf(error, "option --%s: actions cannot be combined with --batch or --json", name);
        return -EINVAL;
    }
    if (cli->readonly) {
        str_addf(error, "options --%s and --readonly exclude each other", name);
        return -EINVAL;
    }
    if (cli->has_table) {
        str_addf(error, "options --%s and --table exclude each other", name);
        return -EINVAL;
    }
    if (cli->filter == NULL && cli->pid_count == 0 && !cli->by_user) {
        str_addf(error, "option --%s: say which processes: --filter, --pid or --user", name);
        return -EINVAL;
    }
    if (cli->filter != NULL && cli->filter[strspn(cli->filter, "|")] == '\0') {
        str_addf(error, "option --%s: an empty --filter matches every process", name);
        return -EINVAL;
    }
    if (cli->user_threads && (deed_info(cli->deed.kind)->flags & DEED_PER_THREAD) == 0) {
        str_addf(error, "option --%s is about whole processes and excludes --threads", name);
        return -EINVAL;
    }
    cli->mode = MODE_ACT;
    cli->deed.one_thread = cli->user_threads;
    return 0;
}

/* The first option given that means nothing without one that acts. Errors: NULL. */
static const char *lone_modifier(const struct cli *cli)
{
    return cli->descendants     ? options[CLI_DESCENDANTS].name
           : cli->protected_too ? options[CLI_PROTECTED].name
           : cli->dry_run       ? options[CLI_DRY_RUN].name
           : cli->yes           ? options[CLI_YES].name
                                : NULL;
}

/* The first option given that is about processes, with --table. Errors: NULL. */
static const char *lone_for_processes(const struct cli *cli)
{
    return cli->by_user          ? options[CLI_USER].name
           : cli->tree           ? options[CLI_TREE].name
           : cli->user_threads   ? options[CLI_THREADS].name
           : cli->kernel_threads ? options[CLI_KERNEL_THREADS].name
                                 : NULL;
}

static int check_table(const struct cli *cli, struct strbuf *error)
{
    if (cli->mode != MODE_BATCH && cli->mode != MODE_JSON) {
        str_add(error, "option --table needs --batch or --json");
        return -EINVAL;
    }
    if (lone_for_processes(cli) != NULL) {
        str_addf(error, "option --%s is about processes and excludes --table",
                 lone_for_processes(cli));
        return -EINVAL;
    }
    const struct table *const table = table_info(cli->table);
    if (cli->pid_count > 0 && table->owner == NULL && !table_is_of_process(table) &&
        !table->may_be_of_process) {
        str_addf(error, "option --pid: no process is behind what --table %s shows", table->name);
        return -EINVAL;
    }
    if (cli->pid_count > 1) {
        str_add(error, "option --pid: with --table only one process can be given");
        return -EINVAL;
    }
    if (table_is_of_process(table) && cli->pid_count == 0) {
        str_addf(error, "option --table: %s is about one process; say which: --pid", table->name);
        return -EINVAL;
    }
    return 0;
}

/* What had to wait until all options were read. */
static int resolve(struct cli *cli, struct strbuf *error)
{
    int result = cli->columns_given != NULL ? parse_columns(cli->columns_given, cli, error) : 0;
    if (result == 0 && cli->sort_given != NULL) {
        result = parse_sort(cli->sort_given, cli, error);
    }
    return result;
}

static int check_whole(struct cli *cli, int argc, char *const *argv, struct strbuf *error)
{
    if (optind < argc) {
        str_add(error, "unexpected argument ");
        cli_add_quoted(error, argv[optind]);
        str_add(error, "; perch --help lists the options");
        return -EINVAL;
    }
    if (cli->count != 0 && cli->mode == MODE_SCREEN) {
        str_add(error, "option --count needs --batch or --json");
        return -EINVAL;
    }
    const int result = resolve(cli, error);
    if (result != 0) {
        return result;
    }
    if (cli->has_table && !cli_is_deed(cli->deed_by)) {
        return check_table(cli, error);
    }
    if (cli_is_deed(cli->deed_by)) {
        return check_deed(cli, error);
    }
    if (lone_modifier(cli) != NULL) {
        str_addf(error, "option --%s needs an action, for instance --signal", lone_modifier(cli));
        return -EINVAL;
    }
    return 0;
}

int cli_parse(int argc, char **argv, struct cli *ret, struct strbuf *error)
{
    struct option longs[CLI_OPTION_COUNT + 1];
    char letter_bytes[3 * CLI_OPTION_COUNT + 2];
    struct strbuf letters;
    str_init(&letters, letter_bytes, sizeof(letter_bytes));
    make_getopt_tables(longs, &letters);

    struct cli cli = {.mode = MODE_SCREEN};
    opterr = 0; // the sentences are ours
    optind = 0; // forget an earlier command line: tests read many
    for (;;) {
        const int value = getopt_long(argc, argv, letters.ptr, longs, NULL);
        if (value == -1) {
            break;
        }
        const size_t id = option_by_value(value);
        if (id == CLI_OPTION_COUNT) {
            return refuse_option(value, argv, error);
        }
        if (help_mode(id) != MODE_SCREEN) { // whatever else was asked for
            cli.mode = help_mode(id);
            *ret = cli;
            return 0;
        }
        const int result = take_option((enum cli_option_id)id, optarg, &cli, error);
        if (result != 0) {
            return result;
        }
        if (cli.mode == MODE_HELP_TABLES) { // likewise
            *ret = cli;
            return 0;
        }
    }
    const int result = check_whole(&cli, argc, argv, error);
    if (result == 0) {
        *ret = cli;
    }
    return result;
}

void cli_apply(const struct cli *cli, struct settings *settings)
{
    if (cli->interval_ms != 0) {
        settings->interval_ms = cli->interval_ms;
    }
    if (cli->column_count != 0 && !cli->has_table) {
        memcpy(settings->columns, cli->columns, cli->column_count);
        settings->column_count = cli->column_count;
    }
    settings->tree = settings->tree || cli->tree;
    const bool has_sort = cli->has_sort && !cli->has_table;
    if (has_sort && settings->tree) {
        settings->tree_sort = (int32_t)cli->sort;
        settings->tree_sort_descending = cli->sort_descending;
    } else if (has_sort) {
        settings->sort = (int32_t)cli->sort;
        settings->sort_descending = cli->sort_descending;
    }
    settings->user_threads = settings->user_threads || cli->user_threads;
    settings->kernel_threads = settings->kernel_threads || cli->kernel_threads;
    settings->mouse = settings->mouse && !cli->no_mouse;
    if (cli->no_colour) {
        settings->colours = COLOUR_NONE;
    }
    if (cli->ascii) {
        settings->glyphs = GLYPHS_ASCII;
    }
}
