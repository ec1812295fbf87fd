/* SPDX-License-Identifier: Apache-2.0
 *
 * What the registry keeps in the store, as bytes and back: a GVariant a{sv} in normal form (GLib's "GVariant Specification").
 * Keys that are not known are passed over, and those that are not there have a default, so that the versions before and after this one
 * understand it; a key never changes its type or its meaning. Pure.
 */
#pragma once

#include "cgroup/group.h"
#include "fs/container/container.h"

#include <glib.h>

/* A container as it was made. Owned: saved_container_clear(). */
struct saved_container {
	char *id; /* NULL: not registered */
	uint32_t generation;
	uint64_t history; /* the number of its history's record */
	bool sampled;
	int32_t init;
	uint64_t init_start_us, start_us;
	bool own_pids, has_boot_offset;
	int64_t boot_offset_us;
	struct container_options options;
	struct cg_paths paths;
	struct cg_identity identity; /* of its cgroups */
};

void saved_container_clear(struct saved_container *saved);

/* Of the registry as a whole. */
struct saved_numbers {
	uint64_t last_slot, last_unregistered; /* given */
	uint32_t generation;                   /* of the tree by caller */
	bool rebuilt;                          /* numbers of before may still be in use, and nobody knows them */
};

/* Newly allocated; the caller unrefs it. Its bytes are g_variant_get_data() and g_variant_get_size(). */
GVariant *saved_container_write(const struct saved_container *saved);
GVariant *saved_numbers_write(const struct saved_numbers *numbers);

/* False with CG_ERROR, EINVAL and what is wrong. The bytes must be aligned as by malloc(3). */
bool saved_container_read(const void *bytes, size_t length, struct saved_container *ret_saved, GError **error);
bool saved_numbers_read(const void *bytes, size_t length, struct saved_numbers *ret_numbers, GError **error);
