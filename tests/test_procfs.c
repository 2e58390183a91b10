#include "base/arena.h"
#include "check.h"
#include "platform/platform.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROC "tests/fixtures/proc_server"
#define SYS "tests/fixtures/sys_server"

/* A made-up machine, opened and sampled. */
struct machine {
    struct platform *platform;
    struct arena *arena;
    struct raw_sample sample;
};

static void machine_open(struct machine *m, const char *proc, const char *sys)
{
    const struct platform_options options = {.proc_root = proc, .sys_root = sys};
    assert_int_equal(platform_open(&options, &m->platform), 0);
    m->arena = arena_create(1 << 20);
    assert_non_null(m->arena);
}

static void machine_close(struct machine *m)
{
    platform_close(m->platform);
    arena_destroy(m->arena);
}

static void machine_sample(struct machine *m, fact_mask want, bool threads)
{
    const struct platform_request request = {.want = want, .threads = threads};
    arena_reset(m->arena);
    assert_int_equal(platform_sample(m->platform, &request, m->arena, &m->sample), 0);
}

static struct raw_proc *find(const struct machine *m, int32_t pid)
{
    for (size_t i = 0; i < m->sample.proc_count; i++) {
        if (m->sample.procs[i].id.pid == pid) {
            return &m->sample.procs[i];
        }
    }
    return NULL;
}

static void make_dir(const char *root, const char *path)
{
    char full[512];
    (void)snprintf(full, sizeof(full), "%s/%s", root, path);
    assert_int_equal(mkdir(full, 0755), 0);
}

static void make_file(const char *root, const char *path, const char *text)
{
    char full[512];
    (void)snprintf(full, sizeof(full), "%s/%s", root, path);
    const int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void remove_path(const char *root, const char *path)
{
    char full[512];
    (void)snprintf(full, sizeof(full), "%s/%s", root, path);
    assert_int_equal(remove(full), 0);
}

/* A tree of one process, in `root`. */
static void make_tree(char root[64])
{
    tree_make(root);
    make_dir(root, "42");
    make_file(root, "42/stat", "42 (cat) S 1 7 8 0 -1 0 1 0 1 0 2 3 0 0 20 0 1 0 1000 4096 10 0\n");
}

static void remove_tree(const char *root)
{
    remove_path(root, "42/stat");
    remove_path(root, "42");
    assert_int_equal(rmdir(root), 0);
}

/* P19: directories without `stat`, with an empty, a cut and a foreign one are no processes. */
static void only_readable_processes_are_listed_in_order(void **state)
{
    (void)state;
    static const int32_t pids[] = {1, 2, 19, 100, 101, 102, 103, 107, 108, 1001};
    struct machine m;
    machine_open(&m, PROC, SYS);
    machine_sample(&m, 0, false);
    assert_int_equal(m.sample.proc_count, sizeof(pids) / sizeof(*pids));
    for (size_t i = 0; i < m.sample.proc_count; i++) {
        assert_int_equal(m.sample.procs[i].id.pid, pids[i]);
        assert_int_equal(m.sample.procs[i].have, FACT_IDENT);
    }
    assert_int_equal(m.sample.unreadable, 0);
    assert_int_equal(m.sample.last_error, 0);
    machine_close(&m);
}

/* P01, P04, P05, P15, P22, P35, P39 */
static void hostile_and_odd_processes_are_read_right(void **state)
{
    (void)state;
    static const struct {
        int32_t pid;
        const char *name;
        char state;
        bool kernel;
        uint64_t start_ns;
    } rows[] = {
        {1, "init", 'S', false, 30000000},
        {19, "rcu_exp_par_gp_kthread_worker/0", 'I', true, 50000000},
        {100, "x) Z 1 1 (", 'S', false, 10000000000},
        {101, "a\nUid:\t0\t0\t0\n", 'R', false, 10010000000},
        {102, "gone", 'Z', false, 10020000000},
        {103, "old", 'S', false, 10030000000},
        {107, "odd", 'Y', false, 10070000000},
    };
    struct machine m;
    machine_open(&m, PROC, SYS);
    machine_sample(&m, 0, false);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct raw_proc *const proc = find(&m, rows[i].pid);
        assert_non_null(proc);
        assert_int_equal(proc->name.len, strlen(rows[i].name));
        assert_memory_equal(proc->name.ptr, rows[i].name, proc->name.len);
        assert_int_equal(proc->state, rows[i].state);
        assert_int_equal(proc->kernel, rows[i].kernel);
        assert_int_equal(proc->id.start_ns, rows[i].start_ns);
    }
    machine_close(&m);
}

