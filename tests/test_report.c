#include "check.h"
#include "report.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define VICTIM                                             \
 {                                                         \
  .id = {.pid = 4242}, .name = "nginx", .user = "www-data" \
 }
#define ONE .target = VICTIM, .count = 1

static const struct report_context plain = {0};
static const struct report_context as_root = {.root = true};

/* One outcome and what is to be said of it. */
struct sentence_case {
    struct act_outcome outcome;
    const char *sentence;
};

static void check(const struct report_context *context, const struct sentence_case *row)
{
    char bytes[512];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    assert_int_equal(report_outcome(context, &row->outcome, &buf),
                     report_is_failure(&row->outcome));
    assert_string_equal(bytes, row->sentence);
}

#define CHECK_ALL(context, cases)                                  \
 for (size_t i = 0; i < sizeof(cases) / sizeof((cases)[0]); i++) { \
  check(context, &(cases)[i]);                                     \
 }

static void every_deed_that_was_done_has_its_sentence(void **state)
{
    (void)state;
    static const struct sentence_case cases[] = {
        {{ONE, .deed = DEED_SIGNAL, .number = 15}, "sent SIGTERM to 4242 nginx"},
        {{ONE, .deed = DEED_SIGNAL, .number = 33}, "sent signal 33 to 4242 nginx"},
        {{ONE, .deed = DEED_TERMINATE, .after_ns = 420000000}, "4242 nginx ended after 0.4 s"},
        {{ONE, .deed = DEED_STOP, .has_values = true, .old = "running", .now = "stopped"},
         "4242 nginx: running -> stopped"},
        {{ONE, .deed = DEED_NICE, .has_values = true, .asked = "5", .old = "0", .now = "5"},
         "nice of 4242 nginx: 0 -> 5"},
        {{ONE, .deed = DEED_NICE, .one_thread = true, .has_values = true, .asked = "+1", .old = "0",
          .now = "1"},
         "nice of thread 4242 nginx: 0 -> 1"},
        {{ONE, .deed = DEED_AUTOGROUP, .has_values = true, .old = "0", .now = "5"},
         "autogroup nice of 4242 nginx: 0 -> 5"},
        {{ONE, .deed = DEED_IOPRIO, .has_values = true, .old = "best-effort 4", .now = "idle"},
         "I/O priority of 4242 nginx: best-effort 4 -> idle"},
        {{ONE, .deed = DEED_AFFINITY, .has_values = true, .asked = "0-1", .old = "0-7",
          .now = "0-1"},
         "CPUs of 4242 nginx: 0-7 -> 0-1"},
        {{ONE, .deed = DEED_AFFINITY, .has_values = true, .asked = "0-3", .old = "0-7",
          .now = "0-1"},
         "CPUs of 4242 nginx: 0-7 -> 0-1 (asked for 0-3; the others are not online or not "
         "allowed to it)"},
        {{ONE, .deed = DEED_SCHEDULING, .has_values = true, .old = "OTHER", .now = "FIFO 50"},
         "scheduling of 4242 nginx: OTHER -> FIFO 50"},
        {{ONE, .deed = DEED_OOM_ADJ, .has_values = true, .old = "0", .now = "-500"},
         "OOM adjustment of 4242 nginx: 0 -> -500"},
        {{ONE, .deed = DEED_FREEZE, .has_values = true, .old = "running", .now = "frozen",
          .cgroup = "/web", .cgroup_processes = 12},
         "cgroup /web of 4242 nginx: running -> frozen (12 processes)"},
        {{ONE, .deed = DEED_KILL_GROUP, .cgroup = "/web", .cgroup_processes = 1},
         "killed the cgroup /web of 4242 nginx (1 process)"},
        {{ONE, .deed = DEED_KILL_GROUP, .cgroup = "/web", .cgroup_processes = 2, .cgroup_shown = 1},
         "killed the cgroup /web of 4242 nginx (2 processes; 1 when you were asked)"},
        {{ONE, .deed = DEED_KILL_GROUP, .cgroup = "/web", .cgroup_processes = 2, .cgroup_shown = 3},
         "killed the cgroup /web of 4242 nginx (2 processes)"},
        {{ONE, .deed = DEED_NICE, .asked = "5"}, "nice of 4242 nginx: -> 5"},
        {{ONE, .deed = DEED_CLOSE, .asked = "10.0.0.1:80 - 10.0.0.2:5000"},
         "closed connection 10.0.0.1:80 - 10.0.0.2:5000 of 4242 nginx"},
        {{.count = 1, .deed = DEED_CLOSE, .target.name = "no known process", .asked = "a - b"},
         "closed connection a - b of no known process"},
    };
    CHECK_ALL(&plain, cases)
}

