#include "base/arena.h"
#include "model/network.h"
#include "sampler/diff_network.h"

#include <errno.h>

/*
 * What the sockets say of the processes that hold them. A socket counts once for each process, no
 * matter how many descriptors lead to it; one that several processes hold counts for each of
 * them, because nobody can say whose bytes they are.
 *
 * The kernel counts bytes for TCP only. A process whose sockets are all of other protocols has
 * unknown traffic, not none; likewise one with a TCP connection that nothing is known of.
 */

/* What was met among the sockets of a process. */
struct tally {
    bool counted;       // a TCP connection with its bytes
    bool without_rate;  // one of those, seen only once
    bool uncounted_tcp; // one without
    bool uncounted;     // UDP and others, of which the kernel counts nothing
};

static void add_socket(const struct connection *c, struct proc *proc, struct tally *tally)
{
    proc->net.sockets++;
    if (c->has_tcp) {
        proc->net.rx_bytes += c->rx_bytes;
        proc->net.tx_bytes += c->tx_bytes;
        proc->net.rx_bytes_per_s += c->rx_bytes_per_s; // 0 without a rate
        proc->net.tx_bytes_per_s += c->tx_bytes_per_s;
        tally->counted = true;
        tally->without_rate |= !c->has_rate;
    } else if (c->protocol == SOCKET_TCP) {
        tally->uncounted_tcp |= c->state != SOCKET_LISTEN;
    } else {
        tally->uncounted |= c->protocol != SOCKET_UNIX;
    }
}

/* Owners are in order, so those of one process are next to each other. */
static void add_owners(const struct connection *c, struct proc *procs, size_t count,
                       struct tally *tallies)
{
    for (uint32_t i = 0; i < c->owner_count; i++) {
        if (i > 0 && proc_id_equal(c->owners[i].id, c->owners[i - 1].id)) {
            continue;
        }
        struct proc *const proc = proc_id_find(procs, count, sizeof(*procs), c->owners[i].id);
        if (proc != NULL) {
            add_socket(c, proc, &tallies[proc - procs]);
        }
    }
}

int diff_traffic(const struct network_load *load, bool has_interval, struct arena *arena,
                 struct proc *procs, size_t count)
{
    if (load == NULL || (load->parts & PART_SOCKETS) == 0) {
        return 0;
    }
    struct tally *const tallies = arena_alloc(arena, count + 1, sizeof(*tallies));
    if (tallies == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < load->connection_count; i++) {
        add_owners(&load->connections[i], procs, count, tallies);
    }
    for (size_t i = 0; i < count; i++) {
        const struct tally *const tally = &tallies[i];
        if (load->socket_error != 0) { // there may be more
            procs[i].have &= ~(fact_mask)FACT_SOCKETS;
        }
        procs[i].net.is_uncounted = tally->uncounted_tcp || (tally->uncounted && !tally->counted);
        if ((procs[i].have & FACT_SOCKETS) != 0 && has_interval && !tally->without_rate) {
            procs[i].have |= FACT_SOCKET_RATE;
        }
    }
    return 0;
}
