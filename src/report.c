#include "report.h"

#include "platform/platform.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

enum { NICE_MAX = 19 };

/* Our own words: those of the C library depend on the locale and on the library. */
const char *report_reason(int error)
{
    switch (error < 0 ? -error : error) {
    case EPERM:
    case EACCES:
        return "permission denied";
    case ESRCH:
        return "it is gone";
    case ECHILD:
        return "it has exited already";
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
    case ETIMEDOUT:
        return "it has not come about yet";
    case EBUSY:
        return "it is busy";
    case ESTALE:
        return "it has changed meanwhile";
    default:
        return "the system refused";
    }
}

void report_signal(int32_t number, struct strbuf *buf)
{
    size_t count = 0;
    const struct platform_signal *const signals = platform_signals(&count);
    for (size_t i = 0; i < count; i++) {
        if (signals[i].number == number) {
            str_addf(buf, "SIG%s", signals[i].name);
            return;
        }
    }
    str_addf(buf, "signal %d", number);
}

/*
 * The sentences below are tables of text with words in braces; words[] says what stands for
 * each. So the wording of all deeds and all reasons can be read, and changed, in one place.
 */
struct phrase {
    const struct report_context *context;
    const struct act_outcome *outcome;
};

/* How one kind of deed is spoken of. */
struct wording {
    const char *what; // the attribute; NULL when it has none
    const char *are;  // what follows it: "is" or "are"
    const char *done; // sentence over one success
};

static const struct wording wordings[DEED_COUNT] = {
    [DEED_SIGNAL] = {.done = "sent {signal} to {who}{stopped}"},
    [DEED_TERMINATE] = {.done = "{who} ended after {after}{killed}"},
    [DEED_STOP] = {"state", "is", "{who}: {change}"},
    [DEED_NICE] = {"nice", "is", "{what} of {who}: {change}"},
    [DEED_AUTOGROUP] = {"autogroup nice", "is", "{what} of {who}: {change}"},
    [DEED_IOPRIO] = {"I/O priority", "is", "{what} of {who}: {change}"},
    [DEED_AFFINITY] = {"CPUs", "are", "{what} of {who}: {change}"},
    [DEED_SCHEDULING] = {"scheduling", "is", "{what} of {who}: {change}"},
    [DEED_OOM_ADJ] = {"OOM adjustment", "is", "{what} of {who}: {change}"},
    [DEED_FREEZE] = {"cgroup", "is", "{what} {cgroup} of {who}: {change}{members}"},
    [DEED_KILL_GROUP] = {.done = "killed the cgroup {cgroup} of {who}{members}"},
    [DEED_CLOSE] = {.done = "closed {who}"},
};

/* Why something was refused: a sentence, and a few words for the journal. */
struct obstacle_wording {
    const char *sentence;
    const char *for_root; // the sentence when we are root; NULL: the same
    const char *brief;
};

