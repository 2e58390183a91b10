#include "base/arena.h"
#include "check.h"
#include "child.h"
#include "look.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Looking at processes these tests start. */

static void identity_is_that_of_the_process(void **state)
{
    (void)state;
    char path[4096];
    const struct child child = child_start(look.platform, 0);
    const struct raw_identity is = look_at(INSPECT_IDENTITY, child.id).as.identity;
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
    path[len > 0 ? len : 0] = '\0';
    assert_true(look_is(is.exe, path));
    assert_non_null(getcwd(path, sizeof(path)));
    assert_true(look_is(is.cwd, path));
    assert_true(look_is(is.root, "/"));
    FILE *const file = fopen("/proc/self/cmdline", "re");
    assert_non_null(file);
    const size_t size = fread(path, 1, sizeof(path), file);
    (void)fclose(file);
    assert_int_equal(is.cmdline.len, size);
    assert_memory_equal(is.cmdline.ptr, path, size);
    assert_int_equal(is.ppid, getpid());
    assert_int_equal(is.tracer, 0);
    assert_int_equal(is.inner_pid, child.pid);
    assert_int_equal(is.uid[0], getuid());
    assert_int_equal(is.uid[1], geteuid());
    assert_int_equal(is.gid[1], getegid());
    assert_int_equal(is.group_count, getgroups(0, NULL));
    assert_true(is.cgroup.len > 0 && is.cgroup.ptr[0] == '/');
    assert_true(is.voluntary_switches != FIGURE_ABSENT);
    assert_true(is.oom_score_adj != INT32_MIN);
    assert_false(is.exe_denied || is.cwd_denied || is.root_denied || is.namespaces_denied);
    assert_true(is.namespace_count >= 6);
    for (size_t i = 0; i < is.namespace_count; i++) {
        assert_true(is.namespaces[i].same);
    }
    (void)child_end(&child);
}

static void unshare_and_wait(const void *context)
{
    (void)context;
    if (unshare(CLONE_NEWUTS) == 0) {
        look_ready();
    }
    (void)pause();
}

static void a_namespace_of_its_own_is_told(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    const struct proc_id id = look_child(unshare_and_wait, NULL);
    const struct raw_identity is = look_at(INSPECT_IDENTITY, id).as.identity;
    size_t others = 0;
    for (size_t i = 0; i < is.namespace_count; i++) {
        assert_int_equal(is.namespaces[i].same, !look_is(is.namespaces[i].type, "uts"));
        others += !is.namespaces[i].same;
    }
    assert_int_equal(others, 1);
    look_end(id);
}

static bool identity_is_denied(struct proc_id id)
{
    struct raw_inspect seen;
    const struct raw_identity *const is = &seen.as.identity;
    return platform_inspect(look.platform, INSPECT_IDENTITY, id, look.arena, &seen) == 0 &&
           is->exe_denied && is->cwd_denied && is->root_denied && is->namespaces_denied &&
           is->exe.len == 0 && is->namespace_count == 0 && is->uid[0] == 0 && is->cmdline.len > 0 &&
           is->cgroup.len > 0;
}

static void of_another_users_process_what_is_denied_is_marked(void **state)
{
    (void)state;
    const struct child child = child_start(look.platform, 0);
    assert_true(look_as_nobody(identity_is_denied, child.id));
    (void)child_end(&child);
}

