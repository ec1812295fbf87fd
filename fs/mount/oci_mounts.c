/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/oci_mounts.h"

#include "fs/control/strict_json.h"

#include <string.h>

#define CONFIG  "config.json"
#define CGROUPS "/sys/fs/cgroup"

static const struct strict_json_member config_members[] = { { "mounts", STRICT_JSON_ARRAY, false, 0 } };

struct raw_mount {
	const char *destination;
	JsonArray *options;
};

static const struct strict_json_member mount_members[] = {
	{ "destination", STRICT_JSON_STRING, false, offsetof(struct raw_mount, destination) },
	{ "options", STRICT_JSON_ARRAY, false, offsetof(struct raw_mount, options) },
};

/* Of words that contradict each other the last one counts; "rro" is "ro" with the mounts below. */
static bool is_read_only(JsonArray *options)
{
	bool read_only = false;

	for (guint i = 0; options && i < json_array_get_length(options); i++) {
		JsonNode *node = json_array_get_element(options, i);
		const char *word = json_node_get_value_type(node) == G_TYPE_STRING ? json_node_get_string(node) : "";

		if (strcmp(word, "ro") == 0 || strcmp(word, "rro") == 0)
			read_only = true;
		else if (strcmp(word, "rw") == 0)
			read_only = false;
	}
	return read_only;
}

static bool is_of_cgroups(const char *destination)
{
	g_autofree char *path = g_canonicalize_filename(destination + strspn(destination, "/"), "/");

	return strcmp(path, CGROUPS) == 0;
}

/* The last one at that place counts: it covers the others. */
static void take_mount(JsonNode *node, bool *read_only)
{
	static const struct strict_json_table table = { mount_members, G_N_ELEMENTS(mount_members), true };
	struct raw_mount raw = { 0 };

	if (JSON_NODE_HOLDS_OBJECT(node) &&
	    strict_json_read(json_node_get_object(node), &table, CONFIG "'s mounts", &raw, NULL) && raw.destination &&
	    is_of_cgroups(raw.destination))
		*read_only = is_read_only(raw.options);
}

bool oci_mounts_cgroups_read_only(JsonObject *config)
{
	static const struct strict_json_table table = { config_members, G_N_ELEMENTS(config_members), true };
	JsonArray *mounts = NULL;
	bool read_only = false;

	if (!strict_json_read(config, &table, CONFIG, &mounts, NULL))
		return false;
	for (guint i = 0; mounts && i < json_array_get_length(mounts); i++)
		take_mount(json_array_get_element(mounts, i), &read_only);
	return read_only;
}
