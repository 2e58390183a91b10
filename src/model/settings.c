#include "model/settings.h"

#include "base/utf8.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
    LINE_MAX_BYTES = 2048, // longer lines are no settings
    WORD_MAX_BYTES = 32,   // longer words are no names
    SENTENCE_BYTES = 256,
};

static const char *const graph_names[] = {"auto", "braille", "blocks", "ascii", NULL};
static const char *const glyph_names[] = {"auto", "ascii", "unicode", NULL};
static const char *const colour_names[] = {"auto", "none", "16", "256", "true", NULL};
static const char *const theme_names[] = {"default", "light", "contrast", NULL};

#define MEMBER(member) .offset = offsetof(struct settings, member)

/* clang-format off */
static const struct setting rows[] = {
    {.name = "interval", .kind = SETTING_SECONDS, MEMBER(interval_ms), .initial = "1.5",
        .min = INTERVAL_MIN_MS, .max = INTERVAL_MAX_MS,
        .help = "Seconds between two samples, 0.1 to 3600."},
    {.name = "columns", .kind = SETTING_COLUMNS, MEMBER(columns),
        .initial = "pid user priority nice virt res shr state cpu mem time command",
        .help = "Columns of the process table, left to right."},
    {.name = "sort", .kind = SETTING_COLUMN, MEMBER(sort), .initial = "cpu",
        .help = "Column the list is sorted by."},
    {.name = "sort_descending", .kind = SETTING_BOOL, MEMBER(sort_descending), .initial = "yes",
        .help = "Whether the greatest come first in the list."},
    {.name = "tree", .kind = SETTING_BOOL, MEMBER(tree), .initial = "no",
        .help = "Whether children are shown below their parents."},
    {.name = "tree_sort", .kind = SETTING_COLUMN, MEMBER(tree_sort), .initial = "pid",
        .help = "Column that siblings in the tree are sorted by."},
    {.name = "tree_sort_descending", .kind = SETTING_BOOL, MEMBER(tree_sort_descending),
        .initial = "no",
        .help = "Whether the greatest come first among siblings."},
    {.name = "kernel_threads", .kind = SETTING_BOOL, MEMBER(kernel_threads), .initial = "no",
        .help = "Whether kernel threads are listed."},
    {.name = "user_threads", .kind = SETTING_BOOL, MEMBER(user_threads), .initial = "no",
        .help = "Whether threads of processes are listed."},
    {.name = "exited", .kind = SETTING_BOOL, MEMBER(exited), .initial = "yes",
        .help = "Whether processes that ended stay in the list for one interval."},
    {.name = "highlight_new", .kind = SETTING_BOOL, MEMBER(highlight_new), .initial = "no",
        .help = "Whether processes that just started are marked."},
    {.name = "mouse", .kind = SETTING_BOOL, MEMBER(mouse), .initial = "yes",
        .help = "Whether the mouse is used."},
    {.name = "clipboard", .kind = SETTING_BOOL, MEMBER(clipboard), .initial = "yes",
        .help = "Whether a line can be copied to the terminal's clipboard."},
    {.name = "header", .kind = SETTING_BOOL, MEMBER(header), .initial = "yes",
        .help = "Whether the meters at the top are shown."},
    {.name = "footer", .kind = SETTING_BOOL, MEMBER(footer), .initial = "yes",
        .help = "Whether the keys at the bottom are shown."},
    {.name = "cpu_frequency", .kind = SETTING_BOOL, MEMBER(cpu_frequency), .initial = "no",
        .help = "Whether clock frequencies are shown beside the CPU bars."},
    {.name = "cpu_per_core", .kind = SETTING_BOOL, MEMBER(cpu_per_core), .initial = "yes",
        .help = "Whether each CPU has its bar, or all have one together."},
    {.name = "full_path", .kind = SETTING_BOOL, MEMBER(full_path), .initial = "yes",
        .help = "Whether commands are shown with the directory of their program."},
    {.name = "names", .kind = SETTING_BOOL, MEMBER(names), .initial = "no",
        .help = "Whether hosts and services are shown by name; hosts are asked for over the network."},
    {.name = "glyphs", .kind = SETTING_CHOICE, MEMBER(glyphs), .choices = glyph_names,
        .initial = "auto",
        .help = "Characters that bars and lines are drawn with: auto, ascii or unicode."},
    {.name = "graph", .kind = SETTING_CHOICE, MEMBER(graph), .choices = graph_names,
        .initial = "auto",
        .help = "Characters that graphs are drawn with: auto, braille, blocks or ascii."},
    {.name = "history", .kind = SETTING_BOOL, MEMBER(history), .initial = "yes",
        .help = "Whether what was is kept for graphs; interfaces and disks are read for it."},
    {.name = "colours", .kind = SETTING_CHOICE, MEMBER(colours), .choices = colour_names,
        .initial = "auto",
        .help = "How many colours are used at most: auto, none, 16, 256 or true."},
    {.name = "theme", .kind = SETTING_CHOICE, MEMBER(theme), .choices = theme_names,
        .initial = "default",
        .help = "Set of colours: default, light or contrast."},
    {.name = "terminate_wait", .kind = SETTING_SECONDS, MEMBER(terminate_wait_ms), .initial = "5",
        .min = TERMINATE_WAIT_MIN_MS, .max = TERMINATE_WAIT_MAX_MS,
        .help = "Seconds between SIGTERM and SIGKILL when a process is terminated, 0.1 to 600."},
    {.name = "protected", .kind = SETTING_TEXT, MEMBER(protected_names), .initial = "",
        .help = "Processes, by name or pid, that are acted on only after typing yes."},
    {.name = "log_actions", .kind = SETTING_TEXT, MEMBER(log_actions), .initial = "",
        .help = "File that a line is appended to for each action; none when empty."},
    {.name = "syslog_actions", .kind = SETTING_BOOL, MEMBER(syslog_actions), .initial = "no",
        .help = "Whether actions are also sent to the system log."},
};

