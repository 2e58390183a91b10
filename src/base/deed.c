#include "base/deed.h"

#include "base/address.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    NICE_MIN = -20,
    NICE_MAX = 19,
    SIGNAL_MAX = 127, // of any architecture; which there are the platform knows
    TERMINATE_MAX_MS = 600 * 1000,
    OOM_ADJ_MAX = 1000,
    IO_LEVEL_MAX = 7,
    IO_LEVEL_USUAL = 4, // what the kernel takes for a process nobody gave one
    RT_PRIORITY_MAX = 99,
    WORD_BYTES = 64,   // longer texts are no values, apart from lists of CPUs
    QUOTED_BYTES = 48, // of a wrong value repeated in a sentence
};

/* clang-format off */
static const struct deed_info infos[DEED_COUNT] = {
    [DEED_SIGNAL] = {.name = "signal", .title = "Signal", .argument = "SIGNAL",
        .help = "send a signal, by name or by number",
        .min = 1, .max = SIGNAL_MAX},
    [DEED_TERMINATE] = {.name = "terminate", .title = "Terminate", .argument = "SECONDS",
        .help = "send SIGTERM, and SIGKILL to what is still there after SECONDS",
        .min = 0, .max = TERMINATE_MAX_MS},
    [DEED_STOP] = {.name = "stop", .title = "Stop or continue",
        .help = "stop with SIGSTOP, or continue with SIGCONT",
        .flags = DEED_REVERSIBLE, .min = 0, .max = 1},
    [DEED_NICE] = {.name = "nice", .title = "Nice value", .argument = "NICE",
        .help = "set the nice value, -20 (most of the CPU) to 19 (least)",
        .flags = DEED_REVERSIBLE | DEED_PER_THREAD | DEED_RELATIVE_OK,
        .min = NICE_MIN, .max = NICE_MAX},
    [DEED_AUTOGROUP] = {.name = "autogroup-nice", .title = "Autogroup nice value",
        .argument = "NICE",
        .help = "set the nice value of the scheduling group of its session, -20 to 19",
        .flags = DEED_REVERSIBLE | DEED_RELATIVE_OK, .min = NICE_MIN, .max = NICE_MAX},
    [DEED_IOPRIO] = {.name = "io-priority", .title = "I/O priority", .argument = "CLASS[:LEVEL]",
        .help = "set the I/O priority: none, idle, best-effort or real-time, level 0 (first) to 7",
        .flags = DEED_REVERSIBLE | DEED_PER_THREAD},
    [DEED_AFFINITY] = {.name = "affinity", .title = "CPU affinity", .argument = "CPUS",
        .help = "let it run on these CPUs only, as in 0-3,8",
        .flags = DEED_REVERSIBLE | DEED_PER_THREAD},
    [DEED_SCHEDULING] = {.name = "scheduling", .title = "Scheduling policy",
        .argument = "POLICY[:PRIORITY][:reset-on-fork]",
        .help = "set the policy: other, batch, idle, or fifo and rr with a priority from 1 to 99",
        .flags = DEED_REVERSIBLE | DEED_PER_THREAD},
    [DEED_OOM_ADJ] = {.name = "oom-score-adj", .title = "OOM score adj", .argument = "NUMBER",
        .help = "set how readily it is killed when memory runs out, -1000 (never) to 1000",
        .flags = DEED_REVERSIBLE, .min = -OOM_ADJ_MAX, .max = OOM_ADJ_MAX},
    [DEED_FREEZE] = {.name = "freeze", .title = "Freeze or thaw its cgroup",
        .help = "freeze or thaw everything in its cgroup",
        .flags = DEED_REVERSIBLE | DEED_ON_CGROUP, .min = 0, .max = 1},
    [DEED_KILL_GROUP] = {.name = "kill-cgroup", .title = "Kill its cgroup",
        .help = "send SIGKILL to everything in its cgroup",
        .flags = DEED_ON_CGROUP},
    [DEED_CLOSE] = {.name = "close-connection", .title = "Close connection",
        .help = "close a TCP connection of it",
        .flags = DEED_ON_SOCKET},
};
/* clang-format on */

