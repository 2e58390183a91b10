#include "model/value.h"

#include <math.h>
#include <string.h>

/*
 * Formatting tries forms from the most telling to the shortest and takes the first one that
 * fits the cell. Everything is arithmetic of our own: the C library would ask the locale for
 * the decimal point and a file for the time zone.
 */

enum {
    FORM_SIZE = 64, // longer than any number we write
    MINUTE = 60,
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR,
    YEAR = 365 * DAY,
};

/* What one unit of a scaled number is called, and how many decimals it deserves at most. */
struct unit {
    char letter; // '\0' for none
    int decimals;
};

static const struct unit byte_units[] = {
    {'B', 0}, {'K', 0}, {'M', 1}, {'G', 2}, {'T', 2}, {'P', 2}, {'E', 2},
};
static const struct unit count_units[] = {
    {'\0', 0}, {'k', 1}, {'M', 1}, {'G', 1}, {'T', 1}, {'P', 1}, {'E', 1},
};
static const struct unit rate_units[] = {
    {'\0', 1}, {'k', 1}, {'M', 1}, {'G', 1}, {'T', 1}, {'P', 1}, {'E', 1},
};
enum { UNIT_COUNT = sizeof(byte_units) / sizeof(byte_units[0]) };

struct value value_absent(enum absent why)
{
    return (struct value){.kind = VALUE_NONE, .why = why};
}

static int compare_i64(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

/* A total order: what is not a number is the least of all. */
static int compare_double(double a, double b)
{
    if (isnan(a) || isnan(b)) {
        return (isnan(b) != 0) - (isnan(a) != 0);
    }
    return a < b ? -1 : a > b;
}

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static int compare_text(struct text a, struct text b)
{
    uint32_t shorter = a.bytes < b.bytes ? a.bytes : b.bytes;
    uint32_t same = 0;

    // Command lines begin alike: pass over what is equal to the bit eight bytes at a time.
    for (; shorter - same >= 8; same += 8) {
        uint64_t left = 0;
        uint64_t right = 0;
        memcpy(&left, a.ptr + same, sizeof(left));
        memcpy(&right, b.ptr + same, sizeof(right));
        if (left != right) {
            break;
        }
    }
    for (uint32_t i = same; i < shorter; i++) {
        unsigned char left = fold(a.ptr[i]);
        unsigned char right = fold(b.ptr[i]);
        if (left != right) {
            return left < right ? -1 : 1;
        }
    }
    return compare_u64(a.bytes, b.bytes);
}

int value_compare(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind) {
        if (a->kind == VALUE_NONE || b->kind == VALUE_NONE) {
            return a->kind == VALUE_NONE ? 1 : -1;
        }
        return a->kind < b->kind ? -1 : 1;
    }
    switch (a->kind) {
    case VALUE_ID:
    case VALUE_COUNT:
    case VALUE_WALL:
    case VALUE_LETTER:
    case VALUE_BYTE_CHANGE:
        return compare_i64(a->as.integer, b->as.integer);
    case VALUE_BYTES:
        return compare_u64(a->as.bytes, b->as.bytes);
    case VALUE_DURATION:
    case VALUE_LATENCY:
    case VALUE_AGE:
        return compare_u64(a->as.ns, b->as.ns);
    case VALUE_COUNT_RATE:
    case VALUE_BYTE_RATE:
    case VALUE_CPUS:
    case VALUE_FRACTION:
        return compare_double(a->as.number, b->as.number);
    case VALUE_TEXT:
        return compare_text(a->as.text, b->as.text);
    case VALUE_NONE:
    case VALUE_KIND_COUNT:
        break;
    }
    return 0;
}

/* The bits of a number, changed so that they order like numbers. */
static uint64_t key_of_double(double number)
{
    const uint64_t sign = UINT64_C(1) << 63;
    uint64_t bits = 0;

    if (isnan(number)) {
        return 0;
    }
    number += 0.0; // makes a zero of the negative zero, which is equal to it
    memcpy(&bits, &number, sizeof(bits));
    return bits & sign ? ~bits : bits | sign;
}

static uint64_t key_of_text(struct text text)
{
    uint64_t key = 0;

    for (uint32_t i = 0; i < 8; i++) {
        key = key << 8 | (i < text.bytes ? fold(text.ptr[i]) : 0);
    }
    return key;
}

