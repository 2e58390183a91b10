#ifndef SAMPLER_TEXT_H
#define SAMPLER_TEXT_H

#include "model/snapshot.h"
#include "platform/platform.h"

#include <stddef.h>
#include <stdint.h>

struct arena;

enum {
    TEXT_INPUT_MAX = 4096,                   // bytes looked at; the rest is cut
    TEXT_SAFE_SIZE = 3 * TEXT_INPUT_MAX + 1, // room for any of them made safe, NUL included
};

/*
 * The one place where bytes from outside become text that is safe to show.
 * Owns: the arena.
 * Errors: when the arena is full, the empty text.
 */
struct text text_from_bytes(struct arena *arena, const char *ptr, size_t len);

/* Likewise, but all of it however long it is. Errors: the empty text when the arena is full. */
struct text text_from_all(struct arena *arena, const char *ptr, size_t len);

/*
 * Likewise for argv as the kernel gives it: arguments end in NUL and are joined by a space;
 * trailing NULs are dropped, and a block without NULs (setproctitle) is taken as it is.
 * *ret_name_at and *ret_name_bytes place the base name of the program in the text.
 */
struct text text_from_argv(struct arena *arena, const char *ptr, size_t len, uint32_t *ret_name_at,
                           uint32_t *ret_name_bytes);

/* As text_from_bytes(), into the caller's TEXT_SAFE_SIZE bytes. Owns: the caller. */
struct text text_write(char out[TEXT_SAFE_SIZE], const char *ptr, size_t len);

/* As text_from_argv(), into the caller's TEXT_SAFE_SIZE bytes. Owns: the caller. */
struct text text_write_argv(char out[TEXT_SAFE_SIZE], const char *ptr, size_t len,
                            uint32_t *ret_name_at, uint32_t *ret_name_bytes);

/* Copy safe text into another arena. Errors: the empty text when that is full. */
struct text text_copy(struct arena *arena, struct text text);

#endif
