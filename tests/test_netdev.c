#include "base/arena.h"
#include "check.h"
#include "platform/linux/links.h"
#include "platform/linux/parse_netdev.h"
#include "platform/platform.h"
#include "tree.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <linux/userfaultfd.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 16, SKIPPED = 77 };

static bool is_text(const struct raw_bytes *bytes, const char *expected)
{
    return bytes->len == strlen(expected) && memcmp(bytes->ptr, expected, bytes->len) == 0;
}

/* --- parsers ---------------------------------------------------------------------------- */

/* P88, P89, P93: malformed lines cost themselves only. */
static void names_of_interfaces_end_with_the_last_colon(void **state)
{
    (void)state;
    static const char text[] =
        "Inter-|   Receive                            |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets\n"
        "    lo:  1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
        "eth0:1:  1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
        "veth0123456789a:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
        "  short: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n"
        "       : 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
        "  minus: 1 2 3 4 5 6 7 8 -9 10 11 12 13 14 15 16\n"
        "   more: 18446744073709551615 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17";
    static const char *const names[] = {"lo", "eth0:1", "veth0123456789a", "more"};
    struct raw_interface rows[ROWS];
    assert_int_equal(parse_netdev_interfaces(text, strlen(text), NULL, 0), 4);
    assert_int_equal(parse_netdev_interfaces(text, strlen(text), rows, ROWS), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(is_text(&rows[i].name, names[i]));
        assert_true(rows[i].rx_bytes == (i == 3 ? UINT64_MAX : 1));
        assert_int_equal(rows[i].rx_packets, 2);
        assert_int_equal(rows[i].rx_errors, 3);
        assert_int_equal(rows[i].rx_drops, 4);
        assert_int_equal(rows[i].tx_bytes, 9);
        assert_int_equal(rows[i].tx_packets, 10);
        assert_int_equal(rows[i].tx_errors, 11);
        assert_int_equal(rows[i].tx_drops, 12);
        assert_true(rows[i].speed_bits == FIGURE_ABSENT);
    }
}

/* One row as "Group.Name=value", with '~' in front of a gauge. */
static void assert_counters(const struct raw_protocol_counter *rows, size_t count,
                            const char *expected)
{
    char text[1024] = "";
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const struct raw_protocol_counter *const row = &rows[i];
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s.%.*s=%llu ",
                                row->is_gauge ? "~" : "", (int)row->group.len, row->group.ptr,
                                (int)row->name.len, row->name.ptr, (unsigned long long)row->value);
    }
    assert_string_equal(text, expected);
}

static void protocol_counters_are_pairs_of_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"Tcp: RtoMin MaxConn CurrEstab RetransSegs\nTcp: 200 -1 3 4\n",
         "~Tcp.RtoMin=200 ~Tcp.CurrEstab=3 Tcp.RetransSegs=4 "},
        {"Udp: A B\nUdp: 1 2\nUdpLite: A\nUdpLite: 3", "Udp.A=1 Udp.B=2 UdpLite.A=3 "},
        {"Tcp: A B C\nTcp: 1 2\n", "Tcp.A=1 Tcp.B=2 "},
        {"Tcp: A\nTcp: 1 2\n", "Tcp.A=1 "},
        {"Tcp: A\nUdp: B\nUdp: 1\nTcp: 2\n", "Udp.B=1 "},
        {"Tcp: A\nnonsense\nTcp: 1\n", ""},
        {"Tcp: A B C\nTcp: 1 x 3\n", "Tcp.A=1 Tcp.C=3 "},
        {"Tcp: A\nTcp: 18446744073709551616\n", ""},
        {": A\n: 1\n", ""},
        {"IcmpMsg:\nIcmpMsg:\n", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct raw_protocol_counter counters[ROWS];
        const size_t len = strlen(rows[i].text);
        const size_t count = parse_netdev_snmp(rows[i].text, len, counters, ROWS);
        assert_int_equal(parse_netdev_snmp(rows[i].text, len, NULL, 0), count);
        assert_counters(counters, count, rows[i].expected);
    }
}

static void counters_of_ipv6_have_a_line_each(void **state)
{
    (void)state;
    static const char text[] = "Ip6InReceives                   \t12\n"
                               "Icmp6InType135                  \t1\n"
                               "UdpLite6InErrors\t2\n"
                               "NoSix 3\nIp6 4\nUdp6InErrors x\nUdp6\n\n"
                               "Udp6InErrors 5";
    struct raw_protocol_counter counters[ROWS];
    const size_t count = parse_netdev_snmp6(text, strlen(text), counters, ROWS);
    assert_int_equal(parse_netdev_snmp6(text, strlen(text), NULL, 0), count);
    assert_counters(counters, count,
                    "Ip6.InReceives=12 Icmp6.InType135=1 UdpLite6.InErrors=2 Udp6.InErrors=5 ");
}

/* --- made-up machines ------------------------------------------------------------------- */

