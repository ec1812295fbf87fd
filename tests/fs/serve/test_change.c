/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that would change something, over a connection whose other end is played here. What is allowed then is not asked here
 * (tests/fs/container/test_cgroup_write.c): nothing gets that far.
 */
#include "fs/serve/change.h"
#include "tests/fs/harness.h"
#include "tests/fs/serve/scene.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Whoever asks cannot be told from others until somebody writes to this FIFO. */
static void make_slow(struct scene *scene)
{
	scene->kernel.pid = 50120; /* of the captured host */
	g_free(scene->fifo);
	scene->fifo = g_build_filename(scene->directory, "host/proc/50120/cgroup", NULL);
	assert_int_equal(unlink(scene->fifo), 0);
	assert_int_equal(mkfifo(scene->fifo, 0600), 0);
}

static unsigned under_way(const struct scene *scene)
{
	Journal *journal = journal_open(scene->journal, NULL);
	unsigned n = 0;

	for (unsigned i = 0; i < JOURNAL_SLOTS; i++) {
		const struct journal_slot *slot = journal_slot(journal, i);

		n += slot->header.unique && slot->header.opcode == FUSE_WRITE ? 1 : 0;
	}
	journal_close(journal);
	return n;
}

/* A worker that died between the answer and the end: it has said so, and nobody does it again. */
static void what_is_done_is_only_answered(void **state)
{
	struct scene *scene = *state;
	const struct change_reply reply = { .code = EDOM };
	Journal *journal = journal_open(scene->journal, NULL);
	struct journal_slot *slot = journal_slot(journal, 7);

	begin(scene);
	scene_stop(scene);
	*slot = (struct journal_slot){ .flags = JOURNAL_STARTED,
				       .header = {
					       .len = sizeof slot->header + 4, .opcode = FUSE_RMDIR, .unique = 4000 } };
	assert_false(journal_is_done(slot));
	change_keep(slot, &reply);
	scene_begin(scene, SESSION_KILLED);
	assert_int_equal(code_of(scene, 4000), EDOM);
	assert_int_equal(slot->header.unique, 0);
	journal_close(journal);
}

/* As the kernel sends all again that is not answered: it is still the same request, and has the new number from then on. */
static void what_is_sent_again_is_carried_out_once(void **state)
{
	struct scene *scene = *state;
	struct writing writing = one;
	struct node node = node_of(TREE "/memory.max");
	uint64_t first, last;

	begin(scene);
	make_slow(scene);
	writing.in.fh = texts_handle(TEXTS_NO_CONTAINER, 1);
	first = fake_kernel_ask(&scene->kernel, FUSE_WRITE, &node, &writing, sizeof one.in + 1);
	scene->kernel.unique = (first | JOURNAL_RESENT) - 2;
	assert_int_equal(fake_kernel_ask(&scene->kernel, FUSE_WRITE, &node, &writing, sizeof one.in + 1),
			 first | JOURNAL_RESENT);
	scene->kernel.unique = first;
	last = scene_ask(scene, 1, 0, 100);
	fake_kernel_next(&scene->kernel, &scene->answer);
	assert_int_equal(scene->answer.header.unique, last);
	assert_int_equal(under_way(scene), 1);
	scene_end_slowness(scene);
	fake_kernel_next(&scene->kernel, &scene->answer);
	assert_true(scene->answer.header.unique == (first | JOURNAL_RESENT));
	scene_wait_until_served(scene, 2);
	assert_false(fake_kernel_has_next(&scene->kernel, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_without_the_option),
		TEST(nothing_outside_of_the_tree),
		TEST(what_is_cut_off_or_not_waited_for),
		TEST(names_that_do_not_end),
		TEST(what_is_sent_again_is_carried_out_once),
		TEST(what_is_done_is_only_answered),
	};

	scene_log_nothing();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
