#ifndef BASE_TOPOLOGY_H
#define BASE_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What kind of core a CPU belongs to, where a machine has several. */
enum core_kind { CORE_UNKNOWN, CORE_PERFORMANCE, CORE_EFFICIENCY };

/* Where one CPU (hardware thread) sits. Source: /sys/devices/system/cpu/cpuN/topology. */
struct cpu_place {
    uint32_t cpu;
    int32_t package; // physical package, -1 unknown
    int32_t node;    // NUMA node, -1 unknown
    int32_t core;    // number of its core within the package, -1 unknown
    int32_t thread;  // 0 for the first thread of its core, then 1 ...
    enum core_kind kind;
    bool online;
};

/* All CPUs of the machine, by package, node, core, thread. */
struct topology {
    size_t count;
    struct cpu_place places[];
};

#endif
