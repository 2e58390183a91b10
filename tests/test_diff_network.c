#include "base/arena.h"
#include "check.h"
#include "model/network.h"
#include "model/storage.h"
#include "sampler/cache.h"
#include "sampler/diff.h"
#include "sampler/diff_peers.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Two samples two seconds apart, made by hand; process 7 is "nginx", 8 is "worker". */

static const uint64_t second_ns = 1000000000u;

enum { ROWS = 8 };

struct pair {
    struct raw_proc procs[2];
    struct raw_socket sockets[2][ROWS];
    struct raw_interface interfaces[2][ROWS];
    struct raw_protocol_counter counters[2][ROWS];
    struct raw_disk disks[2][ROWS];
    struct raw_mount mounts[ROWS];
    struct raw_sample raw[2];
    struct cache *cache;
    struct arena *arena;
};

static struct raw_bytes bytes_of(const char *s)
{
    return (struct raw_bytes){.ptr = s, .len = (uint32_t)strlen(s)};
}

static int set_up(void **state)
{
    static struct pair pair;
    memset(&pair, 0, sizeof(pair));
    pair.procs[0] = (struct raw_proc){.id = {.pid = 7, .start_ns = 70}, .name = bytes_of("nginx")};
    pair.procs[1] = (struct raw_proc){.id = {.pid = 8, .start_ns = 80}, .name = bytes_of("worker")};
    for (size_t i = 0; i < 2; i++) {
        pair.raw[i] = (struct raw_sample){
            .begin_ns = (100 + 2 * i) * second_ns,
            .end_ns = (100 + 2 * i) * second_ns,
            .sockets_ns = (100 + 2 * i) * second_ns,
            .procs = pair.procs,
            .proc_count = 2,
            .parts = PART_SOCKETS | PART_SOCKET_STATES | PART_INTERFACES | PART_PROTOCOLS |
                     PART_DISKS | PART_MOUNTS,
            .sockets = pair.sockets[i],
            .interfaces = pair.interfaces[i],
            .counters = pair.counters[i],
            .disks = pair.disks[i],
            .mounts = pair.mounts,
        };
    }
    pair.cache = cache_create(100);
    pair.arena = arena_create(1 << 20);
    *state = &pair;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;
    cache_destroy(pair->cache);
    arena_destroy(pair->arena);
    return 0;
}

static const struct snapshot *diff_of(struct pair *pair, bool first)
{
    struct snapshot *snap = NULL;
    assert_int_equal(diff_samples(first ? NULL : &pair->raw[0], &pair->raw[first ? 0 : 1],
                                  pair->cache, FACT_READABLE, pair->arena, &snap),
                     0);
    return snap;
}

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) < 1e-9);
}

static struct raw_socket tcp(uint64_t cookie, uint64_t rx, uint64_t tx)
{
    return (struct raw_socket){
        .protocol = SOCKET_TCP,
        .state = SOCKET_ESTABLISHED,
        .local = {.family = 4, .bytes = {10, 0, 0, 1}, .port = 443},
        .remote = {.family = 4, .bytes = {10, 0, 0, 2}, .port = 50000},
        .cookie = cookie,
        .inode = cookie + 1000,
        .uid = 1000,
        .has_tcp = true,
        .rx_bytes = rx,
        .tx_bytes = tx,
        .rtt_us = 250,
    };
}

static void put_socket(struct pair *pair, size_t sample, struct raw_socket socket)
{
    pair->sockets[sample][pair->raw[sample].socket_count++] = socket;
}

static void what_was_not_read_is_not_there(void **state)
{
    struct pair *pair = *state;
    pair->raw[1].parts = 0;
    const struct snapshot *snap = diff_of(pair, false);
    assert_null(snap->network);
    assert_null(snap->storage);
    pair->raw[1].parts = PART_DISKS;
    snap = diff_of(pair, false);
    assert_null(snap->network);
    assert_int_equal(snap->storage->parts, PART_DISKS);
    assert_true(snap->storage->read_bytes_per_s < 0);
}

static void sockets_are_matched_by_cookie(void **state)
{
    struct pair *pair = *state;
    put_socket(pair, 0, tcp(1, 100, 0));
    put_socket(pair, 0, tcp(3, 1000, 5000));
    put_socket(pair, 1, tcp(2, 70000, 1));
    put_socket(pair, 1, tcp(3, 3000, 5000));
    put_socket(pair, 1, tcp(4, 9, 9));
    const struct network_load *load = diff_of(pair, false)->network;
    assert_int_equal(load->connection_count, 3);
    assert_true(load->connections[1].has_rate);
    assert_near(load->connections[1].rx_bytes_per_s, 1000);
    assert_near(load->connections[1].tx_bytes_per_s, 0);
    assert_int_equal(load->connections[1].rtt_ns, 250000);
}

static void a_new_socket_moved_its_bytes_since_the_list_without_it(void **state)
{
    struct pair *pair = *state;
    put_socket(pair, 0, tcp(3, 0, 0));
    put_socket(pair, 1, tcp(2, 70000, 10));
    put_socket(pair, 1, tcp(3, 0, 0));
    const struct connection *c = diff_of(pair, false)->network->connections;
    assert_true(c[0].has_rate);
    assert_near(c[0].rx_bytes_per_s, 35000);
    assert_near(c[0].tx_bytes_per_s, 5);
    pair->raw[0].socket_error = -EACCES; // it may have been there
    assert_false(diff_of(pair, false)->network->connections[0].has_rate);
}

