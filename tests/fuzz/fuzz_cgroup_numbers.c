/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/convert.h"
#include "tests/fuzz/fuzz_cgroup.h"

#include <inttypes.h>

/* A number that was taken is the one that was written. */
static void check_exact(const char *text, uint64_t value)
{
	g_autofree char *again = g_strdup_printf("%" PRIu64, value);

	while (*text == '0' && g_ascii_isdigit(text[1]))
		text++;
	if (!g_str_has_prefix(text, again))
		g_error("%s became %s", text, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_text(data, size);
	uint64_t value, period;
	GError *error = NULL;
	bool done;

	done = cg_parse_u64(text, "fuzzed", &value, &error);
	fuzz_check(done, error);
	if (done)
		check_exact(text, value);
	error = NULL;
	fuzz_check(cg_parse_max(text, "fuzzed", &value, &error), error);
	error = NULL;
	fuzz_check(cg_parse_v1_limit(text, "fuzzed", &value, &error), error);
	error = NULL;
	fuzz_check(cg_parse_v1_quota(text, "fuzzed", &value, &error), error);
	error = NULL;
	done = cg_parse_cpu_max(text, "fuzzed", &value, &period, &error);
	fuzz_check(done, error);
	if (done && period == 0)
		g_error("a period of 0");
	return 0;
}
