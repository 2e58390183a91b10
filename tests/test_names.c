#include "base/arena.h"
#include "check.h"
#include "fake_platform.h"
#include "model/network.h"
#include "model/table.h"
#include "sampler/cache.h"
#include "sampler/diff.h"
#include "sampler/names.h"
#include "sampler/prober.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Names of hosts and services over a prober of the real kind and a made-up resolver. */

static const uint64_t second_ns = 1000000000u;

enum { SOCKETS_MAX = 12000 };

struct bench {
    struct platform *platform;
    struct prober *prober;
    struct cache *cache;
    struct names *names; // of the cache
    struct raw_socket sockets[SOCKETS_MAX];
    struct raw_sample sample;
    uint64_t ahead_ns; // the clock is put forward
    size_t services;   // that were answered
    size_t overdue;    // answers that said so
};

static void woken(void *context)
{
    (void)context;
}

static struct bench *bench_start(void)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    assert_non_null(bench);
    bench->platform = fake_create(1);
    assert_int_equal(prober_start(bench->platform, woken, NULL, &bench->prober), 0);
    bench->cache = cache_create(100);
    assert_non_null(bench->cache);
    bench->names = cache_names(bench->cache);
    bench->sample = (struct raw_sample){.sockets = bench->sockets, .parts = PART_SOCKETS};
    assert_true(names_show(bench->names, true));
    return bench;
}

static void bench_end(struct bench *bench)
{
    fake_release(bench->platform);
    assert_true(prober_stop(bench->prober, platform_now_ns() + 5 * second_ns));
    cache_destroy(bench->cache);
    fake_destroy(bench->platform);
    free(bench);
}

static struct net_address host(uint32_t number, uint16_t port)
{
    return (struct net_address){.family = 4,
                                .bytes = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                                          (uint8_t)number},
                                .port = port};
}

/* Add a connection to that host and port. */
static void add(struct bench *bench, struct net_address remote)
{
    struct raw_socket *socket = &bench->sockets[bench->sample.socket_count++];
    *socket = (struct raw_socket){.protocol = SOCKET_TCP,
                                  .state = SOCKET_ESTABLISHED,
                                  .remote = remote,
                                  .cookie = bench->sample.socket_count};
}

/* Ask for what is wanted and take what is answered; true when there was any. */
static bool step(struct bench *bench)
{
    struct probe_answer answer;
    const uint64_t now_ns = platform_now_ns() + bench->ahead_ns;
    if (names_ask(bench->names, bench->prober, &bench->sample, 0, now_ns)) {
        prober_go(bench->prober);
    }
    bool any = false;
    while (prober_collect(bench->prober, now_ns, &answer)) {
        bench->services += answer.kind == PROBE_SERVICE;
        bench->overdue += answer.error == -ETIMEDOUT;
        (void)names_take(bench->names, &answer, now_ns);
        any = true;
    }
    nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    return any;
}

/* Step until nothing moves any more. */
static void settle(struct bench *bench)
{
    for (int quiet = 0; quiet < 20;) {
        const bool any = step(bench);
        quiet = any || (!prober_idle(bench->prober) && bench->ahead_ns == 0) ? 0 : quiet + 1;
    }
}

static void expect_host(const struct bench *bench, uint32_t number, const char *name)
{
    const struct net_address address = host(number, 0);
    assert_string_equal(names_host(bench->names, &address).ptr, name);
}

static void hosts_and_services_get_their_names_once(void **state)
{
    (void)state;
    struct bench *bench = bench_start();
    add(bench, host(7, 443));
    add(bench, host(7, 5000));
    add(bench, host(FAKE_HOST_UNKNOWN, 443));
    settle(bench);
    expect_host(bench, 7, "host-7");
    expect_host(bench, FAKE_HOST_UNKNOWN, "");
    assert_string_equal(names_service(bench->names, SOCKET_TCP, 443).ptr, "https");
    assert_string_equal(names_service(bench->names, SOCKET_UDP, 443).ptr, "");
    assert_string_equal(names_service(bench->names, SOCKET_TCP, 5000).ptr, "");
    for (int i = 0; i < 3; i++) {
        names_begin(bench->names);
        settle(bench);
    }
    assert_int_equal(fake_counts(bench->platform).probes[PROBE_HOST], 2);
    assert_int_equal(fake_counts(bench->platform).probes[PROBE_SERVICE], 2);
    bench_end(bench);
}

static void what_had_no_name_is_asked_for_again_after_a_while(void **state)
{
    (void)state;
    struct bench *bench = bench_start();
    add(bench, host(FAKE_HOST_UNKNOWN, 0));
    add(bench, host(7, 0));
    settle(bench);
    bench->ahead_ns = 61 * second_ns; // a name is kept for longer
    names_begin(bench->names);
    settle(bench);
    assert_int_equal(fake_counts(bench->platform).probes[PROBE_HOST], 3);
    bench->ahead_ns = 700 * second_ns;
    names_begin(bench->names);
    settle(bench);
    assert_int_equal(fake_counts(bench->platform).probes[PROBE_HOST], 5);
    expect_host(bench, 7, "host-7");
    bench_end(bench);
}

static void nothing_is_asked_while_names_are_not_wanted(void **state)
{
    (void)state;
    struct bench *bench = bench_start();
    assert_true(names_show(bench->names, false));
    assert_false(names_show(bench->names, false));
    add(bench, host(7, 443));
    settle(bench);
    assert_int_equal(fake_counts(bench->platform).probes[PROBE_HOST], 0);
    assert_int_equal(fake_counts(bench->platform).probes[PROBE_SERVICE], 0);
    bench_end(bench);
}

