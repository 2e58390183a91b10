#include "model/protect.h"
#include "ui/ui_draft.h"
#include "ui/ui_state.h"

#include <errno.h>

/*
 * What the dialogs about processes say: whom a deed is for, what it is, how things are now.
 */

enum { NAMED_MAX = 8 };

static void name_target(struct strbuf *buf, const struct target *target)
{
    if (target->id.pid > 0) { // else there is none
        str_addf(buf, "%d ", (int)target->id.pid);
    }
    str_add(buf, target->name);
}

static bool is_thread(const struct target *target)
{
    return target->group_pid > 0 && target->group_pid != target->id.pid;
}

/* "process", "threads" */
static const char *noun(const struct draft *draft)
{
    bool threads = true;
    for (size_t i = 0; i < draft->target_count; i++) {
        threads = threads && is_thread(&draft->targets[i]);
    }
    return threads ? "threads" : "processes";
}

void ui_draft_whom_short(const struct draft *draft, struct strbuf *buf)
{
    if (draft->target_count != 1) {
        str_addf(buf, "%zu %s", draft->target_count, noun(draft));
        return;
    }
    const struct target *target = &draft->targets[0];
    if (is_thread(target)) {
        str_add(buf, "thread ");
    } else if (draft->deed.one_thread) {
        str_add(buf, "the main thread of ");
    }
    name_target(buf, target);
}

void ui_draft_whom(const struct ui *ui, struct strbuf *buf)
{
    const struct draft *draft = ui->draft;
    ui_draft_whom_short(draft, buf);
    if (draft->target_count == 1) {
        if (draft->targets[0].user[0] != '\0') {
            str_addf(buf, " (%s)", draft->targets[0].user);
        }
        return;
    }
    str_add(buf, ": ");
    for (size_t i = 0; i < draft->target_count && i < NAMED_MAX; i++) {
        str_add(buf, i > 0 ? ", " : "");
        name_target(buf, &draft->targets[i]);
    }
    if (draft->target_count > NAMED_MAX) {
        str_add(buf, ui->options.unicode ? ", …" : ", ...");
    }
}

static void add_signal(const struct ui *ui, int number, struct strbuf *buf)
{
    for (size_t i = 0; i < ui->options.signal_count; i++) {
        if (ui->options.signals[i].number == number) {
            str_addf(buf, "SIG%s", ui->options.signals[i].name);
            return;
        }
    }
    str_addf(buf, "signal %d", number);
}

/* "set nice value to 5 for" */
static void add_setting(const struct deed *deed, struct strbuf *buf)
{
    const char *title = deed_info(deed->kind)->title;
    str_add(buf, "set ");
    size_t start = buf->len;
    str_add(buf, title);
    bool is_word = title[0] >= 'A' && title[0] <= 'Z' && title[1] >= 'a' && title[1] <= 'z';
    if (is_word && buf->len > start) {
        buf->ptr[start] = (char)(title[0] - 'A' + 'a');
    }
    str_add(buf, " to ");
    deed_format_value(deed->kind, &deed->value, buf);
    str_add(buf, " for");
}

void ui_draft_deed(const struct ui *ui, struct strbuf *buf)
{
    const struct deed *deed = &ui->draft->deed;
    switch (deed->kind) {
    case DEED_SIGNAL:
        str_add(buf, "send ");
        add_signal(ui, deed->value.number, buf);
        str_add(buf, " to");
        break;
    case DEED_TERMINATE:
        str_add(buf, "terminate");
        break;
    case DEED_STOP:
        str_add(buf, deed->value.number != 0 ? "stop" : "continue");
        break;
    case DEED_NICE:
    case DEED_AUTOGROUP:
        if (deed->relative) {
            str_addf(buf, "add %+d to the nice value of%s", (int)deed->value.number,
                     deed->kind == DEED_AUTOGROUP ? " the session of" : "");
            break;
        }
        add_setting(deed, buf);
        break;
    case DEED_IOPRIO:
    case DEED_AFFINITY:
    case DEED_SCHEDULING:
    case DEED_OOM_ADJ:
        add_setting(deed, buf);
        break;
    case DEED_FREEZE:
        str_addf(buf, "%s the cgroup of", deed->value.number != 0 ? "freeze" : "thaw");
        break;
    case DEED_KILL_GROUP:
        str_add(buf, "kill the cgroup of");
        break;
    case DEED_CLOSE:
        str_add(buf, "close connection ");
        deed_format_value(deed->kind, &deed->value, buf);
        str_add(buf, " of");
        break;
    case DEED_COUNT:
        break;
    }
}

static bool is_gone(const struct ui *ui, const struct target *target)
{
    const struct proc *proc = snapshot_find(ui->snap, target->id);
    if (target->id.pid == 0) {
        return false; // nobody was there
    }
    return proc == NULL || (proc->flags & PROC_EXITED) != 0;
}

bool ui_draft_gone(const struct ui *ui, struct strbuf *buf)
{
    const struct draft *draft = ui->draft;
    size_t gone = 0;
    const struct target *first = NULL;
    for (size_t i = 0; ui->snap != NULL && i < draft->target_count; i++) {
        /* the list may show no threads any more */
        if (!is_thread(&draft->targets[i]) && is_gone(ui, &draft->targets[i])) {
            first = gone == 0 ? &draft->targets[i] : first;
            gone++;
        }
    }
    if (first == NULL) {
        return false;
    }
    name_target(buf, first);
    if (gone == 1) {
        str_add(buf, " has exited");
    } else {
        str_addf(buf, " and %zu more have exited", gone - 1);
    }
    return true;
}

