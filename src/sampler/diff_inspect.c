#include "sampler/diff_inspect.h"

#include "base/arena.h"
#include "base/str.h"
#include "model/snapshot.h"
#include "sampler/inspect_facts.h"
#include "sampler/inspect_sockets.h"
#include "sampler/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum {
    LOCK_BYTES = 32,
    ACCESS_BYTES = 96, // 16 sets of rights
    NEAR_FACTS = 256,
};

/* One dossier in the making. */
struct inspect_diff {
    const struct inspect_set *set;
    const struct snapshot *snap;
    struct arena *arena;
    struct dossier *dossier;
    bool full; // the arena was too small
};

static struct text take_text(struct inspect_diff *diff, struct raw_bytes bytes)
{
    const struct text text = text_from_bytes(diff->arena, bytes.ptr, bytes.len);
    diff->full |= text.bytes == 0 && bytes.len > 0;
    return text;
}

/* Room for the rows of a part that was read. Errors: NULL. */
static void *take_rows(struct inspect_diff *diff, size_t count, size_t size)
{
    void *rows = arena_alloc(diff->arena, count + 1, size);
    diff->full |= rows == NULL;
    return rows;
}

/* --- threads ---------------------------------------------------------------------------------- */

static const struct raw_thread *thread_before(const struct inspect_pair *pair,
                                              const struct raw_thread *is)
{
    if (pair->before == NULL || pair->before->as.threads.count == 0) {
        return NULL;
    }
    return bsearch(is, pair->before->as.threads.items, pair->before->as.threads.count, sizeof(*is),
                   proc_id_order);
}

static void fill_thread(struct inspect_diff *diff, const struct inspect_pair *pair,
                        const struct raw_thread *is, struct dossier_thread *ret)
{
    *ret = (struct dossier_thread){
        .id = is->id,
        .name = take_text(diff, is->name),
        .wchan = take_text(diff, is->wchan),
        .wchan_denied = is->wchan_denied,
        .state = is->state,
        .nice = is->nice,
        .priority = is->priority,
        .policy = is->policy,
        .rt_priority = is->rt_priority,
        .last_cpu = is->last_cpu,
        .run_delay = -1,
        .time_ns = is->user_ns + is->system_ns,
        .run_delay_ns = is->run_delay_ns,
        .block_delay_ns = is->block_delay_ns,
        .voluntary_switches = is->voluntary_switches,
        .involuntary_switches = is->involuntary_switches,
    };
    const struct raw_thread *was = thread_before(pair, is);
    if (was == NULL) {
        return;
    }
    const double cpu = facts_share(pair, was->user_ns + was->system_ns, ret->time_ns);
    ret->has_rate = pair->now->mono_ns > pair->before->mono_ns;
    ret->cpu = cpu > 0 ? cpu : 0;
    ret->run_delay = facts_share(pair, was->run_delay_ns, is->run_delay_ns);
}

static void diff_threads(struct inspect_diff *diff)
{
    const struct inspect_pair *pair = &diff->set->parts[INSPECT_THREADS];
    if (pair->now == NULL) {
        return;
    }
    const size_t count = pair->now->as.threads.count;
    struct dossier_thread *rows = take_rows(diff, count, sizeof(*rows));
    for (size_t i = 0; rows != NULL && i < count; i++) {
        fill_thread(diff, pair, &pair->now->as.threads.items[i], &rows[i]);
    }
    diff->dossier->threads = rows;
    diff->dossier->thread_count = rows != NULL ? count : 0;
}

/* --- files ------------------------------------------------------------------------------------ */

static const char *kind_name(enum raw_file_kind kind)
{
    switch (kind) {
    case RAW_FILE_REGULAR:
        return "file";
    case RAW_FILE_DIRECTORY:
        return "directory";
    case RAW_FILE_CHAR:
        return "char";
    case RAW_FILE_BLOCK:
        return "block";
    case RAW_FILE_FIFO:
        return "pipe";
    case RAW_FILE_SOCKET:
        return "socket";
    case RAW_FILE_ANON:
        return "anon";
    case RAW_FILE_UNKNOWN:
        break;
    }
    return "unknown";
}

