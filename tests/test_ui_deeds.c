#include "base/deed.h"
#include "check.h"
#include "screen.h"
#include "ui_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Acting on processes through the interface: what the dialogs ask, and what the program is asked
 * to do in the end. Inspections are made up; nothing is ever done.
 */

/* A shell with its job; PID 1 and a kernel thread beside them. */
static const struct screen_proc town[] = {
    {1, 0, .name = "init", .user = "root"},
    {2, 0, .name = "kthreadd", .user = "root", .flags = PROC_KERNEL},
    {500, 1, .name = "shell", .user = "ada", .uid = 1000, .session = 500, .cpu = 0.5},
    {600, 500, .name = "make", .user = "ada", .uid = 1000, .pgrp = 600, .session = 500,
     .threads = 2, .cpu = 0.4},
    {601, 600, .group_pid = 600, .name = "helper", .user = "ada", .uid = 1000, .flags = PROC_THREAD,
     .pgrp = 600, .session = 500, .cpu = 0.1},
    {602, 600, .name = "cc1", .user = "ada", .uid = 1000, .pgrp = 600, .session = 500, .cpu = 0.3},
    {603, 602, .name = "as", .user = "ada", .uid = 1000, .pgrp = 600, .session = 500, .state = 'T',
     .cpu = 0.2},
};

enum { TOWN = sizeof(town) / sizeof(town[0]) };

static void start_town(struct fixture *f)
{
    start(f, &(struct ui_options){.own_pid = 9999});
    f->settings.kernel_threads = true;
    show(f, town, TOWN);
    show(f, town, TOWN);
    wait_s(f, 2); // for a look at it
}

/* The one effect of this kind. */
static const struct effect *the(const struct fixture *f, enum effect_kind kind)
{
    const struct effect *effect = effect_of(f, kind);
    assert_non_null(effect);
    return effect;
}

/* Answer the question asked last. */
static void inspect(struct fixture *f, struct inspection answer)
{
    for (size_t i = 0; i < f->effects->count; i++) {
        if (f->effects->items[i].kind == EFFECT_INSPECT) {
            answer.job = f->effects->items[i].job;
            answer.deed = f->effects->items[i].deed.kind;
        }
    }
    assert_true(answer.job > 0);
    handle(f, (struct event){.kind = EVENT_INSPECTION, .as.inspection = &answer});
    draw(f);
}

/* All targets have this value. */
static struct inspection all_have(struct deed_value value)
{
    return (struct inspection){.known = true, .same = true, .value = value};
}

/* Press keys; "!" is where the answer comes that all targets have the usual value. */
static void press_known(struct fixture *f, const char *keys)
{
    const char *mark = strchr(keys, '!');
    if (mark == NULL) {
        press(f, keys);
        return;
    }
    char before[32];
    struct strbuf buf;
    str_init(&buf, before, sizeof(before));
    str_add_bytes(&buf, keys, (size_t)(mark - keys));
    press(f, before);
    inspect(f, all_have((struct deed_value){0}));
    press(f, mark[1] == ' ' ? mark + 2 : mark + 1);
}

static struct inspection in_a_cgroup(uint32_t processes)
{
    return (struct inspection){
        .known = true,
        .same = true,
        .cgroup = {.path = "/system.slice/nginx.service", .processes = processes, .can_kill = true},
        .cgroup_count = 1,
        .cgroup_processes = processes,
    };
}

/* --- screens --------------------------------------------------------------------------------- */

/* What an inspection says, for the screens that show it. */
enum answer { ANSWER_NONE, ANSWER_IO, ANSWER_POLICY, ANSWER_CGROUP, ANSWER_OOM };

static void give(struct fixture *f, enum answer answer)
{
    struct deed_value value = {0};
    switch (answer) {
    case ANSWER_NONE:
        break;
    case ANSWER_IO:
        value.io.class = IO_CLASS_BEST_EFFORT;
        value.io.level = 4;
        inspect(f, all_have(value));
        break;
    case ANSWER_POLICY:
        value.sched.policy = POLICY_RR;
        value.sched.rt_priority = 20;
        value.sched.reset_on_fork = true;
        inspect(f, all_have(value));
        break;
    case ANSWER_CGROUP:
        inspect(f, in_a_cgroup(12));
        break;
    case ANSWER_OOM:
        value.number = -250;
        inspect(f, all_have(value));
        break;
    }
}

static void screens_look_as_agreed(void **state)
{
    (void)state;
    static const struct {
        const char *name, *keys;
        enum answer answer;
        const char *more; // keys after the answer
    } rows[] = {
        {"signal", "Space Space Space F9", ANSWER_NONE, ""},
        {"confirm", "Space Space Space F9 Enter", ANSWER_NONE, ""},
        {"typed", "N Home F9 Enter y e", ANSWER_NONE, ""},
        {"ioprio", "Down i", ANSWER_IO, ""},
        {"scheduling", "Down Y", ANSWER_POLICY, ""},
        {"cgroup", "Down G", ANSWER_CGROUP, ""},
        {"cgroup_kill", "Down G", ANSWER_CGROUP, "k Enter"},
        {"oom", "Down o", ANSWER_OOM, ""},
        {"actions", "Down x", ANSWER_NONE, ""},
    };
    static const struct {
        int width, height;
        bool kept;
    } sizes[] = {{80, 24, true}, {40, 10, true}, {20, 5, false}, {1, 1, false}, {200, 60, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
            struct fixture f;
            start_shown(&f);
            resize(&f, sizes[j].width, sizes[j].height);
            press(&f, rows[i].keys);
            give(&f, rows[i].answer);
            press(&f, rows[i].more);
            char name[64];
            struct strbuf buf;
            str_init(&buf, name, sizeof(name));
            str_addf(&buf, "deed_%s_%dx%d", rows[i].name, sizes[j].width, sizes[j].height);
            if (sizes[j].kept) {
                screen_check(&f.surface, name);
            }
            stop(&f);
        }
    }
}

