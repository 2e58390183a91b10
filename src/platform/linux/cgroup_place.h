#ifndef PLATFORM_LINUX_CGROUP_PLACE_H
#define PLATFORM_LINUX_CGROUP_PLACE_H

#include "platform/linux/parse_cgroup.h"
#include "platform/linux/procfs.h"

#include <stdbool.h>

/* Private to platform/linux: finding cgroups in the file system. */

/* Where a cgroup is. */
struct cgroup_place {
    int mount_fd;                  // root of the mount that shows it; owned
    char below[PARSE_CGROUP_PATH]; // its path below that; "." for the root itself
};

/*
 * Find a cgroup by its path as in /proc/PID/cgroup, in the hierarchy v2 (`controller` NULL) or
 * the one of v1 that has the controller.
 * Owns: the caller, who closes ret->mount_fd.
 * Errors: -ENOTSUP when that hierarchy is not mounted, -ENOENT when no mount shows the cgroup.
 */
int cgroup_locate(const struct platform *platform, const char *controller, struct raw_bytes path,
                  struct cgroup_place *ret);

/* Go to the cgroup above; false at the root of the mount. */
bool cgroup_go_up(struct cgroup_place *place);

#endif
