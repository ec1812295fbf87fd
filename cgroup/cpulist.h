/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of CPUs and their two kernel spellings: the list ("0-3,7") and the map
 * ("00000000,0000008f"). See Documentation/admin-guide/cputopology.rst and
 * the kernel's lib/bitmap-str.c (%*pbl and %*pb).
 */
#pragma once

#include "cgroup/cg.h"

#include <glib.h>

void cg_cpumask_zero(struct cg_cpumask *mask);
void cg_cpumask_set(struct cg_cpumask *mask, unsigned cpu); /* cpu < CG_MAX_CPUS */
bool cg_cpumask_has(const struct cg_cpumask *mask, unsigned cpu);
unsigned cg_cpumask_count(const struct cg_cpumask *mask);
bool cg_cpumask_empty(const struct cg_cpumask *mask);
void cg_cpumask_and(struct cg_cpumask *mask, const struct cg_cpumask *with);
bool cg_cpumask_equal(const struct cg_cpumask *a, const struct cg_cpumask *b);

/* The lowest member at or above `from`; CG_MAX_CPUS when there is none. */
unsigned cg_cpumask_next(const struct cg_cpumask *mask, unsigned from);

#define cg_cpumask_foreach(cpu, mask) \
	for (unsigned cpu = cg_cpumask_next(mask, 0); cpu < CG_MAX_CPUS; cpu = cg_cpumask_next(mask, cpu + 1))

/*
 * Parses a list; the empty text (with or without a newline) is the empty set.
 * `file` names the text in the error (CG_ERROR, EINVAL). ret_mask is written
 * only on success.
 */
bool cg_cpulist_parse(const char *text, const char *file, struct cg_cpumask *ret_mask, GError **error);

/* Appends "0-3,7" without a newline; nothing for the empty set. */
void cg_cpulist_append(GString *out, const struct cg_cpumask *mask);

/* Parses "00000000,0000008f" (bits above CG_MAX_CPUS are an error). */
bool cg_cpumap_parse(const char *text, const char *file, struct cg_cpumask *ret_mask, GError **error);

/* Appends the map as the kernel prints one of `nbits` bits: groups of 32, the first narrower where nbits is no multiple. */
void cg_cpumap_append(GString *out, const struct cg_cpumask *mask, unsigned nbits);
