#include "cli.h"

#include "base/utf8.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

enum {
    LONG_VALUE = 256,     // getopt's value of options without a letter: this plus the id
    QUOTE_BYTES = 80,     // of a wrong argument repeated in a complaint
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
    [CLI_READONLY] = {"readonly", 0, NULL, CLI_GROUP_SCREEN,
        "refuse every action that would change a process"},
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
    case CLI_GROUP_SCREEN:
        return "Behaviour";
    case CLI_GROUP_HELP:
        return "Help";
    }
    return "";
}

/* What a person typed goes back to their terminal: only as safe text, and not at any length. */
static void add_quoted(struct strbuf *buf, const char *s)
{
    char safe[QUOTE_BYTES];
    uint32_t cells = 0;
    (void)utf8_make_safe(s, strlen(s), safe, sizeof(safe), &cells); // its length is not needed
    str_addf(buf, "\"%s\"", safe);
}

/* "option --delay: "x" is not <what>". */
static int refuse(struct strbuf *error, enum cli_option_id id, const char *s, const char *what)
{
    str_addf(error, "option --%s: ", options[id].name);
    add_quoted(error, s);
    str_addf(error, " is not %s", what);
    return -EINVAL;
}

static int parse_delay(const char *s, struct cli *cli, struct strbuf *error)
{
    double seconds = 0;
    if (str_parse_decimal(s, INTERVAL_MIN_MS / 1000.0, INTERVAL_MAX_MS / 1000.0, &seconds) != 0) {
        return refuse(error, CLI_DELAY, s, "a number of seconds from 0.1 to 3600");
    }
    cli->interval_ms = (int32_t)(seconds * 1000.0 + 0.5);
    return 0;
}

static int parse_count(const char *s, struct cli *cli, struct strbuf *error)
{
    if (str_parse_i64(s, 1, COUNT_MAX, &cli->count) != 0) {
        return refuse(error, CLI_COUNT, s, "a whole number from 1 to 1000000000");
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

static int parse_columns(const char *s, struct cli *cli, struct strbuf *error)
{
    char word[QUOTE_BYTES];
    const char *rest = s;
    cli->column_count = 0;
    while (next_word(&rest, ", \t", word, sizeof(word))) {
        const enum column_id id = column_by_name(word);
        if (id == COLUMN_COUNT) {
            return refuse(error, CLI_COLUMNS, word, "a column; perch --help-columns lists them");
        }
        if (memchr(cli->columns, (int)id, cli->column_count) == NULL) { // the first place counts
            cli->columns[cli->column_count++] = (uint8_t)id;
        }
    }
    if (cli->column_count == 0) {
        return refuse(error, CLI_COLUMNS, s, "a list of columns; perch --help-columns lists them");
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
    char word[QUOTE_BYTES];
    struct strbuf buf;
    str_init(&buf, word, sizeof(word));
    str_add(&buf, s);

    bool given = false;
    bool down = false;
    enum column_id id = column_by_name(word); // first: "TIME+" is a title, not a direction
    if (id == COLUMN_COUNT) {
        const char *name = word;
        split_direction(word, &name, &given, &down);
        id = column_by_name(name);
    }
    if (id == COLUMN_COUNT) {
        return refuse(error, CLI_SORT, s,
                      "a column, with :asc or :desc behind it or not; perch --help-columns "
                      "lists them");
    }
    cli->has_sort = true;
    cli->sort = id;
    cli->sort_descending = given ? down : column_info(id)->descending;
    return 0;
}

static int parse_pids(const char *s, struct cli *cli, struct strbuf *error)
{
    char word[QUOTE_BYTES];
    const char *rest = s;
    size_t found = 0;
    while (next_word(&rest, ", \t", word, sizeof(word))) {
        int64_t pid = 0;
        if (str_parse_i64(word, 1, INT32_MAX, &pid) != 0) {
            return refuse(error, CLI_PID, word, "a process number from 1 to 2147483647");
        }
        if (cli->pid_count == CLI_PIDS_MAX) {
            str_addf(error, "option --pid: at most %d processes can be given", CLI_PIDS_MAX);
            return -EINVAL;
        }
        cli->pids[cli->pid_count++] = (int32_t)pid;
        found++;
    }
    if (found == 0) {
        return refuse(error, CLI_PID, s, "a process number from 1 to 2147483647");
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
    return found != NULL ? 0 : refuse(error, CLI_USER, s, "the name or number of a user here");
}

/* An option that names a directory. */
static int parse_dir(enum cli_option_id id, const char *s, const char **ret, struct strbuf *error)
{
    if (s[0] == '\0') {
        return refuse(error, id, s, "a directory");
    }
    *ret = s;
    return 0;
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

static int take_option(enum cli_option_id id, const char *argument, struct cli *cli,
                       struct strbuf *error)
{
    switch (id) {
    case CLI_BATCH:
        return set_mode(cli, MODE_BATCH, error);
    case CLI_JSON:
        return set_mode(cli, MODE_JSON, error);
    case CLI_DELAY:
        return parse_delay(argument, cli, error);
    case CLI_COUNT:
        return parse_count(argument, cli, error);
    case CLI_COLUMNS:
        return parse_columns(argument, cli, error);
    case CLI_SORT:
        return parse_sort(argument, cli, error);
    case CLI_FILTER:
        cli->filter = argument;
        return 0;
    case CLI_PID:
        return parse_pids(argument, cli, error);
    case CLI_USER:
        return parse_user(argument, cli, error);
    case CLI_TREE:
        cli->tree = true;
        return 0;
    case CLI_THREADS:
        cli->user_threads = true;
        return 0;
    case CLI_KERNEL_THREADS:
        cli->kernel_threads = true;
        return 0;
    case CLI_READONLY:
        cli->readonly = true;
        return 0;
    case CLI_NO_MOUSE:
        cli->no_mouse = true;
        return 0;
    case CLI_NO_COLOR:
        cli->no_colour = true;
        return 0;
    case CLI_ASCII:
        cli->ascii = true;
        return 0;
    case CLI_CONFIG:
        return parse_dir(id, argument, &cli->config_dir, error);
    case CLI_PROCFS:
        return parse_dir(id, argument, &cli->proc_root, error);
    case CLI_SYSFS:
        return parse_dir(id, argument, &cli->sys_root, error);
    case CLI_HELP:
    case CLI_HELP_KEYS:
    case CLI_HELP_COLUMNS:
    case CLI_VERSION:
    case CLI_OPTION_COUNT:
        break; // see help_mode()
    }
    return 0;
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
        add_quoted(error, letter);
        str_add(error, "; perch --help lists them all");
    } else if (id == CLI_OPTION_COUNT) {
        str_add(error, "unknown or ambiguous option ");
        add_quoted(error, argv[optind - 1]);
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

static int check_whole(const struct cli *cli, int argc, char *const *argv, struct strbuf *error)
{
    if (optind < argc) {
        str_add(error, "unexpected argument ");
        add_quoted(error, argv[optind]);
        str_add(error, "; perch --help lists the options");
        return -EINVAL;
    }
    if (cli->count != 0 && cli->mode == MODE_SCREEN) {
        str_add(error, "option --count needs --batch or --json");
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
    if (cli->column_count != 0) {
        memcpy(settings->columns, cli->columns, cli->column_count);
        settings->column_count = cli->column_count;
    }
    settings->tree = settings->tree || cli->tree;
    if (cli->has_sort && settings->tree) {
        settings->tree_sort = (int32_t)cli->sort;
        settings->tree_sort_descending = cli->sort_descending;
    } else if (cli->has_sort) {
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
