#include "model/protect.h"

#include "base/str.h"

#include <string.h>

enum {
    ANCESTORS_MAX = 256,    // steps up from us; who reads a torn list may find a circle
    KERNEL_NAME_BYTES = 15, // longer names of processes are cut by the kernel
};

/* Whether perch runs under the process with this pid. */
static bool is_ancestor(const struct snapshot *snap, int32_t pid, int32_t own_pid)
{
    const struct proc *at = snapshot_find_pid(snap, own_pid);

    for (int steps = 0; at && steps < ANCESTORS_MAX; steps++) {
        const struct proc *parent = snapshot_find_pid(snap, at->ppid);
        // A parent that is younger got the pid of the real one, which is gone.
        if (!parent || parent->id.start_ns > at->id.start_ns) {
            return false;
        }
        if (parent->id.pid == pid) {
            return true;
        }
        at = parent;
    }
    return false;
}

static bool same_bytes(const char *ptr, size_t len, const char *word, size_t word_len)
{
    return len == word_len && memcmp(ptr, word, len) == 0;
}

/* Whether a word of the settings means this process. */
static bool is_named(const struct proc *proc, const char *word, size_t len)
{
    uint64_t pid = 0;

    if (str_take_u64(word, len, &pid) == len && proc->id.pid > 0 && pid == (uint64_t)proc->id.pid) {
        return true;
    }
    // A whole name in the settings is that of a cut one, too: one question too many is the lesser
    // evil, and the command line, which would tell, may not have been read.
    const struct text *name = &proc->name;
    if (same_bytes(name->ptr, name->bytes, word, len) ||
        (name->bytes == KERNEL_NAME_BYTES && len > name->bytes &&
         memcmp(name->ptr, word, name->bytes) == 0)) {
        return true;
    }
    return (proc->have & FACT_CMDLINE) != 0 && proc->cmdline_name_bytes > 0 &&
           same_bytes(proc->cmdline.ptr + proc->cmdline_name_at, proc->cmdline_name_bytes, word,
                      len);
}

/* Whether the settings name it, or the process it is a thread of. */
static bool is_listed(const struct snapshot *snap, const struct proc *proc, const char *names)
{
    static const char separators[] = " \t,";
    const bool thread = (proc->flags & PROC_THREAD) != 0;
    const struct proc *group = thread ? snapshot_find_pid(snap, proc->group_pid) : NULL;

    for (const char *at = names + strspn(names, separators); *at != '\0';) {
        size_t len = strcspn(at, separators);
        if (is_named(proc, at, len) || (group && is_named(group, at, len))) {
            return true;
        }
        at += len;
        at += strspn(at, separators);
    }
    return false;
}

enum protection protect_reason(const struct snapshot *snap, const struct proc *proc,
                               int32_t own_pid, const char *names)
{
    const int32_t pid = (proc->flags & PROC_THREAD) != 0 ? proc->group_pid : proc->id.pid;

    if ((proc->flags & PROC_KERNEL) != 0) {
        return PROTECT_KERNEL;
    }
    if (pid == 1) {
        return PROTECT_INIT;
    }
    if (pid == own_pid) {
        return PROTECT_SELF;
    }
    if (is_ancestor(snap, pid, own_pid)) {
        return PROTECT_ANCESTOR;
    }
    return is_listed(snap, proc, names) ? PROTECT_LISTED : PROTECT_NOTHING;
}

const char *protect_text(enum protection protection)
{
    switch (protection) {
    case PROTECT_NOTHING:
        break;
    case PROTECT_INIT:
        return "the first process of the system";
    case PROTECT_SELF:
        return "perch itself";
    case PROTECT_ANCESTOR:
        return "a process perch runs under";
    case PROTECT_LISTED:
        return "a process protected in the settings";
    case PROTECT_LOGIN:
        return "the connection of a login over the network";
    case PROTECT_KERNEL:
        return "a kernel thread";
    }
    return NULL;
}

struct target target_of(const struct snapshot *snap, const struct proc *proc, int32_t own_pid,
                        const char *names)
{
    struct target target = {
        .id = proc->id,
        .group_pid = (proc->flags & PROC_THREAD) != 0 ? proc->group_pid : proc->id.pid,
        .uid = (proc->have & FACT_OWNER) != 0 ? proc->uid : 0,
        .protection = protect_reason(snap, proc, own_pid, names),
    };
    struct strbuf name;
    struct strbuf user;

    str_init(&name, target.name, sizeof(target.name));
    str_add(&name, proc->name.ptr);
    str_init(&user, target.user, sizeof(target.user));
    if ((proc->have & FACT_USER) != 0 && proc->user.bytes > 0) {
        str_add(&user, proc->user.ptr);
    } else if ((proc->have & FACT_OWNER) != 0) {
        str_addf(&user, "%u", (unsigned)proc->uid);
    }
    return target;
}

struct target target_of_holder(const struct snapshot *snap, const struct socket_owner *holder,
                               int32_t own_pid, const char *names)
{
    static const char login[] = "sshd"; // "sshd-session" too
    const struct proc *proc = snapshot_find(snap, holder->id);
    if (proc != NULL) {
        struct target target = target_of(snap, proc, own_pid, names);
        if (target.protection == PROTECT_NOTHING &&
            strncmp(target.name, login, sizeof(login) - 1) == 0) {
            target.protection = PROTECT_LOGIN; // under tmux it may be ours without being above us
        }
        return target;
    }
    struct target target = {.id = holder->id, .group_pid = holder->id.pid};
    struct strbuf name;
    str_init(&name, target.name, sizeof(target.name));
    str_add(&name, holder->name.ptr);
    return target;
}
