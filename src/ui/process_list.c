#include "ui/process_list.h"

#include "base/map.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

/*
 * Rows, cursor, tags and folds. The invariants after process_list_refresh():
 *  - the rows belong to view->snap;
 *  - place.row is a row (or 0 in an empty list) and place.id is the process in it;
 *  - the cursor is on the screen.
 * The cursor follows its process by identity once the user has put it somewhere. Before that
 * it stays on the top row, so that what is busiest is in sight after the start.
 *
 * When a snapshot brings somebody else under the cursor, that is remembered as a slip until the
 * user moves: a key pressed a moment later was meant for who was there before.
 */

struct query_options process_list_query(const struct pane_process *list,
                                        const struct settings *settings)
{
    int32_t sort = settings->tree ? settings->tree_sort : settings->sort;
    bool valid = sort >= 0 && sort < COLUMN_COUNT;
    return (struct query_options){
        .sort = valid ? (enum column_id)sort : COLUMN_PID,
        .descending = settings->tree ? settings->tree_sort_descending : settings->sort_descending,
        .tree = settings->tree,
        .kernel_threads = settings->kernel_threads,
        .user_threads = settings->user_threads,
        .exited = settings->exited,
        .filter = list->filter,
        .by_user = list->by_user,
        .user = list->user,
        .pids = list->pids,
        .pid_count = list->pid_count,
        .folded = list->folded,
    };
}

size_t process_list_page(const struct pane_process *list)
{
    int height = list->pane.area.height;
    return height > 2 ? (size_t)(height - 1) : 1;
}

const struct query_row *process_list_current(const struct pane_process *list)
{
    if (list->place.row >= query_count(list->query)) {
        return NULL;
    }
    return &query_rows(list->query)[list->place.row];
}

/* Keep the cursor a row of the list and on the screen, and remember whose row it is. */
static void settle(struct pane_process *list)
{
    size_t count = query_count(list->query);
    size_t page = process_list_page(list);
    struct list_place *place = &list->place;
    if (count == 0) {
        place->row = 0;
        place->top = 0;
        return;
    }
    if (place->row >= count) {
        place->row = count - 1;
    }
    if (place->top + page > count) {
        place->top = count > page ? count - page : 0;
    }
    if (place->row < place->top) {
        place->top = place->row;
    } else if (place->row >= place->top + page) {
        place->top = place->row - page + 1;
    }
    const struct proc *proc = query_rows(list->query)[place->row].proc;
    struct strbuf name;
    str_init(&name, list->place_name, sizeof(list->place_name));
    str_add(&name, proc->name.ptr);
    place->id = proc->id;
}

void process_list_anchor(struct pane_process *list)
{
    list->place.anchored = true;
    list->lost_pid = 0;
    list->slip.id.pid = 0;
}

void process_list_go(struct pane_process *list, size_t row)
{
    list->place.row = row;
    list->following = false;
    process_list_anchor(list);
    settle(list);
}

void process_list_scroll(struct pane_process *list, ptrdiff_t rows)
{
    size_t count = query_count(list->query);
    size_t page = process_list_page(list);
    size_t last_top = count > page ? count - page : 0;
    struct list_place *place = &list->place;
    ptrdiff_t top = (ptrdiff_t)place->top + rows;
    place->top = top < 0 ? 0 : (size_t)top > last_top ? last_top : (size_t)top;
    size_t row = place->row;
    if (row < place->top) {
        row = place->top;
    } else if (row >= place->top + page) {
        row = place->top + page - 1;
    }
    if (row != place->row) {
        process_list_go(list, row);
    }
}

const struct proc *process_list_parent(const struct snapshot *snap, const struct proc *proc)
{
    int32_t pid = (proc->flags & PROC_THREAD) != 0 ? proc->group_pid : proc->ppid;
    if (pid == proc->id.pid || pid <= 0) {
        return NULL;
    }
    return snapshot_find_pid(snap, pid);
}

bool process_list_is_gone(const struct snapshot *snap, struct proc_id id)
{
    const struct proc *proc = snapshot_find(snap, id);
    return proc == NULL || (proc->flags & PROC_EXITED) != 0;
}

