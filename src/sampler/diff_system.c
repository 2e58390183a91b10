#include "sampler/diff_system.h"

#include "base/arena.h"
#include "sampler/cache.h"
#include "sampler/diff.h"
#include "sampler/text.h"

#include <errno.h>

/*
 * Any single field of /proc/stat may step back (iowait and steal do, and so does idle when a
 * CPU goes offline), so each is clamped by itself and the whole is the sum of what is left,
 * never the difference of two sums.
 */
static void cpu_fractions(const struct raw_cpu *before, const struct raw_cpu *after,
                          struct cpu_load *load)
{
    const uint64_t guest = diff_counter(before->guest_ns, after->guest_ns);
    const uint64_t guest_nice = diff_counter(before->guest_nice_ns, after->guest_nice_ns);
    const uint64_t user = diff_counter(before->user_ns, after->user_ns);
    const uint64_t nice = diff_counter(before->nice_ns, after->nice_ns);
    const double part[] = {
        (double)diff_counter(guest, user), // guest time is contained in user time
        (double)diff_counter(guest_nice, nice),
        (double)diff_counter(before->system_ns, after->system_ns),
        (double)diff_counter(before->irq_ns, after->irq_ns),
        (double)diff_counter(before->softirq_ns, after->softirq_ns),
        (double)diff_counter(before->steal_ns, after->steal_ns),
        (double)guest + (double)guest_nice,
        (double)diff_counter(before->iowait_ns, after->iowait_ns),
        (double)diff_counter(before->idle_ns, after->idle_ns),
    };
    double total = 0;
    for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
        total += part[i];
    }
    if (!(total > 0)) {
        return;
    }
    load->user = part[0] / total;
    load->nice = part[1] / total;
    load->system = part[2] / total;
    load->irq = part[3] / total;
    load->softirq = part[4] / total;
    load->steal = part[5] / total;
    load->guest = part[6] / total;
    load->iowait = part[7] / total;
    load->idle = part[8] / total;
    load->known = true;
}

/* How many CPUs to show: all that can exist, and all that are there, within reason. */
static uint32_t cpu_slots(const struct raw_system *system)
{
    uint32_t slots = system->cpu_present;
    if (system->cpu_count > 0) {
        const uint32_t last = system->cpus[system->cpu_count - 1].index;
        slots = last >= slots && last < CACHE_CPUS_MAX ? last + 1 : slots;
    }
    return slots < CACHE_CPUS_MAX ? slots : CACHE_CPUS_MAX;
}

static void fill_cpus(const struct raw_system *before, const struct raw_system *after,
                      const struct cache *cache, struct cpu_load *loads, struct system_load *ret)
{
    for (uint32_t i = 0; i < ret->cpu_count; i++) {
        loads[i].index = i;
        loads[i].freq_khz = cache_frequency(cache, i);
    }
    uint32_t old = 0;
    for (uint32_t i = 0; i < after->cpu_count; i++) {
        const struct raw_cpu *cpu = &after->cpus[i];
        if (cpu->index >= ret->cpu_count) {
            break;
        }
        struct cpu_load *load = &loads[cpu->index];
        load->online = true;
        ret->cpu_online++;
        while (before != NULL && old < before->cpu_count && before->cpus[old].index < cpu->index) {
            old++;
        }
        if (before != NULL && old < before->cpu_count && before->cpus[old].index == cpu->index) {
            cpu_fractions(&before->cpus[old], cpu, load);
        }
    }
}

static int diff_cpus(const struct raw_system *before, const struct raw_system *after,
                     const struct cache *cache, struct arena *arena, struct system_load *ret)
{
    if (!after->cpu_known) {
        return 0;
    }
    const uint32_t count = cpu_slots(after);
    struct cpu_load *loads = arena_alloc(arena, count > 0 ? count : 1, sizeof(*loads));
    if (loads == NULL) {
        return -ENOMEM;
    }
    if (before != NULL && !before->cpu_known) {
        before = NULL;
    }
    ret->cpu_count = count;
    ret->cpus = loads;
    fill_cpus(before, after, cache, loads, ret);
    ret->all.online = true;
    if (before != NULL) {
        cpu_fractions(&before->all, &after->all, &ret->all);
    }
    return 0;
}

