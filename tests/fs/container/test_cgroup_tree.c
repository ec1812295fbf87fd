/* SPDX-License-Identifier: Apache-2.0
 *
 * On a v2 host: /box is the container, /box/in a cgroup within; "jar" beside it is another container.
 */
#include "fs/container/cgroup_tree.h"

#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/container_private.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <stdio.h>

#define TREE "/sys/fs/cgroup"

struct scene {
	struct world world;
	Container *box;
};

static void put(const struct scene *scene, const char *path, const char *text)
{
	g_autofree char *file = g_strconcat("cgroup/", path, NULL);

	scratch_write(scene->world.dir, file, text);
}

static void fill(const struct scene *scene)
{
	world_cgroup(&scene->world, "/box", "10\n");
	world_cgroup(&scene->world, "/box/in", "11\n");
	world_cgroup(&scene->world, "/jar", "20\n");
	world_process(&scene->world,
		      &(struct world_process){ .pid = 10, .cgroup = "/box", .nspid = "10\t1", .pidns = 7 });
	world_process(&scene->world,
		      &(struct world_process){ .pid = 11, .cgroup = "/box/in", .nspid = "11\t5", .pidns = 7 });
	put(scene, "box/cgroup.controllers", "cpu memory\n");
	put(scene, "box/in/cgroup.controllers", "memory\n");
	put(scene, "box/memory.max", "max\n");
	put(scene, "box/memory.current", "4096\n");
	put(scene, "box/memory.stat", "anon 1\nfile 2\n");
	put(scene, "box/in/memory.max", "8192\n");
	put(scene, "box/in/memory.current", "100\n");
	put(scene, "box/in/memory.stat", "anon 1\nfile 2\n");
	put(scene, "box/secret.file", "nothing of the table\n");
	put(scene, "jar/memory.current", "77\n");
}

static int scene_begin(void **state)
{
	struct scene *scene = g_new0(struct scene, 1);
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };

	world_begin(&scene->world, false);
	fill(scene);
	paths = world_paths(&scene->world, "/box");
	scene->box = registry_of_cgroup(scene->world.registry, &paths, 10, NULL);
	*state = scene;
	return scene->box ? 0 : -1;
}

static int scene_end(void **state)
{
	struct scene *scene = *state;

	container_unref(scene->box);
	world_end(&scene->world);
	g_free(scene);
	return 0;
}

static bool add_name(const struct cgroup_entry *entry, void *data)
{
	g_string_append_printf(data, "%s ", entry->name);
	return true;
}

static char *listed(const struct scene *scene, const char *path, struct gather_index index)
{
	GString *names = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	if (!cgroup_tree_list(scene->world.registry, scene->box, rows_by_path(path), index, NULL, add_name, names,
			      &error))
		fail_msg("%s", error->message);
	return g_string_free(names, FALSE);
}

static bool keep_entry(const struct cgroup_entry *entry, void *data)
{
	*(struct cgroup_entry *)data = *entry;
	return false;
}

/* False where there is none. */
static bool find(const struct scene *scene, const char *path, const char *name, struct cgroup_entry *ret_entry)
{
	*ret_entry = (struct cgroup_entry){ 0 };
	assert_true(cgroup_tree_list(scene->world.registry, scene->box, rows_by_path(path), (struct gather_index){ 0 },
				     name, keep_entry, ret_entry, NULL));
	return ret_entry->row != NULL;
}

static char *text(const struct scene *scene, const char *path, struct gather_index index, GError **error)
{
	GString *text = cgroup_tree_text(scene->world.registry, scene->box, rows_by_path(path), index, 10, error);

	return text ? g_string_free(text, FALSE) : NULL;
}

static void assert_text(const struct scene *scene, const char *path, struct gather_index index, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *found = text(scene, path, index, &error);

	if (!found)
		fail_msg("%s", error->message);
	assert_string_equal(found, expected);
}

static void set_shape(struct scene *scene, enum view_shape shape)
{
	struct container_options options = container_options(scene->box);

	options.cgroup_shape = shape;
	container_set_options(scene->box, options);
}

static const struct gather_index own = { 0 };

static void numbers(void **state)
{
	static const uint32_t some[] = { 0, 1, 16383, 16384, 16385, CG_NESTED_MOST };

	for (unsigned i = 0; i < G_N_ELEMENTS(some); i++) {
		struct gather_index index = cgroup_tree_index(some[i]);

		assert_true(index.first <= GATHER_MOST_FIRST && index.second <= GATHER_MOST_SECOND);
		assert_int_equal(cgroup_tree_number(index), some[i]);
	}
}

