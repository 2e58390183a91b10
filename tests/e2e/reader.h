#ifndef E2E_READER_H
#define E2E_READER_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * What is true of a process, as other programs and the kernel's own files tell it: ionice,
 * taskset and chrt of util-linux, /proc. Nothing here is shared with the program under test.
 */

enum { READER_TEXT_BYTES = 256 };

/* What to read. */
enum reading {
    READ_NICE,      // "5"
    READ_IO,        // ionice -p: "idle", "best-effort: prio 4"
    READ_CPUS,      // taskset -pc: "0,1"
    READ_POLICY,    // chrt -p: "SCHED_BATCH 0"
    READ_OOM_ADJ,   // /proc/PID/oom_score_adj: "500"
    READ_STATE,     // letter of /proc/PID/stat: "T"
    READ_AUTOGROUP, // nice value in /proc/PID/autogroup: "3"
    READ_COUNT,
};

/* Read one thing of a task. Owns: static storage, until the next call. "" when it cannot be. */
const char *reader_read(enum reading what, pid_t task);

/* Whether it reads so for every thread of a process. */
bool reader_all_threads(enum reading what, pid_t process, const char *text);

#endif
