#include "dossier.h"

#include <string.h>

enum { PID = 530, SECOND = 1000000000 };

struct raw_bytes dossier_bytes(const char *s)
{
    return (struct raw_bytes){.ptr = s, .len = (uint32_t)strlen(s)};
}

#define BYTES(s)                   \
 {                                 \
  .ptr = (s), .len = sizeof(s) - 1 \
 }

struct proc_id dossier_process(void)
{
    return (struct proc_id){.pid = PID, .start_ns = PID * UINT64_C(10000000)};
}

static const struct raw_namespace namespaces[] = {
    {.type = BYTES("mnt"), .inode = 4026532001, .same = false},
    {.type = BYTES("net"), .inode = 4026531840, .same = true},
    {.type = BYTES("pid"), .inode = 4026532002, .same = false},
};
static const uint32_t groups[] = {5432, 100};

static const struct raw_thread threads[2][3] = {
    {
        {.id = {PID, 5300000000},
         .name = BYTES("postgres"),
         .wchan = BYTES("fcntl_setlk"),
         .state = 'S',
         .priority = 20,
         .user_ns = 2 * SECOND,
         .system_ns = SECOND,
         .run_delay_ns = SECOND,
         .block_delay_ns = FIGURE_ABSENT,
         .voluntary_switches = 120,
         .involuntary_switches = 3,
         .last_cpu = 1},
        {.id = {531, 5310000000},
         .name = BYTES("worker"),
         .state = 'R',
         .priority = 20,
         .user_ns = 40 * UINT64_C(1000000000),
         .run_delay_ns = 0,
         .block_delay_ns = FIGURE_ABSENT,
         .voluntary_switches = 9,
         .involuntary_switches = 900,
         .last_cpu = 3},
        {.id = {532, 5320000000},
         .name = BYTES("evil\x1b[2J\xe2\x80\xae"),
         .wchan = BYTES("nfs_wait"),
         .state = 'D',
         .nice = 5,
         .policy = 3,
         .priority = 25,
         .run_delay_ns = FIGURE_ABSENT,
         .block_delay_ns = FIGURE_ABSENT,
         .voluntary_switches = FIGURE_ABSENT,
         .involuntary_switches = FIGURE_ABSENT},
    },
    {
        {.id = {PID, 5300000000},
         .name = BYTES("postgres"),
         .wchan = BYTES("fcntl_setlk"),
         .state = 'S',
         .priority = 20,
         .user_ns = 2 * SECOND,
         .system_ns = SECOND,
         .run_delay_ns = SECOND + SECOND / 4,
         .block_delay_ns = FIGURE_ABSENT,
         .voluntary_switches = 121,
         .involuntary_switches = 3,
         .last_cpu = 1},
        {.id = {531, 5310000000},
         .name = BYTES("worker"),
         .state = 'R',
         .priority = 20,
         .user_ns = 40 * UINT64_C(1000000000) + SECOND / 2,
         .run_delay_ns = SECOND / 2,
         .block_delay_ns = FIGURE_ABSENT,
         .voluntary_switches = 9,
         .involuntary_switches = 950,
         .last_cpu = 3},
        /* another thread has the number of the one before: no rate */
        {.id = {532, 5390000000},
         .name = BYTES("evil\x1b[2J\xe2\x80\xae"),
         .wchan = BYTES("nfs_wait"),
         .state = 'D',
         .nice = 5,
         .policy = 3,
         .priority = 25,
         .user_ns = 90 * UINT64_C(1000000000),
         .run_delay_ns = FIGURE_ABSENT,
         .block_delay_ns = FIGURE_ABSENT,
         .voluntary_switches = FIGURE_ABSENT,
         .involuntary_switches = FIGURE_ABSENT},
    },
};

static const struct raw_file files[] = {
    {.fd = 0, .kind = RAW_FILE_CHAR, .target = BYTES("/dev/null"), .position = 0, .flags = 0},
    {.fd = 3,
     .kind = RAW_FILE_REGULAR,
     .target = BYTES("/srv/db/base/16384"),
     .position = 8192,
     .flags = 02,
     .inode = 77,
     .mount_id = 29,
     .locked = true,
     .lock_count = 2,
     .lock = {.type = RAW_LOCK_POSIX, .write = true}},
    {.fd = 4,
     .kind = RAW_FILE_REGULAR,
     .target = BYTES("/var/log/db\n.log (deleted)"),
     .position = 123456789,
     .flags = 02001},
    {.fd = 5,
     .kind = RAW_FILE_SOCKET,
     .target = BYTES("socket:[9002]"),
     .position = FIGURE_ABSENT,
     .flags = UINT32_MAX,
     .inode = 9002},
};