static void rates_of_sockets_are_over_the_time_between_their_lists(void **state)
{
    struct pair *pair = *state;
    put_socket(pair, 0, tcp(1, 0, 0));
    put_socket(pair, 1, tcp(1, 1000, 0));
    pair->raw[0].sockets_ns += second_ns; // looking for owners took that long
    assert_near(diff_of(pair, false)->network->connections[0].rx_bytes_per_s, 1000);
}

static void only_what_leads_away_is_part_of_what_links_carry(void **state)
{
    struct pair *pair = *state;
    const struct net_address here = {.family = 4, .bytes = {192, 0, 2, 1}};
    const struct net_address there = {.family = 4, .bytes = {198, 51, 100, 7}};
    const struct net_address lo = {.family = 4, .bytes = {127, 0, 0, 1}};
    const struct net_address ends[][2] = {{here, there}, {there, here}, {lo, lo}, {here, here}};
    for (uint64_t i = 0; i < 4; i++) {
        struct raw_socket socket = tcp(i + 1, 0, 0);
        socket.local = ends[i][0];
        socket.remote = ends[i][1];
        put_socket(pair, 0, socket);
        socket.rx_bytes = 1000 << i;
        socket.tx_bytes = 100 << i;
        put_socket(pair, 1, socket);
    }
    const struct network_load *load = diff_of(pair, false)->network;
    const double per_s = load->connections[0].rx_bytes_per_s / 1000;
    assert_true(per_s > 0);
    assert_near(load->tcp_rx_bytes_per_s, 3000 * per_s);
    assert_near(load->tcp_tx_bytes_per_s, 300 * per_s);
    pair->raw[0].parts = 0;
    load = diff_of(pair, false)->network;
    assert_true(load->tcp_rx_bytes_per_s < 0 && load->tcp_tx_bytes_per_s < 0);
}

/* --- what processes move ------------------------------------------------------------------ */

static const struct raw_owner both_owners[] = {
    {.id = {.pid = 7, .start_ns = 70}, .fd = 3},
    {.id = {.pid = 7, .start_ns = 70}, .fd = 4},
    {.id = {.pid = 8, .start_ns = 80}, .fd = 3},
};

static void put_held(struct pair *pair, size_t sample, struct raw_socket socket, uint32_t owners)
{
    socket.owners = both_owners;
    socket.owner_count = owners;
    put_socket(pair, sample, socket);
    pair->procs[0].have |= FACT_SOCKETS;
    pair->procs[1].have |= FACT_SOCKETS;
}

static void a_process_moves_what_its_sockets_do(void **state)
{
    struct pair *pair = *state;
    put_held(pair, 0, tcp(1, 100, 0), 2);
    put_held(pair, 0, tcp(2, 0, 1000), 3);
    put_held(pair, 1, tcp(1, 2100, 0), 2);
    put_held(pair, 1, tcp(2, 0, 5000), 3);
    struct raw_socket listener = tcp(3, 0, 0);
    listener.has_tcp = false;
    listener.state = SOCKET_LISTEN;
    put_held(pair, 1, listener, 1);
    const struct snapshot *snap = diff_of(pair, false);
    assert_true((snap->procs[0].have & FACT_SOCKET_RATE) != 0);
    assert_int_equal(snap->procs[0].net.sockets, 3); // not four: two descriptors are one socket
    assert_false(snap->procs[0].net.is_uncounted);
    assert_near(snap->procs[0].net.rx_bytes_per_s, 1000);
    assert_near(snap->procs[0].net.tx_bytes_per_s, 2000);
    assert_int_equal(snap->procs[0].net.rx_bytes, 2100);
    assert_int_equal(snap->procs[1].net.sockets, 1); // shared with the other
    assert_near(snap->procs[1].net.tx_bytes_per_s, 2000);
    assert_near(snap->procs[1].net.rx_bytes_per_s, 0);
}

static void traffic_the_kernel_does_not_count_is_unknown(void **state)
{
    struct pair *pair = *state;
    struct raw_socket udp = {.protocol = SOCKET_UDP, .state = SOCKET_CLOSE, .inode = 9};
    put_held(pair, 0, udp, 2);
    put_held(pair, 1, udp, 2);
    const struct snapshot *snap = diff_of(pair, false);
    assert_true(snap->procs[0].net.is_uncounted);
    assert_int_equal(snap->procs[0].net.sockets, 1);
    assert_false(snap->procs[1].net.is_uncounted); // it has none at all
    assert_true((snap->procs[1].have & FACT_SOCKET_RATE) != 0);
    put_held(pair, 1, tcp(1, 100, 0), 2);
    assert_false(diff_of(pair, false)->procs[0].net.is_uncounted);
    struct raw_socket bare = tcp(2, 0, 0); // as from /proc/net
    bare.has_tcp = false;
    put_held(pair, 1, bare, 2);
    assert_true(diff_of(pair, false)->procs[0].net.is_uncounted);
}

static void sockets_of_a_process_are_known_when_all_are(void **state)
{
    struct pair *pair = *state;
    put_held(pair, 0, tcp(1, 0, 0), 3);
    put_held(pair, 1, tcp(1, 0, 0), 3);
    pair->procs[1].have = 0;
    pair->procs[1].denied = FACT_SOCKETS;
    const struct snapshot *snap = diff_of(pair, false);
    assert_true((snap->procs[0].have & FACT_SOCKETS) != 0);
    assert_int_equal(snap->procs[1].have & (FACT_SOCKETS | FACT_SOCKET_RATE), 0);
    pair->raw[1].socket_error = -EACCES;
    assert_int_equal(diff_of(pair, false)->procs[0].have & (FACT_SOCKETS | FACT_SOCKET_RATE), 0);
    pair->raw[1].socket_error = 0;
    assert_int_equal(diff_of(pair, true)->procs[0].have & FACT_SOCKET_RATE, 0);
}

