#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A child at one end of a connection, which does what it is told. */
struct peer {
    pid_t pid;
    int line; // orders go in, answers come out
};

/* What it can be told. Each is answered by a number, negative errno for a failure. */
enum peer_task {
    PEER_OWN_NETWORK, // go into a network namespace of its own, with a loopback interface that is up
    PEER_RUN,         // run `text` by a shell: its exit status
    PEER_LISTEN,      // on address `text`: the port
    PEER_CONNECT,     // to address `text`, `number` as the port
    PEER_ACCEPT,      // one connection
    PEER_SEND,        // `number` bytes over it
    PEER_RECEIVE,     // so many
    PEER_CLOSE,       // the connection
};

/* Start one. Owns: the caller, who ends it with peer_end(). */
struct peer peer_start(void);

/* Give an order. */
void peer_tell(const struct peer *peer, enum peer_task task, const char *text, uint64_t number);

/* The answer to the oldest order not answered yet. */
int64_t peer_answer(const struct peer *peer);

/* Both at once. */
int64_t peer_do(const struct peer *peer, enum peer_task task, const char *text, uint64_t number);

/* Let it end, and collect it. */
void peer_end(const struct peer *peer);

#endif
