#include "model/network.h"
#include "model/snapshot.h"
#include "sampler/inspect_facts.h"
#include "sampler/text.h"

#include <string.h>

/*
 * Who a process waits for: the other end of a pipe, FIFO or connection, a child, whoever has a
 * lock. That nobody was found is only said of what could be looked through.
 */

enum {
    NAMED_MAX = 3, // of many, so that the line can be read
};

/* --- naming processes ------------------------------------------------------------------------- */

/* Some of many processes, as they are added one by one. */
struct naming {
    struct facts *facts;
    struct strbuf *buf;
    bool tells_states; // whoever adds them
    size_t named, more;
    int32_t first; // pid of the first one that is another process; 0 none
};

/* That a process cannot do what is waited for; "" when it may. */
static const char *stopped(const struct facts *facts, int32_t pid)
{
    const struct proc *proc = snapshot_find_pid(facts->snap, pid);
    const char state = proc != NULL ? proc->state : 'S';
    return state == 'T' ? ", which is stopped" : state == 't' ? ", which its tracer stopped" : "";
}

static void name_next(struct naming *naming, int32_t pid)
{
    const bool is_itself = pid == naming->facts->set->id.pid;
    if (naming->named == NAMED_MAX) {
        naming->more++;
        return;
    }
    str_add(naming->buf, naming->named > 0 ? ", " : "");
    facts_put_pid(naming->facts, naming->buf, pid);
    str_add(naming->buf, is_itself ? ", which is this process itself" : "");
    str_add(naming->buf, is_itself || naming->tells_states ? "" : stopped(naming->facts, pid));
    naming->named++;
    naming->first = naming->first == 0 && !is_itself ? pid : naming->first;
}

static void name_rest(const struct naming *naming)
{
    if (naming->more > 0) {
        str_addf(naming->buf, ", and %zu more", naming->more);
    }
}

/* Append why nobody was found. */
static void put_reason(const struct facts *facts, struct strbuf *buf, bool hidden, bool unfinished)
{
    if (hidden && facts->snap->looker == LOOKER_USER) {
        str_add(buf, dossier_trouble(DOSSIER_DENIED, LOOKER_USER));
    } else if (hidden) {
        str_add(buf, "not every process is to be seen from here");
    } else if (unfinished) {
        str_add(buf, "looking through all processes takes too long");
    } else {
        str_add(buf, "no process was found that has it");
    }
}

/* --- pipes ------------------------------------------------------------------------------------ */

/* Others than the process itself first. Returns the pid of one of them, 0: none. */
static int32_t put_holders(struct facts *facts, struct strbuf *buf, const struct raw_end *end)
{
    struct naming naming = {.facts = facts, .buf = buf, .more = end->holders_left_out};
    for (int self = 0; self <= 1; self++) {
        for (size_t i = 0; i < end->holder_count; i++) {
            if ((end->holders[i] == facts->set->id.pid) == (self == 1)) {
                name_next(&naming, end->holders[i]);
            }
        }
    }
    name_rest(&naming);
    return naming.first;
}

static int32_t put_pipe(struct facts *facts, struct strbuf *buf, const struct raw_peers *peers,
                        const struct raw_end *end)
{
    if (end->inode == 0) {
        return 0; // which one it is could not be found out
    }
    const char *how = !end->writes ? " for writing" : end->reads ? "" : " for reading";
    if (end->holder_count == 0) {
        str_addf(buf, "; who has it open%s is not known: ", how);
        put_reason(facts, buf, peers->hidden, peers->unfinished);
        return 0;
    }
    str_addf(buf, "; open%s in ", how);
    const int32_t pid = put_holders(facts, buf, end);
    if (peers->hidden || peers->unfinished) {
        str_addf(buf, "; maybe in others, %s",
                 peers->hidden ? "that are not to be seen from here"
                               : "as looking through all takes too long");
    }
    return pid;
}

/* --- sockets ---------------------------------------------------------------------------------- */

static const struct connection *find_socket(const struct network_load *network, uint64_t inode)
{
    for (size_t i = 0; network != NULL && inode != 0 && i < network->connection_count; i++) {
        if (network->connections[i].inode == inode) {
            return &network->connections[i];
        }
    }
    return NULL;
}

