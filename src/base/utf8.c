#include "base/utf8.h"

#include "base/utf8_table.h"

#include <string.h>

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Bytes a sequence has by its first byte, and that byte's share of the code point; 0: invalid. */
static size_t sequence_length(unsigned char lead, uint32_t *ret_bits)
{
    if (lead >= 0xC2 && lead <= 0xDF) {
        *ret_bits = lead & 0x1Fu;
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        *ret_bits = lead & 0x0Fu;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        *ret_bits = lead & 0x07u;
        return 4;
    }
    return 0;
}

size_t utf8_decode(const char *ptr, size_t len, uint32_t *ret)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)ptr;

    if (len == 0) {
        *ret = UTF8_BAD;
        return 1;
    }
    if (bytes[0] < 0x80) {
        *ret = bytes[0];
        return 1;
    }

    uint32_t code_point = 0;
    size_t need = sequence_length(bytes[0], &code_point);
    *ret = UTF8_BAD;
    if (need == 0 || need > len) {
        return 1;
    }
    for (size_t i = 1; i < need; i++) {
        if (!is_continuation(bytes[i])) {
            return 1;
        }
        code_point = code_point << 6 | (bytes[i] & 0x3Fu);
    }
    bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < smallest[need] || code_point > 0x10FFFF || surrogate) {
        return 1;
    }
    *ret = code_point;
    return need;
}

size_t utf8_encode(uint32_t code_point, char out[4])
{
    size_t len = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;

    if (len == 1) {
        out[0] = (char)code_point;
        return 1;
    }
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[len] | code_point);
    return len;
}

int utf8_width(uint32_t code_point)
{
    if (code_point >= 0x20 && code_point < 0x7F) {
        return 1;
    }
    if (code_point > 0x10FFFF) {
        return -1;
    }

    size_t low = 0;
    size_t high = utf8_range_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code_point > utf8_ranges[middle].last) {
            low = middle + 1;
        } else if (code_point < utf8_ranges[middle].first) {
            high = middle;
        } else {
            return utf8_ranges[middle].width;
        }
    }
    return 1;
}

size_t utf8_make_safe(const char *ptr, size_t len, char *out, size_t size, uint32_t *ret_cells)
{
    size_t written = 0;
    uint32_t cells = 0;

    for (size_t at = 0; at < len && size > 0;) {
        uint32_t code_point = 0;
        size_t taken = utf8_decode(ptr + at, len - at, &code_point);
        int width = utf8_width(code_point);
        if (width < 0 || (width == 0 && written == 0)) {
            code_point = UTF8_REPLACEMENT;
            width = 1;
        }

        char bytes[4];
        size_t count = utf8_encode(code_point, bytes);
        if (count > size - 1 - written) {
            break;
        }
        memcpy(out + written, bytes, count);
        written += count;
        cells += (uint32_t)width;
        at += taken;
    }
    if (size > 0) {
        out[written] = '\0';
    }
    *ret_cells = cells;
    return written;
}