const struct deed_info *deed_info(enum deed_kind kind)
{
    return &infos[(unsigned)kind < DEED_COUNT ? kind : DEED_SIGNAL];
}

void inspection_destroy(struct inspection *inspection)
{
    if (!inspection) {
        return;
    }
    free(inspection->topology);
    free(inspection);
}

/* --- comparing ------------------------------------------------------------------------------- */

/* Whether an I/O class has levels. The kernel keeps one also for those that have none. */
static bool class_has_level(int32_t class)
{
    return class != IO_CLASS_NONE && class != IO_CLASS_IDLE;
}

static bool same_scheduling(const struct deed_value *a, const struct deed_value *b)
{
    if (a->sched.policy != b->sched.policy || a->sched.rt_priority != b->sched.rt_priority ||
        a->sched.reset_on_fork != b->sched.reset_on_fork) {
        return false;
    }
    return a->sched.policy != POLICY_DEADLINE || (a->sched.runtime_ns == b->sched.runtime_ns &&
                                                  a->sched.deadline_ns == b->sched.deadline_ns &&
                                                  a->sched.period_ns == b->sched.period_ns);
}

bool deed_value_equal(enum deed_kind kind, const struct deed_value *a, const struct deed_value *b)
{
    switch (kind) {
    case DEED_SIGNAL:
    case DEED_TERMINATE:
    case DEED_STOP:
    case DEED_NICE:
    case DEED_AUTOGROUP:
    case DEED_OOM_ADJ:
    case DEED_FREEZE:
        return a->number == b->number;
    case DEED_IOPRIO:
        return a->io.class == b->io.class &&
               (a->io.level == b->io.level || !class_has_level(a->io.class));
    case DEED_AFFINITY:
        return cpu_set_equal(&a->cpus, &b->cpus);
    case DEED_SCHEDULING:
        return same_scheduling(a, b);
    case DEED_CLOSE:
        return a->socket.cookie == b->socket.cookie;
    case DEED_KILL_GROUP:
    case DEED_COUNT:
        break;
    }
    return true;
}

/* --- for people ------------------------------------------------------------------------------ */

/* Append a number of thousandths as a number with as many decimals as it takes. */
static void add_thousandths(struct strbuf *buf, uint64_t number)
{
    int decimals = number % 1000 == 0 ? 0 : number % 100 == 0 ? 1 : number % 10 == 0 ? 2 : 3;

    str_add_fixed(buf, (double)number / 1000, decimals);
}

static void format_io(const struct deed_value *value, struct strbuf *buf)
{
    switch (value->io.class) {
    case IO_CLASS_NONE:
        str_add(buf, "none");
        break;
    case IO_CLASS_REALTIME:
        str_addf(buf, "real-time %d", (int)value->io.level);
        break;
    case IO_CLASS_BEST_EFFORT:
        str_addf(buf, "best-effort %d", (int)value->io.level);
        break;
    case IO_CLASS_IDLE:
        str_add(buf, "idle");
        break;
    default:
        str_addf(buf, "class %d level %d", (int)value->io.class, (int)value->io.level);
        break;
    }
}

static void format_deadline(const struct deed_value *value, struct strbuf *buf)
{
    enum { NS_PER_US = 1000 };
    const uint64_t times[] = {value->sched.runtime_ns, value->sched.deadline_ns,
                              value->sched.period_ns};

    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        str_add(buf, i == 0 ? "DEADLINE " : "/");
        add_thousandths(buf, times[i] / NS_PER_US);
    }
    str_add(buf, " ms");
}

