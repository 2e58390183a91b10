#include "platform/linux/attributes.h"

#include "base/str.h"
#include "platform/linux/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The attributes that are a number, and the list of all. */

enum {
    STEP_NS = 5000000,            // between two looks at what takes a moment
    STOP_STEPS = 40,              // a fifth of a second for the state to follow the signal
    AUTOGROUP_STEP_NS = 50000000, // the kernel lets users change one in a tenth of a second
    AUTOGROUP_STEPS = 6,
    FILE_BYTES = 128,
};

static uint64_t word_of(int32_t number)
{
    return (uint32_t)number;
}

static int32_t number_of(uint64_t word)
{
    return (int32_t)(uint32_t)word;
}

static void pause_ns(long ns)
{
    const struct timespec pause = {.tv_nsec = ns};
    (void)nanosleep(&pause, NULL); // cut short by a signal it is only a shorter pause
}

/* The number is the low half of the first word; what else there is stays. */
static void number_unpack(const uint64_t *value, size_t words, struct deed_value *ret)
{
    (void)words;
    ret->number = number_of(value[0]);
}

static void number_pack(const struct deed_value *wanted, const uint64_t *old, size_t words,
                        uint64_t *ret)
{
    memcpy(ret, old, words * sizeof(*ret));
    ret[0] = (old[0] & ~(uint64_t)UINT32_MAX) | word_of(wanted->number);
}

/* --- nice value --------------------------------------------------------------------------- */

static int nice_get(struct attribute_place *place, uint64_t *ret, size_t words)
{
    (void)words;
    errno = 0; // -1 is also a nice value
    const int nice = getpriority(PRIO_PROCESS, (id_t)place->tid);
    if (nice == -1 && errno) {
        return -errno;
    }
    ret[0] = word_of(nice);
    return 0;
}

static int nice_set(struct attribute_place *place, const uint64_t *value, size_t words)
{
    (void)words;
    return setpriority(PRIO_PROCESS, (id_t)place->tid, number_of(value[0])) < 0 ? -errno : 0;
}

/* --- files of the process ----------------------------------------------------------------- */

static int read_file(const struct attribute_place *place, const char *name, char *buf,
                     size_t *ret_len)
{
    const int error = procfs_read(place->dir, name, buf, FILE_BYTES, ret_len);
    // The process is there, so it is the kernel that does not know the file.
    return error == -ENOENT ? -ENOTSUP : error;
}

static int write_number(const struct attribute_place *place, const char *name, int32_t number)
{
    char digits[16];
    struct strbuf text;
    str_init(&text, digits, sizeof(digits));
    str_addf(&text, "%d", number);
    const int fd = openat(place->dir, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? -ENOTSUP : -errno;
    }
    const int error = write(fd, digits, text.len) < 0 ? -errno : 0;
    close(fd);
    return error;
}

/* "/autogroup-51 nice -5": the group's number goes into the upper half of the word. */
static int autogroup_get(struct attribute_place *place, uint64_t *ret, size_t words)
{
    static const char head[] = "/autogroup-";
    static const char middle[] = " nice ";
    char buf[FILE_BYTES];
    size_t len;
    uint64_t group;
    int64_t nice;
    (void)words;
    const int error = read_file(place, "autogroup", buf, &len);
    if (error) {
        return error;
    }
    size_t at = sizeof(head) - 1;
    if (len <= at || memcmp(buf, head, at) != 0) {
        return -ENOTSUP; // an empty file: it is in none
    }
    at += str_take_u64(buf + at, len - at, &group);
    if (at == sizeof(head) - 1 || len - at <= sizeof(middle) - 1 ||
        memcmp(buf + at, middle, sizeof(middle) - 1) != 0) {
        return -ENOTSUP;
    }
    at += sizeof(middle) - 1;
    if (str_take_i64(buf + at, len - at, &nice) == 0 || nice < -20 || nice > 19) {
        return -ENOTSUP;
    }
    ret[0] = group << 32 | word_of((int32_t)nice);
    return 0;
}

static int autogroup_set(struct attribute_place *place, const uint64_t *value, size_t words)
{
    (void)words;
    int error = -EAGAIN;
    for (int i = 0; error == -EAGAIN && i < AUTOGROUP_STEPS; i++) {
        if (i > 0) {
            pause_ns(AUTOGROUP_STEP_NS);
        }
        error = write_number(place, "autogroup", number_of(value[0]));
    }
    return error;
}

