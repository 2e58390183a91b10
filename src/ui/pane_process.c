#include "ui/pane_process.h"

#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "ui/process_list.h"

#include <stdlib.h>
#include <string.h>

/*
 * The process table as a pane: what actions, keys and the mouse do to the state kept by
 * process_list.c, and the calls ui.c makes on behalf of its prompts and menus.
 */

enum {
    WHEEL_ROWS = 3,
    DOUBLE_CLICK_NS = 400 * 1000 * 1000,
    SLIP_NS = 1000 * 1000 * 1000, // between looking and pressing
};

static struct pane_process *list_of(struct pane *pane)
{
    return (struct pane_process *)(void *)pane; // pane is its first member
}

static const struct pane_process *list_of_const(const struct pane *pane)
{
    return (const struct pane_process *)(const void *)pane;
}

/* --- life ------------------------------------------------------------------------------------ */

static void list_destroy(struct pane *pane)
{
    if (pane == NULL) {
        return;
    }
    struct pane_process *list = list_of(pane);
    query_destroy(list->query);
    map_destroy(list->tags);
    map_destroy(list->folded);
    free(list->pids);
    free(list);
}

static void list_update(struct pane *pane, const struct view *view, struct rect area)
{
    pane->area = area;
    process_list_refresh(list_of(pane), view);
}

static void list_draw(const struct pane *pane, const struct view *view, bool focused,
                      struct surface *surface)
{
    (void)focused; // the cursor is needed under menus, too
    process_table_draw(list_of_const(pane), view, surface);
}

/* Copy text into a bounded array, cut at a whole character. */
static void copy_text(char *out, size_t size, const char *text)
{
    struct strbuf buf;
    str_init(&buf, out, size);
    str_add(&buf, text);
}

static bool list_act(struct pane *pane, const struct view *view, enum action_id action,
                     struct effects *effects)
{
    (void)effects; // acting on processes is ui.c's business
    struct pane_process *list = list_of(pane);
    list->typed.until_ns = 0;
    return process_list_act(list, view, action);
}

void pane_process_sort(struct pane *pane, const struct view *view, int column)
{
    if (column >= 0 && column < COLUMN_COUNT) {
        process_list_sort(list_of(pane), view, (enum column_id)column, true);
    }
}

/* --- digits and mouse ------------------------------------------------------------------------ */

/* The row of the typed pid, else of the lowest one that begins like it; -1 for none. */
static ptrdiff_t find_typed(const struct pane_process *list)
{
    const struct query_row *rows = query_rows(list->query);
    size_t count = query_count(list->query);
    ptrdiff_t best = -1;
    for (size_t i = 0; i < count; i++) {
        int32_t pid = rows[i].proc->id.pid;
        if (pid > 0 && typed_begins(&list->typed, (uint64_t)pid) &&
            (best < 0 || pid < rows[best].proc->id.pid)) {
            best = (ptrdiff_t)i;
        }
    }
    return best;
}

static bool list_key(struct pane *pane, const struct view *view, struct key key,
                     struct effects *effects)
{
    (void)effects;
    struct pane_process *list = list_of(pane);
    if (!typed_take(&list->typed, key, view->now_ns)) {
        return false;
    }
    ptrdiff_t row = list->typed.number > 0 ? find_typed(list) : -1;
    if (row >= 0) {
        process_list_go(list, (size_t)row);
    }
    return true;
}

uint64_t pane_process_deadline_ns(const struct pane *pane)
{
    const struct pane_process *list = list_of_const(pane);
    return list->typed.until_ns > 0 ? list->typed.until_ns : UINT64_MAX;
}

void pane_process_tick(struct pane *pane, const struct view *view)
{
    struct pane_process *list = list_of(pane);
    if (view->now_ns >= list->typed.until_ns) {
        list->typed.until_ns = 0;
    }
}

/* True when a press at `x` means the fold mark or the guides in front of a parent. */
static bool on_fold_mark(const struct pane_process *list, const struct table_layout *layout,
                         const struct query_row *row, int x)
{
    for (size_t i = 0; i < layout->count; i++) {
        if (layout->columns[i].id == COLUMN_COMMAND) {
            int from = layout->columns[i].x - list->scroll;
            return (row->flags & ROW_HAS_CHILDREN) != 0 && x >= layout->columns[i].x &&
                   x < from + process_table_guide_cells(row);
        }
    }
    return false;
}

static void press_head(struct pane_process *list, const struct view *view,
                       const struct table_layout *layout, int x)
{
    for (size_t i = 0; i < layout->count; i++) {
        const struct list_column *column = &layout->columns[i];
        if (x >= column->x && x <= column->x + column->cells) {
            process_list_sort(list, view, column->id, true);
            return;
        }
    }
}