static void format_scheduling(const struct deed_value *value, struct strbuf *buf)
{
    switch (value->sched.policy) {
    case POLICY_OTHER:
        str_add(buf, "OTHER");
        break;
    case POLICY_FIFO:
        str_addf(buf, "FIFO %d", (int)value->sched.rt_priority);
        break;
    case POLICY_RR:
        str_addf(buf, "RR %d", (int)value->sched.rt_priority);
        break;
    case POLICY_BATCH:
        str_add(buf, "BATCH");
        break;
    case POLICY_IDLE:
        str_add(buf, "IDLE");
        break;
    case POLICY_DEADLINE:
        format_deadline(value, buf);
        break;
    case POLICY_EXT:
        str_add(buf, "EXT");
        break;
    default:
        str_addf(buf, "policy %d", (int)value->sched.policy);
        break;
    }
    if (value->sched.reset_on_fork) {
        str_add(buf, ", reset on fork");
    }
}

void deed_format_value(enum deed_kind kind, const struct deed_value *value, struct strbuf *buf)
{
    switch (kind) {
    case DEED_SIGNAL:
    case DEED_NICE:
    case DEED_AUTOGROUP:
    case DEED_OOM_ADJ:
        str_addf(buf, "%d", (int)value->number);
        break;
    case DEED_TERMINATE:
        add_thousandths(buf, value->number > 0 ? (uint64_t)value->number : 0);
        str_add(buf, " s");
        break;
    case DEED_STOP:
        str_add(buf, value->number != 0 ? "stopped" : "running");
        break;
    case DEED_FREEZE:
        str_add(buf, value->number != 0 ? "frozen" : "not frozen");
        break;
    case DEED_IOPRIO:
        format_io(value, buf);
        break;
    case DEED_AFFINITY:
        cpu_set_format(&value->cpus, buf);
        break;
    case DEED_SCHEDULING:
        format_scheduling(value, buf);
        break;
    case DEED_CLOSE:
        address_add_port(&value->socket.local, buf);
        str_add(buf, " - ");
        address_add_port(&value->socket.remote, buf);
        if (value->socket.netns != 0) { // the same ends may be elsewhere, too
            str_addf(buf, " in net:[%u]", (unsigned)value->socket.netns);
        }
        break;
    case DEED_KILL_GROUP:
    case DEED_COUNT:
        break;
    }
}

/* --- reading --------------------------------------------------------------------------------- */

/* A word and the number it stands for. */
struct word {
    const char *name;
    int32_t number;
};

/* Append "TITLE must be " for the sentence about a wrong value. */
static void add_must_be(enum deed_kind kind, struct strbuf *error)
{
    str_addf(error, "%s must be ", deed_info(kind)->title);
}

/* Append `, not "TEXT"`, made safe and cut, and return the error. */
static int refuse(const char *text, struct strbuf *error)
{
    char quoted[QUOTED_BYTES];
    uint32_t cells = 0;

    (void)utf8_make_safe(text, strlen(text), quoted, sizeof(quoted), &cells);
    str_addf(error, ", not \"%s\"", quoted);
    return -EINVAL;
}

/* Look up a word in a list that ends with a NULL. False when it is not there. */
static bool find_word(const struct word *words, const char *name, int32_t *ret)
{
    for (size_t i = 0; words[i].name; i++) {
        if (str_equal(words[i].name, name)) {
            *ret = words[i].number;
            return true;
        }
    }
    return false;
}

/* Copy a word in small letters without the blanks around it. What is too long to be a value
 * becomes the empty word, which is none either. */
static void normalise(const char *text, char ret[WORD_BYTES])
{
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t')) {
        len--;
    }
    len = len < WORD_BYTES ? len : 0;
    for (size_t i = 0; i < len; i++) {
        ret[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
    }
    ret[len] = '\0';
}

/* Cut a word at its first colon. Owns: the word. Returns what is behind it, NULL without one. */
static char *cut_at_colon(char *word)
{
    char *colon = strchr(word, ':');

    if (!colon) {
        return NULL;
    }
    *colon = '\0';
    return colon + 1;
}

