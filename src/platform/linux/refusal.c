#include "base/str.h"
#include "platform/linux/cgroup.h"
#include "platform/linux/cpus.h"
#include "platform/linux/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Why the kernel said no. It gives one number, so the checks it makes are made again here in its
 * order, with what can be known from outside: who owns the process, what perch may do, and which
 * limits apply. The first that fails is the reason. Source: kernel/signal.c, kernel/sys.c,
 * kernel/sched/syscalls.c, block/ioprio.c, fs/proc/base.c.
 */

/* What is known of both sides. */
struct facts {
    const struct platform_pin *pin;
    const struct deed *deed;
    int dir; // of the target in /proc
    bool owner_known;
    uint32_t real_uid, effective_uid, saved_uid; // of the target
    bool kernel;                                 // a kernel thread
    int32_t nice, policy;                        // as it is now
    bool first_namespace; // perch is in the user namespace some checks demand
};

/*
 * The first number behind a line's title. Only what stands at the beginning of a line is a title:
 * the process chooses its name, but a newline in it is escaped by the kernel.
 */
static size_t find_line(const struct procfs_file *file, const char *title)
{
    const size_t len = strlen(title);
    size_t at = 0;
    while (at + len <= file->len) {
        const char *const line = file->ptr + at;
        if (memcmp(line, title, len) == 0) {
            return at + len;
        }
        const char *const newline = memchr(line, '\n', file->len - at);
        if (!newline) {
            break;
        }
        at = (size_t)(newline - file->ptr) + 1;
    }
    return 0;
}

/* The next number on a line; *at is moved behind it. */
static bool take_number(const struct procfs_file *file, size_t *at, uint64_t *ret)
{
    while (*at < file->len && (file->ptr[*at] == ' ' || file->ptr[*at] == '\t')) {
        (*at)++;
    }
    const size_t len = str_take_u64(file->ptr + *at, file->len - *at, ret);
    *at += len;
    return len > 0;
}

/* "Uid:	real	effective	saved	file system" */
static void read_owner(struct facts *facts)
{
    struct procfs_file file = {0};
    uint64_t uids[3];
    size_t at = procfs_read_all(facts->dir, "status", &file) ? 0 : find_line(&file, "Uid:");
    bool known = at > 0;
    for (size_t i = 0; i < 3 && known; i++) {
        known = take_number(&file, &at, &uids[i]);
    }
    facts->owner_known = known;
    if (known) {
        facts->real_uid = (uint32_t)uids[0];
        facts->effective_uid = (uint32_t)uids[1];
        facts->saved_uid = (uint32_t)uids[2];
    }
    procfs_file_finish(&file);
}

static void read_stat(struct facts *facts)
{
    char buf[PROCFS_STAT_BYTES];
    size_t len;
    struct raw_proc proc;
    if (procfs_read(facts->dir, "stat", buf, sizeof(buf), &len) == 0 &&
        parse_proc_stat(buf, len, &facts->pin->platform->units, &proc) == 0) {
        facts->kernel = proc.kernel;
        facts->nice = proc.nice;
        facts->policy = (int32_t)proc.policy;
    }
}

/* "0 0 4294967295": all users mapped to themselves, as only the first namespace does. */
static bool read_first_namespace(const struct platform *platform)
{
    struct procfs_file file = {0};
    uint64_t inner = 1;
    uint64_t outer = 1;
    uint64_t count = 0;
    size_t at = 0;
    // Without the file the kernel has no user namespaces.
    const bool is_first =
        procfs_read_all(platform->proc_fd, "self/uid_map", &file) != 0 ||
        (take_number(&file, &at, &inner) && take_number(&file, &at, &outer) &&
         take_number(&file, &at, &count) && inner == 0 && outer == 0 && count == UINT32_MAX);
    procfs_file_finish(&file);
    return is_first;
}

