#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bounded text building over the caller's array. `ptr` is NUL-terminated at all times;
 * what does not fit is cut at a whole UTF-8 character and sets `overflow`, and nothing
 * can be added after that, so the content is always a valid prefix.
 */
struct strbuf {
    char *ptr;     // the caller's
    size_t size;   // bytes in ptr, NUL included; at least 1
    size_t len;    // bytes used, without the NUL
    bool overflow; // something was cut
};

/* Start an empty text in `size` bytes (at least 1) of the caller's memory. */
void str_init(struct strbuf *buf, char *ptr, size_t size);

/* Append a NUL-terminated string. */
void str_add(struct strbuf *buf, const char *s);

/* Append `len` bytes. */
void str_add_bytes(struct strbuf *buf, const char *ptr, size_t len);

/* Append one byte `count` times. */
void str_pad(struct strbuf *buf, char c, size_t count);

/* Append a number in base 10 or 16: what str_addf() does, for those of which there are very many. */
void str_add_u64(struct strbuf *buf, uint64_t number, unsigned base);

/* Append printf-formatted text. Not for floating point: see value_format(). */
__attribute__((format(printf, 2, 3))) void str_addf(struct strbuf *buf, const char *format, ...);

/*
 * Append a number with `decimals` (0 to 3) digits behind a point, whatever the locale.
 * Rounds half away from zero; anything not finite is written as "-".
 */
void str_add_fixed(struct strbuf *buf, double number, int decimals);

/*
 * Read the decimal number at the start of `ptr`.
 * Errors: 0, and *ret untouched, when there is no digit or the number exceeds 64 bits;
 * otherwise the number of bytes read.
 */
size_t str_take_u64(const char *ptr, size_t len, uint64_t *ret);

/* Likewise with an optional minus sign, within int64_t. */
size_t str_take_i64(const char *ptr, size_t len, int64_t *ret);

/*
 * Read a string that is one whole decimal number from min to max and nothing else.
 * Errors: -EINVAL when it is not a number, -ERANGE when outside; *ret is then untouched.
 */
int str_parse_i64(const char *s, int64_t min, int64_t max, int64_t *ret);

/* Likewise for a plain decimal fraction like "0.5"; no exponent, no locale. */
int str_parse_decimal(const char *s, double min, double max, double *ret);

/* True when the strings are the same. */
bool str_equal(const char *a, const char *b);

/* Likewise, ASCII letters compared without case. */
bool str_equal_fold(const char *a, const char *b);

/*
 * Find `needle` in `hay`, ASCII letters compared without case. An empty needle is found
 * at 0. Errors: -1 when it does not occur.
 */
ptrdiff_t str_find_fold(const char *hay, size_t hay_len, const char *needle, size_t needle_len);

#endif
