#include "check.h"
#include "config.h"
#include "model/settings.h"
#include "ui/keymap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMPLAINTS_MAX = 16, PATH_BYTES = 512, FILE_BYTES = 65536 };

/* A directory of its own for every test, and what was complained about. */
struct place {
    char dir[64];
    struct settings settings;
    struct keymap *keymap;
    size_t complaints;
    char sentences[COMPLAINTS_MAX][PATH_BYTES];
};

static void note(void *context, const char *sentence)
{
    struct place *const place = context;
    assert_true(place->complaints < COMPLAINTS_MAX);
    (void)snprintf(place->sentences[place->complaints++], PATH_BYTES, "%s", sentence);
}

static int set_up(void **state)
{
    struct place *const place = calloc(1, sizeof(*place));
    if (place == NULL || keymap_create(&place->keymap) != 0) {
        return -1;
    }
    memcpy(place->dir, "/tmp/perch-config-XXXXXX", 25);
    settings_init(&place->settings);
    *state = place;
    return mkdtemp(place->dir) != NULL ? 0 : -1;
}

static const char *in(const struct place *place, const char *name)
{
    static char path[PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/%s", place->dir, name);
    return path;
}

static int tear_down(void **state)
{
    struct place *const place = *state;
    static const char *const names[] = {
        "settings", "keys", "real/settings", "real/perch.conf", "a/b/settings", "a/b", "a",
        "real",     ""};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)remove(in(place, names[i])); // most tests make few of them
    }
    keymap_destroy(place->keymap);
    const int left = access(place->dir, F_OK); // a temporary file was left behind
    free(place);
    return left == 0 ? -1 : 0;
}

