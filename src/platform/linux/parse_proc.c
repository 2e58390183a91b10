#include "platform/linux/parse_proc.h"

#include "base/str.h"
#include "platform/linux/span.h"

#include <errno.h>
#include <string.h>

/* Field numbers of proc(5); the array below is indexed by them. */
enum {
    STAT_PPID = 4,
    STAT_PGRP = 5,
    STAT_SESSION = 6,
    STAT_TTY = 7,
    STAT_TPGID = 8,
    STAT_FLAGS = 9,
    STAT_MINFLT = 10,
    STAT_MAJFLT = 12,
    STAT_UTIME = 14,
    STAT_STIME = 15,
    STAT_PRIORITY = 18,
    STAT_NICE = 19,
    STAT_THREADS = 20,
    STAT_START = 22,
    STAT_VSIZE = 23,
    STAT_RSS = 24,
    STAT_PROCESSOR = 39,
    STAT_RT_PRIORITY = 40,
    STAT_POLICY = 41,
    STAT_BLOCK_DELAY = 42,
    STAT_FIELDS = 43, // up to the last one kept as a number

    FLAG_KTHREAD = 0x00200000, // PF_KTHREAD; not in any header for programs
};

/* Counters that are signed in the file are never negative in truth. */
static uint64_t at_least_zero(int64_t number)
{
    return number < 0 ? 0 : (uint64_t)number;
}

static int32_t to_i32(int64_t number)
{
    return number < INT32_MIN ? INT32_MIN : number > INT32_MAX ? INT32_MAX : (int32_t)number;
}

static int16_t to_i16(int64_t number)
{
    return number < INT16_MIN ? INT16_MIN : number > INT16_MAX ? INT16_MAX : (int16_t)number;
}

/* Recorded trees may hold anything, and it goes to the screen as it is. */
static char to_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ? c : '?';
}

static uint32_t to_u32(int64_t number)
{
    return number < 0 ? 0 : number > (int64_t)UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/*
 * One number and the byte behind it. A number at the very end of the buffer may be cut, and
 * a cut start time would be another process's identity, so it does not count.
 * Unsigned fields go up to 2^64-1 (rsslim); those beyond the signed range are of no use here
 * and are pinned to its end.
 */
static bool take_field(const char **at, const char *end, int64_t *ret)
{
    const char *p = *at;
    if (end - p >= 2 && p[1] == ' ' && is_digit(p[0])) { // most fields are one digit
        *ret = p[0] - '0';
        *at = p + 2;
        return true;
    }
    const bool negative = p < end && *p == '-';
    p += negative;
    const char *const first = p;
    // This loop is most of the time a scan spends outside the kernel; 18 digits always fit.
    const char *const fits = end - p > 18 ? p + 18 : end;
    uint64_t number = 0;
    for (; p < fits && is_digit(*p); p++) {
        number = number * 10 + (uint64_t)(*p - '0');
    }
    for (; p < end && is_digit(*p); p++) {
        if (__builtin_mul_overflow(number, 10u, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*p - '0'), &number)) {
            return false;
        }
    }
    if (p == first || p >= end || (*p != ' ' && *p != '\n')) {
        return false;
    }
    const int64_t value = number > INT64_MAX ? INT64_MAX : (int64_t)number;
    *ret = negative ? -value : value;
    *at = p + 1;
    return true;
}

/* How many bytes of a word are blanks. */
static unsigned count_blanks(uint64_t word)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
    const uint64_t other = word ^ 0x2020202020202020u; // 0 where there is a blank
    const uint64_t blank = ~(((other & low) + low) | other | low);
    return (unsigned)((blank >> 7) % 255); // the sum of its bytes, as 256 is 1 modulo 255
}

