#include "sampler/cache.h"

#include "base/map.h"
#include "sampler/diff_network.h"
#include "sampler/names.h"
#include "sampler/text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The entries are in a hash map and, in the order they were last touched, in a list. Scans
 * touch in ascending order of identity, so the entry wanted next is nearly always the head of
 * the list (no hashing), and those not touched by a scan are what is left at the head.
 */
struct cache_slot {
    struct cache_entry entry; // first, so that an entry's address is its slot's
    struct proc_id id;
    struct cache *cache;
    struct cache_slot *prev, *next;
};

/* Since when a socket has been seen. */
struct seen_socket {
    struct socket_mark id;
    uint64_t first_ns;
    bool is_older; // it may have been there before
};

struct cache {
    struct map *slots; // of struct cache_slot
    struct map *users; // of struct cache_name
    struct map *ttys;  // likewise
    struct cache_slot *head, *tail;
    size_t text_bytes;
    uint32_t *khz;
    size_t khz_count;
    struct map *mounts; // of struct cache_mount
    struct names *names;
    struct seen_socket *seen; // of the last sample that had sockets, in its order
    size_t seen_count;
};

struct cache *cache_create(size_t limit)
{
    struct cache *cache = calloc(1, sizeof(*cache));
    if (cache == NULL) {
        return NULL;
    }
    cache->slots = map_create(limit);
    cache->users = map_create(CACHE_NAMES_MAX);
    cache->ttys = map_create(CACHE_NAMES_MAX);
    cache->mounts = map_create(CACHE_MOUNTS_MAX);
    cache->names = names_create();
    if (cache->slots == NULL || cache->users == NULL || cache->ttys == NULL ||
        cache->mounts == NULL || cache->names == NULL) {
        cache_destroy(cache);
        return NULL;
    }
    return cache;
}

static void free_text(struct text text)
{
    free((void *)(uintptr_t)text.ptr);
}

static void name_map_destroy(struct map *names)
{
    size_t cursor = 0;
    struct proc_id key;
    void *value = NULL;
    while (names != NULL && map_next(names, &cursor, &key, &value)) {
        struct cache_name *name = value;
        free_text(name->text);
        free(name);
    }
    map_destroy(names);
}

static void mounts_destroy(struct map *mounts)
{
    size_t cursor = 0;
    struct proc_id key;
    void *value = NULL;
    while (mounts != NULL && map_next(mounts, &cursor, &key, &value)) {
        free(value);
    }
    map_destroy(mounts);
}

static void slot_unlink(struct cache_slot *slot)
{
    struct cache *cache = slot->cache;
    *(slot->prev != NULL ? &slot->prev->next : &cache->head) = slot->next;
    *(slot->next != NULL ? &slot->next->prev : &cache->tail) = slot->prev;
}

static void slot_append(struct cache_slot *slot)
{
    struct cache *cache = slot->cache;
    slot->prev = cache->tail;
    slot->next = NULL;
    *(cache->tail != NULL ? &cache->tail->next : &cache->head) = slot;
    cache->tail = slot;
}

static void slot_destroy(struct cache_slot *slot)
{
    slot->cache->text_bytes -=
        slot->entry.cmdline.bytes + slot->entry.exe.bytes + slot->entry.cgroup_path.bytes;
    slot_unlink(slot);
    free_text(slot->entry.cmdline);
    free_text(slot->entry.exe);
    free_text(slot->entry.cgroup_path);
    free(slot);
}

void cache_destroy(struct cache *cache)
{
    if (cache == NULL) {
        return;
    }
    while (cache->head != NULL) {
        slot_destroy(cache->head);
    }
    map_destroy(cache->slots);
    name_map_destroy(cache->users);
    name_map_destroy(cache->ttys);
    mounts_destroy(cache->mounts);
    names_destroy(cache->names);
    free(cache->khz);
    free(cache->seen);
    free(cache);
}

