/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/read.h"

#include "fs/container/cgroup_tree.h"
#include "fs/container/gather.h"
#include "fs/serve/answer.h"

#include <errno.h>
#include <fcntl.h>

/* By the handle: whoever has the file open reads of the container that it was opened for. */
static GBytes *take(struct serve *serve, const struct node *node, const struct fuse_in_header *request, uint64_t handle,
		    GError **error)
{
	g_autoptr(Container) container = NULL;
	GString *text;

	if (!gather_is_constant(node->row)) {
		container = ops_container(serve, texts_container(handle), (pid_t)request->pid, error);
		if (!container)
			return NULL;
	}
	if (row_in_tree(node->row))
		text = cgroup_tree_text(serve->registry, container, node->row, node->index, (pid_t)request->pid, error);
	else
		text = gather_text(serve->registry, container, node->row, node->index, error);
	return text ? g_string_free_to_bytes(text) : NULL;
}

static GBytes *text_of(struct serve *serve, const struct node *node, const struct fuse_in_header *request,
		       const struct fuse_read_in *in, GError **error)
{
	/* A handle to write with is not one open file's alone (change.c): nothing is kept under it. */
	bool kept = (in->flags & O_ACCMODE) == O_RDONLY;
	uint64_t unique = request->unique & ~JOURNAL_RESENT;
	GBytes *text = kept ? texts_get(serve->texts, in->fh, in->offset ? 0 : unique) : NULL;

	if (text)
		return text;
	text = take(serve, node, request, in->fh, error);
	if (text && kept)
		texts_keep(serve->texts, in->fh, unique, text);
	return text;
}

static void answer(int device, uint64_t unique, GBytes *text, const struct fuse_read_in *in)
{
	size_t length;
	const char *data = g_bytes_get_data(text, &length);

	if (in->offset >= length)
		answer_data(device, unique, NULL, 0);
	else
		answer_data(device, unique, data + in->offset, MIN(in->size, length - in->offset));
}

void read_answer(struct serve *serve, int device, const struct fuse_in_header *request)
{
	const struct fuse_read_in *in = (const void *)(request + 1);
	uint64_t unique = request->unique;
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) text = NULL;
	struct node node;

	if (!node_from_inode(request->nodeid, &node)) {
		answer_error(device, unique, ENOENT);
		return;
	}
	/*
	 * A read for the page cache, by splice(2) or a page fault, names no lock owner (fs/fuse/file.c, fuse_read_args_fill()).
	 * It must not succeed: pages belong to the inode, and one inode of the tree by caller serves all containers.
	 */
	if (in->lock_owner == 0) {
		answer_error(device, unique, EINVAL);
		return;
	}
	text = text_of(serve, &node, request, in, &error);
	if (text)
		answer(device, unique, text, in);
	else
		answer_error(device, unique, report_failure(serve->report, node.row->path, error));
}
