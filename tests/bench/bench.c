/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_read --source NAME=PID:PATTERN … --against NAME=PID:PATTERN … FILE …: reads each file at each source
 * in turn, in blocks, in a new random order each round, so that a machine that gets
 * faster or slower during the run does so for all alike. The program `run` beside
 * this file starts the sources and calls it.
 */
#include "tests/bench/bench.h"
#include "tests/bench/compare.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#define WARM_READS    5  /* at the start of a block: what the block before has pushed out of the caches */
#define COMPARE_TRIES 20 /* the host's own counters move while they are compared */

struct options {
	char **sources, **against, **files;
	char *json;
	int rounds, reads;
	gboolean check;
};

struct cell *bench_cell(const struct bench *bench, guint file, guint source)
{
	return &bench->cells[file * bench->sources->len + source];
}

int bench_source(const struct bench *bench, const char *name)
{
	for (guint i = 0; i < bench->sources->len; i++) {
		const struct source *source = bench->sources->pdata[i];

		if (g_str_equal(source->name, name))
			return (int)i;
	}
	return -1;
}

bool bench_lost(const struct bench *bench, guint file, guint ours, guint theirs)
{
	double us = figure_of(bench_cell(bench, file, ours), FIGURE_DAEMON);
	double them = figure_of(bench_cell(bench, file, theirs), FIGURE_DAEMON);

	return isfinite(us) && isfinite(them) && us >= them;
}

/* What --check promises. */
static bool lost_to_lxcfs(const struct bench *bench)
{
	int lxcfs = bench_source(bench, "lxcfs");
	bool lost = false;

	for (guint ours = 0; lxcfs >= 0 && ours < bench->ours; ours++)
		for (guint file = 0; file < bench->files->len; file++)
			lost |= bench_lost(bench, file, ours, (guint)lxcfs);
	return lost;
}

/* The text of a path as the reader sees it; NULL if it cannot be read there. */
static char *text_of(Reader *reader, const char *path, size_t *ret_bytes)
{
	struct reader_result result;

	if (!reader_read(reader, path, 1, &result, NULL))
		return NULL;
	*ret_bytes = result.length;
	return g_strdup(result.text);
}

static enum text_is compare(Reader *reader, struct cell *cell, const char *file)
{
	for (int i = 0; i < COMPARE_TRIES; i++) {
		size_t bytes;
		g_autofree char *before = text_of(reader, file, &bytes);
		g_autofree char *text = text_of(reader, cell->path, &cell->bytes);
		g_autofree char *after = text_of(reader, file, &bytes);

		if (!text)
			return TEXT_ABSENT;
		if (before && after && compare_is_host(before, text, after))
			return TEXT_HOST;
	}
	return TEXT_OWN;
}

/* A null file is as long as the text of the first source, or else as the kernel's. */
static size_t model_size(const struct bench *bench, Reader *reader, const char *file)
{
	g_autofree char *path = source_path(bench->sources->pdata[0], file, 0);
	size_t bytes = 0;
	g_autofree char *text = text_of(reader, path, &bytes);

	if (!text)
		g_free(text_of(reader, file, &bytes));
	return bytes;
}

static void prepare(struct bench *bench, Reader *reader)
{
	bench->cells = g_new0(struct cell, bench->files->len * bench->sources->len);
	for (guint file = 0; file < bench->files->len; file++) {
		size_t size = model_size(bench, reader, bench->files->pdata[file]);

		for (guint source = 0; source < bench->sources->len; source++) {
			struct cell *cell = bench_cell(bench, file, source);

			cell->path = source_path(bench->sources->pdata[source], bench->files->pdata[file], size);
			cell->us = g_array_new(FALSE, FALSE, sizeof(double));
			cell->daemon_us = g_array_new(FALSE, FALSE, sizeof(double));
			cell->reader_us = g_array_new(FALSE, FALSE, sizeof(double));
			cell->text = compare(reader, cell, bench->files->pdata[file]);
		}
	}
}

static bool block(const struct bench *bench, Reader *reader, guint file, guint at, GError **error)
{
	struct cell *cell = bench_cell(bench, file, at);
	const struct source *source = bench->sources->pdata[at];
	struct reader_result result;
	double cpu;

	if (cell->text == TEXT_ABSENT)
		return true;
	if (!reader_read(reader, cell->path, WARM_READS, &result, error))
		return false;
	cpu = source_cpu_us(source);
	if (!reader_read(reader, cell->path, bench->reads, &result, error))
		return false;
	cpu = (source_cpu_us(source) - cpu) / bench->reads;
	result.cpu_us /= bench->reads;
	g_array_append_vals(cell->us, result.us, bench->reads);
	g_array_append_val(cell->reader_us, result.cpu_us);
	if (source->clocks->len > 0)
		g_array_append_val(cell->daemon_us, cpu);
	return true;
}