/* As ls and lsof write it: r, w, rw; + for appending; p for a path only. */
static const char *mode_name(uint32_t flags)
{
    const bool appends = (flags & O_APPEND) != 0;
    if (flags == UINT32_MAX) {
        return "";
    }
#ifdef O_PATH
    if ((flags & O_PATH) != 0) {
        return "p";
    }
#endif
    switch (flags & O_ACCMODE) {
    case O_RDONLY:
        return "r";
    case O_WRONLY:
        return appends ? "w+" : "w";
    default:
        return appends ? "rw+" : "rw";
    }
}

/* "POSIX write"; "flock read+2": and two more. */
static struct text lock_of(struct inspect_diff *diff, const struct raw_file *is)
{
    static const char *const types[] = {
        [RAW_LOCK_OTHER] = "other", [RAW_LOCK_POSIX] = "POSIX", [RAW_LOCK_FLOCK] = "flock",
        [RAW_LOCK_OFD] = "OFD",     [RAW_LOCK_LEASE] = "lease",
    };
    char bytes[LOCK_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    if (is->lock_count > 0) {
        str_addf(&buf, "%s %s", types[is->lock.type], is->lock.write ? "write" : "read");
    }
    if (is->lock_count > 1) {
        str_addf(&buf, "+%u", (unsigned)is->lock_count - 1);
    }
    return take_text(diff, (struct raw_bytes){.ptr = bytes, .len = (uint32_t)buf.len});
}

static void diff_files(struct inspect_diff *diff)
{
    const struct inspect_pair *pair = &diff->set->parts[INSPECT_FILES];
    if (pair->now == NULL) {
        return;
    }
    const size_t count = pair->now->as.files.count;
    struct dossier_file *rows = take_rows(diff, count, sizeof(*rows));
    for (size_t i = 0; rows != NULL && i < count; i++) {
        const struct raw_file *is = &pair->now->as.files.items[i];
        rows[i] = (struct dossier_file){
            .fd = is->fd,
            .kind = text_literal(kind_name(is->kind)),
            .mode = text_literal(mode_name(is->flags)),
            .target = take_text(diff, is->target),
            .position = is->position,
            .inode = is->inode,
            .mount_id = is->mount_id,
            .is_socket = is->kind == RAW_FILE_SOCKET,
            .lock = lock_of(diff, is),
        };
    }
    diff->dossier->files = rows;
    diff->dossier->file_count = rows != NULL ? count : 0;
}

/* --- maps ------------------------------------------------------------------------------------- */

/* Each set of rights once: what may be executed first, then what may be written. */
static struct text access_of(struct inspect_diff *diff, const struct raw_map *is)
{
    static const unsigned order[] = {RAW_MAP_EXECUTE | RAW_MAP_WRITE, RAW_MAP_EXECUTE,
                                     RAW_MAP_WRITE, 0};
    char bytes[ACCESS_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        for (unsigned rest = 0; rest < 4; rest++) { // shared and readable, only the latter ...
            const unsigned rights = order[i] | ((rest & 1) == 0 ? (unsigned)RAW_MAP_READ : 0) |
                                    ((rest & 2) != 0 ? (unsigned)RAW_MAP_SHARED : 0);
            if ((is->access & (1u << rights)) == 0) {
                continue;
            }
            str_addf(&buf, "%s%c%c%c%s", buf.len > 0 ? " " : "",
                     (rights & RAW_MAP_READ) != 0 ? 'r' : '-',
                     (rights & RAW_MAP_WRITE) != 0 ? 'w' : '-',
                     (rights & RAW_MAP_EXECUTE) != 0 ? 'x' : '-',
                     (rights & RAW_MAP_SHARED) != 0 ? "s" : "");
        }
    }
    return take_text(diff, (struct raw_bytes){.ptr = bytes, .len = (uint32_t)buf.len});
}

/* True when one map may be written and executed; not when one may be written, another executed. */
bool inspect_is_deleted(struct raw_bytes path)
{
    static const char end[] = " (deleted)";
    static const char *const never_on_disk[] = {"/memfd:", "/SYSV", "/dev/zero", "/[aio]"};
    const size_t len = sizeof(end) - 1;
    bool is =
        path.len > len && path.ptr[0] == '/' && memcmp(path.ptr + path.len - len, end, len) == 0;
    for (size_t i = 0; i < sizeof(never_on_disk) / sizeof(never_on_disk[0]); i++) {
        const size_t begin = strlen(never_on_disk[i]);
        is = is && (path.len < begin || memcmp(path.ptr, never_on_disk[i], begin) != 0);
    }
    return is;
}

static bool has_code(const struct raw_map *is)
{
    bool has = false;
    for (unsigned rights = 0; rights < 16; rights++) {
        has |= (is->access & (1u << rights)) != 0 && (rights & RAW_MAP_EXECUTE) != 0;
    }
    return has;
}

static bool has_writable_code(const struct raw_map *is)
{
    const unsigned both = RAW_MAP_WRITE | RAW_MAP_EXECUTE;
    bool has = false;
    for (unsigned rights = 0; rights < 16; rights++) {
        has |= (is->access & (1u << rights)) != 0 && (rights & both) == both;
    }
    return has;
}

static void add_map(struct dossier_map *sum, const struct dossier_map *row)
{
    sum->count += row->count;
    sum->virtual_bytes += row->virtual_bytes;
    sum->resident_bytes += row->resident_bytes;
    sum->pss_bytes += row->pss_bytes;
    sum->uss_bytes += row->uss_bytes;
    sum->shared_bytes += row->shared_bytes;
    sum->dirty_bytes += row->dirty_bytes;
    sum->anonymous_bytes += row->anonymous_bytes;
    sum->swap_bytes += row->swap_bytes;
    sum->swap_pss_bytes += row->swap_pss_bytes;
    sum->locked_bytes += row->locked_bytes;
}

static void diff_maps(struct inspect_diff *diff)
{
    const struct inspect_pair *pair = &diff->set->parts[INSPECT_MAPS];
    if (pair->now == NULL) {
        return;
    }
    const size_t count = pair->now->as.maps.count;
    struct dossier_map *rows = take_rows(diff, count, sizeof(*rows));
    for (size_t i = 0; rows != NULL && i < count; i++) {
        const struct raw_map *is = &pair->now->as.maps.items[i];
        rows[i] = (struct dossier_map){
            .order = (uint32_t)i,
            .path = is->path.len > 0 ? take_text(diff, is->path) : text_literal("[anonymous]"),
            .access = access_of(diff, is),
            .writable_code = has_writable_code(is),
            .count = is->count,
            .virtual_bytes = is->virtual_bytes,
            .resident_bytes = is->resident_bytes,
            .pss_bytes = is->pss_bytes,
            .uss_bytes = is->private_clean_bytes + is->private_dirty_bytes,
            .shared_bytes = is->shared_clean_bytes + is->shared_dirty_bytes,
            .dirty_bytes = is->private_dirty_bytes + is->shared_dirty_bytes,
            .anonymous_bytes = is->anonymous_bytes,
            .swap_bytes = is->swap_bytes,
            .swap_pss_bytes = is->swap_pss_bytes,
            .locked_bytes = is->locked_bytes,
        };
        add_map(&diff->dossier->map_sum, &rows[i]);
        diff->dossier->maps_deleted += has_code(is) && inspect_is_deleted(is->path);
    }
    diff->dossier->maps = rows;
    diff->dossier->map_count = rows != NULL ? count : 0;
}

/* --- limits and environment ------------------------------------------------------------------- */

static void diff_limits(struct inspect_diff *diff)
{
    const struct inspect_pair *pair = &diff->set->parts[INSPECT_LIMITS];
    if (pair->now == NULL) {
        return;
    }
    const size_t count = pair->now->as.limits.count;
    struct dossier_limit *rows = take_rows(diff, count, sizeof(*rows));
    for (size_t i = 0; rows != NULL && i < count; i++) {
        const struct raw_limit *is = &pair->now->as.limits.items[i];
        rows[i] = (struct dossier_limit){
            .order = (uint32_t)i,
            .name = take_text(diff, is->name),
            .unit = take_text(diff, is->unit),
            .soft = is->soft,
            .hard = is->hard,
            .used = is->used,
            .used_denied = is->used_denied,
        };
    }
    diff->dossier->limits = rows;
    diff->dossier->limit_count = rows != NULL ? count : 0;
}

static size_t count_variables(struct raw_bytes environ)
{
    size_t count = 0;
    for (size_t i = 0; i < environ.len; i++) {
        const bool ends = environ.ptr[i] == '\0' || i + 1 == environ.len;
        const bool is_empty = environ.ptr[i] == '\0' && (i == 0 || environ.ptr[i - 1] == '\0');
        count += ends && !is_empty;
    }
    return count;
}

static void diff_environ(struct inspect_diff *diff)
{
    const struct inspect_pair *pair = &diff->set->parts[INSPECT_ENVIRON];
    if (pair->now == NULL) {
        return;
    }
    const struct raw_bytes all = pair->now->as.environ;
    const size_t most = count_variables(all);
    struct dossier_variable *rows = take_rows(diff, most, sizeof(*rows));
    size_t count = 0;
    for (size_t at = 0; rows != NULL && at < all.len && count < most;) {
        const char *nul = memchr(all.ptr + at, '\0', all.len - at);
        const size_t len = nul != NULL ? (size_t)(nul - all.ptr) - at : all.len - at;
        const char *equals = memchr(all.ptr + at, '=', len);
        const size_t name = equals != NULL ? (size_t)(equals - all.ptr) - at : len;
        const size_t value = name < len ? name + 1 : len;
        if (len > 0) {
            rows[count] = (struct dossier_variable){
                .order = (uint32_t)count,
                .name = text_from_bytes(diff->arena, all.ptr + at, name),
                .value = text_from_all(diff->arena, all.ptr + at + value, len - value),
            };
            diff->full |= rows[count].name.bytes == 0 && name > 0;
            count++;
        }
        at += len + 1;
    }
    diff->dossier->variables = rows;
    diff->dossier->variable_count = rows != NULL ? count : 0;
}

/* --- sections in words ------------------------------------------------------------------------ */

static bool same_text(struct text a, struct text b)
{
    return a.bytes == b.bytes && memcmp(a.ptr, b.ptr, a.bytes) == 0;
}

/* Tell lines apart that are about the same, so that each is found again in the next dossier.
 * They stand close to each other. */
static void number_facts(struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        struct dossier_fact *fact = &facts->items[i];
        for (size_t back = 1; back <= i && back <= NEAR_FACTS; back++) {
            const struct dossier_fact *other = fact - back;
            if (same_text(fact->what, other->what) && same_text(fact->group, other->group)) {
                fact->nth = other->nth + 1;
                break;
            }
        }
    }
}