static void without_cookies_sockets_are_matched_by_inode_or_not_at_all(void **state)
{
    struct pair *pair = *state;
    for (size_t i = 0; i < 2; i++) {
        struct raw_socket socket = tcp(0, 100 * i, 0);
        socket.inode = 0; // TIME_WAIT, of which there may be many
        put_socket(pair, i, socket);
        socket.inode = 5;
        put_socket(pair, i, socket);
    }
    const struct network_load *load = diff_of(pair, false)->network;
    assert_false(load->connections[0].has_rate);
    assert_true(load->connections[1].has_rate);
    assert_near(load->connections[1].rx_bytes_per_s, 50);
}

static void a_counter_of_a_socket_that_steps_back_did_not_grow(void **state)
{
    struct pair *pair = *state;
    put_socket(pair, 0, tcp(1, 100, 100));
    put_socket(pair, 1, tcp(1, 50, 300));
    const struct connection *c = diff_of(pair, false)->network->connections;
    assert_near(c->rx_bytes_per_s, 0);
    assert_near(c->tx_bytes_per_s, 100);
}

static void sockets_that_were_not_read_before_have_no_rates(void **state)
{
    struct pair *pair = *state;
    put_socket(pair, 0, tcp(1, 0, 0));
    put_socket(pair, 1, tcp(1, 0, 0));
    pair->raw[0].parts = PART_DISKS;
    const struct connection *c = diff_of(pair, false)->network->connections;
    assert_false(c->has_rate);
    assert_int_equal(c->age_ns, FIGURE_ABSENT);
}

static struct connection unix_end(uint64_t inode, uint64_t peer, const char *name)
{
    return (struct connection){.protocol = SOCKET_UNIX,
                               .inode = inode,
                               .peer_inode = peer,
                               .local_text = text_literal(name),
                               .name = text_literal(""),
                               .peer = text_literal("")};
}

static void the_other_end_of_a_unix_socket_is_its_name_or_who_holds_it(void **state)
{
    struct pair *pair = *state;
    static const struct socket_owner server = {.id = {.pid = 812}};
    static const struct socket_owner client = {.id = {.pid = 7}};
    struct connection rows[] = {
        unix_end(30, 20, ""),       // a client
        unix_end(20, 30, "/run/x"), // what it talks to
        unix_end(40, 99, ""),       // to a namespace nobody looks into
        unix_end(50, 0, ""),        // to nobody
        unix_end(60, 61, ""),       // a pair, of processes that may not be read
        unix_end(61, 60, ""),
        {.protocol = SOCKET_TCP, .inode = 70, .local_text = text_literal("1.2.3.4:5")},
        unix_end(80, 70, ""), // the number of something else
        unix_end(90, 91, ""), // to one that nobody holds, it is on its way to somebody
        unix_end(91, 0, ""),
    };
    rows[0].owners = &client;
    rows[0].name = text_literal("cat +1");
    rows[1].owners = &server;
    rows[1].name = text_literal("srv");
    rows[0].owner_count = rows[1].owner_count = 1;
    rows[4].owners_denied = rows[5].owners_denied = true;
    static const char *const peers[] = {"/run/x", "7/cat +1", "", "", "", "", NULL, "", "", ""};
    const size_t count = sizeof(rows) / sizeof(rows[0]);
    assert_int_equal(diff_peers(rows, count, pair->arena), 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].peer_denied, i == 4 || i == 5);
        if (peers[i] != NULL) {
            assert_string_equal(rows[i].peer.ptr, peers[i]);
        }
    }
    assert_int_equal(rows[1].peer.cells, 8);
}

static struct connection tcp_end(uint64_t inode, const char *local, const char *remote)
{
    return (struct connection){.protocol = SOCKET_TCP,
                               .state = SOCKET_ESTABLISHED,
                               .inode = inode,
                               .local_text = text_literal(local),
                               .remote_text = text_literal(remote),
                               .peer = text_literal(""),
                               .peer_holder = text_literal("")};
}

static void who_has_the_other_end_of_a_connection_is_found_by_its_addresses(void **state)
{
    struct pair *pair = *state;
    static const struct socket_owner server = {.id = {.pid = 812}};
    struct connection rows[] = {
        tcp_end(1, "127.0.0.1:40000", "127.0.0.1:80"),
        tcp_end(2, "127.0.0.1:80", "127.0.0.1:40000"),
        tcp_end(3, "127.0.0.1:80", "127.0.0.1:40000"), // of another namespace's loopback
        tcp_end(4, "192.0.2.1:5", "198.51.100.1:6"),   // to another machine
        tcp_end(5, "10.0.0.1:1", "10.0.0.2:2"),        // from one namespace into another
        tcp_end(6, "10.0.0.2:2", "10.0.0.1:1"),
        tcp_end(7, "*:80", "*:*"), // these wait for anybody
        tcp_end(8, "*:*", "*:80"),
        tcp_end(9, "127.0.0.1:7", "127.0.0.1:7"), // connected to itself
        tcp_end(10, "127.0.0.1:53", "127.0.0.1:9"),
        tcp_end(11, "127.0.0.1:9", "127.0.0.1:53"), // speaks something else
        tcp_end(12, "10.0.0.3:1", "10.0.0.4:2"),
        tcp_end(13, "10.0.0.4:2", "10.0.0.3:1"), // this one's, or the next one's: of containers
        tcp_end(14, "10.0.0.4:2", "10.0.0.3:1"), // whose networks look alike
    };
    rows[12].netns = 8;
    rows[13].netns = 9;
    rows[1].owners = rows[5].owners = &server;
    rows[1].name = rows[5].name = text_literal("srv");
    rows[1].owner_count = rows[5].owner_count = 1;
    rows[2].netns = rows[5].netns = 7;
    rows[0].owners_denied = true;
    rows[6].state = rows[7].state = SOCKET_LISTEN;
    rows[10].protocol = SOCKET_UDP;
    static const uint64_t peers[] = {2, 1, 0, 0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0};
    const size_t count = sizeof(rows) / sizeof(rows[0]);
    assert_int_equal(diff_peers(rows, count, pair->arena), 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].peer_inode, peers[i]);
        assert_string_equal(rows[i].peer_holder.ptr, i == 0 || i == 4 ? "812/srv" : "");
        assert_int_equal(rows[i].peer_denied, i == 1);
        assert_string_equal(rows[i].peer.ptr, ""); // what is written there is the address
    }
}

