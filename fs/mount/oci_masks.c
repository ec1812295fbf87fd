/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/oci_masks.h"

#include "fs/control/strict_json.h"
#include "fs/mount/oci_mounts.h"

#include <string.h>

#define CONFIG "config.json"

struct raw_linux {
	JsonArray *masked, *read_only;
};

static const struct strict_json_member linux_members[] = {
	{ "maskedPaths", STRICT_JSON_ARRAY, false, offsetof(struct raw_linux, masked) },
	{ "readonlyPaths", STRICT_JSON_ARRAY, false, offsetof(struct raw_linux, read_only) },
};

static const struct strict_json_member linux_member[] = { { "linux", STRICT_JSON_OBJECT, false, 0 } };

void oci_masks_clear(struct oci_masks *masks)
{
	g_strfreev(masks->masked);
	g_strfreev(masks->read_only);
	*masks = (struct oci_masks){ 0 };
}

/* Whole names: /processes is not in /proc. */
static bool is_in(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	return g_str_has_prefix(path, directory) && (path[length] == '/' || path[length] == '\0');
}

static GStrv take_paths(JsonArray *paths)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	for (guint i = 0; paths && i < json_array_get_length(paths); i++) {
		JsonNode *node = json_array_get_element(paths, i);
		g_autofree char *path = NULL;
		const char *word;

		if (json_node_get_value_type(node) != G_TYPE_STRING)
			continue;
		word = json_node_get_string(node);
		path = g_canonicalize_filename(word + strspn(word, "/"), "/");
		if (is_in(path, "/proc") || is_in(path, "/sys"))
			g_strv_builder_add(builder, path);
	}
	return g_strv_builder_end(builder);
}

bool oci_masks_parse(const char *text, gsize length, struct oci_masks *ret_masks, GError **error)
{
	static const struct strict_json_table table = { linux_member, G_N_ELEMENTS(linux_member), true };
	static const struct strict_json_table paths = { linux_members, G_N_ELEMENTS(linux_members), true };
	g_autoptr(JsonObject) object = strict_json_parse(text, length, CONFIG, error);
	struct raw_linux raw = { 0 };
	JsonObject *part = NULL;

	if (!object || !strict_json_read(object, &table, CONFIG, &part, error) ||
	    (part && !strict_json_read(part, &paths, CONFIG "'s linux", &raw, error)))
		return false;
	*ret_masks = (struct oci_masks){ take_paths(raw.masked), take_paths(raw.read_only),
					 oci_mounts_cgroups_read_only(object) };
	return true;
}

bool oci_masks_load(const struct oci_container *container, struct oci_masks *ret_masks, GError **error)
{
	g_autofree char *text = NULL;
	gsize length;

	text = oci_config_read(container, &length, error);
	return text && oci_masks_parse(text, length, ret_masks, error);
}

bool oci_masks_hide(const struct oci_masks *masks, const char *path)
{
	for (char *const *masked = masks->masked; masked && *masked; masked++) {
		if (is_in(path, *masked))
			return true;
	}
	return false;
}
