/* SPDX-License-Identifier: Apache-2.0
 *
 * A bundle's config.json that our hook is added to: what comes out is JSON, has the hook, and adding twice is once.
 */
#include "fs/control/strict_json.h"
#include "fs/mount/oci_hooks.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, gsize length, const char *changed, const struct oci_hook *hook)
{
	g_autoptr(JsonObject) object = strict_json_parse(changed, strlen(changed), "it", NULL);
	g_autofree char *again = NULL;
	gsize more = strlen(changed) - length;

	g_assert(object && strlen(changed) + strlen("null") > length);
	g_assert(oci_hooks_add(changed, strlen(changed), hook, &again, NULL) && !again);
	if (!memmem(text, length, "null", 4)) /* then nothing was replaced: there is one piece more */
		g_assert(strlen(changed) > length && more < 128);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const args[] = { "procvirt-hook", NULL };
	const struct oci_hook hook = { "/hook", args };
	g_autofree char *text = g_strndup((const char *)data, size), *changed = NULL;
	g_autoptr(GError) error = NULL;

	if (!oci_hooks_add(text, size, &hook, &changed, &error))
		g_assert(error);
	else if (changed)
		check(text, size, changed, &hook);
	return 0;
}
