#ifndef SAMPLER_CACHE_H
#define SAMPLER_CACHE_H

#include "base/facts.h"
#include "model/snapshot.h"
#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct names;

/*
 * What changes slowly about a process, kept from scan to scan by identity: owner, command
 * line, executable; and, by key, user and terminal names, CPU frequencies. Texts in it are
 * safe already. Entries of processes that are gone are dropped; the whole has a ceiling.
 * Thread: the scanning one only.
 */
struct cache;

enum {
    CACHE_TEXT_BYTES_MAX = 64 << 20, // of command lines and paths of all processes together
    CACHE_NAMES_MAX = 65536,         // of users, and of terminals
    CACHE_CPUS_MAX = 8192,
    CACHE_MOUNTS_MAX = 65536,
};

/* How far one fact of one process is. */
enum cache_state {
    CACHE_EMPTY,   // never asked
    CACHE_ASKED,   // asked, no answer yet, nothing older to show
    CACHE_FRESH,   // known
    CACHE_DENIED,  // refused
    CACHE_NONE,    // answered: it has none
    CACHE_BLOCKED, // the kernel does not answer
};

/* How far the question for one fact is. */
struct cache_fact {
    enum cache_state state;
    bool due;          // to be asked (again): new, or another program runs
    bool pending;      // a question is with the prober
    bool urgent;       // and it went in as an urgent one
    uint64_t asked_ns; // monotonic time of the scan it was last asked for
};

/* The resident size at one moment, from both sources: growth is only told between two figures of
 * the same one. */
struct cache_resident {
    uint64_t ns;      // monotonic; 0: none
    uint64_t counted; // as `stat` says
    uint64_t exact;   // as `statm` says; FIGURE_ABSENT when it was not read then
};

/* The rates of a process between the last two times it was read; see struct proc. */
struct cache_rates {
    bool known;
    double cpu_user, cpu_system;
    double minor_faults_per_s, major_faults_per_s, growth_per_s;
    double delay;
};

/* The slow facts of one process. */
struct cache_entry {
    uint64_t seen_sample;  // number of the last scan it was in
    uint64_t first_sample; // number of the first
    uint64_t owner_sample; // number of the last scan its owner was read in; 0 never
    uint64_t exec_mark;    // raw_proc.exec_mark of the program these belong to
    uint64_t io_after_ns;  // monotonic time FACT_IO of `after` was read at; 0: with the scan
    uint64_t io_before_ns; // likewise of `before`
    bool has_uid;
    bool exe_deleted;
    uint32_t uid;
    struct cache_fact cmdline_fact, exe_fact, smaps_fact, cgroup_fact;
    struct text cmdline; // heap, owned by the entry; ptr NULL when there is none
    uint32_t cmdline_name_at, cmdline_name_bytes;
    struct text exe; // heap, owned by the entry; likewise
    struct raw_smaps smaps;
    struct raw_cgroup cgroup;        // its path is the following
    struct text cgroup_path;         // heap, owned by the entry; likewise
    struct cache_rates rates;        // kept for samples it is only taken over into
    struct cache_resident base;      // at the baseline
    struct cache_resident window[2]; // at the beginning of the window, and at that of the next
};

/* A name by number (user, terminal). */
struct cache_name {
    enum cache_state state;
    bool pending;
    struct text text; // heap, owned by the cache
};

/* How full a file system is. */
struct cache_mount {
    enum cache_state state;
    uint64_t seen_sample; // number of the last scan it was in
    struct raw_space space;
};

/*
 * Create an empty cache for at most `limit` processes.
 * Owns: the caller, who ends it with cache_destroy().
 * Errors: NULL when out of memory.
 */
struct cache *cache_create(size_t limit);

/* NULL is a no-op. */
void cache_destroy(struct cache *cache);

/* The entry of a process, made when it is new. Owns: the cache. Errors: NULL: out of memory. */
struct cache_entry *cache_touch(struct cache *cache, struct proc_id id, uint64_t sample);

/* The entry, or NULL. Owns: the cache. */
const struct cache_entry *cache_find(const struct cache *cache, struct proc_id id);

