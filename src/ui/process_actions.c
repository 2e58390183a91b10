#include "base/map.h"
#include "ui/process_list.h"

/*
 * What each action of the process table does: one small function a row.
 */

enum { SIDEWAYS_CELLS = 8 }; // one step of scrolling the command

void process_list_sort(struct pane_process *list, const struct view *view, enum column_id column,
                       bool again_inverts)
{
    struct settings *settings = view->settings;
    int32_t *sort = settings->tree ? &settings->tree_sort : &settings->sort;
    bool *descending =
        settings->tree ? &settings->tree_sort_descending : &settings->sort_descending;
    if (again_inverts && *sort == (int32_t)column) {
        *descending = !*descending;
    } else {
        *sort = (int32_t)column;
        *descending = column_info(column)->descending;
    }
    process_list_refresh(list, view);
}

/* One action: what it does to the list. `row` is the one under the cursor, or NULL. */
typedef void list_action(struct pane_process *list, const struct view *view,
                         const struct query_row *row);

static void go_by(struct pane_process *list, ptrdiff_t rows)
{
    size_t count = query_count(list->query);
    ptrdiff_t row = (ptrdiff_t)list->place.row + rows;
    if (count > 0) {
        process_list_go(list, row < 0 ? 0 : row >= (ptrdiff_t)count ? count - 1 : (size_t)row);
    }
}

static void act_up(struct pane_process *list, const struct view *view, const struct query_row *row)
{
    (void)view;
    (void)row;
    go_by(list, -1);
}

static void act_down(struct pane_process *list, const struct view *view,
                     const struct query_row *row)
{
    (void)view;
    (void)row;
    go_by(list, 1);
}

/* A page is turned under the cursor, which keeps its line on the screen. */
static void turn_page(struct pane_process *list, ptrdiff_t pages)
{
    ptrdiff_t rows = pages * (ptrdiff_t)process_list_page(list);
    size_t row = list->place.row;
    size_t line = row - list->place.top;
    go_by(list, rows);
    size_t top = list->place.row > line ? list->place.row - line : 0;
    list->place.top = top;
    process_list_go(list, list->place.row); // clamps the view
}

static void act_page_up(struct pane_process *list, const struct view *view,
                        const struct query_row *row)
{
    (void)view;
    (void)row;
    turn_page(list, -1);
}

static void act_page_down(struct pane_process *list, const struct view *view,
                          const struct query_row *row)
{
    (void)view;
    (void)row;
    turn_page(list, 1);
}

/* Home lets go of the process, so that the top of the order stays in sight. */
static void act_first(struct pane_process *list, const struct view *view,
                      const struct query_row *row)
{
    (void)view;
    (void)row;
    process_list_go(list, 0);
    list->place.anchored = false;
}

static void act_last(struct pane_process *list, const struct view *view,
                     const struct query_row *row)
{
    (void)view;
    (void)row;
    size_t count = query_count(list->query);
    process_list_go(list, count > 0 ? count - 1 : 0);
}

/* How far the last column can be scrolled for the rows on the screen. */
static int scroll_limit(const struct pane_process *list, const struct view *view)
{
    struct table_layout layout;
    process_table_layout(list, view->settings, &layout);
    size_t count = query_count(list->query);
    size_t page = process_list_page(list);
    int widest = 0;
    for (size_t i = list->place.top; i < count && i < list->place.top + page; i++) {
        int cells = process_table_line_cells(&query_rows(list->query)[i], view);
        widest = widest < cells ? cells : widest;
    }
    int cells = layout.count > 0 ? layout.columns[layout.count - 1].cells : 0;
    return widest > cells ? widest - cells : 0;
}

static void act_left(struct pane_process *list, const struct view *view,
                     const struct query_row *row)
{
    (void)view;
    (void)row;
    list->scroll = list->scroll > SIDEWAYS_CELLS ? list->scroll - SIDEWAYS_CELLS : 0;
}

static void act_right(struct pane_process *list, const struct view *view,
                      const struct query_row *row)
{
    (void)row;
    int limit = scroll_limit(list, view);
    int scroll = list->scroll + SIDEWAYS_CELLS;
    if (list->scroll < limit) {
        list->scroll = scroll < limit ? scroll : limit;
    }
}

static void act_line_start(struct pane_process *list, const struct view *view,
                           const struct query_row *row)
{
    (void)view;
    (void)row;
    list->scroll = 0;
}

static void act_line_end(struct pane_process *list, const struct view *view,
                         const struct query_row *row)
{
    (void)row;
    list->scroll = scroll_limit(list, view);
}

static void act_scroll_up(struct pane_process *list, const struct view *view,
                          const struct query_row *row)
{
    (void)view;
    (void)row;
    process_list_scroll(list, -1);
}

