/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of a /proc/PID/cgroup, up to a line "=", and of a mountinfo behind it.
 */
#include "cgroup/hierarchy.h"
#include "cgroup/path.h"
#include "tests/fuzz/fuzz_cgroup.h"

#include <string.h>

/* A hybrid host that has no directories: paths are pure text. */
static CgHierarchies *hybrid(const char *prefix)
{
	CgHierarchies *hierarchies = hierarchies_new();

	for (int version = 1; version <= 2; version++) {
		struct hierarchy hierarchy = {
			.fd = -1, .version = version, .where = g_strdup("w"), .prefix = g_strdup(prefix)
		};
		int index = hierarchies_add(hierarchies, &hierarchy);

		if (version == 1)
			hierarchies_claim(hierarchies, "cpu,cpuacct,memory", index);
		else
			hierarchies->of[CG_CORE] = hierarchies->of[CG_PIDS] = index;
	}
	return hierarchies;
}

static void check_paths(const struct cg_paths *paths)
{
	for (unsigned i = 0; i < CG_CONTROLLERS; i++) {
		const char *path = paths->of[i];

		if (path &&
		    (*path != '/' || strstr(path, "/../") || g_str_has_suffix(path, "/..") || strchr(path, '\n')))
			g_error("a path %s", path);
	}
}

static void try(const char *prefix, const char *text, const char *mountinfo)
{
	g_autoptr(CgHierarchies) hierarchies = hybrid(prefix);
	cg_cleanup(cg_paths_clear) struct cg_paths own = { 0 };
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };
	GError *error = NULL;
	bool done = cg_paths_parse(hierarchies, text, "fuzzed", &own, &error), found;

	fuzz_check(done, error);
	check_paths(&own);
	error = NULL;
	done = cg_paths_namespace_root(hierarchies, mountinfo, "fuzzed", &own, &paths, &found, &error);
	fuzz_check(done, error);
	for (unsigned i = 0; done && i < CG_CONTROLLERS; i++) {
		if (own.of[i] && !cg_path_within(own.of[i], paths.of[i]))
			g_error("%s is not within %s", own.of[i], paths.of[i]);
	}
	for (unsigned i = 0; i < CG_CONTROLLERS; i++) {
		/* A mount that holds a cgroup can be written to only if some can. */
		if (own.of[i] && cg_path_is_writable(hierarchies, mountinfo, "fuzzed", i, own.of[i]))
			g_assert(strstr(mountinfo, "rw"));
	}
	cg_paths_strip_init_scope(&paths);
	check_paths(&paths);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_text(data, size);
	char *border = strstr(text, "\n=\n");
	const char *mountinfo = border ? border + 3 : "";

	if (border)
		border[1] = '\0';
	try("/", text, mountinfo);
	try("/docker/abc", text, mountinfo);
	return 0;
}
