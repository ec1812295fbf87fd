/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/report.h"

#include "cgroup/error.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

/* At most this many lines in each window; what was left out is said when the next window begins. */
#define WINDOW_US (10 * G_USEC_PER_SEC)
#define LINES     10

/* One kind of message: how many there were, and how many of this window's were logged or left out. */
struct kind {
	uint64_t count;
	int64_t window_us;
	unsigned lines, left_out;
};

struct Report {
	pthread_mutex_t lock;
	struct kind everyday, failures;
};

Report *report_new(void)
{
	Report *report = g_new0(Report, 1);

	pthread_mutex_init(&report->lock, NULL);
	return report;
}

void report_free(Report *report)
{
	pthread_mutex_destroy(&report->lock);
	g_free(report);
}

int report_errno(const GError *error)
{
	return error->domain == CG_ERROR && error->code > 0 ? error->code : EIO;
}

/* Counts one more; whether it may be logged. *ret_left_out is what the last window kept back, to be said first. */
static bool take_note(Report *report, struct kind *kind, unsigned *ret_left_out)
{
	int64_t now_us = g_get_monotonic_time();
	bool may;

	*ret_left_out = 0;
	pthread_mutex_lock(&report->lock);
	kind->count++;
	if (now_us - kind->window_us > WINDOW_US) {
		*ret_left_out = kind->left_out;
		kind->window_us = now_us;
		kind->lines = kind->left_out = 0;
	}
	may = kind->lines < LINES;
	if (may)
		kind->lines++;
	else
		kind->left_out++;
	pthread_mutex_unlock(&report->lock);
	return may;
}

int report_failure(Report *report, const char *path, const GError *error)
{
	int code = report_errno(error);
	bool everyday = code == ESRCH || code == ENOENT;
	GLogLevelFlags level = everyday ? G_LOG_LEVEL_DEBUG : G_LOG_LEVEL_WARNING;
	unsigned left_out;

	if (!take_note(report, everyday ? &report->everyday : &report->failures, &left_out))
		return code;
	if (left_out)
		g_log_structured(G_LOG_DOMAIN, level, "MESSAGE", "%u more failed requests were not logged", left_out);
	g_log_structured(G_LOG_DOMAIN, level, "MESSAGE", "%s: %s", path, error->message);
	return code;
}

void report_counts(Report *report, uint64_t *ret_everyday, uint64_t *ret_failures)
{
	pthread_mutex_lock(&report->lock);
	*ret_everyday = report->everyday.count;
	*ret_failures = report->failures.count;
	pthread_mutex_unlock(&report->lock);
}
