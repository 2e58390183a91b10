#include "platform/linux/netdev.h"

#include "base/arena.h"
#include "platform/linux/errand.h"
#include "platform/linux/parse_netdev.h"
#include "platform/linux/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Network interfaces and protocol counters. Counters come from /proc/net/dev, which takes no
 * lock, at every scan. What an interface is (netdev_look.c) is told under the lock by which
 * interfaces are configured, which a driver, or whoever starts a thousand containers, may hold for
 * long. So it is kept, looked at again when the kernel tells of a change or after
 * PROCFS_REFRESH_SCANS, and that on a thread of its own: what it has not found out after a moment
 * comes with a later scan, and until then what was known holds.
 */

enum { LOOK_WAIT_MS = 200 };

/* A look at all of them. */
struct job {
    uint64_t scan; // in which it began
    struct netdev_look look;
};

/* Kept between scans. */
struct netdev_cache {
    struct netdev_rows rows;
    uint64_t scan;           // in which they were looked at
    uint64_t speed_scan;     // in which all speeds were
    struct netlink *netlink; // NULL: none, or a look under way has it
    struct errand *errand;   // a look under way; NULL: none
    struct job *job;         // that is its
};

/* --- looking ---------------------------------------------------------------------------------- */

static void job_free(void *context)
{
    struct job *const job = context;
    netdev_rows_finish(&job->look.rows);
    netdev_rows_finish(&job->look.old);
    links_close(job->look.netlink);
    free(job);
}

static void do_job(void *context)
{
    struct job *const job = context;
    netdev_look(&job->look);
}

/* Takes over what a look found out. */
static void adopt(struct netdev_cache *cache, struct job *job)
{
    netdev_rows_finish(&cache->rows);
    cache->rows = job->look.rows;
    cache->netlink = job->look.netlink;
    cache->scan = job->scan;
    cache->speed_scan = job->look.all_speeds ? job->scan : cache->speed_scan;
    job->look.rows = (struct netdev_rows){0};
    job->look.netlink = NULL;
    job_free(job);
}

/* True when no look is under way any more. */
static bool wait_for_look(struct netdev_cache *cache, long ms)
{
    if (cache->errand && errand_wait(cache->errand, ms)) {
        cache->errand = NULL;
        adopt(cache, cache->job);
    }
    return !cache->errand;
}

bool netdev_cache_destroy(struct netdev_cache *cache)
{
    if (!cache) {
        return true;
    }
    const bool is_done = !cache->errand || errand_abandon(cache->errand, job_free);
    netdev_rows_finish(&cache->rows);
    links_close(cache->netlink);
    free(cache);
    return is_done;
}

/* --- keeping it ------------------------------------------------------------------------------- */

/* Names go into paths. The kernel has none like these. */
static bool is_name(const struct raw_bytes *name)
{
    const bool is_dots =
        name->len > 0 && name->len <= 2 && *name->ptr == '.' && name->ptr[name->len - 1] == '.';
    return name->len > 0 && name->len < NETDEV_NAME_BYTES && !is_dots &&
           !memchr(name->ptr, '/', name->len) && !memchr(name->ptr, '\0', name->len);
}

static bool same_name(const struct netdev_slow *row, const struct raw_bytes *name)
{
    return !is_name(name)
               ? *row->name == '\0'
               : strlen(row->name) == name->len && memcmp(row->name, name->ptr, name->len) == 0;
}

static bool has_speeds(const struct platform *platform, const struct netdev_cache *cache)
{
    bool has = platform->scan - cache->speed_scan < PROCFS_REFRESH_SCANS;
    for (size_t i = 0; has && i < cache->rows.count; i++) {
        has = cache->rows.items[i].has_speed;
    }
    return has;
}

static bool is_fresh(const struct platform *platform, const struct netdev_cache *cache,
                     const struct raw_interface *rows, size_t count)
{
    const bool wants_speeds = (platform->parts & PART_DETAIL) != 0;
    if ((cache->netlink && links_have_changed(cache->netlink)) || !cache->rows.order ||
        cache->rows.count != count || platform->scan - cache->scan >= PROCFS_REFRESH_SCANS ||
        (wants_speeds && !has_speeds(platform, cache))) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!same_name(&cache->rows.items[i], &rows[i].name)) {
            return false;
        }
    }
    return true;
}

/* A job to look at interfaces of these names. Errors: NULL when out of memory. */
static struct job *prepare(const struct platform *platform, struct netdev_cache *cache,
                           const struct raw_interface *rows, size_t count)
{
    struct job *const job = calloc(1, sizeof(*job));
    if (!job) {
        return NULL;
    }
    struct netdev_look *const look = &job->look;
    if (netdev_rows_create(count, &look->rows) || netdev_rows_copy(&cache->rows, &look->old)) {
        job_free(job);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_name(&rows[i].name)) {
            memcpy(look->rows.items[i].name, rows[i].name.ptr, rows[i].name.len);
        }
    }
    job->scan = platform->scan;
    look->sys_fd = platform->sys_fd;
    look->is_live = platform->is_live;
    look->speeds = (platform->parts & PART_DETAIL) != 0;
    look->all_speeds = look->speeds && platform->scan - cache->speed_scan >= PROCFS_REFRESH_SCANS;
    look->netlink = cache->netlink;
    cache->netlink = NULL;
    return job;
}

