#ifndef BASE_DEED_H
#define BASE_DEED_H

#include "base/cpuset.h"
#include "base/facts.h"
#include "base/net.h"
#include "base/str.h"
#include "base/topology.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The vocabulary of what can be done to a process, shared by the interface that asks, the engine
 * that orders, the platform that does, and the sentences, journal and command line about it.
 *
 * Most deeds give an attribute a value. These can be read back, compared and undone. Signals and
 * killing a cgroup are no attributes: they happen. So does closing a connection, which is done to
 * a socket; its process, if one is known, is the target named.
 */
enum deed_kind {
    DEED_SIGNAL,     // number: the signal
    DEED_TERMINATE,  // number: milliseconds between SIGTERM and SIGKILL
    DEED_STOP,       // number: 1 stopped (SIGSTOP), 0 running (SIGCONT)
    DEED_NICE,       // number: -20..19
    DEED_AUTOGROUP,  // number: nice value of its session's scheduling group, -20..19
    DEED_IOPRIO,     // io
    DEED_AFFINITY,   // cpus
    DEED_SCHEDULING, // sched
    DEED_OOM_ADJ,    // number: -1000..1000
    DEED_FREEZE,     // number: 1 its cgroup is frozen, 0 it is not
    DEED_KILL_GROUP, // no value: SIGKILL to all in its cgroup
    DEED_CLOSE,      // socket: the TCP connection to close
    DEED_COUNT,
};

/* Properties of a kind of deed. */
enum deed_flag {
    DEED_REVERSIBLE = 1u << 0,  // an attribute: can be read, and undone
    DEED_PER_THREAD = 1u << 1,  // each thread has its own; done to all of them unless one is meant
    DEED_ON_CGROUP = 1u << 2,   // reaches everything in the process's cgroup
    DEED_RELATIVE_OK = 1u << 3, // struct deed's `relative` means something
    DEED_ON_SOCKET = 1u << 4,   // done to a socket; the target, pid 0 if none, only holds it
};

/* One row of the registry. Strings are static. */
struct deed_info {
    const char *name;     // stable; in the action log and long option: "io-priority"
    const char *title;    // of its dialog: "I/O priority"
    const char *argument; // on the command line: "CLASS[:LEVEL]"; NULL when it takes none
    const char *help;     // one sentence without the full stop, for --help and the man page
    unsigned flags;       // enum deed_flag
    int32_t min, max;     // of `number`, where it is the value
};

/* Look up by kind. Owns: static storage. kind must be < DEED_COUNT. */
const struct deed_info *deed_info(enum deed_kind kind);

/* Linux I/O scheduling classes. Source: ioprio_set(2). */
enum io_class { IO_CLASS_NONE, IO_CLASS_REALTIME, IO_CLASS_BEST_EFFORT, IO_CLASS_IDLE };

/* Scheduling policies by their kernel numbers. Source: sched(7). */
enum sched_policy {
    POLICY_OTHER = 0,
    POLICY_FIFO = 1,
    POLICY_RR = 2,
    POLICY_BATCH = 3,
    POLICY_IDLE = 5,
    POLICY_DEADLINE = 6, // can be seen, not set
    POLICY_EXT = 7,      // likewise
};

/* The value of an attribute. Only the member its kind names means something. */
struct deed_value {
    int32_t number;
    struct {
        int32_t class; // enum io_class
        int32_t level; // 0 first .. 7 last, for real-time and best-effort
    } io;
    struct {
        int32_t policy;                              // enum sched_policy; others can be seen
        int32_t rt_priority;                         // 1..99 for FIFO and RR, else 0
        bool reset_on_fork;                          // children start with OTHER
        uint64_t runtime_ns, deadline_ns, period_ns; // DEADLINE
    } sched;
    struct cpu_set cpus;
    struct socket_id socket;
};

/* Something to do. */
struct deed {
    enum deed_kind kind;
    bool relative;   // DEED_NICE, DEED_AUTOGROUP: add value.number to what is
    bool one_thread; // DEED_PER_THREAD: only the very task named, not its whole process
    struct deed_value value;
};

/* Whether two values of this kind are the same. */
bool deed_value_equal(enum deed_kind kind, const struct deed_value *a, const struct deed_value *b);

/*
 * Append a value for people: "-5", "best-effort 4", "idle", "0-3,8", "FIFO 50, reset on fork",
 * "stopped", "frozen", "10.0.0.1:443 - 10.0.0.2:50000 in net:[4026532281]". Signals are numbers here: their names are the platform's.
 */
void deed_format_value(enum deed_kind kind, const struct deed_value *value, struct strbuf *buf);

/*
 * Read a value as typed or given on the command line: a number within the kind's bounds;
 * "best-effort:4", "be:4", "2:4", "rt", "idle", "none"; "0-3,8"; "fifo:50", "rr:1", "batch",
 * "other", each optionally with ":reset-on-fork". Case does not matter. DEED_TERMINATE takes
 * seconds. Signals and kinds without a value cannot be read here.
 * Errors: -EINVAL with a sentence for people in `error`; *ret is then untouched.
 */
