#include "base/str.h"
#include "check.h"
#include "model/plan.h"
#include "model/settings.h"
#include "screen.h"
#include "ui/pane_process.h"
#include "ui/process_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The process table on its own: layout, scrolling, mouse, targets, plan. */

enum { WIDTH = 100, HEIGHT = 21 };

struct fixture {
    struct settings settings;
    struct pane *pane;
    struct view view;
    struct surface surface;
    struct snapshot *snap;
    struct rect area;
    uint64_t seq;
};

static void show(struct fixture *f, const struct screen_proc *procs, size_t count)
{
    struct screen_options options = {.seq = ++f->seq, .procs = procs, .proc_count = count};
    struct snapshot *old = f->snap;
    f->snap = screen_snapshot(&options);
    f->view.snap = f->snap;
    f->pane->class->update(f->pane, &f->view, f->area);
    snapshot_free(old);
}

static void resize(struct fixture *f, int width, int height)
{
    f->area = (struct rect){.width = width, .height = height};
    f->pane->class->update(f->pane, &f->view, f->area);
    assert_int_equal(surface_resize(&f->surface, width, height), 0);
}

static void start(struct fixture *f, const struct pane_process_options *with)
{
    *f = (struct fixture){0};
    settings_init(&f->settings);
    f->view = (struct view){.settings = &f->settings, .unicode = true, .now_ns = 1};
    struct pane_process_options options = with != NULL ? *with : (struct pane_process_options){0};
    f->pane = pane_process_create(&options);
    assert_non_null(f->pane);
    resize(f, WIDTH, HEIGHT);
}

static void stop(struct fixture *f)
{
    f->pane->class->destroy(f->pane);
    snapshot_free(f->snap);
    surface_finish(&f->surface);
}

static void draw(struct fixture *f)
{
    struct rect all = {.width = f->surface.width, .height = f->surface.height};
    surface_fill(&f->surface, all, ROLE_TEXT);
    f->pane->class->draw(f->pane, &f->view, true, &f->surface);
}

static void act(struct fixture *f, enum action_id action)
{
    assert_true(f->pane->class->act(f->pane, &f->view, action, NULL));
    draw(f);
}

static void mouse(struct fixture *f, enum mouse_kind kind, int x, int y)
{
    struct mouse report = {.kind = kind, .x = x, .y = y, .button = 1};
    (void)f->pane->class->mouse(f->pane, &f->view, &report, NULL);
    draw(f);
}

static int selected_pid(const struct fixture *f)
{
    struct proc_id id;
    return pane_process_selected(f->pane, &id) ? id.pid : 0;
}

static const struct pane_process *list_of(const struct fixture *f)
{
    return (const struct pane_process *)(const void *)f->pane;
}

/* Who is tagged, or else under the cursor; returns how many there are. */
static size_t targets_of(const struct fixture *f, bool threads, struct target *ret, size_t max)
{
    struct scope scope = {.kind = pane_process_tagged(f->pane) > 0 ? SCOPE_TAGGED : SCOPE_THREAD,
                          .threads = threads,
                          .protect = ""};
    struct scope_size size = {0};
    (void)pane_process_selected(f->pane, &scope.anchor);
    assert_int_equal(pane_process_scope(f->pane, &f->view, &scope, ret, max, &size), 0);
    return size.count;
}

/* As many processes as wanted, pids 100, 101, ..., all children of the first. */
static struct screen_proc *crowd(size_t count)
{
    struct screen_proc *procs = calloc(count, sizeof(*procs));
    assert_non_null(procs);
    for (size_t i = 0; i < count; i++) {
        procs[i] = (struct screen_proc){.pid = 100 + (int32_t)i,
                                        .ppid = i > 0 ? 100 : 1,
                                        .name = "worker",
                                        .args = "/srv/bin/worker --number",
                                        .user = "app",
                                        .uid = 1001,
                                        .cpu = (double)(i % 97) / 100};
    }
    return procs;
}

static void show_crowd(struct fixture *f, size_t count)
{
    struct screen_proc *procs = crowd(count);
    show(f, procs, count);
    show(f, procs, count);
    free(procs);
}

/* --- layout ---------------------------------------------------------------------------------- */

