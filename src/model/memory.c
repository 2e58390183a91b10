#include "model/memory.h"

#include <string.h>

/* Where a figure comes from. */
enum source {
    FROM_LOAD,    // a uint64_t of struct memory_load
    FROM_DETAIL,  // a uint64_t of struct memory_detail
    FROM_RATE,    // a double of it, negative when not known
    FROM_DERIVED, // a function
};

/* A row of the registry. */
struct row {
    struct memory_figure figure;
    enum source source;
    size_t offset;
    struct value (*derive)(const struct snapshot *snap);
};

static struct value bytes_value(uint64_t bytes)
{
    return bytes == FIGURE_ABSENT ? value_absent(ABSENT_UNSUPPORTED)
                                  : (struct value){.kind = VALUE_BYTES, .as.bytes = bytes};
}

static uint64_t known(uint64_t figure)
{
    return figure == FIGURE_ABSENT ? 0 : figure;
}

/* 0 rather than less than that: the kernel's figures are not of one instant. */
static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX - 1 : sum;
}

static struct value get_buff_cache(const struct snapshot *snap)
{
    const struct memory_load *memory = &snap->system.memory;
    if (memory->buffers_bytes == FIGURE_ABSENT || memory->page_cache_bytes == FIGURE_ABSENT) {
        return value_absent(ABSENT_UNSUPPORTED);
    }
    return bytes_value(plus(plus(memory->buffers_bytes, memory->page_cache_bytes),
                            known(memory->reclaimable_bytes)));
}

static uint64_t pages(uint64_t count, uint64_t page_bytes)
{
    uint64_t bytes;
    return count == FIGURE_ABSENT || page_bytes == FIGURE_ABSENT ||
                   __builtin_mul_overflow(count, page_bytes, &bytes)
               ? FIGURE_ABSENT
               : bytes;
}

/* Kernels before 4.20 give only those of the usual size. */
static uint64_t huge_bytes(const struct memory_load *memory)
{
    return memory->huge_all_bytes != FIGURE_ABSENT
               ? memory->huge_all_bytes
               : pages(memory->huge_total, memory->huge_page_bytes);
}

static struct value get_huge(const struct snapshot *snap)
{
    return bytes_value(huge_bytes(&snap->system.memory));
}

static struct value get_huge_free(const struct snapshot *snap)
{
    const struct memory_load *memory = &snap->system.memory;
    return bytes_value(pages(memory->huge_free, memory->huge_page_bytes));
}

static struct value get_commit_share(const struct snapshot *snap)
{
    const struct memory_load *memory = &snap->system.memory;
    if (memory->committed_bytes == FIGURE_ABSENT || memory->commit_limit_bytes == FIGURE_ABSENT ||
        memory->commit_limit_bytes == 0) {
        return value_absent(ABSENT_UNSUPPORTED);
    }
    return (struct value){.kind = VALUE_FRACTION,
                          .as.number =
                              (double)memory->committed_bytes / (double)memory->commit_limit_bytes};
}

static struct value share_value(bool is_known, double share)
{
    return is_known ? (struct value){.kind = VALUE_FRACTION, .as.number = share}
                    : value_absent(ABSENT_UNSUPPORTED);
}

static struct value get_some_10s(const struct snapshot *snap)
{
    const struct pressure *psi = &snap->system.psi_memory;
    return share_value(psi->some_known, psi->some_10s);
}

static struct value get_some_60s(const struct snapshot *snap)
{
    const struct pressure *psi = &snap->system.psi_memory;
    return share_value(psi->some_known, psi->some_60s);
}

static struct value get_full_10s(const struct snapshot *snap)
{
    const struct pressure *psi = &snap->system.psi_memory;
    return share_value(psi->full_known, psi->full_10s);
}

static struct value get_full_60s(const struct snapshot *snap)
{
    const struct pressure *psi = &snap->system.psi_memory;
    return share_value(psi->full_known, psi->full_60s);
}

