#include "ui/theme.h"

#include <assert.h>
#include <stdlib.h>

/* The 16 colours by the name terminals give them. */
enum colour {
    NONE = STYLE_DEFAULT_COLOUR,
    BLACK = 0,
    RED,
    GREEN,
    YELLOW,
    BLUE,
    MAGENTA,
    CYAN,
    WHITE,
    GREY, // bright black; some palettes make it the background, so text never uses it
    BRIGHT_RED,
    BRIGHT_GREEN,
    BRIGHT_YELLOW,
    BRIGHT_BLUE,
    BRIGHT_MAGENTA,
    BRIGHT_CYAN,
    BRIGHT_WHITE,
};

enum {
    B = STYLE_BOLD,
    D = STYLE_DIM,
    R = STYLE_REVERSE,
    U = STYLE_UNDERLINE,
};

/* Foreground, background, attributes with colour, attributes without. */
#define STYLE(fg, bg, flags, mono) \
 {                                 \
  fg, bg, -1, -1, flags, mono      \
 }
/* Likewise with an exact background for terminals that have more than 16 colours. */
#define STYLE_ON(fg, bg, bg_rgb, flags, mono) \
 {                                            \
  fg, bg, -1, bg_rgb, flags, mono             \
 }

/* clang-format off */
/* For dark and light terminals alike: default background, colours that stand on both. */
static const struct style theme_default[] = {
    [ROLE_TEXT] = STYLE(NONE, NONE, 0, 0),
    [ROLE_DIM] = STYLE(NONE, NONE, D, D),
    [ROLE_ABSENT] = STYLE(NONE, NONE, D, D),
    [ROLE_ERROR] = STYLE(BRIGHT_WHITE, RED, B, B | R),
    [ROLE_WARNING] = STYLE(YELLOW, NONE, B, B | U),
    [ROLE_METER_LABEL] = STYLE(CYAN, NONE, 0, 0),
    [ROLE_METER_VALUE] = STYLE(NONE, NONE, B, B),
    [ROLE_BAR_FRAME] = STYLE(NONE, NONE, B, B),
    [ROLE_CPU_NICE] = STYLE(BLUE, NONE, 0, 0),
    [ROLE_CPU_USER] = STYLE(GREEN, NONE, 0, B),
    [ROLE_CPU_SYSTEM] = STYLE(RED, NONE, 0, R),
    [ROLE_CPU_IRQ] = STYLE(YELLOW, NONE, 0, U),
    [ROLE_CPU_SOFTIRQ] = STYLE(MAGENTA, NONE, 0, B | U),
    [ROLE_CPU_STEAL] = STYLE(CYAN, NONE, 0, B | R),
    [ROLE_CPU_GUEST] = STYLE(CYAN, NONE, B, R | U),
    [ROLE_CPU_IOWAIT] = STYLE(NONE, NONE, D, D),
    [ROLE_MEM_USED] = STYLE(GREEN, NONE, 0, B),
    [ROLE_MEM_SHARED] = STYLE(MAGENTA, NONE, 0, U),
    [ROLE_MEM_BUFFERS] = STYLE(BLUE, NONE, 0, R),
    [ROLE_MEM_CACHE] = STYLE(YELLOW, NONE, 0, D),
    [ROLE_MEM_HUGE] = STYLE(CYAN, NONE, 0, R | U),
    [ROLE_MEM_KERNEL] = STYLE(RED, NONE, 0, B | U),
    [ROLE_MEM_SLAB] = STYLE(WHITE, NONE, B, B | R),
    [ROLE_MEM_OTHER] = STYLE(WHITE, NONE, D, 0),
    [ROLE_SWAP_USED] = STYLE(RED, NONE, 0, B),
    [ROLE_SWAP_CACHE] = STYLE(YELLOW, NONE, 0, D),
    [ROLE_GRAPH] = STYLE(GREEN, NONE, 0, 0),
    [ROLE_GRAPH_OTHER] = STYLE(CYAN, NONE, 0, 0),
    [ROLE_TABLE_HEAD] = STYLE(BLACK, GREEN, 0, R),
    [ROLE_TABLE_HEAD_SORT] = STYLE(BLACK, CYAN, 0, R | B),
    [ROLE_SELECTED] = STYLE(BLACK, CYAN, 0, R),
    [ROLE_FOLLOWED] = STYLE(BLACK, YELLOW, 0, R | U),
    [ROLE_TAGGED] = STYLE(YELLOW, NONE, B, B | U),
    [ROLE_NEW] = STYLE(GREEN, NONE, B, B),
    [ROLE_EXITED] = STYLE(RED, NONE, 0, D | U),
    [ROLE_THREAD] = STYLE(GREEN, NONE, 0, D),
    [ROLE_KERNEL] = STYLE(NONE, NONE, D, D),
    [ROLE_BASENAME] = STYLE(CYAN, NONE, B, B),
    [ROLE_TREE] = STYLE(CYAN, NONE, 0, D),
    [ROLE_STATE_RUNNING] = STYLE(GREEN, NONE, B, B),
    [ROLE_STATE_BLOCKED] = STYLE(RED, NONE, B, B | R),
    [ROLE_STATE_ZOMBIE] = STYLE(MAGENTA, NONE, B, B | U),
    [ROLE_STATE_STOPPED] = STYLE(BLUE, NONE, B, U),
    [ROLE_VALUE_LOW] = STYLE(NONE, NONE, D, D),
    [ROLE_VALUE_HIGH] = STYLE(YELLOW, NONE, B, B),
    [ROLE_VALUE_ALARM] = STYLE(RED, NONE, B, B | U),
    [ROLE_NICE_LOW] = STYLE(RED, NONE, 0, B),
    [ROLE_NICE_HIGH] = STYLE(GREEN, NONE, 0, D),
    [ROLE_KEY] = STYLE(NONE, NONE, B, B),
    [ROLE_KEY_LABEL] = STYLE(BLACK, CYAN, 0, R),
    [ROLE_STATUS] = STYLE(NONE, NONE, 0, 0),
    [ROLE_PROMPT] = STYLE(BLACK, CYAN, 0, R),
    [ROLE_MATCH] = STYLE(BLACK, YELLOW, B, B | R),
    [ROLE_MENU] = STYLE(NONE, NONE, 0, 0),
    [ROLE_MENU_TITLE] = STYLE(CYAN, NONE, B, B),
    [ROLE_MENU_SELECTED] = STYLE(BLACK, CYAN, 0, R),
    [ROLE_MENU_BORDER] = STYLE(CYAN, NONE, 0, 0),
    [ROLE_HELP_TITLE] = STYLE(CYAN, NONE, B, B | U),
    [ROLE_TABLE_HEAD_IDLE] = STYLE(BLACK, WHITE, 0, U),
};

