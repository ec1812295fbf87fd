/* SPDX-License-Identifier: Apache-2.0
 *
 * A host whose cgroups are one chain of directories a layout, written again and again. What an earlier tree
 * left below the container's level stays there, and is no figure of this one.
 */
#include "tests/fs/scratch.h"
#include "tests/property/trees_files.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define HIERARCHIES 6
#define LAYOUTS     5
#define V2_ALL                                                                                                        \
	(TREE_BIT(CG_CPU) | TREE_BIT(CG_CPUACCT) | TREE_BIT(CG_CPUSET) | TREE_BIT(CG_MEMORY) | TREE_BIT(CG_HUGETLB) | \
	 TREE_BIT(CG_CORE))

static const struct {
	const char *name;
	const char *v2; /* its cgroup.controllers */
	struct tree_hierarchy hierarchy[HIERARCHIES];
} layouts[LAYOUTS] = {
	{ "v2", "cpuset cpu memory hugetlb\n", { { ".", 2, V2_ALL } } },
	{ "v1-apart",
	  NULL,
	  { { "cpu", 1, TREE_BIT(CG_CPU) },
	    { "cpuacct", 1, TREE_BIT(CG_CPUACCT) },
	    { "cpuset", 1, TREE_BIT(CG_CPUSET) },
	    { "memory", 1, TREE_BIT(CG_MEMORY) },
	    { "hugetlb", 1, TREE_BIT(CG_HUGETLB) },
	    { "systemd", 1, TREE_BIT(CG_CORE) } } },
	{ "v1-together",
	  NULL,
	  { { "cpu,cpuacct", 1, TREE_BIT(CG_CPU) | TREE_BIT(CG_CPUACCT) },
	    { "cpuset", 1, TREE_BIT(CG_CPUSET) },
	    { "memory,hugetlb", 1, TREE_BIT(CG_MEMORY) | TREE_BIT(CG_HUGETLB) },
	    { "systemd", 1, TREE_BIT(CG_CORE) } } },
	{ "hybrid-v1",
	  "",
	  { { "cpu,cpuacct", 1, TREE_BIT(CG_CPU) | TREE_BIT(CG_CPUACCT) },
	    { "cpuset", 1, TREE_BIT(CG_CPUSET) },
	    { "memory", 1, TREE_BIT(CG_MEMORY) },
	    { "hugetlb", 1, TREE_BIT(CG_HUGETLB) },
	    { "unified", 2, TREE_BIT(CG_CORE) } } },
	{ "hybrid-v2",
	  "cpuset cpu\n",
	  { { "cpuacct", 1, TREE_BIT(CG_CPUACCT) },
	    { "memory", 1, TREE_BIT(CG_MEMORY) },
	    { "hugetlb", 1, TREE_BIT(CG_HUGETLB) },
	    { "unified", 2, TREE_BIT(CG_CPU) | TREE_BIT(CG_CPUSET) | TREE_BIT(CG_CORE) } } },
};

struct forest {
	char *dir;
	int fd, proc, cpus;
	CgHierarchies *hierarchies[LAYOUTS];
	int level[LAYOUTS][HIERARCHIES][TREE_DEPTH + 1];
};

unsigned tree_layouts(void)
{
	return LAYOUTS;
}

const char *tree_layout_name(unsigned layout)
{
	return layouts[layout].name;
}

static int find_hierarchy(unsigned layout, enum cg_controller controller)
{
	for (int i = 0; i < HIERARCHIES; i++)
		if (layouts[layout].hierarchy[i].controllers & TREE_BIT(controller))
			return i;
	return -1;
}

int tree_version(unsigned layout, enum cg_controller controller)
{
	int i = find_hierarchy(layout, controller);

	return i < 0 ? 0 : layouts[layout].hierarchy[i].version;
}

unsigned tree_hierarchy(unsigned layout, enum cg_controller controller)
{
	return (unsigned)find_hierarchy(layout, controller);
}

