#include "ui/ui_inspect.h"

#include "base/str.h"
#include "model/dossier.h"
#include "model/network.h"
#include "model/protect.h"
#include "model/value.h"
#include "ui/pane_process.h"
#include "ui/pane_process_history.h"
#include "ui/pane_table.h"
#include "ui/tab_line.h"
#include "ui/ui_tabs.h"

#include <string.h>

enum {
    BESIDE_TEXT_WIDTH = 90, // the overview keeps; narrower it is hard to read
    BESIDE_MIN_WIDTH = 40,  // for the graphs beside it
    BESIDE_MIN_HEIGHT = 9,
    BESIDE_GAP = 2,
};

/* The sections from left to right, with the action that goes there. */
static const struct {
    enum action_id action;
    enum table_id table; // TABLE_COUNT: graphs
    char digit;
} sections[] = {
    {ACTION_SECTION_OVERVIEW, TABLE_OVERVIEW, '1'},
    {ACTION_SECTION_THREADS, TABLE_THREADS, '2'},
    {ACTION_SECTION_FILES, TABLE_FILES, '3'},
    {ACTION_SECTION_SOCKETS, TABLE_SOCKETS, '4'},
    {ACTION_SECTION_MAPS, TABLE_MAPS, '5'},
    {ACTION_SECTION_WAITING, TABLE_WAITING, '6'},
    {ACTION_SECTION_CGROUP, TABLE_CGROUP, '7'},
    {ACTION_SECTION_LIMITS, TABLE_LIMITS, '8'},
    {ACTION_SECTION_ENVIRONMENT, TABLE_ENVIRONMENT, '9'},
    {ACTION_SECTION_HISTORY, TABLE_COUNT, '0'},
};

enum { SECTION_COUNT = sizeof(sections) / sizeof(sections[0]) };

bool ui_inspect_is_open(const struct ui *ui)
{
    return ui->inspect.id.pid > 0;
}

struct pane *ui_inspect_pane(const struct ui *ui)
{
    const enum table_id table = sections[ui->inspect.section].table;
    return table != TABLE_COUNT ? ui->tables[table] : ui->process_history;
}

const struct table *ui_inspect_table(const struct ui *ui)
{
    const enum table_id table = sections[ui->inspect.section].table;
    return table != TABLE_COUNT ? table_info(table) : NULL;
}

struct rect ui_inspect_beside(const struct ui *ui, struct rect *area)
{
    struct rect beside = {0};
    if (ui_inspect_is_open(ui) && sections[ui->inspect.section].table == TABLE_OVERVIEW &&
        area->width >= BESIDE_TEXT_WIDTH + BESIDE_GAP + BESIDE_MIN_WIDTH &&
        area->height >= BESIDE_MIN_HEIGHT) {
        const int half = (area->width - BESIDE_GAP) / 2;
        const int left = area->width - BESIDE_GAP - BESIDE_TEXT_WIDTH;
        beside = *area;
        beside.width = half < left ? half : left;
        area->width -= beside.width + BESIDE_GAP;
        beside.x += area->width + BESIDE_GAP;
    }
    return beside;
}

/* Which section an action goes to; SECTION_COUNT: none. */
static size_t section_of(enum action_id action)
{
    size_t section = 0;
    while (section < SECTION_COUNT && sections[section].action != action) {
        section++;
    }
    return section;
}

bool ui_inspect_is_section(enum action_id action)
{
    return section_of(action) < SECTION_COUNT;
}

/* Rows of a pane that was hidden belong to a snapshot that is gone: they are made anew. */
static void go_to_section(struct ui *ui, size_t section, struct effects *effects)
{
    ui->inspect.section = section;
    ui->inspect.thread = (struct proc_id){0};
    struct view view = ui_view(ui);
    struct pane *pane = ui_inspect_pane(ui);
    struct ui_layout layout;
    ui_layout(ui, &layout);
    ui_tab_update(ui, layout.pane);
    if (ui_inspect_table(ui) == NULL) {
        return;
    }
    if (!proc_id_equal(pane_table_process(pane), ui->inspect.id)) {
        pane_table_set_filter(pane, &view, "");
        pane_table_set_process(pane, &view, ui->inspect.id);
    }
    if (pane_table_info(pane)->parts != 0) {
        effects_add(effects, EFFECT_SAMPLE); // that is read by scans only
    }
}

