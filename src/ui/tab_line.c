#include "ui/tab_line.h"

#include <stdbool.h>

/* One tab as laid out. */
struct place {
    int x, cells;
    const char *title; // as much of it as has room in `cells` behind its number
};

static bool titles_fit(const char *const *titles, size_t count, int width)
{
    int needed = (int)count - 1;
    for (size_t tab = 0; tab < count; tab++) {
        needed += 1 + surface_cells(titles[tab]);
    }
    return needed <= width;
}

/* Cells of a title of which at most so many are shown. */
static int begun_cells(const char *title, int most)
{
    const int cells = surface_cells(title);
    return cells < most ? cells : most;
}

/* Cells of the line with so much of each title, and all of the one that is shown. */
static int cells_needed(const struct tab_line *line, int most)
{
    int needed = (int)line->count - 1;
    for (size_t tab = 0; tab < line->count; tab++) {
        needed += 1 + (tab == line->shown ? surface_cells(line->titles[tab])
                                          : begun_cells(line->short_titles[tab], most));
    }
    return needed;
}

static void lay_out(const struct tab_line *line, int width, struct place places[TAB_LINE_MAX])
{
    const bool full = titles_fit(line->titles, line->count, width);
    const bool some = full || titles_fit(line->short_titles, line->count, width);
    int beginning = 0; // of each title, where not all have room
    while (!some && cells_needed(line, beginning + 1) <= width) {
        beginning++;
    }
    int x = 0;
    for (size_t tab = 0; tab < line->count; tab++) {
        const bool whole = full || (!some && tab == line->shown);
        const char *title = whole ? line->titles[tab] : line->short_titles[tab];
        const int most = some || whole ? surface_cells(title) : beginning;
        const int cells = 1 + begun_cells(title, most);
        places[tab] = (struct place){.x = x, .cells = cells, .title = title};
        x += cells + 1;
    }
}

void tab_line_draw(const struct tab_line *line, int width, int y, struct surface *surface)
{
    struct place places[TAB_LINE_MAX];
    lay_out(line, width, places);
    surface_fill(surface, (struct rect){.y = y, .width = width, .height = 1}, ROLE_TEXT);
    for (size_t tab = 0; tab < line->count; tab++) {
        const struct place *place = &places[tab];
        const bool shown = tab == line->shown;
        const char number[2] = {line->digits[tab], '\0'};
        (void)surface_string(surface, place->x, y, 1, shown ? ROLE_MENU_SELECTED : ROLE_KEY,
                             number);
        (void)surface_string(surface, place->x + 1, y, place->cells - 1,
                             shown ? ROLE_MENU_SELECTED : ROLE_MENU, place->title);
    }
}

size_t tab_line_at(const struct tab_line *line, int width, int x)
{
    struct place places[TAB_LINE_MAX];
    lay_out(line, width, places);
    size_t tab = 0;
    while (tab < line->count && (x < places[tab].x || x >= places[tab].x + places[tab].cells)) {
        tab++;
    }
    return tab;
}
