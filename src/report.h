#ifndef REPORT_H
#define REPORT_H

#include "base/str.h"
#include "sampler/source.h"
#include "ui/action.h"

#include <stdbool.h>
#include <stddef.h>

/* Who did what, for the sentences. Strings are borrowed. */
struct report_context {
    enum old_deed deed;
    int argument;            // OLD_SIGNAL: its number; OLD_ADD_NICE: what was added
    const char *signal_name; // without "SIG"; NULL when the number has no name
    bool root;               // we are root already, so sudo would not help
    bool unicode;            // arrows may be drawn as such
};

/* What came of one deed on several processes. Zero-initialise before the first. */
struct report {
    size_t done, unchanged, gone, refused, failed; // unchanged: nice was at its limit already
};

/* The reason in a few words for an errno, positive or negative. Owns: static storage. */
const char *report_reason(int error);

/*
 * Count one outcome and append its sentence: the process, the action and, when it failed, the
 * reason and what would help. `reused`: the pid is known to belong to another process now.
 * True when it is a failure.
 */
bool report_one(struct report *report, const struct report_context *context,
                const struct target *target, const struct old_result *result, bool reused,
                struct strbuf *buf);

/* Append one sentence over all that was counted. True when something failed. */
bool report_all(const struct report *report, const struct report_context *context,
                struct strbuf *buf);

#endif