static void pid_column_widens_for_large_pids_and_stays_wide(void **state)
{
    (void)state;
    static const struct screen_proc large[] = {
        {5, 1, .name = "small"},
        {1234567890, 1, .name = "large", .start_ns = 9},
    };
    struct fixture f;
    start(&f, NULL);
    show(&f, large, 2);
    struct table_layout layout;
    process_table_layout(list_of(&f), &f.settings, &layout);
    assert_int_equal(layout.columns[0].cells, 10);
    draw(&f);
    assert_true(screen_has(&f.surface, "1234567890"));
    show(&f, large, 1);
    process_table_layout(list_of(&f), &f.settings, &layout);
    assert_int_equal(layout.columns[0].cells, 10);
    stop(&f);
}

static void narrow_screens_keep_sort_column_and_command(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    for (int width = 30; width <= 200; width++) {
        for (unsigned sort = 0; sort <= COLUMN_COMMAND; sort++) {
            f.settings.sort = (int32_t)sort;
            resize(&f, width, HEIGHT);
            struct table_layout layout;
            process_table_layout(list_of(&f), &f.settings, &layout);
            bool has_sort = false;
            for (size_t i = 0; i < layout.count; i++) {
                has_sort = has_sort || layout.columns[i].id == sort;
            }
            assert_true(has_sort);
            const struct list_column *last = &layout.columns[layout.count - 1];
            assert_int_equal(last->id, COLUMN_COMMAND);
            assert_int_equal(last->x + last->cells, width);
            assert_true(last->cells >= 5);
        }
    }
    stop(&f);
}

static void ascii_terminals_get_ascii_sort_marks(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    show(&f, NULL, 0);
    f.view.unicode = false;
    draw(&f);
    assert_non_null(strstr(screen_row(&f.surface, 0), "CPU%v"));
    act(&f, ACTION_SORT_INVERT);
    assert_non_null(strstr(screen_row(&f.surface, 0), "CPU%^"));
    stop(&f);
}

static void program_paths_can_be_left_out(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    show(&f, NULL, 0);
    f.settings.full_path = true;
    draw(&f);
    assert_true(screen_has(&f.surface, " /usr/sbin/cron -f"));
    f.settings.full_path = false;
    draw(&f);
    assert_true(screen_has(&f.surface, " cron -f"));
    assert_false(screen_has(&f.surface, "/usr/sbin/cron"));
    stop(&f);
}

/* --- scrolling ------------------------------------------------------------------------------- */

static void command_scrolls_sideways_and_no_further_than_its_end(void **state)
{
    (void)state;
    static const struct screen_proc procs[] = {
        {5, 1, .name = "long", .args = "/bin/long 0123456789012345678901234567890123456789end"},
        {6, 1, .name = "short", .args = "short"},
    };
    struct fixture f;
    start(&f, NULL);
    show(&f, procs, 2);
    draw(&f);
    assert_false(screen_has(&f.surface, "end"));
    act(&f, ACTION_RIGHT);
    assert_true(screen_has(&f.surface, " g 0123"));
    assert_false(screen_has(&f.surface, "short"));
    act(&f, ACTION_LINE_END);
    assert_true(screen_has(&f.surface, "789end"));
    int scroll = list_of(&f)->scroll;
    act(&f, ACTION_RIGHT);
    assert_int_equal(list_of(&f)->scroll, scroll);
    act(&f, ACTION_LINE_START);
    assert_true(screen_has(&f.surface, "/bin/long"));
    act(&f, ACTION_LEFT);
    assert_int_equal(list_of(&f)->scroll, 0);
    stop(&f);
}

static void pages_and_wheel_keep_the_cursor_on_the_screen(void **state)
{
    (void)state;
    static const struct {
        enum action_id action; // ACTION_NONE: the wheel
        enum mouse_kind wheel;
        size_t row, top;
    } rows[] = {
        {ACTION_PAGE_DOWN, 0, 20, 20},
        {ACTION_PAGE_DOWN, 0, 40, 40},
        {ACTION_PAGE_UP, 0, 20, 20},
        {ACTION_NONE, MOUSE_WHEEL_DOWN, 23, 23},
        {ACTION_NONE, MOUSE_WHEEL_UP, 23, 20},
        {ACTION_UP, 0, 22, 20},
        {ACTION_LAST, 0, 99, 80},
        {ACTION_PAGE_DOWN, 0, 99, 80},
        {ACTION_NONE, MOUSE_WHEEL_DOWN, 99, 80},
        {ACTION_NONE, MOUSE_WHEEL_UP, 96, 77},
        {ACTION_SCROLL_UP, 0, 95, 76},
        {ACTION_FIRST, 0, 0, 0},
        {ACTION_PAGE_UP, 0, 0, 0},
        {ACTION_SCROLL_DOWN, 0, 1, 1},
    };
    struct fixture f;
    start(&f, NULL);
    show_crowd(&f, 100);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].action != ACTION_NONE) {
            act(&f, rows[i].action);
        } else {
            mouse(&f, rows[i].wheel, 3, 3);
        }
        assert_int_equal(list_of(&f)->place.row, rows[i].row);
        assert_int_equal(list_of(&f)->place.top, rows[i].top);
    }
    stop(&f);
}

