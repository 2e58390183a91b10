#include "base/arena.h"
#include "check.h"
#include "platform/platform.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * What every operating system's folder has to keep, on the live machine. Only processes
 * started here are looked at closely or acted upon.
 */

/* The platform under test and its last sample. */
struct live {
    struct platform *platform;
    struct arena *arena;
    struct raw_sample sample;
};

static void live_open(struct live *live)
{
    assert_int_equal(platform_open(NULL, &live->platform), 0);
    live->arena = arena_create(256u << 20);
    assert_non_null(live->arena);
}

static void live_close(struct live *live)
{
    platform_close(live->platform);
    arena_destroy(live->arena);
}

static void live_sample(struct live *live, fact_mask want, bool threads)
{
    const struct platform_request request = {.want = want, .threads = threads};
    arena_reset(live->arena);
    assert_int_equal(platform_sample(live->platform, &request, live->arena, &live->sample), 0);
}

static struct raw_proc *find(const struct live *live, int32_t pid)
{
    for (size_t i = 0; i < live->sample.proc_count; i++) {
        if (live->sample.procs[i].id.pid == pid) {
            return &live->sample.procs[i];
        }
    }
    return NULL;
}

static pid_t start_child(const char *name)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(60); // not left behind by a test that fails
        if (prctl(PR_SET_NAME, name) || write(ready[1], "", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            (void)pause();
        }
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void end_child(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void our_own_process_is_present_and_running(void **state)
{
    (void)state;
    struct live live;
    live_open(&live);
    live_sample(&live, FACT_OWNER | FACT_MEMORY, false);
    const struct raw_proc *const self = find(&live, platform_own_pid());
    assert_non_null(self);
    assert_int_equal(self->state, 'R');
    assert_int_equal(self->ppid, getppid());
    assert_int_equal(self->pgrp, getpgrp());
    assert_int_equal(self->session, getsid(0));
    assert_int_equal(self->uid, platform_own_uid());
    assert_int_equal(self->group_pid, self->id.pid);
    assert_true(self->resident_bytes > 0);
    assert_true(self->resident_bytes <= self->virtual_bytes);
    assert_true(self->shared_bytes <= self->resident_bytes + (1u << 20));
    assert_false(self->kernel);
    live_close(&live);
}

static void time_spent_grows(void **state)
{
    (void)state;
    struct live live;
    live_open(&live);
    live_sample(&live, 0, false);
    const struct raw_proc before = *find(&live, platform_own_pid());
    const uint64_t end_ns = live.sample.end_ns;
    const uint64_t busy = live.sample.system.all.user_ns + live.sample.system.all.system_ns;
    const uint64_t until = platform_now_ns() + 150000000;
    while (platform_now_ns() < until) {
    }
    live_sample(&live, 0, false);
    const struct raw_proc *const after = find(&live, platform_own_pid());
    assert_true(after->user_ns + after->system_ns > before.user_ns + before.system_ns);
    assert_true(live.sample.begin_ns > end_ns);
    assert_true(live.sample.end_ns > live.sample.begin_ns);
    assert_true(live.sample.system.all.user_ns + live.sample.system.all.system_ns > busy);
    assert_true(proc_id_equal(before.id, after->id));
    assert_true(before.exec_mark == after->exec_mark);
    live_close(&live);
}

/* P53 to P55: starts are dated by the kernel's own clock. */
static void a_child_started_now_is_about_this_old(void **state)
{
    (void)state;
    struct live live;
    live_open(&live);
    const pid_t child = start_child("young");
    live_sample(&live, 0, false);
    const struct raw_proc *const proc = find(&live, child);
    assert_non_null(proc);
    assert_true(proc->id.start_ns <= live.sample.boot_ns);
    assert_true(live.sample.boot_ns - proc->id.start_ns < 5000000000);
    assert_true(live.sample.wall_s > 1500000000);
    end_child(child);
    live_close(&live);
}

static void the_list_is_ascending_and_complete(void **state)
{
    (void)state;
    struct live live;
    live_open(&live);
    pid_t children[20];
    for (size_t i = 0; i < 20; i++) {
        children[i] = start_child("one-of-many");
    }
    for (int threads = 0; threads < 2; threads++) {
        live_sample(&live, 0, threads == 1);
        for (size_t i = 1; i < live.sample.proc_count; i++) {
            assert_true(proc_id_compare(live.sample.procs[i - 1].id, live.sample.procs[i].id) < 0);
        }
        for (size_t i = 0; i < 20; i++) {
            assert_non_null(find(&live, children[i]));
        }
    }
    for (size_t i = 0; i < 20; i++) {
        end_child(children[i]);
    }
    live_close(&live);
}

static void every_fact_wanted_is_had_or_denied(void **state)
{
    (void)state;
    struct live live;
    live_open(&live);
    const pid_t child = start_child("factual");
    const fact_mask want = (FACT_OWNER | FACT_MEMORY | FACT_IO) & platform_provides(live.platform);
    live_sample(&live, want, false);
    const struct raw_proc *const proc = find(&live, child);
    assert_int_equal((proc->have | proc->denied) & want, want);
    assert_int_equal(proc->have & proc->denied, 0);
    assert_int_equal(proc->have & ~(want | FACT_IDENT), 0);
    end_child(child);
    live_close(&live);
}

/* P01 to P03 */
static void a_name_that_looks_like_a_status_line_changes_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"Uid:\t0\t0\t0", "Threads:\t999", "VmHWM: 99999999",
                                        ") Z 1 1 (",     "a\nb)\n",       "x) 1 2 3 4 5"};
    struct live live;
    live_open(&live);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const pid_t child = start_child(names[i]);
        live_sample(&live, FACT_OWNER, true);
        const struct raw_proc *const proc = find(&live, child);
        assert_non_null(proc);
        assert_int_equal(proc->name.len, strlen(names[i]));
        assert_memory_equal(proc->name.ptr, names[i], proc->name.len);
        assert_int_equal(proc->uid, platform_own_uid());
        assert_in_range(proc->thread_count, 1, 1 + THREAD_SANITIZED);
        assert_int_equal(proc->ppid, getpid());
        assert_true(proc->state == 'S' || proc->state == 'R'); // it may not sleep yet
        end_child(child);
    }
    live_close(&live);
}

