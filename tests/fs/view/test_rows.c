/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/view/sample.h"

#include "fs/view/rows.h"

#include <limits.h>
#include <stdlib.h>

#define foreach_row(row) \
	for (const struct row *row = rows_all(&(unsigned){ 0 }), *end_ = row + count_rows(); row < end_; row++)

static unsigned count_rows(void)
{
	unsigned n;

	rows_all(&n);
	return n;
}

static void ids_and_paths_are_unique(void **state)
{
	g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
	bool taken[ROW_IDS] = { false };

	foreach_row(row)
	{
		assert_in_range(row->id, 1, ROW_IDS - 1);
		assert_false(taken[row->id]);
		taken[row->id] = true;
		assert_true(g_hash_table_add(paths, (char *)(uintptr_t)row->path));
	}
	assert_true(g_hash_table_size(paths) > 13);
}

static void parents_are_directories_and_come_first(void **state)
{
	foreach_row(row)
	{
		const struct row *parent = rows_parent(row);

		assert_non_null(parent);
		assert_true(rows_is_directory(parent));
		if (row->id == ROW_ROOT)
			assert_ptr_equal(parent, row);
		else
			assert_true(parent < row);
	}
}

static void each_file_can_be_rendered(void **state)
{
	foreach_row(row)
	{
		assert_non_null(row->about);
		assert_true(row->about[0] && !strchr(row->about, '\n'));
		assert_int_equal(!rows_is_directory(row), !!row->render);
		assert_int_equal(row->mode & ~0777u, 0);
		/* Directories exist with the host's; only one of many needs to know which ones there are. */
		if (rows_is_directory(row) && !strchr(rows_name(row), '%'))
			assert_int_equal(row->needs & ~VIEW_OF_HOST, 0);
	}
}

/* Whatever the host's text is, with an empty view: no row says nothing but a newline of it, and none crashes. */
static void each_file_survives_garbage(void **state)
{
	static const char *const texts[] = {
		NULL, "", "\n", ":", "987654321\n", "\x01\xff:\n", "processor\t: 987654321"
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		struct view view = { .cpus = sample_cpus("0", 1, false), .host = texts[i] };

		foreach_row(row)
		{
			g_autofree char *text = row->render ? sample_render(row->render, &view) : NULL;

			if (text && row->render != constant_number_render && row->render != constant_word_render &&
			    row->render != constant_line_render && row->render != cpuinfo_render)
				assert_null(strstr(text, "987654321"));
		}
	}
}

static void finds_rows(void **state)
{
	foreach_row(row)
	{
		assert_ptr_equal(rows_by_id(row->id), row);
		assert_ptr_equal(rows_by_path(row->path), row);
	}
	assert_null(rows_by_id(0));
	assert_null(rows_by_id(ROW_IDS - 1));
	assert_null(rows_by_id(UINT_MAX));
	assert_null(rows_by_path(""));
	assert_null(rows_by_path("/pro"));
	assert_null(rows_by_path("/proc/"));
	assert_null(rows_by_path("proc"));
}

/* Only files of the tree, and none of which a writer's descriptors, programs or the whole machine could be meant. */
static void what_can_be_written_to(void **state)
{
	static const char *const never[] = {
		"release_agent", "cgroup.event_control", ".pressure",  "devices.", ".stat", ".usage", ".current",
		".events",       "pressure_level",       "force_empty"
	};
	unsigned writable = 0;

	foreach_row(row)
	{
		if (!row->writable)
			continue;
		writable++;
		assert_true(row_in_tree(row) && row->kind == ROW_FILE && !row->link);
		assert_int_equal(row->mode, 0644);
		for (unsigned i = 0; i < G_N_ELEMENTS(never); i++)
			assert_null(strstr(rows_name(row), never[i]));
	}
	assert_true(writable > 90);
	assert_true(rows_by_path("/sys/fs/cgroup/memory.max")->writable);
	assert_true(rows_by_path("/sys/fs/cgroup/pids/tasks")->writable);
	assert_false(rows_by_path("/sys/fs/cgroup/cgroup.controllers")->writable);
	assert_false(rows_by_path("/proc/uptime")->writable);
}

static void names_and_parents(void **state)
{
	const struct row *file = rows_by_path("/proc/meminfo");
	const struct row *cpu = rows_by_path("/sys/devices/system/cpu/cpu%");

	assert_string_equal(rows_name(file), "meminfo");
	assert_string_equal(rows_parent(file)->path, "/proc");
	assert_string_equal(rows_name(cpu), "cpu%");
	assert_int_equal(cpu->kind, ROW_EACH_CPU);
	assert_string_equal(rows_parent(rows_parent(file))->path, "/");
	assert_int_equal(rows_by_path("/")->id, ROW_ROOT);
	assert_int_equal(rows_by_path("/sys/devices/system/cpu/cpu%/cache/index%")->kind, ROW_EACH_CACHE);
	assert_int_equal(rows_by_path("/containers")->kind, ROW_CONTAINERS);
}

/* The hook lays leaf files and the directories that are ours alone; never a directory that others need. */
static void lays_files_and_few_directories(void **state)
{
	static const char *const directories[] = { "/sys/devices/system/cpu",
						   "/sys/block",
						   "/sys/class/block",
						   "/sys/dev/block",
						   "/sys/devices/system/memory",
						   "/sys/devices/system/node",
						   "/sys/kernel/mm/hugepages",
						   "/sys/kernel/mm/ksm",
						   NULL };
	unsigned n = 0;

	foreach_row(row)
	{
		if (!row->lay)
			continue;
		n++;
		assert_true(rows_is_directory(row) ? g_strv_contains(directories, row->path)
						   : g_str_has_prefix(row->path, "/proc/"));
		assert_null(strchr(row->path, '%'));
	}
	assert_true(n >= 26);
}

static void assert_released(char *line)
{
	char *path;
	const struct row *row = rows_by_id((unsigned)strtoul(line, &path, 10));

	assert_non_null(row);
	assert_string_equal(row->path, g_strchug(path));
}

static void released_ids_keep_their_paths(void **state)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	unsigned n = 0;

	assert_true(g_file_get_contents(RELEASED_ROWS, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		if (!**line || **line == '#')
			continue;
		assert_released(*line);
		n++;
	}
	assert_true(n >= 13);
}

static void test_children(void **state)
{
	unsigned n;
	const struct row *rows = rows_all(&n);

	for (unsigned i = 0; i < n; i++) {
		for (unsigned j = 0; j < n; j++)
			assert_int_equal(rows_is_child(&rows[i], &rows[j]),
					 rows[i].id != ROW_ROOT && rows_parent(&rows[i]) == &rows[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_children),
		cmocka_unit_test(ids_and_paths_are_unique),
		cmocka_unit_test(parents_are_directories_and_come_first),
		cmocka_unit_test(each_file_can_be_rendered),
		cmocka_unit_test(each_file_survives_garbage),
		cmocka_unit_test(finds_rows),
		cmocka_unit_test(what_can_be_written_to),
		cmocka_unit_test(names_and_parents),
		cmocka_unit_test(lays_files_and_few_directories),
		cmocka_unit_test(released_ids_keep_their_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
