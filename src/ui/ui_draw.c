#include "base/str.h"
#include "base/utf8.h"
#include "ui/meters.h"
#include "ui/pane_table.h"
#include "ui/ui_inspect.h"
#include "ui/ui_state.h"
#include "ui/ui_tabs.h"
#include "ui/wrap.h"

#include <string.h>

/*
 * Layout and drawing of everything that is not a pane: what goes where, the status line and
 * the keys at the bottom. As the terminal shrinks the keys go first, then the meters, then the
 * status line; the list stays.
 */

enum {
    FOOTER_MIN_HEIGHT = 9,          // of the terminal, for the keys
    HEADER_MIN_HEIGHT = 8,          // for the meters
    TABS_MIN_HEIGHT = 12,           // for the line of tabs
    STATUS_MIN_HEIGHT = 3,          // for the status line
    INSPECT_HEADER_MIN_HEIGHT = 18, // for the meters over an inspected process
    INSPECT_TABS_MIN_HEIGHT = 6,    // for the line of its sections
    INSPECT_HEAD_MIN_HEIGHT = 4,    // for the line that says who it is
    MENU_MIN_HEIGHT = 8,            // of the list, for a menu over it; else it takes all there is
    BESIDE_MIN_WIDTH = 30,          // columns left for the list beside a menu
    GAP_MAX = 3,                    // between keys of the footer
    MESSAGE_MIN_HEIGHT = 8,         // for a message of several lines
    MESSAGE_LINES_MAX = 3,
    CONFIRM_CELLS = 5, // for "yes" and the cursor
};

void ui_layout(const struct ui *ui, struct ui_layout *ret)
{
    const struct settings *settings = ui->options.settings;
    struct view view = ui_view(ui);
    bool prompt = ui->prompt != PROMPT_NONE;
    bool footer = settings->footer && ui->height >= FOOTER_MIN_HEIGHT;
    bool status = ui->height >= STATUS_MIN_HEIGHT || prompt;
    bool inspects = ui->over == NULL && ui_inspect_is_open(ui);
    int header = 0;
    int header_min = inspects ? INSPECT_HEADER_MIN_HEIGHT : HEADER_MIN_HEIGHT;
    if (settings->header && ui->over == NULL && ui->height >= header_min) {
        header = meters_height(&view, ui->width, ui->height / 3);
    }
    int below = (footer ? 1 : 0) + (status ? 1 : 0);
    ret->header = (struct rect){.width = ui->width, .height = header};
    ret->footer_y = footer ? ui->height - 1 : -1;
    ret->status_y = status ? ui->height - below : -1;
    int tabs_min = inspects ? INSPECT_TABS_MIN_HEIGHT : TABS_MIN_HEIGHT;
    int tabs = ui->over == NULL && ui->height >= tabs_min ? 1 : 0;
    int head = inspects && ui->height >= INSPECT_HEAD_MIN_HEIGHT ? 1 : 0;
    ret->head_y = head > 0 ? header : -1;
    ret->tabs_y = tabs > 0 ? header + head : -1;
    int top = header + head + tabs;
    ret->pane = (struct rect){.y = top, .width = ui->width, .height = ui->height - below - top};
    ret->menu = (struct rect){0};
    if (ui->dialog == DIALOG_NONE) {
        return;
    }
    int most = ui->width - BESIDE_MIN_WIDTH;
    most = ui_dialog_info(ui->dialog)->wide && most > MENU_WIDTH_USUAL ? most : MENU_WIDTH_USUAL;
    int wanted = ui_widget_width(ui, most);
    ret->menu = ret->pane;
    ret->menu.width = wanted < ui->width ? wanted : ui->width;
    if (ret->pane.height < MENU_MIN_HEIGHT) {
        ret->menu.y = 0;
        ret->menu.height = ui->height - below;
    }
    if (ui->width - ret->menu.width >= BESIDE_MIN_WIDTH) { // the pids stay in sight
        ret->pane.x = ret->menu.width;
        ret->pane.width -= ret->menu.width;
    }
}

/* --- footer ---------------------------------------------------------------------------------- */

/* True when an action of this context can do something in what is open now. */
static bool is_useful(const struct ui *ui, enum action_id action)
{
    bool edits = action == ACTION_TOGGLE_ITEM || action == ACTION_MOVE_ITEM_UP ||
                 action == ACTION_MOVE_ITEM_DOWN;
    bool searches = action == ACTION_SEARCH_NEXT || action == ACTION_SEARCH_PREVIOUS;
    bool scopes = action == ACTION_SCOPE_NEXT || action == ACTION_SCOPE_PREVIOUS;
    const struct dialog *dialog = ui->dialog != DIALOG_NONE ? ui_dialog_info(ui->dialog) : NULL;
    bool toggles = action == ACTION_TOGGLE_ITEM && dialog != NULL && dialog->edits;
    bool in_tab = ui_context(ui) == CONTEXT_TABLE || ui_context(ui) == CONTEXT_GRAPHS ||
                  ui_context(ui) == CONTEXT_INSPECT;
    bool offered = !in_tab || ui_tabs_offers(ui, action);
    return offered && (!edits || toggles || ui->dialog == DIALOG_COLUMNS) &&
           (!scopes || (dialog != NULL && dialog->changes_scope && ui->draft->choice_count > 1)) &&
           (!searches || ui->prompt == PROMPT_SEARCH);
}

