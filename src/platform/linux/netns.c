#include "platform/linux/netns.h"

#include "base/str.h"
#include "platform/linux/errand.h"
#include "platform/linux/parse_cgroup.h"
#include "platform/linux/privileges.h"
#include "platform/linux/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Network namespaces are found by their processes: the inode of /proc/PID/ns/net is the same for
 * all that share one. Who may not be looked into (ptrace access decides) is in none we know of.
 *
 * A process hardly ever changes its namespace once it runs, so all are looked at once, those that
 * are young or run another program at once again, and the rest in turns.
 */

enum {
    TURN_SCANS = 16,  // in which everybody has had a turn
    YOUNG_LOOKS = 3,  // so often is a new one looked at: it may be about to leave
    NAMES_MAX = 1024, // files in /run/netns looked at for one name
    LIST_BYTES = 8192,
};

/* Where a process is. */
struct place {
    struct proc_id id;
    uint64_t exec_mark;
    uint32_t inode; // 0 not known
    uint8_t looks;
};

struct netns_index {
    struct place *places, *spare; // in the order of the sample's processes
    size_t count, capacity, spare_capacity;
    uint64_t scan; // of ours, from 1
    struct netns spaces[NETNS_MAX];
    size_t space_count, left_out;
};

static uint32_t inode_at(int dir, const char *path)
{
    struct stat st;
    return fstatat(dir, path, &st, 0) == 0 ? (uint32_t)st.st_ino : 0;
}

static bool reserve_spare(struct netns_index *index, size_t count)
{
    if (count <= index->spare_capacity) {
        return true;
    }
    const size_t capacity = count + count / 8 + 64;
    struct place *const spare = calloc(capacity, sizeof(*spare));
    if (!spare) {
        return false;
    }
    free(index->spare);
    index->spare = spare;
    index->spare_capacity = capacity;
    return true;
}

static void swap_places(struct netns_index *index, size_t count)
{
    struct place *const places = index->spare;
    const size_t capacity = index->spare_capacity;
    index->spare = index->places;
    index->spare_capacity = index->capacity;
    index->places = places;
    index->capacity = capacity;
    index->count = count;
}

/* To read the link is cheaper than to follow it. */
static void look(const struct platform *platform, struct place *place)
{
    char path[PROCFS_PATH_BYTES];
    uint64_t inode = 0;
    procfs_path(path, place->id.pid, "/ns/net");
    (void)procfs_link_number(platform->proc_fd, path, "net", &inode); // else it stays 0
    place->inode = (uint32_t)inode;
    if (place->looks < YOUNG_LOOKS) {
        place->looks++;
    }
}

/* Makes the places those of the sample's processes. Both are in the same order. */
static bool update_places(const struct platform *platform, struct netns_index *index,
                          const struct raw_sample *sample)
{
    if (!reserve_spare(index, sample->proc_count)) {
        return false;
    }
    size_t old = 0;
    size_t count = 0;
    for (size_t i = 0; i < sample->proc_count; i++) {
        const struct raw_proc *const proc = &sample->procs[i];
        if (proc->thread || proc->kernel) {
            continue;
        }
        while (old < index->count && proc_id_compare(index->places[old].id, proc->id) < 0) {
            old++;
        }
        struct place place = {.id = proc->id};
        if (old < index->count && proc_id_equal(index->places[old].id, proc->id)) {
            place = index->places[old];
        }
        const bool turn = ((uint64_t)(uint32_t)proc->id.pid + index->scan) % TURN_SCANS == 0;
        if (turn || place.looks < YOUNG_LOOKS || place.exec_mark != proc->exec_mark) {
            place.exec_mark = proc->exec_mark;
            look(platform, &place);
        }
        index->spare[count++] = place;
    }
    swap_places(index, count);
    return true;
}

/* --- what a namespace is called --------------------------------------------------------------- */

static void set_name(struct netns *netns, const char *ptr, size_t len)
{
    netns->name_len = len < sizeof(netns->name) ? len : sizeof(netns->name);
    memcpy(netns->name, ptr, netns->name_len);
}

/* The name by which "ip netns" knows it. */
static bool find_file(const struct platform *platform, struct netns *netns)
{
    const int dir = open("/run/netns", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        return false;
    }
    struct procfs_list list = {.fd = dir, .buf = platform->list_buf, .size = PROCFS_LIST_BYTES};
    const char *name;
    bool found = false;
    for (int i = 0; i < NAMES_MAX && !found && procfs_list_next(&list, &name) > 0; i++) {
        found = *name != '.' && inode_at(dir, name) == netns->inode;
        if (found) {
            set_name(netns, name, strlen(name));
        }
    }
    close(dir);
    return found;
}

/* By the container, by its file, by the service it belongs to, or by its number. */
static void find_name(struct platform *platform, struct netns *netns)
{
    char path[PROCFS_PATH_BYTES];
    struct raw_bytes name = {0};
    struct raw_bytes file = {0};
    procfs_path(path, netns->id.pid, "/cgroup");
    if (procfs_read_all(platform->proc_fd, path, &platform->file) == 0) {
        file = (struct raw_bytes){.ptr = platform->file.ptr, .len = (uint32_t)platform->file.len};
    }
    if (parse_cgroup_container(file, &name)) {
        set_name(netns, name.ptr, name.len);
    } else if (platform->is_live && find_file(platform, netns)) {
        return;
    } else if (parse_cgroup_service(file, &name)) {
        set_name(netns, name.ptr, name.len);
    } else {
        struct strbuf buf;
        str_init(&buf, netns->name, sizeof(netns->name));
        str_addf(&buf, "net:[%u]", (unsigned)netns->inode);
        netns->name_len = buf.len;
    }
}

