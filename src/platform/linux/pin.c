#include "platform/linux/pin.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/*
 * A pin is a pidfd whose process was compared, after it was opened, with the one the person saw:
 * from then on the descriptor cannot come to mean another one. Where there is no pidfd (before
 * Linux 5.3, for threads before 6.9, or forbidden by a seccomp filter) the start time is read
 * again right before each action, which leaves a gap of microseconds. Nothing is sent to a plain
 * number, not even signal 0, where there is a pidfd.
 */

enum {
    PIN_THREAD = O_EXCL,     // PIDFD_THREAD of Linux 6.9
    PIN_TASKS_MAX = 1 << 20, // threads of one process considered
    PIN_LEAVES_FILES = 32,   // descriptors that pins leave to scans and name services
    PIN_LOOK_NS = 20000000,  // how often a pin without pidfd is looked after in a wait
};

bool platform_can_act(void)
{
    return true;
}

/* Descriptors are given out from below, so the number tells how many are left. */
bool pin_took_one_of_the_last(int fd)
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

static int pidfd_open_plain(int32_t pid, unsigned flags)
{
    const int fd = (int)syscall(SYS_pidfd_open, pid, flags);
    return fd < 0 ? -errno : fd;
}

/* Filters may allow one system call and not the other. To ourselves one may always send. */
static bool can_send_by_pidfd(int fd)
{
    const int error = pidfd_send(fd, 0);
    if (error != -EPERM) {
        return error != -ENOSYS;
    }
    const int self = pidfd_open_plain(getpid(), 0);
    const bool can = self < 0 || pidfd_send(self, 0) == 0;
    if (self >= 0) {
        close(self);
    }
    return can;
}

/* Without a pidfd: tgkill() looks for the task in the group first and asks for leave then. */
static bool leads_its_group(int32_t pid)
{
    return syscall(SYS_tgkill, pid, pid, 0) == 0 || errno != ESRCH;
}