static struct cache_slot *slot_create(struct cache *cache, struct proc_id id, uint64_t sample)
{
    struct cache_slot *slot = calloc(1, sizeof(*slot));
    if (slot == NULL) {
        return NULL;
    }
    void **place = map_put(cache->slots, id);
    if (place == NULL) {
        free(slot);
        return NULL;
    }
    *place = slot;
    *slot = (struct cache_slot){
        .id = id,
        .cache = cache,
        .entry = {.first_sample = sample,
                  .cmdline_fact = {.due = true},
                  .exe_fact = {.due = true},
                  .smaps_fact = {.due = true},
                  .cgroup_fact = {.due = true}},
    };
    slot_append(slot);
    return slot;
}

struct cache_entry *cache_touch(struct cache *cache, struct proc_id id, uint64_t sample)
{
    struct cache_slot *slot = cache->head;
    if (slot == NULL || !proc_id_equal(slot->id, id)) {
        slot = map_get(cache->slots, id);
    }
    if (slot == NULL) {
        slot = slot_create(cache, id, sample);
    } else if (slot != cache->tail) {
        slot_unlink(slot);
        slot_append(slot);
    }
    if (slot == NULL) {
        return NULL;
    }
    slot->entry.seen_sample = sample;
    return &slot->entry;
}

struct cache_entry *cache_find_mutable(struct cache *cache, struct proc_id id)
{
    return map_get(cache->slots, id); // the entry is the slot's first member
}

const struct cache_entry *cache_find(const struct cache *cache, struct proc_id id)
{
    return map_get(cache->slots, id);
}

void cache_keep_rates(struct cache_entry *entry, const struct proc *proc)
{
    entry->rates = (struct cache_rates){
        .known = (proc->have & FACT_RATE) != 0,
        .cpu_user = proc->cpu.user,
        .cpu_system = proc->cpu.system,
        .minor_faults_per_s = proc->mem.minor_faults_per_s,
        .major_faults_per_s = proc->mem.major_faults_per_s,
        .growth_per_s = proc->mem.growth_per_s,
        .delay = proc->io.delay,
    };
}

void cache_fill_rates(const struct cache_entry *entry, struct proc *proc)
{
    if (!entry->rates.known) {
        return;
    }
    proc->have |= FACT_RATE;
    proc->cpu.user = entry->rates.cpu_user;
    proc->cpu.system = entry->rates.cpu_system;
    proc->mem.minor_faults_per_s = entry->rates.minor_faults_per_s;
    proc->mem.major_faults_per_s = entry->rates.major_faults_per_s;
    proc->mem.growth_per_s = entry->rates.growth_per_s;
    proc->io.delay = entry->rates.delay;
}

void cache_sweep(struct cache *cache, uint64_t sample)
{
    while (cache->head != NULL && cache->head->entry.seen_sample < sample) {
        (void)map_remove(cache->slots, cache->head->id); // it is the head itself
        slot_destroy(cache->head);
    }
}

size_t cache_count(const struct cache *cache)
{
    return map_count(cache->slots);
}

static bool same_text(struct text a, struct text b)
{
    return a.ptr != NULL && a.bytes == b.bytes && memcmp(a.ptr, b.ptr, b.bytes) == 0;
}

/* Put a heap copy of `safe` in place of *slot. */
static int replace_text(struct text *slot, struct text safe)
{
    char *copy = malloc(safe.bytes + 1u);
    if (copy == NULL) {
        return -ENOMEM;
    }
    memcpy(copy, safe.ptr, safe.bytes);
    copy[safe.bytes] = '\0';
    free_text(*slot);
    *slot = (struct text){.ptr = copy, .bytes = safe.bytes, .cells = safe.cells};
    return 0;
}

/* Same for a text of an entry, which counts against the budget of all. */
static int replace_entry_text(struct cache_entry *entry, struct text *slot, struct text safe)
{
    struct cache *cache = ((struct cache_slot *)entry)->cache;
    const size_t others = cache->text_bytes - slot->bytes;
    if (safe.bytes > CACHE_TEXT_BYTES_MAX - others) {
        return -ENOMEM;
    }
    const int result = replace_text(slot, safe);
    if (result == 0) {
        cache->text_bytes = others + safe.bytes;
    }
    return result;
}

