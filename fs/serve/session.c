/* SPDX-License-Identifier: Apache-2.0 */
#define FUSE_USE_VERSION 314

#include "fs/serve/session.h"

#include "fs/keeper/mountpoint.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <sys/mount.h>

struct Session {
	struct fuse_session *fuse;
	Workers *workers;
};

static void log_libfuse(enum fuse_log_level level, const char *format, va_list arguments) G_GNUC_PRINTF(2, 0);

static void log_libfuse(enum fuse_log_level level, const char *format, va_list arguments)
{
	g_autofree char *message = g_strdup_vprintf(format, arguments);

	if (level <= FUSE_LOG_WARNING)
		g_warning("%s", g_strchomp(message));
	else
		g_debug("%s", g_strchomp(message));
}

static struct fuse_session *make_fuse(struct serve *serve)
{
	char *words[] = { (char[]){ "procvirtd" }, (char[]){ "-o" },
			  (char[]){ "ro,nosuid,nodev,noexec,allow_other,default_permissions,"
				    "fsname=procvirt,subtype=procvirt" } };
	struct fuse_args args = FUSE_ARGS_INIT(G_N_ELEMENTS(words), words);
	struct fuse_session *fuse;

	fuse_set_log_func(log_libfuse);
	fuse = fuse_session_new(&args, &ops_table, sizeof ops_table, serve);
	fuse_opt_free_args(&args);
	return fuse;
}

/*
 * On most hosts / is shared, and so would be our mount. What the hook clones of
 * a shared mount is its peer: what a container mounts over its own file would
 * appear in our tree on the host (Documentation/filesystems/sharedsubtree.rst).
 * From Linux 5.12 on the hook makes its clones private; this does for all.
 */
static void make_private(const char *mountpoint)
{
	if (mount(NULL, mountpoint, NULL, MS_PRIVATE, NULL) < 0)
		g_warning("making the mount on %s private: %s", mountpoint, g_strerror(errno));
}

Session *session_start(struct serve *serve, const char *mountpoint, GError **error)
{
	Session *session;

	if (!mountpoint_prepare(mountpoint, error))
		return NULL;
	session = g_new0(Session, 1);
	session->fuse = make_fuse(serve);
	if (!session->fuse || fuse_session_mount(session->fuse, mountpoint) != 0)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot mount on %s: %s", mountpoint,
			    g_strerror(errno));
	else
		session->workers = workers_start(session->fuse, error);
	if (session->workers) {
		make_private(mountpoint);
		return session;
	}
	session_stop(session);
	return NULL;
}

void session_on_end(Session *session, workers_ended ended, void *data)
{
	workers_on_end(session->workers, ended, data);
}

void session_stop(Session *session)
{
	if (session->workers)
		workers_on_end(session->workers, NULL, NULL);
	if (session->fuse)
		fuse_session_exit(session->fuse);
	g_clear_pointer(&session->workers, workers_stop); /* before the descriptor that they read is closed */
	if (session->fuse)
		fuse_session_unmount(session->fuse);
	g_clear_pointer(&session->fuse, fuse_session_destroy);
	g_free(session);
}
