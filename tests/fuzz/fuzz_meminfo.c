#include "fuzz/fuzz.h"
#include "platform/linux/parse_system.h"

int fuzz_meminfo(const uint8_t *data, size_t size)
{
    struct raw_memory memory;
    parse_system_meminfo((const char *)data, size, &memory);
    const bool both = memory.total != FIGURE_ABSENT && memory.available != FIGURE_ABSENT;
    // What is free may be more than the total claims; nothing else may.
    FUZZ_CHECK(!both || memory.available <= memory.total || memory.available == memory.free);
    return 0;
}

FUZZ_MAIN(fuzz_meminfo)
