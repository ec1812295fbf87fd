/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/meminfo. The kernel's own is fs/proc/meminfo.c; the meaning of its
 * fields is in Documentation/filesystems/proc.rst, that of memory.stat's in
 * Documentation/admin-guide/cgroup-v2.rst. Which fields there are, their order and
 * their columns are the host's; a field that we do not know reads as 0.
 */
#include "fs/view/hugepages.h"
#include "fs/view/memory.h"
#include "fs/view/render.h"
#include "fs/view/text.h"

/* The kernel prints kB as 8 digits from column 16 and counts as 5 from column 19; longer numbers reach further. */
#define KB_COLUMN    16
#define COUNT_COLUMN 19
#define LAST_COLUMN  24

/* A line "Label:   123 kB" taken apart. */
struct parts {
	size_t label;     /* its length, with the colon */
	size_t from, end; /* the columns of the digits */
	uint64_t number;
	bool kb;
};

static size_t label_length(const struct text_line *line)
{
	size_t n = 0;

	while (n < line->length && (g_ascii_isalpha(line->start[n]) ||
				    (n && (g_ascii_isdigit(line->start[n]) || strchr("_()", line->start[n])))))
		n++;
	return n && n < line->length && line->start[n] == ':' ? n + 1 : 0;
}

static bool take_apart(const struct text_line *line, struct parts *ret)
{
	struct text_line rest = text_value(line);
	struct parts parts = { .label = label_length(line), .from = (size_t)(rest.start - line->start) };

	if (!parts.label || !text_take_number(&rest, &parts.number))
		return false;
	parts.end = (size_t)(rest.start - line->start);
	parts.kb = rest.length == 3 && !memcmp(rest.start, " kB", 3);
	if (rest.length && !parts.kb)
		return false;
	*ret = parts;
	return true;
}

/* The line's number on the host; 0 without such a line. */
static uint64_t host_number(const char *host, const char *label)
{
	struct text_line line;
	struct parts parts;

	while (text_next_line(&host, &line)) {
		if (text_has_label(&line, label) && take_apart(&line, &parts))
			return parts.number;
	}
	return 0;
}

/* What the values are computed from. */
struct source {
	const struct view *view;
	uint64_t host; /* the host's number in the line at hand */
};

/* All in the unit of the line: kB, or huge pages. */
typedef uint64_t value_fn(const struct source *source);

static uint64_t total(const struct source *source)
{
	return memory_kb(memory_total(source->view));
}

static uint64_t unused(const struct source *source)
{
	return memory_kb(memory_free(source->view));
}

static uint64_t available(const struct source *source)
{
	return memory_kb(memory_available(source->view));
}

/*
 * memory.stat's file has no swap cache in it, as that is added to the node's
 * count of file pages but not to the cgroup's (mm/swap_state.c), and Buffers are 0,
 * so nothing is to be subtracted. The two counters are not read at one moment:
 * shared memory is part of the cache even when it has just grown.
 */
static uint64_t cached(const struct source *source)
{
	const struct cg_memory_stat *stat = &source->view->memory.stat;

	return memory_kb(MAX(stat->file, stat->shmem));
}

static uint64_t active(const struct source *source)
{
	const struct cg_memory_stat *stat = &source->view->memory.stat;

	return memory_kb(stat->active_anon) + memory_kb(stat->active_file);
}

static uint64_t inactive(const struct source *source)
{
	const struct cg_memory_stat *stat = &source->view->memory.stat;

	return memory_kb(stat->inactive_anon) + memory_kb(stat->inactive_file);
}

/* memory.stat counts slabs by the object; the kernel's own meminfo, and so vmstat, count pages. */
static uint64_t whole_pages(const struct source *source, uint64_t bytes)
{
	return memory_pages_kb(source->view, memory_pages(source->view, bytes));
}

static uint64_t reclaimable(const struct source *source)
{
	return whole_pages(source, source->view->memory.stat.slab_reclaimable);
}

static uint64_t unreclaimable(const struct source *source)
{
	return whole_pages(source, source->view->memory.stat.slab_unreclaimable);
}

static uint64_t slab(const struct source *source)
{
	return reclaimable(source) + unreclaimable(source);
}

static uint64_t swap_total(const struct source *source)
{
	return memory_kb(memory_swap_total(source->view));
}

static uint64_t swap_free(const struct source *source)
{
	return memory_kb(memory_swap_free(source->view));
}

static uint64_t committed(const struct source *source)
{
	const struct cg_memory_stat *stat = &source->view->memory.stat;

	return memory_kb(stat->anon) + memory_kb(stat->shmem);
}

static uint64_t page_kb(const struct source *source)
{
	return host_number(source->view->host, "Hugepagesize:");
}

/* The host's pool is looked for only by those that have huge pages: few do. */
static struct node_share huge_pages(const struct source *source)
{
	const struct cg_hugetlb *hugetlb = &source->view->hugetlb;
	uint64_t kb;

