#include "fuzz/fuzz.h"
#include "platform/linux/parse_memory.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 8 };

static void check_within(const struct raw_bytes *bytes, const char *text, size_t size)
{
    FUZZ_CHECK(bytes->ptr >= text && bytes->len <= size &&
               (size_t)(bytes->ptr - text) <= size - bytes->len);
}

static void check_swaps(const uint8_t *data, size_t size)
{
    char *const text = malloc(size ? size : 1);
    if (!text) {
        return;
    }
    memcpy(text, data, size);
    struct raw_swap swaps[ROOM];
    const size_t count = parse_memory_swaps(text, size, NULL, 0);
    FUZZ_CHECK(memcmp(text, data, size) == 0); // counting changes nothing
    FUZZ_CHECK(count == parse_memory_swaps(text, size, swaps, ROOM));
    for (size_t i = 0; i < count && i < ROOM; i++) {
        check_within(&swaps[i].path, text, size);
        check_within(&swaps[i].type, text, size);
        FUZZ_CHECK(swaps[i].size_bytes != FIGURE_ABSENT && swaps[i].used_bytes != FIGURE_ABSENT);
    }
    free(text);
}

int fuzz_memory(const uint8_t *data, size_t size)
{
    const char *const text = (const char *)data;
    struct raw_reclaim reclaim;
    struct raw_node node = {.index = 7};
    struct raw_zram zram = {.index = 7};
    uint64_t arc;
    uint64_t limit;
    check_swaps(data, size);
    parse_memory_vmstat(text, size, 4096, &reclaim);
    FUZZ_CHECK(reclaim.swapped_in_bytes == FIGURE_ABSENT || reclaim.swapped_in_bytes % 4096 == 0);
    FUZZ_CHECK(!parse_memory_node(text, size, &node) || node.total_bytes != FIGURE_ABSENT);
    FUZZ_CHECK(node.index == 7);
    (void)parse_memory_zram(text, size, &zram); // either may be
    FUZZ_CHECK(zram.index == 7);
    parse_memory_arc(text, size, &arc, &limit);
    const uint64_t pages = parse_memory_pages(text, size, 4096);
    FUZZ_CHECK(pages == FIGURE_ABSENT || pages % 4096 == 0);
    return 0;
}

FUZZ_MAIN(fuzz_memory)
