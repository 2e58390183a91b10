#include "check.h"
#include "model/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { DUMP_BYTES = 16384 }; // for all settings as a file

/* What is said of text that could not be shown. */
#define UNSHOWN(name) name " must not hold control characters or bytes that are not UTF-8"

static int set(struct settings *settings, const char *name, const char *value, char sentence[256])
{
    struct strbuf error;

    str_init(&error, sentence, 256);
    return settings_set(settings, name, value, &error);
}

/* All settings as text, which is also how two of them are compared. */
static void dump(const struct settings *settings, char memory[DUMP_BYTES])
{
    struct strbuf buf;

    str_init(&buf, memory, DUMP_BYTES);
    settings_write(settings, &buf);
    assert_false(buf.overflow);
}

/* Collects complaints as "line:sentence\n". */
static void collect(void *context, int line, const char *sentence)
{
    struct strbuf *buf = context;

    str_addf(buf, "%d:%s\n", line, sentence);
}

static void apply(struct settings *settings, const char *text, char complaints[4096])
{
    struct strbuf buf;

    str_init(&buf, complaints, 4096);
    settings_apply(settings, text, strlen(text), collect, &buf);
}

static void every_row_is_complete_and_its_name_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < setting_count(); i++) {
        const struct setting row = setting_info(i);
        assert_int_equal(strspn(row.name, "abcdefghijklmnopqrstuvwxyz_"), strlen(row.name));
        assert_true(strlen(row.name) > 0);
        assert_int_equal(row.help[strlen(row.help) - 1], '.');
        assert_true(row.offset < sizeof(struct settings));
        assert_true((row.choices != NULL) == (row.kind == SETTING_CHOICE));
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(row.name, setting_info(k).name);
            assert_true(row.offset != setting_info(k).offset);
        }
    }
}

static void every_initial_value_parses_and_reads_back_the_same(void **state)
{
    (void)state;
    struct settings settings;
    settings_init(&settings);
    for (size_t i = 0; i < setting_count(); i++) {
        const struct setting row = setting_info(i);
        char sentence[256];
        char memory[512];
        struct strbuf buf;
        struct settings other = {0};
        assert_int_equal(set(&other, row.name, row.initial, sentence), 0);
        assert_string_equal(sentence, "");
        str_init(&buf, memory, sizeof(memory));
        settings_get(&settings, &row, &buf);
        assert_string_equal(memory, row.initial);
    }
}

static void defaults_are_those_people_are_used_to(void **state)
{
    (void)state;
    struct settings settings;
    memset(&settings, 0xFF, sizeof(settings));
    settings_init(&settings);
    assert_int_equal(settings.interval_ms, 1500);
    assert_int_equal(settings.sort, COLUMN_CPU);
    assert_true(settings.sort_descending);
    assert_false(settings.tree);
    assert_int_equal(settings.tree_sort, COLUMN_PID);
    assert_false(settings.tree_sort_descending);
    assert_true(settings.exited && settings.mouse && settings.header && settings.footer);
    assert_true(settings.cpu_per_core && settings.full_path);
    assert_false(settings.kernel_threads || settings.user_threads || settings.highlight_new);
    assert_int_equal(settings.glyphs, GLYPHS_AUTO);
    assert_int_equal(settings.theme, THEME_DEFAULT);
    assert_int_equal(settings.terminate_wait_ms, 5000);
    assert_string_equal(settings.protected_names, "");
    assert_string_equal(settings.log_actions, "");
    assert_false(settings.syslog_actions);

    static const char *const titles[] = {"PID", "USER", "PRI",  "NI",   "VIRT",  "RES",
                                         "SHR", "S",    "CPU%", "MEM%", "TIME+", "Command"};
    assert_int_equal(settings.column_count, 12);
    for (size_t i = 0; i < settings.column_count; i++) {
        assert_string_equal(column_info((enum column_id)settings.columns[i])->title, titles[i]);
    }
}

