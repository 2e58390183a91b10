#include "platform/linux/cgroup.h"

#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Cgroups, version 2. A path may come to mean another cgroup, and a process may move. So a cgroup
 * is a descriptor of its directory, opened once and kept in the pin: whatever is read or written
 * goes through it, after it was compared with the cgroup the process is in at that moment. While
 * the descriptor is open the kernel does not give its inode number to another one.
 */

enum {
    WALK_GROUPS_MAX = 4096, // cgroups counted in one subtree
    ANCESTORS_MAX = 64,     // processes perch runs under
    FREEZE_WAIT_NS = 500000000,
    FREEZE_POLL_MS = 5,
};

/* Which cgroup a process is in. */
struct membership {
    struct procfs_file file; // holds the path
    struct raw_bytes path;   // as in /proc/PID/cgroup
    int fd;                  // its directory, O_PATH
    uint64_t id;             // inode of that
};

static void membership_finish(struct membership *is)
{
    if (is->fd >= 0) {
        close(is->fd);
        is->fd = -1;
    }
    procfs_file_finish(&is->file);
}

static int membership_open(const struct platform *platform, struct membership *is)
{
    struct cgroup_place place;
    struct stat st;
    const struct raw_bytes text = {.ptr = is->file.ptr, .len = (uint32_t)is->file.len};
    if (!parse_cgroup_path(text, NULL, &is->path)) {
        return -ENOTSUP;
    }
    const int error = cgroup_locate(platform, NULL, is->path, &place);
    if (error) {
        return error;
    }
    is->fd = openat(place.mount_fd, place.below, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const bool opened = is->fd >= 0 && fstat(is->fd, &st) == 0;
    const int open_error = errno;
    close(place.mount_fd);
    is->id = opened ? (uint64_t)st.st_ino : 0;
    return opened ? 0 : -open_error;
}

/* Which one the pinned process is in now. */
static int membership_read(const struct platform_pin *pin, struct membership *ret,
                           enum deed_obstacle *ret_obstacle)
{
    *ret = (struct membership){.fd = -1};
    int dir;
    int error = pin_open_dir(pin, &dir);
    if (error) {
        return error;
    }
    error = procfs_read_all(dir, "cgroup", &ret->file);
    close(dir);
    if (error) {
        // Kernels without cgroups do not have the file.
        *ret_obstacle = error == -ENOENT ? OBSTACLE_CGROUP_NONE : OBSTACLE_UNKNOWN;
        error = error == -ENOENT ? -ENOTSUP : error;
    } else {
        error = membership_open(pin->platform, ret);
        *ret_obstacle =
            error == -ENOTSUP || error == -ENOENT ? OBSTACLE_CGROUP_NONE : OBSTACLE_UNKNOWN;
    }
    if (error) {
        membership_finish(ret);
    }
    return error;
}

/* See that the process is in the remembered cgroup; remember its cgroup when there is none yet. */
static int hold(struct platform_pin *pin, struct membership *ret, enum deed_obstacle *ret_obstacle)
{
    const int error = membership_read(pin, ret, ret_obstacle);
    if (error) {
        // What was there, and is not to be found any more, is another one now.
        const bool lost = pin->cgroup_fd >= 0 && error == -ENOENT;
        *ret_obstacle = lost ? OBSTACLE_CGROUP_MOVED : *ret_obstacle;
        return lost ? -ESTALE : error;
    }
    if (pin->cgroup_fd < 0) {
        pin->cgroup_fd = ret->fd;
        pin->cgroup_id = ret->id;
        ret->fd = -1;
    } else if (pin->cgroup_id != ret->id) {
        membership_finish(ret);
        *ret_obstacle = OBSTACLE_CGROUP_MOVED;
        return -ESTALE;
    }
    return 0;
}

static bool has_file(const struct platform_pin *pin, const char *name)
{
    return faccessat(pin->cgroup_fd, name, F_OK, 0) == 0;
}

/* The path says it for a container's root, too, which the kernel would freeze. */
static bool is_root(struct raw_bytes path)
{
    return path.len == 1 && path.ptr[0] == '/';
}

/* Whether perch is in that cgroup or below. Errors: when that cannot be found out. */
static int contains_self(const struct platform *platform, struct raw_bytes path, bool *ret)
{
    struct procfs_file file = {0};
    struct raw_bytes own;
    int error = procfs_read_all(platform->proc_fd, "self/cgroup", &file);
    const struct raw_bytes text = {.ptr = file.ptr, .len = (uint32_t)file.len};
    if (error == 0 && !parse_cgroup_path(text, NULL, &own)) {
        error = -ENOTSUP;
    }
    if (error == 0) {
        *ret = is_root(path) || (own.len >= path.len && memcmp(own.ptr, path.ptr, path.len) == 0 &&
                                 (own.len == path.len || own.ptr[path.len] == '/'));
    }
    procfs_file_finish(&file);
    return error;
}

/* Why this cgroup is not to be touched, if so. */
static int find_obstacle(const struct platform_pin *pin, struct raw_bytes path,
                         enum deed_obstacle *ret)
{
    bool is_own = false;
    if (is_root(path)) {
        *ret = OBSTACLE_CGROUP_ROOT;
        return 0;
    }
    if (!has_file(pin, "cgroup.freeze")) { // before Linux 5.2
        *ret = OBSTACLE_CGROUP_NONE;
        return 0;
    }
    const int error = contains_self(pin->platform, path, &is_own);
    *ret = is_own ? OBSTACLE_CGROUP_SELF : OBSTACLE_UNKNOWN;
    return error;
}

static int refuse(enum deed_obstacle obstacle)
{
    return obstacle == OBSTACLE_UNKNOWN ? 0 : obstacle == OBSTACLE_CGROUP_SELF ? -EPERM : -ENOTSUP;
}

/* The process is in the cgroup it was in, and that is one to be touched. */
static int hold_to_change(struct platform_pin *pin, enum deed_obstacle *ret_obstacle)
{
    struct membership is;
    int error = hold(pin, &is, ret_obstacle);
    if (error) {
        return error;
    }
    error = find_obstacle(pin, is.path, ret_obstacle);
    membership_finish(&is);
    return error ? error : refuse(*ret_obstacle);
}

/* The processes of a subtree, counted. */
struct census {
    int32_t self;
    int32_t ancestors[ANCESTORS_MAX]; // PID 1 and who perch runs under
    size_t ancestor_count;
    const char *list; // "cgroup.procs", or "cgroup.threads" in a threaded cgroup
    uint32_t processes;
    bool has_self, has_ancestor;
    int32_t *pids; // room for CGROUP_PIDS_MAX, ascending
    uint32_t pid_count;
};

/* Who perch runs under, from parent to parent; it ends where one cannot be seen. */
static void census_ancestors(const struct platform *platform, struct census *census)
{
    int32_t pid = census->self;
    census->ancestors[census->ancestor_count++] = 1;
    while (pid > 1 && census->ancestor_count < ANCESTORS_MAX) {
        char path[PROCFS_PATH_BYTES];
        char buf[PROCFS_STAT_BYTES];
        size_t len;
        struct raw_proc proc;
        procfs_path(path, pid, "/stat");
        if (procfs_read(platform->proc_fd, path, buf, sizeof(buf), &len) ||
            parse_proc_stat(buf, len, &platform->units, &proc)) {
            return;
        }
        pid = proc.ppid;
        census->ancestors[census->ancestor_count++] = pid;
    }
}

/* Keep the lowest ones. */
static void census_keep(struct census *census, int32_t pid)
{
    uint32_t at = census->pid_count;
    while (at > 0 && census->pids[at - 1] > pid) {
        at--;
    }
    if (at == CGROUP_PIDS_MAX || (at > 0 && census->pids[at - 1] == pid)) {
        return; // beyond what is kept, or moved and met a second time
    }
    const bool is_full = census->pid_count == CGROUP_PIDS_MAX;
    const uint32_t behind = census->pid_count - at - (is_full ? 1 : 0);
    memmove(&census->pids[at + 1], &census->pids[at], behind * sizeof(census->pids[0]));
    census->pids[at] = pid;
    census->pid_count += is_full ? 0 : 1;
}

/* One list of pids. Those of 0 are processes outside our PID namespace. */
static void census_add(struct census *census, const struct procfs_file *file)
{
    size_t at = 0;
    while (at < file->len) {
        uint64_t pid;
        const size_t len = str_take_u64(file->ptr + at, file->len - at, &pid);
        at += len + 1;
        if (len == 0) {
            continue;
        }
        census->processes++;
        if (pid > 0 && pid <= INT32_MAX) {
            census_keep(census, (int32_t)pid);
        }
        census->has_self |= pid == (uint64_t)census->self;
        for (size_t i = 0; i < census->ancestor_count; i++) {
            census->has_ancestor |= pid > 0 && pid == (uint64_t)census->ancestors[i];
        }
    }
}

/* The paths of cgroups still to be counted. */
struct walk {
    char *paths[WALK_GROUPS_MAX]; // heap
    size_t count;
    size_t seen;
};

static void walk_push(struct walk *walk, const char *dir, const char *name)
{
    if (walk->seen == WALK_GROUPS_MAX) {
        return; // enough to know that it is many
    }
    const size_t dir_len = strlen(dir);
    const size_t name_len = strlen(name);
    char *const path = malloc(dir_len + name_len + 2);
    if (!path) {
        return;
    }
    memcpy(path, dir, dir_len);
    path[dir_len] = '/';
    memcpy(path + dir_len + 1, name, name_len + 1);
    walk->paths[walk->count++] = path;
    walk->seen++;
}

static bool is_dir(int parent, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_type != DT_UNKNOWN) {
        return entry->d_type == DT_DIR;
    }
    return fstatat(parent, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int census_group(struct census *census, struct walk *walk, int top, const char *path)
{
    const int fd = openat(top, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *const dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        const int error = -errno;
        if (fd >= 0) {
            close(fd);
        }
        return error;
    }
    struct procfs_file file = {0};
    const int error = procfs_read_all(fd, census->list, &file);
    if (error == 0) {
        census_add(census, &file);
    }
    procfs_file_finish(&file);
    const struct dirent *entry;
    while ((entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            is_dir(fd, entry)) {
            walk_push(walk, path, entry->d_name);
        }
    }
    closedir(dir);
    return error;
}

/* Errors: of the cgroup itself; those below come and go. */
static int census_take(const struct platform_pin *pin, struct census *census)
{
    struct walk *const walk = calloc(1, sizeof(*walk));
    if (!walk) {
        return -ENOMEM;
    }
    census_ancestors(pin->platform, census);
    int error = census_group(census, walk, pin->cgroup_fd, ".");
    while (walk->count > 0) {
        char *const path = walk->paths[--walk->count];
        (void)census_group(census, walk, pin->cgroup_fd, path); // gone, or threads of one above
        free(path);
    }
    free(walk);
    return error;
}

/* Threaded cgroups have threads only: their processes are listed further up. */
static int count_processes(const struct platform_pin *pin, struct cgroup_facts *facts)
{
    struct census census = {.self = platform_own_pid(),
                            .list = "cgroup.procs",
                            .pids = facts->pids};
    int error = census_take(pin, &census);
    if (error == -EOPNOTSUPP) {
        census = (struct census){.self = platform_own_pid(),
                                 .list = "cgroup.threads",
                                 .pids = facts->pids};
        error = census_take(pin, &census);
        facts->can_kill = false;
    }
    facts->processes = census.processes;
    facts->pid_count = census.pid_count;
    facts->has_ancestor = census.has_ancestor;
    if (census.has_self && facts->obstacle == OBSTACLE_UNKNOWN) {
        facts->obstacle = OBSTACLE_CGROUP_SELF;
    }
    return error;
}

static int read_told(int dir, bool *ret)
{
    char c;
    size_t len;
    const int error = procfs_read(dir, "cgroup.freeze", &c, 1, &len);
    if (error) {
        return error;
    }
    *ret = len == 1 && c == '1';
    return 0;
}

/* "populated 1\nfrozen 0\n": what is, whoever told it, here or above. */
static bool read_frozen(int dir)
{
    char buf[256];
    size_t len;
    return procfs_read(dir, "cgroup.events", buf, sizeof(buf), &len) == 0 &&
           (memmem(buf, len, "\nfrozen 1\n", 10) ||
            (len >= 9 && memcmp(buf, "frozen 1\n", 9) == 0));
}

static int describe(struct platform_pin *pin, struct raw_bytes path, struct cgroup_facts *facts)
{
    bool told = false;
    const size_t len = path.len < CGROUP_PATH_BYTES ? path.len : CGROUP_PATH_BYTES - 1;
    memcpy(facts->path, path.ptr, len);
    facts->path[len] = '\0';
    facts->id = pin->cgroup_id;
    facts->can_kill = has_file(pin, "cgroup.kill");
    (void)read_told(pin->cgroup_fd, &told); // the root cgroup has no such file
    facts->frozen = told || read_frozen(pin->cgroup_fd);
    const int error = find_obstacle(pin, path, &facts->obstacle);
    return error ? error : count_processes(pin, facts);
}

void platform_pin_cgroup(struct platform_pin *pin, struct cgroup_facts *ret)
{
    struct cgroup_facts facts = {0};
    struct membership is;
    if (pin->cgroup_fd >= 0) {
        close(pin->cgroup_fd);
        pin->cgroup_fd = -1;
    }
    facts.error = hold(pin, &is, &facts.obstacle);
    if (facts.error == 0) {
        facts.error = describe(pin, is.path, &facts);
        membership_finish(&is);
    }
    *ret = facts;
}

int platform_pin_count_cgroup(struct platform_pin *pin, uint32_t *ret)
{
    struct cgroup_facts facts = {0};
    const int error = pin->cgroup_fd < 0 ? -EINVAL : count_processes(pin, &facts);
    if (error == 0) {
        *ret = facts.processes;
    }
    return error;
}

/* Errors as people need them: what is missing, forbidden, or no more. */
static int map_error(int error, enum deed_obstacle *ret_obstacle)
{
    if (error == -ENOENT) {
        *ret_obstacle = OBSTACLE_CGROUP_NONE;
        return -ENOTSUP;
    }
    if (error == -ENODEV) { // removed
        *ret_obstacle = OBSTACLE_CGROUP_MOVED;
        return -ESTALE;
    }
    if (error == -EACCES || error == -EPERM || error == -EROFS) {
        *ret_obstacle = OBSTACLE_CGROUP_FILE;
    }
    return error;
}

static int write_file(const struct platform_pin *pin, const char *name, bool on,
                      enum deed_obstacle *ret_obstacle)
{
    const int fd = openat(pin->cgroup_fd, name, O_WRONLY | O_CLOEXEC);
    int error = fd < 0 ? -errno : 0;
    if (error == 0 && write(fd, on ? "1" : "0", 1) != 1) {
        error = -errno;
    }
    if (fd >= 0) {
        close(fd);
    }
    return error ? map_error(error, ret_obstacle) : 0;
}

int cgroup_get_frozen(struct platform_pin *pin, bool *ret, enum deed_obstacle *ret_obstacle)
{
    struct membership is;
    *ret_obstacle = OBSTACLE_UNKNOWN;
    int error = hold(pin, &is, ret_obstacle);
    if (error) {
        return error;
    }
    if (is_root(is.path)) {
        *ret_obstacle = OBSTACLE_CGROUP_ROOT;
    }
    membership_finish(&is);
    error = refuse(*ret_obstacle);
    if (error == 0) {
        error = read_told(pin->cgroup_fd, ret);
        error = error ? map_error(error, ret_obstacle) : 0;
    }
    return error;
}

/* The kernel freezes process by process. */
static int wait_frozen(const struct platform_pin *pin, bool frozen)
{
    const uint64_t until_ns = platform_now_ns() + FREEZE_WAIT_NS;
    while (read_frozen(pin->cgroup_fd) != frozen) {
        if (platform_now_ns() >= until_ns) {
            return -ETIMEDOUT;
        }
        (void)poll(NULL, 0, FREEZE_POLL_MS); // a short sleep; a signal may end it early
    }
    return 0;
}

int cgroup_set_frozen(struct platform_pin *pin, bool frozen, enum deed_obstacle *ret_obstacle)
{
    bool before = false;
    struct membership is;
    *ret_obstacle = OBSTACLE_UNKNOWN;
    int error = hold_to_change(pin, ret_obstacle);
    if (error == 0) {
        error = read_told(pin->cgroup_fd, &before);
        error = error ? map_error(error, ret_obstacle) : 0;
    }
    if (error == 0) {
        error = write_file(pin, "cgroup.freeze", frozen, ret_obstacle);
    }
    if (error) {
        return error;
    }
    error = hold(pin, &is, ret_obstacle);
    if (error) {
        enum deed_obstacle unused;
        (void)write_file(pin, "cgroup.freeze", before, &unused); // its cgroup may be gone, too
        return error;
    }
    membership_finish(&is);
    return wait_frozen(pin, frozen);
}

void platform_pin_kill_cgroup(struct platform_pin *pin, struct deed_result *ret)
{
    struct deed_result result = {0};
    result.error = hold_to_change(pin, &result.obstacle);
    if (result.error == 0) {
        result.error = write_file(pin, "cgroup.kill", true, &result.obstacle);
    }
    *ret = result;
}
