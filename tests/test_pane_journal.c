#include "base/str.h"
#include "check.h"
#include "model/journal.h"
#include "screen.h"
#include "ui/action.h"
#include "ui/pane_journal.h"

#include <stdlib.h>
#include <string.h>

/* What the pane looks at, and the pane. */
struct stage {
    struct journal *journal;
    struct snapshot *snap;
    struct pane *pane;
    struct view view;
    struct surface surface;
};

static void open_stage(struct stage *stage, size_t capacity)
{
    *stage = (struct stage){0};
    stage->journal = journal_create(capacity);
    stage->snap = screen_snapshot(&(struct screen_options){.seq = 2});
    stage->pane = pane_journal_create();
    assert_non_null(stage->journal);
    assert_non_null(stage->pane);
    stage->view = (struct view){.snap = stage->snap, .journal = stage->journal};
}

static void close_stage(struct stage *stage)
{
    stage->pane->class->destroy(stage->pane);
    snapshot_free(stage->snap);
    journal_destroy(stage->journal);
    surface_finish(&stage->surface);
}

static void draw(struct stage *stage, int width, int height)
{
    assert_int_equal(surface_resize(&stage->surface, width, height), 0);
    stage->pane->class->update(stage->pane, &stage->view,
                               (struct rect){.width = width, .height = height});
    stage->pane->class->draw(stage->pane, &stage->view, true, &stage->surface);
}

static void act(struct stage *stage, enum action_id action)
{
    assert_true(stage->pane->class->act(stage->pane, &stage->view, action, NULL));
}

static const char *describe(const struct stage *stage)
{
    static char text[128];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    stage->pane->class->describe(stage->pane, &stage->view, &buf);
    return text;
}

/* 22:13:20 UTC and so many seconds. */
static struct journal_entry entry_at(int64_t seconds, int32_t pid, const char *name,
                                     const char *user)
{
    struct journal_entry entry = {
        .wall_s = 1700000000 + seconds,
        .job = (uint32_t)seconds + 1,
        .target = {.id = {.pid = pid, .start_ns = (uint64_t)pid * 1000000000u}, .group_pid = pid},
    };
    struct strbuf buf;
    str_init(&buf, entry.target.name, sizeof(entry.target.name));
    str_add(&buf, name);
    str_init(&buf, entry.target.user, sizeof(entry.target.user));
    str_add(&buf, user);
    return entry;
}

static void put(struct stage *stage, struct journal_entry entry, const char *action,
                const char *change, const char *result)
{
    struct strbuf buf;
    str_init(&buf, entry.action, sizeof(entry.action));
    str_add(&buf, action);
    str_init(&buf, entry.change, sizeof(entry.change));
    str_add(&buf, change);
    str_init(&buf, entry.result, sizeof(entry.result));
    str_add(&buf, result);
    journal_put(stage->journal, &entry);
}

static void fill(struct stage *stage)
{
    put(stage, entry_at(1, 900, "java", "app"), "nice", "5 -> 10", "");
    put(stage, entry_at(9, 602, "nginx", "www-data"), "CPU affinity", "0-3 -> 0-1",
        "all 4 threads");
    struct journal_entry entry = entry_at(30, 530, "postgres", "postgres");
    entry.error = true;
    put(stage, entry, "I/O priority", "best-effort 4 -> real-time 0",
        "permission denied: CAP_SYS_ADMIN is missing, and postgres owns it");
    put(stage, entry_at(31, 1300, "vim", "ada"), "SIGTERM", "", "exited after 0.4 s");
    entry = entry_at(52, 900, "java", "app");
    entry.undo = true;
    put(stage, entry, "nice", "10 -> 5", "all 41 threads");
    put(stage, entry_at(55, 1302, "caf\u00e9 \u6e2c\u8a66", "ada"), "scheduling",
        "other -> FIFO 50, reset on fork", "one thread");
    entry = entry_at(60, 4242, "secretd", "");
    entry.error = true;
    put(stage, entry, "SIGKILL", "", "operation not permitted: root owns it");
    entry = entry_at(61, 1310, "make", "ada");
    entry.pending = true;
    put(stage, entry, "terminate", "", "SIGTERM was sent, SIGKILL in 5 s");
}