static void age_is_the_time_since_a_socket_was_first_seen(void **state)
{
    struct pair *pair = *state;
    put_socket(pair, 0, tcp(2, 0, 0));
    assert_int_equal(cache_note_sockets(pair->cache, &pair->raw[0], false), 0);
    assert_int_equal(diff_of(pair, true)->network->connections[0].age_ns, FIGURE_ABSENT);
    put_socket(pair, 1, tcp(1, 0, 0));
    put_socket(pair, 1, tcp(2, 0, 0));
    assert_int_equal(cache_note_sockets(pair->cache, &pair->raw[1], true), 0);
    const struct connection *c = diff_of(pair, false)->network->connections;
    assert_int_equal(c[0].age_ns, 0);
    assert_int_equal(c[1].age_ns, 2 * second_ns);
    struct raw_sample third = pair->raw[1];
    third.end_ns += 3 * second_ns;
    assert_int_equal(cache_note_sockets(pair->cache, &third, true), 0);
    assert_true(c[1].is_older);
    assert_false(c[0].is_older);
    assert_int_equal(third.end_ns - cache_socket_seen_ns(pair->cache, 1), 5 * second_ns);
    assert_true(cache_socket_is_older(pair->cache, 1)); // for good
    assert_false(cache_socket_is_older(pair->cache, 0));
    assert_false(cache_socket_is_older(pair->cache, 2));
    assert_int_equal(cache_socket_seen_ns(pair->cache, 2), 0);
}

static void sockets_of_a_namespace_not_known_before_may_be_older(void **state)
{
    struct pair *pair = *state;
    struct raw_socket inside = tcp(7, 0, 0);
    inside.netns = 99;
    put_socket(pair, 0, tcp(2, 0, 0));
    assert_int_equal(cache_note_sockets(pair->cache, &pair->raw[0], false), 0);
    put_socket(pair, 1, tcp(2, 0, 0));
    put_socket(pair, 1, tcp(3, 0, 0));
    put_socket(pair, 1, inside);
    assert_int_equal(cache_note_sockets(pair->cache, &pair->raw[1], true), 0);
    assert_true(cache_socket_is_older(pair->cache, 0));
    assert_false(cache_socket_is_older(pair->cache, 1));
    assert_true(cache_socket_is_older(pair->cache, 2));
    inside.cookie = 8;
    put_socket(pair, 1, inside);
    assert_int_equal(cache_note_sockets(pair->cache, &pair->raw[1], true), 0);
    assert_true(cache_socket_is_older(pair->cache, 2));
    assert_false(cache_socket_is_older(pair->cache, 3)); // made since
}

static void a_socket_keeps_its_age_while_nobody_looks_if_a_cookie_tells_it(void **state)
{
    struct pair *pair = *state;
    struct raw_socket without = tcp(0, 0, 0);
    without.inode = 5;
    put_socket(pair, 0, tcp(6, 0, 0));
    assert_int_equal(cache_note_sockets(pair->cache, &pair->raw[0], false), 0);
    put_socket(pair, 1, without);
    put_socket(pair, 1, tcp(6, 0, 0));
    assert_int_equal(cache_note_sockets(pair->cache, &pair->raw[1], false), 0);
    pair->raw[0].parts = 0; // the tab was left meanwhile
    const struct connection *c = diff_of(pair, false)->network->connections;
    assert_int_equal(c[0].age_ns, FIGURE_ABSENT);
    assert_int_equal(c[1].age_ns, 2 * second_ns);
    struct raw_sample later = pair->raw[1];
    later.end_ns += 3 * second_ns;
    assert_int_equal(cache_note_sockets(pair->cache, &later, false), 0);
    assert_int_equal(cache_socket_seen_ns(pair->cache, 0), later.end_ns); // another one, perhaps
    assert_true(cache_socket_is_older(pair->cache, 0)); // it came while nobody looked
    assert_int_equal(cache_socket_seen_ns(pair->cache, 1), pair->raw[0].end_ns);
}

/* --- other namespaces --------------------------------------------------------------------- */

static const struct raw_netns others[] = {
    {.inode = 111, .name = {.ptr = "web\033[1m", .len = 7}, .has_counters = true},
    {.inode = 222, .name = {.ptr = "db", .len = 2}},
};

