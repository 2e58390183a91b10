#include "base/str.h"
#include "base/topology.h"
#include "check.h"
#include "platform/platform.h"
#include "tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Machines made up here, file by file. */

#define CPU "sys/devices/system/cpu"
#define NODE "sys/devices/system/node"

/* A tree and what perch makes of it. */
struct machine {
    char root[TREE_ROOT_BYTES];
    struct topology *topology; // of the last look
};

static int setup(void **state)
{
    struct machine *const m = calloc(1, sizeof(*m));
    assert_non_null(m);
    tree_make(m->root);
    tree_file(m->root, "proc/stat", "cpu  9 9 9 9\ncpu0 1 1 1 1\ncpu1 1 1 1 1\ncpu3 1 1 1 1\n");
    tree_dir(m->root, "sys");
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct machine *const m = *state;
    free(m->topology);
    tree_remove(m->root);
    free(m);
    return 0;
}

static const struct topology *look(struct machine *m)
{
    char proc[TREE_ROOT_BYTES + 8];
    char sys[TREE_ROOT_BYTES + 8];
    struct platform *platform = NULL;
    (void)snprintf(proc, sizeof(proc), "%s/proc", m->root);
    (void)snprintf(sys, sizeof(sys), "%s/sys", m->root);
    const struct platform_options options = {.proc_root = proc, .sys_root = sys};
    assert_int_equal(platform_open(&options, &platform), 0);
    free(m->topology);
    m->topology = NULL;
    assert_int_equal(platform_topology(platform, &m->topology), 0);
    platform_close(platform);
    return m->topology;
}

static void cpu_file(const struct machine *m, int cpu, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof(path), CPU "/cpu%d/%s", cpu, name);
    tree_file(m->root, path, "%s\n", text);
}

static void cpu_place(const struct machine *m, int cpu, int package, int core, const char *siblings)
{
    char number[16];
    (void)snprintf(number, sizeof(number), "%d", package);
    cpu_file(m, cpu, "topology/physical_package_id", number);
    (void)snprintf(number, sizeof(number), "%d", core);
    cpu_file(m, cpu, "topology/core_id", number);
    cpu_file(m, cpu, "topology/core_cpus_list", siblings);
}

/* All places as text: "cpu package/node/core/thread", with P or E by kind and ! when offline. */
static void assert_places(struct machine *m, const char *expected)
{
    char text[2048];
    struct strbuf buf;
    const struct topology *const topology = look(m);
    str_init(&buf, text, sizeof(text));
    for (size_t i = 0; i < topology->count; i++) {
        const struct cpu_place *const place = &topology->places[i];
        str_addf(&buf, "%s%u %d/%d/%d/%d%s%s", i > 0 ? ", " : "", place->cpu, place->package,
                 place->node, place->core, place->thread,
                 place->kind == CORE_PERFORMANCE  ? "P"
                 : place->kind == CORE_EFFICIENCY ? "E"
                                                  : "",
                 place->online ? "" : "!");
    }
    assert_false(buf.overflow);
    assert_string_equal(text, expected);
}

static void two_packages_with_two_threads_a_core_are_told_apart(void **state)
{
    struct machine *const m = *state;
    tree_file(m->root, CPU "/present", "0-7\n");
    tree_file(m->root, CPU "/online", "0-7\n");
    tree_file(m->root, NODE "/node0/cpulist", "0-1,4-5\n");
    tree_file(m->root, NODE "/node1/cpulist", "2-3,6-7\n");
    tree_file(m->root, NODE "/online", "0-1\n");
    tree_file(m->root, NODE "/nodes/cpulist", "0-7\n");
    for (int cpu = 0; cpu < 8; cpu++) {
        char siblings[16];
        (void)snprintf(siblings, sizeof(siblings), "%d,%d", cpu % 4, cpu % 4 + 4);
        cpu_place(m, cpu, cpu / 2 % 2, cpu % 2 * 8, siblings); // core numbers have holes
    }
    assert_places(m, "0 0/0/0/0, 4 0/0/0/1, 1 0/0/8/0, 5 0/0/8/1, "
                     "2 1/1/0/0, 6 1/1/0/1, 3 1/1/8/0, 7 1/1/8/1");
}