static void threads_belong_to_their_leader(void **state)
{
    (void)state;
    struct machine m;
    machine_open(&m, PROC, SYS);
    machine_sample(&m, FACT_IDENT, true);
    assert_int_equal(m.sample.proc_count, 12);
    for (size_t i = 1; i < m.sample.proc_count; i++) {
        assert_true(proc_id_compare(m.sample.procs[i - 1].id, m.sample.procs[i].id) < 0);
    }
    const struct raw_proc *const leader = find(&m, 108);
    const struct raw_proc *const thread = find(&m, 1000);
    assert_non_null(leader);
    assert_non_null(thread);
    assert_false(leader->thread);
    assert_int_equal(leader->user_ns, 300000000);
    assert_true(thread->thread);
    assert_int_equal(thread->group_pid, 108);
    assert_int_equal(thread->ppid, leader->ppid);
    assert_int_equal(thread->name.len, strlen("x) 1 2 3 4 5"));
    assert_int_equal(thread->user_ns, 100000000);
    assert_int_equal(find(&m, 110)->nice, 5);
    machine_close(&m);
}

static void facts_are_read_when_wanted(void **state)
{
    (void)state;
    struct machine m;
    struct stat st;
    machine_open(&m, PROC, SYS);
    machine_sample(&m, FACT_OWNER | FACT_MEMORY | FACT_IO, false);
    const struct raw_proc *const init = find(&m, 1);
    assert_int_equal(init->have, FACT_IDENT | FACT_OWNER | FACT_MEMORY | FACT_IO);
    assert_int_equal(stat(PROC "/1", &st), 0);
    assert_int_equal(init->uid, st.st_uid);
    assert_int_equal(init->shared_bytes, 200 * (uint64_t)sysconf(_SC_PAGESIZE));
    assert_int_equal(init->read_bytes, 4096);
    assert_int_equal(init->write_bytes, 8192);
    // An odd `io` is neither had nor refused; and the name alone says nothing of the owner.
    const struct raw_proc *const odd = find(&m, 100);
    assert_int_equal(odd->have, FACT_IDENT | FACT_OWNER);
    assert_int_equal(odd->denied, 0);
    machine_close(&m);
}

static void facts_can_be_read_later_for_the_same_process_only(void **state)
{
    (void)state;
    struct machine m;
    machine_open(&m, PROC, SYS);
    machine_sample(&m, 0, true);
    struct raw_proc *const init = find(&m, 1);
    platform_read(m.platform, init, FACT_MEMORY | FACT_CMDLINE | FACT_USER);
    assert_int_equal(init->have, FACT_IDENT | FACT_MEMORY);
    platform_read(m.platform, init, FACT_IO);
    assert_int_equal(init->have, FACT_IDENT | FACT_MEMORY | FACT_IO);
    struct raw_proc other = *find(&m, 1);
    other.have = FACT_IDENT;
    other.id.start_ns++;
    platform_read(m.platform, &other, FACT_MEMORY);
    assert_int_equal(other.have, FACT_IDENT);
    struct raw_proc *const thread = find(&m, 1000);
    platform_read(m.platform, thread, FACT_OWNER);
    assert_int_equal(thread->have, FACT_IDENT | FACT_OWNER);
    assert_int_equal(platform_progress(m.platform).since_ns, 0);
    machine_close(&m);
}

