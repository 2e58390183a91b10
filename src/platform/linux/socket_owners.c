#include "platform/linux/socket_owners.h"

#include "base/arena.h"
#include "base/str.h"
#include "platform/linux/parts.h"
#include "platform/linux/procfs.h"
#include "platform/linux/socket_index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Who holds a socket is told nowhere but by the links in /proc/PID/fd, and to read all of those
 * at each scan costs more than everything else together. So what was found is remembered:
 *
 *   - A socket that is still listed is taken to be held by those who held it, while they live.
 *   - A process that is new, or runs another program, is looked through.
 *   - A socket nobody is known to hold ("pending") makes others be looked through, the likeliest
 *     first, until it is found or all have been. Then it has no owner, and is not sought again.
 *     Such a walk skips descriptors known to be sockets that still exist.
 *   - In turn every process is looked through anew, which finds what was passed on or closed.
 *     Where the kernel tells how many descriptors it has (Linux 6.2), one that has as many as
 *     before is passed over most times.
 *
 * Each scan spends only so much on it; what was not reached comes next time, and is pending until
 * then. At first everything is unknown, so the first scans spend more, a tenth of a second each.
 */

enum {
    OWNERS_FIRST_BUDGET = 40000, // links in a scan until everybody was looked through once
    OWNERS_BUDGET = 4096,        // then, on what is pending, and as many on the turns
    OWNERS_WALK_COST = 4,        // what opening a directory is worth in links
    OWNERS_TURN_SCANS = 16,      // in which everybody has had a turn
    OWNERS_SLICE = 4096,         // known descriptors read again in one turn of a process
    OWNERS_PASSES = 3,           // turns in which one that seems unchanged is passed over
    OWNERS_UIDS = 8,             // distinct users of pending sockets told apart
};

/* A process and what it holds. */
struct holder {
    struct proc_id id;
    int32_t survivor; // of its threads, when the first one has ended; else 0
    uint64_t exec_mark;
    uint64_t walked; // scan in which it was looked through; 0: to be, whatever is pending
    uint64_t gained; // scan in which it was last found to hold something new
    uint32_t first;  // of its entries
    uint32_t uid;    // UINT32_MAX unknown
    uint32_t fds;    // how many descriptors it had when looked through; 0 unknown
    uint8_t passed;  // turns in which it was passed over
    bool denied;     // may not be looked into
};

struct socket_owners {
    struct socket_index index;
    struct holder *holders; // ascending, as the sample's processes
    struct holder *spare;   // what they will be next time
    size_t count, capacity, spare_capacity;
    uint32_t nobody; // first of the entries nobody holds
    uint64_t scan;   // of ours, from 1
    uint64_t last;   // number of the platform's scan we were last asked in
    int32_t cursor;  // the last pid that had its turn
    size_t denied;   // holders that may not be looked into
    bool has_begun;  // everybody was looked through once

    /* of the walk under way */
    uint32_t *old; // entries the process had, ascending by descriptor
    size_t old_count, old_capacity;

    /* of this scan */
    uint64_t floor; // all were looked through in this scan or later
    size_t pending;
    uint64_t pending_since; // the scan the latest of them was met in
    uint32_t uids[OWNERS_UIDS];
    size_t uid_count; // more than there is room for: anybody's
};

/* --- processes come and go ------------------------------------------------------------------ */

static void drop_entries(struct socket_owners *owners, uint32_t *first)
{
    uint32_t at = *first;
    while (at) {
        const uint32_t next = owners->index.entries[at].sibling;
        socket_index_remove(&owners->index, at);
        at = next;
    }
    *first = 0;
}

static bool reserve_spare(struct socket_owners *owners, size_t count)
{
    if (count <= owners->spare_capacity) {
        return true;
    }
    const size_t capacity = count + count / 8 + 64;
    struct holder *const spare = calloc(capacity, sizeof(*spare));
    if (!spare) {
        return false;
    }
    free(owners->spare);
    owners->spare = spare;
    owners->spare_capacity = capacity;
    return true;
}

