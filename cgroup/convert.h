/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers as cgroup files spell them. Everything is strict: decimal digits, at
 * most one newline at the end, no sign, no blanks, no overflow. `file` names
 * the text in the error (CG_ERROR, EINVAL); ret_x is written only on success.
 */
#pragma once

#include "cgroup/cg.h"

#include <glib.h>

/* For products and sums of two figures. */
__extension__ typedef unsigned __int128 cg_u128;

/* Saturating addition: CG_UNLIMITED at the most. */
static inline uint64_t cg_plus(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* Takes the digits at *cursor and moves it behind them; false without a digit or on overflow, *cursor then stays. */
bool cg_take_u64(const char **cursor, uint64_t *ret_value);

/* A file of one number. */
bool cg_parse_u64(const char *text, const char *file, uint64_t *ret_value, GError **error);

/* A file of one number or "max", which is CG_UNLIMITED. */
bool cg_parse_max(const char *text, const char *file, uint64_t *ret_value, GError **error);

/* A v1 limit: a number, where anything near 2^63 is CG_UNLIMITED. */
bool cg_parse_v1_limit(const char *text, const char *file, uint64_t *ret_value, GError **error);

/* v1's cpu.cfs_quota_us: a number, where -1 is CG_UNLIMITED. */
bool cg_parse_v1_quota(const char *text, const char *file, uint64_t *ret_value, GError **error);

/* v2's cpu.max, "QUOTA PERIOD" or "max PERIOD"; the period is never 0. */
bool cg_parse_cpu_max(const char *text, const char *file, uint64_t *ret_quota_us, uint64_t *ret_period_us,
		      GError **error);

/* The text may end here: nothing or one newline is left. */
bool cg_at_end(const char *cursor);

/* The error for text that is not what `expected` says; shows the beginning of it. Returns false. */
bool cg_fail_text(GError **error, const char *file, const char *expected, const char *text);

/* v2's weight (1 to 10000; 0 is an idle cgroup) on v1's scale of shares, as OCI runtimes convert. */
uint64_t cg_weight_to_shares(uint64_t weight);

/*
 * The other way round. A weight makes shares that make this weight again; shares make a weight that makes no more shares than these,
 * and as many as the coarser scale can say.
 */
uint64_t cg_shares_to_weight(uint64_t shares);
