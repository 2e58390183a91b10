#ifndef PLATFORM_LINUX_ERRAND_H
#define PLATFORM_LINUX_ERRAND_H

#include <stdbool.h>

/*
 * Private to platform/linux: something done on a thread made for it, because it would change the
 * thread that does it, or may take long. Thread: one at a time, besides the errand's own.
 */
struct errand;

enum { ERRAND_FOREVER = -1 }; // to wait

/* What is done. */
typedef void errand_body(void *context);

/*
 * Begin one. `context` belongs to the errand until it has ended.
 * Owns: the caller, who ends it with errand_wait() or errand_abandon().
 * Errors: -ENOMEM, -EAGAIN when there is no thread to be had.
 */
int errand_start(errand_body *body, void *context, struct errand **ret);

/* Wait so many milliseconds for the end, 0 not at all. True: it has ended, and is freed. */
bool errand_wait(struct errand *errand, long ms);

/* Wait no more: when it ends, if ever, its thread calls `dispose` with the context. True: it had
 * ended already, and `dispose` was called at once. */
bool errand_abandon(struct errand *errand, errand_body *dispose);

#endif
