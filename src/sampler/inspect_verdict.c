#include "model/dossier.h"
#include "model/snapshot.h"
#include "platform/platform.h"
#include "sampler/inspect_facts.h"

#include <string.h>

/*
 * Why a process is slow or stuck, in words. The kernel says it in many places: the state, the
 * function it sleeps in, the call it is in, locks, time spent ready without a CPU, what its cgroup
 * withholds. Each that has something to say makes a line; the most telling come first.
 */

static const double telling = 0.05; // a share of time worth a line
static const double alarming = 0.2; // and one that explains slowness
static const double nearly_full = 0.9;
static const double busy = 0.5; // of one CPU

enum { ENDS_TOLD = 3 }; // of what one thread waits on; the section on waiting has all

static bool is_waiting_state(char state)
{
    return state == 'S' || state == 'D' || state == 'I' || state == 't' || state == 'T';
}

static void put_wait(struct strbuf *buf, const struct raw_wait *wait, enum looker looker)
{
    const char *words = facts_wait_words(wait);
    if (words == NULL && wait->wchan.len == 0 && wait->syscall_denied) {
        str_addf(buf, "; what it waits for: %s", dossier_trouble(DOSSIER_DENIED, looker));
    }
    if (words != NULL) {
        str_addf(buf, "; it waits for %s", words);
    }
    if (wait->wchan.len > 0) {
        str_add(buf, words != NULL ? " (" : "; it waits in ");
        facts_put(buf, wait->wchan);
        str_add(buf, words != NULL ? ")" : "");
    }
}

static void put_timeout(struct strbuf *buf, const struct raw_wait *wait)
{
    const uint64_t ns_per_ms = 1000000;
    uint64_t ms = 0;
    switch (facts_wait_timeout(wait, &ms)) {
    case FACTS_TIMEOUT_UNKNOWN:
        break;
    case FACTS_TIMEOUT_NONE:
        str_add(buf, ", without a time-out");
        break;
    case FACTS_TIMEOUT_MS:
        str_add(buf, ", with a time-out of ");
        facts_put_duration(buf, ms * ns_per_ms);
        break;
    case FACTS_TIMEOUT_SOME:
        str_add(buf, ", with a time-out");
        break;
    }
}

/* What it is in the middle of, and who would have to do something for it to go on. */
static void tell_call(struct facts *facts, const struct raw_wait *wait)
{
    if (!wait->in_syscall || !is_waiting_state(wait->state)) {
        return;
    }
    struct strbuf *buf = facts_begin(facts);
    if (wait->syscall_name.len > 0) {
        facts_put(buf, wait->syscall_name);
    } else {
        str_addf(buf, "system call %lld", (long long)wait->syscall);
    }
    if (wait->syscall_fd >= 0) {
        str_addf(buf, " on descriptor %d", (int)wait->syscall_fd);
    }
    if (wait->syscall_file.len > 0) {
        str_add(buf, ": ");
        facts_put(buf, wait->syscall_file);
    }
    put_timeout(buf, wait);
    (void)facts_end(facts, "call");
    facts_ends(facts, wait, ENDS_TOLD);
}

/* A thread that explains more than the first one does. */
static void tell_thread(struct facts *facts, const struct raw_wait *wait, uint32_t thread_count)
{
    struct strbuf *buf = facts_begin(facts);
    str_addf(buf, "thread %d ", (int)wait->tid);
    facts_put(buf, wait->name);
    str_addf(buf, ": %s", facts_state_words(wait->state));
    if (is_waiting_state(wait->state)) {
        put_wait(buf, wait, facts->snap->looker);
    }
    str_addf(buf, " [%u of %u threads]", (unsigned)wait->alike, (unsigned)thread_count);
    struct dossier_fact *fact = facts_end(facts, "thread");
    if (fact != NULL) {
        fact->alarming = strchr("DTt", wait->state) != NULL && !facts_is_vfork(wait);
    }
    tell_call(facts, wait);
}

/* The cgroup that keeps it from running: those below a frozen one are frozen with it. NULL: none. */
static const struct raw_cgroup_level *frozen_level(const struct facts *facts)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_CGROUP];
    const struct raw_cgroup_level *frozen = NULL;
    for (size_t i = 0; pair->now != NULL && i < pair->now->as.cgroup.count; i++) {
        const struct raw_cgroup_level *level = &pair->now->as.cgroup.items[i];
        frozen = level->frozen ? level : frozen;
    }
    return frozen;
}

