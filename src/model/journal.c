#include "model/journal.h"

#include <stdlib.h>

struct journal {
    size_t capacity;
    size_t count; // kept
    size_t next;  // where the next one goes
    uint64_t total;
    struct journal_entry entries[];
};

struct journal *journal_create(size_t capacity)
{
    struct journal *journal = NULL;

    capacity = capacity == 0 ? 1 : capacity;
    if (capacity > (SIZE_MAX - sizeof(*journal)) / sizeof(journal->entries[0])) {
        return NULL;
    }
    journal = calloc(1, sizeof(*journal) + capacity * sizeof(journal->entries[0]));
    if (journal) {
        journal->capacity = capacity;
    }
    return journal;
}

void journal_destroy(struct journal *journal)
{
    free(journal);
}

/* Where in the ring the line at `index` is, 0 being the oldest kept. */
static size_t place_of(const struct journal *journal, size_t index)
{
    return (journal->next + journal->capacity - journal->count + index) % journal->capacity;
}

/* The newest line that waits for this one. Owns: the journal. Errors: NULL when none does. */
static struct journal_entry *find_pending(struct journal *journal, const struct journal_entry *new)
{
    for (size_t i = journal->count; i > 0; i--) {
        struct journal_entry *old = &journal->entries[place_of(journal, i - 1)];
        if (old->pending && old->job == new->job &&
            old->undo == new->undo &&proc_id_equal(old->target.id, new->target.id)) {
            return old;
        }
    }
    return NULL;
}

void journal_put(struct journal *journal, const struct journal_entry *entry)
{
    struct journal_entry *pending = find_pending(journal, entry);

    if (pending) {
        *pending = *entry;
        return;
    }
    journal->entries[journal->next] = *entry;
    journal->next = (journal->next + 1) % journal->capacity;
    journal->count += journal->count < journal->capacity;
    journal->total++;
}

size_t journal_count(const struct journal *journal)
{
    return journal->count;
}

uint64_t journal_total(const struct journal *journal)
{
    return journal->total;
}

const struct journal_entry *journal_at(const struct journal *journal, size_t index)
{
    return index < journal->count ? &journal->entries[place_of(journal, index)] : NULL;
}
