/* SPDX-License-Identifier: Apache-2.0
 *
 * From a container and a row to a text: looks, fills a view, has it rendered.
 * The only place that decides when a host's figure may be shown instead.
 */
#pragma once

#include "fs/container/container.h"
#include "fs/container/registry.h"
#include "fs/view/rows.h"

/* Which instance of a row below cpu% and index%: the physical number of the CPU, and the cache. */
struct gather_index {
	unsigned cpu, cache;
};

/* What the row shows is the same for everyone: no container is needed for it. */
bool gather_is_constant(const struct row *row);

/*
 * The file's text at this moment, newly allocated; NULL with CG_ERROR (ENOENT for a CPU that is not visible).
 * `container` may be NULL for a constant row.
 */
GString *gather_text(Registry *registry, Container *container, const struct row *row, struct gather_index index,
		     GError **error);

/* The CPUs that a container sees now. */
bool gather_cpus(Registry *registry, Container *container, struct view_cpus *ret_cpus, GError **error);

/*
 * The row exists: its host file does where it has one, its CPU is visible, its
 * cache is there. `cpus` may be NULL for a row that is not below cpu%.
 */
bool gather_exists(const Host *host, const struct view_cpus *cpus, const struct row *row, struct gather_index index);