/* --- stages ---------------------------------------------------------------------------------- */

static void one_target_needs_no_list_and_several_do(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "Down F9 Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->target_count, 1);
    assert_int_equal(f.effects->items[f.effects->count - 1].kind, EFFECT_RELEASE);
    forget(&f);
    press(&f, "Space Space F9");
    assert_true(screen_has(&f.surface, "Signal 2 processes: 600 make, 602 cc1"));
    press(&f, "Enter");
    assert_null(effect_of(&f, EFFECT_DEED));
    assert_true(screen_has(&f.surface, "Send SIGTERM to 2 processes?"));
    assert_true(screen_has(&f.surface, "600 make"));
    assert_true(screen_has(&f.surface, "602 cc1"));
    press(&f, "Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->target_count, 2);
    assert_int_equal(f.effects->items[f.effects->count - 1].kind, EFFECT_RELEASE);
    forget(&f);
    press(&f, "F9 Enter Esc"); // not after all
    assert_null(effect_of(&f, EFFECT_DEED));
    assert_non_null(effect_of(&f, EFFECT_RELEASE));
    stop(&f);
}

static void a_protected_process_takes_a_typed_yes(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        bool done;
    } rows[] = {{"yes", true}, {"", false}, {"y", false}, {"YES", false}, {"yes ", false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;
        start_town(&f);
        press(&f, "N Home F9 Enter");
        assert_null(effect_of(&f, EFFECT_DEED));
        assert_true(screen_has(&f.surface, "Type yes to send SIGTERM to 1 init:"));
        assert_true(screen_has(&f.surface, "first process"));
        type(&f, rows[i].typed);
        mouse(&f, MOUSE_PRESS, 5, 8); // the list is no answer
        mouse(&f, MOUSE_PRESS, 5, 8);
        assert_null(effect_of(&f, EFFECT_DEED));
        press(&f, "Enter");
        assert_int_equal(effect_of(&f, EFFECT_DEED) != NULL, rows[i].done);
        assert_int_equal(screen_has(&f.surface, "nothing was done"), !rows[i].done);
        assert_non_null(effect_of(&f, EFFECT_RELEASE));
        stop(&f);
    }
}

static void every_deed_on_a_protected_process_asks(void **state)
{
    (void)state;
    static const char *const scripts[] = {"F7",       "F8",       "S-F7",     "S-F8",    "s",
                                          "r! Enter", "i! Enter", "Y! Enter", "o! Enter"};
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct fixture f;
        start_town(&f);
        press(&f, "N Home");
        press_known(&f, scripts[i]);
        assert_null(effect_of(&f, EFFECT_DEED));
        assert_non_null(effect_of(&f, EFFECT_INSPECT)); // held while one types
        type(&f, "yes");
        press(&f, "Enter");
        assert_int_equal(target_pid(&f, the(&f, EFFECT_DEED), 0), 1);
        assert_non_null(effect_of(&f, EFFECT_RELEASE));
        stop(&f);
    }
}

static void those_the_settings_name_are_protected(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    struct strbuf error;
    char text[128];
    str_init(&error, text, sizeof(text));
    assert_int_equal(settings_set(&f.settings, "protected", "make, cc1", &error), 0);
    press(&f, "Down s");
    assert_null(effect_of(&f, EFFECT_DEED));
    assert_true(screen_has(&f.surface, "Type yes to stop 600 make:"));
    press(&f, "Esc Home s");
    assert_non_null(effect_of(&f, EFFECT_DEED));
    stop(&f);
}

static void a_list_with_protected_ones_is_read_and_then_typed(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "N Home Space End Up Space k Enter");
    assert_true(screen_has(&f.surface, "Send SIGTERM to 2 processes?"));
    assert_true(screen_has(&f.surface, "Type yes")); // the list is no stage of its own
    press(&f, "Down PgUp PgDn Up");                  // reads it
    type(&f, "yes");
    press(&f, "Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->target_count, 2);
    stop(&f);
}

static void pasted_text_confirms_nothing(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "N Home F9 Enter");
    code(&f, KEYCODE_PASTE_BEGIN);
    type(&f, "yes");
    code(&f, KEYCODE_ENTER);
    code(&f, KEYCODE_PASTE_END);
    assert_null(effect_of(&f, EFFECT_DEED));
    stop(&f);
}

