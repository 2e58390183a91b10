#include "base/str.h"
#include "model/network.h"
#include "model/tables.h"
#include "model/value.h"

/* What is said of interfaces and of the network protocols: one accessor for each column. */

static const void *interfaces(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->network == NULL ? 0 : snap->network->interface_count;
    return snap->network == NULL ? NULL : snap->network->interfaces;
}

/* Until its number is known it is known by its name. */
static struct row_key interface_key(const void *row)
{
    const struct interface_load *i = row;
    uint64_t hash = 0;
    for (uint32_t at = 0; i->index == 0 && at < i->name.bytes; at++) {
        hash = hash * 31 + (uint8_t)i->name.ptr[at];
    }
    return (struct row_key){.a = hash, .b = i->index};
}

static bool interface_has_errors(const void *row)
{
    const struct interface_load *i = row;
    return i->has_rate && i->errors_per_s > 0;
}

static struct value get_interface_name(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_text(i->name, ABSENT_UNSUPPORTED);
}

static struct value get_interface_state(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    if (i->unknown) {
        return value_absent(ABSENT_BLOCKED);
    }
    return table_literal(!i->up ? "down" : i->running ? "running" : "no link");
}

static struct value get_rx_rate(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_rate(VALUE_BYTE_RATE, i->rx_bytes_per_s, i->has_rate);
}

static struct value get_tx_rate(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_rate(VALUE_BYTE_RATE, i->tx_bytes_per_s, i->has_rate);
}

static struct value get_rx_packet_rate(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_rate(VALUE_COUNT_RATE, i->rx_packets_per_s, i->has_rate);
}

static struct value get_tx_packet_rate(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_rate(VALUE_COUNT_RATE, i->tx_packets_per_s, i->has_rate);
}

static struct value get_error_rate(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_rate(VALUE_COUNT_RATE, i->errors_per_s, i->has_rate);
}

static struct value get_drop_rate(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_rate(VALUE_COUNT_RATE, i->drops_per_s, i->has_rate);
}

static struct value get_utilisation(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    if (i->unknown) {
        return value_absent(ABSENT_BLOCKED);
    }
    if (i->speed_bits == FIGURE_ABSENT || i->speed_bits == 0) {
        return value_absent(ABSENT_UNSUPPORTED);
    }
    return table_rate(VALUE_FRACTION, i->utilisation, i->utilisation >= 0);
}

static struct value get_speed(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    if (i->unknown) {
        return value_absent(ABSENT_BLOCKED);
    }
    if (i->speed_bits == FIGURE_ABSENT || i->speed_bits == 0) {
        return value_absent(ABSENT_UNSUPPORTED);
    }
    return table_rate(VALUE_COUNT_RATE, (double)i->speed_bits, true);
}

static struct value get_interface_address(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    if (i->unknown) {
        return value_absent(ABSENT_BLOCKED);
    }
    return table_text(i->address, ABSENT_NOT_APPLICABLE);
}

static struct value get_mtu(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    if (i->unknown) {
        return value_absent(ABSENT_BLOCKED);
    }
    return table_count(i->mtu);
}

static struct value get_kind(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    if (i->unknown) {
        return value_absent(ABSENT_BLOCKED);
    }
    return i->loopback ? table_literal("loopback") : table_text(i->kind, ABSENT_NOT_APPLICABLE);
}

static struct value get_counted(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    if (i->unknown) {
        return value_absent(ABSENT_BLOCKED);
    }
    return table_literal(i->counted ? "yes" : "no");
}

static struct value get_rx(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_bytes(i->rx_bytes);
}

static struct value get_tx(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_bytes(i->tx_bytes);
}

static struct value get_rx_packets(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_count(i->rx_packets);
}

static struct value get_tx_packets(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_count(i->tx_packets);
}

static struct value get_errors(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_count(i->rx_errors + i->tx_errors);
}

static struct value get_drops(const struct snapshot *snap, const void *row)
{
    const struct interface_load *i = row;
    (void)snap;
    return table_count(i->rx_drops + i->tx_drops);
}

