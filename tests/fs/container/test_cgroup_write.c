/* SPDX-License-Identifier: Apache-2.0
 *
 * On a v2 host of files: /box is the container, /box/in a cgroup within; "jar" beside it is another container. Process 10 and 11 are in
 * the box, 20 is in the jar, 30 in none.
 */
#include "fs/container/cgroup_write.h"

#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/cgroup_tree.h"
#include "fs/container/container_private.h"
#include "tests/fs/container/world.h"
#include "tests/fs/harness.h"
#include "tests/fs/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define TREE  "/sys/fs/cgroup"
#define MOUNT "33 31 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"

enum { USER = 12345, KEY = 99 };

struct scene {
	struct world world;
	Container *box;
	struct gather_index in;
	struct cgroup_writer writer; /* root in the box */
};

static bool keep_index(const struct cgroup_entry *entry, void *data)
{
	*(struct gather_index *)data = entry->index;
	return false;
}

static struct gather_index index_of(const struct scene *scene, const char *name)
{
	struct gather_index index = { 0 };

	assert_true(cgroup_tree_list(scene->world.registry, scene->box, rows_by_path(TREE), index, name, keep_index,
				     &index, NULL));
	return index;
}

static void fill(const struct world *world)
{
	world_cgroup(world, "/box", "10\n");
	world_cgroup(world, "/box/in", "11\n");
	world_cgroup(world, "/jar", "20\n");
	world_process(world, &(struct world_process){
				     .pid = 10, .cgroup = "/box", .nspid = "10\t1", .pidns = 7, .mountinfo = MOUNT });
	world_process(world, &(struct world_process){ .pid = 11,
						      .cgroup = "/box/in",
						      .nspid = "11\t5",
						      .pidns = 7,
						      .mountinfo = MOUNT,
						      .uid = USER });
	world_process(world, &(struct world_process){ .pid = 20, .cgroup = "/jar", .mountinfo = MOUNT });
	world_process(world, &(struct world_process){ .pid = 30, .mountinfo = MOUNT });
	scratch_write(world->dir, "cgroup/box/memory.max", "max\n");
	scratch_write(world->dir, "cgroup/box/in/memory.max", "8192\n");
	scratch_write(world->dir, "cgroup/box/in/memory.stat", "anon 1\n");
}

/* Nothing of a captured host is the kernel's, but its files have owners and modes. */
static int scene_begin(void **state)
{
	struct scene *scene = g_new0(struct scene, 1);
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };

	world_begin(&scene->world, false);
	assert_int_equal(chmod(scene->world.dir, 0755), 0);
	fill(&scene->world);
	paths = world_paths(&scene->world, "/box");
	scene->box = registry_of_cgroup(scene->world.registry, &paths, 10, NULL);
	scene->in = index_of(scene, "in");
	scene->writer = (struct cgroup_writer){ scene->world.registry, scene->box, 10, 0, 0, KEY };
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

static const struct gather_index own = { 0 };

/* 0 or errno. */
static int code_of(bool done, GError **error)
{
	int code = *error ? (*error)->code : 0;

	assert_int_equal(done, *error == NULL);
	g_clear_error(error);
	return code;
}

static int open_it(const struct cgroup_writer *writer, const char *name, struct gather_index index, uint32_t *ret_mark)
{
	g_autofree char *path = g_strconcat(TREE "/", name, NULL);
	GError *error = NULL;

	return code_of(cgroup_tree_open(writer, rows_by_path(path), index, O_WRONLY, ret_mark, &error), &error);
}

static int opened(const struct cgroup_writer *writer, const char *name, struct gather_index index)
{
	uint32_t mark;

	return open_it(writer, name, index, &mark);
}

static int write_it(const struct cgroup_writer *writer, const char *name, struct gather_index index, uint32_t mark,
		    const char *text)
{
	g_autofree char *path = g_strconcat(TREE "/", name, NULL);
	GError *error = NULL;

	return code_of(cgroup_tree_write(writer, rows_by_path(path), index, mark, text, strlen(text), &error), &error);
}