static bool under_seccomp(const struct platform *platform)
{
    struct procfs_file file = {0};
    uint64_t mode = 0;
    size_t at =
        procfs_read_all(platform->proc_fd, "self/status", &file) ? 0 : find_line(&file, "Seccomp:");
    const bool filtered = at > 0 && take_number(&file, &at, &mode) && mode == 2;
    procfs_file_finish(&file);
    return filtered;
}

/*
 * A limit of the target, by the title of its line in `limits`; of perch when that cannot be read.
 * The kernel looks at the target's. Anybody may read the file.
 */
static uint64_t read_limit(const struct facts *facts, const char *title, int resource)
{
    struct procfs_file file = {0};
    struct rlimit own;
    uint64_t limit = 0;
    size_t at = procfs_read_all(facts->dir, "limits", &file) ? 0 : find_line(&file, title);
    if (at == 0) {
        limit = getrlimit((__rlimit_resource_t)resource, &own) == 0 ? own.rlim_cur : 0;
    } else if (!take_number(&file, &at, &limit)) {
        limit = UINT64_MAX; // "unlimited"
    }
    procfs_file_finish(&file);
    return limit;
}

/* Whether a check for this capability passes; some are made in the first user namespace only. */
static bool capable(const struct facts *facts, unsigned capability)
{
    return privileges_have(capability) && facts->first_namespace;
}

/* Which of the target's users the kernel compares with ours is different for each deed. */
static bool is_owner(const struct facts *facts)
{
    const uint32_t effective = geteuid();
    const uint32_t real = getuid();
    if (!facts->owner_known) {
        return true; // not known to be the reason
    }
    switch (facts->deed->kind) {
    case DEED_SIGNAL:
    case DEED_TERMINATE:
    case DEED_STOP:
        return effective == facts->real_uid || effective == facts->saved_uid ||
               real == facts->real_uid || real == facts->saved_uid;
    case DEED_IOPRIO:
        return effective == facts->real_uid || real == facts->real_uid;
    case DEED_AUTOGROUP:
    case DEED_OOM_ADJ: // files
        return effective == facts->effective_uid;
    case DEED_NICE:
    case DEED_AFFINITY:
    case DEED_SCHEDULING:
        return effective == facts->real_uid || effective == facts->effective_uid;
    case DEED_FREEZE:
    case DEED_KILL_GROUP:
    case DEED_CLOSE:
    case DEED_COUNT:
        break;
    }
    return true; // the owner of the cgroup is what counts
}

/* The capability that stands in for being the owner. */
static void owner_override(enum deed_kind kind, unsigned *ret_number, const char **ret_name)
{
    const bool is_signal = kind == DEED_SIGNAL || kind == DEED_TERMINATE || kind == DEED_STOP;
    const bool is_file = kind == DEED_AUTOGROUP || kind == DEED_OOM_ADJ;
    *ret_number = is_signal ? CAP_KILL : is_file ? CAP_DAC_OVERRIDE : CAP_SYS_NICE;
    *ret_name = is_signal ? "CAP_KILL" : is_file ? "CAP_DAC_OVERRIDE" : "CAP_SYS_NICE";
}

static void set(struct deed_result *result, enum deed_obstacle obstacle, const char *needs)
{
    result->obstacle = obstacle;
    result->needs = needs;
}

/* RLIMIT_NICE counts from 1 for nice 19 to 40 for nice -20. What is set may be kept in any case. */
static void set_nice_limit(struct deed_result *result, uint64_t limit, int32_t current)
{
    const int32_t lowest = limit >= 40 ? -20 : 20 - (int32_t)limit;
    set(result, OBSTACLE_NICE_LIMIT, "CAP_SYS_NICE");
    result->limit = lowest < current ? lowest : current;
}

static uint64_t read_nice_limit(const struct facts *facts)
{
    return read_limit(facts, "Max nice priority", RLIMIT_NICE);
}

