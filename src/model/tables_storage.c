#include "model/storage.h"
#include "model/tables.h"
#include "model/value.h"

/* What is said of block devices and file systems: one accessor for each column. */

static const double nearly_full = 0.9;
static const double nearly_always = 0.9;
static const double long_ns = 50e6; // for one request, with its time in the queue: people notice

static const char *const disk_kinds[] = {
    [DISK_WHOLE] = "disk", [DISK_PARTITION] = "part", [DISK_MAPPED] = "mapped",
    [DISK_RAID] = "raid",  [DISK_LOOP] = "loop",
};

static const void *disks(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->storage == NULL ? 0 : snap->storage->disk_count;
    return snap->storage == NULL ? NULL : snap->storage->disks;
}

static struct row_key disk_key(const void *row)
{
    const struct disk_load *d = row;
    /* Among equals whole disks come first and loop devices last, as the kinds are numbered. */
    return (struct row_key){.a = (uint64_t)d->kind << 32 | d->major, .b = d->minor};
}

/* What there is to say of a disk, the worst first. */
enum disk_state { DISK_STUCK, DISK_SLOW, DISK_BUSY, DISK_OK, DISK_IDLE };

static enum disk_state disk_state(const struct disk_load *d)
{
    const bool busy = d->utilisation >= nearly_always;
    const bool completes = d->read_latency_ns >= 0 || d->write_latency_ns >= 0;
    if (busy && d->in_flight > 0 && !completes) {
        return DISK_STUCK;
    }
    if (d->read_latency_ns >= long_ns || d->write_latency_ns >= long_ns) {
        return DISK_SLOW;
    }
    if (busy) {
        return DISK_BUSY;
    }
    return completes || d->utilisation > 0 ? DISK_OK : DISK_IDLE;
}

static bool disk_is_trouble(const void *row)
{
    const struct disk_load *d = row;
    return d->has_rate && disk_state(d) <= DISK_BUSY;
}

static struct value get_disk_state(const struct snapshot *snap, const void *row)
{
    static const char *const names[] = {
        [DISK_STUCK] = "stuck", [DISK_SLOW] = "slow", [DISK_BUSY] = "busy",
        [DISK_OK] = "ok",       [DISK_IDLE] = "idle",
    };
    const struct disk_load *d = row;
    (void)snap;
    return d->has_rate ? table_literal(names[disk_state(d)]) : value_absent(ABSENT_NO_INTERVAL);
}

static struct value get_disk_name(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_text(d->name, ABSENT_UNSUPPORTED);
}

static struct value get_disk_kind(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_literal(disk_kinds[d->kind]);
}

static struct value get_read_rate(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_rate(VALUE_BYTE_RATE, d->read_bytes_per_s, d->has_rate);
}

static struct value get_write_rate(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_rate(VALUE_BYTE_RATE, d->write_bytes_per_s, d->has_rate);
}

static struct value get_read_op_rate(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_rate(VALUE_COUNT_RATE, d->reads_per_s, d->has_rate);
}

static struct value get_write_op_rate(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_rate(VALUE_COUNT_RATE, d->writes_per_s, d->has_rate);
}

/* A mean over no requests is none. */
static struct value latency(const struct disk_load *d, double ns)
{
    if (!d->has_rate || ns < 0) {
        return value_absent(d->has_rate ? ABSENT_NOT_APPLICABLE : ABSENT_NO_INTERVAL);
    }
    return (struct value){.kind = VALUE_LATENCY, .as.ns = ns < 1e18 ? (uint64_t)ns : 0};
}

static struct value get_read_latency(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return latency(d, d->read_latency_ns);
}

static struct value get_write_latency(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return latency(d, d->write_latency_ns);
}

static struct value get_queue(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_rate(VALUE_COUNT_RATE, d->queue, d->has_rate);
}

static struct value get_disk_utilisation(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_rate(VALUE_FRACTION, d->utilisation, d->has_rate);
}

static struct value get_in_flight(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_count(d->in_flight);
}

static struct value get_disk_size(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_bytes(d->size_bytes);
}

static struct value get_read(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_bytes(d->read_bytes);
}

