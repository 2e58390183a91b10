#undef _FORTIFY_SOURCE // its inline functions would stand in the way of those below

#include "base/arena.h"
#include "check.h"
#include "platform/platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Every call by which the platform reads is made to fail in turn. The C library's functions are
 * replaced by those of this program, which the linker finds first, so what is tested is what is
 * installed.
 */

#define PROC "tests/fixtures/proc_server"
#define SYS "tests/fixtures/sys_server"

#ifndef SYS_newfstatat // 32-bit machines call it so
# define SYS_newfstatat SYS_fstatat64
#endif

/* The calls that can fail. */
enum call { CALL_OPEN, CALL_READ, CALL_STAT, CALL_LIST, CALL_COUNT };

/* Which call is to fail, and what became of it. */
static struct {
    bool armed;
    enum call call;
    size_t countdown; // of calls of that kind, to the one that fails
    bool for_good;    // and all behind it
    int error;        // 0: a short read of `bytes`
    size_t bytes;
    bool fired;
    char path[64]; // of the file it was about
} fault;

static char paths[1024][64]; // by descriptor

static long kernel(long number, long a, long b, long c, long d)
{
    static long (*real)(long number, ...);
    if (real == NULL) {
        void *const symbol = dlsym(RTLD_NEXT, "syscall");
        memcpy(&real, &symbol, sizeof(real));
    }
    return real(number, a, b, c, d);
}

static bool fails(enum call call, const char *path)
{
    if (!fault.armed || fault.call != call || (fault.fired && !fault.for_good)) {
        return false;
    }
    if (fault.countdown > 0) {
        fault.countdown--;
        return false;
    }
    if (!fault.fired) {
        fault.fired = true;
        (void)snprintf(fault.path, sizeof(fault.path), "%s", path);
    }
    errno = fault.error;
    return true;
}

int openat(int dir, const char *path, int flags, ...)
{
    if (fails(CALL_OPEN, path)) {
        return -1;
    }
    const int fd = (int)kernel(SYS_openat, dir, (long)path, flags, 0);
    if (fd >= 0 && fd < 1024) {
        (void)snprintf(paths[fd], sizeof(paths[fd]), "%s", path);
    }
    return fd;
}

ssize_t read(int fd, void *buf, size_t size)
{
    if (fails(CALL_READ, fd < 1024 ? paths[fd] : "")) {
        if (fault.error != 0) {
            return -1;
        }
        size = size < fault.bytes ? size : fault.bytes;
    }
    return kernel(SYS_read, fd, (long)buf, (long)size, 0);
}

int fstatat(int dir, const char *restrict path, struct stat *restrict st, int flags)
{
    return fails(CALL_STAT, path) ? -1
                                  : (int)kernel(SYS_newfstatat, dir, (long)path, (long)st, flags);
}

long syscall(long number, ...)
{
    long arguments[4];
    va_list list;
    va_start(list, number);
    for (size_t i = 0; i < 4; i++) {
        arguments[i] = va_arg(list, long);
    }
    va_end(list);
    const int fd = (int)arguments[0];
    if (number == SYS_getdents64 && fails(CALL_LIST, fd < 1024 ? paths[fd] : "")) {
        return -1;
    }
    return kernel(number, arguments[0], arguments[1], arguments[2], arguments[3]);
}

static void arm(enum call call, size_t countdown, int error)
{
    memset(&fault, 0, sizeof(fault));
    fault.armed = true;
    fault.call = call;
    fault.countdown = countdown;
    fault.error = error;
}

/* The made-up machine, and how it looks when nothing fails. */
struct machine {
    struct platform *platform;
    struct arena *arena;
    struct raw_sample sample;
    struct raw_sample whole; // in an arena of its own
    struct arena *whole_arena;
};

static int take(struct machine *m, struct arena *arena, struct raw_sample *ret)
{
    const struct platform_request request = {.want = FACT_OWNER | FACT_MEMORY | FACT_IO,
                                             .threads = true};
    arena_reset(arena);
    return platform_sample(m->platform, &request, arena, ret);
}

static void machine_open(struct machine *m)
{
    const struct platform_options options = {.proc_root = PROC, .sys_root = SYS};
    fault.armed = false;
    assert_int_equal(platform_open(&options, &m->platform), 0);
}

static void machine_init(struct machine *m)
{
    machine_open(m);
    m->arena = arena_create(1 << 20);
    m->whole_arena = arena_create(1 << 20);
    assert_int_equal(take(m, m->whole_arena, &m->whole), 0);
    assert_true(m->whole.proc_count > 5);
}

static void machine_finish(struct machine *m)
{
    fault.armed = false;
    platform_close(m->platform);
    arena_destroy(m->arena);
    arena_destroy(m->whole_arena);
}

/* Back to a platform that has not scanned yet, so that every run makes the same calls. */
static void machine_renew(struct machine *m)
{
    fault.armed = false;
    platform_close(m->platform);
    machine_open(m);
}

static const struct raw_proc *find(const struct raw_sample *sample, struct proc_id id)
{
    for (size_t i = 0; i < sample->proc_count; i++) {
        if (proc_id_equal(sample->procs[i].id, id)) {
            return &sample->procs[i];
        }
    }
    return NULL;
}

