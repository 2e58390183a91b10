#include "check.h"
#include "ui/keymap.h"
#include "ui/surface.h"
#include "ui/term_keys.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static struct keymap *make(void)
{
    struct keymap *keymap = NULL;
    assert_int_equal(keymap_create(&keymap), 0);
    return keymap;
}

static enum action_id find(const struct keymap *keymap, enum context context, const char *name)
{
    struct key key;
    assert_true(key_parse(name, &key));
    return keymap_find(keymap, context, key);
}

static void key_names_read_and_write_the_same(void **state)
{
    (void)state;
    static const char *const names[] = {
        "q",     "C-l",       "M-x",     "S-F3",   "Space",  "Enter", "Esc",  "Tab",
        "S-Tab", "Backspace", "F1",      "F12",    "Up",     "PgUp",  "PgDn", "Home",
        "End",   "#",         "-",       "C--",    "M--",    "\\",    "é",    "測",
        "C-M-x", "M-Up",      "S-Down",  "C-S-F2", "Delete", "+",     "?",    "Insert",
        "A",     "C-]",       "C-Space", "$",      "M-,",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct key key;
        assert_true(key_parse(names[i], &key));
        char text[32];
        struct strbuf buf;
        str_init(&buf, text, sizeof(text));
        key_format(key, &buf);
        assert_string_equal(text, names[i]);
    }
}

static void names_that_mean_the_same_key_are_equal(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
    } cases[] = {{"C-L", "C-l"}, {"pgup", "PageUp"},  {"Escape", "Esc"},
                 {"f5", "F5"},   {"Return", "enter"}, {"Del", "Delete"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct key a;
        struct key b;
        assert_true(key_parse(cases[i].a, &a) && key_parse(cases[i].b, &b));
        assert_int_equal(a.code, b.code);
        assert_int_equal(a.mods, b.mods);
    }
}

static void names_of_no_key_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"",       "F0",       "F13",     "F99",
                                        "F1x",    "S-a",      "X-a",     "foo",
                                        "C-",     "ab",       "\x01",    "\xff",
                                        "\x1b[A", "\xcc\x81", "S-Space", "\xe2\x80\xae"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct key key = {.code = 7};
        assert_false(key_parse(names[i], &key));
        assert_int_equal(key.code, 7);
    }
}

static void every_action_is_named_and_fits_its_place(void **state)
{
    (void)state;
    for (int id = 0; id < ACTION_COUNT; id++) {
        const struct action *action = action_info((enum action_id)id);
        assert_non_null(action->name);
        assert_int_equal(action_by_name(action->name), id);
        for (const char *c = action->name; *c != '\0'; c++) {
            assert_true(islower((unsigned char)*c) || *c == '-');
        }
        assert_in_range(surface_cells(action->help), 1, 28);
        assert_true(!action->label || surface_cells(action->label) <= 7);
    }
    assert_int_equal(action_by_name("no-such-action"), ACTION_NONE);
}

static void note_action(void *context, const struct action *action, enum context where,
                        const char *keys)
{
    (void)where;
    bool *seen = context;
    assert_true(keys[0] != '\0');
    seen[action_by_name(action->name)] = true;
}

static void every_action_has_a_key(void **state)
{
    (void)state;
    struct keymap *keymap = make();
    bool seen[ACTION_COUNT] = {false};
    keymap_visit(keymap, note_action, seen);
    for (int id = ACTION_NONE + 1; id < ACTION_COUNT; id++) {
        assert_true(seen[id]);
    }
    keymap_destroy(keymap);
}

static void keys_mean_what_htop_users_expect(void **state)
{
    (void)state;
    static const struct {
        enum context context;
        const char *key;
        enum action_id action;
    } cases[] = {
        {CONTEXT_TABLE, "q", ACTION_QUIT},       {CONTEXT_TABLE, "F10", ACTION_QUIT},
        {CONTEXT_TABLE, "F9", ACTION_SIGNAL},    {CONTEXT_TABLE, "k", ACTION_SIGNAL},
        {CONTEXT_TABLE, "]", ACTION_NICE_DOWN},  {CONTEXT_TABLE, "F8", ACTION_NICE_UP},
        {CONTEXT_TABLE, "P", ACTION_SORT_CPU},   {CONTEXT_TABLE, "M", ACTION_SORT_MEM},
        {CONTEXT_TABLE, "T", ACTION_SORT_TIME},  {CONTEXT_TABLE, "N", ACTION_SORT_PID},
        {CONTEXT_TABLE, "\\", ACTION_FILTER},    {CONTEXT_TABLE, "C-l", ACTION_REFRESH},
        {CONTEXT_TABLE, "1", ACTION_NONE},       {CONTEXT_MENU, "q", ACTION_NONE},
        {CONTEXT_MENU, "Enter", ACTION_ACCEPT},  {CONTEXT_MENU, "C-z", ACTION_SUSPEND},
        {CONTEXT_PROMPT, "q", ACTION_NONE},      {CONTEXT_PROMPT, "C-w", ACTION_ERASE_WORD},
        {CONTEXT_PROMPT, "C-l", ACTION_REFRESH}, {CONTEXT_HELP, "q", ACTION_CANCEL},
        {CONTEXT_ALL, "q", ACTION_NONE},
    };
    struct keymap *keymap = make();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(find(keymap, cases[i].context, cases[i].key), cases[i].action);
    }
    keymap_destroy(keymap);
}

