#include "command_choice.h"

#include "cli.h"
#include "model/protect.h"
#include "model/query.h"
#include "sampler/act.h"

#include <errno.h>
#include <stdlib.h>

/*
 * Perch's own command line holds the text it filters by, and so do those of sudo and of the
 * shell that started it: they match, but nobody means them. So whoever perch runs under is meant
 * only when named by number.
 */

/* Why a process is in the running. */
enum merit {
    MERIT_UNKNOWN,
    MERIT_NONE,
    MERIT_DESCENDS, // --descendants
    MERIT_MATCHES,  // --filter, --user
    MERIT_NAMED,    // --pid
};

/* The work of one choice. */
struct choosing {
    const struct choice_options *options;
    const struct snapshot *snap;
    unsigned char *merits; // enum merit, of each process of the snapshot
    struct choice *choice;
};

static bool is_named(const struct cli *cli, const struct proc *proc)
{
    for (size_t i = 0; i < cli->pid_count; i++) {
        if (cli->pids[i] == proc->id.pid || cli->pids[i] == proc->group_pid) {
            return true;
        }
    }
    return false;
}

static bool is_there(const struct snapshot *snap, int32_t pid)
{
    for (size_t i = 0; i < snap->proc_count; i++) {
        if (snap->procs[i].id.pid == pid || snap->procs[i].group_pid == pid) {
            return true;
        }
    }
    return false;
}

/* Who is named and is not there, each once. Errors: -ENOMEM. */
static int find_missing(struct choosing *choosing)
{
    const struct cli *const cli = choosing->options->cli;
    struct choice *const choice = choosing->choice;
    choice->missing = calloc(cli->pid_count + 1, sizeof(*choice->missing));
    if (choice->missing == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < cli->pid_count; i++) {
        bool is_news = !is_there(choosing->snap, cli->pids[i]);
        for (size_t j = 0; is_news && j < choice->missing_count; j++) {
            is_news = choice->missing[j] != cli->pids[i];
        }
        if (is_news) {
            choice->missing[choice->missing_count++] = cli->pids[i];
        }
    }
    return 0;
}

/* Settings are not asked: what is listed on the screen has no say in who is acted on. */
static int find_matches(struct choosing *choosing)
{
    const struct cli *const cli = choosing->options->cli;
    const struct query_options options = {
        .sort = COLUMN_PID,
        .kernel_threads = cli->kernel_threads || cli->pid_count > 0, // to refuse them in words
        .user_threads = cli->user_threads,
        .filter = cli->filter != NULL ? cli->filter : "",
        .by_user = cli->by_user,
        .user = cli->user,
        .pids = cli->pid_count > 0 ? cli->pids : NULL,
        .pid_count = cli->pid_count,
    };
    struct query *const query = query_create();
    const int result = query != NULL ? query_run(query, choosing->snap, &options) : -ENOMEM;
    for (size_t i = 0; result == 0 && i < query_count(query); i++) {
        const struct proc *const proc = query_rows(query)[i].proc;
        choosing->merits[proc - choosing->snap->procs] =
            is_named(cli, proc) ? MERIT_NAMED : MERIT_MATCHES;
    }
    query_destroy(query);
    return result;
}

/* The parent of a process. Errors: NULL; a younger process with its number is none. */
static const struct proc *parent_of(const struct snapshot *snap, const struct proc *proc)
{
    const struct proc *const parent = snapshot_find_pid(snap, proc->ppid);
    return parent != NULL && parent->id.start_ns <= proc->id.start_ns ? parent : NULL;
}

/*
 * Go up from each until somebody is known, then come the same way again and tell all on it. So
 * each is asked a few times at most; what goes round in a circle ends at the limit.
 */
static void find_descendants(struct choosing *choosing)
{
    const struct snapshot *const snap = choosing->snap;
    unsigned char *const merits = choosing->merits;
    for (size_t i = 0; i < snap->proc_count; i++) {
        const struct proc *top = &snap->procs[i];
        size_t steps = 0;
        while (top != NULL && merits[top - snap->procs] == MERIT_UNKNOWN &&
               steps < snap->proc_count) {
            top = parent_of(snap, top);
            steps++;
        }
        const bool descends = top != NULL && merits[top - snap->procs] > MERIT_NONE;
        const struct proc *proc = &snap->procs[i];
        while (proc != NULL && merits[proc - snap->procs] == MERIT_UNKNOWN) {
            merits[proc - snap->procs] = descends ? MERIT_DESCENDS : MERIT_NONE;
            proc = parent_of(snap, proc);
        }
    }
}

