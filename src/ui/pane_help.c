#include "ui/pane_help.h"

#include "base/log.h"
#include "base/str.h"
#include "model/column.h"
#include "model/table.h"
#include "model/value.h"
#include "ui/keymap.h"
#include "ui/meters.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * Both panes here are long texts that are never kept: each is produced line by line into a
 * `struct page`, which counts, or draws what falls into view. So what is counted for scrolling
 * and what is drawn cannot differ.
 */

enum {
    TWO_COLUMNS_CELLS = 80, // from this width on
    KEYS_CELLS = 16,        // what the explanations are set off by
    KEYS_CELLS_MIN = 10,    // likewise, where there is little room
    HELP_CELLS = 28,        // an action's explanation has at least these
    WHEEL_STEP = 3,
    LINE_BYTES = 256, // of a line of help
};

/* The help and messages panes. */
struct pane_text {
    struct pane base;
    bool is_messages;
    const struct table *table; // help: whose columns; NULL: the processes'
    int scroll;                // help: rows above the view; messages: rows below it
};

static const struct pane_text *text_of(const struct pane *pane)
{
    return (const struct pane_text *)(const void *)pane;
}

static struct pane_text *writable_text_of(struct pane *pane)
{
    return (struct pane_text *)(void *)pane;
}

/* Where produced lines go. */
struct page {
    const struct view *view;
    const struct table *table; // see struct pane_text
    struct surface *surface;   // NULL: only count
    int top;                   // rows scrolled past
    int x, width;              // of the column being written
    int count;                 // lines so far in this part
    int split;                 // part in two columns: lines in the first one; else 0
    int first_row;             // of this part
};

/* The row area of the next line; an empty one when it is only counted or out of view. */
static struct surface next_line(struct page *page)
{
    struct surface line = {0};
    int index = page->count++;
    if (!page->surface) {
        return line;
    }
    struct rect area = {.x = 0, .y = index, .width = page->width, .height = 1};
    if (page->split > 0) {
        int half = page->width / 2;
        area.x = index / page->split * (half + 1);
        area.y = index % page->split;
        area.width = area.x > 0 ? page->width - area.x : half - 1;
    }
    area.x += page->x;
    area.y += page->first_row - page->top;
    return surface_sub(page->surface, area);
}

static void add_title(struct page *page, const char *title)
{
    if (page->count > 0) {
        (void)next_line(page); // blank
    }
    struct surface line = next_line(page);
    (void)surface_string(&line, 0, 0, line.clip.width, ROLE_HELP_TITLE, title);
}

/* Cut a list of keys at the last comma that leaves it within `cells`. */
static void cut_keys(char *keys, int cells)
{
    for (char *comma = strrchr(keys, ','); surface_cells(keys) > cells && comma;
         comma = strrchr(keys, ',')) {
        bool is_key = comma > keys && comma[-1] == ' '; // the comma itself may be one
        comma[is_key ? -2 : 0] = '\0';
    }
}

/* Bytes of text, which is ours and ASCII, that fit into a line; broken at a space if there is one. */
static size_t fitting(const char *text, int cells)
{
    size_t room = cells > 1 ? (size_t)cells : 1;
    size_t len = strlen(text);
    if (len <= room) {
        return len;
    }
    for (size_t at = room; at > 0; at--) {
        if (text[at] == ' ') {
            return at;
        }
    }
    return room;
}

/* A key and its explanation, over as many lines as that needs. */
static void add_line(struct page *page, enum role role, const char *key, const char *text)
{
    bool wraps = page->split == 0; // in two columns each line has its place already
    struct surface line = next_line(page);
    int width = wraps ? page->width : line.clip.width;
    int x = width - HELP_CELLS - 1;
    x = x > KEYS_CELLS ? KEYS_CELLS : x < KEYS_CELLS_MIN ? KEYS_CELLS_MIN : x;
    char part[LINE_BYTES];
    struct strbuf buf;
    str_init(&buf, part, sizeof(part));
    str_add(&buf, key);
    cut_keys(part, x - 1);
    (void)surface_string(&line, 0, 0, x - 1, role, part);
    for (bool first = true; first || *text != '\0'; first = false) {
        if (!first) {
            line = next_line(page);
        }
        size_t len = wraps ? fitting(text, width - x) : strlen(text);
        str_init(&buf, part, sizeof(part));
        str_add_bytes(&buf, text, len);
        (void)surface_string(&line, x, 0, width - x, ROLE_TEXT, part);
        text += len + (text[len] == ' ' ? 1 : 0);
    }
}

