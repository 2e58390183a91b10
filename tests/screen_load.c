#include "screen_load.h"

#include "base/arena.h"
#include "check.h"
#include "model/memory.h"
#include "model/network.h"
#include "model/storage.h"

#include <stdbool.h>
#include <stdint.h>

enum { OWNERS_MAX = 3 };

/* One invented socket; rates in KiB/s, times in ms. */
struct screen_socket {
    enum socket_protocol protocol;
    enum socket_state state;
    const char *local, *remote;
    uint16_t port;              // of this end
    int32_t owners[OWNERS_MAX]; // pids, 0 for none
    const char *name, *user;
    bool denied;
    uint32_t rx, tx, rtt, retransmits, recv_queue, send_queue;
};

/* clang-format off */
static const struct screen_socket sockets[] = {
    {SOCKET_TCP, SOCKET_LISTEN, "*:22", "*:*", 22, {402}, "sshd", "root", .denied = false, .send_queue = 128},
    {SOCKET_TCP, SOCKET_LISTEN, "[::]:80", "*:*", 80, {601, 602, 603}, "nginx +2", "root",
     .send_queue = 511},
    {SOCKET_TCP, SOCKET_LISTEN, "127.0.0.1:5432", "*:*", 5432, {530}, "postgres", "postgres",
     .send_queue = 244},
    {SOCKET_TCP, SOCKET_LISTEN, "*:8080", "*:*", 8080, {900}, "java", "app", .recv_queue = 101,
     .send_queue = 100},
    {SOCKET_UDP, SOCKET_CLOSE, "192.0.2.10:68", "*:*", 68, {0}, "", "root", .denied = true,
     .recv_queue = 2304},
    {SOCKET_UNIX, SOCKET_CLOSE, "/run/journal/dev-log", "", 0, {210}, "journald", "root",
     .denied = false},
    {SOCKET_TCP, SOCKET_ESTABLISHED, "192.0.2.10:80", "198.51.100.23:51544", 80, {602}, "nginx",
     "www-data", .rx = 41, .tx = 4900, .rtt = 23, .retransmits = 7},
    {SOCKET_TCP, SOCKET_ESTABLISHED, "[2001:db8::10]:80", "[2001:db8:85a3::8a2e:370:7334]:50412",
     80, {603}, "nginx", "www-data", .rx = 3, .tx = 210, .rtt = 180},
    {SOCKET_TCP, SOCKET_ESTABLISHED, "192.0.2.10:22", "203.0.113.254:65001", 22, {1200}, "sshd",
     "root", .tx = 1, .rtt = 9},
    {SOCKET_TCP, SOCKET_ESTABLISHED, "192.0.2.10:40122", "192.0.2.77:443", 40122, {900}, "java",
     "app", .rx = 8200, .tx = 30, .rtt = 2, .recv_queue = 65536},
    {SOCKET_TCP, SOCKET_TIME_WAIT, "192.0.2.10:80", "198.51.100.23:51540", 80, {0}, "", "",
     .denied = false},
    {SOCKET_TCP, SOCKET_CLOSE_WAIT, "192.0.2.10:39000", "192.0.2.88:25", 39000, {0}, "", "root",
     .denied = true, .rx = 0, .rtt = 40},
    {SOCKET_UDP, SOCKET_ESTABLISHED, "192.0.2.10:48012", "192.0.2.53:53", 48012, {900}, "java",
     "app", .denied = false},
    {SOCKET_UNIX, SOCKET_ESTABLISHED, "/run/postgresql/.s.PGSQL.5432", "", 0, {534}, "postgres",
     "postgres", .denied = false},
};
/* clang-format on */