static void swap_holders(struct socket_owners *owners, size_t count)
{
    struct holder *const holders = owners->spare;
    const size_t capacity = owners->spare_capacity;
    owners->spare = owners->holders;
    owners->spare_capacity = owners->capacity;
    owners->holders = holders;
    owners->capacity = capacity;
    owners->count = count;
}

/* The holder that was one before, or a new one. */
static struct holder next_holder(const struct raw_proc *proc, const struct holder *before)
{
    struct holder holder = {.id = proc->id, .uid = UINT32_MAX};
    if (before) {
        holder = *before;
    }
    holder.survivor = proc->survivor;
    if (holder.exec_mark != proc->exec_mark) {
        holder.exec_mark = proc->exec_mark;
        holder.walked = 0;
    }
    if (proc->have & FACT_OWNER) {
        holder.uid = proc->uid;
    }
    return holder;
}

/* Makes the holders those of the sample. Both are in the same order. */
static bool update_holders(struct socket_owners *owners, const struct raw_sample *sample)
{
    if (!reserve_spare(owners, sample->proc_count)) {
        return false;
    }
    size_t old = 0;
    size_t count = 0;
    owners->floor = UINT64_MAX;
    owners->denied = 0;
    for (size_t i = 0; i < sample->proc_count; i++) {
        const struct raw_proc *const proc = &sample->procs[i];
        if (proc->thread || proc->kernel) {
            continue;
        }
        while (old < owners->count && proc_id_compare(owners->holders[old].id, proc->id) < 0) {
            drop_entries(owners, &owners->holders[old++].first);
        }
        const bool known = old < owners->count && proc_id_equal(owners->holders[old].id, proc->id);
        const struct holder now = next_holder(proc, known ? &owners->holders[old++] : NULL);
        if (now.walked > 0 && !now.denied && now.walked < owners->floor) {
            owners->floor = now.walked;
        }
        owners->denied += now.denied;
        owners->spare[count++] = now;
    }
    while (old < owners->count) {
        drop_entries(owners, &owners->holders[old++].first);
    }
    swap_holders(owners, count);
    return true;
}

/* --- what is pending ------------------------------------------------------------------------ */

static void note_uid(struct socket_owners *owners, uint32_t uid)
{
    for (size_t i = 0; i < owners->uid_count && i < OWNERS_UIDS; i++) {
        if (owners->uids[i] == uid) {
            return;
        }
    }
    if (uid == UINT32_MAX) {
        owners->uid_count = OWNERS_UIDS + 1;
    } else if (owners->uid_count < OWNERS_UIDS) {
        owners->uids[owners->uid_count++] = uid;
    } else {
        owners->uid_count = OWNERS_UIDS + 1;
    }
}

static bool is_wanted_uid(const struct socket_owners *owners, uint32_t uid)
{
    if (owners->uid_count > OWNERS_UIDS) {
        return true;
    }
    for (size_t i = 0; i < owners->uid_count; i++) {
        if (owners->uids[i] == uid) {
            return true;
        }
    }
    return false;
}

static void mark_socket(struct socket_owners *owners, const struct raw_socket *socket)
{
    struct socket_index *const index = &owners->index;
    uint32_t at = socket_index_find(index, socket->inode, 0);
    if (!at) {
        const struct proc_id nobody = {.start_ns = owners->scan};
        at = socket_index_add(index, socket->inode, nobody, -1, &owners->nobody);
    }
    for (; at; at = socket_index_find(index, socket->inode, at)) {
        struct socket_entry *const entry = &index->entries[at];
        const bool repeated = entry->seen == (uint32_t)owners->scan;
        entry->seen = (uint32_t)owners->scan;
        if (entry->id.pid == 0 && entry->id.start_ns > owners->floor && !repeated) {
            owners->pending++;
            owners->pending_since = entry->id.start_ns > owners->pending_since
                                        ? entry->id.start_ns
                                        : owners->pending_since;
            note_uid(owners, socket->uid);
        }
    }
}