static void a_followed_process_keeps_its_line(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    struct screen_proc *procs = crowd(200);
    show(&f, procs, 200);
    show(&f, procs, 200);
    act(&f, ACTION_SORT_PID);
    mouse(&f, MOUSE_WHEEL_DOWN, 0, 5);
    mouse(&f, MOUSE_PRESS, 3, 8);
    int pid = selected_pid(&f);
    size_t line = list_of(&f)->place.row - list_of(&f)->place.top;
    assert_int_equal(line, 7);
    act(&f, ACTION_FOLLOW);
    act(&f, ACTION_SORT_INVERT);
    assert_int_equal(selected_pid(&f), pid);
    assert_int_equal(list_of(&f)->place.row, 189);
    show(&f, procs, 150);
    assert_int_equal(selected_pid(&f), pid);
    act(&f, ACTION_SORT_CPU);
    assert_int_equal(selected_pid(&f), pid);
    free(procs);
    stop(&f);
}

/* --- tree ------------------------------------------------------------------------------------ */

static void clicking_the_fold_mark_opens_it(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    f.settings.tree = true;
    show_crowd(&f, 10);
    draw(&f);
    assert_false(screen_has(&f.surface, "[+9]"));
    act(&f, ACTION_FOLD);
    assert_true(screen_has(&f.surface, "[+9] /srv/bin/worker"));
    assert_int_equal(query_count(list_of(&f)->query), 1);
    struct table_layout layout;
    process_table_layout(list_of(&f), &f.settings, &layout);
    mouse(&f, MOUSE_PRESS, layout.columns[layout.count - 1].x + 6, 1); // the command itself
    assert_int_equal(query_count(list_of(&f)->query), 1);
    f.view.now_ns += UINT64_C(5000000000);
    mouse(&f, MOUSE_PRESS, layout.columns[layout.count - 1].x + 1, 1);
    assert_int_equal(query_count(list_of(&f)->query), 10);
    stop(&f);
}

static void folds_are_forgotten_with_their_process(void **state)
{
    (void)state;
    static const struct screen_proc old[] = {
        {5, 1, .name = "parent", .start_ns = 1},
        {6, 5, .name = "child", .start_ns = 2},
    };
    static const struct screen_proc reused[] = {
        {5, 1, .name = "newcomer", .start_ns = 3},
        {6, 5, .name = "child", .start_ns = 4},
    };
    struct fixture f;
    start(&f, NULL);
    f.settings.tree = true;
    show(&f, old, 2);
    act(&f, ACTION_FOLD_ALL);
    assert_int_equal(query_count(list_of(&f)->query), 1);
    show(&f, reused, 2);
    assert_int_equal(query_count(list_of(&f)->query), 2);
    stop(&f);
}

static void exited_rows_are_marked_and_never_targets(void **state)
{
    (void)state;
    static const struct screen_proc alive[] = {{5, 1, .name = "alive"}};
    static const struct screen_proc gone[] = {{7, 1, .name = "gone", .flags = PROC_EXITED}};
    struct fixture f;
    start(&f, NULL);
    f.settings.exited = true;
    f.settings.sort = COLUMN_PID;
    f.settings.sort_descending = true;
    struct screen_options options = {
        .seq = 2, .procs = alive, .proc_count = 1, .exited = gone, .exited_count = 1};
    f.snap = screen_snapshot(&options);
    f.view.snap = f.snap;
    resize(&f, WIDTH, HEIGHT);
    assert_int_equal(selected_pid(&f), 7);
    char text[128];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    f.pane->class->describe(f.pane, &f.view, &buf);
    assert_non_null(strstr(text, "1 of 1 shown")); // not 2 of 1
    struct target targets[2];
    assert_int_equal(targets_of(&f, false, targets, 2), 0);
    act(&f, ACTION_TAG);
    assert_int_equal(pane_process_tagged(f.pane), 0);
    draw(&f); // the cursor went on, so that the row shows its own colour
    bool marked = false;
    for (int x = 0; x < WIDTH; x++) {
        marked = marked || f.surface.cells[WIDTH + x].role == ROLE_EXITED;
    }
    assert_true(marked);
    stop(&f);
}

