/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/nested.h"

#include "cgroup/convert.h"
#include "cgroup/error.h"
#include "cgroup/group_private.h"
#include "cgroup/keyed.h"
#include "cgroup/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As in processes.c. */
enum { CGROUPS_MAX = 1024, DEPTH_MAX = 64 };

/* How many cgroups' places are remembered for one container. */
enum { PLACES_MAX = 1024 };

const struct chain *group_chain(const CgGroup *group, enum cg_controller controller)
{
	int chain = controller == CG_CONTROLLERS ? -1 : group->chain_of[controller];

	return chain < 0 || group_is_guest(group, &group->chain[chain]) ? NULL : &group->chain[chain];
}

bool cg_group_has(const CgGroup *group, enum cg_controller controller)
{
	return group_chain(group, controller) != NULL;
}

bool cg_group_has_file(const CgGroup *group, enum cg_controller controller, const char *name)
{
	const struct chain *chain = group_chain(group, controller);

	return chain && faccessat(chain->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- files ---- */

/* Lists of processes come in pieces, so the end is where nothing more is read. */
static bool append_all(const struct dir *dir, const char *name, int fd, GString *text, GError **error)
{
	char piece[8192];
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) > 0)
		g_string_append_len(text, piece, n);
	if (n == 0)
		return true;
	cg_fail(error, errno == ENODEV ? ESRCH : errno, "%s: %s", name, g_strerror(errno));
	return dir_blame(dir, error);
}

static bool read_file(struct walk *walk, const char *name, GString *text, bool *ret_present, GError **error)
{
	bool done;
	int fd;

	switch (dir_open(&walk->dir, name, O_RDONLY, &fd, error)) {
	case DIR_MISSING:
		return true;
	case DIR_FAILED:
		return false;
	case DIR_READ:
		break;
	}
	done = append_all(&walk->dir, name, fd, text, error);
	close(fd);
	*ret_present = done;
	return done;
}

bool cg_group_file(CgGroup *group, enum cg_controller controller, const char *name, GString *text, bool *ret_present,
		   GError **error)
{
	cg_cleanup(walk_end) struct walk walk = { 0 };

	*ret_present = false;
	return !cg_group_has(group, controller) || (walk_begin(&walk, group, controller, error) &&
						    walk_done(&walk, read_file(&walk, name, text, ret_present, error)));
}

static bool lists(const char *text, enum cg_controller controller)
{
	g_auto(GStrv) names = g_strsplit_set(text, " \n", -1);

	for (char **name = names; *name; name++) {
		if (hierarchy_controller(*name, strlen(*name)) == controller)
			return true;
	}
	return false;
}

/* cpu.stat's times and the lists of processes are in every cgroup of v2. */
bool cg_group_enabled(CgGroup *group, enum cg_controller controller)
{
	const struct chain *chain = group_chain(group, controller);
	g_autoptr(GString) text = g_string_new(NULL);
	bool present;

	if (!chain || chain->hierarchy->version == 1 || controller == CG_CORE || controller == CG_CPUACCT)
		return chain != NULL;
	return cg_group_file(group, controller, "cgroup.controllers", text, &present, NULL) &&
	       lists(text->str, controller);
}

/* ---- the cgroups within ---- */

uint32_t nested_number(int dirfd, const char *name, dev_t device)
{
	struct stat stat;

	if (fstatat(dirfd, name, &stat, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0 || !S_ISDIR(stat.st_mode) ||
	    stat.st_dev != device)
		return 0;
	return (uint32_t)stat.st_ino & CG_NESTED_MOST;
}

bool nested_is_name(const char *name)
{
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, '/');
}

static void nested_clear(gpointer nested)
{
	g_free(((struct cg_nested *)nested)->name);
}

static GArray *nested_array(void)
{
	GArray *array = g_array_new(FALSE, FALSE, sizeof(struct cg_nested));

	g_array_set_clear_func(array, nested_clear);
	return array;
}

/* Appends the cgroups right below a directory, `room` at most; 0 or errno. */
static int list_directory(int dirfd, const char *path, unsigned room, GArray *ret)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int code = errno;
	struct stat here;

	if (!dir || fstat(fd, &here) < 0) {
		if (dir)
			closedir(dir);
		else if (fd >= 0)
			close(fd);
		return code;
	}
	for (struct dirent *entry = readdir(dir); entry && room > 0; entry = readdir(dir)) {
		struct cg_nested nested = { 0 };

		if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)
			continue;
		nested.number = nested_is_name(entry->d_name) ? nested_number(fd, entry->d_name, here.st_dev) : 0;
		if (nested.number == 0)
			continue;
		nested.name = g_strdup(entry->d_name);
		g_array_append_val(ret, nested);
		room--;
	}
	closedir(dir);
	return 0;
}

static gint by_number(gconstpointer a, gconstpointer b)
{
	uint32_t one = ((const struct cg_nested *)a)->number, other = ((const struct cg_nested *)b)->number;

	return (one > other) - (one < other);
}

GArray *cg_group_children(CgGroup *group, enum cg_controller controller, GError **error)
{
	const struct chain *chain = group_chain(group, controller);
	g_autoptr(GArray) children = nested_array();
	int code = chain ? list_directory(chain->fd, ".", CGROUPS_MAX, children) : 0;

	if (code) {
		cg_fail(error, code == ENOENT ? ESRCH : code, "%s%s: %s", chain->hierarchy->where, chain->path,
			g_strerror(code));
		return NULL;
	}
	g_array_sort(children, by_number);
	return g_steal_pointer(&children);
}

