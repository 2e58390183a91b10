#include "check.h"
#include "model/dossier.h"
#include "model/network.h"
#include "model/storage.h"
#include "model/table.h"

#include <math.h>
#include <string.h>

static struct value value_of(enum table_id id, const char *column, const void *row)
{
    static const struct snapshot snap = {.seq = 1};
    const struct table *table = table_info(id);
    const size_t at = table_column_by_name(table, column);
    assert_true(at < table->column_count);
    return table_value(table, at, &snap, row);
}

static void assert_absent(enum table_id id, const char *column, const void *row, enum absent why)
{
    const struct value value = value_of(id, column, row);
    assert_int_equal(value.kind, VALUE_NONE);
    assert_int_equal(value.why, why);
}

static void assert_text(enum table_id id, const char *column, const void *row, const char *text)
{
    const struct value value = value_of(id, column, row);
    assert_int_equal(value.kind, VALUE_TEXT);
    assert_string_equal(value.as.text.ptr, text);
}

static void a_column_is_found_by_the_title_that_stands_above_it(void **state)
{
    (void)state;
    const struct table *files = table_info(TABLE_FILES);
    const size_t target = table_column_by_name(files, "target");
    assert_int_equal(table_column_by_name(files, "FILE"), target);
    assert_int_equal(table_column_by_name(files, "file"), target);
    assert_int_equal(table_column_by_name(files, "fil"), files->column_count);
    const struct table *threads = table_info(TABLE_THREADS); // CPU is the title of another one
    assert_string_equal(table_column_info(threads, table_column_by_name(threads, "cpu")).title,
                        "CPU%");
}

static void names_and_titles_are_well_formed_and_found_again(void **state)
{
    (void)state;
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_info((enum table_id)id);
        assert_int_equal(table_by_name(table->name), id);
        assert_true(table->column_count <= TABLE_COLUMNS_MAX);
        assert_true(table->sort < table->column_count ||
                    (table->explains && table->sort == table->column_count));
        assert_true(table->row_bytes > 0);
        assert_true(table->parts != 0 || table->inspect != 0 || table->columns == NULL);
        assert_true(table->inspect == 0 || table_is_of_process(table));
        for (size_t i = 0; i < table->column_count; i++) {
            const struct table_column info = table_column_info(table, i);
            const struct table_column *column = &info;
            assert_int_equal(table_column_by_name(table, column->name), i);
            const size_t titled = table_column_by_name(table, column->title);
            assert_true(titled < table->column_count); // of two with one title the first
            assert_int_equal(strspn(column->name, "abcdefghijklmnopqrstuvwxyz_"),
                             strlen(column->name));
            assert_true(strlen(column->title) <= column->cells);
            assert_true(strlen(column->help) > 3);
            assert_true(table->columns == NULL || column->help[strlen(column->help) - 1] != '.');
            assert_true(strlen(column->source) > 3);
            assert_in_range(column->kind, VALUE_NONE, VALUE_KIND_COUNT - 1);
            if (table_column_is_graph(table, i)) {
                assert_string_equal(column->name, "graph"); // the first to go on a narrow screen
                assert_int_not_equal(table->graph, HISTORY_NO_DEVICE);
            }
        }
    }
    assert_int_equal(table_by_name("processes"), TABLE_COUNT);
    assert_int_equal(table_by_name("File systems"), TABLE_MOUNTS);
    assert_int_equal(table_by_name("file SYSTEMS"), TABLE_MOUNTS);
    assert_int_equal(table_by_name("Links"), TABLE_INTERFACES);
    assert_int_equal(table_by_name("Sockets"), TABLE_SOCKETS); // no short title before a name
    assert_int_equal(table_by_name("sys"), TABLE_COUNT);
    assert_int_equal(table_by_name(""), TABLE_COUNT);
    const struct table *table = table_info(TABLE_DISKS);
    assert_int_equal(table_column_by_name(table, "nothing"), table->column_count);
}