/* --- targets and plan ------------------------------------------------------------------------ */

static void targets_are_counted_beyond_the_room_for_them(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    f.settings.tree = true;
    show_crowd(&f, 50);
    act(&f, ACTION_TAG_SUBTREE);
    struct target targets[10];
    assert_int_equal(targets_of(&f, false, targets, 10), 50);
    assert_int_equal(targets[9].id.pid, 109);
    assert_string_equal(targets[9].name, "worker");
    assert_string_equal(targets[9].user, "app");
    stop(&f);
}

static void threads_of_one_process_are_one_target(void **state)
{
    (void)state;
    static const struct screen_proc procs[] = {
        {5, 1, .name = "main"},
        {6, 5, .group_pid = 5, .name = "one", .flags = PROC_THREAD},
        {7, 5, .group_pid = 5, .name = "two", .flags = PROC_THREAD},
    };
    struct fixture f;
    start(&f, NULL);
    f.settings.user_threads = true;
    f.settings.sort = COLUMN_PID;
    f.settings.sort_descending = false;
    show(&f, procs, 3);
    act(&f, ACTION_DOWN);
    act(&f, ACTION_TAG);
    act(&f, ACTION_TAG);
    struct target targets[4];
    assert_int_equal(targets_of(&f, false, targets, 4), 1);
    assert_int_equal(targets[0].id.pid, 5);
    assert_int_equal(targets_of(&f, true, targets, 4), 2);
    assert_int_equal(targets[1].id.pid, 7);
    stop(&f);
}

static void plan_names_the_rows_on_the_screen_first_and_stays_bounded(void **state)
{
    (void)state;
    static const struct {
        int height;
        enum action_id move;
        size_t count; // of visible ids
        int32_t first;
    } rows[] = {
        {21, ACTION_FIRST, 40, 100},
        {21, ACTION_LAST, 40, 1080},
        {1, ACTION_FIRST, 2, 100},
        {600, ACTION_FIRST, PLAN_VISIBLE_MAX, 100},
    };
    struct fixture f;
    start(&f, NULL);
    f.settings.sort = COLUMN_PID;
    f.settings.sort_descending = false;
    show_crowd(&f, 1000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        resize(&f, WIDTH, rows[i].height);
        act(&f, rows[i].move);
        struct plan *plan = calloc(1, sizeof(*plan));
        assert_non_null(plan);
        f.pane->class->plan(f.pane, &f.view, plan);
        assert_int_equal(plan->visible_count, rows[i].count);
        assert_int_equal(plan->visible[0].pid, rows[i].first);
        assert_true((plan->want_visible & FACT_CMDLINE) != 0);
        assert_true((plan->want & ~(fact_mask)FACT_READABLE) == 0);
        free(plan);
    }
    stop(&f);
}

static void what_it_is_sorted_by_is_shown_and_wanted(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    f.settings.columns[0] = COLUMN_PID;
    f.settings.columns[1] = COLUMN_COMMAND;
    f.settings.column_count = 2;
    show_crowd(&f, 10);
    struct plan plan = {0};
    f.pane->class->plan(f.pane, &f.view, &plan);
    assert_int_equal((plan.want | plan.want_visible) & FACT_SOCKETS, 0);
    act(&f, ACTION_SORT_NET);
    f.pane->class->plan(f.pane, &f.view, &plan);
    assert_true((plan.want & FACT_SOCKETS) != 0);
    assert_true((plan.want_visible & FACT_SOCKETS) != 0);
    struct table_layout layout;
    process_table_layout((struct pane_process *)(void *)f.pane, &f.settings, &layout);
    assert_int_equal(layout.count, 3);
    assert_int_equal(layout.columns[1].id, COLUMN_NET_RATE);
    assert_int_equal(layout.columns[2].id, COLUMN_COMMAND);
    stop(&f);
}

