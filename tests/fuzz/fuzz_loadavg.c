#include "fuzz/fuzz.h"
#include "platform/linux/parse_system.h"

int fuzz_loadavg(const uint8_t *data, size_t size)
{
    struct raw_system system;
    parse_system_init(&system);
    parse_system_loadavg((const char *)data, size, &system);
    const bool known = system.load_1m >= 0;
    FUZZ_CHECK(known == (system.load_15m >= 0));
    FUZZ_CHECK(known || system.threads_total == FIGURE_ABSENT);
    (void)parse_system_uptime((const char *)data, size);
    return 0;
}

FUZZ_MAIN(fuzz_loadavg)
