/* SPDX-License-Identifier: Apache-2.0
 *
 * What config.json wants mounted: "Mounts" in config.md of the runtime specification.
 */
#pragma once

#include <json-glib/json-glib.h>
#include <stdbool.h>

/* Whether what `mounts` puts at /sys/fs/cgroup is read-only. What is malformed in there is the runtime's to complain of. */
bool oci_mounts_cgroups_read_only(JsonObject *config);
