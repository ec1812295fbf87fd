/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/cpuinfo: the host's text with the blocks of hidden CPUs left out. Each
 * architecture has its own (arch/ARCH/kernel/{cpu/proc,cpuinfo,setup}.c);
 * what they share is that a block begins with the CPU's number and ends at an
 * empty line. Text outside blocks (arm's Hardware, powerpc's timebase, s390's
 * head) is of the machine and stays, but for its counts of CPUs.
 *
 * physical id, core id, apicid and the like stay too: they name hardware, not
 * the kernel's CPU numbers, and the cpuid instruction, which no container is kept
 * from, says the same. With renumbered CPUs they still tell hyperthreads apart.
 */
#include "cgroup/cpulist.h"
#include "fs/view/cpus.h"
#include "fs/view/render.h"
#include "fs/view/text.h"

/* The visible CPUs with one physical id. */
struct package {
	unsigned siblings;
	GHashTable *cores; /* set of core ids */
};

/* A visible CPU's block. */
struct block {
	uint64_t physical, core;
	const struct package *package; /* borrowed */
};

/* A walk over the lines that are shown. Two walks over the same text see the same blocks. */
struct walk {
	const struct view_cpus *cpus;
	const char *cursor;
	enum { OUTSIDE, SHOWN, HIDDEN } block;
	unsigned cpu;           /* of the shown block */
	unsigned n;             /* blocks shown so far, with this one */
	struct cg_cpumask seen; /* a CPU's block is shown once, whatever the text says */
};

/* "processor\t: 3", on s390 "cpu number      : 3". */
static bool begins_block(const struct text_line *line)
{
	return text_has_label(line, "processor") || text_has_label(line, "cpu number");
}

static bool is_visible(const struct view_cpus *cpus, uint64_t cpu)
{
	return cpu < CG_MAX_CPUS && cg_cpumask_has(&cpus->visible, (unsigned)cpu);
}

static void enter_block(struct walk *walk, const struct text_line *line)
{
	struct text_line value = text_value(line);
	uint64_t cpu;

	walk->block = HIDDEN;
	if (!text_take_number(&value, &cpu) || value.length)
		return;
	if (!is_visible(walk->cpus, cpu) || cg_cpumask_has(&walk->seen, (unsigned)cpu))
		return;
	walk->block = SHOWN;
	walk->cpu = (unsigned)cpu;
	walk->n++;
	cg_cpumask_set(&walk->seen, walk->cpu);
}

/* Takes the next line that is shown; false at the end. The empty line after a hidden block is hidden with it. */
static bool walk_next(struct walk *walk, struct text_line *ret_line)
{
	while (text_next_line(&walk->cursor, ret_line)) {
		bool hidden = walk->block == HIDDEN;

		if (!ret_line->length) {
			walk->block = OUTSIDE;
		} else if (begins_block(ret_line)) {
			enter_block(walk, ret_line);
			hidden = walk->block == HIDDEN;
		}
		if (!hidden)
			return true;
	}
	return false;
}

static void learn(GArray *blocks, const struct walk *walk, const struct text_line *line)
{
	struct text_line value = text_value(line);
	uint64_t number;

	if (blocks->len < walk->n) {
		/* An architecture that does not name cores here has no siblings or cpu cores either. */
		struct block block = { .core = walk->cpu };

		g_array_append_val(blocks, block);
	}
	if (!text_take_number(&value, &number))
		return;
	if (text_has_label(line, "physical id"))
		g_array_index(blocks, struct block, walk->n - 1).physical = number;
	else if (text_has_label(line, "core id"))
		g_array_index(blocks, struct block, walk->n - 1).core = number;
}

/* The blocks that are shown, in order. */
static GArray *survey(const struct view *view)
{
	struct walk walk = { .cpus = &view->cpus, .cursor = view->host };
	GArray *blocks = g_array_new(FALSE, FALSE, sizeof(struct block));
	struct text_line line;

	while (walk_next(&walk, &line)) {
		if (walk.block == SHOWN)
			learn(blocks, &walk, &line);
	}
	return blocks;
}

