#include "base/str.h"
#include "check.h"
#include "screen.h"
#include "ui/cpu_picker.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A machine: packages with nodes with cores with threads, all alike. */
struct machine {
    uint32_t packages, nodes, cores, threads; // each within one of the former
    uint32_t p_cores;                         // of a package; 0: no kinds are known
    const char *offline;
};

/* Numbered as Linux does: the first threads of all cores, then the second ones. */
static struct topology *make_topology(const struct machine *machine)
{
    uint32_t cores = machine->packages * machine->nodes * machine->cores;
    size_t count = (size_t)cores * machine->threads;
    struct topology *topology = calloc(1, sizeof(*topology) + count * sizeof(struct cpu_place));
    assert_non_null(topology);
    struct cpu_set offline = {0};
    assert_int_equal(cpu_set_parse(machine->offline ? machine->offline : "", &offline), 0);
    for (uint32_t core = 0; core < cores; core++) {
        for (uint32_t thread = 0; thread < machine->threads; thread++) {
            uint32_t in_package = core % (machine->nodes * machine->cores);
            uint32_t cpu = core + thread * cores;
            topology->places[topology->count++] = (struct cpu_place){
                .cpu = cpu,
                .package = (int32_t)(core / (machine->nodes * machine->cores)),
                .node = (int32_t)(core / machine->cores),
                .core = (int32_t)in_package,
                .thread = (int32_t)thread,
                .kind = machine->p_cores == 0           ? CORE_UNKNOWN
                        : in_package < machine->p_cores ? CORE_PERFORMANCE
                                                        : CORE_EFFICIENCY,
                .online = !cpu_set_has(&offline, cpu),
            };
        }
    }
    return topology;
}

static struct cpu_set set_of(const char *list)
{
    struct cpu_set set = {0};
    assert_int_equal(cpu_set_parse(list, &set), 0);
    return set;
}

static void know(struct cpu_picker *picker, const struct machine *machine, const char *allowed,
                 const char *chosen)
{
    struct topology *topology = machine ? make_topology(machine) : NULL;
    struct cpu_set may = set_of(allowed);
    struct cpu_set has = set_of(chosen);
    assert_int_equal(cpu_picker_set(picker, topology, &may, &has), 0);
    free(topology);
}

static struct cpu_picker *make(const struct machine *machine, const char *allowed,
                               const char *chosen)
{
    struct cpu_picker *picker = cpu_picker_create("CPUs of 4242 nginx");
    assert_non_null(picker);
    know(picker, machine, allowed, chosen);
    cpu_picker_layout(picker, 20);
    return picker;
}

static const struct machine one_core_each = {1, 1, 4, 1, 0, NULL};
static const struct machine two_threads = {1, 1, 4, 2, 0, NULL};
static const struct machine two_packages = {2, 1, 2, 2, 0, NULL};
static const struct machine two_nodes_each = {2, 2, 2, 1, 0, NULL};
static const struct machine hybrid = {1, 1, 6, 1, 2, NULL};
static const struct machine some_offline = {1, 1, 4, 1, 0, "3"};

static const char *chosen(const struct cpu_picker *picker)
{
    static char list[65536];
    struct strbuf buf;
    str_init(&buf, list, sizeof(list));
    cpu_set_format(cpu_picker_chosen(picker), &buf);
    return list;
}

/*
 * Keys as a person types them: 'U' and 'D' up and down, 'H' and 'E' first and last, 'F' and 'B' a
 * page on and back, space toggles, '<' erases, '#' erases all, '!' accepts. Returns the outcome
 * of the last one.
 */
static enum menu_outcome type(struct cpu_picker *picker, const char *keys)
{
    static const struct {
        char key;
        enum action_id action;
    } actions[] = {
        {'U', ACTION_UP},          {'D', ACTION_DOWN},       {'H', ACTION_FIRST},
        {'E', ACTION_LAST},        {'F', ACTION_PAGE_DOWN},  {'B', ACTION_PAGE_UP},
        {' ', ACTION_TOGGLE_ITEM}, {'<', ACTION_ERASE_BACK}, {'#', ACTION_ERASE_ALL},
        {'W', ACTION_ERASE_WORD},  {'!', ACTION_ACCEPT},
    };
    enum menu_outcome outcome = MENU_OPEN;
    for (; *keys != '\0'; keys++) {
        enum action_id action = ACTION_NONE;
        for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
            action = actions[i].key == *keys ? actions[i].action : action;
        }
        outcome = action != ACTION_NONE
                      ? cpu_picker_act(picker, action)
                      : cpu_picker_key(picker, (struct key){.code = (uint32_t)*keys});
    }
    return outcome;
}