int deed_parse_value(enum deed_kind kind, const char *text, struct deed_value *ret,
                     struct strbuf *error);

/* Why something was refused, as far as could be found out. */
enum deed_obstacle {
    OBSTACLE_UNKNOWN,
    OBSTACLE_OWNER,        // it belongs to another user
    OBSTACLE_CAPABILITY,   // `needs` names what is missing
    OBSTACLE_NICE_LIMIT,   // RLIMIT_NICE; limit: the lowest nice value allowed
    OBSTACLE_RTPRIO_LIMIT, // RLIMIT_RTPRIO; limit: the highest priority allowed
    OBSTACLE_CPUSET,       // none of the CPUs is allowed to it; `now.cpus` holds those that are
    OBSTACLE_CPU_OFFLINE,  // none of the CPUs is online or exists; `now.cpus` as above
    OBSTACLE_SECCOMP,      // perch itself runs under a seccomp filter, which may have said no
    OBSTACLE_RT_GROUP,     // its cgroup has no real-time budget
    OBSTACLE_CGROUP_FILE,  // the cgroup's file may not be written
    OBSTACLE_CGROUP_SELF,  // perch itself is in that cgroup
    OBSTACLE_CGROUP_ROOT,  // it is in the root cgroup, which can be neither frozen nor killed
    OBSTACLE_CGROUP_NONE,  // there is no cgroup v2 hierarchy here, or the kernel is too old
    OBSTACLE_CGROUP_MOVED, // the process has moved to another cgroup since
    OBSTACLE_KERNEL_THREAD,
    OBSTACLE_CHANGED,    // undo: the value is no longer what was set; `now` is what it is
    OBSTACLE_NO_CLOSING, // this kernel cannot close connections from outside
};

/* What came of one deed on one process. */
struct deed_result {
    int error; // 0 or a negative errno; -ESRCH gone, -ECHILD exited (a zombie)
    enum deed_obstacle obstacle;
    int32_t limit;
    const char *needs;       // static: "CAP_SYS_NICE"; NULL when nothing is known to help
    bool has_values;         // old and now mean something
    struct deed_value old;   // before; of the task named
    struct deed_value now;   // read back afterwards, which may be less than was asked for
    uint32_t threads;        // tasks it was done to
    uint32_t threads_failed; // tasks it could not be done to
};

/* Why a process is only acted on after more than a key press. Source: model/protect.h. */
enum protection {
    PROTECT_NOTHING,
    PROTECT_INIT,     // PID 1
    PROTECT_SELF,     // perch
    PROTECT_ANCESTOR, // the shell, tmux or sshd perch runs under
    PROTECT_LISTED,   // named in the settings
    PROTECT_LOGIN,    // the connection is somebody's login over the network
    PROTECT_KERNEL,   // a kernel thread: not acted on at all
};

/* A process to act on, with what the person saw of it, for the sentence afterwards. */
struct target {
    struct proc_id id;
    int32_t group_pid; // its process; differs from id.pid for a thread
    uint32_t uid;      // its owner
    enum protection protection;
    char name[48]; // safe text, cut at a whole character
    char user[32]; // its owner's name, or the uid in digits; "" when not known
};

enum {
    CGROUP_PATH_BYTES = 512,
    CGROUP_PIDS_MAX = 256, // members listed by number
};

/* The cgroup (v2) of a process. */
struct cgroup_facts {
    int error;                     // why nothing is known: 0 or a negative errno
    enum deed_obstacle obstacle;   // why it cannot be acted on at all; OBSTACLE_UNKNOWN: it can
    char path[CGROUP_PATH_BYTES];  // as in /proc/PID/cgroup, cut; untrusted bytes in the
                                   // platform's hands, safe text behind the engine
    uint64_t id;                   // inode of its directory: tells it from a later one of that name
    uint32_t processes;            // in it and below
    int32_t pids[CGROUP_PIDS_MAX]; // the first of its members, ascending
    uint32_t pid_count;            // of these
    bool frozen;
    bool can_kill;     // the kernel knows cgroup.kill
    bool has_ancestor; // PID 1 or a process perch runs under is among them
};

/* How the targets of a dialog are now: what it shows before anything is chosen. */
struct inspection {
    uint32_t job; // the asker's number
    enum deed_kind deed;
    size_t gone;                // targets that are no more
    bool known;                 // value means something
    bool same;                  // all targets that could be read have this value
    struct deed_value value;    // of the first one that could be read
    int error;                  // why the first one could not be read, when none could
    struct cgroup_facts cgroup; // DEED_ON_CGROUP: of the first one; its path is safe text
    uint32_t cgroup_count;      // different ones among all targets
    uint32_t cgroup_processes;  // in all of them
    bool cgroup_has_ancestor;   // in any of them
    struct cpu_set allowed;     // DEED_AFFINITY: what the cpusets of all targets allow
    struct topology *topology;  // DEED_AFFINITY; owned; NULL otherwise or when not known
};

/* Free it with its topology. NULL is a no-op. */
void inspection_destroy(struct inspection *inspection);

#endif
