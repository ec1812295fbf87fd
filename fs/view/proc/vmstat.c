/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/vmstat (the kernel's mm/vmstat.c) and each node's vmstat and numastat (drivers/base/node.c), which have a part of its lines.
 * Which lines there are and their order are the host's. What pages are used for, and the events that
 * memory.stat counts, are the container's; what no cgroup counts is 0. Two units are not pages: kernel stacks are in
 * kB (NR_KERNEL_STACK_KB), huge page counters in huge pages (vmstat_item_print_in_thp()).
 */
#include "fs/view/memory.h"
#include "fs/view/pages.h"
#include "fs/view/render.h"
#include "fs/view/text.h"

#include <string.h>

typedef uint64_t value_fn(const struct pages_scope *scope);

/* NR_FILE_PAGES has the swap cache in it. */
static uint64_t file_pages(const struct pages_scope *scope)
{
	return pages_cache(scope) + PAGES_STAT(scope, swapcached);
}

static uint64_t write_pending(const struct pages_scope *scope)
{
	return PAGES_STAT(scope, file_dirty) + PAGES_STAT(scope, file_writeback);
}

/* How a line's number is made of a member of memory.stat. */
typedef uint64_t stat_fn(const struct pages_scope *scope, size_t member);

struct line {
	const char *name;
	value_fn *value; /* NULL: `stat` of the member */
	stat_fn *stat;
	size_t member;
};

#define PAGES(name, member_)                                                     \
	{                                                                        \
		name, NULL, pages_stat, offsetof(struct cg_memory_stat, member_) \
	}
#define HUGE(name, member_)                                                           \
	{                                                                             \
		name, NULL, pages_stat_huge, offsetof(struct cg_memory_stat, member_) \
	}
#define KB(name, member_)                                                           \
	{                                                                           \
		name, NULL, pages_stat_kb, offsetof(struct cg_memory_stat, member_) \
	}
#define VALUE(name, value_)           \
	{                             \
		name, value_, NULL, 0 \
	}

/* In the order of the kernel's vmstat_text[] (mm/vmstat.c), so that the next line is found at the first look. Any other line is 0. */
static const struct line lines[] = {
	VALUE("nr_free_pages", pages_free),
	PAGES("nr_zone_inactive_anon", inactive_anon),
	PAGES("nr_zone_active_anon", active_anon),
	PAGES("nr_zone_inactive_file", inactive_file),
	PAGES("nr_zone_active_file", active_file),
	PAGES("nr_zone_unevictable", unevictable),
	VALUE("nr_zone_write_pending", write_pending),
	PAGES("nr_inactive_anon", inactive_anon),
	PAGES("nr_active_anon", active_anon),
	PAGES("nr_inactive_file", inactive_file),
	PAGES("nr_active_file", active_file),
	PAGES("nr_unevictable", unevictable),
	PAGES("nr_slab_reclaimable", slab_reclaimable),
	PAGES("nr_slab_unreclaimable", slab_unreclaimable),
	PAGES("nr_anon_pages", anon),
	PAGES("nr_mapped", file_mapped),
	VALUE("nr_file_pages", file_pages),
	PAGES("nr_dirty", file_dirty),
	PAGES("nr_writeback", file_writeback),
	PAGES("nr_shmem", shmem),
	HUGE("nr_shmem_hugepages", shmem_thp),
	HUGE("nr_file_hugepages", file_thp),
	HUGE("nr_anon_transparent_hugepages", anon_thp),
	KB("nr_kernel_stack", kernel_stack),
	PAGES("nr_page_table_pages", pagetables),
	PAGES("nr_sec_page_table_pages", sec_pagetables),
	PAGES("nr_swapcached", swapcached),
	VALUE("nr_hugetlb", pages_hugetlb),
};

struct event {
	const char *name;
	size_t offset;
};

/* clang-format off */
#define MEMORY_EVENT(name) { #name, offsetof(struct view_events, memory.name) },

/* Of the whole container alone. */
static const struct event events[] = {
	CG_MEMORY_EVENTS(MEMORY_EVENT)
	MEMORY_EVENT(oom_kill)
};
/* clang-format on */

/* All block I/O in kB, which the kernel counts when it is submitted (PGPGIN in submit_bio() of block/blk-core.c). */
static const struct event io_kb[] = {
	{ "pgpgin", offsetof(struct view_events, read_bytes) },
	{ "pgpgout", offsetof(struct view_events, written_bytes) },
};

static bool is_name(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!g_ascii_isalnum(name[i]) && name[i] != '_')
			return false;
	}
	return length > 0;
}

static bool is_called(const char *name, const char *start, size_t length)
{
	return !strncmp(name, start, length) && !name[length];
}

static uint64_t event_at(const struct view *view, const struct event *event)
{
	uint64_t number;

	memcpy(&number, (const char *)&view->events + event->offset, sizeof(number));
	return number;
}

/* Their order differs from kernel to kernel. */
static uint64_t event_of(const struct view *view, const char *start, size_t length)
{
	for (size_t i = 0; i < G_N_ELEMENTS(io_kb); i++) {
		if (is_called(io_kb[i].name, start, length))
			return memory_kb(event_at(view, &io_kb[i]));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(events); i++) {
		if (is_called(events[i].name, start, length))
			return event_at(view, &events[i]);
	}
	return 0;
}

/* Looked for from *next on. */
static uint64_t value_of(const struct pages_scope *scope, const char *start, size_t length, size_t *next)
{
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		const struct line *line = &lines[(*next + i) % G_N_ELEMENTS(lines)];

		if (!is_called(line->name, start, length))
			continue;
		*next += i + 1;
		return line->value ? line->value(scope) : line->stat(scope, line->member);
	}
	return scope->one_node ? 0 : event_of(scope->view, start, length);
}

static void render(const struct pages_scope *scope, GString *text)
{
	const char *cursor = scope->view->host;
	struct text_line line;
	size_t next = 0;

	while (text_next_line(&cursor, &line)) {
		const char *blank = memchr(line.start, ' ', line.length);
		size_t length = blank ? (size_t)(blank - line.start) : 0;

		if (!is_name(line.start, length))
			continue;
		g_string_append_len(text, line.start, (gssize)length + 1);
		text_append_number(text, value_of(scope, line.start, length, &next), 0);
		g_string_append_c(text, '\n');
	}
}

void vmstat_render(const struct view *view, GString *text)
{
	struct pages_scope scope = { .view = view };

	render(&scope, text);
}

void node_vmstat_render(const struct view *view, GString *text)
{
	struct pages_scope scope = pages_own_node(view);

	render(&scope, text);
}