static void a_hybrid_processor_says_which_cores_are_which(void **state)
{
    struct machine *const m = *state;
    tree_file(m->root, CPU "/present", "0-4\n");
    tree_file(m->root, CPU "/online", "0-4\n");
    tree_file(m->root, "sys/devices/cpu_core/cpus", "0-1\n");
    cpu_place(m, 0, 0, 0, "0-1");
    cpu_place(m, 1, 0, 0, "0-1");
    cpu_place(m, 2, 0, 8, "2");
    cpu_place(m, 3, 0, 9, "3");
    cpu_place(m, 4, 0, 10, "4");
    assert_places(m, "0 0/-1/0/0, 1 0/-1/0/1, 2 0/-1/8/0, 3 0/-1/9/0, 4 0/-1/10/0");
    tree_file(m->root, "sys/devices/cpu_atom/cpus", "2-3\n");
    assert_places(m, "0 0/-1/0/0P, 1 0/-1/0/1P, 2 0/-1/8/0E, 3 0/-1/9/0E, 4 0/-1/10/0");
}

static void differing_capacities_tell_the_kind_and_equal_ones_do_not(void **state)
{
    struct machine *const m = *state;
    tree_file(m->root, CPU "/present", "0-3\n");
    tree_file(m->root, CPU "/online", "0-3\n");
    for (int cpu = 0; cpu < 4; cpu++) {
        char self[16];
        (void)snprintf(self, sizeof(self), "%d", cpu);
        cpu_place(m, cpu, 0, cpu, self);
        cpu_file(m, cpu, "cpu_capacity", "1024");
    }
    assert_places(m, "0 0/-1/0/0, 1 0/-1/1/0, 2 0/-1/2/0, 3 0/-1/3/0");
    cpu_file(m, 0, "cpu_capacity", "446");
    cpu_file(m, 1, "cpu_capacity", "871");
    cpu_file(m, 3, "cpu_capacity", "nonsense");
    assert_places(m, "0 0/-1/0/0E, 1 0/-1/1/0E, 2 0/-1/2/0P, 3 0/-1/3/0");
}

/* Of a CPU that is offline the kernel has removed the files. */
static void offline_cpus_and_holes_are_shown_with_what_is_known(void **state)
{
    struct machine *const m = *state;
    tree_file(m->root, CPU "/present", "0-1,4-5,9\n");
    tree_file(m->root, CPU "/online", "0,4,9\n");
    tree_file(m->root, NODE "/node2/cpulist", "0,4\n");
    tree_file(m->root, NODE "/node3/cpulist", "\n");
    cpu_place(m, 0, 1, 3, "0");
    cpu_place(m, 4, 0, 3, "4");
    cpu_place(m, 9, -1, -1, "nonsense");
    assert_places(m, "4 0/2/3/0, 0 1/2/3/0, 1 -1/-1/-1/0!, 5 -1/-1/-1/0!, 9 -1/-1/-1/0");
}

static void a_machine_that_says_nothing_has_single_cpus(void **state)
{
    struct machine *const m = *state;
    assert_places(m, "0 -1/-1/-1/0, 1 -1/-1/-1/0, 3 -1/-1/-1/0"); // from /proc/stat
    tree_file(m->root, CPU "/present", "0-2\n");
    assert_places(m, "0 -1/-1/-1/0, 1 -1/-1/-1/0, 2 -1/-1/-1/0!, 3 -1/-1/-1/0");
    tree_file(m->root, CPU "/online", "0,x\n"); // not believed
    tree_file(m->root, CPU "/present", "0-99999\n");
    assert_places(m, "0 -1/-1/-1/0, 1 -1/-1/-1/0, 3 -1/-1/-1/0");
}

