/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount/oci_state.h"

#include "fs/control/strict_json.h"
#include "fs/view/cpus.h"
#include "fs/view/shape.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define STATE     "the state"
#define CONFIG    "config.json"
#define NAMESPACE "procvirt.dev/"
#define ENABLE    NAMESPACE "enable"

struct raw_state {
	const char *id, *status, *bundle, *root;
	int64_t pid;
	JsonObject *annotations;
};

static const struct strict_json_member state_members[] = {
	{ "id", STRICT_JSON_STRING, true, offsetof(struct raw_state, id) },
	{ "status", STRICT_JSON_STRING, true, offsetof(struct raw_state, status) },
	{ "bundle", STRICT_JSON_STRING, true, offsetof(struct raw_state, bundle) },
	{ "root", STRICT_JSON_STRING, false, offsetof(struct raw_state, root) },
	{ "pid", STRICT_JSON_INTEGER, false, offsetof(struct raw_state, pid) },
	{ "annotations", STRICT_JSON_OBJECT, false, offsetof(struct raw_state, annotations) },
};

struct raw_config {
	JsonObject *root, *annotations;
};

static const struct strict_json_member config_members[] = {
	{ "root", STRICT_JSON_OBJECT, true, offsetof(struct raw_config, root) },
	{ "annotations", STRICT_JSON_OBJECT, false, offsetof(struct raw_config, annotations) },
};

struct raw_root {
	const char *path;
};

static const struct strict_json_member root_members[] = {
	{ "path", STRICT_JSON_STRING, true, offsetof(struct raw_root, path) },
};

void oci_container_clear(struct oci_container *container)
{
	g_free(container->id);
	g_free(container->status);
	g_free(container->bundle);
	g_free(container->rootfs);
	if (container->annotations)
		g_hash_table_unref(container->annotations);
	*container = (struct oci_container){ 0 };
}

static GHashTable *read_annotations(JsonObject *object, const char *what, GError **error)
{
	g_autoptr(GHashTable) table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	JsonObjectIter iter;
	const char *name;
	JsonNode *node;

	if (!object)
		return g_steal_pointer(&table);
	json_object_iter_init(&iter, object);
	while (json_object_iter_next(&iter, &name, &node)) {
		if (json_node_get_value_type(node) != G_TYPE_STRING) {
			g_autofree char *quoted = strict_json_quote(name);

			cg_fail(error, EINVAL, "%s: annotation \"%s\" is not a string", what, quoted);
			return NULL;
		}
		g_hash_table_insert(table, g_strdup(name), json_node_dup_string(node));
	}
	return g_steal_pointer(&table);
}

static bool check_state(const struct raw_state *raw, GError **error)
{
	if (!*raw->id)
		return cg_fail(error, EINVAL, STATE ": member \"id\" is empty");
	if (!g_path_is_absolute(raw->bundle))
		return cg_fail(error, EINVAL, STATE ": member \"bundle\" is no absolute path");
	if (raw->root && !*raw->root)
		return cg_fail(error, EINVAL, STATE ": member \"root\" is empty");
	if (raw->pid < 0 || raw->pid > INT_MAX)
		return cg_fail(error, EINVAL, STATE ": member \"pid\" is %" G_GINT64_FORMAT ", no process id",
			       raw->pid);
	return true;
}

/* crun 1.8 hands on what config.json says, which may be relative to the bundle. */
static char *absolute(const char *root, const char *bundle)
{
	return root ? g_canonicalize_filename(root, bundle) : NULL;
}

bool oci_state_parse(const char *text, gsize length, struct oci_container *ret_container, GError **error)
{
	static const struct strict_json_table table = { state_members, G_N_ELEMENTS(state_members), true };
	g_autoptr(JsonObject) object = strict_json_parse(text, length, STATE, error);
	GHashTable *annotations = NULL;
	struct raw_state raw = { 0 };

	if (!object || !strict_json_read(object, &table, STATE, &raw, error) || !check_state(&raw, error))
		return false;
	if (raw.annotations && !(annotations = read_annotations(raw.annotations, STATE, error)))
		return false;
	*ret_container = (struct oci_container){ .id = g_strdup(raw.id),
						 .status = g_strdup(raw.status),
						 .bundle = g_strdup(raw.bundle),
						 .rootfs = absolute(raw.root, raw.bundle),
						 .pid = (pid_t)raw.pid,
						 .annotations = annotations };
	return true;
}

bool oci_config_parse(const char *text, gsize length, struct oci_container *container, GError **error)
{
	static const struct strict_json_table table = { config_members, G_N_ELEMENTS(config_members), true };
	static const struct strict_json_table root_table = { root_members, G_N_ELEMENTS(root_members), true };
	g_autoptr(JsonObject) object = strict_json_parse(text, length, CONFIG, error);
	struct raw_config raw = { 0 };
	struct raw_root root = { 0 };

	if (!object || !strict_json_read(object, &table, CONFIG, &raw, error) ||
	    !strict_json_read(raw.root, &root_table, CONFIG "'s root", &root, error))
		return false;
	if (!*root.path)
		return cg_fail(error, EINVAL, CONFIG "'s root: member \"path\" is empty");
	if (!container->annotations && !(container->annotations = read_annotations(raw.annotations, CONFIG, error)))
		return false;
	if (!container->rootfs)
		container->rootfs = g_canonicalize_filename(root.path, container->bundle);
	return true;
}

