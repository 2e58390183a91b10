#include "platform/wait.h"

#include "platform/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/*
 * One place to sleep. Handlers set a flag and write a byte into a pipe that is polled, so a
 * signal that arrives just before poll() still ends it. A crash and an overdue exit are handled
 * in the handler itself, because by then nothing else of the program can be relied on.
 */

enum {
    OVERDUE_S = 1,             // an ending signal leaves the program so long to leave
    CRASH_STACK_BYTES = 65536, // for a crash handler when the stack itself is what broke
    CAUGHT_MAX = 16,
};

/* A signal to catch. */
struct caught {
    int number;
    enum wait_signal meaning; // WAIT_SIGNAL_NONE: a crash, or the alarm
    void (*handler)(int number);
    bool unless_ignored; // whoever started us with it ignored meant it
    bool only_default;   // leave a handler that is there (a sanitizer's) alone
};

struct wait {
    bool watch_input;
    int event_fd;
    int pipe_read;
    struct {
        int number;
        struct sigaction before;
    } replaced[CAUGHT_MAX];
    size_t replaced_count;
    void *crash_stack; // heap; NULL when none of ours is in use
};

/* What the handlers touch; no more than one wait exists. */
static struct {
    volatile sig_atomic_t pending[WAIT_SIGNAL_RESIZE + 1];
    volatile sig_atomic_t end_signal;
    volatile sig_atomic_t pipe_write;
    wait_emergency *volatile emergency;
} handled = {.pipe_write = -1};

static void note_signal(enum wait_signal meaning)
{
    const int saved = errno;
    handled.pending[meaning] = 1;
    // The pipe does not block; when it is full there is enough in it to wake us.
    const ssize_t written = write((int)handled.pipe_write, "", 1);
    (void)written;
    errno = saved;
}

static void on_end(int number)
{
    if (handled.end_signal == 0) { // a second one must not put the alarm off
        handled.end_signal = number;
        alarm(OVERDUE_S);
    }
    note_signal(WAIT_SIGNAL_END);
}

/* Ctrl-C is a key like others, but one that has to work when nothing else does: who does not come
 * to it within the alarm's time hangs. Sent by somebody else's hand it ends us. */
static void on_interrupt(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (info->si_code != SI_KERNEL) {
        on_end(number);
    } else if (handled.end_signal == 0) {
        handled.end_signal = number;
        alarm(OVERDUE_S);
        note_signal(WAIT_SIGNAL_INTERRUPT);
    }
}

static void on_suspend(int number)
{
    (void)number;
    note_signal(WAIT_SIGNAL_SUSPEND);
}

static void on_resume(int number)
{
    (void)number;
    note_signal(WAIT_SIGNAL_RESUME);
}

static void on_resize(int number)
{
    (void)number;
    note_signal(WAIT_SIGNAL_RESIZE);
}

static void run_emergency(void)
{
    wait_emergency *const emergency = handled.emergency;
    if (emergency) {
        emergency();
    }
}

static void on_overdue(int number)
{
    (void)number;
    run_emergency();
    _exit(128 + (int)handled.end_signal);
}

static void on_crash(int number)
{
    run_emergency();
    // SA_RESETHAND has put the default action back: this dies, with the core dump it should give.
    (void)raise(number);
}

static const struct caught caught[] = {
    {.number = SIGHUP, .meaning = WAIT_SIGNAL_END, .handler = on_end, .unless_ignored = true},
    {.number = SIGINT, .meaning = WAIT_SIGNAL_END, .handler = on_end, .unless_ignored = true},
    {.number = SIGQUIT, .meaning = WAIT_SIGNAL_END, .handler = on_end, .unless_ignored = true},
    {.number = SIGTERM, .meaning = WAIT_SIGNAL_END, .handler = on_end},
    {.number = SIGTSTP, .meaning = WAIT_SIGNAL_SUSPEND, .handler = on_suspend},
    {.number = SIGCONT, .meaning = WAIT_SIGNAL_RESUME, .handler = on_resume},
    {.number = SIGWINCH, .meaning = WAIT_SIGNAL_RESIZE, .handler = on_resize},
    {.number = SIGALRM, .handler = on_overdue},
    {.number = SIGSEGV, .handler = on_crash, .only_default = true},
    {.number = SIGBUS, .handler = on_crash, .only_default = true},
    {.number = SIGFPE, .handler = on_crash, .only_default = true},
    {.number = SIGILL, .handler = on_crash, .only_default = true},
    {.number = SIGABRT, .handler = on_crash, .only_default = true},
};

