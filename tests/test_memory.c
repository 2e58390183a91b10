/* What the machine's memory is used for, from the kernel's files to the figures shown. */

#include "base/arena.h"
#include "check.h"
#include "model/memory.h"
#include "platform/linux/parse_memory.h"
#include "platform/platform.h"
#include "sampler/cache.h"
#include "sampler/diff.h"
#include "tree.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 16 << 20 };

static const uint64_t kib = 1024;
static const uint64_t second_ns = 1000000000;

/* --- parsers ---------------------------------------------------------------------------------- */

static bool is_text(struct raw_bytes bytes, const char *expected)
{
    return bytes.len == strlen(expected) && memcmp(bytes.ptr, expected, bytes.len) == 0;
}

#define SWAPS                                                                 \
 "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"                         \
 "/dev/sda2                               partition\t2097148\t\t1024\t\t-2\n" \
 "/var/a\\040b\\134\\011\\033[2J\\012c            file\t\t8188\t\t0\t\t32767\n"

static void swap_devices_have_any_name(void **state)
{
    (void)state;
    char text[] = SWAPS;
    struct raw_swap swaps[2];
    assert_int_equal(parse_memory_swaps(text, sizeof(text) - 1, NULL, 0), 2);
    assert_string_equal(text, SWAPS); // counting changes nothing
    assert_int_equal(parse_memory_swaps(text, sizeof(text) - 1, swaps, 2), 2);
    assert_true(is_text(swaps[0].path, "/dev/sda2"));
    assert_true(is_text(swaps[0].type, "partition"));
    assert_int_equal(swaps[0].size_bytes, 2097148 * kib);
    assert_int_equal(swaps[0].used_bytes, 1024 * kib);
    assert_int_equal(swaps[0].priority, -2);
    assert_true(is_text(swaps[1].path, "/var/a b\\\t\033[2J\nc"));
    assert_true(is_text(swaps[1].type, "file"));
    assert_int_equal(swaps[1].priority, 32767);
}

static void odd_lines_of_swaps_are_left_out(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "\n",
        "/dev/sda2\n",
        "/dev/sda2 partition 1\n",
        "/dev/sda2 partition 1 2\n",
        "/dev/sda2 partition x 2 3\n",
        "/dev/sda2 partition 1 2 99999999999\n",
        "/dev/sda2 partition 18446744073709551615 2 3\n",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[128];
        (void)snprintf(text, sizeof(text), "%s", rows[i]);
        assert_int_equal(parse_memory_swaps(text, strlen(text), NULL, 0), 0);
    }
}

static void nothing_of_vmstat_is_counted_twice(void **state)
{
    (void)state;
    static const char new_kernel[] =
        "pswpin 1\npswpout 2\nallocstall_dma 1\nallocstall_dma32 2\nallocstall_normal 3\n"
        "allocstall_movable 4\npgsteal_kswapd 10\npgsteal_direct 20\npgsteal_khugepaged 30\n"
        "pgsteal_proactive 40\npgscan_kswapd 100\npgscan_direct 200\npgscan_khugepaged 300\n"
        "pgscan_proactive 400\npgscan_direct_throttle 5000\npgscan_anon 600\npgscan_file 400\n"
        "pgsteal_anon 60\npgsteal_file 40\npgmajfault 7\noom_kill 8\ncompact_stall 9\n"
        "compact_stall_x 100\noom_kill_other 1\nnr_free_pages 12\n";
    struct raw_reclaim is;
    parse_memory_vmstat(new_kernel, sizeof(new_kernel) - 1, 4096, &is);
    assert_int_equal(is.swapped_in_bytes, 4096);
    assert_int_equal(is.swapped_out_bytes, 2 * 4096);
    assert_int_equal(is.scanned_bytes, 1000 * 4096);
    assert_int_equal(is.reclaimed_bytes, 100 * 4096);
    assert_int_equal(is.stalls, 10);
    assert_int_equal(is.compact_stalls, 9);
    assert_int_equal(is.oom_kills, 8);
    assert_int_equal(is.major_faults, 7);
}

