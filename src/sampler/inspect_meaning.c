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

/* Beginnings of names of kernel functions; the first that fits counts. */
static const struct {
    const char *prefix;
    struct meaning meaning;
} waits[] = {
    {"futex", {"a futex: a lock or a signal of its own program", WEIGHT_EVENT}},
    {"request_wait_answer", {"the answer of a FUSE file system", WEIGHT_HELD}},
    {"fuse_", {"the answer of a FUSE file system", WEIGHT_HELD}},
    {"anon_pipe_", {"the other end of a pipe", WEIGHT_OTHERS}},
    {"pipe_", {"the other end of a pipe", WEIGHT_OTHERS}},
    {"ep_poll", {"an event (epoll)", WEIGHT_EVENT}},
    {"do_epoll", {"an event (epoll)", WEIGHT_EVENT}},
    {"poll_schedule", {"an event (poll or select)", WEIGHT_EVENT}},
    {"do_sys_poll", {"an event (poll or select)", WEIGHT_EVENT}},
    {"do_poll", {"an event (poll or select)", WEIGHT_EVENT}},
    {"do_select", {"an event (poll or select)", WEIGHT_EVENT}},
    {"io_cqring_wait", {"an event (io_uring)", WEIGHT_EVENT}},
    {"hrtimer_nanosleep", {"time to pass: it sleeps on purpose", WEIGHT_IDLE}},
    {"do_nanosleep", {"time to pass: it sleeps on purpose", WEIGHT_IDLE}},
    {"do_wait", {"a child to end", WEIGHT_OTHERS}},
    {"n_tty_read", {"input from its terminal", WEIGHT_OTHERS}},
    {"tty_", {"its terminal", WEIGHT_OTHERS}},
    {"inet_csk_accept", {"somebody to connect", WEIGHT_EVENT}},
    {"inet_csk_wait", {"somebody to connect", WEIGHT_EVENT}},
    {"unix_accept", {"somebody to connect", WEIGHT_EVENT}},
    {"sk_wait_data", {"data from a connection", WEIGHT_OTHERS}},
    {"sk_stream_wait", {"room in a connection to send", WEIGHT_OTHERS}},
    {"tcp_", {"a network connection", WEIGHT_OTHERS}},
    {"unix_", {"the other end of a local socket", WEIGHT_OTHERS}},
    {"__skb_wait", {"data from a socket", WEIGHT_OTHERS}},
    {"skb_wait", {"data from a socket", WEIGHT_OTHERS}},
    {"rpc_wait", {"an NFS server", WEIGHT_HELD}},
    {"nfs", {"an NFS server", WEIGHT_HELD}},
    {"cifs_", {"an SMB server", WEIGHT_HELD}},
    {"wait_on_page", {"storage", WEIGHT_HELD}},
    {"folio_wait", {"storage", WEIGHT_HELD}},
    {"io_schedule", {"storage", WEIGHT_HELD}},
    {"blk_", {"storage", WEIGHT_HELD}},
    {"submit_bio_wait", {"storage", WEIGHT_HELD}},
    {"jbd2_", {"the journal of a file system", WEIGHT_HELD}},
    {"balance_dirty", {"data to be written to storage: too much is waiting", WEIGHT_HELD}},
    {"locks_lock", {"a file lock", WEIGHT_HELD}},
    {"posix_lock", {"a file lock", WEIGHT_HELD}},
    {"flock_lock", {"a file lock", WEIGHT_HELD}},
    {"fcntl_setlk", {"a file lock", WEIGHT_HELD}},
    {"mem_cgroup", {"memory: its cgroup is at its limit", WEIGHT_HELD}},
    {"do_signal_stop", {"SIGCONT: it is stopped", WEIGHT_STOPPED}},
    {"wait_for_partner", {"the other end of a FIFO to be opened", WEIGHT_OTHERS}},
    {"ptrace_stop", {"its tracer", WEIGHT_STOPPED}},
    {"do_freezer", {"its cgroup to be thawed", WEIGHT_HELD}},
    {"__refrigerator", {"its cgroup to be thawed", WEIGHT_HELD}},
    {"do_sigtimedwait", {"a signal", WEIGHT_IDLE}},
    {"sigsuspend", {"a signal", WEIGHT_IDLE}},
    {"__do_sys_pause", {"a signal", WEIGHT_IDLE}},
    {"sys_pause", {"a signal", WEIGHT_IDLE}},
    {"rwsem_down", {"a lock of the kernel", WEIGHT_HELD}},
    {"__mutex_lock", {"a lock of the kernel", WEIGHT_HELD}},
    {"mutex_lock", {"a lock of the kernel", WEIGHT_HELD}},
    {"msg", {"a System V or POSIX message", WEIGHT_OTHERS}},
    {"do_mq_", {"a System V or POSIX message", WEIGHT_OTHERS}},
    {"semtimedop", {"a System V semaphore", WEIGHT_OTHERS}},
    {"do_semtimedop", {"a System V semaphore", WEIGHT_OTHERS}},
    {"inotify_read", {"a change of a file (inotify)", WEIGHT_EVENT}},
    {"eventfd_read", {"an event (eventfd)", WEIGHT_EVENT}},
    {"kthread", {"work: it belongs to the kernel", WEIGHT_IDLE}},
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

/* Calls that say more once it is known what their descriptor is. */
static const struct {
    const char *name, *file;
    struct meaning meaning;
} calls_on[] = {
    {"read", "socket:[", {"data from a socket", WEIGHT_OTHERS}},
    {"readv", "socket:[", {"data from a socket", WEIGHT_OTHERS}},
    {"write", "socket:[", {"room in a socket to send", WEIGHT_OTHERS}},
    {"writev", "socket:[", {"room in a socket to send", WEIGHT_OTHERS}},
    {"read", "pipe:[", {"the other end of a pipe", WEIGHT_OTHERS}},
    {"readv", "pipe:[", {"the other end of a pipe", WEIGHT_OTHERS}},
    {"write", "pipe:[", {"the other end of a pipe", WEIGHT_OTHERS}},
    {"writev", "pipe:[", {"the other end of a pipe", WEIGHT_OTHERS}},
};

static bool begins(struct raw_bytes bytes, const char *prefix)
{
    const size_t len = strlen(prefix);
    return bytes.len >= len && memcmp(bytes.ptr, prefix, len) == 0;
}

static bool is(struct raw_bytes bytes, const char *word)
{
    return bytes.len == strlen(word) && begins(bytes, word);
}

static const struct meaning *meaning_of_function(struct raw_bytes function)
{
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        if (begins(function, waits[i].prefix)) {
            return &waits[i].meaning;
        }
    }
    return NULL;
}

static const struct meaning *meaning_of_call(const struct raw_wait *wait)
{
    for (size_t i = 0; wait->in_syscall && i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (is(wait->syscall_name, calls[i].name)) {
            return &calls[i].meaning;
        }
    }
    for (size_t i = 0; wait->in_syscall && i < sizeof(calls_on) / sizeof(calls_on[0]); i++) {
        if (is(wait->syscall_name, calls_on[i].name) &&
            begins(wait->syscall_file, calls_on[i].file)) {
            return &calls_on[i].meaning;
        }
    }
    return NULL;
}

static const struct meaning *meaning_of(const struct raw_wait *wait)
{
    const struct meaning *meaning = wait->wchan.len > 0 ? meaning_of_function(wait->wchan) : NULL;
    for (size_t i = 0; meaning == NULL && i < wait->stack_count; i++) {
        meaning = meaning_of_function(wait->stack[i]);
    }
    return meaning != NULL ? meaning : meaning_of_call(wait);
}

const char *facts_wait_meaning(struct raw_bytes function)
{
    const struct meaning *meaning = meaning_of_function(function);
    return meaning != NULL ? meaning->words : NULL;
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
        return WEIGHT_STUCK;
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
