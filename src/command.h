#ifndef COMMAND_H
#define COMMAND_H

#include "sampler/act.h"

#include <stdbool.h>

struct cli;
struct platform;
struct settings;

/* How a command ends, apart from 128 plus a signal's number. */
enum command_status {
    COMMAND_ALL = 0,     // done to all, or it was so already; a dry run that found somebody
    COMMAND_NONE = 1,    // done to none: nobody matched, nobody could be changed, or no was said
    COMMAND_REFUSED = 2, // not asked for in a way that it could be done
    COMMAND_SOME = 3,    // done to some and not to others
};

/* What it needs. Everything pointed at is borrowed. */
struct command_options {
    const struct cli *cli; // MODE_ACT
    const struct settings *settings;
    struct platform *platform;
    act_record *record; // called with each outcome; NULL: nobody
    void *record_context;
};

/*
 * Act without a screen: take one snapshot, choose the processes the command line means, hold on
 * to them, list them, ask unless told not to, do the deed and print what came of it for each.
 * Perch itself and what it runs under are left out unless named by their number. Errors are
 * told on standard error. False in *ret_ended: a thread hangs in the kernel, so leave by _exit
 * and do not close the platform.
 * Returns the exit status: enum command_status, or 128 plus the signal that ended it.
 */
int command_run(const struct command_options *options, bool *ret_ended);

#endif
