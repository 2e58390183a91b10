#include "ui/tab_line.h"

#include <stdbool.h>

/* One tab as laid out. */
struct place {
    int x, cells;
    const char *title; // "": its number alone
};

static bool titles_fit(const char *const *titles, size_t count, int width)
{
    int needed = (int)count - 1;
    for (size_t tab = 0; tab < count; tab++) {
        needed += 1 + surface_cells(titles[tab]);
    }
    return needed <= width;
}

static void lay_out(const struct tab_line *line, int width, struct place places[TAB_LINE_MAX])
{
    const bool full = titles_fit(line->titles, line->count, width);
    const bool some = full || titles_fit(line->short_titles, line->count, width);
    int x = 0;
    for (size_t tab = 0; tab < line->count; tab++) {
        const bool titled = some || tab == line->shown;
        const char *all = some && !full ? line->short_titles[tab] : line->titles[tab];
        const char *title = titled ? all : "";
        const int cells = 1 + surface_cells(title);
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