static void a_snapshot_without_a_part_has_no_rows(void **state)
{
    (void)state;
    const struct snapshot snap = {.seq = 1};
    for (int id = 0; id < TABLE_COUNT; id++) {
        size_t count = 1;
        (void)table_info((enum table_id)id)->rows(&snap, &count);
        assert_int_equal(count, 0);
    }
}

static void values_have_the_kind_of_their_column_or_a_reason(void **state)
{
    (void)state;
    static const struct connection connection = {.local_text = {.ptr = ""},
                                                 .remote_text = {.ptr = ""},
                                                 .user = {.ptr = ""},
                                                 .interface = {.ptr = ""},
                                                 .name = {.ptr = ""}};
    static const struct interface_load interface = {.name = {.ptr = ""},
                                                    .kind = {.ptr = ""},
                                                    .address = {.ptr = ""}};
    static const struct protocol_counter counter = {.group = {.ptr = ""}, .name = {.ptr = ""}};
    static const struct disk_load disk = {.name = {.ptr = ""}};
    static const struct mount_load mount = {.source = {.ptr = ""},
                                            .target = {.ptr = ""},
                                            .type = {.ptr = ""}};
    static const struct proc proc = {.id = {.pid = 1}, .have = FACT_READABLE | FACT_IO_RATE};
    static const struct dossier_fact fact = {.order = 1};
    static const struct dossier_thread thread = {.state = 'S', .run_delay = -1};
    static const struct dossier_file file = {.fd = 3, .position = FIGURE_ABSENT};
    static const struct dossier_map map = {.count = 1};
    static const struct dossier_limit limit = {.soft = UINT64_MAX, .used = FIGURE_ABSENT};
    static const struct dossier_variable variable = {.order = 1};
    static const struct history_line line = {.graph = "", .title = "", .kind = VALUE_COUNT_RATE};
    const void *const rows[TABLE_COUNT] = {
        [TABLE_OVERVIEW] = &fact,
        [TABLE_THREADS] = &thread,
        [TABLE_FILES] = &file,
        [TABLE_SOCKETS] = &connection,
        [TABLE_MAPS] = &map,
        [TABLE_WAITING] = &fact,
        [TABLE_CGROUP] = &fact,
        [TABLE_LIMITS] = &limit,
        [TABLE_ENVIRONMENT] = &variable,
        [TABLE_CONNECTIONS] = &connection,
        [TABLE_LISTENING] = &connection,
        [TABLE_INTERFACES] = &interface,
        [TABLE_PROTOCOLS] = &counter,
        [TABLE_DISKS] = &disk,
        [TABLE_MOUNTS] = &mount,
        [TABLE_MEMORY] = &proc,
        [TABLE_IO] = &proc,
        [TABLE_HISTORY] = &line,
    };
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_info((enum table_id)id);
        for (size_t i = 0; i < table->column_count; i++) {
            const struct value value =
                value_of((enum table_id)id, table_column_info(table, i).name, rows[id]);
            const enum value_kind kind =
                table_column_is_graph(table, i) ? VALUE_TEXT : table_column_info(table, i).kind;
            assert_true(value.kind == VALUE_NONE || value.kind == kind);
        }
    }
}

static void an_age_that_may_be_longer_says_so(void **state)
{
    (void)state;
    struct connection c = {.age_ns = FIGURE_ABSENT, .is_older = true};
    assert_absent(TABLE_LISTENING, "older", &c, ABSENT_NO_INTERVAL);
    c.age_ns = 5;
    assert_string_equal(value_of(TABLE_LISTENING, "older", &c).as.text.ptr, "yes");
    assert_true(value_of(TABLE_LISTENING, "age", &c).at_least);
    c.is_older = false;
    assert_string_equal(value_of(TABLE_LISTENING, "older", &c).as.text.ptr, "no");
    assert_false(value_of(TABLE_LISTENING, "age", &c).at_least);
}