/* Marks what still exists, and finds out what nobody is known to hold. */
static void mark_sockets(struct socket_owners *owners, const struct socket_list *list)
{
    owners->pending = 0;
    owners->pending_since = 0;
    owners->uid_count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].inode) {
            mark_socket(owners, &list->items[i]);
        }
    }
}

/* Forgets, of those nobody holds, what is no more or was found to be held. */
static void sweep_nobody(struct socket_owners *owners)
{
    uint32_t at = owners->nobody;
    owners->nobody = 0;
    while (at) {
        struct socket_entry *const entry = &owners->index.entries[at];
        const uint32_t next = entry->sibling;
        if (entry->seen == (uint32_t)owners->scan) {
            entry->sibling = owners->nobody;
            owners->nobody = at;
        } else {
            socket_index_remove(&owners->index, at);
        }
        at = next;
    }
}

/* --- looking through a process -------------------------------------------------------------- */

/* One walk of a process. */
struct walk {
    struct socket_owners *owners;
    struct holder *holder;
    int dir;
    bool again;      // read known descriptors too
    size_t at;       // in owners->old: the first one with a descriptor not passed yet
    uint32_t first;  // of the entries it has now
    int64_t *budget; // what it costs is taken from here
};

/* Moves the entries of a process into owners->old, so that they ascend. */
static bool take_old(struct socket_owners *owners, struct holder *holder)
{
    size_t count = 0;
    for (uint32_t at = holder->first; at; at = owners->index.entries[at].sibling) {
        count++;
    }
    if (count > owners->old_capacity) {
        uint32_t *const old = malloc((count + count / 8) * sizeof(*old));
        if (!old) {
            return false;
        }
        free(owners->old);
        owners->old = old;
        owners->old_capacity = count + count / 8;
    }
    owners->old_count = count;
    for (uint32_t at = holder->first; at; at = owners->index.entries[at].sibling) {
        owners->old[--count] = at;
    }
    holder->first = 0;
    return true;
}

/* The entry that descriptor had, taken out of owners->old; those before it are gone. 0: none. */
static uint32_t pass_old(struct walk *walk, int32_t fd)
{
    struct socket_owners *const owners = walk->owners;
    while (walk->at < owners->old_count) {
        const uint32_t number = owners->old[walk->at];
        const int32_t old_fd = owners->index.entries[number].fd;
        if (old_fd > fd) {
            return 0;
        }
        walk->at++;
        if (old_fd == fd) {
            return number;
        }
        socket_index_remove(&owners->index, number);
    }
    return 0;
}

/* Whether a known descriptor is still believed without reading it. Very many are read in turns. */
static bool is_trusted(const struct walk *walk, uint32_t number)
{
    const struct socket_owners *const owners = walk->owners;
    const size_t slices = owners->old_count / OWNERS_SLICE + 1;
    const uint64_t turn = owners->scan / OWNERS_TURN_SCANS;
    return owners->index.entries[number].seen == (uint32_t)owners->scan &&
           !(walk->again && (walk->at - 1) / OWNERS_SLICE == turn % slices);
}

static void keep_entry(struct walk *walk, uint32_t number)
{
    walk->owners->index.entries[number].sibling = walk->first;
    walk->first = number;
}

/* Adds what was found; what nobody was known to hold is so no more. */
static void add_entry(struct walk *walk, uint64_t inode, int32_t fd)
{
    struct socket_owners *const owners = walk->owners;
    struct socket_index *const index = &owners->index;
    const uint32_t other = socket_index_find(index, inode, 0);
    const bool exists = other && index->entries[other].seen == (uint32_t)owners->scan;
    if (exists && index->entries[other].id.pid == 0) {
        owners->pending -= index->entries[other].id.start_ns > owners->floor;
        index->entries[other].seen--;
    }
    const uint32_t number = socket_index_add(index, inode, walk->holder->id, fd, &walk->first);
    if (number && exists) {
        index->entries[number].seen = (uint32_t)owners->scan;
        walk->holder->gained = owners->scan;
    }
}

