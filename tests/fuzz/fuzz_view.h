/* SPDX-License-Identifier: Apache-2.0
 *
 * What the fuzz entries of renderers share: the host's text is the fuzzer's
 * bytes, the view is fixed, and a broken promise aborts.
 */
#pragma once

#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/render.h"
#include "fs/view/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define promise(condition)                                      \
	do {                                                    \
		if (!(condition)) {                             \
			g_printerr("broken: %s\n", #condition); \
			abort();                                \
		}                                               \
	} while (0)

/* CPUs 1, 3 and 40 of 64. */
static inline struct view_cpus fuzz_cpus(bool renumber)
{
	struct view_cpus cpus = { .n = 3, .host_ids = 64, .renumber = renumber };

	cg_cpumask_set(&cpus.visible, 1);
	cg_cpumask_set(&cpus.visible, 3);
	cg_cpumask_set(&cpus.visible, 40);
	return cpus;
}

static inline GString *fuzz_render(void (*render)(const struct view *view, GString *text), struct view *view,
				   const uint8_t *data, size_t size)
{
	g_autofree char *host = g_strndup((const char *)data, size);
	GString *text = g_string_new(NULL);

	view->host = host;
	render(view, text);
	view->host = NULL;
	promise(strlen(text->str) == text->len);
	promise(!text->len || text->str[text->len - 1] == '\n');
	return text;
}
