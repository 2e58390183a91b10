#ifndef OUT_H
#define OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUT_BYTES = 16384 };

/*
 * Standard output of the modes without a screen: a buffer of fixed size that is written out
 * as it fills. The first error is kept and ends all output, so callers check once per sample.
 * Numbers look the same in every locale.
 */
struct out {
    int fd;
    int error;  // 0, or the negative errno of the first write that failed
    size_t len; // bytes waiting in `buf`
    char buf[OUT_BYTES];
};

/* Start with nothing to write. */
void out_init(struct out *out, int fd);

/* Write out what waits. Errors: that of the first write that failed, now or earlier. */
int out_flush(struct out *out);

/* Add bytes. */
void out_bytes(struct out *out, const char *ptr, size_t len);

/* Add a NUL-terminated string. */
void out_string(struct out *out, const char *s);

/*
 * Add safe text, cut to `cells` columns. Without `unicode` every character that is not ASCII is
 * written as '?'. Returns the columns used.
 */
uint32_t out_text(struct out *out, const char *ptr, size_t len, uint32_t cells, bool unicode);

/* Add one byte `count` times. */
void out_pad(struct out *out, char c, size_t count);

/* Add a decimal number. */
void out_u64(struct out *out, uint64_t number);

/* Likewise with a sign. */
void out_i64(struct out *out, int64_t number);

/* Add a JSON number with at most six decimals; null when it is not finite or beyond 1e18. */
void out_number(struct out *out, double number);

/* Add a JSON string: quoted, escaped, and always valid UTF-8. */
void out_json_string(struct out *out, const char *ptr, size_t len);

#endif
