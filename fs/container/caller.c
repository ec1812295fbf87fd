/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/caller.h"

#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/beneath.h"
#include "fs/container/host_private.h"
#include "fs/container/pid_namespace.h"
#include "fs/container/registry_private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

/*
 * So much of a mountinfo is read. A runtime mounts the container's cgroups among the first, within a few KiB; for
 * thousands of mounts on top of each other the kernel takes seconds (show_mountinfo() of fs/proc_namespace.c climbs
 * down each stack for each line), and anybody with a user namespace can make them.
 */
#define MOUNTINFO_MOST (64 * 1024)

/* One look-up. */
struct caller {
	Registry *registry;
	const Host *host;
	pid_t tid;
	struct cg_paths own;
	bool init_known; /* init was looked for */
	pid_t init;      /* of its pid namespace, where that is not the daemon's; 0: none found */
};

/* What `file` of a process answered. A process that has ended is no failure of ours: ESRCH, whichever way it says so. */
static bool fail_process(GError **error, int code, const char *file)
{
	return cg_fail(error, code == ENOENT ? ESRCH : code, "%s: %s", file, g_strerror(code));
}

static bool parse_paths(const struct caller *caller, pid_t pid, int fd, GString *text, struct cg_paths *ret_paths,
			GError **error)
{
	int r = fd < 0 ? fd : beneath_read_kept(fd, text);
	char file[32];

	g_snprintf(file, sizeof file, "/proc/%d/cgroup", pid);
	if (r < 0)
		return fail_process(error, -r, file);
	return cg_paths_parse(registry_hierarchies(caller->registry), text->str, file, ret_paths, error);
}

/* Reads and parses /proc/PID/cgroup. */
static bool read_paths(const struct caller *caller, pid_t pid, struct cg_paths *ret_paths, GError **error)
{
	g_autoptr(GString) text = g_string_sized_new(HOST_SMALL);
	int fd = host_open_small(caller->host, pid, "cgroup");
	bool read = parse_paths(caller, pid, fd, text, ret_paths, error);

	if (fd >= 0)
		close(fd);
	return read;
}

/* Where the caller's init is; the caller may be it. Not found where there is none or it has ended. */
static bool read_init_paths(const struct caller *caller, struct cg_paths *ret_paths, bool *ret_found, GError **error)
{
	g_autoptr(GError) why = NULL;

	*ret_found = caller->init == caller->tid;
	if (*ret_found)
		cg_paths_copy(ret_paths, &caller->own);
	if (*ret_found || caller->init == 0)
		return true;
	*ret_found = read_paths(caller, caller->init, ret_paths, &why);
	if (*ret_found || why->code == ESRCH)
		return true;
	g_propagate_error(error, g_steal_pointer(&why));
	return false;
}

/* Is it in another namespace than the daemon? One that cannot be read is an error: guessing would show another's figures. */
static bool foreign(const struct caller *caller, const char *name, bool *ret_foreign, GError **error)
{
	uint64_t its;
	int r = host_read_namespace(caller->host, caller->tid, name, &its);
	char file[32];

	g_snprintf(file, sizeof file, "/proc/%d/ns/%s", caller->tid, name);
	if (r < 0)
		return fail_process(error, -r, file);
	*ret_foreign = its != host_own_namespace(caller->host, name);
	return true;
}

/* Looked for once, and only by those steps that need it: it can cost more than all the rest. */
static bool look_for_init(struct caller *caller, GError **error)
{
	bool is_foreign;

	if (caller->init_known)
		return true;
	if (!foreign(caller, "pid", &is_foreign, error))
		return false;
	caller->init_known =
		!is_foreign || pid_namespace_init(caller->registry, caller->tid, &caller->own, &caller->init, error);
	return caller->init_known;
}

static bool holds(const struct cg_paths *outer, const struct cg_paths *inner)
{
	for (unsigned i = 0; i < CG_CONTROLLERS; i++)
		if (outer->of[i] && (!inner->of[i] || !cg_path_within(inner->of[i], outer->of[i])))
			return false;
	return true;
}

/* The machine, which started before any init of a namespace in it. */
static bool is_root(const struct cg_paths *paths)
{
	for (unsigned i = 0; i < CG_CONTROLLERS; i++)
		if (paths->of[i] && paths->of[i][1] != '\0')
			return false;
	return true;
}