static void sockets_of_other_namespaces_are_told_apart_and_named(void **state)
{
    struct pair *pair = *state;
    for (size_t i = 0; i < 2; i++) {
        struct raw_socket socket = tcp(1, 100 * i, 0); // cookies repeat in old kernels
        put_socket(pair, i, socket);
        socket.netns = 111;
        socket.interface = 1;
        socket.rx_bytes *= 10;
        put_socket(pair, i, socket);
        socket.netns = 222;
        put_socket(pair, i, socket);
        pair->interfaces[i][0] = (struct raw_interface){.index = 1, .name = bytes_of("eth0")};
        pair->raw[i].interface_count = 1;
        pair->raw[i].netns = others;
        pair->raw[i].netns_count = 2;
    }
    const struct network_load *load = diff_of(pair, false)->network;
    assert_int_equal(load->netns_count, 2);
    assert_int_equal(load->netns_uncounted, 1);
    assert_near(load->connections[0].rx_bytes_per_s, 50);
    assert_near(load->connections[1].rx_bytes_per_s, 500);
    assert_int_equal(load->connections[0].netns_name.bytes, 0);
    assert_null(strchr(load->connections[1].netns_name.ptr, '\033'));
    assert_int_equal(strncmp(load->connections[1].netns_name.ptr, "web", 3), 0);
    assert_string_equal(load->connections[2].netns_name.ptr, "db");
    assert_string_equal(load->connections[1].interface.ptr, "#1"); // not our eth0
}

static void a_namespace_that_comes_into_view_has_no_new_sockets(void **state)
{
    struct pair *pair = *state;
    struct raw_socket socket = tcp(1, 1000000, 0);
    socket.netns = 111;
    put_socket(pair, 1, socket);
    pair->raw[1].netns = others;
    pair->raw[1].netns_count = 1;
    assert_false(diff_of(pair, false)->network->connections[0].has_rate);
    pair->raw[0].netns = others;
    pair->raw[0].netns_count = 1;
    assert_true(diff_of(pair, false)->network->connections[0].has_rate);
}

static void texts_of_sockets_are_safe_and_complete(void **state)
{
    struct pair *pair = *state;
    struct raw_socket socket = tcp(1, 0, 0);
    socket.interface = 9;
    put_socket(pair, 1, socket);
    static const char hostile[] = "/run/\033[31m\n";
    static const char abstract[] = "\0name\0x";
    socket = (struct raw_socket){.protocol = SOCKET_UNIX, .inode = 1, .path = bytes_of(hostile)};
    put_socket(pair, 1, socket);
    socket.inode = 2;
    socket.path = (struct raw_bytes){.ptr = abstract, .len = sizeof(abstract) - 1};
    put_socket(pair, 1, socket);
    pair->interfaces[1][0] = (struct raw_interface){.index = 9, .name = bytes_of("eth9")};
    pair->raw[1].interface_count = 1;
    const struct connection *c = diff_of(pair, false)->network->connections;
    assert_string_equal(c[0].local_text.ptr, "10.0.0.1:443");
    assert_string_equal(c[0].remote_text.ptr, "10.0.0.2:50000");
    assert_string_equal(c[0].interface.ptr, "eth9");
    assert_string_equal(c[0].user.ptr, "1000");
    assert_string_equal(c[1].local_text.ptr, "/run/\uFFFD[31m\uFFFD");
    assert_string_equal(c[2].local_text.ptr, "@name@x");
    assert_string_equal(c[1].remote_text.ptr, "");
}

static void a_known_user_is_named(void **state)
{
    struct pair *pair = *state;
    put_socket(pair, 1, tcp(1, 0, 0));
    struct cache_name *name = cache_user(pair->cache, 1000);
    assert_int_equal(cache_set_name(name, "alice", 5), 0);
    name->state = CACHE_FRESH;
    assert_string_equal(diff_of(pair, false)->network->connections[0].user.ptr, "alice");
}

static void all_owners_are_listed_the_lowest_pid_first(void **state)
{
    struct pair *pair = *state;
    static const struct raw_owner owners[] = {
        {.id = {.pid = 8, .start_ns = 80}, .fd = 4},
        {.id = {.pid = 8, .start_ns = 80}, .fd = 5},
        {.id = {.pid = 7, .start_ns = 70}, .fd = 3},
        {.id = {.pid = 9, .start_ns = 90}, .fd = 6}, // gone since
    };
    struct raw_socket socket = tcp(1, 0, 0);
    socket.owners = owners;
    socket.owner_count = 4;
    put_socket(pair, 1, socket);
    socket.cookie = 2;
    socket.owner_count = 2;
    put_socket(pair, 1, socket);
    const struct connection *c = diff_of(pair, false)->network->connections;
    assert_int_equal(c[0].owner_count, 4);
    assert_int_equal(c[0].owners[0].id.pid, 7);
    assert_string_equal(c[0].owners[0].name.ptr, "nginx");
    assert_int_equal(c[0].owners[0].fd, 3);
    assert_string_equal(c[0].name.ptr, "nginx +2");
    assert_string_equal(c[1].name.ptr, "worker"); // one process that holds it twice
}

/* --- interfaces --------------------------------------------------------------------------- */

static void rates_of_an_interface_are_matched_by_index(void **state)
{
    struct pair *pair = *state;
    for (size_t i = 0; i < 2; i++) {
        pair->interfaces[i][0] =
            (struct raw_interface){.index = 1 + (uint32_t)i, .rx_bytes = 9999 * i};
        pair->interfaces[i][1] = (struct raw_interface){.index = 5,
                                                        .name = bytes_of("eth0"),
                                                        .up = true,
                                                        .speed_bits = 1000000,
                                                        .rx_bytes = 1000 + 100000 * i,
                                                        .tx_bytes = 10 * i,
                                                        .rx_errors = i,
                                                        .tx_errors = 3 * i,
                                                        .rx_drops = 8 * i};
        pair->raw[i].interface_count = 2;
    }
    const struct network_load *load = diff_of(pair, false)->network;
    assert_false(load->interfaces[0].has_rate);
    const struct interface_load *eth = &load->interfaces[1];
    assert_near(eth->rx_bytes_per_s, 50000);
    assert_near(eth->errors_per_s, 2);
    assert_near(eth->drops_per_s, 4);
    assert_near(eth->utilisation, 0.4);
    assert_near(load->rx_bytes_per_s, 50000);
    assert_near(load->tx_bytes_per_s, 5);
}