/* Moves behind `count` blanks, a word at a time where it can; false when the line ends first. */
static bool skip_fields(const char **at, const char *end, unsigned count)
{
    const char *p = *at;
    uint64_t word;
    for (; (size_t)(end - p) >= sizeof(word); p += sizeof(word)) {
        memcpy(&word, p, sizeof(word));
        const unsigned blanks = count_blanks(word);
        if (blanks >= count) { // the last one is in here
            break;
        }
        count -= blanks;
    }
    for (; count > 0; p++) {
        if (p >= end) {
            return false;
        }
        count -= *p == ' ';
    }
    *at = p;
    return true;
}

/*
 * Mixes so that a change of any single value changes the result. Not a multiplication: the
 * checking builds trap on unsigned wrap-around.
 */
static uint64_t mix(uint64_t hash, uint64_t value)
{
    const unsigned turn = 23;
    return (((hash & (UINT64_MAX >> turn)) << turn) | (hash >> (64 - turn))) ^ value;
}

static uint64_t mix_bytes(uint64_t hash, const char *ptr, const char *end)
{
    uint64_t word = 0;
    for (; (size_t)(end - ptr) >= sizeof(word); ptr += sizeof(word)) {
        memcpy(&word, ptr, sizeof(word));
        hash = mix(hash, word);
    }
    word = 0;
    memcpy(&word, ptr, (size_t)(end - ptr));
    return mix(mix(hash, word), (uint64_t)(end - ptr));
}

/* What is done with a run of fields. */
enum run_kind { RUN_KEEP, RUN_MARK, RUN_SKIP };

/* The line from the parent's pid on: what has to be a number, what tells one program from the
 * next, and what nobody asks for. */
static const struct {
    int past; // number of the first field behind the run
    enum run_kind kind;
} runs[] = {
    {25, RUN_KEEP}, // to the resident pages
    {26, RUN_SKIP}, // rsslim
    {29, RUN_MARK}, // start_code end_code start_stack
    {39, RUN_SKIP}, // registers, signals, wchan, nswap, cnswap, exit_signal
    {43, RUN_KEEP}, // processor rt_priority policy delayacct_blkio_ticks
    {48, RUN_SKIP}, // guest times, data, brk
    {49, RUN_MARK}, // arg_start
};

/*
 * Takes the fields of the line from STAT_PPID on; returns the number of the first that is not
 * there. *mark covers where the program's image lies: execve() lays all of it out anew, at random
 * addresses. To those without ptrace permission the kernel shows 1 and 0 instead, which leaves
 * the name: enough to notice the usual fork-and-exec.
 */
static int take_fields(const char *at, const char *end, int64_t field[STAT_FIELDS], uint64_t *mark)
{
    int number = STAT_PPID;
    for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++) {
        const char *const begin = at;
        const int past = runs[i].past;
        if (runs[i].kind == RUN_KEEP) {
            while (number < past && take_field(&at, end, &field[number])) {
                number++;
            }
        } else if (skip_fields(&at, end, (unsigned)(past - number))) {
            number = past;
            *mark = runs[i].kind == RUN_MARK ? mix_bytes(*mark, begin, at) : *mark;
        }
        if (number < past) {
            break;
        }
    }
    return number;
}

/*
 * Splits the line. The name is between the first '(' and the *last* ')': it may hold spaces,
 * parentheses and newlines, and whoever chose it may have meant it to look like more fields.
 */
static bool split(const char *buf, size_t len, int32_t *ret_pid, struct raw_bytes *ret_name,
                  const char **ret_rest)
{
    uint64_t pid;
    const size_t digits = str_take_u64(buf, len, &pid);
    if (digits == 0 || pid == 0 || pid > INT32_MAX || len - digits < 2 ||
        memcmp(buf + digits, " (", 2) != 0) {
        return false;
    }
    const char *const name = buf + digits + 2;
    const char *const end = buf + len;
    const char *const close = memrchr(name, ')', (size_t)(end - name));
    if (!close || end - close < 4 || close[1] != ' ' || close[3] != ' ') {
        return false;
    }
    *ret_pid = (int32_t)pid;
    *ret_name = (struct raw_bytes){.ptr = name, .len = (uint32_t)(close - name)};
    *ret_rest = close + 2;
    return true;
}

