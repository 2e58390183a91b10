#include "sampler/act_holds.h"

#include "base/map.h"
#include "base/str.h"
#include "platform/platform.h"
#include "sampler/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HOLDS_MAX = 65536 };

int holds_init(struct holds *holds, struct platform *platform)
{
    *holds = (struct holds){.platform = platform, .by_id = map_create(HOLDS_MAX)};
    return holds->by_id == NULL ? -ENOMEM : 0;
}

static void drop(struct holds *holds, struct hold *hold)
{
    if (hold->newer != NULL) {
        hold->newer->older = hold->older;
    } else {
        holds->newest = hold->older;
    }
    if (hold->older != NULL) {
        hold->older->newer = hold->newer;
    }
    (void)map_remove(holds->by_id, hold->id); // it is this one
    platform_unpin(hold->pin);
    free(hold->cgroup);
    free(hold);
}

static void drop_if_unneeded(struct holds *holds, struct hold *hold)
{
    if (hold->users == 0 && !hold->chosen && !hold->surveyed) {
        drop(holds, hold);
    }
}

void holds_finish(struct holds *holds)
{
    while (holds->newest != NULL) {
        drop(holds, holds->newest);
    }
    map_destroy(holds->by_id);
    holds->by_id = NULL;
}

static int make(struct holds *holds, struct proc_id id, struct hold **ret)
{
    struct hold *hold = calloc(1, sizeof(*hold));
    if (hold == NULL) {
        return -ENOMEM;
    }
    const int error = platform_pin(holds->platform, id, &hold->pin);
    void **place = error < 0 ? NULL : map_put(holds->by_id, id);
    if (place == NULL) {
        platform_unpin(hold->pin);
        free(hold);
        return error < 0 ? error : -ENOMEM;
    }
    *place = hold;
    hold->id = id;
    hold->older = holds->newest;
    if (hold->older != NULL) {
        hold->older->newer = hold;
    }
    holds->newest = hold;
    *ret = hold;
    return 0;
}

int holds_take(struct holds *holds, struct proc_id id, struct hold **ret)
{
    struct hold *hold = map_get(holds->by_id, id);
    const int error = hold == NULL ? make(holds, id, &hold) : 0;
    if (error < 0) {
        return error;
    }
    hold->users++;
    *ret = hold;
    return 0;
}

void holds_give_back(struct holds *holds, struct hold *hold)
{
    if (hold != NULL) {
        hold->users--;
        drop_if_unneeded(holds, hold);
    }
}

void holds_unchoose(struct holds *holds, const struct target *except, size_t count)
{
    for (struct hold *hold = holds->newest; hold != NULL; hold = hold->older) {
        hold->chosen = false;
    }
    for (size_t i = 0; i < count; i++) {
        struct hold *hold = map_get(holds->by_id, except[i].id);
        if (hold != NULL) {
            hold->chosen = true;
        }
    }
    for (struct hold *hold = holds->newest; hold != NULL;) {
        struct hold *older = hold->older;
        drop_if_unneeded(holds, hold);
        hold = older;
    }
}

void holds_end_survey(struct holds *holds)
{
    for (struct hold *hold = holds->newest; hold != NULL;) {
        struct hold *older = hold->older;
        hold->surveyed = false;
        drop_if_unneeded(holds, hold);
        hold = older;
    }
}

bool holds_drop_one(struct holds *holds)
{
    struct hold *hold = holds->newest;
    while (hold != NULL && hold->users > 0) {
        hold = hold->older;
    }
    if (hold == NULL) {
        return false;
    }
    drop(holds, hold);
    return true;
}

/* The kernel's path may hold any byte. */
static void make_path_safe(char path[CGROUP_PATH_BYTES])
{
    char safe[TEXT_SAFE_SIZE];
    const struct text text = text_write(safe, path, strnlen(path, CGROUP_PATH_BYTES));
    struct strbuf buf;
    str_init(&buf, path, CGROUP_PATH_BYTES);
    str_add_bytes(&buf, text.ptr, text.bytes);
}

const struct cgroup_facts *hold_cgroup(struct hold *hold)
{
    static const struct cgroup_facts no_memory = {.error = -ENOMEM};
    if (hold->cgroup == NULL) {
        hold->cgroup = calloc(1, sizeof(*hold->cgroup));
        if (hold->cgroup == NULL) {
            return &no_memory;
        }
        platform_pin_cgroup(hold->pin, hold->cgroup);
        make_path_safe(hold->cgroup->path);
    }
    return hold->cgroup;
}

void hold_forget_cgroup(struct hold *hold)
{
    free(hold->cgroup);
    hold->cgroup = NULL;
}
