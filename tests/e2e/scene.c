#include "scene.h"

#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

struct pty *scene_open(const char *const *args)
{
    struct pty *pty = pty_start(&(struct pty_options){.args = args});
    pty_expect(pty, "PID");
    return pty;
}

void scene_close(struct pty *pty)
{
    pty_type(pty, "q");
    int status;
    assert_true(pty_wait_exit(pty, PTY_PATIENCE_MS, &status));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    pty_expect_restored(pty);
    pty_finish(pty);
}

int scene_head_row(struct pty *pty)
{
    for (int y = 0; (y = pty_find_row(pty, y, "PID")) >= 0; y++) {
        if (strstr(pty_row(pty, y), "Command") != NULL) {
            return y;
        }
    }
    return pty_find_row(pty, 0, "MOUNTED ON"); // the file systems'
}

int scene_cursor_row(struct pty *pty)
{
    int head = scene_head_row(pty);
    // The last row is the footer, marked all along.
    for (int y = head + 1; head >= 0 && y < pty_height(pty) - 1; y++) {
        if (pty_is_marked(pty, 0, y)) {
            return y;
        }
    }
    return pty_find_row(pty, 0, "MOUNTED ON"); // the file systems'
}

static bool cursor_is_on(struct pty *pty, void *context)
{
    int y = scene_cursor_row(pty);
    return y >= 0 && strstr(pty_row(pty, y), context) != NULL;
}

void scene_expect_cursor_on(struct pty *pty, const char *text)
{
    char copy[256];
    (void)snprintf(copy, sizeof(copy), "%s", text);
    if (!pty_until(pty, cursor_is_on, copy, PTY_PATIENCE_MS)) {
        fail_msg("the cursor never came to \"%s\"", text);
    }
}

void scene_go_to(struct pty *pty, const char *name)
{
    pty_expect(pty, name);
    pty_type(pty, "/");
    pty_type(pty, name);
    scene_expect_cursor_on(pty, name);
    pty_press(pty, VTERM_KEY_ENTER);
}

/* Two names and the question which is higher. */
struct order {
    const char *upper, *lower;
};

static bool is_in_order(struct pty *pty, void *context)
{
    const struct order *order = context;
    int upper = pty_find_row(pty, scene_head_row(pty) + 1, order->upper);
    int lower = pty_find_row(pty, scene_head_row(pty) + 1, order->lower);
    return upper >= 0 && lower >= 0 && upper < lower;
}

void scene_expect_order(struct pty *pty, const char *upper, const char *lower)
{
    struct order order = {.upper = upper, .lower = lower};
    if (!pty_until(pty, is_in_order, &order, PTY_PATIENCE_MS)) {
        fail_msg("\"%s\" never came above \"%s\"", upper, lower);
    }
}
