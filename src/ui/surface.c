#include "ui/surface.h"

#include "base/str.h"
#include "base/utf8.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One letter per role, in the order of enum role. */
static const char role_letters[] = ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
static_assert(sizeof(role_letters) - 1 == ROLE_COUNT, "one letter per role");

static const char replacement[] = "\xef\xbf\xbd"; // U+FFFD

static int clamp_side(int side)
{
    return side < 1 ? 1 : side > SURFACE_MAX_SIDE ? SURFACE_MAX_SIDE : side;
}

static void blank(struct cell *cell, enum role role)
{
    *cell = (struct cell){.glyph = " ", .len = 1, .width = 1, .role = (uint8_t)role};
}

int surface_resize(struct surface *surface, int width, int height)
{
    width = clamp_side(width);
    height = clamp_side(height);
    size_t count = (size_t)width * (size_t)height;
    if (!surface->cells || surface->width != width || surface->height != height) {
        struct cell *cells = calloc(count, sizeof(*cells));
        if (!cells) {
            return -ENOMEM;
        }
        free(surface->cells);
        surface->cells = cells;
    }
    surface->width = width;
    surface->height = height;
    surface->clip = (struct rect){.width = width, .height = height};
    for (size_t i = 0; i < count; i++) {
        blank(&surface->cells[i], ROLE_TEXT);
    }
    return 0;
}

void surface_finish(struct surface *surface)
{
    free(surface->cells);
    *surface = (struct surface){0};
}

/* Cut [*at, *at + *length) to [0, limit) without overflowing on absurd input. */
static void clip_span(int *at, int *length, int limit)
{
    int64_t first = *at;
    int64_t last = first + (*length > 0 ? *length : 0);
    first = first < 0 ? 0 : first > limit ? limit : first;
    last = last < first ? first : last > limit ? limit : last;
    *at = (int)first;
    *length = (int)(last - first);
}

/* A rectangle relative to the clip area, cut to it, in coordinates of the whole grid. */
static struct rect clip_rect(const struct surface *surface, struct rect area)
{
    clip_span(&area.x, &area.width, surface->clip.width);
    clip_span(&area.y, &area.height, surface->clip.height);
    area.x += surface->clip.x;
    area.y += surface->clip.y;
    return area;
}

struct surface surface_sub(struct surface *surface, struct rect area)
{
    struct surface sub = *surface;
    sub.clip = clip_rect(surface, area);
    return sub;
}

static struct cell *cell_at(struct surface *surface, int x, int y)
{
    return &surface->cells[(size_t)y * (size_t)surface->width + (size_t)x];
}

/* Before the cell at (x, y) of the whole grid is written: no half of a wide glyph may stay. */
static void split_wide(struct surface *surface, int x, int y)
{
    struct cell *cell = cell_at(surface, x, y);
    if (cell->width == 0 && x > 0) {
        struct cell *lead = cell - 1;
        blank(lead, (enum role)lead->role);
    } else if (cell->width == 2 && x + 1 < surface->width) {
        struct cell *follower = cell + 1;
        blank(follower, (enum role)follower->role);
    }
}

static void put_glyph(struct surface *surface, int x, int y, struct cell cell)
{
    split_wide(surface, x, y);
    if (cell.width == 2) {
        split_wide(surface, x + 1, y);
        *cell_at(surface, x + 1, y) = (struct cell){.width = 0, .role = cell.role};
    }
    *cell_at(surface, x, y) = cell;
}

/* Where a run of glyphs goes: columns first to last - 1 of one row, in the whole grid. */
struct run {
    struct surface *surface;
    int64_t first, last; // columns that may be touched
    int64_t x;           // column the next glyph begins in; may be left of `first`
    int y;
    enum role role;
    struct cell *previous; // what a combining mark goes onto; NULL: nothing visible
};

static void run_mark(struct run *run, const char *ptr, size_t len)
{
    struct cell *cell = run->previous;
    if (cell && cell->len + len <= sizeof(cell->glyph)) {
        memcpy(cell->glyph + cell->len, ptr, len);
        cell->len = (uint8_t)(cell->len + len);
    }
}

/* Place one glyph; false when the run is full. */
static bool run_glyph(struct run *run, const char *ptr, size_t len, int width)
{
    int64_t end = run->x + width;
    if (run->x >= run->last) {
        return false;
    }
    run->previous = NULL;
    if (run->x < run->first || end > run->last) {
        /* cut by an edge: the columns of it that are inside become spaces */
        for (int64_t x = run->x; x < end; x++) {
            if (x >= run->first && x < run->last) {
                struct cell space;
                blank(&space, run->role);
                put_glyph(run->surface, (int)x, run->y, space);
            }
        }
    } else {
        struct cell cell = {.len = (uint8_t)len,
                            .width = (uint8_t)width,
                            .role = (uint8_t)run->role};
        memcpy(cell.glyph, ptr, len);
        put_glyph(run->surface, (int)run->x, run->y, cell);
        run->previous = cell_at(run->surface, (int)run->x, run->y);
    }
    run->x = end;
    return true;
}