/* Their numbers come from the kernel, too, which may be late with them. */
static void interfaces_without_a_number_are_told_apart_by_their_names(void **state)
{
    struct pair *pair = *state;
    static const struct raw_interface rows[2][3] = {
        {{.unknown = true, .name = {"a", 1}, .rx_bytes = 1000},
         {.unknown = true, .name = {"bb", 2}, .rx_bytes = 500000},
         {.unknown = true, .name = {"c", 1}, .rx_bytes = 1}},
        {{.unknown = true, .name = {"new", 3}, .rx_bytes = 9},
         {.unknown = true, .name = {"bb", 2}, .rx_bytes = 504000},
         {.index = 7, .up = true, .name = {"a", 1}, .rx_bytes = 3000}},
    };
    for (size_t i = 0; i < 2; i++) {
        memcpy(pair->interfaces[i], rows[i], sizeof(rows[i]));
        pair->raw[i].interface_count = 3;
        pair->raw[i].parts |= PART_INTERFACES;
    }
    pair->raw[1].interfaces_pending = true;
    const struct network_load *load = diff_of(pair, false)->network;
    assert_true(load->interfaces_pending);
    assert_false(load->interfaces[0].has_rate);
    assert_true(load->interfaces[1].has_rate && load->interfaces[1].unknown);
    assert_near(load->interfaces[1].rx_bytes_per_s, 2000);
    assert_near(load->interfaces[2].rx_bytes_per_s, 1000); // its number is known by now
    assert_false(load->interfaces[1].counted);             // maybe a bridge
    assert_near(load->rx_bytes_per_s, 1000);
}

static void put_interface(struct pair *pair, struct raw_interface interface, const char *kind)
{
    interface.kind = bytes_of(kind);
    interface.up = true;
    for (size_t i = 0; i < 2; i++) {
        const size_t at = pair->raw[i].interface_count++;
        interface.index = (uint32_t)at + 1;
        interface.rx_bytes = 2000 * i;
        pair->interfaces[i][at] = interface;
    }
}

static void expect_counted(struct pair *pair, const char *counted, double rx)
{
    const struct network_load *load = diff_of(pair, false)->network;
    for (size_t i = 0; i < load->interface_count; i++) {
        assert_int_equal(load->interfaces[i].counted, counted[i] == '1');
    }
    assert_near(load->rx_bytes_per_s, rx);
}

static void on_a_machine_only_hardware_is_in_the_sums(void **state)
{
    struct pair *pair = *state;
    put_interface(pair, (struct raw_interface){.loopback = true}, "");
    put_interface(pair, (struct raw_interface){.master = 4}, "");     // eth0, in the bond
    put_interface(pair, (struct raw_interface){.master = 4}, "");     // eth1, likewise
    put_interface(pair, (struct raw_interface){.master = 6}, "bond"); // in the bridge
    put_interface(pair, (struct raw_interface){.lower = 4}, "vlan");  // on the bond
    put_interface(pair, (struct raw_interface){.lower = 0}, "bridge");
    put_interface(pair, (struct raw_interface){.foreign_peer = true}, "veth"); // a container's
    put_interface(pair, (struct raw_interface){.lower = 0}, "wireguard");
    expect_counted(pair, "01100000", 2000);
}

static void in_a_container_what_leads_outside_is_in_the_sums(void **state)
{
    struct pair *pair = *state;
    put_interface(pair, (struct raw_interface){.loopback = true}, "");
    put_interface(pair, (struct raw_interface){.foreign_peer = true}, "veth");
    put_interface(pair, (struct raw_interface){.foreign_peer = false}, "veth"); // both ends here
    put_interface(pair, (struct raw_interface){.lower = 77}, "macvlan"); // of an interface outside
    put_interface(pair, (struct raw_interface){.lower = 0}, "tun");
    put_interface(pair, (struct raw_interface){.foreign_peer = true}, "vlan"); // likewise
    expect_counted(pair, "010101", 3000);
}

static void a_lone_tap_device_is_in_the_sums(void **state)
{
    struct pair *pair = *state;
    put_interface(pair, (struct raw_interface){.loopback = true}, "");
    put_interface(pair, (struct raw_interface){.lower = 0}, "tun");
    put_interface(pair, (struct raw_interface){.lower = 0}, "dummy");
    expect_counted(pair, "010", 1000);
}

static void hardware_behind_hardware_is_counted_in_that(void **state)
{
    struct pair *pair = *state;
    put_interface(pair, (struct raw_interface){.lower = 0}, "");
    put_interface(pair, (struct raw_interface){.master = 1}, "");
    expect_counted(pair, "10", 1000);
}

static void without_anything_to_count_the_sum_is_not_known(void **state)
{
    struct pair *pair = *state;
    put_interface(pair, (struct raw_interface){.loopback = true}, "");
    expect_counted(pair, "0", -1);
}

/* --- protocols, disks, mounts ------------------------------------------------------------- */