/* The row that took in a process which is now folded away: its nearest ancestor with a row. */
static ptrdiff_t find_ancestor(const struct pane_process *list, const struct snapshot *snap,
                               struct proc_id id)
{
    const struct proc *proc = snapshot_find(snap, id);
    for (int step = 0; proc != NULL && step <= QUERY_DEPTH_MAX; step++) {
        proc = process_list_parent(snap, proc);
        ptrdiff_t row = proc != NULL ? query_find(list->query, proc->id) : -1;
        if (row >= 0) {
            return row;
        }
    }
    return -1;
}

/* Put the cursor back on its process after the rows were made anew. */
static void restore_cursor(struct pane_process *list, const struct view *view)
{
    struct list_place *place = &list->place;
    if (!place->anchored && !list->following) {
        place->row = 0;
        place->top = 0;
        return;
    }
    if (place->id.pid == 0) {
        return;
    }
    ptrdiff_t row = query_find(list->query, place->id);
    if (row < 0 && list->following) {
        if (process_list_is_gone(view->snap, place->id)) {
            list->lost_pid = place->id.pid;
        }
        list->following = false;
        place->anchored = true;
    }
    if (row < 0 && view->settings->tree) {
        row = find_ancestor(list, view->snap, place->id);
    }
    if (row < 0) {
        return;
    }
    if (list->following) { // same line of the screen, as far as there are rows for it
        size_t line = place->row - place->top;
        place->top = (size_t)row > line ? (size_t)row - line : 0;
    }
    place->row = (size_t)row;
}

/* Untag who is gone and open folds of who is gone. */
static void drop_gone(struct map *map, const struct snapshot *snap)
{
    struct proc_id gone[64];
    size_t count;
    do { // the map may not change while it is walked
        count = 0;
        size_t cursor = 0;
        struct proc_id id;
        void *value;
        while (count < sizeof(gone) / sizeof(gone[0]) && map_next(map, &cursor, &id, &value)) {
            if (process_list_is_gone(snap, id)) {
                gone[count++] = id;
            }
        }
        for (size_t i = 0; i < count; i++) {
            (void)map_remove(map, gone[i]); // the values are only marks
        }
    } while (count > 0);
}

static uint8_t digits_of(int64_t number)
{
    uint8_t digits = number < 0 ? 2 : 1;
    while (number >= 10 || number <= -10) {
        number /= 10;
        digits++;
    }
    return digits;
}

/* Widen the ID columns that are shown. They never shrink again, so that nothing jitters. */
static void measure_ids(struct pane_process *list, const struct view *view)
{
    const struct query_row *rows = query_rows(list->query);
    size_t count = query_count(list->query);
    for (size_t i = 0; i < view->settings->column_count && i < SETTINGS_COLUMNS_MAX; i++) {
        uint8_t id = view->settings->columns[i];
        if (id >= COLUMN_COUNT || column_info(id)->kind != VALUE_ID) {
            continue;
        }
        int64_t largest = 0;
        int64_t smallest = 0;
        for (size_t r = 0; r < count; r++) {
            struct value value = column_value(id, rows[r].proc, view->snap->provided);
            if (value.kind == VALUE_ID && value.as.integer > largest) {
                largest = value.as.integer;
            } else if (value.kind == VALUE_ID && value.as.integer < smallest) {
                smallest = value.as.integer;
            }
        }
        uint8_t cells = digits_of(largest);
        cells = cells < digits_of(smallest) ? digits_of(smallest) : cells;
        list->id_cells[id] = list->id_cells[id] < cells ? cells : list->id_cells[id];
    }
}

static void count_rows(struct pane_process *list)
{
    memset(list->denied, 0, sizeof(list->denied));
    list->living = 0;
    const struct query_row *rows = query_rows(list->query);
    size_t count = query_count(list->query);
    for (size_t r = 0; r < count; r++) {
        const struct proc *proc = rows[r].proc;
        list->living += (proc->flags & PROC_EXITED) == 0;
        for (unsigned f = 0; f < LIST_FACTS; f++) {
            list->denied[f].asked += ((proc->have | proc->denied) >> f) & 1u;
            list->denied[f].denied += (proc->denied >> f) & 1u;
        }
    }
}

static bool key_equal(const struct list_key *a, const struct list_key *b)
{
    return a->snap == b->snap && a->seq == b->seq && a->sort == b->sort &&
           a->descending == b->descending && a->tree == b->tree &&
           a->kernel_threads == b->kernel_threads && a->user_threads == b->user_threads &&
           a->exited == b->exited && a->column_count == b->column_count &&
           memcmp(a->columns, b->columns, a->column_count) == 0;
}