static const struct interface_load interfaces[] = {
    {.index = 1,
     .mtu = 65536,
     .up = true,
     .running = true,
     .loopback = true,
     .speed_bits = FIGURE_ABSENT,
     .rx_bytes = 48ull << 20,
     .tx_bytes = 48ull << 20,
     .rx_bytes_per_s = 2048,
     .tx_bytes_per_s = 2048,
     .utilisation = -1},
    {.index = 2,
     .mtu = 1500,
     .up = true,
     .running = true,
     .counted = true,
     .speed_bits = 1000000000,
     .rx_bytes = 9ull << 30,
     .tx_bytes = 310ull << 30,
     .rx_bytes_per_s = 8.4e6,
     .tx_bytes_per_s = 5.3e6,
     .rx_packets_per_s = 6100,
     .tx_packets_per_s = 4020,
     .drops_per_s = 2.5,
     .utilisation = 0.067},
    {.index = 3, .mtu = 1500, .speed_bits = FIGURE_ABSENT, .utilisation = -1, .counted = true},
    {.index = 4,
     .mtu = 1500,
     .up = true,
     .running = true,
     .speed_bits = FIGURE_ABSENT,
     .rx_bytes_per_s = 120e3,
     .tx_bytes_per_s = 91e3,
     .rx_bytes = 5ull << 20,
     .tx_bytes = 7ull << 20,
     .utilisation = -1},
};
static const char *const interface_names[][3] = {
    {"lo", "", "127.0.0.1"},
    {"eth0", "", "192.0.2.10"},
    {"eth1", "", ""},
    {"docker0", "bridge", "192.0.2.129"},
};

static const struct protocol_counter counters[] = {
    {.value = 9, .is_gauge = true, .share = -1},
    {.value = 81231, .per_s = 3.5, .share = 0.0123},
    {.value = 17, .per_s = 0, .share = 0},
    {.value = 402, .per_s = 1, .share = -1},
    {.value = 6, .is_gauge = true, .share = -1},
    {.value = 1, .is_gauge = true, .share = -1},
    {.value = 9812345678, .per_s = 281, .share = -1},
};
static const char *const counter_names[][2] = {
    {"Tcp", "CurrEstab"},    {"Tcp", "RetransSegs"},       {"TcpExt", "ListenOverflows"},
    {"Udp", "RcvbufErrors"}, {"TcpStates", "ESTABLISHED"}, {"TcpStates", "TIME_WAIT"},
    {"Tcp", "OutSegs"},
};

static const struct disk_load disks[] = {
    {.major = 259,
     .kind = DISK_WHOLE,
     .size_bytes = 512ull << 30,
     .read_bytes = 90ull << 30,
     .write_bytes = 410ull << 30,
     .read_bytes_per_s = 3.1e6,
     .write_bytes_per_s = 52e6,
     .reads_per_s = 210,
     .writes_per_s = 800,
     .read_latency_ns = 81e3,
     .write_latency_ns = 1.2e6,
     .queue = 0.9,
     .utilisation = 0.31,
     .in_flight = 2},
    {.major = 259,
     .minor = 1,
     .kind = DISK_PARTITION,
     .size_bytes = 511ull << 30,
     .read_bytes_per_s = 3.1e6,
     .write_bytes_per_s = 52e6,
     .reads_per_s = 210,
     .writes_per_s = 800,
     .read_latency_ns = 81e3,
     .write_latency_ns = 1.2e6,
     .queue = 0.9,
     .utilisation = 0.31,
     .in_flight = 2},
    {.major = 8,
     .kind = DISK_WHOLE,
     .size_bytes = 8000ull << 30,
     .read_bytes_per_s = 410e3,
     .reads_per_s = 66,
     .read_latency_ns = 240e6,
     .write_latency_ns = -1,
     .queue = 14.2,
     .utilisation = 0.998,
     .in_flight = 17},
    {.major = 7,
     .kind = DISK_LOOP,
     .size_bytes = 64ull << 20,
     .read_latency_ns = -1,
     .write_latency_ns = -1},
};
static const char *const disk_names[] = {"nvme0n1", "nvme0n1p1", "sda", "loop0"};

