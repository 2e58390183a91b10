/* Closing a TCP connection. Both ends of all connections are the test's own, over loopback. */

#include "check.h"
#include "scene.h"
#include "world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOMEBODY = 65534 };

/* Two ends of a connection and the number that tells it from others. */
struct pair {
    int client, server;
    char port[8]; // of the client
};

static void connect_pair(struct pair *ret)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    ret->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(ret->client, (struct sockaddr *)&address, len), 0);
    ret->server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(ret->server >= 0);
    close(listener);
    assert_int_equal(getsockname(ret->client, (struct sockaddr *)&address, &len), 0);
    (void)snprintf(ret->port, sizeof(ret->port), "%u", (unsigned)ntohs(address.sin_port));
}

static void close_pair(const struct pair *pair)
{
    close(pair->client);
    close(pair->server);
}

static bool is_connected(const struct pair *pair)
{
    char c = 0;
    return send(pair->client, "x", 1, MSG_NOSIGNAL) == 1 && recv(pair->server, &c, 1, 0) == 1;
}

/* The error one end has, once it has one. */
static int error_of(int fd)
{
    char c;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&wait, 1, PTY_PATIENCE_MS), 1);
    return recv(fd, &c, 1, 0) < 0 ? errno : 0;
}

/* What came of two connections: the errors of both ends of one, and whether the other lives. */
struct verdict {
    int errors[2];
    bool other_lives;
};

/* Let a process of its own hold two connections, which nobody else does from then on. When the
 * first is closed it says through *ret_pipe what came of it, and ends. */
static pid_t start_holder(const struct pair *doomed, const struct pair *other, int *ret_pipe)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(300);
        struct verdict verdict = {
            .errors = {error_of(doomed->client), error_of(doomed->server)},
            .other_lives = is_connected(other),
        };
        _exit(write(ends[1], &verdict, sizeof(verdict)) == sizeof(verdict) ? 0 : 1);
    }
    close(ends[1]);
    close_pair(doomed);
    close_pair(other);
    *ret_pipe = ends[0];
    return pid;
}

/* Put the cursor on the connection. */
static void go_to_connection(struct pty *pty, const struct pair *pair)
{
    pty_type(pty, "w");
    pty_expect(pty, "REMOTE");
    pty_type(pty, "\\");
    pty_type(pty, pair->port);
    pty_press(pty, VTERM_KEY_ENTER);
    char shown[64];
    (void)snprintf(shown, sizeof(shown), "filter \"%s\"", pair->port);
    pty_expect(pty, shown);
    pty_expect(pty, "2 of ");
}

/* A process in a network namespace of its own with both ends of a connection in it; says the port
 * of one, and what came of that one, once it is closed. */
static pid_t start_container(struct pair *ret, int *ret_pipe)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct pair pair;
        struct ifreq up = {.ifr_name = "lo", .ifr_flags = IFF_UP};
        alarm(300);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        int fd = unshare(CLONE_NEWNET) == 0 ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
        if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &up) < 0) {
            _exit(1);
        }
        close(fd);
        connect_pair(&pair);
        bool told = write(ends[1], pair.port, sizeof(pair.port)) == sizeof(pair.port);
        struct verdict verdict = {.errors = {error_of(pair.client), error_of(pair.server)}};
        _exit(told && write(ends[1], &verdict, sizeof(verdict)) == sizeof(verdict) ? 0 : 1);
    }
    close(ends[1]);
    *ret = (struct pair){.client = -1, .server = -1};
    assert_int_equal(read(ends[0], ret->port, sizeof(ret->port)), sizeof(ret->port));
    *ret_pipe = ends[0];
    return pid;
}

static void skip_unless_root(void)
{
    if (!world_is_root()) {
        print_message("skipped: closing connections needs root\n");
        skip();
    }
}