static struct surface draw(struct cpu_picker *picker, int width, int height)
{
    struct surface surface = {0};
    assert_int_equal(surface_resize(&surface, width, height), 0);
    cpu_picker_layout(picker, height);
    cpu_picker_draw(picker, &surface);
    return surface;
}

static bool shows(struct cpu_picker *picker, const char *text)
{
    struct surface surface = draw(picker, 60, 20);
    bool found = screen_has(&surface, text);
    surface_finish(&surface);
    return found;
}

static void keys_choose_what_they_say(void **state)
{
    (void)state;
    static const struct {
        const struct machine *machine;
        const char *allowed, *before, *keys, *after;
    } cases[] = {
        /* rows; with threads the second row is the first thread of the first core */
        {&one_core_each, "0-3", "0-3", " ", "1-3"},
        {&one_core_each, "0-3", "1-3", "D ", "2-3"},
        {&one_core_each, "0-3", "0", "E ", "0,3"},
        {&two_threads, "0-7", "0-7", " ", "1-3,5-7"},
        {&two_threads, "0-7", "0-7", "D ", "1-7"},
        {&two_threads, "0-7", "1", "D  ", "1"},
        {&two_threads, "0-7", "0", " ", "0,4"},
        {&two_packages, "0-7", "0", " ", "0-1,4-5"},
        {&two_packages, "0-7", "0-7", " ", "2-3,6-7"},
        {&two_nodes_each, "0-7", "0", "D ", "0-1"},
        {&two_nodes_each, "0-7", "0", " ", "0-3"},
        /* what cannot be chosen is left out */
        {&two_threads, "0-3", "0-3", " ", "1-3"},
        {&two_threads, "0-3", "1-3", " ", "0-3"},
        {&two_threads, "1-3", "1-3", " ", "1-3"},
        {&some_offline, "0-3", "0-3", "", "0-2"},
        {&some_offline, "0-3", "0", "E ", "0"},
        /* presets */
        {&two_threads, "0-7", "3", "a", "0-7"},
        {&two_threads, "0-6", "3", "a", "0-6"},
        {&two_threads, "0-7", "0-7", "o", "0-3"},
        {&two_threads, "1-7", "1-7", "o", "1-4"},
        {&two_threads, "0-7", "0-2", "i", "3-7"},
        {&two_threads, "0-7", "0-7", "c", ""},
        {&two_threads, "0-7", "0", "p", "0"},
        {&two_packages, "0-7", "0-7", "n", "0-1,4-5"},
        {&two_packages, "0-7", "0-7", "En", "2-3,6-7"},
        {&two_nodes_each, "0-7", "0", "n", "0-3"},
        {&two_nodes_each, "0-7", "0", "Dn", "0-1"},
        {&two_nodes_each, "0-7", "0", "En", "6-7"},
        {&one_core_each, "0-3", "0", "n", "0"},
        {&hybrid, "0-5", "0", "p", "0-1"},
        {&hybrid, "0-4", "0", "e", "2-4"},
        {&hybrid, "0-5", "0", "A", "0"},
        /* typing */
        {&two_threads, "0-7", "0-7", "2", "2"},
        {&two_threads, "0-7", "0-7", "0-3,6", "0-3,6"},
        {&two_threads, "0-7", "0-7", "0-6:2", "0,2,4,6"},
        {&two_threads, "0-7", "0-2", ",5", "0-2,5"},
        {&two_threads, "0-7", "0", "<", ""},
        {&two_threads, "0-7", "0-2,5", "<<", "0-2"},
        {&two_threads, "0-7", "0-2,5", "W", "0-2"},
        {&two_threads, "0-7", "0-2", "W", ""},
        {&two_threads, "0-7", "0-7", "#1", "1"},
        {&two_threads, "0-7", "0-7", "1-", "1"},
        {&two_threads, "0-7", "0-7", "1-0", "1"},
        {&two_threads, "0-3", "0-3", "2-99", "2-3"},
        {&two_threads, "0-7", "0-7", "1 E ", "0-1,4,7"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cpu_picker *picker = make(cases[i].machine, cases[i].allowed, cases[i].before);
        assert_int_equal(type(picker, cases[i].keys), MENU_OPEN);
        if (!str_equal(chosen(picker), cases[i].after)) {
            fail_msg("case %zu: \"%s\" chose %s", i, cases[i].keys, chosen(picker));
        }
        cpu_picker_destroy(picker);
    }
}

static void enter_takes_only_a_choice_that_means_something(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *says;
        enum menu_outcome outcome;
    } cases[] = {
        {"!", NULL, MENU_CHOSEN},
        {"1-2!", NULL, MENU_CHOSEN},
        {"#!", "choose at least one CPU", MENU_OPEN},
        {"c!", "choose at least one CPU", MENU_OPEN},
        {"1-!", "not a list of CPUs: write them like 0-3,8", MENU_OPEN},
        {"3-1!", "not a list of CPUs: write them like 0-3,8", MENU_OPEN},
        {"9999!", "not a list of CPUs: write them like 0-3,8", MENU_OPEN},
        {"6!", "none of these CPUs can be chosen", MENU_OPEN},
        {"1-!<!", NULL, MENU_CHOSEN},
        {"q", NULL, MENU_CANCELLED},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cpu_picker *picker = make(&two_threads, "0-3", "0-3");
        assert_int_equal(type(picker, cases[i].keys), cases[i].outcome);
        assert_true(cases[i].says == NULL || shows(picker, cases[i].says));
        cpu_picker_destroy(picker);
    }
    struct cpu_picker *picker = make(&two_threads, "0-3", "0-3");
    assert_int_equal(cpu_picker_act(picker, ACTION_CANCEL), MENU_CANCELLED);
    cpu_picker_destroy(picker);
    cpu_picker_destroy(NULL);
}

