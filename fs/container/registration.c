/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking a container in: who it is, and that it is who it was a moment ago.
 */
#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/claim.h"
#include "fs/container/host_private.h"
#include "fs/container/id.h"
#include "fs/container/registry_private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool check_id(const struct registration *registration, GError **error)
{
	uid_t owner;

	if (!container_id_parse(registration->id, &owner))
		return cg_fail(error, EINVAL, "a container's id is 1 to %d of the characters A-Z a-z 0-9 _ . -",
			       CONTAINER_ID_MAX);
	if (registration->uid != 0 && owner != registration->uid)
		return cg_fail(error, EPERM, "container %s: the id is not one of uid %u", registration->id,
			       registration->uid);
	return true;
}

static int open_pidfd(pid_t pid)
{
	int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : (errno = ESRCH, -1);

	return fd < 0 ? -errno : fd;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* A pidfd polls readable when its process has ended (pidfd_open(2)). */
static bool ended(int pidfd)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) != 0;
}

static bool all_root(const struct cg_paths *paths)
{
	for (unsigned i = 0; i < CG_CONTROLLERS; i++)
		if (paths->of[i] && strcmp(paths->of[i], "/") != 0)
			return false;
	return true;
}

/* Init's cgroups, opened. */
static CgGroup *group_of_init(Registry *registry, const struct registration *registration, GError **error)
{
	g_autofree char *file = g_strdup_printf("/proc/%d/cgroup", registration->init);
	g_autofree char *text = host_read(registry_host(registry), file, error);
	cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };

	if (!text || !cg_paths_parse(registry_hierarchies(registry), text, file, &paths, error))
		return NULL;
	cg_paths_strip_init_scope(&paths);
	if (all_root(&paths)) {
		cg_fail(error, EINVAL, "container %s: process %d is in the root cgroup of every hierarchy",
			registration->id, registration->init);
		return NULL;
	}
	return cg_group_open(registry_hierarchies(registry), &paths, error);
}

static bool refuse(const struct registration *registration, const GError *why, GError **error)
{
	return cg_fail(error, why->code, "container %s: process %d is not yours to register: %s", registration->id,
		       registration->init, why->message);
}

/* A user is told nothing of a process that is not its own, so this comes first. */
static bool check_process(const Host *host, const struct registration *registration, struct claim *ret_claim,
			  GError **error)
{
	g_autoptr(GError) why = NULL;
	int r = claim_look(host, registration->init, registration->uid, ret_claim);

	if (r < 0)
		return cg_fail(error, -r, "container %s: the user namespace of process %d: %s", registration->id,
			       registration->init, g_strerror(-r));
	return claim_allows(ret_claim, &why) || refuse(registration, why, error);
}

static bool is_covered(uid_t owner, gconstpointer claim)
{
	return claim_covers(claim, owner);
}

/* A user's container: the process and the cgroup are its own. */
static CgGroup *claim_group(Registry *registry, const struct registration *registration, GError **error)
{
	g_autoptr(CgGroup) group = NULL;
	g_autoptr(GError) why = NULL;
	struct claim claim;

	if (!check_process(registry_host(registry), registration, &claim, error))
		return NULL;
	group = group_of_init(registry, registration, error);
	if (!group || cg_group_owned_by(group, is_covered, &claim, &why))
		return g_steal_pointer(&group);
	refuse(registration, why, error);
	return NULL;
}

/*
 * All that is read about init lies between the opening of its pidfd and a look whether it still lives: no other
 * process can have had its pid meanwhile.
 */
static bool look(Registry *registry, const struct registration *registration, int pidfd, struct container_birth *birth,
		 CgGroup **ret_group, GError **error)
{
	g_autoptr(CgGroup) group = registration->uid == 0 ? group_of_init(registry, registration, error)
							  : claim_group(registry, registration, error);

	if (group) {
		birth->group = group;
		container_birth_look(birth, registry_host(registry));
	}
	if (ended(pidfd) || (group && birth->init_start_us == 0)) {
		g_clear_error(error);
		return cg_fail(error, ESRCH, "container %s: process %d has ended", registration->id,
			       registration->init);
	}
	if (!group)
		return false;
	*ret_group = g_steal_pointer(&group);
	return true;
}

static bool same_process(Container *container, const struct container_birth *birth)
{
	return container_init(container) == birth->init && container_init_start_us(container) == birth->init_start_us;
}

/*
 * What was shown before the hook spoke goes on, unless it began at another moment: CPU times since then would
 * disagree with an uptime since init's start.
 */
static History *history_before(Container *before, const struct container_birth *birth)
{
	return before && container_start_us(before) == birth->start_us ? container_history(before) : NULL;
}

static Container *admit(Registry *registry, struct container_birth *birth, GError **error)
{
	for (;;) {
		g_autoptr(Container) other = NULL;
		Container *container = registry_admit(registry, birth, &other);

		if (container)
			return container;
		if (!other) {
			cg_fail(error, ENOSPC,
				"container %s: all %" G_GUINT64_FORMAT " numbers for containers are used up", birth->id,
				CONTAINER_MAX_SLOT);
			return NULL;
		}
		if (same_process(other, birth)) {
			container_set_options(other, birth->options);
			return g_steal_pointer(&other);
		}
		if (host_lives(registry_host(registry), container_init(other), container_init_start_us(other))) {
			cg_fail(error, EEXIST, "container %s: the id belongs to process %d, which is running",
				birth->id, container_init(other));
			return NULL;
		}
		registry_forget(registry, other);
	}
}

Container *registry_register(Registry *registry, const struct registration *registration, int *ret_pidfd,
			     GError **error)
{
	struct container_birth birth = {
		.id = registration->id,
		.uid = registration->uid,
		.options = registration->options,
		.init = registration->init,
	};
	__attribute__((cleanup(close_fd))) int pidfd = -1;
	g_autoptr(CgGroup) group = NULL;
	g_autoptr(Container) before = NULL;
	Container *container;

	if (!check_id(registration, error))
		return NULL;
	pidfd = open_pidfd(registration->init);
	if (pidfd < 0) {
		cg_fail(error, -pidfd, "container %s: process %d: %s", registration->id, registration->init,
			g_strerror(-pidfd));
		return NULL;
	}
	if (!look(registry, registration, pidfd, &birth, &group, error))
		return NULL;
	before = registry_known_cgroup(registry, cg_group_paths(group));
	birth.history = history_before(before, &birth);
	container = admit(registry, &birth, error);
	if (container)
		*ret_pidfd = g_steal_fd(&pidfd);
	return container;
}

/* The start time is read between the opening and the look whether it has ended: it is this process's. */
int registry_open_init(Registry *registry, const Container *container)
{
	__attribute__((cleanup(close_fd))) int pidfd = open_pidfd(container_init(container));

	if (pidfd < 0)
		return pidfd;
	if (!host_lives(registry_host(registry), container_init(container), container_init_start_us(container)) ||
	    ended(pidfd))
		return -ESRCH;
	return g_steal_fd(&pidfd);
}