/* The other end, where it is on this machine. NULL when none is known. */
static const struct connection *find_other_end(const struct network_load *network,
                                               const struct connection *c)
{
    if (c->protocol == SOCKET_UNIX) {
        return find_socket(network, c->peer_inode);
    }
    const struct connection *found = NULL;
    for (size_t i = 0; c->remote_text.bytes > 0 && i < network->connection_count; i++) {
        const struct connection *other = &network->connections[i];
        const bool fits = connection_is_other_end(c, other);
        if (fits && (found == NULL || other->netns == c->netns)) {
            found = other;
        }
    }
    return found;
}

static void put_address(struct strbuf *buf, struct text address, struct text name)
{
    str_add_bytes(buf, address.ptr, address.bytes);
    if (name.bytes > 0) {
        str_add(buf, " (");
        str_add_bytes(buf, name.ptr, name.bytes);
        str_add(buf, ")");
    }
}

static void put_connection(struct strbuf *buf, const struct connection *c)
{
    str_add(buf, socket_protocol_name(c->protocol));
    if (c->local_text.bytes > 0) {
        str_add(buf, " ");
        put_address(buf, c->local_text, c->local_name);
    }
    if (c->remote_text.bytes > 0) {
        str_add(buf, " to ");
        put_address(buf, c->remote_text, c->remote_name);
    }
    str_addf(buf, ", %s", connection_state_name(c));
}

/* Whether it accepts connections to an address. */
static bool listens_at(const struct connection *c, const struct net_address *address)
{
    static const uint8_t any[sizeof(address->bytes)] = {0};
    const size_t size = c->local.family == 4 ? 4 : sizeof(any);
    const bool is_any = memcmp(c->local.bytes, any, size) == 0;
    const bool is_same =
        c->local.family == address->family && memcmp(c->local.bytes, address->bytes, size) == 0;
    return c->state == SOCKET_LISTEN && c->local.port == address->port && (is_any || is_same);
}

/* A process gets it, and it a number, when it is accepted. Closed ones have lost theirs. */
static bool waits_for_accept(const struct connection *c)
{
    return c->protocol != SOCKET_UNIX && c->inode == 0 &&
           (c->state == SOCKET_ESTABLISHED || c->state == SOCKET_CLOSE_WAIT ||
            c->state == SOCKET_SYN_RECV);
}

/* Who would accept a connection to where `c` goes. NULL: nobody on this machine. */
static const struct connection *find_listener(const struct network_load *network,
                                              const struct connection *c)
{
    const struct connection *found = NULL;
    for (size_t i = 0; i < network->connection_count; i++) {
        const struct connection *other = &network->connections[i];
        const bool fits = other->protocol == c->protocol && listens_at(other, &c->remote) &&
                          other->netns == c->netns;
        found = fits ? other : found;
    }
    return found;
}

/* Who would accept a connection to the name of a local socket. NULL: nobody, or not known. */
static const struct connection *find_local_listener(struct facts *facts, struct raw_bytes name)
{
    const struct text listed = text_from_bytes(facts->arena, name.ptr, name.len);
    const struct network_load *network = facts->snap->network;
    for (size_t i = 0; listed.bytes > 0 && i < network->connection_count; i++) {
        const struct connection *c = &network->connections[i];
        if (c->protocol == SOCKET_UNIX && connection_is_listening(c) &&
            c->local_text.bytes == listed.bytes &&
            memcmp(c->local_text.ptr, listed.ptr, listed.bytes) == 0) {
            return c;
        }
    }
    return NULL;
}

/* Connections that nobody has accepted, and how many may wait for that. */
static void put_queue(struct strbuf *buf, const struct connection *listener)
{
    if (listener->recv_queue == QUEUE_UNKNOWN || listener->send_queue == QUEUE_UNKNOWN) {
        return;
    }
    const bool is_full = listener->recv_queue > listener->send_queue; // one more than it was told
    str_addf(buf, " has %u of %u connections waiting%s and", (unsigned)listener->recv_queue,
             (unsigned)listener->send_queue, is_full ? ", which is full," : "");
}