static void press_row(struct pane_process *list, const struct view *view,
                      const struct table_layout *layout, size_t index, int x)
{
    const struct query_row *row = &query_rows(list->query)[index];
    struct proc_id id = row->proc->id;
    bool doubled = list->click_ns > 0 && view->now_ns - list->click_ns <= DOUBLE_CLICK_NS &&
                   proc_id_equal(id, list->click_id);
    process_list_go(list, index);
    list->click_id = id;
    list->click_ns = doubled ? 0 : view->now_ns; // a third press starts over
    if (doubled || on_fold_mark(list, layout, row, x)) {
        list->click_ns = 0;
        process_list_fold(list, row, (row->flags & ROW_FOLDED) == 0);
        process_list_refresh(list, view);
    }
}

static bool list_mouse(struct pane *pane, const struct view *view, const struct mouse *mouse,
                       struct effects *effects)
{
    (void)effects;
    struct pane_process *list = list_of(pane);
    list->typed.until_ns = 0;
    switch (mouse->kind) {
    case MOUSE_WHEEL_UP:
        process_list_scroll(list, -WHEEL_ROWS);
        return true;
    case MOUSE_WHEEL_DOWN:
        process_list_scroll(list, WHEEL_ROWS);
        return true;
    case MOUSE_RELEASE:
        return false;
    case MOUSE_PRESS:
        break;
    }
    struct table_layout layout;
    process_table_layout(list, view->settings, &layout);
    if (mouse->button != 1 || mouse->x < 0 || mouse->x >= pane->area.width || mouse->y < 0 ||
        mouse->y >= pane->area.height) {
        return false;
    }
    if (mouse->y < layout.head) {
        press_head(list, view, &layout, mouse->x);
        return true;
    }
    size_t index = list->place.top + (size_t)(mouse->y - layout.head);
    if (view->snap == NULL || index >= query_count(list->query)) {
        return false;
    }
    press_row(list, view, &layout, index, mouse->x);
    return true;
}

/* --- filter, user, search -------------------------------------------------------------------- */

void pane_process_set_filter(struct pane *pane, const struct view *view, const char *filter)
{
    struct pane_process *list = list_of(pane);
    copy_text(list->filter, sizeof(list->filter), filter);
    list->stale = true;
    process_list_refresh(list, view);
}

const char *pane_process_filter(const struct pane *pane)
{
    return list_of_const(pane)->filter;
}

void pane_process_set_user(struct pane *pane, const struct view *view, bool by_user, uint32_t uid)
{
    struct pane_process *list = list_of(pane);
    list->by_user = by_user;
    list->user = uid;
    list->stale = true;
    process_list_refresh(list, view);
}

bool pane_process_user(const struct pane *pane, uint32_t *ret_uid)
{
    const struct pane_process *list = list_of_const(pane);
    if (list->by_user) {
        *ret_uid = list->user;
    }
    return list->by_user;
}

void pane_process_search_begin(struct pane *pane)
{
    struct pane_process *list = list_of(pane);
    list->search_from = list->place;
}

void pane_process_highlight(struct pane *pane, const char *text)
{
    struct pane_process *list = list_of(pane);
    copy_text(list->highlight, sizeof(list->highlight), text);
}

void pane_process_search_cancel(struct pane *pane, const struct view *view)
{
    struct pane_process *list = list_of(pane);
    list->place = list->search_from;
    if (view->snap == NULL) {
        return;
    }
    ptrdiff_t row = query_find(list->query, list->place.id);
    if (list->place.anchored && row >= 0) {
        list->place.row = (size_t)row;
    }
    process_list_refresh(list, view);
}

bool pane_process_search(struct pane *pane, const struct view *view, const char *text, int step)
{
    struct pane_process *list = list_of(pane);
    if (step == 0) {
        pane_process_search_cancel(pane, view);
    }
    size_t count = view->snap != NULL ? query_count(list->query) : 0;
    if (text[0] == '\0') {
        return true;
    }
    const struct query_row *rows = query_rows(list->query);
    size_t from = list->place.row;
    for (size_t i = step == 0 ? 0 : 1; i <= count && count > 0; i++) {
        size_t row = step < 0 ? (from + count - i) % count : (from + i) % count;
        if (query_matches_text(rows[row].proc, text)) {
            process_list_go(list, row);
            return true;
        }
    }
    return false;
}

/* --- what ui.c wants to know ----------------------------------------------------------------- */

bool pane_process_selected(const struct pane *pane, struct proc_id *ret)
{
    const struct query_row *row = process_list_current(list_of_const(pane));
    if (row == NULL) {
        return false;
    }
    *ret = row->proc->id;
    return true;
}

bool pane_process_go(struct pane *pane, const struct view *view, struct proc_id id)
{
    struct pane_process *list = list_of(pane);
    process_list_refresh(list, view);
    if (query_find(list->query, id) < 0 && map_count(list->folded) > 0) {
        map_reset(list->folded);
        list->stale = true;
        process_list_refresh(list, view);
    }
    ptrdiff_t row = query_find(list->query, id);
    if (row >= 0) {
        process_list_go(list, (size_t)row);
    }
    return row >= 0;
}

