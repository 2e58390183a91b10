#include "check.h"
#include "platform/linux/parse_storage.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 16 };

static void assert_bytes(const struct raw_bytes *bytes, const char *expected)
{
    assert_int_equal(bytes->len, strlen(expected));
    assert_memory_equal(bytes->ptr, expected, bytes->len);
}

static size_t read_disks(const char *text, struct raw_disk *ret)
{
    const size_t count = parse_storage_disks(text, strlen(text), NULL, 0);
    assert_int_equal(parse_storage_disks(text, strlen(text), ret, ROWS), count);
    return count;
}

/* Mounts of a text, which is copied into `buf` first. */
static size_t read_mounts(const char *text, char buf[4096], struct parse_mount *ret)
{
    const size_t len = strlen(text);
    assert_true(len < 4096);
    memcpy(buf, text, len);
    const size_t count = parse_storage_mounts(buf, len, NULL, 0);
    assert_int_equal(parse_storage_mounts(buf, len, ret, ROWS), count);
    assert_true(count <= ROWS);
    return count;
}

/* P78: 14 columns before Linux 4.18, 18 since, 20 since 5.5; those to come do not matter. */
static void every_number_of_columns_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *tail;
        uint64_t discards, bytes, ns;
    } rows[] = {
        {"", FIGURE_ABSENT, FIGURE_ABSENT, FIGURE_ABSENT},
        {" 12", FIGURE_ABSENT, FIGURE_ABSENT, FIGURE_ABSENT},
        {" 12 13 14 15", 12, 14 * 512, 15000000},
        {" 12 13 14 15 16 17", 12, 14 * 512, 15000000},
        {" 12 13 14 15 16 17 18 x", 12, 14 * 512, 15000000},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[256];
        struct raw_disk disk;
        (void)snprintf(text, sizeof(text), "   8    16 sdb 1 2 3 4 5 6 7 8 9 10 11%s\n",
                       rows[i].tail);
        assert_int_equal(read_disks(text, &disk), 1);
        assert_bytes(&disk.name, "sdb");
        assert_int_equal(disk.major, 8);
        assert_int_equal(disk.minor, 16);
        assert_int_equal(disk.reads, 1);
        assert_int_equal(disk.read_bytes, 3 * 512); // P79
        assert_int_equal(disk.read_ns, 4000000);
        assert_int_equal(disk.writes, 5);
        assert_int_equal(disk.write_bytes, 7 * 512);
        assert_int_equal(disk.write_ns, 8000000);
        assert_int_equal(disk.in_flight, 9);
        assert_int_equal(disk.busy_ns, 10000000);
        assert_int_equal(disk.queue_ns, 11000000);
        assert_int_equal(disk.discards, rows[i].discards);
        assert_int_equal(disk.discard_bytes, rows[i].bytes);
        assert_int_equal(disk.discard_ns, rows[i].ns);
        assert_true(disk.size_bytes == FIGURE_ABSENT);
    }
}

static void a_disk_line_that_makes_no_sense_spoils_no_other(void **state)
{
    (void)state;
    static const char text[] = "\n"
                               "8 0 sda\n"
                               "8 1 sda1 1 2 3 4\n" // Linux 2.6's partitions
                               "8 x sdb 1 2 3 4 5 6 7 8 9 10 11\n"
                               "8 99999999999 sdb 1 2 3 4 5 6 7 8 9 10 11\n"
                               "8 0 sdb 1 2 3 4 5 6 -7 8 9 10 11\n"
                               "3 0 39082680 hdx 1 2 3 4 5 6 7 8 9 10 11\n" // Linux 2.4
                               "8 32 sdc 1 2 18446744073709551615 4 5 6 7 8 9 10 11";
    struct raw_disk disk;
    assert_int_equal(read_disks(text, &disk), 1);
    assert_bytes(&disk.name, "sdc");
    assert_true(disk.read_bytes == UINT64_MAX - 1); // not "unknown", and not wrapped around
    assert_int_equal(read_disks("", &disk), 0);
}

static void the_kind_of_a_disk_is_told_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum raw_disk_kind kind;
    } rows[] = {
        {"sda", RAW_DISK_WHOLE},          {"sda1", RAW_DISK_PARTITION},
        {"sda15", RAW_DISK_PARTITION},    {"sdaa", RAW_DISK_WHOLE},
        {"sdaa1", RAW_DISK_PARTITION},    {"nvme0n1", RAW_DISK_WHOLE},
        {"nvme0n12", RAW_DISK_WHOLE},     {"nvme0n12p1", RAW_DISK_PARTITION},
        {"dm-0", RAW_DISK_MAPPED},        {"md0", RAW_DISK_RAID},
        {"md0p1", RAW_DISK_PARTITION},    {"md127", RAW_DISK_RAID},
        {"loop3", RAW_DISK_LOOP},         {"zram0", RAW_DISK_MAPPED},
        {"mmcblk0boot0", RAW_DISK_WHOLE}, {"loopy", RAW_DISK_WHOLE},
    };
    enum { COUNT = sizeof(rows) / sizeof(*rows) };
    char text[4096] = "";
    size_t len = 0;
    for (size_t i = 0; i < COUNT; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len,
                                "8 %zu %s 1 2 3 4 5 6 7 8 9 10 11\n", i, rows[i].name);
    }
    struct raw_disk disks[ROWS];
    assert_int_equal(read_disks(text, disks), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_bytes(&disks[i].name, rows[i].name);
        assert_int_equal(disks[i].kind, rows[i].kind);
    }
}

