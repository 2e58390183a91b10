#include "check.h"
#include "screen.h"
#include "ui/dialog.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct menu_item signals[] = {
    {.value = 1, .label = " 1 SIGHUP", .detail = "terminal gone", .shortcut = "HUP"},
    {.value = 2, .label = " 2 SIGINT", .detail = "Ctrl-C", .shortcut = "INT"},
    {.value = 9, .label = " 9 SIGKILL", .detail = "cannot be caught", .shortcut = "KILL"},
    {.value = 15, .label = "15 SIGTERM", .detail = "please end", .shortcut = "TERM"},
    {.value = 18, .label = "18 SIGCONT", .detail = "go on", .shortcut = "CONT"},
    {.value = 19, .label = "19 SIGSTOP", .detail = "stop", .shortcut = "STOP"},
};

static struct menu *make(void)
{
    struct menu *menu = menu_create("Send signal", "to 4242 nginx");
    assert_non_null(menu);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        assert_int_equal(menu_add(menu, &signals[i]), 0);
    }
    menu_layout(menu, menu_width(menu, MENU_WIDTH_USUAL), 7); // 4 rows of items
    assert_true(menu_select(menu, 15));
    return menu;
}

static int64_t chosen(const struct menu *menu)
{
    return menu_selected(menu)->value;
}

static void typing_goes_to_the_item_meant(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        int64_t value;
        enum menu_outcome outcome;
    } cases[] = {
        {"1", 1, MENU_OPEN},       {"18", 18, MENU_OPEN},  {"9", 9, MENU_OPEN},
        {"k", 9, MENU_OPEN},       {"sto", 19, MENU_OPEN}, {"TERM", 15, MENU_OPEN},
        {"hx", 1, MENU_OPEN},      {"hi", 2, MENU_OPEN},   {"z", 15, MENU_OPEN},
        {"q", 15, MENU_CANCELLED}, {"kq", 9, MENU_OPEN},   {"\xff", 15, MENU_OPEN},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct menu *menu = make();
        enum menu_outcome outcome = MENU_OPEN;
        for (const char *c = cases[i].typed; *c != '\0'; c++) {
            outcome =
                menu_key(menu, (struct key){.code = (unsigned char)*c == 0xff ? (uint32_t)KEYCODE_F1
                                                                              : (uint32_t)*c});
        }
        assert_int_equal(chosen(menu), cases[i].value);
        assert_int_equal(outcome, cases[i].outcome);
        menu_destroy(menu);
    }
}

static void a_whole_name_is_preferred_to_the_beginning_of_another(void **state)
{
    (void)state;
    static const struct menu_item items[] = {
        {.value = -19, .label = "-19"},
        {.value = -1, .label = " -1"},
        {.value = 35, .label = "35 SIGRTMIN+1", .shortcut = "RTMIN+1"},
        {.value = 44, .label = "44 SIGRTMIN+10", .shortcut = "RTMIN+10"},
        {.value = 50, .label = "50 SIGRTMAX-14", .shortcut = "RTMAX-14"},
        {.value = 63, .label = "63 SIGRTMAX-1", .shortcut = "RTMAX-1"},
        {.value = 64, .label = "64 SIGRTMAX", .shortcut = "RTMAX"},
    };
    static const struct {
        const char *typed;
        int64_t value;
    } cases[] = {
        {"-1", -1},       {"-19", -19},    {"rtmin+1", 35}, {"rtmin+10", 44},
        {"rtmax-14", 50}, {"rtmax-1", 63}, {"rtmax", 64},   {"rt", 35},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct menu *menu = menu_create("", "");
        assert_non_null(menu);
        for (size_t j = 0; j < sizeof(items) / sizeof(items[0]); j++) {
            assert_int_equal(menu_add(menu, &items[j]), 0);
        }
        for (const char *c = cases[i].typed; *c != '\0'; c++) {
            assert_int_equal(menu_key(menu, (struct key){.code = (uint32_t)*c}), MENU_OPEN);
        }
        assert_int_equal(chosen(menu), cases[i].value);
        menu_destroy(menu);
    }
}

