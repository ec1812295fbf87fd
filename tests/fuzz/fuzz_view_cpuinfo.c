/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz_view.h"

struct counted {
	struct cg_cpumask seen;
	unsigned n;
};

static void look_at(const struct text_line *line, const struct cg_cpumask *shown, struct counted *counted)
{
	struct text_line value = text_value(line);
	uint64_t number;

	if (text_has_label(line, "siblings") || text_has_label(line, "cpu cores") ||
	    text_has_label(line, "# processors"))
		promise(text_take_number(&value, &number) && number >= 1 && number <= 3);
	if (!text_has_label(line, "processor") && !text_has_label(line, "cpu number"))
		return;
	promise(text_take_number(&value, &number) && !value.length && number < CG_MAX_CPUS);
	promise(cg_cpumask_has(shown, (unsigned)number) && !cg_cpumask_has(&counted->seen, (unsigned)number));
	cg_cpumask_set(&counted->seen, (unsigned)number);
	counted->n++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view view = { .cpus = fuzz_cpus(size & 1) };
	g_autoptr(GString) text = fuzz_render(cpuinfo_render, &view, data, size);
	struct counted counted = { 0 };
	const char *cursor = text->str;
	struct cg_cpumask shown;
	struct text_line line;

	view_cpus_show(&view.cpus, &view.cpus.visible, &shown);
	while (text_next_line(&cursor, &line))
		look_at(&line, &shown, &counted);
	promise(counted.n <= view.cpus.n);
	return 0;
}