static int written(const struct cgroup_writer *writer, const char *name, struct gather_index index, const char *text)
{
	uint32_t mark;
	int code = open_it(writer, name, index, &mark);

	return code ? code : write_it(writer, name, index, mark, text);
}

static void assert_file(const struct scene *scene, const char *path, const char *expected)
{
	g_autofree char *file = g_build_filename(scene->world.dir, "cgroup", path, NULL);
	g_autofree char *text = NULL;

	assert_true(g_file_get_contents(file, &text, NULL, NULL));
	assert_string_equal(text, expected);
}

/* ---- files ---- */

static void what_is_written(void **state)
{
	struct scene *scene = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(written(&scene->writer, "memory.max", scene->in, "4096"), 0);
	assert_file(scene, "box/in/memory.max", "4096\n");
}

static void what_is_refused(void **state)
{
	struct scene *scene = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(opened(&scene->writer, "memory.max", own), EPERM);
	assert_int_equal(opened(&scene->writer, "memory.stat", scene->in), EACCES);
	assert_int_equal(opened(&scene->writer, "memory.high", scene->in), ENOENT);
	assert_int_equal(opened(&scene->writer, "memory.max", cgroup_tree_index(12345)), ENOENT);
	assert_file(scene, "box/memory.max", "max\n");
}

static void who_is_refused(void **state)
{
	struct scene *scene = *state;
	struct cgroup_writer other = scene->writer;
	static const struct {
		pid_t tid;
		uid_t uid;
		int code;
	} cases[] = {
		{ 20, 0, EPERM },     /* of another container */
		{ 30, 0, EPERM },     /* of none */
		{ 12345, 0, ESRCH },  /* gone */
		{ 0, 0, ESRCH },      /* without a number here */
		{ 10, USER, EPERM },  /* its thread is another user's */
		{ 11, USER, EACCES }, /* a user, and the file is root's */
		{ 10, -1u, EPERM },   /* a user without a number here */
	};

	if (geteuid() != 0)
		skip();
	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		other.tid = cases[i].tid;
		other.uid = other.gid = cases[i].uid;
		assert_int_equal(opened(&other, "memory.max", scene->in), cases[i].code);
	}
}

static void who_has_no_mount_to_write_to(void **state)
{
	static const char *const mounts[] = { "", "33 31 0:30 / /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n",
					      "33 31 0:30 /jar /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n" };
	struct scene *scene = *state;

	for (unsigned i = 0; i < G_N_ELEMENTS(mounts); i++) {
		world_process(
			&scene->world,
			&(struct world_process){
				.pid = 10, .cgroup = "/box", .nspid = "10\t1", .pidns = 7, .mountinfo = mounts[i] });
		assert_int_equal(opened(&scene->writer, "memory.max", scene->in), EROFS);
	}
}

static void not_in_the_other_shape(void **state)
{
	struct scene *scene = *state;
	struct container_options options = container_options(scene->box);

	options.cgroup_shape = VIEW_SHAPE_V1;
	container_set_options(scene->box, options);
	assert_int_equal(opened(&scene->writer, "memory/memory.limit_in_bytes", scene->in), EROFS);
}

static void the_hosts_root_is_nobodys(void **state)
{
	struct scene *scene = *state;
	cg_cleanup(cg_paths_clear) struct cg_paths root = world_paths(&scene->world, "/");
	g_autoptr(Container) host = registry_of_cgroup(scene->world.registry, &root, 0, NULL);
	struct cgroup_writer writer = { scene->world.registry, host, 30, 0, 0, KEY };

	scratch_write(scene->world.dir, "cgroup/cgroup.subtree_control", "\n");
	assert_int_equal(opened(&writer, "cgroup.subtree_control", own), EPERM);
	assert_int_equal(opened(&writer, "cgroup.procs", own), EPERM);
}