/* clang-format off */
static const struct table_column interface_columns[] = {
    {"name", "NAME", "Name of the interface", "rtnetlink(7)",
        VALUE_TEXT, 12, false, false, false, get_interface_name},
    {"state", "STATE", "Down, up without a link, or running", "rtnetlink(7)",
        VALUE_TEXT, 7, false, false, false, get_interface_state},
    {"rx_rate", "RX/s", "Bytes received a second", "rtnetlink(7)",
        VALUE_BYTE_RATE, 6, false, true, false, get_rx_rate},
    {"tx_rate", "TX/s", "Bytes sent a second", "rtnetlink(7)",
        VALUE_BYTE_RATE, 6, false, true, false, get_tx_rate},
    {"utilisation", "USE%", "Share of its speed in the busier direction", "rtnetlink(7)",
        VALUE_FRACTION, 5, false, true, false, get_utilisation},
    {"graph", "LAST 2 MIN", "Bytes received and sent together during the last two minutes, each "
        "interface to a scale of its own; on the screen only", "perch's own history",
        VALUE_NONE, 12, true, false, false, get_interface_name},
    {"error_rate", "ERR/s", "Packets a second that came or went damaged", "rtnetlink(7)",
        VALUE_COUNT_RATE, 6, false, true, false, get_error_rate},
    {"drop_rate", "DROP/s", "Packets a second for which there was no room", "rtnetlink(7)",
        VALUE_COUNT_RATE, 6, false, true, false, get_drop_rate},
    {"speed", "BIT/s", "Speed of the link in bits a second", "/sys/class/net/*/speed",
        VALUE_COUNT_RATE, 6, false, true, false, get_speed},
    {"rx_packet_rate", "RXPKT/s", "Packets received a second", "rtnetlink(7)",
        VALUE_COUNT_RATE, 7, false, true, false, get_rx_packet_rate},
    {"tx_packet_rate", "TXPKT/s", "Packets sent a second", "rtnetlink(7)",
        VALUE_COUNT_RATE, 7, false, true, false, get_tx_packet_rate},
    {"address", "ADDRESS", "Its first address", "rtnetlink(7)",
        VALUE_TEXT, 18, true, false, false, get_interface_address},
    {"mtu", "MTU", "Bytes a packet may have", "rtnetlink(7)",
        VALUE_COUNT, 5, false, true, false, get_mtu},
    {"kind", "KIND", "What it is when it is no hardware: bridge, veth, vlan", "rtnetlink(7)",
        VALUE_TEXT, 9, false, false, false, get_kind},
    {"rx", "RX", "Bytes received since it was made", "rtnetlink(7)",
        VALUE_BYTES, 6, false, true, false, get_rx},
    {"tx", "TX", "Bytes sent since it was made", "rtnetlink(7)",
        VALUE_BYTES, 6, false, true, false, get_tx},
    {"counted", "SUM", "Whether it is in the sums: each physical link is in them once",
        "perch's own choice", VALUE_TEXT, 3, false, false, true, get_counted},
    {"rx_packets", "RXPKT", "Packets received since it was made", "rtnetlink(7)",
        VALUE_COUNT, 7, false, true, true, get_rx_packets},
    {"tx_packets", "TXPKT", "Packets sent since it was made", "rtnetlink(7)",
        VALUE_COUNT, 7, false, true, true, get_tx_packets},
    {"errors", "ERR", "Packets damaged since it was made", "rtnetlink(7)",
        VALUE_COUNT, 6, false, true, true, get_errors},
    {"drops", "DROP", "Packets dropped since it was made", "rtnetlink(7)",
        VALUE_COUNT, 6, false, true, true, get_drops},
};
/* clang-format on */

enum { INTERFACE_COLUMNS = sizeof(interface_columns) / sizeof(interface_columns[0]) };

const struct table table_interfaces = {
    .name = "interfaces",
    .title = "Interfaces",
    .short_title = "Links",
    .help = "Network interfaces and what goes through them",
    .parts = PART_INTERFACES,
    .further_parts = PART_DETAIL, // speeds
    .columns = interface_columns,
    .column_count = INTERFACE_COLUMNS,
    .sort = 2, // rx_rate
    .row_bytes = sizeof(struct interface_load),
    .rows = interfaces,
    .key = interface_key,
    .graph = HISTORY_INTERFACE,
    .alarming = interface_has_errors,
};

/* --- protocols ---------------------------------------------------------------------------- */

