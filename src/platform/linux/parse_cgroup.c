#include "platform/linux/parse_cgroup.h"

#include <string.h>

/* A part of the buffer that shrinks from its beginning. */
struct span {
    const char *at;
    const char *end;
};

static size_t span_len(const struct span *span)
{
    return (size_t)(span->end - span->at);
}

static bool is_word(const struct span *span, const char *word)
{
    const size_t len = strlen(word);
    return span_len(span) == len && memcmp(span->at, word, len) == 0;
}

/* What comes before the next `mark`, which is skipped; everything when there is none. */
static bool take_until(struct span *span, char mark, struct span *ret)
{
    if (span->at >= span->end) {
        return false;
    }
    const char *const found = memchr(span->at, mark, span_len(span));
    *ret = (struct span){.at = span->at, .end = found ? found : span->end};
    span->at = found ? found + 1 : span->end;
    return true;
}

/* Whether a list like "rw,cpu,cpuacct" has the word. */
static bool list_has(struct span list, const char *word)
{
    struct span item;
    while (take_until(&list, ',', &item)) {
        if (is_word(&item, word)) {
            return true;
        }
    }
    return false;
}

bool parse_cgroup_path(struct raw_bytes file, const char *controller, struct raw_bytes *ret)
{
    struct span text = {.at = file.ptr, .end = file.ptr + file.len};
    struct span line;
    while (take_until(&text, '\n', &line)) {
        struct span number;
        struct span controllers; // "0::/path" is v2, "3:cpu,cpuacct:/path" is v1
        if (!take_until(&line, ':', &number) || !take_until(&line, ':', &controllers) ||
            line.at >= line.end || *line.at != '/') {
            continue;
        }
        if (controller ? list_has(controllers, controller)
                       : is_word(&number, "0") && span_len(&controllers) == 0) {
            *ret = (struct raw_bytes){.ptr = line.at, .len = (uint32_t)span_len(&line)};
            return true;
        }
    }
    return false;
}

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* Blanks, newlines and backslashes are "\ooo" in mountinfo. False when it is too long. */
static bool unescape(struct span escaped, char ret[PARSE_CGROUP_PATH])
{
    size_t len = 0;
    while (escaped.at < escaped.end && len < PARSE_CGROUP_PATH - 1) {
        char c = *escaped.at++;
        if (c == '\\' && span_len(&escaped) >= 3 && is_octal(escaped.at[0]) &&
            is_octal(escaped.at[1]) && is_octal(escaped.at[2])) {
            const int value =
                (escaped.at[0] & 3) << 6 | (escaped.at[1] & 7) << 3 | (escaped.at[2] & 7);
            c = (char)value;
            escaped.at += 3;
        }
        ret[len++] = c;
    }
    ret[len] = '\0';
    return escaped.at == escaped.end;
}

static bool take_mount(struct span line, const char *controller, struct parse_cgroup_mount *ret)
{
    // id parent device root mount-point options [tags...] - type source super-options
    struct span word;
    struct span root = {0};
    struct span point = {0};
    for (int field = 1; field <= 5; field++) {
        if (!take_until(&line, ' ', &word)) {
            return false;
        }
        root = field == 4 ? word : root;
        point = field == 5 ? word : point;
    }
    bool behind_tags = false;
    while (!behind_tags && take_until(&line, ' ', &word)) {
        behind_tags = is_word(&word, "-");
    }
    if (!behind_tags || !take_until(&line, ' ', &word) ||
        !is_word(&word, controller ? "cgroup" : "cgroup2")) {
        return false;
    }
    if (controller && (!take_until(&line, ' ', &word) || !take_until(&line, ' ', &word) ||
                       !list_has(word, controller))) {
        return false;
    }
    return unescape(root, ret->root) && unescape(point, ret->point);
}

bool parse_cgroup_mount(struct raw_bytes mountinfo, size_t *at, const char *controller,
                        struct parse_cgroup_mount *ret)
{
    struct span text = {.at = mountinfo.ptr + *at, .end = mountinfo.ptr + mountinfo.len};
    struct span line;
    while (take_until(&text, '\n', &line)) {
        if (take_mount(line, controller, ret)) {
            *at = (size_t)(text.at - mountinfo.ptr);
            return true;
        }
    }
    *at = mountinfo.len;
    return false;
}

