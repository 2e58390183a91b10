#include "platform/linux/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Actions on processes. A pin is a pidfd whose process was compared, after it was opened, with
 * the one the person saw: from then on the descriptor cannot come to mean another one. Where
 * there is no pidfd (before Linux 5.3, or forbidden by a seccomp filter) the start time is read
 * again right before each action, which leaves a gap of microseconds.
 */

enum {
    PIN_THREAD = O_EXCL,     // PIDFD_THREAD of Linux 6.9
    PIN_TASKS_MAX = 1 << 20, // threads of one process considered
    PIN_LEAVES_FILES = 32,   // descriptors that pins leave to scans and name services
};

/* A process held fast. */
struct platform_pin {
    const struct platform *platform;
    struct proc_id id;
    int fd;      // -1: no pidfd, check the start time instead
    bool thread; // of a group with another leader
};

/* Descriptors are given out from below, so the number tells how many are left. */
static bool is_one_of_the_last(int fd)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
        return false;
    }
    const rlim_t left = limit.rlim_cur / 4;
    return (rlim_t)fd + (left < PIN_LEAVES_FILES ? left : PIN_LEAVES_FILES) >= limit.rlim_cur;
}

static int pidfd_send(int fd, int signal_number)
{
    return syscall(SYS_pidfd_send_signal, fd, signal_number, NULL, 0) < 0 ? -errno : 0;
}

/* A pidfd that can be used, too: filters may know one system call and not the other. */
static int pidfd_open_usable(int32_t pid, unsigned flags)
{
    const int fd = (int)syscall(SYS_pidfd_open, pid, flags);
    if (fd < 0) {
        return -errno;
    }
    const int error = is_one_of_the_last(fd) ? -EMFILE : pidfd_send(fd, 0) == -ENOSYS ? -ENOSYS : 0;
    if (error) {
        close(fd);
        return error;
    }
    return fd;
}

/* tgkill() looks for the task in the group first and asks for permission afterwards. */
static bool is_of_group(int32_t group, int32_t pid)
{
    return syscall(SYS_tgkill, group, pid, 0) == 0 || errno != ESRCH;
}