static void costly_facts_are_wanted_of_all_only_to_sort_by(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    f.settings.columns[f.settings.column_count++] = COLUMN_COMMAND;
    f.settings.columns[1] = COLUMN_IO_READ_RATE;
    show_crowd(&f, 10);
    struct plan plan = {0};
    f.pane->class->plan(f.pane, &f.view, &plan);
    assert_true((plan.want_visible & FACT_IO) != 0);
    assert_true((plan.want & FACT_IO) == 0);
    f.settings.sort = COLUMN_IO_READ_RATE;
    f.pane->class->plan(f.pane, &f.view, &plan);
    assert_true((plan.want & FACT_IO) != 0);
    stop(&f);
}

static void options_limit_the_list(void **state)
{
    (void)state;
    const int32_t pids[] = {101, 105};
    struct fixture f;
    start(&f, &(struct pane_process_options){.pids = pids, .pid_count = 2});
    show_crowd(&f, 10);
    assert_int_equal(query_count(list_of(&f)->query), 2);
    stop(&f);
    start(&f, &(struct pane_process_options){.by_user = true, .user = 7});
    show_crowd(&f, 10);
    assert_int_equal(query_count(list_of(&f)->query), 0);
    uint32_t uid = 0;
    assert_true(pane_process_user(f.pane, &uid));
    assert_int_equal(uid, 7);
    pane_process_set_user(f.pane, &f.view, false, 0);
    assert_int_equal(query_count(list_of(&f)->query), 10);
    stop(&f);
    start(&f, &(struct pane_process_options){.filter = "work\x1b[31m"});
    assert_null(strchr(pane_process_filter(f.pane), '\x1b')); // made safe
    stop(&f);
}

static void searching_goes_round_in_both_directions(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    f.settings.sort = COLUMN_PID;
    f.settings.sort_descending = false;
    show_crowd(&f, 30);
    pane_process_search_begin(f.pane);
    assert_true(pane_process_search(f.pane, &f.view, "12", 0)); // 112, 120 ... 129
    assert_int_equal(selected_pid(&f), 112);
    assert_true(pane_process_search(f.pane, &f.view, "12", -1));
    assert_int_equal(selected_pid(&f), 129);
    assert_true(pane_process_search(f.pane, &f.view, "12", 1));
    assert_int_equal(selected_pid(&f), 112);
    assert_false(pane_process_search(f.pane, &f.view, "nothing", 1));
    assert_int_equal(selected_pid(&f), 112);
    pane_process_search_cancel(f.pane, &f.view);
    assert_int_equal(selected_pid(&f), 100);
    stop(&f);
}

static void matches_are_marked_where_they_are(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    show_crowd(&f, 3);
    pane_process_highlight(f.pane, "numb");
    draw(&f);
    const char *row = screen_row(&f.surface, 2);
    int x = (int)(strstr(row, "number") - row);
    for (int i = -1; i <= 4; i++) {
        uint8_t role = f.surface.cells[2 * WIDTH + x + i].role;
        assert_int_equal(role == ROLE_MATCH, i >= 0 && i < 4);
    }
    stop(&f);
}

static void loops_among_parents_are_survived(void **state)
{
    (void)state;
    static const struct screen_proc procs[] = {
        {5, 6, .name = "a"}, {6, 7, .name = "b"}, {7, 5, .name = "c"}, {8, 8, .name = "d"}};
    struct fixture f;
    start(&f, NULL);
    f.settings.tree = true;
    show(&f, procs, 4);
    static const enum action_id keys[] = {ACTION_TAG_SUBTREE, ACTION_FOLD_ALL, ACTION_FOLD_ALL,
                                          ACTION_FOLD_PARENT, ACTION_FOLD,     ACTION_LAST,
                                          ACTION_FOLD_PARENT, ACTION_UNFOLD,   ACTION_TAG};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        act(&f, keys[i]);
        show(&f, procs, 4);
    }
    assert_true(selected_pid(&f) >= 5);
    stop(&f);
}

/* The pids of a scope, ascending, joined by blanks. */
static const char *pids_of(const struct fixture *f, enum scope_kind kind, bool threads,
                           struct scope_size *ret_size)
{
    static char text[128];
    struct target targets[16];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    struct scope scope = {.kind = kind, .threads = threads, .protect = ""};
    (void)pane_process_selected(f->pane, &scope.anchor);
    assert_int_equal(pane_process_scope(f->pane, &f->view, &scope, targets, 16, ret_size), 0);
    for (size_t i = 0; i < ret_size->count; i++) {
        str_addf(&buf, "%s%d", i > 0 ? " " : "", (int)targets[i].id.pid);
    }
    return text;
}