uint64_t value_sort_key(const struct value *value)
{
    switch (value->kind) {
    case VALUE_ID:
    case VALUE_COUNT:
    case VALUE_WALL:
    case VALUE_LETTER:
    case VALUE_BYTE_CHANGE:
        return (uint64_t)value->as.integer ^ UINT64_C(1) << 63;
    case VALUE_BYTES:
        return value->as.bytes;
    case VALUE_DURATION:
    case VALUE_LATENCY:
    case VALUE_AGE:
        return value->as.ns;
    case VALUE_COUNT_RATE:
    case VALUE_BYTE_RATE:
    case VALUE_CPUS:
    case VALUE_FRACTION:
        return key_of_double(value->as.number);
    case VALUE_TEXT:
        return key_of_text(value->as.text);
    case VALUE_NONE:
    case VALUE_KIND_COUNT:
        break;
    }
    return 0;
}

static const char misfit[] = "***"; // cannot be shown

static void add_misfit(struct strbuf *buf)
{
    str_add(buf, misfit);
}

/* Append a finished form if it fits; false when the next, shorter one must be tried. */
static bool add_form(struct strbuf *buf, const struct strbuf *form, uint32_t cells)
{
    if (form->overflow || form->len > cells) {
        return false;
    }
    str_add_bytes(buf, form->ptr, form->len);
    return true;
}

/* How trying a unit ended. */
enum attempt { DONE, TOO_WIDE, TOO_LARGE };

/* Write `number` in this unit with three digits that count, fewer where the cell is narrow. */
static enum attempt add_in_unit(struct strbuf *buf, double number, const struct unit *unit,
                                double base, uint32_t cells)
{
    static const unsigned powers[] = {1, 10, 100};
    bool smallest = unit->letter == 'B' || unit->letter == '\0';

    for (int decimals = unit->decimals; decimals >= 0; decimals--) {
        double limit = base * powers[decimals];
        double digits = number * powers[decimals] + 0.5; // its fraction is not looked at
        if (digits >= limit) {
            return TOO_LARGE;
        }
        if (decimals > 0 && digits >= 1000) {
            continue;
        }
        if (digits < 1 && !smallest) {
            break; // it would look like nothing at all
        }
        char text[FORM_SIZE];
        struct strbuf form;
        str_init(&form, text, sizeof(text));
        str_add_fixed(&form, number, decimals);
        if (unit->letter != '\0' && digits >= 1) {
            str_pad(&form, unit->letter, 1);
        }
        if (add_form(buf, &form, cells)) {
            return DONE;
        }
    }
    return TOO_WIDE;
}

/* Write a number that is not negative in the first unit in which it fits. */
static void add_scaled(struct strbuf *buf, double number, const struct unit *units, double base,
                       uint32_t cells)
{
    if (!isfinite(number) || number < 0) {
        add_misfit(buf);
        return;
    }
    if (number <= 0) {
        str_add(buf, "0");
        return;
    }
    for (int i = 0; i < UNIT_COUNT; i++, number /= base) {
        if (add_in_unit(buf, number, &units[i], base, cells) == DONE) {
            return;
        }
    }
    add_misfit(buf);
}

/* Likewise bytes gained or, with a minus, lost. */
static void add_signed_bytes(struct strbuf *buf, double bytes, uint32_t cells)
{
    if (!(bytes < 0) || cells < 2) {
        add_scaled(buf, bytes, byte_units, 1024, cells);
        return;
    }
    char text[FORM_SIZE];
    struct strbuf form;
    str_init(&form, text, sizeof(text));
    add_scaled(&form, -bytes, byte_units, 1024, cells - 1);
    const bool plain = str_equal(text, "0") || str_equal(text, misfit);
    str_pad(buf, '-', plain ? 0 : 1);
    str_add(buf, text);
}

static void add_integer(struct strbuf *buf, int64_t number, bool shorten, uint32_t cells)
{
    char text[FORM_SIZE];
    struct strbuf form;

    str_init(&form, text, sizeof(text));
    str_addf(&form, "%lld", (long long)number);
    if (add_form(buf, &form, cells)) {
        return;
    }
    if (!shorten || number < 0) {
        add_misfit(buf);
    } else {
        add_scaled(buf, (double)number, count_units, 1000, cells);
    }
}

static void add_percent(struct strbuf *buf, double fraction, uint32_t cells)
{
    double percent = fraction * 100;

    if (!isfinite(percent) || percent < 0) {
        add_misfit(buf);
        return;
    }
    for (int decimals = percent < 99.95 ? 1 : 0; decimals >= 0; decimals--) {
        char text[FORM_SIZE];
        struct strbuf form;
        str_init(&form, text, sizeof(text));
        str_add_fixed(&form, percent, decimals);
        if (add_form(buf, &form, cells)) {
            return;
        }
    }
    add_scaled(buf, percent, count_units, 1000, cells);
}

