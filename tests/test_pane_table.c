#include "base/str.h"
#include "check.h"
#include "model/plan.h"
#include "model/settings.h"
#include "screen.h"
#include "ui/pane_table.h"

#include <stdlib.h>
#include <string.h>

/* A small table of its own: four rows that a test can move and change. */

struct item {
    uint64_t id;
    const char *name;
    double rate;
    int32_t pid;
};

enum { ITEMS_MAX = 64 };

/* What the table reads, beside the snapshot. */
static struct item items[ITEMS_MAX];
static size_t item_count;

static const void *get_items(const struct snapshot *snap, size_t *ret_count)
{
    (void)snap;
    *ret_count = item_count;
    return items;
}

static struct value get_name(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return (struct value){.kind = VALUE_TEXT,
                          .as.text = text_literal(((const struct item *)row)->name)};
}

static struct value get_rate(const struct snapshot *snap, const void *row)
{
    return snap->interval_ns > 0 ? (struct value){.kind = VALUE_BYTE_RATE,
                                                  .as.number = ((const struct item *)row)->rate}
                                 : value_absent(ABSENT_NO_INTERVAL);
}

static struct value get_port(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return (struct value){.kind = VALUE_ID, .as.integer = (int64_t)((const struct item *)row)->id};
}

static struct row_key get_key(const void *row)
{
    return (struct row_key){.a = ((const struct item *)row)->id};
}

static struct proc_id get_owner(const void *row)
{
    return (struct proc_id){.pid = ((const struct item *)row)->pid};
}

static bool is_alarming(const void *row)
{
    return str_equal(((const struct item *)row)->name, "broken");
}

static const struct table_column columns[] = {
    {"port", "PORT", "A number", "", VALUE_ID, 6, false, false, false, get_port},
    {"name", "NAME", "A name", "", VALUE_TEXT, 20, true, false, false, get_name},
    {"rate", "RATE/s", "A rate", "", VALUE_BYTE_RATE, 8, false, true, false, get_rate},
    {"again", "AGAIN", "It again", "", VALUE_BYTE_RATE, 8, false, true, false, get_rate},
    {"more", "MORE", "It once more", "", VALUE_ID, 8, false, true, false, get_port},
    {"hidden", "HIDDEN", "Not shown", "", VALUE_ID, 8, false, true, true, get_port},
};

static const struct table table = {
    .name = "items",
    .title = "Items",
    .help = "Made up",
    .columns = columns,
    .column_count = sizeof(columns) / sizeof(columns[0]),
    .sort = 2,
    .row_bytes = sizeof(struct item),
    .rows = get_items,
    .key = get_key,
    .owner = get_owner,
    .alarming = is_alarming,
};

/* Those that are not of the table. */
static struct settings others = {.history = true};

/* The pane with what it looks at. */
struct bench {
    struct pane *pane;
    struct table_settings settings;
    struct view view;
    struct snapshot *snap;
    struct surface surface;
    uint64_t seq;
};

/* A new snapshot, as the interface takes it. */
static void update(struct bench *b)
{
    struct screen_options options = {.seq = ++b->seq};
    struct snapshot *old = b->snap;
    b->snap = screen_snapshot(&options);
    b->view.snap = b->snap;
    b->pane->class->update(b->pane, &b->view, b->pane->area);
    snapshot_free(old);
}

static void draw(struct bench *b)
{
    struct rect all = {.width = b->surface.width, .height = b->surface.height};
    surface_fill(&b->surface, all, ROLE_TEXT);
    b->pane->class->draw(b->pane, &b->view, true, &b->surface);
}

static void act(struct bench *b, enum action_id action)
{
    assert_true(b->pane->class->act(b->pane, &b->view, action, NULL));
    draw(b);
}

static void begin(struct bench *b, int width, int height)
{
    *b = (struct bench){.view = {.unicode = true, .settings = &others},
                        .settings = {.sort = 2, .descending = true}};
    static const struct item first[] = {{22, "ssh", 100, 402},
                                        {80, "web", 5000, 601},
                                        {443, "web", 0, 0},
                                        {8080, "broken", 70, 900}};
    memcpy(items, first, sizeof(first));
    item_count = sizeof(first) / sizeof(first[0]);
    b->pane = pane_table_create(&table, &b->settings);
    assert_non_null(b->pane);
    assert_int_equal(surface_resize(&b->surface, width, height), 0);
    b->pane->area = (struct rect){.width = width, .height = height};
    b->seq = 1;
    update(b);
    draw(b);
}

