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

/* Lengths are compared first: a file has two hundred names, and most differ in that. */
#define NAME(text) .name = text, .length = sizeof(text) - 1

struct line {
	const char *name;
	size_t length;
	value_fn *value; /* NULL: `stat` of the member */
	stat_fn *stat;
	size_t member;
};

#define PAGES(member_) .stat = pages_stat, .member = offsetof(struct cg_memory_stat, member_)
#define HUGE(member_)  .stat = pages_stat_huge, .member = offsetof(struct cg_memory_stat, member_)
#define KB(member_)    .stat = pages_stat_kb, .member = offsetof(struct cg_memory_stat, member_)

/* In the order of the kernel's vmstat_text[] (mm/vmstat.c), so that the next line is found at the first look. Any other line is 0. */
static const struct line lines[] = {
	{ NAME("nr_free_pages"), .value = pages_free },
	{ NAME("nr_zone_inactive_anon"), PAGES(inactive_anon) },
	{ NAME("nr_zone_active_anon"), PAGES(active_anon) },
	{ NAME("nr_zone_inactive_file"), PAGES(inactive_file) },
	{ NAME("nr_zone_active_file"), PAGES(active_file) },
	{ NAME("nr_zone_unevictable"), PAGES(unevictable) },
	{ NAME("nr_zone_write_pending"), .value = write_pending },
	{ NAME("nr_inactive_anon"), PAGES(inactive_anon) },
	{ NAME("nr_active_anon"), PAGES(active_anon) },
	{ NAME("nr_inactive_file"), PAGES(inactive_file) },
	{ NAME("nr_active_file"), PAGES(active_file) },
	{ NAME("nr_unevictable"), PAGES(unevictable) },
	{ NAME("nr_slab_reclaimable"), PAGES(slab_reclaimable) },
	{ NAME("nr_slab_unreclaimable"), PAGES(slab_unreclaimable) },
	{ NAME("nr_anon_pages"), PAGES(anon) },
	{ NAME("nr_mapped"), PAGES(file_mapped) },
	{ NAME("nr_file_pages"), .value = file_pages },
	{ NAME("nr_dirty"), PAGES(file_dirty) },
	{ NAME("nr_writeback"), PAGES(file_writeback) },
	{ NAME("nr_shmem"), PAGES(shmem) },
	{ NAME("nr_shmem_hugepages"), HUGE(shmem_thp) },
	{ NAME("nr_file_hugepages"), HUGE(file_thp) },
	{ NAME("nr_anon_transparent_hugepages"), HUGE(anon_thp) },
	{ NAME("nr_kernel_stack"), KB(kernel_stack) },
	{ NAME("nr_page_table_pages"), PAGES(pagetables) },
	{ NAME("nr_sec_page_table_pages"), PAGES(sec_pagetables) },
	{ NAME("nr_swapcached"), PAGES(swapcached) },
	{ NAME("nr_hugetlb"), .value = pages_hugetlb },
};

struct event {
	const char *name;
	size_t length, offset;
};

/* clang-format off */
#define MEMORY_EVENT(name) { #name, sizeof(#name) - 1, offsetof(struct view_events, memory.name) },

/* Of the whole container alone. */
static const struct event events[] = {
	CG_MEMORY_EVENTS(MEMORY_EVENT)
	MEMORY_EVENT(oom_kill)
};
/* clang-format on */

/* All block I/O in kB, which the kernel counts when it is submitted (PGPGIN in submit_bio() of block/blk-core.c). */
static const struct event io_kb[] = {
	{ NAME("pgpgin"), .offset = offsetof(struct view_events, read_bytes) },
	{ NAME("pgpgout"), .offset = offsetof(struct view_events, written_bytes) },
};

static bool is_name(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!g_ascii_isalnum(name[i]) && name[i] != '_')
			return false;
	}
	return length > 0;
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
		if (io_kb[i].length == length && !memcmp(io_kb[i].name, start, length))
			return memory_kb(event_at(view, &io_kb[i]));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(events); i++) {
		if (events[i].length == length && !memcmp(events[i].name, start, length))
			return event_at(view, &events[i]);
	}
	return 0;
}

/* Looked for from *next on. */
static uint64_t value_of(const struct pages_scope *scope, const char *start, size_t length, size_t *next)
{
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		const struct line *line = &lines[(*next + i) % G_N_ELEMENTS(lines)];

		if (line->length != length || memcmp(line->name, start, length) != 0)
			continue;
		*next += i + 1;
		return line->value ? line->value(scope) : line->stat(scope, line->member);
	}
	return scope->one_node ? 0 : event_of(scope->view, start, length);
}

uint64_t pages_vmstat(const struct pages_scope *scope, const char *name, size_t length)
{
	size_t next = 0;

	return value_of(scope, name, length, &next);
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
