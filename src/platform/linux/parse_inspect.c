#include "platform/linux/parse_inspect.h"

static struct span whole(struct raw_bytes bytes)
{
    return (struct span){.at = bytes.ptr, .end = bytes.ptr + bytes.len};
}

bool parse_inspect_status(struct raw_bytes status, const char *key, struct span *ret)
{
    struct span text = whole(status);
    struct span line;
    bool is_first = true;
    while (span_take_line(&text, &line)) {
        const bool is_name = is_first && span_take_prefix(&line, "Name:");
        is_first = false;
        if (!is_name && span_take_prefix(&line, key) && span_take_prefix(&line, ":")) {
            span_skip_blanks(&line);
            *ret = line;
            return true;
        }
    }
    return false;
}

uint64_t parse_inspect_status_u64(struct raw_bytes status, const char *key, uint64_t absent)
{
    struct span value;
    uint64_t number;
    return parse_inspect_status(status, key, &value) && span_take_number(&value, &number) ? number
                                                                                          : absent;
}

/* A number of up to 32 bits. */
static uint32_t status_u32(struct raw_bytes status, const char *key, uint32_t absent)
{
    const uint64_t number = parse_inspect_status_u64(status, key, absent);
    return number <= UINT32_MAX ? (uint32_t)number : absent;
}

/* A pid; 0 when there is none. */
static int32_t status_pid(struct raw_bytes status, const char *key)
{
    const uint64_t number = parse_inspect_status_u64(status, key, 0);
    return number <= INT32_MAX ? (int32_t)number : 0;
}

/* A number in octal (3 bits a digit) or hexadecimal (4) that fills its field. */
static uint64_t status_digits(struct raw_bytes status, const char *key, unsigned bits)
{
    struct span value;
    uint64_t number = 0;
    const bool has = parse_inspect_status(status, key, &value) &&
                     span_take_digits(&value, bits, &number) && value.at == value.end;
    return has ? number : FIGURE_ABSENT;
}

static void status_ids(struct raw_bytes status, const char *key, uint32_t ret[4])
{
    struct span value = {0};
    const bool found = parse_inspect_status(status, key, &value);
    for (size_t i = 0; i < 4; i++) {
        uint64_t id = 0;
        const bool has = found && span_take_number(&value, &id) && id <= UINT32_MAX;
        ret[i] = has ? (uint32_t)id : UINT32_MAX;
    }
}

/* The last of the pids in the namespaces a process is in: its own. */
static int32_t status_inner_pid(struct raw_bytes status)
{
    struct span value = {0};
    uint64_t pid;
    uint64_t last = 0;
    if (parse_inspect_status(status, "NSpid", &value)) {
        while (span_take_number(&value, &pid)) {
            last = pid;
        }
    }
    return last <= INT32_MAX ? (int32_t)last : 0;
}

int32_t parse_inspect_process(struct raw_bytes status)
{
    return status_pid(status, "Tgid");
}

int32_t parse_inspect_exit_status(struct raw_bytes stat)
{
    enum { FIRST_BEHIND_NAME = 3, EXIT_CODE = 52 };
    const char *const name_end = stat.len > 0 ? memrchr(stat.ptr, ')', stat.len) : NULL;
    if (!name_end) {
        return -1;
    }
    struct span rest = {.at = name_end + 1, .end = stat.ptr + stat.len};
    struct span word;
    uint64_t status;
    for (int field = FIRST_BEHIND_NAME; span_take_word(&rest, &word); field++) {
        if (field == EXIT_CODE) {
            return span_take_number(&word, &status) && status <= UINT16_MAX ? (int32_t)status : -1;
        }
    }
    return -1;
}

void parse_inspect_identity(struct raw_bytes status, struct raw_identity *ret)
{
    const uint64_t umask = status_digits(status, "Umask", 3);
    ret->ppid = status_pid(status, "PPid");
    ret->tracer = status_pid(status, "TracerPid");
    ret->inner_pid = status_inner_pid(status);
    status_ids(status, "Uid", ret->uid);
    status_ids(status, "Gid", ret->gid);
    ret->cap_effective = status_digits(status, "CapEff", 4);
    ret->cap_permitted = status_digits(status, "CapPrm", 4);
    ret->cap_bounding = status_digits(status, "CapBnd", 4);
    ret->cap_inheritable = status_digits(status, "CapInh", 4);
    ret->cap_ambient = status_digits(status, "CapAmb", 4);
    ret->seccomp = status_u32(status, "Seccomp", UINT32_MAX);
    ret->no_new_privs = status_u32(status, "NoNewPrivs", 0) == 1;
    ret->signals_blocked = status_digits(status, "SigBlk", 4);
    ret->signals_ignored = status_digits(status, "SigIgn", 4);
    ret->signals_caught = status_digits(status, "SigCgt", 4);
    ret->umask = umask <= 0777 ? (uint32_t)umask : UINT32_MAX;
    ret->voluntary_switches =
        parse_inspect_status_u64(status, "voluntary_ctxt_switches", FIGURE_ABSENT);
    ret->involuntary_switches =
        parse_inspect_status_u64(status, "nonvoluntary_ctxt_switches", FIGURE_ABSENT);
}

size_t parse_inspect_groups(struct raw_bytes status, uint32_t *ret, size_t capacity)
{
    struct span value = {0};
    uint64_t group;
    size_t count = 0;
    if (!parse_inspect_status(status, "Groups", &value)) {
        return 0;
    }
    while (span_take_number(&value, &group) && group <= UINT32_MAX) {
        if (count < capacity) {
            ret[count] = (uint32_t)group;
        }
        count++;
    }
    return count;
}

