#include "check.h"
#include "cli.h"
#include "command_choice.h"
#include "sampler/act.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PROCS_MAX = 16 };

/* One process of a made-up machine. */
struct row {
    int32_t pid, ppid;
    const char *name, *cmdline;
    uint32_t uid;
    uint32_t flags; // enum proc_flag
    int32_t group_pid;
    char state; // 0: sleeping
    uint32_t threads;
};

static struct text text(const char *s)
{
    return (struct text){.ptr = s, .bytes = (uint32_t)strlen(s), .cells = (uint32_t)strlen(s)};
}

static struct proc make_proc(const struct row *row)
{
    return (struct proc){
        .id = {.pid = row->pid, .start_ns = (uint64_t)row->pid * 1000},
        .ppid = row->ppid,
        .group_pid = row->group_pid != 0 ? row->group_pid : row->pid,
        .have = FACT_IDENT | FACT_OWNER | FACT_USER | FACT_CMDLINE,
        .flags = row->flags,
        .uid = row->uid,
        .state = row->state != 0 ? row->state : 'S',
        .thread_count = row->threads,
        .name = text(row->name),
        .tty = text(""),
        .user = text(row->uid == 0 ? "root" : "ann"),
        .cmdline = text(row->cmdline),
        .exe = text(""),
    };
}

/* The machine most tests choose on: perch is 60, started through a shell and sudo. */
static const struct row machine[] = {
    {.pid = 1, .ppid = 0, .name = "init", .cmdline = "init"},
    {.pid = 2, .ppid = 0, .name = "kthreadd", .cmdline = "", .flags = PROC_KERNEL},
    {.pid = 3, .ppid = 2, .name = "kworker", .cmdline = "", .flags = PROC_KERNEL},
    {.pid = 10, .ppid = 1, .name = "worker", .cmdline = "worker one", .uid = 7},
    {.pid = 11, .ppid = 10, .name = "child", .cmdline = "child", .uid = 7},
    {.pid = 12, .ppid = 11, .name = "grandchild", .cmdline = "grandchild", .uid = 7},
    {.pid = 20, .ppid = 1, .name = "worker", .cmdline = "worker two"},
    {.pid = 21, .ppid = 20, .name = "worker", .cmdline = "", .state = 'Z'},
    {.pid = 30, .ppid = 1, .name = "database", .cmdline = "database"},
    {.pid = 40, .ppid = 1, .name = "sh", .cmdline = "sh -c perch --filter worker"},
    {.pid = 50, .ppid = 40, .name = "sudo", .cmdline = "sudo perch --filter worker"},
    {.pid = 60, .ppid = 50, .name = "perch", .cmdline = "perch --filter worker"},
};

/* Choose on a machine. */
static struct choice *choose_on(const struct row *rows, size_t count, const struct cli *cli,
                                struct proc procs[PROCS_MAX])
{
    for (size_t i = 0; i < count; i++) {
        procs[i] = make_proc(&rows[i]);
    }
    const struct snapshot snap = {.procs = procs, .proc_count = count, .provided = FACT_READABLE};
    const struct choice_options options = {.cli = cli,
                                           .own_pid = 60,
                                           .protected_names = "database"};
    struct choice *choice = NULL;
    assert_int_equal(choice_make(&options, &snap, &choice), 0);
    return choice;
}

/* Who is chosen on that machine, who is refused and who is left out: pids that end with 0. */
static void expect(const struct cli *cli, const int32_t *chosen, const int32_t *refused,
                   const int32_t *left_out)
{
    struct proc procs[PROCS_MAX];
    struct choice *const choice =
        choose_on(machine, sizeof(machine) / sizeof(machine[0]), cli, procs);
    for (size_t i = 0; i < choice->count; i++) {
        assert_int_equal(choice->targets[i].id.pid, *chosen++);
        assert_int_equal(choice->procs[i]->id.pid, choice->targets[i].id.pid);
    }
    assert_int_equal(*chosen, 0);
    size_t refusals = 0;
    for (size_t i = 0; i < choice->note_count; i++) {
        const int32_t pid = choice->notes[i].proc->id.pid;
        refusals += choice->notes[i].refused;
        assert_int_equal(pid, choice->notes[i].refused ? *refused++ : *left_out++);
        assert_non_null(choice->notes[i].reason);
    }
    assert_int_equal(*refused, 0);
    assert_int_equal(*left_out, 0);
    assert_int_equal(choice->refused_count, refusals);
    choice_destroy(choice);
}

static const int32_t nobody[] = {0};