/* The counters worth looking at, and which of them mean trouble when they grow. The kernel has
 * hundreds; the names are its own (net/ipv4/proc.c). */
struct telling {
    const char *name;
    bool trouble;
};

/* What tells most about whether all is well. */
static const struct telling first_tcp[] = {
    {"RetransSegs", true}, {"EstabResets", true}, {"AttemptFails", true},
    {"OutRsts", false},    {"InErrs", true},      {NULL, false},
};

static const struct telling first_tcp_ext[] = {
    {"ListenOverflows", true},
    {"ListenDrops", true},
    {NULL, false},
};

static const struct telling first_udp[] = {
    {"RcvbufErrors", true},
    {"SndbufErrors", true},
    {NULL, false},
};

/* Those that gather when something is wrong come first. */
static const struct telling states[] = {
    {"ESTABLISHED", false}, {"CLOSE_WAIT", false}, {"TIME_WAIT", false}, {"SYN_SENT", false},
    {"SYN_RECV", false},    {"FIN_WAIT1", false},  {"FIN_WAIT2", false}, {"LAST_ACK", false},
    {"CLOSING", false},     {"LISTEN", false},     {"CLOSE", false},     {NULL, false},
};

static const struct telling telling_tcp[] = {
    {"CurrEstab", false}, {"ActiveOpens", false}, {"PassiveOpens", false}, {"InSegs", false},
    {"OutSegs", false},   {"InCsumErrors", true}, {NULL, false},
};

static const struct telling telling_tcp_ext[] = {
    {"TCPReqQFullDrop", true},     {"TCPReqQFullDoCookies", true},
    {"SyncookiesSent", true},      {"SyncookiesFailed", true},
    {"TCPTimeouts", true},         {"TCPSynRetrans", true},
    {"TCPLostRetransmit", true},   {"TCPFastRetrans", false},
    {"TCPSlowStartRetrans", true}, {"TCPAbortOnMemory", true},
    {"TCPAbortOnTimeout", true},   {"TCPAbortOnData", false},
    {"TCPMemoryPressures", true},  {"TCPBacklogDrop", true},
    {"TCPRcvQDrop", true},         {"TCPZeroWindowDrop", true},
    {"TCPOFOQueue", false},        {"PruneCalled", true},
    {"TCPMinTTLDrop", true},       {NULL, false},
};

static const struct telling telling_udp[] = {
    {"InDatagrams", false}, {"OutDatagrams", false}, {"NoPorts", false}, {"InErrors", true},
    {"MemErrors", true},    {"InCsumErrors", true},  {NULL, false},
};

static const struct telling telling_ip[] = {
    {"InReceives", false},
    {"InDelivers", false},
    {"OutRequests", false},
    {"ForwDatagrams", false},
    {"OutForwDatagrams", false},
    {"InHdrErrors", true},
    {"InAddrErrors", true},
    {"InDiscards", true},
    {"OutDiscards", true},
    {"OutNoRoutes", true},
    {"ReasmFails", true},
    {"FragFails", true},
    {NULL, false},
};

/* In the order of the rows. */
static const struct {
    const char *group;
    const struct telling *counters;
} telling_groups[] = {
    {"Tcp", first_tcp},
    {"TcpExt", first_tcp_ext},
    {"Udp", first_udp},
    {"Udp6", first_udp},
    {PROTOCOL_STATES_GROUP, states},
    {"Tcp", telling_tcp},
    {"TcpExt", telling_tcp_ext},
    {"Udp", telling_udp},
    {"UdpLite", first_udp},
    {"UdpLite", telling_udp},
    {"Ip", telling_ip},
    {"Ip6", telling_ip},
    {"Udp6", telling_udp},
    {"UdpLite6", first_udp},
    {"UdpLite6", telling_udp},
};

enum { TELLING_GROUPS = sizeof(telling_groups) / sizeof(telling_groups[0]) };

/* Where a counter stands above: group and row, which is also the order it is listed in. */
struct telling_place {
    size_t group, row;
    const struct telling *telling; // NULL: nowhere, it tells little
};

