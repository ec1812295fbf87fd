/* SPDX-License-Identifier: Apache-2.0
 *
 * old_kernel COMMAND...: becomes the command on a kernel that seems to be Linux
 * 5.4, the oldest that we promise: a seccomp filter (Documentation/userspace-api/
 * seccomp_filter.rst) answers what came later as that kernel would.
 *
 * What hides behind a pointer or a descriptor cannot be told apart by a filter:
 * statx(2)'s mask (old kernels pass over what they do not know), setns(2) of a
 * pidfd, the features of FUSE's INIT, files that old kernels do not have.
 * clone3(2) is refused as a whole, because its later flags cannot be seen.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * System calls have the same numbers everywhere since 424, and 434 is pidfd_open(2) of Linux 5.3. What is above was
 * added later (openat2 437, faccessat2 439, mount_setattr 442, …), but for clone3(2), 435.
 */
#define FIRST_REFUSED 435

#define ANY  UINT32_MAX
#define TYPE 0xffff /* an ioctl's type and number, without direction and size: asm-generic/ioctl.h */

/* Later additions to older calls: refused if low <= (argument & mask) <= high. */
static const struct addition {
	long call;
	unsigned argument;
	uint32_t mask, low, high;
	unsigned code;
} additions[] = {
	{ SYS_ioctl, 1, TYPE, 0xb705, 0xb7ff, ENOTTY },         /* nsfs: NS_GET_MNTNS_ID and later, 6.10 */
	{ SYS_ioctl, 1, TYPE, 0xff00, 0xffff, ENOTTY },         /* pidfds: 6.9, 6.13 */
	{ SYS_ioctl, 1, TYPE, 0xe501, 0xe5ff, ENOTTY },         /* /dev/fuse: FUSE_DEV_IOC_BACKING_OPEN, 6.9 */
	{ SYS_pidfd_open, 1, ANY, 1, ANY, EINVAL },             /* PIDFD_NONBLOCK 5.10, PIDFD_THREAD 6.9 */
	{ SYS_getrandom, 2, ANY, 4, ANY, EINVAL },              /* GRND_INSECURE, 5.6 */
	{ SYS_memfd_create, 1, 0x3ffffff, 8, ANY, EINVAL },     /* MFD_NOEXEC_SEAL, 6.3 */
	{ SYS_move_mount, 4, ~UINT32_C(0x77), 1, ANY, EINVAL }, /* MOVE_MOUNT_SET_GROUP 5.15, BENEATH 6.5 */
	{ SYS_open_tree, 2, 2, 1, ANY, EINVAL },                /* OPEN_TREE_NAMESPACE */
	{ SYS_fsconfig, 1, ANY, 8, ANY, EOPNOTSUPP },           /* FSCONFIG_CMD_CREATE_EXCL, 6.6 */
	{ SYS_setns, 1, 0x80, 1, ANY, EINVAL },                 /* CLONE_NEWTIME, 5.6 */
	{ SYS_unshare, 0, 0x80, 1, ANY, EINVAL },               /* the same */
	{ SYS_fcntl, 1, ANY, 1027, 1028, EINVAL },              /* F_DUPFD_QUERY 6.10, F_CREATED_QUERY 6.12 */
	{ SYS_prctl, 0, ANY, 57, PR_SET_PTRACER - 1, EINVAL },  /* PR_SET_IO_FLUSHER 5.6, …, PR_SET_VMA 5.17 */
	{ SYS_getsockopt, 2, ANY, 69, ANY, ENOPROTOOPT },       /* SO_PEERPIDFD, 6.5 */
	{ SYS_setsockopt, 2, ANY, 69, ANY, ENOPROTOOPT },       /* SO_PREFER_BUSY_POLL 5.11, SO_PASSPIDFD 6.5 */
	{ SYS_madvise, 2, ANY, 22, 99, EINVAL },                /* MADV_POPULATE_READ, 5.14 */
	{ SYS_futex, 1, 0x7f, 13, ANY, ENOSYS },                /* FUTEX_LOCK_PI2, 5.14 */
};

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define ROW           7 /* instructions an addition */

#define LOAD(offset)        ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset)))
#define JUMP(test, k, t, f) ((struct sock_filter)BPF_JUMP(BPF_JMP | (test) | BPF_K, (uint32_t)(k), t, f))
#define RETURN(value)       ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (uint32_t)(value)))

/* The lower half of an argument; flags and commands have no other. */
static size_t argument_at(unsigned argument)
{
	size_t half = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(uint32_t) : 0;

	return offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t) + half;
}

static void add_row(struct sock_filter *at, const struct addition *addition)
{
	const struct sock_filter row[ROW] = {
		LOAD(offsetof(struct seccomp_data, nr)),    JUMP(BPF_JEQ, addition->call, 0, 5),
		LOAD(argument_at(addition->argument)),      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, addition->mask),
		JUMP(BPF_JGE, addition->low, 0, 2),         JUMP(BPF_JGT, addition->high, 1, 0),
		RETURN(SECCOMP_RET_ERRNO | addition->code),
	};

	memcpy(at, row, sizeof(row));
}

static int grow_old(void)
{
	struct sock_filter filter[3 + LENGTH(additions) * ROW + 1] = {
		LOAD(offsetof(struct seccomp_data, nr)),
		JUMP(BPF_JGE, FIRST_REFUSED, 0, 1),
		RETURN(SECCOMP_RET_ERRNO | ENOSYS),
	};
	const struct sock_fprog program = { LENGTH(filter), filter };

	for (size_t i = 0; i < LENGTH(additions); i++)
		add_row(&filter[3 + i * ROW], &additions[i]);
	filter[LENGTH(filter) - 1] = RETURN(SECCOMP_RET_ALLOW);
	/* Root needs no PR_SET_NO_NEW_PRIVS, which would change what the command may become. */
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("usage: old_kernel COMMAND...\n", stderr);
		return 2;
	}
	if (grow_old() < 0) {
		perror("old_kernel: seccomp");
		return 1;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
