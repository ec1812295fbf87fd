/* SPDX-License-Identifier: Apache-2.0 */
#define FUSE_USE_VERSION 314

#include "fs/serve/ops.h"

#include "cgroup/error.h"
#include "fs/container/caller.h"
#include "fs/serve/attributes.h"
#include "fs/serve/change.h"
#include "fs/serve/refused.h"
#include "fs/serve/tree.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <string.h>
#include <sys/statfs.h>

#define PAGE 4096

static struct serve *serve_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

/* Takes the error: logs, counts, answers. */
static void reply_failure(fuse_req_t req, const char *path, GError *error)
{
	fuse_reply_err(req, error ? report_failure(serve_of(req)->report, path, error) : ENOENT);
	g_clear_error(&error);
}

static Container *caller_of(struct serve *serve, pid_t pid, GError **error)
{
	Container *container = caller_container(serve->registry, pid, serve->unknown_host, NULL, error);

	if (container)
		seen_note(&serve->seen, pid, container_slot(container));
	return container;
}

/* The container that had a number which nobody knows any more is lost with the state; who asks is in it or beside it. */
Container *ops_container(struct serve *serve, uint64_t slot, pid_t pid, GError **error)
{
	Container *container = slot ? registry_by_slot(serve->registry, slot) : NULL;

	if (slot && !container)
		container = registry_successor(serve->registry, slot);
	if (container)
		return container;
	if (slot == 0 || registry_is_rebuilt(serve->registry))
		return caller_of(serve, pid, error);
	cg_fail(error, ESRCH, "the container of number %" G_GUINT64_FORMAT " is gone or forgotten", slot);
	return NULL;
}

static Container *container_of(fuse_req_t req, const struct node *node, GError **error)
{
	return ops_container(serve_of(req), node->slot, fuse_req_ctx(req)->pid, error);
}

/*
 * Most texts are the host's with fewer lines or other figures; /proc/stat has a line of 9 columns a CPU, and the
 * cgroup tree one of 3; all others fit into a page.
 */
static uint64_t text_bound(const Host *host, const struct row *row, unsigned cpus)
{
	uint64_t bound = PAGE;

	if (row->needs & VIEW_TIMES || row_in_tree(row)) {
		bound = (cpus + UINT64_C(32)) * 128;
	} else if (row->needs & VIEW_HOST && !strchr(row->path, '%')) {
		g_autofree char *text = (row->layout ? host_read_layout : host_read)(host, row->path, NULL);

		bound = text ? strlen(text) + PAGE / 4 : PAGE;
	}
	return (bound + PAGE - 1) / PAGE * PAGE;
}

bool ops_set_sizes(struct serve *serve, GError **error)
{
	const Host *host = registry_host(serve->registry);
	struct cg_cpumask online;
	unsigned n_rows, cpus;
	const struct row *rows = rows_all(&n_rows);

	if (!host_cpus(host, &online, &cpus, error))
		return false;
	for (unsigned i = 0; i < n_rows; i++)
		serve->size[rows[i].id] =
			tree_is_directory(&rows[i]) || rows[i].link ? 0 : text_bound(host, &rows[i], cpus);
	return true;
}

/*
 * Only root in the daemon's own namespaces sees who else there is. The uid is of the daemon's user namespace
 * (fs/fuse/dev.c, fuse_get_req()); root of another one is not 0.
 */
static bool may_enter(fuse_req_t req, const struct node *node)
{
	const struct fuse_ctx *caller = fuse_req_ctx(req);

	return !tree_is_guarded(node) ||
	       (caller->uid == 0 && caller_is_host(registry_host(serve_of(req)->registry), caller->pid));
}

/*
 * Whoever may not enter may still go through, to one name: the hook of a rootless runtime, which is in the daemon's pid
 * namespace and in a user namespace of its own, to the container that its user registered. What is in a container
 * of that user has another pid namespace.
 */
static bool may_go_through(fuse_req_t req, const struct node *node, const char *name)
{
	const struct fuse_ctx *caller = fuse_req_ctx(req);

	return may_enter(req, node) || (tree_is_own_name(name, caller->uid) &&
					caller_is_beside(registry_host(serve_of(req)->registry), caller->pid));
}