/* --- the list --------------------------------------------------------------------------------- */

/* The one with this inode; the first of those there are not when it is not there. */
static size_t find_space(const struct netns *spaces, size_t count, uint32_t inode)
{
    size_t at = 0;
    while (at < count && spaces[at].inode != inode) {
        at++;
    }
    return at;
}

/* A namespace keeps its name as long as the same process stands for it: inodes come again. */
static void add_space(struct platform *platform, struct netns_index *index, const struct netns *old,
                      size_t old_count, const struct place *place)
{
    if (index->space_count == NETNS_MAX) {
        index->left_out++; // corrected by who calls
        return;
    }
    struct netns *const netns = &index->spaces[index->space_count++];
    const size_t at = find_space(old, old_count, place->inode);
    if (at < old_count && proc_id_equal(old[at].id, place->id)) {
        *netns = old[at];
        return;
    }
    *netns = (struct netns){.inode = place->inode, .id = place->id};
    find_name(platform, netns);
}

static int update_spaces(struct platform *platform, struct netns_index *index)
{
    const uint32_t ours = inode_at(platform->proc_fd, "self/ns/net");
    const size_t old_count = index->space_count;
    struct netns *const old = malloc((old_count + 1) * sizeof(*old));
    if (!old) {
        return -ENOMEM;
    }
    memcpy(old, index->spaces, old_count * sizeof(*old));
    index->space_count = 0;
    index->left_out = 0;
    uint32_t last = ours;
    for (size_t i = 0; i < index->count && ours; i++) {
        const struct place *const place = &index->places[i];
        if (place->inode == 0 || place->inode == ours || place->inode == last) {
            continue;
        }
        last = place->inode;
        if (find_space(index->spaces, index->space_count, last) == index->space_count) {
            add_space(platform, index, old, old_count, place);
        }
    }
    free(old);
    return 0;
}

int netns_update(struct platform *platform, struct netns_index **index,
                 const struct raw_sample *sample)
{
    if (!*index) {
        *index = calloc(1, sizeof(**index));
        if (!*index) {
            return -ENOMEM;
        }
    }
    (*index)->scan++;
    return update_places(platform, *index, sample) ? update_spaces(platform, *index) : -ENOMEM;
}

const struct netns *netns_list(const struct netns_index *index, size_t *ret_count)
{
    *ret_count = index->space_count;
    return index->spaces;
}

size_t netns_left_out(const struct netns_index *index)
{
    return index->left_out;
}

void netns_destroy(struct netns_index *index)
{
    if (index) {
        free(index->places);
        free(index->spare);
        free(index);
    }
}

/* --- going there ------------------------------------------------------------------------------ */

int netns_open(const struct platform *platform, const struct netns *netns, int *ret)
{
    char path[PROCFS_PATH_BYTES];
    procfs_path(path, netns->id.pid, "");
    const int dir = openat(platform->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    if (inode_at(dir, "ns/net") != netns->inode) {
        close(dir);
        return -ESRCH;
    }
    *ret = dir;
    return 0;
}

int netns_find(const struct platform *platform, uint32_t inode, int *ret)
{
    char buf[LIST_BYTES];
    const char *name;
    const int fd = openat(platform->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    struct procfs_list list = {.fd = fd, .buf = buf, .size = sizeof(buf)};
    int error = -ESRCH;
    while (error == -ESRCH && procfs_list_next(&list, &name) > 0) {
        struct place place = {.id.pid = procfs_pid(name)};
        if (place.id.pid > 0) {
            look(platform, &place);
        }
        if (place.inode == inode) {
            error = netns_open(platform, &(struct netns){.inode = inode, .id = place.id}, ret);
        }
    }
    close(fd);
    return error;
}

int netns_enter(int process_dir, uint32_t inode)
{
    struct stat st;
    const int fd = openat(process_dir, "ns/net", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    int error = fstat(fd, &st) < 0 ? -errno : 0;
    if (error == 0 && (uint32_t)st.st_ino != inode) {
        error = -ESRCH; // it has moved
    }
    if (error == 0) {
        error = setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
    }
    close(fd);
    return error;
}

/* What is to be done on a thread that may enter. */
struct journey {
    netns_body *body;
    void *context;
};

static void go(void *context)
{
    const struct journey *const journey = context;
    (void)privileges_raise(CAP_SYS_ADMIN); // without it, netns_enter() is refused
    journey->body(journey->context);
}

int netns_run(netns_body *body, void *context)
{
    struct journey journey = {.body = body, .context = context};
    struct errand *errand = NULL;
    const int error = errand_start(go, &journey, &errand);
    if (error == 0) {
        (void)errand_wait(errand, ERRAND_FOREVER);
    }
    return error;
}
