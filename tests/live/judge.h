/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a text that was read make sense? By itself, and after the one that was read before from the same file. No I/O.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JUDGE_CPUS     64
#define JUDGE_COLUMNS  10
#define JUDGE_COUNTERS 1024

/* What the container was given; 0: not known, and then it only must stay as it was at first. */
struct judge_given {
	uint64_t memory_kb;
	uint64_t cpus;
};

/* A counter, by a hash of what it is called, and the last text that had it. */
struct judge_counter {
	uint64_t key, value, text;
};

/* What is remembered of one file. Begins as zeros. */
struct judge_memory {
	bool seen;
	uint64_t amount; /* MemTotal, or how many CPUs the file shows */
	uint64_t ticks[JUDGE_CPUS + 1][JUDGE_COLUMNS];
	uint64_t processes, btime;
	uint64_t uptime_cs[2];
	uint64_t load[3], load_ns; /* in hundredths, and since when */
	uint64_t texts;
	unsigned n_counters, next; /* next: where the one after the last is looked for first */
	struct judge_counter counter[JUDGE_COUNTERS];
};

enum judge_verdict {
	JUDGE_FINE,
	JUDGE_WRONG, /* no kernel would say that, or it is not this container's figure */
	JUDGE_BACK,  /* a counter was higher before, or a load average has lost its history */
};

struct judge_case {
	const char *path; /* its end tells what kind of a file it is */
	const char *text; /* `length` bytes and a NUL */
	size_t length;
	uint64_t now_ns; /* CLOCK_MONOTONIC */
};

/* Not fine: *why is a sentence of at most `size` bytes. */
enum judge_verdict judge(const struct judge_case *it, const struct judge_given *given, struct judge_memory *memory,
			 char *why, size_t size);

/* How many CPUs a list as "0-2,5\n" has; 0 where it is none. */
uint64_t judge_cpulist(const char *text);
