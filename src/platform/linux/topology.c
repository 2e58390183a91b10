#include "base/str.h"
#include "platform/linux/cpus.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Where the CPUs sit, from /sys/devices/system/cpu and node. Everything but the list of CPUs is
 * optional: virtual machines and containers leave out what they like, and of a CPU that is
 * offline the kernel says hardly anything.
 *
 * A core's number may occur twice in a package of several dies. What a core is, is told by the
 * list of its threads: where two lists in a package have the same number, the cores of that
 * package are numbered anew.
 */

#define CPU_DIR "devices/system/cpu"
#define NODE_DIR "devices/system/node"

int cpus_read_list(int dir, const char *path, struct cpu_set *ret)
{
    struct procfs_file file = {0};
    int error = procfs_read_all(dir, path, &file);
    if (error == 0) {
        size_t len = file.len;
        while (len > 0 && file.ptr[len - 1] == '\n') {
            len--;
        }
        file.ptr[len] = '\0'; // the buffer is always larger than what was read
        error = memchr(file.ptr, '\0', len) ? -EINVAL : cpu_set_parse(file.ptr, ret);
    }
    procfs_file_finish(&file);
    return error;
}

/* The lines "cpu0 ..." are there for those online only. */
static int read_stat_cpus(const struct platform *platform, struct cpu_set *ret)
{
    struct procfs_file file = {0};
    struct cpu_set cpus = {0};
    const int error = procfs_read_all(platform->proc_fd, "stat", &file);
    const char *line = file.ptr;
    while (error == 0 && line) {
        uint64_t cpu;
        const size_t left = file.len - (size_t)(line - file.ptr);
        if (left > 3 && memcmp(line, "cpu", 3) == 0 && str_take_u64(line + 3, left - 3, &cpu) > 0 &&
            cpu < CPU_SET_MAX) {
            cpu_set_add(&cpus, (uint32_t)cpu);
        }
        line = memchr(line, '\n', left);
        line = line ? line + 1 : NULL;
    }
    procfs_file_finish(&file);
    if (error == 0 && cpu_set_count(&cpus) > 0) {
        *ret = cpus;
        return 0;
    }
    return error ? error : -ENODATA;
}

int cpus_read_online(const struct platform *platform, struct cpu_set *ret)
{
    if (platform->sys_fd >= 0 && cpus_read_list(platform->sys_fd, CPU_DIR "/online", ret) == 0) {
        return 0;
    }
    return read_stat_cpus(platform, ret);
}

/* What is put together. */
struct survey {
    const struct platform *platform;
    struct cpu_place *places; // of the result, until they are sorted by CPU number
    size_t count;
    uint32_t first[CPU_SET_MAX];   // by CPU: the lowest one of its core; its own number if unknown
    int32_t capacity[CPU_SET_MAX]; // by CPU; -1 unknown
};

static int32_t read_number(const struct survey *survey, uint32_t cpu, const char *tail)
{
    char path[96];
    char text[32];
    size_t len;
    int64_t number;
    struct strbuf buf;
    str_init(&buf, path, sizeof(path));
    str_addf(&buf, CPU_DIR "/cpu%u/%s", cpu, tail);
    if (procfs_read(survey->platform->sys_fd, path, text, sizeof(text), &len) ||
        str_take_i64(text, len, &number) == 0 || number < 0 || number > INT32_MAX) {
        return -1; // the kernel writes -1 itself where the firmware says nothing
    }
    return (int32_t)number;
}

/* The lowest CPU of the same core: the list's first number. `core_cpus_list` since Linux 5.3. */
static uint32_t read_first_sibling(const struct survey *survey, uint32_t cpu)
{
    const int32_t first = read_number(survey, cpu, "topology/core_cpus_list");
    if (first >= 0) {
        return (uint32_t)first;
    }
    const int32_t same = read_number(survey, cpu, "topology/thread_siblings_list");
    return same >= 0 ? (uint32_t)same : cpu;
}