/* The container's level in a hierarchy; in one that has only processes its files do not matter. */
static unsigned depth_in(const struct random_tree *tree, unsigned h)
{
	unsigned controllers = layouts[tree->layout].hierarchy[h].controllers;

	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++)
		if (controllers & TREE_BIT(c))
			return tree->depth[c];
	return 0;
}

void forest_write_cpus(struct forest *forest, const struct random_tree *tree)
{
	for (unsigned h = 0; h < HIERARCHIES; h++)
		for (unsigned i = 1; i <= depth_in(tree, h); i++)
			tree_put_cpus(forest->level[tree->layout][h][i], &layouts[tree->layout].hierarchy[h],
				      &tree->level[i]);
}

/* ---- the host ---- */

/* Figures that nobody is to see. */
#define HOSTS "      7777777777777 kB\n"

static void put_host(const struct forest *forest, const struct random_tree *tree)
{
	g_autofree char *online = tree_cpu_list(tree->online);
	g_autoptr(GString) cpuinfo = g_string_new(NULL);

	tree_put_if(true, forest->proc, "meminfo",
		    "MemTotal: %" G_GUINT64_FORMAT " kB\nMemFree:" HOSTS "MemAvailable:" HOSTS "Buffers:" HOSTS
		    "Cached:" HOSTS "SwapCached:" HOSTS "Active:" HOSTS "Inactive:" HOSTS "Active(anon):" HOSTS
		    "Inactive(anon):" HOSTS "Active(file):" HOSTS "Inactive(file):" HOSTS "Unevictable:" HOSTS
		    "Mlocked:" HOSTS "SwapTotal: %" G_GUINT64_FORMAT " kB\nSwapFree: 0 kB\nZswap:" HOSTS
		    "Zswapped:" HOSTS "Dirty:" HOSTS "Writeback:" HOSTS "AnonPages:" HOSTS "Mapped:" HOSTS
		    "Shmem:" HOSTS "KReclaimable:" HOSTS "Slab:" HOSTS "SReclaimable:" HOSTS "SUnreclaim:" HOSTS
		    "KernelStack:" HOSTS "PageTables:" HOSTS "SecPageTables:" HOSTS "CommitLimit:" HOSTS
		    "Committed_AS:" HOSTS "VmallocTotal:   34359738367 kB\nVmallocUsed:" HOSTS "Percpu:" HOSTS
		    "AnonHugePages:" HOSTS "HugePages_Total:      64\nHugePages_Free:   7777777777777\nHugepagesize:   "
		    "    2048 kB\nHugetlb:" HOSTS,
		    tree->host_memory >> 10, tree->host_swap >> 10);
	for (unsigned cpu = 0; cpu < TREE_CPUS; cpu++)
		if (tree->online & TREE_BIT(cpu))
			g_string_append_printf(cpuinfo, "processor\t: %u\nphysical id\t: 0\ncore id\t\t: %u\n\n", cpu,
					       cpu / 2);
	tree_put(forest->proc, "cpuinfo", cpuinfo->str);
	tree_put(forest->cpus, "online", online);
}

void forest_write(struct forest *forest, struct random_case *random, const struct random_tree *tree)
{
	put_host(forest, tree);
	for (unsigned h = 0; h < HIERARCHIES; h++)
		for (unsigned i = 1; i <= depth_in(tree, h); i++)
			tree_put_level(random, forest->level[tree->layout][h][i], &layouts[tree->layout].hierarchy[h],
				       &tree->level[i]);
}

Host *forest_host(const struct forest *forest)
{
	return host_open_at(forest->fd, NULL);
}

const CgHierarchies *forest_hierarchies(const struct forest *forest, const struct random_tree *tree)
{
	return forest->hierarchies[tree->layout];
}

#define DEEPEST "/1/2/3/4/5"

struct cg_paths tree_paths(const struct random_tree *tree)
{
	struct cg_paths paths = { 0 };

	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++)
		if (tree->depth[c] > 0)
			paths.of[c] = g_strndup(DEEPEST, 2 * (size_t)tree->depth[c]);
	return paths;
}