static void tell_frozen(struct facts *facts, const struct raw_cgroup_level *level)
{
    struct strbuf *buf = facts_begin(facts);
    str_add(buf, "its cgroup is frozen, so nothing of it runs: ");
    facts_put(buf, level->path);
    struct dossier_fact *fact = facts_end(facts, "frozen");
    if (fact != NULL) {
        fact->alarming = true;
    }
}

/* Who traces it; 0 nobody, or not known. */
static int32_t tracer_of(const struct facts *facts)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_IDENTITY];
    return pair->now != NULL ? pair->now->as.identity.tracer : 0;
}

static void put_state(struct facts *facts, struct strbuf *buf, char state,
                      const struct raw_wait *wait, uint32_t thread_count)
{
    if (state == 'Z' && thread_count > 1) {
        str_addf(buf, "%s thread has ended, %u others go on",
                 facts->set->thread.pid > 0 ? "this" : "its first", (unsigned)thread_count - 1);
        return;
    }
    str_add(buf, facts_state_words(state));
    if (state == 't' && tracer_of(facts) > 0) {
        str_add(buf, ", ");
        facts_put_pid(facts, buf, tracer_of(facts));
    } else if (wait != NULL && is_waiting_state(state)) {
        put_wait(buf, wait, facts->snap->looker);
    }
    if (wait != NULL && thread_count > 1) {
        str_addf(buf, " [%s thread of %u]", facts->set->thread.pid > 0 ? "this" : "its first",
                 (unsigned)thread_count);
    }
}

/* How it ended, by the status that its parent would get; negative: not known. */
static void put_exit(struct strbuf *buf, int32_t status)
{
    enum { SIGNAL = 0x7f, CORE = 0x80, EXIT_SHIFT = 8 };
    const int32_t number = status & SIGNAL;
    if (status < 0) {
        return;
    }
    if (number == 0) {
        str_addf(buf, " with exit status %d", (int)(status >> EXIT_SHIFT));
        return;
    }
    str_addf(buf, " by signal %d", (int)number);
    size_t count = 0;
    const struct platform_signal *signals = platform_signals(&count);
    for (size_t i = 0; i < count; i++) {
        if (signals[i].number == number) {
            str_addf(buf, " %s", signals[i].name);
            break;
        }
    }
    str_add(buf, (status & CORE) != 0 ? ", with a core dump" : "");
}

static void tell_state(struct facts *facts, const struct raw_waiting *waiting)
{
    const struct proc *proc = facts->proc;
    const struct raw_wait *wait =
        waiting != NULL && waiting->wait_count > 0 ? &waiting->waits[0] : NULL;
    const uint32_t thread_count = waiting != NULL ? waiting->thread_count : proc->thread_count;
    const char state = wait != NULL ? wait->state : proc->state;
    struct strbuf *buf = facts_begin(facts);
    put_state(facts, buf, state, wait, thread_count);
    const bool is_zombie = state == 'Z' && thread_count <= 1;
    const double cpu = proc->cpu.user + proc->cpu.system;
    if (is_zombie) {
        put_exit(buf, waiting != NULL ? waiting->exit_status : -1);
        str_add(buf, ", but its parent has not asked how: ");
        facts_put_pid(facts, buf, proc->ppid);
    } else if ((proc->have & FACT_RATE) != 0 && (state == 'R' || cpu >= telling)) {
        str_add(buf, cpu >= busy ? "; it is busy, not stuck: uses " : "; it uses ");
        facts_put_share(buf, cpu);
        str_add(buf, " of a CPU");
    }
    struct dossier_fact *fact = facts_end(facts, "state");
    if (fact == NULL) {
        return;
    }
    fact->alarming = is_zombie || strchr("Tt", state) != NULL ||
                     (state == 'D' && (wait == NULL || !facts_is_vfork(wait)));
    if (is_zombie || state == 't') {
        facts_lead_to(facts, fact, is_zombie ? proc->ppid : tracer_of(facts));
    }
}

static void tell_locks(struct facts *facts, const struct raw_waiting *waiting)
{
    for (size_t i = 0; i < waiting->lock_count; i++) {
        const struct raw_lock *lock = &waiting->locks[i];
        if (!lock->waiting) {
            continue;
        }
        struct strbuf *buf = facts_begin(facts);
        str_addf(buf, "waits for a %s lock (", lock->write ? "write" : "read");
        facts_put(buf, lock->type);
        str_add(buf, ") on ");
        facts_put_lock_file(facts, buf, lock);
        str_add(buf, ", ");
        const int32_t holder = facts_put_lock_holders(facts, buf, lock);
        struct dossier_fact *fact = facts_end(facts, "lock");
        if (fact != NULL) {
            fact->alarming = true;
            facts_lead_to(facts, fact, holder);
        }
    }
}

