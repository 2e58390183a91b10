#include "model/snapshot.h"
#include "sampler/inspect_facts.h"

#include <string.h>

/* What a process waits for, and what its cgroup allows, line by line. */

/* --- waiting ---------------------------------------------------------------------------------- */

static void add_syscall(struct facts *facts, const struct raw_wait *is)
{
    if (is->syscall_denied) {
        (void)facts_add(facts, "system call", dossier_trouble(DOSSIER_DENIED, facts->snap->looker));
        return;
    }
    if (!is->in_syscall) {
        (void)facts_add(facts, "system call", "in none, or running");
        return;
    }
    struct strbuf *buf = facts_begin(facts);
    if (is->syscall_name.len > 0) {
        facts_put(buf, is->syscall_name);
        str_add(buf, " ");
    }
    str_addf(buf, "(number %lld)", (long long)is->syscall);
    (void)facts_end(facts, "system call");
    buf = facts_begin(facts);
    for (size_t i = 0; i < 6; i++) {
        str_addf(buf, "%s0x%llx", i > 0 ? ", " : "", (unsigned long long)is->args[i]);
    }
    (void)facts_end(facts, "arguments");
    if (is->syscall_fd >= 0) {
        str_addf(facts_begin(facts), "%d", (int)is->syscall_fd);
        (void)facts_end(facts, "descriptor");
    }
    facts_add_bytes(facts, "file", is->syscall_file);
    facts_ends(facts, is, SIZE_MAX);
}

static void add_stack(struct facts *facts, const struct raw_wait *is)
{
    if (is->stack_denied) {
        (void)facts_add(facts, "stack",
                        facts->snap->looker == LOOKER_USER
                            ? dossier_trouble(DOSSIER_DENIED, LOOKER_USER)
                            : "not permitted: perch needs CAP_SYS_ADMIN");
    }
    for (size_t i = 0; i < is->stack_count; i++) {
        facts_put(facts_begin(facts), is->stack[i]);
        (void)facts_end(facts, i == 0 ? "innermost" : "called by");
    }
}

static void add_state(struct facts *facts, const struct raw_wait *is)
{
    struct strbuf *buf = facts_begin(facts);
    str_addf(buf, "%c: %s", is->state, facts_state_words(is->state));
    if (is->alike > 1) {
        str_addf(buf, "; so are %u others", (unsigned)(is->alike - 1));
    }
    (void)facts_end(facts, "state");
    if (is->wchan.len > 0) {
        const char *meaning = facts_wait_words(is);
        buf = facts_begin(facts);
        facts_put(buf, is->wchan);
        str_addf(buf, "%s%s", meaning != NULL ? ": " : "", meaning != NULL ? meaning : "");
        (void)facts_end(facts, "sleeps in");
    }
}

/* All of a thread that does not wait as the first one does. */
static void add_thread(struct facts *facts, const struct raw_wait *is)
{
    char bytes[32];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    str_addf(&buf, "thread %d", (int)is->tid);
    facts_group(facts, (struct raw_bytes){.ptr = bytes, .len = (uint32_t)buf.len});
    facts_add_bytes(facts, "name", is->name);
    add_state(facts, is);
    add_syscall(facts, is);
    add_stack(facts, is);
}

static void put_range(struct strbuf *buf, const struct raw_lock *lock)
{
    if (lock->to < lock->from) {
        return; // not known
    }
    if (lock->from == 0 && lock->to == UINT64_MAX) {
        str_add(buf, ", whole file");
    } else if (lock->to == UINT64_MAX) {
        str_addf(buf, ", bytes %llu to the end", (unsigned long long)lock->from);
    } else {
        str_addf(buf, ", bytes %llu to %llu", (unsigned long long)lock->from,
                 (unsigned long long)lock->to);
    }
}

