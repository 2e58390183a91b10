#include "platform/linux/inspector.h"
#include "platform/linux/parse_inspect.h"

#include <errno.h>
#include <string.h>

/*
 * Who has what the threads of a process wait for: the descriptors they wait on, and of pipes,
 * FIFOs and locks of open files the processes that have them. Who is at the other end of a socket
 * is known from the list of sockets.
 */

enum {
    THREAD_ENDS_MAX = 16, // descriptors of one thread
    SOUGHT_MAX = 64,      // as many as there are bits in a word
};

/* What is found. */
struct gathering {
    const struct inspector *in;
    struct raw_end *ends; // in the arena, room for INSPECT_ENDS_MAX
    size_t end_count;
    struct raw_lock_holders *locks; // in the arena
    size_t lock_count;
    struct inspector_sought sought[SOUGHT_MAX];
    size_t sought_count;
    bool cut;
};

/* Seek it; without room it stays without holders. Errors: -ENOMEM. */
static int seek(struct gathering *found, const struct inspector_sought *sought)
{
    if (found->sought_count == SOUGHT_MAX) {
        found->cut = true;
        return 0;
    }
    int32_t *const holders = arena_alloc(found->in->arena, INSPECT_HOLDERS_MAX, sizeof(*holders));
    struct inspector_sought *const kept = &found->sought[found->sought_count++];
    *kept = *sought;
    kept->holders = holders;
    return holders ? 0 : -ENOMEM;
}

/* --- descriptors ------------------------------------------------------------------------------ */

static bool begins(struct raw_bytes bytes, const char *word)
{
    const size_t len = strlen(word);
    return bytes.len >= len && memcmp(bytes.ptr, word, len) == 0;
}

/* Sleeping in one of these, the descriptor waited on is a pipe, whatever its path. */
static bool waits_in_pipe(const struct raw_wait *wait)
{
    static const char *const names[] = {"anon_pipe_", "fifo_pipe_", "pipe_"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (begins(wait->wchan, names[i])) {
            return true;
        }
    }
    return false;
}

/* The text of a descriptor's `fdinfo`; empty when it is gone. */
static struct raw_bytes read_fdinfo(const struct inspector *in, int32_t fd, char *buf, size_t size)
{
    char path[sizeof("fdinfo/") + PROCFS_PATH_BYTES] = "fdinfo/";
    size_t len = 0;
    procfs_path(path + strlen("fdinfo/"), fd, "");
    if (procfs_read(in->dir, path, buf, size, &len)) {
        len = 0;
    }
    return (struct raw_bytes){.ptr = buf, .len = (uint32_t)len};
}

static uint64_t inode_of(const struct inspector *in, int32_t fd)
{
    char buf[1024];
    struct raw_file file = {0};
    parse_inspect_fdinfo(read_fdinfo(in, fd, buf, sizeof(buf)), &file);
    return file.inode;
}

/* A number that the `fdinfo` of some kinds of file has; -1 none. */
static int32_t number_of(const struct inspector *in, const struct raw_end *end, const char *key)
{
    char buf[1024];
    const struct raw_bytes text = read_fdinfo(in, end->fd, buf, sizeof(buf));
    const uint64_t number = parse_inspect_status_u64(text, key, FIGURE_ABSENT);
    return number <= INT32_MAX ? (int32_t)number : -1;
}

static bool is_master(struct raw_bytes file)
{
    static const char *const names[] = {"/dev/ptmx", "/dev/pts/ptmx"};
    bool found = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        found |= file.len == strlen(names[i]) && begins(file, names[i]);
    }
    return found;
}

static int add_end(struct gathering *found, const struct raw_wait *wait,
                   const struct parse_watched *watched)
{
    if (found->end_count == INSPECT_ENDS_MAX) {
        found->cut = true;
        return 0;
    }
    struct raw_end *const end = &found->ends[found->end_count++];
    *end = (struct raw_end){.tid = wait->tid,
                            .syscall = wait->syscall,
                            .syscall_fd = wait->syscall_fd,
                            .fd = watched->fd,
                            .tty = -1,
                            .reads = watched->reads,
                            .writes = watched->writes};
    const int error = inspector_fd_link(found->in, end->fd, &end->file);
    if (error) {
        end->kind = RAW_FILE_UNKNOWN;
        return error == -ENOMEM ? error : 0;
    }
    end->kind = parse_inspect_file_kind(end->file, UINT32_MAX, &end->inode);
    if (end->kind == RAW_FILE_SOCKET &&
        inspector_connected(found->in, wait, &end->address) == -ENOMEM) {
        return -ENOMEM;
    }
    if (begins(end->file, "anon_inode:[pidfd]")) {
        const int32_t pid = number_of(found->in, end, "Pid");
        end->pid = pid > 0 ? pid : 0;
    } else if (is_master(end->file)) {
        end->tty = number_of(found->in, end, "tty-index");
    }
    struct inspector_sought sought = {.link = end->file,
                                      .readers = end->writes,
                                      .writers = end->reads || !end->writes};
    if (end->kind == RAW_FILE_REGULAR && waits_in_pipe(wait)) {
        end->kind = RAW_FILE_FIFO;
        end->inode = inode_of(found->in, end->fd);
        sought.inode = end->inode;
    }
    return end->kind == RAW_FILE_FIFO && end->inode != 0 ? seek(found, &sought) : 0;
}