static void it_says_what_is_left_out_and_why(void **state)
{
    (void)state;
    static const struct machine machine = {1, 1, 8, 1, 0, "3"};
    struct cpu_picker *picker = make(&machine, "0-3", "0");
    assert_true(shows(picker, "its cpuset allows 0-3"));
    (void)type(picker, "1-5");
    assert_true(shows(picker, "left out: 3 (offline), 4-5 (not allowed by its cpuset)"));
    (void)type(picker, "#99");
    assert_true(shows(picker, "left out: 99 (not there)"));
    (void)type(picker, "E ");
    assert_true(shows(picker, "│ not allowed by its cpuset"));
    assert_true(shows(picker, "    core 3  (CPU 3)  offline"));
    assert_true(shows(picker, "    core 7  (CPU 7)  not allowed by its cpuset"));
    cpu_picker_destroy(picker);
    picker = make(&two_threads, "0-7", "0");
    assert_false(shows(picker, "cpuset"));
    cpu_picker_destroy(picker);
}

static void the_answer_to_a_key_goes_with_the_next_one(void **state)
{
    (void)state;
    struct cpu_picker *picker = make(&two_threads, "0-7", "0");
    cpu_picker_set_note(picker, "all 12 threads", false);
    (void)type(picker, "#!");
    cpu_picker_set_note(picker, "all 12 threads", false); // said again after every key
    assert_true(shows(picker, "choose at least one CPU"));
    assert_false(shows(picker, "all 12 threads"));
    (void)type(picker, "a");
    assert_true(shows(picker, "all 12 threads"));
    assert_false(shows(picker, "choose at least one CPU"));
    cpu_picker_destroy(picker);
}