static void add_lock(struct facts *facts, const struct raw_lock *lock)
{
    struct strbuf *buf = facts_begin(facts);
    facts_put(buf, lock->type);
    str_addf(buf, " %s%s on ", lock->mandatory ? "mandatory " : "", lock->write ? "write" : "read");
    facts_put_lock_file(facts, buf, lock);
    put_range(buf, lock);
    str_add(buf, lock->waiting ? "; " : "");
    const int32_t holder = lock->waiting ? facts_put_lock_holders(facts, buf, lock) : 0;
    struct dossier_fact *fact = facts_end(facts, lock->waiting ? "waits for" : "holds");
    if (fact != NULL && lock->waiting) {
        fact->alarming = true;
        facts_lead_to(facts, fact, holder);
    }
}

static void add_delay(struct facts *facts, const char *what, uint64_t before, uint64_t now)
{
    if (now == FIGURE_ABSENT) {
        (void)facts_add(facts, what, dossier_trouble(DOSSIER_UNSUPPORTED, facts->snap->looker));
        return;
    }
    const double share = facts_share(&facts->set->parts[INSPECT_WAITING], before, now);
    struct strbuf *buf = facts_begin(facts);
    if (share >= 0) {
        facts_put_share(buf, share);
        str_add(buf, " of the time; ");
    }
    facts_put_duration(buf, now);
    str_add(buf, " since it started");
    (void)facts_end(facts, what);
}

void facts_waiting(struct facts *facts)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_WAITING];
    facts_group_literal(facts, "state");
    facts_add_trouble(facts, INSPECT_WAITING);
    if (pair->now == NULL) {
        return;
    }
    const struct raw_waiting *is = &pair->now->as.waiting;
    const struct raw_waiting *was = pair->before != NULL ? &pair->before->as.waiting : is;
    if (is->wait_count > 0) {
        add_state(facts, &is->waits[0]);
    }
    add_delay(facts, "run queue", was->run_delay_ns, is->run_delay_ns);
    add_delay(facts, "block I/O", was->block_delay_ns, is->block_delay_ns);
    if (is->wait_count > 0) {
        facts_group_literal(facts, "call");
        add_syscall(facts, &is->waits[0]);
    }
    facts_add_trouble(facts, INSPECT_PEERS);
    facts_group_literal(facts, "locks");
    for (size_t i = 0; i < is->lock_count; i++) {
        add_lock(facts, &is->locks[i]);
    }
    if (is->locks_denied) {
        str_addf(facts_begin(facts), "of its open files: %s",
                 dossier_trouble(DOSSIER_DENIED, facts->snap->looker));
        (void)facts_end(facts, "file locks");
    } else if (is->lock_count == 0) {
        (void)facts_add(facts, "file locks", "none");
    }
    if (is->wait_count > 0) {
        facts_group_literal(facts, "kernel stack");
        add_stack(facts, &is->waits[0]);
    }
    for (size_t i = 1; i < is->wait_count; i++) {
        add_thread(facts, &is->waits[i]);
    }
}

/* --- cgroup ----------------------------------------------------------------------------------- */

const char *facts_cgroup_file(const struct raw_inspect *answer, const char *v2_name)
{
    static const struct {
        const char *v2, *v1;
    } names[] = {
        {"cpu.max", "cpu.cfs_quota_us"},
        {"memory.max", "memory limit"}, // the name of its file is too long for a column
        {"memory.events", "memory.failcnt"},
        {"swap.max", "swap"}, // v1 counts it together with memory
    };
    for (size_t i = 0; !answer->as.cgroup.v2 && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(v2_name, names[i].v2) == 0) {
            return names[i].v1;
        }
    }
    return v2_name;
}

bool facts_has_left_cgroup(const struct raw_inspect *answer)
{
    return answer->has_ended && !answer->as.cgroup.v2;
}

static void end_file(struct facts *facts, const char *v2_name)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_CGROUP];
    (void)facts_end(facts, facts_cgroup_file(pair->now, v2_name));
}