static void switches_take_the_usual_words(void **state)
{
    (void)state;
    static const char *const words[][2] = {
        {"no", "yes"}, {"false", "true"}, {"off", "on"}, {"0", "1"}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct settings settings;
        char sentence[256];
        settings_init(&settings);
        assert_int_equal(set(&settings, "tree", words[i][1], sentence), 0);
        assert_true(settings.tree);
        assert_int_equal(set(&settings, "tree", words[i][0], sentence), 0);
        assert_false(settings.tree);
    }
}

static void choices_are_in_the_order_of_their_enum(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *value;
        int32_t expected;
    } cases[] = {
        {"glyphs", "auto", GLYPHS_AUTO},       {"glyphs", "ascii", GLYPHS_ASCII},
        {"glyphs", "unicode", GLYPHS_UNICODE}, {"colours", "auto", COLOUR_AUTO},
        {"colours", "none", COLOUR_NONE},      {"colours", "16", COLOUR_16},
        {"colours", "256", COLOUR_256},        {"colours", "true", COLOUR_TRUE},
        {"theme", "default", THEME_DEFAULT},   {"theme", "light", THEME_LIGHT},
        {"theme", "contrast", THEME_CONTRAST},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct settings settings;
        char sentence[256];
        settings_init(&settings);
        assert_int_equal(set(&settings, cases[i].name, cases[i].value, sentence), 0);
        for (size_t k = 0; k < setting_count(); k++) {
            const struct setting row = setting_info(k);
            if (str_equal(row.name, cases[i].name)) {
                int32_t value = -1;
                memcpy(&value, (const char *)&settings + row.offset, sizeof(value));
                assert_int_equal(value, cases[i].expected);
            }
        }
    }
}

static void wrong_values_are_refused_with_a_sentence_and_change_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *value;
        const char *sentence;
    } cases[] = {
        {"interval_x", "1", "there is no setting \"interval_x\""},
        {"", "1", "there is no setting \"\""},
        {"interval", "0.05", "interval must be seconds from 0.1 to 3600, not \"0.05\""},
        {"interval", "3601", "interval must be seconds from 0.1 to 3600, not \"3601\""},
        {"interval", "1,5", "interval must be seconds from 0.1 to 3600, not \"1,5\""},
        {"interval", "", "interval must be seconds from 0.1 to 3600, not \"\""},
        {"tree", "maybe", "tree must be yes or no, not \"maybe\""},
        {"sort", "speed", "sort: there is no column \"speed\""},
        {"columns", "velocity, speed", "columns: there is no column \"velocity\""},
        {"columns", "pid cpu PID", "columns: \"PID\" is there twice"},
        {"columns", "pid speed pid", "columns: \"pid\" is there twice"},
        {"disks_columns", "speed", "disks_columns: there is no column \"speed\""},
        {"disks_columns", "name utilisation name", "disks_columns: \"name\" is there twice"},
        {"disks_sort", "speed", "disks_sort: there is no column \"speed\""},
        {"disks_sort", ":asc", "disks_sort: there is no column \"\""},
        {"disks_sort", "graph",
         "disks_sort: there is no column \"graph\" to sort by: it is a graph"},
        {"disks_sort", "name:up", "disks_sort: after the column comes :asc or :desc, not \":up\""},
        {"processes_sort", "pid", "there is no setting \"processes_sort\""},
        {"columns", " , ", "columns: at least one column is needed"},
        {"glyphs", "emoji", "glyphs must be auto, ascii or unicode, not \"emoji\""},
        {"terminate_wait", "0.05", "terminate_wait must be seconds from 0.1 to 600, not \"0.05\""},
        {"terminate_wait", "601", "terminate_wait must be seconds from 0.1 to 600, not \"601\""},
        {"terminate_wait", "-1", "terminate_wait must be seconds from 0.1 to 600, not \"-1\""},
        {"syslog_actions", "2", "syslog_actions must be yes or no, not \"2\""},
        {"protected", "a\nmouse = no", UNSHOWN("protected")},
        {"protected", "a\tb", UNSHOWN("protected")},
        {"protected", "a\x7f", UNSHOWN("protected")},
        {"protected",
         "a\xc2\x9b"
         "b",
         UNSHOWN("protected")},
        {"protected",
         "\xe2\x80\xae"
         "abc",
         UNSHOWN("protected")}, // right-to-left override
        {"log_actions", "/var/log/\xff", UNSHOWN("log_actions")},
        {"log_actions", "/var/log/\x1b[2J", UNSHOWN("log_actions")},
    };
    struct settings settings;
    static char before[DUMP_BYTES];
    static char after[DUMP_BYTES];
    settings_init(&settings);
    dump(&settings, before);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char sentence[256];
        assert_int_equal(set(&settings, cases[i].name, cases[i].value, sentence), -EINVAL);
        assert_string_equal(sentence, cases[i].sentence);
        dump(&settings, after);
        assert_string_equal(before, after);
    }
}

