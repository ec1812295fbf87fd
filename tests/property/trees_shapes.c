/* SPDX-License-Identifier: Apache-2.0
 *
 * The cgroup tree of a random container: in both shapes it has the same limits, and they are those that count.
 */
#include "cgroup/convert.h"
#include "cgroup/error.h"
#include "fs/container/cgroup_tree.h"
#include "fs/container/container_private.h"
#include "tests/property/trees_sight.h"

#include <errno.h>
#include <string.h>

/* NULL where the file is not there. */
static char *shaped_text(const struct sight *sight, enum view_shape shape, const char *name)
{
	g_autofree char *path = g_strconcat("/sys/fs/cgroup/", name, NULL);
	struct container_options options = container_options(sight->container);
	g_autoptr(GError) error = NULL;
	GString *text;

	options.cgroup_shape = shape;
	container_set_options(sight->container, options);
	text = cgroup_tree_text(sight->registry, sight->container, rows_by_path(path), (struct gather_index){ 0 }, 0,
				&error);
	check(sight->random, text || g_error_matches(error, CG_ERROR, ENOENT), error ? error->message : path);
	return text ? g_string_free(text, FALSE) : NULL;
}

/* "max", "-1" and v1's largest are no limit. */
static uint64_t limit_of(const struct sight *sight, const char *text)
{
	uint64_t limit = CG_UNLIMITED;

	if (!g_str_has_prefix(text, "max") && !g_str_has_prefix(text, "-1"))
		check(sight->random, cg_take_u64(&text, &limit), text);
	return limit >= UINT64_C(1) << 62 ? CG_UNLIMITED : limit; /* no machine has so much */
}

/* The limit, the same in both shapes; false where the container's cgroup has no such file. */
static bool same_limit(const struct sight *sight, const char *v1, const char *v2, uint64_t *ret_limit)
{
	g_autofree char *one = shaped_text(sight, VIEW_SHAPE_V1, v1), *other = shaped_text(sight, VIEW_SHAPE_V2, v2);

	sight_is(sight, v2, other != NULL, one != NULL, one ? one : "");
	if (!one)
		return false;
	*ret_limit = limit_of(sight, one);
	sight_is(sight, v2, limit_of(sight, other), *ret_limit, other);
	return true;
}

static void check_swap(const struct sight *sight, uint64_t memory)
{
	g_autofree char *memsw = shaped_text(sight, VIEW_SHAPE_V1, "memory/memory.memsw.limit_in_bytes");
	g_autofree char *swap = shaped_text(sight, VIEW_SHAPE_V2, "memory.swap.max");

	if (!memsw || !swap)
		return;
	sight_is(sight, "memsw", limit_of(sight, memsw), cg_plus(memory, limit_of(sight, swap)), swap);
	sight_is(sight, "SwapTotal", MIN(limit_of(sight, swap), sight->tree->host_swap), sight->expected.swap_total,
		 swap);
}

void shapes_check(const struct sight *sight)
{
	struct container_options options = container_options(sight->container);
	uint64_t memory, quota;

	if (same_limit(sight, "memory/memory.limit_in_bytes", "memory.max", &memory)) {
		sight_is(sight, "MemTotal", MIN(memory, sight->tree->host_memory), sight->expected.total, "");
		check_swap(sight, memory);
	}
	same_limit(sight, "cpu,cpuacct/cpu.cfs_quota_us", "cpu.max", &quota);
	container_set_options(sight->container, options);
}