static void whoever_opened_it_writes(void **state)
{
	struct scene *scene = *state;
	struct cgroup_writer user = scene->writer;
	g_autofree char *file = g_build_filename(scene->world.dir, "cgroup/box/in/memory.max", NULL);
	uint32_t roots, users;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(file, 0666), 0);
	user.tid = 11;
	user.uid = user.gid = USER;
	assert_int_equal(open_it(&scene->writer, "memory.max", scene->in, &roots), 0);
	assert_int_equal(open_it(&user, "memory.max", scene->in, &users), 0);
	assert_int_equal(write_it(&scene->writer, "memory.max", scene->in, users, "1"), EPERM);
	assert_int_equal(write_it(&user, "memory.max", scene->in, roots, "1"), EPERM);
	assert_file(scene, "box/in/memory.max", "8192\n");
	assert_int_equal(write_it(&user, "memory.max", scene->in, users, "1"), 0);
	assert_int_equal(write_it(&scene->writer, "memory.max", scene->in, roots, "2"), 0);
}

/* ---- processes ---- */

static void numbers(void **state)
{
	static const struct {
		const char *text;
		pid_t id; /* -1: none */
	} cases[] = {
		{ "0", 0 },           { "12\n", 12 }, { " \t12 \n", 12 }, { "2147483647", 2147483647 },
		{ "2147483648", -1 }, { "", -1 },     { "\n", -1 },       { "010", -1 },
		{ "0x10", -1 },       { "-1", -1 },   { "+1", -1 },       { "1 2", -1 },
		{ "1,2", -1 },        { "a", -1 },
	};
	pid_t id;

	for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
		bool is_one = cgroup_tree_parse_id(cases[i].text, strlen(cases[i].text), &id);

		assert_int_equal(is_one ? id : -1, cases[i].id);
	}
	assert_false(cgroup_tree_parse_id("1\0002", 3, &id));
}

static void processes_are_the_containers(void **state)
{
	struct scene *scene = *state;

	if (geteuid() != 0)
		skip();
	assert_int_equal(written(&scene->writer, "cgroup.procs", scene->in, "5\n"), 0);
	assert_file(scene, "box/in/cgroup.procs", "11\n");
	assert_int_equal(written(&scene->writer, "cgroup.procs", own, "0"), 0);
	assert_file(scene, "box/cgroup.procs", "10\n");
	assert_int_equal(written(&scene->writer, "cgroup.procs", scene->in, "11"), ESRCH); /* the host's number */
	assert_int_equal(written(&scene->writer, "cgroup.procs", scene->in, "20"), ESRCH);
	assert_int_equal(written(&scene->writer, "cgroup.procs", scene->in, "five"), EINVAL);
}

/* It is listed, and has been moved away since: what it says itself counts. */
static void one_that_has_left(void **state)
{
	struct scene *scene = *state;

	if (geteuid() != 0)
		skip();
	world_process(&scene->world,
		      &(struct world_process){ .pid = 11, .cgroup = "/jar", .nspid = "11\t5", .pidns = 7 });
	assert_int_equal(written(&scene->writer, "cgroup.procs", own, "5"), EPERM);
	assert_file(scene, "box/cgroup.procs", "10\n");
}

/* ---- cgroups within ---- */

static int made(const struct scene *scene, struct gather_index index, const char *name, bool again,
		struct gather_index *ret_index)
{
	GError *error = NULL;

	return code_of(
		cgroup_tree_mkdir(&scene->writer, rows_by_path(TREE), index, name, 0755, again, ret_index, &error),
		&error);
}

static int removed(const struct scene *scene, const char *name, bool again)
{
	GError *error = NULL;

	return code_of(cgroup_tree_rmdir(&scene->writer, rows_by_path(TREE), own, name, again, &error), &error);
}

static bool exists(const struct scene *scene, const char *path)
{
	g_autofree char *file = g_build_filename(scene->world.dir, "cgroup", path, NULL);

	return g_access(file, F_OK) == 0;
}