/* A few words for why something could not be read. */
static const char *reason_of(int error)
{
    switch (-error) {
    case EPERM:
    case EACCES:
        return "permission denied";
    case ESRCH:
    case ECHILD:
        return "it has exited";
    case ENOTSUP:
    case ENOENT:
    case ENOSYS:
        return "there is no such thing on this system";
    default:
        return "reading failed";
    }
}

void ui_draft_value(const struct ui *ui, struct strbuf *buf)
{
    const struct draft *draft = ui->draft;
    if ((deed_info(draft->deed.kind)->flags & DEED_REVERSIBLE) == 0) {
        return;
    }
    if (!draft->inspected) {
        str_add(buf, ui->options.unicode ? "now: …" : "now: ...");
    } else if (!draft->now.known) {
        str_addf(buf, "not readable: %s", reason_of(draft->now.error));
    } else if (!draft->now.same) {
        str_add(buf, "now: different values");
    } else {
        str_add(buf, "now: ");
        deed_format_value(draft->deed.kind, &draft->now.value, buf);
    }
}

/* What an answer to "whom" is called. */
static void name_choice(const struct draft *draft, const struct choice *choice, struct strbuf *buf)
{
    switch (choice->kind) {
    case SCOPE_TAGGED:
        str_addf(buf, "%zu tagged", choice->size.count);
        break;
    case SCOPE_THREAD:
        str_add(buf, draft->anchor_is_thread ? "this thread" : "main thread only");
        break;
    case SCOPE_PROCESS:
        str_add(buf, draft->anchor_is_thread ? "its process" : "this process");
        break;
    case SCOPE_SUBTREE:
        str_addf(buf, "%zu with descendants", choice->size.count);
        break;
    case SCOPE_GROUP:
        str_addf(buf, "%zu in its group", choice->size.count);
        break;
    case SCOPE_SESSION:
        str_addf(buf, "%zu in its session", choice->size.count);
        break;
    case SCOPE_LISTED:
        str_addf(buf, "%zu listed", choice->size.count);
        break;
    }
}

void ui_draft_choices(const struct ui *ui, struct strbuf *buf)
{
    const struct draft *draft = ui->draft;
    if (draft->choice_count < 2) {
        return;
    }
    /* the one in force first: what Tab brings comes next */
    for (size_t i = 0; i < draft->choice_count; i++) {
        size_t index = (draft->choice + i) % draft->choice_count;
        if (i == 1) {
            str_add(buf, " (");
            (void)keymap_key(ui->options.keymap, CONTEXT_MENU, ACTION_SCOPE_NEXT, buf);
            str_add(buf, ": ");
        }
        str_add(buf, i > 1 ? ", " : "");
        name_choice(draft, &draft->choices[index], buf);
    }
    str_add(buf, ")");
}

static const char *cgroup_obstacle(enum deed_obstacle obstacle)
{
    switch (obstacle) {
    case OBSTACLE_CGROUP_SELF:
        return "perch itself is in its cgroup and would be frozen or killed, too";
    case OBSTACLE_CGROUP_ROOT:
        return "it is in the root cgroup, which can be neither frozen nor killed";
    case OBSTACLE_CGROUP_NONE:
        return "there is no cgroup v2 for it here";
    case OBSTACLE_CGROUP_FILE:
        return "permission denied for its cgroup";
    case OBSTACLE_CGROUP_MOVED:
        return "it has moved to another cgroup";
    case OBSTACLE_UNKNOWN:
    case OBSTACLE_OWNER:
    case OBSTACLE_CAPABILITY:
    case OBSTACLE_NICE_LIMIT:
    case OBSTACLE_RTPRIO_LIMIT:
    case OBSTACLE_CPUSET:
    case OBSTACLE_CPU_OFFLINE:
    case OBSTACLE_SECCOMP:
    case OBSTACLE_RT_GROUP:
    case OBSTACLE_KERNEL_THREAD:
    case OBSTACLE_CHANGED:
    case OBSTACLE_NO_CLOSING:
        break;
    }
    return "permission denied for its cgroup";
}

bool ui_draft_cgroup(const struct ui *ui, struct strbuf *buf)
{
    const struct draft *draft = ui->draft;
    const struct cgroup_facts *cgroup = &draft->now.cgroup;
    if (!draft->inspected) {
        str_add(buf, ui->options.unicode ? "looking at its cgroup…" : "looking at its cgroup...");
        return false;
    }
    if (cgroup->obstacle != OBSTACLE_UNKNOWN) {
        str_add(buf, cgroup_obstacle(cgroup->obstacle));
        return false;
    }
    if (cgroup->error != 0) {
        str_addf(buf, "its cgroup is not known: %s", reason_of(cgroup->error));
        return false;
    }
    uint32_t count = draft->now.cgroup_processes;
    str_addf(buf, "%u process%s in ", (unsigned)count, count == 1 ? "" : "es");
    if (draft->now.cgroup_count > 1) {
        str_addf(buf, "%u cgroups, among them ", (unsigned)draft->now.cgroup_count);
    }
    str_add(buf, cgroup->path);
    str_add(buf, cgroup->frozen ? ", frozen" : "");
    return true;
}
