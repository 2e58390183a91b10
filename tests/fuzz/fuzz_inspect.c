#include "fuzz/fuzz.h"
#include "platform/linux/parse_cgroup_files.h"
#include "platform/linux/parse_inspect.h"
#include "platform/linux/parse_smaps.h"

/* True when the bytes lie in the buffer. */
static void check_inside(struct raw_bytes part, struct raw_bytes all)
{
    FUZZ_CHECK(part.len == 0 || (part.ptr >= all.ptr && part.ptr + part.len <= all.ptr + all.len));
}

static void try_identity(struct raw_bytes text)
{
    uint32_t groups[4];
    struct raw_identity identity = {0};
    uint64_t inode;
    parse_inspect_identity(text, &identity);
    FUZZ_CHECK(identity.ppid >= 0 && identity.tracer >= 0 && identity.inner_pid >= 0);
    FUZZ_CHECK(identity.umask <= 0777 || identity.umask == UINT32_MAX);
    (void)parse_inspect_groups(text, groups, sizeof(groups) / sizeof(*groups));
    (void)parse_inspect_link_inode(text, "net", &inode);
    (void)parse_inspect_run_delay(text);
    (void)parse_inspect_block_delay(text, 10000000);
    FUZZ_CHECK(parse_inspect_environ(text) <= text.len);
    (void)parse_inspect_is_native(text);
}

static void try_waiting(struct raw_bytes text)
{
    int64_t number = 0;
    uint64_t args[6];
    struct span rest = {.at = text.ptr, .end = text.ptr + text.len};
    struct span frame;
    FUZZ_CHECK(!parse_inspect_syscall(text, &number, args) || number >= 0);
    while (parse_inspect_frame(&rest, &frame)) {
        FUZZ_CHECK(frame.at < frame.end);
        check_inside(span_bytes(&frame), text);
    }
}

static void try_limits(struct raw_bytes text)
{
    struct span rest = {.at = text.ptr, .end = text.ptr + text.len};
    struct raw_limit limit;
    while (parse_inspect_limit(&rest, &limit)) {
        check_inside(limit.name, text);
        check_inside(limit.unit, text);
    }
}

static void try_files(struct raw_bytes text)
{
    struct raw_file file = {0};
    struct span rest = {.at = text.ptr, .end = text.ptr + text.len};
    struct parse_locks at = {0};
    struct parse_lock lock;
    parse_inspect_fdinfo(text, &file);
    FUZZ_CHECK(parse_inspect_file_kind(text, file.flags, &file.inode) <= RAW_FILE_UNKNOWN);
    while (parse_inspect_lock(&rest, &at, &lock)) {
        check_inside(lock.lock.type, text);
        FUZZ_CHECK(lock.lock.waiting || lock.lock.holder == lock.pid);
    }
    rest.at = text.ptr;
    while (parse_inspect_fdinfo_lock(&rest, &lock)) {
        check_inside(lock.lock.type, text);
        FUZZ_CHECK(parse_inspect_same_lock(&lock, &lock));
    }
    struct parse_watched watched;
    rest.at = text.ptr;
    while (parse_inspect_watched(&rest, &watched)) {
        FUZZ_CHECK(watched.fd >= 0);
    }
}

static void try_maps(struct raw_bytes text)
{
    struct span rest = {.at = text.ptr, .end = text.ptr + text.len};
    struct span line;
    struct raw_map sum = {0};
    struct raw_map map = {0};
    while (span_take_line(&rest, &line)) {
        if (parse_smaps_map(line, &map)) {
            check_inside(map.path, text);
            FUZZ_CHECK(map.count == 1 && map.pss_bytes == FIGURE_ABSENT);
        } else {
            parse_smaps_figure(line, &map);
        }
        parse_smaps_merge(&map, &sum);
        FUZZ_CHECK(sum.pss_bytes >= map.pss_bytes || map.pss_bytes == FIGURE_ABSENT);
        FUZZ_CHECK(sum.virtual_bytes >= map.virtual_bytes);
    }
}

static void try_cgroup(struct raw_bytes text)
{
    uint64_t a;
    uint64_t b;
    (void)parse_cgroup_number(text);
    (void)parse_cgroup_keyed(text, "usage_usec", 1000);
    parse_cgroup_cpu_max(text, &a, &b);
    parse_cgroup_io_stat(text, &a, &b);
    parse_cgroup_blkio(text, &a, &b);
}

int fuzz_inspect(const uint8_t *data, size_t size)
{
    const struct raw_bytes text = {.ptr = (const char *)data, .len = (uint32_t)size};
    try_identity(text);
    try_waiting(text);
    try_limits(text);
    try_files(text);
    try_maps(text);
    try_cgroup(text);
    return 0;
}

FUZZ_MAIN(fuzz_inspect)
