#ifndef PLATFORM_WAIT_H
#define PLATFORM_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The main thread's only place to sleep. Linux: poll() over the terminal, an eventfd and
 * a pipe the signal handlers write to. Windows: WaitForMultipleObjects() over the console
 * and an event, because PDCurses itself only knows how to look every 50 ms.
 *
 * There is at most one at a time: the signal handlers have to find it.
 */
struct wait;

/* What wait_for() saw. */
enum ready {
    READY_INPUT = 1u << 0,  // drain term_next_event()
    READY_WAKE = 1u << 1,   // somebody called wait_wake()
    READY_SIGNAL = 1u << 2, // see wait_signal()
    READY_GONE = 1u << 3,   // the terminal hung up: leave at once, touch it no more
};

/* Signals in the program's own words. */
enum wait_signal {
    WAIT_SIGNAL_NONE,
    WAIT_SIGNAL_END,       // HUP, INT, QUIT, TERM
    WAIT_SIGNAL_INTERRUPT, // INT from the terminal we read keys from: Ctrl-C was pressed
    WAIT_SIGNAL_SUSPEND,   // TSTP
    WAIT_SIGNAL_RESUME,    // CONT
    WAIT_SIGNAL_RESIZE,    // WINCH
};

/* Called from signal handlers to give the terminal back; must be async-signal-safe. */
typedef void wait_emergency(void);

/*
 * First thing in main, before anything else is opened: occupy missing descriptors 0 to 2
 * with /dev/null, empty the inherited signal mask, ignore PIPE and XFSZ, raise the soft
 * limit of open files to the hard one.
 */
void wait_prepare_process(void);

/*
 * Catch the signals. An ending signal, and Ctrl-C until wait_signal() has told of it, also arms
 * a one second alarm: when the program has not left by then (its output is blocked), `emergency`
 * runs and the process leaves by _exit.
 * Crashes (SEGV, BUS, FPE, ILL, ABRT) run `emergency` and then die of the same signal.
 * `watch_input`: also wait for standard input.
 * Owns: the caller, who ends it with wait_destroy().
 * Errors: -EMFILE, -ENOMEM.
 */
int wait_create(bool watch_input, wait_emergency *emergency, struct wait **ret);

/* Put the signal handlers back. NULL is a no-op. */
void wait_destroy(struct wait *wait);

/* Make wait_for() return. Repeated calls are one wake-up. Thread: any. */
void wait_wake(struct wait *wait);

/* Sleep until something is ready: `enum ready` bits; or until the monotonic deadline: 0. */
unsigned wait_for(struct wait *wait, uint64_t deadline_ns);

/* Next signal that arrived, WAIT_SIGNAL_NONE when there is none left. */
enum wait_signal wait_signal(struct wait *wait);

/* The number of the ending signal that arrived, 0 for none: for the exit status. */
int wait_end_signal(const struct wait *wait);

/*
 * True when input was announced but the terminal has nothing to read: end of file or an
 * I/O error, which would make poll() return at once for ever.
 */
bool wait_input_is_dead(const struct wait *wait);

/*
 * Stop as job control asks and return when continued. The default action of TSTP is used,
 * not STOP, so a session without a shell to continue it is not left stopped for ever.
 */
void wait_suspend(struct wait *wait);

#endif
