#include "base/map.h"
#include "base/str.h"
#include "check.h"
#include "model/query.h"

#include <stdlib.h>
#include <string.h>

/* What a test says of a process; the rest is the same for all. */
struct sketch {
    int32_t pid;
    int32_t ppid;
    uint64_t start_ns;
    const char *command;
    double cpu;
    uint32_t flags;
    int32_t group_pid; // 0: its own
};

enum { PROCS_MAX = 40, EXITED_MAX = 8 };

/* A snapshot over arrays of the test. */
struct scene {
    struct proc procs[PROCS_MAX];
    struct proc exited[EXITED_MAX];
    struct snapshot snap;
};

static struct proc make_proc(const struct sketch *sketch)
{
    struct proc proc = {
        .id = {.pid = sketch->pid, .start_ns = sketch->start_ns},
        .ppid = sketch->ppid,
        .group_pid = sketch->group_pid ? sketch->group_pid : sketch->pid,
        .have = FACT_READABLE | FACT_RATE | FACT_IO_RATE | FACT_SOCKET_RATE,
        .flags = sketch->flags,
        .uid = (uint32_t)sketch->pid % 2,
        .state = 'S',
        .name = text_literal("name"),
        .tty = text_literal(""),
        .user = text_literal(sketch->pid % 2 ? "odd" : "even"),
        .cmdline = text_literal(sketch->command ? sketch->command : ""),
        .exe = text_literal("/x"),
    };
    proc.cpu.user = sketch->cpu;
    return proc;
}

/* Sketches must be ascending by pid; those with PROC_EXITED go to the exited. */
static void build(struct scene *scene, const struct sketch *sketches, size_t count)
{
    scene->snap = (struct snapshot){.provided = FACT_READABLE,
                                    .procs = scene->procs,
                                    .exited = scene->exited};
    for (size_t i = 0; i < count; i++) {
        if (sketches[i].flags & PROC_EXITED) {
            scene->exited[scene->snap.exited_count++] = make_proc(&sketches[i]);
        } else {
            scene->procs[scene->snap.proc_count++] = make_proc(&sketches[i]);
        }
    }
}

/* Rows as text: pid, in a tree preceded by a dot per level and followed by its marks. */
static void dump(const struct query *query, bool tree, char memory[1024])
{
    struct strbuf buf;

    str_init(&buf, memory, 1024);
    for (size_t i = 0; i < query_count(query); i++) {
        const struct query_row *row = &query_rows(query)[i];
        str_add(&buf, i == 0 ? "" : " ");
        str_pad(&buf, '.', row->depth);
        str_addf(&buf, "%d", (int)row->proc->id.pid);
        if (!tree) {
            continue;
        }
        str_add(&buf, row->flags & ROW_HAS_CHILDREN ? "+" : "");
        str_add(&buf, row->flags & ROW_LAST ? "L" : "");
        str_add(&buf, row->flags & ROW_CONTEXT ? "c" : "");
        if (row->flags & ROW_FOLDED) {
            str_addf(&buf, "(%u)", (unsigned)row->hidden);
        }
    }
    assert_false(buf.overflow);
}

static void expect_rows(const struct snapshot *snap, const struct query_options *options,
                        const char *expected)
{
    char memory[1024];
    struct query *query = query_create();

    assert_non_null(query);
    assert_int_equal(query_run(query, snap, options), 0);
    dump(query, options->tree, memory);
    assert_string_equal(memory, expected);
    for (size_t i = 0; i < query_count(query); i++) {
        assert_int_equal(query_find(query, query_rows(query)[i].proc->id), i);
    }
    query_destroy(query);
}

static const struct sketch town[] = {
    {1, 0, 10, "/sbin/init", 0, 0, 0},
    {2, 0, 10, "", 0, PROC_KERNEL, 0},
    {20, 1, 20, "web server", 0.5, 0, 0},
    {21, 20, 21, "web worker --fast", 0.9, 0, 0},
    {22, 20, 22, "web worker --slow", 0.1, 0, 0},
    {23, 1, 22, "web server", 0.4, PROC_THREAD, 20},
    {30, 1, 30, "Mail|Queue", 0.9, 0, 0},
    {31, 30, 31, "gone", 0, PROC_EXITED, 0},
    {40, 2, 40, "helper of kernel", 0, 0, 0},
};
enum { TOWN_SIZE = sizeof(town) / sizeof(town[0]) };

