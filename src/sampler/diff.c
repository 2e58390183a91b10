#include "sampler/diff.h"

#include "base/arena.h"
#include "base/str.h"
#include "sampler/cache.h"
#include "sampler/diff_memory.h"
#include "sampler/diff_network.h"
#include "sampler/diff_reaped.h"
#include "sampler/diff_system.h"
#include "sampler/growth.h"
#include "sampler/text.h"

#include <errno.h>
#include <string.h>

/*
 * Two ascending lists are merged: a process in both has rates, one only in `after` is new, one
 * only in `before` has exited. All texts are copied into the snapshot's arena, so that it
 * depends on nothing once it is published.
 */

enum {
    DIFF_INTERVAL_MIN_NS = 1000000, // less is noise divided by almost nothing
    DIFF_NEW_SLACK_NS = 1000000000, // between the clock of start times and boot_ns
    DIFF_NAMES = 64,                // user and terminal names copied once per snapshot
};

/* A name already copied into this snapshot. */
struct copied_name {
    bool used;
    uint32_t number;
    struct text text;
};

struct diff {
    const struct raw_sample *before; // NULL: none
    const struct raw_sample *after;
    const struct cache *cache;
    struct arena *arena;
    uint64_t before_ns, after_ns; // when the counters were read, about
    uint64_t interval_ns;         // 0: no rates
    double cpu_most;              // no process can be busier than this
    bool full;                    // a text did not fit into the arena any more
    bool *gone;                   // of each process in `before`: it has exited
    struct reaped *reaped;        // of each process in `before`; NULL: none has exited
    struct copied_name users[DIFF_NAMES], ttys[DIFF_NAMES];
};

uint64_t diff_counter(uint64_t before, uint64_t after)
{
    if (before == FIGURE_ABSENT || after == FIGURE_ABSENT || after < before) {
        return 0;
    }
    return after - before;
}

uint64_t diff_interval(uint64_t before_ns, uint64_t after_ns)
{
    const uint64_t interval_ns = diff_counter(before_ns, after_ns);
    return interval_ns < DIFF_INTERVAL_MIN_NS ? 0 : interval_ns;
}

/* A scan takes a while; on average its counters are those of its middle. */
static uint64_t middle_ns(const struct raw_sample *sample)
{
    return raw_proc_ns(sample, &(struct raw_proc){.taken_over_ns = 0});
}

/* The slot for a name, and whether this name is in it already. */
static struct copied_name *name_slot(struct copied_name names[DIFF_NAMES], uint32_t number,
                                     bool *ret_hit)
{
    struct copied_name *slot = &names[number % DIFF_NAMES];
    *ret_hit = slot->used && slot->number == number;
    slot->used = true;
    slot->number = number;
    return slot;
}

static struct text tty_text(struct diff *diff, uint32_t device)
{
    const struct text none = {.ptr = ""};
    if (device == 0) {
        return none;
    }
    bool hit = false;
    struct copied_name *slot = name_slot(diff->ttys, device, &hit);
    if (!hit) {
        const struct cache_name *name = cache_find_tty(diff->cache, device);
        const bool has = name != NULL && name->state == CACHE_FRESH;
        slot->text = has ? text_copy(diff->arena, name->text) : none;
    }
    return slot->text;
}

static struct text digits(struct arena *arena, uint32_t number)
{
    char out[16];
    struct strbuf buf;
    str_init(&buf, out, sizeof(out));
    str_addf(&buf, "%u", number);
    return text_from_bytes(arena, out, buf.len);
}

