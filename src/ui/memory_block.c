#include "ui/memory_block.h"

#include "base/str.h"
#include "model/memory.h"
#include "ui/bar.h"
#include "ui/pane_table.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

/*
 * The block is made of sections, one below the other: a bar, what its segments are, a line of
 * figures for each group, and one for the nodes of a machine that has several. Every section first
 * gets one line, from the top on, as long as there are lines; those left over go to sections whose
 * figures need more. So drawing, which is given the lines that were asked for, lays them out alike.
 */

enum {
    ROWS_MAX = 14,
    FEW_ROWS = 8,    // of the pane; below this there is a bar only
    LEGEND_ROWS = 6, // from here on the bar's legend is whole
    TITLE_CELLS = 9, // in front of a line: the longest title and a blank
    GAP_CELLS = 2,   // between two figures
    ITEM_BYTES = 96, // of a figure
    LONG_CELLS = 60, // of a bar that says more than one figure
    VALUE_CELLS = 5, // of a number
};

/* What a part of the whole is called and drawn with, as in enum memory_part. */
static const struct bar_part parts[] = {
    [MEMORY_PART_PROGRAMS] = {ROLE_MEM_USED, '|', "programs"},
    [MEMORY_PART_HUGE] = {ROLE_MEM_HUGE, 'H', "huge pages"},
    [MEMORY_PART_SHARED] = {ROLE_MEM_SHARED, '#', "shared"},
    [MEMORY_PART_KERNEL] = {ROLE_MEM_KERNEL, '%', "kernel"},
    [MEMORY_PART_SLAB] = {ROLE_MEM_SLAB, '@', "slab"},
    [MEMORY_PART_OTHER] = {ROLE_MEM_OTHER, '+', "other"},
    [MEMORY_PART_BUFFERS] = {ROLE_MEM_BUFFERS, '*', "buffers"},
    [MEMORY_PART_CACHE] = {ROLE_MEM_CACHE, '.', "cache"},
    [MEMORY_PART_FREE] = {ROLE_DIM, ' ', "free"},
};

static_assert(sizeof(parts) / sizeof(parts[0]) == MEMORY_PART_COUNT, "a row for each");
static_assert((int)MEMORY_PART_FREE <= (int)BAR_PARTS_MAX, "a bar has room for all but the last");

/* --- figures from left to right --------------------------------------------------------------- */

/* Where the next figure goes. */
struct flow {
    const struct view *view;
    struct surface *surface; // NULL: only measure
    const char *title;       // of the section
    int y, lines, width;     // the section's first line, how many it has, and their width
    int x, line;             // behind the last figure; in which of the lines
    bool full;               // a figure did not fit: nothing comes behind it
};

static void put(struct flow *flow, enum role role, const char *text)
{
    if (flow->surface != NULL && flow->width > flow->x) {
        (void)surface_string(flow->surface, flow->x, flow->y + flow->line, flow->width - flow->x,
                             role, text);
    }
    flow->x += surface_cells(text);
}

/* Go to where a figure of so many cells has its place. False when there is none. */
static bool make_room(struct flow *flow, int cells)
{
    const bool first = flow->x == 0;
    if (first) {
        put(flow, ROLE_METER_LABEL, flow->title);
        flow->x = TITLE_CELLS;
        return true; // on the narrowest screens it is cut
    }
    flow->full =
        flow->full || (flow->x + GAP_CELLS + cells > flow->width && flow->line + 1 >= flow->lines);
    if (flow->full) {
        return false;
    }
    if (flow->x + GAP_CELLS + cells > flow->width) {
        flow->line++;
        flow->x = TITLE_CELLS;
    } else {
        flow->x += GAP_CELLS;
    }
    return true;
}

static void put_figure(struct flow *flow, const char *title, enum role role, const char *value)
{
    if (make_room(flow, surface_cells(title) + 1 + surface_cells(value))) {
        put(flow, ROLE_METER_LABEL, title);
        flow->x++;
        put(flow, role, value);
    }
}

static void add_bytes(struct strbuf *buf, uint64_t bytes)
{
    const struct value value = bytes == FIGURE_ABSENT
                                   ? value_absent(ABSENT_UNSUPPORTED)
                                   : (struct value){.kind = VALUE_BYTES, .as.bytes = bytes};
    const struct value_style style = {.cells = VALUE_CELLS};
    value_format(&value, &style, buf);
}

