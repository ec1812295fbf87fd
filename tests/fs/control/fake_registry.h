/* SPDX-License-Identifier: Apache-2.0
 *
 * A registry without cgroups. Its defaults are cpuset and renumbered CPUs; an
 * id with a slash is refused as a bad one.
 */
#pragma once

#include "fs/container/registry.h"

Registry *fake_registry_new(void);
