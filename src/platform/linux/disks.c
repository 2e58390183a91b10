#include "base/arena.h"
#include "base/str.h"
#include "platform/linux/apart.h"
#include "platform/linux/parse_storage.h"
#include "platform/linux/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Block devices and mounts. Nothing read here while scanning waits for a device: the figures of
 * file systems, which can hang with their server, are asked for by the prober alone.
 */

#define BLOCK_DIR "class/block"

enum { DISK_NAME_BYTES = 32 }; // the kernel's DISK_NAME_LEN

/* The path of a device's attribute; slashes in its name ("cciss/c0d0") are '!' in sysfs. */
static bool block_path(const struct raw_bytes *name, const char *tail, struct strbuf *ret)
{
    str_add(ret, BLOCK_DIR "/");
    const size_t at = ret->len;
    str_add_bytes(ret, name->ptr, name->len);
    for (size_t i = at; i < ret->len; i++) {
        if (ret->ptr[i] == '/') {
            ret->ptr[i] = '!';
        }
    }
    str_add(ret, tail);
    return !ret->overflow && !memchr(name->ptr, '\0', name->len);
}

/* What sysfs knows better than the name, where there is a sysfs. */
static void describe_disk(const struct platform *platform, struct raw_disk *disk)
{
    char path[128];
    char text[32];
    size_t len;
    uint64_t sectors;
    uint64_t bytes;
    struct strbuf buf;
    str_init(&buf, path, sizeof(path));
    if (!block_path(&disk->name, "/size", &buf) ||
        procfs_read(platform->sys_fd, path, text, sizeof(text), &len) ||
        str_take_u64(text, len, &sectors) == 0 || __builtin_mul_overflow(sectors, 512, &bytes)) {
        return; // not there, or gone in between
    }
    disk->size_bytes = bytes;
    str_init(&buf, path, sizeof(path));
    if (!block_path(&disk->name, "/partition", &buf)) {
        return;
    }
    if (faccessat(platform->sys_fd, path, F_OK, 0) == 0) {
        disk->kind = RAW_DISK_PARTITION;
    } else if (disk->kind == RAW_DISK_PARTITION) {
        disk->kind = RAW_DISK_WHOLE; // a disk that is just named like a part of another
    }
}

/* What a block device is; kept between scans for who does not look at disks but at their sums. */
struct disk_slow {
    char name[DISK_NAME_BYTES];
    uint32_t major, minor;
    enum raw_disk_kind kind;
    uint64_t size_bytes;
};

struct disks_cache {
    struct disk_slow *rows; // heap; as many as /proc/diskstats had, in its order
    size_t count;
    uint64_t scan; // in which it was read
};

void disks_cache_destroy(struct disks_cache *cache)
{
    if (cache) {
        free(cache->rows);
        free(cache);
    }
}

static bool is_same(const struct disk_slow *row, const struct raw_disk *disk)
{
    return row->major == disk->major && row->minor == disk->minor && disk->name.len > 0 &&
           strlen(row->name) == disk->name.len &&
           memcmp(row->name, disk->name.ptr, disk->name.len) == 0;
}

/* Describes the disks from what was kept; false when it is too old or not of these. */
static bool recall_disks(const struct platform *platform, struct raw_disk *disks, size_t count)
{
    const struct disks_cache *const cache = platform->disks;
    if (!cache || cache->count != count || platform->scan - cache->scan >= PROCFS_REFRESH_SCANS) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_same(&cache->rows[i], &disks[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        disks[i].kind = cache->rows[i].kind;
        disks[i].size_bytes = cache->rows[i].size_bytes;
    }
    return true;
}

/* Without memory nothing is kept, and sysfs read again. */
static void keep_disks(struct platform *platform, const struct raw_disk *disks, size_t count)
{
    disks_cache_destroy(platform->disks);
    platform->disks = calloc(1, sizeof(*platform->disks));
    struct disk_slow *const rows = calloc(count + 1, sizeof(*rows));
    if (!platform->disks || !rows) {
        disks_cache_destroy(platform->disks);
        platform->disks = NULL;
        free(rows);
        return;
    }
    *platform->disks = (struct disks_cache){.rows = rows, .count = count, .scan = platform->scan};
    for (size_t i = 0; i < count; i++) {
        const struct raw_bytes *const name = &disks[i].name;
        // A longer name than the kernel has is never recognised again.
        memcpy(rows[i].name, name->ptr, name->len < DISK_NAME_BYTES ? name->len : 0);
        rows[i].major = disks[i].major;
        rows[i].minor = disks[i].minor;
        rows[i].kind = disks[i].kind;
        rows[i].size_bytes = disks[i].size_bytes;
    }
}

static void describe_disks(struct platform *platform, struct raw_disk *disks, size_t count)
{
    const bool has_detail = (platform->parts & PART_DETAIL) != 0;
    if (platform->sys_fd < 0 || (!has_detail && recall_disks(platform, disks, count))) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        describe_disk(platform, &disks[i]);
    }
    if (!has_detail) {
        keep_disks(platform, disks, count);
    }
}