/* Looks at one descriptor. Errors: -EACCES or -EPERM when none of them may be read. */
static int walk_fd(struct walk *walk, const char *name)
{
    uint64_t fd;
    if (str_take_u64(name, strlen(name), &fd) == 0 || fd > INT32_MAX) {
        return 0; // "." and ".."
    }
    struct socket_index *const index = &walk->owners->index;
    const uint32_t old = pass_old(walk, (int32_t)fd);
    if (old && is_trusted(walk, old)) {
        keep_entry(walk, old);
        return 0;
    }
    uint64_t inode = 0;
    const int error = procfs_link_number(walk->dir, name, "socket", &inode);
    --*walk->budget;
    if (old && error == 0 && index->entries[old].inode == inode) {
        keep_entry(walk, old);
        return 0;
    }
    if (old) {
        socket_index_remove(index, old);
    }
    if (inode) {
        add_entry(walk, inode, (int32_t)fd);
    }
    return error == -EACCES || error == -EPERM ? error : 0;
}

static int walk_fds(struct walk *walk, char *buf, size_t size)
{
    struct procfs_list list = {.fd = walk->dir, .buf = buf, .size = size};
    const char *name;
    int error = 0;
    while (error == 0 && procfs_list_next(&list, &name) > 0) {
        error = walk_fd(walk, name);
    }
    return error;
}

/* Notes the uid by which it is sought, if the sample does not tell it, and what it has. */
static void learn(int dir, struct holder *holder)
{
    struct stat st;
    if (fstat(dir, &st) == 0) {
        holder->uid = holder->uid == UINT32_MAX ? st.st_uid : holder->uid;
        holder->fds = (uint32_t)st.st_size;
    }
}

static void holder_path(char path[PROCFS_PATH_BYTES], const struct holder *holder)
{
    if (holder->survivor) {
        procfs_thread_path(path, holder->id.pid, holder->survivor, "/fd");
    } else {
        procfs_path(path, holder->id.pid, "/fd");
    }
}

