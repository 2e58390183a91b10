#include "base/arena.h"
#include "check.h"
#include "platform/platform.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SKIPPED = 77, ARENA_BYTES = 64 << 20 };

static bool is_text(const struct raw_bytes *bytes, const char *expected)
{
    return bytes->len == strlen(expected) && memcmp(bytes->ptr, expected, bytes->len) == 0;
}

/* --- made-up machines ------------------------------------------------------------------- */

/* A made-up machine, opened and sampled. */
struct machine {
    char proc[TREE_ROOT_BYTES], sys[TREE_ROOT_BYTES];
    struct platform *platform;
    struct arena *arena;
    struct raw_sample sample;
};

static void machine_make(struct machine *m, bool has_sys)
{
    tree_make(m->proc);
    tree_make(m->sys);
    tree_file(m->proc, "stat", "cpu  1 2 3 4\n");
    m->arena = arena_create(ARENA_BYTES);
    assert_non_null(m->arena);
    char nowhere[TREE_ROOT_BYTES + 8];
    (void)snprintf(nowhere, sizeof(nowhere), "%s/none", m->sys);
    const struct platform_options options = {
        .proc_root = m->proc,
        .sys_root = has_sys ? m->sys : nowhere,
    };
    assert_int_equal(platform_open(&options, &m->platform), 0);
}

static void machine_sample(struct machine *m, unsigned parts)
{
    const struct platform_request request = {.parts = parts};
    arena_reset(m->arena);
    assert_int_equal(platform_sample(m->platform, &request, m->arena, &m->sample), 0);
}

static void machine_end(struct machine *m)
{
    platform_close(m->platform);
    arena_destroy(m->arena);
    tree_remove(m->proc);
    tree_remove(m->sys);
}

/* One row of what is expected of a disk. */
struct disk_row {
    const char *name;
    enum raw_disk_kind kind;
    uint64_t size_bytes;
};

static void assert_disks(const struct machine *m, const struct disk_row *rows, size_t count)
{
    assert_int_equal(m->sample.disk_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct raw_disk *const disk = &m->sample.disks[i];
        assert_true(is_text(&disk->name, rows[i].name));
        assert_int_equal(disk->kind, rows[i].kind);
        assert_true(disk->size_bytes == rows[i].size_bytes);
    }
}

static const char diskstats[] = "   1  0 ram0 0 0 0 0 0 0 0 0 0 0 0\n"
                                "   7  0 loop0 0 0 0 0 0 0 0 0 0 0 0\n"
                                "   7  1 loop1 0 0 0 0 0 0 0 0 0 0 0\n"
                                "   7  2 loop2 1 0 0 0 0 0 0 0 0 0 0\n"
                                "   8  0 sda 9 9 9 9 9 9 9 9 9 9 9\n"
                                "   8  1 sda1 9 9 9 9 9 9 9 9 9 9 9\n"
                                " 104  0 cciss/c0d0 9 9 9 9 9 9 9 9 9 9 9\n"
                                " 104  1 cciss/c0d0p1 9 9 9 9 9 9 9 9 9 9 9\n"
                                "  11  0 sr0 0 0 0 0 0 0 0 0 0 0 0\n"
                                " 252  0 disk 9 9 9 9 9 9 9 9 9 9 9\n"
                                " 252  1 disk1 9 9 9 9 9 9 9 9 9 9 9\n";