int cache_set_cmdline(struct cache_entry *entry, const char *argv, size_t len)
{
    char out[TEXT_SAFE_SIZE];
    uint32_t at = 0;
    uint32_t bytes = 0;
    const struct text safe = text_write_argv(out, argv, len, &at, &bytes);
    if (same_text(entry->cmdline, safe) && entry->cmdline_name_at == at &&
        entry->cmdline_name_bytes == bytes) {
        return 0;
    }
    const int result = replace_entry_text(entry, &entry->cmdline, safe);
    if (result < 0) {
        return result;
    }
    entry->cmdline_name_at = at;
    entry->cmdline_name_bytes = bytes;
    return 1;
}

int cache_set_exe(struct cache_entry *entry, const char *path, size_t len)
{
    static const char mark[] = " (deleted)";
    const size_t mark_len = sizeof(mark) - 1;
    const bool deleted = len > mark_len && memcmp(path + len - mark_len, mark, mark_len) == 0;
    char out[TEXT_SAFE_SIZE];
    const struct text safe = text_write(out, path, deleted ? len - mark_len : len);
    if (same_text(entry->exe, safe) && entry->exe_deleted == deleted) {
        return 0;
    }
    const int result = replace_entry_text(entry, &entry->exe, safe);
    if (result < 0) {
        return result;
    }
    entry->exe_deleted = deleted;
    return 1;
}

int cache_set_cgroup(struct cache_entry *entry, const char *answer, size_t len)
{
    struct raw_cgroup fresh;
    if (len < sizeof(fresh)) {
        return -EINVAL;
    }
    memcpy(&fresh, answer, sizeof(fresh));
    if (fresh.path_len > len - sizeof(fresh)) {
        return -EINVAL;
    }
    char out[TEXT_SAFE_SIZE];
    const struct text safe = text_write(out, answer + sizeof(fresh), fresh.path_len);
    const bool same = same_text(entry->cgroup_path, safe);
    const int result = same ? 0 : replace_entry_text(entry, &entry->cgroup_path, safe);
    if (result < 0) {
        return result;
    }
    const bool changed = !same || fresh.limit_bytes != entry->cgroup.limit_bytes ||
                         fresh.usage_bytes != entry->cgroup.usage_bytes ||
                         fresh.limit_unknown != entry->cgroup.limit_unknown;
    entry->cgroup = fresh;
    return changed;
}

int cache_set_smaps(struct cache_entry *entry, const char *answer, size_t len)
{
    struct raw_smaps fresh;
    if (len != sizeof(fresh)) {
        return -EINVAL;
    }
    memcpy(&fresh, answer, sizeof(fresh));
    const bool changed = fresh.pss_bytes != entry->smaps.pss_bytes ||
                         fresh.uss_bytes != entry->smaps.uss_bytes ||
                         fresh.swap_pss_bytes != entry->smaps.swap_pss_bytes;
    entry->smaps = fresh;
    return changed;
}

static struct cache_name *name_touch(struct map *names, uint32_t number)
{
    void **place = map_put(names, (struct proc_id){.pid = (int32_t)number});
    if (place == NULL) {
        return NULL;
    }
    if (*place == NULL) {
        *place = calloc(1, sizeof(struct cache_name));
    }
    return *place; // after a failed calloc() the next call tries again
}

struct cache_name *cache_user(struct cache *cache, uint32_t uid)
{
    return name_touch(cache->users, uid);
}

const struct cache_name *cache_find_user(const struct cache *cache, uint32_t uid)
{
    return map_get(cache->users, (struct proc_id){.pid = (int32_t)uid});
}

struct cache_name *cache_tty(struct cache *cache, uint32_t device)
{
    return name_touch(cache->ttys, device);
}

const struct cache_name *cache_find_tty(const struct cache *cache, uint32_t device)
{
    return map_get(cache->ttys, (struct proc_id){.pid = (int32_t)device});
}

int cache_set_name(struct cache_name *name, const char *ptr, size_t len)
{
    char out[TEXT_SAFE_SIZE];
    return replace_text(&name->text, text_write(out, ptr, len));
}

void cache_clear_name(struct cache_name *name)
{
    free_text(name->text);
    *name = (struct cache_name){.state = CACHE_EMPTY};
}

struct names *cache_names(struct cache *cache)
{
    return cache->names;
}

const struct names *cache_find_names(const struct cache *cache)
{
    return cache->names;
}

