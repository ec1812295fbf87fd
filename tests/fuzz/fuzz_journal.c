/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a journal, from its first one on: refused, or claimed without touching what is not its own.
 */
#include "fs/serve/journal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a worker reads of each: the whole slot, and a text that must end in it. */
static void visit(unsigned index, enum journal_verdict verdict, void *data)
{
	struct journal_slot *slot = journal_slot(data, index);

	if (slot->header.unique == 0 || slot->header.len > sizeof slot->request || verdict > JOURNAL_GIVE_UP)
		abort();
	if ((verdict == JOURNAL_ANSWER) != journal_is_done(slot))
		abort();
	if (slot->faults > JOURNAL_MOST_FAULTS && verdict != JOURNAL_GIVE_UP && verdict != JOURNAL_ANSWER)
		abort();
}

static void claim(int fd)
{
	g_autoptr(Journal) journal = journal_open(fd, NULL);
	size_t length;

	if (!journal)
		return;
	if (journal_init(journal, &length) && length > JOURNAL_REQUEST)
		abort();
	if (journal_next_serial(journal) == 0)
		abort();
	journal_claim(journal, JOURNAL_CRASHED, visit, journal);
	journal_claim(journal, JOURNAL_KILLED, visit, journal);
}

/* The first byte says from where on the journal is overwritten. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const off_t places[] = { 0, 16, 40, 4096, 4096 + 512 };
	int fd;

	if (size < 1)
		return 0;
	fd = journal_make();
	if (fd < 0 || pwrite(fd, data + 1, size - 1, places[data[0] % G_N_ELEMENTS(places)]) != (ssize_t)size - 1)
		abort();
	claim(fd);
	close(fd);
	return 0;
}
