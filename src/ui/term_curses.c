/*
 * The terminal through ncurses: the idea is that curses only ever sees whole cells. A surface is
 * compared with the one shown last, the cells that differ are given to curses with a style made
 * from their role, and curses finds the shortest way to say it to this terminal.
 *
 * What must hold: a cell takes exactly the columns we think it takes, or the whole line shifts.
 * So a glyph the C library measures differently from us (its tables may be older or newer) is
 * shown as '?'. And the terminal is given back whatever happens, see term_emergency_restore().
 */
#define NCURSES_WIDECHAR 1

#include "base/str.h"
#include "base/utf8.h"
#include "ui/term.h"
#include "ui/term_clipboard.h"
#include "ui/term_emergency.h"
#include "ui/term_info.h"
#include "ui/term_keys.h"
#include "ui/theme.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

enum {
    ESCAPE_DELAY_MS = 25, // how long the rest of a key's sequence may take
    PAIRS_MAX = 256,      // colour pairs we use; a theme has some twenty
    DIRECT_COLOURS = 1 << 24,
    EVENT_TRIES = 1024, // reports without meaning skipped in one call
    /* our own key codes for curses, above all of its */
    CODE_FIRST = KEY_MAX + 1,
    CODE_PASTE_BEGIN = CODE_FIRST,
    CODE_PASTE_END,
};

/* Sequences every terminal that reports mouse or paste takes, and that undo both. */
static const char paste_on[] = "\033[?2004h";
static const char extras_off[] = "\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l";

/* A colour pair given to curses. */
struct pair {
    int fg, bg; // curses colour numbers, -1 for the terminal's own
};

struct term {
    struct term_options options;
    struct termios saved; // the modes it had before
    SCREEN *screen;
    struct surface shown; // what the terminal shows
    bool shown_valid;     // false: send everything
    bool suspended;
    bool colour, unicode;
    bool knows_paste;
    bool has_default_colours;
    int cursor_shown; // 0, 1; -1 when not known
    int depth;        // colours in use: 0, 8, 16, 256 or DIRECT_COLOURS
    struct pair pairs[PAIRS_MAX];
    int pair_count;                // pair 0 is the terminal's own colours
    struct term_stack pending;     // read together with others
    struct term_sequence sequence; // being thrown away
};

/* ---- opening and closing ---- */

/* Write control sequences that are ours and not from terminfo, behind what curses wrote. */
static void send(const char *sequence)
{
    (void)fputs(sequence, stdout); // a lost terminal is noticed by term_present()
    (void)fflush(stdout);
}

static void define_keys(const struct term *term)
{
    if (!term->knows_paste) {
        return;
    }
    (void)define_key("\033[200~", CODE_PASTE_BEGIN); // fails only without memory:
    (void)define_key("\033[201~", CODE_PASTE_END);   // the paste then arrives as typed
}

static void set_mouse(const struct term *term)
{
    mmask_t mask = term->options.mouse
                       ? BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON2_PRESSED | BUTTON2_RELEASED |
                             BUTTON3_PRESSED | BUTTON3_RELEASED | BUTTON4_PRESSED | BUTTON5_PRESSED
                       : 0;
    (void)mousemask(mask, NULL);
    (void)mouseinterval(0); // presses at once, no waiting for a double click
}

/* Modes of a terminal that is ours. They outlive endwin() except for the paste mode. */
static void set_modes(const struct term *term)
{
    (void)cbreak(); // Ctrl-C and Ctrl-Z stay signals
    (void)noecho();
    (void)nonl();
    (void)intrflush(stdscr, FALSE);
    (void)keypad(stdscr, TRUE);
    (void)nodelay(stdscr, TRUE);
    (void)meta(stdscr, TRUE);
    (void)set_escdelay(ESCAPE_DELAY_MS);
    (void)leaveok(stdscr, FALSE);
    (void)scrollok(stdscr, FALSE);
    set_mouse(term);
}