int parse_proc_stat(const char *buf, size_t len, const struct parse_units *units,
                    struct raw_proc *ret)
{
    int32_t pid;
    struct raw_bytes name;
    const char *at;
    if (len > UINT32_MAX || !split(buf, len, &pid, &name, &at)) {
        return -EINVAL;
    }
    const char state = to_letter(*at);
    at += 2;
    int64_t field[STAT_FIELDS] = {[STAT_PROCESSOR] = -1, [STAT_BLOCK_DELAY] = -1};
    uint64_t mark = mix_bytes(0, name.ptr, name.ptr + name.len);
    // Old kernels and some containers end early; what they leave out stays 0.
    if (take_fields(at, buf + len, field, &mark) <= STAT_START) {
        return -EINVAL;
    }
    *ret = (struct raw_proc){
        .id = {.pid = pid,
               .start_ns = figure_product(at_least_zero(field[STAT_START]), units->tick_ns)},
        .ppid = to_i32(field[STAT_PPID]),
        .group_pid = pid,
        .pgrp = to_i32(field[STAT_PGRP]),
        .session = to_i32(field[STAT_SESSION]),
        .tpgid = to_i32(field[STAT_TPGID]),
        .tty_device = (uint32_t)to_i32(field[STAT_TTY]),
        .have = FACT_IDENT,
        .thread_count = to_u32(field[STAT_THREADS]),
        .policy = to_u32(field[STAT_POLICY]),
        .rt_priority = to_u32(field[STAT_RT_PRIORITY]),
        .last_cpu = to_i32(field[STAT_PROCESSOR]),
        .nice = to_i16(field[STAT_NICE]),
        .priority = to_i16(field[STAT_PRIORITY]),
        .state = state,
        .kernel = (field[STAT_FLAGS] & FLAG_KTHREAD) != 0,
        .exec_mark = mark,
        .user_ns = figure_product(at_least_zero(field[STAT_UTIME]), units->tick_ns),
        .system_ns = figure_product(at_least_zero(field[STAT_STIME]), units->tick_ns),
        .block_delay_ns = field[STAT_BLOCK_DELAY] < 0
                              ? FIGURE_ABSENT
                              : figure_product((uint64_t)field[STAT_BLOCK_DELAY], units->tick_ns),
        .virtual_bytes = at_least_zero(field[STAT_VSIZE]),
        .resident_bytes = figure_product(at_least_zero(field[STAT_RSS]), units->page_bytes),
        .counted_bytes = figure_product(at_least_zero(field[STAT_RSS]), units->page_bytes),
        .minor_faults = at_least_zero(field[STAT_MINFLT]),
        .major_faults = at_least_zero(field[STAT_MAJFLT]),
        .name = name,
    };
    return 0;
}

int parse_proc_statm(const char *buf, size_t len, uint64_t page_bytes, uint64_t *ret_resident,
                     uint64_t *ret_shared)
{
    const char *at = buf;
    int64_t pages[3] = {0}; // size, resident, shared
    for (size_t field = 0; field < 3; field++) {
        if (!take_field(&at, buf + len, &pages[field])) {
            return -EINVAL;
        }
    }
    *ret_resident = figure_product(at_least_zero(pages[1]), page_bytes);
    *ret_shared = figure_product(at_least_zero(pages[2]), page_bytes);
    return 0;
}

/* The number behind `key` when the line is "key: number". */
static bool take_keyed(const char *line, size_t len, const char *key, uint64_t *ret)
{
    const size_t key_len = strlen(key);
    if (len <= key_len || memcmp(line, key, key_len) != 0) {
        return false;
    }
    size_t at = key_len;
    while (at < len && line[at] == ' ') {
        at++;
    }
    const size_t digits = str_take_u64(line + at, len - at, ret);
    return digits > 0 && at + digits == len;
}