static void assert_same(const struct raw_proc *a, const struct raw_proc *b)
{
    assert_non_null(a);
    assert_int_equal(a->ppid, b->ppid);
    assert_int_equal(a->group_pid, b->group_pid);
    assert_int_equal(a->have, b->have);
    assert_int_equal(a->denied, b->denied);
    assert_int_equal(a->uid, b->uid);
    assert_int_equal(a->thread_count, b->thread_count);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->thread, b->thread);
    assert_true(a->exec_mark == b->exec_mark);
    assert_true(a->user_ns == b->user_ns && a->system_ns == b->system_ns);
    assert_true(a->resident_bytes == b->resident_bytes && a->shared_bytes == b->shared_bytes);
    assert_true(a->read_bytes == b->read_bytes && a->write_bytes == b->write_bytes);
    assert_int_equal(a->name.len, b->name.len);
    assert_memory_equal(a->name.ptr, b->name.ptr, a->name.len);
}

/* The process whose file the fault was about; 0 for one of the machine's. */
static int32_t struck_pid(void)
{
    return (int32_t)strtol(fault.path, NULL, 10);
}

static bool is_about(const char *file)
{
    const char *const slash = strrchr(fault.path, '/');
    return slash != NULL && strcmp(slash + 1, file) == 0;
}

/* The same with everything beside the processes. */
static int take_all(struct machine *m)
{
    const struct platform_request request = {.want = FACT_OWNER,
                                             .parts = PART_SOCKETS | PART_INTERFACES |
                                                      PART_PROTOCOLS | PART_DISKS | PART_MOUNTS |
                                                      PART_MEMORY};
    arena_reset(m->arena);
    return platform_sample(m->platform, &request, m->arena, &m->sample);
}

/* Everything the fault was not about is as if nothing had happened. */
static void assert_rest_is_right(const struct machine *m)
{
    const int32_t struck = struck_pid();
    for (size_t i = 0; i < m->whole.proc_count; i++) {
        const struct raw_proc *const whole = &m->whole.procs[i];
        if (whole->group_pid != struck) {
            assert_same(find(&m->sample, whole->id), whole);
        }
    }
    for (size_t i = 0; i < m->sample.proc_count; i++) {
        assert_non_null(find(&m->whole, m->sample.procs[i].id)); // nobody is made up
    }
}

/* Every fact of the struck process is had, denied, or simply not there; never wrong. */
static void assert_struck_is_honest(const struct machine *m)
{
    const bool refused = fault.error == EACCES;
    const bool gone = fault.error == ESRCH;
    const bool is_stat = is_about("stat") && struck_pid() > 0;
    size_t missing = 0;
    for (size_t i = 0; i < m->whole.proc_count; i++) {
        const struct raw_proc *const whole = &m->whole.procs[i];
        const struct raw_proc *const proc = find(&m->sample, whole->id);
        missing += proc == NULL;
        if (proc != NULL) {
            const fact_mask lost = whole->have & ~proc->have;
            assert_int_equal(lost & ~proc->denied, refused ? 0 : lost);
            assert_true(refused || proc->denied == whole->denied);
            assert_int_equal(proc->denied & proc->have, 0);
            assert_int_equal(proc->have & ~whole->have, 0);
        }
    }
    const bool of_leader = strchr(fault.path, '/') == strrchr(fault.path, '/');
    assert_int_equal(m->sample.unreadable, refused && is_stat && of_leader);
    const int usual = m->whole.last_error; // the made-up machine has an odd file
    const int seen = m->sample.last_error;
    const bool scarce = fault.error == EMFILE || fault.error == ENOMEM;
    const bool quiet = refused || gone || fault.error == 0 || (struck_pid() == 0 && !scarce);
    assert_true(seen == usual || seen == 0 || (!quiet && seen == -fault.error));
    assert_true(!scarce || missing == 0 || is_about("task") || seen == -fault.error);
}

/* Makes the calls of one kind fail one by one, until a scan has no more of them. */
static size_t fail_each(struct machine *m, enum call call, int error, size_t bytes)
{
    for (size_t nth = 0;; nth++) {
        machine_renew(m);
        arm(call, nth, error);
        fault.bytes = bytes;
        const int result = take(m, m->arena, &m->sample);
        fault.armed = false;
        if (!fault.fired) {
            assert_int_equal(result, 0);
            return nth;
        }
        if (call == CALL_LIST && struck_pid() == 0) {
            assert_int_equal(result, -error); // no list, no sample
        } else {
            assert_int_equal(result, 0);
            assert_rest_is_right(m);
            assert_struck_is_honest(m);
        }
        assert_int_equal(take(m, m->arena, &m->sample), 0); // and the next one is whole again
        fault.path[0] = '\0';
        assert_rest_is_right(m);
        assert_int_equal(m->sample.last_error, m->whole.last_error);
    }
}

