#include "stuck.h"

#include "check.h"
#include "pty_screen.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- the process and who looks into it ----------------------------------------------------- */

/* Map the file, say where, and once told so try to map more, which waits for ever. */
static _Noreturn void be_target(int mount, const char *name, int say, int hear)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NAME, name);
    int file = openat(mount, "file", O_RDONLY);
    void *address = mmap(NULL, DEAD_FS_FILE_BYTES, PROT_READ, MAP_PRIVATE, file, 0);
    (void)close(mount);
    (void)!write(say, &address, sizeof(address));
    char word;
    if (file < 0 || address == MAP_FAILED || read(hear, &word, 1) != 1) {
        _exit(1);
    }
    (void)mmap(NULL, DEAD_FS_FILE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (;;) {
        (void)pause();
    }
}

static _Noreturn void be_holder(pid_t target, off_t address)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NAME, "mmap-holder");
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/mem", target);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char byte;
    (void)!pread(fd, &byte, 1, address);
    for (;;) {
        (void)pause();
    }
}

static char state_of(pid_t pid)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    char text[512] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    (void)close(fd);
    const char *end = len > 0 ? strrchr(text, ')') : NULL;
    return end != NULL && end[1] == ' ' ? end[2] : '?';
}

/* Wait until a process waits for the kernel. */
static bool becomes_blocked(pid_t pid)
{
    for (int64_t end = pty_now_ms() + 5000; pty_now_ms() < end;) {
        if (state_of(pid) == 'D') {
            return true;
        }
        (void)poll(NULL, 0, 5);
    }
    return false;
}

/* Start the target. Returns the address of its mapping, NULL when there is none; *ret_tell is
 * where to tell it to go on. */
static void *start_target(struct stuck *stuck, int mount, const char *name, int *ret_tell)
{
    int say[2];
    int hear[2];
    assert_int_equal(pipe2(say, O_CLOEXEC), 0);
    assert_int_equal(pipe2(hear, O_CLOEXEC), 0);
    stuck->target = fork();
    if (stuck->target == 0) {
        be_target(mount, name, say[1], hear[0]);
    }
    (void)close(say[1]);
    (void)close(hear[0]);
    void *address = MAP_FAILED;
    ssize_t len = read(say[0], &address, sizeof(address));
    (void)close(say[0]);
    *ret_tell = hear[1];
    return len == (ssize_t)sizeof(address) && address != MAP_FAILED ? address : NULL;
}

bool stuck_start(struct stuck *stuck, const char *name, const char **ret_why)
{
    *stuck = (struct stuck){0};
    if (!dead_fs_start(&stuck->fs, ret_why)) {
        return false;
    }
    int tell = -1;
    void *address = start_target(stuck, stuck->fs.mount, name, &tell);
    *ret_why = "the file could not be mapped";
    bool ok = address != NULL;
    if (ok) {
        stuck->holder = fork();
        if (stuck->holder == 0) {
            be_holder(stuck->target, (off_t)(uintptr_t)address);
        }
        *ret_why = "looking into memory does not block here";
        struct pollfd asked = {.fd = stuck->fs.reads, .events = POLLIN};
        ok =
            poll(&asked, 1, 5000) > 0 && write(tell, "x", 1) == 1 && becomes_blocked(stuck->target);
    }
    (void)close(tell);
    if (!ok) {
        stuck_finish(stuck);
    }
    return ok;
}

static void bury(pid_t *pid)
{
    if (*pid > 0) {
        (void)kill(*pid, SIGKILL);
        (void)waitpid(*pid, NULL, 0);
        *pid = 0;
    }
}

void stuck_release(struct stuck *stuck)
{
    dead_fs_release(&stuck->fs);
}

void stuck_finish(struct stuck *stuck)
{
    dead_fs_finish(&stuck->fs); // first: the others do not die before
    bury(&stuck->holder);
    bury(&stuck->target);
}
