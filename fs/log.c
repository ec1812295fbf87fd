/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/log.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#define MAX_LINE 1024

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

/* A name from a container may be in it: no control characters, and not without an end. */
static char *one_line(const char *message)
{
	char *line = g_strndup(message, MAX_LINE);

	for (char *c = line; *c; c++) {
		if (g_ascii_iscntrl(*c))
			*c = '?';
	}
	return line;
}

static GLogWriterOutput write_line(GLogLevelFlags level, const GLogField *fields, size_t n, void *data)
{
	const struct log_sink *sink = data;
	g_autofree char *line = NULL;

	if ((level & G_LOG_LEVEL_MASK) > sink->level)
		return G_LOG_WRITER_HANDLED;
	line = one_line(message_of(fields, n));
	if (sink->to_syslog)
		syslog(priority_of(level), "%s", line);
	else
		fprintf(stderr, "procvirtd: %s\n", line);
	return G_LOG_WRITER_HANDLED;
}

void log_start(struct log_sink *sink)
{
	openlog("procvirtd", LOG_PID, LOG_DAEMON);
	g_log_set_writer_func(write_line, sink, NULL);
}