static int parse_number(enum deed_kind kind, const char *text, struct deed_value *ret,
                        struct strbuf *error)
{
    const struct deed_info *info = deed_info(kind);
    char word[WORD_BYTES];
    int64_t number = 0;

    normalise(text, word);
    if (str_parse_i64(word, info->min, info->max, &number) < 0) {
        add_must_be(kind, error);
        str_addf(error, "a number from %d to %d", (int)info->min, (int)info->max);
        return refuse(text, error);
    }
    *ret = (struct deed_value){.number = (int32_t)number};
    return 0;
}

static int parse_seconds(const char *text, struct deed_value *ret, struct strbuf *error)
{
    const struct deed_info *info = deed_info(DEED_TERMINATE);
    char word[WORD_BYTES];
    double seconds = 0;

    normalise(text, word);
    if (str_parse_decimal(word, info->min / 1000.0, info->max / 1000.0, &seconds) < 0) {
        str_addf(error, "The time before SIGKILL must be seconds from %d to %d",
                 (int)info->min / 1000, (int)info->max / 1000);
        return refuse(text, error);
    }
    *ret = (struct deed_value){.number = (int32_t)(seconds * 1000 + 0.5)};
    return 0;
}

static int parse_switch(enum deed_kind kind, const char *text, struct deed_value *ret,
                        struct strbuf *error)
{
    static const struct word words[] = {{"1", 1},  {"yes", 1}, {"on", 1}, {"0", 0},
                                        {"no", 0}, {"off", 0}, {NULL, 0}};
    char word[WORD_BYTES];
    int32_t number = 0;

    normalise(text, word);
    if (!find_word(words, word, &number)) {
        add_must_be(kind, error);
        str_add(error, "yes or no");
        return refuse(text, error);
    }
    *ret = (struct deed_value){.number = number};
    return 0;
}

static int parse_io(const char *text, struct deed_value *ret, struct strbuf *error)
{
    static const struct word classes[] = {{"none", IO_CLASS_NONE},
                                          {"0", IO_CLASS_NONE},
                                          {"real-time", IO_CLASS_REALTIME},
                                          {"realtime", IO_CLASS_REALTIME},
                                          {"rt", IO_CLASS_REALTIME},
                                          {"1", IO_CLASS_REALTIME},
                                          {"best-effort", IO_CLASS_BEST_EFFORT},
                                          {"be", IO_CLASS_BEST_EFFORT},
                                          {"2", IO_CLASS_BEST_EFFORT},
                                          {"idle", IO_CLASS_IDLE},
                                          {"3", IO_CLASS_IDLE},
                                          {NULL, 0}};
    char word[WORD_BYTES];
    int32_t class = 0;
    int64_t level = IO_LEVEL_USUAL;

    normalise(text, word);
    const char *rest = cut_at_colon(word);
    if (!find_word(classes, word, &class)) {
        add_must_be(DEED_IOPRIO, error);
        str_add(error, "none, idle, best-effort or real-time");
        return refuse(text, error);
    }
    if (!class_has_level(class)) {
        level = 0;
        if (rest) {
            str_addf(error, "I/O priority %s has no levels",
                     class == IO_CLASS_IDLE ? "idle" : "none");
            return -EINVAL;
        }
    } else if (rest && str_parse_i64(rest, 0, IO_LEVEL_MAX, &level) < 0) {
        str_addf(error, "The level of an I/O priority must be 0 (first) to %d (last)",
                 IO_LEVEL_MAX);
        return refuse(rest, error);
    }
    *ret = (struct deed_value){.io = {.class = class, .level = (int32_t)level}};
    return 0;
}

