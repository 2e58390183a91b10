#include "command.h"

#include "base/deed.h"
#include "base/str.h"
#include "cli.h"
#include "command_choice.h"
#include "command_list.h"
#include "model/plan.h"
#include "model/protect.h"
#include "model/query.h"
#include "model/settings.h"
#include "out.h"
#include "platform/platform.h"
#include "platform/wait.h"
#include "report.h"
#include "sampler/act.h"
#include "sampler/source.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Stages, each of which may end it with a status: sample, choose, hold, list, ask, do. What
 * belongs to the deed goes to standard output; what was left out, questions and complaints go
 * to standard error.
 */

enum {
    SENTENCE_BYTES = 1024,
    ANSWER_BYTES = 16,
    JOB = 1,              // there is only one
    RESPONSE_MS = 200,    // how soon a signal is noticed that comes at the wrong moment
    ALL_CELLS = INT32_MAX // of a line that goes to no terminal
};

static const uint64_t second_ns = 1000000000;
static const uint64_t stall_told_ns = 5000000000; // a hang is worth a sentence after this
static const uint64_t response_ns = RESPONSE_MS * 1000000ull;

/* A run that acts. */
struct command {
    const struct command_options *options;
    const struct cli *cli;
    bool unicode;
    struct wait *wait;
    struct source *source; // while sampling
    struct snapshot *snap;
    struct choice *choice;
    struct act *act;
    struct report_job job;
    bool stall_told;
    bool hard;  // it reaches who is protected: "y" is not enough
    int signal; // that ends it; 0: none came
    struct out out, err;
};

/* Nothing was done to the terminal, so there is nothing to put back. */
static void no_emergency(void)
{
}

static void wake(void *context)
{
    wait_wake(context);
}

/* A line of safe text. */
static void say(struct command *command, struct out *out, const char *before, const char *sentence)
{
    out_string(out, before);
    (void)out_text(out, sentence, strlen(sentence), ALL_CELLS, command->unicode);
    out_string(out, "\n");
}

/* A complaint; gives the status back, for returning it. */
static int fail(struct command *command, int status, const char *sentence)
{
    (void)out_flush(&command->out); // the order counts on a terminal; errors are kept in it
    say(command, &command->err, "perch: ", sentence);
    (void)out_flush(&command->err); // there is no other place to complain
    return status;
}

static void take_signals(struct command *command)
{
    for (;;) {
        switch (wait_signal(command->wait)) {
        case WAIT_SIGNAL_NONE:
            return;
        case WAIT_SIGNAL_END:
            command->signal = wait_end_signal(command->wait);
            return;
        case WAIT_SIGNAL_SUSPEND:
            wait_suspend(command->wait);
            break;
        case WAIT_SIGNAL_INTERRUPT: // only where keys are read
        case WAIT_SIGNAL_RESUME:
        case WAIT_SIGNAL_RESIZE:
            break;
        }
    }
}

