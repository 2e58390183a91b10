#include "base/str.h"
#include "model/dossier.h"
#include "model/network.h"
#include "model/storage.h"
#include "ui/table_list.h"

/*
 * The sentence about a table in the status row: what is shown, what limits it, what could not be
 * read, and the sums. Those are of the links and disks, not of the rows: they say so.
 */

enum {
    SUM_CELLS = 8,
    COPY_CELLS = 20, // of a number
    REMEDY_BYTES = 160,
};

/* How far the reading of what the table is made of has come, in the worst case. */
static enum dossier_state worst_state(const struct pane_table *list, const struct snapshot *snap)
{
    const struct dossier *dossier = snap != NULL ? snap->dossier : NULL;
    if (dossier != NULL && !proc_id_equal(dossier->id, list->process)) {
        dossier = NULL; // of the one that was inspected before
    }
    return list->table->inspect != 0 ? dossier_worst(dossier, list->table->inspect)
                                     : DOSSIER_NOT_READ;
}

const char *table_list_trouble(const struct pane_table *list, const struct snapshot *snap)
{
    const enum dossier_state worst = worst_state(list, snap);
    return worst == DOSSIER_GONE
               ? "nothing of this was known when the process exited"
               : dossier_trouble(worst, snap != NULL ? snap->looker : LOOKER_USER);
}

/* Start one more part of the sentence. */
static void next_part(struct strbuf *buf, const struct view *view)
{
    if (buf->len > 0) {
        str_add(buf, view->unicode ? " · " : ", ");
    }
}

/* Rows the table has without filter and other limits. */
static size_t count_all(const struct pane_table *list, const struct snapshot *snap)
{
    size_t count = 0;
    const char *row = list->table->rows(snap, &count);
    if (list->table->has == NULL && !list->table->of_process) {
        return count;
    }
    const struct proc_id whose = list->table->of_process ? list->process : (struct proc_id){0};
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const void *at = row + i * list->table->row_bytes;
        found += (list->table->has == NULL || list->table->has(at)) &&
                 table_row_belongs(list->table, at, whose);
    }
    return found;
}

static void describe_limits(const struct pane_table *list, const struct view *view,
                            struct strbuf *buf)
{
    if (list->process.pid > 0 && !table_is_of_process(list->table)) {
        next_part(buf, view);
        const struct proc *proc = snapshot_find(view->snap, list->process);
        str_addf(buf, "of %d %s", (int)list->process.pid,
                 proc != NULL ? proc->name.ptr : "(has exited)");
        str_add(buf, " only");
    }
    if (list->filter[0] != '\0') {
        next_part(buf, view);
        str_addf(buf, "filter \"%s\"", list->filter);
    }
    if (view->paused) {
        next_part(buf, view);
        str_add(buf, "paused");
    }
}

static void add_rate(struct strbuf *buf, const char *label, double bytes_per_s)
{
    struct value value = {.kind = VALUE_BYTE_RATE, .as.number = bytes_per_s};
    struct value_style style = {.cells = SUM_CELLS};
    str_add(buf, label);
    value_format(&value, &style, buf);
    str_add(buf, "/s");
}

/* What all of it comes to; nothing while rates are not known. */
static void describe_sums(const struct pane_table *list, const struct view *view,
                          struct strbuf *buf)
{
    const struct network_load *network = view->snap->network;
    const struct storage_load *storage = view->snap->storage;
    const struct table *table = list->table;
    bool receives = table_column_by_name(table, "rx_rate") < table->column_count;
    if (receives && list->process.pid == 0 && network != NULL && network->rx_bytes_per_s >= 0) {
        const bool seen = network->tcp_rx_bytes_per_s >= 0;
        next_part(buf, view);
        add_rate(buf, "links received ", network->rx_bytes_per_s);
        if (seen) { // the rest is nobody's in this table: a wrong answer to who uses the network
            add_rate(buf, " (TCP seen: ", network->tcp_rx_bytes_per_s);
        }
        add_rate(buf, seen ? "), sent " : ", sent ", network->tx_bytes_per_s);
        if (seen) {
            add_rate(buf, " (", network->tcp_tx_bytes_per_s);
            str_add(buf, ")");
        }
    }
    if ((list->table->parts & PART_DISKS) != 0 && storage != NULL &&
        storage->read_bytes_per_s >= 0) {
        next_part(buf, view);
        add_rate(buf, "disks read ", storage->read_bytes_per_s);
        add_rate(buf, ", written ", storage->write_bytes_per_s);
    }
}

