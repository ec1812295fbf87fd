/* SPDX-License-Identifier: Apache-2.0
 *
 * CPU times as bytes for the next worker, and back. Whatever the bytes are, what is made of them can be counted on
 * with: the arithmetic of cpu_times.c relies on what is checked here.
 */
#include "cgroup/cpulist.h"
#include "cgroup/error.h"
#include "fs/container/cpu_times_private.h"
#include "fs/view/cpus.h"

#include <errno.h>
#include <string.h>

/* What no microseconds reach in a hundred thousand years, and sums of it do not overflow. */
#define US_MOST (UINT64_C(1) << 61)

/* A column is owed less than some ticks; see show_ticks(). */
#define OWED_MOST 1000000000

enum saved_flags { BEGUN = 1 << 0, RENUMBER = 1 << 1 };

/*
 * What comes first; then n_lines lines, n_used running totals, n_words words of the visible set. A later version adds at the end, and
 * `size` says how much of it the writer knew.
 */
struct saved {
	uint32_t size, line_size;
	uint32_t n_lines, n_used, n_words;
	uint32_t flags, turn;
	int32_t throttled_level;
	uint64_t last_us, used_us, user_us, throttled_us;
	uint64_t carry_user_us, carry_system_us, carry_steal_us;
};

G_STATIC_ASSERT(sizeof(struct saved) == 88);
G_STATIC_ASSERT(sizeof(struct line) == 80); /* as it is; what changes in it needs another size */

#define WORDS G_N_ELEMENTS(((struct cg_cpumask *)NULL)->word)

static unsigned used_words(const struct cg_cpumask *mask)
{
	unsigned n = WORDS;

	while (n > 0 && mask->word[n - 1] == 0)
		n--;
	return n;
}

static size_t arrays_size(const struct saved *saved)
{
	return saved->n_lines * sizeof(struct line) + (saved->n_used + saved->n_words) * sizeof(uint64_t);
}

size_t cpu_times_saved_size(const struct cpu_times *times)
{
	struct saved saved = {
		.n_lines = times->n_lines,
		.n_used = times->n_used,
		.n_words = used_words(&times->cpus.visible),
	};

	return sizeof(saved) + arrays_size(&saved);
}

void cpu_times_save(const struct cpu_times *times, GByteArray *to)
{
	struct saved saved = {
		.size = sizeof(saved),
		.line_size = sizeof(struct line),
		.n_lines = times->n_lines,
		.n_used = times->n_used,
		.n_words = used_words(&times->cpus.visible),
		.flags = (times->begun ? BEGUN : 0) | (times->cpus.renumber ? RENUMBER : 0),
		.turn = times->turn,
		.throttled_level = times->throttled_level,
		.last_us = times->last_us,
		.used_us = times->used_us,
		.user_us = times->user_us,
		.throttled_us = times->throttled_us,
		.carry_user_us = times->carry_user_us,
		.carry_system_us = times->carry_system_us,
		.carry_steal_us = times->carry_steal_us,
	};

	g_byte_array_append(to, (const guint8 *)&saved, sizeof(saved));
	g_byte_array_append(to, (const guint8 *)times->lines, (guint)(saved.n_lines * sizeof(struct line)));
	g_byte_array_append(to, (const guint8 *)times->percpu_us, (guint)(saved.n_used * sizeof(uint64_t)));
	g_byte_array_append(to, (const guint8 *)times->cpus.visible.word, (guint)(saved.n_words * sizeof(uint64_t)));
}

static bool refuse(const char *what, GError **error)
{
	cg_fail(error, EINVAL, "CPU times: %s", what);
	return false;
}

