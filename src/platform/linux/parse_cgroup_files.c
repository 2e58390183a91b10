#include "platform/linux/parse_cgroup_files.h"

#include "platform/linux/span.h"

static struct span whole(struct raw_bytes file)
{
    return (struct span){.at = file.ptr, .end = file.ptr + file.len};
}

/* Products and sums that would be FIGURE_ABSENT or more stay below it. */
static uint64_t multiply(uint64_t number, uint64_t unit)
{
    uint64_t product;
    return __builtin_mul_overflow(number, unit, &product) || product == FIGURE_ABSENT
               ? FIGURE_ABSENT - 1
               : product;
}

static void add(uint64_t number, uint64_t *sum)
{
    const uint64_t before = *sum == FIGURE_ABSENT ? 0 : *sum;
    uint64_t after;
    *sum = __builtin_add_overflow(before, number, &after) || after == FIGURE_ABSENT
               ? FIGURE_ABSENT - 1
               : after;
}

/* A word that is a number, all of it. */
static uint64_t take_figure(struct span *line)
{
    struct span word;
    uint64_t number;
    return span_take_word(line, &word) &&
                   str_take_u64(word.at, span_len(&word), &number) == span_len(&word)
               ? number
               : FIGURE_ABSENT;
}

uint64_t parse_cgroup_number(struct raw_bytes file)
{
    struct span text = whole(file);
    struct span line;
    return span_take_line(&text, &line) ? take_figure(&line) : FIGURE_ABSENT;
}

uint64_t parse_cgroup_keyed(struct raw_bytes file, const char *key, uint64_t unit)
{
    struct span text = whole(file);
    struct span line;
    struct span word;
    while (span_take_line(&text, &line)) {
        if (span_take_word(&line, &word) && span_is(&word, key)) {
            const uint64_t number = take_figure(&line);
            return number == FIGURE_ABSENT ? number : multiply(number, unit);
        }
    }
    return FIGURE_ABSENT;
}

void parse_cgroup_cpu_max(struct raw_bytes file, uint64_t *ret_quota_ns, uint64_t *ret_period_ns)
{
    enum { US = 1000 };
    struct span text = whole(file);
    struct span line = {0};
    (void)span_take_line(&text, &line); // an empty file has an empty one
    const uint64_t quota = take_figure(&line);
    const uint64_t period = take_figure(&line);
    *ret_quota_ns = quota == FIGURE_ABSENT ? quota : multiply(quota, US);
    *ret_period_ns = period == FIGURE_ABSENT ? period : multiply(period, US);
}

void parse_cgroup_io_stat(struct raw_bytes file, uint64_t *ret_read, uint64_t *ret_write)
{
    // 8:0 rbytes=90112 wbytes=0 rios=22 wios=0 dbytes=0 dios=0
    struct span text = whole(file);
    struct span line;
    struct span word;
    uint64_t number;
    *ret_read = FIGURE_ABSENT;
    *ret_write = FIGURE_ABSENT;
    while (span_take_line(&text, &line)) {
        while (span_take_word(&line, &word)) {
            if (span_take_prefix(&word, "rbytes=") && span_take_number(&word, &number)) {
                add(number, ret_read);
            } else if (span_take_prefix(&word, "wbytes=") && span_take_number(&word, &number)) {
                add(number, ret_write);
            }
        }
    }
}

void parse_cgroup_blkio(struct raw_bytes file, uint64_t *ret_read, uint64_t *ret_write)
{
    // "8:0 Read 90112", and "Total 90112" at the end
    struct span text = whole(file);
    struct span line;
    struct span device;
    struct span kind;
    *ret_read = FIGURE_ABSENT;
    *ret_write = FIGURE_ABSENT;
    while (span_take_line(&text, &line)) {
        if (!span_take_word(&line, &device) || !span_take_word(&line, &kind)) {
            continue;
        }
        const uint64_t number = take_figure(&line);
        if (number != FIGURE_ABSENT && span_is(&kind, "Read")) {
            add(number, ret_read);
        } else if (number != FIGURE_ABSENT && span_is(&kind, "Write")) {
            add(number, ret_write);
        }
    }
}
