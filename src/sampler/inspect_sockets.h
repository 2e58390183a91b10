#ifndef SAMPLER_INSPECT_SOCKETS_H
#define SAMPLER_INSPECT_SOCKETS_H

#include "base/facts.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct connection;
struct snapshot;

/* The sockets of the inspected process as they were last: the kernel forgets whose they were when
 * it ends. Zero: none. */
struct inspect_sockets {
    struct arena *arena;            // owned; NULL: none was needed yet
    const struct connection *items; // NULL: they were never read
    size_t count;
    uint64_t mono_ns; // when they were
};

/* Remember those a snapshot knows of; nothing changes when it knows of no sockets at all. Beyond a
 * ceiling, or when memory is short, some are left out. */
void inspect_sockets_keep(struct inspect_sockets *kept, const struct snapshot *snap,
                          struct proc_id id);

/*
 * Copy them.
 * Owns: the arena. Errors: -ENOMEM; *ret is then untouched.
 */
int inspect_sockets_copy(const struct inspect_sockets *kept, struct arena *arena,
                         const struct connection **ret);

/* Forget them, and free what they take. */
void inspect_sockets_finish(struct inspect_sockets *kept);

#endif
