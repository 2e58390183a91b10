#include "base/arena.h"
#include "model/snapshot.h"
#include "model/value.h"
#include "platform/platform.h"
#include "sampler/inspect_facts.h"
#include "sampler/text.h"

#include <string.h>

/* Who a process is, in lines. */

enum {
    PARENTS_MAX = 8,
    GROUPS_SHOWN = 32,
    CONTAINER_ID = 64, // hexadecimal digits of the runtimes' identifiers
    CONTAINER_SHOWN = 12,
};

/* --- the command ------------------------------------------------------------------------------ */

/* All of it, however long: whoever shows it leaves away what is too much. */
static void add_command(struct facts *facts, struct raw_bytes cmdline)
{
    const bool is_kernel = facts->proc != NULL && (facts->proc->flags & PROC_KERNEL) != 0;
    while (cmdline.len > 0 && cmdline.ptr[cmdline.len - 1] == '\0') {
        cmdline.len--;
    }
    facts_group_literal(facts, "command");
    if (cmdline.len == 0) {
        (void)facts_add(facts, "command",
                        is_kernel ? "none: it is a thread of the kernel"
                                  : "none: it was given no arguments, or has ended");
        return;
    }
    char *const line = arena_alloc(facts->arena, cmdline.len, 1);
    (void)facts_begin(facts);
    struct dossier_fact *fact = facts_end(facts, "command");
    facts->full |= line == NULL || fact == NULL;
    if (facts->full) {
        return;
    }
    for (size_t i = 0; i < cmdline.len; i++) {
        line[i] = cmdline.ptr[i] == '\0' ? ' ' : cmdline.ptr[i];
    }
    fact->value = text_from_all(facts->arena, line, cmdline.len);
    facts->full |= fact->value.bytes == 0;
}

static void add_link(struct facts *facts, const char *what, struct raw_bytes target, bool denied)
{
    if (denied) {
        (void)facts_add(facts, what, dossier_trouble(DOSSIER_DENIED, facts->snap->looker));
    } else {
        facts_add_bytes(facts, what, target);
    }
}

/* --- who ------------------------------------------------------------------------------------- */

static void put_uid(struct facts *facts, struct strbuf *buf, uint32_t uid)
{
    for (size_t i = 0; i < facts->snap->proc_count; i++) {
        const struct proc *proc = &facts->snap->procs[i];
        if ((proc->have & FACT_OWNER) != 0 && (proc->have & FACT_USER) != 0 && proc->uid == uid) {
            str_add_bytes(buf, proc->user.ptr, proc->user.bytes);
            str_addf(buf, " (%u)", (unsigned)uid);
            return;
        }
    }
    str_addf(buf, "%u", (unsigned)uid);
}

static void add_users(struct facts *facts, const struct raw_identity *is)
{
    struct strbuf *buf = facts_begin(facts);
    put_uid(facts, buf, is->uid[1]);
    if (is->uid[0] != is->uid[1] || is->uid[2] != is->uid[1]) {
        str_add(buf, "; really ");
        put_uid(facts, buf, is->uid[0]);
        str_add(buf, ", saved ");
        put_uid(facts, buf, is->uid[2]);
    }
    if (is->login_uid != UINT32_MAX && is->login_uid != is->uid[1]) {
        str_add(buf, "; logged in as ");
        put_uid(facts, buf, is->login_uid);
    }
    (void)facts_end(facts, "user");
    buf = facts_begin(facts);
    str_addf(buf, "%u", (unsigned)is->gid[1]);
    if (is->gid[0] != is->gid[1]) {
        str_addf(buf, "; really %u", (unsigned)is->gid[0]);
    }
    for (size_t i = 0; i < is->group_count && i < GROUPS_SHOWN; i++) {
        str_addf(buf, "%s%u", i == 0 ? "; also " : ", ", (unsigned)is->groups[i]);
    }
    str_add(buf, is->group_count > GROUPS_SHOWN ? " ..." : "");
    (void)facts_end(facts, "groups");
}

/* What the list says of it, now or when it was there last. */
static struct inspect_last listed(const struct facts *facts, bool *ret_ended)
{
    *ret_ended = facts->proc == NULL || (facts->proc->flags & PROC_EXITED) != 0;
    return *ret_ended ? facts->set->last : inspect_last_of(facts->proc);
}

