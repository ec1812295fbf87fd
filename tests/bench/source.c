/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/source.h"

#include <errno.h>
#include <time.h>

/*
 * A process's CPU clock counts nanoseconds of its whole thread group, ended
 * threads included (clock_getcpuclockid(3)); utime and stime of /proc/PID/stat are
 * ticks of 10 ms, and a sum over /proc/PID/task/N/schedstat forgets a thread that ends.
 */
static bool add_clock(struct source *source, pid_t pid, GError **error)
{
	clockid_t clock;
	int code = clock_getcpuclockid(pid, &clock);

	if (code != 0) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: no process %d: %s", source->name,
			    (int)pid, g_strerror(code));
		return false;
	}
	g_array_append_val(source->clocks, clock);
	return true;
}

/* A daemon whose worker is a child of its main process burns its CPU there. */
static void add_children(struct source *source, pid_t pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", (int)pid, (int)pid);
	g_autofree char *text = NULL;
	g_auto(GStrv) words = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return;
	words = g_strsplit_set(text, " \n", -1);
	for (char **word = words; *word; word++)
		if (**word)
			add_clock(source, (pid_t)g_ascii_strtoll(*word, NULL, 10), NULL);
}

struct source *source_parse(const char *word, GError **error)
{
	struct source *source = g_new0(struct source, 1);
	const char *equals = strchr(word, '=');
	char *colon = NULL;
	pid_t pid = equals ? (pid_t)g_ascii_strtoll(equals + 1, &colon, 10) : 0;

	source->clocks = g_array_new(FALSE, FALSE, sizeof(clockid_t));
	if (!equals || *colon != ':' || colon == equals + 1) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: not NAME=PID:PATTERN", word);
		source_free(source);
		return NULL;
	}
	source->name = g_strndup(word, (size_t)(equals - word));
	source->pattern = g_strdup(colon + 1);
	if (pid != 0 && !add_clock(source, pid, error)) {
		source_free(source);
		return NULL;
	}
	if (pid != 0)
		add_children(source, pid);
	return source;
}

void source_free(struct source *source)
{
	g_free(source->name);
	g_free(source->pattern);
	g_array_unref(source->clocks);
	g_free(source);
}

char *source_path(const struct source *source, const char *file, size_t size)
{
	g_autofree char *digits = g_strdup_printf("%zu", size);
	GString *path = g_string_new(source->pattern);

	g_string_replace(path, "{file}", file, 0);
	g_string_replace(path, "{size}", digits, 0);
	return g_string_free(path, FALSE);
}

double source_cpu_us(const struct source *source)
{
	double us = 0;

	for (guint i = 0; i < source->clocks->len; i++) {
		struct timespec ts = { 0 };

		clock_gettime(g_array_index(source->clocks, clockid_t, i), &ts);
		us += (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
	}
	return us;
}
