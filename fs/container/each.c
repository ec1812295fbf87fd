/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/each.h"

#include "cgroup/cpulist.h"
#include "fs/container/each_private.h"
#include "fs/view/cpus.h"
#include "fs/view/memory.h"

#include <string.h>

/* More caches than any CPU has; the kernel numbers them without gaps. */
#define MAX_CACHES 64

/* The levels of a path at which there are many. */
#define MOST_PLACES 2

struct each {
	/* NULL: all that the host has are seen, and rows below have host files that tell whether there is one. */
	bool (*is_seen)(const struct view *view, unsigned number);
	void (*list)(const struct view *view, const Host *host, const struct row *row, struct gather_index parent,
		     GArray *ret);
	unsigned (*shown)(const struct view *view, unsigned number); /* NULL: the same number */
	/* Where it is not a number: its name appended, and its directory on the host, NULL where there is none. */
	void (*append_name)(const struct view *view, unsigned number, GString *path);
	char *(*host_path)(const Host *host, unsigned number);
	unsigned (*host)(unsigned number); /* what the host's path says; NULL: the same number */
	bool both;                         /* its number is made of both of an index's: each_device_number() */
};

static unsigned places_of(const struct row *row, const struct row *ret[MOST_PLACES]);

static bool cpu_is_seen(const struct view *view, unsigned cpu)
{
	return cg_cpumask_has(&view->cpus.visible, cpu);
}

static void list_cpus(const struct view *view, const Host *host, const struct row *row, struct gather_index parent,
		      GArray *ret)
{
	(void)host;
	(void)row;
	(void)parent;
	cg_cpumask_foreach (cpu, &view->cpus.visible) {
		struct gather_index index = { .first = cpu };

		g_array_append_val(ret, index);
	}
}

static unsigned shown_cpu(const struct view *view, unsigned cpu)
{
	return view_cpus_shown(&view->cpus, cpu);
}

static void list_caches(const struct view *view, const Host *host, const struct row *row, struct gather_index parent,
			GArray *ret)
{
	(void)view;
	for (unsigned cache = 0; cache < MAX_CACHES; cache++) {
		struct gather_index index = { parent.first, cache };
		g_autofree char *path = each_host_path(host, row, index);

		if (!host_exists(host, path))
			return;
		g_array_append_val(ret, index);
	}
}

/* ---- blocks of memory ---- */

static bool block_is_seen(const struct view *view, unsigned block)
{
	return block < memory_blocks(view);
}

static void list_blocks(const struct view *view, const Host *host, const struct row *row, struct gather_index parent,
			GArray *ret)
{
	(void)host;
	(void)row;
	(void)parent;
	for (unsigned block = 0; block < memory_blocks(view); block++) {
		struct gather_index index = { .first = block };

		g_array_append_val(ret, index);
	}
}

/* ---- memory nodes ---- */

static bool node_is_seen(const struct view *view, unsigned node)
{
	return cg_cpumask_has(&view->nodes.visible, node);
}

static void list_nodes(const struct view *view, const Host *host, const struct row *row, struct gather_index parent,
		       GArray *ret)
{
	(void)host;
	(void)row;
	(void)parent;
	cg_cpumask_foreach (node, &view->nodes.visible) {
		struct gather_index index = { .first = node };

		g_array_append_val(ret, index);
	}
}

/* Of no node where the kernel knows of none. */
static bool is_in_node(const Host *host, unsigned node, unsigned cpu, bool *known)
{
	g_autofree char *path = g_strdup_printf("/sys/devices/system/node/node%u/cpulist", node);
	g_autofree char *text = host_read(host, path, NULL);
	struct cg_cpumask cpus;

	if (!text || !cg_cpulist_parse(text, path, &cpus, NULL))
		return false;
	*known = true;
	return cg_cpumask_has(&cpus, cpu);
}