/* Two dies in a package number their cores alike, and an old kernel calls the list otherwise. */
static void cores_with_the_same_number_are_not_taken_for_one(void **state)
{
    struct machine *const m = *state;
    static const char *const siblings[] = {"0,4", "1,5", "2,6", "3,7"};
    tree_file(m->root, CPU "/present", "0-9\n");
    tree_file(m->root, CPU "/online", "0-9\n");
    for (int cpu = 0; cpu < 8; cpu++) {
        cpu_file(m, cpu, "topology/physical_package_id", "0");
        cpu_file(m, cpu, "topology/core_id", cpu % 2 ? "1" : "0");
        cpu_file(m, cpu, "topology/thread_siblings_list", siblings[cpu % 4]);
    }
    cpu_place(m, 8, 1, 7, "8"); // another package keeps its numbers
    cpu_place(m, 9, 1, 5, "9");
    assert_places(m, "0 0/-1/0/0, 4 0/-1/0/1, 1 0/-1/1/0, 5 0/-1/1/1, 2 0/-1/2/0, 6 0/-1/2/1, "
                     "3 0/-1/3/0, 7 0/-1/3/1, 9 1/-1/5/0, 8 1/-1/7/0");
}

static void more_than_a_thousand_cpus_are_all_there(void **state)
{
    enum { COUNT = 1536, CORES = COUNT / 2 };
    struct machine *const m = *state;
    tree_file(m->root, CPU "/present", "0-%d\n", COUNT - 1);
    tree_file(m->root, CPU "/online", "0-%d\n", COUNT - 1);
    tree_file(m->root, NODE "/node0/cpulist", "0-%d:2\n", COUNT - 2);
    tree_file(m->root, NODE "/node1/cpulist", "1-%d:2\n", COUNT - 1);
    for (int cpu = 0; cpu < COUNT; cpu++) {
        char siblings[24];
        (void)snprintf(siblings, sizeof(siblings), "%d,%d", cpu % CORES, cpu % CORES + CORES);
        cpu_place(m, cpu, cpu % 2, cpu % CORES, siblings);
    }
    const struct topology *const topology = look(m);
    assert_int_equal(topology->count, COUNT);
    for (size_t i = 0; i < COUNT; i++) { // packages, then cores, then threads
        const struct cpu_place *const place = &topology->places[i];
        const int package = (int)(i / CORES);
        const int core = (int)(i % CORES) / 2 * 2 + package;
        assert_int_equal(place->package, package);
        assert_int_equal(place->node, package);
        assert_int_equal(place->core, core);
        assert_int_equal(place->thread, i % 2);
        assert_int_equal(place->cpu, (uint32_t)core + (i % 2) * CORES);
    }
}

static void this_machine_has_at_least_the_cpu_this_runs_on(void **state)
{
    (void)state;
    struct platform *platform = NULL;
    struct topology *topology = NULL;
    size_t online = 0;
    assert_int_equal(platform_open(NULL, &platform), 0);
    assert_int_equal(platform_topology(platform, &topology), 0);
    for (size_t i = 0; i < topology->count; i++) {
        online += topology->places[i].online;
        assert_true(topology->places[i].thread >= 0);
    }
    assert_int_equal(online, (size_t)sysconf(_SC_NPROCESSORS_ONLN));
    free(topology);
    platform_close(platform);
}

#define MACHINE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE(two_packages_with_two_threads_a_core_are_told_apart),
        MACHINE(a_hybrid_processor_says_which_cores_are_which),
        MACHINE(differing_capacities_tell_the_kind_and_equal_ones_do_not),
        MACHINE(offline_cpus_and_holes_are_shown_with_what_is_known),
        MACHINE(a_machine_that_says_nothing_has_single_cpus),
        MACHINE(cores_with_the_same_number_are_not_taken_for_one),
        MACHINE(more_than_a_thousand_cpus_are_all_there),
        cmocka_unit_test(this_machine_has_at_least_the_cpu_this_runs_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