/* Looks through one process. False when there was no descriptor or memory to do it with. */
static bool walk_process(struct platform *platform, struct holder *holder, bool again,
                         int64_t *budget)
{
    char path[PROCFS_PATH_BYTES];
    struct socket_owners *const owners = platform->sockets->owners;
    procfs_progress(platform, holder->id.pid);
    holder_path(path, holder);
    *budget -= OWNERS_WALK_COST;
    const int dir = openat(platform->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = dir < 0 ? -errno : 0;
    if (parts_is_scarcity(error) || !take_old(owners, holder)) {
        if (dir >= 0) {
            close(dir);
        }
        return false;
    }
    // A new program holds what it inherited, as far as it was not closed for it.
    struct walk walk = {.owners = owners,
                        .holder = holder,
                        .dir = dir,
                        .again = again || holder->walked == 0,
                        .budget = budget};
    if (dir >= 0) {
        learn(dir, holder);
        error = walk_fds(&walk, platform->list_buf, PROCFS_LIST_BYTES);
        close(dir);
    }
    while (walk.at < owners->old_count) {
        socket_index_remove(&owners->index, owners->old[walk.at++]);
    }
    holder->first = walk.first;
    if (holder->walked == 0) { // so that not all are due in the same turn
        holder->passed = (uint8_t)((uint32_t)holder->id.pid % (OWNERS_PASSES + 1));
    } else if (again) {
        holder->passed = 0;
    }
    holder->walked = owners->scan;
    owners->denied -= holder->denied;
    holder->denied = error == -EACCES || error == -EPERM;
    owners->denied += holder->denied;
    return true;
}

/* --- whom to look through -------------------------------------------------------------------- */

/* How likely a process is to hold what is pending. */
enum rank {
    RANK_NEW,    // whatever is pending
    RANK_BUSY,   // of a user it belongs to, and got others lately
    RANK_USER,   // of such a user
    RANK_OTHERS, // passed on by somebody else, or opened before the user was changed
    RANK_COUNT,
};

static enum rank rank_of(const struct socket_owners *owners, const struct holder *holder)
{
    if (holder->walked == 0) {
        return RANK_NEW;
    }
    if (!is_wanted_uid(owners, holder->uid)) {
        return RANK_OTHERS;
    }
    const bool busy = holder->gained > 0 && owners->scan - holder->gained <= OWNERS_TURN_SCANS;
    return busy ? RANK_BUSY : RANK_USER;
}

/* Looks through those who are new, and for what is pending. The latest have the highest pids. */
static void seek_pending(struct platform *platform, struct socket_owners *owners)
{
    int64_t budget = owners->has_begun ? OWNERS_BUDGET : OWNERS_FIRST_BUDGET;
    for (unsigned rank = RANK_NEW; rank < RANK_COUNT; rank++) {
        for (size_t i = owners->count; i-- > 0;) {
            struct holder *const holder = &owners->holders[i];
            if (budget <= 0 || (rank != RANK_NEW && owners->pending == 0)) {
                return;
            }
            if (rank_of(owners, holder) != rank) {
                continue;
            }
            const bool due =
                rank == RANK_NEW || (!holder->denied && holder->walked < owners->pending_since);
            if (due && !walk_process(platform, holder, false, &budget)) {
                return;
            }
        }
    }
}

/* The first holder with a pid above the cursor, or the very first one. */
static size_t find_turn(const struct socket_owners *owners)
{
    size_t low = 0;
    size_t high = owners->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (owners->holders[middle].id.pid <= owners->cursor) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < owners->count ? low : 0;
}

/* Whether a process is likely to have nothing new, at a fraction of the cost of looking. */
static bool pass_over(const struct platform *platform, struct holder *holder)
{
    char path[PROCFS_PATH_BYTES];
    struct stat st;
    if (holder->fds == 0 || holder->passed >= OWNERS_PASSES) {
        return false;
    }
    holder_path(path, holder);
    if (fstatat(platform->proc_fd, path, &st, 0) < 0 || st.st_size != holder->fds) {
        return false;
    }
    holder->passed++;
    return true;
}

static void take_turns(struct platform *platform, struct socket_owners *owners)
{
    int64_t budget = OWNERS_BUDGET;
    size_t left = (owners->count + OWNERS_TURN_SCANS - 1) / OWNERS_TURN_SCANS;
    for (size_t i = find_turn(owners); left > 0 && budget > 0; left--) {
        struct holder *const holder = &owners->holders[i];
        owners->cursor = holder->id.pid;
        budget--;
        if (!pass_over(platform, holder) && !walk_process(platform, holder, true, &budget)) {
            return;
        }
        i = i + 1 < owners->count ? i + 1 : 0;
    }
}

/* --- the result ------------------------------------------------------------------------------ */

static int compare_owners(const void *a, const void *b)
{
    const struct raw_owner *const left = a;
    const struct raw_owner *const right = b;
    const int order = proc_id_compare(left->id, right->id);
    return order ? order : left->fd < right->fd ? -1 : left->fd > right->fd;
}

static bool set_owners(const struct socket_index *index, struct arena *arena,
                       struct raw_socket *socket)
{
    uint32_t count = 0;
    for (uint32_t at = socket_index_find(index, socket->inode, 0); at;
         at = socket_index_find(index, socket->inode, at)) {
        count += index->entries[at].id.pid != 0;
    }
    if (count == 0) {
        return true;
    }
    struct raw_owner *const found = arena_alloc(arena, count, sizeof(*found));
    if (!found) {
        return false;
    }
    uint32_t filled = 0;
    for (uint32_t at = socket_index_find(index, socket->inode, 0); at;
         at = socket_index_find(index, socket->inode, at)) {
        const struct socket_entry *const entry = &index->entries[at];
        if (entry->id.pid != 0) {
            found[filled++] = (struct raw_owner){.id = entry->id, .fd = entry->fd};
        }
    }
    if (count > 1) {
        qsort(found, count, sizeof(*found), compare_owners);
    }
    socket->owners = found;
    socket->owner_count = count;
    return true;
}

/* The scan in which, or later, everybody who may be looked into was. */
static uint64_t scan_of_all(const struct socket_owners *owners)
{
    uint64_t scan = UINT64_MAX;
    for (size_t i = 0; i < owners->count; i++) {
        const struct holder *const holder = &owners->holders[i];
        scan = !holder->denied && holder->walked < scan ? holder->walked : scan;
    }
    return scan;
}

/* Whether somebody may still turn out to hold a socket nobody is known to hold. */
static bool is_pending(const struct socket_owners *owners, uint64_t inode)
{
    const uint32_t at = socket_index_find(&owners->index, inode, 0);
    return !at || owners->index.entries[at].id.start_ns > owners->floor; // none: lost in this scan
}

/* A PID namespace hides the processes outside it, whoever looks. */
static void set_all(const struct socket_owners *owners, bool is_inner,
                    const struct raw_sample *sample, const struct socket_list *list)
{
    const bool denied = is_inner || owners->denied > 0 || sample->unreadable > 0 ||
                        (sample->system.hidepid != RAW_HIDEPID_OFF && platform_own_uid() != 0);
    bool room = true;
    for (size_t i = 0; i < list->count; i++) {
        struct raw_socket *const socket = &list->items[i];
        if (socket->inode) {
            room = room && set_owners(&owners->index, list->arena, socket);
            const bool unheld = socket->owner_count == 0;
            socket->owners_denied = unheld && denied;
            socket->owners_pending = unheld && (!room || is_pending(owners, socket->inode));
        }
    }
}

/* Tells of each process whether its sockets are known. Holders are the processes' in their order,
 * without threads and kernel threads, which have no descriptors of their own. */
static void set_facts(const struct socket_owners *owners, struct raw_sample *sample)
{
    size_t at = 0;
    for (size_t i = 0; i < sample->proc_count; i++) {
        struct raw_proc *const proc = &sample->procs[i];
        if (proc->thread || proc->kernel) {
            proc->have |= FACT_SOCKETS;
            continue;
        }
        const struct holder *const holder = &owners->holders[at++];
        if (holder->denied) {
            proc->denied |= FACT_SOCKETS;
        } else if (holder->walked > 0) {
            proc->have |= FACT_SOCKETS;
        }
    }
}

/* Nobody could be looked through. */
static void set_unknown(const struct socket_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        list->items[i].owners_pending = list->items[i].inode != 0;
    }
}