static void threads_are_listed_with_what_they_do(void **state)
{
    (void)state;
    const struct child child = child_start(look.platform, 3);
    struct raw_inspect seen = {0};
    // They are started when they have said so, and asleep a moment later.
    for (int tries = 0; tries < 1000; tries++) {
        size_t asleep = 0;
        seen = look_at(INSPECT_THREADS, child.id);
        for (size_t i = 0; i < seen.as.threads.count; i++) {
            asleep += seen.as.threads.items[i].state == 'S';
        }
        if (asleep == 4) {
            break;
        }
        (void)usleep(1000);
    }
    assert_int_equal(seen.as.threads.count, 4);
    assert_false(seen.cut);
    const struct raw_thread *const threads = seen.as.threads.items;
    assert_true(proc_id_equal(threads[0].id, child.id));
    for (size_t i = 0; i < 4; i++) {
        bool known = i == 0;
        for (size_t j = 0; j < child.thread_count; j++) {
            known |= child.tids[j] == threads[i].id.pid;
        }
        assert_true(known);
        assert_true(i == 0 || threads[i - 1].id.pid < threads[i].id.pid);
        assert_int_equal(threads[i].state, 'S');
        assert_int_equal(threads[i].priority, 20 + getpriority(PRIO_PROCESS, 0)); // as ours
        assert_true(threads[i].run_delay_ns != FIGURE_ABSENT);
        assert_false(threads[i].wchan_denied);
        assert_true(threads[i].voluntary_switches >= 1);
        assert_true(threads[i].voluntary_switches != FIGURE_ABSENT);
        assert_true(look_is(threads[i].name, "test_inspect"));
    }
    (void)child_end(&child);
}

static void another_process_of_that_pid_is_not_looked_at(void **state)
{
    (void)state;
    struct raw_inspect seen;
    const struct child child = child_start(look.platform, 0);
    const struct proc_id other = {.pid = child.pid, .start_ns = child.id.start_ns + 1};
    for (int part = 0; part < INSPECT_PART_COUNT; part++) {
        assert_int_equal(platform_inspect(look.platform, (enum inspect_part)part, other, look.arena,
                                          &seen),
                         -ESRCH);
    }
    (void)child_end(&child);
    for (int part = 0; part < INSPECT_PART_COUNT; part++) {
        assert_int_equal(platform_inspect(look.platform, (enum inspect_part)part, child.id,
                                          look.arena, &seen),
                         -ESRCH);
    }
}

/* P10, P35: most files of a zombie are refused in odd ways, yet it is there. */
static void a_zombie_has_an_identity(void **state)
{
    (void)state;
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    const struct proc_id id = child_identify(look.platform, pid);
    const struct raw_identity is = look_at(INSPECT_IDENTITY, id).as.identity;
    assert_int_equal(is.ppid, getpid());
    assert_int_equal(is.cmdline.len, 0);
    assert_int_equal(is.exe.len, 0);
    const struct raw_inspect threads = look_at(INSPECT_THREADS, id);
    assert_int_equal(threads.as.threads.count, 1);
    assert_int_equal(threads.as.threads.items[0].state, 'Z');
    assert_true(threads.has_ended);
    assert_false(look_at(INSPECT_THREADS, child_identify(look.platform, getpid())).has_ended);
    if (geteuid() == 0) { // without memory it is nobody's, so its owner may not look
        assert_int_equal(look_at(INSPECT_FILES, id).as.files.count, 0);
        assert_int_equal(look_at(INSPECT_ENVIRON, id).as.environ.len, 0);
        assert_int_equal(look_at(INSPECT_MAPS, id).as.maps.count, 0);
    }
    assert_true(look_at(INSPECT_LIMITS, id).as.limits.count > 0);
    const struct raw_waiting waiting = look_at(INSPECT_WAITING, id).as.waiting;
    assert_int_equal(waiting.waits[0].state, 'Z');
    assert_false(waiting.waits[0].in_syscall);
    assert_int_equal(waiting.lock_count, 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void memory_that_is_short_is_an_error_and_no_crash(void **state)
{
    (void)state;
    struct raw_inspect seen;
    for (size_t limit = 0; limit < 65536; limit += 4096) {
        struct arena *const arena = arena_create(limit);
        for (int part = 0; part < INSPECT_PART_COUNT; part++) {
            const struct proc_id id = child_identify(look.platform, getpid());
            const int error =
                platform_inspect(look.platform, (enum inspect_part)part, id, arena, &seen);
            assert_true(error == 0 || error == -ENOMEM || error == -ENOTSUP);
        }
        arena_destroy(arena);
    }
}

/* What the child of the next test opens. */
struct opened {
    char dir[64]; // of its files
    int data;     // at offset 5, written to
    int gone;     // a file that was removed
    int folder, null, sock, pipes[2];
};

static void open_all(const char *dir, struct opened *ret)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/data", dir);
    ret->data = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
    assert_int_equal(write(ret->data, "12345", 5), 5);
    (void)snprintf(path, sizeof(path), "%s/odd\nname", dir);
    ret->gone = open(path, O_RDONLY | O_CREAT, 0600);
    assert_int_equal(unlink(path), 0);
    ret->folder = open(dir, O_RDONLY | O_DIRECTORY);
    ret->null = open("/dev/null", O_WRONLY);
    ret->sock = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(pipe(ret->pipes), 0);
    assert_true(ret->data > 0 && ret->gone > 0 && ret->folder > 0 && ret->null > 0);
    assert_true(ret->sock > 0);
}

static void close_all(const struct opened *opened)
{
    const int fds[] = {opened->data, opened->gone,     opened->folder,  opened->null,
                       opened->sock, opened->pipes[0], opened->pipes[1]};
    for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
        close(fds[i]);
    }
}

