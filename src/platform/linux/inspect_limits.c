#include "platform/linux/inspector.h"
#include "platform/linux/parse_inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Limits, with what is used of them where the kernel keeps count of it somewhere else. */

enum { LIMITS_MAX = 64 }; // the kernel has 16

/* What the figures are taken from. */
struct usage {
    struct procfs_file status; // empty: it could not be read
    struct raw_proc stat;
    bool has_stat;
    uint64_t files; // FIGURE_ABSENT unknown
    bool files_denied;
};

static uint64_t count_files(const struct inspector *in, bool *ret_denied)
{
    struct inspector_numbers fds = {0};
    const int dir = openat(in->dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        *ret_denied = inspector_is_denied(-errno);
        return FIGURE_ABSENT;
    }
    const int error = inspector_list(dir, INSPECT_FILES_MAX, &fds);
    const uint64_t count = error || fds.cut ? FIGURE_ABSENT : fds.count;
    free(fds.items);
    close(dir);
    return count;
}

static void usage_read(const struct inspector *in, struct usage *ret)
{
    char buf[PROCFS_STAT_BYTES];
    size_t len;
    *ret = (struct usage){0};
    ret->files = count_files(in, &ret->files_denied);
    if (procfs_read_all(in->dir, "status", &ret->status)) {
        ret->status.len = 0;
    }
    ret->has_stat = procfs_read(in->top, "stat", buf, sizeof(buf), &len) == 0 &&
                    parse_proc_stat(buf, len, &in->platform->units, &ret->stat) == 0;
    ret->stat.name = (struct raw_bytes){0}; // pointed into the buffer
}

/* A figure of `status` in kB, as bytes. */
static uint64_t used_memory(struct raw_bytes status, const char *key)
{
    const uint64_t kib = parse_inspect_status_u64(status, key, FIGURE_ABSENT);
    return kib <= UINT64_MAX / 1024 - 1 ? kib * 1024 : FIGURE_ABSENT;
}

static bool is_named(struct raw_bytes name, const char *text)
{
    return name.len == strlen(text) && memcmp(name.ptr, text, name.len) == 0;
}

static uint64_t used_by_stat(const struct raw_proc *stat, struct raw_bytes name)
{
    enum { NICE_LIMIT_BASE = 20 }; // setrlimit(2): the limit L allows nice values down to 20 - L
    if (is_named(name, "Max cpu time")) {
        return (stat->user_ns + stat->system_ns) / 1000000000u;
    }
    if (is_named(name, "Max nice priority")) {
        return stat->nice <= NICE_LIMIT_BASE ? (uint64_t)(NICE_LIMIT_BASE - stat->nice) : 0;
    }
    if (is_named(name, "Max realtime priority")) {
        return stat->rt_priority;
    }
    return FIGURE_ABSENT;
}

static uint64_t used_of(const struct usage *usage, struct raw_bytes name)
{
    static const struct {
        const char *name, *key;
    } memory[] = {
        {"Max address space", "VmSize"}, {"Max data size", "VmData"},   {"Max stack size", "VmStk"},
        {"Max locked memory", "VmLck"},  {"Max resident set", "VmRSS"},
    };
    const struct raw_bytes status = {.ptr = usage->status.ptr, .len = (uint32_t)usage->status.len};
    for (size_t i = 0; i < sizeof(memory) / sizeof(*memory); i++) {
        if (is_named(name, memory[i].name)) {
            return used_memory(status, memory[i].key);
        }
    }
    if (is_named(name, "Max open files")) {
        return usage->files;
    }
    if (is_named(name, "Max pending signals")) { // of all processes of the owner, as the limit is
        return parse_inspect_status_u64(status, "SigQ", FIGURE_ABSENT);
    }
    return usage->has_stat ? used_by_stat(&usage->stat, name) : FIGURE_ABSENT;
}

int inspect_limits(const struct inspector *in, struct raw_inspect *ret)
{
    enum { LIMITS_BYTES = 8192 };
    struct raw_bytes text;
    struct usage usage;
    int error = inspector_file(in, in->dir, "limits", LIMITS_BYTES, &text, NULL);
    if (error) {
        return error;
    }
    struct raw_limit *const items = arena_alloc(in->arena, LIMITS_MAX, sizeof(*items));
    struct span rest = {.at = text.ptr, .end = text.ptr + text.len};
    size_t count = 0;
    if (!items) {
        return -ENOMEM;
    }
    usage_read(in, &usage);
    while (count < LIMITS_MAX && parse_inspect_limit(&rest, &items[count])) {
        items[count].used = used_of(&usage, items[count].name);
        items[count].used_denied =
            usage.files_denied && is_named(items[count].name, "Max open files");
        count++;
    }
    procfs_file_finish(&usage.status);
    ret->as.limits.items = items;
    ret->as.limits.count = count;
    return 0;
}

int inspect_environ(const struct inspector *in, struct raw_inspect *ret)
{
    struct raw_bytes *const environ = &ret->as.environ;
    const int error =
        inspector_file(in, in->dir, "environ", INSPECT_ENVIRON_BYTES, environ, &ret->cut);
    // Kernel threads and zombies have no memory that it could be in.
    if (error == 0) {
        environ->len = (uint32_t)parse_inspect_environ(*environ);
    }
    return error == -ESRCH ? 0 : error;
}