/* What the rows come to, and how many of them that is: the rest was not read, or may not be. */
static void describe_processes(const struct pane_table *list, const struct view *view,
                               struct strbuf *buf)
{
    const size_t count = listing_count(list->listing);
    const void *const *rows = listing_rows(list->listing);
    for (size_t i = 0; i < list->table->column_count; i++) {
        if (!table_column_is_summed(list->table, i)) {
            continue;
        }
        const struct table_sum sum = table_sum(list->table, i, view->snap, rows, count);
        next_part(buf, view);
        str_addf(buf, "%s ", table_column_info(list->table, i).title);
        struct value value = {.kind = VALUE_BYTES, .as.bytes = sum.bytes};
        if (sum.known > 0) {
            value_format(&value, &(struct value_style){.cells = SUM_CELLS}, buf);
            str_addf(buf, " in %zu of %zu", sum.known, count);
        } else {
            str_addf(buf, "known of none of %zu", count);
        }
        if (sum.denied > 0) {
            str_addf(buf, " (%zu not readable)", sum.denied);
        }
    }
}

void pane_table_describe_denied(const struct pane *pane, const struct view *view,
                                struct strbuf *buf)
{
    const struct pane_table *list = (const struct pane_table *)(const void *)pane;
    const size_t count = view->snap != NULL ? listing_count(list->listing) : 0;
    size_t denied = 0;
    for (size_t i = 0; i < count; i++) {
        const struct value value = table_value(list->table, list->settings->sort, view->snap,
                                               listing_rows(list->listing)[i]);
        denied += value.kind == VALUE_NONE && value.why == ABSENT_DENIED;
    }
    if (denied > 0) {
        next_part(buf, view);
        str_addf(buf, "%s of %zu of %zu processes not readable: %s", list->table->title, denied,
                 count, dossier_needs(view->snap->looker));
    }
}

static const char *outside_words(enum looker looker)
{
    switch (looker) {
    case LOOKER_USER:
        return "other users' or outside this PID namespace";
    case LOOKER_ROOT:
        return "outside this PID namespace, or needs CAP_SYS_PTRACE";
    case LOOKER_TRACER:
        break;
    }
    return "outside this PID namespace";
}

static void describe_missing(const struct pane_table *list, const struct view *view,
                             struct strbuf *buf)
{
    const struct network_load *network = view->snap->network;
    if (list->table->columns == NULL) {
        pane_table_describe_denied(&list->pane, view, buf);
    }
    if ((list->table->parts & PART_INTERFACES) != 0 && network != NULL &&
        network->interfaces_pending) {
        next_part(buf, view);
        str_add(buf, "state and kind as they were: the kernel does not answer");
    }
    if ((list->table->parts & PART_SOCKETS) == 0) {
        return; // the rows are no connections
    }
    size_t denied = 0;
    for (size_t i = 0; i < listing_count(list->listing); i++) {
        const struct connection *row = listing_rows(list->listing)[i];
        denied += row->owner_count == 0 && row->owners_denied && !row->owners_pending;
    }
    if (denied > 0) {
        next_part(buf, view);
        str_addf(buf, "processes of %zu not readable: ", denied);
        const bool outside = view->snap->network->owners_outside;
        str_add(buf,
                outside ? outside_words(view->snap->looker) : dossier_needs(view->snap->looker));
    }
    if (network == NULL) {
        return;
    }
    if (network->socket_error != 0) {
        next_part(buf, view);
        str_add(buf, "some sockets could not be read");
    }
    if (network->netns_left_out) {
        next_part(buf, view);
        str_addf(buf, "more than %zu network namespaces: the rest is not read",
                 network->netns_count);
    }
    if (network->netns_uncounted > 0) {
        next_part(buf, view);
        str_addf(buf, "no traffic of %zu network namespaces: needs CAP_SYS_ADMIN",
                 network->netns_uncounted);
    }
}