static void kernel_threads_are_refused_or_left_out(void **state)
{
    (void)state;
    static const char *const keys[] = {"F9", "F7", "S-F8", "r", "i", "a", "Y", "o", "s", "G", "x"};
    struct fixture f;
    start_town(&f);
    press(&f, "N Home Down");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        press(&f, keys[i]);
        assert_int_equal(f.effects->count, 0);
        assert_true(screen_has(&f.surface, "kernel threads cannot be"));
        assert_true(screen_has(&f.surface, "2 kthreadd"));
    }
    press(&f, "Space Space k Enter"); // with the shell
    assert_true(screen_has(&f.surface, "Send SIGTERM to 500 shell?"));
    assert_true(screen_has(&f.surface, "1 kernel thread is left out"));
    press(&f, "Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->target_count, 1);
    stop(&f);
}

static size_t count_of(const struct fixture *f, enum effect_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < f->effects->count; i++) {
        count += f->effects->items[i].kind == kind;
    }
    return count;
}

static void leaving_at_any_stage_lets_go_once_and_does_nothing(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "k Esc",        "k F10",          "k C-c",           "k q",
        "k Tab Esc",    "k S-Tab Esc",    "k Tab Enter Esc", "k Tab Enter C-c",
        "r! 5 Esc",     "i! End Esc",     "a! c Esc",        "a! Enter Esc",
        "Y! Esc",       "Y! f Enter Esc", "Y! r Enter q",    "Y! Space Esc",
        "o! 1 Esc",     "o! q",           "G Esc",           "G Enter Esc",
        "G! Esc",       "x k Enter Esc",  "x r Enter Esc",   "N Home k Enter Esc",
        "N Home s Esc", "N Home F7 C-c",  "N Home F7 F10",   "N Home F8 y e s Esc",
    };
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct fixture f;
        start_town(&f);
        press(&f, "Down");
        press_known(&f, scripts[i]);
        press(&f, "Enter Enter");
        if (count_of(&f, EFFECT_RELEASE) != 1 || count_of(&f, EFFECT_DEED) != 0 ||
            f.effects->items[f.effects->count - 1].kind != EFFECT_RELEASE) {
            fail_msg("%s: %zu releases, %zu deeds", scripts[i], count_of(&f, EFFECT_RELEASE),
                     count_of(&f, EFFECT_DEED));
        }
        stop(&f);
    }
}

/* --- whom ------------------------------------------------------------------------------------ */

static void tab_changes_whom_it_is_for(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "Down F9");
    assert_true(screen_has(&f.surface, "Signal 600 make (ada)"));
    assert_true(screen_has(&f.surface, "this process (Tab: 3 with descendants, 4 in its session)"));
    assert_true(screen_has(&f.surface, "TabWhom"));
    uint32_t first = the(&f, EFFECT_INSPECT)->job;
    forget(&f);
    press(&f, "Tab");
    assert_true(screen_has(&f.surface, "Signal 3 processes: 600 make, 602 cc1, 603 as"));
    assert_int_equal(the(&f, EFFECT_INSPECT)->target_count, 3);
    assert_true(the(&f, EFFECT_INSPECT)->job != first);
    press(&f, "Tab"); // the process group is the same and not offered again
    assert_true(screen_has(&f.surface, "Signal 4 processes: 500 shell"));
    press(&f, "Tab");
    assert_true(screen_has(&f.surface, "Signal 600 make (ada)"));
    press(&f, "S-Tab Enter Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->target_count, 4);
    stop(&f);
}

static void tagged_ones_come_first_and_the_filter_is_a_choice(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "Space");
    press(&f, "F4");
    type(&f, "make|cc1");
    press(&f, "Enter F9");
    assert_true(screen_has(&f.surface, "1 tagged (Tab: this process"));
    assert_true(screen_has(&f.surface, "500 shell"));
    assert_true(screen_has(&f.surface, "2 listed"));
    press(&f, "S-Tab Enter");
    assert_true(screen_has(&f.surface, "Send SIGTERM to 2 processes?"));
    stop(&f);
}

static void a_dialog_about_one_process_has_no_whom(void **state)
{
    (void)state;
    static const struct screen_proc lone[] = {{77, 1, .name = "lone"}};
    struct fixture f;
    start(&f, NULL);
    show(&f, lone, 1);
    press(&f, "F9");
    assert_false(screen_has(&f.surface, "Whom"));
    uint32_t job = the(&f, EFFECT_INSPECT)->job;
    forget(&f);
    press(&f, "Tab");
    assert_null(effect_of(&f, EFFECT_INSPECT));
    assert_int_equal(job, 1);
    stop(&f);
}

static void threads_can_be_meant_alone_or_all_of_them(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "Down r");
    assert_true(screen_has(&f.surface, "this process (Tab: main thread only"));
    assert_false(the(&f, EFFECT_INSPECT)->deed.one_thread);
    forget(&f);
    press(&f, "Tab");
    assert_true(screen_has(&f.surface, "the main thread of 600 make"));
    assert_true(the(&f, EFFECT_INSPECT)->deed.one_thread);
    press(&f, "5 Enter");
    assert_true(the(&f, EFFECT_DEED)->deed.one_thread);
    forget(&f);
    press(&f, "H");
    type(&f, "601");
    press(&f, "i");
    assert_true(screen_has(&f.surface, "I/O priority of thread 601 helper (ada)"));
    press(&f, "b Enter");
    assert_true(the(&f, EFFECT_DEED)->deed.one_thread);
    assert_int_equal(target_pid(&f, the(&f, EFFECT_DEED), 0), 601);
    forget(&f);
    press(&f, "i Tab b Enter");
    assert_false(the(&f, EFFECT_DEED)->deed.one_thread);
    assert_int_equal(target_pid(&f, the(&f, EFFECT_DEED), 0), 600);
    forget(&f);
    press(&f, "k"); // a signal has no thread
    assert_true(screen_has(&f.surface, "Signal 600 make (ada)"));
    assert_false(screen_has(&f.surface, "main thread"));
    stop(&f);
}

