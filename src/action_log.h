#ifndef ACTION_LOG_H
#define ACTION_LOG_H

#include "base/str.h"
#include "sampler/act.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The record of what perch did to whom, for others to read later: lines appended to a file, and
 * handed to syslog. main() opens it before privileges are dropped; the engine writes to it from
 * its own thread.
 *
 * A line is a time in UTC and then KEY=VALUE, parted by single blanks:
 *
 * 2026-11-23T21:43:34Z uid=0 pid=4242 start=123456ms name="nginx" owner="www-data" action=nice
 * undo=no thread=no asked="5" old="0" new="5" result=done
 *
 * uid is who ran perch; start is milliseconds since boot, and with the pid names the process;
 * action is a deed's name; result is done, unchanged, failed, waiting (SIGTERM was sent),
 * killing (SIGKILL was sent), survived, pending (it was ordered and comes about later) or left
 * (perch ended before the time of a termination was up). Keys without a value are left out: asked,
 * old and new; after="0.4s" since SIGTERM; threads and threads-failed; cgroup and processes (in it),
 * with processes-shown when there were fewer when perch asked; error and reason when it failed. Values that are text stand in double quotes, in which \" is a quote, \\
 * a backslash and \xHH any other byte that would not be a printable character of one line.
 */
struct action_log;

/*
 * Open it. `path` is appended to, and made for the owner alone when it is not there; NULL: no
 * file. A path that leads to something other than a regular file is refused.
 * Owns: the caller, who ends it with action_log_close().
 * Errors: a negative errno with a sentence for people in `error`; *ret is then untouched.
 */
int action_log_open(const char *path, bool to_syslog, struct action_log **ret,
                    struct strbuf *error);

/* NULL is a no-op. No thread may be writing any more. */
void action_log_close(struct action_log *log);

/* Append a line: an act_record, with the log as its context; NULL is a no-op. What cannot be
 * written is counted. Thread: one at a time. */
void action_log_record(void *log, const struct act_outcome *outcome);

/* How many lines could not be written, and the last errno. Thread: any. NULL: none. */
uint32_t action_log_lost(const struct action_log *log, int *ret_error);

/* Append the line of one outcome, without the end of line. */
void action_log_format(const struct act_outcome *outcome, uint32_t uid, struct strbuf *buf);

#endif