static void a_file_is_applied_line_by_line_past_its_errors(void **state)
{
    (void)state;
    struct settings settings;
    char complaints[4096];
    settings_init(&settings);
    apply(&settings,
          "# comment\r\n"
          "\n"
          "  interval =  0.25 \r\n"
          "nonsense\n"
          "tree=yes\n"
          "   # indented comment\n"
          "colour = none\n"
          "columns = PID, command\n"
          "sort = TIME+\n"
          "mouse = off",
          complaints);
    assert_string_equal(complaints, "4:expected \"name = value\", not \"nonsense\"\n"
                                    "7:there is no setting \"colour\"\n");
    assert_int_equal(settings.interval_ms, 250);
    assert_true(settings.tree);
    assert_int_equal(settings.column_count, 2);
    assert_int_equal(settings.columns[1], COLUMN_COMMAND);
    assert_int_equal(settings.sort, COLUMN_TIME);
    assert_false(settings.mouse);
}

static void hostile_lines_are_reported_not_read(void **state)
{
    (void)state;
    struct settings settings;
    char complaints[4096];
    char text[5000];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    settings_init(&settings);
    apply(&settings, text, complaints);
    assert_string_equal(complaints, "1:the line is too long\n");

    struct strbuf buf;
    str_init(&buf, complaints, sizeof(complaints));
    settings_apply(&settings, "tree = yes\0\nmouse = no\n", 23, collect, &buf);
    assert_string_equal(complaints, "1:the line is not text\n");
    assert_false(settings.tree);
    assert_false(settings.mouse);

    settings_apply(&settings, "x", 1, NULL, NULL); // nobody wants to know
    settings_apply(&settings, "", 0, collect, &buf);
}

/* Its last column and its first, sorted by the last in the direction it does not have at first. */
static void set_up_table(struct settings *settings, enum table_id id)
{
    const struct table *table = table_info(id);
    const struct table_column first = table_column_info(table, 0);
    const struct table_column last = table_column_info(table, table->column_count - 1);
    char text[256];
    char complaints[4096];
    (void)snprintf(text, sizeof(text), "%s_columns = %s %s\n%s_sort = %s:%s\n", table->name,
                   last.name, first.name, table->name, last.name, last.descending ? "asc" : "desc");
    apply(settings, text, complaints);
    assert_string_equal(complaints, "");
    assert_int_equal(settings->tables[id].column_count, 2);
    assert_int_equal(settings->tables[id].columns[0], table->column_count - 1);
    assert_int_equal(settings->tables[id].columns[1], 0);
    assert_int_equal(settings->tables[id].sort, table->column_count - 1);
    assert_int_equal(settings->tables[id].descending, !last.descending);
}

