#include "model/dossier.h"
#include "model/snapshot.h"
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

/* --- what it waits for ------------------------------------------------------------------------ */

/* Beginnings of names of kernel functions; the first that fits counts. */
static const struct {
    const char *prefix, *meaning;
} waits[] = {
    {"futex", "a futex: a lock or a signal of its own program"},
    {"request_wait_answer", "the answer of a FUSE file system"},
    {"fuse_", "the answer of a FUSE file system"},
    {"anon_pipe_", "the other end of a pipe"},
    {"pipe_", "the other end of a pipe"},
    {"ep_poll", "an event (epoll)"},
    {"do_epoll", "an event (epoll)"},
    {"poll_schedule", "an event (poll or select)"},
    {"do_sys_poll", "an event (poll or select)"},
    {"do_poll", "an event (poll or select)"},
    {"do_select", "an event (poll or select)"},
    {"io_cqring_wait", "an event (io_uring)"},
    {"hrtimer_nanosleep", "time to pass: it sleeps on purpose"},
    {"do_nanosleep", "time to pass: it sleeps on purpose"},
    {"do_wait", "a child to end"},
    {"n_tty_read", "input from its terminal"},
    {"tty_", "its terminal"},
    {"inet_csk_accept", "somebody to connect"},
    {"inet_csk_wait", "somebody to connect"},
    {"unix_accept", "somebody to connect"},
    {"sk_wait_data", "data from a connection"},
    {"sk_stream_wait", "room in a connection to send"},
    {"tcp_", "a network connection"},
    {"unix_", "the other end of a local socket"},
    {"__skb_wait", "data from a socket"},
    {"skb_wait", "data from a socket"},
    {"rpc_wait", "an NFS server"},
    {"nfs", "an NFS server"},
    {"cifs_", "an SMB server"},
    {"wait_on_page", "storage"},
    {"folio_wait", "storage"},
    {"io_schedule", "storage"},
    {"blk_", "storage"},
    {"submit_bio_wait", "storage"},
    {"jbd2_", "the journal of a file system"},
    {"balance_dirty", "data to be written to storage: too much is waiting"},
    {"locks_lock", "a file lock"},
    {"posix_lock", "a file lock"},
    {"flock_lock", "a file lock"},
    {"fcntl_setlk", "a file lock"},
    {"mem_cgroup", "memory: its cgroup is at its limit"},
    {"do_signal_stop", "SIGCONT: it is stopped"},
    {"wait_for_partner", "the other end of a FIFO to be opened"},
    {"ptrace_stop", "its tracer"},
    {"do_freezer", "its cgroup to be thawed"},
    {"__refrigerator", "its cgroup to be thawed"},
    {"do_sigtimedwait", "a signal"},
    {"sigsuspend", "a signal"},
    {"__do_sys_pause", "a signal"},
    {"sys_pause", "a signal"},
    {"rwsem_down", "a lock of the kernel"},
    {"__mutex_lock", "a lock of the kernel"},
    {"mutex_lock", "a lock of the kernel"},
    {"msg", "a System V or POSIX message"},
    {"do_mq_", "a System V or POSIX message"},
    {"semtimedop", "a System V semaphore"},
    {"do_semtimedop", "a System V semaphore"},
    {"inotify_read", "a change of a file (inotify)"},
    {"eventfd_read", "an event (eventfd)"},
    {"kthread", "work: it belongs to the kernel"},
    {"worker_thread", "work: it belongs to the kernel"},
    {"rescuer_thread", "work: it belongs to the kernel"},
};

const char *facts_wait_meaning(struct raw_bytes function)
{
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        const size_t len = strlen(waits[i].prefix);
        if (function.len >= len && memcmp(function.ptr, waits[i].prefix, len) == 0) {
            return waits[i].meaning;
        }
    }
    return NULL;
}

const char *facts_state_words(char state)
{
    switch (state) {
    case 'R':
        return "running, or ready to run";
    case 'S':
        return "sleeping";
    case 'D':
        return "stuck in the kernel: nothing can interrupt it";
    case 'Z':
        return "a zombie: it has ended";
    case 'T':
        return "stopped by a signal";
    case 't':
        return "stopped by its tracer";
    case 'I':
        return "idle";
    case 'X':
        return "ending";
    default:
        return "in a state of its own";
    }
}

static bool is_waiting_state(char state)
{
    return state == 'S' || state == 'D' || state == 'I' || state == 't' || state == 'T';
}

