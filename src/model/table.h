#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include "base/facts.h"
#include "model/column.h"
#include "model/history.h"
#include "model/snapshot.h"
#include "model/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The registry of tables beside the processes': connections, interfaces, disks ... Each is one row
 * here, with its columns and where its rows are in a snapshot; panes, sorting, filtering, batch
 * and JSON output and the man page are loops over it.
 */
enum table_id {
    TABLE_CONNECTIONS,
    TABLE_LISTENING,
    TABLE_INTERFACES,
    TABLE_PROTOCOLS,
    TABLE_DISKS,
    TABLE_MOUNTS,
    TABLE_MEMORY,
    TABLE_IO, // in no tab of its own
    /* about one inspected process: the sections of the inspector */
    TABLE_OVERVIEW,
    TABLE_THREADS,
    TABLE_FILES,
    TABLE_SOCKETS,
    TABLE_MAPS,
    TABLE_WAITING,
    TABLE_CGROUP,
    TABLE_LIMITS,
    TABLE_ENVIRONMENT,
    /* printed only: the screen has graphs */
    TABLE_HISTORY,
    TABLE_COUNT,
    TABLES_ON_SCREEN = TABLE_HISTORY, // how many come before those
};

enum { TABLE_COLUMNS_MAX = 32, TABLE_NUMBERS_MAX = 2 };

/* Which row of a table this is, also in the next snapshot. */
struct row_key {
    uint64_t a, b;
};

struct socket_owner;
struct strbuf;

/* Whether a column takes what is left of the line, and what of a text goes that has no room there. */
enum column_growth {
    GROWS_NOT,       // as good as false
    GROWS,           // as good as true; the end goes
    GROWS_KEEP_END,  // the beginning goes: the end of a path tells most
    GROWS_KEEP_PORT, // what stands before the last colon goes
};

/* One column of a table. Strings are static. */
struct table_column {
    const char *name;     // stable, in JSON and settings; [a-z_]+
    const char *title;    // header cell, at most `cells` wide
    const char *help;     // one sentence
    const char *source;   // where the kernel says it
    enum value_kind kind; // VALUE_NONE: it has no values, but graphs
    uint8_t cells;        // preferred width
    enum column_growth grows;
    bool descending;                                                   // first sort direction
    bool hidden;                                                       // not shown unless asked for
    struct value (*get)(const struct snapshot *snap, const void *row); // of a graph the device
};

/* One table. Strings are static. */
struct table {
    const char *name;                      // stable, for --table and JSON: "connections"
    const char *title;                     // of its tab
    const char *short_title;               // likewise, where not all titles fit in the line
    const char *help;                      // one sentence
    unsigned parts;                        // enum sample_part it needs
    unsigned further_parts;                // likewise, but it can be shown without
    unsigned inspect;                      // 1u << enum inspect_part it needs: of one process
    bool of_process;                       // of one process, though it could be of all
    bool may_be_of_process;                // all of it is about the process named, if one is
    bool explains;                         // long text in its last column goes on below it
    const struct table_column *columns;    // NULL when it is about processes:
    const enum column_id *process_columns; // then these; its rows are struct proc
    size_t column_count;                   // at most TABLE_COLUMNS_MAX
    size_t core;      // so many columns are wanted before all others; 0: those up to the last rate
    size_t sort;      // index of the column it is sorted by at first
    size_t row_bytes; // distance between rows
    const void *(*rows)(const struct snapshot *snap, size_t *ret_count);
    bool (*has)(const void *row); // whether the row belongs into it; NULL: all do
    struct row_key (*key)(const void *row);
    struct proc_id (*owner)(const void *row); // process behind it, pid 0 none; NULL: never any
    // All of them, when there may be several; NULL: `owner` is all.
    const struct socket_owner *(*owners)(const void *row, size_t *ret_count);
    bool (*alarming)(const void *row); // drawn as a warning; NULL: never
    const struct table *companion;     // shown beside or below it; NULL: none
    enum history_device graph;         // drawn in its column of graphs
    // Whether a column would say nothing of any row, and so is usually left out; NULL: never.
    bool (*omits)(const struct snapshot *snap, const struct table_column *column);
    // Order of the rows by column `sort`, those without a value too; NULL: that of its values.
    uint64_t (*order)(const void *row);
    // Numbers by which a row is gone to when digits are typed; NULL: none. 0 is none.
    size_t (*numbers)(const void *row, uint64_t ret[TABLE_NUMBERS_MAX]);
    const char *number; // what they are: "port"
};