/* Errors that say something of us or of the process, not of the kernel's abilities. */
static bool is_final(int error)
{
    return error == -ESRCH || error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

int platform_pin(struct platform *platform, struct proc_id id, struct platform_pin **ret)
{
    if (!platform->may_act) {
        return -ENOTSUP;
    }
    if (id.pid <= 0) { // to the kernel these are groups, or ourselves
        return -ESRCH;
    }
    const bool thread = !is_of_group(id.pid, id.pid);
    int fd = pidfd_open_usable(id.pid, thread ? PIN_THREAD : 0);
    if (fd < 0 && is_final(fd)) {
        return fd;
    }
    // Only now: what is compared is then what the descriptor holds.
    int error = procfs_check(platform, id);
    struct platform_pin *const pin = error ? NULL : malloc(sizeof(*pin));
    if (!pin) {
        error = error ? error : -ENOMEM;
        if (fd >= 0) {
            close(fd);
        }
        return error;
    }
    *pin = (struct platform_pin){
        .platform = platform, .id = id, .fd = fd < 0 ? -1 : fd, .thread = thread};
    *ret = pin;
    return 0;
}

void platform_unpin(struct platform_pin *pin)
{
    if (!pin) {
        return;
    }
    if (pin->fd >= 0) {
        close(pin->fd);
    }
    free(pin);
}

/* 0 while the pid still means the pinned process. */
static int still_there(const struct platform_pin *pin)
{
    if (pin->fd < 0) {
        return procfs_check(pin->platform, pin->id);
    }
    const int error = pidfd_send(pin->fd, 0);
    return error == -EPERM ? 0 : error; // refused, so it exists
}

/* A zombie keeps its pid and takes every signal in vain; to call that a success would be a lie. */
static int still_running(const struct platform_pin *pin)
{
    struct pollfd exited = {.fd = pin->fd, .events = POLLIN}; // a descriptor of -1 is skipped
    const int error = still_there(pin);
    if (error) {
        return error;
    }
    return poll(&exited, 1, 0) > 0 && (exited.revents & POLLIN) ? -ECHILD : 0;
}

int platform_pin_signal(struct platform_pin *pin, int signal_number)
{
    const int error = still_running(pin);
    if (error) {
        return error;
    }
    if (pin->fd >= 0) {
        return pidfd_send(pin->fd, signal_number);
    }
    const long result = pin->thread ? syscall(SYS_tkill, pin->id.pid, signal_number)
                                    : kill(pin->id.pid, signal_number);
    return result < 0 ? -errno : 0;
}

static int get_nice(int32_t pid, int *ret)
{
    errno = 0; // -1 is also a nice value
    const int nice = getpriority(PRIO_PROCESS, (id_t)pid);
    if (nice == -1 && errno) {
        return -errno;
    }
    *ret = nice;
    return 0;
}

/* Adds to one task's value. Errors: -EPERM: somebody else's, -EACCES: may not be lowered. */
static int renice(int32_t pid, int delta, int *ret_old, int *ret_new)
{
    int old;
    const int error = get_nice(pid, &old);
    if (error) {
        return error;
    }
    const int64_t wanted = (int64_t)old + delta;
    const int new = wanted < -20 ? -20 : wanted > 19 ? 19 : (int)wanted;
    if (new != old && setpriority(PRIO_PROCESS, (id_t)pid, new) < 0) {
        return -errno;
    }
    *ret_old = old;
    *ret_new = new;
    return 0;
}

/*
 * The process's other tasks, all listed before any is changed: one made meanwhile inherits the
 * new value already, and must not get the difference twice.
 */
static int list_tasks(const struct platform_pin *pin, int32_t **ret_tasks, size_t *ret_count)
{
    char path[PROCFS_PATH_BYTES];
    procfs_path(path, pin->id.pid, "/task");
    const int fd = openat(pin->platform->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    char buf[8192];
    struct procfs_list list = {.fd = fd, .buf = buf, .size = sizeof(buf)};
    int32_t *tasks = NULL;
    size_t count = 0;
    size_t capacity = 0;
    const char *name;
    int error = 0;
    while (error == 0 && procfs_list_next(&list, &name) > 0) {
        const int32_t task = procfs_pid(name);
        if (task <= 0 || task == pin->id.pid) {
            continue;
        }
        if (count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            int32_t *const more =
                capacity <= PIN_TASKS_MAX ? realloc(tasks, capacity * sizeof(*tasks)) : NULL;
            error = more ? 0 : -ENOMEM;
            tasks = more ? more : tasks;
        }
        if (error == 0) {
            tasks[count++] = task;
        }
    }
    close(fd);
    if (error) {
        free(tasks);
        return error;
    }
    *ret_tasks = tasks;
    *ret_count = count;
    return 0;
}

int platform_pin_add_nice(struct platform_pin *pin, int delta, int *ret_old, int *ret_new)
{
    int32_t *tasks = NULL;
    size_t count = 0;
    int old = 0;
    int new = 0;
    // There is no setpriority() by pidfd, so the check comes right before it, behind the list.
    int error = pin->thread ? 0 : list_tasks(pin, &tasks, &count);
    if (error == 0) {
        error = still_running(pin);
    }
    if (error == 0) {
        error = renice(pin->id.pid, delta, &old, &new);
    }
    int worst = error;
    for (size_t i = 0; error == 0 && i < count; i++) {
        int task_old;
        int task_new;
        // In the time a long list takes, a thread's number may have gone to somebody else.
        const int task_error = is_of_group(pin->id.pid, tasks[i])
                                   ? renice(tasks[i], delta, &task_old, &task_new)
                                   : -ESRCH;
        if (task_error && task_error != -ESRCH) { // threads come and go
            worst = task_error;
        }
    }
    free(tasks);
    if (worst == 0) {
        worst = still_there(pin);
    }
    if (worst == 0) {
        *ret_old = old;
        *ret_new = new;
    }
    return worst;
}
