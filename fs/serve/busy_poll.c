/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/serve/busy_poll.h"

/* A file that is opened, read and closed is three successes and then a failure; less than two of three is too few. */
#define FAILURE 2
#define MOST    8

/* Without credit one wait in so many is a trial. */
#define TRIAL_EVERY 32

bool busy_poll_pays(struct busy_poll *poll)
{
	bool has_failed = poll->has_failed;

	poll->has_failed = false;
	if (has_failed)
		return false;
	return poll->credit > 0 || ++poll->waits % TRIAL_EVERY == 0;
}

void busy_poll_note(struct busy_poll *poll, bool has_come)
{
	poll->has_failed = !has_come;
	poll->credit += has_come ? 1 : -FAILURE;
	if (poll->credit > MOST)
		poll->credit = MOST;
	if (poll->credit < 0)
		poll->credit = 0;
}
