#include "dead_fs.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <linux/mount.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FILE_NODE = 2,          // of the only file; the root is FUSE_ROOT_ID
    REQUEST_BYTES = 131072, // at least what the kernel asks readers of /dev/fuse to have
    FILE_BYTES = DEAD_FS_FILE_BYTES,
};

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
    case FUSE_STATFS: // nor is said how full it is
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

bool dead_fs_start(struct dead_fs *fs, const char **ret_why)
{
    *fs = (struct dead_fs){.mount = -1, .reads = -1};
    int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    fs->mount = fuse >= 0 ? mount_detached(fuse) : -1;
    if (fs->mount < 0) {
        *ret_why = fuse < 0 ? "no /dev/fuse here" : "mounting by FUSE is not allowed here";
        (void)close(fuse);
        return false;
    }
    (void)fflush(NULL);
    int reads[2];
    assert_int_equal(pipe2(reads, O_CLOEXEC), 0);
    fs->reads = reads[0];
    fs->server = fork();
    if (fs->server == 0) {
        (void)close(fs->mount);
        be_server(fuse, reads[1]);
    }
    (void)close(fuse); // with the server gone nobody has it, and what waits goes on
    (void)close(reads[1]);
    return true;
}

void dead_fs_release(struct dead_fs *fs)
{
    if (fs->server > 0) {
        (void)kill(fs->server, SIGKILL);
        (void)waitpid(fs->server, NULL, 0);
        fs->server = 0;
    }
}

void dead_fs_finish(struct dead_fs *fs)
{
    dead_fs_release(fs);
    if (fs->mount >= 0) {
        (void)close(fs->mount);
        fs->mount = -1;
    }
    if (fs->reads >= 0) {
        (void)close(fs->reads);
        fs->reads = -1;
    }
}
