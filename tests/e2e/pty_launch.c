#include "pty_launch.h"

#include "check.h"
#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum {
    ENV_MAX = 32,
    ARGS_MAX = 32,
};

static void add_env(char **env, size_t *count, char *entry)
{
    assert_true(entry != NULL && *count + 1 < ENV_MAX);
    // The last one of a name wins.
    size_t name = (size_t)(strchr(entry, '=') - entry) + 1;
    for (size_t i = 0; i < *count; i++) {
        if (strncmp(env[i], entry, name) == 0) {
            free(env[i]);
            env[i] = entry;
            return;
        }
    }
    env[(*count)++] = entry;
    env[*count] = NULL;
}

static char *format_entry(const char *name, const char *value, const char *more)
{
    char *entry = NULL;
    if (asprintf(&entry, "%s=%s%s", name, value, more) < 0) {
        return NULL;
    }
    return entry;
}

/* What curses and what it loads keep for ever is not ours. The path goes to `path`. */
static void write_suppressions(char *path, size_t size)
{
    (void)snprintf(path, size, "%s/known-leaks", world_directory());
    FILE *file = fopen(path, "we");
    if (file != NULL) {
        (void)fputs("leak:libtinfo\nleak:libncursesw\n", file);
        (void)fclose(file);
    }
}

/* Sanitizers report into files: standard error is the terminal. */
static void add_sanitizer_env(char **env, size_t *count)
{
    static const char *const names[] = {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"};
    char more[512];
    write_suppressions(more, sizeof(more));
    add_env(env, count, format_entry("LSAN_OPTIONS", "print_suppressions=0:suppressions=", more));
    // The slow way up the stack, so that frames without a frame pointer match above.
    (void)snprintf(more, sizeof(more), ":fast_unwind_on_malloc=0:log_path=%s/sanitizer",
                   world_directory());
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        add_env(env, count, format_entry(names[i], value != NULL ? value : "exitcode=99", more));
    }
}

static void make_env(const struct pty_options *options, char **env)
{
    size_t count = 0;
    env[0] = NULL;
    add_sanitizer_env(env, &count);
    add_env(env, &count, format_entry("TERM", "xterm-256color", ""));
    add_env(env, &count, format_entry("LC_ALL", "C.UTF-8", ""));
    add_env(env, &count, format_entry("PATH", "/usr/bin:/bin", ""));
    add_env(env, &count, format_entry("HOME", world_directory(), ""));
    add_env(env, &count, format_entry("XDG_CONFIG_HOME", world_directory(), "/config"));
    for (size_t i = 0; options->env != NULL && options->env[i] != NULL; i++) {
        add_env(env, &count, strdup(options->env[i]));
    }
}

static void make_args(const struct pty_options *options, const char **args)
{
    const char *binary = options->binary != NULL ? options->binary : getenv("PERCH_BINARY");
    assert_non_null(binary);
    size_t count = 0;
    args[count++] = binary;
    for (size_t i = 0; options->args != NULL && options->args[i] != NULL; i++) {
        assert_true(count + 4 < ARGS_MAX);
        args[count++] = options->args[i];
    }
    if (!world_is_ours() && options->binary == NULL && children_pids()[0] != '\0') {
        args[count++] = "--pid";
        args[count++] = children_pids();
    }
    args[count] = NULL;
}

/* From now on the kernel refuses every signal by number; by descriptor they go through. */
static void forbid_kill(void)
{
    static struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tkill, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigqueueinfo, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    const struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        _exit(126);
    }
}

/* Become somebody else. The program was opened before, so its path need not be open to them. */
static void change_user(uid_t uid)
{
    if (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0) {
        _exit(126);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); // the change took it away
}