static void a_stale_answer_is_ignored(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "Down r");
    struct inspection old = all_have((struct deed_value){.number = 7});
    old.job = the(&f, EFFECT_INSPECT)->job;
    press(&f, "Tab");
    handle(&f, (struct event){.kind = EVENT_INSPECTION, .as.inspection = &old});
    draw(&f);
    assert_false(screen_has(&f.surface, "now: 7"));
    press(&f, "Esc");
    handle(&f, (struct event){.kind = EVENT_INSPECTION, .as.inspection = &old}); // none is open
    stop(&f);
}

static void more_than_one_command_reaches_is_refused(void **state)
{
    (void)state;
    enum { MANY = EFFECT_TARGETS_MAX + 1 };
    struct screen_proc *procs = calloc(MANY, sizeof(*procs));
    assert_non_null(procs);
    for (int i = 0; i < MANY; i++) {
        procs[i] = (struct screen_proc){
            .pid = 100 + i, .ppid = i > 0 ? 100 : 1, .session = 100, .cpu = i == 0};
    }
    struct fixture f;
    start(&f, NULL);
    show(&f, procs, MANY);
    show(&f, procs, MANY);
    press(&f, "c F9");
    assert_int_equal(f.effects->count, 0);
    assert_true(screen_has(&f.surface, "4097 processes are meant"));
    press(&f, "U N End F9 Tab"); // its session: too many, and nothing else is offered
    assert_true(screen_has(&f.surface, "4097 processes are meant"));
    assert_true(screen_has(&f.surface, "Signal 4196 proc"));
    press(&f, "Enter");
    assert_int_equal(target_pid(&f, the(&f, EFFECT_DEED), 0), 4196);
    stop(&f);
    free(procs);
}

/* --- each kind ------------------------------------------------------------------------------- */

static void what_is_chosen_is_what_is_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        enum deed_kind kind;
        bool relative;
        struct deed_value value;
    } rows[] = {
        {"F9 Enter", DEED_SIGNAL, false, {.number = 15}},
        {"F9 Up Enter", DEED_TERMINATE, false, {.number = 5000}},
        {"F9 1 9 Enter", DEED_STOP, false, {.number = 1}},
        {"F9 k Enter", DEED_SIGNAL, false, {.number = 9}},
        {"F7", DEED_NICE, true, {.number = -1}},
        {"]", DEED_NICE, true, {.number = -1}},
        {"F8", DEED_NICE, true, {.number = 1}},
        {"[", DEED_NICE, true, {.number = 1}},
        {"S-F7", DEED_AUTOGROUP, true, {.number = -1}},
        {"}", DEED_AUTOGROUP, true, {.number = -1}},
        {"S-F8", DEED_AUTOGROUP, true, {.number = 1}},
        {"{", DEED_AUTOGROUP, true, {.number = 1}},
        {"r! Enter", DEED_NICE, false, {.number = 0}},
        {"r - 5 Enter", DEED_NICE, false, {.number = -5}},
        {"r 1 2 Enter", DEED_NICE, false, {.number = 12}},
        {"r - 1 Enter", DEED_NICE, false, {.number = -1}},
        {"i! Enter", DEED_IOPRIO, false, {.io = {IO_CLASS_NONE, 0}}},
        {"i b Down Enter", DEED_IOPRIO, false, {.io = {IO_CLASS_BEST_EFFORT, 1}}},
        {"i r Enter", DEED_IOPRIO, false, {.io = {IO_CLASS_REALTIME, 0}}},
        {"i End Enter", DEED_IOPRIO, false, {.io = {IO_CLASS_IDLE, 0}}},
        {"Y! b Enter", DEED_SCHEDULING, false, {.sched = {.policy = POLICY_BATCH}}},
        {"Y! f Enter 4 2 Enter",
         DEED_SCHEDULING,
         false,
         {.sched = {.policy = POLICY_FIFO, .rt_priority = 42}}},
        {"Y Space r r Enter Enter",
         DEED_SCHEDULING,
         false,
         {.sched = {.policy = POLICY_RR, .rt_priority = 1, .reset_on_fork = true}}},
        {"Y End Enter Home Enter",
         DEED_SCHEDULING,
         false,
         {.sched = {.policy = POLICY_OTHER, .reset_on_fork = true}}},
        {"o - 3 0 0 Enter", DEED_OOM_ADJ, false, {.number = -300}},
        {"o End Enter", DEED_OOM_ADJ, false, {.number = 1000}},
        {"s", DEED_STOP, false, {.number = 1}},
        {"N End s", DEED_STOP, false, {.number = 0}},
        {"x r Enter End Enter", DEED_NICE, false, {.number = 19}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;
        start_town(&f);
        press_known(&f, rows[i].keys);
        const struct effect *deed = effect_of(&f, EFFECT_DEED);
        if (deed == NULL || deed->deed.kind != rows[i].kind ||
            deed->deed.relative != rows[i].relative ||
            !deed_value_equal(rows[i].kind, &deed->deed.value, &rows[i].value)) {
            fail_msg("%s asks for something else", rows[i].keys);
        }
        assert_int_equal(effect_of(&f, EFFECT_INSPECT) != NULL,
                         effect_of(&f, EFFECT_RELEASE) != NULL);
        stop(&f);
    }
}