static void adopt_options(struct term *term)
{
    int depth = term_info_depth(term->options.colours, has_colors() ? COLORS : 0);
    if (has_colors() && COLORS >= DIRECT_COLOURS && depth >= 16) {
        /* numbers from 8 on are exact colours there: it has no palette to choose from */
        depth = term->options.colours == COLOUR_16 ? 8 : DIRECT_COLOURS;
    }
    term->depth = depth >= DIRECT_COLOURS ? DIRECT_COLOURS
                  : depth >= 256          ? 256
                  : depth >= 16           ? 16
                                          : depth;
    term->colour = term->depth >= 8;
    bool utf8 = str_equal(nl_langinfo(CODESET), "UTF-8");
    /* whatever the person says, the C library can only encode what the locale has */
    term->unicode = utf8 && term->options.glyphs != GLYPHS_ASCII;
    term->pair_count = 1;
    term->cursor_shown = -1;
    term->shown_valid = false;
}

/* A terminfo string; "" when the terminal does not have it. */
static const char *capability(const char *name)
{
    const char *s = tigetstr(name);
    return s == (const char *)-1 || !s ? "" : s;
}

/* Prepare what a signal handler writes to give the terminal back. */
static void arm_emergency(const struct term *term)
{
    term_emergency_arm(&term->saved, (const char *const[]){
                                         term->knows_paste ? extras_off : "",
                                         capability("sgr0"),
                                         capability("rmkx"),
                                         capability("cnorm"),
                                         capability("rmcup"),
                                         NULL,
                                     });
}

static int open_terminal(struct term *term)
{
    const char *name = getenv("TERM");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
        tcgetattr(STDIN_FILENO, &term->saved) < 0) {
        return -ENOTTY;
    }
    int r = term_info_check(name);
    if (r < 0) {
        return r;
    }
    term->knows_paste = term_info_knows_extras(name);
    term->screen = newterm(NULL, stdout, stdin); // unlike initscr() it does not exit
    return term->screen ? 0 : -ENOENT;
}

int term_open(const struct term_options *options, struct term **ret)
{
    struct term *term = calloc(1, sizeof(*term));
    if (!term) {
        return -ENOMEM;
    }
    term->options = *options;
    int r = open_terminal(term);
    if (r < 0) {
        free(term);
        return r;
    }
    arm_emergency(term);
    if (has_colors()) {
        (void)start_color(); // fails without memory; the pairs then fail too, and are left out
        term->has_default_colours = use_default_colors() == OK;
    }
    set_modes(term);
    define_keys(term);
    adopt_options(term);
    send(term->knows_paste ? paste_on : "");
    *ret = term;
    return 0;
}

/* Without an alternate screen ours stays, and the shell's prompt comes where the keys were. */
static void leave_screen(const struct term *term)
{
    if (*capability("rmcup") == '\0') {
        (void)move(LINES - 1, 0);
        (void)clrtoeol();
        (void)refresh(); // the terminal may be gone: then nobody sees the prompt either
    }
    send(term->knows_paste ? extras_off : "");
    (void)curs_set(1);
    (void)endwin();
    term_emergency_disarm();
}

void term_close(struct term *term)
{
    if (!term) {
        return;
    }
    leave_screen(term);
    delscreen(term->screen);
    surface_finish(&term->shown);
    free(term);
}

void term_configure(struct term *term, const struct term_options *options)
{
    bool mouse_changes = term->options.mouse != options->mouse;
    term->options = *options;
    if (mouse_changes) {
        set_mouse(term);
    }
    adopt_options(term);
}

void term_suspend(struct term *term)
{
    if (term->suspended) {
        return;
    }
    term->suspended = true;
    leave_screen(term);
}

void term_resume(struct term *term)
{
    if (!term->suspended) {
        return;
    }
    term->suspended = false;
    term_emergency_rearm();
    (void)reset_prog_mode();
    (void)clearok(stdscr, TRUE);
    (void)refresh(); // takes the alternate screen and the keypad again
    set_modes(term);
    send(term->knows_paste ? paste_on : "");
    term_invalidate(term);
}

