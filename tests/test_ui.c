#include "check.h"
#include "screen.h"
#include "ui_fixture.h"

#include <stdlib.h>
#include <string.h>

/*
 * The whole interface driven by scripts of events over invented processes: what is on the
 * screen afterwards, and what the program was asked to do.
 */

/* --- screens --------------------------------------------------------------------------------- */

static void screens_look_as_agreed(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int width, height;
        const char *keys;
    } rows[] = {
        {"ui_80x24", 80, 24, ""},
        {"ui_200x60", 200, 60, "K H t Down Down Down Space"},
        {"ui_40x10", 40, 10, ""},
        {"ui_80x24_tree", 80, 24, "t Down Down Down"},
        {"ui_80x24_signal", 80, 24, "Down F9"},
        {"ui_40x10_signal", 40, 10, "F9"},
        {"ui_80x24_search", 80, 24, "/ n g i n x"},
        {"ui_80x24_network", 80, 24, "B"},
        {"ui_40x10_network", 40, 10, "B"},
        {"ui_80x24_columns", 80, 24, "F2 Down Space"},
        {"ui_20x5", 20, 5, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;
        start_shown(&f);
        resize(&f, rows[i].width, rows[i].height);
        press(&f, rows[i].keys);
        wait_s(&f, 20);
        handle(&f, (struct event){.kind = EVENT_TICK});
        draw(&f);
        screen_check(&f.surface, rows[i].name);
        stop(&f);
    }
}

static void before_the_first_sample_it_says_so(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    draw(&f);
    assert_true(screen_has(&f.surface, "reading processes"));
    assert_true(screen_has(&f.surface, "PID"));
    press(&f, "F9 Down End F7 t * F Space u Esc / x Esc");
    assert_null(effect_of(&f, EFFECT_DEED));
    stop(&f);
}

static void the_view_is_at_the_top_when_rates_arrive(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    show(&f, NULL, 0);
    assert_int_equal(selected_pid(&f), 1); // identity order: nothing to sort by yet
    show(&f, NULL, 0);
    assert_int_equal(selected_pid(&f), 900); // the busiest
    stop(&f);
}

/* --- the cursor ------------------------------------------------------------------------------ */

static const struct screen_proc calm[] = {
    {10, 1, .name = "ten", .cpu = 0.4},
    {20, 1, .name = "twenty", .cpu = 0.3},
    {30, 1, .name = "thirty", .cpu = 0.2},
    {40, 1, .name = "forty", .cpu = 0.1},
};
static const struct screen_proc turned[] = {
    {10, 1, .name = "ten", .cpu = 0.1},
    {20, 1, .name = "twenty", .cpu = 0.2},
    {30, 1, .name = "thirty", .cpu = 0.3},
    {40, 1, .name = "forty", .cpu = 0.4},
};
static const struct screen_proc without_20[] = {
    {10, 1, .name = "ten", .cpu = 0.4},
    {30, 1, .name = "thirty", .cpu = 0.2},
    {40, 1, .name = "forty", .cpu = 0.1},
};
static const struct screen_proc reused_20[] = {
    {10, 1, .name = "ten", .cpu = 0.4},
    {20, 1, .name = "other", .cpu = 0.3, .start_ns = 77},
    {30, 1, .name = "thirty", .cpu = 0.2},
    {40, 1, .name = "forty", .cpu = 0.1},
};

static void start_calm(struct fixture *f)
{
    start(f, NULL);
    show(f, calm, 4);
    show(f, calm, 4);
}

static void cursor_stays_on_its_process_once_moved(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    show(&f, turned, 4);
    assert_int_equal(selected_pid(&f), 40); // never moved: the top row
    show(&f, calm, 4);
    press(&f, "Down");
    assert_int_equal(selected_pid(&f), 20);
    show(&f, turned, 4);
    assert_int_equal(selected_pid(&f), 20);
    press(&f, "N");
    assert_int_equal(selected_pid(&f), 20);
    press(&f, "t");
    assert_int_equal(selected_pid(&f), 20);
    press(&f, "t P Home");
    assert_int_equal(selected_pid(&f), 40);
    show(&f, calm, 4);
    assert_int_equal(selected_pid(&f), 10); // Home lets go
    stop(&f);
}

