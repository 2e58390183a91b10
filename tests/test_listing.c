#include "base/str.h"
#include "check.h"
#include "model/listing.h"
#include "model/network.h"
#include "model/storage.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 6 };

/* Connections that differ in what is sorted and searched by. */
struct fixture {
    struct connection connections[ROWS];
    struct socket_owner owners[3];
    struct network_load network;
    struct snapshot snap;
    struct listing *listing;
};

static int set_up(void **state)
{
    static struct fixture f;
    memset(&f, 0, sizeof(f));
    static const char *const locals[ROWS] = {"10.0.0.1:443", "10.0.0.2:22", "[::1]:22",
                                             "/run/b",       "/run/A",      "10.0.0.3:443"};
    for (size_t i = 0; i < ROWS; i++) {
        f.connections[i] = (struct connection){
            .protocol = i == 3 || i == 4 ? SOCKET_UNIX : SOCKET_TCP,
            .state = SOCKET_ESTABLISHED,
            .local_text = text_literal(locals[i]),
            .remote_text = text_literal(""),
            .user = text_literal("alice"),
            .interface = text_literal(""),
            .name = text_literal(""),
            .inode = 100 + i,
            .cookie = ROWS - i,
            .has_tcp = i != 3 && i != 4,
            .has_rate = true,
            .rx_bytes_per_s = i == 1 ? 7 : 5,
        };
    }
    f.owners[0] =
        (struct socket_owner){.id = {.pid = 41, .start_ns = 1}, .name = text_literal("a")};
    f.owners[1] =
        (struct socket_owner){.id = {.pid = 977, .start_ns = 2}, .name = text_literal("worker")};
    f.owners[2] =
        (struct socket_owner){.id = {.pid = 43, .start_ns = 3}, .name = text_literal("c")};
    f.connections[0].owners = &f.owners[0];
    f.connections[0].owner_count = 2;
    f.connections[0].name = text_literal("a +1");
    f.connections[2].owners = &f.owners[2];
    f.connections[2].owner_count = 1;
    f.connections[2].name = text_literal("c");
    f.network = (struct network_load){.parts = PART_SOCKETS,
                                      .connections = f.connections,
                                      .connection_count = ROWS};
    f.snap = (struct snapshot){.network = &f.network};
    f.listing = listing_create();
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    listing_destroy(f->listing);
    return 0;
}

/* The numbers of the rows, in order. */
static void expect(struct fixture *f, const char *column, bool descending, const char *filter,
                   const char *expected)
{
    const struct table *table = table_info(TABLE_CONNECTIONS);
    const struct listing_options options = {.sort = table_column_by_name(table, column),
                                            .descending = descending,
                                            .filter = filter};
    assert_int_equal(listing_run(f->listing, table, &f->snap, &options), 0);
    char bytes[64];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    for (size_t i = 0; i < listing_count(f->listing); i++) {
        const struct connection *row = listing_rows(f->listing)[i];
        str_addf(&buf, "%d", (int)(row - f->connections));
        assert_int_equal(listing_find(f->listing, table, table->key(row)), (ptrdiff_t)i);
    }
    assert_string_equal(bytes, expected);
}

static void absent_values_are_last_both_ways_and_ties_are_by_key(void **state)
{
    struct fixture *f = *state;
    expect(f, "rx_rate", true, "", "152043");
    expect(f, "rx_rate", false, "", "520143");
}

static void without_rates_the_network_comes_before_unix_sockets_in_any_namespace(void **state)
{
    struct fixture *f = *state;
    f->connections[0].protocol = SOCKET_UDP;
    f->connections[0].has_tcp = false;
    f->connections[0].netns = UINT32_MAX;
    expect(f, "rx_rate", true, "", "152043"); // 3 and 4 are unix sockets
}

static void text_is_ordered_without_case_beyond_its_first_bytes(void **state)
{
    struct fixture *f = *state;
    expect(f, "local", false, "", "430152");
    expect(f, "local", true, "", "251034");
}

static void a_filter_finds_text_and_names_but_no_amounts(void **state)
{
    struct fixture *f = *state;
    expect(f, "local", false, ":443", "05");
    expect(f, "local", false, "RUN", "43");
    expect(f, "local", false, ":443|[::1]", "052");
    expect(f, "local", false, ":443|", "05");
    expect(f, "local", false, "|", "430152");
    expect(f, "rx_rate", false, "43", "520"); // two ports, and a pid
    expect(f, "local", false, "7.0", "");
    expect(f, "local", false, "103", ""); // inodes are hidden
}

static void a_filter_finds_every_owner(void **state)
{
    struct fixture *f = *state;
    expect(f, "local", false, "worker", "0");
    expect(f, "local", false, "977", "0");
}

static void only_the_rows_of_a_process_are_listed(void **state)
{
    struct fixture *f = *state;
    const struct table *table = table_info(TABLE_CONNECTIONS);
    struct listing_options options = {.filter = "", .process = {.pid = 977, .start_ns = 2}};
    assert_int_equal(listing_run(f->listing, table, &f->snap, &options), 0);
    assert_int_equal(listing_count(f->listing), 1);
    assert_ptr_equal(listing_rows(f->listing)[0], &f->connections[0]);
    options.process.start_ns = 3;
    assert_int_equal(listing_run(f->listing, table, &f->snap, &options), 0);
    assert_int_equal(listing_count(f->listing), 0);
}