static void a_line_of_the_user_wins(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum context context;
        const char *key;
        enum action_id action;
    } cases[] = {
        {"table x quit", CONTEXT_TABLE, "x", ACTION_QUIT},
        {"table q none", CONTEXT_TABLE, "q", ACTION_NONE},
        {"table # none", CONTEXT_TABLE, "#", ACTION_NONE},
        {"  all\tM-q   quit  # comment\r\n", CONTEXT_MENU, "M-q", ACTION_QUIT},
        {"all é help", CONTEXT_TABLE, "é", ACTION_HELP},
        {"all é help", CONTEXT_PROMPT, "é", ACTION_NONE},
        {"prompt é accept", CONTEXT_PROMPT, "é", ACTION_ACCEPT},
        {"table C-l none", CONTEXT_TABLE, "C-l", ACTION_NONE},
        {"# table q none", CONTEXT_TABLE, "q", ACTION_QUIT},
        {"   ", CONTEXT_TABLE, "q", ACTION_QUIT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keymap *keymap = make();
        char text[200];
        struct strbuf error;
        str_init(&error, text, sizeof(text));
        assert_int_equal(keymap_bind_line(keymap, cases[i].line, &error), 0);
        assert_string_equal(text, "");
        assert_int_equal(find(keymap, cases[i].context, cases[i].key), cases[i].action);
        keymap_destroy(keymap);
    }
}

static void a_wrong_line_is_explained_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"table", "CONTEXT KEY ACTION"},
        {"table q", "CONTEXT KEY ACTION"},
        {"nowhere q quit", "unknown context \"nowhere\" (all, table, inspect, menu, help, "
                           "prompt, graphs)"},
        {"table F13 quit", "unknown key \"F13\""},
        {"table q fly", "unknown action \"fly\""},
        {"table q help now", "comment"},
        {"table aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa quit", "CONTEXT KEY ACTION"},
    };
    struct keymap *keymap = make();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[200];
        struct strbuf error;
        str_init(&error, text, sizeof(text));
        assert_int_equal(keymap_bind_line(keymap, cases[i].line, &error), -EINVAL);
        assert_non_null(strstr(text, cases[i].says));
        assert_int_equal(find(keymap, CONTEXT_TABLE, "q"), ACTION_QUIT);
    }
    keymap_destroy(keymap);
}

static void bindings_have_a_ceiling(void **state)
{
    (void)state;
    struct keymap *keymap = make();
    char text[200];
    struct strbuf error;
    int failed = 0;
    for (unsigned code = 0x4e00; code < 0x4e00 + 3000; code++) {
        char line[64];
        struct strbuf buf;
        str_init(&buf, line, sizeof(line));
        str_add(&buf, "table ");
        key_format((struct key){.code = code}, &buf);
        str_add(&buf, " quit");
        str_init(&error, text, sizeof(text));
        failed += keymap_bind_line(keymap, line, &error) < 0;
    }
    assert_true(failed > 1000);
    assert_int_equal(find(keymap, CONTEXT_TABLE, "F10"), ACTION_QUIT);
    keymap_destroy(keymap);
}