	if (!hugetlb->usage && hugetlb->limit.value == CG_UNLIMITED)
		return (struct node_share){ 0 };
	kb = MIN(page_kb(source), UINT64_MAX >> 10);
	return hugepages_amount(hugetlb, kb << 10, host_number(source->view->host, "HugePages_Total:"));
}

static uint64_t pages_total(const struct source *source)
{
	return huge_pages(source).total;
}

static uint64_t pages_free(const struct source *source)
{
	return huge_pages(source).free;
}

static uint64_t hugetlb(const struct source *source)
{
	uint64_t pages = pages_total(source), kb;

	return !pages || __builtin_mul_overflow(pages, page_kb(source), &kb) ? 0 : kb;
}

/* vm_commit_limit() of mm/util.c with the kernel's default overcommit_ratio, 50 %; it counts in pages. */
static uint64_t commit_limit(const struct source *source)
{
	uint64_t half = cg_minus(total(source), hugetlb(source)) / 2;

	return (half & ~UINT64_C(3)) + swap_total(source);
}

/* A constant of the kernel, the same for everyone. */
static uint64_t kept(const struct source *source)
{
	return source->host;
}

struct field {
	const char *label;
	value_fn *value; /* NULL: memory.stat's member at `stat` */
	size_t stat;
};

#define STAT(member) .stat = offsetof(struct cg_memory_stat, member)

/* In the kernel's order, so that the next line is found at the first look. Any other label is 0. */
static const struct field fields[] = {
	{ "MemTotal:", .value = total },
	{ "MemFree:", .value = unused },
	{ "MemAvailable:", .value = available },
	{ "Cached:", .value = cached },
	{ "SwapCached:", STAT(swapcached) },
	{ "Active:", .value = active },
	{ "Inactive:", .value = inactive },
	{ "Active(anon):", STAT(active_anon) },
	{ "Inactive(anon):", STAT(inactive_anon) },
	{ "Active(file):", STAT(active_file) },
	{ "Inactive(file):", STAT(inactive_file) },
	{ "Unevictable:", STAT(unevictable) },
	{ "SwapTotal:", .value = swap_total },
	{ "SwapFree:", .value = swap_free },
	{ "Zswap:", STAT(zswap) },
	{ "Zswapped:", STAT(zswapped) },
	{ "Dirty:", STAT(file_dirty) },
	{ "Writeback:", STAT(file_writeback) },
	{ "AnonPages:", STAT(anon) },
	{ "Mapped:", STAT(file_mapped) },
	{ "Shmem:", STAT(shmem) },
	{ "KReclaimable:", .value = reclaimable },
	{ "Slab:", .value = slab },
	{ "SReclaimable:", .value = reclaimable },
	{ "SUnreclaim:", .value = unreclaimable },
	{ "KernelStack:", STAT(kernel_stack) },
	{ "PageTables:", STAT(pagetables) },
	{ "SecPageTables:", STAT(sec_pagetables) },
	{ "CommitLimit:", .value = commit_limit },
	{ "Committed_AS:", .value = committed },
	{ "VmallocTotal:", .value = kept },
	{ "Percpu:", STAT(percpu) },
	{ "AnonHugePages:", STAT(anon_thp) },
	{ "ShmemHugePages:", STAT(shmem_thp) },
	{ "FileHugePages:", STAT(file_thp) },
	{ "HugePages_Total:", .value = pages_total },
	{ "HugePages_Free:", .value = pages_free },
	{ "Hugepagesize:", .value = kept },
	{ "Hugetlb:", .value = hugetlb },
};

static uint64_t value_of(const struct source *source, const struct field *field)
{
	const char *stat = (const char *)&source->view->memory.stat;

	if (field->value)
		return field->value(source);
	return memory_kb(*(const uint64_t *)(const void *)(stat + field->stat));
}

/* The line's field, looked for from *next on; NULL where there is none. */
static const struct field *find(const struct text_line *line, size_t *next)
{
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		size_t at = (*next + i) % G_N_ELEMENTS(fields);

		if (text_has_label(line, fields[at].label)) {
			*next = (at + 1) % G_N_ELEMENTS(fields);
			return &fields[at];
		}
	}
	return NULL;
}

/* The host's number may be longer than its columns; ours goes where the kernel would put it. */
static void append(GString *text, const struct text_line *line, const struct parts *parts, uint64_t value)
{
	size_t end = MIN(parts->end, MAX(LAST_COLUMN, parts->label + 2));
	size_t from = MIN(MAX(parts->kb ? KB_COLUMN : COUNT_COLUMN, parts->label), parts->from);

	g_string_append_len(text, line->start, (gssize)from);
	text_append_number(text, value, cg_minus(end, from));
	g_string_append(text, parts->kb ? " kB\n" : "\n");
}

void meminfo_render(const struct view *view, GString *text)
{
	struct source source = { .view = view };
	const char *cursor = view->host;
	struct text_line line;
	size_t next = 0;

	while (text_next_line(&cursor, &line)) {
		const struct field *field;
		struct parts parts;

		if (!take_apart(&line, &parts))
			continue;
		field = find(&line, &next);
		source.host = parts.number;
		append(text, &line, &parts, field ? value_of(&source, field) : 0);
	}
}
