#include "check.h"
#include "dossier.h"
#include "inspect_scene.h"
#include "sampler/text.h"

#include <stdio.h>
#include <string.h>

/* Who a process waits for, and which of its threads explains most: made-up answers in words. */

static void check_end(struct scene *scene, const char *value, int32_t leads_to)
{
    scene_tell(scene);
    const struct dossier_fact *fact = scene_line(scene, "other end", 0);
    assert_string_equal(fact->value.ptr, value);
    assert_int_equal(fact->process.pid, leads_to);
}

/* --- threads ---------------------------------------------------------------------------------- */

static void the_thread_that_explains_most_is_named(void **state)
{
    static const struct {
        char first_state;
        const char *first;
        char second_state;
        const char *second;
        bool named;
    } rows[] = {
        {'S', "hrtimer_nanosleep", 'D', "", true},
        {'S', "hrtimer_nanosleep", 'S', "futex_do_wait", true},
        {'S', "hrtimer_nanosleep", 'S', "request_wait_answer", true},
        {'S', "futex_do_wait", 'S', "request_wait_answer", true},
        {'S', "futex_do_wait", 'R', "", true},
        {'S', "anon_pipe_read", 'R', "", false}, // the first one waits for others
        {'R', "", 'S', "anon_pipe_read", true},
        {'R', "", 'S', "futex_do_wait", false},
        {'R', "", 'D', "folio_wait_bit_common", true},
        {'S', "do_epoll_wait", 'S', "futex_do_wait", false}, // workers without work
        {'S', "futex_do_wait", 'S', "do_epoll_wait", false},
        {'S', "futex_do_wait", 'S', "anon_pipe_read", true},
        {'S', "anon_pipe_read", 'S', "hrtimer_nanosleep", false},
        {'D', "folio_wait_bit_common", 'D', "request_wait_answer", false},
        {'T', "do_signal_stop", 'T', "do_signal_stop", false},
        {'S', "fcntl_setlk", 'S', "hrtimer_nanosleep", false},
        {'Z', "", 'S', "hrtimer_nanosleep", false},
        {'Z', "", 'S', "anon_pipe_read", true}, // a first thread that ended
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene scene;
        scene_init(&scene);
        scene.waiting.as.waiting.wait_count = 2;
        scene.waiting.as.waiting.thread_count = 40;
        scene.waits[0].state = rows[i].first_state;
        scene.waits[0].wchan = dossier_bytes(rows[i].first);
        scene.waits[1] = (struct raw_wait){.tid = 577,
                                           .name = dossier_bytes("work\x1b[2Jer"),
                                           .alike = 39,
                                           .state = rows[i].second_state,
                                           .wchan = dossier_bytes(rows[i].second),
                                           .syscall_fd = -1};
        scene_tell(&scene);
        if (scene_count(&scene, "thread") != rows[i].named) {
            fail_msg("row %zu", i);
        }
        if (rows[i].named) {
            const struct dossier_fact *fact = scene_line(&scene, "thread", 0);
            assert_non_null(strstr(fact->value.ptr, "thread 577 work"));
            assert_non_null(strstr(fact->value.ptr, "[39 of 40 threads]"));
            assert_null(strchr(fact->value.ptr, '\x1b'));
            assert_int_equal(fact->alarming, rows[i].second_state == 'D');
        }
        assert_non_null(strstr(scene_line(&scene, "state", 0)->value.ptr,
                               rows[i].first_state == 'Z' ? "its first thread has ended"
                                                          : "[its first thread of 40]"));
        scene_finish(&scene);
    }
}

