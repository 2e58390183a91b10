#include "command_list.h"

#include "base/deed.h"
#include "base/str.h"
#include "command_choice.h"
#include "model/column.h"
#include "model/protect.h"
#include "model/snapshot.h"

#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { ALL_CELLS = INT32_MAX }; // of a line that goes to no terminal

/* Where lines go. */
struct list {
    struct out *out;
    bool unicode;
    uint32_t cells; // of a line
};

static struct list list_to(struct out *out, bool unicode)
{
    struct winsize size = {0};
    const bool known =
        isatty(out->fd) != 0 && ioctl(out->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return (struct list){.out = out, .unicode = unicode, .cells = known ? size.ws_col : ALL_CELLS};
}

/* Add text in its column; 0 cells: the last one, up to `left`. Returns what is left. */
static uint32_t add_cell(const struct list *list, struct text text, uint32_t cells, uint32_t left)
{
    const uint32_t room = cells > 0 && cells < left ? cells : left;
    const uint32_t used = out_text(list->out, text.ptr, text.bytes, room, list->unicode);
    if (cells == 0 || left <= cells) {
        return 0;
    }
    out_pad(list->out, ' ', cells - used + 1);
    return left - cells - 1;
}

static void print_line(const struct list *list, struct text cells[4])
{
    static const uint32_t widths[4] = {7, 10, 15, 0};
    uint32_t left = list->cells;
    for (size_t i = 0; i < 4 && left > 0; i++) {
        left = add_cell(list, cells[i], widths[i], left);
    }
    out_string(list->out, "\n");
}

static struct text text_of(const char *s)
{
    return (struct text){.ptr = s, .bytes = (uint32_t)strlen(s)}; // nobody asks for its cells
}

/* `proc` is NULL when no more than the number is known. */
static void print_process(const struct list *list, int32_t number, const char *user,
                          const struct proc *proc)
{
    char bytes[16];
    struct strbuf pid;
    str_init(&pid, bytes, sizeof(bytes));
    str_addf(&pid, "%7d", number);
    struct text line[4] = {text_of(bytes), text_of(user), text_of("?"), text_of("")};
    if (proc != NULL) {
        line[2] = proc->name;
        line[3] = column_command_text(proc);
    }
    print_line(list, line);
}

void command_list_targets(struct out *out, bool unicode, const struct choice *choice)
{
    const struct list list = list_to(out, unicode);
    struct text titles[4] = {text_of("    PID"), text_of("USER"), text_of("NAME"),
                             text_of("COMMAND")};
    print_line(&list, titles);
    for (size_t i = 0; i < choice->count; i++) {
        const struct proc *const proc = choice->procs[i];
        print_process(&list, proc->id.pid, choice->targets[i].user, proc);
    }
}

void command_list_members(struct out *out, bool unicode, const struct snapshot *snap,
                          const struct inspection *found)
{
    const struct list list = list_to(out, unicode);
    const struct cgroup_facts *const cgroup = &found->cgroup;
    for (uint32_t i = 0; i < cgroup->pid_count; i++) {
        const struct proc *const proc = snapshot_find_pid(snap, cgroup->pids[i]);
        const struct target target =
            proc != NULL ? target_of(snap, proc, 0, "") : (struct target){.user = "?"};
        print_process(&list, cgroup->pids[i], target.user, proc);
    }
    if (found->cgroup_processes > cgroup->pid_count) {
        char bytes[64];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        str_addf(&buf, "and %u more\n", found->cgroup_processes - cgroup->pid_count);
        out_string(out, bytes);
    }
}
