/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cpulist.h"
#include "cgroup/convert.h"
#include "cgroup/error.h"

#include <inttypes.h>
#include <string.h>

enum { WORDS = CG_MAX_CPUS / 64, GROUP = 32 };

void cg_cpumask_zero(struct cg_cpumask *mask)
{
	memset(mask, 0, sizeof(*mask));
}

void cg_cpumask_set(struct cg_cpumask *mask, unsigned cpu)
{
	g_return_if_fail(cpu < CG_MAX_CPUS);
	mask->word[cpu / 64] |= UINT64_C(1) << (cpu % 64);
}

bool cg_cpumask_has(const struct cg_cpumask *mask, unsigned cpu)
{
	return cpu < CG_MAX_CPUS && (mask->word[cpu / 64] >> (cpu % 64) & 1);
}

unsigned cg_cpumask_count(const struct cg_cpumask *mask)
{
	unsigned count = 0;

	for (unsigned i = 0; i < WORDS; i++)
		count += (unsigned)__builtin_popcountll(mask->word[i]);
	return count;
}

bool cg_cpumask_empty(const struct cg_cpumask *mask)
{
	return cg_cpumask_next(mask, 0) == CG_MAX_CPUS;
}

void cg_cpumask_and(struct cg_cpumask *mask, const struct cg_cpumask *with)
{
	for (unsigned i = 0; i < WORDS; i++)
		mask->word[i] &= with->word[i];
}

bool cg_cpumask_equal(const struct cg_cpumask *a, const struct cg_cpumask *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

unsigned cg_cpumask_next(const struct cg_cpumask *mask, unsigned from)
{
	uint64_t skipped = from % 64 ? ~UINT64_C(0) << (from % 64) : ~UINT64_C(0);

	for (unsigned i = from / 64; i < WORDS; i++, skipped = ~UINT64_C(0)) {
		uint64_t word = mask->word[i] & skipped;

		if (word)
			return i * 64 + (unsigned)__builtin_ctzll(word);
	}
	return CG_MAX_CPUS;
}

/* The lowest number at or above `from` that is no member. */
static unsigned next_hole(const struct cg_cpumask *mask, unsigned from)
{
	while (cg_cpumask_has(mask, from))
		from++;
	return from;
}

/* Takes "3" or "0-3" and adds it to the set. */
static bool take_range(const char **cursor, struct cg_cpumask *mask)
{
	uint64_t first, last;

	if (!cg_take_u64(cursor, &first))
		return false;
	last = first;
	if (**cursor == '-') {
		++*cursor;
		if (!cg_take_u64(cursor, &last))
			return false;
	}
	if (first > last || last >= CG_MAX_CPUS)
		return false;
	for (uint64_t cpu = first; cpu <= last; cpu++)
		cg_cpumask_set(mask, (unsigned)cpu);
	return true;
}

bool cg_cpulist_parse(const char *text, const char *file, struct cg_cpumask *ret_mask, GError **error)
{
	struct cg_cpumask mask = { 0 };
	const char *p = text;

	while (!cg_at_end(p)) {
		if (p != text && *p++ != ',')
			return cg_fail_text(error, file, "a list such as 0-3,7", text);
		if (!take_range(&p, &mask))
			return cg_fail_text(error, file, "a list such as 0-3,7", text);
	}
	*ret_mask = mask;
	return true;
}

void cg_cpulist_append(GString *out, const struct cg_cpumask *mask)
{
	const char *comma = "";
	unsigned last;

	for (unsigned first = cg_cpumask_next(mask, 0); first < CG_MAX_CPUS; first = cg_cpumask_next(mask, last + 1)) {
		last = next_hole(mask, first) - 1;
		g_string_append_printf(out, last > first ? "%s%u-%u" : "%s%u", comma, first, last);
		comma = ",";
	}
}

/* Takes one group of up to eight hexadecimal digits. */
static unsigned take_group(const char **cursor, uint32_t *ret_bits)
{
	unsigned digits = 0;

	*ret_bits = 0;
	for (; digits < GROUP / 4 && g_ascii_isxdigit(**cursor); digits++, ++*cursor)
		*ret_bits = *ret_bits << 4 | (uint32_t)g_ascii_xdigit_value(**cursor);
	return digits;
}

/* How many groups a map has: its commas and one. */
static unsigned count_groups(const char *text)
{
	unsigned n = 1;

	for (; *text; text++)
		n += *text == ',';
	return n;
}

bool cg_cpumap_parse(const char *text, const char *file, struct cg_cpumask *ret_mask, GError **error)
{
	struct cg_cpumask mask = { 0 };
	const char *p = text;

	for (unsigned left = count_groups(text); left-- > 0;) {
		uint32_t bits;
		unsigned digits = take_group(&p, &bits);
		bool whole = digits == GROUP / 4 || (p - text == (ptrdiff_t)digits && digits > 0);

		if (!whole || (left > 0 ? *p++ != ',' : !cg_at_end(p)) || (bits && left >= CG_MAX_CPUS / GROUP))
			return cg_fail_text(error, file, "a map such as 00000000,0000008f", text);
		if (bits)
			mask.word[left / 2] |= (uint64_t)bits << (left % 2 * GROUP);
	}
	*ret_mask = mask;
	return true;
}

void cg_cpumap_append(GString *out, const struct cg_cpumask *mask, unsigned nbits)
{
	unsigned rest;

	nbits = MIN(nbits, CG_MAX_CPUS);
	rest = nbits % GROUP ? nbits % GROUP : GROUP;
	for (unsigned group = (nbits + GROUP - 1) / GROUP; group-- > 0; rest = GROUP) {
		uint64_t bits = mask->word[group / 2] >> (group % 2 * GROUP) & ((UINT64_C(1) << rest) - 1);

		g_string_append_printf(out, "%0*" PRIx64 "%s", (int)(rest + 3) / 4, bits, group ? "," : "");
	}
}