static void a_unix_socket_has_its_peer_at_the_other_end(void **state)
{
    (void)state;
    struct connection c = {.protocol = SOCKET_UNIX,
                           .remote_text = text_literal("0.0.0.0:0"),
                           .peer = text_literal("812/nginx")};
    const struct value remote = value_of(TABLE_CONNECTIONS, "remote", &c);
    assert_string_equal(remote.as.text.ptr, "812/nginx");
    c.peer = text_literal("");
    assert_absent(TABLE_CONNECTIONS, "remote", &c, ABSENT_NOT_APPLICABLE);
    c.peer_inode = 5; // there is one, but who?
    assert_absent(TABLE_CONNECTIONS, "remote", &c, ABSENT_NOT_READ);
    c.peer_denied = true;
    assert_absent(TABLE_CONNECTIONS, "remote", &c, ABSENT_DENIED);
}

static void what_was_is_in_the_units_of_its_line(void **state)
{
    (void)state;
    static const struct {
        enum value_kind kind;
        const char *unit;
    } kinds[] = {{VALUE_FRACTION, "fraction"},
                 {VALUE_BYTES, "bytes"},
                 {VALUE_BYTE_RATE, "bytes/s"},
                 {VALUE_COUNT_RATE, "number"}};
    struct history_line line = {.graph = "gr\u00fcn", .title = "t", .known_ns = 1};
    line.figures = (struct series_figures){.now = (double)NAN, .min = 0.4, .mean = 1.5, .max = 2};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        line.kind = kinds[i].kind;
        assert_string_equal(value_of(TABLE_HISTORY, "unit", &line).as.text.ptr, kinds[i].unit);
        const struct value mean = value_of(TABLE_HISTORY, "mean", &line);
        assert_int_equal(mean.kind, kinds[i].kind);
        if (mean.kind == VALUE_BYTES) {
            assert_int_equal(mean.as.bytes, 2);
        } else {
            assert_true(mean.as.number > 1.4 && mean.as.number < 1.6);
        }
    }
    assert_int_equal(value_of(TABLE_HISTORY, "graph", &line).as.text.cells, 4);
    assert_absent(TABLE_HISTORY, "now", &line, ABSENT_NOT_READ);
    line.known_ns = 0; // never was
    line.why = ABSENT_UNSUPPORTED;
    assert_absent(TABLE_HISTORY, "now", &line, ABSENT_UNSUPPORTED);
}

static void the_namespace_is_usually_shown_where_there_are_several(void **state)
{
    (void)state;
    static const enum table_id ids[] = {TABLE_CONNECTIONS, TABLE_LISTENING, TABLE_SOCKETS};
    struct network_load network = {.parts = PART_SOCKETS};
    const struct snapshot snap = {.network = &network};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        const struct table *table = table_info(ids[i]);
        const size_t netns = table_column_by_name(table, "netns");
        network.netns_count = 0;
        assert_false(table_column_is_usual(table, netns, &snap));
        assert_true(table_column_is_usual(table, netns, NULL));
        network.netns_count = 1;
        assert_true(table_column_is_usual(table, netns, &snap));
        assert_true(table_column_is_usual(table, 0, &snap));
        assert_false(table_column_is_usual(table, table_column_by_name(table, "inode"), &snap));
    }
}

