#include "base/arena.h"
#include "base/str.h"
#include "platform/linux/privileges.h"
#include "platform/linux/procfs.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

/*
 * The machine's figures. Every file here is optional, now and at every later sample: containers
 * leave out or forbid what they like, and come and go with their file systems.
 */

/* The whole of an optional file; empty when it cannot be read. */
static const struct procfs_file *read_optional(struct platform *platform, const char *path)
{
    if (procfs_read_all(platform->proc_fd, path, &platform->file)) {
        platform->file.len = 0;
    }
    return &platform->file;
}

static void read_pressure(struct platform *platform, const char *path, struct raw_pressure *ret)
{
    const struct procfs_file *const file = read_optional(platform, path);
    parse_system_pressure(file->ptr, file->len, ret);
}

/* CPUs that can exist: `present` where the kernel says, as `possible` counts empty sockets. */
static uint32_t read_cpu_present(struct platform *platform)
{
    static const char *const paths[] = {"devices/system/cpu/present",
                                        "devices/system/cpu/possible"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
        char buf[4096];
        size_t len;
        if (platform->sys_fd >= 0 &&
            procfs_read(platform->sys_fd, paths[i], buf, sizeof(buf), &len) == 0) {
            return parse_system_cpu_list(buf, len);
        }
    }
    return 0;
}

/* A file of one line, without its newline. */
static size_t read_line(const struct platform *platform, const char *path, char *buf, size_t size)
{
    size_t len = 0;
    if (procfs_read(platform->proc_fd, path, buf, size, &len)) {
        return 0;
    }
    const char *const newline = memchr(buf, '\n', len);
    return newline ? (size_t)(newline - buf) : len;
}

/* The mount hides nothing from those who may trace anybody. */
static enum raw_hidepid read_hidepid(struct platform *platform)
{
    enum raw_hidepid hidepid = RAW_HIDEPID_OFF;
    if (platform->is_procfs && privileges_have(CAP_SYS_PTRACE)) {
        return hidepid;
    }
    const struct procfs_file *const file = read_optional(platform, "self/mountinfo");
    if (!parse_system_hidepid(file->ptr, file->len, platform->proc_path, &hidepid) &&
        !platform->is_procfs) {
        // A recorded tree lies elsewhere than what was recorded.
        (void)parse_system_hidepid(file->ptr, file->len, "/proc", &hidepid); // else it stays off
    }
    return hidepid;
}

static void refresh_slow(struct platform *platform)
{
    struct procfs_slow *const slow = &platform->slow;
    slow->cpu_present = read_cpu_present(platform);
    slow->hidepid = read_hidepid(platform);
    slow->hostname_len =
        read_line(platform, "sys/kernel/hostname", slow->hostname, sizeof(slow->hostname));
    size_t len = read_line(platform, "sys/kernel/ostype", slow->kernel, sizeof(slow->kernel) / 2);
    if (len > 0) {
        slow->kernel[len++] = ' ';
    }
    slow->kernel_len = len + read_line(platform, "sys/kernel/osrelease", slow->kernel + len,
                                       sizeof(slow->kernel) - len);
}

static int copy_bytes(struct arena *arena, const char *ptr, size_t len, struct raw_bytes *ret)
{
    char *const copy = arena_alloc(arena, len + 1, 1);
    if (!copy) {
        return -ENOMEM;
    }
    memcpy(copy, ptr, len);
    *ret = (struct raw_bytes){.ptr = copy, .len = (uint32_t)len};
    return 0;
}

static int read_cpus(struct platform *platform, struct arena *arena, struct raw_system *ret)
{
    const struct procfs_file *const file = read_optional(platform, "stat");
    const size_t count = parse_system_cpu_lines(file->ptr, file->len);
    struct raw_cpu *const cpus = arena_alloc(arena, count + 1, sizeof(*cpus));
    if (!cpus) {
        return -ENOMEM;
    }
    parse_system_stat(file->ptr, file->len, platform->units.tick_ns, cpus, count, ret);
    return 0;
}