static void a_child_of_another_user_has_that_owner(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip(); // only root can have such a child
    }
    struct live live;
    live_open(&live);
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(60);
        if (setresuid(65534, 65534, 65534) || prctl(PR_SET_DUMPABLE, 1) ||
            write(ready[1], "", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            (void)pause();
        }
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    live_sample(&live, FACT_OWNER, false);
    assert_int_equal(find(&live, child)->uid, 65534);
    end_child(child);
    live_close(&live);
}

static void a_killed_child_is_a_zombie_and_then_gone(void **state)
{
    (void)state;
    struct live live;
    siginfo_t info;
    char buf[256];
    size_t len = 7;
    live_open(&live);
    const pid_t child = start_child("mortal");
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    live_sample(&live, FACT_OWNER | FACT_MEMORY, false);
    struct raw_proc zombie = *find(&live, child);
    assert_int_equal(zombie.state, 'Z');
    assert_int_equal(zombie.resident_bytes, 0);
    // P10: it has no executable, but it is not gone
    assert_int_equal(platform_probe(live.platform, PROBE_EXE, zombie.id, buf, sizeof(buf), &len),
                     -ENOENT);
    end_child(child);
    live_sample(&live, FACT_OWNER, false);
    assert_null(find(&live, child));
    assert_int_equal(platform_probe(live.platform, PROBE_EXE, zombie.id, buf, sizeof(buf), &len),
                     -ESRCH);
    assert_int_equal(len, 7);
    zombie.have = FACT_IDENT;
    zombie.denied = 0;
    platform_read(live.platform, &zombie, FACT_OWNER);
    assert_int_equal(zombie.have, FACT_IDENT);
    live_close(&live);
}

static void another_program_is_noticed(void **state)
{
    (void)state;
    struct live live;
    live_open(&live);
    int to_child[2];
    int from_child[2];
    char byte;
    assert_int_equal(pipe(to_child), 0);
    assert_int_equal(pipe(from_child), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(60);
        if (read(to_child[0], &byte, 1) != 1 || dup2(from_child[1], STDOUT_FILENO) < 0) {
            _exit(1);
        }
        execl("/bin/sh", "sh", "-c", "echo; read line", (char *)NULL);
        _exit(1);
    }
    live_sample(&live, 0, false);
    const uint64_t mark = find(&live, child)->exec_mark;
    const struct proc_id id = find(&live, child)->id;
    assert_int_equal(write(to_child[1], "", 1), 1);
    assert_int_equal(read(from_child[0], &byte, 1), 1);
    live_sample(&live, 0, false);
    assert_true(proc_id_equal(find(&live, child)->id, id));
    assert_true(find(&live, child)->exec_mark != mark);
    end_child(child);
    for (size_t i = 0; i < 2; i++) {
        close(to_child[i]);
        close(from_child[i]);
    }
    live_close(&live);
}

