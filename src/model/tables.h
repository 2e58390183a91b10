#ifndef MODEL_TABLES_H
#define MODEL_TABLES_H

#include "model/table.h"

/* Private to table.c and tables_*.c: the rows of the registry, a file for each subject. */

extern const struct table table_connections;
extern const struct table table_listening;
extern const struct table table_interfaces;
extern const struct table table_protocols;
extern const struct table table_disks;
extern const struct table table_mounts;
extern const struct table table_memory;
extern const struct table table_io;
extern const struct table table_history;
extern const struct table table_overview, table_threads, table_files, table_sockets, table_maps,
    table_waiting, table_cgroup, table_limits, table_environment;

/* How many; FIGURE_ABSENT is unsupported. */
struct value table_count(uint64_t count);

/* Bytes; likewise. */
struct value table_bytes(uint64_t bytes);

/* A rate or share, once it is known. */
struct value table_rate(enum value_kind kind, double rate, bool known);

/* A number that is a name. */
struct value table_number(uint64_t id);

/* A word of ours. */
struct value table_literal(const char *s);

/* Text that is there, or the reason why it is not. */
struct value table_text(struct text text, enum absent why);

#endif
