#include "model/table.h"

#include "base/str.h"
#include "model/dossier.h"
#include "model/network.h"
#include "model/tables.h"
#include "model/value.h"

#include <assert.h>
#include <string.h>

enum { COMMAND_CELLS = 24 }; // a command beside figures, where it is not the last column

static const struct table *const tables[TABLE_COUNT] = {
    [TABLE_CONNECTIONS] = &table_connections,
    [TABLE_LISTENING] = &table_listening,
    [TABLE_INTERFACES] = &table_interfaces,
    [TABLE_PROTOCOLS] = &table_protocols,
    [TABLE_DISKS] = &table_disks,
    [TABLE_MOUNTS] = &table_mounts,
    [TABLE_MEMORY] = &table_memory,
    [TABLE_IO] = &table_io,
    [TABLE_OVERVIEW] = &table_overview,
    [TABLE_THREADS] = &table_threads,
    [TABLE_FILES] = &table_files,
    [TABLE_SOCKETS] = &table_sockets,
    [TABLE_MAPS] = &table_maps,
    [TABLE_WAITING] = &table_waiting,
    [TABLE_CGROUP] = &table_cgroup,
    [TABLE_LIMITS] = &table_limits,
    [TABLE_ENVIRONMENT] = &table_environment,
    [TABLE_HISTORY] = &table_history,
};

const struct table *table_info(enum table_id id)
{
    assert(id < TABLE_COUNT);
    return tables[id];
}

enum table_id table_by_name(const char *name)
{
    // All names before any title: the title of one is the name of another.
    for (int round = 0; round < 3; round++) {
        for (size_t id = 0; id < TABLE_COUNT; id++) {
            const char *const is = round == 0   ? tables[id]->name
                                   : round == 1 ? tables[id]->title
                                                : tables[id]->short_title;
            if (str_equal_fold(is, name)) {
                return (enum table_id)id;
            }
        }
    }
    return TABLE_COUNT;
}

size_t table_column_by_name(const struct table *table, const char *name)
{
    // All names before any title, as column_by_name().
    for (size_t at = 0; at < table->column_count; at++) {
        if (str_equal_fold(table_column_info(table, at).name, name)) {
            return at;
        }
    }
    for (size_t at = 0; at < table->column_count; at++) {
        if (str_equal_fold(table_column_info(table, at).title, name)) {
            return at;
        }
    }
    return table->column_count;
}

struct table_column table_column_info(const struct table *table, size_t at)
{
    assert(at < table->column_count);
    if (table->columns != NULL) {
        return table->columns[at];
    }
    const struct column *column = column_info(table->process_columns[at]);
    return (struct table_column){
        .name = column->name,
        .title = column->title,
        .help = column->help,
        .source = column->source,
        .kind = column->kind,
        .cells = column->grows ? COMMAND_CELLS : column->cells,
        .grows = column->grows ? GROWS : GROWS_NOT,
        .descending = column->descending,
    };
}

struct value table_value(const struct table *table, size_t at, const struct snapshot *snap,
                         const void *row)
{
    assert(at < table->column_count);
    return table->columns != NULL ? table->columns[at].get(snap, row)
                                  : column_value(table->process_columns[at], row, snap->provided);
}

struct value table_shown_value(const struct table *table, size_t at, const struct snapshot *snap,
                               const void *row)
{
    const struct value value = table_value(table, at, snap, row);
    const bool stands_in = value.kind == VALUE_NONE && table->columns == NULL &&
                           table->process_columns[at] == COLUMN_COMMAND;
    return stands_in ? (struct value){.kind = VALUE_TEXT, .as.text = column_command_text(row)}
                     : value;
}

bool table_column_is_graph(const struct table *table, size_t at)
{
    return table_column_info(table, at).kind == VALUE_NONE;
}

bool table_column_is_usual(const struct table *table, size_t at, const struct snapshot *snap)
{
    const struct table_column column = table_column_info(table, at);
    return !column.hidden && (table->omits == NULL || snap == NULL || !table->omits(snap, &column));
}

