#include "platform/linux/socket_index.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 1024 };

/* Inodes of sockets are numbered one by one, so they need no more mixing than this. */
static uint32_t bucket_of(const struct socket_index *index, uint64_t inode)
{
    const uint64_t mixed = inode * 0x9e3779b97f4a7c15u;
    return (uint32_t)(mixed >> 32) & (index->bucket_count - 1);
}

void socket_index_finish(struct socket_index *index)
{
    free(index->entries);
    free(index->buckets);
    *index = (struct socket_index){0};
}

/* Puts an entry first into its bucket. */
static void chain(struct socket_index *index, uint32_t number)
{
    struct socket_entry *const entry = &index->entries[number];
    uint32_t *const head = &index->buckets[bucket_of(index, entry->inode)];
    entry->prev = 0;
    entry->next = *head;
    if (*head) {
        index->entries[*head].prev = number;
    }
    *head = number;
}

/* Twice the entries and the buckets. All entries are in use when it is called. */
static bool grow(struct socket_index *index)
{
    const uint32_t capacity = index->capacity ? index->capacity * 2 : FIRST_CAPACITY;
    if (capacity > SOCKET_INDEX_MAX) {
        return false;
    }
    struct socket_entry *const entries =
        realloc(index->entries, capacity * sizeof(*index->entries));
    if (!entries) {
        return false;
    }
    index->entries = entries;
    uint32_t *const buckets = calloc(capacity, sizeof(*buckets));
    if (!buckets) {
        return false;
    }
    free(index->buckets);
    index->buckets = buckets;
    index->bucket_count = capacity;
    index->used = index->used ? index->used : 1;
    for (uint32_t i = 1; i < index->used; i++) {
        chain(index, i);
    }
    index->capacity = capacity;
    return true;
}

uint32_t socket_index_add(struct socket_index *index, uint64_t inode, struct proc_id id, int32_t fd,
                          uint32_t *first)
{
    uint32_t number = index->free;
    if (number) {
        index->free = index->entries[number].next;
    } else {
        if (index->used >= index->capacity && !grow(index)) {
            return 0;
        }
        number = index->used++;
    }
    index->entries[number] = (struct socket_entry){
        .inode = inode,
        .id = id,
        .fd = fd,
        .sibling = *first,
    };
    chain(index, number);
    *first = number;
    index->count++;
    return number;
}

void socket_index_remove(struct socket_index *index, uint32_t number)
{
    struct socket_entry *const entry = &index->entries[number];
    if (entry->prev) {
        index->entries[entry->prev].next = entry->next;
    } else {
        index->buckets[bucket_of(index, entry->inode)] = entry->next;
    }
    if (entry->next) {
        index->entries[entry->next].prev = entry->prev;
    }
    *entry = (struct socket_entry){.next = index->free};
    index->free = number;
    index->count--;
}

uint32_t socket_index_find(const struct socket_index *index, uint64_t inode, uint32_t after)
{
    if (index->bucket_count == 0) {
        return 0;
    }
    uint32_t at = after ? index->entries[after].next : index->buckets[bucket_of(index, inode)];
    while (at && index->entries[at].inode != inode) {
        at = index->entries[at].next;
    }
    return at;
}