static void old_kernels_count_by_zone_and_no_kills(void **state)
{
    (void)state;
    static const char old_kernel[] =
        "allocstall 5\npgsteal_kswapd_dma 1\npgsteal_kswapd_normal 2\npgsteal_direct_normal 4\n"
        "pgscan_kswapd_dma32 8\npgscan_direct_movable 16\npgscan_direct_throttle 9\n";
    struct raw_reclaim is;
    parse_memory_vmstat(old_kernel, sizeof(old_kernel) - 1, 65536, &is);
    assert_int_equal(is.scanned_bytes, 24 * 65536);
    assert_int_equal(is.reclaimed_bytes, 7 * 65536);
    assert_int_equal(is.stalls, 5);
    assert_int_equal(is.oom_kills, FIGURE_ABSENT);
    assert_int_equal(is.swapped_in_bytes, FIGURE_ABSENT);
}

static void what_makes_no_sense_is_absent(void **state)
{
    (void)state;
    static const char odd[] = "pswpin\npswpout x\noom_kill 99999999999999999999\npgmajfault 1 2\n";
    struct raw_reclaim is;
    parse_memory_vmstat(odd, sizeof(odd) - 1, 4096, &is);
    assert_int_equal(is.swapped_in_bytes, FIGURE_ABSENT);
    assert_int_equal(is.swapped_out_bytes, FIGURE_ABSENT);
    assert_int_equal(is.oom_kills, FIGURE_ABSENT);
    assert_int_equal(is.major_faults, FIGURE_ABSENT);
    struct raw_zram zram;
    struct raw_node node = {0};
    uint64_t size;
    uint64_t limit;
    assert_false(parse_memory_zram("1 2", 3, &zram));
    assert_false(parse_memory_node("Node 0 MemTotal: 5 kB\n", 22, &node));
    parse_memory_arc("size 4\nc_max 4 x\n", 17, &size, &limit);
    assert_int_equal(size, FIGURE_ABSENT);
    assert_int_equal(limit, FIGURE_ABSENT);
    assert_int_equal(parse_memory_pages("no\n", 3, 4096), FIGURE_ABSENT);
    assert_int_equal(parse_memory_pages("18446744073709551615\n", 21, 4096), FIGURE_ABSENT);
}

/* --- made-up machines ------------------------------------------------------------------------- */

/* A made-up machine and two samples of it. */
struct machine {
    char proc[TREE_ROOT_BYTES], sys[TREE_ROOT_BYTES];
    struct platform *platform;
    struct arena *arenas[3]; // of the samples and of the snapshot
    struct raw_sample raw[2];
    struct cache *cache;
};

static int set_up(void **state)
{
    static struct machine m;
    memset(&m, 0, sizeof(m));
    tree_make(m.proc);
    tree_make(m.sys);
    tree_file(m.proc, "stat", "cpu  1 2 3 4\n");
    for (size_t i = 0; i < 3; i++) {
        m.arenas[i] = arena_create(ARENA_BYTES);
        assert_non_null(m.arenas[i]);
    }
    m.cache = cache_create(100);
    assert_non_null(m.cache);
    const struct platform_options options = {.proc_root = m.proc, .sys_root = m.sys};
    assert_int_equal(platform_open(&options, &m.platform), 0);
    *state = &m;
    return 0;
}

static int tear_down(void **state)
{
    struct machine *m = *state;
    platform_close(m->platform);
    cache_destroy(m->cache);
    for (size_t i = 0; i < 3; i++) {
        arena_destroy(m->arenas[i]);
    }
    tree_remove(m->proc);
    tree_remove(m->sys);
    return 0;
}

static void sample(struct machine *m, size_t which, unsigned parts)
{
    const struct platform_request request = {.parts = parts};
    arena_reset(m->arenas[which]);
    assert_int_equal(platform_sample(m->platform, &request, m->arenas[which], &m->raw[which]), 0);
    m->raw[which].begin_ns = (100 + 2 * which) * second_ns; // two seconds between them
    m->raw[which].end_ns = m->raw[which].begin_ns;
}

/* The snapshot of the second sample, or of it alone. */
static const struct snapshot *snapshot_of(struct machine *m, bool first)
{
    struct snapshot *snap = NULL;
    arena_reset(m->arenas[2]);
    assert_int_equal(diff_samples(first ? NULL : &m->raw[0], &m->raw[1], m->cache, FACT_READABLE,
                                  m->arenas[2], &snap),
                     0);
    return snap;
}

static struct value figure(const struct snapshot *snap, const char *name)
{
    for (size_t i = 0; i < memory_figure_count(); i++) {
        if (strcmp(memory_figure(i)->name, name) == 0) {
            return memory_figure_value(i, snap);
        }
    }
    fail_msg("no figure %s", name);
    return value_absent(ABSENT_NOT_READ);
}

