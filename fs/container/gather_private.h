/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to gather.c, gather_*.c, each.c and entries.c: one look at a container and its host.
 */
#pragma once

#include "fs/container/gather.h"

/* What is looked at for one text: where from, for whom, and what was found. */
struct look {
	Registry *registry;
	const Host *host;
	Container *container; /* NULL: nothing of one is needed */
	CgGroup *group;
	const struct row *row;
	struct gather_index index;
	uint64_t now_us;
	struct cg_cpu cpu; /* filled with the CPU view */
	struct view view;
	char *host_text;
	struct view_ticks *each;
	struct view_node *nodes;
	struct view_disk *disks;
};

bool look_begin(struct look *look, Registry *registry, Container *container, GError **error);
void look_clear(struct look *look);

/* Fills what the view needs (enum view_needs), and what that implies; what is there already is looked at again. */
bool look_at(struct look *look, unsigned needs, GError **error);

/* ---- gather_memory.c ---- */

bool look_memory(struct look *look, GError **error);
bool look_events(struct look *look, GError **error);

/* ---- gather_nodes.c ---- */

bool look_nodes(struct look *look, GError **error);
bool look_numa(struct look *look, GError **error);
/* ---- gather_io.c ---- */
bool look_io(struct look *look, GError **error);
bool look_pressure(struct look *look, GError **error);
bool look_huge(struct look *look, GError **error);
