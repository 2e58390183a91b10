#include "base/arena.h"
#include "check.h"
#include "platform/linux/cgroup.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Cgroups: in trees made up here, and in a cgroup made here where there is a writable hierarchy
 * of version 2.
 */

enum { TARGET = 500, START = 7000 };

static struct raw_bytes bytes(const char *text)
{
    return (struct raw_bytes){.ptr = text, .len = (uint32_t)strlen(text)};
}

/* --- text --------------------------------------------------------------------------------- */

static void a_cgroup_is_found_in_its_hierarchy(void **state)
{
    (void)state;
    static const char hybrid[] = "9:name=systemd:/a\n8:cpu,cpuacct:/b\n3:cpuset:/c:d\n0::/e f\n";
    static const struct {
        const char *file, *controller, *path; // NULL: v2; none
    } rows[] = {
        {"0::/\n", NULL, "/"},
        {"0::/user.slice/a\\x2db\n", NULL, "/user.slice/a\\x2db"},
        {"0::/no newline", NULL, "/no newline"},
        {hybrid, NULL, "/e f"},
        {hybrid, "cpuset", "/c:d"},
        {hybrid, "cpuacct", "/b"},
        {hybrid, "cpu", "/b"},
        {hybrid, "cpua", NULL},
        {hybrid, "memory", NULL},
        {"1:cpu:/0::/x\n", NULL, NULL}, // a name is not a line
        {"10::/x\n", NULL, NULL},
        {"0:cpu:/x\n", NULL, NULL},
        {"0::x\n", NULL, NULL},
        {"0::", NULL, NULL},
        {"0\n:\n::\n", NULL, NULL},
        {"", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct raw_bytes path = {0};
        const bool found = parse_cgroup_path(bytes(rows[i].file), rows[i].controller, &path);
        assert_int_equal(found, rows[i].path != NULL);
        if (found) {
            assert_int_equal(path.len, strlen(rows[i].path));
            assert_memory_equal(path.ptr, rows[i].path, path.len);
        }
    }
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static void a_container_is_known_by_its_cgroup(void **state)
{
    (void)state;
    static const struct {
        const char *file, *container, *service; // NULL: none
    } rows[] = {
        {"0::/system.slice/docker-" ID ".scope\n", "0123456789ab", NULL},
        {"3:cpu:/docker/" ID "\n0::/\n", "0123456789ab", NULL},
        {"0::/kubepods.slice/pod1.slice/cri-containerd-" ID ".scope", "0123456789ab", NULL},
        {"0::/kubepods/burstable/pod1/" ID "\n", "0123456789ab", NULL},
        {"0::/system.slice/x.slice:cri-containerd:" ID "\n", "0123456789ab", NULL},
        {"0::/docker/" ID "/kubelet/pod/" ID2 "\n", "fedcba987654", NULL},
        {"0::/machine.slice/libpod-" ID ".scope/container\n", "0123456789ab", NULL},
        {"0::/machine.slice/libpod-conmon-" ID ".scope\n", NULL, NULL},
        {"0::/machine.slice/machine-web\\x2d1.scope/payload\n", "web\\x2d1", NULL},
        {"0::/lxc.payload.box/init.scope\n", "box", NULL},
        {"9:name=systemd:/lxc/box\n", "box", NULL},
        {"0::/lxc/\n", NULL, NULL},
        {"0::/system.slice/nginx.service\n", NULL, "nginx.service"},
        {"0::/user.slice/user@1000.service/app.slice/x.service\n", NULL, "x.service"},
        {"0::/user.slice/user@1000.service/init.scope\n", NULL, NULL},
        {"0::/" ID "0\n", NULL, NULL}, // not of that length
        {"0::/a" ID "\n", NULL, NULL},
        {"0::/.service/machine-.scope/lxc.payload.\n", NULL, NULL},
        {"", NULL, NULL},
        {"::\n/\n", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const char *const names[] = {rows[i].container, rows[i].service};
        for (size_t k = 0; k < 2; k++) {
            struct raw_bytes name = {0};
            const struct raw_bytes file = bytes(rows[i].file);
            const bool found =
                k == 0 ? parse_cgroup_container(file, &name) : parse_cgroup_service(file, &name);
            assert_int_equal(found, names[k] != NULL);
            if (found) {
                assert_int_equal(name.len, strlen(names[k]));
                assert_memory_equal(name.ptr, names[k], name.len);
            }
        }
    }
}

static void mounts_are_found_one_after_the_other(void **state)
{
    (void)state;
    const struct raw_bytes file = bytes(
        "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs cgroup2 rw,mode=755\n"
        "34 31 0:31 /docker/1\\0402 /sys/fs/cgroup/cpuset rw shared:3 - cgroup none rw,cpuset\n"
        "35 31 0:31 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpuacct,cpu\n"
        "cut line\n"
        "41 31 0:38 / /mnt/a\\011b\\134c\\12 rw shared:1 master:2 - cgroup2 cgroup2 rw\n"
        "42 31 0:38 /../up /again rw - cgroup2 cgroup2 rw,nsdelegate");
    static struct parse_cgroup_mount mount;
    size_t at = 0;
    assert_true(parse_cgroup_mount(file, &at, NULL, &mount));
    assert_string_equal(mount.point, "/mnt/a\tb\\c\\12");
    assert_string_equal(mount.root, "/");
    assert_true(parse_cgroup_mount(file, &at, NULL, &mount));
    assert_string_equal(mount.point, "/again");
    assert_string_equal(mount.root, "/../up");
    assert_false(parse_cgroup_mount(file, &at, NULL, &mount));
    at = 0;
    assert_true(parse_cgroup_mount(file, &at, "cpuset", &mount));
    assert_string_equal(mount.point, "/sys/fs/cgroup/cpuset");
    assert_string_equal(mount.root, "/docker/1 2");
    assert_false(parse_cgroup_mount(file, &at, "cpuset", &mount));
    at = 0;
    assert_true(parse_cgroup_mount(file, &at, "cpu", &mount));
    at = 0;
    assert_false(parse_cgroup_mount(file, &at, "memory", &mount));
}

static void a_path_below_a_mount_never_leads_out_of_it(void **state)
{
    (void)state;
    static const struct {
        const char *path, *root, *below;
    } rows[] = {
        {"/", "/", "."},
        {"/a/b", "/", "a/b"},
        {"/a/b", "/a", "b"},
        {"/a", "/a", "."},
        {"/ab", "/a", NULL},
        {"/b", "/a", NULL},
        {"/../x/y", "/../x", "y"},
        {"/../x", "/..", "x"},
        {"/../x", "/", NULL},
        {"/a/../../x", "/", NULL},
        {"/a/..", "/a", NULL},
        {"/a//b", "/", NULL},
        {"/..a/b..", "/", "..a/b.."},
        {"/12345678901234567890", "/", NULL}, // more than there is room for
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char below[16] = "";
        const bool is = parse_cgroup_below(bytes(rows[i].path), rows[i].root, below, sizeof(below));
        assert_int_equal(is, rows[i].below != NULL);
        if (is) {
            assert_string_equal(below, rows[i].below);
        }
    }
}

/* --- made-up trees ------------------------------------------------------------------------ */

/* A machine with one process to act on; perch runs under process 77. */
struct machine {
    char root[TREE_ROOT_BYTES];
    struct platform *platform;
    struct platform_pin pin;
};

static int machine_setup(void **state)
{
    struct machine *const m = calloc(1, sizeof(*m));
    assert_non_null(m);
    char path[TREE_ROOT_BYTES + 8];
    tree_make(m->root);
    tree_file(m->root, "proc/stat", "cpu  1 1 1 1\ncpu0 1 1 1 1\ncpu2 1 1 1 1\n");
    tree_file(m->root, "proc/self/mountinfo",
              "41 31 0:38 / %s/cg rw - cgroup2 cgroup2 rw\n"
              "42 31 0:39 / %s/v1 rw - cgroup cgroup rw,cpuset\n",
              m->root, m->root);
    tree_file(m->root, "proc/self/cgroup", "0::/own\n");
    (void)snprintf(path, sizeof(path), "%s/proc", m->root);
    tree_process(path, &(struct tree_process){.pid = TARGET, .ppid = 1, .start_ticks = START});
    tree_process(path, &(struct tree_process){.pid = getpid(), .ppid = 77});
    tree_process(path, &(struct tree_process){.pid = 77, .ppid = 1});
    tree_file(m->root, "proc/500/cgroup", "0::/app\n");
    tree_file(m->root, "cg/cgroup.procs", "1\n77\n%d\n500\n501\n", getpid());
    tree_file(m->root, "cg/own/cgroup.freeze", "0\n");
    tree_file(m->root, "cg/own/cgroup.procs", "%d\n", getpid());
    tree_file(m->root, "cg/app/cgroup.freeze", "0\n");
    tree_file(m->root, "cg/app/cgroup.kill", "%s", "");
    tree_file(m->root, "cg/app/cgroup.events", "populated 1\nfrozen 0\n");
    tree_file(m->root, "cg/app/cgroup.procs", "500\n501\n0\n0\n");
    tree_file(m->root, "cg/app/a/cgroup.procs", "502\n");
    tree_file(m->root, "cg/app/a/b/cgroup.procs", "503\n504\n");
    tree_dir(m->root, "cg/app/empty");
    const struct platform_options options = {.proc_root = path, .sys_root = m->root};
    assert_int_equal(platform_open(&options, &m->platform), 0);
    m->pin = (struct platform_pin){
        .platform = m->platform, .id = tree_process_id(TARGET, START), .fd = -1, .cgroup_fd = -1};
    *state = m;
    return 0;
}

static int machine_teardown(void **state)
{
    struct machine *const m = *state;
    if (m->pin.cgroup_fd >= 0) {
        close(m->pin.cgroup_fd);
    }
    platform_close(m->platform);
    tree_remove(m->root);
    free(m);
    return 0;
}

static void machine_rename(const struct machine *m, const char *old, const char *new)
{
    char old_path[256];
    char new_path[256];
    (void)snprintf(old_path, sizeof(old_path), "%s/%s", m->root, old);
    (void)snprintf(new_path, sizeof(new_path), "%s/%s", m->root, new);
    assert_int_equal(rename(old_path, new_path), 0);
}

/* What a file of the tree holds at its beginning. */
static char machine_char(const struct machine *m, const char *path)
{
    char full[256];
    char c = '\0';
    (void)snprintf(full, sizeof(full), "%s/%s", m->root, path);
    const int fd = open(full, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, &c, 1), 1);
    close(fd);
    return c;
}

static void a_cgroup_is_described_with_all_below(void **state)
{
    struct machine *const m = *state;
    struct cgroup_facts facts;
    struct stat st;
    char path[256];
    platform_pin_cgroup(&m->pin, &facts);
    assert_int_equal(facts.error, 0);
    assert_int_equal(facts.obstacle, OBSTACLE_UNKNOWN);
    assert_string_equal(facts.path, "/app");
    assert_int_equal(facts.processes, 7);
    assert_true(facts.can_kill);
    assert_false(facts.frozen);
    assert_false(facts.has_ancestor);
    (void)snprintf(path, sizeof(path), "%s/cg/app", m->root);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(facts.id, st.st_ino);
    assert_int_equal(m->pin.cgroup_id, st.st_ino);
    assert_int_equal(facts.pid_count, 5); // those of other PID namespaces have no number here
    for (int32_t i = 0; i < 5; i++) {
        assert_int_equal(facts.pids[i], 500 + i);
    }
}

static void the_lowest_numbers_of_a_large_cgroup_are_listed_in_order(void **state)
{
    struct machine *const m = *state;
    struct cgroup_facts facts;
    char list[8192] = "";
    size_t len = 0;
    for (int pid = 1500; pid > 1000; pid--) { // the kernel promises no order
        len += (size_t)snprintf(list + len, sizeof(list) - len, "%d\n%s", pid,
                                pid == 1007 ? "1007\n" : ""); // nor that one is met only once
    }
    tree_file(m->root, "cg/app/a/b/cgroup.procs", "%s", list);
    platform_pin_cgroup(&m->pin, &facts);
    assert_int_equal(facts.pid_count, CGROUP_PIDS_MAX);
    for (int32_t i = 0; i < CGROUP_PIDS_MAX; i++) {
        assert_int_equal(facts.pids[i], i < 3 ? 500 + i : 1001 + i - 3);
    }
}

static void who_perch_runs_under_is_found_anywhere_below(void **state)
{
    struct machine *const m = *state;
    static const char *const pids[] = {"1", "77"};
    for (size_t i = 0; i < 2; i++) {
        struct cgroup_facts facts;
        tree_file(m->root, "cg/app/a/b/cgroup.procs", "503\n%s\n", pids[i]);
        platform_pin_cgroup(&m->pin, &facts);
        assert_true(facts.has_ancestor);
        assert_int_equal(facts.obstacle, OBSTACLE_UNKNOWN);
        assert_int_equal(facts.processes, 7);
    }
}

/* Each row changes the machine so that the cgroup must not be touched. */
static void what_must_not_be_frozen_or_killed_is_refused_with_the_reason(void **state)
{
    struct machine *const m = *state;
    static const struct {
        const char *file, *text;
        enum deed_obstacle obstacle;
        int error;
    } rows[] = {
        {"proc/self/cgroup", "0::/app\n", OBSTACLE_CGROUP_SELF, -EPERM},
        {"proc/self/cgroup", "3:cpuset:/\n0::/app/a/b\n", OBSTACLE_CGROUP_SELF, -EPERM},
        {"proc/500/cgroup", "0::/\n", OBSTACLE_CGROUP_ROOT, -ENOTSUP},
        {"proc/500/cgroup", "3:cpuset:/app\n", OBSTACLE_CGROUP_NONE, -ENOTSUP},
        {"proc/500/cgroup", "0::/app/a\n", OBSTACLE_CGROUP_NONE, -ENOTSUP}, // no cgroup.freeze
        {"proc/500/cgroup", "0::/../elsewhere\n", OBSTACLE_CGROUP_NONE, -ENOENT},
        {"proc/500/cgroup", "0::/app (deleted)\n", OBSTACLE_CGROUP_NONE, -ENOENT},
        {"proc/self/mountinfo", "41 31 0:38 / /cg rw - tmpfs cgroup2 rw\n", OBSTACLE_CGROUP_NONE,
         -ENOTSUP},
        {"proc/self/mountinfo", "41 31 0:38 /other / rw - cgroup2 cgroup2 rw\n",
         OBSTACLE_CGROUP_NONE, -ENOENT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct cgroup_facts facts;
        struct deed_result result;
        enum deed_obstacle obstacle = OBSTACLE_UNKNOWN;
        tree_file(m->root, rows[i].file, "%s", rows[i].text);
        platform_pin_cgroup(&m->pin, &facts);
        assert_int_equal(facts.obstacle, rows[i].obstacle);
        assert_int_equal(cgroup_set_frozen(&m->pin, true, &obstacle), rows[i].error);
        assert_int_equal(obstacle, rows[i].obstacle);
        platform_pin_kill_cgroup(&m->pin, &result);
        assert_int_equal(result.error, rows[i].error);
        assert_int_equal(result.obstacle, rows[i].obstacle);
        assert_int_equal(machine_char(m, "cg/app/cgroup.freeze"), '0');
        tree_file(m->root, "proc/self/cgroup", "0::/own\n");
        tree_file(m->root, "proc/500/cgroup", "0::/app\n");
        if (strcmp(rows[i].file, "proc/self/mountinfo") != 0) {
            platform_pin_cgroup(&m->pin, &facts); // nothing of it stays
            assert_int_equal(facts.obstacle, OBSTACLE_UNKNOWN);
        }
    }
}

/* A cgroup with perch's number in it although its path says otherwise. */
static void perch_is_found_by_its_number_too(void **state)
{
    struct machine *const m = *state;
    struct cgroup_facts facts;
    tree_file(m->root, "cg/app/a/cgroup.procs", "502\n%d\n", getpid());
    platform_pin_cgroup(&m->pin, &facts);
    assert_int_equal(facts.obstacle, OBSTACLE_CGROUP_SELF);
}

static void a_container_sees_its_cgroups_below_the_mounts_root(void **state)
{
    struct machine *const m = *state;
    struct cgroup_facts facts;
    tree_file(m->root, "proc/self/mountinfo",
              "40 31 0:38 /else / rw - cgroup2 cgroup2 rw\n"
              "41 31 0:38 /box/1 %s/cg rw - cgroup2 cgroup2 rw\n",
              m->root);
    tree_file(m->root, "proc/500/cgroup", "0::/box/1/app\n");
    platform_pin_cgroup(&m->pin, &facts);
    assert_int_equal(facts.error, 0);
    assert_int_equal(facts.processes, 7);
    assert_string_equal(facts.path, "/box/1/app");
}

static void freezing_tells_the_kernel_and_waits_for_its_word(void **state)
{
    struct machine *const m = *state;
    enum deed_obstacle obstacle;
    bool frozen = true;
    assert_int_equal(cgroup_get_frozen(&m->pin, &frozen, &obstacle), 0);
    assert_false(frozen);
    assert_int_equal(cgroup_set_frozen(&m->pin, true, &obstacle), -ETIMEDOUT);
    assert_int_equal(machine_char(m, "cg/app/cgroup.freeze"), '1');
    assert_int_equal(cgroup_get_frozen(&m->pin, &frozen, &obstacle), 0);
    assert_true(frozen); // told
    tree_file(m->root, "cg/app/cgroup.events", "populated 1\nfrozen 1\n");
    assert_int_equal(cgroup_set_frozen(&m->pin, true, &obstacle), 0);
    tree_file(m->root, "cg/app/cgroup.events", "frozen 0\npopulated 1\n");
    assert_int_equal(cgroup_set_frozen(&m->pin, false, &obstacle), 0);
    assert_int_equal(machine_char(m, "cg/app/cgroup.freeze"), '0');
    tree_file(m->root, "cg/app/cgroup.events", "frozen 1\npopulated 1\n"); // by one above
    struct cgroup_facts facts;
    platform_pin_cgroup(&m->pin, &facts);
    assert_true(facts.frozen);
}

static void a_process_that_moved_takes_nothing_with_it(void **state)
{
    struct machine *const m = *state;
    struct cgroup_facts facts;
    struct deed_result result;
    enum deed_obstacle obstacle;
    bool frozen;
    tree_file(m->root, "cg/new/cgroup.freeze", "0\n");
    tree_file(m->root, "cg/new/cgroup.kill", "0");
    platform_pin_cgroup(&m->pin, &facts);
    static const char *const places[] = {"0::/new\n", "0::/gone\n"};
    for (size_t i = 0; i < 2; i++) {
        tree_file(m->root, "proc/500/cgroup", "%s", places[i]);
        assert_int_equal(cgroup_set_frozen(&m->pin, true, &obstacle), -ESTALE);
        assert_int_equal(obstacle, OBSTACLE_CGROUP_MOVED);
        assert_int_equal(cgroup_get_frozen(&m->pin, &frozen, &obstacle), -ESTALE);
        platform_pin_kill_cgroup(&m->pin, &result);
        assert_int_equal(result.error, -ESTALE);
        assert_int_equal(result.obstacle, OBSTACLE_CGROUP_MOVED);
        platform_pin_change(&m->pin, &(struct deed){.kind = DEED_FREEZE, .value.number = 1},
                            &result, NULL);
        assert_int_equal(result.error, -ESTALE);
        assert_int_equal(result.obstacle, OBSTACLE_CGROUP_MOVED);
    }
    // The same name, but another one: only the descriptor tells.
    tree_file(m->root, "proc/500/cgroup", "0::/app\n");
    machine_rename(m, "cg/app", "cg/old");
    machine_rename(m, "cg/new", "cg/app");
    assert_int_equal(cgroup_set_frozen(&m->pin, true, &obstacle), -ESTALE);
    assert_int_equal(machine_char(m, "cg/old/cgroup.freeze"), '0');
    assert_int_equal(machine_char(m, "cg/app/cgroup.freeze"), '0');
    assert_int_equal(machine_char(m, "cg/app/cgroup.kill"), '0');
    platform_pin_cgroup(&m->pin, &facts); // looked at again it is that one
    platform_pin_kill_cgroup(&m->pin, &result);
    assert_int_equal(result.error, 0);
    assert_int_equal(machine_char(m, "cg/app/cgroup.kill"), '1');
}

static void a_process_that_is_gone_has_no_cgroup(void **state)
{
    struct machine *const m = *state;
    struct cgroup_facts facts;
    struct deed_result result;
    enum deed_obstacle obstacle;
    char path[TREE_ROOT_BYTES + 8];
    platform_pin_cgroup(&m->pin, &facts);
    (void)snprintf(path, sizeof(path), "%s/proc", m->root);
    // The number went to another process.
    tree_process(path, &(struct tree_process){.pid = TARGET, .start_ticks = START + 1});
    assert_int_equal(cgroup_set_frozen(&m->pin, true, &obstacle), -ESRCH);
    platform_pin_kill_cgroup(&m->pin, &result);
    assert_int_equal(result.error, -ESRCH);
    platform_pin_cgroup(&m->pin, &facts);
    assert_int_equal(facts.error, -ESRCH);
    assert_int_equal(machine_char(m, "cg/app/cgroup.freeze"), '0');
}

static void a_kernel_without_kill_is_said_to_have_none(void **state)
{
    struct machine *const m = *state;
    struct cgroup_facts facts;
    struct deed_result result;
    machine_rename(m, "cg/app/cgroup.kill", "cg/app/unused");
    platform_pin_cgroup(&m->pin, &facts);
    assert_int_equal(facts.obstacle, OBSTACLE_UNKNOWN); // it can be frozen
    assert_false(facts.can_kill);
    platform_pin_kill_cgroup(&m->pin, &result);
    assert_int_equal(result.error, -ENOTSUP);
    assert_int_equal(result.obstacle, OBSTACLE_CGROUP_NONE);
}

static void a_file_that_may_not_be_written_is_the_reason(void **state)
{
    struct machine *const m = *state;
    enum deed_obstacle obstacle = OBSTACLE_UNKNOWN;
    char path[256];
    int status = 0;
    (void)snprintf(path, sizeof(path), "%s/cg/app/cgroup.freeze", m->root);
    assert_int_equal(chmod(path, 0444), 0);
    const pid_t child = fork(); // root may write anything
    assert_true(child >= 0);
    if (child == 0) {
        const bool is_root = geteuid() == 0;
        if (is_root && setresuid(65534, 65534, 65534) < 0) {
            _exit(3);
        }
        const int error = cgroup_set_frozen(&m->pin, true, &obstacle);
        _exit(error == -EACCES && obstacle == OBSTACLE_CGROUP_FILE ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(machine_char(m, "cg/app/cgroup.freeze"), '0');
}

static void more_cgroups_than_anybody_has_are_not_all_counted(void **state)
{
    struct machine *const m = *state;
    struct cgroup_facts facts;
    char path[128];
    tree_dir(m->root, "cg/app/many");
    (void)snprintf(path, sizeof(path), "%s/cg/app/many", m->root);
    const int many = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(many >= 0);
    for (int i = 0; i < 4200; i++) { // with one process each
        (void)snprintf(path, sizeof(path), "%d", i);
        assert_int_equal(mkdirat(many, path, 0755), 0);
        (void)snprintf(path, sizeof(path), "%d/cgroup.procs", i);
        assert_int_equal(linkat(many, "../a/cgroup.procs", many, path, 0), 0);
    }
    close(many);
    platform_pin_cgroup(&m->pin, &facts);
    assert_int_equal(facts.error, 0);
    assert_in_range(facts.processes, 4000, 4105);
}

static void a_path_that_is_too_long_is_cut_but_found(void **state)
{
    struct machine *const m = *state;
    struct cgroup_facts facts;
    char path[640] = "";
    char file[800];
    for (int i = 0; i < 3; i++) {
        const size_t len = strlen(path);
        path[len] = '/';
        memset(path + len + 1, 'a' + i, 200);
        path[len + 201] = '\0';
    }
    (void)snprintf(file, sizeof(file), "cg%s/cgroup.freeze", path);
    tree_file(m->root, file, "1\n");
    (void)snprintf(file, sizeof(file), "cg%s/cgroup.procs", path);
    tree_file(m->root, file, "500\n");
    tree_file(m->root, "proc/500/cgroup", "0::%s\n", path);
    platform_pin_cgroup(&m->pin, &facts);
    assert_int_equal(facts.error, 0);
    assert_true(facts.frozen);
    assert_int_equal(strlen(facts.path), CGROUP_PATH_BYTES - 1);
    assert_memory_equal(facts.path, path, CGROUP_PATH_BYTES - 1);
}

/* --- cpusets ------------------------------------------------------------------------------ */

static void assert_cpus(struct machine *m, const char *expected)
{
    struct cpu_set cpus;
    char text[256];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    assert_int_equal(platform_pin_cpus(&m->pin, &cpus), 0);
    cpu_set_format(&cpus, &buf);
    assert_string_equal(text, expected);
}

static void the_cpuset_is_that_of_the_nearest_cgroup_that_has_one(void **state)
{
    struct machine *const m = *state;
    assert_cpus(m, "0,2"); // neither a cpuset nor /sys: as /proc/stat has them
    tree_file(m->root, "devices/system/cpu/online", "0-6\n");
    assert_cpus(m, "0-6");
    tree_file(m->root, "cg/cpuset.cpus.effective", "0-5\n");
    assert_cpus(m, "0-5");
    tree_file(m->root, "proc/500/cgroup", "1:cpu:/x\n0::/app/a/b\n");
    tree_file(m->root, "cg/app/cpuset.cpus.effective", "1-3,9\n");
    assert_cpus(m, "1-3");
    tree_file(m->root, "cg/app/a/b/cpuset.cpus.effective", "\n"); // says nothing
    assert_cpus(m, "1-3");
    tree_file(m->root, "cg/app/a/b/cpuset.cpus.effective", "2\n");
    assert_cpus(m, "2");
}

static void a_cpuset_of_version_1_counts_where_it_is_mounted(void **state)
{
    struct machine *const m = *state;
    tree_file(m->root, "devices/system/cpu/online", "0-6\n");
    tree_file(m->root, "cg/app/cpuset.cpus.effective", "1\n");
    tree_file(m->root, "proc/500/cgroup", "3:cpuset:/set\n0::/app\n");
    tree_file(m->root, "v1/cpuset.cpus", "0-5\n");
    tree_dir(m->root, "v1/set");
    assert_cpus(m, "0-5");
    tree_file(m->root, "v1/set/cpuset.cpus", "2-4\n");
    assert_cpus(m, "2-4");
    tree_file(m->root, "v1/set/cpuset.effective_cpus", "3-9\n");
    assert_cpus(m, "3-6");
}

/* --- the real thing ----------------------------------------------------------------------- */

/* A cgroup of the test's own with a child in it. */
struct real {
    char path[512]; // "" when there is no writable hierarchy
    pid_t child;
    struct platform *platform;
    struct platform_pin *pin;
};

static bool write_text(const char *dir, const char *name, const char *text)
{
    char path[640];
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    const bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

static bool text_has(const char *dir, const char *name, const char *wanted)
{
    char path[640];
    char text[512] = "";
    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t len = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    return len > 0 && strstr(text, wanted);
}

/* By another way than perch's: getmntent(). */
static void make_cgroup(struct real *real)
{
    FILE *const mounts = setmntent("/proc/self/mounts", "r");
    assert_non_null(mounts);
    const struct mntent *entry;
    while (real->path[0] == '\0' && (entry = getmntent(mounts))) {
        if (strcmp(entry->mnt_type, "cgroup2") == 0) {
            (void)snprintf(real->path, sizeof(real->path), "%s/perch-test-%d", entry->mnt_dir,
                           (int)getpid());
            if (mkdir(real->path, 0755) < 0) {
                real->path[0] = '\0';
            }
        }
    }
    endmntent(mounts);
}

static bool put_into(const char *path, pid_t pid)
{
    char text[16];
    (void)snprintf(text, sizeof(text), "%d", (int)pid);
    return write_text(path, "cgroup.procs", text);
}

/* Identity by a scan, as the program gets it. */
static struct proc_id identify(struct platform *platform, int32_t pid)
{
    const struct platform_request request = {0};
    struct arena *const arena = arena_create(64u << 20);
    struct raw_sample sample;
    struct proc_id id = {0};
    assert_non_null(arena);
    assert_int_equal(platform_sample(platform, &request, arena, &sample), 0);
    for (size_t i = 0; i < sample.proc_count; i++) {
        id = sample.procs[i].id.pid == pid ? sample.procs[i].id : id;
    }
    arena_destroy(arena);
    assert_int_equal(id.pid, pid);
    return id;
}

static int real_teardown(void **state)
{
    struct real *const real = *state;
    if (real->path[0] != '\0') {
        (void)write_text(real->path, "cgroup.freeze", "0");
    }
    if (real->child > 0) {
        (void)kill(real->child, SIGKILL);
        (void)waitpid(real->child, NULL, 0);
    }
    int error = 0;
    if (real->path[0] != '\0') { // empty at once when its last process was collected
        error = rmdir(real->path);
    }
    platform_unpin(real->pin);
    platform_close(real->platform);
    free(real);
    return error;
}

static int real_setup(void **state)
{
    struct real *const real = calloc(1, sizeof(*real));
    assert_non_null(real);
    *state = real;
    make_cgroup(real);
    assert_int_equal(platform_open(NULL, &real->platform), 0);
    real->child = fork();
    assert_true(real->child >= 0);
    if (real->child == 0) {
        alarm(60); // not left behind by a test that fails
        for (;;) {
            (void)pause();
        }
    }
    if (real->path[0] != '\0' && !put_into(real->path, real->child)) {
        (void)rmdir(real->path); // may be made, but not used
        real->path[0] = '\0';
    }
    if (platform_pin(real->platform, identify(real->platform, real->child), &real->pin) != 0) {
        (void)real_teardown(state);
        return -1;
    }
    return 0;
}

static void skip_without_cgroup(const struct real *real)
{
    if (real->path[0] == '\0' || !text_has(real->path, "cgroup.freeze", "0")) {
        skip();
    }
}

static void a_real_cgroup_is_frozen_thawed_and_killed(void **state)
{
    struct real *const real = *state;
    struct cgroup_facts facts;
    enum deed_obstacle obstacle;
    bool frozen = false;
    int status = 0;
    skip_without_cgroup(real);
    platform_pin_cgroup(real->pin, &facts);
    assert_int_equal(facts.error, 0);
    assert_int_equal(facts.obstacle, OBSTACLE_UNKNOWN);
    assert_int_equal(facts.processes, 1);
    uint32_t count = 0;
    assert_int_equal(platform_pin_count_cgroup(real->pin, &count), 0);
    assert_int_equal(count, 1);
    assert_false(facts.has_ancestor);
    assert_false(facts.frozen);
    assert_int_equal(cgroup_set_frozen(real->pin, true, &obstacle), 0);
    assert_true(text_has(real->path, "cgroup.events", "frozen 1"));
    assert_int_equal(cgroup_get_frozen(real->pin, &frozen, &obstacle), 0);
    assert_true(frozen);
    assert_int_equal(cgroup_set_frozen(real->pin, false, &obstacle), 0);
    assert_true(text_has(real->path, "cgroup.events", "frozen 0"));
    assert_int_equal(waitpid(real->child, &status, WNOHANG), 0);
    if (!facts.can_kill) {
        skip();
    }
    struct deed_result result;
    platform_pin_kill_cgroup(real->pin, &result);
    assert_int_equal(result.error, 0);
    assert_int_equal(waitpid(real->child, &status, 0), real->child);
    real->child = 0;
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* The kernel delivers the signal once the cgroup is thawed. */
static void a_stop_of_the_frozen_is_undone_before_and_after_it_comes_about(void **state)
{
    struct real *const real = *state;
    const struct deed stop = {.kind = DEED_STOP, .value.number = 1};
    struct cgroup_facts facts;
    enum deed_obstacle obstacle;
    skip_without_cgroup(real);
    platform_pin_cgroup(real->pin, &facts);
    for (int thawed = 0; thawed < 2; thawed++) {
        struct platform_undo *undo = NULL;
        struct deed_result result;
        struct deed_value value = {.number = -1};
        assert_int_equal(cgroup_set_frozen(real->pin, true, &obstacle), 0);
        platform_pin_change(real->pin, &stop, &result, &undo);
        assert_int_equal(result.error, -ETIMEDOUT);
        assert_non_null(undo);
        if (thawed == 1) {
            assert_int_equal(cgroup_set_frozen(real->pin, false, &obstacle), 0);
            for (int i = 0; i < 1000 && value.number != 1; i++) {
                (void)usleep(1000);
                assert_int_equal(platform_pin_get(real->pin, DEED_STOP, &value), 0);
            }
            assert_int_equal(value.number, 1);
        }
        platform_pin_undo(real->pin, undo, &result);
        assert_int_equal(result.error, 0);
        assert_int_equal(cgroup_set_frozen(real->pin, false, &obstacle), 0);
        (void)usleep(20000);
        assert_int_equal(platform_pin_get(real->pin, DEED_STOP, &value), 0);
        assert_int_equal(value.number, 0);
        platform_undo_destroy(undo);
    }
}

static void perch_freezes_no_real_cgroup_it_is_in(void **state)
{
    struct real *const real = *state;
    int status = 0;
    skip_without_cgroup(real);
    const pid_t perch = fork();
    assert_true(perch >= 0);
    if (perch == 0) {
        struct cgroup_facts facts;
        struct deed_result result;
        enum deed_obstacle obstacle = OBSTACLE_UNKNOWN;
        alarm(60);
        if (!put_into(real->path, getpid())) {
            _exit(2);
        }
        platform_pin_cgroup(real->pin, &facts);
        const int error = cgroup_set_frozen(real->pin, true, &obstacle);
        platform_pin_kill_cgroup(real->pin, &result);
        _exit(facts.obstacle == OBSTACLE_CGROUP_SELF && facts.processes == 2 && error == -EPERM &&
                      obstacle == OBSTACLE_CGROUP_SELF && result.obstacle == OBSTACLE_CGROUP_SELF
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(perch, &status, 0), perch);
    assert_int_equal(status, 0);
    assert_int_equal(waitpid(real->child, &status, WNOHANG), 0);
    assert_true(text_has(real->path, "cgroup.events", "frozen 0"));
}

static void a_real_process_that_leaves_its_cgroup_is_not_followed(void **state)
{
    struct real *const real = *state;
    struct cgroup_facts facts;
    enum deed_obstacle obstacle;
    char parent[512];
    skip_without_cgroup(real);
    platform_pin_cgroup(real->pin, &facts);
    (void)snprintf(parent, sizeof(parent), "%s", real->path);
    *strrchr(parent, '/') = '\0';
    if (!put_into(parent, real->child)) {
        skip();
    }
    assert_int_equal(cgroup_set_frozen(real->pin, true, &obstacle), -ESTALE);
    assert_int_equal(obstacle, OBSTACLE_CGROUP_MOVED);
    assert_true(text_has(real->path, "cgroup.freeze", "0"));
}

static void a_real_process_may_use_the_cpus_it_has(void **state)
{
    struct real *const real = *state;
    struct cpu_set allowed;
    cpu_set_t has;
    assert_int_equal(platform_pin_cpus(real->pin, &allowed), 0);
    assert_int_equal(sched_getaffinity(real->child, sizeof(has), &has), 0);
    for (uint32_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        assert_true(!CPU_ISSET(cpu, &has) || cpu_set_has(&allowed, cpu));
    }
}

#define MACHINE(test) cmocka_unit_test_setup_teardown(test, machine_setup, machine_teardown)
#define REAL(test) cmocka_unit_test_setup_teardown(test, real_setup, real_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cgroup_is_found_in_its_hierarchy),
        cmocka_unit_test(a_container_is_known_by_its_cgroup),
        cmocka_unit_test(mounts_are_found_one_after_the_other),
        cmocka_unit_test(a_path_below_a_mount_never_leads_out_of_it),
        MACHINE(a_cgroup_is_described_with_all_below),
        MACHINE(the_lowest_numbers_of_a_large_cgroup_are_listed_in_order),
        MACHINE(who_perch_runs_under_is_found_anywhere_below),
        MACHINE(what_must_not_be_frozen_or_killed_is_refused_with_the_reason),
        MACHINE(perch_is_found_by_its_number_too),
        MACHINE(a_container_sees_its_cgroups_below_the_mounts_root),
        MACHINE(freezing_tells_the_kernel_and_waits_for_its_word),
        MACHINE(a_process_that_moved_takes_nothing_with_it),
        MACHINE(a_process_that_is_gone_has_no_cgroup),
        MACHINE(a_kernel_without_kill_is_said_to_have_none),
        MACHINE(a_file_that_may_not_be_written_is_the_reason),
        MACHINE(more_cgroups_than_anybody_has_are_not_all_counted),
        MACHINE(a_path_that_is_too_long_is_cut_but_found),
        MACHINE(the_cpuset_is_that_of_the_nearest_cgroup_that_has_one),
        MACHINE(a_cpuset_of_version_1_counts_where_it_is_mounted),
        REAL(a_real_cgroup_is_frozen_thawed_and_killed),
        REAL(a_stop_of_the_frozen_is_undone_before_and_after_it_comes_about),
        REAL(perch_freezes_no_real_cgroup_it_is_in),
        REAL(a_real_process_that_leaves_its_cgroup_is_not_followed),
        REAL(a_real_process_may_use_the_cpus_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