/* The numbers of a row shown by name. */
static void describe_numbers(const struct pane_table *list, const struct view *view,
                             struct strbuf *buf)
{
    if ((list->table->parts & PART_SOCKETS) == 0 || listing_count(list->listing) == 0) {
        return;
    }
    const struct connection *row =
        listing_rows(list->listing)[table_list_line(list, list->place.line).row];
    if (row->local_name.bytes > 0 || row->remote_name.bytes > 0) {
        next_part(buf, view);
        str_add(buf, row->local_text.ptr);
        str_addf(buf, "%s%s", row->remote_text.bytes > 0 ? " - " : "", row->remote_text.ptr);
    }
}

static void add_bytes(struct strbuf *buf, const char *label, uint64_t bytes)
{
    struct value value = {.kind = VALUE_BYTES, .as.bytes = bytes};
    struct value_style style = {.cells = 7};
    str_add(buf, label);
    value_format(&value, &style, buf);
}

/* "12s ago". */
static void add_age(struct strbuf *buf, const char *label, uint64_t ns)
{
    struct value value = {.kind = VALUE_AGE, .as.ns = ns};
    struct value_style style = {.cells = 7};
    str_add(buf, label);
    value_format(&value, &style, buf);
    str_add(buf, " ago");
}

/* Age of the part that was read longest ago. */
static uint64_t oldest_ns(const struct dossier *dossier, unsigned parts)
{
    uint64_t oldest = 0;
    for (unsigned part = 0; part < INSPECT_PART_COUNT; part++) {
        const bool counts = (parts & (1u << part)) != 0 && dossier->parts[part].has;
        oldest =
            counts && dossier->parts[part].age_ns > oldest ? dossier->parts[part].age_ns : oldest;
    }
    return oldest;
}

/* Of an inspected process: what it comes to, what is old and what was left out. */
static void describe_dossier(const struct pane_table *list, const struct view *view,
                             struct strbuf *buf)
{
    const struct dossier *dossier = view->snap->dossier;
    unsigned parts = list->table->inspect;
    if (dossier != NULL && dossier->sockets != NULL && list->table->of_process) {
        next_part(buf, view);
        add_age(buf, "as it was ", dossier->sockets_age_ns);
    }
    if (parts == 0 || dossier == NULL) {
        return;
    }
    enum dossier_state worst = dossier_worst(dossier, parts);
    if (worst == DOSSIER_GONE) { // which is said above the table
        next_part(buf, view);
        add_age(buf, "as it was ", oldest_ns(dossier, parts));
    } else if (worst != DOSSIER_KNOWN && worst != DOSSIER_NOT_READ) {
        next_part(buf, view);
        str_add(buf, dossier_trouble(worst, view->snap->looker));
    }
    for (unsigned part = 0; part < INSPECT_PART_COUNT; part++) {
        if ((parts & (1u << part)) != 0 && dossier->parts[part].cut) {
            next_part(buf, view);
            str_addf(buf, "more %s than are shown", dossier_part_title((enum inspect_part)part));
        }
    }
    if (parts == 1u << INSPECT_MAPS) {
        next_part(buf, view);
        add_bytes(buf, "all maps: PSS ", dossier->map_sum.pss_bytes);
        add_bytes(buf, ", USS ", dossier->map_sum.uss_bytes);
        add_bytes(buf, ", RES ", dossier->map_sum.resident_bytes);
        add_bytes(buf, ", swap ", dossier->map_sum.swap_bytes);
        if (dossier->maps_deleted > 0) {
            str_addf(buf, "; programs and libraries deleted or replaced on disk: %zu",
                     dossier->maps_deleted);
        }
    }
}

/* Which lines are in sight, when not all are. */
static void describe_place(const struct pane_table *list, const struct view *view,
                           struct strbuf *buf)
{
    const size_t count = table_list_lines(list);
    const size_t page = table_list_page(list);
    const size_t top = list->place.top;
    if (!list->table->explains || count <= page) {
        return;
    }
    const bool below = top + page < count;
    next_part(buf, view);
    str_addf(buf, "lines %zu-%zu of %zu", top + 1, below ? top + page : count, count);
    if (view->unicode) {
        str_addf(buf, " %s%s", top > 0 ? "▲" : "", below ? "▼" : "");
    } else {
        str_addf(buf, " %s%s", top > 0 ? "^" : "", below ? "v" : "");
    }
}

