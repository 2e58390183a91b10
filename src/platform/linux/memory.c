#include "base/arena.h"
#include "base/cpuset.h"
#include "base/str.h"
#include "platform/linux/parse_memory.h"
#include "platform/linux/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * PART_MEMORY. Nearly every machine lacks some of these files; what is not there is absent. None
 * of them waits for a device.
 */

enum {
    NODES_MAX = 1024, // what kernels are built for
    ZRAMS_MAX = 64,
    SMALL_BYTES = 4096, // of files below /sys
};

/* What all readers here work with. */
struct reader {
    struct platform *platform;
    struct arena *arena;
    struct raw_sample *sample; // told of what kept something from being read
    struct raw_memory_detail *detail;
};

/* Read a file below /sys; 0 bytes when it cannot be read. */
static size_t read_sys(const struct reader *reader, const char *path, char buf[SMALL_BYTES])
{
    size_t len = 0;
    if (reader->platform->sys_fd >= 0) {
        const int dir = reader->platform->sys_fd;
        parts_note(reader->sample, procfs_read(dir, path, buf, SMALL_BYTES - 1, &len));
    }
    buf[len] = '\0';
    return len;
}

static int read_swaps(const struct reader *reader)
{
    struct parts_text text;
    const int error = parts_read(reader->platform, "swaps", reader->arena, reader->sample, &text);
    if (error || !text.ptr) {
        return error;
    }
    const size_t count = parse_memory_swaps(text.ptr, text.len, NULL, 0);
    struct raw_swap *const swaps = arena_alloc(reader->arena, count + 1, sizeof(*swaps));
    if (!swaps) {
        return -ENOMEM;
    }
    (void)parse_memory_swaps(text.ptr, text.len, swaps, count); // the same again
    reader->detail->swaps_known = true;
    reader->detail->swaps = swaps;
    reader->detail->swap_count = count;
    return 0;
}

/* Append the device if the name is "zramN" and it is in use. */
static void add_zram(const struct reader *reader, const char *name, struct raw_zram *zrams,
                     size_t *count)
{
    static const char prefix[] = "zram";
    int64_t index;
    if (*count >= ZRAMS_MAX || strncmp(name, prefix, sizeof(prefix) - 1) != 0 ||
        str_parse_i64(name + sizeof(prefix) - 1, 0, INT32_MAX, &index)) {
        return;
    }
    char path[PROCFS_PATH_BYTES];
    char text[SMALL_BYTES];
    struct strbuf buf;
    str_init(&buf, path, sizeof(path));
    str_addf(&buf, "block/zram%u/mm_stat", (unsigned)index);
    struct raw_zram *const zram = &zrams[*count];
    if (parse_memory_zram(text, read_sys(reader, path, text), zram)) {
        zram->index = (uint32_t)index;
        ++*count;
    }
}

static int compare_zrams(const void *a, const void *b)
{
    const uint32_t left = ((const struct raw_zram *)a)->index;
    const uint32_t right = ((const struct raw_zram *)b)->index;
    return left < right ? -1 : left > right;
}

static int read_zrams(const struct reader *reader)
{
    struct raw_zram *const zrams = arena_alloc(reader->arena, ZRAMS_MAX, sizeof(*zrams));
    if (!zrams) {
        return -ENOMEM;
    }
    const int dir = reader->platform->sys_fd;
    const int fd = dir < 0 ? -1 : openat(dir, "block", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        parts_note(reader->sample, dir < 0 ? 0 : -errno);
        return 0;
    }
    size_t count = 0;
    char names[SMALL_BYTES];
    struct procfs_list list = {.fd = fd, .buf = names, .size = sizeof(names)};
    const char *name;
    while (procfs_list_next(&list, &name) > 0) {
        add_zram(reader, name, zrams, &count);
    }
    (void)close(fd); // was only read
    if (count > 1) {
        qsort(zrams, count, sizeof(*zrams), compare_zrams);
    }
    reader->detail->zrams = zrams;
    reader->detail->zram_count = count;
    return 0;
}

/* Nodes that have memory. */
static int read_nodes(const struct reader *reader)
{
    char text[SMALL_BYTES];
    struct cpu_set online = {0}; // lists of nodes are written like those of CPUs
    const size_t len = read_sys(reader, "devices/system/node/online", text);
    if (len == 0 || cpu_set_parse(text, &online)) {
        return 0;
    }
    const size_t most = cpu_set_count(&online);
    struct raw_node *const nodes = arena_alloc(reader->arena, most + 1, sizeof(*nodes));
    if (!nodes) {
        return -ENOMEM;
    }
    size_t count = 0;
    for (uint32_t index = 0; index < NODES_MAX && count < most; index++) {
        char path[PROCFS_PATH_BYTES];
        struct strbuf buf;
        if (!cpu_set_has(&online, index)) {
            continue;
        }
        str_init(&buf, path, sizeof(path));
        str_addf(&buf, "devices/system/node/node%u/meminfo", (unsigned)index);
        nodes[count] = (struct raw_node){.index = index};
        const bool is_known = parse_memory_node(text, read_sys(reader, path, text), &nodes[count]);
        count += is_known && nodes[count].total_bytes > 0;
    }
    reader->detail->nodes = nodes;
    reader->detail->node_count = count;
    return 0;
}

static uint64_t read_pages(const struct reader *reader, const char *path)
{
    char text[SMALL_BYTES];
    return parse_memory_pages(text, read_sys(reader, path, text),
                              reader->platform->units.page_bytes);
}

static int read_counters(const struct reader *reader)
{
    struct parts_text text;
    struct raw_memory_detail *const detail = reader->detail;
    int error = parts_read(reader->platform, "vmstat", reader->arena, reader->sample, &text);
    if (error) {
        return error;
    }
    parse_memory_vmstat(text.ptr ? text.ptr : "", text.len, reader->platform->units.page_bytes,
                        &detail->reclaim);
    error = parts_read(reader->platform, "spl/kstat/zfs/arcstats", reader->arena, reader->sample,
                       &text);
    if (error) {
        return error;
    }
    parse_memory_arc(text.ptr ? text.ptr : "", text.len, &detail->arc_bytes,
                     &detail->arc_limit_bytes);
    detail->ksm_shared_bytes = read_pages(reader, "kernel/mm/ksm/pages_shared");
    detail->ksm_saved_bytes = read_pages(reader, "kernel/mm/ksm/pages_sharing");
    return 0;
}

int memory_detail(struct platform *platform, struct arena *arena, struct raw_sample *sample)
{
    static int (*const readers[])(const struct reader *) = {
        read_counters,
        read_swaps,
        read_zrams,
        read_nodes,
    };
    const struct reader reader = {
        .platform = platform,
        .arena = arena,
        .sample = sample,
        .detail = arena_alloc(arena, 1, sizeof(*reader.detail)),
    };
    int error = reader.detail ? 0 : -ENOMEM;
    for (size_t i = 0; error == 0 && i < sizeof(readers) / sizeof(*readers); i++) {
        error = readers[i](&reader);
    }
    if (error == 0) {
        sample->memory = reader.detail;
        sample->parts |= PART_MEMORY;
    }
    return error;
}
