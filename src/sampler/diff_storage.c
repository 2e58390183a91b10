#include "base/arena.h"
#include "sampler/cache.h"
#include "sampler/diff.h"
#include "sampler/diff_network.h"
#include "sampler/text.h"

#include <errno.h>
#include <string.h>

struct storage_diff {
    const struct raw_sample *before; // NULL: none
    const struct raw_sample *after;
    const struct cache *cache;
    struct arena *arena;
    uint64_t interval_ns; // 0: no rates
    bool full;            // the arena was too small
};

static struct text take_text(struct storage_diff *diff, struct raw_bytes bytes)
{
    const struct text text = text_from_bytes(diff->arena, bytes.ptr, bytes.len);
    diff->full |= text.bytes == 0 && bytes.len > 0;
    return text;
}

static enum disk_kind kind_of(enum raw_disk_kind kind)
{
    switch (kind) {
    case RAW_DISK_WHOLE:
        return DISK_WHOLE;
    case RAW_DISK_PARTITION:
        return DISK_PARTITION;
    case RAW_DISK_MAPPED:
        return DISK_MAPPED;
    case RAW_DISK_RAID:
        return DISK_RAID;
    case RAW_DISK_LOOP:
        return DISK_LOOP;
    }
    return DISK_WHOLE;
}

static bool is_same_disk(const struct raw_disk *a, const struct raw_disk *b)
{
    return a->major == b->major && a->minor == b->minor && a->name.len == b->name.len &&
           memcmp(a->name.ptr, b->name.ptr, a->name.len) == 0;
}

/* It nearly always is where it was. Errors: NULL. */
static const struct raw_disk *disk_before(const struct storage_diff *diff, size_t at)
{
    const struct raw_sample *before = diff->before;
    const struct raw_disk *is = &diff->after->disks[at];
    if (before == NULL || (before->parts & PART_DISKS) == 0) {
        return NULL;
    }
    if (at < before->disk_count && is_same_disk(&before->disks[at], is)) {
        return &before->disks[at];
    }
    for (size_t i = 0; i < before->disk_count; i++) {
        if (is_same_disk(&before->disks[i], is)) {
            return &before->disks[i];
        }
    }
    return NULL;
}

/* Mean time of the requests completed; negative when there were none. */
static double latency(uint64_t ns, uint64_t requests)
{
    return requests == 0 ? -1 : (double)ns / (double)requests;
}

static void fill_disk_rates(const struct storage_diff *diff, const struct raw_disk *was,
                            const struct raw_disk *is, struct disk_load *load)
{
    const double seconds = (double)diff->interval_ns / 1e9;
    const uint64_t reads = diff_counter(was->reads, is->reads);
    const uint64_t writes = diff_counter(was->writes, is->writes);
    const double ns = (double)diff->interval_ns;
    const double busy = (double)diff_counter(was->busy_ns, is->busy_ns) / ns;
    load->has_rate = true;
    load->read_bytes_per_s = (double)diff_counter(was->read_bytes, is->read_bytes) / seconds;
    load->write_bytes_per_s = (double)diff_counter(was->write_bytes, is->write_bytes) / seconds;
    load->reads_per_s = (double)reads / seconds;
    load->writes_per_s = (double)writes / seconds;
    load->read_latency_ns = latency(diff_counter(was->read_ns, is->read_ns), reads);
    load->write_latency_ns = latency(diff_counter(was->write_ns, is->write_ns), writes);
    load->queue = (double)diff_counter(was->queue_ns, is->queue_ns) / ns;
    load->utilisation = busy < 1 ? busy : 1; // the kernel's clock is no finer than its tick
}

/* Only whole disks: what is done to the others is done to those, too. */
static void add_up(const struct disk_load *disk, struct storage_load *load)
{
    if (disk->kind != DISK_WHOLE || !disk->has_rate) {
        return;
    }
    const bool first = load->read_bytes_per_s < 0;
    load->read_bytes_per_s = (first ? 0 : load->read_bytes_per_s) + disk->read_bytes_per_s;
    load->write_bytes_per_s = (first ? 0 : load->write_bytes_per_s) + disk->write_bytes_per_s;
}