static uint64_t known(uint64_t figure)
{
    return figure == FIGURE_ABSENT ? 0 : figure;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* `total` less the rest, FIGURE_ABSENT when there is no total or nothing to take off. */
static uint64_t used_of(uint64_t total, uint64_t free, uint64_t others)
{
    if (total == FIGURE_ABSENT || free == FIGURE_ABSENT) {
        return FIGURE_ABSENT;
    }
    return minus(minus(total, free), others);
}

static struct memory_load load_of_memory(const struct raw_memory *raw)
{
    const uint64_t cache_bytes = known(raw->cached) + known(raw->reclaimable);
    const bool available_lies = raw->available != FIGURE_ABSENT && raw->total != FIGURE_ABSENT &&
                                raw->available > raw->total; // seen in LXC
    const uint64_t available = available_lies ? raw->free : raw->available;
    const uint64_t held =
        used_of(raw->total, raw->free,
                known(raw->buffers) + known(raw->shared) + minus(cache_bytes, known(raw->shared)));
    return (struct memory_load){
        .total_bytes = raw->total,
        .free_bytes = raw->free,
        .available_bytes = available,
        .buffers_bytes = raw->buffers,
        .page_cache_bytes = raw->cached,
        .cached_bytes =
            raw->cached == FIGURE_ABSENT ? FIGURE_ABSENT : minus(cache_bytes, known(raw->shared)),
        .shared_bytes = raw->shared,
        .used_bytes = available == FIGURE_ABSENT ? held : used_of(raw->total, available, 0),
        .held_bytes = held,
        .reclaimable_bytes = raw->reclaimable,
        .slab_bytes = raw->slab,
        .page_tables_bytes = raw->page_tables,
        .dirty_bytes = raw->dirty,
        .writeback_bytes = raw->writeback,
        .anon_bytes = raw->anon,
        .mapped_bytes = raw->mapped,
        .committed_bytes = raw->committed,
        .commit_limit_bytes = raw->commit_limit,
        .huge_total = raw->huge_total,
        .huge_free = raw->huge_free,
        .huge_page_bytes = raw->huge_page,
        .huge_all_bytes = raw->huge_all,
        .unreclaimable_bytes = raw->unreclaimable,
        .kernel_stack_bytes = raw->kernel_stack,
        .percpu_bytes = raw->percpu,
        .anon_huge_bytes = raw->anon_huge,
        .zswap_bytes = raw->zswap,
        .zswapped_bytes = raw->zswapped,
        .swap_total_bytes = raw->swap_total,
        .swap_free_bytes = raw->swap_free,
        .swap_cached_bytes = raw->swap_cached,
        .swap_used_bytes = used_of(raw->swap_total, raw->swap_free, 0),
    };
}

static struct pressure diff_pressure(const struct raw_pressure *raw)
{
    return (struct pressure){
        .some_known = raw->some_known,
        .full_known = raw->full_known,
        .some_10s = raw->some_10s,
        .some_60s = raw->some_60s,
        .some_300s = raw->some_300s,
        .full_10s = raw->full_10s,
        .full_60s = raw->full_60s,
        .full_300s = raw->full_300s,
    };
}

static uint32_t *state_count(struct task_counts *counts, char state)
{
    switch (state) {
    case 'R':
        return &counts->running;
    case 'S':
        return &counts->sleeping;
    case 'D':
        return &counts->uninterruptible;
    case 'T':
    case 't':
        return &counts->stopped;
    case 'Z':
        return &counts->zombie;
    case 'I':
        return &counts->idle;
    default:
        return &counts->other;
    }
}

/* Count the tasks; returns how many threads they make together. */
static uint64_t count_tasks(const struct raw_sample *sample, struct task_counts *counts)
{
    uint64_t total = 0;
    uint64_t threads = 0;
    for (size_t i = 0; i < sample->proc_count; i++) {
        const struct raw_proc *proc = &sample->procs[i];
        if (proc->thread) {
            continue; // counted with its leader
        }
        total += proc->thread_count;
        ++*state_count(counts, proc->state);
        if (proc->kernel) {
            counts->kernel_threads++;
        } else {
            counts->processes++;
            threads += proc->thread_count > 0 ? proc->thread_count - 1u : 0;
        }
    }
    counts->threads = threads < UINT32_MAX ? (uint32_t)threads : UINT32_MAX;
    return total;
}

static enum hidden_reason hidden_reason(enum raw_hidepid hidepid)
{
    switch (hidepid) {
    case RAW_HIDEPID_NOACCESS:
        return HIDDEN_NOACCESS;
    case RAW_HIDEPID_INVISIBLE:
        return HIDDEN_INVISIBLE;
    case RAW_HIDEPID_PTRACEABLE:
        return HIDDEN_PTRACEABLE;
    case RAW_HIDEPID_OFF:
        break;
    }
    return HIDDEN_NOTHING;
}

static double per_second(uint64_t before, uint64_t after, uint64_t interval_ns)
{
    if (interval_ns == 0 || before == FIGURE_ABSENT || after == FIGURE_ABSENT) {
        return -1;
    }
    return (double)diff_counter(before, after) * 1e9 / (double)interval_ns;
}

static uint32_t to_u32(uint64_t number)
{
    return number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}

int diff_system(const struct raw_sample *before, const struct raw_sample *after,
                const struct cache *cache, uint64_t interval_ns, struct arena *arena,
                struct system_load *ret)
{
    const struct raw_system *raw = &after->system;
    const struct raw_system *old = interval_ns == 0 ? NULL : &before->system;
    *ret = (struct system_load){
        .memory = load_of_memory(&raw->memory),
        .psi_cpu = diff_pressure(&raw->psi_cpu),
        .psi_memory = diff_pressure(&raw->psi_memory),
        .psi_io = diff_pressure(&raw->psi_io),
        .load_1m = raw->load_1m,
        .load_5m = raw->load_5m,
        .load_15m = raw->load_15m,
        .uptime_ns = raw->uptime_ns,
        .context_switches_per_s = -1,
        .forks_per_s = -1,
        .interrupts_per_s = -1,
        .processes_unreadable = to_u32(after->unreadable),
        .hidden_reason = hidden_reason(raw->hidepid),
        .hostname = text_from_bytes(arena, raw->hostname.ptr, raw->hostname.len),
        .kernel = text_from_bytes(arena, raw->kernel.ptr, raw->kernel.len),
    };
    if (old != NULL) {
        ret->context_switches_per_s =
            per_second(old->context_switches, raw->context_switches, interval_ns);
        ret->forks_per_s = per_second(old->forks, raw->forks, interval_ns);
        ret->interrupts_per_s = per_second(old->interrupts, raw->interrupts, interval_ns);
    }
    const uint64_t listed = count_tasks(after, &ret->tasks);
    if (ret->hidden_reason == HIDDEN_INVISIBLE || ret->hidden_reason == HIDDEN_PTRACEABLE) {
        ret->threads_hidden =
            raw->threads_total == FIGURE_ABSENT ? FIGURE_ABSENT : minus(raw->threads_total, listed);
    }
    return diff_cpus(old, raw, cache, arena, ret);
}