int procfs_system(struct platform *platform, struct arena *arena, struct raw_system *ret)
{
    parse_system_init(ret);
    int error = read_cpus(platform, arena, ret);
    if (error) {
        return error;
    }
    // A CPU that came or went may be one that was not there before.
    if (platform->scan % PROCFS_REFRESH_SCANS == 0 || ret->cpu_count != platform->cpu_last) {
        refresh_slow(platform);
        platform->cpu_last = ret->cpu_count;
    }
    const struct procfs_slow *const slow = &platform->slow;
    if (ret->cpu_present < slow->cpu_present) {
        ret->cpu_present = slow->cpu_present;
    }
    ret->hidepid = slow->hidepid;
    const struct procfs_file *file = read_optional(platform, "meminfo");
    parse_system_meminfo(file->ptr, file->len, &ret->memory);
    file = read_optional(platform, "loadavg");
    parse_system_loadavg(file->ptr, file->len, ret);
    if (platform->is_inner) {
        ret->threads_total = FIGURE_ABSENT; // it counts those of all namespaces
    }
    file = read_optional(platform, "uptime");
    ret->uptime_ns = parse_system_uptime(file->ptr, file->len);
    read_pressure(platform, "pressure/cpu", &ret->psi_cpu);
    read_pressure(platform, "pressure/memory", &ret->psi_memory);
    read_pressure(platform, "pressure/io", &ret->psi_io);
    error = copy_bytes(arena, slow->hostname, slow->hostname_len, &ret->hostname);
    return error ? error : copy_bytes(arena, slow->kernel, slow->kernel_len, &ret->kernel);
}

static void refresh_tty(struct platform *platform)
{
    const struct procfs_file *const file = read_optional(platform, "tty/drivers");
    platform->tty_count = parse_system_tty(file->ptr, file->len, platform->tty, PROCFS_TTY_MAX);
    platform->tty_read_ns = platform_now_ns();
}

static bool find_tty(const struct parse_tty *rows, size_t count, uint32_t device, char *buf,
                     size_t size)
{
    for (size_t i = 0; i < count; i++) {
        if (parse_system_tty_name(&rows[i], device, buf, size)) {
            return true;
        }
    }
    return false;
}

int platform_tty_name(struct platform *platform, uint32_t device, char *buf, size_t size)
{
    // The numbers every Linux has, for where /proc/tty may not be read.
    static const struct parse_tty usual[] = {
        {.name = "tty", .major = 4, .first_minor = 1, .last_minor = 63, .console = true},
        {.name = "ttyS", .major = 4, .first_minor = 64, .last_minor = 255},
        {.name = "console", .major = 5, .first_minor = 1, .last_minor = 1, .single = true},
    };
    if (device == 0 || size == 0) {
        return -ENOENT;
    }
    if (find_tty(platform->tty, platform->tty_count, device, buf, size)) {
        return 0;
    }
    // Drivers are loaded when their device turns up.
    if (platform->tty_read_ns == 0 ||
        platform_now_ns() - platform->tty_read_ns > PROCFS_TTY_REFRESH_S * UINT64_C(1000000000)) {
        refresh_tty(platform);
        if (find_tty(platform->tty, platform->tty_count, device, buf, size)) {
            return 0;
        }
    }
    const size_t usual_count = sizeof(usual) / sizeof(*usual);
    if (find_tty(usual, usual_count, device, buf, size)) {
        return 0;
    }
    // Pseudo terminals own eight majors, each a further 2^20 of them.
    const uint32_t major = (device >> 8) & 0xfff;
    if (major < 136 || major > 143) {
        return -ENOENT;
    }
    const struct parse_tty pts = {.name = "pts", .major = major, .last_minor = 0xfffff};
    return parse_system_tty_name(&pts, device, buf, size) ? 0 : -ENOENT;
}