int term_copy(struct term *term, const char *text)
{
    char sequence[CLIPBOARD_SEQUENCE_BYTES];
    struct strbuf buf;
    str_init(&buf, sequence, sizeof(sequence));
    term_clipboard_format(text, strlen(text), &buf);
    if (!term->knows_paste || buf.overflow) {
        return -ENOTSUP;
    }
    send(sequence);
    return 0;
}

void term_invalidate(struct term *term)
{
    term->shown_valid = false;
}

bool term_has_colour(const struct term *term)
{
    return term->colour;
}

bool term_has_braille(const struct term *term)
{
    return term->unicode && term_info_has_braille(getenv("TERM"));
}

bool term_has_unicode(const struct term *term)
{
    return term->unicode;
}

static int clamp_side(int side)
{
    return side < 1 ? 1 : side > SURFACE_MAX_SIDE ? SURFACE_MAX_SIDE : side;
}

void term_size(struct term *term, int *ret_width, int *ret_height)
{
    struct winsize size = {0};
    int width = 0;
    int height = 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
        width = size.ws_col;
        height = size.ws_row;
    }
    /* a serial line knows no size */
    width = width > 0 ? width : tigetnum("cols");
    height = height > 0 ? height : tigetnum("lines");
    width = clamp_side(width > 0 ? width : 80);
    height = clamp_side(height > 0 ? height : 24);
    if (width != COLS || height != LINES) {
        (void)resizeterm(height, width); // without memory the old size stays, and is drawn in
        term->shown_valid = false;
    }
    *ret_width = width;
    *ret_height = height;
}

/* ---- drawing ---- */

/* The number curses knows a colour by; *bold is set when that is how it gets bright. */
static int colour_number(const struct term *term, int colour16, int32_t rgb, bool *bold)
{
    static const int32_t bright[] = {0x7f7f7f, 0xff5555, 0x55ff55, 0xffff55,
                                     0x7777ff, 0xff55ff, 0x55ffff, 0xffffff};
    if (colour16 == STYLE_DEFAULT_COLOUR) {
        return -1;
    }
    if (rgb >= 0 && term->depth >= 256) {
        return term->depth >= DIRECT_COLOURS ? rgb : theme_nearest_256(rgb);
    }
    if (colour16 >= 8 && term->depth >= DIRECT_COLOURS) {
        return bright[colour16 - 8];
    }
    if (colour16 >= 8 && term->depth < 16) {
        *bold = true;
        return colour16 - 8;
    }
    return colour16;
}

/* The pair of two colours, made when it is new; 0, the terminal's own, when there are too many. */
static int find_pair_of(struct term *term, int fg, int bg)
{
    if (!term->has_default_colours) {
        fg = fg < 0 ? COLOR_WHITE : fg;
        bg = bg < 0 ? COLOR_BLACK : bg;
    }
    if (fg < 0 && bg < 0) {
        return 0;
    }
    for (int i = 1; i < term->pair_count; i++) {
        if (term->pairs[i].fg == fg && term->pairs[i].bg == bg) {
            return i;
        }
    }
    int i = term->pair_count;
    if (i >= PAIRS_MAX || i >= COLOR_PAIRS || init_extended_pair(i, fg, bg) != OK) {
        return 0;
    }
    term->pairs[i] = (struct pair){.fg = fg, .bg = bg};
    term->pair_count++;
    return i;
}

static attr_t attributes_of(unsigned flags)
{
    attr_t attributes = A_NORMAL;
    attributes |= (flags & STYLE_BOLD) != 0 ? A_BOLD : 0;
    attributes |= (flags & STYLE_DIM) != 0 ? A_DIM : 0;
    attributes |= (flags & STYLE_REVERSE) != 0 ? A_REVERSE : 0;
    attributes |= (flags & STYLE_UNDERLINE) != 0 ? A_UNDERLINE : 0;
    return attributes;
}

/* How a cell looks on this terminal. */
struct look {
    attr_t attributes;
    int pair;
};

