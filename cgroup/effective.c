/* SPDX-License-Identifier: Apache-2.0
 *
 * From one level's words to a container's figures: towards the root, the
 * smallest limit wins, and which level it came from is kept.
 */
#include "cgroup/convert.h"
#include "cgroup/cpulist.h"
#include "cgroup/group.h"
#include "cgroup/group_private.h"

static const struct cg_limit unlimited = { CG_UNLIMITED, CG_LEVEL_NONE };

enum { DEFAULT_SHARES = 1024, DEFAULT_PERIOD_US = 100000 };

/* The lower level keeps a limit that both set. */
static void narrow(struct cg_limit *limit, const struct walk *walk, uint64_t value)
{
	if (walk->counts && value < limit->value)
		*limit = (struct cg_limit){ value, (int)walk->dir.level };
}

static void narrow_room(struct cg_limit *room, const struct walk *walk, const struct level_amount *amount)
{
	if (amount->limit != CG_UNLIMITED)
		narrow(room, walk, cg_minus(amount->limit, amount->usage));
}

/* What the level would leave if it gave up its file pages and its slabs. */
static bool narrow_slack(struct cg_memory *memory, const struct walk *walk, const struct level_amount *amount,
			 const struct cg_memory_stat *own, GError **error)
{
	struct cg_memory_stat stat = *own;
	uint64_t room = cg_minus(amount->limit, amount->usage);

	if (amount->limit == CG_UNLIMITED || !walk->counts)
		return true;
	if (walk->dir.level > 0 && !walk->reader->memory_stat(&walk->dir, &stat, error))
		return false;
	room = cg_plus(room, cg_plus(stat.active_file, cg_plus(stat.inactive_file, stat.slab_reclaimable)));
	narrow(&memory->slack, walk, MIN(room, amount->limit));
	return true;
}

/* The container's own: the lowest level that has the controller. */
static bool memory_own(struct walk *walk, const struct level_memory *level, struct cg_memory *memory, GError **error)
{
	memory->usage = level->memory.usage;
	memory->has_swap = level->swap.present;
	memory->swap_usage = level->swap.usage;
	return walk->reader->memory_stat(&walk->dir, &memory->stat, error);
}

static bool memory_level(struct walk *walk, struct cg_memory *memory, bool *seen, GError **error)
{
	unsigned want = *seen ? (memory->has_swap ? LEVEL_SWAP : 0) : LEVEL_USAGE | LEVEL_SWAP;
	struct level_memory level;

	if (!walk->reader->memory(&walk->dir, want, &level, error))
		return false;
	if (!level.memory.present)
		return true;
	if (!*seen && !memory_own(walk, &level, memory, error))
		return false;
	*seen = true;
	narrow(&memory->limit, walk, level.memory.limit);
	narrow(&memory->high, walk, level.high);
	narrow_room(&memory->headroom, walk, &level.memory);
	narrow(&memory->swap_limit, walk, level.swap.limit);
	narrow_room(&memory->swap_headroom, walk, &level.swap);
	return narrow_slack(memory, walk, &level.memory, &memory->stat, error);
}

static bool read_memory(struct walk *walk, struct cg_memory *ret, GError **error)
{
	struct cg_memory memory = { .limit = unlimited,
				    .high = unlimited,
				    .headroom = unlimited,
				    .slack = unlimited,
				    .swap_limit = unlimited,
				    .swap_headroom = unlimited };
	bool seen = false;

	for (unsigned level = 0; level < walk_levels(walk); level++) {
		walk_to(walk, level);
		if (!memory_level(walk, &memory, &seen, error))
			return false;
	}
	*ret = memory;
	return true;
}

static bool read_memory_events(struct walk *walk, struct cg_memory_events *ret, GError **error)
{
	struct cg_memory_events events = { 0 };
	bool present = false;

	for (unsigned level = 0; level < walk_levels(walk) && !present; level++) {
		walk_to(walk, level);
		if (!walk->reader->memory_events(&walk->dir, &events, &present, error))
			return false;
	}
	*ret = events;
	return true;
}

