#ifndef TESTS_TREE_H
#define TESTS_TREE_H

#include "base/facts.h"
#include "platform/platform.h"

enum { TREE_ROOT_BYTES = 64 };

/* Make an empty directory that everybody may read, for made-up /proc and /sys trees. It goes with
 * this process at the latest, even when a test fails before it removes it. */
void tree_make(char root[TREE_ROOT_BYTES]);

/* Write a file below it, with the directories it takes; `format` as for printf. */
__attribute__((format(printf, 3, 4))) void tree_file(const char *root, const char *path,
                                                     const char *format, ...);

/* Make a directory below it, with those above. */
void tree_dir(const char *root, const char *path);

/* What is made up of a process. */
struct tree_process {
    int32_t pid, ppid;
    uint64_t start_ticks;
    unsigned flags; // as the kernel's PF_*
    int nice, policy;
};

/* Write its `stat` below `root`, also as its only task's. */
void tree_process(const char *root, const struct tree_process *process);

/* The identity of that one. */
struct proc_id tree_process_id(int32_t pid, uint64_t start_ticks);

/* Remove a file or directory of at most TREE_ROOT_BYTES when this process ends, if it is still there. */
void tree_remove_at_exit(const char *path);

/* Remove everything. */
void tree_remove(const char *root);

#endif