/* What was known last is told as it was, when the process has ended, which is said in one place and
 * not in every part, and for the moment until a new answer comes. */
static struct inspect_set as_known_last(const struct inspect_set *set)
{
    struct inspect_set told = *set;
    for (size_t i = 0; i < INSPECT_PART_COUNT; i++) {
        struct inspect_pair *pair = &told.parts[i];
        const bool gone_or_late = pair->state == DOSSIER_GONE || pair->state == DOSSIER_NOT_READ;
        pair->state = gone_or_late && pair->now != NULL ? DOSSIER_KNOWN : pair->state;
    }
    return told;
}

/* The overview is only made where its parts are wanted. */
static void diff_facts(struct inspect_diff *diff)
{
    const struct inspect_set set = as_known_last(diff->set);
    struct facts *facts = arena_alloc(diff->arena, 1, sizeof(*facts));
    diff->full |= facts == NULL;
    if (facts == NULL) {
        return;
    }
    struct dossier *dossier = diff->dossier;
    if ((set.wanted & (1u << INSPECT_IDENTITY)) != 0) {
        facts_init(facts, &set, diff->snap);
        facts_verdict(facts);
        facts_identity(facts);
        facts_cgroup(facts, 1);
        number_facts(facts);
        dossier->overview = facts->items;
        dossier->overview_count = facts->count;
        diff->full |= facts->full;
    }
    if ((set.wanted & (1u << INSPECT_WAITING)) != 0) {
        facts_init(facts, &set, diff->snap);
        facts_verdict(facts);
        facts_waiting(facts);
        number_facts(facts);
        dossier->waiting = facts->items;
        dossier->waiting_count = facts->count;
        diff->full |= facts->full;
    }
    if ((set.wanted & (1u << INSPECT_CGROUP)) != 0) {
        facts_init(facts, &set, diff->snap);
        facts_cgroup(facts, SIZE_MAX);
        number_facts(facts);
        dossier->cgroup = facts->items;
        dossier->cgroup_count = facts->count;
        diff->full |= facts->full;
    }
}