static int diff_disks(struct storage_diff *diff, struct storage_load *load)
{
    const struct raw_sample *after = diff->after;
    struct disk_load *rows = arena_alloc(diff->arena, after->disk_count + 1, sizeof(*rows));
    if (rows == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < after->disk_count; i++) {
        const struct raw_disk *is = &after->disks[i];
        const struct raw_disk *was = disk_before(diff, i);
        rows[i] = (struct disk_load){
            .name = take_text(diff, is->name),
            .major = is->major,
            .minor = is->minor,
            .kind = kind_of(is->kind),
            .size_bytes = is->size_bytes,
            .read_bytes = is->read_bytes,
            .write_bytes = is->write_bytes,
            .read_latency_ns = -1,
            .write_latency_ns = -1,
            .in_flight = is->in_flight,
        };
        if (was != NULL && diff->interval_ns > 0) {
            fill_disk_rates(diff, was, is, &rows[i]);
        }
        add_up(&rows[i], load);
    }
    load->disks = rows;
    load->disk_count = after->disk_count;
    return 0;
}

static enum mount_state state_of(enum cache_state state)
{
    switch (state) {
    case CACHE_FRESH:
        return MOUNT_KNOWN;
    case CACHE_DENIED:
        return MOUNT_DENIED;
    case CACHE_NONE:
        return MOUNT_FAILED;
    case CACHE_BLOCKED:
        return MOUNT_NOT_ANSWERING;
    case CACHE_EMPTY:
    case CACHE_ASKED:
        break;
    }
    return MOUNT_NOT_READ;
}

static void fill_space(const struct raw_space *space, struct mount_load *load)
{
    load->total_bytes = space->total_bytes;
    load->used_bytes = diff_counter(space->free_bytes, space->total_bytes);
    load->available_bytes = space->available_bytes;
    load->inodes = space->inodes;
    load->inodes_used = diff_counter(space->inodes_free, space->inodes);
    const double usable = (double)load->used_bytes + (double)load->available_bytes;
    load->used_fraction =
        space->total_bytes > 0 && usable > 0 ? (double)load->used_bytes / usable : -1;
}

static int diff_mounts(struct storage_diff *diff, struct storage_load *load)
{
    const struct raw_sample *after = diff->after;
    struct mount_load *rows = arena_alloc(diff->arena, after->mount_count + 1, sizeof(*rows));
    if (rows == NULL) {
        return -ENOMEM;
    }
    size_t count = 0;
    for (size_t i = 0; i < after->mount_count; i++) {
        const struct raw_mount *raw = &after->mounts[i];
        if (!raw->is_real) {
            continue;
        }
        const struct cache_mount *known = cache_find_mount(diff->cache, raw->id);
        rows[count] = (struct mount_load){
            .id = raw->id,
            .major = raw->major,
            .minor = raw->minor,
            .source = take_text(diff, raw->source),
            .target = take_text(diff, raw->target),
            .type = take_text(diff, raw->type),
            .readonly = raw->readonly,
            .state = known == NULL ? MOUNT_NOT_READ : state_of(known->state),
            .used_fraction = -1,
        };
        if (rows[count].state == MOUNT_KNOWN) {
            fill_space(&known->space, &rows[count]);
        }
        count++;
    }
    load->mounts = rows;
    load->mount_count = count;
    return 0;
}

int diff_storage(const struct raw_sample *before, const struct raw_sample *after,
                 const struct cache *cache, uint64_t interval_ns, struct arena *arena,
                 const struct storage_load **ret)
{
    const unsigned parts = after->parts & (PART_DISKS | PART_MOUNTS);
    if (parts == 0) {
        *ret = NULL;
        return 0;
    }
    struct storage_load *load = arena_alloc(arena, 1, sizeof(*load));
    if (load == NULL) {
        return -ENOMEM;
    }
    *load = (struct storage_load){.parts = parts, .read_bytes_per_s = -1, .write_bytes_per_s = -1};
    struct storage_diff diff = {
        .before = before,
        .after = after,
        .cache = cache,
        .arena = arena,
        .interval_ns = interval_ns,
    };
    int error = (parts & PART_DISKS) != 0 ? diff_disks(&diff, load) : 0;
    if (error == 0 && (parts & PART_MOUNTS) != 0) {
        error = diff_mounts(&diff, load);
    }
    if (error < 0 || diff.full) {
        return -ENOMEM;
    }
    *ret = load;
    return 0;
}
