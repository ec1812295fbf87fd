/* SPDX-License-Identifier: Apache-2.0
 *
 * What went wrong while serving: counted always, logged at a bounded rate, so
 * that a hostile or broken container cannot fill the host's log.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

typedef struct Report Report;

Report *report_new(void);
void report_free(Report *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Report, report_free)

/* What to answer for it: an error that is none of the kernel's is EIO. */
int report_errno(const GError *error);

/*
 * Takes note of a failed request and returns the errno to answer it with. A
 * caller or a cgroup that has gone (ESRCH) and a missing entry (ENOENT) are everyday
 * matters and logged as debug messages; the rest are warnings.
 */
int report_failure(Report *report, const char *path, const GError *error);

/* How many there were of the everyday kind and of the others. */
void report_counts(Report *report, uint64_t *ret_everyday, uint64_t *ret_failures);
