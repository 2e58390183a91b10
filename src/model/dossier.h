#ifndef MODEL_DOSSIER_H
#define MODEL_DOSSIER_H

#include "base/facts.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection;

/* What is known of the one process that is inspected, part by part (enum inspect_part). */

/* How far the reading of a part has come. */
enum dossier_state {
    DOSSIER_NOT_READ, // asked for, not here yet
    DOSSIER_KNOWN,
    DOSSIER_DENIED,
    DOSSIER_BLOCKED,     // the kernel does not answer; what is there is from before
    DOSSIER_UNSUPPORTED, // not on this system
    DOSSIER_TOO_LARGE,   // more than one part may take, or memory is short
    DOSSIER_FAILED,
    DOSSIER_GONE, // the process has ended; what is there is from before
};

/* One part. */
struct dossier_part {
    enum dossier_state state;
    bool has;        // it was read at least once
    bool cut;        // there is more than was read
    uint64_t age_ns; // of what was read, at the moment of the snapshot
};

/* One line of a section that explains: "memory", "resident", "12.3M of 64M". */
struct dossier_fact {
    uint32_t order; // in its section
    uint32_t nth;   // of those about the same fact of the same group
    bool alarming;
    struct text group, what, value;
    struct proc_id process; // it is about another one; pid 0: no
};

/* One thread. */
struct dossier_thread {
    struct proc_id id;
    struct text name, wchan;
    bool wchan_denied; // it sleeps, but in what may not be known
    char state;
    int16_t nice, priority;
    uint32_t policy, rt_priority;
    int32_t last_cpu;
    bool has_rate;
    double cpu;       // 1.0 is one CPU kept busy
    double run_delay; // share of time it waited for a CPU; negative: not known
    uint64_t time_ns;
    uint64_t run_delay_ns, block_delay_ns;             // FIGURE_ABSENT not given
    uint64_t voluntary_switches, involuntary_switches; // likewise
};

/* One open descriptor. */
struct dossier_file {
    int32_t fd;
    struct text kind, mode, target;
    uint64_t position; // FIGURE_ABSENT unknown
    uint64_t inode;    // 0 unknown
    uint32_t mount_id; // 0 unknown
    bool is_socket;
    struct text lock; // "POSIX write", "flock read"; empty: none
};

/* The maps of one file, or of one kind of memory. */
struct dossier_map {
    uint32_t order;
    struct text path, access; // "r-x rw-", each set of rights once; "s" for shared
    bool writable_code;       // one of them may be written and executed
    uint32_t count;
    uint64_t virtual_bytes, resident_bytes, pss_bytes, uss_bytes;
    uint64_t shared_bytes, dirty_bytes, anonymous_bytes, swap_bytes, swap_pss_bytes, locked_bytes;
};

/* One resource limit. */
struct dossier_limit {
    uint32_t order;
    struct text name, unit;
    uint64_t soft, hard; // UINT64_MAX unlimited
    uint64_t used;       // FIGURE_ABSENT unknown
    bool used_denied;    // as it may not be known
};

/* One variable of the environment. */
struct dossier_variable {
    uint32_t order;
    struct text name, value;
};

/* All of it. An array is empty unless its part was read. */
struct dossier {
    struct proc_id id;
    struct proc_id thread; // whose wait was asked for; pid 0: its first
    unsigned wanted;       // 1u << enum inspect_part
    struct dossier_part parts[INSPECT_PART_COUNT];
    const struct dossier_fact *overview, *waiting, *cgroup;
    size_t overview_count, waiting_count, cgroup_count;
    const struct dossier_thread *threads;
    size_t thread_count;
    const struct dossier_file *files;
    size_t file_count;
    const struct dossier_map *maps;
    size_t map_count;
    struct dossier_map map_sum; // of all of them
    size_t maps_deleted;        // programs and libraries that are not on disk any more, or not so
    const struct dossier_limit *limits;
    size_t limit_count;
    const struct dossier_variable *variables;
    size_t variable_count;
    const struct connection *sockets; // as they were last, when it has ended; NULL: not so
    size_t socket_count;
    uint64_t sockets_age_ns; // at the moment of the snapshot
};

/* What a part is called: "open files". Owns: static storage. */
const char *dossier_part_title(enum inspect_part part);

/* Why a part is not as it should be, and what would help: "not permitted: perch needs more rights,
 * as with sudo". "" when all is well. `looker` as in the snapshot. Owns: static storage. */
const char *dossier_trouble(enum dossier_state state, enum looker looker);

/* What would open what may not be read: "needs more rights, as with sudo". Owns: static storage. */
const char *dossier_needs(enum looker looker);

/* The parts of the mask that were read at least once. dossier may be NULL. */
unsigned dossier_read(const struct dossier *dossier, unsigned parts);

/* The worst state among the parts of the mask. dossier may be NULL: not read. */
enum dossier_state dossier_worst(const struct dossier *dossier, unsigned parts);

#endif