/* The order: heads may be scrolled away or cut. */
static void describe_order(const struct pane_table *list, const struct view *view,
                           struct strbuf *buf)
{
    if (table_list_is_natural(list)) {
        return;
    }
    next_part(buf, view);
    str_addf(buf, "sorted by %s", table_column_info(list->table, list->settings->sort).title);
}

/* What would make the kernel tell what it does not. */
static void describe_remedies(const struct pane_table *list, const struct view *view,
                              const struct table_cells *layout, struct strbuf *buf)
{
    for (size_t c = 0; c < layout->count; c++) {
        char bytes[REMEDY_BYTES];
        struct strbuf remedy;
        str_init(&remedy, bytes, sizeof(bytes));
        if (table_describe_remedy(list->table, layout->cells[c].column, view->snap, &remedy)) {
            next_part(buf, view);
            str_add(buf, bytes);
        }
    }
}

/* What the signs in the cells in sight stand for, those beside "has none" and "still to come". */
static void describe_signs(const struct pane_table *list, const struct view *view,
                           struct strbuf *buf)
{
    static const enum absent told[] = {ABSENT_BLOCKED, ABSENT_NO_INTERVAL, ABSENT_DENIED,
                                       ABSENT_UNSUPPORTED};
    struct table_cells layout;
    table_list_layout(list, &layout);
    bool seen[ABSENT_COUNT] = {false};
    size_t end = list->place.top + table_list_page(list);
    for (size_t i = list->place.top; i < end && i < listing_count(list->listing); i++) {
        for (size_t c = 0; c < layout.count; c++) {
            struct value value = table_shown_value(list->table, layout.cells[c].column, view->snap,
                                                   listing_rows(list->listing)[i]);
            seen[value.why] |= value.kind == VALUE_NONE;
        }
    }
    describe_remedies(list, view, &layout, buf);
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        if (seen[told[i]]) {
            next_part(buf, view);
            str_addf(buf, "%s %s", absent_sign(told[i]), absent_help(told[i]));
        }
    }
}

void table_list_describe(const struct pane_table *list, const struct view *view, struct strbuf *buf)
{
    if (view->snap == NULL) {
        str_add(buf, "waiting for the first sample");
        return;
    }
    if (!table_list_was_read(list, view->snap)) {
        return; // the table says why
    }
    if (view->now_ns < list->typed.until_ns) {
        next_part(buf, view);
        str_addf(buf, "%s %llu_%s", list->table->number, (unsigned long long)list->typed.number,
                 list->typed_found ? "" : " (none)");
    }
    if (!table_is_prose(list->table) || list->filter[0] != '\0') {
        next_part(buf, view);
        str_addf(buf, "%zu of %zu shown", listing_count(list->listing),
                 count_all(list, view->snap));
    }
    describe_place(list, view, buf);
    describe_numbers(list, view, buf);
    describe_limits(list, view, buf);
    describe_dossier(list, view, buf);
    describe_missing(list, view, buf); // before the sums: on a narrow screen it is worth more
    describe_sums(list, view, buf);
    describe_processes(list, view, buf);
    describe_signs(list, view, buf);
    describe_order(list, view, buf); // its column has a mark
}

bool table_list_copy(const struct pane *pane, const struct view *view, struct strbuf *buf)
{
    const struct pane_table *list = (const struct pane_table *)(const void *)pane;
    const void *row = view->snap != NULL ? pane_table_row(pane) : NULL;
    if (row == NULL) {
        return false;
    }
    const struct value_style style = {
        .cells = COPY_CELLS,
        .utc_offset_s = view->snap->utc_offset_s,
        .now_wall_s = view->snap->wall_s,
    };
    uint8_t columns[TABLE_COLUMNS_MAX];
    const size_t count = table_list_columns(list, columns);
    for (size_t i = 0; i < count; i++) {
        const struct value value = table_value(list->table, columns[i], view->snap, row);
        if (table_column_is_graph(list->table, columns[i])) {
            continue;
        }
        str_add(buf, i > 0 ? "  " : "");
        value_format(&value, &style, buf);
    }
    return true;
}