static struct value get_written(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_bytes(d->write_bytes);
}

static struct value get_disk_major(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_number(d->major);
}

static struct value get_disk_minor(const struct snapshot *snap, const void *row)
{
    const struct disk_load *d = row;
    (void)snap;
    return table_number(d->minor);
}

/* clang-format off */
static const struct table_column disk_columns[] = {
    {"name", "NAME", "Name of the device", "/proc/diskstats",
        VALUE_TEXT, 12, false, false, false, get_disk_name},
    {"kind", "KIND", "A whole disk, or what sits on one: a partition, mapped, raid or loop device",
        "/sys/block", VALUE_TEXT, 6, false, false, false, get_disk_kind},
    {"state", "STATE", "How it is: stuck (nothing completes), slow (50 ms and more for a request), "
        "busy (90% and more of the time), ok or idle",
        "/proc/diskstats", VALUE_TEXT, 5, false, false, false, get_disk_state},
    {"utilisation", "USE%", "Share of the time with any request under way", "/proc/diskstats",
        VALUE_FRACTION, 5, false, true, false, get_disk_utilisation},
    {"graph", "LAST 2 MIN", "How busy it was during the last two minutes; of disks, mapped and raid "
        "devices once they were used; on the screen only", "perch's own history",
        VALUE_NONE, 12, true, false, false, get_disk_name},
    {"read_rate", "READ/s", "Bytes read a second", "/proc/diskstats",
        VALUE_BYTE_RATE, 6, false, true, false, get_read_rate},
    {"write_rate", "WRITE/s", "Bytes written a second", "/proc/diskstats",
        VALUE_BYTE_RATE, 7, false, true, false, get_write_rate},
    {"read_latency", "RDLAT", "Time a read request took, the mean of those completed",
        "/proc/diskstats", VALUE_LATENCY, 6, false, true, false, get_read_latency},
    {"write_latency", "WRLAT", "Time a write request took, the mean of those completed",
        "/proc/diskstats", VALUE_LATENCY, 6, false, true, false, get_write_latency},
    {"queue", "QUEUE", "Requests waiting or under way, the mean", "/proc/diskstats",
        VALUE_COUNT_RATE, 6, false, true, false, get_queue},
    {"read_op_rate", "RD/s", "Read requests completed a second", "/proc/diskstats",
        VALUE_COUNT_RATE, 6, false, true, false, get_read_op_rate},
    {"write_op_rate", "WR/s", "Write requests completed a second", "/proc/diskstats",
        VALUE_COUNT_RATE, 6, false, true, false, get_write_op_rate},
    {"in_flight", "NOW", "Requests under way now", "/proc/diskstats",
        VALUE_COUNT, 4, false, true, false, get_in_flight},
    {"size", "SIZE", "Size of the device", "/sys/block/*/size",
        VALUE_BYTES, 6, false, true, false, get_disk_size},
    {"read", "READ", "Bytes read since the machine started", "/proc/diskstats",
        VALUE_BYTES, 6, false, true, false, get_read},
    {"written", "WRITTEN", "Bytes written since the machine started", "/proc/diskstats",
        VALUE_BYTES, 7, false, true, false, get_written},
    {"major", "MAJOR", "Major number of the device", "/proc/diskstats",
        VALUE_ID, 5, false, false, true, get_disk_major},
    {"minor", "MINOR", "Minor number of the device", "/proc/diskstats",
        VALUE_ID, 7, false, false, true, get_disk_minor},
};
/* clang-format on */

enum { DISK_COLUMNS = sizeof(disk_columns) / sizeof(disk_columns[0]) };

const struct table table_disks = {
    .name = "disks",
    .title = "Disks",
    .short_title = "Disks",
    .help = "Block devices, how busy they are and how long they take",
    .parts = PART_DISKS,
    .further_parts = PART_DETAIL, // sizes
    .columns = disk_columns,
    .column_count = DISK_COLUMNS,
    .sort = 3, // utilisation
    .row_bytes = sizeof(struct disk_load),
    .rows = disks,
    .key = disk_key,
    .graph = HISTORY_DISK,
    .alarming = disk_is_trouble,
    .companion = &table_io,
};