/* The name of a user; digits when it has none or nobody can say; empty while being asked. */
static struct text user_text(struct diff *diff, uint32_t uid)
{
    bool hit = false;
    struct copied_name *slot = name_slot(diff->users, uid, &hit);
    if (hit) {
        return slot->text;
    }
    const struct cache_name *name = cache_find_user(diff->cache, uid);
    slot->text = (struct text){.ptr = ""};
    switch (name == NULL ? CACHE_EMPTY : name->state) {
    case CACHE_FRESH:
        slot->text = text_copy(diff->arena, name->text);
        break;
    case CACHE_DENIED:
    case CACHE_NONE:
    case CACHE_BLOCKED:
        slot->text = digits(diff->arena, uid);
        break;
    case CACHE_EMPTY:
    case CACHE_ASKED:
        break;
    }
    return slot->text;
}

static bool has_no_argv(const struct raw_proc *raw)
{
    return raw->kernel || raw->state == 'Z';
}

static struct text bracketed(struct arena *arena, struct text name)
{
    char *ptr = arena_alloc(arena, name.bytes + 3u, 1);
    if (ptr == NULL) {
        return name;
    }
    ptr[0] = '[';
    memcpy(ptr + 1, name.ptr, name.bytes);
    ptr[name.bytes + 1] = ']';
    return (struct text){.ptr = ptr, .bytes = name.bytes + 2, .cells = name.cells + 2};
}

/* What a fact still to come from the prober means for the process's masks. */
static bool fact_is_here(enum cache_state state, fact_mask fact, struct proc *proc)
{
    switch (state) {
    case CACHE_FRESH:
    case CACHE_NONE:
        proc->have |= fact;
        return true;
    case CACHE_DENIED:
        proc->denied |= fact;
        return false;
    case CACHE_BLOCKED:
        proc->blocked |= fact;
        return false;
    case CACHE_EMPTY:
    case CACHE_ASKED:
        break;
    }
    return false;
}

static void fill_cmdline(struct diff *diff, const struct raw_proc *raw,
                         const struct cache_entry *entry, struct proc *proc)
{
    const enum cache_state state = has_no_argv(raw) ? CACHE_NONE
                                   : entry == NULL  ? CACHE_EMPTY
                                                    : entry->cmdline_fact.state;
    proc->cmdline = (struct text){.ptr = ""};
    if (!fact_is_here(state, FACT_CMDLINE, proc)) {
        return;
    }
    if (state == CACHE_FRESH && entry->cmdline.bytes > 0) {
        proc->cmdline = text_copy(diff->arena, entry->cmdline);
        diff->full |= proc->cmdline.bytes == 0;
        proc->cmdline_name_at = entry->cmdline_name_at;
        proc->cmdline_name_bytes = entry->cmdline_name_bytes;
        return;
    }
    proc->cmdline = bracketed(diff->arena, proc->name);
    proc->cmdline_name_at = 1;
    proc->cmdline_name_bytes = proc->name.bytes;
}

static void fill_exe(struct diff *diff, const struct raw_proc *raw, const struct cache_entry *entry,
                     struct proc *proc)
{
    const enum cache_state state = has_no_argv(raw) ? CACHE_NONE
                                   : entry == NULL  ? CACHE_EMPTY
                                                    : entry->exe_fact.state;
    proc->exe = (struct text){.ptr = ""};
    if (fact_is_here(state, FACT_EXE, proc) && state == CACHE_FRESH) {
        proc->exe = text_copy(diff->arena, entry->exe);
        proc->exe_deleted = entry->exe_deleted;
    }
}

/* Threads share the memory of their process: it is told once. */
static void fill_smaps(const struct raw_proc *raw, const struct cache_entry *entry,
                       struct proc *proc)
{
    const enum cache_state state = has_no_argv(raw) || raw->thread ? CACHE_NONE
                                   : entry == NULL                 ? CACHE_EMPTY
                                                                   : entry->smaps_fact.state;
    proc->mem.pss_bytes = FIGURE_ABSENT;
    proc->mem.uss_bytes = FIGURE_ABSENT;
    proc->mem.swap_pss_bytes = FIGURE_ABSENT;
    if (fact_is_here(state, FACT_SMAPS, proc) && state == CACHE_FRESH) {
        proc->mem.pss_bytes = entry->smaps.pss_bytes;
        proc->mem.uss_bytes = entry->smaps.uss_bytes;
        proc->mem.swap_pss_bytes = entry->smaps.swap_pss_bytes;
    }
}

