/* SPDX-License-Identifier: Apache-2.0
 *
 * The renderers of the cgroup tree (rows_cgroup.inc): each appends the text of a file of one version from the view's figures
 * and from the texts of the other version's files (view->tree.source). What those do not say is 0 or left out.
 */
#pragma once

#include "fs/view/view.h"

/* sys/cgroup.c: whatever the version. */
void cgroup_kernels_render(const struct view *view, GString *text); /* the first source as it is */
void cgroup_cpu_link_render(const struct view *view, GString *text);
void cgroup_path_link_render(const struct view *view, GString *text);
void cgroup_zero_render(const struct view *view, GString *text);
void cgroup_one_render(const struct view *view, GString *text);
void cgroup_controllers_render(const struct view *view, GString *text);
void cgroup_pids_max_render(const struct view *view, GString *text);

/* sys/cgroup_v2.c: v2's files from v1's. */
void cgroup_v2_max_render(const struct view *view, GString *text); /* no limit */
void cgroup_v2_low_render(const struct view *view, GString *text);
void cgroup_v2_memory_max_render(const struct view *view, GString *text);
void cgroup_v2_memory_events_render(const struct view *view, GString *text);
void cgroup_v2_memory_stat_render(const struct view *view, GString *text);
void cgroup_v2_swap_current_render(const struct view *view, GString *text);
void cgroup_v2_swap_max_render(const struct view *view, GString *text);
void cgroup_v2_swap_events_render(const struct view *view, GString *text);
void cgroup_v2_cpu_max_render(const struct view *view, GString *text);
void cgroup_v2_weight_render(const struct view *view, GString *text);
void cgroup_v2_cpu_stat_render(const struct view *view, GString *text);
void cgroup_v2_io_stat_render(const struct view *view, GString *text);
void cgroup_v2_io_max_render(const struct view *view, GString *text);
void cgroup_v2_hugetlb_max_render(const struct view *view, GString *text);
void cgroup_v2_max_events_render(const struct view *view, GString *text); /* how often a limit was reached */

/* sys/cgroup_v1.c, and sys/cgroup_v1_cpu.c, which has the files of cpu, cpuacct and cpuset: v1's files from v2's. */
void cgroup_v1_memory_limit_render(const struct view *view, GString *text);
void cgroup_v1_max_usage_render(const struct view *view, GString *text);
void cgroup_v1_failcnt_render(const struct view *view, GString *text); /* of memory, and of huge pages */
void cgroup_v1_soft_limit_render(const struct view *view, GString *text);
void cgroup_v1_memory_stat_render(const struct view *view, GString *text);
void cgroup_v1_oom_control_render(const struct view *view, GString *text);
void cgroup_v1_memsw_limit_render(const struct view *view, GString *text);
void cgroup_v1_memsw_usage_render(const struct view *view, GString *text);
void cgroup_v1_memsw_max_usage_render(const struct view *view, GString *text);
void cgroup_v1_memsw_failcnt_render(const struct view *view, GString *text);
void cgroup_v1_hugetlb_limit_render(const struct view *view, GString *text);
void cgroup_v1_io_bytes_render(const struct view *view, GString *text);
void cgroup_v1_io_ios_render(const struct view *view, GString *text);
void cgroup_v1_rbps_render(const struct view *view, GString *text);
void cgroup_v1_wbps_render(const struct view *view, GString *text);
void cgroup_v1_riops_render(const struct view *view, GString *text);
void cgroup_v1_wiops_render(const struct view *view, GString *text);

void cgroup_v1_quota_render(const struct view *view, GString *text);
void cgroup_v1_period_render(const struct view *view, GString *text);
void cgroup_v1_shares_render(const struct view *view, GString *text);
void cgroup_v1_cpu_stat_render(const struct view *view, GString *text);
void cgroup_v1_usage_render(const struct view *view, GString *text);
void cgroup_v1_usage_user_render(const struct view *view, GString *text);
void cgroup_v1_usage_sys_render(const struct view *view, GString *text);
void cgroup_v1_usage_percpu_render(const struct view *view, GString *text);
void cgroup_v1_usage_percpu_user_render(const struct view *view, GString *text);
void cgroup_v1_usage_percpu_sys_render(const struct view *view, GString *text);
void cgroup_v1_usage_all_render(const struct view *view, GString *text);
void cgroup_v1_cpuacct_stat_render(const struct view *view, GString *text);
void cgroup_v1_set_render(const struct view *view, GString *text);
