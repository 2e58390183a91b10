#include "base/str.h"
#include "check.h"
#include "cli.h"
#include "help.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 8, TEXT_BYTES = 65536 };

/* Read a command line given as words; the sentence of an error goes to `sentence`. */
static int parse(const char *const words[WORDS_MAX], struct cli *ret, char *sentence, size_t size)
{
    char name[] = "perch";
    char *argv[WORDS_MAX + 2] = {name};
    int argc = 1;
    for (int i = 0; i < WORDS_MAX && words[i] != NULL; i++) {
        argv[argc++] = strdup(words[i]);
    }
    struct strbuf error;
    str_init(&error, sentence, size);
    const int result = cli_parse(argc, argv, ret, &error);
    for (int i = 1; i < argc; i++) { // getopt may have put them in another order
        free(argv[i]);
    }
    return result;
}

static void every_option_has_a_whole_row(void **state)
{
    (void)state;
    for (int id = 0; id < CLI_OPTION_COUNT; id++) {
        const struct cli_option *const row = cli_option_info((enum cli_option_id)id);
        assert_non_null(row->name);
        assert_non_null(row->help);
        assert_true(strlen(row->help) > 10);
        assert_true(row->help[strlen(row->help) - 1] != '.');
        assert_int_equal(strspn(row->name, "abcdefghijklmnopqrstuvwxyz-"), strlen(row->name));
        for (int other = 0; other < id; other++) {
            const struct cli_option *const before = cli_option_info((enum cli_option_id)other);
            assert_string_not_equal(row->name, before->name);
            assert_true(row->letter == 0 || row->letter != before->letter);
        }
    }
}

static void help_has_every_option_within_80_columns(void **state)
{
    (void)state;
    char *const text = calloc(1, TEXT_BYTES);
    assert_non_null(text);
    FILE *const file = fmemopen(text, TEXT_BYTES - 1, "w");
    assert_non_null(file);
    help_options(file);
    assert_int_equal(fclose(file), 0);
    for (int id = 0; id < CLI_OPTION_COUNT; id++) {
        char wanted[64];
        (void)snprintf(wanted, sizeof(wanted), "--%s",
                       cli_option_info((enum cli_option_id)id)->name);
        assert_non_null(strstr(text, wanted));
    }
    for (const char *line = text; *line != '\0';) {
        const size_t len = strcspn(line, "\n");
        assert_true(len <= 80);
        assert_true(len == 0 || line[len - 1] != ' ');
        line += len + (line[len] != '\0');
    }
    free(text);
}

static void every_option_is_understood(void **state)
{
    (void)state;
    struct cli cli;
    char sentence[512];
    static const char *const arguments[CLI_OPTION_COUNT] = {
        [CLI_DELAY] = "1",          [CLI_COUNT] = "1",        [CLI_COLUMNS] = "pid",
        [CLI_SORT] = "pid",         [CLI_FILTER] = "x",       [CLI_PID] = "1",
        [CLI_USER] = "0",           [CLI_CONFIG] = "/x",      [CLI_PROCFS] = "/x",
        [CLI_SYSFS] = "/x",         [CLI_SIGNAL] = "TERM",    [CLI_TERMINATE] = "5",
        [CLI_NICE] = "5",           [CLI_NICE_BY] = "-1",     [CLI_AUTOGROUP_NICE] = "5",
        [CLI_IO_PRIORITY] = "idle", [CLI_AFFINITY] = "0",     [CLI_SCHEDULING] = "batch",
        [CLI_OOM_SCORE_ADJ] = "5",  [CLI_LOG_ACTIONS] = "/x", [CLI_TABLE] = "listening",
    };
    for (int id = 0; id < CLI_OPTION_COUNT; id++) {
        const struct cli_option *const row = cli_option_info((enum cli_option_id)id);
        char whole[64];
        (void)snprintf(whole, sizeof(whole), "--%s", row->name);
        assert_true((row->argument != NULL) == (arguments[id] != NULL));
        const char *const mode = id == CLI_COUNT || id == CLI_TABLE ? "--batch" : NULL;
        const bool modifies = id >= CLI_DESCENDANTS && id <= CLI_YES;
        const char *words[WORDS_MAX] = {"-p1", whole, arguments[id], mode};
        if (modifies) {
            words[2] = "--stop";
        }
        assert_int_equal(parse(words, &cli, sentence, sizeof(sentence)), 0);
        assert_int_equal(cli.mode == MODE_ACT,
                         modifies || (id >= CLI_SIGNAL && id <= CLI_KILL_CGROUP));
        if (row->letter != 0) {
            const char letter[3] = {'-', row->letter, '\0'};
            const char *const brief[WORDS_MAX] = {letter, arguments[id], mode};
            assert_int_equal(parse(brief, &cli, sentence, sizeof(sentence)), 0);
        }
    }
}

