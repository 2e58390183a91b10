#include "platform/platform.h"

#include <errno.h>
#include <stddef.h>

/*
 * In place of everything that acts on processes, when perch is built with -Dactions=disabled. A
 * pin cannot be had, so nothing that takes one is ever called; should it be, it does nothing and
 * says so. No system call that changes a process is in a program built so.
 */

bool platform_can_act(void)
{
    return false;
}

int platform_pin(struct platform *platform, struct proc_id id, struct platform_pin **ret)
{
    (void)platform;
    (void)id;
    (void)ret;
    return -ENOTSUP;
}

void platform_unpin(struct platform_pin *pin)
{
    (void)pin; // NULL: there are none
}

int platform_pin_signal(struct platform_pin *pin, int signal_number)
{
    (void)pin;
    (void)signal_number;
    return -ENOTSUP;
}

void platform_pin_explain(const struct platform_pin *pin, const struct deed *deed,
                          struct deed_result *result)
{
    (void)pin; // OBSTACLE_UNKNOWN: the error says it all
    (void)deed;
    (void)result;
}

int platform_pin_alive(const struct platform_pin *pin)
{
    (void)pin;
    return -ESRCH;
}

void platform_pins_wait(struct platform_pin *const *pins, size_t count, uint64_t timeout_ns)
{
    (void)pins; // none of them is alive: there is nothing to wait for
    (void)count;
    (void)timeout_ns;
}

int platform_pin_get(struct platform_pin *pin, enum deed_kind kind, struct deed_value *ret)
{
    (void)pin;
    (void)kind;
    (void)ret;
    return -ENOTSUP;
}

void platform_pin_change(struct platform_pin *pin, const struct deed *deed, struct deed_result *ret,
                         struct platform_undo **ret_undo)
{
    (void)pin;
    (void)deed;
    (void)ret_undo; // nothing was changed
    *ret = (struct deed_result){.error = -ENOTSUP};
}

void platform_pin_undo(struct platform_pin *pin, const struct platform_undo *undo,
                       struct deed_result *ret)
{
    (void)pin;
    (void)undo;
    *ret = (struct deed_result){.error = -ENOTSUP};
}

void platform_undo_destroy(struct platform_undo *undo)
{
    (void)undo; // NULL: there are none
}

void platform_pin_cgroup(struct platform_pin *pin, struct cgroup_facts *ret)
{
    (void)pin;
    *ret = (struct cgroup_facts){.error = -ENOTSUP};
}

int platform_pin_count_cgroup(struct platform_pin *pin, uint32_t *ret)
{
    (void)pin;
    (void)ret;
    return -ENOTSUP;
}

void platform_pin_kill_cgroup(struct platform_pin *pin, struct deed_result *ret)
{
    (void)pin;
    *ret = (struct deed_result){.error = -ENOTSUP};
}

const char *platform_close_needs(void)
{
    return NULL; // it is never tried
}

void platform_close_socket(const struct platform *platform, const struct socket_id *socket,
                           struct deed_result *ret)
{
    (void)platform;
    (void)socket;
    *ret = (struct deed_result){.error = -ENOTSUP};
}

int platform_pin_cpus(struct platform_pin *pin, struct cpu_set *ret)
{
    (void)pin;
    (void)ret;
    return -ENOTSUP;
}
