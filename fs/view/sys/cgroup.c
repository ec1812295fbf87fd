/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/sys/cgroup.h"

#include "fs/view/render_cgroup.h"

#include <string.h>

/* A v1 limit near 2^63 is none (cgroup/convert.c). */
#define V1_NONE ((UINT64_C(1) << 63) - (UINT64_C(1) << 34))

const char *tree_source(const struct view *view, unsigned place)
{
	return view->tree.source[place] ? view->tree.source[place] : "";
}

uint64_t tree_number(const char *text)
{
	struct text_line at = { .start = text, .length = strlen(text) };
	uint64_t number = 0;

	if (g_str_has_prefix(text, "max"))
		return CG_UNLIMITED;
	if (!text_take_number(&at, &number))
		return 0;
	return number >= V1_NONE ? CG_UNLIMITED : number;
}

bool tree_key(const char *text, const char *key, uint64_t *ret_number)
{
	size_t length = strlen(key);
	struct text_line line;

	while (text_next_line(&text, &line)) {
		struct text_line at = { .start = line.start + length + 1, .length = line.length - length - 1 };

		if (line.length > length && !memcmp(line.start, key, length) && line.start[length] == ' ')
			return text_take_number(&at, ret_number);
	}
	return false;
}

uint64_t tree_count(const char *text, const char *key)
{
	uint64_t number = 0;

	tree_key(text, key, &number);
	return number;
}

void tree_append(GString *text, uint64_t number)
{
	text_append_number(text, number, 0);
	g_string_append_c(text, '\n');
}

void tree_append_key(GString *text, const char *key, uint64_t number)
{
	g_string_append(text, key);
	g_string_append_c(text, ' ');
	tree_append(text, number);
}

void tree_append_max(GString *text, uint64_t limit)
{
	if (limit == CG_UNLIMITED)
		g_string_append(text, "max\n");
	else
		tree_append(text, limit);
}

void tree_append_pairs(GString *text, const char *source, const struct tree_pair *pairs, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t number;

		if (tree_key(source, pairs[i].source, &number))
			tree_append_key(text, pairs[i].shown, number);
	}
}

/* ---- whatever the version ---- */

void cgroup_kernels_render(const struct view *view, GString *text)
{
	g_string_append(text, tree_source(view, 0));
}

/* Where "cpu" and "cpuacct" lead: the usual place of both. */
void cgroup_cpu_link_render(const struct view *view, GString *text)
{
	(void)view;
	g_string_append(text, "cpu,cpuacct");
}

/* A path from the host's root to the container's cgroup then ends where it began, and one to a cgroup within in that. */
void cgroup_path_link_render(const struct view *view, GString *text)
{
	(void)view;
	g_string_append_c(text, '.');
}

void cgroup_zero_render(const struct view *view, GString *text)
{
	(void)view;
	g_string_append(text, "0\n");
}

void cgroup_one_render(const struct view *view, GString *text)
{
	(void)view;
	g_string_append(text, "1\n");
}

/* In the kernel's order (include/linux/cgroup_subsys.h). */
void cgroup_controllers_render(const struct view *view, GString *text)
{
	static const struct {
		enum cg_controller controller;
		const char *name;
	} controllers[] = {
		{ CG_CPUSET, "cpuset" }, { CG_CPU, "cpu" },         { CG_IO, "io" },
		{ CG_MEMORY, "memory" }, { CG_HUGETLB, "hugetlb" }, { CG_PIDS, "pids" },
	};
	const char *between = "";

	for (unsigned i = 0; i < G_N_ELEMENTS(controllers); i++) {
		if (!(view->tree.controllers & 1u << controllers[i].controller))
			continue;
		g_string_append_printf(text, "%s%s", between, controllers[i].name);
		between = " ";
	}
	g_string_append_c(text, '\n');
}

void cgroup_pids_max_render(const struct view *view, GString *text)
{
	tree_append_max(text, view->tree.pids.limit.value);
}
