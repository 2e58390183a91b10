/* What a person does to find a process, with the real program in a terminal. */

#include "check.h"
#include "scene.h"
#include "world.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void the_first_screen_shows_meters_processes_and_keys(void **state)
{
    (void)state;
    struct child alpha;
    struct child bravo;
    child_start(&alpha, "alpha");
    child_start(&bravo, "bravo");
    struct pty *pty = scene_open(NULL);
    static const char *const texts[] = {"alpha", "bravo", "Mem", "Load", "F10", "CPU%", "Command"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        pty_expect(pty, texts[i]);
    }
    scene_close(pty);
}

static void processes_come_and_go(void **state)
{
    (void)state;
    struct child alpha;
    child_start(&alpha, "alpha");
    struct pty *pty = scene_open((const char *const[]){"-d", "0.2", NULL});
    pty_expect(pty, "alpha");
    if (world_is_ours()) {
        struct child late;
        child_start(&late, "latecomer");
        pty_expect(pty, "latecomer");
        child_finish(&late);
        pty_expect_gone(pty, "latecomer");
    }
    pty_expect(pty, "alpha");
    scene_close(pty);
}

static void letters_choose_the_sort_column(void **state)
{
    (void)state;
    struct child alpha;
    struct child bravo;
    child_start(&alpha, "alpha");
    child_start(&bravo, "bravo");
    struct pty *pty = scene_open(NULL);
    pty_type(pty, "N"); // by pid, and alpha was started first
    scene_expect_order(pty, "alpha", "bravo");
    pty_type(pty, "I");
    scene_expect_order(pty, "bravo", "alpha");
    pty_type(pty, "I");
    scene_expect_order(pty, "alpha", "bravo");
    static const struct {
        const char *key, *title;
    } cases[] = {{"P", "CPU%"}, {"M", "MEM%"}, {"T", "TIME+"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char marked[32];
        (void)snprintf(marked, sizeof(marked), "%s▽", cases[i].title);
        pty_type(pty, cases[i].key);
        pty_expect(pty, marked);
    }
    scene_close(pty);
}

static void the_menu_chooses_the_sort_column(void **state)
{
    (void)state;
    struct child bravo;
    struct child alpha;
    child_start(&bravo, "zz-bravo"); // the pids say otherwise than the names
    child_start(&alpha, "zz-alpha");
    struct pty *pty = scene_open(NULL);
    pty_type(pty, "N");
    scene_expect_order(pty, "zz-bravo", "zz-alpha");
    pty_press(pty, VTERM_KEY_FUNCTION(6));
    pty_expect(pty, "Sort");
    pty_type(pty, "Command");
    pty_press(pty, VTERM_KEY_ENTER);
    scene_expect_order(pty, "zz-alpha", "zz-bravo");
    scene_close(pty);
}

static void a_click_on_a_title_sorts_by_it(void **state)
{
    (void)state;
    struct child alpha;
    struct child bravo;
    child_start(&alpha, "alpha");
    child_start(&bravo, "bravo");
    struct pty *pty = scene_open(NULL);
    pty_expect(pty, "bravo");
    int head = scene_head_row(pty);
    int x = pty_find_column(pty, head, "PID");
    pty_click(pty, x, head);
    pty_expect(pty, "PID△");
    scene_expect_order(pty, "alpha", "bravo");
    pty_click(pty, x, head);
    scene_expect_order(pty, "bravo", "alpha");
    scene_close(pty);
}

static void search_goes_to_the_match_while_typing(void **state)
{
    (void)state;
    struct child children[3];
    child_start(&children[0], "alpha");
    child_start(&children[1], "needle-one");
    child_start(&children[2], "needle-two");
    struct pty *pty = scene_open(NULL);
    pty_type(pty, "N");
    pty_expect(pty, "needle-two");
    pty_press(pty, VTERM_KEY_HOME);
    pty_type(pty, "/needle");
    scene_expect_cursor_on(pty, "needle-one");
    pty_type(pty, "-t");
    scene_expect_cursor_on(pty, "needle-two");
    pty_press(pty, VTERM_KEY_ENTER);
    scene_expect_cursor_on(pty, "needle-two");
    scene_close(pty);
}

/* The name of the process would end the sequence and clear the screen, were it sent as it is. */
static void a_copied_line_is_one_sequence_that_no_name_gets_out_of(void **state)
{
    (void)state;
    struct child hostile;
    child_start(&hostile, "cp\a\033[2J");
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "cp");
    pty_drain(pty, 100);
    assert_int_equal(pty_clipboard_count(pty), 0); // never unasked
    pty_type(pty, "y");
    pty_expect(pty, "copied: ");
    pty_expect(pty, "cp");
    pty_drain(pty, 100); // the sequence and the screen are written one after the other
    assert_int_equal(pty_clipboard_count(pty), 1);
    const char *sent = pty_clipboard(pty);
    const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    assert_true(strlen(sent) > 4 && strlen(sent) % 4 == 0);
    assert_int_equal(strspn(sent, digits), strlen(sent));
    scene_close(pty);
}