static void the_line_follows_the_ticks_and_the_ticks_the_line(void **state)
{
    (void)state;
    struct cpu_picker *picker = make(&two_threads, "0-7", "0-7");
    assert_true(shows(picker, "CPUs: 0-7 "));
    assert_true(shows(picker, "[x] core 1  (CPU 1, 5)"));
    (void)type(picker, "1,");
    assert_true(shows(picker, "CPUs: 1,_"));
    assert_true(shows(picker, "[-] core 1  (CPU 1, 5)")); // the last list that was one
    (void)type(picker, "5,3");
    assert_true(shows(picker, "CPUs: 1,5,3_"));
    assert_true(shows(picker, "[x] core 1  (CPU 1, 5)"));
    assert_true(shows(picker, "[ ] core 0  (CPU 0, 4)"));
    (void)type(picker, " ");
    assert_true(shows(picker, "CPUs: 0-1,3-5 "));
    assert_true(shows(picker, " 5 of 8 chosen "));
    (void)type(picker, "c");
    assert_true(shows(picker, "CPUs: _ type them, as 0-3,8"));
    cpu_picker_destroy(picker);
}

static void an_invalid_line_is_in_the_role_of_errors(void **state)
{
    (void)state;
    struct cpu_picker *picker = make(&two_threads, "0-7", "0-7");
    for (int invalid = 0; invalid < 2; invalid++) {
        (void)type(picker, invalid ? "-" : "1");
        struct surface surface = draw(picker, 60, 20);
        const struct cell *cell = &surface.cells[2 * surface.width + 8]; // behind "CPUs: "
        assert_int_equal(cell->glyph[0], '1');
        assert_int_equal(cell->role, invalid ? ROLE_ERROR : ROLE_MENU);
        surface_finish(&surface);
    }
    cpu_picker_destroy(picker);
}

static void keys_that_mean_nothing_change_nothing(void **state)
{
    (void)state;
    struct cpu_picker *picker = make(&two_threads, "0-7", "0-3,6");
    (void)type(picker, "<<");
    assert_string_equal(chosen(picker), "0-3");
    (void)cpu_picker_key(picker, (struct key){.code = 'a', .mods = MOD_ALT});
    (void)cpu_picker_key(picker, (struct key){.code = KEYCODE_F1});
    (void)cpu_picker_key(picker, (struct key){.code = 0x4e2d});
    (void)cpu_picker_key(picker, (struct key){.code = 0});
    assert_string_equal(chosen(picker), "0-3");
    (void)type(picker, "#");
    assert_string_equal(chosen(picker), "");
    (void)type(picker, "<"); // of nothing
    (void)type(picker, "1,2");
    (void)type(picker, "W");
    assert_string_equal(chosen(picker), "1");
    for (int i = 0; i < 5000; i++) { // there is an end to it
        (void)type(picker, ",");
    }
    assert_true(shows(picker, "this is too long"));
    (void)type(picker, "#1!");
    assert_string_equal(chosen(picker), "1");
    cpu_picker_destroy(picker);
}

static void a_stray_letter_keeps_a_list_half_typed(void **state)
{
    (void)state;
    static const char *const letters[] = {"c", "a", "o", "i", "ccc"};
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        struct cpu_picker *picker = make(&two_threads, "0-7", "0-7");
        (void)type(picker, "0-");
        (void)type(picker, letters[i]);
        assert_true(shows(picker, "CPUs: 0-"));
        assert_true(shows(picker, "not complete"));
        (void)type(picker, "3");
        assert_string_equal(chosen(picker), "0-3");
        (void)type(picker, "c"); // means what it says again
        assert_string_equal(chosen(picker), "");
        cpu_picker_destroy(picker);
    }
}

static void what_comes_late_leaves_what_was_changed(void **state)
{
    (void)state;
    struct cpu_picker *picker = cpu_picker_create("CPUs");
    assert_non_null(picker);
    cpu_picker_layout(picker, 20);
    assert_true(shows(picker, "reading ..."));
    assert_int_equal(type(picker, "aU !"), MENU_OPEN); // nothing to choose from yet
    (void)type(picker, "2-9");
    assert_string_equal(chosen(picker), "2-9");
    know(picker, &two_threads, "0-3", "0-3");
    assert_string_equal(chosen(picker), "2-3");
    assert_true(shows(picker, "CPUs: 2-9_"));
    assert_true(shows(picker, "left out: 8-9 (not there), 4-7"));
    know(picker, &two_threads, "0-7", "0-7"); // about other processes
    assert_string_equal(chosen(picker), "2-7");
    (void)type(picker, "HU ");
    know(picker, &two_threads, "0-3", "0-7");
    assert_string_equal(chosen(picker), "0,2-3");
    assert_true(shows(picker, "CPUs: 0,2-3 "));
    cpu_picker_destroy(picker);

    picker = make(&two_threads, "0-7", "0-3");
    (void)type(picker, "DUFB");
    know(picker, &one_core_each, "0-3", "1-2");
    assert_string_equal(chosen(picker), "1-2"); // moving is no change
    cpu_picker_destroy(picker);
}