/* Those that each table has; its name goes in front, and offset is that of the first one. */
static const struct setting table_rows[] = {
    {.name = "columns", .kind = SETTING_TABLE_COLUMNS, MEMBER(tables[0].columns), .initial = "",
        .help = "Columns of this table, left to right; the usual ones when empty."},
    {.name = "sort", .kind = SETTING_TABLE_SORT, MEMBER(tables[0].sort), .initial = "",
        .help = "Column this table is sorted by, with :asc or :desc behind it or not; the usual "
                "one when empty."},
};
/* clang-format on */

#undef MEMBER

enum {
    ROW_COUNT = sizeof(rows) / sizeof(rows[0]),
    TABLE_ROW_COUNT = sizeof(table_rows) / sizeof(table_rows[0]),
};

size_t setting_count(void)
{
    return ROW_COUNT + (size_t)TABLES_ON_SCREEN * TABLE_ROW_COUNT;
}

struct setting setting_info(size_t index)
{
    assert(index < setting_count());
    if (index < ROW_COUNT) {
        return rows[index];
    }
    const size_t id = (index - ROW_COUNT) / TABLE_ROW_COUNT;
    const struct setting *of_each = &table_rows[(index - ROW_COUNT) % TABLE_ROW_COUNT];
    struct setting row = *of_each;
    row.table = (enum table_id)id;
    row.offset += id * sizeof(struct table_settings);
    struct strbuf name;
    str_init(&name, row.name, sizeof(row.name));
    str_addf(&name, "%s_%s", table_info(row.table)->name, of_each->name);
    return row;
}

void settings_init(struct settings *settings)
{
    // What holds even if a row had a bad initial value; the tests check that none has.
    *settings = (struct settings){.interval_ms = INTERVAL_MAX_MS,
                                  .columns = {COLUMN_PID},
                                  .column_count = 1,
                                  .sort = COLUMN_PID,
                                  .tree_sort = COLUMN_PID};
    for (size_t i = 0; i < setting_count(); i++) {
        char sentence[SENTENCE_BYTES];
        struct strbuf error;
        str_init(&error, sentence, sizeof(sentence));
        const struct setting row = setting_info(i);
        (void)settings_set(settings, row.name, row.initial, &error);
    }
}

