#!/usr/bin/env python3
"""Draw a golden screen (made-up processes, see tests/screen.c) as the README's picture.

picture.py GOLDEN OUTPUT.svg            write it
picture.py --check GOLDEN OUTPUT.svg    fail when it is not what would be written

The roles come from src/ui/surface.h and their colours from the default theme in src/ui/theme.c, so the
picture shows what a terminal with the usual 16 colours shows.
"""
import argparse, pathlib, re, sys
from xml.sax.saxutils import escape

CELL_WIDTH, CELL_HEIGHT, MARGIN = 8.4, 17, 12
GROUND, INK, FAINT = "#16181d", "#c8ccd4", "#767c89"
PALETTE = dict(BLACK="#16181d", RED="#e05561", GREEN="#8cc265", YELLOW="#d18f52", BLUE="#4aa5f0", MAGENTA="#c162de",
               CYAN="#42b3c2", WHITE="#c8ccd4", GREY="#767c89", BRIGHT_RED="#ff616e", BRIGHT_GREEN="#a5e075",
               BRIGHT_YELLOW="#f0a45d", BRIGHT_BLUE="#4dc4ff", BRIGHT_MAGENTA="#de73ff", BRIGHT_CYAN="#4cd1e0",
               BRIGHT_WHITE="#ffffff")
root = pathlib.Path(__file__).resolve().parent.parent


def styles():
    """Role letter -> (foreground, background or None, bold)."""
    letters = re.search(r'role_letters\[\] = "([^"]+)"', (root / "src/ui/surface.c").read_text()).group(1)
    body = re.search(r"enum role \{(.*?)\};", (root / "src/ui/surface.h").read_text(), re.S).group(1)
    roles = [r for r in re.findall(r"^\s*(ROLE_\w+)", body, re.M) if r != "ROLE_COUNT"]
    theme = re.search(r"theme_default\[\] = \{(.*?)\n\};", (root / "src/ui/theme.c").read_text(), re.S).group(1)
    rows = dict(re.findall(r"\[(ROLE_\w+)\] = STYLE(?:_ON)?\(([^)]*)\)", theme))
    result = {}
    for letter, role in zip(letters, roles):
        fields = [f.strip() for f in rows[role].split(",")]
        fg, bg, flags = fields[0], fields[1], fields[-2]
        ink = PALETTE.get(fg, FAINT if "D" in flags.split(" | ") else INK)
        result[letter] = (ink, PALETTE.get(bg), "B" in flags.split(" | "))
    return result


def runs(text, letters):
    """Spans of one style; the text has no wide characters."""
    start = 0
    for x in range(1, len(text) + 1):
        if x == len(text) or letters[x] != letters[start]:
            yield start, text[start:x], letters[start]
            start = x


def draw(golden):
    lines = golden.read_text(encoding="utf-8").split("\n")
    split = lines.index("roles")
    texts, roles = lines[:split], lines[split + 1:2 * split + 1]
    columns = max(len(r) for r in roles)
    width, height = columns * CELL_WIDTH + 2 * MARGIN, len(texts) * CELL_HEIGHT + 2 * MARGIN
    look = styles()
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" font-size="14" '
           'font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace">',
           f'<rect width="100%" height="100%" rx="8" fill="{GROUND}"/>']
    for y, (text, letters) in enumerate(zip(texts, roles)):
        text = text.ljust(len(letters))
        for x, span, letter in runs(text, letters):
            ink, ground, bold = look[letter]
            left, top = MARGIN + x * CELL_WIDTH, MARGIN + y * CELL_HEIGHT
            if ground:
                out.append(f'<rect x="{left:.1f}" y="{top}" width="{len(span) * CELL_WIDTH:.1f}" '
                           f'height="{CELL_HEIGHT}" fill="{ground}"/>')
            if span.strip():
                weight = ' font-weight="bold"' if bold else ""
                out.append(f'<text x="{left:.1f}" y="{top + 13}" fill="{ink}"{weight} xml:space="preserve" '
                           f'textLength="{len(span) * CELL_WIDTH:.1f}">{escape(span)}</text>')
    return "\n".join(out + ["</svg>", ""])


arguments = argparse.ArgumentParser()
arguments.add_argument("--check", action="store_true")
arguments.add_argument("golden", type=pathlib.Path)
arguments.add_argument("output", type=pathlib.Path)
options = arguments.parse_args()
wanted = draw(options.golden)
if options.check:
    if not options.output.exists() or options.output.read_text(encoding="utf-8") != wanted:
        print(f"{options.output} is not the picture of {options.golden} (run `ninja docs`)")
        sys.exit(1)
else:
    options.output.write_text(wanted, encoding="utf-8")