static void the_list_is_sorted_with_ties_by_identity(void **state)
{
    (void)state;
    struct scene scene;
    build(&scene, town, TOWN_SIZE);
    struct query_options options = {.sort = COLUMN_CPU, .descending = true};
    expect_rows(&scene.snap, &options, "21 30 20 22 1 40");
    options.descending = false;
    expect_rows(&scene.snap, &options, "1 40 22 20 21 30");
    options.sort = COLUMN_PID;
    expect_rows(&scene.snap, &options, "1 20 21 22 30 40");
    options.descending = true;
    expect_rows(&scene.snap, &options, "40 30 22 21 20 1");
    options.sort = COLUMN_COMMAND;
    expect_rows(&scene.snap, &options, "22 21 20 30 40 1");
}

static void kinds_of_processes_are_listed_on_request(void **state)
{
    (void)state;
    struct scene scene;
    build(&scene, town, TOWN_SIZE);
    struct query_options options = {.sort = COLUMN_PID, .kernel_threads = true};
    expect_rows(&scene.snap, &options, "1 2 20 21 22 30 40");
    options = (struct query_options){.sort = COLUMN_PID, .user_threads = true};
    expect_rows(&scene.snap, &options, "1 20 21 22 23 30 40");
    options = (struct query_options){.sort = COLUMN_PID, .exited = true};
    expect_rows(&scene.snap, &options, "1 20 21 22 30 31 40");
    options = (struct query_options){.sort = COLUMN_PID, .by_user = true, .user = 1};
    expect_rows(&scene.snap, &options, "1 21");
    static const int32_t pids[] = {20, 40, 99, 20};
    options = (struct query_options){.sort = COLUMN_PID, .pids = pids, .pid_count = 4};
    expect_rows(&scene.snap, &options, "20 40");
    options.user_threads = true;
    expect_rows(&scene.snap, &options, "20 23 40");
    options.pid_count = 0;
    expect_rows(&scene.snap, &options, "");
}

static void a_user_that_was_not_read_is_nobody(void **state)
{
    (void)state;
    struct scene scene;
    build(&scene, town, TOWN_SIZE);
    scene.procs[0].have &= ~(fact_mask)FACT_OWNER;
    struct query_options options = {.sort = COLUMN_PID, .by_user = true, .user = 1};
    expect_rows(&scene.snap, &options, "21");
}

static void the_filter_looks_at_pid_user_name_and_command(void **state)
{
    (void)state;
    static const struct {
        const char *filter;
        const char *expected;
    } cases[] = {
        {"", "1 20 21 22 30 40"}, {"web", "20 21 22"},     {"WORKER", "21 22"},
        {"fast|mail", "21 30"},   {"|fast||", "21"},       {"|", "1 20 21 22 30 40"},
        {"odd", "1 21"},          {"2", "20 21 22"},       {"name", "1 20 21 22 30 40"},
        {"nothing", ""},          {"web worker", "21 22"},
    };
    struct scene scene;
    build(&scene, town, TOWN_SIZE);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct query_options options = {.sort = COLUMN_PID, .filter = cases[i].filter};
        expect_rows(&scene.snap, &options, cases[i].expected);
    }
}

static void facts_that_were_not_read_do_not_match(void **state)
{
    (void)state;
    struct proc proc = make_proc(&town[3]);
    assert_true(query_matches_text(&proc, "fast"));
    assert_true(query_matches_text(&proc, "odd"));
    proc.have = FACT_IDENT;
    assert_false(query_matches_text(&proc, "fast"));
    assert_false(query_matches_text(&proc, "odd"));
    assert_true(query_matches_text(&proc, "name"));
    assert_true(query_matches_text(&proc, "21"));
}

static void the_tree_puts_children_below_their_parents(void **state)
{
    (void)state;
    struct scene scene;
    build(&scene, town, TOWN_SIZE);
    struct query_options options = {.sort = COLUMN_PID, .tree = true};
    expect_rows(&scene.snap, &options, "1+ .20+ ..21 ..22L .30L 40L");
    options.descending = true;
    expect_rows(&scene.snap, &options, "40 1+L .30 .20+L ..22 ..21L");
    options = (struct query_options){.sort = COLUMN_PID,
                                     .tree = true,
                                     .kernel_threads = true,
                                     .user_threads = true,
                                     .exited = true};
    expect_rows(&scene.snap, &options, "1+ .20+ ..21 ..22 ..23L .30+L ..31L 2+L .40L");
}

