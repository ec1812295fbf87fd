/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/hugepages.h"

struct node_share hugepages_amount(const struct cg_hugetlb *hugetlb, uint64_t page_size, uint64_t host_pages)
{
	uint64_t limit = hugetlb->limit.value;
	struct node_share pages = { 0 };

	if (page_size == 0)
		return pages;
	pages.used = hugetlb->usage / page_size;
	pages.total = limit == CG_UNLIMITED ? 0 : MIN(limit / page_size, host_pages);
	pages.total = MAX(pages.total, pages.used);
	pages.free = pages.total - pages.used;
	return pages;
}

struct node_share hugepages_all(const struct view *view)
{
	return hugepages_amount(&view->hugetlb, view->huge.page_size, view->huge.host_pages);
}

struct node_share hugepages_of_node(const struct view *view, unsigned i)
{
	struct node_share all = hugepages_all(view);

	return nodes_share(&view->nodes, i, all.total, all.used, NODES_BY(host_huge), NODES_BY(huge_use));
}
