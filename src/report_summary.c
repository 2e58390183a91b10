#include "report.h"

#include <errno.h>

/* Counting what came of a request on many processes, and the one sentence over all of it. */

bool report_is_final(const struct act_outcome *outcome)
{
    return outcome->stage != ACT_WAITING && outcome->stage != ACT_KILLING;
}

bool report_is_failure(const struct act_outcome *outcome)
{
    return outcome->stage == ACT_FAILED || outcome->stage == ACT_SURVIVED;
}

bool report_is_gone(int error)
{
    return error == -ESRCH || error == -ECHILD;
}

bool report_is_refusal(int error)
{
    return error == -EPERM || error == -EACCES;
}

bool report_kill_sent(const struct report_job *job, size_t index)
{
    return job != NULL && index < ACT_TARGETS_MAX &&
           (job->kill_sent[index / 8] >> (index % 8) & 1) != 0;
}

static void count_done(struct report_job *job, const struct act_outcome *outcome)
{
    if (job->done == 0) {
        struct strbuf now;
        str_init(&now, job->now, sizeof(job->now));
        str_add(&now, outcome->now);
        job->same = outcome->has_values;
        job->first_ns = outcome->after_ns;
    }
    job->same = job->same && str_equal(job->now, outcome->now);
    job->first_ns = outcome->after_ns < job->first_ns ? outcome->after_ns : job->first_ns;
    job->last_ns = outcome->after_ns > job->last_ns ? outcome->after_ns : job->last_ns;
    job->killed += report_kill_sent(job, outcome->index);
    job->done++;
}

void report_add(struct report_job *job, const struct act_outcome *outcome)
{
    job->deed = outcome->deed;
    job->undo = outcome->undo;
    job->one_thread = outcome->one_thread;
    job->number = outcome->number;
    job->count = outcome->count;
    switch (outcome->stage) {
    case ACT_WAITING:
        return;
    case ACT_KILLING:
        if (outcome->index < ACT_TARGETS_MAX) {
            job->kill_sent[outcome->index / 8] |= (uint8_t)(1u << (outcome->index % 8));
            job->any_kill_sent = true;
        }
        return;
    case ACT_DONE:
        count_done(job, outcome);
        break;
    case ACT_PENDING:
        count_done(job, outcome);
        job->pending++;
        break;
    case ACT_LEFT: // only recorded, at the end of everything
        return;
    case ACT_UNCHANGED:
        job->unchanged++;
        break;
    case ACT_SURVIVED:
        job->survived++;
        break;
    case ACT_FAILED:
        job->gone += report_is_gone(outcome->error);
        job->refused += report_is_refusal(outcome->error);
        job->failed += !report_is_gone(outcome->error) && !report_is_refusal(outcome->error);
        break;
    }
    job->last = *outcome;
}

size_t report_failures(const struct report_job *job)
{
    return job->gone + job->refused + job->survived + job->failed;
}

size_t report_ended(const struct report_job *job)
{
    return job->done + job->unchanged + report_failures(job);
}

void report_seconds(uint64_t ns, struct strbuf *buf)
{
    str_add_fixed(buf, (double)ns / 1e9, 1);
    str_add(buf, " s");
}

/* The targets that failed for one kind of reason. */
struct failures {
    size_t count;
    const char *adjective; // in a list
    const char *one, *many;
};

static void add_failures(struct strbuf *buf, const struct report_job *job)
{
    const struct failures kinds[] = {
        {job->gone, "gone", "is gone", "are gone"},
        {job->refused, "not permitted", "was not permitted", "were not permitted"},
        {job->survived, "still there", "is still there", "are still there"},
        {job->failed, "for another reason", "failed", "failed"},
    };
    const size_t bad = report_failures(job);
    const char *separator = ": ";
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].count == bad) {
            str_addf(buf, "%s%zu %s", bad == job->count ? "all " : "", bad,
                     bad == 1 ? kinds[i].one : kinds[i].many);
            return;
        }
    }
    str_addf(buf, "%zu failed", bad);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].count > 0) {
            str_addf(buf, "%s%zu %s", separator, kinds[i].count, kinds[i].adjective);
            separator = ", ";
        }
    }
}

/* "7 processes", or "5 of 7 processes". */
static void add_done_count(struct strbuf *buf, const struct report_job *job)
{
    if (job->done < job->count) {
        str_addf(buf, "%zu of ", job->done);
    }
    str_addf(buf, "%zu %s", job->count, job->one_thread ? "threads" : "processes");
}

