#include "platform/linux/inspector.h"
#include "platform/linux/parse_cgroup.h"
#include "platform/linux/parse_inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Who a process is: many small files, each of which may be refused or missing by itself. */

enum {
    NAMESPACES_MAX = 32, // the kernel has ten names
    NAMESPACE_NAME_MAX = 64,
};

static int read_groups(const struct inspector *in, struct raw_bytes status, struct raw_inspect *ret)
{
    struct raw_identity *const identity = &ret->as.identity;
    const size_t all = parse_inspect_groups(status, NULL, 0);
    const size_t count = all < INSPECT_GROUPS_MAX ? all : INSPECT_GROUPS_MAX;
    uint32_t *const groups = arena_alloc(in->arena, count, sizeof(*groups));
    if (count > 0 && !groups) {
        return -ENOMEM;
    }
    (void)parse_inspect_groups(status, groups, count); // as many as there is room for
    identity->groups = groups;
    identity->group_count = count;
    ret->cut |= count < all;
    return 0;
}

static int read_status(const struct inspector *in, struct raw_inspect *ret)
{
    struct procfs_file file = {0};
    int error = procfs_read_all(in->dir, "status", &file);
    if (error == 0) {
        const struct raw_bytes status = {.ptr = file.ptr, .len = (uint32_t)file.len};
        parse_inspect_identity(status, &ret->as.identity);
        error = read_groups(in, status, ret);
    }
    procfs_file_finish(&file);
    if (error == 0 && in->dir != in->top && procfs_read_all(in->top, "status", &file) == 0) {
        const struct raw_bytes status = {.ptr = file.ptr, .len = (uint32_t)file.len};
        struct raw_identity first;
        parse_inspect_identity(status, &first);
        ret->as.identity.inner_pid = first.inner_pid; // the other one is of a thread
    }
    procfs_file_finish(&file);
    return error;
}

/* A link and whether it was refused. Errors: -ENOMEM; one that is not there is empty. */
static int read_link(const struct inspector *in, const char *path, struct raw_bytes *ret,
                     bool *ret_denied)
{
    const int error = inspector_link(in, in->dir, path, ret);
    *ret_denied = inspector_is_denied(error);
    return error == -ENOMEM ? error : 0;
}

static int read_links(const struct inspector *in, struct raw_identity *ret)
{
    int error = read_link(in, "exe", &ret->exe, &ret->exe_denied);
    if (error == 0) {
        error = read_link(in, "cwd", &ret->cwd, &ret->cwd_denied);
    }
    if (error == 0) {
        error = read_link(in, "root", &ret->root, &ret->root_denied);
    }
    return error;
}

/* What the security module calls it; without one the kernel refuses to answer. */
static int read_label(const struct inspector *in, struct raw_bytes *ret)
{
    enum { LABEL_BYTES = 4096 };
    const int error = inspector_file(in, in->dir, "attr/current", LABEL_BYTES, ret, NULL);
    if (error) {
        return error == -ENOMEM ? error : 0;
    }
    while (ret->len > 0 && (ret->ptr[ret->len - 1] == '\n' || ret->ptr[ret->len - 1] == '\0')) {
        ret->len--;
    }
    return 0;
}

static bool is_root(struct raw_bytes path)
{
    return path.len == 1;
}

/* The path that tells most: where only v1 has controllers, everything is in the root of v2. */
static bool choose_cgroup(struct raw_bytes file, struct raw_bytes *ret)
{
    static const char *const hierarchies[] = {NULL, "name=systemd", "memory", "cpu", "pids"};
    bool found = false;
    for (size_t i = 0; i < sizeof(hierarchies) / sizeof(*hierarchies); i++) {
        struct raw_bytes path;
        if ((!found || is_root(*ret)) && parse_cgroup_path(file, hierarchies[i], &path)) {
            *ret = found && is_root(path) ? *ret : path;
            found = true;
        }
    }
    return found;
}

static int read_cgroup(const struct inspector *in, struct raw_bytes *ret)
{
    struct procfs_file file = {0};
    struct raw_bytes path = {0};
    int error = procfs_read_all(in->dir, "cgroup", &file);
    const struct raw_bytes text = {.ptr = file.ptr, .len = (uint32_t)file.len};
    if (error == 0 && choose_cgroup(text, &path)) {
        error = inspector_copy(in, path.ptr, path.len, ret);
    }
    procfs_file_finish(&file);
    return error == -ENOMEM ? error : 0;
}

/* A file of one number, as 64 bits; false when it cannot be read. */
static bool read_number(const struct inspector *in, const char *path, int64_t *ret)
{
    char buf[32];
    size_t len;
    return procfs_read(in->dir, path, buf, sizeof(buf), &len) == 0 &&
           str_take_i64(buf, len, ret) > 0;
}