static void the_filter_keeps_the_ancestors_of_matches(void **state)
{
    (void)state;
    struct scene scene;
    build(&scene, town, TOWN_SIZE);
    struct query_options options = {.sort = COLUMN_PID, .tree = true, .filter = "slow"};
    expect_rows(&scene.snap, &options, "1+Lc .20+Lc ..22L");
    options.filter = "server";
    expect_rows(&scene.snap, &options, "1+Lc .20L");
    options.filter = "nothing";
    expect_rows(&scene.snap, &options, "");
}

static void folded_processes_hide_and_count_what_is_below(void **state)
{
    (void)state;
    struct scene scene;
    build(&scene, town, TOWN_SIZE);
    struct map *folded = map_create(100);
    struct query_options options = {.sort = COLUMN_PID, .tree = true, .folded = folded};
    assert_non_null(map_put(folded, (struct proc_id){.pid = 20, .start_ns = 20}));
    expect_rows(&scene.snap, &options, "1+ .20+(2) .30L 40L");
    // A leaf, and a process that had the pid before, fold nothing.
    assert_non_null(map_put(folded, (struct proc_id){.pid = 40, .start_ns = 40}));
    assert_non_null(map_put(folded, (struct proc_id){.pid = 1, .start_ns = 9}));
    expect_rows(&scene.snap, &options, "1+ .20+(2) .30L 40L");
    assert_non_null(map_put(folded, (struct proc_id){.pid = 1, .start_ns = 10}));
    expect_rows(&scene.snap, &options, "1+(4) 40L");

    struct query *query = query_create();
    assert_int_equal(query_run(query, &scene.snap, &options), 0);
    assert_int_equal(query_find(query, (struct proc_id){.pid = 21, .start_ns = 21}), -1);
    assert_int_equal(query_find(query, (struct proc_id){.pid = 1, .start_ns = 9}), -1);
    assert_int_equal(query_find(query, (struct proc_id){.pid = 99}), -1);
    query_destroy(query);
    map_destroy(folded);
}