/* For white backgrounds: no yellow, cyan or green text, which fade on white. */
static const struct style theme_light[] = {
    [ROLE_TEXT] = STYLE(BLACK, NONE, 0, 0),
    [ROLE_DIM] = STYLE(BLACK, NONE, D, D),
    [ROLE_ABSENT] = STYLE(BLACK, NONE, D, D),
    [ROLE_ERROR] = STYLE(BRIGHT_WHITE, RED, B, B | R),
    [ROLE_WARNING] = STYLE(RED, NONE, B, B | U),
    [ROLE_METER_LABEL] = STYLE(BLUE, NONE, 0, 0),
    [ROLE_METER_VALUE] = STYLE(BLACK, NONE, B, B),
    [ROLE_BAR_FRAME] = STYLE(BLACK, NONE, B, B),
    [ROLE_CPU_NICE] = STYLE(BLUE, NONE, 0, 0),
    [ROLE_CPU_USER] = STYLE(GREEN, NONE, 0, B),
    [ROLE_CPU_SYSTEM] = STYLE(RED, NONE, 0, R),
    [ROLE_CPU_IRQ] = STYLE(YELLOW, NONE, 0, U),
    [ROLE_CPU_SOFTIRQ] = STYLE(MAGENTA, NONE, 0, B | U),
    [ROLE_CPU_STEAL] = STYLE(CYAN, NONE, 0, B | R),
    [ROLE_CPU_GUEST] = STYLE(CYAN, NONE, B, R | U),
    [ROLE_CPU_IOWAIT] = STYLE(BLACK, NONE, D, D),
    [ROLE_MEM_USED] = STYLE(GREEN, NONE, 0, B),
    [ROLE_MEM_SHARED] = STYLE(MAGENTA, NONE, 0, U),
    [ROLE_MEM_BUFFERS] = STYLE(BLUE, NONE, 0, R),
    [ROLE_MEM_CACHE] = STYLE(YELLOW, NONE, 0, D),
    [ROLE_MEM_HUGE] = STYLE(CYAN, NONE, 0, R | U),
    [ROLE_MEM_KERNEL] = STYLE(RED, NONE, 0, B | U),
    [ROLE_MEM_SLAB] = STYLE(BLACK, NONE, B, B | R),
    [ROLE_MEM_OTHER] = STYLE(BLACK, NONE, D, 0),
    [ROLE_SWAP_USED] = STYLE(RED, NONE, 0, B),
    [ROLE_SWAP_CACHE] = STYLE(YELLOW, NONE, 0, D),
    [ROLE_GRAPH] = STYLE(GREEN, NONE, 0, 0),
    [ROLE_GRAPH_OTHER] = STYLE(CYAN, NONE, 0, 0),
    [ROLE_TABLE_HEAD] = STYLE(BRIGHT_WHITE, BLUE, 0, R),
    [ROLE_TABLE_HEAD_SORT] = STYLE(BRIGHT_WHITE, BLACK, B, R | B),
    [ROLE_SELECTED] = STYLE_ON(BLACK, CYAN, 0xafd7ff, 0, R),
    [ROLE_FOLLOWED] = STYLE_ON(BLACK, YELLOW, 0xffd787, 0, R | U),
    [ROLE_TAGGED] = STYLE(MAGENTA, NONE, B, B | U),
    [ROLE_NEW] = STYLE(GREEN, NONE, B, B),
    [ROLE_EXITED] = STYLE(RED, NONE, 0, D | U),
    [ROLE_THREAD] = STYLE(BLUE, NONE, D, D),
    [ROLE_KERNEL] = STYLE(BLACK, NONE, D, D),
    [ROLE_BASENAME] = STYLE(BLUE, NONE, B, B),
    [ROLE_TREE] = STYLE(BLUE, NONE, 0, D),
    [ROLE_STATE_RUNNING] = STYLE(GREEN, NONE, B, B),
    [ROLE_STATE_BLOCKED] = STYLE(RED, NONE, B, B | R),
    [ROLE_STATE_ZOMBIE] = STYLE(MAGENTA, NONE, B, B | U),
    [ROLE_STATE_STOPPED] = STYLE(BLUE, NONE, B, U),
    [ROLE_VALUE_LOW] = STYLE(BLACK, NONE, D, D),
    [ROLE_VALUE_HIGH] = STYLE(MAGENTA, NONE, B, B),
    [ROLE_VALUE_ALARM] = STYLE(RED, NONE, B, B | U),
    [ROLE_NICE_LOW] = STYLE(RED, NONE, 0, B),
    [ROLE_NICE_HIGH] = STYLE(BLUE, NONE, 0, D),
    [ROLE_KEY] = STYLE(BLACK, NONE, B, B),
    [ROLE_KEY_LABEL] = STYLE(BRIGHT_WHITE, BLUE, 0, R),
    [ROLE_STATUS] = STYLE(BLACK, NONE, 0, 0),
    [ROLE_PROMPT] = STYLE(BRIGHT_WHITE, BLUE, 0, R),
    [ROLE_MATCH] = STYLE(BLACK, YELLOW, B, B | R),
    [ROLE_MENU] = STYLE(BLACK, NONE, 0, 0),
    [ROLE_MENU_TITLE] = STYLE(BLUE, NONE, B, B),
    [ROLE_MENU_SELECTED] = STYLE(BRIGHT_WHITE, BLUE, 0, R),
    [ROLE_MENU_BORDER] = STYLE(BLUE, NONE, 0, 0),
    [ROLE_HELP_TITLE] = STYLE(BLUE, NONE, B, B | U),
    [ROLE_TABLE_HEAD_IDLE] = STYLE(BLACK, WHITE, 0, U),
};

