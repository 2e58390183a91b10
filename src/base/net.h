#ifndef BASE_NET_H
#define BASE_NET_H

#include <stdint.h>

/* The vocabulary of sockets, shared by the raw and the derived world. */

/* What a socket speaks. */
enum socket_protocol {
    SOCKET_TCP,
    SOCKET_MPTCP,
    SOCKET_UDP,
    SOCKET_UDPLITE,
    SOCKET_RAW,
    SOCKET_UNIX,
    SOCKET_PROTOCOL_COUNT,
};

/* Its state: those of TCP, which other protocols use two or three of.
 * Source: include/net/tcp_states.h. */
enum socket_state {
    SOCKET_STATE_UNKNOWN,
    SOCKET_ESTABLISHED,
    SOCKET_SYN_SENT,
    SOCKET_SYN_RECV,
    SOCKET_FIN_WAIT1,
    SOCKET_FIN_WAIT2,
    SOCKET_TIME_WAIT,
    SOCKET_CLOSE, // UDP, raw, unix: not connected
    SOCKET_CLOSE_WAIT,
    SOCKET_LAST_ACK,
    SOCKET_LISTEN,
    SOCKET_CLOSING,
    SOCKET_STATE_COUNT,
};

/* A queue of which nothing is known. */
#define QUEUE_UNKNOWN UINT32_MAX

/* One end of a connection. */
struct net_address {
    uint8_t family;    // 4, 6; 0 when there is none
    uint8_t bytes[16]; // network order; the first 4 for IPv4
    uint16_t port;     // 0: any, or none
    uint32_t scope;    // IPv6 link-local: index of the interface, else 0
};

/* One socket, and no later one with the same ends. */
struct socket_id {
    enum socket_protocol protocol;
    struct net_address local, remote;
    uint32_t interface; // index it is bound to, 0 none
    uint32_t netns;     // inode of its network namespace; 0: ours
    uint64_t cookie;    // of the kernel, never given twice; 0 unknown
};

#endif