_Static_assert(sizeof(caught) / sizeof(*caught) <= CAUGHT_MAX, "room to put them all back");

void wait_prepare_process(void)
{
    // Otherwise a file of ours would become standard output, and be written to.
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
        fd = fd < 0 ? open("/", O_RDONLY | O_DIRECTORY) : fd; // a bare chroot: no less harmless
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO) {
        close(fd);
    }
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL); // cannot fail with these arguments
    (void)signal(SIGPIPE, SIG_IGN);              // nor these
    (void)signal(SIGXFSZ, SIG_IGN);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files); // then it stays as low as it was
    }
}

/* A stack for crash handlers, unless somebody (a sanitizer) has set one up. */
static void set_crash_stack(struct wait *wait)
{
    stack_t stack = {0};
    if (sigaltstack(NULL, &stack) < 0 || !(stack.ss_flags & SS_DISABLE)) {
        return;
    }
    wait->crash_stack = malloc(CRASH_STACK_BYTES);
    stack = (stack_t){.ss_sp = wait->crash_stack, .ss_size = CRASH_STACK_BYTES};
    if (wait->crash_stack && sigaltstack(&stack, NULL) < 0) {
        free(wait->crash_stack);
        wait->crash_stack = NULL;
    }
}

/* Whether the signal is left as it is. */
static bool keep_as_is(const struct caught *row, const struct sigaction *before, bool interactive)
{
    if (row->only_default) {
        return before->sa_handler != SIG_DFL;
    }
    // nohup and shell scripts' background jobs; a program on a terminal has to notice, though.
    return row->unless_ignored && !interactive && before->sa_handler == SIG_IGN;
}

static void catch_signals(struct wait *wait)
{
    for (size_t i = 0; i < sizeof(caught) / sizeof(*caught); i++) {
        const struct caught *const row = &caught[i];
        struct sigaction before;
        if (sigaction(row->number, NULL, &before) < 0 ||
            keep_as_is(row, &before, wait->watch_input)) {
            continue;
        }
        // No SA_RESTART: a blocked write must return, so that the program can leave.
        struct sigaction action = {.sa_handler = row->handler};
        if (row->number == SIGINT && wait->watch_input) {
            action.sa_sigaction = on_interrupt;
            action.sa_flags = SA_SIGINFO;
        }
        if (row->only_default) {
            action.sa_flags = (int)((unsigned)SA_ONSTACK | (unsigned)SA_RESETHAND | SA_NODEFER);
        }
        sigemptyset(&action.sa_mask);
        if (sigaction(row->number, &action, NULL) == 0) {
            wait->replaced[wait->replaced_count].number = row->number;
            wait->replaced[wait->replaced_count++].before = before;
        }
    }
}

int wait_create(bool watch_input, wait_emergency *emergency, struct wait **ret)
{
    struct wait *const wait = calloc(1, sizeof(*wait));
    if (!wait) {
        return -ENOMEM;
    }
    int pipe_fds[2];
    wait->watch_input = watch_input;
    wait->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wait->event_fd < 0 || pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0) {
        const int error = -errno;
        if (wait->event_fd >= 0) {
            close(wait->event_fd);
        }
        free(wait);
        return error;
    }
    wait->pipe_read = pipe_fds[0];
    for (size_t i = 0; i <= WAIT_SIGNAL_RESIZE; i++) {
        handled.pending[i] = 0;
    }
    handled.end_signal = 0;
    handled.pipe_write = pipe_fds[1];
    handled.emergency = emergency;
    set_crash_stack(wait);
    catch_signals(wait);
    *ret = wait;
    return 0;
}

void wait_destroy(struct wait *wait)
{
    if (!wait) {
        return;
    }
    alarm(0);
    while (wait->replaced_count > 0) {
        wait->replaced_count--;
        (void)sigaction(wait->replaced[wait->replaced_count].number,
                        &wait->replaced[wait->replaced_count].before, NULL);
    }
    if (wait->crash_stack) {
        const stack_t none = {.ss_flags = SS_DISABLE};
        (void)sigaltstack(&none, NULL);
        free(wait->crash_stack);
    }
    handled.emergency = NULL;
    close((int)handled.pipe_write);
    handled.pipe_write = -1;
    close(wait->pipe_read);
    close(wait->event_fd);
    free(wait);
}

