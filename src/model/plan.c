#include "model/plan.h"

unsigned plan_parts(const struct plan *plan)
{
    const bool sockets = ((plan->want | plan->want_visible) & FACT_SOCKETS) != 0;
    return plan->parts | (sockets ? PART_SOCKETS : 0u);
}

bool plan_equal(const struct plan *a, const struct plan *b)
{
    if (a->interval_ns != b->interval_ns || a->want != b->want ||
        a->want_visible != b->want_visible || a->visible_count != b->visible_count ||
        a->threads != b->threads || a->parts != b->parts || a->frequencies != b->frequencies ||
        a->inspect != b->inspect || !proc_id_equal(a->inspected, b->inspected) ||
        !proc_id_equal(a->inspected_thread, b->inspected_thread) || a->names != b->names ||
        a->baseline != b->baseline || a->resting != b->resting || a->paused != b->paused ||
        a->settle != b->settle) {
        return false;
    }
    for (size_t i = 0; i < a->visible_count && i < PLAN_VISIBLE_MAX; i++) {
        if (!proc_id_equal(a->visible[i], b->visible[i])) {
            return false;
        }
    }
    return true;
}
