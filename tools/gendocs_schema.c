#include "gendocs_schema.h"

#include "base/str.h"
#include "model/column.h"
#include "model/memory.h"
#include "model/table.h"
#include "print_json.h"

#include <stddef.h>
#include <stdio.h>

/* How values of a kind are written. */
struct json_kind {
    const char *type, *unit; // unit NULL: none
    const char *limits;      // further words of the schema, "" for none
};

static const struct json_kind kinds[VALUE_KIND_COUNT] = {
    [VALUE_NONE] = {"null", NULL, ""},
    [VALUE_ID] = {"integer", NULL, ", \"minimum\": 0"},
    [VALUE_COUNT] = {"integer", NULL, ""},
    [VALUE_COUNT_RATE] = {"number", "a second or on average", ""},
    [VALUE_BYTES] = {"integer", "bytes", ", \"minimum\": 0"},
    [VALUE_BYTE_RATE] = {"number", "bytes a second", ""},
    [VALUE_BYTE_CHANGE] = {"integer", "bytes", ""},
    [VALUE_CPUS] = {"number", "fraction of 1", ", \"minimum\": 0"},
    [VALUE_FRACTION] = {"number", "fraction of 1", ", \"minimum\": 0"},
    [VALUE_DURATION] = {"integer", "nanoseconds", ", \"minimum\": 0"},
    [VALUE_LATENCY] = {"integer", "nanoseconds", ", \"minimum\": 0"},
    [VALUE_AGE] = {"integer", "nanoseconds", ", \"minimum\": 0"},
    [VALUE_WALL] = {"integer", "Unix time", ""},
    [VALUE_LETTER] = {"string", NULL, ", \"minLength\": 1, \"maxLength\": 1"},
    [VALUE_TEXT] = {"string", NULL, ""},
};

const char *gendocs_json_type(enum value_kind kind)
{
    return kinds[kind].type;
}

const char *gendocs_json_unit(enum value_kind kind)
{
    return kinds[kind].unit;
}

const char *gendocs_column_unit(const struct table *table, size_t at)
{
    const enum value_kind kind = table_column_info(table, at).kind;
    const bool of_each_row = table_column_by_name(table, "unit") < table->column_count;
    return of_each_row && kind == VALUE_COUNT_RATE ? NULL : gendocs_json_unit(kind);
}

/* Our own words need no more escaping than this. */
static void quote(const char *text)
{
    (void)putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            (void)putchar('\\');
        }
        (void)putchar(*text);
    }
    (void)putchar('"');
}

/* One member of a row. */
static void member(const char *name, const char *help, enum value_kind kind, const char *unit)
{
    const struct json_kind *const json = &kinds[kind];
    (void)printf("        \"%s\": {\"type\": [\"%s\", \"null\"]%s,", name, json->type,
                 json->limits);
    if (unit != NULL) {
        (void)printf(" \"unit\": \"%s\",", unit);
    }
    (void)fputs("\n          \"description\": ", stdout);
    quote(help);
    (void)fputs("},\n", stdout);
}

static void begin_row(const char *name, const char *help)
{
    (void)printf("    \"%s_row\": {\n      \"description\": ", name);
    quote(help);
    (void)fputs(",\n      \"type\": \"object\",\n      \"properties\": {\n", stdout);
}

static void end_row(bool held)
{
    (void)fputs(held ? ", \"held_by\"" : "", stdout);
    (void)fputs(", \"absent\"],\n      \"additionalProperties\": false\n    },\n", stdout);
}

/* Behind the columns, before the names of those required. */
static void close_members(bool held)
{
    (void)fputs(held ? "        \"held_by\": {\"$ref\": \"#/$defs/held_by\"},\n" : "", stdout);
    (void)fputs("        \"absent\": {\"$ref\": \"#/$defs/absent\"}\n      },\n"
                "      \"required\": [",
                stdout);
}