static void be_ready_and_wait(const void *context)
{
    (void)context;
    look_ready();
    (void)pause();
}

static struct raw_file file_of(const struct raw_inspect *seen, int fd)
{
    for (size_t i = 0; i < seen->as.files.count; i++) {
        assert_true(i == 0 || seen->as.files.items[i - 1].fd < seen->as.files.items[i].fd);
        if (seen->as.files.items[i].fd == fd) {
            return seen->as.files.items[i];
        }
    }
    fail_msg("descriptor %d is missing", fd);
    return (struct raw_file){0};
}

static uint64_t inode_of(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return st.st_ino;
}

static void open_files_are_told_with_their_positions(void **state)
{
    (void)state;
    char path[160];
    struct opened opened = {.dir = "/tmp/perch_test_XXXXXX"};
    assert_non_null(mkdtemp(opened.dir));
    tree_remove_at_exit(opened.dir);
    open_all(opened.dir, &opened);
    const struct proc_id id = look_child(be_ready_and_wait, NULL);
    const struct raw_inspect seen = look_at(INSPECT_FILES, id);
    const struct raw_file data = file_of(&seen, opened.data);
    (void)snprintf(path, sizeof(path), "%s/data", opened.dir);
    assert_true(look_is(data.target, path));
    assert_int_equal(data.kind, RAW_FILE_REGULAR);
    assert_int_equal(data.position, 5);
    assert_int_equal(data.flags & (O_ACCMODE | O_APPEND), O_RDWR | O_APPEND);
    assert_true(data.inode == 0 || data.inode == inode_of(opened.data)); // since Linux 5.14
    assert_false(data.locked);
    const struct raw_file gone = file_of(&seen, opened.gone);
    (void)snprintf(path, sizeof(path), "%s/odd\nname (deleted)", opened.dir);
    assert_true(look_is(gone.target, path));
    assert_int_equal(gone.position, 0);
    assert_int_equal(file_of(&seen, opened.folder).kind, RAW_FILE_DIRECTORY);
    assert_int_equal(file_of(&seen, opened.null).kind, RAW_FILE_CHAR);
    assert_int_equal(file_of(&seen, opened.sock).kind, RAW_FILE_SOCKET);
    assert_int_equal(file_of(&seen, opened.sock).inode, inode_of(opened.sock));
    assert_int_equal(file_of(&seen, opened.pipes[1]).kind, RAW_FILE_FIFO);
    assert_int_equal(file_of(&seen, opened.pipes[1]).inode, inode_of(opened.pipes[0]));
    look_end(id);
    close_all(&opened);
    tree_remove(opened.dir);
}

static void limit_itself(const void *context)
{
    const struct rlimit files = {.rlim_cur = 123, .rlim_max = 456};
    const struct rlimit core = {.rlim_cur = 0, .rlim_max = 0};
    (void)context;
    if (setrlimit(RLIMIT_NOFILE, &files) == 0 && setrlimit(RLIMIT_CORE, &core) == 0) {
        look_ready();
    }
    (void)pause();
}

static struct raw_limit limit_of(const struct raw_inspect *seen, const char *name)
{
    for (size_t i = 0; i < seen->as.limits.count; i++) {
        if (look_is(seen->as.limits.items[i].name, name)) {
            return seen->as.limits.items[i];
        }
    }
    fail_msg("no %s", name);
    return (struct raw_limit){0};
}

