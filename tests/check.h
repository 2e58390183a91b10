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

/* A program full of sanitizers is slower and larger than the promises made of it. */
#if defined(__has_feature)
# if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#  define SANITIZED 1
# endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
# define SANITIZED 1
#endif
#ifndef SANITIZED
# define SANITIZED 0
#endif

#endif