static void a_number_nothing_has_chooses_nothing(void **state)
{
    (void)state;
    static const char *const typed[] = {"99", "191", "1555555555555555555555555555555555555555"};
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
        struct menu *menu = make();
        for (const char *c = typed[i]; *c != '\0'; c++) {
            assert_int_equal(menu_key(menu, (struct key){.code = (uint32_t)*c}), MENU_OPEN);
        }
        assert_int_equal(menu_act(menu, ACTION_ACCEPT), MENU_OPEN);
        assert_int_equal(menu_act(menu, ACTION_ACCEPT), MENU_CHOSEN); // seen, and meant
        menu_destroy(menu);
    }
    struct menu *menu = make();
    for (const char *c = "99k15"; *c != '\0'; c++) { // another beginning
        assert_int_equal(menu_key(menu, (struct key){.code = (uint32_t)*c}), MENU_OPEN);
    }
    assert_int_equal(chosen(menu), 15);
    assert_int_equal(menu_act(menu, ACTION_ACCEPT), MENU_CHOSEN);
    menu_destroy(menu);
}

static void moves_stop_at_both_ends(void **state)
{
    (void)state;
    static const struct {
        enum action_id actions[3];
        int64_t value;
    } cases[] = {
        {{ACTION_UP}, 9},
        {{ACTION_DOWN}, 18},
        {{ACTION_FIRST, ACTION_UP}, 1},
        {{ACTION_LAST, ACTION_DOWN}, 19},
        {{ACTION_PAGE_DOWN}, 19},
        {{ACTION_PAGE_UP}, 1},
        {{ACTION_LAST, ACTION_PAGE_UP}, 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct menu *menu = make();
        for (size_t j = 0; j < 3 && cases[i].actions[j] != ACTION_NONE; j++) {
            assert_int_equal(menu_act(menu, cases[i].actions[j]), MENU_OPEN);
        }
        assert_int_equal(chosen(menu), cases[i].value);
        menu_destroy(menu);
    }
}

static void it_opens_without_scrolling_past_what_fits(void **state)
{
    (void)state;
    struct menu *menu = menu_create("Send signal", "");
    assert_non_null(menu);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        assert_int_equal(menu_add(menu, &signals[i]), 0);
    }
    assert_true(menu_select(menu, 15)); // the fourth, before its height is known
    menu_layout(menu, menu_width(menu, MENU_WIDTH_USUAL), 6); // 4 rows of items
    struct surface surface = {0};
    assert_int_equal(surface_resize(&surface, menu_width(menu, MENU_WIDTH_USUAL), 6), 0);
    menu_draw(menu, &surface);
    assert_true(screen_has(&surface, " 1 SIGHUP   terminal gone"));
    assert_true(screen_has(&surface, "15 SIGTERM  please end"));
    menu_layout(menu, menu_width(menu, MENU_WIDTH_USUAL), 5);
    menu_draw(menu, &surface);
    assert_true(screen_has(&surface, "15 SIGTERM  please end"));
    surface_finish(&surface);
    menu_destroy(menu);
}

static void an_empty_menu_chooses_nothing(void **state)
{
    (void)state;
    struct menu *menu = menu_create("Empty", "");
    static const enum action_id actions[] = {ACTION_UP,   ACTION_DOWN,   ACTION_PAGE_DOWN,
                                             ACTION_LAST, ACTION_ACCEPT, ACTION_TOGGLE_ITEM};
    menu_make_editable(menu);
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        assert_int_equal(menu_act(menu, actions[i]), MENU_OPEN);
    }
    assert_null(menu_selected(menu));
    assert_false(menu_select(menu, 1));
    assert_int_equal(menu_key(menu, (struct key){.code = 'a'}), MENU_OPEN);
    assert_int_equal(menu_act(menu, ACTION_CANCEL), MENU_CANCELLED);
    menu_destroy(menu);
    menu_destroy(NULL);
}

static void editing_is_only_for_editable_menus(void **state)
{
    (void)state;
    struct menu *menu = make();
    (void)menu_act(menu, ACTION_MOVE_ITEM_UP);
    (void)menu_act(menu, ACTION_TOGGLE_ITEM);
    assert_int_equal(menu_at(menu, 3)->value, 15);
    assert_false(menu_at(menu, 3)->ticked);
    menu_make_editable(menu);
    (void)menu_act(menu, ACTION_MOVE_ITEM_UP);
    (void)menu_act(menu, ACTION_TOGGLE_ITEM);
    assert_int_equal(menu_at(menu, 2)->value, 15);
    assert_int_equal(menu_at(menu, 3)->value, 9);
    assert_true(menu_at(menu, 2)->ticked);
    assert_int_equal(chosen(menu), 15);
    (void)menu_act(menu, ACTION_LAST);
    (void)menu_act(menu, ACTION_MOVE_ITEM_DOWN); // nowhere to go
    assert_int_equal(menu_at(menu, 5)->value, 19);
    menu_destroy(menu);
}

