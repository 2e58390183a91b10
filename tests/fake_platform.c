#include "fake_platform.h"

#include "base/arena.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FAKE_BLOCKS = 8, FAKE_CPUS = 64 };

struct block {
    bool used;
    enum probe_kind kind;
    int32_t pid;
};

struct platform {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct fake_proc *procs; // ascending pid
    size_t count, size;
    uint32_t cpus;
    uint64_t ticks; // samples so far: what the CPUs' counters are made of
    int fail_error, fail_times;
    uint64_t cost_ns;
    struct block blocks[FAKE_BLOCKS];
    int32_t block_scan;
    size_t blocked;
    uint64_t generation; // of releases
    struct platform_progress progress;
    struct fake_counts counts;
    bool signals_open;
};

struct platform_pin {
    struct platform *platform;
    struct proc_id id;
};

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct platform *fake_create(uint32_t cpus)
{
    struct platform *platform = calloc(1, sizeof(*platform));
    assert(platform != NULL && cpus <= FAKE_CPUS);
    pthread_mutex_init(&platform->lock, NULL);
    pthread_cond_init(&platform->changed, NULL);
    platform->cpus = cpus;
    return platform;
}

void fake_destroy(struct platform *platform)
{
    platform_close(platform);
}

struct fake_proc fake_process(int32_t pid, uint64_t start_ns, const char *name)
{
    struct fake_proc proc = {
        .raw = {.id = {.pid = pid, .start_ns = start_ns},
                .ppid = 1,
                .group_pid = pid,
                .pgrp = pid,
                .session = pid,
                .tpgid = -1,
                .thread_count = 1,
                .state = 'S',
                .priority = 20,
                .exec_mark = 1,
                .resident_bytes = 4096},
        .exe = "/bin/true",
        .uid = 1000,
    };
    strncat(proc.name, name, sizeof(proc.name) - 1);
    const size_t len = strlen(proc.name);
    memcpy(proc.cmdline, proc.name, len);
    proc.cmdline_len = len + 1;
    return proc;
}

