/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session tells whoever runs it.
 */
#pragma once

/* Called on threads of ours, without a lock; each may be NULL. */
struct session_watch {
	void (*beat)(void *data);  /* about twice a second, while all is well */
	void (*hung)(void *data);  /* a request takes longer than any may: this process should be replaced */
	void (*ended)(void *data); /* once: the connection has ended, by an unmount from outside */
	void *data;
};