static void a_resolver_that_hangs_keeps_one_thread_and_no_more(void **state)
{
    (void)state;
    struct bench *bench = bench_start();
    fake_block_probe(bench->platform, PROBE_HOST, 0);
    for (uint32_t i = 1; i <= 9; i++) {
        add(bench, host(i, (uint16_t)(440 + i)));
    }
    assert_true(names_ask(bench->names, bench->prober, &bench->sample, 0, platform_now_ns()));
    prober_go(bench->prober);
    assert_true(fake_wait_blocked(bench->platform, 1));
    for (int i = 0; i < 20000 && bench->services < 9; i++) {
        (void)step(bench); // what is still asked for when the clock is put on is late, too
    }
    assert_int_equal(bench->services, 9);
    bench->ahead_ns = 3 * second_ns;
    settle(bench);
    assert_int_equal(bench->overdue, 1);
    bench->ahead_ns = 500 * second_ns; // and it stays so
    names_begin(bench->names);
    settle(bench);
    assert_int_equal(fake_counts(bench->platform).probes[PROBE_HOST], 1);
    assert_true(names_hold_thread(bench->names, bench->prober));
    assert_string_equal(names_service(bench->names, SOCKET_TCP, 443).ptr, "https");
    bench->ahead_ns = 0;
    fake_release(bench->platform);
    for (int i = 0; i < 2000 && names_hold_thread(bench->names, bench->prober); i++) {
        settle(bench);
    }
    names_begin(bench->names);
    settle(bench);
    for (uint32_t i = 2; i <= 9; i++) {
        char name[] = {'h', 'o', 's', 't', '-', (char)('0' + i), '\0'};
        expect_host(bench, i, name);
    }
    bench_end(bench);
}

static void hosts_wait_while_file_systems_hold_the_other_threads(void **state)
{
    (void)state;
    struct bench *bench = bench_start();
    add(bench, host(7, 0));
    assert_false(names_ask(bench->names, bench->prober, &bench->sample, PROBER_THREADS - 2,
                           platform_now_ns()));
    assert_true(names_ask(bench->names, bench->prober, &bench->sample, PROBER_THREADS - 3,
                          platform_now_ns()));
    prober_go(bench->prober); // else a thread that sleeps already never hears of it
    settle(bench);
    bench_end(bench);
}

static void names_have_a_ceiling(void **state)
{
    (void)state;
    struct bench *bench = bench_start();
    for (uint32_t i = 0; i < SOCKETS_MAX; i++) {
        add(bench, host(256 * i + 7, 0));
    }
    settle(bench);
    size_t known = 0;
    for (uint32_t i = 0; i < SOCKETS_MAX; i++) {
        known += names_host(bench->names, &bench->sockets[i].remote).bytes > 0;
    }
    assert_in_range(known, NAMES_MAX / 2, NAMES_MAX);
    bench->sample.socket_count = 0; // what is needed now takes the place of what was
    for (uint32_t i = 0; i < 100; i++) {
        add(bench, host(256 * i + 8, 0));
    }
    names_begin(bench->names);
    settle(bench);
    for (uint32_t i = 0; i < 100; i++) {
        assert_string_equal(names_host(bench->names, &bench->sockets[i].remote).ptr, "host-8");
    }
    bench_end(bench);
}

/* What the remote end of the n'th connection is shown as. */
static void expect_shown(const struct snapshot *snap, size_t n, const char *shown)
{
    const struct table *table = table_info(TABLE_CONNECTIONS);
    const struct connection *c = &snap->network->connections[n];
    const struct value value = table_value(table, table_column_by_name(table, "remote"), snap, c);
    assert_string_equal(value.as.text.ptr, shown);
}

static void connections_are_shown_by_name_and_keep_their_numbers(void **state)
{
    (void)state;
    struct bench *bench = bench_start();
    add(bench, host(7, 443));
    add(bench, host(7, 5000));
    add(bench, host(FAKE_HOST_UNKNOWN, 443));
    add(bench, host(FAKE_HOST_UNKNOWN, 5000));
    add(bench, host(FAKE_HOST_EVIL, 443));
    settle(bench);
    struct arena *arena = arena_create(1 << 20);
    struct snapshot *snap = NULL;
    assert_int_equal(diff_samples(NULL, &bench->sample, bench->cache, 0, arena, &snap), 0);
    expect_shown(snap, 0, "host-7:https");
    expect_shown(snap, 1, "host-7:5000");
    expect_shown(snap, 2, "10.0.0.13:https");
    expect_shown(snap, 3, "10.0.0.13:5000");
    assert_string_equal(snap->network->connections[0].remote_text.ptr, "10.0.0.7:443");
    const char *evil = snap->network->connections[4].remote_name.ptr;
    assert_null(strchr(evil, '\033'));
    assert_null(strchr(evil, '\n'));
    assert_non_null(strstr(evil, "host:https"));
    assert_true(names_show(bench->names, false));
    arena_reset(arena);
    assert_int_equal(diff_samples(NULL, &bench->sample, bench->cache, 0, arena, &snap), 0);
    expect_shown(snap, 0, "10.0.0.7:443");
    arena_destroy(arena);
    bench_end(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_and_services_get_their_names_once),
        cmocka_unit_test(what_had_no_name_is_asked_for_again_after_a_while),
        cmocka_unit_test(nothing_is_asked_while_names_are_not_wanted),
        cmocka_unit_test(a_resolver_that_hangs_keeps_one_thread_and_no_more),
        cmocka_unit_test(hosts_wait_while_file_systems_hold_the_other_threads),
        cmocka_unit_test(names_have_a_ceiling),
        cmocka_unit_test(connections_are_shown_by_name_and_keep_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
