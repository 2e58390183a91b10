#include "base/arena.h"
#include "check.h"
#include "dossier.h"
#include "model/network.h"
#include "model/plan.h"
#include "sampler/inspect_sockets.h"
#include "screen_load.h"
#include "ui_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The inspector on invented answers. */

/* What it wants sampled now. */
static const struct plan *plan_of(const struct fixture *f)
{
    static struct plan plan; // large
    ui_plan(f->ui, &plan);
    return &plan;
}

static void add_dossier(const struct plan *plan, struct snapshot *snap)
{
    if (plan->inspected.pid > 0) {
        const struct inspect_set set = dossier_set(plan->inspect);
        assert_int_equal(diff_inspect(&set, snap, &snap->dossier), 0);
    }
}

/* Show the population with what the interface wants to know of the inspected process. */
static void answer(struct fixture *f)
{
    const struct plan *plan = plan_of(f);
    struct screen_options options = {.seq = ++f->seq};
    struct snapshot *snap = screen_snapshot(&options);
    screen_add_load(snap, plan_parts(plan));
    add_dossier(plan, snap);
    handle(f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    draw(f);
}

/* One more connection of a process to another; pid 0: nobody is known to have it. */
static void add_connection(struct snapshot *snap, int32_t pid, int32_t peer_pid)
{
    const struct network_load *was = snap->network;
    struct network_load *network = arena_alloc(snap->arena, 1, sizeof(*network));
    struct connection *rows = arena_alloc(snap->arena, was->connection_count + 2, sizeof(*rows));
    struct socket_owner *owners = arena_alloc(snap->arena, 2, sizeof(*owners));
    assert_true(network != NULL && rows != NULL && owners != NULL);
    memcpy(rows, was->connections, was->connection_count * sizeof(*rows));
    *network = *was;
    for (size_t i = 0; i < 2; i++) {
        const int32_t owner = i == 0 ? pid : peer_pid;
        const struct proc *proc = snapshot_find_pid(snap, owner);
        owners[i] = (struct socket_owner){
            .id = proc != NULL ? proc->id : (struct proc_id){0},
            .name = proc != NULL ? proc->name : text_literal(""),
        };
        rows[network->connection_count++] = (struct connection){
            .protocol = SOCKET_TCP,
            .state = SOCKET_ESTABLISHED,
            .local_text = text_literal(i == 0 ? "127.0.0.1:40000" : "127.0.0.1:6379"),
            .remote_text = text_literal(i == 0 ? "127.0.0.1:6379" : "127.0.0.1:40000"),
            .inode = 7000 + i,
            .peer_inode = 7001 - i,
            .peer_holder = text_literal(peer_pid == 0 ? ""
                                        : i == 0      ? "601/nginx"
                                                      : "530/postgres"),
            .cookie = 700 + i,
            .owners = &owners[i],
            .owner_count = owner > 0,
            .name = owners[i].name,
        };
    }
    network->connections = rows;
    snap->network = network;
}

/* As answer(), with that connection. */
static void answer_connected(struct fixture *f, int32_t pid, int32_t peer_pid)
{
    const struct plan *plan = plan_of(f);
    struct screen_options options = {.seq = ++f->seq};
    struct snapshot *snap = screen_snapshot(&options);
    screen_add_load(snap, plan_parts(plan));
    if (snap->network != NULL) {
        add_connection(snap, pid, peer_pid);
    }
    add_dossier(plan, snap);
    handle(f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    draw(f);
}

/* Likewise without any of the other parts it wants. */
static void add_dossier_alone(struct fixture *f)
{
    struct screen_options options = {.seq = ++f->seq};
    struct snapshot *snap = screen_snapshot(&options);
    add_dossier(plan_of(f), snap);
    handle(f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    draw(f);
}

/* Start, and open the inspector for the process it is about. */
static void start_inspecting(struct fixture *f)
{
    start_shown(f);
    type(f, "530");
    press(f, "Enter");
    answer(f);
}

/* Everything on the screen. Owns: static storage. */
static const char *shown(struct fixture *f)
{
    static char text[1 << 20];
    draw(f);
    (void)surface_dump(&f->surface, text, sizeof(text));
    return text;
}

static unsigned inspected(const struct fixture *f)
{
    const struct plan *plan = plan_of(f);
    return plan->inspected.pid > 0 ? plan->inspect : 0;
}

static void every_section_looks_right(void **state)
{
    (void)state;
    static const char *const names[] = {"overview", "threads", "files",  "sockets",     "maps",
                                        "waiting",  "cgroup",  "limits", "environment", "history"};
    static const struct {
        int width, height;
        const char *name;
    } sizes[] = {{80, 24, "80x24"}, {200, 60, "200x60"}, {40, 10, "40x10"}};
    struct fixture f;
    start_inspecting(&f);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
            resize(&f, sizes[s].width, sizes[s].height);
            press(&f, (const char[]){(char)('0' + (i + 1) % 10), '\0'});
            answer(&f);
            char name[64];
            struct strbuf buf;
            str_init(&buf, name, sizeof(name));
            str_addf(&buf, "inspect_%s_%s", names[i], sizes[s].name);
            screen_check(&f.surface, name);
        }
    }
    stop(&f);
}

static void a_small_screen_without_colours_has_names_and_values(void **state)
{
    (void)state;
    static const char *const names[] = {"overview", "threads", "files",  "sockets",    "maps",
                                        "waiting",  "cgroup",  "limits", "environment"};
    static const struct {
        int width, height;
        const char *name;
    } sizes[] = {{40, 10, "40x10_mono"}, {20, 5, "20x5_mono"}};
    struct fixture f;
    start_mono(&f);
    show(&f, NULL, 0);
    wait_s(&f, 2);
    type(&f, "530");
    press(&f, "Enter");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
            resize(&f, sizes[s].width, sizes[s].height);
            press(&f, (const char[]){(char)('1' + i), '\0'});
            answer(&f);
            char name[64];
            struct strbuf buf;
            str_init(&buf, name, sizeof(name));
            str_addf(&buf, "inspect_%s_%s", names[i], sizes[s].name);
            screen_check(&f.surface, name);
        }
    }
    resize(&f, 40, 10);
    press(&f, "9");
    answer(&f);
    assert_true(screen_has(&f.surface, "LANG"));
    assert_true(screen_has(&f.surface, "C.UTF-8"));
    press(&f, "1");
    answer(&f);
    assert_true(screen_has(&f.surface, "lock "));
    assert_true(screen_has(&f.surface, "waits for a write lock"));
    static const int sides[] = {1, 2, 3, 5, 8, 13, 17, 20, 33, 40};
    for (size_t w = 0; w < sizeof(sides) / sizeof(sides[0]); w++) {
        for (size_t h = 0; h < sizeof(sides) / sizeof(sides[0]); h++) {
            resize(&f, sides[w], sides[h]);
            press(&f, "1 End PgUp Home PgDn 3 5 7 End 9 Down Down 0");
        }
    }
    stop(&f);
}

