/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/real_runtime.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#define USUAL_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static bool is_usable(const char *program, const struct stat *self)
{
	struct stat st;

	return stat(program, &st) == 0 && S_ISREG(st.st_mode) && access(program, X_OK) == 0 &&
	       !(st.st_dev == self->st_dev && st.st_ino == self->st_ino);
}

/* Relative directories are passed over: a bundle is no place to find a runtime in. */
static char *find_in(char **directories, const char *name, const struct stat *self)
{
	for (char **directory = directories; *directory; directory++) {
		g_autofree char *program = g_build_filename(*directory, name, NULL);

		if (g_path_is_absolute(program) && is_usable(program, self))
			return g_steal_pointer(&program);
	}
	return NULL;
}

char *real_runtime_find(const char *wanted, const char *path, const struct stat *self, GError **error)
{
	static const char *const usual[] = { "runc", "crun", NULL };
	const char *const only[] = { wanted, NULL };
	g_auto(GStrv) directories = g_strsplit(path ? path : USUAL_PATH, ":", -1);

	if (wanted && strchr(wanted, '/')) {
		if (is_usable(wanted, self))
			return g_strdup(wanted);
		cg_fail(error, ENOENT, "%s is no program, or is procvirt-runc itself", wanted);
		return NULL;
	}
	for (const char *const *name = wanted ? only : usual; *name; name++) {
		char *program = find_in(directories, *name, self);

		if (program)
			return program;
	}
	cg_fail(error, ENOENT, "no %s in %s", wanted ? wanted : "runc and no crun", path ? path : USUAL_PATH);
	return NULL;
}