void wait_wake(struct wait *wait)
{
    // Fails only when the counter is full, and then we are as awake as can be.
    const int failed = eventfd_write(wait->event_fd, 1);
    (void)failed;
}

static bool any_pending(void)
{
    for (size_t i = 0; i <= WAIT_SIGNAL_RESIZE; i++) {
        if (handled.pending[i]) {
            return true;
        }
    }
    return false;
}

static struct timespec time_left(uint64_t deadline_ns)
{
    const uint64_t now = platform_now_ns();
    const uint64_t day = 86400000000000u; // as good as for ever, and no overflow
    uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
    left = left < day ? left : day;
    return (struct timespec){.tv_sec = (time_t)(left / 1000000000u),
                             .tv_nsec = (long)(left % 1000000000u)};
}

static unsigned what_is_ready(const struct wait *wait, const struct pollfd fds[3])
{
    unsigned ready = 0;
    char bytes[64];
    eventfd_t count;
    if (fds[0].revents & POLLIN) {
        while (read(wait->pipe_read, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes)) {
        }
    }
    if (any_pending()) {
        ready |= READY_SIGNAL;
    }
    if (fds[1].revents & POLLIN && eventfd_read(wait->event_fd, &count) == 0) {
        ready |= READY_WAKE;
    }
    if (fds[2].revents & POLLIN) {
        ready |= READY_INPUT;
    }
    if (fds[2].revents & (POLLHUP | POLLERR | POLLNVAL)) {
        ready |= READY_GONE;
    }
    return ready;
}

unsigned wait_for(struct wait *wait, uint64_t deadline_ns)
{
    for (;;) {
        struct pollfd fds[3] = {
            {.fd = wait->pipe_read, .events = POLLIN},
            {.fd = wait->event_fd, .events = POLLIN},
            {.fd = wait->watch_input ? STDIN_FILENO : -1, .events = POLLIN}, // -1 is skipped
        };
        const struct timespec left = time_left(any_pending() ? 0 : deadline_ns);
        const int count = ppoll(fds, 3, &left, NULL);
        if (count < 0) { // EINTR: the pipe says more; ENOMEM: try again until the deadline
            for (size_t i = 0; i < 3; i++) {
                fds[i].revents = 0;
            }
        }
        const unsigned ready = what_is_ready(wait, fds);
        if (ready || platform_now_ns() >= deadline_ns) {
            return ready;
        }
    }
}

/* Ctrl-C was noticed, so we do not hang. An ending signal that came as well stays. */
static void forgive_interrupt(void)
{
    sigset_t all;
    sigset_t mask;
    sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, &mask);
    if (!handled.pending[WAIT_SIGNAL_END]) {
        alarm(0);
        handled.end_signal = 0;
    }
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
}

enum wait_signal wait_signal(struct wait *wait)
{
    (void)wait; // what arrived is where the handlers can put it
    for (size_t i = WAIT_SIGNAL_END; i <= WAIT_SIGNAL_RESIZE; i++) {
        if (handled.pending[i]) {
            handled.pending[i] = 0;
            if (i == WAIT_SIGNAL_INTERRUPT) {
                forgive_interrupt();
            }
            return (enum wait_signal)i;
        }
    }
    return WAIT_SIGNAL_NONE;
}

int wait_end_signal(const struct wait *wait)
{
    (void)wait;
    return (int)handled.end_signal;
}

bool wait_input_is_dead(const struct wait *wait)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (!wait->watch_input || poll(&input, 1, 0) <= 0) {
        return false;
    }
    if (input.revents & (POLLHUP | POLLERR | POLLNVAL)) {
        return true;
    }
    // Readable with nothing to read is end of file; a terminal that is gone refuses the question.
    int bytes = 0;
    return ioctl(STDIN_FILENO, FIONREAD, &bytes) < 0 || bytes == 0;
}

void wait_suspend(struct wait *wait)
{
    (void)wait;
    struct sigaction stop = {.sa_handler = SIG_DFL};
    struct sigaction before;
    sigset_t set;
    sigset_t mask;
    sigemptyset(&stop.sa_mask);
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    if (sigaction(SIGTSTP, &stop, &before) < 0) {
        return;
    }
    // Delivered by being unblocked, so that we are stopped here and nowhere later.
    (void)sigprocmask(SIG_BLOCK, &set, &mask);
    (void)raise(SIGTSTP);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    (void)sigaction(SIGTSTP, &before, NULL);
}
