#include "platform/linux/parse_system.h"

#include "base/str.h"
#include "platform/linux/span.h"

#include <string.h>

/*
 * A number like "12.34" in billionths. By hand, because the C library's way asks the locale
 * what the point looks like.
 */
static bool take_billionths(struct span *span, uint64_t *ret)
{
    uint64_t whole;
    if (!span_take_number(span, &whole)) {
        return false;
    }
    uint64_t part = 0;
    if (span->at < span->end && *span->at == '.') {
        span->at++;
        uint64_t unit = 100000000;
        for (; span->at < span->end && *span->at >= '0' && *span->at <= '9'; span->at++) {
            part += (uint64_t)(*span->at - '0') * unit;
            unit /= 10;
        }
    }
    *ret = figure_sum(figure_product(whole, 1000000000), part);
    return *ret != FIGURE_ABSENT;
}

void parse_system_init(struct raw_system *ret)
{
    *ret = (struct raw_system){
        .load_1m = -1,
        .load_5m = -1,
        .load_15m = -1,
        .threads_total = FIGURE_ABSENT,
        .uptime_ns = FIGURE_ABSENT,
        .context_switches = FIGURE_ABSENT,
        .forks = FIGURE_ABSENT,
        .interrupts = FIGURE_ABSENT,
    };
    parse_system_meminfo("", 0, &ret->memory);
}

/* The number of a "cpuN" line, in *ret; false for any other line and the "cpu" total. */
static bool take_cpu_index(struct span *line, uint32_t *ret)
{
    uint64_t index;
    if (!span_take_prefix(line, "cpu") || line->at >= line->end || *line->at == ' ' ||
        !span_take_number(line, &index) || index >= PARSE_CPU_MAX || line->at >= line->end ||
        *line->at != ' ') {
        return false;
    }
    *ret = (uint32_t)index;
    return true;
}

size_t parse_system_cpu_lines(const char *buf, size_t len)
{
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    size_t count = 0;
    while (span_take_line(&text, &line)) {
        uint32_t index;
        count += take_cpu_index(&line, &index);
    }
    return count;
}

/* The times of a CPU line. Kernels before 2.6.33 have fewer of them: those are 0. */
static bool take_cpu_times(struct span *line, uint64_t tick_ns, struct raw_cpu *ret)
{
    uint64_t ns[10] = {0};
    size_t count = 0;
    for (span_skip_blanks(line); count < 10 && line->at < line->end; span_skip_blanks(line)) {
        uint64_t ticks;
        if (!span_take_number(line, &ticks)) {
            return false;
        }
        ns[count++] = figure_product(ticks, tick_ns);
    }
    if (count < 4) {
        return false;
    }
    *ret = (struct raw_cpu){
        .user_ns = ns[0],
        .nice_ns = ns[1],
        .system_ns = ns[2],
        .idle_ns = ns[3],
        .iowait_ns = ns[4],
        .irq_ns = ns[5],
        .softirq_ns = ns[6],
        .steal_ns = ns[7],
        .guest_ns = ns[8],
        .guest_nice_ns = ns[9],
        .index = ret->index,
    };
    return true;
}

static void cpu_add(struct raw_cpu *total, const struct raw_cpu *cpu)
{
    total->user_ns = figure_sum(total->user_ns, cpu->user_ns);
    total->nice_ns = figure_sum(total->nice_ns, cpu->nice_ns);
    total->system_ns = figure_sum(total->system_ns, cpu->system_ns);
    total->irq_ns = figure_sum(total->irq_ns, cpu->irq_ns);
    total->softirq_ns = figure_sum(total->softirq_ns, cpu->softirq_ns);
    total->steal_ns = figure_sum(total->steal_ns, cpu->steal_ns);
    total->iowait_ns = figure_sum(total->iowait_ns, cpu->iowait_ns);
    total->idle_ns = figure_sum(total->idle_ns, cpu->idle_ns);
    total->guest_ns = figure_sum(total->guest_ns, cpu->guest_ns);
    total->guest_nice_ns = figure_sum(total->guest_nice_ns, cpu->guest_nice_ns);
}

/* The counters that have a line of their own. `intr` goes on with one number an interrupt. */
static void take_counter(struct span *line, struct raw_system *ret)
{
    struct span word;
    uint64_t number;
    if (!span_take_word(line, &word) || !span_take_number(line, &number)) {
        return;
    }
    if (span_is(&word, "ctxt")) {
        ret->context_switches = number;
    } else if (span_is(&word, "intr")) {
        ret->interrupts = number;
    } else if (span_is(&word, "processes")) {
        ret->forks = number;
    }
}

