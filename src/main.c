#include "action_log.h"
#include "app.h"
#include "base/log.h"
#include "base/str.h"
#include "batch.h"
#include "cli.h"
#include "command.h"
#include "config.h"
#include "help.h"
#include "model/journal.h"
#include "model/settings.h"
#include "platform/platform.h"
#include "platform/wait.h"
#include "report.h"
#include "ui/keymap.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum {
    STATUS_FAILURE = 1,
    STATUS_USAGE = 2,
    LOG_CAPACITY = 500,
    JOURNAL_CAPACITY = 2000,
    SENTENCE_BYTES = 1024,
};

/* What lives as long as the program. */
struct program {
    struct cli cli;
    struct settings settings;
    struct keymap *keymap;
    struct log *log;
    struct journal *journal;
    struct action_log *action_log; // NULL: there is none
    char refusal[SENTENCE_BYTES];  // why nothing may be done to processes; "": it may
    char config_path[CONFIG_PATH_BYTES];
    const char *config_dir;         // NULL: there is none
    char complaint[SENTENCE_BYTES]; // the first wrong line of the configuration
    size_t complaints;
};

static int fail(int status, const char *sentence)
{
    (void)fprintf(stderr, "perch: %s\n", sentence);
    return status;
}

static void take_complaint(void *context, const char *sentence)
{
    struct program *const program = context;
    if (program->complaints == 0) {
        struct strbuf first;
        str_init(&first, program->complaint, sizeof(program->complaint));
        str_add(&first, sentence);
    }
    program->complaints++;
    log_add(program->log, platform_wall_s(), true, sentence);
    if (program->cli.mode != MODE_SCREEN) { // the screen shows it itself, and has a list
        (void)fail(0, sentence);
    }
}

/* What to call one action's keys, for a sentence. */
struct key_search {
    const struct action *action;
    struct strbuf *buf;
};

static void find_keys(void *context, const struct action *action, enum context where,
                      const char *keys)
{
    struct key_search *const search = context;
    (void)where;
    if (action == search->action && search->buf->len == 0) {
        str_add(search->buf, keys);
    }
}

/* One sentence over all complaints, for the status line. */
static const char *sum_up_complaints(struct program *program, char *bytes, size_t size)
{
    if (program->complaints == 0) {
        return NULL;
    }
    char key_bytes[SENTENCE_BYTES];
    struct strbuf keys;
    str_init(&keys, key_bytes, sizeof(key_bytes));
    struct key_search search = {.action = action_info(ACTION_MESSAGES), .buf = &keys};
    keymap_visit(program->keymap, find_keys, &search);

    struct strbuf sentence;
    str_init(&sentence, bytes, size);
    if (program->complaints > 1) { // in front: the rest of the line may be cut
        str_addf(&sentence, "%zu complaints about the configuration%s%s: ", program->complaints,
                 keys.len > 0 ? ", press " : "", key_bytes);
    }
    str_add(&sentence, program->complaint);
    return bytes;
}

static int load(struct program *program)
{
    settings_init(&program->settings);
    program->log = log_create(LOG_CAPACITY);
    program->journal = journal_create(JOURNAL_CAPACITY);
    if (program->log == NULL || program->journal == NULL || keymap_create(&program->keymap) != 0) {
        return -ENOMEM;
    }
    if (config_find_dir(program->cli.config_dir, program->config_path,
                        sizeof(program->config_path)) == 0) {
        program->config_dir = program->config_path;
        // A script that does not ask for that directory need not hear of it.
        const bool asked = program->cli.config_dir != NULL || program->cli.mode == MODE_SCREEN;
        if (asked || !config_is_closed(program->config_dir)) {
            config_load(program->config_dir, &program->settings, program->keymap, take_complaint,
                        program);
        }
    }
    cli_apply(&program->cli, &program->settings);
    return 0;
}

static void unload(struct program *program)
{
    action_log_close(program->action_log);
    keymap_destroy(program->keymap);
    journal_destroy(program->journal);
    log_destroy(program->log);
}