static void without_topology_it_is_a_plain_list(void **state)
{
    (void)state;
    struct cpu_picker *picker = make(NULL, "2,4-6", "2-6");
    assert_string_equal(chosen(picker), "2,4-6");
    assert_true(shows(picker, "[x] CPU 2"));
    assert_false(shows(picker, "CPU 3"));
    (void)type(picker, "D o");
    assert_string_equal(chosen(picker), "2,4-6");
    (void)type(picker, "3-4");
    assert_true(shows(picker, "left out: 3 (not allowed by its cpuset)"));
    cpu_picker_destroy(picker);

    picker = make(NULL, "", ""); // nothing is known at all
    assert_true(shows(picker, "the CPUs are not known"));
    (void)type(picker, "UDFBHE a");
    assert_true(shows(picker, "the CPUs are not known; type their numbers"));
    assert_int_equal(type(picker, "3!"), MENU_CHOSEN);
    assert_string_equal(chosen(picker), "3");
    cpu_picker_destroy(picker);
}

static void strange_topologies_do_no_harm(void **state)
{
    (void)state;
    struct topology *topology = calloc(1, sizeof(*topology) + 6 * sizeof(struct cpu_place));
    assert_non_null(topology);
    topology->count = 6;
    static const struct cpu_place places[] = {
        {.cpu = 5, .package = 1, .node = -1, .core = -1, .online = true}, // not in order
        {.cpu = 0, .package = 0, .node = 0, .core = 0, .online = true},
        {.cpu = 4, .package = -1, .node = -1, .core = -1, .thread = -1, .online = true},
        {.cpu = 1, .package = 0, .node = 0, .core = 0, .thread = 1, .online = true},
        {.cpu = 1, .package = 0, .node = 0, .core = 0, .thread = 1, .online = true}, // again
        {.cpu = UINT32_MAX, .package = 0, .node = 0, .core = 1, .online = true},     // no CPU
    };
    memcpy(topology->places, places, sizeof(places));
    struct cpu_set all = set_of("0-8191");
    struct cpu_picker *picker = cpu_picker_create("CPUs");
    assert_non_null(picker);
    assert_int_equal(cpu_picker_set(picker, topology, &all, &all), 0);
    free(topology);
    cpu_picker_layout(picker, 20);
    assert_string_equal(chosen(picker), "0-1,4-5");
    assert_true(shows(picker, "[x] package not known  (CPU 4)"));
    assert_true(shows(picker, "  [x] core 0  (CPU 0-1)"));
    (void)type(picker, "o");
    assert_string_equal(chosen(picker), "0,4-5");
    cpu_picker_destroy(picker);
}

static void levels_that_tell_nothing_are_left_out(void **state)
{
    (void)state;
    struct cpu_picker *picker = make(&one_core_each, "0-3", "0");
    assert_true(shows(picker, "│ [x] core 0  (CPU 0)"));
    assert_false(shows(picker, "package"));
    assert_false(shows(picker, "node"));
    assert_false(shows(picker, "[x] CPU"));
    cpu_picker_destroy(picker);
    picker = make(&two_packages, "0-7", "0"); // each is a node
    assert_true(shows(picker, "│ [-] package 0, node 0  (CPU 0-1, 4-5)"));
    assert_true(shows(picker, "│   [-] core 0  (CPU 0, 4)"));
    assert_true(shows(picker, "│     [x] CPU 0 "));
    assert_true(shows(picker, "n package"));
    cpu_picker_destroy(picker);
    picker = make(&two_nodes_each, "0-7", "0");
    assert_true(shows(picker, "│   [-] node 0  (CPU 0-1)"));
    assert_true(shows(picker, "n node"));
    cpu_picker_destroy(picker);
    static const struct machine two_nodes = {1, 2, 2, 1, 0, NULL};
    picker = make(&two_nodes, "0-3", "0");
    assert_true(shows(picker, "│ [-] node 0  (CPU 0-1)"));
    cpu_picker_destroy(picker);
    static const struct machine all_alike = {1, 1, 4, 1, 4, NULL};
    picker = make(&all_alike, "0-3", "0");
    assert_false(shows(picker, "P-core"));
    cpu_picker_destroy(picker);
}