static void the_machine_is_read(void **state)
{
    (void)state;
    struct machine m;
    machine_open(&m, PROC, SYS);
    machine_sample(&m, 0, false);
    const struct raw_system *const s = &m.sample.system;
    assert_true(s->cpu_known);
    assert_int_equal(s->cpu_count, 2);
    assert_int_equal(s->cpus[1].index, 2);
    assert_int_equal(s->cpu_present, 11);
    assert_int_equal(s->all.guest_nice_ns, 20000000);
    assert_int_equal(s->memory.total, 16000000 * UINT64_C(1024));
    assert_int_equal(s->context_switches, 123456789);
    assert_int_equal(s->forks, 4321);
    assert_int_equal(s->interrupts, 987654);
    assert_true(s->psi_memory.some_known && s->psi_memory.full_known);
    assert_true(s->psi_cpu.some_known && !s->psi_cpu.full_known);
    assert_false(s->psi_io.some_known);
    assert_int_equal(s->threads_total, 345);
    assert_int_equal(s->uptime_ns, 12345670000000);
    assert_int_equal(m.sample.boot_ns, 12345670000000);
    assert_int_equal(s->hidepid, RAW_HIDEPID_INVISIBLE);
    assert_int_equal(s->hostname.len, 6);
    assert_memory_equal(s->hostname.ptr, "server", 6);
    assert_int_equal(s->kernel.len, 11);
    assert_memory_equal(s->kernel.ptr, "Linux 6.1.0", 11);
    machine_close(&m);
}

static void every_system_file_is_optional_at_any_time(void **state)
{
    (void)state;
    struct machine m;
    char root[64];
    make_tree(root);
    machine_open(&m, root, "/nonexistent");
    machine_sample(&m, 0, false);
    assert_int_equal(m.sample.proc_count, 1);
    assert_false(m.sample.system.cpu_known);
    assert_true(m.sample.system.uptime_ns == FIGURE_ABSENT);
    assert_true(m.sample.system.memory.total == FIGURE_ABSENT);
    assert_true(m.sample.system.load_1m < 0);
    assert_int_equal(m.sample.system.hostname.len, 0);
    make_file(root, "uptime", "5.00 1.00\n");
    make_file(root, "stat", "cpu 1 2 3 4\n");
    machine_sample(&m, 0, false);
    assert_true(m.sample.system.cpu_known);
    assert_int_equal(m.sample.system.uptime_ns, 5000000000);
    remove_path(root, "uptime");
    remove_path(root, "stat");
    machine_sample(&m, 0, false);
    assert_false(m.sample.system.cpu_known);
    assert_true(m.sample.system.uptime_ns == FIGURE_ABSENT);
    machine_close(&m);
    remove_tree(root);
}

/* One sample after another in an arena of its own, from which known processes are taken over. */
static void machine_sample_over(struct machine *m, const struct raw_sample *known,
                                uint64_t since_ns)
{
    const struct platform_request request = {.want = FACT_IDENT,
                                             .known = known,
                                             .known_since_ns = since_ns};
    arena_reset(m->arena);
    assert_int_equal(platform_sample(m->platform, &request, m->arena, &m->sample), 0);
}