static void wrong_command_lines_are_refused_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *words[WORDS_MAX];
        const char *sentence;
    } cases[] = {
        {{"-b", "--table", "disks", "-c", "name,graph"},
         "option --columns: \"graph\" is not a column; perch --help-columns lists them"},
        {{"-b", "--table", "disks", "-p", "1"},
         "option --pid: no process is behind what --table disks shows"},
        {{"--delay=0"}, "option --delay: \"0\" is not a number of seconds from 0.1 to 3600"},
        {{"-d", "3601"}, "option --delay: \"3601\" is not a number of seconds from 0.1 to 3600"},
        {{"-d", "1e3"}, "option --delay: \"1e3\" is not a number of seconds from 0.1 to 3600"},
        {{"-d", "99999999999999999999"},
         "option --delay: \"99999999999999999999\" is not a number of seconds from 0.1 to 3600"},
        {{"-d"}, "option --delay needs an argument: SECONDS"},
        {{"--count", "0", "-b"},
         "option --count: \"0\" is not a whole number from 1 to 1000000000"},
        {{"-n", "3"}, "option --count needs --batch or --json"},
        {{"-b", "-j"}, "options --batch and --json exclude each other"},
        {{"-c", "pid,nonsense"},
         "option --columns: \"nonsense\" is not a column; perch --help-columns lists them"},
        {{"-c", ","},
         "option --columns: \",\" is not a list of columns; perch --help-columns lists them"},
        {{"-s", "nonsense"},
         "option --sort: \"nonsense\" is not a column, with :asc or :desc behind "
         "it or not; perch --help-columns lists them"},
        {{"-s", ""},
         "option --sort: \"\" is not a column, with :asc or :desc behind it or not; perch "
         "--help-columns lists them"},
        {{"-p", "0"}, "option --pid: \"0\" is not a process number from 1 to 2147483647"},
        {{"-p", "1,x"}, "option --pid: \"x\" is not a process number from 1 to 2147483647"},
        {{"-p", "2147483648"},
         "option --pid: \"2147483648\" is not a process number from 1 to 2147483647"},
        {{"-p", " "}, "option --pid: \" \" is not a process number from 1 to 2147483647"},
        {{"-u", "no such user!"},
         "option --user: \"no such user!\" is not the name or number of a user here"},
        {{"-u", "4294967295"},
         "option --user: \"4294967295\" is not the name or number of a user here"},
        {{"--procfs", ""}, "option --procfs: \"\" is not a directory"},
        {{"--nonsense"}, "unknown or ambiguous option \"--nonsense\"; perch --help lists them all"},
        {{"--help-"}, "unknown or ambiguous option \"--help-\"; perch --help lists them all"},
        {{"-x"}, "unknown option \"-x\"; perch --help lists them all"},
        {{"--tree=yes"}, "option --tree takes no argument"},
        {{"--signal", "FOO", "-p1"},
         "option --signal: \"FOO\" is not the name or number of a signal; kill -l lists them"},
        {{"--signal", "0", "-p1"},
         "option --signal: \"0\" is not the name or number of a signal; kill -l lists them"},
        {{"--signal", "32", "-p1"}, // the C library's own
         "option --signal: \"32\" is not the name or number of a signal; kill -l lists them"},
        {{"--signal", "999", "-p1"},
         "option --signal: \"999\" is not the name or number of a signal; kill -l lists them"},
        {{"--signal", "RTMIN+31", "-p1"},
         "option --signal: \"RTMIN+31\" is not the name or number of a signal; kill -l lists them"},
        {{"--signal", "RTMAX-31", "-p1"},
         "option --signal: \"RTMAX-31\" is not the name or number of a signal; kill -l lists them"},
        {{"--signal", "SIG", "-p1"},
         "option --signal: \"SIG\" is not the name or number of a signal; kill -l lists them"},
        {{"--signal", "TERM"}, "option --signal: say which processes: --filter, --pid or --user"},
        {{"--thaw", "--dry-run"}, "option --thaw: say which processes: --filter, --pid or --user"},
        {{"--stop", "--filter", ""}, "option --stop: an empty --filter matches every process"},
        {{"--stop", "-u0", "-f||"}, "option --stop: an empty --filter matches every process"},
        {{"--stop", "--continue", "-p1"},
         "options --stop and --continue: only one action can be done at a time"},
        {{"--stop", "--stop", "-p1"},
         "options --stop and --stop: only one action can be done at a time"},
        {{"--stop", "-p1", "--batch"},
         "option --stop: actions cannot be combined with --batch or --json"},
        {{"--json", "--nice", "1", "-p1"},
         "option --nice: actions cannot be combined with --batch or --json"},
        {{"--stop", "-p1", "--readonly"}, "options --stop and --readonly exclude each other"},
        {{"--stop", "-p1", "--threads"},
         "option --stop is about whole processes and excludes --threads"},
        {{"--freeze", "-p1", "-H"},
         "option --freeze is about whole processes and excludes --threads"},
        {{"--stop", "-p1", "-n1"}, "option --count needs --batch or --json"},
        {{"--yes"}, "option --yes needs an action, for instance --signal"},
        {{"-b", "--dry-run"}, "option --dry-run needs an action, for instance --signal"},
        {{"--descendants"}, "option --descendants needs an action, for instance --signal"},
        {{"--protected"}, "option --protected needs an action, for instance --signal"},
        {{"--nice", "+5", "-p1"},
         "option --nice: \"+5\" is not a value; --nice-by changes it by a number"},
        {{"--nice-by", "40", "-p1"},
         "option --nice-by: \"40\" is not a whole number from -39 to 39"},
        {{"--nice-by", "+-5", "-p1"},
         "option --nice-by: \"+-5\" is not a whole number from -39 to 39"},
        {{"--log-actions", ""}, "option --log-actions: \"\" is not a file"},
        {{"--signal"}, "option --signal needs an argument: SIGNAL"},
        {{"--stop=1"}, "option --stop takes no argument"},
        {{"42"}, "unexpected argument \"42\"; perch --help lists the options"},
        {{"\033]0;x"}, "unexpected argument \"\xEF\xBF\xBD]0;x\"; perch --help lists the options"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cli cli = {.count = 77};
        char sentence[512];
        assert_true(parse(cases[i].words, &cli, sentence, sizeof(sentence)) < 0);
        assert_string_equal(sentence, cases[i].sentence);
        assert_int_equal(cli.count, 77); // untouched
    }
}

