#include "platform/linux/parts.h"
#include "platform/linux/probe_memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Reads that may never return. They run on threads of the prober, several at once, so nothing
 * here touches the scanning thread's part of the platform.
 */

static int read_cmdline(const struct platform *platform, const char *path, char *buf, size_t size,
                        size_t *ret_len)
{
    return procfs_read(platform->proc_fd, path, buf, size, ret_len);
}

static int read_exe(const struct platform *platform, const char *path, char *buf, size_t size,
                    size_t *ret_len)
{
    const ssize_t len = readlinkat(platform->proc_fd, path, buf, size);
    *ret_len = len < 0 ? 0 : (size_t)len;
    return len < 0 ? -errno : 0;
}

/* Of the directory of a process or thread. */
static int read_smaps(const struct platform *platform, const char *path, char *buf, size_t size,
                      size_t *ret_len)
{
    struct raw_smaps smaps;
    if (size < sizeof(smaps)) {
        return -EINVAL;
    }
    const int error = probe_memory_smaps(platform, path, &smaps);
    if (error == 0) {
        memcpy(buf, &smaps, sizeof(smaps));
        *ret_len = sizeof(smaps);
    }
    return error == -ENODATA ? -ENOENT : error;
}

/* One file of a process. When its first thread has ended that has none of it, but others do. */
static int probe_file(const struct platform *platform, struct proc_id id, const char *tail,
                      int (*read_it)(const struct platform *platform, const char *path, char *buf,
                                     size_t size, size_t *ret_len),
                      char *buf, size_t size, size_t *ret_len)
{
    char path[PROCFS_PATH_BYTES];
    size_t len = 0;
    if (id.pid <= 0) {
        return -ESRCH;
    }
    procfs_path(path, id.pid, tail);
    int error = read_it(platform, path, buf, size, &len);
    const int32_t survivor = error || len == 0 ? procfs_survivor_of(platform, id.pid) : 0;
    if (survivor > 0) {
        procfs_thread_path(path, id.pid, survivor, tail);
        error = read_it(platform, path, buf, size, &len);
    }
    error = procfs_settle(error, procfs_check(platform, id));
    if (error == 0) {
        *ret_len = len;
    }
    return error;
}

static int copy_name(const char *name, char *buf, size_t size, size_t *ret_len)
{
    const size_t all = strlen(name);
    const size_t len = all < size ? all : size;
    memcpy(buf, name, len);
    *ret_len = len;
    return 0;
}

