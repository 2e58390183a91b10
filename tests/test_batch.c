#include "batch.h"
#include "check.h"
#include "cli.h"
#include "fake_platform.h"
#include "model/settings.h"
#include "out.h"
#include "platform/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES = 1 << 18 };

static void numbers_are_json_in_every_case(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {0.5, "0.5"},
        {-0.25, "-0.25"},
        {0.000001, "0.000001"},
        {0.0000001, "0"},
        {-0.0000001, "0"},
        {0.9999999, "1"},
        {1.0000049, "1.000005"},
        {12345678.25, "12345678.25"},
        {1e15, "1000000000000000"},
        {1e19, "null"},
        {(double)NAN, "null"},
        {(double)INFINITY, "null"},
        {-(double)INFINITY, "null"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct out out;
        out_init(&out, -1);
        out_number(&out, cases[i].number);
        assert_int_equal(out.len, strlen(cases[i].text));
        assert_memory_equal(out.buf, cases[i].text, out.len);
    }
}

static void whole_numbers_reach_their_ends(void **state)
{
    (void)state;
    static const char wanted[] = "0 18446744073709551615 -9223372036854775808 9223372036854775807";
    struct out out;
    out_init(&out, -1);
    out_u64(&out, 0);
    out_string(&out, " ");
    out_u64(&out, UINT64_MAX);
    out_string(&out, " ");
    out_i64(&out, INT64_MIN);
    out_string(&out, " ");
    out_i64(&out, INT64_MAX);
    assert_int_equal(out.len, sizeof(wanted) - 1);
    assert_memory_equal(out.buf, wanted, out.len);
}

static void strings_are_escaped_and_valid_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *raw;
        const char *text;
    } cases[] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\n\t\x1b\x7f", "\"\\u000a\\u0009\\u001b\\u007f\""},
        {"gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
        {"\xff\xc3", "\"\\ufffd\\ufffd\""},
        {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""}, // a surrogate
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct out out;
        out_init(&out, -1);
        out_json_string(&out, cases[i].raw, strlen(cases[i].raw));
        assert_int_equal(out.len, strlen(cases[i].text));
        assert_memory_equal(out.buf, cases[i].text, out.len);
    }
}

static void the_first_write_error_is_kept(void **state)
{
    (void)state;
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    struct out out;
    out_init(&out, full);
    out_pad(&out, 'x', 3 * OUT_BYTES + 1); // flushes on its way
    assert_int_equal(out.error, -ENOSPC);
    assert_int_equal(close(full), 0);
    assert_int_equal(out_flush(&out), -ENOSPC);
}

static void what_does_not_fit_the_buffer_arrives_whole(void **state)
{
    (void)state;
    FILE *const file = tmpfile();
    assert_non_null(file);
    struct out out;
    out_init(&out, fileno(file));
    for (int i = 0; i < 10000; i++) {
        out_string(&out, "0123456789");
    }
    assert_int_equal(out_flush(&out), 0);
    assert_int_equal(lseek(fileno(file), 0, SEEK_END), 100000);
    assert_int_equal(fclose(file), 0);
}

/* A socket that two of the processes hold. */
static void put_parts(struct platform *platform)
{
    static const struct raw_owner owners[] = {
        {.id = {.pid = 2, .start_ns = 2000000000}, .fd = 4},
        {.id = {.pid = 3, .start_ns = 3000000000}, .fd = 5},
    };
    static const struct raw_socket sockets[] = {
        {.protocol = SOCKET_TCP,
         .state = SOCKET_LISTEN,
         .local = {.family = 6, .bytes = {[15] = 1}, .port = 8080},
         .cookie = 5,
         .inode = 50,
         .uid = 1000,
         .send_queue = 128,
         .owners = owners,
         .owner_count = 2},
        {.protocol = SOCKET_UDP,
         .state = SOCKET_ESTABLISHED,
         .local = {.family = 4, .bytes = {10, 0, 0, 1}, .port = 5353},
         .cookie = 6,
         .inode = 60,
         .uid = 0,
         .owners_denied = true},
    };
    const struct fake_parts parts = {.sockets = sockets,
                                     .socket_count = 2,
                                     .socket_error = -EACCES};
    fake_set_parts(platform, &parts);
}

/* Run a batch over a made-up machine and give what it printed, the caller's to free. */
static char *run_batch_of(const struct cli *given, struct settings *settings)
{
    struct platform *const platform = fake_create(2);
    for (int32_t pid = 1; pid <= 4; pid++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "task%d", pid);
        struct fake_proc proc = fake_process(pid, (uint64_t)pid * 1000000000, name);
        proc.raw.ppid = pid == 1 ? 0 : pid == 4 ? 2 : 1;
        proc.deny_io = pid == 3;
        memcpy(proc.cmdline, name, strlen(name) + 1);
        proc.cmdline_len = strlen(name) + 1;
        fake_put(platform, &proc);
    }
    put_parts(platform);
    struct cli cli = *given;
    cli.count = 1;
    settings->interval_ms = INTERVAL_MIN_MS;

    FILE *const file = tmpfile();
    assert_non_null(file);
    const int saved = dup(STDOUT_FILENO);
    (void)fflush(stdout);
    assert_int_equal(dup2(fileno(file), STDOUT_FILENO), STDOUT_FILENO);
    bool ended = false;
    const int status = batch_run(&cli, settings, platform, &ended);
    assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
    (void)close(saved);
    assert_int_equal(status, 0);
    assert_true(ended);
    fake_destroy(platform);

    char *const text = calloc(1, TEXT_BYTES);
    assert_non_null(text);
    rewind(file);
    assert_true(fread(text, 1, TEXT_BYTES - 1, file) > 0);
    assert_int_equal(fclose(file), 0);
    return text;
}

