/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/container/credentials.h"

#include "cgroup/convert.h"
#include "cgroup/error.h"
#include "fs/container/host_private.h"

#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* CREDENTIALS_GROUPS of ten digits and a blank, and what is around them. */
#define STATUS_MOST (16 * 1024)

#define NOBODY ((uint32_t)-1)

void credentials_clear(struct credentials *credentials)
{
	g_clear_pointer(&credentials->groups, g_array_unref);
}

/* ---- /proc/PID/status: proc(5), proc_pid_status() of fs/proc/array.c ---- */

static bool take_number(const char **cursor, uint32_t *ret_number)
{
	uint64_t number;

	*cursor += strspn(*cursor, " \t");
	if (!cg_take_u64(cursor, &number))
		return false;
	*ret_number = (uint32_t)number;
	return number < NOBODY;
}

/* The last of four: real, effective, saved, and that for the file system. A name cannot hold a line's end: it is escaped. */
static bool take_last_of_four(const char *text, const char *label, uint32_t *ret_number)
{
	const char *at = strstr(text, label);

	if (!at)
		return false;
	at += strlen(label);
	for (unsigned i = 0; i < 4; i++) {
		if (!take_number(&at, ret_number))
			return false;
	}
	return *at == '\n';
}

static bool take_groups(const char *text, GArray *groups)
{
	static const char label[] = "\nGroups:";
	const char *at = strstr(text, label);
	uint32_t group;

	if (!at)
		return false;
	at += strlen(label);
	while (groups->len <= CREDENTIALS_GROUPS && take_number(&at, &group))
		g_array_append_val(groups, group);
	at += strspn(at, " \t");
	return *at == '\n' && groups->len <= CREDENTIALS_GROUPS;
}

static bool take_capabilities(const char *text, uint64_t *ret_permitted)
{
	static const char label[] = "\nCapPrm:\t";
	const char *at = strstr(text, label);
	char *end;

	if (!at || !g_ascii_isxdigit(at[strlen(label)]))
		return false;
	*ret_permitted = g_ascii_strtoull(at + strlen(label), &end, 16);
	return *end == '\n';
}

bool credentials_parse(const char *text, struct credentials *ret_credentials)
{
	g_autoptr(GArray) groups = g_array_new(FALSE, FALSE, sizeof(gid_t));
	uint64_t permitted;
	uint32_t uid, gid;

	if (!take_last_of_four(text, "\nUid:", &uid) || !take_last_of_four(text, "\nGid:", &gid) ||
	    !take_groups(text, groups) || !take_capabilities(text, &permitted))
		return false;
	*ret_credentials = (struct credentials){ uid, gid, g_steal_pointer(&groups), permitted };
	return true;
}

int credentials_look(const Host *host, pid_t tid, struct credentials *ret_credentials)
{
	g_autofree char *text = g_malloc(STATUS_MOST);
	ssize_t n = host_read_small(host, tid, "status", text, STATUS_MOST);

	if (n < 0)
		return (int)n;
	return credentials_parse(text, ret_credentials) ? 0 : -EPROTO;
}

bool credentials_of(const Host *host, pid_t tid, uid_t uid, gid_t gid, struct credentials *ret_credentials,
		    GError **error)
{
	struct credentials found = { 0 };
	int r = credentials_look(host, tid, &found);

	if (r == -EPROTO)
		return cg_fail(error, EPERM, "/proc/%d/status: its users and groups are not understood", tid);
	if (r < 0)
		return cg_fail(error, r == -ENOENT ? ESRCH : -r, "/proc/%d/status: %s", tid, g_strerror(-r));
	if (found.uid == uid && found.gid == gid) {
		*ret_credentials = found;
		return true;
	}
	credentials_clear(&found);
	return cg_fail(error, EPERM, "thread %d asks as user %u and is user %u", tid, uid, found.uid);
}

uint32_t credentials_mark(const struct credentials *credentials, uint64_t key)
{
	g_autoptr(GHmac) hmac = g_hmac_new(G_CHECKSUM_SHA256, (const guchar *)&key, sizeof key);
	guint8 digest[32];
	gsize length = sizeof digest;
	uint32_t mark;

	g_hmac_update(hmac, (const guchar *)&credentials->uid, sizeof credentials->uid);
	g_hmac_update(hmac, (const guchar *)&credentials->gid, sizeof credentials->gid);
	g_hmac_update(hmac, (const guchar *)credentials->groups->data,
		      (gssize)(credentials->groups->len * sizeof(gid_t)));
	g_hmac_get_digest(hmac, digest, &length);
	memcpy(&mark, digest, sizeof mark);
	return mark ? mark : 1;
}

/* ---- becoming somebody ---- */

struct job {
	const struct credentials *credentials;
	uint64_t keep;
	int (*work)(void *data);
	void *data;
	int result;
};

/* Those of `keep` that are there to be kept. */
static int drop_capabilities(uint64_t keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, sets) < 0)
		return -errno;
	for (unsigned i = 0; i < G_N_ELEMENTS(sets); i++) {
		sets[i].permitted &= (uint32_t)(keep >> 32 * i);
		sets[i].effective = sets[i].permitted;
		sets[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, sets) < 0 ? -errno : 0;
}

/*
 * The kernel has these for each thread (credentials(7), "C library/kernel differences"); glibc's functions of the same names would
 * change all threads. The effective user counts, too: v1 asks whether it is 0 or that of the process which is moved
 * (__cgroup1_procs_write() of kernel/cgroup/cgroup-v1.c).
 *
 * The process is not "dumpable" from now on (commit_creds() of kernel/cred.c), and is left so: else the files of that thread in /proc,
 * oom_score_adj among them, would belong to the user for as long as it runs (task_dump_owner() of fs/proc/base.c).
 */
static int become(const struct credentials *credentials, uint64_t keep)
{
	const GArray *groups = credentials->groups;

	if (syscall(SYS_setgroups, (size_t)groups->len, groups->data) < 0 ||
	    syscall(SYS_setresgid, -1, credentials->gid, -1) < 0 ||
	    syscall(SYS_setresuid, -1, credentials->uid, -1) < 0)
		return -errno;
	return drop_capabilities(keep);
}

static void *run(void *data)
{
	struct job *job = data;
	sigset_t all;

	/* What is sent to the process is for its other threads, and would end what the kernel does here (EINTR). */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	job->result = become(job->credentials, job->keep);
	if (job->result == 0)
		job->result = job->work(job->data);
	return NULL;
}

int credentials_run(const struct credentials *credentials, uint64_t keep, int (*work)(void *data), void *data)
{
	struct job job = { .credentials = credentials, .keep = keep, .work = work, .data = data };
	pthread_t thread;
	int code;

	if (credentials->uid == NOBODY || credentials->gid == NOBODY)
		return -EPERM;
	code = pthread_create(&thread, NULL, run, &job);
	if (code == 0)
		code = pthread_join(thread, NULL);
	return code ? -code : job.result;
}
