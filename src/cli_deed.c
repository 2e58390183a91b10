#include "cli_deed.h"

#include "base/utf8.h"
#include "platform/platform.h"

#include <errno.h>
#include <string.h>

enum {
    QUOTE_BYTES = 80, // of a wrong argument repeated in a complaint
    NICE_BY_MAX = 39, // from one end to the other
    SIGNAL_MAX = 128, // no system has more
    SENTENCE_BYTES = 256,
};

void cli_add_quoted(struct strbuf *buf, const char *s)
{
    char safe[QUOTE_BYTES];
    uint32_t cells = 0;
    (void)utf8_make_safe(s, strlen(s), safe, sizeof(safe), &cells); // its length is not needed
    str_addf(buf, "\"%s\"", safe);
}

int cli_refuse(struct strbuf *error, enum cli_option_id id, const char *s, const char *what)
{
    str_addf(error, "option --%s: ", cli_option_info(id)->name);
    cli_add_quoted(error, s);
    str_addf(error, " is not %s", what);
    return -EINVAL;
}

static bool equal_fold(const char *a, const char *b)
{
    const size_t len = strlen(b);
    return strlen(a) == len && str_find_fold(a, len, b, len) == 0;
}

/* The number of a signal's name. Errors: 0. */
static int64_t signal_by_name(const char *name)
{
    size_t count = 0;
    const struct platform_signal *const signals = platform_signals(&count);
    for (size_t i = 0; i < count; i++) {
        if (equal_fold(signals[i].name, name)) {
            return signals[i].number;
        }
    }
    return 0;
}

static bool is_signal(int64_t number)
{
    size_t count = 0;
    const struct platform_signal *const signals = platform_signals(&count);
    size_t i = 0;
    while (i < count && signals[i].number != number) {
        i++;
    }
    return i < count;
}

/* "RTMIN+20" and "RTMAX-20" are in the list once only, as the nearer end calls them. */
static int64_t realtime_signal(const char *s)
{
    static const struct {
        const char *base;
        const char *limit;
        int sign;
    } forms[] = {{"RTMIN", "+", 1}, {"RTMAX", "-", -1}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const size_t len = strlen(forms[i].base);
        int64_t offset = 0;
        if (str_find_fold(s, strlen(s), forms[i].base, len) == 0 && s[len] == forms[i].limit[0] &&
            str_parse_i64(s + len + 1, 0, SIGNAL_MAX, &offset) == 0) {
            const int64_t number = signal_by_name(forms[i].base) + forms[i].sign * offset;
            const bool realtime = number >= signal_by_name("RTMIN");
            return realtime && is_signal(number) ? number : 0;
        }
    }
    return 0;
}

static int parse_signal(const char *s, struct deed_value *ret, struct strbuf *error)
{
    const char *const name = str_find_fold(s, strlen(s), "SIG", 3) == 0 ? s + 3 : s;
    int64_t number = 0;
    if (str_parse_i64(s, 1, SIGNAL_MAX, &number) == 0) {
        number = is_signal(number) ? number : 0;
    } else {
        number = signal_by_name(name);
        number = number != 0 ? number : realtime_signal(name);
    }
    if (number == 0) {
        return cli_refuse(error, CLI_SIGNAL, s,
                          "the name or number of a signal; kill -l lists them");
    }
    ret->number = (int32_t)number;
    return 0;
}

static int parse_nice_by(const char *s, struct deed_value *ret, struct strbuf *error)
{
    int64_t number = 0;
    const char *const digits = s[0] == '+' && s[1] != '-' ? s + 1 : s;
    if (str_parse_i64(digits, -NICE_BY_MAX, NICE_BY_MAX, &number) != 0) {
        return cli_refuse(error, CLI_NICE_BY, s, "a whole number from -39 to 39");
    }
    ret->number = (int32_t)number;
    return 0;
}

/* What the registry of deeds says about a value, with the option's name in front. */
static int parse_deed_value(enum cli_option_id id, const char *s, struct deed *deed,
                            struct strbuf *error)
{
    char bytes[SENTENCE_BYTES];
    struct strbuf sentence;
    str_init(&sentence, bytes, sizeof(bytes));
    if (id == CLI_NICE && s[0] == '+') { // renice(1) adds it, nice(1) does, too
        return cli_refuse(error, id, s, "a value; --nice-by changes it by a number");
    }
    if (deed_parse_value(deed->kind, s, &deed->value, &sentence) != 0) {
        str_addf(error, "option --%s: ", cli_option_info(id)->name);
        str_add(error, bytes);
        return -EINVAL;
    }
    return 0;
}

/* What the options that act do; `number` is the value of those that take none. */
static const struct {
    enum deed_kind kind;
    int32_t number;
    bool relative;
} deeds[] = {
    [CLI_SIGNAL - CLI_SIGNAL] = {DEED_SIGNAL, 0, false},
    [CLI_TERMINATE - CLI_SIGNAL] = {DEED_TERMINATE, 0, false},
    [CLI_STOP - CLI_SIGNAL] = {DEED_STOP, 1, false},
    [CLI_CONTINUE - CLI_SIGNAL] = {DEED_STOP, 0, false},
    [CLI_NICE - CLI_SIGNAL] = {DEED_NICE, 0, false},
    [CLI_NICE_BY - CLI_SIGNAL] = {DEED_NICE, 0, true},
    [CLI_AUTOGROUP_NICE - CLI_SIGNAL] = {DEED_AUTOGROUP, 0, false},
    [CLI_IO_PRIORITY - CLI_SIGNAL] = {DEED_IOPRIO, 0, false},
    [CLI_AFFINITY - CLI_SIGNAL] = {DEED_AFFINITY, 0, false},
    [CLI_SCHEDULING - CLI_SIGNAL] = {DEED_SCHEDULING, 0, false},
    [CLI_OOM_SCORE_ADJ - CLI_SIGNAL] = {DEED_OOM_ADJ, 0, false},
    [CLI_FREEZE - CLI_SIGNAL] = {DEED_FREEZE, 1, false},
    [CLI_THAW - CLI_SIGNAL] = {DEED_FREEZE, 0, false},
    [CLI_KILL_CGROUP - CLI_SIGNAL] = {DEED_KILL_GROUP, 0, false},
};

bool cli_is_deed(enum cli_option_id id)
{
    return id >= CLI_SIGNAL && id <= CLI_KILL_CGROUP;
}

int cli_parse_deed(enum cli_option_id id, const char *s, struct deed *ret, struct strbuf *error)
{
    struct deed deed = {.kind = deeds[id - CLI_SIGNAL].kind,
                        .relative = deeds[id - CLI_SIGNAL].relative,
                        .value = {.number = deeds[id - CLI_SIGNAL].number}};
    const int result = id == CLI_SIGNAL    ? parse_signal(s, &deed.value, error)
                       : id == CLI_NICE_BY ? parse_nice_by(s, &deed.value, error)
                       : s != NULL         ? parse_deed_value(id, s, &deed, error)
                                           : 0;
    if (result == 0) {
        *ret = deed;
    }
    return result;
}
