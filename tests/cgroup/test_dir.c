/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/dir.h"
#include "tests/cgroup/tree.h"

#include "tests/cgroup/descriptors.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

/* A chain of /a/b with its own set of descriptors. */
struct fixture {
	struct tree tree;
	struct hierarchy hierarchy;
	struct chain chain;
	struct climb climb;
	struct dir dir;
};

static void fixture_init(struct fixture *f)
{
	static char where[] = "host", prefix[] = "/";

	*f = (struct fixture){ .tree = tree_new() };
	tree_write(&f->tree, "a/b/file", "own\n");
	tree_write(&f->tree, "a/file", "parent\n");
	f->hierarchy = (struct hierarchy){ .fd = f->tree.fd, .version = 2, .where = where, .prefix = prefix };
	assert_true(chain_open(&f->hierarchy, "/a/b", &f->chain, NULL));
	f->dir = (struct dir){ .chain = &f->chain, .kept = kept_new(chain_slots(&f->chain)), .climb = &f->climb };
}

static void fixture_clear(struct fixture *f)
{
	climb_end(&f->climb);
	kept_unref(f->dir.kept);
	chain_close(&f->chain);
	tree_free(&f->tree);
}

static void test_levels(void **state)
{
	cg_cleanup(fixture_clear) struct fixture f;
	cg_cleanup(text_clear) struct text text = { 0 };
	unsigned before;

	fixture_init(&f);
	assert_int_equal(f.chain.depth, 2);
	assert_int_equal(f.chain.levels, 2);
	assert_false(dir_is_root(&f.dir));
	assert_int_equal(dir_read(&f.dir, 0, "file", &text, NULL), DIR_READ);
	assert_string_equal(text.s, "own\n");
	f.dir.level = 1;
	assert_int_equal(dir_read(&f.dir, 0, "file", &text, NULL), DIR_READ);
	assert_string_equal(text.s, "parent\n");
	/* Kept: reading again opens nothing. */
	before = descriptors_open();
	assert_int_equal(dir_read(&f.dir, 0, "file", &text, NULL), DIR_READ);
	assert_int_equal(descriptors_open(), before);
	assert_int_equal(dir_read(&f.dir, DIR_NOT_KEPT, "file", &text, NULL), DIR_READ);
	assert_int_equal(descriptors_open(), before);
}

static void test_sizes(void **state)
{
	static const size_t sizes[] = { 0, 1, 6142, 6143, 6144, 24576, 1000000 };
	cg_cleanup(fixture_clear) struct fixture f;
	cg_cleanup(text_clear) struct text text = { 0 };

	fixture_init(&f);
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree char *content = g_strnfill(sizes[i], 'x');

		tree_write(&f.tree, "a/b/file", content);
		assert_int_equal(dir_read(&f.dir, DIR_NOT_KEPT, "file", &text, NULL), DIR_READ);
		assert_string_equal(text.s, content);
	}
}

static void test_nul(void **state)
{
	cg_cleanup(fixture_clear) struct fixture f;
	cg_cleanup(text_clear) struct text text = { 0 };
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;

	fixture_init(&f);
	path = g_build_filename(f.tree.path, "a/b/file", NULL);
	assert_true(g_file_set_contents(path, "1\0002\n", 4, NULL));
	assert_int_equal(dir_read(&f.dir, 0, "file", &text, &error), DIR_FAILED);
	assert_fails(false, &error, EINVAL, "host/a/b/file");
}

static void test_absent(void **state)
{
	cg_cleanup(fixture_clear) struct fixture f;
	cg_cleanup(text_clear) struct text text = { 0 };
	g_autoptr(GError) error = NULL;

	fixture_init(&f);
	assert_int_equal(dir_read(&f.dir, 1, "none", &text, &error), DIR_MISSING);
	assert_null(error);
	/* It may come later. */
	tree_write(&f.tree, "a/b/none", "1");
	assert_int_equal(dir_read(&f.dir, 1, "none", &text, &error), DIR_READ);
	/* A link is not followed, a directory is no text. */
	assert_int_equal(symlinkat("file", f.chain.fd, "link"), 0);
	assert_int_equal(dir_read(&f.dir, 2, "link", &text, &error), DIR_FAILED);
	assert_fails(false, &error, ELOOP, "link");
	tree_write(&f.tree, "a/b/sub/", "");
	assert_int_equal(dir_read(&f.dir, 3, "sub", &text, &error), DIR_FAILED);
	assert_fails(false, &error, EISDIR, "sub");
}

