#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    UTF8_BAD = 0x7FFFFFFF,     // not a code point: an invalid or cut sequence
    UTF8_REPLACEMENT = 0xFFFD, // what unsafe text is shown as
};

/*
 * Decode the character at `ptr` strictly: no overlong forms, no surrogates, nothing above
 * U+10FFFF. `len` must be at least 1.
 * Errors: *ret is UTF8_BAD and the result is 1 byte to skip; otherwise its length in bytes.
 */
size_t utf8_decode(const char *ptr, size_t len, uint32_t *ret);

/* Encode a valid code point into `out`; returns its length in bytes, 1 to 4. */
size_t utf8_encode(uint32_t code_point, char out[4]);

/*
 * Terminal columns of a code point: 0 (combining mark), 1 or 2; -1 when it must never
 * reach a terminal: control, format and bidi characters, line and paragraph separators,
 * surrogates and unassigned code points. From our own table, never the C library's.
 */
int utf8_width(uint32_t code_point);

/*
 * Copy `len` untrusted bytes as text that is safe to show: valid UTF-8, every character
 * that utf8_width() refuses, and every invalid byte, replaced by U+FFFD. A combining mark
 * with nothing to sit on is replaced too.
 * Writes at most `size` - 1 bytes and a NUL, cutting at a whole character; returns the bytes
 * written without the NUL and sets *ret_cells to the terminal columns they take.
 */
size_t utf8_make_safe(const char *ptr, size_t len, char *out, size_t size, uint32_t *ret_cells);

#endif
