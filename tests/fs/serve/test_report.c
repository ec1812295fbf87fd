/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/report.h"

#include "cgroup/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* What the log got: one counter a level. */
struct heard {
	unsigned warnings, debugs;
	char last[256];
};

static GLogWriterOutput hear(GLogLevelFlags level, const GLogField *fields, size_t n, void *data)
{
	struct heard *heard = data;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(fields[i].key, "MESSAGE") == 0)
			g_strlcpy(heard->last, fields[i].value, sizeof heard->last);
	}
	heard->warnings += (level & G_LOG_LEVEL_WARNING) != 0;
	heard->debugs += (level & G_LOG_LEVEL_DEBUG) != 0;
	return G_LOG_WRITER_HANDLED;
}

static int report(Report *report, int code)
{
	g_autoptr(GError) error = g_error_new(CG_ERROR, code, "memory.max: not a number");

	return report_failure(report, "/proc/meminfo", error);
}

static void errors_become_their_errno(void **state)
{
	g_autoptr(Report) reports = report_new();
	g_autoptr(GError) foreign = g_error_new(G_FILE_ERROR, G_FILE_ERROR_NOENT, "not ours");

	assert_int_equal(report(reports, ESRCH), ESRCH);
	assert_int_equal(report(reports, EINVAL), EINVAL);
	assert_int_equal(report_failure(reports, "/x", foreign), EIO);
}

static void a_line_names_the_file_and_the_reason(void **state)
{
	struct heard *heard = *state;
	g_autoptr(Report) reports = report_new();

	report(reports, EINVAL);
	assert_string_equal(heard->last, "/proc/meminfo: memory.max: not a number");
}

static void the_log_is_bounded_but_all_is_counted(void **state)
{
	struct heard *heard = *state;
	g_autoptr(Report) reports = report_new();
	uint64_t everyday, failures;

	*heard = (struct heard){ 0 };
	for (int i = 0; i < 1000; i++) {
		report(reports, ESRCH);
		report(reports, EINVAL);
	}
	report_counts(reports, &everyday, &failures);
	assert_int_equal(everyday, 1000);
	assert_int_equal(failures, 1000);
	assert_in_range(heard->warnings, 1, 20);
	assert_in_range(heard->debugs, 1, 20);
}

static void everyday_lines_do_not_use_up_the_warnings(void **state)
{
	struct heard *heard = *state;
	g_autoptr(Report) reports = report_new();

	for (int i = 0; i < 1000; i++)
		report(reports, ENOENT);
	*heard = (struct heard){ 0 };
	report(reports, EINVAL);
	assert_int_equal(heard->warnings, 1);
}

int main(void)
{
	struct heard heard = { 0 };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(errors_become_their_errno, &heard),
		cmocka_unit_test_prestate(a_line_names_the_file_and_the_reason, &heard),
		cmocka_unit_test_prestate(the_log_is_bounded_but_all_is_counted, &heard),
		cmocka_unit_test_prestate(everyday_lines_do_not_use_up_the_warnings, &heard),
	};

	g_log_set_writer_func(hear, &heard, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