/* A made-up machine, opened and sampled. */
struct machine {
    char proc[TREE_ROOT_BYTES], sys[TREE_ROOT_BYTES];
    struct platform *platform;
    struct arena *arena;
    struct raw_sample sample;
};

static void machine_make(struct machine *m)
{
    tree_make(m->proc);
    tree_make(m->sys);
    tree_file(m->proc, "stat", "cpu  1 2 3 4\n");
    m->arena = arena_create(1 << 20);
    assert_non_null(m->arena);
    m->platform = NULL;
}

static void machine_sample(struct machine *m, unsigned parts)
{
    const struct platform_options options = {.proc_root = m->proc, .sys_root = m->sys};
    const struct platform_request request = {.parts = parts};
    if (!m->platform) {
        assert_int_equal(platform_open(&options, &m->platform), 0);
    }
    arena_reset(m->arena);
    assert_int_equal(platform_sample(m->platform, &request, m->arena, &m->sample), 0);
}

static void machine_end(struct machine *m)
{
    platform_close(m->platform);
    arena_destroy(m->arena);
    tree_remove(m->proc);
    tree_remove(m->sys);
}

static void put_interfaces(const struct machine *m, const char *const *names, size_t count)
{
    char text[4096] = "Inter-| Receive\n face |bytes\n";
    size_t len = strlen(text);
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len,
                                "%6s:%zu 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n", names[i], i);
    }
    tree_file(m->proc, "net/dev", "%s", text);
}

static void put_attribute(const struct machine *m, const char *name, const char *attribute,
                          const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "class/net/%s/%s", name, attribute);
    tree_file(m->sys, path, "%s\n", text);
}

/* What every interface has. */
static void put_device(const struct machine *m, const char *name, unsigned index, unsigned iflink)
{
    char number[16];
    (void)snprintf(number, sizeof(number), "%u", index);
    put_attribute(m, name, "ifindex", number);
    (void)snprintf(number, sizeof(number), "%u", iflink);
    put_attribute(m, name, "iflink", number);
    put_attribute(m, name, "type", "1");
    put_attribute(m, name, "mtu", "1500");
    put_attribute(m, name, "flags", "0x1003");
    put_attribute(m, name, "operstate", "up");
    put_attribute(m, name, "speed", "10000");
}

static const struct raw_interface *find(const struct machine *m, const char *name)
{
    for (size_t i = 0; i < m->sample.interface_count; i++) {
        if (is_text(&m->sample.interfaces[i].name, name)) {
            return &m->sample.interfaces[i];
        }
    }
    fail_msg("no interface %s", name);
    return NULL;
}

static void what_an_interface_is_comes_from_sysfs(void **state)
{
    (void)state;
    static const char *const names[] = {"wg0",    "lo",   "eth0",  "br0",    "veth1", "veth2",
                                        "eth0.5", "tap0", "bond0", "dummy0", "gone"};
    struct machine m;
    machine_make(&m);
    put_interfaces(&m, names, sizeof(names) / sizeof(*names));
    put_device(&m, "lo", 1, 1);
    put_attribute(&m, "lo", "type", "772");
    put_attribute(&m, "lo", "operstate", "unknown");
    put_device(&m, "eth0", 2, 2);
    tree_dir(m.sys, "class/net/eth0/device");
    put_attribute(&m, "eth0", "uevent", "DEVTYPE=wlan\nINTERFACE=eth0");
    put_attribute(&m, "eth0", "master/ifindex", "8");
    put_attribute(&m, "eth0", "speed", "1000");
    put_device(&m, "br0", 3, 3);
    put_attribute(&m, "br0", "uevent", "DEVTYPE=bridge\nINTERFACE=br0");
    put_device(&m, "veth1", 4, 5); // its peer is veth2
    put_device(&m, "veth2", 5, 4);
    put_device(&m, "eth0.5", 6, 2);
    put_attribute(&m, "eth0.5", "uevent", "INTERFACE=eth0.5\nDEVTYPE=vlan");
    put_device(&m, "tap0", 7, 7);
    put_attribute(&m, "tap0", "tun_flags", "0x1002");
    put_device(&m, "bond0", 8, 8);
    tree_dir(m.sys, "class/net/bond0/bonding");
    put_device(&m, "dummy0", 9, 9);
    put_device(&m, "wg0", 10, 0);
    put_attribute(&m, "wg0", "type", "65534");
    put_attribute(&m, "wg0", "uevent", "DEVTYPE=wireguard");

    static const struct {
        const char *name, *kind;
        uint32_t index, master, lower;
        uint64_t speed;
    } rows[] = {
        {"gone", "", 0, 0, 0, FIGURE_ABSENT},
        {"lo", "", 1, 0, 0, FIGURE_ABSENT},
        {"eth0", "", 2, 8, 0, 1000000000},
        {"br0", "bridge", 3, 0, 0, FIGURE_ABSENT},
        {"veth1", "veth", 4, 0, 0, FIGURE_ABSENT},
        {"veth2", "veth", 5, 0, 0, FIGURE_ABSENT},
        {"eth0.5", "vlan", 6, 0, 2, 10000000000},
        {"tap0", "tun", 7, 0, 0, FIGURE_ABSENT},
        {"bond0", "bond", 8, 0, 0, 10000000000},
        {"dummy0", "virtual", 9, 0, 0, FIGURE_ABSENT},
        {"wg0", "wireguard", 10, 0, 0, FIGURE_ABSENT},
    };
    machine_sample(&m, PART_INTERFACES | PART_DETAIL);
    assert_int_equal(m.sample.parts, PART_INTERFACES);
    assert_int_equal(m.sample.interface_count, sizeof(rows) / sizeof(*rows));
    for (size_t i = 0; i < m.sample.interface_count; i++) {
        const struct raw_interface *const row = &m.sample.interfaces[i];
        assert_true(is_text(&row->name, rows[i].name)); // ascending index
        assert_true(is_text(&row->kind, rows[i].kind));
        assert_int_equal(row->index, rows[i].index);
        assert_int_equal(row->master, rows[i].master);
        assert_int_equal(row->lower, rows[i].lower);
        assert_true(row->speed_bits == rows[i].speed);
        assert_int_equal(row->mtu, i == 0 ? 0 : 1500);
        assert_int_equal(row->up, i != 0);
        assert_int_equal(row->running, i != 0);
        assert_int_equal(row->loopback, i == 1);
        assert_false(row->foreign_peer);
        assert_int_equal(row->address.len, 0); // ours would not be those of that machine
    }
    machine_end(&m);
}

