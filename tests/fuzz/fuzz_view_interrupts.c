/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz_view.h"

/* A heading, then lines of counts that are 0: as many as there are CPUs, or one. */
static void look_at_interrupts(const GString *text, const char *heading)
{
	const char *cursor = text->str;
	struct text_line line;

	if (!text_next_line(&cursor, &line))
		return;
	promise(line.length >= strlen(heading));
	promise(!memcmp(line.start + line.length - strlen(heading), heading, strlen(heading)));
	while (text_next_line(&cursor, &line)) {
		struct text_line counts = text_value(&line);
		uint64_t count;

		promise(memchr(line.start, ':', line.length));
		promise(text_take_number(&counts, &count) && count == 0);
	}
}

static void look_at_schedstat(const GString *text)
{
	const char *cursor = text->str;
	struct text_line line;
	unsigned cpus = 0;

	while (text_next_line(&cursor, &line)) {
		bool cpu = line.length > 3 && !memcmp(line.start, "cpu", 3);

		promise(cpu || g_str_has_prefix(line.start, "version ") || g_str_has_prefix(line.start, "timestamp "));
		cpus += cpu;
	}
	promise(cpus == 3);
}

/* Each line after the heading: a name, a hierarchy, 1, enabled. */
static void look_at_cgroups(const GString *text)
{
	g_auto(GStrv) lines = g_strsplit(text->str, "\n", -1);

	for (char **line = lines + 1; *line && **line; line++) {
		g_auto(GStrv) columns = g_strsplit(*line, "\t", -1);

		promise(g_strv_length(columns) == 4);
		promise(!strcmp(columns[2], "1"));
		promise(!strcmp(columns[3], "0") || !strcmp(columns[3], "1"));
	}
}

/* Zeros, and in the third column a number. */
static void look_at_counts(const GString *text)
{
	g_auto(GStrv) columns = g_strsplit(text->str, "\t", -1);

	promise(g_str_has_suffix(text->str, "\n"));
	promise(strspn(text->str, "0123456789\t\n") == text->len);
	for (unsigned i = 0; columns[i]; i++)
		promise(i == 2 || !strcmp(g_strchomp(columns[i]), "0") || text->len == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view view = { .cpus = fuzz_cpus(size & 1), .cpu = 3 };
	g_autoptr(GString) interrupts = fuzz_render(interrupts_render, &view, data, size);
	g_autoptr(GString) schedstat = fuzz_render(schedstat_render, &view, data, size);
	g_autoptr(GString) cgroups = fuzz_render(cgroups_render, &view, data, size);
	g_autoptr(GString) cpus = fuzz_render(cpu_frequency_cpus_render, &view, data, size);

	g_autoptr(GString) counts = fuzz_render(sysctl_counts_but_third_render, &view, data, size);

	look_at_counts(counts);
	look_at_interrupts(interrupts,
			   size & 1 ? "CPU0       CPU1       CPU2       " : "CPU1       CPU3       CPU40      ");
	look_at_schedstat(schedstat);
	look_at_cgroups(cgroups);
	promise(strspn(cpus->str, "0123456789 ") == cpus->len - 1 && cpus->len <= strlen("1 3 40\n"));
	return 0;
}