static struct value get_oom_kills(const struct snapshot *snap)
{
    if (snap->memory == NULL) {
        return value_absent(ABSENT_NOT_READ);
    }
    const uint64_t kills = snap->memory->oom_kills;
    return kills > INT64_MAX // FIGURE_ABSENT, too
               ? value_absent(ABSENT_UNSUPPORTED)
               : (struct value){.kind = VALUE_COUNT, .as.integer = (int64_t)kills};
}

/* clang-format off */
#define LOAD(member) .source = FROM_LOAD, .offset = offsetof(struct memory_load, member)
#define DETAIL(member) .source = FROM_DETAIL, .offset = offsetof(struct memory_detail, member)
#define RATE(member) .source = FROM_RATE, .offset = offsetof(struct memory_detail, member)
#define DERIVED(function) .source = FROM_DERIVED, .derive = (function)

static const struct row rows[] = {
    /* MEMORY_GROUP_MAIN */
    {{"total", "total", "Memory the kernel manages", VALUE_BYTES,
      MEMORY_GROUP_MAIN, false, 0, 0}, LOAD(total_bytes)},
    {{"used", "used", "What programs could not get without swapping: total less available, as "
      "free(1) says it; the header's meter is about what programs and kernel hold, without cache "
      "and shared memory", VALUE_BYTES,
      MEMORY_GROUP_MAIN, false, 0, 0}, LOAD(used_bytes)},
    {{"available", "available", "What programs can get without swapping", VALUE_BYTES,
      MEMORY_GROUP_MAIN, false, 0, 0}, LOAD(available_bytes)},
    {{"free", "free", "What is used for nothing", VALUE_BYTES,
      MEMORY_GROUP_MAIN, false, 0, 0}, LOAD(free_bytes)},
    {{"shared", "shared", "Shared memory and files of tmpfs; also in cached", VALUE_BYTES,
      MEMORY_GROUP_MAIN, false, 0, 0}, LOAD(shared_bytes)},
    {{"buff_cache", "buff/cache", "Buffers, cached and reclaimable slab, as free(1) says it",
      VALUE_BYTES, MEMORY_GROUP_MAIN, false, 0, 0}, DERIVED(get_buff_cache)},
    {{"buffers", "buffers", "Cache of block devices", VALUE_BYTES,
      MEMORY_GROUP_MAIN, false, 0, 0}, LOAD(buffers_bytes)},
    {{"cached", "cached", "Page cache: contents of files, with what is shared", VALUE_BYTES,
      MEMORY_GROUP_MAIN, false, 0, 0}, LOAD(page_cache_bytes)},
    /* MEMORY_GROUP_SWAP */
    {{"swap_total", "total", "Swap there is", VALUE_BYTES,
      MEMORY_GROUP_SWAP, false, 0, 0}, LOAD(swap_total_bytes)},
    {{"swap_used", "used", "Swap that is used", VALUE_BYTES,
      MEMORY_GROUP_SWAP, false, 0, 0}, LOAD(swap_used_bytes)},
    {{"swap_free", "free", "Swap that is free", VALUE_BYTES,
      MEMORY_GROUP_SWAP, true, 0, 0}, LOAD(swap_free_bytes)},
    {{"swap_in_rate", "in/s", "Bytes a second brought back from swap", VALUE_BYTE_RATE,
      MEMORY_GROUP_SWAP, false, 1, 0}, RATE(swap_in_bytes_per_s)},
    {{"swap_out_rate", "out/s", "Bytes a second put into swap", VALUE_BYTE_RATE,
      MEMORY_GROUP_SWAP, false, 1, 0}, RATE(swap_out_bytes_per_s)},
    {{"swap_cached", "cached", "What is in swap and still in memory", VALUE_BYTES,
      MEMORY_GROUP_SWAP, true, 0, 0}, LOAD(swap_cached_bytes)},
    {{"zswapped", "zswapped", "What zswap has compressed", VALUE_BYTES,
      MEMORY_GROUP_SWAP, true, 0, 0}, LOAD(zswapped_bytes)},
    {{"zswap", "in", "Memory that takes", VALUE_BYTES,
      MEMORY_GROUP_SWAP, true, 0, 0}, LOAD(zswap_bytes)},
    {{"zram_original", "zram holds", "What is in compressed devices in memory", VALUE_BYTES,
      MEMORY_GROUP_SWAP, true, 0, 0}, DETAIL(zram_original_bytes)},
    {{"zram_used", "in", "Memory those take", VALUE_BYTES,
      MEMORY_GROUP_SWAP, true, 0, 0}, DETAIL(zram_used_bytes)},
    /* MEMORY_GROUP_RECLAIM */
    {{"oom_kill_rate", "OOM kills/s", "Processes a second killed because memory ran out",
      VALUE_COUNT_RATE, MEMORY_GROUP_RECLAIM, true, 1e-9, 1e-9}, RATE(oom_kills_per_s)},
    {{"oom_kills", "OOM kills", "Processes killed for that since the machine started", VALUE_COUNT,
      MEMORY_GROUP_RECLAIM, false, 1, 0}, DERIVED(get_oom_kills)},
    {{"psi_some_10s", "waiting", "Share of the last 10 seconds in which some task waited for "
      "memory", VALUE_FRACTION, MEMORY_GROUP_RECLAIM, false, 0.05, 0.2}, DERIVED(get_some_10s)},
    {{"psi_full_10s", "all waiting", "Likewise all that had something to do", VALUE_FRACTION,
      MEMORY_GROUP_RECLAIM, false, 0.01, 0.1}, DERIVED(get_full_10s)},
    {{"reclaim_scan_rate", "scan/s", "Bytes a second looked at to be given up", VALUE_BYTE_RATE,
      MEMORY_GROUP_RECLAIM, false, 0, 0}, RATE(scan_bytes_per_s)},
    {{"reclaim_rate", "reclaim/s", "Bytes a second given up", VALUE_BYTE_RATE,
      MEMORY_GROUP_RECLAIM, false, 0, 0}, RATE(reclaim_bytes_per_s)},
    {{"stall_rate", "stalls/s", "Times a second a task that needed memory had to give some up "
      "first: direct reclaim", VALUE_COUNT_RATE,
      MEMORY_GROUP_RECLAIM, false, 0.05, 0}, RATE(stalls_per_s)},
    {{"compact_stall_rate", "compact/s", "Times a second a task had to move pages together first",
      VALUE_COUNT_RATE, MEMORY_GROUP_RECLAIM, true, 0.05, 0}, RATE(compact_stalls_per_s)},
    {{"major_fault_rate", "majflt/s", "Page faults a second that waited for a disk",
      VALUE_COUNT_RATE, MEMORY_GROUP_RECLAIM, false, 0, 0}, RATE(major_faults_per_s)},
    {{"psi_some_60s", "waiting 60s", "As psi_some_10s, of the last minute", VALUE_FRACTION,
      MEMORY_GROUP_RECLAIM, true, 0.05, 0.2}, DERIVED(get_some_60s)},
    {{"psi_full_60s", "all 60s", "As psi_full_10s, of the last minute", VALUE_FRACTION,
      MEMORY_GROUP_RECLAIM, true, 0.01, 0.1}, DERIVED(get_full_60s)},
    /* MEMORY_GROUP_KERNEL */
    {{"slab", "slab", "Objects of the kernel", VALUE_BYTES,
      MEMORY_GROUP_KERNEL, false, 0, 0}, LOAD(slab_bytes)},
    {{"slab_reclaimable", "reclaimable", "Those it gives up when memory is needed", VALUE_BYTES,
      MEMORY_GROUP_KERNEL, false, 0, 0}, LOAD(reclaimable_bytes)},
    {{"slab_unreclaimable", "fixed", "Those it keeps", VALUE_BYTES,
      MEMORY_GROUP_KERNEL, false, 0, 0}, LOAD(unreclaimable_bytes)},
    {{"page_tables", "page tables", "What maps the memory of processes", VALUE_BYTES,
      MEMORY_GROUP_KERNEL, false, 0, 0}, LOAD(page_tables_bytes)},
    {{"kernel_stack", "stacks", "Kernel stacks of all tasks", VALUE_BYTES,
      MEMORY_GROUP_KERNEL, false, 0, 0}, LOAD(kernel_stack_bytes)},
    {{"percpu", "per CPU", "What the kernel has once for each CPU", VALUE_BYTES,
      MEMORY_GROUP_KERNEL, true, 0, 0}, LOAD(percpu_bytes)},
    {{"arc", "ZFS ARC", "Cache of ZFS, mostly given up when needed; not in cached", VALUE_BYTES,
      MEMORY_GROUP_KERNEL, true, 0, 0}, DETAIL(arc_bytes)},
    {{"arc_limit", "of at most", "What that may grow to", VALUE_BYTES,
      MEMORY_GROUP_KERNEL, true, 0, 0}, DETAIL(arc_limit_bytes)},
    /* MEMORY_GROUP_PAGES */
    {{"dirty", "dirty", "What waits to be written to disk", VALUE_BYTES,
      MEMORY_GROUP_PAGES, false, 0, 0}, LOAD(dirty_bytes)},
    {{"writeback", "writeback", "What is being written", VALUE_BYTES,
      MEMORY_GROUP_PAGES, false, 0, 0}, LOAD(writeback_bytes)},
    {{"anonymous", "programs", "Data of programs, in no file", VALUE_BYTES,
      MEMORY_GROUP_PAGES, false, 0, 0}, LOAD(anon_bytes)},
    {{"mapped", "mapped", "Files and shared memory that programs have mapped", VALUE_BYTES,
      MEMORY_GROUP_PAGES, false, 0, 0}, LOAD(mapped_bytes)},
    {{"anon_huge", "THP", "Data of programs in transparent huge pages", VALUE_BYTES,
      MEMORY_GROUP_PAGES, false, 0, 0}, LOAD(anon_huge_bytes)},
    {{"huge", "huge pages", "Memory set aside as huge pages, used or not", VALUE_BYTES,
      MEMORY_GROUP_PAGES, false, 0, 0}, DERIVED(get_huge)},
    {{"huge_free", "free", "What of it is free, of pages of the usual size", VALUE_BYTES,
      MEMORY_GROUP_PAGES, true, 0, 0}, DERIVED(get_huge_free)},
    {{"ksm_shared", "KSM keeps", "Pages that stand for several same ones", VALUE_BYTES,
      MEMORY_GROUP_PAGES, true, 0, 0}, DETAIL(ksm_shared_bytes)},
    {{"ksm_saved", "saves", "What that saves", VALUE_BYTES,
      MEMORY_GROUP_PAGES, true, 0, 0}, DETAIL(ksm_saved_bytes)},
    /* MEMORY_GROUP_COMMIT */
    {{"committed", "promised", "What programs have been promised", VALUE_BYTES,
      MEMORY_GROUP_COMMIT, false, 0, 0}, LOAD(committed_bytes)},
    {{"commit_limit", "limit", "What may be promised where the kernel is strict "
      "(vm.overcommit_memory 2)", VALUE_BYTES,
      MEMORY_GROUP_COMMIT, false, 0, 0}, LOAD(commit_limit_bytes)},
    {{"commit_share", "of it", "Share of that limit; may be above 1 where it is not strict",
      VALUE_FRACTION, MEMORY_GROUP_COMMIT, false, 0, 0}, DERIVED(get_commit_share)},
};
/* clang-format on */
#undef LOAD
#undef DETAIL
#undef RATE
#undef DERIVED

