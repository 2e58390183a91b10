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

#endif
