/* SPDX-License-Identifier: Apache-2.0
 *
 * Standard input, output and error.
 */
#pragma once

/* Started with one of them closed, a file that we open would be taken for it: each closed one becomes /dev/null. */
void standard_fds_fill(void);

/* All three become /dev/null: who started us in the background waits for them to be closed. */
void standard_fds_leave(void);