static void table_row(const struct table *table)
{
    const bool held = table->owners != NULL;
    begin_row(table->name, table->help);
    for (size_t i = 0; i < table->column_count; i++) {
        const struct table_column column = table_column_info(table, i);
        if (!table_column_is_graph(table, i)) {
            member(column.name, column.help, column.kind, gendocs_column_unit(table, i));
        }
    }
    close_members(held);
    for (size_t i = 0; i < table->column_count; i++) {
        if (!table_column_is_graph(table, i)) {
            (void)printf("%s\"%s\"", i > 0 ? ", " : "", table_column_info(table, i).name);
        }
    }
    end_row(held);
}

static void process_row(void)
{
    begin_row("process", "A process, or a thread where threads are listed");
    for (int id = 0; id < COLUMN_COUNT; id++) {
        const struct column *const column = column_info((enum column_id)id);
        member(column->name, column->help, column->kind, gendocs_json_unit(column->kind));
    }
    close_members(false);
    for (int id = 0; id < COLUMN_COUNT; id++) { // costly ones are there when asked for by name
        const struct column *const column = column_info((enum column_id)id);
        if (!column->costly) {
            (void)printf("%s\"%s\"", id > 0 ? ", " : "", column->name);
        }
    }
    end_row(false);
}

static void rows(void)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        table_row(table_info((enum table_id)id));
    }
    process_row();
}

/* Which rows go with which name of a table. */
static void choice(void)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const char *const name = table_info((enum table_id)id)->name;
        (void)printf("      {\"if\": {\"properties\": {\"table\": {\"const\": \"%s\"}}},\n"
                     "       \"then\": {\"properties\": {\"rows\": {\"items\": {\"$ref\": "
                     "\"#/$defs/%s_row\"}}}}},\n",
                     name, name);
    }
    (void)fputs("      {\"properties\": {\"table\": {\"enum\": [", stdout);
    for (int id = 0; id < TABLE_COUNT; id++) {
        (void)printf("%s\"%s\"", id > 0 ? ", " : "", table_info((enum table_id)id)->name);
    }
    (void)fputs("]}}}\n", stdout);
}

static void reasons(void)
{
    for (int why = 0; why < ABSENT_COUNT; why++) {
        (void)printf("%s\"%s\"", why > 0 ? ", " : "      ", absent_name((enum absent)why));
    }
    (void)putchar('\n');
}

/* One group of the system's figures: an object that others may add members to. */
static void figure_group(enum json_figures group, const char *name, const char *type)
{
    const char *figure;
    (void)printf("    \"%s\": {\n      \"type\": \"object\",\n      \"properties\": {\n", name);
    for (size_t i = 0; (figure = print_json_figure(group, i)) != NULL; i++) {
        (void)printf("%s        \"%s\": {\"$ref\": \"#/$defs/%s\"}", i > 0 ? ",\n" : "", figure,
                     type);
    }
    (void)fputs("\n      },\n      \"required\": [", stdout);
    for (size_t i = 0; (figure = print_json_figure(group, i)) != NULL; i++) {
        (void)printf("%s\"%s\"", i > 0 ? ", " : "", figure);
    }
    (void)fputs("]\n    },\n", stdout);
}

/* What the table of memory has beside its rows. */
static void memory_members(void)
{
    for (size_t i = 0; i < memory_figure_count(); i++) {
        const struct memory_figure *const figure = memory_figure(i);
        member(figure->name, figure->help, figure->kind, gendocs_json_unit(figure->kind));
    }
}

static void memory_required(void)
{
    for (size_t i = 0; i < memory_figure_count(); i++) {
        (void)printf("%s\"%s\"", i > 0 ? ", " : "        ", memory_figure(i)->name);
    }
    (void)fputs(",\n", stdout);
}

static void figures(void)
{
    figure_group(JSON_CPU, "cpu", "share");
    figure_group(JSON_MEMORY, "memory", "figure");
    figure_group(JSON_SWAP, "swap", "figure");
    figure_group(JSON_TASKS, "tasks", "count");
}

bool gendocs_schema(const char *part)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } parts[] = {
        {"schema-choice", choice},         {"schema-rows", rows},
        {"schema-reasons", reasons},       {"schema-figures", figures},
        {"schema-memory", memory_members}, {"schema-memory-required", memory_required},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (str_equal(part, parts[i].name)) {
            parts[i].print();
            return true;
        }
    }
    return false;
}
