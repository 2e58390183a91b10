#ifndef SAMPLER_THREAD_H
#define SAMPLER_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Start a thread with a small stack and all signals blocked, so that they go to the main
 * thread; those of a crash excepted, which the kernel would turn into a silent death.
 * Errors: -EAGAIN, -ENOMEM.
 */
int thread_start(pthread_t *ret, void *(*run)(void *context), void *context);

/* Make a condition variable whose deadlines are monotonic. Errors: -ENOMEM. */
int thread_condition_init(pthread_cond_t *condition);

/* Wait until woken or until `deadline_ns` (UINT64_MAX: for ever). True when it is past. */
bool thread_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t deadline_ns);

#endif
