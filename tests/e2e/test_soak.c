/*
 * Many processes and a storm of short-lived ones, watched for a while: nothing may go wrong and
 * memory may not grow. By environment: PERCH_SOAK_SECONDS (60), PERCH_SOAK_PROCESSES (20000),
 * PERCH_SOAK_RATE (1000 a second), PERCH_POPULATION (the program that makes them).
 */

#include "check.h"
#include "scene.h"
#include "world.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    KIB_EACH = 160,         // what a sleeping process costs the kernel and us
    GROWTH_KIB = 24 * 1024, // allowed after the settling time: allocators round up
};

static long from_environment(const char *name, long fallback)
{
    const char *text = getenv(name);
    long value = text != NULL ? strtol(text, NULL, 10) : fallback;
    return value > 0 ? value : fallback;
}

/* The number behind a word in a file; -1 when it is not there. */
static long number_in(const char *path, const char *word)
{
    long value = -1;
    char line[256];
    FILE *file = fopen(path, "re");
    while (file != NULL && value < 0 && fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, word, strlen(word)) == 0) {
            char *end;
            value = strtol(line + strlen(word), &end, 10);
            value = end != line + strlen(word) ? value : -1;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return value;
}

/* As many processes as asked for, or as fit. */
static long affordable(long wanted)
{
    const long limits[] = {
        number_in("/proc/meminfo", "MemAvailable:") / 2 / KIB_EACH,
        number_in("/proc/sys/kernel/pid_max", "") / 4 * 3,
        number_in("/proc/sys/kernel/threads-max", "") / 4 * 3,
        number_in("/sys/fs/cgroup/pids.max", "") / 4 * 3,
    };
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        wanted = limits[i] > 0 && limits[i] < wanted ? limits[i] : wanted;
    }
    return wanted;
}

/* Start the population; returns its pid and how many sleep. */
static pid_t populate(long count, long rate, long *ret_count)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    char counts[2][32];
    (void)snprintf(counts[0], sizeof(counts[0]), "%ld", count);
    (void)snprintf(counts[1], sizeof(counts[1]), "%ld", rate);
    const char *binary = getenv("PERCH_POPULATION");
    assert_non_null(binary);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)dup2(ends[1], 1);
        (void)execl(binary, "population", counts[0], counts[1], (char *)NULL);
        _exit(1);
    }
    (void)close(ends[1]);
    FILE *answer = fdopen(ends[0], "r");
    assert_non_null(answer);
    char line[64] = "";
    (void)fgets(line, sizeof(line), answer);
    (void)fclose(answer);
    assert_int_equal(strncmp(line, "ready ", 6), 0);
    *ret_count = strtol(line + 6, NULL, 10);
    return pid;
}

/* Memory the program has in use, in KiB. */
static long resident_kib(pid_t pid)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/status", pid);
    return number_in(path, "VmRSS:");
}

static void use_it_for(struct pty *pty, int64_t time_ms)
{
    static const char *const keys[] = {"P", "M", "t", "t", "I", "/sleeper\r", "H", "H"};
    const int64_t end = pty_now_ms() + time_ms;
    for (size_t i = 0; pty_now_ms() < end; i++) {
        pty_press(pty, i % 2 != 0 ? VTERM_KEY_PAGEDOWN : VTERM_KEY_HOME);
        pty_type(pty, keys[i % (sizeof(keys) / sizeof(keys[0]))]);
        pty_drain(pty, 700);
    }
}

static void memory_stays_bounded_in_a_storm(void **state)
{
    (void)state;
    const long seconds = from_environment("PERCH_SOAK_SECONDS", 60);
    const long rate = from_environment("PERCH_SOAK_RATE", 1000);
    if (!world_is_ours()) {
        print_message("skipped: needs a PID namespace\n");
        skip();
    }
    long count = 0;
    const pid_t population =
        populate(affordable(from_environment("PERCH_SOAK_PROCESSES", 20000)), rate, &count);
    // Freed memory that a sanitizer keeps back would look like growth.
    assert_int_equal(setenv("ASAN_OPTIONS", "exitcode=99:quarantine_size_mb=4", 1), 0);
    struct pty *pty = pty_start(&(struct pty_options){.width = 100, .height = 40});
    pty_expect(pty, "sleeper");
    const long settling_ms = seconds < 240 ? seconds * 250 : 60000;
    use_it_for(pty, settling_ms);
    const long before = resident_kib(pty_pid(pty));
    use_it_for(pty, seconds * 1000 - settling_ms);
    const long after = resident_kib(pty_pid(pty));
    print_message("%ld processes, %ld forks/s, %ld s: %ld KiB, then %ld KiB\n", count, rate,
                  seconds, before, after);
    assert_true(before > 0 && after > 0);
    assert_true(after - before < GROWTH_KIB);
    scene_close(pty);
    (void)kill(population, SIGKILL);
    (void)waitpid(population, NULL, 0);
}

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test_teardown(memory_stays_bounded_in_a_storm, pty_finish_all),
    };
    return cmocka_run_group_tests_name("e2e soak", all, NULL, NULL);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
