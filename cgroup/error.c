/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/error.h"

#include <stdarg.h>

/* A name, no subtraction. */
/* clang-format off */
G_DEFINE_QUARK(cg-error-quark, cg_error)
/* clang-format on */

bool cg_fail(GError **error, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (error)
		*error = g_error_new_valist(CG_ERROR, code, format, arguments);
	va_end(arguments);
	return false;
}
