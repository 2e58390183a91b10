#include "ui/term_emergency.h"

#include "ui/term.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/*
 * What a signal handler needs to give the terminal back. This is file-scope state because a
 * handler has no other way to reach anything. Written before `armed` is set and never while it is.
 */
static struct {
    volatile sig_atomic_t armed;
    struct termios saved;
    char bytes[512];
    size_t len;
} emergency;

/* Append a terminfo string without its padding marks, "$<5>". */
static void add_sequence(const char *s)
{
    while (*s != '\0') {
        const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;
        if (end) {
            s = end + 1;
            continue;
        }
        if (emergency.len < sizeof(emergency.bytes)) {
            emergency.bytes[emergency.len++] = *s;
        }
        s++;
    }
}

void term_emergency_arm(const struct termios *saved, const char *const *sequences)
{
    emergency.armed = 0;
    emergency.saved = *saved;
    emergency.len = 0;
    for (size_t i = 0; sequences[i]; i++) {
        add_sequence(sequences[i]);
    }
    emergency.armed = 1;
}

void term_emergency_disarm(void)
{
    emergency.armed = 0;
}

void term_emergency_rearm(void)
{
    emergency.armed = 1;
}

void term_emergency_restore(void)
{
    if (!emergency.armed) {
        return;
    }
    emergency.armed = 0;
    /* a terminal stopped with Ctrl-S would block the write for ever */
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    if (flags >= 0) {
        (void)fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
    }
    ssize_t written = write(STDOUT_FILENO, emergency.bytes, emergency.len);
    (void)written; // nobody is left to be told
    if (flags >= 0) {
        (void)fcntl(STDOUT_FILENO, F_SETFL, flags);
    }
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &emergency.saved);
}
