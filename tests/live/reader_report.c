/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_sentences(const struct reader *reader)
{
	printf(", \"first\": [");
	for (unsigned i = 0; i < reader->n_sentences; i++) {
		printf("%s\"", i ? ", " : "");
		for (const char *c = reader->sentences[i]; *c; c++)
			putchar(*c < ' ' || *c == '"' || *c == '\\' ? '?' : *c);
		putchar('"');
	}
	putchar(']');
}

void reader_report(const struct reader *reader)
{
	const char *comma = "";

	printf("{\"reads\": %" PRIu64 ", \"texts\": %" PRIu64 ", \"rounds\": %" PRIu64 ", \"files\": %u", reader->reads,
	       reader->texts, reader->rounds, reader->n_files);
	printf(", \"wrong\": %" PRIu64 ", \"back\": %" PRIu64 ", \"hangs\": %" PRIu64 ", \"longest_us\": %" PRIu64,
	       reader->verdicts[JUDGE_WRONG], reader->verdicts[JUDGE_BACK], reader->hangs, reader->longest_us);
	printf(", \"errors\": {");
	for (int i = 0; i < ERRNOS; i++) {
		if (reader->errors[i] == 0)
			continue;
		printf("%s\"%s\": %" PRIu64, comma, strerrorname_np(i), reader->errors[i]);
		comma = ", ";
	}
	printf("}, \"pauses\": [");
	comma = "";
	for (unsigned i = 0; i < BUCKETS; i++) {
		if (reader->pauses[i] == 0)
			continue;
		printf("%s[%u, %u]", comma, (i + 1) * BUCKET_US, reader->pauses[i]);
		comma = ", ";
	}
	putchar(']');
	print_sentences(reader);
	puts("}");
	fflush(stdout);
}