/* The top line of what a section shows at 80x24. */
enum { TOP_ROW = 7 };

static void a_page_of_prose_is_a_screen(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    char first[256];
    char lowest[256];
    struct strbuf buf;
    str_init(&buf, first, sizeof(first));
    str_add(&buf, screen_row(&f.surface, TOP_ROW));
    str_init(&buf, lowest, sizeof(lowest));
    str_add(&buf, screen_row(&f.surface, 21)); // the last line
    assert_true(screen_has(&f.surface, "lines 1-15 of "));
    assert_true(screen_has(&f.surface, " ▼"));
    assert_false(screen_has(&f.surface, "▲"));
    press(&f, "Down PgDn");
    assert_true(screen_has(&f.surface, "lines 16-30 of "));
    assert_true(screen_has(&f.surface, "▲▼"));
    assert_false(screen_has(&f.surface, lowest)); // not even one of the lines is there still
    press(&f, "PgUp");
    assert_string_equal(screen_row(&f.surface, TOP_ROW), first);
    press(&f, "End");
    assert_true(screen_has(&f.surface, " ▲"));
    assert_false(screen_has(&f.surface, "▼"));
    assert_non_null(strstr(screen_row(&f.surface, 21), "pressure: cpu"));
    press(&f, "Home");
    assert_string_equal(screen_row(&f.surface, TOP_ROW), first);
    resize(&f, 200, 60); // all of it is in sight
    draw(&f);
    assert_false(screen_has(&f.surface, "lines 1-"));
    stop(&f);
}

/* On which row of the screen the cursor is. */
static int selected_y(const struct fixture *f)
{
    int y = 0;
    while (y < f->surface.height && f->surface.cells[y * f->surface.width].role != ROLE_SELECTED) {
        y++;
    }
    return y;
}