static void read_places(struct survey *survey)
{
    for (size_t i = 0; i < survey->count; i++) {
        struct cpu_place *const place = &survey->places[i];
        survey->first[place->cpu] = place->cpu;
        survey->capacity[place->cpu] = -1;
        if (survey->platform->sys_fd >= 0) {
            place->package = read_number(survey, place->cpu, "topology/physical_package_id");
            place->core = read_number(survey, place->cpu, "topology/core_id");
            survey->first[place->cpu] = read_first_sibling(survey, place->cpu);
            survey->capacity[place->cpu] = read_number(survey, place->cpu, "cpu_capacity");
        }
    }
}

static void read_nodes(struct survey *survey)
{
    const int dir = survey->platform->sys_fd < 0 ? -1
                                                 : openat(survey->platform->sys_fd, NODE_DIR,
                                                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        return; // a kernel without NUMA
    }
    char names[4096];
    struct procfs_list list = {.fd = dir, .buf = names, .size = sizeof(names)};
    const char *name;
    while (procfs_list_next(&list, &name) > 0) {
        char path[64];
        struct strbuf buf;
        struct cpu_set cpus;
        int64_t node;
        str_init(&buf, path, sizeof(path));
        str_addf(&buf, "%s/cpulist", name);
        if (strncmp(name, "node", 4) != 0 || str_parse_i64(name + 4, 0, INT32_MAX, &node) ||
            cpus_read_list(dir, path, &cpus)) {
            continue;
        }
        for (size_t i = 0; i < survey->count; i++) {
            if (cpu_set_has(&cpus, survey->places[i].cpu)) {
                survey->places[i].node = (int32_t)node;
            }
        }
    }
    close(dir);
}

/* x86 has a performance-counter device for each kind of core of a hybrid processor. */
static bool read_hybrid(struct survey *survey)
{
    struct cpu_set fast;
    struct cpu_set slow;
    const int sys_fd = survey->platform->sys_fd;
    if (sys_fd < 0 || cpus_read_list(sys_fd, "devices/cpu_core/cpus", &fast) ||
        cpus_read_list(sys_fd, "devices/cpu_atom/cpus", &slow)) {
        return false;
    }
    for (size_t i = 0; i < survey->count; i++) {
        struct cpu_place *const place = &survey->places[i];
        place->kind = cpu_set_has(&fast, place->cpu)   ? CORE_PERFORMANCE
                      : cpu_set_has(&slow, place->cpu) ? CORE_EFFICIENCY
                                                       : CORE_UNKNOWN;
    }
    return true;
}

/* Arm gives each CPU a capacity, the largest being 1024. */
static void compare_capacities(struct survey *survey)
{
    int32_t min = INT32_MAX;
    int32_t max = -1;
    for (size_t i = 0; i < survey->count; i++) {
        const int32_t capacity = survey->capacity[survey->places[i].cpu];
        if (capacity >= 0) {
            min = capacity < min ? capacity : min;
            max = capacity > max ? capacity : max;
        }
    }
    for (size_t i = 0; i < survey->count && min < max; i++) {
        const int32_t capacity = survey->capacity[survey->places[i].cpu];
        survey->places[i].kind = capacity < 0      ? CORE_UNKNOWN
                                 : capacity == max ? CORE_PERFORMANCE
                                                   : CORE_EFFICIENCY;
    }
}

/* What is unknown (-1) comes last. */
static int compare_numbers(int32_t a, int32_t b)
{
    return ((uint32_t)a > (uint32_t)b) - ((uint32_t)a < (uint32_t)b);
}

static int by_place(const void *left, const void *right)
{
    const struct cpu_place *const a = left;
    const struct cpu_place *const b = right;
    const int order[] = {
        compare_numbers(a->package, b->package), compare_numbers(a->node, b->node),
        compare_numbers(a->core, b->core),       compare_numbers(a->thread, b->thread),
        (a->cpu > b->cpu) - (a->cpu < b->cpu),
    };
    size_t i = 0;
    while (i < sizeof(order) / sizeof(*order) - 1 && order[i] == 0) {
        i++;
    }
    return order[i];
}

/* By package, core and the first CPU of the core, which `thread` holds meanwhile. */
static int by_core(const void *left, const void *right)
{
    const struct cpu_place *const a = left;
    const struct cpu_place *const b = right;
    const int package = compare_numbers(a->package, b->package);
    const int core = compare_numbers(a->core, b->core);
    const int first = compare_numbers(a->thread, b->thread);
    return package ? package : core ? core : first ? first : (a->cpu > b->cpu) - (a->cpu < b->cpu);
}

