#ifndef TOOLS_GENDOCS_SCHEMA_H
#define TOOLS_GENDOCS_SCHEMA_H

#include "model/table.h"
#include "model/value.h"

#include <stdbool.h>
#include <stddef.h>

/* The parts of docs/perch.schema.json that come from the registries. */

/* Print the part of this name: schema-choice, schema-rows, schema-reasons or
 * schema-figures. False when it is none of these. */
bool gendocs_schema(const char *part);

/* What a value of this kind is in JSON. Owns: static storage. */
const char *gendocs_json_type(enum value_kind kind);

/* Its unit. Owns: static storage. Errors: NULL when it has none. */
const char *gendocs_json_unit(enum value_kind kind);

/* That of a column of a table. Owns: static storage. Errors: NULL when it has none, or when each row
 * says its own. */
const char *gendocs_column_unit(const struct table *table, size_t at);

#endif
