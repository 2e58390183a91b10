#include "base/map.h"
#include "model/protect.h"
#include "ui/process_list.h"

#include <errno.h>

/*
 * Whom an action is for. Who is meant is first collected in a set, so that nobody is in it
 * twice, and then told in the order of the snapshot, so that the same set is told the same way.
 */

enum {
    MEANT_MAX = 1 << 20, // processes and threads of one scope
    PASSES_MAX = 1024,   // generations looked for whose pids descend
};

/* One scope being worked out. */
struct search {
    const struct pane_process *list;
    const struct view *view;
    const struct scope *scope;
    struct map *meant;
    int error;
};

/* Add one process; a thread stands for its process unless threads are wanted. */
static void mean(struct search *search, const struct proc *proc)
{
    if (proc != NULL && (proc->flags & PROC_THREAD) != 0 && !search->scope->threads) {
        proc = snapshot_find_pid(search->view->snap, proc->group_pid);
    }
    if (proc != NULL && (proc->flags & PROC_EXITED) == 0 &&
        map_put(search->meant, proc->id) == NULL) {
        search->error = -ENOMEM;
    }
}

static void mean_tagged(struct search *search)
{
    size_t cursor = 0;
    struct proc_id id;
    void *value;
    while (map_next(search->list->tags, &cursor, &id, &value)) {
        mean(search, snapshot_find(search->view->snap, id));
    }
}

/* A process and what is below it. Parents mostly have the lower pid, so one or two passes find
 * everybody. */
static void mean_subtree(struct search *search, const struct proc *root)
{
    const struct snapshot *snap = search->view->snap;
    mean(search, root);
    bool grew = true;
    for (int pass = 0; grew && pass < PASSES_MAX; pass++) {
        grew = false;
        for (size_t i = 0; i < snap->proc_count; i++) {
            const struct proc *proc = &snap->procs[i];
            const struct proc *parent = process_list_parent(snap, proc);
            if ((proc->flags & PROC_THREAD) == 0 && parent != NULL &&
                map_has(search->meant, parent->id) && !map_has(search->meant, proc->id)) {
                mean(search, proc);
                grew = search->error == 0;
            }
        }
    }
}

/* Those with the same process group or session as the anchor's process. */
static void mean_siblings(struct search *search, const struct proc *anchor)
{
    const struct snapshot *snap = search->view->snap;
    bool session = search->scope->kind == SCOPE_SESSION;
    int32_t wanted = session ? anchor->session : anchor->pgrp;
    for (size_t i = 0; i < snap->proc_count && wanted > 0; i++) {
        const struct proc *proc = &snap->procs[i];
        int32_t number = session ? proc->session : proc->pgrp;
        if ((proc->flags & PROC_THREAD) == 0 && number == wanted) {
            mean(search, proc);
        }
    }
}

/* Everything the list would show if nothing were folded. */
static void mean_listed(struct search *search)
{
    struct query *query = query_create();
    struct query_options options = process_list_query(search->list, search->view->settings);
    options.tree = false;
    options.exited = false;
    search->error = query != NULL ? query_run(query, search->view->snap, &options) : -ENOMEM;
    for (size_t i = 0; search->error == 0 && i < query_count(query); i++) {
        mean(search, query_rows(query)[i].proc);
    }
    query_destroy(query);
}

static void mean_scope(struct search *search)
{
    const struct snapshot *snap = search->view->snap;
    const struct proc *anchor = snapshot_find(snap, search->scope->anchor);
    const struct proc *process = anchor;
    if (anchor != NULL && (anchor->flags & PROC_THREAD) != 0) {
        process = snapshot_find_pid(snap, anchor->group_pid);
    }
    switch (search->scope->kind) {
    case SCOPE_TAGGED:
        mean_tagged(search);
        break;
    case SCOPE_THREAD:
        mean(search, anchor);
        break;
    case SCOPE_PROCESS:
        mean(search, process);
        break;
    case SCOPE_SUBTREE:
        if (process != NULL) {
            mean_subtree(search, process);
        }
        break;
    case SCOPE_GROUP:
    case SCOPE_SESSION:
        if (process != NULL) {
            mean_siblings(search, process);
        }
        break;
    case SCOPE_LISTED:
        mean_listed(search);
        break;
    }
}

/* A thread whose process is meant as a whole is in that already. */
static bool is_covered(const struct search *search, const struct proc *proc)
{
    if ((proc->flags & PROC_THREAD) == 0) {
        return false;
    }
    const struct proc *process = snapshot_find_pid(search->view->snap, proc->group_pid);
    return process != NULL && map_has(search->meant, process->id);
}

static void tell(const struct search *search, struct target *ret, size_t max,
                 struct scope_size *size)
{
    const struct snapshot *snap = search->view->snap;
    for (size_t i = 0; i < snap->proc_count; i++) {
        const struct proc *proc = &snap->procs[i];
        if (!map_has(search->meant, proc->id) || is_covered(search, proc)) {
            continue;
        }
        if ((proc->flags & PROC_KERNEL) != 0) {
            size->kernel_first = size->kernel++ == 0 ? proc->id : size->kernel_first;
            continue;
        }
        if (size->count < max) {
            ret[size->count] =
                target_of(snap, proc, search->scope->own_pid, search->scope->protect);
        }
        size->count++;
        size->digest = size->digest * 1099511628211u + (uint64_t)proc->id.pid; // FNV
        size->digest = size->digest * 1099511628211u + proc->id.start_ns;
    }
}

int pane_process_scope(const struct pane *pane, const struct view *view, const struct scope *scope,
                       struct target *ret, size_t max, struct scope_size *ret_size)
{
    struct search search = {
        .list = (const struct pane_process *)(const void *)pane, // pane is its first member
        .view = view,
        .scope = scope,
    };
    struct scope_size size = {0};
    if (view->snap != NULL) {
        search.meant = map_create(MEANT_MAX);
        if (search.meant == NULL) {
            return -ENOMEM;
        }
        mean_scope(&search);
        tell(&search, ret, max, &size);
        map_destroy(search.meant);
    }
    if (search.error == 0) {
        *ret_size = size;
    }
    return search.error;
}

bool pane_process_limited(const struct pane *pane)
{
    const struct pane_process *list = (const struct pane_process *)(const void *)pane;
    return list->filter[0] != '\0' || list->by_user || list->pids != NULL;
}
