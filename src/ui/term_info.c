/*
 * A file of its own because the system's term.h has a struct term, too. Asked first because
 * curses leaks memory when it is given a terminal it does not know.
 */
#include "ui/term_info.h"

#include <errno.h>
#include <ncurses_dll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

static bool has_string(const char *name)
{
    const char *s = tigetstr(name);
    return s && s != (const char *)-1 && *s != '\0';
}

int term_info_check(const char *name)
{
    int error = 0; // without a place for it, setupterm() would end the program
    if (!name || name[0] == '\0' || setupterm(name, STDOUT_FILENO, &error) != 0) {
        return -ENOENT;
    }
    bool can_move = has_string("cup") && has_string("clear");
    (void)del_curterm(cur_term); // fails only when there is none
    return can_move ? 0 : -ENOENT;
}

bool term_info_has_braille(const char *name)
{
    return !name || strncmp(name, "linux", strlen("linux")) != 0;
}

bool term_info_knows_extras(const char *name)
{
    static const char *const families[] = {
        "xterm", "screen", "tmux", "rxvt",    "alacritty", "foot",    "kitty",
        "vte",   "gnome",  "st-",  "konsole", "wezterm",   "ghostty",
    };
    for (size_t i = 0; name && i < sizeof(families) / sizeof(families[0]); i++) {
        if (strncmp(name, families[i], strlen(families[i])) == 0) {
            return true;
        }
    }
    return false;
}

int term_info_depth(enum colour_choice choice, int have)
{
    const char *no_colour = getenv("NO_COLOR");
    switch (choice) {
    case COLOUR_NONE:
        return 0;
    case COLOUR_16:
        return have < 16 ? have : 16;
    case COLOUR_256:
        return have < 256 ? have : 256;
    case COLOUR_TRUE:
        return have;
    case COLOUR_AUTO:
        break;
    }
    return no_colour && no_colour[0] != '\0' ? 0 : have;
}
