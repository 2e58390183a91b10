#include "platform/linux/inspector.h"
#include "platform/linux/parse_inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Who else has a pipe, a FIFO or a locked file open. The kernel tells it nowhere but by the links
 * in /proc/PID/fd, so all processes are looked through, for all that is sought at once, and only
 * when something is. What costs most are processes with many descriptors, so time is what bounds
 * it; who has the other end is mostly related, so the nearest pids come first.
 */

enum {
    SEEK_PIDS_MAX = 1 << 20,
    SEEK_NS = 300000000, // then it is given up
    LINK_BYTES = 4096,
};

/* Looking for something. */
struct seeker {
    const struct inspector *in;
    struct inspector_sought *items;
    size_t count;
    int32_t task; // who is looked through: a process, or another thread if its first one has ended
    int links;    // its `fd`
    bool hidden;
};

/* --- one descriptor --------------------------------------------------------------------------- */

/* Paths differ between mount namespaces, but hardly in their last part. */
static struct raw_bytes last_part(struct raw_bytes path)
{
    const char *const slash = path.len > 0 ? memrchr(path.ptr, '/', path.len) : NULL;
    const size_t skip = slash ? (size_t)(slash - path.ptr) : 0;
    return (struct raw_bytes){.ptr = path.ptr + skip, .len = path.len - (uint32_t)skip};
}