bool parse_inspect_link_inode(struct raw_bytes link, const char *type, uint64_t *ret)
{
    struct span rest = whole(link);
    uint64_t inode;
    if (!span_take_prefix(&rest, type) || !span_take_prefix(&rest, ":[")) {
        return false;
    }
    const size_t digits = str_take_u64(rest.at, span_len(&rest), &inode);
    rest.at += digits;
    if (digits == 0 || !span_is(&rest, "]")) {
        return false;
    }
    *ret = inode;
    return true;
}

uint64_t parse_inspect_run_delay(struct raw_bytes schedstat)
{
    // Time on a CPU, time waiting for one, number of slices.
    struct span line = whole(schedstat);
    uint64_t ran;
    uint64_t waited;
    return span_take_number(&line, &ran) && span_take_number(&line, &waited) ? waited
                                                                             : FIGURE_ABSENT;
}

uint64_t parse_inspect_block_delay(struct raw_bytes stat, uint64_t tick_ns)
{
    enum { STAT_STATE = 3, STAT_BLOCK_DELAY = 42 };
    // The name may hold anything but ends at the last ')'.
    const char *const close = stat.len > 0 ? memrchr(stat.ptr, ')', stat.len) : NULL;
    struct span rest = {.at = close ? close + 1 : NULL, .end = stat.ptr + stat.len};
    struct span word;
    uint64_t ticks;
    uint64_t delay_ns = 0;
    if (!close) {
        return FIGURE_ABSENT;
    }
    for (int field = STAT_STATE; field < STAT_BLOCK_DELAY; field++) {
        if (!span_take_word(&rest, &word)) {
            return FIGURE_ABSENT;
        }
    }
    const bool fits = span_take_number(&rest, &ticks) && rest.at < rest.end &&
                      !__builtin_mul_overflow(ticks, tick_ns, &delay_ns);
    return fits ? delay_ns : FIGURE_ABSENT;
}

/* "unlimited" or a number. */
static bool take_limit(struct span *line, uint64_t *ret)
{
    struct span word;
    if (!span_take_word(line, &word)) {
        return false;
    }
    if (span_is(&word, "unlimited")) {
        *ret = UINT64_MAX;
        return true;
    }
    return str_take_u64(word.at, span_len(&word), ret) == span_len(&word);
}

bool parse_inspect_limit(struct span *limits, struct raw_limit *ret)
{
    enum { NAME_COLUMN = 25 }; // "%-25s %-20s %-20s %-10s"
    struct span line;
    while (span_take_line(limits, &line)) {
        if (span_len(&line) <= NAME_COLUMN) {
            continue;
        }
        struct span name = {.at = line.at, .end = line.at + NAME_COLUMN};
        while (name.end > name.at && name.end[-1] == ' ') {
            name.end--;
        }
        struct raw_limit limit = {.name = span_bytes(&name), .used = FIGURE_ABSENT};
        struct span unit = {0};
        line.at += NAME_COLUMN;
        // The head line has words where the others have numbers.
        if (!take_limit(&line, &limit.soft) || !take_limit(&line, &limit.hard)) {
            continue;
        }
        limit.unit = span_take_word(&line, &unit) ? span_bytes(&unit) : (struct raw_bytes){0};
        *ret = limit;
        return true;
    }
    return false;
}

size_t parse_inspect_environ(struct raw_bytes environ)
{
    size_t at = 0;
    while (at < environ.len && environ.ptr[at] != '\0') {
        const char *const end = memchr(environ.ptr + at, '\0', environ.len - at);
        at = end ? (size_t)(end - environ.ptr) + 1 : environ.len;
    }
    return at;
}

/* "0x" and hexadecimal digits, blanks before them too. */
static bool take_hex(struct span *line, uint64_t *ret)
{
    span_skip_blanks(line);
    return span_take_prefix(line, "0x") && span_take_digits(line, 4, ret);
}

bool parse_inspect_syscall(struct raw_bytes text, int64_t *ret_number, uint64_t ret_args[6])
{
    // "running", "-1 SP PC", or the number, six arguments, SP and PC.
    struct span all = whole(text);
    struct span line;
    struct span word;
    int64_t number;
    uint64_t args[6];
    uint64_t stack = 0;
    if (!span_take_line(&all, &line) || !span_take_word(&line, &word) ||
        str_take_i64(word.at, span_len(&word), &number) != span_len(&word) || number < 0) {
        return false;
    }
    for (size_t i = 0; i < 6; i++) {
        if (!take_hex(&line, &args[i])) {
            return false;
        }
    }
    // A kernel thread has no stack of a program, but looks as if it were in call number 0.
    if (!take_hex(&line, &stack) || stack == 0) {
        return false;
    }
    *ret_number = number;
    memcpy(ret_args, args, sizeof(args));
    return true;
}

bool parse_inspect_is_native(struct raw_bytes auxv)
{
    enum { TYPE_MAX = 255 }; // there are some fifty
    size_t at = 0;
    unsigned long pair[2];
    // Read in the other word size, values take the place of types, and they are addresses.
    for (; auxv.len - at >= sizeof(pair); at += sizeof(pair)) {
        memcpy(pair, auxv.ptr + at, sizeof(pair));
        if (pair[0] == 0) {
            return at > 0;
        }
        if (pair[0] > TYPE_MAX) {
            return false;
        }
    }
    return false;
}

bool parse_inspect_frame(struct span *stack, struct span *ret)
{
    struct span line;
    while (span_take_line(stack, &line)) {
        const char *const close = memchr(line.at, ']', span_len(&line));
        if (span_take_prefix(&line, "[<") && close) {
            line.at = close + 1;
        }
        span_skip_blanks(&line);
        if (line.at < line.end) {
            *ret = line;
            return true;
        }
    }
    return false;
}
