/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz_view.h"

/* Kept from the host; all else is 0 or a figure of ours, and those are below 100 kB. */
static bool kept(const struct text_line *line)
{
	return text_has_label(line, "VmallocTotal:") || text_has_label(line, "Hugepagesize:");
}

static void look_at(const struct text_line *line)
{
	struct text_line rest = text_value(line);
	uint64_t number;

	promise(g_ascii_isalpha(line->start[0]));
	promise(text_take_number(&rest, &number));
	promise(!rest.length || (rest.length == 3 && !memcmp(rest.start, " kB", 3)));
	promise(kept(line) || number < 100);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view view = {
		.host_memory = 90 << 10,
		.memory = { .limit = { .value = 80 << 10 },
			    .headroom = { .value = 40 << 10 },
			    .slack = { .value = 60 << 10 },
			    .stat = { .anon = 11 << 10, .file = 12 << 10, .shmem = 5 << 10, .active_file = 7 << 10 } },
	};
	g_autoptr(GString) text = fuzz_render(meminfo_render, &view, data, size);
	const char *cursor = text->str;
	struct text_line line;

	while (text_next_line(&cursor, &line))
		look_at(&line);
	return 0;
}