char *oci_read(int fd, const char *what, gsize *ret_length, GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autofree guint8 *block = g_malloc(65536);
	ssize_t n;

	while ((n = read(fd, block, 65536)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			cg_fail(error, errno, "reading %s: %s", what, g_strerror(errno));
			return NULL;
		}
		if (bytes->len + (gsize)n > OCI_TEXT_MAX) {
			cg_fail(error, EFBIG, "%s is longer than %" G_GSIZE_FORMAT " MiB", what, OCI_TEXT_MAX >> 20);
			return NULL;
		}
		g_byte_array_append(bytes, block, (guint)n);
	}
	*ret_length = bytes->len;
	g_byte_array_append(bytes, (const guint8 *)"", 1);
	return (char *)g_byte_array_free(g_steal_pointer(&bytes), FALSE);
}

char *oci_config_read(const struct oci_container *container, gsize *ret_length, GError **error)
{
	g_autofree char *path = g_build_filename(container->bundle, CONFIG, NULL);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text;

	if (fd < 0) {
		cg_fail(error, errno, "opening %s: %s", path, g_strerror(errno));
		return NULL;
	}
	text = oci_read(fd, path, ret_length, error);
	close(fd);
	return text;
}

/* What the state left open. A container that is to be left alone is so, whatever its config.json is like. */
static bool complete(struct oci_container *container, GError **error)
{
	const char *enable = container->annotations ? g_hash_table_lookup(container->annotations, ENABLE) : NULL;
	g_autofree char *text = NULL;
	gsize length;

	if ((container->rootfs && container->annotations) || g_strcmp0(enable, "false") == 0)
		return true;
	text = oci_config_read(container, &length, error);
	return text && oci_config_parse(text, length, container, error);
}

bool oci_container_load(const char *text, gsize length, struct oci_container *ret_container, GError **error)
{
	struct oci_container container = { 0 };

	if (!oci_state_parse(text, length, &container, error))
		return false;
	if (!complete(&container, error)) {
		g_prefix_error(error, "container %s: ", container.id);
		oci_container_clear(&container);
		return false;
	}
	*ret_container = container;
	return true;
}

bool oci_container_check_stage(const struct oci_container *container, GError **error)
{
	if (container->pid <= 1)
		return cg_fail(
			error, EINVAL,
			"the state has pid %d: this stage runs inside the container's namespaces and cannot tell "
			"which container it is in; use the createRuntime stage",
			(int)container->pid);
	if (strcmp(container->status, "creating") && strcmp(container->status, "created")) {
		g_autofree char *quoted = strict_json_quote(container->status);

		return cg_fail(error, EINVAL,
			       "the container's status is \"%s\": too early or too late; use the createRuntime stage",
			       quoted);
	}
	return true;
}

static bool parse_boolean(const char *word, bool *ret_value)
{
	if (strcmp(word, "true") && strcmp(word, "false"))
		return false;
	*ret_value = *word == 't';
	return true;
}

static bool take_enable(const char *value, struct oci_options *options)
{
	return parse_boolean(value, &options->enable);
}

static bool take_cpu_count(const char *value, struct oci_options *options)
{
	enum view_cpu_count count;

	options->cpu_count = value;
	return view_cpu_count_parse(value, &count);
}

static bool take_renumber_cpus(const char *value, struct oci_options *options)
{
	options->has_renumber_cpus = true;
	return parse_boolean(value, &options->renumber_cpus);
}

static bool take_cgroup_shape(const char *value, struct oci_options *options)
{
	enum view_shape shape;

	options->cgroup_shape = value;
	return view_shape_parse(value, &shape);
}

static bool take_nesting(const char *value, struct oci_options *options)
{
	return parse_boolean(value, &options->nesting);
}

static const struct annotation {
	const char *name;
	bool (*take)(const char *value, struct oci_options *options);
	const char *values;
} known[] = {
	{ ENABLE, take_enable, "true or false" },
	{ NAMESPACE "cpu-count", take_cpu_count, "quota, cpuset or shares" },
	{ NAMESPACE "renumber-cpus", take_renumber_cpus, "true or false" },
	{ NAMESPACE "nesting", take_nesting, "true or false" },
	{ NAMESPACE "cgroup-shape", take_cgroup_shape, "host, v1, v2 or kernel" },
};

static bool take_annotation(const char *name, const char *value, struct oci_options *options, GError **error)
{
	g_autofree char *quoted = NULL;

	for (unsigned i = 0; i < G_N_ELEMENTS(known); i++) {
		if (strcmp(name, known[i].name))
			continue;
		if (known[i].take(value, options))
			return true;
		quoted = strict_json_quote(value);
		return cg_fail(error, EINVAL, "annotation %s is \"%s\", not %s", name, quoted, known[i].values);
	}
	quoted = strict_json_quote(name);
	return cg_fail(error, EINVAL, "unknown annotation \"%s\"", quoted);
}

bool oci_options_parse(GHashTable *annotations, struct oci_options *ret_options, GError **error)
{
	struct oci_options options = { .enable = true };
	GHashTableIter iter;
	gpointer name, value;

	g_hash_table_iter_init(&iter, annotations);
	while (g_hash_table_iter_next(&iter, &name, &value)) {
		if (g_str_has_prefix(name, NAMESPACE) && !take_annotation(name, value, &options, error))
			return false;
	}
	*ret_options = options;
	return true;
}