static const struct obstacle_wording obstacles[] = {
    [OBSTACLE_UNKNOWN] = {0}, // the errno has to do
    [OBSTACLE_OWNER] = {"permission denied: {who} belongs to {owner}; run perch with sudo",
                        "permission denied: the kernel does not let even root do this to {who}",
                        "permission denied: belongs to {owner}"},
    [OBSTACLE_CAPABILITY] = {"permission denied for {who}: this needs {needs}; run perch with sudo",
                             "permission denied for {who}: this needs {needs}, which even root "
                             "lacks here",
                             "permission denied: needs {needs}"},
    [OBSTACLE_NICE_LIMIT] = {"only root may lower nice{below}: {who} {stays} (needs CAP_SYS_NICE "
                             "or a higher RLIMIT_NICE)",
                             "lowering nice{below} needs CAP_SYS_NICE or a higher RLIMIT_NICE, and "
                             "even root lacks them here: {who} {stays}",
                             "permission denied: lowering nice{below} needs CAP_SYS_NICE"},
    [OBSTACLE_RTPRIO_LIMIT] = {"only root may give a real-time priority{above}: {who} {stays} "
                               "(needs CAP_SYS_NICE or a higher RLIMIT_RTPRIO)",
                               "a real-time priority{above} needs CAP_SYS_NICE or a higher "
                               "RLIMIT_RTPRIO, and even root lacks them here: {who} {stays}",
                               "permission denied: a real-time priority{above} needs CAP_SYS_NICE"},
    [OBSTACLE_CPUSET] = {"CPUs of {who} not changed: its cpuset allows only CPUs {now}", NULL,
                         "its cpuset allows only CPUs {now}"},
    [OBSTACLE_CPU_OFFLINE] = {"CPUs of {who} not changed: none of those asked for is online; it "
                              "may use CPUs {now}",
                              NULL, "no such CPU is online, it may use CPUs {now}"},
    [OBSTACLE_SECCOMP] = {"permission denied for {who}: perch itself runs under a seccomp filter, "
                          "which may forbid this",
                          NULL, "permission denied: perch runs under a seccomp filter"},
    [OBSTACLE_RT_GROUP] = {"{what} of {who} not changed: its cgroup has no real-time budget "
                           "(cpu.rt_runtime_us)",
                           NULL, "its cgroup has no real-time budget"},
    [OBSTACLE_CGROUP_FILE] = {"permission denied: the cgroup {cgroup} of {who} may not be written; "
                              "run perch with sudo",
                              "permission denied: the cgroup {cgroup} of {who} may not be written "
                              "here, not even by root",
                              "permission denied: the cgroup may not be written"},
    [OBSTACLE_CGROUP_SELF] = {"perch itself is in the cgroup {cgroup} of {who}; {nothing}", NULL,
                              "perch itself is in that cgroup"},
    [OBSTACLE_CGROUP_ROOT] = {"{who} is in the root cgroup, which can be neither frozen nor "
                              "killed; {nothing}",
                              NULL, "it is in the root cgroup"},
    [OBSTACLE_CGROUP_NONE] = {"{who}: there is no cgroup v2 hierarchy here, or the kernel is too "
                              "old; {nothing}",
                              NULL, "no cgroup v2 here"},
    [OBSTACLE_CGROUP_MOVED] = {"{who} has moved to another cgroup meanwhile; {nothing}", NULL,
                               "it has moved to another cgroup"},
    [OBSTACLE_KERNEL_THREAD] = {"kernel threads are not acted on: {who} belongs to the kernel and "
                                "ignores signals; {nothing}",
                                NULL, "kernel threads are not acted on"},
    [OBSTACLE_CHANGED] = {"{what} of {who} {are} {now} now, not the {old} perch had set", NULL,
                          "{are} {now} now, not the {old} perch had set"},
    [OBSTACLE_NO_CLOSING] = {"this kernel cannot close {who}: it was built without "
                             "CONFIG_INET_DIAG_DESTROY; {nothing}",
                             NULL, "this kernel cannot close connections"},
};

static const char *what_of(const struct act_outcome *outcome)
{
    const char *const what = wordings[outcome->deed].what;
    return what != NULL ? what : "state";
}

static void add_who(struct strbuf *buf, const struct phrase *phrase)
{
    const struct target *const target = &phrase->outcome->target;
    if (phrase->outcome->deed == DEED_CLOSE) { // the connection is who it was done to
        str_addf(buf, "connection %s of ", phrase->outcome->asked);
    }
    str_add(buf, phrase->outcome->one_thread ? "thread " : "");
    if (target->id.pid > 0) {
        str_addf(buf, "%d ", target->id.pid);
    }
    str_add(buf, target->name);
}

static void add_owner(struct strbuf *buf, const struct phrase *phrase)
{
    const char *const user = phrase->outcome->target.user;
    str_add(buf, user[0] != '\0' ? user : "another user");
}

static void add_what(struct strbuf *buf, const struct phrase *phrase)
{
    str_add(buf, what_of(phrase->outcome));
}

