/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/claim.h"

#include "cgroup/error.h"
#include "fs/container/host_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define OVERFLOW_UID 65534 /* DEFAULT_OVERFLOWUID of include/linux/highuid.h */

static uid_t overflow_uid(const Host *host)
{
	g_autofree char *text = host_read(host, "/proc/sys/kernel/overflowuid", NULL);

	return text ? (uid_t)g_ascii_strtoull(text, NULL, 10) : OVERFLOW_UID;
}

/* The namespace above, in place of `fd`; ioctl_ns(2). EPERM: there is none that we may see. */
static int climb(int fd)
{
	int parent = ioctl(fd, NS_GET_PARENT);
	int code = parent < 0 ? -errno : parent;

	close(fd);
	return code;
}

static bool is_own(const Host *host, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_ino == host_own_namespace(host, "user");
}

/* The owners of the namespaces; 0 or -errno. */
static int look_at_owners(const Host *host, pid_t pid, struct claim *claim)
{
	int fd = host_open_pid(host, pid, "ns/user", O_RDONLY);

	while (fd >= 0 && !is_own(host, fd)) {
		if (claim->n_owners == CLAIM_LEVELS ||
		    ioctl(fd, NS_GET_OWNER_UID, &claim->owner[claim->n_owners]) < 0) {
			close(fd);
			return -EPERM;
		}
		claim->n_owners++;
		fd = climb(fd);
	}
	if (fd == -EPERM) { /* the chain ended without the daemon's: it lies elsewhere */
		claim->n_owners = 0;
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return MIN(fd, 0);
}

int claim_look(const Host *host, pid_t pid, uid_t uid, struct claim *ret_claim)
{
	struct claim claim = { .uid = uid, .nobody = overflow_uid(host) };
	g_autofree char *file = g_strdup_printf("/proc/%d/uid_map", pid);
	g_autofree char *map = NULL;
	g_autoptr(GError) why = NULL;
	int r = look_at_owners(host, pid, &claim);

	if (r < 0)
		return r;
	map = host_read(host, file, &why);
	if (!map)
		return -why->code;
	if (!claim_parse_map(map, &claim))
		return -EPROTO;
	*ret_claim = claim;
	return 0;
}

/* Lines of "INSIDE OUTSIDE COUNT"; what is outside is numbered as the reader's namespace does, or is (uid_t)-1. */
bool claim_parse_map(const char *text, struct claim *claim)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		uint64_t inside, outside, count;
		int end = -1;

		if (!**line)
			continue;
		if (sscanf(*line, "%" SCNu64 "%" SCNu64 "%" SCNu64 " %n", &inside, &outside, &count, &end) != 3 ||
		    (*line)[end] != '\0' || outside > UINT32_MAX || count > UINT32_MAX ||
		    claim->n_ranges == CLAIM_RANGES)
			return false;
		claim->range[claim->n_ranges++] = (struct claim_range){ outside, count };
	}
	return true;
}

static bool is_nobody(const struct claim *claim, uid_t uid)
{
	return uid == (uid_t)-1 || uid == claim->nobody;
}

bool claim_allows(const struct claim *claim, GError **error)
{
	if (is_nobody(claim, claim->uid))
		return cg_fail(error, EPERM, "uid %u stands for all users without a number here", claim->uid);
	for (unsigned i = 0; i < claim->n_owners; i++) {
		if (claim->owner[i] == claim->uid)
			return true;
	}
	return cg_fail(error, EPERM, "it is in no user namespace of uid %u", claim->uid);
}

bool claim_covers(const struct claim *claim, uid_t owner)
{
	if (owner == 0 || is_nobody(claim, owner))
		return false;
	for (unsigned i = 0; i < claim->n_ranges; i++) {
		if (owner >= claim->range[i].first && owner - claim->range[i].first < claim->range[i].count)
			return true;
	}
	return owner == claim->uid;
}
