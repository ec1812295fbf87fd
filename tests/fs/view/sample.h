/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of renderers share: cmocka, small views, and a renderer's
 * text as a string.
 */
#pragma once

#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/render.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)

static inline struct cg_cpumask sample_mask(const char *list)
{
	struct cg_cpumask mask;

	assert_true(cg_cpulist_parse(list, "test", &mask, NULL));
	return mask;
}

static inline struct view_cpus sample_cpus(const char *list, unsigned host_ids, bool renumber)
{
	struct view_cpus cpus = { .visible = sample_mask(list), .host_ids = host_ids, .renumber = renumber };

	cpus.n = cg_cpumask_count(&cpus.visible);
	return cpus;
}

static inline const struct cg_limit *sample_no_limit(void)
{
	static const struct cg_limit none = { .value = CG_UNLIMITED, .level = CG_LEVEL_NONE };

	return &none;
}

/* Memory without any limit or swap, and nothing used, on a host of this size. */
static inline struct view sample_unlimited(uint64_t host_memory)
{
	return (struct view){
		.host_memory = host_memory,
		.memory = { .limit = *sample_no_limit(),
			    .high = *sample_no_limit(),
			    .headroom = *sample_no_limit(),
			    .slack = *sample_no_limit(),
			    .swap_limit = *sample_no_limit(),
			    .swap_headroom = *sample_no_limit() },
		.hugetlb = { .limit = *sample_no_limit() },
	};
}

static inline char *sample_render(void (*render)(const struct view *view, GString *text), const struct view *view)
{
	GString *text = g_string_new(NULL);

	render(view, text);
	assert_int_equal(strlen(text->str), text->len);
	return g_string_free(text, FALSE);
}

#define assert_renders(render, view, expected)                        \
	do {                                                          \
		g_autofree char *text_ = sample_render(render, view); \
		assert_string_equal(text_, expected);                 \
	} while (0)
