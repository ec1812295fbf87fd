/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/mountinfo.h"
#include "cgroup/convert.h"

#include <string.h>

/* The columns up to the optional fields, which "-" ends. */
enum { ID, PARENT, DEVICE, ROOT, MOUNT_POINT, OPTIONS, BEFORE_OPTIONAL };

/* Takes a field that a blank or the line's end ends, and the one blank behind it. */
static bool take_field(const char **cursor, const char *end, struct mountinfo_field *ret)
{
	const char *start = *cursor;
	const char *blank = memchr(start, ' ', (size_t)(end - start));

	if (!blank)
		blank = end;
	*ret = (struct mountinfo_field){ start, (size_t)(blank - start) };
	*cursor = blank < end ? blank + 1 : end;
	return ret->length > 0;
}

static bool skip_optional(const char **cursor, const char *end)
{
	struct mountinfo_field field;

	while (take_field(cursor, end, &field)) {
		if (mountinfo_is(&field, "-"))
			return true;
	}
	return false;
}

static bool take_line(const char *p, const char *end, struct mountinfo *ret)
{
	struct mountinfo_field head[BEFORE_OPTIONAL], source;

	for (unsigned i = 0; i < BEFORE_OPTIONAL; i++) {
		if (!take_field(&p, end, &head[i]))
			return false;
	}
	if (!skip_optional(&p, end) || !take_field(&p, end, &ret->type))
		return false;
	/* A source can be the empty string, and then two blanks meet. */
	take_field(&p, end, &source);
	if (!take_field(&p, end, &ret->super_options) || *head[MOUNT_POINT].start != '/')
		return false;
	ret->id = head[ID];
	ret->parent = head[PARENT];
	ret->root = head[ROOT];
	ret->mount_point = head[MOUNT_POINT];
	ret->options = head[OPTIONS];
	return true;
}

bool mountinfo_next(const char **cursor, const char *file, struct mountinfo *ret_mount, bool *ret_more, GError **error)
{
	const char *line = *cursor, *end;
	struct mountinfo mount;

	if (*line == '\0') {
		*ret_more = false;
		return true;
	}
	end = strchrnul(line, '\n');
	if (!take_line(line, end, &mount))
		return cg_fail_text(error, file, "a line of mountinfo", line);
	*cursor = *end ? end + 1 : end;
	*ret_mount = mount;
	*ret_more = true;
	return true;
}

bool mountinfo_is(const struct mountinfo_field *field, const char *text)
{
	return strlen(text) == field->length && memcmp(field->start, text, field->length) == 0;
}

bool mountinfo_has(const struct mountinfo_field *options, const char *word)
{
	const char *end = options->start + options->length;

	for (const char *p = options->start; p < end;) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		struct mountinfo_field one = { p, (size_t)((comma ? comma : end) - p) };

		if (mountinfo_is(&one, word))
			return true;
		p = one.start + one.length + 1;
	}
	return false;
}

int mountinfo_cgroup_version(const struct mountinfo *mount)
{
	if (mountinfo_is(&mount->type, "cgroup2"))
		return 2;
	return mountinfo_is(&mount->type, "cgroup") ? 1 : 0;
}

bool mountinfo_is_writable(const struct mountinfo *mount)
{
	return mountinfo_has(&mount->options, "rw") && mountinfo_has(&mount->super_options, "rw");
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The kernel's mangle() writes a byte as a backslash and exactly three octal digits. */
static bool take_escape(const char *p, const char *end, char *ret)
{
	if (end - p < 4 || p[0] != '\\' || !is_octal(p[1]) || !is_octal(p[2]) || !is_octal(p[3]))
		return false;
	*ret = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
	return *ret != '\0';
}

char *mountinfo_decode(const struct mountinfo_field *field)
{
	const char *p = field->start, *end = p + field->length;
	char *text = g_malloc(field->length + 1), *out = text;

	while (p < end) {
		if (take_escape(p, end, out))
			p += 4;
		else
			*out = *p++;
		out++;
	}
	*out = '\0';
	return text;
}
