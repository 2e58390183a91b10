#include "screen.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ARENA_LIMIT = 64 << 20,
    GOLDEN_MAX = 4 << 20, // bytes of one screen
};

/* clang-format off */
static const struct screen_proc population[] = {
    {1, 0, .name = "init", .args = "/sbin/init splash", .user = "root", .time_ms = 4210,
     .resident_kib = 12100, .virtual_kib = 168000, .shared_kib = 8200},
    {2, 0, .name = "kthreadd", .user = "root", .flags = PROC_KERNEL, .time_ms = 20},
    {3, 2, .name = "rcu_gp", .user = "root", .flags = PROC_KERNEL, .state = 'I', .nice = -20},
    {14, 2, .name = "ksoftirqd/0", .user = "root", .flags = PROC_KERNEL, .cpu = 0.004,
     .time_ms = 910},
    {210, 1, .name = "journald", .args = "/usr/lib/system/journald", .user = "root", .cpu = 0.012,
     .time_ms = 61230, .resident_kib = 48200, .virtual_kib = 91000, .shared_kib = 46100,
     .write_kib = 96},
    {233, 1, .name = "udevd", .args = "/usr/lib/system/udevd --daemon", .user = "root",
     .time_ms = 1500, .resident_kib = 7300, .virtual_kib = 26000, .shared_kib = 4100},
    {402, 1, .name = "sshd", .args = "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups",
     .user = "root", .time_ms = 330, .resident_kib = 9100, .virtual_kib = 15400,
     .shared_kib = 7800},
    {417, 1, .name = "cron", .args = "/usr/sbin/cron -f", .user = "root", .time_ms = 720,
     .resident_kib = 2800, .virtual_kib = 6700, .shared_kib = 2500},
    {530, 1, .name = "postgres", .args = "/usr/lib/postgresql/15/bin/postgres -D /srv/pg",
     .user = "postgres", .uid = 106, .cpu = 0.021, .time_ms = 905000, .resident_kib = 28900,
     .virtual_kib = 213000, .shared_kib = 26000},
    {534, 530, .name = "postgres", .args = "postgres: checkpointer", .user = "postgres",
     .uid = 106, .time_ms = 88000, .resident_kib = 130400, .virtual_kib = 213300,
     .shared_kib = 128000},
    {535, 530, .name = "postgres", .args = "postgres: walwriter", .user = "postgres", .uid = 106,
     .state = 'D', .cpu = 0.087, .time_ms = 43000, .resident_kib = 10300, .virtual_kib = 213000,
     .shared_kib = 9000, .read_kib = 400, .write_kib = 48700},
    {601, 1, .name = "nginx", .args = "nginx: master process /usr/sbin/nginx", .user = "root",
     .time_ms = 15, .resident_kib = 1700, .virtual_kib = 55000, .shared_kib = 900},
    {602, 601, .name = "nginx", .args = "nginx: worker process", .user = "www-data", .uid = 33,
     .state = 'R', .cpu = 0.634, .time_ms = 7384000, .resident_kib = 6100, .virtual_kib = 56000,
     .shared_kib = 4000},
    {603, 601, .name = "nginx", .args = "nginx: worker process", .user = "www-data", .uid = 33,
     .cpu = 0.115, .time_ms = 7112000, .resident_kib = 6000, .virtual_kib = 56000,
     .shared_kib = 4000},
    {900, 1, .name = "java", .args = "/opt/jdk/bin/java -Xmx2g -jar /srv/app/app.jar --port 8080",
     .user = "app", .uid = 1001, .cpu = 1.873, .time_ms = 36061000, .resident_kib = 2310000,
     .virtual_kib = 6800000, .shared_kib = 31000, .nice = 5, .read_kib = 2950, .write_kib = 1500},
    {902, 900, .group_pid = 900, .name = "GC Thread#0",
     .args = "/opt/jdk/bin/java -Xmx2g -jar /srv/app/app.jar --port 8080", .user = "app",
     .uid = 1001, .flags = PROC_THREAD, .cpu = 0.25, .time_ms = 5000, .nice = 5},
    {1200, 402, .name = "sshd", .args = "sshd: ada [priv]", .user = "root", .time_ms = 40,
     .resident_kib = 10800, .virtual_kib = 17000, .shared_kib = 9300},
    {1207, 1200, .name = "bash", .args = "-bash", .user = "ada", .uid = 1000, .time_ms = 90,
     .resident_kib = 5100, .virtual_kib = 8300, .shared_kib = 3400},
    {1300, 1207, .name = "vim", .args = "vim notes.txt", .user = "ada", .uid = 1000,
     .state = 'T', .time_ms = 310, .resident_kib = 11200, .virtual_kib = 19000,
     .shared_kib = 7000},
    {1301, 1207, .name = "sh", .user = "ada", .uid = 1000, .state = 'Z'},
    {1302, 1207, .name = "caf\u00e9 \u6e2c\u8a66", .args = "./caf\u00e9 --name \u6e2c\u8a66",
     .user = "ada", .uid = 1000, .cpu = 0.001, .time_ms = 5, .resident_kib = 900,
     .virtual_kib = 2400, .shared_kib = 800},
    {1303, 1207, .name = "a) R 1 (b", .args = "", .user = "ada", .uid = 1000, .time_ms = 2,
     .resident_kib = 700, .virtual_kib = 2400, .shared_kib = 600},
    {1310, 1207, .name = "make", .args = "make -j2 all", .user = "ada", .uid = 1000,
     .flags = PROC_NEW, .nice = 10, .cpu = 0.05, .time_ms = 30, .resident_kib = 2100,
     .virtual_kib = 4000, .shared_kib = 1700},
    {4242, 1, .name = "secretd", .user = "root",
     .denied = FACT_CMDLINE | FACT_MEMORY | FACT_IO | FACT_SOCKETS |
               FACT_SMAPS,
     .time_ms = 700, .resident_kib = 3300, .virtual_kib = 9900},
};
/* clang-format on */

