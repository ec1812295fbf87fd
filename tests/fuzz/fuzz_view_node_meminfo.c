/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz_view.h"

/* Each line is the node's, and all figures of ours are below 100. */
static void look_at(const struct text_line *line)
{
	struct text_line rest = text_value(line);
	uint64_t number;

	promise(line->length > strlen("Node 7 ") && !memcmp(line->start, "Node 7 ", strlen("Node 7 ")));
	promise(text_take_number(&rest, &number));
	promise(!rest.length || (rest.length == 3 && !memcmp(rest.start, " kB", 3)));
	promise(number < 100);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct view_node each[] = { { .number = 7, .host_memory = 90 << 10, .use = { .usage = 1 } } };
	struct view view = {
		.host_memory = 90 << 10,
		.memory = { .limit = { .value = 80 << 10 },
			    .headroom = { .value = 40 << 10 },
			    .stat = { .anon = 11 << 10 } },
		.nodes = { .n = 1, .each = each },
		.node = 7,
	};
	g_autoptr(GString) text = fuzz_render(node_meminfo_render, &view, data, size);
	g_autoptr(GString) distance = fuzz_render(node_distance_render, &view, data, size);
	const char *cursor = text->str;
	struct text_line line;

	while (text_next_line(&cursor, &line))
		look_at(&line);
	promise(!strcmp(distance->str, "\n"));
	return 0;
}