static void shuffle(guint *order, guint n)
{
	for (guint i = n; i > 1; i--) {
		guint j = (guint)g_random_int_range(0, (gint32)i);
		guint last = order[i - 1];

		order[i - 1] = order[j];
		order[j] = last;
	}
}

static bool measure(const struct bench *bench, Reader *reader, GError **error)
{
	guint n = bench->files->len * bench->sources->len;
	g_autofree guint *order = g_new(guint, n);

	for (guint i = 0; i < n; i++)
		order[i] = i;
	for (unsigned round = 0; round < bench->rounds; round++) {
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\rround %u of %u", round + 1, bench->rounds);
		shuffle(order, n);
		for (guint i = 0; i < n; i++)
			if (!block(bench, reader, order[i] / bench->sources->len, order[i] % bench->sources->len,
				   error))
				return false;
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
	return true;
}

static bool parse(int argc, char **argv, struct options *options, GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new("FILE…");
	const GOptionEntry entries[] = {
		{ "source", 's', 0, G_OPTION_ARG_STRING_ARRAY, &options->sources,
		  "who serves; {file} or {size} in the pattern", "NAME=PID:PATTERN" },
		{ "against", 'a', 0, G_OPTION_ARG_STRING_ARRAY, &options->against, "whom to compare each --source with",
		  "NAME=PID:PATTERN" },
		{ "rounds", 'r', 0, G_OPTION_ARG_INT, &options->rounds, "rounds over all files and sources", "N" },
		{ "reads", 'n', 0, G_OPTION_ARG_INT, &options->reads, "reads in a block", "N" },
		{ "json", 'j', 0, G_OPTION_ARG_FILENAME, &options->json, "write the figures here too", "FILE" },
		{ "check", 'c', 0, G_OPTION_ARG_NONE, &options->check,
		  "exit 1 unless each --source uses less CPU a read than lxcfs for every file", NULL },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->files, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, error))
		return false;
	if (options->sources && options->files && options->rounds > 0 && options->reads > 0 &&
	    options->reads <= READER_MAX_READS)
		return true;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "needs a --source, a file, and 1 to %d reads a block", READER_MAX_READS);
	return false;
}

static bool take_sources(struct bench *bench, char **words, GError **error)
{
	for (char **word = words; word && *word; word++) {
		struct source *source = source_parse(*word, error);

		if (!source)
			return false;
		g_ptr_array_add(bench->sources, source);
	}
	return true;
}

static bool take(struct bench *bench, const struct options *options, GError **error)
{
	if (!take_sources(bench, options->sources, error))
		return false;
	bench->ours = bench->sources->len;
	for (char **file = options->files; *file; file++)
		g_ptr_array_add(bench->files, *file);
	bench->rounds = (unsigned)options->rounds;
	bench->reads = (unsigned)options->reads;
	return take_sources(bench, options->against, error);
}

static int run(struct bench *bench, const struct options *options, GError **error)
{
	g_autoptr(Reader) reader = NULL;

	if (!take(bench, options, error) || !(reader = reader_new(error)))
		return 1;
	prepare(bench, reader);
	if (!measure(bench, reader, error))
		return 1;
	report_tables(bench);
	if (options->json && !report_json(bench, options->json, error))
		return 1;
	return options->check && lost_to_lxcfs(bench);
}

static void forget(struct bench *bench)
{
	for (guint i = 0; bench->cells && i < bench->files->len * bench->sources->len; i++) {
		g_free(bench->cells[i].path);
		g_array_unref(bench->cells[i].us);
		g_array_unref(bench->cells[i].daemon_us);
		g_array_unref(bench->cells[i].reader_us);
	}
	g_free(bench->cells);
	g_ptr_array_unref(bench->files);
	g_ptr_array_unref(bench->sources);
}

int main(int argc, char **argv)
{
	struct options options = { .rounds = 20, .reads = 200 };
	struct bench bench = {
		.files = g_ptr_array_new(),
		.sources = g_ptr_array_new_with_free_func((GDestroyNotify)source_free),
	};
	g_autoptr(GError) error = NULL;
	int status = 2;

	setlocale(LC_CTYPE, "");
	if (parse(argc, argv, &options, &error))
		status = run(&bench, &options, &error);
	if (error)
		fprintf(stderr, "bench_read: %s\n", error->message);
	forget(&bench);
	g_strfreev(options.sources);
	g_strfreev(options.against);
	g_strfreev(options.files);
	g_free(options.json);
	return status;
}
