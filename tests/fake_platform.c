#include "fake_platform.h"

#include "base/arena.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    FAKE_BLOCKS = 8,
    FAKE_CPUS = 64,
    FAKE_DENIALS = 16,
    FAKE_CGROUPS = 16,
    FAKE_INSPECTS = 64,
};

struct fake_cgroup {
    char path[CGROUP_PATH_BYTES];
    enum deed_obstacle obstacle;
    bool frozen;
};

struct block {
    bool used;
    enum probe_kind kind;
    int32_t pid;
};

struct inspect_answer {
    int32_t pid;
    struct raw_inspect answer;
    int error;
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
    int32_t block_scan, block_pin;
    struct inspect_answer inspects[FAKE_INSPECTS];
    size_t inspect_count;
    size_t inspect_padding[INSPECT_PART_COUNT];
    struct {
        bool used;
        int32_t pid;
    } block_inspect[INSPECT_PART_COUNT];
    struct fake_denial denials[FAKE_DENIALS];
    size_t denial_count;
    struct fake_cgroup cgroups[FAKE_CGROUPS];
    size_t pins_max;
    size_t blocked;
    uint64_t generation; // of releases
    struct platform_progress progress;
    struct fake_counts counts;
    bool signals_open;
    struct fake_parts parts;
};

struct platform_pin {
    struct platform *platform;
    struct proc_id id;
    uint64_t cgroup; // that platform_pin_cgroup() told of
};