void pane_process_anchor(struct pane *pane)
{
    process_list_anchor(list_of(pane));
}

bool pane_process_slipped(struct pane *pane, const struct view *view, bool at_once,
                          struct strbuf *buf)
{
    struct pane_process *list = list_of(pane);
    const struct query_row *row = process_list_current(list);
    const struct list_slip slip = list->slip;
    if (row == NULL || slip.id.pid == 0 || map_count(list->tags) > 0 ||
        proc_id_equal(slip.id, row->proc->id) ||
        (!list->place.anchored && (!at_once || view->now_ns - slip.at_ns >= SLIP_NS))) {
        return false;
    }
    str_addf(buf, "%d %s ", (int)slip.id.pid, slip.name);
    str_add(buf, process_list_is_gone(view->snap, slip.id) ? "has exited"
                 : query_find(list->query, slip.id) >= 0   ? "has moved"
                                                           : "is not listed any more");
    str_addf(buf, "; the cursor is on %d %s now: press again", (int)row->proc->id.pid,
             row->proc->name.ptr);
    process_list_anchor(list);
    return true;
}

size_t pane_process_tagged(const struct pane *pane)
{
    return map_count(list_of_const(pane)->tags);
}

/* --- plan ------------------------------------------------------------------------------------ */

static void add_visible(const struct pane_process *list, struct plan *plan, size_t from, size_t to)
{
    size_t count = query_count(list->query);
    for (size_t i = from; i < to && i < count && plan->visible_count < PLAN_VISIBLE_MAX; i++) {
        plan->visible[plan->visible_count++] = query_rows(list->query)[i].proc->id;
    }
}

static void list_plan(const struct pane *pane, const struct view *view, struct plan *plan)
{
    const struct pane_process *list = list_of_const(pane);
    struct query_options options = process_list_query(list, view->settings);
    plan->want |= query_needs(&options) & FACT_READABLE;
    struct table_layout layout;
    process_table_layout(list, view->settings, &layout);
    for (size_t i = 0; i < layout.count; i++) {
        const struct column *column = column_info(layout.columns[i].id);
        plan->want_visible |= (column->need | column->want) & FACT_READABLE;
    }
    plan->threads = view->settings->user_threads;
    if (view->snap == NULL) {
        return;
    }
    size_t top = list->place.top;
    size_t page = process_list_page(list);
    add_visible(list, plan, top, top + page);
    add_visible(list, plan, top + page, top + 2 * page);
    add_visible(list, plan, top > page ? top - page : 0, top);
}

/* Its command line, or else its name. */
static bool list_copy(const struct pane *pane, const struct view *view, struct strbuf *buf)
{
    (void)view;
    const struct query_row *row = process_list_current(list_of_const(pane));
    if (row == NULL) {
        return false;
    }
    const struct proc *proc = row->proc;
    const bool known = (proc->have & FACT_CMDLINE) != 0 && proc->cmdline.bytes > 0;
    const struct text *text = known ? &proc->cmdline : &proc->name;
    str_add_bytes(buf, text->ptr, text->bytes);
    return true;
}

static const struct pane_class process_class = {
    .name = "processes",
    .context = CONTEXT_TABLE,
    .min_width = 1,
    .min_height = 1,
    .update = list_update,
    .act = list_act,
    .key = list_key,
    .mouse = list_mouse,
    .plan = list_plan,
    .draw = list_draw,
    .filter = pane_process_filter,
    .set_filter = pane_process_set_filter,
    .search = pane_process_search,
    .search_begin = pane_process_search_begin,
    .search_cancel = pane_process_search_cancel,
    .highlight = pane_process_highlight,
    .describe = pane_process_describe,
    .copy = list_copy,
    .destroy = list_destroy,
};

static int copy_pids(struct pane_process *list, const struct pane_process_options *options)
{
    if (options->pids == NULL || options->pid_count == 0) {
        return 0;
    }
    list->pids = calloc(options->pid_count, sizeof(*list->pids));
    if (list->pids == NULL) {
        return -1;
    }
    memcpy(list->pids, options->pids, options->pid_count * sizeof(*list->pids));
    list->pid_count = options->pid_count;
    return 0;
}

struct pane *pane_process_create(const struct pane_process_options *options)
{
    struct pane_process *list = calloc(1, sizeof(*list));
    if (list == NULL) {
        return NULL;
    }
    list->pane.class = &process_class;
    list->query = query_create();
    list->tags = map_create(LIST_TAGS_MAX);
    list->folded = map_create(LIST_FOLDS_MAX);
    if (list->query == NULL || list->tags == NULL || list->folded == NULL ||
        copy_pids(list, options) != 0) {
        list_destroy(&list->pane);
        return NULL;
    }
    list->by_user = options->by_user;
    list->user = options->user;
    if (options->filter != NULL) { // from the command line, so untrusted
        uint32_t cells;
        (void)utf8_make_safe(options->filter, strlen(options->filter), list->filter,
                             sizeof(list->filter), &cells);
    }
    return &list->pane;
}