/* The modes that only say something about the program. */
static int print_help(const struct program *program)
{
    switch (program->cli.mode) {
    case MODE_HELP:
        help_options(stdout);
        break;
    case MODE_HELP_KEYS:
        help_keys(stdout, program->keymap);
        break;
    case MODE_HELP_COLUMNS:
        help_columns(stdout);
        break;
    case MODE_HELP_TABLES:
        help_tables(stdout);
        break;
    case MODE_VERSION:
        (void)puts("perch " PERCH_VERSION);
        break;
    case MODE_SCREEN:
    case MODE_BATCH:
    case MODE_JSON:
    case MODE_ACT:
        break;
    }
    if (fflush(stdout) != 0 && errno != EPIPE) {
        (void)fprintf(stderr, "perch: cannot write to standard output: %s\n", report_reason(errno));
        return STATUS_FAILURE;
    }
    return 0;
}

static int run_screen(struct program *program, struct platform *platform, bool *ret_ended)
{
    char sentence[SENTENCE_BYTES + SENTENCE_BYTES];
    const struct app_options options = {
        .cli = &program->cli,
        .settings = &program->settings,
        .keymap = program->keymap,
        .platform = platform,
        .log = program->log,
        .journal = program->journal,
        .action_log = program->action_log,
        .config_dir = program->config_dir,
        .refusal = program->refusal[0] != '\0' ? program->refusal : NULL,
        .complaint = sum_up_complaints(program, sentence, sizeof(sentence)),
    };
    const struct app_result result = app_run(&options);
    *ret_ended = result.ended;
    return result.status;
}

/* What was done and is not on record is at least told. */
static int tell_lost_lines(const struct program *program, int status)
{
    int error = 0;
    const uint32_t lost = action_log_lost(program->action_log, &error);
    if (lost == 0) {
        return status;
    }
    (void)fprintf(stderr, "perch: the log of actions cannot be written, it lacks %u line%s: %s\n",
                  lost, lost == 1 ? "" : "s", report_reason(error));
    return status == 0 ? STATUS_FAILURE : status;
}

static int run_command(struct program *program, struct platform *platform, bool *ret_ended)
{
    const struct command_options options = {
        .cli = &program->cli,
        .settings = &program->settings,
        .platform = platform,
        .record = action_log_record,
        .record_context = program->action_log,
    };
    return tell_lost_lines(program, command_run(&options, ret_ended));
}

/* Whether anything may be done to processes in this run. */
static bool is_acting(const struct program *program)
{
    const struct cli *const cli = &program->cli;
    return platform_can_act() && !cli->readonly && !cli->dry_run &&
           (cli->mode == MODE_SCREEN || cli->mode == MODE_ACT);
}

/* A perch that was not asked to log right now can at least show processes. */
static void refuse_actions(struct program *program, const char *why)
{
    struct strbuf buf;
    str_init(&buf, program->refusal, sizeof(program->refusal));
    str_add(&buf, why);
    take_complaint(program, program->refusal);
}

/* What is done is to be on record from the first on, or not done at all. */
static int open_action_log(struct program *program)
{
    const struct settings *const settings = &program->settings;
    const char *path = program->cli.log_actions;
    if (path == NULL && settings->log_actions[0] != '\0') {
        path = settings->log_actions;
    }
    if (path == NULL && !settings->syslog_actions) {
        return 0;
    }
    char sentence[SENTENCE_BYTES];
    struct strbuf error;
    str_init(&error, sentence, sizeof(sentence));
    const int result =
        action_log_open(path, settings->syslog_actions, &program->action_log, &error);
    if (result != 0 && program->cli.mode == MODE_SCREEN && program->cli.log_actions == NULL) {
        refuse_actions(program, sentence);
        return 0;
    }
    return result == 0 ? 0 : fail(STATUS_FAILURE, sentence);
}

/* Who runs perch as root gets a perch that can do little else than show and act on processes. */
static int drop_privileges(bool acting)
{
    const int result = platform_drop_privileges(acting);
    if (result == 0 || platform_own_uid() != 0) { // nobody's privileges were none to begin with
        return 0;
    }
    (void)fprintf(stderr, "perch: cannot give up the privileges it does not need: %s\n",
                  report_reason(result));
    return STATUS_FAILURE;
}

