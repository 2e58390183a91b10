#include "sampler/inspect_facts.h"

#include <string.h>

/*
 * What it means to wait in a function of the kernel or in a system call, and how much that
 * explains: of a thousand threads, the one whose wait weighs most is the one to name.
 */

/* The more, the likelier it is that somebody would call the process stuck for it. */
enum weight {
    WEIGHT_IDLE,    // on purpose
    WEIGHT_EVENT,   // for work, mostly
    WEIGHT_RUNNING, // no wait at all: while one thread works, others may well wait for people
    WEIGHT_OTHERS,  // for another process
    WEIGHT_STOPPED,
    WEIGHT_HELD,  // for what programs do not expect to wait for: storage, servers, locks
    WEIGHT_STUCK, // and cannot be interrupted
};

/* What somebody waits for. */
struct meaning {
    const char *words;
    enum weight weight;
};

/* Said of several functions. */
#define MEMORY_HIGH_WORDS "memory: its cgroup is over memory.high, and slowed down for it"
#define RECLAIM_WORDS "memory to be freed: there is too little, in its cgroup or at all"

/* Kernel functions; a name that ends with '*' stands for all that begin so, any other for itself.
 * The first that fits counts. */
static const struct {
    const char *name;
    struct meaning meaning;
} waits[] = {
    {"futex*", {"a futex: a lock or a signal of its own program", WEIGHT_EVENT}},
    {"__futex*", {"a futex: a lock or a signal of its own program", WEIGHT_EVENT}},
    {"fuse_dev_*", {"a request to the FUSE file system it serves", WEIGHT_EVENT}},
    {"request_wait_answer", {"the answer of a FUSE file system", WEIGHT_HELD}},
    {"fuse_*", {"the answer of a FUSE file system", WEIGHT_HELD}},
    {"wait_for_partner", {"the other end of a FIFO to be opened", WEIGHT_OTHERS}},
    {"fifo_open", {"the other end of a FIFO to be opened", WEIGHT_OTHERS}},
    {"anon_pipe_*", {"the other end of a pipe", WEIGHT_OTHERS}},
    {"fifo_pipe_*", {"the other end of a pipe", WEIGHT_OTHERS}},
    {"pipe_*", {"the other end of a pipe", WEIGHT_OTHERS}},
    {"ep_poll", {"an event (epoll)", WEIGHT_EVENT}},
    {"do_epoll_*", {"an event (epoll)", WEIGHT_EVENT}},
    {"poll_schedule_timeout", {"an event (poll or select)", WEIGHT_EVENT}},
    {"do_sys_poll", {"an event (poll or select)", WEIGHT_EVENT}},
    {"do_poll", {"an event (poll or select)", WEIGHT_EVENT}},
    {"do_select", {"an event (poll or select)", WEIGHT_EVENT}},
    {"io_cqring_*", {"an event (io_uring)", WEIGHT_EVENT}},
    {"read_events", {"asynchronous I/O to finish (aio)", WEIGHT_OTHERS}},
    {"hrtimer_nanosleep", {"time to pass: it sleeps on purpose", WEIGHT_IDLE}},
    {"do_nanosleep", {"time to pass: it sleeps on purpose", WEIGHT_IDLE}},
    {"timerfd_read*", {"a timer (timerfd)", WEIGHT_IDLE}},
    {"eventfd_read", {"an event counter to be raised (eventfd)", WEIGHT_EVENT}},
    {"eventfd_write", {"an event counter to be read: it is full (eventfd)", WEIGHT_OTHERS}},
    {"inotify_read", {"a change of a file (inotify)", WEIGHT_EVENT}},
    {"fanotify_read", {"somebody to use a file (fanotify)", WEIGHT_EVENT}},
    {"fanotify_*", {"leave to use a file, of who watches it (fanotify)", WEIGHT_HELD}},
    {"handle_userfault", {"memory that another program has to fill (userfaultfd)", WEIGHT_HELD}},
    {"userfaultfd_*", {"a page fault to serve (userfaultfd)", WEIGHT_EVENT}},
    {"do_wait", {"a child to end", WEIGHT_OTHERS}},
    {"n_tty_read", {"input from a terminal", WEIGHT_OTHERS}},
    {"n_tty_write", {"room in a terminal: it is full, or stopped as with Ctrl-S", WEIGHT_OTHERS}},
    {"tty_*", {"a terminal", WEIGHT_OTHERS}},
    {"inet_csk_accept", {"somebody to connect", WEIGHT_EVENT}},
    {"inet_csk_wait_for_connect", {"somebody to connect", WEIGHT_EVENT}},
    {"unix_accept", {"somebody to connect", WEIGHT_EVENT}},
    {"__inet_stream_connect", {"the other side to answer", WEIGHT_OTHERS}},
    {"inet_wait_for_connect", {"the other side to answer", WEIGHT_OTHERS}},
    {"sk_wait_data", {"data from a connection", WEIGHT_OTHERS}},
    {"sk_stream_wait_*", {"room in a connection to send", WEIGHT_OTHERS}},
    {"tcp_*", {"a network connection", WEIGHT_OTHERS}},
    {"unix_*", {"the other end of a local socket", WEIGHT_OTHERS}},
    {"__skb_wait_for_more_packets", {"data from a socket", WEIGHT_OTHERS}},
    {"skb_wait_for_more_packets", {"data from a socket", WEIGHT_OTHERS}},
    {"rpc_wait_*", {"an NFS server", WEIGHT_HELD}},
    {"nfs_*", {"an NFS server", WEIGHT_HELD}},
    {"nfs3_*", {"an NFS server", WEIGHT_HELD}},
    {"nfs4_*", {"an NFS server", WEIGHT_HELD}},
    {"cifs_*", {"an SMB server", WEIGHT_HELD}},
    {"p9_client_*", {"a 9P server", WEIGHT_HELD}},
    {"autofs_wait", {"the automounter", WEIGHT_HELD}},
    {"wait_on_page*", {"storage", WEIGHT_HELD}},
    {"folio_wait_*", {"storage", WEIGHT_HELD}},
    {"io_schedule*", {"storage", WEIGHT_HELD}},
    {"blk_*", {"storage", WEIGHT_HELD}},
    {"submit_bio_wait", {"storage", WEIGHT_HELD}},
    {"jbd2_*", {"the journal of a file system", WEIGHT_HELD}},
    {"balance_dirty_pages*", {"data to be written to storage: too much is waiting", WEIGHT_HELD}},
    {"locks_lock_*", {"a file lock", WEIGHT_HELD}},
    {"posix_lock_*", {"a file lock", WEIGHT_HELD}},
    {"flock_lock_*", {"a file lock", WEIGHT_HELD}},
    {"fcntl_setlk*", {"a file lock", WEIGHT_HELD}},
    {"__break_lease", {"whoever has a lease on a file to give it up", WEIGHT_HELD}},
    {"mem_cgroup_handle_over_high", {MEMORY_HIGH_WORDS, WEIGHT_HELD}},
    {"__mem_cgroup_handle_over_high", {MEMORY_HIGH_WORDS, WEIGHT_HELD}},
    {"mem_cgroup_*", {"memory: its cgroup is at its limit", WEIGHT_HELD}},
    {"reclaim_throttle", {RECLAIM_WORDS, WEIGHT_HELD}},
    {"throttle_direct_reclaim", {RECLAIM_WORDS, WEIGHT_HELD}},
    {"try_to_free_*", {RECLAIM_WORDS, WEIGHT_HELD}},
    {"do_try_to_free_pages", {RECLAIM_WORDS, WEIGHT_HELD}},
    {"shrink_*", {RECLAIM_WORDS, WEIGHT_HELD}},
    {"do_signal_stop", {"SIGCONT: it is stopped", WEIGHT_STOPPED}},
    {"ptrace_stop", {"its tracer", WEIGHT_STOPPED}},
    {"do_freezer_trap", {"its cgroup to be thawed", WEIGHT_HELD}},
    {"__refrigerator", {"its cgroup to be thawed", WEIGHT_HELD}},
    {"signalfd_*", {"a signal (signalfd)", WEIGHT_IDLE}},
    {"do_sigtimedwait", {"a signal", WEIGHT_IDLE}},
    {"sigsuspend", {"a signal", WEIGHT_IDLE}},
    {"__do_sys_pause", {"a signal", WEIGHT_IDLE}},
    {"sys_pause", {"a signal", WEIGHT_IDLE}},
    {"__x64_sys_pause", {"a signal", WEIGHT_IDLE}},
    {"rwsem_down_*", {"a lock of the kernel", WEIGHT_HELD}},
    {"__mutex_lock*", {"a lock of the kernel", WEIGHT_HELD}},
    {"mutex_lock*", {"a lock of the kernel", WEIGHT_HELD}},
    {"do_msgrcv", {"a System V message", WEIGHT_OTHERS}},
    {"do_msgsnd", {"room in a System V message queue", WEIGHT_OTHERS}},
    {"do_mq_timedreceive", {"a POSIX message", WEIGHT_OTHERS}},
    {"do_mq_timedsend", {"room in a POSIX message queue", WEIGHT_OTHERS}},
    {"wq_sleep", {"a POSIX message queue", WEIGHT_OTHERS}},
    {"do_semtimedop", {"a System V semaphore", WEIGHT_OTHERS}},
    {"__do_semtimedop", {"a System V semaphore", WEIGHT_OTHERS}},
    {"devkmsg_read", {"a message of the kernel", WEIGHT_EVENT}},
    {"do_syslog", {"a message of the kernel", WEIGHT_EVENT}},
    {"syslog_print", {"a message of the kernel", WEIGHT_EVENT}},
    {"kthread*", {"work: it belongs to the kernel", WEIGHT_IDLE}},
    {"worker_thread", {"work: it belongs to the kernel", WEIGHT_IDLE}},
    {"rescuer_thread", {"work: it belongs to the kernel", WEIGHT_IDLE}},
};