static int oom_get(struct attribute_place *place, uint64_t *ret, size_t words)
{
    char buf[FILE_BYTES];
    size_t len;
    int64_t number;
    (void)words;
    const int error = read_file(place, "oom_score_adj", buf, &len);
    if (error) {
        return error;
    }
    if (str_take_i64(buf, len, &number) == 0 || number < -1000 || number > 1000) {
        return -EINVAL;
    }
    ret[0] = word_of((int32_t)number);
    return 0;
}

/* To go below the lowest value it ever had takes CAP_SYS_RESOURCE. */
static int oom_set(struct attribute_place *place, const uint64_t *value, size_t words)
{
    (void)words;
    return write_number(place, "oom_score_adj", number_of(value[0]));
}

/* --- stopped or not ----------------------------------------------------------------------- */

/* The state of a process is that of its first thread, or of another one when that has ended. */
static int read_state(const struct attribute_place *place, char *ret)
{
    struct proc_id id;
    struct pin_tasks tasks = {0};
    int error = pin_read_task(place->pin, place->dir, place->tid, &id, ret);
    if (error || *ret != 'Z') {
        return error;
    }
    error = pin_list_tasks(place->pin, place->dir, false, &tasks);
    for (size_t i = 1; error == 0 && *ret == 'Z' && i < tasks.count; i++) {
        // One that has ended meanwhile leaves the letter as it is.
        (void)pin_read_task(place->pin, place->dir, tasks.ids[i].pid, &id, ret);
    }
    pin_tasks_finish(&tasks);
    return error;
}

/* A debugger's stop ('t') is not ours to end, so it counts as running. */
static int stop_get(struct attribute_place *place, uint64_t *ret, size_t words)
{
    char state;
    (void)words;
    const int error = read_state(place, &state);
    if (error == 0) {
        ret[0] = state == 'T';
    }
    return error;
}

static int stop_set(struct attribute_place *place, const uint64_t *value, size_t words)
{
    uint64_t now = 0;
    int error = platform_pin_signal(place->pin, value[0] ? SIGSTOP : SIGCONT);
    for (int i = 0; error == 0 && i < STOP_STEPS; i++) {
        error = stop_get(place, &now, words);
        if (error == 0 && now == value[0]) {
            return 0;
        }
        pause_ns(STEP_NS);
    }
    return error ? error : -ETIMEDOUT;
}

/* --- freezer ------------------------------------------------------------------------------ */

/* Two words: whether it is frozen, and which cgroup that was said of. */
static int freeze_get(struct attribute_place *place, uint64_t *ret, size_t words)
{
    bool frozen = false;
    (void)words;
    const int error = cgroup_get_frozen(place->pin, &frozen, &place->obstacle);
    if (error == 0) {
        ret[0] = frozen;
        ret[1] = place->pin->cgroup_id;
    }
    return error;
}

static int freeze_set(struct attribute_place *place, const uint64_t *value, size_t words)
{
    (void)words;
    return cgroup_set_frozen(place->pin, value[0] != 0, &place->obstacle);
}

/* --- all of them -------------------------------------------------------------------------- */

static const struct attribute attribute_nice = {
    .words = 1, .get = nice_get, .set = nice_set, .unpack = number_unpack, .pack = number_pack};
static const struct attribute attribute_autogroup = {.words = 1,
                                                     .get = autogroup_get,
                                                     .set = autogroup_set,
                                                     .unpack = number_unpack,
                                                     .pack = number_pack};
static const struct attribute attribute_oom = {
    .words = 1, .get = oom_get, .set = oom_set, .unpack = number_unpack, .pack = number_pack};
static const struct attribute attribute_stop = {
    .words = 1, .get = stop_get, .set = stop_set, .unpack = number_unpack, .pack = number_pack};
static const struct attribute attribute_freeze = {
    .words = 2, .get = freeze_get, .set = freeze_set, .unpack = number_unpack, .pack = number_pack};

const struct attribute *attribute_of(enum deed_kind kind)
{
    static const struct attribute *const all[DEED_COUNT] = {
        [DEED_STOP] = &attribute_stop,           [DEED_NICE] = &attribute_nice,
        [DEED_AUTOGROUP] = &attribute_autogroup, [DEED_IOPRIO] = &attribute_ioprio,
        [DEED_AFFINITY] = &attribute_affinity,   [DEED_SCHEDULING] = &attribute_scheduling,
        [DEED_OOM_ADJ] = &attribute_oom,         [DEED_FREEZE] = &attribute_freeze,
    };
    return kind < DEED_COUNT ? all[kind] : NULL;
}

int attribute_words(const struct attribute *attribute, size_t *ret)
{
    if (attribute->words > 0) {
        *ret = attribute->words;
        return 0;
    }
    return affinity_words(ret);
}
