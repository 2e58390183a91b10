#include "platform/linux/parse_storage.h"

#include "platform/linux/span.h"

#include <stdlib.h>

enum {
    SECTOR_BYTES = 512, // in these files, whatever the device's own
    NS_PER_MS = 1000000,
    DISK_NUMBERS = 15,      // behind the name, up to discards
    DISK_NUMBERS_LEAST = 11 // before Linux 4.18
};

static uint64_t multiply(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX - 1 : product; // not FIGURE_ABSENT
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool all_digits(const char *ptr, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(ptr[i])) {
            return false;
        }
    }
    return len > 0;
}

/* "sda1" of "sda"; "nvme0n1p2" of "nvme0n1", where a digit would run into another. */
static bool is_partition_of(const struct raw_bytes *name, const struct raw_bytes *whole)
{
    if (whole->len == 0 || name->len <= whole->len ||
        memcmp(name->ptr, whole->ptr, whole->len) != 0) {
        return false;
    }
    size_t at = whole->len;
    if (is_digit(whole->ptr[at - 1])) {
        if (name->ptr[at] != 'p') {
            return false;
        }
        at++;
    }
    return all_digits(name->ptr + at, name->len - at);
}

/*
 * Devices that sit on others have names of their own. Those that are memory (zram, ram) or a
 * copy elsewhere of what is written here (drbd, bcache) count as mapped: what goes through them
 * is no traffic of a disk, or that of one that has been counted.
 */
