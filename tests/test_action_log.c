#include "action_log.h"
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES = 8192, PATH_BYTES = 128 };

/* A directory of our own, and the path of a file in it. */
struct place {
    char dir[64];
    char path[PATH_BYTES];
};

static int set_up(void **state)
{
    struct place *const place = calloc(1, sizeof(*place));
    if (place == NULL) {
        return -1;
    }
    memcpy(place->dir, "/tmp/perch-log-XXXXXX", 22);
    if (mkdtemp(place->dir) == NULL) {
        return -1;
    }
    (void)snprintf(place->path, sizeof(place->path), "%s/actions", place->dir);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *const place = *state;
    (void)remove(place->path);
    (void)rmdir(place->dir);
    free(place);
    return 0;
}

static struct act_outcome nice_of_nginx(void)
{
    return (struct act_outcome){
        .count = 1,
        .deed = DEED_NICE,
        .target = {.id = {.pid = 4242, .start_ns = 123456789000},
                   .name = "nginx",
                   .user = "www-data"},
        .wall_s = 1795470214,
        .has_values = true,
        .asked = "5",
        .old = "0",
        .now = "5",
    };
}

/* What the file holds. */
static void read_back(const struct place *place, char *bytes)
{
    const int fd = open(place->path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    const ssize_t len = read(fd, bytes, FILE_BYTES - 1);
    assert_true(len >= 0);
    bytes[len] = '\0';
    (void)close(fd);
}

static struct action_log *open_log(const struct place *place)
{
    struct action_log *log = NULL;
    char sentence[256];
    struct strbuf error;
    str_init(&error, sentence, sizeof(sentence));
    assert_int_equal(action_log_open(place->path, false, &log, &error), 0);
    return log;
}

static void a_line_holds_all_there_is_to_know(void **state)
{
    (void)state;
    const struct act_outcome nice = nice_of_nginx();
    struct act_outcome signal = nice;
    signal.deed = DEED_SIGNAL;
    signal.number = 15;
    signal.has_values = false;
    signal.asked[0] = '\0';
    struct act_outcome ended = signal;
    ended.deed = DEED_TERMINATE;
    ended.after_ns = 420000000;
    struct act_outcome refused = nice;
    refused.stage = ACT_FAILED;
    refused.error = -EPERM;
    refused.obstacle = OBSTACLE_OWNER;
    refused.has_values = false;
    struct act_outcome frozen = nice;
    frozen.deed = DEED_FREEZE;
    frozen.undo = true;
    memcpy(frozen.cgroup, "/web", 5);
    frozen.cgroup_processes = 12;
    struct act_outcome threads = nice;
    threads.one_thread = true;
    threads.threads = 6;
    threads.threads_failed = 2;
    const struct {
        const struct act_outcome *outcome;
        const char *rest;
    } cases[] = {
        {&nice, "action=nice undo=no thread=no asked=\"5\" old=\"0\" new=\"5\" result=done"},
        {&signal, "action=signal undo=no thread=no asked=\"SIGTERM\" result=done"},
        {&ended, "action=terminate undo=no thread=no result=done after=\"0.4s\""},
        {&refused, "action=nice undo=no thread=no asked=\"5\" result=failed error=1 "
                   "reason=\"permission denied: belongs to www-data\""},
        {&frozen, "action=freeze undo=yes thread=no asked=\"5\" old=\"0\" new=\"5\" result=done "
                  "cgroup=\"/web\" processes=12"},
        {&threads, "action=nice undo=no thread=yes asked=\"5\" old=\"0\" new=\"5\" result=done "
                   "threads=6 threads-failed=2"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char bytes[1024];
        char expected[1024];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        action_log_format(cases[i].outcome, 1000, &buf);
        (void)snprintf(expected, sizeof(expected),
                       "2026-11-23T21:43:34Z uid=1000 pid=4242 start=123456ms name=\"nginx\" "
                       "owner=\"www-data\" %s",
                       cases[i].rest);
        assert_string_equal(bytes, expected);
    }
}

static void a_hostile_name_stays_within_its_quotes(void **state)
{
    (void)state;
    struct act_outcome outcome = nice_of_nginx();
    static const char name[] = "a\" result=done\n\\ \x1b[2J\x7f\xc3\xa9";
    memcpy(outcome.target.name, name, sizeof(name));
    char bytes[1024];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    action_log_format(&outcome, 0, &buf);
    assert_non_null(
        strstr(bytes, " name=\"a\\\" result=done\\x0a\\\\ \\x1b[2J\\x7f\xc3\xa9\" owner="));
    assert_null(strchr(bytes, '\n'));
}

static void lines_are_appended_and_only_the_owner_may_read_them(void **state)
{
    const struct place *const place = *state;
    const struct act_outcome outcome = nice_of_nginx();
    for (int run = 0; run < 2; run++) {
        struct action_log *const log = open_log(place);
        action_log_record(log, &outcome);
        int error = 0;
        assert_int_equal(action_log_lost(log, &error), 0);
        action_log_close(log);
    }
    struct stat info;
    assert_int_equal(stat(place->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    char bytes[FILE_BYTES];
    read_back(place, bytes);
    const char *const second = strchr(bytes, '\n');
    assert_non_null(second);
    assert_memory_equal(bytes, second + 1, (size_t)(second - bytes) + 1);
    assert_int_equal(second[1 + (second - bytes)], '\n');
    assert_int_equal(second[2 + (second - bytes)], '\0');
}

static void the_longest_outcome_is_one_whole_line(void **state)
{
    const struct place *const place = *state;
    struct act_outcome outcome = nice_of_nginx();
    memset(outcome.target.name, '\n', sizeof(outcome.target.name) - 1);
    memset(outcome.target.user, '\n', sizeof(outcome.target.user) - 1);
    memset(outcome.cgroup, '\n', sizeof(outcome.cgroup) - 1);
    memset(outcome.asked, '\n', sizeof(outcome.asked) - 1);
    memset(outcome.old, '\n', sizeof(outcome.old) - 1);
    memset(outcome.now, '\n', sizeof(outcome.now) - 1);
    outcome.stage = ACT_FAILED;
    outcome.error = -ESTALE;
    outcome.obstacle = OBSTACLE_CHANGED;
    struct action_log *const log = open_log(place);
    action_log_record(log, &outcome);
    action_log_close(log);
    char bytes[FILE_BYTES];
    read_back(place, bytes);
    const size_t len = strlen(bytes);
    assert_ptr_equal(strchr(bytes, '\n'), bytes + len - 1);
    assert_int_equal(bytes[len - 2], '"');
}

static void nobody_to_act_on_and_no_log_are_no_lines(void **state)
{
    const struct place *const place = *state;
    struct action_log *const log = open_log(place);
    const struct act_outcome nothing_to_undo = {.undo = true, .stage = ACT_FAILED};
    action_log_record(log, &nothing_to_undo);
    action_log_close(log);
    char bytes[FILE_BYTES];
    read_back(place, bytes);
    assert_string_equal(bytes, "");
    const struct act_outcome outcome = nice_of_nginx();
    int error = 0;
    action_log_record(NULL, &outcome);
    assert_int_equal(action_log_lost(NULL, &error), 0);
    action_log_close(NULL);
}

static void a_line_that_is_torn_off_does_not_spoil_the_next(void **state)
{
    const struct place *const place = *state;
    const struct act_outcome outcome = nice_of_nginx();
    struct action_log *const log = open_log(place);
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    const struct rlimit small = {.rlim_cur = 30, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0); // XFSZ is ignored, see main()
    action_log_record(log, &outcome);
    action_log_record(log, &outcome);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    action_log_record(log, &outcome);
    int error = 0;
    assert_int_equal(action_log_lost(log, &error), 2);
    assert_int_equal(error, EFBIG);
    action_log_close(log);
    char bytes[FILE_BYTES];
    read_back(place, bytes);
    assert_int_equal(bytes[30], '\n');
    assert_memory_equal(bytes, bytes + 31, 30);
    assert_non_null(strstr(bytes + 31, "result=done\n"));
}

static void a_line_an_earlier_run_left_torn_is_ended_first(void **state)
{
    const struct place *const place = *state;
    const struct act_outcome outcome = nice_of_nginx();
    FILE *const file = fopen(place->path, "w");
    assert_non_null(file);
    (void)fputs("2026-1", file);
    assert_int_equal(fclose(file), 0);
    struct action_log *const log = open_log(place);
    action_log_record(log, &outcome);
    action_log_record(log, &outcome);
    action_log_close(log);
    char bytes[FILE_BYTES];
    read_back(place, bytes);
    assert_memory_equal(bytes, "2026-1\n2026-", 12);
    assert_null(strstr(bytes, "\n\n"));
}

/* Try to open something that must be refused; the sentence must hold `part`. */
static void assert_refused(const char *path, const char *part)
{
    struct action_log *log = NULL;
    char sentence[256];
    struct strbuf error;
    str_init(&error, sentence, sizeof(sentence));
    assert_true(action_log_open(path, false, &log, &error) < 0);
    assert_null(log);
    assert_non_null(strstr(sentence, path));
    assert_non_null(strstr(sentence, part));
}

static void only_a_regular_file_is_written_to(void **state)
{
    const struct place *const place = *state;
    assert_refused(place->dir, "it is a directory");
    assert_refused("/dev/null", "it is not a regular file");
    assert_refused("/nowhere/actions", "it does not exist");
    assert_int_equal(mkfifo(place->path, 0600), 0);
    assert_refused(place->path, "it is not a regular file"); // and nobody reads from it
    const int reader = open(place->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    assert_refused(place->path, "it is not a regular file");
    (void)close(reader);
}

static void a_log_may_go_to_syslog_alone(void **state)
{
    (void)state;
    struct action_log *log = NULL;
    char sentence[256];
    struct strbuf error;
    str_init(&error, sentence, sizeof(sentence));
    assert_int_equal(action_log_open(NULL, true, &log, &error), 0);
    int lost = 0;
    assert_int_equal(action_log_lost(log, &lost), 0);
    action_log_close(log);
}

#define IN_A_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    (void)signal(SIGXFSZ, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_holds_all_there_is_to_know),
        cmocka_unit_test(a_hostile_name_stays_within_its_quotes),
        IN_A_PLACE(lines_are_appended_and_only_the_owner_may_read_them),
        IN_A_PLACE(the_longest_outcome_is_one_whole_line),
        IN_A_PLACE(nobody_to_act_on_and_no_log_are_no_lines),
        IN_A_PLACE(a_line_that_is_torn_off_does_not_spoil_the_next),
        IN_A_PLACE(a_line_an_earlier_run_left_torn_is_ended_first),
        IN_A_PLACE(only_a_regular_file_is_written_to),
        cmocka_unit_test(a_log_may_go_to_syslog_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