static struct look look_of(struct term *term, const struct cell *cell)
{
    const struct style *style = theme_style(term->options.theme, (enum role)cell->role);
    struct look look = {.attributes = attributes_of(term->colour ? style->flags : style->mono)};
    if (term->colour) {
        bool bold = false;
        bool ignored = false; // bold would not make a background bright
        int fg = colour_number(term, style->fg16, style->fg_rgb, &bold);
        int bg = colour_number(term, style->bg16, style->bg_rgb, &ignored);
        look.attributes |= bold ? A_BOLD : 0;
        look.pair = find_pair_of(term, fg, bg);
    }
    look.attributes ^= (cell->flags & CELL_REVERSE) != 0 ? A_REVERSE : 0;
    look.attributes |= (cell->flags & CELL_BOLD) != 0 ? A_BOLD : 0;
    return look;
}

static void put_wide(int x, int y, const wchar_t *glyph, const struct look *look)
{
    cchar_t out;
    int pair = look->pair;
    if (setcchar(&out, glyph, look->attributes, 0, &pair) == OK) {
        /* an error here means only that the cursor could not go behind the last cell */
        (void)mvadd_wch(y, x, &out);
    }
}

/* Decode a cell's glyph; false when the C library disagrees with us about its width. */
static bool glyph_of(const struct cell *cell, wchar_t glyph[CCHARW_MAX + 1])
{
    size_t count = 0;
    for (size_t at = 0; at < cell->len && count < CCHARW_MAX - 1;) {
        uint32_t code = UTF8_BAD;
        at += utf8_decode(cell->glyph + at, cell->len - at, &code);
        int width = code == UTF8_BAD ? -1 : wcwidth((wchar_t)code);
        if (count == 0 && width != cell->width) {
            return false;
        }
        if (count == 0 || width == 0) { // else: no mark for the C library; better without it
            glyph[count++] = (wchar_t)code;
        }
    }
    glyph[count] = L'\0';
    return count > 0;
}

static void draw_cell(struct term *term, const struct cell *from, int x, int y)
{
    struct cell cell = *from;
    if (!term->unicode) {
        struct surface one = {.cells = &cell, .width = 1, .height = 1};
        surface_to_ascii(&one);
    }
    if (cell.width == 0) {
        return; // drawn with its lead
    }
    struct look look = look_of(term, &cell);
    wchar_t glyph[CCHARW_MAX + 1];
    if (glyph_of(&cell, glyph)) {
        put_wide(x, y, glyph, &look);
        return;
    }
    for (int i = 0; i < cell.width; i++) {
        put_wide(x + i, y, L"?", &look);
    }
}

static void draw_row(struct term *term, const struct surface *surface, int y, int width)
{
    size_t first = (size_t)y * (size_t)surface->width;
    const struct cell *row = &surface->cells[first];
    struct cell *shown = &term->shown.cells[first];
    for (int x = 0; x < width; x++) {
        bool same = term->shown_valid && surface_same_cell(&row[x], &shown[x]);
        if (row[x].width == 2 && x + 1 < width) {
            same = same && surface_same_cell(&row[x + 1], &shown[x + 1]);
        }
        if (!same) {
            draw_cell(term, &row[x], x, y);
        }
    }
    memcpy(shown, row, (size_t)surface->width * sizeof(*row));
}

static int adopt_surface(struct term *term, const struct surface *surface)
{
    if (!term->shown.cells || term->shown.width != surface->width ||
        term->shown.height != surface->height) {
        int r = surface_resize(&term->shown, surface->width, surface->height);
        if (r < 0) {
            return r;
        }
        term->shown_valid = false;
    }
    if (!term->shown_valid) {
        (void)erase();
        (void)clearok(stdscr, TRUE); // whatever else wrote to the terminal is wiped, too
    }
    return 0;
}

static void place_cursor(struct term *term, int x, int y)
{
    int show = x >= 0 && x < COLS && y >= 0 && y < LINES;
    if (show != term->cursor_shown) {
        (void)curs_set(show); // a terminal that cannot hide it shows it
        term->cursor_shown = show;
    }
    (void)move(show ? y : LINES - 1, show ? x : 0);
}

/* Curses ignores failed writes, so ask what the last one said, and the terminal itself. */
static bool output_is_gone(int error)
{
    struct termios modes;
    bool failed = error == EIO || error == EPIPE || error == ENXIO || error == EBADF;
    return failed || (tcgetattr(STDOUT_FILENO, &modes) < 0 && errno != EINTR);
}

