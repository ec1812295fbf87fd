/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/group.h"
#include "cgroup/iostat.h"
#include "tests/fuzz/fuzz_cgroup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_text(data, size);
	struct cg_io io = { 0 };
	GError *error = NULL;

	fuzz_check(iostat_parse_v2(text, "fuzzed", &io, &error), error);
	cg_io_clear(&io);
	error = NULL;
	fuzz_check(iostat_parse_v1(text, "fuzzed", IOSTAT_BYTES, &io, &error), error);
	error = NULL;
	fuzz_check(iostat_parse_v1(text, "fuzzed", IOSTAT_IOS, &io, &error), error);
	cg_io_clear(&io);
	return 0;
}
