/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/agree_private.h"

#include "fs/view/disks.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One line a disk of partitions is one of diskstats, but for disks of no size (a drive without a medium). */
void partitions_are_in_diskstats(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *diskstats = fixture_text(fixture, "/proc/diskstats");
	g_autofree char *partitions = fixture_text(fixture, "/proc/partitions");
	g_autoptr(GString) of_partitions = g_string_new(NULL);
	g_autoptr(GString) of_diskstats = g_string_new(NULL);
	g_auto(GStrv) lines = lines_of(partitions);
	const char *cursor = diskstats;
	struct text_line line;

	for (unsigned i = 2; *lines && lines[i]; i++) {
		unsigned major, minor;
		char name[VIEW_DISK_NAME];

		assert_int_equal(sscanf(lines[i], "%u %u %*u %31s", &major, &minor, name), 3);
		g_string_append_printf(of_partitions, "%u:%u %s\n", major, minor, name);
	}
	while (text_next_line(&cursor, &line)) {
		struct disks_line disk;

		assert_true(disks_parse_line(&line, &disk));
		g_string_append_printf(of_diskstats, "%u:%u %.*s\n", disk.major, disk.minor, (int)disk.name.length,
				       disk.name.start);
	}
	assert_string_equal(of_partitions->str, of_diskstats->str);
}

/* ---- /sys/block ---- */

/* "8:0 sda 1 2 3", whatever blanks were in it. */
static char *squeezed(const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \n", -1);
	GString *text = g_string_new(NULL);

	for (char **word = words; *word; word++) {
		if (**word)
			g_string_append_printf(text, "%s%s", text->len ? " " : "", *word);
	}
	return g_string_free(text, FALSE);
}

/* The disk's line of diskstats: in sysfs a name has "!" for "/". */
static char *line_of_disk(const char *diskstats, const char *name)
{
	g_auto(GStrv) lines = lines_of(diskstats);
	g_autofree char *infix = g_strdelimit(g_strdup_printf(" %s ", name), "!", '/');

	for (char **line = lines; *line; line++) {
		if (strstr(*line, infix))
			return squeezed(*line);
	}
	fail_msg("%s: not in diskstats", name);
	return NULL;
}

static char *text_of(struct fixture *fixture, GPtrArray *all, const char *path)
{
	for (unsigned i = 0; i < all->len; i++) {
		struct instance *instance = all->pdata[i];

		if (strcmp(instance->path, path) == 0)
			return instance_text(instance);
	}
	fail_msg("%s: no %s", fixture->name, path);
	return NULL;
}

static void check_disk(struct fixture *fixture, GPtrArray *all, const char *diskstats, const char *name)
{
	g_autofree char *line = line_of_disk(diskstats, name);
	g_auto(GStrv) words = g_strsplit(line, " ", 4);
	g_autofree char *number = g_strdup_printf("%s:%s", words[0], words[1]);
	g_autofree char *stat_path = g_strdup_printf("/sys/block/%s/stat", name);
	g_autofree char *dev_path = g_strdup_printf("/sys/block/%s/dev", name);
	g_autofree char *link_path = g_strdup_printf("/sys/dev/block/%s", number);
	g_autofree char *stat = text_of(fixture, all, stat_path);
	g_autofree char *dev = text_of(fixture, all, dev_path);
	g_autofree char *link = text_of(fixture, all, link_path);
	g_autofree char *figures = squeezed(stat);

	assert_string_equal(figures, words[3]);
	assert_string_equal(g_strchomp(dev), number);
	assert_string_equal(strrchr(link, '/') + 1, name);
}

/* A minor number that fits into no inode number has no directory. */
static unsigned count_in_sysfs(const char *diskstats)
{
	const char *cursor = diskstats;
	struct text_line line;
	unsigned n = 0;

	while (text_next_line(&cursor, &line)) {
		struct disks_line disk;

		assert_true(disks_parse_line(&line, &disk));
		n += disk.minor <= GATHER_MOST_FIRST;
	}
	return n;
}

/* Each link's name is a disk, and each disk of diskstats has one, but where the host's sysfs was not captured. */
void sysfs_disks_are_in_diskstats(void **state)
{
	struct fixture *fixture = *state;
	g_autofree char *diskstats = fixture_text(fixture, "/proc/diskstats");
	g_autoptr(GPtrArray) all = fixture_instances(fixture);
	bool captured = faccessat(fixture->fd, "sys/dev/block", F_OK, 0) == 0;
	unsigned n = 0;

	for (unsigned i = 0; i < all->len; i++) {
		struct instance *instance = all->pdata[i];

		if (!g_str_has_prefix(instance->path, "/sys/class/block/"))
			continue;
		n++;
		check_disk(fixture, all, diskstats, strrchr(instance->path, '/') + 1);
	}
	assert_int_equal(n, captured ? count_in_sysfs(diskstats) : 0);
}