static void odd_parents_are_survived(void **state)
{
    (void)state;
    static const struct {
        struct sketch sketches[4];
        size_t count;
        const char *expected;
    } cases[] = {
        // its own parent
        {{{5, 5, 1, "", 0, 0, 0}}, 1, "5L"},
        // no such parent
        {{{5, 4, 1, "", 0, 0, 0}}, 1, "5L"},
        // a parent younger than its child got the pid later
        {{{5, 6, 1, "", 0, 0, 0}, {6, 0, 2, "", 0, 0, 0}}, 2, "5 6L"},
        // each other's parents, in the same clock tick
        {{{5, 6, 1, "", 0, 0, 0}, {6, 5, 1, "", 0, 0, 0}}, 2, "5+L .6L"},
        // a loop of three with one hanging from it, which comes first
        {{{4, 7, 1, "", 0, 0, 0},
          {5, 6, 1, "", 0, 0, 0},
          {6, 7, 1, "", 0, 0, 0},
          {7, 5, 1, "", 0, 0, 0}},
         4,
         "7+L .4 .6+L ..5L"},
        // an exited process is nobody's parent, even with the parent's pid
        {{{4, 0, 1, "", 0, PROC_EXITED, 0}, {4, 0, 2, "", 0, 0, 0}, {5, 4, 3, "", 0, 0, 0}},
         3,
         "4 4+L .5L"},
        // a thread whose process is not there
        {{{5, 1, 1, "", 0, PROC_THREAD, 4}}, 1, "5L"},
        // a thread that says it is its own leader
        {{{5, 1, 1, "", 0, PROC_THREAD, 5}}, 1, "5L"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scene scene;
        build(&scene, cases[i].sketches, cases[i].count);
        struct query_options options = {
            .sort = COLUMN_PID, .tree = true, .user_threads = true, .exited = true};
        char memory[1024];
        struct query *query = query_create();
        assert_int_equal(query_run(query, &scene.snap, &options), 0);
        dump(query, true, memory);
        assert_string_equal(memory, cases[i].expected);
        query_destroy(query);
    }
}

static void guides_say_at_which_depth_more_siblings_come(void **state)
{
    (void)state;
    struct scene scene;
    build(&scene, town, TOWN_SIZE);
    static const uint64_t guides[] = {1, 1 | 2, 1 | 2 | 4, 1 | 2, 1, 0};
    struct query_options options = {.sort = COLUMN_PID, .tree = true};
    struct query *query = query_create();
    assert_int_equal(query_run(query, &scene.snap, &options), 0);
    assert_int_equal(query_count(query), sizeof(guides) / sizeof(guides[0]));
    for (size_t i = 0; i < query_count(query); i++) {
        assert_int_equal(query_rows(query)[i].guides, guides[i]);
    }
    query_destroy(query);
}

enum { MANY = 20000 };

/* MANY processes, the parent of each given by `parent_of`. */
static struct proc *make_many(int32_t (*parent_of)(int32_t pid))
{
    struct proc *procs = calloc(MANY, sizeof(*procs));

    assert_non_null(procs);
    for (int32_t i = 0; i < MANY; i++) {
        struct sketch sketch = {.pid = i + 1, .ppid = parent_of(i + 1), .start_ns = 5};
        procs[i] = make_proc(&sketch);
    }
    return procs;
}

static int32_t one_below(int32_t pid)
{
    return pid - 1;
}

static int32_t ring(int32_t pid)
{
    return pid == 1 ? MANY : pid - 1;
}

static int32_t scattered(int32_t pid)
{
    return (int32_t)((uint64_t)pid * 2654435761u % MANY) + 1;
}

static void a_chain_of_20000_is_listed_without_recursion(void **state)
{
    (void)state;
    struct proc *procs = make_many(one_below);
    struct snapshot snap = {.provided = FACT_READABLE, .procs = procs, .proc_count = MANY};
    struct map *folded = map_create(10);
    struct query_options options = {.sort = COLUMN_PID, .tree = true, .folded = folded};
    struct query *query = query_create();
    assert_int_equal(query_run(query, &snap, &options), 0);
    assert_int_equal(query_count(query), MANY);
    for (size_t i = 0; i < MANY; i++) {
        const struct query_row *row = &query_rows(query)[i];
        assert_int_equal(row->proc->id.pid, i + 1);
        assert_int_equal(row->depth, i < QUERY_DEPTH_MAX ? i : QUERY_DEPTH_MAX);
    }
    assert_non_null(map_put(folded, procs[99].id));
    assert_int_equal(query_run(query, &snap, &options), 0);
    assert_int_equal(query_count(query), 100);
    assert_int_equal(query_rows(query)[99].hidden, MANY - 100);
    query_destroy(query);
    map_destroy(folded);
    free(procs);
}

static void every_process_has_one_row_whatever_the_parents(void **state)
{
    (void)state;
    int32_t (*const shapes[])(int32_t) = {ring, scattered, one_below};
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        struct proc *procs = make_many(shapes[i]);
        struct snapshot snap = {.provided = FACT_READABLE, .procs = procs, .proc_count = MANY};
        struct query_options options = {.sort = COLUMN_COMMAND, .tree = true};
        struct query *query = query_create();
        bool *seen = calloc(MANY, sizeof(*seen));
        assert_non_null(seen);
        assert_int_equal(query_run(query, &snap, &options), 0);
        assert_int_equal(query_count(query), MANY);
        for (size_t k = 0; k < MANY; k++) {
            const struct proc *proc = query_rows(query)[k].proc;
            assert_false(seen[proc - procs]);
            seen[proc - procs] = true;
        }
        free(seen);
        query_destroy(query);
        free(procs);
    }
}