static void sysfs_tells_disks_from_partitions_and_their_size(void **state)
{
    (void)state;
    struct machine m;
    machine_make(&m, true);
    tree_file(m.proc, "diskstats", "%s", diskstats);
    tree_file(m.sys, "class/block/ram0/size", "8192\n");
    tree_file(m.sys, "class/block/loop0/size", "0\n");
    tree_file(m.sys, "class/block/loop1/size", "20\n");
    tree_file(m.sys, "class/block/loop2/size", "0\n");
    tree_file(m.sys, "class/block/sda/size", "4294967296\n");
    tree_file(m.sys, "class/block/sda1/size", "2048\n");
    tree_file(m.sys, "class/block/sda1/partition", "1\n");
    tree_file(m.sys, "class/block/cciss!c0d0/size", "8\n"); // P80
    tree_file(m.sys, "class/block/cciss!c0d0p1/size", "4\n");
    tree_file(m.sys, "class/block/cciss!c0d0p1/partition", "1\n");
    tree_file(m.sys, "class/block/sr0/size", "0\n");
    tree_file(m.sys, "class/block/disk/size", "x\n");
    tree_file(m.sys, "class/block/disk1/size", "99999999999999999\n"); // too many bytes
    machine_sample(&m, PART_DISKS | PART_DETAIL);
    assert_int_equal(m.sample.parts, PART_DISKS);
    static const struct disk_row rows[] = {
        {"loop1", RAW_DISK_LOOP, 20 * 512},
        {"loop2", RAW_DISK_LOOP, 0}, // it did something
        {"sda", RAW_DISK_WHOLE, UINT64_C(4294967296) * 512},
        {"sda1", RAW_DISK_PARTITION, 2048 * 512},
        {"cciss/c0d0", RAW_DISK_WHOLE, 8 * 512},
        {"cciss/c0d0p1", RAW_DISK_PARTITION, 4 * 512},
        {"disk", RAW_DISK_WHOLE, FIGURE_ABSENT},
        {"disk1", RAW_DISK_PARTITION, FIGURE_ABSENT},
    };
    assert_disks(&m, rows, sizeof(rows) / sizeof(*rows));
    // A disk that is only named like a part of another.
    tree_file(m.sys, "class/block/disk1/size", "2\n");
    machine_sample(&m, PART_DISKS | PART_DETAIL);
    assert_int_equal(m.sample.disks[7].kind, RAW_DISK_WHOLE);
    machine_end(&m);
}

static void what_a_disk_is_is_kept_for_who_does_not_look_at_it(void **state)
{
    (void)state;
    struct machine m;
    machine_make(&m, true);
    tree_file(m.proc, "diskstats", "8 0 sda 9 9 9 9 9 9 9 9 9 9 9\n");
    tree_file(m.sys, "class/block/sda/size", "2\n");
    machine_sample(&m, PART_DISKS);
    tree_file(m.sys, "class/block/sda/size", "4\n");
    tree_file(m.sys, "class/block/sda/partition", "1\n");
    const struct disk_row before[] = {{"sda", RAW_DISK_WHOLE, 1024}};
    const struct disk_row now[] = {{"sda", RAW_DISK_PARTITION, 2048}};
    for (int scan = 1; scan < 16; scan++) {
        machine_sample(&m, PART_DISKS);
        assert_disks(&m, before, 1);
    }
    machine_sample(&m, PART_DISKS);
    assert_disks(&m, now, 1);
    tree_file(m.sys, "class/block/sda/size", "6\n");
    machine_sample(&m, PART_DISKS | PART_DETAIL); // who looks sees it at once
    assert_int_equal(m.sample.disks[0].size_bytes, 3072);
    // Another device: at once, too, even of the same name.
    tree_file(m.proc, "diskstats", "8 16 sda 9 9 9 9 9 9 9 9 9 9 9\n");
    machine_sample(&m, PART_DISKS);
    assert_int_equal(m.sample.disks[0].size_bytes, 3072);
    tree_file(m.sys, "class/block/sda/size", "8\n");
    tree_file(m.proc, "diskstats",
              "8 16 sda 9 9 9 9 9 9 9 9 9 9 9\n8 32 sdb 9 9 9 9 9 9 9 9 9 9 9\n");
    tree_file(m.sys, "class/block/sdb/size", "10\n");
    machine_sample(&m, PART_DISKS);
    assert_int_equal(m.sample.disks[0].size_bytes, 4096);
    assert_int_equal(m.sample.disks[1].size_bytes, 5120);
    machine_end(&m);
}

