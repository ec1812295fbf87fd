/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of /sys/kernel/mm/hugepages/hugepages-%kB, and of the directory of that name that each memory node has
 * (Documentation/ABI/testing/sysfs-kernel-mm-hugepages, mm/hugetlb_sysfs.c). A container's pages are neither reserved nor surplus:
 * the hugetlb controller does not tell.
 */
#include "fs/view/hugepages.h"
#include "fs/view/render.h"
#include "fs/view/text.h"

static void append(GString *text, uint64_t pages)
{
	text_append_number(text, pages, 0);
	g_string_append_c(text, '\n');
}

static struct node_share of_node(const struct view *view)
{
	return view->nodes.each ? hugepages_of_node(view, nodes_own(view)) : (struct node_share){ 0 };
}

void hugepages_total_render(const struct view *view, GString *text)
{
	append(text, hugepages_all(view).total);
}

void hugepages_free_render(const struct view *view, GString *text)
{
	append(text, hugepages_all(view).free);
}

void hugepages_node_total_render(const struct view *view, GString *text)
{
	append(text, of_node(view).total);
}

void hugepages_node_free_render(const struct view *view, GString *text)
{
	append(text, of_node(view).free);
}
