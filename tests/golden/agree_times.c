/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/agree_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS 10

static void add_line(const char *line, uint64_t columns[COLUMNS])
{
	const char *cursor = line + strcspn(line, " ");

	for (unsigned i = 0; i < COLUMNS; i++) {
		char *end;

		columns[i] += g_ascii_strtoull(cursor, &end, 10);
		assert_ptr_not_equal(end, cursor);
		cursor = end;
	}
	assert_int_equal(*cursor, '\0');
}

void times_add_up(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *stat = fixture_text(fixture, "/proc/stat");
	g_autofree char *uptime = fixture_text(fixture, "/proc/uptime");
	g_auto(GStrv) lines = lines_of(stat);
	uint64_t total[COLUMNS] = { 0 }, sum[COLUMNS] = { 0 }, all = 0, up[2], idle[2];

	add_line(lines[0], total);
	for (char **line = lines + 1; g_str_has_prefix(*line, "cpu"); line++)
		add_line(*line, sum);
	assert_memory_equal(total, sum, sizeof(total));
	assert_int_equal(
		sscanf(uptime, "%" SCNu64 ".%2" SCNu64 " %" SCNu64 ".%2" SCNu64, &up[0], &up[1], &idle[0], &idle[1]),
		4);
	assert_int_equal(idle[0] * 100 + idle[1], total[3]);
	for (unsigned i = 0; i < COLUMNS; i++)
		all += total[i];
	/* One tick a CPU: each line is cut to whole ticks. */
	assert_in_range(all + fixture->cpus.n, (up[0] * 100 + up[1]) * fixture->cpus.n,
			(up[0] * 100 + up[1] + 2) * fixture->cpus.n);
}
