/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold between the files of one container, whatever its figures are.
 */
#pragma once

#include "golden/fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Each takes a struct fixture * as its state. */
struct agreement {
	const char *name;
	CMUnitTestFunction check;
};

const struct agreement *agreements(unsigned *ret_n);