static void the_last_signal_is_offered_first(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "F9 H Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->deed.value.number, 1);
    forget(&f);
    press(&f, "F9 K Esc F9 Enter"); // a cancelled one does not count
    assert_int_equal(the(&f, EFFECT_DEED)->deed.value.number, 1);
    forget(&f);
    press(&f, "c F9 K Enter Esc U F9 Enter"); // nor one whose list was not confirmed
    assert_int_equal(the(&f, EFFECT_DEED)->deed.value.number, 1);
    forget(&f);
    press(&f, "F9 T E R M Up Enter");
    forget(&f);
    press(&f, "F9 Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->deed.kind, DEED_TERMINATE);
    stop(&f);
}

static void the_current_value_is_shown_and_offered_first(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "r");
    assert_true(screen_has(&f.surface, "now: …"));
    inspect(&f, all_have((struct deed_value){.number = 7}));
    assert_true(screen_has(&f.surface, "now: 7"));
    press(&f, "Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->deed.value.number, 7);
    forget(&f);
    press(&f, "r"); // whoever has moved is left alone
    press(&f, "Up");
    inspect(&f, all_have((struct deed_value){.number = 7}));
    press(&f, "Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->deed.value.number, -1);
    stop(&f);
}

static void every_dialog_shows_how_it_is_now(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "i");
    inspect(&f, (struct inspection){.known = true});
    assert_true(screen_has(&f.surface, "now: different values"));
    press(&f, "Esc i");
    inspect(&f, (struct inspection){.error = -EPERM});
    assert_true(screen_has(&f.surface, "not readable: permission denied"));
    press(&f, "Esc o");
    inspect(&f, all_have((struct deed_value){.number = -250}));
    assert_true(screen_has(&f.surface, "Value -250_"));
    press(&f, "Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->deed.value.number, -250);
    press(&f, "Y");
    inspect(&f, all_have((struct deed_value){.sched = {.policy = POLICY_DEADLINE}}));
    assert_true(screen_has(&f.surface, "now: DEADLINE"));
    stop(&f);
}

static void what_is_not_known_yet_is_not_changed(void **state)
{
    (void)state;
    static const char *const scripts[] = {"r", "i", "a", "Y", "o", "r Tab", "Y b", "Y f"};
    struct inspection answer = all_have((struct deed_value){
        .number = 7,
        .io = {IO_CLASS_IDLE, 0},
        .sched = {.policy = POLICY_BATCH, .reset_on_fork = true},
    });
    assert_int_equal(cpu_set_parse("0-3", &answer.allowed), 0);
    assert_int_equal(cpu_set_parse("1-2", &answer.value.cpus), 0);
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct fixture f;
        start_town(&f);
        press(&f, "Down"); // has threads
        press(&f, scripts[i]);
        press(&f, "Enter");
        assert_null(effect_of(&f, EFFECT_DEED));
        assert_false(screen_has(&f.surface, "FIFO priority"));
        inspect(&f, answer);
        press(&f, "Enter Enter");
        const struct deed *deed = &the(&f, EFFECT_DEED)->deed;
        if (deed->kind == DEED_SCHEDULING) {
            assert_true(deed->value.sched.reset_on_fork);
        } else {
            assert_true(deed_value_equal(deed->kind, &deed->value, &answer.value));
        }
        stop(&f);
    }
    struct fixture f;
    start_town(&f);
    press(&f, "Down r");
    inspect(&f, answer);
    press(&f, "Tab Enter"); // what the cursor is on is another's value
    assert_null(effect_of(&f, EFFECT_DEED));
    assert_true(screen_has(&f.surface, "not known yet"));
    stop(&f);
}

static void only_what_the_user_does_counts_as_chosen(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "Down x r Enter");
    mouse(&f, MOUSE_RELEASE, 5, 8); // of a press on the menu before this one
    press(&f, "F5 Left");           // mean nothing here
    inspect(&f, all_have((struct deed_value){.number = 7}));
    press(&f, "Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->deed.value.number, 7);
    forget(&f);
    press(&f, "r");
    mouse(&f, MOUSE_WHEEL_DOWN, 5, 8);
    inspect(&f, all_have((struct deed_value){.number = 7}));
    press(&f, "Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->deed.value.number, 3);
    stop(&f);
}

static void a_number_outside_the_range_is_not_taken(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "o");
    type(&f, "1001");
    press(&f, "Enter");
    assert_null(effect_of(&f, EFFECT_DEED));
    assert_true(screen_has(&f.surface, "a number from -1000 to 1000"));
    press(&f, "Backspace Backspace Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->deed.value.number, 10);
    stop(&f);
    static const struct {
        const char *keys;
        int32_t number; // -250 stands there before
    } rows[] = {
        {"3 0 0 Enter", 300},         {"Backspace Enter", -25}, {"C-u 7 Enter", 7},
        {"C-w - 7 Enter", -7},        {"C-u Enter 5 Enter", 5}, {"3 C-u 4 Backspace 6 Enter", 6},
        {"End Backspace Enter", 100},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        start_town(&f);
        press(&f, "o");
        inspect(&f, all_have((struct deed_value){.number = -250}));
        press(&f, rows[i].keys);
        assert_int_equal(the(&f, EFFECT_DEED)->deed.value.number, rows[i].number);
        stop(&f);
    }
}

static void the_picker_gets_what_is_known(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "a");
    assert_int_equal(the(&f, EFFECT_INSPECT)->deed.kind, DEED_AFFINITY);
    struct inspection answer = all_have((struct deed_value){0});
    assert_int_equal(cpu_set_parse("0-3", &answer.allowed), 0);
    assert_int_equal(cpu_set_parse("1-2", &answer.value.cpus), 0);
    inspect(&f, answer);
    press(&f, "Enter");
    const struct effect *deed = the(&f, EFFECT_DEED);
    assert_int_equal(deed->deed.kind, DEED_AFFINITY);
    assert_true(cpu_set_equal(&deed->deed.value.cpus, &answer.value.cpus));
    assert_non_null(effect_of(&f, EFFECT_RELEASE));
    stop(&f);
}

/* --- cgroups --------------------------------------------------------------------------------- */

static void a_cgroup_is_counted_before_anything_happens_to_it(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "G Enter"); // too early
    assert_null(effect_of(&f, EFFECT_DEED));
    assert_true(screen_has(&f.surface, "looking at its cgroup"));
    inspect(&f, in_a_cgroup(12));
    assert_true(screen_has(&f.surface, "12 processes in /system.slice/nginx.service"));
    press(&f, "f Enter");
    assert_null(effect_of(&f, EFFECT_DEED));
    assert_true(screen_has(&f.surface, "Freeze the cgroup of 500 shell?"));
    assert_true(screen_has(&f.surface, "12 processes in"));
    press(&f, "Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->deed.kind, DEED_FREEZE);
    assert_int_equal(the(&f, EFFECT_DEED)->deed.value.number, 1);
    forget(&f);
    press(&f, "G");
    inspect(&f, in_a_cgroup(1));
    press(&f, "k Enter Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->deed.kind, DEED_KILL_GROUP);
    forget(&f);
    press(&f, "G");
    struct inspection frozen = in_a_cgroup(3);
    frozen.cgroup.frozen = true;
    frozen.value.number = 1;
    inspect(&f, frozen);
    press(&f, "Enter"); // thawing is what is offered, and needs no list
    assert_int_equal(the(&f, EFFECT_DEED)->deed.kind, DEED_FREEZE);
    assert_int_equal(the(&f, EFFECT_DEED)->deed.value.number, 0);
    stop(&f);
}

static void a_cgroup_that_cannot_be_acted_on_says_why(void **state)
{
    (void)state;
    struct inspection root = in_a_cgroup(3);
    root.cgroup.obstacle = OBSTACLE_CGROUP_ROOT;
    struct inspection self = in_a_cgroup(3);
    self.cgroup.obstacle = OBSTACLE_CGROUP_SELF;
    struct inspection old_kernel = in_a_cgroup(3);
    old_kernel.cgroup.can_kill = false;
    const struct {
        const struct inspection *answer;
        const char *says;
    } rows[] = {
        {&root, "it is in the root cgroup"},
        {&self, "perch itself is in its cgroup"},
        {&old_kernel, "this kernel cannot kill a cgroup"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;
        start_town(&f);
        press(&f, "G");
        inspect(&f, *rows[i].answer);
        press(&f, "k Enter");
        assert_true(screen_has(&f.surface, rows[i].says));
        assert_true(screen_has(&f.surface, "not possible"));
        assert_true(screen_has(&f.surface, "nothing was done: ")); // a key is answered
        press(&f, "Enter Enter");
        assert_null(effect_of(&f, EFFECT_DEED));
        stop(&f);
    }
}

static void the_others_in_a_cgroup_are_listed(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    struct strbuf error;
    char text[128];
    str_init(&error, text, sizeof(text));
    press(&f, "Down G");
    struct inspection answer = in_a_cgroup(9);
    static const int32_t pids[] = {600, 602, 603, 777};
    memcpy(answer.cgroup.pids, pids, sizeof(pids));
    answer.cgroup.pid_count = 4;
    inspect(&f, answer);
    press(&f, "f Enter");
    assert_true(screen_has(&f.surface, "600 make"));
    assert_true(screen_has(&f.surface, "602 cc1"));
    assert_true(screen_has(&f.surface, "603 as"));
    assert_true(screen_has(&f.surface, "777")); // came since the last snapshot
    assert_true(screen_has(&f.surface, "and 5 more"));
    assert_false(screen_has(&f.surface, "Type yes"));
    press(&f, "Esc G");
    inspect(&f, answer);
    press(&f, "k Enter"); // kills more than was chosen
    assert_true(screen_has(&f.surface, "Type yes to kill the cgroup of 600 make:"));
    press(&f, "Enter");
    assert_null(effect_of(&f, EFFECT_DEED));
    assert_int_equal(settings_set(&f.settings, "protected", "cc1", &error), 0);
    press(&f, "G");
    inspect(&f, answer);
    press(&f, "f Enter"); // nobody chose cc1
    assert_true(screen_has(&f.surface, "Type yes to freeze the cgroup of 600 make:"));
    assert_true(screen_has(&f.surface, "602 cc1: "));
    type(&f, "yes");
    press(&f, "Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->target_count, 1);
    stop(&f);
}

static void a_cgroup_with_our_own_shell_takes_a_typed_yes(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "G");
    struct inspection answer = in_a_cgroup(7);
    answer.cgroup_has_ancestor = true;
    inspect(&f, answer);
    press(&f, "k Enter");
    assert_true(screen_has(&f.surface, "Type yes to kill the cgroup of 500 shell:"));
    type(&f, "yes");
    press(&f, "Enter");
    assert_int_equal(the(&f, EFFECT_DEED)->deed.kind, DEED_KILL_GROUP);
    stop(&f);
}

/* --- the world goes on ----------------------------------------------------------------------- */

static const struct screen_proc pair[] = {
    {10, 1, .name = "first", .user = "ada", .cpu = 0.9},
    {20, 1, .name = "second", .user = "ada", .cpu = 0.5},
    {30, 1, .name = "third", .user = "ada", .cpu = 0.1},
};

static void a_key_is_not_for_who_came_under_the_cursor(void **state)
{
    (void)state;
    static const char *const keys[] = {"s", "F7", "F8", "S-F7", "k", "r", "x", "G"};
    static const struct screen_proc left[] = {
        {10, 1, .name = "first", .user = "ada", .cpu = 0.9},
        {30, 1, .name = "third", .user = "ada", .cpu = 0.1},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct fixture f;
        start(&f, NULL);
        show(&f, pair, 3);
        show(&f, pair, 3);
        press(&f, "Down");
        show(&f, left, 2);
        wait_s(&f, 100);
        press(&f, keys[i]);
        assert_int_equal(f.effects->count, 0);
        assert_true(screen_has(&f.surface, "20 second has exited; the cursor is on 30 third now: "
                                           "press again"));
        press(&f, keys[i]);
        assert_false(screen_has(&f.surface, "Act on 10"));
        assert_true(f.effects->count > 0 || screen_has(&f.surface, "Act on 30 third"));
        stop(&f);
    }
}

static void moving_or_tagging_says_who_is_meant(void **state)
{
    (void)state;
    static const char *const keys[] = {"Up s",  "Down s",  "Home Down s",
                                       "End s", "Space s", "1 0 s"};
    static const struct screen_proc left[] = {
        {10, 1, .name = "first", .user = "ada", .cpu = 0.9},
        {30, 1, .name = "third", .user = "ada", .cpu = 0.1},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct fixture f;
        start(&f, NULL);
        show(&f, pair, 3);
        show(&f, pair, 3);
        press(&f, "Down");
        show(&f, left, 2);
        press(&f, keys[i]);
        assert_non_null(effect_of(&f, EFFECT_DEED));
        stop(&f);
    }
    struct fixture f;
    start(&f, NULL);
    show(&f, pair, 3);
    show(&f, pair, 3);
    press(&f, "Space"); // then the cursor says nothing
    show(&f, left, 2);
    press(&f, "s");
    assert_int_equal(target_pid(&f, the(&f, EFFECT_DEED), 0), 10);
    stop(&f);
    start(&f, NULL);
    show(&f, pair, 3);
    show(&f, pair, 3);
    press(&f, "Down");
    press(&f, "F4");
    type(&f, "third");
    press(&f, "Enter s"); // the user made it so
    assert_int_equal(target_pid(&f, the(&f, EFFECT_DEED), 0), 30);
    stop(&f);
}

static void the_top_row_is_looked_at_before_it_is_struck(void **state)
{
    (void)state;
    struct screen_proc turned[] = {pair[0], pair[1], pair[2]};
    turned[2].cpu = 2;
    for (int late = 0; late < 2; late++) {
        struct fixture f;
        start(&f, NULL);
        show(&f, pair, 3);
        show(&f, pair, 3);
        wait_s(&f, 2);
        show(&f, turned, 3);
        wait_s(&f, (uint64_t)late);
        press(&f, "s");
        assert_int_equal(effect_of(&f, EFFECT_DEED) != NULL, late);
        assert_int_equal(screen_has(&f.surface, "10 first has moved; the cursor is on 30 third "
                                                "now: press again"),
                         !late);
        show(&f, pair, 3); // it stays with whom it named
        press(&f, late ? "" : "s");
        assert_int_equal(target_pid(&f, the(&f, EFFECT_DEED), 0), 30);
        stop(&f);
        start(&f, NULL);
        show(&f, pair, 3);
        show(&f, turned, 3);
        press(&f, "k"); // names whom it is about
        assert_true(screen_has(&f.surface, "Signal 30 third"));
        stop(&f);
    }
}

static void a_list_tells_those_of_one_name_apart(void **state)
{
    (void)state;
    static const struct screen_proc same[] = {
        {10, 1, .name = "python3", .user = "ada", .args = "python3 web/server.py --port 80"},
        {20, 1, .name = "python3", .user = "ada",
         .args = "python3 a/rather/long/path/to/a/program/that/backs/up/everything/there/is.py"},
    };
    struct fixture f;
    start(&f, NULL);
    show(&f, same, 2);
    press(&f, "Space Space k Enter");
    assert_true(screen_has(&f.surface, "10 python3  ada  python3 web/server.py --port 80"));
    assert_false(screen_has(&f.surface, "there/is.py"));
    resize(&f, 140, 24);
    draw(&f);
    assert_true(screen_has(&f.surface, "20 python3  ada  python3 a/rather/long/path/to/a/program/"
                                       "that/backs/up/everything/there/is.py"));
    struct plan *plan = calloc(1, sizeof(*plan));
    assert_non_null(plan);
    ui_plan(f.ui, plan);
    assert_true((plan->want_visible & FACT_CMDLINE) != 0);
    free(plan);
    stop(&f);
}

static void every_dialog_says_who_has_exited(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "F9", "r", "i", "Y", "Y! f Enter", "o", "G", "x", "a", "Tab", "Space Space F9 Enter",
    };
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct fixture f;
        start_town(&f);
        press_known(&f, scripts[i]);
        show(&f, town, 2);
        bool opened = effect_of(&f, EFFECT_INSPECT) != NULL || scripts[i][0] == 'x';
        assert_int_equal(screen_has(&f.surface, "500 shell"), opened);
        assert_int_equal(screen_has(&f.surface, "exited"), opened);
        stop(&f);
    }
}

static void who_has_exited_hides_no_warning(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "N Home Space End Space k Enter");
    assert_true(screen_has(&f.surface, "1 init: the first process"));
    show(&f, town, TOWN - 1);
    assert_true(screen_has(&f.surface, "603 as has exited"));
    assert_true(screen_has(&f.surface, "1 init: the first process"));
    stop(&f);
}

