#include "check.h"
#include "model/protect.h"

#include <string.h>

enum { OWN_PID = 300 };

/* A text of the test's own. */
static struct text text(const char *s)
{
    return text_literal(s);
}

/* One process, of which the tests say no more than they need. */
static struct proc proc(int32_t pid, int32_t ppid, const char *name)
{
    return (struct proc){.id = {.pid = pid, .start_ns = (uint64_t)pid},
                         .ppid = ppid,
                         .group_pid = pid,
                         .name = text(name),
                         .user = text(""),
                         .cmdline = text("")};
}

static struct proc thread(int32_t pid, int32_t group_pid, int32_t ppid, const char *name)
{
    struct proc task = proc(pid, ppid, name);

    task.group_pid = group_pid;
    task.flags = PROC_THREAD;
    return task;
}

static struct proc with_cmdline(struct proc task, const char *cmdline, uint32_t at, uint32_t bytes)
{
    task.have |= FACT_CMDLINE;
    task.cmdline = text(cmdline);
    task.cmdline_name_at = at;
    task.cmdline_name_bytes = bytes;
    return task;
}

/* Why the process with this pid is protected. */
static enum protection reason(const struct snapshot *snap, int32_t pid, const char *names)
{
    const struct proc *task = snapshot_find_pid(snap, pid);

    assert_non_null(task);
    return protect_reason(snap, task, OWN_PID, names);
}

static void we_and_all_we_run_under_are_protected(void **state)
{
    (void)state;
    struct proc procs[] = {
        proc(1, 0, "init"),
        proc(2, 0, "kthreadd"),
        proc(50, 1, "sshd"),
        proc(60, 50, "sshd"),
        thread(70, 1, 0, "init-thread"),
        thread(80, 60, 50, "sshd-thread"),
        proc(100, 60, "bash"),
        proc(200, 100, "sleep"),
        thread(250, 2, 0, "kworker"),
        proc(300, 100, "perch"),
        thread(301, 300, 100, "sampler"),
        proc(310, 300, "child"),
    };
    procs[1].flags = PROC_KERNEL;
    procs[8].flags = PROC_KERNEL;
    const struct snapshot snap = {.procs = procs, .proc_count = sizeof(procs) / sizeof(procs[0])};
    static const struct {
        int32_t pid;
        enum protection expected;
    } cases[] = {
        {1, PROTECT_INIT},       {2, PROTECT_KERNEL},    {50, PROTECT_ANCESTOR},
        {60, PROTECT_ANCESTOR},  {70, PROTECT_INIT},     {80, PROTECT_ANCESTOR},
        {100, PROTECT_ANCESTOR}, {200, PROTECT_NOTHING}, {250, PROTECT_KERNEL},
        {300, PROTECT_SELF},     {301, PROTECT_SELF},    {310, PROTECT_NOTHING},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(reason(&snap, cases[i].pid, ""), cases[i].expected);
    }
}

static void the_way_up_ends_where_the_list_makes_no_sense(void **state)
{
    (void)state;
    static const struct {
        int32_t ppid_of_us, ppid_of_100;
        uint64_t start_of_100;
        enum protection of_100, of_50;
    } cases[] = {
        {100, 50, 100, PROTECT_ANCESTOR, PROTECT_ANCESTOR},
        {0, 50, 100, PROTECT_NOTHING, PROTECT_NOTHING},     // of another pid namespace
        {100, 999, 100, PROTECT_ANCESTOR, PROTECT_NOTHING}, // hidden from us
        {100, 100, 100, PROTECT_ANCESTOR, PROTECT_NOTHING}, // its own parent
        {100, 300, 300, PROTECT_ANCESTOR, PROTECT_NOTHING}, // a circle
        {300, 50, 100, PROTECT_NOTHING, PROTECT_NOTHING},   // we are our own parent
        {100, 50, 301, PROTECT_NOTHING, PROTECT_NOTHING},   // younger than us: a pid used again
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct proc procs[] = {proc(50, 1, "sshd"), proc(100, cases[i].ppid_of_100, "bash"),
                               proc(300, cases[i].ppid_of_us, "perch")};
        procs[1].id.start_ns = cases[i].start_of_100;
        const struct snapshot snap = {.procs = procs, .proc_count = 3};
        assert_int_equal(reason(&snap, 100, ""), cases[i].of_100);
        assert_int_equal(reason(&snap, 50, ""), cases[i].of_50);
    }
}

