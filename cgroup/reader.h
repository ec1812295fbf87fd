/* SPDX-License-Identifier: Apache-2.0
 *
 * What one cgroup says at one level, in neutral words: the contract that each
 * version's spelling (v1.c, v2.c) fulfils. No walking: group.h's figures are
 * made of these by effective.c. Inside cgroup/ only.
 *
 * Each function returns false with CG_ERROR set: ESRCH where the cgroup is
 * gone, EINVAL for malformed text, with the file's path. Files that are
 * missing are not errors: `present` is then false, a limit CG_UNLIMITED, the
 * rest 0. ret_x is written only on success.
 */
#pragma once

#include "cgroup/cg.h"
#include "cgroup/dir.h"
#include "cgroup/keyed.h"

/* A limit and what is used of it. */
struct level_amount {
	bool present;
	uint64_t limit, usage;
};

struct level_memory {
	struct level_amount memory, swap; /* present: accounted here */
	uint64_t high;
};

/* What is worth reading of a level's memory. Usage is read where there is a limit in any case. */
enum level_want { LEVEL_USAGE = 1 << 0, LEVEL_SWAP = 1 << 1 };

struct level_cpu {
	uint64_t quota_us, period_us;
};

struct reader {
	bool (*memory)(const struct dir *dir, unsigned want, struct level_memory *ret_memory, GError **error);
	bool (*memory_stat)(const struct dir *dir, struct cg_memory_stat *ret_stat, GError **error);
	bool (*memory_events)(const struct dir *dir, struct cg_memory_events *ret_events, bool *ret_present,
			      GError **error);
	bool (*numa)(const struct dir *dir, struct cg_numa *ret_numa, bool *ret_present, GError **error);
	bool (*hugetlb)(const struct dir *dir, uint64_t page_size, struct level_amount *ret_amount, GError **error);
	bool (*hugetlb_numa)(const struct dir *dir, uint64_t page_size, struct cg_numa *ret_numa, bool *ret_present,
			     GError **error);
	bool (*cpu)(const struct dir *dir, struct level_cpu *ret_cpu, GError **error);
	bool (*shares)(const struct dir *dir, uint64_t *ret_shares, bool *ret_present, GError **error);
	bool (*throttled)(const struct dir *dir, uint64_t *ret_us, GError **error);
	bool (*cputime)(const struct dir *dir, struct cg_cputime *ret_time, bool *ret_present, GError **error);
	/* An empty set is one that was never configured. */
	bool (*cpus)(const struct dir *dir, struct cg_cpumask *ret_cpus, GError **error);
	bool (*mems)(const struct dir *dir, struct cg_cpumask *ret_mems, GError **error);
	bool (*pids)(const struct dir *dir, struct level_amount *ret_amount, GError **error);
	bool (*io)(const struct dir *dir, struct cg_io *ret_io, bool *ret_present, GError **error);
	bool (*pressure)(const struct dir *dir, enum cg_pressure_kind kind, struct cg_pressure *ret_pressure,
			 GError **error);
	const char *processes, *threads; /* the files that list them */
};

extern const struct reader reader_v1, reader_v2;

const struct reader *reader_of(const struct chain *chain);

/*
 * Helpers of the two spellings: a file's text through a parser, with the
 * directory named in its errors. A missing file leaves `into` as it is and
 * says so in *ret_present, which may be NULL.
 */
struct reader_file {
	int slot; /* in the set of kept descriptors, or DIR_NOT_KEPT */
	const char *name;
};

typedef bool (*reader_parse)(const char *text, const char *file, void *into, GError **error);
typedef bool (*reader_parse_number)(const char *text, const char *file, uint64_t *ret_value, GError **error);

bool reader_text(const struct dir *dir, struct reader_file file, reader_parse parse, void *into, bool *ret_present,
		 GError **error);
bool reader_number(const struct dir *dir, struct reader_file file, reader_parse_number parse, uint64_t *ret_value,
		   bool *ret_present, GError **error);
bool reader_mask(const struct dir *dir, struct reader_file file, struct cg_cpumask *ret_mask, bool *ret_present,
		 GError **error);
bool reader_keyed(const struct dir *dir, struct reader_file file, const struct keyed *table, unsigned n, void *into,
		  bool *ret_present, GError **error);

/* *ret_numa is the caller's to clear. */
bool reader_numa(const struct dir *dir, struct reader_file file, reader_parse parse, struct cg_numa *ret_numa,
		 bool *ret_present, GError **error);
/* The same of the huge pages of one size. */
bool reader_hugetlb_numa(const struct dir *dir, uint64_t page_size, reader_parse parse, struct cg_numa *ret_numa,
			 bool *ret_present, GError **error);

/* A limit, and its use where there is a limit or `usage` says so. */
bool reader_amount(const struct dir *dir, struct reader_file limit, struct reader_file current,
		   reader_parse_number parse, bool usage, struct level_amount *ret_amount, GError **error);

/* "2MB" as hugetlb files are named (the kernel's mm/hugetlb_cgroup.c, mem_fmt()); newly allocated. */
char *reader_page_size(uint64_t bytes);
