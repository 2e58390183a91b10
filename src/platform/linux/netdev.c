#include "platform/linux/netdev.h"

#include "base/arena.h"
#include "platform/linux/parse_netdev.h"
#include "platform/linux/parts.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * Network interfaces and protocol counters. Counters come from /proc/net/dev, which takes no
 * lock, at every scan. What an interface is (netdev_look.c) is told under the lock by which
 * interfaces are configured, which a driver, or whoever starts a thousand containers, may hold for
 * long. So it is kept, looked at again when the kernel tells of a change or after
 * PROCFS_REFRESH_SCANS, and that on a thread of its own: what it has not found out after a moment
 * comes with a later scan, and until then what was known holds.
 */

enum { LOOK_WAIT_MS = 200 };

/* A look under way. */
struct job {
    pthread_mutex_t lock;
    pthread_cond_t end;
    pthread_t thread;
    bool has_ended;
    bool is_abandoned; // the thread is to free it
    uint64_t scan;     // in which it began
    struct netdev_look look;
};

/* Kept between scans. */
struct netdev_cache {
    struct netdev_rows rows;
    uint64_t scan;           // in which they were looked at
    uint64_t speed_scan;     // in which all speeds were
    struct netlink *netlink; // NULL: none, or a look under way has it
    struct job *job;         // NULL: none is under way
};

/* --- looking ---------------------------------------------------------------------------------- */

static void job_free(struct job *job)
{
    netdev_rows_finish(&job->look.rows);
    netdev_rows_finish(&job->look.old);
    links_close(job->look.netlink);
    (void)pthread_cond_destroy(&job->end); // nobody waits
    (void)pthread_mutex_destroy(&job->lock);
    free(job);
}

static void *run_job(void *context)
{
    struct job *const job = context;
    netdev_look(&job->look);
    (void)pthread_mutex_lock(&job->lock);
    job->has_ended = true;
    const bool is_abandoned = job->is_abandoned;
    (void)pthread_cond_signal(&job->end);
    (void)pthread_mutex_unlock(&job->lock);
    if (is_abandoned) {
        job_free(job);
    }
    return NULL;
}

/* Errors: NULL when out of memory. */
static struct job *job_create(void)
{
    struct job *const job = calloc(1, sizeof(*job));
    pthread_condattr_t attributes;
    if (!job || pthread_condattr_init(&attributes)) {
        free(job);
        return NULL;
    }
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); // a clock that exists
    const bool is_made =
        pthread_mutex_init(&job->lock, NULL) == 0 && pthread_cond_init(&job->end, &attributes) == 0;
    (void)pthread_condattr_destroy(&attributes);
    if (!is_made) { // a lock that was not made costs nothing on any system we know
        free(job);
        return NULL;
    }
    return job;
}

/* Waits that long for it to end; it is joined then. */
static bool job_has_ended(struct job *job, long wait_ms)
{
    struct timespec end;
    (void)clock_gettime(CLOCK_MONOTONIC, &end); // likewise
    end.tv_nsec += wait_ms * 1000000;
    end.tv_sec += end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    (void)pthread_mutex_lock(&job->lock);
    bool is_late = wait_ms == 0;
    while (!job->has_ended && !is_late) {
        is_late = pthread_cond_timedwait(&job->end, &job->lock, &end) == ETIMEDOUT;
    }
    const bool has_ended = job->has_ended;
    (void)pthread_mutex_unlock(&job->lock);
    if (has_ended) {
        (void)pthread_join(job->thread, NULL); // on its way out already
    }
    return has_ended;
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

bool netdev_cache_destroy(struct netdev_cache *cache)
{
    bool is_done = true;
    if (!cache) {
        return true;
    }
    struct job *const job = cache->job;
    if (job && !job_has_ended(job, 0)) {
        (void)pthread_mutex_lock(&job->lock);
        is_done = job->has_ended;
        job->is_abandoned = !is_done;
        (void)pthread_mutex_unlock(&job->lock);
        if (is_done) {
            (void)pthread_join(job->thread, NULL);
        } else {
            (void)pthread_detach(job->thread);
        }
    }
    if (job && is_done) {
        job_free(job);
    }
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
    struct job *const job = job_create();
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
    if (cache->job && job_has_ended(cache->job, 0)) {
        adopt(cache, cache->job);
        cache->job = NULL;
    }
    if (cache->job || is_fresh(platform, cache, rows, count)) {
        return 0;
    }
    struct job *const job = prepare(platform, cache, rows, count);
    if (!job) {
        return -ENOMEM;
    }
    // Files of another tree are not a kernel's to hold back.
    if (!platform->is_live || pthread_create(&job->thread, NULL, run_job, job)) {
        netdev_look(&job->look);
        adopt(cache, job);
    } else if (job_has_ended(job, LOOK_WAIT_MS)) {
        adopt(cache, job);
    } else {
        cache->job = job;
    }
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
    sample->interfaces_pending = platform->netdev->job != NULL;
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
