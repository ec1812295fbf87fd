/* SPDX-License-Identifier: Apache-2.0
 *
 * The directories over a captured host: CPUs 3, 17-18 and 64-66 are visible; the disks 8:4096, 104:0 and 259:0 were used.
 */
#include "fs/serve/tree.h"
#include "golden/fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int open_fixture(void **state)
{
	struct fixture *fixture = fixture_open(FIXTURES, "v2-256cpus");

	*state = fixture;
	return fixture->error ? -1 : 0;
}

static int close_fixture(void **state)
{
	fixture_free(*state);
	return 0;
}

static struct node directory(const char *path)
{
	return (struct node){ .row = rows_by_path(path) };
}

struct names {
	GString *text;
	uint64_t last;
	unsigned room; /* how many more it takes */
};

static bool add_name(const struct tree_entry *entry, void *data)
{
	struct names *names = data;

	if (names->room == 0)
		return false;
	names->room--;
	assert_true(entry->cookie > names->last);
	names->last = entry->cookie;
	g_string_append_printf(names->text, "%s ", entry->name);
	return true;
}

static char *listed(struct fixture *fixture, const struct node *node)
{
	struct names names = { .text = g_string_new(NULL), .room = UINT_MAX };

	assert_true(tree_list(fixture->registry, fixture->container, node, 0, add_name, &names, NULL));
	return g_string_free(names.text, FALSE);
}

static void assert_lists(struct fixture *fixture, const struct node *node, const char *expected)
{
	g_autofree char *text = listed(fixture, node);

	assert_string_equal(text, expected);
}

static void directories_list_their_rows(void **state)
{
	struct node root = directory("/"), proc = directory("/proc");
	g_autofree char *files = listed(*state, &proc);

	assert_lists(*state, &root, "proc sys containers ");
	assert_true(g_str_has_prefix(files, "meminfo swaps cpuinfo stat uptime loadavg "));
}

static void a_pinned_tree_has_no_containers(void **state)
{
	struct node root = { .row = rows_by_path("/"), .slot = 7 };

	assert_lists(*state, &root, "proc sys ");
}

static void only_visible_cpus_are_there(void **state)
{
	struct fixture *fixture = *state;
	struct node cpus = directory("/sys/devices/system/cpu");
	static const char *there[] = { "cpu3", "cpu17", "cpu18", "cpu64", "cpu65", "cpu66" };
	static const char *hidden[] = { "cpu0", "cpu1", "cpu67", "cpu131", "cpu256", "cpu", "cpu3x", "cpu03", "cpu%" };
	struct tree_entry entry;
	g_autoptr(GError) error = NULL;

	for (unsigned i = 0; i < G_N_ELEMENTS(there); i++) {
		assert_true(tree_find(fixture->registry, fixture->container, &cpus, there[i], &entry, &error));
		assert_true(entry.fleeting);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(hidden); i++) {
		assert_false(tree_find(fixture->registry, fixture->container, &cpus, hidden[i], &entry, &error));
		assert_null(error);
	}
}

static bool is_in(const char *names, const char *name)
{
	g_autofree char *word = g_strconcat(name, " ", NULL);

	return strstr(names, word) != NULL;
}

/* Nothing of it may be remembered: what there is differs from caller to caller. */
static void the_cgroup_tree(void **state)
{
	struct fixture *fixture = *state;
	struct node tree = directory("/sys/fs/cgroup"), sys = directory("/sys/fs"),
		    v1 = directory("/sys/fs/cgroup/memory");
	g_autofree char *names = listed(fixture, &tree);
	struct tree_entry entry;
	g_autoptr(GError) error = NULL;

	assert_lists(fixture, &sys, "cgroup ");
	assert_true(is_in(names, "memory.max") && is_in(names, "cgroup.procs") && !is_in(names, "memory"));
	assert_true(tree_needs_container(&tree) && tree_needs_container(&v1));
	assert_true(tree_find(fixture->registry, fixture->container, &tree, "memory.max", &entry, &error));
	assert_true(entry.fleeting && !tree_is_directory(entry.node.row));
	assert_false(tree_find(fixture->registry, fixture->container, &tree, "memory", &entry, &error));
	assert_null(error);
	assert_false(tree_find(fixture->registry, fixture->container, &v1, "memory.stat", &entry, &error));
	assert_int_equal(error->code, ENOENT); /* an inode of the other shape */
}

