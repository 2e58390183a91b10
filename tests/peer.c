#include "peer.h"

#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_BYTES = 256, PIECE_BYTES = 65536, LIFE_S = 100 };

struct order {
    enum peer_task task;
    char text[TEXT_BYTES];
    uint64_t number;
};

/* What the child has. */
struct ends {
    int listener, connection;
};

static int64_t own_network(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    if (unshare(CLONE_NEWNET) < 0) {
        return -errno;
    }
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int64_t result = ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
    close(fd);
    return result;
}

static int64_t run(const char *command)
{
    const pid_t child = fork();
    if (child == 0) {
        (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    return child < 0 || waitpid(child, &status, 0) != child ? -errno : WEXITSTATUS(status);
}

static socklen_t make_address(const char *text, uint16_t port, struct sockaddr_storage *ret)
{
    *ret = (struct sockaddr_storage){0};
    struct sockaddr_in *const four = (struct sockaddr_in *)ret;
    struct sockaddr_in6 *const six = (struct sockaddr_in6 *)ret;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(port);
        return sizeof(*four);
    }
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    return inet_pton(AF_INET6, text, &six->sin6_addr) == 1 ? sizeof(*six) : 0;
}

static int64_t open_listener(struct ends *ends, const char *text)
{
    struct sockaddr_storage address;
    socklen_t len = make_address(text, 0, &address);
    ends->listener = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(ends->listener, (struct sockaddr *)&address, len) < 0 ||
        listen(ends->listener, 5) < 0 ||
        getsockname(ends->listener, (struct sockaddr *)&address, &len) < 0) {
        return -errno;
    }
    return ntohs(((struct sockaddr_in *)&address)->sin_port); // at the same place in both
}

static int64_t open_connection(struct ends *ends, const char *text, uint16_t port)
{
    struct sockaddr_storage address;
    const socklen_t len = make_address(text, port, &address);
    ends->connection = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(ends->connection, (struct sockaddr *)&address, len) < 0 ? -errno : 0;
}

static int64_t move_bytes(int fd, uint64_t count, bool out)
{
    static char piece[PIECE_BYTES];
    uint64_t left = count;
    while (left > 0) {
        const size_t size = left < sizeof(piece) ? (size_t)left : sizeof(piece);
        const ssize_t moved = out ? send(fd, piece, size, MSG_NOSIGNAL) : recv(fd, piece, size, 0);
        if (moved <= 0) {
            return moved < 0 ? -errno : -EPIPE;
        }
        left -= (uint64_t)moved;
    }
    return (int64_t)count;
}

static int64_t obey(struct ends *ends, const struct order *order)
{
    switch (order->task) {
    case PEER_OWN_NETWORK:
        return own_network();
    case PEER_RUN:
        return run(order->text);
    case PEER_LISTEN:
        return open_listener(ends, order->text);
    case PEER_CONNECT:
        return open_connection(ends, order->text, (uint16_t)order->number);
    case PEER_ACCEPT:
        ends->connection = accept4(ends->listener, NULL, NULL, SOCK_CLOEXEC);
        return ends->connection < 0 ? -errno : 0;
    case PEER_SEND:
        return move_bytes(ends->connection, order->number, true);
    case PEER_RECEIVE:
        return move_bytes(ends->connection, order->number, false);
    case PEER_CLOSE:
        return close(ends->connection) < 0 ? -errno : 0;
    }
    return -EINVAL;
}

static void live(int line)
{
    struct ends ends = {-1, -1};
    struct order order;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)alarm(LIFE_S);
    while (recv(line, &order, sizeof(order), 0) == (ssize_t)sizeof(order)) {
        const int64_t answer = obey(&ends, &order);
        if (send(line, &answer, sizeof(answer), MSG_NOSIGNAL) < 0) {
            break;
        }
    }
    _exit(0);
}

struct peer peer_start(void)
{
    int line[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(line[0]);
        live(line[1]);
    }
    close(line[1]);
    return (struct peer){.pid = pid, .line = line[0]};
}

void peer_tell(const struct peer *peer, enum peer_task task, const char *text, uint64_t number)
{
    struct order order = {.task = task, .number = number};
    assert_true(strlen(text) < sizeof(order.text));
    memcpy(order.text, text, strlen(text));
    assert_int_equal(send(peer->line, &order, sizeof(order), MSG_NOSIGNAL), sizeof(order));
}

int64_t peer_answer(const struct peer *peer)
{
    int64_t answer = 0;
    assert_int_equal(recv(peer->line, &answer, sizeof(answer), 0), sizeof(answer));
    return answer;
}

int64_t peer_do(const struct peer *peer, enum peer_task task, const char *text, uint64_t number)
{
    peer_tell(peer, task, text, number);
    return peer_answer(peer);
}

void peer_end(const struct peer *peer)
{
    int status = 0;
    (void)shutdown(peer->line, SHUT_RDWR); // younger peers inherited this end
    close(peer->line);
    assert_int_equal(waitpid(peer->pid, &status, 0), peer->pid);
}