static void fill_cgroup(struct diff *diff, const struct cache_entry *entry, struct proc *proc)
{
    const enum cache_state state = entry == NULL ? CACHE_EMPTY : entry->cgroup_fact.state;
    proc->cgroup.path = (struct text){.ptr = ""};
    proc->cgroup.limit_bytes = FIGURE_ABSENT;
    proc->cgroup.usage_bytes = FIGURE_ABSENT;
    if (fact_is_here(state, FACT_CGROUP, proc) && state == CACHE_FRESH) {
        proc->cgroup.path = text_copy(diff->arena, entry->cgroup_path);
        diff->full |= proc->cgroup.path.bytes == 0 && entry->cgroup_path.bytes > 0;
        proc->cgroup.limit_bytes = entry->cgroup.limit_bytes;
        proc->cgroup.usage_bytes = entry->cgroup.usage_bytes;
        proc->cgroup.limit_unknown = entry->cgroup.limit_unknown;
    }
}

static void fill_owner(struct diff *diff, const struct raw_proc *raw,
                       const struct cache_entry *entry, struct proc *proc)
{
    proc->user = (struct text){.ptr = ""};
    if ((raw->have & FACT_OWNER) != 0) {
        proc->uid = raw->uid;
    } else if (entry != NULL && entry->has_uid && (raw->denied & FACT_OWNER) == 0) {
        proc->uid = entry->uid;
        proc->have |= FACT_OWNER;
    } else {
        return;
    }
    proc->user = user_text(diff, proc->uid);
    if (proc->user.bytes > 0) {
        proc->have |= FACT_USER;
    }
}

static double resident_fraction(const struct raw_sample *sample, uint64_t resident)
{
    const uint64_t total = sample->system.memory.total;
    return total == 0 || total == FIGURE_ABSENT ? -1 : (double)resident / (double)total;
}

/* All that one sample says, without rates. `sample` is the one `raw` is of. */
static void fill_proc(struct diff *diff, const struct raw_sample *sample,
                      const struct raw_proc *raw, struct proc *proc)
{
    const struct cache_entry *entry = cache_find(diff->cache, raw->id);
    /* Start and boot clock tick together, so the start time in the user's calendar is as good
     * as the clock now and does not move with it later (btime does). */
    const bool past = raw->id.start_ns <= sample->boot_ns;
    const uint64_t age_ns = past ? sample->boot_ns - raw->id.start_ns : 0;
    const int64_t ahead_s =
        past ? 0 : (int64_t)((raw->id.start_ns - sample->boot_ns) / 1000000000u);
    *proc = (struct proc){
        .id = raw->id,
        .ppid = raw->ppid,
        .group_pid = raw->group_pid,
        .pgrp = raw->pgrp,
        .session = raw->session,
        .tpgid = raw->tpgid,
        .have = raw->have | FACT_IDENT,
        .denied = raw->denied,
        .flags = (raw->kernel ? PROC_KERNEL : 0u) | (raw->thread ? PROC_THREAD : 0u),
        .thread_count = raw->thread_count,
        .policy = raw->policy,
        .rt_priority = raw->rt_priority,
        .last_cpu = raw->last_cpu,
        .nice = raw->nice,
        .priority = raw->priority,
        .state = raw->state,
        .name = text_from_bytes(diff->arena, raw->name.ptr, raw->name.len),
        .tty = tty_text(diff, raw->tty_device),
        .start_wall_s = sample->wall_s - (int64_t)(age_ns / 1000000000u) + ahead_s,
        .elapsed_ns = past ? age_ns : FIGURE_ABSENT,
        .cpu = {.user_ns = raw->user_ns,
                .system_ns = raw->system_ns,
                .time_ns = raw->user_ns + raw->system_ns},
        .mem = {.virtual_bytes = raw->virtual_bytes,
                .resident_bytes = raw->resident_bytes,
                .shared_bytes = raw->shared_bytes,
                .resident_fraction = resident_fraction(sample, raw->resident_bytes),
                .minor_faults = raw->minor_faults,
                .major_faults = raw->major_faults,
                .anon_bytes = raw->status.anon,
                .file_bytes = raw->status.file,
                .shmem_bytes = raw->status.shmem,
                .swap_bytes = raw->status.swap,
                .locked_bytes = raw->status.locked,
                .page_table_bytes = raw->status.page_tables,
                .oom_score = raw->oom_score,
                .oom_adj = raw->oom_adj},
        .io = {.read_bytes = raw->read_bytes, .write_bytes = raw->write_bytes},
    };
    diff->full |= proc->name.bytes == 0 && raw->name.len > 0;
    fill_owner(diff, raw, entry, proc);
    fill_cmdline(diff, raw, entry, proc);
    fill_exe(diff, raw, entry, proc);
    fill_smaps(raw, entry, proc);
    fill_cgroup(diff, entry, proc);
    growth_fill(entry, raw, sample->end_ns, proc);
}

