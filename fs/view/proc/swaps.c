/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/swaps: the header and, with swap, one row whose size and use are
 * meminfo's. The layout is that of swap_show() in the kernel's mm/swapfile.c.
 */
#include "fs/view/memory.h"
#include "fs/view/render.h"

/* A short number gets a second tab, so that the columns stay below their titles. */
static void append_column(GString *text, uint64_t kb)
{
	g_string_append_printf(text, "%" G_GUINT64_FORMAT "\t%s", kb, kb < 10000000 ? "\t" : "");
}

void swaps_render(const struct view *view, GString *text)
{
	uint64_t size = memory_kb(memory_swap_total(view));
	uint64_t used = cg_minus(size, memory_kb(memory_swap_free(view)));

	g_string_append(text, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	if (!size)
		return;
	/* The name is padded to 40 columns; a type shorter than "partition" gets a tab more. */
	g_string_append_printf(text, "%-40svirtual\t\t", "none");
	append_column(text, size);
	append_column(text, used);
	g_string_append(text, "0\n");
}
