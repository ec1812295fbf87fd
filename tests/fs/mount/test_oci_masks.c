/* SPDX-License-Identifier: Apache-2.0
 *
 * What config.json hides.
 */
#include "fs/mount/oci_masks.h"

#include "tests/fs/harness.h"

#include <string.h>

#define cleanup_masks __attribute__((cleanup(oci_masks_clear)))

static void finds_masks(void **state)
{
	static const struct {
		const char *linux_member, *masked, *read_only;
	} cases[] = {
		{ "", "", "" },
		{ "\"linux\":null,", "", "" },
		{ "\"linux\":{},", "", "" },
		{ "\"linux\":{\"maskedPaths\":null,\"readonlyPaths\":[]},", "", "" },
		{ "\"linux\":{\"maskedPaths\":[\"/etc/proc\",\"/run/sys\"]},", "", "" },
		{ "\"linux\":{\"maskedPaths\":[\"/processes/a\",\"/system\"]},", "", "" },
		{ "\"linux\":{\"maskedPaths\":[\"/sys\"]},", "/sys", "" },
		{ "\"linux\":{\"maskedPaths\":[\"/etc\",\"/proc/kcore\",\"/proc/keys\"]},", "/proc/kcore /proc/keys",
		  "" },
		{ "\"linux\":{\"maskedPaths\":[1,\"/sys/firmware\"]},", "/sys/firmware", "" },
		{ "\"linux\":{\"maskedPaths\":[\"/etc\"],\"readonlyPaths\":[\"/proc/sys\"]},", "", "/proc/sys" },
		{ "\"linux\":{\"readonlyPaths\":[\"//etc/..//proc/./bus\"]},", "", "/proc/bus" },
		{ "\"linux\":{\"readonlyPaths\":[\"/proc\"]},", "", "/proc" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = g_strdup_printf("{%s\"root\":{}}", cases[i].linux_member), *masked = NULL;
		g_autofree char *read_only = NULL;
		cleanup_masks struct oci_masks masks = { 0 };
		g_autoptr(GError) error = NULL;

		assert_true(oci_masks_parse(text, strlen(text), &masks, &error));
		masked = g_strjoinv(" ", masks.masked);
		read_only = g_strjoinv(" ", masks.read_only);
		assert_string_equal(masked, cases[i].masked);
		assert_string_equal(read_only, cases[i].read_only);
	}
}

static void refuses_masks(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "x", "config.json is not JSON" },
		{ "{\"linux\":[]}", "config.json: member \"linux\" is not an object" },
		{ "{\"linux\":{\"maskedPaths\":\"/proc\"}}",
		  "config.json's linux: member \"maskedPaths\" is not an array" },
		{ "{\"linux\":{\"readonlyPaths\":{}}}",
		  "config.json's linux: member \"readonlyPaths\" is not an array" },
	};

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		struct oci_masks masks = { 0 };

		assert_false(oci_masks_parse(cases[i].text, strlen(cases[i].text), &masks, &error));
		assert_has(error->message, cases[i].error);
		assert_null(masks.masked);
	}
}

static void hides_whole_names(void **state)
{
	static const char text[] = "{\"linux\":{\"maskedPaths\":[\"/proc/stat\",\"/sys/dev/\"],"
				   "\"readonlyPaths\":[\"/proc/sys\"]}}";
	cleanup_masks struct oci_masks masks = { 0 };
	const struct oci_masks none = { 0 };

	assert_true(oci_masks_parse(text, strlen(text), &masks, NULL));
	assert_true(oci_masks_hide(&masks, "/proc/stat"));
	assert_true(oci_masks_hide(&masks, "/sys/dev/block"));
	assert_false(oci_masks_hide(&masks, "/sys/devices/system/cpu"));
	assert_false(oci_masks_hide(&masks, "/proc"));
	assert_false(oci_masks_hide(&masks, "/proc/sys"));
	assert_false(oci_masks_hide(&none, "/proc/stat"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_masks),
		cmocka_unit_test(refuses_masks),
		cmocka_unit_test(hides_whole_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
