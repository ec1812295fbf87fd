/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/pressure.h"
#include "tests/fuzz/fuzz_cgroup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_text(data, size);
	struct cg_pressure pressure;
	GError *error = NULL;
	bool done = pressure_parse(text, "fuzzed", &pressure, &error);

	fuzz_check(done, error);
	if (done && !pressure.some.present && !pressure.full.present)
		g_error("no line");
	if (done && (pressure.some.avg10 > 10099 || pressure.full.avg300 > 10099))
		g_error("more than all the time");
	return 0;
}