/* Once: who holds us up. Waiting on is all that can be done. */
static void tell_stall(struct command *command)
{
    const uint64_t now_ns = platform_now_ns();
    const struct source_stall stall = source_stall(command->source, now_ns);
    if (!stall.stalled || command->stall_told || now_ns - stall.since_ns < stall_told_ns) {
        return;
    }
    command->stall_told = true;
    char bytes[SENTENCE_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    str_add(&buf, "the kernel does not answer");
    if (stall.pid != 0) {
        str_addf(&buf, " about process %d", stall.pid);
    }
    str_add(&buf, "; waiting");
    (void)fail(command, 0, bytes); // it may come yet
}

/* One look at everything, with all that can be filtered by and told of a process. */
static int sample(struct command *command, bool *ret_ended)
{
    const struct plan plan = {
        .interval_ns = second_ns * 3600,
        .want = FACT_IDENT | FACT_OWNER | FACT_USER | FACT_CMDLINE,
        .threads = command->cli->user_threads,
        .settle = true,
    };
    const int result =
        source_live(command->options->platform, &plan, wake, command->wait, &command->source);
    if (result != 0) {
        return result;
    }
    while (command->snap == NULL && command->signal == 0) {
        (void)wait_for(command->wait, platform_now_ns() + second_ns); // all is looked at anyway
        take_signals(command);
        command->snap = source_take(command->source);
        tell_stall(command);
    }
    *ret_ended = source_stop(command->source); // the snapshot stands for itself
    return 0;
}

/* Hold on to everybody, and learn whom a cgroup reaches. */
static struct inspection *inspect(struct command *command)
{
    const struct act_request request = {
        .kind = ACT_INSPECT,
        .job = JOB,
        .deed = command->cli->deed,
        .targets = command->choice->targets,
        .target_count = command->choice->count,
    };
    act_handle(command->act, &request, platform_now_ns());
    return act_take_inspection(command->act);
}

/* "3 processes", "1 thread". */
static void add_count(const struct command *command, struct strbuf *buf)
{
    const size_t count = command->choice->count;
    const char *const one = command->cli->deed.one_thread ? "thread" : "process";
    const char *const many = command->cli->deed.one_thread ? "threads" : "processes";
    str_addf(buf, "%zu %s", count, count == 1 ? one : many);
}

static void add_seconds(int32_t milliseconds, struct strbuf *buf)
{
    str_add_fixed(buf, milliseconds / 1000.0, milliseconds % 1000 == 0 ? 0 : 1);
    str_add(buf, " s");
}

/* "set the nice value of 3 processes to 5". */
static void add_setting(const struct command *command, const char *what, struct strbuf *buf)
{
    const struct deed *const deed = &command->cli->deed;
    str_addf(buf, "%s the %s of ", deed->relative ? "change" : "set", what);
    add_count(command, buf);
    if (deed->relative) {
        str_addf(buf, " by %+d", deed->value.number);
    } else {
        str_add(buf, " to ");
        deed_format_value(deed->kind, &deed->value, buf);
    }
}

/* What is about to be done, as words that can follow "would" and begin a question. */
static void add_deed(const struct command *command, struct strbuf *buf)
{
    const struct deed *const deed = &command->cli->deed;
    switch (deed->kind) {
    case DEED_SIGNAL:
        str_add(buf, "send ");
        report_signal(deed->value.number, buf);
        str_add(buf, " to ");
        add_count(command, buf);
        break;
    case DEED_TERMINATE:
        str_add(buf, "send SIGTERM to ");
        add_count(command, buf);
        str_add(buf, " and, after ");
        add_seconds(deed->value.number, buf);
        str_add(buf, ", SIGKILL");
        break;
    case DEED_STOP:
        str_add(buf, deed->value.number != 0 ? "stop " : "continue ");
        add_count(command, buf);
        break;
    case DEED_NICE:
        add_setting(command, "nice value", buf);
        break;
    case DEED_AUTOGROUP:
        add_setting(command, "autogroup nice value", buf);
        break;
    case DEED_IOPRIO:
        add_setting(command, "I/O priority", buf);
        break;
    case DEED_AFFINITY:
        add_setting(command, "CPU affinity", buf);
        break;
    case DEED_SCHEDULING:
        add_setting(command, "scheduling policy", buf);
        break;
    case DEED_OOM_ADJ:
        add_setting(command, "OOM score adjustment", buf);
        break;
    case DEED_FREEZE:
        str_addf(buf, "%s the cgroup of ", deed->value.number != 0 ? "freeze" : "thaw");
        add_count(command, buf);
        break;
    case DEED_KILL_GROUP:
        str_add(buf, "kill everything in the cgroup of ");
        add_count(command, buf);
        break;
    case DEED_CLOSE: // no option does it
    case DEED_COUNT:
        break;
    }
}

/* Whether more than the targets is reached. What cannot be reached at all will say so itself. */
static bool has_reach(const struct command *command, const struct inspection *found)
{
    return (deed_info(command->cli->deed.kind)->flags & DEED_ON_CGROUP) != 0 && found != NULL &&
           (found->cgroup_count > 1 ||
            (found->cgroup_count == 1 && found->cgroup.obstacle == OBSTACLE_UNKNOWN));
}

/* Whom a cgroup reaches beyond those that were asked for. */
static void print_reach(struct command *command, const struct inspection *found)
{
    char bytes[SENTENCE_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    if (found->cgroup_count == 1) {
        str_addf(&buf, "this reaches the whole cgroup %s: ", found->cgroup.path);
    } else {
        str_addf(&buf, "this reaches %u cgroups as a whole: ", found->cgroup_count);
    }
    str_addf(&buf, "%u %s", found->cgroup_processes,
             found->cgroup_processes == 1 ? "process" : "processes");
    say(command, &command->out, "", bytes);
    command_list_members(&command->out, command->unicode, command->snap, found);
}

/* The first character of a question is a capital; all of ours are ASCII. */
static void say_question(struct command *command)
{
    char bytes[SENTENCE_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    add_deed(command, &buf);
    bytes[0] = (char)(bytes[0] >= 'a' && bytes[0] <= 'z' ? bytes[0] - 'a' + 'A' : bytes[0]);
    str_add(&buf,
            command->hard ? "? This reaches who is protected; type yes to do it: " : "? [y/N] ");
    (void)out_text(&command->err, bytes, buf.len, ALL_CELLS, command->unicode);
    (void)out_flush(&command->err); // nobody who cannot see it will say yes
}

/* Read a line of the terminal's, all of it so that no rest of it is left to the shell. Only its
 * beginning is kept. False at the end of the input, or when a signal ends us. */
static bool read_answer(struct command *command, struct strbuf *answer)
{
    for (;;) {
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        const int ready = poll(&input, 1, RESPONSE_MS);
        take_signals(command);
        if (command->signal != 0) {
            return false;
        }
        if (ready <= 0) {
            continue;
        }
        char bytes[SENTENCE_BYTES];
        const ssize_t len = read(STDIN_FILENO, bytes, sizeof(bytes));
        if (len < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (len <= 0) {
            return false;
        }
        const char *const end = memchr(bytes, '\n', (size_t)len);
        str_add_bytes(answer, bytes, end != NULL ? (size_t)(end - bytes) : (size_t)len);
        if (end != NULL) {
            return true;
        }
    }
}

/* Case does not matter. */
static bool is_word(const struct strbuf *answer, const char *word)
{
    const size_t len = strlen(word);
    return answer->len == len && str_find_fold(answer->ptr, len, word, len) == 0;
}

/* Whether the person wants it. */
static bool ask(struct command *command)
{
    char bytes[ANSWER_BYTES];
    struct strbuf answer;
    str_init(&answer, bytes, sizeof(bytes));
    say_question(command);
    if (!read_answer(command, &answer)) {
        out_string(&command->err, "\n");
        return false;
    }
    return is_word(&answer, "yes") || (!command->hard && is_word(&answer, "y"));
}

/* Print what has come about since. */
static void take_outcomes(struct command *command)
{
    struct report_context context = {
        .root = platform_own_uid() == 0,
        .unicode = command->unicode,
        .other_proc = command->cli->proc_root != NULL,
        .job = &command->job,
    };
    struct act_outcome outcome;
    while (act_take(command->act, &outcome)) {
        if (outcome.job != JOB) {
            continue;
        }
        report_add(&command->job, &outcome);
        context.stopped = command->choice->procs[outcome.index]->state == 'T';
        char bytes[SENTENCE_BYTES];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        (void)report_outcome(&context, &outcome, &buf); // counted above
        say(command, &command->out, "", bytes);
    }
    (void)out_flush(&command->out); // kept in it
}

static void do_deed(struct command *command)
{
    const struct act_request request = {
        .kind = ACT_PERFORM,
        .job = JOB,
        .deed = command->cli->deed,
        .targets = command->choice->targets,
        .target_count = command->choice->count,
    };
    act_begin(command->act, &request, platform_now_ns());
    for (;;) {
        const uint64_t now_ns = platform_now_ns();
        const uint64_t next_ns = act_step(command->act, now_ns);
        take_outcomes(command);
        take_signals(command);
        if (act_progress(command->act).waiting == 0 || command->signal != 0) {
            return;
        }
        const uint64_t left_ns = next_ns > now_ns ? next_ns - now_ns : 0;
        act_wait(command->act, left_ns < response_ns ? left_ns : response_ns);
    }
}

static void print_summary(struct command *command)
{
    const size_t count = command->choice->count;
    const size_t left = count - report_ended(&command->job);
    char bytes[SENTENCE_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    if (left > 0) {
        str_addf(&buf, "interrupted: %zu of %zu %s", left, count,
                 command->cli->deed.kind == DEED_TERMINATE
                     ? "have not ended yet; no further SIGKILL is sent"
                     : "were not done");
        (void)fail(command, 0, bytes); // the status says it, too
    } else if (count > 1) {
        const struct report_context context = {
            .root = platform_own_uid() == 0,
            .unicode = command->unicode,
        };
        (void)report_summary(&context, &command->job, &buf); // the status says it, too
        say(command, &command->out, "", bytes);
    }
}

static int perform(struct command *command)
{
    do_deed(command);
    print_summary(command);
    // Who was to end and has ended by itself, perhaps with its parent, is as it was wanted.
    const bool ending = command->cli->deed.kind == DEED_TERMINATE;
    const size_t unlucky = report_failures(&command->job) - (ending ? command->job.gone : 0);
    const size_t failed = unlucky + command->choice->refused_count + command->choice->missing_count;
    const size_t succeeded = report_ended(&command->job) - unlucky;
    if (command->signal != 0) {
        return 128 + command->signal;
    }
    return failed == 0 ? COMMAND_ALL : succeeded > 0 ? COMMAND_SOME : COMMAND_NONE;
}

/* Between the list and the deed: whether it is wanted. -1: it is; else the status. */
static int decide(struct command *command)
{
    char bytes[SENTENCE_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    if (command->cli->dry_run) {
        str_add(&buf, "would ");
        add_deed(command, &buf);
        str_add(&buf, "; nothing was done");
        say(command, &command->out, "", bytes);
        return command->choice->missing_count > 0 ? COMMAND_SOME : COMMAND_ALL;
    }
    if (command->cli->yes) {
        return -1;
    }
    if (out_flush(&command->out) != 0) {
        return fail(command, COMMAND_NONE, "nothing was done: nobody can see whom it is about");
    }
    if (ask(command)) {
        return -1;
    }
    return fail(command, command->signal != 0 ? 128 + command->signal : COMMAND_NONE,
                "nothing was done");
}

/* With everybody held: list, ask, do. `found` is NULL when there was no memory for it. */
static int act_on(struct command *command, const struct inspection *found)
{
    if (found == NULL && (deed_info(command->cli->deed.kind)->flags & DEED_ON_CGROUP) != 0) {
        return fail(command, COMMAND_NONE, "nothing was done: out of memory"); // whom it reaches?
    }
    command_list_targets(&command->out, command->unicode, command->choice);
    command->hard = command->choice->protected_count > 0;
    if (has_reach(command, found)) {
        print_reach(command, found);
        command->hard = command->hard || found->cgroup_has_ancestor;
    }
    if (command->hard && !command->cli->protected_too) {
        return fail(command, COMMAND_NONE,
                    "nothing was done: the first process or one perch runs under is in there; "
                    "--protected does it all the same");
    }
    const int decision = decide(command);
    return decision >= 0 ? decision : perform(command);
}

/* Nobody who was chosen is left out silently. */
static void tell_notes(struct command *command)
{
    for (size_t i = 0; i < command->choice->note_count; i++) {
        const struct choice_note *const note = &command->choice->notes[i];
        const bool kernel = (note->proc->flags & PROC_KERNEL) != 0;
        char bytes[SENTENCE_BYTES];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        str_addf(&buf, "%d %s: %s", note->proc->id.pid, note->proc->name.ptr, note->reason);
        if (note->refused) {
            str_add(&buf,
                    kernel ? "; those are not acted on" : "; --protected does it all the same");
        }
        say(command, &command->err, note->refused ? "refused: " : "left out: ", bytes);
    }
    for (size_t i = 0; i < command->choice->missing_count; i++) {
        char bytes[SENTENCE_BYTES];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        str_addf(&buf, "%d: no such process", command->choice->missing[i]);
        say(command, &command->err, "perch: ", bytes);
    }
    (void)out_flush(&command->err); // there is no other place to complain
}

static int choose(struct command *command)
{
    const struct choice_options options = {
        .cli = command->cli,
        .own_pid = platform_own_pid(),
        .protected_names = command->options->settings->protected_names,
    };
    return choice_make(&options, command->snap, &command->choice);
}

/* From the snapshot on. */
static int choose_and_act(struct command *command)
{
    const int result = choose(command);
    if (result == -E2BIG) {
        char bytes[SENTENCE_BYTES];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        str_addf(&buf, "nothing was done: more than %d processes match", ACT_TARGETS_MAX);
        return fail(command, COMMAND_NONE, bytes);
    }
    if (result != 0) {
        return fail(command, COMMAND_NONE, "nothing was done: out of memory");
    }
    tell_notes(command);
    if (command->choice->count == 0) {
        return fail(command, COMMAND_NONE,
                    command->choice->refused_count + command->choice->missing_count > 0
                        ? "nothing was done"
                        : "no process matches");
    }
    struct inspection *const found = inspect(command);
    const int status = act_on(command, found);
    inspection_destroy(found);
    return status;
}

static int sample_and_act(struct command *command, bool *ret_ended)
{
    const struct command_options *const options = command->options;
    command->act = act_create(options->platform, options->record, options->record_context);
    const int result = command->act != NULL ? sample(command, ret_ended) : -ENOMEM;
    if (result != 0) {
        return fail(command, COMMAND_NONE, report_reason(result));
    }
    if (command->snap == NULL) {
        return fail(command, 128 + command->signal, "nothing was done");
    }
    return choose_and_act(command);
}

/* What there was to print; a reader that has seen enough is no failure. */
static int finish_output(struct command *command, int status)
{
    int error = out_flush(&command->out);
    if (error == 0 && close(command->out.fd) != 0 && errno != EINTR) {
        error = -errno; // network file systems tell of a full disk only here
    }
    if (error != 0 && error != -EPIPE) {
        char bytes[SENTENCE_BYTES];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        str_addf(&buf, "cannot write to standard output: %s", report_reason(error));
        (void)fail(command, 0, bytes);
        status = status == COMMAND_ALL ? COMMAND_NONE : status;
    }
    return status;
}

/* Why it cannot be done at all, before anything is looked at. Errors: NULL: it can. */
static const char *find_refusal(const struct cli *cli)
{
    if (!platform_can_act()) {
        return "nothing was done: this perch was built without actions";
    }
    if (!cli->yes && !cli->dry_run && isatty(STDIN_FILENO) == 0) {
        return "nothing was done: there is no terminal to ask at; use --yes or --dry-run";
    }
    return NULL;
}

int command_run(const struct command_options *options, bool *ret_ended)
{
    *ret_ended = true;
    struct command *const command = calloc(1, sizeof(*command));
    if (command == NULL) {
        (void)fputs("perch: out of memory\n", stderr);
        return COMMAND_NONE;
    }
    command->options = options;
    command->cli = options->cli;
    command->unicode = str_equal(nl_langinfo(CODESET), "UTF-8");
    out_init(&command->out, STDOUT_FILENO);
    out_init(&command->err, STDERR_FILENO);
    int status = COMMAND_NONE;
    const char *const refusal = find_refusal(options->cli);
    if (refusal != NULL) {
        status = fail(command, COMMAND_REFUSED, refusal);
    } else if (wait_create(false, no_emergency, &command->wait) != 0) {
        status = fail(command, status, "out of memory or of open files");
    } else {
        status = sample_and_act(command, ret_ended);
        status = finish_output(command, status);
    }
    act_destroy(command->act);
    choice_destroy(command->choice);
    snapshot_free(command->snap);
    if (*ret_ended) { // a thread that hangs may still want to wake us
        wait_destroy(command->wait);
    }
    free(command);
    return status;
}