static void add_are(struct strbuf *buf, const struct phrase *phrase)
{
    const char *const are = wordings[phrase->outcome->deed].are;
    str_add(buf, are != NULL ? are : "is");
}

/* A value that may not be known. */
static void add_value(struct strbuf *buf, const char *value)
{
    str_add(buf, value[0] != '\0' ? value : "?");
}

static void add_old(struct strbuf *buf, const struct phrase *phrase)
{
    add_value(buf, phrase->outcome->old);
}

static void add_now(struct strbuf *buf, const struct phrase *phrase)
{
    add_value(buf, phrase->outcome->now);
}

/* That the kernel took less than all of the CPUs. */
static void add_narrowed(struct strbuf *buf, const struct phrase *phrase)
{
    const struct act_outcome *const outcome = phrase->outcome;
    if (outcome->deed == DEED_AFFINITY && !outcome->undo && outcome->asked[0] != '\0' &&
        !str_equal(outcome->asked, outcome->now)) {
        str_addf(buf, " (asked for %s; the others are not online or not allowed to it)",
                 outcome->asked);
    }
}

/* What changed: before, after, and what was asked for when the kernel gave less. */
static void add_change(struct strbuf *buf, const struct phrase *phrase)
{
    const struct act_outcome *const outcome = phrase->outcome;
    const char *const arrow = phrase->context->unicode ? "→" : "->";
    if (!outcome->has_values) {
        str_addf(buf, "%s %s", arrow, outcome->asked);
        return;
    }
    str_addf(buf, "%s %s %s", outcome->old, arrow, outcome->now);
    add_narrowed(buf, phrase);
}

static void add_signal(struct strbuf *buf, const struct phrase *phrase)
{
    report_signal(phrase->outcome->number, buf);
}

/* Only SIGKILL and SIGCONT get through to it, and what would stop it goes nowhere. */
static void add_stopped(struct strbuf *buf, const struct phrase *phrase)
{
    const int32_t number = phrase->outcome->number;
    const bool waits = number != SIGKILL && number != SIGCONT && number != SIGSTOP &&
                       number != SIGTSTP && number != SIGTTIN && number != SIGTTOU;
    if (phrase->context->stopped && waits) {
        str_add(buf, "; it is stopped and will see it when it is continued");
    }
}

/* What stops or continues a process. */
static void add_order(struct strbuf *buf, const struct phrase *phrase)
{
    const struct act_outcome *const outcome = phrase->outcome;
    struct strbuf stopped;
    char bytes[ACT_VALUE_BYTES];
    str_init(&stopped, bytes, sizeof(bytes));
    deed_format_value(DEED_STOP, &(struct deed_value){.number = 1}, &stopped);
    report_signal(str_equal(outcome->now, bytes) ? SIGSTOP : SIGCONT, buf);
}

static void add_after(struct strbuf *buf, const struct phrase *phrase)
{
    report_seconds(phrase->outcome->after_ns, buf);
}

static void add_killed(struct strbuf *buf, const struct phrase *phrase)
{
    if (report_kill_sent(phrase->context->job, phrase->outcome->index)) {
        str_add(buf, ", it needed SIGKILL");
    }
}

static void add_needs(struct strbuf *buf, const struct phrase *phrase)
{
    const char *const needs = phrase->outcome->needs;
    str_add(buf, needs != NULL ? needs : "a privilege");
}

/* RLIMIT_NICE is 0 by default: nothing at all may be lowered, and no bound is worth naming. */
static void add_below(struct strbuf *buf, const struct phrase *phrase)
{
    if (phrase->outcome->limit < NICE_MAX) {
        str_addf(buf, " below %d", phrase->outcome->limit);
    }
}

static void add_above(struct strbuf *buf, const struct phrase *phrase)
{
    if (phrase->outcome->limit > 0) {
        str_addf(buf, " above %d", phrase->outcome->limit);
    }
}

