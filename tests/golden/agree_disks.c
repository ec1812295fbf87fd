/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/agree_private.h"

#include <stdio.h>
#include <string.h>

#include "fs/view/disks.h"

/* One line a disk of partitions is one of diskstats, but for disks of no size (a drive without a medium). */
void partitions_are_in_diskstats(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *diskstats = fixture_text(fixture, "/proc/diskstats");
	g_autofree char *partitions = fixture_text(fixture, "/proc/partitions");
	g_autoptr(GString) of_partitions = g_string_new(NULL);
	g_autoptr(GString) of_diskstats = g_string_new(NULL);
	g_auto(GStrv) lines = lines_of(partitions);
	const char *cursor = diskstats;
	struct text_line line;

	for (unsigned i = 2; *lines && lines[i]; i++) {
		unsigned major, minor;
		char name[VIEW_DISK_NAME];

		assert_int_equal(sscanf(lines[i], "%u %u %*u %31s", &major, &minor, name), 3);
		g_string_append_printf(of_partitions, "%u:%u %s\n", major, minor, name);
	}
	while (text_next_line(&cursor, &line)) {
		struct disks_line disk;

		assert_true(disks_parse_line(&line, &disk));
		g_string_append_printf(of_diskstats, "%u:%u %.*s\n", disk.major, disk.minor, (int)disk.name.length,
				       disk.name.start);
	}
	assert_string_equal(of_partitions->str, of_diskstats->str);
}
