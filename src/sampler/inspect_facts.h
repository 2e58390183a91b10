#ifndef SAMPLER_INSPECT_FACTS_H
#define SAMPLER_INSPECT_FACTS_H

#include "base/str.h"
#include "sampler/diff_inspect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct proc;

/*
 * Private to diff_inspect.c and inspect_*.c: what explains a process in words, line by line. A
 * line is begun, its value is appended to, and it is ended; whatever bytes went into it are made
 * safe there.
 */

enum {
    FACT_BYTES = 4096, // of a value; the rest is cut
    FACTS_MAX = 8192,  // lines of a section
};

/* One section in the making. */
struct facts {
    const struct inspect_set *set;
    const struct snapshot *snap;
    const struct proc *proc; // the inspected one; NULL when it has ended
    struct arena *arena;
    struct dossier_fact *items;
    size_t count, capacity;
    struct text group;   // of the next line
    bool full;           // the arena was too small
    struct strbuf value; // of the line begun
    char bytes[FACT_BYTES];
};

/* Begin a section. */
void facts_init(struct facts *facts, const struct inspect_set *set, const struct snapshot *snap);

/* What the next lines are about. */
void facts_group(struct facts *facts, struct raw_bytes group);

/* Likewise, a word of ours. */
void facts_group_literal(struct facts *facts, const char *group);

/* Begin a line: facts->value is empty then. Owns: facts. */
struct strbuf *facts_begin(struct facts *facts);

/* End it. Owns: the line, until the next one. Errors: NULL when there is no room. */
struct dossier_fact *facts_end(struct facts *facts, const char *what);

/* A whole line. Owns: as facts_end(). Errors: likewise. */
struct dossier_fact *facts_add(struct facts *facts, const char *what, const char *value);

/* A whole line of bytes from outside; nothing when there are none. */
void facts_add_bytes(struct facts *facts, const char *what, struct raw_bytes bytes);

/* A line that says why a part is missing or old; nothing when all is well. */
void facts_add_trouble(struct facts *facts, enum inspect_part part);

/* Append bytes from outside. They are made safe when the line ends. */
void facts_put(struct strbuf *buf, struct raw_bytes bytes);

/* Append a number of bytes for people: "12.3M". */
void facts_put_bytes(struct strbuf *buf, uint64_t bytes);

/* Append a share in percent: "12.3 %". */
void facts_put_share(struct strbuf *buf, double share);

/* Append a duration: "1.25 s". */
void facts_put_duration(struct strbuf *buf, uint64_t ns);

/* Append who has this pid: "4242 nginx (www-data)". */
void facts_put_pid(struct facts *facts, struct strbuf *buf, int32_t pid);

/* Make a line lead to the process with this pid, where there is one. */
void facts_lead_to(struct facts *facts, struct dossier_fact *fact, int32_t pid);

/* Growth of a counter between two answers in nanoseconds per nanosecond; negative: not known. */
double facts_share(const struct inspect_pair *pair, uint64_t before, uint64_t now);

/* --- sections --------------------------------------------------------------------------------- */

/* Why it is slow or stuck, most telling first; group "why". */
void facts_verdict(struct facts *facts);

/* Who it is. */
void facts_identity(struct facts *facts);

/* What its cgroup allows, level by level, the process's own first; so many levels at most. */
void facts_cgroup(struct facts *facts, size_t levels);

/*
 * How a file of a cgroup is called: v1 has other names for much of v2, which is asked for. Owns:
 * static storage.
 */
const char *facts_cgroup_file(const struct raw_inspect *answer, const char *v2_name);

/* True when a process has ended and what it had is no longer its own: v1 puts it in the root. */
bool facts_has_left_cgroup(const struct raw_inspect *answer);

/* What it waits for, in detail. */
void facts_waiting(struct facts *facts);

/* Who is at the other ends of what a thread waits for, at most `max` lines of them; who the
 * children are, when it waits for those. */
void facts_ends(struct facts *facts, const struct raw_wait *wait, size_t max);

/* Which futex a thread waits for, and who has it, where that is known. */
void facts_futex(struct facts *facts, const struct raw_wait *wait);

/* Threads that wait for each other, or for themselves. */
void facts_deadlocks(struct facts *facts);

/* Append which file a lock is on. */
void facts_put_lock_file(struct facts *facts, struct strbuf *buf, const struct raw_lock *lock);

/* Append who holds a lock that is waited for: "held by 4242 nginx (root)". Returns the pid of one of
 * them that is another process, 0 when none is known. */
int32_t facts_put_lock_holders(struct facts *facts, struct strbuf *buf,
                               const struct raw_lock *lock);

/* What a thread waits for, for people. Owns: static storage. Errors: NULL when not known. */
const char *facts_wait_words(const struct raw_wait *wait);

/* The thread whose wait explains most; the first one when none explains more.
 * Owns: `waiting`. Errors: NULL when there is none. */
const struct raw_wait *facts_telling_wait(const struct raw_waiting *waiting);

/* True when a thread waits for a child it made by vfork(): that can be killed, though it is D. */
bool facts_is_vfork(const struct raw_wait *wait);

/* What a call was told about how long to wait. */
enum facts_timeout {
    FACTS_TIMEOUT_UNKNOWN, // not a call that is told
    FACTS_TIMEOUT_NONE,    // for ever
    FACTS_TIMEOUT_MS,      // so many milliseconds
    FACTS_TIMEOUT_SOME,    // how long is in its memory
};

/* How long a thread waits at most; *ret_ms is set for FACTS_TIMEOUT_MS only. */
enum facts_timeout facts_wait_timeout(const struct raw_wait *wait, uint64_t *ret_ms);

/* The words for a state's letter. Owns: static storage. */
const char *facts_state_words(char state);

#endif
