/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cpuacct.h"
#include "cgroup/convert.h"
#include "cgroup/group.h"
#include "cgroup/keyed.h"

#include <string.h>

enum { NS_A_US = 1000 };

void cg_cputime_clear(struct cg_cputime *time)
{
	g_clear_pointer(&time->percpu_us, g_free);
	*time = (struct cg_cputime){ 0 };
}

/* The numbers are each followed by a blank, the last one too. */
static unsigned count_numbers(const char *text)
{
	unsigned n = 0;

	for (const char *p = text; *p; p++)
		n += g_ascii_isdigit(p[0]) && !g_ascii_isdigit(p[1]);
	return MIN(n, CG_MAX_CPUS);
}

static bool take_percpu(const char *p, struct cg_cputime *time)
{
	uint64_t ns, sum = 0;

	while (time->n_percpu < CG_MAX_CPUS && cg_take_u64(&p, &ns)) {
		if (__builtin_add_overflow(sum, ns, &sum))
			return false;
		time->percpu_us[time->n_percpu++] = ns / NS_A_US;
		if (*p != ' ')
			break;
		p++;
	}
	time->usage_us = sum / NS_A_US;
	return time->n_percpu > 0 && cg_at_end(p);
}

bool cpuacct_parse_percpu(const char *text, const char *file, struct cg_cputime *ret_time, GError **error)
{
	cg_cleanup(cg_cputime_clear) struct cg_cputime time = { 0 };

	time.percpu_us = g_new(uint64_t, count_numbers(text) + 1);
	if (!take_percpu(text, &time))
		return cg_fail_text(error, file, "nanoseconds of each CPU", text);
	*ret_time = time;
	time.percpu_us = NULL;
	return true;
}

static bool take_cpu_line(const char **cursor, struct cpuacct_split *split)
{
	uint64_t cpu, user, system;

	if (!cg_take_u64(cursor, &cpu) || *(*cursor)++ != ' ' || !cg_take_u64(cursor, &user) || *(*cursor)++ != ' ' ||
	    !cg_take_u64(cursor, &system) || (**cursor != '\0' && *(*cursor)++ != '\n'))
		return false;
	return !__builtin_add_overflow(split->user, user, &split->user) &&
	       !__builtin_add_overflow(split->system, system, &split->system);
}

bool cpuacct_parse_usage_all(const char *text, const char *file, struct cpuacct_split *ret_split, GError **error)
{
	static const char heading[] = "cpu user system\n";
	struct cpuacct_split split = { 0 };
	const char *p = text;

	if (!g_str_has_prefix(p, heading))
		return cg_fail_text(error, file, "cpu user system", text);
	for (p += strlen(heading); *p;) {
		const char *line = p;

		if (!take_cpu_line(&p, &split))
			return cg_fail_text(error, file, "CPU USER SYSTEM", line);
	}
	*ret_split = split;
	return true;
}

bool cpuacct_parse_stat(const char *text, const char *file, struct cpuacct_split *ret_split, GError **error)
{
	static const struct keyed table[] = {
		{ "user", offsetof(struct cpuacct_split, user), true },
		{ "system", offsetof(struct cpuacct_split, system), true },
	};
	struct cpuacct_split split;

	if (!keyed_parse(text, file, table, G_N_ELEMENTS(table), &split, error))
		return false;
	*ret_split = split;
	return true;
}

void cpuacct_divide(struct cg_cputime *time, const struct cpuacct_split *split)
{
	cg_u128 all = (cg_u128)split->user + split->system;

	time->system_us = all ? (uint64_t)((cg_u128)time->usage_us * split->system / all) : 0;
	time->user_us = time->usage_us - time->system_us;
}
