#include "platform/linux/inspector.h"
#include "platform/linux/parse_smaps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Memory maps, one row for each file. `smaps` of a large program has hundreds of thousands of
 * lines, so it is read through a window: whole lines are taken out of it, a cut one at its end is
 * moved to its beginning. A map's figures follow its first line.
 */

enum {
    WINDOW_BYTES = 65536,             // longer than any line: a path has at most 4096 bytes
    SLOT_COUNT = 2 * INSPECT_MAPS_MAX // a power of two
};

/* The maps met so far. */
struct maps {
    const struct inspector *in;
    struct raw_map *items; // heap
    size_t count, capacity;
    uint32_t *slots;     // heap; SLOT_COUNT places in items by hash of the path, plus one; 0 free
    struct raw_map *now; // the one figures are for; NULL: none that is kept
    bool cut;
};

static bool same_path(struct raw_bytes a, struct raw_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* FNV-1a, in 64 bits so that the product of a 32-bit hash does not wrap around. */
static size_t slot_of(struct raw_bytes path)
{
    uint64_t hash = 2166136261u;
    for (uint32_t i = 0; i < path.len; i++) {
        hash = ((hash ^ (unsigned char)path.ptr[i]) * 16777619u) & UINT32_MAX;
    }
    return (size_t)(hash ^ hash >> 16) & (SLOT_COUNT - 1);
}

static int grow(struct maps *maps)
{
    const size_t capacity = maps->capacity ? maps->capacity * 2 : 64;
    struct raw_map *const items = realloc(maps->items, capacity * sizeof(*items));
    if (!items) {
        return -ENOMEM;
    }
    maps->items = items;
    maps->capacity = capacity;
    return 0;
}

/* Takes a new file in. */
static int append(struct maps *maps, const struct raw_map *map, uint32_t *slot)
{
    if (maps->count == INSPECT_MAPS_MAX) {
        maps->cut = true;
        maps->now = NULL;
        return 0;
    }
    int error = maps->count == maps->capacity ? grow(maps) : 0;
    if (error == 0) {
        maps->now = &maps->items[maps->count];
        *maps->now = *map;
        error = inspector_copy(maps->in, map->path.ptr, map->path.len, &maps->now->path);
    }
    if (error == 0) {
        *slot = (uint32_t)++maps->count;
    }
    return error;
}

static int begin_map(struct maps *maps, const struct raw_map *map)
{
    size_t slot = slot_of(map->path);
    while (maps->slots[slot] != 0) {
        struct raw_map *const item = &maps->items[maps->slots[slot] - 1];
        if (same_path(item->path, map->path)) {
            parse_smaps_merge(map, item);
            maps->now = item;
            return 0;
        }
        slot = (slot + 1) & (SLOT_COUNT - 1);
    }
    return append(maps, map, &maps->slots[slot]);
}

static int take_line(struct maps *maps, struct span line)
{
    struct raw_map map;
    if (parse_smaps_map(line, &map)) {
        return begin_map(maps, &map);
    }
    if (maps->now) {
        parse_smaps_figure(line, maps->now);
    }
    return 0;
}

/* Takes the whole lines of the window; *ret_rest is where the cut one begins. */
static int take_lines(struct maps *maps, const char *buf, size_t len, size_t *ret_rest)
{
    size_t at = 0;
    int error = 0;
    const char *newline;
    while (error == 0 && (newline = memchr(buf + at, '\n', len - at))) {
        error = take_line(maps, (struct span){.at = buf + at, .end = newline});
        at = (size_t)(newline - buf) + 1;
    }
    *ret_rest = at;
    return error;
}

static int read_lines(struct maps *maps, int fd, char *window)
{
    size_t len = 0;
    for (;;) {
        const ssize_t n = read(fd, window + len, WINDOW_BYTES - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? -errno : 0;
        }
        len += (size_t)n;
        size_t rest;
        const int error = take_lines(maps, window, len, &rest);
        if (error) {
            return error;
        }
        // A line that fills the window is none of the kernel's; without it the next one is found.
        len = rest == 0 && len == WINDOW_BYTES ? 0 : len - rest;
        memmove(window, window + rest, len);
    }
}

static int read_maps(struct maps *maps, const char *name)
{
    const int fd = openat(maps->in->dir, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    char *const window = malloc(WINDOW_BYTES);
    const int error = window ? read_lines(maps, fd, window) : -ENOMEM;
    free(window);
    close(fd);
    return error;
}

static int compare_maps(const void *a, const void *b)
{
    const struct raw_bytes x = ((const struct raw_map *)a)->path;
    const struct raw_bytes y = ((const struct raw_map *)b)->path;
    const size_t shorter = x.len < y.len ? x.len : y.len;
    const int order = shorter > 0 ? memcmp(x.ptr, y.ptr, shorter) : 0;
    return order ? order : (x.len > y.len) - (x.len < y.len);
}

static int give(const struct maps *maps, struct raw_inspect *ret)
{
    struct raw_map *const items = arena_alloc(maps->in->arena, maps->count + 1, sizeof(*items));
    if (!items) {
        return -ENOMEM;
    }
    if (maps->count > 0) {
        memcpy(items, maps->items, maps->count * sizeof(*items));
        qsort(items, maps->count, sizeof(*items), compare_maps);
    }
    ret->as.maps.items = items;
    ret->as.maps.count = maps->count;
    ret->cut = maps->cut;
    return 0;
}

int inspect_maps(const struct inspector *in, struct raw_inspect *ret)
{
    struct maps maps = {.in = in, .slots = calloc(SLOT_COUNT, sizeof(*maps.slots))};
    int error = maps.slots ? read_maps(&maps, "smaps") : -ENOMEM;
    if (error == -ENOENT) { // a kernel built without it, or a process that is gone
        error = read_maps(&maps, "maps");
    }
    if (error == 0 || error == -ESRCH) { // kernel threads and zombies have no memory of their own
        error = give(&maps, ret);
    }
    free(maps.items);
    free(maps.slots);
    return error;
}