static void add_note(struct choosing *choosing, const struct proc *proc, bool refused,
                     const char *reason)
{
    struct choice *const choice = choosing->choice;
    choice->notes[choice->note_count++] =
        (struct choice_note){.proc = proc, .refused = refused, .reason = reason};
    choice->refused_count += refused;
}

static bool is_ours(enum protection protection)
{
    return protection == PROTECT_INIT || protection == PROTECT_SELF ||
           protection == PROTECT_ANCESTOR;
}

/* A process whose first thread has ended looks like a zombie, but lives on in the others. */
static bool has_exited(const struct proc *proc)
{
    return proc->state == 'X' || (proc->state == 'Z' && proc->thread_count <= 1);
}

/* Decide about one that is in the running. Errors: -E2BIG. */
static int judge(struct choosing *choosing, const struct proc *proc, enum merit merit)
{
    const struct choice_options *const options = choosing->options;
    struct choice *const choice = choosing->choice;
    const struct target target =
        target_of(choosing->snap, proc, options->own_pid, options->protected_names);
    if (target.protection == PROTECT_KERNEL) {
        add_note(choosing, proc, true, protect_text(PROTECT_KERNEL));
        return 0;
    }
    if (merit != MERIT_NAMED && is_ours(target.protection)) {
        add_note(choosing, proc, false, protect_text(target.protection));
        return 0;
    }
    if (merit != MERIT_NAMED && has_exited(proc)) {
        add_note(choosing, proc, false, "has exited already");
        return 0;
    }
    if (target.protection != PROTECT_NOTHING && !options->cli->protected_too) {
        add_note(choosing, proc, true, protect_text(target.protection));
        return 0;
    }
    if (choice->count == ACT_TARGETS_MAX) {
        return -E2BIG;
    }
    choice->procs[choice->count] = proc;
    choice->targets[choice->count++] = target;
    choice->protected_count += target.protection != PROTECT_NOTHING;
    return 0;
}

static int judge_all(struct choosing *choosing)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < choosing->snap->proc_count; i++) {
        if (choosing->merits[i] > MERIT_NONE) {
            result = judge(choosing, &choosing->snap->procs[i], (enum merit)choosing->merits[i]);
        }
    }
    return result;
}

/* Room for all that are in the running. */
static int reserve(struct choosing *choosing)
{
    size_t count = 1; // of nothing calloc() may give NULL
    for (size_t i = 0; i < choosing->snap->proc_count; i++) {
        count += choosing->merits[i] > MERIT_NONE;
    }
    const size_t targets = count < ACT_TARGETS_MAX ? count : ACT_TARGETS_MAX;
    struct choice *const choice = choosing->choice;
    choice->targets = calloc(targets, sizeof(*choice->targets));
    choice->procs = calloc(targets, sizeof(*choice->procs));
    choice->notes = calloc(count, sizeof(*choice->notes));
    return choice->targets != NULL && choice->procs != NULL && choice->notes != NULL ? 0 : -ENOMEM;
}

int choice_make(const struct choice_options *options, const struct snapshot *snap,
                struct choice **ret)
{
    struct choosing choosing = {
        .options = options,
        .snap = snap,
        .merits = calloc(snap->proc_count + 1, 1),
        .choice = calloc(1, sizeof(*choosing.choice)),
    };
    int result = choosing.merits != NULL && choosing.choice != NULL ? 0 : -ENOMEM;
    if (result == 0) {
        result = find_missing(&choosing);
    }
    if (result == 0) {
        result = find_matches(&choosing);
    }
    if (result == 0 && options->cli->descendants) {
        find_descendants(&choosing);
    }
    if (result == 0) {
        result = reserve(&choosing);
    }
    if (result == 0) {
        result = judge_all(&choosing);
    }
    free(choosing.merits);
    if (result != 0) {
        choice_destroy(choosing.choice);
        return result;
    }
    *ret = choosing.choice;
    return 0;
}

void choice_destroy(struct choice *choice)
{
    if (choice == NULL) {
        return;
    }
    free(choice->targets);
    free(choice->procs);
    free(choice->notes);
    free(choice->missing);
    free(choice);
}