static void the_stages_of_a_deed_have_their_sentences(void **state)
{
    (void)state;
    static const struct sentence_case cases[] = {
        {{ONE, .deed = DEED_TERMINATE, .stage = ACT_WAITING},
         "sent SIGTERM to 4242 nginx, waiting for it to end"},
        {{ONE, .deed = DEED_TERMINATE, .stage = ACT_KILLING, .after_ns = 5000000000},
         "4242 nginx was still there after 5.0 s: sent SIGKILL"},
        {{ONE, .deed = DEED_TERMINATE, .stage = ACT_SURVIVED, .after_ns = 7000000000},
         "4242 nginx is still there after 7.0 s although SIGKILL was sent: it hangs in the kernel"},
        {{ONE, .deed = DEED_TERMINATE, .stage = ACT_UNCHANGED},
         "4242 nginx is being terminated already; unless SIGKILL was sent, this time limit counts "
         "from now on"},
        {{ONE, .deed = DEED_NICE, .stage = ACT_UNCHANGED, .has_values = true, .now = "5"},
         "nice of 4242 nginx is already 5"},
        {{ONE, .deed = DEED_AFFINITY, .stage = ACT_UNCHANGED, .has_values = true, .now = "0-3"},
         "CPUs of 4242 nginx are already 0-3"},
        {{ONE, .deed = DEED_AFFINITY, .stage = ACT_UNCHANGED, .has_values = true, .now = "0-3",
          .asked = "0-900"},
         "CPUs of 4242 nginx are already 0-3 (asked for 0-900; the others are not online or not "
         "allowed to it)"},
        {{ONE, .deed = DEED_STOP, .stage = ACT_UNCHANGED, .has_values = true, .now = "stopped"},
         "4242 nginx is already stopped"},
        {{ONE, .deed = DEED_STOP, .stage = ACT_PENDING, .has_values = true, .asked = "stopped",
          .old = "running", .now = "stopped"},
         "sent SIGSTOP to 4242 nginx; it has not taken effect yet, the process may be frozen or "
         "hang in the kernel"},
        {{ONE, .deed = DEED_STOP, .undo = true, .stage = ACT_PENDING, .has_values = true,
          .old = "stopped", .now = "running"},
         "undone: sent SIGCONT to 4242 nginx; it has not taken effect yet, the process may be "
         "frozen or hang in the kernel"},
        {{ONE, .deed = DEED_FREEZE, .stage = ACT_PENDING, .has_values = true, .old = "not frozen",
          .now = "frozen", .cgroup = "/web", .cgroup_processes = 2},
         "cgroup /web of 4242 nginx: not frozen -> frozen was ordered and has not come about yet; "
         "something may hang in the kernel (2 processes)"},
        {{ONE, .deed = DEED_TERMINATE, .stage = ACT_LEFT, .after_ns = 1000000000},
         "4242 nginx is still there after 1.0 s: perch ended before its time was up"},
        {{ONE, .deed = DEED_NICE, .has_values = true, .old = "0", .now = "5", .threads = 6,
          .threads_failed = 2},
         "nice of 4242 nginx: 0 -> 5; 2 of 8 threads could not be changed"},
        {{ONE, .deed = DEED_NICE, .undo = true, .has_values = true, .old = "5", .now = "0"},
         "undone: nice of 4242 nginx: 5 -> 0"},
        {{.undo = true, .stage = ACT_FAILED, .error = -ENOENT}, "there is no change left to undo"},
    };
    CHECK_ALL(&plain, cases)
}

