/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/reader.h"
#include "cgroup/convert.h"
#include "cgroup/cpulist.h"
#include "cgroup/group.h"

const struct reader *reader_of(const struct chain *chain)
{
	return chain->hierarchy->version == 2 ? &reader_v2 : &reader_v1;
}

bool reader_text(const struct dir *dir, struct reader_file file, reader_parse parse, void *into, bool *ret_present,
		 GError **error)
{
	cg_cleanup(text_clear) struct text text;
	enum dir_result result;

	text.heap = NULL;
	result = dir_read(dir, file.slot, file.name, &text, error);
	if (result == DIR_FAILED)
		return false;
	if (result == DIR_READ && !parse(text.s, file.name, into, error))
		return dir_blame(dir, error);
	if (ret_present)
		*ret_present = result == DIR_READ;
	return true;
}

struct number {
	reader_parse_number parse;
	uint64_t *ret;
};

static bool parse_number(const char *text, const char *file, void *into, GError **error)
{
	const struct number *number = into;

	return number->parse(text, file, number->ret, error);
}

bool reader_number(const struct dir *dir, struct reader_file file, reader_parse_number parse, uint64_t *ret_value,
		   bool *ret_present, GError **error)
{
	struct number number = { parse, ret_value };

	return reader_text(dir, file, parse_number, &number, ret_present, error);
}

static bool parse_mask(const char *text, const char *file, void *into, GError **error)
{
	return cg_cpulist_parse(text, file, into, error);
}

bool reader_mask(const struct dir *dir, struct reader_file file, struct cg_cpumask *ret_mask, bool *ret_present,
		 GError **error)
{
	return reader_text(dir, file, parse_mask, ret_mask, ret_present, error);
}

struct keys {
	const struct keyed *table;
	unsigned n;
	void *into;
};

static bool parse_keyed(const char *text, const char *file, void *into, GError **error)
{
	const struct keys *keys = into;

	return keyed_parse(text, file, keys->table, keys->n, keys->into, error);
}

bool reader_keyed(const struct dir *dir, struct reader_file file, const struct keyed *table, unsigned n, void *into,
		  bool *ret_present, GError **error)
{
	struct keys keys = { table, n, into };

	return reader_text(dir, file, parse_keyed, &keys, ret_present, error);
}

bool reader_numa(const struct dir *dir, struct reader_file file, reader_parse parse, struct cg_numa *ret_numa,
		 bool *ret_present, GError **error)
{
	struct cg_numa numa = { 0 };

	if (!reader_text(dir, file, parse, &numa, ret_present, error)) {
		cg_numa_clear(&numa);
		return false;
	}
	*ret_numa = numa;
	return true;
}

bool reader_amount(const struct dir *dir, struct reader_file limit, struct reader_file current,
		   reader_parse_number parse, bool usage, struct level_amount *ret_amount, GError **error)
{
	struct level_amount amount = { .limit = CG_UNLIMITED };
	bool counted = false;

	if (!reader_number(dir, limit, parse, &amount.limit, &amount.present, error))
		return false;
	if ((usage || amount.limit != CG_UNLIMITED) &&
	    !reader_number(dir, current, cg_parse_u64, &amount.usage, &counted, error))
		return false;
	amount.present = amount.present || counted;
	*ret_amount = amount;
	return true;
}

char *reader_page_size(uint64_t bytes)
{
	static const struct {
		uint64_t unit;
		const char *name;
	} units[] = { { UINT64_C(1) << 30, "GB" }, { UINT64_C(1) << 20, "MB" }, { UINT64_C(1) << 10, "KB" } };

	for (unsigned i = 0; i < G_N_ELEMENTS(units); i++) {
		if (bytes >= units[i].unit)
			return g_strdup_printf("%" G_GUINT64_FORMAT "%s", bytes / units[i].unit, units[i].name);
	}
	return g_strdup_printf("%" G_GUINT64_FORMAT "B", bytes);
}

bool reader_hugetlb_numa(const struct dir *dir, uint64_t page_size, reader_parse parse, struct cg_numa *ret_numa,
			 bool *ret_present, GError **error)
{
	g_autofree char *size = reader_page_size(page_size);
	g_autofree char *name = g_strdup_printf("hugetlb.%s.numa_stat", size);

	return reader_numa(dir, (struct reader_file){ DIR_NOT_KEPT, name }, parse, ret_numa, ret_present, error);
}
