#include "platform/linux/probe_memory.h"

#include "base/str.h"
#include "platform/linux/cgroup_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 65536 }; // of smaps; more than its longest line

/* --- smaps -------------------------------------------------------------------------------- */

/* Sum a file up piece by piece: `smaps` of a process with many mappings has megabytes. */
static int sum_file(int fd, char *piece, struct raw_smaps *sums)
{
    size_t held = 0;
    for (;;) {
        const ssize_t len = read(fd, piece + held, PIECE_BYTES - held);
        if (len < 0 && errno == EINTR) {
            continue;
        }
        if (len <= 0) {
            return len < 0 ? -errno : 0;
        }
        held += (size_t)len;
        const size_t used = parse_proc_smaps(piece, held, sums);
        held -= used;
        memmove(piece, piece + used, held);
        held = held < PIECE_BYTES ? held : 0; // no line is that long
    }
}

static int sum_smaps(const struct platform *platform, const char *task, const char *file,
                     struct raw_smaps *sums)
{
    char path[PROCFS_PATH_BYTES];
    struct strbuf text;
    str_init(&text, path, sizeof(path));
    str_add(&text, task);
    str_add(&text, file);
    const int fd = openat(platform->proc_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    char *const piece = malloc(PIECE_BYTES);
    const int error = piece ? sum_file(fd, piece, sums) : -ENOMEM;
    free(piece);
    close(fd);
    return error;
}

int probe_memory_smaps(const struct platform *platform, const char *task, struct raw_smaps *ret)
{
    const uint64_t begun_ns = platform_now_ns();
    struct raw_smaps sums;
    parse_proc_smaps_init(&sums);
    int error = sum_smaps(platform, task, "/smaps_rollup", &sums);
    if (error == -ENOENT) { // before Linux 4.14, or gone: then this one is not there either
        error = sum_smaps(platform, task, "/smaps", &sums);
    }
    if (error) {
        return error;
    }
    if (sums.pss_bytes == FIGURE_ABSENT) {
        return -ENODATA;
    }
    sums.cost_ns = platform_now_ns() - begun_ns;
    *ret = sums;
    return 0;
}

/* --- cgroup ------------------------------------------------------------------------------- */

/* The two files that matter in each version. */
struct limit_files {
    const char *controller; // NULL: version 2
    const char *limit, *usage;
};

/* No limit is "max" in version 2, and in version 1 a number just below 2^63. */
static uint64_t read_bytes(int dir, const char *group, const char *file)
{
    char path[PARSE_CGROUP_PATH + 64];
    char text[32];
    struct strbuf buf;
    size_t len;
    uint64_t bytes;
    str_init(&buf, path, sizeof(path));
    str_add(&buf, group);
    str_add(&buf, "/");
    str_add(&buf, file);
    if (buf.overflow || procfs_read(dir, path, text, sizeof(text), &len) ||
        str_take_u64(text, len, &bytes) == 0 || bytes >= UINT64_C(1) << 62) {
        return FIGURE_ABSENT;
    }
    return bytes;
}

static uint64_t left(const struct raw_cgroup *group)
{
    return group->limit_bytes > group->usage_bytes ? group->limit_bytes - group->usage_bytes : 0;
}

/* Look for the limit that will be met first, from the cgroup up to the top that can be seen. */
static void find_limit(struct cgroup_place *place, const struct limit_files *files,
                       struct raw_cgroup *ret)
{
    do {
        const struct raw_cgroup group = {
            .limit_bytes = read_bytes(place->mount_fd, place->below, files->limit),
            .usage_bytes = read_bytes(place->mount_fd, place->below, files->usage),
        };
        if (group.limit_bytes != FIGURE_ABSENT && group.usage_bytes != FIGURE_ABSENT &&
            (ret->limit_bytes == FIGURE_ABSENT || left(&group) < left(ret))) {
            ret->limit_bytes = group.limit_bytes;
            ret->usage_bytes = group.usage_bytes;
        }
    } while (cgroup_go_up(place));
}

int probe_memory_cgroup(const struct platform *platform, int32_t pid, char *buf, size_t size,
                        size_t *ret_len)
{
    static const struct limit_files versions[] = {
        {"memory", "memory.limit_in_bytes", "memory.usage_in_bytes"},
        {NULL, "memory.max", "memory.current"},
    };
    char path[PROCFS_PATH_BYTES];
    char text[2 * PARSE_CGROUP_PATH]; // the lines of version 1 come first, and may be many
    size_t len;
    procfs_path(path, pid, "/cgroup");
    const int error = procfs_read(platform->proc_fd, path, text, sizeof(text), &len);
    if (error) {
        return error;
    }
    const struct raw_bytes file = {.ptr = text, .len = (uint32_t)len};
    struct raw_bytes name;
    // The controller is in one version only; in the other there is a path without limits.
    const struct limit_files *files = &versions[0];
    if (!parse_cgroup_path(file, files->controller, &name)) {
        files = &versions[1];
        if (!parse_cgroup_path(file, files->controller, &name)) {
            return -ENODATA;
        }
    }
    struct raw_cgroup group = {.limit_bytes = FIGURE_ABSENT, .usage_bytes = FIGURE_ABSENT};
    struct cgroup_place place;
    if (cgroup_locate(platform, files->controller, name, &place) == 0) {
        find_limit(&place, files, &group);
        close(place.mount_fd);
    } else {
        group.limit_unknown = true;
    }
    const size_t room = size - sizeof(group);
    group.path_len = name.len < room ? name.len : (uint32_t)room;
    memcpy(buf, &group, sizeof(group));
    memcpy(buf + sizeof(group), name.ptr, group.path_len);
    *ret_len = sizeof(group) + group.path_len;
    return 0;
}
