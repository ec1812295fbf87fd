/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/convert.h"
#include "cgroup/error.h"

#include <errno.h>
#include <string.h>

/*
 * "No limit" in v1 is the largest multiple of a page below 2^63 (the kernel's
 * PAGE_COUNTER_MAX), in hugetlb files the largest multiple of the huge page,
 * which can be 16 GiB. Nobody means a limit in between.
 */
#define V1_UNLIMITED ((UINT64_C(1) << 63) - (UINT64_C(1) << 34))

/* The ranges that the OCI runtime specification's cpu.shares and the kernel's cpu.weight have. */
enum { WEIGHT_MIN = 1, WEIGHT_DEFAULT = 100, WEIGHT_MAX = 10000 };
enum { SHARES_MIN = 2, SHARES_DEFAULT = 1024, SHARES_MAX = 262144 };

bool cg_take_u64(const char **cursor, uint64_t *ret_value)
{
	const char *p = *cursor;
	uint64_t value = 0;

	for (; g_ascii_isdigit(*p); p++) {
		if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return false;
	}
	if (p == *cursor)
		return false;
	*cursor = p;
	*ret_value = value;
	return true;
}

bool cg_at_end(const char *cursor)
{
	return cursor[0] == '\0' || (cursor[0] == '\n' && cursor[1] == '\0');
}

bool cg_fail_text(GError **error, const char *file, const char *expected, const char *text)
{
	g_autofree char *shown = g_strndup(text, strnlen(text, 40));
	g_autofree char *escaped = g_strescape(shown, NULL);

	return cg_fail(error, EINVAL, "%s: expected %s, found \"%s\"", file, expected, escaped);
}

/* A number that fills the text; written to *ret only if it does. */
static bool whole_u64(const char *text, uint64_t *ret)
{
	uint64_t value;

	if (!cg_take_u64(&text, &value) || !cg_at_end(text))
		return false;
	*ret = value;
	return true;
}

bool cg_parse_u64(const char *text, const char *file, uint64_t *ret_value, GError **error)
{
	return whole_u64(text, ret_value) || cg_fail_text(error, file, "a number", text);
}

bool cg_parse_max(const char *text, const char *file, uint64_t *ret_value, GError **error)
{
	if (g_str_has_prefix(text, "max") && cg_at_end(text + strlen("max"))) {
		*ret_value = CG_UNLIMITED;
		return true;
	}
	return whole_u64(text, ret_value) || cg_fail_text(error, file, "a number or max", text);
}

bool cg_parse_v1_limit(const char *text, const char *file, uint64_t *ret_value, GError **error)
{
	if (!cg_parse_u64(text, file, ret_value, error))
		return false;
	if (*ret_value >= V1_UNLIMITED)
		*ret_value = CG_UNLIMITED;
	return true;
}

bool cg_parse_v1_quota(const char *text, const char *file, uint64_t *ret_value, GError **error)
{
	if (g_str_has_prefix(text, "-1") && cg_at_end(text + strlen("-1"))) {
		*ret_value = CG_UNLIMITED;
		return true;
	}
	return whole_u64(text, ret_value) || cg_fail_text(error, file, "microseconds or -1", text);
}

bool cg_parse_cpu_max(const char *text, const char *file, uint64_t *ret_quota_us, uint64_t *ret_period_us,
		      GError **error)
{
	const char *p = text;
	uint64_t quota = CG_UNLIMITED, period;

	if (g_str_has_prefix(p, "max"))
		p += strlen("max");
	else if (!cg_take_u64(&p, &quota))
		return cg_fail_text(error, file, "a quota and a period", text);
	if (*p++ != ' ' || !whole_u64(p, &period) || period == 0)
		return cg_fail_text(error, file, "a quota and a period", text);
	*ret_quota_us = quota;
	*ret_period_us = period;
	return true;
}

uint64_t cg_weight_to_shares(uint64_t weight)
{
	uint64_t above = cg_minus(MIN(weight, WEIGHT_MAX), WEIGHT_MIN);

	if (weight == WEIGHT_DEFAULT) /* nobody asked for anything, as 1024 shares say on v1 */
		return SHARES_DEFAULT;
	/* Rounded up: the fewest shares that give this weight. */
	above = above * (SHARES_MAX - SHARES_MIN) + (WEIGHT_MAX - WEIGHT_MIN - 1);
	return SHARES_MIN + above / (WEIGHT_MAX - WEIGHT_MIN);
}

uint64_t cg_shares_to_weight(uint64_t shares)
{
	uint64_t above = cg_minus(MIN(shares, SHARES_MAX), SHARES_MIN);

	if (shares == SHARES_DEFAULT)
		return WEIGHT_DEFAULT;
	return WEIGHT_MIN + above * (WEIGHT_MAX - WEIGHT_MIN) / (SHARES_MAX - SHARES_MIN);
}