static void what_waits_for_others_is_listening(void **state)
{
    (void)state;
    static const struct {
        enum socket_protocol protocol;
        enum socket_state state;
        const char *local;
        bool listening;
    } cases[] = {
        {SOCKET_TCP, SOCKET_LISTEN, "*:80", true},
        {SOCKET_TCP, SOCKET_ESTABLISHED, "1.1.1.1:80", false},
        {SOCKET_TCP, SOCKET_CLOSE, "*:80", false},
        {SOCKET_UDP, SOCKET_CLOSE, "*:53", true},
        {SOCKET_UDP, SOCKET_ESTABLISHED, "1.1.1.1:53", false},
        {SOCKET_RAW, SOCKET_CLOSE, "*:1", true},
        {SOCKET_UNIX, SOCKET_LISTEN, "/run/x", true},
        {SOCKET_UNIX, SOCKET_CLOSE, "/dev/log", true},
        {SOCKET_UNIX, SOCKET_CLOSE, "", false},
        {SOCKET_UNIX, SOCKET_ESTABLISHED, "/run/x", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct connection connection = {.protocol = cases[i].protocol,
                                              .state = cases[i].state,
                                              .local_text = text_literal(cases[i].local)};
        assert_int_equal(connection_is_listening(&connection), cases[i].listening);
        assert_int_equal(table_info(TABLE_LISTENING)->has(&connection), cases[i].listening);
        assert_int_equal(table_info(TABLE_CONNECTIONS)->has(&connection), !cases[i].listening);
    }
}

static void that_a_process_may_not_be_looked_into_is_not_taken_for_no_sockets(void **state)
{
    (void)state;
    struct proc procs[] = {{.id = {.pid = 5, .start_ns = 1}, .have = FACT_SOCKETS},
                           {.id = {.pid = 6, .start_ns = 1}, .denied = FACT_SOCKETS}};
    struct snapshot snap = {.procs = procs, .proc_count = 2};
    const struct table *sockets = table_info(TABLE_SOCKETS);
    assert_string_equal(table_process_trouble(sockets, &snap, procs[0].id), "");
    assert_string_equal(table_process_trouble(sockets, &snap, procs[1].id),
                        "not permitted: perch needs more rights, as with sudo");
    snap.looker = LOOKER_ROOT;
    assert_string_equal(table_process_trouble(sockets, &snap, procs[1].id),
                        "not permitted: perch needs CAP_SYS_PTRACE");
    snap.looker = LOOKER_TRACER;
    assert_string_equal(table_process_trouble(sockets, &snap, procs[1].id),
                        "not permitted, even with CAP_SYS_PTRACE");
    assert_string_equal(table_process_trouble(sockets, &snap, (struct proc_id){0}), "");
    assert_string_equal(table_process_trouble(table_info(TABLE_DISKS), &snap, procs[1].id), "");
}

static void a_socket_says_why_it_has_no_figures_and_no_owner(void **state)
{
    (void)state;
    const enum table_id id = TABLE_CONNECTIONS;
    struct connection c = {.protocol = SOCKET_UDP, .state = SOCKET_ESTABLISHED, .inode = 7};
    assert_absent(id, "rx_rate", &c, ABSENT_UNSUPPORTED);
    assert_absent(id, "rtt", &c, ABSENT_UNSUPPORTED);
    assert_absent(id, "pid", &c, ABSENT_NOT_APPLICABLE);
    c.owners_denied = true;
    assert_absent(id, "pid", &c, ABSENT_DENIED);
    assert_absent(id, "name", &c, ABSENT_DENIED);
    assert_absent(id, "owners", &c, ABSENT_DENIED);
    c.owners_pending = true;
    assert_absent(id, "pid", &c, ABSENT_NOT_READ);
    assert_absent(id, "owners", &c, ABSENT_NOT_READ);
    c.protocol = SOCKET_TCP;
    c.has_tcp = true;
    assert_absent(id, "rx_rate", &c, ABSENT_NO_INTERVAL);
    c.state = SOCKET_TIME_WAIT;
    c.has_tcp = false;
    c.inode = 0;
    assert_absent(id, "tx", &c, ABSENT_NOT_APPLICABLE);
    assert_absent(id, "pid", &c, ABSENT_NOT_APPLICABLE);
    assert_absent(id, "user", &c, ABSENT_NOT_APPLICABLE);
    assert_text(id, "state", &c, "TIME_WAIT");
    c = (struct connection){.protocol = SOCKET_UDP, .state = SOCKET_CLOSE};
    assert_text(id, "state", &c, "UNCONN");
}

static void queues_nobody_tells_of_are_unknown(void **state)
{
    (void)state;
    struct connection c = {.protocol = SOCKET_UNIX,
                           .state = SOCKET_LISTEN,
                           .recv_queue = QUEUE_UNKNOWN,
                           .send_queue = QUEUE_UNKNOWN,
                           .user = {.ptr = ""},
                           .inode = 7};
    static const char *const of_listener[] = {"waiting", "backlog", "fill", "user"};
    for (size_t i = 0; i < sizeof(of_listener) / sizeof(*of_listener); i++) {
        assert_absent(TABLE_LISTENING, of_listener[i], &c, ABSENT_UNSUPPORTED);
    }
    c.recv_queue = 0; // a file tells of TCP who waits, but not how many may
    assert_absent(TABLE_LISTENING, "fill", &c, ABSENT_UNSUPPORTED);
    assert_false(table_info(TABLE_LISTENING)->alarming(&c));
    c.state = SOCKET_ESTABLISHED;
    assert_absent(TABLE_CONNECTIONS, "send_queue", &c, ABSENT_UNSUPPORTED);
    c.recv_queue = QUEUE_UNKNOWN;
    assert_absent(TABLE_CONNECTIONS, "recv_queue", &c, ABSENT_UNSUPPORTED);
    assert_absent(TABLE_LISTENING, "unread", &c, ABSENT_UNSUPPORTED);
}

static void an_interface_is_unknown_where_files_are_read(void **state)
{
    (void)state;
    struct connection c = {.protocol = SOCKET_TCP, .interface = {.ptr = ""}, .cookie = 5};
    assert_absent(TABLE_CONNECTIONS, "interface", &c, ABSENT_NOT_APPLICABLE); // bound to none
    c.cookie = 0;
    assert_absent(TABLE_CONNECTIONS, "interface", &c, ABSENT_UNSUPPORTED);
    c.protocol = SOCKET_UNIX;
    assert_absent(TABLE_CONNECTIONS, "interface", &c, ABSENT_NOT_APPLICABLE);
}

static void a_full_backlog_is_alarming(void **state)
{
    (void)state;
    const struct table *table = table_info(TABLE_LISTENING);
    struct connection c = {.state = SOCKET_LISTEN, .recv_queue = 4, .send_queue = 5};
    assert_false(table->alarming(&c));
    c.recv_queue = QUEUE_UNKNOWN;
    assert_false(table->alarming(&c));
    c.recv_queue = 4;
    c.recv_queue = 5;
    assert_true(table->alarming(&c));
    c.state = SOCKET_CLOSE; // then these are bytes
    c.protocol = SOCKET_UDP;
    assert_false(table->alarming(&c));
    assert_absent(TABLE_LISTENING, "backlog", &c, ABSENT_NOT_APPLICABLE);
}

static void a_socket_belongs_to_everybody_who_holds_it(void **state)
{
    (void)state;
    const struct socket_owner owners[2] = {{.id = {.pid = 3, .start_ns = 30}},
                                           {.id = {.pid = 4, .start_ns = 40}}};
    const struct connection c = {.owners = owners, .owner_count = 2};
    const struct table *table = table_info(TABLE_CONNECTIONS);
    assert_true(table_row_belongs(table, &c, owners[1].id));
    assert_true(table_row_belongs(table, &c, (struct proc_id){.pid = 0}));
    assert_false(table_row_belongs(table, &c, (struct proc_id){.pid = 4, .start_ns = 41}));
    assert_int_equal(table->owner(&c).pid, 3);
    const struct disk_load disk = {.major = 8};
    assert_false(table_row_belongs(table_info(TABLE_DISKS), &disk, owners[0].id));
}

static void only_telling_counters_are_listed_and_growing_errors_alarm(void **state)
{
    (void)state;
    const struct table *table = table_info(TABLE_PROTOCOLS);
    struct protocol_counter counter = {.group = text_literal("TcpExt"),
                                       .name = text_literal("ListenDrops"),
                                       .has_rate = true};
    assert_true(table->has(&counter));
    assert_false(table->alarming(&counter));
    counter.per_s = 0.5;
    assert_true(table->alarming(&counter));
    counter.group = text_literal("Tcp");
    assert_false(table->has(&counter));
    counter.name = text_literal("InSegs");
    assert_true(table->has(&counter));
    assert_false(table->alarming(&counter));
}

static void a_file_system_that_does_not_answer_says_so(void **state)
{
    (void)state;
    struct mount_load mount = {.state = MOUNT_NOT_ANSWERING, .used_fraction = -1};
    const struct table *table = table_info(TABLE_MOUNTS);
    assert_absent(TABLE_MOUNTS, "size", &mount, ABSENT_BLOCKED);
    assert_text(TABLE_MOUNTS, "state", &mount, "not answering");
    assert_true(table->alarming(&mount));
    mount.state = MOUNT_KNOWN;
    assert_absent(TABLE_MOUNTS, "used_share", &mount, ABSENT_NOT_APPLICABLE);
    assert_absent(TABLE_MOUNTS, "inodes", &mount, ABSENT_NOT_APPLICABLE);
    mount.used_fraction = 0.95;
    assert_true(table->alarming(&mount));
    mount.readonly = true;
    assert_false(table->alarming(&mount));
}

static void a_disk_without_requests_has_no_latency(void **state)
{
    (void)state;
    struct disk_load disk = {.read_latency_ns = -1};
    assert_absent(TABLE_DISKS, "read_latency", &disk, ABSENT_NO_INTERVAL);
    disk.has_rate = true;
    assert_absent(TABLE_DISKS, "read_latency", &disk, ABSENT_NOT_APPLICABLE);
    disk.read_latency_ns = 1500;
    assert_int_equal(value_of(TABLE_DISKS, "read_latency", &disk).as.ns, 1500);
}

static void a_disk_that_people_wait_for_stands_out(void **state)
{
    (void)state;
    static const struct {
        double utilisation, read_ns, write_ns;
        uint64_t in_flight;
        const char *state;
        bool alarming;
    } cases[] = {
        {0, -1, -1, 0, "idle", false},       {0.3, 1e6, -1, 1, "ok", false},
        {0.3, 0, -1, 0, "ok", false},        {0.95, 2e6, 1e6, 30, "busy", true},
        {0.2, 60e6, 1e6, 1, "slow", true},   {0.2, -1, 50e6, 1, "slow", true},
        {0.95, 300e6, -1, 20, "slow", true}, {1, -1, -1, 3, "stuck", true},
        {0.5, -1, -1, 1, "ok", false}, // it began only just now
    };
    const struct table *table = table_info(TABLE_DISKS);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct disk_load disk = {.utilisation = cases[i].utilisation,
                                 .read_latency_ns = cases[i].read_ns,
                                 .write_latency_ns = cases[i].write_ns,
                                 .in_flight = cases[i].in_flight};
        assert_absent(TABLE_DISKS, "state", &disk, ABSENT_NO_INTERVAL);
        assert_false(table->alarming(&disk));
        disk.has_rate = true;
        assert_text(TABLE_DISKS, "state", &disk, cases[i].state);
        assert_int_equal(table->alarming(&disk), cases[i].alarming);
    }
    assert_string_equal(table_column_info(table, table->sort).name, "utilisation");
}

