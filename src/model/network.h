#ifndef MODEL_NETWORK_H
#define MODEL_NETWORK_H

#include "base/facts.h"
#include "base/net.h"
#include "model/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sockets, interfaces and protocol counters at one moment. Rates are over snapshot.interval_ns. */

/* A process that holds a socket. */
struct socket_owner {
    struct proc_id id;
    int32_t fd;
    struct text name; // short command name
};

/* One socket. */
struct connection {
    enum socket_protocol protocol;
    enum socket_state state;
    struct net_address local, remote;
    struct text local_text, remote_text; // "10.0.0.1:443", "[::1]:22", "*:80", "/run/x", "@name"
    struct text local_name, remote_name; // "db.example.com:https"; empty when names are not wanted
                                         // or none is known
    uint64_t inode, cookie;
    uint64_t peer_inode; // of the socket at the other end, where that is on this machine; 0 none or
                         // unknown
    struct text peer;    // unix: the name of that, else who holds it; empty: not known
    struct text peer_holder; // who holds that: "812/nginx +3"; empty: not known
    bool peer_denied;        // who that is may not be read
    uint32_t uid;
    struct text user;                // its name, or the uid in digits while that is not known
    uint32_t interface_index;        // it is bound to; 0 none
    struct text interface;           // its name; empty for none
    uint32_t netns;                  // inode of its network namespace; 0: ours
    struct text netns_name;          // of the container, or whatever is known of it; empty: ours
    uint32_t recv_queue, send_queue; // see struct raw_socket
    bool has_tcp;                    // the kernel counts for it: bytes, rtt, retransmits, cwnd
    bool has_rate;                   // it was there in the previous sample
    uint64_t rx_bytes, tx_bytes;
    double rx_bytes_per_s, tx_bytes_per_s;
    uint64_t rtt_ns;
    uint32_t retransmits, cwnd;
    double retransmits_per_s;
    uint64_t age_ns; // since perch first saw it; FIGURE_ABSENT in the first sample
    bool is_older;   // it may have been there before
    const struct socket_owner *owners; // first the one with the lowest pid
    uint32_t owner_count;
    bool owners_denied;  // perhaps hidden from us
    bool owners_pending; // perhaps not found yet
    struct text name;    // of the first owner, and how many more there are: "nginx +3"
};

/* What a socket speaks, in lower case: "tcp". Owns: static storage. */
const char *socket_protocol_name(enum socket_protocol protocol);

/* The name of a state, as netstat(8) has it. Owns: static storage. */
const char *socket_state_name(enum socket_state state);

/* The state of a socket by the name it has for its protocol: "UNCONN" where none are accepted.
 * Owns: static storage. */
const char *connection_state_name(const struct connection *connection);

/* Which socket it is, to be closed. */
struct socket_id connection_id(const struct connection *connection);

/* Whether it waits for others rather than having a peer: what `ss -l` lists. */
bool connection_is_listening(const struct connection *connection);

/* Whether its peer has a loopback address, which is of its own network namespace. */
bool connection_is_to_loopback(const struct connection *connection);

/* Whether b is the other end of a, by their addresses as they are written: those of IPv4 within
 * IPv6 are written alike. Of the protocols of the network only. */
bool connection_is_other_end(const struct connection *a, const struct connection *b);

/* One network interface. */
struct interface_load {
    struct text name, kind, address;
    bool unknown; // the kernel has not told yet what it is: name, counters and rates are known
    uint32_t index, mtu;
    bool up, running, loopback;
    bool counted; // in the sums: one physical link is counted once
    bool has_rate;
    uint64_t speed_bits; // per second; FIGURE_ABSENT unknown
    uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
    uint64_t rx_errors, tx_errors, rx_drops, tx_drops;
    double rx_bytes_per_s, tx_bytes_per_s, rx_packets_per_s, tx_packets_per_s;
    double errors_per_s, drops_per_s;
    double utilisation; // of the busier direction, 0..1; negative when the speed is not known
};

/* One counter of a network protocol. */
struct protocol_counter {
    struct text group, name;
    uint64_t value;
    bool is_gauge;
    bool has_rate;
    double per_s;
    double share; // of all it could have happened to in this interval, 0..1; negative: not known
};

/* The group of the counters that say how many TCP sockets are in which state. */
#define PROTOCOL_STATES_GROUP "TcpStates"

/* What a snapshot knows of the network. An array is empty unless its part was read. */
struct network_load {
    unsigned parts; // enum sample_part
    const struct connection *connections;
    size_t connection_count;
    int socket_error;       // why some are missing, negative errno; 0 none
    bool owners_outside;    // processes of other PID namespaces, never listed, may hold some
    size_t netns_count;     // other network namespaces whose connections are among them
    size_t netns_uncounted; // of those, without what has_tcp is about
    bool netns_left_out;    // there are more of them than can be read
    const struct interface_load *interfaces;
    size_t interface_count;
    bool interfaces_pending; // the kernel has not told yet what has changed of them
    const struct protocol_counter *counters;
    size_t counter_count;
    double rx_bytes_per_s, tx_bytes_per_s; // of all counted interfaces; negative: not known
    // Of all TCP connections that lead away from the machine. What links carry beyond that is UDP
    // and others, headers, and connections too short to be seen.
    double tcp_rx_bytes_per_s, tcp_tx_bytes_per_s; // negative: not known
};

#endif