static void sort_orders_name_a_column_and_a_direction(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        enum column_id sort;
        bool descending;
    } cases[] = {
        {"cpu", COLUMN_CPU, true},         {"pid", COLUMN_PID, false},
        {"cpu:asc", COLUMN_CPU, false},    {"pid:desc", COLUMN_PID, true},
        {"-pid", COLUMN_PID, true},        {"+cpu", COLUMN_CPU, false},
        {"pid-", COLUMN_PID, true},        {"cpu+", COLUMN_CPU, false},
        {"CPU%", COLUMN_CPU, true},        {"TIME+", COLUMN_TIME, true},
        {"TIME+:asc", COLUMN_TIME, false}, {"-TIME+", COLUMN_TIME, true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cli cli;
        char sentence[512];
        const char *const words[WORDS_MAX] = {"--sort", cases[i].word};
        assert_int_equal(parse(words, &cli, sentence, sizeof(sentence)), 0);
        assert_true(cli.has_sort);
        assert_int_equal(cli.sort, cases[i].sort);
        assert_int_equal(cli.sort_descending, cases[i].descending);
    }
}

static void lists_take_commas_and_spaces_and_may_be_repeated(void **state)
{
    (void)state;
    struct cli cli;
    char sentence[512];
    const char *const words[WORDS_MAX] = {"-p", "1,2 3", "-p", "4", "-c", "pid,user command pid"};
    assert_int_equal(parse(words, &cli, sentence, sizeof(sentence)), 0);
    assert_int_equal(cli.pid_count, 4);
    for (int32_t i = 0; i < 4; i++) {
        assert_int_equal(cli.pids[i], i + 1);
    }
    assert_int_equal(cli.column_count, 3);
    assert_int_equal(cli.columns[0], COLUMN_PID);
    assert_int_equal(cli.columns[1], COLUMN_USER);
    assert_int_equal(cli.columns[2], COLUMN_COMMAND);
}

