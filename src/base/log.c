#include "base/log.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

struct log {
    size_t capacity;
    size_t count; // kept
    size_t next;  // where the next one goes
    uint64_t total;
    struct log_entry entries[];
};

struct log *log_create(size_t capacity)
{
    struct log *log = NULL;

    capacity = capacity == 0 ? 1 : capacity;
    if (capacity > (SIZE_MAX - sizeof(*log)) / sizeof(log->entries[0])) {
        return NULL;
    }
    log = calloc(1, sizeof(*log) + capacity * sizeof(log->entries[0]));
    if (log) {
        log->capacity = capacity;
    }
    return log;
}

void log_destroy(struct log *log)
{
    free(log);
}

void log_add(struct log *log, int64_t wall_s, bool error, const char *text)
{
    if (!log) {
        return;
    }
    struct log_entry *entry = &log->entries[log->next];
    uint32_t cells = 0;
    *entry = (struct log_entry){.wall_s = wall_s, .error = error};
    (void)utf8_make_safe(text, strlen(text), entry->text, sizeof(entry->text), &cells);

    log->next = (log->next + 1) % log->capacity;
    log->count += log->count < log->capacity;
    log->total++;
}

size_t log_count(const struct log *log)
{
    return log->count;
}

uint64_t log_total(const struct log *log)
{
    return log->total;
}

const struct log_entry *log_at(const struct log *log, size_t index)
{
    if (index >= log->count) {
        return NULL;
    }
    return &log->entries[(log->next + log->capacity - log->count + index) % log->capacity];
}