/* A loop device nobody has set up, or one of the ram disks every kernel makes. */
static bool is_placeholder(const struct raw_disk *disk)
{
    if (!parse_storage_disk_idle(disk)) {
        return false;
    }
    const bool is_ram = disk->name.len > 3 && memcmp(disk->name.ptr, "ram", 3) == 0;
    const bool is_loop = disk->kind == RAW_DISK_LOOP && disk->size_bytes == FIGURE_ABSENT;
    return disk->size_bytes == 0 || is_ram || is_loop;
}

int disks_devices(struct platform *platform, struct arena *arena, struct raw_sample *sample)
{
    struct parts_text text;
    const int error = parts_read(platform, "diskstats", arena, sample, &text);
    if (error || !text.ptr) {
        return error;
    }
    const size_t count = parse_storage_disks(text.ptr, text.len, NULL, 0);
    struct raw_disk *const disks = arena_alloc(arena, count + 1, sizeof(*disks));
    if (!disks) {
        return -ENOMEM;
    }
    (void)parse_storage_disks(text.ptr, text.len, disks, count); // the same again
    describe_disks(platform, disks, count);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_placeholder(&disks[i])) {
            disks[kept++] = disks[i];
        }
    }
    sample->disks = disks;
    sample->disk_count = kept;
    sample->parts |= PART_DISKS;
    return 0;
}

int disks_mounts(struct platform *platform, struct arena *arena, struct raw_sample *sample)
{
    struct parts_text text;
    const int error = parts_read(platform, "self/mountinfo", arena, sample, &text);
    if (error || !text.ptr) {
        return error;
    }
    const size_t count = parse_storage_mounts(text.ptr, text.len, NULL, 0);
    struct raw_mount *const mounts = arena_alloc(arena, count + 1, sizeof(*mounts));
    struct parse_mount *const rows = arena_alloc(arena, count + 1, sizeof(*rows));
    struct parse_mount **const order = arena_alloc(arena, count + 1, sizeof(*order));
    if (!mounts || !rows || !order) {
        return -ENOMEM;
    }
    (void)parse_storage_mounts(text.ptr, text.len, rows, count); // the same again
    parse_storage_select(rows, count, order);
    for (size_t i = 0; i < count; i++) {
        mounts[i] = rows[i].mount;
    }
    sample->mounts = mounts;
    sample->mount_count = count;
    sample->parts |= PART_MOUNTS;
    return 0;
}

/* Where the mount with this id is. Owns: the caller, by free(). */
static int find_target(const struct platform *platform, uint64_t id, char **ret)
{
    struct procfs_file file = {0};
    int error = procfs_read_all(platform->proc_fd, "self/mountinfo", &file);
    const size_t count = error ? 0 : parse_storage_mounts(file.ptr, file.len, NULL, 0);
    struct parse_mount *const rows = calloc(count + 1, sizeof(*rows));
    if (error == 0) {
        error = rows ? -ESRCH : -ENOMEM;
    }
    if (error == -ESRCH) {
        (void)parse_storage_mounts(file.ptr, file.len, rows, count); // the same again
    }
    for (size_t i = 0; error == -ESRCH && i < count; i++) {
        const struct raw_bytes *const target = &rows[i].mount.target;
        if (rows[i].mount.id == id) {
            *ret = strndup(target->ptr, target->len);
            error = *ret ? 0 : -ENOMEM;
        }
    }
    free(rows);
    procfs_file_finish(&file);
    return error;
}

