#ifndef PLATFORM_LINUX_PARSE_SYSTEM_H
#define PLATFORM_LINUX_PARSE_SYSTEM_H

#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The files that describe the machine as values. Pure functions over a buffer that may hold
 * anything. Containers and odd kernels leave out what they like, so none of these fails: what
 * is not there stays unknown.
 */

enum {
    PARSE_CPU_MAX = 16384, // highest CPU number believed, plus one; the kernel's limit is 8192
    PARSE_TTY_NAME = 24,   // bytes of a terminal driver's name, NUL included
};

/* Set everything to unknown. */
void parse_system_init(struct raw_system *ret);

/* Number of "cpuN" lines in /proc/stat: room needed by parse_system_stat(). */
size_t parse_system_cpu_lines(const char *buf, size_t len);

/*
 * Read /proc/stat: the CPUs into `cpus` (room for `capacity`, kept ascending, the rest cut),
 * which `ret` then points to, their total, and the machine's counters.
 */
void parse_system_stat(const char *buf, size_t len, uint64_t tick_ns, struct raw_cpu *cpus,
                       size_t capacity, struct raw_system *ret);

/* Read /proc/meminfo. What it does not say is FIGURE_ABSENT, `available` estimated if need be. */
void parse_system_meminfo(const char *buf, size_t len, struct raw_memory *ret);

/* Read one file of /proc/pressure. */
void parse_system_pressure(const char *buf, size_t len, struct raw_pressure *ret);

/* Read /proc/loadavg: the loads and the number of tasks. */
void parse_system_loadavg(const char *buf, size_t len, struct raw_system *ret);

/* Read /proc/uptime in nanoseconds; FIGURE_ABSENT when it makes no sense. */
uint64_t parse_system_uptime(const char *buf, size_t len);

/* Highest number in a CPU list like "0-3,8", plus one; 0 when there is none. */
uint32_t parse_system_cpu_list(const char *buf, size_t len);

/*
 * Find the process file system mounted at `root` in mountinfo and read how it hides processes.
 * False when none is mounted there; *ret is then untouched.
 */
bool parse_system_hidepid(const char *buf, size_t len, const char *root, enum raw_hidepid *ret);

/* One line of /proc/tty/drivers: which device numbers have which names. */
struct parse_tty {
    char name[PARSE_TTY_NAME]; // without "/dev/"
    uint32_t major, first_minor, last_minor;
    bool single;  // the name is complete: no number follows
    bool console; // numbered by minor, not from the first one
};

/* Read /proc/tty/drivers into at most `capacity` rows; returns how many. */
size_t parse_system_tty(const char *buf, size_t len, struct parse_tty *ret, size_t capacity);

/* Write the name of `device` by one row into `buf`; false when it is not of that row. */
bool parse_system_tty_name(const struct parse_tty *tty, uint32_t device, char *buf, size_t size);

/* Read the "cpu MHz" lines of /proc/cpuinfo into `khz` (zeroed by the caller) by CPU number. */
void parse_system_cpuinfo(const char *buf, size_t len, uint32_t *khz, size_t capacity);

#endif