static void the_call_and_the_other_end_are_that_threads(void **state)
{
    static const int32_t holders[] = {SCENE_OTHER};
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene.waiting.as.waiting.wait_count = 2;
    scene.waiting.as.waiting.thread_count = 2;
    scene.waits[0].wchan = dossier_bytes("hrtimer_nanosleep");
    scene_in_call(&scene.waits[0], "clock_nanosleep", 230, -1);
    scene.waits[1] =
        (struct raw_wait){.tid = 577, .alike = 1, .state = 'S', .name = dossier_bytes("worker")};
    scene_in_call(&scene.waits[1], "read", 0, 3);
    scene.waits[1].syscall_file = dossier_bytes("pipe:[77]");
    struct raw_end *end = scene_add_end(&scene, 3, RAW_FILE_FIFO, "pipe:[77]", 77);
    end->tid = 577;
    end->syscall = 0;
    end->syscall_fd = 3;
    end->holders = holders;
    end->holder_count = 1;
    check_end(&scene, "descriptor 3, pipe:[77]; open for writing in 601 nginx (root)", SCENE_OTHER);
    assert_string_equal(scene_line(&scene, "call", 0)->value.ptr,
                        "read on descriptor 3: pipe:[77]");
    assert_int_equal(scene_count(&scene, "call"), 1);
    scene_finish(&scene);
}

/* --- pipes ------------------------------------------------------------------------------------ */

