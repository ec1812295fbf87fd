/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/bench.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <stdio.h>

#define FILE_WIDTH   28
#define FIGURE_WIDTH 7

static const struct {
	const char *name;
	size_t samples; /* offset of the GArray in struct cell */
	double quantile;
} figures[FIGURES] = {
	[FIGURE_P50] = { "p50", offsetof(struct cell, us), 0.50 },
	[FIGURE_P99] = { "p99", offsetof(struct cell, us), 0.99 },
	[FIGURE_DAEMON] = { "daemon", offsetof(struct cell, daemon_us), 0.50 },
	[FIGURE_READER] = { "reader", offsetof(struct cell, reader_us), 0.50 },
};

static const char *const text_names[] = {
	[TEXT_ABSENT] = "absent",
	[TEXT_HOST] = "host",
	[TEXT_OWN] = "own",
};

double figure_of(struct cell *cell, enum figure figure)
{
	GArray *samples = *(GArray **)(void *)((char *)cell + figures[figure].samples);
	double *values = (double *)(void *)samples->data;

	if (samples->len == 0)
		return (double)NAN;
	gsl_sort(values, 1, samples->len);
	return gsl_stats_quantile_from_sorted_data(values, 1, samples->len, figures[figure].quantile);
}

/* In FILE_WIDTH columns: "…/cpu/online"; of a longer one the end. */
static void print_file(const char *file)
{
	static const char usual[] = "/sys/devices/system";
	g_autofree char *name =
		g_str_has_prefix(file, usual) ? g_strconcat("…", file + strlen(usual), NULL) : g_strdup(file);
	glong width = g_utf8_strlen(name, -1);

	if (width <= FILE_WIDTH)
		printf("%s%*s", name, (int)(FILE_WIDTH - width), "");
	else
		printf("…%s", g_utf8_offset_to_pointer(name, width - (FILE_WIDTH - 1)));
}

static void print_figure(double value, int decimals)
{
	if (isfinite(value))
		printf("%*.*f", FIGURE_WIDTH, value < 1000 ? decimals : 0, value);
	else
		printf("%*s", FIGURE_WIDTH, "-");
}

/* A table of a group of columns for each source, a row for each file. */
struct table {
	const char *title;
	const char *before; /* in front of a source's name */
	guint first;        /* the first source that has a group */
	guint n_figures;    /* the first so many of enum figure */
	int decimals;
	guint ours; /* what the ratios are of */
	double (*value)(const struct bench *bench, guint file, guint ours, guint source, enum figure figure);
};

static void print_head(const struct bench *bench, const struct table *table)
{
	int width = (int)table->n_figures * FIGURE_WIDTH;

	printf("%s\n\n%*s", table->title, FILE_WIDTH + 7, "");
	for (guint source = table->first; source < bench->sources->len; source++) {
		const struct source *it = bench->sources->pdata[source];
		g_autofree char *name = g_strconcat(table->before, it->name, NULL);

		printf(" |%*s%s", width - (int)g_utf8_strlen(name, -1), "", name);
	}
	printf("\n%-*s%7s", FILE_WIDTH, "file", "bytes");
	for (guint source = table->first; source < bench->sources->len; source++) {
		printf(" |");
		for (guint i = 0; i < table->n_figures; i++)
			printf("%*s", FIGURE_WIDTH, figures[i].name);
	}
	printf("\n");
}

static void print_table(const struct bench *bench, const struct table *table)
{
	print_head(bench, table);
	for (guint file = 0; file < bench->files->len; file++) {
		print_file(bench->files->pdata[file]);
		printf("%7zu", bench_cell(bench, file, 0)->bytes);
		for (guint source = table->first; source < bench->sources->len; source++) {
			printf(" |");
			for (guint i = 0; i < table->n_figures; i++)
				print_figure(table->value(bench, file, table->ours, source, (enum figure)i),
					     table->decimals);
		}
		printf("\n");
	}
	printf("\n");
}

static double absolute(const struct bench *bench, guint file, guint ours, guint source, enum figure figure)
{
	return figure_of(bench_cell(bench, file, source), figure);
}

static double ratio(const struct bench *bench, guint file, guint ours, guint source, enum figure figure)
{
	return figure_of(bench_cell(bench, file, ours), figure) / figure_of(bench_cell(bench, file, source), figure);
}