static void the_other_end_may_be_in_another_namespace(void **state)
{
    (void)state;
    static const char *const names[] = {"eth0", "veth1", "veth2", "macvlan0", "mv1"};
    struct machine m;
    machine_make(&m);
    put_interfaces(&m, names, 5);
    put_device(&m, "eth0", 2, 2);
    tree_dir(m.sys, "class/net/eth0/device");
    put_device(&m, "veth1", 3, 2); // a number eth0 has here, and another interface there
    put_device(&m, "veth2", 4, 77);
    put_device(&m, "macvlan0", 5, 78);
    put_attribute(&m, "macvlan0", "uevent", "DEVTYPE=macvlan");
    put_device(&m, "mv1", 6, 2); // says nothing of itself, but is linked
    tree_dir(m.sys, "class/net/mv1/lower_eth0");
    machine_sample(&m, PART_INTERFACES | PART_DETAIL);
    assert_false(find(&m, "eth0")->foreign_peer);
    assert_true(find(&m, "veth1")->foreign_peer);
    assert_true(find(&m, "veth2")->foreign_peer);
    assert_true(find(&m, "macvlan0")->foreign_peer);
    assert_int_equal(find(&m, "macvlan0")->lower, 0);
    assert_false(find(&m, "mv1")->foreign_peer);
    assert_int_equal(find(&m, "mv1")->lower, 2);
    assert_true(is_text(&find(&m, "mv1")->kind, "macvlan"));
    machine_end(&m);
}

/* P97, P98: what a driver refuses to tell (EINVAL, EOPNOTSUPP, EBUSY) is a read that fails. */
static void state_and_speed_are_what_the_kernel_means(void **state)
{
    (void)state;
    static const struct {
        const char *flags, *operstate, *speed;
        bool up, running;
        uint64_t bits;
    } rows[] = {
        {"0x1003", "up", "1000", true, true, 1000000000},
        {"0x1003", "up", "400000", true, true, 400000000000},
        {"0x1003", "down", "-1", true, false, FIGURE_ABSENT},
        {"0x1002", "down", "", false, false, FIGURE_ABSENT},
        {"0x1002", "up", "0", false, false, FIGURE_ABSENT},
        {"0x1003", "unknown", "4294967295", true, true, FIGURE_ABSENT},
        {"0x1003", "dormant", "65535", true, false, FIGURE_ABSENT},
        {"0x1003", "lowerlayerdown", "99999999999", true, false, FIGURE_ABSENT},
        {"", "", "x", false, false, FIGURE_ABSENT},
    };
    static const char *const names[] = {"eth0"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct machine m;
        machine_make(&m);
        put_interfaces(&m, names, 1);
        put_device(&m, "eth0", 2, 2);
        tree_dir(m.sys, "class/net/eth0/device");
        put_attribute(&m, "eth0", "flags", rows[i].flags);
        put_attribute(&m, "eth0", "operstate", rows[i].operstate);
        put_attribute(&m, "eth0", "speed", rows[i].speed);
        machine_sample(&m, PART_INTERFACES | PART_DETAIL);
        assert_int_equal(find(&m, "eth0")->up, rows[i].up);
        assert_int_equal(find(&m, "eth0")->running, rows[i].running);
        assert_true(find(&m, "eth0")->speed_bits == rows[i].bits);
        machine_end(&m);
    }
}

