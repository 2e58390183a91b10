#include "sampler/diff_protocols.h"

#include "base/str.h"

#include <stdbool.h>

/* What a failure is one of. */
struct share_of {
    const char *group, *name;       // the failures
    const char *of_group, *of_name; // what went well, or all
    bool apart;                     // the failures are not among those
};

/* Source: net/ipv4/tcp_output.c (OutSegs leaves out what is sent again), net/ipv4/udp.c
 * (InDatagrams are those that were delivered), net/ipv4/tcp_ipv4.c. */
static const struct share_of shares[] = {
    {"Tcp", "RetransSegs", "Tcp", "OutSegs", true},
    {"Tcp", "InErrs", "Tcp", "InSegs", false},
    {"TcpExt", "ListenOverflows", "Tcp", "PassiveOpens", true},
    {"TcpExt", "ListenDrops", "Tcp", "PassiveOpens", true},
    {"Udp", "InErrors", "Udp", "InDatagrams", true},
    {"Udp", "RcvbufErrors", "Udp", "InDatagrams", true},
    {"Udp", "SndbufErrors", "Udp", "OutDatagrams", true},
    {"Udp6", "InErrors", "Udp6", "InDatagrams", true},
    {"Udp6", "RcvbufErrors", "Udp6", "InDatagrams", true},
    {"Udp6", "SndbufErrors", "Udp6", "OutDatagrams", true},
};

void protocols_count_states(const struct raw_sample *sample,
                            struct protocol_counter ret[PROTOCOL_STATES])
{
    uint64_t counts[SOCKET_STATE_COUNT] = {0};
    for (size_t i = 0; i < sample->socket_count; i++) {
        const struct raw_socket *socket = &sample->sockets[i];
        counts[socket->state] += socket->protocol == SOCKET_TCP && socket->netns == 0;
    }
    for (int state = 1; state < SOCKET_STATE_COUNT; state++) { // 0 is unknown
        ret[state - 1] = (struct protocol_counter){
            .group = text_literal(PROTOCOL_STATES_GROUP),
            .name = text_literal(socket_state_name((enum socket_state)state)),
            .value = counts[state],
            .is_gauge = true,
            .share = -1,
        };
    }
}

/* Errors: NULL. */
static struct protocol_counter *find(struct protocol_counter *rows, size_t count, const char *group,
                                     const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(rows[i].name.ptr, name) && str_equal(rows[i].group.ptr, group)) {
            return &rows[i];
        }
    }
    return NULL;
}

void protocols_find_shares(struct protocol_counter *rows, size_t count)
{
    for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
        const struct share_of *row = &shares[i];
        struct protocol_counter *bad = find(rows, count, row->group, row->name);
        const struct protocol_counter *of = find(rows, count, row->of_group, row->of_name);
        if (bad == NULL || of == NULL || !bad->has_rate || !of->has_rate) {
            continue;
        }
        const double all = of->per_s + (row->apart ? bad->per_s : 0);
        if (all > 0) { // nothing happened: there is no share of it
            bad->share = bad->per_s < all ? bad->per_s / all : 1;
        }
    }
}