const struct screen_proc *screen_population(size_t *ret_count)
{
    *ret_count = sizeof(population) / sizeof(population[0]);
    return population;
}

static void *take(struct arena *arena, size_t count, size_t size)
{
    void *memory = arena_alloc(arena, count > 0 ? count : 1, size);
    assert_non_null(memory);
    return memory;
}

static struct text make_text(struct arena *arena, const char *s)
{
    size_t size = strlen(s) * 3 + 1;
    char *out = take(arena, size, 1);
    uint32_t cells = 0;
    size_t bytes = utf8_make_safe(s, strlen(s), out, size, &cells);
    return (struct text){.ptr = out, .bytes = (uint32_t)bytes, .cells = cells};
}

static void fill_name_of_program(struct proc *proc)
{
    const char *args = proc->cmdline.ptr;
    size_t len = strcspn(args, " ");
    size_t at = len;
    while (at > 0 && args[at - 1] != '/') {
        at--;
    }
    proc->cmdline_name_at = (uint32_t)at;
    proc->cmdline_name_bytes = (uint32_t)(len - at);
}

/* Every third one talks, by an amount that follows from its number. */
static void fill_traffic(struct proc *proc)
{
    const unsigned number = (unsigned)proc->id.pid;
    if (number % 3 == 0) {
        proc->net.sockets = number % 40 + 1;
        proc->net.is_uncounted = number % 2 == 0 && number % 4 != 0;
        proc->net.rx_bytes_per_s = number * 700.0;
        proc->net.tx_bytes_per_s = number * 50.0;
        proc->net.rx_bytes = number * 70000u;
        proc->net.tx_bytes = number * 5000u;
    }
}