static void cursor_stays_in_its_row_when_its_process_is_gone(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    press(&f, "Down");
    show(&f, without_20, 3);
    assert_int_equal(selected_pid(&f), 30);
    press(&f, "End");
    show(&f, calm, 2);
    assert_int_equal(selected_pid(&f), 20);
    stop(&f);
}

static void following_says_when_the_process_is_gone(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    press(&f, "Down F");
    assert_true(screen_has(&f.surface, "following 20"));
    show(&f, turned, 4);
    assert_int_equal(selected_pid(&f), 20);
    show(&f, without_20, 3);
    assert_false(screen_has(&f.surface, "following"));
    assert_true(screen_has(&f.surface, "20 has exited"));
    stop(&f);
}

static void typed_digits_jump_and_expire(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    type(&f, "6");
    assert_int_equal(selected_pid(&f), 601); // lowest that begins with 6
    type(&f, "03");
    assert_int_equal(selected_pid(&f), 603);
    assert_true(screen_has(&f.surface, "PID 603_"));
    assert_true(ui_deadline_ns(f.ui) == f.now_ns + second);
    wait_s(&f, 1);
    handle(&f, (struct event){.kind = EVENT_TICK});
    draw(&f);
    assert_false(screen_has(&f.surface, "PID 603_"));
    type(&f, "1");
    assert_int_equal(selected_pid(&f), 1);
    type(&f, "20");
    assert_int_equal(selected_pid(&f), 1200);
    press(&f, "Down");
    type(&f, "1");
    assert_int_equal(selected_pid(&f), 1); // another key began anew
    assert_false(screen_has(&f.surface, "no such process"));
    type(&f, "9");
    assert_true(screen_has(&f.surface, "PID 19_ (no such process)"));
    stop(&f);
}

/* --- signals --------------------------------------------------------------------------------- */

static void signal_goes_to_whom_the_dialog_was_opened_for(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    press(&f, "Down F9");
    assert_true(screen_has(&f.surface, "Signal 20 twenty"));
    const struct effect *pin = effect_of(&f, EFFECT_INSPECT);
    assert_non_null(pin);
    assert_int_equal(pin->target_count, 1);
    assert_int_equal(target_pid(&f, pin, 0), 20);
    forget(&f);
    show(&f, turned, 4);
    show(&f, calm, 1); // even the cursor's process is gone now
    press(&f, "Enter");
    const struct effect *sent = effect_of(&f, EFFECT_DEED);
    assert_non_null(sent);
    assert_int_equal(sent->deed.kind, DEED_SIGNAL);
    assert_int_equal(sent->deed.value.number, 15);
    assert_int_equal(sent->target_count, 1);
    assert_int_equal(target_pid(&f, sent, 0), 20);
    assert_true(f.effects->targets[sent->first_target].id.start_ns == 200000000);
    assert_int_equal(f.effects->items[f.effects->count - 1].kind, EFFECT_RELEASE);
    stop(&f);
}

static void signal_dialog_says_when_the_target_is_gone(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    press(&f, "Down F9");
    show(&f, turned, 4);
    assert_false(screen_has(&f.surface, "has exited"));
    show(&f, reused_20, 4); // same pid, another process
    assert_true(screen_has(&f.surface, "20 twenty has exited"));
    forget(&f);
    press(&f, "Esc");
    assert_null(effect_of(&f, EFFECT_DEED));
    assert_non_null(effect_of(&f, EFFECT_RELEASE));
    stop(&f);
}