static void counters_are_matched_by_name_and_gauges_have_no_rate(void **state)
{
    struct pair *pair = *state;
    static const char *const names[2][2] = {{"InSegs", "CurrEstab"}, {"CurrEstab", "InSegs"}};
    for (size_t i = 0; i < 2; i++) {
        for (size_t n = 0; n < 2; n++) {
            pair->counters[i][n] =
                (struct raw_protocol_counter){.group = bytes_of("Tcp"),
                                              .name = bytes_of(names[i][n]),
                                              .value = 10 + 6 * i,
                                              .is_gauge = strcmp(names[i][n], "CurrEstab") == 0};
        }
        pair->raw[i].counter_count = 2;
    }
    const struct protocol_counter *c = diff_of(pair, false)->network->counters;
    assert_string_equal(c[0].name.ptr, "CurrEstab");
    assert_false(c[0].has_rate);
    assert_int_equal(c[0].value, 16);
    assert_true(c[1].has_rate);
    assert_near(c[1].per_s, 3);
}

/* One counter in both samples. */
static void put_counter(struct pair *pair, const char *group, const char *name, uint64_t grown)
{
    for (size_t i = 0; i < 2; i++) {
        pair->counters[i][pair->raw[i].counter_count++] = (struct raw_protocol_counter){
            .group = bytes_of(group), .name = bytes_of(name), .value = 1000 + (i == 1 ? grown : 0)};
    }
}

/* Errors: NULL. */
static const struct protocol_counter *counter_of(const struct snapshot *snap, const char *group,
                                                 const char *name)
{
    for (size_t i = 0; i < snap->network->counter_count; i++) {
        const struct protocol_counter *c = &snap->network->counters[i];
        if (strcmp(c->group.ptr, group) == 0 && strcmp(c->name.ptr, name) == 0) {
            return c;
        }
    }
    return NULL;
}

static void failures_are_a_share_of_what_they_happen_to(void **state)
{
    struct pair *pair = *state;
    put_counter(pair, "Tcp", "OutSegs", 90); // without what was sent again
    put_counter(pair, "Tcp", "RetransSegs", 10);
    put_counter(pair, "Tcp", "InSegs", 50); // the bad ones among them
    put_counter(pair, "Tcp", "InErrs", 5);
    put_counter(pair, "Udp", "OutDatagrams", 0);
    put_counter(pair, "Udp", "SndbufErrors", 0);
    put_counter(pair, "Udp", "RcvbufErrors", 4); // of how many is not known
    const struct snapshot *snap = diff_of(pair, false);
    assert_near(counter_of(snap, "Tcp", "RetransSegs")->share, 0.1);
    assert_near(counter_of(snap, "Tcp", "InErrs")->share, 0.1);
    assert_true(counter_of(snap, "Tcp", "OutSegs")->share < 0);
    assert_true(counter_of(snap, "Udp", "SndbufErrors")->share < 0);
    assert_true(counter_of(snap, "Udp", "RcvbufErrors")->share < 0);
    assert_true(counter_of(diff_of(pair, true), "Tcp", "RetransSegs")->share < 0);
}

static void tcp_sockets_are_counted_by_state(void **state)
{
    struct pair *pair = *state;
    static const struct raw_socket sockets[] = {
        {.protocol = SOCKET_TCP, .state = SOCKET_ESTABLISHED, .cookie = 1},
        {.protocol = SOCKET_TCP, .state = SOCKET_ESTABLISHED, .cookie = 2},
        {.protocol = SOCKET_TCP, .state = SOCKET_TIME_WAIT, .cookie = 3},
        {.protocol = SOCKET_TCP, .state = SOCKET_ESTABLISHED, .cookie = 4, .netns = 99},
        {.protocol = SOCKET_UDP, .state = SOCKET_ESTABLISHED, .cookie = 5},
    };
    pair->raw[1].sockets = sockets;
    pair->raw[1].socket_count = sizeof(sockets) / sizeof(sockets[0]);
    const struct snapshot *snap = diff_of(pair, false);
    assert_int_equal(counter_of(snap, "TcpStates", "ESTABLISHED")->value, 2);
    assert_int_equal(counter_of(snap, "TcpStates", "TIME_WAIT")->value, 1);
    assert_int_equal(counter_of(snap, "TcpStates", "CLOSE_WAIT")->value, 0);
    assert_true(counter_of(snap, "TcpStates", "CLOSE_WAIT")->is_gauge);
    assert_false(counter_of(snap, "TcpStates", "ESTABLISHED")->has_rate);
    pair->raw[1].parts &= ~(unsigned)PART_SOCKET_STATES; // not known, which is not none
    assert_null(counter_of(diff_of(pair, false), "TcpStates", "ESTABLISHED"));
}

static void a_disk_has_rates_latencies_and_a_share_of_time(void **state)
{
    struct pair *pair = *state;
    for (size_t i = 0; i < 2; i++) {
        pair->disks[i][0] = (struct raw_disk){.name = bytes_of("sda"),
                                              .major = 8,
                                              .kind = RAW_DISK_WHOLE,
                                              .reads = 10 * i,
                                              .read_bytes = 40960 * i,
                                              .read_ns = 30000000 * i,
                                              .busy_ns = second_ns * i,
                                              .queue_ns = 3 * second_ns * i};
        pair->disks[i][1] = pair->disks[i][0];
        pair->disks[i][1].name = bytes_of("sda1");
        pair->disks[i][1].minor = 1;
        pair->disks[i][1].kind = RAW_DISK_PARTITION;
        pair->disks[i][1].busy_ns = 5 * second_ns * i;
        pair->raw[i].disk_count = 2;
    }
    const struct storage_load *load = diff_of(pair, false)->storage;
    const struct disk_load *disk = load->disks;
    assert_near(disk->read_bytes_per_s, 20480);
    assert_near(disk->reads_per_s, 5);
    assert_near(disk->read_latency_ns, 3000000);
    assert_true(disk->write_latency_ns < 0);
    assert_near(disk->utilisation, 0.5);
    assert_near(disk->queue, 1.5);
    assert_near(load->disks[1].utilisation, 1);
    assert_near(load->read_bytes_per_s, 20480); // the partition's are among them
    assert_near(load->write_bytes_per_s, 0);
}

