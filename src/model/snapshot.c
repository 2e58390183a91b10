#include "model/snapshot.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <string.h>

struct text text_literal(const char *s)
{
    uint32_t len = (uint32_t)strlen(s);

    return (struct text){.ptr = s, .bytes = len, .cells = len};
}

static const char *hidden_because(enum hidden_reason reason)
{
    switch (reason) {
    case HIDDEN_NOACCESS:
        return "hidepid=1";
    case HIDDEN_INVISIBLE:
        return "hidepid=2";
    case HIDDEN_PTRACEABLE:
        return "hidepid=4";
    case HIDDEN_NOTHING:
        break;
    }
    return "no permission";
}

bool snapshot_describe_hidden(const struct system_load *system, struct strbuf *buf)
{
    const bool counted = system->threads_hidden > 0 && system->threads_hidden != FIGURE_ABSENT;

    if (counted) {
        str_addf(buf, "about %" PRIu64 " threads of others hidden", system->threads_hidden);
    } else if (system->threads_hidden == FIGURE_ABSENT) {
        str_add(buf, "processes of others may be hidden");
    }
    if (system->processes_unreadable > 0) {
        str_addf(buf, "%s%u %s may not be read", system->threads_hidden > 0 ? ", " : "",
                 system->processes_unreadable,
                 system->processes_unreadable == 1 ? "process" : "processes");
    }
    if (system->threads_hidden == 0 && system->processes_unreadable == 0) {
        return false;
    }
    str_addf(buf, " (%s)", hidden_because(system->hidden_reason));
    return true;
}

uint32_t text_cells_to(struct text text, size_t bytes)
{
    uint32_t cells = 0;
    for (size_t at = 0; at < bytes;) {
        uint32_t code;
        at += utf8_decode(text.ptr + at, text.bytes - at, &code);
        const int width = utf8_width(code);
        cells += width > 0 ? (uint32_t)width : 0;
    }
    return cells;
}

struct text text_from(struct text text, size_t from)
{
    const uint32_t cells = text_cells_to(text, from);
    return (struct text){.ptr = text.ptr + from,
                         .bytes = text.bytes - (uint32_t)from,
                         .cells = text.cells > cells ? text.cells - cells : 0};
}

const struct proc *snapshot_find(const struct snapshot *snap, struct proc_id id)
{
    const struct proc *const proc =
        proc_id_find(snap->procs, snap->proc_count, sizeof(*snap->procs), id);
    return proc ? proc : proc_id_find(snap->exited, snap->exited_count, sizeof(*snap->exited), id);
}

const struct proc *snapshot_find_pid(const struct snapshot *snap, int32_t pid)
{
    size_t low = 0;
    size_t high = snap->proc_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (snap->procs[middle].id.pid < pid) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < snap->proc_count && snap->procs[low].id.pid == pid ? &snap->procs[low] : NULL;
}

void snapshot_free(struct snapshot *snap)
{
    if (snap) {
        arena_destroy(snap->arena);
    }
}