static void what_is_read_stays_in_its_place_when_lines_above_it_come_and_go(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    press(&f, "/");
    type(&f, "umask");
    press(&f, "Enter Up Up");
    char line[256];
    struct strbuf buf;
    str_init(&buf, line, sizeof(line));
    str_add(&buf, selected(&f));
    const int y = selected_y(&f);
    assert_non_null(strstr(line, "seccomp"));
    const struct plan *plan = plan_of(&f);
    struct screen_options options = {.seq = ++f.seq};
    struct snapshot *snap = screen_snapshot(&options);
    struct inspect_set set = dossier_set(plan->inspect);
    struct raw_inspect raw = *set.parts[INSPECT_WAITING].now;
    raw.as.waiting.lock_count = 0; // there is nothing to say of it any more
    set.parts[INSPECT_WAITING].now = &raw;
    assert_int_equal(diff_inspect(&set, snap, &snap->dossier), 0);
    handle(&f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    assert_string_equal(selected(&f), line);
    assert_int_equal(selected_y(&f), y);
    answer(&f);
    assert_string_equal(selected(&f), line);
    assert_int_equal(selected_y(&f), y);
    stop(&f);
}

enum { LONG_BYTES = 100000 };

/* Likewise about a process with a very long command line. */
static void answer_long(struct fixture *f)
{
    static char cmdline[LONG_BYTES];
    memset(cmdline, 'x', sizeof(cmdline));
    for (size_t i = 9; i < sizeof(cmdline); i += 10) {
        cmdline[i] = '\0';
    }
    memcpy(cmdline + sizeof(cmdline) - 11, "THE\x1b END!", 10);
    const struct plan *plan = plan_of(f);
    struct screen_options options = {.seq = ++f->seq};
    struct snapshot *snap = screen_snapshot(&options);
    struct inspect_set set = dossier_set(plan->inspect);
    struct raw_inspect raw = *set.parts[INSPECT_IDENTITY].now;
    raw.as.identity.cmdline = (struct raw_bytes){.ptr = cmdline, .len = sizeof(cmdline)};
    set.parts[INSPECT_IDENTITY].now = &raw;
    assert_int_equal(diff_inspect(&set, snap, &snap->dossier), 0);
    handle(f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    draw(f);
}

static void a_very_long_text_is_cut_until_enter_shows_all_of_it(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    answer_long(&f);
    resize(&f, 80, 60);
    draw(&f);
    assert_true(screen_has(&f.surface, "… 99700 more bytes: Enter"));
    assert_true(screen_has(&f.surface, "executable       /usr/lib/postgresql")); // is in its place
    assert_null(strstr(shown(&f), "END!"));
    press(&f, "/");
    type(&f, "xxxxxxxxx");
    press(&f, "Enter Enter");
    assert_false(screen_has(&f.surface, "more bytes"));
    press(&f, "/");
    type(&f, "executable");
    press(&f, "Enter Up");
    assert_non_null(strstr(shown(&f), "THE� END!"));
    answer_long(&f); // the next sample changes nothing of that
    assert_non_null(strstr(shown(&f), "END!"));
    press(&f, "Enter");
    assert_true(screen_has(&f.surface, "… 99700 more bytes: Enter"));
    press(&f, "Home");
    press(&f, "/");
    type(&f, "executable");
    press(&f, "Enter Enter"); // which is short, and no process
    assert_true(screen_has(&f.surface, "this line leads to no other process"));
    stop(&f);
}

/* Lines of the row under the cursor that are in sight. */
static int selected_lines(struct fixture *f)
{
    draw(f);
    const int from = selected_y(f);
    int y = from;
    while (y < f->surface.height && f->surface.cells[y * f->surface.width].role == ROLE_SELECTED) {
        y++;
    }
    return y - from;
}

/* The line at the top, as the status line says. */
static long top_line(struct fixture *f)
{
    const char *lines = strstr(shown(f), "lines ");
    assert_non_null(lines);
    return strtol(lines + strlen("lines "), NULL, 10);
}

static void the_cursor_goes_from_row_to_row(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    assert_non_null(strstr(selected(&f), "waits for a write lock")); // and what follows
    assert_int_equal(selected_lines(&f), 2);
    press(&f, "Down");
    assert_non_null(strstr(selected(&f), "sleeping; it waits for"));
    press(&f, "Down Up Up");
    assert_non_null(strstr(selected(&f), "waits for a write lock"));
    resize(&f, 40, 10);
    press(&f, "Down Down Down"); // all of a row comes in sight
    assert_true(screen_has(&f.surface, "throttled: its"));
    assert_true(screen_has(&f.surface, "periods"));
    press(&f, "Down Down Down Up Up Up Up Up Up");
    assert_non_null(strstr(selected(&f), "waits for a write"));
    stop(&f);
}

static void a_row_longer_than_the_screen_is_scrolled_through(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    answer_long(&f);
    press(&f, "/");
    type(&f, "xxxxxxxxx");
    press(&f, "Enter Enter");
    const long top = top_line(&f);
    press(&f, "Down Down");
    const long further = top_line(&f);
    press(&f, "Down");
    assert_int_equal(top_line(&f), further + 1);
    press(&f, "PgDn");
    const long last = top_line(&f);
    press(&f, "Up");
    assert_int_equal(top_line(&f), last - 1);
    press(&f, "PgUp PgUp Up Up Up");
    assert_true(top_line(&f) <= top);
    press(&f, "/");
    type(&f, "executable");
    press(&f, "Enter Up"); // from below its end comes first
    assert_non_null(strstr(shown(&f), "END!"));
    press(&f, "Down");
    assert_non_null(strstr(selected(&f), "executable"));
    stop(&f);
}

/* Something that rises and falls, between 0 and 1, and differs for each `which`. */
static double wave(uint64_t seq, unsigned which)
{
    const unsigned period = 60 + 37 * which;
    const double at = (double)(seq % period) / period;
    return at < 0.5 ? 2 * at : 2 - 2 * at;
}

/* One more scan, in which the process did something. `denied`: what may not be read of it. */
static void live(struct fixture *f, fact_mask denied)
{
    struct screen_options options = {.seq = ++f->seq};
    struct snapshot *snap = screen_snapshot(&options);
    struct proc *procs = arena_alloc(snap->arena, snap->proc_count, sizeof(*procs));
    assert_non_null(procs);
    memcpy(procs, snap->procs, snap->proc_count * sizeof(*procs));
    snap->procs = procs;
    for (size_t i = 0; i < snap->proc_count; i++) {
        struct proc *proc = &procs[i];
        if (proc->id.pid == 530) {
            proc->cpu.user = 3 * wave(f->seq, 0);
            proc->mem.resident_bytes = (uint64_t)(3e9 * wave(f->seq, 3));
            proc->io.read_bytes_per_s = 5e7 * wave(f->seq, 1);
            proc->io.write_bytes_per_s = 1e6 * wave(f->seq, 2);
            proc->net.rx_bytes_per_s = 9e4 * wave(f->seq, 2);
            proc->net.is_uncounted = false;
            proc->have |= FACT_SOCKETS | FACT_SOCKET_RATE | FACT_IO | FACT_IO_RATE;
            proc->have &= ~denied;
            proc->have &= (denied & FACT_IO) != 0 ? ~(fact_mask)FACT_IO_RATE : ~(fact_mask)0;
            proc->denied |= denied;
        }
    }
    add_dossier(plan_of(f), snap);
    handle(f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    draw(f);
}

enum { LIFE = 900, PAUSE_FROM = 500 };

/* Start with some time behind it, in which for two minutes nobody looked. */
static void start_living(struct fixture *f, bool ascii, fact_mask denied)
{
    const struct ui_options options = {.braille = true};
    start(f, &options);
    f->settings.graph = ascii ? GRAPH_CHOICE_ASCII : GRAPH_CHOICE_AUTO;
    for (unsigned i = 0; i < LIFE; i++) {
        if (i == PAUSE_FROM) {
            press(f, "Z");
            f->seq += 120;
            press(f, "Z");
        }
        live(f, denied);
    }
    type(f, "530");
    press(f, "Enter");
}

static void the_history_of_a_process_looks_right(void **state)
{
    (void)state;
    static const struct {
        int width, height;
        const char *key, *name;
    } rows[] = {
        {80, 24, "0", "inspect_lived_80x24"},
        {200, 60, "0", "inspect_lived_200x60"},
        {40, 10, "g", "inspect_lived_40x10"},
        {200, 60, "1", "inspect_lived_overview_200x60"},
    };
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;
        start_living(&f, i % 2 == 1, 0);
        resize(&f, rows[i / 2].width, rows[i / 2].height);
        press(&f, rows[i / 2].key);
        live(&f, 0);
        char name[64];
        struct strbuf buf;
        str_init(&buf, name, sizeof(name));
        str_addf(&buf, "%s%s", rows[i / 2].name, i % 2 == 1 ? "_ascii" : "");
        screen_check(&f.surface, name);
        stop(&f);
    }
}

static void what_its_graphs_are_made_of_is_read_in_every_section(void **state)
{
    (void)state;
    const fact_mask needed = FACT_IO | FACT_SOCKETS;
    struct fixture f;
    start_shown(&f);
    const struct plan *plan = plan_of(&f);
    assert_true((plan->want_visible & needed) != needed);
    press(&f, "8 Backspace");
    type(&f, "530");
    press(&f, "Enter");
    for (const char *key = "1234567890"; *key != '\0'; key++) {
        press(&f, (const char[]){*key, '\0'});
        plan = plan_of(&f);
        assert_int_equal(plan->want_visible & needed, needed);
        assert_true((plan_parts(plan) & PART_SOCKETS) != 0);
    }
    f.settings.history = false; // nothing is drawn of it then
    assert_int_equal(plan_of(&f)->want_visible & needed, 0);
    press(&f, "0");
    assert_true(screen_has(&f.surface, "the setting \"history\" is off"));
    stop(&f);
}

static void a_graph_without_values_says_why(void **state)
{
    (void)state;
    struct fixture f;
    start_living(&f, false, FACT_IO);
    press(&f, "0");
    assert_true(screen_has(&f.surface, "not permitted: perch needs more rights"));
    assert_true(screen_has(&f.surface, "network, TCP only"));
    press(&f, "F4"); // nor are there rows
    assert_true(screen_has(&f.surface, "there are no rows here"));
    press(&f, "Enter");
    assert_true(screen_has(&f.surface, "there are no rows here"));
    stop(&f);
}

static void graphs_stand_beside_the_overview_only_where_its_text_has_room(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    resize(&f, 131, 40);
    draw(&f);
    assert_false(screen_has(&f.surface, "CPU  used"));
    resize(&f, 132, 40);
    draw(&f);
    const struct cell *row = &f.surface.cells[(size_t)selected_y(&f) * 132];
    assert_int_equal(row[89].role, ROLE_SELECTED); // the text has 90 columns
    assert_int_not_equal(row[92].role, ROLE_SELECTED);
    assert_true(screen_has(&f.surface, "CPU  used"));
    stop(&f);
}

static void on_a_low_screen_its_graphs_are_scrolled_to(void **state)
{
    (void)state;
    struct fixture f;
    start_living(&f, false, 0);
    resize(&f, 40, 10);
    press(&f, "0");
    assert_true(screen_has(&f.surface, "CPU  used"));
    press(&f, "Down");
    assert_true(screen_has(&f.surface, "memory  resident"));
    press(&f, "End");
    assert_true(screen_has(&f.surface, "network, TCP only"));
    press(&f, "Down Up");
    assert_true(screen_has(&f.surface, "I/O  read"));
    press(&f, "Home");
    assert_true(screen_has(&f.surface, "CPU  used"));
    static const int sides[] = {1, 2, 3, 5, 8, 13, 24, 62, 126, 500};
    for (size_t w = 0; w < sizeof(sides) / sizeof(sides[0]); w++) {
        for (size_t h = 0; h < sizeof(sides) / sizeof(sides[0]); h++) {
            resize(&f, sides[w], sides[h]);
            press(&f, "PgDn 1 Down 0 PgUp");
        }
    }
    stop(&f);
}

static void only_what_is_shown_is_wanted_and_the_environment_only_in_its_section(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    assert_int_equal(inspected(&f), 0);
    type(&f, "530");
    press(&f, "Enter");
    assert_int_equal(inspected(&f), 1u << INSPECT_IDENTITY | 1u << INSPECT_WAITING |
                                        1u << INSPECT_PEERS | 1u << INSPECT_CGROUP |
                                        1u << INSPECT_LIMITS);
    press(&f, "2");
    assert_int_equal(inspected(&f), 1u << INSPECT_THREADS);
    press(&f, "9");
    assert_int_equal(inspected(&f), 1u << INSPECT_ENVIRON);
    press(&f, "S-Tab");
    assert_int_equal(inspected(&f), 1u << INSPECT_LIMITS);
    press(&f, "q");
    assert_int_equal(inspected(&f), 0);
    assert_null(effect_of(&f, EFFECT_QUIT)); // it closed the inspector, not perch
    assert_int_equal(selected_pid(&f), 530);
    stop(&f);
}

static void the_screen_says_why_it_is_stuck(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    resize(&f, 400, 60); // so that no sentence is broken
    assert_non_null(strstr(shown(&f), "it waits for a file lock (fcntl_setlk)"));
    assert_non_null(strstr(shown(&f), "held by 601 nginx"));
    assert_non_null(strstr(shown(&f), "25 % of the time it was ready to run"));
    assert_non_null(strstr(shown(&f), "may use 0.50 CPUs"));
    stop(&f);
}

static void enter_on_the_holder_of_a_lock_goes_there(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    press(&f, "/");
    type(&f, "held by");
    press(&f, "Enter Enter");
    assert_int_equal(plan_of(&f)->inspected.pid, 601);
    draw(&f);
    assert_null(strstr(shown(&f), "fcntl_setlk")); // that was the other one
    stop(&f);
}

/* Open the sockets of the process, with the cursor on the connection to 6379. */
static void choose_connection(struct fixture *f, int32_t peer_pid)
{
    start_inspecting(f);
    press(f, "4");
    answer_connected(f, 530, peer_pid);
    press(f, "/");
    type(f, "40000");
    press(f, "Enter");
    assert_non_null(strstr(selected(f), "40000"));
}

static void enter_on_a_connection_goes_to_who_has_its_other_end_and_back(void **state)
{
    (void)state;
    struct fixture f;
    choose_connection(&f, 601);
    assert_non_null(strstr(selected(&f), "601/nginx")); // at 80 columns
    press(&f, "Enter");
    assert_int_equal(plan_of(&f)->inspected.pid, 601);
    press(&f, "4"); // where another row is under the cursor
    answer_connected(&f, 530, 601);
    press(&f, "End Esc");
    assert_int_equal(plan_of(&f)->inspected.pid, 530);
    answer_connected(&f, 530, 601);
    assert_non_null(strstr(selected(&f), "40000")); // the very row
    press(&f, "Esc");
    assert_int_equal(plan_of(&f)->inspected.pid, 0);
    assert_int_equal(selected_pid(&f), 530);
    stop(&f);
}

static void of_a_connection_to_itself_enter_goes_to_the_other_row(void **state)
{
    (void)state;
    struct fixture f;
    choose_connection(&f, 530);
    press(&f, "Home / 4 0 0 0 0 Enter");
    const bool is_first = strstr(selected(&f), "127.0.0.1:40000  ") != NULL;
    char before[512];
    (void)snprintf(before, sizeof(before), "%s", selected(&f));
    press(&f, "Enter");
    assert_true(screen_has(&f.surface, "both ends are its own"));
    assert_int_equal(plan_of(&f)->inspected.pid, 530);
    assert_string_not_equal(selected(&f), before);
    assert_true(is_first || strstr(selected(&f), "127.0.0.1:40000") != NULL);
    stop(&f);
}

static void from_a_socket_in_its_tab_esc_goes_back_to_its_process(void **state)
{
    (void)state;
    struct fixture f;
    choose_connection(&f, 0);
    press(&f, "Enter");
    assert_int_equal(plan_of(&f)->inspected.pid, 0);
    assert_non_null(strstr(selected(&f), "127.0.0.1:6379"));
    press(&f, "Esc");
    assert_int_equal(plan_of(&f)->inspected.pid, 530);
    answer_connected(&f, 530, 0);
    assert_non_null(strstr(selected(&f), "40000"));
    press(&f, "Enter M-3 Esc"); // a tab that was gone to for itself
    assert_int_equal(plan_of(&f)->inspected.pid, 0);
    assert_true(screen_has(&f.surface, "WAITING"));
    stop(&f);
}

static void the_way_back_goes_past_processes_that_have_exited(void **state)
{
    (void)state;
    struct fixture f;
    choose_connection(&f, 601);
    for (int i = 0; i < 20; i++) { // there and back again, further than is remembered
        const int32_t here = plan_of(&f)->inspected.pid;
        press(&f, "4");
        answer_connected(&f, here, here == 530 ? 601 : 530);
        press(&f, "/");
        type(&f, "40000");
        press(&f, "Enter Enter");
        assert_int_equal(plan_of(&f)->inspected.pid, here == 530 ? 601 : 530);
    }
    press(&f, "Esc");
    assert_int_equal(plan_of(&f)->inspected.pid, 601);
    static const struct screen_proc only[] = {{.pid = 1, .name = "init"},
                                              {.pid = 601, .name = "nginx"}};
    show(&f, only, 2);
    press(&f, "Esc"); // 530 is gone
    assert_int_equal(plan_of(&f)->inspected.pid, 601);
    assert_true(screen_has(&f.surface, "process 530 has exited"));
    for (int i = 0; i < 7; i++) {
        assert_int_equal(plan_of(&f)->inspected.pid, 601);
        press(&f, "Esc");
    }
    assert_int_equal(plan_of(&f)->inspected.pid, 0);
    stop(&f);
}

static void q_leaves_it_however_one_came_there(void **state)
{
    (void)state;
    struct fixture f;
    choose_connection(&f, 601);
    press(&f, "Enter q");
    assert_int_equal(plan_of(&f)->inspected.pid, 0);
    assert_int_equal(selected_pid(&f), 530);
    press(&f, "Enter Esc"); // nothing of that way is left
    assert_int_equal(plan_of(&f)->inspected.pid, 0);
    stop(&f);
}

static void its_sockets_are_counted_and_not_those_of_others(void **state)
{
    (void)state;
    struct fixture f;
    choose_connection(&f, 601);
    assert_true(screen_has(&f.surface, "2 of 2 shown"));
    stop(&f);
}

static void where_a_connection_is_closed_is_said_in_every_section(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    press(&f, "X");
    assert_true(screen_has(&f.surface, "choose one of its sockets first: 4"));
    stop(&f);
}

/* Open the threads, with the cursor on one that is not the first. */
static void choose_thread(struct fixture *f)
{
    start_inspecting(f);
    press(f, "2");
    answer(f);
    assert_non_null(strstr(selected(f), "worker")); // it uses most
}

static void enter_on_a_thread_goes_to_what_it_waits_for_and_back(void **state)
{
    (void)state;
    struct fixture f;
    choose_thread(&f);
    assert_int_equal(plan_of(&f)->inspected_thread.pid, 0);
    press(&f, "Enter");
    assert_int_equal(plan_of(&f)->inspected.pid, 530);
    assert_int_equal(plan_of(&f)->inspected_thread.pid, 531);
    assert_int_equal(inspected(&f) & 1u << INSPECT_THREADS, 0);
    assert_true(screen_has(&f.surface, "530 postgres thread 531"));
    press(&f, "Esc");
    answer(&f);
    assert_int_equal(plan_of(&f)->inspected_thread.pid, 0);
    assert_non_null(strstr(selected(&f), "worker"));
    press(&f, "Enter 6"); // of all of them
    assert_int_equal(plan_of(&f)->inspected_thread.pid, 0);
    stop(&f);
}

static void what_can_be_done_to_a_thread_is_done_to_the_one_under_the_cursor(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        int32_t target;
        bool one_thread;
    } deeds[] = {{"F8", 531, true}, {"s", 530, false}};
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        struct fixture f;
        choose_thread(&f);
        forget(&f);
        press(&f, deeds[i].key);
        const struct effect *deed = effect_of(&f, EFFECT_DEED);
        assert_non_null(deed);
        assert_int_equal(deed->target_count, 1);
        assert_int_equal(target_pid(&f, deed, 0), deeds[i].target);
        assert_int_equal(deed->deed.one_thread, deeds[i].one_thread);
        stop(&f);
    }
    struct fixture f;
    choose_thread(&f);
    press(&f, "i");
    draw(&f);
    assert_true(screen_has(&f.surface, "thread 531 worker"));
    press(&f, "Tab");
    draw(&f);
    assert_true(screen_has(&f.surface, "530 postgres"));
    assert_false(screen_has(&f.surface, "thread 531 worker"));
    press(&f, "Esc F9");
    draw(&f);
    assert_true(screen_has(&f.surface, "this is done to the whole process, not to the thread"));
    press(&f, "Esc x"); // the same by the menu
    type(&f, "i");
    press(&f, "Enter");
    draw(&f);
    assert_true(screen_has(&f.surface, "thread 531 worker"));
    stop(&f);
}

