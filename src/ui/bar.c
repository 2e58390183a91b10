#include "ui/bar.h"

/* Columns a running total reaches; never backwards and never past the end. */
static int reach(double total, int length, int previous)
{
    double exact = total * (double)length + 0.5;
    if (!(exact > (double)previous)) { // also when it is not a number
        return previous;
    }
    return exact >= (double)length ? length : (int)exact;
}

static void draw_parts(const struct bar *bar, struct surface *inside)
{
    double total = 0;
    int at = 0;
    for (size_t i = 0; i < bar->part_count && i < BAR_PARTS_MAX; i++) {
        const struct bar_part *part = &bar->parts[i];
        total += bar->fractions[i] > 0 ? bar->fractions[i] : 0;
        int end = reach(total, inside->clip.width, at);
        char sign[2] = {bar->colour ? '|' : part->sign, '\0'};
        for (; at < end; at++) {
            (void)surface_string(inside, at, 0, 1, part->role, sign);
        }
    }
}

void bar_draw(const struct bar *bar, struct surface *surface, int x, int y, int cells)
{
    int label = bar->label_cells < cells ? bar->label_cells : cells;
    surface_string_right(surface, x, y, label, ROLE_METER_LABEL, bar->label);
    int inner = cells - label - 2;
    int text = surface_cells(bar->text);
    if (inner < 1) {
        return;
    }
    (void)surface_string(surface, x + label, y, 1, ROLE_BAR_FRAME, "[");
    (void)surface_string(surface, x + cells - 1, y, 1, ROLE_BAR_FRAME, "]");
    struct rect area = {.x = x + label + 1, .y = y, .width = inner, .height = 1};
    struct surface inside = surface_sub(surface, area);
    draw_parts(bar, &inside);
    if (text <= inner) {
        surface_string_right(&inside, 0, 0, inner, bar->text_role, bar->text);
    }
}
