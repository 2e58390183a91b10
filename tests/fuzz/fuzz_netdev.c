#include "fuzz/fuzz.h"
#include "platform/linux/parse_netdev.h"

/* What a row borrows lies within the input. */
static void check_within(const struct raw_bytes *bytes, const char *text, size_t size)
{
    FUZZ_CHECK(bytes->ptr >= text && bytes->len <= size &&
               (size_t)(bytes->ptr - text) <= size - bytes->len);
}

static void check_counters(const struct raw_protocol_counter *rows, size_t count, const char *text,
                           size_t size)
{
    for (size_t i = 0; i < count; i++) {
        check_within(&rows[i].group, text, size);
        check_within(&rows[i].name, text, size);
        FUZZ_CHECK(rows[i].name.len > 0);
    }
}

int fuzz_netdev(const uint8_t *data, size_t size)
{
    enum { ROOM = 8 };
    const char *const text = (const char *)data;
    struct raw_interface interfaces[ROOM];
    struct raw_protocol_counter counters[ROOM];
    size_t count = parse_netdev_interfaces(text, size, interfaces, ROOM);
    FUZZ_CHECK(count == parse_netdev_interfaces(text, size, NULL, 0));
    for (size_t i = 0; i < count && i < ROOM; i++) {
        check_within(&interfaces[i].name, text, size);
        FUZZ_CHECK(interfaces[i].name.len > 0);
    }
    count = parse_netdev_snmp(text, size, counters, ROOM);
    FUZZ_CHECK(count == parse_netdev_snmp(text, size, NULL, 0));
    check_counters(counters, count < ROOM ? count : ROOM, text, size);
    count = parse_netdev_snmp6(text, size, counters, ROOM);
    FUZZ_CHECK(count == parse_netdev_snmp6(text, size, NULL, 0));
    check_counters(counters, count < ROOM ? count : ROOM, text, size);
    return 0;
}

FUZZ_MAIN(fuzz_netdev)