static void processes_read_lately_are_taken_over_while_they_are_listed(void **state)
{
    (void)state;
    static const char now[] = "42 (dog) R 1 7 8 0 -1 0 1 0 1 0 9 9 0 0 20 0 1 0 1000 4096 10 0\n";
    struct machine m;
    struct machine old;
    char root[64];
    make_tree(root);
    make_file(root, "uptime", "60.00 1.00\n"); // it started at 10 s
    machine_open(&m, root, "/nonexistent");
    machine_open(&old, root, "/nonexistent");
    machine_sample(&old, 0, false);
    old.sample.procs[0].have |= FACT_SOCKETS;
    old.sample.procs[0].denied |= FACT_IO;
    const uint64_t read_ns = raw_proc_ns(&old.sample, &old.sample.procs[0]);
    make_file(root, "42/stat", now);
    make_dir(root, "7");
    make_file(root, "7/stat", "7 (new) S 1 7 8 0 -1 0 1 0 1 0 2 3 0 0 20 0 1 0 1000 4096 10 0\n");
    machine_sample_over(&m, &old.sample, read_ns);
    assert_int_equal(m.sample.proc_count, 2);
    assert_int_equal(find(&m, 7)->taken_over_ns, 0);
    const struct raw_proc *proc = find(&m, 42);
    assert_memory_equal(proc->name.ptr, "cat", 3);
    assert_ptr_not_equal(proc->name.ptr, old.sample.procs[0].name.ptr); // which goes
    assert_int_equal(proc->state, 'S');
    assert_int_equal(proc->user_ns, old.sample.procs[0].user_ns);
    assert_int_equal(proc->taken_over_ns, read_ns);
    assert_int_equal(proc->have, FACT_IDENT);
    assert_int_equal(proc->denied, 0);

    machine_sample_over(&old, &m.sample, read_ns); // again: it is as old as it was
    assert_int_equal(find(&old, 42)->taken_over_ns, read_ns);
    machine_sample_over(&m, &old.sample, read_ns + 1);
    assert_int_equal(find(&m, 42)->taken_over_ns, 0);
    assert_int_equal(find(&m, 42)->state, 'R');
    assert_memory_equal(find(&m, 42)->name.ptr, "dog", 3);

    make_file(root, "uptime", "19.00 1.00\n"); // too young to be believed
    machine_sample(&old, 0, false);
    machine_sample_over(&m, &old.sample, 0);
    assert_int_equal(find(&m, 42)->taken_over_ns, 0);
    remove_path(root, "42/stat");
    remove_path(root, "42");
    make_file(root, "uptime", "60.00 1.00\n");
    machine_sample(&old, 0, false);
    remove_path(root, "7/stat");
    remove_path(root, "7");
    machine_sample_over(&m, &old.sample, 0);
    assert_int_equal(m.sample.proc_count, 0); // gone at once
    machine_close(&m);
    machine_close(&old);
    remove_path(root, "uptime");
    assert_int_equal(rmdir(root), 0);
}

/* P65 */
static void cpus_may_come_and_go_between_samples(void **state)
{
    (void)state;
    struct machine m;
    char root[64];
    make_tree(root);
    make_file(root, "stat", "cpu 4 4 4 4\ncpu0 1 1 1 1\ncpu1 1 1 1 1\n");
    machine_open(&m, root, "/nonexistent");
    machine_sample(&m, 0, false);
    assert_int_equal(m.sample.system.cpu_count, 2);
    make_file(root, "stat", "cpu 4 4 4 4\ncpu0 1 1 1 1\ncpu7 1 1 1 1\ncpu8 1 1 1 1\n");
    machine_sample(&m, 0, false);
    assert_int_equal(m.sample.system.cpu_count, 3);
    assert_int_equal(m.sample.system.cpu_present, 9);
    remove_path(root, "stat");
    machine_close(&m);
    remove_tree(root);
}

static void a_process_may_vanish_between_samples(void **state)
{
    (void)state;
    struct machine m;
    char root[64];
    make_tree(root);
    machine_open(&m, root, "/nonexistent");
    machine_sample(&m, 0, false);
    assert_int_equal(m.sample.proc_count, 1);
    struct raw_proc proc = m.sample.procs[0];
    remove_path(root, "42/stat");
    machine_sample(&m, 0, false);
    assert_int_equal(m.sample.proc_count, 0);
    assert_int_equal(m.sample.last_error, 0);
    platform_read(m.platform, &proc, FACT_OWNER);
    assert_int_equal(proc.have, FACT_IDENT);
    make_file(root, "42/stat", "");
    machine_close(&m);
    remove_tree(root);
}