int parse_proc_io(const char *buf, size_t len, uint64_t *ret_read, uint64_t *ret_write)
{
    uint64_t read_bytes = 0;
    uint64_t write_bytes = 0;
    bool has_read = false;
    bool has_write = false;
    const char *const end = buf + len;
    for (const char *line = buf; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const size_t line_len = (size_t)((newline ? newline : end) - line);
        // Both are tried: "cancelled_write_bytes:" must not count as "write_bytes:".
        has_read |= take_keyed(line, line_len, "read_bytes:", &read_bytes);
        has_write |= take_keyed(line, line_len, "write_bytes:", &write_bytes);
        line += line_len + 1;
    }
    if (!has_read || !has_write) {
        return -EINVAL;
    }
    *ret_read = read_bytes;
    *ret_write = write_bytes;
    return 0;
}

/* --- memory ------------------------------------------------------------------------------- */

/* The bytes behind `key` when the line is "key:   number kB". */
static bool take_kilobytes(struct span line, const char *key, uint64_t *ret)
{
    uint64_t number;
    struct span unit;
    if (!span_take_prefix(&line, key) || !span_take_prefix(&line, ":") ||
        !span_take_number(&line, &number) || !span_take_word(&line, &unit) ||
        !span_is(&unit, "kB")) {
        return false;
    }
    *ret = figure_product(number, 1024);
    return true;
}

void parse_proc_status(const char *buf, size_t len, struct raw_status *ret)
{
    const struct {
        const char *key;
        uint64_t *to;
    } rows[] = {
        {"RssAnon", &ret->anon}, {"RssFile", &ret->file}, {"RssShmem", &ret->shmem},
        {"VmSwap", &ret->swap},  {"VmLck", &ret->locked}, {"VmPTE", &ret->page_tables},
    };
    const size_t row_count = sizeof(rows) / sizeof(*rows);
    for (size_t i = 0; i < row_count; i++) {
        *rows[i].to = FIGURE_ABSENT;
    }
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    while (span_take_line(&text, &line)) {
        for (size_t i = 0; i < row_count; i++) {
            if (take_kilobytes(line, rows[i].key, rows[i].to)) {
                break;
            }
        }
    }
}

int parse_proc_number(const char *buf, size_t len, int32_t *ret)
{
    int64_t number;
    if (str_take_i64(buf, len, &number) == 0) {
        return -EINVAL;
    }
    *ret = to_i32(number);
    return 0;
}

void parse_proc_smaps_init(struct raw_smaps *ret)
{
    *ret = (struct raw_smaps){.pss_bytes = FIGURE_ABSENT,
                              .uss_bytes = FIGURE_ABSENT,
                              .swap_pss_bytes = FIGURE_ABSENT};
}

static void add_figure(uint64_t *sum, uint64_t figure)
{
    const uint64_t before = *sum == FIGURE_ABSENT ? 0 : *sum;
    const uint64_t most = FIGURE_ABSENT - 1;
    *sum = figure < most - before ? before + figure : most;
}

size_t parse_proc_smaps(const char *buf, size_t len, struct raw_smaps *sums)
{
    // Not "Pss_Anon" and the like, and not Private_Hugetlb, which no resident size contains.
    const struct {
        const char *key;
        uint64_t *to;
    } rows[] = {
        {"Pss", &sums->pss_bytes},
        {"Private_Clean", &sums->uss_bytes},
        {"Private_Dirty", &sums->uss_bytes},
        {"SwapPss", &sums->swap_pss_bytes},
    };
    size_t used = len;
    while (used > 0 && buf[used - 1] != '\n') {
        used--;
    }
    struct span text = {.at = buf, .end = buf + used};
    struct span line;
    while (span_take_line(&text, &line)) {
        uint64_t bytes;
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
            if (take_kilobytes(line, rows[i].key, &bytes)) {
                add_figure(rows[i].to, bytes);
                break;
            }
        }
    }
    return used;
}