static void a_press_moves_and_a_second_one_ticks(void **state)
{
    (void)state;
    struct cpu_picker *picker = make(&one_core_each, "0-3", "0-3"); // rows from 3 on
    struct mouse press = {.kind = MOUSE_PRESS, .x = 3, .y = 4, .button = 1};
    assert_int_equal(cpu_picker_mouse(picker, &press), MENU_OPEN);
    assert_string_equal(chosen(picker), "0-3");
    assert_int_equal(cpu_picker_mouse(picker, &press), MENU_OPEN);
    assert_string_equal(chosen(picker), "0,2-3");
    static const int absurd[] = {-1, 0, 1, 2, 7, 100, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
        press.y = absurd[i];
        assert_int_equal(cpu_picker_mouse(picker, &press), MENU_OPEN);
        assert_string_equal(chosen(picker), "0,2-3");
    }
    struct mouse wheel = {.kind = MOUSE_WHEEL_DOWN};
    (void)cpu_picker_mouse(picker, &wheel);
    (void)type(picker, " ");
    assert_string_equal(chosen(picker), "0,2");
    wheel.kind = MOUSE_WHEEL_UP;
    (void)cpu_picker_mouse(picker, &wheel);
    (void)type(picker, " ");
    assert_string_equal(chosen(picker), "2");
    cpu_picker_destroy(picker);
}

static void a_press_means_the_row_under_it_in_every_height(void **state)
{
    (void)state;
    static const struct machine machine = {1, 1, 64, 1, 0, NULL};
    for (int height = 4; height < 40; height++) {
        for (int notes = 0; notes < 4; notes++) {
            struct cpu_picker *picker = make(&machine, notes & 1 ? "0-62" : "0-63", "0-9");
            cpu_picker_set_note(picker, notes & 2 ? "a note about it" : "", false);
            (void)type(picker, height % 2 ? "E" : "H");
            struct surface surface = draw(picker, 60, height);
            int y = 0;
            while (!strstr(screen_row(&surface, y), " core ")) {
                y++;
            }
            const char *row = strstr(screen_row(&surface, y), "(CPU ");
            assert_non_null(row);
            char label[32];
            struct strbuf buf;
            str_init(&buf, label, sizeof(label));
            str_addf(&buf, "[ ] core %d ", atoi(row + 5));
            struct mouse press = {.kind = MOUSE_PRESS, .x = 3, .y = y, .button = 1};
            (void)type(picker, "a"); // the first press moves, or ticks when it is there already
            (void)cpu_picker_mouse(picker, &press);
            surface_finish(&surface);
            surface = draw(picker, 60, height);
            if (!screen_has(&surface, "[ ] core")) {
                (void)cpu_picker_mouse(picker, &press);
                surface_finish(&surface);
                surface = draw(picker, 60, height);
            }
            bool forbidden = (notes & 1) != 0 && strstr(label, "core 63 ");
            if (!forbidden && !screen_has(&surface, label)) {
                fail_msg("height %d, notes %d: not %s", height, notes, label);
            }
            surface_finish(&surface);
            cpu_picker_destroy(picker);
        }
    }
}

static void it_draws_at_every_size(void **state)
{
    (void)state;
    static const int sides[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 60, 200};
    enum { SIDES = sizeof(sides) / sizeof(sides[0]) };
    struct cpu_picker *picker = make(&two_nodes_each, "0-5", "0-3");
    cpu_picker_set_note(picker, "a rather long note about the processes it is for and more", false);
    (void)type(picker, "DD");
    for (size_t i = 0; i < SIDES * SIDES; i++) {
        struct surface surface = draw(picker, sides[i / SIDES], sides[i % SIDES]);
        if (surface.width >= 20 && surface.height >= 5) {
            assert_true(screen_has(&surface, "[x] core 0"));
            assert_true(screen_has(&surface, "CPUs: 0-3"));
        }
        surface_finish(&surface);
    }
    cpu_picker_destroy(picker);
}

