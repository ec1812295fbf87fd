/* SPDX-License-Identifier: Apache-2.0
 *
 * The things of which there are many: what a "%" in a row's path stands for, one kind of row each (enum row_kind of
 * fs/view/rows.h). Which of them a container sees is in its view, filled with what each_needs() says.
 */
#pragma once

#include "fs/container/gather.h"

/* Rows of this kind have one instance a thing. */
bool each_is(enum row_kind kind);

/* What a view needs (enum view_needs) to tell which instances of the row there are; 0 for a row without "%". */
unsigned each_needs(const struct row *row);

/* Each thing that the row's path names is one that the container sees. */
bool each_is_seen(const struct view *view, const struct row *row, struct gather_index index);

/*
 * Those of the row's own kind that the container sees, below one of the things before it: appended to `ret`, elements
 * of type struct gather_index, in the order of the second number, then of the first.
 */
void each_list(const struct view *view, const Host *host, const struct row *row, struct gather_index parent,
	       GArray *ret);

/* What the "%" of that kind in the row's path stands for; false where it has none. */
bool each_number(const struct row *row, struct gather_index index, enum row_kind kind, unsigned *ret_number);

/* Of a size of huge pages, whose number is its logarithm. */
static inline uint64_t each_page_size(unsigned number)
{
	return UINT64_C(1) << number;
}

/* The row's path with names in the places of "%": as the container sees it, and as the host does; newly allocated. */
char *each_shown_path(const struct view *view, const struct row *row, struct gather_index index);
char *each_host_path(const Host *host, const struct row *row, struct gather_index index);
