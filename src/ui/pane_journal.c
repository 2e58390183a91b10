#include "ui/pane_journal.h"

#include "base/str.h"
#include "model/journal.h"
#include "model/snapshot.h"
#include "ui/wrap.h"

#include <stdlib.h>
#include <string.h>

/*
 * Each line of the journal becomes one row of texts in columns, wrapped within their columns, so
 * it takes as many rows of the screen as its longest text. How many is never kept: the journal is
 * walked from its newest line up to what is in view, and no further.
 *
 * With less room there are fewer columns, and what loses its own is told in another one's text:
 * the change with the result, then the action too, then who it was done to on a line of its own.
 */

enum {
    WIDTH_STARTED = 120, // from which on there is room for the time a process was started
    WIDTH_CHANGE = 100,  // likewise for a column of its own
    WIDTH_TABLE = 60,    // likewise for any columns at all
    RESULT_CELLS = 36,   // at least, or else the change gives up its column to it
    HEIGHT_HEAD = 3,     // from which on the head is worth its row
    TIME_CELLS = 8,
    NAME_CELLS = 20, // at most, and so on
    USER_CELLS = 12,
    ACTION_CELLS = 18,
    CHANGE_CELLS = 36,
    INDENT_CELLS = 2,
    WHEEL_STEP = 3,
    TEXT_BYTES = 448, // of everything there is to say about one line
    WHO_BYTES = 128,
    TO_THE_END = 1 << 28,
};

/* Columns in the order they stand in. */
enum journal_column { TIME, PID, STARTED, NAME, USER, ACTION, CHANGE, RESULT, COLUMNS };

static const char *const titles[COLUMNS] = {"TIME", "PID",    "STARTED", "NAME",
                                            "USER", "ACTION", "CHANGE",  "RESULT"};

/* The journal pane. */
struct pane_journal {
    struct pane base;
    int scroll;     // rows below the view
    uint64_t total; // lines ever added when last looked
};

/* Where the columns are in a given width. */
struct plan_of {
    int cells[COLUMNS]; // 0: it has none
    bool stacked;       // no columns: who, and below it what
    int width;
};

/* The texts of one line. */
struct texts {
    const char *of[COLUMNS];
    char time[16], pid[16], started[16];
    char action[64];
    char result[TEXT_BYTES];
    char who[WHO_BYTES]; // stacked: instead of the columns up to USER
};

static const struct pane_journal *journal_of(const struct pane *pane)
{
    return (const struct pane_journal *)(const void *)pane;
}

static struct pane_journal *writable_journal_of(struct pane *pane)
{
    return (struct pane_journal *)(void *)pane;
}

static size_t count_of(const struct view *view)
{
    return view->journal ? journal_count(view->journal) : 0;
}

/* --- texts ----------------------------------------------------------------------------------- */

static void add_time(struct strbuf *buf, const struct view *view, int64_t wall_s)
{
    int64_t local = wall_s + (view->snap ? view->snap->utc_offset_s : 0);
    int64_t second = ((local % 86400) + 86400) % 86400;
    str_addf(buf, "%02d:%02d:%02d", (int)(second / 3600), (int)(second / 60 % 60),
             (int)(second % 60));
}

/* When the process was started; it counts from when the machine was, so it may be gone by now. */
static void add_started(struct strbuf *buf, const struct view *view, uint64_t start_ns)
{
    if (!view->snap || view->snap->system.uptime_ns == FIGURE_ABSENT) {
        return;
    }
    const uint64_t uptime_ns = view->snap->system.uptime_ns;
    const uint64_t age_ns = uptime_ns > start_ns ? uptime_ns - start_ns : 0;
    add_time(buf, view, view->snap->wall_s - (int64_t)(age_ns / 1000000000u));
}

static void add_sentence(struct strbuf *buf, const struct texts *texts,
                         const struct journal_entry *entry, const struct plan_of *plan)
{
    if (plan->stacked) {
        str_add(buf, texts->action);
    }
    if (plan->cells[CHANGE] == 0 && entry->change[0] != '\0') {
        str_add(buf, buf->len > 0 ? " " : "");
        str_add(buf, entry->change);
    }
    if (entry->result[0] != '\0') {
        str_add(buf, buf->len > 0 ? ": " : "");
        str_add(buf, entry->result);
    }
}

