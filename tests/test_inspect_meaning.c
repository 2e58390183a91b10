#include "check.h"
#include "dossier.h"
#include "sampler/inspect_facts.h"

#include <string.h>

/* What it means to wait in a function of the kernel, or in a call on some kind of file. */

static struct raw_wait waiting_in(char state, const char *wchan, const char *call, const char *file)
{
    return (struct raw_wait){.tid = 1,
                             .alike = 1,
                             .state = state,
                             .wchan = dossier_bytes(wchan),
                             .in_syscall = call[0] != '\0',
                             .syscall_name = dossier_bytes(call),
                             .syscall_file = dossier_bytes(file),
                             .syscall_fd = -1};
}

static void the_call_and_its_file_say_more_than_the_function(void **state)
{
    static const struct {
        char state;
        const char *wchan, *call, *file;
        const char *words; // part of them; NULL: none are known
    } rows[] = {
        {'S', "do_wait", "wait4", "", "a child to end"},
        {'S', "do_wait.isra.0", "wait4", "", "a child to end"},
        {'S', "do_wait_intr_irq", "", "", NULL},
        {'S', "do_wait_intr_irq", "read", "anon_inode:[timerfd]", "a timer (timerfd)"},
        {'S', "do_wait_intr_irq", "read", "anon_inode:[eventfd]", "to be raised (eventfd)"},
        {'S', "do_wait_intr_irq", "write", "anon_inode:[eventfd]", "it is full (eventfd)"},
        {'S', "eventfd_read", "", "", "to be raised (eventfd)"},
        {'S', "signalfd_read_iter", "read", "anon_inode:[signalfd]", "a signal (signalfd)"},
        {'S', "inotify_read", "read", "anon_inode:inotify", "a change of a file"},
        {'S', "__skb_wait_for_more_packets", "accept", "socket:[7]", "somebody to connect"},
        {'S', "__skb_wait_for_more_packets", "accept4", "socket:[7]", "somebody to connect"},
        {'S', "__skb_wait_for_more_packets", "recvmsg", "socket:[7]", "data from a socket"},
        {'S', "unix_wait_for_peer", "connect", "socket:[7]", "the other side to answer"},
        {'S', "sk_wait_data", "read", "socket:[7]", "data from a connection"},
        {'S', "", "read", "socket:[7]", "data from a socket"},
        {'S', "wait_woken", "read", "/dev/pts/3", "input from a terminal"},
        {'S', "wait_woken", "write", "/dev/pts/3", "stopped as with Ctrl-S"},
        {'S', "n_tty_write", "write", "/srv/terminal", "stopped as with Ctrl-S"},
        {'S', "wait_woken", "read", "/dev/ptmx", "it is the master"},
        {'S', "wait_woken", "read", "/dev/pts/ptmx", "it is the master"},
        {'S', "wait_woken", "recvfrom", "socket:[7]", "data from a socket"},
        {'S', "request_wait_answer", "read", "pipe:[7]", "FUSE"}, // into memory that is such a file
        {'S', "fuse_dev_do_read", "read", "/dev/fuse",
         "a request to the FUSE file system it serves"},
        {'D', "handle_userfault", "", "", "userfaultfd"},
        {'S', "do_msgrcv", "msgrcv", "", "a System V message"},
        {'S', "do_semtimedop", "semtimedop", "", "a System V semaphore"},
        {'S', "__do_semtimedop", "semop", "", "a System V semaphore"},
        {'S', "read_events", "io_getevents", "", "asynchronous I/O"},
        {'S', "__break_lease", "openat", "", "a lease"},
        {'S', "devkmsg_read", "read", "/dev/kmsg", "a message of the kernel"},
        {'S', "do_syslog", "syslog", "", "a message of the kernel"},
        {'D', "reclaim_throttle", "", "", "memory to be freed"},
        {'D', "mem_cgroup_handle_over_high", "", "", "memory.high"},
        {'D', "__mem_cgroup_handle_over_high", "", "", "memory.high"},
        {'D', "mem_cgroup_oom_synchronize", "", "", "at its limit"},
        {'D', "kernel_clone", "vfork", "", "the child it made by vfork"},
        {'D', "kernel_clone", "clone3", "", "the child it made by vfork"},
        {'S', "kernel_clone", "clone3", "", NULL},
        {'S', "hrtimer_nanosleep", "clock_nanosleep", "", "sleeps on purpose"},
        {'D', "hrtimer_nanosleep", "clock_nanosleep", "", "thawed"}, // which only the freezer does
        {'S', "nfsd_something", "", "", NULL},                       // the server, not a client
        {'S', "msgpack_thread", "", "", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct raw_wait wait =
            waiting_in(rows[i].state, rows[i].wchan, rows[i].call, rows[i].file);
        const char *words = facts_wait_words(&wait);
        if (rows[i].words == NULL ? words != NULL
                                  : words == NULL || strstr(words, rows[i].words) == NULL) {
            fail_msg("row %zu: %s", i, words != NULL ? words : "nothing");
        }
    }
}

static void the_stack_tells_where_the_function_does_not(void **state)
{
    const struct raw_bytes timer[] = {dossier_bytes("do_wait_intr_irq+0x5f/0xa0"),
                                      dossier_bytes("timerfd_read_iter+0x12/0x30")};
    const struct raw_bytes child[] = {dossier_bytes("do_wait+0x5f/0xa0")};
    const struct raw_bytes cloning[] = {dossier_bytes("new_thing+0x1/0x2"),
                                        dossier_bytes("kernel_clone+0x12/0x30")};
    struct raw_wait wait = waiting_in('S', "", "", "");
    (void)state;
    wait.stack = timer;
    wait.stack_count = 2;
    assert_string_equal(facts_wait_words(&wait), "a timer (timerfd)");
    wait.stack = child;
    wait.stack_count = 1;
    assert_string_equal(facts_wait_words(&wait), "a child to end");
    wait.stack = cloning; // it may wait for anything while it makes a process
    wait.stack_count = 2;
    wait.state = 'D';
    assert_null(facts_wait_words(&wait));
}

static void polling_nothing_is_only_to_sleep(void **state)
{
    static const struct {
        const char *call;
        uint64_t args[6];
        const char *words;
        enum facts_timeout timeout;
        uint64_t ms;
    } rows[] = {
        {"poll", {0, 0, 5000}, "sleeps on purpose", FACTS_TIMEOUT_MS, 5000},
        {"poll", {0, 0, 0xffffffff}, "a signal", FACTS_TIMEOUT_NONE, 0},
        {"poll", {0x7000, 1, UINT64_MAX}, "an event", FACTS_TIMEOUT_NONE, 0},
        {"poll", {0x7000, 1, 250}, "an event", FACTS_TIMEOUT_MS, 250},
        {"ppoll", {0, 0, 0x7000}, "sleeps on purpose", FACTS_TIMEOUT_SOME, 0},
        {"ppoll", {0, 0, 0}, "a signal", FACTS_TIMEOUT_NONE, 0},
        {"select", {0, 0, 0, 0, 0x7000}, "sleeps on purpose", FACTS_TIMEOUT_SOME, 0},
        {"pselect6", {9, 0, 0, 0, 0x7000}, "sleeps on purpose", FACTS_TIMEOUT_SOME, 0},
        {"select", {9, 0x6000, 0, 0, 0}, "an event", FACTS_TIMEOUT_NONE, 0},
        {"epoll_wait", {4, 0x6000, 8, UINT64_MAX}, "an event", FACTS_TIMEOUT_NONE, 0},
        {"epoll_pwait", {4, 0x6000, 8, 1500}, "an event", FACTS_TIMEOUT_MS, 1500},
        {"epoll_pwait2", {4, 0x6000, 8, 0x7000}, NULL, FACTS_TIMEOUT_SOME, 0},
        {"read", {0, 0, 5000}, NULL, FACTS_TIMEOUT_UNKNOWN, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct raw_wait wait = waiting_in('S', "", rows[i].call, "");
        uint64_t ms = 0;
        memcpy(wait.args, rows[i].args, sizeof(wait.args));
        const char *words = facts_wait_words(&wait);
        if (rows[i].words == NULL ? words != NULL
                                  : words == NULL || strstr(words, rows[i].words) == NULL) {
            fail_msg("row %zu: %s", i, words != NULL ? words : "nothing");
        }
        assert_int_equal(facts_wait_timeout(&wait, &ms), rows[i].timeout);
        assert_int_equal(ms, rows[i].ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_call_and_its_file_say_more_than_the_function),
        cmocka_unit_test(the_stack_tells_where_the_function_does_not),
        cmocka_unit_test(polling_nothing_is_only_to_sleep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
