#include "sampler/thread.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

enum { THREAD_STACK_BYTES = 1 << 20 }; // name services (NSS) run on it too

int thread_start(pthread_t *ret, void *(*run)(void *context), void *context)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error != 0) {
        return -error;
    }
    (void)pthread_attr_setstacksize(&attributes, THREAD_STACK_BYTES); // else the default serves
    sigset_t blocked;
    sigset_t saved;
    (void)sigfillset(&blocked); // these two cannot fail
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
        (void)sigdelset(&blocked, crashes[i]);
    }
    error = pthread_sigmask(SIG_SETMASK, &blocked, &saved);
    if (error == 0) {
        error = pthread_create(ret, &attributes, run, context);
        (void)pthread_sigmask(SIG_SETMASK, &saved, NULL); // was valid a moment ago
    }
    (void)pthread_attr_destroy(&attributes); // a no-op here
    return -error;
}

int thread_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);
    if (error != 0) {
        return -error;
    }
    error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (error == 0) {
        error = pthread_cond_init(condition, &attributes);
    }
    (void)pthread_condattr_destroy(&attributes); // a no-op here
    return -error;
}

bool thread_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t deadline_ns)
{
    if (deadline_ns == UINT64_MAX) {
        (void)pthread_cond_wait(condition, lock); // fails for bugs only
        return false;
    }
    const struct timespec deadline = {
        .tv_sec = (time_t)(deadline_ns / 1000000000u),
        .tv_nsec = (long)(deadline_ns % 1000000000u),
    };
    return pthread_cond_timedwait(condition, lock, &deadline) == ETIMEDOUT;
}
