/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host says of itself: its clocks and its CPUs.
 */
#include "cgroup/cpulist.h"
#include "cgroup/error.h"
#include "fs/container/host_private.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t host_now_us(const Host *host)
{
	struct timespec now;

	if (host->captured)
		return host->now_us;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

void host_set_now_us(Host *host, uint64_t now_us)
{
	host->now_us = now_us;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/*
 * The kernel rounds the start down to seconds (getboottime64()). So do we, as soon as
 * the moments before and after the wall clock was read round to the same one; reading
 * /proc/stat itself would cost a walk over all CPUs and interrupts.
 */
static uint64_t running_btime_s(void)
{
	uint64_t earliest, latest;

	for (int attempt = 0;; attempt++) {
		uint64_t before = clock_ns(CLOCK_BOOTTIME), wall = clock_ns(CLOCK_REALTIME);

		earliest = (wall - clock_ns(CLOCK_BOOTTIME)) / 1000000000;
		latest = (wall - before) / 1000000000;
		if (earliest == latest || attempt == 10)
			return latest;
	}
}

bool host_btime_s(const Host *host, uint64_t *ret_s, GError **error)
{
	g_autofree char *text = NULL;
	const char *line;

	if (!host->captured) {
		*ret_s = running_btime_s();
		return true;
	}
	text = host_read(host, "/proc/stat", error);
	if (!text)
		return false;
	line = strstr(text, "\nbtime ");
	if (!line)
		return cg_fail(error, EINVAL, "/proc/stat: no btime");
	*ret_s = g_ascii_strtoull(line + strlen("\nbtime "), NULL, 10);
	return true;
}

static bool read_cpulist(const Host *host, const char *path, struct cg_cpumask *ret_mask, GError **error)
{
	g_autofree char *text = host_read(host, path, error);

	if (!text || !cg_cpulist_parse(text, path, ret_mask, error))
		return false;
	return !cg_cpumask_empty(ret_mask) || cg_fail(error, EINVAL, "%s: no CPU", path);
}

bool host_read_cpu_ids(const Host *host, unsigned *ret_ids, GError **error)
{
	struct cg_cpumask possible;

	if (!read_cpulist(host, "/sys/devices/system/cpu/possible", &possible, error))
		return false;
	cg_cpumask_foreach (cpu, &possible)
		*ret_ids = cpu + 1;
	return true;
}

bool host_cpus(const Host *host, struct cg_cpumask *ret_online, unsigned *ret_ids, GError **error)
{
	if (!read_cpulist(host, "/sys/devices/system/cpu/online", ret_online, error))
		return false;
	if (host->cpu_ids == 0)
		return host_read_cpu_ids(host, ret_ids, error);
	*ret_ids = host->cpu_ids;
	return true;
}

bool host_nodes(const Host *host, struct cg_cpumask *ret_online, GError **error)
{
	static const char path[] = "/sys/devices/system/node/online";
	g_autoptr(GError) missing = NULL;
	g_autofree char *text = host_read(host, path, &missing);

	if (text)
		return cg_cpulist_parse(text, path, ret_online, error);
	if (!g_error_matches(missing, CG_ERROR, ENOENT)) {
		g_propagate_error(error, g_steal_pointer(&missing));
		return false;
	}
	cg_cpumask_zero(ret_online);
	cg_cpumask_set(ret_online, 0);
	return true;
}

uint64_t host_page_size(const Host *host)
{
	return host->captured ? 4096 : (uint64_t)sysconf(_SC_PAGESIZE);
}
