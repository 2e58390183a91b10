#include "model/listing.h"

#include "base/str.h"
#include "model/dossier.h"
#include "model/network.h"
#include "model/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * As in query.c each row's sort key is worked out once, and a merge sort, which is stable, puts
 * the keys in order. Rows go into it in order of identity, so that equals stay in that order;
 * those without a value go to the end unsorted.
 */
struct item {
    uint64_t key;     // see value_sort_key(); inverted when descending
    const char *text; // for a column of text, where equal keys decide nothing; else NULL
    uint32_t bytes;
    struct row_key id;
    const void *row;
};

struct listing {
    struct item *items, *spare, *absent;
    const void **rows;
    size_t capacity; // of all of these
    size_t count;
};

enum {
    CAPACITY_MIN = 64,
    NUMBER_BYTES = 24,
};

struct listing *listing_create(void)
{
    return calloc(1, sizeof(struct listing));
}

static void free_arrays(struct listing *listing)
{
    free(listing->items);
    free(listing->spare);
    free(listing->absent);
    free(listing->rows);
    *listing = (struct listing){.capacity = 0};
}

void listing_destroy(struct listing *listing)
{
    if (listing != NULL) {
        free_arrays(listing);
        free(listing);
    }
}

/* Make room for `count` rows; what is in the arrays is lost. */
static int reserve(struct listing *listing, size_t count)
{
    if (count < listing->capacity) {
        return 0;
    }
    free_arrays(listing);
    if (count > SIZE_MAX / 2) {
        return -ENOMEM;
    }
    const size_t capacity = count + count / 2 + CAPACITY_MIN;
    listing->items = calloc(capacity, sizeof(*listing->items));
    listing->spare = calloc(capacity, sizeof(*listing->spare));
    listing->absent = calloc(capacity, sizeof(*listing->absent));
    listing->rows = calloc(capacity, sizeof(*listing->rows));
    if (listing->items == NULL || listing->spare == NULL || listing->absent == NULL ||
        listing->rows == NULL) {
        free_arrays(listing);
        return -ENOMEM;
    }
    listing->capacity = capacity;
    return 0;
}

/* --- which -------------------------------------------------------------------------------- */

static bool number_has(int64_t number, const char *term, size_t len)
{
    char bytes[NUMBER_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    str_addf(&buf, "%lld", (long long)number);
    return str_find_fold(bytes, buf.len, term, len) >= 0;
}

static bool value_has(const struct value *value, const char *term, size_t len)
{
    if (value->kind == VALUE_TEXT) {
        return str_find_fold(value->as.text.ptr, value->as.text.bytes, term, len) >= 0;
    }
    return value->kind == VALUE_ID && number_has(value->as.integer, term, len);
}

/* The cells show the first owner only. */
static bool owners_have(const struct table *table, const void *row, const char *term, size_t len)
{
    size_t count = 0;
    const struct socket_owner *owners = table->owners == NULL ? NULL : table->owners(row, &count);
    for (size_t i = 0; i < count; i++) {
        if (str_find_fold(owners[i].name.ptr, owners[i].name.bytes, term, len) >= 0 ||
            number_has(owners[i].id.pid, term, len)) {
            return true;
        }
    }
    return false;
}

static bool row_has(const struct table *table, const struct table_settings *chosen,
                    const struct snapshot *snap, const void *row, const char *term, size_t len)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (!table_column_is_searched(table, chosen, i)) {
            continue; // how many bytes there are is not searched for
        }
        const struct value value = table_shown_value(table, i, snap, row);
        if (value_has(&value, term, len)) {
            return true;
        }
    }
    return owners_have(table, row, term, len);
}

bool listing_matches(const struct table *table, const struct table_settings *chosen,
                     const struct snapshot *snap, const void *row, const char *filter)
{
    bool any_term = false;
    for (const char *term = filter;; term++) {
        const size_t len = strcspn(term, "|");
        if (len > 0) { // while "a|" is being typed the empty term must not match all
            any_term = true;
            if (row_has(table, chosen, snap, row, term, len)) {
                return true;
            }
        }
        term += len;
        if (*term == '\0') {
            return !any_term;
        }
    }
}

static bool is_wanted(const struct table *table, const struct snapshot *snap, const void *row,
                      const struct listing_options *options)
{
    return (table->has == NULL || table->has(row)) &&
           table_row_belongs(table, row, options->process) &&
           (options->filter == NULL ||
            listing_matches(table, options->chosen, snap, row, options->filter));
}

/* --- in what order ------------------------------------------------------------------------- */

static int key_compare(struct row_key a, struct row_key b)
{
    if (a.a != b.a) {
        return a.a < b.a ? -1 : 1;
    }
    return a.b < b.b ? -1 : a.b > b.b;
}