static void end(struct bench *b)
{
    b->pane->class->destroy(b->pane);
    snapshot_free(b->snap);
    surface_finish(&b->surface);
}

/* The row drawn as selected; "" when there is none. */
static const char *selected(const struct bench *b)
{
    for (int y = 0; y < b->surface.height; y++) {
        if (b->surface.cells[y * b->surface.width].role == ROLE_SELECTED) {
            return screen_row(&b->surface, y);
        }
    }
    return "";
}

static void rows_are_sorted_and_the_cursor_waits_at_the_top(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 80, 10);
    assert_non_null(strstr(screen_row(&b.surface, 1), "80 web"));
    assert_non_null(strstr(screen_row(&b.surface, 2), "22 ssh"));
    assert_non_null(strstr(screen_row(&b.surface, 0), "RATE/s▽"));
    assert_non_null(strstr(selected(&b), "80 web"));
    items[0].rate = 1e6;
    update(&b);
    draw(&b);
    assert_non_null(strstr(selected(&b), "22 ssh"));
    act(&b, ACTION_SORT_INVERT);
    assert_non_null(strstr(screen_row(&b.surface, 1), "443 web"));
    assert_non_null(strstr(screen_row(&b.surface, 0), "RATE/s△"));
    pane_table_sort(b.pane, &b.view, 1);
    assert_int_equal(pane_table_sort_column(b.pane), 1);
    draw(&b);
    assert_non_null(strstr(screen_row(&b.surface, 1), "broken"));
    pane_table_sort(b.pane, &b.view, 99); // no such column
    assert_int_equal(pane_table_sort_column(b.pane), 1);
    end(&b);
}

static void the_cursor_stays_on_its_row_across_samples(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 80, 10);
    act(&b, ACTION_DOWN);
    assert_non_null(strstr(selected(&b), "22 ssh"));
    items[0].rate = 1e6;
    struct item moved = items[0];
    items[0] = items[3];
    items[3] = moved;
    update(&b);
    draw(&b);
    assert_non_null(strstr(selected(&b), "22 ssh"));
    assert_non_null(strstr(screen_row(&b.surface, 1), "22 ssh"));
    item_count = 3; // it is gone: the line stays
    update(&b);
    draw(&b);
    assert_non_null(strstr(selected(&b), "80 web"));
    item_count = 0;
    update(&b);
    draw(&b);
    assert_true(screen_has(&b.surface, "there is nothing to show"));
    struct proc_id id;
    assert_false(pane_table_owner(b.pane, &id));
    assert_null(pane_table_row(b.pane));
    end(&b);
}

static void every_move_ends_on_the_screen(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 80, 6);
    static char names[ITEMS_MAX][8];
    for (size_t i = 0; i < ITEMS_MAX; i++) {
        struct strbuf buf;
        str_init(&buf, names[i], sizeof(names[i]));
        str_addf(&buf, "n%zu", i);
        items[i] = (struct item){.id = 100 + i, .name = names[i], .rate = 1e6 - (double)i};
    }
    item_count = ITEMS_MAX;
    update(&b);
    static const struct {
        enum action_id action;
        const char *on, *top;
    } steps[] = {
        {ACTION_DOWN, "n1", "n0"},        {ACTION_PAGE_DOWN, "n6", "n5"},
        {ACTION_LAST, "n63", "n59"},      {ACTION_DOWN, "n63", "n59"},
        {ACTION_PAGE_UP, "n58", "n54"},   {ACTION_FIRST, "n0", "n0"},
        {ACTION_UP, "n0", "n0"},          {ACTION_SCROLL_DOWN, "n1", "n1"},
        {ACTION_SCROLL_DOWN, "n2", "n2"}, {ACTION_SCROLL_UP, "n2", "n1"},
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        act(&b, steps[i].action);
        assert_non_null(strstr(selected(&b), steps[i].on));
        assert_non_null(strstr(screen_row(&b.surface, 1), steps[i].top));
    }
    assert_false(b.pane->class->act(b.pane, &b.view, ACTION_SORT_CPU, NULL));
    end(&b);
}

