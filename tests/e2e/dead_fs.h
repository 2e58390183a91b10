#ifndef E2E_DEAD_FS_H
#define E2E_DEAD_FS_H

#include <stdbool.h>
#include <sys/types.h>

enum { DEAD_FS_FILE_BYTES = 4096 };

/*
 * A file system (ours, by FUSE) that answers everything but reads and how full it is: every name in it is a file,
 * whoever reads one waits, and does not even die, until it is released. It stands nowhere in the
 * tree.
 */
struct dead_fs {
    pid_t server; // answers
    int mount;    // its root; -1 none
    int reads;    // a byte comes out for every read that will have no answer; -1 none
};

/* Make one. False, with `*ret_why`, where it cannot be made. */
bool dead_fs_start(struct dead_fs *fs, const char **ret_why);

/* Let the reads fail, so that everyone goes on. */
void dead_fs_release(struct dead_fs *fs);

/* Likewise, and take it away. A zeroed one must have been started. */
void dead_fs_finish(struct dead_fs *fs);

#endif
