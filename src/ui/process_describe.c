#include "base/map.h"
#include "base/str.h"
#include "model/dossier.h"
#include "ui/process_list.h"

/*
 * The sentence about the list in the status row: what is shown, what limits it, and what
 * could not be read.
 */

enum { REMEDY_BYTES = 160 };

/* Start one more part of the sentence. */
static void next_part(struct strbuf *buf, const struct view *view)
{
    if (buf->len > 0) {
        str_add(buf, view->unicode ? " · " : ", ");
    }
}

static void describe_limits(const struct pane_process *list, const struct view *view,
                            struct strbuf *buf)
{
    if (list->filter[0] != '\0') {
        next_part(buf, view);
        str_addf(buf, "filter \"%s\"", list->filter);
    }
    if (list->by_user) {
        next_part(buf, view);
        const struct proc *procs = view->snap->procs;
        size_t i = 0;
        while (i < view->snap->proc_count &&
               ((procs[i].have & FACT_USER) == 0 || (procs[i].have & FACT_OWNER) == 0 ||
                procs[i].uid != list->user)) {
            i++;
        }
        if (i < view->snap->proc_count) {
            str_addf(buf, "user %s", procs[i].user.ptr);
        } else {
            str_addf(buf, "user %u", (unsigned)list->user);
        }
    }
    if (list->pids != NULL) {
        next_part(buf, view);
        str_add(buf, list->pid_count == 1 ? "one pid only" : "chosen pids only");
    }
}

static void describe_choice(const struct pane_process *list, const struct view *view,
                            struct strbuf *buf)
{
    if (list->typed.until_ns > 0) {
        next_part(buf, view);
        int32_t pid = list->place.id.pid;
        bool found = pid > 0 && typed_begins(&list->typed, (uint64_t)pid);
        str_addf(buf, "PID %llu_%s", (unsigned long long)list->typed.number,
                 found ? "" : " (no such process)");
    }
    if (map_count(list->tags) > 0) {
        next_part(buf, view);
        size_t hidden = 0;
        size_t cursor = 0;
        struct proc_id id;
        void *value;
        while (map_next(list->tags, &cursor, &id, &value)) {
            hidden += query_find(list->query, id) < 0;
        }
        str_addf(buf, "%zu tagged", map_count(list->tags));
        if (hidden > 0) { // actions reach them all the same
            str_addf(buf, " (%zu not shown)", hidden);
        }
    }
    if (list->following) {
        next_part(buf, view);
        str_addf(buf, "following %d", (int)list->place.id.pid);
    } else if (list->lost_pid > 0) {
        next_part(buf, view);
        str_addf(buf, "%d has exited", (int)list->lost_pid);
    }
}

/* The order, when no column head shows it. */
static void describe_order(const struct pane_process *list, const struct view *view,
                           struct strbuf *buf)
{
    const struct settings *settings = view->settings;
    const enum column_id sort =
        (enum column_id)(settings->tree ? settings->tree_sort : settings->sort);
    struct table_layout layout;
    process_table_layout(list, settings, &layout);
    for (size_t i = 0; i < layout.count; i++) {
        if (layout.columns[i].id == sort) {
            return;
        }
    }
    next_part(buf, view);
    str_addf(buf, "sorted by %s", column_info(sort)->title);
}

static void describe_pace(const struct view *view, struct strbuf *buf)
{
    if (view->paused) {
        next_part(buf, view);
        str_add(buf, "paused");
    } else if (view->snap->stretched_ns > 0) {
        next_part(buf, view);
        str_add(buf, "interval stretched to ");
        str_add_fixed(buf, (double)view->snap->stretched_ns / 1e9, 1);
        str_add(buf, " s because a scan took ");
        str_add_fixed(buf, (double)view->snap->scan_cost_ns / 1e9, 1);
        str_add(buf, " s");
    }
}

static void describe_denied(const struct pane_process *list, const struct view *view,
                            struct strbuf *buf)
{
    static const struct {
        fact_mask fact;
        const char *what;
    } facts[] = {
        {FACT_IO, "I/O"},
        {FACT_EXE, "program paths"},
        {FACT_CMDLINE, "command lines"},
        {FACT_MEMORY, "shared memory"},
        {FACT_SMAPS, "shares of memory"},
        {FACT_SOCKETS, "sockets"},
    };
    struct table_layout layout;
    process_table_layout(list, view->settings, &layout);
    fact_mask shown = 0;
    for (size_t i = 0; i < layout.count; i++) {
        const struct column *column = column_info(layout.columns[i].id);
        shown |= column->need | column->want;
    }
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        unsigned bit = 0;
        while ((facts[i].fact >> bit) != 1u) {
            bit++;
        }
        if ((shown & facts[i].fact) != 0 && list->denied[bit].denied > 0) {
            next_part(buf, view);
            str_addf(buf, "%s of %u of %u not readable: ", facts[i].what, list->denied[bit].denied,
                     list->denied[bit].asked);
            str_add(buf, view->snap->looker == LOOKER_USER ? "other users' processes"
                                                           : dossier_needs(view->snap->looker));
        }
    }
}

/* What would make the kernel tell what it does not. */
static void describe_remedies(const struct pane_process *list, const struct view *view,
                              struct strbuf *buf)
{
    struct table_layout layout;
    process_table_layout(list, view->settings, &layout);
    for (size_t i = 0; i < layout.count; i++) {
        char bytes[REMEDY_BYTES];
        struct strbuf remedy;
        str_init(&remedy, bytes, sizeof(bytes));
        if (column_describe_remedy(layout.columns[i].id, view->snap, &remedy)) {
            next_part(buf, view);
            str_add(buf, bytes);
        }
    }
}

void pane_process_describe(const struct pane *pane, const struct view *view, struct strbuf *buf)
{
    const struct pane_process *list = (const struct pane_process *)(const void *)pane;
    if (view->snap == NULL) {
        str_add(buf, "waiting for the first sample");
        return;
    }
    next_part(buf, view);
    str_addf(buf, "%zu of %zu shown", list->living, view->snap->proc_count);
    describe_choice(list, view, buf);
    describe_limits(list, view, buf);
    describe_order(list, view, buf);
    describe_pace(view, buf);
    describe_denied(list, view, buf);
    describe_remedies(list, view, buf);
}