/* In pieces, as readdir(3) takes it. */
static void the_cgroup_tree_goes_on_where_it_ended(void **state)
{
	struct fixture *fixture = *state;
	struct node tree = directory("/sys/fs/cgroup");
	g_autofree char *all = listed(fixture, &tree);
	struct names names = { .text = g_string_new(NULL), .room = 1 };
	gsize before;

	do {
		before = names.text->len;
		names.room = 1;
		assert_true(
			tree_list(fixture->registry, fixture->container, &tree, names.last, add_name, &names, NULL));
	} while (names.text->len > before);
	assert_string_equal(names.text->str, all);
	g_string_free(names.text, TRUE);
}

static void a_cpu_has_its_caches(void **state)
{
	struct node cache = { .row = rows_by_path("/sys/devices/system/cpu/cpu%/cache"), .index = { .first = 17 } };

	assert_lists(*state, &cache, "index0 index1 index2 index3 ");
}

static void a_hidden_cpus_directory_is_empty(void **state)
{
	struct node cache = { .row = rows_by_path("/sys/devices/system/cpu/cpu%/cache"), .index = { .first = 4 } };

	assert_lists(*state, &cache, "");
}

static void only_visible_nodes_are_there(void **state)
{
	struct node nodes = directory("/sys/devices/system/node");
	struct node hidden = { .row = rows_by_path("/sys/devices/system/node/node%"), .index = { .first = 1 } };
	g_autofree char *names = listed(*state, &nodes);

	assert_true(g_str_has_suffix(names, " node0 node4 node5 "));
	assert_lists(*state, &hidden, "");
}

/* By size, in kB; a number that is none is no entry. */
static void sizes_of_huge_pages(void **state)
{
	struct fixture *fixture = *state;
	struct node pools = directory("/sys/kernel/mm/hugepages");
	struct node of_node = { .row = rows_by_path("/sys/devices/system/node/node%/hugepages"),
				.index = { .first = 4 } };
	struct tree_entry entry;

	assert_lists(fixture, &pools, "hugepages-2048kB hugepages-1048576kB ");
	assert_lists(fixture, &of_node, "hugepages-2048kB hugepages-1048576kB ");
	assert_true(tree_find(fixture->registry, fixture->container, &of_node, "hugepages-2048kB", &entry, NULL));
	assert_int_equal(entry.node.index.first, 4);
	assert_int_equal(entry.node.index.second, 21);
	assert_false(tree_find(fixture->registry, fixture->container, &pools, "hugepages-4096kB", &entry, NULL));
	assert_false(tree_find(fixture->registry, fixture->container, &pools, "hugepages-%kB", &entry, NULL));
}

/* By number, whatever the order in which the host names them; 259:16384 fits into no inode number. */
static void disks_that_were_used(void **state)
{
	struct node block = directory("/sys/block"), class = directory("/sys/class/block"),
		    numbers = directory("/sys/dev/block"), unused = directory("/sys/block/%/queue");

	assert_lists(*state, &block, "sdiw cciss!c0d0 nvme0n1 ");
	assert_lists(*state, &class, "sdiw cciss!c0d0 nvme0n1 ");
	assert_lists(*state, &numbers, "8:4096 104:0 259:0 ");
	unused.index = (struct gather_index){ .first = 4, .second = 259 };
	assert_lists(*state, &unused, "");
}

