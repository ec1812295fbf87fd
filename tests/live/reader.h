/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sources of the reader share: see reader.c.
 */
#pragma once

#include "judge.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>

#define TEXT_MAX    65536
#define FILES_MAX   512
#define KEPT_MAX    16
#define SENTENCES   5
#define BUCKET_US   100
#define BUCKETS     100000 /* so up to 10 s; the last bucket holds what is longer */
#define ERRNOS      140
#define MOUNT_DEPTH 6

/* Somebody else writes it: how many times there are, and the times, CLOCK_MONOTONIC in nanoseconds. */
struct kills {
	_Atomic uint64_t n;
	uint64_t ns[];
};

struct file {
	char path[512];
	bool is_directory; /* of the CPUs */
	int kept;          /* a descriptor that stays open; -1 */
	struct judge_memory memory;
};

struct options {
	uint64_t seconds, hang, pause_us, busy, wait;
	const char *kills, *as;
	struct judge_given given;
};

struct reader {
	struct options options;
	struct file files[FILES_MAX];
	unsigned n_files, n_kept;
	const struct kills *kills;
	uint64_t kills_seen;
	uint64_t reads, texts, rounds;
	uint64_t verdicts[JUDGE_BACK + 1];
	uint64_t errors[ERRNOS];
	uint64_t longest_us;
	uint32_t pauses[BUCKETS];
	char sentences[SENTENCES][300];
	unsigned n_sentences;
	unsigned seed;
	_Atomic(const char *) at; /* what the call under way is about */
	_Atomic uint64_t since;   /* when it began; 0: none is under way */
	_Atomic uint64_t hangs;
	char text[TEXT_MAX + 1], again[TEXT_MAX];
};

/* Monotonic nanoseconds; a number below n; a rest of up to so many microseconds. */
uint64_t reader_now_ns(void);
unsigned reader_chance(struct reader *reader, unsigned n);
void reader_doze(struct reader *reader, uint64_t most_us);

/* Counts a verdict, and keeps the first sentences. */
void reader_judged(struct reader *reader, enum judge_verdict verdict, const char *why);

/* calls: each between these two is timed; end() takes what the call gave, -1 with errno, which it counts and returns. */
void reader_begin(struct reader *reader, const char *path);
ssize_t reader_end(struct reader *reader, ssize_t r);
/* Another thread: the call under way is counted once if it has taken too long. */
void reader_look_for_hang(struct reader *reader, uint64_t *counted);

/* files: adds what is at this path and below it; adds what the hook has laid. */
void reader_add(struct reader *reader, const char *path);
void reader_add_laid(struct reader *reader);

/* ways: reads one once, in one way or another, and judges it; in the plain way, as if it had another name. */
void reader_read(struct reader *reader, struct file *file);
void reader_judge(struct reader *reader, struct file *file, const char *name);

/* report: the line of JSON. */
void reader_report(const struct reader *reader);