static void a_press_selects_and_a_second_one_chooses(void **state)
{
    (void)state;
    struct menu *menu = make(); // items from row 2 on, top item is the first
    struct mouse press = {.kind = MOUSE_PRESS, .x = 3, .y = 3, .button = 1};
    assert_int_equal(menu_mouse(menu, &press), MENU_OPEN);
    assert_int_equal(chosen(menu), 2);
    assert_int_equal(menu_mouse(menu, &press), MENU_CHOSEN);
    static const int absurd[] = {-1, 0, 1, 6, 100, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
        press.y = absurd[i];
        assert_int_equal(menu_mouse(menu, &press), MENU_OPEN);
        assert_int_equal(chosen(menu), 2);
    }
    struct mouse wheel = {.kind = MOUSE_WHEEL_DOWN};
    assert_int_equal(menu_mouse(menu, &wheel), MENU_OPEN);
    assert_int_equal(chosen(menu), 18);
    menu_destroy(menu);
}

static void it_draws_at_every_size(void **state)
{
    (void)state;
    struct menu *menu = make();
    static const int sides[] = {1, 2, 3, 4, 5, 9, 40};
    for (size_t i = 0; i < 7; i++) {
        for (size_t j = 0; j < 7; j++) {
            struct surface surface = {0};
            assert_int_equal(surface_resize(&surface, sides[i], sides[j]), 0);
            menu_layout(menu, sides[i], sides[j]);
            menu_draw(menu, &surface);
            if (sides[i] >= 20 && sides[j] >= 4) {
                assert_true(screen_has(&surface, "15 SIGTERM"));
            }
            surface_finish(&surface);
        }
    }
    menu_destroy(menu);
}

static void check_drawn(struct menu *menu, int height, const char *name)
{
    struct surface surface = {0};
    assert_int_equal(surface_resize(&surface, menu_width(menu, MENU_WIDTH_USUAL), height), 0);
    menu_layout(menu, menu_width(menu, MENU_WIDTH_USUAL), height);
    menu_draw(menu, &surface);
    screen_check(&surface, name);
    surface_finish(&surface);
}

static void the_signal_menu_looks_right(void **state)
{
    (void)state;
    struct menu *menu = make();
    check_drawn(menu, 7, "menu-signals");
    menu_set_note(menu, "4242 nginx has ended", true);
    check_drawn(menu, 12, "menu-error");
    menu_destroy(menu);
}

static void an_editable_menu_looks_right(void **state)
{
    (void)state;
    struct menu *menu = menu_create("Columns", "");
    menu_make_editable(menu);
    struct menu_item item = {.value = 1, .label = "PID", .detail = "process number"};
    item.ticked = true;
    assert_int_equal(menu_add(menu, &item), 0);
    item = (struct menu_item){.value = 2, .label = "測試", .detail = "wide"};
    assert_int_equal(menu_add(menu, &item), 0);
    check_drawn(menu, 5, "menu-columns");
    menu_destroy(menu);
}

static const char *sign_of(int64_t number)
{
    return number < 0 ? "negative" : number > 0 ? "positive" : "";
}

static void type_text(struct menu *menu, const char *text)
{
    for (; *text != '\0'; text++) {
        assert_int_equal(menu_key(menu, (struct key){.code = (unsigned char)*text}), MENU_OPEN);
    }
}