/* The guarded directory itself is told to those who may go through it. */
static bool may_find(fuse_req_t req, const struct node *node)
{
	const struct fuse_ctx *caller = fuse_req_ctx(req);

	return may_enter(req, node) ||
	       (caller->uid != 0 && caller_is_beside(registry_host(serve_of(req)->registry), caller->pid));
}

/* ---- directories ---- */

/* For a directory whose entries depend on a container, that container; *ret_container may stay NULL for others. */
static bool directory_container(fuse_req_t req, const struct node *directory, Container **ret_container, GError **error)
{
	*ret_container = NULL;
	if (!tree_needs_container(directory))
		return true;
	*ret_container = container_of(req, directory, error);
	return *ret_container != NULL;
}

static void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	g_autoptr(Container) container = NULL;
	g_autoptr(GError) error = NULL;
	struct fuse_entry_param reply = { 0 };
	struct tree_entry entry;
	struct node node;

	if (!node_from_inode(parent, &node)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	if (!may_go_through(req, &node, name)) {
		fuse_reply_err(req, EACCES);
		return;
	}
	if (!directory_container(req, &node, &container, &error) ||
	    !tree_find(serve_of(req)->registry, container, &node, name, &entry, &error)) {
		reply_failure(req, node.row->path, g_steal_pointer(&error));
		return;
	}
	if (!may_find(req, &entry.node)) {
		fuse_reply_err(req, EACCES);
		return;
	}
	if (!attributes_generation(serve_of(req), &entry.node, &reply.generation)) {
		fuse_reply_err(req, ENOENT); /* forgotten meanwhile */
		return;
	}
	/* A guarded entry is looked up anew each time, so that each caller is asked for. */
	reply.entry_timeout = entry.fleeting || tree_is_guarded(&entry.node) ? 0 : ATTRIBUTES_FOR_LONG;
	reply.ino = node_to_inode(&entry.node);
	reply.attr_timeout = attributes_of(serve_of(req), container, &entry.node, &reply.attr);
	fuse_reply_entry(req, &reply);
}

/* Whose container cannot be found any more has the attributes that the row says. */
static double look_at(fuse_req_t req, const struct node *node, struct stat *ret_attributes)
{
	bool of_container = serve_of(req)->cgroup_writes && row_in_tree(node->row);
	g_autoptr(Container) container = of_container ? container_of(req, node, NULL) : NULL;

	return attributes_of(serve_of(req), container, node, ret_attributes);
}

static void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	struct stat attributes;
	struct node node;

	if (!node_from_inode(ino, &node)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	fuse_reply_attr(req, &attributes, look_at(req, &node, &attributes));
}

static void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	struct node node;

	if (!node_from_inode(ino, &node))
		fuse_reply_err(req, ENOENT);
	else if (!may_enter(req, &node))
		fuse_reply_err(req, EACCES);
	else
		fuse_reply_open(req, info);
}

struct fill {
	fuse_req_t req;
	char *buffer;
	size_t size, used;
};

static bool fill_visit(const struct tree_entry *entry, void *data)
{
	struct fill *fill = data;
	struct stat attributes;
	size_t needed;

	attributes_of_row(serve_of(fill->req), &entry->node, &attributes);
	needed = fuse_add_direntry(fill->req, fill->buffer + fill->used, fill->size - fill->used, entry->name,
				   &attributes, (off_t)entry->cookie);
	if (needed > fill->size - fill->used)
		return false;
	fill->used += needed;
	return true;
}

