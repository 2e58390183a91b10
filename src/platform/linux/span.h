#ifndef PLATFORM_LINUX_SPAN_H
#define PLATFORM_LINUX_SPAN_H

#include "base/str.h"
#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Reading the kernel's tables from the left, a line and a word at a time. */

/* A run of bytes being read; `at` moves towards `end`. */
struct span {
    const char *at;
    const char *end;
};

/* Bytes left. */
static inline size_t span_len(const struct span *span)
{
    return (size_t)(span->end - span->at);
}

/* Cut the next line off; the last one may lack its newline. False when there is none. */
static inline bool span_take_line(struct span *text, struct span *ret)
{
    if (text->at >= text->end) {
        return false;
    }
    const char *const newline = memchr(text->at, '\n', span_len(text));
    ret->at = text->at;
    ret->end = newline ? newline : text->end;
    text->at = newline ? newline + 1 : text->end;
    return true;
}

/* Pass over blanks. */
static inline void span_skip_blanks(struct span *span)
{
    while (span->at < span->end && (*span->at == ' ' || *span->at == '\t')) {
        span->at++;
    }
}

/* Cut the next word off; false when there is none. */
static inline bool span_take_word(struct span *span, struct span *ret)
{
    span_skip_blanks(span);
    ret->at = span->at;
    while (span->at < span->end && *span->at != ' ' && *span->at != '\t') {
        span->at++;
    }
    ret->end = span->at;
    return ret->at < ret->end;
}

/* Cut the number here off, blanks before it too; false when there is none that fits. */
static inline bool span_take_number(struct span *span, uint64_t *ret)
{
    span_skip_blanks(span);
    const size_t digits = str_take_u64(span->at, span_len(span), ret);
    span->at += digits;
    return digits > 0;
}

/* Cut the octal (3 bits a digit) or lower-case hexadecimal (4) number here off; false when there is
 * none that fits. */
static inline bool span_take_digits(struct span *span, unsigned bits, uint64_t *ret)
{
    const char *const first = span->at;
    uint64_t number = 0;
    for (; span->at < span->end; span->at++) {
        const char c = *span->at;
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
        if (digit >= 1 << bits) {
            break;
        }
        if (number >> (64 - bits) != 0) {
            return false;
        }
        number = number << bits | (uint64_t)digit;
    }
    *ret = number;
    return span->at > first;
}

/* Cut off the prefix if it is there. */
static inline bool span_take_prefix(struct span *span, const char *prefix)
{
    const size_t len = strlen(prefix);
    if (span_len(span) < len || memcmp(span->at, prefix, len) != 0) {
        return false;
    }
    span->at += len;
    return true;
}

/* True when all of it is this word. */
static inline bool span_is(const struct span *span, const char *word)
{
    const size_t len = strlen(word);
    return span_len(span) == len && memcmp(span->at, word, len) == 0;
}

/* Undo escapes in octal ("\\040" for a blank) in a text within `buf`, where it stands. */
static inline struct raw_bytes span_unescape(char *buf, struct raw_bytes text)
{
    char *const ptr = buf + (text.ptr - buf);
    size_t to = 0;
    for (size_t from = 0; from < text.len; to++) {
        const bool has_room = ptr[from] == '\\' && text.len - from >= 4;
        struct span digits = {.at = ptr + from, .end = ptr + from + (has_room ? 4 : 0)};
        digits.at += has_room ? 1 : 0;
        uint64_t byte = 0;
        if (span_take_digits(&digits, 3, &byte) && digits.at == digits.end && byte <= 0xff) {
            ptr[to] = (char)(unsigned char)byte;
            from += 4;
        } else {
            ptr[to] = ptr[from++];
        }
    }
    return (struct raw_bytes){.ptr = ptr, .len = (uint32_t)to};
}

/* The same bytes, borrowed. */
static inline struct raw_bytes span_bytes(const struct span *span)
{
    return (struct raw_bytes){.ptr = span->at, .len = (uint32_t)span_len(span)};
}

#endif
