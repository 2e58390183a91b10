#ifndef PLATFORM_LINUX_PARSE_PROC_H
#define PLATFORM_LINUX_PARSE_PROC_H

#include "platform/platform.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The files below /proc/PID as values. Pure functions over a buffer that may hold anything:
 * no file is opened here, nothing outside the buffer is read, every number is bounded.
 */

/* What the kernel's own units are worth here. */
struct parse_units {
    uint64_t tick_ns;    // of one clock tick (1 / CLK_TCK)
    uint64_t page_bytes; // of one page
};

/*
 * Read `stat` into everything FACT_IDENT covers; the other members are left zero and `have` is
 * FACT_IDENT. `ret->name` points into `buf`. `group_pid` is the task's own pid.
 * Errors: -EINVAL when it is cut or makes no sense up to the start time; *ret is untouched.
 */
int parse_proc_stat(const char *buf, size_t len, const struct parse_units *units,
                    struct raw_proc *ret);

/* The resident pages of `statm` and those of them that are shared, in bytes. Errors: -EINVAL. */
int parse_proc_statm(const char *buf, size_t len, uint64_t page_bytes, uint64_t *ret_resident,
                     uint64_t *ret_shared);

/*
 * The storage bytes of `io`; lines that are odd or unknown are skipped.
 * Errors: -EINVAL unless both figures are there.
 */
int parse_proc_io(const char *buf, size_t len, uint64_t *ret_read, uint64_t *ret_write);

#endif
