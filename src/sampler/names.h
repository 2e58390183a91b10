#ifndef SAMPLER_NAMES_H
#define SAMPLER_NAMES_H

#include "base/net.h"
#include "model/snapshot.h"
#include "platform/platform.h"
#include "sampler/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe_answer;
struct prober;

/*
 * Names of hosts and services, found out by the prober when somebody wants to see them. What has
 * no name is remembered, too. A resolver can hang for long: one host is asked for at a time, and
 * none while an answer is overdue, so that it costs the prober one thread at most.
 * Thread: the scanning one.
 */
struct names;

enum { NAMES_MAX = 4096 }; // known at a time; what was not needed for longest gives way

/* Owns: the caller, who ends it with names_destroy(). Errors: NULL when out of memory. */
struct names *names_create(void);

/* NULL is a no-op. */
void names_destroy(struct names *names);

/* Whether they are wanted. True when that is new: what is shown changes. */
bool names_show(struct names *names, bool shown);

/* Whether they are wanted. */
bool names_are_shown(const struct names *names);

/* A new sample is here: begin with its sockets. */
void names_begin(struct names *names);

/*
 * Ask for what is missing, as far as is wise. `threads_taken` of the prober may be stuck with
 * something else. True when there is something for prober_go().
 */
bool names_ask(struct names *names, struct prober *prober, const struct raw_sample *sample,
               size_t threads_taken, uint64_t now_ns);

/* Take in the answer to a PROBE_HOST or PROBE_SERVICE. */
enum scan_news names_take(struct names *names, const struct probe_answer *answer, uint64_t now_ns);

/* Whether a thread of the prober is, or may soon be, held up by a host. */
bool names_hold_thread(const struct names *names, struct prober *prober);

/* The name of a host. Owns: `names`, until the next names_take(). Empty when it is not known. */
struct text names_host(const struct names *names, const struct net_address *address);

/* The name of a port, likewise. */
struct text names_service(const struct names *names, enum socket_protocol protocol, uint16_t port);

#endif
