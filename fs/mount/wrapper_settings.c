/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/wrapper_settings.h"

#include <errno.h>
#include <stddef.h>

#define GROUP "procvirt-runc"

static bool is_program(const char *value)
{
	return *value != '\0';
}

static bool is_path(const char *value)
{
	return g_path_is_absolute(value);
}

static bool is_boolean(const char *value)
{
	return g_str_equal(value, "true") || g_str_equal(value, "false");
}

static const struct key {
	const char *name, *variable;
	size_t offset; /* of its char * in the settings */
	bool (*check)(const char *value);
	const char *values; /* for people */
} keys[] = {
	{ "runtime", "PROCVIRT_RUNTIME", offsetof(struct wrapper_settings, runtime), is_program, "a program" },
	{ "hook", "PROCVIRT_HOOK", offsetof(struct wrapper_settings, hook), is_path, "an absolute path" },
	{ "strict", "PROCVIRT_STRICT", offsetof(struct wrapper_settings, strict), is_boolean, "true, false" },
};

static bool set(struct wrapper_settings *settings, const struct key *key, const char *value, const char *where,
		GError **error)
{
	char **place = (char **)(void *)((char *)settings + key->offset);

	if (!key->check(value))
		return cg_fail(error, EINVAL, "%s: \"%s\" is not %s", where, value, key->values);
	g_free(*place);
	*place = g_strdup(value);
	return true;
}

static const struct key *find(const char *name)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
		if (g_str_equal(keys[i].name, name))
			return &keys[i];
	}
	return NULL;
}

static bool take_file(struct wrapper_settings *settings, GKeyFile *file, const char *path, GError **error)
{
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
	g_auto(GStrv) names = NULL;

	for (char **group = groups; *group; group++) {
		if (!g_str_equal(*group, GROUP))
			return cg_fail(error, EINVAL, "%s: there is no group [%s], only [" GROUP "]", path, *group);
	}
	names = g_key_file_get_keys(file, GROUP, NULL, NULL);
	for (char **name = names; name && *name; name++) {
		g_autofree char *value = g_key_file_get_string(file, GROUP, *name, NULL);
		g_autofree char *where = g_strdup_printf("%s: %s", path, *name);
		const struct key *key = find(*name);

		if (!key || !value)
			return cg_fail(error, EINVAL, "%s: there is no such key, or its value is no text", where);
		if (!set(settings, key, value, where, error))
			return false;
	}
	return true;
}

static bool load_file(struct wrapper_settings *settings, const char *path, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) problem = NULL;

	if (g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &problem))
		return take_file(settings, file, path, error);
	return g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
	       cg_fail(error, EINVAL, "%s: %s", path, problem->message);
}

bool wrapper_settings_load(struct wrapper_settings *settings, const char *file, char *(*get)(const char *name),
			   GError **error)
{
	bool good = load_file(settings, file, error);

	for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
		const char *value = get(keys[i].variable);

		if (value && !set(settings, &keys[i], value, keys[i].variable, good ? error : NULL))
			good = false;
	}
	return good;
}

bool wrapper_settings_strict(const struct wrapper_settings *settings)
{
	return settings->strict && g_str_equal(settings->strict, "true");
}

void wrapper_settings_clear(struct wrapper_settings *settings)
{
	g_free(settings->runtime);
	g_free(settings->hook);
	g_free(settings->strict);
	*settings = (struct wrapper_settings){ 0 };
}