/* What follows from the sizes, and a cgroup by the user. */
static void fill_sizes(struct proc *proc, const struct screen_proc *from, struct arena *arena)
{
    bool none = (from->flags & (PROC_KERNEL | PROC_THREAD)) != 0 || from->state == 'Z';
    uint64_t resident = from->resident_kib * 1024;
    uint64_t shared = from->shared_kib * 1024;
    proc->have |= FACT_STATUS | FACT_OOM | FACT_SMAPS | FACT_CGROUP;
    proc->have &= ~(from->denied | from->blocked);
    proc->mem.anon_bytes = none ? FIGURE_ABSENT : resident - shared;
    proc->mem.file_bytes = none ? FIGURE_ABSENT : shared - shared / 4;
    proc->mem.shmem_bytes = none ? FIGURE_ABSENT : shared / 4;
    proc->mem.swap_bytes = none ? FIGURE_ABSENT : from->pid % 5 == 0 ? resident / 8 : 0;
    proc->mem.locked_bytes = none ? FIGURE_ABSENT : 0;
    proc->mem.page_table_bytes = none ? FIGURE_ABSENT : from->virtual_kib * 2;
    proc->mem.pss_bytes = none ? FIGURE_ABSENT : resident - shared + shared / 3;
    proc->mem.uss_bytes = none ? FIGURE_ABSENT : resident - shared;
    proc->mem.swap_pss_bytes = proc->mem.swap_bytes;
    proc->mem.growth_per_s = from->cpu * 1e6 - 100;
    proc->mem.has_baseline = true;
    proc->mem.growth_bytes = (int64_t)(from->cpu * 4e7) - 4096;
    proc->mem.oom_score = (int32_t)(from->resident_kib / 12000);
    bool limited = from->uid == 1001;
    proc->cgroup.path = make_text(arena, limited ? "/app.slice/app.service" : "/system.slice");
    proc->cgroup.limit_bytes = limited ? UINT64_C(5) << 29 : FIGURE_ABSENT;
    proc->cgroup.usage_bytes = limited ? resident + (UINT64_C(1) << 25) : FIGURE_ABSENT;
}

static void fill_proc(struct proc *proc, const struct screen_proc *from, struct arena *arena,
                      const struct snapshot *snap)
{
    uint64_t start_ns = from->start_ns ? from->start_ns : (uint64_t)from->pid * 10000000u;
    *proc = (struct proc){
        .id = {.pid = from->pid, .start_ns = start_ns},
        .ppid = from->ppid,
        .group_pid = from->group_pid ? from->group_pid : from->pid,
        .pgrp = from->pgrp ? from->pgrp : from->pid,
        .session = from->session ? from->session : from->pid,
        .tpgid = -1,
        .have = FACT_IDENT | FACT_OWNER | FACT_MEMORY | FACT_IO | FACT_SOCKETS,
        .flags = from->flags,
        .uid = from->uid,
        .thread_count = from->threads ? from->threads : 1,
        .nice = from->nice,
        .priority = (int16_t)(20 + from->nice),
        .state = from->state ? from->state : 'S',
        .name = make_text(arena, from->name ? from->name : "proc"),
        .tty = make_text(arena, ""),
        .user = make_text(arena, from->user ? from->user : ""),
        .cmdline = make_text(arena, from->args ? from->args : ""),
        .exe = make_text(arena, ""),
        .start_wall_s = snap->wall_s - 86400 + (int64_t)(start_ns / 1000000000u),
        .elapsed_ns = UINT64_C(86400000000000) - start_ns,
    };
    proc->have |= from->user ? FACT_USER : 0u;
    proc->have |= from->args ? FACT_CMDLINE : 0u;
    bool has_rates = snap->interval_ns > 0 && (from->flags & (PROC_NEW | PROC_EXITED)) == 0;
    proc->have |= has_rates ? (fact_mask)(FACT_RATE | FACT_IO_RATE | FACT_SOCKET_RATE) : 0u;
    proc->have &= ~(from->denied | from->blocked);
    proc->denied = from->denied;
    proc->blocked = from->blocked;
    fill_name_of_program(proc);
    proc->cpu.user = from->cpu * 0.75;
    proc->cpu.system = from->cpu * 0.25;
    proc->cpu.time_ns = from->time_ms * 1000000u;
    proc->cpu.user_ns = proc->cpu.time_ns / 4 * 3;
    proc->cpu.system_ns = proc->cpu.time_ns - proc->cpu.user_ns;
    proc->io.read_bytes_per_s = (double)from->read_kib * 1024;
    proc->io.write_bytes_per_s = (double)from->write_kib * 1024;
    proc->io.read_bytes = from->read_kib * 1024 * 60;
    proc->io.write_bytes = from->write_kib * 1024 * 60;
    proc->mem.virtual_bytes = from->virtual_kib * 1024;
    proc->mem.resident_bytes = from->resident_kib * 1024;
    proc->mem.shared_bytes = from->shared_kib * 1024;
    fill_traffic(proc);
    fill_sizes(proc, from, arena);
    uint64_t total = snap->system.memory.total_bytes;
    proc->mem.resident_fraction =
        total == FIGURE_ABSENT ? -1.0 : (double)proc->mem.resident_bytes / (double)total;
    const double busy = (double)(from->read_kib + from->write_kib) / 100000;
    proc->io.delay = total == FIGURE_ABSENT ? -1 : busy < 1 ? busy : 1;
}