static void an_errno_without_an_obstacle_says_what_it_can(void **state)
{
    (void)state;
    static const struct sentence_case cases[] = {
        {{ONE, .stage = ACT_FAILED, .error = -ESRCH}, "4242 nginx is gone; nothing was sent"},
        {{ONE, .stage = ACT_FAILED, .error = -ECHILD},
         "4242 nginx has exited already, only its parent can remove the zombie; nothing was sent"},
        {{ONE, .deed = DEED_NICE, .stage = ACT_FAILED, .error = -ESRCH},
         "4242 nginx is gone; nothing was changed"},
        {{ONE, .deed = DEED_KILL_GROUP, .stage = ACT_FAILED, .error = -ESRCH},
         "4242 nginx is gone; nothing was killed"},
        {{ONE, .stage = ACT_FAILED, .error = -EPERM},
         "permission denied for 4242 nginx, and the kernel does not say why; nothing was sent"},
        {{ONE, .stage = ACT_FAILED, .error = -ENOTSUP},
         "4242 nginx: not possible here; nothing was sent"},
        {{ONE, .stage = ACT_FAILED, .error = -EMFILE},
         "4242 nginx: too many open files; nothing was sent"},
        {{ONE, .deed = DEED_AUTOGROUP, .stage = ACT_FAILED, .error = -EAGAIN},
         "4242 nginx: a resource is used up for now; nothing was changed"},
        {{ONE, .deed = DEED_NICE, .stage = ACT_FAILED, .error = -EBUSY},
         "4242 nginx: it is busy; nothing was changed"},
        {{ONE, .deed = DEED_AFFINITY, .stage = ACT_FAILED, .error = -EBUSY},
         "4242 nginx: a DEADLINE task must keep the CPUs of its domain; nothing was changed"},
        {{ONE, .deed = DEED_NICE, .stage = ACT_FAILED, .error = -ENOMEM, .threads = 6,
          .threads_failed = 2},
         "4242 nginx: out of memory; it was changed in part; 2 of 8 threads could not be changed"},
        {{ONE, .deed = DEED_NICE, .stage = ACT_FAILED, .error = -ESRCH, .threads = 6,
          .threads_failed = 2},
         "4242 nginx is gone; nothing was changed"},
        {{ONE, .stage = ACT_FAILED, .error = -12345},
         "4242 nginx: the system refused; nothing was sent"},
        {{ONE, .deed = DEED_NICE, .undo = true, .stage = ACT_FAILED, .error = -ESRCH},
         "not undone: 4242 nginx is gone; nothing was changed"},
    };
    CHECK_ALL(&plain, cases)
    static const struct report_context reused = {.reused = true};
    check(&reused, &(struct sentence_case){{ONE, .stage = ACT_FAILED, .error = -ESRCH},
                                           "4242 nginx is gone and its pid belongs to another "
                                           "process now; nothing was sent"});
    static const struct report_context other = {.other_proc = true};
    check(&other, &(struct sentence_case){{ONE, .stage = ACT_FAILED, .error = -ENOTSUP},
                                          "actions need the live /proc; nothing was sent"});
    check(&as_root, &(struct sentence_case){{ONE, .stage = ACT_FAILED, .error = -EPERM},
                                            "permission denied: the kernel does not let even root "
                                            "do this to 4242 nginx"});
}

#define REFUSED(kind, why) ONE, .deed = kind, .stage = ACT_FAILED, .error = -EPERM, .obstacle = why

