/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/group.h"
#include "cgroup/error.h"
#include "cgroup/group_private.h"
#include "cgroup/path.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int find_chain(const CgGroup *group, const struct hierarchy *hierarchy, const char *path)
{
	for (unsigned i = 0; i < group->n_chains; i++) {
		if (group->chain[i].hierarchy == hierarchy && strcmp(group->chain[i].path, path) == 0)
			return (int)i;
	}
	return -1;
}

static bool open_controller(CgGroup *group, enum cg_controller controller, GError **error)
{
	const struct hierarchy *hierarchy = hierarchy_of(group->hierarchies, controller);
	const char *path = group->paths.of[controller];
	struct chain *chain = &group->chain[group->n_chains];
	int found;

	group->chain_of[controller] = -1;
	if (!hierarchy || !path)
		return true;
	found = find_chain(group, hierarchy, path);
	if (found < 0) {
		if (!chain_open(hierarchy, path, chain, error))
			return false;
		chain->slot0 = group->n_slots;
		group->n_slots += chain_slots(chain);
		found = (int)group->n_chains++;
	}
	group->chain_of[controller] = found;
	return true;
}

static CgGroup *group_new(const CgHierarchies *hierarchies)
{
	CgGroup *group = g_new0(CgGroup, 1);

	atomic_init(&group->refs, 1);
	atomic_init(&group->gone, false);
	pthread_mutex_init(&group->lock, NULL);
	group->hierarchies = hierarchies;
	return group;
}

static uint64_t inode_of(const CgGroup *group, int chain)
{
	struct stat stat;

	return chain >= 0 && fstat(group->chain[chain].fd, &stat) == 0 ? stat.st_ino : 0;
}

CgGroup *cg_group_open(const CgHierarchies *hierarchies, const struct cg_paths *paths, GError **error)
{
	g_autoptr(CgGroup) group = group_new(hierarchies);

	cg_paths_copy(&group->paths, paths);
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		if (!open_controller(group, c, error))
			return NULL;
		group->identity.inode[c] = inode_of(group, group->chain_of[c]);
	}
	group->kept = kept_new(group->n_slots);
	return g_steal_pointer(&group);
}

bool cg_group_is_host(const CgGroup *group)
{
	for (unsigned i = 0; i < group->n_chains; i++) {
		if (group->chain[i].depth > 0)
			return false;
	}
	return true;
}

bool group_is_guest(const CgGroup *group, const struct chain *chain)
{
	return chain->depth == 0 && !cg_group_is_host(group);
}

/* The hierarchy's chain, opened once for all the controllers that share it; -1 where there is no such path. */
static bool open_chain_below(CgGroup *group, const struct chain *above, const char *path, int *ret_chain,
			     GError **error)
{
	struct chain *chain = &group->chain[group->n_chains];
	g_autoptr(GError) problem = NULL;

	*ret_chain = -1;
	if (!chain_open_below(above, path, chain, &problem)) {
		if (problem->code == ESRCH)
			return true;
		g_propagate_error(error, g_steal_pointer(&problem));
		return false;
	}
	chain->slot0 = group->n_slots;
	group->n_slots += chain_slots(chain);
	*ret_chain = (int)group->n_chains++;
	return true;
}

CgGroup *group_open_below(const CgGroup *above, const char *path, GError **error)
{
	g_autoptr(CgGroup) group = group_new(above->hierarchies);
	int chain_of[CG_CONTROLLERS];

	for (unsigned i = 0; i < above->n_chains; i++) {
		chain_of[i] = -1;
		if (!group_is_guest(above, &above->chain[i]) &&
		    !open_chain_below(group, &above->chain[i], path, &chain_of[i], error))
			return NULL;
	}
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		int chain = above->chain_of[c] < 0 ? -1 : chain_of[above->chain_of[c]];

		group->chain_of[c] = chain;
		group->paths.of[c] = chain < 0 ? NULL : g_strdup(group->chain[chain].path);
		group->identity.inode[c] = inode_of(group, chain);
	}
	group->kept = kept_new(group->n_slots);
	return g_steal_pointer(&group);
}

