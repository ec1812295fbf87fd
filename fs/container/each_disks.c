/* SPDX-License-Identifier: Apache-2.0
 *
 * Disks: the minor number is the first of an index, the major the second.
 */
#include "fs/container/each_private.h"
#include "fs/view/disks.h"

#define MINORS (GATHER_MOST_FIRST + 1)

unsigned each_device_number(struct gather_index index)
{
	return index.second * MINORS + index.first;
}

/* One without a name has gone from the host. */
static const struct view_disk *find_disk(const struct view *view, unsigned number)
{
	const struct view_disk *disk = disks_find(view, number / MINORS, number % MINORS);

	return disk && *disk->name ? disk : NULL;
}

bool each_disk_is_seen(const struct view *view, unsigned number)
{
	return find_disk(view, number) != NULL;
}

static gint by_device_number(gconstpointer a, gconstpointer b)
{
	unsigned first = each_device_number(*(const struct gather_index *)a);
	unsigned second = each_device_number(*(const struct gather_index *)b);

	return (first > second) - (first < second);
}

/* Inode numbers have no room for a larger number. */
void each_list_disks(const struct view *view, const Host *host, const struct row *row, struct gather_index parent,
		     GArray *ret)
{
	(void)host;
	(void)row;
	(void)parent;
	for (unsigned i = 0; i < view->io.n; i++) {
		const struct view_disk *disk = &view->io.disk[i];
		const struct cg_io_device *device = &disk->io;
		struct gather_index index = { device->minor, device->major };

		if (*disk->name && device->minor <= GATHER_MOST_FIRST && device->major <= GATHER_MOST_SECOND)
			g_array_append_val(ret, index);
	}
	g_array_sort(ret, by_device_number);
}

void each_append_disk_name(const struct view *view, unsigned number, GString *path)
{
	const struct view_disk *disk = find_disk(view, number);

	if (disk)
		g_string_append(path, disk->name);
}

void each_append_disk_number(const struct view *view, unsigned number, GString *path)
{
	(void)view;
	g_string_append_printf(path, "%u:%u", number / MINORS, number % MINORS);
}

char *each_disk_host_path(const Host *host, unsigned number)
{
	return host_disk_path(host, number / MINORS, number % MINORS);
}
