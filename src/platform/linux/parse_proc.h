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

/* What the memory is made of, by `status`. Only beginnings of lines are looked at: names are the
 * process's own choice. What is not said is FIGURE_ABSENT. */
void parse_proc_status(const char *buf, size_t len, struct raw_status *ret);

/* A file of one number: `oom_score`. Errors: -EINVAL. */
int parse_proc_number(const char *buf, size_t len, int32_t *ret);

/* Set the sums to nothing said yet. */
void parse_proc_smaps_init(struct raw_smaps *ret);

/*
 * Add up a piece of `smaps` or `smaps_rollup`, up to its last newline. Returns how many bytes
 * that is: the rest is to be given again, at the beginning of the next piece.
 */
size_t parse_proc_smaps(const char *buf, size_t len, struct raw_smaps *sums);

#endif
