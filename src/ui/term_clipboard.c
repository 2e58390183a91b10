#include "ui/term_clipboard.h"

#include <stdint.h>

static void add_base64(const char *text, size_t bytes, struct strbuf *buf)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t at = 0; at < bytes; at += 3) {
        const size_t left = bytes - at;
        const uint32_t group = (uint32_t)(unsigned char)text[at] << 16 |
                               (left > 1 ? (uint32_t)(unsigned char)text[at + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)(unsigned char)text[at + 2] : 0);
        const char four[] = {
            digits[group >> 18],
            digits[group >> 12 & 63],
            left > 1 ? digits[group >> 6 & 63] : '=',
            left > 2 ? digits[group & 63] : '=',
        };
        str_add_bytes(buf, four, sizeof(four));
    }
}

void term_clipboard_format(const char *text, size_t bytes, struct strbuf *buf)
{
    str_add(buf, "\033]52;c;");
    add_base64(text, bytes, buf);
    str_add(buf, "\a");
}
