/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/oci_masks.h"

#include "tests/fs/harness.h"

#include <string.h>

#define MOUNTS(list)          "{\"mounts\":[" list "]}"
#define AT(destination, more) "{\"destination\":\"" destination "\"" more "}"
#define CGROUPS(options)      AT("/sys/fs/cgroup", ",\"type\":\"cgroup\",\"options\":[" options "]")

static void tells_what_is_read_only(void **state)
{
	static const struct {
		const char *text;
		bool read_only;
	} cases[] = {
		{ "{}", false },
		{ "{\"mounts\":{}}", false },
		{ MOUNTS(""), false },
		{ MOUNTS(CGROUPS("")), false },
		{ MOUNTS(AT("/sys/fs/cgroup", "")), false },
		{ MOUNTS(CGROUPS("\"nosuid\",\"ro\"")), true },
		{ MOUNTS(CGROUPS("\"rro\"")), true },
		{ MOUNTS(CGROUPS("\"ro\",\"rw\"")), false },
		{ MOUNTS(CGROUPS("\"rw\",\"ro\"")), true },
		{ MOUNTS(CGROUPS("\"ro\"") "," CGROUPS("\"rbind\"")), false },
		{ MOUNTS(CGROUPS("\"rbind\"") "," CGROUPS("\"ro\"")), true },
		{ MOUNTS(AT("sys/fs//cgroup/", ",\"options\":[\"ro\"]")), true },
		{ MOUNTS(AT("/sys", ",\"options\":[\"ro\"]")), false },
		{ MOUNTS(AT("/sys/fs/cgroup/memory", ",\"options\":[\"ro\"]")), false },
		{ MOUNTS("1,{\"destination\":1}," CGROUPS("1,\"ro\"")), true },
		{ MOUNTS(CGROUPS("\"ro\"") ",{}"), true },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct oci_masks masks;

		assert_true(oci_masks_parse(cases[i].text, strlen(cases[i].text), &masks, NULL));
		if (masks.cgroups_read_only != cases[i].read_only)
			fail_msg("%s", cases[i].text);
		oci_masks_clear(&masks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tells_what_is_read_only) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
