/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/pages.h"

#include "fs/view/memory.h"
#include "fs/view/nodes.h"

#include <string.h>

struct pages_scope pages_own_node(const struct view *view)
{
	return (struct pages_scope){ .view = view, .one_node = view->nodes.each != NULL, .node = nodes_own(view) };
}

/* The scope's part of what the whole container has. */
static uint64_t part(const struct pages_scope *scope, uint64_t amount, size_t by)
{
	return scope->one_node ? nodes_part(&scope->view->nodes, scope->node, amount, by) : amount;
}

static uint64_t bytes_of(const struct pages_scope *scope, size_t member)
{
	uint64_t bytes;

	memcpy(&bytes, (const char *)&scope->view->memory.stat + member, sizeof(bytes));
	return bytes;
}

uint64_t pages_stat(const struct pages_scope *scope, size_t member)
{
	return part(scope, memory_pages(scope->view, bytes_of(scope, member)), NODES_BY(use.stat) + member);
}

uint64_t pages_stat_kb(const struct pages_scope *scope, size_t member)
{
	return part(scope, memory_kb(bytes_of(scope, member)), NODES_BY(use.stat) + member);
}

uint64_t pages_stat_huge(const struct pages_scope *scope, size_t member)
{
	uint64_t pages = memory_pages(scope->view, bytes_of(scope, member));

	return part(scope, pages / pages_in_huge(scope->view), NODES_BY(use.stat) + member);
}

/* As many as entries of 8 bytes fit into a page: so on x86, arm64, riscv and loongarch. */
uint64_t pages_in_huge(const struct view *view)
{
	return memory_pages_kb(view, 1) * 1024 / 8;
}

uint64_t pages_total(const struct pages_scope *scope)
{
	if (scope->one_node)
		return nodes_memory(scope->view, scope->node).total;
	return memory_pages(scope->view, memory_total(scope->view));
}

uint64_t pages_free(const struct pages_scope *scope)
{
	if (scope->one_node)
		return nodes_memory(scope->view, scope->node).free;
	return memory_pages(scope->view, memory_free(scope->view));
}

uint64_t pages_cache(const struct pages_scope *scope)
{
	const struct cg_memory_stat *stat = &scope->view->memory.stat;

	return part(scope, memory_pages(scope->view, MAX(stat->file, stat->shmem)), NODES_BY_STAT(file));
}

uint64_t pages_hugetlb(const struct pages_scope *scope)
{
	return part(scope, memory_pages(scope->view, scope->view->hugetlb.usage), NODES_BY(huge_use));
}
