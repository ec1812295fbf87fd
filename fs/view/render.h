/* SPDX-License-Identifier: Apache-2.0
 *
 * The renderers: each appends the text of one row, or of a family of rows that
 * differ only in which host file they read. A renderer cannot fail: where it
 * does not understand the host's text it says 0 or nothing, never what the host says.
 */
#pragma once

#include "fs/view/view.h"

void meminfo_render(const struct view *view, GString *text);
void swaps_render(const struct view *view, GString *text);
void cpuinfo_render(const struct view *view, GString *text);
void stat_render(const struct view *view, GString *text);
void uptime_render(const struct view *view, GString *text);
void loadavg_render(const struct view *view, GString *text);
void interrupts_render(const struct view *view, GString *text); /* also softirqs */
void schedstat_render(const struct view *view, GString *text);
void diskstats_render(const struct view *view, GString *text);
void partitions_render(const struct view *view, GString *text);
void pressure_render(const struct view *view, GString *text);
void cgroups_render(const struct view *view, GString *text);
void sysctl_counts_render(const struct view *view, GString *text); /* files of /proc/sys that count: as many zeros */
void sysctl_counts_but_third_render(const struct view *view, GString *text); /* the third column is the host's */
void slabinfo_render(const struct view *view, GString *text);
void buddyinfo_render(const struct view *view, GString *text);
void pagetypeinfo_render(const struct view *view, GString *text);
void zoneinfo_render(const struct view *view, GString *text);

/* sys/memory.c: the files of /sys/devices/system/memory. */
void memory_block_size_render(const struct view *view, GString *text);
void memory_block_index_render(const struct view *view, GString *text);
void memory_block_state_render(const struct view *view, GString *text);
void memory_block_online_render(const struct view *view, GString *text);
void memory_block_removable_render(const struct view *view, GString *text); /* also phys_device */
void memory_block_zones_render(const struct view *view, GString *text);
void vmstat_render(const struct view *view, GString *text);

/* sys/cpu.c: the files of /sys/devices/system/cpu. */
void cpu_visible_render(const struct view *view, GString *text); /* online, possible, present, enabled */
void cpu_offline_render(const struct view *view, GString *text);
void cpu_among_render(const struct view *view,
		      GString *text); /* isolated, nohz_full: the visible ones of a host's list */
void cpu_is_online_render(const struct view *view, GString *text);

/* sys/cpu_frequency.c: affected_cpus and related_cpus; scaling_setspeed. */
void cpu_frequency_cpus_render(const struct view *view, GString *text);
void cpu_frequency_setspeed_render(const struct view *view, GString *text);

void cpu_node_link_render(const struct view *view, GString *text); /* sys/cpu_topology.c: where cpuN/nodeM leads */

/* sys/cpu_topology.c: a set that the row's CPU belongs to, from the host's list or map of it. */
void cpu_siblings_list_render(const struct view *view, GString *text);
void cpu_siblings_map_render(const struct view *view, GString *text);

/* sys/disk.c: files of one disk of /sys/block, and links to it. */
void disk_stat_render(const struct view *view, GString *text);
void disk_dev_render(const struct view *view, GString *text);
void disk_link_render(const struct view *view, GString *text);
/* sys/node.c, sys/node_meminfo.c, proc/vmstat.c: the files of /sys/devices/system/node, from node_cpulist_render() on of one node. */
void node_visible_render(const struct view *view, GString *text); /* online, possible */
void node_among_render(const struct view *view, GString *text); /* has_memory …: the visible ones of a host's list */
void node_has_cpu_render(const struct view *view, GString *text);
void node_cpulist_render(const struct view *view, GString *text);
void node_cpumap_render(const struct view *view, GString *text);
void node_distance_render(const struct view *view, GString *text);
void node_meminfo_render(const struct view *view, GString *text);
void node_vmstat_render(const struct view *view, GString *text); /* vmstat, numastat */

/* sys/hugepages.c: preallocated huge pages of one size, of the container and of one of its nodes. */
void hugepages_total_render(const struct view *view, GString *text);
void hugepages_free_render(const struct view *view, GString *text);
void hugepages_node_total_render(const struct view *view, GString *text);
void hugepages_node_free_render(const struct view *view, GString *text);

/* sys/constant.c: what a host's file says of the hardware or the kernel, the same for all who run on it. */
void constant_number_render(const struct view *view, GString *text);
void constant_word_render(const struct view *view, GString *text);
void constant_line_render(const struct view *view, GString *text);
void constant_zero_render(const struct view *view, GString *text); /* whatever the host says */