static void add_times(struct facts *facts)
{
    bool ended = false;
    const struct inspect_last last = listed(facts, &ended);
    if (!last.known) {
        return;
    }
    const struct value_style style = {
        .cells = 20,
        .utc_offset_s = facts->snap->utc_offset_s,
        .now_wall_s = facts->snap->wall_s,
    };
    const struct value start = {.kind = VALUE_WALL, .as.integer = last.start_wall_s};
    struct strbuf *buf = facts_begin(facts);
    value_format(&start, &style, buf);
    if (last.elapsed_ns != FIGURE_ABSENT) {
        const struct value age = {.kind = VALUE_AGE, .as.ns = last.elapsed_ns};
        str_add(buf, ended ? ", lived " : ", ");
        value_format(&age, &style, buf);
        str_add(buf, ended ? "" : " ago");
    }
    (void)facts_end(facts, "started");
}

/* Up to the first process; each line leads there. */
static void add_parents(struct facts *facts, int32_t pid)
{
    const char *what = "parent";
    for (int i = 0; pid > 0 && i < PARENTS_MAX; i++) {
        facts_put_pid(facts, facts_begin(facts), pid);
        facts_lead_to(facts, facts_end(facts, what), pid);
        const struct proc *proc = snapshot_find_pid(facts->snap, pid);
        pid = proc != NULL ? proc->ppid : 0;
        what = "its parent";
    }
}

/* --- where it is confined --------------------------------------------------------------------- */

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Runtimes name the cgroup after the container. False when there is no such name in it. */
static bool find_container(struct raw_bytes path, size_t *ret_at)
{
    size_t run = 0;
    bool found = false;
    for (size_t i = 0; i < path.len; i++) {
        run = is_hex(path.ptr[i]) ? run + 1 : 0;
        if (run == CONTAINER_ID) {
            *ret_at = i + 1 - CONTAINER_ID; // the innermost one
            found = true;
        }
    }
    return found;
}

static bool ends_with(struct raw_bytes bytes, const char *end)
{
    const size_t len = strlen(end);
    return bytes.len > len && memcmp(bytes.ptr + bytes.len - len, end, len) == 0;
}

/* The innermost part of the path that is a unit of systemd's; length 0: none. */
static struct raw_bytes find_unit(struct raw_bytes path)
{
    struct raw_bytes unit = {.ptr = "", .len = 0};
    for (size_t from = 0; from < path.len;) {
        const char *slash = memchr(path.ptr + from, '/', path.len - from);
        const size_t end = slash != NULL ? (size_t)(slash - path.ptr) : path.len;
        const struct raw_bytes part = {.ptr = path.ptr + from, .len = (uint32_t)(end - from)};
        if (ends_with(part, ".service") || ends_with(part, ".scope")) {
            unit = part;
        }
        from = end + 1;
    }
    return unit;
}

static void add_namespaces(struct facts *facts, const struct raw_identity *is)
{
    size_t other = 0;
    if (is->namespaces_denied || is->namespace_count == 0) {
        add_link(facts, "namespaces", (struct raw_bytes){0}, is->namespaces_denied);
        return;
    }
    struct strbuf *buf = facts_begin(facts);
    for (size_t i = 0; i < is->namespace_count; i++) {
        if (!is->namespaces[i].same) {
            str_add(buf, other++ == 0 ? "not perch's: " : ", ");
            facts_put(buf, is->namespaces[i].type);
        }
    }
    str_add(buf, other > 0 ? "" : "the same as perch's");
    (void)facts_end(facts, "namespaces");
}

static void add_place(struct facts *facts, const struct raw_inspect *answer)
{
    const struct raw_identity *is = &answer->as.identity;
    size_t at = 0;
    facts_group_literal(facts, "confinement");
    if (answer->has_ended && is->cgroup.len == 1) { // v1 puts it in the root
        (void)facts_add(facts, "cgroup", "not known: it has ended, and is in none of its own");
    } else {
        facts_add_bytes(facts, "cgroup", is->cgroup);
    }
    facts_add_bytes(facts, "unit", find_unit(is->cgroup));
    if (find_container(is->cgroup, &at)) {
        facts_add_bytes(facts, "container",
                        (struct raw_bytes){.ptr = is->cgroup.ptr + at, .len = CONTAINER_SHOWN});
    }
    add_namespaces(facts, is);
}

/* capabilities(7), by number. */
static const char *const capabilities[] = {
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
};
enum { CAPABILITIES = sizeof(capabilities) / sizeof(capabilities[0]) };

static void add_capabilities(struct facts *facts, const char *what, uint64_t mask)
{
    const uint64_t all = (UINT64_C(1) << CAPABILITIES) - 1;
    struct strbuf *buf = facts_begin(facts);
    if ((mask & all) == 0 || (mask & all) == all) {
        str_add(buf, mask == 0 ? "none" : "all");
        (void)facts_end(facts, what);
        return;
    }
    unsigned count = 0;
    for (unsigned i = 0; i < CAPABILITIES; i++) {
        count += (mask & (UINT64_C(1) << i)) != 0;
    }
    const bool most = count > CAPABILITIES / 2; // then those it lacks are fewer
    str_add(buf, most ? "all but" : "");
    for (unsigned i = 0; i < CAPABILITIES; i++) {
        if (((mask & (UINT64_C(1) << i)) != 0) != most) {
            str_addf(buf, "%s%s", buf->len > 0 ? " " : "", capabilities[i]);
        }
    }
    (void)facts_end(facts, what);
}