static void without_sysfs_the_name_has_to_do(void **state)
{
    (void)state;
    struct machine m;
    machine_make(&m, false);
    tree_file(m.proc, "diskstats", "%s", diskstats);
    machine_sample(&m, PART_DISKS);
    static const struct disk_row rows[] = {
        {"loop2", RAW_DISK_LOOP, FIGURE_ABSENT},
        {"sda", RAW_DISK_WHOLE, FIGURE_ABSENT},
        {"sda1", RAW_DISK_PARTITION, FIGURE_ABSENT},
        {"cciss/c0d0", RAW_DISK_WHOLE, FIGURE_ABSENT},
        {"cciss/c0d0p1", RAW_DISK_PARTITION, FIGURE_ABSENT},
        {"sr0", RAW_DISK_WHOLE, FIGURE_ABSENT},
        {"disk", RAW_DISK_WHOLE, FIGURE_ABSENT},
        {"disk1", RAW_DISK_PARTITION, FIGURE_ABSENT},
    };
    assert_disks(&m, rows, sizeof(rows) / sizeof(*rows));
    machine_end(&m);
}

static int probe_mount(struct platform *platform, uint64_t id, struct raw_space *ret)
{
    char buf[sizeof(*ret)];
    size_t len = 0;
    const struct proc_id question = {.start_ns = id};
    const int error = platform_probe(platform, PROBE_MOUNT, question, buf, sizeof(buf), &len);
    if (error == 0) {
        memcpy(ret, buf, sizeof(*ret));
        return len == sizeof(*ret) ? 0 : -EPROTO;
    }
    return error;
}

static void mounts_of_a_recording_are_listed_and_not_measured(void **state)
{
    (void)state;
    struct machine m;
    struct raw_space space;
    machine_make(&m, true);
    machine_sample(&m, PART_DISKS | PART_MOUNTS);
    assert_int_equal(m.sample.parts, 0);
    tree_file(m.proc, "self/mountinfo",
              "22 27 0:21 / /proc rw - proc proc rw\n"
              "27 1 254:0 / / rw - ext4 /dev/vda rw\n"
              "28 27 254:0 /home /srv/with\\040blank ro - ext4 /dev/vda rw\n");
    machine_sample(&m, PART_MOUNTS);
    assert_int_equal(m.sample.parts, PART_MOUNTS);
    assert_int_equal(m.sample.mount_count, 3);
    const struct raw_mount *const mounts = m.sample.mounts;
    assert_false(mounts[0].is_real);
    assert_true(mounts[1].is_real);
    assert_true(is_text(&mounts[1].target, "/"));
    assert_false(mounts[2].is_real); // the same space
    assert_true(is_text(&mounts[2].target, "/srv/with blank"));
    assert_true(mounts[2].readonly);
    assert_int_equal(probe_mount(m.platform, 27, &space), -ENOTSUP);
    machine_end(&m);
}

/* --- the live system -------------------------------------------------------------------- */

/* In the child: a failed condition ends it with a code of its own. */
static void expect(bool condition, int code)
{
    if (!condition) {
        _exit(code);
    }
}

/* The machine of a child: live, in a mount namespace of its own, with a directory in it. */
struct live {
    struct platform *platform;
    struct arena *arena;
};

/* Runs `body` in a child that works in a tmpfs of its own on `root`. */
static void run_with_mounts(void (*body)(const struct live *live, const char *root))
{
    char root[TREE_ROOT_BYTES];
    tree_make(root);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct live live = {.arena = arena_create(ARENA_BYTES)};
        alarm(60);
        expect(unshare(CLONE_NEWNS) == 0, SKIPPED);
        expect(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, SKIPPED);
        expect(mount("outer", root, "tmpfs", 0, "size=16m") == 0, SKIPPED);
        expect(live.arena && platform_open(NULL, &live.platform) == 0, 80);
        body(&live, root);
        platform_close(live.platform);
        arena_destroy(live.arena);
        _exit(0);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    tree_remove(root);
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
        skip();
    }
    assert_int_equal(status, 0);
}

static struct raw_sample live_sample(const struct live *live)
{
    const struct platform_request request = {.parts = PART_DISKS | PART_MOUNTS};
    struct raw_sample sample;
    expect(platform_sample(live->platform, &request, live->arena, &sample) == 0, 81);
    return sample;
}

static const struct raw_mount *find_mount(const struct raw_sample *sample, const char *source)
{
    for (size_t i = 0; i < sample->mount_count; i++) {
        if (is_text(&sample->mounts[i].source, source)) {
            return &sample->mounts[i];
        }
    }
    expect(false, 82);
    return NULL;
}