static void fill_texts(struct texts *texts, const struct view *view,
                       const struct journal_entry *entry, const struct plan_of *plan)
{
    const struct target *target = &entry->target;
    struct strbuf buf;
    str_init(&buf, texts->time, sizeof(texts->time));
    add_time(&buf, view, entry->wall_s);
    str_init(&buf, texts->pid, sizeof(texts->pid));
    str_addf(&buf, "%d", (int)target->id.pid);
    str_init(&buf, texts->started, sizeof(texts->started));
    add_started(&buf, view, target->id.start_ns);
    str_init(&buf, texts->action, sizeof(texts->action));
    str_addf(&buf, "%s%s", entry->undo ? "undo " : "", entry->action);
    str_init(&buf, texts->result, sizeof(texts->result));
    add_sentence(&buf, texts, entry, plan);
    str_init(&buf, texts->who, sizeof(texts->who));
    str_addf(&buf, "%s %s %s", texts->time, texts->pid, target->name);
    if (target->user[0] != '\0') {
        str_addf(&buf, " (%s)", target->user);
    }
    const char *const of[COLUMNS] = {texts->time,  texts->pid,    texts->started, target->name,
                                     target->user, texts->action, entry->change,  texts->result};
    memcpy(texts->of, of, sizeof(of));
}

/* --- columns --------------------------------------------------------------------------------- */

static int widest(int cells, int other, int limit)
{
    other = other < limit ? other : limit;
    return other > cells ? other : cells;
}

/* Widen the columns to what is in them. */
static void fit_columns(struct plan_of *plan, const struct view *view)
{
    for (size_t i = 0; i < count_of(view); i++) {
        const struct journal_entry *entry = journal_at(view->journal, i);
        int *cells = plan->cells;
        int digits = 1;
        for (int32_t pid = entry->target.id.pid; pid > 9; pid /= 10) {
            digits++;
        }
        int action = surface_cells(entry->action) + (entry->undo ? 5 : 0);
        cells[PID] = widest(cells[PID], digits, TIME_CELLS);
        cells[NAME] = widest(cells[NAME], surface_cells(entry->target.name), NAME_CELLS);
        cells[USER] = widest(cells[USER], surface_cells(entry->target.user), USER_CELLS);
        cells[ACTION] = widest(cells[ACTION], action, ACTION_CELLS);
        cells[CHANGE] = widest(cells[CHANGE], surface_cells(entry->change), CHANGE_CELLS);
    }
}

static struct plan_of plan_columns(const struct view *view, int width)
{
    struct plan_of plan = {.width = width > 1 ? width : 1};
    plan.stacked = plan.width < WIDTH_TABLE;
    if (plan.stacked) {
        plan.cells[RESULT] = plan.width > 2 * INDENT_CELLS ? plan.width - INDENT_CELLS : plan.width;
        return plan;
    }
    for (int i = 0; i < COLUMNS; i++) {
        plan.cells[i] = (int)strlen(titles[i]);
    }
    fit_columns(&plan, view);
    plan.cells[TIME] = TIME_CELLS;
    plan.cells[STARTED] = plan.width >= WIDTH_STARTED ? TIME_CELLS : 0;
    int rest = plan.width;
    for (int i = 0; i < RESULT; i++) {
        rest -= plan.cells[i] > 0 ? plan.cells[i] + 1 : 0;
    }
    if (plan.width < WIDTH_CHANGE || rest < RESULT_CELLS) {
        rest += plan.cells[CHANGE] + 1;
        plan.cells[CHANGE] = 0;
    }
    plan.cells[RESULT] = rest > 1 ? rest : 1;
    return plan;
}

static int rows_of(const struct texts *texts, const struct plan_of *plan)
{
    if (plan->stacked) {
        return wrap_rows(texts->who, plan->width) + wrap_rows(texts->result, plan->cells[RESULT]);
    }
    int rows = 1;
    for (int i = 0; i < COLUMNS; i++) {
        if (plan->cells[i] > 0) {
            int needed = wrap_rows(texts->of[i], plan->cells[i]);
            rows = needed > rows ? needed : rows;
        }
    }
    return rows;
}