static void rows_of_another_table_are_left_out(void **state)
{
    struct fixture *f = *state;
    f->connections[2].state = SOCKET_LISTEN;
    expect(f, "local", false, "", "43015");
    const struct table *table = table_info(TABLE_LISTENING);
    const struct listing_options options = {.filter = ""};
    assert_int_equal(listing_run(f->listing, table, &f->snap, &options), 0);
    assert_int_equal(listing_count(f->listing), 1);
    const struct table *connections = table_info(TABLE_CONNECTIONS);
    assert_int_equal(listing_find(f->listing, connections, connections->key(&f->connections[0])),
                     -1);
}

static int by_rate(const void *a, const void *b)
{
    const struct connection *left = a;
    const struct connection *right = b;
    return left->rx_bytes_per_s < right->rx_bytes_per_s
               ? -1
               : left->rx_bytes_per_s > right->rx_bytes_per_s;
}

static void many_rows_are_sorted_as_the_c_library_does(void **state)
{
    struct fixture *f = *state;
    for (size_t count = 0; count < 700; count = count * 2 + 1) {
        struct connection *many = calloc(count + 1, sizeof(*many));
        assert_non_null(many);
        uint32_t seed = 1;
        for (size_t i = 0; i < count; i++) {
            seed = seed * 1664525 + 1013904223;
            many[i] = f->connections[0];
            many[i].cookie = i + 1;
            many[i].rx_bytes_per_s = seed >> 8;
        }
        f->network.connections = many;
        f->network.connection_count = count;
        const struct table *table = table_info(TABLE_CONNECTIONS);
        const struct listing_options options = {.sort = table->sort, .filter = ""};
        assert_int_equal(listing_run(f->listing, table, &f->snap, &options), 0);
        assert_int_equal(listing_count(f->listing), count);
        struct connection *sorted = calloc(count + 1, sizeof(*sorted));
        assert_non_null(sorted);
        memcpy(sorted, many, count * sizeof(*many));
        qsort(sorted, count, sizeof(*sorted), by_rate);
        for (size_t i = 0; i < count; i++) {
            const struct connection *row = listing_rows(f->listing)[i];
            assert_int_equal(row->cookie, sorted[i].cookie);
        }
        free(sorted);
        free(many);
    }
}

static void among_equally_busy_disks_whole_ones_are_first(void **state)
{
    struct fixture *f = *state;
    static const struct disk_load disks[] = {
        {.kind = DISK_LOOP, .major = 7, .has_rate = true, .name = {.ptr = "loop0", .bytes = 5}},
        {.kind = DISK_PARTITION, .major = 8, .minor = 1, .has_rate = true},
        {.kind = DISK_WHOLE, .major = 259, .has_rate = true, .read_bytes_per_s = 4096},
        {.kind = DISK_WHOLE, .major = 8, .has_rate = true},
        {.kind = DISK_LOOP, .major = 7, .minor = 1, .has_rate = true, .utilisation = 0.1},
    };
    static const size_t expected[] = {4, 3, 2, 1, 0};
    const struct storage_load storage = {.disks = disks, .disk_count = 5};
    f->snap.storage = &storage;
    const struct table *table = table_info(TABLE_DISKS);
    const struct listing_options options = {.sort = table->sort, .descending = true};
    assert_int_equal(listing_run(f->listing, table, &f->snap, &options), 0);
    for (size_t i = 0; i < 5; i++) {
        assert_ptr_equal(listing_rows(f->listing)[i], &disks[expected[i]]);
    }
}

/* What does not answer is the emergency; what cannot be known for another reason is none. */
static void file_systems_that_do_not_answer_are_above_the_fullest(void **state)
{
    struct fixture *f = *state;
    static const struct mount_load mounts[] = {
        {.id = 1, .state = MOUNT_KNOWN, .used_fraction = 0.2},
        {.id = 2, .state = MOUNT_NOT_ANSWERING, .used_fraction = -1},
        {.id = 3, .state = MOUNT_DENIED, .used_fraction = -1},
        {.id = 4, .state = MOUNT_KNOWN, .used_fraction = 1},
        {.id = 5, .state = MOUNT_KNOWN, .used_fraction = 0},
    };
    static const size_t expected[] = {1, 3, 0, 4, 2};
    const struct storage_load storage = {.mounts = mounts, .mount_count = 5};
    f->snap.storage = &storage;
    const struct table *table = table_info(TABLE_MOUNTS);
    const struct listing_options options = {.sort = table->sort, .descending = true};
    assert_int_equal(listing_run(f->listing, table, &f->snap, &options), 0);
    for (size_t i = 0; i < 5; i++) {
        assert_ptr_equal(listing_rows(f->listing)[i], &mounts[expected[i]]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            without_rates_the_network_comes_before_unix_sockets_in_any_namespace, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(absent_values_are_last_both_ways_and_ties_are_by_key,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_is_ordered_without_case_beyond_its_first_bytes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_filter_finds_text_and_names_but_no_amounts, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_filter_finds_every_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_rows_of_a_process_are_listed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_of_another_table_are_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(among_equally_busy_disks_whole_ones_are_first, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(file_systems_that_do_not_answer_are_above_the_fullest,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_rows_are_sorted_as_the_c_library_does, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
