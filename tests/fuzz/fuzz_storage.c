#include "fuzz/fuzz.h"
#include "platform/linux/parse_storage.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 8 };

/* What a row borrows lies within the input. */
static void check_within(const struct raw_bytes *bytes, const char *text, size_t size)
{
    FUZZ_CHECK(bytes->ptr >= text && bytes->len <= size &&
               (size_t)(bytes->ptr - text) <= size - bytes->len);
}

static void check_disks(const char *text, size_t size)
{
    struct raw_disk disks[ROOM];
    const size_t count = parse_storage_disks(text, size, disks, ROOM);
    FUZZ_CHECK(count == parse_storage_disks(text, size, NULL, 0));
    for (size_t i = 0; i < count && i < ROOM; i++) {
        check_within(&disks[i].name, text, size);
        FUZZ_CHECK(disks[i].read_bytes != FIGURE_ABSENT);
        (void)parse_storage_disk_idle(&disks[i]); // either may be
    }
}

/* Of mounts that show the same space one is left at most. */
static void check_selection(struct parse_mount *mounts, size_t count)
{
    struct parse_mount *order[ROOM];
    size_t before = 0;
    size_t after = 0;
    for (size_t i = 0; i < count; i++) {
        before += mounts[i].mount.is_real;
    }
    parse_storage_select(mounts, count, order);
    for (size_t i = 0; i < count; i++) {
        after += mounts[i].mount.is_real;
    }
    FUZZ_CHECK(after <= before);
}

int fuzz_storage(const uint8_t *data, size_t size)
{
    check_disks((const char *)data, size);
    char *const text = malloc(size ? size : 1);
    if (!text) {
        return 0;
    }
    memcpy(text, data, size);
    struct parse_mount mounts[ROOM];
    const size_t count = parse_storage_mounts(text, size, NULL, 0);
    FUZZ_CHECK(memcmp(text, data, size) == 0); // counting changes nothing
    FUZZ_CHECK(count == parse_storage_mounts(text, size, mounts, ROOM));
    const size_t kept = count < ROOM ? count : ROOM;
    for (size_t i = 0; i < kept; i++) {
        check_within(&mounts[i].mount.source, text, size);
        check_within(&mounts[i].mount.target, text, size);
        check_within(&mounts[i].mount.type, text, size);
    }
    check_selection(mounts, kept);
    uint64_t id;
    (void)parse_storage_mount_id(text, size, &id); // either may be
    free(text);
    return 0;
}

FUZZ_MAIN(fuzz_storage)
