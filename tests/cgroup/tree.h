/* SPDX-License-Identifier: Apache-2.0
 *
 * A host of directories and files, for tests: what cg_hierarchies_open_at()
 * reads. Made in a temporary directory, removed with everything in it.
 */
#pragma once

#include "cgroup/error.h"
#include "cgroup/group.h"
#include "cgroup/hierarchies.h"
#include "cgroup/path.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

struct tree {
	char *path;
	int fd;
	CgHierarchies *hierarchies;
};

static inline struct tree tree_new(void)
{
	struct tree tree = { .path = g_dir_make_tmp("procvirt-XXXXXX", NULL) };

	assert_non_null(tree.path);
	tree.fd = open(tree.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(tree.fd >= 0);
	return tree;
}

static inline int tree_remove_entry(const char *path, const struct stat *stat, int flag, struct FTW *ftw)
{
	(void)stat, (void)flag, (void)ftw;
	return remove(path);
}

static inline void tree_remove(const struct tree *tree, const char *name)
{
	g_autofree char *path = g_build_filename(tree->path, name, NULL);

	assert_int_equal(nftw(path, tree_remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void tree_free(struct tree *tree)
{
	cg_hierarchies_free(tree->hierarchies);
	close(tree->fd);
	tree_remove(tree, "");
	g_free(tree->path);
}

/* Makes the file and the directories above it; an empty name's directory only where `name` ends with "/". */
static inline void tree_write(const struct tree *tree, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(tree->path, name, NULL);
	g_autofree char *directory = g_path_get_dirname(path);

	if (g_str_has_suffix(name, "/")) {
		assert_int_equal(g_mkdir_with_parents(path, 0755), 0);
		return;
	}
	assert_int_equal(g_mkdir_with_parents(directory, 0755), 0);
	assert_true(g_file_set_contents(path, text, -1, NULL));
}

struct tree_file {
	const char *name, *text;
};

static inline void tree_write_all(const struct tree *tree, const struct tree_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tree_write(tree, files[i].name, files[i].text);
}

static inline const CgHierarchies *tree_hierarchies(struct tree *tree)
{
	if (!tree->hierarchies)
		tree->hierarchies = cg_hierarchies_open_at(tree->fd, NULL);
	assert_non_null(tree->hierarchies);
	return tree->hierarchies;
}

/* The cgroup of this path in each hierarchy of the tree. */
static inline CgGroup *tree_open(struct tree *tree, const char *path, GError **error)
{
	const CgHierarchies *hierarchies = tree_hierarchies(tree);
	struct cg_paths paths = { 0 };
	CgGroup *group;

	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		if (cg_hierarchies_version(hierarchies, c))
			paths.of[c] = g_strdup(path);
	}
	group = cg_group_open(hierarchies, &paths, error);
	cg_paths_clear(&paths);
	return group;
}

static inline CgGroup *tree_group(struct tree *tree, const char *path)
{
	CgGroup *group = tree_open(tree, path, NULL);

	assert_non_null(group);
	return group;
}

static inline void assert_fails(bool done, GError **error, int code, const char *mention)
{
	assert_false(done);
	assert_non_null(*error);
	assert_true(g_error_matches(*error, CG_ERROR, code));
	if (mention && !strstr((*error)->message, mention))
		fail_msg("\"%s\" does not mention %s", (*error)->message, mention);
	g_clear_error(error);
}

static inline void assert_limit(struct cg_limit limit, uint64_t value, int level)
{
	assert_int_equal(limit.value, value);
	assert_int_equal(limit.level, level);
}