int term_present(struct term *term, const struct surface *surface, int cursor_x, int cursor_y)
{
    int r = adopt_surface(term, surface);
    if (r < 0) {
        return r;
    }
    int width = surface->width < COLS ? surface->width : COLS;
    int height = surface->height < LINES ? surface->height : LINES;
    for (int y = 0; y < height; y++) {
        draw_row(term, surface, y, width);
    }
    term->shown_valid = true;
    errno = 0;
    place_cursor(term, cursor_x, cursor_y);
    (void)refresh(); // its result says nothing about the terminal
    return output_is_gone(errno) ? -EIO : 0;
}

/* ---- keys and mouse ---- */

/* What curses calls a key, and what we do. */
static const struct {
    int code;
    struct key key;
} curses_keys[] = {
    {KEY_UP, {KEYCODE_UP, 0}},
    {KEY_DOWN, {KEYCODE_DOWN, 0}},
    {KEY_LEFT, {KEYCODE_LEFT, 0}},
    {KEY_RIGHT, {KEYCODE_RIGHT, 0}},
    {KEY_HOME, {KEYCODE_HOME, 0}},
    {KEY_FIND, {KEYCODE_HOME, 0}},
    {KEY_A1, {KEYCODE_HOME, 0}},
    {KEY_END, {KEYCODE_END, 0}},
    {KEY_SELECT, {KEYCODE_END, 0}},
    {KEY_C1, {KEYCODE_END, 0}},
    {KEY_PPAGE, {KEYCODE_PAGE_UP, 0}},
    {KEY_A3, {KEYCODE_PAGE_UP, 0}},
    {KEY_NPAGE, {KEYCODE_PAGE_DOWN, 0}},
    {KEY_C3, {KEYCODE_PAGE_DOWN, 0}},
    {KEY_IC, {KEYCODE_INSERT, 0}},
    {KEY_DC, {KEYCODE_DELETE, 0}},
    {KEY_BACKSPACE, {KEYCODE_BACKSPACE, 0}},
    {KEY_ENTER, {KEYCODE_ENTER, 0}},
    {KEY_BTAB, {KEYCODE_TAB, MOD_SHIFT}},
    {KEY_SR, {KEYCODE_UP, MOD_SHIFT}},
    {KEY_SF, {KEYCODE_DOWN, MOD_SHIFT}},
    {KEY_SLEFT, {KEYCODE_LEFT, MOD_SHIFT}},
    {KEY_SRIGHT, {KEYCODE_RIGHT, MOD_SHIFT}},
    {KEY_SHOME, {KEYCODE_HOME, MOD_SHIFT}},
    {KEY_SEND, {KEYCODE_END, MOD_SHIFT}},
    {KEY_SPREVIOUS, {KEYCODE_PAGE_UP, MOD_SHIFT}},
    {KEY_SNEXT, {KEYCODE_PAGE_DOWN, MOD_SHIFT}},
    {KEY_SIC, {KEYCODE_INSERT, MOD_SHIFT}},
    {KEY_SDC, {KEYCODE_DELETE, MOD_SHIFT}},
    {CODE_PASTE_BEGIN, {KEYCODE_PASTE_BEGIN, 0}},
    {CODE_PASTE_END, {KEYCODE_PASTE_END, 0}},
};

static bool special_key(int code, struct key *ret)
{
    for (size_t i = 0; i < sizeof(curses_keys) / sizeof(curses_keys[0]); i++) {
        if (curses_keys[i].code == code) {
            *ret = curses_keys[i].key;
            return true;
        }
    }
    return term_key_from_function(code - KEY_F(0), ret) || term_key_from_name(keyname(code), ret);
}