/* Names of calls say what is waited for where the function it sleeps in may not be read. */
static const char *meaning_of(const struct raw_waiting *waiting)
{
    const char *meaning = waiting->wchan.len > 0 ? facts_wait_meaning(waiting->wchan) : NULL;
    for (size_t i = 0; meaning == NULL && i < waiting->stack_count; i++) {
        meaning = facts_wait_meaning(waiting->stack[i]);
    }
    static const struct {
        const char *name, *meaning;
    } calls[] = {
        {"futex", "a futex: a lock or a signal of its own program"},
        {"epoll_wait", "an event (epoll)"},
        {"epoll_pwait", "an event (epoll)"},
        {"poll", "an event (poll or select)"},
        {"ppoll", "an event (poll or select)"},
        {"select", "an event (poll or select)"},
        {"pselect6", "an event (poll or select)"},
        {"nanosleep", "time to pass: it sleeps on purpose"},
        {"clock_nanosleep", "time to pass: it sleeps on purpose"},
        {"wait4", "a child to end"},
        {"waitid", "a child to end"},
        {"accept", "somebody to connect"},
        {"accept4", "somebody to connect"},
        {"pause", "a signal"},
        {"rt_sigsuspend", "a signal"},
        {"rt_sigtimedwait", "a signal"},
        {"flock", "a file lock"},
        {"recvfrom", "data from a socket"},
        {"recvmsg", "data from a socket"},
        {"sendto", "room in a socket to send"},
        {"sendmsg", "room in a socket to send"},
        {"connect", "the other side to answer"},
    };
    for (size_t i = 0; meaning == NULL && i < sizeof(calls) / sizeof(calls[0]); i++) {
        const size_t len = strlen(calls[i].name);
        if (waiting->in_syscall && waiting->syscall_name.len == len &&
            memcmp(waiting->syscall_name.ptr, calls[i].name, len) == 0) {
            meaning = calls[i].meaning;
        }
    }
    return meaning;
}

static void put_wait(struct strbuf *buf, const struct raw_waiting *waiting, bool as_root)
{
    const char *meaning = meaning_of(waiting);
    if (meaning == NULL && waiting->wchan.len == 0 && waiting->syscall_denied) {
        str_addf(buf, "; what it waits for: %s", dossier_trouble(DOSSIER_DENIED, as_root));
    }
    if (meaning != NULL) {
        str_addf(buf, "; it waits for %s", meaning);
    }
    if (waiting->wchan.len > 0) {
        str_add(buf, meaning != NULL ? " (" : "; it waits in ");
        facts_put(buf, waiting->wchan);
        str_add(buf, meaning != NULL ? ")" : "");
    }
}

static void tell_state(struct facts *facts, const struct raw_waiting *waiting)
{
    const struct proc *proc = facts->proc;
    struct strbuf *buf = facts_begin(facts);
    if (proc == NULL) {
        str_add(buf, "it has exited; what is shown is the last that was known of it");
        (void)facts_end(facts, "state");
        return;
    }
    const char state = waiting != NULL ? waiting->state : proc->state;
    str_add(buf, facts_state_words(state));
    if (waiting != NULL && is_waiting_state(state)) {
        put_wait(buf, waiting, facts->snap->as_root);
    }
    if (waiting != NULL && proc->thread_count > 1) {
        str_addf(buf, " [its first thread of %u]", (unsigned)proc->thread_count);
    }
    const double cpu = proc->cpu.user + proc->cpu.system;
    if (state == 'Z') {
        str_add(buf, ", but its parent has not asked how: ");
        facts_put_pid(facts, buf, proc->ppid);
    } else if ((proc->have & FACT_RATE) != 0 && (state == 'R' || cpu >= telling)) {
        str_add(buf, cpu >= busy ? "; it is busy, not stuck: uses " : "; it uses ");
        facts_put_share(buf, cpu);
        str_add(buf, " of a CPU");
    }
    struct dossier_fact *fact = facts_end(facts, "state");
    if (fact != NULL) {
        fact->alarming = strchr("DZTt", state) != NULL;
    }
}

