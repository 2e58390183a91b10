#include "sampler/scan_parts.h"

#include "sampler/cache.h"
#include "sampler/names.h"
#include "sampler/prober.h"
#include "sampler/scan_ask.h"

#include <errno.h>
#include <string.h>

/* A file system that does not answer keeps a thread of the prober until it does. */
enum {
    STUCK_MAX = PROBER_THREADS - 1, // one thread stays for everything else
    STUCK_NEW_MAX = STUCK_MAX - 1,  // and one more for those that have answered before
};

void scan_parts_begin(struct scan_parts *parts, struct cache *cache,
                      const struct raw_sample *before, const struct raw_sample *after,
                      uint64_t count)
{
    if ((after->parts & PART_SOCKETS) != 0) {
        const bool is_next = before != NULL && (before->parts & PART_SOCKETS) != 0;
        (void)cache_note_sockets(cache, after, is_next); // else no ages are known
    }
    parts->mount_at = 0;
    for (size_t i = 0; i < after->mount_count; i++) {
        struct cache_mount *mount =
            after->mounts[i].is_real ? cache_mount(cache, after->mounts[i].id) : NULL;
        if (mount != NULL) {
            mount->seen_sample = count;
        }
    }
    cache_sweep_mounts(cache, count);
}

static bool may_ask(const struct cache *cache, const struct cache_mount *mount, bool host)
{
    const size_t stuck = cache_mounts_blocked(cache) + host;
    return mount->state == CACHE_BLOCKED || stuck < STUCK_NEW_MAX ||
           (mount->state == CACHE_FRESH && stuck < STUCK_MAX);
}

/* A host whose name does not come may hold a thread, too. */
static void ask_mount(struct scan_parts *parts, struct cache *cache, struct prober *prober,
                      const struct raw_sample *sample)
{
    const bool host = names_hold_thread(cache_find_names(cache), prober);
    for (; !parts->mount_pending && parts->mount_at < sample->mount_count; parts->mount_at++) {
        const struct raw_mount *raw = &sample->mounts[parts->mount_at];
        struct cache_mount *mount = raw->is_real ? cache_mount(cache, raw->id) : NULL;
        if (mount == NULL || !may_ask(cache, mount, host)) {
            continue;
        }
        const struct proc_id id = {.start_ns = raw->id};
        const int error = prober_ask(prober, PROBE_MOUNT, id, true);
        if (error == -EALREADY) {
            mount->state = CACHE_BLOCKED;
        } else if (error < 0) {
            return; // no room: at the next turn
        } else {
            mount->state = mount->state == CACHE_EMPTY ? CACHE_ASKED : mount->state;
            parts->mount_pending = true;
            parts->mount_asked = raw->id;
        }
    }
}

bool scan_parts_ask(struct scan_parts *parts, struct cache *cache, struct prober *prober,
                    const struct raw_sample *sample)
{
    if (prober == NULL) {
        return false;
    }
    ask_mount(parts, cache, prober, sample);
    const size_t taken = cache_mounts_blocked(cache) + parts->mount_pending;
    const bool asked = names_ask(cache_names(cache), prober, sample, taken, platform_now_ns());
    return asked || parts->mount_pending;
}

enum scan_news scan_parts_take(struct scan_parts *parts, struct cache *cache,
                               const struct probe_answer *answer)
{
    const uint64_t id = answer->id.start_ns;
    if (id == parts->mount_asked) {
        parts->mount_pending = false;
    }
    if (cache_find_mount(cache, id) == NULL) {
        return SCAN_NEWS_NONE; // unmounted meanwhile
    }
    struct cache_mount *mount = cache_mount(cache, id);
    const enum cache_state old = mount->state;
    if (answer->error < 0 || answer->len != sizeof(mount->space)) {
        mount->state = scan_ask_refused(answer->error);
        return mount->state != old ? SCAN_NEWS_SEEN : SCAN_NEWS_NONE;
    }
    const bool changed = memcmp(&mount->space, answer->ptr, sizeof(mount->space)) != 0;
    memcpy(&mount->space, answer->ptr, sizeof(mount->space));
    mount->state = CACHE_FRESH;
    return old != CACHE_FRESH ? SCAN_NEWS_SEEN : changed ? SCAN_NEWS_UNSEEN : SCAN_NEWS_NONE;
}

bool scan_parts_are_settled(const struct scan_parts *parts, const struct raw_sample *sample)
{
    return !parts->mount_pending && parts->mount_at >= sample->mount_count;
}
