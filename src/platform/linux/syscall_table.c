#include "platform/linux/syscall_table.h"

#include <sys/syscall.h>

/* Made by tools/gen_syscalls.py. What this architecture or C library does not have is
 * left out. */

const struct syscall_row syscall_table[] = {
#ifdef SYS__llseek
    [SYS__llseek] = {.name = "_llseek", .fd_argument = 0},
#endif
#ifdef SYS__newselect
    [SYS__newselect] = {.name = "_newselect", .fd_argument = -1},
#endif
#ifdef SYS__sysctl
    [SYS__sysctl] = {.name = "_sysctl", .fd_argument = -1},
#endif
#ifdef SYS_accept
    [SYS_accept] = {.name = "accept", .fd_argument = 0},
#endif
#ifdef SYS_accept4
    [SYS_accept4] = {.name = "accept4", .fd_argument = 0},
#endif
#ifdef SYS_access
    [SYS_access] = {.name = "access", .fd_argument = -1},
#endif
#ifdef SYS_acct
    [SYS_acct] = {.name = "acct", .fd_argument = -1},
#endif
#ifdef SYS_add_key
    [SYS_add_key] = {.name = "add_key", .fd_argument = -1},
#endif
#ifdef SYS_adjtimex
    [SYS_adjtimex] = {.name = "adjtimex", .fd_argument = -1},
#endif
#ifdef SYS_afs_syscall
    [SYS_afs_syscall] = {.name = "afs_syscall", .fd_argument = -1},
#endif
#ifdef SYS_alarm
    [SYS_alarm] = {.name = "alarm", .fd_argument = -1},
#endif
#ifdef SYS_arch_prctl
    [SYS_arch_prctl] = {.name = "arch_prctl", .fd_argument = -1},
#endif
#ifdef SYS_arm_fadvise64_64
    [SYS_arm_fadvise64_64] = {.name = "arm_fadvise64_64", .fd_argument = 0},
#endif
#ifdef SYS_arm_sync_file_range
    [SYS_arm_sync_file_range] = {.name = "arm_sync_file_range", .fd_argument = 0},
#endif
#ifdef SYS_bdflush
    [SYS_bdflush] = {.name = "bdflush", .fd_argument = -1},
#endif
#ifdef SYS_bind
    [SYS_bind] = {.name = "bind", .fd_argument = 0},
#endif
#ifdef SYS_bpf
    [SYS_bpf] = {.name = "bpf", .fd_argument = -1},
#endif
#ifdef SYS_break
    [SYS_break] = {.name = "break", .fd_argument = -1},
#endif
#ifdef SYS_brk
    [SYS_brk] = {.name = "brk", .fd_argument = -1},
#endif
#ifdef SYS_cachestat
    [SYS_cachestat] = {.name = "cachestat", .fd_argument = 0},
#endif
#ifdef SYS_capget
    [SYS_capget] = {.name = "capget", .fd_argument = -1},
#endif
#ifdef SYS_capset
    [SYS_capset] = {.name = "capset", .fd_argument = -1},
#endif
#ifdef SYS_chdir
    [SYS_chdir] = {.name = "chdir", .fd_argument = -1},
#endif
#ifdef SYS_chmod
    [SYS_chmod] = {.name = "chmod", .fd_argument = -1},
#endif
#ifdef SYS_chown
    [SYS_chown] = {.name = "chown", .fd_argument = -1},
#endif
#ifdef SYS_chown32
    [SYS_chown32] = {.name = "chown32", .fd_argument = -1},
#endif
#ifdef SYS_chroot
    [SYS_chroot] = {.name = "chroot", .fd_argument = -1},
#endif
#ifdef SYS_clock_adjtime
    [SYS_clock_adjtime] = {.name = "clock_adjtime", .fd_argument = -1},
#endif
#ifdef SYS_clock_adjtime64
    [SYS_clock_adjtime64] = {.name = "clock_adjtime64", .fd_argument = -1},
#endif
#ifdef SYS_clock_getres
    [SYS_clock_getres] = {.name = "clock_getres", .fd_argument = -1},
#endif
#ifdef SYS_clock_getres_time64
    [SYS_clock_getres_time64] = {.name = "clock_getres_time64", .fd_argument = -1},
#endif
#ifdef SYS_clock_gettime
    [SYS_clock_gettime] = {.name = "clock_gettime", .fd_argument = -1},
#endif
#ifdef SYS_clock_gettime64
    [SYS_clock_gettime64] = {.name = "clock_gettime64", .fd_argument = -1},
#endif
#ifdef SYS_clock_nanosleep
    [SYS_clock_nanosleep] = {.name = "clock_nanosleep", .fd_argument = -1},
#endif
#ifdef SYS_clock_nanosleep_time64
    [SYS_clock_nanosleep_time64] = {.name = "clock_nanosleep_time64", .fd_argument = -1},
#endif
#ifdef SYS_clock_settime
    [SYS_clock_settime] = {.name = "clock_settime", .fd_argument = -1},
#endif
#ifdef SYS_clock_settime64
    [SYS_clock_settime64] = {.name = "clock_settime64", .fd_argument = -1},
#endif
#ifdef SYS_clone
    [SYS_clone] = {.name = "clone", .fd_argument = -1},
#endif
#ifdef SYS_clone3
    [SYS_clone3] = {.name = "clone3", .fd_argument = -1},
#endif
#ifdef SYS_close
    [SYS_close] = {.name = "close", .fd_argument = 0},
#endif
#ifdef SYS_close_range
    [SYS_close_range] = {.name = "close_range", .fd_argument = -1},
#endif
#ifdef SYS_connect
    [SYS_connect] = {.name = "connect", .fd_argument = 0},
#endif
#ifdef SYS_copy_file_range
    [SYS_copy_file_range] = {.name = "copy_file_range", .fd_argument = 0},
#endif
#ifdef SYS_creat
    [SYS_creat] = {.name = "creat", .fd_argument = -1},
#endif
#ifdef SYS_create_module
    [SYS_create_module] = {.name = "create_module", .fd_argument = -1},
#endif
#ifdef SYS_delete_module
    [SYS_delete_module] = {.name = "delete_module", .fd_argument = -1},
#endif
#ifdef SYS_dup
    [SYS_dup] = {.name = "dup", .fd_argument = 0},
#endif
#ifdef SYS_dup2
    [SYS_dup2] = {.name = "dup2", .fd_argument = 0},
#endif
#ifdef SYS_dup3
    [SYS_dup3] = {.name = "dup3", .fd_argument = 0},
#endif
#ifdef SYS_epoll_create
    [SYS_epoll_create] = {.name = "epoll_create", .fd_argument = -1},
#endif
#ifdef SYS_epoll_create1
    [SYS_epoll_create1] = {.name = "epoll_create1", .fd_argument = -1},
#endif
#ifdef SYS_epoll_ctl
    [SYS_epoll_ctl] = {.name = "epoll_ctl", .fd_argument = 0},
#endif
#ifdef SYS_epoll_ctl_old
    [SYS_epoll_ctl_old] = {.name = "epoll_ctl_old", .fd_argument = -1},
#endif
#ifdef SYS_epoll_pwait
    [SYS_epoll_pwait] = {.name = "epoll_pwait", .fd_argument = 0},
#endif
#ifdef SYS_epoll_pwait2
    [SYS_epoll_pwait2] = {.name = "epoll_pwait2", .fd_argument = 0},
#endif
#ifdef SYS_epoll_wait
    [SYS_epoll_wait] = {.name = "epoll_wait", .fd_argument = 0},
#endif
#ifdef SYS_epoll_wait_old
    [SYS_epoll_wait_old] = {.name = "epoll_wait_old", .fd_argument = 0},
#endif
#ifdef SYS_eventfd
    [SYS_eventfd] = {.name = "eventfd", .fd_argument = -1},
#endif
#ifdef SYS_eventfd2
    [SYS_eventfd2] = {.name = "eventfd2", .fd_argument = -1},
#endif
#ifdef SYS_execve
    [SYS_execve] = {.name = "execve", .fd_argument = -1},
#endif
#ifdef SYS_execveat
    [SYS_execveat] = {.name = "execveat", .fd_argument = 0},
#endif
#ifdef SYS_exit
    [SYS_exit] = {.name = "exit", .fd_argument = -1},
#endif
#ifdef SYS_exit_group
    [SYS_exit_group] = {.name = "exit_group", .fd_argument = -1},
#endif
#ifdef SYS_faccessat
    [SYS_faccessat] = {.name = "faccessat", .fd_argument = 0},
#endif
#ifdef SYS_faccessat2
    [SYS_faccessat2] = {.name = "faccessat2", .fd_argument = 0},
#endif
#ifdef SYS_fadvise64
    [SYS_fadvise64] = {.name = "fadvise64", .fd_argument = 0},
#endif
#ifdef SYS_fadvise64_64
    [SYS_fadvise64_64] = {.name = "fadvise64_64", .fd_argument = 0},
#endif
#ifdef SYS_fallocate
    [SYS_fallocate] = {.name = "fallocate", .fd_argument = 0},
#endif
#ifdef SYS_fanotify_init
    [SYS_fanotify_init] = {.name = "fanotify_init", .fd_argument = -1},
#endif
#ifdef SYS_fanotify_mark
    [SYS_fanotify_mark] = {.name = "fanotify_mark", .fd_argument = 0},
#endif
#ifdef SYS_fchdir
    [SYS_fchdir] = {.name = "fchdir", .fd_argument = 0},
#endif
#ifdef SYS_fchmod
    [SYS_fchmod] = {.name = "fchmod", .fd_argument = 0},
#endif
#ifdef SYS_fchmodat
    [SYS_fchmodat] = {.name = "fchmodat", .fd_argument = 0},
#endif
#ifdef SYS_fchmodat2
    [SYS_fchmodat2] = {.name = "fchmodat2", .fd_argument = 0},
#endif
#ifdef SYS_fchown
    [SYS_fchown] = {.name = "fchown", .fd_argument = 0},
#endif
#ifdef SYS_fchown32
    [SYS_fchown32] = {.name = "fchown32", .fd_argument = 0},
#endif
#ifdef SYS_fchownat
    [SYS_fchownat] = {.name = "fchownat", .fd_argument = 0},
#endif
#ifdef SYS_fcntl
    [SYS_fcntl] = {.name = "fcntl", .fd_argument = 0},
#endif
#ifdef SYS_fcntl64
    [SYS_fcntl64] = {.name = "fcntl64", .fd_argument = 0},
#endif
#ifdef SYS_fdatasync
    [SYS_fdatasync] = {.name = "fdatasync", .fd_argument = 0},
#endif
#ifdef SYS_fgetxattr
    [SYS_fgetxattr] = {.name = "fgetxattr", .fd_argument = 0},
#endif
#ifdef SYS_file_getattr
    [SYS_file_getattr] = {.name = "file_getattr", .fd_argument = 0},
#endif
#ifdef SYS_file_setattr
    [SYS_file_setattr] = {.name = "file_setattr", .fd_argument = 0},
#endif
#ifdef SYS_finit_module
    [SYS_finit_module] = {.name = "finit_module", .fd_argument = 0},
#endif
#ifdef SYS_flistxattr
    [SYS_flistxattr] = {.name = "flistxattr", .fd_argument = 0},
#endif
#ifdef SYS_flock
    [SYS_flock] = {.name = "flock", .fd_argument = 0},
#endif
#ifdef SYS_fork
    [SYS_fork] = {.name = "fork", .fd_argument = -1},
#endif
#ifdef SYS_fremovexattr
    [SYS_fremovexattr] = {.name = "fremovexattr", .fd_argument = 0},
#endif
#ifdef SYS_fsconfig
    [SYS_fsconfig] = {.name = "fsconfig", .fd_argument = 0},
#endif
#ifdef SYS_fsetxattr
    [SYS_fsetxattr] = {.name = "fsetxattr", .fd_argument = 0},
#endif
#ifdef SYS_fsmount
    [SYS_fsmount] = {.name = "fsmount", .fd_argument = 0},
#endif
#ifdef SYS_fsopen
    [SYS_fsopen] = {.name = "fsopen", .fd_argument = -1},
#endif
#ifdef SYS_fspick
    [SYS_fspick] = {.name = "fspick", .fd_argument = 0},
#endif
#ifdef SYS_fstat
    [SYS_fstat] = {.name = "fstat", .fd_argument = 0},
#endif
#ifdef SYS_fstat64
    [SYS_fstat64] = {.name = "fstat64", .fd_argument = 0},
#endif
#ifdef SYS_fstatat
    [SYS_fstatat] = {.name = "fstatat", .fd_argument = -1},
#endif
#ifdef SYS_fstatat64
    [SYS_fstatat64] = {.name = "fstatat64", .fd_argument = 0},
#endif
#ifdef SYS_fstatfs
    [SYS_fstatfs] = {.name = "fstatfs", .fd_argument = 0},
#endif
#ifdef SYS_fstatfs64
    [SYS_fstatfs64] = {.name = "fstatfs64", .fd_argument = 0},
#endif
#ifdef SYS_fsync
    [SYS_fsync] = {.name = "fsync", .fd_argument = 0},
#endif
#ifdef SYS_ftime
    [SYS_ftime] = {.name = "ftime", .fd_argument = -1},
#endif
#ifdef SYS_ftruncate
    [SYS_ftruncate] = {.name = "ftruncate", .fd_argument = 0},
#endif
#ifdef SYS_ftruncate64
    [SYS_ftruncate64] = {.name = "ftruncate64", .fd_argument = 0},
#endif
#ifdef SYS_futex
    [SYS_futex] = {.name = "futex", .fd_argument = -1},
#endif
#ifdef SYS_futex_time64
    [SYS_futex_time64] = {.name = "futex_time64", .fd_argument = -1},
#endif
#ifdef SYS_futex_waitv
    [SYS_futex_waitv] = {.name = "futex_waitv", .fd_argument = -1},
#endif
#ifdef SYS_futimesat
    [SYS_futimesat] = {.name = "futimesat", .fd_argument = 0},
#endif
#ifdef SYS_get_kernel_syms
    [SYS_get_kernel_syms] = {.name = "get_kernel_syms", .fd_argument = -1},
#endif
#ifdef SYS_get_mempolicy
    [SYS_get_mempolicy] = {.name = "get_mempolicy", .fd_argument = -1},
#endif
#ifdef SYS_get_robust_list
    [SYS_get_robust_list] = {.name = "get_robust_list", .fd_argument = -1},
#endif
#ifdef SYS_get_thread_area
    [SYS_get_thread_area] = {.name = "get_thread_area", .fd_argument = -1},
#endif
#ifdef SYS_getcpu
    [SYS_getcpu] = {.name = "getcpu", .fd_argument = -1},
#endif
#ifdef SYS_getcwd
    [SYS_getcwd] = {.name = "getcwd", .fd_argument = -1},
#endif
#ifdef SYS_getdents
    [SYS_getdents] = {.name = "getdents", .fd_argument = 0},
#endif
#ifdef SYS_getdents64
    [SYS_getdents64] = {.name = "getdents64", .fd_argument = 0},
#endif
#ifdef SYS_getegid
    [SYS_getegid] = {.name = "getegid", .fd_argument = -1},
#endif
#ifdef SYS_getegid32
    [SYS_getegid32] = {.name = "getegid32", .fd_argument = -1},
#endif
#ifdef SYS_geteuid
    [SYS_geteuid] = {.name = "geteuid", .fd_argument = -1},
#endif
#ifdef SYS_geteuid32
    [SYS_geteuid32] = {.name = "geteuid32", .fd_argument = -1},
#endif
#ifdef SYS_getgid
    [SYS_getgid] = {.name = "getgid", .fd_argument = -1},
#endif
#ifdef SYS_getgid32
    [SYS_getgid32] = {.name = "getgid32", .fd_argument = -1},
#endif
#ifdef SYS_getgroups
    [SYS_getgroups] = {.name = "getgroups", .fd_argument = -1},
#endif
#ifdef SYS_getgroups32
    [SYS_getgroups32] = {.name = "getgroups32", .fd_argument = -1},
#endif
#ifdef SYS_getitimer
    [SYS_getitimer] = {.name = "getitimer", .fd_argument = -1},
#endif
#ifdef SYS_getpeername
    [SYS_getpeername] = {.name = "getpeername", .fd_argument = 0},
#endif
#ifdef SYS_getpgid
    [SYS_getpgid] = {.name = "getpgid", .fd_argument = -1},
#endif
#ifdef SYS_getpgrp
    [SYS_getpgrp] = {.name = "getpgrp", .fd_argument = -1},
#endif
#ifdef SYS_getpid
    [SYS_getpid] = {.name = "getpid", .fd_argument = -1},
#endif
#ifdef SYS_getpmsg
    [SYS_getpmsg] = {.name = "getpmsg", .fd_argument = -1},
#endif
#ifdef SYS_getppid
    [SYS_getppid] = {.name = "getppid", .fd_argument = -1},
#endif
#ifdef SYS_getpriority
    [SYS_getpriority] = {.name = "getpriority", .fd_argument = -1},
#endif
#ifdef SYS_getrandom
    [SYS_getrandom] = {.name = "getrandom", .fd_argument = -1},
#endif
#ifdef SYS_getresgid
    [SYS_getresgid] = {.name = "getresgid", .fd_argument = -1},
#endif
#ifdef SYS_getresgid32
    [SYS_getresgid32] = {.name = "getresgid32", .fd_argument = -1},
#endif
#ifdef SYS_getresuid
    [SYS_getresuid] = {.name = "getresuid", .fd_argument = -1},
#endif
#ifdef SYS_getresuid32
    [SYS_getresuid32] = {.name = "getresuid32", .fd_argument = -1},
#endif
#ifdef SYS_getrlimit
    [SYS_getrlimit] = {.name = "getrlimit", .fd_argument = -1},
#endif
#ifdef SYS_getrusage
    [SYS_getrusage] = {.name = "getrusage", .fd_argument = -1},
#endif
#ifdef SYS_getsid
    [SYS_getsid] = {.name = "getsid", .fd_argument = -1},
#endif
#ifdef SYS_getsockname
    [SYS_getsockname] = {.name = "getsockname", .fd_argument = 0},
#endif
#ifdef SYS_getsockopt
    [SYS_getsockopt] = {.name = "getsockopt", .fd_argument = 0},
#endif
#ifdef SYS_gettid
    [SYS_gettid] = {.name = "gettid", .fd_argument = -1},
#endif
#ifdef SYS_gettimeofday
    [SYS_gettimeofday] = {.name = "gettimeofday", .fd_argument = -1},
#endif
#ifdef SYS_getuid
    [SYS_getuid] = {.name = "getuid", .fd_argument = -1},
#endif
#ifdef SYS_getuid32
    [SYS_getuid32] = {.name = "getuid32", .fd_argument = -1},
#endif
#ifdef SYS_getxattr
    [SYS_getxattr] = {.name = "getxattr", .fd_argument = -1},
#endif
#ifdef SYS_getxattrat
    [SYS_getxattrat] = {.name = "getxattrat", .fd_argument = 0},
#endif
#ifdef SYS_gtty
    [SYS_gtty] = {.name = "gtty", .fd_argument = -1},
#endif
#ifdef SYS_idle
    [SYS_idle] = {.name = "idle", .fd_argument = -1},
#endif
#ifdef SYS_init_module
    [SYS_init_module] = {.name = "init_module", .fd_argument = -1},
#endif
#ifdef SYS_inotify_add_watch
    [SYS_inotify_add_watch] = {.name = "inotify_add_watch", .fd_argument = 0},
#endif
#ifdef SYS_inotify_init
    [SYS_inotify_init] = {.name = "inotify_init", .fd_argument = -1},
#endif
#ifdef SYS_inotify_init1
    [SYS_inotify_init1] = {.name = "inotify_init1", .fd_argument = -1},
#endif
#ifdef SYS_inotify_rm_watch
    [SYS_inotify_rm_watch] = {.name = "inotify_rm_watch", .fd_argument = 0},
#endif
#ifdef SYS_io_cancel
    [SYS_io_cancel] = {.name = "io_cancel", .fd_argument = -1},
#endif
#ifdef SYS_io_destroy
    [SYS_io_destroy] = {.name = "io_destroy", .fd_argument = -1},
#endif
#ifdef SYS_io_getevents
    [SYS_io_getevents] = {.name = "io_getevents", .fd_argument = -1},
#endif
#ifdef SYS_io_pgetevents
    [SYS_io_pgetevents] = {.name = "io_pgetevents", .fd_argument = -1},
#endif
#ifdef SYS_io_pgetevents_time64
    [SYS_io_pgetevents_time64] = {.name = "io_pgetevents_time64", .fd_argument = -1},
#endif
#ifdef SYS_io_setup
    [SYS_io_setup] = {.name = "io_setup", .fd_argument = -1},
#endif
#ifdef SYS_io_submit
    [SYS_io_submit] = {.name = "io_submit", .fd_argument = -1},
#endif
#ifdef SYS_io_uring_enter
    [SYS_io_uring_enter] = {.name = "io_uring_enter", .fd_argument = 0},
#endif
#ifdef SYS_io_uring_register
    [SYS_io_uring_register] = {.name = "io_uring_register", .fd_argument = 0},
#endif
#ifdef SYS_io_uring_setup
    [SYS_io_uring_setup] = {.name = "io_uring_setup", .fd_argument = -1},
#endif
#ifdef SYS_ioctl
    [SYS_ioctl] = {.name = "ioctl", .fd_argument = 0},
#endif
#ifdef SYS_ioperm
    [SYS_ioperm] = {.name = "ioperm", .fd_argument = -1},
#endif
#ifdef SYS_iopl
    [SYS_iopl] = {.name = "iopl", .fd_argument = -1},
#endif
#ifdef SYS_ioprio_get
    [SYS_ioprio_get] = {.name = "ioprio_get", .fd_argument = -1},
#endif
#ifdef SYS_ioprio_set
    [SYS_ioprio_set] = {.name = "ioprio_set", .fd_argument = -1},
#endif
#ifdef SYS_ipc
    [SYS_ipc] = {.name = "ipc", .fd_argument = -1},
#endif
#ifdef SYS_kcmp
    [SYS_kcmp] = {.name = "kcmp", .fd_argument = -1},
#endif
#ifdef SYS_kexec_file_load
    [SYS_kexec_file_load] = {.name = "kexec_file_load", .fd_argument = -1},
#endif
#ifdef SYS_kexec_load
    [SYS_kexec_load] = {.name = "kexec_load", .fd_argument = -1},
#endif
#ifdef SYS_keyctl
    [SYS_keyctl] = {.name = "keyctl", .fd_argument = -1},
#endif
#ifdef SYS_kill
    [SYS_kill] = {.name = "kill", .fd_argument = -1},
#endif
#ifdef SYS_landlock_add_rule
    [SYS_landlock_add_rule] = {.name = "landlock_add_rule", .fd_argument = 0},
#endif
#ifdef SYS_landlock_create_ruleset
    [SYS_landlock_create_ruleset] = {.name = "landlock_create_ruleset", .fd_argument = -1},
#endif
#ifdef SYS_landlock_restrict_self
    [SYS_landlock_restrict_self] = {.name = "landlock_restrict_self", .fd_argument = 0},
#endif
#ifdef SYS_lchown
    [SYS_lchown] = {.name = "lchown", .fd_argument = -1},
#endif
#ifdef SYS_lchown32
    [SYS_lchown32] = {.name = "lchown32", .fd_argument = -1},
#endif
#ifdef SYS_lgetxattr
    [SYS_lgetxattr] = {.name = "lgetxattr", .fd_argument = -1},
#endif
#ifdef SYS_link
    [SYS_link] = {.name = "link", .fd_argument = -1},
#endif
#ifdef SYS_linkat
    [SYS_linkat] = {.name = "linkat", .fd_argument = 0},
#endif
#ifdef SYS_listen
    [SYS_listen] = {.name = "listen", .fd_argument = 0},
#endif
#ifdef SYS_listxattr
    [SYS_listxattr] = {.name = "listxattr", .fd_argument = -1},
#endif
#ifdef SYS_listxattrat
    [SYS_listxattrat] = {.name = "listxattrat", .fd_argument = 0},
#endif
#ifdef SYS_llistxattr
    [SYS_llistxattr] = {.name = "llistxattr", .fd_argument = -1},
#endif
#ifdef SYS_llseek
    [SYS_llseek] = {.name = "llseek", .fd_argument = -1},
#endif
#ifdef SYS_lock
    [SYS_lock] = {.name = "lock", .fd_argument = -1},
#endif
#ifdef SYS_lookup_dcookie
    [SYS_lookup_dcookie] = {.name = "lookup_dcookie", .fd_argument = -1},
#endif
#ifdef SYS_lremovexattr
    [SYS_lremovexattr] = {.name = "lremovexattr", .fd_argument = -1},
#endif
#ifdef SYS_lseek
    [SYS_lseek] = {.name = "lseek", .fd_argument = 0},
#endif
#ifdef SYS_lsetxattr
    [SYS_lsetxattr] = {.name = "lsetxattr", .fd_argument = -1},
#endif
#ifdef SYS_lstat
    [SYS_lstat] = {.name = "lstat", .fd_argument = -1},
#endif
#ifdef SYS_lstat64
    [SYS_lstat64] = {.name = "lstat64", .fd_argument = -1},
#endif
#ifdef SYS_madvise
    [SYS_madvise] = {.name = "madvise", .fd_argument = -1},
#endif
#ifdef SYS_mbind
    [SYS_mbind] = {.name = "mbind", .fd_argument = -1},
#endif
#ifdef SYS_membarrier
    [SYS_membarrier] = {.name = "membarrier", .fd_argument = -1},
#endif
#ifdef SYS_memfd_create
    [SYS_memfd_create] = {.name = "memfd_create", .fd_argument = -1},
#endif
#ifdef SYS_memfd_secret
    [SYS_memfd_secret] = {.name = "memfd_secret", .fd_argument = -1},
#endif
#ifdef SYS_migrate_pages
    [SYS_migrate_pages] = {.name = "migrate_pages", .fd_argument = -1},
#endif
#ifdef SYS_mincore
    [SYS_mincore] = {.name = "mincore", .fd_argument = -1},
#endif
#ifdef SYS_mkdir
    [SYS_mkdir] = {.name = "mkdir", .fd_argument = -1},
#endif
#ifdef SYS_mkdirat
    [SYS_mkdirat] = {.name = "mkdirat", .fd_argument = 0},
#endif
#ifdef SYS_mknod
    [SYS_mknod] = {.name = "mknod", .fd_argument = -1},
#endif
#ifdef SYS_mknodat
    [SYS_mknodat] = {.name = "mknodat", .fd_argument = 0},
#endif
#ifdef SYS_mlock
    [SYS_mlock] = {.name = "mlock", .fd_argument = -1},
#endif
#ifdef SYS_mlock2
    [SYS_mlock2] = {.name = "mlock2", .fd_argument = -1},
#endif
#ifdef SYS_mlockall
    [SYS_mlockall] = {.name = "mlockall", .fd_argument = -1},
#endif
#ifdef SYS_mmap
    [SYS_mmap] = {.name = "mmap", .fd_argument = 4},
#endif
#ifdef SYS_mmap2
    [SYS_mmap2] = {.name = "mmap2", .fd_argument = 4},
#endif
#ifdef SYS_modify_ldt
    [SYS_modify_ldt] = {.name = "modify_ldt", .fd_argument = -1},
#endif
#ifdef SYS_mount
    [SYS_mount] = {.name = "mount", .fd_argument = -1},
#endif
#ifdef SYS_mount_setattr
    [SYS_mount_setattr] = {.name = "mount_setattr", .fd_argument = 0},
#endif
#ifdef SYS_move_mount
    [SYS_move_mount] = {.name = "move_mount", .fd_argument = 0},
#endif
#ifdef SYS_move_pages
    [SYS_move_pages] = {.name = "move_pages", .fd_argument = -1},
#endif
#ifdef SYS_mprotect
    [SYS_mprotect] = {.name = "mprotect", .fd_argument = -1},
#endif
#ifdef SYS_mpx
    [SYS_mpx] = {.name = "mpx", .fd_argument = -1},
#endif
#ifdef SYS_mq_getsetattr
    [SYS_mq_getsetattr] = {.name = "mq_getsetattr", .fd_argument = 0},
#endif
#ifdef SYS_mq_notify
    [SYS_mq_notify] = {.name = "mq_notify", .fd_argument = 0},
#endif
#ifdef SYS_mq_open
    [SYS_mq_open] = {.name = "mq_open", .fd_argument = -1},
#endif
#ifdef SYS_mq_timedreceive
    [SYS_mq_timedreceive] = {.name = "mq_timedreceive", .fd_argument = 0},
#endif
#ifdef SYS_mq_timedreceive_time64
    [SYS_mq_timedreceive_time64] = {.name = "mq_timedreceive_time64", .fd_argument = 0},
#endif
#ifdef SYS_mq_timedsend
    [SYS_mq_timedsend] = {.name = "mq_timedsend", .fd_argument = 0},
#endif
#ifdef SYS_mq_timedsend_time64
    [SYS_mq_timedsend_time64] = {.name = "mq_timedsend_time64", .fd_argument = 0},
#endif
#ifdef SYS_mq_unlink
    [SYS_mq_unlink] = {.name = "mq_unlink", .fd_argument = -1},
#endif
#ifdef SYS_mremap
    [SYS_mremap] = {.name = "mremap", .fd_argument = -1},
#endif
#ifdef SYS_msgctl
    [SYS_msgctl] = {.name = "msgctl", .fd_argument = -1},
#endif
#ifdef SYS_msgget
    [SYS_msgget] = {.name = "msgget", .fd_argument = -1},
#endif
#ifdef SYS_msgrcv
    [SYS_msgrcv] = {.name = "msgrcv", .fd_argument = -1},
#endif
#ifdef SYS_msgsnd
    [SYS_msgsnd] = {.name = "msgsnd", .fd_argument = -1},
#endif
#ifdef SYS_msync
    [SYS_msync] = {.name = "msync", .fd_argument = -1},
#endif
#ifdef SYS_munlock
    [SYS_munlock] = {.name = "munlock", .fd_argument = -1},
#endif
#ifdef SYS_munlockall
    [SYS_munlockall] = {.name = "munlockall", .fd_argument = -1},
#endif
#ifdef SYS_munmap
    [SYS_munmap] = {.name = "munmap", .fd_argument = -1},
#endif
#ifdef SYS_name_to_handle_at
    [SYS_name_to_handle_at] = {.name = "name_to_handle_at", .fd_argument = 0},
#endif
#ifdef SYS_nanosleep
    [SYS_nanosleep] = {.name = "nanosleep", .fd_argument = -1},
#endif
#ifdef SYS_newfstatat
    [SYS_newfstatat] = {.name = "newfstatat", .fd_argument = 0},
#endif
#ifdef SYS_nfsservctl
    [SYS_nfsservctl] = {.name = "nfsservctl", .fd_argument = -1},
#endif
#ifdef SYS_nice
    [SYS_nice] = {.name = "nice", .fd_argument = -1},
#endif
#ifdef SYS_oldfstat
    [SYS_oldfstat] = {.name = "oldfstat", .fd_argument = -1},
#endif
#ifdef SYS_oldlstat
    [SYS_oldlstat] = {.name = "oldlstat", .fd_argument = -1},
#endif
#ifdef SYS_oldolduname
    [SYS_oldolduname] = {.name = "oldolduname", .fd_argument = -1},
#endif
#ifdef SYS_oldstat
    [SYS_oldstat] = {.name = "oldstat", .fd_argument = -1},
#endif
#ifdef SYS_olduname
    [SYS_olduname] = {.name = "olduname", .fd_argument = -1},
#endif
#ifdef SYS_open
    [SYS_open] = {.name = "open", .fd_argument = -1},
#endif
#ifdef SYS_open_by_handle_at
    [SYS_open_by_handle_at] = {.name = "open_by_handle_at", .fd_argument = 0},
#endif
#ifdef SYS_open_tree
    [SYS_open_tree] = {.name = "open_tree", .fd_argument = 0},
#endif
#ifdef SYS_open_tree_attr
    [SYS_open_tree_attr] = {.name = "open_tree_attr", .fd_argument = 0},
#endif
#ifdef SYS_openat
    [SYS_openat] = {.name = "openat", .fd_argument = 0},
#endif
#ifdef SYS_openat2
    [SYS_openat2] = {.name = "openat2", .fd_argument = 0},
#endif
#ifdef SYS_pause
    [SYS_pause] = {.name = "pause", .fd_argument = -1},
#endif
#ifdef SYS_perf_event_open
    [SYS_perf_event_open] = {.name = "perf_event_open", .fd_argument = -1},
#endif
#ifdef SYS_personality
    [SYS_personality] = {.name = "personality", .fd_argument = -1},
#endif
#ifdef SYS_pidfd_getfd
    [SYS_pidfd_getfd] = {.name = "pidfd_getfd", .fd_argument = 0},
#endif
#ifdef SYS_pidfd_open
    [SYS_pidfd_open] = {.name = "pidfd_open", .fd_argument = -1},
#endif
#ifdef SYS_pidfd_send_signal
    [SYS_pidfd_send_signal] = {.name = "pidfd_send_signal", .fd_argument = 0},
#endif
#ifdef SYS_pipe
    [SYS_pipe] = {.name = "pipe", .fd_argument = -1},
#endif
#ifdef SYS_pipe2
    [SYS_pipe2] = {.name = "pipe2", .fd_argument = -1},
#endif
#ifdef SYS_pivot_root
    [SYS_pivot_root] = {.name = "pivot_root", .fd_argument = -1},
#endif
#ifdef SYS_pkey_alloc
    [SYS_pkey_alloc] = {.name = "pkey_alloc", .fd_argument = -1},
#endif
#ifdef SYS_pkey_free
    [SYS_pkey_free] = {.name = "pkey_free", .fd_argument = -1},
#endif
#ifdef SYS_pkey_mprotect
    [SYS_pkey_mprotect] = {.name = "pkey_mprotect", .fd_argument = -1},
#endif
#ifdef SYS_poll
    [SYS_poll] = {.name = "poll", .fd_argument = -1},
#endif
#ifdef SYS_ppoll
    [SYS_ppoll] = {.name = "ppoll", .fd_argument = -1},
#endif
#ifdef SYS_ppoll_time64
    [SYS_ppoll_time64] = {.name = "ppoll_time64", .fd_argument = -1},
#endif
#ifdef SYS_prctl
    [SYS_prctl] = {.name = "prctl", .fd_argument = -1},
#endif
#ifdef SYS_pread64
    [SYS_pread64] = {.name = "pread64", .fd_argument = 0},
#endif
#ifdef SYS_preadv
    [SYS_preadv] = {.name = "preadv", .fd_argument = 0},
#endif
#ifdef SYS_preadv2
    [SYS_preadv2] = {.name = "preadv2", .fd_argument = 0},
#endif
#ifdef SYS_prlimit64
    [SYS_prlimit64] = {.name = "prlimit64", .fd_argument = -1},
#endif
#ifdef SYS_process_madvise
    [SYS_process_madvise] = {.name = "process_madvise", .fd_argument = 0},
#endif
#ifdef SYS_process_mrelease
    [SYS_process_mrelease] = {.name = "process_mrelease", .fd_argument = 0},
#endif
#ifdef SYS_process_vm_readv
    [SYS_process_vm_readv] = {.name = "process_vm_readv", .fd_argument = -1},
#endif
#ifdef SYS_process_vm_writev
    [SYS_process_vm_writev] = {.name = "process_vm_writev", .fd_argument = -1},
#endif
#ifdef SYS_prof
    [SYS_prof] = {.name = "prof", .fd_argument = -1},
#endif
#ifdef SYS_profil
    [SYS_profil] = {.name = "profil", .fd_argument = -1},
#endif
#ifdef SYS_pselect6
    [SYS_pselect6] = {.name = "pselect6", .fd_argument = -1},
#endif
#ifdef SYS_pselect6_time64
    [SYS_pselect6_time64] = {.name = "pselect6_time64", .fd_argument = -1},
#endif
#ifdef SYS_ptrace
    [SYS_ptrace] = {.name = "ptrace", .fd_argument = -1},
#endif
#ifdef SYS_putpmsg
    [SYS_putpmsg] = {.name = "putpmsg", .fd_argument = -1},
#endif
#ifdef SYS_pwrite64
    [SYS_pwrite64] = {.name = "pwrite64", .fd_argument = 0},
#endif
#ifdef SYS_pwritev
    [SYS_pwritev] = {.name = "pwritev", .fd_argument = 0},
#endif
#ifdef SYS_pwritev2
    [SYS_pwritev2] = {.name = "pwritev2", .fd_argument = 0},
#endif
#ifdef SYS_query_module
    [SYS_query_module] = {.name = "query_module", .fd_argument = -1},
#endif
#ifdef SYS_quotactl
    [SYS_quotactl] = {.name = "quotactl", .fd_argument = -1},
#endif
#ifdef SYS_quotactl_fd
    [SYS_quotactl_fd] = {.name = "quotactl_fd", .fd_argument = 0},
#endif
#ifdef SYS_read
    [SYS_read] = {.name = "read", .fd_argument = 0},
#endif
#ifdef SYS_readahead
    [SYS_readahead] = {.name = "readahead", .fd_argument = 0},
#endif
#ifdef SYS_readdir
    [SYS_readdir] = {.name = "readdir", .fd_argument = -1},
#endif
#ifdef SYS_readlink
    [SYS_readlink] = {.name = "readlink", .fd_argument = -1},
#endif
#ifdef SYS_readlinkat
    [SYS_readlinkat] = {.name = "readlinkat", .fd_argument = 0},
#endif
#ifdef SYS_readv
    [SYS_readv] = {.name = "readv", .fd_argument = 0},
#endif
#ifdef SYS_reboot
    [SYS_reboot] = {.name = "reboot", .fd_argument = -1},
#endif
#ifdef SYS_recv
    [SYS_recv] = {.name = "recv", .fd_argument = 0},
#endif
#ifdef SYS_recvfrom
    [SYS_recvfrom] = {.name = "recvfrom", .fd_argument = 0},
#endif
#ifdef SYS_recvmmsg
    [SYS_recvmmsg] = {.name = "recvmmsg", .fd_argument = 0},
#endif
#ifdef SYS_recvmmsg_time64
    [SYS_recvmmsg_time64] = {.name = "recvmmsg_time64", .fd_argument = 0},
#endif
#ifdef SYS_recvmsg
    [SYS_recvmsg] = {.name = "recvmsg", .fd_argument = 0},
#endif
#ifdef SYS_remap_file_pages
    [SYS_remap_file_pages] = {.name = "remap_file_pages", .fd_argument = -1},
#endif
#ifdef SYS_removexattr
    [SYS_removexattr] = {.name = "removexattr", .fd_argument = -1},
#endif
#ifdef SYS_removexattrat
    [SYS_removexattrat] = {.name = "removexattrat", .fd_argument = 0},
#endif
#ifdef SYS_rename
    [SYS_rename] = {.name = "rename", .fd_argument = -1},
#endif
#ifdef SYS_renameat
    [SYS_renameat] = {.name = "renameat", .fd_argument = 0},
#endif
#ifdef SYS_renameat2
    [SYS_renameat2] = {.name = "renameat2", .fd_argument = 0},
#endif
#ifdef SYS_request_key
    [SYS_request_key] = {.name = "request_key", .fd_argument = -1},
#endif
#ifdef SYS_restart_syscall
    [SYS_restart_syscall] = {.name = "restart_syscall", .fd_argument = -1},
#endif
#ifdef SYS_rmdir
    [SYS_rmdir] = {.name = "rmdir", .fd_argument = -1},
#endif
#ifdef SYS_rseq
    [SYS_rseq] = {.name = "rseq", .fd_argument = -1},
#endif
#ifdef SYS_rt_sigaction
    [SYS_rt_sigaction] = {.name = "rt_sigaction", .fd_argument = -1},
#endif
#ifdef SYS_rt_sigpending
    [SYS_rt_sigpending] = {.name = "rt_sigpending", .fd_argument = -1},
#endif
#ifdef SYS_rt_sigprocmask
    [SYS_rt_sigprocmask] = {.name = "rt_sigprocmask", .fd_argument = -1},
#endif
#ifdef SYS_rt_sigqueueinfo
    [SYS_rt_sigqueueinfo] = {.name = "rt_sigqueueinfo", .fd_argument = -1},
#endif
#ifdef SYS_rt_sigreturn
    [SYS_rt_sigreturn] = {.name = "rt_sigreturn", .fd_argument = -1},
#endif
#ifdef SYS_rt_sigsuspend
    [SYS_rt_sigsuspend] = {.name = "rt_sigsuspend", .fd_argument = -1},
#endif
#ifdef SYS_rt_sigtimedwait
    [SYS_rt_sigtimedwait] = {.name = "rt_sigtimedwait", .fd_argument = -1},
#endif
#ifdef SYS_rt_sigtimedwait_time64
    [SYS_rt_sigtimedwait_time64] = {.name = "rt_sigtimedwait_time64", .fd_argument = -1},
#endif
#ifdef SYS_rt_tgsigqueueinfo
    [SYS_rt_tgsigqueueinfo] = {.name = "rt_tgsigqueueinfo", .fd_argument = -1},
#endif
#ifdef SYS_sched_get_priority_max
    [SYS_sched_get_priority_max] = {.name = "sched_get_priority_max", .fd_argument = -1},
#endif
#ifdef SYS_sched_get_priority_min
    [SYS_sched_get_priority_min] = {.name = "sched_get_priority_min", .fd_argument = -1},
#endif
#ifdef SYS_sched_getaffinity
    [SYS_sched_getaffinity] = {.name = "sched_getaffinity", .fd_argument = -1},
#endif
#ifdef SYS_sched_getattr
    [SYS_sched_getattr] = {.name = "sched_getattr", .fd_argument = -1},
#endif
#ifdef SYS_sched_getparam
    [SYS_sched_getparam] = {.name = "sched_getparam", .fd_argument = -1},
#endif
#ifdef SYS_sched_getscheduler
    [SYS_sched_getscheduler] = {.name = "sched_getscheduler", .fd_argument = -1},
#endif
#ifdef SYS_sched_rr_get_interval
    [SYS_sched_rr_get_interval] = {.name = "sched_rr_get_interval", .fd_argument = -1},
#endif
#ifdef SYS_sched_rr_get_interval_time64
    [SYS_sched_rr_get_interval_time64] = {.name = "sched_rr_get_interval_time64",
                                          .fd_argument = -1},
#endif
#ifdef SYS_sched_setaffinity
    [SYS_sched_setaffinity] = {.name = "sched_setaffinity", .fd_argument = -1},
#endif
#ifdef SYS_sched_setattr
    [SYS_sched_setattr] = {.name = "sched_setattr", .fd_argument = -1},
#endif
#ifdef SYS_sched_setparam
    [SYS_sched_setparam] = {.name = "sched_setparam", .fd_argument = -1},
#endif
#ifdef SYS_sched_setscheduler
    [SYS_sched_setscheduler] = {.name = "sched_setscheduler", .fd_argument = -1},
#endif
#ifdef SYS_sched_yield
    [SYS_sched_yield] = {.name = "sched_yield", .fd_argument = -1},
#endif
#ifdef SYS_seccomp
    [SYS_seccomp] = {.name = "seccomp", .fd_argument = -1},
#endif
#ifdef SYS_security
    [SYS_security] = {.name = "security", .fd_argument = -1},
#endif
#ifdef SYS_select
    [SYS_select] = {.name = "select", .fd_argument = -1},
#endif
#ifdef SYS_semctl
    [SYS_semctl] = {.name = "semctl", .fd_argument = -1},
#endif
#ifdef SYS_semget
    [SYS_semget] = {.name = "semget", .fd_argument = -1},
#endif
#ifdef SYS_semop
    [SYS_semop] = {.name = "semop", .fd_argument = -1},
#endif
#ifdef SYS_semtimedop
    [SYS_semtimedop] = {.name = "semtimedop", .fd_argument = -1},
#endif
#ifdef SYS_semtimedop_time64
    [SYS_semtimedop_time64] = {.name = "semtimedop_time64", .fd_argument = -1},
#endif
#ifdef SYS_send
    [SYS_send] = {.name = "send", .fd_argument = 0},
#endif
#ifdef SYS_sendfile
    [SYS_sendfile] = {.name = "sendfile", .fd_argument = 0},
#endif
#ifdef SYS_sendfile64
    [SYS_sendfile64] = {.name = "sendfile64", .fd_argument = 0},
#endif
#ifdef SYS_sendmmsg
    [SYS_sendmmsg] = {.name = "sendmmsg", .fd_argument = 0},
#endif
#ifdef SYS_sendmsg
    [SYS_sendmsg] = {.name = "sendmsg", .fd_argument = 0},
#endif
#ifdef SYS_sendto
    [SYS_sendto] = {.name = "sendto", .fd_argument = 0},
#endif
#ifdef SYS_set_mempolicy
    [SYS_set_mempolicy] = {.name = "set_mempolicy", .fd_argument = -1},
#endif
#ifdef SYS_set_mempolicy_home_node
    [SYS_set_mempolicy_home_node] = {.name = "set_mempolicy_home_node", .fd_argument = -1},
#endif
#ifdef SYS_set_robust_list
    [SYS_set_robust_list] = {.name = "set_robust_list", .fd_argument = -1},
#endif
#ifdef SYS_set_thread_area
    [SYS_set_thread_area] = {.name = "set_thread_area", .fd_argument = -1},
#endif
#ifdef SYS_set_tid_address
    [SYS_set_tid_address] = {.name = "set_tid_address", .fd_argument = -1},
#endif
#ifdef SYS_setdomainname
    [SYS_setdomainname] = {.name = "setdomainname", .fd_argument = -1},
#endif
#ifdef SYS_setfsgid
    [SYS_setfsgid] = {.name = "setfsgid", .fd_argument = -1},
#endif
#ifdef SYS_setfsgid32
    [SYS_setfsgid32] = {.name = "setfsgid32", .fd_argument = -1},
#endif
#ifdef SYS_setfsuid
    [SYS_setfsuid] = {.name = "setfsuid", .fd_argument = -1},
#endif
#ifdef SYS_setfsuid32
    [SYS_setfsuid32] = {.name = "setfsuid32", .fd_argument = -1},
#endif
#ifdef SYS_setgid
    [SYS_setgid] = {.name = "setgid", .fd_argument = -1},
#endif
#ifdef SYS_setgid32
    [SYS_setgid32] = {.name = "setgid32", .fd_argument = -1},
#endif
#ifdef SYS_setgroups
    [SYS_setgroups] = {.name = "setgroups", .fd_argument = -1},
#endif
#ifdef SYS_setgroups32
    [SYS_setgroups32] = {.name = "setgroups32", .fd_argument = -1},
#endif
#ifdef SYS_sethostname
    [SYS_sethostname] = {.name = "sethostname", .fd_argument = -1},
#endif
#ifdef SYS_setitimer
    [SYS_setitimer] = {.name = "setitimer", .fd_argument = -1},
#endif
#ifdef SYS_setns
    [SYS_setns] = {.name = "setns", .fd_argument = 0},
#endif
#ifdef SYS_setpgid
    [SYS_setpgid] = {.name = "setpgid", .fd_argument = -1},
#endif
#ifdef SYS_setpriority
    [SYS_setpriority] = {.name = "setpriority", .fd_argument = -1},
#endif
#ifdef SYS_setregid
    [SYS_setregid] = {.name = "setregid", .fd_argument = -1},
#endif
#ifdef SYS_setregid32
    [SYS_setregid32] = {.name = "setregid32", .fd_argument = -1},
#endif
#ifdef SYS_setresgid
    [SYS_setresgid] = {.name = "setresgid", .fd_argument = -1},
#endif
#ifdef SYS_setresgid32
    [SYS_setresgid32] = {.name = "setresgid32", .fd_argument = -1},
#endif
#ifdef SYS_setresuid
    [SYS_setresuid] = {.name = "setresuid", .fd_argument = -1},
#endif
#ifdef SYS_setresuid32
    [SYS_setresuid32] = {.name = "setresuid32", .fd_argument = -1},
#endif
#ifdef SYS_setreuid
    [SYS_setreuid] = {.name = "setreuid", .fd_argument = -1},
#endif
#ifdef SYS_setreuid32
    [SYS_setreuid32] = {.name = "setreuid32", .fd_argument = -1},
#endif
#ifdef SYS_setrlimit
    [SYS_setrlimit] = {.name = "setrlimit", .fd_argument = -1},
#endif
#ifdef SYS_setsid
    [SYS_setsid] = {.name = "setsid", .fd_argument = -1},
#endif
#ifdef SYS_setsockopt
    [SYS_setsockopt] = {.name = "setsockopt", .fd_argument = 0},
#endif
#ifdef SYS_settimeofday
    [SYS_settimeofday] = {.name = "settimeofday", .fd_argument = -1},
#endif
#ifdef SYS_setuid
    [SYS_setuid] = {.name = "setuid", .fd_argument = -1},
#endif
#ifdef SYS_setuid32
    [SYS_setuid32] = {.name = "setuid32", .fd_argument = -1},
#endif
#ifdef SYS_setxattr
    [SYS_setxattr] = {.name = "setxattr", .fd_argument = -1},
#endif
#ifdef SYS_setxattrat
    [SYS_setxattrat] = {.name = "setxattrat", .fd_argument = 0},
#endif
#ifdef SYS_sgetmask
    [SYS_sgetmask] = {.name = "sgetmask", .fd_argument = -1},
#endif
#ifdef SYS_shmat
    [SYS_shmat] = {.name = "shmat", .fd_argument = -1},
#endif
#ifdef SYS_shmctl
    [SYS_shmctl] = {.name = "shmctl", .fd_argument = -1},
#endif
#ifdef SYS_shmdt
    [SYS_shmdt] = {.name = "shmdt", .fd_argument = -1},
#endif
#ifdef SYS_shmget
    [SYS_shmget] = {.name = "shmget", .fd_argument = -1},
#endif
#ifdef SYS_shutdown
    [SYS_shutdown] = {.name = "shutdown", .fd_argument = 0},
#endif
#ifdef SYS_sigaction
    [SYS_sigaction] = {.name = "sigaction", .fd_argument = -1},
#endif
#ifdef SYS_sigaltstack
    [SYS_sigaltstack] = {.name = "sigaltstack", .fd_argument = -1},
#endif
#ifdef SYS_signal
    [SYS_signal] = {.name = "signal", .fd_argument = -1},
#endif
#ifdef SYS_signalfd
    [SYS_signalfd] = {.name = "signalfd", .fd_argument = 0},
#endif
#ifdef SYS_signalfd4
    [SYS_signalfd4] = {.name = "signalfd4", .fd_argument = 0},
#endif
#ifdef SYS_sigpending
    [SYS_sigpending] = {.name = "sigpending", .fd_argument = -1},
#endif
#ifdef SYS_sigprocmask
    [SYS_sigprocmask] = {.name = "sigprocmask", .fd_argument = -1},
#endif
#ifdef SYS_sigreturn
    [SYS_sigreturn] = {.name = "sigreturn", .fd_argument = -1},
#endif
#ifdef SYS_sigsuspend
    [SYS_sigsuspend] = {.name = "sigsuspend", .fd_argument = -1},
#endif
#ifdef SYS_socket
    [SYS_socket] = {.name = "socket", .fd_argument = -1},
#endif
#ifdef SYS_socketcall
    [SYS_socketcall] = {.name = "socketcall", .fd_argument = -1},
#endif
#ifdef SYS_socketpair
    [SYS_socketpair] = {.name = "socketpair", .fd_argument = -1},
#endif
#ifdef SYS_splice
    [SYS_splice] = {.name = "splice", .fd_argument = 0},
#endif
#ifdef SYS_ssetmask
    [SYS_ssetmask] = {.name = "ssetmask", .fd_argument = -1},
#endif
#ifdef SYS_stat
    [SYS_stat] = {.name = "stat", .fd_argument = -1},
#endif
#ifdef SYS_stat64
    [SYS_stat64] = {.name = "stat64", .fd_argument = -1},
#endif
#ifdef SYS_statfs
    [SYS_statfs] = {.name = "statfs", .fd_argument = -1},
#endif
#ifdef SYS_statfs64
    [SYS_statfs64] = {.name = "statfs64", .fd_argument = -1},
#endif
#ifdef SYS_statx
    [SYS_statx] = {.name = "statx", .fd_argument = 0},
#endif
#ifdef SYS_stime
    [SYS_stime] = {.name = "stime", .fd_argument = -1},
#endif
#ifdef SYS_stty
    [SYS_stty] = {.name = "stty", .fd_argument = -1},
#endif
#ifdef SYS_swapoff
    [SYS_swapoff] = {.name = "swapoff", .fd_argument = -1},
#endif
#ifdef SYS_swapon
    [SYS_swapon] = {.name = "swapon", .fd_argument = -1},
#endif
#ifdef SYS_symlink
    [SYS_symlink] = {.name = "symlink", .fd_argument = -1},
#endif
#ifdef SYS_symlinkat
    [SYS_symlinkat] = {.name = "symlinkat", .fd_argument = 0},
#endif
#ifdef SYS_sync
    [SYS_sync] = {.name = "sync", .fd_argument = -1},
#endif
#ifdef SYS_sync_file_range
    [SYS_sync_file_range] = {.name = "sync_file_range", .fd_argument = 0},
#endif
#ifdef SYS_sync_file_range2
    [SYS_sync_file_range2] = {.name = "sync_file_range2", .fd_argument = 0},
#endif
#ifdef SYS_syncfs
    [SYS_syncfs] = {.name = "syncfs", .fd_argument = 0},
#endif
#ifdef SYS_sysfs
    [SYS_sysfs] = {.name = "sysfs", .fd_argument = -1},
#endif
#ifdef SYS_sysinfo
    [SYS_sysinfo] = {.name = "sysinfo", .fd_argument = -1},
#endif
#ifdef SYS_syslog
    [SYS_syslog] = {.name = "syslog", .fd_argument = -1},
#endif
#ifdef SYS_tee
    [SYS_tee] = {.name = "tee", .fd_argument = 0},
#endif
#ifdef SYS_tgkill
    [SYS_tgkill] = {.name = "tgkill", .fd_argument = -1},
#endif
#ifdef SYS_time
    [SYS_time] = {.name = "time", .fd_argument = -1},
#endif
#ifdef SYS_timer_create
    [SYS_timer_create] = {.name = "timer_create", .fd_argument = -1},
#endif
#ifdef SYS_timer_delete
    [SYS_timer_delete] = {.name = "timer_delete", .fd_argument = -1},
#endif
#ifdef SYS_timer_getoverrun
    [SYS_timer_getoverrun] = {.name = "timer_getoverrun", .fd_argument = -1},
#endif
#ifdef SYS_timer_gettime
    [SYS_timer_gettime] = {.name = "timer_gettime", .fd_argument = -1},
#endif
#ifdef SYS_timer_gettime64
    [SYS_timer_gettime64] = {.name = "timer_gettime64", .fd_argument = -1},
#endif
#ifdef SYS_timer_settime
    [SYS_timer_settime] = {.name = "timer_settime", .fd_argument = -1},
#endif
#ifdef SYS_timer_settime64
    [SYS_timer_settime64] = {.name = "timer_settime64", .fd_argument = -1},
#endif
#ifdef SYS_timerfd_create
    [SYS_timerfd_create] = {.name = "timerfd_create", .fd_argument = -1},
#endif
#ifdef SYS_timerfd_gettime
    [SYS_timerfd_gettime] = {.name = "timerfd_gettime", .fd_argument = 0},
#endif
#ifdef SYS_timerfd_gettime64
    [SYS_timerfd_gettime64] = {.name = "timerfd_gettime64", .fd_argument = 0},
#endif
#ifdef SYS_timerfd_settime
    [SYS_timerfd_settime] = {.name = "timerfd_settime", .fd_argument = 0},
#endif
#ifdef SYS_timerfd_settime64
    [SYS_timerfd_settime64] = {.name = "timerfd_settime64", .fd_argument = 0},
#endif
#ifdef SYS_times
    [SYS_times] = {.name = "times", .fd_argument = -1},
#endif
#ifdef SYS_tkill
    [SYS_tkill] = {.name = "tkill", .fd_argument = -1},
#endif
#ifdef SYS_truncate
    [SYS_truncate] = {.name = "truncate", .fd_argument = -1},
#endif
#ifdef SYS_truncate64
    [SYS_truncate64] = {.name = "truncate64", .fd_argument = -1},
#endif
#ifdef SYS_tuxcall
    [SYS_tuxcall] = {.name = "tuxcall", .fd_argument = -1},
#endif
#ifdef SYS_ugetrlimit
    [SYS_ugetrlimit] = {.name = "ugetrlimit", .fd_argument = -1},
#endif
#ifdef SYS_ulimit
    [SYS_ulimit] = {.name = "ulimit", .fd_argument = -1},
#endif
#ifdef SYS_umask
    [SYS_umask] = {.name = "umask", .fd_argument = -1},
#endif
#ifdef SYS_umount
    [SYS_umount] = {.name = "umount", .fd_argument = -1},
#endif
#ifdef SYS_umount2
    [SYS_umount2] = {.name = "umount2", .fd_argument = -1},
#endif
#ifdef SYS_uname
    [SYS_uname] = {.name = "uname", .fd_argument = -1},
#endif
#ifdef SYS_unlink
    [SYS_unlink] = {.name = "unlink", .fd_argument = -1},
#endif
#ifdef SYS_unlinkat
    [SYS_unlinkat] = {.name = "unlinkat", .fd_argument = 0},
#endif
#ifdef SYS_unshare
    [SYS_unshare] = {.name = "unshare", .fd_argument = -1},
#endif
#ifdef SYS_uselib
    [SYS_uselib] = {.name = "uselib", .fd_argument = -1},
#endif
#ifdef SYS_userfaultfd
    [SYS_userfaultfd] = {.name = "userfaultfd", .fd_argument = -1},
#endif
#ifdef SYS_ustat
    [SYS_ustat] = {.name = "ustat", .fd_argument = -1},
#endif
#ifdef SYS_utime
    [SYS_utime] = {.name = "utime", .fd_argument = -1},
#endif
#ifdef SYS_utimensat
    [SYS_utimensat] = {.name = "utimensat", .fd_argument = 0},
#endif
#ifdef SYS_utimensat_time64
    [SYS_utimensat_time64] = {.name = "utimensat_time64", .fd_argument = 0},
#endif
#ifdef SYS_utimes
    [SYS_utimes] = {.name = "utimes", .fd_argument = -1},
#endif
#ifdef SYS_vfork
    [SYS_vfork] = {.name = "vfork", .fd_argument = -1},
#endif
#ifdef SYS_vhangup
    [SYS_vhangup] = {.name = "vhangup", .fd_argument = -1},
#endif
#ifdef SYS_vm86
    [SYS_vm86] = {.name = "vm86", .fd_argument = -1},
#endif
#ifdef SYS_vm86old
    [SYS_vm86old] = {.name = "vm86old", .fd_argument = -1},
#endif
#ifdef SYS_vmsplice
    [SYS_vmsplice] = {.name = "vmsplice", .fd_argument = 0},
#endif
#ifdef SYS_vserver
    [SYS_vserver] = {.name = "vserver", .fd_argument = -1},
#endif
#ifdef SYS_wait4
    [SYS_wait4] = {.name = "wait4", .fd_argument = -1},
#endif
#ifdef SYS_waitid
    [SYS_waitid] = {.name = "waitid", .fd_argument = -1},
#endif
#ifdef SYS_waitpid
    [SYS_waitpid] = {.name = "waitpid", .fd_argument = -1},
#endif
#ifdef SYS_write
    [SYS_write] = {.name = "write", .fd_argument = 0},
#endif
#ifdef SYS_writev
    [SYS_writev] = {.name = "writev", .fd_argument = 0},
#endif
};

const size_t syscall_table_count = sizeof(syscall_table) / sizeof(*syscall_table);