/* --- file systems ------------------------------------------------------------------------- */

static const void *mounts(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->storage == NULL ? 0 : snap->storage->mount_count;
    return snap->storage == NULL ? NULL : snap->storage->mounts;
}

static struct row_key mount_key(const void *row)
{
    const struct mount_load *m = row;
    return (struct row_key){.b = m->id};
}

/* A full disc that can only be read was made full, and stays so. */
static bool is_nearly_full(const struct mount_load *m)
{
    return m->state == MOUNT_KNOWN && !m->readonly && m->used_fraction >= nearly_full;
}

/* Without a free inode nothing can be created, however many bytes are left. */
static bool has_few_inodes(const struct mount_load *m)
{
    return m->state == MOUNT_KNOWN && !m->readonly && m->inodes > 0 &&
           (double)m->inodes_used >= nearly_full * (double)m->inodes;
}

static bool mount_is_trouble(const void *row)
{
    const struct mount_load *m = row;
    return m->state == MOUNT_NOT_ANSWERING || is_nearly_full(m) || has_few_inodes(m);
}

/* Why a file system's figures are not there. */
static struct value no_space(const struct mount_load *m)
{
    switch (m->state) {
    case MOUNT_NOT_READ:
        return value_absent(ABSENT_NOT_READ);
    case MOUNT_NOT_ANSWERING:
        return value_absent(ABSENT_BLOCKED);
    case MOUNT_DENIED:
        return value_absent(ABSENT_DENIED);
    case MOUNT_FAILED:
        return value_absent(ABSENT_UNSUPPORTED);
    case MOUNT_KNOWN:
        break;
    }
    return value_absent(ABSENT_NOT_APPLICABLE);
}

static struct value get_target(const struct snapshot *snap, const void *row)
{
    const struct mount_load *m = row;
    (void)snap;
    return table_text(m->target, ABSENT_UNSUPPORTED);
}

static struct value get_source(const struct snapshot *snap, const void *row)
{
    const struct mount_load *m = row;
    (void)snap;
    return table_text(m->source, ABSENT_NOT_APPLICABLE);
}

static struct value get_type(const struct snapshot *snap, const void *row)
{
    const struct mount_load *m = row;
    (void)snap;
    return table_text(m->type, ABSENT_UNSUPPORTED);
}

static struct value get_mount_state(const struct snapshot *snap, const void *row)
{
    static const char *const names[] = {
        [MOUNT_NOT_READ] = "being asked",
        [MOUNT_KNOWN] = "ok",
        [MOUNT_NOT_ANSWERING] = "not answering",
        [MOUNT_DENIED] = "denied",
        [MOUNT_FAILED] = "failed",
    };
    const struct mount_load *m = row;
    (void)snap;
    if (m->state == MOUNT_KNOWN && m->readonly) {
        return table_literal("read-only");
    }
    if (is_nearly_full(m)) {
        return table_literal(m->available_bytes == 0 ? "full" : "nearly full");
    }
    return table_literal(has_few_inodes(m) ? "few inodes" : names[m->state]);
}

static struct value get_total(const struct snapshot *snap, const void *row)
{
    const struct mount_load *m = row;
    (void)snap;
    return m->state == MOUNT_KNOWN ? table_bytes(m->total_bytes) : no_space(m);
}

static struct value get_used(const struct snapshot *snap, const void *row)
{
    const struct mount_load *m = row;
    (void)snap;
    return m->state == MOUNT_KNOWN ? table_bytes(m->used_bytes) : no_space(m);
}

static struct value get_available(const struct snapshot *snap, const void *row)
{
    const struct mount_load *m = row;
    (void)snap;
    return m->state == MOUNT_KNOWN ? table_bytes(m->available_bytes) : no_space(m);
}

static struct value get_used_fraction(const struct snapshot *snap, const void *row)
{
    const struct mount_load *m = row;
    (void)snap;
    return m->state == MOUNT_KNOWN && m->used_fraction >= 0
               ? table_rate(VALUE_FRACTION, m->used_fraction, true)
               : no_space(m);
}

static bool has_inodes(const struct mount_load *m)
{
    return m->state == MOUNT_KNOWN && m->inodes > 0;
}