static const struct proc *make_procs(const struct screen_proc *from, size_t count,
                                     struct arena *arena, const struct snapshot *snap)
{
    struct proc *procs = take(arena, count, sizeof(*procs));
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || from[i - 1].pid <= from[i].pid);
        fill_proc(&procs[i], &from[i], arena, snap);
    }
    return procs;
}

/* A split that differs from CPU to CPU and from sample to sample. */
static struct cpu_load make_cpu(uint32_t index, uint64_t seq)
{
    uint32_t busy = (index * 37 + (uint32_t)seq * 11) % 101;
    double part = (double)busy / 100.0;
    struct cpu_load cpu = {
        .user = part * 0.55,
        .nice = part * 0.05,
        .system = part * 0.25,
        .irq = part * 0.03,
        .softirq = part * 0.04,
        .steal = part * 0.02,
        .guest = part * 0.01,
        .iowait = part * 0.05,
        .idle = 1.0 - part,
        .index = index,
        .freq_khz = 1200000 + index % 8 * 100000,
        .online = index % 16 != 13,
        .known = seq > 1,
    };
    return cpu;
}

static void set_memory(struct memory_load *memory)
{
    memset(memory, 0xff, sizeof(*memory)); // every member FIGURE_ABSENT
}

static void fill_memory(struct memory_load *memory)
{
    const uint64_t mib = 1 << 20;
    set_memory(memory);
    memory->total_bytes = 7936 * mib;
    memory->free_bytes = 1411 * mib;
    memory->available_bytes = 4700 * mib;
    memory->buffers_bytes = 212 * mib;
    memory->cached_bytes = 2804 * mib;
    memory->shared_bytes = 391 * mib;
    memory->used_bytes = (7936 - 4700) * mib;
    memory->held_bytes = 3118 * mib;
    memory->swap_total_bytes = 2048 * mib;
    memory->swap_free_bytes = 1700 * mib;
    memory->swap_cached_bytes = 40 * mib;
    memory->swap_used_bytes = 308 * mib;
}

static void count_tasks(struct snapshot *snap)
{
    struct task_counts *tasks = &snap->system.tasks;
    for (size_t i = 0; i < snap->proc_count; i++) {
        const struct proc *proc = &snap->procs[i];
        tasks->processes += (proc->flags & (PROC_KERNEL | PROC_THREAD)) == 0;
        tasks->kernel_threads += (proc->flags & PROC_KERNEL) != 0;
        tasks->threads += (proc->flags & PROC_THREAD) != 0;
        tasks->running += proc->state == 'R';
        tasks->sleeping += proc->state == 'S';
        tasks->uninterruptible += proc->state == 'D';
        tasks->stopped += proc->state == 'T';
        tasks->zombie += proc->state == 'Z';
        tasks->idle += proc->state == 'I';
    }
}

static void fill_bare_system(struct system_load *system, struct arena *arena)
{
    *system = (struct system_load){
        .load_1m = -1,
        .load_5m = -1,
        .load_15m = -1,
        .uptime_ns = FIGURE_ABSENT,
        .context_switches_per_s = -1,
        .forks_per_s = -1,
        .interrupts_per_s = -1,
        .hostname = make_text(arena, ""),
        .kernel = make_text(arena, ""),
    };
    system->cpus = take(arena, 1, sizeof(*system->cpus));
    set_memory(&system->memory);
}

static void fill_system(struct system_load *system, uint32_t count, uint64_t seq,
                        struct arena *arena)
{
    fill_bare_system(system, arena);
    struct cpu_load *cpus = take(arena, count, sizeof(*cpus));
    for (uint32_t i = 0; i < count; i++) {
        cpus[i] = make_cpu(i, seq);
        system->cpu_online += cpus[i].online;
    }
    system->cpus = cpus;
    system->cpu_count = count;
    system->all = make_cpu(9, seq);
    fill_memory(&system->memory);
    system->psi_cpu = (struct pressure){.some_known = true, .some_10s = 0.0412};
    system->psi_memory = (struct pressure){.some_known = true, .full_known = true};
    system->psi_io = (struct pressure){
        .some_known = true, .full_known = true, .some_10s = 0.1234, .full_10s = 0.0871};
    system->load_1m = 1.52;
    system->load_5m = 0.87;
    system->load_15m = 0.4;
    system->uptime_ns = (uint64_t)(11 * 86400 + 4 * 3600 + 33 * 60 + 9) * 1000000000u;
    if (seq > 1) {
        system->context_switches_per_s = 12345.6;
        system->forks_per_s = 17.25;
        system->interrupts_per_s = 8123;
    }
    system->hostname = make_text(arena, "example");
    system->kernel = make_text(arena, "Linux 6.1.0");
}