static const struct mount_load mounts[] = {
    {.id = 21,
     .state = MOUNT_KNOWN,
     .total_bytes = 500ull << 30,
     .used_bytes = 340ull << 30,
     .available_bytes = 135ull << 30,
     .used_fraction = 0.716,
     .inodes = 32768000,
     .inodes_used = 1200345},
    {.id = 34,
     .state = MOUNT_KNOWN,
     .total_bytes = 7900ull << 30,
     .used_bytes = 7740ull << 30,
     .available_bytes = 160ull << 30,
     .used_fraction = 0.98},
    {.id = 35, .state = MOUNT_NOT_ANSWERING, .used_fraction = -1},
    {.id = 36, .state = MOUNT_DENIED, .used_fraction = -1, .readonly = true},
    {.id = 37, .state = MOUNT_NOT_READ, .used_fraction = -1},
};
static const char *const mount_names[][3] = {
    {"/dev/nvme0n1p1", "/", "ext4"},
    {"/dev/sda", "/srv", "xfs"},
    {"192.0.2.40:/export", "/mnt/export", "nfs4"},
    {"/dev/loop0", "/home/ada/image", "squashfs"},
    {"/dev/sdb1", "/mnt/stick", "vfat"},
};

static void *take(struct arena *arena, size_t count, size_t size)
{
    void *memory = arena_alloc(arena, count, size);
    assert_non_null(memory);
    return memory;
}

static const struct socket_owner *make_owners(const struct screen_socket *from,
                                              struct connection *to, struct arena *arena)
{
    struct socket_owner *owners = take(arena, OWNERS_MAX, sizeof(*owners));
    while (to->owner_count < OWNERS_MAX && from->owners[to->owner_count] > 0) {
        int32_t pid = from->owners[to->owner_count];
        owners[to->owner_count++] = (struct socket_owner){
            .id = {.pid = pid, .start_ns = (uint64_t)pid * 10000000u}, // as in screen.c
            .fd = 7,
            .name = text_literal(from->name),
        };
    }
    return owners;
}

static void fill_socket(struct connection *to, const struct screen_socket *from, size_t index,
                        bool has_rate, struct arena *arena)
{
    const double kib = 1024;
    *to = (struct connection){
        .protocol = from->protocol,
        .state = from->state,
        .local = {.family = from->port > 0 ? 4 : 0, .port = from->port},
        .local_text = text_literal(from->local),
        .remote_text = text_literal(from->remote),
        .peer = text_literal(from->protocol == SOCKET_UNIX ? "900/java" : ""),
        .peer_holder = text_literal(from->protocol == SOCKET_UNIX ? "900/java" : ""),
        .inode = from->state == SOCKET_TIME_WAIT ? 0 : 9000 + index,
        .cookie = 100 + index,
        .user = text_literal(from->user),
        .interface = text_literal(""),
        .recv_queue = from->recv_queue,
        .send_queue = from->send_queue,
        .has_tcp = from->rtt > 0,
        .has_rate = has_rate,
        .rx_bytes = (uint64_t)from->rx << 20,
        .tx_bytes = (uint64_t)from->tx << 20,
        .rx_bytes_per_s = from->rx * kib,
        .tx_bytes_per_s = from->tx * kib,
        .rtt_ns = from->rtt * UINT64_C(1000000),
        .retransmits = from->retransmits,
        .cwnd = 10,
        .age_ns = has_rate ? UINT64_C(90) * 1000000000 : FIGURE_ABSENT,
        .is_older = true,
        .owners_denied = from->denied,
        .name = text_literal(from->name),
    };
    to->owners = make_owners(from, to, arena);
}