static int by_id(const void *a, const void *b)
{
    const struct item *left = a;
    const struct item *right = b;
    return key_compare(left->id, right->id);
}

/* Most tables come in order: to see that costs far less than to sort ten thousand sockets. */
static void sort_by_id(struct item *items, size_t count)
{
    size_t at = 1;
    while (at < count && key_compare(items[at - 1].id, items[at].id) <= 0) {
        at++;
    }
    if (at < count) {
        qsort(items, count, sizeof(*items), by_id);
    }
}

static bool in_order(const struct item *a, const struct item *b, bool descending)
{
    if (a->key != b->key || a->text == NULL) {
        return a->key <= b->key;
    }
    const struct value left = {.kind = VALUE_TEXT, .as.text = {.ptr = a->text, .bytes = a->bytes}};
    const struct value right = {.kind = VALUE_TEXT, .as.text = {.ptr = b->text, .bytes = b->bytes}};
    const int order = value_compare(&left, &right);
    return descending ? order >= 0 : order <= 0;
}

/* Merge two neighbouring runs, [low, middle) and [middle, high). */
static void merge(const struct item *from, struct item *to, const size_t bounds[3], bool descending)
{
    size_t left = bounds[0];
    size_t right = bounds[1];
    for (size_t at = bounds[0]; at < bounds[2]; at++) {
        const bool take_left =
            right == bounds[2] ||
            (left < bounds[1] && in_order(&from[left], &from[right], descending));
        to[at] = from[take_left ? left++ : right++];
    }
}

/* The order is in listing->items in the end. */
static void sort_items(struct listing *listing, size_t count, bool descending)
{
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t low = 0; low < count; low += 2 * run) {
            const size_t middle = low + run < count ? low + run : count;
            const size_t high = middle + run < count ? middle + run : count;
            merge(listing->items, listing->spare, (const size_t[]){low, middle, high}, descending);
        }
        struct item *swap = listing->items;
        listing->items = listing->spare;
        listing->spare = swap;
    }
}

/* Put what is wanted into items (or absent, when it has no value). Returns how many there are in
 * the former. */
static size_t collect(struct listing *listing, const struct table *table,
                      const struct snapshot *snap, const struct listing_options *options,
                      const char *rows, size_t row_count)
{
    const size_t sort = options->sort < table->column_count ? options->sort : table->sort;
    size_t present = 0;
    size_t absent = 0;
    for (size_t i = 0; i < row_count; i++) {
        const void *row = rows + i * table->row_bytes;
        if (!is_wanted(table, snap, row, options)) {
            continue;
        }
        const struct value value = table_value(table, sort, snap, row);
        struct item item = {.id = table->key(row), .row = row};
        const bool ordered = table->order != NULL && sort == table->sort;
        if (value.kind == VALUE_NONE && !ordered) {
            listing->absent[absent++] = item;
            continue;
        }
        const uint64_t key = ordered ? table->order(row) : value_sort_key(&value);
        item.key = options->descending ? ~key : key;
        if (value.kind == VALUE_TEXT && !ordered) {
            item.text = value.as.text.ptr;
            item.bytes = value.as.text.bytes;
        }
        listing->items[present++] = item;
    }
    listing->count = present + absent;
    return present;
}

/* What a snapshot knows may still be of the process that was inspected before. */
static bool is_of_another(const struct table *table, const struct snapshot *snap,
                          const struct listing_options *options)
{
    return table->inspect != 0 && options->process.pid != 0 &&
           (snap->dossier == NULL || !proc_id_equal(snap->dossier->id, options->process));
}

int listing_run(struct listing *listing, const struct table *table, const struct snapshot *snap,
                const struct listing_options *options)
{
    size_t row_count = 0;
    const char *rows = table->rows(snap, &row_count);
    row_count = is_of_another(table, snap, options) ? 0 : row_count;
    listing->count = 0;
    const int error = reserve(listing, row_count);
    if (error < 0) {
        return error;
    }
    const size_t present = collect(listing, table, snap, options, rows, row_count);
    const size_t absent = listing->count - present;
    sort_by_id(listing->items, present);
    sort_by_id(listing->absent, absent);
    sort_items(listing, present, options->descending);
    for (size_t i = 0; i < listing->count; i++) {
        listing->rows[i] = i < present ? listing->items[i].row : listing->absent[i - present].row;
    }
    return 0;
}

const void *const *listing_rows(const struct listing *listing)
{
    return listing->rows;
}

size_t listing_count(const struct listing *listing)
{
    return listing->count;
}

ptrdiff_t listing_find(const struct listing *listing, const struct table *table, struct row_key key)
{
    for (size_t i = 0; i < listing->count; i++) {
        if (key_compare(table->key(listing->rows[i]), key) == 0) {
            return (ptrdiff_t)i;
        }
    }
    return -1;
}