static void what_is_written_reads_back_the_same(void **state)
{
    (void)state;
    struct settings settings;
    char complaints[4096];
    settings_init(&settings);
    apply(
        &settings,
        "interval = 0.125\ncolumns = command exe pid io_rate\nsort = io_rate\n"
        "sort_descending = no\ntree = yes\ntree_sort = start\ntree_sort_descending = yes\n"
        "kernel_threads = yes\nuser_threads = yes\nexited = no\nhighlight_new = yes\n"
        "mouse = no\nclipboard = no\nheader = no\nfooter = no\ncpu_frequency = yes\ncpu_per_core = no\n"
        "full_path = no\nnames = yes\nglyphs = ascii\ngraph = blocks\nhistory = no\ncolours = 256\ntheme = contrast\n"
        "terminate_wait = 0.25\nprotected = postgres, 4711 \xc3\xbc\xe7\x8c\xab = # x\n"
        "log_actions = /var/log/a b.log\nsyslog_actions = yes\n",
        complaints);
    assert_string_equal(complaints, "");
    for (int id = 0; id < TABLES_ON_SCREEN; id++) {
        set_up_table(&settings, (enum table_id)id);
    }

    static char written[DUMP_BYTES];
    static char again[DUMP_BYTES];
    static char initial[DUMP_BYTES];
    struct settings other;
    settings_init(&other);
    dump(&other, initial);
    dump(&settings, written);
    apply(&other, written, complaints);
    dump(&other, again);
    assert_string_equal(complaints, "");
    assert_string_equal(written, again);
    // Each value differs from its default, or this would prove nothing.
    for (size_t i = 0; i < setting_count(); i++) {
        char line[512];
        (void)snprintf(line, sizeof(line), "\n%s = %s\n", setting_info(i).name,
                       setting_info(i).initial);
        assert_non_null(strstr(initial, line));
        assert_null(strstr(written, line));
    }
}

static void texts_keep_everything_but_the_blanks_around_them(void **state)
{
    (void)state;
    struct settings settings;
    char sentence[256];
    char longest[SETTING_TEXT_BYTES + 1];
    settings_init(&settings);
    assert_int_equal(set(&settings, "protected", "  sshd,  tmux 4711 ", sentence), 0);
    assert_string_equal(settings.protected_names, "sshd,  tmux 4711");
    assert_int_equal(set(&settings, "protected", settings.protected_names + 7, sentence), 0);
    assert_string_equal(settings.protected_names, "tmux 4711");
    assert_int_equal(set(&settings, "protected", "", sentence), 0);
    assert_string_equal(settings.protected_names, "");
    assert_int_equal(set(&settings, "protected", "   ", sentence), 0);
    assert_string_equal(settings.protected_names, "");

    memset(longest, 'x', sizeof(longest));
    longest[SETTING_TEXT_BYTES] = '\0';
    assert_int_equal(set(&settings, "log_actions", longest, sentence), -EINVAL);
    assert_string_equal(sentence, "log_actions must be at most 511 bytes long");
    assert_string_equal(settings.log_actions, "");
    assert_int_equal(set(&settings, "log_actions", longest + 1, sentence), 0);
    assert_string_equal(settings.log_actions, longest + 1);

    static char written[DUMP_BYTES];
    char complaints[4096];
    struct settings other;
    settings_init(&other);
    dump(&settings, written);
    apply(&other, written, complaints);
    assert_string_equal(complaints, "");
    assert_string_equal(other.log_actions, longest + 1);
}

static void all_columns_fit_into_the_list(void **state)
{
    (void)state;
    struct settings settings;
    char names[2048];
    char sentence[256];
    char back[2048];
    struct strbuf buf;
    settings_init(&settings);
    str_init(&buf, names, sizeof(names));
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        str_addf(&buf, "%s%s", i == 0 ? "" : " ", column_info((enum column_id)i)->name);
    }
    assert_int_equal(set(&settings, "columns", names, sentence), 0);
    assert_int_equal(settings.column_count, COLUMN_COUNT);
    for (size_t i = 0; i < setting_count(); i++) {
        if (setting_info(i).kind == SETTING_COLUMNS) {
            str_init(&buf, back, sizeof(back));
            const struct setting row = setting_info(i);
            settings_get(&settings, &row, &buf);
            assert_string_equal(back, names);
        }
    }
}

