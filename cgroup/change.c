/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/change.h"

#include "cgroup/group_private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Not by what is remembered of the cgroup but by its path, so that each directory on the way lets the caller through or not. */
static int enter(const struct cg_spot *spot, struct chain *ret_there)
{
	const struct chain *chain = group_chain(spot->group, spot->controller);
	g_autoptr(GError) why = NULL;

	if (!chain)
		return -ENOENT;
	if (!chain_open_below(chain, spot->path, ret_there, &why))
		return why->code == ESRCH ? -ENOENT : -why->code;
	if (spot->number == 0 || chain_is_numbered(ret_there, spot->number))
		return 0;
	chain_close(ret_there);
	return -ENOENT;
}

/* A descriptor, or -errno. */
static int open_file(const struct chain *there, const char *name, int mode)
{
	int fd = openat(there->fd, name, mode | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int cg_change_open(const struct cg_spot *spot, const char *name, int mode)
{
	struct chain there;
	int r = enter(spot, &there);

	if (r < 0)
		return r;
	r = open_file(&there, name, mode);
	chain_close(&there);
	if (r < 0)
		return r;
	close(r);
	return 0;
}

static int write_once(int fd, const void *data, size_t size)
{
	ssize_t n = write(fd, data, size);

	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}

int cg_change_write(const struct cg_spot *spot, const char *name, const void *data, size_t size)
{
	struct chain there;
	int fd, r = enter(spot, &there);

	if (r < 0)
		return r;
	fd = open_file(&there, name, O_WRONLY);
	chain_close(&there);
	if (fd < 0)
		return fd;
	r = write_once(fd, data, size);
	close(fd);
	return r;
}

/* Its number also where it is there already: an answer that was lost may be all that is missing. */
static int make(const struct chain *there, const char *name, mode_t mode, uint32_t *ret_number)
{
	int r = mkdirat(there->fd, name, mode) < 0 ? -errno : 0;
	struct stat here;

	if (r < 0 && r != -EEXIST)
		return r;
	if (fstat(there->fd, &here) < 0)
		return -errno;
	*ret_number = nested_number(there->fd, name, here.st_dev);
	return *ret_number == 0 && r == 0 ? -ENOENT : r;
}

int cg_change_mkdir(const struct cg_spot *spot, const char *name, mode_t mode, uint32_t *ret_number)
{
	struct chain there;
	int r;

	if (!nested_is_name(name))
		return -EEXIST;
	r = enter(spot, &there);
	if (r < 0)
		return r;
	r = make(&there, name, mode, ret_number);
	chain_close(&there);
	return r;
}

int cg_change_rmdir(const struct cg_spot *spot, const char *name)
{
	struct chain there;
	int r;

	if (!nested_is_name(name))
		return -EINVAL;
	r = enter(spot, &there);
	if (r < 0)
		return r;
	r = unlinkat(there.fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
	chain_close(&there);
	return r;
}

int cg_change_look(const struct cg_spot *spot, const char *name, struct stat *ret_stat)
{
	struct chain there;
	int r = enter(spot, &there);

	if (r < 0)
		return r;
	r = fstatat(there.fd, name, ret_stat, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
	chain_close(&there);
	return r;
}

bool cg_group_same(const CgGroup *group, enum cg_controller one, enum cg_controller other)
{
	const struct chain *chain = group_chain(group, one);

	return chain && chain == group_chain(group, other);
}