static void every_obstacle_says_what_it_is_and_what_would_help(void **state)
{
    (void)state;
    static const struct sentence_case cases[] = {
        {{REFUSED(DEED_SIGNAL, OBSTACLE_OWNER)},
         "permission denied: 4242 nginx belongs to www-data; run perch with sudo"},
        {{REFUSED(DEED_OOM_ADJ, OBSTACLE_CAPABILITY), .needs = "CAP_SYS_RESOURCE"},
         "permission denied for 4242 nginx: this needs CAP_SYS_RESOURCE; run perch with sudo"},
        {{REFUSED(DEED_OOM_ADJ, OBSTACLE_CAPABILITY)},
         "permission denied for 4242 nginx: this needs a privilege; run perch with sudo"},
        {{REFUSED(DEED_NICE, OBSTACLE_NICE_LIMIT), .limit = -5, .has_values = true, .old = "-5"},
         "only root may lower nice below -5: 4242 nginx stays at -5 (needs CAP_SYS_NICE or a "
         "higher RLIMIT_NICE)"},
        {{REFUSED(DEED_NICE, OBSTACLE_NICE_LIMIT), .limit = -5, .has_values = true, .old = "0",
          .now = "-6", .threads = 1, .threads_failed = 1},
         "only root may lower nice below -5: 4242 nginx was changed in part (needs CAP_SYS_NICE or "
         "a higher RLIMIT_NICE); 1 of 2 threads could not be changed"},
        {{REFUSED(DEED_NICE, OBSTACLE_NICE_LIMIT), .limit = 20},
         "only root may lower nice: 4242 nginx stays as it is (needs CAP_SYS_NICE or a higher "
         "RLIMIT_NICE)"},
        {{REFUSED(DEED_SCHEDULING, OBSTACLE_NICE_LIMIT), .limit = 19},
         "only root may take 4242 nginx out of this policy, which counts as lowering nice (needs "
         "CAP_SYS_NICE or a higher RLIMIT_NICE)"},
        {{REFUSED(DEED_SCHEDULING, OBSTACLE_RTPRIO_LIMIT), .has_values = true, .old = "OTHER"},
         "only root may give a real-time priority: 4242 nginx stays at OTHER (needs CAP_SYS_NICE "
         "or a higher RLIMIT_RTPRIO)"},
        {{REFUSED(DEED_SCHEDULING, OBSTACLE_RTPRIO_LIMIT), .limit = 10},
         "only root may give a real-time priority above 10: 4242 nginx stays as it is (needs "
         "CAP_SYS_NICE or a higher RLIMIT_RTPRIO)"},
        {{REFUSED(DEED_AFFINITY, OBSTACLE_CPUSET), .has_values = true, .old = "0", .now = "0-1"},
         "CPUs of 4242 nginx not changed: its cpuset allows only CPUs 0-1"},
        {{REFUSED(DEED_NICE, OBSTACLE_SECCOMP)},
         "permission denied for 4242 nginx: perch itself runs under a seccomp filter, which may "
         "forbid this"},
        {{REFUSED(DEED_SCHEDULING, OBSTACLE_RT_GROUP)},
         "scheduling of 4242 nginx not changed: its cgroup has no real-time budget "
         "(cpu.rt_runtime_us)"},
        {{REFUSED(DEED_FREEZE, OBSTACLE_CGROUP_FILE), .cgroup = "/web"},
         "permission denied: the cgroup /web of 4242 nginx may not be written; run perch with "
         "sudo"},
        {{REFUSED(DEED_FREEZE, OBSTACLE_CGROUP_SELF), .cgroup = "/web"},
         "perch itself is in the cgroup /web of 4242 nginx; nothing was changed"},
        {{REFUSED(DEED_KILL_GROUP, OBSTACLE_CGROUP_ROOT)},
         "4242 nginx is in the root cgroup, which can be neither frozen nor killed; nothing was "
         "killed"},
        {{REFUSED(DEED_FREEZE, OBSTACLE_CGROUP_NONE)},
         "4242 nginx: there is no cgroup v2 hierarchy here, or the kernel is too old; nothing was "
         "changed"},
        {{REFUSED(DEED_KILL_GROUP, OBSTACLE_CGROUP_MOVED)},
         "4242 nginx has moved to another cgroup meanwhile; nothing was killed"},
        {{REFUSED(DEED_SIGNAL, OBSTACLE_KERNEL_THREAD)},
         "kernel threads are not acted on: 4242 nginx belongs to the kernel and ignores signals; "
         "nothing was sent"},
        {{REFUSED(DEED_CLOSE, OBSTACLE_NO_CLOSING), .asked = "a - b"},
         "this kernel cannot close connection a - b of 4242 nginx: it was built without "
         "CONFIG_INET_DIAG_DESTROY; nothing was closed"},
        {{REFUSED(DEED_CLOSE, OBSTACLE_CAPABILITY), .asked = "a - b", .needs = "CAP_NET_ADMIN"},
         "permission denied for connection a - b of 4242 nginx: this needs CAP_NET_ADMIN; run "
         "perch with sudo"},
        {{REFUSED(DEED_NICE, OBSTACLE_CHANGED), .undo = true, .has_values = true, .old = "5",
          .now = "7"},
         "not undone: nice of 4242 nginx is 7 now, not the 5 perch had set"},
        {{REFUSED(DEED_FREEZE, OBSTACLE_CHANGED), .undo = true, .has_values = true,
          .old = "not frozen", .now = "frozen"},
         "not undone: cgroup of 4242 nginx is frozen again, and not by perch"},
        {{REFUSED(DEED_AFFINITY, OBSTACLE_CHANGED), .undo = true, .has_values = true, .old = "0",
          .now = "1"},
         "not undone: CPUs of 4242 nginx are 1 now, not the 0 perch had set"},
        {{REFUSED(DEED_NICE, OBSTACLE_OWNER), .threads = 6, .threads_failed = 2},
         "permission denied: 4242 nginx belongs to www-data; run perch with sudo; 2 of 8 threads "
         "could not be changed"},
        {{.target = {.id = {.pid = 7}, .name = "x"},
          .count = 1,
          .stage = ACT_FAILED,
          .error = -EPERM,
          .obstacle = OBSTACLE_OWNER},
         "permission denied: 7 x belongs to another user; run perch with sudo"},
    };
    CHECK_ALL(&plain, cases)
}

