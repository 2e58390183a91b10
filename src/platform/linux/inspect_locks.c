#include "platform/linux/inspector.h"
#include "platform/linux/parse_inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Locks a process has to do with. /proc/locks says who took a lock, which is not who holds it:
 * those of flock() belong to the open file and are inherited. So the process's own fdinfo, where
 * it may be read, says which it holds, and /proc/locks adds the ones taken by it and the ones it
 * waits for.
 */

enum { FILES_MAX = 4096 }; // descriptors looked through

/* What is found. */
struct findings {
    const struct inspector *in;
    struct inspector_files files;
    struct parse_lock *locks; // heap, room for INSPECT_LOCKS_MAX
    size_t count;
    bool cut;
};

static int keep(struct findings *found, const struct parse_lock *lock, struct raw_bytes path)
{
    if (found->count == INSPECT_LOCKS_MAX) {
        found->cut = true;
        return 0;
    }
    struct parse_lock *const kept = &found->locks[found->count];
    *kept = *lock;
    kept->lock.path = path;
    const int error =
        inspector_copy(found->in, lock->lock.type.ptr, lock->lock.type.len, &kept->lock.type);
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
        error = keep(found, &lock, file->target);
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
static int add_line(struct findings *found, const struct parse_lock *line)
{
    bool known = false;
    for (size_t i = 0; i < found->count; i++) {
        struct parse_lock *const lock = &found->locks[i];
        if (lock->lock.id == 0 && parse_inspect_same_lock(lock, line)) {
            lock->lock.id = line->lock.id;
            known = true;
        }
    }
    if (known || line->pid != found->in->id.pid) {
        return 0;
    }
    return keep(found, line, path_of(found, line->lock.inode));
}

static int add_lines(struct findings *found, struct span rest)
{
    struct parse_locks at = {0};
    struct parse_lock line;
    int error = 0;
    while (error == 0 && parse_inspect_lock(&rest, &at, &line)) {
        error = add_line(found, &line);
    }
    return error;
}

static int give(const struct findings *found, struct raw_inspect *ret)
{
    struct raw_lock *const items = arena_alloc(found->in->arena, found->count, sizeof(*items));
    if (found->count > 0 && !items) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < found->count; i++) {
        items[i] = found->locks[i].lock;
    }
    ret->as.waiting.locks = items;
    ret->as.waiting.lock_count = found->count;
    ret->cut |= found->cut;
    return 0;
}

static int find_locks(const struct inspector *in, struct span lines, struct raw_inspect *ret)
{
    struct findings found = {.in = in,
                             .locks = malloc(INSPECT_LOCKS_MAX * sizeof(struct parse_lock))};
    int error = found.locks ? 0 : -ENOMEM;
    if (error == 0 && inspector_files(in, FILES_MAX, &found.files) == -ENOMEM) {
        error = -ENOMEM;
    }
    if (error == 0) {
        error = add_held(&found);
    }
    if (error == 0) {
        error = add_lines(&found, lines);
    }
    if (error == 0) {
        error = give(&found, ret);
    }
    free(found.locks);
    return error;
}

int inspector_locks(const struct inspector *in, struct raw_inspect *ret)
{
    struct procfs_file file = {0};
    int error = procfs_read_all(in->platform->proc_fd, "locks", &file);
    if (error == 0 && file.len > 0) {
        error = find_locks(in, (struct span){.at = file.ptr, .end = file.ptr + file.len}, ret);
    } else {
        error = error == -ENOMEM ? error : 0; // not built into every kernel
    }
    procfs_file_finish(&file);
    return error;
}