static void the_footer_lists_keys_in_order_and_follows_bindings(void **state)
{
    (void)state;
    struct keymap *keymap = make();
    struct footer_item items[16];
    size_t count = keymap_footer(keymap, CONTEXT_TABLE, items, 16);
    assert_int_equal(count, 10);
    static const char *const labels[] = {"Help", "Columns", "Search", "Filter", "Tree",
                                         "Sort", "Nice-",   "Nice+",  "Kill",   "Quit"};
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(action_info(items[i].action)->label, labels[i]);
    }
    assert_string_equal(items[0].key, "F1");
    assert_string_equal(items[9].key, "F10");

    char text[100];
    struct strbuf error;
    str_init(&error, text, sizeof(text));
    assert_int_equal(keymap_bind_line(keymap, "table F1 none", &error), 0);
    assert_int_equal(keymap_bind_line(keymap, "table F5 none", &error), 0);
    assert_int_equal(keymap_bind_line(keymap, "table t none", &error), 0);
    assert_int_equal(keymap_footer(keymap, CONTEXT_TABLE, items, 16),
                     9); // nothing folds a tree now
    assert_string_equal(items[0].key, "h");
    assert_int_equal(keymap_footer(keymap, CONTEXT_TABLE, items, 2), 2);
    assert_true(keymap_footer(keymap, CONTEXT_MENU, items, 16) >= 2);
    assert_true(keymap_footer(keymap, CONTEXT_PROMPT, items, 16) >= 2);
    assert_string_equal(items[0].key, "Enter");
    keymap_destroy(keymap);
}

static void what_terminals_send_becomes_keys(void **state)
{
    (void)state;
    static const struct {
        uint32_t code;
        const char *key;
    } characters[] = {{'a', "a"},     {1, "C-a"},   {9, "Tab"},       {10, "Enter"},
                      {13, "Enter"},  {27, "Esc"},  {8, "Backspace"}, {127, "Backspace"},
                      {0, "C-Space"}, {28, "C-\\"}, {31, "C-_"},      {0xe9, "é"}};
    struct key is;
    struct key should;
    for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
        assert_true(term_key_from_character(characters[i].code, &is));
        assert_true(key_parse(characters[i].key, &should));
        assert_int_equal(is.code, should.code);
        assert_int_equal(is.mods, should.mods);
    }
    assert_false(term_key_from_character(0x9b, &is));
    assert_false(term_key_from_character(0xd800, &is));
    static const struct {
        const char *name, *key;
    } names[] = {{"kUP", "S-Up"}, {"kUP3", "M-Up"}, {"kDN5", "C-Down"}, {"kDN4", "M-S-Down"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_true(term_key_from_name(names[i].name, &is));
        assert_true(key_parse(names[i].key, &should));
        assert_int_equal(is.code, should.code);
        assert_int_equal(is.mods, should.mods);
    }
    assert_false(term_key_from_name("kUP1", &is));
    assert_false(term_key_from_name("kXX", &is));
    assert_false(term_key_from_name(NULL, &is));
    assert_true(term_key_from_function(15, &is));
    assert_int_equal(is.code, KEYCODE_F1 + 2);
    assert_int_equal(is.mods, MOD_SHIFT);
    assert_false(term_key_from_function(0, &is));
    assert_false(term_key_from_function(61, &is));
}

static void effects_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static struct effects effects;
    static struct target targets[EFFECT_TARGETS_MAX];
    memset(&effects, 0, sizeof(effects));
    static const struct deed deed = {.kind = DEED_SIGNAL, .value = {.number = 15}};
    assert_true(effects_add_deed(&effects, EFFECT_INSPECT, 1, &deed, targets, EFFECT_TARGETS_MAX));
    assert_int_equal(effects.items[0].deed.value.number, 15);
    assert_int_equal(effects.items[0].job, 1);
    assert_false(effects_add_deed(&effects, EFFECT_DEED, 2, &deed, targets, 1));
    assert_int_equal(effects.count, 1);
    for (int i = 0; i < EFFECTS_MAX + 5; i++) {
        effects_add(&effects, EFFECT_QUIT);
    }
    assert_int_equal(effects.count, EFFECTS_MAX);
    assert_false(effects_add_deed(&effects, EFFECT_DEED, 2, &deed, targets, 0));
}

/* Feed what follows Escape; `ret` gets the keys that come out. */
static void feed(const char *text, struct strbuf *ret)
{
    struct term_sequence sequence = {0};
    struct key key;
    assert_true(term_key_from_character((unsigned char)*text++, &key));
    assert_true(term_sequence_begin(&sequence, key));
    for (; *text != '\0'; text++) {
        assert_true(term_key_from_character((unsigned char)*text, &key));
        bool open = sequence.kind != 0;
        enum sequence_step step = open ? term_sequence_feed(&sequence, key, &key) : SEQUENCE_BROKEN;
        if (step == SEQUENCE_IS_KEY || step == SEQUENCE_BROKEN) {
            const bool named = key.code >= KEYCODE_FIRST;
            str_add(ret, named ? "<" : "");
            key_format((struct key){.code = key.code, .mods = named ? key.mods : 0}, ret);
            str_add(ret, named ? ">" : "");
        }
    }
}

