/* SPDX-License-Identifier: Apache-2.0
 *
 * A writer is killed with SIGKILL at random moments, hundreds of times: every record is then whole, and never older
 * than what the writer had said to have written. Meanwhile somebody else reads.
 */
#include "fs/store/store.h"
#include "tests/fs/harness.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define RECORDS 64
#define KILLS   500
#define MOST_US (2 * G_USEC_PER_SEC)
#define LENGTH  3000

/* Each round's bytes are its own, in number and in value. */
static size_t length_of(uint64_t number, uint64_t round)
{
	return 8 + (number * 101 + round * 37) % LENGTH;
}

static void fill(uint64_t number, uint64_t round, unsigned char *bytes)
{
	memset(bytes, (int)(number + round), length_of(number, round));
	memcpy(bytes, &round, sizeof(round));
}

/* What the writer says, in memory of both. */
struct said {
	volatile uint64_t begun[RECORDS], written[RECORDS];
};

struct test {
	int fd;
	struct said *said;
	Store *beside; /* a reader's */
};

static void remember(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length,
		     void *data)
{
	((store_place *)data)[number] = place;
}

static G_GNUC_NORETURN void write_for_ever(const struct test *test)
{
	Store *store = store_open(test->fd, NULL);
	store_place place[RECORDS] = { 0 };
	unsigned char bytes[8 + LENGTH];

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody behind */
	store_claim(store);
	store_each(store, STORE_HISTORY, remember, place);
	for (uint64_t i = (uint64_t)getpid();; i += 7) {
		uint64_t number = i % RECORDS;
		uint64_t round = test->said->begun[number] + 1;

		fill(number, round, bytes);
		test->said->begun[number] = round;
		if (place[number] != 0 && round % 50 == 0) {
			store_drop(store, place[number]);
			place[number] = 0;
		}
		place[number] = store_put(store, place[number], STORE_HISTORY, number, bytes, length_of(number, round));
		test->said->written[number] = round;
	}
}

/* ---- */

struct check {
	const struct said *said;
	bool living; /* the writer goes on meanwhile */
	unsigned seen[RECORDS];
};

static void check_one(store_place place, uint64_t number, uint64_t sequence, const void *bytes, size_t length,
		      void *data)
{
	struct check *check = data;
	unsigned char wanted[8 + LENGTH];
	uint64_t round;

	assert_true(number < RECORDS);
	memcpy(&round, bytes, sizeof(round));
	assert_int_equal(length, length_of(number, round));
	fill(number, round, wanted);
	assert_memory_equal(bytes, wanted, length);
	assert_true(round <= check->said->begun[number]);
	assert_true(check->living || round >= check->said->written[number]);
	check->seen[number]++;
}

/* One that was being dropped or written for the first time may be missing; what was written may not. */
static void check_dead(const struct test *test)
{
	g_autoptr(Store) store = store_open(test->fd, NULL);
	struct check check = { .said = test->said };

	store_claim(store);
	store_each(store, STORE_HISTORY, check_one, &check);
	for (unsigned i = 0; i < RECORDS; i++) {
		bool gone = test->said->begun[i] == 0 ||
			    (test->said->begun[i] % 50 == 0 && test->said->written[i] < test->said->begun[i]);

		assert_true(check.seen[i] == 1 || (check.seen[i] == 0 && (gone || test->said->written[i] == 0)));
	}
}

static uint64_t rounds(const struct test *test)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < RECORDS; i++)
		sum += test->said->written[i];
	return sum;
}

/* The first one is let live until it has written something, however loaded the machine is. */
static void let_live(const struct test *test, GRand *rand)
{
	for (unsigned i = 0; rounds(test) == 0 && i < 60000; i++)
		g_usleep(1000);
	g_usleep((gulong)g_rand_int_range(rand, 0, 3000));
}

static void kill_once(const struct test *test, GRand *rand)
{
	struct check check = { .said = test->said, .living = true };
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		write_for_ever(test);
	let_live(test, rand);
	store_each(test->beside, STORE_HISTORY, check_one, &check);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	check_dead(test);
}

static void hundreds_of_times(void **state)
{
	gint64 end = g_get_monotonic_time() + MOST_US;
	struct test test = { .fd = store_make() };
	GRand *rand = g_rand_new();
	unsigned kills = 0;

	test.said = mmap(NULL, sizeof(*test.said), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(test.said, MAP_FAILED);
	test.beside = store_open(test.fd, NULL);
	assert_non_null(test.beside);
	while (kills < 20 || (kills < KILLS && g_get_monotonic_time() < end)) {
		kill_once(&test, rand);
		kills++;
	}
	assert_true(rounds(&test) > 0);
	print_message("%u kills, %" G_GUINT64_FORMAT " records written\n", kills, rounds(&test));
	store_close(test.beside);
	munmap(test.said, sizeof(*test.said));
	close(test.fd);
	g_rand_free(rand);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(hundreds_of_times) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
