#ifndef HELP_H
#define HELP_H

#include <stdio.h>

struct keymap;

/* Write what --help says, from the option table. Errors: ferror() of the file. */
void help_options(FILE *file);

/* Write what --help-keys says, from the keymap. Errors: ferror() of the file. */
void help_keys(FILE *file, const struct keymap *keymap);

/* Write what --help-columns says, from the column registry. Errors: ferror() of the file. */
void help_columns(FILE *file);

/* Print the tables for --table. */
void help_tables(FILE *file);

#endif