/* P98 */
static void a_speed_that_cannot_be_read_is_unknown(void **state)
{
    (void)state;
    static const char *const names[] = {"eth0", "eth1"};
    struct machine m;
    machine_make(&m);
    put_interfaces(&m, names, 2);
    for (unsigned i = 0; i < 2; i++) {
        put_device(&m, names[i], i + 2, i + 2);
    }
    tree_dir(m.sys, "class/net/eth0/device");
    tree_dir(m.sys, "class/net/eth1/device");
    machine_sample(&m, PART_INTERFACES | PART_DETAIL);
    assert_true(find(&m, "eth0")->speed_bits == 10000000000);
    machine_end(&m);

    machine_make(&m);
    put_interfaces(&m, names, 2);
    put_device(&m, "eth1", 3, 3);
    tree_dir(m.sys, "class/net/eth0/device");
    tree_dir(m.sys, "class/net/eth1/device");
    put_attribute(&m, "eth0", "ifindex", "2");
    tree_dir(m.sys, "class/net/eth0/speed"); // EISDIR, in place of EINVAL
    machine_sample(&m, PART_INTERFACES | PART_DETAIL);
    assert_true(find(&m, "eth0")->speed_bits == FIGURE_ABSENT);
    assert_true(find(&m, "eth1")->speed_bits == 10000000000); // the others go on
    machine_end(&m);
}

static void what_is_slow_to_read_is_read_again_now_and_then(void **state)
{
    (void)state;
    static const char *const names[] = {"eth0", "eth1"};
    struct machine m;
    machine_make(&m);
    put_interfaces(&m, names, 1);
    put_device(&m, "eth0", 2, 2);
    tree_dir(m.sys, "class/net/eth0/device");
    machine_sample(&m, PART_INTERFACES | PART_DETAIL);
    put_attribute(&m, "eth0", "speed", "100");
    put_attribute(&m, "eth0", "operstate", "down");
    for (int scan = 1; scan < 16; scan++) {
        machine_sample(&m, PART_INTERFACES | PART_DETAIL);
        assert_true(find(&m, "eth0")->speed_bits == 10000000000);
        assert_false(find(&m, "eth0")->running); // that is fast
    }
    machine_sample(&m, PART_INTERFACES | PART_DETAIL);
    assert_true(find(&m, "eth0")->speed_bits == 100000000);
    // Another interface: at once.
    put_attribute(&m, "eth0", "speed", "10");
    put_interfaces(&m, names, 2);
    put_device(&m, "eth1", 3, 3);
    machine_sample(&m, PART_INTERFACES | PART_DETAIL);
    assert_true(find(&m, "eth0")->speed_bits == 10000000);
    assert_int_equal(find(&m, "eth1")->index, 3);
    // And it goes.
    put_attribute(&m, "eth0", "speed", "1");
    put_interfaces(&m, names, 1);
    machine_sample(&m, PART_INTERFACES | PART_DETAIL);
    assert_int_equal(m.sample.interface_count, 1);
    assert_true(find(&m, "eth0")->speed_bits == 1000000);
    machine_end(&m);
}

static void speeds_are_read_only_for_who_shows_them(void **state)
{
    (void)state;
    static const char *const names[] = {"eth0"};
    struct machine m;
    machine_make(&m);
    put_interfaces(&m, names, 1);
    put_device(&m, "eth0", 2, 2);
    tree_dir(m.sys, "class/net/eth0/device");
    machine_sample(&m, PART_INTERFACES);
    assert_true(find(&m, "eth0")->speed_bits == FIGURE_ABSENT);
    machine_sample(&m, PART_INTERFACES | PART_DETAIL);
    assert_true(find(&m, "eth0")->speed_bits == 10000000000);
    machine_end(&m);
}

static void names_that_are_paths_lead_nowhere(void **state)
{
    (void)state;
    static const char *const names[] = {"../net/eth0", "..", ".",
                                        "a-name-much-longer-than-the-kernel-has", "eth0"};
    struct machine m;
    machine_make(&m);
    put_interfaces(&m, names, 5);
    put_device(&m, "eth0", 2, 2);
    put_attribute(&m, "a-name-much-longer-than-the-kernel-has", "ifindex", "3");
    for (int scan = 0; scan < 3; scan++) {
        machine_sample(&m, PART_INTERFACES | PART_DETAIL);
        assert_int_equal(m.sample.interface_count, 5);
        for (size_t i = 0; i < 5; i++) {
            assert_int_equal(find(&m, names[i])->index, i == 4 ? 2 : 0);
        }
    }
    machine_end(&m);
}

