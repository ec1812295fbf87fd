/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define US_PER_S  1000000
#define NS_PER_US 1000

static const char *message_of(const GLogField *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(fields[i].key, "MESSAGE") == 0)
			return fields[i].value;
	}
	return "";
}

/* GLib's levels are bits, the graver the lower. */
static int priority_of(GLogLevelFlags level)
{
	if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
		return LOG_ERR;
	if (level & G_LOG_LEVEL_WARNING)
		return LOG_WARNING;
	if (level & G_LOG_LEVEL_MESSAGE)
		return LOG_NOTICE;
	return level & G_LOG_LEVEL_INFO ? LOG_INFO : LOG_DEBUG;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / NS_PER_US;
}

/* A name from a container may be in it: no control characters. */
static void make_one_line(char *text)
{
	for (char *c = text; *c; c++) {
		if (g_ascii_iscntrl(*c))
			*c = '?';
	}
}

/*
 * A whole line or nothing, and no waiting: whoever does not read our standard error must not stop us. poll(2) calls a pipe
 * writable when it has room for PIPE_BUF bytes, and a line is shorter.
 */
static bool write_stderr(char *line, int length)
{
	struct pollfd room = { .fd = STDERR_FILENO, .events = POLLOUT };

	line[length++] = '\n';
	return poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) &&
	       write(STDERR_FILENO, line, (size_t)length) == length;
}

/* `text` is one line's. glibc's syslog(3) allocates nothing for one that fits into 1024 bytes with its head. */
static bool emit(const struct log_sink *sink, GLogLevelFlags level, const char *text)
{
	char line[LOG_LINE_MAX + 2];
	int length;

	if (sink->to_syslog) {
		syslog(priority_of(level), "%.*s", LOG_LINE_MAX - 100, text);
		return true;
	}
	length = snprintf(line, LOG_LINE_MAX + 1, "%s: %s", sink->name, text);
	return write_stderr(line, MIN(length, LOG_LINE_MAX));
}

static bool may_pass(struct log_sink *sink, GLogLevelFlags level, uint64_t *ret_left_out)
{
	bool may;

	*ret_left_out = 0;
	if (level & G_LOG_LEVEL_DEBUG)
		return true;
	pthread_mutex_lock(&sink->lock);
	may = token_bucket_take(&sink->bucket, now_us(), ret_left_out);
	pthread_mutex_unlock(&sink->lock);
	return may;
}

/* To be said when standard error takes lines again. */
static void count_lost(struct log_sink *sink, uint64_t unsaid)
{
	pthread_mutex_lock(&sink->lock);
	sink->lost++;
	sink->bucket.held_back += unsaid + 1;
	pthread_mutex_unlock(&sink->lock);
}

static bool say_left_out(const struct log_sink *sink, uint64_t n)
{
	char note[64];

	snprintf(note, sizeof(note), "%" G_GUINT64_FORMAT " lines before this one were left out", n);
	return emit(sink, G_LOG_LEVEL_WARNING, note);
}

static void write_text(struct log_sink *sink, GLogLevelFlags level, char *text)
{
	uint64_t left_out;

	if (!may_pass(sink, level, &left_out))
		return;
	make_one_line(text);
	if (left_out && !say_left_out(sink, left_out))
		count_lost(sink, left_out);
	else if (!emit(sink, level, text))
		count_lost(sink, 0);
}

static bool is_wanted(const struct log_sink *sink, GLogLevelFlags level)
{
	return (level & G_LOG_LEVEL_MASK) <= sink->level;
}

static GLogWriterOutput write_message(GLogLevelFlags level, const GLogField *fields, size_t n, void *data)
{
	struct log_sink *sink = data;
	char text[LOG_LINE_MAX];

	if (is_wanted(sink, level)) {
		g_strlcpy(text, message_of(fields, n), sizeof(text));
		write_text(sink, level, text);
	}
	return G_LOG_WRITER_HANDLED;
}

void log_line(struct log_sink *sink, GLogLevelFlags level, const char *format, ...)
{
	char text[LOG_LINE_MAX];
	va_list arguments;
	int code = errno;

	if (is_wanted(sink, level)) {
		va_start(arguments, format);
		vsnprintf(text, sizeof(text), format, arguments);
		va_end(arguments);
		write_text(sink, level, text);
	}
	errno = code;
}

uint64_t log_left_out(struct log_sink *sink)
{
	uint64_t n;

	pthread_mutex_lock(&sink->lock);
	n = sink->bucket.all_held_back + sink->lost;
	pthread_mutex_unlock(&sink->lock);
	return n;
}

void log_start(struct log_sink *sink)
{
	if (!sink->name)
		sink->name = "procvirtd";
	pthread_mutex_init(&sink->lock, NULL);
	sink->bucket = (struct token_bucket){ .burst = LOG_BURST, .per_second = LOG_PER_SECOND };
	openlog(sink->name, LOG_PID, LOG_DAEMON);
	g_log_set_writer_func(write_message, sink, NULL);
}
