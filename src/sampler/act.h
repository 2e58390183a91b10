#ifndef SAMPLER_ACT_H
#define SAMPLER_ACT_H

#include "base/deed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct platform;

/*
 * The engine behind every action: pins the targets of a dialog, does deeds to them one after the
 * other, sees a termination through to its end, and remembers what can be undone. It has no
 * thread and reads no clock but the one it is given; sampler/actor.h runs it on a thread of
 * its own, the command line on the main one. All functions: one thread at a time.
 */
struct act;

enum {
    ACT_TARGETS_MAX = 4096, // processes one request can be about
    ACT_UNDO_MAX = 64,      // requests that can be undone, the last one first
    ACT_VALUE_BYTES = 144,  // of a value for people: two ends of a connection; longer CPU lists end
                            // in "..."
};

/* What can be asked of the engine. */
enum act_request_kind {
    ACT_INSPECT, // a dialog opened: hold the targets, and tell how they are now
    ACT_RELEASE, // it closed: let go of what is held and not being worked on
    ACT_PERFORM, // do the deed to the targets, through what is held of them
    ACT_UNDO,    // take back the last reversible request that changed something
};

/* A request. */
struct act_request {
    enum act_request_kind kind;
    uint32_t job;                 // the asker's number for it; comes back in what is told about it
    struct deed deed;             // ACT_PERFORM; ACT_INSPECT: its kind and one_thread
    const struct target *targets; // ACT_INSPECT, ACT_PERFORM
    size_t target_count;          // at most ACT_TARGETS_MAX
};

/* How far a deed on one target has come. */
enum act_stage {
    ACT_DONE,      // it was done; a termination: the process has ended
    ACT_UNCHANGED, // it was so already; a termination: one is under way, with the new time limit
    ACT_FAILED,    // see error and obstacle
    ACT_WAITING,   // termination: SIGTERM was sent, more is to come
    ACT_KILLING,   // termination: it is still there, SIGKILL was sent, more is to come
    ACT_SURVIVED,  // termination: it is still there all the same (stuck in the kernel)
    ACT_PENDING,   // it was ordered, and comes about when the kernel gets to it
    ACT_LEFT,      // termination: the engine was ended before its time was up
};

/* What came of a request for one target. Copied, points to nothing but static strings. */
struct act_outcome {
    uint32_t job;
    bool undo; // of taking the deed back
    enum deed_kind deed;
    bool one_thread;
    size_t index, count; // this target's, of the request
    struct target target;
    int64_t wall_s;
    enum act_stage stage;
    int error; // negative errno with ACT_FAILED
    enum deed_obstacle obstacle;
    int32_t limit;     // see struct deed_result
    const char *needs; // likewise
    int32_t number;    // DEED_SIGNAL: the signal
    uint32_t threads, threads_failed;
    uint64_t after_ns;              // termination: since SIGTERM
    char cgroup[CGROUP_PATH_BYTES]; // DEED_ON_CGROUP: which; safe text
    uint32_t cgroup_processes;      // how many were in it when it was acted on
    uint32_t cgroup_shown;          // how many there were when the dialog opened; 0: there was none
    bool has_values;
    char asked[ACT_VALUE_BYTES]; // for people, see deed_format_value(); "" when there is none
    char old[ACT_VALUE_BYTES];
    char now[ACT_VALUE_BYTES];
};

/* What is going on. */
struct act_progress {
    size_t waiting;      // targets not dealt with yet, and terminations not at their end
    uint64_t kill_ns;    // monotonic: when the next SIGKILL is due; UINT64_MAX: none is
    size_t undo_count;   // requests that could be undone
    enum deed_kind undo; // the kind of the last of them
    uint32_t undo_job;   // and its number
};

/* Called for each outcome when it comes about, on the engine's thread. */
typedef void act_record(void *context, const struct act_outcome *outcome);

/*
 * Create an engine. `platform` is borrowed; `record` (NULL: nobody) is called for each outcome
 * before it can be taken.
 * Owns: the caller, who ends it with act_destroy(). Errors: NULL when out of memory.
 */
struct act *act_create(struct platform *platform, act_record *record, void *context);

/* Lets go of everything; terminations under way are left as they are, which is recorded. NULL is
 * a no-op. */
void act_destroy(struct act *act);

/*
 * Begin with what is asked: each act_step() then does some of its targets. What an earlier
 * request has left to do is done first. The request's targets must stay until act_is_busy() says
 * false.
 */
void act_begin(struct act *act, const struct act_request *request, uint64_t now_ns);

/* Whether a request was begun and not all of its targets were dealt with. */
bool act_is_busy(const struct act *act);

/*
 * Do what is asked at one go, as far as it can be done without waiting.
 * Errors: none; outcomes tell. Each target of ACT_PERFORM gets exactly one final outcome.
 */
void act_handle(struct act *act, const struct act_request *request, uint64_t now_ns);

/*
 * Go on with what act_begin() began, a few dozen targets at most, and with terminations: who has
 * ended, whose time is up.
 * Returns when to call again at the latest, `now_ns` when targets are left; UINT64_MAX when nothing
 * is under way.
 */
uint64_t act_step(struct act *act, uint64_t now_ns);

/* Wait until a process being terminated ends, or for so long. Returns at once without any. */
void act_wait(struct act *act, uint64_t timeout_ns);

/* Take the oldest outcome. False when there is none. */
bool act_take(struct act *act, struct act_outcome *ret);

/* Take the inspection asked for last. Owns: the caller: inspection_destroy(). Errors: NULL when
 * none is ready. */
struct inspection *act_take_inspection(struct act *act);

/* What is going on now. */
struct act_progress act_progress(const struct act *act);

#endif