static void limits_are_told_with_what_is_used(void **state)
{
    (void)state;
    const struct proc_id id = look_child(limit_itself, NULL);
    const struct raw_inspect seen = look_at(INSPECT_LIMITS, id);
    const struct raw_limit files = limit_of(&seen, "Max open files");
    assert_int_equal(files.soft, 123);
    assert_int_equal(files.hard, 456);
    assert_true(look_is(files.unit, "files"));
    assert_int_equal(files.used, look_at(INSPECT_FILES, id).as.files.count);
    const struct raw_limit core = limit_of(&seen, "Max core file size");
    assert_true(core.soft == 0 && core.hard == 0 && core.used == FIGURE_ABSENT);
    assert_true(limit_of(&seen, "Max address space").used >= 1 << 20);
    assert_true(limit_of(&seen, "Max address space").used != FIGURE_ABSENT);
    assert_int_equal(limit_of(&seen, "Max nice priority").used, 20 - getpriority(PRIO_PROCESS, 0));
    assert_int_equal(limit_of(&seen, "Max realtime priority").used, 0);
    assert_true(limit_of(&seen, "Max cpu time").used <= 60);
    look_end(id);
}

static void become_sleep(const void *context)
{
    char name[] = "sleep";
    char time[] = "60";
    char one[] = "PERCH_TEST=1";
    char odd[] = "no equals sign";
    char two[] = "TWO=\x1b[2J\n";
    char *const arguments[] = {name, time, NULL};
    char *const environment[] = {one, odd, two, NULL};
    (void)context;
    look_ready();
    (void)execve("/bin/sleep", arguments, environment);
}

static void the_environment_is_told_as_it_is(void **state)
{
    static const char expected[] = "PERCH_TEST=1\0no equals sign\0TWO=\x1b[2J\n";
    (void)state;
    const struct proc_id id = look_child(become_sleep, NULL);
    for (int tries = 0; tries < 1000; tries++) { // until it runs the other program
        if (look_at(INSPECT_IDENTITY, id).as.identity.cmdline.len == sizeof("sleep\00060")) {
            break;
        }
        (void)usleep(10000);
    }
    const struct raw_inspect seen = look_at(INSPECT_ENVIRON, id);
    assert_int_equal(seen.as.environ.len, sizeof(expected));
    assert_memory_equal(seen.as.environ.ptr, expected, sizeof(expected));
    assert_false(seen.cut);
    look_end(id);
}

/* What the kernel's own file sums up to, by a reader as plain as can be. */
static void sum_smaps(int32_t pid, uint64_t *ret_pss, uint64_t *ret_uss, uint64_t *ret_virtual)
{
    char path[64];
    char line[8192];
    unsigned long long kib;
    (void)snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
    FILE *const file = fopen(path, "re");
    assert_non_null(file);
    *ret_pss = 0;
    *ret_uss = 0;
    *ret_virtual = 0;
    while (fgets(line, sizeof(line), file)) {
        *ret_pss += sscanf(line, "Pss: %llu kB", &kib) == 1 ? kib * 1024 : 0;
        *ret_uss += sscanf(line, "Private_Clean: %llu kB", &kib) == 1 ? kib * 1024 : 0;
        *ret_uss += sscanf(line, "Private_Dirty: %llu kB", &kib) == 1 ? kib * 1024 : 0;
        *ret_virtual += sscanf(line, "Size: %llu kB", &kib) == 1 ? kib * 1024 : 0;
    }
    (void)fclose(file);
}

enum { MAPPED_PAGES = 300 };

/* Maps a file in two pieces, and many small pieces of memory, some of it written to. */
static void map_things(const void *context)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const int fd = open(context, O_RDWR);
    char *const data = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *const many =
        mmap(NULL, MAPPED_PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data != MAP_FAILED && many != MAP_FAILED && mprotect(data, page, PROT_READ) == 0) {
        memset(data + page, 1, 3 * page);
        memset(many, 1, 100 * page);
        for (size_t i = 0; i < MAPPED_PAGES; i += 2) {
            (void)mprotect(many + i * page, page, PROT_READ);
        }
        look_ready();
    }
    (void)pause();
}

