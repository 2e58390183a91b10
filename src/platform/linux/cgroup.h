#ifndef PLATFORM_LINUX_CGROUP_H
#define PLATFORM_LINUX_CGROUP_H

#include "platform/linux/cgroup_place.h"
#include "platform/linux/pin.h"

#include <stdbool.h>

/* Private to platform/linux: the cgroup of a pinned process, and its freezer. */

/*
 * Whether it is frozen, or told to be; what it was told, not what a cgroup above it was.
 * Errors: a negative errno and the obstacle.
 */
int cgroup_get_frozen(struct platform_pin *pin, bool *ret, enum deed_obstacle *ret_obstacle);

/*
 * Freeze or thaw it, and wait up to half a second until the kernel says it is so. Refused for the
 * root cgroup, for one perch is in, and when the process has moved; if it moves or ends right
 * then, the cgroup is put back.
 * Errors: a negative errno and the obstacle. -ETIMEDOUT: it was told, but is not yet (a process
 * that cannot be interrupted) or cannot be (one above is frozen).
 */
int cgroup_set_frozen(struct platform_pin *pin, bool frozen, enum deed_obstacle *ret_obstacle);

/* As platform_pin_cpus(), for a pin that stays as it is. Errors: see there. */
int cpuset_of_pin(const struct platform_pin *pin, struct cpu_set *ret);

#endif