void parse_system_stat(const char *buf, size_t len, uint64_t tick_ns, struct raw_cpu *cpus,
                       size_t capacity, struct raw_system *ret)
{
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    struct raw_cpu sum = {0};
    bool has_total = false;
    uint32_t count = 0;
    while (span_take_line(&text, &line)) {
        struct span rest = line;
        struct raw_cpu cpu = {0};
        if (span_take_prefix(&rest, "cpu ")) {
            has_total |= take_cpu_times(&rest, tick_ns, &ret->all);
            continue;
        }
        rest = line;
        if (!take_cpu_index(&rest, &cpu.index)) {
            take_counter(&line, ret);
            continue;
        }
        // The kernel counts upwards; a number that does not is somebody's mistake.
        const bool ascending = count == 0 || cpu.index > cpus[count - 1].index;
        if (count < capacity && ascending && take_cpu_times(&rest, tick_ns, &cpu)) {
            cpu_add(&sum, &cpu);
            cpus[count++] = cpu;
        }
    }
    if (!has_total) {
        ret->all = sum;
    }
    ret->cpu_known = has_total || count > 0;
    ret->cpus = cpus;
    ret->cpu_count = count;
    const uint32_t highest = count > 0 ? cpus[count - 1].index + 1 : 0;
    ret->cpu_present = ret->cpu_present > highest ? ret->cpu_present : highest;
}

/* Which line of meminfo goes into which member. */
struct meminfo_row {
    const char *key;
    size_t offset; // in struct raw_memory
};

#define ROW(key, member)                   \
 {                                         \
  key, offsetof(struct raw_memory, member) \
 }

static const struct meminfo_row meminfo_rows[] = {
    ROW("MemTotal", total),
    ROW("MemFree", free),
    ROW("MemAvailable", available),
    ROW("Buffers", buffers),
    ROW("Cached", cached),
    ROW("SReclaimable", reclaimable),
    ROW("Shmem", shared),
    ROW("Slab", slab),
    ROW("SwapTotal", swap_total),
    ROW("SwapFree", swap_free),
    ROW("SwapCached", swap_cached),
    ROW("Dirty", dirty),
    ROW("Writeback", writeback),
    ROW("AnonPages", anon),
    ROW("Mapped", mapped),
    ROW("PageTables", page_tables),
    ROW("Committed_AS", committed),
    ROW("CommitLimit", commit_limit),
    ROW("HugePages_Total", huge_total),
    ROW("HugePages_Free", huge_free),
    ROW("Hugepagesize", huge_page),
    ROW("Hugetlb", huge_all),
    ROW("SUnreclaim", unreclaimable),
    ROW("KernelStack", kernel_stack),
    ROW("Percpu", percpu),
    ROW("AnonHugePages", anon_huge),
    ROW("Zswap", zswap),
    ROW("Zswapped", zswapped),
};

#undef ROW

static void meminfo_line(struct span line, struct raw_memory *ret)
{
    const char *const colon = memchr(line.at, ':', span_len(&line));
    if (!colon) {
        return;
    }
    const struct span key = {.at = line.at, .end = colon};
    struct span rest = {.at = colon + 1, .end = line.end};
    for (size_t i = 0; i < sizeof(meminfo_rows) / sizeof(*meminfo_rows); i++) {
        if (!span_is(&key, meminfo_rows[i].key)) {
            continue;
        }
        uint64_t number;
        struct span unit;
        // There may be no blank before it: "ShadowCallStack:10373888 kB".
        if (span_take_number(&rest, &number)) {
            const bool kilo = span_take_word(&rest, &unit) && span_is(&unit, "kB");
            const uint64_t value = kilo ? figure_product(number, 1024) : number;
            memcpy((char *)ret + meminfo_rows[i].offset, &value, sizeof(value));
        }
        return;
    }
}

static uint64_t or_zero(uint64_t figure)
{
    return figure == FIGURE_ABSENT ? 0 : figure;
}

/*
 * Kernels before 3.14 do not give MemAvailable, and some give 0 by mistake: then what is free
 * plus what the kernel would drop first, page cache without shared memory and reclaimable slab.
 * In containers it can exceed the total, being the host's; free memory is then the better answer.
 */
static void meminfo_available(struct raw_memory *ret)
{
    if (ret->free != FIGURE_ABSENT && or_zero(ret->available) == 0) {
        const uint64_t file = figure_sum(or_zero(ret->buffers), or_zero(ret->cached));
        const uint64_t shared = or_zero(ret->shared);
        const uint64_t cache =
            figure_sum(file > shared ? file - shared : 0, or_zero(ret->reclaimable));
        const uint64_t estimate = figure_sum(ret->free, cache);
        ret->available = estimate > ret->total ? ret->total : estimate;
    }
    if (ret->total != FIGURE_ABSENT && ret->available != FIGURE_ABSENT &&
        ret->available > ret->total) {
        ret->available = ret->free;
    }
}