/* As the nodes' lists of CPUs have it (nodes_settle_cpus()): one whose own node is not visible is in the first one. */
static void list_home(const struct view *view, const Host *host, const struct row *row, struct gather_index parent,
		      GArray *ret)
{
	struct gather_index index = { parent.first, cg_cpumask_next(&view->nodes.visible, 0) };
	bool known = false;

	(void)row;
	cg_cpumask_foreach (node, &view->nodes.visible) {
		if (is_in_node(host, node, parent.first, &known)) {
			index.second = node;
			break;
		}
	}
	if (known)
		g_array_append_val(ret, index);
}

/* ---- sizes of huge pages ---- */

/* In kB; no size has less than one or more than 32 bits of them. */
static unsigned size_kb(unsigned number)
{
	return number >= 10 && number < 42 ? 1u << (number - 10) : 0;
}

static unsigned shown_size(const struct view *view, unsigned number)
{
	(void)view;
	return size_kb(number);
}

/* The second number where a node is the first one. */
static void add_size(GArray *ret, const struct row *row, struct gather_index parent, unsigned number)
{
	const struct row *places[MOST_PLACES];
	struct gather_index index = { .first = number };

	if (places_of(row, places) > 1)
		index = (struct gather_index){ parent.first, number };
	g_array_append_val(ret, index);
}

/* As the host's directory has them. */
static void list_sizes(const struct view *view, const Host *host, const struct row *row, struct gather_index parent,
		       GArray *ret)
{
	g_autofree char *path = each_host_path(host, rows_parent(row), parent);
	g_auto(GStrv) names = host_list(host, path, NULL);

	(void)view;
	for (unsigned number = 10; names && number < 42; number++) {
		g_autofree char *name = g_strdup_printf("hugepages-%ukB", size_kb(number));

		if (g_strv_contains((const char *const *)names, name))
			add_size(ret, row, parent, number);
	}
}

static const struct each kinds[ROW_KINDS] = {
	[ROW_EACH_CPU] = { .is_seen = cpu_is_seen, .list = list_cpus, .shown = shown_cpu },
	[ROW_EACH_CACHE] = { .list = list_caches },
	[ROW_EACH_DISK] = { .is_seen = each_disk_is_seen,
			    .list = each_list_disks,
			    .append_name = each_append_disk_name,
			    .host_path = each_disk_host_path,
			    .both = true },
	[ROW_EACH_DISK_NUMBER] = { .is_seen = each_disk_is_seen,
				   .list = each_list_disks,
				   .append_name = each_append_disk_number,
				   .host_path = each_disk_host_path,
				   .both = true },
	[ROW_EACH_BLOCK] = { .is_seen = block_is_seen, .list = list_blocks },
	[ROW_EACH_NODE] = { .is_seen = node_is_seen, .list = list_nodes },
	[ROW_EACH_HOME] = { .is_seen = node_is_seen, .list = list_home },
	[ROW_EACH_HUGE] = { .list = list_sizes, .shown = shown_size, .host = size_kb },
};

bool each_is(enum row_kind kind)
{
	return kinds[kind].list != NULL;
}

/* ---- rows ---- */

/* The rows whose names have a "%", the outermost first; how many. */
static unsigned places_of(const struct row *row, const struct row *ret[MOST_PLACES])
{
	const struct row *inner = NULL;
	unsigned n = 0;

	for (; strchr(row->path, '%'); row = rows_parent(row)) {
		if (!each_is(row->kind))
			continue;
		ret[1] = inner;
		ret[0] = inner = row;
		n++;
	}
	g_assert(n <= MOST_PLACES);
	return n;
}

static unsigned number_at(const struct each *each, struct gather_index index, unsigned place)
{
	if (each->both)
		return each_device_number(index);
	return place == 0 ? index.first : index.second;
}

