/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of the cgroup tree that are made from the other version's. The first byte says which row, and 0 bytes part its sources.
 */
#include "fs/view/render_cgroup.h"
#include "fs/view/rows.h"
#include "tests/fuzz/fuzz_view.h"

static const struct row *pick(uint8_t byte)
{
	unsigned n, seen = 0;
	const struct row *rows = rows_all(&n);

	for (unsigned i = 0; i < n; i++) {
		if (rows[i].shape != VIEW_SHAPE_HOST && rows[i].render && seen++ == byte)
			return &rows[i];
	}
	return NULL;
}

/* Whatever the other version says, what is shown is whole lines. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct row *row = size ? pick(*data) : NULL;
	g_autofree char *bytes = g_malloc0(size + 1);
	struct view view = { .cpus = fuzz_cpus(false), .tree = { .time = { .usage_us = 12345, .user_us = 12000 } } };
	g_autoptr(GString) text = g_string_new(NULL);
	char *at = bytes;

	if (!row || row->link || row->render == cgroup_kernels_render || row->render == cgroup_v1_set_render)
		return 0;
	memcpy(bytes, data + 1, size - 1);
	for (unsigned i = 0; i < VIEW_TREE_SOURCES && at < bytes + size; i++, at += strlen(at) + 1)
		view.tree.source[i] = at;
	row->render(&view, text);
	promise(strlen(text->str) == text->len);
	promise(!text->len || text->str[text->len - 1] == '\n');
	return 0;
}