static void assert_bytes(const struct snapshot *snap, const char *name, uint64_t expected)
{
    const struct value value = figure(snap, name);
    if (value.kind != VALUE_BYTES || value.as.bytes != expected) {
        fail_msg("%s is %llu, not %llu", name, (unsigned long long)value.as.bytes,
                 (unsigned long long)expected);
    }
}

static void assert_rate(const struct snapshot *snap, const char *name, double expected)
{
    const struct value value = figure(snap, name);
    if (value.kind == VALUE_NONE || fabs(value.as.number - expected) > 1e-6) {
        fail_msg("%s is %f, not %f", name, value.as.number, expected);
    }
}

/* In KiB, as in the file. */
enum {
    TOTAL = 16303140,
    FREE = 1049016,
    AVAILABLE = 9876544,
    BUFFERS = 305412,
    CACHED = 8123456,
    RECLAIMABLE = 601234,
    SHARED = 412345,
    SLAB = 812345,
    SWAP = 2105336,
    SWAP_FREE = 2004312,
    ANON = 5123456,
    TABLES = 61234,
    STACKS = 17001,
    PERCPU = 9001,
    HUGE = 204800,
};

static void write_meminfo(const struct machine *m)
{
    tree_file(m->proc, "meminfo",
              "MemTotal: %d kB\nMemFree: %d kB\nMemAvailable: %d kB\nBuffers: %d kB\n"
              "Cached: %d kB\nSwapCached: 1028 kB\nDirty: 1236 kB\nWriteback: 12 kB\n"
              "AnonPages: %d kB\nMapped: 700004 kB\nShmem: %d kB\nSlab: %d kB\n"
              "SReclaimable: %d kB\nSUnreclaim: 211111 kB\nKernelStack:%d kB\nPageTables: %d kB\n"
              "SwapTotal: %d kB\nSwapFree: %d kB\nZswap: 400 kB\nZswapped: 1600 kB\n"
              "CommitLimit: 10256904 kB\nCommitted_AS: 5128452 kB\nPercpu: %d kB\n"
              "AnonHugePages: 4096 kB\nHugePages_Total: 50\nHugePages_Free: 10\n"
              "Hugepagesize: 2048 kB\nHugetlb: %d kB\n",
              TOTAL, FREE, AVAILABLE, BUFFERS, CACHED, ANON, SHARED, SLAB, RECLAIMABLE, STACKS,
              TABLES, SWAP, SWAP_FREE, PERCPU, HUGE);
}

static void write_vmstat(const struct machine *m, unsigned swapped_out, unsigned kills)
{
    tree_file(m->proc, "vmstat",
              "pswpin 100\npswpout %u\nallocstall_normal 40\npgsteal_direct 50\npgscan_direct 60\n"
              "compact_stall 2\noom_kill %u\npgmajfault 1000\n",
              swapped_out, kills);
}

static void figures_are_those_of_free(void **state)
{
    struct machine *m = *state;
    write_meminfo(m);
    sample(m, 1, PART_MEMORY);
    const struct snapshot *snap = snapshot_of(m, true);
    assert_bytes(snap, "total", TOTAL * kib);
    assert_bytes(snap, "used", (TOTAL - AVAILABLE) * kib); // free(1) from procps 4.0.1 on
    assert_bytes(snap, "free", FREE * kib);
    assert_bytes(snap, "shared", SHARED * kib);
    assert_bytes(snap, "buff_cache", (uint64_t)(BUFFERS + CACHED + RECLAIMABLE) * kib);
    assert_bytes(snap, "buffers", BUFFERS * kib);
    assert_bytes(snap, "cached", CACHED * kib);
    assert_bytes(snap, "available", AVAILABLE * kib);
    assert_bytes(snap, "swap_total", SWAP * kib);
    assert_bytes(snap, "swap_used", (SWAP - SWAP_FREE) * kib);
    assert_bytes(snap, "swap_free", SWAP_FREE * kib);
}