static void tags_are_the_targets_and_go_with_their_process(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    press(&f, "Space Space"); // tags and moves down
    assert_int_equal(selected_pid(&f), 30);
    assert_true(screen_has(&f.surface, "2 tagged"));
    press(&f, "k");
    assert_true(screen_has(&f.surface, "Signal 2 processes: 10 ten, 20 twenty"));
    forget(&f);
    press(&f, "K Enter Enter");
    const struct effect *sent = effect_of(&f, EFFECT_DEED);
    assert_non_null(sent);
    assert_int_equal(sent->deed.value.number, 9);
    assert_int_equal(sent->target_count, 2);
    show(&f, reused_20, 4);
    assert_true(screen_has(&f.surface, "1 tagged"));
    press(&f, "U");
    assert_false(screen_has(&f.surface, "tagged"));
    stop(&f);
}

static void tagging_a_subtree_takes_all_descendants(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    type(&f, "402");
    press(&f, "c F8");
    const struct effect *nice = effect_of(&f, EFFECT_DEED);
    assert_non_null(nice);
    assert_int_equal(nice->deed.kind, DEED_NICE);
    assert_true(nice->deed.relative);
    assert_int_equal(nice->deed.value.number, 1);
    /* sshd, its child, the shell, and the shell's five */
    assert_int_equal(nice->target_count, 8);
    assert_int_equal(target_pid(&f, nice, 0), 402);
    assert_int_equal(target_pid(&f, nice, 7), 1310);
    stop(&f);
}

static void threads_are_signalled_as_their_process_and_reniced_alone(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    press(&f, "H");
    type(&f, "902");
    press(&f, "F7");
    const struct effect *nice = effect_of(&f, EFFECT_DEED);
    assert_non_null(nice);
    assert_int_equal(nice->deed.value.number, -1);
    assert_true(nice->deed.one_thread);
    assert_int_equal(target_pid(&f, nice, 0), 902);
    press(&f, "F9");
    assert_int_equal(target_pid(&f, effect_of(&f, EFFECT_INSPECT), 0), 900);
    assert_true(screen_has(&f.surface, "Signal 900 java (app)"));
    stop(&f);
}

static void readonly_refuses_every_change(void **state)
{
    (void)state;
    static const char *const keys[] = {"F9", "k", "F7", "F8", "[",    "]",    "{", "}", "r", "i",
                                       "a",  "Y", "o",  "s",  "S-F7", "S-F8", "G", "x", "z"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct fixture f;
        start(&f, &(struct ui_options){.refusal = "perch runs with --readonly"});
        show(&f, calm, 4);
        press(&f, keys[i]);
        press(&f, "Enter");
        assert_int_equal(f.effects->count, 0);
        assert_true(screen_has(&f.surface, "--readonly"));
        stop(&f);
    }
}

static void an_empty_list_has_nobody_to_act_on(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    press(&f, "F4");
    type(&f, "nobody");
    press(&f, "Enter F9");
    assert_true(screen_has(&f.surface, "no process selected"));
    press(&f, "F8");
    assert_int_equal(f.effects->count, 0);
    stop(&f);
}

static void pasted_text_acts_on_nothing(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    code(&f, KEYCODE_PASTE_BEGIN);
    type(&f, "k9F7q ");
    code(&f, KEYCODE_ENTER);
    code(&f, KEYCODE_F1 + 8);
    code(&f, KEYCODE_ENTER);
    code(&f, KEYCODE_PASTE_END);
    assert_int_equal(f.effects->count, 0);
    assert_int_equal(selected_pid(&f), 10);
    press(&f, "/");
    code(&f, KEYCODE_PASTE_BEGIN);
    type(&f, "thirty");
    code(&f, KEYCODE_ENTER);
    code(&f, KEYCODE_PASTE_END);
    draw(&f);
    assert_true(screen_has(&f.surface, "Search: thirty"));
    assert_int_equal(selected_pid(&f), 30);
    press(&f, "Esc q");
    assert_non_null(effect_of(&f, EFFECT_QUIT));
    stop(&f);
}

/* --- finding --------------------------------------------------------------------------------- */