static void add_meters(struct page *page)
{
    for (unsigned bar = 0; bar < METER_BAR_COUNT; bar++) {
        const char *name = NULL;
        size_t count = 0;
        const struct bar_part *parts = meters_parts((enum meter_bar)bar, &name, &count);
        char title[32];
        struct strbuf buf;
        str_init(&buf, title, sizeof(title));
        str_addf(&buf, "%s bar, from the left", name);
        add_title(page, title);
        for (size_t i = 0; i < count; i++) {
            char sign = page->view->colour ? '|' : parts[i].sign;
            char example[6] = {sign, sign, sign, sign, sign, '\0'};
            add_line(page, parts[i].role, example, parts[i].help);
        }
    }
    add_title(page, "Pressure (PSI)");
    add_line(page, ROLE_TEXT, "some/full", "% of time waited, last 10 s");
}

static void add_absent(struct page *page)
{
    add_title(page, "Values that are not there");
    for (unsigned why = 0; why < ABSENT_COUNT; why++) {
        add_line(page, ROLE_ABSENT, absent_sign((enum absent)why), absent_help((enum absent)why));
    }
}

/* What keymap_visit() is given. */
struct key_list {
    struct page *page;
    const struct action *last; // of the line before; NULL: none yet
};

static void add_action(void *context, const struct action *action, enum context where,
                       const char *keys)
{
    struct key_list *list = context;
    if (where == CONTEXT_HELP) {
        return; // these are the keys of this very page; they would list every move twice
    }
    if (where == CONTEXT_GRAPHS && action->group != GROUP_GRAPHS) {
        return; // the same as in tables
    }
    bool in_dialog = where == CONTEXT_MENU || where == CONTEXT_PROMPT;
    if (in_dialog && (action->group != GROUP_EDIT || list->last == action)) {
        return; // moves in menus are the moves of the table, and menus and prompts share theirs
    }
    if (!list->last || list->last->group != action->group) {
        add_title(list->page, action_group_title(action->group));
    }
    list->last = action;
    add_line(list->page, ROLE_KEY, keys, action->help);
}

/* First part: short lines, in two columns where there is room. */
static void write_short_lines(struct page *page)
{
    struct key_list list = {.page = page};
    if (page->view->keymap) {
        keymap_visit(page->view->keymap, add_action, &list);
    }
    add_meters(page);
    add_absent(page);
}

/* Second part: one sentence per column. */
static void write_columns(struct page *page)
{
    (void)next_line(page); // blank
    add_title(page, "Columns");
    for (size_t i = 0; page->table != NULL && i < page->table->column_count; i++) {
        const struct table_column column = table_column_info(page->table, i);
        add_line(page, ROLE_TABLE_HEAD_SORT, column.title, column.help);
    }
    for (unsigned id = 0; page->table == NULL && id < COLUMN_COUNT; id++) {
        const struct column *column = column_info((enum column_id)id);
        add_line(page, ROLE_TABLE_HEAD_SORT, column->title, column->help);
    }
}

/* Produce the help; returns its rows. */
static int write_help(struct page page)
{
    struct page counter = page;
    counter.surface = NULL;
    write_short_lines(&counter);
    page.split = page.width >= TWO_COLUMNS_CELLS ? (counter.count + 1) / 2 : 0;
    write_short_lines(&page);
    page.first_row = page.split > 0 ? page.split : page.count;
    page.split = 0;
    page.count = 0;
    write_columns(&page);
    return page.first_row + page.count;
}

static void add_time(struct strbuf *buf, const struct view *view, int64_t wall_s)
{
    int64_t local = wall_s + (view->snap ? view->snap->utc_offset_s : 0);
    int64_t second = ((local % 86400) + 86400) % 86400;
    str_addf(buf, "%02d:%02d:%02d ", (int)(second / 3600), (int)(second / 60 % 60),
             (int)(second % 60));
}

/* One message over as many rows as it needs. */
static void write_message(struct page *page, const struct log_entry *entry)
{
    char text[sizeof(entry->text) + 16];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    add_time(&buf, page->view, entry->wall_s);
    str_add(&buf, entry->text);
    struct text whole = {.ptr = text, .bytes = (uint32_t)buf.len};
    int cells = surface_cells(text);
    for (int skip = 0; skip < cells; skip += page->width) {
        struct surface line = next_line(page);
        (void)surface_text_from(&line, 0, 0, line.clip.width, entry->error ? ROLE_ERROR : ROLE_TEXT,
                                whole, skip);
    }
}

/* Produce the messages; returns their rows. */
static int write_messages(struct page page)
{
    size_t count = page.view->log ? log_count(page.view->log) : 0;
    for (size_t i = 0; i < count; i++) {
        write_message(&page, log_at(page.view->log, i));
    }
    if (count == 0) {
        struct surface line = next_line(&page);
        (void)surface_string(&line, 0, 0, line.clip.width, ROLE_DIM, "No messages so far.");
    }
    return page.count;
}