/* What name services say when they do not know somebody differs; all of these mean just that. */
static bool means_unknown(int error)
{
    return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

static int probe_user(uint32_t uid, char *buf, size_t size, size_t *ret_len)
{
    enum { FIRST_BYTES = 4096, LAST_BYTES = 1048576 };
    for (size_t room = FIRST_BYTES; room <= LAST_BYTES; room *= 4) {
        char *const memory = malloc(room);
        if (!memory) {
            return -ENOMEM;
        }
        struct passwd entry;
        struct passwd *found = NULL;
        const int error = getpwuid_r(uid, &entry, memory, room, &found);
        int result = means_unknown(error) ? -ENOENT : -error;
        if (found && found->pw_name) {
            result = copy_name(found->pw_name, buf, size, ret_len);
        }
        free(memory);
        if (error != ERANGE) {
            return result;
        }
    }
    return -ERANGE;
}

/* A file of one number in sysfs; 0 when there is none to be had ("<unknown>"). */
static uint32_t read_khz(int dir, const char *path)
{
    char buf[64];
    size_t len;
    if (procfs_read(dir, path, buf, sizeof(buf) - 1, &len)) {
        return 0;
    }
    buf[len] = '\0';
    const unsigned long khz = strtoul(buf, NULL, 10);
    return khz > UINT32_MAX ? 0 : (uint32_t)khz;
}

/* Sets the frequency of all CPUs in a list like "0 1 2". */
static void set_listed(const char *list, uint32_t khz, uint32_t *ret, size_t count)
{
    char *end;
    for (;;) {
        const unsigned long cpu = strtoul(list, &end, 10);
        if (end == list) {
            return;
        }
        if (cpu < count) {
            ret[cpu] = khz;
        }
        list = end;
    }
}

/* One cpufreq policy: the CPUs that share a clock. */
static bool read_policy(int cpufreq_fd, const char *name, uint32_t *khz, size_t count)
{
    const int dir = openat(cpufreq_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        return false;
    }
    uint32_t now = read_khz(dir, "scaling_cur_freq");
    if (now == 0) {
        now = read_khz(dir, "cpuinfo_cur_freq");
    }
    char list[8192];
    size_t len;
    if (procfs_read(dir, "affected_cpus", list, sizeof(list) - 1, &len) == 0) {
        list[len] = '\0';
        set_listed(list, now, khz, count);
    } else {
        set_listed(name + strlen("policy"), now, khz, count);
    }
    close(dir);
    return now > 0;
}

static bool read_policies(const struct platform *platform, uint32_t *khz, size_t count)
{
    const int fd =
        openat(platform->sys_fd, "devices/system/cpu/cpufreq", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    char buf[8192];
    struct procfs_list list = {.fd = fd, .buf = buf, .size = sizeof(buf)};
    const char *name;
    bool any = false;
    while (procfs_list_next(&list, &name) > 0) {
        if (strncmp(name, "policy", strlen("policy")) == 0) {
            any |= read_policy(fd, name, khz, count);
        }
    }
    close(fd);
    return any;
}

/* Virtual machines have no cpufreq, but x86 ones tell a clock in cpuinfo. */
static int read_cpuinfo(const struct platform *platform, uint32_t *khz, size_t count)
{
    struct procfs_file file = {0};
    const int error = procfs_read_all(platform->proc_fd, "cpuinfo", &file);
    if (error == 0) {
        parse_system_cpuinfo(file.ptr, file.len, khz, count);
    }
    procfs_file_finish(&file);
    return error;
}

static int probe_frequency(const struct platform *platform, char *buf, size_t size, size_t *ret_len)
{
    const size_t room = size / sizeof(uint32_t);
    const size_t count = room < PARSE_CPU_MAX ? room : PARSE_CPU_MAX;
    uint32_t *const khz = calloc(count + 1, sizeof(*khz));
    if (!khz) {
        return -ENOMEM;
    }
    int error = 0;
    if (platform->sys_fd < 0 || !read_policies(platform, khz, count)) {
        error = read_cpuinfo(platform, khz, count);
    }
    size_t used = count;
    while (used > 0 && khz[used - 1] == 0) {
        used--;
    }
    if (used > 0) {
        memcpy(buf, khz, used * sizeof(*khz));
        *ret_len = used * sizeof(*khz);
        error = 0;
    } else if (error == 0) {
        error = -ENOENT;
    }
    free(khz);
    return error;
}

static int probe_mount(const struct platform *platform, uint64_t id, char *buf, size_t size,
                       size_t *ret_len)
{
    struct raw_space space;
    if (size < sizeof(space)) {
        return -EINVAL;
    }
    const int error = disks_space(platform, id, &space);
    if (error == 0) {
        memcpy(buf, &space, sizeof(space));
        *ret_len = sizeof(space);
    }
    return error;
}

static int probe_service(uint16_t port, uint64_t transport, char *buf, size_t size, size_t *ret_len)
{
    enum { ROOM = 4096 };
    char memory[ROOM];
    struct servent entry;
    struct servent *found = NULL;
    const char *const protocol = transport == IPPROTO_TCP ? "tcp" : "udp";
    const int error =
        getservbyport_r(htons(port), protocol, &entry, memory, sizeof(memory), &found);
    if (!found || !found->s_name) {
        return means_unknown(error) ? -ENOENT : -error;
    }
    return copy_name(found->s_name, buf, size, ret_len);
}

/* An IPv4 address mapped into IPv6 has the name of the former. */
static socklen_t to_sockaddr(const struct net_address *address, struct sockaddr_storage *ret)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const bool is_mapped = address->family == 6 && memcmp(address->bytes, mapped, 12) == 0;
    *ret = (struct sockaddr_storage){0};
    if (address->family == 6 && !is_mapped) {
        struct sockaddr_in6 *const v6 = (struct sockaddr_in6 *)ret;
        v6->sin6_family = AF_INET6;
        v6->sin6_scope_id = address->scope;
        memcpy(&v6->sin6_addr, address->bytes, sizeof(v6->sin6_addr));
        return sizeof(*v6);
    }
    struct sockaddr_in *const v4 = (struct sockaddr_in *)ret;
    v4->sin_family = AF_INET;
    memcpy(&v4->sin_addr, address->bytes + (is_mapped ? sizeof(mapped) : 0), sizeof(v4->sin_addr));
    return sizeof(*v4);
}

int platform_probe_host(struct platform *platform, const struct net_address *address, char *buf,
                        size_t size, size_t *ret_len)
{
    (void)platform; // names are this system's, whatever /proc is looked at
    struct sockaddr_storage end;
    char name[NI_MAXHOST];
    const socklen_t len = to_sockaddr(address, &end);
    const int error =
        getnameinfo((const struct sockaddr *)&end, len, name, sizeof(name), NULL, 0, NI_NAMEREQD);
    switch (error) {
    case 0:
        return copy_name(name, buf, size, ret_len);
    case EAI_AGAIN:
        return -EAGAIN;
    case EAI_MEMORY:
        return -ENOMEM;
    case EAI_SYSTEM:
        return errno > 0 ? -errno : -EIO;
    default:
        return -ENOENT;
    }
}

static int probe_cgroup(const struct platform *platform, struct proc_id id, char *buf, size_t size,
                        size_t *ret_len)
{
    size_t len = 0;
    if (size < sizeof(struct raw_cgroup)) {
        return -EINVAL;
    }
    int error = probe_memory_cgroup(platform, id.pid, buf, size, &len);
    error = procfs_settle(error == -ENODATA ? -ENOENT : error, procfs_check(platform, id));
    if (error == 0) {
        *ret_len = len;
    }
    return error;
}

int platform_probe(struct platform *platform, enum probe_kind kind, struct proc_id id, char *buf,
                   size_t size, size_t *ret_len)
{
    switch (kind) {
    case PROBE_CMDLINE:
        return probe_file(platform, id, "/cmdline", read_cmdline, buf, size, ret_len);
    case PROBE_EXE:
        return probe_file(platform, id, "/exe", read_exe, buf, size, ret_len);
    case PROBE_USER:
        return probe_user((uint32_t)id.pid, buf, size, ret_len);
    case PROBE_FREQUENCY:
        return probe_frequency(platform, buf, size, ret_len);
    case PROBE_MOUNT:
        return probe_mount(platform, id.start_ns, buf, size, ret_len);
    case PROBE_SMAPS:
        return probe_file(platform, id, "", read_smaps, buf, size, ret_len);
    case PROBE_CGROUP:
        return id.pid > 0 ? probe_cgroup(platform, id, buf, size, ret_len) : -ESRCH;
    case PROBE_SERVICE:
        return probe_service((uint16_t)id.pid, id.start_ns, buf, size, ret_len);
    case PROBE_HOST:
    case PROBE_KIND_COUNT:
        break;
    }
    return -ENOTSUP;
}
