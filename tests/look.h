#ifndef TESTS_LOOK_H
#define TESTS_LOOK_H

#include "platform/inspect.h"

#include <stdbool.h>

/* Looking at processes that tests start, as the inspector does. */

/* The live platform and room for answers; look_setup() makes them. */
struct look {
    struct platform *platform;
    struct arena *arena;
};

/* What a test program looks through. */
extern struct look look;

/* For cmocka's groups. */
int look_setup(void **state);

/* Likewise. */
int look_teardown(void **state);

/*
 * Start a child that runs `run`, which tells that it is ready by look_ready() and then waits or
 * ends. Returns who it is, when it is ready.
 */
struct proc_id look_child(void (*run)(const void *context), const void *context);

/* In a child: let the test go on. */
void look_ready(void);

/* Kill and collect a child. */
void look_end(struct proc_id id);

/* Look at a part that must be readable. */
struct raw_inspect look_at(enum inspect_part part, struct proc_id id);

/* Look until the first thread of a child waits in this system call; at most ten seconds. */
struct raw_waiting look_waiting(struct proc_id id, const char *syscall_name);

/* What check() says when it runs as nobody. Only root can find out; true for others. */
bool look_as_nobody(bool (*check)(struct proc_id id), struct proc_id id);

/* True when the bytes are this text. */
bool look_is(struct raw_bytes bytes, const char *text);

#endif
