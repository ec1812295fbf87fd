/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cpuacct.h"
#include "cgroup/group.h"
#include "tests/fuzz/fuzz_cgroup.h"

static void check_division(struct cg_cputime *time, const struct cpuacct_split *split)
{
	cpuacct_divide(time, split);
	if (time->user_us + time->system_us != time->usage_us || time->system_us > time->usage_us)
		g_error("not the sum");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_text(data, size);
	struct cg_cputime time = { .usage_us = UINT64_MAX / 3 };
	struct cpuacct_split split;
	GError *error = NULL;
	bool done = cpuacct_parse_usage_all(text, "fuzzed", &split, &error);

	fuzz_check(done, error);
	if (done)
		check_division(&time, &split);
	error = NULL;
	done = cpuacct_parse_stat(text, "fuzzed", &split, &error);
	fuzz_check(done, error);
	if (done)
		check_division(&time, &split);
	error = NULL;
	fuzz_check(cpuacct_parse_percpu(text, "fuzzed", &time, &error), error);
	cg_cputime_clear(&time);
	return 0;
}
