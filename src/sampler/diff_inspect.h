#ifndef SAMPLER_DIFF_INSPECT_H
#define SAMPLER_DIFF_INSPECT_H

#include "model/dossier.h"
#include "platform/inspect.h"

struct snapshot;

/* The last answer about one part, and the one before it. */
struct inspect_pair {
    enum dossier_state state;
    const struct raw_inspect *now, *before; // NULL: none
};

/* All that was answered about one process. */
struct inspect_set {
    struct proc_id id;
    unsigned wanted; // 1u << enum inspect_part
    struct inspect_pair parts[INSPECT_PART_COUNT];
};

/*
 * Make the dossier of the inspected process: rates from the two last answers, safe text, and words
 * about what it waits for. Pure. Other processes are named as `snap` knows them.
 * Owns: snap->arena. Errors: -ENOMEM; *ret is then untouched.
 */
int diff_inspect(const struct inspect_set *set, const struct snapshot *snap,
                 const struct dossier **ret);

#endif
