/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/saved.h"

#include "cgroup/error.h"
#include "cgroup/path.h"
#include "fs/container/id.h"
#include "fs/view/cpus.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* No record is longer: the paths of all controllers and some figures. */
#define LENGTH_MOST (CG_CONTROLLERS * PATH_MAX + 4096)

/* What no time since boot reaches; sums of it do not overflow. */
#define US_MOST (UINT64_C(1) << 61)

/* A member of a struct, by its key. The kind is the character of the GVariant type, 'b' a bool. */
struct member {
	const char *key;
	char kind;
	size_t offset;
};

static const struct member container_members[] = {
	{ "id", 's', offsetof(struct saved_container, id) },
	{ "generation", 'u', offsetof(struct saved_container, generation) },
	{ "history", 't', offsetof(struct saved_container, history) },
	{ "sampled", 'b', offsetof(struct saved_container, sampled) },
	{ "init", 'i', offsetof(struct saved_container, init) },
	{ "init-start-us", 't', offsetof(struct saved_container, init_start_us) },
	{ "start-us", 't', offsetof(struct saved_container, start_us) },
	{ "own-pids", 'b', offsetof(struct saved_container, own_pids) },
	{ "has-boot-offset", 'b', offsetof(struct saved_container, has_boot_offset) },
	{ "boot-offset-us", 'x', offsetof(struct saved_container, boot_offset_us) },
	{ "renumber-cpus", 'b', offsetof(struct saved_container, options.renumber_cpus) },
};

static const struct member numbers_members[] = {
	{ "last-slot", 't', offsetof(struct saved_numbers, last_slot) },
	{ "last-unregistered", 't', offsetof(struct saved_numbers, last_unregistered) },
	{ "generation", 'u', offsetof(struct saved_numbers, generation) },
	{ "rebuilt", 'b', offsetof(struct saved_numbers, rebuilt) },
};

void saved_container_clear(struct saved_container *saved)
{
	g_clear_pointer(&saved->id, g_free);
	cg_paths_clear(&saved->paths);
}

/* ---- writing ---- */

/* NULL for a string that is not there. */
static GVariant *value_of(char kind, const void *place)
{
	switch (kind) {
	case 'b':
		return g_variant_new_boolean(*(const bool *)place);
	case 'i':
		return g_variant_new_int32(*(const int32_t *)place);
	case 'u':
		return g_variant_new_uint32(*(const uint32_t *)place);
	case 't':
		return g_variant_new_uint64(*(const uint64_t *)place);
	case 'x':
		return g_variant_new_int64(*(const int64_t *)place);
	case 's':
		return *(char *const *)place ? g_variant_new_string(*(char *const *)place) : NULL;
	}
	g_return_val_if_reached(NULL);
}

static void add_members(GVariantBuilder *builder, const struct member *members, unsigned n, const void *from)
{
	for (unsigned i = 0; i < n; i++) {
		GVariant *value = value_of(members[i].kind, (const char *)from + members[i].offset);

		if (value)
			g_variant_builder_add(builder, "{sv}", members[i].key, value);
	}
}

/* By name, as other versions may number controllers otherwise; an empty path is that of the one before, as on v2 all are the same. */
static GVariant *cgroups_of(const struct saved_container *saved)
{
	GVariantBuilder builder;
	const char *last = "";

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(stay)"));
	for (enum cg_controller c = 0; c < CG_CONTROLLERS; c++) {
		const char *path = saved->paths.of[c];

		if (!path)
			continue;
		g_variant_builder_add(&builder, "(st@ay)", cg_controller_name(c), saved->identity.inode[c],
				      g_variant_new_bytestring(strcmp(path, last) == 0 ? "" : path));
		last = path;
	}
	return g_variant_builder_end(&builder);
}

GVariant *saved_container_write(const struct saved_container *saved)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
	add_members(&builder, container_members, G_N_ELEMENTS(container_members), saved);
	g_variant_builder_add(&builder, "{sv}", "cpu-count",
			      g_variant_new_string(view_cpu_count_name(saved->options.cpu_count)));
	g_variant_builder_add(&builder, "{sv}", "cgroup-shape",
			      g_variant_new_string(view_shape_name(saved->options.cgroup_shape)));
	g_variant_builder_add(&builder, "{sv}", "cgroups", cgroups_of(saved));
	return g_variant_ref_sink(g_variant_builder_end(&builder));
}

GVariant *saved_numbers_write(const struct saved_numbers *numbers)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
	add_members(&builder, numbers_members, G_N_ELEMENTS(numbers_members), numbers);
	return g_variant_ref_sink(g_variant_builder_end(&builder));
}

/* ---- reading ---- */

static GVariant *parse(const void *bytes, size_t length, GError **error)
{
	g_autoptr(GVariant) dict = NULL;

	if (length > LENGTH_MOST) {
		cg_fail(error, EINVAL, "too long: %zu bytes", length);
		return NULL;
	}
	dict = g_variant_ref_sink(g_variant_new_from_data(G_VARIANT_TYPE_VARDICT, bytes, length, FALSE, NULL, NULL));
	if (g_variant_is_normal_form(dict))
		return g_steal_pointer(&dict);
	cg_fail(error, EINVAL, "not a dictionary in normal form");
	return NULL;
}

