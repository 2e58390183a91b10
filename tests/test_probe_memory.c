#include "check.h"
#include "child.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * What the prober reads of memory: of children with known maps, compared with what the test adds
 * up itself from `smaps` in another way, and of made-up trees.
 */

enum {
    ANON_BYTES = 3 << 20,   // of each child alone
    SHARED_BYTES = 2 << 20, // of both together
    FILE_BYTES = 1 << 20,
    OTHER_UID = 65534,
    TRIES = 200,
};

/* Two children that share memory and a file. */
struct family {
    struct platform *platform;
    struct proc_id ids[2];
    char *shared;
    char file[64];
};

static void touch(char *ptr, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 512) {
        ptr[i] = (char)(i / 512 + 1);
    }
}

static unsigned read_all(const char *ptr, size_t bytes)
{
    unsigned sum = 0;
    for (size_t i = 0; i < bytes; i += 512) {
        sum += (unsigned char)ptr[i];
    }
    return sum;
}

static _Noreturn void run_child(const struct family *family, int ready, int32_t uid)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int fd = open(family->file, O_RDONLY | O_CLOEXEC);
    char *const anon =
        mmap(NULL, ANON_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const char *const file = mmap(NULL, FILE_BYTES, PROT_READ, MAP_PRIVATE, fd, 0);
    if (anon == MAP_FAILED || file == MAP_FAILED || madvise(anon, ANON_BYTES, MADV_NOHUGEPAGE)) {
        _exit(1);
    }
    touch(anon, ANON_BYTES);
    if (read_all(family->shared, SHARED_BYTES) == 0 || read_all(file, FILE_BYTES) == 0 ||
        (uid != 0 && (setresgid((gid_t)uid, (gid_t)uid, (gid_t)uid) ||
                      setresuid((uid_t)uid, (uid_t)uid, (uid_t)uid))) ||
        prctl(PR_SET_DUMPABLE, 1) || write(ready, "", 1) != 1) {
        _exit(1);
    }
    for (;;) {
        (void)pause();
    }
}

static void family_start(struct family *family, const int32_t uids[2])
{
    char byte;
    family->platform = child_platform();
    (void)snprintf(family->file, sizeof(family->file), "/tmp/perch-memory-XXXXXX");
    const int fd = mkstemp(family->file);
    assert_true(fd >= 0);
    tree_remove_at_exit(family->file);
    assert_int_equal(fchmod(fd, 0644), 0);
    char *const content = malloc(FILE_BYTES);
    assert_non_null(content);
    touch(content, FILE_BYTES);
    assert_int_equal(write(fd, content, FILE_BYTES), FILE_BYTES);
    free(content);
    close(fd);
    family->shared =
        mmap(NULL, SHARED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(family->shared != MAP_FAILED);
    touch(family->shared, SHARED_BYTES);
    for (int i = 0; i < 2; i++) {
        int ready[2];
        assert_int_equal(pipe(ready), 0);
        const pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            run_child(family, ready[1], uids[i]);
        }
        assert_int_equal(read(ready[0], &byte, 1), 1);
        close(ready[0]);
        close(ready[1]);
        family->ids[i] = child_identify(family->platform, pid);
    }
    assert_int_equal(munmap(family->shared, SHARED_BYTES), 0); // theirs alone now
}

static void family_end(struct family *family)
{
    for (int i = 0; i < 2; i++) {
        (void)kill(family->ids[i].pid, SIGKILL);
        assert_int_equal(waitpid(family->ids[i].pid, NULL, 0), family->ids[i].pid);
    }
    unlink(family->file);
    platform_close(family->platform);
}

/* What `smaps` comes to, and how many mappings it has. */
struct sums {
    unsigned long long pss_kib, uss_kib, swap_pss_kib, mappings;
};

