#include "config.h"

#include "model/settings.h"
#include "report.h"
#include "ui/keymap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_BYTES_MAX = 1 << 20, // nobody writes more by hand
    SENTENCE_BYTES = 1024,
    WRITE_BYTES_MAX = 1 << 16, // of a settings file we write
    DIR_MODE = 0700,
};

/* Appends `tail` to an absolute directory from the environment. */
static int from_environment(const char *name, const char *tail, char *ret, size_t size)
{
    const char *const value = secure_getenv(name);
    if (value == NULL || value[0] != '/') {
        return -ENOENT;
    }
    struct strbuf path;
    str_init(&path, ret, size);
    str_addf(&path, "%s%s", value, tail);
    return path.overflow ? -ENAMETOOLONG : 0;
}

int config_find_dir(const char *option, char *ret, size_t size)
{
    if (getauxval(AT_SECURE) != 0) {
        return -ENOENT;
    }
    if (option != NULL) {
        struct strbuf path;
        str_init(&path, ret, size);
        str_add(&path, option);
        return path.overflow ? -ENAMETOOLONG : 0;
    }
    const int result = from_environment("XDG_CONFIG_HOME", "/perch", ret, size);
    return result != -ENOENT ? result : from_environment("HOME", "/.config/perch", ret, size);
}

/* Whom to tell about what in a file. */
struct reader {
    const char *path;
    config_complaint *complain;
    void *context;
};

static void complain_file(const struct reader *reader, const char *what)
{
    char bytes[CONFIG_PATH_BYTES + SENTENCE_BYTES];
    struct strbuf sentence;
    str_init(&sentence, bytes, sizeof(bytes));
    str_addf(&sentence, "%s: %s", reader->path, what);
    reader->complain(reader->context, sentence.ptr);
}

static void complain_line(void *context, int line, const char *what)
{
    const struct reader *const reader = context;
    char bytes[CONFIG_PATH_BYTES + SENTENCE_BYTES];
    struct strbuf sentence;
    str_init(&sentence, bytes, sizeof(bytes));
    str_addf(&sentence, "%s:%d: %s", reader->path, line, what);
    reader->complain(reader->context, sentence.ptr);
}

static int read_fully(int fd, char *buf, size_t size, size_t *ret_len)
{
    size_t len = 0;
    while (len < size) {
        const ssize_t n = read(fd, buf + len, size - len);
        if (n == 0) {
            break;
        }
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        len += n > 0 ? (size_t)n : 0;
    }
    *ret_len = len;
    return 0;
}

/* Read an open file that passed no check yet. The result is the caller's and ends in NUL. */
static char *read_regular(int fd, const struct reader *reader, size_t *ret_len)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        complain_file(reader, "not used, because it is not a regular file");
        return NULL;
    }
    if (st.st_size >= FILE_BYTES_MAX) {
        complain_file(reader, "not used, because it is larger than 1 MiB");
        return NULL;
    }
    char *const text = malloc(FILE_BYTES_MAX + 1); // it may grow while it is read
    size_t len = 0;
    const int result = text == NULL ? -ENOMEM : read_fully(fd, text, FILE_BYTES_MAX, &len);
    if (result != 0) {
        complain_file(reader, report_reason(result));
        free(text);
        return NULL;
    }
    text[len] = '\0';
    *ret_len = len;
    return text;
}

/* The content of a file, the caller's to free; NULL when there is nothing to use. */
static char *read_file(const struct reader *reader, size_t *ret_len)
{
    const int fd = open(reader->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        if (errno != ENOENT && errno != ENOTDIR) {
            complain_file(reader, report_reason(errno));
        }
        return NULL;
    }
    char *const text = read_regular(fd, reader, ret_len);
    (void)close(fd); // only read from
    return text;
}

/* Give every line to the keymap. The text is cut up. */
static void apply_keys(char *text, size_t len, struct keymap *keymap, struct reader *reader)
{
    char bytes[SENTENCE_BYTES];
    char *line = text;
    for (int number = 1; line < text + len; number++) {
        char *end = memchr(line, '\n', (size_t)(text + len - line));
        if (end == NULL) {
            end = text + len;
        }
        char *const next = end + 1;
        if (end > line && end[-1] == '\r') {
            end--;
        }
        *end = '\0';
        struct strbuf error;
        str_init(&error, bytes, sizeof(bytes));
        if (strlen(line) != (size_t)(end - line)) {
            complain_line(reader, number, "there is a NUL byte in this line");
        } else if (keymap_bind_line(keymap, line, &error) != 0) {
            complain_line(reader, number, error.ptr);
        }
        line = next;
    }
}

/* "DIR/NAME". Errors: false when it is too long. */
static bool join(const char *dir, const char *name, char *ret, size_t size)
{
    struct strbuf path;
    str_init(&path, ret, size);
    str_addf(&path, "%s/%s", dir, name);
    return !path.overflow;
}

bool config_is_closed(const char *dir)
{
    return faccessat(AT_FDCWD, dir, X_OK, AT_EACCESS) != 0 && errno == EACCES;
}

