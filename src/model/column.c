#include "model/column.h"

#include "model/column_make.h"
#include "model/column_memory.h"

#include <assert.h>

static struct value get_pid(const struct proc *proc)
{
    return make_id(proc->id.pid);
}

static struct value get_user(const struct proc *proc)
{
    return make_text(proc->user);
}

static struct value get_priority(const struct proc *proc)
{
    return make_count(proc->priority);
}

static struct value get_nice(const struct proc *proc)
{
    return make_count(proc->nice);
}

static struct value get_virtual(const struct proc *proc)
{
    return make_bytes(proc->mem.virtual_bytes);
}

static struct value get_resident(const struct proc *proc)
{
    return make_bytes(proc->mem.resident_bytes);
}

static struct value get_shared(const struct proc *proc)
{
    return make_bytes(proc->mem.shared_bytes);
}

static struct value get_state(const struct proc *proc)
{
    return make_integer(VALUE_LETTER, (unsigned char)proc->state);
}

static struct value get_cpu(const struct proc *proc)
{
    return make_number(VALUE_CPUS, proc->cpu.user + proc->cpu.system);
}

static struct value get_mem(const struct proc *proc)
{
    if (proc->mem.resident_fraction < 0) {
        return value_absent(ABSENT_UNSUPPORTED);
    }
    return make_number(VALUE_FRACTION, proc->mem.resident_fraction);
}

static struct value get_time(const struct proc *proc)
{
    return make_ns(VALUE_DURATION, proc->cpu.time_ns);
}

static struct value get_command(const struct proc *proc)
{
    bool nameless = (proc->flags & PROC_KERNEL) || proc->state == 'Z';

    if ((proc->have & FACT_CMDLINE) || nameless) {
        return make_text(column_command_text(proc));
    }
    if (proc->denied & FACT_CMDLINE) {
        return value_absent(ABSENT_DENIED);
    }
    return value_absent(proc->blocked & FACT_CMDLINE ? ABSENT_BLOCKED : ABSENT_NOT_READ);
}

static struct value get_ppid(const struct proc *proc)
{
    return make_id(proc->ppid);
}

static struct value get_tgid(const struct proc *proc)
{
    return make_id(proc->group_pid);
}

static struct value get_pgrp(const struct proc *proc)
{
    return make_id(proc->pgrp);
}

static struct value get_session(const struct proc *proc)
{
    return make_id(proc->session);
}

static struct value get_tpgid(const struct proc *proc)
{
    return proc->tpgid < 0 ? value_absent(ABSENT_NOT_APPLICABLE) : make_id(proc->tpgid);
}

static struct value get_tty(const struct proc *proc)
{
    return proc->tty.bytes == 0 ? value_absent(ABSENT_NOT_APPLICABLE) : make_text(proc->tty);
}

static struct value get_uid(const struct proc *proc)
{
    return make_integer(VALUE_ID, proc->uid);
}

static struct value get_threads(const struct proc *proc)
{
    return make_count(proc->thread_count);
}

static struct value get_start(const struct proc *proc)
{
    return make_integer(VALUE_WALL, proc->start_wall_s);
}

static struct value get_elapsed(const struct proc *proc)
{
    if (proc->elapsed_ns == FIGURE_ABSENT) {
        return value_absent(ABSENT_NOT_APPLICABLE);
    }
    return make_ns(VALUE_AGE, proc->elapsed_ns);
}

static struct value get_last_cpu(const struct proc *proc)
{
    return proc->last_cpu < 0 ? value_absent(ABSENT_UNSUPPORTED) : make_id(proc->last_cpu);
}

static struct value get_cpu_user(const struct proc *proc)
{
    return make_number(VALUE_CPUS, proc->cpu.user);
}

static struct value get_cpu_system(const struct proc *proc)
{
    return make_number(VALUE_CPUS, proc->cpu.system);
}

static struct value get_time_user(const struct proc *proc)
{
    return make_ns(VALUE_DURATION, proc->cpu.user_ns);
}

static struct value get_time_system(const struct proc *proc)
{
    return make_ns(VALUE_DURATION, proc->cpu.system_ns);
}