static const struct raw_map maps[] = {
    {.path = BYTES(""),
     .count = 12,
     .access = 1u << (RAW_MAP_READ | RAW_MAP_WRITE) |
               1u << (RAW_MAP_READ | RAW_MAP_WRITE | RAW_MAP_EXECUTE) | 1u << 0,
     .virtual_bytes = 1 << 26,
     .resident_bytes = 5 << 20,
     .pss_bytes = 5 << 20,
     .private_dirty_bytes = 5 << 20,
     .anonymous_bytes = 5 << 20,
     .swap_bytes = 1 << 20,
     .swap_pss_bytes = 1 << 20},
    {.path = BYTES("/usr/lib/libexample.so.6"),
     .count = 4,
     .access = 1u << RAW_MAP_READ | 1u << (RAW_MAP_READ | RAW_MAP_EXECUTE) |
               1u << (RAW_MAP_READ | RAW_MAP_WRITE),
     .virtual_bytes = 2 << 20,
     .resident_bytes = 1 << 20,
     .pss_bytes = 1 << 17,
     .shared_clean_bytes = 1 << 20},
    {.path = BYTES("[heap]"),
     .count = 1,
     .access = 1u << (RAW_MAP_READ | RAW_MAP_WRITE),
     .virtual_bytes = 3 << 20,
     .resident_bytes = 2 << 20,
     .pss_bytes = 2 << 20,
     .private_clean_bytes = 1 << 20,
     .private_dirty_bytes = 1 << 20},
};

static const struct raw_limit limits[] = {
    {.name = BYTES("Max open files"),
     .unit = BYTES("files"),
     .soft = 1024,
     .hard = 4096,
     .used = 1000},
    {.name = BYTES("Max cpu time"),
     .unit = BYTES("seconds"),
     .soft = UINT64_MAX,
     .hard = UINT64_MAX,
     .used = FIGURE_ABSENT},
};

static const struct raw_lock locks[] = {
    {.id = 4,
     .waiting = true,
     .type = BYTES("POSIX"),
     .write = true,
     .holder = 601,
     .inode = 77,
     .to = UINT64_MAX,
     .path = BYTES("/srv/db/base/16384")},
    {.id = 5,
     .type = BYTES("FLOCK"),
     .holder = PID,
     .major = 8,
     .minor = 1,
     .inode = 78,
     .to = UINT64_MAX},
};

static const struct raw_bytes stack[] = {
    BYTES("fcntl_setlk+0x1c2/0x2f0"),
    BYTES("do_fcntl+0x3a8/0x6c0"),
};

static const struct raw_wait waits[] = {
    {.tid = PID,
     .name = BYTES("postgres"),
     .alike = 1,
     .state = 'S',
     .wchan = BYTES("fcntl_setlk"),
     .stack = stack,
     .stack_count = 2,
     .in_syscall = true,
     .syscall = 72,
     .syscall_name = BYTES("fcntl"),
     .args = {3, 7, 0x7ffc0000},
     .syscall_fd = 3,
     .syscall_file = BYTES("/srv/db/base/16384")},
};

#define LEVEL(usage, period, throttled, time)                                                      \
 {                                                                                                 \
  .path = BYTES("/system.slice/db.service"), .cpu_quota_ns = 50000000, .cpu_period_ns = 100000000, \
  .cpu_weight = 100, .cpu_shares = FIGURE_ABSENT, .usage_ns = (usage), .periods = (period),        \
  .throttled_periods = (throttled), .throttled_ns = (time), .memory_current = 62 << 20,            \
  .memory_high = FIGURE_ABSENT, .memory_max = 64 << 20, .swap_current = 0,                         \
  .swap_max = FIGURE_ABSENT, .memory_low_events = 0, .memory_high_events = 0,                      \
  .memory_max_events = 17, .oom_events = 1, .oom_kill_events = 1, .pids_current = 12,              \
  .pids_max = 100, .io_read_bytes = 1 << 20, .io_write_bytes = 1 << 24, .psi_cpu = {               \
      .some_known = true,                                                                          \
      .some_10s = 0.81,                                                                            \
      .some_60s = 0.4                                                                              \
  }                                                                                                \
 }