static void that_there_is_nobody_else_to_choose_is_said(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    static const struct screen_proc only[] = {{.pid = 1, .name = "init"}};
    show(&f, only, 1);
    press(&f, "F9 Tab");
    draw(&f);
    assert_true(screen_has(&f.surface, "there is nobody else to choose"));
    stop(&f);
}

static void code_that_was_replaced_on_disk_is_counted(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        unsigned rights;
    } files[] = {
        {"/usr/lib/libold.so (deleted)", RAW_MAP_READ | RAW_MAP_EXECUTE},
        {"/usr/bin/old (deleted)", RAW_MAP_EXECUTE},
        {"/usr/lib/libnew.so", RAW_MAP_READ | RAW_MAP_EXECUTE},
        {"/memfd:code (deleted)", RAW_MAP_READ | RAW_MAP_EXECUTE}, // never was there
        {"/tmp/data (deleted)", RAW_MAP_READ | RAW_MAP_WRITE},     // is no code
        {" (deleted)", RAW_MAP_EXECUTE},
    };
    enum { FILES = sizeof(files) / sizeof(files[0]) };
    struct fixture f;
    start_inspecting(&f);
    resize(&f, 200, 60);
    assert_non_null(strstr(shown(&f), "one that has been deleted or replaced on disk"));
    press(&f, "5");
    answer(&f);
    assert_null(strstr(shown(&f), "replaced on disk"));
    struct raw_map maps[FILES];
    for (size_t i = 0; i < FILES; i++) {
        maps[i] = (struct raw_map){
            .path = {.ptr = files[i].path, .len = (uint32_t)strlen(files[i].path)},
            .count = 1,
            .access = (uint16_t)(1u << files[i].rights),
        };
    }
    const struct plan *plan = plan_of(&f);
    struct screen_options options = {.seq = ++f.seq};
    struct snapshot *snap = screen_snapshot(&options);
    struct inspect_set set = dossier_set(plan->inspect);
    struct raw_inspect raw = *set.parts[INSPECT_MAPS].now;
    raw.as.maps.items = maps;
    raw.as.maps.count = FILES;
    set.parts[INSPECT_MAPS].now = &raw;
    assert_int_equal(diff_inspect(&set, snap, &snap->dossier), 0);
    handle(&f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    assert_non_null(strstr(shown(&f), "programs and libraries deleted or replaced on disk: 2"));
    stop(&f);
}