/* Same, to be filled. Owns: the cache. Errors: NULL when it is not there (any more). */
struct cache_entry *cache_find_mutable(struct cache *cache, struct proc_id id);

/* Keep the rates of a process, for samples in which it is not read, or forget them if it has none. */
void cache_keep_rates(struct cache_entry *entry, const struct proc *proc);

/* Give a process the rates that were kept, if any were. */
void cache_fill_rates(const struct cache_entry *entry, struct proc *proc);

/* Drop all entries last seen in a scan before this one. */
void cache_sweep(struct cache *cache, uint64_t sample);

/* Entry count, for the memory budget test. */
size_t cache_count(const struct cache *cache);

/* Store a command line as the kernel gave it, made safe. 1 when it is another one than before,
 * else 0. Errors: -ENOMEM, also when all texts together are past CACHE_TEXT_BYTES_MAX. */
int cache_set_cmdline(struct cache_entry *entry, const char *argv, size_t len);

/* Likewise an executable's path, " (deleted)" taken off and remembered. */
int cache_set_exe(struct cache_entry *entry, const char *path, size_t len);

/* Likewise a cgroup as PROBE_CGROUP answers. Errors: -EINVAL when the answer is cut. */
int cache_set_cgroup(struct cache_entry *entry, const char *answer, size_t len);

/* Likewise the sizes as PROBE_SMAPS answers. */
int cache_set_smaps(struct cache_entry *entry, const char *answer, size_t len);

/* The slot of a user's name, made when new. Owns: the cache. Errors: NULL: out of memory. */
struct cache_name *cache_user(struct cache *cache, uint32_t uid);

/* The slot of a user's name, or NULL. Owns: the cache. */
const struct cache_name *cache_find_user(const struct cache *cache, uint32_t uid);

/* The slot of a terminal's name, made when new. Owns: the cache. Errors: NULL. */
struct cache_name *cache_tty(struct cache *cache, uint32_t device);

/* The slot of a terminal's name, or NULL. Owns: the cache. */
const struct cache_name *cache_find_tty(const struct cache *cache, uint32_t device);

/* Store a name, made safe. Errors: -ENOMEM. */
int cache_set_name(struct cache_name *name, const char *ptr, size_t len);

/* Forget a name. */
void cache_clear_name(struct cache_name *name);

/* The names of hosts and services. Owns: the cache. */
struct names *cache_names(struct cache *cache);

/* Likewise, to look at. Owns: the cache. */
const struct names *cache_find_names(const struct cache *cache);

/* Store the CPUs' frequencies in kHz, by CPU number. Errors: -ENOMEM. */
int cache_set_frequencies(struct cache *cache, const uint32_t *khz, size_t count);

/* Frequency of a CPU in kHz, 0 when unknown. */
uint32_t cache_frequency(const struct cache *cache, uint32_t cpu);

/* The slot of a mount, made when new. Owns: the cache. Errors: NULL: out of memory. */
struct cache_mount *cache_mount(struct cache *cache, uint64_t id);

/* The slot of a mount, or NULL. Owns: the cache. */
const struct cache_mount *cache_find_mount(const struct cache *cache, uint64_t id);

/* Drop all mounts last seen in a scan before this one. */
void cache_sweep_mounts(struct cache *cache, uint64_t sample);

/* Mounts in it that do not answer. */
size_t cache_mounts_blocked(const struct cache *cache);

/*
 * Remember since when each socket of a sample that has them has been seen. What was noted last is
 * kept while nobody reads sockets: a cookie tells a socket from any later one. Without cookies
 * those of the sample right before, of which `is_next` tells that it was noted last, are the same.
 * Errors: -ENOMEM; then nothing is known of any.
 */
int cache_note_sockets(struct cache *cache, const struct raw_sample *sample, bool is_next);

/* Monotonic time at which a socket of the sample last noted was first seen; 0 unknown. */
uint64_t cache_socket_seen_ns(const struct cache *cache, size_t index);

/* True when it may have been there before that: nobody had looked, or not into its namespace. */
bool cache_socket_is_older(const struct cache *cache, size_t index);

#endif
