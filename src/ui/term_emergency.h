#ifndef UI_TERM_EMERGENCY_H
#define UI_TERM_EMERGENCY_H

struct termios;

/*
 * Giving the terminal back from a signal handler: the other half of term_emergency_restore(),
 * which is declared in ui/term.h.
 */

/*
 * Prepare for it: the modes to set again and the sequences to write, terminfo strings in a list
 * that NULL ends; one the terminal does not have is "". All is copied.
 */
void term_emergency_arm(const struct termios *saved, const char *const *sequences);

/* The terminal is not ours for now: a restore does nothing. */
void term_emergency_disarm(void);

/* It is again, with what was prepared before. */
void term_emergency_rearm(void);

#endif