static void tell_call(struct facts *facts, const struct raw_waiting *waiting)
{
    if (!waiting->in_syscall || !is_waiting_state(waiting->state)) {
        return;
    }
    struct strbuf *buf = facts_begin(facts);
    if (waiting->syscall_name.len > 0) {
        facts_put(buf, waiting->syscall_name);
    } else {
        str_addf(buf, "system call %lld", (long long)waiting->syscall);
    }
    if (waiting->syscall_fd >= 0) {
        str_addf(buf, " on descriptor %d", (int)waiting->syscall_fd);
    }
    if (waiting->syscall_file.len > 0) {
        str_add(buf, ": ");
        facts_put(buf, waiting->syscall_file);
    }
    (void)facts_end(facts, "call");
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
        if (lock->path.len > 0) {
            facts_put(buf, lock->path);
        } else {
            str_addf(buf, "inode %llu", (unsigned long long)lock->inode);
        }
        if (lock->holder > 0) {
            str_add(buf, ", held by ");
            facts_put_pid(facts, buf, lock->holder);
        }
        struct dossier_fact *fact = facts_end(facts, "lock");
        if (fact != NULL) {
            fact->alarming = true;
            facts_lead_to(facts, fact, lock->holder);
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

static void tell_delays(struct facts *facts)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_WAITING];
    if (pair->now == NULL || pair->before == NULL) {
        return;
    }
    const struct raw_waiting *was = &pair->before->as.waiting;
    const struct raw_waiting *is = &pair->now->as.waiting;
    tell_delay(facts, "run queue", "it was ready to run and waited for a CPU",
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

/* How many of the last periods ended with nothing left to run on. */
static void tell_throttling(struct facts *facts, const struct raw_cgroup_level *was,
                            const struct raw_cgroup_level *is)
{
    if (!has_quota(is) || is->periods == FIGURE_ABSENT || is->throttled_periods == FIGURE_ABSENT) {
        return;
    }
    const bool lately = was != NULL && is->periods > was->periods &&
                        is->throttled_periods >= was->throttled_periods;
    const uint64_t periods = lately ? is->periods - was->periods : is->periods;
    const uint64_t throttled =
        lately ? is->throttled_periods - was->throttled_periods : is->throttled_periods;
    if (periods == 0 || throttled == 0 || (was != NULL && !lately)) {
        return;
    }
    struct strbuf *buf = facts_begin(facts);
    str_add(buf, "throttled: its cgroup ");
    facts_put(buf, is->path);
    str_add(buf, " may use ");
    str_add_fixed(buf, (double)is->cpu_quota_ns / (double)is->cpu_period_ns, 2);
    str_add(buf, " CPUs, and ran out of that in ");
    facts_put_share(buf, (double)throttled / (double)periods);
    str_add(buf, lately ? " of the periods" : " of the periods so far");
    struct dossier_fact *fact = facts_end(facts, "cpu.max");
    if (fact != NULL) {
        fact->alarming = (double)throttled / (double)periods >= alarming;
    }
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
    str_add(buf, " is at ");
    facts_put_share(buf, (double)used / (double)limit);
    str_addf(buf, " of its %s", what);
    struct dossier_fact *fact = facts_end(facts, what);
    if (fact != NULL) {
        fact->alarming = true;
    }
}

static void tell_cgroup(struct facts *facts)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_CGROUP];
    for (size_t i = 0; pair->now != NULL && i < pair->now->as.cgroup.count; i++) {
        const struct raw_cgroup_level *level = &pair->now->as.cgroup.items[i];
        if (level->frozen) {
            struct strbuf *buf = facts_begin(facts);
            str_add(buf, "its cgroup is frozen: ");
            facts_put(buf, level->path);
            struct dossier_fact *fact = facts_end(facts, "frozen");
            if (fact != NULL) {
                fact->alarming = true;
            }
        }
        tell_throttling(facts, level_before(pair, i), level);
        tell_limit(facts, level, "memory.high", level->memory_current, level->memory_high);
        tell_limit(facts, level, "memory.max", level->memory_current, level->memory_max);
        tell_limit(facts, level, "pids.max", level->pids_current, level->pids_max);
    }
}

void facts_verdict(struct facts *facts)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_WAITING];
    const struct raw_waiting *waiting = pair->now != NULL ? &pair->now->as.waiting : NULL;
    facts_group_literal(facts, "why");
    const bool lives = facts->proc != NULL;
    if (waiting != NULL && lives) {
        tell_locks(facts, waiting); // of whichever thread: the first one may only sleep meanwhile
    }
    tell_state(facts, waiting);
    if (lives) {
        facts_add_trouble(facts, INSPECT_WAITING);
    }
    if (waiting != NULL && lives) {
        tell_call(facts, waiting);
    }
    if (lives) {
        tell_cgroup(facts); // before the time without a CPU, which a quota is the reason of
    }
    if (waiting != NULL && lives) {
        tell_delays(facts);
    }
}
