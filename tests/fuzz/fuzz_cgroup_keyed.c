/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/keyed.h"
#include "tests/fuzz/fuzz_cgroup.h"

struct figures {
	uint64_t before, file, file_mapped, anon, behind;
};

static const struct keyed table[] = {
	{ "anon", offsetof(struct figures, anon), true },
	{ "file", offsetof(struct figures, file), false },
	{ "file_mapped", offsetof(struct figures, file_mapped), false },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_text(data, size);
	struct figures figures = { .before = 1, .behind = 2 };
	GError *error = NULL;

	fuzz_check(keyed_parse(text, "fuzzed", table, G_N_ELEMENTS(table), &figures, &error), error);
	if (figures.before != 1 || figures.behind != 2)
		g_error("wrote beside");
	return 0;
}