/* The memory of the nodes, or its huge pages of one size; page_size 0: all of it. */
static bool read_numa(struct walk *walk, uint64_t page_size, struct cg_numa *ret, GError **error)
{
	const struct reader *reader = walk->reader;
	struct cg_numa numa = { 0 };
	bool present = false;

	for (unsigned level = 0; level < walk_levels(walk) && !present; level++) {
		walk_to(walk, level);
		if (page_size ? !reader->hugetlb_numa(&walk->dir, page_size, &numa, &present, error)
			      : !reader->numa(&walk->dir, &numa, &present, error))
			return false;
	}
	*ret = numa;
	return true;
}

static bool read_hugetlb(struct walk *walk, uint64_t page_size, struct cg_hugetlb *ret, GError **error)
{
	struct cg_hugetlb hugetlb = { .limit = unlimited };
	bool seen = false;

	for (unsigned level = 0; level < walk_levels(walk); level++) {
		struct level_amount amount;

		walk_to(walk, level);
		if (!walk->reader->hugetlb(&walk->dir, page_size, &amount, error))
			return false;
		if (amount.present && !seen)
			hugetlb.usage = amount.usage;
		seen = seen || amount.present;
		narrow(&hugetlb.limit, walk, amount.limit);
	}
	*ret = hugetlb;
	return true;
}

static void narrow_quota(struct cg_quota *quota, const struct walk *walk, const struct level_cpu *level)
{
	bool smaller = quota->quota_us == CG_UNLIMITED ||
		       (cg_u128)level->quota_us * quota->period_us < (cg_u128)quota->quota_us * level->period_us;

	if (walk->counts && level->quota_us != CG_UNLIMITED && smaller)
		*quota = (struct cg_quota){ level->quota_us, level->period_us, (int)walk->dir.level };
}

static bool read_throttled(struct walk *walk, const struct cg_quota *quota, uint64_t *ret_us, GError **error)
{
	uint64_t us = 0;

	if (walk_levels(walk) > 0) {
		walk_to(walk, quota->level == CG_LEVEL_NONE ? 0 : (unsigned)quota->level);
		if (!walk->reader->throttled(&walk->dir, &us, error))
			return false;
	}
	*ret_us = us;
	return true;
}

static bool read_quota(struct walk *walk, struct cg_quota *ret, GError **error)
{
	struct cg_quota quota = { CG_UNLIMITED, DEFAULT_PERIOD_US, CG_LEVEL_NONE };

	for (unsigned level = 0; level < walk_levels(walk); level++) {
		struct level_cpu words;

		walk_to(walk, level);
		if (!walk->reader->cpu(&walk->dir, &words, error))
			return false;
		narrow_quota(&quota, walk, &words);
	}
	*ret = quota;
	return true;
}

static bool read_shares(struct walk *walk, uint64_t *ret, GError **error)
{
	uint64_t shares = DEFAULT_SHARES;
	bool seen = false;

	for (unsigned level = 0; level < walk_levels(walk) && !seen; level++) {
		walk_to(walk, level);
		if (!walk->reader->shares(&walk->dir, &shares, &seen, error))
			return false;
	}
	*ret = shares;
	return true;
}

static bool read_cputime(struct walk *walk, struct cg_cputime *ret, GError **error)
{
	struct cg_cputime time = { 0 };
	bool present = false;

	for (unsigned level = 0; level < walk_levels(walk) && !present; level++) {
		walk_to(walk, level);
		if (!walk->reader->cputime(&walk->dir, &time, &present, error))
			return false;
	}
	*ret = time;
	return true;
}

typedef bool (*read_set)(const struct dir *dir, struct cg_cpumask *ret_set, GError **error);

/* The nearest level that has one: a child without the controller may use what its parent may. */
static bool read_nearest(struct walk *walk, read_set read, struct cg_cpumask *ret, GError **error)
{
	struct cg_cpumask set = { 0 };

	for (unsigned level = 0; level < walk_levels(walk) && cg_cpumask_empty(&set); level++) {
		walk_to(walk, level);
		if (!read(&walk->dir, &set, error))
			return false;
	}
	*ret = set;
	return true;
}

static bool read_cpus(struct walk *walk, struct cg_cpumask *ret, GError **error)
{
	return read_nearest(walk, walk->reader ? walk->reader->cpus : NULL, ret, error);
}

static bool read_mems(struct walk *walk, struct cg_cpumask *ret, GError **error)
{
	return read_nearest(walk, walk->reader ? walk->reader->mems : NULL, ret, error);
}