static struct value get_minor_faults_rate(const struct proc *proc)
{
    return make_number(VALUE_COUNT_RATE, proc->mem.minor_faults_per_s);
}

static struct value get_major_faults_rate(const struct proc *proc)
{
    return make_number(VALUE_COUNT_RATE, proc->mem.major_faults_per_s);
}

static struct value get_minor_faults(const struct proc *proc)
{
    return make_total(proc->mem.minor_faults);
}

static struct value get_major_faults(const struct proc *proc)
{
    return make_total(proc->mem.major_faults);
}

static struct value get_io_read_rate(const struct proc *proc)
{
    return make_number(VALUE_BYTE_RATE, proc->io.read_bytes_per_s);
}

static struct value get_io_write_rate(const struct proc *proc)
{
    return make_number(VALUE_BYTE_RATE, proc->io.write_bytes_per_s);
}

static struct value get_io_rate(const struct proc *proc)
{
    return make_number(VALUE_BYTE_RATE, proc->io.read_bytes_per_s + proc->io.write_bytes_per_s);
}

static struct value get_io_read(const struct proc *proc)
{
    return make_bytes(proc->io.read_bytes);
}

static struct value get_io_write(const struct proc *proc)
{
    return make_bytes(proc->io.write_bytes);
}

static struct value get_io_delay(const struct proc *proc)
{
    return proc->io.delay < 0 ? value_absent(ABSENT_UNSUPPORTED)
                              : make_number(VALUE_FRACTION, proc->io.delay);
}

/* A thread has the descriptors of its process; what the kernel does not count is not 0. */
static struct value get_traffic(const struct proc *proc, struct value value)
{
    if (proc->flags & PROC_THREAD) {
        return value_absent(ABSENT_NOT_APPLICABLE);
    }
    return proc->net.is_uncounted ? value_absent(ABSENT_UNSUPPORTED) : value;
}

static struct value get_net_rx_rate(const struct proc *proc)
{
    return get_traffic(proc, make_number(VALUE_BYTE_RATE, proc->net.rx_bytes_per_s));
}

static struct value get_net_tx_rate(const struct proc *proc)
{
    return get_traffic(proc, make_number(VALUE_BYTE_RATE, proc->net.tx_bytes_per_s));
}

static struct value get_net_rate(const struct proc *proc)
{
    const double both = proc->net.rx_bytes_per_s + proc->net.tx_bytes_per_s;
    return get_traffic(proc, make_number(VALUE_BYTE_RATE, both));
}

static struct value get_net_rx(const struct proc *proc)
{
    return get_traffic(proc, make_bytes(proc->net.rx_bytes));
}

static struct value get_net_tx(const struct proc *proc)
{
    return get_traffic(proc, make_bytes(proc->net.tx_bytes));
}

static struct value get_sockets(const struct proc *proc)
{
    return proc->flags & PROC_THREAD ? value_absent(ABSENT_NOT_APPLICABLE)
                                     : make_count(proc->net.sockets);
}

static struct value get_policy(const struct proc *proc)
{
    // SCHED_* of the kernel; 4 was reserved and never used.
    static const char *const names[] = {"OTHER", "FIFO", "RR",       "BATCH",
                                        NULL,    "IDLE", "DEADLINE", "EXT"};

    if (proc->policy >= sizeof(names) / sizeof(names[0]) || !names[proc->policy]) {
        return value_absent(ABSENT_UNSUPPORTED);
    }
    return make_text(text_literal(names[proc->policy]));
}

static struct value get_rt_priority(const struct proc *proc)
{
    return make_count(proc->rt_priority);
}

static struct value get_comm(const struct proc *proc)
{
    return make_text(proc->name);
}

static struct value get_exe(const struct proc *proc)
{
    return proc->exe.bytes == 0 ? value_absent(ABSENT_NOT_APPLICABLE) : make_text(proc->exe);
}

