#ifndef APP_H
#define APP_H

#include <stdbool.h>

struct action_log;
struct cli;
struct journal;
struct keymap;
struct log;
struct platform;
struct settings;

/* What the screen is made with. Everything is borrowed until app_run() returns. */
struct app_options {
    const struct cli *cli;
    struct settings *settings;
    const struct keymap *keymap;
    struct platform *platform;
    struct log *log;
    struct journal *journal;       // of what is done to processes
    struct action_log *action_log; // what is done is written there, too; NULL: nowhere
    const char *config_dir;        // NULL: settings cannot be saved
    const char *refusal;           // why nothing may be done to processes; NULL: it may
    const char *complaint;         // sentence to begin with in the status line; NULL for none
};

/* How the program is to end. */
struct app_result {
    int status; // for the shell: 0, 1, or 128 plus the signal
    bool ended; // false: leave by _exit and close nothing, a thread hangs in the kernel
};

/*
 * Show the screen until the user leaves, a signal ends it or the terminal is gone. The
 * terminal is given back before this returns, unless it is gone: then nothing more may be
 * written to it. What kept it from starting is told on standard error.
 */
struct app_result app_run(const struct app_options *options);

#endif
