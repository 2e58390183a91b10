#ifndef SAMPLER_DIFF_INSPECT_H
#define SAMPLER_DIFF_INSPECT_H

#include "model/dossier.h"
#include "platform/inspect.h"

#include <stdbool.h>
#include <stdint.h>

struct inspect_sockets;
struct proc;
struct snapshot;

/* The last answer about one part, and the one before it. */
struct inspect_pair {
    enum dossier_state state;
    const struct raw_inspect *now, *before; // NULL: none
};

/* What the list of processes said last. */
struct inspect_last {
    bool known;
    int64_t start_wall_s;
    uint64_t elapsed_ns; // FIGURE_ABSENT not known
    uint64_t resident_bytes;
    double resident_fraction; // of the machine's memory; negative: not known
};

/* All that was answered about one process. */
struct inspect_set {
    struct proc_id id;
    struct proc_id thread;                 // whose wait was asked for; pid 0: its first
    unsigned wanted;                       // 1u << enum inspect_part
    struct inspect_last last;              // for when it is not in the list any more
    const struct inspect_sockets *sockets; // likewise; NULL: nothing is known of them
    struct inspect_pair parts[INSPECT_PART_COUNT];
};

/* What the list says now. */
struct inspect_last inspect_last_of(const struct proc *proc);

/* Whether the path of a file says that it has been deleted or replaced; memory that has a name but
 * never was on disk has not. */
bool inspect_is_deleted(struct raw_bytes path);

/*
 * Make the dossier of the inspected process: rates from the two last answers, safe text, and words
 * about what it waits for. Pure. Other processes are named as `snap` knows them.
 * Owns: snap->arena. Errors: -ENOMEM; *ret is then untouched.
 */
int diff_inspect(const struct inspect_set *set, const struct snapshot *snap,
                 const struct dossier **ret);

#endif
