#ifndef PLATFORM_LINUX_PRIVILEGES_H
#define PLATFORM_LINUX_PRIVILEGES_H

#include <stdbool.h>
#include <stdint.h>

/* Private to platform/linux: what perch may do. Source: capabilities(7). */

/* Sets of capabilities, one bit for each number. */
struct privileges {
    uint64_t effective;
    uint64_t permitted;
};

/* Ours. Errors: a negative errno; *ret is then untouched. */
int privileges_get(struct privileges *ret);

/* Whether we have one, CAP_KILL or so, in our user namespace. */
bool privileges_have(unsigned capability);

/*
 * Make a capability that is held in reserve effective, for the calling thread.
 * Errors: -EPERM when we do not have it, others as capset(2) says.
 */
int privileges_raise(unsigned capability);

/* Take it back into reserve. Errors: as capset(2) says. */
int privileges_lower(unsigned capability);

#endif