static void our_command_line_and_executable_can_be_probed(void **state)
{
    (void)state;
    struct live live;
    char buf[4096];
    char link[4096];
    size_t len = 0;
    live_open(&live);
    live_sample(&live, 0, false);
    const struct proc_id self = find(&live, platform_own_pid())->id;
    assert_int_equal(platform_probe(live.platform, PROBE_CMDLINE, self, buf, sizeof(buf), &len), 0);
    assert_true(len > 1 && buf[len - 1] == '\0');
    assert_int_equal(platform_probe(live.platform, PROBE_EXE, self, buf, sizeof(buf), &len), 0);
    assert_int_equal(readlink("/proc/self/exe", link, sizeof(link)), len);
    assert_memory_equal(buf, link, len);
    const struct proc_id wrong = {.pid = self.pid, .start_ns = self.start_ns + 1};
    assert_int_equal(platform_probe(live.platform, PROBE_EXE, wrong, buf, sizeof(buf), &len),
                     -ESRCH);
    live_close(&live);
}

static void kernel_threads_are_flagged_where_they_are_seen(void **state)
{
    (void)state;
    struct live live;
    live_open(&live);
    live_sample(&live, 0, false);
    const struct raw_proc *const second = find(&live, 2);
    const bool seen =
        second && second->name.len == 8 && memcmp(second->name.ptr, "kthreadd", 8) == 0;
    if (!seen) { // a pid namespace of our own has none
        live_close(&live);
        skip();
    }
    assert_true(second->kernel);
    assert_int_equal(second->resident_bytes, 0);
    live_close(&live);
}

static void the_machines_figures_make_sense(void **state)
{
    (void)state;
    struct live live;
    live_open(&live);
    live_sample(&live, 0, false);
    const struct raw_system *const s = &live.sample.system;
    assert_true(s->cpu_known);
    assert_true(s->cpu_count >= 1 && s->cpu_present >= s->cpu_count);
    for (uint32_t i = 1; i < s->cpu_count; i++) {
        assert_true(s->cpus[i].index > s->cpus[i - 1].index);
    }
    assert_true(s->memory.total != FIGURE_ABSENT && s->memory.free <= s->memory.total);
    assert_true(s->memory.available <= s->memory.total);
    assert_true(s->uptime_ns != FIGURE_ABSENT && s->uptime_ns > 0);
    assert_true(s->load_1m >= 0);
    assert_true(s->threads_total >= 1 && s->threads_total != FIGURE_ABSENT);
    assert_true(s->hostname.len > 0 && s->kernel.len > 0);
    live_close(&live);
}

static void a_scan_can_be_watched_from_outside(void **state)
{
    (void)state;
    struct live live;
    live_open(&live);
    assert_int_equal(platform_progress(live.platform).since_ns, 0);
    live_sample(&live, 0, false);
    assert_int_equal(platform_progress(live.platform).pid, 0);
    assert_int_equal(platform_progress(live.platform).since_ns, 0);
    live_close(&live);
}

static void memory_running_out_drops_the_sample_only(void **state)
{
    (void)state;
    struct live live;
    live_open(&live);
    live_sample(&live, FACT_READABLE, true);
    const size_t enough = arena_used(live.arena) * 2 + (1u << 20);
    const struct platform_request request = {.want = FACT_READABLE, .threads = true};
    size_t failures = 0;
    for (size_t limit = 0; limit <= enough; limit += enough / 64) {
        struct arena *const arena = arena_create(limit);
        struct raw_sample sample = {.proc_count = 12345};
        if (!arena) {
            continue;
        }
        const int error = platform_sample(live.platform, &request, arena, &sample);
        assert_true(error == 0 || error == -ENOMEM);
        assert_true(error == 0 || sample.proc_count == 12345);
        failures += error != 0;
        arena_destroy(arena);
    }
    assert_true(failures > 0);
    live_sample(&live, FACT_READABLE, true);
    assert_non_null(find(&live, platform_own_pid()));
    live_close(&live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own_process_is_present_and_running),
        cmocka_unit_test(time_spent_grows),
        cmocka_unit_test(a_child_started_now_is_about_this_old),
        cmocka_unit_test(the_list_is_ascending_and_complete),
        cmocka_unit_test(every_fact_wanted_is_had_or_denied),
        cmocka_unit_test(a_name_that_looks_like_a_status_line_changes_nothing),
        cmocka_unit_test(a_child_of_another_user_has_that_owner),
        cmocka_unit_test(a_killed_child_is_a_zombie_and_then_gone),
        cmocka_unit_test(another_program_is_noticed),
        cmocka_unit_test(our_command_line_and_executable_can_be_probed),
        cmocka_unit_test(kernel_threads_are_flagged_where_they_are_seen),
        cmocka_unit_test(the_machines_figures_make_sense),
        cmocka_unit_test(a_scan_can_be_watched_from_outside),
        cmocka_unit_test(memory_running_out_drops_the_sample_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