static bool *bool_member(struct settings *settings, const struct setting *row)
{
    return (bool *)(void *)((char *)settings + row->offset);
}

static int32_t *int_member(struct settings *settings, const struct setting *row)
{
    return (int32_t *)(void *)((char *)settings + row->offset);
}

static char *text_member(struct settings *settings, const struct setting *row)
{
    return (char *)settings + row->offset;
}

static bool get_bool(const struct settings *settings, const struct setting *row)
{
    return *(const bool *)(const void *)((const char *)settings + row->offset);
}

static int32_t get_int(const struct settings *settings, const struct setting *row)
{
    return *(const int32_t *)(const void *)((const char *)settings + row->offset);
}

static const char *get_text(const struct settings *settings, const struct setting *row)
{
    return (const char *)settings + row->offset;
}

/* Index of a word in a NULL-terminated list. Errors: -1 when it is not there. */
static int find_word(const char *const *words, const char *word)
{
    for (int i = 0; words[i]; i++) {
        if (str_equal(words[i], word)) {
            return i;
        }
    }
    return -1;
}

static int set_bool(struct settings *settings, const struct setting *row, const char *text,
                    struct strbuf *error)
{
    // Even ones mean no.
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1", NULL};
    int index = find_word(words, text);

    if (index < 0) {
        str_addf(error, "%s must be yes or no, not \"%.40s\"", row->name, text);
        return -EINVAL;
    }
    *bool_member(settings, row) = index % 2 == 1;
    return 0;
}

static int set_number(struct settings *settings, const struct setting *row, const char *text,
                      struct strbuf *error)
{
    int64_t number = 0;

    if (str_parse_i64(text, row->min, row->max, &number) < 0) {
        str_addf(error, "%s must be a number from %d to %d, not \"%.40s\"", row->name,
                 (int)row->min, (int)row->max, text);
        return -EINVAL;
    }
    *int_member(settings, row) = (int32_t)number;
    return 0;
}

/* Append milliseconds as seconds without trailing zeros. */
static void add_seconds(struct strbuf *buf, int32_t ms)
{
    int decimals = ms % 1000 == 0 ? 0 : ms % 100 == 0 ? 1 : ms % 10 == 0 ? 2 : 3;

    str_add_fixed(buf, ms / 1000.0, decimals);
}

static int set_seconds(struct settings *settings, const struct setting *row, const char *text,
                       struct strbuf *error)
{
    double seconds = 0;

    if (str_parse_decimal(text, row->min / 1000.0, row->max / 1000.0, &seconds) < 0) {
        str_addf(error, "%s must be seconds from ", row->name);
        add_seconds(error, row->min);
        str_add(error, " to ");
        add_seconds(error, row->max);
        str_addf(error, ", not \"%.40s\"", text);
        return -EINVAL;
    }
    *int_member(settings, row) = (int32_t)(seconds * 1000 + 0.5);
    return 0;
}

static int set_choice(struct settings *settings, const struct setting *row, const char *text,
                      struct strbuf *error)
{
    int index = find_word(row->choices, text);

    if (index < 0) {
        str_addf(error, "%s must be", row->name);
        for (int i = 0; row->choices[i]; i++) {
            const char *before = i == 0 ? " " : row->choices[i + 1] ? ", " : " or ";
            str_addf(error, "%s%s", before, row->choices[i]);
        }
        str_addf(error, ", not \"%.40s\"", text);
        return -EINVAL;
    }
    *int_member(settings, row) = index;
    return 0;
}

static int set_column(struct settings *settings, const struct setting *row, const char *text,
                      struct strbuf *error)
{
    enum column_id id = column_by_name(text);

