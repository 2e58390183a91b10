#include "platform/linux/errand.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* See errand.h. */
struct errand {
    pthread_mutex_t lock;
    pthread_cond_t end;
    pthread_t thread;
    errand_body *body;
    errand_body *dispose; // not NULL: it is abandoned, and frees itself
    void *context;
    bool has_ended;
};

static void errand_free(struct errand *errand)
{
    (void)pthread_cond_destroy(&errand->end); // nobody waits
    (void)pthread_mutex_destroy(&errand->lock);
    free(errand);
}

static void *run(void *context)
{
    struct errand *const errand = context;
    errand->body(errand->context);
    (void)pthread_mutex_lock(&errand->lock);
    errand->has_ended = true;
    errand_body *const dispose = errand->dispose;
    (void)pthread_cond_signal(&errand->end);
    (void)pthread_mutex_unlock(&errand->lock);
    if (dispose) {
        dispose(errand->context);
        errand_free(errand);
    }
    return NULL;
}

/* Errors: -ENOMEM, or as pthread_mutex_init(3) says. */
static int init_locks(struct errand *errand)
{
    pthread_condattr_t attributes;
    int error = -pthread_condattr_init(&attributes);
    if (error) {
        return error;
    }
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC); // a clock that exists
    error = -pthread_mutex_init(&errand->lock, NULL);
    error = error ? error : -pthread_cond_init(&errand->end, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return error;
}

int errand_start(errand_body *body, void *context, struct errand **ret)
{
    struct errand *const errand = calloc(1, sizeof(*errand));
    if (!errand) {
        return -ENOMEM;
    }
    errand->body = body;
    errand->context = context;
    int error = init_locks(errand);
    if (error) { // locks that were not made cost nothing on any system we know
        free(errand);
        return error;
    }
    error = -pthread_create(&errand->thread, NULL, run, errand);
    if (error) {
        errand_free(errand);
        return error;
    }
    *ret = errand;
    return 0;
}

static struct timespec time_in(long ms)
{
    enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000 };
    struct timespec end;
    (void)clock_gettime(CLOCK_MONOTONIC, &end); // likewise
    end.tv_nsec += ms % 1000 * NS_PER_MS;
    end.tv_sec += ms / 1000 + end.tv_nsec / NS_PER_S;
    end.tv_nsec %= NS_PER_S;
    return end;
}

bool errand_wait(struct errand *errand, long ms)
{
    const struct timespec end = time_in(ms == ERRAND_FOREVER ? 0 : ms);
    (void)pthread_mutex_lock(&errand->lock);
    bool is_late = ms == 0;
    while (!errand->has_ended && !is_late) {
        if (ms == ERRAND_FOREVER) {
            (void)pthread_cond_wait(&errand->end, &errand->lock);
        } else {
            is_late = pthread_cond_timedwait(&errand->end, &errand->lock, &end) == ETIMEDOUT;
        }
    }
    const bool has_ended = errand->has_ended;
    (void)pthread_mutex_unlock(&errand->lock);
    if (has_ended) {
        (void)pthread_join(errand->thread, NULL); // on its way out already
        errand_free(errand);
    }
    return has_ended;
}

bool errand_abandon(struct errand *errand, errand_body *dispose)
{
    void *const context = errand->context;
    (void)pthread_mutex_lock(&errand->lock);
    const bool has_ended = errand->has_ended;
    errand->dispose = has_ended ? NULL : dispose;
    if (!has_ended) {
        (void)pthread_detach(errand->thread); // it cannot free itself before the lock is let go
    }
    (void)pthread_mutex_unlock(&errand->lock);
    if (has_ended) {
        (void)errand_wait(errand, 0);
        dispose(context);
    }
    return has_ended;
}
