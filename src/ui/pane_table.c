#include "ui/pane_table.h"

#include "base/str.h"
#include "model/dossier.h"
#include "model/network.h"
#include "model/plan.h"
#include "model/storage.h"
#include "ui/table_list.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * A table as a pane. The invariants after refresh():
 *  - the rows belong to view->snap;
 *  - place.line is a row (or 0 in an empty table) and place.key is its key;
 *  - the cursor is on the screen.
 * The cursor follows its row by key once the user has put it somewhere. Before that it stays on
 * the top row, so that what is busiest is in sight after the start.
 */

enum { WHEEL_ROWS = 3 };

static struct pane_table *list_of(struct pane *pane)
{
    return (struct pane_table *)(void *)pane; // pane is its first member
}

static const struct pane_table *list_of_const(const struct pane *pane)
{
    return (const struct pane_table *)(const void *)pane;
}

size_t table_list_page(const struct pane_table *list)
{
    int height = list->pane.area.height - list->block_rows - table_list_head(list);
    return height > 1 ? (size_t)height : 1;
}

bool table_list_was_read(const struct pane_table *list, const struct snapshot *snap)
{
    unsigned parts = snap->network != NULL ? snap->network->parts : 0;
    parts |= snap->storage != NULL ? snap->storage->parts : 0;
    bool is_his = snap->dossier != NULL && proc_id_equal(snap->dossier->id, list->process);
    unsigned inspect = dossier_read(is_his ? snap->dossier : NULL, list->table->inspect);
    bool explains = list->table->explains; // what is missing as well
    return (parts & list->table->parts) == list->table->parts &&
           (inspect == list->table->inspect || (explains && inspect != 0));
}

/* --- rows ------------------------------------------------------------------------------------ */

/* Remember which columns are usually shown of this snapshot. Without a history there are no graphs. */
static void find_usual(struct pane_table *list, const struct snapshot *snap, bool has_history)
{
    list->usual_count = 0;
    for (size_t i = 0; i < list->table->column_count; i++) {
        if (table_column_is_usual(list->table, i, snap) &&
            (has_history || !table_column_is_graph(list->table, i))) {
            list->usual[list->usual_count++] = (uint8_t)i;
        }
    }
}

static void refresh(struct pane_table *list, const struct view *view)
{
    if (view->snap == NULL) {
        return;
    }
    if (list->stale || list->snap != view->snap || list->seq != view->snap->seq) {
        struct listing_options options = {
            .sort = list->settings->sort,
            .descending = list->settings->descending,
            .chosen = list->settings,
            .filter = list->filter,
            .process = list->process,
        };
        /* Out of memory leaves no rows: an empty table until the next sample tries again. */
        int error = listing_run(list->listing, list->table, view->snap, &options);
        find_usual(list, view->snap, view->settings->history);
        list->stale = error != 0;
        list->snap = view->snap;
        list->seq = view->snap->seq;
        table_list_break(list, view);
        table_list_restore(list);
    } else if (list->table->explains && list->lines_cells != list->pane.area.width) {
        table_list_break(list, view);
        table_list_restore(list);
    }
    table_list_settle(list);
}

/* Scroll by whole columns, as long as some do not fit. False at the end. */
static bool scroll_columns(struct pane_table *list, bool right)
{
    struct table_cells layout;
    table_list_layout(list, &layout);
    if (right && layout.left_out > 0) {
        list->scroll++;
        return true;
    }
    if (!right && list->scroll > 0) {
        list->scroll--;
        return true;
    }
    return false;
}

/* --- pane ------------------------------------------------------------------------------------ */

static void list_destroy(struct pane *pane)
{
    if (pane != NULL) {
        listing_destroy(list_of(pane)->listing);
        free(list_of(pane)->lines);
        free(list_of(pane));
    }
}

static void list_update(struct pane *pane, const struct view *view, struct rect area)
{
    struct pane_table *list = list_of(pane);
    pane->area = area;
    list->block_rows = list->block != NULL ? list->block->rows(view, area.width, area.height) : 0;
    refresh(list, view);
}

static void list_draw(const struct pane *pane, const struct view *view, bool focused,
                      struct surface *surface)
{
    table_list_draw(list_of_const(pane), view, focused, surface);
}

static void list_describe(const struct pane *pane, const struct view *view, struct strbuf *buf)
{
    table_list_describe(list_of_const(pane), view, buf);
}

/* The processes in some of the rows. */
static void add_visible(const struct pane_table *list, struct plan *plan, size_t from, size_t to)
{
    size_t count = listing_count(list->listing);
    for (size_t i = from; i < to && i < count && plan->visible_count < PLAN_VISIBLE_MAX; i++) {
        plan->visible[plan->visible_count++] = list->table->owner(listing_rows(list->listing)[i]);
    }
}