static void the_hosts_shape(void **state)
{
	struct scene *scene = *state;
	g_autofree char *root = listed(scene, TREE, own);

	assert_int_equal(cgroup_tree_shape(scene->world.registry, scene->box), VIEW_SHAPE_V2);
	assert_string_equal(root,
			    "cgroup.controllers cgroup.procs cgroup.threads memory.current memory.max memory.stat in ");
	assert_text(scene, TREE "/cgroup.procs", own, "1\n");
	assert_text(scene, TREE "/memory.current", own, "4096\n");
}

static void the_other_shape(void **state)
{
	struct scene *scene = *state;
	g_autofree char *root = NULL, *memory = NULL;

	set_shape(scene, VIEW_SHAPE_V1);
	root = listed(scene, TREE, own);
	memory = listed(scene, TREE "/memory", own);
	assert_string_equal(root, "cpu,cpuacct cpu cpuacct memory systemd ");
	assert_has(memory, "memory.limit_in_bytes ");
	assert_has(memory, "memory.stat ");
	assert_has(memory, " in ");
	assert_text(scene, TREE "/memory/memory.limit_in_bytes", own, "9223372036854771712\n");
	assert_text(scene, TREE "/memory/memory.usage_in_bytes", own, "4096\n");
	assert_text(scene, TREE "/cpu", own, "cpu,cpuacct");
}

static void a_cgroup_within(void **state)
{
	struct scene *scene = *state;
	struct cgroup_entry in;
	g_autofree char *names = NULL;

	assert_true(find(scene, TREE, "in", &in));
	assert_string_equal(in.row->path, TREE);
	names = listed(scene, TREE, in.index);
	assert_string_equal(names,
			    "cgroup.controllers cgroup.procs cgroup.threads memory.current memory.max memory.stat ");
	assert_text(scene, TREE "/memory.max", in.index, "8192\n");
	assert_text(scene, TREE "/cgroup.procs", in.index, "5\n");
	set_shape(scene, VIEW_SHAPE_V1);
	assert_text(scene, TREE "/memory/memory.limit_in_bytes", in.index, "8192\n");
}

/* At the root it is the smallest of all levels; elsewhere it is what the kernel says. */
static void limits(void **state)
{
	struct scene *scene = *state;
	cg_cleanup(cg_paths_clear) struct cg_paths paths = world_paths(&scene->world, "/box/in");
	Container *box = scene->box;
	struct cgroup_entry in;

	put(scene, "box/memory.max", "4096\n");
	assert_true(find(scene, TREE, "in", &in));
	assert_text(scene, TREE "/memory.max", in.index, "8192\n");
	scene->box = registry_of_cgroup(scene->world.registry, &paths, 11, NULL);
	assert_text(scene, TREE "/memory.max", own, "4096\n");
	container_unref(scene->box);
	scene->box = box;
}

/* The file that is open already says something else; a second has passed. */
static void overwrite(const struct scene *scene, const char *path, const char *text)
{
	g_autofree char *file = g_strconcat(scene->world.dir, "/cgroup/", path, NULL);
	FILE *stream = fopen(file, "w");

	assert_non_null(stream);
	assert_true(fputs(text, stream) >= 0 && fclose(stream) == 0);
	host_set_now_us(scene->world.host, host_now_us(scene->world.host) + G_USEC_PER_SEC);
}

/* As cgroup v1's do when a cgroup within is removed. */
static void disks_never_go_back(void **state)
{
	static const char *const path = TREE "/blkio/blkio.throttle.io_serviced";
	struct scene *scene = *state;

	set_shape(scene, VIEW_SHAPE_V1);
	put(scene, "box/cgroup.controllers", "cpu io memory\n");
	put(scene, "box/io.stat", "8:0 rbytes=8192 wbytes=4096 rios=2 wios=1 dbytes=0 dios=0\n");
	assert_text(scene, path, own, "8:0 Read 2\n8:0 Write 1\n8:0 Discard 0\n8:0 Total 3\nTotal 3\n");
	overwrite(scene, "box/io.stat", "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n");
	assert_text(scene, path, own, "8:0 Read 2\n8:0 Write 2\n8:0 Discard 0\n8:0 Total 4\nTotal 4\n");
	overwrite(scene, "box/io.stat", "8:0 rbytes=8192 wbytes=8192 rios=2 wios=2 dbytes=0 dios=0\n");
	assert_text(scene, path, own, "8:0 Read 3\n8:0 Write 2\n8:0 Discard 0\n8:0 Total 5\nTotal 5\n");
}