/* P16: zeros mean nothing while the kernel does not count, and it can be told to at any time. */
static void whether_delays_are_counted_is_known_of_each_sample(void **state)
{
    (void)state;
    static const struct {
        const char *text; // NULL: a kernel without the switch
        bool counted;
    } cases[] = {{NULL, false}, {"0\n", false}, {"1\n", true}, {"", false}, {"0\n", false}};
    struct machine m;
    char root[64];
    make_tree(root);
    make_dir(root, "sys");
    make_dir(root, "sys/kernel");
    machine_open(&m, root, "/nonexistent");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cases[i].text != NULL) {
            make_file(root, "sys/kernel/task_delayacct", cases[i].text);
        }
        machine_sample(&m, 0, false);
        assert_int_equal(m.sample.counts_delays, cases[i].counted);
        assert_true(m.sample.procs[0].block_delay_ns == FIGURE_ABSENT); // a line that ends early
    }
    machine_close(&m);
    remove_path(root, "sys/kernel/task_delayacct");
    remove_path(root, "sys/kernel");
    remove_path(root, "sys");
    remove_tree(root);
}

static void a_file_larger_than_the_buffer_is_read_whole(void **state)
{
    (void)state;
    enum { CPUS = 4000 };
    struct machine m;
    char root[64];
    char *const text = malloc(CPUS * 40);
    size_t len = 0;
    assert_non_null(text);
    for (int i = 0; i < CPUS; i++) {
        len += (size_t)snprintf(text + len, 40, "cpu%d 1 2 3 4 5 6 7 8 9 10\n", i);
    }
    make_tree(root);
    make_file(root, "stat", text);
    machine_open(&m, root, "/nonexistent");
    machine_sample(&m, 0, false);
    assert_int_equal(m.sample.system.cpu_count, CPUS);
    assert_int_equal(m.sample.system.cpus[CPUS - 1].index, CPUS - 1);
    machine_close(&m);
    remove_path(root, "stat");
    remove_tree(root);
    free(text);
}

static void a_place_without_processes_is_refused(void **state)
{
    (void)state;
    static const char *const roots[] = {"tests/fixtures", "/nonexistent", "meson.build", ""};
    for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
        const struct platform_options options = {.proc_root = roots[i]};
        struct platform *platform = NULL;
        assert_int_equal(platform_open(&options, &platform), -ENOENT);
        assert_null(platform);
    }
}

static void terminals_are_named_with_and_without_a_table(void **state)
{
    (void)state;
    static const struct {
        uint32_t device;
        const char *with, *without; // NULL: unknown
    } rows[] = {
        {(136 << 8) | 3, "pts/3", "pts/3"}, {(4 << 8) | 1, "tty1", "tty1"},
        {(4 << 8) | 64, "ttyS0", "ttyS0"},  {(5 << 8) | 1, "console", "console"},
        {(188 << 8) | 2, "ttyUSB2", NULL},  {0, NULL, NULL},
        {(250 << 8) | 2, NULL, NULL},
    };
    struct machine with;
    struct machine without;
    char root[64];
    make_tree(root);
    machine_open(&with, PROC, SYS);
    machine_open(&without, root, SYS);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char name[32];
        assert_int_equal(platform_tty_name(with.platform, rows[i].device, name, sizeof(name)),
                         rows[i].with ? 0 : -ENOENT);
        if (rows[i].with) {
            assert_string_equal(name, rows[i].with);
        }
        assert_int_equal(platform_tty_name(without.platform, rows[i].device, name, sizeof(name)),
                         rows[i].without ? 0 : -ENOENT);
        if (rows[i].without) {
            assert_string_equal(name, rows[i].without);
        }
    }
    machine_close(&with);
    machine_close(&without);
    remove_tree(root);
}