/* White and black with few strong colours, nothing dim: for weak eyes and bad projectors. */
static const struct style theme_contrast[] = {
    [ROLE_TEXT] = STYLE(BRIGHT_WHITE, BLACK, 0, 0),
    [ROLE_DIM] = STYLE(WHITE, BLACK, 0, 0),
    [ROLE_ABSENT] = STYLE(WHITE, BLACK, 0, 0),
    [ROLE_ERROR] = STYLE(BRIGHT_WHITE, RED, B, B | R),
    [ROLE_WARNING] = STYLE(BRIGHT_YELLOW, BLACK, B, B | U),
    [ROLE_METER_LABEL] = STYLE(BRIGHT_CYAN, BLACK, 0, 0),
    [ROLE_METER_VALUE] = STYLE(BRIGHT_WHITE, BLACK, B, B),
    [ROLE_BAR_FRAME] = STYLE(BRIGHT_WHITE, BLACK, B, B),
    [ROLE_CPU_NICE] = STYLE(BRIGHT_BLUE, BLACK, 0, 0),
    [ROLE_CPU_USER] = STYLE(BRIGHT_GREEN, BLACK, 0, B),
    [ROLE_CPU_SYSTEM] = STYLE(BRIGHT_RED, BLACK, 0, R),
    [ROLE_CPU_IRQ] = STYLE(BRIGHT_YELLOW, BLACK, 0, U),
    [ROLE_CPU_SOFTIRQ] = STYLE(BRIGHT_MAGENTA, BLACK, 0, B | U),
    [ROLE_CPU_STEAL] = STYLE(BRIGHT_CYAN, BLACK, 0, B | R),
    [ROLE_CPU_GUEST] = STYLE(BRIGHT_CYAN, BLACK, B, R | U),
    [ROLE_CPU_IOWAIT] = STYLE(WHITE, BLACK, 0, 0),
    [ROLE_MEM_USED] = STYLE(BRIGHT_GREEN, BLACK, 0, B),
    [ROLE_MEM_SHARED] = STYLE(BRIGHT_MAGENTA, BLACK, 0, U),
    [ROLE_MEM_BUFFERS] = STYLE(BRIGHT_BLUE, BLACK, 0, R),
    [ROLE_MEM_CACHE] = STYLE(BRIGHT_YELLOW, BLACK, 0, 0),
    [ROLE_MEM_HUGE] = STYLE(BRIGHT_CYAN, BLACK, 0, R | U),
    [ROLE_MEM_KERNEL] = STYLE(BRIGHT_RED, BLACK, 0, B | U),
    [ROLE_MEM_SLAB] = STYLE(BRIGHT_WHITE, BLACK, 0, B | R),
    [ROLE_MEM_OTHER] = STYLE(WHITE, BLACK, 0, 0),
    [ROLE_SWAP_USED] = STYLE(BRIGHT_RED, BLACK, 0, B),
    [ROLE_SWAP_CACHE] = STYLE(BRIGHT_YELLOW, BLACK, 0, 0),
    [ROLE_GRAPH] = STYLE(BRIGHT_GREEN, BLACK, 0, 0),
    [ROLE_GRAPH_OTHER] = STYLE(BRIGHT_CYAN, BLACK, 0, 0),
    [ROLE_TABLE_HEAD] = STYLE(BLACK, WHITE, 0, R),
    [ROLE_TABLE_HEAD_SORT] = STYLE(BLACK, BRIGHT_YELLOW, 0, R | B),
    [ROLE_SELECTED] = STYLE(BLACK, BRIGHT_WHITE, 0, R),
    [ROLE_FOLLOWED] = STYLE(BLACK, BRIGHT_YELLOW, 0, R | U),
    [ROLE_TAGGED] = STYLE(BRIGHT_YELLOW, BLACK, B | U, B | U),
    [ROLE_NEW] = STYLE(BRIGHT_GREEN, BLACK, B, B),
    [ROLE_EXITED] = STYLE(BRIGHT_RED, BLACK, U, U),
    [ROLE_THREAD] = STYLE(BRIGHT_GREEN, BLACK, 0, 0),
    [ROLE_KERNEL] = STYLE(WHITE, BLACK, 0, 0),
    [ROLE_BASENAME] = STYLE(BRIGHT_CYAN, BLACK, B, B),
    [ROLE_TREE] = STYLE(BRIGHT_CYAN, BLACK, 0, 0),
    [ROLE_STATE_RUNNING] = STYLE(BRIGHT_GREEN, BLACK, B, B),
    [ROLE_STATE_BLOCKED] = STYLE(BRIGHT_WHITE, RED, B, B | R),
    [ROLE_STATE_ZOMBIE] = STYLE(BRIGHT_MAGENTA, BLACK, B | U, B | U),
    [ROLE_STATE_STOPPED] = STYLE(BRIGHT_BLUE, BLACK, B, U),
    [ROLE_VALUE_LOW] = STYLE(WHITE, BLACK, 0, 0),
    [ROLE_VALUE_HIGH] = STYLE(BRIGHT_YELLOW, BLACK, B, B),
    [ROLE_VALUE_ALARM] = STYLE(BRIGHT_RED, BLACK, B | U, B | U),
    [ROLE_NICE_LOW] = STYLE(BRIGHT_RED, BLACK, 0, B),
    [ROLE_NICE_HIGH] = STYLE(BRIGHT_GREEN, BLACK, 0, 0),
    [ROLE_KEY] = STYLE(BRIGHT_YELLOW, BLACK, B, B),
    [ROLE_KEY_LABEL] = STYLE(BLACK, BRIGHT_WHITE, 0, R),
    [ROLE_STATUS] = STYLE(BRIGHT_WHITE, BLACK, 0, 0),
    [ROLE_PROMPT] = STYLE(BLACK, BRIGHT_WHITE, 0, R),
    [ROLE_MATCH] = STYLE(BLACK, BRIGHT_YELLOW, B, B | R),
    [ROLE_MENU] = STYLE(BRIGHT_WHITE, BLACK, 0, 0),
    [ROLE_MENU_TITLE] = STYLE(BRIGHT_CYAN, BLACK, B, B),
    [ROLE_MENU_SELECTED] = STYLE(BLACK, BRIGHT_WHITE, 0, R),
    [ROLE_MENU_BORDER] = STYLE(BRIGHT_WHITE, BLACK, 0, 0),
    [ROLE_HELP_TITLE] = STYLE(BRIGHT_CYAN, BLACK, B | U, B | U),
    [ROLE_TABLE_HEAD_IDLE] = STYLE(WHITE, BLACK, U, U),
};
/* clang-format on */