static int rows_at(const struct view *view, const struct plan_of *plan, size_t index)
{
    struct texts texts;
    fill_texts(&texts, view, journal_at(view->journal, index), plan);
    return rows_of(&texts, plan);
}

/* --- scrolling ------------------------------------------------------------------------------- */

static int head_rows(const struct plan_of *plan, int height)
{
    return !plan->stacked && height >= HEIGHT_HEAD ? 1 : 0;
}

/* How far it can be scrolled, if no further than wished. */
static int clamp_scroll(const struct view *view, struct rect area, int scroll)
{
    const struct plan_of plan = plan_columns(view, area.width);
    const int height = area.height - head_rows(&plan, area.height);
    scroll = scroll > 0 ? scroll : 0;
    int rows = 0;
    for (size_t i = count_of(view); i > 0 && rows < scroll + height; i--) {
        rows += rows_at(view, &plan, i - 1);
    }
    const int limit = rows > height ? rows - height : 0;
    return scroll < limit ? scroll : limit;
}

static void journal_update(struct pane *pane, const struct view *view, struct rect area)
{
    struct pane_journal *journal = writable_journal_of(pane);
    const uint64_t total = view->journal ? journal_total(view->journal) : 0;
    uint64_t added = total > journal->total ? total - journal->total : 0;
    if (journal->scroll > 0 && added > 0) { // what is being read stays where it is
        const struct plan_of plan = plan_columns(view, area.width);
        for (size_t i = count_of(view); i > 0 && added > 0; i--, added--) {
            journal->scroll += rows_at(view, &plan, i - 1);
        }
    }
    journal->total = total;
    pane->area = area;
    journal->scroll = clamp_scroll(view, area, journal->scroll);
}

static void scroll_by(struct pane *pane, const struct view *view, int rows)
{
    struct pane_journal *journal = writable_journal_of(pane);
    journal->scroll = clamp_scroll(view, pane->area, journal->scroll - rows);
}

static bool journal_act(struct pane *pane, const struct view *view, enum action_id action,
                        struct effects *effects)
{
    (void)effects; // reading changes nothing
    const int page = pane->area.height > 2 ? pane->area.height - 2 : 1;
    const struct {
        enum action_id action;
        int rows;
    } moves[] = {
        {ACTION_UP, -1},
        {ACTION_DOWN, 1},
        {ACTION_SCROLL_UP, -1},
        {ACTION_SCROLL_DOWN, 1},
        {ACTION_PAGE_UP, -page},
        {ACTION_PAGE_DOWN, page},
        {ACTION_FIRST, -TO_THE_END},
        {ACTION_LAST, TO_THE_END},
    };
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        if (moves[i].action == action) {
            scroll_by(pane, view, moves[i].rows);
            return true;
        }
    }
    return false;
}

static bool journal_mouse(struct pane *pane, const struct view *view, const struct mouse *mouse,
                          struct effects *effects)
{
    (void)effects; // reading changes nothing
    if (mouse->kind != MOUSE_WHEEL_UP && mouse->kind != MOUSE_WHEEL_DOWN) {
        return false;
    }
    scroll_by(pane, view, mouse->kind == MOUSE_WHEEL_UP ? -WHEEL_STEP : WHEEL_STEP);
    return true;
}

/* --- drawing --------------------------------------------------------------------------------- */

/* One text, wrapped, from a place on; returns the rows it takes. */
static int draw_text(struct surface *surface, struct rect at, enum role role, const char *text)
{
    int rows = 0;
    do {
        struct text line = {.ptr = text, .bytes = (uint32_t)wrap_line(text, at.width)};
        (void)surface_text(surface, at.x, at.y + rows, at.width, role, line);
        text = wrap_rest(text, at.width);
        rows++;
    } while (*text != '\0');
    return rows;
}

static enum role role_of(const struct journal_entry *entry)
{
    return entry->error ? ROLE_ERROR : entry->pending ? ROLE_WARNING : ROLE_TEXT;
}