CgGroup *cg_group_ref(CgGroup *group)
{
	atomic_fetch_add(&group->refs, 1);
	return group;
}

void cg_group_unref(CgGroup *group)
{
	if (!group || atomic_fetch_sub(&group->refs, 1) != 1)
		return;
	for (unsigned i = 0; i < group->n_chains; i++)
		chain_close(&group->chain[i]);
	g_clear_pointer(&group->kept, kept_unref);
	g_clear_pointer(&group->places, g_hash_table_unref);
	cg_paths_clear(&group->paths);
	pthread_mutex_destroy(&group->lock);
	g_free(group);
}

const struct cg_paths *cg_group_paths(const CgGroup *group)
{
	return &group->paths;
}

const struct cg_identity *cg_group_identity(const CgGroup *group)
{
	return &group->identity;
}

char *cg_group_level_path(const CgGroup *group, enum cg_controller controller, int level)
{
	int chain = group->chain_of[controller];

	return chain < 0 || level < 0 ? NULL : chain_level_path(&group->chain[chain], (unsigned)level);
}

/* One look, at the hierarchy that lists its processes: what is removed elsewhere is found out when it is read. */
bool cg_group_gone(CgGroup *group)
{
	int witness = group->chain_of[group_listing(group)];
	const struct chain *chain = witness < 0 ? NULL : &group->chain[witness];

	if (!atomic_load(&group->gone) && chain && chain->depth > 0 && chain_gone(chain))
		atomic_store(&group->gone, true);
	return atomic_load(&group->gone);
}

/* Readers that are in the old set close it behind them. */
static struct kept *replace_kept(CgGroup *group)
{
	struct kept *old, *new = kept_new(group->n_slots);

	pthread_mutex_lock(&group->lock);
	old = group->kept;
	group->kept = new;
	pthread_mutex_unlock(&group->lock);
	return old;
}

void cg_group_trim(CgGroup *group)
{
	kept_unref(replace_kept(group));
}

static struct kept *kept_ref(CgGroup *group)
{
	struct kept *kept;

	pthread_mutex_lock(&group->lock);
	kept = group->kept;
	atomic_fetch_add(&kept->refs, 1);
	pthread_mutex_unlock(&group->lock);
	return kept;
}

bool walk_begin(struct walk *walk, CgGroup *group, enum cg_controller controller, GError **error)
{
	int chain = group->chain_of[controller];

	*walk = (struct walk){ .group = group };
	if (atomic_load(&group->gone))
		return cg_fail(error, ESRCH, "the cgroup %s is gone", group->n_chains ? group->chain[0].path : "/");
	if (chain < 0)
		return true;
	walk->dir.chain = &group->chain[chain];
	walk->dir.kept = kept_ref(group);
	walk->dir.climb = &walk->climb;
	if (atomic_load(&walk->dir.kept->stale))
		cg_group_trim(group);
	walk->reader = reader_of(walk->dir.chain);
	walk_to(walk, 0);
	return true;
}

bool walk_done(struct walk *walk, bool done)
{
	if (!done && walk->dir.chain && chain_gone(walk->dir.chain))
		atomic_store(&walk->group->gone, true);
	return done;
}

void walk_end(struct walk *walk)
{
	climb_end(&walk->climb);
	g_clear_pointer(&walk->dir.kept, kept_unref);
}

unsigned walk_levels(const struct walk *walk)
{
	return walk->dir.chain ? walk->dir.chain->levels : 0;
}

void walk_to(struct walk *walk, unsigned level)
{
	walk->dir.level = level;
	walk->counts = !dir_is_root(&walk->dir);
}

enum cg_controller group_listing(const CgGroup *group)
{
	static const enum cg_controller order[] = { CG_CORE, CG_PIDS, CG_MEMORY, CG_CPU, CG_CPUACCT, CG_CPUSET, CG_IO };

	enum cg_controller root = CG_CORE;

	for (unsigned i = G_N_ELEMENTS(order); i-- > 0;) {
		if (group->chain_of[order[i]] >= 0)
			root = order[i];
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
		int chain = group->chain_of[order[i]];

		if (chain >= 0 && group->chain[chain].depth > 0)
			return order[i];
	}
	return root;
}
