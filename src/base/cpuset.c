#include "base/cpuset.h"

#include <errno.h>

enum {
    WORD_BITS = 64,
    ITEM_BYTES = 24,         // of one number or range in a list
    NUMBER_ENOUGH = 1 << 24, // what greater numbers are read as; no CPU is as great
};

void cpu_set_add(struct cpu_set *set, uint32_t cpu)
{
    if (cpu < CPU_SET_MAX) {
        set->words[cpu / WORD_BITS] |= UINT64_C(1) << (cpu % WORD_BITS);
    }
}

void cpu_set_remove(struct cpu_set *set, uint32_t cpu)
{
    if (cpu < CPU_SET_MAX) {
        set->words[cpu / WORD_BITS] &= ~(UINT64_C(1) << (cpu % WORD_BITS));
    }
}

bool cpu_set_has(const struct cpu_set *set, uint32_t cpu)
{
    return cpu < CPU_SET_MAX && (set->words[cpu / WORD_BITS] >> (cpu % WORD_BITS) & 1) != 0;
}

size_t cpu_set_count(const struct cpu_set *set)
{
    size_t count = 0;

    for (size_t i = 0; i < CPU_SET_WORDS; i++) {
        count += (size_t)__builtin_popcountll(set->words[i]);
    }
    return count;
}

bool cpu_set_equal(const struct cpu_set *a, const struct cpu_set *b)
{
    for (size_t i = 0; i < CPU_SET_WORDS; i++) {
        if (a->words[i] != b->words[i]) {
            return false;
        }
    }
    return true;
}

void cpu_set_and(struct cpu_set *set, const struct cpu_set *other)
{
    for (size_t i = 0; i < CPU_SET_WORDS; i++) {
        set->words[i] &= other->words[i];
    }
}

void cpu_set_or(struct cpu_set *set, const struct cpu_set *other)
{
    for (size_t i = 0; i < CPU_SET_WORDS; i++) {
        set->words[i] |= other->words[i];
    }
}

void cpu_set_subtract(struct cpu_set *set, const struct cpu_set *other)
{
    for (size_t i = 0; i < CPU_SET_WORDS; i++) {
        set->words[i] &= ~other->words[i];
    }
}

static void skip_blanks(const char **at)
{
    while (**at == ' ' || **at == '\t' || **at == '\n') { // files of the kernel end in a newline
        (*at)++;
    }
}

/* Take a character, and blanks after it, if it comes next. */
static bool take_char(const char **at, char c)
{
    if (**at != c) {
        return false;
    }
    (*at)++;
    skip_blanks(at);
    return true;
}

/* Take a number, at most NUMBER_ENOUGH, and blanks after it. False when there is none. */
static bool take_number(const char **at, uint32_t *ret)
{
    const char *const from = *at;
    uint32_t number = 0;

    for (; **at >= '0' && **at <= '9'; (*at)++) {
        if (number < NUMBER_ENOUGH) {
            number = number * 10 + (uint32_t)(**at - '0');
        }
    }
    if (*at == from) {
        return false;
    }
    skip_blanks(at);
    *ret = number < NUMBER_ENOUGH ? number : NUMBER_ENOUGH;
    return true;
}

/* Take "3", "0-3" or "0-30:2". Errors: -EINVAL; *out_of_range is set when a CPU is too great. */
static int take_item(const char **at, struct cpu_set *set, bool *out_of_range)
{
    uint32_t first = 0;
    uint32_t stride = 1;

    if (!take_number(at, &first)) {
        return -EINVAL;
    }
    uint32_t last = first;
    if (take_char(at, '-')) {
        if (!take_number(at, &last) || last < first) {
            return -EINVAL;
        }
        if (take_char(at, ':') && (!take_number(at, &stride) || stride == 0)) {
            return -EINVAL;
        }
    }
    if (last >= CPU_SET_MAX) {
        *out_of_range = true;
        return 0;
    }
    for (uint32_t cpu = first; cpu <= last; cpu += stride) {
        cpu_set_add(set, cpu);
    }
    return 0;
}

int cpu_set_parse(const char *text, struct cpu_set *ret)
{
    struct cpu_set set = {0};
    bool out_of_range = false;

    skip_blanks(&text);
    if (*text != '\0') {
        do {
            if (take_item(&text, &set, &out_of_range) < 0) {
                return -EINVAL;
            }
        } while (take_char(&text, ','));
    }
    if (*text != '\0') {
        return -EINVAL;
    }
    if (out_of_range) {
        return -ERANGE;
    }
    *ret = set;
    return 0;
}

/* Append whole items only: a number cut in the middle would be another CPU's. */
static void add_item(struct strbuf *buf, bool first, uint32_t from, uint32_t to)
{
    char memory[ITEM_BYTES];
    struct strbuf item;

    str_init(&item, memory, sizeof(memory));
    str_addf(&item, "%s%u", first ? "" : ",", from);
    if (to > from) {
        str_addf(&item, "-%u", to);
    }
    if (item.len > buf->size - 1 - buf->len) {
        buf->overflow = true;
    }
    if (!buf->overflow) {
        str_add_bytes(buf, item.ptr, item.len);
    }
}

void cpu_set_format(const struct cpu_set *set, struct strbuf *buf)
{
    bool first = true;

    for (uint32_t cpu = 0; cpu < CPU_SET_MAX; cpu++) {
        if (cpu_set_has(set, cpu)) {
            uint32_t from = cpu;
            while (cpu_set_has(set, cpu + 1)) {
                cpu++;
            }
            add_item(buf, first, from, cpu);
            first = false;
        }
    }
}
