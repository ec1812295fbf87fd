/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/log.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

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

static GLogWriterOutput write_line(GLogLevelFlags level, const GLogField *fields, size_t n, void *data)
{
	const struct log_sink *sink = data;

	if ((level & G_LOG_LEVEL_MASK) > sink->level)
		return G_LOG_WRITER_HANDLED;
	if (sink->to_syslog)
		syslog(priority_of(level), "%s", message_of(fields, n));
	else
		fprintf(stderr, "procvirtd: %s\n", message_of(fields, n));
	return G_LOG_WRITER_HANDLED;
}

void log_start(struct log_sink *sink)
{
	openlog("procvirtd", LOG_PID, LOG_DAEMON);
	g_log_set_writer_func(write_line, sink, NULL);
}
