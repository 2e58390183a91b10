#include "out.h"

#include "base/utf8.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

void out_init(struct out *out, int fd)
{
    out->fd = fd;
    out->error = 0;
    out->len = 0;
}

/* A descriptor that does not block may have been left to us by whoever shares it. */
static bool wait_writable(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    return poll(&ready, 1, -1) > 0 || errno == EINTR;
}

int out_flush(struct out *out)
{
    size_t done = 0;
    while (out->error == 0 && done < out->len) {
        const ssize_t n = write(out->fd, out->buf + done, out->len - done);
        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0) {
            out->error = -EIO;
        } else if (errno == EAGAIN ? !wait_writable(out->fd) : errno != EINTR) {
            out->error = -errno;
        }
    }
    out->len = 0;
    return out->error;
}

void out_bytes(struct out *out, const char *ptr, size_t len)
{
    while (len > 0 && out->error == 0) {
        const size_t room = sizeof(out->buf) - out->len;
        const size_t part = len < room ? len : room;
        memcpy(out->buf + out->len, ptr, part);
        out->len += part;
        ptr += part;
        len -= part;
        if (out->len == sizeof(out->buf)) {
            (void)out_flush(out); // kept in out->error
        }
    }
}

void out_string(struct out *out, const char *s)
{
    out_bytes(out, s, strlen(s));
}

uint32_t out_text(struct out *out, const char *ptr, size_t len, uint32_t cells, bool unicode)
{
    uint32_t used = 0;
    for (size_t at = 0; at < len;) {
        uint32_t code_point = 0;
        const size_t step = utf8_decode(ptr + at, len - at, &code_point);
        const int width = code_point == UTF8_BAD ? 1 : utf8_width(code_point);
        const uint32_t wide = width < 0 ? 1 : (uint32_t)width;
        if (wide > cells - used) {
            break;
        }
        if (unicode || code_point < 0x80) {
            out_bytes(out, ptr + at, step);
        } else {
            out_pad(out, '?', wide);
        }
        used += wide;
        at += step;
    }
    return used;
}

void out_pad(struct out *out, char c, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out_bytes(out, &c, 1);
    }
}

void out_u64(struct out *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    out_bytes(out, digits + at, sizeof(digits) - at);
}

void out_i64(struct out *out, int64_t number)
{
    if (number < 0) {
        out_bytes(out, "-", 1);
    }
    out_u64(out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void out_number(struct out *out, double number)
{
    enum { PARTS = 1000000 };
    if (!isfinite(number) || fabs(number) > 1e18) {
        out_string(out, "null");
        return;
    }
    const double size = fabs(number);
    uint64_t whole = (uint64_t)size;
    uint64_t parts = (uint64_t)((size - (double)whole) * PARTS + 0.5);
    whole += parts / PARTS;
    parts %= PARTS;
    if (number < 0 && (whole > 0 || parts > 0)) {
        out_bytes(out, "-", 1);
    }
    out_u64(out, whole);
    if (parts == 0) {
        return;
    }
    char digits[7] = ".";
    size_t len = 1;
    for (uint64_t unit = PARTS / 10; parts > 0; unit /= 10) {
        digits[len++] = (char)('0' + parts / unit);
        parts %= unit;
    }
    out_bytes(out, digits, len);
}

/* One character of a JSON string that cannot stand for itself. */
static void escape(struct out *out, uint32_t code_point)
{
    static const char hex[] = "0123456789abcdef";
    if (code_point == '"' || code_point == '\\') {
        const char pair[2] = {'\\', (char)code_point};
        out_bytes(out, pair, sizeof(pair));
        return;
    }
    const char unit[6] = {
        '\\',
        'u',
        hex[code_point >> 12 & 15],
        hex[code_point >> 8 & 15],
        hex[code_point >> 4 & 15],
        hex[code_point & 15],
    };
    out_bytes(out, unit, sizeof(unit));
}

void out_json_string(struct out *out, const char *ptr, size_t len)
{
    out_bytes(out, "\"", 1);
    size_t at = 0;
    while (at < len) {
        uint32_t code_point = 0;
        const size_t step = utf8_decode(ptr + at, len - at, &code_point);
        if (code_point == UTF8_BAD) {
            escape(out, UTF8_REPLACEMENT);
        } else if (code_point < 0x20 || code_point == 0x7F || code_point == '"' ||
                   code_point == '\\') {
            escape(out, code_point);
        } else {
            out_bytes(out, ptr + at, step);
        }
        at += step;
    }
    out_bytes(out, "\"", 1);
}
