/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/id.h"

#include <string.h>

static bool is_word(const char *word)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

	return *word && word[strspn(word, allowed)] == '\0' && strcmp(word, ".") != 0 && strcmp(word, "..") != 0;
}

/* The digits before a colon, as the kernel's uids go; (uid_t)-1 is nobody's. */
static bool parse_uid(const char *digits, const char *colon, uid_t *ret_uid)
{
	guint64 number = 0;

	if (*digits < '1' || *digits > '9' || colon - digits > 10)
		return false;
	for (; digits < colon; digits++) {
		if (!g_ascii_isdigit(*digits))
			return false;
		number = number * 10 + (guint64)(*digits - '0');
	}
	*ret_uid = (uid_t)number;
	return number < G_MAXUINT32;
}

bool container_id_parse(const char *id, uid_t *ret_owner)
{
	const char *colon = id ? strchr(id, ':') : NULL;
	uid_t owner = 0;

	if (!id || strlen(id) > CONTAINER_ID_MAX || !is_word(colon ? colon + 1 : id))
		return false;
	if (colon && !parse_uid(id, colon, &owner))
		return false;
	*ret_owner = owner;
	return true;
}

char *container_id_of(uid_t uid, const char *word)
{
	g_autofree char *prefix = g_strdup_printf("%u:", uid);

	return uid == 0 || g_str_has_prefix(word, prefix) ? g_strdup(word) : g_strconcat(prefix, word, NULL);
}