static bool is_equal(struct raw_bytes a, struct raw_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Whether the descriptor's file is the one with the lock that is sought. */
static bool has_lock(struct raw_bytes fdinfo, const struct raw_lock *lock)
{
    const struct parse_lock sought = {.lock = *lock, .pid = lock->holder};
    struct span rest = {.at = fdinfo.ptr, .end = fdinfo.ptr + fdinfo.len};
    struct parse_lock is;
    while (parse_inspect_fdinfo_lock(&rest, &is)) {
        if (parse_inspect_same_lock(&is, &sought)) {
            return true;
        }
    }
    return false;
}

/* What the text of the link leaves open. */
static bool is_same_file(const struct seeker *seeker, const char *fd,
                         const struct inspector_sought *sought)
{
    char path[PROCFS_PATH_BYTES];
    char buf[4096];
    size_t len = 0;
    struct raw_file file = {0};
    struct strbuf text;
    str_init(&text, path, sizeof(path));
    str_addf(&text, "%d/fdinfo/%s", (int)seeker->task, fd);
    if (procfs_read(seeker->in->platform->proc_fd, path, buf, sizeof(buf), &len)) {
        return false;
    }
    const struct raw_bytes fdinfo = {.ptr = buf, .len = (uint32_t)len};
    parse_inspect_fdinfo(fdinfo, &file);
    return file.inode == sought->inode && (!sought->lock || has_lock(fdinfo, sought->lock));
}

/* Whether it is open in a way that is sought: the link's own permissions say how. */
static bool is_open_so(const struct seeker *seeker, const char *fd,
                       const struct inspector_sought *sought)
{
    struct stat st;
    return fstatat(seeker->links, fd, &st, AT_SYMLINK_NOFOLLOW) == 0 && // else it is closed by now
           ((sought->readers && (st.st_mode & S_IRUSR) != 0) ||
            (sought->writers && (st.st_mode & S_IWUSR) != 0));
}

static bool is_it(const struct seeker *seeker, const char *fd, struct raw_bytes link,
                  const struct inspector_sought *sought)
{
    const bool fits = sought->inode == 0 ? is_equal(link, sought->link)
                                         : is_equal(last_part(link), last_part(sought->link));
    return fits && is_open_so(seeker, fd, sought) &&
           (sought->inode == 0 || is_same_file(seeker, fd, sought));
}

/* --- one process ------------------------------------------------------------------------------ */

/* Compares one link with all that is sought; adds a bit for each that it is. */
static uint64_t compare(const struct seeker *seeker, const char *fd)
{
    char link[LINK_BYTES];
    uint64_t found = 0;
    const ssize_t len = readlinkat(seeker->links, fd, link, sizeof(link));
    const struct raw_bytes bytes = {.ptr = link, .len = len > 0 ? (uint32_t)len : 0};
    for (size_t i = 0; len > 0 && i < seeker->count; i++) {
        found |= is_it(seeker, fd, bytes, &seeker->items[i]) ? UINT64_C(1) << i : 0;
    }
    return found;
}

static void add_holder(struct inspector_sought *sought, int32_t pid)
{
    if (sought->count < INSPECT_HOLDERS_MAX) {
        sought->holders[sought->count++] = pid;
    } else {
        sought->left_out++;
    }
}

/* False when there are none. */
static bool look_through_fds(struct seeker *seeker, int32_t pid, char *buf, size_t size)
{
    struct procfs_list list = {.fd = seeker->links, .buf = buf, .size = size};
    const char *name;
    uint64_t found = 0;
    bool has_any = false;
    while (procfs_list_next(&list, &name) > 0) {
        has_any |= name[0] != '.';
        found |= name[0] == '.' ? 0 : compare(seeker, name);
    }
    for (size_t i = 0; i < seeker->count; i++) {
        if ((found & UINT64_C(1) << i) != 0) {
            add_holder(&seeker->items[i], pid);
        }
    }
    return has_any;
}

/* Looks through a process at one of its tasks. False when that has no descriptors, as if it has
 * ended. */
static bool look_through_task(struct seeker *seeker, int32_t pid, int32_t task, char *buf,
                              size_t size)
{
    char path[PROCFS_PATH_BYTES];
    procfs_path(path, task, "/fd");
    seeker->task = task;
    seeker->links = openat(seeker->in->platform->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (seeker->links < 0) {
        seeker->hidden |= inspector_is_denied(-errno);
        return true;
    }
    const bool has_any = look_through_fds(seeker, pid, buf, size);
    close(seeker->links);
    return has_any;
}

static void look_through(struct seeker *seeker, int32_t pid, char *buf, size_t size)
{
    if (look_through_task(seeker, pid, pid, buf, size)) {
        return;
    }
    const int32_t survivor = procfs_survivor_of(seeker->in->platform, pid);
    if (survivor > 0) {
        (void)look_through_task(seeker, pid, survivor, buf, size); // or that has ended as well
    }
}

/* --- all of them ------------------------------------------------------------------------------ */

/* Goes outward from the process itself, which is first. False when it took too long. */
static bool go_outward(struct seeker *seeker, const struct inspector_numbers *pids, char *buf,
                       size_t size)
{
    const uint64_t end_ns = platform_now_ns() + SEEK_NS;
    const int64_t own = seeker->in->id.pid;
    size_t above = 0;
    while (above < pids->count && pids->items[above] < own) {
        above++;
    }
    for (size_t below = above; below > 0 || above < pids->count;) {
        const bool up = below == 0 || (above < pids->count &&
                                       pids->items[above] - own <= own - pids->items[below - 1]);
        look_through(seeker, up ? pids->items[above++] : pids->items[--below], buf, size);
        if (platform_now_ns() > end_ns) {
            return below == 0 && above == pids->count;
        }
    }
    return true;
}

int inspector_seek(const struct inspector *in, struct inspector_sought *items, size_t count,
                   bool *ret_hidden, bool *ret_unfinished)
{
    enum { FDS_BYTES = 16384 };
    struct seeker seeker = {.in = in, .items = items, .count = count};
    struct inspector_numbers pids = {0};
    char *const buf = malloc(FDS_BYTES);
    const int root = openat(in->platform->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = buf ? 0 : -ENOMEM;
    if (error == 0 && root >= 0) {
        error = inspector_list(root, SEEK_PIDS_MAX, &pids);
    }
    bool finished = true;
    if (error == 0) {
        finished = go_outward(&seeker, &pids, buf, FDS_BYTES);
    }
    // Without the first process, some are not shown to us; nor are those outside our namespace.
    const bool all = pids.count > 0 && pids.items[0] == 1 && !in->platform->is_inner;
    *ret_hidden = seeker.hidden || !all;
    *ret_unfinished = !finished || pids.cut;
    free(pids.items);
    free(buf);
    if (root >= 0) {
        close(root);
    }
    return error == -ENOMEM ? error : 0;
}
