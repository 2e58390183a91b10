#ifndef BASE_UTF8_TABLE_H
#define BASE_UTF8_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* Private to utf8.c: code points that are not one column wide. */
struct utf8_range {
    uint32_t first, last; // inclusive
    int32_t width;        // 0, 2, or -1 for what must never reach a terminal
};

/* Ascending, without overlap. Made by tools/gen_utf8.py. */
extern const struct utf8_range utf8_ranges[];

/* How many there are. */
extern const size_t utf8_range_count;

#endif
