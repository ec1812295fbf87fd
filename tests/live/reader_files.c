/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void add(struct reader *reader, const char *path, bool is_directory)
{
	struct file *file = &reader->files[reader->n_files];

	if (reader->n_files == FILES_MAX || strlen(path) >= sizeof(file->path))
		return;
	strcpy(file->path, path);
	file->is_directory = is_directory;
	file->kept = -1;
	reader->n_files++;
}

/* Of a container's blocks of memory, which are all alike, the first one is enough. */
static bool is_one_of_too_many(const char *path)
{
	const char *block = strstr(path, "/system/memory/memory");

	return block && strcmp(block, "/system/memory/memory0") != 0 && !strstr(block, "/memory0/");
}

static bool is_of_cpus(const char *path)
{
	const char *name = strrchr(path, '/');

	return strcmp(name, "/cpu") == 0;
}

static void walk(struct reader *reader, const char *path, unsigned depth)
{
	struct stat status;
	struct dirent *entry;
	DIR *directory;

	if (lstat(path, &status) < 0 || depth > MOUNT_DEPTH || is_one_of_too_many(path))
		return;
	if (S_ISREG(status.st_mode))
		add(reader, path, false);
	directory = S_ISDIR(status.st_mode) ? opendir(path) : NULL;
	while (directory && (entry = readdir(directory))) {
		char below[sizeof(reader->files[0].path)];

		if (entry->d_name[0] != '.' &&
		    (size_t)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) < sizeof(below))
			walk(reader, below, depth + 1);
	}
	if (directory)
		closedir(directory);
	if (S_ISDIR(status.st_mode) && depth == 0 && is_of_cpus(path))
		add(reader, path, true);
}

/* What the hook has laid: each is a mount of its own. The daemon's own mount may be seen too. */
void reader_add_laid(struct reader *reader)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[4096], path[512];

	while (mounts && fgets(line, sizeof(line), mounts)) {
		if (strstr(line, " - fuse.procvirt ") && sscanf(line, "%*s %*s %*s %*s %511s", path) == 1 &&
		    (strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0))
			walk(reader, path, 0);
	}
	if (mounts)
		fclose(mounts);
}

void reader_add(struct reader *reader, const char *path)
{
	walk(reader, path, 0);
}