static void test_removed(void **state)
{
	cg_cleanup(fixture_clear) struct fixture f;
	cg_cleanup(text_clear) struct text text = { 0 };
	g_autoptr(GError) error = NULL;

	fixture_init(&f);
	tree_remove(&f.tree, "a/b");
	tree_write(&f.tree, "a/b/file", "another's\n");
	assert_true(chain_gone(&f.chain));
	assert_int_equal(dir_read(&f.dir, 0, "file", &text, &error), DIR_FAILED);
	assert_fails(false, &error, ESRCH, "host/a/b");
}

/* Whoever removes the cgroup is at cgroup.procs, its last file, when the other end of this one is opened. */
static void *remove_last(void *data)
{
	const struct fixture *f = data;
	int fd = openat(f->chain.fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	unlinkat(f->chain.fd, "cgroup.procs", 0);
	close(fd);
	return NULL;
}

/* A limit that is read for the first time while the cgroup is being removed: its file is gone already. */
static void test_going(void **state)
{
	cg_cleanup(fixture_clear) struct fixture f;
	cg_cleanup(text_clear) struct text text = { 0 };
	g_autoptr(GError) error = NULL;
	pthread_t remover;

	fixture_init(&f);
	f.hierarchy.kernel = true;
	assert_int_equal(mkfifoat(f.chain.fd, "cgroup.procs", 0600), 0);
	assert_int_equal(pthread_create(&remover, NULL, remove_last, &f), 0);
	assert_int_equal(dir_read(&f.dir, 0, "memory.max", &text, &error), DIR_FAILED);
	assert_fails(false, &error, ESRCH, "host/a/b");
	pthread_join(remover, NULL);
}

/* Nobody is waited for: it has processes, or cgroups below it. */
static void test_not_idle(void **state)
{
	cg_cleanup(fixture_clear) struct fixture f;
	cg_cleanup(text_clear) struct text text = { 0 };

	fixture_init(&f);
	assert_false(chain_idle(&f.chain)); /* a captured host */
	f.hierarchy.kernel = true;
	tree_write(&f.tree, "a/b/cgroup.procs", "1\n");
	assert_false(chain_idle(&f.chain));
	tree_write(&f.tree, "a/b/cgroup.procs", "");
	assert_true(chain_idle(&f.chain));
	assert_int_equal(dir_read(&f.dir, 0, "memory.max", &text, NULL), DIR_MISSING);
	tree_write(&f.tree, "a/b/sub/", "");
	assert_false(chain_idle(&f.chain));
}

static void test_paths(void **state)
{
	static const struct {
		const char *path;
		int code;
		unsigned depth;
	} cases[] = { { "/", 0, 0 },
		      { "/a", 0, 1 },
		      { "/a/b", 0, 2 },
		      { "//a//b", 0, 2 },
		      { "/x", ESRCH, 0 },
		      { "/a/x/b", ESRCH, 0 },
		      { "/a/..", EINVAL, 0 },
		      { "/link/b", ENOTDIR, 0 },
		      { "/a/file", ENOTDIR, 0 } };
	cg_cleanup(fixture_clear) struct fixture f;
	unsigned before;

	fixture_init(&f);
	assert_int_equal(symlinkat("a", f.tree.fd, "link"), 0);
	before = descriptors_open();
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		struct chain chain;

		if (cases[i].code) {
			assert_fails(chain_open(&f.hierarchy, cases[i].path, &chain, &error), &error, cases[i].code,
				     cases[i].path);
			continue;
		}
		assert_true(chain_open(&f.hierarchy, cases[i].path, &chain, NULL));
		assert_int_equal(chain.depth, cases[i].depth);
		chain_close(&chain);
	}
	assert_int_equal(descriptors_open(), before);
}