static void an_action_of_the_menu_is_for_whom_it_was_opened(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "Down x");
    assert_true(screen_has(&f.surface, "Act on 600 make (ada)"));
    show(&f, town, 3); // the cursor is on another one now
    press(&f, "r Enter");
    assert_int_equal(f.effects->count, 0);
    assert_true(screen_has(&f.surface, "process 600 has exited"));
    show(&f, town, TOWN);
    press(&f, "Home Space x");
    show(&f, town, 2); // and no tag is left
    press(&f, "s Enter");
    assert_null(effect_of(&f, EFFECT_DEED));
    assert_true(screen_has(&f.surface, "exited"));
    stop(&f);
}

static void undo_and_journal_have_their_keys(void **state)
{
    (void)state;
    struct fixture f;
    start_town(&f);
    press(&f, "z");
    assert_non_null(effect_of(&f, EFFECT_UNDO));
    forget(&f);
    press(&f, "J");
    assert_false(screen_has(&f.surface, "500 ada"));
    press(&f, "Esc");
    assert_int_equal(f.effects->count, 0);
    press(&f, "x z Enter");
    assert_non_null(effect_of(&f, EFFECT_UNDO));
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screens_look_as_agreed),
        cmocka_unit_test(one_target_needs_no_list_and_several_do),
        cmocka_unit_test(a_protected_process_takes_a_typed_yes),
        cmocka_unit_test(every_deed_on_a_protected_process_asks),
        cmocka_unit_test(those_the_settings_name_are_protected),
        cmocka_unit_test(a_list_with_protected_ones_is_read_and_then_typed),
        cmocka_unit_test(pasted_text_confirms_nothing),
        cmocka_unit_test(kernel_threads_are_refused_or_left_out),
        cmocka_unit_test(leaving_at_any_stage_lets_go_once_and_does_nothing),
        cmocka_unit_test(tab_changes_whom_it_is_for),
        cmocka_unit_test(tagged_ones_come_first_and_the_filter_is_a_choice),
        cmocka_unit_test(a_dialog_about_one_process_has_no_whom),
        cmocka_unit_test(threads_can_be_meant_alone_or_all_of_them),
        cmocka_unit_test(a_stale_answer_is_ignored),
        cmocka_unit_test(more_than_one_command_reaches_is_refused),
        cmocka_unit_test(what_is_chosen_is_what_is_asked_for),
        cmocka_unit_test(the_last_signal_is_offered_first),
        cmocka_unit_test(the_current_value_is_shown_and_offered_first),
        cmocka_unit_test(every_dialog_shows_how_it_is_now),
        cmocka_unit_test(what_is_not_known_yet_is_not_changed),
        cmocka_unit_test(only_what_the_user_does_counts_as_chosen),
        cmocka_unit_test(a_number_outside_the_range_is_not_taken),
        cmocka_unit_test(the_picker_gets_what_is_known),
        cmocka_unit_test(a_cgroup_is_counted_before_anything_happens_to_it),
        cmocka_unit_test(a_cgroup_that_cannot_be_acted_on_says_why),
        cmocka_unit_test(the_others_in_a_cgroup_are_listed),
        cmocka_unit_test(a_cgroup_with_our_own_shell_takes_a_typed_yes),
        cmocka_unit_test(a_key_is_not_for_who_came_under_the_cursor),
        cmocka_unit_test(moving_or_tagging_says_who_is_meant),
        cmocka_unit_test(the_top_row_is_looked_at_before_it_is_struck),
        cmocka_unit_test(a_list_tells_those_of_one_name_apart),
        cmocka_unit_test(every_dialog_says_who_has_exited),
        cmocka_unit_test(who_has_exited_hides_no_warning),
        cmocka_unit_test(an_action_of_the_menu_is_for_whom_it_was_opened),
        cmocka_unit_test(undo_and_journal_have_their_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