static void search_moves_as_one_types_and_esc_goes_back(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    press(&f, "Down");
    press(&f, "/");
    type(&f, "t");
    assert_int_equal(selected_pid(&f), 20);
    press(&f, "F3");
    assert_int_equal(selected_pid(&f), 30);
    press(&f, "F3");
    assert_int_equal(selected_pid(&f), 40);
    press(&f, "S-F3");
    assert_int_equal(selected_pid(&f), 30);
    type(&f, "e");
    assert_int_equal(selected_pid(&f), 10); // counted from where it began
    type(&f, "zzz");
    assert_true(screen_has(&f.surface, "no match"));
    press(&f, "Esc");
    assert_int_equal(selected_pid(&f), 20);
    press(&f, "/");
    type(&f, "forty");
    press(&f, "Enter");
    assert_int_equal(selected_pid(&f), 40);
    assert_false(screen_has(&f.surface, "Search:"));
    stop(&f);
}

static void search_wants_command_lines_of_everybody(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    struct plan plan;
    ui_plan(f.ui, &plan);
    assert_true((plan.want & FACT_CMDLINE) == 0);
    assert_true((plan.want_visible & FACT_CMDLINE) != 0);
    press(&f, "/");
    ui_plan(f.ui, &plan);
    assert_true((plan.want & FACT_CMDLINE) != 0);
    stop(&f);
}

static void filter_is_live_stays_and_can_be_cleared(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    resize(&f, 120, 30);
    press(&f, "F4");
    type(&f, "nginx");
    assert_true(screen_has(&f.surface, "602"));
    assert_false(screen_has(&f.surface, "java"));
    press(&f, "Enter");
    assert_true(screen_has(&f.surface, "3 of 24 shown · filter \"nginx\""));
    show(&f, NULL, 0);
    assert_false(screen_has(&f.surface, "java"));
    press(&f, "\\");
    assert_true(screen_has(&f.surface, "Filter: nginx"));
    press(&f, "Esc");
    assert_true(screen_has(&f.surface, "java"));
    stop(&f);
}

static void user_menu_lists_users_with_counts(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    press(&f, "u");
    assert_true(screen_has(&f.surface, "All users"));
    assert_true(screen_has(&f.surface, "www-data  2 processes"));
    show(&f, NULL, 0);
    type(&f, "www");
    press(&f, "Enter");
    assert_true(screen_has(&f.surface, "2 of 24 shown · user www-data"));
    press(&f, "u Home Enter");
    assert_false(screen_has(&f.surface, "user www-data"));
    stop(&f);
}

/* --- order, tree, columns -------------------------------------------------------------------- */

static void sort_keys_sort_and_the_header_can_be_clicked(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    press(&f, "N");
    assert_int_equal(f.settings.sort, COLUMN_PID);
    assert_false(f.settings.sort_descending);
    press(&f, "I");
    assert_true(f.settings.sort_descending);
    press(&f, "N");
    assert_false(f.settings.sort_descending);
    int y = 0;
    while (strstr(screen_row(&f.surface, y), "Command") == NULL) {
        y++;
        assert_true(y < 24);
    }
    const char *row = screen_row(&f.surface, y);
    int x = (int)(strstr(row, "CPU%") - row) - 2; // the mark before it takes three bytes
    mouse(&f, MOUSE_PRESS, x, y);
    assert_int_equal(f.settings.sort, COLUMN_CPU);
    assert_true(f.settings.sort_descending);
    assert_true(screen_has(&f.surface, "CPU%▽"));
    mouse(&f, MOUSE_PRESS, x, y);
    assert_true(screen_has(&f.surface, "CPU%△"));
    mouse(&f, MOUSE_PRESS, 2, y + 3);
    assert_int_equal(selected_pid(&f), (int)strtol(screen_row(&f.surface, y + 3), NULL, 10));
    press(&f, "F6");
    type(&f, "TIME");
    press(&f, "Enter");
    assert_int_equal(f.settings.sort, COLUMN_TIME);
    stop(&f);
}

