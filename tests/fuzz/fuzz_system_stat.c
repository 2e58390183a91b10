#include "fuzz/fuzz.h"
#include "platform/linux/parse_system.h"

int fuzz_system_stat(const uint8_t *data, size_t size)
{
    enum { ROOM = 32 };
    const char *const text = (const char *)data;
    struct raw_cpu cpus[ROOM];
    struct raw_system system;
    parse_system_init(&system);
    parse_system_stat(text, size, 10000000, cpus, ROOM, &system);
    FUZZ_CHECK(system.cpu_count <= ROOM);
    FUZZ_CHECK(system.cpu_count <= parse_system_cpu_lines(text, size));
    FUZZ_CHECK(system.cpu_present <= PARSE_CPU_MAX);
    for (uint32_t i = 1; i < system.cpu_count; i++) {
        FUZZ_CHECK(cpus[i].index > cpus[i - 1].index);
    }
    uint32_t khz[ROOM] = {0};
    parse_system_cpuinfo(text, size, khz, ROOM);
    FUZZ_CHECK(parse_system_cpu_list(text, size) <= PARSE_CPU_MAX);
    return 0;
}

FUZZ_MAIN(fuzz_system_stat)