static double rate(uint64_t before, uint64_t after, uint64_t interval_ns)
{
    return (double)diff_counter(before, after) * 1e9 / (double)interval_ns;
}

static uint64_t less(uint64_t bytes, uint64_t part)
{
    return bytes > part ? bytes - part : 0;
}

/* Storage counters of some rows are read after the scan, at times of their own. */
static void fill_io_rates(const struct diff *diff, const struct raw_proc *before,
                          const struct raw_proc *after, struct proc *proc)
{
    if ((before->have & after->have & FACT_IO) == 0) {
        return;
    }
    const struct reaped reaped =
        diff->reaped == NULL ? (struct reaped){0} : diff->reaped[before - diff->before->procs];
    const uint64_t read =
        less(diff_counter(before->read_bytes, after->read_bytes), reaped.read_bytes);
    const uint64_t written =
        less(diff_counter(before->write_bytes, after->write_bytes), reaped.write_bytes);
    if (reaped.has_unknown && (read > 0 || written > 0)) {
        return; // its own, or the child's: nobody knows
    }
    const struct cache_entry *entry = cache_find(diff->cache, after->id);
    const bool late_before = entry != NULL && entry->io_before_ns != 0;
    const bool late_after = entry != NULL && entry->io_after_ns != 0;
    const uint64_t interval_ns = diff_interval(late_before ? entry->io_before_ns : diff->before_ns,
                                               late_after ? entry->io_after_ns : diff->after_ns);
    if (interval_ns == 0) {
        return;
    }
    proc->have |= FACT_IO_RATE;
    proc->io.read_bytes_per_s = rate(0, read, interval_ns);
    proc->io.write_bytes_per_s = rate(0, written, interval_ns);
}

/* A wait counts when it is over, so that a long one is more than fits into the interval. */
static double block_delay(const struct diff *diff, const struct raw_proc *before,
                          const struct raw_proc *after, uint64_t interval_ns)
{
    const bool counted = diff->before->counts_delays && diff->after->counts_delays;
    if (!counted || before->block_delay_ns == FIGURE_ABSENT ||
        after->block_delay_ns == FIGURE_ABSENT) {
        return -1;
    }
    const double share =
        (double)diff_counter(before->block_delay_ns, after->block_delay_ns) / (double)interval_ns;
    return share < 1 ? share : 1;
}

