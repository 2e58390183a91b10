#include "waits.h"

#include "check.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <mntent.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000, STEP_MS = 10 };

/* In a child: dies with the test, and is called so. In a user namespace of ours it would have all
 * capabilities, and then the program, which has none there, could not look into it. */
static void settle_in(const char *name)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    if (geteuid() != 0) {
        (void)syscall(SYS_capset, &header, none);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NAME, name);
}

/* Up to `size` - 1 bytes of a file as a string; empty when it cannot be read. */
static void read_text(const char *path, char *text, size_t size)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t len = fd >= 0 ? read(fd, text, size - 1) : 0;
    text[len > 0 ? len : 0] = '\0';
    if (fd >= 0) {
        (void)close(fd);
    }
}

/* --- a read that has no answer ------------------------------------------------------------- */

/* What is read, and by whom. */
struct reading {
    int file;
    const char *thread; // NULL: the first one
};

static void *read_in_vain(void *context)
{
    const struct reading *const reading = context;
    char byte;
    if (reading->thread) {
        (void)prctl(PR_SET_NAME, reading->thread);
    }
    (void)!read(reading->file, &byte, 1);
    return NULL;
}

static void read_so(struct reading *reading)
{
    pthread_t thread;
    if (!reading->thread) {
        (void)read_in_vain(reading);
    } else if (pthread_create(&thread, NULL, read_in_vain, reading) == 0) {
        for (;;) {
            (void)sleep(1000);
        }
    }
}

static bool start_reading(struct waits *waits, const char *name, struct reading *reading,
                          const char **ret_why)
{
    *waits = (struct waits){.fs = {.mount = -1, .reads = -1}};
    if (!dead_fs_start(&waits->fs, ret_why)) {
        return false;
    }
    const int file = openat(waits->fs.mount, WAITS_FILE, O_RDONLY);
    assert_true(file >= 0);
    reading->file = file;
    waits->pid = fork();
    assert_true(waits->pid >= 0);
    if (waits->pid == 0) {
        settle_in(name);
        (void)close(waits->fs.mount);
        read_so(reading);
        _exit(0);
    }
    (void)close(file);
    struct pollfd asked = {.fd = waits->fs.reads, .events = POLLIN};
    assert_true(poll(&asked, 1, PATIENCE_MS) > 0);
    return true;
}

bool waits_read(struct waits *waits, const char *name, int *ret_fd, const char **ret_why)
{
    struct reading reading = {0};
    const bool ok = start_reading(waits, name, &reading, ret_why);
    *ret_fd = reading.file;
    return ok;
}

bool waits_read_in_thread(struct waits *waits, const char *name, const char *thread, int *ret_fd,
                          const char **ret_why)
{
    struct reading reading = {.thread = thread};
    const bool ok = start_reading(waits, name, &reading, ret_why);
    *ret_fd = reading.file;
    return ok;
}

/* --- whatever a test likes ----------------------------------------------------------------- */

