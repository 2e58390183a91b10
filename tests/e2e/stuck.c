#include "stuck.h"

#include "check.h"
#include "pty_screen.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/mount.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FILE_NODE = 2,          // of the only file; the root is FUSE_ROOT_ID
    REQUEST_BYTES = 131072, // at least what the kernel asks readers of /dev/fuse to have
    FILE_BYTES = 4096,
};

/* --- the file system ----------------------------------------------------------------------- */

static void answer(int fuse, uint64_t unique, int error, const void *body, size_t len)
{
    char message[512];
    struct fuse_out_header header = {
        .len = (uint32_t)(sizeof(header) + len),
        .error = error,
        .unique = unique,
    };
    memcpy(message, &header, sizeof(header));
    if (len > 0) {
        memcpy(message + sizeof(header), body, len);
    }
    (void)!write(fuse, message, header.len);
}

static struct fuse_attr attributes(uint64_t node)
{
    return (struct fuse_attr){
        .ino = node,
        .size = node == FILE_NODE ? FILE_BYTES : 0,
        .mode = node == FILE_NODE ? S_IFREG | 0444 : S_IFDIR | 0555,
        .nlink = 1,
        .blksize = FILE_BYTES,
    };
}

/* `say` hears of the first read, which will have no answer. */
static void serve(int fuse, const struct fuse_in_header *request, int say)
{
    const struct fuse_init_out init = {.major = FUSE_KERNEL_VERSION,
                                       .minor = 31,
                                       .max_write = FILE_BYTES};
    const struct fuse_entry_out entry = {.nodeid = FILE_NODE,
                                         .entry_valid = 3600,
                                         .attr_valid = 3600,
                                         .attr = attributes(FILE_NODE)};
    const struct fuse_attr_out attr = {.attr_valid = 3600, .attr = attributes(request->nodeid)};
    const struct fuse_open_out opened = {.fh = 1};
    switch (request->opcode) {
    case FUSE_INIT:
        answer(fuse, request->unique, 0, &init, sizeof(init));
        break;
    case FUSE_LOOKUP:
        answer(fuse, request->unique, 0, &entry, sizeof(entry));
        break;
    case FUSE_GETATTR:
        answer(fuse, request->unique, 0, &attr, sizeof(attr));
        break;
    case FUSE_OPEN:
        answer(fuse, request->unique, 0, &opened, sizeof(opened));
        break;
    case FUSE_READ:
        (void)!write(say, "r", 1);
        break;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
        break;
    default:
        answer(fuse, request->unique, -ENOSYS, NULL, 0);
        break;
    }
}

static _Noreturn void be_server(int fuse, int say)
{
    static char request[REQUEST_BYTES];
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NAME, "fuse-server");
    for (;;) {
        ssize_t len = read(fuse, request, sizeof(request));
        if (len >= (ssize_t)sizeof(struct fuse_in_header)) {
            struct fuse_in_header header;
            memcpy(&header, request, sizeof(header));
            serve(fuse, &header, say);
        } else if (len < 0 && errno != EINTR && errno != ENOENT) {
            _exit(0); // ENODEV: the file system is gone
        }
    }
}

static bool set(int context, const char *key, const char *value)
{
    return syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, value, 0) == 0;
}

/* A mount that stands nowhere in the tree, so that no other namespace can see it. */
static int mount_detached(int fuse)
{
    int context = (int)syscall(SYS_fsopen, "fuse", FSOPEN_CLOEXEC);
    if (context < 0) {
        return -1;
    }
    char fd[16];
    (void)snprintf(fd, sizeof(fd), "%d", fuse);
    int mount = -1;
    if (set(context, "source", "test") && set(context, "fd", fd) &&
        set(context, "rootmode", "40000") && set(context, "user_id", "0") &&
        set(context, "group_id", "0") &&
        syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0) {
        mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
    }
    (void)close(context);
    return mount;
}

/* --- the process and who looks into it ----------------------------------------------------- */

/* Map the file, say where, and once told so try to map more, which waits for ever. */
static _Noreturn void be_target(int mount, const char *name, int say, int hear)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NAME, name);
    int file = openat(mount, "file", O_RDONLY);
    void *address = mmap(NULL, FILE_BYTES, PROT_READ, MAP_PRIVATE, file, 0);
    (void)close(mount);
    (void)!write(say, &address, sizeof(address));
    char word;
    if (file < 0 || address == MAP_FAILED || read(hear, &word, 1) != 1) {
        _exit(1);
    }
    (void)mmap(NULL, FILE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
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
    int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    int mount = fuse >= 0 ? mount_detached(fuse) : -1;
    if (mount < 0) {
        *ret_why = fuse < 0 ? "no /dev/fuse here" : "mounting by FUSE is not allowed here";
        (void)close(fuse);
        return false;
    }
    (void)fflush(NULL);
    int reads[2];
    assert_int_equal(pipe2(reads, O_CLOEXEC), 0);
    stuck->server = fork();
    if (stuck->server == 0) {
        (void)close(mount);
        be_server(fuse, reads[1]);
    }
    (void)close(fuse); // with the server gone nobody has it, and what waits goes on
    (void)close(reads[1]);
    int tell = -1;
    void *address = start_target(stuck, mount, name, &tell);
    (void)close(mount);
    *ret_why = "the file could not be mapped";
    bool ok = address != NULL;
    if (ok) {
        stuck->holder = fork();
        if (stuck->holder == 0) {
            be_holder(stuck->target, (off_t)(uintptr_t)address);
        }
        *ret_why = "looking into memory does not block here";
        struct pollfd asked = {.fd = reads[0], .events = POLLIN};
        ok =
            poll(&asked, 1, 5000) > 0 && write(tell, "x", 1) == 1 && becomes_blocked(stuck->target);
    }
    (void)close(tell);
    (void)close(reads[0]);
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
    bury(&stuck->server);
}

void stuck_finish(struct stuck *stuck)
{
    bury(&stuck->server); // first: the others do not die before
    bury(&stuck->holder);
    bury(&stuck->target);
}