bool each_number(const struct row *row, struct gather_index index, enum row_kind kind, unsigned *ret_number)
{
	const struct row *places[MOST_PLACES];
	unsigned n = places_of(row, places);

	for (unsigned i = 0; i < n; i++) {
		if (places[i]->kind == kind) {
			*ret_number = number_at(&kinds[kind], index, i);
			return true;
		}
	}
	return false;
}

unsigned each_needs(const struct row *row)
{
	const struct row *places[MOST_PLACES];
	unsigned n = places_of(row, places), needs = 0;

	for (unsigned i = 0; i < n; i++)
		needs |= places[i]->needs & ~VIEW_OF_HOST;
	return needs;
}

bool each_is_seen(const struct view *view, const struct row *row, struct gather_index index)
{
	const struct row *places[MOST_PLACES];
	unsigned n = places_of(row, places);

	for (unsigned i = 0; i < n; i++) {
		const struct each *each = &kinds[places[i]->kind];

		if (each->is_seen && !each->is_seen(view, number_at(each, index, i)))
			return false;
	}
	return true;
}

void each_list(const struct view *view, const Host *host, const struct row *row, struct gather_index parent,
	       GArray *ret)
{
	kinds[row->kind].list(view, host, row, parent, ret);
}

/* ---- paths ---- */

static void append_shown(const struct each *each, const struct view *view, unsigned number, GString *path)
{
	if (each->append_name)
		each->append_name(view, number, path);
	else
		g_string_append_printf(path, "%u", each->shown ? each->shown(view, number) : number);
}

/* Where the host has it elsewhere, that replaces the path so far; what it has not has no path that exists. */
static void append_hosts(const struct each *each, const Host *host, unsigned number, GString *path)
{
	g_autofree char *elsewhere = each->host_path ? each->host_path(host, number) : NULL;

	if (elsewhere)
		g_string_assign(path, elsewhere);
	else
		g_string_append_printf(path, "%u", each->host ? each->host(number) : number);
}

/* `view` NULL: as the host names them. */
static char *path_of(const struct view *view, const Host *host, const struct row *row, struct gather_index index)
{
	const struct row *places[MOST_PLACES];
	unsigned place = 0;
	GString *path = g_string_new(NULL);

	places_of(row, places);
	for (const char *c = row->path; *c; c++) {
		const struct each *each;
		unsigned number;

		if (*c != '%') {
			g_string_append_c(path, *c);
			continue;
		}
		each = &kinds[places[place]->kind];
		number = number_at(each, index, place++);
		if (view)
			append_shown(each, view, number, path);
		else
			append_hosts(each, host, number, path);
	}
	return g_string_free(path, FALSE);
}

char *each_shown_path(const struct view *view, const struct row *row, struct gather_index index)
{
	return path_of(view, NULL, row, index);
}

/* The nearest directory that may be a link on the host: links are not followed. */
static const struct row *linked_of(const struct row *row)
{
	for (; strchr(row->path, '%'); row = rows_parent(row)) {
		if (row->linked)
			return row;
	}
	return NULL;
}

/* The path with its beginning replaced by what that is a link to. */
static char *follow(const Host *host, const char *path, const struct row *linked, struct gather_index index)
{
	g_autofree char *link = path_of(NULL, host, linked, index);
	g_autofree char *target = host_linked_path(host, link);

	g_assert(g_str_has_prefix(path, link));
	return g_strconcat(target ? target : link, path + strlen(link), NULL);
}

static char *sibling(const char *path, const char *name)
{
	g_autofree char *directory = g_path_get_dirname(path);

	return g_build_filename(directory, name, NULL);
}

char *each_host_path(const Host *host, const struct row *row, struct gather_index index)
{
	const struct row *linked = linked_of(row);
	char *path = path_of(NULL, host, row, index);

	if (linked) {
		g_autofree char *given = path;

		path = follow(host, given, linked, index);
	}
	if (row->host) {
		g_autofree char *given = path;

		path = sibling(given, row->host);
	}
	return path;
}