static void without_ourselves_in_the_list_others_are_judged_all_the_same(void **state)
{
    (void)state;
    struct proc procs[] = {proc(1, 0, "init"), proc(50, 1, "sshd")};
    const struct snapshot snap = {.procs = procs, .proc_count = 2};
    assert_int_equal(reason(&snap, 1, ""), PROTECT_INIT);
    assert_int_equal(reason(&snap, 50, ""), PROTECT_NOTHING);
    assert_int_equal(reason(&snap, 50, "sshd"), PROTECT_LISTED);
}

static void the_settings_name_processes_by_name_program_or_pid(void **state)
{
    (void)state;
    struct proc procs[] = {
        with_cmdline(proc(400, 1, "postgres"), "/usr/bin/postgres -D /data", 9, 8),
        with_cmdline(proc(410, 1, "main"), "/opt/node/bin/node server.js", 14, 4),
        proc(420, 1, "systemd-journal"),
        thread(430, 410, 1, "worker"),
        proc(440, 1, "42"),
        with_cmdline(proc(450, 1, "empty"), "", 0, 0),
    };
    const struct snapshot snap = {.procs = procs, .proc_count = sizeof(procs) / sizeof(procs[0])};
    static const struct {
        int32_t pid;
        const char *names;
        bool listed;
    } cases[] = {
        {400, "postgres", true},
        {400, "  ,postgres,, ", true},
        {400, "sshd, postgres", true},
        {400, "sshd\tpostgres 5", true},
        {400, "postgre", false},
        {400, "postgresql", false},
        {400, "Postgres", false},
        {400, "/usr/bin/postgres", false},
        {400, "postgres;sshd", false},
        {400, "", false},
        {400, " , ", false},
        {400, "400", true},
        {400, "0400", true},
        {400, "40", false},
        {400, "4000", false},
        {400, "-400", false},
        {400, "400x", false},
        {400, "4294967696", false}, // 400, were it cut to 32 bits
        {400, "18446744073709552016", false},
        {400, "99999999999999999999999999 400", true},
        {410, "node", true},
        {410, "main", true},
        {410, "server.js", false},
        {410, "430", false},
        {430, "worker", true},
        {430, "node", true}, // a thread counts as its process
        {430, "main", true},
        {430, "410", true},
        {430, "430", true},
        {430, "postgres", false},
        {420, "systemd-journal", true},
        {420, "systemd-journald", true}, // the kernel keeps 15 bytes
        {420, "systemd-journ", false},
        {400, "postgres-old", false},
        {440, "42", true}, // its name
        {440, "440", true},
        {450, "empty", true},
        {450, "node", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(reason(&snap, cases[i].pid, cases[i].names),
                         cases[i].listed ? PROTECT_LISTED : PROTECT_NOTHING);
    }
}

static void a_command_line_that_was_not_read_names_nothing(void **state)
{
    (void)state;
    struct proc procs[] = {with_cmdline(proc(400, 1, "main"), "/bin/node", 5, 4)};
    const struct snapshot snap = {.procs = procs, .proc_count = 1};
    assert_int_equal(reason(&snap, 400, "node"), PROTECT_LISTED);
    procs[0].have = 0;
    assert_int_equal(reason(&snap, 400, "node"), PROTECT_NOTHING);
}

static void every_protection_has_its_words(void **state)
{
    (void)state;
    static const enum protection all[] = {PROTECT_INIT, PROTECT_SELF, PROTECT_ANCESTOR,
                                          PROTECT_LISTED, PROTECT_KERNEL};
    assert_null(protect_text(PROTECT_NOTHING));
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        assert_non_null(protect_text(all[i]));
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(protect_text(all[i]), protect_text(all[k]));
        }
    }
    assert_string_equal(protect_text(PROTECT_INIT), "the first process of the system");
}

