#include "base/str.h"
#include "ui/ui_state.h"

/*
 * An open dialog is a menu or the CPU picker: these hand everything on to whichever it is.
 */

int ui_widget_width(const struct ui *ui, int most)
{
    return ui->picker != NULL ? cpu_picker_width(ui->picker) : menu_width(ui->menu, most);
}

bool ui_widget_touched(const struct ui *ui)
{
    return ui->picker != NULL ? cpu_picker_touched(ui->picker) : menu_touched(ui->menu);
}

void ui_widget_layout(struct ui *ui, int width, int height)
{
    if (ui->picker != NULL) {
        cpu_picker_layout(ui->picker, height);
    } else if (ui->menu != NULL) {
        menu_layout(ui->menu, width, height);
    }
}

enum menu_outcome ui_widget_act(struct ui *ui, enum action_id action)
{
    return ui->picker != NULL ? cpu_picker_act(ui->picker, action) : menu_act(ui->menu, action);
}

enum menu_outcome ui_widget_key(struct ui *ui, struct key key)
{
    return ui->picker != NULL ? cpu_picker_key(ui->picker, key) : menu_key(ui->menu, key);
}

enum menu_outcome ui_widget_mouse(struct ui *ui, const struct mouse *mouse)
{
    return ui->picker != NULL ? cpu_picker_mouse(ui->picker, mouse) : menu_mouse(ui->menu, mouse);
}

void ui_widget_refuse(struct ui *ui, const char *why)
{
    if (ui->picker != NULL) {
        cpu_picker_set_note(ui->picker, why, true);
    } else {
        menu_set_note(ui->menu, why, true);
    }
}

void ui_widget_describe(struct ui *ui, const char *title, const char *note, bool error,
                        const char *hint)
{
    if (ui->picker != NULL) { // it has one text for both
        char text[2 * MESSAGE_BYTES];
        struct strbuf buf;
        str_init(&buf, text, sizeof(text));
        str_add(&buf, note);
        if (!error && hint[0] != '\0') {
            str_add(&buf, note[0] != '\0' ? "; " : "");
            str_add(&buf, hint);
        }
        cpu_picker_set_title(ui->picker, title);
        cpu_picker_set_note(ui->picker, text, error);
    } else {
        menu_set_title(ui->menu, title);
        menu_set_note(ui->menu, note, error);
        menu_set_hint(ui->menu, hint);
    }
}

void ui_widget_draw(const struct ui *ui, struct surface *surface)
{
    if (ui->picker != NULL) {
        cpu_picker_draw(ui->picker, surface);
    } else {
        menu_draw(ui->menu, surface);
    }
}

void ui_widget_destroy(struct ui *ui)
{
    cpu_picker_destroy(ui->picker);
    menu_destroy(ui->menu);
    ui->picker = NULL;
    ui->menu = NULL;
}