/*
 * Remember that somebody else is under the cursor now than before, unless the user made it so: by
 * a filter or a fold over the same snapshot. Of several in a row the first one was the user's
 * choice; without a choice the last one is what they saw.
 */
static void note_slip(struct pane_process *list, const struct view *view,
                      const struct list_slip *before, bool is_new)
{
    if (before->id.pid == 0 || query_count(list->query) == 0 ||
        proc_id_equal(before->id, list->place.id) ||
        (!is_new && !process_list_is_gone(view->snap, before->id))) {
        return;
    }
    if (list->slip.id.pid == 0 || !list->place.anchored) {
        list->slip = *before;
    }
}

void process_list_refresh(struct pane_process *list, const struct view *view)
{
    if (view->snap == NULL) {
        return;
    }
    struct list_slip before = {.id = list->place.id, .at_ns = view->now_ns};
    memcpy(before.name, list->place_name, sizeof(before.name));
    bool is_new = list->key.snap != view->snap || list->key.seq != view->snap->seq;
    struct query_options options = process_list_query(list, view->settings);
    struct list_key key = {
        .snap = view->snap,
        .seq = view->snap->seq,
        .sort = (int32_t)options.sort,
        .descending = options.descending,
        .tree = options.tree,
        .kernel_threads = options.kernel_threads,
        .user_threads = options.user_threads,
        .exited = options.exited,
        .column_count = view->settings->column_count,
    };
    memcpy(key.columns, view->settings->columns, sizeof(key.columns));
    if (list->stale || !key_equal(&list->key, &key)) {
        if (is_new) {
            drop_gone(list->tags, view->snap);
            drop_gone(list->folded, view->snap);
        }
        /* Out of memory leaves no rows: an empty list until the next sample tries again. */
        int error = query_run(list->query, view->snap, &options);
        list->stale = error != 0;
        list->key = key;
        restore_cursor(list, view);
        count_rows(list);
        measure_ids(list, view);
    }
    settle(list);
    note_slip(list, view, &before, is_new);
}

void process_list_fold(struct pane_process *list, const struct query_row *row, bool folded)
{
    if (!folded) {
        (void)map_remove(list->folded, row->proc->id); // the value is only a mark
    } else if ((row->flags & ROW_HAS_CHILDREN) != 0) {
        (void)map_put(list->folded, row->proc->id); // at the limit it stays open
    }
    list->stale = true;
}

void process_list_fold_all(struct pane_process *list, const struct snapshot *snap)
{
    const struct query_row *rows = query_rows(list->query);
    size_t count = query_count(list->query);
    bool all = true;
    for (size_t r = 0; r < count && all; r++) {
        all = (rows[r].flags & (ROW_HAS_CHILDREN | ROW_FOLDED)) != ROW_HAS_CHILDREN;
    }
    if (all) {
        map_reset(list->folded);
    } else {
        for (size_t i = 0; i < snap->proc_count; i++) {
            const struct proc *parent = process_list_parent(snap, &snap->procs[i]);
            if (parent != NULL) {
                (void)map_put(list->folded, parent->id); // at the limit it stays open
            }
        }
    }
    list->stale = true;
}

void process_list_tag(struct pane_process *list, struct proc_id id, bool tagged)
{
    if (tagged) {
        (void)map_put(list->tags, id); // at the limit it stays untagged, which is shown
    } else {
        (void)map_remove(list->tags, id); // the value is only a mark
    }
}

void process_list_tag_subtree(struct pane_process *list, const struct snapshot *snap,
                              const struct proc *root)
{
    process_list_tag(list, root->id, true);
    struct map *family = map_create(LIST_TAGS_MAX);
    if (family == NULL || map_put(family, root->id) == NULL) {
        map_destroy(family);
        return;
    }
    /* Parents mostly have the lower pid, so one or two passes find everybody. */
    bool grew = true;
    for (int pass = 0; grew && pass < QUERY_DEPTH_MAX; pass++) {
        grew = false;
        for (size_t i = 0; i < snap->proc_count; i++) {
            const struct proc *proc = &snap->procs[i];
            const struct proc *parent = process_list_parent(snap, proc);
            if ((proc->flags & PROC_THREAD) != 0 || parent == NULL ||
                !map_has(family, parent->id) || map_has(family, proc->id)) {
                continue; // a thread counts as its process
            }
            grew = map_put(family, proc->id) != NULL || grew;
            process_list_tag(list, proc->id, true);
        }
    }
    map_destroy(family);
}
