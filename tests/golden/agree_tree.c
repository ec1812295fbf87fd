/* SPDX-License-Identifier: Apache-2.0
 *
 * Both shapes of the cgroup tree tell the same of the container's own cgroup, the limit that meminfo has, and the disks of diskstats.
 */
#include "golden/agree_private.h"

#include "cgroup/convert.h"
#include "cgroup/error.h"
#include "cgroup/iostat.h"
#include "fs/view/disks.h"

#include <errno.h>
#include <string.h>

#define TREE "/sys/fs/cgroup/"

/* NULL where the file is not there. */
static char *text_of(const struct fixture *fixture, enum view_shape shape, const char *name)
{
	g_autofree char *path = g_strconcat(TREE, name, NULL);
	bool other = cgroup_tree_shape(fixture->registry, fixture->container) != shape;
	g_autoptr(GError) error = NULL;
	GString *text = cgroup_tree_text(other ? fixture->other_registry : fixture->registry,
					 other ? fixture->other : fixture->container, rows_by_path(path),
					 (struct gather_index){ 0 }, fixture->reader, &error);

	if (!text && !g_error_matches(error, CG_ERROR, ENOENT))
		fail_msg("%s %s: %s", fixture->name, path, error->message);
	return text ? g_string_free(text, FALSE) : NULL;
}

/* One number is like the other. */
struct pair {
	const char *v1, *v1_key, *v2, *v2_key; /* a key: the number behind it, else the first one */
	uint64_t v1_unit, slack;
};

static bool number_of(const char *text, const char *key, uint64_t *ret_number)
{
	g_auto(GStrv) lines = lines_of(text);
	size_t length = key ? strlen(key) : 0;

	for (char **line = lines; *line; line++) {
		const char *at = *line + length + (key != NULL);

		if (key && (strncmp(*line, key, length) != 0 || (*line)[length] != ' '))
			continue;
		if (g_str_has_prefix(at, "max") || g_str_has_prefix(at, "-1"))
			*ret_number = CG_UNLIMITED;
		else if (!cg_take_u64(&at, ret_number))
			return false;
		if (*ret_number >= UINT64_C(1) << 62)
			*ret_number = CG_UNLIMITED;
		return true;
	}
	return false;
}

/* How many of the pairs were there to be compared. */
static unsigned compare(const struct fixture *fixture, const struct pair *pair)
{
	g_autofree char *one = text_of(fixture, VIEW_SHAPE_V1, pair->v1);
	g_autofree char *other = text_of(fixture, VIEW_SHAPE_V2, pair->v2);
	uint64_t a, b;

	if (!one || !other || !number_of(one, pair->v1_key, &a) || !number_of(other, pair->v2_key, &b))
		return 0;
	a = a == CG_UNLIMITED ? a : a / (pair->v1_unit ? pair->v1_unit : 1);
	if (MAX(a, b) - MIN(a, b) > pair->slack)
		fail_msg("%s: %s is %" G_GUINT64_FORMAT ", %s is %" G_GUINT64_FORMAT, fixture->name, pair->v1, a,
			 pair->v2, b);
	return 1;
}

/* v2's usage is a microsecond more at the most than its two parts, of which v1's is made. */
void shapes_tell_the_same(void **state)
{
	static const struct pair pairs[] = {
		{ "memory/memory.limit_in_bytes", NULL, "memory.max", NULL, 1, 0 },
		{ "memory/memory.usage_in_bytes", NULL, "memory.current", NULL, 1, 0 },
		{ "memory/memory.max_usage_in_bytes", NULL, "memory.peak", NULL, 1, 0 },
		{ "memory/memory.failcnt", NULL, "memory.events", "max", 1, 0 },
		{ "memory/memory.oom_control", "oom_kill", "memory.events", "oom_kill", 1, 0 },
		{ "memory/memory.stat", "total_cache", "memory.stat", "file", 1, 0 },
		{ "memory/memory.stat", "total_rss", "memory.stat", "anon", 1, 0 },
		{ "memory/memory.stat", "total_inactive_file", "memory.stat", "inactive_file", 1, 0 },
		{ "memory/memory.stat", "total_pgmajfault", "memory.stat", "pgmajfault", 1, 0 },
		{ "cpu,cpuacct/cpu.cfs_quota_us", NULL, "cpu.max", NULL, 1, 0 },
		{ "cpu,cpuacct/cpu.stat", "nr_throttled", "cpu.stat", "nr_throttled", 1, 0 },
		{ "cpu,cpuacct/cpu.stat", "throttled_time", "cpu.stat", "throttled_usec", 1000, 0 },
		{ "cpu,cpuacct/cpuacct.usage", NULL, "cpu.stat", "usage_usec", 1000, 1 },
		{ "pids/pids.max", NULL, "pids.max", NULL, 1, 0 },
		{ "pids/pids.current", NULL, "pids.current", NULL, 1, 0 },
		{ "hugetlb/hugetlb.2MB.limit_in_bytes", NULL, "hugetlb.2MB.max", NULL, 1, 0 },
	};
	unsigned compared = 0;

	for (unsigned i = 0; i < G_N_ELEMENTS(pairs); i++)
		compared += compare(*state, &pairs[i]);
	assert_true(compared >= 6);
}

