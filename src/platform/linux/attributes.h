#ifndef PLATFORM_LINUX_ATTRIBUTES_H
#define PLATFORM_LINUX_ATTRIBUTES_H

#include "platform/linux/pin.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Private to platform/linux: the attributes of a task that can be set. A value is kept as the
 * kernel tells it, in a few words: small where there are many threads, and exact, so that it can
 * be put back bit by bit. Two values are the same when their words are.
 */

enum { ATTRIBUTE_WORDS_MAX = CPU_SET_WORDS };

/* The task whose attribute it is. */
struct attribute_place {
    struct platform_pin *pin;
    int dir;                     // of the pinned task, from pin_open_dir()
    int32_t tid;                 // this task, pin->id.pid or another one of its process
    enum deed_obstacle obstacle; // set with an error where it is known at once
};

/* One attribute. */
struct attribute {
    size_t words; // of a value; 0: as many as this kernel has CPUs for
    int (*get)(struct attribute_place *place, uint64_t *ret, size_t words);

    // -ETIMEDOUT: it was told to, but it has not come to that yet.
    int (*set)(struct attribute_place *place, const uint64_t *value, size_t words);

    void (*unpack)(const uint64_t *value, size_t words, struct deed_value *ret);

    // The value to set; what a deed does not speak of is kept as in `old`.
    void (*pack)(const struct deed_value *wanted, const uint64_t *old, size_t words, uint64_t *ret);
};

/* Look up by kind. Owns: static storage. Errors: NULL when it is no attribute. */
const struct attribute *attribute_of(enum deed_kind kind);

/* How many words its values have here. Errors: -ENOTSUP. */
int attribute_words(const struct attribute *attribute, size_t *ret);

/* Words of a mask of CPUs: the kernel refuses one shorter than its own. Errors: as it says. */
int affinity_words(size_t *ret);

extern const struct attribute attribute_ioprio;
extern const struct attribute attribute_affinity;
extern const struct attribute attribute_scheduling;

#endif
