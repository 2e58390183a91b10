#include "model/column_memory.h"

#include "model/column_make.h"

#include <assert.h>

/* Kernel threads and zombies have none, and a thread's is its process's. */
static bool has_memory(const struct proc *proc)
{
    return (proc->flags & (PROC_KERNEL | PROC_THREAD)) == 0 && proc->state != 'Z';
}

static struct value make_memory(const struct proc *proc, uint64_t bytes)
{
    if (bytes != FIGURE_ABSENT) {
        return make_bytes(bytes);
    }
    return value_absent(has_memory(proc) ? ABSENT_UNSUPPORTED : ABSENT_NOT_APPLICABLE);
}

static struct value get_anon(const struct proc *proc)
{
    return make_memory(proc, proc->mem.anon_bytes);
}

static struct value get_file(const struct proc *proc)
{
    return make_memory(proc, proc->mem.file_bytes);
}

static struct value get_shmem(const struct proc *proc)
{
    return make_memory(proc, proc->mem.shmem_bytes);
}

static struct value get_pss(const struct proc *proc)
{
    return make_memory(proc, proc->mem.pss_bytes);
}

static struct value get_uss(const struct proc *proc)
{
    return make_memory(proc, proc->mem.uss_bytes);
}

static struct value get_swap(const struct proc *proc)
{
    return make_memory(proc, proc->mem.swap_bytes);
}

static struct value get_swap_pss(const struct proc *proc)
{
    return make_memory(proc, proc->mem.swap_pss_bytes);
}

static struct value get_locked(const struct proc *proc)
{
    return make_memory(proc, proc->mem.locked_bytes);
}

static struct value get_page_tables(const struct proc *proc)
{
    return make_memory(proc, proc->mem.page_table_bytes);
}

static struct value get_growth_rate(const struct proc *proc)
{
    return make_number(VALUE_BYTE_RATE, proc->mem.growth_per_s);
}

static struct value get_growth_window(const struct proc *proc)
{
    return proc->mem.window_ns == 0 ? value_absent(ABSENT_NO_INTERVAL)
                                    : make_number(VALUE_BYTE_RATE, proc->mem.window_bytes_per_s);
}

static struct value get_growth(const struct proc *proc)
{
    return proc->mem.has_baseline ? make_integer(VALUE_BYTE_CHANGE, proc->mem.growth_bytes)
                                  : value_absent(ABSENT_NO_INTERVAL);
}

static struct value get_oom_score(const struct proc *proc)
{
    return make_count(proc->mem.oom_score);
}

static struct value get_oom_adj(const struct proc *proc)
{
    return make_count(proc->mem.oom_adj);
}

static struct value get_cgroup(const struct proc *proc)
{
    return proc->cgroup.path.bytes == 0 ? value_absent(ABSENT_NOT_APPLICABLE)
                                        : make_text(proc->cgroup.path);
}

static struct value no_limit(const struct proc *proc)
{
    return value_absent(proc->cgroup.limit_unknown ? ABSENT_UNSUPPORTED : ABSENT_NOT_APPLICABLE);
}

static struct value get_cgroup_limit(const struct proc *proc)
{
    return proc->cgroup.limit_bytes == FIGURE_ABSENT ? no_limit(proc)
                                                     : make_bytes(proc->cgroup.limit_bytes);
}

static struct value get_cgroup_usage(const struct proc *proc)
{
    return proc->cgroup.limit_bytes == FIGURE_ABSENT ? no_limit(proc)
                                                     : make_bytes(proc->cgroup.usage_bytes);
}

static struct value get_cgroup_fill(const struct proc *proc)
{
    if (proc->cgroup.limit_bytes == FIGURE_ABSENT || proc->cgroup.limit_bytes == 0) {
        return no_limit(proc);
    }
    return make_number(VALUE_FRACTION,
                       (double)proc->cgroup.usage_bytes / (double)proc->cgroup.limit_bytes);
}