static struct value get_inodes(const struct snapshot *snap, const void *row)
{
    const struct mount_load *m = row;
    (void)snap;
    return has_inodes(m) ? table_count(m->inodes) : no_space(m);
}

static struct value get_inodes_used(const struct snapshot *snap, const void *row)
{
    const struct mount_load *m = row;
    (void)snap;
    return has_inodes(m) ? table_count(m->inodes_used) : no_space(m);
}

static struct value get_inode_fraction(const struct snapshot *snap, const void *row)
{
    const struct mount_load *m = row;
    (void)snap;
    return has_inodes(m)
               ? table_rate(VALUE_FRACTION, (double)m->inodes_used / (double)m->inodes, true)
               : no_space(m);
}

static struct value get_mount_major(const struct snapshot *snap, const void *row)
{
    const struct mount_load *m = row;
    (void)snap;
    return table_number(m->major);
}

static struct value get_mount_minor(const struct snapshot *snap, const void *row)
{
    const struct mount_load *m = row;
    (void)snap;
    return table_number(m->minor);
}

/* The fuller the higher, and above all what does not answer. */
static uint64_t mount_order(const void *row)
{
    const struct value value = get_used_fraction(NULL, row);
    if (((const struct mount_load *)row)->state == MOUNT_NOT_ANSWERING) {
        return UINT64_MAX;
    }
    return value.kind == VALUE_NONE ? 0 : value_sort_key(&value);
}

/* clang-format off */
static const struct table_column mount_columns[] = {
    {"target", "MOUNTED ON", "Where it is mounted", "/proc/self/mountinfo",
        VALUE_TEXT, 24, GROWS_KEEP_END, false, false, get_target},
    {"size", "SIZE", "Size of the file system", "statvfs(3)",
        VALUE_BYTES, 6, false, true, false, get_total},
    {"used", "USED", "Bytes used", "statvfs(3)",
        VALUE_BYTES, 6, false, true, false, get_used},
    {"available", "AVAIL", "Bytes left to those who are not root", "statvfs(3)",
        VALUE_BYTES, 6, false, true, false, get_available},
    {"used_share", "USE%", "Share used of what those who are not root can use", "statvfs(3)",
        VALUE_FRACTION, 5, false, true, false, get_used_fraction},
    {"state", "STATE", "Whether the file system answers, can be written to and has room for more",
        "statvfs(3)",
        VALUE_TEXT, 13, false, false, false, get_mount_state},
    {"type", "TYPE", "Type of the file system", "/proc/self/mountinfo",
        VALUE_TEXT, 8, false, false, false, get_type},
    {"inodes", "INODES", "Files there can be", "statvfs(3)",
        VALUE_COUNT, 6, false, true, false, get_inodes},
    {"inodes_used", "IUSED", "Files there are", "statvfs(3)",
        VALUE_COUNT, 6, false, true, false, get_inodes_used},
    {"inodes_share", "IUSE%", "Share of the files there can be", "statvfs(3)",
        VALUE_FRACTION, 5, false, true, false, get_inode_fraction},
    {"source", "SOURCE", "Device or server it comes from", "/proc/self/mountinfo",
        VALUE_TEXT, 20, false, false, false, get_source},
    {"major", "MAJOR", "Major number of its device", "/proc/self/mountinfo",
        VALUE_ID, 5, false, false, true, get_mount_major},
    {"minor", "MINOR", "Minor number of its device", "/proc/self/mountinfo",
        VALUE_ID, 7, false, false, true, get_mount_minor},
};
/* clang-format on */

enum { MOUNT_COLUMNS = sizeof(mount_columns) / sizeof(mount_columns[0]) };

const struct table table_mounts = {
    .name = "mounts",
    .title = "File systems",
    .short_title = "Mounts",
    .help = "Mounted file systems and how full they are",
    .parts = PART_MOUNTS,
    .columns = mount_columns,
    .column_count = MOUNT_COLUMNS,
    .sort = 4, // used_share
    .row_bytes = sizeof(struct mount_load),
    .rows = mounts,
    .key = mount_key,
    .alarming = mount_is_trouble,
    .order = mount_order,
};
