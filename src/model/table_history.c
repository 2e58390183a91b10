#include "base/utf8.h"
#include "model/history.h"
#include "model/tables.h"
#include "model/value.h"

#include <math.h>
#include <string.h>

/*
 * What was, as a table: a row for each line of the graphs, with the figures of all that was sampled. The kind of a value is that of the row, which says its unit.
 */

static const void *lines(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->line_count;
    return snap->lines;
}

static uint64_t line_number(const void *row)
{
    return ((const struct history_line *)row)->number;
}

static struct row_key line_key(const void *row)
{
    return (struct row_key){.b = line_number(row)};
}

static struct value safe_text(const char *s)
{
    struct text text = {.ptr = s, .bytes = (uint32_t)strlen(s)};
    for (size_t at = 0; at < text.bytes;) {
        uint32_t code_point;
        at += utf8_decode(s + at, text.bytes - at, &code_point);
        const int cells = utf8_width(code_point);
        text.cells += cells > 0 ? (uint32_t)cells : 0;
    }
    return (struct value){.kind = VALUE_TEXT, .as.text = text};
}

static struct value get_graph(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return safe_text(((const struct history_line *)row)->graph);
}

static struct value get_title(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return safe_text(((const struct history_line *)row)->title);
}

static struct value get_unit(const struct snapshot *snap, const void *row)
{
    const struct history_line *line = row;
    (void)snap;
    return table_literal(line->kind == VALUE_FRACTION    ? "fraction"
                         : line->kind == VALUE_CPUS      ? "cpus"
                         : line->kind == VALUE_BYTES     ? "bytes"
                         : line->kind == VALUE_BYTE_RATE ? "bytes/s"
                                                         : "number");
}

/* What is not known now may be known again. */
static struct value figure(const struct history_line *line, double number)
{
    if (isnan(number)) {
        return value_absent(line->known_ns == 0 ? line->why : ABSENT_NOT_READ);
    }
    if (line->kind == VALUE_BYTES) {
        return table_bytes(number > 0 ? (uint64_t)(number + 0.5) : 0);
    }
    return table_rate(line->kind, number, true);
}

static struct value get_now(const struct snapshot *snap, const void *row)
{
    const struct history_line *line = row;
    (void)snap;
    return figure(line, line->figures.now);
}

static struct value get_mean(const struct snapshot *snap, const void *row)
{
    const struct history_line *line = row;
    (void)snap;
    return figure(line, line->figures.mean);
}

static struct value get_min(const struct snapshot *snap, const void *row)
{
    const struct history_line *line = row;
    (void)snap;
    return figure(line, line->figures.min);
}

static struct value get_max(const struct snapshot *snap, const void *row)
{
    const struct history_line *line = row;
    (void)snap;
    return figure(line, line->figures.max);
}

static struct value get_known(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return (struct value){.kind = VALUE_AGE, .as.ns = ((const struct history_line *)row)->known_ns};
}

/* clang-format off */
static const struct table_column history_columns[] = {
    {"graph", "GRAPH", "What of the machine it is about, or which device; sorted by it, they come as "
        "on the screen", "perch's own history", VALUE_TEXT, 15, false, false, false, get_graph},
    {"line", "LINE", "Which of its lines", "perch's own history",
        VALUE_TEXT, 9, false, false, false, get_title},
    {"now", "NOW", "In the last interval", "perch's own history",
        VALUE_COUNT_RATE, 6, false, true, false, get_now},
    {"mean", "MEAN", "On average since perch started", "perch's own history",
        VALUE_COUNT_RATE, 6, false, true, false, get_mean},
    {"min", "MIN", "In the interval it was lowest in", "perch's own history",
        VALUE_COUNT_RATE, 6, false, true, false, get_min},
    {"max", "MAX", "In the interval it was highest in", "perch's own history",
        VALUE_COUNT_RATE, 6, false, true, false, get_max},
    {"unit", "UNIT", "What these four are: fraction (of 1), cpus (1 is one kept busy; text has percent of "
        "both), bytes, bytes/s or number", "perch's own history", VALUE_TEXT, 8, false, false, true, get_unit},
    {"known", "KNOWN", "How long it was known: what lies between is not in the figures",
        "perch's own clock", VALUE_AGE, 6, false, true, false, get_known},
};
/* clang-format on */

const struct table table_history = {
    .name = "history",
    .title = "History",
    .short_title = "Hist",
    .help = "The graphs of the machine, or of the process named by --pid, in figures over what was "
            "sampled since perch started; with --batch and --json only",
    .may_be_of_process = true,
    .parts = PART_INTERFACES | PART_DISKS,
    .columns = history_columns,
    .column_count = sizeof(history_columns) / sizeof(history_columns[0]),
    .sort = 0, // graph
    .row_bytes = sizeof(struct history_line),
    .rows = lines,
    .key = line_key,
    .order = line_number,
};