static void tree_folds_and_opens(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    resize(&f, 120, 34);
    press(&f, "K t");
    assert_true(screen_has(&f.surface, "└─ "));
    type(&f, "602");
    press(&f, "Backspace");
    assert_int_equal(selected_pid(&f), 601);
    assert_true(screen_has(&f.surface, "[+2] nginx"));
    assert_false(screen_has(&f.surface, "worker"));
    show(&f, NULL, 0);
    assert_int_equal(selected_pid(&f), 601);
    press(&f, "+");
    assert_true(screen_has(&f.surface, "worker"));
    press(&f, "Down");
    int child = selected_pid(&f);
    assert_int_equal(child == 602 || child == 603, 1);
    press(&f, "*");
    assert_int_equal(selected_pid(&f), 1); // what took the child in
    assert_false(screen_has(&f.surface, "nginx"));
    press(&f, "*");
    assert_true(screen_has(&f.surface, "nginx"));
    press(&f, "P");
    assert_int_equal(f.settings.tree_sort, COLUMN_CPU);
    stop(&f);
}

static void double_click_folds(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    press(&f, "t");
    int y = 0;
    while (strncmp(screen_row(&f.surface, y), "      1 ", 8) != 0) {
        y++;
        assert_true(y < 24);
    }
    mouse(&f, MOUSE_PRESS, 3, y);
    wait_s(&f, 1);
    mouse(&f, MOUSE_PRESS, 3, y);
    assert_false(screen_has(&f.surface, "[+")); // too slow
    mouse(&f, MOUSE_PRESS, 3, y);
    assert_true(screen_has(&f.surface, "[+"));
    stop(&f);
}

static void columns_dialog_changes_what_is_shown(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    size_t count = f.settings.column_count;
    press(&f, "F2 Down Space"); // USER off
    assert_int_equal(f.settings.column_count, count - 1);
    press(&f, "Space F8 Enter"); // on again, behind PRI
    assert_int_equal(f.settings.column_count, count);
    assert_int_equal(f.settings.columns[1], COLUMN_PRIORITY);
    assert_int_equal(f.settings.columns[2], COLUMN_USER);
    f.settings.column_count = 1;
    press(&f, "F2 Space");
    assert_true(screen_has(&f.surface, "at least one column must stay"));
    press(&f, "Esc");
    assert_int_equal(f.settings.column_count, 1);
    stop(&f);
}

static void cancelling_the_columns_dialog_takes_everything_back(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    size_t count = f.settings.column_count;
    press(&f, "F2 Down Space Down F8");
    assert_int_equal(f.settings.column_count, count - 1);
    press(&f, "Esc");
    assert_int_equal(f.settings.column_count, count);
    assert_int_equal(f.settings.columns[1], COLUMN_USER);
    assert_true(screen_has(&f.surface, "the columns are as they were before"));
    stop(&f);
}

static void a_key_without_meaning_says_so(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    press(&f, "F12");
    assert_true(screen_has(&f.surface, "F12 does nothing here (F1: help)"));
    press(&f, "f"); // too soon after
    assert_true(screen_has(&f.surface, "F12 does nothing here (F1: help)"));
    wait_s(&f, 2);
    press(&f, "f");
    assert_true(screen_has(&f.surface, "f does nothing here"));
    wait_s(&f, 2);
    press(&f, "F1 f Esc");
    assert_false(screen_has(&f.surface, "does nothing"));
    stop(&f);
}

static void the_status_line_is_about_the_pane_in_sight(void **state)
{
    (void)state;
    static const struct screen_proc few[] = {{50, 1, .name = "alone", .args = "x"}};
    struct fixture f;
    start_shown(&f);
    assert_true(screen_has(&f.surface, "20 of 24 shown"));
    press(&f, "F1");
    assert_false(screen_has(&f.surface, " shown"));
    assert_true(screen_has(&f.surface, "lines 1 to 22 of "));
    show(&f, few, 1);
    assert_true(screen_has(&f.surface, "lines 1 to 22 of "));
    press(&f, "Esc");
    assert_true(screen_has(&f.surface, "1 of 1 shown"));
    stop(&f);
}