static void a_disk_is_idle_until_it_did_something(void **state)
{
    (void)state;
    static const struct {
        const char *numbers;
        bool idle;
    } rows[] = {
        {"0 0 0 0 0 0 0 0 0 0 0", true},  {"0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", true},
        {"1 0 0 0 0 0 0 0 0 0 0", false}, {"0 0 0 0 1 0 0 0 0 0 0", false},
        {"0 0 0 0 0 0 0 0 1 0 0", false}, {"0 0 0 0 0 0 0 0 0 0 0 1 0 0 0", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[128];
        struct raw_disk disk;
        (void)snprintf(text, sizeof(text), "7 0 loop0 %s\n", rows[i].numbers);
        assert_int_equal(read_disks(text, &disk), 1);
        assert_int_equal(parse_storage_disk_idle(&disk), rows[i].idle);
    }
}

/* P84: escapes, tags or none, an empty source, read-only by either kind of option. */
static void every_field_of_a_mount_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *line, *source, *target, *type;
        bool readonly, is_real;
    } rows[] = {
        {"36 35 98:7 / / rw,noatime - ext4 /dev/root rw", "/dev/root", "/", "ext4", false, true},
        {"36 35 98:7 / /mnt rw shared:1 master:2 propagate_from:3 - xfs /dev/vda1 rw,ro1",
         "/dev/vda1", "/mnt", "xfs", false, true},
        {"36 35 98:7 /sub\\040dir /a\\040b\\011c\\0127\\134e rw - ext4 /dev/x\\043y rw", "/dev/x#y",
         "/a b\tc\n7\\e", "ext4", false, true},
        {"36 35 98:7 / /mnt ro,nosuid - ext4 /dev/sda rw", "/dev/sda", "/mnt", "ext4", true, true},
        {"36 35 98:7 / /mnt rw - iso9660 /dev/sr0 ro,x", "/dev/sr0", "/mnt", "iso9660", true, true},
        {"36 35 98:7 / /mnt rw - tmpfs  ro,size=4k", "", "/mnt", "tmpfs", true, true},
        {"36 35 98:7 / /mnt rw - tmpfs ", "", "/mnt", "tmpfs", false, true},
        {"36 35 98:7 / /mnt rw - nfs4 server:/export/- rw", "server:/export/-", "/mnt", "nfs4",
         false, true},
        {"36 35 98:7 / /mnt rw - fuse.sshfs me@host: rw", "me@host:", "/mnt", "fuse.sshfs", false,
         true},
        {"36 35 98:7 / / rw - zfs rpool/ROOT rw", "rpool/ROOT", "/", "zfs", false, true},
        {"36 35 98:7 / / rw - overlay overlay rw,lowerdir=/a", "overlay", "/", "overlay", false,
         true},
        {"36 35 98:7 / /proc rw - proc proc rw", "proc", "/proc", "proc", false, false},
        {"36 35 98:7 / /x rw - autofs systemd-1 rw", "systemd-1", "/x", "autofs", false, false},
        {"36 35 98:7 / /x rw - cgroup2 none rw", "none", "/x", "cgroup2", false, false},
        {"36 35 98:7 net:[4026531840] /run/netns/x rw - nsfs nsfs rw", "nsfs", "/run/netns/x",
         "nsfs", false, false},
        {"36 35 98:7 / /\\9\\04\\400 rw - ext4 /dev/\\ rw", "/dev/\\", "/\\9\\04\\400", "ext4",
         false, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char buf[4096];
        struct parse_mount row;
        assert_int_equal(read_mounts(rows[i].line, buf, &row), 1);
        assert_int_equal(row.mount.id, 36);
        assert_int_equal(row.parent, 35);
        assert_int_equal(row.mount.major, 98);
        assert_int_equal(row.mount.minor, 7);
        assert_bytes(&row.mount.source, rows[i].source);
        assert_bytes(&row.mount.target, rows[i].target);
        assert_bytes(&row.mount.type, rows[i].type);
        assert_int_equal(row.mount.readonly, rows[i].readonly);
        assert_int_equal(row.mount.is_real, rows[i].is_real);
    }
}