static void fill(const char *path, size_t bytes)
{
    static const char data[4096];
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    expect(fd >= 0, 83);
    for (size_t done = 0; done < bytes; done += sizeof(data)) {
        expect(write(fd, data, sizeof(data)) == sizeof(data), 84);
    }
    close(fd);
}

/* P83, P84 */
static void measure_a_tmpfs(const struct live *live, const char *root)
{
    char path[TREE_ROOT_BYTES + 32];
    char file[TREE_ROOT_BYTES + 64];
    struct statvfs fs;
    struct raw_space space;
    (void)snprintf(path, sizeof(path), "%s/a b\n#\\", root);
    (void)snprintf(file, sizeof(file), "%s/file", path);
    expect(mkdir(path, 0700) == 0, 85);
    expect(mount("a source", path, "tmpfs", 0, "size=8m,nr_inodes=100") == 0, 86);
    fill(file, 1 << 20);
    const struct raw_sample sample = live_sample(live);
    const struct raw_mount *const found = find_mount(&sample, "a source");
    expect(is_text(&found->target, path) && is_text(&found->type, "tmpfs"), 87);
    expect(found->is_real && !found->readonly, 88);
    expect(probe_mount(live->platform, found->id, &space) == 0, 89);
    expect(statvfs(path, &fs) == 0, 90);
    expect(space.total_bytes == 8 << 20, 91);
    expect(space.total_bytes - space.free_bytes == 1 << 20, 92);
    expect(space.free_bytes == fs.f_bfree * fs.f_frsize, 93);
    expect(space.available_bytes == fs.f_bavail * fs.f_frsize, 94);
    expect(space.inodes == 100 && space.inodes == fs.f_files, 95);
    expect(space.inodes_free == fs.f_ffree, 96);
    // Once it is gone its id leads nowhere, though the directory is still there.
    expect(umount(path) == 0, 97);
    expect(probe_mount(live->platform, found->id, &space) == -ESRCH, 98);
}

static void a_file_system_is_as_full_as_statvfs_says(void **state)
{
    (void)state;
    run_with_mounts(measure_a_tmpfs);
}

static void cover_a_mount(const struct live *live, const char *root)
{
    char path[TREE_ROOT_BYTES + 32];
    char bind[TREE_ROOT_BYTES + 32];
    struct raw_space space;
    (void)snprintf(path, sizeof(path), "%s/x", root);
    (void)snprintf(bind, sizeof(bind), "%s/bound", root);
    expect(mkdir(path, 0700) == 0 && mkdir(bind, 0700) == 0, 85);
    expect(mount("below", path, "tmpfs", 0, "size=1m") == 0, 86);
    expect(mount("above", path, "tmpfs", MS_RDONLY, "size=2m") == 0, 87);
    const struct raw_sample sample = live_sample(live);
    const struct raw_mount *const below = find_mount(&sample, "below");
    const struct raw_mount *const above = find_mount(&sample, "above");
    expect(!below->is_real && above->is_real && above->readonly, 88);
    expect(probe_mount(live->platform, above->id, &space) == 0, 89);
    expect(space.total_bytes == 2 << 20, 90);
    expect(probe_mount(live->platform, below->id, &space) == -ESRCH, 91);
    expect(umount(path) == 0, 92);
    expect(probe_mount(live->platform, below->id, &space) == 0, 93);
    expect(space.total_bytes == 1 << 20, 94);
    // Bound elsewhere it is the same space again, and the longer way is not shown.
    expect(mount(path, bind, NULL, MS_BIND, NULL) == 0, 95);
    const struct raw_sample again = live_sample(live);
    size_t shown = 0;
    for (size_t i = 0; i < again.mount_count; i++) {
        shown += again.mounts[i].is_real && is_text(&again.mounts[i].source, "below");
    }
    expect(shown == 1 && find_mount(&again, "below")->is_real, 96);
}

static void what_is_covered_is_not_measured_as_what_covers_it(void **state)
{
    (void)state;
    run_with_mounts(cover_a_mount);
}