/* Coordinates are passed on as they come: a terminal may report what it likes. */
static bool mouse_report(const MEVENT *event, struct mouse *ret)
{
    static const struct {
        mmask_t state;
        enum mouse_kind kind;
        uint8_t button;
    } kinds[] = {
        {BUTTON4_PRESSED, MOUSE_WHEEL_UP, 0}, {BUTTON5_PRESSED, MOUSE_WHEEL_DOWN, 0},
        {BUTTON1_PRESSED, MOUSE_PRESS, 1},    {BUTTON1_RELEASED, MOUSE_RELEASE, 1},
        {BUTTON2_PRESSED, MOUSE_PRESS, 2},    {BUTTON2_RELEASED, MOUSE_RELEASE, 2},
        {BUTTON3_PRESSED, MOUSE_PRESS, 3},    {BUTTON3_RELEASED, MOUSE_RELEASE, 3},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if ((event->bstate & kinds[i].state) != 0) {
            *ret = (struct mouse){
                .kind = kinds[i].kind, .x = event->x, .y = event->y, .button = kinds[i].button};
            return true;
        }
    }
    return false;
}

/* Curses takes in all the reports that wait at once, and gives out the last one first. */
static bool mouse_reports(struct term *term, struct term_event *ret)
{
    struct term_event event = {.is_mouse = true};
    MEVENT report;
    while (getmouse(&report) == OK) {
        if (mouse_report(&report, &event.mouse)) {
            term_stack_push(&term->pending, &event);
        }
    }
    return term_stack_pop(&term->pending, ret);
}

/* What one answer of curses means. */
enum reading { READ_NOTHING, READ_UNKNOWN, READ_EVENT };

static enum reading read_one(struct term *term, struct term_event *ret)
{
    wint_t code = 0;
    int r = wget_wch(stdscr, &code);
    if (r == ERR) {
        return READ_NOTHING;
    }
    struct term_event event = {0};
    bool known = false;
    if (r != KEY_CODE_YES) {
        known = term_key_from_character((uint32_t)code, &event.key);
    } else if (code == KEY_MOUSE) {
        known = mouse_reports(term, &event);
    } else {
        known = special_key((int)code, &event.key);
    }
    if (!known) {
        return READ_UNKNOWN;
    }
    *ret = event;
    return READ_EVENT;
}

/* True when an event is part of a sequence that is thrown away; `event` may become a key. */
static bool is_swallowed(struct term *term, struct term_event *event)
{
    if (event->is_mouse) {
        term->sequence = (struct term_sequence){0};
    }
    if (term->sequence.kind == 0) {
        return false;
    }
    enum sequence_step step = term_sequence_feed(&term->sequence, event->key, &event->key);
    return step == SEQUENCE_GOES_ON || step == SEQUENCE_ENDED;
}

/* A key that comes at once after Escape was typed together with Alt: nobody is that fast. With
 * yet more behind it may be a sequence that curses does not know; false: it was. */
static bool join_escape(struct term *term, struct term_event *event)
{
    struct term_event next;
    if (!term_is_escape(event) || read_one(term, &next) != READ_EVENT) {
        return true;
    }
    bool is_paste = next.key.code == KEYCODE_PASTE_BEGIN || next.key.code == KEYCODE_PASTE_END;
    if (next.is_mouse || term_is_escape(&next) || is_paste) {
        term_stack_push(&term->pending, &next);
        return true;
    }
    if (term_sequence_begin(&term->sequence, next.key)) {
        if (read_one(term, event) == READ_EVENT) {
            return !is_swallowed(term, event);
        }
        term->sequence = (struct term_sequence){0};
    }
    next.key.mods |= MOD_ALT;
    *event = next;
    return true;
}

bool term_next_event(struct term *term, struct term_event *ret)
{
    struct term_event event;
    if (term->suspended) {
        return false;
    }
    if (term_stack_pop(&term->pending, &event) && join_escape(term, &event)) {
        *ret = event;
        return true;
    }
    for (int i = 0; i < EVENT_TRIES; i++) {
        enum reading reading = read_one(term, &event);
        if (reading == READ_NOTHING) {
            term_sequence_pause(&term->sequence);
            return false;
        }
        if (reading == READ_EVENT && !is_swallowed(term, &event) && join_escape(term, &event)) {
            *ret = event;
            return true;
        }
    }
    return false;
}
