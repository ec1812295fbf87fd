/* SPDX-License-Identifier: Apache-2.0
 *
 * Put in front of every source of this room by its CMakeLists.txt: a renderer
 * does no I/O, reads no clock and knows neither libfuse nor libcgroup, so
 * naming what those declare does not compile. The headers that a renderer may
 * use come first, because some of them declare the poisoned names themselves.
 */
#pragma once

#include <glib.h>
#include <string.h>
#include <sys/types.h>

#pragma GCC poison fuse_req_t fuse_session fuse_file_info cgroup_init cgroup_new_cgroup
#pragma GCC poison open openat fopen fdopen pread popen stdin stdout stderr ioctl
#pragma GCC poison clock_gettime gettimeofday g_get_monotonic_time g_get_real_time g_file_get_contents