/* Which files a source does not change for the reader, and which it has not at all. */
static void print_texts(const struct bench *bench, const struct source *source, guint at, enum text_is kind,
			const char *sentence)
{
	g_autoptr(GString) list = g_string_new(NULL);

	for (guint file = 0; file < bench->files->len; file++)
		if (bench_cell(bench, file, at)->text == kind)
			g_string_append_printf(list, " %s", (const char *)bench->files->pdata[file]);
	if (list->len > 0)
		printf("%s %s:%s\n", source->name, sentence, list->str);
}

static void print_notes(const struct bench *bench)
{
	for (guint at = 0; at < bench->sources->len; at++) {
		const struct source *source = bench->sources->pdata[at];

		print_texts(bench, source, at, TEXT_ABSENT, "does not serve");
		/* The null file system's text is nobody's; the kernel's is the host's by definition. */
		if (source->clocks->len > 0 && strstr(source->pattern, "{file}"))
			print_texts(bench, source, at, TEXT_HOST, "shows this reader what the host shows in");
	}
}

static void print_verdict(const struct bench *bench, guint ours, guint lxcfs)
{
	const struct source *source = bench->sources->pdata[ours];
	g_autoptr(GString) lost = g_string_new(NULL);
	guint compared = 0, n_lost = 0;

	for (guint file = 0; file < bench->files->len; file++) {
		compared += isfinite(ratio(bench, file, ours, lxcfs, FIGURE_DAEMON));
		if (!bench_lost(bench, file, ours, lxcfs))
			continue;
		n_lost++;
		g_string_append_printf(lost, " %s", (const char *)bench->files->pdata[file]);
	}
	printf("%s uses less daemon CPU a read than lxcfs for %u of the %u files that both serve%s%s\n", source->name,
	       compared - n_lost, compared, n_lost > 0 ? ", but not for" : "", lost->str);
}

static void print_ratios(const struct bench *bench, guint ours)
{
	const struct source *source = bench->sources->pdata[ours];
	g_autofree char *title = g_strconcat(source->name, " divided by the others; below 1 is better", NULL);
	const struct table table = { title, "÷ ", bench->ours, FIGURE_READER, 2, ours, ratio };

	print_table(bench, &table);
}

void report_tables(const struct bench *bench)
{
	const struct table table = {
		"Microseconds: p50 and p99 of open + read + close, and the daemon's CPU time a read",
		"",
		0,
		FIGURE_READER,
		1,
		0,
		absolute
	};
	int lxcfs = bench_source(bench, "lxcfs");

	print_table(bench, &table);
	for (guint ours = 0; ours < bench->ours && bench->ours < bench->sources->len; ours++)
		print_ratios(bench, ours);
	print_notes(bench);
	for (guint ours = 0; ours < bench->ours && lxcfs >= 0; ours++)
		print_verdict(bench, ours, (guint)lxcfs);
}

static void build_cell(JsonBuilder *builder, struct cell *cell)
{
	json_builder_begin_object(builder);
	json_builder_set_member_name(builder, "text");
	json_builder_add_string_value(builder, text_names[cell->text]);
	json_builder_set_member_name(builder, "bytes");
	json_builder_add_int_value(builder, (gint64)cell->bytes);
	json_builder_set_member_name(builder, "reads");
	json_builder_add_int_value(builder, cell->us->len);
	for (int i = 0; i < FIGURES; i++) {
		double value = figure_of(cell, (enum figure)i);
		g_autofree char *name = g_strconcat(figures[i].name, "_us", NULL);

		if (!isfinite(value))
			continue;
		json_builder_set_member_name(builder, name);
		json_builder_add_double_value(builder, value);
	}
	json_builder_end_object(builder);
}

bool report_json(const struct bench *bench, const char *path, GError **error)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autoptr(JsonNode) root = NULL;

	json_builder_begin_object(builder);
	for (guint file = 0; file < bench->files->len; file++) {
		json_builder_set_member_name(builder, bench->files->pdata[file]);
		json_builder_begin_object(builder);
		for (guint at = 0; at < bench->sources->len; at++) {
			const struct source *source = bench->sources->pdata[at];

			json_builder_set_member_name(builder, source->name);
			build_cell(builder, bench_cell(bench, file, at));
		}
		json_builder_end_object(builder);
	}
	json_builder_end_object(builder);
	root = json_builder_get_root(builder);
	json_generator_set_root(generator, root);
	json_generator_set_pretty(generator, TRUE);
	return json_generator_to_file(generator, path, error);
}