/* A share of its time that it lost in some way. */
static void tell_delay(struct facts *facts, const char *what, const char *words, double share)
{
    if (share < telling) {
        return;
    }
    struct strbuf *buf = facts_begin(facts);
    facts_put_share(buf, share);
    str_addf(buf, " of the time %s", words);
    struct dossier_fact *fact = facts_end(facts, what);
    if (fact != NULL) {
        fact->alarming = share >= alarming;
    }
}

static void tell_delays(struct facts *facts, bool throttled)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_WAITING];
    if (pair->now == NULL || pair->before == NULL) {
        return;
    }
    const struct raw_waiting *was = &pair->before->as.waiting;
    const struct raw_waiting *is = &pair->now->as.waiting;
    tell_delay(facts, "run queue",
               throttled ? "it was ready to run, without CPU or quota"
                         : "it was ready to run and waited for a CPU",
               facts_share(pair, was->run_delay_ns, is->run_delay_ns));
    tell_delay(facts, "I/O delay", "it waited for block I/O",
               facts_share(pair, was->block_delay_ns, is->block_delay_ns));
}

/* --- what its cgroup withholds ---------------------------------------------------------------- */

static const struct raw_cgroup_level *level_before(const struct inspect_pair *pair, size_t at)
{
    if (pair->before == NULL || at >= pair->before->as.cgroup.count) {
        return NULL;
    }
    const struct raw_cgroup_level *was = &pair->before->as.cgroup.items[at];
    const struct raw_cgroup_level *is = &pair->now->as.cgroup.items[at];
    const bool same =
        was->path.len == is->path.len && memcmp(was->path.ptr, is->path.ptr, is->path.len) == 0;
    return same ? was : NULL;
}

static bool has_quota(const struct raw_cgroup_level *level)
{
    return level->cpu_quota_ns != FIGURE_ABSENT && level->cpu_period_ns != FIGURE_ABSENT &&
           level->cpu_period_ns > 0;
}

/* How many of the last periods ended with nothing left to run on. False when none did. */
static bool tell_throttling(struct facts *facts, const struct raw_cgroup_level *was,
                            const struct raw_cgroup_level *is)
{
    if (!has_quota(is) || is->periods == FIGURE_ABSENT || is->throttled_periods == FIGURE_ABSENT) {
        return false;
    }
    const bool lately = was != NULL && is->periods > was->periods &&
                        is->throttled_periods >= was->throttled_periods;
    const uint64_t periods = lately ? is->periods - was->periods : is->periods;
    const uint64_t throttled =
        lately ? is->throttled_periods - was->throttled_periods : is->throttled_periods;
    if (periods == 0 || throttled == 0 || (was != NULL && !lately)) {
        return false;
    }
    struct strbuf *buf = facts_begin(facts);
    str_add(buf, "throttled: its cgroup ");
    facts_put(buf, is->path);
    str_add(buf, " may use ");
    str_add_fixed(buf, (double)is->cpu_quota_ns / (double)is->cpu_period_ns, 2);
    str_add(buf, " CPUs, and ran out of that in ");
    facts_put_share(buf, (double)throttled / (double)periods);
    str_add(buf, lately ? " of the periods" : " of the periods so far");
    struct dossier_fact *fact =
        facts_end(facts, facts_cgroup_file(facts->set->parts[INSPECT_CGROUP].now, "cpu.max"));
    if (fact != NULL) {
        fact->alarming = (double)throttled / (double)periods >= alarming;
    }
    return true;
}

/* A figure that is near its limit. */
static void tell_limit(struct facts *facts, const struct raw_cgroup_level *level, const char *what,
                       uint64_t used, uint64_t limit)
{
    if (used == FIGURE_ABSENT || limit == FIGURE_ABSENT || limit == 0 ||
        (double)used < nearly_full * (double)limit) {
        return;
    }
    struct strbuf *buf = facts_begin(facts);
    str_add(buf, "its cgroup ");
    facts_put(buf, level->path);
    what = facts_cgroup_file(facts->set->parts[INSPECT_CGROUP].now, what);
    str_add(buf, " is at ");
    facts_put_share(buf, (double)used / (double)limit);
    str_addf(buf, " of its %s", what);
    struct dossier_fact *fact = facts_end(facts, what);
    if (fact != NULL) {
        fact->alarming = true;
    }
}

