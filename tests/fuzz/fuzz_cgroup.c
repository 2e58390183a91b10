#include "fuzz/fuzz.h"
#include "platform/linux/parse_cgroup.h"

#include <string.h>

/* A path as it would be opened: below the mount whatever it holds. */
static void check_below(struct raw_bytes path, const char *root)
{
    char whole[PARSE_CGROUP_PATH];
    char small[8];
    const bool found = parse_cgroup_below(path, root, whole, sizeof(whole));
    const bool fits = parse_cgroup_below(path, root, small, sizeof(small));
    FUZZ_CHECK(found || !fits);
    if (!found) {
        return;
    }
    const size_t len = strnlen(whole, sizeof(whole));
    FUZZ_CHECK(len > 0 && len < sizeof(whole) && whole[0] != '/');
    FUZZ_CHECK(strcmp(whole, "..") != 0 && strncmp(whole, "../", 3) != 0 && !strstr(whole, "/../"));
    FUZZ_CHECK(len < 3 || strcmp(whole + len - 3, "/..") != 0);
    FUZZ_CHECK(!fits || strcmp(whole, small) == 0);
}

/* A name is a part of the buffer, and of one directory. */
static void check_name(struct raw_bytes text, bool (*parse)(struct raw_bytes, struct raw_bytes *))
{
    struct raw_bytes name;
    if (parse(text, &name)) {
        FUZZ_CHECK(name.len > 0 && name.ptr >= text.ptr);
        FUZZ_CHECK(name.ptr + name.len <= text.ptr + text.len);
        FUZZ_CHECK(!memchr(name.ptr, '/', name.len) && !memchr(name.ptr, '\n', name.len));
    }
}

/* The same bytes are the process's file, the list of mounts and the paths: more meet that way. */
int fuzz_cgroup(const uint8_t *data, size_t size)
{
    static const char *const controllers[] = {NULL, "cpuset", "freezer"};
    const struct raw_bytes text = {.ptr = (const char *)data, .len = (uint32_t)size};
    for (size_t i = 0; i < sizeof(controllers) / sizeof(*controllers); i++) {
        struct raw_bytes path = text;
        struct parse_cgroup_mount mount;
        size_t at = 0;
        if (parse_cgroup_path(text, controllers[i], &path)) {
            FUZZ_CHECK(path.len > 0 && path.ptr[0] == '/' && !memchr(path.ptr, '\n', path.len));
            FUZZ_CHECK(path.ptr >= text.ptr && path.ptr + path.len <= text.ptr + text.len);
            check_below(path, "/");
        }
        for (size_t before = 0; parse_cgroup_mount(text, &at, controllers[i], &mount);
             before = at) {
            FUZZ_CHECK(at > before && at <= size);
            FUZZ_CHECK(memchr(mount.point, '\0', sizeof(mount.point)));
            FUZZ_CHECK(memchr(mount.root, '\0', sizeof(mount.root)));
            check_below(path, mount.root);
        }
        FUZZ_CHECK(at == size);
    }
    check_name(text, parse_cgroup_container);
    check_name(text, parse_cgroup_service);
    return 0;
}

FUZZ_MAIN(fuzz_cgroup)