/* Who has a socket. */
static int32_t put_socket_owners(struct facts *facts, struct strbuf *buf,
                                 const struct connection *other)
{
    struct naming naming = {.facts = facts, .buf = buf};
    str_add(buf, other->owner_count > 0 ? " is in " : " is in a process not known: ");
    for (int self = 0; self <= 1; self++) {
        struct proc_id last = {0};
        for (uint32_t i = 0; i < other->owner_count; i++) {
            const struct proc_id id = other->owners[i].id;
            if (!proc_id_equal(id, last) && (id.pid == facts->set->id.pid) == (self == 1)) {
                name_next(&naming, id.pid);
            }
            last = id;
        }
    }
    name_rest(&naming);
    if (other->owner_count == 0 && other->owners_pending) {
        str_add(buf, dossier_trouble(DOSSIER_NOT_READ, false));
    } else if (other->owner_count == 0) {
        put_reason(facts, buf, other->owners_denied, false);
    }
    return naming.first;
}

static int32_t put_other_end(struct facts *facts, struct strbuf *buf,
                             const struct connection *other)
{
    str_add(buf, "; the other end");
    if (other->protocol == SOCKET_UNIX && other->local_text.bytes > 0) {
        str_add(buf, ", ");
        str_add_bytes(buf, other->local_text.ptr, other->local_text.bytes);
        str_add(buf, ",");
    }
    return put_socket_owners(facts, buf, other);
}

static int32_t put_listener(struct facts *facts, struct strbuf *buf,
                            const struct connection *listener)
{
    str_add(buf, "; whoever listens there, at ");
    put_address(buf, listener->local_text, listener->local_name);
    str_add(buf, ",");
    put_queue(buf, listener);
    return put_socket_owners(facts, buf, listener);
}

/* A local socket that waits for its connection to be accepted is not connected so far. */
static int32_t put_connecting(struct facts *facts, struct strbuf *buf, const struct raw_end *end)
{
    const struct connection *listener = find_local_listener(facts, end->address);
    str_add(buf, "; to ");
    facts_put(buf, end->address);
    return listener != NULL ? put_listener(facts, buf, listener) : 0;
}

static int32_t put_socket(struct facts *facts, struct strbuf *buf, const struct raw_end *end)
{
    const struct network_load *network = facts->snap->network;
    const struct connection *c = find_socket(network, end->inode);
    if (network == NULL || (network->parts & PART_SOCKETS) == 0) {
        return 0;
    }
    if (c == NULL) {
        str_add(buf, ", of a kind or in a network namespace that is not listed here");
        return 0;
    }
    str_add(buf, ": ");
    put_connection(buf, c);
    if (c->protocol == SOCKET_UNIX && end->address.len > 0) {
        return put_connecting(facts, buf, end);
    }
    const struct connection *other = find_other_end(network, c);
    const bool is_accepted = other != NULL && !waits_for_accept(other);
    const struct connection *listener =
        c->remote.family != 0 && !is_accepted ? find_listener(network, c) : NULL;
    if (listener != NULL) {
        str_add(buf, other != NULL ? "; nobody has accepted it so far" : "");
        return put_listener(facts, buf, listener);
    }
    if (other != NULL) {
        return put_other_end(facts, buf, other);
    }
    if (c->protocol == SOCKET_UNIX && c->state == SOCKET_ESTABLISHED) {
        str_add(buf, "; this system does not tell the other end");
    } else if (c->remote_text.bytes > 0 && connection_is_to_loopback(c)) {
        str_add(buf, "; the other end was not found on this machine");
    }
    return 0;
}

/* --- children --------------------------------------------------------------------------------- */

/* Which children a call waits for. */
struct wanted {
    bool any;      // of them
    int32_t pid;   // only this one; 0: no
    int32_t group; // only those of this process group; 0: no
};

/* Pids mean something else in another PID namespace: then it may be any of them. */
static bool wants_children(const struct raw_wait *wait, bool inner_pids, int32_t own_group,
                           struct wanted *ret)
{
    enum { BY_PID = 1, BY_GROUP = 2, BY_PIDFD = 3 }; // P_PID and so on of waitid()
    const struct raw_bytes name = wait->syscall_name;
    const bool is_wait4 = name.len == strlen("wait4") && memcmp(name.ptr, "wait4", name.len) == 0;
    const bool is_waitid =
        name.len == strlen("waitid") && memcmp(name.ptr, "waitid", name.len) == 0;
    const int32_t id = (int32_t)(uint32_t)(wait->args[is_wait4 ? 0 : 1] & UINT32_MAX);
    const uint64_t kind = wait->args[0] & UINT32_MAX; // of waitid()
    *ret = (struct wanted){0};
    if (!wait->in_syscall || !(is_wait4 || (is_waitid && kind != BY_PIDFD))) {
        return false; // whose a pidfd is, it does not say
    }
    if (is_wait4 ? id > 0 : kind == BY_PID) {
        ret->pid = id;
    } else if (is_wait4 ? id < -1 : kind == BY_GROUP && id != 0) {
        ret->group = is_wait4 ? -id : id;
    } else if (is_wait4 ? id == 0 : kind == BY_GROUP) {
        ret->group = own_group;
    }
    ret->any = inner_pids || (ret->pid == 0 && ret->group == 0);
    return true;
}

