#ifndef PLATFORM_LINUX_SYSCALL_TABLE_H
#define PLATFORM_LINUX_SYSCALL_TABLE_H

#include <stddef.h>

/* What is known of one system call. */
struct syscall_row {
    const char *name; // NULL: a number nobody uses
    int fd_argument;  // number of the argument that is the descriptor it is about; -1 none
};

/* The system calls of the architecture perch was built for, by number. */
extern const struct syscall_row syscall_table[];

/* How many numbers it covers. */
extern const size_t syscall_table_count;

#endif