static void maps_come_to_what_smaps_says(void **state)
{
    (void)state;
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    char path[] = "/tmp/perch_test_XXXXXX";
    const int fd = mkstemp(path);
    tree_remove_at_exit(path);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)(4 * page)), 0);
    const struct proc_id id = look_child(map_things, path);
    uint64_t before[3];
    uint64_t after[3];
    uint64_t sums[3];
    bool equal = false;
    // Pages of libraries count by how many processes share them now, so others change the sums.
    for (int tries = 0; tries < 1000 && !equal; tries++) {
        sum_smaps(id.pid, &before[0], &before[1], &before[2]);
        const struct raw_inspect seen = look_at(INSPECT_MAPS, id);
        sum_smaps(id.pid, &after[0], &after[1], &after[2]);
        memset(sums, 0, sizeof(sums));
        bool found = false;
        for (size_t i = 0; i < seen.as.maps.count; i++) {
            const struct raw_map *const map = &seen.as.maps.items[i];
            sums[0] += map->pss_bytes;
            sums[1] += map->private_clean_bytes + map->private_dirty_bytes;
            sums[2] += map->virtual_bytes;
            if (look_is(map->path, path)) {
                found = true;
                assert_int_equal(map->count, 2);
                assert_int_equal(map->access,
                                 1u << (RAW_MAP_READ | RAW_MAP_WRITE | RAW_MAP_SHARED) |
                                     1u << (RAW_MAP_READ | RAW_MAP_SHARED));
                assert_int_equal(map->virtual_bytes, 4 * page);
                assert_int_equal(map->resident_bytes, 3 * page);
            } else if (map->path.len == 0) {
                assert_true(map->count >= MAPPED_PAGES);
                assert_true(map->anonymous_bytes >= 100 * page);
            }
        }
        assert_true(found);
        assert_false(seen.cut);
        equal =
            memcmp(before, after, sizeof(before)) == 0 && memcmp(sums, before, sizeof(sums)) == 0;
        arena_reset(look.arena);
        (void)usleep(equal ? 0 : 1000);
    }
    assert_true(equal);
    look_end(id);
    close(fd);
    assert_int_equal(unlink(path), 0);
}

