/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that nobody is ever granted, with the errors of a cgroup file system, which has none of these operations (fs/namei.c of
 * the kernel). They come only where the mount can be written to.
 */
#pragma once

#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION 314
#endif

#include <fuse_lowlevel.h>

void refused_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device);
void refused_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *info);
void refused_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void refused_symlink(fuse_req_t req, const char *to, fuse_ino_t parent, const char *name);
void refused_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name);
void refused_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to, const char *new_name,
		    unsigned flags);