enum { FIGURES = sizeof(rows) / sizeof(rows[0]) };

size_t memory_figure_count(void)
{
    return FIGURES;
}

const struct memory_figure *memory_figure(size_t at)
{
    return &rows[at].figure;
}

static struct value rate_value(const struct row *row, const struct memory_detail *detail)
{
    double rate;
    memcpy(&rate, (const char *)detail + row->offset, sizeof(rate));
    if (rate < 0) {
        return value_absent(detail->has_interval ? ABSENT_UNSUPPORTED : ABSENT_NO_INTERVAL);
    }
    return (struct value){.kind = row->figure.kind, .as.number = rate};
}

struct value memory_figure_value(size_t at, const struct snapshot *snap)
{
    const struct row *row = &rows[at];
    uint64_t bytes;
    if (row->source == FROM_DERIVED) {
        return row->derive(snap);
    }
    if (row->source == FROM_LOAD) {
        memcpy(&bytes, (const char *)&snap->system.memory + row->offset, sizeof(bytes));
        return bytes_value(bytes);
    }
    if (snap->memory == NULL) {
        return value_absent(ABSENT_NOT_READ);
    }
    if (row->source == FROM_RATE) {
        return rate_value(row, snap->memory);
    }
    memcpy(&bytes, (const char *)snap->memory + row->offset, sizeof(bytes));
    return bytes_value(bytes);
}