static void users_are_found_by_number_and_by_name(void **state)
{
    (void)state;
    static const char *const names[] = {"0", "root"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct cli cli;
        char sentence[512];
        const char *const words[WORDS_MAX] = {"-u", names[i]};
        assert_int_equal(parse(words, &cli, sentence, sizeof(sentence)), 0);
        assert_true(cli.by_user);
        assert_int_equal(cli.user, 0);
    }
}

static void columns_are_those_of_the_table_wherever_it_is_named(void **state)
{
    (void)state;
    struct cli cli;
    struct settings settings;
    char sentence[512];
    const char *const words[WORDS_MAX] = {"-b",   "-c",      "size,target", "-s",
                                          "size", "--table", "mounts"};
    assert_int_equal(parse(words, &cli, sentence, sizeof(sentence)), 0);
    const struct table *const table = table_info(TABLE_MOUNTS);
    assert_true(cli.has_table && cli.table == TABLE_MOUNTS);
    assert_int_equal(cli.column_count, 2);
    assert_string_equal(table_column_info(table, cli.columns[0]).name, "size");
    assert_string_equal(table_column_info(table, cli.columns[1]).name, "target");
    assert_string_equal(table_column_info(table, cli.sort).name, "size");
    assert_true(cli.sort_descending);
    settings_init(&settings);
    const struct settings before = settings;
    cli_apply(&cli, &settings); // they are not the processes'
    assert_int_equal(settings.sort, before.sort);
    assert_memory_equal(settings.columns, before.columns, sizeof(before.columns));
    static const char *const of_one[WORDS_MAX] = {"-b", "--table", "history", "-p", "1"};
    assert_int_equal(parse(of_one, &cli, sentence, sizeof(sentence)), 0); // or of the machine
    static const char *const unknown[WORDS_MAX] = {"--batch", "--table", "nix"};
    char error[512];
    assert_int_not_equal(parse(unknown, &cli, error, sizeof(error)), 0); // they are named then
    static const char *const help[WORDS_MAX] = {"-j", "--table", "help", "--nonsense"};
    assert_int_equal(parse(help, &cli, sentence, sizeof(sentence)), 0);
    assert_int_equal(cli.mode, MODE_HELP_TABLES); // whatever else was asked for
    for (int id = 0; id < TABLE_COUNT; id++) {
        assert_non_null(strstr(error, table_info((enum table_id)id)->name));
    }
}

static void too_many_processes_are_refused(void **state)
{
    (void)state;
    char list[2 * (CLI_PIDS_MAX + 1) + 1];
    for (size_t i = 0; i <= CLI_PIDS_MAX; i++) {
        memcpy(list + 2 * i, "1,", 2);
    }
    list[sizeof(list) - 1] = '\0';
    struct cli cli;
    char sentence[512];
    const char *const words[WORDS_MAX] = {"-p", list};
    assert_true(parse(words, &cli, sentence, sizeof(sentence)) < 0);
    assert_string_equal(sentence, "option --pid: at most 1024 processes can be given");
}

static void help_wins_over_everything_behind_it(void **state)
{
    (void)state;
    struct cli cli;
    char sentence[512];
    const char *const words[WORDS_MAX] = {"-b", "--help", "--nonsense"};
    assert_int_equal(parse(words, &cli, sentence, sizeof(sentence)), 0);
    assert_int_equal(cli.mode, MODE_HELP);
}

static void options_are_laid_over_the_settings(void **state)
{
    (void)state;
    struct settings settings;
    struct cli cli;
    char sentence[512];
    const char *const words[WORDS_MAX] = {"-d0.25", "-c",         "pid,nice",   "-spid:desc",
                                          "-HK",    "--no-mouse", "--no-color", "--ascii"};
    settings_init(&settings);
    assert_int_equal(parse(words, &cli, sentence, sizeof(sentence)), 0);
    cli_apply(&cli, &settings);
    assert_int_equal(settings.interval_ms, 250);
    assert_int_equal(settings.column_count, 2);
    assert_int_equal(settings.columns[1], COLUMN_NICE);
    assert_int_equal(settings.sort, COLUMN_PID);
    assert_true(settings.sort_descending);
    assert_true(settings.user_threads && settings.kernel_threads);
    assert_false(settings.mouse);
    assert_int_equal(settings.colours, COLOUR_NONE);
    assert_int_equal(settings.glyphs, GLYPHS_ASCII);
}

