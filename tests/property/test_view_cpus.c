/* SPDX-License-Identifier: Apache-2.0
 *
 * One CPU view feeds every file: whatever the limits are, all CPU files say
 * the same of it.
 */
#include "tests/property/view_random.h"

/* Most hosts are small, which keeps ten thousand of them quick under the sanitizers. */
#define MOST_CPUS  300
#define SMALL_CPUS 20

/* A host with its CPUs' places in it, and what a container of it sees. */
struct machine {
	struct random_case *random;
	struct view view;
	unsigned ids, threads, cores; /* per core and per package */
	struct cg_cpumask online, shown;
	char *cpuinfo;
};

static struct cg_cpumask random_mask(struct random_case *random, unsigned below)
{
	struct cg_cpumask mask = { 0 };
	unsigned density = (unsigned)random_upto(random, 5);

	for (unsigned cpu = 0; cpu < below; cpu++) {
		if (density == 0 || !random_one_in(random, density))
			cg_cpumask_set(&mask, cpu);
	}
	return mask;
}

static unsigned core_of(const struct machine *machine, unsigned cpu)
{
	return cpu / machine->threads;
}

static unsigned package_of(const struct machine *machine, unsigned cpu)
{
	return core_of(machine, cpu) / machine->cores;
}

static char *host_cpuinfo(const struct machine *machine)
{
	GString *text = g_string_new(NULL);

	cg_cpumask_foreach (cpu, &machine->online)
		g_string_append_printf(
			text,
			"processor\t: %u\nmodel name\t: processor\nphysical id\t: %u\nsiblings\t: 99999\n"
			"core id\t\t: %u\ncpu cores\t: 99999\n\n",
			cpu, package_of(machine, cpu), core_of(machine, cpu) % machine->cores);
	return g_string_free(text, FALSE);
}

static void random_machine(struct random_case *random, struct machine *machine)
{
	unsigned most = random_one_in(random, 16) ? MOST_CPUS : SMALL_CPUS;
	struct cg_cpumask cpuset;
	struct cg_cpu cpu = { .quota = { .quota_us = CG_UNLIMITED, .period_us = 1 + random_upto(random, 1000000) },
			      .shares = random_upto(random, 20000) };

	*machine = (struct machine){ .random = random,
				     .ids = 1 + (unsigned)random_upto(random, most - 1),
				     .threads = 1 + (unsigned)random_upto(random, 3),
				     .cores = 1 + (unsigned)random_upto(random, 31) };
	machine->online = random_mask(random, machine->ids);
	cg_cpumask_set(&machine->online, 0);
	cpuset = random_mask(random, random_one_in(random, 3) ? 0 : machine->ids);
	if (!random_one_in(random, 3))
		cpu.quota.quota_us = random_wild(random) % (most * cpu.quota.period_us);
	view_cpus_choose(&machine->view.cpus, &machine->online, machine->ids, &cpuset, &cpu,
			 (enum view_cpu_count)random_upto(random, 2), random_one_in(random, 2));
	machine->cpuinfo = host_cpuinfo(machine);
}

static void machine_clear(struct machine *machine)
{
	g_free(machine->cpuinfo);
}

/* The numbers that follow `word` at the beginnings of lines, which must come in order and each once. */
static struct cg_cpumask numbers_after(struct machine *machine, const char *text, const char *word)
{
	struct cg_cpumask mask = { 0 };
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	uint64_t next = 0;

	for (char **line = lines; *line; line++) {
		const char *digits = *line + strlen(word);
		uint64_t number;

		if (!g_str_has_prefix(*line, word) || !g_ascii_isdigit(*digits))
			continue;
		number = g_ascii_strtoull(digits, NULL, 10);
		check(machine->random, number >= next && number < CG_MAX_CPUS, text);
		cg_cpumask_set(&mask, (unsigned)number);
		next = number + 1;
	}
	return mask;
}

static struct cg_cpumask parsed(struct machine *machine,
				bool (*parse)(const char *, const char *, struct cg_cpumask *, GError **),
				const char *text)
{
	struct cg_cpumask mask;

	check(machine->random, parse(text, "test", &mask, NULL), text);
	return mask;
}

static struct cg_cpumask rendered_set(struct machine *machine, void (*render)(const struct view *, GString *), bool map)
{
	g_autofree char *text = sample_render(render, &machine->view);

	return parsed(machine, map ? cg_cpumap_parse : cg_cpulist_parse, text);
}

static bool within(const struct cg_cpumask *inner, const struct cg_cpumask *outer)
{
	struct cg_cpumask both = *inner;

	cg_cpumask_and(&both, outer);
	return cg_cpumask_equal(&both, inner);
}

