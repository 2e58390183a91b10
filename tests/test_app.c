#include "action_log.h"
#include "app.h"
#include "base/log.h"
#include "check.h"
#include "cli.h"
#include "fake_platform.h"
#include "model/journal.h"
#include "model/settings.h"
#include "platform/platform.h"
#include "ui/keymap.h"
#include "ui/term.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * The whole program but for the terminal and the kernel: a script waits for a text on the screen
 * and then does something or presses a key, as a person would.
 */

enum { DUMP_BYTES = 1 << 18, PATIENCE_MS = 10000, VICTIM = 4242 };

/* What the machine is made to do in a step. */
typedef void deed(struct platform *platform);

/* One step of a script; the last one has no `until`. */
struct step {
    const char *until; // on the screen
    deed *act;         // or NULL
    const char *key;   // pressed then, or NULL
};

/* The terminal: what it was told, and the script it plays. */
struct term {
    struct platform *platform;
    const struct step *step; // the next one
    int open_error, present_error, copy_error;
    char copied[64]; // the beginning of what went to the clipboard
    int waited_ms;
    bool is_open, is_suspended;
    unsigned suspensions;
    char dump[DUMP_BYTES];
};

static struct term *the_term;

int term_open(const struct term_options *options, struct term **ret)
{
    (void)options;
    if (the_term->open_error == 0) {
        the_term->is_open = true;
        *ret = the_term;
    }
    return the_term->open_error;
}

void term_close(struct term *term)
{
    if (term != NULL) {
        term->is_open = false;
    }
}

void term_configure(struct term *term, const struct term_options *options)
{
    (void)term;
    (void)options;
}

int term_present(struct term *term, const struct surface *surface, int cursor_x, int cursor_y)
{
    (void)cursor_x;
    (void)cursor_y;
    assert_true(term->is_open && !term->is_suspended);
    if (term->present_error == 0) {
        const size_t len = surface_dump(surface, term->dump, sizeof(term->dump));
        assert_true(len < sizeof(term->dump));
    }
    return term->present_error;
}

bool term_next_event(struct term *term, struct term_event *ret)
{
    const struct step *const step = term->step;
    if (step->until == NULL) {
        return false;
    }
    if (strstr(term->dump, step->until) == NULL) {
        if (++term->waited_ms > PATIENCE_MS) {
            fail_msg("never seen: %s\n%s", step->until, term->dump);
        }
        (void)usleep(1000); // there is always a byte to read, so the loop does not sleep
        return false;
    }
    term->step++;
    if (step->act != NULL) {
        step->act(term->platform);
    }
    if (step->key == NULL) {
        return false;
    }
    *ret = (struct term_event){0};
    assert_true(key_parse(step->key, &ret->key));
    return true;
}

void term_size(struct term *term, int *ret_width, int *ret_height)
{
    (void)term;
    *ret_width = 100;
    *ret_height = 24;
}

int term_copy(struct term *term, const char *text)
{
    struct strbuf buf;
    str_init(&buf, term->copied, sizeof(term->copied));
    str_add(&buf, text);
    return term->copy_error;
}

void term_invalidate(struct term *term)
{
    (void)term;
}

void term_suspend(struct term *term)
{
    assert_false(term->is_suspended);
    term->is_suspended = true;
    term->suspensions++;
}

void term_resume(struct term *term)
{
    assert_true(term->is_suspended);
    term->is_suspended = false;
}

bool term_has_colour(const struct term *term)
{
    (void)term;
    return true;
}

bool term_has_braille(const struct term *term)
{
    (void)term;
    return true;
}

bool term_has_unicode(const struct term *term)
{
    (void)term;
    return true;
}

void term_emergency_restore(void)
{
}

/* Everything one run needs. */
struct stage {
    struct term term;
    struct cli cli;
    struct settings settings;
    struct keymap *keymap;
    struct log *log;
    struct journal *journal;
    struct platform *platform;
    char dir[64];
    struct app_options options;
    int input[2];
};