fact_mask table_column_facts(const struct table *table, size_t at)
{
    if (table->columns != NULL) {
        return 0;
    }
    const struct column *column = column_info(table->process_columns[at]);
    return (column->need | column->want) & FACT_READABLE;
}

bool table_describe_remedy(const struct table *table, size_t at, const struct snapshot *snap,
                           struct strbuf *buf)
{
    return table->columns == NULL && column_describe_remedy(table->process_columns[at], snap, buf);
}

bool table_column_is_summed(const struct table *table, size_t at)
{
    return table->columns == NULL && column_info(table->process_columns[at])->summed;
}

struct table_sum table_sum(const struct table *table, size_t at, const struct snapshot *snap,
                           const void *const *rows, size_t count)
{
    struct table_sum sum = {0};
    for (size_t i = 0; i < count; i++) {
        const struct value value = table_value(table, at, snap, rows[i]);
        if (value.kind == VALUE_BYTES) {
            sum.bytes += value.as.bytes;
            sum.known++;
        }
        sum.denied += value.kind == VALUE_NONE && value.why == ABSENT_DENIED;
    }
    return sum;
}

bool table_column_is_searched(const struct table *table, const struct table_settings *chosen,
                              size_t at)
{
    const struct table_column column = table_column_info(table, at);
    if (column.kind != VALUE_TEXT && column.kind != VALUE_ID) {
        return false;
    }
    return !column.hidden ||
           (chosen != NULL && memchr(chosen->columns, (int)at, chosen->column_count) != NULL);
}

fact_mask table_facts(const struct table *table, const struct table_settings *chosen, size_t sort,
                      bool filtered)
{
    fact_mask facts = table_column_facts(table, sort);
    for (size_t i = 0; filtered && i < table->column_count; i++) {
        facts |= table_column_is_searched(table, chosen, i) ? table_column_facts(table, i) : 0;
    }
    return facts;
}

bool table_is_prose(const struct table *table)
{
    return table->explains && table->order != NULL;
}

bool table_is_of_process(const struct table *table)
{
    return table->inspect != 0 || table->of_process;
}

const char *table_process_trouble(const struct table *table, const struct snapshot *snap,
                                  struct proc_id process)
{
    const struct proc *proc = process.pid > 0 ? snapshot_find(snap, process) : NULL;
    if (proc == NULL || (table->parts & PART_SOCKETS) == 0 || (proc->denied & FACT_SOCKETS) == 0) {
        return "";
    }
    return dossier_trouble(DOSSIER_DENIED, snap->looker);
}

bool table_row_belongs(const struct table *table, const void *row, struct proc_id process)
{
    if (process.pid == 0 || table->inspect != 0 || table->may_be_of_process) { // it is all about it
        return true;
    }
    if (table->owners == NULL) {
        return table->owner != NULL && proc_id_equal(table->owner(row), process);
    }
    size_t count = 0;
    const struct socket_owner *owners = table->owners(row, &count);
    for (size_t i = 0; i < count; i++) {
        if (proc_id_equal(owners[i].id, process)) {
            return true;
        }
    }
    return false;
}

struct value table_count(uint64_t count)
{
    return count == FIGURE_ABSENT
               ? value_absent(ABSENT_UNSUPPORTED)
               : (struct value){.kind = VALUE_COUNT, .as.integer = (int64_t)count};
}

struct value table_bytes(uint64_t bytes)
{
    return bytes == FIGURE_ABSENT ? value_absent(ABSENT_UNSUPPORTED)
                                  : (struct value){.kind = VALUE_BYTES, .as.bytes = bytes};
}

struct value table_rate(enum value_kind kind, double rate, bool known)
{
    return known ? (struct value){.kind = kind, .as.number = rate}
                 : value_absent(ABSENT_NO_INTERVAL);
}

struct value table_number(uint64_t id)
{
    return (struct value){.kind = VALUE_ID, .as.integer = (int64_t)id};
}

struct value table_literal(const char *s)
{
    return (struct value){.kind = VALUE_TEXT, .as.text = text_literal(s)};
}

struct value table_text(struct text text, enum absent why)
{
    return text.bytes == 0 ? value_absent(why)
                           : (struct value){.kind = VALUE_TEXT, .as.text = text};
}
