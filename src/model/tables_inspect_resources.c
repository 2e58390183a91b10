#include "model/dossier.h"
#include "model/tables.h"
#include "model/value.h"

/* What an inspected process has and may have: one accessor for each column. */

static const double nearly_all = 0.9; // of a limit

/* --- maps ------------------------------------------------------------------------------------- */

static const void *map_rows(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->dossier == NULL ? 0 : snap->dossier->map_count;
    return snap->dossier == NULL ? NULL : snap->dossier->maps;
}

static struct row_key map_key(const void *row)
{
    return (struct row_key){.a = ((const struct dossier_map *)row)->order};
}

static struct value get_path(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_map *)row)->path, ABSENT_NOT_APPLICABLE);
}

static struct value get_access(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_map *)row)->access, ABSENT_NOT_APPLICABLE);
}

static bool is_writable_code(const void *row)
{
    return ((const struct dossier_map *)row)->writable_code;
}

static struct value get_map_count(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_count(((const struct dossier_map *)row)->count);
}

static struct value get_pss(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_bytes(((const struct dossier_map *)row)->pss_bytes);
}

static struct value get_uss(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_bytes(((const struct dossier_map *)row)->uss_bytes);
}

static struct value get_resident(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_bytes(((const struct dossier_map *)row)->resident_bytes);
}

static struct value get_swap(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_bytes(((const struct dossier_map *)row)->swap_bytes);
}

static struct value get_swap_pss(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_bytes(((const struct dossier_map *)row)->swap_pss_bytes);
}

static struct value get_virtual(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_bytes(((const struct dossier_map *)row)->virtual_bytes);
}

static struct value get_anonymous(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_bytes(((const struct dossier_map *)row)->anonymous_bytes);
}

static struct value get_dirty(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_bytes(((const struct dossier_map *)row)->dirty_bytes);
}

static struct value get_shared(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_bytes(((const struct dossier_map *)row)->shared_bytes);
}

static struct value get_mlocked(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_bytes(((const struct dossier_map *)row)->locked_bytes);
}

/* clang-format off */
static const struct table_column map_columns[] = {
    {"pss", "PSS", "Resident memory, what is shared divided by how many share it",
        "/proc/PID/smaps", VALUE_BYTES, 6, false, true, false, get_pss},
    {"uss", "USS", "Resident memory nobody else has: what ending it would free",
        "/proc/PID/smaps", VALUE_BYTES, 6, false, true, false, get_uss},
    {"resident", "RES", "Resident memory", "/proc/PID/smaps",
        VALUE_BYTES, 6, false, true, false, get_resident},
    {"swap", "SWAP", "Swapped out", "/proc/PID/smaps",
        VALUE_BYTES, 6, false, true, false, get_swap},
    {"access", "RIGHTS", "Each set of rights that a map of it has: r read, w write, x execute, s shared "
        "with others", "/proc/PID/smaps", VALUE_TEXT, 11, false, false, false, get_access},
    {"path", "FILE", "The file, or what kind of memory it is", "/proc/PID/smaps",
        VALUE_TEXT, 40, GROWS_KEEP_END, false, false, get_path},
    {"virtual", "VIRT", "Address space", "/proc/PID/smaps",
        VALUE_BYTES, 6, false, true, false, get_virtual},
    {"anonymous", "ANON", "Resident memory that is no (longer a) file's", "/proc/PID/smaps",
        VALUE_BYTES, 6, false, true, false, get_anonymous},
    {"dirty", "DIRTY", "Resident memory that was written to", "/proc/PID/smaps",
        VALUE_BYTES, 6, false, true, false, get_dirty},
    {"shared", "SHARED", "Resident memory others have as well", "/proc/PID/smaps",
        VALUE_BYTES, 6, false, true, false, get_shared},
    {"locked", "LOCKED", "Memory that may not be swapped out", "/proc/PID/smaps",
        VALUE_BYTES, 6, false, true, false, get_mlocked},
    {"swap_pss", "SWPSS", "Swapped out, what is shared divided by how many share it",
        "/proc/PID/smaps", VALUE_BYTES, 6, false, true, false, get_swap_pss},
    {"maps", "MAPS", "How many maps", "/proc/PID/smaps",
        VALUE_COUNT, 5, false, true, false, get_map_count},
};
/* clang-format on */

const struct table table_maps = {
    .name = "maps",
    .title = "Maps",
    .short_title = "Maps",
    .help = "The memory of a process by the file it is mapped from",
    .inspect = 1u << INSPECT_MAPS,
    .columns = map_columns,
    .column_count = sizeof(map_columns) / sizeof(map_columns[0]),
    .core = 6, // up to the file
    .sort = 0, // pss
    .row_bytes = sizeof(struct dossier_map),
    .rows = map_rows,
    .key = map_key,
    .alarming = is_writable_code,
};

/* --- limits ----------------------------------------------------------------------------------- */

