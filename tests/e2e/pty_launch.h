#ifndef E2E_PTY_LAUNCH_H
#define E2E_PTY_LAUNCH_H

#include "pty_screen.h"

#include <sys/types.h>

/* What runs on a pseudo terminal: the program, or a little shell with the program below. */
struct pty_job {
    pid_t leader; // our child: the program, or the shell above it
    pid_t pid;    // the program
    int reports;  // from the shell; -1 without one
    int commands; // to the shell; -1 without one
};

/* What the little shell tells of the program. */
struct job_report {
    char kind; // 'P' its pid, 'S' stopped, 'E' ended
    int value; // pid or wait status
};

/* Start the program with the slave as its terminal, in a clean environment. Fails the test if it
 * cannot. */
void pty_launch(const struct pty_options *options, int master, int slave, struct pty_job *ret);

/* Print, remove and count what sanitizers have written about programs started here. */
int pty_sanitizer_reports(void);

#endif