/* Likewise without the core's number. */
static int by_first(const void *left, const void *right)
{
    const struct cpu_place *const a = left;
    const struct cpu_place *const b = right;
    const int first = compare_numbers(a->thread, b->thread);
    return first ? first : (a->cpu > b->cpu) - (a->cpu < b->cpu);
}

/* One package's cores, whose numbers occur more than once. */
static void number_cores(struct cpu_place *places, size_t count)
{
    int32_t core = -1;
    qsort(places, count, sizeof(*places), by_first);
    for (size_t i = 0; i < count; i++) {
        core += i == 0 || places[i].thread != places[i - 1].thread;
        places[i].core = core;
    }
}

/* Sorted by by_core(): gives every core in a package a number of its own. */
static void separate_cores(struct survey *survey)
{
    struct cpu_place *const places = survey->places;
    for (size_t from = 0, to = 0; from < survey->count; from = to) {
        bool ambiguous = false;
        for (to = from + 1; to < survey->count && places[to].package == places[from].package;
             to++) {
            ambiguous |= places[to].core >= 0 && places[to].core == places[to - 1].core &&
                         places[to].thread != places[to - 1].thread;
        }
        size_t known = from; // those without a core come last
        while (known < to && places[known].core >= 0) {
            known++;
        }
        if (ambiguous) {
            number_cores(places + from, known - from);
        }
    }
}

/* Numbers the threads of each core; a CPU of which no core is known is taken for one. */
static void number_threads(struct survey *survey)
{
    struct cpu_place *const places = survey->places;
    for (size_t i = 0; i < survey->count; i++) {
        places[i].thread = (int32_t)survey->first[places[i].cpu];
    }
    qsort(places, survey->count, sizeof(*places), by_core);
    separate_cores(survey);
    for (size_t i = 0; i < survey->count; i++) {
        places[i].thread = 0;
    }
    qsort(places, survey->count, sizeof(*places), by_core); // threads of a core by CPU number
    for (size_t i = 1; i < survey->count; i++) {
        if (places[i].core >= 0 && places[i].core == places[i - 1].core &&
            places[i].package == places[i - 1].package) {
            places[i].thread = places[i - 1].thread + 1;
        }
    }
}

/* Those in the machine: online or not. `possible` would count empty sockets. */
static int read_cpus(const struct platform *platform, struct cpu_set *ret_all,
                     struct cpu_set *ret_online)
{
    struct cpu_set present;
    const int error = cpus_read_online(platform, ret_online);
    *ret_all = error ? (struct cpu_set){0} : *ret_online;
    if (platform->sys_fd >= 0 &&
        cpus_read_list(platform->sys_fd, CPU_DIR "/present", &present) == 0) {
        cpu_set_or(ret_all, &present);
        if (error) { // a kernel that cannot switch CPUs off
            *ret_online = present;
        }
        return 0;
    }
    return error;
}

int platform_topology(const struct platform *platform, struct topology **ret)
{
    struct cpu_set all;
    struct cpu_set online;
    const int error = read_cpus(platform, &all, &online);
    if (error) {
        return error;
    }
    const size_t count = cpu_set_count(&all);
    struct topology *const topology =
        calloc(1, sizeof(*topology) + count * sizeof(struct cpu_place));
    struct survey *const survey = calloc(1, sizeof(*survey));
    if (!topology || !survey) {
        free(topology);
        free(survey);
        return -ENOMEM;
    }
    survey->platform = platform;
    survey->places = topology->places;
    for (uint32_t cpu = 0; cpu < CPU_SET_MAX; cpu++) {
        if (cpu_set_has(&all, cpu)) {
            topology->places[survey->count++] =
                (struct cpu_place){.cpu = cpu,
                                   .package = -1,
                                   .node = -1,
                                   .core = -1,
                                   .online = cpu_set_has(&online, cpu)};
        }
    }
    read_places(survey);
    read_nodes(survey);
    if (!read_hybrid(survey)) {
        compare_capacities(survey);
    }
    number_threads(survey);
    topology->count = survey->count;
    qsort(topology->places, topology->count, sizeof(*topology->places), by_place);
    free(survey);
    *ret = topology;
    return 0;
}
