#include "help.h"

#include "base/str.h"
#include "cli.h"
#include "model/column.h"
#include "model/table.h"
#include "ui/action.h"
#include "ui/keymap.h"

#include <string.h>

enum {
    LINE_CELLS = 80,
    OPTION_CELLS = 26, // where the explanation of an option begins
    LABEL_BYTES = 128,
};

/* Write text from column `indent` on, in lines of at most LINE_CELLS, broken at spaces.
 * `column` is where the first line stands. All of it is ours: ASCII. */
static void wrap(FILE *file, const char *text, size_t column, size_t indent)
{
    bool first = true;
    while (*text != '\0') {
        const size_t word = strcspn(text, " ");
        if (!first && column + 1 + word > LINE_CELLS) {
            (void)fprintf(file, "\n%*s", (int)indent, "");
            column = indent;
            first = true;
        }
        (void)fprintf(file, "%s%.*s", first ? "" : " ", (int)word, text);
        column += word + (first ? 0 : 1);
        first = false;
        text += word;
        text += strspn(text, " ");
    }
    (void)fputc('\n', file);
}

/* A label, then its explanation in its own column. */
static void entry(FILE *file, const char *label, size_t indent, const char *text)
{
    const size_t len = strlen(label);
    if (len + 1 >= indent) {
        (void)fprintf(file, "%s\n%*s", label, (int)indent, "");
    } else {
        (void)fprintf(file, "%-*s", (int)indent, label);
    }
    wrap(file, text, indent, indent);
}

static void write_option(FILE *file, const struct cli_option *option)
{
    char bytes[LABEL_BYTES];
    struct strbuf label;
    str_init(&label, bytes, sizeof(bytes));
    if (option->letter != 0) {
        str_addf(&label, "  -%c, --%s", option->letter, option->name);
    } else {
        str_addf(&label, "      --%s", option->name);
    }
    if (option->argument != NULL) {
        str_addf(&label, " %s", option->argument);
    }
    entry(file, bytes, OPTION_CELLS, option->help);
}

void help_options(FILE *file)
{
    (void)fputs("Usage: perch [OPTION]...\n"
                "Watch the processes of a machine, find one, signal or renice it.\n",
                file);
    for (int group = 0; group < CLI_GROUP_COUNT; group++) {
        (void)fprintf(file, "\n%s:\n", cli_group_title((enum cli_group)group));
        for (int id = 0; id < CLI_OPTION_COUNT; id++) {
            const struct cli_option *const option = cli_option_info((enum cli_option_id)id);
            if (option->group == (enum cli_group)group) {
                write_option(file, option);
            }
        }
    }
    (void)fputs("\nExit status: 0 success, 1 failure, 2 wrong usage, 128+N ended by signal N. Of\n"
                "actions: 0 done to all or so already, 1 done to none, 3 done to some only.\n",
                file);
    (void)fputs("\nOn the screen, F1 or ? explains the keys. More is in perch(1).\n", file);
}

/* Where a list of keys stands. */
struct key_list {
    FILE *file;
    int group; // enum action_group of the last line, -1 before the first
};

static void write_key(void *user, const struct action *action, enum context where, const char *keys)
{
    struct key_list *const list = user;
    if (list->group != (int)action->group) {
        (void)fprintf(list->file, "%s%s:\n", list->group < 0 ? "" : "\n",
                      action_group_title(action->group));
        list->group = (int)action->group;
    }
    char bytes[LABEL_BYTES];
    struct strbuf label;
    str_init(&label, bytes, sizeof(bytes));
    str_addf(&label, "  %-22s %-7s %s", keys, where == CONTEXT_ALL ? "" : context_name(where),
             action->name);
    entry(list->file, bytes, 2 + 22 + 1 + 7 + 1 + 17, action->help);
}

void help_keys(FILE *file, const struct keymap *keymap)
{
    struct key_list list = {.file = file, .group = -1};
    (void)fputs("Keys, where they count if not everywhere, the action's name for the file \"keys\""
                ",\nand what it does.\n\n",
                file);
    keymap_visit(keymap, write_key, &list);
}

/* The columns of one table, for --table. */
static void write_table(FILE *file, const struct table *table)
{
    const size_t name_cells = 15;
    (void)fprintf(file, "\nWith --table %s: ", table->name);
    (void)fprintf(file, "%s.\n\n", table->help);
    for (size_t i = 0; i < table->column_count; i++) {
        const struct table_column column = table_column_info(table, i);
        char bytes[LABEL_BYTES];
        struct strbuf label;
        str_init(&label, bytes, sizeof(bytes));
        str_addf(&label, "%-*s %-10s", (int)name_cells, column.name, column.title);
        entry(file, bytes, name_cells + 1 + 10 + 2, column.help);
    }
}

void help_tables(FILE *file)
{
    const size_t name_cells = 13;
    const size_t title_cells = 13;
    (void)fputs("Names for --table, titles on the screen, and what the tables have.\n\n", file);
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *const table = table_info((enum table_id)id);
        char bytes[LABEL_BYTES];
        struct strbuf label;
        str_init(&label, bytes, sizeof(bytes));
        str_addf(&label, "%-*s %s", (int)name_cells, table->name, table->title);
        entry(file, bytes, name_cells + 1 + title_cells + 1, table->help);
    }
    (void)fputs("\nWhat their columns are: perch --help-columns.\n", file);
}

void help_columns(FILE *file)
{
    size_t widest = 0;
    for (int id = 0; id < COLUMN_COUNT; id++) {
        const size_t len = strlen(column_info((enum column_id)id)->name);
        widest = len > widest ? len : widest;
    }
    (void)fputs("Names for --columns and --sort, titles, and what the columns mean.\n\n", file);
    for (int id = 0; id < COLUMN_COUNT; id++) {
        const struct column *const column = column_info((enum column_id)id);
        char bytes[LABEL_BYTES];
        struct strbuf label;
        str_init(&label, bytes, sizeof(bytes));
        str_addf(&label, "%-*s %-8s", (int)widest, column->name, column->title);
        entry(file, bytes, widest + 1 + 8 + 2, column->help);
    }
    for (int id = 0; id < TABLE_COUNT; id++) {
        write_table(file, table_info((enum table_id)id));
    }
}