#undef STYLE
#undef STYLE_ON

static_assert(sizeof(theme_default) / sizeof(theme_default[0]) == ROLE_COUNT, "one row per role");
static_assert(sizeof(theme_light) / sizeof(theme_light[0]) == ROLE_COUNT, "one row per role");
static_assert(sizeof(theme_contrast) / sizeof(theme_contrast[0]) == ROLE_COUNT, "one row per role");

enum role role_of_level(double number, double low, double high, double alarm)
{
    if (number < low) {
        return ROLE_VALUE_LOW;
    }
    if (number >= alarm) {
        return ROLE_VALUE_ALARM;
    }
    return number >= high ? ROLE_VALUE_HIGH : ROLE_TEXT;
}

const struct style *theme_style(enum theme_choice theme, enum role role)
{
    static const struct style *const themes[] = {
        [THEME_DEFAULT] = theme_default,
        [THEME_LIGHT] = theme_light,
        [THEME_CONTRAST] = theme_contrast,
    };
    static_assert(sizeof(themes) / sizeof(themes[0]) == THEME_COUNT, "one table per theme");
    /* the theme comes from a file, so it is input and not only a bug that can be out of range */
    const struct style *table = (unsigned)theme < THEME_COUNT ? themes[theme] : theme_default;
    return &table[(unsigned)role < ROLE_COUNT ? role : ROLE_TEXT];
}

static int level_of(int step)
{
    return step == 0 ? 0 : 55 + 40 * step;
}

/* The step of the 6x6x6 cube nearest to one channel. */
static int cube_step(int channel)
{
    int best = 0;
    for (int step = 1; step < 6; step++) {
        if (abs(level_of(step) - channel) < abs(level_of(best) - channel)) {
            best = step;
        }
    }
    return best;
}

static int square(int x)
{
    return x * x;
}

int theme_nearest_256(int32_t rgb)
{
    int red = (rgb >> 16) & 0xff;
    int green = (rgb >> 8) & 0xff;
    int blue = rgb & 0xff;
    int r = cube_step(red);
    int g = cube_step(green);
    int b = cube_step(blue);
    int cube_error =
        square(level_of(r) - red) + square(level_of(g) - green) + square(level_of(b) - blue);
    /* 24 greys, 8 to 238 in steps of 10 */
    int grey = ((red + green + blue) / 3 - 8 + 5) / 10;
    grey = grey < 0 ? 0 : grey > 23 ? 23 : grey;
    int level = 8 + 10 * grey;
    int grey_error = square(level - red) + square(level - green) + square(level - blue);
    return grey_error < cube_error ? 232 + grey : 16 + 36 * r + 6 * g + b;
}