static int update(struct platform *platform, const struct raw_interface *rows, size_t count)
{
    if (!platform->netdev) {
        platform->netdev = calloc(1, sizeof(*platform->netdev));
    }
    struct netdev_cache *const cache = platform->netdev;
    if (!cache) {
        return -ENOMEM;
    }
    if (!wait_for_look(cache, 0) || is_fresh(platform, cache, rows, count)) {
        return 0;
    }
    struct job *const job = prepare(platform, cache, rows, count);
    if (!job) {
        return -ENOMEM;
    }
    // Files of another tree are not a kernel's to hold back.
    if (!platform->is_live || errand_start(do_job, job, &cache->errand)) {
        do_job(job);
        adopt(cache, job);
        return 0;
    }
    cache->job = job;
    (void)wait_for_look(cache, LOOK_WAIT_MS); // else it comes with a later scan
    return 0;
}

/* --- putting it together ---------------------------------------------------------------- */

static int copy_text(struct arena *arena, const char *text, struct raw_bytes *ret)
{
    const size_t len = strlen(text);
    char *const copy = arena_alloc(arena, len + 1, 1);
    if (!copy) {
        return -ENOMEM;
    }
    memcpy(copy, text, len);
    *ret = (struct raw_bytes){.ptr = copy, .len = (uint32_t)len};
    return 0;
}

/* What is known of the interface in that row of /proc/net/dev; NULL: nothing. */
static const struct netdev_slow *find_known(const struct netdev_rows *rows, size_t at,
                                            const struct raw_bytes *name)
{
    char text[NETDEV_NAME_BYTES] = {0};
    if (at < rows->count && same_name(&rows->items[at], name)) {
        return &rows->items[at]; // as nearly always
    }
    if (is_name(name)) {
        memcpy(text, name->ptr, name->len);
    }
    return netdev_find(rows, text);
}

static int describe(const struct platform *platform, size_t at, struct arena *arena,
                    struct raw_interface *ret)
{
    const struct netdev_rows *const rows = &platform->netdev->rows;
    const struct netdev_slow *const row = find_known(rows, at, &ret->name);
    ret->speed_bits = FIGURE_ABSENT;
    ret->unknown = row == NULL;
    if (!row) {
        return 0;
    }
    ret->index = row->index;
    ret->master = row->master;
    ret->lower = row->lower;
    ret->foreign_peer = row->foreign_peer;
    ret->mtu = row->mtu;
    ret->loopback = row->loopback;
    ret->speed_bits = row->speed_bits;
    ret->up = row->up;
    ret->running = row->running;
    if (rows->has_sys && *row->name != '\0') {
        netdev_read_state(platform->sys_fd, row->name, &ret->up, &ret->running);
    }
    const int error = copy_text(arena, row->kind, &ret->kind);
    return error ? error : copy_text(arena, row->address, &ret->address);
}

static int compare_interfaces(const void *a, const void *b)
{
    const struct raw_interface *const x = a;
    const struct raw_interface *const y = b;
    if (x->index != y->index) {
        return x->index < y->index ? -1 : 1;
    }
    return (x->name.ptr > y->name.ptr) - (x->name.ptr < y->name.ptr); // as the kernel had them
}

int netdev_interfaces(struct platform *platform, struct arena *arena, struct raw_sample *sample)
{
    struct parts_text text;
    int error = parts_read(platform, "net/dev", arena, sample, &text);
    if (error || !text.ptr) {
        return error;
    }
    const size_t count = parse_netdev_interfaces(text.ptr, text.len, NULL, 0);
    struct raw_interface *const rows = arena_alloc(arena, count + 1, sizeof(*rows));
    if (!rows) {
        return -ENOMEM;
    }
    (void)parse_netdev_interfaces(text.ptr, text.len, rows, count); // the same again
    error = update(platform, rows, count);
    for (size_t i = 0; error == 0 && i < count; i++) {
        error = describe(platform, i, arena, &rows[i]);
    }
    if (error) {
        return error;
    }
    qsort(rows, count, sizeof(*rows), compare_interfaces);
    sample->interfaces = rows;
    sample->interface_count = count;
    sample->interfaces_pending = platform->netdev->errand != NULL;
    sample->parts |= PART_INTERFACES;
    return 0;
}

int netdev_protocols(struct platform *platform, struct arena *arena, struct raw_sample *sample)
{
    static const struct {
        const char *path;
        size_t (*parse)(const char *buf, size_t len, struct raw_protocol_counter *ret,
                        size_t capacity);
    } files[] = {
        {"net/snmp", parse_netdev_snmp},
        {"net/netstat", parse_netdev_snmp},
        {"net/snmp6", parse_netdev_snmp6},
    };
    enum { FILES = sizeof(files) / sizeof(*files) };
    struct parts_text texts[FILES] = {0};
    bool any = false;
    size_t total = 0;
    for (size_t i = 0; i < FILES; i++) {
        const int error = parts_read(platform, files[i].path, arena, sample, &texts[i]);
        if (error) {
            return error;
        }
        if (texts[i].ptr) {
            any = true;
            total += files[i].parse(texts[i].ptr, texts[i].len, NULL, 0);
        }
    }
    if (!any) {
        return 0;
    }
    struct raw_protocol_counter *const rows = arena_alloc(arena, total + 1, sizeof(*rows));
    if (!rows) {
        return -ENOMEM;
    }
    size_t count = 0;
    for (size_t i = 0; i < FILES; i++) {
        if (texts[i].ptr) {
            count += files[i].parse(texts[i].ptr, texts[i].len, rows + count, total - count);
        }
    }
    sample->counters = rows;
    sample->counter_count = count;
    sample->parts |= PART_PROTOCOLS;
    return 0;
}
