#ifndef TESTS_INSPECT_SCENE_H
#define TESTS_INSPECT_SCENE_H

#include "model/dossier.h"
#include "model/network.h"
#include "model/snapshot.h"
#include "platform/inspect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Made-up answers about one process, and the lines that explain it. */

enum {
    SCENE_PID = 530,   // the process, "postgres"; 541 to 544 are its children
    SCENE_OTHER = 601, // somebody else, "nginx"; so are 602 and 603, "client"
};

/* What was answered, and the lines made of it. */
struct scene {
    struct raw_inspect waiting, peers, peers_before, identity, cgroup, limits;
    struct raw_wait waits[4];
    struct raw_end ends[8];
    struct raw_futex futexes[4], futexes_before[4]; // as many as `peers` and `peers_before` say
    struct raw_cgroup_level levels[2];              // of its cgroup, where `cgroup` has any
    struct network_load network;
    enum looker looker;
    struct snapshot *snap;
    const struct dossier *dossier;
};

/* One that sleeps, and of which nothing else is known. */
void scene_init(struct scene *scene);

/* Put a thread into a system call; fd -1: not about a descriptor. */
void scene_in_call(struct raw_wait *wait, const char *name, int64_t number, int32_t fd);

/* One more descriptor the first thread waits on. Owns: the scene. */
struct raw_end *scene_add_end(struct scene *scene, int32_t fd, enum raw_file_kind kind,
                              const char *file, uint64_t inode);

/* Make the lines. */
void scene_tell(struct scene *scene);

/* Free them. */
void scene_finish(struct scene *scene);

/* The n-th line of the verdict about something. Owns: the scene. Fails the test when there is
 * none. */
const struct dossier_fact *scene_line(const struct scene *scene, const char *what, size_t n);

/* How many lines of the verdict are about something. */
size_t scene_count(const struct scene *scene, const char *what);

#endif