    if (id == COLUMN_COUNT) {
        str_addf(error, "%s: there is no column \"%.40s\"", row->name, text);
        return -EINVAL;
    }
    *int_member(settings, row) = (int32_t)id;
    return 0;
}

/* Columns in the order they were named. */
struct column_list {
    uint8_t columns[SETTINGS_COLUMNS_MAX];
    size_t count;
};
static_assert((int)TABLE_COLUMNS_MAX <= (int)SETTINGS_COLUMNS_MAX, "it has room for a table's");

/* Errors: -1. */
static int find_column(const struct setting *row, const char *name)
{
    if (row->kind == SETTING_COLUMNS) {
        const enum column_id id = column_by_name(name);
        return id == COLUMN_COUNT ? -1 : (int)id;
    }
    const struct table *table = table_info(row->table);
    const size_t at = table_column_by_name(table, name);
    return at == table->column_count ? -1 : (int)at;
}

/* Put one named column at the end of a list, or say that there is none of this name. */
static int append_column(const struct setting *row, struct column_list *list, const char *name,
                         size_t len, struct strbuf *error)
{
    char word[WORD_MAX_BYTES];
    struct strbuf buf;
    str_init(&buf, word, sizeof(word));
    str_add_bytes(&buf, name, len);

    const int id = buf.overflow ? -1 : find_column(row, word);
    if (id < 0) {
        if (error->len == 0) { // one is enough to go by
            str_addf(error, "%s: there is no column \"%s\"", row->name, word);
        }
        return 0;
    }
    if (memchr(list->columns, id, list->count) != NULL) {
        str_init(error, error->ptr, error->size);
        str_addf(error, "%s: \"%s\" is there twice", row->name, word);
        return -EINVAL;
    }
    list->columns[list->count++] = (uint8_t)id;
    return 0;
}

static int parse_columns(const struct setting *row, const char *text, struct column_list *ret,
                         struct strbuf *error)
{
    static const char separators[] = " \t,";
    *ret = (struct column_list){.count = 0};
    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, separators);
        if (len > 0) {
            int failed = append_column(row, ret, at, len, error);
            if (failed < 0) {
                return failed;
            }
        }
        at += len;
        at += strspn(at, separators);
    }
    return ret->count == 0 && error->len > 0 ? -EINVAL : 0; // none of them is known
}

static int set_columns(struct settings *settings, const struct setting *row, const char *text,
                       struct strbuf *error)
{
    struct column_list list;
    int failed = parse_columns(row, text, &list, error);
    if (failed < 0) {
        return failed;
    }
    if (list.count == 0) {
        str_addf(error, "%s: at least one column is needed", row->name);
        return -EINVAL;
    }
    memcpy(settings->columns, list.columns, sizeof(list.columns));
    settings->column_count = list.count;
    return 0;
}

static int set_table_columns(struct settings *settings, const struct setting *row, const char *text,
                             struct strbuf *error)
{
    struct column_list list;
    int failed = parse_columns(row, text, &list, error);
    if (failed < 0) {
        return failed;
    }
    struct table_settings *to = &settings->tables[row->table];
    memcpy(to->columns, list.columns, sizeof(to->columns));
    to->column_count = list.count;
    return 0;
}

static int set_table_sort(struct settings *settings, const struct setting *row, const char *text,
                          struct strbuf *error)
{
    const struct table *table = table_info(row->table);
    const char *colon = strchr(text, ':');
    if (colon != NULL && !str_equal(colon, ":asc") && !str_equal(colon, ":desc")) {
        str_addf(error, "%s: after the column comes :asc or :desc, not \"%.40s\"", row->name,
                 colon);
        return -EINVAL;
    }
    char word[WORD_MAX_BYTES];
    struct strbuf buf;
    str_init(&buf, word, sizeof(word));
    str_add_bytes(&buf, text, colon != NULL ? (size_t)(colon - text) : strlen(text));
    const int at = word[0] == '\0' && colon == NULL ? (int)table->sort
                   : buf.overflow                   ? -1
                                                    : find_column(row, word);
    if (at < 0 || table_column_is_graph(table, (size_t)at)) {
        str_addf(error, "%s: there is no column \"%.40s\"%s", row->name, word,
                 at < 0 ? "" : " to sort by: it is a graph");
        return -EINVAL;
    }
    settings->tables[row->table].sort = (uint8_t)at;
    settings->tables[row->table].descending =
        colon != NULL ? str_equal(colon, ":desc") : table_column_info(table, (size_t)at).descending;
    return 0;
}

