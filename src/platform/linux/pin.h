#ifndef PLATFORM_LINUX_PIN_H
#define PLATFORM_LINUX_PIN_H

#include "platform/linux/procfs.h"
#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
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

/* The tasks of a pinned process. Zero-initialise; pin_tasks_finish() frees it. */
struct pin_tasks {
    struct proc_id *ids; // heap; the pinned task comes first
    size_t count, capacity;
};

/*
 * Open the directory of the pinned task in /proc and prove that it is that task's: what is opened
 * below it is then never another process's, however long it takes.
 * Owns: the caller, who closes *ret_fd.
 * Errors: -ESRCH, -ECHILD (a zombie), -EMFILE.
 */
int pin_open_dir(const struct platform_pin *pin, int *ret_fd);

/*
 * Read who a task of the process whose directory this is is, and its state letter.
 * Errors: -ESRCH, others as the kernel says; nothing is then written.
 */
int pin_read_task(const struct platform_pin *pin, int dir, int32_t tid, struct proc_id *ret_id,
                  char *ret_state);

/* 0 while the task, one of that process, is still that of this start time.
 * Errors: as pin_read_task(). */
int pin_check_task(const struct platform_pin *pin, int dir, struct proc_id task);

/* Whether a descriptor just opened is one of those that pins leave to scans. */
bool pin_took_one_of_the_last(int fd);

/*
 * List the pinned task alone or with all others of its process.
 * Owns: the caller, who frees it with pin_tasks_finish(), also after an error.
 * Errors: -ESRCH, -ENOMEM, others as the kernel says.
 */
int pin_list_tasks(const struct platform_pin *pin, int dir, bool alone, struct pin_tasks *ret);

/* Free what it holds. */
void pin_tasks_finish(struct pin_tasks *tasks);

#endif