static void tell_children(struct facts *facts, const struct wanted *wanted)
{
    struct strbuf *buf = facts_begin(facts);
    struct naming naming = {.facts = facts, .buf = buf, .tells_states = true};
    for (size_t i = 0; i < facts->snap->proc_count; i++) {
        const struct proc *proc = &facts->snap->procs[i];
        const bool lives = (proc->flags & (PROC_THREAD | PROC_EXITED)) == 0;
        const bool fits = wanted->any || (wanted->pid != 0 && proc->id.pid == wanted->pid) ||
                          (wanted->group != 0 && proc->pgrp == wanted->group);
        if (lives && proc->ppid == facts->set->id.pid && fits) {
            name_next(&naming, proc->id.pid);
            if (naming.more == 0) {
                str_addf(buf, ", %s", facts_state_words(proc->state));
            }
        }
    }
    name_rest(&naming);
    if (naming.named == 0) {
        str_add(buf, "none that is to be seen from here");
    }
    struct dossier_fact *fact =
        facts_end(facts, naming.named + naming.more > 1 ? "any child of" : "child");
    if (naming.first != 0) {
        facts_lead_to(facts, fact, naming.first);
    }
}

/* The one made last is the one that is waited for, unless another thread makes children as well. */
static void tell_vfork_child(struct facts *facts, uint32_t thread_count)
{
    const struct proc *last = NULL;
    for (size_t i = 0; i < facts->snap->proc_count; i++) {
        const struct proc *proc = &facts->snap->procs[i];
        const bool lives = (proc->flags & (PROC_THREAD | PROC_EXITED)) == 0;
        if (lives && proc->ppid == facts->set->id.pid &&
            (last == NULL || proc->id.start_ns >= last->id.start_ns)) {
            last = proc;
        }
    }
    if (last == NULL) {
        return;
    }
    struct strbuf *buf = facts_begin(facts);
    facts_put_pid(facts, buf, last->id.pid);
    str_addf(buf, ", %s", facts_state_words(last->state));
    str_add(buf, thread_count > 1 ? "; the last child, if no other thread made it" : "");
    facts_lead_to(facts, facts_end(facts, "child"), last->id.pid);
}

/* --- locks ------------------------------------------------------------------------------------ */

static bool is_same_lock(const struct raw_lock *a, const struct raw_lock *b)
{
    return a->id == b->id && a->waiting == b->waiting && a->inode == b->inode &&
           a->from == b->from && a->to == b->to;
}

/* A file that somebody has a lease on is being opened: its path. Empty: none, or several. */
static struct raw_bytes opened_path(const struct facts *facts)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_PEERS];
    const struct raw_peers *peers = pair->now != NULL ? &pair->now->as.peers : NULL;
    struct raw_bytes path = {0};
    size_t count = 0;
    for (size_t i = 0; peers != NULL && i < peers->end_count; i++) {
        if (peers->ends[i].fd < 0 && peers->ends[i].kind != RAW_FILE_FIFO) {
            path = peers->ends[i].file;
            count++;
        }
    }
    return count == 1 ? path : (struct raw_bytes){0};
}

void facts_put_lock_file(struct facts *facts, struct strbuf *buf, const struct raw_lock *lock)
{
    const bool is_lease =
        lock->type.len == strlen("LEASE") && memcmp(lock->type.ptr, "LEASE", lock->type.len) == 0;
    const struct raw_bytes opened =
        is_lease && lock->waiting ? opened_path(facts) : (struct raw_bytes){0};
    if (lock->path.len > 0 || opened.len > 0) {
        facts_put(buf, lock->path.len > 0 ? lock->path : opened);
    } else if (lock->inode != 0) {
        str_addf(buf, "inode %llu of device %u:%u", (unsigned long long)lock->inode,
                 (unsigned)lock->major, (unsigned)lock->minor);
    } else {
        str_add(buf, "a file that is not known");
    }
}