static int write_page(const struct pane_text *text, struct page page)
{
    page.width = page.width > 0 ? page.width : 1;
    page.table = text->table;
    return text->is_messages ? write_messages(page) : write_help(page);
}

/* Rows that do not fit. */
static int overflow(const struct pane_text *text, const struct view *view, int width, int height)
{
    int rows = write_page(text, (struct page){.view = view, .width = width});
    return rows > height ? rows - height : 0;
}

static int clamp(int scroll, int limit)
{
    return scroll > limit ? limit : scroll < 0 ? 0 : scroll;
}

static void text_update(struct pane *pane, const struct view *view, struct rect area)
{
    struct pane_text *text = writable_text_of(pane);
    pane->area = area;
    text->scroll = clamp(text->scroll, overflow(text, view, area.width, area.height));
}

static void scroll_by(struct pane_text *text, const struct view *view, int rows)
{
    int limit = overflow(text, view, text->base.area.width, text->base.area.height);
    text->scroll = clamp(text->scroll + (text->is_messages ? -rows : rows), limit);
}

static bool text_act(struct pane *pane, const struct view *view, enum action_id action,
                     struct effects *effects)
{
    (void)effects; // reading changes nothing
    struct pane_text *text = writable_text_of(pane);
    int page = pane->area.height > 1 ? pane->area.height - 1 : 1;
    const struct {
        enum action_id action;
        int rows;
    } moves[] = {
        {ACTION_UP, -1},         {ACTION_DOWN, 1},        {ACTION_SCROLL_UP, -1},
        {ACTION_SCROLL_DOWN, 1}, {ACTION_PAGE_UP, -page}, {ACTION_PAGE_DOWN, page},
        {ACTION_FIRST, -100000}, {ACTION_LAST, 100000},
    };
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        if (moves[i].action == action) {
            scroll_by(text, view, moves[i].rows);
            return true;
        }
    }
    return false;
}

static bool text_mouse(struct pane *pane, const struct view *view, const struct mouse *mouse,
                       struct effects *effects)
{
    (void)effects; // reading changes nothing
    if (mouse->kind != MOUSE_WHEEL_UP && mouse->kind != MOUSE_WHEEL_DOWN) {
        return false;
    }
    scroll_by(writable_text_of(pane), view,
              mouse->kind == MOUSE_WHEEL_UP ? -WHEEL_STEP : WHEEL_STEP);
    return true;
}

static void text_draw(const struct pane *pane, const struct view *view, bool focused,
                      struct surface *surface)
{
    (void)focused; // there is no cursor to show
    const struct pane_text *text = text_of(pane);
    int width = surface->clip.width;
    int height = surface->clip.height;
    surface_fill(surface, (struct rect){.width = width, .height = height}, ROLE_TEXT);
    int limit = overflow(text, view, width, height);
    int scroll = clamp(text->scroll, limit);
    struct page page = {
        .view = view,
        .surface = surface,
        .top = text->is_messages ? limit - scroll : scroll,
        .width = width,
    };
    (void)write_page(text, page);
}

static void text_describe(const struct pane *pane, const struct view *view, struct strbuf *buf)
{
    const struct pane_text *text = text_of(pane);
    int height = pane->area.height;
    int limit = overflow(text, view, pane->area.width, height);
    int top = text->is_messages ? limit - clamp(text->scroll, limit) : clamp(text->scroll, limit);
    if (limit > 0) {
        str_addf(buf, "lines %d to %d of %d", top + 1, top + height, limit + height);
    }
}

static void text_destroy(struct pane *pane)
{
    free(writable_text_of(pane));
}

static const struct pane_class help_class = {
    .name = "help",
    .context = CONTEXT_HELP,
    .min_width = 1,
    .min_height = 1,
    .update = text_update,
    .act = text_act,
    .mouse = text_mouse,
    .draw = text_draw,
    .describe = text_describe,
    .destroy = text_destroy,
};

static const struct pane_class messages_class = {
    .name = "messages",
    .context = CONTEXT_HELP,
    .min_width = 1,
    .min_height = 1,
    .update = text_update,
    .act = text_act,
    .mouse = text_mouse,
    .draw = text_draw,
    .describe = text_describe,
    .destroy = text_destroy,
};

static struct pane *create(const struct pane_class *class, bool is_messages)
{
    struct pane_text *text = calloc(1, sizeof(*text));
    if (!text) {
        return NULL;
    }
    text->base.class = class;
    text->is_messages = is_messages;
    return &text->base;
}

struct pane *pane_help_create(void)
{
    return create(&help_class, false);
}

void pane_help_set_table(struct pane *pane, const struct table *table)
{
    writable_text_of(pane)->table = table;
}

struct pane *pane_messages_create(void)
{
    return create(&messages_class, true);
}