/* The place of a pid in the ascending list. */
static size_t place(const struct platform *platform, int32_t pid)
{
    size_t low = 0;
    size_t high = platform->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (platform->procs[middle].raw.id.pid < pid) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct fake_proc *find(struct platform *platform, int32_t pid)
{
    const size_t at = place(platform, pid);
    const bool found = at < platform->count && platform->procs[at].raw.id.pid == pid;
    return found ? &platform->procs[at] : NULL;
}

static struct fake_proc *find_id(struct platform *platform, struct proc_id id)
{
    struct fake_proc *proc = find(platform, id.pid);
    return proc != NULL && proc->raw.id.start_ns == id.start_ns ? proc : NULL;
}

void fake_put(struct platform *platform, const struct fake_proc *proc)
{
    pthread_mutex_lock(&platform->lock);
    struct fake_proc *old = find(platform, proc->raw.id.pid);
    if (old == NULL) {
        if (platform->count == platform->size) {
            platform->size = platform->size * 2 + 64;
            platform->procs =
                reallocarray(platform->procs, platform->size, sizeof(*platform->procs));
            assert(platform->procs != NULL);
        }
        const size_t at = place(platform, proc->raw.id.pid);
        memmove(platform->procs + at + 1, platform->procs + at,
                (platform->count - at) * sizeof(*platform->procs));
        platform->count++;
        old = &platform->procs[at];
    }
    *old = *proc;
    pthread_mutex_unlock(&platform->lock);
}

void fake_remove(struct platform *platform, int32_t pid)
{
    pthread_mutex_lock(&platform->lock);
    struct fake_proc *old = find(platform, pid);
    if (old != NULL) {
        const size_t at = (size_t)(old - platform->procs);
        platform->count--;
        memmove(old, old + 1, (platform->count - at) * sizeof(*old));
    }
    pthread_mutex_unlock(&platform->lock);
}

struct fake_proc fake_get(struct platform *platform, int32_t pid)
{
    pthread_mutex_lock(&platform->lock);
    const struct fake_proc *proc = find(platform, pid);
    const struct fake_proc copy = proc == NULL ? (struct fake_proc){.cmdline_len = 0} : *proc;
    pthread_mutex_unlock(&platform->lock);
    return copy;
}

void fake_fail_samples(struct platform *platform, int error, int times)
{
    pthread_mutex_lock(&platform->lock);
    platform->fail_error = error;
    platform->fail_times = times;
    pthread_mutex_unlock(&platform->lock);
}

void fake_set_scan_cost(struct platform *platform, uint64_t cost_ns)
{
    pthread_mutex_lock(&platform->lock);
    platform->cost_ns = cost_ns;
    pthread_mutex_unlock(&platform->lock);
}

void fake_block_probe(struct platform *platform, enum probe_kind kind, int32_t pid)
{
    pthread_mutex_lock(&platform->lock);
    size_t i = 0;
    while (i < FAKE_BLOCKS && platform->blocks[i].used) {
        i++;
    }
    assert(i < FAKE_BLOCKS);
    platform->blocks[i] = (struct block){.used = true, .kind = kind, .pid = pid};
    pthread_mutex_unlock(&platform->lock);
}

void fake_block_scan(struct platform *platform, int32_t pid)
{
    pthread_mutex_lock(&platform->lock);
    platform->block_scan = pid;
    pthread_mutex_unlock(&platform->lock);
}

void fake_release(struct platform *platform)
{
    pthread_mutex_lock(&platform->lock);
    memset(platform->blocks, 0, sizeof(platform->blocks));
    platform->block_scan = 0;
    platform->generation++;
    pthread_cond_broadcast(&platform->changed);
    pthread_mutex_unlock(&platform->lock);
}

bool fake_wait_blocked(struct platform *platform, size_t count)
{
    const uint64_t end_ns = clock_ns(CLOCK_MONOTONIC) + 2000000000u;
    while (clock_ns(CLOCK_MONOTONIC) < end_ns) {
        pthread_mutex_lock(&platform->lock);
        const bool done = platform->blocked == count;
        pthread_mutex_unlock(&platform->lock);
        if (done) {
            return true;
        }
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return false;
}

struct fake_counts fake_counts(struct platform *platform)
{
    pthread_mutex_lock(&platform->lock);
    const struct fake_counts counts = platform->counts;
    pthread_mutex_unlock(&platform->lock);
    return counts;
}

bool fake_signals_were_blocked(struct platform *platform)
{
    pthread_mutex_lock(&platform->lock);
    const bool open = platform->signals_open;
    pthread_mutex_unlock(&platform->lock);
    return !open;
}

/* Lock held; gives it up. */
static void hang(struct platform *platform)
{
    const uint64_t generation = platform->generation;
    platform->blocked++;
    while (platform->generation == generation) {
        pthread_cond_wait(&platform->changed, &platform->lock);
    }
    platform->blocked--;
}

/* --- the contract ------------------------------------------------------------------------- */

int platform_open(const struct platform_options *options, struct platform **ret)
{
    (void)options;
    *ret = fake_create(2);
    return 0;
}

void platform_close(struct platform *platform)
{
    if (platform == NULL) {
        return;
    }
    pthread_mutex_destroy(&platform->lock);
    pthread_cond_destroy(&platform->changed);
    free(platform->procs);
    free(platform);
}

fact_mask platform_provides(const struct platform *platform)
{
    (void)platform;
    return FACT_READABLE;
}

static struct raw_bytes copy_bytes(struct arena *arena, const char *ptr, size_t len)
{
    char *copy = arena_alloc(arena, len + 1, 1);
    if (copy != NULL) {
        memcpy(copy, ptr, len);
    }
    return (struct raw_bytes){.ptr = copy, .len = (uint32_t)len};
}

/* Set the facts that were asked for. */
static void set_facts(const struct fake_proc *proc, fact_mask want, struct raw_proc *ret)
{
    ret->have |= FACT_IDENT | (want & (FACT_OWNER | FACT_MEMORY));
    ret->uid = proc->uid;
    ret->shared_bytes = 1024;
    if ((want & FACT_IO) != 0) {
        ret->read_bytes = proc->raw.read_bytes;
        ret->write_bytes = proc->raw.write_bytes;
        *(proc->deny_io ? &ret->denied : &ret->have) |= FACT_IO;
    }
}

/* Half of the time user, half idle, on every CPU. */
static int make_cpus(const struct platform *platform, struct arena *arena, struct raw_system *ret)
{
    struct raw_cpu *cpus = arena_alloc(arena, platform->cpus, sizeof(*cpus));
    if (cpus == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < platform->cpus; i++) {
        cpus[i] = (struct raw_cpu){.index = i,
                                   .user_ns = platform->ticks * 1000,
                                   .idle_ns = platform->ticks * 1000};
    }
    ret->cpu_known = true;
    ret->all = cpus[0];
    ret->cpus = cpus;
    ret->cpu_count = platform->cpus;
    ret->cpu_present = platform->cpus;
    return 0;
}

static int make_sample(struct platform *platform, const struct platform_request *request,
                       struct arena *arena, struct raw_sample *ret)
{
    struct raw_proc *procs = arena_alloc(arena, platform->count + 1, sizeof(*procs));
    if (procs == NULL) {
        return -ENOMEM;
    }
    size_t count = 0;
    for (size_t i = 0; i < platform->count; i++) {
        const struct fake_proc *proc = &platform->procs[i];
        if (proc->raw.thread && !request->threads) {
            continue;
        }
        procs[count] = proc->raw;
        procs[count].have = 0;
        procs[count].denied = 0;
        set_facts(proc, request->want, &procs[count]);
        procs[count].name = copy_bytes(arena, proc->name, strlen(proc->name));
        if (procs[count].name.ptr == NULL) {
            return -ENOMEM;
        }
        count++;
    }
    ret->procs = procs;
    ret->proc_count = count;
    ret->system.memory.total = 1u << 30;
    ret->system.hostname = copy_bytes(arena, "host", 4);
    return make_cpus(platform, arena, &ret->system);
}

static void spend(uint64_t cost_ns)
{
    const uint64_t end_ns = clock_ns(CLOCK_MONOTONIC) + cost_ns;
    while (clock_ns(CLOCK_MONOTONIC) < end_ns) {
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
    }
}

int platform_sample(struct platform *platform, const struct platform_request *request,
                    struct arena *arena, struct raw_sample *ret)
{
    struct raw_sample sample = {.begin_ns = clock_ns(CLOCK_MONOTONIC)};
    pthread_mutex_lock(&platform->lock);
    platform->counts.samples++;
    platform->counts.last_request = *request;
    platform->ticks++;
    if (platform->block_scan != 0) {
        platform->progress = (struct platform_progress){.pid = platform->block_scan,
                                                        .since_ns = clock_ns(CLOCK_MONOTONIC)};
        hang(platform);
        platform->progress = (struct platform_progress){.pid = 0};
    }
    int error = 0;
    if (platform->fail_times > 0) {
        platform->fail_times--;
        error = platform->fail_error;
    }
    if (error == 0) {
        error = make_sample(platform, request, arena, &sample);
    }
    const uint64_t cost_ns = platform->cost_ns;
    pthread_mutex_unlock(&platform->lock);
    if (cost_ns > 0) {
        spend(cost_ns);
    }
    if (error < 0) {
        return error;
    }
    sample.end_ns = clock_ns(CLOCK_MONOTONIC);
    sample.boot_ns = clock_ns(CLOCK_BOOTTIME);
    sample.wall_s = (int64_t)(clock_ns(CLOCK_REALTIME) / 1000000000u);
    *ret = sample;
    return 0;
}

void platform_read(struct platform *platform, struct raw_proc *raw, fact_mask want)
{
    pthread_mutex_lock(&platform->lock);
    platform->counts.reads++;
    platform->counts.owner_reads += (want & FACT_OWNER) != 0;
    platform->counts.io_reads += (want & FACT_IO) != 0;
    const struct fake_proc *proc = find_id(platform, raw->id);
    if (proc != NULL) {
        set_facts(proc, want, raw);
    }
    pthread_mutex_unlock(&platform->lock);
}

struct platform_progress platform_progress(const struct platform *platform)
{
    struct platform *mutable = (struct platform *)(uintptr_t)platform;
    pthread_mutex_lock(&mutable->lock);
    const struct platform_progress progress = platform->progress;
    pthread_mutex_unlock(&mutable->lock);
    return progress;
}

static int answer(const char *ptr, size_t len, char *buf, size_t size, size_t *ret_len)
{
    len = len < size ? len : size;
    memcpy(buf, ptr, len);
    *ret_len = len;
    return 0;
}

static int probe_user(int32_t uid, char *buf, size_t size, size_t *ret_len)
{
    switch (uid) {
    case 0:
        return answer("root", 4, buf, size, ret_len);
    case 1000:
        return answer("alice", 5, buf, size, ret_len);
    default:
        return -ENOENT;
    }
}

/* Lock held. */
static int probe(struct platform *platform, enum probe_kind kind, struct proc_id id, char *buf,
                 size_t size, size_t *ret_len)
{
    static const uint32_t khz[2] = {1000000, 2000000};
    if (kind == PROBE_USER) {
        return probe_user(id.pid, buf, size, ret_len);
    }
    if (kind == PROBE_FREQUENCY) {
        return answer((const char *)khz, sizeof(khz), buf, size, ret_len);
    }
    const struct fake_proc *proc = find_id(platform, id);
    if (proc == NULL) {
        return -ESRCH;
    }
    if (kind == PROBE_CMDLINE) {
        return proc->cmdline_error < 0
                   ? proc->cmdline_error
                   : answer(proc->cmdline, proc->cmdline_len, buf, size, ret_len);
    }
    if (proc->exe_error < 0 || proc->exe == NULL) {
        return proc->exe_error < 0 ? proc->exe_error : -ENOENT;
    }
    return answer(proc->exe, strlen(proc->exe), buf, size, ret_len);
}

int platform_probe(struct platform *platform, enum probe_kind kind, struct proc_id id, char *buf,
                   size_t size, size_t *ret_len)
{
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    pthread_mutex_lock(&platform->lock);
    platform->counts.probes[kind]++;
    platform->signals_open |= sigismember(&blocked, SIGTERM) != 1 ||
                              sigismember(&blocked, SIGWINCH) != 1 ||
                              sigismember(&blocked, SIGSEGV) != 0;
    for (size_t i = 0; i < FAKE_BLOCKS; i++) {
        const struct block *block = &platform->blocks[i];
        if (block->used && block->kind == kind && (block->pid == 0 || block->pid == id.pid)) {
            hang(platform);
            break;
        }
    }
    const int result = probe(platform, kind, id, buf, size, ret_len);
    pthread_mutex_unlock(&platform->lock);
    return result;
}

int platform_tty_name(struct platform *platform, uint32_t device, char *buf, size_t size)
{
    (void)platform;
    if (device != 34816 || size < 6) {
        return -ENOENT;
    }
    memcpy(buf, "pts/0", 6);
    return 0;
}

int platform_pin(struct platform *platform, struct proc_id id, struct platform_pin **ret)
{
    pthread_mutex_lock(&platform->lock);
    const bool found = find_id(platform, id) != NULL;
    platform->counts.pins_open += found;
    pthread_mutex_unlock(&platform->lock);
    if (!found) {
        return -ESRCH;
    }
    struct platform_pin *pin = malloc(sizeof(*pin));
    assert(pin != NULL);
    *pin = (struct platform_pin){.platform = platform, .id = id};
    *ret = pin;
    return 0;
}

void platform_unpin(struct platform_pin *pin)
{
    if (pin != NULL) {
        pthread_mutex_lock(&pin->platform->lock);
        pin->platform->counts.pins_open--;
        pthread_mutex_unlock(&pin->platform->lock);
        free(pin);
    }
}

int platform_pin_signal(struct platform_pin *pin, int signal_number)
{
    struct platform *platform = pin->platform;
    pthread_mutex_lock(&platform->lock);
    const bool found = find_id(platform, pin->id) != NULL;
    platform->counts.signals += found;
    platform->counts.last_signal = signal_number;
    platform->counts.last_target = pin->id;
    pthread_mutex_unlock(&platform->lock);
    return found ? 0 : -ESRCH;
}

int platform_pin_add_nice(struct platform_pin *pin, int delta, int *ret_old, int *ret_new)
{
    struct platform *platform = pin->platform;
    pthread_mutex_lock(&platform->lock);
    struct fake_proc *proc = find_id(platform, pin->id);
    if (proc != NULL) {
        *ret_old = proc->raw.nice;
        proc->raw.nice = (int16_t)(proc->raw.nice + delta);
        *ret_new = proc->raw.nice;
        platform->counts.nices++;
    }
    pthread_mutex_unlock(&platform->lock);
    return proc != NULL ? 0 : -ESRCH;
}

const struct platform_signal *platform_signals(size_t *ret_count)
{
    static const struct platform_signal signals[] = {{.number = 15, .name = "TERM", .help = "end"}};
    *ret_count = 1;
    return signals;
}

uint32_t platform_own_uid(void)
{
    return 0;
}

int32_t platform_own_pid(void)
{
    return 1;
}

uint64_t platform_now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t platform_wall_s(void)
{
    return (int64_t)(clock_ns(CLOCK_REALTIME) / 1000000000u);
}
