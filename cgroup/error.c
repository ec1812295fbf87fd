/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/error.h"

#include <stdarg.h>

/* Without G_DEFINE_QUARK(), whose cache two threads may write at once. */
GQuark cg_error_quark(void)
{
	return g_quark_from_static_string("cg-error-quark");
}

bool cg_fail(GError **error, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (error)
		*error = g_error_new_valist(CG_ERROR, code, format, arguments);
	va_end(arguments);
	return false;
}