/* One that was taken over has the rates it had: nothing was read since. */
static void fill_rates(const struct diff *diff, const struct raw_proc *before,
                       const struct raw_proc *after, struct proc *proc)
{
    const uint64_t before_ns = raw_proc_ns(diff->before, before);
    const uint64_t after_ns = raw_proc_ns(diff->after, after);
    const uint64_t interval_ns = diff_interval(before_ns, after_ns);
    if (after->taken_over_ns != 0 && after_ns == before_ns) {
        const struct cache_entry *entry = cache_find(diff->cache, after->id);
        if (entry != NULL) {
            cache_fill_rates(entry, proc);
        }
        return;
    }
    if (interval_ns == 0) {
        return;
    }
    double user = (double)diff_counter(before->user_ns, after->user_ns) / (double)interval_ns;
    double system = (double)diff_counter(before->system_ns, after->system_ns) / (double)interval_ns;
    if (user + system > diff->cpu_most) { // a counter that jumped, not work done
        const double scale = diff->cpu_most / (user + system);
        user *= scale;
        system *= scale;
    }
    proc->have |= FACT_RATE;
    proc->cpu.user = user;
    proc->cpu.system = system;
    proc->mem.minor_faults_per_s = rate(before->minor_faults, after->minor_faults, interval_ns);
    proc->mem.major_faults_per_s = rate(before->major_faults, after->major_faults, interval_ns);
    proc->mem.growth_per_s = (double)growth_between(before, after) * 1e9 / (double)interval_ns;
    fill_io_rates(diff, before, after, proc);
    proc->io.delay = block_delay(diff, before, after, interval_ns);
}

