/* SPDX-License-Identifier: Apache-2.0
 *
 * From a container and a row to a text: looks, fills a view, has it rendered.
 * The only place that decides when a host's figure may be shown instead.
 */
#pragma once

#include "fs/container/container.h"
#include "fs/container/registry.h"
#include "fs/view/rows.h"

/* Which instance of a row: what the first and the second "%" of its path stand for (each.h). */
struct gather_index {
	unsigned first, second;
};

/* They are part of inode numbers (fs/serve/node.h). */
#define GATHER_MOST_FIRST  16383
#define GATHER_MOST_SECOND 4095

/* What is needed (enum view_needs), and what that implies. */
unsigned gather_needs(unsigned needs);

/* What the row shows is the same for everyone: no container is needed for it. */
bool gather_is_constant(const struct row *row);

/*
 * The file's text at this moment, newly allocated; NULL with CG_ERROR (ENOENT for an instance that the container does not see).
 * `container` may be NULL for a constant row. Of a list of processes: as somebody reads it who sees none (cgroup_tree.h).
 */
GString *gather_text(Registry *registry, Container *container, const struct row *row, struct gather_index index,
		     GError **error);