static void the_filter_hides_what_does_not_match(void **state)
{
    (void)state;
    struct child alpha;
    struct child bravo;
    child_start(&alpha, "alpha");
    child_start(&bravo, "bravo");
    struct pty *pty = scene_open(NULL);
    pty_expect(pty, "alpha");
    pty_press(pty, VTERM_KEY_FUNCTION(4));
    pty_type(pty, "brav");
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect_gone(pty, "alpha");
    pty_expect(pty, "bravo");
    pty_press(pty, VTERM_KEY_FUNCTION(4));
    for (int i = 0; i < 4; i++) {
        pty_press(pty, VTERM_KEY_BACKSPACE);
    }
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect(pty, "alpha");
    scene_close(pty);
}

static void the_tree_folds_and_unfolds(void **state)
{
    (void)state;
    if (!world_is_ours()) {
        skip();
    }
    struct child oak;
    child_start_family(&oak, "oak", 3);
    struct pty *pty = scene_open(NULL);
    pty_expect(pty, "oak-3");
    pty_press(pty, VTERM_KEY_FUNCTION(5));
    pty_expect(pty, "├─ oak-1");
    pty_expect(pty, "└─ oak-3");
    scene_go_to(pty, "oak");
    pty_type(pty, "-");
    pty_expect_gone(pty, "oak-1");
    pty_expect_gone(pty, "oak-3");
    pty_type(pty, "+");
    pty_expect(pty, "├─ oak-1");
    pty_type(pty, "t");
    pty_expect_gone(pty, "├─");
    pty_expect(pty, "oak-2");
    scene_close(pty);
}

static void a_tagged_row_looks_different(void **state)
{
    (void)state;
    struct child children[3];
    child_start(&children[0], "zz-alpha");
    child_start(&children[1], "zz-bravo");
    child_start(&children[2], "zz-delta");
    struct pty *pty = scene_open(NULL);
    pty_type(pty, "N");
    scene_go_to(pty, "zz-alpha");
    pty_type(pty, " "); // tags and goes on
    scene_expect_cursor_on(pty, "zz-bravo");
    int tagged = pty_find_row(pty, 0, "zz-alpha");
    int plain = pty_find_row(pty, 0, "zz-delta");
    int x = pty_find_column(pty, plain, "zz-delta");
    assert_false(pty_same_style(pty, x, tagged, x, plain));
    pty_type(pty, "U");
    pty_drain(pty, 300);
    assert_true(pty_same_style(pty, x, tagged, x, plain));
    scene_close(pty);
}

static void every_size_is_survived(void **state)
{
    (void)state;
    static const struct {
        int width, height;
    } sizes[] = {{1, 1}, {200, 60}, {1, 60},    {200, 1}, {40, 10},
                 {3, 3}, {17, 5},   {400, 200}, {2, 1}};
    struct child alpha;
    child_start(&alpha, "alpha");
    struct pty *pty = scene_open((const char *const[]){"-d", "0.1", NULL});
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        pty_resize(pty, sizes[i].width, sizes[i].height);
        pty_drain(pty, 30);
        pty_press(pty, VTERM_KEY_DOWN);
        pty_drain(pty, 100);
    }
    for (int i = 0; i < 50; i++) { // faster than it can paint
        pty_resize(pty, 20 + i, 10 + i % 7);
    }
    pty_resize(pty, 80, 24);
    pty_expect(pty, "alpha");
    pty_expect(pty, "F10");
    assert_true(scene_head_row(pty) > 0);
    scene_close(pty);
}

