#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * Memory comes in blocks that are never moved. `current` is the one being filled, `full` are
 * those given up on, `spare` are empty ones from before the last reset. A request takes the
 * smallest spare block that fits, so that the same fill finds the same blocks again and one
 * that is a little different does not pile up blocks nobody uses.
 */
struct block {
    struct block *next;
    size_t size; // bytes in data
    size_t used; // of them handed out
    alignas(max_align_t) unsigned char data[];
};

struct arena {
    size_t limit; // for `held`
    size_t held;  // bytes in all blocks
    size_t used;  // bytes handed out
    struct block *current;
    struct block *full;
    struct block *spare;
};

enum {
    ALIGNMENT = alignof(max_align_t),
    BLOCK_MIN = 16 * 1024,
};

struct arena *arena_create(size_t limit)
{
    struct arena *arena = calloc(1, sizeof(*arena));

    if (arena) {
        arena->limit = limit;
    }
    return arena;
}

static void free_blocks(struct arena *arena, struct block **list)
{
    while (*list) {
        struct block *block = *list;
        *list = block->next;
        arena->held -= block->size;
        free(block);
    }
}

void arena_destroy(struct arena *arena)
{
    if (!arena) {
        return;
    }
    free_blocks(arena, &arena->current);
    free_blocks(arena, &arena->full);
    free_blocks(arena, &arena->spare);
    free(arena);
}

static void push(struct block **list, struct block *block)
{
    block->next = *list;
    *list = block;
}

static struct block *pop(struct block **list)
{
    struct block *block = *list;

    *list = block->next;
    block->next = NULL;
    return block;
}

void arena_reset(struct arena *arena)
{
    if (arena->current) {
        push(&arena->full, pop(&arena->current));
    }
    while (arena->full) {
        struct block *block = pop(&arena->full);
        block->used = 0;
        push(&arena->spare, block);
    }
    arena->used = 0;
}

/* The smallest spare block that holds `bytes`, taken off the list. */
static struct block *take_spare(struct arena *arena, size_t bytes)
{
    struct block **best = NULL;

    for (struct block **at = &arena->spare; *at; at = &(*at)->next) {
        if ((*at)->size >= bytes && (!best || (*at)->size < (*best)->size)) {
            best = at;
        }
    }
    return best ? pop(best) : NULL;
}

static struct block *make_block(struct arena *arena, size_t bytes)
{
    if (bytes > arena->limit - arena->held) {
        // What is too small for this request stands in its way: let it go.
        free_blocks(arena, &arena->spare);
    }
    size_t room = arena->limit - arena->held;

    // An eighth more than asked for: the next sample has a few processes more.
    size_t size = bytes + bytes / 8;
    size_t step = arena->held / 2 > BLOCK_MIN ? arena->held / 2 : BLOCK_MIN;
    size = size < step ? step : size;
    size = size > room ? room : size;
    size = size / ALIGNMENT * ALIGNMENT;
    if (size < bytes || size > SIZE_MAX - sizeof(struct block)) {
        return NULL;
    }

    struct block *block = malloc(sizeof(*block) + size);
    if (!block) {
        return NULL;
    }
    *block = (struct block){.size = size};
    arena->held += size;
    return block;
}

static void *carve(struct arena *arena, struct block *block, size_t bytes)
{
    void *ptr = block->data + block->used;

    block->used += bytes;
    arena->used += bytes;
    return memset(ptr, 0, bytes);
}

static size_t left_in(const struct block *block)
{
    return block->size - block->used;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX / 2) / size) {
        return NULL;
    }
    size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    bytes = bytes == 0 ? ALIGNMENT : bytes;

    if (arena->current && left_in(arena->current) >= bytes) {
        return carve(arena, arena->current, bytes);
    }
    struct block *block = take_spare(arena, bytes);
    if (!block) {
        block = make_block(arena, bytes);
    }
    if (!block) {
        return NULL;
    }

    void *ptr = carve(arena, block, bytes);
    // Go on with whichever has more room: one big array must not end a half-empty block.
    if (arena->current && left_in(arena->current) > left_in(block)) {
        push(&arena->full, block);
    } else {
        if (arena->current) {
            push(&arena->full, pop(&arena->current));
        }
        push(&arena->current, block);
    }
    return ptr;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}