/* Names of calls say what is waited for where the function it sleeps in may not be read. */
static const struct {
    const char *name;
    struct meaning meaning;
} calls[] = {
    {"futex", {"a futex: a lock or a signal of its own program", WEIGHT_EVENT}},
    {"epoll_wait", {"an event (epoll)", WEIGHT_EVENT}},
    {"epoll_pwait", {"an event (epoll)", WEIGHT_EVENT}},
    {"poll", {"an event (poll or select)", WEIGHT_EVENT}},
    {"ppoll", {"an event (poll or select)", WEIGHT_EVENT}},
    {"select", {"an event (poll or select)", WEIGHT_EVENT}},
    {"pselect6", {"an event (poll or select)", WEIGHT_EVENT}},
    {"nanosleep", {"time to pass: it sleeps on purpose", WEIGHT_IDLE}},
    {"clock_nanosleep", {"time to pass: it sleeps on purpose", WEIGHT_IDLE}},
    {"wait4", {"a child to end", WEIGHT_OTHERS}},
    {"waitid", {"a child to end", WEIGHT_OTHERS}},
    {"accept", {"somebody to connect", WEIGHT_EVENT}},
    {"accept4", {"somebody to connect", WEIGHT_EVENT}},
    {"pause", {"a signal", WEIGHT_IDLE}},
    {"rt_sigsuspend", {"a signal", WEIGHT_IDLE}},
    {"rt_sigtimedwait", {"a signal", WEIGHT_IDLE}},
    {"flock", {"a file lock", WEIGHT_HELD}},
    {"recvfrom", {"data from a socket", WEIGHT_OTHERS}},
    {"recvmsg", {"data from a socket", WEIGHT_OTHERS}},
    {"sendto", {"room in a socket to send", WEIGHT_OTHERS}},
    {"sendmsg", {"room in a socket to send", WEIGHT_OTHERS}},
    {"connect", {"the other side to answer", WEIGHT_OTHERS}},
};

