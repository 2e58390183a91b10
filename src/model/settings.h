#ifndef MODEL_SETTINGS_H
#define MODEL_SETTINGS_H

#include "base/str.h"
#include "model/column.h"
#include "model/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SETTINGS_COLUMNS_MAX = COLUMN_COUNT,
    INTERVAL_MIN_MS = 100,
    INTERVAL_MAX_MS = 3600 * 1000,
    TERMINATE_WAIT_MIN_MS = 100,
    TERMINATE_WAIT_MAX_MS = 600 * 1000,
    SETTING_TEXT_BYTES = 512, // of each SETTING_TEXT member, NUL included
    SETTING_NAME_BYTES = 32,
};

/* How bars and lines are drawn. */
enum glyph_choice { GLYPHS_AUTO, GLYPHS_ASCII, GLYPHS_UNICODE };

/* How graphs are drawn. */
enum graph_choice {
    GRAPH_CHOICE_AUTO,
    GRAPH_CHOICE_BRAILLE,
    GRAPH_CHOICE_BLOCKS,
    GRAPH_CHOICE_ASCII,
};

/* Which colours; a terminal that has fewer gets fewer. */
enum colour_choice { COLOUR_AUTO, COLOUR_NONE, COLOUR_16, COLOUR_256, COLOUR_TRUE };

/* Sets of colours; ui/theme.c has one table each. */
enum theme_choice { THEME_DEFAULT, THEME_LIGHT, THEME_CONTRAST, THEME_COUNT };

/* Everything a person can set and keep. Open: read any member; write through the registry or
 * directly, values are clamped where they are used. */
struct settings {
    int32_t interval_ms;                   // INTERVAL_MIN_MS .. INTERVAL_MAX_MS
    uint8_t columns[SETTINGS_COLUMNS_MAX]; // enum column_id, left to right
    size_t column_count;                   // at least 1
    int32_t sort;                          // enum column_id
    bool sort_descending;
    bool tree;
    int32_t tree_sort; // enum column_id; siblings in the tree
    bool tree_sort_descending;
    bool kernel_threads; // list them
    bool user_threads;   // list them
    bool exited;         // keep exited processes for one interval
    bool highlight_new;  // mark processes that just started
    bool mouse;
    bool clipboard;            // may be written to, when asked for
    bool header;               // meters at the top
    bool footer;               // keys at the bottom
    bool cpu_frequency;        // beside the CPU bars
    bool cpu_per_core;         // one bar each, or one for all
    bool full_path;            // whole command line, or with the program's directory cut off
    bool names;                // of hosts and services instead of numbers
    int32_t glyphs;            // enum glyph_choice
    int32_t graph;             // enum graph_choice
    bool history;              // keep series for graphs
    int32_t colours;           // enum colour_choice
    int32_t theme;             // enum theme_choice
    int32_t terminate_wait_ms; // TERMINATE_WAIT_MIN_MS .. TERMINATE_WAIT_MAX_MS
    char protected_names[SETTING_TEXT_BYTES]; // names and pids, see model/protect.h
    char log_actions[SETTING_TEXT_BYTES];     // path of the action log; "" for none
    bool syslog_actions;                      // actions go to the system log, too
    struct table_settings tables[TABLES_ON_SCREEN];
};

/* What a setting's text looks like. */
enum setting_kind {
    SETTING_BOOL,
    SETTING_NUMBER,
    SETTING_SECONDS,
    SETTING_CHOICE,
    SETTING_COLUMN,
    SETTING_COLUMNS,
    SETTING_TEXT, // may be empty; characters that can be shown, no blanks at its ends
    /* of a table; empty as long as it is as usual */
    SETTING_TABLE_COLUMNS,
    SETTING_TABLE_SORT,
};

/* One row of the registry. Strings are static. */
struct setting {
    char name[SETTING_NAME_BYTES]; // stable; [a-z_]+
    const char *help;              // one sentence
    enum setting_kind kind;
    enum table_id table; // SETTING_TABLE_*: whose
    size_t offset;       // of the member in struct settings
    int32_t min, max;
    const char *const *choices; // SETTING_CHOICE: NULL-terminated names
    const char *initial;        // in the same form as in the file
};

/* How many rows there are. */
size_t setting_count(void);

/* One row; those of the tables are behind the others. index must be < setting_count(). */
struct setting setting_info(size_t index);

/* Set everything to the defaults. */
void settings_init(struct settings *settings);

/*
 * Set one by name from text. Names in a list of columns that are none (here: another version may
 * have them) are left out, and `error` says so.
 * Errors: -EINVAL with a sentence in `error`: unknown name, not a value, out of range.
 */
int settings_set(struct settings *settings, const char *name, const char *text,
                 struct strbuf *error);

/* Append the value of one setting in the form settings_set() takes. */
void settings_get(const struct settings *settings, const struct setting *row, struct strbuf *buf);

/* Called for each line that could not be used, or not all of it; `line` starts at 1. */
typedef void settings_complaint(void *context, int line, const char *sentence);

/*
 * Apply a settings file: lines of `name = value`, '#' comments, blank lines, LF or CRLF.
 * Wrong lines are reported and skipped, never fatal.
 */
void settings_apply(struct settings *settings, const char *text, size_t len,
                    settings_complaint *complain, void *context);

/* Append the whole file, with each setting's help as a comment. */
void settings_write(const struct settings *settings, struct strbuf *buf);

#endif