/* clang-format off */
static const struct column columns[COLUMN_COUNT] = {
    [COLUMN_PID] = {.name = "pid", .title = "PID", .cells = 7, .kind = VALUE_ID,
        .help = "Number of the process, or of the thread.",
        .source = "/proc/PID/stat field 1",
        .need = FACT_IDENT, .get = get_pid},
    [COLUMN_USER] = {.name = "user", .title = "USER", .cells = 8, .kind = VALUE_TEXT,
        .help = "Name of the effective user; the number when it has no name.",
        .source = "owner of /proc/PID, and the user database",
        .need = FACT_USER, .want = FACT_OWNER, .get = get_user},
    [COLUMN_PRIORITY] = {.name = "priority", .title = "PRI", .cells = 4, .kind = VALUE_COUNT,
        .help = "Priority as the kernel sees it; lower runs first, -2 and below is real-time.",
        .source = "/proc/PID/stat field 18",
        .need = FACT_IDENT, .get = get_priority},
    [COLUMN_NICE] = {.name = "nice", .title = "NI", .cells = 3, .kind = VALUE_COUNT,
        .help = "Nice value, from -20 (favoured) to 19 (gives way).",
        .source = "/proc/PID/stat field 19",
        .need = FACT_IDENT, .get = get_nice},
    [COLUMN_VIRTUAL] = {.name = "virt", .title = "VIRT", .cells = 5, .kind = VALUE_BYTES,
        .help = "Address space that is mapped, whether memory is behind it or not.",
        .source = "/proc/PID/stat field 23",
        .need = FACT_IDENT, .descending = true, .get = get_virtual},
    [COLUMN_RESIDENT] = {.name = "res", .title = "RES", .cells = 5, .kind = VALUE_BYTES,
        .help = "Memory the process occupies, shared pages included.",
        .source = "/proc/PID/statm field 2; /proc/PID/stat field 24 in rows out of sight",
        .need = FACT_IDENT, .want = FACT_MEMORY, .descending = true, .get = get_resident},
    [COLUMN_SHARED] = {.name = "shr", .title = "SHR", .cells = 5, .kind = VALUE_BYTES,
        .help = "Part of RES that belongs to files or shared memory.",
        .source = "/proc/PID/statm field 3",
        .need = FACT_MEMORY, .descending = true, .get = get_shared},
    [COLUMN_STATE] = {.name = "state", .title = "S", .cells = 1, .kind = VALUE_LETTER,
        .help = "State: R running, S sleeping, D waiting for a device, Z ended but not collected, "
                "T stopped, t traced, I idle kernel thread.",
        .source = "/proc/PID/stat field 3",
        .need = FACT_IDENT, .get = get_state},
    [COLUMN_CPU] = {.name = "cpu", .title = "CPU%", .cells = 5, .kind = VALUE_CPUS,
        .help = "Processor time during the last interval; 100 is one CPU kept busy.",
        .source = "/proc/PID/stat fields 14 and 15",
        .need = FACT_IDENT | FACT_RATE, .descending = true, .get = get_cpu},
    [COLUMN_MEM] = {.name = "mem", .title = "MEM%", .cells = 4, .kind = VALUE_FRACTION,
        .help = "RES in percent of the machine's memory.",
        .source = "as RES; MemTotal in /proc/meminfo",
        .need = FACT_IDENT, .want = FACT_MEMORY, .descending = true, .get = get_mem},
    [COLUMN_TIME] = {.name = "time", .title = "TIME+", .cells = 8, .kind = VALUE_DURATION,
        .help = "Processor time used since the process started.",
        .source = "/proc/PID/stat fields 14 and 15",
        .need = FACT_IDENT, .descending = true, .get = get_time},
    [COLUMN_COMMAND] = {.name = "command", .title = "Command", .cells = 15, .kind = VALUE_TEXT,
        .help = "Command line; the name in brackets when there is none.",
        .source = "/proc/PID/cmdline, /proc/PID/stat field 2",
        .need = FACT_IDENT, .want = FACT_CMDLINE, .grows = true, .get = get_command},
    [COLUMN_PPID] = {.name = "ppid", .title = "PPID", .cells = 7, .kind = VALUE_ID,
        .help = "Number of the parent process.",
        .source = "/proc/PID/stat field 4",
        .need = FACT_IDENT, .get = get_ppid},
    [COLUMN_TGID] = {.name = "tgid", .title = "TGID", .cells = 7, .kind = VALUE_ID,
        .help = "Number of the process a thread belongs to.",
        .source = "/proc/PID/task",
        .need = FACT_IDENT, .get = get_tgid},
    [COLUMN_PGRP] = {.name = "pgrp", .title = "PGRP", .cells = 7, .kind = VALUE_ID,
        .help = "Number of the process group.",
        .source = "/proc/PID/stat field 5",
        .need = FACT_IDENT, .get = get_pgrp},
    [COLUMN_SESSION] = {.name = "session", .title = "SID", .cells = 7, .kind = VALUE_ID,
        .help = "Number of the session.",
        .source = "/proc/PID/stat field 6",
        .need = FACT_IDENT, .get = get_session},
    [COLUMN_TPGID] = {.name = "tpgid", .title = "TPGID", .cells = 7, .kind = VALUE_ID,
        .help = "Process group in the foreground of its terminal.",
        .source = "/proc/PID/stat field 8",
        .need = FACT_IDENT, .get = get_tpgid},
    [COLUMN_TTY] = {.name = "tty", .title = "TTY", .cells = 8, .kind = VALUE_TEXT,
        .help = "Terminal that controls it.",
        .source = "/proc/PID/stat field 7",
        .need = FACT_IDENT, .get = get_tty},
    [COLUMN_UID] = {.name = "uid", .title = "UID", .cells = 6, .kind = VALUE_ID,
        .help = "Number of the effective user.",
        .source = "owner of /proc/PID",
        .need = FACT_OWNER, .get = get_uid},
    [COLUMN_THREADS] = {.name = "threads", .title = "THR", .cells = 5, .kind = VALUE_COUNT,
        .help = "How many threads it has.",
        .source = "/proc/PID/stat field 20",
        .need = FACT_IDENT, .descending = true, .get = get_threads},
    [COLUMN_START] = {.name = "start", .title = "START", .cells = 5, .kind = VALUE_WALL,
        .help = "When it started: the time today, the day this year, else the year.",
        .source = "/proc/PID/stat field 22",
        .need = FACT_IDENT, .descending = true, .get = get_start},
    [COLUMN_ELAPSED] = {.name = "elapsed", .title = "ELAPSED", .cells = 7, .kind = VALUE_AGE,
        .help = "How long ago it started.",
        .source = "/proc/PID/stat field 22, CLOCK_BOOTTIME",
        .need = FACT_IDENT, .get = get_elapsed},
    [COLUMN_LAST_CPU] = {.name = "last_cpu", .title = "CPU", .cells = 4, .kind = VALUE_ID,
        .help = "Number of the CPU it ran on last.",
        .source = "/proc/PID/stat field 39",
        .need = FACT_IDENT, .get = get_last_cpu},
    [COLUMN_CPU_USER] = {.name = "cpu_user", .title = "USR%", .cells = 5, .kind = VALUE_CPUS,
        .help = "Processor time in its own code; 100 is one CPU kept busy.",
        .source = "/proc/PID/stat field 14",
        .need = FACT_IDENT | FACT_RATE, .descending = true, .get = get_cpu_user},
    [COLUMN_CPU_SYSTEM] = {.name = "cpu_system", .title = "SYS%", .cells = 5, .kind = VALUE_CPUS,
        .help = "Processor time in the kernel; 100 is one CPU kept busy.",
        .source = "/proc/PID/stat field 15",
        .need = FACT_IDENT | FACT_RATE, .descending = true, .get = get_cpu_system},
    [COLUMN_TIME_USER] = {.name = "time_user", .title = "UTIME+", .cells = 8,
        .kind = VALUE_DURATION,
        .help = "Processor time in its own code since it started.",
        .source = "/proc/PID/stat field 14",
        .need = FACT_IDENT, .descending = true, .get = get_time_user},
    [COLUMN_TIME_SYSTEM] = {.name = "time_system", .title = "STIME+", .cells = 8,
        .kind = VALUE_DURATION,
        .help = "Processor time in the kernel since it started.",
        .source = "/proc/PID/stat field 15",
        .need = FACT_IDENT, .descending = true, .get = get_time_system},
    [COLUMN_MINOR_FAULTS_RATE] = {.name = "minflt_rate", .title = "MIN/s", .cells = 5,
        .kind = VALUE_COUNT_RATE,
        .help = "Page faults per second that needed no disk.",
        .source = "/proc/PID/stat field 10",
        .need = FACT_IDENT | FACT_RATE, .descending = true, .get = get_minor_faults_rate},
    [COLUMN_MAJOR_FAULTS_RATE] = {.name = "majflt_rate", .title = "MAJ/s", .cells = 5,
        .kind = VALUE_COUNT_RATE,
        .help = "Page faults per second that waited for a disk.",
        .source = "/proc/PID/stat field 12",
        .need = FACT_IDENT | FACT_RATE, .descending = true, .get = get_major_faults_rate},
    [COLUMN_MINOR_FAULTS] = {.name = "minflt", .title = "MINFLT", .cells = 6, .kind = VALUE_COUNT,
        .help = "Page faults that needed no disk, since it started.",
        .source = "/proc/PID/stat field 10",
        .need = FACT_IDENT, .descending = true, .get = get_minor_faults},
    [COLUMN_MAJOR_FAULTS] = {.name = "majflt", .title = "MAJFLT", .cells = 6, .kind = VALUE_COUNT,
        .help = "Page faults that waited for a disk, since it started.",
        .source = "/proc/PID/stat field 12",
        .need = FACT_IDENT, .descending = true, .get = get_major_faults},
    [COLUMN_IO_READ_RATE] = {.name = "io_read_rate", .title = "READ/s", .cells = 6,
        .kind = VALUE_BYTE_RATE,
        .help = "Bytes per second read from storage. Of its finished children it has what those "
                "did that were never seen, because they came and went between two looks.",
        .source = "read_bytes in /proc/PID/io",
        .need = FACT_IO | FACT_IO_RATE, .descending = true,
        .get = get_io_read_rate},
    [COLUMN_IO_WRITE_RATE] = {.name = "io_write_rate", .title = "WRITE/s", .cells = 7,
        .kind = VALUE_BYTE_RATE,
        .help = "Bytes per second written to storage. Of its finished children it has what those "
                "did that were never seen, because they came and went between two looks.",
        .source = "write_bytes in /proc/PID/io",
        .need = FACT_IO | FACT_IO_RATE, .descending = true,
        .get = get_io_write_rate},
    [COLUMN_IO_RATE] = {.name = "io_rate", .title = "IO/s", .cells = 5, .kind = VALUE_BYTE_RATE,
        .help = "Bytes per second read from and written to storage. Of its finished children it has what those "
                "did that were never seen, because they came and went between two looks.",
        .source = "read_bytes and write_bytes in /proc/PID/io",
        .need = FACT_IO | FACT_IO_RATE, .descending = true, .get = get_io_rate},
    [COLUMN_IO_READ] = {.name = "io_read", .title = "READ", .cells = 5, .kind = VALUE_BYTES,
        .help = "Bytes read from storage since it started, also by children it waited for.",
        .source = "read_bytes in /proc/PID/io",
        .need = FACT_IO, .descending = true, .get = get_io_read},
    [COLUMN_IO_WRITE] = {.name = "io_write", .title = "WRITE", .cells = 5, .kind = VALUE_BYTES,
        .help = "Bytes written to storage since it started, also by children it waited for.",
        .source = "write_bytes in /proc/PID/io",
        .need = FACT_IO, .descending = true, .get = get_io_write},
    [COLUMN_IO_DELAY] = {.name = "io_delay", .title = "DELAY%", .cells = 6, .kind = VALUE_FRACTION,
        .help = "Share of the time it waited for block devices; of a process its first thread alone, so "
                "list the threads for the others. The kernel counts it while kernel.task_delayacct "
                "is 1, and a wait when it is over.",
        .source = "/proc/PID/stat field 42",
        .need = FACT_IDENT | FACT_RATE, .descending = true,
        .remedy = "\"sysctl kernel.task_delayacct=1\" makes the kernel count it",
        .get = get_io_delay},
    [COLUMN_NET_RX_RATE] = {.name = "net_rx_rate", .title = "NET RX/s", .cells = 8,
        .kind = VALUE_BYTE_RATE,
        .help = "Bytes per second received by the TCP connections it holds; one held by several "
                "processes counts for each. What came between the last look and the end of a "
                "connection is not in it.",
        .source = "tcp_info.tcpi_bytes_received, /proc/PID/fd",
        .need = FACT_SOCKETS | FACT_SOCKET_RATE, .descending = true,
        .get = get_net_rx_rate},
    [COLUMN_NET_TX_RATE] = {.name = "net_tx_rate", .title = "NET TX/s", .cells = 8,
        .kind = VALUE_BYTE_RATE,
        .help = "Bytes per second sent by them that the other end has acknowledged.",
        .source = "tcp_info.tcpi_bytes_acked, /proc/PID/fd",
        .need = FACT_SOCKETS | FACT_SOCKET_RATE, .descending = true,
        .get = get_net_tx_rate},
    [COLUMN_NET_RATE] = {.name = "net_rate", .title = "NET/s", .cells = 6,
        .kind = VALUE_BYTE_RATE,
        .help = "Bytes per second in both directions.",
        .source = "as NET RX/s and NET TX/s",
        .need = FACT_SOCKETS | FACT_SOCKET_RATE, .descending = true, .get = get_net_rate},
    [COLUMN_NET_RX] = {.name = "net_rx", .title = "NET RX", .cells = 6, .kind = VALUE_BYTES,
        .help = "Bytes received by the TCP connections it holds now, since they were made.",
        .source = "as NET RX/s",
        .need = FACT_SOCKETS, .descending = true, .get = get_net_rx},
    [COLUMN_NET_TX] = {.name = "net_tx", .title = "NET TX", .cells = 6, .kind = VALUE_BYTES,
        .help = "Bytes sent by the TCP connections it holds now, since they were made.",
        .source = "as NET TX/s",
        .need = FACT_SOCKETS, .descending = true, .get = get_net_tx},
    [COLUMN_SOCKETS] = {.name = "sockets", .title = "SOCKS", .cells = 5, .kind = VALUE_COUNT,
        .help = "Sockets it holds, each once: TCP, UDP, UDP-Lite, raw, MPTCP and Unix, as far as the "
                "kernel lists them; no netlink, packet or other kinds.",
        .source = "/proc/PID/fd",
        .need = FACT_SOCKETS, .descending = true, .get = get_sockets},
    [COLUMN_POLICY] = {.name = "policy", .title = "POLICY", .cells = 8, .kind = VALUE_TEXT,
        .help = "Scheduling policy.",
        .source = "/proc/PID/stat field 41",
        .need = FACT_IDENT, .get = get_policy},
    [COLUMN_RT_PRIORITY] = {.name = "rt_priority", .title = "RTPR", .cells = 4, .kind = VALUE_COUNT,
        .help = "Real-time priority from 1 to 99; 0 for other policies.",
        .source = "/proc/PID/stat field 40",
        .need = FACT_IDENT, .descending = true, .get = get_rt_priority},
    [COLUMN_COMM] = {.name = "comm", .title = "COMM", .cells = 15, .kind = VALUE_TEXT,
        .help = "Short name, which the process itself may change.",
        .source = "/proc/PID/stat field 2",
        .need = FACT_IDENT, .get = get_comm},
    [COLUMN_EXE] = {.name = "exe", .title = "EXE", .cells = 20, .kind = VALUE_TEXT,
        .help = "Path of the program file.",
        .source = "/proc/PID/exe",
        .need = FACT_EXE, .grows = true, .get = get_exe},
};
/* clang-format on */

const struct column *column_info(enum column_id id)
{
    assert((unsigned)id < COLUMN_COUNT);
    if ((unsigned)id >= COLUMN_MEMORY_FIRST && (unsigned)id <= COLUMN_MEMORY_LAST) {
        return column_memory_info(id);
    }
    return &columns[(unsigned)id < COLUMN_COUNT ? id : COLUMN_PID];
}
