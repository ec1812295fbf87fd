/* SPDX-License-Identifier: Apache-2.0
 *
 * What a keeper and its worker say to each other over a socket pair: messages
 * of one byte, so that there is nothing to parse and every version
 * understands the others. A byte that is not known is ignored. Never blocks.
 */
#pragma once

#include <stdbool.h>

enum line_message {
	LINE_NOTHING = 0,

	/* From the worker. */
	LINE_STANDBY = 'S', /* all that can be made beforehand is made */
	LINE_ACTIVE = 'A',  /* it serves */
	LINE_BEAT = 'B',    /* and is well; twice a second */
	LINE_HUNG = 'H',    /* a request does not end; another worker is to go on */
	LINE_ENDED = 'E',   /* the file system was unmounted from outside */
	LINE_UPGRADE = 'U', /* somebody asks for a worker from the program as it is now */

	/* From the keeper: the turn is yours, and how the worker before you ended. */
	LINE_GO_FRESH = 'f',   /* there was none, or it stopped as asked */
	LINE_GO_KILLED = 'k',  /* from outside: by a signal that no fault raises */
	LINE_GO_CRASHED = 'c', /* by a fault, or because it did not go on */

	LINE_QUIT = 'q',           /* stop serving and exit; what is not answered, the next worker answers */
	LINE_UPGRADE_FAILED = 'n', /* the worker that was asked for did not start */

	LINE_CLOSED = 256, /* the other end is gone */
};

/* False when the other end is gone or does not read. */
bool line_send(int fd, enum line_message message);

/* The next message; LINE_NOTHING where there is none yet. */
enum line_message line_receive(int fd);