static void figures_are_those_of_meminfo(void **state)
{
    struct machine *m = *state;
    static const struct {
        const char *name;
        uint64_t kilobytes;
    } rows[] = {
        {"swap_cached", 1028},
        {"dirty", 1236},
        {"writeback", 12},
        {"anonymous", ANON},
        {"mapped", 700004},
        {"slab", SLAB},
        {"page_tables", TABLES},
        {"kernel_stack", STACKS},
        {"percpu", PERCPU},
        {"slab_reclaimable", RECLAIMABLE},
        {"slab_unreclaimable", 211111},
        {"zswap", 400},
        {"zswapped", 1600},
        {"committed", 5128452},
        {"commit_limit", 10256904},
        {"anon_huge", 4096},
        {"huge", HUGE},
        {"huge_free", 10 * 2048},
    };
    write_meminfo(m);
    sample(m, 1, PART_MEMORY);
    const struct snapshot *snap = snapshot_of(m, true);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_bytes(snap, rows[i].name, rows[i].kilobytes * kib);
    }
    assert_rate(snap, "commit_share", 0.5);
}

static void swaps_nodes_and_devices_are_found(void **state)
{
    struct machine *m = *state;
    tree_file(m->proc, "swaps", "%s", SWAPS);
    tree_file(m->proc, "spl/kstat/zfs/arcstats",
              "13 1 0x01 98 26656 1 2\nname type data\nhits 4 5\nsize 4 1073741824\n"
              "c 4 5\nc_max 4 4294967296\n");
    tree_file(m->sys, "block/zram10/mm_stat", "4096000 1024000 1200000 0 1300000 5 0 0 0\n");
    tree_file(m->sys, "block/zram2/mm_stat", "    1000 300 400 0 500 0 0\n");
    tree_file(m->sys, "block/zramx/mm_stat", "1 1 1\n");
    tree_dir(m->sys, "block/zram3");
    tree_file(m->sys, "kernel/mm/ksm/pages_shared", "10\n");
    tree_file(m->sys, "kernel/mm/ksm/pages_sharing", "70\n");
    tree_file(m->sys, "devices/system/node/online", "0,2-3\n");
    for (int node = 0; node < 3; node++) { // the third is not there, the second not online
        char path[64];
        (void)snprintf(path, sizeof(path), "devices/system/node/node%d/meminfo", node);
        tree_file(m->sys, path,
                  "Node %d MemTotal: 1000 kB\nNode %d MemFree: 250 kB\nNode %d FilePages: 300 kB\n",
                  node, node, node);
    }
    sample(m, 1, PART_MEMORY);
    const struct snapshot *snap = snapshot_of(m, true);
    const struct memory_detail *detail = snap->memory;
    assert_true(detail->swaps_known);
    assert_int_equal(detail->swap_count, 2);
    assert_string_equal(detail->swaps[0].path.ptr, "/dev/sda2");
    assert_null(strpbrk(detail->swaps[1].path.ptr, "\033\t\n")); // made safe
    assert_bytes(snap, "arc", UINT64_C(1) << 30);
    assert_bytes(snap, "arc_limit", UINT64_C(4) << 30);
    assert_int_equal(detail->zram_count, 2);
    assert_int_equal(detail->zrams[0].index, 2);
    assert_int_equal(detail->zrams[1].compressed_bytes, 1024000);
    assert_bytes(snap, "zram_original", 4097000);
    assert_bytes(snap, "zram_used", 1200400);
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    assert_bytes(snap, "ksm_shared", 10 * page);
    assert_bytes(snap, "ksm_saved", 70 * page);
    assert_int_equal(detail->node_count, 2);
    assert_int_equal(detail->nodes[1].index, 2);
    assert_int_equal(detail->nodes[1].free_bytes, 250 * kib);
    assert_int_equal(detail->nodes[1].file_bytes, 300 * kib);
    assert_int_equal(detail->nodes[1].anon_bytes, FIGURE_ABSENT);
}

static void what_is_not_there_is_absent_and_never_0(void **state)
{
    struct machine *m = *state;
    sample(m, 0, PART_MEMORY);
    sample(m, 1, PART_MEMORY);
    const struct snapshot *snap = snapshot_of(m, false);
    for (size_t i = 0; i < memory_figure_count(); i++) {
        const struct value value = memory_figure_value(i, snap);
        if (value.kind != VALUE_NONE) {
            fail_msg("%s is made up", memory_figure(i)->name);
        }
        assert_int_equal(value.why, ABSENT_UNSUPPORTED);
        assert_false(memory_figure_is_shown(i, &value));
    }
    assert_false(snap->memory->swaps_known);
    uint64_t parts[MEMORY_PART_COUNT];
    assert_false(memory_divide(&snap->system.memory, parts));
}