static void a_filter_means_neither_perch_nor_who_it_runs_under_nor_zombies(void **state)
{
    (void)state;
    const struct cli cli = {.filter = "worker"};
    expect(&cli, (const int32_t[]){10, 20, 0}, nobody, (const int32_t[]){21, 40, 50, 60, 0});
}

static void who_lost_its_first_thread_only_is_no_zombie(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {.pid = 1, .name = "init", .cmdline = "init"},
        {.pid = 10, .ppid = 1, .name = "worker", .cmdline = "", .state = 'Z', .threads = 3},
        {.pid = 11, .ppid = 1, .name = "worker", .cmdline = "", .state = 'Z', .threads = 1},
    };
    struct proc procs[PROCS_MAX];
    const struct cli cli = {.filter = "worker"};
    struct choice *const choice = choose_on(rows, sizeof(rows) / sizeof(rows[0]), &cli, procs);
    assert_int_equal(choice->count, 1);
    assert_int_equal(choice->targets[0].id.pid, 10);
    assert_int_equal(choice->note_count, 1);
    choice_destroy(choice);
}

static void what_runs_perch_is_meant_when_named_and_then_protected(void **state)
{
    (void)state;
    struct cli cli = {.pids = {1, 50, 60, 21}, .pid_count = 4};
    expect(&cli, (const int32_t[]){21, 0}, (const int32_t[]){1, 50, 60, 0}, nobody);
    cli.protected_too = true;
    expect(&cli, (const int32_t[]){1, 21, 50, 60, 0}, nobody, nobody);
}

static void who_is_named_and_not_there_is_known_once(void **state)
{
    (void)state;
    struct proc procs[PROCS_MAX];
    const struct cli cli = {.pids = {999999, 10, 13, 999999}, .pid_count = 4};
    struct choice *const choice =
        choose_on(machine, sizeof(machine) / sizeof(machine[0]), &cli, procs);
    assert_int_equal(choice->count, 1);
    assert_int_equal(choice->missing_count, 2);
    assert_int_equal(choice->missing[0], 999999);
    assert_int_equal(choice->missing[1], 13);
    choice_destroy(choice);
}

static void everything_of_a_user_is_not_the_first_process(void **state)
{
    (void)state;
    struct cli cli = {.by_user = true, .user = 0};
    expect(&cli, (const int32_t[]){20, 0}, (const int32_t[]){30, 0},
           (const int32_t[]){1, 21, 40, 50, 60, 0});
    cli.protected_too = true;
    expect(&cli, (const int32_t[]){20, 30, 0}, nobody, (const int32_t[]){1, 21, 40, 50, 60, 0});
}

static void all_that_is_given_must_hold(void **state)
{
    (void)state;
    const struct cli cli = {
        .filter = "worker", .by_user = true, .user = 7, .pids = {10, 11, 20}, .pid_count = 3};
    expect(&cli, (const int32_t[]){10, 0}, nobody, nobody);
}

static void the_protected_are_counted(void **state)
{
    (void)state;
    const struct cli cli = {.pids = {20, 30, 60}, .pid_count = 3, .protected_too = true};
    struct proc procs[PROCS_MAX];
    struct choice *const choice =
        choose_on(machine, sizeof(machine) / sizeof(machine[0]), &cli, procs);
    assert_int_equal(choice->count, 3);
    assert_int_equal(choice->protected_count, 2);
    assert_int_equal(choice->targets[1].protection, PROTECT_LISTED);
    assert_string_equal(choice->targets[1].name, "database");
    assert_string_equal(choice->targets[1].user, "root");
    choice_destroy(choice);
}

static void kernel_threads_are_refused_when_meant(void **state)
{
    (void)state;
    struct cli cli = {.pids = {2, 3}, .pid_count = 2, .protected_too = true};
    expect(&cli, nobody, (const int32_t[]){2, 3, 0}, nobody);
    cli = (struct cli){.filter = "kworker"};
    expect(&cli, nobody, nobody, nobody);
    cli.kernel_threads = true;
    expect(&cli, nobody, (const int32_t[]){3, 0}, nobody);
}

static void descendants_come_along_without_perch(void **state)
{
    (void)state;
    struct cli cli = {.pids = {10}, .pid_count = 1, .descendants = true};
    expect(&cli, (const int32_t[]){10, 11, 12, 0}, nobody, nobody);
    cli.pids[0] = 11;
    expect(&cli, (const int32_t[]){11, 12, 0}, nobody, nobody);
    cli.pids[0] = 12;
    expect(&cli, (const int32_t[]){12, 0}, nobody, nobody);
    cli.pids[0] = 40;
    expect(&cli, nobody, (const int32_t[]){40, 0}, (const int32_t[]){50, 60, 0});
}

