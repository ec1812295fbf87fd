/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/pid_namespace.h"

#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* include/uapi/linux/nsfs.h of Linux 6.11: the host pid of a process of the namespace behind the descriptor. */
#ifndef NS_GET_TGID_FROM_PIDNS
#define NS_GET_TGID_FROM_PIDNS _IOR(0xb7, 0x7, int)
#endif

/* How many processes are looked at, 6.5 µs each. */
#define SEARCH_BOUND 4096

/* Says nothing of the processes, only of us: no reason to take there to be no init. */
static bool is_shortage(int code)
{
	return code == EMFILE || code == ENFILE || code == ENOMEM;
}

static bool fail_short(GError **error, pid_t tid, int code)
{
	return cg_fail(error, code, "looking for the init of process %d: %s", tid, g_strerror(code));
}

/* 0 where the kernel does not have it. */
static bool ask_kernel(const Host *host, pid_t tid, pid_t *ret_init, GError **error)
{
	int fd = host_open_pid(host, tid, "ns/pid", O_RDONLY);
	int init;

	*ret_init = 0;
	if (fd < 0)
		return !is_shortage(-fd) || fail_short(error, tid, -fd);
	init = ioctl(fd, NS_GET_TGID_FROM_PIDNS, 1);
	close(fd);
	*ret_init = MAX(init, 0);
	return true;
}

struct search {
	const Host *host;
	uint64_t namespace;
	unsigned left;
	int shortage; /* errno, which ends it */
};

static void note(struct search *search, int code)
{
	if (is_shortage(code))
		search->shortage = code;
}

static bool goes_on(const struct search *search)
{
	return search->left > 0 && search->shortage == 0;
}

/* Id 1 in its innermost namespace, and that is the one. */
static bool is_init(struct search *search, pid_t pid)
{
	pid_t ids[HOST_PID_LEVELS];
	int n = host_ns_pids(search->host, pid, ids);

	note(search, -n);
	return n > 1 && ids[n - 1] == 1 && host_pid_namespace(search->host, pid, "pid") == search->namespace;
}

static pid_t search_level(struct search *search, const CgHierarchies *hierarchies, const struct cg_paths *paths)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(CgGroup) group = cg_group_open(hierarchies, paths, &why);
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(pid_t));

	if (!group || !cg_group_processes(group, ids, &why)) {
		note(search, why->code);
		return 0;
	}
	for (unsigned i = 0; i < ids->len && goes_on(search); i++, search->left--)
		if (is_init(search, g_array_index(ids, pid_t, i)))
			return g_array_index(ids, pid_t, i);
	return 0;
}

/* One step towards the root in each hierarchy; false where all are there. */
static bool to_parent(struct cg_paths *paths)
{
	bool below = false;

	for (unsigned i = 0; i < CG_CONTROLLERS; i++) {
		char *slash = paths->of[i] ? strrchr(paths->of[i], '/') : NULL;

		if (!slash || slash[1] == '\0')
			continue;
		slash[slash == paths->of[i]] = '\0';
		below = below || paths->of[i][1] != '\0';
	}
	return below;
}

static bool search_up(const Registry *registry, pid_t tid, const struct cg_paths *own, pid_t *ret_init, GError **error)
{
	const Host *host = registry_host(registry);
	struct search search = {
		.host = host,
		.namespace = host_pid_namespace(host, tid, "pid"),
		.left = SEARCH_BOUND,
	};
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };

	if (search.namespace == 0)
		return true;
	cg_paths_copy(&paths, own);
	do {
		*ret_init = search_level(&search, registry_hierarchies(registry), &paths);
	} while (*ret_init == 0 && goes_on(&search) && to_parent(&paths));
	return search.shortage == 0 || fail_short(error, tid, search.shortage);
}

bool pid_namespace_init(Registry *registry, pid_t tid, const struct cg_paths *own, pid_t *ret_init, GError **error)
{
	if (!ask_kernel(registry_host(registry), tid, ret_init, error))
		return false;
	return *ret_init > 0 || search_up(registry, tid, own, ret_init, error);
}