/* One form of a time of `s` seconds; a greater `shorter` drops more of its end. */
static void write_duration(struct strbuf *form, unsigned long long s, unsigned hundredths,
                           int shorter)
{
    if (s >= DAY) {
        str_addf(form, "%llud", s / DAY);
        if (s < 100ull * DAY && shorter == 0) {
            str_addf(form, "%02lluh", s % DAY / HOUR);
        }
    } else if (s >= HOUR) {
        str_addf(form, "%lluh", s / HOUR);
        if (shorter < 2) {
            str_addf(form, "%02llu", s % HOUR / MINUTE);
        }
        if (shorter == 0) {
            str_addf(form, ":%02llu", s % MINUTE);
        }
    } else if (shorter < 2) {
        str_addf(form, "%llu:%02llu", s / MINUTE, s % MINUTE);
        if (shorter == 0) {
            str_addf(form, ".%02u", hundredths);
        }
    } else if (s >= MINUTE) {
        str_addf(form, "%llum", s / MINUTE);
    } else {
        str_addf(form, "%llus", s);
    }
}

static void add_duration(struct strbuf *buf, uint64_t ns, uint32_t cells)
{
    for (int shorter = 0; shorter < 3; shorter++) {
        char text[FORM_SIZE];
        struct strbuf form;
        str_init(&form, text, sizeof(text));
        write_duration(&form, ns / 1000000000, (unsigned)(ns / 10000000 % 100), shorter);
        if (add_form(buf, &form, cells)) {
            return;
        }
    }
    add_misfit(buf);
}

/* A short time with three digits that count: "870ns", "23us", "4.1ms", "1.2s". */
static void add_latency(struct strbuf *buf, uint64_t ns, uint32_t cells)
{
    static const struct {
        double ns;
        const char *name;
    } units[] = {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        double number = (double)ns / units[i].ns;
        for (int decimals = i > 0 && number < 9.95 ? 1 : 0; decimals >= 0 && ns > 0; decimals--) {
            char text[FORM_SIZE];
            struct strbuf form;
            str_init(&form, text, sizeof(text));
            str_add_fixed(&form, number, decimals);
            str_add(&form, units[i].name);
            bool last = i + 1 == sizeof(units) / sizeof(units[0]);
            if ((number < 999.5 || last) && add_form(buf, &form, cells)) {
                return;
            }
        }
    }
    if (ns == 0) {
        str_add(buf, "0");
    } else {
        add_misfit(buf);
    }
}

/* `mark` stands in front of it. */
static void add_age(struct strbuf *buf, const char *mark, uint64_t ns, uint32_t cells)
{
    static const struct {
        unsigned long long below, unit, rest;
        char unit_letter, rest_letter;
    } steps[] = {
        {HOUR, MINUTE, 1, 'm', 's'},
        {DAY, HOUR, MINUTE, 'h', 'm'},
        {YEAR, DAY, HOUR, 'd', 'h'},
        {UINT64_MAX, YEAR, DAY, 'y', 'd'},
    };
    unsigned long long s = ns / 1000000000;
    char text[FORM_SIZE];
    struct strbuf form;
    size_t i = 0;

    str_init(&form, text, sizeof(text));
    if (s < MINUTE) {
        str_addf(&form, "%s%llus", mark, s);
        if (!add_form(buf, &form, cells)) {
            add_misfit(buf);
        }
        return;
    }
    while (s >= steps[i].below) {
        i++;
    }
    int digits = steps[i].unit == YEAR ? 1 : 2;
    str_addf(&form, "%s%llu%c%0*llu%c", mark, s / steps[i].unit, steps[i].unit_letter, digits,
             s % steps[i].unit / steps[i].rest, steps[i].rest_letter);
    if (add_form(buf, &form, cells)) {
        return;
    }
    str_init(&form, text, sizeof(text));
    str_addf(&form, "%s%llu%c", mark, s / steps[i].unit, steps[i].unit_letter);
    if (!add_form(buf, &form, cells)) {
        add_misfit(buf);
    }
}

/* A day of the Gregorian calendar. */
struct date {
    int64_t year;
    int month; // 1..12
    int day;   // 1..31
};

