/* SPDX-License-Identifier: Apache-2.0
 *
 * What a random tree's container reads, held against what it should. A check that fails ends the test with the
 * seed that repeats it.
 */
#pragma once

#include "fs/container/gather.h"
#include "tests/property/trees.h"

/* A container at a moment. */
struct sight {
	struct random_case *random;
	const struct random_tree *tree;
	struct tree_figures expected;
	Host *host;
	Registry *registry;
	Container *container;
};

void sight_is(const struct sight *sight, const char *what, uint64_t number, uint64_t expected, const char *text);

/* What the daemon would answer now; owned. */
char *sight_text(const struct sight *sight, const char *path);

/* The number behind a label at the beginning of a line. */
uint64_t sight_field(const struct sight *sight, const char *text, const char *label);

/* The set that the container is to see, in its own numbers. */
uint32_t sight_cpus(const struct sight *sight);

/* trees_shapes.c: the cgroup tree has the limits that count, the same ones in both shapes. */
void shapes_check(const struct sight *sight);

/* ---- /proc/stat ---- */

#define COLUMNS 10

enum { USER, NICE, SYSTEM, IDLE, STEAL = 7 };

struct stat_line {
	uint64_t column[COLUMNS];
};

struct stat_file {
	char *text;
	uint64_t now_us;
	struct stat_line total, cpu[TREE_CPUS]; /* by shown number */
};

void stat_parse(const struct sight *sight, struct stat_file *ret); /* ret->text is owned */

/* The total is the sum of the lines while none was hidden; a hidden CPU's share stays in it, as in the kernel's. */
void stat_check_total(const struct sight *sight, const struct stat_file *now);

/* Each line since the container began, to the tick. */
void stat_check_elapsed(const struct sight *sight, const struct stat_file *now);

void stat_check_grows(const struct sight *sight, const struct stat_line *before, const struct stat_line *now,
		      const char *text);

/* What was used and throttled meanwhile shows, as far as there was time for it. */
void stat_check_use(const struct sight *sight, const struct tree_figures *earlier, const struct stat_file *before,
		    const struct stat_file *now);

/* /proc/uptime at the same moment, and what is said of tasks. */
void stat_check_uptime(const struct sight *sight, const struct stat_file *now);
void stat_check_tasks(const struct sight *sight, const struct stat_file *now);