/* A set-uid program must not open files for its user that are not the user's to open. */
static int become_user(void)
{
    if (getuid() == geteuid() && getgid() == getegid()) {
        return 0;
    }
    return platform_drop_privileges(true) == 0
               ? 0
               : fail(STATUS_FAILURE, "cannot give up the privileges of the program's owner");
}

/* Open what needs privileges, then give up those that nothing needs from here on. */
static int prepare(struct program *program)
{
    const bool acting = is_acting(program);
    const int status = acting ? open_action_log(program) : 0;
    return status == 0 ? drop_privileges(acting && program->refusal[0] == '\0') : status;
}

/* A machine may be without /sys; a directory that was named is meant to be there. */
static int check_sysfs(const char *path)
{
    const int fd = path != NULL ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (path == NULL || fd >= 0) {
        return fd >= 0 && close(fd) != 0 ? STATUS_FAILURE : 0;
    }
    (void)fprintf(stderr, "perch: cannot read devices from the directory of --sysfs: %s\n",
                  report_reason(errno));
    return STATUS_FAILURE;
}

static int run(struct program *program)
{
    const struct cli *const cli = &program->cli;
    if (cli->mode == MODE_SCREEN && isatty(STDOUT_FILENO) == 0) {
        return fail(STATUS_USAGE, "standard output is not a terminal; use --batch or --json to "
                                  "print without a screen");
    }
    if (cli->mode == MODE_SCREEN && isatty(STDIN_FILENO) == 0) {
        return fail(STATUS_USAGE, "standard input is not a terminal; use --batch or --json to "
                                  "run without a screen");
    }
    const int prepared = prepare(program);
    const int checked = prepared == 0 ? check_sysfs(cli->sys_root) : 0;
    if (prepared != 0 || checked != 0) {
        return prepared != 0 ? prepared : checked;
    }
    struct platform *platform = NULL;
    const struct platform_options options = {.proc_root = cli->proc_root,
                                             .sys_root = cli->sys_root};
    const int result = platform_open(&options, &platform);
    if (result != 0) {
        (void)fprintf(stderr, "perch: cannot read processes from %s: %s\n",
                      cli->proc_root != NULL ? "the directory of --procfs" : "/proc",
                      result == -ENOENT ? "it is not a proc file system" : report_reason(result));
        return STATUS_FAILURE;
    }
    bool ended = true;
    const int status = cli->mode == MODE_SCREEN ? run_screen(program, platform, &ended)
                       : cli->mode == MODE_ACT
                           ? run_command(program, platform, &ended)
                           : batch_run(cli, &program->settings, platform, &ended);
    if (!ended) { // a thread may hang in the kernel for ever, or the terminal is gone
        _exit(status);
    }
    platform_close(platform);
    return status;
}

int main(int argc, char **argv)
{
    const bool closed = fcntl(STDOUT_FILENO, F_GETFD) < 0; // soon it is /dev/null
    wait_prepare_process();
    (void)setlocale(LC_ALL, ""); // without a locale everything is ASCII, which is fine
    (void)setlocale(LC_NUMERIC, "C");

    char name[] = "perch";
    char *nobody[] = {name, NULL};
    if (argc < 1) { // exec lets callers leave even the name out
        argc = 1;
        argv = nobody;
    }
    if (become_user() != 0) {
        return STATUS_FAILURE;
    }
    struct program program = {0};
    char sentence[SENTENCE_BYTES];
    struct strbuf error;
    str_init(&error, sentence, sizeof(sentence));
    if (cli_parse(argc, argv, &program.cli, &error) != 0) {
        return fail(STATUS_USAGE, sentence);
    }
    int status = STATUS_FAILURE;
    if (closed) {
        return fail(status, "standard output is closed");
    }
    if (load(&program) != 0) {
        (void)fail(status, "out of memory");
    } else if (program.cli.mode == MODE_SCREEN || program.cli.mode == MODE_BATCH ||
               program.cli.mode == MODE_JSON || program.cli.mode == MODE_ACT) {
        status = run(&program);
    } else {
        status = print_help(&program);
    }
    unload(&program);
    return status;
}