static void a_disk_is_found_by_its_name(void **state)
{
	struct fixture *fixture = *state;
	struct node block = directory("/sys/block"), class = directory("/sys/class/block");
	static const char *hidden[] = { "nvme1n1", "nvme0n1p1", "nvme99n1", "cciss/c0d0", "104:0", "%", "" };
	struct tree_entry entry;

	assert_true(tree_find(fixture->registry, fixture->container, &block, "cciss!c0d0", &entry, NULL));
	assert_int_equal(entry.node.index.first, 0);
	assert_int_equal(entry.node.index.second, 104);
	assert_true(entry.fleeting && tree_is_directory(entry.node.row));
	assert_true(tree_find(fixture->registry, fixture->container, &class, "sdiw", &entry, NULL));
	assert_int_equal(entry.node.index.first, 4096);
	assert_true(entry.fleeting && entry.node.row->link && !tree_is_directory(entry.node.row));
	for (unsigned i = 0; i < G_N_ELEMENTS(hidden); i++)
		assert_false(tree_find(fixture->registry, fixture->container, &block, hidden[i], &entry, NULL));
}

static bool is_of_its_row(const struct tree_entry *entry, void *data)
{
	unsigned *n = data;

	assert_int_equal(entry->cookie >> 32, entry->node.row->id);
	(*n)++;
	return true;
}

/* A worker with other rows in between goes on with it, too. */
static void a_cookie_is_made_of_what_is_never_another(void **state)
{
	struct fixture *fixture = *state;
	struct node proc = directory("/proc"), cpus = directory("/sys/devices/system/cpu");
	unsigned n = 0;

	assert_true(tree_list(fixture->registry, fixture->container, &proc, 0, is_of_its_row, &n, NULL));
	assert_true(tree_list(fixture->registry, fixture->container, &cpus, 0, is_of_its_row, &n, NULL));
	assert_true(n > 20);
}

/* However small the pieces in which a directory is read, the listing is the same. */
static void a_listing_goes_on_where_it_stopped(void **state)
{
	struct fixture *fixture = *state;
	struct node cpus = directory("/sys/devices/system/cpu");
	g_autoptr(GString) whole = g_string_new(NULL), pieces = g_string_new(NULL);
	struct names all = { .text = whole, .room = UINT_MAX };
	struct names some = { .text = pieces };
	uint64_t before;

	assert_true(tree_list(fixture->registry, fixture->container, &cpus, 0, add_name, &all, NULL));
	do {
		before = some.last;
		some.room = 2;
		assert_true(tree_list(fixture->registry, fixture->container, &cpus, some.last, add_name, &some, NULL));
	} while (some.last != before);
	assert_string_equal(pieces->str, whole->str);
	assert_non_null(strstr(whole->str, "cpu66 "));
}

static void which_directories_need_a_container(void **state)
{
	struct node root = directory("/"), cpus = directory("/sys/devices/system/cpu"),
		    cpu = directory("/sys/devices/system/cpu/cpu%"), containers = directory("/containers");

	assert_false(tree_needs_container(&root));
	assert_true(tree_needs_container(&cpus));
	assert_true(tree_needs_container(&cpu));
	assert_false(tree_needs_container(&containers));
	assert_true(tree_is_guarded(&containers));
	assert_true(tree_is_own_name("1000:web", 1000));
	assert_false(tree_is_own_name("1000:web", 1001));
	assert_false(tree_is_own_name("1000:web", 0));
	assert_false(tree_is_own_name("web", 1000));
	assert_false(tree_is_own_name("0:web", 0));
	assert_false(tree_is_own_name("web", 0));
	assert_false(tree_is_guarded(&root));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directories_list_their_rows),
		cmocka_unit_test(a_pinned_tree_has_no_containers),
		cmocka_unit_test(only_visible_cpus_are_there),
		cmocka_unit_test(the_cgroup_tree),
		cmocka_unit_test(the_cgroup_tree_goes_on_where_it_ended),
		cmocka_unit_test(a_cpu_has_its_caches),
		cmocka_unit_test(a_hidden_cpus_directory_is_empty),
		cmocka_unit_test(only_visible_nodes_are_there),
		cmocka_unit_test(sizes_of_huge_pages),
		cmocka_unit_test(disks_that_were_used),
		cmocka_unit_test(a_disk_is_found_by_its_name),
		cmocka_unit_test(a_cookie_is_made_of_what_is_never_another),
		cmocka_unit_test(a_listing_goes_on_where_it_stopped),
		cmocka_unit_test(which_directories_need_a_container),
	};

	return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