/* The init that a new container at `paths` has: the caller's, if it lives there. 0: none. */
static bool find_init_within(struct caller *caller, const struct cg_paths *paths, pid_t *ret_init, GError **error)
{
	cg_cleanup(cg_paths_clear) struct cg_paths at = { 0 };
	bool found;

	*ret_init = 0;
	if (is_root(paths))
		return true;
	if (!look_for_init(caller, error) || !read_init_paths(caller, &at, &found, error))
		return false;
	if (found && holds(paths, &at))
		*ret_init = caller->init;
	return true;
}

/* The very process that it was at the container's birth; a zombie's container has ended. */
static bool init_lives(const struct caller *caller, const Container *known)
{
	return host_lives(caller->host, container_init(known), container_init_start_us(known));
}

/*
 * A cgroup may outlive the container in it and hold the next one. Of two inits that live in one cgroup
 * the first stays, so that nobody's uptime changes with who asked last.
 */
static bool still_stands(const struct caller *caller, const Container *known, pid_t init)
{
	if (container_id(known))
		return true;
	return container_init(known) > 0 ? init_lives(caller, known) : init == 0;
}

static Container *container_at(struct caller *caller, const struct cg_paths *paths, GError **error)
{
	g_autoptr(Container) known = registry_known_cgroup(caller->registry, paths);
	pid_t init;

	if (known && container_init(known) > 0 && still_stands(caller, known, 0))
		return g_steal_pointer(&known);
	if (!find_init_within(caller, paths, &init, error))
		return NULL;
	if (known && still_stands(caller, known, init))
		return g_steal_pointer(&known);
	if (known)
		registry_forget(caller->registry, known);
	return registry_of_cgroup(caller->registry, paths, init, error);
}

/*
 * The steps. Each says in *ret_found whether it answers, and then where the container is; false with
 * an error ends the look-up.
 */

/* The mounts that the caller sees, the first ones. */
static char *read_mountinfo(const struct caller *caller, const char *file, GError **error)
{
	int fd = host_open_small(caller->host, caller->tid, "mountinfo");
	g_autoptr(GString) text = g_string_sized_new(HOST_SMALL);
	int r = fd;

	/* mounts_open_common() of fs/proc_namespace.c: EINVAL where the process has no namespaces any more. */
	if (fd == -EINVAL)
		r = -ESRCH;
	if (fd >= 0) {
		r = beneath_read_lines(fd, text, MOUNTINFO_MOST);
		close(fd);
	}
	if (r == 0)
		return g_string_free(g_steal_pointer(&text), FALSE);
	fail_process(error, -r, file);
	return NULL;
}

static bool step_namespace(struct caller *caller, struct cg_paths *ret_paths, bool *ret_found, GError **error)
{
	g_autofree char *file = g_strdup_printf("/proc/%d/mountinfo", caller->tid);
	g_autofree char *text = NULL;
	bool is_foreign;

	/* In the daemon's mount namespace the cgroup mounts are the host's, whatever the caller's cgroup namespace. */
	if (!foreign(caller, "mnt", &is_foreign, error))
		return false;
	*ret_found = false;
	if (!is_foreign)
		return true;
	text = read_mountinfo(caller, file, error);
	return text && cg_paths_namespace_root(registry_hierarchies(caller->registry), text, file, &caller->own,
					       ret_paths, ret_found, error);
}

static bool step_init(struct caller *caller, struct cg_paths *ret_paths, bool *ret_found, GError **error)
{
	if (!look_for_init(caller, error) || !read_init_paths(caller, ret_paths, ret_found, error))
		return false;
	if (*ret_found)
		cg_paths_strip_init_scope(ret_paths);
	return true;
}

static bool step_own(struct caller *caller, struct cg_paths *ret_paths, bool *ret_found, GError **error)
{
	cg_paths_copy(ret_paths, &caller->own);
	*ret_found = true;
	return true;
}

static const struct {
	enum caller_step step;
	bool (*find)(struct caller *caller, struct cg_paths *ret_paths, bool *ret_found, GError **error);
} steps[] = {
	{ CALLER_NAMESPACE, step_namespace },
	{ CALLER_INIT, step_init },
	{ CALLER_OWN, step_own },
};