/* A refusal by sched_setscheduler() for a process of ours. */
static void explain_scheduling(const struct facts *facts, struct deed_result *result)
{
    const int32_t policy = facts->deed->value.sched.policy;
    if (policy == POLICY_FIFO || policy == POLICY_RR) {
        if (capable(facts, CAP_SYS_NICE)) {
            set(result, under_seccomp(facts->pin->platform) ? OBSTACLE_SECCOMP : OBSTACLE_RT_GROUP,
                NULL);
            return;
        }
        const uint64_t limit = read_limit(facts, "Max realtime priority", RLIMIT_RTPRIO);
        const uint64_t wanted = (uint64_t)facts->deed->value.sched.rt_priority;
        const bool within = wanted <= limit; // then it is about the flag for children
        set(result, within ? OBSTACLE_CAPABILITY : OBSTACLE_RTPRIO_LIMIT, "CAP_SYS_NICE");
        result->limit = within ? 0 : limit > 99 ? 99 : (int32_t)limit;
    } else if (!capable(facts, CAP_SYS_NICE)) {
        // From IDLE upwards is as to a lower nice value; otherwise it is the flag for children.
        const uint64_t limit = read_nice_limit(facts);
        if (facts->policy == POLICY_IDLE && limit < 40 && 20 - (int32_t)limit > facts->nice) {
            set(result, OBSTACLE_NICE_LIMIT, "CAP_SYS_NICE");
            result->limit = 20 - (int32_t)limit;
        } else {
            set(result, OBSTACLE_CAPABILITY, "CAP_SYS_NICE");
        }
    }
}

/* Own limits are asked about the group's nice value, the target's about its own. */
static void explain_autogroup(const struct facts *facts, struct deed_result *result)
{
    struct rlimit own;
    if (result->error == -EACCES) { // the file itself
        set(result, OBSTACLE_CAPABILITY, "CAP_DAC_OVERRIDE");
    } else if (!capable(facts, CAP_SYS_NICE) && getrlimit(RLIMIT_NICE, &own) == 0) {
        set_nice_limit(result, own.rlim_cur, 0); // only below 0 is it asked for
    }
}

static void explain_oom(const struct facts *facts, struct deed_result *result)
{
    char text[16];
    size_t len;
    int64_t now;
    const bool raised = procfs_read(facts->dir, "oom_score_adj", text, sizeof(text), &len) == 0 &&
                        str_take_i64(text, len, &now) > 0 && facts->deed->value.number >= now;
    if (!raised && !privileges_have(CAP_SYS_RESOURCE)) {
        set(result, OBSTACLE_CAPABILITY, "CAP_SYS_RESOURCE");
    } else if (!privileges_have(CAP_DAC_OVERRIDE)) {
        // The files of a process that may not be dumped are root's.
        set(result, OBSTACLE_CAPABILITY, "CAP_DAC_OVERRIDE");
    }
}

/* The limits and capabilities that stand in the way of one who is, or counts as, the owner. */
static void explain_limits(const struct facts *facts, struct deed_result *result)
{
    switch (facts->deed->kind) {
    case DEED_NICE:
        if (!capable(facts, CAP_SYS_NICE)) {
            set_nice_limit(result, read_nice_limit(facts), facts->nice);
        }
        break;
    case DEED_AUTOGROUP:
        explain_autogroup(facts, result);
        break;
    case DEED_IOPRIO:
        if (facts->deed->value.io.class == IO_CLASS_REALTIME && !capable(facts, CAP_SYS_NICE)) {
            set(result, OBSTACLE_CAPABILITY, "CAP_SYS_NICE");
        }
        break;
    case DEED_SCHEDULING:
        explain_scheduling(facts, result);
        break;
    case DEED_OOM_ADJ:
        explain_oom(facts, result);
        break;
    case DEED_FREEZE:
    case DEED_KILL_GROUP:
    case DEED_CLOSE:
        set(result, OBSTACLE_CGROUP_FILE, NULL);
        break;
    case DEED_SIGNAL:
    case DEED_TERMINATE:
    case DEED_STOP:
    case DEED_AFFINITY:
    case DEED_COUNT:
        break;
    }
}

