#ifndef BASE_FACTS_H
#define BASE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * The vocabulary shared by the raw world (platform) and the derived world
 * (model). A fact group is the smallest set of values the kernel hands out
 * together, so it is the unit of cost, of permission and of availability.
 *
 * The same bits mean, in order of travel:
 *   column.need          what a column must have to show a value
 *   plan.want            the union over everything sorted or filtered by
 *   plan.want_visible    the union over everything shown, for the rows on the screen
 *   platform_provides()  what this operating system can deliver at all
 *   proc.have            what was really read for this process
 *   proc.denied          asked for, and refused for lack of permission
 *   proc.blocked         asked for, and the kernel has not answered within two seconds
 */
typedef uint32_t fact_mask;

enum {
    FACT_IDENT = 1u << 0,   // pid, parents, state, times, nice, sizes; one read, always on
    FACT_OWNER = 1u << 1,   // effective uid
    FACT_USER = 1u << 2,    // the name of that uid; asks NSS, so only the prober reads it
    FACT_MEMORY = 1u << 3,  // shared pages, and the resident ones exactly
    FACT_IO = 1u << 4,      // bytes to and from storage; needs ptrace permission
    FACT_CMDLINE = 1u << 5, // argv; can block for ever, so only the prober reads it
    FACT_EXE = 1u << 6,     // path of the executable; likewise, needs ptrace permission
    FACT_SOCKETS = 1u << 7, // sockets it holds; comes with PART_SOCKETS, for all at once
    FACT_STATUS = 1u << 8,  // what its memory is made of; one file
    FACT_OOM = 1u << 9,     // score and adjustment for when memory runs out
    FACT_SMAPS = 1u << 10,  // proportional and unshared sizes; holds up the process that is read,
                            // needs ptrace permission, so only the prober reads it, and seldom
    FACT_CGROUP = 1u << 11, // its cgroup and the memory limit there; read by the prober, likewise
    FACT_READABLE = (1u << 12) - 1,
    FACT_SCANNED = FACT_OWNER | FACT_MEMORY | FACT_IO | FACT_STATUS | FACT_OOM, // files that answer
    FACT_PROBED = FACT_CMDLINE | FACT_EXE | FACT_SMAPS | FACT_CGROUP, // files that may not
    FACT_COSTLY = FACT_SMAPS | FACT_CGROUP, // of these the ones only read where they are seen

    FACT_RATE = 1u << 12,        // derived: there was a previous sample to subtract
    FACT_IO_RATE = 1u << 13,     // derived: the previous sample had FACT_IO too
    FACT_SOCKET_RATE = 1u << 14, // derived: likewise of all its sockets that are counted
};

/* What a sample may hold beside processes and the machine's figures; each is read only while
 * something shows it. Bits of plan.parts, of platform_request.parts and of what was read. */
enum sample_part {
    PART_SOCKETS = 1u << 0,
    PART_INTERFACES = 1u << 1,
    PART_PROTOCOLS = 1u << 2, // counters of the network protocols
    PART_DISKS = 1u << 3,
    PART_MOUNTS = 1u << 4,
    PART_MEMORY = 1u << 5, // swap devices, reclaim, nodes ...: what /proc/meminfo does not say
    PART_SOCKET_STATES = 1u << 6, // TCP sockets alone, without owners; PART_SOCKETS has them, too
    PART_DETAIL = 1u << 7, // of others, what costs more: speeds of interfaces, sizes of disks
};

/* What can be known of one process beyond its row, read only while it is looked at. */
enum inspect_part {
    INSPECT_IDENTITY,
    INSPECT_THREADS,
    INSPECT_FILES,
    INSPECT_MAPS,
    INSPECT_LIMITS,
    INSPECT_ENVIRON,
    INSPECT_WAITING,
    INSPECT_PEERS, // who has what it waits for: looks through all processes
    INSPECT_CGROUP,
    INSPECT_PART_COUNT,
};

/* A system figure the kernel does not give here. Never shown as a number. */
#define FIGURE_ABSENT UINT64_MAX

/* A product; absent when it is too large to be believed. */
static inline uint64_t figure_product(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? FIGURE_ABSENT : product;
}

/* A sum, likewise. */
static inline uint64_t figure_sum(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? FIGURE_ABSENT : sum;
}

/* A process or thread, safe against pid reuse. Compare both fields, never the pid alone. */
struct proc_id {
    int32_t pid;
    uint64_t start_ns; // since boot, from the kernel's clock ticks; never from wall-clock time
};

static inline bool proc_id_equal(struct proc_id a, struct proc_id b)
{
    return a.pid == b.pid && a.start_ns == b.start_ns;
}

/* Total order: by pid, then by start. */
static inline int proc_id_compare(struct proc_id a, struct proc_id b)
{
    if (a.pid != b.pid) {
        return a.pid < b.pid ? -1 : 1;
    }
    return a.start_ns < b.start_ns ? -1 : a.start_ns > b.start_ns;
}

/* The same order for qsort() and bsearch(), of structs that begin with a proc_id. */
static inline int proc_id_order(const void *a, const void *b)
{
    return proc_id_compare(*(const struct proc_id *)a, *(const struct proc_id *)b);
}

/* The struct with this identity in an array in that order; NULL when there is none. */
static inline void *proc_id_find(const void *items, size_t count, size_t item_bytes,
                                 struct proc_id id)
{
    return count > 0 ? bsearch(&id, items, count, item_bytes, proc_id_order) : NULL;
}

#endif
