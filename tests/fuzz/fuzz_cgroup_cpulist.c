/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cpulist.h"
#include "tests/fuzz/fuzz_cgroup.h"

/* What was parsed is printed and parsed again as the same set. */
static void check_again(const struct cg_cpumask *mask)
{
	g_autoptr(GString) list = g_string_new(NULL), map = g_string_new(NULL);
	struct cg_cpumask from_list, from_map;

	cg_cpulist_append(list, mask);
	cg_cpumap_append(map, mask, CG_MAX_CPUS);
	if (!cg_cpulist_parse(list->str, "again", &from_list, NULL) || !cg_cpumask_equal(mask, &from_list))
		g_error("list %s", list->str);
	if (!cg_cpumap_parse(map->str, "again", &from_map, NULL) || !cg_cpumask_equal(mask, &from_map))
		g_error("map %s", map->str);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_text(data, size);
	struct cg_cpumask mask;
	GError *error = NULL;
	bool done = cg_cpulist_parse(text, "fuzzed", &mask, &error);

	fuzz_check(done, error);
	if (done)
		check_again(&mask);
	error = NULL;
	done = cg_cpumap_parse(text, "fuzzed", &mask, &error);
	fuzz_check(done, error);
	if (done)
		check_again(&mask);
	return 0;
}
