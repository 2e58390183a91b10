#include "tree.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 1024, TEXT_BYTES = 65536, LEFT_MAX = 64 };

/* What is to be removed when this process ends. */
static struct {
    pid_t maker; // 0: nobody yet
    char paths[LEFT_MAX][TREE_ROOT_BYTES];
} left;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int remove_all(const char *path)
{
    return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void remove_left(void)
{
    for (size_t i = 0; i < LEFT_MAX && getpid() == left.maker; i++) {
        if (left.paths[i][0] != '\0') {
            (void)remove_all(left.paths[i]); // mostly it is gone already
        }
    }
}

void tree_remove_at_exit(const char *path)
{
    if (left.maker == 0) {
        left.maker = getpid();
        assert_int_equal(atexit(remove_left), 0);
    }
    for (size_t i = 0; i < LEFT_MAX && getpid() == left.maker; i++) {
        if (left.paths[i][0] == '\0' || access(left.paths[i], F_OK) < 0) {
            (void)snprintf(left.paths[i], TREE_ROOT_BYTES, "%s", path);
            return;
        }
    }
}

void tree_make(char root[TREE_ROOT_BYTES])
{
    (void)snprintf(root, TREE_ROOT_BYTES, "/tmp/perch-test-XXXXXX");
    assert_non_null(mkdtemp(root));
    tree_remove_at_exit(root);
    assert_int_equal(chmod(root, 0755), 0);
}

/* Makes all directories up to the last slash. */
static void make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
        *slash = '/';
    }
}

void tree_dir(const char *root, const char *path)
{
    char full[PATH_BYTES];
    (void)snprintf(full, sizeof(full), "%s/%s/", root, path);
    make_parents(full);
}

void tree_file(const char *root, const char *path, const char *format, ...)
{
    static char text[TEXT_BYTES];
    char full[PATH_BYTES];
    va_list arguments;
    va_start(arguments, format);
    const int len = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    assert_true(len >= 0 && len < TEXT_BYTES);
    (void)snprintf(full, sizeof(full), "%s/%s", root, path);
    make_parents(full);
    const int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, (size_t)len), len);
    close(fd);
}

void tree_process(const char *root, const struct tree_process *process)
{
    const int32_t pid = process->pid;
    char path[64];
    for (size_t i = 0; i < 2; i++) {
        if (i == 0) {
            (void)snprintf(path, sizeof(path), "%d/stat", pid);
        } else {
            (void)snprintf(path, sizeof(path), "%d/task/%d/stat", pid, pid);
        }
        tree_file(root, path,
                  "%d (made up) S %d %d %d 0 -1 %u 0 0 0 0 0 0 0 0 20 %d 1 0 %llu 0 0 0 0 0 0 0 0 "
                  "0 0 0 0 0 0 0 17 0 0 %d 0 0 0 0 0 0 0 0 0 0 0\n",
                  pid, process->ppid, pid, pid, process->flags, process->nice,
                  (unsigned long long)process->start_ticks, process->policy);
    }
}

struct proc_id tree_process_id(int32_t pid, uint64_t start_ticks)
{
    const uint64_t tick_ns = 1000000000u / (uint64_t)sysconf(_SC_CLK_TCK);
    return (struct proc_id){.pid = pid, .start_ns = start_ticks * tick_ns};
}

void tree_remove(const char *root)
{
    assert_int_equal(remove_all(root), 0);
}