/* Nothing but in a table of processes: the other tables' rows come with their part. */
static void plan_processes(const struct pane_table *list, const struct view *view,
                           struct plan *plan)
{
    bool filtered = list->filter[0] != '\0' || list->highlight[0] != '\0';
    plan->want |= table_facts(list->table, list->settings, list->settings->sort, filtered);
    struct table_cells layout;
    table_list_layout(list, &layout);
    fact_mask shown = 0;
    for (size_t i = 0; i < layout.count; i++) {
        shown |= table_column_facts(list->table, layout.cells[i].column);
    }
    plan->want_visible |= shown;
    if (shown != 0 && view->snap != NULL) {
        size_t page = table_list_page(list); // and some more rows, for those who scroll
        add_visible(list, plan, list->place.top, list->place.top + 2 * page);
    }
}

static void list_plan(const struct pane *pane, const struct view *view, struct plan *plan)
{
    plan->parts |= list_of_const(pane)->table->parts | list_of_const(pane)->table->further_parts;
    plan->inspect |= list_of_const(pane)->table->inspect; // whom is ui_inspect.c's business
    plan_processes(list_of_const(pane), view, plan);
}

/* Sideways and order. False when the action is something else. */
static bool act_on_view(struct pane_table *list, enum action_id action)
{
    if (action == ACTION_LEFT || action == ACTION_RIGHT) {
        (void)scroll_columns(list, action == ACTION_RIGHT); // at the end nothing moves
    } else if (action == ACTION_LINE_START) {
        list->scroll = 0;
    } else if (action == ACTION_LINE_END) {
        while (scroll_columns(list, true)) { // until all that is left fits
        }
    } else if (action == ACTION_SORT_INVERT) {
        list->settings->descending = !list->settings->descending;
        list->stale = true;
    } else {
        return false;
    }
    return true;
}

static bool list_act(struct pane *pane, const struct view *view, enum action_id action,
                     struct effects *effects)
{
    (void)effects; // what leads elsewhere is ui_tabs.c's business
    struct pane_table *list = list_of(pane);
    const struct {
        enum action_id action;
        ptrdiff_t rows;
        bool view_only;
    } moves[] = {
        {ACTION_FIRST, -PTRDIFF_MAX / 2, false},
        {ACTION_LAST, PTRDIFF_MAX / 2, false},
        {ACTION_SCROLL_UP, -1, true},
        {ACTION_SCROLL_DOWN, 1, true},
    };
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        if (moves[i].action == action) {
            (moves[i].view_only ? table_list_scroll : table_list_go_by)(list, moves[i].rows);
            return true;
        }
    }
    if (action == ACTION_UP || action == ACTION_DOWN) {
        table_list_go_on(list, action == ACTION_DOWN);
        return true;
    }
    if (action == ACTION_PAGE_UP || action == ACTION_PAGE_DOWN) {
        table_list_turn_page(list, action == ACTION_PAGE_DOWN);
        return true;
    }
    bool known = act_on_view(list, action);
    refresh(list, view);
    return known;
}

/* The row with the lowest number that begins as typed, which is the typed one if it is there;
 * -1 for none. */
static ptrdiff_t find_typed(const struct pane_table *list)
{
    const void *const *rows = listing_rows(list->listing);
    size_t count = listing_count(list->listing);
    ptrdiff_t best = -1;
    uint64_t lowest = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        uint64_t numbers[TABLE_NUMBERS_MAX];
        size_t known = list->table->numbers(rows[i], numbers);
        for (size_t n = 0; n < known; n++) {
            if (typed_begins(&list->typed, numbers[n]) && numbers[n] < lowest) {
                lowest = numbers[n];
                best = (ptrdiff_t)i;
            }
        }
    }
    return best;
}

static bool list_key(struct pane *pane, const struct view *view, struct key key,
                     struct effects *effects)
{
    (void)effects;
    struct pane_table *list = list_of(pane);
    if (list->table->numbers == NULL || view->snap == NULL ||
        !typed_take(&list->typed, key, view->now_ns)) {
        return false;
    }
    ptrdiff_t row = list->typed.number > 0 ? find_typed(list) : -1;
    list->typed_found = row >= 0;
    if (row >= 0) {
        table_list_go(list, (size_t)row);
    }
    return true;
}

static void press_head(struct pane_table *list, const struct view *view,
                       const struct table_cells *layout, int x)
{
    for (size_t i = 0; i < layout->count; i++) {
        const struct table_cell *cell = &layout->cells[i];
        if (x >= cell->title_x && x <= cell->title_x + cell->title_cells) {
            pane_table_sort(&list->pane, view, cell->column);
            return;
        }
    }
}

