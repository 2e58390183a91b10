#include "platform/linux/cgroup_place.h"
#include "platform/linux/inspector.h"
#include "platform/linux/parse_cgroup_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The cgroups a process is in, from its own up to the root, with what limits them.
 *
 * A process is in one cgroup of every hierarchy: v2, and each that v1 controllers have for
 * themselves. They mostly have the same paths, some stop further up, but need not. So there is one
 * level for each path that is met on the way up in any of them, and each hierarchy adds what its
 * controllers know to the levels it has. A controller is in one hierarchy only; where two could
 * tell the same, the first one counts.
 */

enum { LEVELS_MAX = 128 };

/* The levels met so far. */
struct levels {
    const struct inspector *in;
    struct raw_cgroup_level *items; // arena
    size_t count;
    bool cut;
};

/* The text of a file of a cgroup; empty when it has none. */
static struct raw_bytes read_text(int dir, const char *name, char *buf, size_t size)
{
    size_t len = 0;
    if (procfs_read(dir, name, buf, size, &len)) {
        len = 0;
    }
    return (struct raw_bytes){.ptr = buf, .len = (uint32_t)len};
}

/* A file of one number into a figure that is not known yet. */
static void read_number(int dir, const char *name, uint64_t *figure)
{
    char buf[64];
    if (*figure == FIGURE_ABSENT) {
        *figure = parse_cgroup_number(read_text(dir, name, buf, sizeof(buf)));
    }
}

static void set_keyed(struct raw_bytes text, const char *key, uint64_t unit, uint64_t *figure)
{
    if (*figure == FIGURE_ABSENT) {
        *figure = parse_cgroup_keyed(text, key, unit);
    }
}

static void read_pressure(int dir, const char *name, struct raw_pressure *ret)
{
    char buf[512];
    const struct raw_bytes text = read_text(dir, name, buf, sizeof(buf));
    parse_system_pressure(text.ptr, text.len, ret);
}

/* io.stat has a line for each device, and there may be many. */
static void read_io(int dir, const char *name,
                    void (*parse)(struct raw_bytes file, uint64_t *ret_read, uint64_t *ret_write),
                    struct raw_cgroup_level *level)
{
    struct procfs_file file = {0};
    if (level->io_read_bytes == FIGURE_ABSENT && procfs_read_all(dir, name, &file) == 0) {
        const struct raw_bytes text = {.ptr = file.ptr, .len = (uint32_t)file.len};
        parse(text, &level->io_read_bytes, &level->io_write_bytes);
    }
    procfs_file_finish(&file);
}

static void read_v2(int dir, struct raw_cgroup_level *level)
{
    enum { US = 1000 };
    char buf[4096];
    struct raw_bytes text = read_text(dir, "cpu.max", buf, sizeof(buf));
    parse_cgroup_cpu_max(text, &level->cpu_quota_ns, &level->cpu_period_ns);
    text = read_text(dir, "cpu.stat", buf, sizeof(buf));
    set_keyed(text, "usage_usec", US, &level->usage_ns);
    set_keyed(text, "nr_periods", 1, &level->periods);
    set_keyed(text, "nr_throttled", 1, &level->throttled_periods);
    set_keyed(text, "throttled_usec", US, &level->throttled_ns);
    text = read_text(dir, "memory.events", buf, sizeof(buf));
    set_keyed(text, "low", 1, &level->memory_low_events);
    set_keyed(text, "high", 1, &level->memory_high_events);
    set_keyed(text, "max", 1, &level->memory_max_events);
    set_keyed(text, "oom", 1, &level->oom_events);
    set_keyed(text, "oom_kill", 1, &level->oom_kill_events);
    text = read_text(dir, "cgroup.events", buf, sizeof(buf));
    level->frozen = parse_cgroup_keyed(text, "frozen", 1) == 1;
    read_number(dir, "cpu.weight", &level->cpu_weight);
    read_number(dir, "memory.current", &level->memory_current);
    read_number(dir, "memory.high", &level->memory_high);
    read_number(dir, "memory.max", &level->memory_max);
    read_number(dir, "memory.swap.current", &level->swap_current);
    read_number(dir, "memory.swap.max", &level->swap_max);
    read_number(dir, "pids.current", &level->pids_current);
    read_number(dir, "pids.max", &level->pids_max);
    read_io(dir, "io.stat", parse_cgroup_io_stat, level);
    read_pressure(dir, "cpu.pressure", &level->psi_cpu);
    read_pressure(dir, "memory.pressure", &level->psi_memory);
    read_pressure(dir, "io.pressure", &level->psi_io);
}

