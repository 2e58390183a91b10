#ifndef UI_THEME_H
#define UI_THEME_H

#include "model/settings.h"
#include "ui/surface.h"

#include <stdint.h>

/* Attributes of a style. */
enum style_flag {
    STYLE_BOLD = 1u << 0,
    STYLE_DIM = 1u << 1,
    STYLE_REVERSE = 1u << 2,
    STYLE_UNDERLINE = 1u << 3,
};

enum { STYLE_DEFAULT_COLOUR = -1 }; // the terminal's own foreground or background

/*
 * How a role looks, for every depth of colour: the 16 colours every terminal user has chosen
 * to be legible, and an exact one for terminals with 256 or more. STYLE_DEFAULT_COLOUR in
 * the 16-colour member means the terminal's own at every depth.
 */
struct style {
    int8_t fg16, bg16;      // 0..15 or STYLE_DEFAULT_COLOUR
    int32_t fg_rgb, bg_rgb; // 0xRRGGBB; negative: use the 16-colour one
    uint8_t flags;          // enum style_flag, with colour
    uint8_t mono;           // enum style_flag, without colour: must tell roles apart by itself
};

/* The role of a number: near nothing, as usual, worth a look, or alarming. */
enum role role_of_level(double number, double low, double high, double alarm);

/* The style of a role. Owns: static storage. */
const struct style *theme_style(enum theme_choice theme, enum role role);

/* The nearest of the 256-colour palette's cube and greys (16..255) to an exact colour. */
int theme_nearest_256(int32_t rgb);

#endif
