#include "inspect_scene.h"

#include "check.h"
#include "dossier.h"
#include "screen.h"

#include <string.h>

static const struct screen_proc procs[] = {
    {.pid = 1, .name = "init", .user = "root"},
    {.pid = SCENE_PID, .ppid = 1, .name = "postgres", .user = "db", .threads = 40},
    {.pid = 541, .ppid = SCENE_PID, .name = "make", .user = "db", .pgrp = 900},
    {.pid = 542, .ppid = SCENE_PID, .name = "cc", .user = "db", .state = 'T'},
    {.pid = 543, .ppid = SCENE_PID, .name = "ld", .user = "db"},
    {.pid = 544, .ppid = SCENE_PID, .name = "ar", .user = "db"},
    {.pid = 545, .ppid = 1, .name = "stranger", .user = "db", .pgrp = 900},
    {.pid = SCENE_OTHER, .ppid = 1, .name = "nginx", .user = "root"},
    {.pid = 602, .ppid = 1, .name = "client", .user = "ada"},
    {.pid = 603, .ppid = 1, .name = "client", .user = "ada"},
};

void scene_init(struct scene *scene)
{
    *scene = (struct scene){0};
    scene->waiting = (struct raw_inspect){.part = INSPECT_WAITING, .id = dossier_process()};
    scene->waiting.mono_ns = 1000000000;
    scene->waiting.as.waiting = (struct raw_waiting){.waits = scene->waits,
                                                     .wait_count = 1,
                                                     .thread_count = 1,
                                                     .run_delay_ns = FIGURE_ABSENT,
                                                     .block_delay_ns = FIGURE_ABSENT,
                                                     .exit_status = -1};
    scene->waits[0] =
        (struct raw_wait){.tid = SCENE_PID, .alike = 1, .state = 'S', .syscall_fd = -1};
    scene->peers = (struct raw_inspect){.part = INSPECT_PEERS, .id = dossier_process()};
    scene->peers.mono_ns = 1000000000;
    scene->identity = (struct raw_inspect){.part = INSPECT_IDENTITY, .id = dossier_process()};
    scene->cgroup = (struct raw_inspect){.part = INSPECT_CGROUP, .id = dossier_process()};
    scene->limits = (struct raw_inspect){.part = INSPECT_LIMITS, .id = dossier_process()};
    scene->cgroup.as.cgroup.items = scene->levels;
    scene->peers.as.peers = (struct raw_peers){.ends = scene->ends, .futexes = scene->futexes};
    scene->peers_before = scene->peers;
    scene->peers_before.as.peers = (struct raw_peers){.futexes = scene->futexes_before};
}

void scene_in_call(struct raw_wait *wait, const char *name, int64_t number, int32_t fd)
{
    wait->in_syscall = true;
    wait->syscall = number;
    wait->syscall_name = dossier_bytes(name);
    wait->syscall_fd = fd;
}

struct raw_end *scene_add_end(struct scene *scene, int32_t fd, enum raw_file_kind kind,
                              const char *file, uint64_t inode)
{
    struct raw_end *end = &scene->ends[scene->peers.as.peers.end_count++];
    *end = (struct raw_end){.tid = SCENE_PID,
                            .syscall = scene->waits[0].syscall,
                            .syscall_fd = scene->waits[0].syscall_fd,
                            .fd = fd,
                            .tty = -1,
                            .kind = kind,
                            .file = dossier_bytes(file),
                            .inode = inode,
                            .reads = true};
    return end;
}

void scene_tell(struct scene *scene)
{
    struct screen_options options = {.seq = 2,
                                     .procs = procs,
                                     .proc_count = sizeof(procs) / sizeof(procs[0])};
    const unsigned wanted = 1u << INSPECT_LIMITS | 1u << INSPECT_IDENTITY | 1u << INSPECT_WAITING |
                            1u << INSPECT_PEERS | 1u << INSPECT_CGROUP;
    struct inspect_set set = {.id = dossier_process(), .wanted = wanted};
    set.parts[INSPECT_WAITING] =
        (struct inspect_pair){.state = DOSSIER_KNOWN, .now = &scene->waiting};
    set.parts[INSPECT_PEERS] = (struct inspect_pair){.state = DOSSIER_KNOWN,
                                                     .before = &scene->peers_before,
                                                     .now = &scene->peers};
    set.parts[INSPECT_IDENTITY] =
        (struct inspect_pair){.state = DOSSIER_KNOWN, .now = &scene->identity};
    set.parts[INSPECT_CGROUP] =
        (struct inspect_pair){.state = DOSSIER_KNOWN, .now = &scene->cgroup};
    set.parts[INSPECT_LIMITS] =
        (struct inspect_pair){.state = DOSSIER_KNOWN, .now = &scene->limits};
    snapshot_free(scene->snap);
    scene->snap = screen_snapshot(&options);
    scene->snap->network = &scene->network;
    scene->snap->looker = scene->looker;
    assert_int_equal(diff_inspect(&set, scene->snap, &scene->dossier), 0);
}

void scene_finish(struct scene *scene)
{
    snapshot_free(scene->snap);
}

const struct dossier_fact *scene_line(const struct scene *scene, const char *what, size_t n)
{
    for (size_t i = 0; i < scene->dossier->overview_count; i++) {
        const struct dossier_fact *fact = &scene->dossier->overview[i];
        if (strcmp(fact->group.ptr, "why") == 0 && strcmp(fact->what.ptr, what) == 0 && n-- == 0) {
            return fact;
        }
    }
    fail_msg("no line \"%s\"", what);
    return NULL;
}

size_t scene_count(const struct scene *scene, const char *what)
{
    size_t count = 0;
    for (size_t i = 0; i < scene->dossier->overview_count; i++) {
        const struct dossier_fact *fact = &scene->dossier->overview[i];
        count += strcmp(fact->group.ptr, "why") == 0 && strcmp(fact->what.ptr, what) == 0;
    }
    return count;
}