static void names_that_are_not_there(void **state)
{
	static const char *const names[] = { "secret.file",     "..",  ".",           "jar", "memory.peak", "memory",
					     "in/cgroup.procs", "cpu", "cgroup.kill", "" };
	struct scene *scene = *state;
	struct cgroup_entry entry;

	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		if (find(scene, TREE, names[i], &entry))
			fail_msg("\"%s\" is there", names[i]);
	}
}

/* Where /proc/PID/cgroup has the path from the host's root that leads to where it begins; else nobody looks for it. */
static void the_way_from_the_hosts_root(void **state)
{
	static const char *const directories[] = { TREE, TREE "/memory" };
	static const enum view_shape shapes[] = { VIEW_SHAPE_V2, VIEW_SHAPE_V1 };
	struct scene *scene = *state;
	struct cgroup_entry entry, in;

	assert_true(find(scene, TREE, "in", &in));
	for (unsigned i = 0; i < 2; i++) {
		g_autofree char *names = NULL;

		set_shape(scene, shapes[i]);
		names = listed(scene, directories[i], own);
		assert_null(strstr(names, "box"));
		assert_true(find(scene, directories[i], "box", &entry));
		assert_int_equal(entry.row->kind, ROW_CGROUP_PATH);
		assert_true(entry.row->link);
		assert_false(find(scene, directories[i], "bo", &entry));
	}
	assert_false(find(scene, TREE, "box", &entry)); /* the directory that holds v1's controllers */
	set_shape(scene, VIEW_SHAPE_V2);
	entry = (struct cgroup_entry){ 0 };
	assert_true(cgroup_tree_list(scene->world.registry, scene->box, rows_by_path(TREE), in.index, "box", keep_entry,
				     &entry, NULL));
	assert_null(entry.row);
	world_process(
		&scene->world,
		&(struct world_process){ .pid = 10, .cgroup = "/box", .nspid = "10\t1", .pidns = 7, .cgroupns = 9 });
	assert_false(find(scene, TREE, "box", &entry));
	world_remove_process(&scene->world, 10);
	assert_false(find(scene, TREE, "box", &entry));
}

static void assert_refused(const struct scene *scene, const char *path, struct gather_index index, int code)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *found = text(scene, path, index, &error);

	assert_null(found);
	assert_int_equal(error->code, code);
}

/* Inode numbers can be made up. */
static void inodes_that_are_not_there(void **state)
{
	struct scene *scene = *state;
	cg_cleanup(cg_paths_clear) struct cg_paths root = world_paths(&scene->world, "/");
	g_autoptr(CgGroup) host = cg_group_open(scene->world.hierarchies, &root, NULL);
	uint32_t jar = cg_group_child(host, CG_CORE, "jar");

	assert_int_not_equal(jar, 0);
	assert_refused(scene, TREE "/memory.current", cgroup_tree_index(jar), ENOENT);
	assert_refused(scene, TREE "/memory.current", cgroup_tree_index(12345), ENOENT);
	assert_refused(scene, TREE "/memory/memory.usage_in_bytes", own, ENOENT); /* the other shape's */
	assert_refused(scene, TREE "/memory.peak", own, ENOENT);
}

/* Whoever is in no cgroup of its own is not told of the others. */
static void the_hosts_root(void **state)
{
	struct scene *scene = *state;
	cg_cleanup(cg_paths_clear) struct cg_paths paths = world_paths(&scene->world, "/");
	g_autoptr(CgGroup) host = cg_group_open(scene->world.hierarchies, &paths, NULL);
	uint32_t jar = cg_group_child(host, CG_CORE, "jar");
	Container *box = scene->box;
	struct cgroup_entry entry;
	g_autofree char *names = NULL;

	scene->box = registry_of_cgroup(scene->world.registry, &paths, 0, NULL);
	names = listed(scene, TREE, own);
	assert_has(names, "cgroup.controllers ");
	assert_null(strstr(names, "jar"));
	assert_false(find(scene, TREE, "jar", &entry));
	assert_refused(scene, TREE "/memory.current", cgroup_tree_index(jar), ENOENT);
	container_unref(scene->box);
	scene->box = box;
}

static void a_container_that_is_gone(void **state)
{
	struct scene *scene = *state;

	world_remove_cgroup(&scene->world, "/box");
	assert_refused(scene, TREE "/memory.current", own, ESRCH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		TEST(the_hosts_shape),
		TEST(the_other_shape),
		TEST(a_cgroup_within),
		TEST(limits),
		TEST(disks_never_go_back),
		TEST(names_that_are_not_there),
		TEST(inodes_that_are_not_there),
		TEST(the_hosts_root),
		TEST(a_container_that_is_gone),
		TEST(the_way_from_the_hosts_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