/*
 * Step 1. A user's container whose cgroup was removed is none: the name may be somebody else's by now, who would read
 * ESRCH for as long as the user keeps a process alive in another place.
 */
static Container *find_registered(const struct caller *caller)
{
	Container *container = registry_by_paths(caller->registry, &caller->own);

	while (container && container_owner(container) != 0 && container_gone(container)) {
		registry_forget(caller->registry, container);
		container_unref(container);
		container = registry_by_paths(caller->registry, &caller->own);
	}
	return container;
}

static Container *find(struct caller *caller, enum caller_step *ret_step, GError **error)
{
	Container *container = find_registered(caller);

	*ret_step = CALLER_REGISTERED;
	for (unsigned i = 0; !container && i < G_N_ELEMENTS(steps); i++) {
		cg_cleanup(cg_paths_clear) struct cg_paths paths = { 0 };
		bool found;

		*ret_step = steps[i].step;
		if (!steps[i].find(caller, &paths, &found, error))
			return NULL;
		if (found)
			return container_at(caller, &paths, error);
	}
	return container;
}

/* The root of every hierarchy that is mounted. */
static Container *unknown(Registry *registry, enum caller_step *ret_step, GError **error)
{
	cg_cleanup(cg_paths_clear) struct cg_paths root = { 0 };

	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++)
		if (cg_hierarchies_version(registry_hierarchies(registry), c) != 0)
			root.of[c] = g_strdup("/");
	*ret_step = CALLER_UNKNOWN;
	return registry_of_cgroup(registry, &root, 0, error);
}

/* From the start, through its own /proc/TID/cgroup, which is then kept with what was found. */
static Container *find_anew(struct caller *caller, enum caller_step *ret_step, GError **error)
{
	unsigned registrations = registry_registrations(caller->registry);
	g_autoptr(GString) text = g_string_sized_new(HOST_SMALL);
	int fd = host_open_small(caller->host, caller->tid, "cgroup");
	Container *container = NULL;

	if (parse_paths(caller, caller->tid, fd, text, &caller->own, error))
		container = find(caller, ret_step, error);
	if (container && !caller->host->captured)
		known_callers_keep(registry_known_callers(caller->registry), caller->host, caller->tid, g_steal_fd(&fd),
				   text->str, registrations, container, *ret_step);
	if (fd >= 0)
		close(fd);
	return container;
}

/* NULL with ESRCH where there is nothing to be found, else with the code of what kept us from finding it. */
static Container *identify(Registry *registry, pid_t tid, enum caller_step *ret_step, GError **error)
{
	struct caller caller = { .registry = registry, .host = registry_host(registry), .tid = tid };
	g_autoptr(GError) why = NULL;
	Container *container;

	if (tid <= 0) {
		cg_fail(error, ESRCH, "the caller is outside the daemon's pid namespace");
		return NULL;
	}
	container = known_callers_recall(registry_known_callers(registry), caller.host, tid,
					 registry_registrations(registry), ret_step);
	if (!container)
		container = find_anew(&caller, ret_step, &why);
	cg_paths_clear(&caller.own);
	if (!container)
		cg_fail(error, why->code, "the container of process %d: %s", tid, why->message);
	return container;
}

Container *caller_container(Registry *registry, pid_t tid, bool unknown_host, enum caller_step *ret_step,
			    GError **error)
{
	g_autoptr(GError) why = NULL;
	enum caller_step step = CALLER_UNKNOWN;
	Container *container = identify(registry, tid, &step, &why);

	if (!container && unknown_host && why->code == ESRCH)
		container = unknown(registry, &step, error);
	else if (!container)
		g_propagate_error(error, g_steal_pointer(&why));
	if (container && ret_step)
		*ret_step = step;
	return container;
}

static bool same_namespace(const Host *host, pid_t tid, const char *name)
{
	uint64_t its = host_pid_namespace(host, tid, name);

	return its != 0 && its == host_own_namespace(host, name);
}

bool caller_is_host(const Host *host, pid_t tid)
{
	return tid > 0 && same_namespace(host, tid, "pid") && same_namespace(host, tid, "user");
}

bool caller_is_beside(const Host *host, pid_t tid)
{
	return tid > 0 && same_namespace(host, tid, "pid");
}
