#ifndef MODEL_COLUMN_MEMORY_H
#define MODEL_COLUMN_MEMORY_H

#include "model/column.h"

/* Private to column.c: the part of the registry that is about memory. */

enum { COLUMN_MEMORY_FIRST = COLUMN_ANON, COLUMN_MEMORY_LAST = COLUMN_CGROUP_FILL };

/* Look up one of these. Owns: static storage. */
const struct column *column_memory_info(enum column_id id);

#endif