static void whoever_has_a_pipe_is_named_as_far_as_can_be_known(void **state)
{
    static const int32_t one[] = {SCENE_OTHER};
    static const int32_t self[] = {SCENE_PID};
    static const int32_t both[] = {SCENE_PID, SCENE_OTHER};
    static const int32_t many[] = {SCENE_OTHER, 602, 603, 545, 1};
    static const struct {
        const int32_t *holders;
        size_t count, left_out;
        bool writes, hidden, unfinished, as_root;
        const char *value;
        int32_t leads_to;
    } rows[] = {
        {one, 1, 0, false, false, false, false, "open for writing in 601 nginx (root)",
         SCENE_OTHER},
        {one, 1, 0, true, false, false, false, "open for reading in 601 nginx (root)", SCENE_OTHER},
        {self, 1, 0, false, false, false, false,
         "open for writing in 530 postgres (db), which is this process itself", 0},
        {both, 2, 0, false, false, false, false,
         "open for writing in 601 nginx (root), 530 postgres (db), which is this process itself",
         SCENE_OTHER},
        {many, 5, 4, false, false, false, false,
         "open for writing in 601 nginx (root), 602 client (ada), 603 client (ada), and 6 more",
         SCENE_OTHER},
        {one, 1, 0, false, true, false, false,
         "open for writing in 601 nginx (root); maybe in others, that are not to be seen from here",
         SCENE_OTHER},
        {one, 1, 0, false, false, true, false,
         "open for writing in 601 nginx (root); maybe in others, as looking through all takes too "
         "long",
         SCENE_OTHER},
        {NULL, 0, 0, false, true, false, false,
         "who has it open for writing is not known: not permitted: perch needs more rights, as with sudo",
         0},
        {NULL, 0, 0, false, true, false, true,
         "who has it open for writing is not known: not every process is to be seen from here", 0},
        {NULL, 0, 0, false, false, true, false,
         "who has it open for writing is not known: looking through all processes takes too long",
         0},
        {NULL, 0, 0, false, false, false, false,
         "who has it open for writing is not known: no process was found that has it", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene scene;
        char value[512];
        scene_init(&scene);
        scene_in_call(&scene.waits[0], rows[i].writes ? "write" : "read", 1, 3);
        struct raw_end *end = scene_add_end(&scene, 3, RAW_FILE_FIFO, "pipe:[77]", 77);
        end->reads = !rows[i].writes;
        end->writes = rows[i].writes;
        end->holders = rows[i].holders;
        end->holder_count = rows[i].count;
        end->holders_left_out = rows[i].left_out;
        scene.peers.as.peers.hidden = rows[i].hidden;
        scene.peers.as.peers.unfinished = rows[i].unfinished;
        scene.looker = rows[i].as_root ? LOOKER_ROOT : LOOKER_USER;
        (void)snprintf(value, sizeof(value), "descriptor 3, pipe:[77]; %s", rows[i].value);
        check_end(&scene, value, rows[i].leads_to);
        scene_finish(&scene);
    }
}

static void of_a_fifo_being_opened_the_path_is_told(void **state)
{
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene_in_call(&scene.waits[0], "openat", 257, -1);
    (void)scene_add_end(&scene, -1, RAW_FILE_FIFO, "queue/in\x1b[2J", 0);
    scene_tell(&scene);
    const char *value = scene_line(&scene, "other end", 0)->value.ptr;
    assert_int_equal(strncmp(value, "queue/in", strlen("queue/in")), 0);
    assert_non_null(strstr(value, ": nobody has the other end of it open"));
    assert_null(strchr(value, '\x1b'));
    scene_finish(&scene);
}

/* --- sockets ---------------------------------------------------------------------------------- */

static struct connection tcp(const char *local, const char *remote, uint64_t inode,
                             const struct socket_owner *owner)
{
    return (struct connection){.protocol = SOCKET_TCP,
                               .state = SOCKET_ESTABLISHED,
                               .local_text = text_literal(local),
                               .remote_text = text_literal(remote),
                               .local_name = text_literal(""),
                               .remote_name = text_literal(""),
                               .inode = inode,
                               .owners = owner,
                               .owner_count = owner != NULL};
}

static struct connection local(const char *path, uint64_t inode, uint64_t peer,
                               const struct socket_owner *owner)
{
    struct connection c = tcp(path, "", inode, owner);
    c.protocol = SOCKET_UNIX;
    c.peer_inode = peer;
    return c;
}

static void the_other_end_of_a_connection_is_found(void **state)
{
    static const struct socket_owner nginx = {
        .id = {SCENE_OTHER, SCENE_OTHER * UINT64_C(10000000)}};
    static const struct socket_owner self = {.id = {SCENE_PID, SCENE_PID * UINT64_C(10000000)}};
    struct connection elsewhere = tcp("127.0.0.1:80", "127.0.0.1:5000", 96, &nginx);
    elsewhere.netns = 7; // a loopback of its own
    struct connection inside = tcp("10.0.0.2:80", "10.0.0.1:5000", 95, &nginx);
    inside.netns = 7;
    struct connection denied = tcp("127.0.0.1:80", "127.0.0.1:5000", 94, NULL);
    denied.owners_denied = true;
    struct connection pending = denied;
    pending.owners_pending = true; // still being looked for
    struct connection listening = tcp("*:80", "", 93, &self);
    listening.state = SOCKET_LISTEN;
    struct connection named = tcp("10.0.0.1:5000", "192.0.2.7:443", 90, &self);
    named.remote_name = text_literal("db.example.com:https");
    const struct {
        struct connection mine, other;
        const char *value;
        int32_t leads_to;
    } rows[] = {
        {tcp("127.0.0.1:5000", "127.0.0.1:80", 90, &self),
         tcp("127.0.0.1:80", "127.0.0.1:5000", 91, &nginx),
         ": tcp 127.0.0.1:5000 to 127.0.0.1:80, ESTABLISHED; the other end is in 601 nginx (root)",
         SCENE_OTHER},
        {tcp("127.0.0.1:5000", "127.0.0.1:80", 90, &self),
         tcp("127.0.0.1:80", "127.0.0.1:5000", 91, &self),
         ": tcp 127.0.0.1:5000 to 127.0.0.1:80, ESTABLISHED; the other end is in 530 postgres (db),"
         " which is this process itself",
         0},
        {tcp("127.0.0.1:5000", "127.0.0.1:80", 90, &self), denied,
         ": tcp 127.0.0.1:5000 to 127.0.0.1:80, ESTABLISHED; the other end is in a process not "
         "known: not permitted: perch needs more rights, as with sudo",
         0},
        {tcp("127.0.0.1:5000", "127.0.0.1:80", 90, &self), pending,
         ": tcp 127.0.0.1:5000 to 127.0.0.1:80, ESTABLISHED; the other end is in a process not "
         "known: reading ...",
         0},
        {tcp("127.0.0.1:5000", "127.0.0.1:80", 90, &self), elsewhere,
         ": tcp 127.0.0.1:5000 to 127.0.0.1:80, ESTABLISHED; the other end was not found on this "
         "machine",
         0},
        {tcp("10.0.0.1:5000", "10.0.0.2:80", 90, &self), inside,
         ": tcp 10.0.0.1:5000 to 10.0.0.2:80, ESTABLISHED; the other end is in 601 nginx (root)",
         SCENE_OTHER},
        {tcp("10.0.0.1:5000", "192.0.2.7:443", 90, &self), inside,
         ": tcp 10.0.0.1:5000 to 192.0.2.7:443, ESTABLISHED", 0},
        {named, inside, ": tcp 10.0.0.1:5000 to 192.0.2.7:443 (db.example.com:https), ESTABLISHED",
         0},
        {local("", 90, 92, &self), local("/run/db", 92, 90, &nginx),
         ": unix, ESTABLISHED; the other end, /run/db, is in 601 nginx (root)", SCENE_OTHER},
        {local("", 90, 92, &self), local("", 92, 90, &nginx),
         ": unix, ESTABLISHED; the other end is in 601 nginx (root)", SCENE_OTHER},
        {local("", 90, 0, &self), local("/run/db", 92, 90, &nginx),
         ": unix, ESTABLISHED; this system does not tell the other end", 0},
        {tcp("127.0.0.1:5000", "127.0.0.1:80", 89, &self), inside,
         ", of a kind or in a network namespace that is not listed here", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene scene;
        char value[512];
        const struct connection connections[] = {listening, rows[i].mine, rows[i].other};
        scene_init(&scene);
        scene.network = (struct network_load){.parts = PART_SOCKETS,
                                              .connections = connections,
                                              .connection_count = 3};
        scene_in_call(&scene.waits[0], "recvfrom", 45, 6);
        (void)scene_add_end(&scene, 6, RAW_FILE_SOCKET, "socket:[90]", 90);
        (void)snprintf(value, sizeof(value), "descriptor 6, socket:[90]%s", rows[i].value);
        check_end(&scene, value, rows[i].leads_to);
        scene_finish(&scene);
    }
}

static void a_connection_nobody_accepts_is_told_with_who_listens(void **state)
{
    static const struct socket_owner nginx = {
        .id = {SCENE_OTHER, SCENE_OTHER * UINT64_C(10000000)}};
    static const struct socket_owner self = {.id = {SCENE_PID, SCENE_PID * UINT64_C(10000000)}};
    const struct net_address there = {.family = 4, .bytes = {127, 0, 0, 1}, .port = 80};
    struct connection full = tcp("*:80", "", 93, &nginx);
    full.state = SOCKET_LISTEN;
    full.local = (struct net_address){.family = 4, .port = 80};
    full.recv_queue = 2;
    full.send_queue = 1;
    struct connection free = full;
    free.recv_queue = 1;
    struct connection unknown = full;
    unknown.recv_queue = QUEUE_UNKNOWN;
    struct connection elsewhere = full;
    elsewhere.netns = 7;
    struct connection other_port = full;
    other_port.local.port = 81;
    struct connection other_address = full;
    other_address.local.bytes[0] = 10;
    struct connection asking = tcp("127.0.0.1:5000", "127.0.0.1:80", 90, &self);
    asking.remote = there;
    asking.state = SOCKET_SYN_SENT;
    struct connection queued = asking;
    queued.state = SOCKET_ESTABLISHED;
    const struct connection nobodys = tcp("127.0.0.1:80", "127.0.0.1:5000", 0, NULL);
    struct connection path = local("/run/db", 92, 0, &nginx);
    path.state = SOCKET_LISTEN;
    path.recv_queue = 6;
    path.send_queue = 5;
    struct connection abstract = path;
    abstract.local_text = text_literal("@db");
    struct connection unconnected = local("", 90, 0, &self);
    unconnected.state = SOCKET_CLOSE;
    const char *const at = ": tcp 127.0.0.1:5000 to 127.0.0.1:80, SYN_SENT; ";
    const struct {
        struct connection mine, listener, other;
        const char *address, *before, *value;
        int32_t leads_to;
    } rows[] = {
        {asking, full, abstract, "", at,
         "whoever listens there, at *:80, has 2 of 1 connections waiting, which is full, and is in "
         "601 nginx (root)",
         SCENE_OTHER},
        {asking, free, abstract, "", at,
         "whoever listens there, at *:80, has 1 of 1 connections waiting and is in 601 nginx (root)",
         SCENE_OTHER},
        {asking, unknown, abstract, "", at,
         "whoever listens there, at *:80, is in 601 nginx (root)", SCENE_OTHER},
        {asking, elsewhere, abstract, "", at, "the other end was not found on this machine", 0},
        {asking, other_port, abstract, "", at, "the other end was not found on this machine", 0},
        {asking, other_address, abstract, "", at, "the other end was not found on this machine", 0},
        {queued, free, nobodys, "", ": tcp 127.0.0.1:5000 to 127.0.0.1:80, ESTABLISHED; ",
         "nobody has accepted it so far; whoever listens there, at *:80, has 1 of 1 connections "
         "waiting and is in 601 nginx (root)",
         SCENE_OTHER},
        {unconnected, path, abstract, "/run/db", ": unix, UNCONN; ",
         "to /run/db; whoever listens there, at /run/db, has 6 of 5 connections waiting, which is "
         "full, and is in 601 nginx (root)",
         SCENE_OTHER},
        {unconnected, path, abstract, "@db", ": unix, UNCONN; ",
         "to @db; whoever listens there, at @db, has 6 of 5 connections waiting, which is full, and "
         "is in 601 nginx (root)",
         SCENE_OTHER},
        {unconnected, path, abstract, "run/db", ": unix, UNCONN; ", "to run/db", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene scene;
        char value[512];
        const struct connection connections[] = {rows[i].mine, rows[i].listener, rows[i].other};
        scene_init(&scene);
        scene.network = (struct network_load){.parts = PART_SOCKETS,
                                              .connections = connections,
                                              .connection_count = 3};
        scene_in_call(&scene.waits[0], "connect", 42, 6);
        struct raw_end *end = scene_add_end(&scene, 6, RAW_FILE_SOCKET, "socket:[90]", 90);
        end->address = dossier_bytes(rows[i].address);
        (void)snprintf(value, sizeof(value), "descriptor 6, socket:[90]%s%s", rows[i].before,
                       rows[i].value);
        check_end(&scene, value, rows[i].leads_to);
        scene_finish(&scene);
    }
}

static void of_very_many_descriptors_some_are_told_where_it_is_short(void **state)
{
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene_in_call(&scene.waits[0], "poll", 7, -1);
    for (int fd = 0; fd < 8; fd++) {
        (void)scene_add_end(&scene, fd, RAW_FILE_CHAR, "/dev/tty", 0);
    }
    scene.ends[7].syscall = 1; // of what it waited for before
    scene_tell(&scene);
    assert_int_equal(scene_count(&scene, "other end"), 3);
    assert_string_equal(scene_line(&scene, "other ends", 0)->value.ptr, "and 4 more");
    size_t all = 0;
    for (size_t i = 0; i < scene.dossier->waiting_count; i++) {
        const struct dossier_fact *fact = &scene.dossier->waiting[i];
        all += strcmp(fact->group.ptr, "call") == 0 && strcmp(fact->what.ptr, "other end") == 0;
    }
    assert_int_equal(all, 7);
    scene_finish(&scene);
}

/* --- children --------------------------------------------------------------------------------- */

static void the_children_it_waits_for_are_named(void **state)
{
    static const struct {
        const char *call;
        uint64_t args[2];
        bool inner;
        const char *what, *value;
        int32_t leads_to;
    } rows[] = {
        {"wait4",
         {UINT64_MAX},
         false,
         "any child of",
         "541 make (db), sleeping, 542 cc (db), stopped by a signal, 543 ld (db), sleeping, and 1 "
         "more",
         541},
        {"wait4", {543}, false, "child", "543 ld (db), sleeping", 543},
        {"wait4", {0xffffffff00000000 | 543}, false, "child", "543 ld (db), sleeping", 543},
        {"wait4", {(uint64_t)-900}, false, "child", "541 make (db), sleeping", 541},
        {"wait4", {545}, false, "child", "none that is to be seen from here", 0}, // not its own
        {"wait4",
         {2},
         true,
         "any child of",
         "541 make (db), sleeping, 542 cc (db), stopped by a signal, 543 ld (db), sleeping, and 1 "
         "more",
         541},
        {"waitid",
         {0, 0},
         false,
         "any child of",
         "541 make (db), sleeping, 542 cc (db), stopped by a signal, 543 ld (db), sleeping, and 1 "
         "more",
         541},
        {"waitid", {1, 542}, false, "child", "542 cc (db), stopped by a signal", 542},
        {"waitid", {2, 900}, false, "child", "541 make (db), sleeping", 541},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene scene;
        scene_init(&scene);
        scene_in_call(&scene.waits[0], rows[i].call, 61, -1);
        memcpy(scene.waits[0].args, rows[i].args, sizeof(rows[i].args));
        scene.waiting.as.waiting.inner_pids = rows[i].inner;
        scene_tell(&scene);
        const struct dossier_fact *fact = scene_line(&scene, rows[i].what, 0);
        assert_string_equal(fact->value.ptr, rows[i].value);
        assert_int_equal(fact->process.pid, rows[i].leads_to);
        scene_in_call(&scene.waits[0], "waitid", 61, -1);
        scene.waits[0].args[0] = 3; // P_PIDFD: which one is not known
        scene_tell(&scene);
        assert_int_equal(scene_count(&scene, rows[i].what), 0);
        scene_finish(&scene);
    }
}

static void the_process_of_a_pidfd_and_the_other_end_of_a_terminal_are_told(void **state)
{
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene_in_call(&scene.waits[0], "waitid", 247, -1);
    struct raw_end *end = scene_add_end(&scene, 3, RAW_FILE_ANON, "anon_inode:[pidfd]", 0);
    end->pid = 542;
    check_end(&scene, "descriptor 3, anon_inode:[pidfd]: of 542 cc (db), which is stopped", 542);
    scene_finish(&scene);
    scene_init(&scene);
    scene_in_call(&scene.waits[0], "read", 0, 3);
    end = scene_add_end(&scene, 3, RAW_FILE_CHAR, "/dev/ptmx", 0);
    end->tty = 5;
    check_end(&scene, "descriptor 3, /dev/ptmx; its other end is /dev/pts/5", 0);
    scene_finish(&scene);
}

/* --- locks ------------------------------------------------------------------------------------ */

static void whoever_has_a_lock_is_named_as_far_as_can_be_known(void **state)
{
    static const int32_t found[] = {SCENE_OTHER, 602};
    static const struct {
        const int32_t *holders;
        size_t count;
        int32_t holder;
        bool sought, hidden;
        const char *value;
        int32_t leads_to;
    } rows[] = {
        {NULL, 0, 602, false, false, ", held by 602 client (ada)", 602},
        {found, 2, 602, true, false, ", held by 601 nginx (root), 602 client (ada)", SCENE_OTHER},
        {NULL, 0, 542, false, false, ", held by 542 cc (db), which is stopped", 542},
        {found, 1, -1, true, false, ", held by 601 nginx (root)", SCENE_OTHER},
        {NULL, 0, -1, true, true,
         ", held through an open file, by whom is not known: not permitted: perch needs more "
         "rights, as with sudo",
         0},
        {NULL, 0, -1, false, false, ", held through an open file, by whom is not known", 0},
        {NULL, 0, 0, false, false, ", held by whom is not to be seen from here", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene scene;
        char value[512];
        const struct raw_lock lock = {.id = 4,
                                      .waiting = true,
                                      .type = dossier_bytes("OFDLCK"),
                                      .write = true,
                                      .holder = rows[i].holder,
                                      .inode = 9,
                                      .to = UINT64_MAX,
                                      .path = dossier_bytes("/srv/data")};
        const struct raw_lock_holders holders = {.lock = lock,
                                                 .holders = rows[i].holders,
                                                 .holder_count = rows[i].count};
        scene_init(&scene);
        scene.waiting.as.waiting.locks = &lock;
        scene.waiting.as.waiting.lock_count = 1;
        scene.peers.as.peers.locks = &holders;
        scene.peers.as.peers.lock_count = rows[i].sought;
        scene.peers.as.peers.hidden = rows[i].hidden;
        scene_tell(&scene);
        (void)snprintf(value, sizeof(value), "waits for a write lock (OFDLCK) on /srv/data%s",
                       rows[i].value);
        assert_string_equal(scene_line(&scene, "lock", 0)->value.ptr, value);
        assert_int_equal(scene_line(&scene, "lock", 0)->process.pid, rows[i].leads_to);
        scene_finish(&scene);
    }
}

static void the_file_of_a_lease_is_told_as_far_as_it_is_known(void **state)
{
    struct raw_lock lock = {
        .id = 4, .waiting = true, .type = dossier_bytes("LEASE"), .holder = 602, .to = UINT64_MAX};
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene.waiting.as.waiting.locks = &lock;
    scene.waiting.as.waiting.lock_count = 1;
    scene_tell(&scene);
    assert_string_equal(scene_line(&scene, "lock", 0)->value.ptr,
                        "waits for a read lock (LEASE) on a file that is not known, held by 602 "
                        "client (ada)");
    lock.inode = 9;
    lock.major = 254;
    scene_tell(&scene);
    assert_string_equal(scene_line(&scene, "lock", 0)->value.ptr,
                        "waits for a read lock (LEASE) on inode 9 of device 254:0, held by 602 "
                        "client (ada)");
    scene_in_call(&scene.waits[0], "openat", 257, -1);
    (void)scene_add_end(&scene, -1, RAW_FILE_REGULAR, "/srv/leased", 0);
    scene_tell(&scene);
    assert_string_equal(scene_line(&scene, "lock", 0)->value.ptr,
                        "waits for a read lock (LEASE) on /srv/leased, held by 602 client (ada)");
    scene_finish(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_thread_that_explains_most_is_named),
        cmocka_unit_test(the_call_and_the_other_end_are_that_threads),
        cmocka_unit_test(whoever_has_a_pipe_is_named_as_far_as_can_be_known),
        cmocka_unit_test(of_a_fifo_being_opened_the_path_is_told),
        cmocka_unit_test(the_other_end_of_a_connection_is_found),
        cmocka_unit_test(a_connection_nobody_accepts_is_told_with_who_listens),
        cmocka_unit_test(of_very_many_descriptors_some_are_told_where_it_is_short),
        cmocka_unit_test(the_children_it_waits_for_are_named),
        cmocka_unit_test(the_process_of_a_pidfd_and_the_other_end_of_a_terminal_are_told),
        cmocka_unit_test(whoever_has_a_lock_is_named_as_far_as_can_be_known),
        cmocka_unit_test(the_file_of_a_lease_is_told_as_far_as_it_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