static void add_stays(struct strbuf *buf, const struct phrase *phrase)
{
    if (phrase->outcome->threads > 0) {
        str_add(buf, "was changed in part");
    } else if (phrase->outcome->has_values) {
        str_addf(buf, "stays at %s", phrase->outcome->old);
    } else {
        str_add(buf, "stays as it is");
    }
}

static void add_nothing(struct strbuf *buf, const struct phrase *phrase)
{
    const struct act_outcome *const outcome = phrase->outcome;
    const bool partial = outcome->threads > 0 && !report_is_gone(outcome->error);
    str_add(buf, partial ? "it was changed in part" : report_nothing(outcome->deed));
}

static void add_cgroup(struct strbuf *buf, const struct phrase *phrase)
{
    str_add(buf, phrase->outcome->cgroup);
}

static void add_members(struct strbuf *buf, const struct phrase *phrase)
{
    const uint32_t count = phrase->outcome->cgroup_processes;
    if (count > 0) {
        str_addf(buf, " (%u process%s", count, count == 1 ? "" : "es");
        if (phrase->outcome->cgroup_shown > 0 && count > phrase->outcome->cgroup_shown) {
            str_addf(buf, "; %u when you were asked", phrase->outcome->cgroup_shown);
        }
        str_add(buf, ")");
    }
}

static void add_reason(struct strbuf *buf, const struct phrase *phrase)
{
    const struct act_outcome *const outcome = phrase->outcome;
    if (outcome->deed == DEED_AFFINITY && outcome->error == -EBUSY) {
        str_add(buf, "a DEADLINE task must keep the CPUs of its domain");
    } else {
        str_add(buf, report_reason(outcome->error));
    }
}

static const struct {
    const char *name;
    void (*add)(struct strbuf *buf, const struct phrase *phrase);
} words[] = {
    {"who", add_who},           {"owner", add_owner},     {"what", add_what},
    {"are", add_are},           {"old", add_old},         {"now", add_now},
    {"change", add_change},     {"signal", add_signal},   {"after", add_after},
    {"killed", add_killed},     {"needs", add_needs},     {"below", add_below},
    {"above", add_above},       {"stays", add_stays},     {"nothing", add_nothing},
    {"narrowed", add_narrowed}, {"stopped", add_stopped}, {"order", add_order},
    {"cgroup", add_cgroup},     {"members", add_members}, {"reason", add_reason},
};

static void add_word(struct strbuf *buf, const char *name, size_t len, const struct phrase *phrase)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i].name) == len && memcmp(words[i].name, name, len) == 0) {
            words[i].add(buf, phrase);
            return;
        }
    }
    assert(!"a word in a sentence that nothing stands for");
}

/* Append a text of the tables. */
static void add_phrase(struct strbuf *buf, const char *text, const struct phrase *phrase)
{
    while (*text != '\0') {
        const size_t plain = strcspn(text, "{");
        str_add_bytes(buf, text, plain);
        text += plain;
        if (*text == '{') {
            const size_t len = strcspn(text + 1, "}");
            add_word(buf, text + 1, len, phrase);
            text += len + 2;
        }
    }
}

/* What went wrong without an obstacle that could be named. */
static const char *plain_sentence(const struct report_context *context,
                                  const struct act_outcome *outcome)
{
    const int error = outcome->error;
    if (error == -ESRCH) {
        return context->reused && outcome->deed != DEED_CLOSE
                   ? "{who} is gone and its pid belongs to another process now; {nothing}"
                   : "{who} is gone; {nothing}";
    }
    if (error == -ECHILD) {
        return "{who} has exited already, only its parent can remove the zombie; {nothing}";
    }
    if (report_is_refusal(error)) {
        return context->root
                   ? obstacles[OBSTACLE_OWNER].for_root
                   : "permission denied for {who}, and the kernel does not say why; {nothing}";
    }
    if (error == -ENOTSUP && context->other_proc) {
        return "actions need the live /proc; {nothing}";
    }
    return "{who}: {reason}; {nothing}";
}