uint32_t cg_group_child(const CgGroup *group, enum cg_controller controller, const char *name)
{
	const struct chain *chain = group_chain(group, controller);
	struct stat here;

	if (!chain || !nested_is_name(name) || fstat(chain->fd, &here) < 0)
		return 0;
	return nested_number(chain->fd, name, here.st_dev);
}

/* ---- from a number to a place ---- */

static unsigned depth_of(const char *path)
{
	unsigned depth = 1;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

/*
 * Level after level; the path below the container's directory, newly allocated, NULL where it is not found. *ret_seen is how many
 * directories there are until then, the container's own included; no directory has the number 0.
 */
static char *search(const struct chain *chain, uint32_t number, unsigned *ret_seen)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(paths, g_strdup("."));
	for (unsigned i = 0; i < paths->len; i++) {
		const char *path = paths->pdata[i];
		g_autoptr(GArray) children = nested_array();

		if (depth_of(path) > DEPTH_MAX ||
		    list_directory(chain->fd, path, CGROUPS_MAX - paths->len, children) != 0)
			continue;
		for (unsigned j = 0; j < children->len; j++) {
			const struct cg_nested *child = &g_array_index(children, struct cg_nested, j);
			char *below = i == 0 ? g_strdup(child->name) : g_strconcat(path, "/", child->name, NULL);

			if (child->number == number)
				return below;
			g_ptr_array_add(paths, below);
		}
	}
	*ret_seen = paths->len;
	return NULL;
}

/* The same in the next worker, which remembers nothing: it searches. */
static gpointer place_key(const CgGroup *group, const struct chain *chain, uint32_t number)
{
	return GSIZE_TO_POINTER((gsize)(chain - group->chain) << CG_NESTED_BITS | number);
}

static char *recall(CgGroup *group, gpointer key)
{
	char *path;

	pthread_mutex_lock(&group->lock);
	path = group->places ? g_strdup(g_hash_table_lookup(group->places, key)) : NULL;
	pthread_mutex_unlock(&group->lock);
	return path;
}

static void remember(CgGroup *group, gpointer key, const char *path)
{
	pthread_mutex_lock(&group->lock);
	if (!group->places)
		group->places = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	if (g_hash_table_size(group->places) >= PLACES_MAX)
		g_hash_table_remove_all(group->places);
	g_hash_table_insert(group->places, key, g_strdup(path));
	pthread_mutex_unlock(&group->lock);
}

bool chain_is_numbered(const struct chain *chain, uint32_t number)
{
	struct stat stat;

	return fstat(chain->fd, &stat) == 0 && ((uint32_t)stat.st_ino & CG_NESTED_MOST) == number;
}

/* What is at the remembered or found place is asked for its number: it may have been renamed, or be another one by now. */
static char *find(CgGroup *group, const struct chain *chain, uint32_t number)
{
	gpointer key = place_key(group, chain, number);
	char *path = recall(group, key);

	for (unsigned attempt = 0; attempt < 2; attempt++) {
		struct chain there;

		if (!path)
			path = search(chain, number, &(unsigned){ 0 });
		if (!path)
			return NULL;
		if (chain_open_below(chain, path, &there, NULL)) {
			bool right = chain_is_numbered(&there, number);

			chain_close(&there);
			if (right) {
				remember(group, key, path);
				return path;
			}
		}
		g_clear_pointer(&path, g_free);
	}
	return NULL;
}

/* ---- how many ---- */

/* cgroup.stat of v2; kernels before 4.14 have none, nor have captured trees. */
static bool read_descendants(CgGroup *group, enum cg_controller controller, uint64_t *ret_descendants, GError **error)
{
	static const struct keyed keys[] = { { "nr_descendants", 0, false } };
	g_autoptr(GString) text = g_string_new(NULL);
	bool present;

	*ret_descendants = CG_UNLIMITED;
	return cg_group_file(group, controller, "cgroup.stat", text, &present, error) &&
	       (!present || keyed_parse(text->str, "cgroup.stat", keys, G_N_ELEMENTS(keys), ret_descendants, error));
}

bool cg_group_count(CgGroup *group, enum cg_controller controller, uint64_t *ret_count, GError **error)
{
	const struct chain *chain = group_chain(group, controller);
	uint64_t descendants = chain ? CG_UNLIMITED : 0;
	unsigned seen = 1;

	if (chain && chain->hierarchy->version == 2 && !read_descendants(group, controller, &descendants, error))
		return false;
	if (descendants == CG_UNLIMITED) {
		g_free(search(chain, 0, &seen));
		descendants = seen - 1;
	}
	*ret_count = cg_plus(descendants, 1);
	return true;
}

char *cg_group_nested_path(CgGroup *group, enum cg_controller controller, uint32_t number)
{
	const struct chain *chain = group_chain(group, controller);

	if (!chain || number == 0)
		return chain ? g_strdup("") : NULL;
	return find(group, chain, number);
}

static CgGroup *fail_nested(const struct chain *chain, uint32_t number, GError **error)
{
	cg_fail(error, ENOENT, "%s%s: no cgroup of number %u is in it", chain ? chain->hierarchy->where : "",
		chain ? chain->path : "", number);
	return NULL;
}

CgGroup *cg_group_nested(CgGroup *group, enum cg_controller controller, uint32_t number, GError **error)
{
	const struct chain *chain = group_chain(group, controller), *found;
	g_autofree char *path = chain && number ? find(group, chain, number) : NULL;
	g_autoptr(CgGroup) nested = NULL;

	if (!path)
		return fail_nested(chain, number, error);
	nested = group_open_below(group, path, error);
	if (!nested)
		return NULL;
	/* Removed and made anew, or renamed, between the two looks. */
	found = group_chain(nested, controller);
	return found && chain_is_numbered(found, number) ? g_steal_pointer(&nested) : fail_nested(chain, number, error);
}