static struct sums sum_smaps(int32_t pid)
{
    char path[64];
    char line[8192];
    struct sums sums = {0};
    (void)snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
    FILE *const file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        char key[64];
        const char *const colon = strchr(line, ':');
        const size_t len = colon != NULL ? (size_t)(colon - line) : 0;
        if (len == 0 || len >= sizeof(key)) {
            continue;
        }
        memcpy(key, line, len);
        key[len] = '\0';
        const unsigned long long kib = strtoull(colon + 1, NULL, 10);
        sums.mappings += strcmp(key, "VmFlags") == 0;
        sums.pss_kib += strcmp(key, "Pss") == 0 ? kib : 0;
        sums.swap_pss_kib += strcmp(key, "SwapPss") == 0 ? kib : 0;
        sums.uss_kib +=
            strcmp(key, "Private_Clean") == 0 || strcmp(key, "Private_Dirty") == 0 ? kib : 0;
    }
    (void)fclose(file);
    return sums;
}

static int probe_smaps(struct platform *platform, struct proc_id id, struct raw_smaps *ret)
{
    size_t len = 0;
    const int error = platform_probe(platform, PROBE_SMAPS, id, (char *)ret, sizeof(*ret), &len);
    assert_true(error < 0 || len == sizeof(*ret));
    return error;
}

/*
 * Other programs that start and end change the shares of the C library's pages, so a reading
 * counts when `smaps` said the same before and behind it. The rollup cuts fractions of KiB off
 * once, `smaps` in each mapping.
 */
static struct raw_smaps settled_smaps(struct platform *platform, struct proc_id id)
{
    for (int i = 0; i < TRIES; i++) {
        struct raw_smaps is;
        const struct sums before = sum_smaps(id.pid);
        assert_int_equal(probe_smaps(platform, id, &is), 0);
        const struct sums after = sum_smaps(id.pid);
        if (memcmp(&before, &after, sizeof(before)) != 0) {
            continue;
        }
        assert_int_equal(is.uss_bytes, before.uss_kib * 1024);
        assert_in_range(is.pss_bytes, before.pss_kib * 1024,
                        (before.pss_kib + before.mappings) * 1024);
        assert_in_range(is.swap_pss_bytes, before.swap_pss_kib * 1024,
                        (before.swap_pss_kib + before.mappings) * 1024);
        return is;
    }
    fail_msg("the machine never held still");
    return (struct raw_smaps){0};
}

static void sizes_are_what_smaps_adds_up_to(void **state)
{
    (void)state;
    struct family family;
    family_start(&family, (const int32_t[2]){0, 0});
    for (int i = 0; i < 2; i++) {
        const struct raw_smaps is = settled_smaps(family.platform, family.ids[i]);
        assert_true(is.uss_bytes >= ANON_BYTES);
        assert_true(SANITIZED || is.uss_bytes < ANON_BYTES + FILE_BYTES / 2 + SHARED_BYTES / 2);
        assert_true(is.pss_bytes >= is.uss_bytes + SHARED_BYTES / 2 + FILE_BYTES / 2);
        assert_true(is.cost_ns > 0);
    }
    family_end(&family);
}

/* Drop privileges, and see as somebody else: the other user's is refused, the own one is read. */
static void look_as_somebody_else(const struct family *family)
{
    struct raw_smaps is;
    if (setresgid(OTHER_UID, OTHER_UID, OTHER_UID) || setresuid(OTHER_UID, OTHER_UID, OTHER_UID)) {
        _exit(10);
    }
    const int refused = probe_smaps(family->platform, family->ids[0], &is);
    const int own = probe_smaps(family->platform, family->ids[1], &is);
    _exit(refused != -EACCES ? 11 : own != 0 ? 12 : is.uss_bytes < ANON_BYTES ? 13 : 0);
}

static void others_sizes_are_refused_to_a_user(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    struct family family;
    int status = -1;
    family_start(&family, (const int32_t[2]){0, OTHER_UID});
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        look_as_somebody_else(&family);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    family_end(&family);
}

