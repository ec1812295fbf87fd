/* SPDX-License-Identifier: Apache-2.0
 *
 * cmocka with the headers that it needs in front of it.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The text is there and has this in it. */
#define assert_has(text, part)                                                                   \
	do {                                                                                     \
		if (!(text) || !strstr((text), (part)))                                          \
			fail_msg("\"%s\" is not in \"%s\"", (part), (text) ? (text) : "(null)"); \
	} while (0)
