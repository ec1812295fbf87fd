/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fs/scratch.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

char *scratch_new(void)
{
	char *path = g_dir_make_tmp("procvirt-test-XXXXXX", NULL);

	g_assert(path && chmod(path, 0755) == 0);
	return path;
}

void scratch_free(char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	g_free(path);
}

void scratch_write(const char *dir, const char *name, const char *text)
{
	g_autofree char *path = g_strconcat(dir, "/", name, NULL);
	g_autofree char *parent = g_path_get_dirname(path);

	g_assert(g_mkdir_with_parents(parent, 0755) == 0);
	g_unlink(path); /* a new file, as an atomic replacement would be, but without fsync(2) */
	g_assert(g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0666, NULL));
}

char *scratch_read(const char *path)
{
	char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}