static void a_part_is_there_only_if_asked_for_and_had(void **state)
{
    (void)state;
    static const char *const names[] = {"lo"};
    struct machine m;
    machine_make(&m);
    machine_sample(&m, PART_INTERFACES | PART_PROTOCOLS);
    assert_int_equal(m.sample.parts, 0);
    assert_int_equal(m.sample.interface_count, 0);
    put_interfaces(&m, names, 1);
    tree_file(m.proc, "net/snmp6", "Udp6InErrors 3\n");
    machine_sample(&m, PART_INTERFACES | PART_DETAIL);
    assert_int_equal(m.sample.parts, PART_INTERFACES);
    machine_sample(&m, PART_PROTOCOLS);
    assert_int_equal(m.sample.parts, PART_PROTOCOLS);
    assert_counters(m.sample.counters, m.sample.counter_count, "Udp6.InErrors=3 ");
    tree_file(m.proc, "net/snmp", "Tcp: CurrEstab\nTcp: 1\n");
    tree_file(m.proc, "net/netstat", "TcpExt: ListenDrops\nTcpExt: 2\n");
    machine_sample(&m, PART_PROTOCOLS | PART_INTERFACES);
    assert_int_equal(m.sample.parts, PART_PROTOCOLS | PART_INTERFACES);
    assert_counters(m.sample.counters, m.sample.counter_count,
                    "~Tcp.CurrEstab=1 TcpExt.ListenDrops=2 Udp6.InErrors=3 ");
    machine_sample(&m, 0);
    assert_int_equal(m.sample.parts, 0);
    machine_end(&m);
}

/* --- the live system -------------------------------------------------------------------- */

/* In the child: a failed condition ends it with a code of its own. */
static void expect(bool condition, int code)
{
    if (!condition) {
        _exit(code);
    }
}

static void run_in_own_network(void (*body)(void))
{
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(60);
        expect(unshare(CLONE_NEWNET | CLONE_NEWNS) == 0, SKIPPED);
        expect(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, SKIPPED);
        body();
        _exit(0);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
        skip();
    }
    assert_int_equal(status, 0);
}

static void raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    expect(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0, 80);
    close(fd);
}

/* Sends so many datagrams of 1000 bytes to ourselves. */
static void send_datagrams(int count)
{
    char data[1000] = {0};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    socklen_t size = sizeof(address);
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    expect(fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0, 81);
    expect(getsockname(fd, (struct sockaddr *)&address, &size) == 0, 82);
    for (int i = 0; i < count; i++) {
        expect(sendto(fd, data, sizeof(data), 0, (struct sockaddr *)&address, size) == 1000, 83);
        expect(recv(fd, data, sizeof(data), 0) == 1000, 84);
    }
    close(fd);
}

static struct raw_sample live_sample(struct platform *platform, struct arena *arena)
{
    const struct platform_request request = {.parts = PART_INTERFACES | PART_PROTOCOLS};
    struct raw_sample sample = {.interfaces_pending = true};
    for (int i = 0; i < 500 && sample.interfaces_pending; i++) { // others may hold the lock
        expect(i == 0 || usleep(20000) == 0, 84);
        expect(platform_sample(platform, &request, arena, &sample) == 0, 85);
    }
    expect(!sample.interfaces_pending, 89);
    expect(sample.parts == request.parts, 86);
    expect(sample.interface_count > 0 && is_text(&sample.interfaces[0].name, "lo"), 87);
    return sample;
}

static uint64_t counter(const struct raw_sample *sample, const char *group, const char *name)
{
    for (size_t i = 0; i < sample->counter_count; i++) {
        const struct raw_protocol_counter *const row = &sample->counters[i];
        if (is_text(&row->group, group) && is_text(&row->name, name)) {
            return row->value;
        }
    }
    expect(false, 88);
    return 0;
}

static void count_known_transfer(void)
{
    enum { DATAGRAMS = 50, EACH = 1000 + 8 + 20 }; // UDP and IP headers
    struct platform *platform = NULL;
    struct arena *const arena = arena_create(64 << 20);
    expect(arena && platform_open(NULL, &platform) == 0, 90);
    raise_loopback();
    const struct raw_sample before = live_sample(platform, arena);
    send_datagrams(DATAGRAMS);
    const struct raw_sample after = live_sample(platform, arena);
    const struct raw_interface *const x = &before.interfaces[0];
    const struct raw_interface *const y = &after.interfaces[0];
    expect(y->rx_packets - x->rx_packets == DATAGRAMS, 91);
    expect(y->tx_packets - x->tx_packets == DATAGRAMS, 92);
    expect(y->rx_bytes - x->rx_bytes == (uint64_t)DATAGRAMS * EACH, 93);
    expect(y->tx_bytes - x->tx_bytes == (uint64_t)DATAGRAMS * EACH, 94);
    expect(counter(&after, "Udp", "InDatagrams") - counter(&before, "Udp", "InDatagrams") ==
               DATAGRAMS,
           95);
    expect(y->loopback && y->up && y->running && y->index == 1, 96);
    expect(is_text(&y->address, "127.0.0.1/8"), 97);
    platform_close(platform);
    arena_destroy(arena);
}