static int parse_cpus(const char *text, struct deed_value *ret, struct strbuf *error)
{
    struct deed_value value = {.number = 0};
    int result = cpu_set_parse(text, &value.cpus);

    if (result == -ERANGE) {
        str_addf(error, "CPU numbers go up to %d", CPU_SET_MAX - 1);
        return -EINVAL;
    }
    if (result < 0) {
        add_must_be(DEED_AFFINITY, error);
        str_add(error, "CPUs like 0-3,8 or 0-30:2");
        return refuse(text, error);
    }
    if (cpu_set_count(&value.cpus) == 0) {
        str_add(error, "At least one CPU is needed");
        return -EINVAL;
    }
    *ret = value;
    return 0;
}

/* Read what is behind the policy's name: its priority, ":reset-on-fork", both or none. */
static int parse_policy_rest(char *rest, struct deed_value *value, struct strbuf *error)
{
    const bool real_time = value->sched.policy == POLICY_FIFO || value->sched.policy == POLICY_RR;
    int64_t priority = 0;

    if (real_time) {
        char *behind = rest ? cut_at_colon(rest) : NULL;
        if (!rest || str_parse_i64(rest, 1, RT_PRIORITY_MAX, &priority) < 0) {
            str_addf(error, "FIFO and RR need a priority from 1 to %d, as in fifo:50",
                     RT_PRIORITY_MAX);
            return rest ? refuse(rest, error) : -EINVAL;
        }
        value->sched.rt_priority = (int32_t)priority;
        rest = behind;
    }
    if (!rest) {
        return 0;
    }
    if (!str_equal(rest, "reset-on-fork")) {
        str_addf(error, "Only reset-on-fork can follow %s",
                 real_time ? "the priority" : "a policy other than FIFO and RR");
        return refuse(rest, error);
    }
    value->sched.reset_on_fork = true;
    return 0;
}

static int parse_scheduling(const char *text, struct deed_value *ret, struct strbuf *error)
{
    static const struct word policies[] = {{"other", POLICY_OTHER}, {"fifo", POLICY_FIFO},
                                           {"rr", POLICY_RR},       {"batch", POLICY_BATCH},
                                           {"idle", POLICY_IDLE},   {"deadline", POLICY_DEADLINE},
                                           {"ext", POLICY_EXT},     {NULL, 0}};
    struct deed_value value = {.number = 0};
    char word[WORD_BYTES];

    normalise(text, word);
    char *rest = cut_at_colon(word);
    if (!find_word(policies, word, &value.sched.policy)) {
        add_must_be(DEED_SCHEDULING, error);
        str_add(error, "other, batch, idle, fifo:PRIORITY or rr:PRIORITY");
        return refuse(text, error);
    }
    if (value.sched.policy == POLICY_DEADLINE || value.sched.policy == POLICY_EXT) {
        str_addf(error, "Scheduling policy %s is shown but cannot be set",
                 value.sched.policy == POLICY_EXT ? "EXT" : "DEADLINE");
        return -EINVAL;
    }
    int failed = parse_policy_rest(rest, &value, error);
    if (failed < 0) {
        return failed;
    }
    *ret = value;
    return 0;
}

int deed_parse_value(enum deed_kind kind, const char *text, struct deed_value *ret,
                     struct strbuf *error)
{
    switch (kind) {
    case DEED_TERMINATE:
        return parse_seconds(text, ret, error);
    case DEED_STOP:
    case DEED_FREEZE:
        return parse_switch(kind, text, ret, error);
    case DEED_NICE:
    case DEED_AUTOGROUP:
    case DEED_OOM_ADJ:
        return parse_number(kind, text, ret, error);
    case DEED_IOPRIO:
        return parse_io(text, ret, error);
    case DEED_AFFINITY:
        return parse_cpus(text, ret, error);
    case DEED_SCHEDULING:
        return parse_scheduling(text, ret, error);
    case DEED_SIGNAL:
    case DEED_KILL_GROUP:
    case DEED_CLOSE:
    case DEED_COUNT:
        break;
    }
    str_addf(error, "%s: there is no value to read", deed_info(kind)->title);
    return -EINVAL;
}