static void probes_answer_for_the_process_asked_about(void **state)
{
    (void)state;
    static const struct {
        enum probe_kind kind;
        int32_t pid;
        uint64_t start_ns;
        int error;
        const char *bytes;
        size_t len;
    } rows[] = {
        {PROBE_CMDLINE, 1, 30000000, 0, "/sbin/init\0--system\0", 21},
        {PROBE_CMDLINE, 2, 30000000, 0, "", 0},
        {PROBE_CMDLINE, 1, 30000001, -ESRCH, NULL, 0},
        {PROBE_CMDLINE, 102, 10020000000, -ENOENT, NULL, 0},
        {PROBE_CMDLINE, 9999, 1, -ESRCH, NULL, 0},
        {PROBE_CMDLINE, 0, 1, -ESRCH, NULL, 0},
        {PROBE_CMDLINE, -1, 1, -ESRCH, NULL, 0},
        {PROBE_EXE, 1, 30000000, 0, "/sbin/init (deleted)", 20},
        {PROBE_EXE, 2, 30000000, -ENOENT, NULL, 0},
        {PROBE_EXE, 2, 30000001, -ESRCH, NULL, 0},
        {PROBE_USER, 0, 0, 0, "root", 4},
        {PROBE_USER, 2147000123, 0, -ENOENT, NULL, 0},
        {PROBE_KIND_COUNT, 1, 0, -ENOTSUP, NULL, 0},
    };
    struct machine m;
    machine_open(&m, PROC, SYS);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct proc_id id = {.pid = rows[i].pid, .start_ns = rows[i].start_ns};
        char buf[256];
        size_t len = 77;
        assert_int_equal(platform_probe(m.platform, rows[i].kind, id, buf, sizeof(buf), &len),
                         rows[i].error);
        assert_int_equal(len, rows[i].error ? 77 : rows[i].len);
        if (rows[i].error == 0) {
            assert_memory_equal(buf, rows[i].bytes, len);
        }
    }
    char small[4];
    size_t len;
    assert_int_equal(platform_probe(m.platform, PROBE_CMDLINE,
                                    (struct proc_id){.pid = 1, .start_ns = 30000000}, small,
                                    sizeof(small), &len),
                     0);
    assert_int_equal(len, 4);
    machine_close(&m);
}

/* P67: shared policies, more than ten of them, odd files, cpuinfo instead. */
static void frequencies_are_by_cpu_number(void **state)
{
    (void)state;
    uint32_t khz[16] = {0};
    size_t len;
    struct machine m;
    machine_open(&m, PROC, SYS);
    assert_int_equal(platform_probe(m.platform, PROBE_FREQUENCY, (struct proc_id){0}, (char *)khz,
                                    sizeof(khz), &len),
                     0);
    assert_int_equal(len, 11 * sizeof(*khz));
    assert_int_equal(khz[0], 1800000);
    assert_int_equal(khz[1], 1800000);
    assert_int_equal(khz[2], 2600000);
    assert_int_equal(khz[3], 0);
    assert_int_equal(khz[10], 3200000);
    machine_close(&m);
    machine_open(&m, PROC, "/nonexistent");
    memset(khz, 0, sizeof(khz));
    assert_int_equal(platform_probe(m.platform, PROBE_FREQUENCY, (struct proc_id){0}, (char *)khz,
                                    sizeof(khz), &len),
                     0);
    assert_int_equal(len, 4 * sizeof(*khz));
    assert_int_equal(khz[0], 2399998);
    assert_int_equal(khz[3], 800000);
    machine_close(&m);
}

