#include "check.h"
#include "dossier.h"
#include "model/plan.h"
#include "screen_load.h"
#include "ui_fixture.h"

#include <string.h>

/* The inspector on invented answers. */

/* What it wants sampled now. */
static const struct plan *plan_of(const struct fixture *f)
{
    static struct plan plan; // large
    ui_plan(f->ui, &plan);
    return &plan;
}

/* Show the population with what the interface wants to know of the inspected process. */
static void answer(struct fixture *f)
{
    const struct plan *plan = plan_of(f);
    struct screen_options options = {.seq = ++f->seq};
    struct snapshot *snap = screen_snapshot(&options);
    screen_add_load(snap, plan->parts);
    if (plan->inspected.pid > 0) {
        const struct inspect_set set = dossier_set(plan->inspect);
        assert_int_equal(diff_inspect(&set, snap, &snap->dossier), 0);
    }
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
    static const char *const names[] = {"overview", "threads", "files",  "sockets",    "maps",
                                        "waiting",  "cgroup",  "limits", "environment"};
    static const struct {
        int width, height;
        const char *name;
    } sizes[] = {{80, 24, "80x24"}, {200, 60, "200x60"}, {40, 10, "40x10"}};
    struct fixture f;
    start_inspecting(&f);
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
    assert_int_equal(inspected(&f),
                     1u << INSPECT_IDENTITY | 1u << INSPECT_WAITING | 1u << INSPECT_CGROUP);
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
    resize(&f, 200, 60); // so that no sentence is broken
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
    assert_non_null(strstr(shown(&f), "EXITED"));
    press(&f, "k");
    assert_non_null(strstr(shown(&f), "process 530 has exited"));
    press(&f, "q");
    assert_int_equal(selected_pid(&f), 1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_section_looks_right),
        cmocka_unit_test(only_what_is_shown_is_wanted_and_the_environment_only_in_its_section),
        cmocka_unit_test(the_screen_says_why_it_is_stuck),
        cmocka_unit_test(enter_on_the_holder_of_a_lock_goes_there),
        cmocka_unit_test(what_is_done_in_it_is_done_to_the_inspected_process),
        cmocka_unit_test(it_stays_when_the_process_ends_and_says_so),
        cmocka_unit_test(the_mouse_chooses_a_section),
        cmocka_unit_test(sorting_filtering_and_searching_work_in_a_section),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
