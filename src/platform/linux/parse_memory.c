#include "platform/linux/parse_memory.h"

#include "platform/linux/span.h"

/* A number and nothing behind it but blanks; blanks may stand before it. */
static bool take_last_number(struct span *line, uint64_t *ret)
{
    if (!span_take_number(line, ret)) {
        return false;
    }
    span_skip_blanks(line);
    return span_len(line) == 0;
}

static bool take_kilobytes(struct span *line, uint64_t *ret)
{
    uint64_t number;
    if (!span_take_number(line, &number)) {
        return false;
    }
    *ret = figure_product(number, 1024);
    return *ret != FIGURE_ABSENT;
}

/* "/dev/sda2 partition 2097148 1024 -2"; blanks in the path are escaped. */
static bool take_swap(struct span line, struct raw_swap *ret)
{
    struct span path;
    struct span type;
    int64_t priority;
    struct raw_swap swap = {0};
    if (!span_take_word(&line, &path) || !span_take_word(&line, &type) ||
        !take_kilobytes(&line, &swap.size_bytes) || !take_kilobytes(&line, &swap.used_bytes)) {
        return false; // the heading, too
    }
    span_skip_blanks(&line);
    if (str_take_i64(line.at, span_len(&line), &priority) == 0 || priority < INT32_MIN ||
        priority > INT32_MAX) {
        return false;
    }
    swap.path = span_bytes(&path);
    swap.type = span_bytes(&type);
    swap.priority = (int32_t)priority;
    *ret = swap;
    return true;
}

size_t parse_memory_swaps(char *buf, size_t len, struct raw_swap *ret, size_t capacity)
{
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    size_t count = 0;
    while (span_take_line(&text, &line)) {
        struct raw_swap row;
        if (!take_swap(line, &row)) {
            continue;
        }
        if (count < capacity) {
            row.path = span_unescape(buf, row.path);
            ret[count] = row;
        }
        count++;
    }
    return count;
}

/* --- vmstat ----------------------------------------------------------------------------------- */

/*
 * Which counters make up which member. Newer kernels count by who reclaims and by allocation
 * class, those before 4.8 also by zone behind that ("pgscan_kswapd_dma32"), so a counter is told by
 * its beginning. Others that begin like it count the same again (pgscan_anon, pgscan_file) or
 * something else (pgscan_direct_throttle).
 */
static const struct vmstat_row {
    const char *key;
    bool whole; // the key is all of the name
    bool pages;
    size_t offset; // in struct raw_reclaim
} vmstat_rows[] = {
    {"pswpin", true, true, offsetof(struct raw_reclaim, swapped_in_bytes)},
    {"pswpout", true, true, offsetof(struct raw_reclaim, swapped_out_bytes)},
    {"pgscan_direct_throttle", true, false, SIZE_MAX},
    {"pgscan_kswapd", false, true, offsetof(struct raw_reclaim, scanned_bytes)},
    {"pgscan_direct", false, true, offsetof(struct raw_reclaim, scanned_bytes)},
    {"pgscan_khugepaged", true, true, offsetof(struct raw_reclaim, scanned_bytes)},
    {"pgscan_proactive", true, true, offsetof(struct raw_reclaim, scanned_bytes)},
    {"pgsteal_kswapd", false, true, offsetof(struct raw_reclaim, reclaimed_bytes)},
    {"pgsteal_direct", false, true, offsetof(struct raw_reclaim, reclaimed_bytes)},
    {"pgsteal_khugepaged", true, true, offsetof(struct raw_reclaim, reclaimed_bytes)},
    {"pgsteal_proactive", true, true, offsetof(struct raw_reclaim, reclaimed_bytes)},
    {"allocstall", false, false, offsetof(struct raw_reclaim, stalls)},
    {"compact_stall", true, false, offsetof(struct raw_reclaim, compact_stalls)},
    {"oom_kill", true, false, offsetof(struct raw_reclaim, oom_kills)},
    {"pgmajfault", true, false, offsetof(struct raw_reclaim, major_faults)},
};

