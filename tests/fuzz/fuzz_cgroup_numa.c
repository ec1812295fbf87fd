/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/group.h"
#include "cgroup/numa.h"
#include "tests/fuzz/fuzz_cgroup.h"

static const struct keyed table[] = {
	{ "anon", offsetof(struct cg_numa_node, stat.anon), false },
	{ "hierarchical_total", offsetof(struct cg_numa_node, usage), false },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_text(data, size);
	cg_cleanup(cg_numa_clear) struct cg_numa numa = { 0 };
	GError *error = NULL;

	fuzz_check(numa_parse(text, "fuzzed", table, G_N_ELEMENTS(table), 4096, &numa, &error), error);
	if (numa.n > CG_MAX_NODES || !numa.n != !numa.node)
		g_error("%u nodes", numa.n);
	for (unsigned i = 0; i < numa.n; i++) {
		if (numa.node[i].stat.file)
			g_error("a figure that no line has");
	}
	return 0;
}
