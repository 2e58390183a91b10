#include "platform/linux/parse_netdev.h"

#include "platform/linux/span.h"

/* Columns of /proc/net/dev that are shown; both directions have eight. */
enum {
    RX_BYTES,
    RX_PACKETS,
    RX_ERRORS,
    RX_DROPS,
    TX_BYTES = 8,
    TX_PACKETS,
    TX_ERRORS,
    TX_DROPS,
    DEV_COLUMNS = 16,
};

/*
 * "  eth0:1234 5 ...": a long name leaves no room for a blank before the first number, and an
 * alias has a colon in its name, so the name goes up to the last one.
 */
static bool take_interface(struct span line, struct raw_interface *ret)
{
    const char *const colon = memrchr(line.at, ':', span_len(&line));
    if (!colon) {
        return false;
    }
    struct span name = {.at = line.at, .end = colon};
    span_skip_blanks(&name);
    uint64_t numbers[DEV_COLUMNS];
    line.at = colon + 1;
    for (size_t i = 0; i < DEV_COLUMNS; i++) {
        if (!span_take_number(&line, &numbers[i])) {
            return false;
        }
    }
    *ret = (struct raw_interface){
        .name = span_bytes(&name),
        .speed_bits = FIGURE_ABSENT,
        .rx_bytes = numbers[RX_BYTES],
        .rx_packets = numbers[RX_PACKETS],
        .rx_errors = numbers[RX_ERRORS],
        .rx_drops = numbers[RX_DROPS],
        .tx_bytes = numbers[TX_BYTES],
        .tx_packets = numbers[TX_PACKETS],
        .tx_errors = numbers[TX_ERRORS],
        .tx_drops = numbers[TX_DROPS],
    };
    return name.at < name.end;
}

size_t parse_netdev_interfaces(const char *buf, size_t len, struct raw_interface *ret,
                               size_t capacity)
{
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    size_t count = 0;
    while (span_take_line(&text, &line)) {
        struct raw_interface row;
        if (take_interface(line, &row)) {
            if (count < capacity) {
                ret[count] = row;
            }
            count++;
        }
    }
    return count;
}

/* What is a level or a setting, among so many sums. */
static bool is_gauge(const struct span *name)
{
    static const char *const names[] = {
        "CurrEstab", "MPCurrEstab", "RtoAlgorithm", "RtoMin",
        "RtoMax",    "MaxConn",     "Forwarding",   "DefaultTTL",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (span_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

/* "Tcp: ...": the group, with the line left behind the colon. */
static bool take_group(struct span *line, struct span *ret)
{
    const char *const colon = memchr(line->at, ':', span_len(line));
    if (!colon || colon == line->at) {
        return false;
    }
    *ret = (struct span){.at = line->at, .end = colon};
    line->at = colon + 1;
    return true;
}

/* Where rows go, and how many there were. */
struct counter_sink {
    struct raw_protocol_counter *rows;
    size_t capacity;
    size_t count;
};

static void put_counter(struct counter_sink *sink, const struct span *group,
                        const struct span *name, uint64_t value)
{
    if (sink->count < sink->capacity) {
        sink->rows[sink->count] = (struct raw_protocol_counter){
            .group = span_bytes(group),
            .name = span_bytes(name),
            .value = value,
            .is_gauge = is_gauge(name),
        };
    }
    sink->count++;
}

/* Names of one line with the numbers of the next, as far as both go. */
static void take_pair(struct counter_sink *sink, const struct span *group, struct span names,
                      struct span values)
{
    struct span name;
    struct span word;
    while (span_take_word(&names, &name) && span_take_word(&values, &word)) {
        uint64_t value;
        const size_t len = span_len(&word);
        if (str_take_u64(word.at, len, &value) == len) {
            put_counter(sink, group, &name, value);
        }
    }
}

static bool same(const struct span *a, const struct span *b)
{
    return span_len(a) == span_len(b) && memcmp(a->at, b->at, span_len(a)) == 0;
}

size_t parse_netdev_snmp(const char *buf, size_t len, struct raw_protocol_counter *ret,
                         size_t capacity)
{
    struct counter_sink sink = {.rows = ret, .capacity = capacity};
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    struct span names = {0};
    struct span names_group = {0};
    bool has_names = false;
    while (span_take_line(&text, &line)) {
        struct span group;
        if (!take_group(&line, &group)) {
            has_names = false;
            continue;
        }
        if (has_names && same(&group, &names_group)) {
            take_pair(&sink, &group, names, line);
            has_names = false;
            continue;
        }
        // A line of names whose values are missing gives way to the next one.
        names = line;
        names_group = group;
        has_names = true;
    }
    return sink.count;
}

size_t parse_netdev_snmp6(const char *buf, size_t len, struct raw_protocol_counter *ret,
                          size_t capacity)
{
    struct counter_sink sink = {.rows = ret, .capacity = capacity};
    struct span text = {.at = buf, .end = buf + len};
    struct span line;
    while (span_take_line(&text, &line)) {
        struct span word;
        uint64_t value;
        if (!span_take_word(&line, &word) || !span_take_number(&line, &value)) {
            continue;
        }
        const char *const six = memchr(word.at, '6', span_len(&word));
        if (!six || six + 1 == word.end) {
            continue;
        }
        const struct span group = {.at = word.at, .end = six + 1};
        const struct span name = {.at = six + 1, .end = word.end};
        put_counter(&sink, &group, &name, value);
    }
    return sink.count;
}