/* Draw one line of the journal from a row on, which may be above the view; returns its rows. */
static int draw_entry(const struct view *view, const struct plan_of *plan, size_t index, int y,
                      struct surface *surface)
{
    const struct journal_entry *entry = journal_at(view->journal, index);
    struct texts texts;
    fill_texts(&texts, view, entry, plan);
    if (plan->stacked) {
        struct rect at = {.y = y, .width = plan->width};
        at.y += draw_text(surface, at, ROLE_TEXT, texts.who);
        at.x = plan->width - plan->cells[RESULT];
        at.width = plan->cells[RESULT];
        at.y += draw_text(surface, at, role_of(entry), texts.result);
        return at.y - y;
    }
    struct rect at = {.y = y};
    for (int i = 0; i < COLUMNS; i++) {
        at.width = plan->cells[i];
        if (at.width > 0) {
            int indent = i == PID ? at.width - surface_cells(texts.of[i]) : 0;
            at.x += indent > 0 ? indent : 0;
            (void)draw_text(surface, at, i == RESULT ? role_of(entry) : ROLE_TEXT, texts.of[i]);
            at.x += at.width + 1 - (indent > 0 ? indent : 0);
        }
    }
    return rows_of(&texts, plan);
}

static void draw_head(const struct plan_of *plan, struct surface *surface)
{
    surface_fill(surface, (struct rect){.width = plan->width, .height = 1}, ROLE_TABLE_HEAD);
    int x = 0;
    for (int i = 0; i < COLUMNS; i++) {
        const int cells = plan->cells[i];
        const bool merged = i == RESULT && plan->cells[CHANGE] == 0;
        const char *title = merged ? "CHANGE: RESULT" : titles[i];
        if (i == PID) {
            surface_string_right(surface, x, 0, cells, ROLE_TABLE_HEAD, title);
        } else if (cells > 0) {
            (void)surface_string(surface, x, 0, cells, ROLE_TABLE_HEAD, title);
        }
        x += cells > 0 ? cells + 1 : 0;
    }
}

/* Draw the lines below the head. */
static void draw_lines(const struct pane_journal *journal, const struct view *view,
                       const struct plan_of *plan, struct surface *surface)
{
    const int height = surface->clip.height;
    const int scroll = journal->scroll;
    size_t first = count_of(view);
    int rows = 0;
    while (first > 0 && rows < scroll + height) {
        first--;
        rows += rows_at(view, plan, first);
    }
    /* the last row not scrolled past stands at the bottom, unless all fits anyway */
    int y = rows > height ? height - rows + (scroll < rows - height ? scroll : rows - height) : 0;
    for (size_t i = first; i < count_of(view) && y < height; i++) {
        y += draw_entry(view, plan, i, y, surface);
    }
}

static void journal_draw(const struct pane *pane, const struct view *view, bool focused,
                         struct surface *surface)
{
    (void)focused; // there is no cursor to show
    const int width = surface->clip.width;
    const int height = surface->clip.height;
    const struct plan_of plan = plan_columns(view, width);
    const int head = head_rows(&plan, height);
    surface_fill(surface, (struct rect){.width = width, .height = height}, ROLE_TEXT);
    if (count_of(view) == 0) {
        (void)surface_string(surface, 0, 0, width, ROLE_DIM, "nothing was done yet");
        return;
    }
    if (head > 0) {
        draw_head(&plan, surface);
    }
    struct surface below =
        surface_sub(surface, (struct rect){.y = head, .width = width, .height = height - head});
    draw_lines(journal_of(pane), view, &plan, &below);
}

static void journal_describe(const struct pane *pane, const struct view *view, struct strbuf *buf)
{
    (void)pane; // it is about all of the journal
    const size_t count = count_of(view);
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        failed += journal_at(view->journal, i)->error;
    }
    if (count > 0) {
        str_addf(buf, "%zu action%s, %zu failed", count, count == 1 ? "" : "s", failed);
    }
}

static void journal_pane_destroy(struct pane *pane)
{
    free(writable_journal_of(pane));
}

static const struct pane_class journal_class = {
    .name = "journal",
    .context = CONTEXT_HELP,
    .min_width = 1,
    .min_height = 1,
    .update = journal_update,
    .act = journal_act,
    .mouse = journal_mouse,
    .draw = journal_draw,
    .describe = journal_describe,
    .destroy = journal_pane_destroy,
};

struct pane *pane_journal_create(void)
{
    struct pane_journal *journal = calloc(1, sizeof(*journal));
    if (!journal) {
        return NULL;
    }
    journal->base.class = &journal_class;
    return &journal->base;
}