int32_t facts_put_lock_holders(struct facts *facts, struct strbuf *buf, const struct raw_lock *lock)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_PEERS];
    const struct raw_peers *peers = pair->now != NULL ? &pair->now->as.peers : NULL;
    const struct raw_lock_holders *known = NULL;
    for (size_t i = 0; peers != NULL && i < peers->lock_count; i++) {
        known = is_same_lock(&peers->locks[i].lock, lock) ? &peers->locks[i] : known;
    }
    struct naming naming = {.facts = facts, .buf = buf};
    const size_t holders = known != NULL ? known->holder_count : 0;
    if (holders == 0 && lock->holder < 0) {
        str_add(buf, "held through an open file, by whom is not known");
        if (known != NULL) {
            str_add(buf, ": ");
            put_reason(facts, buf, peers->hidden, peers->unfinished);
        }
        return 0;
    }
    if (holders == 0 && lock->holder == 0) {
        str_add(buf, "held by whom is not to be seen from here");
        return 0;
    }
    str_add(buf, "held by ");
    for (size_t i = 0; i < holders; i++) {
        name_next(&naming, known->holders[i]);
    }
    if (holders == 0) {
        name_next(&naming, lock->holder);
    } else {
        naming.more += known->holders_left_out;
        name_rest(&naming);
    }
    return naming.first;
}

/* --- all of them ------------------------------------------------------------------------------ */

static void tell_end(struct facts *facts, const struct raw_peers *peers, const struct raw_end *end)
{
    struct strbuf *buf = facts_begin(facts);
    int32_t pid = 0;
    if (end->fd >= 0) {
        str_addf(buf, "descriptor %d", (int)end->fd);
    }
    str_add(buf, end->fd >= 0 && end->file.len > 0 ? ", " : "");
    facts_put(buf, end->file);
    if (end->fd < 0 && end->kind != RAW_FILE_FIFO) {
        str_add(buf, ", which it opens");
    } else if (end->fd < 0) {
        str_add(buf, ": nobody has the other end of it open");
    } else if (end->kind == RAW_FILE_FIFO) {
        pid = put_pipe(facts, buf, peers, end);
    } else if (end->kind == RAW_FILE_SOCKET) {
        pid = put_socket(facts, buf, end);
    } else if (end->pid > 0) {
        struct naming naming = {.facts = facts, .buf = buf};
        str_add(buf, ": of ");
        name_next(&naming, end->pid);
        pid = naming.first;
    } else if (end->tty >= 0) {
        str_addf(buf, "; its other end is /dev/pts/%d", (int)end->tty);
    }
    struct dossier_fact *fact = facts_end(facts, "other end");
    if (pid != 0) {
        facts_lead_to(facts, fact, pid);
    }
}

/* The two were not read at the same moment: it may wait for something else by now. */
static bool is_of_wait(const struct raw_end *end, const struct raw_wait *wait)
{
    return end->tid == wait->tid && wait->in_syscall && end->syscall == wait->syscall &&
           end->syscall_fd == wait->syscall_fd;
}

void facts_ends(struct facts *facts, const struct raw_wait *wait, size_t max)
{
    const struct inspect_pair *pair = &facts->set->parts[INSPECT_PEERS];
    const struct raw_peers *peers = pair->now != NULL ? &pair->now->as.peers : NULL;
    const struct inspect_pair *waiting = &facts->set->parts[INSPECT_WAITING];
    struct wanted wanted;
    const bool inner = waiting->now != NULL && waiting->now->as.waiting.inner_pids;
    if (wants_children(wait, inner, facts->proc != NULL ? facts->proc->pgrp : 0, &wanted)) {
        tell_children(facts, &wanted);
    } else if (facts_is_vfork(wait)) {
        tell_vfork_child(facts, waiting->now != NULL ? waiting->now->as.waiting.thread_count : 1);
    }
    facts_futex(facts, wait);
    size_t told = 0;
    size_t more = 0;
    for (size_t i = 0; peers != NULL && i < peers->end_count; i++) {
        const struct raw_end *end = &peers->ends[i];
        if (!is_of_wait(end, wait)) {
            continue;
        }
        if (told < max) {
            tell_end(facts, peers, end);
            told++;
        } else {
            more++;
        }
    }
    if (more > 0) {
        str_addf(facts_begin(facts), "and %zu more", more);
        (void)facts_end(facts, "other ends");
    }
}
