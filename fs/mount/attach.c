/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/attach.h"

#include "fs/mount/neighbours.h"
#include "fs/mount/nesting.h"
#include "fs/mount/spot.h"
#include "fs/mount/visit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* All of it. */
struct work {
	const struct attach_target *target;
	GPtrArray *results;   /* those of files come first */
	struct clone *clones; /* of the files */
	guint n, certain;     /* the first ones, which are not of unless_own */
	int rootfs, proc;     /* once we are in the container */
	struct nesting nesting;
	struct attach_result *nested; /* NULL: not wanted, or concluded */
};

static void result_free(gpointer pointer)
{
	struct attach_result *result = pointer;

	g_free(result->note);
	g_free(result);
}

/*
 * Not fatal: kernels before 5.12 lack it, and our mount has been made with such flags. Where that can be written to it is for
 * the cgroup tree alone, and the daemon says so, too.
 */
static void restrict_clone(int tree, const char *path)
{
	bool is_tree = strcmp(path, ATTACH_CGROUPS) == 0;
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
					       (is_tree ? 0 : MOUNT_ATTR_RDONLY),
				   .propagation = MS_PRIVATE };

	if (mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 && errno != ENOSYS)
		g_debug("mount_setattr: %s", g_strerror(errno));
}

static struct clone clone_file(const char *tree, struct attach_result *result)
{
	g_autofree char *path = g_strconcat(tree, result->path, NULL);
	int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	struct clone clone = { .tree = -1 };

	if (fd < 0 && errno == ENOENT) {
		attach_conclude(result, ATTACH_ABSENT, "%s is not served", path);
	} else if (fd < 0 || !clone_look(fd, &clone)) {
		attach_conclude(result, ATTACH_FAILED, "cloning %s: %s", path, g_strerror(errno));
		if (fd >= 0)
			close(fd);
	} else {
		restrict_clone(fd, result->path);
	}
	return clone;
}