static int64_t divide_down(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/*
 * Days since 1970-01-01 to a date. Counts in eras of 400 years that begin on 1 March, so that
 * the leap day is the last of a year and month lengths follow one formula.
 */
static struct date date_of(int64_t days)
{
    days += 719468; // from 0000-03-01
    int64_t era = divide_down(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; // 0 is March
    struct date date = {.year = era * 400 + year_of_era + (month >= 10)};

    date.month = (int)(month < 10 ? month + 3 : month - 9);
    date.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    return date;
}

static void add_wall(struct strbuf *buf, int64_t wall_s, const struct value_style *style)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const int64_t far = INT64_C(1) << 40; // 34,000 years: no clock is there, and no sum overflows
    char text[FORM_SIZE];
    struct strbuf form;

    if (wall_s < -far || wall_s > far || style->now_wall_s < -far || style->now_wall_s > far) {
        add_misfit(buf);
        return;
    }
    int64_t local = wall_s + style->utc_offset_s;
    int64_t day = divide_down(local, DAY);
    int64_t today = divide_down(style->now_wall_s + style->utc_offset_s, DAY);
    struct date date = date_of(day);
    int second = (int)(local - day * DAY);

    str_init(&form, text, sizeof(text));
    if (day == today) {
        str_addf(&form, "%02d:%02d", second / HOUR, second % HOUR / MINUTE);
    } else if (date.year == date_of(today).year) {
        str_addf(&form, "%.3s%02d", months + (size_t)(date.month - 1) * 3, date.day);
    } else {
        str_addf(&form, "%04lld", (long long)date.year);
    }
    if (!add_form(buf, &form, style->cells)) {
        add_misfit(buf);
    }
}

void value_format(const struct value *value, const struct value_style *style, struct strbuf *buf)
{
    switch (value->kind) {
    case VALUE_ID:
        add_integer(buf, value->as.integer, false, style->cells);
        break;
    case VALUE_COUNT:
        add_integer(buf, value->as.integer, true, style->cells);
        break;
    case VALUE_COUNT_RATE:
        add_scaled(buf, value->as.number, rate_units, 1000, style->cells);
        break;
    case VALUE_BYTES:
        add_scaled(buf, (double)value->as.bytes, byte_units, 1024, style->cells);
        break;
    case VALUE_BYTE_RATE:
        add_signed_bytes(buf, value->as.number, style->cells);
        break;
    case VALUE_BYTE_CHANGE:
        add_signed_bytes(buf, (double)value->as.integer, style->cells);
        break;
    case VALUE_CPUS:
    case VALUE_FRACTION:
        add_percent(buf, value->as.number, style->cells);
        break;
    case VALUE_DURATION:
        add_duration(buf, value->as.ns, style->cells);
        break;
    case VALUE_LATENCY:
        add_latency(buf, value->as.ns, style->cells);
        break;
    case VALUE_AGE:
        add_age(buf, value->at_least ? ">" : "", value->as.ns, style->cells);
        break;
    case VALUE_WALL:
        add_wall(buf, value->as.integer, style);
        break;
    case VALUE_LETTER: {
        bool printable = value->as.integer > ' ' && value->as.integer < 0x7F;
        str_pad(buf, printable ? (char)value->as.integer : '?', 1);
        break;
    }
    case VALUE_TEXT:
        str_add_bytes(buf, value->as.text.ptr, value->as.text.bytes);
        break;
    case VALUE_NONE:
        str_add(buf, absent_sign(value->why));
        break;
    case VALUE_KIND_COUNT:
        break;
    }
}

bool value_is_right_aligned(enum value_kind kind)
{
    return kind != VALUE_TEXT && kind != VALUE_LETTER && kind != VALUE_NONE;
}

/* How an absent value is shown, named and explained. */
struct absent_row {
    const char *sign;
    const char *name;
    const char *help;
};

static const struct absent_row absent_rows[ABSENT_COUNT] = {
    [ABSENT_NOT_READ] = {".", "not_read", "not read yet"},
    [ABSENT_NO_INTERVAL] = {"~", "no_interval", "needs a second sample"},
    [ABSENT_DENIED] = {"?", "denied", "permission denied"},
    [ABSENT_UNSUPPORTED] = {"x", "unsupported", "this system does not tell"},
    [ABSENT_BLOCKED] = {"!", "blocked", "blocked: the kernel does not answer"},
    [ABSENT_NOT_APPLICABLE] = {"-", "not_applicable", "has none"},
};

static const struct absent_row *row_of(enum absent why)
{
    return &absent_rows[(unsigned)why < ABSENT_COUNT ? why : ABSENT_NOT_READ];
}

const char *absent_sign(enum absent why)
{
    return row_of(why)->sign;
}

const char *absent_name(enum absent why)
{
    return row_of(why)->name;
}

const char *absent_help(enum absent why)
{
    return row_of(why)->help;
}
