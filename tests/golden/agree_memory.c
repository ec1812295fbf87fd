/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/agree_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

uint64_t meminfo_kb(const char *text, const char *label)
{
	g_auto(GStrv) lines = lines_of(text);

	for (char **line = lines; *line; line++) {
		if (g_str_has_prefix(*line, label) && (*line)[strlen(label)] == ':')
			return g_ascii_strtoull(*line + strlen(label) + 1, NULL, 10);
	}
	fail_msg("no %s", label);
	return 0;
}

static void at_most(const char *text, const char *less, const char *more)
{
	if (meminfo_kb(text, less) > meminfo_kb(text, more))
		fail_msg("%s %" PRIu64 " kB is above %s %" PRIu64 " kB", less, meminfo_kb(text, less), more,
			 meminfo_kb(text, more));
}

static void is_sum(const char *text, const char *sum, const char *a, const char *b)
{
	if (meminfo_kb(text, sum) != meminfo_kb(text, a) + meminfo_kb(text, b))
		fail_msg("%s is not %s + %s", sum, a, b);
}

/* A value ends where the kernel's "%8lu" after 16 columns ends it, unless it has more digits. */
static bool is_aligned(const char *line)
{
	size_t start = strcspn(line, ":") + 1;
	size_t blanks = strspn(line + start, " ");
	size_t digits = strspn(line + start + blanks, "0123456789");

	return digits > 0 && (digits >= 8 || start + blanks + digits == 24);
}

/* The labels, their order, the columns and the units are the kernel's own: programs read by line and by column. */
static void same_layout(const char *ours, const char *hosts)
{
	g_auto(GStrv) our_lines = lines_of(ours);
	g_auto(GStrv) host_lines = lines_of(hosts);

	assert_int_equal(g_strv_length(our_lines), g_strv_length(host_lines));
	for (unsigned i = 0; our_lines[i]; i++) {
		size_t label = strcspn(host_lines[i], ":") + 1;

		if (strncmp(our_lines[i], host_lines[i], label) != 0 || !is_aligned(our_lines[i]) ||
		    g_str_has_suffix(our_lines[i], " kB") != g_str_has_suffix(host_lines[i], " kB"))
			fail_msg("\"%s\" has not the layout of \"%s\"", our_lines[i], host_lines[i]);
	}
}

/* A number that wrapped is larger than any machine; VmallocTotal alone is an address range. */
static void nothing_wrapped(const char *text, uint64_t host_kb)
{
	g_auto(GStrv) lines = lines_of(text);

	for (char **line = lines; *line; line++) {
		const char *value = strchr(*line, ':');

		assert_non_null(value);
		if (!g_str_has_prefix(*line, "VmallocTotal:") && g_ascii_strtoull(value + 1, NULL, 10) > host_kb)
			fail_msg("%s: above all that the host has", *line);
	}
}

void meminfo_adds_up(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *text = fixture_text(fixture, "/proc/meminfo");
	g_autofree char *host = fixture_read(fixture, "proc/meminfo", NULL);

	assert_non_null(host);
	at_most(text, "MemFree", "MemTotal");
	at_most(text, "MemAvailable", "MemTotal");
	at_most(text, "MemFree", "MemAvailable");
	at_most(text, "SwapFree", "SwapTotal");
	is_sum(text, "Active", "Active(anon)", "Active(file)");
	is_sum(text, "Inactive", "Inactive(anon)", "Inactive(file)");
	is_sum(text, "Slab", "SReclaimable", "SUnreclaim");
	same_layout(text, host);
	nothing_wrapped(text, meminfo_kb(host, "MemTotal") + meminfo_kb(host, "SwapTotal"));
}

void swaps_equals_meminfo(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *meminfo = fixture_text(fixture, "/proc/meminfo");
	g_autofree char *swaps = fixture_text(fixture, "/proc/swaps");
	g_auto(GStrv) lines = lines_of(swaps);
	uint64_t total = meminfo_kb(meminfo, "SwapTotal"), size = 0, used = 0;

	assert_true(g_str_has_prefix(lines[0], "Filename\t"));
	assert_int_equal(g_strv_length(lines), total ? 2 : 1);
	if (total)
		assert_int_equal(sscanf(lines[1], "%*s %*s %" SCNu64 " %" SCNu64, &size, &used), 2);
	assert_int_equal(size, total);
	assert_int_equal(used, total - meminfo_kb(meminfo, "SwapFree"));
}

void limits_are_as_stated(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *text = fixture_text(fixture, "/proc/meminfo");

	assert_int_equal(meminfo_kb(text, "MemTotal"),
			 g_key_file_get_uint64(fixture->keys, "expect", "mem-total-kb", NULL));
	assert_int_equal(meminfo_kb(text, "SwapTotal"),
			 g_key_file_get_uint64(fixture->keys, "expect", "swap-total-kb", NULL));
}

#define BLOCKS "/sys/devices/system/memory"

/* As lsmem(1) counts them. */
void blocks_make_up_the_total(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *meminfo = fixture_text(fixture, "/proc/meminfo"), *size = NULL;
	const struct row *directory = rows_by_path(BLOCKS), *block = rows_by_path(BLOCKS "/memory%");
	g_autoptr(Entries) entries = entries_new(fixture->registry, fixture->container, directory, NULL);
	g_autoptr(GArray) blocks = entries_of(entries, block, (struct gather_index){ 0 });
	uint64_t total = meminfo_kb(meminfo, "MemTotal") * 1024, bytes;

	if (!entries_have(entries, directory, (struct gather_index){ 0 }))
		return;
	size = fixture_text(fixture, BLOCKS "/block_size_bytes");
	bytes = g_ascii_strtoull(size, NULL, 16);
	assert_in_range(bytes * blocks->len, total - bytes + 1, total);
}