static void act_scroll_down(struct pane_process *list, const struct view *view,
                            const struct query_row *row)
{
    (void)view;
    (void)row;
    process_list_scroll(list, 1);
}

static void act_follow(struct pane_process *list, const struct view *view,
                       const struct query_row *row)
{
    (void)view;
    list->following = !list->following && row != NULL;
    process_list_anchor(list);
}

static void act_invert(struct pane_process *list, const struct view *view,
                       const struct query_row *row)
{
    (void)list;
    (void)row;
    struct settings *settings = view->settings;
    bool *descending =
        settings->tree ? &settings->tree_sort_descending : &settings->sort_descending;
    *descending = !*descending;
}

static void act_unfold(struct pane_process *list, const struct view *view,
                       const struct query_row *row)
{
    (void)view;
    if (row != NULL) {
        process_list_anchor(list);
        process_list_fold(list, row, false);
    }
}

static void act_fold(struct pane_process *list, const struct view *view,
                     const struct query_row *row)
{
    (void)view;
    if (row != NULL) {
        process_list_anchor(list);
        process_list_fold(list, row, true);
    }
}

static void act_fold_all(struct pane_process *list, const struct view *view,
                         const struct query_row *row)
{
    (void)row;
    if (view->snap != NULL) {
        process_list_fold_all(list, view->snap);
    }
}

static void act_fold_parent(struct pane_process *list, const struct view *view,
                            const struct query_row *row)
{
    if (row == NULL || view->snap == NULL) {
        return;
    }
    const struct proc *parent = process_list_parent(view->snap, row->proc);
    ptrdiff_t index = parent != NULL ? query_find(list->query, parent->id) : -1;
    if (index >= 0) {
        process_list_go(list, (size_t)index);
        process_list_fold(list, &query_rows(list->query)[index], true);
    }
}

static void act_tag(struct pane_process *list, const struct view *view, const struct query_row *row)
{
    (void)view;
    if (row != NULL && (row->proc->flags & PROC_EXITED) == 0) {
        process_list_tag(list, row->proc->id, !map_has(list->tags, row->proc->id));
    }
    if (!list->following) {
        go_by(list, 1);
    }
}

static void act_tag_subtree(struct pane_process *list, const struct view *view,
                            const struct query_row *row)
{
    if (row != NULL && (row->proc->flags & PROC_EXITED) == 0) {
        process_list_anchor(list);
        process_list_tag_subtree(list, view->snap, row->proc);
    }
}

static void act_untag_all(struct pane_process *list, const struct view *view,
                          const struct query_row *row)
{
    (void)view;
    (void)row;
    map_reset(list->tags);
}

static const struct {
    enum action_id id;
    list_action *act;
} actions[] = {
    {ACTION_UP, act_up},
    {ACTION_DOWN, act_down},
    {ACTION_PAGE_UP, act_page_up},
    {ACTION_PAGE_DOWN, act_page_down},
    {ACTION_FIRST, act_first},
    {ACTION_LAST, act_last},
    {ACTION_LEFT, act_left},
    {ACTION_RIGHT, act_right},
    {ACTION_LINE_START, act_line_start},
    {ACTION_LINE_END, act_line_end},
    {ACTION_SCROLL_UP, act_scroll_up},
    {ACTION_SCROLL_DOWN, act_scroll_down},
    {ACTION_FOLLOW, act_follow},
    {ACTION_SORT_INVERT, act_invert},
    {ACTION_UNFOLD, act_unfold},
    {ACTION_FOLD, act_fold},
    {ACTION_FOLD_ALL, act_fold_all},
    {ACTION_FOLD_PARENT, act_fold_parent},
    {ACTION_TAG, act_tag},
    {ACTION_TAG_SUBTREE, act_tag_subtree},
    {ACTION_UNTAG_ALL, act_untag_all},
};

static const struct {
    enum action_id id;
    enum column_id column;
} sort_keys[] = {
    {ACTION_SORT_CPU, COLUMN_CPU},   {ACTION_SORT_MEM, COLUMN_MEM},
    {ACTION_SORT_TIME, COLUMN_TIME}, {ACTION_SORT_NET, COLUMN_NET_RATE},
    {ACTION_SORT_PID, COLUMN_PID},
};

bool process_list_act(struct pane_process *list, const struct view *view, enum action_id action)
{
    for (size_t i = 0; i < sizeof(sort_keys) / sizeof(sort_keys[0]); i++) {
        if (sort_keys[i].id == action) {
            process_list_sort(list, view, sort_keys[i].column, false);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (actions[i].id == action) {
            actions[i].act(list, view, process_list_current(list));
            process_list_refresh(list, view);
            return true;
        }
    }
    return false;
}