static const struct vmstat_row *find_vmstat(const struct span *name)
{
    for (size_t i = 0; i < sizeof(vmstat_rows) / sizeof(*vmstat_rows); i++) {
        const struct vmstat_row *const row = &vmstat_rows[i];
        struct span rest = *name;
        if (!span_take_prefix(&rest, row->key)) {
            continue;
        }
        const bool is_exact = span_len(&rest) == 0;
        if (is_exact || (!row->whole && *rest.at == '_')) {
            return row->offset == SIZE_MAX ? NULL : row;
        }
    }
    return NULL;
}

void parse_memory_vmstat(const char *buf, size_t len, uint64_t page_bytes, struct raw_reclaim *ret)
{
    memset(ret, 0xff, sizeof(*ret)); // all FIGURE_ABSENT
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    while (span_take_line(&text, &line)) {
        struct span name;
        uint64_t number;
        if (!span_take_word(&line, &name)) {
            continue;
        }
        const struct vmstat_row *const row = find_vmstat(&name);
        if (!row || !take_last_number(&line, &number)) {
            continue;
        }
        uint64_t before;
        char *const member = (char *)ret + row->offset;
        memcpy(&before, member, sizeof(before));
        const uint64_t amount = row->pages ? figure_product(number, page_bytes) : number;
        const uint64_t sum = before == FIGURE_ABSENT ? amount : figure_sum(before, amount);
        memcpy(member, &sum, sizeof(sum));
    }
}

/* --- the rest --------------------------------------------------------------------------------- */

bool parse_memory_zram(const char *buf, size_t len, struct raw_zram *ret)
{
    struct span line = {.at = buf, .end = buf + len};
    uint64_t original;
    uint64_t compressed;
    uint64_t used;
    if (!span_take_number(&line, &original) || !span_take_number(&line, &compressed) ||
        !span_take_number(&line, &used)) {
        return false;
    }
    ret->original_bytes = original;
    ret->compressed_bytes = compressed;
    ret->used_bytes = used;
    return true;
}

/* "Node 0 MemTotal:  16303140 kB" */
static void node_line(struct span line, struct raw_node *ret)
{
    const struct {
        const char *key;
        uint64_t *figure;
    } rows[] = {
        {"MemTotal:", &ret->total_bytes},
        {"MemFree:", &ret->free_bytes},
        {"AnonPages:", &ret->anon_bytes},
        {"FilePages:", &ret->file_bytes},
    };
    struct span word;
    uint64_t node;
    uint64_t bytes;
    if (!span_take_word(&line, &word) || !span_is(&word, "Node") ||
        !span_take_number(&line, &node) || !span_take_word(&line, &word) ||
        !take_kilobytes(&line, &bytes)) {
        return;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (span_is(&word, rows[i].key)) {
            *rows[i].figure = bytes;
        }
    }
}

bool parse_memory_node(const char *buf, size_t len, struct raw_node *ret)
{
    struct raw_node node = {
        .index = ret->index,
        .total_bytes = FIGURE_ABSENT,
        .free_bytes = FIGURE_ABSENT,
        .anon_bytes = FIGURE_ABSENT,
        .file_bytes = FIGURE_ABSENT,
    };
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    while (span_take_line(&text, &line)) {
        node_line(line, &node);
    }
    if (node.total_bytes == FIGURE_ABSENT || node.free_bytes == FIGURE_ABSENT) {
        return false;
    }
    *ret = node;
    return true;
}

/* "size  4  1073741824": name, type, value. */
void parse_memory_arc(const char *buf, size_t len, uint64_t *ret_size, uint64_t *ret_limit)
{
    *ret_size = FIGURE_ABSENT;
    *ret_limit = FIGURE_ABSENT;
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    while (span_take_line(&text, &line)) {
        struct span name;
        uint64_t type;
        uint64_t value;
        if (!span_take_word(&line, &name) || !span_take_number(&line, &type) ||
            !take_last_number(&line, &value)) {
            continue;
        }
        if (span_is(&name, "size")) {
            *ret_size = value;
        } else if (span_is(&name, "c_max")) {
            *ret_limit = value;
        }
    }
}

uint64_t parse_memory_pages(const char *buf, size_t len, uint64_t page_bytes)
{
    uint64_t count;
    return str_take_u64(buf, len, &count) > 0 ? figure_product(count, page_bytes) : FIGURE_ABSENT;
}
