#ifndef PLATFORM_LINUX_PIN_H
#define PLATFORM_LINUX_PIN_H

#include "platform/linux/procfs.h"
#include "platform/platform.h"

#include <stdbool.h>
#include <stdint.h>

/* Private to platform/linux: a process held fast, for the files that act on it. */

/* A process held fast. */
struct platform_pin {
    const struct platform *platform;
    struct proc_id id;
    int fd;             // pidfd; -1: none, check the start time instead
    bool thread;        // of a group with another leader
    int cgroup_fd;      // directory of the cgroup platform_pin_cgroup() described; -1: none yet
    uint64_t cgroup_id; // its inode
};

/*
 * Open the directory of the pinned task in /proc and prove that it is that task's: what is opened
 * below it is then never another process's, however long it takes.
 * Owns: the caller, who closes *ret_fd.
 * Errors: -ESRCH, -ECHILD (a zombie), -EMFILE.
 */
int pin_open_dir(const struct platform_pin *pin, int *ret_fd);

#endif