size_t ui_footer(const struct ui *ui, struct footer_place ret[FOOTER_MAX])
{
    struct footer_item items[FOOTER_MAX];
    size_t found = keymap_footer(ui->options.keymap, ui_context(ui), items, FOOTER_MAX);
    size_t count = 0;
    int needed = 0;
    for (size_t i = 0; i < found; i++) {
        const char *label = action_info(items[i].action)->label;
        int cells = (int)strlen(items[i].key) + (label != NULL ? (int)strlen(label) : 0);
        if (is_useful(ui, items[i].action)) {
            ret[count++] = (struct footer_place){.item = items[i], .cells = cells};
            needed += cells;
        }
    }
    /* Share what is left among the gaps, from the left; when it is too little for one column
     * between any two, the last ones go. */
    int gaps = count > 1 ? (int)count - 1 : 1;
    int spare = ui->width - needed > gaps ? ui->width - needed : gaps;
    int x = 0;
    for (size_t i = 0; i < count; i++) {
        if (x + ret[i].cells > ui->width) {
            return i;
        }
        int gap = spare / gaps + ((int)i < spare % gaps ? 1 : 0);
        ret[i].x = x;
        ret[i].cells += gap < GAP_MAX ? gap : GAP_MAX;
        x += ret[i].cells;
    }
    return count;
}

static void draw_footer(const struct ui *ui, int y, struct surface *surface)
{
    struct rect area = {.y = y, .width = ui->width, .height = 1};
    surface_fill(surface, area, ROLE_KEY_LABEL);
    struct footer_place places[FOOTER_MAX];
    size_t count = ui_footer(ui, places);
    for (size_t i = 0; i < count; i++) {
        const struct footer_place *place = &places[i];
        const char *label = action_info(place->item.action)->label;
        int key = surface_string(surface, place->x, y, place->cells, ROLE_KEY, place->item.key);
        (void)surface_string(surface, place->x + key, y, place->cells - key, ROLE_KEY_LABEL,
                             label != NULL ? label : "");
    }
}

/* --- status line ----------------------------------------------------------------------------- */

static void describe_stall(const struct ui *ui, struct strbuf *buf)
{
    uint64_t since = ui->stall.since_ns < ui->now_ns ? ui->now_ns - ui->stall.since_ns : 0;
    if (ui->stall.pid > 0) {
        str_addf(buf, "sampler waits for /proc/%d since ", (int)ui->stall.pid);
    } else {
        str_add(buf, "sampler waits for the system's figures since ");
    }
    str_add_fixed(buf, (double)since / 1e9, 1);
    str_add(buf, " s");
}

/* Draw the prompt; returns the column of the cursor. */
static int draw_prompt(const struct ui *ui, int y, struct surface *surface)
{
    char label[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, label, sizeof(label));
    if (ui->prompt == PROMPT_CONFIRM) {
        ui_confirm_label(ui, ui->width - CONFIRM_CELLS, &buf);
    } else {
        str_add(&buf, ui->prompt == PROMPT_SEARCH ? "Search: " : "Filter: ");
    }
    const char *note = ui->no_match && ui->prompt == PROMPT_SEARCH ? " no match" : "";
    struct rect area = {.y = y, .width = ui->width, .height = 1};
    surface_fill(surface, area, ROLE_PROMPT);
    int label_cells = ui->width > surface_cells(label) + 4 ? surface_cells(label) : 0;
    (void)surface_string(surface, 0, y, label_cells, ROLE_PROMPT, label);
    int note_cells = ui->width - label_cells > (int)strlen(note) + 4 ? (int)strlen(note) : 0;
    int cells = ui->width - label_cells - note_cells;
    int cursor = line_edit_draw(&ui->edit, surface, label_cells, y, cells, ROLE_PROMPT);
    (void)surface_string(surface, label_cells + cells, y, note_cells, ROLE_ERROR, note);
    return label_cells + cursor;
}

/* Where a safe text has reached this many columns, in bytes. */
static size_t bytes_within(const char *text, int cells)
{
    size_t len = strlen(text);
    size_t at = 0;
    for (int used = 0; at < len;) {
        uint32_t code;
        size_t next = at + utf8_decode(text + at, len - at, &code);
        int width = utf8_width(code);
        used += width > 0 ? width : 0;
        if (used > cells) {
            break;
        }
        at = next;
    }
    return at;
}