/* How a table is shown. Columns are indices in it. */
struct table_settings {
    uint8_t columns[TABLE_COLUMNS_MAX]; // left to right
    size_t column_count;                // 0: the usual ones, whichever these are
    uint8_t sort;
    bool descending;
};

/* Look up by id. Owns: static storage. id must be < TABLE_COUNT. */
const struct table *table_info(enum table_id id);

/* Look up by name, or else by a title on the screen, without case. Errors: TABLE_COUNT. */
enum table_id table_by_name(const char *name);

/* What is said of a column; `get` is NULL for one of processes. at must be < column_count. */
struct table_column table_column_info(const struct table *table, size_t at);

/* What a row has in a column. */
struct value table_value(const struct table *table, size_t at, const struct snapshot *snap,
                         const void *row);

/* Likewise for people: the name of a process stands in for a command line that is not there. */
struct value table_shown_value(const struct table *table, size_t at, const struct snapshot *snap,
                               const void *row);

/* Whether a column shows what was, as graphs: it has no values, so that nothing is sorted by it, and
 * only the screen has it. */
bool table_column_is_graph(const struct table *table, size_t at);

/* Whether a column is among those usually shown of this snapshot; NULL: of none yet. */
bool table_column_is_usual(const struct table *table, size_t at, const struct snapshot *snap);

/* Facts of a process that the column shows; 0 in tables that are not about processes. */
fact_mask table_column_facts(const struct table *table, size_t at);

/* As column_describe_remedy(); false in tables that are not about processes. */
bool table_describe_remedy(const struct table *table, size_t at, const struct snapshot *snap,
                           struct strbuf *buf);

/* Whether the sum of that column means something: nothing in it is counted twice. */
bool table_column_is_summed(const struct table *table, size_t at);

/* What a column of bytes comes to. */
struct table_sum {
    uint64_t bytes;
    size_t known;  // rows that are in it
    size_t denied; // rows that may not be read
};

/* Add up a column over some rows; those without a value are left out. */
struct table_sum table_sum(const struct table *table, size_t at, const struct snapshot *snap,
                           const void *const *rows, size_t count);

/* Whether a filter and a search look into it: text, and numbers that are names, unless it is
 * hidden. With `chosen` (may be NULL) those are not that are among its columns. */
bool table_column_is_searched(const struct table *table, const struct table_settings *chosen,
                              size_t at);

/* Facts that must be known of every process to put the rows in order and, when `filtered`, to
 * find text in them. */
fact_mask table_facts(const struct table *table, const struct table_settings *chosen, size_t sort,
                      bool filtered);

/* Index of a column by its name or else by its title, in upper or lower case. Errors: column_count
 * when unknown. */
size_t table_column_by_name(const struct table *table, const char *name);

/* Whether its rows are lines in an order of their own, each explaining itself. */
bool table_is_prose(const struct table *table);

/* Whether it is about one process that must be named. */
bool table_is_of_process(const struct table *table);

/* Why nothing is known of whether a process has any rows in a table: "not permitted ...". "" when it
 * is known. Owns: static storage. */
const char *table_process_trouble(const struct table *table, const struct snapshot *snap,
                                  struct proc_id process);

/* Whether a row belongs to a process. pid 0: any row does. */
bool table_row_belongs(const struct table *table, const void *row, struct proc_id process);

#endif