static void filter_and_search_find_numbers_and_names(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 80, 10);
    pane_table_search_begin(b.pane);
    assert_true(pane_table_search(b.pane, &b.view, "8080", 0));
    draw(&b);
    assert_non_null(strstr(selected(&b), "8080 broken"));
    assert_false(pane_table_search(b.pane, &b.view, "nowhere", 0));
    pane_table_search_cancel(b.pane, &b.view);
    draw(&b);
    assert_non_null(strstr(selected(&b), "80 web"));
    assert_true(pane_table_search(b.pane, &b.view, "web", 1));
    draw(&b);
    assert_non_null(strstr(selected(&b), "443 web"));
    assert_true(pane_table_search(b.pane, &b.view, "web", -1));
    draw(&b);
    assert_non_null(strstr(selected(&b), " 80 web"));

    pane_table_set_filter(b.pane, &b.view, "ssh|8080");
    assert_string_equal(pane_table_filter(b.pane), "ssh|8080");
    draw(&b);
    assert_false(screen_has(&b.surface, "web"));
    assert_true(screen_has(&b.surface, "ssh"));
    char text[200];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    b.pane->class->describe(b.pane, &b.view, &buf);
    assert_string_equal(text, "2 of 4 shown · filter \"ssh|8080\" · sorted by RATE/s");
    pane_table_set_filter(b.pane, &b.view, "zzz");
    draw(&b);
    assert_true(screen_has(&b.surface, "nothing matches"));
    end(&b);
}

static void the_process_behind_a_row_is_told_and_can_be_the_limit(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 80, 10);
    struct proc_id id = {0};
    assert_true(pane_table_owner(b.pane, &id));
    assert_int_equal(id.pid, 601);
    act(&b, ACTION_LAST);
    assert_false(pane_table_owner(b.pane, &id));
    pane_table_set_process(b.pane, &b.view, (struct proc_id){.pid = 900});
    assert_int_equal(pane_table_process(b.pane).pid, 900);
    draw(&b);
    assert_non_null(strstr(selected(&b), "8080"));
    assert_false(screen_has(&b.surface, "web"));
    pane_table_set_process(b.pane, &b.view, (struct proc_id){.pid = 12345});
    draw(&b);
    assert_true(screen_has(&b.surface, "it has none any more: it has exited"));
    pane_table_set_process(b.pane, &b.view, b.view.snap->procs[0].id);
    draw(&b);
    assert_true(screen_has(&b.surface, "this process has none here"));
    end(&b);
}

static void narrow_screens_keep_the_sorted_column_and_scroll_to_the_others(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 36, 10);
    assert_true(screen_has(&b.surface, "PORT NAME"));
    assert_true(screen_has(&b.surface, "RATE/s▽"));
    assert_false(screen_has(&b.surface, "AGAIN"));
    assert_true(screen_has(&b.surface, "›"));
    act(&b, ACTION_RIGHT);
    assert_false(screen_has(&b.surface, "PORT"));
    act(&b, ACTION_LINE_END);
    assert_true(screen_has(&b.surface, "MORE"));
    assert_true(screen_has(&b.surface, "RATE/s▽"));
    assert_false(screen_has(&b.surface, "›"));
    act(&b, ACTION_RIGHT); // there is nothing more
    assert_true(screen_has(&b.surface, "MORE"));
    act(&b, ACTION_LEFT);
    act(&b, ACTION_LINE_START);
    assert_true(screen_has(&b.surface, "PORT NAME"));
    assert_false(screen_has(&b.surface, "HIDDEN"));
    pane_table_sort(b.pane, &b.view, 5); // what is sorted by is seen
    draw(&b);
    assert_true(screen_has(&b.surface, "HIDDEN▽"));
    pane_table_sort(b.pane, &b.view, 2);
    for (int width = 1; width < 120; width++) {
        for (int height = 1; height < 4; height++) {
            assert_int_equal(surface_resize(&b.surface, width, height), 0);
            b.pane->area = (struct rect){.width = width, .height = height};
            draw(&b);
            if (width >= 8 && height > 1) { // whole: a cut number is a wrong one
                assert_true(screen_has(&b.surface, "RATE/s"));
            }
        }
    }
    end(&b);
}