static int32_t read_score(const struct inspector *in, const char *path)
{
    int64_t score;
    const bool has = read_number(in, path, &score) && score > INT32_MIN && score <= INT32_MAX;
    return has ? (int32_t)score : INT32_MIN;
}

static void read_numbers(const struct inspector *in, struct raw_identity *ret)
{
    int64_t uid;
    const bool has_login = read_number(in, "loginuid", &uid) && uid >= 0 && uid < UINT32_MAX;
    ret->login_uid = has_login ? (uint32_t)uid : UINT32_MAX;
    ret->oom_score = read_score(in, "oom_score");
    ret->oom_score_adj = read_score(in, "oom_score_adj");
}

/* The inode of a namespace in the directory `ns` of perch itself; 0 unknown. */
static uint64_t own_namespace(const struct platform *platform, const char *name, const char *type)
{
    char path[NAMESPACE_NAME_MAX + 16];
    char link[128];
    uint64_t inode;
    struct strbuf text;
    str_init(&text, path, sizeof(path));
    str_addf(&text, "self/ns/%s", name);
    const ssize_t len = readlinkat(platform->proc_fd, path, link, sizeof(link));
    const struct raw_bytes bytes = {.ptr = link, .len = len > 0 ? (uint32_t)len : 0};
    return parse_inspect_link_inode(bytes, type, &inode) ? inode : 0;
}

/* One link of `ns`; "pid_for_children" is of the type "pid". */
static int read_namespace(const struct inspector *in, int dir, const char *name,
                          struct raw_namespace *ret)
{
    char link[128];
    char type[NAMESPACE_NAME_MAX];
    const ssize_t len = readlinkat(dir, name, link, sizeof(link));
    if (len < 0) {
        return -errno;
    }
    const struct raw_bytes bytes = {.ptr = link, .len = (uint32_t)len};
    const char *const colon = memchr(link, ':', (size_t)len);
    const size_t type_len = colon ? (size_t)(colon - link) : 0;
    if (type_len == 0 || type_len >= sizeof(type)) {
        return -EINVAL;
    }
    memcpy(type, link, type_len);
    type[type_len] = '\0';
    if (!parse_inspect_link_inode(bytes, type, &ret->inode)) {
        return -EINVAL;
    }
    ret->same = own_namespace(in->platform, name, type) == ret->inode;
    return inspector_copy(in, name, strlen(name), &ret->type);
}

static int list_namespaces(const struct inspector *in, int dir, struct raw_namespace *items,
                           size_t *ret_count)
{
    char buf[2048];
    struct procfs_list list = {.fd = dir, .buf = buf, .size = sizeof(buf)};
    const char *name;
    size_t count = 0;
    int error = 0;
    while (error != -ENOMEM && count < NAMESPACES_MAX && procfs_list_next(&list, &name) > 0) {
        if (name[0] == '.' || strlen(name) >= NAMESPACE_NAME_MAX) {
            continue;
        }
        error = read_namespace(in, dir, name, &items[count]); // those not to be read are left out
        count += error == 0;
    }
    *ret_count = count;
    return error == -ENOMEM ? error : 0;
}

static int read_namespaces(const struct inspector *in, struct raw_identity *ret)
{
    const int dir = openat(in->dir, "ns", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        ret->namespaces_denied = inspector_is_denied(-errno);
        return 0;
    }
    struct raw_namespace *const items = arena_alloc(in->arena, NAMESPACES_MAX, sizeof(*items));
    const int error = items ? list_namespaces(in, dir, items, &ret->namespace_count) : -ENOMEM;
    ret->namespaces = items;
    close(dir);
    return error;
}

/* Argv, which of a kernel thread or a zombie is empty. */
static int read_cmdline(const struct inspector *in, struct raw_inspect *ret)
{
    struct raw_identity *const identity = &ret->as.identity;
    const int error = inspector_file(in, in->dir, "cmdline", INSPECT_ENVIRON_BYTES,
                                     &identity->cmdline, &ret->cut);
    return error == -ENOMEM ? error : 0;
}

int inspect_identity(const struct inspector *in, struct raw_inspect *ret)
{
    struct raw_identity *const identity = &ret->as.identity;
    int error = read_status(in, ret);
    if (error == 0) {
        error = read_links(in, identity);
    }
    if (error == 0) {
        error = read_label(in, &identity->label);
    }
    if (error == 0) {
        error = read_cgroup(in, &identity->cgroup);
    }
    if (error == 0) {
        error = read_namespaces(in, identity);
    }
    read_numbers(in, identity);
    // Last, as it is the one that may never return.
    return error ? error : read_cmdline(in, ret);
}