static const void *limit_rows(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->dossier == NULL ? 0 : snap->dossier->limit_count;
    return snap->dossier == NULL ? NULL : snap->dossier->limits;
}

static struct row_key limit_key(const void *row)
{
    return (struct row_key){.a = ((const struct dossier_limit *)row)->order};
}

static bool limit_is_near(const void *row)
{
    const struct dossier_limit *l = row;
    return l->used != FIGURE_ABSENT && l->soft != UINT64_MAX && l->soft > 0 &&
           (double)l->used >= nearly_all * (double)l->soft;
}

static struct value get_limit_name(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_limit *)row)->name, ABSENT_NOT_APPLICABLE);
}

static struct value get_unit(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_limit *)row)->unit, ABSENT_NOT_APPLICABLE);
}

/* Exact, as they were set. No limit has no number. */
static struct value limit_of(uint64_t number)
{
    return number == UINT64_MAX ? value_absent(ABSENT_NOT_APPLICABLE) : table_number(number);
}

static struct value get_soft(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return limit_of(((const struct dossier_limit *)row)->soft);
}

static struct value get_hard(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return limit_of(((const struct dossier_limit *)row)->hard);
}

static struct value no_use(const struct dossier_limit *l)
{
    return value_absent(l->used_denied ? ABSENT_DENIED : ABSENT_UNSUPPORTED);
}

static struct value get_used(const struct snapshot *snap, const void *row)
{
    const struct dossier_limit *l = row;
    (void)snap;
    return l->used == FIGURE_ABSENT ? no_use(l) : table_number(l->used);
}

static struct value get_used_share(const struct snapshot *snap, const void *row)
{
    const struct dossier_limit *l = row;
    (void)snap;
    if (l->used == FIGURE_ABSENT) {
        return no_use(l);
    }
    if (l->soft == UINT64_MAX || l->soft == 0) {
        return value_absent(ABSENT_NOT_APPLICABLE);
    }
    return (struct value){.kind = VALUE_FRACTION, .as.number = (double)l->used / (double)l->soft};
}

/* clang-format off */
static const struct table_column limit_columns[] = {
    {"limit", "LIMIT", "Of what", "/proc/PID/limits",
        VALUE_TEXT, 25, false, false, false, get_limit_name},
    {"used_share", "USED%", "Share of the soft limit that is used", "/proc/PID",
        VALUE_FRACTION, 5, false, true, false, get_used_share},
    {"used", "USED", "How much is used", "/proc/PID",
        VALUE_ID, 12, false, true, false, get_used},
    {"soft", "SOFT", "The limit that counts; - for none", "/proc/PID/limits",
        VALUE_ID, 12, false, true, false, get_soft},
    {"hard", "HARD", "How far the process may raise it itself; - for as far as it likes",
        "/proc/PID/limits", VALUE_ID, 12, false, true, false, get_hard},
    {"unit", "UNIT", "In what it is counted", "/proc/PID/limits",
        VALUE_TEXT, 9, false, false, false, get_unit},
};
/* clang-format on */

const struct table table_limits = {
    .name = "limits",
    .title = "Limits",
    .short_title = "Limits",
    .help = "The resource limits of a process, and how much of them it uses",
    .inspect = 1u << INSPECT_LIMITS,
    .columns = limit_columns,
    .column_count = sizeof(limit_columns) / sizeof(limit_columns[0]),
    .sort = 1, // used_share
    .row_bytes = sizeof(struct dossier_limit),
    .rows = limit_rows,
    .key = limit_key,
    .alarming = limit_is_near,
};

/* --- environment ------------------------------------------------------------------------------ */

static const void *variable_rows(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->dossier == NULL ? 0 : snap->dossier->variable_count;
    return snap->dossier == NULL ? NULL : snap->dossier->variables;
}

static struct row_key variable_key(const void *row)
{
    return (struct row_key){.a = ((const struct dossier_variable *)row)->order};
}

static struct value get_variable(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_variable *)row)->name, ABSENT_NOT_APPLICABLE);
}

static struct value get_variable_value(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_text(((const struct dossier_variable *)row)->value, ABSENT_NOT_APPLICABLE);
}

/* clang-format off */
static const struct table_column variable_columns[] = {
    {"variable", "VARIABLE", "Name of the variable", "/proc/PID/environ",
        VALUE_TEXT, 24, false, false, false, get_variable},
    {"value", "VALUE", "What it was set to when the program started; may be a secret",
        "/proc/PID/environ", VALUE_TEXT, 40, true, false, false, get_variable_value},
};
/* clang-format on */

const struct table table_environment = {
    .name = "environment",
    .title = "Environment",
    .short_title = "Env",
    .help = "The environment a process was started with; read only while it is shown",
    .inspect = 1u << INSPECT_ENVIRON,
    .explains = true,
    .columns = variable_columns,
    .column_count = sizeof(variable_columns) / sizeof(variable_columns[0]),
    .sort = 0, // variable
    .row_bytes = sizeof(struct dossier_variable),
    .rows = variable_rows,
    .key = variable_key,
};