#define ROOT                                                                                    \
 {                                                                                              \
  .path = BYTES("/"), .cpu_quota_ns = FIGURE_ABSENT, .cpu_period_ns = FIGURE_ABSENT,            \
  .cpu_weight = FIGURE_ABSENT, .cpu_shares = FIGURE_ABSENT, .usage_ns = FIGURE_ABSENT,          \
  .periods = FIGURE_ABSENT, .throttled_periods = FIGURE_ABSENT, .throttled_ns = FIGURE_ABSENT,  \
  .memory_current = FIGURE_ABSENT, .memory_high = FIGURE_ABSENT, .memory_max = FIGURE_ABSENT,   \
  .swap_current = FIGURE_ABSENT, .swap_max = FIGURE_ABSENT, .memory_low_events = FIGURE_ABSENT, \
  .memory_high_events = FIGURE_ABSENT, .memory_max_events = FIGURE_ABSENT,                      \
  .oom_events = FIGURE_ABSENT, .oom_kill_events = FIGURE_ABSENT, .pids_current = FIGURE_ABSENT, \
  .pids_max = FIGURE_ABSENT, .io_read_bytes = FIGURE_ABSENT, .io_write_bytes = FIGURE_ABSENT    \
 }
static const struct raw_cgroup_level levels[2][2] = {
    {LEVEL(0, 10, 2, 0), ROOT},
    {LEVEL(500000000, 20, 11, 450000000), ROOT},
};

static const char environment[] = "LANG=C.UTF-8\0PGPASSWORD=not\x1b[31m a secret\0ODD\0";
static const char cmdline[] = "/usr/lib/postgresql/bin/postgres\0-D\0/srv/db\0";

static const struct raw_identity identity = {
    .cmdline = BYTES(cmdline),
    .exe = BYTES("/usr/lib/postgresql/bin/postgres (deleted)"),
    .cwd = BYTES("/srv/db"),
    .root = BYTES("/"),
    .label = BYTES("postgresql_t"),
    .cgroup = BYTES("/system.slice/db.service"),
    .ppid = 1,
    .uid = {1000, 5432, 5432, 5432},
    .gid = {5432, 5432, 5432, 5432},
    .groups = groups,
    .group_count = 2,
    .cap_bounding = UINT64_MAX,
    .seccomp = 2,
    .no_new_privs = true,
    .umask = 077,
    .login_uid = UINT32_MAX,
    .namespaces = namespaces,
    .namespace_count = 3,
    .oom_score = 300,
    .oom_score_adj = -100,
};

static struct raw_inspect answer(enum inspect_part part, size_t which)
{
    struct raw_inspect raw = {
        .part = part,
        .id = dossier_process(),
        .mono_ns = (uint64_t)(which + 1) * SECOND,
    };
    switch (part) {
    case INSPECT_IDENTITY:
        raw.as.identity = identity;
        break;
    case INSPECT_THREADS:
        raw.as.threads.items = threads[which];
        raw.as.threads.count = 3;
        break;
    case INSPECT_FILES:
        raw.as.files.items = files;
        raw.as.files.count = sizeof(files) / sizeof(files[0]);
        raw.cut = true;
        break;
    case INSPECT_MAPS:
        raw.as.maps.items = maps;
        raw.as.maps.count = sizeof(maps) / sizeof(maps[0]);
        break;
    case INSPECT_LIMITS:
        raw.as.limits.items = limits;
        raw.as.limits.count = sizeof(limits) / sizeof(limits[0]);
        break;
    case INSPECT_ENVIRON:
        raw.as.environ = (struct raw_bytes){.ptr = environment, .len = sizeof(environment) - 1};
        break;
    case INSPECT_WAITING:
        raw.as.waiting = (struct raw_waiting){
            .exit_status = -1,
            .waits = waits,
            .wait_count = 1,
            .thread_count = 1,
            .run_delay_ns = which == 0 ? SECOND : SECOND + SECOND / 4,
            .block_delay_ns = FIGURE_ABSENT,
            .locks = locks,
            .lock_count = 2,
        };
        break;
    case INSPECT_PEERS: // the lock's holder is named where the lock is
        break;
    case INSPECT_CGROUP:
        raw.as.cgroup.items = levels[which];
        raw.as.cgroup.count = 2;
        raw.as.cgroup.v2 = true;
        break;
    case INSPECT_PART_COUNT:
        break;
    }
    return raw;
}

struct inspect_set dossier_set(unsigned wanted)
{
    static struct raw_inspect answers[INSPECT_PART_COUNT][2];
    struct inspect_set set = {.id = dossier_process(), .wanted = wanted};
    for (unsigned part = 0; part < INSPECT_PART_COUNT; part++) {
        if ((wanted & (1u << part)) == 0) {
            continue;
        }
        answers[part][0] = answer((enum inspect_part)part, 0);
        answers[part][1] = answer((enum inspect_part)part, 1);
        set.parts[part] = (struct inspect_pair){.state = DOSSIER_KNOWN,
                                                .before = &answers[part][0],
                                                .now = &answers[part][1]};
    }
    return set;
}

struct raw_cgroup_level dossier_level(const char *path)
{
    struct raw_cgroup_level level = levels[0][1]; // of a root nothing is known
    level.path = dossier_bytes(path);
    return level;
}