static void just_the_chosen_connection_is_closed_and_told_everywhere(void **state)
{
    (void)state;
    skip_unless_root();
    struct pair doomed;
    struct pair other;
    connect_pair(&doomed);
    connect_pair(&other);
    int told;
    pid_t holder = start_holder(&doomed, &other, &told);
    char log[256];
    (void)snprintf(log, sizeof(log), "%s/close.log", world_directory());
    struct pty *pty = scene_open((const char *const[]){"--log-actions", log, NULL});
    go_to_connection(pty, &doomed);
    pty_type(pty, "X");
    pty_expect(pty, "this cannot be undone");
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect(pty, "closed connection 127.0.0.1:");
    struct verdict verdict;
    assert_int_equal(read(told, &verdict, sizeof(verdict)), sizeof(verdict));
    close(told);
    assert_int_equal(waitpid(holder, NULL, 0), holder);
    const int *errors = verdict.errors;
    assert_true((errors[0] == ECONNABORTED && errors[1] == ECONNRESET) ||
                (errors[1] == ECONNABORTED && errors[0] == ECONNRESET));
    assert_true(verdict.other_lives);
    pty_type(pty, "J");
    pty_expect(pty, "close connection");
    pty_type(pty, "q");
    FILE *file = fopen(log, "re");
    char line[1024] = "";
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    assert_int_equal(fclose(file), 0);
    assert_non_null(strstr(line, "action=close-connection"));
    assert_non_null(strstr(line, doomed.port));
    assert_non_null(strstr(line, "result=done"));
    pty_expect_gone(pty, "close connection");
    scene_close(pty);
}

static void a_connection_of_a_container_is_closed_from_outside(void **state)
{
    (void)state;
    skip_unless_root();
    struct pair doomed;
    int told;
    pid_t holder = start_container(&doomed, &told);
    struct pty *pty = pty_start(&(struct pty_options){.width = 200});
    pty_expect(pty, "PID");
    go_to_connection(pty, &doomed);
    pty_type(pty, "X");
    pty_expect(pty, "this cannot be undone");
    pty_expect(pty, " in net:[");
    pty_expect(pty, "in another network namespace");
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect(pty, "closed connection 127.0.0.1:");
    struct verdict verdict;
    assert_int_equal(read(told, &verdict, sizeof(verdict)), sizeof(verdict));
    close(told);
    assert_int_equal(waitpid(holder, NULL, 0), holder);
    const int *errors = verdict.errors;
    assert_true((errors[0] == ECONNABORTED && errors[1] == ECONNRESET) ||
                (errors[1] == ECONNABORTED && errors[0] == ECONNRESET));
    scene_close(pty);
}

/* The test holds it, and perch runs under the test. */
static void the_connection_perch_runs_under_is_closed_after_yes_only(void **state)
{
    (void)state;
    skip_unless_root();
    struct pair pair;
    connect_pair(&pair);
    struct pty *pty = scene_open(NULL);
    go_to_connection(pty, &pair);
    pty_type(pty, "X");
    pty_expect(pty, "a process perch runs under");
    pty_expect(pty, "Type yes");
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect(pty, "nothing was done");
    assert_true(is_connected(&pair));
    pty_type(pty, "X");
    pty_expect(pty, "Type yes");
    pty_type(pty, "yes");
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect(pty, "closed connection 127.0.0.1:");
    assert_true(error_of(pair.client) != 0);
    close_pair(&pair);
    scene_close(pty);
}

static void who_may_not_is_told_and_the_connection_lives(void **state)
{
    (void)state;
    skip_unless_root();
    struct pair pair;
    connect_pair(&pair);
    struct pty *pty = pty_start(&(struct pty_options){.uid = SOMEBODY, .width = 200});
    pty_expect(pty, "PID");
    go_to_connection(pty, &pair);
    pty_type(pty, "X"); // nobody is asked first
    pty_expect(pty, "nothing was closed: this needs CAP_NET_ADMIN; run perch with sudo");
    assert_true(is_connected(&pair));
    close_pair(&pair);
    scene_close(pty);
}

static void readonly_closes_nothing(void **state)
{
    (void)state;
    struct pair pair;
    connect_pair(&pair);
    struct pty *pty = scene_open((const char *const[]){"--readonly", NULL});
    go_to_connection(pty, &pair);
    pty_type(pty, "X");
    pty_expect(pty, "nothing was closed");
    assert_true(is_connected(&pair));
    close_pair(&pair);
    scene_close(pty);
}

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test_teardown(just_the_chosen_connection_is_closed_and_told_everywhere,
                                  pty_finish_all),
        cmocka_unit_test_teardown(a_connection_of_a_container_is_closed_from_outside,
                                  pty_finish_all),
        cmocka_unit_test_teardown(the_connection_perch_runs_under_is_closed_after_yes_only,
                                  pty_finish_all),
        cmocka_unit_test_teardown(who_may_not_is_told_and_the_connection_lives, pty_finish_all),
        cmocka_unit_test_teardown(readonly_closes_nothing, pty_finish_all),
    };
    return cmocka_run_group_tests_name("e2e close", all, NULL, NULL);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