/*
 * Whether the capability stood in for being the owner. In a user namespace of ours it does so for
 * the processes of that namespace only; which these are cannot be read, but the error tells for
 * some deeds which check it was that failed.
 */
static bool passed_for_owner(const struct facts *facts, unsigned capability, int error)
{
    if (!privileges_have(capability)) {
        return false;
    }
    switch (facts->deed->kind) {
    case DEED_NICE: // EPERM is said of the owner, EACCES of the value
        return facts->first_namespace || error == -EACCES;
    case DEED_AUTOGROUP:
        return facts->first_namespace || error == -EPERM; // it could be opened
    case DEED_SIGNAL:
    case DEED_TERMINATE:
    case DEED_STOP:
    case DEED_IOPRIO:
    case DEED_AFFINITY:
    case DEED_SCHEDULING:
    case DEED_OOM_ADJ:
    case DEED_FREEZE:
    case DEED_KILL_GROUP:
    case DEED_CLOSE:
    case DEED_COUNT:
        break;
    }
    return facts->first_namespace;
}

static void explain_denial(const struct facts *facts, struct deed_result *result)
{
    unsigned number;
    const char *name;
    owner_override(facts->deed->kind, &number, &name);
    if (!is_owner(facts) && !passed_for_owner(facts, number, result->error)) {
        // Root's own lack is told: whose the process is would not matter to it otherwise.
        const bool lacks = geteuid() == 0 && !privileges_have(number);
        set(result, lacks ? OBSTACLE_CAPABILITY : OBSTACLE_OWNER, name);
    } else {
        explain_limits(facts, result);
    }
    if (result->obstacle == OBSTACLE_UNKNOWN && under_seccomp(facts->pin->platform)) {
        result->obstacle = OBSTACLE_SECCOMP;
    } else if (result->obstacle == OBSTACLE_UNKNOWN && facts->kernel) {
        result->obstacle = OBSTACLE_KERNEL_THREAD;
    }
}

/* The kernel takes no CPU set it could give nothing of, and moves some of its threads not at all. */
static void explain_invalid(const struct facts *facts, struct deed_result *result)
{
    struct cpu_set allowed;
    if (facts->kernel) {
        result->obstacle = OBSTACLE_KERNEL_THREAD;
        return;
    }
    if (facts->deed->kind != DEED_AFFINITY || cpuset_of_pin(facts->pin, &allowed)) {
        return;
    }
    struct cpu_set online;
    struct cpu_set there = facts->deed->value.cpus;
    struct cpu_set usable = facts->deed->value.cpus;
    cpu_set_and(&usable, &allowed);
    if (cpu_set_count(&usable) > 0) {
        return; // something else then
    }
    if (cpus_read_online(facts->pin->platform, &online) == 0) {
        cpu_set_and(&there, &online);
    }
    result->obstacle = cpu_set_count(&there) == 0 ? OBSTACLE_CPU_OFFLINE : OBSTACLE_CPUSET;
    result->now.cpus = allowed;
}

void platform_pin_explain(const struct platform_pin *pin, const struct deed *deed,
                          struct deed_result *result)
{
    struct facts facts = {.pin = pin, .deed = deed};
    if (result->obstacle != OBSTACLE_UNKNOWN || pin_open_dir(pin, &facts.dir)) {
        return;
    }
    read_owner(&facts);
    read_stat(&facts);
    facts.first_namespace = read_first_namespace(pin->platform);
    if (result->error == -EPERM || result->error == -EACCES) {
        explain_denial(&facts, result);
    } else if (result->error == -EINVAL) {
        explain_invalid(&facts, result);
    } else if (result->error == -ENOSYS && under_seccomp(pin->platform)) {
        result->obstacle = OBSTACLE_SECCOMP;
    }
    close(facts.dir);
}
