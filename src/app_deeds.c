#include "app_deeds.h"

#include "action_log.h"
#include "base/log.h"
#include "model/journal.h"
#include "model/protect.h"
#include "model/snapshot.h"
#include "platform/platform.h"
#include "report.h"
#include "sampler/source.h"
#include "ui/keymap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A request about processes is a job from the time it is made until each of its targets has
 * come to its end. The acting thread tells outcomes one by one; the journal gets all of them,
 * the status line one sentence when the job is over, and while a termination waits one now and
 * then of how it comes along.
 */

static const uint64_t progress_first_ns = 300000000; // most processes end before it
static const uint64_t progress_ns = 500000000;
static const uint64_t reading_ns = 3000000000; // other sentences stand at least so long

enum { SENTENCE_BYTES = 1024, KEY_BYTES = 16, UNDO_WANTED_MAX = ACT_UNDO_MAX };

/* A request that is not at its end. */
struct deeds_job {
    struct deeds_job *next;
    uint32_t number;
    enum deed_kind deed;
    bool undo;
    size_t target_count;  // asked for; an undo's are not known before
    struct target target; // the first
    struct report_job report;
};

/* Why the program is not left yet. */
enum leaving { LEAVING_NOT, LEAVING_WARNED, LEAVING_WHEN_DONE };

struct deeds {
    struct deeds_options options;
    bool root;
    struct deeds_job *jobs;
    uint32_t last_number;
    unsigned undo_wanted; // undos asked for while something else was being done
    enum leaving leaving;
    bool told_lost;           // that the action log cannot be written
    uint64_t progress_due_ns; // when to say next how terminations come along
    bool has_sentence, error;
    char sentence[SENTENCE_BYTES];
    char journal_key[KEY_BYTES]; // "" when it has none
    char undo_key[KEY_BYTES];    // likewise
};

int deeds_create(const struct deeds_options *options, struct deeds **ret)
{
    struct deeds *const deeds = calloc(1, sizeof(*deeds));
    if (deeds == NULL) {
        return -ENOMEM;
    }
    deeds->options = *options;
    deeds->root = platform_own_uid() == 0;
    struct strbuf key;
    str_init(&key, deeds->journal_key, sizeof(deeds->journal_key));
    (void)keymap_key(options->keymap, CONTEXT_TABLE, ACTION_JOURNAL, &key);
    str_init(&key, deeds->undo_key, sizeof(deeds->undo_key));
    (void)keymap_key(options->keymap, CONTEXT_TABLE, ACTION_UNDO, &key);
    *ret = deeds;
    return 0;
}

void deeds_destroy(struct deeds *deeds)
{
    if (deeds == NULL) {
        return;
    }
    while (deeds->jobs != NULL) {
        struct deeds_job *const job = deeds->jobs;
        deeds->jobs = job->next;
        free(job);
    }
    free(deeds);
}

/* --- sentences ----------------------------------------------------------------------------- */

/* Begin the next sentence for the status line; a newer one takes the place of an older. */
static struct strbuf begin_sentence(struct deeds *deeds, bool error)
{
    struct strbuf buf;
    str_init(&buf, deeds->sentence, sizeof(deeds->sentence));
    deeds->has_sentence = true;
    deeds->error = error;
    return buf;
}

static void log_sentence(struct deeds *deeds, const char *sentence, bool error)
{
    log_add(deeds->options.log, platform_wall_s(), error, sentence);
}

/* Let it be read before progress is shown over it. */
static void hold_sentence(struct deeds *deeds, uint64_t now_ns)
{
    deeds->progress_due_ns = now_ns + reading_ns;
}

static void say_and_log(struct deeds *deeds, const char *what, const char *why, uint64_t now_ns)
{
    struct strbuf buf = begin_sentence(deeds, true);
    str_addf(&buf, "%s: %s", what, why);
    log_sentence(deeds, deeds->sentence, true);
    hold_sentence(deeds, now_ns);
}

const char *deeds_take_sentence(struct deeds *deeds, bool *ret_error)
{
    if (!deeds->has_sentence) {
        return NULL;
    }
    deeds->has_sentence = false;
    *ret_error = deeds->error;
    return deeds->sentence;
}

/* --- requests ------------------------------------------------------------------------------ */