static void parents_in_a_circle_or_too_young_have_no_descendants(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {.pid = 10, .ppid = 12, .name = "a", .cmdline = "a"},
        {.pid = 11, .ppid = 10, .name = "b", .cmdline = "b"},
        {.pid = 12, .ppid = 11, .name = "c", .cmdline = "c"},
        {.pid = 20, .ppid = 30, .name = "orphan", .cmdline = "orphan"}, // 30 came later
        {.pid = 30, .ppid = 1, .name = "d", .cmdline = "d"},
        {.pid = 31, .ppid = 31, .name = "self", .cmdline = "self"},
    };
    struct proc procs[PROCS_MAX];
    struct cli cli = {.pids = {30}, .pid_count = 1, .descendants = true};
    struct choice *choice = choose_on(rows, sizeof(rows) / sizeof(rows[0]), &cli, procs);
    assert_int_equal(choice->count, 1);
    choice_destroy(choice);
    cli.pids[0] = 10; // its parent is younger, so there is no circle really
    choice = choose_on(rows, sizeof(rows) / sizeof(rows[0]), &cli, procs);
    assert_int_equal(choice->count, 3);
    choice_destroy(choice);
}

static void threads_are_chosen_one_by_one_when_asked_for(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {.pid = 10, .ppid = 1, .name = "server", .cmdline = "server"},
        {.pid = 11, .ppid = 1, .name = "io", .cmdline = "", .flags = PROC_THREAD, .group_pid = 10},
        {.pid = 60, .ppid = 1, .name = "perch", .cmdline = "perch io"},
        {.pid = 61, .ppid = 1, .name = "io", .cmdline = "", .flags = PROC_THREAD, .group_pid = 60},
    };
    struct proc procs[PROCS_MAX];
    struct cli cli = {.filter = "io", .user_threads = true};
    struct choice *choice = choose_on(rows, sizeof(rows) / sizeof(rows[0]), &cli, procs);
    assert_int_equal(choice->count, 1);
    assert_int_equal(choice->targets[0].id.pid, 11);
    assert_int_equal(choice->targets[0].group_pid, 10);
    assert_int_equal(choice->note_count, 2); // perch, and a thread of its own
    choice_destroy(choice);
    cli = (struct cli){.pids = {10}, .pid_count = 1, .user_threads = true};
    choice = choose_on(rows, sizeof(rows) / sizeof(rows[0]), &cli, procs);
    assert_int_equal(choice->count, 2); // all threads of the process
    choice_destroy(choice);
    cli.user_threads = false;
    choice = choose_on(rows, sizeof(rows) / sizeof(rows[0]), &cli, procs);
    assert_int_equal(choice->count, 1);
    choice_destroy(choice);
}

static void too_many_are_refused_as_a_whole(void **state)
{
    (void)state;
    enum { COUNT = ACT_TARGETS_MAX + 1 };
    struct proc *const procs = calloc(COUNT, sizeof(*procs));
    assert_non_null(procs);
    for (int32_t i = 0; i < COUNT; i++) {
        procs[i] = make_proc(&(struct row){.pid = 100 + i, .name = "many", .cmdline = "many"});
    }
    struct snapshot snap = {.procs = procs, .proc_count = COUNT, .provided = FACT_READABLE};
    const struct cli cli = {.filter = "many"};
    const struct choice_options options = {.cli = &cli, .own_pid = 60, .protected_names = ""};
    struct choice *choice = NULL;
    assert_int_equal(choice_make(&options, &snap, &choice), -E2BIG);
    assert_null(choice);
    snap.proc_count--;
    assert_int_equal(choice_make(&options, &snap, &choice), 0);
    assert_int_equal(choice->count, ACT_TARGETS_MAX);
    choice_destroy(choice);
    free(procs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filter_means_neither_perch_nor_who_it_runs_under_nor_zombies),
        cmocka_unit_test(who_lost_its_first_thread_only_is_no_zombie),
        cmocka_unit_test(what_runs_perch_is_meant_when_named_and_then_protected),
        cmocka_unit_test(who_is_named_and_not_there_is_known_once),
        cmocka_unit_test(everything_of_a_user_is_not_the_first_process),
        cmocka_unit_test(all_that_is_given_must_hold),
        cmocka_unit_test(the_protected_are_counted),
        cmocka_unit_test(kernel_threads_are_refused_when_meant),
        cmocka_unit_test(descendants_come_along_without_perch),
        cmocka_unit_test(parents_in_a_circle_or_too_young_have_no_descendants),
        cmocka_unit_test(threads_are_chosen_one_by_one_when_asked_for),
        cmocka_unit_test(too_many_are_refused_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
