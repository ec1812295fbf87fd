/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/agree_private.h"

char **lines_of(const char *text)
{
	char **lines = g_strsplit(text, "\n", -1);
	unsigned n = g_strv_length(lines);

	if (n > 0 && *lines[n - 1] == '\0')
		g_clear_pointer(&lines[n - 1], g_free);
	return lines;
}

const struct agreement *agreements(unsigned *ret_n)
{
	static const struct agreement all[] = {
		{ "the limits are those that its file container states", limits_are_as_stated },
		{ "meminfo adds up", meminfo_adds_up },
		{ "swaps equals meminfo", swaps_equals_meminfo },
		{ "blocks make up the total", blocks_make_up_the_total },
		{ "zones are all memory", zones_are_all_memory },
		{ "free blocks are what is free", free_blocks_are_what_is_free },
		{ "CPU files agree", cpu_files_agree },
		{ "CPU neighbours are visible", neighbours_are_visible },
		{ "times add up", times_add_up },
		{ "partitions are in diskstats", partitions_are_in_diskstats },
		{ "disks of sysfs are in diskstats", sysfs_disks_are_in_diskstats },
		{ "cgroup trees of both shapes tell the same", shapes_tell_the_same },
		{ "cgroup trees of both shapes list the same", shapes_list_the_same },
		{ "the cgroup tree has the limit that counts", the_tree_has_the_limit },
		{ "the cgroup tree has the disks of diskstats", the_tree_has_the_disks },
		{ "the host's figures do not show", host_does_not_show },
		{ "the host's load does not show", host_load_does_not_show },
		{ "vmstat equals meminfo", vmstat_equals_meminfo },
		{ "nodes add up to meminfo", nodes_add_up_to_meminfo },
		{ "nodes add up to vmstat", nodes_add_up_to_vmstat },
		{ "nodes share the CPUs", nodes_share_the_cpus },
	};

	*ret_n = G_N_ELEMENTS(all);
	return all;
}
