#include "base/str.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void str_init(struct strbuf *buf, char *ptr, size_t size)
{
    *buf = (struct strbuf){.ptr = ptr, .size = size};
    ptr[0] = '\0';
}

/* `len` less the bytes of a character that was cut at the end. */
static size_t whole_characters(const char *ptr, size_t len)
{
    size_t back = 1;

    while (back < 4 && back < len && ((unsigned char)ptr[len - back] & 0xC0) == 0x80) {
        back++;
    }
    if (back > len) {
        return len;
    }
    unsigned char lead = (unsigned char)ptr[len - back];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return need > back ? len - back : len;
}

void str_add_bytes(struct strbuf *buf, const char *ptr, size_t len)
{
    if (buf->overflow) {
        return;
    }
    size_t room = buf->size - 1 - buf->len;
    if (len > room) {
        buf->overflow = true;
        len = whole_characters(ptr, room);
    }
    if (len > 0) {
        memcpy(buf->ptr + buf->len, ptr, len);
    }
    buf->len += len;
    buf->ptr[buf->len] = '\0';
}

void str_add(struct strbuf *buf, const char *s)
{
    str_add_bytes(buf, s, strlen(s));
}

void str_add_u64(struct strbuf *buf, uint64_t number, unsigned base)
{
    char digits[20]; // of 64 bits in base 10
    size_t at = sizeof(digits);
    do {
        digits[--at] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0);
    str_add_bytes(buf, digits + at, sizeof(digits) - at);
}

void str_pad(struct strbuf *buf, char c, size_t count)
{
    if (buf->overflow) {
        return;
    }
    size_t room = buf->size - 1 - buf->len;
    if (count > room) {
        buf->overflow = true;
        count = room;
    }
    memset(buf->ptr + buf->len, c, count);
    buf->len += count;
    buf->ptr[buf->len] = '\0';
}

void str_addf(struct strbuf *buf, const char *format, ...)
{
    if (buf->overflow) {
        return;
    }
    size_t room = buf->size - buf->len;
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(buf->ptr + buf->len, room, format, args);
    va_end(args);

    if (wanted < 0) { // an encoding error of %ls, which nobody should use
        buf->ptr[buf->len] = '\0';
        buf->overflow = true;
    } else if ((size_t)wanted >= room) {
        buf->len += whole_characters(buf->ptr + buf->len, room - 1);
        buf->ptr[buf->len] = '\0';
        buf->overflow = true;
    } else {
        buf->len += (size_t)wanted;
    }
}

void str_add_fixed(struct strbuf *buf, double number, int decimals)
{
    static const unsigned powers[] = {1, 10, 100, 1000};
    const double exact_below = 9007199254740992.0; // 2^53; above, doubles have no fraction

    if (!isfinite(number)) {
        str_add(buf, "-");
        return;
    }
    decimals = decimals < 0 ? 0 : decimals > 3 ? 3 : decimals;
    double size = fabs(number);
    if (size >= exact_below) {
        str_addf(buf, "%.0f", number); // without a fraction no locale can change it
        if (decimals > 0) {
            str_add(buf, ".");
            str_pad(buf, '0', (size_t)decimals);
        }
        return;
    }

    double scaled = size * powers[decimals];
    uint64_t digits = (uint64_t)scaled;
    digits += scaled - (double)digits >= 0.5;
    str_addf(buf, "%s%llu", number < 0 && digits > 0 ? "-" : "",
             (unsigned long long)(digits / powers[decimals]));
    if (decimals > 0) {
        str_addf(buf, ".%0*llu", decimals, (unsigned long long)(digits % powers[decimals]));
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

size_t str_take_u64(const char *ptr, size_t len, uint64_t *ret)
{
    uint64_t number = 0;
    size_t at = 0;

    for (; at < len && is_digit(ptr[at]); at++) {
        uint64_t digit = (uint64_t)(ptr[at] - '0');
        if (number > (UINT64_MAX - digit) / 10) {
            return 0;
        }
        number = number * 10 + digit;
    }
    if (at > 0) {
        *ret = number;
    }
    return at;
}

size_t str_take_i64(const char *ptr, size_t len, int64_t *ret)
{
    bool negative = len > 0 && ptr[0] == '-';
    uint64_t size = 0;
    size_t taken = str_take_u64(ptr + negative, len - negative, &size);

    if (taken == 0 || size > (uint64_t)INT64_MAX + negative) {
        return 0;
    }
    if (!negative) {
        *ret = (int64_t)size;
    } else {
        *ret = size > (uint64_t)INT64_MAX ? INT64_MIN : -(int64_t)size;
    }
    return taken + negative;
}

int str_parse_i64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
    const char *digits = s[0] == '-' ? s + 1 : s;
    size_t count = strspn(digits, "0123456789");
    int64_t number = 0;

    if (count == 0 || digits[count] != '\0') {
        return -EINVAL;
    }
    if (str_take_i64(s, strlen(s), &number) == 0 || number < min || number > max) {
        return -ERANGE;
    }
    *ret = number;
    return 0;
}

int str_parse_decimal(const char *s, double min, double max, double *ret)
{
    const double enough = 1e15; // more digits than a double can tell apart
    bool negative = s[0] == '-';
    bool any = false;
    double digits = 0;
    double divisor = 1;

    s += negative;
    for (; is_digit(*s); s++) {
        digits = digits * 10 + (*s - '0');
        any = true;
    }
    s += *s == '.';
    for (; is_digit(*s); s++) {
        any = true;
        if (digits < enough && divisor < enough) {
            digits = digits * 10 + (*s - '0');
            divisor *= 10;
        }
    }
    if (!any || *s != '\0') {
        return -EINVAL;
    }
    double number = negative ? -digits / divisor : digits / divisor;
    if (!(number >= min && number <= max)) {
        return -ERANGE;
    }
    *ret = number;
    return 0;
}

bool str_equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

ptrdiff_t str_find_fold(const char *hay, size_t hay_len, const char *needle, size_t needle_len)
{
    if (needle_len == 0) {
        return 0;
    }
    char first = fold(needle[0]);
    for (size_t at = 0; at + needle_len <= hay_len; at++) {
        if (fold(hay[at]) != first) {
            continue;
        }
        size_t same = 1;
        while (same < needle_len && fold(hay[at + same]) == fold(needle[same])) {
            same++;
        }
        if (same == needle_len) {
            return (ptrdiff_t)at;
        }
    }
    return -1;
}

bool str_equal_fold(const char *a, const char *b)
{
    const size_t len = strlen(a);
    return len == strlen(b) && str_find_fold(a, len, b, len) == 0;
}
