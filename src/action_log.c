#include "action_log.h"

#include "platform/platform.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum {
    TIME_BYTES = sizeof("2026-11-23T21:43:34Z "),
    /* every byte of text may become four: "\x1b" */
    LINE_BYTES = 2048 + 4 * (sizeof(struct target) + CGROUP_PATH_BYTES + 3 * ACT_VALUE_BYTES),
};

struct action_log {
    int fd; // -1: no file
    bool to_syslog;
    uint32_t uid;
    bool torn; // the last line was only written in part
    _Atomic uint32_t lost;
    _Atomic int error;
};

static int explain(struct strbuf *error, const char *path, int result, const char *reason)
{
    str_add(error, "the action log cannot be written: ");
    str_add(error, path);
    str_add(error, ": ");
    str_add(error, reason != NULL ? reason : report_reason(result));
    return result;
}

/*
 * Open the file, without waiting for a reader of a pipe and without becoming the owner of a
 * terminal; both are refused then.
 */
static int open_file(const char *path, int *ret_fd, struct strbuf *error)
{
    static const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    const char *const irregular = "it is not a regular file";
    const int fd = open(path, flags, 0600);
    if (fd < 0) {
        return explain(error, path, -errno, errno == ENXIO ? irregular : NULL);
    }
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        (void)close(fd);
        return explain(error, path, -EINVAL, irregular);
    }
    *ret_fd = fd;
    return 0;
}

/* Whether an earlier run left its last line in the middle. Who may not read does not know. */
static bool is_torn(int log_fd, const char *path)
{
    struct stat log_info;
    struct stat info;
    char last = '\n';
    bool torn = false;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return false;
    }
    if (fstat(log_fd, &log_info) == 0 && fstat(fd, &info) == 0 && info.st_size > 0 &&
        info.st_dev == log_info.st_dev && info.st_ino == log_info.st_ino) {
        torn = pread(fd, &last, 1, info.st_size - 1) == 1 && last != '\n';
    }
    (void)close(fd);
    return torn;
}

int action_log_open(const char *path, bool to_syslog, struct action_log **ret, struct strbuf *error)
{
    int fd = -1;
    const int result = path != NULL ? open_file(path, &fd, error) : 0;
    if (result != 0) {
        return result;
    }
    struct action_log *const log = calloc(1, sizeof(*log));
    if (log == NULL) {
        if (fd >= 0) {
            (void)close(fd);
        }
        str_add(error, "the action log cannot be written: out of memory");
        return -ENOMEM;
    }
    log->fd = fd;
    log->torn = fd >= 0 && is_torn(fd, path);
    log->to_syslog = to_syslog;
    log->uid = platform_own_uid();
    atomic_init(&log->lost, 0);
    atomic_init(&log->error, 0);
    if (to_syslog) { // names of processes are not for everybody
        openlog("perch", LOG_PID | LOG_NDELAY, LOG_AUTHPRIV);
    }
    *ret = log;
    return 0;
}

void action_log_close(struct action_log *log)
{
    if (log == NULL) {
        return;
    }
    if (log->fd >= 0) {
        (void)close(log->fd);
    }
    if (log->to_syslog) {
        closelog();
    }
    free(log);
}

/* Quote text. It was made safe at the edge already; this does not rely on it. */
static void add_quoted(struct strbuf *buf, const char *key, const char *text)
{
    str_addf(buf, " %s=\"", key);
    for (const char *at = text; *at != '\0'; at++) {
        const unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\') {
            str_addf(buf, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            str_addf(buf, "\\x%02x", c);
        } else {
            str_add_bytes(buf, at, 1);
        }
    }
    str_add(buf, "\"");
}

static void add_optional(struct strbuf *buf, const char *key, const char *text)
{
    if (text[0] != '\0') {
        add_quoted(buf, key, text);
    }
}

static void add_time(struct strbuf *buf, int64_t wall_s)
{
    const time_t when = (time_t)wall_s;
    struct tm utc;
    char bytes[TIME_BYTES];
    if (gmtime_r(&when, &utc) != NULL &&
        strftime(bytes, sizeof(bytes), "%Y-%m-%dT%H:%M:%SZ", &utc) > 0) {
        str_add(buf, bytes);
    } else {
        str_addf(buf, "@%lld", (long long)wall_s);
    }
}

