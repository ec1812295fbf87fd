/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/cpus.h"

#include "cgroup/cpulist.h"

#include <string.h>

static const char *const count_names[] = {
	[VIEW_CPU_QUOTA] = "quota",
	[VIEW_CPU_CPUSET] = "cpuset",
	[VIEW_CPU_SHARES] = "shares",
};

bool view_cpu_count_parse(const char *word, enum view_cpu_count *ret)
{
	for (size_t i = 0; i < G_N_ELEMENTS(count_names); i++) {
		if (!strcmp(word, count_names[i])) {
			*ret = (enum view_cpu_count)i;
			return true;
		}
	}
	return false;
}

const char *view_cpu_count_name(enum view_cpu_count count)
{
	return count_names[count];
}

static uint64_t ceil_div(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

/* How many CPUs the policy gives; CG_UNLIMITED where it sets no bound. */
static uint64_t count_of(const struct cg_cpu *cpu, enum view_cpu_count count)
{
	switch (count) {
	case VIEW_CPU_QUOTA:
		if (cpu->quota.quota_us == CG_UNLIMITED)
			return CG_UNLIMITED;
		return ceil_div(cpu->quota.quota_us, MAX(cpu->quota.period_us, 1));
	case VIEW_CPU_CPUSET:
		return CG_UNLIMITED;
	case VIEW_CPU_SHARES:
		return ceil_div(cpu->shares, 1024);
	}
	return CG_UNLIMITED;
}

static void keep_first(struct view_cpus *cpus, const struct cg_cpumask *from, uint64_t most)
{
	cg_cpumask_zero(&cpus->visible);
	cpus->n = 0;
	cg_cpumask_foreach (cpu, from) {
		if (cpus->n >= most)
			break;
		cg_cpumask_set(&cpus->visible, cpu);
		cpus->n++;
	}
}

void view_cpus_choose(struct view_cpus *ret, const struct cg_cpumask *online, unsigned host_ids,
		      const struct cg_cpumask *cpuset, const struct cg_cpu *cpu, enum view_cpu_count count,
		      bool renumber)
{
	struct cg_cpumask within = *online;

	/* As the kernel: when all CPUs of a cpuset went offline its tasks run on those that are left (cpusets.rst). */
	if (!cg_cpumask_empty(cpuset))
		cg_cpumask_and(&within, cpuset);
	if (cg_cpumask_empty(&within))
		within = *online;
	if (cg_cpumask_empty(&within))
		cg_cpumask_set(&within, 0);
	keep_first(ret, &within, MAX(count_of(cpu, count), 1));
	ret->host_ids = host_ids;
	ret->renumber = renumber;
}

/* Members of the mask that are below `cpu`. */
static unsigned rank(const struct cg_cpumask *mask, unsigned cpu)
{
	unsigned n = 0;

	cpu = MIN(cpu, CG_MAX_CPUS);
	for (unsigned i = 0; i < cpu / 64; i++)
		n += (unsigned)__builtin_popcountll(mask->word[i]);
	if (cpu % 64)
		n += (unsigned)__builtin_popcountll(mask->word[cpu / 64] & ((UINT64_C(1) << cpu % 64) - 1));
	return n;
}

unsigned view_cpus_shown(const struct view_cpus *cpus, unsigned physical)
{
	return cpus->renumber ? rank(&cpus->visible, physical) : physical;
}

void view_cpus_show(const struct view_cpus *cpus, const struct cg_cpumask *physical, struct cg_cpumask *ret_shown)
{
	struct cg_cpumask shown;
	unsigned i = 0;

	cg_cpumask_zero(&shown);
	cg_cpumask_foreach (cpu, &cpus->visible) {
		if (cg_cpumask_has(physical, cpu))
			cg_cpumask_set(&shown, cpus->renumber ? i : cpu);
		i++;
	}
	*ret_shown = shown;
}