static bool list_mouse(struct pane *pane, const struct view *view, const struct mouse *mouse,
                       struct effects *effects)
{
    (void)effects;
    struct pane_table *list = list_of(pane);
    if (mouse->kind == MOUSE_WHEEL_UP || mouse->kind == MOUSE_WHEEL_DOWN) {
        table_list_scroll(list, mouse->kind == MOUSE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS);
        return true;
    }
    if (mouse->kind != MOUSE_PRESS || mouse->button != 1 || mouse->x < 0 || mouse->y < 0 ||
        mouse->x >= pane->area.width || mouse->y >= pane->area.height) {
        return false;
    }
    struct table_cells layout;
    table_list_layout(list, &layout);
    if (mouse->y < list->block_rows) {
        return false;
    }
    if (mouse->y < layout.head) {
        press_head(list, view, &layout, mouse->x);
        return true;
    }
    size_t index = list->place.top + (size_t)(mouse->y - layout.head);
    if (view->snap == NULL || index >= table_list_lines(list)) {
        return false;
    }
    table_list_go(list, index);
    return true;
}

static const struct pane_class table_class = {
    .name = "table",
    .context = CONTEXT_TABLE,
    .min_width = 1,
    .min_height = 1,
    .update = list_update,
    .act = list_act,
    .key = list_key,
    .mouse = list_mouse,
    .plan = list_plan,
    .draw = list_draw,
    .filter = pane_table_filter,
    .set_filter = pane_table_set_filter,
    .search = pane_table_search,
    .search_begin = pane_table_search_begin,
    .search_cancel = pane_table_search_cancel,
    .highlight = pane_table_highlight,
    .describe = list_describe,
    .copy = table_list_copy,
    .destroy = list_destroy,
};

struct pane *pane_table_create(const struct table *table, struct table_settings *settings)
{
    struct pane_table *list = calloc(1, sizeof(*list));
    if (list == NULL) {
        return NULL;
    }
    list->pane.class = &table_class;
    list->table = table;
    list->settings = settings;
    list->listing = listing_create();
    if (list->listing == NULL) {
        free(list);
        return NULL;
    }
    find_usual(list, NULL, true);
    return &list->pane;
}

void pane_table_set_block(struct pane *pane, const struct table_block *block)
{
    list_of(pane)->block = block;
}

/* --- what ui_*.c asks for --------------------------------------------------------------------- */

const struct table *pane_table_info(const struct pane *pane)
{
    return list_of_const(pane)->table;
}

static void copy_text(char *out, size_t size, const char *text)
{
    struct strbuf buf;
    str_init(&buf, out, size);
    str_add(&buf, text);
}

void pane_table_set_filter(struct pane *pane, const struct view *view, const char *filter)
{
    struct pane_table *list = list_of(pane);
    copy_text(list->filter, sizeof(list->filter), filter);
    list->stale = true;
    refresh(list, view);
}

const char *pane_table_filter(const struct pane *pane)
{
    return list_of_const(pane)->filter;
}

void pane_table_set_process(struct pane *pane, const struct view *view, struct proc_id process)
{
    struct pane_table *list = list_of(pane);
    list->process = process;
    list->place = (struct table_place){0}; // another question: from the top
    list->unfolded = false;
    list->stale = true;
    refresh(list, view);
}

struct proc_id pane_table_process(const struct pane *pane)
{
    return list_of_const(pane)->process;
}

void pane_table_search_begin(struct pane *pane)
{
    struct pane_table *list = list_of(pane);
    list->search_from = list->place;
}

void pane_table_search_cancel(struct pane *pane, const struct view *view)
{
    struct pane_table *list = list_of(pane);
    list->place = list->search_from;
    if (view->snap != NULL) {
        refresh(list, view);
        table_list_restore(list);
        table_list_settle(list);
    }
}

void pane_table_highlight(struct pane *pane, const char *text)
{
    struct pane_table *list = list_of(pane);
    copy_text(list->highlight, sizeof(list->highlight), text);
}

bool pane_table_search(struct pane *pane, const struct view *view, const char *text, int step)
{
    struct pane_table *list = list_of(pane);
    if (step == 0) {
        pane_table_search_cancel(pane, view);
    }
    if (text[0] == '\0') {
        return true;
    }
    size_t count = view->snap != NULL ? listing_count(list->listing) : 0;
    const void *const *rows = listing_rows(list->listing);
    size_t from = count > 0 ? table_list_row_at(list, list->place.line) : 0;
    for (size_t i = step == 0 ? 0 : 1; i <= count && count > 0; i++) {
        size_t row = step < 0 ? (from + count - i) % count : (from + i) % count;
        if (listing_matches(list->table, list->settings, view->snap, rows[row], text)) {
            table_list_go(list, table_list_first_line(list, row));
            return true;
        }
    }
    return false;
}