void waits_start(struct waits *waits, const char *name, void (*run)(const void *context),
                 const void *context)
{
    int ready[2];
    char byte;
    *waits = (struct waits){.fs = {.mount = -1, .reads = -1}};
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    waits->pid = fork();
    assert_true(waits->pid >= 0);
    if (waits->pid == 0) {
        settle_in(name);
        (void)!write(ready[1], "y", 1);
        (void)close(ready[0]);
        (void)close(ready[1]);
        run(context);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

/* --- a futex ------------------------------------------------------------------------------- */

void waits_futex(struct waits *waits, const char *name)
{
    int ready[2];
    char byte;
    *waits = (struct waits){.fs = {.mount = -1, .reads = -1}};
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    waits->pid = fork();
    assert_true(waits->pid >= 0);
    if (waits->pid == 0) {
        pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
        settle_in(name);
        pthread_mutex_lock(&mutex);
        (void)!write(ready[1], "y", 1);
        pthread_mutex_lock(&mutex);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

/* --- a CPU quota --------------------------------------------------------------------------- */

static bool write_file(const char *dir, const char *name, const char *text)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    const bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0) {
        (void)close(fd);
    }
    return ok;
}

/* A cgroup of which a test that failed did not get to the end. */
static struct {
    pid_t maker;      // process whose end is the last chance; 0: none yet
    pid_t child;      // its child that is in there
    char cgroup[256]; // empty: it is gone
} left;

/* What was killed may still be leaving. */
static bool remove_cgroup(const char *path)
{
    bool gone = false;
    for (int tries = 0; !gone && tries < 100; tries++) {
        gone = rmdir(path) == 0;
        if (!gone) {
            (void)poll(NULL, 0, STEP_MS);
        }
    }
    return gone;
}

static void remove_left(void)
{
    if (getpid() != left.maker || left.cgroup[0] == '\0') {
        return;
    }
    if (left.child > 0) {
        (void)kill(left.child, SIGKILL);
        (void)waitpid(left.child, NULL, 0);
    }
    (void)remove_cgroup(left.cgroup);
}

static void remove_at_exit(const struct waits *waits)
{
    if (left.maker == 0) {
        assert_int_equal(atexit(remove_left), 0);
    }
    left.maker = getpid();
    left.child = 0;
    (void)snprintf(left.cgroup, sizeof(left.cgroup), "%s", waits->cgroup);
}

/* A cgroup with the quota below one mount. */
static bool make_cgroup(struct waits *waits, const char *mount)
{
    char text[64];
    if (waits->v2) {
        (void)write_file(mount, "cgroup.subtree_control", "+cpu"); // may be so already
    }
    const int len = snprintf(waits->cgroup, sizeof(waits->cgroup), "%s/perch-test-XXXXXX", mount);
    if (len >= (int)sizeof(waits->cgroup) || mkdtemp(waits->cgroup) == NULL ||
        chmod(waits->cgroup, 0755) < 0) {
        waits->cgroup[0] = '\0';
        return false;
    }
    remove_at_exit(waits);
    (void)snprintf(text, sizeof(text), "%d %d", WAITS_QUOTA_US, WAITS_PERIOD_US);
    bool ok = waits->v2 && write_file(waits->cgroup, "cpu.max", text);
    if (!waits->v2) {
        (void)snprintf(text, sizeof(text), "%d", WAITS_PERIOD_US);
        ok = write_file(waits->cgroup, "cpu.cfs_period_us", text);
        (void)snprintf(text, sizeof(text), "%d", WAITS_QUOTA_US);
        ok = ok && write_file(waits->cgroup, "cpu.cfs_quota_us", text);
    }
    if (!ok) {
        (void)rmdir(waits->cgroup);
        waits->cgroup[0] = '\0';
        left.cgroup[0] = '\0';
    }
    return ok;
}

/* In v2 where it has the controller, else in v1. */
static bool find_cgroup(struct waits *waits)
{
    FILE *const mounts = setmntent("/proc/self/mounts", "re");
    const struct mntent *entry;
    bool found = false;
    while (mounts && !found && (entry = getmntent(mounts))) {
        waits->v2 = strcmp(entry->mnt_type, "cgroup2") == 0;
        const bool fits =
            waits->v2 || (strcmp(entry->mnt_type, "cgroup") == 0 && hasmntopt(entry, "cpu"));
        found = fits && make_cgroup(waits, entry->mnt_dir);
    }
    if (mounts) {
        (void)endmntent(mounts);
    }
    return found;
}

/* Whether the counter of this name is there and not 0. */
static bool has_counted(const char *text, const char *name)
{
    const char *const found = strstr(text, name);
    return found && strtoull(found + strlen(name), NULL, 10) > 0;
}

/* The time counts later than the number: when it may run again. */
static bool was_throttled(const struct waits *waits)
{
    char path[512];
    char text[1024];
    (void)snprintf(path, sizeof(path), "%s/cpu.stat", waits->cgroup);
    read_text(path, text, sizeof(text));
    return has_counted(text, "nr_throttled ") &&
           (has_counted(text, "throttled_usec ") || has_counted(text, "throttled_time "));
}

static _Noreturn void spin(void)
{
    for (volatile unsigned turns = 0;; turns = turns + 1) {
    }
}

bool waits_throttled(struct waits *waits, const char *name, const char **ret_why)
{
    *waits = (struct waits){.fs = {.mount = -1, .reads = -1}};
    if (!find_cgroup(waits)) {
        *ret_why = "no CPU controller that may be written here";
        return false;
    }
    waits->pid = fork();
    assert_true(waits->pid >= 0);
    if (waits->pid == 0) {
        settle_in(name);
        if (!write_file(waits->cgroup, "cgroup.procs", "0")) {
            _exit(1);
        }
        spin();
    }
    left.child = waits->pid;
    int patience = PATIENCE_MS / STEP_MS;
    while (!was_throttled(waits) && patience-- > 0) {
        (void)poll(NULL, 0, STEP_MS);
    }
    assert_true(patience > 0);
    return true;
}

void waits_finish(struct waits *waits)
{
    dead_fs_finish(&waits->fs); // first: who reads there does not die before
    if (waits->pid > 0) {
        (void)kill(waits->pid, SIGKILL);
        (void)waitpid(waits->pid, NULL, 0);
        waits->pid = 0;
    }
    if (waits->cgroup[0] != '\0' && remove_cgroup(waits->cgroup)) {
        waits->cgroup[0] = '\0';
        left.cgroup[0] = '\0';
    }
}