bool parse_cgroup_below(struct raw_bytes path, const char *root, char *ret, size_t size)
{
    struct span rest = {.at = path.ptr, .end = path.ptr + path.len};
    const size_t root_len = strlen(root);
    if (strcmp(root, "/") != 0) {
        if (span_len(&rest) < root_len || memcmp(rest.at, root, root_len) != 0) {
            return false;
        }
        rest.at += root_len;
    }
    if (rest.at < rest.end && *rest.at++ != '/') {
        return false; // "/ab" is not below "/a"
    }
    if (rest.at < rest.end && memchr(rest.at, '\0', span_len(&rest))) {
        return false; // the kernel writes none, and it would cut the path
    }
    struct span left = rest;
    struct span name;
    while (take_until(&left, '/', &name)) {
        if (is_word(&name, "..") || span_len(&name) == 0) {
            return false;
        }
    }
    const size_t len = span_len(&rest);
    if (len + 2 > size) {
        return false;
    }
    memcpy(ret, rest.at, len);
    memcpy(ret + len, len > 0 ? "" : ".", len > 0 ? 1 : 2);
    return true;
}

/* --- what a cgroup is of ---------------------------------------------------------------------- */

enum {
    ID_DIGITS = 64, // of a container's id
    ID_SHOWN = 12,  // of which its tools show so many
};

static bool has_end(const struct span *span, const char *end)
{
    const size_t len = strlen(end);
    return span_len(span) > len && memcmp(span->end - len, end, len) == 0;
}

static bool has_start(const struct span *span, const char *start)
{
    const size_t len = strlen(start);
    return span_len(span) > len && memcmp(span->at, start, len) == 0;
}

static bool is_hex(const char *at, size_t len)
{
    while (len > 0 && ((at[len - 1] >= '0' && at[len - 1] <= '9') ||
                       (at[len - 1] >= 'a' && at[len - 1] <= 'f'))) {
        len--;
    }
    return len == 0;
}

/* "<id>", "docker-<id>", "cri-containerd:<id>"; not the monitor that stays outside. */
static bool take_id(struct span name, struct span *ret)
{
    const size_t len = span_len(&name);
    if (len < ID_DIGITS || !is_hex(name.end - ID_DIGITS, ID_DIGITS) ||
        (len > ID_DIGITS && name.end[-ID_DIGITS - 1] != '-' && name.end[-ID_DIGITS - 1] != ':') ||
        memmem(name.at, len, "conmon", 6)) {
        return false;
    }
    *ret = (struct span){.at = name.end - ID_DIGITS, .end = name.end - ID_DIGITS + ID_SHOWN};
    return true;
}

/* One directory of a path, and the one it is in. */
static bool take_container(struct span name, const struct span *parent, struct span *ret)
{
    static const char scope[] = ".scope";
    const bool is_scope = has_end(&name, scope);
    if (is_scope) {
        name.end -= sizeof(scope) - 1;
    }
    if (take_id(name, ret)) {
        return true;
    }
    static const char machine[] = "machine-";
    static const char payload[] = "lxc.payload.";
    const size_t skip = is_scope && is_word(parent, "machine.slice") && has_start(&name, machine)
                            ? sizeof(machine) - 1
                        : has_start(&name, payload)                    ? sizeof(payload) - 1
                        : is_word(parent, "lxc") && name.at < name.end ? 0
                                                                       : SIZE_MAX;
    if (skip == SIZE_MAX) {
        return false;
    }
    *ret = (struct span){.at = name.at + skip, .end = name.end};
    return true;
}

static bool take_service(struct span name, const struct span *parent, struct span *ret)
{
    (void)parent;
    *ret = name;
    return has_end(&name, ".service") && !has_start(&name, "user@");
}

/* The innermost directory of the first path in the file that has one like that. */
static bool find_inner(struct raw_bytes file, struct raw_bytes *ret,
                       bool (*take)(struct span name, const struct span *parent, struct span *ret))
{
    struct span text = {.at = file.ptr, .end = file.ptr + file.len};
    struct span line;
    bool found = false;
    while (!found && take_until(&text, '\n', &line)) {
        struct span word; // the number and the controllers
        if (!take_until(&line, ':', &word) || !take_until(&line, ':', &word)) {
            continue;
        }
        struct span parent = {0};
        struct span is;
        while (take_until(&line, '/', &word)) {
            if (take(word, &parent, &is)) {
                *ret = (struct raw_bytes){.ptr = is.at, .len = (uint32_t)span_len(&is)};
                found = true;
            }
            parent = word;
        }
    }
    return found;
}

bool parse_cgroup_container(struct raw_bytes file, struct raw_bytes *ret)
{
    return find_inner(file, ret, take_container);
}

bool parse_cgroup_service(struct raw_bytes file, struct raw_bytes *ret)
{
    return find_inner(file, ret, take_service);
}