/* A file that is being opened: there is no descriptor yet. Nobody has the other end of a FIFO then,
 * and of any other somebody has a lease. */
static int add_opened(struct gathering *found, const struct raw_wait *wait)
{
    struct raw_bytes path;
    const bool is_leased = begins(wait->wchan, "__break_lease");
    if (!is_leased && !begins(wait->wchan, "wait_for_partner")) {
        return 0;
    }
    const enum raw_file_kind kind = is_leased ? RAW_FILE_REGULAR : RAW_FILE_FIFO;
    const int error = inspector_opened(found->in, wait, &path);
    if (error == 0 && found->end_count < INSPECT_ENDS_MAX) {
        found->ends[found->end_count++] = (struct raw_end){.tid = wait->tid,
                                                           .syscall = wait->syscall,
                                                           .syscall_fd = wait->syscall_fd,
                                                           .fd = -1,
                                                           .tty = -1,
                                                           .kind = kind,
                                                           .file = path};
    }
    return error == -ENOMEM ? error : 0;
}

static int add_ends(struct gathering *found, const struct inspector_waits *waits)
{
    int error = 0;
    found->ends = arena_alloc(found->in->arena, INSPECT_ENDS_MAX, sizeof(*found->ends));
    if (!found->ends) {
        return -ENOMEM;
    }
    for (size_t i = 0; error == 0 && i < waits->count; i++) {
        struct parse_watched watched[THREAD_ENDS_MAX];
        const size_t count =
            inspector_watched(found->in, &waits->items[i], THREAD_ENDS_MAX, watched, &found->cut);
        for (size_t k = 0; error == 0 && k < count; k++) {
            error = add_end(found, &waits->items[i], &watched[k]);
        }
        if (error == 0) {
            error = add_opened(found, &waits->items[i]);
        }
    }
    return error;
}

/* --- locks ------------------------------------------------------------------------------------ */

/* Those that belong to an open file, which may have been passed on by who took them. */
static bool is_of_file(const struct raw_lock *lock)
{
    static const char *const types[] = {"OFDLCK", "FLOCK"};
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (lock->type.len == strlen(types[i]) &&
            memcmp(lock->type.ptr, types[i], lock->type.len) == 0) {
            return true;
        }
    }
    return false;
}

static int add_locks(struct gathering *found, const struct inspector_waits *waits)
{
    struct inspector_locks locks = {0};
    int error = inspector_locks(found->in, waits, &locks);
    if (error) {
        return error;
    }
    found->locks = arena_alloc(found->in->arena, locks.count, sizeof(*found->locks));
    if (locks.count > 0 && !found->locks) {
        return -ENOMEM;
    }
    for (size_t i = 0; error == 0 && i < locks.count; i++) {
        const struct raw_lock *const held = &locks.holds[i];
        if (locks.items[i].waiting && !held->waiting && held->path.len > 0 && is_of_file(held)) {
            found->locks[found->lock_count++] = (struct raw_lock_holders){.lock = locks.items[i]};
            const struct inspector_sought sought = {.link = held->path,
                                                    .inode = held->inode,
                                                    .readers = true,
                                                    .writers = true,
                                                    .lock = held};
            error = seek(found, &sought);
        }
    }
    return error;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* Gives what was sought to what it was sought for: both are in the same order, ends first. */
static void give(struct gathering *found)
{
    size_t at = 0;
    for (size_t i = 0; i < found->end_count && at < found->sought_count; i++) {
        struct raw_end *const end = &found->ends[i];
        if (end->kind == RAW_FILE_FIFO && end->inode != 0) {
            end->holders = found->sought[at].holders;
            end->holder_count = found->sought[at].count;
            end->holders_left_out = found->sought[at].left_out;
            at++;
        }
    }
    for (size_t i = 0; i < found->lock_count && at < found->sought_count; i++, at++) {
        struct raw_lock_holders *const lock = &found->locks[i];
        lock->holders = found->sought[at].holders;
        lock->holder_count = found->sought[at].count;
        lock->holders_left_out = found->sought[at].left_out;
    }
}

int inspect_peers(const struct inspector *in, struct raw_inspect *ret)
{
    struct gathering found = {.in = in};
    struct inspector_waits waits = {0};
    struct raw_peers *const peers = &ret->as.peers;
    int error = inspector_waits(in, &waits);
    if (error == 0) {
        error = add_ends(&found, &waits);
    }
    struct inspector_futexes futexes = {0};
    if (error == 0) {
        error = inspector_futexes(in, &futexes);
    }
    if (error == 0) {
        error = add_locks(&found, &waits);
    }
    if (error == 0 && found.sought_count > 0) {
        error = inspector_seek(in, found.sought, found.sought_count, &peers->hidden,
                               &peers->unfinished);
    }
    give(&found);
    peers->ends = found.ends;
    peers->end_count = found.end_count;
    peers->locks = found.locks;
    peers->lock_count = found.lock_count;
    peers->futexes = futexes.items;
    peers->futex_count = futexes.count;
    ret->cut = found.cut;
    return error;
}