struct platform_undo {
    struct platform *platform;
    enum deed_kind kind;
    struct deed_value old, set;
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

void fake_set_parts(struct platform *platform, const struct fake_parts *parts)
{
    pthread_mutex_lock(&platform->lock);
    platform->parts = *parts;
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

void fake_set_inspect(struct platform *platform, int32_t pid, const struct raw_inspect *answer,
                      int error)
{
    pthread_mutex_lock(&platform->lock);
    size_t at = 0;
    while (at < platform->inspect_count && (platform->inspects[at].pid != pid ||
                                            platform->inspects[at].answer.part != answer->part)) {
        at++;
    }
    assert(at < FAKE_INSPECTS);
    platform->inspects[at] = (struct inspect_answer){.pid = pid, .answer = *answer, .error = error};
    platform->inspect_count += at == platform->inspect_count;
    pthread_mutex_unlock(&platform->lock);
}

void fake_pad_inspect(struct platform *platform, enum inspect_part part, size_t bytes)
{
    pthread_mutex_lock(&platform->lock);
    platform->inspect_padding[part] = bytes;
    pthread_mutex_unlock(&platform->lock);
}

void fake_block_inspect(struct platform *platform, enum inspect_part part, int32_t pid)
{
    pthread_mutex_lock(&platform->lock);
    platform->block_inspect[part].used = true;
    platform->block_inspect[part].pid = pid;
    pthread_mutex_unlock(&platform->lock);
}

void fake_release(struct platform *platform)
{
    pthread_mutex_lock(&platform->lock);
    memset(platform->blocks, 0, sizeof(platform->blocks));
    memset(platform->block_inspect, 0, sizeof(platform->block_inspect));
    platform->block_scan = 0;
    platform->block_pin = 0;
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

void fake_deny(struct platform *platform, const struct fake_denial *denial)
{
    pthread_mutex_lock(&platform->lock);
    assert(platform->denial_count < FAKE_DENIALS);
    platform->denials[platform->denial_count++] = *denial;
    pthread_mutex_unlock(&platform->lock);
}

void fake_allow(struct platform *platform)
{
    pthread_mutex_lock(&platform->lock);
    platform->denial_count = 0;
    pthread_mutex_unlock(&platform->lock);
}

void fake_set_pins_max(struct platform *platform, size_t max)
{
    pthread_mutex_lock(&platform->lock);
    platform->pins_max = max;
    pthread_mutex_unlock(&platform->lock);
}

void fake_set_cgroup(struct platform *platform, uint64_t id, const char *path,
                     enum deed_obstacle obstacle)
{
    assert(id < FAKE_CGROUPS && strlen(path) < CGROUP_PATH_BYTES);
    pthread_mutex_lock(&platform->lock);
    memcpy(platform->cgroups[id].path, path, strlen(path) + 1);
    platform->cgroups[id].obstacle = obstacle;
    pthread_mutex_unlock(&platform->lock);
}

bool fake_is_frozen(struct platform *platform, uint64_t id)
{
    assert(id < FAKE_CGROUPS);
    pthread_mutex_lock(&platform->lock);
    const bool frozen = platform->cgroups[id].frozen;
    pthread_mutex_unlock(&platform->lock);
    return frozen;
}

void fake_block_pin(struct platform *platform, int32_t pid)
{
    pthread_mutex_lock(&platform->lock);
    platform->block_pin = pid;
    pthread_mutex_unlock(&platform->lock);
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
    ret->have |= FACT_IDENT | (want & FACT_SCANNED & ~(fact_mask)FACT_IO);
    ret->uid = proc->uid;
    ret->shared_bytes = 1024;
    ret->counted_bytes = proc->raw.resident_bytes;
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

static void make_parts(const struct fake_parts *parts, unsigned wanted, struct raw_sample *ret)
{
    ret->parts = wanted;
    if ((wanted & (PART_SOCKETS | PART_SOCKET_STATES)) != 0) {
        ret->sockets = parts->sockets;
        ret->socket_count = parts->socket_count;
        ret->socket_error = parts->socket_error;
    }
    if ((wanted & PART_INTERFACES) != 0) {
        ret->interfaces = parts->interfaces;
        ret->interface_count = parts->interface_count;
    }
    if ((wanted & PART_PROTOCOLS) != 0) {
        ret->counters = parts->counters;
        ret->counter_count = parts->counter_count;
    }
    if ((wanted & PART_DISKS) != 0) {
        ret->disks = parts->disks;
        ret->disk_count = parts->disk_count;
    }
    if ((wanted & PART_MEMORY) != 0) {
        ret->memory = parts->memory;
    }
    if ((wanted & PART_MOUNTS) != 0) {
        ret->mounts = parts->mounts;
        ret->mount_count = parts->mount_count;
    }
}

/* The process to take over, or NULL. */
static const struct raw_proc *find_known(const struct platform_request *request, struct proc_id id)
{
    const struct raw_proc *known =
        request->known != NULL ? proc_id_find(request->known->procs, request->known->proc_count,
                                              sizeof(*request->known->procs), id)
                               : NULL;
    return known != NULL && raw_proc_is_known(request, known) ? known : NULL;
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
        const struct raw_proc *known = find_known(request, proc->raw.id);
        procs[count] = known != NULL ? *known : proc->raw;
        procs[count].taken_over_ns = known != NULL ? raw_proc_ns(request->known, known) : 0;
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
    make_parts(&platform->parts, request->parts, ret);
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
static int probe_mount(const struct fake_parts *parts, uint64_t id, char *buf, size_t size,
                       size_t *ret_len)
{
    for (size_t i = 0; i < parts->mount_count; i++) {
        if (parts->mounts[i].id == id) {
            return parts->spaces[i].total_bytes == 0
                       ? -EIO
                       : answer((const char *)&parts->spaces[i], sizeof(parts->spaces[i]), buf,
                                size, ret_len);
        }
    }
    return -ENOENT;
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
    if (kind == PROBE_MOUNT) {
        return probe_mount(&platform->parts, id.start_ns, buf, size, ret_len);
    }
    if (kind == PROBE_SERVICE) {
        const bool known = id.pid == 443 && id.start_ns == 6;
        return known ? answer("https", 5, buf, size, ret_len) : -ENOENT;
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
    if (kind == PROBE_SMAPS) {
        return proc->smaps_error < 0
                   ? proc->smaps_error
                   : answer((const char *)&proc->smaps, sizeof(proc->smaps), buf, size, ret_len);
    }
    if (kind == PROBE_CGROUP) {
        const struct raw_cgroup group = {.limit_bytes = FIGURE_ABSENT,
                                         .usage_bytes = FIGURE_ABSENT};
        return answer((const char *)&group, sizeof(group), buf, size, ret_len);
    }
    if (proc->exe_error < 0 || proc->exe == NULL) {
        return proc->exe_error < 0 ? proc->exe_error : -ENOENT;
    }
    return answer(proc->exe, strlen(proc->exe), buf, size, ret_len);
}

/* Lock held. */
static void note_signals(struct platform *platform)
{
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    platform->signals_open |= sigismember(&blocked, SIGTERM) != 1 ||
                              sigismember(&blocked, SIGWINCH) != 1 ||
                              sigismember(&blocked, SIGSEGV) != 0;
}

/* Lock held; gives it up while a test wants this probe to hang. */
static void begin_probe(struct platform *platform, enum probe_kind kind, int32_t whom)
{
    platform->counts.probes[kind]++;
    note_signals(platform);
    for (size_t i = 0; i < FAKE_BLOCKS; i++) {
        const struct block *block = &platform->blocks[i];
        if (block->used && block->kind == kind && (block->pid == 0 || block->pid == whom)) {
            hang(platform);
            break;
        }
    }
}

int platform_probe_host(struct platform *platform, const struct net_address *address, char *buf,
                        size_t size, size_t *ret_len)
{
    const uint8_t last = address->bytes[address->family == 6 ? 15 : 3];
    char name[32];
    pthread_mutex_lock(&platform->lock);
    begin_probe(platform, PROBE_HOST, last);
    pthread_mutex_unlock(&platform->lock);
    if (last == FAKE_HOST_UNKNOWN) {
        return -ENOENT;
    }
    const int len = last == FAKE_HOST_EVIL ? snprintf(name, sizeof(name), "evil\033[2J\nhost")
                                           : snprintf(name, sizeof(name), "host-%u", last);
    return answer(name, (size_t)len, buf, size, ret_len);
}

int platform_probe(struct platform *platform, enum probe_kind kind, struct proc_id id, char *buf,
                   size_t size, size_t *ret_len)
{
    pthread_mutex_lock(&platform->lock);
    begin_probe(platform, kind, kind == PROBE_MOUNT ? (int32_t)id.start_ns : id.pid);
    const int result = probe(platform, kind, id, buf, size, ret_len);
    pthread_mutex_unlock(&platform->lock);
    return result;
}

/* What an identity is when the test says nothing. */
static void plain_identity(const struct fake_proc *proc, struct arena *arena,
                           struct raw_identity *ret)
{
    *ret = (struct raw_identity){
        .cmdline = copy_bytes(arena, proc->cmdline, proc->cmdline_len),
        .exe_denied = proc->exe_error == -EACCES,
        .ppid = proc->raw.ppid,
        .inner_pid = proc->raw.id.pid,
        .uid = {proc->uid, proc->uid, proc->uid, proc->uid},
        .gid = {proc->uid, proc->uid, proc->uid, proc->uid},
        .seccomp = UINT32_MAX,
        .umask = 022,
        .login_uid = UINT32_MAX,
        .oom_score = INT32_MIN,
        .oom_score_adj = proc->oom_adj,
        .voluntary_switches = FIGURE_ABSENT,
        .involuntary_switches = FIGURE_ABSENT,
    };
    if (proc->exe != NULL && proc->exe_error == 0) {
        ret->exe = copy_bytes(arena, proc->exe, strlen(proc->exe));
    }
}

/* The test's own answer goes before that for any process; NULL when there is neither. */
static const struct inspect_answer *answer_for(const struct platform *platform,
                                               enum inspect_part part, int32_t pid)
{
    const struct inspect_answer *found = NULL;
    for (size_t i = 0; i < platform->inspect_count; i++) {
        const struct inspect_answer *one = &platform->inspects[i];
        if (one->answer.part == part && (one->pid == pid || (one->pid == 0 && found == NULL))) {
            found = one;
        }
    }
    return found;
}

/* Lock held. */
static int inspect(struct platform *platform, enum inspect_part part, struct proc_id id,
                   struct arena *arena, struct raw_inspect *ret)
{
    const struct fake_proc *proc = find_id(platform, id);
    const struct inspect_answer *said = answer_for(platform, part, id.pid);
    if (proc == NULL) {
        return -ESRCH;
    }
    if (said != NULL && said->error != 0) {
        return said->error;
    }
    const size_t padding = platform->inspect_padding[part];
    if (padding > 0 && arena_alloc(arena, padding, 1) == NULL) {
        return -ENOMEM;
    }
    struct raw_inspect answer = {.part = part};
    if (said != NULL) {
        answer = said->answer;
    } else if (part == INSPECT_IDENTITY) {
        plain_identity(proc, arena, &answer.as.identity);
    } else if (part == INSPECT_WAITING) {
        struct raw_wait *wait = arena_alloc(arena, 1, sizeof(*wait));
        if (wait == NULL) {
            return -ENOMEM;
        }
        *wait = (struct raw_wait){
            .tid = id.pid, .state = proc->raw.state, .alike = 1, .syscall_fd = -1};
        answer.as.waiting = (struct raw_waiting){.exit_status = -1,
                                                 .waits = wait,
                                                 .wait_count = 1,
                                                 .thread_count = 1,
                                                 .run_delay_ns = FIGURE_ABSENT,
                                                 .block_delay_ns = FIGURE_ABSENT};
    }
    answer.id = id;
    answer.mono_ns = platform_now_ns();
    *ret = answer;
    return 0;
}

int platform_inspect(struct platform *platform, enum inspect_part part, struct proc_id id,
                     struct arena *arena, struct raw_inspect *ret)
{
    pthread_mutex_lock(&platform->lock);
    platform->counts.inspects[part]++;
    note_signals(platform);
    const int32_t whom = platform->block_inspect[part].pid;
    if (platform->block_inspect[part].used && (whom == 0 || whom == id.pid)) {
        hang(platform);
    }
    const int result = inspect(platform, part, id, arena, ret);
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

/* Lock held. NULL when nothing is refused. */
static const struct fake_denial *denial_of(const struct platform *platform, int32_t pid,
                                           enum deed_kind kind, bool reading)
{
    for (size_t i = 0; i < platform->denial_count; i++) {
        const struct fake_denial *denial = &platform->denials[i];
        if ((denial->pid == 0 || denial->pid == pid) && denial->kind == kind &&
            denial->reading == reading) {
            return denial;
        }
    }
    return NULL;
}

/* Lock held. */
static int may_pin(struct platform *platform, struct proc_id id)
{
    const struct fake_denial *denial = denial_of(platform, id.pid, DEED_COUNT, false);
    if (find_id(platform, id) == NULL) {
        return -ESRCH;
    }
    if (denial != NULL) {
        return denial->result.error;
    }
    return platform->pins_max > 0 && platform->counts.pins_open >= platform->pins_max ? -EMFILE : 0;
}

int platform_pin(struct platform *platform, struct proc_id id, struct platform_pin **ret)
{
    pthread_mutex_lock(&platform->lock);
    if (platform->block_pin == id.pid) {
        hang(platform);
    }
    struct fake_counts *counts = &platform->counts;
    const int error = may_pin(platform, id);
    if (error == 0) {
        counts->pins_made++;
        counts->pins_open++;
        counts->pins_open_most =
            counts->pins_open > counts->pins_open_most ? counts->pins_open : counts->pins_open_most;
    }
    pthread_mutex_unlock(&platform->lock);
    if (error < 0) {
        return error;
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

/* Lock held. */
static void die(struct platform *platform, struct fake_proc *proc)
{
    if (proc->leaves_zombie) {
        proc->raw.state = 'Z';
        return;
    }
    const size_t at = (size_t)(proc - platform->procs);
    platform->count--;
    memmove(proc, proc + 1, (platform->count - at) * sizeof(*proc));
}

/* Lock held. */
static void get_signal(struct platform *platform, struct fake_proc *proc, int number)
{
    uint64_t signals = (uint64_t)1 << number;
    if (number == SIGSTOP) {
        proc->stopped = true;
    } else if (number == SIGCONT) {
        proc->stopped = false;
        signals |= proc->pending;
        proc->pending = 0;
    } else if (proc->stopped && number != SIGKILL) {
        proc->pending |= signals;
        return;
    }
    if ((signals & proc->dies_on) != 0) {
        die(platform, proc);
    }
}

/* Lock held. */
static int alive(struct platform *platform, const struct platform_pin *pin)
{
    const struct fake_proc *proc = find_id(platform, pin->id);
    if (proc == NULL) {
        return -ESRCH;
    }
    return proc->raw.state == 'Z' ? -ECHILD : 0;
}

/* Lock held. */
static int send_signal(struct platform *platform, const struct platform_pin *pin, int number)
{
    const int error = alive(platform, pin);
    const struct fake_denial *denial =
        denial_of(platform, pin->id.pid, number == SIGTERM ? DEED_TERMINATE : DEED_SIGNAL, false);
    if (error < 0 || denial != NULL) {
        return error < 0 ? error : denial->result.error;
    }
    if (number < 0 || number > 64) {
        return -EINVAL;
    }
    platform->counts.signals++;
    platform->counts.signals_of[number]++;
    platform->counts.last_signal = number;
    platform->counts.last_target = pin->id;
    get_signal(platform, find_id(platform, pin->id), number);
    return 0;
}

int platform_pin_signal(struct platform_pin *pin, int signal_number)
{
    struct platform *platform = pin->platform;
    pthread_mutex_lock(&platform->lock);
    const int error = send_signal(platform, pin, signal_number);
    pthread_mutex_unlock(&platform->lock);
    return error;
}

/* What the denial says; a termination is refused its second signal by that of signals. */
void platform_pin_explain(const struct platform_pin *pin, const struct deed *deed,
                          struct deed_result *result)
{
    struct platform *platform = pin->platform;
    pthread_mutex_lock(&platform->lock);
    const struct fake_denial *denial = denial_of(platform, pin->id.pid, deed->kind, false);
    if (denial == NULL && deed->kind == DEED_TERMINATE) {
        denial = denial_of(platform, pin->id.pid, DEED_SIGNAL, false);
    }
    if (denial != NULL && result->error == denial->result.error) {
        result->obstacle = denial->result.obstacle;
        result->needs = denial->result.needs;
    }
    pthread_mutex_unlock(&platform->lock);
}

int platform_pin_alive(const struct platform_pin *pin)
{
    pthread_mutex_lock(&pin->platform->lock);
    const int error = alive(pin->platform, pin);
    pthread_mutex_unlock(&pin->platform->lock);
    return error;
}

void platform_pins_wait(struct platform_pin *const *pins, size_t count, uint64_t timeout_ns)
{
    const uint64_t end_ns = clock_ns(CLOCK_MONOTONIC) + timeout_ns;
    bool ended = false;
    for (size_t i = 0; i < count; i++) {
        pthread_mutex_lock(&pins[i]->platform->lock);
        pins[i]->platform->counts.waits += i == 0;
        pthread_mutex_unlock(&pins[i]->platform->lock);
    }
    while (!ended && clock_ns(CLOCK_MONOTONIC) < end_ns) {
        for (size_t i = 0; i < count; i++) {
            ended = ended || platform_pin_alive(pins[i]) < 0;
        }
        if (!ended) {
            nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
        }
    }
}

/* Lock held. */
static struct deed_value value_of(const struct platform *platform, const struct fake_proc *proc,
                                  enum deed_kind kind)
{
    struct deed_value value = {.number = 0};
    switch (kind) {
    case DEED_STOP:
        value.number = proc->stopped;
        break;
    case DEED_NICE:
        value.number = proc->raw.nice;
        break;
    case DEED_AUTOGROUP:
        value.number = proc->autogroup;
        break;
    case DEED_IOPRIO:
        value.io.class = proc->io_class;
        value.io.level = proc->io_level;
        break;
    case DEED_AFFINITY:
        for (uint32_t cpu = 0; cpu < platform->cpus; cpu++) {
            if ((proc->cpus_denied >> cpu & 1) == 0) {
                cpu_set_add(&value.cpus, cpu);
            }
        }
        break;
    case DEED_SCHEDULING:
        value.sched.policy = proc->policy;
        value.sched.rt_priority = proc->rt_priority;
        break;
    case DEED_OOM_ADJ:
        value.number = proc->oom_adj;
        break;
    case DEED_FREEZE:
        value.number = platform->cgroups[proc->cgroup].frozen;
        break;
    case DEED_SIGNAL:
    case DEED_TERMINATE:
    case DEED_KILL_GROUP:
    case DEED_CLOSE:
    case DEED_COUNT:
        assert(!"not an attribute");
        break;
    }
    return value;
}

/* Lock held. */
static void set_value(struct platform *platform, struct fake_proc *proc, enum deed_kind kind,
                      const struct deed_value *value)
{
    switch (kind) {
    case DEED_STOP:
        get_signal(platform, proc, value->number == 1 ? SIGSTOP : SIGCONT);
        break;
    case DEED_NICE:
        proc->raw.nice = (int16_t)value->number;
        break;
    case DEED_AUTOGROUP:
        proc->autogroup = value->number;
        break;
    case DEED_IOPRIO:
        proc->io_class = value->io.class;
        proc->io_level = value->io.level;
        break;
    case DEED_AFFINITY:
        proc->cpus_denied = ~value->cpus.words[0] | proc->cpus_forbidden;
        break;
    case DEED_SCHEDULING:
        proc->policy = value->sched.policy;
        proc->rt_priority = value->sched.rt_priority;
        break;
    case DEED_OOM_ADJ:
        proc->oom_adj = value->number;
        break;
    case DEED_FREEZE:
        platform->cgroups[proc->cgroup].frozen = value->number == 1;
        break;
    case DEED_SIGNAL:
    case DEED_TERMINATE:
    case DEED_KILL_GROUP:
    case DEED_CLOSE:
    case DEED_COUNT:
        assert(!"not an attribute");
        break;
    }
}

int platform_pin_get(struct platform_pin *pin, enum deed_kind kind, struct deed_value *ret)
{
    struct platform *platform = pin->platform;
    pthread_mutex_lock(&platform->lock);
    platform->counts.gets++;
    int error = alive(platform, pin);
    const struct fake_denial *denial = denial_of(platform, pin->id.pid, kind, true);
    if (error == 0 && denial != NULL) {
        error = denial->result.error;
    }
    if (error == 0) {
        *ret = value_of(platform, find_id(platform, pin->id), kind);
    }
    pthread_mutex_unlock(&platform->lock);
    return error;
}

/* Lock held. What a process with that value is to have. */
static struct deed_value wanted(const struct deed *deed, const struct deed_value *old)
{
    struct deed_value value = deed->value;
    if (deed->relative) {
        value.number += old->number;
        value.number = value.number < -20 ? -20 : value.number;
        value.number = value.number > 19 ? 19 : value.number;
    }
    return value;
}

/* Lock held. Owns: the caller. Errors: NULL when nothing came of it. */
static struct platform_undo *change(struct platform *platform, const struct platform_pin *pin,
                                    const struct deed *deed, struct deed_result *result)
{
    struct fake_proc *proc = find_id(platform, pin->id);
    const struct deed_value old = value_of(platform, proc, deed->kind);
    const struct deed_value new = wanted(deed, &old);
    platform->counts.changes++;
    set_value(platform, proc, deed->kind, &new);
    proc = find_id(platform, pin->id); // it may have ended when it was continued
    result->has_values = true;
    result->old = old;
    result->now = proc == NULL ? new : value_of(platform, proc, deed->kind);
    result->threads = 1;
    if (deed_value_equal(deed->kind, &old, &result->now)) {
        return NULL;
    }
    struct platform_undo *undo = malloc(sizeof(*undo));
    assert(undo != NULL);
    *undo = (struct platform_undo){
        .platform = platform, .kind = deed->kind, .old = old, .set = result->now};
    platform->counts.undos_open++;
    return undo;
}

void platform_pin_change(struct platform_pin *pin, const struct deed *deed, struct deed_result *ret,
                         struct platform_undo **ret_undo)
{
    struct platform *platform = pin->platform;
    pthread_mutex_lock(&platform->lock);
    struct deed_result result = {.error = alive(platform, pin)};
    struct platform_undo *undo = NULL;
    const struct fake_denial *denial = denial_of(platform, pin->id.pid, deed->kind, false);
    if (result.error == 0 && deed->kind == DEED_FREEZE && pin->cgroup == 0) {
        result.error = -EINVAL; // nobody asked which one that is
    }
    if (result.error == 0 && denial != NULL) {
        result = denial->result;
    }
    if (result.error == 0 || (denial != NULL && denial->partial)) {
        undo = change(platform, pin, deed, &result);
    }
    pthread_mutex_unlock(&platform->lock);
    *ret = result;
    if (ret_undo == NULL) {
        platform_undo_destroy(undo);
    } else if (undo != NULL) {
        *ret_undo = undo;
    }
}

void platform_pin_undo(struct platform_pin *pin, const struct platform_undo *undo,
                       struct deed_result *ret)
{
    struct platform *platform = pin->platform;
    pthread_mutex_lock(&platform->lock);
    platform->counts.undos++;
    struct deed_result result = {.error = alive(platform, pin), .threads = 1};
    if (result.error == 0) {
        struct fake_proc *proc = find_id(platform, pin->id);
        result.has_values = true;
        result.old = value_of(platform, proc, undo->kind);
        result.now = result.old;
        if (deed_value_equal(undo->kind, &result.old, &undo->set)) {
            set_value(platform, proc, undo->kind, &undo->old);
            result.now = undo->old;
        } else {
            result.error = -ESTALE;
            result.obstacle = OBSTACLE_CHANGED;
        }
    }
    pthread_mutex_unlock(&platform->lock);
    *ret = result;
}

void platform_undo_destroy(struct platform_undo *undo)
{
    if (undo != NULL) {
        pthread_mutex_lock(&undo->platform->lock);
        undo->platform->counts.undos_open--;
        pthread_mutex_unlock(&undo->platform->lock);
        free(undo);
    }
}

void platform_pin_cgroup(struct platform_pin *pin, struct cgroup_facts *ret)
{
    struct platform *platform = pin->platform;
    struct cgroup_facts facts = {.can_kill = true};
    pthread_mutex_lock(&platform->lock);
    platform->counts.cgroup_looks++;
    const struct fake_proc *proc = find_id(platform, pin->id);
    facts.error = alive(platform, pin);
    if (facts.error == 0 && proc->cgroup == 0) {
        facts.error = -ENOTSUP;
        facts.obstacle = OBSTACLE_CGROUP_NONE;
    }
    if (facts.error == 0) {
        const struct fake_cgroup *cgroup = &platform->cgroups[proc->cgroup];
        assert(proc->cgroup < FAKE_CGROUPS);
        memcpy(facts.path, "/group/", 8);
        facts.path[7] = (char)('a' + (char)proc->cgroup - 1);
        if (cgroup->path[0] != '\0') {
            memcpy(facts.path, cgroup->path, sizeof(facts.path));
        }
        facts.id = proc->cgroup;
        facts.obstacle = cgroup->obstacle;
        facts.frozen = cgroup->frozen;
        for (size_t i = 0; i < platform->count; i++) {
            const bool inside = platform->procs[i].cgroup == proc->cgroup;
            facts.processes += inside;
            facts.has_ancestor |= inside && platform->procs[i].raw.id.pid == 1;
            if (inside && facts.pid_count < CGROUP_PIDS_MAX) {
                facts.pids[facts.pid_count++] = platform->procs[i].raw.id.pid;
            }
        }
        pin->cgroup = proc->cgroup;
    }
    pthread_mutex_unlock(&platform->lock);
    *ret = facts;
}

int platform_pin_count_cgroup(struct platform_pin *pin, uint32_t *ret)
{
    struct platform *platform = pin->platform;
    uint32_t count = 0;
    pthread_mutex_lock(&platform->lock);
    for (size_t i = 0; i < platform->count; i++) {
        count += pin->cgroup != 0 && platform->procs[i].cgroup == pin->cgroup;
    }
    pthread_mutex_unlock(&platform->lock);
    if (pin->cgroup == 0) {
        return -EINVAL;
    }
    *ret = count;
    return 0;
}

void platform_pin_kill_cgroup(struct platform_pin *pin, struct deed_result *ret)
{
    struct platform *platform = pin->platform;
    pthread_mutex_lock(&platform->lock);
    struct deed_result result = {.error = alive(platform, pin)};
    const struct fake_denial *denial = denial_of(platform, pin->id.pid, DEED_KILL_GROUP, false);
    if (result.error == 0 && pin->cgroup == 0) {
        result.error = -EINVAL; // nobody asked which one that is
    }
    if (result.error == 0 && denial != NULL) {
        result = denial->result;
    }
    if (result.error == 0) {
        platform->counts.cgroup_kills++;
        for (size_t i = platform->count; i > 0; i--) {
            if (platform->procs[i - 1].cgroup == pin->cgroup) {
                die(platform, &platform->procs[i - 1]);
            }
        }
    }
    pthread_mutex_unlock(&platform->lock);
    *ret = result;
}

const char *platform_close_needs(void)
{
    return NULL;
}

void platform_close_socket(const struct platform *platform, const struct socket_id *socket,
                           struct deed_result *ret)
{
    struct platform *mine = (struct platform *)(uintptr_t)platform; // its counts may change
    pthread_mutex_lock(&mine->lock);
    const struct fake_denial *denial = denial_of(mine, 0, DEED_CLOSE, false);
    *ret = denial != NULL ? denial->result : (struct deed_result){.error = 0};
    mine->counts.closes += denial == NULL;
    mine->counts.last_closed = *socket;
    pthread_mutex_unlock(&mine->lock);
}

int platform_pin_cpus(struct platform_pin *pin, struct cpu_set *ret)
{
    struct platform *platform = pin->platform;
    struct cpu_set cpus = {.words = {0}};
    pthread_mutex_lock(&platform->lock);
    const int error = alive(platform, pin);
    for (uint32_t cpu = 0; error == 0 && cpu < platform->cpus; cpu++) {
        if ((find_id(platform, pin->id)->cpus_forbidden >> cpu & 1) == 0) {
            cpu_set_add(&cpus, cpu);
        }
    }
    pthread_mutex_unlock(&platform->lock);
    if (error == 0) {
        *ret = cpus;
    }
    return error;
}

int platform_topology(const struct platform *platform, struct topology **ret)
{
    const size_t count = platform->cpus; // never changes
    struct topology *topology = calloc(1, sizeof(*topology) + count * sizeof(topology->places[0]));
    assert(topology != NULL);
    topology->count = count;
    for (size_t i = 0; i < count; i++) {
        topology->places[i] =
            (struct cpu_place){.cpu = (uint32_t)i, .core = (int32_t)i, .online = true};
    }
    *ret = topology;
    return 0;
}

bool platform_can_act(void)
{
    return true;
}

int platform_drop_privileges(bool acting)
{
    (void)acting;
    return 0;
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
