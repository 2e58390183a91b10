#include "platform/linux/parse_inspect.h"

#include <fcntl.h>

/* What a descriptor is, and locks of files. */

/* "1: POSIX  ADVISORY  WRITE 5436 08:01:7864448 0 EOF". */
static struct raw_lock_kind lock_kind(struct span line)
{
    struct raw_lock_kind kind = {.type = RAW_LOCK_OTHER};
    struct span number;
    struct span type;
    struct span how;
    struct span access;
    if (span_take_word(&line, &number) && span_take_word(&line, &type)) {
        kind.type = span_is(&type, "POSIX")    ? RAW_LOCK_POSIX
                    : span_is(&type, "FLOCK")  ? RAW_LOCK_FLOCK
                    : span_is(&type, "OFDLCK") ? RAW_LOCK_OFD
                    : span_is(&type, "LEASE")  ? RAW_LOCK_LEASE
                                               : RAW_LOCK_OTHER;
    }
    kind.write =
        span_take_word(&line, &how) && span_take_word(&line, &access) && span_is(&access, "WRITE");
    return kind;
}

void parse_inspect_fdinfo(struct raw_bytes fdinfo, struct raw_file *ret)
{
    struct span text = {.at = fdinfo.ptr, .end = fdinfo.ptr + fdinfo.len};
    struct span line;
    uint64_t number;
    ret->position = FIGURE_ABSENT;
    ret->flags = UINT32_MAX;
    ret->mount_id = 0;
    ret->locked = false;
    ret->lock_count = 0;
    ret->lock = (struct raw_lock_kind){.type = RAW_LOCK_OTHER};
    while (span_take_line(&text, &line)) {
        if (span_take_prefix(&line, "pos:") && span_take_number(&line, &number)) {
            ret->position = number;
        } else if (span_take_prefix(&line, "flags:")) {
            span_skip_blanks(&line);
            const bool has = span_take_digits(&line, 3, &number) && number <= UINT32_MAX;
            ret->flags = has ? (uint32_t)number : UINT32_MAX;
        } else if (span_take_prefix(&line, "mnt_id:") && span_take_number(&line, &number)) {
            ret->mount_id = number <= UINT32_MAX ? (uint32_t)number : 0;
        } else if (span_take_prefix(&line, "ino:") && span_take_number(&line, &number)) {
            ret->inode = number;
        } else if (span_take_prefix(&line, "lock:")) {
            ret->locked = true;
            ret->lock = ret->lock_count++ == 0 ? lock_kind(line) : ret->lock;
        }
    }
}

/* Names below /dev: the beginning, and what it usually is. The first that fits counts. */
static const struct {
    const char *prefix;
    enum raw_file_kind kind;
} devices[] = {
    {"shm/", RAW_FILE_REGULAR},
    {"mqueue/", RAW_FILE_REGULAR},
    {"hugepages", RAW_FILE_REGULAR},
    {"loop-control", RAW_FILE_CHAR},
    {"mapper/control", RAW_FILE_CHAR},
    {"mapper/", RAW_FILE_BLOCK},
    {"block/", RAW_FILE_BLOCK},
    {"disk/", RAW_FILE_BLOCK},
    {"dm-", RAW_FILE_BLOCK},
    {"loop", RAW_FILE_BLOCK},
    {"nvme-", RAW_FILE_CHAR},
    {"nvme", RAW_FILE_BLOCK},
    {"md", RAW_FILE_BLOCK},
    {"mmcblk", RAW_FILE_BLOCK},
    {"nbd", RAW_FILE_BLOCK},
    {"ram", RAW_FILE_BLOCK},
    {"rbd", RAW_FILE_BLOCK},
    {"sd", RAW_FILE_BLOCK},
    {"vd", RAW_FILE_BLOCK},
    {"xvd", RAW_FILE_BLOCK},
    {"zram", RAW_FILE_BLOCK},
    {"zd", RAW_FILE_BLOCK},
    {"", RAW_FILE_CHAR},
};

static enum raw_file_kind device_kind(struct span name)
{
    for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
        if (span_take_prefix(&name, devices[i].prefix)) {
            return devices[i].kind;
        }
    }
    return RAW_FILE_UNKNOWN;
}