static void made_and_removed(void **state)
{
	struct scene *scene = *state;
	struct gather_index index = { 0 };
	struct gather_index found;

	if (geteuid() != 0)
		skip();
	assert_int_equal(made(scene, own, "new", false, &index), 0);
	assert_true(exists(scene, "box/new"));
	found = index_of(scene, "new");
	assert_memory_equal(&index, &found, sizeof index);
	assert_int_equal(made(scene, index, "deep", false, &found), 0);
	assert_true(exists(scene, "box/new/deep"));
	assert_int_equal(removed(scene, "new", false), ENOTEMPTY);
	assert_int_equal(removed(scene, "new/deep", false), EINVAL);
	assert_int_equal(removed(scene, "in/../../jar", false), EINVAL);
	assert_int_equal(removed(scene, "..", false), EINVAL);
	assert_int_equal(made(scene, own, "../jar/new", false, &found), EEXIST);
	assert_false(exists(scene, "jar/new"));
}

/* The answer was lost, and it is asked again: what is wanted is there. */
static void a_second_time(void **state)
{
	struct scene *scene = *state;
	struct gather_index index = { 0 }, again = { 0 };

	if (geteuid() != 0)
		skip();
	assert_int_equal(made(scene, own, "new", false, &index), 0);
	assert_int_equal(made(scene, own, "new", false, &again), EEXIST);
	assert_int_equal(made(scene, own, "new", true, &again), 0);
	assert_memory_equal(&index, &again, sizeof index);
	assert_int_equal(made(scene, own, "memory.max", true, &again), EEXIST);
	assert_int_equal(removed(scene, "new", false), 0);
	assert_int_equal(removed(scene, "new", false), ENOENT);
	assert_int_equal(removed(scene, "new", true), 0);
}

/* ---- attributes ---- */

static mode_t mode_of(const struct scene *scene, const char *path, struct gather_index index)
{
	struct stat stat;

	assert_true(cgroup_tree_look(scene->world.registry, scene->box, rows_by_path(path), index, &stat, NULL));
	assert_int_equal(stat.st_uid, getuid());
	return stat.st_mode & 0777;
}

static void modes_are_the_kernels(void **state)
{
	struct scene *scene = *state;
	g_autofree char *file = g_build_filename(scene->world.dir, "cgroup/box/in/memory.max", NULL);
	struct stat stat;

	assert_int_equal(chmod(file, 0620), 0);
	assert_int_equal(mode_of(scene, TREE "/memory.max", scene->in), 0620);
	assert_int_equal(mode_of(scene, TREE "/memory.max", own) & 0222, 0); /* its own limits are not its */
	assert_int_equal(mode_of(scene, TREE "/memory.stat", scene->in) & 0222, 0);
	assert_int_equal(mode_of(scene, TREE "/cgroup.procs", own) & 0200, 0200);
	assert_int_equal(mode_of(scene, TREE, scene->in) & 0700, 0700);
	assert_false(cgroup_tree_look(scene->world.registry, scene->box, rows_by_path(TREE "/memory/memory.failcnt"),
				      scene->in, &stat, NULL));
}

/* Becoming another user takes root. */
static int begin_as_root(void **state)
{
	return geteuid() == 0 ? scene_begin(state) : 0;
}

static int end_as_root(void **state)
{
	return geteuid() == 0 ? scene_end(state) : 0;
}

#define TEST(name)    cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
#define AS_ROOT(name) cmocka_unit_test_setup_teardown(name, begin_as_root, end_as_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		AS_ROOT(what_is_written),
		AS_ROOT(what_is_refused),
		AS_ROOT(who_is_refused),
		TEST(who_has_no_mount_to_write_to),
		TEST(not_in_the_other_shape),
		TEST(the_hosts_root_is_nobodys),
		AS_ROOT(whoever_opened_it_writes),
		AS_ROOT(processes_are_the_containers),
		AS_ROOT(one_that_has_left),
		AS_ROOT(made_and_removed),
		AS_ROOT(a_second_time),
		TEST(modes_are_the_kernels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