static void forget(struct socket_owners *owners)
{
    socket_index_finish(&owners->index);
    owners->count = 0;
    owners->nobody = 0;
    owners->scan = 0;
    owners->has_begun = false;
}

void socket_owners_find(struct platform *platform, struct socket_owners **owners,
                        struct raw_sample *sample, const struct socket_list *list)
{
    if (!*owners) {
        *owners = calloc(1, sizeof(**owners));
        if (!*owners) {
            set_unknown(list);
            return;
        }
    }
    struct socket_owners *const found = *owners;
    if (platform->scan > found->last + OWNERS_TURN_SCANS) {
        forget(found); // too old to believe
    }
    found->last = platform->scan;
    found->scan++;
    if (!update_holders(found, sample)) {
        forget(found);
        set_unknown(list);
        return;
    }
    mark_sockets(found, list);
    seek_pending(platform, found);
    if (found->scan > 1) {
        take_turns(platform, found);
    }
    sweep_nobody(found);
    found->floor = scan_of_all(found);
    found->has_begun |= found->floor > 0;
    set_all(found, platform->is_inner, sample, list);
    set_facts(found, sample);
    sample->owners_outside = platform->is_inner;
}

void socket_owners_destroy(struct socket_owners *owners)
{
    if (owners) {
        socket_index_finish(&owners->index);
        free(owners->holders);
        free(owners->spare);
        free(owners->old);
        free(owners);
    }
}
