#include "model/table.h"

#include "base/str.h"
#include "model/network.h"
#include "model/tables.h"
#include "model/value.h"

#include <assert.h>

static const struct table *const tables[TABLE_COUNT] = {
    [TABLE_CONNECTIONS] = &table_connections,
    [TABLE_LISTENING] = &table_listening,
    [TABLE_INTERFACES] = &table_interfaces,
    [TABLE_PROTOCOLS] = &table_protocols,
    [TABLE_DISKS] = &table_disks,
    [TABLE_MOUNTS] = &table_mounts,
};

const struct table *table_info(enum table_id id)
{
    assert(id < TABLE_COUNT);
    return tables[id];
}

enum table_id table_by_name(const char *name)
{
    size_t id = 0;
    while (id < TABLE_COUNT && !str_equal(tables[id]->name, name)) {
        id++;
    }
    return (enum table_id)id;
}

size_t table_column_by_name(const struct table *table, const char *name)
{
    size_t at = 0;
    while (at < table->column_count && !str_equal(table->columns[at].name, name)) {
        at++;
    }
    return at;
}

bool table_row_belongs(const struct table *table, const void *row, struct proc_id process)
{
    if (process.pid == 0) {
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