/* clang-format off */
static const struct column columns[] = {
    [COLUMN_ANON - COLUMN_MEMORY_FIRST] = {.name = "anon", .title = "ANON", .cells = 5,
        .kind = VALUE_BYTES,
        .help = "Part of RES that is its own data: heap, stacks; lost to others only by swapping.",
        .source = "RssAnon in /proc/PID/status",
        .need = FACT_STATUS, .descending = true, .get = get_anon},
    [COLUMN_FILE - COLUMN_MEMORY_FIRST] = {.name = "file", .title = "FILE", .cells = 5,
        .kind = VALUE_BYTES,
        .help = "Part of RES that is mapped files: programs, libraries, data.",
        .source = "RssFile in /proc/PID/status",
        .need = FACT_STATUS, .descending = true, .get = get_file},
    [COLUMN_SHMEM - COLUMN_MEMORY_FIRST] = {.name = "shmem", .title = "SHMEM", .cells = 5,
        .kind = VALUE_BYTES,
        .help = "Part of RES that is shared memory and files of tmpfs.",
        .source = "RssShmem in /proc/PID/status",
        .need = FACT_STATUS, .descending = true, .get = get_shmem},
    [COLUMN_PSS - COLUMN_MEMORY_FIRST] = {.name = "pss", .title = "PSS", .cells = 5,
        .kind = VALUE_BYTES,
        .help = "Its share of memory: each page divided by the number of processes that map it.",
        .source = "Pss in /proc/PID/smaps_rollup, or smaps",
        .need = FACT_SMAPS, .costly = true, .summed = true, .descending = true, .get = get_pss},
    [COLUMN_USS - COLUMN_MEMORY_FIRST] = {.name = "uss", .title = "USS", .cells = 5,
        .kind = VALUE_BYTES,
        .help = "Memory nobody else maps: what would be free if it ended.",
        .source = "Private_Clean and Private_Dirty in /proc/PID/smaps_rollup, or smaps",
        .need = FACT_SMAPS, .costly = true, .summed = true, .descending = true, .get = get_uss},
    [COLUMN_SWAP - COLUMN_MEMORY_FIRST] = {.name = "swap", .title = "SWAP", .cells = 5,
        .kind = VALUE_BYTES,
        .help = "What of it is swapped out, without shared memory.",
        .source = "VmSwap in /proc/PID/status",
        .need = FACT_STATUS, .summed = true, .descending = true, .get = get_swap},
    [COLUMN_SWAP_PSS - COLUMN_MEMORY_FIRST] = {.name = "swap_pss", .title = "SWPSS", .cells = 5,
        .kind = VALUE_BYTES,
        .help = "Its share of what is swapped out, shared memory included.",
        .source = "SwapPss in /proc/PID/smaps_rollup, or smaps",
        .need = FACT_SMAPS, .costly = true, .summed = true, .descending = true, .get = get_swap_pss},
    [COLUMN_LOCKED - COLUMN_MEMORY_FIRST] = {.name = "locked", .title = "LOCK", .cells = 5,
        .kind = VALUE_BYTES,
        .help = "Memory that is locked: never swapped out.",
        .source = "VmLck in /proc/PID/status",
        .need = FACT_STATUS, .descending = true, .get = get_locked},
    [COLUMN_PAGE_TABLES - COLUMN_MEMORY_FIRST] = {.name = "page_tables", .title = "PTE", .cells = 5,
        .kind = VALUE_BYTES,
        .help = "Memory of the kernel for this process's page tables.",
        .source = "VmPTE in /proc/PID/status",
        .need = FACT_STATUS, .descending = true, .get = get_page_tables},
    [COLUMN_GROWTH_RATE - COLUMN_MEMORY_FIRST] = {.name = "growth_rate", .title = "GROW/s", .cells = 6,
        .kind = VALUE_BYTE_RATE,
        .help = "Bytes RES grew by a second; negative: it shrank.",
        .source = "as RES",
        .need = FACT_IDENT | FACT_RATE, .want = FACT_MEMORY, .descending = true, .get = get_growth_rate},
    [COLUMN_GROWTH_WINDOW - COLUMN_MEMORY_FIRST] = {.name = "growth_minute", .title = "GRO1m/s", .cells = 7,
        .kind = VALUE_BYTE_RATE,
        .help = "Likewise on average over the last half to full minute.",
        .source = "as RES",
        .need = FACT_IDENT, .want = FACT_MEMORY, .descending = true, .get = get_growth_window},
    [COLUMN_GROWTH - COLUMN_MEMORY_FIRST] = {.name = "growth", .title = "SINCE", .cells = 6,
        .kind = VALUE_BYTE_CHANGE,
        .help = "Bytes RES grew by since perch first saw it, or since a new baseline was set.",
        .source = "as RES",
        .need = FACT_IDENT, .want = FACT_MEMORY, .descending = true, .get = get_growth},
    [COLUMN_OOM_SCORE - COLUMN_MEMORY_FIRST] = {.name = "oom_score", .title = "OOM", .cells = 4,
        .kind = VALUE_COUNT,
        .help = "Whom the kernel kills when memory runs out: the highest score.",
        .source = "/proc/PID/oom_score",
        .need = FACT_OOM, .descending = true, .get = get_oom_score},
    [COLUMN_OOM_ADJ - COLUMN_MEMORY_FIRST] = {.name = "oom_adj", .title = "OOMADJ", .cells = 6,
        .kind = VALUE_COUNT,
        .help = "What was added to that score: from -1000 (never) to 1000 (first).",
        .source = "/proc/PID/oom_score_adj",
        .need = FACT_OOM, .descending = true, .get = get_oom_adj},
    [COLUMN_CGROUP - COLUMN_MEMORY_FIRST] = {.name = "cgroup", .title = "CGROUP", .cells = 24,
        .kind = VALUE_TEXT,
        .help = "Path of its cgroup.",
        .source = "/proc/PID/cgroup",
        .need = FACT_CGROUP, .costly = true, .grows = true, .get = get_cgroup},
    [COLUMN_CGROUP_LIMIT - COLUMN_MEMORY_FIRST] = {.name = "cgroup_limit", .title = "CGMAX", .cells = 5,
        .kind = VALUE_BYTES,
        .help = "Memory limit on the path of its cgroup: of several the one with the least left.",
        .source = "memory.max, or memory.limit_in_bytes",
        .need = FACT_CGROUP, .costly = true, .descending = true, .get = get_cgroup_limit},
    [COLUMN_CGROUP_USAGE - COLUMN_MEMORY_FIRST] = {.name = "cgroup_usage", .title = "CGUSE", .cells = 5,
        .kind = VALUE_BYTES,
        .help = "What the cgroup of that limit uses, all its processes and page cache together.",
        .source = "memory.current, or memory.usage_in_bytes",
        .need = FACT_CGROUP, .costly = true, .descending = true, .get = get_cgroup_usage},
    [COLUMN_CGROUP_FILL - COLUMN_MEMORY_FIRST] = {.name = "cgroup_fill", .title = "LIM%", .cells = 4,
        .kind = VALUE_FRACTION,
        .help = "How much is used of the memory limit on the path of its cgroup: of several the one "
                "with the least left.",
        .source = "as CGMAX and CGUSE",
        .need = FACT_CGROUP, .costly = true, .descending = true, .get = get_cgroup_fill},
};
/* clang-format on */

static_assert(sizeof(columns) / sizeof(columns[0]) ==
                  (size_t)COLUMN_MEMORY_LAST - COLUMN_MEMORY_FIRST + 1,
              "a row for each");

const struct column *column_memory_info(enum column_id id)
{
    return &columns[id - COLUMN_MEMORY_FIRST];
}
