/* SPDX-License-Identifier: Apache-2.0
 *
 * Fault injection, for tests/live/test_faults.py and the soak: in a build with the CMake option PROCVIRT_FAULTS a
 * render or a change crashes or hangs where a file says so; in every other build there is nothing of this.
 *
 * The file is named by the environment variable PROCVIRT_FAULTS and read again each time, so that a test changes
 * it while the daemon runs (it puts a new file in its place by rename(2)). Each line is KIND PATH N:
 *
 *   segv  /proc/uptime  100   SIGSEGV in one of 100 renders of this file
 *   abort /proc/uptime  100   SIGABRT
 *   hang  /proc/swaps   1     sleeps for ever
 *   lock  /proc/swaps   1     sleeps for ever with a lock that every render needs
 *   stuck /proc/swaps   1     sleeps in the kernel (state D) until its child is killed
 *   slow  /proc/stat    300   sleeps 300 ms, in every render
 *
 * Of a change (fs/serve/change.h) there are three places instead of a path: "change-made", it is carried out and nobody knows;
 * "change-kept", its slot says so; "change-sent", it is answered and its slot not yet cleared.
 */
#pragma once

#ifdef PROCVIRT_FAULTS
/* Called where the renderer of this path is called, and at these places. */
void fault_strike(const char *path);
#else
static inline void fault_strike(const char *path)
{
}
#endif
