/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/agree_private.h"

#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/zones.h"

#include <string.h>

#define PAGE_KB 4 /* of every captured host */

/* Free pages in the lines that begin with a zone and, where `after` is not "", go on with that. */
static uint64_t free_pages(const char *text, const char *after)
{
	uint64_t pages = 0;
	struct text_line line;
	struct zone_line zone;

	while (text_next_line(&text, &line)) {
		const char *cursor;

		if (!zone_line_parse(&line, &zone) || strncmp(zone.rest.start, after, strlen(after)) != 0)
			continue;
		cursor = zone.rest.start + strlen(after);
		cursor += *after ? strspn(cursor, " ") : 0;
		cursor += strcspn(cursor, " ");
		for (unsigned order = 0; cursor < line.start + line.length - 1; order++) {
			char *end;

			pages += g_ascii_strtoull(cursor, &end, 10) << order;
			assert_ptr_not_equal(end, cursor);
			cursor = end;
		}
	}
	return pages;
}

/* Over all zones: the sum of a line's figure. */
static uint64_t sum_of(const char *text, const char *label)
{
	uint64_t sum = 0;
	unsigned n = 0;
	struct text_line line;

	for (; text_next_line(&text, &line); n += strncmp(line.start, label, strlen(label)) == 0) {
		if (strncmp(line.start, label, strlen(label)) == 0)
			sum += g_ascii_strtoull(line.start + strlen(label), NULL, 10);
	}
	assert_int_not_equal(n, 0);
	return sum;
}

/* The nodes that have a zone, and the CPUs that have a set of pages. */
static void named_in_zoneinfo(const char *text, struct cg_cpumask *ret_nodes, struct cg_cpumask *ret_cpus)
{
	const char *cpu = "    cpu: ";
	struct text_line line;
	struct zone_line zone;

	cg_cpumask_zero(ret_nodes);
	cg_cpumask_zero(ret_cpus);
	while (text_next_line(&text, &line)) {
		if (zone_line_parse(&line, &zone))
			cg_cpumask_set(ret_nodes, zone.node);
		if (strncmp(line.start, cpu, strlen(cpu)) == 0)
			cg_cpumask_set(ret_cpus, (unsigned)g_ascii_strtoull(line.start + strlen(cpu), NULL, 10));
	}
}

void zones_are_all_memory(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *host = fixture_read(fixture, "proc/zoneinfo", NULL);
	g_autofree char *zoneinfo = host ? fixture_text(fixture, "/proc/zoneinfo") : NULL;
	g_autofree char *meminfo = fixture_text(fixture, "/proc/meminfo");
	g_autofree char *online = fixture_text(fixture, "/sys/devices/system/node/online");
	struct cg_cpumask nodes, cpus, expected;

	if (!host)
		return;
	assert_int_equal(sum_of(zoneinfo, "        managed  ") * PAGE_KB, meminfo_kb(meminfo, "MemTotal"));
	assert_int_equal(sum_of(zoneinfo, "      nr_free_pages ") * PAGE_KB, meminfo_kb(meminfo, "MemFree"));
	assert_int_equal(sum_of(zoneinfo, "  pages free     ") * PAGE_KB, meminfo_kb(meminfo, "MemFree"));
	named_in_zoneinfo(zoneinfo, &nodes, &cpus);
	assert_true(cg_cpulist_parse(online, "online", &expected, NULL));
	assert_true(cg_cpumask_equal(&nodes, &expected));
	view_cpus_show(&fixture->cpus, &fixture->cpus.visible, &expected);
	assert_true(cg_cpumask_equal(&cpus, &expected));
}

/* The blocks of /proc/buddyinfo are MemFree, and so are all types of /proc/pagetypeinfo together. */
void free_blocks_are_what_is_free(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *host = fixture_read(fixture, "proc/buddyinfo", NULL);
	g_autofree char *meminfo = fixture_text(fixture, "/proc/meminfo");
	g_autofree char *buddyinfo = host ? fixture_text(fixture, "/proc/buddyinfo") : NULL;
	g_autofree char *pagetypeinfo = host ? fixture_text(fixture, "/proc/pagetypeinfo") : NULL;

	if (!host)
		return;
	assert_int_equal(free_pages(buddyinfo, "") * PAGE_KB, meminfo_kb(meminfo, "MemFree"));
	assert_int_equal(free_pages(pagetypeinfo, ", type ") * PAGE_KB, meminfo_kb(meminfo, "MemFree"));
}