bool memory_figure_is_shown(size_t at, const struct value *value)
{
    const bool dull = rows[at].figure.dull;
    switch (value->kind) {
    case VALUE_NONE:
        return value->why != ABSENT_UNSUPPORTED && !dull;
    case VALUE_BYTES:
        return !dull || value->as.bytes > 0;
    case VALUE_COUNT_RATE:
    case VALUE_BYTE_RATE:
    case VALUE_FRACTION:
        return !dull || value->as.number > 0;
    case VALUE_ID:
    case VALUE_COUNT:
    case VALUE_BYTE_CHANGE:
    case VALUE_CPUS:
    case VALUE_DURATION:
    case VALUE_LATENCY:
    case VALUE_AGE:
    case VALUE_WALL:
    case VALUE_LETTER:
    case VALUE_TEXT:
    case VALUE_KIND_COUNT:
        break;
    }
    return true;
}

const char *memory_group_title(enum memory_group group)
{
    static const char *const titles[MEMORY_GROUP_COUNT] = {
        [MEMORY_GROUP_MAIN] = "Memory",      [MEMORY_GROUP_SWAP] = "Swap",
        [MEMORY_GROUP_RECLAIM] = "Pressure", [MEMORY_GROUP_KERNEL] = "Kernel",
        [MEMORY_GROUP_COMMIT] = "Commit",    [MEMORY_GROUP_PAGES] = "Pages",
    };
    return titles[group];
}

