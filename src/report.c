#include "report.h"

#include <errno.h>

enum { NICE_MIN = -20, NICE_MAX = 19 };

/* Our own words: those of the C library depend on the locale and on the library. */
const char *report_reason(int error)
{
    switch (error < 0 ? -error : error) {
    case EPERM:
    case EACCES:
        return "permission denied";
    case ESRCH:
        return "it is gone";
    case ENOENT:
        return "it does not exist";
    case ENOTDIR:
        return "a part of the path is not a directory";
    case EISDIR:
        return "it is a directory";
    case ELOOP:
        return "too many symbolic links";
    case ENAMETOOLONG:
        return "the name is too long";
    case EROFS:
        return "the file system is read-only";
    case ENOSPC:
        return "no space left on the device";
    case EDQUOT:
        return "the disk quota is used up";
    case EFBIG:
        return "the file would be too large";
    case EIO:
        return "input/output error";
    case EMFILE:
    case ENFILE:
        return "too many open files";
    case ENOMEM:
        return "out of memory";
    case ENOTSUP:
        return "not possible here";
    case EINVAL:
        return "not known to this system";
    case EPIPE:
        return "the reader has gone";
    case EAGAIN:
        return "a resource is used up for now";
    default:
        return "the system refused";
    }
}

static const char *nothing_done(const struct report_context *context)
{
    return context->deed == OLD_SIGNAL ? "nothing was sent" : "nothing was changed";
}

static void add_process(struct strbuf *buf, const struct target *target)
{
    str_addf(buf, "%d %s", target->id.pid, target->name);
}

static void add_signal(struct strbuf *buf, const struct report_context *context)
{
    if (context->signal_name != NULL) {
        str_addf(buf, "SIG%s", context->signal_name);
    } else {
        str_addf(buf, "signal %d", context->argument);
    }
}

static void say_done(const struct report_context *context, const struct target *target,
                     const struct old_result *result, struct strbuf *buf)
{
    if (context->deed == OLD_SIGNAL) {
        str_add(buf, "sent ");
        add_signal(buf, context);
        str_add(buf, " to ");
        add_process(buf, target);
        return;
    }
    str_add(buf, "nice of ");
    add_process(buf, target);
    if (result->old_value == result->new_value) {
        str_addf(buf, " is already at %d", result->new_value);
    } else {
        str_addf(buf, ": %d %s %d", result->old_value, context->unicode ? "→" : "->",
                 result->new_value);
    }
}

static void say_refused(const struct report_context *context, const struct target *target,
                        int error, struct strbuf *buf)
{
    if (context->deed == OLD_ADD_NICE && error == -EACCES && !context->root) {
        str_add(buf, "only root may lower nice: ");
        add_process(buf, target);
        str_add(buf, " stays as it is (needs CAP_SYS_NICE or RLIMIT_NICE)");
        return;
    }
    str_add(buf, "permission denied: ");
    if (context->root) { // a user namespace, a security module, a missing capability
        str_add(buf, "the kernel does not let even root do this to ");
        add_process(buf, target);
        return;
    }
    add_process(buf, target);
    str_addf(buf, " belongs to %s; run perch with sudo",
             target->user[0] != '\0' ? target->user : "another user");
}

/* True when the kernel said no for lack of permission. */
static bool is_refusal(int error)
{
    return error == -EPERM || error == -EACCES;
}

static void say_failed(const struct report_context *context, const struct target *target, int error,
                       bool reused, struct strbuf *buf)
{
    if (is_refusal(error)) {
        say_refused(context, target, error, buf);
    } else if (error == -ENOTSUP) {
        str_addf(buf, "actions need the live /proc; %s", nothing_done(context));
    } else if (error == -ESRCH) {
        add_process(buf, target);
        str_addf(buf, " is gone%s; %s", reused ? " and its pid belongs to another process now" : "",
                 nothing_done(context));
    } else if (error == -ECHILD) {
        add_process(buf, target);
        str_addf(buf, " has exited already, only its parent can remove the zombie; %s",
                 nothing_done(context));
    } else {
        add_process(buf, target);
        str_addf(buf, ": %s; %s", report_reason(error), nothing_done(context));
    }
}

bool report_one(struct report *report, const struct report_context *context,
                const struct target *target, const struct old_result *result, bool reused,
                struct strbuf *buf)
{
    if (result->error != 0) {
        const bool gone = result->error == -ESRCH || result->error == -ECHILD;
        report->gone += gone;
        report->refused += is_refusal(result->error);
        report->failed += !gone && !is_refusal(result->error);
        say_failed(context, target, result->error, reused, buf);
        return true;
    }
    const bool unchanged = context->deed == OLD_ADD_NICE && result->old_value == result->new_value;
    report->unchanged += unchanged;
    report->done += !unchanged;
    say_done(context, target, result, buf);
    return false;
}

static void add_count(struct strbuf *buf, size_t count, const char *what, const char **separator)
{
    if (count > 0) {
        str_addf(buf, "%s%zu %s", *separator, count, what);
        *separator = ", ";
    }
}

bool report_all(const struct report *report, const struct report_context *context,
                struct strbuf *buf)
{
    const size_t bad = report->gone + report->refused + report->failed;
    const size_t all = bad + report->done + report->unchanged;

    if (context->deed == OLD_SIGNAL) {
        str_add(buf, "sent ");
        add_signal(buf, context);
        str_add(buf, " to ");
    } else {
        str_add(buf, context->argument < 0 ? "lowered nice of " : "raised nice of ");
    }
    if (report->done == all) {
        str_addf(buf, "%zu processes", all);
    } else {
        str_addf(buf, "%zu of %zu processes", report->done, all);
    }
    if (report->unchanged > 0) {
        str_addf(buf, "; %zu already at %d", report->unchanged,
                 context->argument < 0 ? NICE_MIN : NICE_MAX);
    }
    if (bad > 0) {
        str_addf(buf, "; %zu failed", bad);
        const char *separator = ": ";
        add_count(buf, report->gone, "gone", &separator);
        add_count(buf, report->refused, "not permitted", &separator);
        add_count(buf, report->failed, "for another reason", &separator);
    }
    return bad > 0;
}
