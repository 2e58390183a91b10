#include "ui/graph.h"

#include "base/utf8.h"

#include <math.h>
#include <string.h>

/*
 * A cell is drawn from two numbers for each of its columns: how many steps up its points reach,
 * and at which step the mark of the maximum is. Steps count from the bottom of the graph; how
 * many of them a cell has depends on what is drawn with.
 */

enum {
    BRAILLE_FIRST = 0x2800,
    BLOCK_FIRST = 0x2581,
    BLOCK_LOWER_HALF = 0x2584,
    BLOCK_FULL = 0x2588
};

/* Of one column of a graph, in steps. */
struct bar_steps {
    int height; // 0: a gap
    int mark;   // step of the maximum, counted from 1; 0: it is no higher
    bool tiny;  // the height is rounded up from next to nothing
};

static int columns_in_cell(enum graph_glyphs glyphs)
{
    return glyphs == GRAPH_BRAILLE ? 2 : 1;
}

static int steps_in_cell(enum graph_glyphs glyphs)
{
    switch (glyphs) {
    case GRAPH_ASCII:
        return 3;
    case GRAPH_HALVES:
        return 2;
    case GRAPH_BLOCKS:
        return 8;
    case GRAPH_BRAILLE:
        return 4;
    }
    return 1;
}

size_t graph_points(enum graph_glyphs glyphs, int cells)
{
    return cells > 0 ? (size_t)(cells * columns_in_cell(glyphs)) : 0;
}

/* Steps up to a value: at least 1, for it was measured. */
static int steps_of(double value, double most, int steps)
{
    double exact = value / most * steps + 0.5;
    if (!(exact > 1)) { // also when it is not a number
        return 1;
    }
    return exact >= steps ? steps : (int)exact;
}

static struct bar_steps bar_of(const struct series_point *point, double most, int steps)
{
    struct bar_steps ret = {0};
    if (!series_is_gap(point)) {
        ret.height = steps_of((double)point->mean, most, steps);
        int mark = steps_of((double)point->max, most, steps);
        ret.mark = mark > ret.height ? mark : 0;
        ret.tiny = !((double)point->mean / most * steps >= 0.5);
    }
    return ret;
}

/* --- cells ----------------------------------------------------------------------------------- */

/* The dots of one column of a braille cell, from the bottom to the top. */
static const uint32_t braille_dots[2][4] = {{0x40, 0x04, 0x02, 0x01}, {0x80, 0x20, 0x10, 0x08}};

/* How many of a cell's steps are filled, when `base` steps are below it. */
static int filled(int height, int base, int steps)
{
    int above = height - base;
    return above < 0 ? 0 : above > steps ? steps : above;
}

static uint32_t braille_cell(const struct bar_steps bars[2], int base, bool *ret_is_mark)
{
    uint32_t dots = 0;
    uint32_t marks = 0;
    for (int column = 0; column < 2; column++) {
        int count = filled(bars[column].height, base, 4);
        for (int i = 0; i < count; i++) {
            dots |= braille_dots[column][i];
        }
        int mark = bars[column].mark - base;
        marks |= mark >= 1 && mark <= 4 ? braille_dots[column][mark - 1] : 0;
    }
    *ret_is_mark = dots == 0 && marks != 0;
    return dots + marks > 0 ? BRAILLE_FIRST + (dots | marks) : ' ';
}

static uint32_t block_cell(const struct bar_steps *bar, int base, enum graph_glyphs glyphs,
                           bool *ret_is_mark)
{
    static const uint32_t ascii[] = {'.', ':', '|'};
    int steps = steps_in_cell(glyphs);
    int count = filled(bar->height, base, steps);
    int mark = bar->mark - base;
    *ret_is_mark = count == 0 && mark >= 1 && mark <= steps;
    if (*ret_is_mark) {
        return glyphs == GRAPH_ASCII ? '\'' : glyphs == GRAPH_HALVES ? '-' : 0x00b7;
    }
    if (count == 0) {
        return ' ';
    }
    if (bar->tiny && glyphs != GRAPH_BLOCKS) {
        return '_';
    }
    if (glyphs == GRAPH_ASCII) {
        return ascii[count - 1];
    }
    if (glyphs == GRAPH_HALVES) {
        return count == 2 ? BLOCK_FULL : BLOCK_LOWER_HALF;
    }
    return BLOCK_FIRST + (uint32_t)count - 1;
}

static void put(struct surface *surface, int x, int y, enum role role, uint32_t code)
{
    char glyph[8] = "";
    glyph[utf8_encode(code, glyph)] = '\0';
    (void)surface_string(surface, x, y, 1, role, glyph);
}

void graph_draw(const struct series_point *points, double most, enum role role,
                enum graph_glyphs glyphs, struct surface *surface)
{
    int width = surface->clip.width;
    int height = surface->clip.height;
    int steps = steps_in_cell(glyphs);
    int columns = columns_in_cell(glyphs);
    for (int x = 0; x < width; x++) {
        struct bar_steps bars[2];
        for (int i = 0; i < columns; i++) {
            bars[i] = bar_of(&points[x * columns + i], most, height * steps);
        }
        for (int y = 0; y < height; y++) {
            int base = (height - 1 - y) * steps;
            bool is_mark = false;
            uint32_t code = glyphs == GRAPH_BRAILLE ? braille_cell(bars, base, &is_mark)
                                                    : block_cell(bars, base, glyphs, &is_mark);
            put(surface, x, y, is_mark ? ROLE_DIM : role, code);
        }
    }
}

double graph_round_up(enum value_kind kind, double most)
{
    bool binary = kind == VALUE_BYTES || kind == VALUE_BYTE_RATE;
    double least = kind == VALUE_FRACTION || kind == VALUE_CPUS ? 0.01 : binary ? 1024 : 1;
    if (!(most > least)) {
        return least;
    }
    if (binary) {
        double ret = least;
        while (ret < most) {
            ret *= 2;
        }
        return ret;
    }
    static const double factors[] = {1, 2, 5};
    for (double power = least;; power *= 10) {
        for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
            double ret = power * factors[i];
            if (ret >= most * (1 - 1e-9)) {
                return kind == VALUE_FRACTION && ret > 1 ? 1 : ret;
            }
        }
    }
}
