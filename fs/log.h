/* SPDX-License-Identifier: Apache-2.0
 *
 * Where log lines go: one line a message, "NAME: …", on standard error in
 * the foreground, to syslog (and so to the journal) in the background. The keeper and the workers both write so, each
 * with a sink of its own.
 *
 * At most LOG_BURST lines at once and LOG_PER_SECOND after that, whatever makes them: no container and no broken host
 * fills the disk through us. Debug messages are not bounded: whoever asks for them wants them all. Standard error is
 * never waited for: a line that a full pipe does not take is left out like the others. What was left out is said in a
 * line of its own as soon as lines are written again.
 */
#pragma once

#include "fs/token_bucket.h"

#include <glib.h>
#include <pthread.h>

#define LOG_BURST      100
#define LOG_PER_SECOND 10
#define LOG_LINE_MAX   1000 /* bytes, with its name; longer ones are cut */

/*
 * GLib takes its writer once for all, so the sink must outlive every message; its owner may change what is above the
 * line before threads are there.
 */
struct log_sink {
	GLogLevelFlags level; /* messages at least this grave are written */
	bool to_syslog;
	const char *name; /* of this process, for people; NULL: "procvirtd" */
	/* ---- log.c's own */
	pthread_mutex_t lock; /* of what is below; not held while a line is written */
	struct token_bucket bucket;
	uint64_t lost; /* standard error did not take them */
};

/* Makes the sink the writer of GLib's messages. */
void log_start(struct log_sink *sink);

/*
 * Writes one line, as GLib's messages are written, after log_start(). It allocates nothing, waits for nothing but syslog's
 * socket, and keeps errno: for the keeper.
 */
void log_line(struct log_sink *sink, GLogLevelFlags level, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* How many lines were left out so far. */
uint64_t log_left_out(struct log_sink *sink);
