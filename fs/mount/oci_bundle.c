/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/oci_bundle.h"

#include "fs/mount/oci_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file, by name in its directory: what is read and what is replaced is in one place. */
struct file {
	int dirfd;
	char *name;
	struct stat st;
};

static char *read_file(struct file *file, const char *path, gsize *ret_length, GError **error)
{
	/* Without O_NONBLOCK a FIFO would make us wait. */
	int fd = openat(file->dirfd, file->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	char *text = NULL;

	if (fd < 0 || fstat(fd, &file->st) < 0)
		cg_fail(error, errno, "opening %s: %s", path, g_strerror(errno));
	else if (!S_ISREG(file->st.st_mode))
		cg_fail(error, EINVAL, "%s is no regular file", path);
	else
		text = oci_read(fd, path, ret_length, error);
	if (fd >= 0)
		close(fd);
	return text;
}

static bool write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	return true;
}

/* The owner before the mode: chown(2) takes away the bits that set an id. */
static bool fill(int fd, const struct stat *like, const char *text)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	if ((st.st_uid != like->st_uid || st.st_gid != like->st_gid) && fchown(fd, like->st_uid, like->st_gid) < 0)
		return false;
	return fchmod(fd, like->st_mode & ALLPERMS) == 0 && write_all(fd, text) && fsync(fd) == 0;
}

static bool replace_file(const struct file *file, const char *path, const char *text, GError **error)
{
	g_autofree char *name = g_strdup_printf(".procvirt-%08x%08x", g_random_int(), g_random_int());
	int fd = openat(file->dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool done;
	int code;

	if (fd < 0)
		return cg_fail(error, errno, "writing beside %s: %s", path, g_strerror(errno));
	done = fill(fd, &file->st, text);
	code = errno;
	if (close(fd) < 0 && done) {
		done = false;
		code = errno;
	}
	if (done && renameat(file->dirfd, name, file->dirfd, file->name) == 0)
		return true;
	code = done ? errno : code;
	unlinkat(file->dirfd, name, 0);
	return cg_fail(error, code, "rewriting %s: %s", path, g_strerror(code));
}

static bool add(struct file *file, const char *path, const struct oci_hook *hook, GError **error)
{
	g_autofree char *text = NULL, *changed = NULL;
	gsize length;

	text = read_file(file, path, &length, error);
	if (!text)
		return false;
	if (!oci_hooks_add(text, length, hook, &changed, error)) {
		g_prefix_error(error, "%s: ", path);
		return false;
	}
	return !changed || replace_file(file, path, changed, error);
}

bool oci_bundle_add_hook(const char *bundle, const char *config, const struct oci_hook *hook, GError **error)
{
	g_autofree char *path = g_path_is_absolute(config) ? g_strdup(config) : g_build_filename(bundle, config, NULL);
	g_autofree char *directory = g_path_get_dirname(path), *name = g_path_get_basename(path);
	struct file file = { .dirfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), .name = name };
	bool done;

	if (file.dirfd < 0)
		return cg_fail(error, errno, "opening %s: %s", directory, g_strerror(errno));
	done = add(&file, path, hook, error);
	close(file.dirfd);
	return done;
}
