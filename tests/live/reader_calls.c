/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t reader_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

unsigned reader_chance(struct reader *reader, unsigned n)
{
	return (unsigned)rand_r(&reader->seed) % n;
}

void reader_doze(struct reader *reader, uint64_t most_us)
{
	if (most_us > 0)
		usleep(1 + reader_chance(reader, (unsigned)most_us));
}

static void note(struct reader *reader, const char *sentence)
{
	if (reader->n_sentences < SENTENCES)
		snprintf(reader->sentences[reader->n_sentences++], sizeof(reader->sentences[0]), "%s", sentence);
}

void reader_judged(struct reader *reader, enum judge_verdict verdict, const char *why)
{
	reader->verdicts[verdict]++;
	if (verdict != JUDGE_FINE)
		note(reader, why);
}

void reader_begin(struct reader *reader, const char *path)
{
	atomic_store(&reader->at, path);
	atomic_store(&reader->since, reader_now_ns());
}

/* The pause that a kill makes is how long the first call that ends after it has waited since. */
static void note_kills(struct reader *reader, uint64_t began, uint64_t ended)
{
	uint64_t n = reader->kills ? atomic_load(&reader->kills->n) : 0;

	for (; reader->kills_seen < n && reader->kills->ns[reader->kills_seen] <= ended; reader->kills_seen++) {
		uint64_t killed = reader->kills->ns[reader->kills_seen];
		uint64_t bucket = (ended - (killed > began ? killed : began)) / 1000 / BUCKET_US;

		reader->pauses[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
	}
}

ssize_t reader_end(struct reader *reader, ssize_t r)
{
	int error = errno;
	uint64_t began = atomic_exchange(&reader->since, 0), ended = reader_now_ns();
	char why[300];

	note_kills(reader, began, ended);
	if ((ended - began) / 1000 > reader->longest_us)
		reader->longest_us = (ended - began) / 1000;
	if (r >= 0)
		return r;
	reader->errors[error < ERRNOS ? error : 0]++;
	snprintf(why, sizeof(why), "%s: %s", reader->at, strerror(error));
	note(reader, why);
	return -1;
}

void reader_look_for_hang(struct reader *reader, uint64_t *counted)
{
	uint64_t since = atomic_load(&reader->since);

	if (since == 0 || since == *counted || reader_now_ns() - since < reader->options.hang * UINT64_C(1000000000))
		return;
	*counted = since;
	atomic_fetch_add(&reader->hangs, 1);
	fprintf(stderr, "reader: hangs in %s\n", reader->at);
}