static uint64_t in_ns(uint64_t us)
{
    enum { US = 1000 };
    return us <= UINT64_MAX / US - 1 ? us * US : FIGURE_ABSENT;
}

static void read_v1_cpu(int dir, struct raw_cgroup_level *level)
{
    char buf[4096];
    uint64_t quota_us = FIGURE_ABSENT;
    uint64_t period_us = FIGURE_ABSENT;
    read_number(dir, "cpu.cfs_quota_us", &quota_us); // "-1" is no limit
    read_number(dir, "cpu.cfs_period_us", &period_us);
    read_number(dir, "cpu.shares", &level->cpu_shares);
    level->cpu_quota_ns = in_ns(quota_us);
    level->cpu_period_ns = in_ns(period_us);
    const struct raw_bytes text = read_text(dir, "cpu.stat", buf, sizeof(buf));
    set_keyed(text, "nr_periods", 1, &level->periods);
    set_keyed(text, "nr_throttled", 1, &level->throttled_periods);
    set_keyed(text, "throttled_time", 1, &level->throttled_ns);
}

static void read_v1_cpuacct(int dir, struct raw_cgroup_level *level)
{
    read_number(dir, "cpuacct.usage", &level->usage_ns);
}

/* "No limit" is the largest number of bytes in whole pages, of 64 KiB at most. */
static uint64_t limit_of(uint64_t bytes)
{
    return bytes >= (uint64_t)INT64_MAX - 65535 ? FIGURE_ABSENT : bytes;
}

/* v1 counts memory and swap together. */
static uint64_t without(uint64_t both, uint64_t memory)
{
    return both == FIGURE_ABSENT || memory == FIGURE_ABSENT ? FIGURE_ABSENT
           : both > memory                                  ? both - memory
                                                            : 0;
}

static void read_v1_memory(int dir, struct raw_cgroup_level *level)
{
    char buf[1024];
    uint64_t both = FIGURE_ABSENT;
    uint64_t both_max = FIGURE_ABSENT;
    read_number(dir, "memory.usage_in_bytes", &level->memory_current);
    read_number(dir, "memory.limit_in_bytes", &level->memory_max);
    read_number(dir, "memory.memsw.usage_in_bytes", &both);
    read_number(dir, "memory.memsw.limit_in_bytes", &both_max);
    level->memory_max = limit_of(level->memory_max);
    level->swap_current = without(both, level->memory_current);
    level->swap_max = without(limit_of(both_max), level->memory_max);
    read_number(dir, "memory.failcnt", &level->memory_max_events);
    const struct raw_bytes text = read_text(dir, "memory.oom_control", buf, sizeof(buf));
    set_keyed(text, "oom_kill", 1, &level->oom_kill_events);
}

static void read_v1_pids(int dir, struct raw_cgroup_level *level)
{
    read_number(dir, "pids.current", &level->pids_current);
    read_number(dir, "pids.max", &level->pids_max);
}

static void read_v1_blkio(int dir, struct raw_cgroup_level *level)
{
    read_io(dir, "blkio.throttle.io_service_bytes_recursive", parse_cgroup_blkio, level);
    read_io(dir, "blkio.throttle.io_service_bytes", parse_cgroup_blkio, level);
}

static void read_v1_freezer(int dir, struct raw_cgroup_level *level)
{
    char buf[32];
    const struct raw_bytes text = read_text(dir, "freezer.state", buf, sizeof(buf));
    level->frozen |= text.len >= 6 && memcmp(text.ptr, "FROZEN", 6) == 0;
}

/* Where figures come from. The first is v2. */
static const struct {
    const char *controller;
    void (*read)(int dir, struct raw_cgroup_level *level);
} hierarchies[] = {
    {NULL, read_v2},
    {"cpu", read_v1_cpu},
    {"cpuacct", read_v1_cpuacct},
    {"memory", read_v1_memory},
    {"pids", read_v1_pids},
    {"blkio", read_v1_blkio},
    {"freezer", read_v1_freezer},
};

