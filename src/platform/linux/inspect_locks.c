#include "platform/linux/inspector.h"
#include "platform/linux/parse_inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Locks a process has to do with. /proc/locks says who took a lock, which is not who holds it:
 * those of flock() belong to the open file and are inherited. So the process's own fdinfo, where
 * it may be read, says which it holds, and /proc/locks adds the ones taken by it and the ones it
 * waits for. Of locks of the kind OFDLCK /proc/locks names nobody, neither who has one nor who
 * waits for it; that a thread waits is told by its system call and the file of its descriptor.
 */

enum { FILES_MAX = 4096 }; // descriptors looked through

/* A lock, and the one that is held, if it waits. */
struct pair {
    struct parse_lock lock, held;
};

/* What is found. */
struct findings {
    const struct inspector *in;
    const struct inspector_waits *waits;
    struct inspector_files files;
    struct pair *pairs; // heap, room for INSPECT_LOCKS_MAX
    size_t count;
    bool cut, denied;
};

static int keep(struct findings *found, const struct parse_lock *lock,
                const struct parse_lock *held, struct raw_bytes path)
{
    if (found->count == INSPECT_LOCKS_MAX) {
        found->cut = true;
        return 0;
    }
    struct pair *const pair = &found->pairs[found->count];
    const struct raw_bytes type = lock->lock.type;
    const struct raw_bytes held_type = held->lock.type;
    *pair = (struct pair){.lock = *lock, .held = *held};
    pair->lock.lock.path = path;
    pair->held.lock.path = path;
    int error = inspector_copy(found->in, type.ptr, type.len, &pair->lock.lock.type);
    if (error == 0) {
        error = inspector_copy(found->in, held_type.ptr, held_type.len, &pair->held.lock.type);
    }
    found->count += error == 0;
    return error;
}

/* The locks that belong to one descriptor. */
static int add_held_through(struct findings *found, int dir, const struct raw_file *file)
{
    char path[PROCFS_PATH_BYTES];
    struct procfs_file info = {0};
    struct parse_lock lock;
    procfs_path(path, file->fd, "");
    int error = procfs_read_all(dir, path, &info);
    struct span rest = {.at = info.ptr, .end = error ? info.ptr : info.ptr + info.len};
    error = error == -ENOMEM ? error : 0;
    while (error == 0 && rest.at < rest.end && parse_inspect_fdinfo_lock(&rest, &lock)) {
        lock.lock.id = 0; // known when it is met in /proc/locks
        error = keep(found, &lock, &lock, file->target);
    }
    procfs_file_finish(&info);
    return error;
}