static void the_order_is_that_of_column_compare_for_every_column(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    static struct proc procs[COUNT];
    uint32_t random = 7;
    for (int32_t i = 0; i < COUNT; i++) {
        random = (uint32_t)((random * UINT64_C(1664525) + 1013904223) & UINT32_MAX);
        struct sketch sketch = {.pid = i / 2 + 1, .start_ns = (uint64_t)i, .cpu = random >> 30};
        procs[i] = make_proc(&sketch);
        procs[i].priority = (int16_t)(random >> 28);
        procs[i].policy = random >> 29;
        procs[i].mem.virtual_bytes = random >> 27;
        procs[i].user = text_literal(random >> 31 ? "Ann" : "anna");
        procs[i].have &= ~((random >> 20) & 0xFFu & ~(fact_mask)FACT_IDENT);
        procs[i].denied = random >> 24 & 0x7Fu;
        procs[i].tpgid = (int32_t)(random >> 29) - 3;
    }
    struct snapshot snap = {.provided = FACT_READABLE, .procs = procs, .proc_count = COUNT};
    struct query *query = query_create();
    for (unsigned i = 0; i < COLUMN_COUNT * 2; i++) {
        struct query_options options = {.sort = (enum column_id)(i / 2), .descending = i % 2};
        assert_int_equal(query_run(query, &snap, &options), 0);
        assert_int_equal(query_count(query), COUNT);
        for (size_t k = 1; k < COUNT; k++) {
            assert_int_equal(column_compare(options.sort, options.descending,
                                            query_rows(query)[k - 1].proc,
                                            query_rows(query)[k].proc, snap.provided),
                             -1);
        }
    }
    query_destroy(query);
}

static void a_query_can_be_run_again_over_another_snapshot(void **state)
{
    (void)state;
    struct scene scene;
    struct query *query = query_create();
    struct query_options options = {.sort = COLUMN_PID};
    assert_int_equal(query_count(query), 0);
    build(&scene, town, TOWN_SIZE);
    assert_int_equal(query_run(query, &scene.snap, &options), 0);
    assert_int_equal(query_count(query), 6);
    build(&scene, town, 3);
    assert_int_equal(query_run(query, &scene.snap, &options), 0);
    assert_int_equal(query_count(query), 2);
    struct snapshot empty = {.provided = FACT_READABLE};
    assert_int_equal(query_run(query, &empty, &options), 0);
    assert_int_equal(query_count(query), 0);
    query_destroy(query);

    // The very first snapshot may be empty, too.
    query = query_create();
    options.tree = true;
    assert_int_equal(query_run(query, &empty, &options), 0);
    assert_int_equal(query_count(query), 0);
    query_destroy(query);
    query_destroy(NULL);
}

static void only_what_sorts_or_filters_is_needed_of_every_process(void **state)
{
    (void)state;
    struct query_options options = {.sort = COLUMN_CPU, .filter = ""};
    assert_int_equal(query_needs(&options), FACT_IDENT);
    options.sort = COLUMN_IO_RATE;
    assert_int_equal(query_needs(&options), FACT_IDENT | FACT_IO);
    options.sort = COLUMN_COMMAND;
    assert_int_equal(query_needs(&options), FACT_IDENT | FACT_CMDLINE);
    options = (struct query_options){.sort = COLUMN_PID, .by_user = true};
    assert_int_equal(query_needs(&options), FACT_IDENT | FACT_OWNER);
    options = (struct query_options){.sort = COLUMN_PID, .filter = "x"};
    assert_int_equal(query_needs(&options), FACT_IDENT | FACT_OWNER | FACT_USER | FACT_CMDLINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_is_sorted_with_ties_by_identity),
        cmocka_unit_test(kinds_of_processes_are_listed_on_request),
        cmocka_unit_test(a_user_that_was_not_read_is_nobody),
        cmocka_unit_test(the_filter_looks_at_pid_user_name_and_command),
        cmocka_unit_test(facts_that_were_not_read_do_not_match),
        cmocka_unit_test(the_tree_puts_children_below_their_parents),
        cmocka_unit_test(the_filter_keeps_the_ancestors_of_matches),
        cmocka_unit_test(folded_processes_hide_and_count_what_is_below),
        cmocka_unit_test(odd_parents_are_survived),
        cmocka_unit_test(guides_say_at_which_depth_more_siblings_come),
        cmocka_unit_test(a_chain_of_20000_is_listed_without_recursion),
        cmocka_unit_test(every_process_has_one_row_whatever_the_parents),
        cmocka_unit_test(the_order_is_that_of_column_compare_for_every_column),
        cmocka_unit_test(a_query_can_be_run_again_over_another_snapshot),
        cmocka_unit_test(only_what_sorts_or_filters_is_needed_of_every_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