static void run_text(struct run *run, const char *ptr, size_t bytes)
{
    while (bytes > 0) {
        uint32_t code = UTF8_BAD;
        size_t len = utf8_decode(ptr, bytes, &code);
        int width = code == UTF8_BAD ? -1 : utf8_width(code);
        if (width == 0) {
            run_mark(run, ptr, len);
        } else if (width < 0) {
            /* only a bug brings us here; the terminal must not suffer from it */
            if (!run_glyph(run, replacement, sizeof(replacement) - 1, 1)) {
                return;
            }
        } else if (!run_glyph(run, ptr, len, width)) {
            return;
        }
        ptr += len;
        bytes -= len;
    }
}

/* Begin a run at (x, y) of the clip area; false when nothing of it is visible. */
static bool run_begin(struct run *run, struct surface *surface, int x, int y, int cells)
{
    int first = x;
    int length = cells;
    clip_span(&first, &length, surface->clip.width);
    if (y < 0 || y >= surface->clip.height || length == 0) {
        return false;
    }
    *run = (struct run){.surface = surface, .y = y + surface->clip.y};
    run->first = (int64_t)first + surface->clip.x;
    run->last = run->first + length;
    run->x = (int64_t)x + surface->clip.x;
    return true;
}

int surface_text_from(struct surface *surface, int x, int y, int cells, enum role role,
                      struct text text, int skip)
{
    struct run run;
    if (!run_begin(&run, surface, x, y, cells)) {
        return 0;
    }
    int64_t start = run.x;
    if (skip > 0) {
        /* what is skipped lies left of column x, which may itself be left of the clip */
        run.first = run.first > start ? run.first : start;
        run.x = start - skip;
    }
    run.role = role;
    run_text(&run, text.ptr, text.bytes);
    int64_t used = (run.x < run.last ? run.x : run.last) - start;
    return used > 0 ? (int)used : 0;
}

int surface_text(struct surface *surface, int x, int y, int cells, enum role role, struct text text)
{
    return surface_text_from(surface, x, y, cells, role, text, 0);
}

int surface_string(struct surface *surface, int x, int y, int cells, enum role role, const char *s)
{
    struct text text = {.ptr = s, .bytes = (uint32_t)strlen(s)};
    return surface_text_from(surface, x, y, cells, role, text, 0);
}

int surface_cells(const char *s)
{
    size_t bytes = strlen(s);
    int cells = 0;
    while (bytes > 0 && cells < SURFACE_MAX_SIDE) {
        uint32_t code = UTF8_BAD;
        size_t len = utf8_decode(s, bytes, &code);
        int width = code == UTF8_BAD ? 1 : utf8_width(code);
        cells += width < 0 ? 1 : width;
        s += len;
        bytes -= len;
    }
    return cells;
}

void surface_string_right(struct surface *surface, int x, int y, int cells, enum role role,
                          const char *s)
{
    int width = surface_cells(s);
    int shift = cells > width ? cells - width : 0;
    (void)surface_string(surface, x + shift, y, cells - shift, role, s);
}

void surface_fill(struct surface *surface, struct rect area, enum role role)
{
    area = clip_rect(surface, area);
    for (int y = area.y; y < area.y + area.height; y++) {
        for (int x = area.x; x < area.x + area.width; x++) {
            struct cell space;
            blank(&space, role);
            put_glyph(surface, x, y, space);
        }
    }
}

void surface_recolour(struct surface *surface, struct rect area, enum role role)
{
    area = clip_rect(surface, area);
    for (int y = area.y; y < area.y + area.height; y++) {
        for (int x = area.x; x < area.x + area.width; x++) {
            cell_at(surface, x, y)->role = (uint8_t)role;
        }
    }
}

void surface_frame(struct surface *surface, struct rect area, enum role role)
{
    int right = area.x + area.width - 1;
    int bottom = area.y + area.height - 1;
    for (int x = area.x; x <= right; x++) {
        bool left_end = x == area.x;
        bool right_end = x == right;
        (void)surface_string(surface, x, area.y, 1, role, left_end ? "┌" : right_end ? "┐" : "─");
        if (bottom > area.y) {
            (void)surface_string(surface, x, bottom, 1, role,
                                 left_end    ? "└"
                                 : right_end ? "┘"
                                             : "─");
        }
    }
    for (int y = area.y + 1; y < bottom; y++) {
        (void)surface_string(surface, area.x, y, 1, role, "│");
        if (right > area.x) {
            (void)surface_string(surface, right, y, 1, role, "│");
        }
    }
}