static void a_file_system_can_be_full_of_files_too(void **state)
{
    (void)state;
    const struct table *table = table_info(TABLE_MOUNTS);
    struct mount_load mount = {
        .state = MOUNT_KNOWN, .used_fraction = 0.5, .inodes = 1000, .inodes_used = 899};
    assert_text(TABLE_MOUNTS, "state", &mount, "ok");
    assert_false(table->alarming(&mount));
    mount.inodes_used = 900;
    assert_text(TABLE_MOUNTS, "state", &mount, "few inodes");
    assert_true(table->alarming(&mount));
    mount.used_fraction = 0.9;
    assert_text(TABLE_MOUNTS, "state", &mount, "full");
    mount.available_bytes = 1;
    assert_text(TABLE_MOUNTS, "state", &mount, "nearly full");
    mount.readonly = true;
    assert_text(TABLE_MOUNTS, "state", &mount, "read-only");
    assert_false(table->alarming(&mount));
    assert_string_equal(table_column_info(table, table->sort).name, "used_share");
}

static void a_table_of_processes_shows_what_the_list_shows(void **state)
{
    (void)state;
    const struct table *table = table_info(TABLE_IO);
    const struct snapshot snap = {.provided = FACT_READABLE};
    const struct proc denied = {.id = {.pid = 7}, .have = FACT_IDENT, .denied = FACT_IO};
    for (size_t i = 0; i < table->column_count; i++) {
        const struct table_column info = table_column_info(table, i);
        const enum column_id id = column_by_name(info.name);
        const struct column *column = column_info(id);
        assert_int_equal(id, table->process_columns[i]);
        assert_string_equal(info.title, column->title);
        assert_int_equal(info.kind, column->kind);
        assert_int_equal(table_column_facts(table, i),
                         (column->need | column->want) & FACT_READABLE);
        const struct value here = table_value(table, i, &snap, &denied);
        const struct value there = column_value(id, &denied, snap.provided);
        assert_int_equal(here.kind, there.kind);
        assert_int_equal(here.why, there.why);
    }
    const struct value rate =
        table_value(table, table_column_by_name(table, "io_rate"), &snap, &denied);
    assert_int_equal(rate.kind, VALUE_NONE);
    assert_int_equal(rate.why, ABSENT_DENIED);
    const struct proc blocked = {.have = FACT_IDENT,
                                 .blocked = FACT_CMDLINE,
                                 .name = text_literal("stuckd")};
    const size_t command = table_column_by_name(table, "command");
    assert_int_equal(table_value(table, command, &snap, &blocked).why, ABSENT_BLOCKED);
    const struct value shown = table_shown_value(table, command, &snap, &blocked);
    assert_string_equal(shown.as.text.ptr, "stuckd");
    assert_int_equal(table_shown_value(table, 2, &snap, &denied).why, ABSENT_DENIED);
}