static const struct network_load *make_network(unsigned parts, bool has_rate, struct arena *arena)
{
    struct network_load *load = take(arena, 1, sizeof(*load));
    *load = (struct network_load){.parts = parts,
                                  .rx_bytes_per_s = -1,
                                  .tx_bytes_per_s = -1,
                                  .tcp_rx_bytes_per_s = -1,
                                  .tcp_tx_bytes_per_s = -1};
    if ((parts & PART_SOCKETS) != 0) {
        load->connection_count = sizeof(sockets) / sizeof(sockets[0]);
        struct connection *to = take(arena, load->connection_count, sizeof(*to));
        for (size_t i = 0; i < load->connection_count; i++) {
            fill_socket(&to[i], &sockets[i], i, has_rate, arena);
        }
        load->connections = to;
        load->tcp_rx_bytes_per_s = has_rate ? 6.5e6 : -1;
        load->tcp_tx_bytes_per_s = has_rate ? 5.2e6 : -1;
    }
    if ((parts & PART_INTERFACES) != 0) {
        load->interface_count = sizeof(interfaces) / sizeof(interfaces[0]);
        struct interface_load *to = take(arena, load->interface_count, sizeof(*to));
        for (size_t i = 0; i < load->interface_count; i++) {
            to[i] = interfaces[i];
            to[i].name = text_literal(interface_names[i][0]);
            to[i].kind = text_literal(interface_names[i][1]);
            to[i].address = text_literal(interface_names[i][2]);
            to[i].has_rate = has_rate;
        }
        load->interfaces = to;
        load->rx_bytes_per_s = has_rate ? interfaces[1].rx_bytes_per_s : -1;
        load->tx_bytes_per_s = has_rate ? interfaces[1].tx_bytes_per_s : -1;
    }
    if ((parts & PART_PROTOCOLS) != 0) {
        load->counter_count = sizeof(counters) / sizeof(counters[0]);
        struct protocol_counter *to = take(arena, load->counter_count, sizeof(*to));
        for (size_t i = 0; i < load->counter_count; i++) {
            to[i] = counters[i];
            to[i].group = text_literal(counter_names[i][0]);
            to[i].name = text_literal(counter_names[i][1]);
            to[i].has_rate = has_rate && !to[i].is_gauge;
        }
        load->counters = to;
    }
    return load;
}

static const struct storage_load *make_storage(unsigned parts, bool has_rate, struct arena *arena)
{
    struct storage_load *load = take(arena, 1, sizeof(*load));
    *load = (struct storage_load){.parts = parts, .read_bytes_per_s = -1, .write_bytes_per_s = -1};
    if ((parts & PART_DISKS) != 0) {
        load->disk_count = sizeof(disks) / sizeof(disks[0]);
        struct disk_load *to = take(arena, load->disk_count, sizeof(*to));
        for (size_t i = 0; i < load->disk_count; i++) {
            to[i] = disks[i];
            to[i].name = text_literal(disk_names[i]);
            to[i].has_rate = has_rate;
        }
        load->disks = to;
        load->read_bytes_per_s = has_rate ? 3.51e6 : -1;
        load->write_bytes_per_s = has_rate ? 52e6 : -1;
    }
    if ((parts & PART_MOUNTS) != 0) {
        load->mount_count = sizeof(mounts) / sizeof(mounts[0]);
        struct mount_load *to = take(arena, load->mount_count, sizeof(*to));
        for (size_t i = 0; i < load->mount_count; i++) {
            to[i] = mounts[i];
            to[i].source = text_literal(mount_names[i][0]);
            to[i].target = text_literal(mount_names[i][1]);
            to[i].type = text_literal(mount_names[i][2]);
        }
        load->mounts = to;
    }
    return load;
}

static const struct swap_load swaps[] = {
    {.size_bytes = UINT64_C(2) << 30, .used_bytes = UINT64_C(300) << 20, .priority = 5},
    {.size_bytes = UINT64_C(8) << 20, .used_bytes = UINT64_C(8) << 20, .priority = -2}};
static const char *const swap_paths[] = {"/dev/zram0", "/var/swap file"};

