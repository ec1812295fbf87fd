/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether to look for the next request for a moment before sleeping until one comes. Who opens a file reads it at once
 * and then closes it, and waking a thread on an idle CPU takes longer than answering it does, on virtual machines many
 * times longer. But it pays only where requests do come within that moment: not where the caller needs this very CPU to
 * send the next one, nor on a busy machine. So it is tried as long as it mostly succeeds, as with halt polling
 * (Documentation/virt/kvm/halt-polling.rst).
 *
 * Pure, without a lock of its own: all zeroes is the beginning.
 */
#pragma once

#include <stdbool.h>

/* The moment. */
#define BUSY_POLL_US 80

struct busy_poll {
	int credit;
	unsigned waits;
	bool has_failed; /* in this very wait */
};

/* Asked each time when there is nothing to do: a wait that has been tried and has failed is for sleeping. */
bool busy_poll_pays(struct busy_poll *poll);

/* It was tried: has a request come? */
void busy_poll_note(struct busy_poll *poll, bool has_come);