static void package_free(void *data)
{
	struct package *package = data;

	g_hash_table_unref(package->cores);
	g_free(package);
}

static struct package *package_of(GHashTable *packages, uint64_t physical)
{
	void *key = GUINT_TO_POINTER((unsigned)physical);
	struct package *package = g_hash_table_lookup(packages, key);

	if (!package) {
		package = g_new0(struct package, 1);
		package->cores = g_hash_table_new(NULL, NULL);
		g_hash_table_insert(packages, key, package);
	}
	return package;
}

/* By physical id; each block is told its own. */
static GHashTable *count_packages(GArray *blocks)
{
	GHashTable *packages = g_hash_table_new_full(NULL, NULL, NULL, package_free);

	for (unsigned i = 0; i < blocks->len; i++) {
		struct block *block = &g_array_index(blocks, struct block, i);
		struct package *package = package_of(packages, block->physical);

		package->siblings++;
		g_hash_table_add(package->cores, GUINT_TO_POINTER((unsigned)block->core));
		block->package = package;
	}
	return packages;
}

/* Numbers that are the view's; `package` is that of the block at hand, NULL outside. */
typedef uint64_t number_fn(const struct walk *walk, const struct package *package);

static uint64_t shown_number(const struct walk *walk, const struct package *package)
{
	return view_cpus_shown(walk->cpus, walk->cpu);
}

static uint64_t siblings(const struct walk *walk, const struct package *package)
{
	return package ? package->siblings : walk->cpus->n;
}

static uint64_t cores(const struct walk *walk, const struct package *package)
{
	return package ? g_hash_table_size(package->cores) : walk->cpus->n;
}

static uint64_t cpus(const struct walk *walk, const struct package *package)
{
	return walk->cpus->n;
}

static const struct {
	const char *label;
	number_fn *number;
} numbers[] = {
	{ "processor", shown_number }, { "cpu number", shown_number }, { "siblings", siblings },
	{ "cpu cores", cores },        { "# processors", cpus }, /* s390 */
	{ "ncpus probed", cpus },                                /* sparc */
	{ "ncpus active", cpus },
};

/* The line with its value replaced. */
static void append_number(GString *text, const struct text_line *line, uint64_t number)
{
	struct text_line value = text_value(line);

	g_string_append_len(text, line->start, value.start - line->start);
	text_append_number(text, number, 0);
	g_string_append_c(text, '\n');
}

/* s390's head has a line "processor 3: version = FF, …" for each CPU. */
static bool append_head_line(GString *text, const struct view_cpus *cpus, const struct text_line *line)
{
	static const char name[] = "processor ";
	struct text_line rest = *line;
	uint64_t cpu;

	if (line->length < strlen(name) || memcmp(line->start, name, strlen(name)))
		return false;
	rest.start += strlen(name);
	rest.length -= strlen(name);
	if (!text_take_number(&rest, &cpu))
		return false;
	if (is_visible(cpus, cpu)) {
		g_string_append(text, name);
		text_append_number(text, view_cpus_shown(cpus, (unsigned)cpu), 0);
		text_append_line(text, &rest);
	}
	return true;
}

static void append_line(GString *text, const struct walk *walk, const struct package *package,
			const struct text_line *line)
{
	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		if (text_has_label(line, numbers[i].label)) {
			append_number(text, line, numbers[i].number(walk, package));
			return;
		}
	}
	if (!append_head_line(text, walk->cpus, line))
		text_append_line(text, line);
}

void cpuinfo_render(const struct view *view, GString *text)
{
	g_autoptr(GArray) blocks = survey(view);
	/* Owns what the blocks point to. */
	G_GNUC_UNUSED g_autoptr(GHashTable) packages = count_packages(blocks);
	struct walk walk = { .cpus = &view->cpus, .cursor = view->host };
	struct text_line line;

	while (walk_next(&walk, &line)) {
		bool inside = walk.block == SHOWN;

		append_line(text, &walk, inside ? g_array_index(blocks, struct block, walk.n - 1).package : NULL,
			    &line);
	}
}
