#include "check.h"
#include "report.h"

#include <errno.h>
#include <string.h>

static const struct target victim = {.id = {.pid = 4242}, .name = "nginx", .user = "www-data"};

static void one_outcome_becomes_one_sentence(void **state)
{
    (void)state;
    static const struct report_context term = {
        .deed = OLD_SIGNAL, .argument = 15, .signal_name = "TERM", .unicode = true};
    static const struct report_context term_root = {
        .deed = OLD_SIGNAL, .argument = 15, .signal_name = "TERM", .root = true};
    static const struct report_context odd = {.deed = OLD_SIGNAL, .argument = 33};
    static const struct report_context nicer = {.deed = OLD_ADD_NICE,
                                                .argument = 1,
                                                .unicode = true};
    static const struct report_context meaner = {.deed = OLD_ADD_NICE, .argument = -1};
    static const struct report_context meaner_root = {.deed = OLD_ADD_NICE,
                                                      .argument = -1,
                                                      .root = true};
    static const struct {
        const struct report_context *context;
        struct old_result result;
        bool reused;
        const char *sentence;
    } cases[] = {
        {&term, {0}, false, "sent SIGTERM to 4242 nginx"},
        {&odd, {0}, false, "sent signal 33 to 4242 nginx"},
        {&nicer, {0, 0, 1}, false, "nice of 4242 nginx: 0 → 1"},
        {&meaner, {0, 0, -1}, false, "nice of 4242 nginx: 0 -> -1"},
        {&meaner, {0, -20, -20}, false, "nice of 4242 nginx is already at -20"},
        {&nicer, {0, 19, 19}, false, "nice of 4242 nginx is already at 19"},
        {&term,
         {-EPERM, 0, 0},
         false,
         "permission denied: 4242 nginx belongs to www-data; run perch with sudo"},
        {&term_root,
         {-EPERM, 0, 0},
         false,
         "permission denied: the kernel does not let even root do this to 4242 nginx"},
        {&nicer,
         {-EPERM, 0, 0},
         false,
         "permission denied: 4242 nginx belongs to www-data; run perch with sudo"},
        {&meaner,
         {-EACCES, 0, 0},
         false,
         "only root may lower nice: 4242 nginx stays as it is (needs CAP_SYS_NICE or "
         "RLIMIT_NICE)"},
        {&meaner_root,
         {-EACCES, 0, 0},
         false,
         "permission denied: the kernel does not let even root do this to 4242 nginx"},
        {&term, {-ESRCH, 0, 0}, false, "4242 nginx is gone; nothing was sent"},
        {&term,
         {-ESRCH, 0, 0},
         true,
         "4242 nginx is gone and its pid belongs to another process now; nothing was sent"},
        {&nicer, {-ESRCH, 0, 0}, false, "4242 nginx is gone; nothing was changed"},
        {&term,
         {-ECHILD, 0, 0},
         false,
         "4242 nginx has exited already, only its parent can remove the zombie; nothing was sent"},
        {&term, {-ENOTSUP, 0, 0}, false, "actions need the live /proc; nothing was sent"},
        {&term, {-EMFILE, 0, 0}, false, "4242 nginx: too many open files; nothing was sent"},
        {&odd, {-EINVAL, 0, 0}, false, "4242 nginx: not known to this system; nothing was sent"},
        {&term, {-12345, 0, 0}, false, "4242 nginx: the system refused; nothing was sent"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct report report = {0};
        char bytes[256];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        assert_int_equal(report_one(&report, cases[i].context, &victim, &cases[i].result,
                                    cases[i].reused, &buf),
                         cases[i].result.error != 0);
        assert_string_equal(bytes, cases[i].sentence);
    }
}

static void an_unknown_owner_is_another_user(void **state)
{
    (void)state;
    const struct report_context context = {.deed = OLD_SIGNAL,
                                           .argument = 9,
                                           .signal_name = "KILL"};
    const struct target target = {.id = {.pid = 7}, .name = "x"};
    struct report report = {0};
    char bytes[256];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    assert_true(
        report_one(&report, &context, &target, &(struct old_result){.error = -EPERM}, false, &buf));
    assert_string_equal(bytes,
                        "permission denied: 7 x belongs to another user; run perch with sudo");
}

static void many_outcomes_become_one_sentence(void **state)
{
    (void)state;
    static const struct {
        struct report_context context;
        struct report report;
        bool failed;
        const char *sentence;
    } cases[] = {
        {{.deed = OLD_SIGNAL, .signal_name = "TERM"},
         {.done = 7},
         false,
         "sent SIGTERM to 7 processes"},
        {{.deed = OLD_SIGNAL, .signal_name = "TERM"},
         {.done = 5, .gone = 1, .refused = 1},
         true,
         "sent SIGTERM to 5 of 7 processes; 2 failed: 1 gone, 1 not permitted"},
        {{.deed = OLD_SIGNAL, .argument = 64},
         {.failed = 3},
         true,
         "sent signal 64 to 0 of 3 processes; 3 failed: 3 for another reason"},
        {{.deed = OLD_ADD_NICE, .argument = 1}, {.done = 2}, false, "raised nice of 2 processes"},
        {{.deed = OLD_ADD_NICE, .argument = -1},
         {.done = 1, .unchanged = 2, .refused = 1},
         true,
         "lowered nice of 1 of 4 processes; 2 already at -20; 1 failed: 1 not permitted"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char bytes[256];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        assert_int_equal(report_all(&cases[i].report, &cases[i].context, &buf), cases[i].failed);
        assert_string_equal(bytes, cases[i].sentence);
    }
}

static void every_outcome_is_counted_once(void **state)
{
    (void)state;
    static const struct old_result results[] = {
        {.error = 0, .old_value = 0, .new_value = 1},
        {.error = 0, .old_value = 19, .new_value = 19},
        {.error = -ESRCH},
        {.error = -EPERM},
        {.error = -EACCES},
        {.error = -EMFILE},
    };
    const struct report_context context = {.deed = OLD_ADD_NICE, .argument = 1};
    struct report report = {0};
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
        char bytes[256];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        (void)report_one(&report, &context, &victim, &results[i], false, &buf);
    }
    assert_int_equal(report.done, 1);
    assert_int_equal(report.unchanged, 1);
    assert_int_equal(report.gone, 1);
    assert_int_equal(report.refused, 2);
    assert_int_equal(report.failed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_outcome_becomes_one_sentence),
        cmocka_unit_test(an_unknown_owner_is_another_user),
        cmocka_unit_test(many_outcomes_become_one_sentence),
        cmocka_unit_test(every_outcome_is_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
