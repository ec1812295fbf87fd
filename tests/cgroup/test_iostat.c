/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/iostat.h"
#include "tests/cgroup/tree.h"

static void assert_device(const struct cg_io_device *d, const uint64_t expected[8])
{
	const uint64_t found[8] = { d->major, d->minor, d->rbytes, d->wbytes, d->rios, d->wios, d->dbytes, d->dios };

	assert_memory_equal(found, expected, sizeof(found));
}

static void test_v2(void **state)
{
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };

	assert_true(
		iostat_parse_v2("8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=5 dios=6\n"
				"253:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0 cost.usage=9 depth=max x=1.5\n",
				"io.stat", &io, NULL));
	assert_int_equal(io.n, 2);
	assert_device(&io.device[0], (uint64_t[]){ 8, 16, 1459200, 314773504, 192, 353, 5, 6 });
	assert_device(&io.device[1], (uint64_t[]){ 253, 0, 1, 2, 3, 4, 0, 0 });
}

static void test_v2_empty(void **state)
{
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };

	/* No device was used; and devices that have no statistics, in front of one that has. */
	assert_true(iostat_parse_v2("", "io.stat", &io, NULL));
	assert_int_equal(io.n, 0);
	assert_true(iostat_parse_v2("7:1 7:0 8:0 rbytes=5 wbytes=6 \n9:0 \n9:1\n", "io.stat", &io, NULL));
	assert_int_equal(io.n, 1);
	assert_device(&io.device[0], (uint64_t[]){ 8, 0, 5, 6, 0, 0, 0, 0 });
}

static void test_v2_malformed(void **state)
{
	static const char *const bad[] = { "8:0 rbytes\n",
					   "8:0 rbytes=\n",
					   "8:0 rbytes=-1\n",
					   "8:0 rbytes=1x\n",
					   "8:0 =1\n",
					   "8 rbytes=1\n",
					   "rbytes=1\n",
					   "8: rbytes=1\n",
					   "8:0  rbytes=1\n",
					   "\n",
					   "8:0\trbytes=1\n",
					   "8:0 rbytes=18446744073709551616\n",
					   "4294967296:0 rbytes=1\n",
					   "8:0 rbytes=1\nwbyt" };
	g_autoptr(GError) error = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		cg_cleanup(cg_io_clear) struct cg_io io = { 0 };

		assert_fails(iostat_parse_v2(bad[i], "io.stat", &io, &error), &error, EINVAL, "io.stat");
	}
}

static void test_v1(void **state)
{
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };

	assert_true(iostat_parse_v1("8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 1\n8:0 Async 2\n8:0 Discard 3\n"
				    "8:0 Total 12291\n253:1 Read 7\nTotal 12298\n",
				    "bytes", IOSTAT_BYTES, &io, NULL));
	assert_true(iostat_parse_v1("253:1 Read 1\n8:0 Read 2\n8:0 Write 3\n8:0 Discard 4\nTotal 10", "ios", IOSTAT_IOS,
				    &io, NULL));
	assert_int_equal(io.n, 2);
	assert_device(&io.device[0], (uint64_t[]){ 8, 0, 4096, 8192, 2, 3, 3, 4 });
	assert_device(&io.device[1], (uint64_t[]){ 253, 1, 7, 0, 1, 0, 0, 0 });
	assert_true(iostat_parse_v1("Total 0\n", "bytes", IOSTAT_BYTES, &io, NULL));
	assert_int_equal(io.n, 2);
}

static void test_v1_malformed(void **state)
{
	static const char *const bad[] = { "8:0 Read\n",
					   "8:0 Read \n",
					   "8:0 Read x\n",
					   "8:0 Read -1\n",
					   "8:0  Read 1\n",
					   "Read 1\n",
					   "8:0 5\n",
					   "8 Read 1\n",
					   "Total\n",
					   "Total 1 2\n",
					   "\n",
					   "8:0 Read 1\n\n",
					   "8:0 Read 18446744073709551616\n",
					   "8:0 Read 1\n8:0 Wri" };
	g_autoptr(GError) error = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		cg_cleanup(cg_io_clear) struct cg_io io = { 0 };

		assert_fails(iostat_parse_v1(bad[i], "blkio", IOSTAT_IOS, &io, &error), &error, EINVAL, "blkio");
	}
}

static void test_many_devices(void **state)
{
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };
	g_autoptr(GString) text = g_string_new(NULL);

	for (unsigned i = 0; i < 1000; i++)
		g_string_append_printf(text, "8:%u rbytes=%u\n", i, i * 3);
	assert_true(iostat_parse_v2(text->str, "io.stat", &io, NULL));
	assert_int_equal(io.n, 1000);
	assert_int_equal(io.device[999].rbytes, 2997);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v2), cmocka_unit_test(test_v2_empty),     cmocka_unit_test(test_v2_malformed),
		cmocka_unit_test(test_v1), cmocka_unit_test(test_v1_malformed), cmocka_unit_test(test_many_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