static bool read_pids(struct walk *walk, struct cg_pids *ret, GError **error)
{
	struct cg_pids pids = { .limit = unlimited };

	for (unsigned level = 0; level < walk_levels(walk); level++) {
		struct level_amount amount;

		walk_to(walk, level);
		if (!walk->reader->pids(&walk->dir, &amount, error))
			return false;
		if (amount.present && !pids.has_current)
			pids.current = amount.usage;
		pids.has_current = pids.has_current || amount.present;
		narrow(&pids.limit, walk, amount.limit);
	}
	*ret = pids;
	return true;
}

static bool read_io(struct walk *walk, struct cg_io *ret, GError **error)
{
	struct cg_io io = { 0 };
	bool present = false;

	for (unsigned level = 0; level < walk_levels(walk) && !present; level++) {
		walk_to(walk, level);
		if (!walk->reader->io(&walk->dir, &io, &present, error))
			return false;
	}
	*ret = io;
	return true;
}

/* Pressure belongs to no controller: every v2 cgroup has its own, or the kernel keeps none. */
static bool read_pressure(struct walk *walk, enum cg_pressure_kind kind, struct cg_pressure *ret, GError **error)
{
	struct cg_pressure pressure = { 0 };

	if (walk_levels(walk) > 0 && !walk->reader->pressure(&walk->dir, kind, &pressure, error))
		return false;
	*ret = pressure;
	return true;
}

bool cg_group_memory(CgGroup *group, struct cg_memory *ret_memory, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_MEMORY, error) && walk_done(&walk, read_memory(&walk, ret_memory, error));
}

bool cg_group_memory_events(CgGroup *group, struct cg_memory_events *ret_events, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_MEMORY, error) &&
	       walk_done(&walk, read_memory_events(&walk, ret_events, error));
}

bool cg_group_numa(CgGroup *group, struct cg_numa *ret_numa, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_MEMORY, error) && walk_done(&walk, read_numa(&walk, 0, ret_numa, error));
}

bool cg_group_hugetlb(CgGroup *group, uint64_t page_size, struct cg_hugetlb *ret_hugetlb, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_HUGETLB, error) &&
	       walk_done(&walk, read_hugetlb(&walk, page_size, ret_hugetlb, error));
}

bool cg_group_hugetlb_numa(CgGroup *group, uint64_t page_size, struct cg_numa *ret_numa, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_HUGETLB, error) &&
	       walk_done(&walk, read_numa(&walk, page_size, ret_numa, error));
}

bool cg_group_quota(CgGroup *group, struct cg_quota *ret_quota, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_CPU, error) && walk_done(&walk, read_quota(&walk, ret_quota, error));
}

bool cg_group_cputime(CgGroup *group, struct cg_cputime *ret_time, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_CPUACCT, error) && walk_done(&walk, read_cputime(&walk, ret_time, error));
}

bool cg_group_shares(CgGroup *group, uint64_t *ret_shares, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_CPU, error) && walk_done(&walk, read_shares(&walk, ret_shares, error));
}

bool cg_group_throttled(CgGroup *group, const struct cg_quota *quota, uint64_t *ret_us, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_CPU, error) && walk_done(&walk, read_throttled(&walk, quota, ret_us, error));
}

bool cg_group_cpus(CgGroup *group, struct cg_cpumask *ret_cpus, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_CPUSET, error) && walk_done(&walk, read_cpus(&walk, ret_cpus, error));
}

bool cg_group_mems(CgGroup *group, struct cg_cpumask *ret_mems, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_CPUSET, error) && walk_done(&walk, read_mems(&walk, ret_mems, error));
}

bool cg_group_pids(CgGroup *group, struct cg_pids *ret_pids, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_PIDS, error) && walk_done(&walk, read_pids(&walk, ret_pids, error));
}

bool cg_group_io(CgGroup *group, struct cg_io *ret_io, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_IO, error) && walk_done(&walk, read_io(&walk, ret_io, error));
}

bool cg_group_pressure(CgGroup *group, enum cg_pressure_kind kind, struct cg_pressure *ret_pressure, GError **error)
{
	cg_cleanup(walk_end) struct walk walk;

	return walk_begin(&walk, group, CG_CORE, error) &&
	       walk_done(&walk, read_pressure(&walk, kind, ret_pressure, error));
}