static void move_clone(const struct clone *clone, int target, struct attach_result *result)
{
	struct stat st;

	if (fstat(target, &st) < 0)
		attach_conclude(result, ATTACH_FAILED, "looking at it: %s", g_strerror(errno));
	else if ((st.st_mode & S_IFMT) != clone->type)
		attach_conclude(result, ATTACH_FAILED,
				"one of ours and the container's is a directory, the other is not");
	else if (move_mount(clone->tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		attach_conclude(result, ATTACH_FAILED, "mounting: %s", g_strerror(errno));
	else
		result->outcome = ATTACH_LAID;
}

/* Puts the clean procfs and sysfs between the target and ours, once. Takes the target and gives what to lay on. */
static int tuck(struct work *work, int target)
{
	struct attach_result *nested = g_steal_pointer(&work->nested);
	g_autoptr(GError) error = NULL;
	int hoard;

	nested->outcome = ATTACH_PRESENT;
	if (nesting_is_hoard(target))
		return target;
	hoard = nesting_tuck(&work->nesting, target, &error);
	if (hoard < 0) {
		attach_conclude(nested, ATTACH_FAILED, "%s", error->message);
		return target;
	}
	nested->outcome = ATTACH_LAID;
	close(target);
	return hoard;
}

/* Why the container's own cgroups are not covered; NULL: they are. */
static const char *const reasons[] = {
	[CG_SHOWN_NONE] = "no cgroups are mounted there",
	[CG_SHOWN_OWN] = "the container's own shows it no cgroup of others",
	[CG_SHOWN_OTHERS] = NULL,
	[CG_SHOWN_MANAGED] = "the container may write to cgroups of others",
};

static bool is_wanted(const struct work *work, int bare, struct attach_result *result)
{
	const struct neighbours neighbours = { work->proc, work->target->pid, bare, work->target->cgroups_read_only };
	g_autoptr(GError) error = NULL;
	enum cg_shown shown;

	if (!neighbours_look(&neighbours, &shown, &error))
		attach_conclude(result, ATTACH_FAILED, "whose cgroups are there: %s", error->message);
	else if (reasons[shown])
		attach_conclude(result, ATTACH_ABSENT, "%s", reasons[shown]);
	else
		return true;
	return false;
}

static void lay_on(struct work *work, const struct spot *spot, const struct clone *clone, int bare,
		   struct attach_result *result)
{
	int target = bare;

	if (clone->type == S_IFDIR && work->nested)
		target = tuck(work, bare);
	move_clone(clone, target, result);
	if (result->outcome == ATTACH_FAILED && target != bare)
		spot_detach(spot, result); /* nothing would cover the hoard */
	close(target);
}

static void lay_at(struct work *work, const struct spot *spot, const struct clone *clone, struct attach_result *result)
{
	int bare = spot_open(spot, clone, result);

	if (bare >= 0)
		lay_on(work, spot, clone, bare, result);
	else if (clone->type == S_IFDIR && work->nested && result->outcome == ATTACH_PRESENT)
		g_steal_pointer(&work->nested)->outcome = ATTACH_PRESENT; /* it was kept when ours was laid */
}

static void lay_one(struct work *work, const struct clone *clone, struct attach_result *result)
{
	struct spot spot;

	if (!spot_find(work->rootfs, work->proc, result, &spot))
		return;
	lay_at(work, &spot, clone, result);
	spot_clear(&spot);
}

static void lay_if_wanted(struct work *work, const struct clone *clone, struct attach_result *result)
{
	struct spot spot;
	int bare;

	if (!spot_find(work->rootfs, work->proc, result, &spot)) {
		result->outcome = ATTACH_ABSENT; /* nobody asked for it */
		return;
	}
	bare = spot_open(&spot, clone, result);
	if (bare < 0 && result->outcome == ATTACH_FAILED)
		result->outcome = ATTACH_ABSENT;
	else if (bare >= 0 && is_wanted(work, bare, result))
		lay_on(work, &spot, clone, bare, result);
	else if (bare >= 0)
		close(bare);
	spot_clear(&spot);
}

static int open_rootfs(const char *path, GError **error)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		cg_fail(error, errno, "opening the container's root %s: %s", path, g_strerror(errno));
	return fd;
}

static void take_clean(struct work *work)
{
	g_autoptr(GError) error = NULL;

	if (!nesting_take(work->rootfs, work->proc, &work->nesting, &error))
		attach_conclude(g_steal_pointer(&work->nested), ATTACH_FAILED, "%s", error->message);
	else if (work->nesting.procfs < 0 && work->nesting.sysfs < 0)
		attach_conclude(g_steal_pointer(&work->nested), ATTACH_ABSENT,
				"the container has neither procfs nor sysfs");
}

static void lay_within(struct work *work)
{
	if (work->nested)
		take_clean(work);
	for (guint i = 0; i < work->n; i++) {
		if (work->clones[i].tree >= 0)
			(i < work->certain ? lay_one : lay_if_wanted)(work, &work->clones[i],
								      g_ptr_array_index(work->results, i));
	}
	if (work->nested)
		attach_conclude(work->nested, ATTACH_FAILED, "the container has no directory that ours covers");
	nesting_clear(&work->nesting);
}

/* A process's own root is found from outside, by its magic link; a path is right inside only. */
static bool lay_all(struct work *work, GError **error)
{
	const struct attach_target *target = work->target;
	g_autofree char *own_root = g_strdup_printf("/proc/%d/root", (int)target->pid);
	struct visit visit = VISIT_NONE;
	bool done = false;

	work->rootfs = target->rootfs ? -1 : open_rootfs(own_root, error);
	if (!target->rootfs && work->rootfs < 0)
		return false;
	if (visit_begin(target->pid, target->pidfd, &visit, error)) {
		work->proc = visit.proc;
		if (target->rootfs)
			work->rootfs = open_rootfs(target->rootfs, error);
		if (work->rootfs >= 0)
			lay_within(work);
		done = visit_end(&visit, work->rootfs >= 0 ? error : NULL) && work->rootfs >= 0;
	}
	if (work->rootfs >= 0)
		close(work->rootfs);
	return done;
}

static struct attach_result *add_result(GPtrArray *results, const char *path)
{
	struct attach_result *result = g_new0(struct attach_result, 1);

	result->path = path;
	g_ptr_array_add(results, result);
	return result;
}

static guint count(const char *const *files)
{
	guint n = 0;

	while (files && files[n])
		n++;
	return n;
}

static void clone_all(struct work *work)
{
	const char *const *files = work->target->files, *const *more = work->target->unless_own;

	work->certain = count(files);
	work->n = work->certain + count(more);
	work->clones = g_new0(struct clone, work->n);
	for (guint i = 0; i < work->n; i++) {
		const char *path = i < work->certain ? files[i] : more[i - work->certain];

		work->clones[i] = clone_file(work->target->tree, add_result(work->results, path));
	}
}

GPtrArray *attach_lay(const struct attach_target *target, GError **error)
{
	g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(result_free);
	struct work work = { .target = target, .results = results, .nesting = NESTING_NONE };
	bool done;

	clone_all(&work);
	if (target->nesting)
		work.nested = add_result(results, ATTACH_NESTING);
	done = lay_all(&work, error);
	for (guint i = 0; i < work.n; i++) {
		if (work.clones[i].tree >= 0)
			close(work.clones[i].tree); /* one that was not moved goes away */
	}
	g_free(work.clones);
	return done ? g_steal_pointer(&results) : NULL;
}

unsigned attach_count(const GPtrArray *results, enum attach_outcome outcome)
{
	unsigned n = 0;

	for (guint i = 0; i < results->len; i++) {
		const struct attach_result *result = g_ptr_array_index(results, i);

		n += result->outcome == outcome;
	}
	return n;
}
