/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of block statistics, by device: v2's io.stat (cgroup-v2.rst, nested
 * keyed) and v1's blkio.throttle.io_service*_recursive (blkio-controller.rst).
 * Devices are added to `io`, which grows; after an error it is still owned and valid.
 */
#pragma once

#include "cgroup/cg.h"

#include <glib.h>

/* "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6"; unknown keys are skipped, devices without a value too. */
bool iostat_parse_v2(const char *text, const char *file, struct cg_io *io, GError **error);

/* Which of v1's two files a text is. */
enum iostat_unit { IOSTAT_BYTES, IOSTAT_IOS };

/* "8:0 Read 4096", "8:0 Write 0", …, "Total 4096". */
bool iostat_parse_v1(const char *text, const char *file, enum iostat_unit unit, struct cg_io *io, GError **error);
