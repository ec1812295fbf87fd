/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/change.h"

#include "cgroup/error.h"
#include "fs/container/cgroup_write.h"
#include "fs/serve/answer.h"
#include "fs/serve/attributes.h"
#include "fs/serve/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

int change_refusal(const struct node *node, const GError *error)
{
	g_debug("%s: %s", node->row->path, error->message);
	return error->domain == CG_ERROR && error->code > 0 ? error->code : EIO;
}

static struct cgroup_writer writer_of(struct serve *serve, Container *container, const struct fuse_in_header *who)
{
	return (struct cgroup_writer){
		.registry = serve->registry,
		.container = container,
		.tid = (pid_t)who->pid,
		.uid = who->uid,
		.gid = who->gid,
		.key = journal_key(serve->journal),
	};
}

bool change_open(struct serve *serve, Container *container, const struct node *node, const struct fuse_in_header *who,
		 int flags, uint64_t *ret_handle, GError **error)
{
	const struct cgroup_writer writer = writer_of(serve, container, who);
	int mode = flags & O_ACCMODE;
	uint32_t mark;

	if (mode != O_WRONLY && mode != O_RDWR)
		return cg_fail(error, EINVAL, "an open file that neither reads nor writes");
	if (!cgroup_tree_open(&writer, node->row, node->index, mode, &mark, error))
		return false;
	*ret_handle = texts_handle(container_slot(container), mark);
	return true;
}

/* ---- the three: each answers, or returns false with CG_ERROR ---- */

/* A request, and what of it its slot holds. */
struct request {
	const struct fuse_in_header *header;
	const void *in; /* what follows the header */
	size_t length;
	struct node node;
	bool again;
};

/* So many bytes that are a text end as one. */
static bool is_name(const struct request *request, size_t before)
{
	return request->length > before &&
	       memchr((const char *)request->in + before, '\0', request->length - before) != NULL;
}

/*
 * The kernel's own take no more than a page (kernfs_fop_write_iter() of fs/kernfs/file.c), and do not look at the offset. What comes
 * from the page cache, or may still be under way when its writer is gone, names nobody whose rights could be asked for.
 */
static bool check_write(const struct request *request, const struct fuse_write_in *in, GError **error)
{
	if (request->length < sizeof *in)
		return cg_fail(error, EINVAL, "a write that is cut off");
	if (in->size > request->length - sizeof *in)
		return cg_fail(error, E2BIG, "%u bytes are more than is written at once", in->size);
	return !(in->write_flags & FUSE_WRITE_CACHE || in->flags & O_DIRECT) ||
	       cg_fail(error, EINVAL, "a write that its caller does not wait for");
}

static bool answer_write(struct serve *serve, int device, const struct request *request, GError **error)
{
	const struct fuse_write_in *in = request->in;
	g_autoptr(Container) container = NULL;
	struct fuse_write_out out = { 0 };
	struct cgroup_writer writer;

	if (!check_write(request, in, error))
		return false;
	container = ops_container(serve, texts_container(in->fh), (pid_t)request->header->pid, error);
	if (!container)
		return false;
	writer = writer_of(serve, container, request->header);
	if (!cgroup_tree_write(&writer, request->node.row, request->node.index, (uint32_t)in->fh, in + 1, in->size,
			       error))
		return false;
	out.size = in->size;
	answer_data(device, request->header->unique, &out, sizeof out);
	return true;
}

static void fill_attributes(const struct stat *from, struct fuse_attr *ret)
{
	*ret = (struct fuse_attr){
		.ino = from->st_ino,
		.size = (uint64_t)from->st_size,
		.atime = (uint64_t)from->st_atim.tv_sec,
		.mtime = (uint64_t)from->st_mtim.tv_sec,
		.ctime = (uint64_t)from->st_ctim.tv_sec,
		.atimensec = (uint32_t)from->st_atim.tv_nsec,
		.mtimensec = (uint32_t)from->st_mtim.tv_nsec,
		.ctimensec = (uint32_t)from->st_ctim.tv_nsec,
		.mode = from->st_mode,
		.nlink = (uint32_t)from->st_nlink,
		.uid = from->st_uid,
		.gid = from->st_gid,
		.blksize = (uint32_t)from->st_blksize,
	};
}