static void a_mount_line_that_makes_no_sense_spoils_no_other(void **state)
{
    (void)state;
    static const char text[] = "\n"
                               "36\n"
                               "36 35 98:0 / /mnt rw master:1\n"
                               "36 35 98:0 / /mnt rw -\n"
                               "36 35 98:0 / /mnt rw - ext4\n"
                               "36 35 98 / /mnt rw - ext4 /dev/sda rw\n"
                               "36 35 98:0x / /mnt rw - ext4 /dev/sda rw\n"
                               "36 35 98:99999999999 / /mnt rw - ext4 /dev/sda rw\n"
                               "x 35 98:0 / /mnt rw - ext4 /dev/sda rw\n"
                               "37 35 98:1 / /ok rw - ext4 /dev/sda rw";
    char buf[4096];
    struct parse_mount row;
    assert_int_equal(read_mounts(text, buf, &row), 1);
    assert_int_equal(row.mount.id, 37);
}

static void the_same_space_is_shown_once(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *shown; // ids
    } rows[] = {
        // a bind mount, of a directory or a file
        {"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:1 /etc/hosts /etc/h rw - ext4 /dev/sda1 rw\n",
         "1 "},
        // in a container all are such; the shortest stays, or of those as short the first
        {"1 0 8:1 /a /etc/resolv.conf rw - ext4 /dev/sda1 rw\n"
         "2 0 8:1 /b /etc/hosts rw - ext4 /dev/sda1 rw\n"
         "3 0 8:1 /c /etc/hostx rw - ext4 /dev/sda1 rw\n",
         "2 "},
        // one file system on top of another hides it
        {"1 0 0:5 / /dev/shm rw - tmpfs a rw\n2 1 0:6 / /dev/shm rw - tmpfs b rw\n", "2 "},
        // so another way to it is the one that is left
        {"1 0 0:5 / /m rw - tmpfs a rw\n2 0 0:5 / /m-too rw - tmpfs a rw\n"
         "3 1 0:6 / /m rw - tmpfs b rw\n",
         "2 3 "},
        // each tmpfs has a device number of its own
        {"1 0 0:5 / /run rw - tmpfs tmpfs rw\n2 1 0:6 / /tmp rw - tmpfs tmpfs rw\n", "1 2 "},
        // two exports of one server may share theirs
        {"1 0 0:5 / /a rw - nfs4 s:/a rw\n2 1 0:5 / /b rw - nfs4 s:/b rw\n"
         "3 1 0:5 / /bb rw - nfs4 s:/b rw\n",
         "1 2 "},
        {"1 0 0:5 / /a rw - cifs //s/a rw\n2 1 0:5 / /b rw - cifs //s/b rw\n", "1 2 "},
        // a mount that is its own parent, as the first one is
        {"1 1 0:5 / / rw - ext4 /dev/root rw\n", "1 "},
        {"1 9 0:5 / / rw - proc proc rw\n", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char buf[4096];
        struct parse_mount mounts[ROWS];
        struct parse_mount *order[ROWS];
        char shown[64] = "";
        size_t len = 0;
        const size_t count = read_mounts(rows[i].text, buf, mounts);
        parse_storage_select(mounts, count, order);
        for (size_t m = 0; m < count; m++) {
            if (mounts[m].mount.is_real) {
                len += (size_t)snprintf(shown + len, sizeof(shown) - len, "%u ",
                                        (unsigned)mounts[m].mount.id);
            }
        }
        assert_string_equal(shown, rows[i].shown);
    }
}

static void the_mount_of_a_descriptor_is_found(void **state)
{
    (void)state;
    static const char good[] = "pos:\t0\nflags:\t012100000\nmnt_id:\t29\nino:\t1\n";
    static const char bad[] = "pos:\t0\nflags:\t012100000\nmnt_id:\tx\n";
    uint64_t id = 1;
    assert_false(parse_storage_mount_id(bad, strlen(bad), &id));
    assert_false(parse_storage_mount_id("pos:\t0\n", 7, &id));
    assert_int_equal(id, 1);
    assert_true(parse_storage_mount_id(good, strlen(good), &id));
    assert_int_equal(id, 29);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_columns_is_read),
        cmocka_unit_test(a_disk_line_that_makes_no_sense_spoils_no_other),
        cmocka_unit_test(the_kind_of_a_disk_is_told_by_its_name),
        cmocka_unit_test(a_disk_is_idle_until_it_did_something),
        cmocka_unit_test(every_field_of_a_mount_is_read),
        cmocka_unit_test(a_mount_line_that_makes_no_sense_spoils_no_other),
        cmocka_unit_test(the_same_space_is_shown_once),
        cmocka_unit_test(the_mount_of_a_descriptor_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