static void a_long_status_line_is_cut_between_its_parts(void **state)
{
    (void)state;
    static const struct screen_proc procs[] = {
        {60, 1, .name = "secret", .args = "x", .denied = FACT_CMDLINE},
    };
    struct fixture f;
    start(&f, NULL);
    show(&f, procs, 1);
    press(&f, "Z");
    for (int width = 8; width < 90; width++) {
        resize(&f, width, 24);
        draw(&f);
        const char *row = screen_row(&f.surface, 22);
        size_t len = strlen(row);
        assert_false(len >= strlen("·") && strcmp(row + len - strlen("·"), "·") == 0);
        assert_true(width >= 80 || strstr(row, "…") != NULL);
        assert_null(strstr(row, "· …"));
        assert_null(strstr(row, "·…"));
    }
    stop(&f);
}

static void absent_command_lines_say_why(void **state)
{
    (void)state;
    static const struct screen_proc procs[] = {
        {50, 1, .name = "stuck", .args = "x", .blocked = FACT_CMDLINE},
        {60, 1, .name = "secret", .args = "x", .denied = FACT_CMDLINE},
    };
    struct fixture f;
    start(&f, NULL);
    resize(&f, 120, 24);
    show(&f, procs, 2);
    assert_true(screen_has(&f.surface, "stuck [cmdline blocked]"));
    assert_true(screen_has(&f.surface, "secret (denied)"));
    assert_true(screen_has(&f.surface, "command lines of 1 of 1 not readable"));
    stop(&f);
}

/* --- the program ----------------------------------------------------------------------------- */

static void program_keys_become_effects(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        enum effect_kind kind;
    } rows[] = {
        {"q", EFFECT_QUIT},         {"F10", EFFECT_QUIT},       {"C-z", EFFECT_SUSPEND},
        {"C-l", EFFECT_REPAINT},    {"C-l", EFFECT_SAMPLE},     {"W", EFFECT_SAVE_SETTINGS},
        {"F1 C-z", EFFECT_SUSPEND}, {"F9 C-z", EFFECT_SUSPEND},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;
        start_calm(&f);
        press(&f, rows[i].keys);
        assert_non_null(effect_of(&f, rows[i].kind));
        stop(&f);
    }
}

static void help_and_messages_open_and_close(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    log_add(f.log, 1700000000, true, "invented trouble");
    press(&f, "F1");
    assert_false(screen_has(&f.surface, "twenty"));
    press(&f, "q");
    assert_true(screen_has(&f.surface, "twenty"));
    press(&f, "L");
    assert_true(screen_has(&f.surface, "invented trouble"));
    press(&f, "Esc");
    assert_true(screen_has(&f.surface, "twenty"));
    assert_int_equal(f.effects->count, 0);
    stop(&f);
}

static void messages_stay_long_enough_to_be_read(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    struct event event = {.kind = EVENT_STATUS,
                          .as.status = {.sentence = "something failed", .error = true}};
    handle(&f, event);
    assert_true(ui_deadline_ns(f.ui) == f.now_ns + 10 * second);
    press(&f, "Down");
    assert_true(screen_has(&f.surface, "something failed"));
    wait_s(&f, 9);
    handle(&f, (struct event){.kind = EVENT_TICK});
    draw(&f);
    assert_true(screen_has(&f.surface, "something failed"));
    press(&f, "Down");
    assert_false(screen_has(&f.surface, "something failed"));
    handle(&f, event);
    wait_s(&f, 10);
    handle(&f, (struct event){.kind = EVENT_TICK});
    draw(&f);
    assert_false(screen_has(&f.surface, "something failed"));
    stop(&f);
}

