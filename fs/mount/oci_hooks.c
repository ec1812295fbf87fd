/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/oci_hooks.h"

#include "fs/control/strict_json.h"
#include "fs/mount/json_span.h"

#include <errno.h>

#define CONFIG   "config.json"
#define HOOKS    "hooks"
#define STAGE    "createRuntime"
#define PRESTART "prestart"

/* The stages at which the hook may be configured already; borrowed, NULL where absent. */
struct stages {
	JsonArray *create_runtime, *prestart;
};

static const struct strict_json_member stage_members[] = {
	{ STAGE, STRICT_JSON_ARRAY, false, offsetof(struct stages, create_runtime) },
	{ PRESTART, STRICT_JSON_ARRAY, false, offsetof(struct stages, prestart) },
};

struct raw_config {
	JsonObject *hooks;
};

static const struct strict_json_member config_members[] = {
	{ HOOKS, STRICT_JSON_OBJECT, false, offsetof(struct raw_config, hooks) },
};

static bool read_stages(JsonObject *config, struct stages *ret_stages, GError **error)
{
	static const struct strict_json_table table = { config_members, G_N_ELEMENTS(config_members), true };
	static const struct strict_json_table hooks_table = { stage_members, G_N_ELEMENTS(stage_members), true };
	struct raw_config raw = { 0 };

	return strict_json_read(config, &table, CONFIG, &raw, error) &&
	       (!raw.hooks || strict_json_read(raw.hooks, &hooks_table, CONFIG "'s " HOOKS, ret_stages, error));
}

static bool calls(JsonArray *stage, const char *path)
{
	for (guint i = 0; stage && i < json_array_get_length(stage); i++) {
		JsonNode *node = json_array_get_element(stage, i), *member = NULL;

		if (JSON_NODE_HOLDS_OBJECT(node))
			member = json_object_get_member(json_node_get_object(node), "path");
		if (member && json_node_get_value_type(member) == G_TYPE_STRING &&
		    g_str_equal(json_node_get_string(member), path))
			return true;
	}
	return false;
}

static char *hook_text(const struct oci_hook *hook)
{
	g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();
	JsonArray *args = json_array_new();

	for (const char *const *arg = hook->args; *arg; arg++)
		json_array_add_string_element(args, *arg);
	json_object_set_string_member(object, "path", hook->path);
	json_object_set_array_member(object, "args", args);
	json_node_take_object(node, object);
	return json_to_string(node, FALSE);
}

/* What to put where: one of the steps from the root down to the stage, the first that is not there yet. */
static const struct step {
	const char *member; /* to be found in the object where we are */
	const char *value, *new_member;
} steps[] = {
	{ HOOKS, "{\"" STAGE "\":[%s]}", "\"" HOOKS "\":{\"" STAGE "\":[%s]}" },
	{ STAGE, "[%s]", "\"" STAGE "\":[%s]" },
};

/* One of the steps' patterns, around the hook. */
static char *wrap(const char *pattern, const char *hook)
{
	g_auto(GStrv) parts = g_strsplit(pattern, "%s", 2);

	return g_strjoinv(hook, parts);
}

/* Runtimes read a member that is there twice, or is spelt with escapes, each in their own way. */
static bool check_once(const char *member, struct json_times times, GError **error)
{
	if (times.plain + times.escaped > 1)
		return cg_fail(error, EINVAL, CONFIG ": member \"%s\" is there %u times", member,
			       times.plain + times.escaped);
	return times.escaped == 0 || cg_fail(error, EINVAL, CONFIG ": member \"%s\" is spelt with escapes", member);
}

static bool insert(const char *text, gsize length, JsonObject *config, const char *hook, char **ret_text,
		   GError **error)
{
	struct json_span place = json_span_value(text, (struct json_span){ 0, length }, 0);
	JsonObject *object = config;

	for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++) {
		JsonNode *node = json_object_get_member(object, steps[i].member);
		struct json_span value = { 0 };
		struct json_times times = json_span_member(text, place, steps[i].member, &value);
		g_autofree char *whole = wrap(steps[i].value, hook), *member = wrap(steps[i].new_member, hook);

		if (!check_once(steps[i].member, times, error))
			return false;
		if (!node)
			*ret_text = json_span_append(text, length, place, member);
		else if (JSON_NODE_HOLDS_NULL(node))
			*ret_text = json_span_replace(text, length, value, whole);
		if (!node || JSON_NODE_HOLDS_NULL(node))
			return true;
		place = value;
		object = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	}
	*ret_text = json_span_append(text, length, place, hook);
	return true;
}

bool oci_hooks_add(const char *text, gsize length, const struct oci_hook *hook, char **ret_text, GError **error)
{
	g_autoptr(JsonObject) config = strict_json_parse(text, length, CONFIG, error);
	g_autofree char *piece = NULL;
	struct stages stages = { 0 };

	if (!config || !read_stages(config, &stages, error))
		return false;
	if (calls(stages.create_runtime, hook->path) || calls(stages.prestart, hook->path)) {
		*ret_text = NULL;
		return true;
	}
	piece = hook_text(hook);
	return insert(text, length, config, piece, ret_text, error);
}
