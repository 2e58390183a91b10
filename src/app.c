#include "app.h"

#include "action_log.h"
#include "app_deeds.h"
#include "base/log.h"
#include "cli.h"
#include "config.h"
#include "model/column.h"
#include "model/plan.h"
#include "model/query.h"
#include "model/settings.h"
#include "model/snapshot.h"
#include "platform/platform.h"
#include "platform/wait.h"
#include "report.h"
#include "sampler/source.h"
#include "ui/action.h"
#include "ui/surface.h"
#include "ui/term.h"
#include "ui/ui.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The main thread. It sleeps in one place, hands what happened to the UI as events, carries
 * out the effects that come back, and shows the surface once all that was waiting is dealt
 * with. It reads nothing from /proc, so a key is answered whatever the kernel is busy with.
 */

static const uint64_t stall_check_ns = 1000000000;
static const uint64_t own_continue_ns = 200000000;

enum {
    SIGNALS_MAX = 128,      // offered in the menu
    EVENTS_PER_DRAW = 4096, // a flood of input must not keep the screen from being drawn
    SENTENCE_BYTES = 1024,
    HANGUP_STATUS = 128 + SIGHUP,
};

/* Everything the loop needs. */
struct app {
    const struct app_options *options;
    struct wait *wait;
    struct source *source;
    struct term *term;
    struct ui *ui;
    struct deeds *deeds;
    const char *refusal; // NULL, or why nothing is done to processes; static
    struct surface surface;
    struct plan plan;             // the one in force
    const struct snapshot *shown; // the UI's; only to see whether a pid was reused
    uint64_t stall_deadline_ns;
    uint64_t resumed_ns; // end of our last suspension
    bool stalled;        // told the UI so
    bool dirty;          // the screen no longer shows what the UI would draw
    bool suspend;        // the user asked for it
    bool leaving;
    bool gone; // the terminal
    int status;
    bool has_status; // a sentence waits to be shown
    bool status_error;
    char sentence[SENTENCE_BYTES];
    struct ui_signal signals[SIGNALS_MAX];
    size_t signal_count;
    struct effects effects;
};

static void wake(void *context)
{
    wait_wake(context);
}

static struct term_options term_options(const struct settings *settings)
{
    return (struct term_options){
        .theme = (enum theme_choice)settings->theme,
        .colours = (enum colour_choice)settings->colours,
        .glyphs = (enum glyph_choice)settings->glyphs,
        .mouse = settings->mouse,
    };
}

/* Remember a sentence for the status line; it is shown when the effects are all done. */
static void say(struct app *app, const char *sentence, bool error)
{
    struct strbuf buf;
    str_init(&buf, app->sentence, sizeof(app->sentence));
    str_add(&buf, sentence);
    app->has_status = true;
    app->status_error = error;
}

static void log_sentence(struct app *app, const char *sentence, bool error)
{
    log_add(app->options->log, platform_wall_s(), error, sentence);
}

/* What the deeds have to say goes the same way. */
static void pass_on_sentence(struct app *app)
{
    bool error = false;
    const char *const sentence = deeds_take_sentence(app->deeds, &error);
    if (sentence != NULL) {
        say(app, sentence, error);
    }
}

static void leave(struct app *app)
{
    app->leaving = deeds_may_leave(app->deeds, platform_now_ns());
    pass_on_sentence(app);
}

static void request_deed(struct app *app, const struct effect *effect)
{
    deeds_request(app->deeds, effect, &app->effects.targets[effect->first_target],
                  platform_now_ns());
    pass_on_sentence(app);
}