static void any_call_may_fail_and_the_rest_is_right(void **state)
{
    (void)state;
    static const int errors[] = {ESRCH, EACCES, EIO, EMFILE, ENOMEM};
    struct machine m;
    machine_init(&m);
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
        for (enum call call = 0; call < CALL_COUNT; call++) {
            const size_t calls = fail_each(&m, call, errors[i], 0);
            assert_true(calls >= (call == CALL_LIST ? 2 : m.whole.proc_count));
        }
    }
    machine_finish(&m);
}

static void any_read_may_be_short_and_the_rest_is_right(void **state)
{
    (void)state;
    struct machine m;
    machine_init(&m);
    for (size_t bytes = 0; bytes < 160; bytes += 13) {
        assert_true(fail_each(&m, CALL_READ, 0, bytes) > m.whole.proc_count);
    }
    machine_finish(&m);
}

static void descriptors_may_run_out_in_the_middle(void **state)
{
    (void)state;
    struct machine m;
    machine_init(&m);
    size_t nth = 0;
    do {
        machine_renew(&m);
        arm(CALL_OPEN, nth++, EMFILE);
        fault.for_good = true;
        assert_int_equal(take(&m, m.arena, &m.sample), 0);
        fault.armed = false;
        assert_true(!fault.fired || m.sample.last_error == -EMFILE);
        for (size_t i = 0; i < m.sample.proc_count; i++) {
            const struct raw_proc *const whole = find(&m.whole, m.sample.procs[i].id);
            assert_non_null(whole);
            assert_int_equal(m.sample.procs[i].have & ~whole->have, 0);
            assert_int_equal(m.sample.procs[i].denied, whole->denied);
        }
        assert_int_equal(take(&m, m.arena, &m.sample), 0);
        assert_int_equal(m.sample.proc_count, m.whole.proc_count);
        assert_int_equal(m.sample.last_error, m.whole.last_error);
    } while (fault.fired);
    machine_finish(&m);
}

static void descriptors_may_run_out_in_a_part(void **state)
{
    (void)state;
    struct machine m;
    machine_init(&m);
    assert_int_equal(take_all(&m), 0);
    const int whole_error = m.sample.last_error; // of files that are broken on purpose
    size_t nth = 0;
    do {
        machine_renew(&m);
        arm(CALL_OPEN, nth++, EMFILE);
        fault.for_good = true;
        assert_int_equal(take_all(&m), 0);
        fault.armed = false;
        assert_true(!fault.fired || m.sample.last_error == -EMFILE);
        assert_int_equal(take_all(&m), 0);
        assert_int_equal(m.sample.last_error, whole_error);
    } while (fault.fired);
    machine_finish(&m);
}

/* A sample has all it was asked for, or lacks some of it, or is none at all. */
static void memory_may_run_out_in_a_part(void **state)
{
    (void)state;
    enum { STEP = 256, MOST = 256 * 1024 };
    struct machine m;
    machine_init(&m);
    for (size_t limit = 0; limit < MOST; limit += STEP) {
        arena_destroy(m.arena);
        m.arena = arena_create(limit);
        const int error = take_all(&m);
        assert_true(error == 0 || error == -ENOMEM);
    }
    assert_int_equal(take_all(&m), 0);
    machine_finish(&m);
}

/* More facts of a process, and what the prober reads: had, or not, or refused. */
static void later_reads_may_fail_too(void **state)
{
    (void)state;
    static const int errors[] = {ESRCH, EACCES, EIO, EMFILE};
    const fact_mask want = FACT_OWNER | FACT_MEMORY | FACT_IO;
    struct machine m;
    machine_init(&m);
    const struct proc_id id = {.pid = 1, .start_ns = 30000000};
    const struct raw_proc whole = *find(&m.whole, id);
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
        for (enum call call = 0; call < CALL_LIST; call++) {
            for (size_t nth = 0; nth == 0 || fault.fired; nth++) {
                struct raw_proc proc = whole;
                proc.have = FACT_IDENT;
                proc.denied = 0;
                arm(call, nth, errors[i]);
                platform_read(m.platform, &proc, want);
                assert_true(proc_id_equal(proc.id, id));
                assert_int_equal((proc.have | proc.denied) & ~(whole.have | whole.denied), 0);
                assert_true(fault.fired || proc.have == whole.have);
                assert_true(!fault.fired || proc.have != whole.have || whole.have != want);
            }
            for (size_t nth = 0; nth == 0 || fault.fired; nth++) {
                char buf[256];
                size_t len = 12345;
                arm(call, nth, errors[i]);
                const int error =
                    platform_probe(m.platform, PROBE_CMDLINE, id, buf, sizeof(buf), &len);
                assert_true(error == 0 ? len <= sizeof(buf) : len == 12345);
                assert_true(error == 0 || fault.fired);
                assert_true(errors[i] != EACCES || error == 0 || error == -EACCES);
            }
        }
    }
    machine_finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_call_may_fail_and_the_rest_is_right),
        cmocka_unit_test(any_read_may_be_short_and_the_rest_is_right),
        cmocka_unit_test(descriptors_may_run_out_in_the_middle),
        cmocka_unit_test(descriptors_may_run_out_in_a_part),
        cmocka_unit_test(memory_may_run_out_in_a_part),
        cmocka_unit_test(later_reads_may_fail_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
