#ifndef CONFIG_H
#define CONFIG_H

#include "base/str.h"

#include <stddef.h>

struct keymap;
struct settings;

enum { CONFIG_PATH_BYTES = 4096 };

/* Called with "FILE:LINE: what is wrong" for everything that could not be used. */
typedef void config_complaint(void *context, const char *sentence);

/*
 * Find the directory of the user's files: `option` when given, else $XDG_CONFIG_HOME/perch,
 * else ~/.config/perch; relative paths in the environment do not count. It need not exist.
 * Errors: -ENOENT when there is none, always so when the program runs with more rights than
 * its caller; -ENAMETOOLONG.
 */
int config_find_dir(const char *option, char *ret, size_t size);

/* Whether the directory may not be looked into: it is somebody else's, as with an inherited HOME. */
bool config_is_closed(const char *dir);

/*
 * Read the files `settings` and `keys` of that directory. Whatever is wrong is reported and
 * left out; a file that does not exist is fine.
 */
void config_load(const char *dir, struct settings *settings, struct keymap *keymap,
                 config_complaint *complain, void *context);

/*
 * Write the settings, all or nothing: a new file takes the old one's place, where a symbolic
 * link points to if it is one. Only regular files are replaced; the directory is made.
 * Appends what was done or what went wrong to `sentence`.
 * Errors: what the kernel said; -EINVAL for something that is no regular file.
 */
int config_save(const char *dir, const struct settings *settings, struct strbuf *sentence);

#endif
