/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/agree_private.h"

#include "fs/view/nodes.h"
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
