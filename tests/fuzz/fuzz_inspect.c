#include "fuzz/fuzz.h"
#include "platform/linux/parse_inspect.h"

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
}

int fuzz_inspect(const uint8_t *data, size_t size)
{
    const struct raw_bytes text = {.ptr = (const char *)data, .len = (uint32_t)size};
    try_identity(text);
    try_waiting(text);
    try_limits(text);
    try_files(text);
    return 0;
}

FUZZ_MAIN(fuzz_inspect)
