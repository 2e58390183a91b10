/*
 * Make processes to be watched: COUNT that sleep, then RATE short-lived ones a second, for ever;
 * the sleepers hold one end of CONNECTIONS over the loopback interface, this process the other.
 * Says "ready N" once N sleep; that is fewer where the system allows no more. Everything ends with
 * this process. Built without sanitizers so that each costs as little as possible.
 *
 *     population COUNT [RATE [CONNECTIONS]]
 */

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    STEP_NS = 10 * 1000 * 1000, // the storm comes in bursts of this length
    SECOND_NS = 1000 * 1000 * 1000,
    SPARE_PART = 20, // one in so many is given back when there can be no more
};

/* Where the sleepers connect to. */
struct server {
    int listener; // -1 none
    struct sockaddr_in address;
};

static int open_server(struct server *ret)
{
    socklen_t len = sizeof(ret->address);
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit); // then there are fewer
    }
    ret->address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ret->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return bind(ret->listener, (struct sockaddr *)&ret->address, len) < 0 ||
                   listen(ret->listener, SOMAXCONN) < 0 ||
                   getsockname(ret->listener, (struct sockaddr *)&ret->address, &len) < 0
               ? -errno
               : 0;
}

/* In the sleeper: what its parent holds is none of its business. */
static void connect_all(const struct server *server, long count)
{
    (void)close_range((unsigned)server->listener, ~0u, 0);
    for (long i = 0; i < count; i++) {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (const struct sockaddr *)&server->address, sizeof(server->address)) < 0) {
            _exit(1);
        }
    }
}

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
static long start_sleepers(pid_t *pids, long count, const struct server *server, long connections)
{
    const pid_t self = getpid();
    for (long i = 0; i < count; i++) {
        const long share = connections * (i + 1) / count - connections * i / count;
        pids[i] = fork();
        if (pids[i] == 0) {
            if (connections > 0) {
                connect_all(server, share);
            }
            sleep_for_ever(self);
        }
        for (long k = 0; k < share && pids[i] > 0; k++) {
            (void)accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
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

/* The argument as a number, 0 when it is not given; negative when it is none. */
static long take_number(int argc, char **argv, int at)
{
    char *end = NULL;
    if (argc <= at) {
        return 0;
    }
    const long number = strtol(argv[at], &end, 10);
    return end != argv[at] && *end == '\0' ? number : -1;
}

int main(int argc, char **argv)
{
    const long count = take_number(argc, argv, 1);
    const long rate = take_number(argc, argv, 2);
    const long connections = take_number(argc, argv, 3);
    struct server server = {.listener = -1};
    pid_t *const pids = calloc(count > 0 ? (size_t)count : 1, sizeof(*pids));
    if (argc > 4 || count < 0 || rate < 0 || connections < 0 || !pids) {
        (void)fprintf(stderr, "usage: population COUNT [RATE [CONNECTIONS]]\n");
        return 2;
    }
    if (connections > 0 && open_server(&server) < 0) {
        perror("population");
        return 1;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGCHLD, SIG_IGN); // the kernel buries them
    (void)printf("ready %ld\n", start_sleepers(pids, count, &server, connections));
    (void)fflush(stdout);
    free(pids);
    if (rate > 0) {
        storm(rate);
    }
    for (;;) {
        (void)pause();
    }
}