static void rates_are_of_the_time_between_two_samples(void **state)
{
    struct machine *m = *state;
    const double page = (double)sysconf(_SC_PAGESIZE);
    write_vmstat(m, 10, 1);
    sample(m, 0, PART_MEMORY);
    write_vmstat(m, 30, 2);
    sample(m, 1, PART_MEMORY);
    const struct snapshot *snap = snapshot_of(m, false);
    assert_rate(snap, "swap_out_rate", 10 * page);
    assert_rate(snap, "swap_in_rate", 0);
    assert_rate(snap, "reclaim_scan_rate", 0);
    assert_rate(snap, "oom_kill_rate", 0.5);
    assert_int_equal(figure(snap, "oom_kills").as.integer, 2);
    snap = snapshot_of(m, true);
    assert_int_equal(figure(snap, "swap_out_rate").why, ABSENT_NO_INTERVAL);
    assert_int_equal(figure(snap, "oom_kills").as.integer, 2);
}

static void a_counter_that_steps_back_gives_no_rate(void **state)
{
    struct machine *m = *state;
    write_vmstat(m, 4000000000u, 7);
    sample(m, 0, PART_MEMORY);
    write_vmstat(m, 3, 0);
    sample(m, 1, PART_MEMORY);
    const struct snapshot *snap = snapshot_of(m, false);
    assert_rate(snap, "swap_out_rate", 0);
    assert_rate(snap, "oom_kill_rate", 0);
}

static void it_is_read_only_while_it_is_asked_for(void **state)
{
    struct machine *m = *state;
    write_vmstat(m, 1, 1);
    sample(m, 0, PART_DISKS);
    assert_null(m->raw[0].memory);
    sample(m, 1, PART_MEMORY);
    const struct snapshot *snap = snapshot_of(m, false);
    assert_non_null(snap->memory);
    assert_int_equal(figure(snap, "swap_out_rate").why, ABSENT_NO_INTERVAL);
    sample(m, 1, 0);
    snap = snapshot_of(m, false);
    assert_null(snap->memory);
    assert_int_equal(figure(snap, "oom_kills").why, ABSENT_NOT_READ);
    assert_int_equal(figure(snap, "swap_out_rate").why, ABSENT_NOT_READ);
}

/* --- the whole and its parts ------------------------------------------------------------------ */

static uint64_t add_up(const uint64_t parts[MEMORY_PART_COUNT])
{
    uint64_t sum = 0;
    for (size_t i = 0; i < MEMORY_PART_COUNT; i++) {
        sum += parts[i];
    }
    return sum;
}

static void the_parts_add_up_to_the_total(void **state)
{
    struct machine *m = *state;
    write_meminfo(m);
    sample(m, 1, PART_MEMORY);
    uint64_t parts[MEMORY_PART_COUNT];
    assert_true(memory_divide(&snapshot_of(m, true)->system.memory, parts));
    assert_int_equal(parts[MEMORY_PART_PROGRAMS], ANON * kib);
    assert_int_equal(parts[MEMORY_PART_HUGE], HUGE * kib);
    assert_int_equal(parts[MEMORY_PART_SHARED], SHARED * kib);
    assert_int_equal(parts[MEMORY_PART_CACHE], (CACHED - SHARED) * kib);
    assert_int_equal(parts[MEMORY_PART_KERNEL], (TABLES + STACKS + PERCPU) * kib);
    assert_int_equal(parts[MEMORY_PART_FREE], FREE * kib);
    assert_int_equal(add_up(parts), TOTAL * kib);
    assert_int_equal(parts[MEMORY_PART_OTHER],
                     (uint64_t)(TOTAL - FREE - ANON - HUGE - CACHED - TABLES - STACKS - PERCPU -
                                SLAB - BUFFERS) *
                         kib);
}

static void parts_that_claim_too_much_are_cut(void **state)
{
    (void)state;
    struct memory_load memory;
    uint64_t parts[MEMORY_PART_COUNT];
    memset(&memory, 0xff, sizeof(memory));
    memory.total_bytes = 1000;
    memory.free_bytes = 100;
    assert_true(memory_divide(&memory, parts));
    assert_int_equal(parts[MEMORY_PART_OTHER], 900);
    memory.anon_bytes = 800;
    memory.page_cache_bytes = UINT64_MAX - 1;
    memory.slab_bytes = 90;
    memory.page_tables_bytes = UINT64_MAX - 1;
    memory.percpu_bytes = UINT64_MAX - 1;
    assert_true(memory_divide(&memory, parts));
    assert_int_equal(parts[MEMORY_PART_CACHE], 10);
    assert_int_equal(parts[MEMORY_PART_OTHER], 0);
    assert_int_equal(add_up(parts), 1000);
    memory.free_bytes = 5000; // a container that is shown its host's
    assert_true(memory_divide(&memory, parts));
    assert_int_equal(add_up(parts), 1000);
}