static void status_divides_resident_memory_by_what_is_behind_it(void **state)
{
    (void)state;
    struct family family;
    family_start(&family, (const int32_t[2]){0, 0});
    struct raw_proc proc = {.id = family.ids[0], .group_pid = family.ids[0].pid};
    platform_read(family.platform, &proc, FACT_STATUS | FACT_OOM | FACT_MEMORY);
    assert_int_equal(proc.have & (FACT_STATUS | FACT_OOM), FACT_STATUS | FACT_OOM);
    assert_true(proc.status.anon >= ANON_BYTES);
    assert_true(proc.status.shmem >= SHARED_BYTES);
    assert_true(proc.status.file >= FILE_BYTES);
    assert_true(proc.status.page_tables > 0 && proc.status.page_tables < ANON_BYTES);
    assert_int_equal(proc.status.anon + proc.status.shmem + proc.status.file, proc.resident_bytes);
    family_end(&family);
}

/* P10 */
static void what_has_no_memory_has_no_sizes_and_is_not_gone(void **state)
{
    (void)state;
    struct platform *const platform = child_platform();
    struct raw_smaps is;
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(0);
    }
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    const struct proc_id zombie = child_identify(platform, pid);
    assert_int_equal(probe_smaps(platform, zombie, &is), -ENOENT);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(probe_smaps(platform, zombie, &is), -ESRCH);
    platform_close(platform);
}

/* --- made-up trees ---------------------------------------------------------------------------- */

/* A machine whose files are what the test says. */
struct machine {
    struct platform *platform;
    char proc[TREE_ROOT_BYTES], groups[TREE_ROOT_BYTES];
    struct proc_id id;
};

static void machine_make(struct machine *m)
{
    tree_make(m->proc);
    tree_make(m->groups);
    const struct tree_process process = {.pid = 7, .ppid = 1, .start_ticks = 50};
    tree_process(m->proc, &process);
    const struct platform_options options = {.proc_root = m->proc};
    assert_int_equal(platform_open(&options, &m->platform), 0);
    m->id = tree_process_id(7, 50);
}

static void machine_end(struct machine *m)
{
    platform_close(m->platform);
    tree_remove(m->proc);
    tree_remove(m->groups);
}

static void without_a_rollup_the_mappings_are_summed(void **state)
{
    (void)state;
    struct machine m;
    machine_make(&m);
    struct raw_smaps is;
    assert_int_equal(probe_smaps(m.platform, m.id, &is), -ENOENT);
    char path[TREE_ROOT_BYTES + 16];
    (void)snprintf(path, sizeof(path), "%s/7/smaps", m.proc);
    FILE *const file = fopen(path, "we");
    assert_non_null(file);
    for (unsigned i = 0; i < 2000; i++) { // more than is read at a time
        (void)fprintf(file, "%08x-%08x rw-p 00000000 00:00 0\nPss: %u kB\nPrivate_Dirty: 4 kB\n", i,
                      i + 1, i);
    }
    assert_int_equal(fclose(file), 0);
    assert_int_equal(probe_smaps(m.platform, m.id, &is), 0);
    assert_int_equal(is.pss_bytes, 2000 * 1999 / 2 * 1024);
    assert_int_equal(is.uss_bytes, 2000 * 4 * 1024);
    assert_true(is.swap_pss_bytes == FIGURE_ABSENT); // an old kernel
    machine_end(&m);
}

/* The answer about its cgroup, and its path. */
static struct raw_cgroup probe_cgroup(struct machine *m, char path[256])
{
    char buf[4096];
    size_t len = 0;
    struct raw_cgroup is;
    assert_int_equal(platform_probe(m->platform, PROBE_CGROUP, m->id, buf, sizeof(buf), &len), 0);
    memcpy(&is, buf, sizeof(is));
    assert_int_equal(len, sizeof(is) + is.path_len);
    assert_true(is.path_len < 256);
    memcpy(path, buf + sizeof(is), is.path_len);
    path[is.path_len] = '\0';
    return is;
}

static void mount_groups(struct machine *m, const char *type, const char *options)
{
    tree_file(m->proc, "self/mountinfo", "30 20 0:26 / %s rw shared:4 - %s cgroup rw%s\n",
              m->groups, type, options);
}