static const char *request_reason(int error)
{
    return error == -EAGAIN ? "too much is under way already" : report_reason(error);
}

/* Make a job and hand it over. `what` of it went wrong is said. */
static void request_job(struct deeds *deeds, const struct act_request *request, uint64_t now_ns)
{
    const bool undo = request->kind == ACT_UNDO;
    struct deeds_job *const job = calloc(1, sizeof(*job));
    struct act_request numbered = *request;
    int result = -ENOMEM;
    if (job != NULL) {
        numbered.job = ++deeds->last_number;
        result = source_request(deeds->options.source, &numbered);
    }
    if (result != 0) {
        free(job);
        say_and_log(deeds, undo ? "nothing was changed" : report_nothing(request->deed.kind),
                    request_reason(result), now_ns);
        return;
    }
    job->number = numbered.job;
    job->undo = undo;
    job->deed = request->deed.kind;
    job->target_count = request->target_count;
    if (request->target_count > 0) {
        job->target = request->targets[0];
    }
    job->next = deeds->jobs;
    deeds->jobs = job;
    if (job->deed == DEED_TERMINATE && !undo && deeds->progress_due_ns < now_ns) {
        deeds->progress_due_ns = now_ns + progress_first_ns;
    }
}

static bool is_termination(const struct deeds_job *job)
{
    return !job->undo && job->deed == DEED_TERMINATE;
}

/* Whether something that does not have to wait for anybody is under way. */
static bool is_busy(const struct deeds *deeds)
{
    for (const struct deeds_job *job = deeds->jobs; job != NULL; job = job->next) {
        if (!is_termination(job)) {
            return true;
        }
    }
    return false;
}

/* Take back a change, once what was asked for before is done and told. */
static void undo_when_idle(struct deeds *deeds, uint64_t now_ns)
{
    if (deeds->undo_wanted == 0 || is_busy(deeds)) {
        return;
    }
    deeds->undo_wanted--;
    const struct act_request request = {.kind = ACT_UNDO};
    request_job(deeds, &request, now_ns);
}

static void request_inspection(struct deeds *deeds, const struct act_request *request,
                               uint64_t now_ns)
{
    const int result = source_request(deeds->options.source, request);
    if (result != 0) {
        say_and_log(deeds, "cannot tell how it is now", request_reason(result), now_ns);
    }
}

void deeds_request(struct deeds *deeds, const struct effect *effect, const struct target *targets,
                   uint64_t now_ns)
{
    struct act_request request = {
        .job = effect->job,
        .deed = effect->deed,
        .targets = targets,
        .target_count = effect->target_count,
    };
    if (deeds->options.refusal != NULL) { // the UI refuses first; nothing gets past both
        if (effect->kind != EFFECT_RELEASE) {
            say_and_log(deeds, "nothing was done", deeds->options.refusal, now_ns);
        }
    } else if (effect->kind == EFFECT_INSPECT) {
        request.kind = ACT_INSPECT;
        request_inspection(deeds, &request, now_ns);
    } else if (effect->kind == EFFECT_RELEASE) {
        request = (struct act_request){.kind = ACT_RELEASE};
        (void)source_request(deeds->options.source, &request); // held a little longer then
    } else if (effect->kind == EFFECT_DEED && effect->target_count > 0) { // no job without an end
        request.kind = ACT_PERFORM;
        request_job(deeds, &request, now_ns);
    } else if (effect->kind == EFFECT_UNDO) {
        deeds->undo_wanted += deeds->undo_wanted < UNDO_WANTED_MAX;
        undo_when_idle(deeds, now_ns);
    }
}

/* --- outcomes ------------------------------------------------------------------------------ */

/* Owns: `deeds`. Errors: NULL when there is no such job. */
static struct deeds_job *find_job(const struct deeds *deeds, uint32_t number)
{
    for (struct deeds_job *job = deeds->jobs; job != NULL; job = job->next) {
        if (job->number == number) {
            return job;
        }
    }
    return NULL;
}

static void remove_job(struct deeds *deeds, struct deeds_job *job)
{
    struct deeds_job **at = &deeds->jobs;
    while (*at != job) {
        at = &(*at)->next;
    }
    *at = job->next;
    free(job);
}

