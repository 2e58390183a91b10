#include "sampler/thread.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum {
    THREAD_STACK_BYTES = 1 << 20, // name services (NSS) run on it too
    CRASH_STACK_BYTES = 24576,    // of it: for the crash handler when the rest is used up
};

/* What a new thread is to do. */
struct start {
    void *(*run)(void *context);
    void *context;
};

/* Each thread needs a stack of its own for crash handlers, or dies of an overflow without them. */
static void *thread_main(void *context)
{
    struct start *given = context;
    const struct start start = *given;
    free(given);
    char crash_stack[CRASH_STACK_BYTES];
    stack_t old = {0};
    const stack_t mine = {.ss_sp = crash_stack, .ss_size = sizeof(crash_stack)};
    const bool is_free = sigaltstack(NULL, &old) == 0 && (old.ss_flags & SS_DISABLE) != 0;
    const bool is_set = is_free && sigaltstack(&mine, NULL) == 0; // else a sanitizer's serves
    void *result = start.run(start.context);
    if (is_set) {
        const stack_t none = {.ss_flags = SS_DISABLE};
        (void)sigaltstack(&none, NULL); // it was possible a moment ago
    }
    return result;
}

int thread_start(pthread_t *ret, void *(*run)(void *context), void *context)
{
    pthread_attr_t attributes;
    struct start *start = malloc(sizeof(*start));
    int error = start == NULL ? ENOMEM : pthread_attr_init(&attributes);
    if (error != 0) {
        free(start);
        return -error;
    }
    *start = (struct start){.run = run, .context = context};
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
        error = pthread_create(ret, &attributes, thread_main, start);
        (void)pthread_sigmask(SIG_SETMASK, &saved, NULL); // was valid a moment ago
    }
    if (error != 0) {
        free(start);
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