static void sequences_are_the_key_most_terminals_mean_or_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text, *keys; // what follows Escape, and what is left of it
    } cases[] = {
        {"[Ix", "x"},        // focus
        {"[<0;50;5Mx", "x"}, // a mouse report
        {"[107;5ux", "x"},   // a key as numbers
        {"[?1;2cx", "x"},    // what the terminal is
        {"[25~x", "x"},      // a key no table has
        {"[5;9~x", "x"},     // Meta, which we have no name for
        {"[1;2;3Ax", "x"},   // too many parameters
        {"[?5~x", "x"},      // private: an answer, not Page Up
        {"[1;5$Ax", "x"},
        {"[99999999999999~x", "x"},
        {"OZx", "x"},
        {"Ok", "+"}, // the keypad
        {"OM", "<Enter>"},
        {"Oyx", "9x"},
        {"[Ax", "<Up>x"}, // keys of a terminal that TERM does not name
        {"OBx", "<Down>x"},
        {"[5~[", "<PgUp>["},
        {"[6~x", "<PgDn>x"},
        {"[20~x", "<F9>x"},
        {"[24;2~x", "<S-F12>x"},
        {"[1;5Px", "<C-F1>x"},
        {"O5Px", "x"},
        {"[[Ax", "<F1>x"}, // the Linux console
        {"[[Fx", "x"},
        {"[1;3Dx", "<M-Left>x"},
        {"[Zx", "<S-Tab>x"},
        {"]11;rgb:00/00/00\ax", "x"}, // an answer, ended by BEL
        {"P1+r544e\033\\x", "x"},     // likewise, by Escape and a backslash
        {"[\003q", "cq"},             // C-c is none of it
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char keys[64];
        struct strbuf buf;
        str_init(&buf, keys, sizeof(keys));
        feed(cases[i].text, &buf);
        assert_string_equal(keys, cases[i].keys);
    }
    struct term_sequence sequence = {0};
    assert_false(term_sequence_begin(&sequence, (struct key){.code = 'k'}));
    assert_false(term_sequence_begin(&sequence, (struct key){.code = KEYCODE_UP}));
    assert_true(term_sequence_begin(&sequence, (struct key){.code = 'P'}));
    term_sequence_pause(&sequence); // Alt-P and something typed, not a string
    assert_int_equal(sequence.kind, 0);
    assert_true(term_sequence_begin(&sequence, (struct key){.code = ']'}));
    struct key key = {.code = 'a'};
    for (int i = 0; i < 511; i++) {
        assert_int_equal(term_sequence_feed(&sequence, key, &key), SEQUENCE_GOES_ON);
    }
    assert_int_not_equal(term_sequence_feed(&sequence, key, &key), SEQUENCE_GOES_ON);
    assert_int_equal(sequence.kind, 0);
}

static void reports_read_together_come_out_in_their_order(void **state)
{
    (void)state;
    struct term_stack stack = {0};
    struct term_event event = {.is_mouse = true, .mouse.kind = MOUSE_RELEASE};
    term_stack_push(&stack, &event); // the last one comes first
    event.mouse.kind = MOUSE_PRESS;
    term_stack_push(&stack, &event);
    assert_true(term_stack_pop(&stack, &event));
    assert_int_equal(event.mouse.kind, MOUSE_PRESS);
    assert_true(term_stack_pop(&stack, &event));
    assert_int_equal(event.mouse.kind, MOUSE_RELEASE);
    assert_false(term_stack_pop(&stack, &event));
    for (int i = 0; i < 20; i++) {
        term_stack_push(&stack, &event);
    }
    assert_int_equal(stack.count, 16);
    assert_false(term_is_escape(&event));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_names_read_and_write_the_same),
        cmocka_unit_test(names_that_mean_the_same_key_are_equal),
        cmocka_unit_test(names_of_no_key_are_refused),
        cmocka_unit_test(every_action_is_named_and_fits_its_place),
        cmocka_unit_test(every_action_has_a_key),
        cmocka_unit_test(keys_mean_what_htop_users_expect),
        cmocka_unit_test(a_line_of_the_user_wins),
        cmocka_unit_test(a_wrong_line_is_explained_and_changes_nothing),
        cmocka_unit_test(bindings_have_a_ceiling),
        cmocka_unit_test(the_footer_lists_keys_in_order_and_follows_bindings),
        cmocka_unit_test(what_terminals_send_becomes_keys),
        cmocka_unit_test(sequences_are_the_key_most_terminals_mean_or_nothing),
        cmocka_unit_test(reports_read_together_come_out_in_their_order),
        cmocka_unit_test(effects_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