static void it_looks_right(void **state)
{
    (void)state;
    static const struct {
        int width, height;
        const char *name;
    } cases[] = {
        {80, 24, "journal_80x24"},
        {40, 10, "journal_40x10"},
        {100, 12, "journal_100x12"},
        {200, 60, "journal_200x60"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct stage stage;
        open_stage(&stage, 100);
        fill(&stage);
        draw(&stage, cases[i].width, cases[i].height);
        screen_check(&stage.surface, cases[i].name);
        close_stage(&stage);
    }
}

static void nothing_done_is_said(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, 100);
    draw(&stage, 80, 24);
    assert_true(screen_has(&stage.surface, "nothing was done yet"));
    assert_string_equal(describe(&stage), "");
    stage.view = (struct view){0}; // no journal, no snapshot
    act(&stage, ACTION_FIRST);
    draw(&stage, 80, 24);
    assert_true(screen_has(&stage.surface, "nothing was done yet"));
    assert_string_equal(describe(&stage), "");
    close_stage(&stage);
}

static void it_counts_what_was_done_and_what_failed(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, 100);
    put(&stage, entry_at(0, 1, "init", "root"), "nice", "0 -> 1", "");
    assert_string_equal(describe(&stage), "1 action, 0 failed");
    fill(&stage);
    assert_string_equal(describe(&stage), "9 actions, 2 failed");
    close_stage(&stage);
}

/* Fail unless each word of the sentence is somewhere on the surface. */
static void check_words(const struct surface *surface, const char *sentence)
{
    char word[64];
    while (*sentence != '\0') {
        size_t len = strcspn(sentence, " ");
        struct strbuf buf;
        str_init(&buf, word, sizeof(word));
        str_add_bytes(&buf, sentence, len);
        if (!screen_has(surface, word)) {
            fail_msg("\"%s\" is not on a screen of %d columns", word, surface->width);
        }
        sentence += len + strspn(sentence + len, " ");
    }
}

static void nothing_is_cut_at_any_width(void **state)
{
    (void)state;
    for (int width = 20; width <= 200; width++) {
        struct stage stage;
        open_stage(&stage, 100);
        fill(&stage);
        draw(&stage, width, 120);
        check_words(&stage.surface,
                    "best-effort 4 -> real-time 0 permission denied: CAP_SYS_ADMIN is missing, and "
                    "postgres owns it undo nice 10 -> 5 all 41 threads 22:13:21 22:14:21 FIFO 50, "
                    "reset on fork one thread 4242 secretd www-data");
        close_stage(&stage);
    }
}

static void long_texts_go_on_within_their_column(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, 100);
    put(&stage, entry_at(1, 7, "a-name-that-no-kernel-would-give", "somebody-with-a-long-name"),
        "CPU affinity", "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30 -> 0,2", "all 2 threads");
    put(&stage, entry_at(2, 8, "cat", "ada"), "SIGTERM", "", "gone");
    draw(&stage, 160, 10);
    assert_true(screen_has(&stage.surface, " a-name-that-no-kerne somebody-wit CPU affinity "));
    assert_true(screen_has(&stage.surface, " l-would-give         h-a-long-nam "));
    assert_true(screen_has(&stage.surface, " 0,2,4,6,8,10,12,14,16,18,20,22,24,"));
    assert_true(screen_has(&stage.surface, " 26,28,30 -> 0,2"));
    assert_true(screen_has(&stage.surface, " cat "));
    close_stage(&stage);
}

static void errors_and_what_is_not_over_stand_out(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum role role;
    } cases[] = {
        {"exited after", ROLE_TEXT},
        {"operation not", ROLE_ERROR},
        {"SIGTERM was sent", ROLE_WARNING},
    };
    struct stage stage;
    open_stage(&stage, 100);
    fill(&stage);
    draw(&stage, 200, 60);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool found = false;
        for (int y = 0; y < 60; y++) {
            const char *row = screen_row(&stage.surface, y);
            const char *at = strstr(row, cases[i].text);
            if (at) { // ASCII rows, all three
                const struct cell *cell = &stage.surface.cells[y * 200 + (int)(at - row)];
                assert_int_equal(cell->role, cases[i].role);
                found = true;
            }
        }
        assert_true(found);
    }
    close_stage(&stage);
}

