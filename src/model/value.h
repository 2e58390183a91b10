#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include "base/str.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/* The kind fixes order, formatting, alignment, filter units and the JSON type. */
enum value_kind {
    VALUE_NONE,        // absent; `why` says so
    VALUE_ID,          // a number that is a name: pid, uid
    VALUE_COUNT,       // how many, or a plain number; may be negative
    VALUE_COUNT_RATE,  // events per second
    VALUE_BYTES,       // bytes
    VALUE_BYTE_RATE,   // bytes per second; of a size: negative when it shrinks
    VALUE_BYTE_CHANGE, // bytes more than before, negative: fewer
    VALUE_CPUS,        // fraction of one CPU; shown in percent
    VALUE_FRACTION,    // fraction of a whole, 0..1; shown in percent
    VALUE_DURATION,    // nanoseconds; shown to 1/100 s while short, like TIME+
    VALUE_LATENCY,     // nanoseconds; shown as microseconds, milliseconds or seconds
    VALUE_AGE,         // nanoseconds; shown in whole seconds, minutes, hours, days
    VALUE_WALL,        // Unix seconds; shown as local time or date
    VALUE_LETTER,      // one ASCII letter
    VALUE_TEXT,
    VALUE_KIND_COUNT,
};

/* Why a value is absent: each of these is shown differently from 0 and from each other. */
enum absent {
    ABSENT_NOT_READ,       // asked for, not here yet
    ABSENT_NO_INTERVAL,    // a rate needs two samples
    ABSENT_DENIED,         // lack of permission
    ABSENT_UNSUPPORTED,    // this system does not have it
    ABSENT_BLOCKED,        // the kernel does not answer
    ABSENT_NOT_APPLICABLE, // has none by nature: a kernel thread's executable, no terminal
    ABSENT_COUNT,
};

/* What a column says of one process. A text member borrows from the snapshot. */
struct value {
    enum value_kind kind;
    enum absent why; // VALUE_NONE only
    bool at_least;   // AGE: perhaps it is longer
    union {
        int64_t integer; // ID, COUNT, WALL, LETTER, BYTE_CHANGE
        uint64_t bytes;  // BYTES
        uint64_t ns;     // DURATION, LATENCY, AGE
        double number;   // the rates and fractions
        struct text text;
    } as;
};

/* The absent value with its reason. */
struct value value_absent(enum absent why);

/*
 * Order two values: -1, 0 or 1. Of two kinds that differ the absent one is greater; absent
 * values are equal whatever the reason. Text is compared byte by byte, ASCII without case.
 */
int value_compare(const struct value *a, const struct value *b);

/*
 * A number that orders values of one kind like value_compare() does, for sorting many. Equal
 * keys mean equal values, except for text: there they only say that the beginnings are equal.
 */
uint64_t value_sort_key(const struct value *value);

/*
 * Write the value for people, in at most `cells` columns where the kind can be shortened
 * (numbers lose digits before they lose meaning; a number that cannot fit becomes "***").
 * Text is written whole: whoever draws it clips it. An absent value is written as its sign
 * (see absent_sign()). `utc_offset_s` and `now_wall_s` place VALUE_WALL; others ignore them.
 */
struct value_style {
    uint32_t cells;
    int32_t utc_offset_s;
    int64_t now_wall_s;
};

/* Append the value to `buf`, without padding. See struct value_style. */
void value_format(const struct value *value, const struct value_style *style, struct strbuf *buf);

/* True when values of this kind are set against the right edge of their column. */
bool value_is_right_aligned(enum value_kind kind);

/* The cell for an absent value: "-" none by nature, "?" denied, "…" not read yet ... ASCII or
 * one-column UTF-8. Owns: static storage. */
const char *absent_sign(enum absent why);

/* The reason as a stable word for JSON: "denied", "no_interval" ... Owns: static storage. */
const char *absent_name(enum absent why);

/* The reason in a few words for people. Owns: static storage. */
const char *absent_help(enum absent why);

#endif
