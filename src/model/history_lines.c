#include "model/column.h"
#include "model/history.h"

#include <math.h>

/* Figures of all that was sampled, where there is no need to keep what lies between. */

void history_line_add(struct history_line *line, double value, uint64_t interval_ns)
{
    struct series_figures *figures = &line->figures;
    figures->now = value;
    if (isnan(value) || interval_ns == 0) {
        return;
    }
    const bool first = line->known_ns == 0;
    line->known_ns += interval_ns;
    const double part = (double)interval_ns / (double)line->known_ns;
    figures->min = first || value < figures->min ? value : figures->min;
    figures->max = first || value > figures->max ? value : figures->max;
    figures->mean = first ? value : figures->mean + (value - figures->mean) * part;
}

/* The series of a process are columns of it, too. */
static const struct {
    const char *graph, *title;
    enum column_id column;
} of_process[PROCESS_SERIES_COUNT] = {
    [PROCESS_CPU] = {"CPU", "used", COLUMN_CPU},
    [PROCESS_RESIDENT] = {"memory", "resident", COLUMN_RESIDENT},
    [PROCESS_READ] = {"I/O", "read", COLUMN_IO_READ_RATE},
    [PROCESS_WRITE] = {"I/O", "write", COLUMN_IO_WRITE_RATE},
    [PROCESS_RX] = {"network", "rx", COLUMN_NET_RX_RATE},
    [PROCESS_TX] = {"network", "tx", COLUMN_NET_TX_RATE},
};

void history_process_lines(struct history_line ret[PROCESS_SERIES_COUNT])
{
    for (size_t i = 0; i < PROCESS_SERIES_COUNT; i++) {
        ret[i] = (struct history_line){
            .number = i,
            .graph = of_process[i].graph,
            .title = of_process[i].title,
            .kind = column_info(of_process[i].column)->kind,
            .figures = series_figures_of(NULL, 0), // none
        };
    }
}

void history_process_lines_add(struct history_line lines[PROCESS_SERIES_COUNT],
                               const struct snapshot *snap, const struct proc *proc)
{
    for (size_t i = 0; i < PROCESS_SERIES_COUNT; i++) {
        const struct value value = column_value(of_process[i].column, proc, snap->provided);
        const double number = value.kind == VALUE_NONE    ? (double)NAN
                              : value.kind == VALUE_BYTES ? (double)value.as.bytes
                                                          : value.as.number;
        history_line_add(&lines[i], number, snap->interval_ns);
        lines[i].why = value.why;
    }
}