static int set_up(void **state)
{
    struct stage *const stage = calloc(1, sizeof(*stage));
    if (stage == NULL || keymap_create(&stage->keymap) != 0 || pipe(stage->input) != 0) {
        return -1;
    }
    settings_init(&stage->settings);
    stage->log = log_create(50);
    stage->journal = journal_create(50);
    stage->platform = fake_create(2);
    const struct fake_proc victim = fake_process(VICTIM, 1000000000, "victim");
    fake_put(stage->platform, &victim);
    memcpy(stage->dir, "/tmp/perch-app-XXXXXX", 22);
    stage->term.platform = stage->platform;
    stage->options = (struct app_options){
        .cli = &stage->cli,
        .settings = &stage->settings,
        .keymap = stage->keymap,
        .platform = stage->platform,
        .log = stage->log,
        .journal = stage->journal,
        .config_dir = mkdtemp(stage->dir),
    };
    the_term = &stage->term;
    *state = stage;
    // Standard input is watched: a byte in it that nobody reads keeps the loop going.
    return write(stage->input[1], "x", 1) == 1 && dup2(stage->input[0], STDIN_FILENO) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    struct stage *const stage = *state;
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/settings", stage->dir);
    (void)remove(path); // one test makes it
    (void)snprintf(path, sizeof(path), "%s/actions", stage->dir);
    (void)remove(path); // others this one
    (void)rmdir(stage->dir);
    (void)close(stage->input[0]);
    (void)close(stage->input[1]);
    keymap_destroy(stage->keymap);
    log_destroy(stage->log);
    journal_destroy(stage->journal);
    fake_destroy(stage->platform);
    free(stage);
    return 0;
}

/* Play a script to its end, which must be there. */
static struct app_result play(struct stage *stage, const struct step *script)
{
    stage->term.step = script;
    const struct app_result result = app_run(&stage->options);
    assert_null(stage->term.step->until);
    return result;
}

static void assert_log_has(const struct stage *stage, const char *text)
{
    bool found = false;
    for (size_t i = 0; i < log_count(stage->log); i++) {
        found = found || strstr(log_at(stage->log, i)->text, text) != NULL;
    }
    assert_true(found);
}

static void raise_term(struct platform *platform)
{
    (void)platform;
    (void)raise(SIGTERM);
}

static void the_first_processes_are_shown_and_q_leaves(void **state)
{
    struct stage *const stage = *state;
    static const struct step script[] = {{"victim", NULL, "q"}, {0}};
    const struct app_result result = play(stage, script);
    assert_int_equal(result.status, 0);
    assert_true(result.ended);
    assert_false(stage->term.is_open);
}

static void a_line_is_copied_when_asked_for_and_only_then(void **state)
{
    struct stage *const stage = *state;
    static const struct step first[] = {{"victim", NULL, "q"}, {0}};
    (void)play(stage, first);
    assert_string_equal(stage->term.copied, "");
    static const struct step script[] = {{"victim", NULL, "y"}, {"copied: victim", NULL, "q"}, {0}};
    (void)play(stage, script);
    assert_string_equal(stage->term.copied, "victim");
}

static void a_terminal_without_a_clipboard_is_told_of(void **state)
{
    struct stage *const stage = *state;
    stage->term.copy_error = -ENOTSUP;
    static const struct step script[] = {{"victim", NULL, "y"},
                                         {"nothing was copied: this terminal", NULL, "q"},
                                         {0}};
    (void)play(stage, script);
}

static void a_signal_reaches_its_process_once_and_is_told(void **state)
{
    struct stage *const stage = *state;
    static const struct step script[] = {
        {"victim", NULL, "F9"},
        {"SIGTERM", NULL, "Enter"},
        {"sent SIGTERM to 4242 victim", NULL, "q"},
        {0},
    };
    (void)play(stage, script);
    const struct fake_counts counts = fake_counts(stage->platform);
    assert_int_equal(counts.signals, 1);
    assert_int_equal(counts.last_signal, SIGTERM);
    assert_int_equal(counts.last_target.pid, VICTIM);
    assert_int_equal(counts.pins_open, 0);
    assert_log_has(stage, "sent SIGTERM to 4242 victim");
}

/* The process ends and its number goes to another one. */
static void reuse_pid(struct platform *platform)
{
    const struct fake_proc other = fake_process(VICTIM, 9000000000, "bystander");
    fake_remove(platform, VICTIM);
    fake_put(platform, &other);
}

static void a_reused_pid_is_not_signalled_and_the_user_is_told(void **state)
{
    struct stage *const stage = *state;
    stage->settings.interval_ms = INTERVAL_MIN_MS;
    static const struct step script[] = {
        {"victim", NULL, "F9"},
        {"SIGTERM", reuse_pid, NULL},
        {"SIGTERM", NULL, "Enter"},
        {"nothing was sent", NULL, "q"},
        {0},
    };
    (void)play(stage, script);
    assert_int_equal(fake_counts(stage->platform).signals, 0);
    assert_log_has(stage, "4242 victim is gone");
}