static void facts_of_all_processes_are_wanted_for_order_and_filter_only(void **state)
{
    (void)state;
    const struct table *table = table_info(TABLE_IO);
    const size_t pid = table_column_by_name(table, "pid");
    const size_t rate = table_column_by_name(table, "io_read_rate");
    assert_int_equal(table_facts(table, NULL, pid, false), FACT_IDENT);
    assert_true((table_facts(table, NULL, rate, false) & FACT_IO) != 0);
    assert_int_equal(table_facts(table, NULL, pid, true),
                     FACT_IDENT | FACT_USER | FACT_OWNER | FACT_CMDLINE);
    assert_int_equal(table_facts(table_info(TABLE_DISKS), NULL, 0, true), 0);
}

static void threads_and_kernel_threads_that_did_nothing_are_no_rows_of_io(void **state)
{
    (void)state;
    const struct table *table = table_info(TABLE_IO);
    struct proc proc = {.id = {.pid = 7, .start_ns = 3}, .have = FACT_IO};
    assert_true(table->has(&proc));
    assert_true(table_row_belongs(table, &proc, proc.id));
    proc.flags = PROC_THREAD;
    assert_false(table->has(&proc));
    proc.flags = PROC_KERNEL;
    assert_false(table->has(&proc));
    proc.io.write_bytes = 4096;
    assert_true(table->has(&proc));
    proc.have = 0; // what is not known may be anything
    assert_false(table->has(&proc));
}

