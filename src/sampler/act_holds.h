#ifndef SAMPLER_ACT_HOLDS_H
#define SAMPLER_ACT_HOLDS_H

#include "base/deed.h"
#include "base/facts.h"

#include <stdbool.h>
#include <stddef.h>

struct map;
struct platform;
struct platform_pin;

/* A pinned process and who needs it. */
struct hold {
    struct proc_id id;
    struct platform_pin *pin;
    struct cgroup_facts *cgroup; // owned; NULL: not asked for yet
    struct hold *newer, *older;  // list of all, newest first
    size_t users;                // deeds and terminations that work through it now
    bool chosen;                 // by the dialog that is open
    bool surveyed;               // by the request at hand, which will act on its cgroup
};

/* All pins of an engine; each process has one at most. */
struct holds {
    struct platform *platform; // borrowed
    struct map *by_id;         // of struct hold
    struct hold *newest;
};

/* Start without any. Errors: -ENOMEM. */
int holds_init(struct holds *holds, struct platform *platform);

/* Let go of all, whoever uses them. */
void holds_finish(struct holds *holds);

/*
 * Use a process's pin, a new one if it has none, until holds_give_back().
 * Errors: as platform_pin().
 */
int holds_take(struct holds *holds, struct proc_id id, struct hold **ret);

/* Use it no more: it is let go of unless somebody else needs it. NULL is a no-op. */
void holds_give_back(struct holds *holds, struct hold *hold);

/* Let go of what was chosen, apart from these; what is being used stays until that is over. */
void holds_unchoose(struct holds *holds, const struct target *except, size_t count);

/* Let go of what was only surveyed. */
void holds_end_survey(struct holds *holds);

/* Let go of the newest one that nobody works through just now, for its descriptor. False when
 * there is none. */
bool holds_drop_one(struct holds *holds);

/*
 * What cgroup the process was in when that was first asked through this hold; path is safe text.
 * Owns: the hold, or static storage. Errors: in the result.
 */
const struct cgroup_facts *hold_cgroup(struct hold *hold);

/* Ask anew the next time: another dialog shows how it is then. */
void hold_forget_cgroup(struct hold *hold);

#endif