static void renicing_tells_the_old_and_the_new_value(void **state)
{
    struct stage *const stage = *state;
    static const struct step script[] = {
        {"victim", NULL, "F8"},
        {"nice of 4242 victim: 0 → 1", NULL, "q"},
        {0},
    };
    (void)play(stage, script);
    assert_int_equal(fake_get(stage->platform, VICTIM).raw.nice, 1);
    assert_int_equal(journal_count(stage->journal), 1);
    const struct journal_entry *const entry = journal_at(stage->journal, 0);
    assert_int_equal(entry->target.id.pid, VICTIM);
    assert_string_equal(entry->action, "nice");
    assert_string_equal(entry->change, "0 → 1");
    assert_string_equal(entry->result, "done");
}

static void the_last_change_is_taken_back_until_there_is_none(void **state)
{
    struct stage *const stage = *state;
    static const struct step script[] = {
        {"victim", NULL, "F8"},
        {"nice of 4242 victim: 0 → 1", NULL, "z"},
        {"undone: nice of 4242 victim: 1 → 0", NULL, "z"},
        {"there is no change left to undo", NULL, "q"},
        {0},
    };
    (void)play(stage, script);
    assert_int_equal(fake_get(stage->platform, VICTIM).raw.nice, 0);
    assert_int_equal(journal_count(stage->journal), 2);
    assert_true(journal_at(stage->journal, 1)->undo);
}

static void keys_typed_ahead_are_done_in_order_before_the_program_ends(void **state)
{
    struct stage *const stage = *state;
    static const struct step script[] = {
        {"victim", NULL, "F8"}, {"victim", NULL, "F8"}, {"victim", NULL, "F8"},
        {"victim", NULL, "z"},  {"victim", NULL, "q"},  {0},
    };
    (void)play(stage, script);
    assert_int_equal(fake_get(stage->platform, VICTIM).raw.nice, 2);
    assert_int_equal(journal_count(stage->journal), 4);
}

/* One of three is gone and one belongs to somebody else. */
static void spoil(struct platform *platform)
{
    const struct fake_denial denial = {
        .pid = VICTIM + 1,
        .kind = DEED_NICE,
        .result = {.error = -EPERM, .obstacle = OBSTACLE_OWNER},
    };
    fake_deny(platform, &denial);
    fake_remove(platform, VICTIM + 2);
}

static void a_partial_failure_is_a_summary_and_a_list(void **state)
{
    struct stage *const stage = *state;
    const struct fake_proc second = fake_process(VICTIM + 1, 1000000000, "second");
    const struct fake_proc third = fake_process(VICTIM + 2, 1000000000, "third");
    fake_put(stage->platform, &second);
    fake_put(stage->platform, &third);
    stage->settings.interval_ms = 60000;
    static const struct step script[] = {
        {"third", NULL, "Home"},
        {"third", NULL, "Space"},
        {"third", NULL, "Space"},
        {"third", NULL, "Space"},
        {"3 tagged", spoil, "F8"},
        {"nice of 1 of 3 processes set to 1; 2 failed: 1 gone, 1 not permitted; J lists them", NULL,
         "q"},
        {0},
    };
    (void)play(stage, script);
    assert_int_equal(journal_count(stage->journal), 3);
    assert_log_has(stage, "4244 third is gone; nothing was changed");
    assert_log_has(stage, "does not let even root do this to 4243 second");
    assert_log_has(stage, "nice of 1 of 3 processes set to 1");
}

/* Let the victim end by these signals only. */
static void make_mortal(struct stage *stage, uint64_t signals)
{
    struct fake_proc victim = fake_process(VICTIM, 1000000000, "victim");
    victim.dies_on = signals;
    fake_put(stage->platform, &victim);
}

