/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz_view.h"

typedef bool parse_fn(const char *text, const char *file, struct cg_cpumask *ret_mask, GError **error);

/* What is printed can be read again and holds visible CPUs only. */
static struct cg_cpumask understood(const GString *text, parse_fn *parse, const struct view_cpus *cpus)
{
	struct cg_cpumask mask, shown, both;

	promise(parse(text->str, "output", &mask, NULL));
	view_cpus_show(cpus, &cpus->visible, &shown);
	both = mask;
	cg_cpumask_and(&both, &shown);
	promise(cg_cpumask_equal(&both, &mask));
	return mask;
}

static void look_at(bool renumber, const uint8_t *data, size_t size)
{
	struct view view = { .cpus = fuzz_cpus(renumber), .cpu = 3 };
	unsigned own = view_cpus_shown(&view.cpus, view.cpu);
	g_autoptr(GString) list = fuzz_render(cpu_siblings_list_render, &view, data, size);
	g_autoptr(GString) map = fuzz_render(cpu_siblings_map_render, &view, data, size);
	g_autoptr(GString) among = fuzz_render(cpu_among_render, &view, data, size);
	g_autoptr(GString) number = fuzz_render(constant_number_render, &view, data, size);
	struct cg_cpumask set;

	set = understood(list, cg_cpulist_parse, &view.cpus);
	promise(cg_cpumask_has(&set, own));
	set = understood(map, cg_cpumap_parse, &view.cpus);
	promise(cg_cpumask_has(&set, own));
	promise(map->len == strlen("00000000,00000000\n"));
	understood(among, cg_cpulist_parse, &view.cpus);
	promise(strspn(number->str, "-0123456789\n") == number->len && number->len > 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	look_at(false, data, size);
	look_at(true, data, size);
	return 0;
}