static void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *info)
{
	g_autoptr(Container) container = NULL;
	g_autofree char *buffer = g_malloc(size);
	struct fill fill = { req, buffer, size, 0 };
	g_autoptr(GError) error = NULL;
	struct node node;

	if (!node_from_inode(ino, &node)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	if (!directory_container(req, &node, &container, &error) ||
	    !tree_list(serve_of(req)->registry, container, &node, (uint64_t)offset, fill_visit, &fill, &error)) {
		reply_failure(req, node.row->path, g_steal_pointer(&error));
		return;
	}
	fuse_reply_buf(req, buffer, fill.used);
}

/* ---- files ---- */

/* Arithmetic: a worker of any version finds the container by it, and no two open files of one have the same. */
static uint64_t handle_for(struct serve *serve, const Container *container)
{
	return container ? texts_handle(container_slot(container), journal_next_serial(serve->journal))
			 : texts_handle(TEXTS_NO_CONTAINER, 0);
}

/* To write, too. */
static void open_to_write(fuse_req_t req, const struct node *node, Container *container, struct fuse_file_info *info)
{
	const struct fuse_ctx *caller = fuse_req_ctx(req);
	const struct fuse_in_header who = { .pid = (uint32_t)caller->pid, .uid = caller->uid, .gid = caller->gid };
	g_autoptr(GError) error = NULL;
	uint64_t handle;

	if (change_open(serve_of(req), container, node, &who, info->flags, &handle, &error)) {
		info->fh = handle;
		fuse_reply_open(req, info);
	} else {
		fuse_reply_err(req, change_refusal(node, error));
	}
}

static void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	bool reads = (info->flags & O_ACCMODE) == O_RDONLY;
	g_autoptr(Container) container = NULL;
	g_autoptr(GError) error = NULL;
	struct node node;

	if (!node_from_inode(ino, &node)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	if (!reads && !(serve_of(req)->cgroup_writes && node.row->writable)) {
		fuse_reply_err(req, EACCES);
		return;
	}
	if (!gather_is_constant(node.row)) {
		container = container_of(req, &node, &error);
		if (!container) {
			reply_failure(req, node.row->path, g_steal_pointer(&error));
			return;
		}
	}
	info->direct_io = 1;
	info->noflush = 1;
	if (!reads) {
		open_to_write(req, &node, container, info);
		return;
	}
	info->fh = handle_for(serve_of(req), container);
	fuse_reply_open(req, info);
}

/* ---- links ---- */

static void op_readlink(fuse_req_t req, fuse_ino_t ino)
{
	g_autoptr(Container) container = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) text = NULL;
	struct node node;

	if (!node_from_inode(ino, &node) || !node.row->link) {
		fuse_reply_err(req, EINVAL);
		return;
	}
	container = container_of(req, &node, &error);
	if (container)
		text = gather_text(serve_of(req)->registry, container, node.row, node.index, &error);
	if (text)
		fuse_reply_readlink(req, text->str);
	else
		reply_failure(req, node.row->path, g_steal_pointer(&error));
}

/* ---- what is not done ---- */

/*
 * What open(2) with O_TRUNC and truncate(2) ask for, which the kernel's own files take and ignore (kernfs_iop_setattr() of
 * fs/kernfs/inode.c); whether the caller may is asked when he opens. Modes and owners are not changed.
 */
static void op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *wanted, int what, struct fuse_file_info *info)
{
	struct stat attributes;
	struct node node;

	if (!node_from_inode(ino, &node))
		fuse_reply_err(req, ENOENT);
	else if (!serve_of(req)->cgroup_writes || !node.row->writable)
		fuse_reply_err(req, EROFS);
	else if (!(what & FUSE_SET_ATTR_SIZE) || what & (FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID))
		fuse_reply_err(req, EPERM);
	else
		fuse_reply_attr(req, &attributes, look_at(req, &node, &attributes));
}

/* ---- the rest ---- */

/* A request whose caller does not wait could outlive him, and he is asked about (change.h). */
static void op_init(void *data, struct fuse_conn_info *connection)
{
	connection->want &= ~(unsigned)FUSE_CAP_ASYNC_DIO;
}

static void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct statvfs empty = { .f_bsize = 4096, .f_frsize = 4096, .f_namemax = 255 };

	fuse_reply_statfs(req, &empty);
}

/* Holes and data, which cp(1) looks for where a file has a size; seq_lseek() of the kernel says the same. */
static void op_lseek(fuse_req_t req, fuse_ino_t ino, off_t offset, int whence, struct fuse_file_info *info)
{
	fuse_reply_err(req, EINVAL);
}

/* What no file of procfs or sysfs that is served here has; shells ask whether a file is a terminal. */
static void op_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned command, void *argument, struct fuse_file_info *info,
		     unsigned flags, const void *in, size_t in_size, size_t out_size)
{
	fuse_reply_err(req, ENOTTY);
}

const struct fuse_lowlevel_ops ops_table = {
	.init = op_init,
	.lookup = op_lookup,
	.getattr = op_getattr,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.open = op_open,
	.readlink = op_readlink,
	.setattr = op_setattr,
	.mknod = refused_mknod,
	.create = refused_create,
	.unlink = refused_unlink,
	.symlink = refused_symlink,
	.link = refused_link,
	.rename = refused_rename,
	.statfs = op_statfs,
	.lseek = op_lseek,
	.ioctl = op_ioctl,
};