/* Calls that say most once it is known what their descriptor is: many kinds of file sleep in the
 * same functions. "read" stands for all that read, "write" for all that write. */
static const struct call_on {
    const char *verb, *file;
    struct meaning meaning;
} calls_on[] = {
    {"accept", "socket:[", {"somebody to connect", WEIGHT_EVENT}},
    {"connect", "socket:[", {"the other side to answer", WEIGHT_OTHERS}},
    {"read", "pipe:[", {"the other end of a pipe", WEIGHT_OTHERS}},
    {"write", "pipe:[", {"the other end of a pipe", WEIGHT_OTHERS}},
    {"read", "anon_inode:[timerfd]", {"a timer (timerfd)", WEIGHT_IDLE}},
    {"read", "anon_inode:[eventfd]", {"an event counter to be raised (eventfd)", WEIGHT_EVENT}},
    {"write",
     "anon_inode:[eventfd]",
     {"an event counter to be read: it is full (eventfd)", WEIGHT_OTHERS}},
    {"read", "anon_inode:[signalfd]", {"a signal (signalfd)", WEIGHT_IDLE}},
    {"read", "anon_inode:inotify", {"a change of a file (inotify)", WEIGHT_EVENT}},
    {"read", "anon_inode:[fanotify]", {"somebody to use a file (fanotify)", WEIGHT_EVENT}},
    {"read", "anon_inode:[userfaultfd]", {"a page fault to serve (userfaultfd)", WEIGHT_EVENT}},
    {"read", "/dev/ptmx", {"output in a terminal it is the master of", WEIGHT_OTHERS}},
    {"read", "/dev/pts/ptmx", {"output in a terminal it is the master of", WEIGHT_OTHERS}},
    {"write", "/dev/ptmx", {"its terminal's other side to read: it is the master", WEIGHT_OTHERS}},
    {"write",
     "/dev/pts/ptmx",
     {"its terminal's other side to read: it is the master", WEIGHT_OTHERS}},
    {"read", "/dev/pts/", {"input from a terminal", WEIGHT_OTHERS}},
    {"read", "/dev/tty", {"input from a terminal", WEIGHT_OTHERS}},
    {"write",
     "/dev/pts/",
     {"room in a terminal: it is full, or stopped as with Ctrl-S", WEIGHT_OTHERS}},
    {"write",
     "/dev/tty",
     {"room in a terminal: it is full, or stopped as with Ctrl-S", WEIGHT_OTHERS}},
    {"read", "/dev/kmsg", {"a message of the kernel", WEIGHT_EVENT}},
};

