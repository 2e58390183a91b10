#ifndef UI_TERM_CLIPBOARD_H
#define UI_TERM_CLIPBOARD_H

#include "base/str.h"

#include <stddef.h>

enum {
    CLIPBOARD_BYTES = 8192,                                  // of the text, at most
    CLIPBOARD_SEQUENCE_BYTES = CLIPBOARD_BYTES / 3 * 4 + 32, // of what is sent for that much
};

/* Append the sequence (OSC 52) that asks a terminal to put a text into its clipboard. The text goes
 * as base64, so that nothing in it can end the sequence. */
void term_clipboard_format(const char *text, size_t bytes, struct strbuf *buf);

#endif
