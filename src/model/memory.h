#ifndef MODEL_MEMORY_H
#define MODEL_MEMORY_H

#include "model/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the machine's memory is used for, and the registry of its figures: the block above the
 * table of memory, `--table memory` with and without `--json`, and the documents are made of it.
 */

/* One swap device or file. */
struct swap_load {
    struct text path, type;
    uint64_t size_bytes, used_bytes;
    int32_t priority; // those with the highest are filled first
};

/* What a compressed device in memory holds, and what that takes. */
struct zram_load {
    uint32_t index;
    uint64_t original_bytes, compressed_bytes, used_bytes;
};

/* Memory of one NUMA node; anon and file may be FIGURE_ABSENT. */
struct node_load {
    uint32_t index;
    uint64_t total_bytes, free_bytes, anon_bytes, file_bytes;
};

/* What a snapshot knows of memory beyond system.memory. Figures may be FIGURE_ABSENT; rates are
 * over snapshot.interval_ns and negative when not known. */
struct memory_detail {
    bool has_interval; // it was read in the sample before, too
    double swap_in_bytes_per_s, swap_out_bytes_per_s;
    double scan_bytes_per_s, reclaim_bytes_per_s;
    double stalls_per_s, compact_stalls_per_s, major_faults_per_s, oom_kills_per_s;
    uint64_t oom_kills; // since boot
    uint64_t zram_original_bytes, zram_used_bytes;
    uint64_t ksm_shared_bytes, ksm_saved_bytes;
    uint64_t arc_bytes, arc_limit_bytes;
    bool swaps_known;              // else there may be some
    const struct swap_load *swaps; // in the kernel's order
    size_t swap_count;
    const struct zram_load *zrams; // ascending index, likewise the nodes
    size_t zram_count;
    const struct node_load *nodes;
    size_t node_count;
};

/* Figures that belong together. The most important group is first. */
enum memory_group {
    MEMORY_GROUP_MAIN,
    MEMORY_GROUP_SWAP,
    MEMORY_GROUP_RECLAIM,
    MEMORY_GROUP_KERNEL,
    MEMORY_GROUP_PAGES,
    MEMORY_GROUP_COMMIT,
    MEMORY_GROUP_COUNT,
};

/* One figure. Strings are static. */
struct memory_figure {
    const char *name;  // in JSON
    const char *title; // on screen
    const char *help;  // a sentence without its full stop
    enum value_kind kind;
    enum memory_group group;
    bool dull;          // not worth a place on a screen when it is 0
    double high, alarm; // worth a look, and alarming, from here on; 0: never
};

/* How many figures there are. */
size_t memory_figure_count(void);

/* A figure; those of a group stand together, the most important first. Owns: static storage. */
const struct memory_figure *memory_figure(size_t at);

/* Its value; absent with the reason when it is not known. */
struct value memory_figure_value(size_t at, const struct snapshot *snap);

/* Whether a value of this figure is worth a place: not what this machine does not have, nor a 0
 * that says nothing. */
bool memory_figure_is_shown(size_t at, const struct value *value);

/* Title of a group. Owns: static storage. */
const char *memory_group_title(enum memory_group group);

/* What the whole of memory is divided into: no byte is in two of them. */
enum memory_part {
    MEMORY_PART_PROGRAMS, // anonymous memory of processes
    MEMORY_PART_HUGE,     // set aside as huge pages
    MEMORY_PART_SHARED,   // shared memory and tmpfs
    MEMORY_PART_KERNEL,   // page tables, kernel stacks, per-CPU memory
    MEMORY_PART_SLAB,
    MEMORY_PART_OTHER, // what the kernel does not account for: drivers, ZFS
    MEMORY_PART_BUFFERS,
    MEMORY_PART_CACHE, // page cache without what is shared
    MEMORY_PART_FREE,
    MEMORY_PART_COUNT,
};

/* Divide memory up: the parts add up to the total, whatever the kernel says.
 * Errors: false when total or free memory is not known. */
bool memory_divide(const struct memory_load *memory, uint64_t ret[MEMORY_PART_COUNT]);

#endif
