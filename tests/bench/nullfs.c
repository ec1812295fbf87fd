/* SPDX-License-Identifier: Apache-2.0
 *
 * nullfs MOUNTPOINT: the least that a FUSE file system can do for a read with
 * direct I/O, the floor under what any daemon of this protocol can reach. The
 * root holds a file for each size: the name is the size, "1475" reads as 1475
 * bytes of fixed text. Long timeouts and no FLUSH, so that a read is OPEN, READ,
 * READ (the end of file) and RELEASE.
 */
#define FUSE_USE_VERSION FUSE_MAKE_VERSION(3, 14)

#include <errno.h>
#include <fuse_lowlevel.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SIZE_MAX_SERVED (1u << 20)
#define TIMEOUT_S       3600.0
#define FIRST_INO       (FUSE_ROOT_ID + 1) /* the inode of a file of N bytes is FIRST_INO + N */

static void attributes(fuse_ino_t ino, struct stat *ret)
{
	*ret = (struct stat){ .st_ino = ino, .st_mode = S_IFREG | 0444, .st_nlink = 1 };
	if (ino == FUSE_ROOT_ID)
		ret->st_mode = S_IFDIR | 0555;
}

static void null_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = { .attr_timeout = TIMEOUT_S, .entry_timeout = TIMEOUT_S };
	uint64_t size;

	if (parent != FUSE_ROOT_ID || !g_ascii_string_to_unsigned(name, 10, 0, SIZE_MAX_SERVED, &size, NULL)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	entry.ino = FIRST_INO + size;
	attributes(entry.ino, &entry.attr);
	fuse_reply_entry(req, &entry);
}

static void null_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct stat st;

	attributes(ino, &st);
	fuse_reply_attr(req, &st, TIMEOUT_S);
}

static void null_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	fi->direct_io = 1;
	fi->noflush = 1;
	fuse_reply_open(req, fi);
}

static void null_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	const char *text = fuse_req_userdata(req);
	size_t length = ino - FIRST_INO;
	size_t start = MIN((size_t)offset, length);

	fuse_reply_buf(req, text + start, MIN(size, length - start));
}

static const struct fuse_lowlevel_ops operations = {
	.lookup = null_lookup,
	.getattr = null_getattr,
	.open = null_open,
	.read = null_read,
};

static int serve(struct fuse_session *session, const char *mountpoint)
{
	int status;

	if (fuse_set_signal_handlers(session) != 0)
		return 1;
	if (fuse_session_mount(session, mountpoint) != 0) {
		fuse_remove_signal_handlers(session);
		return 1;
	}
	printf("nullfs: serving %s\n", mountpoint);
	fflush(stdout);
	status = fuse_session_loop(session);
	fuse_session_unmount(session);
	fuse_remove_signal_handlers(session);
	return status < 0 ? 1 : 0; /* a signal that asked it to end is no failure */
}

int main(int argc, char **argv)
{
	char mount_options[] = "-oallow_other,fsname=nullfs";
	char *options[] = { argv[0], mount_options, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(2, options);
	g_autofree char *text = g_malloc(SIZE_MAX_SERVED);
	struct fuse_session *session;
	int status;

	if (argc != 2) {
		fprintf(stderr, "usage: nullfs MOUNTPOINT\n");
		return 2;
	}
	memset(text, 'x', SIZE_MAX_SERVED);
	session = fuse_session_new(&args, &operations, sizeof operations, text);
	if (!session)
		return 1;
	status = serve(session, argv[1]);
	fuse_session_destroy(session);
	return status;
}
