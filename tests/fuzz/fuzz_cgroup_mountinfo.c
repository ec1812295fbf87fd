/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/mountinfo.h"
#include "tests/fuzz/fuzz_cgroup.h"

#include <string.h>

static void check_field(const struct mountinfo_field *field, const char *text)
{
	g_autofree char *decoded = mountinfo_decode(field);

	if (field->start < text || field->start + field->length > text + strlen(text))
		g_error("a field outside the text");
	if (memchr(field->start, '\n', field->length) || strlen(decoded) > field->length)
		g_error("a field of two lines");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_text(data, size);
	const char *cursor = text;
	struct mountinfo mount;

	for (bool more = true; more;) {
		GError *error = NULL;
		bool done = mountinfo_next(&cursor, "fuzzed", &mount, &more, &error);

		fuzz_check(done, error);
		if (!done || !more)
			break;
		check_field(&mount.root, text);
		check_field(&mount.mount_point, text);
		check_field(&mount.type, text);
		check_field(&mount.super_options, text);
	}
	return 0;
}