/* Make a text fit: cut it, at no separator, and show that it was cut. */
static void shorten(char *text, int cells, bool unicode)
{
    const char *mark = unicode ? "…" : "...";
    int mark_cells = unicode ? 1 : 3;
    if (surface_cells(text) <= cells || cells <= 2 * mark_cells) {
        return;
    }
    size_t len = bytes_within(text, cells - mark_cells);
    const char *dot = "·";
    while (len > 0 &&
           (text[len - 1] == ' ' || text[len - 1] == ',' ||
            (len > strlen(dot) && memcmp(text + len - strlen(dot), dot, strlen(dot)) == 0))) {
        len -= text[len - 1] == ' ' || text[len - 1] == ',' ? 1 : strlen(dot);
    }
    memcpy(text + len, mark, strlen(mark) + 1); // shorter than what was cut off
}

/* Draw one text over the whole width. */
static void draw_line(const struct ui *ui, int y, enum role role, char *text,
                      struct surface *surface)
{
    shorten(text, ui->width, ui->options.unicode);
    surface_fill(surface, (struct rect){.y = y, .width = ui->width, .height = 1}, role);
    (void)surface_string(surface, 0, y, ui->width, role, text);
}

/* A message has its end in sight: it grows upwards over what is above the status line. */
static void draw_message(const struct ui *ui, int y, struct surface *surface)
{
    enum role role = ui->message.error ? ROLE_ERROR : ROLE_STATUS;
    const char *rest = ui->message.text;
    int lines = ui->height >= MESSAGE_MIN_HEIGHT ? wrap_rows(rest, ui->width) : 1;
    lines = lines < MESSAGE_LINES_MAX ? lines : MESSAGE_LINES_MAX;
    for (int i = lines - 1; i >= 0; i--) {
        size_t bytes = i > 0 ? wrap_line(rest, ui->width) : strlen(rest);
        char line[STATUS_BYTES];
        struct strbuf buf;
        str_init(&buf, line, sizeof(line));
        str_add_bytes(&buf, rest, bytes);
        draw_line(ui, y - i, role, line, surface);
        rest = wrap_rest(rest, ui->width);
    }
}

/* Draw the status line; returns the column of the text cursor, -1 for none. */
static int draw_status(const struct ui *ui, int y, struct surface *surface)
{
    if (ui->prompt != PROMPT_NONE) {
        return draw_prompt(ui, y, surface);
    }
    if (ui->message.text[0] != '\0') {
        draw_message(ui, y, surface);
        return -1;
    }
    struct view view = ui_view(ui);
    char text[STATUS_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    enum role role = ROLE_STATUS;
    if (ui->stall.stalled) {
        role = ROLE_WARNING;
        describe_stall(ui, &buf);
    } else {
        const struct pane *pane = ui->over != NULL ? ui->over : ui_tab_pane(ui);
        if (pane->class->describe != NULL) {
            pane->class->describe(pane, &view, &buf);
        }
        const struct pane *lower = ui->over == NULL ? ui_tab_lower(ui) : NULL;
        if (lower != NULL && lower != pane) {
            pane_table_describe_denied(lower, &view, &buf);
        }
    }
    draw_line(ui, y, role, text, surface);
    return -1;
}

void ui_draw(const struct ui *ui, struct surface *surface, int *ret_cursor_x, int *ret_cursor_y)
{
    struct view view = ui_view(ui);
    struct ui_layout layout;
    ui_layout(ui, &layout);
    surface_fill(surface, (struct rect){.width = surface->width, .height = surface->height},
                 ROLE_TEXT);
    if (layout.header.height > 0) {
        struct surface header = surface_sub(surface, layout.header);
        meters_draw(&view, &header);
    }
    if (layout.tabs_y >= 0) {
        (ui_inspect_is_open(ui) ? ui_inspect_draw_tabs : ui_tabs_draw)(ui, layout.tabs_y, surface);
    }
    if (layout.head_y >= 0) {
        ui_inspect_draw_head(ui, layout.head_y, surface);
    }
    if (layout.pane.height > 0 && ui->over != NULL) {
        struct surface area = surface_sub(surface, layout.pane);
        ui->over->class->draw(ui->over, &view, true, &area);
    } else if (layout.pane.height > 0) {
        ui_tab_draw(ui, layout.pane, surface);
    }
    if (ui->dialog != DIALOG_NONE && layout.menu.height > 0) {
        struct surface area = surface_sub(surface, layout.menu);
        ui_widget_draw(ui, &area);
    }
    *ret_cursor_x = layout.status_y >= 0 ? draw_status(ui, layout.status_y, surface) : -1;
    *ret_cursor_y = layout.status_y >= 0 ? layout.status_y : 0;
    if (layout.footer_y >= 0) {
        draw_footer(ui, layout.footer_y, surface);
    }
}
