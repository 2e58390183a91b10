#include "sampler/inspect_facts.h"

#include "base/arena.h"
#include "model/snapshot.h"
#include "model/value.h"
#include "sampler/text.h"

#include <string.h>

enum {
    FACTS_START = 64,
    NUMBER_CELLS = 9,
};

void facts_init(struct facts *facts, const struct inspect_set *set, const struct snapshot *snap)
{
    const struct proc *proc = snapshot_find(snap, set->id);
    *facts = (struct facts){
        .set = set,
        .snap = snap,
        .proc = proc != NULL && (proc->flags & PROC_EXITED) == 0 ? proc : NULL,
        .arena = snap->arena,
        .group = text_literal(""),
    };
}

void facts_group(struct facts *facts, struct raw_bytes group)
{
    facts->group = text_from_bytes(facts->arena, group.ptr, group.len);
}

void facts_group_literal(struct facts *facts, const char *group)
{
    facts->group = text_literal(group);
}

struct strbuf *facts_begin(struct facts *facts)
{
    str_init(&facts->value, facts->bytes, sizeof(facts->bytes));
    return &facts->value;
}

/* Room for one more; what was there is copied, the old memory is lost until the snapshot goes. */
static bool reserve(struct facts *facts)
{
    if (facts->count < facts->capacity) {
        return true;
    }
    const size_t capacity = facts->capacity == 0 ? FACTS_START : 2 * facts->capacity;
    struct dossier_fact *items =
        facts->count >= FACTS_MAX ? NULL : arena_alloc(facts->arena, capacity, sizeof(*items));
    if (items == NULL) {
        facts->full |= facts->count < FACTS_MAX;
        return false;
    }
    if (facts->count > 0) {
        memcpy(items, facts->items, facts->count * sizeof(*items));
    }
    facts->items = items;
    facts->capacity = capacity;
    return true;
}

struct dossier_fact *facts_end(struct facts *facts, const char *what)
{
    if (!reserve(facts)) {
        return NULL;
    }
    struct dossier_fact *fact = &facts->items[facts->count];
    *fact = (struct dossier_fact){
        .order = (uint32_t)facts->count,
        .group = facts->group,
        .what = text_literal(what),
        .value = text_from_bytes(facts->arena, facts->value.ptr, facts->value.len),
    };
    facts->full |= fact->value.bytes == 0 && facts->value.len > 0;
    facts->count++;
    return fact;
}

struct dossier_fact *facts_add(struct facts *facts, const char *what, const char *value)
{
    str_add(facts_begin(facts), value);
    return facts_end(facts, what);
}

void facts_put(struct strbuf *buf, struct raw_bytes bytes)
{
    str_add_bytes(buf, bytes.ptr, bytes.len);
}

void facts_add_bytes(struct facts *facts, const char *what, struct raw_bytes bytes)
{
    if (bytes.len > 0) {
        facts_put(facts_begin(facts), bytes);
        (void)facts_end(facts, what);
    }
}

void facts_add_trouble(struct facts *facts, enum inspect_part part)
{
    const struct inspect_pair *pair = &facts->set->parts[part];
    const char *trouble = dossier_trouble(pair->state, facts->snap->looker);
    if (trouble[0] == '\0' || (facts->set->wanted & (1u << part)) == 0) {
        return;
    }
    struct strbuf *buf = facts_begin(facts);
    str_add(buf, trouble);
    str_add(buf, pair->now != NULL ? "; what is shown is from before" : "");
    struct dossier_fact *fact = facts_end(facts, dossier_part_title(part));
    if (fact != NULL) {
        fact->alarming = pair->state == DOSSIER_BLOCKED;
    }
}

static void put_value(struct strbuf *buf, struct value value)
{
    const struct value_style style = {.cells = NUMBER_CELLS};
    value_format(&value, &style, buf);
}

void facts_put_bytes(struct strbuf *buf, uint64_t bytes)
{
    put_value(buf, (struct value){.kind = VALUE_BYTES, .as.bytes = bytes});
}

void facts_put_share(struct strbuf *buf, double share)
{
    str_add_fixed(buf, share * 100, share < 0.0995 ? 1 : 0);
    str_add(buf, " %");
}

void facts_put_duration(struct strbuf *buf, uint64_t ns)
{
    str_add_fixed(buf, (double)ns / 1e9, ns < 100000000000u ? 2 : 0);
    str_add(buf, " s");
}

void facts_put_pid(struct facts *facts, struct strbuf *buf, int32_t pid)
{
    const struct proc *proc = snapshot_find_pid(facts->snap, pid);
    str_addf(buf, "%d", (int)pid);
    if (proc == NULL) {
        return;
    }
    str_add(buf, " ");
    str_add_bytes(buf, proc->name.ptr, proc->name.bytes);
    if ((proc->have & FACT_USER) != 0) {
        str_add(buf, " (");
        str_add_bytes(buf, proc->user.ptr, proc->user.bytes);
        str_add(buf, ")");
    }
}

void facts_lead_to(struct facts *facts, struct dossier_fact *fact, int32_t pid)
{
    const struct proc *proc = snapshot_find_pid(facts->snap, pid);
    if (fact != NULL && proc != NULL) {
        fact->process = proc->id;
    }
}

double facts_share(const struct inspect_pair *pair, uint64_t before, uint64_t now)
{
    if (pair->before == NULL || pair->now == NULL || pair->now->mono_ns <= pair->before->mono_ns ||
        before == FIGURE_ABSENT || now == FIGURE_ABSENT || now < before) {
        return -1;
    }
    return (double)(now - before) / (double)(pair->now->mono_ns - pair->before->mono_ns);
}