static char *run_batch(enum cli_mode mode, const char *filter, struct settings *settings)
{
    const struct cli cli = {.mode = mode, .filter = filter};
    return run_batch_of(&cli, settings);
}

static void a_table_is_printed_instead_of_processes(void **state)
{
    (void)state;
    struct settings settings;
    settings_init(&settings);
    const struct cli cli = {.mode = MODE_BATCH, .has_table = true, .table = TABLE_LISTENING};
    char *const text = run_batch_of(&cli, &settings);
    assert_null(strstr(text, "task1"));
    assert_null(strstr(text, "5353"));
    assert_non_null(strstr(text, "PROTO  PORT ADDRESS"));
    assert_null(strstr(text, "NETNS")); // there is one only
    assert_non_null(strstr(text, "tcp    8080 [::1]:8080"));
    assert_non_null(strstr(text, "2 task2 +1 alice"));
    assert_non_null(strstr(text, "\nSome sockets are missing: permission denied\n"));
    free(text);
}

static void what_the_kernel_could_count_is_told(void **state)
{
    (void)state;
    static const char remedy[] = "\nDELAY%: \"sysctl kernel.task_delayacct=1\" makes";
    struct settings settings;
    settings_init(&settings);
    const struct cli cli = {.mode = MODE_BATCH, .has_table = true, .table = TABLE_IO};
    char *text = run_batch_of(&cli, &settings);
    assert_non_null(strstr(text, remedy));
    free(text);
    text = run_batch(MODE_BATCH, "", &settings);
    assert_null(strstr(text, remedy)); // nobody asked
    free(text);
    settings.columns[0] = COLUMN_IO_DELAY;
    text = run_batch(MODE_BATCH, "", &settings);
    assert_non_null(strstr(text, remedy));
    free(text);
}

static void json_lists_all_who_hold_a_socket(void **state)
{
    (void)state;
    struct settings settings;
    settings_init(&settings);
    struct cli cli = {.mode = MODE_JSON, .has_table = true, .table = TABLE_LISTENING};
    char *text = run_batch_of(&cli, &settings);
    assert_non_null(strstr(text, "\"table\":\"listening\",\"missing\":\"permission denied\""));
    assert_non_null(
        strstr(text, "\"held_by\":[{\"pid\":2,\"start_ns\":2000000000,\"name\":\"task2\",\"fd\":4},"
                     "{\"pid\":3,\"start_ns\":3000000000,\"name\":\"task3\",\"fd\":5}]"));
    free(text);
    cli.table = TABLE_CONNECTIONS;
    text = run_batch_of(&cli, &settings);
    assert_non_null(strstr(text, "\"rx_rate\":\"unsupported\""));
    assert_non_null(strstr(text, "\"pid\":\"denied\""));
    assert_null(strstr(text, "8080"));
    free(text);
}

static void a_table_of_one_process_has_what_it_holds(void **state)
{
    (void)state;
    struct settings settings;
    settings_init(&settings);
    struct cli cli = {.mode = MODE_JSON,
                      .has_table = true,
                      .table = TABLE_LISTENING,
                      .pids = {3},
                      .pid_count = 1};
    char *text = run_batch_of(&cli, &settings);
    assert_non_null(strstr(text, "\"port\":8080"));
    free(text);
    cli.pids[0] = 4;
    text = run_batch_of(&cli, &settings);
    assert_non_null(strstr(text, "\"rows\":[]}"));
    free(text);
}

static void a_tree_shows_children_below_their_parents(void **state)
{
    (void)state;
    struct settings settings;
    settings_init(&settings);
    settings.columns[0] = COLUMN_PID;
    settings.columns[1] = COLUMN_COMMAND;
    settings.column_count = 2;
    settings.tree = true;
    settings.tree_sort = COLUMN_PID;
    settings.tree_sort_descending = false;
    char *const text = run_batch(MODE_BATCH, NULL, &settings);
    assert_non_null(strstr(text, " 1 task1\n"));
    assert_non_null(strstr(text, " 2 |- task2\n"));
    assert_non_null(strstr(text, " 4 |  `- task4\n"));
    assert_non_null(strstr(text, " 3 `- task3\n"));
    free(text);
}

static void json_says_why_a_value_is_absent(void **state)
{
    (void)state;
    struct settings settings;
    settings_init(&settings);
    char *const text = run_batch(MODE_JSON, "task3", &settings);
    assert_non_null(strstr(text, "\"processes\":[{\"pid\":3,"));
    assert_null(strstr(text, "task2"));
    assert_non_null(strstr(text, "\"io_read\":null,"));
    assert_non_null(strstr(text, "\"io_read\":\"denied\""));
    assert_non_null(strstr(text, "\"comm\":\"task3\""));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_json_in_every_case),
        cmocka_unit_test(whole_numbers_reach_their_ends),
        cmocka_unit_test(strings_are_escaped_and_valid_utf8),
        cmocka_unit_test(the_first_write_error_is_kept),
        cmocka_unit_test(what_does_not_fit_the_buffer_arrives_whole),
        cmocka_unit_test(a_tree_shows_children_below_their_parents),
        cmocka_unit_test(json_says_why_a_value_is_absent),
        cmocka_unit_test(a_table_is_printed_instead_of_processes),
        cmocka_unit_test(what_the_kernel_could_count_is_told),
        cmocka_unit_test(json_lists_all_who_hold_a_socket),
        cmocka_unit_test(a_table_of_one_process_has_what_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