/* A loop device over a file; its number. Skips when there is none to be had. */
static int attach_loop(const char *root, size_t bytes, int *ret_fd)
{
    char path[TREE_ROOT_BYTES + 32];
    (void)snprintf(path, sizeof(path), "%s/image", root);
    fill(path, bytes);
    const int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    const int number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
    expect(number >= 0, SKIPPED);
    const int file = open(path, O_RDWR | O_CLOEXEC);
    (void)snprintf(path, sizeof(path), "/dev/loop%d", number);
    const int fd = open(path, O_RDWR | O_CLOEXEC | O_DIRECT);
    struct loop_info64 info = {.lo_flags = LO_FLAGS_AUTOCLEAR}; // goes when we go
    expect(fd >= 0 && file >= 0 && ioctl(fd, LOOP_SET_FD, file) == 0, SKIPPED);
    if (ioctl(fd, LOOP_SET_STATUS64, &info) < 0) {
        (void)ioctl(fd, LOOP_CLR_FD); // it is ours
        _exit(SKIPPED);
    }
    close(file);
    close(control);
    *ret_fd = fd;
    return number;
}

static struct raw_disk find_disk(const struct raw_sample *sample, const char *name)
{
    for (size_t i = 0; i < sample->disk_count; i++) {
        if (is_text(&sample->disks[i].name, name)) {
            return sample->disks[i];
        }
    }
    expect(false, 85);
    return (struct raw_disk){0};
}

static void write_a_loop_device(const struct live *live, const char *root)
{
    enum { BLOCK = 65536, BLOCKS = 32 };
    char name[32];
    int fd = -1;
    const int number = attach_loop(root, 4 << 20, &fd);
    (void)snprintf(name, sizeof(name), "loop%d", number);
    void *const block = aligned_alloc(4096, BLOCK);
    expect(block != NULL, 86);
    memset(block, 1, BLOCK);
    const struct raw_sample first = live_sample(live);
    const struct raw_disk before = find_disk(&first, name);
    for (int i = 0; i < BLOCKS; i++) {
        expect(pwrite(fd, block, BLOCK, (off_t)i * BLOCK) == BLOCK, 87);
    }
    expect(pread(fd, block, BLOCK, 0) == BLOCK, 88);
    const struct raw_sample second = live_sample(live);
    const struct raw_disk after = find_disk(&second, name);
    expect(before.size_bytes == 4 << 20 && before.kind == RAW_DISK_LOOP, 89);
    expect(after.write_bytes - before.write_bytes == BLOCKS * BLOCK, 90);
    expect(after.read_bytes - before.read_bytes >= BLOCK, 91);
    expect(after.writes > before.writes && after.reads > before.reads, 92);
    expect(after.in_flight == 0 && after.major == 7 && after.minor == (uint32_t)number, 93);
    free(block);
    close(fd);
}

static void the_counters_of_a_disk_grow_by_what_is_written(void **state)
{
    (void)state;
    run_with_mounts(write_a_loop_device);
}

static void asking_for_a_mount_that_never_was_says_so(void **state)
{
    (void)state;
    struct platform *platform = NULL;
    struct raw_space space;
    char buf[8];
    size_t len = 0;
    assert_int_equal(platform_open(NULL, &platform), 0);
    assert_int_equal(probe_mount(platform, UINT64_MAX, &space), -ESRCH);
    assert_int_equal(platform_probe(platform, PROBE_MOUNT, (struct proc_id){0}, buf, sizeof(buf),
                                    &len),
                     -EINVAL);
    platform_close(platform);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sysfs_tells_disks_from_partitions_and_their_size),
        cmocka_unit_test(what_a_disk_is_is_kept_for_who_does_not_look_at_it),
        cmocka_unit_test(without_sysfs_the_name_has_to_do),
        cmocka_unit_test(mounts_of_a_recording_are_listed_and_not_measured),
        cmocka_unit_test(a_file_system_is_as_full_as_statvfs_says),
        cmocka_unit_test(what_is_covered_is_not_measured_as_what_covers_it),
        cmocka_unit_test(the_counters_of_a_disk_grow_by_what_is_written),
        cmocka_unit_test(asking_for_a_mount_that_never_was_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