/* True when the last snapshot shows somebody else under this pid. */
static bool was_reused(const struct snapshot *shown, struct proc_id id)
{
    const struct proc *const now = shown != NULL ? snapshot_find_pid(shown, id.pid) : NULL;
    return now != NULL && !proc_id_equal(now->id, id);
}

static bool was_stopped(const struct snapshot *shown, struct proc_id id)
{
    const struct proc *const proc = shown != NULL ? snapshot_find(shown, id) : NULL;
    return proc != NULL && proc->state == 'T';
}

static struct report_context report_context(const struct deeds *deeds, const struct deeds_job *job,
                                            const struct target *target,
                                            const struct snapshot *shown)
{
    return (struct report_context){
        .root = deeds->root,
        .unicode = deeds->options.unicode,
        .reused = was_reused(shown, target->id),
        .other_proc = deeds->options.other_proc,
        .stopped = was_stopped(shown, target->id),
        .undo_key = deeds->undo_key[0] != '\0' ? deeds->undo_key : NULL,
        .journal_key = deeds->journal_key[0] != '\0' ? deeds->journal_key : NULL,
        .job = job != NULL ? &job->report : NULL,
    };
}

/* The journal gets all, the message list each of many that failed. */
static void record_outcome(struct deeds *deeds, const struct report_context *context,
                           const struct act_outcome *outcome)
{
    struct journal_entry entry;
    report_journal_entry(context, outcome, &entry);
    journal_put(deeds->options.journal, &entry);
    if (outcome->count > 1 && report_is_failure(outcome)) {
        char bytes[SENTENCE_BYTES];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        (void)report_outcome(context, outcome, &buf);
        log_sentence(deeds, bytes, true);
    }
}

/* All targets have come to their end: say it. */
static void end_job(struct deeds *deeds, struct deeds_job *job, const struct snapshot *shown,
                    uint64_t now_ns)
{
    const struct report_context context =
        report_context(deeds, job, &job->report.last.target, shown);
    struct strbuf buf = begin_sentence(deeds, false);
    deeds->error = report_summary(&context, &job->report, &buf);
    log_sentence(deeds, deeds->sentence, deeds->error);
    hold_sentence(deeds, now_ns);
    remove_job(deeds, job);
    source_poke(deeds->options.source); // show the outcome now, not an interval later
}

static void take_outcome(struct deeds *deeds, const struct act_outcome *outcome,
                         const struct snapshot *shown, uint64_t now_ns)
{
    struct deeds_job *const job = find_job(deeds, outcome->job);
    if (job != NULL) {
        report_add(&job->report, outcome);
    }
    const struct report_context context = report_context(deeds, job, &outcome->target, shown);
    if (outcome->count > 0) { // else nobody was acted on
        record_outcome(deeds, &context, outcome);
    }
    if (job != NULL && report_ended(&job->report) >= job->report.count) {
        end_job(deeds, job, shown, now_ns);
    }
}

static void tell_lost_lines(struct deeds *deeds, uint64_t now_ns)
{
    int error = 0;
    if (!deeds->told_lost && action_log_lost(deeds->options.action_log, &error) > 0) {
        deeds->told_lost = true;
        say_and_log(deeds, "actions are no longer logged, the file cannot be written",
                    report_reason(error), now_ns);
    }
}

/* The owner's name may have become known only after the key was pressed. */
static void learn_owner(struct target *target, const struct snapshot *shown)
{
    const struct proc *const proc = shown != NULL ? snapshot_find(shown, target->id) : NULL;
    if (target->user[0] == '\0' && proc != NULL) {
        const struct target now = target_of(shown, proc, 0, "");
        memcpy(target->user, now.user, sizeof(target->user));
    }
}

void deeds_take(struct deeds *deeds, const struct snapshot *shown, uint64_t now_ns)
{
    struct act_outcome outcome;
    while (source_take_outcome(deeds->options.source, &outcome)) {
        learn_owner(&outcome.target, shown);
        take_outcome(deeds, &outcome, shown, now_ns);
    }
    undo_when_idle(deeds, now_ns);
    tell_lost_lines(deeds, now_ns);
    if (deeds->jobs == NULL && deeds->leaving == LEAVING_WARNED) {
        deeds->leaving = LEAVING_NOT;
    }
}

/* --- terminations under way ---------------------------------------------------------------- */