/* --- this machine ----------------------------------------------------------------------------- */

/* Sample the running system. */
static void sample_live(struct machine *m)
{
    platform_close(m->platform);
    assert_int_equal(platform_open(NULL, &m->platform), 0);
    sample(m, 1, PART_MEMORY);
}

static void assert_near(const struct snapshot *snap, const char *name, uint64_t expected)
{
    const struct value value = figure(snap, name);
    assert_int_equal(value.kind, VALUE_BYTES);
    const double slack = 0.02 * (double)snap->system.memory.total_bytes + 64e6;
    const double off = fabs((double)value.as.bytes - (double)expected);
    if (off > slack) {
        fail_msg("%s is %llu, free(1) says %llu", name, (unsigned long long)value.as.bytes,
                 (unsigned long long)expected);
    }
}

static void free_says_the_same_of_this_machine(void **state)
{
    struct machine *m = *state;
    uint64_t is[6] = {0};
    uint64_t swap[3] = {0};
    FILE *pipe = popen("LC_ALL=C free -b 2>&1", "re");
    assert_non_null(pipe);
    char line[256];
    bool mem_found = false;
    bool swap_found = false;
    while (fgets(line, sizeof(line), pipe) != NULL) {
        mem_found |=
            sscanf(line,
                   "Mem: %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
                   &is[0], &is[1], &is[2], &is[3], &is[4], &is[5]) == 6;
        swap_found |= sscanf(line, "Swap: %" SCNu64 " %" SCNu64 " %" SCNu64, &swap[0], &swap[1],
                             &swap[2]) == 3;
    }
    if (pclose(pipe) != 0 || !mem_found || !swap_found) {
        skip(); // no free(1) of procps here
    }
    sample_live(m);
    const struct snapshot *snap = snapshot_of(m, true);
    assert_bytes(snap, "total", is[0]);
    assert_bytes(snap, "swap_total", swap[0]);
    assert_near(snap, "free", is[2]);
    assert_near(snap, "shared", is[3]);
    assert_near(snap, "buff_cache", is[4]);
    assert_near(snap, "available", is[5]);
    assert_near(snap, "swap_used", swap[1]);
    if (is[1] == is[0] - is[5]) { // older ones mean something else
        assert_near(snap, "used", is[1]);
    }
}

static void swapon_says_the_same_of_this_machine(void **state)
{
    struct machine *m = *state;
    sample_live(m);
    const struct memory_detail *detail = snapshot_of(m, true)->memory;
    assert_true(detail->swaps_known);
    FILE *pipe = popen("LC_ALL=C swapon --show=NAME,SIZE --bytes --noheadings --raw 2>&1", "re");
    assert_non_null(pipe);
    char name[128];
    uint64_t size = 0;
    size_t count = 0;
    while (fscanf(pipe, "%127s %" SCNu64, name, &size) == 2) {
        assert_true(count < detail->swap_count);
        assert_int_equal(detail->swaps[count].size_bytes, size);
        count++;
    }
    if (pclose(pipe) != 0) {
        skip(); // no swapon(8) here
    }
    assert_int_equal(detail->swap_count, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(swap_devices_have_any_name),
        cmocka_unit_test(odd_lines_of_swaps_are_left_out),
        cmocka_unit_test(nothing_of_vmstat_is_counted_twice),
        cmocka_unit_test(old_kernels_count_by_zone_and_no_kills),
        cmocka_unit_test(what_makes_no_sense_is_absent),
        cmocka_unit_test_setup_teardown(figures_are_those_of_free, set_up, tear_down),
        cmocka_unit_test_setup_teardown(figures_are_those_of_meminfo, set_up, tear_down),
        cmocka_unit_test_setup_teardown(swaps_nodes_and_devices_are_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_absent_and_never_0, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rates_are_of_the_time_between_two_samples, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_counter_that_steps_back_gives_no_rate, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_is_read_only_while_it_is_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_parts_add_up_to_the_total, set_up, tear_down),
        cmocka_unit_test(parts_that_claim_too_much_are_cut),
        cmocka_unit_test_setup_teardown(free_says_the_same_of_this_machine, set_up, tear_down),
        cmocka_unit_test_setup_teardown(swapon_says_the_same_of_this_machine, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
