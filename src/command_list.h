#ifndef COMMAND_LIST_H
#define COMMAND_LIST_H

#include "out.h"

#include <stdbool.h>

struct choice;
struct inspection;
struct snapshot;

/* Whom a command is about, as lines in columns for people. */

/* Print all that were chosen, with a line of titles. */
void command_list_targets(struct out *out, bool unicode, const struct choice *choice);

/*
 * Print the members of the cgroup an inspection tells of, and how many more there are. Of those
 * born since the snapshot was taken only the number is known.
 */
void command_list_members(struct out *out, bool unicode, const struct snapshot *snap,
                          const struct inspection *found);

#endif
