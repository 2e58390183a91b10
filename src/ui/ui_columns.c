#include "base/str.h"
#include "ui/pane_table.h"
#include "ui/ui_state.h"
#include "ui/ui_tabs.h"

#include <assert.h>
#include <string.h>

/*
 * The dialogs about columns: by which one to sort, and which to show in what order. They are
 * about the list of processes, or about the table that has the focus.
 */

enum { COLUMNS_MAX = SETTINGS_COLUMNS_MAX };
static_assert((int)TABLE_COLUMNS_MAX <= (int)COLUMNS_MAX, "it has room for a table's");

/* --- of whichever it is ---------------------------------------------------------------------- */

/* How many there are to choose from. */
static size_t column_limit(const struct ui *ui)
{
    const struct table *table = ui_tab_table(ui);
    return table != NULL ? table->column_count : COLUMN_COUNT;
}

static int64_t sort_column(const struct ui *ui)
{
    const struct settings *settings = ui->options.settings;
    if (ui_tab_table(ui) != NULL) {
        return (int64_t)pane_table_sort_column(ui_tab_pane(ui));
    }
    return settings->tree ? settings->tree_sort : settings->sort;
}

/* Those shown, left to right; returns how many. */
static size_t get_columns(const struct ui *ui, uint8_t ret[COLUMNS_MAX])
{
    const struct settings *settings = ui->options.settings;
    if (ui_tab_table(ui) != NULL) {
        return pane_table_columns(ui_tab_pane(ui), ret);
    }
    const size_t count =
        settings->column_count < COLUMNS_MAX ? settings->column_count : COLUMNS_MAX;
    memcpy(ret, settings->columns, count);
    return count;
}

static void set_columns(struct ui *ui, const uint8_t *columns, size_t count)
{
    struct settings *settings = ui->options.settings;
    if (ui_tab_table(ui) != NULL) {
        pane_table_set_columns(ui_tab_pane(ui), columns, count);
        return;
    }
    memcpy(settings->columns, columns, count);
    settings->column_count = count;
}

static void copy_text(char *out, size_t size, const char *text)
{
    struct strbuf buf;
    str_init(&buf, out, size);
    str_add(&buf, text);
}

static int add_column(struct ui *ui, size_t at, bool ticked)
{
    const struct table *table = ui_tab_table(ui);
    struct menu_item item = {.value = (int64_t)at, .ticked = ticked};
    if (table != NULL) {
        const struct table_column info = table_column_info(table, at);
        copy_text(item.label, sizeof(item.label), info.title);
        copy_text(item.detail, sizeof(item.detail), info.help);
        copy_text(item.shortcut, sizeof(item.shortcut), info.name);
    } else {
        const struct column *info = column_info((enum column_id)at);
        copy_text(item.label, sizeof(item.label), info->title);
        copy_text(item.detail, sizeof(item.detail), info->help);
        copy_text(item.shortcut, sizeof(item.shortcut), info->name);
    }
    return menu_add(ui->menu, &item);
}

/* --- sort ------------------------------------------------------------------------------------ */

static int fill_sort(struct ui *ui)
{
    const int64_t sort = sort_column(ui);
    int error = 0;
    for (size_t at = 0; at < column_limit(ui) && error == 0; at++) {
        const struct table *table = ui_tab_table(ui);
        const bool has_order = table == NULL || !table_column_is_graph(table, at);
        error = has_order ? add_column(ui, at, (int64_t)at == sort) : 0;
    }
    if (error == 0) {
        (void)menu_select(ui->menu, sort); // unknown: the first one
    }
    return error;
}

static bool choose_sort(struct ui *ui, struct effects *effects)
{
    (void)effects;
    const struct menu_item *item = menu_selected(ui->menu);
    struct view view = ui_view(ui);
    if (item == NULL || item->value == sort_column(ui)) {
        return true;
    }
    if (ui_tab_table(ui) != NULL) {
        pane_table_sort(ui_tab_pane(ui), &view, (size_t)item->value);
    } else {
        pane_process_sort(ui->list, &view, (int)item->value);
    }
    return true;
}

const struct dialog ui_dialog_sort = {
    .title = "Sort by",
    .deed = DEED_COUNT,
    .fill = fill_sort,
    .choose = choose_sort,
};

/* --- columns --------------------------------------------------------------------------------- */

/* What the keys do to the columns, under the title of their menu. */
static bool note_columns(const struct ui *ui, struct strbuf *buf)
{
    static const struct {
        enum action_id action;
        const char *before, *after;
    } parts[] = {
        {ACTION_TOGGLE_ITEM, "", ": on or off"},
        {ACTION_MOVE_ITEM_UP, "; ", ": up"},
        {ACTION_MOVE_ITEM_DOWN, "; ", ": down"},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        char key[MESSAGE_BYTES / 8];
        struct strbuf name;
        str_init(&name, key, sizeof(key));
        if (keymap_key(ui->options.keymap, CONTEXT_MENU, parts[i].action, &name)) {
            str_addf(buf, "%s%s%s", buf->len > 0 ? parts[i].before : "", key, parts[i].after);
        }
    }
    return false;
}

/* Those shown, in their order, then all others. */
static int fill_columns(struct ui *ui)
{
    const size_t limit = column_limit(ui);
    bool shown[COLUMNS_MAX] = {0};
    ui->column_count_before = get_columns(ui, ui->columns_before);
    int error = 0;
    for (size_t i = 0; i < ui->column_count_before && error == 0; i++) {
        const uint8_t at = ui->columns_before[i];
        if (at < limit && !shown[at]) {
            shown[at] = true;
            error = add_column(ui, at, true);
        }
    }
    for (size_t at = 0; at < limit && error == 0; at++) {
        error = shown[at] ? 0 : add_column(ui, at, false);
    }
    if (error == 0) {
        menu_make_editable(ui->menu);
    }
    return error;
}

/* Show the ticked columns at once, so that the effect is seen behind the menu. */
static void apply_columns(struct ui *ui)
{
    uint8_t columns[COLUMNS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < menu_count(ui->menu); i++) {
        const struct menu_item *item = menu_at(ui->menu, i);
        if (item->ticked && count < COLUMNS_MAX) {
            columns[count++] = (uint8_t)item->value;
        }
    }
    if (count == 0) {
        menu_set_note(ui->menu, "at least one column must stay", true);
        return;
    }
    ui_dialog_describe(ui);
    set_columns(ui, columns, count);
}

/* Take back what was done to the columns since the menu opened. */
static void restore_columns(struct ui *ui)
{
    uint8_t columns[COLUMNS_MAX];
    const size_t count = get_columns(ui, columns);
    if (count != ui->column_count_before || memcmp(columns, ui->columns_before, count) != 0) {
        set_columns(ui, ui->columns_before, ui->column_count_before);
        ui_say(ui, false, "the columns are as they were before");
    }
}

/* They are shown already. */
static bool choose_columns(struct ui *ui, struct effects *effects)
{
    (void)ui;
    (void)effects;
    return true;
}

const struct dialog ui_dialog_columns = {
    .title = "Columns",
    .deed = DEED_COUNT,
    .fill = fill_columns,
    .edits = true,
    .note = note_columns,
    .choose = choose_columns,
    .changed = apply_columns,
    .cancel = restore_columns,
};