static void root_is_not_told_to_use_sudo(void **state)
{
    (void)state;
    for (int obstacle = 0; obstacle <= OBSTACLE_NO_CLOSING; obstacle++) {
        for (int kind = 0; kind < DEED_COUNT; kind++) {
            const struct act_outcome outcome = {
                REFUSED((enum deed_kind)kind, (enum deed_obstacle)obstacle)};
            char bytes[512];
            struct strbuf buf;
            str_init(&buf, bytes, sizeof(bytes));
            assert_true(report_outcome(&as_root, &outcome, &buf));
            assert_null(strstr(bytes, "sudo"));
            assert_null(strstr(bytes, "only root"));
            assert_null(strchr(bytes, '{'));
            str_init(&buf, bytes, sizeof(bytes));
            report_result(&plain, &outcome, &buf);
            assert_true(buf.len > 0 && buf.len < 160);
            assert_null(strchr(bytes, '{'));
        }
    }
}

static void many_outcomes_become_one_sentence(void **state)
{
    (void)state;
    static const struct report_context with_key = {.journal_key = "J"};
    static const struct {
        struct report_job job;
        const char *sentence;
    } cases[] = {
        {{.deed = DEED_SIGNAL, .number = 15, .count = 7, .done = 7}, "sent SIGTERM to 7 processes"},
        {{.deed = DEED_SIGNAL, .number = 15, .count = 7, .done = 5, .gone = 1, .refused = 1},
         "sent SIGTERM to 5 of 7 processes; 2 failed: 1 gone, 1 not permitted; J lists them"},
        {{.deed = DEED_SIGNAL, .number = 64, .count = 3, .gone = 3},
         "nothing was sent: all 3 are gone; J lists them"},
        {{.deed = DEED_SIGNAL, .number = 9, .count = 3, .done = 2, .refused = 1},
         "sent SIGKILL to 2 of 3 processes; 1 was not permitted; J lists them"},
        {{.deed = DEED_NICE,
          .count = 500,
          .done = 480,
          .gone = 15,
          .refused = 5,
          .same = true,
          .now = "5"},
         "nice of 480 of 500 processes set to 5; 20 failed: 15 gone, 5 not permitted; J lists "
         "them"},
        {{.deed = DEED_NICE, .count = 4, .done = 1, .unchanged = 2, .failed = 1},
         "nice of 1 of 4 processes changed; 2 were so already; 1 failed; J lists them"},
        {{.deed = DEED_NICE, .count = 2, .unchanged = 2},
         "nothing was changed: all 2 were so already"},
        {{.deed = DEED_NICE, .count = 2, .done = 2, .one_thread = true, .same = true, .now = "1"},
         "nice of 2 threads set to 1"},
        {{.deed = DEED_STOP, .count = 3, .done = 3, .same = true, .now = "stopped"},
         "3 processes now stopped"},
        {{.deed = DEED_STOP, .count = 3, .done = 3, .pending = 1, .same = true, .now = "stopped"},
         "3 processes now stopped; 1 of them not yet, may be frozen or hang in the kernel"},
        {{.deed = DEED_FREEZE, .count = 3, .done = 3, .same = true, .now = "frozen"},
         "cgroups of 3 processes now frozen"},
        {{.deed = DEED_NICE, .undo = true, .count = 2, .done = 2, .same = true, .now = "0"},
         "undone: nice of 2 processes set to 0"},
        {{.deed = DEED_NICE, .undo = true, .count = 2, .gone = 2},
         "not undone: all 2 are gone; J lists them"},
        {{.deed = DEED_KILL_GROUP, .count = 2, .done = 2}, "killed the cgroups of 2 processes"},
        {{.deed = DEED_TERMINATE,
          .count = 5,
          .done = 5,
          .killed = 1,
          .first_ns = 200000000,
          .last_ns = 5100000000},
         "terminated 5 of 5: ended after 0.2 s to 5.1 s, 1 needed SIGKILL"},
        {{.deed = DEED_TERMINATE, .count = 3, .done = 2, .gone = 1, .last_ns = 1000000},
         "terminated 2 of 3: ended after 0.0 s; 1 is gone; J lists them"},
        {{.deed = DEED_TERMINATE, .count = 2, .survived = 1, .unchanged = 1},
         "nothing was sent: 1 was being terminated already; 1 is still there; J lists them"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char bytes[256];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        assert_int_equal(report_summary(&with_key, &cases[i].job, &buf),
                         report_failures(&cases[i].job) > 0);
        assert_string_equal(bytes, cases[i].sentence);
    }
}

static void a_stopped_process_sees_most_signals_only_later(void **state)
{
    (void)state;
    static const struct report_context stopped = {.stopped = true};
    static const struct sentence_case cases[] = {
        {{ONE, .deed = DEED_SIGNAL, .number = SIGTERM},
         "sent SIGTERM to 4242 nginx; it is stopped and will see it when it is continued"},
        {{ONE, .deed = DEED_SIGNAL, .number = SIGKILL}, "sent SIGKILL to 4242 nginx"},
        {{ONE, .deed = DEED_SIGNAL, .number = SIGCONT}, "sent SIGCONT to 4242 nginx"},
        {{ONE, .deed = DEED_SIGNAL, .number = SIGSTOP}, "sent SIGSTOP to 4242 nginx"},
    };
    CHECK_ALL(&stopped, cases)
}

static void what_can_be_taken_back_says_with_which_key(void **state)
{
    (void)state;
    static const struct report_context with_key = {.undo_key = "z"};
    static const struct sentence_case cases[] = {
        {{ONE, .deed = DEED_NICE, .has_values = true, .old = "0", .now = "5"},
         "nice of 4242 nginx: 0 -> 5 (z: undo)"},
        {{ONE, .deed = DEED_NICE, .undo = true, .has_values = true, .old = "5", .now = "0"},
         "undone: nice of 4242 nginx: 5 -> 0"},
        {{ONE, .deed = DEED_NICE, .stage = ACT_UNCHANGED, .has_values = true, .now = "5"},
         "nice of 4242 nginx is already 5"},
        {{ONE, .deed = DEED_SIGNAL, .number = 15}, "sent SIGTERM to 4242 nginx"},
    };
    CHECK_ALL(&with_key, cases)
    static const struct report_job jobs[] = {
        {.deed = DEED_NICE, .count = 2, .done = 2, .same = true, .now = "5"},
        {.deed = DEED_NICE, .undo = true, .count = 2, .done = 2, .same = true, .now = "5"},
        {.deed = DEED_NICE, .count = 2, .unchanged = 2},
    };
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        char bytes[256];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        (void)report_summary(&with_key, &jobs[i], &buf);
        assert_int_equal(strstr(bytes, "(z: undo)") != NULL, i == 0);
    }
}