/* The ASCII form of one code point beyond ASCII. */
static char to_ascii(uint32_t code)
{
    static const struct {
        uint32_t first, last;
        char ascii;
    } ranges[] = {
        {0x00b7, 0x00b7, '.'}, // middle dot
        {0x00d7, 0x00d7, 'x'}, // multiplication sign
        {0x2010, 0x2015, '-'}, // dashes
        {0x2022, 0x2022, '*'}, // bullet
        {0x2026, 0x2026, '.'}, // ellipsis
        {0x2190, 0x2190, '<'}, {0x2191, 0x2191, '^'}, {0x2192, 0x2192, '>'}, {0x2193, 0x2193, 'v'},
        {0x2500, 0x2501, '-'}, {0x2502, 0x2503, '|'}, {0x2504, 0x2505, '-'}, {0x2506, 0x2507, '|'},
        {0x2508, 0x2509, '-'}, {0x250a, 0x250b, '|'}, {0x250c, 0x254b, '+'}, {0x254c, 0x254d, '-'},
        {0x254e, 0x254f, '|'}, {0x2550, 0x2550, '-'}, {0x2551, 0x2551, '|'}, {0x2552, 0x2570, '+'},
        {0x2574, 0x2574, '-'}, {0x2575, 0x2575, '|'}, {0x2576, 0x2576, '-'}, {0x2577, 0x2577, '|'},
        {0x2580, 0x259f, '#'}, {0x25b2, 0x25b5, '^'}, {0x25b6, 0x25bb, '>'}, {0x25bc, 0x25bf, 'v'},
        {0x25c0, 0x25c5, '<'}, {0x2713, 0x2714, '*'},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return ranges[i].ascii;
        }
    }
    return '?';
}

void surface_to_ascii(struct surface *surface)
{
    size_t count = (size_t)surface->width * (size_t)surface->height;
    for (size_t i = 0; i < count; i++) {
        struct cell *cell = &surface->cells[i];
        if (cell->width == 1 && cell->len == 1 && (unsigned char)cell->glyph[0] < 0x80) {
            continue;
        }
        char ascii = '?'; // both halves of a wide glyph become one
        if (cell->width == 1 && cell->len > 0) {
            uint32_t code = UTF8_BAD;
            (void)utf8_decode(cell->glyph, cell->len, &code);
            ascii = code < 0x80 ? (char)code : to_ascii(code); // a marked letter keeps its letter
        }
        cell->glyph[0] = ascii;
        cell->len = 1;
        cell->width = 1;
    }
}

/* Counts what is written and keeps what fits, so that the caller may ask for the size first. */
struct sink {
    char *buf;
    size_t size, used;
};

static void sink_add(struct sink *sink, const char *ptr, size_t len)
{
    for (size_t i = 0; i < len; i++, sink->used++) {
        if (sink->used < sink->size) {
            sink->buf[sink->used] = ptr[i];
        }
    }
}

static void dump_glyphs(const struct cell *row, int width, struct sink *sink)
{
    while (width > 0 && row[width - 1].len == 1 && row[width - 1].glyph[0] == ' ') {
        width--;
    }
    for (int x = 0; x < width; x++) {
        sink_add(sink, row[x].glyph, row[x].len);
    }
    sink_add(sink, "\n", 1);
}

static void dump_roles(const struct cell *row, int width, struct sink *sink)
{
    for (int x = 0; x < width; x++) {
        sink_add(sink, &role_letters[row[x].role % ROLE_COUNT], 1);
    }
    sink_add(sink, "\n", 1);
}

size_t surface_dump(const struct surface *surface, char *buf, size_t size)
{
    struct sink sink = {.buf = buf, .size = size};
    size_t width = (size_t)surface->width;
    for (int y = 0; y < surface->height; y++) {
        dump_glyphs(&surface->cells[(size_t)y * width], surface->width, &sink);
    }
    sink_add(&sink, "roles\n", 6);
    for (int y = 0; y < surface->height; y++) {
        dump_roles(&surface->cells[(size_t)y * width], surface->width, &sink);
    }
    if (size > 0) {
        buf[sink.used < size ? sink.used : size - 1] = '\0';
    }
    return sink.used < size ? sink.used : sink.used + 1;
}

bool surface_same_cell(const struct cell *a, const struct cell *b)
{
    return a->len == b->len && a->width == b->width && a->role == b->role && a->flags == b->flags &&
           memcmp(a->glyph, b->glyph, a->len) == 0;
}