static int add_held(struct findings *found)
{
    const int dir = openat(found->in->dir, "fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = 0;
    if (dir < 0) {
        return 0;
    }
    for (size_t i = 0; error == 0 && i < found->files.count; i++) {
        if (found->files.items[i].locked) {
            error = add_held_through(found, dir, &found->files.items[i]);
        }
    }
    close(dir);
    return error;
}

/* The path of a descriptor with that inode. The device is not known of it, so it may be another
 * file's of the same number: rare, and the lock's own numbers are there, too. */
static struct raw_bytes path_of(const struct findings *found, uint64_t inode)
{
    for (size_t i = 0; inode != 0 && i < found->files.count; i++) {
        const struct raw_file *const file = &found->files.items[i];
        if (file->inode == inode && file->kind != RAW_FILE_SOCKET && file->kind != RAW_FILE_FIFO) {
            return file->target;
        }
    }
    return (struct raw_bytes){0};
}

/* A line of /proc/locks: gives its number to a lock that is known, or is one taken by the process
 * or waited for. */
static int add_line(struct findings *found, const struct parse_lock *line,
                    const struct parse_lock *held)
{
    bool known = false;
    for (size_t i = 0; i < found->count; i++) {
        struct parse_lock *const lock = &found->pairs[i].lock;
        if (lock->lock.id == 0 && parse_inspect_same_lock(lock, line)) {
            lock->lock.id = line->lock.id;
            known = true;
        }
    }
    if (known || line->pid != found->in->id.pid) {
        return 0;
    }
    struct parse_lock kept = *line;
    if (line->lock.inode == 0) { // of who waits for a lease to be given up, the file is not told
        kept.lock.inode = held->lock.inode;
        kept.lock.major = held->lock.major;
        kept.lock.minor = held->lock.minor;
    }
    return keep(found, &kept, held, path_of(found, kept.lock.inode));
}

static int add_lines(struct findings *found, struct span rest)
{
    struct parse_locks at = {0};
    struct parse_lock line;
    int error = 0;
    while (error == 0 && parse_inspect_lock(&rest, &at, &line)) {
        const bool behind = line.lock.waiting && line.lock.id == at.held.lock.id;
        error = add_line(found, &line, behind ? &at.held : &line);
    }
    return error;
}

/* --- waiting for locks of open files ---------------------------------------------------------- */

static const struct raw_file *file_of(const struct findings *found, int32_t fd)
{
    for (size_t i = 0; i < found->files.count; i++) {
        if (found->files.items[i].fd == fd) {
            return &found->files.items[i];
        }
    }
    return NULL;
}

/*
 * The line of a thread that waits for such a lock on this file. There may be those of others,
 * and none says whose it is: when they wait for different locks, which one this is about is not
 * known. False when there is none.
 */
static bool find_ofd_line(struct span rest, uint64_t inode, struct parse_lock *ret,
                          struct parse_lock *ret_held)
{
    struct parse_locks at = {0};
    struct parse_lock line;
    bool found = false;
    while (parse_inspect_lock(&rest, &at, &line)) {
        const bool fits = line.lock.waiting && line.pid < 0 && line.lock.inode == inode &&
                          line.lock.id == at.held.lock.id;
        if (fits && !found) {
            *ret = line;
            *ret_held = at.held;
        } else if (fits && line.lock.id != ret->lock.id) {
            ret->lock.holder = -1;
            ret->lock.from = 1; // not known
            ret->lock.to = 0;
            *ret_held = *ret;
        }
        found |= fits;
    }
    return found;
}

static int add_ofd_waits(struct findings *found, struct span lines)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < found->waits->count; i++) {
        const struct raw_wait *const wait = &found->waits->items[i];
        const struct raw_file *const file =
            parse_inspect_waits_ofd(wait) ? file_of(found, wait->syscall_fd) : NULL;
        struct parse_lock line;
        struct parse_lock held;
        if (file && file->inode != 0 && find_ofd_line(lines, file->inode, &line, &held)) {
            error = keep(found, &line, &held, file->target);
        }
    }
    return error;
}

static int give(const struct findings *found, struct inspector_locks *ret)
{
    struct raw_lock *const items = arena_alloc(found->in->arena, found->count, sizeof(*items));
    struct raw_lock *const holds = arena_alloc(found->in->arena, found->count, sizeof(*holds));
    if (found->count > 0 && (!items || !holds)) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < found->count; i++) {
        items[i] = found->pairs[i].lock.lock;
        holds[i] = found->pairs[i].held.lock;
    }
    *ret = (struct inspector_locks){.items = items,
                                    .holds = holds,
                                    .count = found->count,
                                    .cut = found->cut,
                                    .denied = found->denied};
    return 0;
}

static int find_locks(struct findings *found, struct span lines, struct inspector_locks *ret)
{
    found->pairs = malloc(INSPECT_LOCKS_MAX * sizeof(*found->pairs));
    int error = found->pairs ? inspector_files(found->in, FILES_MAX, &found->files) : -ENOMEM;
    found->denied = inspector_is_denied(error);
    if (error != -ENOMEM) {
        error = add_held(found);
    }
    if (error == 0) {
        error = add_lines(found, lines);
    }
    if (error == 0) {
        error = add_ofd_waits(found, lines);
    }
    if (error == 0) {
        error = give(found, ret);
    }
    free(found->pairs);
    return error;
}

int inspector_locks(const struct inspector *in, const struct inspector_waits *waits,
                    struct inspector_locks *ret)
{
    struct procfs_file file = {0};
    int error = procfs_read_all(in->platform->proc_fd, "locks", &file);
    *ret = (struct inspector_locks){0};
    if (error == 0) { // empty too: locks of other PID namespaces are only in fdinfo
        struct findings found = {.in = in, .waits = waits};
        error = find_locks(&found, (struct span){.at = file.ptr, .end = file.ptr + file.len}, ret);
    } else {
        error = error == -ENOMEM ? error : 0; // not built into every kernel
    }
    procfs_file_finish(&file);
    return error;
}
