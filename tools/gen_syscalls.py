#!/usr/bin/env python3
"""Write src/platform/linux/syscall_table.c: the names of system calls, and which argument of them
is a descriptor. Names come from the kernel's headers given; rerun with newer ones to learn more:

    tools/gen_syscalls.py /usr/include/*/asm/unistd_64.h /usr/include/asm-generic/unistd.h
"""
import pathlib, re, sys

# Calls about one descriptor, by the number of that argument. A directory descriptor of an *at()
# call counts, too: the kernel looks the path up from there.
FIRST = """
read write pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 lseek _llseek
fsync fdatasync sync_file_range sync_file_range2 arm_sync_file_range syncfs readahead fadvise64
fadvise64_64 arm_fadvise64_64 ftruncate ftruncate64 fallocate flock fcntl fcntl64 ioctl close dup
dup2 dup3 fstat fstat64 fstatfs fstatfs64 newfstatat fstatat64 statx fchdir fchmod fchown fchown32
fchmodat fchmodat2 fchownat futimesat utimensat utimensat_time64 getdents getdents64
openat openat2 mkdirat mknodat unlinkat renameat renameat2 linkat symlinkat readlinkat faccessat
faccessat2 execveat name_to_handle_at open_by_handle_at
fsetxattr fgetxattr flistxattr fremovexattr setxattrat getxattrat listxattrat removexattrat
sendfile sendfile64 splice tee vmsplice copy_file_range
bind listen connect accept accept4 getsockname getpeername getsockopt setsockopt shutdown
sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg recvmmsg_time64 send recv
epoll_ctl epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 signalfd signalfd4
timerfd_settime timerfd_gettime timerfd_settime64 timerfd_gettime64
inotify_add_watch inotify_rm_watch fanotify_mark
mq_timedsend mq_timedreceive mq_timedsend_time64 mq_timedreceive_time64 mq_notify mq_getsetattr
io_uring_enter io_uring_register finit_module setns pidfd_send_signal pidfd_getfd process_madvise
process_mrelease landlock_add_rule landlock_restrict_self fsconfig fsmount fspick move_mount
open_tree open_tree_attr mount_setattr cachestat file_getattr file_setattr quotactl_fd
""".split()
OTHERS = {"mmap": 4, "mmap2": 4}


def names(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    for name in re.findall(r"^#define\s+__NR(?:3264)?_([a-z_]\w*)\s", text, re.M):
        if name not in ("syscalls", "arch_specific_syscall"):
            yield name


def main():
    found = sorted({name for path in sys.argv[1:] for name in names(path)} | set(FIRST))
    arguments = {**dict.fromkeys(FIRST, 0), **OTHERS}
    out = ['#include "platform/linux/syscall_table.h"', "", "#include <sys/syscall.h>", "",
           "/* Made by tools/gen_syscalls.py. What this architecture or C library does not have is",
           " * left out. */", "", "const struct syscall_row syscall_table[] = {"]
    for name in found:
        out += [f"#ifdef SYS_{name}",
                f'    [SYS_{name}] = {{.name = "{name}", .fd_argument = {arguments.get(name, -1)}}},',
                "#endif"]
    out += ["};", "",
            "const size_t syscall_table_count = sizeof(syscall_table) / sizeof(*syscall_table);"]
    target = pathlib.Path(__file__).parent.parent / "src/platform/linux/syscall_table.c"
    target.write_text("\n".join(out) + "\n", encoding="utf-8")


main()