static void interface_counters_grow_by_what_is_sent(void **state)
{
    (void)state;
    run_in_own_network(count_known_transfer);
}

/* A /sys of this namespace says the same as none of its own. */
static void look_at_own_sysfs(void)
{
    expect(mount("sysfs", "/sys", "sysfs", 0, NULL) == 0, SKIPPED);
    count_known_transfer();
}

static void a_sysfs_of_the_namespace_agrees(void **state)
{
    (void)state;
    run_in_own_network(look_at_own_sysfs);
}

static const struct raw_interface *expect_interface(const struct raw_sample *sample,
                                                    const char *name)
{
    for (size_t i = 0; i < sample->interface_count; i++) {
        if (is_text(&sample->interfaces[i].name, name)) {
            return &sample->interfaces[i];
        }
    }
    expect(false, 100);
    return NULL;
}

/* Runs ip(8); false when it refused. */
static bool ip(const char *arguments)
{
    char command[256];
    (void)snprintf(command, sizeof(command), "ip %s 2>/dev/null", arguments);
    return system(command) == 0;
}

/* The live system, in a namespace of its own below a /sys that is of another one. */
struct live {
    struct platform *platform;
    struct arena *arena;
};

static struct live live_open(void)
{
    struct netlink *netlink = NULL;
    struct live live = {.arena = arena_create(64 << 20)};
    expect(links_open(&netlink) == 0, SKIPPED); // not built in
    links_close(netlink);
    expect(live.arena && platform_open(NULL, &live.platform) == 0, 101);
    expect(ip("link add va type veth peer name vb"), SKIPPED);
    raise_loopback();
    return live;
}

static void live_close(const struct live *live)
{
    platform_close(live->platform);
    arena_destroy(live->arena);
}

static void look_at_many_kinds(void)
{
    static const struct {
        const char *arguments, *name, *kind;
    } rows[] = {
        {"link add br0 type bridge", "br0", "bridge"},
        {"link add .dot type bridge", ".dot", "bridge"},
        {"link add name va.5 link va type vlan id 5", "va.5", "vlan"},
        {"link add name mv0 link va type macvlan", "mv0", "macvlan"},
        {"link add dummy7 type dummy", "dummy7", "dummy"},
        {"link add bond7 type bond", "bond7", "bond"},
        {"link add vx0 type vxlan id 7 dstport 4789", "vx0", "vxlan"},
        {"tuntap add tap7 mode tap", "tap7", "tun"},
    };
    enum { KINDS = sizeof(rows) / sizeof(*rows) };
    const struct live live = live_open();
    bool made[KINDS];
    for (size_t i = 0; i < KINDS; i++) {
        made[i] = ip(rows[i].arguments); // as far as this kernel has them
    }
    expect(made[0] && ip("link set vb master br0") && ip("addr add 10.9.9.1/24 dev va"), SKIPPED);
    const struct raw_sample sample = live_sample(live.platform, live.arena);
    for (size_t i = 0; i < KINDS; i++) {
        if (made[i]) {
            const struct raw_interface *const row = expect_interface(&sample, rows[i].name);
            expect(is_text(&row->kind, rows[i].kind), 110 + (int)i);
            expect(row->index == if_nametoindex(rows[i].name), 120);
            expect(!row->up && !row->running && !row->foreign_peer, 121);
        }
    }
    const struct raw_interface *const lo = expect_interface(&sample, "lo");
    const struct raw_interface *const va = expect_interface(&sample, "va");
    const struct raw_interface *const vb = expect_interface(&sample, "vb");
    expect(lo->loopback && lo->kind.len == 0 && lo->up && lo->running, 122);
    expect(is_text(&va->kind, "veth") && !va->foreign_peer && va->lower == 0, 123);
    expect(is_text(&va->address, "10.9.9.1/24") && va->mtu == 1500 && va->master == 0, 124);
    expect(vb->master == if_nametoindex("br0") && vb->address.len == 0, 125);
    expect(!made[3] || expect_interface(&sample, "mv0")->lower == va->index, 126);
    live_close(&live);
}

static void kinds_are_right_below_the_sysfs_of_another_namespace(void **state)
{
    (void)state;
    run_in_own_network(look_at_many_kinds);
}