/* Likewise where the functions say as much or more, and may not be known. */
static const struct call_on calls_on_sockets[] = {
    {"read", "socket:[", {"data from a socket", WEIGHT_OTHERS}},
    {"write", "socket:[", {"room in a socket to send", WEIGHT_OTHERS}},
};

/* What calls do with their descriptor. */
static const struct {
    const char *name, *verb;
} verbs[] = {
    {"read", "read"},      {"readv", "read"},     {"pread64", "read"},    {"preadv", "read"},
    {"preadv2", "read"},   {"recvfrom", "read"},  {"recvmsg", "read"},    {"recvmmsg", "read"},
    {"write", "write"},    {"writev", "write"},   {"pwrite64", "write"},  {"pwritev", "write"},
    {"pwritev2", "write"}, {"sendto", "write"},   {"sendmsg", "write"},   {"sendmmsg", "write"},
    {"accept", "accept"},  {"accept4", "accept"}, {"connect", "connect"},
};

static const struct meaning vfork_child = {
    "the child it made by vfork to run another program or to end", WEIGHT_OTHERS};
static const struct meaning only_time = {"time to pass: it sleeps on purpose", WEIGHT_IDLE};
static const struct meaning only_signal = {"a signal: it was given no descriptor to wait for",
                                           WEIGHT_IDLE};