static void graphs_show_what_was(void **state)
{
    (void)state;
    static const struct {
        int width, height;
    } sizes[] = {{1, 1}, {200, 60}, {1, 60}, {200, 1}, {40, 10}, {400, 200}, {2, 1}};
    struct pty *pty = scene_open((const char *const[]){"-d", "0.2", NULL});
    pty_type(pty, "g");
    pty_expect(pty, "10 min");
    pty_expect(pty, "CPU  busy");
    pty_type(pty, "+");
    pty_expect(pty, "5 min");
    pty_type(pty, "---");
    pty_expect(pty, "1 h ");
    pty_press(pty, VTERM_KEY_LEFT);
    pty_expect(pty, "s ago");
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        pty_resize(pty, sizes[i].width, sizes[i].height);
        pty_drain(pty, 30);
        pty_type(pty, "-");
        pty_drain(pty, 30);
    }
    pty_resize(pty, 80, 24);
    pty_expect(pty, "24 h ");
    pty_expect(pty, "memory  used");
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect_gone(pty, "memory  used");
    pty_press(pty, VTERM_KEY_ESCAPE);
    pty_expect(pty, "memory  used");
    pty_type(pty, "/lo");
    pty_expect(pty, "Search: lo");
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect(pty, ": load,");
    pty_type(pty, "w");
    pty_expect(pty, "REMOTE");
    scene_close(pty);
}

/* What is to be seen of a process in a column. */
struct cell_wish {
    const char *process, *column, *text;
};

/* True when the cell under the column's title, set against the right edge like it, has the text. */
static bool shows_cell(struct pty *pty, void *context)
{
    const struct cell_wish *wish = context;
    const int head = pty_find_row(pty, 0, "PID USER");
    const int row = head < 0 ? -1 : pty_find_row(pty, head, wish->process);
    if (row < 0) {
        return false;
    }
    const int title = pty_find_column(pty, head, wish->column);
    const int end = title + (int)strlen(wish->column);
    const int from = end - (int)strlen(wish->text);
    const char *cells = pty_row(pty, row); // ASCII, so that bytes are columns
    return title >= 0 && from > 0 && (int)strlen(cells) >= end && cells[from - 1] == ' ' &&
           strncmp(cells + from, wish->text, strlen(wish->text)) == 0;
}

static void who_fills_the_memory_is_one_key_away(void **state)
{
    (void)state;
    struct child hoarder;
    struct child sharer;
    child_start_holding(&hoarder, "hoarder", 200, 0);
    child_start_holding(&sharer, "sharer", 0, 123);
    struct pty *pty = pty_start(&(struct pty_options){
        .width = 200, .height = 60, .args = (const char *const[]){"-d", "0.2", NULL}});
    pty_expect(pty, "hoarder");
    pty_type(pty, "m");
    pty_expect(pty, "buff/cache"); // the machine, above
    pty_expect(pty, "majflt/s");
    scene_expect_order(pty, "hoarder", "sharer");
    if (world_is_ours()) {
        scene_expect_cursor_on(pty, "hoarder");
    }
    struct cell_wish wishes[] = {
        {"hoarder", "ANON", "200M"},
        {"sharer", "SHMEM", "123M"},
    };
    // A sanitizer's own memory comes on top of what a process holds.
    for (size_t i = SANITIZED ? 1 : 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        if (!pty_until(pty, shows_cell, &wishes[i], PTY_PATIENCE_MS)) {
            fail_msg("%s has no %s of %s", wishes[i].process, wishes[i].column, wishes[i].text);
        }
    }
    scene_close(pty);
}

static void names_cannot_talk_to_the_terminal(void **state)
{
    (void)state;
    struct child evil;
    // Clear the screen, set the title, and the same with C1 controls in UTF-8 and alone.
    child_start(&evil, "evil\033[2J\033]0;owned\007\302\2332J\2332Jend\342\200\256rev");
    struct pty *pty = pty_start(&(struct pty_options){.width = 140});
    pty_expect(pty, "evil");
    pty_type(pty, "/evil");
    scene_expect_cursor_on(pty, "evil\357\277\275[2J\357\277\275]0;owned");
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect(pty, "end\357\277\275rev");
    scene_close(pty);
}