static bool has_obstacle(const struct act_outcome *outcome)
{
    return !report_is_gone(outcome->error) && outcome->obstacle != OBSTACLE_UNKNOWN;
}

static const char *failure_sentence(const struct report_context *context,
                                    const struct act_outcome *outcome)
{
    if (!has_obstacle(outcome)) {
        return plain_sentence(context, outcome);
    }
    if (outcome->obstacle == OBSTACLE_NICE_LIMIT && outcome->deed == DEED_SCHEDULING) {
        return context->root
                   ? "taking {who} out of this policy counts as lowering nice, which needs "
                     "CAP_SYS_NICE or a higher RLIMIT_NICE, and even root lacks them here"
                   : "only root may take {who} out of this policy, which counts as lowering nice "
                     "(needs CAP_SYS_NICE or a higher RLIMIT_NICE)";
    }
    const bool two_states = outcome->deed == DEED_STOP || outcome->deed == DEED_FREEZE;
    if (outcome->obstacle == OBSTACLE_CHANGED && outcome->deed == DEED_STOP) {
        return "{who} {are} {now} again, and not by perch";
    }
    if (outcome->obstacle == OBSTACLE_CHANGED && two_states) {
        return "{what} of {who} {are} {now} again, and not by perch";
    }
    const struct obstacle_wording *const row = &obstacles[outcome->obstacle];
    return context->root && row->for_root != NULL ? row->for_root : row->sentence;
}

static const char *unchanged_sentence(enum deed_kind deed)
{
    if (deed == DEED_TERMINATE) {
        return "{who} is being terminated already; unless SIGKILL was sent, this time limit counts "
               "from now on";
    }
    return deed == DEED_STOP ? "{who} {are} already {now}"
                             : "{what} of {who} {are} already {now}{narrowed}";
}

static const char *outcome_sentence(const struct report_context *context,
                                    const struct act_outcome *outcome)
{
    switch (outcome->stage) {
    case ACT_DONE:
        return wordings[outcome->deed].done;
    case ACT_UNCHANGED:
        return unchanged_sentence(outcome->deed);
    case ACT_PENDING:
        return outcome->deed == DEED_STOP
                   ? "sent {order} to {who}; it has not taken effect yet, the process may be frozen "
                     "or hang in the kernel"
                   : "{what} {cgroup} of {who}: {change} was ordered and has not come about yet; "
                     "something may hang in the kernel{members}";
    case ACT_LEFT:
        return "{who} is still there after {after}: perch ended before its time was up";
    case ACT_WAITING:
        return "sent SIGTERM to {who}, waiting for it to end";
    case ACT_KILLING:
        return "{who} was still there after {after}: sent SIGKILL";
    case ACT_SURVIVED:
        return "{who} is still there after {after} although SIGKILL was sent: it hangs in the "
               "kernel";
    case ACT_FAILED:
        break;
    }
    return failure_sentence(context, outcome);
}

/* Some of its threads took it and others did not. */
static void add_partial(struct strbuf *buf, const struct act_outcome *outcome)
{
    if (outcome->threads_failed > 0 && outcome->threads > 0 && !report_is_gone(outcome->error)) {
        str_addf(buf, "; %u of %u threads could not be changed", outcome->threads_failed,
                 outcome->threads + outcome->threads_failed);
    }
}

bool report_outcome(const struct report_context *context, const struct act_outcome *outcome,
                    struct strbuf *buf)
{
    const struct phrase phrase = {.context = context, .outcome = outcome};
    const bool failure = report_is_failure(outcome);
    if (outcome->count == 0) {
        str_add(buf, "there is no change left to undo");
        return failure;
    }
    if (outcome->undo) {
        str_add(buf, failure ? "not undone: " : "undone: ");
    }
    add_phrase(buf, outcome_sentence(context, outcome), &phrase);
    add_partial(buf, outcome);
    if (outcome->stage == ACT_DONE || outcome->stage == ACT_PENDING) {
        report_undo_key(context, outcome->deed, outcome->undo, buf);
    }
    return failure;
}