static const struct meaning thaw = {"its cgroup or the system to be thawed: frozen in its sleep",
                                    WEIGHT_HELD};

static bool begins(struct raw_bytes bytes, const char *prefix)
{
    const size_t len = strlen(prefix);
    return bytes.len >= len && memcmp(bytes.ptr, prefix, len) == 0;
}

static bool is(struct raw_bytes bytes, const char *word)
{
    return bytes.len == strlen(word) && begins(bytes, word);
}

/* Compilers add to a name ("do_wait.isra.0"), a stack adds the place in it ("do_wait+0x5f/0xa0"). */
static struct raw_bytes bare_name(struct raw_bytes function)
{
    for (uint32_t i = 0; i < function.len; i++) {
        if (function.ptr[i] == '.' || function.ptr[i] == '+') {
            return (struct raw_bytes){.ptr = function.ptr, .len = i};
        }
    }
    return function;
}

static bool fits(struct raw_bytes function, const char *name)
{
    const size_t len = strlen(name);
    if (name[len - 1] == '*') {
        return function.len >= len - 1 && memcmp(function.ptr, name, len - 1) == 0;
    }
    return is(function, name);
}

static const struct meaning *meaning_of_function(struct raw_bytes function)
{
    const struct raw_bytes name = bare_name(function);
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        if (fits(name, waits[i].name)) {
            return &waits[i].meaning;
        }
    }
    return NULL;
}

static const struct meaning *meaning_on(const struct raw_wait *wait, const struct call_on *table,
                                        size_t count)
{
    const char *verb = NULL;
    for (size_t i = 0; wait->in_syscall && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        verb = is(wait->syscall_name, verbs[i].name) ? verbs[i].verb : verb;
    }
    for (size_t i = 0; verb != NULL && i < count; i++) {
        if (strcmp(verb, table[i].verb) == 0 && begins(wait->syscall_file, table[i].file)) {
            return &table[i].meaning;
        }
    }
    return NULL;
}

static const struct meaning *meaning_of_call(const struct raw_wait *wait)
{
    const struct meaning *on_socket =
        meaning_on(wait, calls_on_sockets, sizeof(calls_on_sockets) / sizeof(calls_on_sockets[0]));
    for (size_t i = 0; wait->in_syscall && i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (is(wait->syscall_name, calls[i].name)) {
            return &calls[i].meaning;
        }
    }
    return on_socket;
}

/* --- time-outs -------------------------------------------------------------------------------- */

/* Where a call is given how long to wait at most; as milliseconds, else by a pointer. */
static const struct {
    const char *name;
    uint8_t argument;
    bool is_ms;
} timeouts[] = {
    {"poll", 2, true},          {"ppoll", 2, false},      {"select", 4, false},
    {"pselect6", 4, false},     {"epoll_wait", 3, true},  {"epoll_pwait", 3, true},
    {"epoll_pwait2", 3, false}, {"semtimedop", 3, false}, {"rt_sigtimedwait", 2, false},
    {"io_getevents", 4, false},
};

enum facts_timeout facts_wait_timeout(const struct raw_wait *wait, uint64_t *ret_ms)
{
    for (size_t i = 0; wait->in_syscall && i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
        const uint64_t value = wait->args[timeouts[i].argument];
        if (!is(wait->syscall_name, timeouts[i].name)) {
            continue;
        }
        if (!timeouts[i].is_ms) {
            return value != 0 ? FACTS_TIMEOUT_SOME : FACTS_TIMEOUT_NONE;
        }
        const uint64_t ms = value & UINT32_MAX; // an int; negative is for ever
        if (ms > INT32_MAX) {
            return FACTS_TIMEOUT_NONE;
        }
        *ret_ms = ms;
        return FACTS_TIMEOUT_MS;
    }
    return FACTS_TIMEOUT_UNKNOWN;
}