static void every_outcome_is_counted_once(void **state)
{
    (void)state;
    static const struct act_outcome outcomes[] = {
        {.deed = DEED_NICE, .index = 0, .count = 7, .has_values = true, .now = "5"},
        {.deed = DEED_NICE, .index = 1, .count = 7, .stage = ACT_UNCHANGED},
        {.deed = DEED_NICE, .index = 2, .count = 7, .stage = ACT_FAILED, .error = -ESRCH},
        {.deed = DEED_NICE, .index = 3, .count = 7, .stage = ACT_FAILED, .error = -ECHILD},
        {.deed = DEED_NICE, .index = 4, .count = 7, .stage = ACT_FAILED, .error = -EPERM},
        {.deed = DEED_NICE, .index = 5, .count = 7, .stage = ACT_FAILED, .error = -EACCES},
        {.deed = DEED_NICE, .index = 6, .count = 7, .stage = ACT_FAILED, .error = -EMFILE},
    };
    struct report_job job = {0};
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        assert_true(report_ended(&job) == i);
        report_add(&job, &outcomes[i]);
    }
    assert_int_equal(report_ended(&job), job.count);
    assert_int_equal(job.done, 1);
    assert_int_equal(job.unchanged, 1);
    assert_int_equal(job.gone, 2);
    assert_int_equal(job.refused, 2);
    assert_int_equal(job.failed, 1);
    assert_true(job.same);
    assert_string_equal(job.now, "5");
}

