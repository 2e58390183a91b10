#include "platform/linux/cgroup.h"
#include "platform/linux/cpus.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/*
 * Which CPUs a process may be given. The cpuset controller is in one hierarchy, v1 or v2; in v2
 * a cgroup without the file has what the next one above with the file has.
 */

/* The files of a cpuset by preference: what is really in force first. */
static const char *const files_v1[] = {"cpuset.effective_cpus", "effective_cpus", "cpuset.cpus",
                                       "cpus"};
static const char *const files_v2[] = {"cpuset.cpus.effective"};

/* The list in the first of the files below `dir` that has one. False when none does. */
static bool read_any(int dir, const char *const *names, size_t count, struct cpu_set *ret)
{
    for (size_t i = 0; i < count; i++) {
        if (cpus_read_list(dir, names[i], ret) == 0 && cpu_set_count(ret) > 0) {
            return true;
        }
    }
    return false;
}

/* From the cgroup upwards to the first that says something. */
static bool read_upwards(struct cgroup_place *place, const char *const *names, size_t count,
                         struct cpu_set *ret)
{
    bool found = false;
    do {
        const int dir = openat(place->mount_fd, place->below, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (dir >= 0) {
            found = read_any(dir, names, count, ret);
            close(dir);
        }
    } while (!found && cgroup_go_up(place));
    return found;
}

static bool read_cpuset(const struct platform *platform, struct raw_bytes file, struct cpu_set *ret)
{
    struct raw_bytes path;
    struct cgroup_place place;
    const bool is_v1 = parse_cgroup_path(file, "cpuset", &path);
    if ((!is_v1 && !parse_cgroup_path(file, NULL, &path)) ||
        cgroup_locate(platform, is_v1 ? "cpuset" : NULL, path, &place)) {
        return false;
    }
    const bool found =
        is_v1 ? read_upwards(&place, files_v1, sizeof(files_v1) / sizeof(*files_v1), ret)
              : read_upwards(&place, files_v2, sizeof(files_v2) / sizeof(*files_v2), ret);
    close(place.mount_fd);
    return found;
}

int cpuset_of_pin(const struct platform_pin *pin, struct cpu_set *ret)
{
    struct procfs_file file = {0};
    struct cpu_set online = {0};
    struct cpu_set allowed = {0};
    int dir;
    int error = pin_open_dir(pin, &dir);
    if (error) {
        return error;
    }
    const int file_error = procfs_read_all(dir, "cgroup", &file);
    close(dir);
    const struct raw_bytes text = {.ptr = file.ptr, .len = (uint32_t)file.len};
    const bool has_cpuset = file_error == 0 && read_cpuset(pin->platform, text, &allowed);
    procfs_file_finish(&file);
    error = cpus_read_online(pin->platform, &online);
    if (error && !has_cpuset) {
        return error;
    }
    if (!has_cpuset) {
        allowed = online;
    } else if (error == 0) {
        cpu_set_and(&allowed, &online);
    }
    *ret = allowed;
    return 0;
}

int platform_pin_cpus(struct platform_pin *pin, struct cpu_set *ret)
{
    return cpuset_of_pin(pin, ret);
}
