#ifndef TESTS_DOSSIER_H
#define TESTS_DOSSIER_H

#include "sampler/diff_inspect.h"

#include <stdbool.h>
#include <stddef.h>

/* Two invented answers for each part about one process of the population of screen.h: a database
 * that waits for a lock somebody else has, in a cgroup that is short of CPU and memory. */

/* The process they are about. */
struct proc_id dossier_process(void);

/* All parts of `wanted` (1u << enum inspect_part), as answered. Owns: static storage. */
struct inspect_set dossier_set(unsigned wanted);

/* A cgroup of which nothing is known but its path. */
struct raw_cgroup_level dossier_level(const char *path);

/* Bytes of a string. */
struct raw_bytes dossier_bytes(const char *s);

#endif