/* --- sections --------------------------------------------------------------------------------- */

/* In the order they are drawn in; groups of figures take the rest before the nodes. */
enum section {
    SECTION_BAR,
    SECTION_LEGEND,
    SECTION_GROUPS,
    SECTION_NODES = SECTION_GROUPS + MEMORY_GROUP_COUNT,
    SECTION_COUNT,
};

/* Lines of each. */
struct plan_of_rows {
    int lines[SECTION_COUNT];
    int total;
};

static void draw_bar(struct flow *flow)
{
    uint64_t divided[MEMORY_PART_COUNT];
    const struct memory_load *memory = &flow->view->snap->system.memory;
    if (!memory_divide(memory, divided)) {
        return;
    }
    flow->x = flow->width;
    if (flow->surface == NULL) {
        return;
    }
    char text[ITEM_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    add_bytes(&buf, memory->available_bytes);
    str_add(&buf, " available");
    if (flow->width >= LONG_CELLS) {
        str_add(&buf, " of ");
        add_bytes(&buf, memory->total_bytes);
    }
    struct bar bar = {
        .label = flow->title,
        .label_cells = flow->width >= LONG_CELLS ? TITLE_CELLS - 1 : 0,
        .parts = parts,
        .part_count = MEMORY_PART_FREE,
        .text = text,
        .text_role = ROLE_METER_VALUE,
        .colour = flow->view->colour,
    };
    for (size_t i = 0; i < MEMORY_PART_FREE && memory->total_bytes > 0; i++) {
        bar.fractions[i] = (double)divided[i] / (double)memory->total_bytes;
    }
    bar_draw(&bar, flow->surface, 0, flow->y, flow->width);
}

static void put_legend(struct flow *flow)
{
    uint64_t divided[MEMORY_PART_COUNT];
    if (!memory_divide(&flow->view->snap->system.memory, divided)) {
        return;
    }
    for (size_t i = 0; i < MEMORY_PART_COUNT; i++) {
        char value[ITEM_BYTES];
        struct strbuf buf;
        str_init(&buf, value, sizeof(value));
        add_bytes(&buf, divided[i]);
        const int cells = 2 + surface_cells(parts[i].help) + 1 + surface_cells(value);
        if (divided[i] == 0 || !make_room(flow, cells)) {
            continue;
        }
        if (i != MEMORY_PART_FREE) {
            const char sign[] = {flow->view->colour ? '|' : parts[i].sign, ' ', '\0'};
            put(flow, parts[i].role, sign);
        }
        put(flow, ROLE_METER_LABEL, parts[i].help);
        flow->x++;
        put(flow, ROLE_METER_VALUE, value);
    }
}

static double number_of(const struct value *value)
{
    return value->kind == VALUE_BYTES   ? (double)value->as.bytes
           : value->kind == VALUE_COUNT ? (double)value->as.integer
                                        : value->as.number;
}

static enum role role_of(const struct memory_figure *figure, const struct value *value)
{
    if (value->kind == VALUE_NONE) {
        return ROLE_ABSENT;
    }
    const double number = number_of(value);
    if (figure->alarm > 0 && number >= figure->alarm) {
        return ROLE_VALUE_ALARM;
    }
    return figure->high > 0 && number >= figure->high ? ROLE_VALUE_HIGH : ROLE_METER_VALUE;
}

static void put_group(struct flow *flow, enum memory_group group)
{
    for (size_t i = 0; i < memory_figure_count(); i++) {
        const struct memory_figure *figure = memory_figure(i);
        if (figure->group != group) {
            continue;
        }
        const struct value value = memory_figure_value(i, flow->view->snap);
        if (!memory_figure_is_shown(i, &value)) {
            continue;
        }
        char text[ITEM_BYTES];
        struct strbuf buf;
        str_init(&buf, text, sizeof(text));
        const struct value_style style = {.cells = VALUE_CELLS};
        value_format(&value, &style, &buf);
        if (value.kind == VALUE_FRACTION) {
            str_add(&buf, "%");
        }
        put_figure(flow, figure->title, role_of(figure, &value), text);
    }
}

static void put_swaps(struct flow *flow)
{
    const struct memory_detail *detail = flow->view->snap->memory;
    for (size_t i = 0; detail != NULL && i < detail->swap_count; i++) {
        const struct swap_load *swap = &detail->swaps[i];
        char text[ITEM_BYTES];
        struct strbuf buf;
        str_init(&buf, text, sizeof(text));
        add_bytes(&buf, swap->used_bytes);
        str_add(&buf, "/");
        add_bytes(&buf, swap->size_bytes);
        str_addf(&buf, " priority %d", (int)swap->priority);
        put_figure(flow, swap->path.ptr, ROLE_METER_VALUE, text);
    }
}

static void put_nodes(struct flow *flow)
{
    const struct memory_detail *detail = flow->view->snap->memory;
    for (size_t i = 0; detail != NULL && detail->node_count > 1 && i < detail->node_count; i++) {
        const struct node_load *node = &detail->nodes[i];
        char title[ITEM_BYTES];
        char text[ITEM_BYTES];
        struct strbuf buf;
        str_init(&buf, title, sizeof(title));
        str_addf(&buf, "%u: free", node->index);
        str_init(&buf, text, sizeof(text));
        add_bytes(&buf, node->free_bytes);
        str_add(&buf, " of ");
        add_bytes(&buf, node->total_bytes);
        str_add(&buf, ", programs ");
        add_bytes(&buf, node->anon_bytes);
        str_add(&buf, ", files ");
        add_bytes(&buf, node->file_bytes);
        put_figure(flow, title, ROLE_METER_VALUE, text);
    }
}

/* Draw a section, or measure it. */
static void put_section(struct flow *flow, int section)
{
    if (section == SECTION_BAR) {
        flow->title = "Memory ";
        draw_bar(flow);
    } else if (section == SECTION_LEGEND) {
        flow->title = "";
        put_legend(flow);
    } else if (section == SECTION_NODES) {
        flow->title = "Nodes";
        put_nodes(flow);
    } else {
        const enum memory_group group = (enum memory_group)(section - SECTION_GROUPS);
        flow->title = memory_group_title(group);
        put_group(flow, group);
        if (group == MEMORY_GROUP_SWAP) {
            put_swaps(flow);
        }
    }
}

/* --- layout ----------------------------------------------------------------------------------- */

static int measure(const struct view *view, int section, int width)
{
    struct flow flow = {.view = view, .lines = INT_MAX, .width = width};
    put_section(&flow, section);
    return flow.x > 0 ? flow.line + 1 : 0;
}

static void grant(struct plan_of_rows *plan, int section, int lines, int most)
{
    const int left = most - plan->total;
    const int more = lines - plan->lines[section];
    const int granted = more < left ? more : left;
    if (granted > 0) {
        plan->lines[section] += granted;
        plan->total += granted;
    }
}

/* Deal out at most so many lines. */
static struct plan_of_rows lay_out(const struct view *view, int width, int most)
{
    struct plan_of_rows plan = {0};
    int needed[SECTION_COUNT];
    for (int i = 0; i < SECTION_COUNT; i++) {
        needed[i] = measure(view, i, width);
        const bool whole = i == SECTION_LEGEND && most >= LEGEND_ROWS;
        grant(&plan, i, needed[i] > 1 && !whole ? 1 : needed[i], most);
    }
    for (int i = 0; i < SECTION_COUNT; i++) {
        grant(&plan, i, needed[i], most);
    }
    return plan;
}

/* The table keeps more than half of the room. */
static int block_rows(const struct view *view, int width, int height)
{
    if (view->snap == NULL) {
        return 0;
    }
    const int share = height < FEW_ROWS ? height / 3 : 2 * height / 5;
    const int most = height < FEW_ROWS && share > 1 ? 1 : share;
    return lay_out(view, width, most < ROWS_MAX ? most : ROWS_MAX).total;
}

static void block_draw(const struct view *view, struct surface *surface)
{
    const int width = surface->clip.width;
    const struct plan_of_rows plan = lay_out(view, width, surface->clip.height);
    int y = 0;
    for (int i = 0; i < SECTION_COUNT; i++) {
        if (plan.lines[i] > 0) {
            struct flow flow = {
                .view = view, .surface = surface, .y = y, .lines = plan.lines[i], .width = width};
            put_section(&flow, i);
            y += plan.lines[i];
        }
    }
}

static const struct table_block block = {.rows = block_rows, .draw = block_draw};

const struct table_block *memory_block(void)
{
    return &block;
}