static void who_needed_a_kill_is_remembered(void **state)
{
    (void)state;
    static const struct act_outcome outcomes[] = {
        {.deed = DEED_TERMINATE, .index = 0, .count = 2, .stage = ACT_WAITING},
        {.deed = DEED_TERMINATE, .index = 1, .count = 2, .stage = ACT_WAITING},
        {.deed = DEED_TERMINATE, .index = 0, .count = 2, .after_ns = 300000000},
        {.deed = DEED_TERMINATE, .index = 1, .count = 2, .stage = ACT_KILLING},
    };
    const struct act_outcome last = {
        .target = VICTIM, .deed = DEED_TERMINATE, .index = 1, .count = 2, .after_ns = 5100000000};
    struct report_job job = {0};
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        report_add(&job, &outcomes[i]);
    }
    assert_int_equal(report_ended(&job), 1);
    report_add(&job, &last);
    assert_int_equal(report_ended(&job), 2);
    assert_int_equal(job.killed, 1);
    const struct report_context context = {.job = &job};
    check(&context, &(struct sentence_case){last, "4242 nginx ended after 5.1 s, it needed "
                                                  "SIGKILL"});
}

static void values_that_differ_are_no_common_value(void **state)
{
    (void)state;
    struct report_job job = {0};
    struct act_outcome outcome = {.deed = DEED_NICE, .count = 2, .has_values = true, .now = "1"};
    report_add(&job, &outcome);
    outcome.now[0] = '2';
    report_add(&job, &outcome);
    assert_false(job.same);
}

