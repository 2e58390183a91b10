#include "platform/linux/attributes.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* I/O priority, CPU affinity and scheduling policy: system calls the C library has not or cuts. */

enum {
    IOPRIO_WHO_PROCESS = 1,
    IOPRIO_CLASS_SHIFT = 13,
    IOPRIO_LEVEL_MASK = 7, // bits 3 to 12 are hints, since Linux 6.5
};

static int error_of(long result)
{
    return result >= 0 ? 0 : errno == ENOSYS ? -ENOTSUP : -errno;
}

/* --- I/O priority ------------------------------------------------------------------------- */

static int32_t io_class_of(uint64_t word)
{
    return (int32_t)(word >> IOPRIO_CLASS_SHIFT);
}

static int ioprio_get(struct attribute_place *place, uint64_t *ret, size_t words)
{
    (void)words;
    const long value = syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, place->tid);
    if (value < 0) {
        return error_of(value);
    }
    // Older kernels give a level with "none", which none takes back.
    ret[0] = io_class_of((uint64_t)value) == IO_CLASS_NONE ? 0 : (uint64_t)value;
    return 0;
}

static int ioprio_set(struct attribute_place *place, const uint64_t *value, size_t words)
{
    (void)words;
    return error_of(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, place->tid, (int)value[0]));
}

static void ioprio_unpack(const uint64_t *value, size_t words, struct deed_value *ret)
{
    (void)words;
    ret->io.class = io_class_of(value[0]);
    const bool has_level =
        ret->io.class == IO_CLASS_REALTIME || ret->io.class == IO_CLASS_BEST_EFFORT;
    ret->io.level = has_level ? (int32_t)(value[0] & IOPRIO_LEVEL_MASK) : 0;
}

static void ioprio_pack(const struct deed_value *wanted, const uint64_t *old, size_t words,
                        uint64_t *ret)
{
    struct deed_value now;
    ioprio_unpack(old, words, &now);
    if (now.io.class == wanted->io.class && now.io.level == wanted->io.level) {
        ret[0] = old[0]; // with its hints
        return;
    }
    const bool has_level =
        wanted->io.class == IO_CLASS_REALTIME || wanted->io.class == IO_CLASS_BEST_EFFORT;
    const uint32_t level = has_level ? (uint32_t)wanted->io.level & IOPRIO_LEVEL_MASK : 0;
    ret[0] = (uint64_t)(uint32_t)wanted->io.class << IOPRIO_CLASS_SHIFT | level;
}

const struct attribute attribute_ioprio = {
    .words = 1, .get = ioprio_get, .set = ioprio_set, .unpack = ioprio_unpack, .pack = ioprio_pack};

/* --- CPU affinity ------------------------------------------------------------------------- */

enum {
    LONG_BITS = 8 * (int)sizeof(long), // the kernel's masks are made of these, in its byte order
    LONGS_IN_WORD = 64 / LONG_BITS,
    LONGS_MAX = CPU_SET_WORDS * LONGS_IN_WORD,
};

static int affinity_get(struct attribute_place *place, uint64_t *ret, size_t words)
{
    unsigned long mask[LONGS_MAX] = {0};
    const long bytes =
        syscall(SYS_sched_getaffinity, place->tid, words * sizeof(uint64_t), (void *)mask);
    if (bytes < 0) {
        return error_of(bytes);
    }
    memset(ret, 0, words * sizeof(*ret));
    for (size_t i = 0; i < words * LONGS_IN_WORD; i++) {
        ret[i / LONGS_IN_WORD] |= (uint64_t)mask[i] << i % LONGS_IN_WORD * LONG_BITS % 64;
    }
    return 0;
}

static int affinity_set(struct attribute_place *place, const uint64_t *value, size_t words)
{
    unsigned long mask[LONGS_MAX];
    for (size_t i = 0; i < words * LONGS_IN_WORD; i++) {
        mask[i] = (unsigned long)(value[i / LONGS_IN_WORD] >> i % LONGS_IN_WORD * LONG_BITS % 64);
    }
    return error_of(
        syscall(SYS_sched_setaffinity, place->tid, words * sizeof(uint64_t), (void *)mask));
}

static void affinity_unpack(const uint64_t *value, size_t words, struct deed_value *ret)
{
    memset(&ret->cpus, 0, sizeof(ret->cpus));
    memcpy(ret->cpus.words, value, words * sizeof(*value));
}

/* CPUs the kernel has no bit for cannot be meant: it would leave them out, too. */
static void affinity_pack(const struct deed_value *wanted, const uint64_t *old, size_t words,
                          uint64_t *ret)
{
    (void)old;
    memcpy(ret, wanted->cpus.words, words * sizeof(*ret));
}

/* Asked about ourselves, with more and more room until the kernel finds it enough. */
int affinity_words(size_t *ret)
{
    unsigned long mask[LONGS_MAX];
    for (size_t words = 1; words <= CPU_SET_WORDS; words *= 2) {
        const long bytes =
            syscall(SYS_sched_getaffinity, 0, words * sizeof(uint64_t), (void *)mask);
        if (bytes >= 0) {
            *ret = words;
            return 0;
        }
        if (errno != EINVAL) {
            return error_of(bytes);
        }
    }
    return -ENOTSUP;
}