static void a_termination_tells_how_it_comes_along_and_how_it_ended(void **state)
{
    struct stage *const stage = *state;
    make_mortal(stage, UINT64_C(1) << SIGKILL);
    stage->settings.terminate_wait_ms = 1000;
    static const struct step script[] = {
        {"victim", NULL, "F9"},
        {"terminate properly", NULL, "Home"},
        {"terminate properly", NULL, "Enter"},
        {"terminating 4242 victim: SIGKILL in ", NULL, NULL},
        {" s, it needed SIGKILL", NULL, "q"},
        {0},
    };
    (void)play(stage, script);
    assert_int_equal(fake_counts(stage->platform).signals_of[SIGTERM], 1);
    assert_int_equal(fake_counts(stage->platform).signals_of[SIGKILL], 1);
    assert_int_equal(journal_count(stage->journal), 1);
    assert_false(journal_at(stage->journal, 0)->pending);
    assert_non_null(strstr(journal_at(stage->journal, 0)->result, "s, it needed SIGKILL"));
}

static void leaving_a_termination_is_asked_about_once(void **state)
{
    struct stage *const stage = *state;
    stage->settings.terminate_wait_ms = 60000;
    static const struct step script[] = {
        {"victim", NULL, "F9"},
        {"terminate properly", NULL, "Home"},
        {"terminate properly", NULL, "Enter"},
        {"terminating 4242 victim", NULL, "q"},
        {"s): quit again to leave it", NULL, "q"},
        {0},
    };
    const struct app_result result = play(stage, script);
    assert_int_equal(result.status, 0);
    assert_true(result.ended);
    assert_int_equal(fake_counts(stage->platform).signals_of[SIGKILL], 0);
}

static void a_signal_that_ends_the_program_does_not_ask(void **state)
{
    struct stage *const stage = *state;
    stage->settings.terminate_wait_ms = 60000;
    static const struct step script[] = {
        {"victim", NULL, "F9"},
        {"terminate properly", NULL, "Home"},
        {"terminate properly", NULL, "Enter"},
        {"terminating 4242 victim", raise_term, NULL},
        {0},
    };
    assert_int_equal(play(stage, script).status, 128 + SIGTERM);
}

static void hang_on_victim(struct platform *platform)
{
    fake_block_pin(platform, VICTIM);
}

static void leaving_waits_for_an_action_that_hangs_unless_told_again(void **state)
{
    struct stage *const stage = *state;
    static const struct step script[] = {
        {"victim", hang_on_victim, "F8"},
        {"victim", NULL, "q"},
        {"leaving as soon as the last action is done: quit again", fake_release, NULL},
        {0},
    };
    assert_int_equal(play(stage, script).status, 0);
    assert_int_equal(fake_get(stage->platform, VICTIM).raw.nice, 1);
}

/* Have the stage's actions logged. Owns: the caller: action_log_close(). */
static struct action_log *open_action_log(struct stage *stage, char *path, size_t size)
{
    struct action_log *log = NULL;
    char sentence[256];
    struct strbuf error;
    str_init(&error, sentence, sizeof(sentence));
    (void)snprintf(path, size, "%s/actions", stage->dir);
    assert_int_equal(action_log_open(path, false, &log, &error), 0);
    stage->options.action_log = log;
    return log;
}

static void what_is_done_is_in_the_action_log(void **state)
{
    struct stage *const stage = *state;
    char path[128];
    char bytes[1024] = "";
    struct action_log *const log = open_action_log(stage, path, sizeof(path));
    static const struct step script[] = {
        {"victim", NULL, "F8"},
        {"nice of 4242 victim: 0 → 1", NULL, "q"},
        {0},
    };
    (void)play(stage, script);
    action_log_close(log);
    FILE *const file = fopen(path, "re");
    assert_non_null(file);
    assert_true(fread(bytes, 1, sizeof(bytes) - 1, file) > 0);
    (void)fclose(file);
    assert_non_null(strstr(bytes, " pid=4242 start=1000ms name=\"victim\" "));
    assert_non_null(strstr(bytes, " action=nice "));
}

static void an_action_log_that_is_full_is_told_once(void **state)
{
    struct stage *const stage = *state;
    char path[128];
    struct action_log *const log = open_action_log(stage, path, sizeof(path));
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = old.rlim_max};
    static const struct step script[] = {
        {"victim", NULL, "F8"},
        {"actions are no longer logged, the file cannot be written: the file would be too large",
         NULL, "F8"},
        {"nice of 4242 victim: 1 → 2", NULL, "q"},
        {0},
    };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    (void)play(stage, script);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    action_log_close(log);
}

static void nothing_is_done_in_a_readonly_run(void **state)
{
    struct stage *const stage = *state;
    stage->cli.readonly = true;
    static const struct step script[] = {
        {"victim", NULL, "F8"}, {"readonly", NULL, "F9"}, {"readonly", NULL, "q"}, {0}};
    (void)play(stage, script);
    assert_int_equal(fake_counts(stage->platform).signals, 0);
    assert_int_equal(fake_counts(stage->platform).changes, 0);
    assert_int_equal(journal_count(stage->journal), 0);
}

