/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to each.c and each_*.c: the functions behind a kind of row, see struct each.
 */
#pragma once

#include "fs/container/each.h"

/* ---- each_disks.c ---- */

unsigned each_device_number(struct gather_index index);
bool each_disk_is_seen(const struct view *view, unsigned number);
void each_list_disks(const struct view *view, const Host *host, const struct row *row, struct gather_index parent,
		     GArray *ret);
void each_append_disk_name(const struct view *view, unsigned number, GString *path);
void each_append_disk_number(const struct view *view, unsigned number, GString *path);
char *each_disk_host_path(const Host *host, unsigned number);