const struct attribute attribute_affinity = {.words = 0,
                                             .get = affinity_get,
                                             .set = affinity_set,
                                             .unpack = affinity_unpack,
                                             .pack = affinity_pack};

/* --- scheduling --------------------------------------------------------------------------- */

enum {
    SCHED_AT_POLICY, // flags in the upper half
    SCHED_AT_PRIORITY,
    SCHED_AT_RUNTIME,
    SCHED_AT_DEADLINE,
    SCHED_AT_PERIOD,
    SCHED_WORDS,
};

enum {
    RESET_ON_FORK = 1,
    KEPT_FLAGS = 1 | 2 | 4, // with "reclaim" and "overrun"; the utilisation clamps stay out of it
};

/* The kernel's struct sched_attr, which not every C library's headers have. */
struct sched_attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t util_min, util_max; // here so that old kernels do not say EFBIG about them
};

static bool is_fair(uint32_t policy)
{
    return policy == POLICY_OTHER || policy == POLICY_BATCH || policy == POLICY_EXT;
}

static int get_attributes(int32_t tid, struct sched_attributes *ret)
{
    memset(ret, 0, sizeof(*ret));
    return error_of(syscall(SYS_sched_getattr, tid, ret, sizeof(*ret), 0));
}

/*
 * Since Linux 6.12 the runtime of an ordinary task is its time slice. Given back it would become
 * its own for good, so it is only kept when it is not everybody's: not the one we have.
 */
static uint64_t own_slice(const struct sched_attributes *task)
{
    struct sched_attributes self;
    const bool same =
        get_attributes(0, &self) == 0 && is_fair(self.policy) && self.runtime == task->runtime;
    return same ? 0 : task->runtime;
}

static int scheduling_get(struct attribute_place *place, uint64_t *ret, size_t words)
{
    struct sched_attributes now;
    const int error = get_attributes(place->tid, &now);
    if (error) {
        return error;
    }
    memset(ret, 0, words * sizeof(*ret));
    ret[SCHED_AT_POLICY] = (now.flags & KEPT_FLAGS) << 32 | now.policy;
    ret[SCHED_AT_PRIORITY] = now.priority;
    ret[SCHED_AT_RUNTIME] = is_fair(now.policy) ? own_slice(&now) : now.runtime;
    ret[SCHED_AT_DEADLINE] = now.deadline;
    ret[SCHED_AT_PERIOD] = now.period;
    return 0;
}

/* The nice value is set together with the policy, so it has to be given as it is. */
static int scheduling_set(struct attribute_place *place, const uint64_t *value, size_t words)
{
    (void)words;
    errno = 0;
    const int nice = getpriority(PRIO_PROCESS, (id_t)place->tid);
    if (nice == -1 && errno) {
        return -errno;
    }
    const struct sched_attributes wanted = {
        .size = sizeof(wanted),
        .policy = (uint32_t)value[SCHED_AT_POLICY],
        .flags = value[SCHED_AT_POLICY] >> 32,
        .nice = nice,
        .priority = (uint32_t)value[SCHED_AT_PRIORITY],
        .runtime = value[SCHED_AT_RUNTIME],
        .deadline = value[SCHED_AT_DEADLINE],
        .period = value[SCHED_AT_PERIOD],
    };
    return error_of(syscall(SYS_sched_setattr, place->tid, &wanted, 0));
}

static void scheduling_unpack(const uint64_t *value, size_t words, struct deed_value *ret)
{
    (void)words;
    const bool deadline = (uint32_t)value[SCHED_AT_POLICY] == POLICY_DEADLINE;
    ret->sched.policy = (int32_t)(uint32_t)value[SCHED_AT_POLICY];
    ret->sched.rt_priority = (int32_t)(uint32_t)value[SCHED_AT_PRIORITY];
    ret->sched.reset_on_fork = (value[SCHED_AT_POLICY] >> 32 & RESET_ON_FORK) != 0;
    ret->sched.runtime_ns = deadline ? value[SCHED_AT_RUNTIME] : 0;
    ret->sched.deadline_ns = deadline ? value[SCHED_AT_DEADLINE] : 0;
    ret->sched.period_ns = deadline ? value[SCHED_AT_PERIOD] : 0;
}

static void scheduling_pack(const struct deed_value *wanted, const uint64_t *old, size_t words,
                            uint64_t *ret)
{
    const uint32_t policy = (uint32_t)wanted->sched.policy;
    const uint64_t flags = wanted->sched.reset_on_fork ? RESET_ON_FORK : 0;
    const bool keep_slice = is_fair(policy) && is_fair((uint32_t)old[SCHED_AT_POLICY]);
    memset(ret, 0, words * sizeof(*ret));
    ret[SCHED_AT_POLICY] = flags << 32 | policy;
    ret[SCHED_AT_PRIORITY] = (uint32_t)wanted->sched.rt_priority;
    ret[SCHED_AT_RUNTIME] = keep_slice ? old[SCHED_AT_RUNTIME] : 0;
}

const struct attribute attribute_scheduling = {.words = SCHED_WORDS,
                                               .get = scheduling_get,
                                               .set = scheduling_set,
                                               .unpack = scheduling_unpack,
                                               .pack = scheduling_pack};
