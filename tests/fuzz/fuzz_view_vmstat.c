/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz_view.h"

/* All figures of ours are small: a larger one is the host's. */
#define MOST 30

static void look_at(const struct text_line *line)
{
	const char *blank = memchr(line->start, ' ', line->length);
	struct text_line rest;
	uint64_t number;

	promise(blank);
	rest = (struct text_line){ blank + 1, line->length - (size_t)(blank + 1 - line->start) };
	promise(text_take_number(&rest, &number) && !rest.length);
	promise(number <= MOST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct view_node each[] = { { .number = 1, .host_memory = 90 << 10, .use = { .usage = 1 } } };
	struct view view = {
		.host_memory = 90 << 10,
		.memory = { .limit = { .value = 80 << 10 },
			    .headroom = { .value = 40 << 10 },
			    .stat = { .anon = 11 << 10 } },
		.events = { .memory = { .pgfault = 13 }, .read_bytes = 14 << 10 },
		.nodes = { .n = 1, .each = each },
		.node = 1,
	};
	g_autoptr(GString) whole = fuzz_render(vmstat_render, &view, data, size);
	g_autoptr(GString) node = fuzz_render(node_vmstat_render, &view, data, size);
	const char *texts[] = { whole->str, node->str };
	struct text_line line;

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		while (text_next_line(&texts[i], &line))
			look_at(&line);
	}
	return 0;
}
