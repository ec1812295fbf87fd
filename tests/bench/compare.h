/* SPDX-License-Identifier: Apache-2.0
 *
 * Is a text the host's own, or one made for the reader? Pure.
 */
#pragma once

#include <stdbool.h>

/*
 * `text` was read between `before` and `after`, two readings of the kernel's
 * own file. It is the host's if it has the same words in the same places and every
 * number lies between those of the two readings.
 */
bool compare_is_host(const char *before, const char *text, const char *after);