static double seconds(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void as_many_cpus_as_there_can_be_are_no_slower_to_use(void **state)
{
    (void)state;
    static const struct machine machine = {8, 4, 128, 2, 64, NULL};
    struct cpu_picker *picker = make(&machine, "0-8191", "0-8191");
    double before = seconds();
    for (int i = 0; i < 100; i++) {
        (void)type(picker, i % 2 ? "E o" : "Hi,8000");
        struct surface surface = draw(picker, 60, 60);
        assert_true(cpu_picker_width(picker) == 60);
        surface_finish(&surface);
    }
    assert_true(seconds() - before < 20); // 400 keys; also with sanitizers on a busy machine
    (void)type(picker, "0-8190:2");
    (void)type(picker, "EE ");
    assert_int_equal(cpu_set_count(cpu_picker_chosen(picker)), 4097);
    /* the longest list there is, and something typed behind it */
    (void)type(picker, "c0-8191:3 i");
    assert_true(cpu_set_count(cpu_picker_chosen(picker)) > 5000);
    size_t count = cpu_set_count(cpu_picker_chosen(picker));
    (void)type(picker, ",9!");
    assert_int_equal(cpu_set_count(cpu_picker_chosen(picker)), count + 1);
    struct surface surface = draw(picker, 60, 20);
    assert_true(screen_has(&surface, ",9_"));
    surface_finish(&surface);
    cpu_picker_destroy(picker);
}

static void check_drawn(struct cpu_picker *picker, int width, int height, const char *name)
{
    struct surface surface = draw(picker, width, height);
    screen_check(&surface, name);
    surface_finish(&surface);
}

static void it_looks_right(void **state)
{
    (void)state;
    static const struct machine server = {2, 2, 2, 2, 0, "15"};
    struct cpu_picker *picker = make(&server, "0-5,8-15", "0-2,8-10");
    cpu_picker_set_note(picker, "all 12 threads; Tab: only thread 4250", false);
    (void)type(picker, "DD");
    check_drawn(picker, cpu_picker_width(picker), 20, "cpus-server");
    check_drawn(picker, 40, 10, "cpus-server-40x10");
    check_drawn(picker, 20, 5, "cpus-server-20x5");
    (void)type(picker, "6,");
    check_drawn(picker, cpu_picker_width(picker), 20, "cpus-invalid");
    cpu_picker_destroy(picker);
    static const struct machine laptop = {1, 1, 6, 1, 2, NULL};
    picker = make(&laptop, "0-5", "0-5");
    (void)type(picker, "p");
    check_drawn(picker, cpu_picker_width(picker), 12, "cpus-hybrid");
    cpu_picker_destroy(picker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_choose_what_they_say),
        cmocka_unit_test(enter_takes_only_a_choice_that_means_something),
        cmocka_unit_test(it_says_what_is_left_out_and_why),
        cmocka_unit_test(the_answer_to_a_key_goes_with_the_next_one),
        cmocka_unit_test(the_line_follows_the_ticks_and_the_ticks_the_line),
        cmocka_unit_test(an_invalid_line_is_in_the_role_of_errors),
        cmocka_unit_test(keys_that_mean_nothing_change_nothing),
        cmocka_unit_test(a_stray_letter_keeps_a_list_half_typed),
        cmocka_unit_test(what_comes_late_leaves_what_was_changed),
        cmocka_unit_test(without_topology_it_is_a_plain_list),
        cmocka_unit_test(strange_topologies_do_no_harm),
        cmocka_unit_test(levels_that_tell_nothing_are_left_out),
        cmocka_unit_test(a_press_moves_and_a_second_one_ticks),
        cmocka_unit_test(a_press_means_the_row_under_it_in_every_height),
        cmocka_unit_test(it_draws_at_every_size),
        cmocka_unit_test(as_many_cpus_as_there_can_be_are_no_slower_to_use),
        cmocka_unit_test(it_looks_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