static void the_newest_line_is_in_view_and_scrolling_reaches_all(void **state)
{
    (void)state;
    static const int widths[] = {20, 40, 80, 120};
    for (size_t i = 0; i < 4; i++) {
        struct stage stage;
        open_stage(&stage, 100);
        char name[16];
        struct strbuf buf;
        for (int32_t pid = 1000; pid < 1040; pid++) {
            str_init(&buf, name, sizeof(name));
            str_addf(&buf, "p%d", (int)pid);
            put(&stage, entry_at(pid, pid, name, "ada"), "SIGTERM", "", "gone");
        }
        draw(&stage, widths[i], 10);
        assert_true(screen_has(&stage.surface, "p1039"));
        assert_false(screen_has(&stage.surface, "p1000"));
        act(&stage, ACTION_FIRST);
        draw(&stage, widths[i], 10);
        assert_true(screen_has(&stage.surface, "p1000"));
        act(&stage, ACTION_UP); // no further
        act(&stage, ACTION_LAST);
        draw(&stage, widths[i], 10);
        assert_true(screen_has(&stage.surface, "p1039"));
        bool seen[40] = {false};
        for (int page = 0; page < 40; page++) {
            for (int p = 0; p < 40; p++) {
                str_init(&buf, name, sizeof(name));
                str_addf(&buf, "p%d", 1000 + p);
                seen[p] = seen[p] || screen_has(&stage.surface, name);
            }
            act(&stage, ACTION_PAGE_UP);
            draw(&stage, widths[i], 10);
        }
        for (int p = 0; p < 40; p++) {
            assert_true(seen[p]);
        }
        close_stage(&stage);
    }
}

static void what_is_being_read_stays_when_more_is_done(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, 100);
    for (int32_t pid = 1; pid < 40; pid++) {
        put(&stage, entry_at(pid, pid, "proc", "ada"), "SIGTERM", "", "gone");
    }
    draw(&stage, 80, 10);
    act(&stage, ACTION_PAGE_UP);
    struct mouse wheel = {.kind = MOUSE_WHEEL_UP};
    assert_true(stage.pane->class->mouse(stage.pane, &stage.view, &wheel, NULL));
    draw(&stage, 80, 10);
    char before[256];
    struct strbuf buf;
    str_init(&buf, before, sizeof(before));
    str_add(&buf, screen_row(&stage.surface, 4));
    put(&stage, entry_at(50, 50, "proc", "ada"), "SIGTERM", "",
        "a result that is so long that it does not fit into a single row of the screen");
    draw(&stage, 80, 10);
    assert_string_equal(screen_row(&stage.surface, 4), before);
    act(&stage, ACTION_LAST);
    draw(&stage, 80, 10);
    assert_true(screen_has(&stage.surface, "22:14:10"));
    put(&stage, entry_at(51, 51, "proc", "ada"), "SIGTERM", "", "gone");
    draw(&stage, 80, 10);
    assert_true(screen_has(&stage.surface, "22:14:11")); // at the end it follows
    close_stage(&stage);
}

static void times_are_local(void **state)
{
    (void)state;
    struct stage stage;
    open_stage(&stage, 100);
    put(&stage, entry_at(0, 1000, "proc", "ada"), "SIGTERM", "", "gone");
    struct snapshot snap = *stage.snap;
    snap.utc_offset_s = -3600 * 23;
    snap.system.uptime_ns = 1060 * UINT64_C(1000000000); // it started a minute ago
    stage.view.snap = &snap;
    draw(&stage, 120, 10);
    assert_true(screen_has(&stage.surface, "23:13:20 1000 23:12:22"));
    snap.system.uptime_ns = FIGURE_ABSENT;
    draw(&stage, 120, 10);
    assert_true(screen_has(&stage.surface, "23:13:20 1000          proc"));
    stage.view.snap = NULL;
    draw(&stage, 80, 10);
    assert_true(screen_has(&stage.surface, "22:13:20 1000 proc"));
    close_stage(&stage);
}

static void it_draws_at_every_size(void **state)
{
    (void)state;
    static const int sides[] = {1, 2, 3, 4, 5, 9, 20, 59, 60, 99, 100, 119, 120, 300};
    enum { SIDES = sizeof(sides) / sizeof(sides[0]) };
    struct stage stage;
    open_stage(&stage, 6); // the oldest lines are lost
    fill(&stage);
    for (size_t i = 0; i < SIDES * SIDES; i++) {
        draw(&stage, sides[i / SIDES], sides[i % SIDES]);
        act(&stage, ACTION_UP);
    }
    struct mouse press = {.kind = MOUSE_PRESS, .button = 1};
    assert_false(stage.pane->class->mouse(stage.pane, &stage.view, &press, NULL));
    assert_false(stage.pane->class->act(stage.pane, &stage.view, ACTION_QUIT, NULL));
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_looks_right),
        cmocka_unit_test(nothing_done_is_said),
        cmocka_unit_test(it_counts_what_was_done_and_what_failed),
        cmocka_unit_test(nothing_is_cut_at_any_width),
        cmocka_unit_test(long_texts_go_on_within_their_column),
        cmocka_unit_test(errors_and_what_is_not_over_stand_out),
        cmocka_unit_test(the_newest_line_is_in_view_and_scrolling_reaches_all),
        cmocka_unit_test(what_is_being_read_stays_when_more_is_done),
        cmocka_unit_test(times_are_local),
        cmocka_unit_test(it_draws_at_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
