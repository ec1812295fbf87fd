/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/convert.h"
#include "cgroup/error.h"
#include "cgroup/hierarchy.h"
#include "cgroup/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* As the two versions name a controller; v2's are words of cgroup.controllers. */
static const struct {
	const char *v1, *v2;
} names[CG_CONTROLLERS] = {
	[CG_CPU] = { "cpu", "cpu" },
	[CG_CPUACCT] = { "cpuacct", NULL },
	[CG_CPUSET] = { "cpuset", "cpuset" },
	[CG_MEMORY] = { "memory", "memory" },
	[CG_IO] = { "blkio", "io" },
	[CG_PIDS] = { "pids", "pids" },
	[CG_HUGETLB] = { "hugetlb", "hugetlb" },
	[CG_CORE] = { "name=systemd", NULL },
};

static const char *const shown_names[CG_CONTROLLERS] = {
	[CG_CPU] = "cpu", [CG_CPUACCT] = "cpuacct", [CG_CPUSET] = "cpuset",   [CG_MEMORY] = "memory",
	[CG_IO] = "io",   [CG_PIDS] = "pids",       [CG_HUGETLB] = "hugetlb", [CG_CORE] = "core",
};

const char *cg_controller_name(enum cg_controller controller)
{
	return controller < CG_CONTROLLERS ? shown_names[controller] : "unknown";
}

static bool is_name(const char *known, const char *name, size_t length)
{
	return known && strlen(known) == length && memcmp(known, name, length) == 0;
}

enum cg_controller hierarchy_controller(const char *name, size_t length)
{
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		if (is_name(names[c].v1, name, length) || is_name(names[c].v2, name, length))
			return c;
	}
	return CG_CONTROLLERS;
}

const struct hierarchy *hierarchy_of(const CgHierarchies *hierarchies, enum cg_controller controller)
{
	int index = hierarchies->of[controller];

	return index < 0 ? NULL : &hierarchies->hierarchy[index];
}

int cg_hierarchies_version(const CgHierarchies *hierarchies, enum cg_controller controller)
{
	const struct hierarchy *hierarchy = hierarchy_of(hierarchies, controller);

	return hierarchy ? hierarchy->version : 0;
}

CgHierarchies *hierarchies_new(void)
{
	CgHierarchies *hierarchies = g_new0(CgHierarchies, 1);

	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++)
		hierarchies->of[c] = -1;
	return hierarchies;
}

void cg_hierarchies_free(CgHierarchies *hierarchies)
{
	if (!hierarchies)
		return;
	for (unsigned i = 0; i < hierarchies->n; i++) {
		close(hierarchies->hierarchy[i].fd);
		g_free(hierarchies->hierarchy[i].where);
		g_free(hierarchies->hierarchy[i].prefix);
	}
	g_free(hierarchies->hierarchy);
	g_free(hierarchies);
}

int hierarchies_add(CgHierarchies *hierarchies, const struct hierarchy *hierarchy)
{
	hierarchies->hierarchy = g_renew(struct hierarchy, hierarchies->hierarchy, hierarchies->n + 1);
	hierarchies->hierarchy[hierarchies->n] = *hierarchy;
	return (int)hierarchies->n++;
}

/* Which controllers of a list are not taken yet, as a set of bits. */
static unsigned unclaimed(const CgHierarchies *hierarchies, const char *list)
{
	unsigned set = 0;

	while (*list) {
		size_t length = strcspn(list, ", \n");
		enum cg_controller c = hierarchy_controller(list, length);

		if (c < CG_CONTROLLERS && hierarchies->of[c] < 0)
			set |= 1U << c;
		list += length + (list[length] != '\0');
	}
	return set;
}

bool hierarchies_want(const CgHierarchies *hierarchies, const char *list)
{
	return unclaimed(hierarchies, list) != 0;
}

void hierarchies_claim(CgHierarchies *hierarchies, const char *list, int index)
{
	unsigned set = unclaimed(hierarchies, list);

	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		if (set & 1U << c)
			hierarchies->of[c] = index;
	}
}

/* cgroup.controllers is the one short line that says what v2 carries. */
static void claim_listed(CgHierarchies *hierarchies, int index)
{
	char text[1024];
	int fd = openat(hierarchies->hierarchy[index].fd, "cgroup.controllers", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof(text) - 1, 0);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return;
	text[n] = '\0';
	hierarchies_claim(hierarchies, text, index);
}

void hierarchies_claim_v2(CgHierarchies *hierarchies, int index)
{
	claim_listed(hierarchies, index);
	/* cpu.stat's times are there without any controller; processes and pressure are v2's own. */
	if (hierarchies->of[CG_CPUACCT] < 0)
		hierarchies->of[CG_CPUACCT] = index;
	hierarchies->of[CG_CORE] = index;
}

static bool leads_out(const char *path)
{
	return strstr(path, "/../") || g_str_has_suffix(path, "/..");
}

char *hierarchy_strip(const struct hierarchy *hierarchy, const char *path, const char *file, GError **error)
{
	size_t prefix = strcmp(hierarchy->prefix, "/") == 0 ? 0 : strlen(hierarchy->prefix);

	if (!cg_path_within(path, hierarchy->prefix)) {
		cg_fail(error, EINVAL, "%s: the cgroup %s is not below %s, which is all that %s shows", file, path,
			hierarchy->prefix, hierarchy->where);
		return NULL;
	}
	if (leads_out(path + prefix)) {
		cg_fail(error, EINVAL, "%s: the cgroup %s is outside the daemon's own cgroup namespace", file, path);
		return NULL;
	}
	return g_strdup(path[prefix] ? path + prefix : "/");
}