static const char *result_text(const struct act_outcome *outcome)
{
    switch (outcome->stage) {
    case ACT_DONE:
        return outcome->deed == DEED_TERMINATE ? "ended after {after}{killed}" : "done";
    case ACT_UNCHANGED:
        return outcome->deed == DEED_TERMINATE ? "is being terminated already" : "was so already";
    case ACT_WAITING:
        return "SIGTERM sent, waiting";
    case ACT_KILLING:
        return "still there after {after}: SIGKILL sent";
    case ACT_SURVIVED:
        return "still there after {after}: hangs in the kernel";
    case ACT_PENDING:
        return "ordered, has not come about yet";
    case ACT_LEFT:
        return "perch ended before its time was up";
    case ACT_FAILED:
        break;
    }
    return has_obstacle(outcome) ? obstacles[outcome->obstacle].brief : "{reason}";
}

void report_result(const struct report_context *context, const struct act_outcome *outcome,
                   struct strbuf *buf)
{
    const struct phrase phrase = {.context = context, .outcome = outcome};
    add_phrase(buf, result_text(outcome), &phrase);
    add_partial(buf, outcome);
}

static void add_journal_action(struct strbuf *buf, const struct act_outcome *outcome)
{
    switch (outcome->deed) {
    case DEED_SIGNAL:
        report_signal(outcome->number, buf);
        return;
    case DEED_TERMINATE:
        str_add(buf, "terminate");
        return;
    case DEED_KILL_GROUP:
        str_add(buf, "kill cgroup");
        return;
    case DEED_CLOSE:
        str_add(buf, "close connection");
        return;
    case DEED_STOP:
    case DEED_NICE:
    case DEED_AUTOGROUP:
    case DEED_IOPRIO:
    case DEED_AFFINITY:
    case DEED_SCHEDULING:
    case DEED_OOM_ADJ:
    case DEED_FREEZE:
    case DEED_COUNT:
        break;
    }
    str_add(buf, wordings[outcome->deed].what);
    str_add(buf, outcome->one_thread ? " of thread" : "");
}

static void add_journal_change(struct strbuf *buf, const struct phrase *phrase)
{
    const struct act_outcome *const outcome = phrase->outcome;
    if (wordings[outcome->deed].what != NULL) {
        if (outcome->stage == ACT_UNCHANGED) {
            add_now(buf, phrase);
        } else if (outcome->stage == ACT_DONE || outcome->stage == ACT_PENDING) {
            add_change(buf, phrase);
        } else if (outcome->asked[0] != '\0') {
            str_addf(buf, "%s %s", phrase->context->unicode ? "→" : "->", outcome->asked);
        }
    }
    if (outcome->deed == DEED_CLOSE) {
        str_add(buf, outcome->asked);
    }
    if (outcome->cgroup[0] != '\0') {
        str_addf(buf, "%s%s", buf->len > 0 ? ", " : "", outcome->cgroup);
        add_members(buf, phrase);
    }
}

void report_journal_entry(const struct report_context *context, const struct act_outcome *outcome,
                          struct journal_entry *ret)
{
    const struct phrase phrase = {.context = context, .outcome = outcome};
    struct strbuf buf;
    *ret = (struct journal_entry){
        .wall_s = outcome->wall_s,
        .job = outcome->job,
        .target = outcome->target,
        .undo = outcome->undo,
        .error = report_is_failure(outcome),
        .pending = !report_is_final(outcome),
    };
    str_init(&buf, ret->action, sizeof(ret->action));
    add_journal_action(&buf, outcome);
    str_init(&buf, ret->change, sizeof(ret->change));
    add_journal_change(&buf, &phrase);
    str_init(&buf, ret->result, sizeof(ret->result));
    report_result(context, outcome, &buf);
}
