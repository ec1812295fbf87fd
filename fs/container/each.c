/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/each.h"

#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"

#include <string.h>

/* More caches than any CPU has; the kernel numbers them without gaps. */
#define MAX_CACHES 64

struct each {
	/* NULL: all that the host has are seen, and rows below have host files that tell whether there is one. */
	bool (*is_seen)(const struct view *view, unsigned number);
	void (*list)(const struct view *view, const Host *host, const struct row *row, struct gather_index parent,
		     GArray *ret);
	unsigned (*shown)(const struct view *view, unsigned number); /* NULL: the same number */
};

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

static const struct each kinds[ROW_KINDS] = {
	[ROW_EACH_CPU] = { cpu_is_seen, list_cpus, shown_cpu },
	[ROW_EACH_CACHE] = { NULL, list_caches, NULL },
};

bool each_is(enum row_kind kind)
{
	return kinds[kind].list != NULL;
}

/* ---- rows ---- */

#define MOST_PLACES 2

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

static unsigned number_at(struct gather_index index, unsigned place)
{
	return place == 0 ? index.first : index.second;
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

		if (each->is_seen && !each->is_seen(view, number_at(index, i)))
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

/* `view` NULL: as the host names them. */
static char *path_of(const struct view *view, const struct row *row, struct gather_index index)
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
		number = number_at(index, place);
		each = &kinds[places[place++]->kind];
		g_string_append_printf(path, "%u", view && each->shown ? each->shown(view, number) : number);
	}
	return g_string_free(path, FALSE);
}

char *each_shown_path(const struct view *view, const struct row *row, struct gather_index index)
{
	return path_of(view, row, index);
}

char *each_host_path(const Host *host, const struct row *row, struct gather_index index)
{
	(void)host;
	return path_of(NULL, row, index);
}