bool memory_divide(const struct memory_load *memory, uint64_t ret[MEMORY_PART_COUNT])
{
    if (memory->total_bytes == FIGURE_ABSENT || memory->free_bytes == FIGURE_ABSENT) {
        return false;
    }
    const uint64_t kernel =
        plus(plus(known(memory->page_tables_bytes), known(memory->kernel_stack_bytes)),
             known(memory->percpu_bytes));
    const uint64_t parts[MEMORY_PART_COUNT] = {
        [MEMORY_PART_PROGRAMS] = known(memory->anon_bytes),
        [MEMORY_PART_HUGE] = known(huge_bytes(memory)),
        [MEMORY_PART_SHARED] = known(memory->shared_bytes),
        [MEMORY_PART_KERNEL] = kernel,
        [MEMORY_PART_SLAB] = known(memory->slab_bytes),
        [MEMORY_PART_BUFFERS] = known(memory->buffers_bytes),
        [MEMORY_PART_CACHE] = less(known(memory->page_cache_bytes), known(memory->shared_bytes)),
        [MEMORY_PART_FREE] = memory->free_bytes,
    };
    static const enum memory_part by_weight[] = {
        // what comes last is cut where they overlap
        MEMORY_PART_FREE, MEMORY_PART_PROGRAMS, MEMORY_PART_HUGE,    MEMORY_PART_SHARED,
        MEMORY_PART_SLAB, MEMORY_PART_CACHE,    MEMORY_PART_BUFFERS, MEMORY_PART_KERNEL,
    };
    uint64_t left = memory->total_bytes;
    for (size_t i = 0; i < sizeof(by_weight) / sizeof(by_weight[0]); i++) {
        const enum memory_part part = by_weight[i];
        ret[part] = parts[part] < left ? parts[part] : left;
        left -= ret[part];
    }
    ret[MEMORY_PART_OTHER] = left;
    return true;
}