static void what_is_done_in_it_is_done_to_the_inspected_process(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    forget(&f);
    press(&f, "k Enter");
    const struct effect *deed = effect_of(&f, EFFECT_DEED);
    assert_non_null(deed);
    assert_int_equal(deed->target_count, 1);
    assert_int_equal(target_pid(&f, deed, 0), 530);
    stop(&f);
}

static void it_stays_when_the_process_ends_and_says_so(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    static const struct screen_proc only[] = {{.pid = 1, .name = "init"}};
    show(&f, only, 1);
    draw(&f);
    assert_non_null(strstr(shown(&f), "530 postgres"));
    const char *when = strstr(shown(&f), "EXITED ");
    assert_non_null(when);
    assert_true(when[strlen("EXITED ")] >= '0' && when[strlen("EXITED ")] <= '9');
    static const char *const actions[] = {"k", "r", "F7", "i", "a", "Y", "o", "s", "G", "x"};
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        f.now_ns += UINT64_C(20000000000); // messages are gone
        forget(&f);
        press(&f, actions[i]);
        assert_non_null(strstr(shown(&f), "nothing was done: process 530 has exited"));
        assert_int_equal(f.effects->count, 0);
    }
    press(&f, "q");
    assert_int_equal(selected_pid(&f), 1);
    stop(&f);
}