static void check_numbers(struct machine *machine)
{
	const struct view_cpus *cpus = &machine->view.cpus;
	unsigned i = 0;

	cg_cpumask_foreach (cpu, &cpus->visible) {
		unsigned shown = view_cpus_shown(cpus, cpu);

		check(machine->random, cg_cpumask_has(&machine->online, cpu), machine->cpuinfo);
		check(machine->random, shown == (cpus->renumber ? i : cpu), machine->cpuinfo);
		i++;
	}
	check(machine->random, cpus->n == i && i >= 1, machine->cpuinfo);
	check(machine->random, cg_cpumask_count(&machine->shown) == i, machine->cpuinfo);
}

static void check_field(struct machine *machine, const char *text, const char *label, uint64_t most)
{
	unsigned n = 0;

	for (const char *at = strstr(text, label); at; at = strstr(at + 1, label), n++) {
		uint64_t number = g_ascii_strtoull(at + strlen(label), NULL, 10);

		check(machine->random, number >= 1 && number <= most, text);
	}
	check(machine->random, n == machine->view.cpus.n, text);
}

static void check_cpuinfo(struct machine *machine)
{
	const struct view_cpus *cpus = &machine->view.cpus;
	g_autofree char *text = NULL;
	struct cg_cpumask processors;

	machine->view.host = machine->cpuinfo;
	text = sample_render(cpuinfo_render, &machine->view);
	processors = numbers_after(machine, text, "processor\t: ");
	check(machine->random, cg_cpumask_equal(&processors, &machine->shown), text);
	check_field(machine, text, "siblings\t: ", MIN(cpus->n, machine->threads * machine->cores));
	check_field(machine, text, "cpu cores\t: ", MIN(cpus->n, machine->cores));
}

static uint64_t sum_of(const struct view_ticks *ticks)
{
	return ticks->user + ticks->nice + ticks->system + ticks->idle + ticks->steal;
}

/* Fed with a total that is the sum, the file's first line is the sum of the others. */
static void check_stat(struct machine *machine)
{
	struct view *view = &machine->view;
	g_autofree struct view_ticks *each = g_new0(struct view_ticks, view->cpus.n);
	g_autofree char *text = NULL;
	struct cg_cpumask lines;
	uint64_t sums[2] = { 0 }, all = 0;
	const char *at;

	view->times = (struct view_times){ .each = each };
	for (unsigned i = 0; i < view->cpus.n; i++) {
		uint64_t *from = (uint64_t *)&each[i], *to = (uint64_t *)&view->times.total;

		for (size_t j = 0; j < sizeof(*each) / sizeof(*from); j++)
			to[j] += from[j] = random_upto(machine->random, UINT64_C(1) << 40);
		all += sum_of(&each[i]);
	}
	text = sample_render(stat_render, view);
	lines = numbers_after(machine, text, "cpu");
	check(machine->random, cg_cpumask_equal(&lines, &machine->shown), text);
	at = text;
	for (char *end; g_str_has_prefix(at, "cpu"); at = end + 1) {
		unsigned columns = 0;

		end = strchr(at, '\n');
		for (const char *blank = strchr(at, ' '); blank && blank < end; blank = strchr(blank + 1, ' ')) {
			if (blank[1] == ' ')
				continue;
			sums[at != text] += g_ascii_strtoull(blank + 1, NULL, 10);
			columns++;
		}
		check(machine->random, columns == 10, text);
	}
	check(machine->random, sums[0] == all && sums[1] == all, text);
}

static void check_sets(struct machine *machine)
{
	struct view *view = &machine->view;
	struct cg_cpumask host = random_mask(machine->random, machine->ids), list, map, among;
	g_autoptr(GString) as_list = g_string_new(NULL), as_map = g_string_new(NULL);

	cg_cpumask_foreach (cpu, &view->cpus.visible) {
		view->cpu = cpu;
		if (random_one_in(machine->random, view->cpus.n))
			break;
	}
	cg_cpumask_set(&host, view->cpu);
	cg_cpulist_append(as_list, &host);
	cg_cpumap_append(as_map, &host, machine->ids);
	view->host = as_list->str;
	list = rendered_set(machine, cpu_siblings_list_render, false);
	among = rendered_set(machine, cpu_among_render, false);
	view->host = as_map->str;
	map = rendered_set(machine, cpu_siblings_map_render, true);
	check(machine->random, cg_cpumask_equal(&list, &map) && cg_cpumask_equal(&list, &among), as_list->str);
	check(machine->random, cg_cpumask_has(&list, view_cpus_shown(&view->cpus, view->cpu)), as_list->str);
	check(machine->random, within(&list, &machine->shown), as_list->str);
}

static void agree(struct random_case *random)
{
	struct machine machine;

	random_machine(random, &machine);
	machine.shown = rendered_set(&machine, cpu_visible_render, false);
	check_numbers(&machine);
	check_cpuinfo(&machine);
	check_stat(&machine);
	check_sets(&machine);
	machine_clear(&machine);
}

static void all_cpu_files_agree(void **state)
{
	random_run(agree);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_cpu_files_agree) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
