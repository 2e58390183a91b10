#ifndef COMMAND_CHOICE_H
#define COMMAND_CHOICE_H

#include "base/deed.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli;

/* What to choose by. Everything is borrowed for the call. */
struct choice_options {
    const struct cli *cli; // filter, pids, user, threads, descendants, protected_too
    int32_t own_pid;
    const char *protected_names; // see protect_reason()
};

/* A process that was meant, but is not acted on. */
struct choice_note {
    const struct proc *proc; // in the snapshot
    bool refused;            // it was meant; else it only happened to match
    const char *reason;      // static, a few words
};

/* Whom a command line means, ascending by identity. */
struct choice {
    struct target *targets;
    const struct proc **procs; // of each target, in the snapshot
    size_t count;
    size_t protected_count; // of these
    struct choice_note *notes;
    size_t note_count;
    size_t refused_count; // of these
    int32_t *missing;     // numbers nobody has, as given
    size_t missing_count;
};

/*
 * Choose among the processes of a snapshot, which must outlive the choice.
 * Owns: the caller, who ends it with choice_destroy().
 * Errors: -ENOMEM, -E2BIG when there are more than ACT_TARGETS_MAX.
 */
int choice_make(const struct choice_options *options, const struct snapshot *snap,
                struct choice **ret);

/* NULL is a no-op. */
void choice_destroy(struct choice *choice);

#endif
