/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/attributes.h"

#include "fs/container/cgroup_write.h"
#include "fs/serve/tree.h"

#include <time.h>

#define PAGE 4096

static mode_t type_of(const struct row *row)
{
	if (row->link)
		return S_IFLNK;
	return tree_is_directory(row) ? S_IFDIR : S_IFREG;
}

void attributes_of_row(const struct serve *serve, const struct node *node, struct stat *ret_attributes)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	*ret_attributes = (struct stat){
		.st_ino = node_to_inode(node),
		.st_mode = type_of(node->row) | node->row->mode,
		.st_nlink = tree_is_directory(node->row) ? 2 : 1,
		.st_size = (off_t)serve->size[node->row->id],
		.st_blksize = PAGE,
		.st_atim = now,
		.st_mtim = now,
		.st_ctim = now,
	};
}

double attributes_of(const struct serve *serve, Container *container, const struct node *node,
		     struct stat *ret_attributes)
{
	g_autoptr(GError) why = NULL;
	struct stat kernels;

	attributes_of_row(serve, node, ret_attributes);
	if (!serve->cgroup_writes || !row_in_tree(node->row))
		return ATTRIBUTES_FOR_LONG;
	if (container && cgroup_tree_look(serve->registry, container, node->row, node->index, &kernels, &why)) {
		ret_attributes->st_mode = type_of(node->row) | (kernels.st_mode & 0777);
		ret_attributes->st_uid = kernels.st_uid;
		ret_attributes->st_gid = kernels.st_gid;
	}
	return 0;
}

bool attributes_generation(struct serve *serve, const struct node *node, uint64_t *ret_generation)
{
	g_autoptr(Container) container = node->slot ? registry_by_slot(serve->registry, node->slot) : NULL;

	*ret_generation = container ? container_generation(container) : serve->generation;
	return container || node->slot == 0;
}
