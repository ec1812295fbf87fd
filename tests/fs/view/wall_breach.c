/* SPDX-License-Identifier: Apache-2.0
 *
 * Does what no renderer may. A test compiles this as a source of fs/view and
 * expects the compiler to refuse it; see fs/view/wall.h.
 */
#define FUSE_USE_VERSION 314
#include <fuse3/fuse_lowlevel.h>