struct snapshot *screen_snapshot(const struct screen_options *options)
{
    struct arena *arena = arena_create(ARENA_LIMIT);
    assert_non_null(arena);
    struct snapshot *snap = take(arena, 1, sizeof(*snap));
    uint64_t seq = options->seq ? options->seq : 1;
    *snap = (struct snapshot){
        .seq = seq,
        .sample = seq,
        .mono_ns = seq * 1000000000u,
        .interval_ns = seq > 1 ? 1000000000u : 0,
        .scan_cost_ns = 2000000,
        .wall_s = 1700000000 + (int64_t)seq,
        .provided = FACT_READABLE | FACT_RATE | FACT_IO_RATE | FACT_SOCKET_RATE,
        .arena = arena,
    };
    if (options->bare) {
        fill_bare_system(&snap->system, arena);
    } else {
        fill_system(&snap->system, options->cpus ? options->cpus : 4, seq, arena);
    }
    const struct screen_proc *procs = options->procs;
    snap->proc_count = options->proc_count;
    if (!procs) {
        procs = screen_population(&snap->proc_count);
    }
    snap->procs = make_procs(procs, snap->proc_count, arena, snap);
    snap->exited_count = options->exited_count;
    snap->exited = make_procs(options->exited, options->exited_count, arena, snap);
    count_tasks(snap);
    return snap;
}

static char *dump(const struct surface *surface)
{
    char *text = malloc(GOLDEN_MAX);
    assert_non_null(text);
    assert_true(surface_dump(surface, text, GOLDEN_MAX) < GOLDEN_MAX);
    return text;
}

static char *read_golden(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, GOLDEN_MAX);
    assert_non_null(text);
    if (file) {
        (void)fread(text, 1, GOLDEN_MAX - 1, file); // a short file shows as a difference
        (void)fclose(file);
    }
    return text;
}

static void write_golden(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static bool golden_written;

static void fail_at_exit(void)
{
    _exit(1);
}

void screen_check(const struct surface *surface, const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof(path), "tests/golden/%s.txt", name); // names are our own
    char *is = dump(surface);
    char *should = read_golden(path);
    bool same = strcmp(is, should) == 0;
    const char *update = getenv("PERCH_UPDATE_GOLDEN");
    bool write = !same && update && strcmp(update, "1") == 0;
    if (write) {
        write_golden(path, is);
    } else if (!same) {
        print_error("--- %s\n%s+++ drawn\n%s", path, should, is);
    }
    free(is);
    free(should);
    if (write) {
        print_error("%s was written; read the difference, then run again\n", path);
        if (!golden_written) {
            golden_written = true;
            (void)atexit(fail_at_exit); // not at once, so that one run writes them all
        }
    } else if (!same) {
        fail_msg("%s differs; PERCH_UPDATE_GOLDEN=1 writes it anew", path);
    }
}

const char *screen_row(const struct surface *surface, int y)
{
    static char row[SURFACE_MAX_SIDE * 12 + 1];
    size_t used = 0;
    size_t visible = 0;
    assert_in_range(y, 0, surface->height - 1);
    for (int x = 0; x < surface->width; x++) {
        const struct cell *cell = &surface->cells[(size_t)y * (size_t)surface->width + (size_t)x];
        memcpy(row + used, cell->glyph, cell->len);
        used += cell->len;
        if (cell->len != 1 || cell->glyph[0] != ' ') {
            visible = used;
        }
    }
    row[visible] = '\0';
    return row;
}

bool screen_has(const struct surface *surface, const char *text)
{
    for (int y = 0; y < surface->height; y++) {
        if (strstr(screen_row(surface, y), text)) {
            return true;
        }
    }
    return false;
}