static void a_line_of_the_journal_says_what_changed(void **state)
{
    (void)state;
    static const struct report_context unicode = {.unicode = true};
    static const struct {
        struct act_outcome outcome;
        const char *action, *change, *result;
        bool error, pending;
    } cases[] = {
        {{ONE, .deed = DEED_SIGNAL, .number = 15}, "SIGTERM", "", "done", false, false},
        {{ONE, .deed = DEED_NICE, .has_values = true, .asked = "5", .old = "0", .now = "5"},
         "nice",
         "0 → 5",
         "done",
         false,
         false},
        {{ONE, .deed = DEED_NICE, .stage = ACT_UNCHANGED, .has_values = true, .now = "5"},
         "nice",
         "5",
         "was so already",
         false,
         false},
        {{REFUSED(DEED_NICE, OBSTACLE_OWNER), .asked = "5", .one_thread = true},
         "nice of thread",
         "→ 5",
         "permission denied: belongs to www-data",
         true,
         false},
        {{ONE, .deed = DEED_TERMINATE, .stage = ACT_WAITING},
         "terminate",
         "",
         "SIGTERM sent, waiting",
         false,
         true},
        {{ONE, .deed = DEED_TERMINATE, .stage = ACT_SURVIVED, .after_ns = 7000000000},
         "terminate",
         "",
         "still there after 7.0 s: hangs in the kernel",
         true,
         false},
        {{ONE, .deed = DEED_FREEZE, .has_values = true, .old = "running", .now = "frozen",
          .cgroup = "/web", .cgroup_processes = 3},
         "cgroup",
         "running → frozen, /web (3 processes)",
         "done",
         false,
         false},
        {{ONE, .deed = DEED_KILL_GROUP, .cgroup = "/web", .cgroup_processes = 3},
         "kill cgroup",
         "/web (3 processes)",
         "done",
         false,
         false},
        {{ONE, .deed = DEED_CLOSE, .asked = "a - b", .stage = ACT_FAILED, .error = -ESRCH},
         "close connection",
         "a - b",
         "it is gone",
         true,
         false},
        {{ONE, .deed = DEED_SIGNAL, .number = 9, .stage = ACT_FAILED, .error = -ESRCH},
         "SIGKILL",
         "",
         "it is gone",
         true,
         false},
        {{ONE, .deed = DEED_SIGNAL, .number = 9, .stage = ACT_FAILED, .error = -ECHILD},
         "SIGKILL",
         "",
         "it has exited already",
         true,
         false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct journal_entry entry;
        report_journal_entry(&unicode, &cases[i].outcome, &entry);
        assert_string_equal(entry.action, cases[i].action);
        assert_string_equal(entry.change, cases[i].change);
        assert_string_equal(entry.result, cases[i].result);
        assert_int_equal(entry.error, cases[i].error);
        assert_int_equal(entry.pending, cases[i].pending);
        assert_int_equal(entry.target.id.pid, 4242);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_deed_that_was_done_has_its_sentence),
        cmocka_unit_test(the_stages_of_a_deed_have_their_sentences),
        cmocka_unit_test(an_errno_without_an_obstacle_says_what_it_can),
        cmocka_unit_test(every_obstacle_says_what_it_is_and_what_would_help),
        cmocka_unit_test(root_is_not_told_to_use_sudo),
        cmocka_unit_test(many_outcomes_become_one_sentence),
        cmocka_unit_test(a_stopped_process_sees_most_signals_only_later),
        cmocka_unit_test(what_can_be_taken_back_says_with_which_key),
        cmocka_unit_test(every_outcome_is_counted_once),
        cmocka_unit_test(who_needed_a_kill_is_remembered),
        cmocka_unit_test(values_that_differ_are_no_common_value),
        cmocka_unit_test(a_line_of_the_journal_says_what_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