static void nothing_is_done_that_could_not_be_logged(void **state)
{
    struct stage *const stage = *state;
    stage->options.refusal = "the action log cannot be written: no";
    static const struct step script[] = {{"victim", NULL, "F8"},
                                         {"the action log cannot be written", NULL, "q"},
                                         {0}};
    (void)play(stage, script);
    assert_int_equal(fake_counts(stage->platform).changes, 0);
}

static void settings_are_saved_when_asked_for(void **state)
{
    struct stage *const stage = *state;
    static const struct step script[] = {{"victim", NULL, "W"},
                                         {"settings saved in ", NULL, "q"},
                                         {0}};
    (void)play(stage, script);
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/settings", stage->dir);
    assert_int_equal(access(path, F_OK), 0);
}

static void complaints_are_shown_at_the_start(void **state)
{
    struct stage *const stage = *state;
    stage->options.complaint = "settings:3: something is odd";
    static const struct step script[] = {{"settings:3: something is odd", NULL, "q"}, {0}};
    assert_int_equal(play(stage, script).status, 0);
}

static void an_ending_signal_gives_the_terminal_back(void **state)
{
    struct stage *const stage = *state;
    static const struct step script[] = {{"victim", raise_term, NULL}, {0}};
    const struct app_result result = play(stage, script);
    assert_int_equal(result.status, 128 + SIGTERM);
    assert_true(result.ended);
    assert_false(stage->term.is_open);
}

static void raise_cont(struct platform *platform)
{
    (void)platform;
    (void)raise(SIGCONT);
}

static void continuing_takes_the_terminal_again(void **state)
{
    struct stage *const stage = *state;
    static const struct step script[] = {
        {"victim", raise_cont, NULL}, {"victim", NULL, "Down"}, {"victim", NULL, "q"}, {0}};
    (void)play(stage, script);
    assert_int_equal(stage->term.suspensions, 1);
}

static void a_terminal_that_cannot_be_opened_ends_the_program(void **state)
{
    struct stage *const stage = *state;
    static const struct step script[] = {{0}};
    stage->term.open_error = -ENOENT;
    const struct app_result result = play(stage, script);
    assert_int_equal(result.status, 1);
    assert_true(result.ended);
}

#define ON_A_STAGE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    (void)signal(SIGXFSZ, SIG_IGN); // as the program does
    const struct CMUnitTest tests[] = {
        ON_A_STAGE(the_first_processes_are_shown_and_q_leaves),
        ON_A_STAGE(a_line_is_copied_when_asked_for_and_only_then),
        ON_A_STAGE(a_terminal_without_a_clipboard_is_told_of),
        ON_A_STAGE(a_signal_reaches_its_process_once_and_is_told),
        ON_A_STAGE(a_reused_pid_is_not_signalled_and_the_user_is_told),
        ON_A_STAGE(renicing_tells_the_old_and_the_new_value),
        ON_A_STAGE(the_last_change_is_taken_back_until_there_is_none),
        ON_A_STAGE(keys_typed_ahead_are_done_in_order_before_the_program_ends),
        ON_A_STAGE(a_partial_failure_is_a_summary_and_a_list),
        ON_A_STAGE(a_termination_tells_how_it_comes_along_and_how_it_ended),
        ON_A_STAGE(leaving_a_termination_is_asked_about_once),
        ON_A_STAGE(a_signal_that_ends_the_program_does_not_ask),
        ON_A_STAGE(leaving_waits_for_an_action_that_hangs_unless_told_again),
        ON_A_STAGE(what_is_done_is_in_the_action_log),
        ON_A_STAGE(an_action_log_that_is_full_is_told_once),
        ON_A_STAGE(nothing_is_done_in_a_readonly_run),
        ON_A_STAGE(nothing_is_done_that_could_not_be_logged),
        ON_A_STAGE(settings_are_saved_when_asked_for),
        ON_A_STAGE(complaints_are_shown_at_the_start),
        ON_A_STAGE(an_ending_signal_gives_the_terminal_back),
        ON_A_STAGE(continuing_takes_the_terminal_again),
        ON_A_STAGE(a_terminal_that_cannot_be_opened_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