static void add_cpu(struct facts *facts, const struct raw_cgroup_level *was,
                    const struct raw_cgroup_level *is)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_CGROUP];
    if (is->cpu_quota_ns != FIGURE_ABSENT && is->cpu_period_ns != FIGURE_ABSENT &&
        is->cpu_period_ns > 0) {
        struct strbuf *buf = facts_begin(facts);
        str_add_fixed(buf, (double)is->cpu_quota_ns / (double)is->cpu_period_ns, 2);
        str_addf(buf, " CPUs (%llu us in every %llu us)",
                 (unsigned long long)(is->cpu_quota_ns / 1000),
                 (unsigned long long)(is->cpu_period_ns / 1000));
        end_file(facts, "cpu.max");
    }
    if (is->throttled_periods != FIGURE_ABSENT && is->periods != FIGURE_ABSENT && is->periods > 0) {
        struct strbuf *buf = facts_begin(facts);
        const double share = facts_share(pair, was->throttled_ns, is->throttled_ns);
        if (share >= 0) {
            facts_put_share(buf, share);
            str_add(buf, " of the time; ");
        }
        str_addf(buf, "%llu of %llu periods", (unsigned long long)is->throttled_periods,
                 (unsigned long long)is->periods);
        struct dossier_fact *fact = facts_end(facts, "throttled");
        if (fact != NULL) {
            fact->alarming = share > 0;
        }
    }
    const double used = facts_share(pair, was->usage_ns, is->usage_ns);
    if (used >= 0) {
        struct strbuf *buf = facts_begin(facts);
        facts_put_share(buf, used);
        str_add(buf, " of a CPU");
        (void)facts_end(facts, "cpu usage");
    }
    if (is->cpu_weight != FIGURE_ABSENT) {
        str_addf(facts_begin(facts), "%llu", (unsigned long long)is->cpu_weight);
        (void)facts_end(facts, "cpu.weight");
    }
    if (is->cpu_shares != FIGURE_ABSENT) {
        str_addf(facts_begin(facts), "%llu", (unsigned long long)is->cpu_shares);
        (void)facts_end(facts, "cpu.shares");
    }
}

/* A figure and its limit, if it has one. */
static void add_use(struct facts *facts, const char *what, uint64_t used, uint64_t limit)
{
    if (used == FIGURE_ABSENT && limit == FIGURE_ABSENT) {
        return;
    }
    const double nearly = 0.9;
    struct strbuf *buf = facts_begin(facts);
    if (used != FIGURE_ABSENT) {
        facts_put_bytes(buf, used);
        str_add(buf, limit == FIGURE_ABSENT ? " used" : "");
    }
    bool alarming = false;
    if (limit != FIGURE_ABSENT) {
        str_add(buf, used != FIGURE_ABSENT ? " of " : "limit ");
        facts_put_bytes(buf, limit);
        if (used != FIGURE_ABSENT && limit > 0) {
            str_add(buf, ", ");
            facts_put_share(buf, (double)used / (double)limit);
            alarming = (double)used >= nearly * (double)limit;
        }
    } else {
        str_add(buf, ", no limit");
    }
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_CGROUP];
    struct dossier_fact *fact = facts_end(facts, facts_cgroup_file(pair->now, what));
    if (fact != NULL) {
        fact->alarming = alarming;
    }
}

static void add_events(struct facts *facts, const struct raw_cgroup_level *is)
{
    const struct {
        const char *what;
        uint64_t count;
    } events[] = {
        {"low", is->memory_low_events},    {"high", is->memory_high_events},
        {"max", is->memory_max_events},    {"oom", is->oom_events},
        {"oom_kill", is->oom_kill_events},
    };
    struct strbuf *buf = facts_begin(facts);
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if (events[i].count != FIGURE_ABSENT) {
            str_addf(buf, "%s%s %llu", buf->len > 0 ? ", " : "", events[i].what,
                     (unsigned long long)events[i].count);
        }
    }
    if (buf->len > 0) {
        end_file(facts, "memory.events");
    }
}

