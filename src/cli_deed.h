#ifndef CLI_DEED_H
#define CLI_DEED_H

#include "base/deed.h"
#include "base/str.h"
#include "cli.h"

#include <stdbool.h>

/* Append what a person typed, in quotes: it goes back to their terminal only as safe text, and not
 * at any length. */
void cli_add_quoted(struct strbuf *buf, const char *s);

/* Append "option --delay: "x" is not <what>". Returns -EINVAL. */
int cli_refuse(struct strbuf *error, enum cli_option_id id, const char *s, const char *what);

/* Whether the option asks for something to be done to processes. */
bool cli_is_deed(enum cli_option_id id);

/*
 * Read what such an option asks for; `s` is its argument, NULL when it takes none.
 * Errors: -EINVAL with a sentence for people in `error`; *ret is then untouched.
 */
int cli_parse_deed(enum cli_option_id id, const char *s, struct deed *ret, struct strbuf *error);

#endif