/* What is asked of a file system, apart from everybody else: see apart.h. */
struct space_question {
    int proc_fd;
    uint64_t id;        // of the mount
    const char *target; // where it is
    struct statfs fs;   // the answer
};

/* Read a file of fewer than `size` bytes by system calls alone. */
static ssize_t read_small(int dir_fd, const char *path, char *buf, size_t size)
{
    const int fd = (int)syscall(SYS_openat, dir_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    const ssize_t len = syscall(SYS_read, fd, buf, size);
    const int error = errno;
    (void)syscall(SYS_close, fd);
    return len < 0 ? -error : len;
}

/* 0 when the descriptor is of this mount; else another one has covered it or taken its place. */
static int check_mount(int proc_fd, int fd, uint64_t id)
{
    char path[PROCFS_PATH_BYTES];
    char text[512];
    uint64_t found;
    struct strbuf buf;
    str_init(&buf, path, sizeof(path));
    str_addf(&buf, "self/fdinfo/%d", fd);
    const ssize_t len = read_small(proc_fd, path, text, sizeof(text));
    if (len < 0) {
        return (int)len;
    }
    return parse_storage_mount_id(text, (size_t)len, &found) && found == id ? 0 : -ESRCH;
}

static int stat_fs(int fd, struct statfs *ret)
{
#ifdef SYS_fstatfs64 // 32-bit systems; struct statfs has large members in this build
    return syscall(SYS_fstatfs64, fd, sizeof(*ret), ret) < 0 ? -errno : 0;
#else
    return syscall(SYS_fstatfs, fd, ret) < 0 ? -errno : 0;
#endif
}

/*
 * By a descriptor, so that what is measured is what was checked. O_PATH opens nothing: the file
 * system need not permit reading, and a device or FIFO mounted upon is not touched. The
 * descriptor ends with the process.
 */
static int ask_space(void *context)
{
    struct space_question *const question = context;
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, question->target, O_PATH | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? -ESRCH : errno == EPERM ? -EACCES : -errno;
    }
    int error = check_mount(question->proc_fd, fd, question->id);
    if (error == 0) {
        error = stat_fs(fd, &question->fs);
    }
    (void)syscall(SYS_close, fd); // where no process could be made this is our own
    return error;
}

static uint64_t bytes_of(uint64_t blocks, uint64_t block_bytes)
{
    uint64_t bytes;
    return __builtin_mul_overflow(blocks, block_bytes, &bytes) ? UINT64_MAX - 1 : bytes;
}

/* Blocks are counted in f_frsize, not in f_bsize. */
static void fill_space(const struct statfs *fs, struct raw_space *ret)
{
    const uint64_t block_bytes = (uint64_t)(fs->f_frsize ? fs->f_frsize : fs->f_bsize);
    const uint64_t blocks = fs->f_blocks;
    const uint64_t free_blocks = fs->f_bfree < blocks ? fs->f_bfree : blocks;
    // Below zero, which some say once the reserve for root is used, looks like very many.
    const uint64_t available = fs->f_bavail <= blocks ? fs->f_bavail : 0;
    *ret = (struct raw_space){
        .total_bytes = bytes_of(blocks, block_bytes),
        .free_bytes = bytes_of(free_blocks, block_bytes),
        .available_bytes = bytes_of(available, block_bytes),
        .inodes = fs->f_files,
        .inodes_free = fs->f_ffree < fs->f_files ? fs->f_ffree : fs->f_files,
    };
}

int disks_space(const struct platform *platform, uint64_t id, struct raw_space *ret)
{
    if (!platform->is_procfs) {
        return -ENOTSUP; // a recording's paths lead elsewhere here
    }
    char *target = NULL;
    int error = find_target(platform, id, &target);
    if (error) {
        return error;
    }
    struct space_question question = {.proc_fd = platform->proc_fd, .id = id, .target = target};
    error = apart_do(ask_space, &question);
    if (error == 0) {
        fill_space(&question.fs, ret);
    }
    free(target);
    return error;
}