static void add_pressure(struct facts *facts, const char *what, const struct raw_pressure *is)
{
    struct strbuf *buf = facts_begin(facts);
    if (is->some_known) {
        str_add(buf, "some ");
        facts_put_share(buf, is->some_10s);
        str_add(buf, ", ");
        facts_put_share(buf, is->some_60s);
    }
    if (is->full_known) {
        str_add(buf, is->some_known ? "; full " : "full ");
        facts_put_share(buf, is->full_10s);
        str_add(buf, ", ");
        facts_put_share(buf, is->full_60s);
    }
    if (buf->len > 0) {
        str_add(buf, " (of 10 s, 60 s)");
        (void)facts_end(facts, what);
    }
}

static void add_level(struct facts *facts, const struct raw_cgroup_level *was,
                      const struct raw_cgroup_level *is)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_CGROUP];
    facts_group(facts, is->path);
    const size_t begun = facts->count;
    if (is->frozen) {
        struct dossier_fact *fact = facts_add(facts, "frozen", "yes");
        if (fact != NULL) {
            fact->alarming = true;
        }
    }
    add_cpu(facts, was, is);
    if (pair->now->as.cgroup.v2) { // v1 has no such limit
        add_use(facts, "memory.high", is->memory_current, is->memory_high);
    }
    add_use(facts, "memory.max", is->memory_current, is->memory_max);
    add_use(facts, "swap.max", is->swap_current, is->swap_max);
    add_events(facts, is);
    if (is->pids_current != FIGURE_ABSENT) {
        struct strbuf *buf = facts_begin(facts);
        str_addf(buf, "%llu", (unsigned long long)is->pids_current);
        if (is->pids_max != FIGURE_ABSENT) {
            str_addf(buf, " of %llu", (unsigned long long)is->pids_max);
        } else {
            str_add(buf, " used, no limit");
        }
        (void)facts_end(facts, "pids.max");
    }
    if (is->io_read_bytes != FIGURE_ABSENT) {
        struct strbuf *buf = facts_begin(facts);
        str_add(buf, "read ");
        facts_put_bytes(buf, is->io_read_bytes);
        str_add(buf, ", written ");
        facts_put_bytes(buf, is->io_write_bytes);
        (void)facts_end(facts, "I/O");
    }
    add_pressure(facts, "pressure: cpu", &is->psi_cpu);
    add_pressure(facts, "pressure: memory", &is->psi_memory);
    add_pressure(facts, "pressure: I/O", &is->psi_io);
    if (facts->count == begun) {
        (void)facts_add(facts, "limits", "none, and nothing is counted here");
    }
}

void facts_cgroup(struct facts *facts, size_t levels)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_CGROUP];
    facts_group_literal(facts, "cgroup");
    facts_add_trouble(facts, INSPECT_CGROUP);
    if (pair->now == NULL) {
        return;
    }
    if (facts_has_left_cgroup(pair->now)) {
        (void)facts_add(facts, "cgroup", "not known: it has ended, and is in none of its own");
        return;
    }
    const size_t before = pair->before != NULL ? pair->before->as.cgroup.count : 0;
    for (size_t i = 0; i < levels && i < pair->now->as.cgroup.count; i++) {
        const struct raw_cgroup_level *is = &pair->now->as.cgroup.items[i];
        const struct raw_cgroup_level *was = i < before ? &pair->before->as.cgroup.items[i] : is;
        const bool same =
            was->path.len == is->path.len && memcmp(was->path.ptr, is->path.ptr, is->path.len) == 0;
        add_level(facts, same ? was : is, is);
    }
    if (pair->now->as.cgroup.count == 0) {
        (void)facts_add(facts, "cgroup", "it is in none, or in the root");
    }
}