/* Whether all of it can be shown, and so stands on one line of the file and reads back the same. */
static bool can_be_shown(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        uint32_t code_point = 0;
        at += utf8_decode(text + at, len - at, &code_point);
        if (utf8_width(code_point) < 0) {
            return false;
        }
    }
    return true;
}

static int set_text(struct settings *settings, const struct setting *row, const char *text,
                    struct strbuf *error)
{
    text += strspn(text, " "); // the file could not keep blanks at the ends
    size_t len = strlen(text);
    while (len > 0 && text[len - 1] == ' ') {
        len--;
    }
    if (len >= SETTING_TEXT_BYTES) {
        str_addf(error, "%s must be at most %d bytes long", row->name, SETTING_TEXT_BYTES - 1);
        return -EINVAL;
    }
    if (!can_be_shown(text, len)) {
        str_addf(error, "%s must not hold control characters or bytes that are not UTF-8",
                 row->name);
        return -EINVAL;
    }
    char *member = text_member(settings, row);
    memmove(member, text, len); // it may be given its own value
    member[len] = '\0';
    return 0;
}

/* Append a member that anybody may have written to, or nothing when it would not read back. */
static void add_text(struct strbuf *buf, const char *text)
{
    size_t len = strnlen(text, SETTING_TEXT_BYTES);

    if (len < SETTING_TEXT_BYTES && can_be_shown(text, len)) {
        str_add_bytes(buf, text, len);
    }
}

int settings_set(struct settings *settings, const char *name, const char *text,
                 struct strbuf *error)
{
    size_t at = 0;
    while (at < setting_count() && !str_equal(setting_info(at).name, name)) {
        at++;
    }
    if (at == setting_count()) {
        str_addf(error, "there is no setting \"%.40s\"", name);
        return -EINVAL;
    }
    const struct setting row = setting_info(at);
    switch (row.kind) {
    case SETTING_BOOL:
        return set_bool(settings, &row, text, error);
    case SETTING_NUMBER:
        return set_number(settings, &row, text, error);
    case SETTING_SECONDS:
        return set_seconds(settings, &row, text, error);
    case SETTING_CHOICE:
        return set_choice(settings, &row, text, error);
    case SETTING_COLUMN:
        return set_column(settings, &row, text, error);
    case SETTING_COLUMNS:
        return set_columns(settings, &row, text, error);
    case SETTING_TEXT:
        return set_text(settings, &row, text, error);
    case SETTING_TABLE_COLUMNS:
        return set_table_columns(settings, &row, text, error);
    case SETTING_TABLE_SORT:
        return set_table_sort(settings, &row, text, error);
    }
    return -EINVAL;
}

static const char *column_name(int32_t id)
{
    return column_info(id >= 0 && id < COLUMN_COUNT ? (enum column_id)id : COLUMN_PID)->name;
}

static void get_choice(const struct setting *row, int32_t index, struct strbuf *buf)
{
    // The member is open to all, so it may hold anything: count up to it.
    int32_t at = 0;

    while (at < index && row->choices[at + 1]) {
        at++;
    }
    str_add(buf, row->choices[at]);
}

static void get_table_columns(const struct settings *settings, enum table_id id, struct strbuf *buf)
{
    const struct table *table = table_info(id);
    const struct table_settings *from = &settings->tables[id];
    for (size_t i = 0; i < from->column_count && i < TABLE_COLUMNS_MAX; i++) {
        if (from->columns[i] < table->column_count) {
            str_addf(buf, "%s%s", i == 0 ? "" : " ",
                     table_column_info(table, from->columns[i]).name);
        }
    }
}