static struct telling_place place_of(const struct protocol_counter *counter)
{
    for (size_t g = 0; g < TELLING_GROUPS; g++) {
        const struct telling *const rows = telling_groups[g].counters;
        if (!str_equal(telling_groups[g].group, counter->group.ptr)) {
            continue;
        }
        for (size_t i = 0; rows[i].name != NULL; i++) {
            if (str_equal(rows[i].name, counter->name.ptr)) {
                return (struct telling_place){.group = g, .row = i, .telling = &rows[i]};
            }
        }
    }
    return (struct telling_place){.group = TELLING_GROUPS};
}

static const void *counters(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->network == NULL ? 0 : snap->network->counter_count;
    return snap->network == NULL ? NULL : snap->network->counters;
}

static bool counter_is_telling(const void *row)
{
    return place_of(row).telling != NULL;
}

static bool counter_is_trouble(const void *row)
{
    const struct protocol_counter *c = row;
    const struct telling *telling = place_of(c).telling;
    return telling != NULL && telling->trouble && c->has_rate && c->per_s > 0;
}

static struct row_key counter_key(const void *row)
{
    const struct telling_place place = place_of(row);
    return (struct row_key){.a = place.group, .b = place.row};
}

static uint64_t counter_order(const void *row)
{
    const struct telling_place place = place_of(row);
    return (uint64_t)place.group << 32 | place.row;
}

static struct value get_group(const struct snapshot *snap, const void *row)
{
    const struct protocol_counter *c = row;
    (void)snap;
    return table_text(c->group, ABSENT_UNSUPPORTED);
}

static struct value get_counter(const struct snapshot *snap, const void *row)
{
    const struct protocol_counter *c = row;
    (void)snap;
    return table_text(c->name, ABSENT_UNSUPPORTED);
}

static struct value get_count(const struct snapshot *snap, const void *row)
{
    const struct protocol_counter *c = row;
    (void)snap;
    return table_count(c->value);
}

static struct value get_per_second(const struct snapshot *snap, const void *row)
{
    const struct protocol_counter *c = row;
    (void)snap;
    return c->is_gauge ? value_absent(ABSENT_NOT_APPLICABLE)
                       : table_rate(VALUE_COUNT_RATE, c->per_s, c->has_rate);
}

static struct value get_share(const struct snapshot *snap, const void *row)
{
    const struct protocol_counter *c = row;
    (void)snap;
    return c->share < 0 ? value_absent(ABSENT_NOT_APPLICABLE)
                        : table_rate(VALUE_FRACTION, c->share, true);
}

/* clang-format off */
static const struct table_column protocol_columns[] = {
    {"group", "GROUP", "Protocol the counter belongs to; sorted by it, what tells most comes first",
        "/proc/net/snmp, netstat, snmp6", VALUE_TEXT, 9, false, false, false, get_group},
    {"counter", "COUNTER", "The kernel's name of the counter, or a state of TCP sockets",
        "/proc/net/snmp, netstat, snmp6; sock_diag(7)",
        VALUE_TEXT, 20, true, false, false, get_counter},
    {"value", "VALUE",
        "Events since the machine started; of CurrEstab and states how many there are now",
        "/proc/net/snmp, netstat, snmp6", VALUE_COUNT, 7, false, true, false, get_count},
    {"rate", "RATE/s", "Events a second", "/proc/net/snmp, netstat, snmp6",
        VALUE_COUNT_RATE, 6, false, true, false, get_per_second},
    {"share", "SHARE%", "Share of all there were, of segments sent RetransSegs of them",
        "/proc/net/snmp, netstat, snmp6", VALUE_FRACTION, 6, false, true, false, get_share},
};
/* clang-format on */

enum { PROTOCOL_COLUMNS = sizeof(protocol_columns) / sizeof(protocol_columns[0]) };

const struct table table_protocols = {
    .name = "protocols",
    .title = "Protocols",
    .short_title = "Protocols",
    .help = "Counters that tell whether the network protocols are well",
    .parts = PART_PROTOCOLS,
    .further_parts = PART_SOCKET_STATES,
    .columns = protocol_columns,
    .column_count = PROTOCOL_COLUMNS,
    .sort = 0, // group
    .row_bytes = sizeof(struct protocol_counter),
    .rows = counters,
    .has = counter_is_telling,
    .key = counter_key,
    .alarming = counter_is_trouble,
    .order = counter_order,
};
