#ifndef SAMPLER_TEXT_H
#define SAMPLER_TEXT_H

#include "model/snapshot.h"
#include "platform/platform.h"

struct arena;

/*
 * The one place where bytes from outside become text that is safe to show.
 * Owns: the arena.
 * Errors: when the arena is full, the empty text.
 */
struct text text_from_bytes(struct arena *arena, const char *ptr, size_t len);

/*
 * Likewise for argv as the kernel gives it: arguments end in NUL and are joined by a space;
 * trailing NULs are dropped, and a block without NULs (setproctitle) is taken as it is.
 * *ret_name_at and *ret_name_bytes place the base name of the program in the text.
 */
struct text text_from_argv(struct arena *arena, const char *ptr, size_t len, uint32_t *ret_name_at,
                           uint32_t *ret_name_bytes);

/* Copy safe text into another arena. Errors: the empty text when that is full. */
struct text text_copy(struct arena *arena, struct text text);

#endif