/* Listen on a port of loopback that has a name and is free; -1 when there is none. */
static int listen_by_name(char port[8], char name[64])
{
    for (int number = 1024; number < 32768; number++) {
        const struct servent *entry = getservbyport(htons((uint16_t)number), "tcp");
        const struct sockaddr_in address = {.sin_family = AF_INET,
                                            .sin_port = htons((uint16_t)number),
                                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        if (entry == NULL) {
            continue;
        }
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
            listen(fd, 1) == 0) {
            (void)snprintf(port, 8, "%d", number);
            (void)snprintf(name, 64, ":%s", entry->s_name);
            return fd;
        }
        close(fd);
    }
    return -1;
}

static void services_are_shown_by_name_on_demand(void **state)
{
    (void)state;
    char port[8];
    char name[64];
    int fd = listen_by_name(port, name);
    if (fd < 0) {
        print_message("skipped: no free port has a name here\n");
        skip();
    }
    struct pty *pty = scene_open(NULL);
    pty_type(pty, "l");
    pty_expect(pty, "WAITING");
    char number[64];
    (void)snprintf(number, sizeof(number), "127.0.0.1:%s", port);
    pty_type(pty, "\\");
    pty_type(pty, number);
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect(pty, "1 of ");
    pty_type(pty, "\\"); // what is shown is what is found
    pty_expect(pty, "Filter:");
    pty_press(pty, VTERM_KEY_ESCAPE);
    pty_expect_gone(pty, "Filter:"); // a digit too soon would be a key with Alt
    pty_type(pty, port);
    pty_type(pty, "R");
    pty_expect(pty, name);
    pty_expect(pty, number); // of the row under the cursor, in the status line
    pty_type(pty, "R");
    pty_expect_gone(pty, name);
    close(fd);
    scene_close(pty);
}

static void columns_and_order_of_a_table_are_kept(void **state)
{
    (void)state;
    char dir[256];
    (void)snprintf(dir, sizeof(dir), "%s/kept", world_directory());
    const char *const args[] = {"--config", dir, NULL};
    struct pty *pty = scene_open(args);
    pty_type(pty, "l");
    pty_expect(pty, "PORT△");
    pty_expect(pty, "ADDRESS");
    pty_press(pty, VTERM_KEY_FUNCTION(2));
    pty_expect(pty, "[x] ADDRESS");
    pty_type(pty, "address "); // goes there; the blank switches it off
    pty_expect(pty, "[ ] ADDRESS");
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect_gone(pty, "ADDRESS");
    pty_type(pty, "I");
    pty_expect(pty, "PORT▽");
    pty_type(pty, "W");
    pty_expect(pty, "settings saved in ");
    scene_close(pty);

    pty = scene_open(args);
    pty_type(pty, "l");
    pty_expect(pty, "PORT▽");
    pty_expect(pty, "WAITING");
    assert_int_equal(pty_find_row(pty, 0, "ADDRESS"), -1);
    scene_close(pty);
}

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test_teardown(the_first_screen_shows_meters_processes_and_keys, pty_finish_all),
        cmocka_unit_test_teardown(processes_come_and_go, pty_finish_all),
        cmocka_unit_test_teardown(letters_choose_the_sort_column, pty_finish_all),
        cmocka_unit_test_teardown(the_menu_chooses_the_sort_column, pty_finish_all),
        cmocka_unit_test_teardown(a_click_on_a_title_sorts_by_it, pty_finish_all),
        cmocka_unit_test_teardown(search_goes_to_the_match_while_typing, pty_finish_all),
        cmocka_unit_test_teardown(a_copied_line_is_one_sequence_that_no_name_gets_out_of,
                                  pty_finish_all),
        cmocka_unit_test_teardown(the_filter_hides_what_does_not_match, pty_finish_all),
        cmocka_unit_test_teardown(the_tree_folds_and_unfolds, pty_finish_all),
        cmocka_unit_test_teardown(a_tagged_row_looks_different, pty_finish_all),
        cmocka_unit_test_teardown(every_size_is_survived, pty_finish_all),
        cmocka_unit_test_teardown(graphs_show_what_was, pty_finish_all),
        cmocka_unit_test_teardown(who_fills_the_memory_is_one_key_away, pty_finish_all),
        cmocka_unit_test_teardown(names_cannot_talk_to_the_terminal, pty_finish_all),
        cmocka_unit_test_teardown(columns_and_order_of_a_table_are_kept, pty_finish_all),
        cmocka_unit_test_teardown(services_are_shown_by_name_on_demand, pty_finish_all),
    };
    return cmocka_run_group_tests_name("e2e view", all, NULL, NULL);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