/* Nothing when it is as usual, so that another version may have another idea of that. */
static void get_table_sort(const struct settings *settings, enum table_id id, struct strbuf *buf)
{
    const struct table *table = table_info(id);
    const struct table_settings *from = &settings->tables[id];
    const bool usual = from->sort == table->sort &&
                       from->descending == table_column_info(table, table->sort).descending;
    if (!usual && from->sort < table->column_count) {
        str_addf(buf, "%s:%s", table_column_info(table, from->sort).name,
                 from->descending ? "desc" : "asc");
    }
}

void settings_get(const struct settings *settings, const struct setting *row, struct strbuf *buf)
{
    switch (row->kind) {
    case SETTING_BOOL:
        str_add(buf, get_bool(settings, row) ? "yes" : "no");
        break;
    case SETTING_NUMBER:
        str_addf(buf, "%d", (int)get_int(settings, row));
        break;
    case SETTING_SECONDS:
        add_seconds(buf, get_int(settings, row));
        break;
    case SETTING_CHOICE:
        get_choice(row, get_int(settings, row), buf);
        break;
    case SETTING_COLUMN:
        str_add(buf, column_name(get_int(settings, row)));
        break;
    case SETTING_COLUMNS:
        for (size_t i = 0; i < settings->column_count && i < SETTINGS_COLUMNS_MAX; i++) {
            str_addf(buf, "%s%s", i == 0 ? "" : " ", column_name(settings->columns[i]));
        }
        break;
    case SETTING_TEXT:
        add_text(buf, get_text(settings, row));
        break;
    case SETTING_TABLE_COLUMNS:
        get_table_columns(settings, row->table, buf);
        break;
    case SETTING_TABLE_SORT:
        get_table_sort(settings, row->table, buf);
        break;
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Cut blanks off both ends, in place. */
static char *trim(char *text)
{
    while (is_blank(*text)) {
        text++;
    }
    size_t len = strlen(text);
    while (len > 0 && is_blank(text[len - 1])) {
        len--;
    }
    text[len] = '\0';
    return text;
}

/* Apply one line, or say what is wrong with it. */
static void apply_line(struct settings *settings, const char *ptr, size_t len, struct strbuf *error)
{
    char line[LINE_MAX_BYTES];

    if (len >= sizeof(line)) {
        str_add(error, "the line is too long");
        return;
    }
    if (memchr(ptr, '\0', len)) {
        str_add(error, "the line is not text");
        return;
    }
    memcpy(line, ptr, len);
    line[len] = '\0';

    char *name = trim(line);
    if (name[0] == '\0' || name[0] == '#') {
        return;
    }
    char *equals = strchr(name, '=');
    if (!equals) {
        str_addf(error, "expected \"name = value\", not \"%.40s\"", name);
        return;
    }
    *equals = '\0';
    (void)settings_set(settings, trim(name), trim(equals + 1), error);
}

void settings_apply(struct settings *settings, const char *text, size_t len,
                    settings_complaint *complain, void *context)
{
    int line = 1;

    for (size_t at = 0; at < len; line++) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line_len = end ? (size_t)(end - (text + at)) : len - at;
        char sentence[SENTENCE_BYTES];
        struct strbuf error;
        str_init(&error, sentence, sizeof(sentence));
        apply_line(settings, text + at, line_len, &error);
        if (error.len > 0 && complain) {
            complain(context, line, sentence);
        }
        at += line_len + 1;
    }
}

void settings_write(const struct settings *settings, struct strbuf *buf)
{
    for (size_t i = 0; i < setting_count(); i++) {
        const struct setting row = setting_info(i);
        str_addf(buf, "%s# %s\n%s = ", i == 0 ? "" : "\n", row.help, row.name);
        settings_get(settings, &row, buf);
        str_add(buf, "\n");
    }
}
