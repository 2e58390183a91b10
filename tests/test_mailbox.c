#include "check.h"
#include "model/snapshot.h"
#include "sampler/mailbox.h"

#include <pthread.h>
#include <stdlib.h>

enum { EXCHANGES = 1000000 };

/* The owner's mark: whoever holds a snapshot sets it and takes it off again, without atomics, so
 * that two owners at a time are a data race and a wrong mark. */
struct exchange {
    struct mailbox box;
    size_t made; // by the producer
};

static struct snapshot *make(struct exchange *exchange)
{
    exchange->made++;
    struct snapshot *snap = calloc(1, sizeof(*snap));
    assert_non_null(snap);
    return snap;
}

static void *produce(void *context)
{
    struct exchange *exchange = context;
    struct snapshot *mine = NULL;
    for (uint64_t seq = 1; seq <= EXCHANGES; seq++) {
        struct snapshot *snap = mailbox_reuse(&exchange->box);
        if (snap == NULL) {
            snap = mine != NULL ? mine : make(exchange);
            mine = snap == mine ? NULL : mine;
        }
        if (snap->sample != 0) {
            abort(); // somebody else still owns it
        }
        snap->sample = 1;
        snap->seq = seq;
        snap->sample = 0;
        struct snapshot *missed = mailbox_post(&exchange->box, snap);
        if (missed != NULL) {
            free(mine);
            mine = missed;
        }
    }
    free(mine);
    return NULL;
}

static void a_million_exchanges_have_one_owner_each_and_never_go_back(void **state)
{
    (void)state;
    struct exchange exchange = {.made = 0};
    mailbox_init(&exchange.box);
    pthread_t producer;
    assert_int_equal(pthread_create(&producer, NULL, produce, &exchange), 0);
    uint64_t last = 0;
    while (last < EXCHANGES) {
        struct snapshot *snap = mailbox_take(&exchange.box);
        if (snap == NULL) {
            continue;
        }
        assert_int_equal(snap->sample, 0);
        snap->sample = 2;
        assert_true(snap->seq > last);
        last = snap->seq;
        snap->sample = 0;
        free(mailbox_return(&exchange.box, snap));
    }
    assert_int_equal(pthread_join(producer, NULL), 0);
    assert_null(mailbox_take(&exchange.box));
    free(mailbox_reuse(&exchange.box));
}

static void the_newest_replaces_what_nobody_took(void **state)
{
    (void)state;
    struct snapshot a = {.seq = 1};
    struct snapshot b = {.seq = 2};
    struct mailbox box;
    mailbox_init(&box);
    assert_null(mailbox_take(&box));
    assert_null(mailbox_post(&box, &a));
    assert_ptr_equal(mailbox_post(&box, &b), &a);
    assert_ptr_equal(mailbox_take(&box), &b);
    assert_null(mailbox_take(&box));
    assert_null(mailbox_return(&box, &b));
    assert_ptr_equal(mailbox_return(&box, &a), &b);
    assert_ptr_equal(mailbox_reuse(&box), &a);
    assert_null(mailbox_reuse(&box));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_replaces_what_nobody_took),
        cmocka_unit_test(a_million_exchanges_have_one_owner_each_and_never_go_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
