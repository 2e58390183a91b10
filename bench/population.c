/*
 * Make processes to be watched: COUNT that sleep, then RATE short-lived ones a second, for ever.
 * Says "ready N" once N sleep; that is fewer where the system allows no more. Everything ends with
 * this process. Built without sanitizers so that each costs as little as possible.
 *
 *     population COUNT [RATE]
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    STEP_NS = 10 * 1000 * 1000, // the storm comes in bursts of this length
    SECOND_NS = 1000 * 1000 * 1000,
    SPARE_PART = 20, // one in so many is given back when there can be no more
};

static _Noreturn void sleep_for_ever(pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NAME, "sleeper");
    while (getppid() == parent) {
        (void)pause();
    }
    _exit(0);
}

/* The pids go to `pids`; returns how many there are. */
static long start_sleepers(pid_t *pids, long count)
{
    const pid_t self = getpid();
    for (long i = 0; i < count; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            sleep_for_ever(self);
        }
        if (pids[i] < 0) { // leave room for those who look on
            for (long spare = i / SPARE_PART; spare > 0; spare--) {
                (void)kill(pids[--i], SIGKILL);
            }
            return i;
        }
    }
    return count;
}

static _Noreturn void storm(long rate)
{
    struct timespec next;
    (void)clock_gettime(CLOCK_MONOTONIC, &next);
    for (long due = 0;; due += rate) {
        for (; due >= SECOND_NS / STEP_NS; due -= SECOND_NS / STEP_NS) {
            if (fork() == 0) {
                _exit(0);
            }
        }
        next.tv_nsec += STEP_NS;
        if (next.tv_nsec >= SECOND_NS) {
            next.tv_nsec -= SECOND_NS;
            next.tv_sec++;
        }
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR) {
        }
    }
}

int main(int argc, char **argv)
{
    const long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    const long rate = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    pid_t *const pids = calloc(count > 0 ? (size_t)count : 1, sizeof(*pids));
    if (count < 0 || rate < 0 || !pids) {
        (void)fprintf(stderr, "usage: population COUNT [RATE]\n");
        return 2;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGCHLD, SIG_IGN); // the kernel buries them
    (void)printf("ready %ld\n", start_sleepers(pids, count));
    (void)fflush(stdout);
    free(pids);
    if (rate > 0) {
        storm(rate);
    }
    for (;;) {
        (void)pause();
    }
}