static void save_settings(struct app *app)
{
    char bytes[CONFIG_PATH_BYTES + SENTENCE_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    int result = -ENOENT;
    if (app->options->config_dir != NULL) {
        result = config_save(app->options->config_dir, app->options->settings, &buf);
    } else {
        str_add(&buf, "settings not saved: there is no home directory; see --config");
    }
    log_sentence(app, bytes, result != 0);
    say(app, bytes, result != 0);
}

static void perform(struct app *app, const struct effect *effect)
{
    struct term_options options;
    switch (effect->kind) {
    case EFFECT_QUIT:
        leave(app);
        break;
    case EFFECT_SUSPEND:
        app->suspend = true;
        break;
    case EFFECT_REPAINT:
        term_invalidate(app->term);
        app->dirty = true;
        break;
    case EFFECT_SAMPLE:
        source_poke(app->source);
        break;
    case EFFECT_INSPECT:
    case EFFECT_RELEASE:
    case EFFECT_DEED:
    case EFFECT_UNDO:
        request_deed(app, effect);
        break;
    case EFFECT_SAVE_SETTINGS:
        save_settings(app);
        break;
    case EFFECT_COPY:
        if (term_copy(app->term, app->effects.text) < 0) {
            say(app, "nothing was copied: this terminal has no clipboard perch knows of", true);
        }
        break;
    case EFFECT_CONFIGURE:
        options = term_options(app->options->settings);
        term_configure(app->term, &options);
        app->dirty = true;
        break;
    }
}

/* Give one event to the UI and take back a snapshot it is done with. */
static void tell_ui(struct app *app, const struct event *event)
{
    app->effects.count = 0;
    app->effects.target_count = 0;
    struct snapshot *const returned = ui_handle(app->ui, event, &app->effects);
    if (event->kind == EVENT_SNAPSHOT && returned != event->as.snap) {
        app->shown = event->as.snap;
    } else if (returned == app->shown) {
        app->shown = NULL;
    }
    source_give_back(app->source, returned);
    app->dirty = true;
}

/* Show the sentence that waits, if one does. */
static void show_sentence(struct app *app)
{
    if (app->has_status) {
        app->has_status = false;
        tell_ui(app, &(struct event){
                         .kind = EVENT_STATUS,
                         .now_ns = platform_now_ns(),
                         .as.status = {.sentence = app->sentence, .error = app->status_error},
                     });
    }
}

/* Give one event to the UI, do what it asks for, and tell it how that went. */
static void handle(struct app *app, const struct event *event)
{
    tell_ui(app, event);
    for (size_t i = 0; i < app->effects.count; i++) {
        perform(app, &app->effects.items[i]);
    }
    show_sentence(app);
}

/* Adopt the terminal's size. When memory is short the old one stays, and is only clipped. */
static void adopt_size(struct app *app)
{
    struct event event = {.kind = EVENT_RESIZE, .now_ns = platform_now_ns()};
    term_size(app->term, &event.as.size.width, &event.as.size.height);
    if (surface_resize(&app->surface, event.as.size.width, event.as.size.height) == 0) {
        event.as.size.width = app->surface.width;
        event.as.size.height = app->surface.height;
        handle(app, &event);
    }
    app->dirty = true;
}

/* What was asked for by signal or key: give the terminal back, stop, take it again. */
static void suspend(struct app *app)
{
    app->suspend = false;
    term_suspend(app->term);
    wait_suspend(app->wait);
    term_resume(app->term);
    term_invalidate(app->term);
    adopt_size(app);
    app->resumed_ns = platform_now_ns();
    source_poke(app->source);
}

/* Continued after a stop nobody told us of (SIGSTOP): the shell has had the terminal since.
 * The CONT that ended our own suspension arrives here too, and needs no second repaint. */
static void resume(struct app *app)
{
    if (platform_now_ns() - app->resumed_ns < own_continue_ns) {
        return;
    }
    term_suspend(app->term); // late, but it is what makes resuming set everything again
    term_resume(app->term);
    term_invalidate(app->term);
    adopt_size(app);
    source_poke(app->source);
}

/* Ctrl-C: what it means where the focus is. Leaving by it is told as shells expect. */
static void interrupt(struct app *app)
{
    handle(app, &(struct event){
                    .kind = EVENT_KEY,
                    .now_ns = platform_now_ns(),
                    .as.key = {.code = 'c', .mods = MOD_CTRL},
                });
    if (app->leaving) {
        app->status = 128 + SIGINT;
    }
}

static void take_signals(struct app *app)
{
    while (!app->leaving) {
        switch (wait_signal(app->wait)) {
        case WAIT_SIGNAL_NONE:
            return;
        case WAIT_SIGNAL_END:
            app->leaving = true;
            app->status = 128 + wait_end_signal(app->wait);
            break;
        case WAIT_SIGNAL_INTERRUPT:
            interrupt(app);
            break;
        case WAIT_SIGNAL_SUSPEND:
            suspend(app);
            break;
        case WAIT_SIGNAL_RESUME:
            resume(app);
            break;
        case WAIT_SIGNAL_RESIZE:
            adopt_size(app);
            break;
        }
    }
}

/* Hand over everything typed so far. False when there was nothing. */
static bool take_input(struct app *app)
{
    struct term_event seen;
    int count = 0;
    while (!app->leaving && count < EVENTS_PER_DRAW && term_next_event(app->term, &seen)) {
        struct event event = {.now_ns = platform_now_ns()};
        if (seen.is_mouse) {
            event.kind = EVENT_MOUSE;
            event.as.mouse = seen.mouse;
        } else {
            event.kind = EVENT_KEY;
            event.as.key = seen.key;
        }
        handle(app, &event);
        if (app->suspend) {
            suspend(app);
        }
        count++;
    }
    return count > 0;
}

static void take_snapshot(struct app *app)
{
    struct snapshot *const snap = source_take(app->source);
    if (snap != NULL) {
        handle(app, &(struct event){
                        .kind = EVENT_SNAPSHOT,
                        .now_ns = platform_now_ns(),
                        .as.snap = snap,
                    });
    }
}

/* What the acting thread found out and did. */
static void take_deeds(struct app *app)
{
    struct inspection *const inspection = source_take_inspection(app->source);
    if (inspection != NULL) {
        handle(app, &(struct event){
                        .kind = EVENT_INSPECTION,
                        .now_ns = platform_now_ns(),
                        .as.inspection = inspection,
                    });
        inspection_destroy(inspection);
    }
    deeds_take(app->deeds, app->shown, platform_now_ns());
    deeds_tick(app->deeds, platform_now_ns());
    pass_on_sentence(app);
    show_sentence(app);
    app->leaving = app->leaving || deeds_is_left(app->deeds);
}

/* Look after the clock: the UI's own deadline, and whether the sampler still moves. */
static void take_time(struct app *app)
{
    const uint64_t now_ns = platform_now_ns();
    if (now_ns >= ui_deadline_ns(app->ui)) {
        handle(app, &(struct event){.kind = EVENT_TICK, .now_ns = now_ns});
    }
    if (now_ns < app->stall_deadline_ns) {
        return;
    }
    app->stall_deadline_ns = now_ns + stall_check_ns;
    const struct source_stall stall = source_stall(app->source, now_ns);
    if (stall.stalled || app->stalled) {
        app->stalled = stall.stalled;
        handle(app, &(struct event){
                        .kind = EVENT_STALL,
                        .now_ns = now_ns,
                        .as.stall = {.stalled = stall.stalled,
                                     .pid = stall.pid,
                                     .since_ns = stall.since_ns},
                    });
    }
}

/* Pass on what the UI wants sampled, when it wants something else. */
static void follow_plan(struct app *app)
{
    struct plan wanted;
    if (app->shown == NULL) {
        return; // the first plan holds until there is something to look at
    }
    ui_plan(app->ui, &wanted);
    if (!plan_equal(&wanted, &app->plan)) {
        app->plan = wanted;
        source_set_plan(app->source, &wanted);
    }
}

static void present(struct app *app)
{
    if (!app->dirty) {
        return;
    }
    app->dirty = false;
    int x = -1;
    int y = 0;
    ui_draw(app->ui, &app->surface, &x, &y);
    if (term_present(app->term, &app->surface, x, y) != 0) {
        app->gone = true;
    }
}

/* When something is to be looked at whether or not anything happens. */
static uint64_t next_deadline_ns(const struct app *app)
{
    const uint64_t tick_ns = ui_deadline_ns(app->ui);
    const uint64_t deeds_ns = deeds_deadline_ns(app->deeds);
    const uint64_t own_ns = deeds_ns < app->stall_deadline_ns ? deeds_ns : app->stall_deadline_ns;
    return tick_ns < own_ns ? tick_ns : own_ns;
}

static void loop(struct app *app)
{
    while (!app->leaving) {
        follow_plan(app);
        present(app);
        if (app->gone) {
            return;
        }
        const unsigned ready = wait_for(app->wait, next_deadline_ns(app));
        if ((ready & READY_GONE) != 0) {
            app->gone = true;
            return;
        }
        take_signals(app);
        if (!take_input(app) && (ready & READY_INPUT) != 0 && wait_input_is_dead(app->wait)) {
            app->gone = true;
            return;
        }
        take_snapshot(app);
        take_deeds(app);
        take_time(app);
    }
}

/* What to read until the UI has seen the first processes: enough to sort them. */
static struct plan first_plan(const struct app_options *options)
{
    const struct settings *const settings = options->settings;
    const struct query_options query = {
        .sort = (enum column_id)(settings->tree ? settings->tree_sort : settings->sort),
        .filter = options->cli->filter != NULL ? options->cli->filter : "",
        .by_user = options->cli->by_user,
    };
    return (struct plan){
        .interval_ns = (uint64_t)settings->interval_ms * 1000000,
        .want = query_needs(&query),
        .threads = settings->user_threads,
    };
}

static void gather_signals(struct app *app)
{
    size_t count = 0;
    const struct platform_signal *const signals = platform_signals(&count);
    app->signal_count = count < SIGNALS_MAX ? count : SIGNALS_MAX;
    for (size_t i = 0; i < app->signal_count; i++) {
        app->signals[i] = (struct ui_signal){
            .number = signals[i].number,
            .name = signals[i].name,
            .help = signals[i].help,
        };
    }
}

static int create_ui(struct app *app)
{
    const struct app_options *const options = app->options;
    gather_signals(app);
    const struct ui_options ui_options = {
        .settings = options->settings,
        .keymap = options->keymap,
        .log = options->log,
        .journal = options->journal,
        .signals = app->signals,
        .signal_count = app->signal_count,
        .signal_default = SIGTERM,
        .signal_stop = SIGSTOP,
        .own_pid = platform_own_pid(),
        .refusal = app->refusal,
        .close_needs = platform_close_needs(),
        .colour = term_has_colour(app->term),
        .unicode = term_has_unicode(app->term),
        .braille = term_has_braille(app->term),
        .list =
            {
                .pids = options->cli->pid_count > 0 ? options->cli->pids : NULL,
                .pid_count = options->cli->pid_count,
                .by_user = options->cli->by_user,
                .user = options->cli->user,
                .filter = options->cli->filter,
            },
    };
    return ui_create(&ui_options, &app->ui);
}

/* Let the source act, unless nothing is to be done to anybody. */
static int enable_acting(struct app *app)
{
    const struct app_options *const options = app->options;
    if (options->cli->readonly) {
        app->refusal = "perch runs with --readonly";
    } else if (!platform_can_act()) {
        app->refusal = "this perch was built without actions";
    } else if (options->refusal != NULL) {
        app->refusal = options->refusal;
    } else {
        return source_enable_acting(app->source, action_log_record, options->action_log);
    }
    return 0;
}

static int create_deeds(struct app *app)
{
    const struct app_options *const options = app->options;
    const struct deeds_options deeds_options = {
        .source = app->source,
        .journal = options->journal,
        .log = options->log,
        .action_log = options->action_log,
        .keymap = options->keymap,
        .refusal = app->refusal,
        .other_proc = options->cli->proc_root != NULL,
        .unicode = term_has_unicode(app->term),
    };
    return deeds_create(&deeds_options, &app->deeds);
}

static void explain_terminal(int error)
{
    const char *const name = getenv("TERM");
    if (error == -ENOENT && (name == NULL || name[0] == '\0')) {
        (void)fprintf(stderr, "perch: TERM is not set, so the kind of terminal is unknown; set "
                              "it, for instance to xterm-256color\n");
    } else if (error == -ENOENT) {
        (void)fprintf(stderr, "perch: the terminal type in TERM is unknown here or cannot move a "
                              "cursor; set TERM, for instance to xterm-256color, or use --batch\n");
    } else {
        (void)fprintf(stderr, "perch: cannot use the terminal: %s\n", report_reason(error));
    }
}

/*
 * Put everything together. The source starts first: it scans while the terminal is set up.
 * True when the loop can run; the sentence for people is written otherwise.
 */
static bool start(struct app *app)
{
    int result = wait_create(true, term_emergency_restore, &app->wait);
    if (result == 0) {
        app->plan = first_plan(app->options);
        result = source_live(app->options->platform, &app->plan, wake, app->wait, &app->source);
    }
    if (result == 0) {
        result = enable_acting(app);
    }
    if (result != 0) {
        (void)fprintf(stderr, "perch: cannot start: %s\n", report_reason(result));
        return false;
    }
    const struct term_options options = term_options(app->options->settings);
    result = term_open(&options, &app->term);
    if (result != 0) {
        explain_terminal(result);
        return false;
    }
    int width = 0;
    int height = 0;
    term_size(app->term, &width, &height);
    result = surface_resize(&app->surface, width, height);
    if (result == 0) {
        result = create_deeds(app);
    }
    if (result == 0) {
        result = create_ui(app);
    }
    if (result != 0) {
        term_close(app->term);
        app->term = NULL;
        (void)fprintf(stderr, "perch: cannot start: %s\n", report_reason(result));
        return false;
    }
    return true;
}

/* True when all threads ended. */
static bool finish(struct app *app)
{
    if (!app->gone) {
        term_close(app->term); // first: whatever else takes time, the shell is back
    }
    ui_destroy(app->ui);
    deeds_destroy(app->deeds);
    surface_finish(&app->surface);
    if (!source_stop(app->source)) {
        return false; // a thread that hangs may still want to wake us
    }
    wait_destroy(app->wait);
    return true;
}

struct app_result app_run(const struct app_options *options)
{
    struct app_result result = {.status = 1, .ended = true};
    struct app *const app = calloc(1, sizeof(*app)); // 100 KiB of effects: not for the stack
    if (app == NULL) {
        (void)fprintf(stderr, "perch: cannot start: out of memory\n");
        return result;
    }
    app->options = options;
    app->status = 0;
    if (start(app)) {
        adopt_size(app);
        if (options->complaint != NULL) {
            say(app, options->complaint, true);
            handle(app, &(struct event){.kind = EVENT_TICK, .now_ns = platform_now_ns()});
        }
        app->stall_deadline_ns = platform_now_ns() + stall_check_ns;
        loop(app);
        result.status = app->status;
    }
    if (app->gone) { // touch nothing more: curses would write to a terminal that is not there
        result.status = app->status != 0 ? app->status : HANGUP_STATUS;
        result.ended = false;
        return result;
    }
    result.ended = finish(app);
    free(app);
    return result;
}
