/* SPDX-License-Identifier: Apache-2.0
 *
 * Our hook in the text of a bundle's config.json (config.md, "POSIX-platform
 * Hooks", of the runtime specification). Pure. Every byte that is there stays as it is: see json_span.h.
 */
#pragma once

#include "cgroup/error.h"

#include <glib.h>

struct oci_hook {
	const char *path;        /* absolute */
	const char *const *args; /* with the program's name in front, NULL-terminated */
};

/*
 * The text with the hook as the last one of the createRuntime stage, newly allocated; NULL in
 * ret_text where this or the prestart stage has a hook of that path already. False with CG_ERROR, EINVAL, and a
 * sentence that names the member: the text is no JSON object, or "hooks" or its stages are not what they must be, or
 * are there twice.
 */
bool oci_hooks_add(const char *text, gsize length, const struct oci_hook *hook, char **ret_text, GError **error);
