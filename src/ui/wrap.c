#include "ui/wrap.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { CODE_BYTES_MAX = 4 }; // of a character

size_t wrap_line(const char *text, int cells)
{
    size_t space = 0; // break there; 0: nowhere
    size_t comma = 0;
    size_t at = 0;
    int used = 0;
    while (text[at] != '\0') { // a text may be very long, so nobody looks for its end
        uint32_t code = UTF8_BAD;
        size_t bytes = utf8_decode(text + at, strnlen(text + at, CODE_BYTES_MAX), &code);
        int width = utf8_width(code);
        if (text[at] == ' ') {
            space = at;
        }
        used += width > 0 ? width : 0;
        if (used > cells && at > 0) {
            return space > 0 ? space : comma > 0 ? comma : at;
        }
        at += bytes;
        if (code == ',') {
            comma = at;
        }
    }
    return at;
}

const char *wrap_rest(const char *text, int cells)
{
    text += wrap_line(text, cells);
    while (*text == ' ') {
        text++;
    }
    return text;
}

int wrap_rows(const char *text, int cells)
{
    int rows = 1;
    for (text = wrap_rest(text, cells); *text != '\0'; text = wrap_rest(text, cells)) {
        rows++;
    }
    return rows;
}