/* v2 says 0 for each process that its reader does not see, v1 nothing. */
static const char *behind_zeros(const char *text)
{
	while (g_str_has_prefix(text, "0\n"))
		text += strlen("0\n");
	return text;
}

void shapes_list_the_same(void **state)
{
	static const char *const pairs[][2] = {
		{ "cpuset/cpuset.effective_cpus", "cpuset.cpus.effective" },
		{ "cpuset/cpuset.effective_mems", "cpuset.mems.effective" },
		{ "systemd/cgroup.procs", "cgroup.procs" },
	};
	unsigned compared = 0;

	for (unsigned i = 0; i < G_N_ELEMENTS(pairs); i++) {
		g_autofree char *one = text_of(*state, VIEW_SHAPE_V1, pairs[i][0]);
		g_autofree char *other = text_of(*state, VIEW_SHAPE_V2, pairs[i][1]);

		if (one && other) {
			assert_string_equal(behind_zeros(one), behind_zeros(other));
			compared++;
		}
	}
	assert_true(compared > 0);
}

/* Who reads the root of the tree alone learns the limit that counts. */
void the_tree_has_the_limit(void **state)
{
	const struct fixture *fixture = *state;
	g_autofree char *max = text_of(fixture, VIEW_SHAPE_V2, "memory.max");
	g_autofree char *meminfo = fixture_text(*state, "/proc/meminfo");
	g_autofree char *host = fixture_read(fixture, "proc/meminfo", NULL);
	uint64_t limit;

	if (!max)
		return;
	assert_true(number_of(max, NULL, &limit));
	assert_int_equal(MIN(limit / 1024, meminfo_kb(host, "MemTotal")), meminfo_kb(meminfo, "MemTotal"));
}

static struct cg_io_device device_of(const struct cg_io *io, const struct disks_line *disk)
{
	for (unsigned i = 0; i < io->n; i++) {
		if (io->device[i].major == disk->major && io->device[i].minor == disk->minor)
			return io->device[i];
	}
	fail_msg("%u:%u is not in io.stat", disk->major, disk->minor);
	return (struct cg_io_device){ 0 };
}

/* One line of /proc/diskstats; those columns that a cgroup counts. */
static void check_disk(struct disks_line *disk, const struct cg_io *io)
{
	struct view_disk used = { .io = device_of(io, disk) };
	uint64_t expected[DISKS_COLUMNS], figure;

	disks_figures(&used, expected);
	for (unsigned i = 0; i < DISKS_COLUMNS && disk->columns.length; i++) {
		assert_true(disks_take_column(&disk->columns, &figure));
		assert_int_equal(figure, expected[i]);
	}
}

/* A device that is in the tree alone was not used, or the host has no line of it. */
void the_tree_has_the_disks(void **state)
{
	g_autofree char *stat = text_of(*state, VIEW_SHAPE_V2, "io.stat");
	g_autofree char *diskstats = fixture_text(*state, "/proc/diskstats");
	cg_cleanup(cg_io_clear) struct cg_io io = { 0 };
	const char *cursor = diskstats;
	struct text_line line;
	struct disks_line disk;

	if (!stat)
		return;
	assert_true(iostat_parse_v2(stat, "io.stat", &io, NULL));
	while (text_next_line(&cursor, &line)) {
		assert_true(disks_parse_line(&line, &disk));
		check_disk(&disk, &io);
	}
}