static void a_target_carries_what_was_seen_of_the_process(void **state)
{
    (void)state;
    struct proc procs[] = {
        proc(300, 1, "perch"),
        proc(400, 1,
             "a-name-of-forty-seven-bytes-and-then-\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbcz"),
        thread(410, 400, 1, "worker"),
    };
    const struct snapshot snap = {.procs = procs, .proc_count = 3};
    procs[1].have = FACT_OWNER | FACT_USER;
    procs[1].uid = 1000;
    procs[1].user = text("alice");

    struct target target = target_of(&snap, &procs[1], OWN_PID, "400");
    assert_true(proc_id_equal(target.id, procs[1].id));
    assert_int_equal(target.group_pid, 400);
    assert_int_equal(target.uid, 1000);
    assert_int_equal(target.protection, PROTECT_LISTED);
    assert_string_equal(target.user, "alice");
    assert_string_equal(
        target.name,
        "a-name-of-forty-seven-bytes-and-then-\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc");

    target = target_of(&snap, &procs[2], OWN_PID, "");
    assert_int_equal(target.id.pid, 410);
    assert_int_equal(target.group_pid, 400);
    assert_int_equal(target.protection, PROTECT_NOTHING);
    assert_string_equal(target.name, "worker");
}

static void the_owner_is_a_name_a_number_or_not_known(void **state)
{
    (void)state;
    static const struct {
        fact_mask have;
        const char *user;
        const char *expected;
    } cases[] = {
        {FACT_OWNER | FACT_USER, "alice", "alice"},
        {FACT_OWNER | FACT_USER, "", "1000"},
        {FACT_OWNER, "alice", "1000"},
        {0, "alice", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct proc one = proc(400, 1, "x");
        one.have = cases[i].have;
        one.uid = 1000;
        one.user = text(cases[i].user);
        const struct snapshot snap = {.procs = &one, .proc_count = 1};
        assert_string_equal(target_of(&snap, &one, OWN_PID, "").user, cases[i].expected);
    }
}

static void who_holds_a_login_over_the_network_is_protected(void **state)
{
    (void)state;
    const struct proc procs[] = {proc(60, 1, "sshd-session"), proc(70, 1, "nginx"),
                                 proc(100, 1, "bash"), proc(300, 100, "perch")};
    const struct snapshot snap = {.procs = procs, .proc_count = 4};
    static const struct {
        struct proc_id id;
        enum protection protection;
    } cases[] = {
        {{.pid = 60, .start_ns = 60}, PROTECT_LOGIN},
        {{.pid = 70, .start_ns = 70}, PROTECT_NOTHING},
        {{.pid = 100, .start_ns = 100}, PROTECT_ANCESTOR},
        {{.pid = 999, .start_ns = 999}, PROTECT_NOTHING}, // gone meanwhile
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct socket_owner holder = {.id = cases[i].id, .name = text("seen")};
        const struct target target = target_of_holder(&snap, &holder, OWN_PID, "");
        assert_int_equal(target.protection, cases[i].protection);
        assert_int_equal(target.id.pid, cases[i].id.pid);
        assert_string_equal(target.name, i == 3 ? "seen" : procs[i].name.ptr);
    }
    // As a process it is one like others: only its connection is a login.
    assert_int_equal(protect_reason(&snap, &procs[0], OWN_PID, ""), PROTECT_NOTHING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(we_and_all_we_run_under_are_protected),
        cmocka_unit_test(the_way_up_ends_where_the_list_makes_no_sense),
        cmocka_unit_test(without_ourselves_in_the_list_others_are_judged_all_the_same),
        cmocka_unit_test(the_settings_name_processes_by_name_program_or_pid),
        cmocka_unit_test(a_command_line_that_was_not_read_names_nothing),
        cmocka_unit_test(every_protection_has_its_words),
        cmocka_unit_test(a_target_carries_what_was_seen_of_the_process),
        cmocka_unit_test(who_holds_a_login_over_the_network_is_protected),
        cmocka_unit_test(the_owner_is_a_name_a_number_or_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
