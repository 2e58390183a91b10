#ifndef BASE_CPUSET_H
#define BASE_CPUSET_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CPU_SET_MAX = 8192, // CPUs the largest kernels are built for
    CPU_SET_WORDS = CPU_SET_MAX / 64,
};

/* A set of CPU numbers. Zero-initialise for the empty set. */
struct cpu_set {
    uint64_t words[CPU_SET_WORDS]; // bit n % 64 of word n / 64
};

/* Put a CPU in; numbers from CPU_SET_MAX on are ignored. */
void cpu_set_add(struct cpu_set *set, uint32_t cpu);

/* Take a CPU out. */
void cpu_set_remove(struct cpu_set *set, uint32_t cpu);

/* Whether it is in. */
bool cpu_set_has(const struct cpu_set *set, uint32_t cpu);

/* How many are in. */
size_t cpu_set_count(const struct cpu_set *set);

/* Whether both hold the same CPUs. */
bool cpu_set_equal(const struct cpu_set *a, const struct cpu_set *b);

/* Keep only what `other` holds, too. */
void cpu_set_and(struct cpu_set *set, const struct cpu_set *other);

/* Add what `other` holds. */
void cpu_set_or(struct cpu_set *set, const struct cpu_set *other);

/* Take out what `other` holds. */
void cpu_set_subtract(struct cpu_set *set, const struct cpu_set *other);

/*
 * Read a list as the kernel and taskset write it: "0-3,8", also with a stride "0-30:2". Blanks
 * around numbers are allowed; the empty text is the empty set.
 * Errors: -EINVAL not a list, -ERANGE a CPU from CPU_SET_MAX on; *ret is then untouched.
 * Source: cpuset(7), "List format".
 */
int cpu_set_parse(const char *text, struct cpu_set *ret);

/* Append it in that form; nothing for the empty set. */
void cpu_set_format(const struct cpu_set *set, struct strbuf *buf);

#endif
