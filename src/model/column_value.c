#include "base/str.h"
#include "model/column.h"

#include <string.h>

/* What holds for every column of the registry. */

enum column_id column_by_name(const char *name)
{
    // All names before any title: a title must never hide the name of another column.
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if (str_equal_fold(column_info((enum column_id)i)->name, name)) {
            return (enum column_id)i;
        }
    }
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if (str_equal_fold(column_info((enum column_id)i)->title, name)) {
            return (enum column_id)i;
        }
    }
    return COLUMN_COUNT;
}

struct value column_value(enum column_id id, const struct proc *proc, fact_mask provided)
{
    const struct column *column = column_info(id);
    fact_mask missing = column->need & ~proc->have;
    fact_mask unread = missing & FACT_READABLE;

    if (missing == 0) {
        return column->get(proc);
    }
    if (unread & ~provided) {
        return value_absent(ABSENT_UNSUPPORTED);
    }
    if (unread & proc->denied) {
        return value_absent(ABSENT_DENIED);
    }
    if (unread & proc->blocked) {
        return value_absent(ABSENT_BLOCKED);
    }
    return value_absent(unread ? ABSENT_NOT_READ : ABSENT_NO_INTERVAL);
}

bool column_describe_remedy(enum column_id id, const struct snapshot *snap, struct strbuf *buf)
{
    const struct column *column = column_info(id);
    if (column->remedy == NULL || snap->proc_count == 0) {
        return false;
    }
    // What the system does not tell it tells of no process: ask the oldest one.
    const struct value value = column_value(id, &snap->procs[0], snap->provided);
    if (value.kind != VALUE_NONE || value.why != ABSENT_UNSUPPORTED) {
        return false;
    }
    str_addf(buf, "%s: %s", column->title, column->remedy);
    return true;
}

int column_compare(enum column_id id, bool descending, const struct proc *a, const struct proc *b,
                   fact_mask provided)
{
    struct value left = column_value(id, a, provided);
    struct value right = column_value(id, b, provided);
    int order = value_compare(&left, &right);

    if (order == 0) {
        return proc_id_compare(a->id, b->id);
    }
    bool absent = left.kind == VALUE_NONE || right.kind == VALUE_NONE;
    return descending && !absent ? -order : order;
}

struct text column_command_text(const struct proc *proc)
{
    // The sampler writes "[name]" into cmdline where there is none, so both are whole texts.
    return proc->have & FACT_CMDLINE ? proc->cmdline : proc->name;
}

struct text column_program_text(const struct proc *proc)
{
    const struct text text = column_command_text(proc);
    const size_t at = proc->cmdline_name_at;
    const bool has_path = (proc->have & FACT_CMDLINE) != 0 && proc->cmdline_name_bytes > 0 &&
                          at > 0 && at < text.bytes && text.ptr[at - 1] == '/';
    return has_path ? text_from(text, at) : text;
}

const char *column_command_trouble(const struct proc *proc)
{
    if ((proc->have & FACT_CMDLINE) != 0) {
        return "";
    }
    if ((proc->blocked & FACT_CMDLINE) != 0) {
        return " [cmdline blocked]";
    }
    return (proc->denied & FACT_CMDLINE) != 0 ? " (denied)" : "";
}