static const struct node_load nodes[] = {
    {0, UINT64_C(3968) << 20, UINT64_C(1200) << 20, UINT64_C(900) << 20, UINT64_C(1500) << 20},
    {2, UINT64_C(3968) << 20, UINT64_C(211) << 20, UINT64_C(1800) << 20, FIGURE_ABSENT},
};

/* What the header does not show of /proc/meminfo. */
static void fill_meminfo(struct memory_load *memory)
{
    const uint64_t mib = 1024 * 1024;
    memory->page_cache_bytes = 3000 * mib;
    memory->reclaimable_bytes = 195 * mib;
    memory->unreclaimable_bytes = 105 * mib;
    memory->slab_bytes = 300 * mib;
    memory->page_tables_bytes = 46 * mib;
    memory->kernel_stack_bytes = 14 * mib;
    memory->percpu_bytes = 3 * mib;
    memory->anon_bytes = 2200 * mib;
    memory->anon_huge_bytes = 640 * mib;
    memory->mapped_bytes = 512 * mib;
    memory->huge_total = 128;
    memory->huge_free = 28;
    memory->huge_page_bytes = 2 * mib;
    memory->dirty_bytes = 1536 * 1024;
    memory->writeback_bytes = 0;
    memory->committed_bytes = 6400 * mib;
    memory->commit_limit_bytes = 6016 * mib;
    memory->zswap_bytes = 0;
    memory->zswapped_bytes = 0;
}

static const struct memory_detail *make_memory(bool has_rate, struct arena *arena)
{
    const size_t swap_count = sizeof(swaps) / sizeof(swaps[0]);
    struct swap_load *devices = take(arena, swap_count, sizeof(*devices));
    for (size_t i = 0; i < swap_count; i++) {
        devices[i] = swaps[i];
        devices[i].path = text_literal(swap_paths[i]);
        devices[i].type = text_literal(i == 0 ? "partition" : "file");
    }
    struct memory_detail *detail = take(arena, 1, sizeof(*detail));
    const double none = -1;
    *detail = (struct memory_detail){
        .has_interval = has_rate,
        .swap_in_bytes_per_s = has_rate ? 40960 : none,
        .swap_out_bytes_per_s = has_rate ? 3.5e6 : none,
        .scan_bytes_per_s = has_rate ? 21e6 : none,
        .reclaim_bytes_per_s = has_rate ? 19e6 : none,
        .stalls_per_s = has_rate ? 12.5 : none,
        .compact_stalls_per_s = has_rate ? 0 : none,
        .major_faults_per_s = has_rate ? 37 : none,
        .oom_kills_per_s = has_rate ? 0.5 : none,
        .oom_kills = 3,
        .zram_original_bytes = UINT64_C(290) << 20,
        .zram_used_bytes = UINT64_C(96) << 20,
        .ksm_shared_bytes = 0,
        .ksm_saved_bytes = 0,
        .arc_bytes = FIGURE_ABSENT,
        .arc_limit_bytes = FIGURE_ABSENT,
        .swaps_known = true,
        .swaps = devices,
        .swap_count = swap_count,
        .nodes = nodes,
        .node_count = sizeof(nodes) / sizeof(nodes[0]),
    };
    return detail;
}

void screen_add_load(struct snapshot *snap, unsigned parts)
{
    const unsigned network = PART_SOCKETS | PART_INTERFACES | PART_PROTOCOLS;
    const unsigned storage = PART_DISKS | PART_MOUNTS;
    bool has_rate = snap->interval_ns > 0;
    if ((parts & network) != 0) {
        snap->network = make_network(parts & network, has_rate, snap->arena);
    }
    if ((parts & storage) != 0) {
        snap->storage = make_storage(parts & storage, has_rate, snap->arena);
    }
    if ((parts & PART_MEMORY) != 0) {
        fill_meminfo(&snap->system.memory);
        snap->memory = make_memory(has_rate, snap->arena);
    }
}
