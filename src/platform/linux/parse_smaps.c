#include "platform/linux/parse_smaps.h"

#include <stddef.h>

/* A map of which nothing is known yet. */
static const struct raw_map unknown = {
    .resident_bytes = FIGURE_ABSENT,
    .pss_bytes = FIGURE_ABSENT,
    .private_clean_bytes = FIGURE_ABSENT,
    .private_dirty_bytes = FIGURE_ABSENT,
    .shared_clean_bytes = FIGURE_ABSENT,
    .shared_dirty_bytes = FIGURE_ABSENT,
    .anonymous_bytes = FIGURE_ABSENT,
    .swap_bytes = FIGURE_ABSENT,
    .swap_pss_bytes = FIGURE_ABSENT,
    .locked_bytes = FIGURE_ABSENT,
};

/* Keys as they are at the beginning of a line, with their colon: "Pss:" is not "SwapPss:". */
static const struct {
    const char *key;
    size_t offset; // of the member
} figures[] = {
    {"Rss:", offsetof(struct raw_map, resident_bytes)},
    {"Pss:", offsetof(struct raw_map, pss_bytes)},
    {"Private_Clean:", offsetof(struct raw_map, private_clean_bytes)},
    {"Private_Dirty:", offsetof(struct raw_map, private_dirty_bytes)},
    {"Shared_Clean:", offsetof(struct raw_map, shared_clean_bytes)},
    {"Shared_Dirty:", offsetof(struct raw_map, shared_dirty_bytes)},
    {"Anonymous:", offsetof(struct raw_map, anonymous_bytes)},
    {"Swap:", offsetof(struct raw_map, swap_bytes)},
    {"SwapPss:", offsetof(struct raw_map, swap_pss_bytes)},
    {"Locked:", offsetof(struct raw_map, locked_bytes)},
};

/* A sum that stops below FIGURE_ABSENT; what is absent adds nothing. */
static uint64_t add(uint64_t a, uint64_t b)
{
    uint64_t sum;
    if (a == FIGURE_ABSENT || b == FIGURE_ABSENT) {
        return a == FIGURE_ABSENT ? b : a;
    }
    return __builtin_add_overflow(a, b, &sum) || sum == FIGURE_ABSENT ? FIGURE_ABSENT - 1 : sum;
}

static uint64_t *member(struct raw_map *map, size_t offset)
{
    return (uint64_t *)(void *)((char *)map + offset);
}

bool parse_smaps_map(struct span line, struct raw_map *ret)
{
    // 55d79c158000-55d79c15d000 r-xp 00002000 fe:00 247134    /usr/bin/cat
    enum { OFFSET_DEVICE_INODE = 3, FLAGS = 4 };
    struct span flags;
    struct span word;
    uint64_t from;
    uint64_t to;
    if (!span_take_digits(&line, 4, &from) || !span_take_prefix(&line, "-") ||
        !span_take_digits(&line, 4, &to) || to < from || !span_take_word(&line, &flags) ||
        span_len(&flags) < FLAGS) {
        return false;
    }
    for (int i = 0; i < OFFSET_DEVICE_INODE; i++) {
        if (!span_take_word(&line, &word)) {
            return false;
        }
    }
    span_skip_blanks(&line);
    *ret = unknown;
    ret->path = span_bytes(&line);
    ret->count = 1;
    const unsigned rights = (flags.at[0] == 'r' ? (unsigned)RAW_MAP_READ : 0) |
                            (flags.at[1] == 'w' ? (unsigned)RAW_MAP_WRITE : 0) |
                            (flags.at[2] == 'x' ? (unsigned)RAW_MAP_EXECUTE : 0) |
                            (flags.at[3] == 's' ? (unsigned)RAW_MAP_SHARED : 0);
    ret->access = (uint16_t)(1u << rights);
    ret->virtual_bytes = to - from;
    return true;
}

void parse_smaps_figure(struct span line, struct raw_map *map)
{
    for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
        struct span rest = line;
        uint64_t kib;
        if (span_take_prefix(&rest, figures[i].key)) {
            uint64_t *const figure = member(map, figures[i].offset);
            if (span_take_number(&rest, &kib)) {
                *figure = add(*figure, kib <= UINT64_MAX / 2048 ? kib * 1024 : FIGURE_ABSENT - 1);
            }
            return;
        }
    }
}

void parse_smaps_merge(const struct raw_map *map, struct raw_map *into)
{
    struct raw_map source = *map;
    into->count += into->count < UINT32_MAX ? 1 : 0;
    into->access |= map->access;
    into->virtual_bytes = add(into->virtual_bytes, map->virtual_bytes);
    for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
        uint64_t *const figure = member(into, figures[i].offset);
        *figure = add(*figure, *member(&source, figures[i].offset));
    }
}