static void add_signals(struct facts *facts, const char *what, uint64_t mask)
{
    size_t count = 0;
    const struct platform_signal *signals = platform_signals(&count);
    struct strbuf *buf = facts_begin(facts);
    for (size_t i = 0; i < count; i++) {
        const int number = signals[i].number;
        if (number >= 1 && number <= 64 && (mask & (UINT64_C(1) << (number - 1))) != 0) {
            str_addf(buf, "%s%s", buf->len > 0 ? " " : "", signals[i].name);
        }
    }
    if (buf->len > 0) {
        (void)facts_end(facts, what);
    }
}

static void add_rights(struct facts *facts, const struct raw_identity *is)
{
    static const char *const filters[] = {"off", "strict", "filter"};
    facts_group_literal(facts, "rights");
    add_capabilities(facts, "capabilities", is->cap_effective);
    if (is->cap_permitted != is->cap_effective) {
        add_capabilities(facts, "permitted", is->cap_permitted);
    }
    if (is->cap_ambient != 0) {
        add_capabilities(facts, "ambient", is->cap_ambient);
    }
    facts_add_bytes(facts, "security label", is->label);
    if (is->seccomp < sizeof(filters) / sizeof(filters[0])) {
        (void)facts_add(facts, "seccomp", filters[is->seccomp]);
    }
    if (is->no_new_privs) {
        (void)facts_add(facts, "no new privileges", "yes");
    }
    if (is->umask != UINT32_MAX) {
        str_addf(facts_begin(facts), "%03o", (unsigned)is->umask);
        (void)facts_end(facts, "umask");
    }
}

static void add_memory(struct facts *facts, const struct raw_identity *is)
{
    bool ended = false;
    const struct inspect_last last = listed(facts, &ended);
    facts_group_literal(facts, "memory");
    if (!ended && (facts->proc->flags & PROC_KERNEL) != 0) {
        (void)facts_add(facts, "resident", "none: the kernel's memory is not counted by thread");
    } else if (last.known) {
        struct strbuf *buf = facts_begin(facts);
        facts_put_bytes(buf, last.resident_bytes);
        if (last.resident_fraction >= 0) {
            str_add(buf, ", ");
            facts_put_share(buf, last.resident_fraction);
            str_add(buf, " of the machine's");
        }
        (void)facts_end(facts, "resident");
    }
    if (is->oom_score != INT32_MIN) {
        struct strbuf *buf = facts_begin(facts);
        str_addf(buf, "%d", (int)is->oom_score);
        if (is->oom_score_adj != INT32_MIN) {
            str_addf(buf, ", adjusted by %d", (int)is->oom_score_adj);
        }
        (void)facts_end(facts, "OOM score");
    }
}

void facts_identity(struct facts *facts)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_IDENTITY];
    if (pair->now == NULL) {
        facts_group_literal(facts, "identity");
        facts_add_trouble(facts, INSPECT_IDENTITY);
        return;
    }
    const struct raw_identity *is = &pair->now->as.identity;
    add_command(facts, is->cmdline);
    add_link(facts, "executable", is->exe, is->exe_denied);
    if (inspect_is_deleted(is->exe)) {
        (void)facts_add(facts, "version",
                        "one that has been deleted or replaced on disk since it started");
    }
    add_link(facts, "directory", is->cwd, is->cwd_denied);
    if (is->root_denied || is->root.len != 1 || is->root.ptr[0] != '/') {
        add_link(facts, "root", is->root, is->root_denied);
    }
    facts_group_literal(facts, "identity");
    facts_add_trouble(facts, INSPECT_IDENTITY);
    add_users(facts, is);
    add_times(facts);
    add_parents(facts, is->ppid);
    if (is->tracer > 0) {
        facts_put_pid(facts, facts_begin(facts), is->tracer);
        facts_lead_to(facts, facts_end(facts, "traced by"), is->tracer);
    }
    add_place(facts, pair->now);
    add_memory(facts, &pair->now->as.identity);
    add_rights(facts, is);
    facts_group_literal(facts, "signals");
    add_signals(facts, "caught", is->signals_caught);
    add_signals(facts, "ignored", is->signals_ignored);
    add_signals(facts, "blocked", is->signals_blocked);
}