static void put(const struct place *place, const char *name, const char *text, size_t len)
{
    FILE *const file = fopen(in(place, name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void load(struct place *place)
{
    config_load(place->dir, &place->settings, place->keymap, note, place);
}

static void saved_settings_come_back(void **state)
{
    struct place *const place = *state;
    char sentence[PATH_BYTES];
    struct strbuf buf;
    str_init(&buf, sentence, sizeof(sentence));
    place->settings.interval_ms = 2500;
    place->settings.tree = !place->settings.tree;
    const bool tree = place->settings.tree;
    struct table_settings *disks = &place->settings.tables[TABLE_DISKS];
    *disks = (struct table_settings){.columns = {3, 0}, .column_count = 2, .sort = 3};
    assert_int_equal(config_save(place->dir, &place->settings, &buf), 0);
    assert_non_null(strstr(sentence, "settings saved in /tmp/perch-config-"));
    settings_init(&place->settings);
    load(place);
    assert_int_equal(place->complaints, 0);
    assert_int_equal(place->settings.interval_ms, 2500);
    assert_int_equal(place->settings.tree, tree);
    assert_int_equal(disks->column_count, 2);
    assert_int_equal(disks->columns[0], 3);
    assert_int_equal(disks->sort, 3);
    assert_false(disks->descending);
}

static void a_missing_directory_is_made_for_its_owner_only(void **state)
{
    struct place *const place = *state;
    char sentence[PATH_BYTES];
    struct strbuf buf;
    struct stat st;
    str_init(&buf, sentence, sizeof(sentence));
    assert_int_equal(config_save(in(place, "a/b"), &place->settings, &buf), 0);
    assert_int_equal(stat(in(place, "a/b"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat(in(place, "a/b/settings"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_link_stays_and_what_it_points_to_is_replaced(void **state)
{
    struct place *const place = *state;
    char sentence[PATH_BYTES];
    struct strbuf buf;
    struct stat st;
    assert_int_equal(mkdir(in(place, "real"), 0755), 0);
    put(place, "real/perch.conf", "# old\n", 6);
    assert_int_equal(chmod(in(place, "real/perch.conf"), 0640), 0);
    assert_int_equal(symlink("real/perch.conf", in(place, "settings")), 0);
    str_init(&buf, sentence, sizeof(sentence));
    assert_int_equal(config_save(place->dir, &place->settings, &buf), 0);
    assert_int_equal(lstat(in(place, "settings"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(lstat(in(place, "real/perch.conf"), &st), 0);
    assert_true(S_ISREG(st.st_mode) && st.st_size > 6);
    assert_int_equal(st.st_mode & 0777, 0640);
}

static void only_writable_regular_files_are_replaced(void **state)
{
    struct place *const place = *state;
    static const struct {
        const char *target; // of a link named settings; NULL: a directory, "": a read-only file
        int error;
        const char *why;
    } cases[] = {
        {"/dev/null", -EINVAL, "it is not a regular file"},
        {"nowhere", -ENOENT, "it is a link to something that does not exist"},
        {NULL, -EINVAL, "it is not a regular file"},
        {"", -EACCES, "it is write-protected"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cases[i].target == NULL) {
            assert_int_equal(mkdir(in(place, "settings"), 0700), 0);
        } else if (cases[i].target[0] == '\0') {
            put(place, "settings", "x", 1);
            assert_int_equal(chmod(in(place, "settings"), 0400), 0);
        } else {
            assert_int_equal(symlink(cases[i].target, in(place, "settings")), 0);
        }
        char sentence[PATH_BYTES];
        struct strbuf buf;
        str_init(&buf, sentence, sizeof(sentence));
        assert_int_equal(config_save(place->dir, &place->settings, &buf), cases[i].error);
        assert_non_null(strstr(sentence, "settings not saved in "));
        assert_non_null(strstr(sentence, cases[i].why));
        assert_int_equal(remove(in(place, "settings")), 0);
    }
    struct stat st;
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
}

static void a_directory_that_cannot_be_written_keeps_the_old_file(void **state)
{
    struct place *const place = *state;
    put(place, "settings", "# old\n", 6);
    assert_int_equal(chmod(place->dir, 0500), 0);
    char sentence[PATH_BYTES];
    struct strbuf buf;
    str_init(&buf, sentence, sizeof(sentence));
    if (geteuid() != 0) { // root writes everywhere
        assert_int_equal(config_save(place->dir, &place->settings, &buf), -EACCES);
        assert_non_null(strstr(sentence, "permission denied"));
    }
    assert_int_equal(chmod(place->dir, 0700), 0);
    struct stat st;
    assert_int_equal(stat(in(place, "settings"), &st), 0);
    assert_int_equal(st.st_size, 6);
}

static void wrong_lines_are_named_and_left_out(void **state)
{
    struct place *const place = *state;
    static const char settings[] = "# mine\ninterval = 2\r\nnonsense = 1\n\ntree = perhaps\n";
    static const char keys[] = "# keys\r\n\ntable x quit\ntable y no-such-action\ntable\0z quit\n"
                               "table C-x quit";
    put(place, "settings", settings, sizeof(settings) - 1);
    put(place, "keys", keys, sizeof(keys) - 1);
    load(place);
    static const char *const wanted[] = {"settings:3: ", "settings:5: ", "keys:4: ",
                                         "keys:5: there is a NUL byte in this line"};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        assert_true(i < place->complaints);
        assert_non_null(strstr(place->sentences[i], wanted[i]));
        assert_int_equal(strncmp(place->sentences[i], place->dir, strlen(place->dir)), 0);
    }
    assert_int_equal(place->complaints, 4);
    struct key key;
    assert_true(key_parse("x", &key));
    assert_int_equal(keymap_find(place->keymap, CONTEXT_TABLE, key), ACTION_QUIT);
    assert_true(key_parse("C-x", &key)); // the last line needs no end
    assert_int_equal(keymap_find(place->keymap, CONTEXT_TABLE, key), ACTION_QUIT);
}

static void files_that_do_not_exist_are_not_missed(void **state)
{
    struct place *const place = *state;
    load(place);
    assert_int_equal(place->complaints, 0);
    config_load("/dev/null/nothing", &place->settings, place->keymap, note, place);
    assert_int_equal(place->complaints, 0);
}

/* As nobody, who may not look into the directory. Owns: nothing; it is a child's. */
static int complaints_of_nobody(struct place *place)
{
    const pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && seteuid(65534) != 0) {
            _exit(99);
        }
        load(place);
        const bool names_it = place->complaints > 0 && strstr(place->sentences[0], place->dir) &&
                              strstr(place->sentences[0], "permission denied");
        _exit(config_is_closed(place->dir) && names_it ? (int)place->complaints : 98);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void a_directory_that_may_not_be_looked_into_is_told_once(void **state)
{
    struct place *const place = *state;
    put(place, "settings", "", 0);
    put(place, "keys", "", 0);
    assert_false(config_is_closed(place->dir));
    assert_int_equal(chmod(place->dir, 0), 0);
    const int complaints = complaints_of_nobody(place);
    assert_int_equal(chmod(place->dir, 0700), 0);
    assert_int_equal(complaints, 1);
}

static void what_is_no_sensible_file_is_not_read(void **state)
{
    struct place *const place = *state;
    assert_int_equal(mkfifo(in(place, "settings"), 0600), 0); // nobody writes: must not wait
    put(place, "keys", "", 0);
    assert_int_equal(truncate(in(place, "keys"), 1 << 20), 0);
    load(place);
    assert_int_equal(place->complaints, 2);
    assert_non_null(strstr(place->sentences[0], "settings: not used, because it is not a regular"));
    assert_non_null(strstr(place->sentences[1], "keys: not used, because it is larger than 1 MiB"));
}

static void the_directory_comes_from_option_then_xdg_then_home(void **state)
{
    (void)state;
    static const struct {
        const char *option, *xdg, *home, *dir;
    } cases[] = {
        {"x/y", "/xdg", "/home/me", "x/y"},
        {NULL, "/xdg", "/home/me", "/xdg/perch"},
        {NULL, "relative", "/home/me", "/home/me/.config/perch"},
        {NULL, "", "/home/me", "/home/me/.config/perch"},
        {NULL, NULL, "/home/me", "/home/me/.config/perch"},
        {NULL, NULL, "relative", NULL},
        {NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char dir[PATH_BYTES] = "untouched";
        (void)(cases[i].xdg != NULL ? setenv("XDG_CONFIG_HOME", cases[i].xdg, 1)
                                    : unsetenv("XDG_CONFIG_HOME"));
        (void)(cases[i].home != NULL ? setenv("HOME", cases[i].home, 1) : unsetenv("HOME"));
        const int result = config_find_dir(cases[i].option, dir, sizeof(dir));
        assert_int_equal(result, cases[i].dir != NULL ? 0 : -ENOENT);
        if (cases[i].dir != NULL) {
            assert_string_equal(dir, cases[i].dir);
        }
    }
}

#define IN_A_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_PLACE(saved_settings_come_back),
        IN_A_PLACE(a_missing_directory_is_made_for_its_owner_only),
        IN_A_PLACE(a_link_stays_and_what_it_points_to_is_replaced),
        IN_A_PLACE(only_writable_regular_files_are_replaced),
        IN_A_PLACE(a_directory_that_cannot_be_written_keeps_the_old_file),
        IN_A_PLACE(wrong_lines_are_named_and_left_out),
        IN_A_PLACE(files_that_do_not_exist_are_not_missed),
        IN_A_PLACE(a_directory_that_may_not_be_looked_into_is_told_once),
        IN_A_PLACE(what_is_no_sensible_file_is_not_read),
        cmocka_unit_test(the_directory_comes_from_option_then_xdg_then_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