void pane_table_sort(struct pane *pane, const struct view *view, size_t column)
{
    struct pane_table *list = list_of(pane);
    if (column >= list->table->column_count || table_column_is_graph(list->table, column)) {
        return;
    }
    struct table_settings *settings = list->settings;
    settings->descending = column == settings->sort
                               ? !settings->descending
                               : table_column_info(list->table, column).descending;
    settings->sort = (uint8_t)column;
    list->stale = true;
    refresh(list, view);
}

size_t pane_table_sort_column(const struct pane *pane)
{
    return list_of_const(pane)->settings->sort;
}

size_t pane_table_columns(const struct pane *pane, uint8_t ret[TABLE_COLUMNS_MAX])
{
    return table_list_columns(list_of_const(pane), ret);
}

void pane_table_set_columns(struct pane *pane, const uint8_t *columns, size_t count)
{
    struct pane_table *list = list_of(pane);
    struct table_settings *settings = list->settings;
    uint8_t usual[TABLE_COLUMNS_MAX];
    settings->column_count = 0;
    const size_t usual_count = table_list_columns(list, usual);
    if (count != usual_count || memcmp(columns, usual, count) != 0) {
        memcpy(settings->columns, columns, count);
        settings->column_count = count;
    }
    list->scroll = 0;
    list->stale = true; // a filter looks into them
}

void pane_table_top(struct pane *pane)
{
    list_of(pane)->place.anchored = false;
    table_list_restore(list_of(pane));
}

int pane_table_width(const struct pane *pane)
{
    const struct pane_table *list = list_of_const(pane);
    uint8_t columns[TABLE_COLUMNS_MAX];
    const size_t count = table_list_columns(list, columns);
    int cells = -1;
    for (size_t i = 0; i < count; i++) {
        cells += table_column_info(list->table, columns[i]).cells + 1;
    }
    return cells;
}

bool pane_table_scrolls(const struct pane *pane, bool right)
{
    const struct pane_table *list = list_of_const(pane);
    struct table_cells layout;
    table_list_layout(list, &layout);
    return right ? layout.left_out > 0 : list->scroll > 0;
}

size_t pane_table_count(const struct pane *pane)
{
    return listing_count(list_of_const(pane)->listing);
}

size_t pane_table_position(const struct pane *pane)
{
    return list_of_const(pane)->place.line;
}

void pane_table_anchor(struct pane *pane)
{
    list_of(pane)->place.anchored = true;
}

const void *pane_table_row(const struct pane *pane)
{
    const struct pane_table *list = list_of_const(pane);
    size_t count = table_list_lines(list);
    return list->place.line < count
               ? listing_rows(list->listing)[table_list_row_at(list, list->place.line)]
               : NULL;
}

bool pane_table_go(struct pane *pane, const struct view *view, struct row_key key)
{
    struct pane_table *list = list_of(pane);
    refresh(list, view);
    ptrdiff_t row = listing_find(list->listing, list->table, key);
    if (row < 0 && list->filter[0] != '\0') {
        pane_table_set_filter(pane, view, "");
        row = listing_find(list->listing, list->table, key);
    }
    if (row >= 0) {
        table_list_go(list, table_list_first_line(list, (size_t)row));
    }
    return row >= 0;
}

void pane_table_aim(struct pane *pane, const struct view *view, struct row_key key)
{
    struct pane_table *list = list_of(pane);
    list->place.aimed = true;
    list->place.aim = key;
    list->stale = true;
    refresh(list, view);
}

bool pane_table_unfold(struct pane *pane, const struct view *view)
{
    struct pane_table *list = list_of(pane);
    if (!list->table->explains || pane_table_row(pane) == NULL ||
        !table_explain_is_long(list, view, table_list_row_at(list, list->place.line))) {
        return false;
    }
    list->place.anchored = true;
    list->unfolded = !list->unfolded;
    list->stale = true;
    refresh(list, view);
    return true;
}

bool pane_table_owner(const struct pane *pane, struct proc_id *ret)
{
    const struct table *table = list_of_const(pane)->table;
    const void *row = pane_table_row(pane);
    struct proc_id owner = {0};
    if (row != NULL && table->owner != NULL) {
        owner = table->owner(row);
    }
    if (owner.pid <= 0) {
        return false;
    }
    *ret = owner;
    return true;
}