static void what_is_not_given_changes_no_setting(void **state)
{
    (void)state;
    struct settings before;
    struct settings after;
    struct cli cli;
    char sentence[512];
    const char *const words[WORDS_MAX] = {"--readonly"};
    memset(&before, 0, sizeof(before));
    settings_init(&before);
    before.sort = COLUMN_MEM;
    after = before;
    assert_int_equal(parse(words, &cli, sentence, sizeof(sentence)), 0);
    cli_apply(&cli, &after);
    assert_memory_equal(&before, &after, sizeof(before));
}

static void in_a_tree_the_order_is_that_of_siblings(void **state)
{
    (void)state;
    struct settings settings;
    struct cli cli;
    char sentence[512];
    const char *const words[WORDS_MAX] = {"--tree", "--sort", "nice:desc"};
    settings_init(&settings);
    const int32_t sort = settings.sort;
    assert_int_equal(parse(words, &cli, sentence, sizeof(sentence)), 0);
    cli_apply(&cli, &settings);
    assert_int_equal(settings.tree_sort, COLUMN_NICE);
    assert_true(settings.tree_sort_descending);
    assert_int_equal(settings.sort, sort);
}

static void deeds_are_told_what_to_do(void **state)
{
    (void)state;
    const struct {
        const char *words[2];
        enum deed_kind kind;
        int32_t number;
        bool relative;
    } cases[] = {
        {{"--signal", "TERM"}, DEED_SIGNAL, SIGTERM, false},
        {{"--signal", "sigusr1"}, DEED_SIGNAL, SIGUSR1, false},
        {{"--signal", "9"}, DEED_SIGNAL, SIGKILL, false},
        {{"--signal=Kill"}, DEED_SIGNAL, SIGKILL, false},
        {{"--signal", "rtmin"}, DEED_SIGNAL, SIGRTMIN, false},
        {{"--signal", "SIGRTMIN+3"}, DEED_SIGNAL, SIGRTMIN + 3, false},
        {{"--signal", "RTMIN+25"}, DEED_SIGNAL, SIGRTMIN + 25, false},
        {{"--signal", "rtmax-29"}, DEED_SIGNAL, SIGRTMAX - 29, false},
        {{"--terminate", "2.5"}, DEED_TERMINATE, 2500, false},
        {{"--stop"}, DEED_STOP, 1, false},
        {{"--continue"}, DEED_STOP, 0, false},
        {{"--nice", "-5"}, DEED_NICE, -5, false},
        {{"--nice-by", "-5"}, DEED_NICE, -5, true},
        {{"--nice-by", "+5"}, DEED_NICE, 5, true},
        {{"--nice-by=5"}, DEED_NICE, 5, true},
        {{"--autogroup-nice", "19"}, DEED_AUTOGROUP, 19, false},
        {{"--oom-score-adj", "-1000"}, DEED_OOM_ADJ, -1000, false},
        {{"--freeze"}, DEED_FREEZE, 1, false},
        {{"--thaw"}, DEED_FREEZE, 0, false},
        {{"--kill-cgroup"}, DEED_KILL_GROUP, 0, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cli cli;
        char sentence[512];
        const char *const words[WORDS_MAX] = {"-p7", cases[i].words[0], cases[i].words[1]};
        assert_int_equal(parse(words, &cli, sentence, sizeof(sentence)), 0);
        assert_int_equal(cli.mode, MODE_ACT);
        assert_int_equal(cli.deed.kind, cases[i].kind);
        assert_int_equal(cli.deed.value.number, cases[i].number);
        assert_int_equal(cli.deed.relative, cases[i].relative);
        assert_false(cli.deed.one_thread);
    }
}

static void deeds_with_values_of_several_parts_are_read(void **state)
{
    (void)state;
    struct cli cli;
    char sentence[512];
    const char *const io[WORDS_MAX] = {"--io-priority", "BE:6", "-f", "x"};
    assert_int_equal(parse(io, &cli, sentence, sizeof(sentence)), 0);
    assert_int_equal(cli.deed.value.io.class, IO_CLASS_BEST_EFFORT);
    assert_int_equal(cli.deed.value.io.level, 6);

    const char *const cpus[WORDS_MAX] = {"--affinity", "0,5000-5001", "-u0", "--threads"};
    assert_int_equal(parse(cpus, &cli, sentence, sizeof(sentence)), 0);
    assert_int_equal(cpu_set_count(&cli.deed.value.cpus), 3);
    assert_true(cpu_set_has(&cli.deed.value.cpus, 5001));
    assert_true(cli.deed.one_thread);

    const char *const sched[WORDS_MAX] = {"--scheduling", "rr:7:reset-on-fork", "-p1"};
    assert_int_equal(parse(sched, &cli, sentence, sizeof(sentence)), 0);
    assert_int_equal(cli.deed.value.sched.policy, POLICY_RR);
    assert_int_equal(cli.deed.value.sched.rt_priority, 7);
    assert_true(cli.deed.value.sched.reset_on_fork);
}

static void what_is_no_value_is_refused_in_the_words_of_the_registry(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"--terminate", "soon"},     {"--nice", "20"},         {"--autogroup-nice", "x"},
        {"--io-priority", "idle:3"}, {"--affinity", "0-"},     {"--affinity", ""},
        {"--scheduling", "fifo"},    {"--scheduling", "rr:0"}, {"--oom-score-adj", "1001"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cli cli;
        char sentence[512];
        char start[64];
        const char *const words[WORDS_MAX] = {cases[i][0], cases[i][1], "-p1"};
        assert_true(parse(words, &cli, sentence, sizeof(sentence)) < 0);
        (void)snprintf(start, sizeof(start), "option %s: ", cases[i][0]);
        assert_memory_equal(sentence, start, strlen(start));
        assert_true(strlen(sentence) > strlen(start) + 10);
    }
}

