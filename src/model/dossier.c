#include "model/dossier.h"

const char *dossier_part_title(enum inspect_part part)
{
    switch (part) {
    case INSPECT_IDENTITY:
        return "identity";
    case INSPECT_THREADS:
        return "threads";
    case INSPECT_FILES:
        return "open files";
    case INSPECT_MAPS:
        return "memory maps";
    case INSPECT_LIMITS:
        return "limits";
    case INSPECT_ENVIRON:
        return "environment";
    case INSPECT_WAITING:
        return "waiting";
    case INSPECT_PEERS:
        return "other ends";
    case INSPECT_CGROUP:
        return "cgroup";
    case INSPECT_PART_COUNT:
        break;
    }
    return "";
}

const char *dossier_needs(enum looker looker)
{
    switch (looker) {
    case LOOKER_USER:
        break;
    case LOOKER_ROOT:
        return "needs CAP_SYS_PTRACE";
    case LOOKER_TRACER:
        return "refused even with CAP_SYS_PTRACE";
    }
    return "needs more rights, as with sudo";
}

static const char *denied_words(enum looker looker)
{
    switch (looker) {
    case LOOKER_USER:
        break;
    case LOOKER_ROOT:
        return "not permitted: perch needs CAP_SYS_PTRACE";
    case LOOKER_TRACER:
        return "not permitted, even with CAP_SYS_PTRACE";
    }
    return "not permitted: perch needs more rights, as with sudo";
}

const char *dossier_trouble(enum dossier_state state, enum looker looker)
{
    switch (state) {
    case DOSSIER_NOT_READ:
        return "reading ...";
    case DOSSIER_KNOWN:
        return "";
    case DOSSIER_DENIED:
        return denied_words(looker);
    case DOSSIER_BLOCKED:
        return "blocked: the kernel has not answered for 2 s";
    case DOSSIER_UNSUPPORTED:
        return "this system does not tell";
    case DOSSIER_TOO_LARGE:
        return "takes more memory than perch has for it";
    case DOSSIER_FAILED:
        return "could not be read";
    case DOSSIER_GONE:
        return "the process has exited";
    }
    return "";
}

unsigned dossier_read(const struct dossier *dossier, unsigned parts)
{
    unsigned read = 0;
    for (unsigned part = 0; dossier != NULL && part < INSPECT_PART_COUNT; part++) {
        read |= dossier->parts[part].has ? 1u << part : 0;
    }
    return read & parts;
}

/* Which says most about why something is missing. */
static int badness(enum dossier_state state)
{
    switch (state) {
    case DOSSIER_KNOWN:
        return 0;
    case DOSSIER_NOT_READ:
        return 1;
    case DOSSIER_UNSUPPORTED:
        return 2;
    case DOSSIER_TOO_LARGE:
    case DOSSIER_FAILED:
        return 3;
    case DOSSIER_DENIED:
        return 4;
    case DOSSIER_BLOCKED:
        return 5;
    case DOSSIER_GONE:
        return 6;
    }
    return 0;
}

enum dossier_state dossier_worst(const struct dossier *dossier, unsigned parts)
{
    enum dossier_state worst = dossier == NULL ? DOSSIER_NOT_READ : DOSSIER_KNOWN;
    for (unsigned part = 0; dossier != NULL && part < INSPECT_PART_COUNT; part++) {
        const bool counts = (parts & (1u << part)) != 0;
        if (counts && badness(dossier->parts[part].state) > badness(worst)) {
            worst = dossier->parts[part].state;
        }
    }
    return worst;
}
