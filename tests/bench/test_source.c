/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static void path_takes_file_or_size(void **state)
{
	struct source *lxcfs = source_parse("lxcfs=0:/mnt/lxcfs{file}", NULL);
	struct source *nullfs = source_parse("nullfs=0:/mnt/null/{size}", NULL);
	g_autofree char *file = source_path(lxcfs, "/proc/stat", 12);
	g_autofree char *size = source_path(nullfs, "/proc/stat", 12);

	assert_string_equal(lxcfs->name, "lxcfs");
	assert_string_equal(file, "/mnt/lxcfs/proc/stat");
	assert_string_equal(size, "/mnt/null/12");
	source_free(lxcfs);
	source_free(nullfs);
}

static void other_words_are_refused(void **state)
{
	static const char *const words[] = { "", "lxcfs", "lxcfs=", "lxcfs=:/x", "lxcfs=1x:/x", "lxcfs=1" };

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(source_parse(words[i], &error));
		assert_non_null(error);
	}
}

static void a_process_that_is_not_there_is_refused(void **state)
{
	g_autoptr(GError) error = NULL;

	/* The kernel's PID_MAX_LIMIT, which is no pid. */
	assert_null(source_parse("gone=4194304:/x", &error));
	assert_non_null(strstr(error->message, "4194304"));
}

static void cpu_grows_with_work(void **state)
{
	g_autofree char *word = g_strdup_printf("self=%d:/x", (int)getpid());
	struct source *self = source_parse(word, NULL);
	struct source *kernel = source_parse("kernel=0:{file}", NULL);
	double start = source_cpu_us(self);

	for (volatile unsigned i = 0; i < 10000000; i++)
		continue;
	assert_true(source_cpu_us(self) - start > 1000);
	assert_true(source_cpu_us(kernel) == 0);
	source_free(self);
	source_free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_takes_file_or_size),
		cmocka_unit_test(other_words_are_refused),
		cmocka_unit_test(a_process_that_is_not_there_is_refused),
		cmocka_unit_test(cpu_grows_with_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