static void presses_and_the_wheel_sort_choose_and_scroll(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 80, 4);
    struct mouse mouse = {.kind = MOUSE_PRESS, .button = 1, .x = 2, .y = 0};
    assert_true(b.pane->class->mouse(b.pane, &b.view, &mouse, NULL));
    assert_int_equal(pane_table_sort_column(b.pane), 0);
    mouse.y = 2;
    assert_true(b.pane->class->mouse(b.pane, &b.view, &mouse, NULL));
    draw(&b);
    assert_non_null(strstr(selected(&b), "80 web"));
    mouse.kind = MOUSE_WHEEL_DOWN;
    assert_true(b.pane->class->mouse(b.pane, &b.view, &mouse, NULL));
    draw(&b);
    assert_non_null(strstr(screen_row(&b.surface, 3), "8080"));
    mouse = (struct mouse){.kind = MOUSE_PRESS, .button = 1, .x = 2, .y = 9};
    assert_false(b.pane->class->mouse(b.pane, &b.view, &mouse, NULL));
    end(&b);
}

static void rates_that_are_not_known_yet_say_so(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 80, 10);
    b.seq = 0; // the first sample has no interval
    update(&b);
    draw(&b);
    assert_non_null(strstr(screen_row(&b.surface, 1), absent_sign(ABSENT_NO_INTERVAL)));
    assert_int_equal(b.surface.cells[4 * b.surface.width + 8].role, ROLE_WARNING); // alarming
    b.view.snap = NULL;
    draw(&b);
    assert_true(screen_has(&b.surface, "reading ..."));
    end(&b);
}

/* What the header says, blanks left out. */
static const char *head(const struct bench *b)
{
    static char text[256];
    const char *row = screen_row(&b->surface, 0);
    size_t len = 0;
    for (; *row != '\0' && len + 1 < sizeof(text); row++) {
        if (*row != ' ' || (len > 0 && text[len - 1] != ' ')) {
            text[len++] = *row;
        }
    }
    text[len > 0 && text[len - 1] == ' ' ? len - 1 : len] = '\0';
    return text;
}

static void columns_are_shown_as_they_are_chosen(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 80, 6);
    uint8_t shown[TABLE_COLUMNS_MAX];
    assert_int_equal(pane_table_columns(b.pane, shown), 5); // all but the hidden one
    const uint8_t usual[] = {0, 1, 2, 3, 4};
    assert_memory_equal(shown, usual, sizeof(usual));
    const uint8_t chosen[] = {5, 2, 0};
    pane_table_set_columns(b.pane, chosen, 3);
    assert_int_equal(pane_table_columns(b.pane, shown), 3);
    assert_memory_equal(shown, chosen, sizeof(chosen));
    draw(&b);
    assert_string_equal(head(&b), "HIDDEN RATE/s▽ PORT");
    pane_table_set_columns(b.pane, usual, 5); // chosen or not, these are the usual ones
    assert_int_equal(b.settings.column_count, 0);
    end(&b);
}

static void the_sorted_column_is_shown_beside_the_chosen_ones(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 80, 6);
    const uint8_t two[] = {4, 0};
    pane_table_set_columns(b.pane, two, 2);
    draw(&b);
    assert_string_equal(head(&b), "MORE PORT RATE/s▽");
    const uint8_t with_growing[] = {0, 1};
    pane_table_set_columns(b.pane, with_growing, 2);
    draw(&b);
    assert_string_equal(head(&b), "PORT RATE/s▽ NAME"); // what grows stays the last
    pane_table_sort(b.pane, &b.view, 5);
    pane_table_set_columns(b.pane, (const uint8_t[]){0, 1, 2, 3, 4}, 5);
    draw(&b);
    assert_string_equal(head(&b), "PORT NAME RATE/s AGAIN MORE HIDDEN▽");
    end(&b);
}