enum raw_file_kind parse_inspect_file_kind(struct raw_bytes target, uint32_t flags,
                                           uint64_t *ret_inode)
{
    struct span rest = {.at = target.ptr, .end = target.ptr + target.len};
    if (parse_inspect_link_inode(target, "socket", ret_inode)) {
        return RAW_FILE_SOCKET;
    }
    if (parse_inspect_link_inode(target, "pipe", ret_inode)) {
        return RAW_FILE_FIFO;
    }
    if (span_take_prefix(&rest, "anon_inode:") || span_take_prefix(&rest, "/memfd:")) {
        return RAW_FILE_ANON;
    }
    if (rest.at >= rest.end || *rest.at != '/') {
        return RAW_FILE_UNKNOWN; // namespaces and the like: "net:[4026531840]"
    }
    if (flags != UINT32_MAX && (flags & O_DIRECTORY) != 0) {
        return RAW_FILE_DIRECTORY;
    }
    return span_take_prefix(&rest, "/dev/") ? device_kind(rest) : RAW_FILE_REGULAR;
}

static bool take_device_part(struct span *word, uint32_t *ret)
{
    uint64_t number;
    if (!span_take_digits(word, 4, &number) || number > UINT32_MAX ||
        !span_take_prefix(word, ":")) {
        return false;
    }
    *ret = (uint32_t)number;
    return true;
}

/* "08:01:7864448", or "<none>:0" when the file is not known. */
static bool take_place(struct span *line, struct raw_lock *ret)
{
    struct span word;
    if (!span_take_word(line, &word)) {
        return false;
    }
    if (span_is(&word, "<none>:0")) {
        return true;
    }
    return take_device_part(&word, &ret->major) && take_device_part(&word, &ret->minor) &&
           str_take_u64(word.at, span_len(&word), &ret->inode) == span_len(&word);
}

static bool take_range(struct span *line, struct raw_lock *ret)
{
    struct span word;
    if (!span_take_number(line, &ret->from) || !span_take_word(line, &word)) {
        return false;
    }
    if (span_is(&word, "EOF")) {
        ret->to = UINT64_MAX;
        return true;
    }
    return str_take_u64(word.at, span_len(&word), &ret->to) == span_len(&word);
}

static bool take_pid(struct span *line, int32_t *ret)
{
    struct span word;
    int64_t pid;
    if (!span_take_word(line, &word) ||
        str_take_i64(word.at, span_len(&word), &pid) != span_len(&word) || pid < INT32_MIN ||
        pid > INT32_MAX) {
        return false;
    }
    *ret = (int32_t)pid;
    return true;
}

/* "1: -> POSIX  ADVISORY  WRITE 5436 08:01:7864448 0 EOF". */
static bool take_lock(struct span line, struct parse_lock *ret)
{
    struct parse_lock lock = {0};
    struct span word;
    if (!span_take_number(&line, &lock.lock.id) || !span_take_prefix(&line, ": ")) {
        return false;
    }
    span_skip_blanks(&line);
    lock.lock.waiting = span_take_prefix(&line, "->");
    if (!span_take_word(&line, &word)) {
        return false;
    }
    lock.lock.type = span_bytes(&word);
    if (!span_take_word(&line, &word)) {
        return false;
    }
    lock.lock.mandatory = span_is(&word, "MANDATORY");
    if (!span_take_word(&line, &word)) {
        return false;
    }
    lock.lock.write = span_is(&word, "WRITE");
    if (!take_pid(&line, &lock.pid) || !take_place(&line, &lock.lock) ||
        !take_range(&line, &lock.lock)) {
        return false;
    }
    lock.lock.holder = lock.pid;
    *ret = lock;
    return true;
}

bool parse_inspect_lock(struct span *locks, struct parse_locks *at, struct parse_lock *ret)
{
    struct span line;
    while (span_take_line(locks, &line)) {
        if (!take_lock(line, ret)) {
            continue;
        }
        // The lock itself may be missing: those of processes outside our PID namespace are not
        // shown. How far a line is indented says who is behind whom, not who holds it.
        if (!ret->lock.waiting) {
            at->held = *ret;
        } else {
            ret->lock.holder = ret->lock.id == at->held.lock.id ? at->held.pid : 0;
        }
        return true;
    }
    return false;
}

bool parse_inspect_fdinfo_lock(struct span *fdinfo, struct parse_lock *ret)
{
    struct span line;
    while (span_take_line(fdinfo, &line)) {
        if (span_take_prefix(&line, "lock:") && take_lock(line, ret) && !ret->lock.waiting) {
            return true;
        }
    }
    return false;
}

bool parse_inspect_same_lock(const struct parse_lock *a, const struct parse_lock *b)
{
    const struct raw_lock *const x = &a->lock;
    const struct raw_lock *const y = &b->lock;
    return a->pid == b->pid && x->waiting == y->waiting && x->write == y->write &&
           x->major == y->major && x->minor == y->minor && x->inode == y->inode &&
           x->from == y->from && x->to == y->to && x->type.len == y->type.len &&
           memcmp(x->type.ptr, y->type.ptr, x->type.len) == 0;
}
