/* SPDX-License-Identifier: Apache-2.0
 *
 * A container's preallocated huge pages of one size (Documentation/admin-guide/mm/hugetlbpage.rst). The total is the limit of the
 * hugetlb controller, but not more than the host's pool, and at least what is used. Without a limit it is
 * only what is used: "no limit" and "no hugetlb controller" look the same here, and a pool that is not the container's to
 * count on is not promised to it. Pure.
 */
#pragma once

#include "fs/view/nodes.h"

/* In pages of that size; total = used + free. All 0 for a size of 0. */
struct node_share hugepages_amount(const struct cg_hugetlb *hugetlb, uint64_t page_size, uint64_t host_pages);

/* Of the view's size, in the whole container; and the part of nodes.each[i], as hugetlb's numa_stat and the host's pools have it. */
struct node_share hugepages_all(const struct view *view);
struct node_share hugepages_of_node(const struct view *view, unsigned i);