/* All of them together. */
struct terminations {
    size_t count, ended, failed, left;
    bool kill_sent;
    uint64_t kill_ns; // when the next SIGKILL is due; UINT64_MAX: none is
    const struct target *only;
};

static struct terminations sum_up(const struct deeds *deeds)
{
    struct terminations sum = {.kill_ns = source_act_progress(deeds->options.source).kill_ns};
    for (const struct deeds_job *job = deeds->jobs; job != NULL; job = job->next) {
        if (is_termination(job)) {
            sum.count += job->target_count;
            sum.ended += job->report.done;
            sum.failed += report_failures(&job->report);
            sum.left += job->target_count - report_ended(&job->report);
            sum.kill_sent = sum.kill_sent || job->report.any_kill_sent;
            sum.only = &job->target;
        }
    }
    return sum;
}

static void add_count(struct strbuf *buf, const char *separator, size_t count, const char *what)
{
    str_addf(buf, "%s%zu %s", separator, count, what);
}

/* "terminating 5 processes: 3 have ended, 2 left, SIGKILL in 3.2 s" */
static void add_progress(struct strbuf *buf, const struct terminations *sum, uint64_t now_ns)
{
    const char *separator = ": ";
    str_add(buf, "terminating ");
    if (sum->count == 1) {
        str_addf(buf, "%d %s", sum->only->id.pid, sum->only->name);
    } else {
        str_addf(buf, "%zu processes", sum->count);
        add_count(buf, ": ", sum->ended, sum->ended == 1 ? "has ended" : "have ended");
        if (sum->failed > 0) {
            add_count(buf, ", ", sum->failed, "failed");
        }
        add_count(buf, ", ", sum->left, "left");
        separator = ", ";
    }
    if (sum->kill_ns != UINT64_MAX) {
        str_addf(buf, "%sSIGKILL in ", separator);
        report_seconds(sum->kill_ns > now_ns ? sum->kill_ns - now_ns : 0, buf);
    } else if (sum->kill_sent) {
        str_addf(buf, "%sSIGKILL was sent", separator);
    }
}

static bool is_terminating(const struct deeds *deeds)
{
    for (const struct deeds_job *job = deeds->jobs; job != NULL; job = job->next) {
        if (is_termination(job)) {
            return true;
        }
    }
    return false;
}

uint64_t deeds_deadline_ns(const struct deeds *deeds)
{
    return is_terminating(deeds) ? deeds->progress_due_ns : UINT64_MAX;
}

void deeds_tick(struct deeds *deeds, uint64_t now_ns)
{
    if (now_ns < deeds_deadline_ns(deeds)) {
        return;
    }
    const struct terminations sum = sum_up(deeds);
    struct strbuf buf = begin_sentence(deeds, false);
    add_progress(&buf, &sum, now_ns);
    deeds->progress_due_ns = now_ns + progress_ns;
}

/* --- leaving ------------------------------------------------------------------------------- */

bool deeds_may_leave(struct deeds *deeds, uint64_t now_ns)
{
    if (deeds->jobs == NULL || deeds->leaving != LEAVING_NOT) {
        return true;
    }
    const struct terminations sum = sum_up(deeds);
    struct strbuf buf = begin_sentence(deeds, true);
    hold_sentence(deeds, now_ns);
    if (sum.left == 0) {
        deeds->leaving = LEAVING_WHEN_DONE;
        str_add(&buf, "leaving as soon as the last action is done: quit again not to wait");
        return false;
    }
    deeds->leaving = LEAVING_WARNED;
    str_addf(&buf, "still terminating %zu process%s", sum.left, sum.left == 1 ? "" : "es");
    if (sum.kill_ns != UINT64_MAX) {
        const uint64_t left_ns = sum.kill_ns > now_ns ? sum.kill_ns - now_ns : 0;
        str_addf(&buf, " (SIGKILL in %llu s)",
                 (unsigned long long)((left_ns + 999999999) / 1000000000));
    }
    str_addf(&buf, ": quit again to leave %s", sum.left == 1 ? "it" : "them");
    return false;
}

bool deeds_is_left(const struct deeds *deeds)
{
    return deeds->leaving == LEAVING_WHEN_DONE && deeds->jobs == NULL;
}