static bool answer_entry(struct serve *serve, int device, const struct request *request, Container *container,
			 const struct node *made, GError **error)
{
	struct fuse_entry_out out = { .nodeid = node_to_inode(made) }; /* nothing of it is to be remembered */
	struct stat attributes;

	if (!attributes_generation(serve, made, &out.generation))
		return cg_fail(error, ESRCH, "the container is forgotten");
	attributes_of(serve, container, made, &attributes);
	fill_attributes(&attributes, &out.attr);
	answer_data(device, request->header->unique, &out, sizeof out);
	return true;
}

static bool answer_mkdir(struct serve *serve, int device, const struct request *request, GError **error)
{
	const struct fuse_mkdir_in *in = request->in;
	struct node made = request->node;
	g_autoptr(Container) container = NULL;
	struct cgroup_writer writer;

	if (!is_name(request, sizeof *in))
		return cg_fail(error, EINVAL, "a name that is cut off");
	container = ops_container(serve, made.slot, (pid_t)request->header->pid, error);
	if (!container)
		return false;
	writer = writer_of(serve, container, request->header);
	return cgroup_tree_mkdir(&writer, made.row, made.index, (const char *)(in + 1), in->mode & 01777,
				 request->again, &made.index, error) &&
	       answer_entry(serve, device, request, container, &made, error);
}

static bool answer_rmdir(struct serve *serve, int device, const struct request *request, GError **error)
{
	const struct node *node = &request->node;
	g_autoptr(Container) container = NULL;
	struct cgroup_writer writer;

	if (!is_name(request, 0))
		return cg_fail(error, EINVAL, "a name that is cut off");
	container = ops_container(serve, node->slot, (pid_t)request->header->pid, error);
	if (!container)
		return false;
	writer = writer_of(serve, container, request->header);
	if (!cgroup_tree_rmdir(&writer, node->row, node->index, request->in, request->again, error))
		return false;
	answer_error(device, request->header->unique, 0);
	return true;
}

/* ---- which of them ---- */

static const struct {
	uint32_t opcode;
	bool is_of_directory;
	bool (*answer)(struct serve *serve, int device, const struct request *request, GError **error);
} changes[] = {
	{ FUSE_WRITE, false, answer_write },
	{ FUSE_MKDIR, true, answer_mkdir },
	{ FUSE_RMDIR, true, answer_rmdir },
};

static bool dispatch(struct serve *serve, int device, const struct request *request, GError **error)
{
	const struct row *row = request->node.row;

	if (!serve->cgroup_writes || !row_in_tree(row))
		return cg_fail(error, EROFS, "%s: nothing is changed there", row->path);
	for (unsigned i = 0; i < G_N_ELEMENTS(changes); i++) {
		if (changes[i].opcode == request->header->opcode &&
		    changes[i].is_of_directory == rows_is_directory(row))
			return changes[i].answer(serve, device, request, error);
	}
	return cg_fail(error, EINVAL, "%s: not what can be done to it", row->path);
}

void change_answer(struct serve *serve, int device, const struct journal_slot *slot)
{
	struct request request = {
		.header = &slot->header,
		.in = slot->request + sizeof slot->header,
		.length = MIN(slot->header.len, sizeof slot->request) - sizeof slot->header,
		.again = journal_was_begun(slot),
	};
	g_autoptr(GError) error = NULL;

	if (!node_from_inode(slot->header.nodeid, &request.node))
		answer_error(device, slot->header.unique, ENOENT);
	else if (!dispatch(serve, device, &request, &error))
		answer_error(device, slot->header.unique, change_refusal(&request.node, error));
}