static bool read_head(const unsigned char *bytes, size_t length, struct saved *ret_saved, GError **error)
{
	struct saved saved = { 0 };
	uint32_t size;

	if (length < sizeof(saved))
		return refuse("too short", error);
	memcpy(&size, bytes, sizeof(size));
	if (size < sizeof(saved) || size > length)
		return refuse("a head of another size", error);
	memcpy(&saved, bytes, sizeof(saved));
	if (saved.line_size != sizeof(struct line))
		return refuse("lines of another size", error);
	if (saved.n_lines > CG_MAX_CPUS || saved.n_used > CG_MAX_CPUS || saved.n_words > WORDS)
		return refuse("more CPUs than there can be", error);
	if (length - size != arrays_size(&saved))
		return refuse("of another length than they say", error);
	*ret_saved = saved;
	return true;
}

static bool check_totals(const struct saved *saved, GError **error)
{
	const uint64_t us[] = { saved->last_us,       saved->used_us,         saved->user_us,       saved->throttled_us,
				saved->carry_user_us, saved->carry_system_us, saved->carry_steal_us };

	for (unsigned i = 0; i < G_N_ELEMENTS(us); i++)
		if (us[i] > US_MOST)
			return refuse("more time than there can have been", error);
	return true;
}

/* The sums by which each line's tick is found again. */
static bool is_sound(const struct line *line)
{
	uint64_t ticks = 0;
	int64_t owed = 0;

	for (enum column c = USER; c < COLUMNS; c++) {
		if (line->ticks[c] > US_MOST / TICK_US || line->owed_us[c] > OWED_MOST || line->owed_us[c] < -OWED_MOST)
			return false;
		ticks += line->ticks[c];
		owed += line->owed_us[c];
	}
	return line->visible_us <= US_MOST && line->shown == line->visible_us / TICK_US && ticks == line->shown &&
	       owed == (int64_t)(line->visible_us % TICK_US);
}

static bool check_lines(const struct cpu_times *times, GError **error)
{
	for (unsigned i = 0; i < times->n_lines; i++)
		if (!is_sound(&times->lines[i]))
			return refuse("a line whose columns do not add up", error);
	return true;
}

/* Some CPU is visible since anything was counted, and each visible one has its line. */
static bool check_visible(const struct cpu_times *times, GError **error)
{
	unsigned last = 0;

	cg_cpumask_foreach (cpu, &times->cpus.visible)
		last = view_cpus_shown(&times->cpus, cpu);
	if (times->cpus.n == 0)
		return !times->begun || refuse("no CPU", error);
	return last < times->n_lines || refuse("a CPU without a line", error);
}

static void take_arrays(struct cpu_times *times, const struct saved *saved, const unsigned char *from)
{
	times->n_lines = saved->n_lines;
	times->lines = g_memdup2(from, saved->n_lines * sizeof(struct line));
	from += saved->n_lines * sizeof(struct line);
	times->n_used = saved->n_used;
	times->percpu_us = g_memdup2(from, saved->n_used * sizeof(uint64_t));
	from += saved->n_used * sizeof(uint64_t);
	memcpy(times->cpus.visible.word, from, saved->n_words * sizeof(uint64_t));
	times->cpus.n = cg_cpumask_count(&times->cpus.visible);
	times->cpus.renumber = saved->flags & RENUMBER;
}

static struct cpu_times *make(const struct saved *saved, const unsigned char *arrays)
{
	struct cpu_times *times = cpu_times_new(saved->last_us);

	times->begun = saved->flags & BEGUN;
	times->used_us = saved->used_us;
	times->user_us = saved->user_us;
	times->throttled_us = saved->throttled_us;
	times->throttled_level = saved->throttled_level;
	times->carry_user_us = saved->carry_user_us;
	times->carry_system_us = saved->carry_system_us;
	times->carry_steal_us = saved->carry_steal_us;
	times->turn = saved->turn;
	take_arrays(times, saved, arrays);
	return times;
}

struct cpu_times *cpu_times_load(const void *bytes, size_t length, GError **error)
{
	struct saved saved;
	struct cpu_times *times;

	if (!read_head(bytes, length, &saved, error) || !check_totals(&saved, error))
		return NULL;
	times = make(&saved, (const unsigned char *)bytes + saved.size);
	if (!check_lines(times, error) || !check_visible(times, error))
		g_clear_pointer(&times, cpu_times_free);
	return times;
}