static void take_value(char kind, GVariant *value, void *place)
{
	switch (kind) {
	case 'b':
		*(bool *)place = g_variant_get_boolean(value);
		return;
	case 'i':
		*(int32_t *)place = g_variant_get_int32(value);
		return;
	case 'u':
		*(uint32_t *)place = g_variant_get_uint32(value);
		return;
	case 't':
		*(uint64_t *)place = g_variant_get_uint64(value);
		return;
	case 'x':
		*(int64_t *)place = g_variant_get_int64(value);
		return;
	case 's':
		g_free(*(char **)place);
		*(char **)place = g_variant_dup_string(value, NULL);
		return;
	}
	g_return_if_reached();
}

/* The value of a key, NULL where there is none; false where it is of another type. */
static bool look_up(GVariant *dict, const char *key, const char *type, GVariant **ret_value, GError **error)
{
	*ret_value = g_variant_lookup_value(dict, key, NULL);
	if (!*ret_value || strcmp(g_variant_get_type_string(*ret_value), type) == 0)
		return true;
	cg_fail(error, EINVAL, "\"%s\" is of type %s", key, g_variant_get_type_string(*ret_value));
	g_clear_pointer(ret_value, g_variant_unref);
	return false;
}

static bool take_members(GVariant *dict, const struct member *members, unsigned n, void *into, GError **error)
{
	for (unsigned i = 0; i < n; i++) {
		const char type[] = { members[i].kind, '\0' };
		g_autoptr(GVariant) value = NULL;

		if (!look_up(dict, members[i].key, type, &value, error))
			return false;
		if (value)
			take_value(members[i].kind, value, (char *)into + members[i].offset);
	}
	return true;
}

static enum cg_controller controller_of(const char *name)
{
	enum cg_controller c = 0;

	while (c < CG_CONTROLLERS && strcmp(cg_controller_name(c), name) != 0)
		c++;
	return c;
}

/* A controller that this version does not know is passed over; its path may be the next one's. */
static bool take_cgroups(GVariant *list, struct saved_container *saved, GError **error)
{
	g_autofree char *last = NULL;
	const char *name;
	GVariant *bytes;
	uint64_t inode;
	GVariantIter iter;

	g_variant_iter_init(&iter, list);
	while (g_variant_iter_next(&iter, "(&st@ay)", &name, &inode, &bytes)) {
		g_autoptr(GVariant) holder = bytes;
		const char *path = g_variant_get_bytestring(holder);
		enum cg_controller c = controller_of(name);

		if (*path != '\0') {
			g_free(last);
			last = g_strdup(path);
		}
		if (!last || *last != '/')
			return cg_fail(error, EINVAL, "the path of %s is none", cg_controller_name(c));
		if (c == CG_CONTROLLERS)
			continue;
		if (saved->paths.of[c])
			return cg_fail(error, EINVAL, "%s is there twice", name);
		saved->paths.of[c] = g_strdup(last);
		saved->identity.inode[c] = inode;
	}
	return true;
}

static bool take_others(GVariant *dict, struct saved_container *saved, GError **error)
{
	g_autoptr(GVariant) cpu_count = NULL;
	g_autoptr(GVariant) shape = NULL;
	g_autoptr(GVariant) cgroups = NULL;

	if (!look_up(dict, "cpu-count", "s", &cpu_count, error) || !look_up(dict, "cgroup-shape", "s", &shape, error) ||
	    !look_up(dict, "cgroups", "a(stay)", &cgroups, error))
		return false;
	/* A policy of a later version: the default is as good as any. */
	if (cpu_count)
		(void)view_cpu_count_parse(g_variant_get_string(cpu_count, NULL), &saved->options.cpu_count);
	if (shape)
		(void)view_shape_parse(g_variant_get_string(shape, NULL), &saved->options.cgroup_shape);
	if (!cgroups)
		return cg_fail(error, EINVAL, "no \"cgroups\"");
	return take_cgroups(cgroups, saved, error);
}

static bool check_container(const struct saved_container *saved, GError **error)
{
	uid_t owner;

	if (saved->id && !container_id_parse(saved->id, &owner))
		return cg_fail(error, EINVAL, "its id is none");
	if (saved->generation == 0)
		return cg_fail(error, EINVAL, "no \"generation\"");
	if (saved->init < 0 || saved->init_start_us > US_MOST || saved->start_us > US_MOST ||
	    saved->boot_offset_us > (int64_t)US_MOST || saved->boot_offset_us < -(int64_t)US_MOST)
		return cg_fail(error, EINVAL, "a process or a moment that cannot be");
	return true;
}

bool saved_container_read(const void *bytes, size_t length, struct saved_container *ret_saved, GError **error)
{
	cg_cleanup(saved_container_clear) struct saved_container saved = { 0 };
	g_autoptr(GVariant) dict = parse(bytes, length, error);

	if (!dict || !take_members(dict, container_members, G_N_ELEMENTS(container_members), &saved, error) ||
	    !take_others(dict, &saved, error) || !check_container(&saved, error))
		return false;
	*ret_saved = saved;
	saved = (struct saved_container){ 0 };
	return true;
}

bool saved_numbers_read(const void *bytes, size_t length, struct saved_numbers *ret_numbers, GError **error)
{
	struct saved_numbers numbers = { 0 };
	g_autoptr(GVariant) dict = parse(bytes, length, error);

	if (!dict || !take_members(dict, numbers_members, G_N_ELEMENTS(numbers_members), &numbers, error))
		return false;
	if (numbers.generation == 0)
		return cg_fail(error, EINVAL, "no \"generation\"");
	if (numbers.last_slot > CONTAINER_MAX_SLOT || numbers.last_unregistered > CONTAINER_MAX_NUMBER)
		return cg_fail(error, EINVAL, "a number beyond the last");
	*ret_numbers = numbers;
	return true;
}
