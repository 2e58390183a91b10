#include "sampler/diff_memory.h"

#include "base/arena.h"
#include "sampler/diff.h"
#include "sampler/text.h"

#include <errno.h>

/* Negative when it is not known: not given in both samples, or no time between them. */
static double rate(uint64_t before, uint64_t after, uint64_t interval_ns)
{
    if (interval_ns == 0 || before == FIGURE_ABSENT || after == FIGURE_ABSENT) {
        return -1;
    }
    return (double)diff_counter(before, after) * 1e9 / (double)interval_ns;
}

static void fill_rates(const struct raw_reclaim *was, const struct raw_reclaim *is,
                       uint64_t interval_ns, struct memory_detail *ret)
{
    ret->swap_in_bytes_per_s = rate(was->swapped_in_bytes, is->swapped_in_bytes, interval_ns);
    ret->swap_out_bytes_per_s = rate(was->swapped_out_bytes, is->swapped_out_bytes, interval_ns);
    ret->scan_bytes_per_s = rate(was->scanned_bytes, is->scanned_bytes, interval_ns);
    ret->reclaim_bytes_per_s = rate(was->reclaimed_bytes, is->reclaimed_bytes, interval_ns);
    ret->stalls_per_s = rate(was->stalls, is->stalls, interval_ns);
    ret->compact_stalls_per_s = rate(was->compact_stalls, is->compact_stalls, interval_ns);
    ret->major_faults_per_s = rate(was->major_faults, is->major_faults, interval_ns);
    ret->oom_kills_per_s = rate(was->oom_kills, is->oom_kills, interval_ns);
}

/* Where there is no such device the sums are absent. */
static int fill_zrams(const struct raw_memory_detail *raw, struct arena *arena,
                      struct memory_detail *ret)
{
    struct zram_load *rows = arena_alloc(arena, raw->zram_count + 1, sizeof(*rows));
    if (rows == NULL) {
        return -ENOMEM;
    }
    const uint64_t start = raw->zram_count > 0 ? 0 : FIGURE_ABSENT;
    ret->zram_original_bytes = start;
    ret->zram_used_bytes = start;
    for (size_t i = 0; i < raw->zram_count; i++) {
        const struct raw_zram *zram = &raw->zrams[i];
        rows[i] = (struct zram_load){
            .index = zram->index,
            .original_bytes = zram->original_bytes,
            .compressed_bytes = zram->compressed_bytes,
            .used_bytes = zram->used_bytes,
        };
        ret->zram_original_bytes = figure_sum(ret->zram_original_bytes, zram->original_bytes);
        ret->zram_used_bytes = figure_sum(ret->zram_used_bytes, zram->used_bytes);
    }
    ret->zrams = rows;
    ret->zram_count = raw->zram_count;
    return 0;
}

static int fill_swaps(const struct raw_memory_detail *raw, struct arena *arena,
                      struct memory_detail *ret)
{
    struct swap_load *rows = arena_alloc(arena, raw->swap_count + 1, sizeof(*rows));
    if (rows == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < raw->swap_count; i++) {
        const struct raw_swap *swap = &raw->swaps[i];
        rows[i] = (struct swap_load){
            .path = text_from_bytes(arena, swap->path.ptr, swap->path.len),
            .type = text_from_bytes(arena, swap->type.ptr, swap->type.len),
            .size_bytes = swap->size_bytes,
            .used_bytes = swap->used_bytes,
            .priority = swap->priority,
        };
        if (rows[i].path.bytes == 0 && swap->path.len > 0) {
            return -ENOMEM;
        }
    }
    ret->swaps_known = raw->swaps_known;
    ret->swaps = rows;
    ret->swap_count = raw->swap_count;
    return 0;
}

static int fill_nodes(const struct raw_memory_detail *raw, struct arena *arena,
                      struct memory_detail *ret)
{
    struct node_load *rows = arena_alloc(arena, raw->node_count + 1, sizeof(*rows));
    if (rows == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < raw->node_count; i++) {
        const struct raw_node *node = &raw->nodes[i];
        rows[i] = (struct node_load){
            .index = node->index,
            .total_bytes = node->total_bytes,
            .free_bytes = node->free_bytes,
            .anon_bytes = node->anon_bytes,
            .file_bytes = node->file_bytes,
        };
    }
    ret->nodes = rows;
    ret->node_count = raw->node_count;
    return 0;
}

int diff_memory(const struct raw_sample *before, const struct raw_sample *after,
                uint64_t interval_ns, struct arena *arena, const struct memory_detail **ret)
{
    const struct raw_memory_detail *raw = after->memory;
    if ((after->parts & PART_MEMORY) == 0 || raw == NULL) {
        *ret = NULL;
        return 0;
    }
    struct memory_detail *detail = arena_alloc(arena, 1, sizeof(*detail));
    if (detail == NULL) {
        return -ENOMEM;
    }
    *detail = (struct memory_detail){
        .oom_kills = raw->reclaim.oom_kills,
        .ksm_shared_bytes = raw->ksm_shared_bytes,
        .ksm_saved_bytes = raw->ksm_saved_bytes,
        .arc_bytes = raw->arc_bytes,
        .arc_limit_bytes = raw->arc_limit_bytes,
    };
    const bool was_read =
        before != NULL && (before->parts & PART_MEMORY) != 0 && before->memory != NULL;
    detail->has_interval = was_read && interval_ns > 0;
    fill_rates(was_read ? &before->memory->reclaim : &raw->reclaim, &raw->reclaim,
               was_read ? interval_ns : 0, detail);
    int error = fill_swaps(raw, arena, detail);
    if (error == 0) {
        error = fill_zrams(raw, arena, detail);
    }
    if (error == 0) {
        error = fill_nodes(raw, arena, detail);
    }
    if (error == 0) {
        *ret = detail;
    }
    return error;
}