/* Errors that say something of us or of the process, not of the kernel's abilities. */
static bool is_final(int error)
{
    return error == -ESRCH || error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

/* Opens the pidfd, or sets *ret_fd to -1 where there is none that could be used. */
static int open_pidfd(int32_t pid, int *ret_fd, bool *ret_thread)
{
    bool thread = false;
    int fd = pidfd_open_plain(pid, 0);
    if (fd == -EINVAL || fd == -ENOENT) { // no group's leader; ENOENT since Linux 6.16
        thread = true;
        fd = pidfd_open_plain(pid, PIN_THREAD);
    } else if (fd < 0 && !is_final(fd)) {
        thread = !leads_its_group(pid);
    }
    if (fd < 0 && is_final(fd)) {
        return fd;
    }
    if (fd >= 0 && pin_took_one_of_the_last(fd)) {
        close(fd);
        return -EMFILE;
    }
    if (fd >= 0 && !can_send_by_pidfd(fd)) {
        close(fd);
        fd = -1;
    }
    *ret_fd = fd < 0 ? -1 : fd;
    *ret_thread = thread;
    return 0;
}

int platform_pin(struct platform *platform, struct proc_id id, struct platform_pin **ret)
{
    if (!platform->may_act) {
        return -ENOTSUP;
    }
    if (id.pid <= 0) { // to the kernel these are groups, or ourselves
        return -ESRCH;
    }
    int fd;
    bool thread;
    int error = open_pidfd(id.pid, &fd, &thread);
    if (error) {
        return error;
    }
    // Only now: what is compared is then what the descriptor holds.
    error = procfs_check(platform, id);
    struct platform_pin *const pin = error ? NULL : malloc(sizeof(*pin));
    if (!pin) {
        if (fd >= 0) {
            close(fd);
        }
        return error ? error : -ENOMEM;
    }
    *pin = (struct platform_pin){
        .platform = platform, .id = id, .fd = fd, .thread = thread, .cgroup_fd = -1};
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
    if (pin->cgroup_fd >= 0) {
        close(pin->cgroup_fd);
    }
    free(pin);
}

static int read_stat(const struct platform_pin *pin, int dir, const char *path,
                     struct raw_proc *ret)
{
    char buf[PROCFS_STAT_BYTES];
    size_t len;
    const int error = procfs_read(dir, path, buf, sizeof(buf), &len);
    if (error) {
        return error == -ENOENT ? -ESRCH : error;
    }
    // An empty file is what a task leaves that dies between open and read.
    if (parse_proc_stat(buf, len, &pin->platform->units, ret)) {
        return -ESRCH;
    }
    ret->name = (struct raw_bytes){0}; // it points into the buffer
    return 0;
}

int pin_read_task(const struct platform_pin *pin, int dir, int32_t tid, struct proc_id *ret_id,
                  char *ret_state)
{
    char tail[PROCFS_PATH_BYTES];
    char path[PROCFS_PATH_BYTES];
    struct strbuf text;
    struct raw_proc now;
    procfs_path(tail, tid, "/stat");
    str_init(&text, path, sizeof(path));
    str_add(&text, "task/");
    str_add(&text, tail);
    const int error = read_stat(pin, dir, path, &now);
    if (error) {
        return error;
    }
    *ret_id = now.id;
    *ret_state = now.state;
    return 0;
}

/* Where there is no pidfd: by what /proc says. A dead leader of living threads is no zombie. */
static int alive_by_stat(const struct platform_pin *pin)
{
    char path[PROCFS_PATH_BYTES];
    struct raw_proc now;
    procfs_path(path, pin->id.pid, "/stat");
    const int error = read_stat(pin, pin->platform->proc_fd, path, &now);
    if (error || !proc_id_equal(now.id, pin->id)) {
        return error ? error : -ESRCH;
    }
    const bool dead = now.state == 'Z' || now.state == 'X';
    return dead && (pin->thread || now.thread_count <= 1) ? -ECHILD : 0;
}

/* A zombie keeps its pid and takes every signal in vain; to call that a success would be a lie. */
int platform_pin_alive(const struct platform_pin *pin)
{
    if (pin->fd < 0) {
        return alive_by_stat(pin);
    }
    const int error = pidfd_send(pin->fd, 0);
    if (error && error != -EPERM) { // refused, so it exists
        return error;
    }
    struct pollfd exited = {.fd = pin->fd, .events = POLLIN};
    int ready;
    do { // a signal waiting for us cuts short even what does not wait
        ready = poll(&exited, 1, 0);
    } while (ready < 0 && errno == EINTR);
    return ready > 0 && (exited.revents & POLLIN) ? -ECHILD : 0;
}

int platform_pin_signal(struct platform_pin *pin, int signal_number)
{
    const int error = platform_pin_alive(pin);
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

/* Whether one of them has exited, of those without pidfd or of all. */
static bool has_one_exited(struct platform_pin *const *pins, size_t count, bool all)
{
    for (size_t i = 0; i < count; i++) {
        if ((all || pins[i]->fd < 0) && platform_pin_alive(pins[i]) != 0) {
            return true;
        }
    }
    return false;
}

void platform_pins_wait(struct platform_pin *const *pins, size_t count, uint64_t timeout_ns)
{
    // Without memory for the list all are looked after every few milliseconds instead.
    struct pollfd *const exits = calloc(count ? count : 1, sizeof(*exits));
    nfds_t exit_count = 0;
    for (size_t i = 0; exits && i < count; i++) {
        if (pins[i]->fd >= 0) {
            exits[exit_count++] = (struct pollfd){.fd = pins[i]->fd, .events = POLLIN};
        }
    }
    const bool look = exit_count < count;
    const uint64_t begin_ns = platform_now_ns();
    for (;;) {
        const uint64_t gone_ns = platform_now_ns() - begin_ns;
        const uint64_t left_ns = gone_ns < timeout_ns ? timeout_ns - gone_ns : 0;
        const uint64_t wait_ns = look && left_ns > PIN_LOOK_NS ? PIN_LOOK_NS : left_ns;
        const struct timespec timeout = {.tv_sec = (time_t)(wait_ns / 1000000000u),
                                         .tv_nsec = (long)(wait_ns % 1000000000u)};
        const int ready = ppoll(exits, exit_count, &timeout, NULL);
        if (ready > 0 || left_ns == 0 || (ready < 0 && errno != EINTR) ||
            (look && has_one_exited(pins, count, !exits))) {
            break;
        }
    }
    free(exits);
}

int pin_open_dir(const struct platform_pin *pin, int *ret_fd)
{
    char path[PROCFS_PATH_BYTES];
    procfs_path(path, pin->id.pid, "");
    const int fd = openat(pin->platform->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    int error = pin_check_task(pin, fd, pin->id);
    // Start times come in steps of 10 ms; that the pidfd still lives closes the gap.
    error = error ? error : platform_pin_alive(pin);
    if (error) {
        close(fd);
        return error;
    }
    *ret_fd = fd;
    return 0;
}

int pin_check_task(const struct platform_pin *pin, int dir, struct proc_id task)
{
    struct proc_id now;
    char state;
    const int error = pin_read_task(pin, dir, task.pid, &now, &state);
    return error ? error : proc_id_equal(now, task) ? 0 : -ESRCH;
}

static int tasks_add(struct pin_tasks *tasks, struct proc_id id)
{
    if (tasks->count == tasks->capacity) {
        const size_t capacity = tasks->capacity ? tasks->capacity * 2 : 16;
        struct proc_id *const more =
            capacity <= PIN_TASKS_MAX ? realloc(tasks->ids, capacity * sizeof(*more)) : NULL;
        if (!more) {
            return -ENOMEM;
        }
        tasks->ids = more;
        tasks->capacity = capacity;
    }
    tasks->ids[tasks->count++] = id;
    return 0;
}

/* Adds the others. Who they are is read here, too: later a number may be somebody else's. */
static int add_others(const struct platform_pin *pin, int dir, int task_fd, struct pin_tasks *tasks)
{
    char buf[8192];
    struct procfs_list list = {.fd = task_fd, .buf = buf, .size = sizeof(buf)};
    const char *name;
    int error = 0;
    while (error == 0 && (error = procfs_list_next(&list, &name)) > 0) {
        struct proc_id id = {0};
        char state;
        const int32_t tid = procfs_pid(name);
        error = tid <= 0 || tid == pin->id.pid ? -ESRCH : pin_read_task(pin, dir, tid, &id, &state);
        error = error ? error : tasks_add(tasks, id);
        error = error == -ESRCH ? 0 : error; // threads come and go
    }
    return error;
}

int pin_list_tasks(const struct platform_pin *pin, int dir, bool alone, struct pin_tasks *ret)
{
    ret->count = 0;
    int error = tasks_add(ret, pin->id);
    if (error || alone) {
        return error;
    }
    const int fd = openat(dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    error = add_others(pin, dir, fd, ret);
    close(fd);
    return error;
}

void pin_tasks_finish(struct pin_tasks *tasks)
{
    free(tasks->ids);
    *tasks = (struct pin_tasks){0};
}