static enum raw_disk_kind kind_by_name(const struct raw_bytes *name)
{
    static const struct {
        const char *prefix;
        enum raw_disk_kind kind;
    } rows[] = {
        {"dm-", RAW_DISK_MAPPED},  {"md", RAW_DISK_RAID},       {"loop", RAW_DISK_LOOP},
        {"zram", RAW_DISK_MAPPED}, {"ram", RAW_DISK_MAPPED},    {"drbd", RAW_DISK_MAPPED},
        {"md_d", RAW_DISK_RAID},   {"bcache", RAW_DISK_MAPPED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const size_t len = strlen(rows[i].prefix);
        if (name->len > len && memcmp(name->ptr, rows[i].prefix, len) == 0 &&
            is_digit(name->ptr[len])) {
            return rows[i].kind;
        }
    }
    return RAW_DISK_WHOLE;
}

/* Old kernels give 11 numbers, discards make 15, flushes 17; Linux 2.6's partitions had four. */
static bool take_disk(struct span line, struct raw_disk *ret)
{
    uint64_t major;
    uint64_t minor;
    struct span name;
    if (!span_take_number(&line, &major) || !span_take_number(&line, &minor) ||
        major > UINT32_MAX || minor > UINT32_MAX || !span_take_word(&line, &name)) {
        return false;
    }
    uint64_t n[DISK_NUMBERS] = {0};
    size_t count = 0;
    while (count < DISK_NUMBERS && span_take_number(&line, &n[count])) {
        count++;
    }
    if (count < DISK_NUMBERS_LEAST) {
        return false;
    }
    const bool discards = count == DISK_NUMBERS;
    *ret = (struct raw_disk){
        .name = span_bytes(&name),
        .major = (uint32_t)major,
        .minor = (uint32_t)minor,
        .reads = n[0],
        .read_bytes = multiply(n[2], SECTOR_BYTES),
        .read_ns = multiply(n[3], NS_PER_MS),
        .writes = n[4],
        .write_bytes = multiply(n[6], SECTOR_BYTES),
        .write_ns = multiply(n[7], NS_PER_MS),
        .in_flight = n[8],
        .busy_ns = multiply(n[9], NS_PER_MS),
        .queue_ns = multiply(n[10], NS_PER_MS),
        .discards = discards ? n[11] : FIGURE_ABSENT,
        .discard_bytes = discards ? multiply(n[13], SECTOR_BYTES) : FIGURE_ABSENT,
        .discard_ns = discards ? multiply(n[14], NS_PER_MS) : FIGURE_ABSENT,
        .size_bytes = FIGURE_ABSENT,
    };
    return true;
}

size_t parse_storage_disks(const char *buf, size_t len, struct raw_disk *ret, size_t capacity)
{
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    struct raw_bytes whole = {0};
    size_t count = 0;
    while (span_take_line(&text, &line)) {
        struct raw_disk row;
        if (!take_disk(line, &row)) {
            continue;
        }
        // A disk's partitions follow it.
        if (is_partition_of(&row.name, &whole)) {
            row.kind = RAW_DISK_PARTITION;
        } else {
            row.kind = kind_by_name(&row.name);
            whole = row.name;
        }
        if (count < capacity) {
            ret[count] = row;
        }
        count++;
    }
    return count;
}

bool parse_storage_disk_idle(const struct raw_disk *disk)
{
    return disk->reads == 0 && disk->writes == 0 && disk->in_flight == 0 &&
           (disk->discards == 0 || disk->discards == FIGURE_ABSENT);
}

/*
 * File systems without data of their own. As df does, what it does not list is shown: tmpfs and
 * devtmpfs too, because they can be full, and overlay, which is the root of a container. autofs
 * must not even be asked: that would mount what it stands for.
 */
static bool holds_no_data(const struct span *type)
{
    static const char *const types[] = {
        "autofs",     "bdev",       "binder",     "binfmt_misc", "bpf",     "cgroup",
        "cgroup2",    "configfs",   "cpuset",     "debugfs",     "devfs",   "devpts",
        "efivarfs",   "functionfs", "fuse.lxcfs", "fuse.portal", "fusectl", "hugetlbfs",
        "ignore",     "kernfs",     "mqueue",     "nfsd",        "nsfs",    "nullfs",
        "pipefs",     "proc",       "pstore",     "ramfs",       "resctrl", "rootfs",
        "rpc_pipefs", "securityfs", "selinuxfs",  "smackfs",     "sockfs",  "spufs",
        "subfs",      "sysfs",      "tracefs",    "usbfs",       "xenfs",
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (span_is(type, types[i])) {
            return true;
        }
    }
    return false;
}

/* "rw,noatime": has it this word? */
static bool has_option(struct span options, const char *word)
{
    while (options.at < options.end) {
        const char *const comma = memchr(options.at, ',', span_len(&options));
        const struct span option = {.at = options.at, .end = comma ? comma : options.end};
        if (span_is(&option, word)) {
            return true;
        }
        options.at = comma ? comma + 1 : options.end;
    }
    return false;
}

/* "98:0" */
static bool take_device(struct span word, uint32_t *ret_major, uint32_t *ret_minor)
{
    uint64_t major;
    uint64_t minor;
    if (!span_take_number(&word, &major) || !span_take_prefix(&word, ":") ||
        !span_take_number(&word, &minor) || word.at != word.end || major > UINT32_MAX ||
        minor > UINT32_MAX) {
        return false;
    }
    *ret_major = (uint32_t)major;
    *ret_minor = (uint32_t)minor;
    return true;
}

/* " - type source options"; the source may be empty, then two blanks follow each other. */
static bool take_tail(struct span *line, struct raw_mount *ret)
{
    struct span word;
    struct span type;
    do {
        if (!span_take_word(line, &word)) {
            return false;
        }
    } while (!span_is(&word, "-"));
    if (!span_take_word(line, &type) || !span_take_prefix(line, " ")) {
        return false;
    }
    struct span source = {.at = line->at};
    while (line->at < line->end && *line->at != ' ') {
        line->at++;
    }
    source.end = line->at;
    span_skip_blanks(line);
    ret->type = span_bytes(&type);
    ret->source = span_bytes(&source);
    ret->is_real = !holds_no_data(&type);
    ret->readonly |= has_option(*line, "ro");
    return true;
}

/* id parent device root target options [tags...] - type source super-options */
static bool take_mount(struct span line, struct parse_mount *ret)
{
    struct raw_mount mount = {0};
    uint64_t parent;
    struct span device;
    struct span root;
    struct span target;
    struct span options;
    if (!span_take_number(&line, &mount.id) || !span_take_number(&line, &parent) ||
        !span_take_word(&line, &device) || !span_take_word(&line, &root) ||
        !span_take_word(&line, &target) || !span_take_word(&line, &options) ||
        !take_device(device, &mount.major, &mount.minor)) {
        return false;
    }
    mount.readonly = has_option(options, "ro");
    mount.target = span_bytes(&target);
    if (!take_tail(&line, &mount)) {
        return false;
    }
    *ret = (struct parse_mount){.mount = mount, .parent = parent};
    return true;
}

size_t parse_storage_mounts(char *buf, size_t len, struct parse_mount *ret, size_t capacity)
{
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    size_t count = 0;
    while (span_take_line(&text, &line)) {
        struct parse_mount row;
        if (!take_mount(line, &row)) {
            continue;
        }
        if (count < capacity) {
            struct raw_mount *const mount = &row.mount;
            mount->source = span_unescape(buf, mount->source);
            mount->target = span_unescape(buf, mount->target);
            mount->type = span_unescape(buf, mount->type);
            ret[count] = row;
        }
        count++;
    }
    return count;
}

static bool same_bytes(const struct raw_bytes *a, const struct raw_bytes *b)
{
    return a->len == b->len && memcmp(a->ptr, b->ptr, a->len) == 0;
}

static int compare_bytes(const struct raw_bytes *a, const struct raw_bytes *b)
{
    const int order = memcmp(a->ptr, b->ptr, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static int compare_ids(const void *a, const void *b)
{
    const struct parse_mount *const x = *(struct parse_mount *const *)a;
    const struct parse_mount *const y = *(struct parse_mount *const *)b;
    return (x->mount.id > y->mount.id) - (x->mount.id < y->mount.id);
}

/* "server:/path" and "//server/share": exports of one server's disk may share a device number. */
static bool is_remote(const struct raw_mount *mount)
{
    const struct raw_bytes *const source = &mount->source;
    return (source->len > 2 && memcmp(source->ptr, "//", 2) == 0) ||
           (source->len > 0 && *source->ptr != '/' && memchr(source->ptr, ':', source->len));
}

/* What shows the same space comes together: 0. */
static int compare_space(const struct raw_mount *a, const struct raw_mount *b)
{
    if (a->major != b->major) {
        return a->major < b->major ? -1 : 1;
    }
    if (a->minor != b->minor) {
        return a->minor < b->minor ? -1 : 1;
    }
    return is_remote(a) && is_remote(b) ? compare_bytes(&a->source, &b->source)
                                        : (int)is_remote(a) - (int)is_remote(b);
}

/* By space; within one first the real ones, then the shortest target, then the oldest line. */
static int compare_choice(const void *a, const void *b)
{
    const struct parse_mount *const x = *(struct parse_mount *const *)a;
    const struct parse_mount *const y = *(struct parse_mount *const *)b;
    const int space = compare_space(&x->mount, &y->mount);
    if (space != 0) {
        return space;
    }
    if (x->mount.is_real != y->mount.is_real) {
        return x->mount.is_real ? -1 : 1;
    }
    if (x->mount.target.len != y->mount.target.len) {
        return x->mount.target.len < y->mount.target.len ? -1 : 1;
    }
    return (x > y) - (x < y);
}

/* `order` is by id. */
static struct parse_mount *find_mount(struct parse_mount *const *order, size_t count, uint64_t id)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (order[middle]->mount.id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && order[low]->mount.id == id ? order[low] : NULL;
}

void parse_storage_select(struct parse_mount *mounts, size_t count, struct parse_mount **order)
{
    for (size_t i = 0; i < count; i++) {
        order[i] = &mounts[i];
    }
    qsort(order, count, sizeof(struct parse_mount *), compare_ids);
    for (size_t i = 0; i < count; i++) {
        struct parse_mount *const below = find_mount(order, count, mounts[i].parent);
        // What is mounted on a mount's own root hides all of it.
        if (below && below != &mounts[i] &&
            same_bytes(&below->mount.target, &mounts[i].mount.target)) {
            below->mount.is_real = false;
        }
    }
    qsort(order, count, sizeof(struct parse_mount *), compare_choice);
    for (size_t i = 1; i < count; i++) {
        if (compare_space(&order[i - 1]->mount, &order[i]->mount) == 0) {
            order[i]->mount.is_real = false;
        }
    }
}

bool parse_storage_mount_id(const char *buf, size_t len, uint64_t *ret)
{
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    while (span_take_line(&text, &line)) {
        if (span_take_prefix(&line, "mnt_id:")) {
            return span_take_number(&line, ret);
        }
    }
    return false;
}
