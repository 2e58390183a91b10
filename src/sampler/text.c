#include "sampler/text.h"

#include "base/arena.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

static struct text text_empty(void)
{
    return (struct text){.ptr = ""};
}

/* Eight bytes at a time: nearly all names and command lines are printable ASCII, and this is
 * asked for every process at every scan. */
static bool is_plain(const char *ptr, size_t len)
{
    const uint64_t ones = 0x0101010101010101u;
    size_t i = 0;
    for (; i + sizeof(uint64_t) <= len; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, ptr + i, sizeof(word));
        const uint64_t below_space = (word - 0x20 * ones) & ~word;
        const uint64_t with_del = word ^ (0x7f * ones);
        const uint64_t is_del = (with_del - ones) & ~with_del;
        if (((word | below_space | is_del) & (0x80 * ones)) != 0) {
            return false;
        }
    }
    for (; i < len; i++) {
        if (ptr[i] < 0x20 || ptr[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

static struct text text_place(struct arena *arena, const char *ptr, uint32_t bytes, uint32_t cells)
{
    char *copy = arena_alloc(arena, bytes + 1u, 1);
    if (copy == NULL) {
        return text_empty();
    }
    memcpy(copy, ptr, bytes);
    return (struct text){.ptr = copy, .bytes = bytes, .cells = cells};
}

struct text text_copy(struct arena *arena, struct text text)
{
    return text.bytes == 0 ? text_empty() : text_place(arena, text.ptr, text.bytes, text.cells);
}

struct text text_write(char out[TEXT_SAFE_SIZE], const char *ptr, size_t len)
{
    uint32_t cells = 0;
    const size_t bytes = utf8_make_safe(ptr, len < TEXT_INPUT_MAX ? len : TEXT_INPUT_MAX, out,
                                        TEXT_SAFE_SIZE, &cells);
    return (struct text){.ptr = out, .bytes = (uint32_t)bytes, .cells = cells};
}

struct text text_from_bytes(struct arena *arena, const char *ptr, size_t len)
{
    if (len == 0) {
        return text_empty();
    }
    if (len <= TEXT_INPUT_MAX && is_plain(ptr, len)) {
        return text_place(arena, ptr, (uint32_t)len, (uint32_t)len);
    }
    char safe[TEXT_SAFE_SIZE];
    return text_copy(arena, text_write(safe, ptr, len));
}

struct text text_from_all(struct arena *arena, const char *ptr, size_t len)
{
    if (len <= TEXT_INPUT_MAX) {
        return text_from_bytes(arena, ptr, len);
    }
    const size_t size = 3 * len + 1; // see TEXT_SAFE_SIZE
    char *const safe = len < UINT32_MAX / 3 ? arena_alloc(arena, size, 1) : NULL;
    if (safe == NULL) {
        return text_empty();
    }
    uint32_t cells = 0;
    const size_t bytes = utf8_make_safe(ptr, len, safe, size, &cells);
    return (struct text){.ptr = safe, .bytes = (uint32_t)bytes, .cells = cells};
}

/*
 * Where the program's own name ends in `argv` (trailing NULs gone). With arguments that is the
 * first one, whole, because a path may contain spaces. A single block may be a title written by
 * the program itself ("nginx: worker process", "/opt/browser --type=gpu"), so there the name
 * ends at the first space, or at a colon in front of it.
 */
static size_t program_end(const char *argv, size_t len)
{
    const char *nul = memchr(argv, '\0', len);
    if (nul != NULL) {
        return (size_t)(nul - argv);
    }
    const char *space = memchr(argv, ' ', len);
    size_t end = space == NULL ? len : (size_t)(space - argv);
    if (space != NULL && end > 1 && argv[end - 1] == ':') {
        end--;
    }
    return end;
}

static size_t base_name_start(const char *argv, size_t end)
{
    size_t at = end;
    while (at > 0 && argv[at - 1] != '/') {
        at--;
    }
    return at < end ? at : 0; // "dir/" has no base name: take it whole
}

struct text text_write_argv(char out[TEXT_SAFE_SIZE], const char *ptr, size_t len,
                            uint32_t *ret_name_at, uint32_t *ret_name_bytes)
{
    len = len < TEXT_INPUT_MAX ? len : TEXT_INPUT_MAX;
    while (len > 0 && ptr[len - 1] == '\0') {
        len--;
    }
    char joined[TEXT_INPUT_MAX];
    for (size_t i = 0; i < len; i++) {
        joined[i] = ptr[i] == '\0' ? ' ' : ptr[i];
    }
    /* The cuts are at ASCII characters, so making the three parts safe one by one breaks no
     * character apart, and the name's place is known even where bytes had to be replaced. */
    const size_t end = program_end(ptr, len);
    const size_t start = base_name_start(ptr, end);
    const size_t cut[4] = {0, start, end, len};
    size_t part[3] = {0};
    size_t bytes = 0;
    uint32_t cells = 0;
    out[0] = '\0';
    for (size_t i = 0; i < 3; i++) {
        uint32_t part_cells = 0;
        part[i] = utf8_make_safe(joined + cut[i], cut[i + 1] - cut[i], out + bytes,
                                 TEXT_SAFE_SIZE - bytes, &part_cells);
        bytes += part[i];
        cells += part_cells;
    }
    *ret_name_at = (uint32_t)part[0];
    *ret_name_bytes = (uint32_t)part[1];
    return (struct text){.ptr = out, .bytes = (uint32_t)bytes, .cells = cells};
}

struct text text_from_argv(struct arena *arena, const char *ptr, size_t len, uint32_t *ret_name_at,
                           uint32_t *ret_name_bytes)
{
    char safe[TEXT_SAFE_SIZE];
    uint32_t at = 0;
    uint32_t bytes = 0;
    const struct text text = text_copy(arena, text_write_argv(safe, ptr, len, &at, &bytes));
    *ret_name_at = text.bytes == 0 ? 0 : at;
    *ret_name_bytes = text.bytes == 0 ? 0 : bytes;
    return text;
}
