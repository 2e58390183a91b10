#ifndef PLATFORM_LINUX_PARSE_INSPECT_H
#define PLATFORM_LINUX_PARSE_INSPECT_H

#include "platform/inspect.h"
#include "platform/linux/span.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Files of /proc/PID that are read while somebody looks at one process, as values. Pure functions
 * over a buffer that may hold anything; texts point into it.
 */

/*
 * Find the value behind "key:" in /proc/PID/status. The process's name, which it chooses itself,
 * is the first line and passed over. False when there is no such line.
 */
bool parse_inspect_status(struct raw_bytes status, const char *key, struct span *ret);

/* The decimal number there; `absent` when there is none. */
uint64_t parse_inspect_status_u64(struct raw_bytes status, const char *key, uint64_t absent);

/* The process of a task, from its `status`; 0: not told. */
int32_t parse_inspect_process(struct raw_bytes status);

/* The exit status of a task that has ended, from its `stat`; -1 when there is none. */
int32_t parse_inspect_exit_status(struct raw_bytes stat);

/* Read what `status` has of an identity; what it lacks becomes unknown. The groups stay as they
 * are. */
void parse_inspect_identity(struct raw_bytes status, struct raw_identity *ret);

/* Read the supplementary groups in `status`, at most `capacity`; returns how many there are. */
size_t parse_inspect_groups(struct raw_bytes status, uint32_t *ret, size_t capacity);

/* The inode in a link like "net:[4026531840]"; false when it is none of that type. */
bool parse_inspect_link_inode(struct raw_bytes link, const char *type, uint64_t *ret);

/*
 * Time a task was runnable without a CPU, in `schedstat`.
 * Units: ns. FIGURE_ABSENT when it does not say.
 */
uint64_t parse_inspect_run_delay(struct raw_bytes schedstat);

/*
 * Time a task waited for block I/O, in `stat`, of which the kernel leaves 0 unless it was told to
 * count. Units: ns. FIGURE_ABSENT when it does not say.
 */
uint64_t parse_inspect_block_delay(struct raw_bytes stat, uint64_t tick_ns);

/* Cut the next line of `limits` off the text: everything but what is used. False at the end. */
bool parse_inspect_limit(struct span *limits, struct raw_limit *ret);

/* How much of an environment is one: it ends at an empty entry. */
size_t parse_inspect_environ(struct raw_bytes environ);

/* Read `syscall`; false when the task runs, or sleeps outside of any system call. */
bool parse_inspect_syscall(struct raw_bytes line, int64_t *ret_number, uint64_t ret_args[6]);

/*
 * Whether an auxiliary vector (`auxv`) is that of a program for the same word size as perch: only
 * then do its system calls have the same numbers.
 */
bool parse_inspect_is_native(struct raw_bytes auxv);

/* Cut the next frame off the text of `stack`, without its address. False at the end. */
bool parse_inspect_frame(struct span *stack, struct span *ret);

/* Read `fdinfo` into everything but the number, kind and target of a descriptor; its inode only
 * when it is told. */
void parse_inspect_fdinfo(struct raw_bytes fdinfo, struct raw_file *ret);

/*
 * What is behind a descriptor, by the text of its link and its flags (O_*, UINT32_MAX unknown):
 * a guess where it is a path, because the file itself must not be asked. Sets *ret_inode when the
 * link tells one.
 */
enum raw_file_kind parse_inspect_file_kind(struct raw_bytes target, uint32_t flags,
                                           uint64_t *ret_inode);

/* A line of /proc/locks. */
struct parse_lock {
    struct raw_lock lock; // without a path; holder: of a waiting one, who has it
    int32_t pid;          // whose line it is
};

/* Where one is in /proc/locks. Zero-initialise. */
struct parse_locks {
    struct parse_lock held; // the last one that is; of a waiting one, what it waits for
};

/*
 * Cut lines off the text of /proc/locks up to the next one that makes sense. False at the end.
 * Waiting ones follow the lock they wait for; among them, one may be behind another.
 */
bool parse_inspect_lock(struct span *locks, struct parse_locks *at, struct parse_lock *ret);

/* Likewise of the "lock:" lines of an fdinfo file, whose ids mean nothing. */
bool parse_inspect_fdinfo_lock(struct span *fdinfo, struct parse_lock *ret);

/* Where a call names the descriptors it waits on. */
enum parse_call_kind {
    PARSE_CALL_NONE,   // it does not wait on any, or for something else than another end
    PARSE_CALL_ONE,    // its descriptor
    PARSE_CALL_POLL,   // an array in memory: its address and how many
    PARSE_CALL_SELECT, // how many, and the addresses of two sets of bits, to read and to write
    PARSE_CALL_EPOLL,  // what its descriptor watches
    PARSE_CALL_OPEN,   // none yet: the address of a path
    PARSE_CALL_PIDFD,  // its second argument
};

/* What a system call waits for. */
struct parse_call {
    enum parse_call_kind kind;
    bool reads, writes; // of PARSE_CALL_ONE: what it waits to do
    int path_argument;  // of PARSE_CALL_OPEN: number of the one that is the address
};

/* What the call a thread is in waits for. */
struct parse_call parse_inspect_call(const struct raw_wait *wait);

/* True when a thread connects a socket. */
bool parse_inspect_connects(const struct raw_wait *wait);

/* True when a thread waits for a lock of the kind that belongs to an open file (F_OFD_SETLKW). */
bool parse_inspect_waits_ofd(const struct raw_wait *wait);

/*
 * What a thread waits for that is in futex(2), by the call's arguments and the three words at the
 * address. `owner` is as the memory has it: whether there is such a thread is not known here.
 */
struct raw_futex parse_inspect_futex(const uint64_t args[6], const uint32_t words[3]);

/* A descriptor that is watched together with others. */
struct parse_watched {
    int32_t fd;
    bool reads, writes; // for what
};

/* Cut the next watched descriptor off the text of an epoll's `fdinfo`. False at the end. */
bool parse_inspect_watched(struct span *fdinfo, struct parse_watched *ret);

/* Read one of poll()'s. False when it is to be passed over. */
bool parse_inspect_polled(const struct pollfd *polled, struct parse_watched *ret);

/* True when both lines are about the same lock. */
bool parse_inspect_same_lock(const struct parse_lock *a, const struct parse_lock *b);

#endif
