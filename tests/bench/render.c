/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_render [--rounds N] [HOST…]: what each row of the table costs on captured hosts (tests/fixtures), without FUSE: the whole
 * of it, from looking to text, and the renderer alone. The looking is cheaper than on a
 * running host, where the kernel makes the texts that are read.
 */
#include "fs/container/gather_private.h"
#include "golden/fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>
#include <gsl/gsl_statistics_double.h>

struct options {
	int rounds;
	char **hosts;
};

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* The view that the renderer gets, made once. */
static bool look_once(struct look *look, const struct instance *instance)
{
	struct fixture *fixture = instance->fixture;

	if (!look_begin(look, fixture->registry, fixture->container, NULL))
		return false;
	look->row = instance->row;
	look->index = instance->index;
	look->view.cpu = look->view.minor = instance->index.first;
	look->view.major = instance->index.second;
	return look_at(look, VIEW_CPUS | instance->row->needs, NULL);
}

static double time_all(const struct instance *instance)
{
	double start = now_us();
	char *text = instance_text(instance);
	double end = now_us();

	g_free(text);
	return end - start;
}

static double time_render(const struct instance *instance, const struct view *view)
{
	double start = now_us();
	g_autoptr(GString) text = g_string_sized_new(2048);

	instance->row->render(view, text);
	return now_us() - start;
}

static void measure(const struct instance *instance, int rounds)
{
	g_autofree double *all = g_new(double, rounds), *render = g_new(double, rounds);
	g_autofree char *text = instance_text(instance);
	cg_cleanup(look_clear) struct look look = { 0 };

	if (!look_once(&look, instance))
		return;
	for (int i = 0; i < rounds; i++) {
		all[i] = time_all(instance);
		render[i] = time_render(instance, &look.view);
	}
	printf("%-62s %8zu %9.1f %9.1f\n", instance->row->path, strlen(text), gsl_stats_median(all, 1, (size_t)rounds),
	       gsl_stats_median(render, 1, (size_t)rounds));
}

/* One instance of each row stands for all. */
static bool bench_host(const char *name, int rounds)
{
	struct fixture *fixture = fixture_open(FIXTURES, name);
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	g_autoptr(GPtrArray) all = NULL;
	bool is_there = !fixture->error;

	if (is_there) {
		all = fixture_instances(fixture);
		printf("%s: %u files; medians of %d, in microseconds\n\n%-62s %8s %9s %9s\n", name, all->len, rounds,
		       "file", "bytes", "all", "rendering");
	} else {
		fprintf(stderr, "bench_render: %s: %s\n", name, fixture->error->message);
	}
	for (unsigned i = 0; is_there && i < all->len; i++) {
		struct instance *instance = all->pdata[i];

		if (g_hash_table_add(seen, (gpointer)(uintptr_t)instance->row))
			measure(instance, rounds);
	}
	fixture_free(fixture);
	return is_there;
}

static struct options options_parse(int argc, char **argv)
{
	struct options options = { .rounds = 101 };
	const GOptionEntry entries[] = {
		{ "rounds", 0, 0, G_OPTION_ARG_INT, &options.rounds, "measurements of each (101)", "N" },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.hosts, NULL, NULL },
		G_OPTION_ENTRY_NULL
	};
	g_autoptr(GOptionContext) context =
		g_option_context_new("[HOST…] - what each row costs on a captured host (v2-256cpus)");
	g_autoptr(GError) error = NULL;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error) || options.rounds < 1) {
		fprintf(stderr, "bench_render: %s\n", error ? error->message : "--rounds: not a number above 0");
		exit(2);
	}
	return options;
}

int main(int argc, char **argv)
{
	struct options options = options_parse(argc, argv);
	g_auto(GStrv) hosts = options.hosts ? options.hosts : g_strsplit("v2-256cpus", " ", -1);
	bool all_there = true;

	for (char **host = hosts; *host; host++)
		all_there = bench_host(*host, options.rounds) && all_there;
	return all_there ? 0 : 1;
}
