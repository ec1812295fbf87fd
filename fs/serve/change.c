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
	return report_errno(error);
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

/* ---- the three: each fills the reply, or returns false with CG_ERROR ---- */

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

static bool do_write(struct serve *serve, const struct request *request, struct change_reply *reply, GError **error)
{
	const struct fuse_write_in *in = request->in;
	g_autoptr(Container) container = NULL;
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
	reply->write.size = in->size;
	reply->size = sizeof reply->write;
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

static bool fill_entry(struct serve *serve, Container *container, const struct node *made, struct change_reply *reply,
		       GError **error)
{
	struct fuse_entry_out *entry = &reply->entry;
	struct stat attributes;

	*entry = (struct fuse_entry_out){ .nodeid = node_to_inode(made) }; /* nothing of it is to be remembered */
	reply->size = sizeof *entry;
	if (!attributes_generation(serve, made, &entry->generation))
		return cg_fail(error, ESRCH, "the container is forgotten");
	attributes_of(serve, container, made, &attributes);
	fill_attributes(&attributes, &entry->attr);
	return true;
}

static bool do_mkdir(struct serve *serve, const struct request *request, struct change_reply *reply, GError **error)
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
	       fill_entry(serve, container, &made, reply, error);
}

static bool do_rmdir(struct serve *serve, const struct request *request, struct change_reply *reply, GError **error)
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
	return cgroup_tree_rmdir(&writer, node->row, node->index, request->in, request->again, error);
}

/* ---- which of them ---- */

static const struct {
	uint32_t opcode;
	bool is_of_directory;
	bool (*carry_out)(struct serve *serve, const struct request *request, struct change_reply *reply,
			  GError **error);
} changes[] = {
	{ FUSE_WRITE, false, do_write },
	{ FUSE_MKDIR, true, do_mkdir },
	{ FUSE_RMDIR, true, do_rmdir },
};

static bool dispatch(struct serve *serve, const struct request *request, struct change_reply *reply, GError **error)
{
	const struct row *row = request->node.row;

	if (!serve->cgroup_writes || !row_in_tree(row))
		return cg_fail(error, EROFS, "%s: nothing is changed there", row->path);
	for (unsigned i = 0; i < G_N_ELEMENTS(changes); i++) {
		if (changes[i].opcode == request->header->opcode &&
		    changes[i].is_of_directory == rows_is_directory(row))
			return changes[i].carry_out(serve, request, reply, error);
	}
	return cg_fail(error, EINVAL, "%s: not what can be done to it", row->path);
}

void change_carry_out(struct serve *serve, const struct journal_slot *slot, struct change_reply *ret_reply)
{
	struct request request = {
		.header = &slot->header,
		.in = slot->request + sizeof slot->header,
		.length = MIN(slot->header.len, sizeof slot->request) - sizeof slot->header,
		.again = journal_was_begun(slot),
	};
	g_autoptr(GError) error = NULL;

	*ret_reply = (struct change_reply){ 0 };
	if (!node_from_inode(slot->header.nodeid, &request.node))
		ret_reply->code = ENOENT;
	else if (!dispatch(serve, &request, ret_reply, &error))
		ret_reply->code = change_refusal(&request.node, error);
}

#define REPLY_AT sizeof(struct fuse_in_header)
G_STATIC_ASSERT(REPLY_AT + sizeof(struct change_reply) <= JOURNAL_REQUEST);
G_STATIC_ASSERT(REPLY_AT % _Alignof(struct change_reply) == 0);

void change_keep(struct journal_slot *slot, const struct change_reply *reply)
{
	memcpy(slot->request + REPLY_AT, reply, sizeof *reply);
	atomic_fetch_or(&slot->flags, JOURNAL_DONE);
}

const struct change_reply *change_kept(const struct journal_slot *slot)
{
	g_assert(journal_is_done(slot));
	return (const void *)(slot->request + REPLY_AT);
}

void change_send(int device, uint64_t unique, const struct change_reply *reply)
{
	if (reply->code)
		answer_error(device, unique, reply->code);
	else
		answer_data(device, unique, &reply->write, reply->size);
}
