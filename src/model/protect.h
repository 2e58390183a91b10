#ifndef MODEL_PROTECT_H
#define MODEL_PROTECT_H

#include "base/deed.h"
#include "model/network.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Whom one should not hit by mistake: PID 1, ourselves, what we run under (shell, tmux, sshd),
 * whatever the settings name, and kernel threads.
 *
 * `names` are words separated by blanks or commas, each a process name (exactly as in the NAME
 * column, or as the base name of its program) or a pid; "" for none.
 */
enum protection protect_reason(const struct snapshot *snap, const struct proc *proc,
                               int32_t own_pid, const char *names);

/* The reason in a few words: "the first process of the system". Owns: static storage. NULL for
 * PROTECT_NOTHING. */
const char *protect_text(enum protection protection);

/* What an action needs to know of a process. Safe text is cut at a whole character. */
struct target target_of(const struct snapshot *snap, const struct proc *proc, int32_t own_pid,
                        const char *names);

/* Likewise of a process as one that holds a connection, which may be a login. */
struct target target_of_holder(const struct snapshot *snap, const struct socket_owner *holder,
                               int32_t own_pid, const char *names);

#endif
