/* SPDX-License-Identifier: Apache-2.0
 *
 * Changing a container's own cgroup tree: writing to a file of one cgroup, making and removing cgroups within.
 *
 * Each goes from the descriptor of the container's own directory, component by component, none of them a link, to the place;
 * looks whether that is the cgroup that was meant; and does there what it was told to. All of it is the kernel's to allow: for the
 * credentials of the calling thread at this moment, on the way as at its end (cgroup-v2.rst, Delegation). What the kernel
 * would ask the caller's namespaces it does not ask here: that is for whoever calls.
 */
#pragma once

#include "cgroup/nested.h"

#include <sys/stat.h>
#include <sys/types.h>

/* A cgroup of a container's tree. All is borrowed. */
struct cg_spot {
	CgGroup *group; /* the container's */
	enum cg_controller controller;
	const char *path; /* from cg_group_nested_path() */
	uint32_t number;  /* 0: the container's own */
};

/*
 * Each returns 0 or -errno as the kernel gave it; ENOENT where another cgroup, or none, is at that place by now.
 * Names are a single component.
 */

/* Whether the file may be opened for this (open(2)'s O_WRONLY or O_RDWR). */
int cg_change_open(const struct cg_spot *spot, const char *name, int mode);

/* All of it in one write(2), as the kernel wants it for a file of its own. */
int cg_change_write(const struct cg_spot *spot, const char *name, const void *data, size_t size);

/* *ret_number is that of the new one, and with EEXIST that of the cgroup which is there; 0: what is there is none. */
int cg_change_mkdir(const struct cg_spot *spot, const char *name, mode_t mode, uint32_t *ret_number);
int cg_change_rmdir(const struct cg_spot *spot, const char *name);

/* What the kernel says of a file, or with "." of the cgroup's directory. */
int cg_change_look(const struct cg_spot *spot, const char *name, struct stat *ret_stat);

/* Both controllers' directories are the same. */
bool cg_group_same(const CgGroup *group, enum cg_controller one, enum cg_controller other);
