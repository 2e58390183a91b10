#!/usr/bin/env python3
"""Write src/base/utf8_table.c: the terminal width of every code point that is not one column wide.

Run from the source root: tools/gen_utf8.py > src/base/utf8_table.c
The table follows the Unicode version of the Python that runs this, so it is committed.
"""
import sys
import unicodedata

REFUSED = {"Cc", "Cf", "Zl", "Zp", "Cs", "Cn"}
PER_LINE = 4


def width(code_point):
    char = chr(code_point)
    category = unicodedata.category(char)
    if category in REFUSED:
        return -1
    if category in {"Mn", "Me"}:
        return 0
    # Vowels and final consonants of decomposed Hangul are drawn into the cell of the first.
    if 0x1160 <= code_point <= 0x11FF or 0xD7B0 <= code_point <= 0xD7FB:
        return 0
    # Wide since Unicode 9 also means: shown as a picture unless told otherwise.
    if unicodedata.east_asian_width(char) in {"W", "F"}:
        return 2
    return 1


def ranges():
    first, current = 0, width(0)
    for code_point in range(1, 0x110000):
        now = width(code_point)
        if now != current:
            if current != 1:
                yield first, code_point - 1, current
            first, current = code_point, now
    if current != 1:
        yield first, 0x10FFFF, current


def main():
    rows = [f"{{0x{a:X}, 0x{b:X}, {w}}}," for a, b, w in ranges()]
    lines = [" ".join(rows[i:i + PER_LINE]) for i in range(0, len(rows), PER_LINE)]
    sys.stdout.write(
        "/* Made by tools/gen_utf8.py from Unicode "
        f"{unicodedata.unidata_version}; do not edit. */\n"
        '#include "base/utf8_table.h"\n\n'
        "/* clang-format off */\n"
        "const struct utf8_range utf8_ranges[] = {\n    "
        + "\n    ".join(lines)
        + "\n};\n/* clang-format on */\n\n"
        "const size_t utf8_range_count = sizeof(utf8_ranges) / sizeof(utf8_ranges[0]);\n")


main()