/* Errors: false when it has exited; says so. */
static bool open_at(struct ui *ui, struct proc_id id, size_t section, struct effects *effects)
{
    const struct proc *proc = ui->snap != NULL ? snapshot_find(ui->snap, id) : NULL;
    if (proc != NULL && (proc->flags & PROC_THREAD) != 0) { // its process is what there is to see
        proc = snapshot_find_pid(ui->snap, proc->group_pid);
    }
    if (proc == NULL || (proc->flags & PROC_EXITED) != 0) {
        char text[MESSAGE_BYTES];
        struct strbuf buf;
        str_init(&buf, text, sizeof(text));
        str_addf(&buf, "process %d has exited", (int)id.pid);
        ui_say(ui, true, text);
        return false;
    }
    memset(&ui->inspect, 0, sizeof(ui->inspect));
    ui->inspect.id = proc->id;
    ui_inspect_update(ui);
    pane_process_history_set_process(ui->process_history, proc->id);
    go_to_section(ui, section, effects);
    return true;
}

void ui_inspect_open(struct ui *ui, struct proc_id id, enum action_id section,
                     struct effects *effects)
{
    const size_t at = section_of(section);
    pane_process_anchor(ui->list); // to come back to
    ui->trail_count = 0;
    (void)open_at(ui, id, at < SECTION_COUNT ? at : 0, effects); // it says why not
}

/* --- the way back ---------------------------------------------------------------------------- */

/* What is shown now, to come back to. */
static struct ui_stop stop_here(const struct ui *ui)
{
    struct ui_stop stop = {.id = ui->inspect.id,
                           .section = ui->inspect.section,
                           .thread = ui->inspect.thread};
    const struct table *table = ui_inspect_table(ui);
    const void *row =
        table != NULL && ui->snap != NULL ? pane_table_row(ui_inspect_pane(ui)) : NULL;
    if (row != NULL) {
        stop.has_row = true;
        stop.row = table->key(row);
    }
    return stop;
}

static void add_stop(struct ui *ui, struct ui_stop stop)
{
    if (ui->trail_count == TRAIL_MAX) {
        memmove(&ui->trail[0], &ui->trail[1], (TRAIL_MAX - 1) * sizeof(ui->trail[0]));
        ui->trail_count--;
    }
    ui->trail[ui->trail_count++] = stop;
}

/* To another process, from which one can come back. */
static void go_to_process(struct ui *ui, struct proc_id id, struct effects *effects)
{
    const struct ui_stop stop = stop_here(ui);
    if (open_at(ui, id, 0, effects)) {
        add_stop(ui, stop);
    }
}

bool ui_inspect_return(struct ui *ui, struct effects *effects)
{
    bool is_there = false;
    while (ui->trail_count > 0 && !is_there) { // past those that have exited meanwhile
        const struct ui_stop stop = ui->trail[--ui->trail_count];
        ui->tab = 0;
        ui->below = false;
        is_there = open_at(ui, stop.id, stop.section, effects);
        ui->inspect.thread = is_there ? stop.thread : (struct proc_id){0};
        if (is_there && stop.has_row) {
            const struct view view = ui_view(ui);
            pane_table_aim(ui_inspect_pane(ui), &view, stop.row);
        }
    }
    return is_there;
}

void ui_inspect_close(struct ui *ui)
{
    ui->inspect.id = (struct proc_id){0}; // whoever handles an event brings the panes up to date
}

/* --- who it is ------------------------------------------------------------------------------- */