static void a_number_can_be_typed_that_is_not_listed(void **state)
{
    (void)state;
    struct menu *menu = menu_create("Number", "");
    assert_non_null(menu);
    for (int i = -1; i <= 1; i++) {
        struct menu_item item = {.value = (int64_t)i * 10, .label = "ten"};
        assert_int_equal(menu_add(menu, &item), 0);
    }
    menu_allow_number(menu, -100, 100, sign_of);
    assert_false(menu_touched(menu));
    menu_set_number(menu, 42);
    int64_t number = 0;
    assert_true(menu_number(menu, &number));
    assert_int_equal(number, 42);
    type_text(menu, "-10"); // replaces what was set, and is in the list
    assert_true(menu_touched(menu));
    assert_true(menu_number(menu, &number));
    assert_int_equal(number, -10);
    assert_int_equal(chosen(menu), -10);
    (void)menu_act(menu, ACTION_DOWN); // the list counts again
    assert_true(menu_number(menu, &number));
    assert_int_equal(number, 0);
    type_text(menu, "101");
    assert_false(menu_number(menu, &number));
    assert_int_equal(menu_act(menu, ACTION_ACCEPT), MENU_OPEN);
    assert_int_equal(menu_act(menu, ACTION_ERASE_BACK), MENU_OPEN);
    assert_int_equal(menu_act(menu, ACTION_ACCEPT), MENU_CHOSEN);
    assert_true(menu_number(menu, &number));
    assert_int_equal(number, 10);
    (void)menu_act(menu, ACTION_ERASE_ALL); // nothing is left to take
    assert_false(menu_number(menu, &number));
    assert_int_equal(menu_act(menu, ACTION_ACCEPT), MENU_OPEN);
    type_text(menu, "7");
    assert_true(menu_number(menu, &number));
    assert_int_equal(number, 7);
    (void)menu_act(menu, ACTION_ERASE_WORD);
    (void)menu_act(menu, ACTION_LAST); // the list counts again
    (void)menu_act(menu, ACTION_ERASE_BACK);
    assert_true(menu_number(menu, &number));
    assert_int_equal(number, 1);
    type_text(menu, "-----------------------------------------------"); // has an end
    assert_int_equal(menu_key(menu, (struct key){.code = 'q'}), MENU_CANCELLED);
    menu_destroy(menu);
}

static void a_long_note_is_wrapped_and_gives_way_to_items(void **state)
{
    (void)state;
    struct menu *menu = menu_create("T", "one two three four five six seven eight nine ten");
    struct menu_item item = {.value = 1, .label = "item"};
    assert_non_null(menu);
    assert_int_equal(menu_add(menu, &item), 0);
    menu_set_hint(menu, "a hint");
    static const struct {
        int height;
        bool two_lines, hint;
    } rows[] = {{12, true, true}, {6, true, false}, {5, true, false}, {4, false, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct surface surface = {0};
        assert_int_equal(surface_resize(&surface, 22, rows[i].height), 0);
        menu_layout(menu, 22, rows[i].height);
        menu_draw(menu, &surface);
        assert_true(screen_has(&surface, "one two three"));
        assert_int_equal(screen_has(&surface, "five six seven"), rows[i].two_lines);
        assert_int_equal(screen_has(&surface, "a hint"), rows[i].hint);
        assert_true(screen_has(&surface, "item"));
        surface_finish(&surface);
    }
    menu_destroy(menu);
}

static void it_has_a_ceiling(void **state)
{
    (void)state;
    struct menu *menu = menu_create("Many", "");
    struct menu_item item = {.label = "x"};
    int r = 0;
    for (int i = 0; i < 65537; i++) {
        r = menu_add(menu, &item);
        assert_true(r == 0 || i == 65536);
    }
    assert_int_equal(r, -E2BIG);
    assert_int_equal(menu_count(menu), 65536);
    menu_destroy(menu);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typing_goes_to_the_item_meant),
        cmocka_unit_test(a_whole_name_is_preferred_to_the_beginning_of_another),
        cmocka_unit_test(a_number_nothing_has_chooses_nothing),
        cmocka_unit_test(moves_stop_at_both_ends),
        cmocka_unit_test(it_opens_without_scrolling_past_what_fits),
        cmocka_unit_test(an_empty_menu_chooses_nothing),
        cmocka_unit_test(editing_is_only_for_editable_menus),
        cmocka_unit_test(a_press_selects_and_a_second_one_chooses),
        cmocka_unit_test(it_draws_at_every_size),
        cmocka_unit_test(the_signal_menu_looks_right),
        cmocka_unit_test(an_editable_menu_looks_right),
        cmocka_unit_test(a_number_can_be_typed_that_is_not_listed),
        cmocka_unit_test(a_long_note_is_wrapped_and_gives_way_to_items),
        cmocka_unit_test(it_has_a_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
