/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/settings.h"

#include "cgroup/enter.h"

#include <string.h>

#define GROUP "procvirtd"

/* ---- one function a kind of value; each returns false for a word that it does not know ---- */

static bool set_log_level(struct settings *settings, const char *value)
{
	static const struct {
		const char *name;
		GLogLevelFlags level;
	} levels[] = { { "error", G_LOG_LEVEL_CRITICAL },
		       { "warning", G_LOG_LEVEL_WARNING },
		       { "info", G_LOG_LEVEL_INFO },
		       { "debug", G_LOG_LEVEL_DEBUG } };

	for (unsigned i = 0; i < G_N_ELEMENTS(levels); i++) {
		if (strcmp(levels[i].name, value) == 0) {
			settings->log_level = levels[i].level;
			return true;
		}
	}
	return false;
}

static bool set_socket(struct settings *settings, const char *value)
{
	if (value[0] != '/')
		return false;
	g_free(settings->socket);
	settings->socket = g_strdup(value);
	return true;
}

/* An empty one undoes what a file said before. */
static bool set_cgroup(struct settings *settings, const char *value)
{
	if (*value && !cg_enter_check(value, NULL))
		return false;
	g_free(settings->cgroup);
	settings->cgroup = *value ? g_strdup(value) : NULL;
	return true;
}

static bool set_unknown(struct settings *settings, const char *value)
{
	bool is_host = strcmp(value, "host") == 0;

	if (!is_host && strcmp(value, "error") != 0)
		return false;
	settings->unknown_host = is_host;
	return true;
}

static bool set_cpu_count(struct settings *settings, const char *value)
{
	return view_cpu_count_parse(value, &settings->containers.cpu_count);
}

static bool take_bool(const char *value, bool *ret)
{
	*ret = strcmp(value, "true") == 0;
	return *ret || strcmp(value, "false") == 0;
}

static bool set_renumber(struct settings *settings, const char *value)
{
	return take_bool(value, &settings->containers.renumber_cpus);
}

static bool set_cgroup_writes(struct settings *settings, const char *value)
{
	return take_bool(value, &settings->cgroup_writes);
}

static bool set_cgroup_shape(struct settings *settings, const char *value)
{
	return view_shape_parse(value, &settings->containers.cgroup_shape);
}

static const struct key {
	const char *name;
	bool (*set)(struct settings *settings, const char *value);
	const char *values; /* for people */
} keys[] = {
	{ "log-level", set_log_level, "error, warning, info, debug" },
	{ "socket", set_socket, "an absolute path" },
	{ "cgroup", set_cgroup, "an absolute path other than /" },
	{ "unknown", set_unknown, "error, host" },
	{ "cpu-count", set_cpu_count, "quota, cpuset, shares" },
	{ "renumber-cpus", set_renumber, "true, false" },
	{ "cgroup-shape", set_cgroup_shape, "host, v1, v2, kernel" },
	{ "cgroup-writes", set_cgroup_writes, "true, false" },
};

void settings_init(struct settings *settings)
{
	*settings = (struct settings){
		.log_level = G_LOG_LEVEL_INFO,
		.socket = g_strdup(SETTINGS_SOCKET),
		.containers = { .cpu_count = VIEW_CPU_QUOTA },
	};
}

void settings_clear(struct settings *settings)
{
	g_clear_pointer(&settings->socket, g_free);
	g_clear_pointer(&settings->cgroup, g_free);
}

bool settings_set(struct settings *settings, const char *key, const char *value, GError **error)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
		if (strcmp(keys[i].name, key) != 0)
			continue;
		if (keys[i].set(settings, value))
			return true;
		g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
			    "%s: \"%s\" is none of its values: %s", key, value, keys[i].values);
		return false;
	}
	g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND, "%s: there is no such key", key);
	return false;
}

static bool check_groups(GKeyFile *file, GError **error)
{
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);

	for (char **group = groups; *group; group++) {
		if (strcmp(*group, GROUP) != 0) {
			g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND,
				    "[%s]: there is no such group, only [" GROUP "]", *group);
			return false;
		}
	}
	return true;
}

static bool apply_file(struct settings *settings, GKeyFile *file, GError **error)
{
	g_auto(GStrv) names = NULL;

	if (!check_groups(file, error))
		return false;
	if (!g_key_file_has_group(file, GROUP))
		return true;
	names = g_key_file_get_keys(file, GROUP, NULL, error);
	for (char **name = names; name && *name; name++) {
		g_autofree char *value = g_key_file_get_string(file, GROUP, *name, error);

		if (!value || !settings_set(settings, *name, value, error))
			return false;
	}
	return names != NULL;
}

static void settings_copy(struct settings *to, const struct settings *from)
{
	*to = *from;
	to->socket = g_strdup(from->socket);
	to->cgroup = g_strdup(from->cgroup);
}

bool settings_load_text(struct settings *settings, const char *text, size_t length, const char *path, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	struct settings changed;

	settings_copy(&changed, settings);
	if (!g_key_file_load_from_data(file, text, length, G_KEY_FILE_NONE, error) ||
	    !apply_file(&changed, file, error)) {
		g_prefix_error(error, "%s: ", path);
		settings_clear(&changed);
		return false;
	}
	settings_clear(settings);
	*settings = changed;
	return true;
}

bool settings_load(struct settings *settings, const char *path, bool must_exist, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autofree char *text = NULL;
	size_t length;

	if (g_file_get_contents(path, &text, &length, &problem))
		return settings_load_text(settings, text, length, path, error);
	if (!must_exist && g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		return true;
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}
