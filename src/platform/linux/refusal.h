#ifndef PLATFORM_LINUX_REFUSAL_H
#define PLATFORM_LINUX_REFUSAL_H

#include "platform/linux/pin.h"

/* Private to platform/linux: why the kernel said no. */

/*
 * Find out, after a deed failed with result->error (-EPERM, -EACCES, -EINVAL ...), which owner,
 * capability, limit or filter is behind it; fills obstacle, limit and needs.
 * Errors: none; OBSTACLE_UNKNOWN when it cannot be told.
 */
void refusal_explain(const struct platform_pin *pin, const struct deed *deed,
                     struct deed_result *result);

#endif
