#ifndef PLATFORM_LINUX_CGROUP_H
#define PLATFORM_LINUX_CGROUP_H

#include "platform/linux/pin.h"

#include <stdbool.h>

/* Private to platform/linux: the freezer of the cgroup a pinned process is in. */

/* Whether it is frozen, or told to be. Errors: a negative errno and the obstacle. */
int cgroup_get_frozen(struct platform_pin *pin, bool *ret, enum deed_obstacle *ret_obstacle);

/*
 * Freeze or thaw it, and wait up to half a second until the kernel says it is so; thawed it is at
 * once. Refused for the root cgroup, for one perch is in, and when the process has moved.
 * Errors: a negative errno and the obstacle.
 */
int cgroup_set_frozen(struct platform_pin *pin, bool frozen, enum deed_obstacle *ret_obstacle);

#endif
