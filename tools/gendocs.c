/*
 * Prints the parts of the documents that come from the registries: tools/docs.py puts them
 * into docs/perch.1, docs/JSON.md, docs/perch.schema.json and README.md, and the test docs-fresh
 * compares. So the committed documents need nothing to be read or installed, and cannot be out of
 * step.
 */

#include "base/str.h"
#include "cli.h"
#include "gendocs_schema.h"
#include "model/column.h"
#include "model/memory.h"
#include "model/settings.h"
#include "model/table.h"
#include "model/value.h"
#include "ui/action.h"
#include "ui/keymap.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_BYTES_MAX = 1024 };

/* Text for troff: a minus stays one, a backslash is no escape, a dot at the start no request. */
static void roff(const char *text)
{
    if (*text == '.' || *text == '\'') {
        (void)fputs("\\&", stdout);
    }
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '-':
            (void)fputs("\\-", stdout);
            break;
        case '\\':
            (void)fputs("\\e", stdout);
            break;
        case '\'':
            (void)fputs("\\(aq", stdout);
            break;
        case '^':
            (void)fputs("\\(ha", stdout);
            break;
        case '~':
            (void)fputs("\\(ti", stdout);
            break;
        case '`':
            (void)fputs("\\(ga", stdout);
            break;
        default:
            (void)putchar(*text);
        }
    }
}

static void roff_bold(const char *text)
{
    (void)fputs("\\fB", stdout);
    roff(text);
    (void)fputs("\\fR", stdout);
}

/* A sentence of a registry: stored without a full stop, and for lists in lower case. */
static void roff_sentence(const char *text)
{
    if (*text >= 'a' && *text <= 'z') {
        (void)putchar(*text - 'a' + 'A');
        text++;
    }
    const size_t len = strlen(text);
    roff(text);
    (void)fputs(len > 0 && text[len - 1] == '.' ? "\n" : ".\n", stdout);
}

static void man_option(const struct cli_option *option)
{
    (void)fputs(".TP\n", stdout);
    if (option->letter != 0) {
        const char letter[3] = {'-', option->letter, '\0'};
        roff_bold(letter);
        (void)fputs(", ", stdout);
    }
    (void)fputs("\\fB\\-\\-", stdout);
    roff(option->name);
    (void)fputs("\\fR", stdout);
    if (option->argument != NULL) {
        (void)fputs(" \\fI", stdout);
        roff(option->argument);
        (void)fputs("\\fR", stdout);
    }
    (void)putchar('\n');
    roff_sentence(option->help);
}

static void man_options(void)
{
    for (int group = 0; group < CLI_GROUP_COUNT; group++) {
        (void)printf(".SS %s\n", cli_group_title((enum cli_group)group));
        for (int id = 0; id < CLI_OPTION_COUNT; id++) {
            if (cli_option_info((enum cli_option_id)id)->group == (enum cli_group)group) {
                man_option(cli_option_info((enum cli_option_id)id));
            }
        }
    }
}

static void man_columns(void)
{
    for (int id = 0; id < COLUMN_COUNT; id++) {
        const struct column *const column = column_info((enum column_id)id);
        (void)fputs(".TP\n", stdout);
        roff_bold(column->name);
        (void)fputs(" (", stdout);
        roff(column->title);
        (void)fputs(")\n", stdout);
        roff_sentence(column->help);
        (void)fputs("Source: ", stdout);
        roff(column->source);
        (void)fputs(".\n", stdout);
    }
}

static void man_tables(void)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *const table = table_info((enum table_id)id);
        (void)printf(".SS %s\n", table->name);
        roff_sentence(table->help);
        for (size_t i = 0; i < table->column_count; i++) {
            const struct table_column column = table_column_info(table, i);
            (void)fputs(".TP\n", stdout);
            roff_bold(column.name);
            (void)fputs(" (", stdout);
            roff(column.title);
            (void)fputs(")\n", stdout);
            roff_sentence(column.help);
            (void)fputs("Source: ", stdout);
            roff(column.source);
            (void)fputs(".\n", stdout);
        }
    }
}

static void man_settings(void)
{
    struct settings settings;
    settings_init(&settings);
    for (size_t i = 0; i < setting_count(); i++) {
        const struct setting row = setting_info(i);
        char bytes[VALUE_BYTES_MAX];
        struct strbuf value;
        str_init(&value, bytes, sizeof(bytes));
        settings_get(&settings, &row, &value);
        (void)fputs(".TP\n", stdout);
        roff_bold(row.name);
        (void)fputs(" = ", stdout);
        roff(bytes);
        (void)putchar('\n');
        roff_sentence(row.help);
        for (size_t c = 0; row.choices != NULL && row.choices[c] != NULL; c++) {
            (void)fputs(c == 0 ? "One of " : ", ", stdout);
            roff(row.choices[c]);
        }
        if (row.choices != NULL) {
            (void)fputs(".\n", stdout);
        }
    }
}