/* The limits and use of a process in a tree of cgroups of both versions, as this tree says. */
static void cgroups_of_both_versions_are_one_list(void **state)
{
    (void)state;
    char root[TREE_ROOT_BYTES];
    char proc[TREE_ROOT_BYTES + 8];
    struct platform *platform = NULL;
    struct raw_inspect seen = {0};
    tree_make(root);
    (void)snprintf(proc, sizeof(proc), "%s/proc", root);
    const struct tree_process process = {.pid = 7, .ppid = 1, .start_ticks = 70};
    tree_process(proc, &process);
    tree_file(root, "proc/stat", "cpu 0 0 0 0\n");
    tree_file(root, "proc/7/cgroup",
              "2:memory:/box\n1:cpu,cpuacct:/box/in side\n0::/box/in side\n");
    tree_file(root, "proc/self/mountinfo",
              "1 0 0:1 / %s/v2 rw - cgroup2 cgroup2 rw\n"
              "2 0 0:2 / %s/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
              "3 0 0:3 / %s/memory rw - cgroup cgroup rw,memory\n",
              root, root, root);
    tree_file(root, "v2/box/in side/cgroup.events", "populated 1\nfrozen 1\n");
    tree_file(root, "v2/box/in side/cpu.stat", "usage_usec 5\n");
    tree_file(root, "v2/box/in side/cpu.pressure",
              "some avg10=50.00 avg60=25.00 avg300=1.00 total=1\n");
    tree_file(root, "v2/box/pids.max", "max\n");
    tree_file(root, "v2/box/pids.current", "3\n");
    tree_file(root, "v2/io.stat", "8:0 rbytes=5 wbytes=6\n8:16 rbytes=5 wbytes=6\n");
    tree_file(root, "cpu/box/in side/cpu.cfs_quota_us", "20000\n");
    tree_file(root, "cpu/box/in side/cpu.cfs_period_us", "100000\n");
    tree_file(root, "cpu/box/in side/cpu.shares", "512\n");
    tree_file(root, "cpu/box/in side/cpuacct.usage", "77\n");
    tree_file(root, "cpu/box/in side/cpu.stat",
              "nr_periods 9\nnr_throttled 4\nthrottled_time 12345\n");
    tree_file(root, "cpu/box/cpu.cfs_quota_us", "-1\n");
    tree_file(root, "memory/box/memory.limit_in_bytes", "1048576\n");
    tree_file(root, "memory/box/memory.usage_in_bytes", "4096\n");
    tree_file(root, "memory/box/memory.memsw.limit_in_bytes", "3145728\n");
    tree_file(root, "memory/box/memory.memsw.usage_in_bytes", "12288\n");
    tree_file(root, "memory/box/memory.failcnt", "2\n");
    tree_file(root, "memory/box/memory.oom_control",
              "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
    tree_file(root, "memory/memory.limit_in_bytes", "9223372036854771712\n");
    const struct platform_options options = {.proc_root = proc};
    assert_int_equal(platform_open(&options, &platform), 0);
    assert_int_equal(
        platform_inspect(platform, INSPECT_CGROUP, tree_process_id(7, 70), look.arena, &seen), 0);
    assert_int_equal(seen.as.cgroup.count, 3);
    assert_false(seen.as.cgroup.v2);
    const struct raw_cgroup_level *const own = &seen.as.cgroup.items[0];
    assert_true(look_is(own->path, "/box/in side"));
    assert_true(own->frozen);
    assert_int_equal(own->cpu_quota_ns, 20000000);
    assert_int_equal(own->cpu_period_ns, 100000000);
    assert_int_equal(own->cpu_shares, 512);
    assert_true(own->cpu_weight == FIGURE_ABSENT);
    assert_int_equal(own->usage_ns, 5000); // v2 has said it
    assert_int_equal(own->periods, 9);
    assert_int_equal(own->throttled_periods, 4);
    assert_int_equal(own->throttled_ns, 12345);
    assert_true(own->psi_cpu.some_known && !own->psi_memory.some_known);
    assert_true(own->memory_max == FIGURE_ABSENT && own->pids_current == FIGURE_ABSENT);
    const struct raw_cgroup_level *const box = own + 1;
    assert_true(look_is(box->path, "/box"));
    assert_false(box->frozen);
    assert_true(box->cpu_quota_ns == FIGURE_ABSENT);
    assert_int_equal(box->memory_max, 1048576);
    assert_int_equal(box->memory_current, 4096);
    assert_int_equal(box->swap_max, 2097152);
    assert_int_equal(box->swap_current, 8192);
    assert_int_equal(box->memory_max_events, 2);
    assert_int_equal(box->oom_kill_events, 1);
    assert_int_equal(box->pids_current, 3);
    assert_true(box->pids_max == FIGURE_ABSENT);
    const struct raw_cgroup_level *const top = own + 2;
    assert_true(look_is(top->path, "/"));
    assert_true(top->memory_max == FIGURE_ABSENT);
    assert_int_equal(top->io_read_bytes, 10);
    assert_int_equal(top->io_write_bytes, 12);
    platform_close(platform);
    tree_remove(root);
}

static void in_v2_alone_all_is_read_there(void **state)
{
    (void)state;
    char root[TREE_ROOT_BYTES];
    char proc[TREE_ROOT_BYTES + 8];
    struct platform *platform = NULL;
    struct raw_inspect seen = {0};
    tree_make(root);
    (void)snprintf(proc, sizeof(proc), "%s/proc", root);
    const struct tree_process process = {.pid = 7, .ppid = 1, .start_ticks = 70};
    tree_process(proc, &process);
    tree_file(root, "proc/stat", "cpu 0 0 0 0\n");
    tree_file(root, "proc/7/cgroup", "0::/a/b\n");
    tree_file(root, "proc/self/mountinfo", "1 0 0:1 /a %s/v2 rw - cgroup2 cgroup2 rw\n", root);
    tree_file(root, "v2/b/cpu.max", "50000 100000\n");
    tree_file(root, "v2/b/cpu.weight", "100\n");
    tree_file(root, "v2/b/cpu.stat",
              "usage_usec 5\nnr_periods 4\nnr_throttled 3\nthrottled_usec 2\n");
    tree_file(root, "v2/b/memory.high", "1000\n");
    tree_file(root, "v2/b/memory.max", "max\n");
    tree_file(root, "v2/b/memory.current", "500\n");
    tree_file(root, "v2/b/memory.swap.current", "6\n");
    tree_file(root, "v2/b/memory.events", "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\n");
    const struct platform_options options = {.proc_root = proc};
    assert_int_equal(platform_open(&options, &platform), 0);
    assert_int_equal(
        platform_inspect(platform, INSPECT_CGROUP, tree_process_id(7, 70), look.arena, &seen), 0);
    assert_int_equal(seen.as.cgroup.count, 2); // what is above "/a" is not to be seen from here
    assert_true(seen.as.cgroup.v2);
    const struct raw_cgroup_level *const own = seen.as.cgroup.items;
    assert_true(look_is(own->path, "/a/b"));
    assert_true(look_is(own[1].path, "/a"));
    assert_int_equal(own->cpu_quota_ns, 50000000);
    assert_int_equal(own->cpu_weight, 100);
    assert_int_equal(own->throttled_ns, 2000);
    assert_int_equal(own->throttled_periods, 3);
    assert_int_equal(own->memory_high, 1000);
    assert_true(own->memory_max == FIGURE_ABSENT);
    assert_int_equal(own->memory_current, 500);
    assert_int_equal(own->swap_current, 6);
    assert_int_equal(own->memory_low_events, 1);
    assert_int_equal(own->memory_high_events, 2);
    assert_int_equal(own->memory_max_events, 3);
    assert_int_equal(own->oom_events, 4);
    assert_int_equal(own->oom_kill_events, 5);
    platform_close(platform);
    tree_remove(root);
}

static bool files_are_denied(struct proc_id id)
{
    struct raw_inspect seen;
    return platform_inspect(look.platform, INSPECT_FILES, id, look.arena, &seen) == -EACCES &&
           platform_inspect(look.platform, INSPECT_ENVIRON, id, look.arena, &seen) == -EACCES &&
           platform_inspect(look.platform, INSPECT_MAPS, id, look.arena, &seen) == -EACCES &&
           platform_inspect(look.platform, INSPECT_LIMITS, id, look.arena, &seen) == 0 &&
           limit_of(&seen, "Max open files").used == FIGURE_ABSENT &&
           limit_of(&seen, "Max open files").used_denied &&
           limit_of(&seen, "Max open files").soft == 123 &&
           !limit_of(&seen, "Max processes").used_denied && // the kernel tells nobody
           platform_inspect(look.platform, INSPECT_THREADS, id, look.arena, &seen) == 0 &&
           seen.as.threads.items[0].wchan.len == 0 && seen.as.threads.items[0].wchan_denied;
}

static void of_another_users_process_files_are_denied_and_limits_are_not(void **state)
{
    (void)state;
    const struct proc_id id = look_child(limit_itself, NULL);
    assert_true(look_as_nobody(files_are_denied, id));
    look_end(id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_is_that_of_the_process),
        cmocka_unit_test(a_namespace_of_its_own_is_told),
        cmocka_unit_test(of_another_users_process_what_is_denied_is_marked),
        cmocka_unit_test(threads_are_listed_with_what_they_do),
        cmocka_unit_test(open_files_are_told_with_their_positions),
        cmocka_unit_test(limits_are_told_with_what_is_used),
        cmocka_unit_test(the_environment_is_told_as_it_is),
        cmocka_unit_test(maps_come_to_what_smaps_says),
        cmocka_unit_test(cgroups_of_both_versions_are_one_list),
        cmocka_unit_test(in_v2_alone_all_is_read_there),
        cmocka_unit_test(of_another_users_process_files_are_denied_and_limits_are_not),
        cmocka_unit_test(another_process_of_that_pid_is_not_looked_at),
        cmocka_unit_test(a_zombie_has_an_identity),
        cmocka_unit_test(memory_that_is_short_is_an_error_and_no_crash),
    };
    return cmocka_run_group_tests(tests, look_setup, look_teardown);
}