/* The program's part after fork. */
static _Noreturn void become(const struct pty_options *options, const char **args, char **env)
{
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGTTOU, SIG_DFL);
    (void)signal(SIGHUP, options->ignore_hup ? SIG_IGN : SIG_DFL);
    int program = open(args[0], O_PATH | O_CLOEXEC);
    if (options->uid != 0) {
        change_user(options->uid);
    }
    if (options->forbid_kill) {
        forbid_kill();
    }
    (void)execveat(program, "", (char *const *)(uintptr_t)args, env, AT_EMPTY_PATH);
    _exit(127);
}

static void report(int fd, char kind, int value)
{
    struct job_report message = {.kind = kind, .value = value};
    (void)!write(fd, &message, sizeof(message));
}

/* What a shell does for a job in the foreground, and nothing else. */
static _Noreturn void be_shell(const struct pty_options *options, const char **args, char **env,
                               int reports, int commands)
{
    (void)signal(SIGTTOU, SIG_IGN);
    (void)signal(SIGHUP, SIG_DFL);
    pid_t job = fork();
    if (job == 0) {
        (void)close(reports);
        (void)close(commands);
        (void)setpgid(0, 0);
        (void)tcsetpgrp(0, getpid());
        become(options, args, env);
    }
    (void)setpgid(job, job);
    report(reports, 'P', job);
    int status;
    while (waitpid(job, &status, WUNTRACED) == job) {
        (void)tcsetpgrp(0, getpgrp());
        if (!WIFSTOPPED(status)) {
            report(reports, 'E', status);
            _exit(0);
        }
        report(reports, 'S', status);
        char command;
        if (read(commands, &command, 1) != 1) {
            _exit(1);
        }
        (void)tcsetpgrp(0, job);
        (void)kill(-job, SIGCONT);
    }
    _exit(1);
}

/* Our child's part: make the slave its terminal. */
static void enter_terminal(int master, int slave)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)close(master);
    (void)setsid();
    (void)ioctl(slave, TIOCSCTTY, 0);
    for (int fd = 0; fd <= 2; fd++) {
        (void)dup2(slave, fd);
    }
    (void)close(slave);
}

void pty_launch(const struct pty_options *options, int master, int slave, struct pty_job *ret)
{
    const char *args[ARGS_MAX];
    char *env[ENV_MAX];
    make_args(options, args);
    make_env(options, env);
    int reports[2] = {-1, -1};
    int commands[2] = {-1, -1};
    if (options->shell) {
        assert_int_equal(pipe2(reports, O_CLOEXEC), 0);
        assert_int_equal(pipe2(commands, O_CLOEXEC), 0);
    }
    (void)fflush(NULL);
    ret->leader = fork();
    assert_true(ret->leader >= 0);
    if (ret->leader == 0) {
        enter_terminal(master, slave);
        if (options->shell) {
            (void)close(reports[0]);
            (void)close(commands[1]);
            be_shell(options, args, env, reports[1], commands[0]);
        }
        become(options, args, env);
    }
    ret->pid = ret->leader;
    ret->reports = reports[0];
    ret->commands = commands[1];
    if (options->shell) {
        (void)close(reports[1]);
        (void)close(commands[0]);
        struct job_report first;
        assert_int_equal(read(ret->reports, &first, sizeof(first)), sizeof(first));
        assert_int_equal(first.kind, 'P');
        ret->pid = first.value;
    }
    for (size_t i = 0; env[i] != NULL; i++) {
        free(env[i]);
    }
}

int pty_sanitizer_reports(void)
{
    int count = 0;
    DIR *dir = opendir(world_directory());
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        if (strncmp(entry->d_name, "sanitizer.", 10) != 0) {
            continue;
        }
        char path[1024];
        (void)snprintf(path, sizeof(path), "%s/%s", world_directory(), entry->d_name);
        FILE *file = fopen(path, "re");
        char line[1024];
        while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
            (void)fputs(line, stderr);
        }
        if (file != NULL) {
            (void)fclose(file);
        }
        (void)unlink(path);
        count++;
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return count;
}