void parse_system_meminfo(const char *buf, size_t len, struct raw_memory *ret)
{
    for (size_t i = 0; i < sizeof(meminfo_rows) / sizeof(*meminfo_rows); i++) {
        const uint64_t absent = FIGURE_ABSENT;
        memcpy((char *)ret + meminfo_rows[i].offset, &absent, sizeof(absent));
    }
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    while (span_take_line(&text, &line)) {
        meminfo_line(line, ret);
    }
    meminfo_available(ret);
}

/* "avg10=1.23 avg60=0.50 avg300=0.11 ..." as fractions. */
static bool take_averages(struct span *line, double ret[3])
{
    static const char *const keys[3] = {"avg10=", "avg60=", "avg300="};
    double share[3];
    for (size_t i = 0; i < 3; i++) {
        struct span word;
        uint64_t percent;
        if (!span_take_word(line, &word) || !span_take_prefix(&word, keys[i]) ||
            !take_billionths(&word, &percent)) {
            return false;
        }
        const double fraction = (double)percent / 1e11;
        share[i] = fraction > 1.0 ? 1.0 : fraction;
    }
    memcpy(ret, share, sizeof(share));
    return true;
}

void parse_system_pressure(const char *buf, size_t len, struct raw_pressure *ret)
{
    *ret = (struct raw_pressure){0};
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    while (span_take_line(&text, &line)) {
        double share[3];
        if (span_take_prefix(&line, "some ") && take_averages(&line, share)) {
            ret->some_known = true;
            ret->some_10s = share[0];
            ret->some_60s = share[1];
            ret->some_300s = share[2];
        } else if (span_take_prefix(&line, "full ") && take_averages(&line, share)) {
            ret->full_known = true;
            ret->full_10s = share[0];
            ret->full_60s = share[1];
            ret->full_300s = share[2];
        }
    }
}

void parse_system_loadavg(const char *buf, size_t len, struct raw_system *ret)
{
    struct span text = {.at = buf, .end = buf + len};
    uint64_t load[3];
    for (size_t i = 0; i < 3; i++) {
        if (!take_billionths(&text, &load[i])) {
            return;
        }
    }
    ret->load_1m = (double)load[0] / 1e9;
    ret->load_5m = (double)load[1] / 1e9;
    ret->load_15m = (double)load[2] / 1e9;
    uint64_t running;
    uint64_t total;
    if (span_take_number(&text, &running) && span_take_prefix(&text, "/") &&
        span_take_number(&text, &total)) {
        ret->threads_total = total;
    }
}

uint64_t parse_system_uptime(const char *buf, size_t len)
{
    struct span text = {.at = buf, .end = buf + len};
    uint64_t ns;
    return take_billionths(&text, &ns) ? ns : FIGURE_ABSENT;
}

uint32_t parse_system_cpu_list(const char *buf, size_t len)
{
    struct span text = {.at = buf, .end = buf + len};
    uint32_t limit = 0;
    uint64_t number;
    while (span_take_number(&text, &number)) {
        if (number >= PARSE_CPU_MAX) {
            return limit;
        }
        limit = limit > number ? limit : (uint32_t)number + 1;
        if (!span_take_prefix(&text, "-") && !span_take_prefix(&text, ",")) {
            break;
        }
    }
    return limit;
}

/* Compares a path of mountinfo, where blanks and backslashes are "\ooo", with a real one. */
static bool same_path(struct span escaped, const char *path)
{
    while (escaped.at < escaped.end && *path != '\0') {
        unsigned char c = (unsigned char)*escaped.at++;
        if (c == '\\' && span_len(&escaped) >= 3) {
            const unsigned value = (unsigned)(escaped.at[0] & 7) * 64 +
                                   (unsigned)(escaped.at[1] & 7) * 8 +
                                   (unsigned)(escaped.at[2] & 7);
            c = (unsigned char)(value & 0xff);
            escaped.at += 3;
        }
        if (c != (unsigned char)*path++) {
            return false;
        }
    }
    return escaped.at == escaped.end && *path == '\0';
}