/* Until its parent asks for its status it is in the list, without memory. */
static void a_zombie_is_shown_with_the_memory_it_had(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    assert_non_null(strstr(shown(&f), "RES 28.2M"));
    struct screen_options options = {.seq = ++f.seq};
    struct snapshot *snap = screen_snapshot(&options);
    struct proc *procs = arena_alloc(snap->arena, snap->proc_count, sizeof(*procs));
    assert_non_null(procs);
    memcpy(procs, snap->procs, snap->proc_count * sizeof(*procs));
    for (size_t i = 0; i < snap->proc_count; i++) {
        if (procs[i].id.pid == 530) {
            procs[i].state = 'Z';
            procs[i].mem.resident_bytes = 0;
        }
    }
    snap->procs = procs;
    handle(&f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    draw(&f);
    assert_non_null(strstr(shown(&f), "RES 28.2M"));
    assert_non_null(strstr(shown(&f), " Z "));
    stop(&f);
}

/* The answers of a process that is gone: what was read before, and what never was. */
static void answer_gone(struct fixture *f, unsigned known)
{
    const struct plan *plan = plan_of(f);
    struct screen_options options = {.seq = ++f->seq};
    struct snapshot *snap = screen_snapshot(&options);
    struct inspect_set set = dossier_set(plan->inspect & known);
    set.wanted = plan->inspect;
    for (size_t i = 0; i < INSPECT_PART_COUNT; i++) {
        set.parts[i].state = DOSSIER_GONE;
    }
    struct proc *procs = arena_alloc(snap->arena, snap->proc_count, sizeof(*procs));
    assert_non_null(procs);
    size_t count = 0;
    for (size_t i = 0; i < snap->proc_count; i++) {
        if (snap->procs[i].id.pid != 530) {
            procs[count++] = snap->procs[i];
        }
    }
    struct inspect_sockets sockets = {0};
    screen_add_load(snap, plan_parts(plan));
    inspect_sockets_keep(&sockets, snap, set.id);
    set.sockets = &sockets;
    snap->procs = procs;
    snap->proc_count = count;
    assert_int_equal(diff_inspect(&set, snap, &snap->dossier), 0);
    inspect_sockets_finish(&sockets);
    handle(f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    draw(f);
}

static size_t occurrences(const char *text, const char *of)
{
    size_t count = 0;
    for (text = strstr(text, of); text != NULL; text = strstr(text + 1, of)) {
        count++;
    }
    return count;
}

static void what_was_known_stays_and_that_it_has_ended_is_said_once(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    for (const char *key = "123456789"; *key != '\0'; key++) {
        press(&f, (const char[]){*key, '\0'});
        answer_gone(&f, ~0u);
        const char *text = shown(&f);
        assert_int_equal(occurrences(text, "EXITED"), 1);
        assert_int_equal(occurrences(text, "the process has exited"), 0);
        assert_non_null(strstr(text, "as it was "));
        assert_null(strstr(text, "nothing of this was known"));
    }
    press(&f, "3");
    answer_gone(&f, ~0u);
    assert_non_null(strstr(shown(&f), "/srv/db/base/16384"));
    press(&f, "End Enter"); // a socket
    assert_non_null(strstr(selected(&f), "127.0.0.1:5432"));
    press(&f, "Enter");
    assert_non_null(strstr(shown(&f), "its sockets are gone: it has exited"));
    press(&f, "X");
    assert_non_null(strstr(shown(&f), "nothing was closed: it has exited"));
    press(&f, "8");
    answer_gone(&f, 0);
    assert_int_equal(occurrences(shown(&f), "nothing of this was known when the process exited"),
                     1);
    assert_int_equal(occurrences(shown(&f), "EXITED"), 1);
    stop(&f);
}

static void sockets_that_may_be_anybodys_are_not_denied_to_be_its(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    type(&f, "1"); // nobody knows of any that is its, and two may be
    press(&f, "Enter 4");
    answer(&f);
    assert_true(screen_has(&f.surface, "none known: whose they are is not readable, needs more"));
    assert_false(screen_has(&f.surface, "this process has none here"));
    stop(&f);
}

static void enter_on_a_socket_goes_to_it(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    press(&f, "3");
    answer(&f);
    press(&f, "End Enter"); // a socket among the open files
    assert_non_null(strstr(selected(&f), "127.0.0.1:5432"));
    assert_int_equal(plan_of(&f)->inspected.pid, 530);
    assert_int_equal(inspected(&f), 0); // that is the section of sockets
    press(&f, "Enter");
    assert_int_equal(plan_of(&f)->inspected.pid, 0);
    assert_non_null(strstr(selected(&f), "127.0.0.1:5432"));
    assert_true(screen_has(&f.surface, "WAITING")); // the table of those that listen, all of it
    assert_true(screen_has(&f.surface, "sshd"));
    press(&f, "Enter Enter");
    assert_int_equal(plan_of(&f)->inspected.pid, 530);
    press(&f, "3");
    answer(&f);
    press(&f, "Home Enter");
    assert_true(screen_has(&f.surface, "this line leads to no other process"));
    add_dossier_alone(&f); // nothing is known of sockets
    press(&f, "End Enter");
    assert_true(screen_has(&f.surface, "reading ..."));
    assert_int_equal(inspected(&f), 0); // the section of sockets, which asks for them
    stop(&f);
}

static void a_connection_is_closed_from_among_the_sockets_of_its_process(void **state)
{
    (void)state;
    for (int may = 0; may < 2; may++) {
        struct fixture f;
        start(&f, &(struct ui_options){.close_needs = may ? NULL : "CAP_NET_ADMIN"});
        show(&f, NULL, 0);
        wait_s(&f, 2);
        type(&f, "602");
        press(&f, "Enter 4");
        answer(&f);
        press(&f, "/");
        type(&f, "51544");
        press(&f, "Enter");
        assert_non_null(strstr(selected(&f), ":51544"));
        forget(&f);
        press(&f, "X");
        assert_true(screen_has(&f.surface, may ? "Close connection *:80 - "
                                               : "nothing was closed: this needs CAP_NET_ADMIN; "
                                                 "run perch with sudo"));
        press(&f, "Enter");
        const struct effect *deed = effect_of(&f, EFFECT_DEED);
        assert_int_equal(deed != NULL, may);
        assert_true(!may || (deed->deed.kind == DEED_CLOSE && target_pid(&f, deed, 0) == 602));
        stop(&f);
    }
}

static void columns_are_offered_where_there_are_some(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    assert_false(screen_has(&f.surface, "F2Columns"));
    press(&f, "F2");
    assert_true(screen_has(&f.surface, "this section has no columns to choose from"));
    press(&f, "3");
    assert_true(screen_has(&f.surface, "F2Columns"));
    press(&f, "F2");
    assert_true(screen_has(&f.surface, "Where in the file it reads or writes next"));
    press(&f, "Esc 0");
    assert_false(screen_has(&f.surface, "F2Columns"));
    stop(&f);
}

static void the_mouse_chooses_a_section(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    int y = 0;
    for (const char *text = shown(&f); strncmp(text, "1Overview", 9) != 0; y++) {
        text = strchr(text, '\n');
        assert_non_null(text);
        text++;
        if (strncmp(text, "1Overview", 9) == 0) {
            y++;
            break;
        }
    }
    mouse(&f, MOUSE_PRESS, 12, y);
    assert_int_equal(inspected(&f), 1u << INSPECT_THREADS);
    stop(&f);
}

static void sorting_filtering_and_searching_work_in_a_section(void **state)
{
    (void)state;
    struct fixture f;
    start_inspecting(&f);
    press(&f, "2");
    answer(&f);
    assert_null(strchr(shown(&f), '\x1b'));          // though a thread is called so
    assert_non_null(strstr(selected(&f), "worker")); // it uses most
    press(&f, "F4");
    type(&f, "nfs");
    press(&f, "Enter");
    assert_non_null(strstr(shown(&f), "1 of 3 shown"));
    press(&f, "F4 C-u Enter /");
    type(&f, "setlk");
    press(&f, "Enter");
    assert_non_null(strstr(selected(&f), "postgres"));
    stop(&f);
}

static void any_line_can_be_copied_whole_and_nothing_else(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    type(&f, "530");
    press(&f, "y"); // the command line of a process
    assert_non_null(effect_of(&f, EFFECT_COPY));
    assert_string_equal(f.effects->text, "/usr/lib/postgresql/15/bin/postgres -D /srv/pg");
    assert_true(screen_has(&f.surface, "copied: /usr/lib/postgresql/15/bin/postgres"));
    press(&f, "Enter");
    answer(&f);
    resize(&f, 40, 10); // what is cut on the screen is not cut in it
    press(&f, "/");
    type(&f, "held by");
    press(&f, "Enter");
    forget(&f);
    press(&f, "y");
    assert_non_null(effect_of(&f, EFFECT_COPY));
    assert_non_null(strstr(f.effects->text, "/srv/db/base/16384, held by 601 nginx (root)"));
    press(&f, "2");
    answer(&f);
    press(&f, "y");
    assert_null(strchr(f.effects->text, '\x1b')); // though a thread is called so
    assert_null(strchr(f.effects->text, '\n'));
    forget(&f);
    press(&f, "0 y"); // graphs
    assert_null(effect_of(&f, EFFECT_COPY));
    f.settings.clipboard = false;
    press(&f, "2 y");
    assert_null(effect_of(&f, EFFECT_COPY));
    stop(&f);
}

static void enter_after_a_search_without_a_match_only_ends_the_prompt(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    press(&f, "/");
    type(&f, "no such thing");
    press(&f, "Enter");
    assert_int_equal(plan_of(&f)->inspected.pid, 0);
    assert_true(screen_has(&f.surface, "no match"));
    press(&f, "F4");
    type(&f, "no such thing");
    press(&f, "Enter");
    assert_int_equal(plan_of(&f)->inspected.pid, 0);
    press(&f, "Enter"); // there is nothing under the cursor
    assert_int_equal(plan_of(&f)->inspected.pid, 0);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_section_looks_right),
        cmocka_unit_test(a_small_screen_without_colours_has_names_and_values),
        cmocka_unit_test(a_page_of_prose_is_a_screen),
        cmocka_unit_test(what_is_read_stays_in_its_place_when_lines_above_it_come_and_go),
        cmocka_unit_test(a_very_long_text_is_cut_until_enter_shows_all_of_it),
        cmocka_unit_test(the_cursor_goes_from_row_to_row),
        cmocka_unit_test(a_row_longer_than_the_screen_is_scrolled_through),
        cmocka_unit_test(the_history_of_a_process_looks_right),
        cmocka_unit_test(what_its_graphs_are_made_of_is_read_in_every_section),
        cmocka_unit_test(a_graph_without_values_says_why),
        cmocka_unit_test(graphs_stand_beside_the_overview_only_where_its_text_has_room),
        cmocka_unit_test(on_a_low_screen_its_graphs_are_scrolled_to),
        cmocka_unit_test(only_what_is_shown_is_wanted_and_the_environment_only_in_its_section),
        cmocka_unit_test(the_screen_says_why_it_is_stuck),
        cmocka_unit_test(enter_on_the_holder_of_a_lock_goes_there),
        cmocka_unit_test(enter_on_a_connection_goes_to_who_has_its_other_end_and_back),
        cmocka_unit_test(of_a_connection_to_itself_enter_goes_to_the_other_row),
        cmocka_unit_test(from_a_socket_in_its_tab_esc_goes_back_to_its_process),
        cmocka_unit_test(the_way_back_goes_past_processes_that_have_exited),
        cmocka_unit_test(q_leaves_it_however_one_came_there),
        cmocka_unit_test(its_sockets_are_counted_and_not_those_of_others),
        cmocka_unit_test(where_a_connection_is_closed_is_said_in_every_section),
        cmocka_unit_test(enter_on_a_thread_goes_to_what_it_waits_for_and_back),
        cmocka_unit_test(what_can_be_done_to_a_thread_is_done_to_the_one_under_the_cursor),
        cmocka_unit_test(that_there_is_nobody_else_to_choose_is_said),
        cmocka_unit_test(code_that_was_replaced_on_disk_is_counted),
        cmocka_unit_test(what_is_done_in_it_is_done_to_the_inspected_process),
        cmocka_unit_test(it_stays_when_the_process_ends_and_says_so),
        cmocka_unit_test(a_zombie_is_shown_with_the_memory_it_had),
        cmocka_unit_test(what_was_known_stays_and_that_it_has_ended_is_said_once),
        cmocka_unit_test(any_line_can_be_copied_whole_and_nothing_else),
        cmocka_unit_test(enter_after_a_search_without_a_match_only_ends_the_prompt),
        cmocka_unit_test(sockets_that_may_be_anybodys_are_not_denied_to_be_its),
        cmocka_unit_test(enter_on_a_socket_goes_to_it),
        cmocka_unit_test(a_connection_is_closed_from_among_the_sockets_of_its_process),
        cmocka_unit_test(columns_are_offered_where_there_are_some),
        cmocka_unit_test(the_mouse_chooses_a_section),
        cmocka_unit_test(sorting_filtering_and_searching_work_in_a_section),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