/* ---- making it ---- */

static int open_dir(const char *dir, const char *name)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	g_assert(fd >= 0);
	return fd;
}

/* The root's own figures are the host's, never a limit: these would be seen. */
static void put_root(int fd, const struct tree_hierarchy *hierarchy)
{
	static const struct tree_level root = { .memory = true,
						.swap = true,
						.cpu = true,
						.cpuacct = true,
						.cpuset = true,
						.hugetlb = true,
						.limit = 4096,
						.usage = 8192,
						.quota_us = 1,
						.period_us = 2,
						.throttled_us = 7,
						.used_us = { 9 },
						.cpus = 1 << 23 };
	g_autoptr(GRand) rand = g_rand_new_with_seed(0);
	struct random_case random = { .rand = rand };

	tree_put_level(&random, fd, hierarchy, &root);
}

/* The one process sits below every container. */
static void plant_hierarchy(struct forest *forest, const char *dir, unsigned layout, unsigned h)
{
	const struct tree_hierarchy *hierarchy = &layouts[layout].hierarchy[h];
	g_autofree char *top = g_build_filename(dir, hierarchy->name, NULL);

	scratch_write(top, DEEPEST "/cgroup.procs", "100\n");
	scratch_write(top, DEEPEST "/cgroup.threads", "100\n");
	scratch_write(top, DEEPEST "/tasks", "100\n");
	for (unsigned i = 0; i <= TREE_DEPTH; i++) {
		g_autofree char *path = g_strndup(DEEPEST, 2 * i);

		forest->level[layout][h][i] = open_dir(top, path);
	}
	if (hierarchy->version == 2)
		scratch_write(top, "cgroup.controllers", layouts[layout].v2);
	put_root(forest->level[layout][h][0], hierarchy);
}

static void plant_layout(struct forest *forest, unsigned layout)
{
	g_autofree char *dir = g_build_filename(forest->dir, layouts[layout].name, NULL);
	int fd;

	for (unsigned h = 0; h < HIERARCHIES && layouts[layout].hierarchy[h].name; h++)
		plant_hierarchy(forest, dir, layout, h);
	fd = open_dir(dir, ".");
	forest->hierarchies[layout] = cg_hierarchies_open_at(fd, NULL);
	g_assert(forest->hierarchies[layout]);
	close(fd);
}

struct forest *forest_new(void)
{
	struct forest *forest = g_new0(struct forest, 1);

	memset(forest->level, -1, sizeof(forest->level));
	forest->dir = scratch_new();
	scratch_write(forest->dir, "proc/uptime", "1000.00 0.00\n");
	scratch_write(forest->dir, "proc/stat", "cpu 0\nbtime 1700000000\n");
	scratch_write(forest->dir, "proc/100/stat",
		      "100 (it) R 1 1 1 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 50000 9 9\n");
	scratch_write(forest->dir, "proc/100/status", "Name:\tit\nTgid:\t100\nNSpid:\t100\t1\n");
	scratch_write(forest->dir, "sys/devices/system/cpu/possible", "0-31\n");
	forest->fd = open_dir(forest->dir, ".");
	forest->proc = open_dir(forest->dir, "proc");
	forest->cpus = open_dir(forest->dir, "sys/devices/system/cpu");
	for (unsigned layout = 0; layout < LAYOUTS; layout++)
		plant_layout(forest, layout);
	return forest;
}

void forest_free(struct forest *forest)
{
	const int *level = &forest->level[0][0][0];

	for (size_t i = 0; i < sizeof(forest->level) / sizeof(*level); i++)
		if (level[i] >= 0)
			close(level[i]);
	for (unsigned layout = 0; layout < LAYOUTS; layout++)
		cg_hierarchies_free(forest->hierarchies[layout]);
	close(forest->fd);
	close(forest->proc);
	close(forest->cpus);
	scratch_free(forest->dir);
	g_free(forest);
}
