#ifndef MODEL_STORAGE_H
#define MODEL_STORAGE_H

#include "base/facts.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Block devices and file systems at one moment. Rates are over snapshot.interval_ns. */

/* What kind of block device. */
enum disk_kind { DISK_WHOLE, DISK_PARTITION, DISK_MAPPED, DISK_RAID, DISK_LOOP };

/* One block device. */
struct disk_load {
    struct text name;
    uint32_t major, minor;
    enum disk_kind kind; // only DISK_WHOLE counts in sums
    bool has_rate;
    uint64_t size_bytes; // FIGURE_ABSENT unknown
    uint64_t read_bytes, write_bytes;
    double read_bytes_per_s, write_bytes_per_s, reads_per_s, writes_per_s;
    double read_latency_ns, write_latency_ns; // mean of the interval; negative: nothing was done
    double queue;                             // mean number of requests
    double utilisation;                       // share of time with any request, 0..1
    uint64_t in_flight;                       // now
};

/* How far asking a file system has come. */
enum mount_state { MOUNT_NOT_READ, MOUNT_KNOWN, MOUNT_NOT_ANSWERING, MOUNT_DENIED, MOUNT_FAILED };

/* One mounted file system. */
struct mount_load {
    uint64_t id;
    uint32_t major, minor;
    struct text source, target, type;
    bool readonly;
    enum mount_state state;                            // of the following
    uint64_t total_bytes, used_bytes, available_bytes; // available to those who are not root
    double used_fraction; // used / (used + available), as df shows it; negative without a size
    uint64_t inodes, inodes_used; // 0 where there is no such limit
};

/* What a snapshot knows of storage. An array is empty unless its part was read. */
struct storage_load {
    unsigned parts; // enum sample_part
    const struct disk_load *disks;
    size_t disk_count;
    const struct mount_load *mounts; // real ones only
    size_t mount_count;
    double read_bytes_per_s, write_bytes_per_s; // of all whole disks; negative: not known
};

#endif
