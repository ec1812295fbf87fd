/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/agree_private.h"

#include <string.h>

/* Numbers of this many digits do not come twice by chance; 12288 and other round ones do. */
#define TELLING_DIGITS 6

static void add_numbers(GHashTable *set, const char *text)
{
	for (const char *c = text; *c;) {
		size_t digits = strspn(c, "0123456789.");

		if (digits >= TELLING_DIGITS)
			g_hash_table_add(set, g_strndup(c, digits));
		c += digits ? digits : 1;
	}
}

/* What is the same in every machine of this kernel and size, or the container's because nothing limits it. */
static bool may_show(const char *line, uint64_t total_kb, uint64_t host_kb)
{
	static const char *const constants[] = { "VmallocTotal:", "Hugepagesize:" };
	static const char *const unlimited[] = { "MemTotal:", "CommitLimit:" };

	for (unsigned i = 0; i < G_N_ELEMENTS(constants); i++) {
		if (g_str_has_prefix(line, constants[i]))
			return true;
	}
	for (unsigned i = 0; total_kb == host_kb && i < G_N_ELEMENTS(unlimited); i++) {
		if (g_str_has_prefix(line, unlimited[i]))
			return true;
	}
	return false;
}

static void add_host_memory(GHashTable *secrets, const struct fixture *fixture)
{
	g_autofree char *meminfo = fixture_read(fixture, "proc/meminfo", NULL);
	g_auto(GStrv) lines = lines_of(meminfo);

	for (char **line = lines; *line; line++) {
		if (!may_show(*line, g_key_file_get_uint64(fixture->keys, "expect", "mem-total-kb", NULL),
			      meminfo_kb(meminfo, "MemTotal")))
			add_numbers(secrets, strchr(*line, ':'));
	}
}

/* CPU times, interrupts and forks of the host; btime is everyone's. */
static void add_host_stat(GHashTable *secrets, const struct fixture *fixture)
{
	g_autofree char *stat = fixture_read(fixture, "proc/stat", NULL);
	g_autofree char *uptime = fixture_read(fixture, "proc/uptime", NULL);
	g_auto(GStrv) lines = lines_of(stat);

	for (char **line = lines; *line; line++) {
		if (!g_str_has_prefix(*line, "btime"))
			add_numbers(secrets, *line);
	}
	add_numbers(secrets, uptime);
}

/* Counts of interrupts and of the scheduler; jiffies are everyone's clock. */
static void add_host_counts(GHashTable *secrets, const struct fixture *fixture)
{
	static const char *const files[] = { "proc/interrupts", "proc/softirqs", "proc/schedstat" };

	for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *text = fixture_read(fixture, files[i], NULL);
		g_auto(GStrv) lines = text ? lines_of(text) : NULL;

		for (char **line = lines; line && *line; line++) {
			if (!g_str_has_prefix(*line, "timestamp "))
				add_numbers(secrets, *line);
		}
	}
}

static void add_host_vmstat(GHashTable *secrets, const struct fixture *fixture)
{
	g_autofree char *vmstat = fixture_read(fixture, "proc/vmstat", NULL);

	add_numbers(secrets, vmstat ? vmstat : "");
}

static GHashTable *host_secrets(const struct fixture *fixture)
{
	GHashTable *secrets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	add_host_memory(secrets, fixture);
	add_host_stat(secrets, fixture);
	add_host_counts(secrets, fixture);
	add_host_vmstat(secrets, fixture);
	assert_int_not_equal(g_hash_table_size(secrets), 0);
	return secrets;
}

void host_does_not_show(void **state)
{
	static const char *const files[] = { "/proc/meminfo",    "/proc/swaps",    "/proc/stat",      "/proc/uptime",
					     "/proc/interrupts", "/proc/softirqs", "/proc/schedstat", "/proc/vmstat" };
	struct fixture *fixture = *state;
	g_autoptr(GHashTable) secrets = host_secrets(fixture);
	GHashTableIter iter;
	gpointer number;

	for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *host = fixture_read(fixture, files[i] + 1, NULL);
		g_autofree char *text = host ? fixture_text(fixture, files[i]) : NULL;
		g_autoptr(GHashTable) shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

		if (!text)
			continue;
		add_numbers(shown, text);
		g_hash_table_iter_init(&iter, shown);
		while (g_hash_table_iter_next(&iter, &number, NULL)) {
			if (g_hash_table_contains(secrets, number))
				fail_msg("%s shows the host's %s", files[i], (char *)number);
		}
	}
}

void host_load_does_not_show(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *host = fixture_read(fixture, "proc/loadavg", NULL);
	g_autofree char *text = fixture_text(fixture, "/proc/loadavg");
	g_auto(GStrv) theirs = g_strsplit(host, " ", -1);
	g_auto(GStrv) ours = g_strsplit(text, " ", -1);

	assert_int_equal(g_strv_length(ours), 5);
	assert_string_not_equal(ours[3], theirs[3]);
	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(theirs[i], "0.00") != 0)
			assert_string_not_equal(ours[i], theirs[i]);
	}
}