/* While it lives they are among those of all processes. */
static void diff_sockets(struct inspect_diff *diff)
{
    const struct inspect_sockets *kept = diff->set->sockets;
    const struct proc *proc = snapshot_find(diff->snap, diff->set->id);
    const bool ended = proc == NULL || (proc->flags & PROC_EXITED) != 0;
    if (!ended || kept == NULL || kept->items == NULL) {
        return;
    }
    struct dossier *dossier = diff->dossier;
    diff->full |= inspect_sockets_copy(kept, diff->arena, &dossier->sockets) < 0;
    dossier->socket_count = dossier->sockets != NULL ? kept->count : 0;
    dossier->sockets_age_ns =
        diff->snap->mono_ns > kept->mono_ns ? diff->snap->mono_ns - kept->mono_ns : 0;
}

static void diff_states(struct inspect_diff *diff)
{
    for (size_t i = 0; i < INSPECT_PART_COUNT; i++) {
        const struct inspect_pair *pair = &diff->set->parts[i];
        struct dossier_part *part = &diff->dossier->parts[i];
        part->state = pair->state;
        part->has = pair->now != NULL;
        part->cut = pair->now != NULL && pair->now->cut;
        if (pair->now != NULL && diff->snap->mono_ns > pair->now->mono_ns) {
            part->age_ns = diff->snap->mono_ns - pair->now->mono_ns;
        }
    }
}

struct inspect_last inspect_last_of(const struct proc *proc)
{
    return (struct inspect_last){
        .known = true,
        .start_wall_s = proc->start_wall_s,
        .elapsed_ns = proc->elapsed_ns,
        .resident_bytes = proc->mem.resident_bytes,
        .resident_fraction = proc->mem.resident_fraction,
    };
}

int diff_inspect(const struct inspect_set *set, const struct snapshot *snap,
                 const struct dossier **ret)
{
    struct inspect_diff diff = {.set = set, .snap = snap, .arena = snap->arena};
    diff.dossier = arena_alloc(snap->arena, 1, sizeof(*diff.dossier));
    if (diff.dossier == NULL) {
        return -ENOMEM;
    }
    diff.dossier->id = set->id;
    diff.dossier->thread = set->thread;
    diff.dossier->wanted = set->wanted;
    diff_states(&diff);
    diff_threads(&diff);
    diff_files(&diff);
    diff_maps(&diff);
    diff_limits(&diff);
    diff_environ(&diff);
    diff_facts(&diff);
    diff_sockets(&diff);
    if (diff.full) {
        return -ENOMEM;
    }
    *ret = diff.dossier;
    return 0;
}
