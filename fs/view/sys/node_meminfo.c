/* SPDX-License-Identifier: Apache-2.0
 *
 * nodeN/meminfo: "Node 0 MemTotal:       10315988 kB"; the kernel's is node_read_meminfo() of drivers/base/node.c.
 * Lines, order and columns are the host's, as in /proc/meminfo; a field that we do not know reads as 0. The nodes'
 * fields add up to those of /proc/meminfo.
 */
#include "fs/view/hugepages.h"
#include "fs/view/memory.h"
#include "fs/view/pages.h"
#include "fs/view/render.h"
#include "fs/view/text.h"

#include <string.h>

/* The kernel prints kB as 8 digits, counts of huge pages as 5. */
enum { KB_DIGITS = 8, COUNT_DIGITS = 5 };

/* In pages. */
typedef uint64_t value_fn(const struct pages_scope *scope);

static uint64_t used(const struct pages_scope *scope)
{
	return cg_minus(pages_total(scope), pages_free(scope));
}

static uint64_t active(const struct pages_scope *scope)
{
	return PAGES_STAT(scope, active_anon) + PAGES_STAT(scope, active_file);
}

static uint64_t inactive(const struct pages_scope *scope)
{
	return PAGES_STAT(scope, inactive_anon) + PAGES_STAT(scope, inactive_file);
}

static uint64_t file_pages(const struct pages_scope *scope)
{
	return pages_cache(scope) + PAGES_STAT(scope, swapcached);
}

static uint64_t slab(const struct pages_scope *scope)
{
	return PAGES_STAT(scope, slab_reclaimable) + PAGES_STAT(scope, slab_unreclaimable);
}

/* In kB. */
static uint64_t kernel_stack(const struct pages_scope *scope)
{
	return pages_stat_kb(scope, offsetof(struct cg_memory_stat, kernel_stack));
}

/* In huge pages. */
static uint64_t huge_total(const struct pages_scope *scope)
{
	return scope->one_node ? hugepages_of_node(scope->view, scope->node).total : 0;
}

static uint64_t huge_free(const struct pages_scope *scope)
{
	return scope->one_node ? hugepages_of_node(scope->view, scope->node).free : 0;
}

enum unit { PAGES, THP, PLAIN };

struct field {
	const char *label;
	enum unit unit;
	value_fn *value; /* NULL: memory.stat's member */
	size_t member;
};

#define STAT(member_) .member = offsetof(struct cg_memory_stat, member_)

/* In the kernel's order. Any other label is 0. */
static const struct field fields[] = {
	{ "MemTotal:", .value = pages_total },
	{ "MemFree:", .value = pages_free },
	{ "MemUsed:", .value = used },
	{ "SwapCached:", STAT(swapcached) },
	{ "Active:", .value = active },
	{ "Inactive:", .value = inactive },
	{ "Active(anon):", STAT(active_anon) },
	{ "Inactive(anon):", STAT(inactive_anon) },
	{ "Active(file):", STAT(active_file) },
	{ "Inactive(file):", STAT(inactive_file) },
	{ "Unevictable:", STAT(unevictable) },
	{ "Dirty:", STAT(file_dirty) },
	{ "Writeback:", STAT(file_writeback) },
	{ "FilePages:", .value = file_pages },
	{ "Mapped:", STAT(file_mapped) },
	{ "AnonPages:", STAT(anon) },
	{ "Shmem:", STAT(shmem) },
	{ "KernelStack:", PLAIN, .value = kernel_stack },
	{ "PageTables:", STAT(pagetables) },
	{ "SecPageTables:", STAT(sec_pagetables) },
	{ "KReclaimable:", STAT(slab_reclaimable) },
	{ "Slab:", .value = slab },
	{ "SReclaimable:", STAT(slab_reclaimable) },
	{ "SUnreclaim:", STAT(slab_unreclaimable) },
	{ "AnonHugePages:", THP, STAT(anon_thp) },
	{ "ShmemHugePages:", THP, STAT(shmem_thp) },
	{ "FileHugePages:", THP, STAT(file_thp) },
	{ "HugePages_Total:", PLAIN, .value = huge_total },
	{ "HugePages_Free:", PLAIN, .value = huge_free },
};

static uint64_t value_of(const struct pages_scope *scope, const struct text_line *label)
{
	const struct field *field = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(fields) && !field; i++)
		field = text_has_label(label, fields[i].label) ? &fields[i] : NULL;
	if (!field)
		return 0;
	switch (field->unit) {
	case PAGES:
		return memory_pages_kb(scope->view,
				       field->value ? field->value(scope) : pages_stat(scope, field->member));
	case THP:
		return memory_pages_kb(scope->view, pages_stat_huge(scope, field->member) * pages_in_huge(scope->view));
	case PLAIN:
		return field->value(scope);
	}
	return 0;
}

/* Takes "Node 0 " apart from what follows: the label, up to its colon. */
static bool take_label(const struct text_line *line, struct text_line *ret_label)
{
	struct text_line rest = { line->start + strlen("Node "), cg_minus(line->length, strlen("Node ")) };
	uint64_t number;

	if (line->length < strlen("Node ") || memcmp(line->start, "Node ", strlen("Node ")) != 0 ||
	    !text_take_number(&rest, &number) || rest.length < 2 || *rest.start != ' ')
		return false;
	*ret_label = (struct text_line){ rest.start + 1, rest.length - 1 };
	return g_ascii_isalpha(*ret_label->start) && memchr(ret_label->start, ':', ret_label->length);
}

static bool is_label(char c)
{
	return g_ascii_isalnum(c) || (c && strchr("_()", c));
}

static void append(const struct pages_scope *scope, const struct text_line *label, GString *text)
{
	struct text_line rest = text_value(label);
	size_t length = 0, digits, end;
	uint64_t host;
	bool kb;

	while (length < label->length && is_label(label->start[length]))
		length++;
	if (length++ == label->length || label->start[length - 1] != ':' || !text_take_number(&rest, &host))
		return;
	end = (size_t)(rest.start - label->start);
	kb = rest.length == 3 && !memcmp(rest.start, " kB", 3);
	digits = MIN(kb ? KB_DIGITS : COUNT_DIGITS, end - length);
	g_string_append_printf(text, "Node %u %-*.*s", scope->view->node, (int)(MIN(end, 40) - digits), (int)length,
			       label->start);
	text_append_number(text, value_of(scope, label), digits);
	g_string_append(text, kb ? " kB\n" : "\n");
}

void node_meminfo_render(const struct view *view, GString *text)
{
	struct pages_scope scope = pages_own_node(view);
	const char *cursor = view->host;
	struct text_line line, label;

	while (text_next_line(&cursor, &line)) {
		if (take_label(&line, &label))
			append(&scope, &label, text);
	}
}
