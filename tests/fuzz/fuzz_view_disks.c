/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text as the host's /proc/diskstats and /proc/partitions: only lines of the disk that was used, only our figures.
 */
#include "fs/view/disks.h"
#include "tests/fuzz/fuzz_view.h"

static void look_at(const struct text_line *line)
{
	struct disks_line disk;
	uint64_t number;

	promise(disks_parse_line(line, &disk));
	promise(disk.major == 8 && disk.minor == 16);
	promise(disk.head.start == line->start && disk.name.length > 0);
	while (disks_take_column(&disk.columns, &number))
		promise(number < 10);
	promise(disk.columns.length == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view_disk used = { .name = "sdb",
				  .io = { .major = 8, .minor = 16, .rios = 9, .rbytes = 4096, .dios = 7 } };
	struct view view = { .io = { .n = 1, .disk = &used } };
	g_autoptr(GString) diskstats = fuzz_render(diskstats_render, &view, data, size);
	g_autoptr(GString) partitions = fuzz_render(partitions_render, &view, data, size);
	const char *cursor = diskstats->str;
	struct text_line line;

	while (text_next_line(&cursor, &line))
		look_at(&line);
	promise(!partitions->len || g_str_has_prefix(partitions->str, "major minor  #blocks  name\n\n"));
	return 0;
}
