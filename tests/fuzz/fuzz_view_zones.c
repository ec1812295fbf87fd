/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/view/zones.h"
#include "tests/fuzz/fuzz_view.h"

#define PAGE  UINT64_C(4096)
#define PAGES 2048

/* No zone of another node, and no figure above what the container has. */
static void look_at(const GString *text, uint64_t most)
{
	const char *cursor = text->str;
	struct text_line line;
	struct zone_line zone;

	while (text_next_line(&cursor, &line)) {
		bool is_zone = zone_line_parse(&line, &zone);
		struct text_line rest = is_zone ? zone.rest : (struct text_line){ line.start + line.length, 0 };
		uint64_t number;

		promise(!is_zone || zone.node == 1);
		while (!is_zone && rest.start > line.start && g_ascii_isdigit(rest.start[-1]))
			rest = (struct text_line){ rest.start - 1, rest.length + 1 };
		for (; rest.length; rest = (struct text_line){ rest.start + 1, rest.length - 1 }) {
			if (g_ascii_isdigit(*rest.start) && text_take_number(&rest, &number))
				promise(number <= most);
			if (!rest.length)
				break;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view_node each = { .number = 1, .host_memory = 5000 * PAGE };
	struct view view = {
		.host_memory = 9999 * PAGE,
		.memory = { .limit = { .value = PAGES * PAGE },
			    .headroom = { .value = 1003 * PAGE },
			    .slack = { .value = 1100 * PAGE },
			    .usage = 1045 * PAGE,
			    .stat = { .anon = 40 * PAGE, .active_anon = 30 * PAGE, .file = 50 * PAGE } },
		.cpus = fuzz_cpus(size & 1),
		.nodes = { .n = 1, .each = &each },
	};
	g_autoptr(GString) buddyinfo = fuzz_render(buddyinfo_render, &view, data, size);
	g_autoptr(GString) zoneinfo = fuzz_render(zoneinfo_render, &view, data, size);
	g_autoptr(GString) pagetypeinfo = fuzz_render(pagetypeinfo_render, &view, data, size);

	look_at(buddyinfo, PAGES);
	look_at(zoneinfo, PAGES);
	promise(pagetypeinfo->len <= 16 * size + 4096);
	return 0;
}
