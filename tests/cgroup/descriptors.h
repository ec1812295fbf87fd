/* SPDX-License-Identifier: Apache-2.0
 *
 * This process's file descriptors, for tests: how many are open, and running out of them.
 */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

static inline unsigned descriptors_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Allows `spare` further ones, in whatever gaps they are; the former limit, for descriptors_restore(). */
static inline struct rlimit descriptors_limit(unsigned spare)
{
	struct rlimit former, limit;
	int end = 0;

	for (unsigned free = 0; fcntl(end, F_GETFD) >= 0 || free++ < spare;)
		end++;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &former), 0);
	limit = (struct rlimit){ (rlim_t)end, former.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return former;
}

static inline void descriptors_restore(struct rlimit former)
{
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &former), 0);
}