static void change_a_link(void)
{
    const struct live live = live_open();
    struct raw_sample sample = live_sample(live.platform, live.arena);
    expect(!expect_interface(&sample, "va")->up, 110);
    expect(ip("link set va up"), 111);
    sample = live_sample(live.platform, live.arena);
    expect(expect_interface(&sample, "va")->up, 112);
    expect(!expect_interface(&sample, "va")->running, 113); // its other end is not up
    expect(ip("addr add 10.9.9.1/24 dev va"), 114);
    sample = live_sample(live.platform, live.arena);
    expect(is_text(&expect_interface(&sample, "va")->address, "10.9.9.1/24"), 115);
    expect(ip("link add br0 type bridge") && ip("link set va master br0"), SKIPPED);
    sample = live_sample(live.platform, live.arena);
    const uint32_t bridge = expect_interface(&sample, "br0")->index;
    expect(bridge != 0 && expect_interface(&sample, "va")->master == bridge, 116);
    // The same name, but it is something else.
    expect(ip("link delete br0") && ip("link add br0 type veth peer name br1"), SKIPPED);
    sample = live_sample(live.platform, live.arena);
    expect(is_text(&expect_interface(&sample, "br0")->kind, "veth"), 117);
    expect(expect_interface(&sample, "br0")->index != bridge, 118);
    live_close(&live);
}

static void what_changes_of_a_link_is_seen_at_once(void **state)
{
    (void)state;
    run_in_own_network(change_a_link);
}

static void give_away_an_end(void)
{
    const struct live live = live_open();
    int told[2];
    expect(pipe(told) == 0, 110);
    const pid_t other = fork();
    expect(other >= 0, 111);
    if (other == 0) {
        expect(unshare(CLONE_NEWNET) == 0 && write(told[1], "x", 1) == 1, 112);
        (void)alarm(60);
        (void)pause();
        _exit(0);
    }
    char byte;
    char arguments[64];
    (void)snprintf(arguments, sizeof(arguments), "link set vb netns %d", (int)other);
    const bool given = read(told[0], &byte, 1) == 1 && ip(arguments) && ip("link set va up");
    const struct raw_sample sample = live_sample(live.platform, live.arena);
    const struct raw_interface *const va = expect_interface(&sample, "va");
    (void)kill(other, SIGKILL);
    (void)waitpid(other, NULL, 0);
    expect(given, SKIPPED);
    expect(is_text(&va->kind, "veth") && va->foreign_peer && va->up, 113);
    expect(sample.interface_count >= 2, 114);
    for (size_t i = 0; i < sample.interface_count; i++) { // nothing passes for hardware
        expect(sample.interfaces[i].loopback || sample.interfaces[i].kind.len > 0, 115);
    }
    live_close(&live);
}

static void a_veth_whose_other_end_went_to_a_container_is_told(void **state)
{
    (void)state;
    run_in_own_network(give_away_an_end);
}

/* Nothing is opened to find out what an interface is, but the file of counters. */
static void run_out_of_descriptors(void)
{
    const struct live live = live_open();
    (void)live_sample(live.platform, live.arena);
    struct rlimit before;
    const int lowest = dup(STDERR_FILENO);
    expect(lowest >= 0 && close(lowest) == 0, 110);
    expect(ip("link add br0 type bridge"), SKIPPED);
    expect(getrlimit(RLIMIT_NOFILE, &before) == 0, 111);
    const struct rlimit scarce = {.rlim_cur = (rlim_t)lowest + 2, .rlim_max = before.rlim_max};
    expect(setrlimit(RLIMIT_NOFILE, &scarce) == 0, 112);
    const struct raw_sample sample = live_sample(live.platform, live.arena);
    expect(is_text(&expect_interface(&sample, "br0")->kind, "bridge"), 113);
    expect(is_text(&expect_interface(&sample, "va")->kind, "veth"), 114);
    live_close(&live);
}

static void kinds_are_known_when_descriptors_run_out(void **state)
{
    (void)state;
    run_in_own_network(run_out_of_descriptors);
}

/* Somebody who holds the lock under which interfaces are configured: a system call of his copies its
 * answer, under the lock, to a page that userfaultfd(2) does not give him yet. */
struct lock_holder {
    int faults;
    char *page;
    pthread_t thread;
    int result;
};

static void *ask_about_link(void *context)
{
    struct lock_holder *const holder = context;
    struct ethtool_value *const value =
        (void *)(holder->page - offsetof(struct ethtool_value, data));
    struct ifreq request = {.ifr_name = "lo", .ifr_data = (void *)value};
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    value->cmd = ETHTOOL_GLINK;
    holder->result = ioctl(fd, SIOCETHTOOL, &request);
    close(fd);
    return NULL;
}

static struct uffdio_range page_of(const struct lock_holder *holder)
{
    return (struct uffdio_range){.start = (uintptr_t)holder->page,
                                 .len = (uint64_t)sysconf(_SC_PAGESIZE)};
}

