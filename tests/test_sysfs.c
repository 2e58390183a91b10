#include "base/arena.h"
#include "check.h"
#include "platform/platform.h"
#include "tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* CPUs as sysfs describes them, in trees made here. */

#define PROC "tests/fixtures/proc_server"

/* A made-up machine, opened and sampled. */
struct machine {
    struct platform *platform;
    struct arena *arena;
    struct raw_sample sample;
};

static void machine_open(struct machine *m, const char *proc, const char *sys)
{
    const struct platform_options options = {.proc_root = proc, .sys_root = sys};
    assert_int_equal(platform_open(&options, &m->platform), 0);
    m->arena = arena_create(1 << 20);
    assert_non_null(m->arena);
}

static void machine_close(struct machine *m)
{
    platform_close(m->platform);
    arena_destroy(m->arena);
}

static void machine_sample(struct machine *m, fact_mask want, bool threads)
{
    const struct platform_request request = {.want = want, .threads = threads};
    arena_reset(m->arena);
    assert_int_equal(platform_sample(m->platform, &request, m->arena, &m->sample), 0);
}

static void make_dir(const char *root, const char *path)
{
    char full[512];
    (void)snprintf(full, sizeof(full), "%s/%s", root, path);
    assert_int_equal(mkdir(full, 0755), 0);
}

static void make_file(const char *root, const char *path, const char *text)
{
    char full[512];
    (void)snprintf(full, sizeof(full), "%s/%s", root, path);
    const int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void remove_path(const char *root, const char *path)
{
    char full[512];
    (void)snprintf(full, sizeof(full), "%s/%s", root, path);
    assert_int_equal(remove(full), 0);
}

static int probe_frequencies(const struct machine *m, uint32_t *khz, size_t count, size_t *ret)
{
    size_t len = 0;
    memset(khz, 0, count * sizeof(*khz));
    const int error = platform_probe(m->platform, PROBE_FREQUENCY, (struct proc_id){0}, (char *)khz,
                                     count * sizeof(*khz), &len);
    *ret = len / sizeof(*khz);
    return error;
}

#define POLICIES "devices/system/cpu/cpufreq"

/* One policy; NULL: no such file. */
static void make_policy(const char *root, uint32_t number, const char *khz, const char *cpus)
{
    char path[128];
    (void)snprintf(path, sizeof(path), POLICIES "/policy%u", number);
    make_dir(root, path);
    const char *const names[] = {"scaling_cur_freq", "affected_cpus"};
    const char *const texts[] = {khz, cpus};
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof(path), POLICIES "/policy%u/%s", number, names[i]);
        if (texts[i]) {
            make_file(root, path, texts[i]);
        }
    }
}

static void remove_policy(const char *root, uint32_t number)
{
    static const char *const tails[] = {"/scaling_cur_freq", "/affected_cpus", ""};
    char path[128];
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof(path), "%s/" POLICIES "/policy%u%s", root, number, tails[i]);
        (void)remove(path); // not every policy has every file
    }
}

static void make_sys(char root[64])
{
    tree_make(root);
    make_dir(root, "devices");
    make_dir(root, "devices/system");
    make_dir(root, "devices/system/cpu");
    make_dir(root, POLICIES);
}

static void remove_sys(const char *root)
{
    remove_path(root, POLICIES);
    remove_path(root, "devices/system/cpu");
    remove_path(root, "devices/system");
    remove_path(root, "devices");
    assert_int_equal(rmdir(root), 0);
}

/* P67: a policy whose CPUs are offline, one without the list, holes, out of order, nonsense. */
static void odd_frequency_policies_spoil_only_their_own_cpus(void **state)
{
    (void)state;
    static const struct {
        uint32_t number;
        const char *khz, *cpus;
    } rows[] = {
        {0, "1000000\n", "0 2 \n"},
        {12, "1200000\n", "13 12 \n"},
        {4, "1400000\n", "\n"},
        {5, "1500000\n", NULL},
        {6, NULL, "6\n"},
        {7, "<unknown>\n", "7\n"},
        {8, "99999999999\n", "8\n"},
        {9, "", "9\n"},
        {10, "1\n", "-1 x 3 99999999999999999999\n"},
    };
    char root[64];
    uint32_t khz[16];
    size_t count;
    struct machine m;
    make_sys(root);
    machine_open(&m, PROC, root);
    // An empty directory: cpuinfo has to do.
    assert_int_equal(probe_frequencies(&m, khz, 16, &count), 0);
    assert_int_equal(khz[0], 2399998);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        make_policy(root, rows[i].number, rows[i].khz, rows[i].cpus);
    }
    assert_int_equal(probe_frequencies(&m, khz, 16, &count), 0);
    const uint32_t expected[16] = {
        [0] = 1000000, [2] = 1000000, [5] = 1500000, [12] = 1200000, [13] = 1200000};
    assert_int_equal(count, 14);
    assert_memory_equal(khz, expected, sizeof(khz));
    assert_int_equal(probe_frequencies(&m, khz, 1, &count), 0); // no room for the rest
    assert_int_equal(count, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        remove_policy(root, rows[i].number);
    }
    machine_close(&m);
    remove_sys(root);
}

static void a_thousand_cpus_have_their_own_frequencies(void **state)
{
    (void)state;
    enum { CPUS = 1024 };
    static uint32_t khz[CPUS];
    char root[64];
    size_t count;
    struct machine m;
    make_sys(root);
    for (uint32_t i = 0; i < CPUS; i++) {
        char mhz[32];
        char cpu[16];
        (void)snprintf(mhz, sizeof(mhz), "%u\n", 1000000 + i);
        (void)snprintf(cpu, sizeof(cpu), "%u \n", i);
        make_policy(root, i, mhz, cpu);
    }
    machine_open(&m, PROC, root);
    assert_int_equal(probe_frequencies(&m, khz, CPUS, &count), 0);
    assert_int_equal(count, CPUS);
    for (uint32_t i = 0; i < CPUS; i++) {
        assert_int_equal(khz[i], 1000000 + i);
        remove_policy(root, i);
    }
    machine_close(&m);
    remove_sys(root);
}

/* Lists of CPUs that are there but offline, with holes, and out of order. */
static void cpus_that_can_exist_are_counted_from_any_list(void **state)
{
    (void)state;
    static const struct {
        const char *present;
        uint32_t count;
    } rows[] = {
        {"0-1023\n", 1024}, {"0-1,4-7,9\n", 10}, {"8-9,0-3\n", 10}, {"0,1023,5\n", 1024},
        {"\n", 3},          {"all\n", 3},        {"0-99999\n", 3},  {"63", 64},
    };
    char root[64];
    make_sys(root);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct machine m;
        make_file(root, "devices/system/cpu/present", rows[i].present);
        machine_open(&m, PROC, root);
        machine_sample(&m, 0, false);
        assert_int_equal(m.sample.system.cpu_present, rows[i].count);
        machine_close(&m);
    }
    remove_path(root, "devices/system/cpu/present");
    remove_sys(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_frequency_policies_spoil_only_their_own_cpus),
        cmocka_unit_test(a_thousand_cpus_have_their_own_frequencies),
        cmocka_unit_test(cpus_that_can_exist_are_counted_from_any_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
