#ifndef MODEL_COLUMN_MAKE_H
#define MODEL_COLUMN_MAKE_H

#include "model/value.h"

#include <stdint.h>

/* Private to column.c and column_*.c: how accessors make their values. */

static inline struct value make_integer(enum value_kind kind, int64_t integer)
{
    return (struct value){.kind = kind, .as.integer = integer};
}

static inline struct value make_id(int32_t id)
{
    return make_integer(VALUE_ID, id);
}

static inline struct value make_count(int64_t count)
{
    return make_integer(VALUE_COUNT, count);
}

/* A counter so large that it cannot be a count is not turned into a negative number. */
static inline struct value make_total(uint64_t count)
{
    return make_count(count > INT64_MAX ? INT64_MAX : (int64_t)count);
}

static inline struct value make_bytes(uint64_t bytes)
{
    return (struct value){.kind = VALUE_BYTES, .as.bytes = bytes};
}

static inline struct value make_ns(enum value_kind kind, uint64_t ns)
{
    return (struct value){.kind = kind, .as.ns = ns};
}

static inline struct value make_number(enum value_kind kind, double number)
{
    return (struct value){.kind = kind, .as.number = number};
}

static inline struct value make_text(struct text text)
{
    return (struct value){.kind = VALUE_TEXT, .as.text = text};
}

#endif
