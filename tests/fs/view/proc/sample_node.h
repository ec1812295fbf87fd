/* SPDX-License-Identifier: Apache-2.0
 *
 * A view for what is shown by zone: node 1 alone, with 2048 pages of which 1003 are free.
 */
#pragma once

#include "tests/fs/view/sample.h"

#define PAGE UINT64_C(4096)

static inline struct view sample_node(struct view_node *each, const char *host)
{
	struct view view = sample_unlimited(9999 * PAGE);

	*each = (struct view_node){ .number = 1, .host_memory = 5000 * PAGE };
	view.memory.limit.value = 2048 * PAGE;
	view.memory.headroom.value = 1003 * PAGE;
	view.memory.usage = 1045 * PAGE;
	view.cpus = sample_cpus("1,3", 8, false);
	view.nodes = (struct view_nodes){ .visible = sample_mask("1"), .n = 1, .each = each };
	view.host = host;
	return view;
}