/* The level of a path, made when it is new. NULL: no room; *ret_error is then set if it is one. */
static struct raw_cgroup_level *level_of(struct levels *levels, struct raw_bytes path,
                                         int *ret_error)
{
    for (size_t i = 0; i < levels->count; i++) {
        struct raw_cgroup_level *const level = &levels->items[i];
        if (level->path.len == path.len && memcmp(level->path.ptr, path.ptr, path.len) == 0) {
            return level;
        }
    }
    if (levels->count == LEVELS_MAX) {
        levels->cut = true;
        return NULL;
    }
    struct raw_cgroup_level *const level = &levels->items[levels->count];
    const uint64_t absent = FIGURE_ABSENT;
    *level = (struct raw_cgroup_level){
        .cpu_quota_ns = absent,
        .cpu_period_ns = absent,
        .cpu_weight = absent,
        .cpu_shares = absent,
        .usage_ns = absent,
        .periods = absent,
        .throttled_periods = absent,
        .throttled_ns = absent,
        .memory_current = absent,
        .memory_high = absent,
        .memory_max = absent,
        .swap_current = absent,
        .swap_max = absent,
        .memory_low_events = absent,
        .memory_high_events = absent,
        .memory_max_events = absent,
        .oom_events = absent,
        .oom_kill_events = absent,
        .pids_current = absent,
        .pids_max = absent,
        .io_read_bytes = absent,
        .io_write_bytes = absent,
    };
    *ret_error = inspector_copy(levels->in, path.ptr, path.len, &level->path);
    levels->count += *ret_error == 0;
    return *ret_error ? NULL : level;
}

/* The path one level up: "/a/b", "/a", "/". */
static void cut_path(struct raw_bytes *path)
{
    while (path->len > 1 && path->ptr[path->len - 1] != '/') {
        path->len--;
    }
    path->len -= path->len > 1;
}

static int read_upwards(struct levels *levels, size_t hierarchy, struct cgroup_place *place,
                        struct raw_bytes path)
{
    int error = 0;
    do {
        struct raw_cgroup_level *const level = level_of(levels, path, &error);
        const int dir =
            openat(place->mount_fd, place->below, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (level && dir >= 0) {
            hierarchies[hierarchy].read(dir, level);
        }
        if (dir >= 0) {
            close(dir);
        }
        cut_path(&path);
    } while (error == 0 && cgroup_go_up(place));
    return error;
}

/* *ret_found: the process is in it. What is not mounted has a path and no more. */
static int read_hierarchy(struct levels *levels, size_t hierarchy, struct raw_bytes file,
                          bool *ret_found)
{
    const char *const controller = hierarchies[hierarchy].controller;
    struct raw_bytes path;
    struct cgroup_place place;
    int error = 0;
    *ret_found = parse_cgroup_path(file, controller, &path);
    if (!*ret_found) {
        return 0;
    }
    if (cgroup_locate(levels->in->platform, controller, path, &place)) {
        (void)level_of(levels, path, &error);
        return error;
    }
    error = read_upwards(levels, hierarchy, &place, path);
    close(place.mount_fd);
    return error;
}

/* The longest path first; what is as long is of another hierarchy. */
static int compare_levels(const void *a, const void *b)
{
    const struct raw_bytes x = ((const struct raw_cgroup_level *)a)->path;
    const struct raw_bytes y = ((const struct raw_cgroup_level *)b)->path;
    return x.len != y.len ? (x.len < y.len) - (x.len > y.len) : memcmp(x.ptr, y.ptr, x.len);
}

static int read_levels(struct levels *levels, struct raw_bytes file, struct raw_inspect *ret)
{
    bool v1 = false;
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof(hierarchies) / sizeof(*hierarchies); i++) {
        bool found;
        error = read_hierarchy(levels, i, file, &found);
        v1 |= found && hierarchies[i].controller;
    }
    if (error == 0 && levels->count == 0) {
        error = -ENOTSUP;
    }
    if (levels->count > 1) {
        qsort(levels->items, levels->count, sizeof(*levels->items), compare_levels);
    }
    ret->as.cgroup.items = levels->items;
    ret->as.cgroup.count = levels->count;
    ret->as.cgroup.v2 = !v1;
    ret->cut = levels->cut;
    return error;
}

int inspect_cgroup(const struct inspector *in, struct raw_inspect *ret)
{
    struct procfs_file file = {0};
    struct levels levels = {.in = in,
                            .items = arena_alloc(in->arena, LEVELS_MAX, sizeof(*levels.items))};
    int error = levels.items ? procfs_read_all(in->dir, "cgroup", &file) : -ENOMEM;
    if (error == 0) {
        error = read_levels(&levels, (struct raw_bytes){.ptr = file.ptr, .len = (uint32_t)file.len},
                            ret);
    } else if (error == -ENOENT) {
        error = -ENOTSUP; // a kernel without cgroups
    }
    procfs_file_finish(&file);
    return error;
}