static void copy(char *out, size_t size, struct text text)
{
    struct strbuf buf;
    str_init(&buf, out, size);
    str_add_bytes(&buf, text.ptr, text.bytes);
}

/* A thread that has ended leaves what the process waits for. */
static void leave_thread(struct ui *ui)
{
    const struct dossier *dossier = ui->snap->dossier;
    if (ui->inspect.thread.pid > 0 && dossier != NULL &&
        proc_id_equal(dossier->thread, ui->inspect.thread) &&
        dossier->parts[INSPECT_WAITING].state == DOSSIER_GONE) {
        char text[MESSAGE_BYTES];
        struct strbuf buf;
        str_init(&buf, text, sizeof(text));
        str_addf(&buf, "thread %d has ended: this is what its process waits for",
                 (int)ui->inspect.thread.pid);
        ui_say(ui, true, text);
        ui->inspect.thread = (struct proc_id){0};
    }
}

void ui_inspect_update(struct ui *ui)
{
    if (!ui_inspect_is_open(ui) || ui->snap == NULL) {
        return;
    }
    const struct proc *proc = snapshot_find(ui->snap, ui->inspect.id);
    leave_thread(ui);
    if (proc == NULL || (proc->flags & PROC_EXITED) != 0) { // what was known last stays
        ui->inspect.exited_wall_s =
            ui->inspect.exited ? ui->inspect.exited_wall_s : ui->snap->wall_s;
        ui->inspect.exited = true;
        return;
    }
    ui->inspect.exited = false;
    copy(ui->inspect.name, sizeof(ui->inspect.name), proc->name);
    if ((proc->have & FACT_USER) != 0) {
        copy(ui->inspect.user, sizeof(ui->inspect.user), proc->user);
    }
    ui->inspect.state = proc->state;
    ui->inspect.has_cpu = (proc->have & FACT_RATE) != 0;
    ui->inspect.cpu = proc->cpu.user + proc->cpu.system;
    if (proc->state != 'Z') { // what it had is gone, which is no news of what it was
        ui->inspect.resident_bytes = proc->mem.resident_bytes;
    }
    ui->inspect.elapsed_ns = proc->elapsed_ns;
}

static void put(struct strbuf *buf, const char *label, struct value value)
{
    const struct value_style style = {.cells = 9};
    str_add(buf, label);
    value_format(&value, &style, buf);
}

static void describe_process(const struct ui *ui, struct strbuf *buf)
{
    str_addf(buf, "%d %s", (int)ui->inspect.id.pid, ui->inspect.name);
    if (ui->inspect.thread.pid > 0) {
        str_addf(buf, " thread %d", (int)ui->inspect.thread.pid);
    }
    str_addf(buf, "  %s", ui->inspect.user[0] != '\0' ? ui->inspect.user : "-");
    if (ui->inspect.exited) {
        const struct value_style style = {
            .cells = 9,
            .utc_offset_s = ui->snap->utc_offset_s,
            .now_wall_s = ui->snap->wall_s,
        };
        const struct value when = {.kind = VALUE_WALL, .as.integer = ui->inspect.exited_wall_s};
        str_add(buf, "  EXITED ");
        value_format(&when, &style, buf);
    } else {
        str_addf(buf, "  %c", ui->inspect.state);
    }
    put(buf, "  CPU% ",
        ui->inspect.has_cpu ? (struct value){.kind = VALUE_CPUS, .as.number = ui->inspect.cpu}
                            : value_absent(ABSENT_NO_INTERVAL));
    put(buf, "  RES ", (struct value){.kind = VALUE_BYTES, .as.bytes = ui->inspect.resident_bytes});
    if (ui->inspect.elapsed_ns != FIGURE_ABSENT) {
        put(buf, "  age ", (struct value){.kind = VALUE_AGE, .as.ns = ui->inspect.elapsed_ns});
    }
}