static void *probe_in_thread(void *context)
{
    const struct machine *const m = context;
    char buf[64];
    size_t len;
    const struct proc_id id = {.pid = 42, .start_ns = 10000000000};
    const int error = platform_probe(m->platform, PROBE_CMDLINE, id, buf, sizeof(buf), &len);
    return error == 0 && len == 5 && memcmp(buf, "late\n", 5) == 0 ? context : NULL;
}

static void a_blocked_command_line_does_not_block_a_scan(void **state)
{
    (void)state;
    struct machine m;
    char root[64];
    char fifo[128];
    make_tree(root);
    (void)snprintf(fifo, sizeof(fifo), "%s/42/cmdline", root);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    machine_open(&m, root, "/nonexistent");
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, probe_in_thread, &m), 0);
    for (int i = 0; i < 20; i++) {
        machine_sample(&m, FACT_OWNER, true);
        assert_int_equal(m.sample.proc_count, 1);
    }
    const int fd = open(fifo, O_WRONLY); // the reader's open returns with this one
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "late\n", 5), 5);
    close(fd);
    void *result = NULL;
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &m);
    machine_close(&m);
    assert_int_equal(unlink(fifo), 0);
    remove_tree(root);
}

static void nobody_is_acted_upon_in_a_foreign_tree(void **state)
{
    (void)state;
    struct machine m;
    struct platform_pin *pin = NULL;
    machine_open(&m, PROC, SYS);
    const struct proc_id id = {.pid = 1, .start_ns = 30000000};
    assert_int_equal(platform_pin(m.platform, id, &pin), -ENOTSUP);
    assert_null(pin);
    machine_close(&m);
}

static void a_sample_that_does_not_fit_fails_cleanly(void **state)
{
    (void)state;
    struct machine m;
    machine_open(&m, PROC, SYS);
    const struct platform_request request = {.want = FACT_READABLE, .threads = true};
    machine_sample(&m, FACT_READABLE, true);
    const size_t count = m.sample.proc_count;
    const size_t used = arena_used(m.arena);
    bool fitted = false;
    size_t failures = 0;
    for (size_t limit = 0; limit < used * 64 && !fitted; limit += 97) {
        struct raw_sample sample = {.proc_count = 12345};
        struct arena *const arena = arena_create(limit);
        if (!arena) {
            continue;
        }
        const int error = platform_sample(m.platform, &request, arena, &sample);
        assert_true(error == 0 || error == -ENOMEM);
        assert_int_equal(sample.proc_count, error ? 12345 : count);
        fitted = error == 0;
        failures += error != 0;
        arena_destroy(arena);
    }
    assert_true(fitted);
    assert_true(failures > 10);
    machine_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_readable_processes_are_listed_in_order),
        cmocka_unit_test(hostile_and_odd_processes_are_read_right),
        cmocka_unit_test(threads_belong_to_their_leader),
        cmocka_unit_test(facts_are_read_when_wanted),
        cmocka_unit_test(facts_can_be_read_later_for_the_same_process_only),
        cmocka_unit_test(the_machine_is_read),
        cmocka_unit_test(every_system_file_is_optional_at_any_time),
        cmocka_unit_test(cpus_may_come_and_go_between_samples),
        cmocka_unit_test(a_process_may_vanish_between_samples),
        cmocka_unit_test(whether_delays_are_counted_is_known_of_each_sample),
        cmocka_unit_test(a_file_larger_than_the_buffer_is_read_whole),
        cmocka_unit_test(a_place_without_processes_is_refused),
        cmocka_unit_test(terminals_are_named_with_and_without_a_table),
        cmocka_unit_test(probes_answer_for_the_process_asked_about),
        cmocka_unit_test(frequencies_are_by_cpu_number),
        cmocka_unit_test(a_blocked_command_line_does_not_block_a_scan),
        cmocka_unit_test(nobody_is_acted_upon_in_a_foreign_tree),
        cmocka_unit_test(a_sample_that_does_not_fit_fails_cleanly),
        cmocka_unit_test(processes_read_lately_are_taken_over_while_they_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
