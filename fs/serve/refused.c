/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/refused.h"

#include <errno.h>

void refused_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
	fuse_reply_err(req, EPERM);
}

void refused_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *info)
{
	fuse_reply_err(req, EACCES);
}

void refused_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	fuse_reply_err(req, EPERM);
}

void refused_symlink(fuse_req_t req, const char *to, fuse_ino_t parent, const char *name)
{
	fuse_reply_err(req, EPERM);
}

void refused_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	fuse_reply_err(req, EPERM);
}

void refused_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to, const char *new_name,
		    unsigned flags)
{
	fuse_reply_err(req, EPERM);
}