void config_load(const char *dir, struct settings *settings, struct keymap *keymap,
                 config_complaint *complain, void *context)
{
    char path[CONFIG_PATH_BYTES];
    struct reader reader = {.path = path, .complain = complain, .context = context};
    size_t len = 0;
    if (config_is_closed(dir)) { // said once, not of each file
        reader.path = dir;
        complain_file(&reader, report_reason(EACCES));
        return;
    }
    if (join(dir, "settings", path, sizeof(path))) {
        char *const text = read_file(&reader, &len);
        if (text != NULL) {
            settings_apply(settings, text, len, complain_line, &reader);
        }
        free(text);
    }
    if (join(dir, "keys", path, sizeof(path))) {
        char *const text = read_file(&reader, &len);
        if (text != NULL) {
            apply_keys(text, len, keymap, &reader);
        }
        free(text);
    }
}

/* Make a directory and what is missing above it. */
static int make_dirs(const char *dir)
{
    char path[CONFIG_PATH_BYTES];
    struct strbuf whole;
    str_init(&whole, path, sizeof(path));
    str_add(&whole, dir);
    if (whole.overflow) {
        return -ENAMETOOLONG;
    }
    for (char *at = path + 1; path[0] != '\0'; at++) {
        if (*at != '/' && *at != '\0') {
            continue;
        }
        const char kept = *at;
        *at = '\0';
        if (mkdir(path, DIR_MODE) != 0 && errno != EEXIST) {
            // above home some file systems refuse even to be asked: only the whole counts
            const int result = -errno;
            struct stat st;
            if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
                return result;
            }
        }
        *at = kept;
        if (kept == '\0') {
            break;
        }
    }
    return 0;
}

static int write_fully(int fd, const char *ptr, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(fd, ptr, len);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n > 0) {
            ptr += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/*
 * Fill a fresh file and bring it to the disk. `like` is the file it will replace, NULL for
 * none. Whether the owner can be kept is not ours to decide; mostly it is ours anyway.
 */
static int fill_file(int fd, const struct strbuf *text, const struct stat *like)
{
    if (like != NULL) {
        if (fchown(fd, like->st_uid, like->st_gid) != 0 && errno != EPERM) {
            return -errno;
        }
        if (fchmod(fd, like->st_mode & 07777) != 0) {
            return -errno;
        }
    }
    const int result = write_fully(fd, text->ptr, text->len);
    if (result != 0) {
        return result;
    }
    return fsync(fd) == 0 || errno == EINVAL ? 0 : -errno;
}

static int replace_file(const char *target, const struct strbuf *text, const struct stat *like)
{
    char temporary[CONFIG_PATH_BYTES];
    struct strbuf name;
    str_init(&name, temporary, sizeof(temporary));
    str_addf(&name, "%s.XXXXXX", target);
    if (name.overflow) {
        return -ENAMETOOLONG;
    }
    const int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int result = fill_file(fd, text, like);
    if (close(fd) != 0 && result == 0) {
        result = -errno;
    }
    if (result == 0 && rename(temporary, target) != 0) {
        result = -errno;
    }
    if (result != 0) {
        (void)unlink(temporary); // the reason to tell is the first one
    }
    return result;
}

/* Find the file that is really meant and see that it may be replaced. */
static int check_target(const char *path, char *real, struct stat *ret, bool *ret_exists,
                        const char **ret_why)
{
    struct stat st;
    if (lstat(path, &st) != 0) {
        *ret_exists = false;
        struct strbuf same;
        str_init(&same, real, CONFIG_PATH_BYTES);
        str_add(&same, path);
        return errno == ENOENT ? 0 : -errno;
    }
    char *const resolved = realpath(path, NULL);
    if (resolved == NULL) {
        *ret_why = "it is a link to something that does not exist";
        return -errno;
    }
    struct strbuf copy;
    str_init(&copy, real, CONFIG_PATH_BYTES);
    str_add(&copy, resolved);
    free(resolved);
    if (copy.overflow) {
        return -ENAMETOOLONG;
    }
    if (stat(real, &st) != 0) {
        return -errno;
    }
    if (!S_ISREG(st.st_mode)) {
        *ret_why = "it is not a regular file";
        return -EINVAL;
    }
    if ((st.st_mode & S_IWUSR) == 0) {
        *ret_why = "it is write-protected";
        return -EACCES;
    }
    *ret = st;
    *ret_exists = true;
    return 0;
}

static int save_at(const char *path, const struct settings *settings, const char **ret_why)
{
    char real[CONFIG_PATH_BYTES];
    struct stat old;
    bool exists = false;
    int result = check_target(path, real, &old, &exists, ret_why);
    if (result != 0) {
        return result;
    }
    char *const bytes = malloc(WRITE_BYTES_MAX);
    if (bytes == NULL) {
        return -ENOMEM;
    }
    struct strbuf text;
    str_init(&text, bytes, WRITE_BYTES_MAX);
    settings_write(settings, &text);
    result = text.overflow ? -EFBIG : replace_file(real, &text, exists ? &old : NULL);
    free(bytes);
    return result;
}

int config_save(const char *dir, const struct settings *settings, struct strbuf *sentence)
{
    char path[CONFIG_PATH_BYTES];
    const char *why = NULL;
    int result = -ENAMETOOLONG;
    if (join(dir, "settings", path, sizeof(path))) {
        result = make_dirs(dir);
    }
    if (result == 0) {
        result = save_at(path, settings, &why);
    }
    if (result == 0) {
        str_addf(sentence, "settings saved in %s", path);
    } else {
        str_addf(sentence, "settings not saved in %s: %s", path,
                 why != NULL ? why : report_reason(result));
    }
    return result;
}