static void test_set(void **state)
{
	cg_cleanup(fixture_clear) struct fixture f;
	cg_cleanup(text_clear) struct text text = { 0 };
	unsigned before = descriptors_open();
	struct kept *kept;

	fixture_init(&f);
	kept = f.dir.kept;
	f.dir.level = 1;
	assert_int_equal(dir_read(&f.dir, 0, "file", &text, NULL), DIR_READ);
	atomic_fetch_add(&kept->refs, 1);
	kept_unref(kept);
	/* Somebody is in it still: nothing was closed. */
	assert_int_equal(dir_read(&f.dir, 0, "file", &text, NULL), DIR_READ);
	assert_int_equal(descriptors_open(), before + 4);
}

/* Above the levels that keep them nothing stays open but the reader's own directory, in whatever order it reads. */
static void test_high_levels(void **state)
{
	static const unsigned levels[] = { 39, 20, 21, 38, 16, 15, 16, 39 };
	g_autoptr(GString) path = g_string_new(NULL);
	cg_cleanup(fixture_clear) struct fixture f;
	cg_cleanup(text_clear) struct text text = { 0 };
	unsigned before;

	fixture_init(&f);
	for (unsigned i = 40; i-- > 0;) {
		g_autofree char *file = NULL, *content = g_strdup_printf("%u", i);

		g_string_append(path, "/d");
		file = g_strconcat(path->str, "/file", NULL);
		tree_write(&f.tree, file, content);
	}
	chain_close(&f.chain);
	assert_true(chain_open(&f.hierarchy, path->str, &f.chain, NULL));
	assert_int_equal(f.chain.depth, 40);
	kept_unref(f.dir.kept);
	f.dir.kept = kept_new(chain_slots(&f.chain));
	assert_int_equal(f.dir.kept->n, DIR_KEPT_LEVELS * DIR_SLOTS);
	before = descriptors_open();
	for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
		g_autofree char *content = g_strdup_printf("%u", levels[i]);

		f.dir.level = levels[i];
		assert_int_equal(dir_read(&f.dir, DIR_FILES - 1, "file", &text, NULL), DIR_READ);
		assert_string_equal(text.s, content);
		assert_int_equal(dir_read(&f.dir, 1, "none", &text, NULL), DIR_MISSING);
	}
	climb_end(&f.climb);
	/* The directories of the levels 1 to 15, and the one file that was read at level 15. */
	assert_int_equal(descriptors_open(), before + DIR_KEPT_LEVELS);
}

/* No descriptor left: neither gone nor without a limit, at the cgroup and above the kept levels. */
static void test_no_descriptors(void **state)
{
	cg_cleanup(fixture_clear) struct fixture f;
	cg_cleanup(text_clear) struct text text = { 0 };
	g_autoptr(GError) error = NULL;
	struct chain chain;
	struct rlimit former;

	fixture_init(&f);
	former = descriptors_limit(0);
	for (f.dir.level = 0; f.dir.level < 2; f.dir.level++) {
		assert_int_equal(dir_read(&f.dir, 0, "file", &text, &error), DIR_FAILED);
		assert_fails(false, &error, EMFILE, g_strerror(EMFILE));
		assert_int_equal(dir_read(&f.dir, DIR_NOT_KEPT, "file", &text, &error), DIR_FAILED);
		assert_fails(false, &error, EMFILE, "/file: ");
	}
	assert_fails(chain_open(&f.hierarchy, "/a/b", &chain, &error), &error, EMFILE, g_strerror(EMFILE));
	assert_false(chain_gone(&f.chain));
	descriptors_restore(former);
	former = descriptors_limit(1);
	assert_fails(chain_open(&f.hierarchy, "/a/b", &chain, &error), &error, EMFILE, "host/a/b: ");
	descriptors_restore(former);
	f.dir.level = 0;
	assert_int_equal(dir_read(&f.dir, 0, "file", &text, NULL), DIR_READ);
	assert_string_equal(text.s, "own\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),      cmocka_unit_test(test_sizes),          cmocka_unit_test(test_nul),
		cmocka_unit_test(test_absent),      cmocka_unit_test(test_removed),        cmocka_unit_test(test_going),
		cmocka_unit_test(test_not_idle),    cmocka_unit_test(test_paths),          cmocka_unit_test(test_set),
		cmocka_unit_test(test_high_levels), cmocka_unit_test(test_no_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