/* Programs sleep by poll() or select() of nothing. NULL when it waits for more than time. */
static const struct meaning *meaning_of_polling_nothing(const struct raw_wait *wait)
{
    uint64_t ms = 0;
    const bool polls = is(wait->syscall_name, "poll") || is(wait->syscall_name, "ppoll");
    const bool selects = is(wait->syscall_name, "select") || is(wait->syscall_name, "pselect6");
    const uint64_t *const args = wait->args;
    const uint64_t count = args[polls ? 1 : 0] & UINT32_MAX;
    if (!wait->in_syscall || !(polls || selects) ||
        (count > 0 && (polls || args[1] != 0 || args[2] != 0 || args[3] != 0))) {
        return NULL;
    }
    return facts_wait_timeout(wait, &ms) == FACTS_TIMEOUT_NONE ? &only_signal : &only_time;
}

/* --- all of it -------------------------------------------------------------------------------- */

bool facts_is_vfork(const struct raw_wait *wait)
{
    static const char *const functions[] = {"kernel_clone", "_do_fork", "wait_for_vfork_done"};
    bool found = false;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        found |= is(bare_name(wait->wchan), functions[i]);
    }
    return wait->state == 'D' && found; // nothing else in these is waited for so
}

/* What is known of the function alone, or of the call where many kinds of file sleep alike. */
static const struct meaning *meaning_of(const struct raw_wait *wait)
{
    const struct meaning *meaning = wait->wchan.len > 0 ? meaning_of_function(wait->wchan) : NULL;
    if (facts_is_vfork(wait)) {
        return &vfork_child;
    }
    if (wait->state == 'D' && meaning != NULL && meaning->weight == WEIGHT_IDLE) {
        return &thaw; // these can all be interrupted; frozen in them, it is shown as D
    }
    if (meaning != NULL && meaning->weight >= WEIGHT_STOPPED) {
        return meaning; // whatever it has called
    }
    const struct meaning *on = meaning_on(wait, calls_on, sizeof(calls_on) / sizeof(calls_on[0]));
    on = on != NULL ? on : meaning_of_polling_nothing(wait);
    if (on != NULL) {
        return on;
    }
    for (size_t i = 0; meaning == NULL && i < wait->stack_count; i++) {
        meaning = meaning_of_function(wait->stack[i]);
    }
    return meaning != NULL ? meaning : meaning_of_call(wait);
}

const char *facts_wait_words(const struct raw_wait *wait)
{
    const struct meaning *meaning = meaning_of(wait);
    return meaning != NULL ? meaning->words : NULL;
}

static enum weight weight_of(const struct raw_wait *wait)
{
    const struct meaning *meaning = meaning_of(wait);
    switch (wait->state) {
    case 'D':
        return facts_is_vfork(wait) ? WEIGHT_OTHERS : WEIGHT_STUCK;
    case 'T':
    case 't':
        return WEIGHT_STOPPED;
    case 'R':
        return WEIGHT_RUNNING;
    case 'S':
        return meaning != NULL ? meaning->weight : WEIGHT_EVENT;
    default: // a first thread that has ended, and what the kernel's own do
        return WEIGHT_IDLE;
    }
}

const struct raw_wait *facts_telling_wait(const struct raw_waiting *waiting)
{
    const struct raw_wait *telling = NULL;
    for (size_t i = 0; i < waiting->wait_count; i++) {
        if (telling == NULL || weight_of(&waiting->waits[i]) > weight_of(telling)) {
            telling = &waiting->waits[i];
        }
    }
    return telling;
}

const char *facts_state_words(char state)
{
    switch (state) {
    case 'R':
        return "running, or ready to run";
    case 'S':
        return "sleeping";
    case 'D':
        return "uninterruptible: at most SIGKILL ends its wait";
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