static void add_terminated(struct strbuf *buf, const struct report_job *job)
{
    char first[32];
    char last[32];
    struct strbuf part;
    str_init(&part, first, sizeof(first));
    report_seconds(job->first_ns, &part);
    str_init(&part, last, sizeof(last));
    report_seconds(job->last_ns, &part);
    str_addf(buf, "terminated %zu of %zu: ended after %s", job->done, job->count, first);
    if (!str_equal(first, last)) {
        str_addf(buf, " to %s", last);
    }
    if (job->killed > 0) {
        str_addf(buf, ", %zu needed SIGKILL", job->killed);
    }
}

/* How a change of many is spoken of: "nice of 5 processes set to 5". */
struct change_wording {
    const char *before, *behind; // the number of processes
};

static const struct change_wording changes[DEED_COUNT] = {
    [DEED_STOP] = {"", "now "},
    [DEED_NICE] = {"nice of ", "set to "},
    [DEED_AUTOGROUP] = {"autogroup nice of ", "set to "},
    [DEED_IOPRIO] = {"I/O priority of ", "set to "},
    [DEED_AFFINITY] = {"CPUs of ", "set to "},
    [DEED_SCHEDULING] = {"scheduling of ", "set to "},
    [DEED_OOM_ADJ] = {"OOM adjustment of ", "set to "},
    [DEED_FREEZE] = {"cgroups of ", "now "},
};

static void add_changed(struct strbuf *buf, const struct report_job *job)
{
    const struct change_wording *const row = &changes[job->deed];
    str_add(buf, job->undo ? "undone: " : "");
    str_add(buf, row->before);
    add_done_count(buf, job);
    if (job->same) {
        str_addf(buf, " %s%s", row->behind, job->now);
    } else {
        str_add(buf, " changed");
    }
}

static void add_done(struct strbuf *buf, const struct report_job *job)
{
    if (job->deed == DEED_TERMINATE) {
        add_terminated(buf, job);
    } else if (job->deed == DEED_SIGNAL) {
        str_add(buf, "sent ");
        report_signal(job->number, buf);
        str_add(buf, " to ");
        add_done_count(buf, job);
    } else if (job->deed == DEED_KILL_GROUP) {
        str_add(buf, "killed the cgroups of ");
        add_done_count(buf, job);
    } else {
        add_changed(buf, job);
    }
}

const char *report_nothing(enum deed_kind deed)
{
    if (deed == DEED_KILL_GROUP) {
        return "nothing was killed";
    }
    if (deed == DEED_CLOSE) {
        return "nothing was closed";
    }
    return deed == DEED_SIGNAL || deed == DEED_TERMINATE ? "nothing was sent"
                                                         : "nothing was changed";
}

void report_undo_key(const struct report_context *context, enum deed_kind deed, bool undo,
                     struct strbuf *buf)
{
    if (context->undo_key != NULL && !undo && (deed_info(deed)->flags & DEED_REVERSIBLE) != 0) {
        str_addf(buf, " (%s: undo)", context->undo_key);
    }
}

bool report_summary(const struct report_context *context, const struct report_job *job,
                    struct strbuf *buf)
{
    const size_t bad = report_failures(job);
    if (job->count <= 1) {
        struct report_context with_job = *context;
        with_job.job = job;
        return report_outcome(&with_job, &job->last, buf);
    }
    const char *separator = "; ";
    if (job->done > 0) {
        add_done(buf, job);
    } else {
        str_add(buf, job->undo ? "not undone" : report_nothing(job->deed));
        separator = ": ";
    }
    if (job->pending > 0) {
        str_addf(buf, "; %zu of them not yet, may be frozen or hang in the kernel", job->pending);
    }
    if (job->unchanged > 0) {
        str_addf(buf, "%s%s%zu %s %s already", separator,
                 job->unchanged == job->count ? "all " : "", job->unchanged,
                 job->unchanged == 1 ? "was" : "were",
                 job->deed == DEED_TERMINATE ? "being terminated" : "so");
        separator = "; ";
    }
    if (bad > 0) {
        str_add(buf, separator);
        add_failures(buf, job);
        if (context->journal_key != NULL) {
            str_addf(buf, "; %s lists them", context->journal_key);
        }
    }
    if (job->done > 0) {
        report_undo_key(context, job->deed, job->undo, buf);
    }
    return bad > 0;
}