static void a_scope_holds_whom_its_name_says(void **state)
{
    (void)state;
    static const struct screen_proc procs[] = {
        {2, 0, .name = "kthreadd", .flags = PROC_KERNEL},
        {5, 1, .name = "shell", .session = 5},
        {6, 5, .name = "job", .pgrp = 6, .session = 5, .threads = 2},
        {7, 6, .group_pid = 6, .name = "helper", .flags = PROC_THREAD},
        {8, 6, .name = "child", .pgrp = 6, .session = 5},
        {9, 8, .name = "own group", .pgrp = 9, .session = 5},
        {10, 9, .name = "daemon", .pgrp = 10, .session = 10},
        {11, 1, .name = "job of another"},
    };
    struct fixture f;
    start(&f, NULL);
    f.settings.user_threads = true;
    f.settings.kernel_threads = true;
    f.settings.sort = COLUMN_PID;
    f.settings.sort_descending = false;
    show(&f, procs, 8);
    act(&f, ACTION_DOWN);
    act(&f, ACTION_DOWN);
    assert_int_equal(selected_pid(&f), 6);
    struct scope_size size;
    assert_string_equal(pids_of(&f, SCOPE_PROCESS, true, &size), "6");
    assert_string_equal(pids_of(&f, SCOPE_SUBTREE, true, &size), "6 8 9 10");
    assert_string_equal(pids_of(&f, SCOPE_GROUP, true, &size), "6 8");
    uint64_t group = size.digest;
    assert_string_equal(pids_of(&f, SCOPE_SESSION, true, &size), "5 6 8 9");
    assert_true(size.digest != group);
    pane_process_set_filter(f.pane, &f.view, "job|helper|kthread");
    act(&f, ACTION_DOWN);
    assert_string_equal(pids_of(&f, SCOPE_LISTED, true, &size), "6 11"); // 7 goes with 6
    assert_int_equal(size.kernel, 1);
    assert_int_equal(size.kernel_first.pid, 2);
    pane_process_set_filter(f.pane, &f.view, "helper");
    act(&f, ACTION_FIRST);
    assert_string_equal(pids_of(&f, SCOPE_LISTED, true, &size), "7");
    assert_string_equal(pids_of(&f, SCOPE_LISTED, false, &size), "6");
    assert_string_equal(pids_of(&f, SCOPE_THREAD, true, &size), "7");
    assert_string_equal(pids_of(&f, SCOPE_PROCESS, true, &size), "6");
    assert_string_equal(pids_of(&f, SCOPE_SUBTREE, true, &size), "6 8 9 10");
    stop(&f);
}

static void all_listed_are_also_those_folded_away(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    f.settings.tree = true;
    show_crowd(&f, 10);
    pane_process_set_filter(f.pane, &f.view, "worker");
    act(&f, ACTION_FOLD_ALL);
    struct scope_size size;
    (void)pids_of(&f, SCOPE_LISTED, false, &size);
    assert_int_equal(size.count, 10);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pid_column_widens_for_large_pids_and_stays_wide),
        cmocka_unit_test(narrow_screens_keep_sort_column_and_command),
        cmocka_unit_test(ascii_terminals_get_ascii_sort_marks),
        cmocka_unit_test(program_paths_can_be_left_out),
        cmocka_unit_test(command_scrolls_sideways_and_no_further_than_its_end),
        cmocka_unit_test(pages_and_wheel_keep_the_cursor_on_the_screen),
        cmocka_unit_test(a_followed_process_keeps_its_line),
        cmocka_unit_test(clicking_the_fold_mark_opens_it),
        cmocka_unit_test(folds_are_forgotten_with_their_process),
        cmocka_unit_test(exited_rows_are_marked_and_never_targets),
        cmocka_unit_test(a_scope_holds_whom_its_name_says),
        cmocka_unit_test(all_listed_are_also_those_folded_away),
        cmocka_unit_test(targets_are_counted_beyond_the_room_for_them),
        cmocka_unit_test(threads_of_one_process_are_one_target),
        cmocka_unit_test(plan_names_the_rows_on_the_screen_first_and_stays_bounded),
        cmocka_unit_test(what_it_is_sorted_by_is_shown_and_wanted),
        cmocka_unit_test(costly_facts_are_wanted_of_all_only_to_sort_by),
        cmocka_unit_test(options_limit_the_list),
        cmocka_unit_test(searching_goes_round_in_both_directions),
        cmocka_unit_test(matches_are_marked_where_they_are),
        cmocka_unit_test(loops_among_parents_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
