#include "platform/linux/cgroup_place.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* A recorded tree's mounts are ordinary directories; ours must not be covered by something else. */
static bool is_cgroup_fs(const struct platform *platform, int fd)
{
    struct statfs fs;
    if (!platform->is_procfs) {
        return true;
    }
    return fstatfs(fd, &fs) == 0 && ((unsigned long)fs.f_type == CGROUP2_SUPER_MAGIC ||
                                     (unsigned long)fs.f_type == CGROUP_SUPER_MAGIC);
}

int cgroup_locate(const struct platform *platform, const char *controller, struct raw_bytes path,
                  struct cgroup_place *ret)
{
    struct procfs_file file = {0};
    int error = procfs_read_all(platform->proc_fd, "self/mountinfo", &file);
    const struct raw_bytes text = {.ptr = file.ptr, .len = (uint32_t)file.len};
    struct parse_cgroup_mount mount;
    size_t at = 0;
    error = error ? error : -ENOTSUP;
    while (error < 0 && parse_cgroup_mount(text, &at, controller, &mount)) {
        struct stat st;
        error = -ENOENT;
        if (!parse_cgroup_below(path, mount.root, ret->below, sizeof(ret->below))) {
            continue;
        }
        const int fd = open(mount.point, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd >= 0 && is_cgroup_fs(platform, fd) && fstatat(fd, ret->below, &st, 0) == 0) {
            ret->mount_fd = fd;
            error = 0;
        } else if (fd >= 0) {
            close(fd);
        }
    }
    procfs_file_finish(&file);
    return error;
}

bool cgroup_go_up(struct cgroup_place *place)
{
    char *const slash = strrchr(place->below, '/');
    if (str_equal(place->below, ".")) {
        return false;
    }
    if (slash) {
        *slash = '\0';
    } else {
        memcpy(place->below, ".", 2);
    }
    return true;
}