static void sums_leave_out_what_is_not_known(void **state)
{
    (void)state;
    static struct proc procs[4] = {{.have = FACT_SMAPS, .mem = {.pss_bytes = 100}},
                                   {.denied = FACT_SMAPS, .mem = {.pss_bytes = 7}},
                                   {.have = FACT_SMAPS, .mem = {.pss_bytes = FIGURE_ABSENT}},
                                   {.have = FACT_SMAPS, .mem = {.pss_bytes = 23}}};
    static const struct snapshot snap = {.provided = FACT_READABLE};
    const void *const rows[] = {&procs[0], &procs[1], &procs[2], &procs[3]};
    const struct table *table = table_info(TABLE_MEMORY);
    const size_t pss = table_column_by_name(table, "pss");
    const struct table_sum sum = table_sum(table, pss, &snap, rows, 4);
    assert_int_equal(sum.bytes, 123);
    assert_int_equal(sum.known, 2);
    assert_int_equal(sum.denied, 1);
    assert_true(table_column_is_summed(table, pss));
    assert_false(table_column_is_summed(table, table_column_by_name(table, "res"))); // shared twice
    assert_false(table_column_is_summed(table_info(TABLE_DISKS), 0));
}

static void memory_leaves_out_threads_and_kernel_threads(void **state)
{
    (void)state;
    const struct table *table = table_info(TABLE_MEMORY);
    const struct proc plain = {.id = {7, 9}};
    const struct proc thread = {.flags = PROC_THREAD};
    const struct proc kernel = {.flags = PROC_KERNEL};
    assert_true(table->has(&plain));
    assert_false(table->has(&thread));
    assert_false(table->has(&kernel));
    assert_int_equal(table_facts(table, NULL, table->sort, false), FACT_IDENT | FACT_MEMORY);
}