/* Where a list of keys stands. */
struct key_list {
    int group; // enum action_group of the last line, -1 before the first
};

static void man_key(void *user, const struct action *action, enum context where, const char *keys)
{
    struct key_list *const list = user;
    if (list->group != (int)action->group) {
        list->group = (int)action->group;
        (void)printf(".SS %s\n", action_group_title(action->group));
    }
    (void)fputs(".TP\n", stdout);
    roff_bold(keys);
    (void)putchar('\n');
    roff(action->help);
    (void)fputs(" (", stdout);
    roff(context_name(where));
    (void)fputs(" ", stdout);
    roff(action->name);
    (void)fputs(").\n", stdout);
}

/* Text for a cell of a Markdown table. */
static void markdown(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|' || *text == '\\' || *text == '*' || *text == '_' || *text == '`' ||
            *text == '<' || *text == '>' || *text == '[' || *text == ']' || *text == '#') {
            (void)putchar('\\');
        }
        (void)putchar(*text);
    }
}

/* The README's table has what is used on the processes; dialogs explain themselves. */
static void markdown_key(void *user, const struct action *action, enum context where,
                         const char *keys)
{
    struct key_list *const list = user;
    if (where != CONTEXT_TABLE && where != CONTEXT_ALL) {
        return;
    }
    if (list->group != (int)action->group) {
        list->group = (int)action->group;
        (void)printf("| **%s** | |\n", action_group_title(action->group));
    }
    (void)fputs("| ", stdout);
    markdown(keys);
    (void)fputs(" | ", stdout);
    markdown(action->help);
    (void)fputs(" |\n", stdout);
}

/* One member of an object as a line of a table. */
static void json_member(const char *name, enum value_kind kind, const char *unit, const char *help)
{
    (void)printf("| `%s` | %s%s%s | ", name, gendocs_json_type(kind), unit != NULL ? ", " : "",
                 unit != NULL ? unit : "");
    markdown(help);
    (void)fputs(" |\n", stdout);
}

static void json_memory(void)
{
    (void)fputs("| Member | Type | What it is |\n| --- | --- | --- |\n", stdout);
    for (size_t i = 0; i < memory_figure_count(); i++) {
        const struct memory_figure *const figure = memory_figure(i);
        json_member(figure->name, figure->kind, gendocs_json_unit(figure->kind), figure->help);
    }
}

/* One section for each table, one line for each member of a row. */
static void json_tables(void)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *const table = table_info((enum table_id)id);
        (void)printf("%s### %s\n\n", id == 0 ? "" : "\n", table->name);
        markdown(table->help);
        (void)fputs(".\n\n| Member | Type | What it is |\n| --- | --- | --- |\n", stdout);
        for (size_t i = 0; i < table->column_count; i++) {
            const struct table_column column = table_column_info(table, i);
            if (!table_column_is_graph(table, i)) {
                json_member(column.name, column.kind, gendocs_column_unit(table, i), column.help);
            }
        }
    }
}

static int keys(keymap_visitor *visitor)
{
    struct keymap *keymap = NULL;
    struct key_list list = {.group = -1};
    if (keymap_create(&keymap) != 0) {
        return 1;
    }
    keymap_visit(keymap, visitor, &list);
    keymap_destroy(keymap);
    return 0;
}

int main(int argc, char **argv)
{
    const char *const what = argc == 2 ? argv[1] : "";
    int status = 0;
    if (str_equal(what, "man-options")) {
        man_options();
    } else if (str_equal(what, "man-columns")) {
        man_columns();
    } else if (str_equal(what, "man-tables")) {
        man_tables();
    } else if (str_equal(what, "json-tables")) {
        json_tables();
    } else if (str_equal(what, "json-memory")) {
        json_memory();
    } else if (str_equal(what, "man-settings")) {
        man_settings();
    } else if (str_equal(what, "man-keys")) {
        status = keys(man_key);
    } else if (str_equal(what, "readme-keys")) {
        (void)fputs("| Key | What it does |\n| --- | --- |\n", stdout);
        status = keys(markdown_key);
    } else if (!gendocs_schema(what)) {
        (void)fputs("usage: gendocs man-options|man-columns|man-tables|man-settings|man-keys|"
                    "readme-keys|json-tables|schema-choice|schema-rows|schema-reasons|"
                    "schema-figures|schema-memory|schema-memory-required|json-memory\n",
                    stderr);
        return 2;
    }
    return fflush(stdout) != 0 ? 1 : status;
}