/* "rw,gid=4,hidepid=invisible": by number before Linux 5.8, by name since. */
static enum raw_hidepid hidepid_option(struct span options)
{
    static const struct {
        const char *text;
        enum raw_hidepid value;
    } rows[] = {
        {"hidepid=1", RAW_HIDEPID_NOACCESS},   {"hidepid=noaccess", RAW_HIDEPID_NOACCESS},
        {"hidepid=2", RAW_HIDEPID_INVISIBLE},  {"hidepid=invisible", RAW_HIDEPID_INVISIBLE},
        {"hidepid=4", RAW_HIDEPID_PTRACEABLE}, {"hidepid=ptraceable", RAW_HIDEPID_PTRACEABLE},
    };
    while (options.at < options.end) {
        const char *const comma = memchr(options.at, ',', span_len(&options));
        const struct span option = {.at = options.at, .end = comma ? comma : options.end};
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
            if (span_is(&option, rows[i].text)) {
                return rows[i].value;
            }
        }
        options.at = comma ? comma + 1 : options.end;
    }
    return RAW_HIDEPID_OFF;
}

bool parse_system_hidepid(const char *buf, size_t len, const char *root, enum raw_hidepid *ret)
{
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    bool found = false;
    while (span_take_line(&text, &line)) {
        // id parent device root mount-point options [tags...] - type source super-options
        struct span word = {0};
        bool matches = true;
        for (int field = 1; field <= 5 && matches; field++) {
            matches = span_take_word(&line, &word);
        }
        if (!matches || !same_path(word, root)) {
            continue;
        }
        while (span_take_word(&line, &word) && !span_is(&word, "-")) {
        }
        struct span source;
        struct span options;
        if (!span_take_word(&line, &word) || !span_is(&word, "proc") ||
            !span_take_word(&line, &source)) {
            continue;
        }
        // A later mount at the same place lies on top of the earlier one.
        *ret = span_take_word(&line, &options) ? hidepid_option(options) : RAW_HIDEPID_OFF;
        found = true;
    }
    return found;
}

/* "serial  /dev/ttyS  4 64-95 serial"; the first column may hold blanks itself. */
static bool take_tty(struct span line, struct parse_tty *ret)
{
    const char *const path = memmem(line.at, span_len(&line), " /dev/", 6);
    if (!path) {
        return false;
    }
    line.at = path + 6;
    struct span name;
    uint64_t major;
    uint64_t first;
    if (!span_take_word(&line, &name) || span_len(&name) >= PARSE_TTY_NAME) {
        return false;
    }
    if (!span_take_number(&line, &major)) {
        return false;
    }
    if (!span_take_number(&line, &first)) {
        return false;
    }
    uint64_t last = first;
    const bool single = !span_take_prefix(&line, "-");
    if ((!single && !span_take_number(&line, &last)) || major > UINT32_MAX || first > last ||
        last > UINT32_MAX) {
        return false;
    }
    struct span type;
    *ret = (struct parse_tty){
        .major = (uint32_t)major,
        .first_minor = (uint32_t)first,
        .last_minor = (uint32_t)last,
        .single = single,
        .console = span_take_word(&line, &type) && span_is(&type, "console"),
    };
    memcpy(ret->name, name.at, span_len(&name));
    return true;
}

size_t parse_system_tty(const char *buf, size_t len, struct parse_tty *ret, size_t capacity)
{
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    size_t count = 0;
    while (count < capacity && span_take_line(&text, &line)) {
        count += take_tty(line, &ret[count]);
    }
    return count;
}

bool parse_system_tty_name(const struct parse_tty *tty, uint32_t device, char *buf, size_t size)
{
    // The kernel's new_encode_dev(): minor bits on both sides of the major's twelve.
    const uint32_t major = (device >> 8) & 0xfff;
    const uint32_t minor = (device & 0xff) | ((device >> 12) & 0xfff00);
    if (major != tty->major || minor < tty->first_minor || minor > tty->last_minor) {
        return false;
    }
    struct strbuf name;
    str_init(&name, buf, size);
    str_add(&name, tty->name);
    if (!tty->single) {
        // Pseudo terminals are a directory, and virtual consoles count from 1, their minor.
        str_add(&name, str_equal(tty->name, "pts") ? "/" : "");
        str_addf(&name, "%u", tty->console ? minor : minor - tty->first_minor);
    }
    return true;
}

void parse_system_cpuinfo(const char *buf, size_t len, uint32_t *khz, size_t capacity)
{
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    uint64_t cpu = UINT64_MAX;
    while (span_take_line(&text, &line)) {
        const char *const colon = memchr(line.at, ':', span_len(&line));
        if (!colon) {
            continue;
        }
        struct span value = {.at = colon + 1, .end = line.end};
        uint64_t number;
        if (span_take_prefix(&line, "processor")) {
            cpu = span_take_number(&value, &number) ? number : UINT64_MAX;
        } else if (span_take_prefix(&line, "cpu MHz") && cpu < capacity &&
                   take_billionths(&value, &number)) {
            const uint64_t kilohertz = number / 1000000; // billionths of a MHz to kHz
            khz[cpu] = kilohertz > UINT32_MAX ? 0 : (uint32_t)kilohertz;
        }
    }
}
