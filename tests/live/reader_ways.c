/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int open_timed(struct reader *reader, const char *path)
{
	reader_begin(reader, path);
	return (int)reader_end(reader, open(path, O_RDONLY | O_CLOEXEC));
}

static ssize_t read_timed(struct reader *reader, const struct file *file, int fd, char *to, size_t size)
{
	reader_begin(reader, file->path);
	reader->reads++;
	return reader_end(reader, read(fd, to, size));
}

static ssize_t pread_timed(struct reader *reader, const struct file *file, char *to, size_t size, size_t offset)
{
	reader_begin(reader, file->path);
	reader->reads++;
	return reader_end(reader, pread(file->kept, to, size, (off_t)offset));
}

/* ---- ways of reading a text; all end with a read that gives nothing. -1: it failed, which is counted. ---- */

/* In pieces; half way through it rests, so that what happens meanwhile happens in the middle of a text. */
static ssize_t read_pieces(struct reader *reader, const struct file *file, int fd, size_t piece, uint64_t rest_us)
{
	size_t length = 0;
	ssize_t n;

	do {
		size_t size = piece < TEXT_MAX - length ? piece : TEXT_MAX - length;

		n = read_timed(reader, file, fd, reader->text + length, size);
		if (n < 0)
			return -1;
		if (length == 0)
			reader_doze(reader, rest_us);
		length += (size_t)n;
	} while (n > 0 && length < TEXT_MAX);
	return (ssize_t)length;
}

static ssize_t open_and_read(struct reader *reader, const struct file *file, size_t piece, uint64_t rest_us)
{
	int fd = open_timed(reader, file->path);
	ssize_t length;

	if (fd < 0)
		return -1;
	length = read_pieces(reader, file, fd, piece, rest_us);
	close(fd);
	return length;
}

static ssize_t whole(struct reader *reader, struct file *file)
{
	return open_and_read(reader, file, TEXT_MAX, 0);
}

static ssize_t kilobytes(struct reader *reader, struct file *file)
{
	return open_and_read(reader, file, 1024, 0);
}

static ssize_t sevens(struct reader *reader, struct file *file)
{
	return open_and_read(reader, file, 7, 0);
}

static ssize_t slowly(struct reader *reader, struct file *file)
{
	return open_and_read(reader, file, 100, 20000);
}

static bool keep(struct reader *reader, struct file *file)
{
	if (file->kept < 0 && reader->n_kept < KEPT_MAX) {
		file->kept = open_timed(reader, file->path);
		reader->n_kept += file->kept >= 0;
	}
	return file->kept >= 0;
}

/* As top(1) does. */
static ssize_t rewound(struct reader *reader, struct file *file)
{
	if (!keep(reader, file))
		return whole(reader, file);
	lseek(file->kept, 0, SEEK_SET);
	return read_pieces(reader, file, file->kept, 1000, 0);
}

/* A text that was begun at offset 0 stays what it is at every other offset, until offset 0 is read again. */
static ssize_t anywhere(struct reader *reader, struct file *file)
{
	size_t offset, size;
	ssize_t length, n;

	if (!keep(reader, file))
		return whole(reader, file);
	length = pread_timed(reader, file, reader->text, TEXT_MAX, 0);
	if (length <= 1)
		return length;
	for (unsigned i = 0; i < 3; i++) {
		reader_doze(reader, 5000);
		offset = 1 + reader_chance(reader, (unsigned)length - 1);
		size = 1 + reader_chance(reader, 500);
		n = pread_timed(reader, file, reader->again, size, offset);
		if (n < 0)
			return -1;
		if ((size_t)n != (size < (size_t)length - offset ? size : (size_t)length - offset) ||
		    memcmp(reader->again, reader->text + offset, (size_t)n) != 0) {
			reader_judged(reader, JUDGE_WRONG, "another text in the middle of a reading");
			return -1;
		}
	}
	n = pread_timed(reader, file, reader->again, 100, (size_t)length);
	if (n > 0)
		reader_judged(reader, JUDGE_WRONG, "bytes behind the end");
	return n < 0 ? -1 : length;
}

static const struct {
	ssize_t (*read)(struct reader *reader, struct file *file);
	unsigned of_64; /* how often */
} ways[] = {
	{ whole, 28 }, { kilobytes, 12 }, { rewound, 10 }, { anywhere, 8 }, { slowly, 5 }, { sevens, 1 },
};

static void judge_text(struct reader *reader, struct file *file, const char *name, ssize_t length)
{
	struct judge_case it = { name, reader->text, (size_t)length, reader_now_ns() };
	char why[300] = "";

	if (length < 0) {
		reader_doze(reader, 10000); /* whatever is wrong, it is not to be told a million times */
		return;
	}
	reader->text[length] = '\0';
	reader->texts++;
	reader_judged(reader, judge(&it, &reader->options.given, &file->memory, why, sizeof(why)), why);
}

void reader_judge(struct reader *reader, struct file *file, const char *name)
{
	judge_text(reader, file, name, whole(reader, file));
}

static void read_file(struct reader *reader, struct file *file)
{
	unsigned way = 0;

	for (unsigned drawn = reader_chance(reader, 64); drawn >= ways[way].of_64; way++)
		drawn -= ways[way].of_64;
	judge_text(reader, file, file->path, ways[way].read(reader, file));
}

/* ---- the directory of the CPUs ---- */

static bool is_cpu(const char *name)
{
	return strncmp(name, "cpu", 3) == 0 && name[3] != '\0' && name[3 + strspn(name + 3, "0123456789")] == '\0';
}

static void read_cpus(struct reader *reader, struct file *file)
{
	uint64_t n = 0, wanted = reader->options.given.cpus;
	struct dirent *entry;
	DIR *directory;

	reader_begin(reader, file->path);
	directory = opendir(file->path);
	reader_end(reader, directory ? 0 : -1);
	if (!directory)
		return;
	do {
		reader_begin(reader, file->path);
		errno = 0;
		entry = readdir(directory);
		reader_end(reader, entry || errno == 0 ? 0 : -1);
		n += entry && is_cpu(entry->d_name);
	} while (entry);
	closedir(directory);
	reader_judged(reader, n == 0 || (wanted && n != wanted) ? JUDGE_WRONG : JUDGE_FINE,
		      "another number of CPU directories");
}

void reader_read(struct reader *reader, struct file *file)
{
	if (file->is_directory)
		read_cpus(reader, file);
	else
		read_file(reader, file);
}
