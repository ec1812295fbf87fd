/* SPDX-License-Identifier: Apache-2.0
 *
 * What the checks of agree.c share.
 */
#pragma once

#include "golden/agree.h"

/* A text's lines, without the empty one after the last newline. */
char **lines_of(const char *text);

/* A number of a meminfo; fails the running test where the line is missing. */
uint64_t meminfo_kb(const char *text, const char *label);

/* agree_memory.c */
void limits_are_as_stated(void **state);
void meminfo_adds_up(void **state);
void swaps_equals_meminfo(void **state);
void blocks_make_up_the_total(void **state);

/* agree_cpus.c */
void cpu_files_agree(void **state);
void neighbours_are_visible(void **state);

/* agree_zones.c */
void zones_are_all_memory(void **state);
void free_blocks_are_what_is_free(void **state);
/* agree_nodes.c */
void vmstat_equals_meminfo(void **state);
void nodes_add_up_to_meminfo(void **state);
void nodes_add_up_to_vmstat(void **state);
void nodes_share_the_cpus(void **state);

/* agree_times.c */
void times_add_up(void **state);

/* agree_disks.c */
void partitions_are_in_diskstats(void **state);
void sysfs_disks_are_in_diskstats(void **state);

/* agree_tree.c */
void shapes_tell_the_same(void **state);
void shapes_list_the_same(void **state);
void the_tree_has_the_limit(void **state);
void the_tree_has_the_disks(void **state);

/* agree_host.c */
void host_does_not_show(void **state);
void host_load_does_not_show(void **state);