static void a_table_is_as_usual_until_something_else_is_said(void **state)
{
    (void)state;
    struct settings settings;
    char sentence[256];
    settings_init(&settings);
    for (int id = 0; id < TABLES_ON_SCREEN; id++) {
        const struct table *table = table_info((enum table_id)id);
        assert_int_equal(settings.tables[id].column_count, 0);
        assert_int_equal(settings.tables[id].sort, table->sort);
        assert_int_equal(settings.tables[id].descending,
                         table_column_info(table, table->sort).descending);
    }
    const struct table *disks = table_info(TABLE_DISKS);
    struct table_settings *set_up = &settings.tables[TABLE_DISKS];
    const size_t name = table_column_by_name(disks, "name");
    assert_int_equal(set(&settings, "disks_sort", "name", sentence), 0);
    assert_int_equal(set_up->sort, name);
    assert_false(set_up->descending); // its own direction
    assert_int_equal(set(&settings, "disks_sort", "name:desc", sentence), 0);
    assert_true(set_up->descending);
    assert_int_equal(set(&settings, "disks_sort", "", sentence), 0);
    assert_int_equal(set_up->sort, disks->sort);
    assert_int_equal(set(&settings, "disks_columns", "write_rate,name", sentence), 0);
    assert_int_equal(set_up->column_count, 2);
    assert_int_equal(set_up->columns[1], name);
    assert_int_equal(set(&settings, "disks_columns", "", sentence), 0);
    assert_int_equal(set_up->column_count, 0);
}

static void columns_of_another_version_are_left_out_with_a_complaint(void **state)
{
    (void)state;
    struct settings settings;
    char complaints[4096];
    settings_init(&settings);
    apply(&settings,
          "columns = pid entropy command\n"
          "disks_columns = name entropy heat write_rate\n"
          "disks_sort = heat:desc\n"
          "rockets_columns = fuel\n",
          complaints);
    assert_string_equal(complaints, "1:columns: there is no column \"entropy\"\n"
                                    "2:disks_columns: there is no column \"entropy\"\n"
                                    "3:disks_sort: there is no column \"heat\"\n"
                                    "4:there is no setting \"rockets_columns\"\n");
    assert_int_equal(settings.column_count, 2);
    assert_int_equal(settings.columns[1], COLUMN_COMMAND);
    const struct table *disks = table_info(TABLE_DISKS);
    assert_int_equal(settings.tables[TABLE_DISKS].column_count, 2);
    assert_int_equal(settings.tables[TABLE_DISKS].columns[1],
                     table_column_by_name(disks, "write_rate"));
    assert_int_equal(settings.tables[TABLE_DISKS].sort, disks->sort);
}

static void members_out_of_range_are_written_as_something_that_reads_back(void **state)
{
    (void)state;
    struct settings settings;
    struct settings other;
    static char written[DUMP_BYTES];
    char complaints[4096];
    settings_init(&settings);
    settings_init(&other);
    settings.sort = 1000;
    settings.tree_sort = -1;
    settings.theme = 99;
    settings.glyphs = -5;
    memset(&settings.tables[TABLE_DISKS], 0xFF, sizeof(settings.tables[TABLE_DISKS]));
    memcpy(settings.protected_names, "x\nmouse = no", sizeof("x\nmouse = no"));
    memset(settings.log_actions, 'x', sizeof(settings.log_actions)); // not terminated
    dump(&settings, written);
    apply(&other, written, complaints);
    assert_string_equal(complaints, "");
    assert_true(other.mouse);
    assert_string_equal(other.protected_names, "");
    assert_string_equal(other.log_actions, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete_and_its_name_unique),
        cmocka_unit_test(every_initial_value_parses_and_reads_back_the_same),
        cmocka_unit_test(defaults_are_those_people_are_used_to),
        cmocka_unit_test(switches_take_the_usual_words),
        cmocka_unit_test(choices_are_in_the_order_of_their_enum),
        cmocka_unit_test(wrong_values_are_refused_with_a_sentence_and_change_nothing),
        cmocka_unit_test(a_file_is_applied_line_by_line_past_its_errors),
        cmocka_unit_test(hostile_lines_are_reported_not_read),
        cmocka_unit_test(what_is_written_reads_back_the_same),
        cmocka_unit_test(texts_keep_everything_but_the_blanks_around_them),
        cmocka_unit_test(all_columns_fit_into_the_list),
        cmocka_unit_test(a_table_is_as_usual_until_something_else_is_said),
        cmocka_unit_test(columns_of_another_version_are_left_out_with_a_complaint),
        cmocka_unit_test(members_out_of_range_are_written_as_something_that_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