int cache_set_frequencies(struct cache *cache, const uint32_t *khz, size_t count)
{
    count = count < CACHE_CPUS_MAX ? count : CACHE_CPUS_MAX;
    if (count > cache->khz_count) {
        uint32_t *bigger = reallocarray(cache->khz, count, sizeof(*bigger));
        if (bigger == NULL) {
            return -ENOMEM;
        }
        cache->khz = bigger;
    }
    if (count > 0) {
        memcpy(cache->khz, khz, count * sizeof(*khz));
    }
    cache->khz_count = count;
    return 0;
}

uint32_t cache_frequency(const struct cache *cache, uint32_t cpu)
{
    return cpu < cache->khz_count ? cache->khz[cpu] : 0;
}

/* --- mounts ------------------------------------------------------------------------------- */

struct cache_mount *cache_mount(struct cache *cache, uint64_t id)
{
    void **place = map_put(cache->mounts, (struct proc_id){.start_ns = id});
    if (place == NULL) {
        return NULL;
    }
    if (*place == NULL) {
        *place = calloc(1, sizeof(struct cache_mount));
    }
    return *place; // after a failed calloc() the next call tries again
}

const struct cache_mount *cache_find_mount(const struct cache *cache, uint64_t id)
{
    return map_get(cache->mounts, (struct proc_id){.start_ns = id});
}

/* One that is to go. False when all stay. */
static bool find_stale(const struct cache *cache, uint64_t sample, struct proc_id *ret)
{
    size_t cursor = 0;
    struct proc_id key;
    void *value = NULL;
    while (map_next(cache->mounts, &cursor, &key, &value)) {
        const struct cache_mount *mount = value;
        if (mount == NULL || mount->seen_sample < sample) {
            *ret = key;
            return true;
        }
    }
    return false;
}

void cache_sweep_mounts(struct cache *cache, uint64_t sample)
{
    struct proc_id key;
    while (find_stale(cache, sample, &key)) { // the map must not change under a walk
        free(map_remove(cache->mounts, key));
    }
}

size_t cache_mounts_blocked(const struct cache *cache)
{
    size_t cursor = 0;
    size_t count = 0;
    struct proc_id key;
    void *value = NULL;
    while (map_next(cache->mounts, &cursor, &key, &value)) {
        const struct cache_mount *mount = value;
        count += mount != NULL && mount->state == CACHE_BLOCKED;
    }
    return count;
}

/* --- sockets ------------------------------------------------------------------------------ */

/* Whether sockets of a namespace were among those noted last. */
static bool knew_netns(const struct cache *cache, uint32_t netns)
{
    for (size_t i = 0; i < cache->seen_count; i++) {
        if (cache->seen[i].id.netns == netns) {
            return true;
        }
    }
    return false;
}

int cache_note_sockets(struct cache *cache, const struct raw_sample *sample, bool is_next)
{
    struct seen_socket *seen = reallocarray(NULL, sample->socket_count + 1, sizeof(*seen));
    size_t old = 0;
    bool knew = false; // the namespace of the socket, when the sample before was noted
    for (size_t i = 0; seen != NULL && i < sample->socket_count; i++) {
        const struct socket_mark id = diff_socket_mark(&sample->sockets[i]);
        while (old < cache->seen_count && diff_socket_compare(cache->seen[old].id, id) < 0) {
            old++;
        }
        const bool same = old < cache->seen_count && (is_next || id.has_cookie) &&
                          diff_socket_is_same(cache->seen[old].id, id);
        if (is_next && (i == 0 || id.netns != seen[i - 1].id.netns)) {
            knew = id.netns == 0 || knew_netns(cache, id.netns);
        }
        seen[i].id = id;
        seen[i].first_ns = same ? cache->seen[old].first_ns : sample->end_ns;
        seen[i].is_older = same ? cache->seen[old].is_older : !knew;
    }
    free(cache->seen);
    cache->seen = seen;
    cache->seen_count = seen == NULL ? 0 : sample->socket_count;
    return seen == NULL ? -ENOMEM : 0;
}

uint64_t cache_socket_seen_ns(const struct cache *cache, size_t index)
{
    return index < cache->seen_count ? cache->seen[index].first_ns : 0;
}

bool cache_socket_is_older(const struct cache *cache, size_t index)
{
    return index < cache->seen_count && cache->seen[index].is_older;
}
