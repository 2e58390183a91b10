#include "ui/pane_table.h"
#include "ui/ui_inspect.h"
#include "ui/ui_tabs.h"

/*
 * A tab with two tables: the one it is named after above, its companion below, or on a wide screen
 * to its right. The cursor goes over the border between them with the keys that move it; where it
 * is, there go all other keys. On a low screen there is no companion.
 */

enum {
    UPPER_MIN_HEIGHT = 4, // header and three rows
    LOWER_MIN_HEIGHT = 5,
    BESIDE_MIN_WIDTH = 160, // of both: two screens of the usual width
    BESIDE_GAP = 2,         // between them
};

/* The companion of the table shown. Owns: the UI. Errors: NULL when it has none. */
static struct pane *companion(const struct ui *ui)
{
    const struct table *table = ui_tab_upper_table(ui);
    for (size_t id = 0; table != NULL && table->companion != NULL && id < TABLES_ON_SCREEN; id++) {
        if (pane_table_info(ui->tables[id]) == table->companion) {
            return ui->tables[id];
        }
    }
    return NULL;
}

/* Header and rows; one line at least says why there are none. */
static int wanted_height(const struct pane *pane)
{
    size_t rows = pane_table_count(pane);
    return 1 + (rows < 1 ? 1 : rows < SURFACE_MAX_SIDE ? (int)rows : SURFACE_MAX_SIDE);
}

/* Where the panes of a tab are; what is not shown has height 0. */
struct places {
    struct rect upper, lower;
    struct rect beside; // the history of the inspected process
};

/* The lower one has what its columns need, up to half; the upper one what its columns need of the
 * rest. What is left over is of use to command lines. */
static void place_beside(const struct ui *ui, const struct pane *lower, struct places *places)
{
    const struct rect area = places->upper;
    const int half = (area.width - BESIDE_GAP) / 2;
    const int least = pane_table_width(lower);
    const int most = area.width - BESIDE_GAP - (least < half ? least : half);
    const int wanted = pane_table_width(ui_tab_upper(ui));
    places->upper.width = wanted < most ? wanted : most;
    places->lower = area;
    places->lower.x += places->upper.width + BESIDE_GAP;
    places->lower.width -= places->upper.width + BESIDE_GAP;
}

static bool is_beside(const struct places *places)
{
    return places->lower.height > 0 && places->lower.x > places->upper.x;
}

/* The upper one has what it needs, up to half or what the lower one leaves. */
static struct places place(const struct ui *ui, struct rect area)
{
    const struct rect beside = ui_inspect_beside(ui, &area);
    struct places places = {.upper = area, .beside = beside};
    const struct pane *lower = companion(ui);
    const bool beside_it = area.width >= BESIDE_MIN_WIDTH;
    const int least = beside_it ? UPPER_MIN_HEIGHT : UPPER_MIN_HEIGHT + LOWER_MIN_HEIGHT;
    if (lower == NULL || area.height < least) {
        return places;
    }
    if (beside_it) {
        place_beside(ui, lower, &places);
        return places;
    }
    int left = area.height - wanted_height(lower);
    int most = left > area.height / 2 ? left : area.height / 2;
    int wanted = wanted_height(ui_tab_upper(ui));
    int height = wanted < most ? wanted : most;
    height = height > UPPER_MIN_HEIGHT ? height : UPPER_MIN_HEIGHT;
    places.upper.height = height;
    places.lower = area;
    places.lower.y += height;
    places.lower.height -= height;
    return places;
}

struct pane *ui_tab_lower(const struct ui *ui)
{
    struct ui_layout layout;
    ui_layout(ui, &layout);
    return place(ui, layout.pane).lower.height > 0 ? companion(ui) : NULL;
}

void ui_tab_update(struct ui *ui, struct rect area)
{
    struct view view = ui_view(ui);
    const struct places places = place(ui, area);
    struct pane *pane = ui_tab_upper(ui);
    pane->class->update(pane, &view, places.upper);
    struct pane *lower = companion(ui);
    if (lower != NULL && places.lower.height > 0) {
        lower->class->update(lower, &view, places.lower);
    } else {
        ui->below = false; // what has the focus is in sight
    }
    if (places.beside.height > 0) {
        pane = ui->process_history;
        pane->class->update(pane, &view, places.beside);
    }
}

void ui_tab_draw(const struct ui *ui, struct rect area, struct surface *surface)
{
    struct view view = ui_view(ui);
    const struct places places = place(ui, area);
    const struct {
        const struct pane *pane;
        struct rect area;
    } all[] = {
        {ui_tab_upper(ui), places.upper},
        {companion(ui), places.lower},
        {ui->process_history, places.beside},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i].area.height > 0) {
            struct surface part = surface_sub(surface, all[i].area);
            all[i].pane->class->draw(all[i].pane, &view, all[i].pane == ui_tab_pane(ui), &part);
        }
    }
}

void ui_tab_mouse(struct ui *ui, struct rect area, struct mouse mouse, struct effects *effects)
{
    struct view view = ui_view(ui);
    const struct places places = place(ui, area);
    const struct rect *upper = &places.upper;
    const int x = places.lower.x - area.x; // the mouse is relative to `area`
    const int y = places.lower.y - area.y;
    struct pane *lower = companion(ui);
    bool below = lower != NULL && places.lower.height > 0 && mouse.x >= x && mouse.y >= y;
    if (!below && (mouse.x >= upper->width || mouse.y >= upper->height)) {
        return; // beside it there is nothing to choose
    }
    if (mouse.kind == MOUSE_PRESS) {
        ui->below = below;
    }
    mouse.x -= below ? x : 0;
    mouse.y -= below ? y : 0;
    struct pane *pane = below ? lower : ui_tab_upper(ui);
    (void)pane->class->mouse(pane, &view, &mouse, effects); // a miss does nothing
}

/* With keys that go sideways, once all columns on that side are in sight. */
static bool cross_sideways(struct ui *ui, enum action_id action)
{
    struct ui_layout layout;
    ui_layout(ui, &layout);
    const struct places places = place(ui, layout.pane);
    const bool right = action == ACTION_RIGHT;
    if (!is_beside(&places) || (!right && action != ACTION_LEFT) || right == ui->below ||
        pane_table_scrolls(ui_tab_pane(ui), right)) {
        return false;
    }
    ui->below = right;
    return true;
}

bool ui_tab_cross(struct ui *ui, enum action_id action, struct effects *effects)
{
    struct view view = ui_view(ui);
    struct pane *upper = ui_tab_upper(ui);
    struct pane *lower = ui_tab_lower(ui);
    bool down = action == ACTION_DOWN || action == ACTION_PAGE_DOWN;
    bool up = action == ACTION_UP || action == ACTION_PAGE_UP;
    if (lower == NULL) {
        return false;
    }
    if (cross_sideways(ui, action)) {
        return true;
    }
    if (down && !ui->below && pane_table_count(lower) > 0 &&
        pane_table_position(upper) + 1 >= pane_table_count(upper)) {
        ui->below = true;
        pane_table_top(lower); // no row was chosen yet
        return true;
    }
    if (up && ui->below && pane_table_position(lower) == 0 && pane_table_count(upper) > 0) {
        ui->below = false;
        (void)upper->class->act(upper, &view, ACTION_LAST, effects); // it knows that
        return true;
    }
    return false;
}