static void add_asked(struct strbuf *buf, const struct act_outcome *outcome)
{
    if (outcome->deed == DEED_SIGNAL) {
        char bytes[ACT_VALUE_BYTES];
        struct strbuf name;
        str_init(&name, bytes, sizeof(bytes));
        report_signal(outcome->number, &name);
        add_quoted(buf, "asked", bytes);
    } else {
        add_optional(buf, "asked", outcome->asked);
    }
    if (outcome->has_values) {
        add_quoted(buf, "old", outcome->old);
        add_quoted(buf, "new", outcome->now);
    }
}

static const char *const stage_names[] = {
    [ACT_DONE] = "done",       [ACT_UNCHANGED] = "unchanged", [ACT_FAILED] = "failed",
    [ACT_WAITING] = "waiting", [ACT_KILLING] = "killing",     [ACT_SURVIVED] = "survived",
    [ACT_PENDING] = "pending", [ACT_LEFT] = "left",
};

/* Why it failed, in the words of the journal. */
static void add_error(struct strbuf *buf, const struct act_outcome *outcome)
{
    char bytes[256];
    struct strbuf reason;
    const struct report_context context = {0};
    str_init(&reason, bytes, sizeof(bytes));
    report_result(&context, outcome, &reason);
    str_addf(buf, " error=%d", -outcome->error);
    add_quoted(buf, "reason", bytes);
}

static void add_result(struct strbuf *buf, const struct act_outcome *outcome)
{
    str_addf(buf, " result=%s", stage_names[outcome->stage]);
    if (outcome->after_ns > 0) {
        str_add(buf, " after=\"");
        str_add_fixed(buf, (double)outcome->after_ns / 1e9, 1);
        str_add(buf, "s\"");
    }
    if (outcome->threads > 1 || outcome->threads_failed > 0) {
        str_addf(buf, " threads=%u threads-failed=%u", outcome->threads, outcome->threads_failed);
    }
    if (outcome->cgroup[0] != '\0') {
        add_quoted(buf, "cgroup", outcome->cgroup);
        str_addf(buf, " processes=%u", outcome->cgroup_processes);
        if (outcome->cgroup_shown > 0 && outcome->cgroup_processes > outcome->cgroup_shown) {
            str_addf(buf, " processes-shown=%u", outcome->cgroup_shown);
        }
    }
    if (outcome->stage == ACT_FAILED) {
        add_error(buf, outcome);
    }
}

void action_log_format(const struct act_outcome *outcome, uint32_t uid, struct strbuf *buf)
{
    const struct target *const target = &outcome->target;
    add_time(buf, outcome->wall_s);
    str_addf(buf, " uid=%u pid=%d start=%llums", uid, target->id.pid,
             (unsigned long long)(target->id.start_ns / 1000000));
    add_quoted(buf, "name", target->name);
    add_quoted(buf, "owner", target->user);
    str_addf(buf, " action=%s undo=%s thread=%s", deed_info(outcome->deed)->name,
             outcome->undo ? "yes" : "no", outcome->one_thread ? "yes" : "no");
    add_asked(buf, outcome);
    add_result(buf, outcome);
}

/* Write whole lines at once: with O_APPEND those of several programs do not mix. */
static void write_line(struct action_log *log, const char *line, size_t len)
{
    ssize_t written = -1;
    do {
        written = write(log->fd, line, len);
    } while (written < 0 && errno == EINTR);
    if (written == (ssize_t)len) {
        log->torn = false;
        return;
    }
    log->torn = log->torn || written > 0;
    atomic_store(&log->error, written < 0 ? errno : ENOSPC);
    atomic_fetch_add(&log->lost, 1);
}

void action_log_record(void *context, const struct act_outcome *outcome)
{
    struct action_log *const log = context;
    if (log == NULL || outcome->count == 0) { // an undo of nothing is about nobody
        return;
    }
    char line[LINE_BYTES];
    struct strbuf buf;
    line[0] = '\n';                                 // ends a line that was torn off
    str_init(&buf, line + 1, sizeof(line) - 1 - 1); // leaves room for the end of this one
    action_log_format(outcome, log->uid, &buf);
    if (log->to_syslog) {
        syslog(LOG_NOTICE, "%s", buf.ptr);
    }
    if (log->fd >= 0) {
        buf.ptr[buf.len] = '\n';
        const size_t skip = log->torn ? 0 : 1;
        write_line(log, line + skip, 1 - skip + buf.len + 1);
    }
}

uint32_t action_log_lost(const struct action_log *log, int *ret_error)
{
    if (log == NULL) {
        return 0;
    }
    const uint32_t lost = atomic_load(&log->lost);
    if (lost > 0) {
        *ret_error = atomic_load(&log->error);
    }
    return lost;
}