/* Returns whether it is throttled. */
static bool tell_cgroup(struct facts *facts)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_CGROUP];
    bool throttled = false;
    for (size_t i = 0; pair->now != NULL && i < pair->now->as.cgroup.count; i++) {
        const struct raw_cgroup_level *level = &pair->now->as.cgroup.items[i];
        throttled |= tell_throttling(facts, level_before(pair, i), level);
        tell_limit(facts, level, "memory.high", level->memory_current, level->memory_high);
        tell_limit(facts, level, "memory.max", level->memory_current, level->memory_max);
        tell_limit(facts, level, "pids.max", level->pids_current, level->pids_max);
    }
    return throttled;
}

/* Limits that stop a process when it is at them, and what happens then. */
static const struct own_limit {
    const char *name, *words, *then;
} own_limits[] = {
    {"Max open files", "open files", "opening more fails"},
    {"Max address space", "address space", "getting more memory fails"},
    {"Max data size", "data", "getting more memory fails"},
    {"Max locked memory", "locked memory", "locking more fails"},
    {"Max pending signals", "queued signals", "queuing more fails"},
    {"Max cpu time", "CPU time", "it is ended then"},
};

static bool is_nearly_used(const struct raw_limit *is)
{
    return is->used != FIGURE_ABSENT && is->soft != UINT64_MAX && is->soft > 0 &&
           (double)is->used >= nearly_full * (double)is->soft;
}

static void tell_own_limit(struct facts *facts, const struct raw_limit *is)
{
    const struct own_limit *limit = NULL;
    for (size_t i = 0; i < sizeof(own_limits) / sizeof(own_limits[0]); i++) {
        const bool fits = is->name.len == strlen(own_limits[i].name) &&
                          memcmp(is->name.ptr, own_limits[i].name, is->name.len) == 0;
        limit = fits ? &own_limits[i] : limit;
    }
    if (limit == NULL) {
        return;
    }
    struct strbuf *buf = facts_begin(facts);
    str_add(buf, "it has ");
    facts_put_share(buf, (double)is->used / (double)is->soft);
    str_addf(buf, " of the %s it may have, %llu of %llu: %s", limit->words,
             (unsigned long long)is->used, (unsigned long long)is->soft, limit->then);
    struct dossier_fact *fact = facts_end(facts, "limit");
    if (fact != NULL) {
        fact->alarming = true;
    }
}

static void tell_own_limits(struct facts *facts)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_LIMITS];
    for (size_t i = 0; pair->now != NULL && i < pair->now->as.limits.count; i++) {
        if (is_nearly_used(&pair->now->as.limits.items[i])) {
            tell_own_limit(facts, &pair->now->as.limits.items[i]);
        }
    }
}

/* Of one that lives: what its threads wait for. It cannot be frozen and wait for more. */
static void tell_threads(struct facts *facts, const struct raw_waiting *waiting)
{
    const struct raw_wait *wait = waiting != NULL ? facts_telling_wait(waiting) : NULL;
    facts_deadlocks(facts);
    if (waiting != NULL) {
        tell_locks(facts, waiting); // of whichever thread: the first one may only sleep meanwhile
    }
    if (wait != NULL && wait != &waiting->waits[0]) {
        tell_thread(facts, wait, waiting->thread_count);
    }
    tell_state(facts, waiting);
    facts_add_trouble(facts, INSPECT_WAITING);
    if (wait != NULL && wait == &waiting->waits[0]) {
        tell_call(facts, wait);
    }
}

void facts_verdict(struct facts *facts)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_WAITING];
    const struct raw_waiting *waiting = pair->now != NULL ? &pair->now->as.waiting : NULL;
    facts_group_literal(facts, "why");
    if (facts->proc == NULL) {
        (void)facts_add(facts, "state",
                        "it has exited; what is shown is the last that was known of it");
        return;
    }
    const struct raw_cgroup_level *frozen = frozen_level(facts);
    if (frozen != NULL) {
        tell_frozen(facts, frozen);
    } else {
        tell_threads(facts, waiting);
    }
    const struct inspect_pair *cgroup = &facts->set->parts[INSPECT_CGROUP];
    const bool has_left = cgroup->now != NULL && facts_has_left_cgroup(cgroup->now);
    const bool throttled = !has_left && tell_cgroup(facts);
    tell_own_limits(facts);
    if (waiting != NULL) {
        tell_delays(facts, throttled);
    }
}