static void options_that_act_are_called_as_in_the_registry_of_deeds(void **state)
{
    (void)state;
    bool found[DEED_COUNT] = {false};
    for (int id = CLI_SIGNAL; id <= CLI_KILL_CGROUP; id++) {
        const struct cli_option *const row = cli_option_info((enum cli_option_id)id);
        assert_int_equal(row->group, CLI_GROUP_ACT);
        for (int kind = 0; kind < DEED_COUNT; kind++) {
            const struct deed_info *const info = deed_info((enum deed_kind)kind);
            if (strcmp(row->name, info->name) == 0) {
                found[kind] = true;
                assert_int_equal(row->argument == NULL, info->argument == NULL);
                assert_true(row->argument == NULL || strcmp(row->argument, info->argument) == 0);
            }
        }
    }
    for (int kind = 0; kind < DEED_COUNT; kind++) {
        assert_true(found[kind] || kind == DEED_CLOSE); // which takes a row to point at
    }
}

static void modifiers_of_actions_are_kept(void **state)
{
    (void)state;
    struct cli cli;
    char sentence[512];
    const char *const words[WORDS_MAX] = {"--stop",    "-fx",   "--descendants", "--protected",
                                          "--dry-run", "--yes", "--log-actions", "a.log"};
    assert_int_equal(parse(words, &cli, sentence, sizeof(sentence)), 0);
    assert_true(cli.descendants && cli.protected_too && cli.dry_run && cli.yes);
    assert_non_null(cli.log_actions);

    const char *const screen[WORDS_MAX] = {"--log-actions", "a.log"};
    assert_int_equal(parse(screen, &cli, sentence, sizeof(sentence)), 0);
    assert_int_equal(cli.mode, MODE_SCREEN);
    assert_non_null(cli.log_actions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_has_a_whole_row),
        cmocka_unit_test(help_has_every_option_within_80_columns),
        cmocka_unit_test(every_option_is_understood),
        cmocka_unit_test(wrong_command_lines_are_refused_with_a_sentence),
        cmocka_unit_test(sort_orders_name_a_column_and_a_direction),
        cmocka_unit_test(lists_take_commas_and_spaces_and_may_be_repeated),
        cmocka_unit_test(users_are_found_by_number_and_by_name),
        cmocka_unit_test(columns_are_those_of_the_table_wherever_it_is_named),
        cmocka_unit_test(too_many_processes_are_refused),
        cmocka_unit_test(help_wins_over_everything_behind_it),
        cmocka_unit_test(options_are_laid_over_the_settings),
        cmocka_unit_test(what_is_not_given_changes_no_setting),
        cmocka_unit_test(in_a_tree_the_order_is_that_of_siblings),
        cmocka_unit_test(deeds_are_told_what_to_do),
        cmocka_unit_test(deeds_with_values_of_several_parts_are_read),
        cmocka_unit_test(what_is_no_value_is_refused_in_the_words_of_the_registry),
        cmocka_unit_test(options_that_act_are_called_as_in_the_registry_of_deeds),
        cmocka_unit_test(modifiers_of_actions_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