/* When descriptors or memory ran out, a process that is not in the list may exist all the same. */
static bool is_short(const struct raw_sample *sample)
{
    const int error = sample->last_error;
    return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

/* Threads that were not asked for in one of the samples did not begin or end with it. */
static bool has_exited(const struct diff *diff, const struct raw_proc *raw)
{
    return !is_short(diff->after) && (!raw->thread || diff->after->has_threads);
}

static bool is_new(const struct diff *diff, const struct raw_proc *raw)
{
    return diff->before != NULL && !is_short(diff->before) &&
           raw->id.start_ns + DIFF_NEW_SLACK_NS > diff->before->boot_ns &&
           (!raw->thread || diff->before->has_threads);
}

/* Find who has exited, and how many they are. */
static size_t note_exited(struct diff *diff)
{
    size_t count = 0;
    size_t i = 0;
    for (size_t old = 0; old < diff->before->proc_count; old++) {
        const struct raw_proc *was = &diff->before->procs[old];
        while (i < diff->after->proc_count &&
               proc_id_compare(diff->after->procs[i].id, was->id) < 0) {
            i++;
        }
        const bool is_here =
            i < diff->after->proc_count && proc_id_compare(diff->after->procs[i].id, was->id) == 0;
        diff->gone[old] = !is_here && has_exited(diff, was);
        count += diff->gone[old];
    }
    return count;
}

static int fill_exited(struct diff *diff, size_t *ret_count)
{
    *ret_count = 0;
    if (diff->before == NULL) {
        return 0;
    }
    const size_t length = diff->before->proc_count + 1;
    diff->gone = arena_alloc(diff->arena, length, sizeof(*diff->gone));
    if (diff->gone == NULL) {
        return -ENOMEM;
    }
    *ret_count = note_exited(diff);
    if (*ret_count == 0) {
        return 0;
    }
    diff->reaped = arena_alloc(diff->arena, length, sizeof(*diff->reaped));
    if (diff->reaped == NULL) {
        return -ENOMEM;
    }
    diff_reaped(diff->before, diff->gone, diff->reaped);
    return 0;
}

/* Fill `procs` and `exited`, which are as long as the lists will be. */
static void merge(struct diff *diff, struct proc *procs, struct proc *exited)
{
    const size_t old_count = diff->before == NULL ? 0 : diff->before->proc_count;
    size_t old = 0;
    for (size_t i = 0; i < diff->after->proc_count || old < old_count;) {
        const struct raw_proc *was = old < old_count ? &diff->before->procs[old] : NULL;
        const struct raw_proc *is = i < diff->after->proc_count ? &diff->after->procs[i] : NULL;
        const int order = was == NULL ? 1 : is == NULL ? -1 : proc_id_compare(was->id, is->id);
        if (order >= 0) {
            fill_proc(diff, diff->after, is, &procs[i]);
            i++;
        }
        if (order == 0) {
            fill_rates(diff, was, is, &procs[i - 1]);
        } else if (order > 0 && is_new(diff, is)) {
            procs[i - 1].flags |= PROC_NEW;
        } else if (order < 0 && diff->gone[old]) {
            fill_proc(diff, diff->before, was, exited);
            exited->flags |= PROC_EXITED;
            exited->have &= ~(fact_mask)FACT_SOCKETS; // they are nobody's now
            exited++;
        }
        old += order <= 0;
    }
}

static struct snapshot *snapshot_start(const struct diff *diff, fact_mask provided)
{
    struct snapshot *snap = arena_alloc(diff->arena, 1, sizeof(*snap));
    if (snap == NULL) {
        return NULL;
    }
    const struct raw_sample *after = diff->after;
    *snap = (struct snapshot){
        .mono_ns = after->end_ns,
        .interval_ns = diff->interval_ns,
        .scan_cost_ns = diff_counter(after->begin_ns, after->end_ns),
        .wall_s = after->wall_s,
        .looker = !after->as_root    ? LOOKER_USER
                  : after->may_trace ? LOOKER_TRACER
                                     : LOOKER_ROOT,
        .utc_offset_s = after->utc_offset_s,
        .provided = provided | FACT_RATE | FACT_SOCKET_RATE |
                    ((provided & FACT_IO) != 0 ? (fact_mask)FACT_IO_RATE : 0u),
        .proc_count = after->proc_count,
        .last_error = after->last_error,
        .arena = diff->arena,
    };
    return snap;
}

static bool has_socket_interval(const struct raw_sample *before, const struct raw_sample *after)
{
    return before != NULL && (before->parts & PART_SOCKETS) != 0 &&
           diff_interval(before->sockets_ns, after->sockets_ns) > 0;
}

int diff_samples(const struct raw_sample *before, const struct raw_sample *after,
                 const struct cache *cache, fact_mask provided, struct arena *arena,
                 struct snapshot **ret)
{
    struct diff diff = {
        .before = before,
        .after = after,
        .cache = cache,
        .arena = arena,
        .before_ns = before == NULL ? 0 : middle_ns(before),
        .after_ns = middle_ns(after),
        .cpu_most = after->system.cpu_known && after->system.cpu_count > 0
                        ? 1.1 * (double)after->system.cpu_count
                        : 1e6,
    };
    diff.interval_ns = before == NULL ? 0 : diff_interval(diff.before_ns, diff.after_ns);
    struct snapshot *snap = snapshot_start(&diff, provided);
    if (snap == NULL) {
        return -ENOMEM;
    }
    int result = fill_exited(&diff, &snap->exited_count);
    if (result < 0) {
        return result;
    }
    struct proc *procs = arena_alloc(arena, snap->proc_count + 1, sizeof(*procs));
    struct proc *exited = arena_alloc(arena, snap->exited_count + 1, sizeof(*exited));
    if (procs == NULL || exited == NULL) {
        return -ENOMEM;
    }
    result = diff_system(before, after, cache, diff.interval_ns, arena, &snap->system);
    if (result == 0) {
        result = diff_network(before, after, cache, diff.interval_ns, arena, &snap->network);
    }
    if (result == 0) {
        result = diff_storage(before, after, cache, diff.interval_ns, arena, &snap->storage);
    }
    if (result == 0) {
        result = diff_memory(before, after, diff.interval_ns, arena, &snap->memory);
    }
    if (result < 0) {
        return result;
    }
    merge(&diff, procs, exited);
    result = diff_traffic(snap->network, has_socket_interval(before, after), arena, procs,
                          snap->proc_count);
    if (diff.full || result < 0) {
        return -ENOMEM;
    }
    snap->procs = procs;
    snap->exited = exited;
    *ret = snap;
    return 0;
}
