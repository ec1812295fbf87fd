/* SPDX-License-Identifier: Apache-2.0
 *
 * The file as a whole: made, made ready, and judged.
 */
#include "fs/store/file.h"

#include "cgroup/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

/* include/uapi/linux/memfd.h, from Linux 6.3 on; older kernels answer EINVAL. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

uint64_t layout_checksum(uint64_t seed, uint64_t offset, const struct layout_copy *copy, size_t length)
{
	const unsigned char *from = (const unsigned char *)copy + sizeof(copy->checksum);

	return XXH3_64bits_withSeed(from, sizeof(*copy) - sizeof(copy->checksum) + length, seed + offset);
}

void layout_header_fill(struct layout_header *header, uint64_t seed)
{
	*header = (struct layout_header){
		.magic = LAYOUT_MAGIC,
		.version = LAYOUT_VERSION,
		.size = STORE_SIZE,
		.slab = LAYOUT_SLAB,
		.least = LAYOUT_LEAST,
		.classes = LAYOUT_CLASSES,
		.seed = seed,
	};
	header->checksum = XXH3_64bits_withSeed(header, offsetof(struct layout_header, checksum), 0);
}

/* Early at boot getrandom(2) may have nothing yet, and nobody waits for it. */
static uint64_t random_seed(void)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint64_t)g_random_int() << 32 | g_random_int();
	return seed;
}

/* The rest of the file must be empty. */
static int write_header(int fd)
{
	struct layout_header header;
	ssize_t n;

	layout_header_fill(&header, random_seed());
	n = pwrite(fd, &header, sizeof(header), 0);
	return n < 0 ? -errno : n == sizeof(header) ? 0 : -EIO;
}

static int make_memory(void)
{
	static const unsigned flags[] = { MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL,
					  MFD_CLOEXEC | MFD_ALLOW_SEALING };
	int fd = -1;

	for (unsigned i = 0; fd < 0 && i < G_N_ELEMENTS(flags); i++)
		fd = memfd_create("procvirt-state", flags[i]);
	return fd;
}

int store_make(void)
{
	int fd = make_memory();
	int code = 0;

	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)STORE_SIZE) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) < 0)
		code = -errno;
	if (code == 0)
		code = write_header(fd);
	if (code == 0)
		return fd;
	close(fd);
	errno = -code;
	return -1;
}

int store_format(int fd)
{
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)STORE_SIZE) < 0)
		return -errno;
	return write_header(fd);
}

static bool all_zero(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* Neither a header nor a slab in use. */
static bool is_empty(int fd)
{
	unsigned char bytes[LAYOUT_TABLE + LAYOUT_SLABS];

	return pread(fd, bytes, sizeof(bytes), 0) == sizeof(bytes) && all_zero(bytes, sizeof(bytes));
}

static bool check_size(int fd, GError **error)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return cg_fail(error, errno, "the state: %s", g_strerror(errno));
	if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size < STORE_SIZE)
		return cg_fail(error, EINVAL, "the state has %" G_GINT64_FORMAT " bytes instead of %zu",
			       (gint64)status.st_size, STORE_SIZE);
	return true;
}

static bool check_header(int fd, GError **error)
{
	struct layout_header header, wanted;

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header))
		return cg_fail(error, errno, "the state: %s", g_strerror(errno));
	layout_header_fill(&wanted, header.seed);
	if (memcmp(&header, &wanted, sizeof(header)) == 0)
		return true;
	if (memcmp(header.magic, wanted.magic, sizeof(header.magic)) != 0)
		return cg_fail(error, EINVAL, "the state is not one of procvirt's");
	if (header.version != wanted.version)
		return cg_fail(error, EINVAL, "the state is of version %u, this program's is %u", header.version,
			       wanted.version);
	return cg_fail(error, EINVAL, "the state's header is torn");
}

bool file_check(int fd, GError **error)
{
	int code;

	if (!check_size(fd, error))
		return false;
	if (!is_empty(fd))
		return check_header(fd, error);
	code = write_header(fd);
	return code == 0 || cg_fail(error, -code, "the state: %s", g_strerror(-code));
}