/* Comes back when it is held. */
static void hold_lock(struct lock_holder *holder)
{
    const size_t size = (size_t)sysconf(_SC_PAGESIZE);
    struct uffdio_api api = {.api = UFFD_API};
    struct uffd_msg fault;
    char *const pages =
        mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    holder->page = pages + size;
    holder->faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
    expect(pages != MAP_FAILED, 110);
    expect(holder->faults >= 0 && ioctl(holder->faults, UFFDIO_API, &api) == 0, SKIPPED);
    struct uffdio_register range = {.range = page_of(holder), .mode = UFFDIO_REGISTER_MODE_MISSING};
    expect(ioctl(holder->faults, UFFDIO_REGISTER, &range) == 0, 111);
    expect(pthread_create(&holder->thread, NULL, ask_about_link, holder) == 0, 112);
    struct pollfd waiting = {.fd = holder->faults, .events = POLLIN};
    expect(poll(&waiting, 1, 20000) == 1, SKIPPED); // this kernel does not answer so
    expect(read(holder->faults, &fault, sizeof(fault)) == (ssize_t)sizeof(fault), 113);
}

static void let_go(struct lock_holder *holder)
{
    struct uffdio_zeropage zero = {.range = page_of(holder)};
    expect(ioctl(holder->faults, UFFDIO_ZEROPAGE, &zero) == 0, 114);
    expect(pthread_join(holder->thread, NULL) == 0 && holder->result == 0, 115);
    close(holder->faults);
}

static struct raw_sample sample_under_lock(struct platform *platform, struct arena *arena)
{
    const struct platform_request request = {.parts = PART_INTERFACES};
    struct raw_sample sample;
    expect(platform_sample(platform, &request, arena, &sample) == 0, 116);
    expect(sample.interface_count == 3, 117);
    return sample;
}

static void look_while_somebody_holds_the_lock(void)
{
    const struct live live = live_open();
    struct lock_holder holder = {.result = -1};
    struct platform *late = NULL;
    expect(ip("addr add 10.9.9.1/24 dev va"), SKIPPED);
    (void)live_sample(live.platform, live.arena);
    expect(platform_open(NULL, &late) == 0, 118);
    hold_lock(&holder);
    struct raw_sample sample = {0};
    for (int i = 0; i < 40 && !sample.interfaces_pending; i++) { // looks again now and then
        sample = sample_under_lock(live.platform, live.arena);
    }
    expect(sample.interfaces_pending, 119);
    sample = sample_under_lock(live.platform, live.arena);
    const struct raw_interface *va = expect_interface(&sample, "va");
    expect(!va->unknown && is_text(&va->address, "10.9.9.1/24"), 120); // as it was
    sample = sample_under_lock(late, live.arena);
    va = expect_interface(&sample, "va");
    expect(sample.interfaces_pending && va->unknown, 121); // nobody has told
    expect(va->index == 0 && va->kind.len == 0 && va->speed_bits == FIGURE_ABSENT, 122);
    let_go(&holder);
    expect(ip("link add br0 type bridge"), SKIPPED);
    sample = live_sample(live.platform, live.arena);
    expect(is_text(&expect_interface(&sample, "br0")->kind, "bridge"), 123);
    sample = live_sample(late, live.arena);
    va = expect_interface(&sample, "va");
    expect(!va->unknown && is_text(&va->address, "10.9.9.1/24"), 124);

    holder = (struct lock_holder){.result = -1};
    hold_lock(&holder);
    for (sample = (struct raw_sample){0}; !sample.interfaces_pending;) {
        const struct platform_request request = {.parts = PART_INTERFACES};
        expect(platform_sample(late, &request, live.arena, &sample) == 0, 126);
    }
    platform_close(late); // does not wait for the look, which then ends by itself
    let_go(&holder);
    live_close(&live);
}

static void who_holds_the_lock_of_interfaces_holds_up_no_scan(void **state)
{
    (void)state;
    run_in_own_network(look_while_somebody_holds_the_lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_interfaces_end_with_the_last_colon),
        cmocka_unit_test(protocol_counters_are_pairs_of_lines),
        cmocka_unit_test(counters_of_ipv6_have_a_line_each),
        cmocka_unit_test(what_an_interface_is_comes_from_sysfs),
        cmocka_unit_test(the_other_end_may_be_in_another_namespace),
        cmocka_unit_test(state_and_speed_are_what_the_kernel_means),
        cmocka_unit_test(a_speed_that_cannot_be_read_is_unknown),
        cmocka_unit_test(what_is_slow_to_read_is_read_again_now_and_then),
        cmocka_unit_test(speeds_are_read_only_for_who_shows_them),
        cmocka_unit_test(names_that_are_paths_lead_nowhere),
        cmocka_unit_test(a_part_is_there_only_if_asked_for_and_had),
        cmocka_unit_test(interface_counters_grow_by_what_is_sent),
        cmocka_unit_test(a_sysfs_of_the_namespace_agrees),
        cmocka_unit_test(kinds_are_right_below_the_sysfs_of_another_namespace),
        cmocka_unit_test(what_changes_of_a_link_is_seen_at_once),
        cmocka_unit_test(a_veth_whose_other_end_went_to_a_container_is_told),
        cmocka_unit_test(kinds_are_known_when_descriptors_run_out),
        cmocka_unit_test(who_holds_the_lock_of_interfaces_holds_up_no_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
