/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that would change something, over a connection whose other end is played here. What is allowed then is not asked here
 * (tests/fs/container/test_cgroup_write.c): nothing gets that far.
 */
#include "tests/fs/harness.h"
#include "tests/fs/serve/scene.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>

#define TREE "/sys/fs/cgroup"

struct writing {
	struct fuse_write_in in;
	char data[400];
};

struct making {
	struct fuse_mkdir_in in;
	char name[16];
};

static int code_of(struct scene *scene, uint64_t unique)
{
	return -scene_answer_to(scene, unique)->header.error;
}

static struct node node_of(const char *path)
{
	struct node node = { .row = rows_by_path(path) };

	assert_non_null(node.row);
	return node;
}

static int asked(struct scene *scene, uint32_t opcode, const char *path, const void *in, size_t length)
{
	struct node node = node_of(path);

	return code_of(scene, fake_kernel_ask(&scene->kernel, opcode, &node, in, length));
}

static int written(struct scene *scene, const char *path, struct writing writing, size_t length)
{
	writing.in.fh = texts_handle(12345, 1); /* of no container */
	return asked(scene, FUSE_WRITE, path, &writing, length);
}

static int opened(struct scene *scene, const char *path, uint32_t flags)
{
	const struct fuse_open_in in = { .flags = flags };

	return asked(scene, FUSE_OPEN, path, &in, sizeof in);
}

static const struct writing one = { { .size = 1 }, "1" };
static const struct making new = { { .mode = 0755 }, "new" };

static void begin(struct scene *scene)
{
	scene->cgroup_writes = true;
	scene_begin_fresh(scene);
}

static void nothing_without_the_option(void **state)
{
	struct scene *scene = *state;

	scene_begin_fresh(scene);
	assert_int_equal(written(scene, TREE "/memory.max", one, sizeof one.in + 1), EROFS);
	assert_int_equal(asked(scene, FUSE_MKDIR, TREE, &new, sizeof new), EROFS);
	assert_int_equal(asked(scene, FUSE_RMDIR, TREE, "new", 4), EROFS);
	assert_int_equal(opened(scene, TREE "/memory.max", O_WRONLY), EACCES);
	assert_int_equal(opened(scene, TREE "/memory.max", O_RDWR), EACCES);
}

static void nothing_outside_of_the_tree(void **state)
{
	struct scene *scene = *state;

	begin(scene);
	assert_int_equal(written(scene, "/proc/uptime", one, sizeof one.in + 1), EROFS);
	assert_int_equal(asked(scene, FUSE_MKDIR, "/sys", &new, sizeof new), EROFS);
	assert_int_equal(asked(scene, FUSE_RMDIR, "/", "sys", 4), EROFS);
	assert_int_equal(opened(scene, "/proc/uptime", O_WRONLY), EACCES);
	assert_int_equal(opened(scene, TREE "/memory.stat", O_RDWR), EACCES);
}

/* A container that nobody knows is the answer once all else is as it should be. */
static void what_is_cut_off_or_not_waited_for(void **state)
{
	struct scene *scene = *state;
	struct writing writing = one;

	begin(scene);
	assert_int_equal(written(scene, TREE "/memory.max", one, sizeof one.in + 1), ESRCH);
	assert_int_equal(written(scene, TREE "/memory.max", one, sizeof one.in), E2BIG);
	assert_int_equal(written(scene, TREE "/memory.max", one, sizeof one.in - 1), EINVAL);
	writing.in.size = sizeof writing.data;
	assert_int_equal(written(scene, TREE "/memory.max", writing, sizeof writing), ESRCH);
	writing.in.size++;
	assert_int_equal(written(scene, TREE "/memory.max", writing, sizeof writing), E2BIG);
	writing = one;
	writing.in.write_flags = FUSE_WRITE_CACHE;
	assert_int_equal(written(scene, TREE "/memory.max", writing, sizeof one.in + 1), EINVAL);
	writing = one;
	writing.in.flags = O_WRONLY | O_DIRECT;
	assert_int_equal(written(scene, TREE "/memory.max", writing, sizeof one.in + 1), EINVAL);
	assert_int_equal(written(scene, TREE, one, sizeof one.in + 1), EINVAL);
}

static void names_that_do_not_end(void **state)
{
	struct scene *scene = *state;

	begin(scene);
	assert_int_equal(asked(scene, FUSE_MKDIR, TREE, &new, sizeof new.in + 3), EINVAL);
	assert_int_equal(asked(scene, FUSE_MKDIR, TREE, &new, sizeof new.in), EINVAL);
	assert_int_equal(asked(scene, FUSE_RMDIR, TREE, "new", 3), EINVAL);
	assert_int_equal(asked(scene, FUSE_RMDIR, TREE, "", 0), EINVAL);
	assert_int_equal(asked(scene, FUSE_MKDIR, TREE "/memory.max", &new, sizeof new), EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_without_the_option),
		TEST(nothing_outside_of_the_tree),
		TEST(what_is_cut_off_or_not_waited_for),
		TEST(names_that_do_not_end),
	};

	scene_log_nothing();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
