/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/naming.h"

#include "fs/container/id.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LENGTH (CONTAINER_ID_MAX - 12) /* room for "-" and a pid */

/* What engines put around the name. */
static const struct {
	const char *prefix, *suffix;
} frames[] = {
	{ "libpod-", ".scope" },           { "docker-", ".scope" },         { "crio-", ".scope" },
	{ "machine-", ".scope" },          { "cri-containerd-", ".scope" }, { "lxc.payload.", "" },
	{ "systemd-nspawn@", ".service" },
};

/* Cgroups that runtimes and service managers make inside the container's own; they name nothing. */
static const char *const inner[] = { "init.scope", "container", "payload" };

/* The path of a line "ID:CONTROLLERS:PATH". */
static const char *path_of(const char *line)
{
	const char *colon = strchr(line, ':');

	colon = colon ? strchr(colon + 1, ':') : NULL;
	return colon ? colon + 1 : "/";
}

/* The first that is not the root; v2's, which names the unit on hybrid hosts too, is the last line. */
static char *find_path(const char *cgroup)
{
	g_auto(GStrv) lines = g_strsplit(cgroup, "\n", -1);
	const char *found = "/";

	for (char **line = lines; *line; line++) {
		const char *path = path_of(*line);

		if (strcmp(path, "/") != 0)
			found = path;
	}
	return g_strdup(found);
}

static bool is_inner(const char *component)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(inner); i++) {
		if (strcmp(component, inner[i]) == 0)
			return true;
	}
	return false;
}

/* The last component that may be a name; "" where there is none. Borrowed. */
static const char *last_name(char **components)
{
	for (guint i = g_strv_length(components); i > 0; i--) {
		if (*components[i - 1] && !is_inner(components[i - 1]))
			return components[i - 1];
	}
	return "";
}

static char *unframe(const char *component)
{
	size_t length = strlen(component);

	for (unsigned i = 0; i < G_N_ELEMENTS(frames); i++) {
		size_t before = strlen(frames[i].prefix), behind = strlen(frames[i].suffix);

		if (length > before + behind && g_str_has_prefix(component, frames[i].prefix) &&
		    g_str_has_suffix(component, frames[i].suffix))
			return g_strndup(component + before, length - before - behind);
	}
	return g_strdup(component);
}

/* systemd.unit(5): a byte that a unit's name cannot have is \xHH there; most of all "-" of a machine's name. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; to++) {
		if (at[0] == '\\' && at[1] == 'x' && g_ascii_isxdigit(at[2]) && g_ascii_isxdigit(at[3])) {
			*to = (char)(g_ascii_xdigit_value(at[2]) << 4 | g_ascii_xdigit_value(at[3]));
			at += 4;
		} else {
			*to = *at++;
		}
	}
	*to = '\0';
}

char *naming_from_cgroup(const char *cgroup)
{
	g_autofree char *path = find_path(cgroup);
	g_auto(GStrv) components = g_strsplit(path, "/", -1);
	g_autofree char *name = unframe(last_name(components));
	uid_t owner;

	unescape(name);
	g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-", '_');
	if (strlen(name) > NAME_MAX_LENGTH)
		name[NAME_MAX_LENGTH] = '\0';
	return container_id_parse(name, &owner) ? g_steal_pointer(&name) : g_strdup("container");
}

char *naming_unique(const char *id, GHashTable *taken, pid_t pid)
{
	return g_hash_table_contains(taken, id) ? g_strdup_printf("%s-%d", id, (int)pid) : g_strdup(id);
}