static void a_file_system_is_as_full_as_df_says(void **state)
{
    struct pair *pair = *state;
    pair->mounts[0] = (struct raw_mount){.id = 1, .target = bytes_of("/proc")};
    pair->mounts[1] = (struct raw_mount){.id = 2, .target = bytes_of("/"), .is_real = true};
    pair->mounts[2] = (struct raw_mount){.id = 3, .target = bytes_of("/net"), .is_real = true};
    pair->mounts[3] = (struct raw_mount){.id = 4, .target = bytes_of("/new"), .is_real = true};
    pair->raw[1].mount_count = 4;
    struct cache_mount *mount = cache_mount(pair->cache, 2);
    mount->state = CACHE_FRESH;
    mount->space = (struct raw_space){.total_bytes = 1000,
                                      .free_bytes = 400,
                                      .available_bytes = 200,
                                      .inodes = 10,
                                      .inodes_free = 4};
    cache_mount(pair->cache, 3)->state = CACHE_BLOCKED;
    const struct storage_load *load = diff_of(pair, false)->storage;
    assert_int_equal(load->mount_count, 3);
    assert_string_equal(load->mounts[0].target.ptr, "/");
    assert_int_equal(load->mounts[0].state, MOUNT_KNOWN);
    assert_int_equal(load->mounts[0].used_bytes, 600);
    assert_near(load->mounts[0].used_fraction, 0.75);
    assert_int_equal(load->mounts[0].inodes_used, 6);
    assert_int_equal(load->mounts[1].state, MOUNT_NOT_ANSWERING);
    assert_int_equal(load->mounts[2].state, MOUNT_NOT_READ);
}

static void an_arena_of_any_size_is_either_enough_or_reported(void **state)
{
    struct pair *pair = *state;
    put_socket(pair, 1, tcp(1, 0, 0));
    put_interface(pair, (struct raw_interface){.name = bytes_of("eth0")}, "veth");
    pair->disks[1][0] = (struct raw_disk){.name = bytes_of("sda")};
    pair->raw[1].disk_count = 1;
    bool enough = false;
    for (size_t size = 0; size < 65536 && !enough; size += 64) {
        struct arena *arena = arena_create(size);
        struct snapshot *snap = NULL;
        const int error = arena == NULL ? -ENOMEM
                                        : diff_samples(&pair->raw[0], &pair->raw[1], pair->cache,
                                                       FACT_READABLE, arena, &snap);
        assert_true(error == 0 || error == -ENOMEM);
        enough = error == 0;
        if (enough) {
            assert_string_equal(snap->network->connections[0].local_text.ptr, "10.0.0.1:443");
            assert_string_equal(snap->network->interfaces[0].name.ptr, "eth0");
            assert_string_equal(snap->storage->disks[0].name.ptr, "sda");
        }
        arena_destroy(arena);
    }
    assert_true(enough);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_not_read_is_not_there),
        TEST(sockets_are_matched_by_cookie),
        TEST(a_new_socket_moved_its_bytes_since_the_list_without_it),
        TEST(rates_of_sockets_are_over_the_time_between_their_lists),
        TEST(interfaces_without_a_number_are_told_apart_by_their_names),
        TEST(only_what_leads_away_is_part_of_what_links_carry),
        TEST(a_process_moves_what_its_sockets_do),
        TEST(traffic_the_kernel_does_not_count_is_unknown),
        TEST(sockets_of_a_process_are_known_when_all_are),
        TEST(without_cookies_sockets_are_matched_by_inode_or_not_at_all),
        TEST(a_counter_of_a_socket_that_steps_back_did_not_grow),
        TEST(sockets_that_were_not_read_before_have_no_rates),
        TEST(the_other_end_of_a_unix_socket_is_its_name_or_who_holds_it),
        TEST(who_has_the_other_end_of_a_connection_is_found_by_its_addresses),
        TEST(age_is_the_time_since_a_socket_was_first_seen),
        TEST(sockets_of_a_namespace_not_known_before_may_be_older),
        TEST(a_socket_keeps_its_age_while_nobody_looks_if_a_cookie_tells_it),
        TEST(sockets_of_other_namespaces_are_told_apart_and_named),
        TEST(a_namespace_that_comes_into_view_has_no_new_sockets),
        TEST(texts_of_sockets_are_safe_and_complete),
        TEST(a_known_user_is_named),
        TEST(all_owners_are_listed_the_lowest_pid_first),
        TEST(rates_of_an_interface_are_matched_by_index),
        TEST(on_a_machine_only_hardware_is_in_the_sums),
        TEST(in_a_container_what_leads_outside_is_in_the_sums),
        TEST(a_lone_tap_device_is_in_the_sums),
        TEST(hardware_behind_hardware_is_counted_in_that),
        TEST(without_anything_to_count_the_sum_is_not_known),
        TEST(counters_are_matched_by_name_and_gauges_have_no_rate),
        TEST(failures_are_a_share_of_what_they_happen_to),
        TEST(tcp_sockets_are_counted_by_state),
        TEST(a_disk_has_rates_latencies_and_a_share_of_time),
        TEST(a_file_system_is_as_full_as_df_says),
        TEST(an_arena_of_any_size_is_either_enough_or_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
