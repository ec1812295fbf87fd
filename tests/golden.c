/* SPDX-License-Identifier: Apache-2.0
 *
 * Every captured host of tests/fixtures × every file that its container sees,
 * against the text in HOST/expected, and what must hold between those files.
 * Needs no root. PROCVIRT_GOLDEN_UPDATE=1 writes the expected texts anew: read
 * the difference against SEMANTICS before you keep it.
 */
#include "golden/agree.h"
#include "golden/fixture.h"

#include <glib/gstdio.h>
#include <string.h>

static bool updating(void)
{
	return g_strcmp0(g_getenv("PROCVIRT_GOLDEN_UPDATE"), "1") == 0;
}

static void write_expected(const char *file, const char *text)
{
	g_autofree char *directory = g_path_get_dirname(file);
	g_autoptr(GError) error = NULL;

	assert_int_equal(g_mkdir_with_parents(directory, 0755), 0);
	if (!g_file_set_contents(file, text, -1, &error))
		fail_msg("%s", error->message);
}

/* ---- one test a file ---- */

static void row_is_as_expected(void **state)
{
	const struct instance *instance = *state;
	g_autofree char *file = g_build_filename(instance->fixture->directory, "expected", instance->path, NULL);
	g_autofree char *text = instance_text(instance);
	g_autofree char *expected = NULL;
	g_autoptr(GError) error = NULL;

	if (updating())
		write_expected(file, text);
	if (!g_file_get_contents(file, &expected, NULL, &error))
		fail_msg("%s", error->message);
	assert_string_equal(text, expected);
}

/* ---- one test a host ---- */

static void host_opens(void **state)
{
	const struct fixture *fixture = *state;

	if (fixture->error)
		fail_msg("%s: %s", fixture->name, fixture->error->message);
}

static GHashTable *rendered_paths(struct fixture *fixture)
{
	g_autoptr(GPtrArray) all = fixture_instances(fixture);
	GHashTable *paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (unsigned i = 0; i < all->len; i++)
		g_hash_table_add(paths, g_strdup(((struct instance *)all->pdata[i])->path));
	return paths;
}

/* Calls itself for each directory; the number of files that no row renders. */
static unsigned count_orphans(const char *directory, const char *path, GHashTable *rendered)
{
	g_autofree char *here = g_build_filename(directory, path, NULL);
	g_autoptr(GDir) dir = g_dir_open(here, 0, NULL);
	unsigned n = 0;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *inner = g_strconcat(path, "/", name, NULL);
		g_autofree char *file = g_build_filename(directory, inner, NULL);

		if (g_file_test(file, G_FILE_TEST_IS_DIR)) {
			n += count_orphans(directory, inner, rendered);
		} else if (!g_hash_table_contains(rendered, inner) && (!updating() || g_unlink(file) != 0)) {
			print_error("%s: no row renders it\n", file);
			n++;
		}
	}
	return n;
}

static void nothing_more_is_expected(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *expected = g_build_filename(fixture->directory, "expected", NULL);
	g_autoptr(GHashTable) rendered = rendered_paths(fixture);

	assert_int_not_equal(g_hash_table_size(rendered), 0);
	assert_int_equal(count_orphans(expected, "", rendered), 0);
}

/* ---- registration ---- */

static void add_test(GArray *tests, char *name, CMUnitTestFunction function, void *state)
{
	struct CMUnitTest test = { .name = name, .test_func = function, .initial_state = state };

	g_array_append_val(tests, test);
}

static void add_host_test(GArray *tests, struct fixture *fixture, const char *name, CMUnitTestFunction function)
{
	add_test(tests, g_strdup_printf("%s: %s", fixture->name, name), function, fixture);
}

static void add_fixture(GArray *tests, struct fixture *fixture, GPtrArray *instances)
{
	unsigned n;
	const struct agreement *agreement = agreements(&n);

	add_host_test(tests, fixture, "opens", host_opens);
	if (fixture->error)
		return;
	for (unsigned i = 0; i < instances->len; i++) {
		struct instance *instance = instances->pdata[i];

		add_test(tests, g_strdup(instance->name), row_is_as_expected, instance);
	}
	add_host_test(tests, fixture, "nothing more is expected", nothing_more_is_expected);
	for (unsigned i = 0; i < n; i++)
		add_host_test(tests, fixture, agreement[i].name, agreement[i].check);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The hosts, by name: the directories that have a file `container`. */
static GPtrArray *fixture_names(const char *directory)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *keys = g_build_filename(directory, name, "container", NULL);

		if (g_file_test(keys, G_FILE_TEST_EXISTS))
			g_ptr_array_add(names, g_strdup(name));
	}
	g_ptr_array_sort(names, by_name);
	return names;
}

static void clear_test(gpointer test)
{
	g_free((char *)(uintptr_t)((struct CMUnitTest *)test)->name);
}

int main(void)
{
	g_autoptr(GPtrArray) names = fixture_names(FIXTURES);
	g_autoptr(GPtrArray) fixtures = g_ptr_array_new_with_free_func((GDestroyNotify)fixture_free);
	g_autoptr(GPtrArray) lists = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	g_autoptr(GArray) tests = g_array_new(FALSE, TRUE, sizeof(struct CMUnitTest));

	g_array_set_clear_func(tests, clear_test);
	for (unsigned i = 0; i < names->len; i++) {
		struct fixture *fixture = fixture_open(FIXTURES, names->pdata[i]);
		GPtrArray *instances = fixture->error ? g_ptr_array_new() : fixture_instances(fixture);

		g_ptr_array_add(fixtures, fixture);
		g_ptr_array_add(lists, instances);
		add_fixture(tests, fixture, instances);
	}
	if (tests->len == 0) {
		print_error("no fixtures in %s\n", FIXTURES);
		return 1;
	}
	return _cmocka_run_group_tests("golden", (struct CMUnitTest *)(void *)tests->data, tests->len, NULL, NULL);
}