void ui_inspect_draw_head(const struct ui *ui, int y, struct surface *surface)
{
    char text[STATUS_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    describe_process(ui, &buf);
    const enum role role = ui->inspect.exited ? ROLE_WARNING : ROLE_TABLE_HEAD;
    surface_fill(surface, (struct rect){.y = y, .width = ui->width, .height = 1}, role);
    (void)surface_string(surface, 0, y, ui->width, role, text);
}

/* --- actions --------------------------------------------------------------------------------- */

/* The thread under the cursor in the section of threads; id.pid 0: none. */
static struct target thread_here(const struct ui *ui)
{
    const struct proc *proc = snapshot_find(ui->snap, ui->inspect.id);
    const struct dossier_thread *row = ui_inspect_table(ui) == table_info(TABLE_THREADS)
                                           ? pane_table_row(ui_inspect_pane(ui))
                                           : NULL;
    if (proc == NULL || row == NULL) {
        return (struct target){0};
    }
    struct target target =
        target_of(ui->snap, proc, ui->options.own_pid, ui->options.settings->protected_names);
    target.id = row->id;
    copy(target.name, sizeof(target.name), row->name);
    return target;
}

/* Do to the inspected process what is done to the one under the cursor of the list. */
static void act_on_it(struct ui *ui, enum action_id action, struct effects *effects)
{
    if (ui->options.refusal != NULL || ui->inspect.exited) {
        char text[MESSAGE_BYTES];
        struct strbuf buf;
        str_init(&buf, text, sizeof(text));
        str_add(&buf, "nothing was done: ");
        if (ui->options.refusal != NULL) {
            str_add(&buf, ui->options.refusal);
        } else {
            str_addf(&buf, "process %d has exited", (int)ui->inspect.id.pid);
        }
        ui_say(ui, true, text);
        return;
    }
    ui->origin.set = true;
    ui->origin.anchor = ui->inspect.id;
    ui->origin.thread = thread_here(ui);
    ui->origin.tagged = false;
    ui_act_root(ui, action, effects);
    ui->origin.set = false;
    const struct draft *draft = ui->draft;
    if (draft != NULL && draft->thread.id.pid > 0 && ui->dialog != DIALOG_ACTIONS &&
        (deed_info(draft->deed.kind)->flags & DEED_PER_THREAD) == 0) {
        ui_say(ui, false, "this is done to the whole process, not to the thread");
    }
}

/* The socket of this process with this inode. Owns: the snapshot. Errors: NULL. */
static const struct connection *find_socket(const struct ui *ui, uint64_t inode)
{
    const struct table *sockets = table_info(TABLE_SOCKETS);
    size_t count = 0;
    const struct connection *rows = sockets->rows(ui->snap, &count);
    for (size_t i = 0; inode != 0 && i < count; i++) {
        if (rows[i].inode == inode && table_row_belongs(sockets, &rows[i], ui->inspect.id)) {
            return &rows[i];
        }
    }
    return NULL;
}

/* From an open file that is a socket to its row among the sockets. */
static void go_to_its_socket(struct ui *ui, const struct dossier_file *file,
                             struct effects *effects)
{
    const struct network_load *network = ui->snap->network;
    const struct connection *socket = find_socket(ui, file->inode);
    if (network == NULL || (network->parts & PART_SOCKETS) == 0) { // they will be read there
        go_to_section(ui, section_of(ACTION_SECTION_SOCKETS), effects);
    } else if (socket == NULL) {
        ui_say(ui, false, "it is none of the sockets that are listed: netlink, packet or so");
    } else {
        const struct row_key key = table_info(TABLE_SOCKETS)->key(socket);
        const struct view view = ui_view(ui);
        go_to_section(ui, section_of(ACTION_SECTION_SOCKETS), effects);
        (void)pane_table_go(ui_inspect_pane(ui), &view, key);
    }
}

/* From a socket to the process at the other end, where that is known. */
static bool go_to_other_end(struct ui *ui, const struct connection *socket, struct effects *effects)
{
    const struct network_load *network = ui->snap->network;
    const struct connection *peer = NULL;
    for (size_t i = 0; socket->peer_inode != 0 && i < network->connection_count; i++) {
        if (network->connections[i].inode == socket->peer_inode) {
            peer = &network->connections[i];
        }
    }
    for (uint32_t i = 0; peer != NULL && i < peer->owner_count; i++) {
        if (!proc_id_equal(peer->owners[i].id, ui->inspect.id)) {
            go_to_process(ui, peer->owners[i].id, effects);
            return true;
        }
    }
    if (peer == NULL || peer->owner_count == 0) {
        return false;
    }
    const struct view view = ui_view(ui);
    const struct row_key key = table_info(TABLE_SOCKETS)->key(peer);
    (void)pane_table_go(ui_inspect_pane(ui), &view, key); // it is its own
    ui_say(ui, false, "both ends are its own: this is the other one");
    return true;
}

/* From a line about a socket, to where there is more about it. False when it is about none. */
static bool go_to_socket(struct ui *ui, struct effects *effects)
{
    const struct table *table = ui_inspect_table(ui);
    const void *row = pane_table_row(ui_inspect_pane(ui));
    if (table == table_info(TABLE_SOCKETS) && ui->inspect.exited) {
        ui_say(ui, true, "its sockets are gone: it has exited");
        return true;
    }
    if (table == table_info(TABLE_SOCKETS)) {
        if (!go_to_other_end(ui, row, effects)) {
            add_stop(ui, stop_here(ui));
            ui_tabs_go_to_socket(ui, row, effects);
        }
        return true;
    }
    if (table == table_info(TABLE_FILES) && ((const struct dossier_file *)row)->is_socket) {
        go_to_its_socket(ui, row, effects);
        return true;
    }
    return false;
}

/* From a thread to what it waits for. */
static void go_to_thread(struct ui *ui, const struct dossier_thread *thread,
                         struct effects *effects)
{
    const struct proc_id id = thread->id;
    if (ui->inspect.exited) {
        ui_say(ui, true, "what a thread waits for is not known any more: it has exited");
        return;
    }
    add_stop(ui, stop_here(ui));
    go_to_section(ui, section_of(ACTION_SECTION_WAITING), effects);
    pane_table_top(ui_inspect_pane(ui)); // it is what comes first
    ui->inspect.thread = id;
}

/* From a line about another process to that process, from a socket to where there is more about
 * it, or to the end of a long text. */
static void go_on(struct ui *ui, struct effects *effects)
{
    struct proc_id id;
    struct view view = ui_view(ui);
    if (ui->snap == NULL || pane_table_row(ui_inspect_pane(ui)) == NULL) {
        ui_say(ui, true, "there is no row here");
        return;
    }
    if (ui_inspect_table(ui) == table_info(TABLE_THREADS)) {
        go_to_thread(ui, pane_table_row(ui_inspect_pane(ui)), effects);
        return;
    }
    if (go_to_socket(ui, effects)) {
        return;
    }
    if (!pane_table_owner(ui_inspect_pane(ui), &id)) {
        if (!pane_table_unfold(ui_inspect_pane(ui), &view)) {
            ui_say(ui, false, "this line leads to no other process");
        }
    } else if (proc_id_equal(id, ui->inspect.id)) {
        ui_say(ui, false, "this is the process already");
    } else {
        go_to_process(ui, id, effects);
    }
}

/* Those that mean nothing where there are graphs. */
static bool is_for_rows(enum action_id action)
{
    return action == ACTION_SEARCH || action == ACTION_SEARCH_NEXT ||
           action == ACTION_SEARCH_PREVIOUS || action == ACTION_FILTER ||
           action == ACTION_SORT_MENU || action == ACTION_GO_PROCESS || action == ACTION_COLUMNS ||
           (action_info(action)->flags & ACTION_ON_SOCKET) != 0;
}

bool ui_inspect_act(struct ui *ui, enum action_id action, struct effects *effects)
{
    const unsigned flags = action_info(action)->flags;
    if (section_of(action) < SECTION_COUNT) {
        go_to_section(ui, section_of(action), effects);
    } else if (action == ACTION_TAB_NEXT || action == ACTION_TAB_PREVIOUS) {
        const size_t step = action == ACTION_TAB_NEXT ? 1 : SECTION_COUNT - 1;
        go_to_section(ui, (ui->inspect.section + step) % SECTION_COUNT, effects);
    } else if (action == ACTION_INSPECT_BACK && ui_inspect_return(ui, effects)) {
        return true;
    } else if (action == ACTION_INSPECT_CLOSE || action == ACTION_INSPECT_BACK) {
        ui->trail_count = 0;
        ui_inspect_close(ui);
    } else if (ui_inspect_table(ui) == NULL && is_for_rows(action)) {
        ui_say(ui, true, "there are no rows here");
    } else if (action == ACTION_COLUMNS && ui_inspect_table(ui)->explains) {
        ui_say(ui, true, "this section has no columns to choose from");
    } else if (action == ACTION_CLOSE_CONNECTION && ui->inspect.exited) {
        ui_say(ui, true, "nothing was closed: it has exited, and its sockets with it");
    } else if (action == ACTION_GO_PROCESS) {
        go_on(ui, effects);
    } else if (action == ACTION_SOCKETS) {
        go_to_section(ui, section_of(ACTION_SECTION_SOCKETS), effects);
    } else if ((flags & ACTION_ON_PROCESS) != 0 && (flags & ACTION_CHANGES) != 0) {
        act_on_it(ui, action, effects);
    } else {
        return false;
    }
    return true;
}

bool ui_inspect_offers(const struct ui *ui, enum action_id action)
{
    const unsigned flags = action_info(action)->flags;
    const struct table *table = ui_inspect_table(ui);
    if (table == NULL) {
        return !is_for_rows(action);
    }
    if ((flags & ACTION_ON_SOCKET) != 0) {
        return (table->parts & PART_SOCKETS) != 0;
    }
    if (action == ACTION_COLUMNS) {
        return !table->explains;
    }
    return action != ACTION_SORT_MENU || !table_is_prose(table);
}

/* --- what is sampled ------------------------------------------------------------------------- */

void ui_inspect_plan(const struct ui *ui, struct plan *plan)
{
    plan->inspected = ui->inspect.id;
    plan->inspected_thread = ui->inspect.thread;
    plan->want_visible |= FACT_OWNER | FACT_USER | FACT_MEMORY;
    if (ui->options.settings->history) { // so that its graphs go on, whichever section is shown
        plan->want_visible |= FACT_IO | FACT_SOCKETS;
    }
    if (plan->visible_count < PLAN_VISIBLE_MAX) {
        plan->visible[plan->visible_count++] = ui->inspect.id;
    }
}

/* --- the line of sections -------------------------------------------------------------------- */

static struct tab_line section_line(const struct ui *ui)
{
    struct tab_line line = {.count = SECTION_COUNT, .shown = ui->inspect.section};
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        const bool graphs = sections[i].table == TABLE_COUNT;
        const struct table *table = graphs ? NULL : table_info(sections[i].table);
        line.digits[i] = sections[i].digit;
        line.titles[i] = graphs ? "History" : table->title;
        line.short_titles[i] = graphs ? "Hist" : table->short_title;
    }
    return line;
}

void ui_inspect_draw_tabs(const struct ui *ui, int y, struct surface *surface)
{
    const struct tab_line line = section_line(ui);
    tab_line_draw(&line, ui->width, y, surface);
}

void ui_inspect_press(struct ui *ui, int x, struct effects *effects)
{
    const struct tab_line line = section_line(ui);
    const size_t section = tab_line_at(&line, ui->width, x);
    if (section < SECTION_COUNT) {
        go_to_section(ui, section, effects);
    }
}