static void the_limit_that_is_met_first_counts(void **state)
{
    (void)state;
    static const struct {
        const char *own, *above; // memory.max of each; memory.current is 300 and 900
        uint64_t limit, usage;
    } rows[] = {
        {"max", "max", FIGURE_ABSENT, FIGURE_ABSENT},
        {"1000", "max", 1000, 300},
        {"max", "1000", 1000, 900},
        {"500", "1000", 1000, 900}, // above there is less left
        {"350", "1000", 350, 300},
        {"200", "5000", 200, 300}, // past it: it was lowered
        {"0", "max", 0, 300},
    };
    struct machine m;
    machine_make(&m);
    mount_groups(&m, "cgroup2", "");
    tree_file(m.proc, "7/cgroup", "0::/app/web server\n");
    tree_file(m.groups, "app/web server/memory.current", "300\n");
    tree_file(m.groups, "app/memory.current", "900\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char path[256];
        tree_file(m.groups, "app/web server/memory.max", "%s\n", rows[i].own);
        tree_file(m.groups, "app/memory.max", "%s\n", rows[i].above);
        const struct raw_cgroup is = probe_cgroup(&m, path);
        assert_string_equal(path, "/app/web server");
        assert_true(is.limit_bytes == rows[i].limit && is.usage_bytes == rows[i].usage);
        assert_false(is.limit_unknown);
    }
    machine_end(&m);
}

static void version_one_has_other_files_and_a_number_for_no_limit(void **state)
{
    (void)state;
    struct machine m;
    machine_make(&m);
    char path[256];
    mount_groups(&m, "cgroup", ",memory");
    tree_file(m.proc, "7/cgroup", "4:memory:/box\n3:cpu:/other\n0::/\n");
    tree_file(m.groups, "memory.limit_in_bytes", "9223372036854771712\n");
    tree_file(m.groups, "memory.usage_in_bytes", "5000\n");
    tree_file(m.groups, "box/memory.limit_in_bytes", "9223372036854771712\n");
    tree_file(m.groups, "box/memory.usage_in_bytes", "400\n");
    struct raw_cgroup is = probe_cgroup(&m, path);
    assert_string_equal(path, "/box");
    assert_true(is.limit_bytes == FIGURE_ABSENT && !is.limit_unknown);
    tree_file(m.groups, "box/memory.limit_in_bytes", "4096\n");
    is = probe_cgroup(&m, path);
    assert_true(is.limit_bytes == 4096 && is.usage_bytes == 400);
    machine_end(&m);
}

static void a_cgroup_out_of_sight_has_an_unknown_limit(void **state)
{
    (void)state;
    struct machine m;
    machine_make(&m);
    char path[256];
    char buf[512];
    size_t len;
    assert_int_equal(platform_probe(m.platform, PROBE_CGROUP, m.id, buf, sizeof(buf), &len),
                     -ENOENT);
    tree_file(m.proc, "7/cgroup", "0::/../../elsewhere\n");
    mount_groups(&m, "cgroup2", "");
    const struct raw_cgroup is = probe_cgroup(&m, path);
    assert_string_equal(path, "/../../elsewhere");
    assert_true(is.limit_unknown && is.limit_bytes == FIGURE_ABSENT);
    tree_file(m.proc, "7/cgroup", "nonsense\n");
    assert_int_equal(platform_probe(m.platform, PROBE_CGROUP, m.id, buf, sizeof(buf), &len),
                     -ENOENT);
    assert_int_equal(platform_probe(m.platform, PROBE_CGROUP, m.id, buf, 4, &len), -EINVAL);
    machine_end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_what_smaps_adds_up_to),
        cmocka_unit_test(others_sizes_are_refused_to_a_user),
        cmocka_unit_test(status_divides_resident_memory_by_what_is_behind_it),
        cmocka_unit_test(what_has_no_memory_has_no_sizes_and_is_not_gone),
        cmocka_unit_test(without_a_rollup_the_mappings_are_summed),
        cmocka_unit_test(the_limit_that_is_met_first_counts),
        cmocka_unit_test(version_one_has_other_files_and_a_number_for_no_limit),
        cmocka_unit_test(a_cgroup_out_of_sight_has_an_unknown_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