static void where_a_thread_sleeps_is_unknown_when_it_is_not_told(void **state)
{
    (void)state;
    static const struct {
        char state;
        const char *wchan;
        bool denied;
        enum absent why;
    } rows[] = {{'S', "", true, ABSENT_DENIED},
                {'D', "", true, ABSENT_DENIED},
                {'S', "", false, ABSENT_UNSUPPORTED}, // not every kernel is built to tell
                {'R', "", false, ABSENT_NOT_APPLICABLE},
                {'Z', "", false, ABSENT_NOT_APPLICABLE}};
    const struct table *table = table_info(TABLE_THREADS);
    const size_t wchan = table_column_by_name(table, "wchan");
    const struct snapshot snap = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct dossier_thread thread = {.state = rows[i].state,
                                              .wchan = text_literal(rows[i].wchan),
                                              .wchan_denied = rows[i].denied};
        const struct value value = table_value(table, wchan, &snap, &thread);
        assert_int_equal(value.kind, VALUE_NONE);
        assert_int_equal(value.why, rows[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_is_found_by_the_title_that_stands_above_it),
        cmocka_unit_test(names_and_titles_are_well_formed_and_found_again),
        cmocka_unit_test(a_snapshot_without_a_part_has_no_rows),
        cmocka_unit_test(values_have_the_kind_of_their_column_or_a_reason),
        cmocka_unit_test(an_age_that_may_be_longer_says_so),
        cmocka_unit_test(a_unix_socket_has_its_peer_at_the_other_end),
        cmocka_unit_test(what_was_is_in_the_units_of_its_line),
        cmocka_unit_test(the_namespace_is_usually_shown_where_there_are_several),
        cmocka_unit_test(what_waits_for_others_is_listening),
        cmocka_unit_test(a_socket_says_why_it_has_no_figures_and_no_owner),
        cmocka_unit_test(that_a_process_may_not_be_looked_into_is_not_taken_for_no_sockets),
        cmocka_unit_test(queues_nobody_tells_of_are_unknown),
        cmocka_unit_test(an_interface_is_unknown_where_files_are_read),
        cmocka_unit_test(a_full_backlog_is_alarming),
        cmocka_unit_test(a_socket_belongs_to_everybody_who_holds_it),
        cmocka_unit_test(only_telling_counters_are_listed_and_growing_errors_alarm),
        cmocka_unit_test(a_file_system_that_does_not_answer_says_so),
        cmocka_unit_test(a_disk_without_requests_has_no_latency),
        cmocka_unit_test(a_disk_that_people_wait_for_stands_out),
        cmocka_unit_test(a_file_system_can_be_full_of_files_too),
        cmocka_unit_test(a_table_of_processes_shows_what_the_list_shows),
        cmocka_unit_test(facts_of_all_processes_are_wanted_for_order_and_filter_only),
        cmocka_unit_test(threads_and_kernel_threads_that_did_nothing_are_no_rows_of_io),
        cmocka_unit_test(sums_leave_out_what_is_not_known),
        cmocka_unit_test(where_a_thread_sleeps_is_unknown_when_it_is_not_told),
        cmocka_unit_test(memory_leaves_out_threads_and_kernel_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
