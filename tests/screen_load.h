#ifndef TESTS_SCREEN_LOAD_H
#define TESTS_SCREEN_LOAD_H

#include "model/snapshot.h"

/* Add made-up sockets, interfaces, counters, disks, file systems and uses of memory to a snapshot of
 * screen_snapshot(): those of `parts` (enum sample_part), with rates when the snapshot has an interval. Their owners are of the
 * built-in population of screen.h; addresses are those set aside for documentation. */
void screen_add_load(struct snapshot *snap, unsigned parts);

#endif
