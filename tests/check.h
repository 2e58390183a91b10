#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

/* cmocka.h uses types of the headers it wants included before it; sorting would break that. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#if defined(__has_feature)
# define HAS_SANITIZER(name) __has_feature(name)
#else
# define HAS_SANITIZER(name) 0
#endif
#if HAS_SANITIZER(thread_sanitizer) || defined(__SANITIZE_THREAD__)
# define THREAD_SANITIZED 1 // a thread of its own in each process, and signals that get lost
#else
# define THREAD_SANITIZED 0
#endif
/* A program full of sanitizers is slower and larger than the promises made of it. */
#if HAS_SANITIZER(address_sanitizer) || defined(__SANITIZE_ADDRESS__) || THREAD_SANITIZED
# define SANITIZED 1
#else
# define SANITIZED 0
#endif

#endif