static void an_own_order_is_kept_where_the_usual_one_would_change(void **state)
{
    (void)state;
    struct bench b = {.view = {.unicode = true, .settings = &others}};
    const struct table *sockets = table_info(TABLE_CONNECTIONS);
    b.settings = (struct table_settings){.sort = (uint8_t)sockets->sort, .descending = true};
    b.pane = pane_table_create(sockets, &b.settings);
    assert_non_null(b.pane);
    assert_int_equal(surface_resize(&b.surface, 60, 6), 0);
    b.pane->area = (struct rect){.width = 60, .height = 6};
    b.seq = 1;
    update(&b);
    draw(&b);
    assert_null(strstr(head(&b), "STATE")); // behind the rates
    uint8_t chosen[] = {(uint8_t)table_column_by_name(sockets, "state"),
                        (uint8_t)table_column_by_name(sockets, "protocol"),
                        (uint8_t)table_column_by_name(sockets, "remote"),
                        (uint8_t)table_column_by_name(sockets, "local"),
                        (uint8_t)table_column_by_name(sockets, "rx_rate"),
                        (uint8_t)table_column_by_name(sockets, "tx_rate")};
    pane_table_set_columns(b.pane, chosen, sizeof(chosen));
    draw(&b);
    assert_non_null(strstr(head(&b), "STATE"));
    assert_true(strstr(head(&b), "STATE") < strstr(head(&b), "REMOTE"));
    end(&b);
}

static void a_filter_looks_into_hidden_columns_once_they_are_chosen(void **state)
{
    (void)state;
    struct bench b;
    begin(&b, 80, 6);
    static const struct table_column names[] = {
        {"port", "PORT", "A number", "", VALUE_ID, 6, false, false, false, get_port},
        {"name", "NAME", "A name", "", VALUE_TEXT, 20, true, false, true, get_name},
    };
    struct table with_hidden = table;
    with_hidden.columns = names;
    with_hidden.column_count = 2;
    with_hidden.sort = 0;
    struct pane *pane = b.pane;
    b.settings = (struct table_settings){.sort = 0};
    b.pane = pane_table_create(&with_hidden, &b.settings);
    assert_non_null(b.pane);
    b.pane->area = pane->area;
    update(&b);
    pane_table_set_filter(b.pane, &b.view, "web");
    assert_int_equal(pane_table_count(b.pane), 0);
    pane_table_set_columns(b.pane, (const uint8_t[]){1}, 1);
    update(&b);
    assert_int_equal(pane_table_count(b.pane), 2);
    pane->class->destroy(pane);
    end(&b);
}

static void a_table_of_processes_asks_for_what_its_rows_in_sight_show(void **state)
{
    (void)state;
    struct bench b = {.view = {.unicode = true, .settings = &others},
                      .settings = {.sort = 2, .descending = true}};
    b.pane = pane_table_create(table_info(TABLE_IO), &b.settings);
    assert_non_null(b.pane);
    b.pane->area = (struct rect){.width = 80, .height = 6};
    b.seq = 1;
    update(&b);
    struct plan plan = {.want = FACT_IDENT};
    b.pane->class->plan(b.pane, &b.view, &plan);
    assert_int_equal(plan.parts, 0);
    assert_int_equal(plan.want, FACT_IDENT | FACT_IO);
    assert_int_equal(plan.want_visible & FACT_CMDLINE, FACT_CMDLINE);
    assert_int_equal(plan.visible_count, 10);
    struct proc_id owner = {0};
    assert_true(pane_table_owner(b.pane, &owner));
    assert_true(proc_id_equal(owner, plan.visible[0]));
    pane_table_set_filter(b.pane, &b.view, "x"); // is looked for in all command lines
    b.pane->class->plan(b.pane, &b.view, &plan);
    assert_int_equal(plan.want & FACT_CMDLINE, FACT_CMDLINE);
    b.pane->class->destroy(b.pane);
    snapshot_free(b.snap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_and_the_cursor_waits_at_the_top),
        cmocka_unit_test(the_cursor_stays_on_its_row_across_samples),
        cmocka_unit_test(every_move_ends_on_the_screen),
        cmocka_unit_test(filter_and_search_find_numbers_and_names),
        cmocka_unit_test(the_process_behind_a_row_is_told_and_can_be_the_limit),
        cmocka_unit_test(narrow_screens_keep_the_sorted_column_and_scroll_to_the_others),
        cmocka_unit_test(presses_and_the_wheel_sort_choose_and_scroll),
        cmocka_unit_test(rates_that_are_not_known_yet_say_so),
        cmocka_unit_test(columns_are_shown_as_they_are_chosen),
        cmocka_unit_test(the_sorted_column_is_shown_beside_the_chosen_ones),
        cmocka_unit_test(an_own_order_is_kept_where_the_usual_one_would_change),
        cmocka_unit_test(a_filter_looks_into_hidden_columns_once_they_are_chosen),
        cmocka_unit_test(a_table_of_processes_asks_for_what_its_rows_in_sight_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