static void a_long_message_shows_its_end(void **state)
{
    (void)state;
    static const struct {
        int width, height;
        bool ends; // within three lines
    } rows[] = {{80, 24, true}, {120, 8, true}, {40, 12, true}, {80, 7, false}, {20, 24, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;
        start_calm(&f);
        resize(&f, rows[i].width, rows[i].height);
        struct event event = {
            .kind = EVENT_STATUS,
            .as.status = {.sentence = "permission denied: 42 nginx belongs to another user, and "
                                      "not even root may do this without a CAPABILITY",
                          .error = true}};
        handle(&f, event);
        draw(&f);
        assert_true(screen_has(&f.surface, "permission denied"));
        assert_int_equal(screen_has(&f.surface, "CAPABILITY"), rows[i].ends);
        assert_int_equal(screen_has(&f.surface, "…"), !rows[i].ends);
        stop(&f);
    }
}

static void a_stall_is_named_and_counted(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    struct event event = {.kind = EVENT_STALL, .as.stall = {.stalled = true, .pid = 1234}};
    event.as.stall.since_ns = f.now_ns - 3200000000;
    handle(&f, event);
    draw(&f);
    assert_true(screen_has(&f.surface, "sampler waits for /proc/1234 since 3.2 s"));
    assert_true(ui_deadline_ns(f.ui) <= f.now_ns + second);
    event.as.stall.stalled = false;
    handle(&f, event);
    draw(&f);
    assert_false(screen_has(&f.surface, "sampler waits"));
    assert_true(ui_deadline_ns(f.ui) == UINT64_MAX);
    stop(&f);
}

static void plan_follows_the_view(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    struct plan plan;
    ui_plan(f.ui, &plan);
    assert_true(plan.interval_ns == (uint64_t)f.settings.interval_ms * 1000000);
    assert_false(plan.threads);
    assert_false(plan.paused);
    assert_true(plan.visible_count > 4);
    assert_int_equal(plan.visible[0].pid, 900); // the top row first
    f.settings.interval_ms = 1500;
    press(&f, "D H Z");
    ui_plan(f.ui, &plan);
    assert_true(plan.interval_ns == second);
    assert_true(plan.threads);
    assert_true(plan.paused);
    wait_s(&f, 2);
    press(&f, "d d");
    ui_plan(f.ui, &plan);
    assert_true(plan.interval_ns == 2 * second);
    wait_s(&f, 20);
    press(&f, "Down");
    assert_true(screen_has(&f.surface, "paused"));
    stop(&f);
}

static void footer_can_be_clicked(void **state)
{
    (void)state;
    struct fixture f;
    start_calm(&f);
    draw(&f);
    const char *row = screen_row(&f.surface, 23);
    const char *at = strstr(row, "F5");
    assert_non_null(at);
    mouse(&f, MOUSE_PRESS, (int)(at - row) + 3, 23);
    assert_true(f.settings.tree);
    stop(&f);
}

static void every_size_survives_every_key(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    uint32_t key = 0;
    for (int height = 1; height <= 30; height++) {
        for (int width = 1; width <= 120; width++) {
            resize(&f, width, height);
            for (int i = 0; i < 4; i++) {
                /* every ASCII key and every named key in turn, in whatever is open then */
                uint32_t codes = 95 + (KEYCODE_PASTE_BEGIN - KEYCODE_FIRST);
                uint32_t at = key++ % codes;
                f.now_ns += second / 10;
                code(&f, at < 95 ? 32 + at : KEYCODE_FIRST + at - 95);
                draw(&f);
            }
            mouse(&f, MOUSE_PRESS, width / 2, height - 1);
            mouse(&f, MOUSE_PRESS, -5, 100000);
            mouse(&f, MOUSE_WHEEL_DOWN, 0, height / 2);
            forget(&f);
            if (width % 15 == 0) {
                show(&f, NULL, 0);
            }
        }
    }
    stop(&f);
}

static void one_cell_shows_something_for_every_key(void **state)
{
    (void)state;
    for (uint32_t at = 0; at < 95 + (KEYCODE_PASTE_BEGIN - KEYCODE_FIRST); at++) {
        struct fixture f;
        start_shown(&f);
        resize(&f, 1, 1);
        code(&f, at < 95 ? 32 + at : KEYCODE_FIRST + at - 95);
        draw(&f);
        type(&f, "ab");
        press(&f, "Enter Esc");
        stop(&f);
    }
}

static void drawing_twice_gives_the_same(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    press(&f, "t Down F9");
    size_t size = surface_dump(&f.surface, NULL, 0) + 1;
    char *first = calloc(1, size);
    char *second_dump = calloc(1, size);
    assert_non_null(first);
    assert_non_null(second_dump);
    (void)surface_dump(&f.surface, first, size);
    draw(&f);
    (void)surface_dump(&f.surface, second_dump, size);
    assert_string_equal(first, second_dump);
    free(first);
    free(second_dump);
    stop(&f);
}

static void that_kernel_threads_are_hidden_is_said_where_one_was_asked_for(void **state)
{
    (void)state;
    static const char hint[] = "no process to show: kernel threads are not listed, press K";
    const int32_t pids[] = {2, 99999};
    for (size_t from = 0; from < 2; from++) {
        struct fixture f;
        start(&f, &(struct ui_options){.list = {.pids = &pids[from], .pid_count = 1}});
        show(&f, NULL, 0);
        draw(&f);
        assert_true(screen_has(&f.surface, "no process to show"));
        assert_int_equal(screen_has(&f.surface, hint), from == 0);
        stop(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(that_kernel_threads_are_hidden_is_said_where_one_was_asked_for),
        cmocka_unit_test(screens_look_as_agreed),
        cmocka_unit_test(before_the_first_sample_it_says_so),
        cmocka_unit_test(the_view_is_at_the_top_when_rates_arrive),
        cmocka_unit_test(cursor_stays_on_its_process_once_moved),
        cmocka_unit_test(cursor_stays_in_its_row_when_its_process_is_gone),
        cmocka_unit_test(following_says_when_the_process_is_gone),
        cmocka_unit_test(typed_digits_jump_and_expire),
        cmocka_unit_test(signal_goes_to_whom_the_dialog_was_opened_for),
        cmocka_unit_test(signal_dialog_says_when_the_target_is_gone),
        cmocka_unit_test(tags_are_the_targets_and_go_with_their_process),
        cmocka_unit_test(tagging_a_subtree_takes_all_descendants),
        cmocka_unit_test(threads_are_signalled_as_their_process_and_reniced_alone),
        cmocka_unit_test(readonly_refuses_every_change),
        cmocka_unit_test(an_empty_list_has_nobody_to_act_on),
        cmocka_unit_test(pasted_text_acts_on_nothing),
        cmocka_unit_test(search_moves_as_one_types_and_esc_goes_back),
        cmocka_unit_test(search_wants_command_lines_of_everybody),
        cmocka_unit_test(filter_is_live_stays_and_can_be_cleared),
        cmocka_unit_test(user_menu_lists_users_with_counts),
        cmocka_unit_test(sort_keys_sort_and_the_header_can_be_clicked),
        cmocka_unit_test(tree_folds_and_opens),
        cmocka_unit_test(double_click_folds),
        cmocka_unit_test(columns_dialog_changes_what_is_shown),
        cmocka_unit_test(cancelling_the_columns_dialog_takes_everything_back),
        cmocka_unit_test(a_key_without_meaning_says_so),
        cmocka_unit_test(the_status_line_is_about_the_pane_in_sight),
        cmocka_unit_test(a_long_status_line_is_cut_between_its_parts),
        cmocka_unit_test(absent_command_lines_say_why),
        cmocka_unit_test(program_keys_become_effects),
        cmocka_unit_test(help_and_messages_open_and_close),
        cmocka_unit_test(messages_stay_long_enough_to_be_read),
        cmocka_unit_test(a_long_message_shows_its_end),
        cmocka_unit_test(a_stall_is_named_and_counted),
        cmocka_unit_test(plan_follows_the_view),
        cmocka_unit_test(footer_can_be_clicked),
        cmocka_unit_test(every_size_survives_every_key),
        cmocka_unit_test(one_cell_shows_something_for_every_key),
        cmocka_unit_test(drawing_twice_gives_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
