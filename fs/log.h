/* SPDX-License-Identifier: Apache-2.0
 *
 * Where log lines go: one line a message, "procvirtd: …", on standard error in
 * the foreground, to syslog (and so to the journal) in the background.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* GLib takes its writer once for all, so the sink must outlive every message; its owner may change it before threads are there. */
struct log_sink {
	GLogLevelFlags level; /* messages at least this grave are written */
	bool to_syslog;
};

void log_start(struct log_sink *sink);
