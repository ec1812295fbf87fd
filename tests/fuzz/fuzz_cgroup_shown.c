/* SPDX-License-Identifier: Apache-2.0
 *
 * A mount table, whose mount points and order are the container's, and what is behind the first NUL as its
 * /proc/PID/cgroup.
 */
#include "cgroup/shown.h"
#include "tests/fuzz/fuzz_cgroup.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup("", size + 1);
	enum cg_shown shown[2] = { CG_SHOWN_NONE, CG_SHOWN_NONE };

	memcpy(text, data, size);
	for (unsigned i = 0; i < 2; i++) {
		const struct cg_shown_place place = { .mountinfo = text,
						      .file = "fuzzed",
						      .mount = 30,
						      .cgroup = strlen(text) < size ? text + strlen(text) + 1 : "",
						      .read_only = i };
		GError *error = NULL;
		bool done = cg_shown_look(&place, &shown[i], &error);

		fuzz_check(done, error);
		if (!done)
			return 0;
	}
	if (shown[1] > shown[0] || (shown[1] == CG_SHOWN_OWN) != (shown[0] == CG_SHOWN_OWN))
		g_error("whether it may be written changes whose it is");
	return 0;
}
